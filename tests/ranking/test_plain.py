"""The loops by NumPy and plain Python give what the compiled ones give, bit for bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import relatedness
from relatedness import RelatedIndex
from relatedness.ranking import (
    NAMING,
    NOBODY,
    Neighbours,
    Vectors,
    _choice,
    _compiling,
    _kernel,
    _pair_kernel,
    _plain,
)
from relatedness.ranking._counts import DISTINCTIVE, PLACE
from relatedness.ranking._topk import search_ns

N, COLUMNS, NEAR = 300, 90, 12


@pytest.fixture(scope="module")
def chance() -> np.random.Generator:
    return np.random.default_rng(22)


def vectors(chance: np.random.Generator) -> Vectors:
    """Rows of frequent and rare columns, a few without any."""
    rows = [np.unique(np.minimum(chance.zipf(1.4, chance.integers(0, 30)), COLUMNS) - 1) for _ in range(N)]
    return Vectors(
        np.cumsum([0, *map(len, rows)]).astype(np.uint64),
        np.concatenate(rows).astype(np.uint32),
        chance.integers(1, 9_000, sum(map(len, rows))).astype(np.uint16),
        (chance.integers(0, 90, sum(map(len, rows))) * chance.integers(0, 2, sum(map(len, rows)))).astype(
            np.uint8
        ),
    )


def neighbours(chance: np.random.Generator) -> Neighbours:
    rows = np.sort(np.argsort(chance.random((N, N)), axis=1)[:, :NEAR].astype(np.uint32), axis=1)
    strengths = chance.integers(1, 1 << 20, rows.shape).astype(np.uint32)
    for row, width in enumerate(chance.integers(0, NEAR + 1, N)):
        rows[row, width:], strengths[row, width:] = NOBODY, 0
    return Neighbours(rows, strengths)


def same(one: Callable[..., object], other: Callable[..., object], *arguments: object) -> None:
    found, expected = one(*arguments), other(*arguments)
    for left, right in zip(
        *(each if isinstance(each, tuple) else (each,) for each in (found, expected)), strict=True
    ):
        np.testing.assert_array_equal(left, right, strict=True)
        assert np.count_nonzero(left)


@pytest.mark.parametrize("cells", [1 << 22, 100])
def test_what_pairs_share_is_the_same(
    chance: np.random.Generator, monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    """In one block or in many."""
    monkeypatch.setattr(_plain, "_CELLS", cells)
    held = vectors(chance)
    candidates = chance.integers(0, N, (N, 9)).astype(np.uint32)
    channels = chance.integers(0, 3, COLUMNS).astype(np.uint8)
    traits = chance.choice(np.array([0, DISTINCTIVE, PLACE, NAMING, DISTINCTIVE | NAMING], np.uint8), COLUMNS)
    pairs = (*held.arrays, candidates, *held.arrays, channels, traits, held.titles, held.titles)
    same(_plain.dots, _pair_kernel.dots, *pairs)
    near = neighbours(chance)
    same(
        _plain.shared_neighbours,
        _pair_kernel.shared_neighbours,
        near.rows,
        near.strengths,
        candidates,
        near.rows,
        near.strengths,
    )
    meanings = chance.integers(-127, 128, (N, 40)).astype(np.int8)
    same(_plain.embedding_dots, _pair_kernel.embedding_dots, meanings, candidates, meanings)


def test_the_topics_that_pairs_share_are_the_same(chance: np.random.Generator) -> None:
    """Common ones last, of those that give as much the lower column first; a pair without any, and no pair at all."""
    held = vectors(chance)
    names = np.cumsum([0, *chance.integers(0, 3, COLUMNS)]).astype(np.uint32)
    words = chance.integers(0, COLUMNS, names[-1]).astype(np.uint32)
    channels, common = chance.integers(0, 3, COLUMNS).astype(np.uint8), chance.random(COLUMNS) < 0.2
    for values in (held.values, np.ones_like(held.values)):  # of equal values many topics tie
        for n in (2_000, 0):
            left, right = chance.integers(0, N, (2, n))
            ends = []
            for shared_topics in (_plain.shared_topics, _choice.shared_topics):
                most = int((held.indptr[left + 1] - held.indptr[left]).sum())
                bounds, shared = np.zeros(n + 1, np.int64), np.zeros(most, np.uint32)
                given, tied = np.zeros(most, np.uint64), np.zeros(most, bool)
                vector = held.indptr, held.columns, values
                shared_topics(
                    *vector, left, *vector, right, channels, names, words, common, bounds, shared, given, tied
                )
                ends.append((bounds, shared[: bounds[-1]], given[: bounds[-1]], tied[: bounds[-1]]))
            assert (n == 0) == (len(ends[0][1]) == 0)
            for found, expected in zip(*ends, strict=True):
                np.testing.assert_array_equal(found, expected, strict=True)


@pytest.mark.parametrize("k", [1, 20, N + 5])
@pytest.mark.parametrize("cells", [1 << 22, 100])
def test_the_nearest_are_the_same(
    chance: np.random.Generator, monkeypatch: pytest.MonkeyPatch, cells: int, k: int
) -> None:
    """Copies among them: of equal ones the lower row comes first."""
    monkeypatch.setattr(_plain, "_CELLS", cells)
    held = vectors(chance).take(np.repeat(np.arange(N // 3), 3))
    values = held.values / 7.0
    by_column = _plain.postings(held.indptr, held.columns, values, COLUMNS)
    np.testing.assert_array_equal(
        by_column[2], _kernel.postings(held.indptr, held.columns, values, COLUMNS)[2]
    )
    groups = np.where(chance.random(len(held.indptr) - 1) < 0.1, 1, -1).astype(np.int32)
    languages = chance.integers(-1, 2, len(groups)).astype(np.int32)
    rows = np.arange(0, len(groups), 2)
    arguments = (held.indptr, held.columns, values, *by_column, rows, groups, languages, k)
    same(_plain.nearest_rows, _kernel.nearest_rows, *arguments)


def exported(kind: str) -> list[dict[str, object]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_compiling, "choice", kind)
        index = RelatedIndex.build(relatedness.sample_path())
        ids = list(index.events)
        lists: list[dict[str, object]] = [{"lists": [index.related(id_) for id_ in ids]}]
        lists += [
            {"query": index.query(text)} for text in ("A court fines a carmaker", "Mosul is free", "xyzzy")
        ]
        lists += [{"asked": index.related(id_, k=20, direction="before")} for id_ in ids[::50]]
        lists += [{"why": str(index.explain(ids[0], other))} for other in ids[1:40:9]]
        return lists


def test_an_index_is_the_same_with_and_without_compiled_loops() -> None:
    assert exported("plain") == exported("compiled")


def test_the_interpreter_and_the_compiler_run_the_same_rules() -> None:
    """What is compiled is the very function that is interpreted."""
    for name in ("choose", "shared_topics"):
        assert getattr(_pair_kernel, name).py_func is getattr(_choice, name)


def test_work_goes_to_the_compiled_loops_once_the_others_have_taken_as_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_compiling, "choice", "")
    monkeypatch.setattr(_compiling, "_spent", 0.0)
    chosen = [_compiling.compiled_pays(4e8) for _ in range(6)]
    assert chosen == [False, False, False, True, True, True]
    monkeypatch.setattr(_compiling, "_spent", 0.0)
    assert _compiling.compiled_pays(1e12)
    monkeypatch.setattr(_compiling, "_spent", 0.0)
    _compiling.foresee(search_ns(10, np.full(10, 10.0)))
    assert not _compiling.compiled_pays(1)
    _compiling.foresee(search_ns(100_000, np.zeros(1)))
    assert _compiling.compiled_pays(1)
    monkeypatch.setattr(_compiling, "_spent", 0.0)
    _compiling.expect_much_work()
    assert _compiling.compiled_pays(1)
