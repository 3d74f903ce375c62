"""The lock of a writer: whoever holds a file that was taken away holds nothing."""

from __future__ import annotations

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
