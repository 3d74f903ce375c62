"""Which lists changed: the command, and the file of a refresh that was killed before it could write it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from relatedness.cli._shared import id_line, read_ids, write_lines

KILLED = """
import os, signal, sys
from relatedness.cli import _changed, main
_changed.Telling.tell = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
main(sys.argv[1:])
"""


def run(*arguments: object, code: str = "from relatedness.cli import main; main()") -> tuple[int, str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.jsonl"
    path.write_text(
        json.dumps({"id": "new", "date": "2017-07-11", "text": "Mosul, Iraq: ISIL is gone."}) + "\n",
        encoding="utf-8",
    )
    return path


def test_ids_survive_a_kill_between_the_change_and_their_file(
    sample_file: Path, new: Path, tmp_path: Path
) -> None:
    index, other = tmp_path / "a.index", tmp_path / "b.index"
    for path in (index, other):
        shutil.copy(sample_file, path)
    assert run("refresh", other, new, "--changed", tmp_path / "right.txt")[0] == 0
    right = (tmp_path / "right.txt").read_text(encoding="utf-8")
    assert "new\n" in right
    assert run("refresh", index, new, "--changed", tmp_path / "ids.txt", code=KILLED)[0] == -9
    assert not (tmp_path / "ids.txt").exists()
    assert run("refresh", index, new, "--changed", tmp_path / "ids.txt")[0] == 0
    assert (tmp_path / "ids.txt").read_text(encoding="utf-8") == right
    assert run("changed", index, "--since", 1) == (0, right)
    # What was told is not told again.
    assert run("refresh", index, new, "--changed", tmp_path / "ids.txt")[0] == 0
    assert (tmp_path / "ids.txt").read_text(encoding="utf-8") == ""
    told = json.loads(run("changed", index, "--since", 2, "--json")[1])
    assert run("changed", index, "--since", told["state"]) == (0, "")
    assert (told["generation"], told["lists_changed"], told["removed"]) == (2, [], [])
    code, errors = run("changed", index, "--since", 3)
    assert (code, "at generation 2" in errors) == (2, True)


def test_ids_of_any_text_come_back_from_a_file_of_ids(tmp_path: Path) -> None:
    ids = [
        "plain",
        "two\nlines",
        "ends\r",
        '"quoted"',
        '"',
        " blanks ",
        "\ufeffmark",
        "\x1b[2J",
        "\u2028",
        "München 1",
    ]
    write_lines(tmp_path / "ids.txt", map(id_line, ids))
    assert read_ids(tmp_path / "ids.txt") == ids
    lines = (tmp_path / "ids.txt").read_text(encoding="utf-8").split("\n")
    assert (lines[0], lines[1], lines[9], len(lines)) == ("plain", '"two\\nlines"', "München 1", 11)
    assert "\x1b" not in "".join(lines)
    (tmp_path / "ids.txt").write_text('"not JSON\r\n\n17\n', encoding="utf-8")
    assert read_ids(tmp_path / "ids.txt") == ['"not JSON', "17"]


def test_one_file_for_two_outputs_is_refused(sample_path: Path, tmp_path: Path) -> None:
    (tmp_path / "link.index").symlink_to("a.index")
    for other in ("a.index", "../" + tmp_path.name + "/a.index", "link.index"):
        code, errors = run("build", sample_path, "-o", tmp_path / "a.index", "--rejects", tmp_path / other)
        assert (code, "is named for two outputs" in errors) == (2, True)
    assert not (tmp_path / "a.index").exists()
