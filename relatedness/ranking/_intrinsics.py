"""The building blocks of the compiled loops: `compiled`, and a few operations that Numba lacks.

An atomic lock, a prefetch, and reductions over 64 numbers at once are written here as LLVM instructions. If they do not compile
on some processor, set ``RELATEDNESS_KERNEL=plain`` to run without them (`relatedness.ranking._compiling`).
"""

from __future__ import annotations

import os
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.extending import intrinsic

LANES = np.uint64(64)  # rows in a block

Function = Callable[..., Any]


def compiled(function: Function) -> Function:
    """Compile at the first call, to run outside the interpreter lock, and keep the code for the next process.

    The code is cached in the folder named by ``RELATEDNESS_CACHE`` or Numba's own ``NUMBA_CACHE_DIR``; by default beside the
    source, in the user's cache, or, if neither can be written, in the folder for temporary files.
    """
    for folder in _folders():
        before = numba.config.CACHE_DIR
        try:
            # Numba chooses the folder when the function is decorated, so set it before.
            numba.config.CACHE_DIR = folder or before
            return cast(Function, numba.njit(cache=True, nogil=True)(function))
        except RuntimeError:  # none of the folders can be written
            continue
        finally:
            numba.config.CACHE_DIR = before
    _tell_of_no_cache()
    return cast(Function, numba.njit(nogil=True)(function))


def _folders() -> Iterator[str]:
    """The folders for compiled code, the best first; empty for Numba's own choice."""
    named = os.environ.get("RELATEDNESS_CACHE", "")
    yield named
    if not named:
        yield _aside()  # created only if the others cannot be written


@lru_cache(maxsize=1)
def _aside() -> str:
    """A private folder for temporary files: code is run from it, so no other user may write to it."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"relatedness-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return os.devnull
    private = stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & 0o077
    return str(folder) if private or os.name == "nt" else os.devnull


@lru_cache(maxsize=1)
def _tell_of_no_cache() -> None:
    warnings.warn(
        "no folder for compiled code can be written, so that each process compiles again, which takes ten seconds or "
        "more: set RELATEDNESS_CACHE to a folder that can be written",
        RuntimeWarning,
        stacklevel=3,
    )


@intrinsic  # type: ignore[untyped-decorator]
def try_lock(typing: Any, locks: Any, row: Any) -> Any:
    """Set ``locks[row]`` from 0 to 1 in one atomic step; whether this call did it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        free, held = ir.Constant(ir.IntType(8), 0), ir.Constant(ir.IntType(8), 1)
        outcome = builder.cmpxchg(builder.gep(array.data, [arguments[1]]), free, held, "acquire", "monotonic")
        return builder.extract_value(outcome, 1)

    return types.boolean(locks, row), generate


@intrinsic  # type: ignore[untyped-decorator]
def unlock(typing: Any, locks: Any, row: Any) -> Any:
    """Set ``locks[row]`` back to 0, ordered after all writes made while it was held."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        builder.store_atomic(
            ir.Constant(ir.IntType(8), 0),
            builder.gep(array.data, [arguments[1]]),
            ordering="release",
            align=1,
        )
        return context.get_dummy_value()

    return types.void(locks, row), generate


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(typing: Any, array: Any, position: Any) -> Any:
    """Prefetch ``array[position]``, which need not exist, without waiting for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
        read, keep, memory = (ir.Constant(number, value) for value in (0, 3, 1))
        builder.call(
            cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0"),
            [address, read, keep, memory],
        )
        return context.get_dummy_value()

    return types.void(array, position), generate


@intrinsic  # type: ignore[untyped-decorator]
def lowest_bit(typing: Any, bits: Any) -> Any:
    """The position of the lowest 1 in a 64-bit number other than 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


def _vector(context: Any, builder: Any, kind: Any, element: Any, array: Any, position: Any) -> Any:
    """The 64 numbers from ``array[position]`` on as one vector."""
    data = context.make_array(kind)(context, builder, array).data
    address = builder.bitcast(builder.gep(data, [position]), ir.VectorType(element, 64).as_pointer())
    return builder.load(address, align=4)


def _reduced(builder: Any, name: str, block: Any, element: Any) -> Any:
    """One number made of 64 by the named reduction of LLVM."""
    kind = ir.FunctionType(element, [block.type])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [block])


@intrinsic  # type: ignore[untyped-decorator]
def largest_of(typing: Any, sums: Any, position: Any) -> Any:
    """The largest of the 64 numbers (int32) from ``sums[position]`` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = ir.IntType(32)
        block = _vector(context, builder, signature.args[0], number, *arguments)
        return _reduced(builder, "llvm.vector.reduce.smax.v64i32", block, number)

    return types.int32(sums, position), generate


@intrinsic  # type: ignore[untyped-decorator]
def smallest_of(typing: Any, numbers: Any, position: Any) -> Any:
    """The smallest of the 64 numbers (float32, none negative) from ``numbers[position]`` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = ir.IntType(32)  # non-negative floats have the same order as their bit patterns
        block = _vector(context, builder, signature.args[0], number, *arguments)
        smallest = _reduced(builder, "llvm.vector.reduce.umin.v64i32", block, number)
        return builder.bitcast(smallest, ir.FloatType())

    return types.float32(numbers, position), generate


@intrinsic  # type: ignore[untyped-decorator]
def reaching(typing: Any, sums: Any, thresholds: Any, position: Any, need: Any, need_theirs: Any) -> Any:
    """Which of the 64 sums from a position on reach `need`, or their own threshold times `need_theirs`; as bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held, asked, position, need, need_theirs = arguments
        single, number = ir.FloatType(), ir.IntType(32)
        lanes = ir.VectorType(single, 64)

        def everywhere(value: Any) -> Any:
            first = builder.insert_element(ir.Constant(lanes, ir.Undefined), value, ir.Constant(number, 0))
            return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(number, 64), [0] * 64))

        dots = builder.sitofp(_vector(context, builder, signature.args[0], number, held, position), lanes)
        theirs = _vector(context, builder, signature.args[1], single, asked, position)
        theirs, mine = builder.fmul(theirs, everywhere(need_theirs)), everywhere(need)
        least = builder.select(builder.fcmp_ordered("<", theirs, mine), theirs, mine)
        reached = builder.fcmp_ordered(">=", dots, least)
        return builder.bitcast(reached, ir.IntType(64))

    return types.uint64(sums, thresholds, position, types.float32, types.float32), generate
