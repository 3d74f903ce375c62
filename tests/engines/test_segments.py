from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relatedness.config import Config
from relatedness.engines import JoblibEngine, Partition, vectorise
from relatedness.engines._segments import Segments
from relatedness.errors import IndexFormatError, IndexMissingError, InputError
from relatedness.ranking import Document, Recency, Rows, all_pairs, count, encode, fit
from relatedness.workers import map_batches

ROWS = Rows.of(
    [{0: 5}, {0: 24_000, 1: 32_000}, {}, {1: 7}],
    days=[-3, 0, 4, 4],
    n_columns=2,
    groups=[1, -1, -1, 1],
    languages=[0, -1, 2, 0],
)


@pytest.fixture
def held(tmp_path: Path) -> Segments:
    return Segments.write(str(tmp_path / "archive"), [ROWS.part(0, 2), ROWS.part(2, 2), ROWS.part(2, 4)])


def test_what_was_written_is_read(held: Segments) -> None:
    again = Segments.open(held.url)
    assert again == held
    assert (len(again), again.bounds) == (4, [0, 2, 2, 4])
    for number, bounds in enumerate([(0, 2), (2, 2), (2, 4)]):
        part, read = ROWS.part(*bounds), again.read(number)
        for name in ("indptr", "columns", "values", "days", "groups", "languages"):
            written, found = getattr(part, name), getattr(read, name)
            assert found.dtype == written.dtype
            assert found.tolist() == written.tolist()


def test_a_segment_is_described(held: Segments) -> None:
    first = held.segments[0]
    assert (first.rows, first.entries, first.first_day, first.last_day) == (2, 3, -3, 0)
    assert first.norm == 40_000
    assert first.bytes == 3 * (4 + 2) + 2 * (8 + 4 + 4 + 4)


def test_files_are_plain_arrays(held: Segments) -> None:
    files = sorted(path.name for path in Path(held.url, "000000").iterdir())
    assert files == [
        "columns.npy", "days.npy", "groups.npy", "indptr.npy", "languages.npy", "values.npy",
    ]  # fmt: skip
    assert np.load(Path(held.url, "000000", "values.npy"), allow_pickle=False).tolist() == [5, 24_000, 32_000]


def test_parts_out_of_order_are_refused(tmp_path: Path) -> None:
    for parts in ([ROWS.part(2, 4), ROWS.part(0, 2)], [Rows.of([{}, {}], days=[1, 0], n_columns=2)]):
        with pytest.raises(InputError, match="date order"):
            Segments.write(str(tmp_path), parts)
    with pytest.raises(InputError, match="3 columns"):
        Segments.write(str(tmp_path), [ROWS, Rows.of([{}], days=[9], n_columns=3)])


def test_a_day_may_be_cut_in_two(tmp_path: Path) -> None:
    assert Segments.write(str(tmp_path), [ROWS.part(0, 3), ROWS.part(3, 4)]).bounds == [0, 3, 4]


def test_half_a_job_is_never_read(held: Segments) -> None:
    """Not even where a whole one stood before."""
    with pytest.raises(InputError):
        Segments.write(held.url, [ROWS.part(2, 4), ROWS.part(0, 2)])
    with pytest.raises(IndexMissingError, match=r"segments\.json"):
        Segments.open(held.url)


def test_damage_is_told(held: Segments) -> None:
    values = Path(held.url, "000000", "values.npy")
    whole = values.read_bytes()
    for damaged in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1])):
        values.write_bytes(damaged)
        with pytest.raises(IndexFormatError, match="segment 0"):
            held.read(0)
    values.unlink()
    with pytest.raises(IndexFormatError, match="segment 0"):
        held.read(0)
    manifest = Path(held.url, "segments.json")
    told = json.loads(manifest.read_text())
    for change, words in (({"format": 99}, "format 99"), ({"segments": [{}]}, "damaged")):
        manifest.write_text(json.dumps(told | change))
        with pytest.raises(IndexFormatError, match=words):
            Segments.open(held.url)
    manifest.write_text("{")
    with pytest.raises(IndexFormatError, match="damaged"):
        Segments.open(held.url)


@pytest.mark.parametrize("odd", [None, "1", -1, 1.5, math.inf, True, 2**200, [], {}], ids=str)
def test_a_crafted_manifest_is_refused(held: Segments, odd: object) -> None:
    """Whatever it says: a length that is too small would leave candidates out."""
    manifest = Path(held.url, "segments.json")
    told = json.loads(manifest.read_text())
    crafted = [{**told, "n_columns": odd}, *([{**told, "segments": odd}] if odd != [] else [])]
    for name in told["segments"][0]:
        crafted.append({**told, "segments": [{**told["segments"][0], name: odd}, *told["segments"][1:]]})
    for each in crafted:
        manifest.write_text(json.dumps(each))
        with pytest.raises(IndexFormatError):
            [Segments.open(held.url).read(number) for number in range(3)]


def test_segments_out_of_order_are_refused(held: Segments) -> None:
    manifest = Path(held.url, "segments.json")
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**told, "segments": told["segments"][::-1]}))
    with pytest.raises(IndexFormatError, match="damaged"):
        Segments.open(held.url)


WORDS = ["flood", "Fire", "fire", "Rome", "Rome", "strike", "The", "court"]


def partition(number: int) -> Partition:
    """Eleven short texts of three days."""
    random = np.random.default_rng(number)
    texts = [" ".join(random.choice(WORDS, 6)) for _ in range(11)]
    days = (np.arange(11) // 4 + 3 * number).astype(np.int32)
    return Partition([Document("", text, "en", ()) for text in texts], days, NOBODY, NOBODY)


NOBODY = np.full(11, -1, dtype=np.int32)


def in_processes(function: Callable[[Any], Any], things: Sequence[Any]) -> Iterable[Any]:
    return map_batches(function, things, jobs=2)


@pytest.mark.parametrize("spread", [map, in_processes])
def test_partitions_give_the_vectors_of_the_whole(tmp_path: Path, spread: Any) -> None:
    config = Config.default()
    held, vocabulary = vectorise(str(tmp_path / "archive"), range(5), partition, config, spread)
    parts = [partition(number) for number in range(5)]
    counts = count([document for part in parts for document in part.documents], config)
    expected, weighed = fit(counts, config)
    assert (vocabulary.terms, vocabulary.pivots) == (expected.terms, expected.pivots)
    rows = Rows(
        *encode(counts, weighed, config).arrays,
        np.concatenate([part.days for part in parts]),
        *np.full((2, 55), -1, dtype=np.int32),
        len(expected.terms),
    )
    recency = Recency.curve(config)
    again = Segments.open(held.url)
    assert again == held
    found = JoblibEngine(jobs=1).all_pairs(again, recency, 7)
    assert np.array_equal(found.keys, all_pairs(rows, recency, 7).keys)
    assert found.counts.min() > 0
