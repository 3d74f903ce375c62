"""The lock of a writer: whoever holds a file that was taken away holds nothing."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from relatedness.errors import BusyError
from relatedness.storage import _lock, writing


def test_a_lock_that_was_taken_away_meanwhile_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.index"
    lock = _lock.lock_path(path)
    try_lock = _lock._try_lock

    def after_another_writer(descriptor: int) -> None:
        # Between opening the file and locking it, its former holder removed it, and a third process made a new one.
        lock.unlink()
        lock.touch()
        try_lock(descriptor)

    monkeypatch.setattr(_lock, "_try_lock", after_another_writer)
    with pytest.raises(BusyError), writing(path):
        pytest.fail("two processes would write")


def test_a_second_writer_is_told_once_whom_it_waits_for(tmp_path: Path) -> None:
    path, told = tmp_path / "a.index", []
    with (
        writing(path),
        pytest.raises(BusyError, match=rf"process {os.getpid()} on \S+ since 2") as caught,
        writing(path, wait=0.12, waiting=told.append),
    ):
        pytest.fail("two processes would write")
    assert len(told) == 1 and told[0] in str(caught.value)
    with writing(path, waiting=told.append):
        assert len(told) == 1, "nobody to wait for"
    assert not list(tmp_path.iterdir())


def test_the_lock_of_a_writer_that_was_killed_names_the_next_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    lock = _lock.lock_path(path)
    lock.write_text(json.dumps({"pid": 1, "host": "a host of a long name " * 20, "since": "2016"}))
    with writing(path):
        assert json.loads(lock.read_text(encoding="utf-8"))["pid"] == os.getpid()


@pytest.mark.parametrize("name", ["hard", "soft"])
def test_another_name_of_the_file_leads_to_its_lock(name: str, tmp_path: Path) -> None:
    path, other = tmp_path / "a.index", tmp_path / name
    if name == "hard":
        path.touch()
        other.hardlink_to(path)
    else:
        other.symlink_to(path)  # of a file that is yet to be built
    before = sorted(tmp_path.iterdir())
    for first, second in ((path, other), (other, path)):
        with writing(first):
            with pytest.raises(BusyError), writing(second):
                pytest.fail("two processes would write")
            assert len(list(tmp_path.iterdir())) == len(before) + 1, "the one lock that is held"
        assert sorted(tmp_path.iterdir()) == before


def test_where_a_network_file_system_locks_no_file_that_is_only_read_the_lock_file_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, try_lock = tmp_path / "a.index", _lock._try_lock
    path.touch()

    def as_there(descriptor: int) -> None:
        if os.fstat(descriptor).st_ino == path.stat().st_ino:
            raise OSError(errno.EBADF, "Bad file descriptor")
        try_lock(descriptor)

    monkeypatch.setattr(_lock, "_try_lock", as_there)
    with writing(path):
        assert _lock.lock_path(path).exists()
        with pytest.raises(BusyError), writing(path):
            pytest.fail("two processes would write")
