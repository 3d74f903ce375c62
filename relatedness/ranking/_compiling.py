"""Decides whether compiled loops pay for a piece of work, or NumPy is done before they are loaded. Loading compiled loops takes
about a second, and ten if they have to be compiled first, as on a fresh machine or in a container. Each has a twin in
`relatedness.ranking` in plain Python and NumPy, with exactly the same results. A process uses the twins until their total time
would exceed the time to load the compiled loops, and the compiled loops from then on: no work takes much more than twice as
long as with the better choice.

``RELATEDNESS_KERNEL=plain`` in the environment always uses the twins, for systems where Numba's code does not run; ``compiled``
always uses the compiled loops.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.errors import ConfigError

_NAME = "RELATEDNESS_KERNEL"
_PATIENCE = 1.5e9  # nanoseconds

choice = os.environ.get(_NAME, "")
if choice not in ("", "plain", "compiled"):
    raise ConfigError(f"{_NAME} is {choice!r}: expected plain or compiled, or leave it unset")
_spent = 0.0


def compiled_pays(nanoseconds: float) -> bool:
    """Whether to use compiled loops for work of a given cost.

    Parameters
    ----------
    nanoseconds : float
        The approximate time that the twin takes. It never affects the result.
    """
    global _spent
    if choice:
        return choice == "compiled"
    _spent += nanoseconds
    return _spent > _PATIENCE


def foresee(nanoseconds: float) -> None:
    """Use compiled loops for all further work if the announced amount makes them pay. Without this call, the twins are used
    until the work done so far has taken long enough.

    Parameters
    ----------
    nanoseconds : float
        The approximate time that the announced work takes without compiled loops.
    """
    if not choice and nanoseconds > _PATIENCE:
        expect_much_work()


def expect_much_work() -> None:
    """Use compiled loops for all further work, so that callers of a long-running process do not wait for compilation later."""
    global _spent
    _spent = float("inf")


def read_only(*arrays: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Make read-only views of the input arrays of compiled loops, so that each loop compiles once. Numba compiles a loop for
    each combination of argument types, and treats writable and read-only arrays as different types. A build passes writable
    arrays, an opened index read-only ones: without this function, the first refresh after a build would recompile the same
    loops for seconds.

    Yields
    ------
    ndarray
        A contiguous read-only view; of an array that is not contiguous, a copy.

    Examples
    --------
    >>> (table,) = read_only(np.zeros((2, 3))[:, 1])
    >>> table.flags.c_contiguous, table.flags.writeable
    (True, False)
    """
    for array in arrays:
        view = np.ascontiguousarray(array).view()
        view.flags.writeable = False
        yield view
