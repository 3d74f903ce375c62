"""A stranger's index, made to fit its checksums: whatever it says, it is refused or read, and the process goes on."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import forks
import pytest
from crafted import fit, sound_index, use

from relatedness import RelatedIndex
from relatedness.errors import IndexFormatError
from relatedness.events import Event
from relatedness.storage import checksum

CRAFTED = """
import json, sys
from pathlib import Path
from crafted import craft, sound_index, use
folder, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
sound_index(folder / "sound.index", int(sys.argv[4]) or None)
for seed in range(first, last):
    print(seed, "", flush=True)
    told = craft(folder / "sound.index", folder / "crafted.index", seed)
    for call, error in use(folder / "crafted.index").items():
        print(json.dumps([seed, told[:500], call, error]), flush=True)
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crafted") / "sound.index"
    sound_index(path)
    return path


def test_a_sound_index_answers_every_call(sound: Path) -> None:
    assert use(sound) == {}


def test_a_topic_in_no_slot_is_found_by_check(tmp_path: Path) -> None:
    path = tmp_path / "crafted.index"
    sound_index(path, 2)
    (part, *_) = path.glob("part-0001-*")
    with closing(sqlite3.connect(part, isolation_level=None)) as database:
        database.execute(
            "UPDATE topics SET slot = 'x' WHERE name = (SELECT min(name) FROM topics) AND slot = 0"
        )
    fit(path)
    with RelatedIndex.open(path) as index:
        assert any("the table of topics is not what was written" in fault for fault in index.check())


@pytest.mark.parametrize(
    ("seeds", "partitions"),
    [
        ((0, 25), 0),
        ((0, 25), 3),
        pytest.param((1173, 1174), 0, id="who shares something is no candidate"),
        pytest.param((0, 750), 0, marks=pytest.mark.slow),
    ],
)
def test_only_refusals_come_out_of_a_crafted_index(
    seeds: tuple[int, int], partitions: int, tmp_path: Path
) -> None:
    # In a process of its own: a number that leads outside an array would end it.
    done = forks.run("-c", CRAFTED, tmp_path, *seeds, partitions, folder=Path(__file__).parents[1])
    assert done.returncode == 0, (done.stdout[-300:], done.stderr[-2000:])
    assert [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")] == []


@pytest.mark.parametrize("offset", [10**9, 2**32, -(10**6)])
def test_a_term_in_no_column_is_refused_by_queries_and_found_by_check(
    offset: int, sound: Path, tmp_path: Path
) -> None:
    path = tmp_path / "crafted.index"
    path.write_bytes(sound.read_bytes())
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        rows = database.execute('SELECT "column", channel, term, frequency, weight FROM terms').fetchall()
        for row in sorted(rows, reverse=offset > 0):
            new = (row[0] + offset, *row[1:])
            database.execute(
                'UPDATE terms SET "column" = ?, crc = ? WHERE "column" = ?', (new[0], checksum(*new), row[0])
            )
    with RelatedIndex.open(path) as index:
        assert index.related("a")
        assert index.check()
        for call in (lambda: index.query("ISIL in Mosul"), lambda: index.explain("a", "b")):
            with pytest.raises(IndexFormatError):
                call()


def test_a_fault_of_the_library_is_not_told_as_damage(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Event:
        raise AttributeError("a bug")

    with RelatedIndex.open(sound) as index:
        monkeypatch.setattr(Event, "make", broken)
        for call in (lambda: index.events["a"], lambda: list(index.events.stream()), index.check):
            with pytest.raises(AttributeError, match="a bug"):
                call()


@pytest.mark.parametrize("copies", [2**32 - 1, -1, 0.5, True, "1"])
def test_a_number_of_copies_that_none_can_be_is_refused(copies: object, sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "crafted.index"
    path.write_bytes(sound.read_bytes())
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        ((slot, text),) = database.execute(
            "SELECT slot, items FROM lists JOIN events USING (slot) WHERE id = 'a'"
        )
        items = json.loads(text)
        items[0][4] = copies
        text = json.dumps(items)
        database.execute(
            "UPDATE lists SET items = ?, crc = ? WHERE slot = ?", (text, checksum("a", text), slot)
        )
    with RelatedIndex.open(path) as index:
        for call in (lambda: index.related("a"), lambda: index.to_arrow("lists")):
            with pytest.raises(IndexFormatError, match="the list of a is not what was written"):
                call()


def test_a_record_whose_id_is_no_text_is_refused(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "crafted.index"
    path.write_bytes(sound.read_bytes())
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        query = "SELECT slot, id, seconds, record, topics FROM events WHERE id = 'a'"
        ((slot, id_, seconds, record, topics),) = database.execute(query)
        record = json.dumps(json.loads(record) | {"id": 1})
        crc = checksum(slot, id_, seconds, record, topics)
        database.execute("UPDATE events SET record = ?, crc = ? WHERE slot = ?", (record, crc, slot))
    with RelatedIndex.open(path) as index, pytest.raises(IndexFormatError, match="the id 1 is not text"):
        index.to_arrow("events")


def test_a_title_that_is_no_text_is_nobodys(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "crafted.index"
    path.write_bytes(sound.read_bytes())
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("UPDATE events SET record = json_set(record, '$.title', 1)")
    with RelatedIndex.open(path) as index:
        assert index.query("Who are you?").ids == ()
