"""Files that appear complete or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from relatedness import files

WRITER = """
import os, sys
from relatedness.files import replacing
with replacing(sys.argv[1]) as temporary:
    temporary.write_text("half")
    print("writing", flush=True)
    sys.stdin.readline()
"""


def test_a_file_appears_when_it_is_complete_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("old")
    path.chmod(0o640)
    with files.replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), files.replacing(path) as temporary:
        temporary.write_text("new")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_goes_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    path = tmp_path / "report [1].txt"
    first, second = (
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    )  # fmt: skip
    for process in (first, second):
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
    first.kill()
    first.communicate()
    assert len(list(tmp_path.iterdir())) == 2
    with files.replacing(path) as temporary:
        temporary.write_text("whole")
        assert len(list(tmp_path.iterdir())) == 2
    second.communicate("\n")
    assert path.read_text() == "half"
    assert list(tmp_path.iterdir()) == [path]


def test_writers_of_one_file_do_not_sweep_each_others_beginnings(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    program = "from relatedness.files import replacing\nimport sys\nfor n in range(300):\n    with replacing(sys.argv[1]) as part:\n        part.write_text('whole')"
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(path)], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [writer.communicate()[1] for writer in writers] == [""] * 3
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_symbolic_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    path, link = tmp_path / "there" / "report.txt", tmp_path / "link.txt"
    link.symlink_to(path)
    with files.replacing(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert path.read_text() == "new"


def test_a_device_is_written_directly() -> None:
    with files.replacing("/dev/null") as temporary:
        temporary.write_text("gone")
    assert Path("/dev/null").is_char_device()


def test_a_file_is_on_the_disk_before_it_is_in_its_place_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = tmp_path / "report.txt", []

    def sync(descriptor: int) -> None:
        inode = os.fstat(descriptor).st_ino
        synced.append(
            (inode == tmp_path.stat().st_ino, path.exists() and inode == path.stat().st_ino, path.exists())
        )

    monkeypatch.setattr(os, "fsync", sync)
    with files.replacing(path) as temporary:
        temporary.write_text("all of it")
    # After a power failure there is the old file or the whole new one.
    assert synced == [(False, False, False), (True, False, True)]


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    with pytest.raises(OSError, match="No space left") as caught, files.replacing(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.filename == str(path)
    for wrong in (tmp_path, tmp_path / "no" / "report.txt"):
        with pytest.raises(OSError, match=r"is a folder|does not exist") as caught, files.replacing(wrong):
            pass
        assert str(wrong).startswith(str(caught.value.filename))
    assert list(tmp_path.iterdir()) == []


def test_a_copy_is_whole_where_the_kernel_does_not_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(3 << 20))
    for refusal in (None, OSError(errno.EXDEV, "other file systems")):

        def refuse(*_: object, error: OSError | None = refusal) -> int:
            assert error is not None
            raise error

        if refusal is not None:
            monkeypatch.setattr(os, "copy_file_range", refuse)
        target.write_bytes(b"")
        files.copy(source, target)
        assert target.read_bytes() == source.read_bytes()
