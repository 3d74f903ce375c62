"""What the compiled loops are built of: `compiled`, and the few operations that Numba has no words for.

An atomic lock, a prefetch, and reductions over 64 numbers at once are written here as LLVM instructions. Where they do not
compile, on a processor that they were never tried on, set ``RELATEDNESS_KERNEL=plain`` in the environment: ordinary loops
take their place, and the kernel runs on one thread. Its lists are the same, only later.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, cast

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.extending import intrinsic

from relatedness.errors import ConfigError

LANES = np.uint64(64)  # rows in a block
_CHOICE = "RELATEDNESS_KERNEL"
PLAIN = os.environ.get(_CHOICE, "") == "plain"
"""Whether ordinary loops stand in for the LLVM instructions."""
if os.environ.get(_CHOICE, "") not in ("", "plain"):
    raise ConfigError(f"{_CHOICE} is {os.environ[_CHOICE]!r}: expected plain, or leave it unset")

Function = Callable[..., Any]


def compiled(function: Function) -> Function:
    """Compile at the first call, to run outside the interpreter lock; keep the code where a folder can be written."""
    if PLAIN:
        # Numba keeps compiled code under this name: one of its own, for the two ways are not the same code.
        function.__qualname__ += ".plain"
    try:
        return cast(Function, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba found no folder for its cache, neither beside the source nor the user's own
        return cast(Function, numba.njit(nogil=True)(function))


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
    """Set ``locks[row]`` back to 0, after all that was written while it was held."""

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
def prefetch(typing: Any, array: Any, place: Any) -> Any:
    """Ask the memory for ``array[place]``, which need not exist, and do not wait."""

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

    return types.void(array, place), generate


@intrinsic  # type: ignore[untyped-decorator]
def lowest_bit(typing: Any, bits: Any) -> Any:
    """The place of the lowest 1 in a 64-bit number other than 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


def _vector(context: Any, builder: Any, kind: Any, element: Any, array: Any, place: Any) -> Any:
    """The 64 numbers from ``array[place]`` on as one vector."""
    data = context.make_array(kind)(context, builder, array).data
    address = builder.bitcast(builder.gep(data, [place]), ir.VectorType(element, 64).as_pointer())
    return builder.load(address, align=4)


def _reduced(builder: Any, name: str, block: Any, element: Any) -> Any:
    """One number made of 64 by the named reduction of LLVM."""
    kind = ir.FunctionType(element, [block.type])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [block])


@intrinsic  # type: ignore[untyped-decorator]
def largest_of(typing: Any, sums: Any, place: Any) -> Any:
    """The largest of the 64 numbers (int32) from ``sums[place]`` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = ir.IntType(32)
        block = _vector(context, builder, signature.args[0], number, *arguments)
        return _reduced(builder, "llvm.vector.reduce.smax.v64i32", block, number)

    return types.int32(sums, place), generate


@intrinsic  # type: ignore[untyped-decorator]
def smallest_of(typing: Any, numbers: Any, place: Any) -> Any:
    """The smallest of the 64 numbers (float32, none negative) from ``numbers[place]`` on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = ir.IntType(32)  # numbers of one sign are in the order of their bits
        block = _vector(context, builder, signature.args[0], number, *arguments)
        smallest = _reduced(builder, "llvm.vector.reduce.umin.v64i32", block, number)
        return builder.bitcast(smallest, ir.FloatType())

    return types.float32(numbers, place), generate


@intrinsic  # type: ignore[untyped-decorator]
def reaching(typing: Any, sums: Any, thresholds: Any, place: Any, need: Any, need_theirs: Any) -> Any:
    """Which of the 64 sums from a place on reach `need`, or their own threshold times `need_theirs`; as bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held, asked, place, need, need_theirs = arguments
        single, number = ir.FloatType(), ir.IntType(32)
        lanes = ir.VectorType(single, 64)

        def everywhere(value: Any) -> Any:
            first = builder.insert_element(ir.Constant(lanes, ir.Undefined), value, ir.Constant(number, 0))
            return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(number, 64), [0] * 64))

        dots = builder.sitofp(_vector(context, builder, signature.args[0], number, held, place), lanes)
        theirs = _vector(context, builder, signature.args[1], single, asked, place)
        theirs = builder.fmul(theirs, everywhere(need_theirs))
        reached = builder.or_(
            builder.fcmp_ordered(">=", dots, everywhere(need)), builder.fcmp_ordered(">=", dots, theirs)
        )
        return builder.bitcast(reached, ir.IntType(64))

    return types.uint64(sums, thresholds, place, types.float32, types.float32), generate


if PLAIN:

    @compiled
    def try_lock(locks: Any, row: Any) -> Any:
        locks[row] = 1
        return True

    @compiled
    def unlock(locks: Any, row: Any) -> Any:
        locks[row] = 0

    @compiled
    def prefetch(array: Any, place: Any) -> Any:
        pass

    @compiled
    def lowest_bit(bits: Any) -> Any:
        place = np.uint64(0)
        while not (bits >> place) & np.uint64(1):
            place += np.uint64(1)
        return place

    @compiled
    def largest_of(sums: Any, place: Any) -> Any:
        return sums[place : place + LANES].max()

    @compiled
    def smallest_of(numbers: Any, place: Any) -> Any:
        return numbers[place : place + LANES].min()

    @compiled
    def reaching(sums: Any, thresholds: Any, place: Any, need: Any, need_theirs: Any) -> Any:
        bits = np.uint64(0)
        for lane in range(LANES):
            dot = np.float32(sums[place + lane])
            if dot >= need or dot >= np.float32(thresholds[place + lane] * need_theirs):
                bits |= np.uint64(1) << lane
        return bits
