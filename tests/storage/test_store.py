"""The file: what is kept comes back, nothing half made is ever seen, and any language can read it."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from relatedness.errors import IndexFormatError, IndexMissingError
from relatedness.related_index import RelatedIndex
from relatedness.storage import FORMAT, Store, dumps
from relatedness.storage import _arrays as arrays_module
from relatedness.storage import _file as file_module
from relatedness.storage._schema import APPLICATION_ID, ARRAYS
from relatedness.topics import Lexicon
from tests.stories import Stories


@given(
    st.sampled_from(sorted(ARRAYS)).flatmap(
        lambda name: st.tuples(st.just(name), hnp.arrays(ARRAYS[name].dtype, st.integers(0, 40)))
    )
)
def test_an_array_comes_back_as_it_was(named: tuple[str, np.ndarray]) -> None:
    name, array = named
    store = Store.create(None)
    store.put_arrays({name: array})
    found = store.array(name)
    assert found.dtype == array.dtype
    assert found.tobytes() == array.tobytes()
    assert not found.flags.writeable
    store.close()


def test_a_long_array_is_kept_in_parts_and_comes_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays_module, "_PART_BYTES", 64)
    store = Store.create(None)
    for n in (0, 1, 15, 16, 17, 1000):
        array = np.arange(n, dtype=np.uint32)
        store.put_arrays({"columns": array})
        assert store.array("columns").tolist() == array.tolist()
    store.close()


def test_big_endian_arrays_are_kept_as_little_endian() -> None:
    store = Store.create(None)
    store.put_arrays({"columns": np.array([1, 258], dtype=">u4")})
    assert store.array("columns").tolist() == [1, 258]
    store.close()


@given(st.integers(1, 20), st.sampled_from((1, 5, 100, 400)), st.integers(1, 100), st.data())
def test_candidates_come_back_as_they_were(n: int, k: int, m: int, data: st.DataObject) -> None:
    store = Store.create(None)
    random = np.random.default_rng(n * k + m)
    candidates, neighbours = (random.integers(0, 2**64, (n, width), np.uint64) for width in (k, m))
    store.put_candidates(candidates, neighbours)
    # Some change, and some come behind them.
    slots = np.array(data.draw(st.lists(st.integers(0, n - 1), max_size=5)), np.int64)
    more = data.draw(st.integers(0, 5))
    candidates = np.concatenate([candidates, np.ones((more, k), np.uint64)])
    neighbours = np.concatenate([neighbours, np.ones((more, m), np.uint64)])
    candidates[slots], neighbours[slots] = 7, 8
    store.put_candidates(candidates, neighbours, np.concatenate([slots, np.arange(n, n + more)]))
    both = np.concatenate([candidates, neighbours], axis=1)
    assert np.array_equal(store.all_candidates(n + more, 3, k + m)[: n + more], both)
    assert not store.all_candidates(n + more, 3, k + m)[n + more :].any()
    wanted = np.array(data.draw(st.lists(st.integers(0, n + more - 1))), np.uint32)
    assert np.array_equal(store.candidates(wanted, k + m), both[wanted])
    with pytest.raises(IndexFormatError):
        store.all_candidates(n + more + 100_000, 0, k + m)
    with pytest.raises(IndexFormatError):
        store.candidates(np.array([100_000], np.uint32), k + m)
    store.close()


def _arrays(slots: int, columns: int, values: int) -> dict[str, np.ndarray]:
    lengths = {"slot": slots, "slot, dimension": 3 * slots, "column": columns, "value": values}
    return {name: np.arange(lengths.get(axis, 2)).astype(dtype) for name, (dtype, axis, _) in ARRAYS.items()}


def test_arrays_grow_at_their_ends_but_for_those_written_anew() -> None:
    store = Store.create(None)
    before, more = _arrays(4, 5, 9), _arrays(2, 0, 3)
    store.put_arrays(before)
    store.extend_arrays(more)
    for name, (_, _, grows) in ARRAYS.items():
        expected = [*before[name], *more[name]] if grows else [*before[name]]
        assert store.array(name).tolist() == expected
    with pytest.raises(
        IndexFormatError, match="do not fit together"
    ):  # the ranks of the new slots are missing
        store.arrays()
    store.put_arrays({name: np.zeros(6, dtype) for name, (dtype, _, grows) in ARRAYS.items() if not grows})
    assert store.arrays()["meanings"].shape == (6, 3)
    store.close()


def test_an_array_of_another_type_is_a_mistake_of_ours_and_a_missing_one_is_damage() -> None:
    store = Store.create(None)
    with pytest.raises(TypeError):
        store.put_arrays({"columns": np.arange(3, dtype=np.int64)})
    with pytest.raises(IndexFormatError, match="columns is missing"):
        store.array("columns")
    store.close()


@pytest.mark.parametrize("name", [name for name, (_, axis, _) in ARRAYS.items() if axis != "word of a name"])
def test_an_array_of_another_length_than_its_axis_is_damage(name: str) -> None:
    store = Store.create(None)
    arrays = _arrays(4, 5, 9)
    store.put_arrays(arrays | {name: arrays[name][:-1]})
    with pytest.raises(IndexFormatError, match="do not fit together"):
        store.arrays()
    store.close()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abé", max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(_JSON)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    store = Store.create(None)
    store.set_meta("a", value)
    assert store.meta("a") == value
    assert json.loads(dumps(value)) == value
    store.close()


def test_nothing_stands_at_the_path_before_it_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "new.index"
    store = Store.create(path)
    store.set_meta("a", 1)
    assert not path.exists()
    store.finish()
    assert path.exists()
    assert store.meta("a") == 1
    store.close()
    assert [found.name for found in tmp_path.iterdir()] == ["new.index"]


def test_one_that_is_given_up_leaves_nothing_and_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "old.index"
    path.write_text("what was there")
    store = Store.create(path)
    store.set_meta("a", 1)
    store.close()
    assert path.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [path]


def test_an_open_index_stays_what_it_was_when_another_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    for value in (1, 2):
        store = Store.create(path)
        store.set_meta("value", value)
        store.finish()
        if value == 1:
            reader = Store.open(path)
        store.close()
    assert reader.meta("value") == 1
    with contextlib.closing(Store.open(path)) as later:
        assert later.meta("value") == 2
    reader.close()


def test_an_open_index_cannot_be_written(sample_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.index"
    path.write_bytes(sample_file.read_bytes())
    store = Store.open(path)
    with pytest.raises(PermissionError, match="readonly"):
        store.set_meta("a", 1)
    store.close()
    assert path.read_bytes() == sample_file.read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["plain.index", "with space.index", "ünï?#%20&.index", "'quoted\".index"])
def test_any_name_will_do(name: str, tmp_path: Path) -> None:
    store = Store.create(tmp_path / name)
    store.set_meta("a", 1)
    store.finish()
    assert store.meta("a") == 1
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_is_missing_or_a_folder_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match=r"none\.index does not exist; .*relatedness build"):
        Store.open(tmp_path / "none.index")
    with pytest.raises(IndexMissingError, match="is a folder"):
        Store.open(tmp_path)


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.index"
    text.write_text("This is not a database, but it is longer than a header of one hundred bytes, " * 3)
    empty = tmp_path / "empty.index"
    empty.touch()
    other = tmp_path / "other.index"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE meta (name, value)")
        connection.commit()
    for path, what in ((empty, "is empty, and"), (other, "is a SQLite database but"), (text, ".*")):
        with pytest.raises(IndexFormatError, match=f"{path.stem}.index {what} not a relatedness index"):
            Store.open(path)


def test_another_format_says_which_and_how_to_rebuild(tmp_path: Path) -> None:
    path = tmp_path / "future.index"
    store = Store.create(path)
    store.finish()
    store.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    with pytest.raises(
        IndexFormatError, match=rf"format {FORMAT + 1}.*reads format {FORMAT}.*relatedness build"
    ):
        Store.open(path)


def test_where_it_cannot_be_written_the_users_path_is_named_at_once(tmp_path: Path) -> None:
    for path in (tmp_path / "none" / "a.index", tmp_path):
        with pytest.raises((OSError, ValueError)) as caught:
            Store.create(path).close()
        assert ".part" not in str(caught.value)
        assert str(tmp_path) in str(caught.value)
    assert not list(tmp_path.iterdir())
    assert not [path for path in tmp_path.parent.iterdir() if path.name.endswith(".part")]


def test_any_language_can_read_the_lists(sample_file: Path, sample_index: RelatedIndex) -> None:
    query = (
        "SELECT related, score, contexts, parts, copies, shared FROM related WHERE event = ? ORDER BY rank"
    )
    with contextlib.closing(sqlite3.connect(sample_file)) as connection:
        (parts,) = connection.execute("SELECT value FROM meta WHERE name = 'parts'").fetchone()
        for id_ in list(sample_index.events)[:20]:
            rows = connection.execute(query, (id_,)).fetchall()
            expected = sample_index.related(id_, k=10)
            assert len(rows) == len(expected)
            for (related, score, contexts, values, copies, shared), item in zip(rows, expected, strict=True):
                assert (related, score, json.loads(contexts), copies) == (
                    item.id, item.score, list(item.contexts), item.copies,
                )  # fmt: skip
                assert json.loads(shared) == list(item.shared) or not json.loads(shared) + list(item.contexts)
                named = dict(zip(json.loads(parts), json.loads(values), strict=True))
                assert {name: value for name, value in named.items() if value} == item.parts
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


FORKS = """
import faulthandler, os, sys, threading
from relatedness import RelatedIndex
index = RelatedIndex.open(sys.argv[1])
ids = list(index)
truth = index.related(ids[0], k=20).to_record()
ends = threading.Event()
def read():
    while not ends.is_set():
        for id_ in ids:
            index.related(id_, k=20)
threads = [threading.Thread(target=read, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
codes = []
for _ in range(5):
    child = os.fork()
    if not child:
        faulthandler.dump_traceback_later(20, exit=True)
        os._exit(index.related(ids[0], k=20).to_record() != truth or list(index.lists()) == [])
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
ends.set()
print(codes)
"""


def test_an_index_goes_on_in_a_process_that_was_forked_while_threads_read(tmp_path: Path) -> None:
    path = tmp_path / "stories.index"
    RelatedIndex.build(Stories(3, 4).records, path, jobs=1).close()
    # The children waited for ever for what a thread held that they do not have.
    ran = subprocess.run(
        [sys.executable, "-c", FORKS, str(path)], capture_output=True, text=True, timeout=100, check=False
    )
    assert ran.stdout == "[0, 0, 0, 0, 0]\n", ran.stderr[-2000:]


def test_several_threads_may_read(sample_file: Path) -> None:
    index = RelatedIndex.open(sample_file)
    ids = list(index.events)
    expected = {id_: list(index.related(id_)) for id_ in ids}
    wrong: list[str] = []

    def read(begin: int) -> None:
        for id_ in ids[begin::3] * 3:
            if list(index.related(id_)) != expected[id_] or index.events[id_].id != id_:
                wrong.append(id_)
        if [id_ for id_, _ in index.lists()] != ids:
            wrong.append("lists")

    threads = [threading.Thread(target=read, args=(place % 3,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    index.close()


def test_a_strangers_file_may_neither_call_functions_nor_add_tables(
    sample_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "s.index"
    path.write_bytes(sample_file.read_bytes())
    with contextlib.closing(file_module._connect(path, "ro")) as connection:
        assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)
        assert connection.execute("PRAGMA cell_size_check").fetchone() == (1,)
        assert connection.getlimit(sqlite3.SQLITE_LIMIT_LENGTH) == max(path.stat().st_size, 16 << 20)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE meta RENAME TO hidden")
        connection.execute(
            "CREATE VIEW meta AS SELECT * FROM hidden WHERE (SELECT count(*) FROM pragma_database_list) > 0"
        )
    with pytest.raises(IndexFormatError, match="its tables are not those of an index"):
        RelatedIndex.open(path)


def test_a_learned_lexicon_comes_back_as_it_was() -> None:
    words = {name: frozenset({name}) for name in ("common", "template", "displaced", "placed")}
    lexicon = Lexicon(surnames={"roe": ((2016, 2017, "Ann Roe"),)}, labels=True, **words)
    store = Store.create(None)
    store.set_meta("lexicon", lexicon.to_json())
    assert Lexicon.from_json(store.meta("lexicon")) == lexicon
