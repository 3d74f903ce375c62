"""Whether a piece of work is worth compiled loops, or done sooner by NumPy than they are loaded.

To load compiled loops takes about a second, and ten where they have to be compiled first: on a fresh machine, in a
container. Each of them has a twin in `relatedness.ranking` of plain Python and NumPy, with the very same results. A
process works with the twins until they would have taken longer than it takes to load compiled loops, and with those from
then on: no work takes much more than twice what the better choice would have taken.

``RELATEDNESS_KERNEL=plain`` in the environment leaves everything to the twins, wherever Numba's code does not run, and
``compiled`` everything to the compiled loops.
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
    """Whether work that takes so long without compiled loops is to be done by them.

    Parameters
    ----------
    nanoseconds : float
        How long the twin takes, roughly. The result never depends on it.
    """
    global _spent
    if choice:
        return choice == "compiled"
    _spent += nanoseconds
    return _spent > _PATIENCE


def foresee(nanoseconds: float) -> None:
    """Use compiled loops for all further work if so much of it lies ahead that they pay.

    Without this, work that comes first is done without them until it has itself taken long enough.

    Parameters
    ----------
    nanoseconds : float
        How long the work ahead takes without compiled loops, roughly.
    """
    if not choice and nanoseconds > _PATIENCE:
        expect_much_work()


def expect_much_work() -> None:
    """Use compiled loops for all further work: for a long-running process, whose callers should not wait for compilation later."""
    global _spent
    _spent = float("inf")


def read_only(*arrays: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Give compiled loops the arrays that they only read, each in a fixed type, so that the loops compile once.

    Numba compiles a loop anew for each combination of the types of its arguments, and to it an array that can be written is
    of another type than one that cannot. A build has the former, an index that was opened the latter: without this, the
    first refresh after a build would compile for seconds what the build has compiled before.

    Parameters
    ----------
    *arrays : ndarray

    Yields
    ------
    ndarray
        A view that is contiguous and cannot be written; a copy of what is not contiguous.

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
