from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import oracle
import pytest
from examples import examples
from hypothesis import example, given
from hypothesis import strategies as st
from oracle import Row

from relatedness.errors import InputError
from relatedness.ranking import (
    Candidates,
    Recency,
    Rows,
    Searchable,
    _compiling,
    all_pairs,
    cross_pairs,
    merge,
    offer,
    query,
)
from relatedness.ranking import _topk as topk
from relatedness.ranking._topk import postings

FULL = 2**15


@pytest.fixture(scope="module", params=["compiled", "plain"], autouse=True)
def loops(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test runs with the compiled loops, and with those that stand in for them where compiling takes too long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_compiling, "choice", request.param)
        yield


LARGEST = 46_340  # the largest whole number whose square is below 2**31


def as_rows(rows: list[Row], n_columns: int) -> Rows:
    return Rows.of(
        [row.vector for row in rows],
        [row.day for row in rows],
        n_columns,
        [row.group for row in rows],
        [row.language for row in rows],
    )


def as_lists(found: Candidates) -> list[list[tuple[int, int]]]:
    return [
        list(zip(scores.tolist(), rows.tolist(), strict=True))[:count]
        for scores, rows, count in zip(found.scores, found.rows, found.counts, strict=True)
    ]


def truth(rows: list[Row], recency: Recency, k: int) -> list[list[tuple[int, int]]]:
    tables = recency.before.tolist(), recency.after.tolist()
    return [oracle.best(rows, place, *tables, k) for place in range(len(rows))]


@st.composite
def recencies(draw: st.DrawFn) -> Recency:
    """Two tables that never increase and begin alike; often with equal steps, sometimes down to 0."""
    length = draw(st.integers(1, 6))
    first = draw(st.sampled_from([FULL, FULL, FULL, 20_000, 1, 0]))
    tables = []
    for _ in range(2):
        rest = draw(st.lists(st.integers(0, first), min_size=length - 1, max_size=length - 1))
        tables.append([first, *sorted(rest, reverse=True)])
    return Recency.of(*tables)


@st.composite
def archives(draw: st.DrawFn) -> tuple[list[Row], int]:
    """Rows in date order over a few columns, with few different weights and days: ties, copies, empty rows."""
    n_columns = draw(st.integers(1, 5))
    weights = draw(
        st.sampled_from([[1, 2, 3], [10_000, 20_000], [0, 1, 15_000], list(range(1, 20_000, 999))])
    )
    rows = draw(
        st.lists(
            st.builds(
                Row,
                vector=st.dictionaries(st.integers(0, n_columns - 1), st.sampled_from(weights)),
                day=st.integers(-3, 6),
                group=st.sampled_from([-1, -1, -1, 0, 1]),
                language=st.sampled_from([-1, 0, 0, 1]),
            ),
            max_size=30,
        )
    )
    copies = draw(st.integers(1, 5)) if draw(st.booleans()) else 1
    return sorted(rows * copies, key=lambda row: row.day), n_columns


@examples(200)
@given(
    archive=archives(),
    recency=recencies(),
    k=st.sampled_from([1, 2, 3, 10, 70]),
    threads=st.sampled_from([1, 2]),
)
@example(archive=([Row({0: LARGEST}, 0)] * 3, 1), recency=Recency.of([FULL], [FULL]), k=2, threads=1)
@example(archive=([], 1), recency=Recency.of([FULL], [FULL]), k=2, threads=2)
@example(archive=([Row({}, 0), Row({}, 0)], 1), recency=Recency.of([FULL], [FULL]), k=2, threads=1)
def test_all_pairs_equals_the_oracle(
    archive: tuple[list[Row], int], recency: Recency, k: int, threads: int
) -> None:
    rows, n_columns = archive
    assert as_lists(all_pairs(as_rows(rows, n_columns), recency, k, threads=threads)) == truth(
        rows, recency, k
    )


def news(n: int, seed: int, n_columns: int = 400) -> list[Row]:
    """Something like an archive: frequent and rare columns, stories, copies; many blocks of 64 rows."""
    random = np.random.default_rng(seed)
    rows: list[Row] = []
    for place in range(n):
        if place and random.random() < 0.1:
            vector = rows[random.integers(max(0, place - 40), place)].vector
        else:
            columns = np.minimum(random.zipf(1.3, size=random.integers(0, 12)), n_columns) - 1
            vector = {int(column): int(random.integers(1, 12_000)) for column in columns}
        group = int(random.integers(0, 3)) if random.random() < 0.05 else -1
        rows.append(Row(vector, place // 7, group, int(random.choice([-1, 0, 0, 0, 1]))))
    return rows


RECENCY = Recency.of(
    [FULL * 10 // (10 + day) for day in range(60)], [FULL * 5 // (5 + day) for day in range(60)]
)


@pytest.mark.parametrize("k", [1, 10, 64])
def test_all_pairs_equals_the_oracle_over_many_blocks(k: int) -> None:
    rows = news(500, seed=k)
    assert as_lists(all_pairs(as_rows(rows, 400), RECENCY, k)) == truth(rows, RECENCY, k)


@pytest.mark.parametrize("mixed", [False, True])
def test_a_floor_known_before_the_search_loses_nothing(mixed: bool) -> None:
    """More blocks of 64 rows than places in a list; some rows of one group, some of two languages."""
    rows = [
        row if mixed else Row(row.vector, row.day, row.group if place > 350 else -1)
        for place, row in enumerate(news(450, seed=4, n_columns=60))
    ]
    assert as_lists(all_pairs(as_rows(rows, 60), RECENCY, 4)) == truth(rows, RECENCY, 4)


def test_a_list_of_equal_scores_holds_the_highest_rows() -> None:
    rows = [Row({0: FULL}, 0)] * 300
    lists = as_lists(all_pairs(as_rows(rows, 1), RECENCY, 20, threads=2))
    assert [row for _, row in lists[0]] == list(range(299, 279, -1))
    assert [row for _, row in lists[299]] == list(range(298, 278, -1))


def test_threads_and_memory_never_change_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = as_rows(news(600, seed=5), 400)
    expected = all_pairs(rows, RECENCY, 12, threads=1).keys
    monkeypatch.setattr(topk, "_SMALLEST_SEGMENT", 100)
    for threads, memory in itertools.product((1, 2, 5), (None, 1, 40_000, 10**9)):
        found = all_pairs(rows, RECENCY, 12, threads=threads, memory=memory)
        assert np.array_equal(found.keys, expected), (threads, memory)


def test_segments_that_fit_the_cache_never_change_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = as_rows(news(700, seed=5), 400)
    expected = all_pairs(rows, RECENCY, 20).keys
    monkeypatch.setattr(topk, "_LARGEST_SEGMENT", 100)
    monkeypatch.setattr(topk, "_ROOM", 128)  # fewer than many rows of this archive meet
    assert len(topk._bounds(rows, 2, None)) == 8
    assert np.array_equal(all_pairs(rows, RECENCY, 20, threads=2).keys, expected)
    part, floors = rows.part(0, 450), np.zeros(450, dtype=np.uint64)
    inside, _ = cross_pairs(
        part, part, RECENCY, later_floors=floors, earlier_floors=floors, later_start=0, earlier_start=0, k=20
    )
    assert np.array_equal(inside, all_pairs(part, RECENCY, 20).keys)


def test_calls_from_several_threads_do_not_disturb_each_other() -> None:
    rows = as_rows(news(700, seed=6), 400)
    expected = all_pairs(rows, RECENCY, 5).keys
    found: list[bool] = []

    def call() -> None:
        found.append(np.array_equal(all_pairs(rows, RECENCY, 5, threads=2).keys, expected))

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("memory", [None, 1])
def test_progress_ends_at_the_total_and_never_goes_back(
    threads: int, memory: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topk, "_SMALLEST_SEGMENT", 500)
    seen: list[tuple[int, int]] = []
    here = threading.current_thread()

    def report(done: int, total: int) -> None:
        assert threading.current_thread() is here
        seen.append((done, total))

    all_pairs(as_rows(news(2000, seed=1), 400), RECENCY, 5, threads=threads, memory=memory, progress=report)
    assert seen == sorted(seen)
    assert len({total for _, total in seen}) == 1
    assert seen[-1][0] == seen[-1][1]


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_in_progress_stops_the_work(threads: int) -> None:
    def report(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        all_pairs(as_rows(news(5000, seed=1), 400), RECENCY, 5, threads=threads, progress=report)


@examples(100)
@given(
    archive=archives(), recency=recencies(), k=st.sampled_from([1, 3, 10]), cuts=st.lists(st.integers(0, 30))
)
def test_pairs_of_segments_merge_to_the_whole(
    archive: tuple[list[Row], int], recency: Recency, k: int, cuts: list[int]
) -> None:
    rows, n_columns = archive
    whole = as_rows(rows, n_columns)
    bounds = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    keys = np.zeros((len(rows), k), dtype=np.uint64)
    for early, late in itertools.combinations_with_replacement(itertools.pairwise(bounds), 2):
        earlier = whole.part(*early)
        later = earlier if late == early else whole.part(*late)
        above, below = slice(*late), slice(*early)
        found = cross_pairs(
            later,
            earlier,
            recency,
            later_floors=keys[above, -1],
            earlier_floors=keys[below, -1],
            later_start=late[0],
            earlier_start=early[0],
            k=k,
        )
        for part, new in zip((above, below), found, strict=True):
            keys[part] = merge(keys[part], new, k)
    assert as_lists(Candidates(keys)) == truth(rows, recency, k)


@pytest.mark.parametrize(("cut", "sizes"), [(0, (2, 0)), (2, (0, 2))])
def test_an_empty_segment_meets_nothing(cut: int, sizes: tuple[int, int]) -> None:
    whole = as_rows([Row({0: FULL}, 0)] * 2, 1)
    earlier, later = whole.part(0, cut), whole.part(cut, 2)
    floors = [np.full(len(part), 7, dtype=np.uint64) for part in (later, earlier)]
    found = cross_pairs(
        later, earlier, RECENCY, later_floors=floors[0], earlier_floors=floors[1],
        later_start=cut, earlier_start=0, k=1,
    )  # fmt: skip
    assert [keys.tolist() for keys in found] == [[[7]] * size for size in sizes]


@examples(200)
@given(
    archive=archives(),
    recency=recencies(),
    k=st.sampled_from([1, 2, 5, 100]),
    data=st.data(),
)
def test_query_equals_the_oracle_in_any_order_of_rows(
    archive: tuple[list[Row], int], recency: Recency, k: int, data: st.DataObject
) -> None:
    rows, n_columns = archive
    subject = data.draw(
        st.builds(
            Row,
            vector=st.dictionaries(st.integers(0, n_columns + 3), st.integers(0, 15_000)),
            day=st.integers(-5, 8),
        )
    )
    stored = data.draw(st.permutations(range(len(rows))))  # where each place of the total order is stored
    allowed = data.draw(st.none() | st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    exclude = data.draw(st.none() | st.integers(0, len(rows) - 1)) if rows else None
    held = as_rows([rows[place] for place in stored], n_columns)
    found, scores = query(
        Searchable(held),
        np.array(stored, dtype=np.uint32),
        np.array(sorted(subject.vector), dtype=np.uint32),
        np.array([subject.vector[column] for column in sorted(subject.vector)], dtype=np.uint16),
        subject.day,
        recency,
        k=k,
        allowed=None if allowed is None else np.array(allowed, dtype=bool),
        exclude=exclude,
    )
    expected = []
    for row, place in enumerate(stored):
        points = oracle.score(subject, rows[place], recency.before.tolist(), recency.after.tolist())
        if points and row != exclude and (allowed is None or allowed[row]):
            expected.append((points, place))
    expected = sorted(expected, reverse=True)[:k]
    assert [
        (points, stored[row]) for points, row in zip(scores.tolist(), found.tolist(), strict=True)
    ] == expected


def test_query_gives_an_event_the_list_that_all_pairs_gives_it() -> None:
    rows = [Row(row.vector, row.day) for row in news(700, seed=9)]
    held = as_rows(rows, 400)
    lists = as_lists(all_pairs(held, RECENCY, 10))
    searchable = Searchable(held)
    for place in range(0, 700, 7):
        entries = slice(int(held.indptr[place]), int(held.indptr[place + 1]))
        found, scores = query(
            searchable,
            np.arange(700, dtype=np.uint32),
            held.columns[entries],
            held.values[entries],
            rows[place].day,
            RECENCY,
            k=10,
            exclude=place,
        )
        assert list(zip(scores.tolist(), found.tolist(), strict=True)) == lists[place]


@examples(200)
@given(
    archive=archives(),
    recency=recencies(),
    k=st.sampled_from([1, 2, 5, 40]),
    threads=st.sampled_from([1, 2]),
    data=st.data(),
)
def test_offers_lead_from_the_old_lists_to_the_new(
    archive: tuple[list[Row], int], recency: Recency, k: int, threads: int, data: st.DataObject
) -> None:
    """Some rows are removed, some are new; rows are stored in any order."""
    rows, n_columns = archive
    stored = data.draw(st.permutations(range(len(rows))))
    state = data.draw(st.lists(st.sampled_from("oonr"), min_size=len(rows), max_size=len(rows)))
    old = [place for place in sorted(stored) if state[place] == "o"]
    new = [place for place in sorted(stored) if state[place] in "on"]
    before, after = (
        dict(zip(places, lists_among(rows, places, recency, k), strict=True)) for places in (old, new)
    )

    order = np.array(stored, dtype=np.uint32)
    row_of = {place: row for row, place in enumerate(stored)}
    weakest = np.zeros(len(rows), dtype=np.uint64)
    for place, found in before.items():
        if len(found) == k:
            weakest[row_of[place]] = found[-1][0] << 32 | found[-1][1]
    added = [place for place in stored if state[place] == "n"]
    offers = offer(
        as_rows([rows[place] for place in stored], n_columns),
        order,
        np.array([row_of[place] for place in added], dtype=np.uint32),
        weakest,
        recency,
        k,
        allowed=np.array([state[place] != "r" for place in stored], dtype=bool),
        threads=threads,
    )
    for place, keys, found in zip(added, offers.keys.tolist(), offers.rows.tolist(), strict=True):
        assert [(key >> 32, key & 0xFFFFFFFF) for key in keys if key] == after[place]
        assert [stored[row] for row, key in zip(found, keys, strict=True) if key] == [
            p for _, p in after[place]
        ]
    merged = {place: list(found) for place, found in before.items()}
    assert offers.takers.tolist() == sorted(offers.takers.tolist())
    for taker, subject, key in zip(
        offers.takers.tolist(), offers.offered.tolist(), offers.offered_keys.tolist(), strict=True
    ):
        assert stored[subject] == key & 0xFFFFFFFF
        assert key > weakest[taker]
        merged[stored[taker]].append((key >> 32, stored[subject]))
    assert {place: sorted(found, reverse=True)[:k] for place, found in merged.items()} == {
        place: after[place] for place in old
    }


def lists_among(rows: list[Row], places: list[int], recency: Recency, k: int) -> list[list[tuple[int, int]]]:
    """The lists of some rows among themselves, with their places among all."""
    found = truth([rows[place] for place in places], recency, k)
    return [[(points, places[at]) for points, at in one] for one in found]


def test_offers_of_many_rows_give_the_lists_of_all_pairs() -> None:
    rows = as_rows(news(1000, seed=3), 400)
    expected = all_pairs(rows, RECENCY, 12).keys
    old = np.sort(np.random.default_rng(0).permutation(1000)[:750])
    subjects = np.setdiff1d(np.arange(1000), old).astype(np.uint32)
    keys = np.zeros((1000, 12), dtype=np.uint64)
    found = all_pairs(rows.take(old), RECENCY, 12)
    places = found.scores.astype(np.uint64) << np.uint64(32) | old.astype(np.uint64)[found.rows]
    keys[old] = np.where(found.keys, places, 0)
    for threads in (1, 3):
        offers = offer(
            rows, np.arange(1000, dtype=np.uint32), subjects, keys[:, -1].copy(), RECENCY, 12, threads=threads
        )
        lists = keys.copy()
        lists[subjects] = offers.keys
        for taker, key in zip(offers.takers.tolist(), offers.offered_keys, strict=True):
            lists[taker] = np.sort(np.append(lists[taker], key))[:0:-1]
        assert np.array_equal(lists, expected)


@pytest.mark.parametrize(
    ("subjects", "words"), [([0, 0], "twice"), ([9], "no row 9"), ([1], "not among the allowed")]
)
def test_wrong_subjects_are_refused(subjects: list[int], words: str) -> None:
    held = Rows.of([{0: 1}, {0: 1}], days=[0, 0], n_columns=1)
    with pytest.raises(InputError, match=words):
        offer(
            held, np.arange(2, dtype=np.uint32), np.array(subjects, dtype=np.uint32),
            np.zeros(2, dtype=np.uint64), RECENCY, 1, allowed=np.array([True, False]),
        )  # fmt: skip


@given(archive=archives())
@examples(50)
def test_postings_hold_every_entry_once_by_column_and_row(archive: tuple[list[Row], int]) -> None:
    rows, n_columns = archive
    held = postings(as_rows(rows, n_columns))
    found = [
        (column, int(held.rows[place]), int(held.values[place]))
        for column in range(n_columns)
        for place in range(int(held.indptr[column]), int(held.indptr[column + 1]))
    ]
    assert found == sorted(
        (column, row, weight)
        for row, held_row in enumerate(rows)
        for column, weight in held_row.vector.items()
    )


keys = st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=5)


@given(first=keys, second=keys, k=st.integers(1, 9))
@examples(100)
def test_merge_keeps_the_best_different_keys(first: list[list[int]], second: list[list[int]], k: int) -> None:
    pairs = list(zip(first, second, strict=False))
    left, right = (
        np.array([sorted(pair[side], reverse=True) for pair in pairs], dtype=np.uint64) for side in (0, 1)
    )
    expected = [sorted({*one, *two} - {0}, reverse=True)[:k] for one, two in pairs]
    assert [[key for key in row if key] for row in merge(left, right, k).tolist()] == expected


def test_the_largest_dot_product_and_recency_fit() -> None:
    rows = [Row({0: LARGEST}, 0), Row({0: LARGEST}, 0)]
    lists = as_lists(all_pairs(as_rows(rows, 1), Recency.of([FULL], [FULL]), 1))
    assert lists[0] == [(LARGEST**2 * 2, 1)]
    assert LARGEST**2 * 2 < 2**32


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"values": np.array([LARGEST + 1, 1], dtype=np.uint16)}, "2\\*\\*31"),
        ({"values": np.array([1, 1], dtype=np.uint32)}, "expected uint16"),
        ({"columns": np.array([0, 2], dtype=np.uint32)}, "column 2 is not below n_columns = 2"),
        (
            {"columns": np.array([1, 0], dtype=np.uint32), "indptr": np.array([0, 2, 2], dtype=np.uint64)},
            "ascend",
        ),
        (
            {"columns": np.array([1, 1], dtype=np.uint32), "indptr": np.array([0, 2, 2], dtype=np.uint64)},
            "ascend",
        ),
        ({"indptr": np.array([0, 3, 2], dtype=np.uint64)}, "never decrease"),
        ({"indptr": np.array([1, 1, 2], dtype=np.uint64)}, "start at 0"),
        ({"days": np.array([1], dtype=np.int32)}, "shape"),
        ({"groups": np.array([1, 2], dtype=np.int64)}, "groups"),
    ],
)
def test_rows_that_cannot_be_right_are_refused(change: dict[str, np.ndarray], words: str) -> None:
    good = Rows.of([{0: 1}, {1: 1}], days=[0, 1], n_columns=2)
    with pytest.raises(InputError, match=words):
        Rows(**(vars(good) | change))


def test_rows_out_of_date_order_are_refused() -> None:
    with pytest.raises(InputError, match="date order"):
        all_pairs(Rows.of([{}, {}], days=[1, 0], n_columns=1), RECENCY, 1)


@pytest.mark.parametrize("wrong", [{"k": 0}, {"k": 1, "threads": 0}, {"k": 1, "memory": 0}])
def test_settings_below_one_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match="below 1"):
        all_pairs(Rows.of([{}], days=[0], n_columns=1), RECENCY, **wrong)


def test_a_query_that_could_overflow_is_refused() -> None:
    held = Rows.of([{0: 1}], days=[0], n_columns=1)
    columns, values = np.array([0], dtype=np.uint32), np.array([LARGEST + 1], dtype=np.uint16)
    with pytest.raises(InputError, match="2\\*\\*31"):
        query(Searchable(held), np.zeros(1, dtype=np.uint32), columns, values, 0, RECENCY, k=1)


@pytest.mark.slow
@pytest.mark.parametrize("temporary", [True, False])
def test_where_no_folder_for_compiled_code_can_be_written_it_is_kept_aside_or_the_user_told(
    tmp_path: Path, temporary: bool
) -> None:
    """A read-only installation and a user without a home: Numba finds none of its places."""
    program = f"""
import tempfile
tempfile.tempdir = {str(tmp_path if temporary else tmp_path / "none")!r}
from numba.core.caching import CacheImpl
CacheImpl._locator_classes = CacheImpl._locator_classes[:1]  # the one that a user names
from relatedness.ranking import _topk
import numpy as np
print(_topk.merge(np.array([[9, 5]], np.uint64), np.array([[7, 1]], np.uint64), k=3))
"""
    environment = {**os.environ, "RELATEDNESS_KERNEL": "compiled"}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "[[9 7 5]]\n")
    kept = [*tmp_path.rglob("*.nbc")]
    assert bool(kept) is temporary
    assert ("RELATEDNESS_CACHE" in done.stderr) is not temporary
    assert done.stderr.count("warn") <= 2


@pytest.mark.slow
def test_compiled_code_is_kept_where_the_user_says(tmp_path: Path) -> None:
    program = """
from relatedness.ranking import _topk
import numpy as np
_topk.merge(np.array([[9, 5]], np.uint64), np.array([[7, 1]], np.uint64), k=3)
"""
    environment = {
        **os.environ,
        "RELATEDNESS_KERNEL": "compiled",
        "RELATEDNESS_CACHE": str(tmp_path / "here"),
    }
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    assert [*(tmp_path / "here").rglob("*.nbc")]


def test_an_unknown_kernel_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "relatedness", "demo"],
        env={**os.environ, "RELATEDNESS_KERNEL": "fast"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "RELATEDNESS_KERNEL is 'fast'" in done.stderr
