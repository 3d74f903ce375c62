"""Index files as a stranger would craft them: the tables of a real one with other values, and checksums that fit them.

Unlike damage, which the checksums find, every value here is what its row says it is. Of a partitioned index one of the
files is crafted so and the catalogue made to fit it, or the catalogue itself is.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from relatedness.storage import checksum, crc_of
from relatedness.storage._catalogue import CATALOGUE
from relatedness.storage._schema import CHECKED

NUMBERS = [
    -1,
    -(2**31),
    -(2**63),
    0,
    1,
    2,
    7,
    255,
    2**16,
    10**9,
    2**31 - 1,
    2**32 - 1,
    2**32,
    2**53,
    2**63 - 1,
]
OTHERS: list[Any] = [
    *NUMBERS,
    0.5,
    -1e308,
    1e308,
    None,
    True,
    "",
    "x",
    "\udc80",
    "a" * 1000,
    [],
    {},
    [[]],
    {"a": 1},
]
TABLES = {
    "events": ["slot", "id", "seconds", "record", "topics"],
    "terms": ['"column"', "channel", "term", "frequency", "weight"],
    "labels": ["kind", "number", "name"],
    "stories": ["slot", "name", "kind", "how"],
    "changes": ["id", "generation"],
    "meta": ["value"],
}


def craft(sound: Path, path: Path, seed: int) -> str:
    """Make an index, of the same kind as the sound one, with one to three values changed; says which."""
    chance = random.Random(seed)
    if not sound.is_dir():
        shutil.copy(sound, path)
        return _craft_file(path, chance)
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(sound, path)
    told = json.loads((path / CATALOGUE).read_bytes())
    files = [told["shared"], *told["partitions"]]
    match chance.choice(["file", "file", "file", "file", "catalogue", "exchanged"]):
        case "file":
            listed = chance.choice(files)
            said = f"{listed['file']}: {_craft_file(path / listed['file'], chance)}"
        case "exchanged":  # one file says what another does, down to its number
            one, other = chance.sample(files, 2)
            shutil.copy(path / other["file"], path / one["file"])
            with closing(sqlite3.connect(path / one["file"], isolation_level=None)) as database:
                _set(database, "meta", ["partition"], "value", str(files.index(one) - 1))
            if "slots" in one and "slots" in other:
                one["slots"], one["events"] = other["slots"], other["events"]
            said = f"{one['file']} is {other['file']}"
        case _:
            changed = json.dumps(_mutate(told, chance))
            (path / CATALOGUE).write_text(changed, encoding="utf-8")
            return f"catalogue = {changed[:400]}"
    (path / CATALOGUE).write_text(json.dumps(told), encoding="utf-8")
    fit(path)
    return said


def fit(path: Path) -> None:
    """Make the catalogue of a partitioned index name the checksums that its files have."""
    told = json.loads((path / CATALOGUE).read_bytes())
    for listed in (told["shared"], *told["partitions"]):
        listed["bytes"], listed["crc32"] = crc_of(path / listed["file"])
    (path / CATALOGUE).write_text(json.dumps(told), encoding="utf-8")


def _craft_file(path: Path, chance: random.Random) -> str:
    told = []
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            change = chance.choice(
                [_row, _row, _json, _json, _array, _array, _list, _candidates, _topic, _missing]
            )
            with suppress(sqlite3.Error, OverflowError):  # what SQLite itself refuses cannot be crafted
                told.append(change(database, chance))
    return "; ".join(told)


def _set(database: sqlite3.Connection, table: str, rowid: list[Any], column: str, value: Any) -> None:
    columns = CHECKED[table]
    keys = {"meta": ["name"], "labels": ["kind", "number"], "stories": ["slot", "name"], "changes": ["id"],
            "events": ["slot"], "terms": ['"column"']}[table]  # fmt: skip
    where = " AND ".join(f"{key} = ?" for key in keys)
    try:
        database.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {where}", [value, *rowid])
        for row in database.execute(f"SELECT {columns}, {', '.join(keys)} FROM {table}").fetchall():
            values, key = row[: -len(keys)], row[-len(keys) :]
            database.execute(f"UPDATE {table} SET crc = ? WHERE {where}", [checksum(*values), *key])
    except (sqlite3.Error, OverflowError, UnicodeError):
        pass  # what SQLite itself refuses cannot be crafted


def _pick(database: sqlite3.Connection, table: str, chance: random.Random) -> tuple[list[Any], list[Any]]:
    keys = {"meta": "name", "labels": "kind, number", "stories": "slot, name", "changes": "id",
            "events": "slot", "terms": '"column"'}[table]  # fmt: skip
    rows = database.execute(
        f"SELECT {keys} FROM {table} ORDER BY 1, 2"
        if "," in keys
        else f"SELECT {keys} FROM {table} ORDER BY 1"
    ).fetchall()
    return (list(chance.choice(rows)) if rows else []), rows


def _row(database: sqlite3.Connection, chance: random.Random) -> str:
    table = chance.choice(list(TABLES))
    column = chance.choice(TABLES[table])
    value = chance.choice([v for v in OTHERS if not isinstance(v, list | dict)])
    key, _ = _pick(database, table, chance)
    if key:
        _set(database, table, key, column, value)
    return f"{table} {key} {column} = {value!r}"


def _mutate(value: Any, chance: random.Random) -> Any:
    """The same JSON value with one inner value changed."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(sorted(value))
        if chance.random() < 0.2:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: _mutate(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        if chance.random() < 0.2:
            return value[:place] + value[place + 1 :]
        return [*value[:place], _mutate(value[place], chance), *value[place + 1 :]]
    return chance.choice([v for v in OTHERS if v != "\udc80"])


def _json(database: sqlite3.Connection, chance: random.Random) -> str:
    table, column = chance.choice(
        [("meta", "value"), ("meta", "value"), ("events", "record"), ("events", "topics")]
    )
    key, _ = _pick(database, table, chance)
    if not key:
        return "nothing"
    name = "name" if table == "meta" else "slot"
    found = database.execute(f"SELECT {column} FROM {table} WHERE {name} = ?", key).fetchone()
    try:
        changed = json.dumps(_mutate(json.loads(found[0]), chance))
    except (ValueError, TypeError):
        return "nothing"
    _set(database, table, key, column, changed)
    return f"{table} {key} {column} = {changed[:200]}"


def _array(database: sqlite3.Connection, chance: random.Random) -> str:
    names = [name for (name,) in database.execute("SELECT DISTINCT name FROM arrays ORDER BY name")]
    if not names:  # an earlier change took them all
        return "nothing"
    name = chance.choice(names)
    dtype, data = database.execute(
        "SELECT dtype, data FROM arrays WHERE name = ? AND part = 0", (name,)
    ).fetchone()
    how = chance.choice(["value", "value", "value", "longer", "shorter", "empty", "dtype"])
    try:
        array = np.frombuffer(data, dtype).copy()
    except (TypeError, ValueError):
        return "nothing"
    if how == "value" and len(array):
        info = np.iinfo(array.dtype)
        array[chance.randrange(len(array))] = chance.choice([n for n in NUMBERS if info.min <= n <= info.max])
    elif how == "longer":
        array = np.concatenate([array, array[:1]])
    elif how == "shorter":
        array = array[:-1]
    elif how == "empty":
        array = array[:0]
    elif how == "dtype":
        dtype = chance.choice(["<u1", "<f8", "O", "<i8", "x", ""])
    data = array.tobytes()
    database.execute(
        "UPDATE arrays SET dtype = ?, data = ?, crc = ? WHERE name = ? AND part = 0",
        (dtype, data, crc32(data, checksum(name, 0)), name),
    )
    return f"array {name} {how}"


def _list(database: sqlite3.Connection, chance: random.Random) -> str:
    slot, id_, items = chance.choice(
        database.execute(
            "SELECT slot, id, items FROM lists JOIN events USING (slot) ORDER BY slot"
        ).fetchall()
        or [(0, "", "[]")]
    )
    try:
        changed = json.dumps(_mutate(json.loads(items), chance))
        database.execute(
            "UPDATE lists SET items = ?, crc = ? WHERE slot = ?", (changed, checksum(id_, changed), slot)
        )
    except (ValueError, TypeError, sqlite3.Error):
        return "nothing"
    return f"list {slot} = {changed[:200]}"


def _candidates(database: sqlite3.Connection, chance: random.Random) -> str:
    block, data = chance.choice(
        database.execute("SELECT block, pairs FROM candidates ORDER BY block").fetchall() or [(0, b"")]
    )
    if not isinstance(data, bytes) or not data:
        return "nothing"
    pairs = np.frombuffer(data[: len(data) // 8 * 8], "<u8").copy()
    place = chance.randrange(len(pairs))
    pairs[place] = chance.choice([0, 1, 2**32 - 1, 2**32, 2**64 - 1, 5 << 32 | 10**9, (2**31 << 32) | 1])
    data = pairs.tobytes()
    database.execute(
        "UPDATE candidates SET pairs = ?, crc = ? WHERE block = ?", (data, crc32(data, block), block)
    )
    return f"candidates {block} {place}"


def _topic(database: sqlite3.Connection, chance: random.Random) -> str:
    name, slot = chance.choice(
        database.execute("SELECT name, slot FROM topics ORDER BY name, slot").fetchall() or [("", 0)]
    )
    value = chance.choice(
        [n for n in OTHERS if not isinstance(n, list | dict) and n is not None and n != "\udc80"]
    )
    database.execute("UPDATE OR IGNORE topics SET slot = ? WHERE name = ? AND slot = ?", (value, name, slot))
    return f"topics {name} {slot} = {value!r}"


def _missing(database: sqlite3.Connection, chance: random.Random) -> str:
    table = chance.choice([*TABLES, "lists", "candidates", "arrays", "topics"])
    limit = chance.choice(["", " WHERE rowid IN (SELECT rowid FROM {t} LIMIT 1)"])
    try:
        database.execute(f"DELETE FROM {table}{limit.format(t=table)}")
    except sqlite3.Error:  # a table without rowids
        database.execute(f"DELETE FROM {table}")
    return f"rows of {table} missing"


def use(path: Path) -> dict[str, str]:
    """Every public call that reads; what each raised, if anything."""
    from relatedness import RelatedIndex
    from relatedness.errors import (
        ConfigError,
        IndexFormatError,
        IndexMissingError,
        InputError,
        UnknownEventError,
    )

    raised: dict[str, str] = {}
    try:
        index = RelatedIndex.open(path)
    except IndexFormatError:
        return raised
    except Exception as error:
        return {"open": repr(error)}
    ids = ["a", "c", "e"]
    calls = {
        "info": lambda: index.info,
        "ids": lambda: list(index.events),
        "events": lambda: [index.events[id_] for id_ in ids],
        "stream": lambda: list(index.events.stream()),
        "related": lambda: [[i.to_record() for i in index.related(id_)] for id_ in ids],
        "filtered": lambda: [index.related(id_, direction="before", k=3) for id_ in ids],
        "topic": lambda: index.related("a", topics=["Mosul"]),
        "language": lambda: index.related("a", language="en"),
        "spread": lambda: index.related("a", spread=2, fill="period"),
        "why": lambda: index.explain("a", "c"),
        "why_not": lambda: index.why_not("a", "e"),
        "query": lambda: [index.query(text) for text in ("ISIL in Mosul", "the dam of Mosul in Iraq", "nothing")],
        "lists": lambda: list(index.lists()),
        "topics": lambda: [index.topics(id_) for id_ in ids],
        "all_topics": lambda: list(index.all_topics()),
        "counts": lambda: (index.topic_counts(), index.with_topic("Mosul"), index.events_with("Iraq")),
        "story": lambda: index.story("a"),
        "changed": lambda: (index.changed_since(0), index.changed_since(1)),
        "matrix": lambda: index.matrix("topics"),
        "learned": lambda: index.learned,
        "find": lambda: index.find("Mosul"),
        "words": lambda: [index.related("a", k=20), index.query("ISIL Mosul", k=20, since="2014-06-11")],
        "scores": lambda: list(index.scores()),
        "frames": lambda: [index.to_arrow(what) for what in ("lists", "events", "topics")],
        "fingerprints": lambda: index.fingerprints(),
        "check": lambda: index.check(),
        "plan": lambda: index.plan([{"id": "n", "date": "2014-08-01", "text": "Mosul dam again."}]),
    }  # fmt: skip
    allowed = IndexFormatError, IndexMissingError, InputError, UnknownEventError
    for name, call in calls.items():
        try:
            call()
        except allowed:
            pass
        except ConfigError as error:
            # A tagger of another name must be given; an event that lost its date has none before it and no period.
            if name not in {"query", "words", "changed", "filtered"} and "needs a date" not in str(error):
                raised[name] = repr(error)
        except Exception as error:
            raised[name] = repr(error)
    target = path.with_suffix(".refreshed")
    shutil.rmtree(target, ignore_errors=True)
    (shutil.copytree if path.is_dir() else shutil.copy)(path, target)
    try:
        with RelatedIndex.open(target) as copy:
            copy.refresh(
                [{"id": "n", "date": "2014-08-01", "text": "ISIL leaves the dam of Mosul."}], remove=["b"]
            )
    except (*allowed, ConfigError):
        pass
    except Exception as error:
        raised["refresh"] = repr(error)
    shutil.rmtree(target, ignore_errors=True)
    target.unlink(missing_ok=True)
    index.close()
    return raised


def sound_index(path: Path, partitions: int | None = None) -> None:
    """A small index that has something of everything."""
    from relatedness import RelatedIndex

    texts = {
        "a": "Militants of ISIL seize Mosul, Iraq's second city.",
        "b": "ISIL captures the dam of Mosul in Iraq.",
        "c": "Iraqi troops retake the dam of Mosul from ISIL.",
        "d": "Barack Obama speaks about Iraq and ISIL in Washington.",
        "e": "Floods in Bosnia and Serbia.",
        "f": "More floods in Serbia.",
    }
    RelatedIndex.build(
        [
            {"id": id_, "date": f"2014-06-1{number}", "text": text, "category": "War" if number < 4 else "Nature",
             "language": "en", "group": f"g{number}", "topics": ["Battle of Mosul"] if number < 2 else []}
            for number, (id_, text) in enumerate(texts.items())
        ],
        path, partitions=partitions,
    ).close()  # fmt: skip
    with RelatedIndex.open(path) as index:
        index.refresh(
            [{"id": "g", "date": "2014-07-01", "text": "Mosul after a month of ISIL."}], remove=["f"]
        )
