"""Which lists changed: the command, and the file of a refresh that was killed before it could write it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import forks
import pytest

from relatedness import RelatedIndex
from relatedness.cli._changed import Telling
from relatedness.cli._shared import id_line, read_ids, write_lines

KILLED = """
import os, signal, sys
from relatedness.cli import _changed, main
_changed.Telling.tell = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
main(sys.argv[1:])
"""


def run(*arguments: object, code: str = "") -> tuple[int, str]:
    done = forks.run(*["-c", code] if code else [], *arguments)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def news_file(sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index file of a quarter of the sample archive and what it has on Mosul. Copy it before changing anything."""
    records = [json.loads(line) for line in sample_path.read_text(encoding="utf-8").splitlines()]
    path = tmp_path_factory.mktemp("news") / "news.index"
    RelatedIndex.build([r for n, r in enumerate(records) if n % 4 == 0 or "mosul" in r["id"]], path).close()
    return path


@pytest.fixture
def index(news_file: Path, tmp_path: Path) -> Path:
    """A copy of `news_file` that a test may change."""
    return Path(shutil.copy(news_file, tmp_path / "a.index"))


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.jsonl"
    path.write_text(
        json.dumps({"id": "new", "date": "2017-07-11", "text": "Mosul, Iraq: ISIL is gone."}) + "\n",
        encoding="utf-8",
    )
    return path


def test_ids_survive_a_kill_between_the_change_and_their_file(
    news_file: Path, index: Path, new: Path, tmp_path: Path
) -> None:
    other = shutil.copy(news_file, tmp_path / "b.index")
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
    assert f"state {told['state']}" in run("info", index)[1]
    code, errors = run("changed", index, "--since", 3)
    assert (code, "at generation 2" in errors) == (2, True)


def shown(index: Path) -> dict[object, list[tuple[object, ...]]]:
    """What readers see of each list: events, order, contexts and copies, without scores."""
    with RelatedIndex.open(index) as opened:
        k = opened.config.lists.stored
        return {id_: [(i.id, i.contexts, i.copies) for i in items] for id_, items in opened.lists(k)}


def test_lists_of_which_only_scores_changed_are_named_apart(index: Path, new: Path, tmp_path: Path) -> None:
    changed, scores = tmp_path / "ids.txt", tmp_path / "scores.txt"
    before = shown(index)
    code, said = run("refresh", index, new, "--changed", changed, "--changed-scores", scores)
    assert code == 0, said
    visible, apart = read_ids(changed), read_ids(scores)
    after = shown(index)
    assert visible == [id_ for id_ in after if after[id_] != before.get(id_)]
    assert apart and not set(apart) & set(visible)
    assert [id_ for id_ in after if id_ in {*visible, *apart}] == run("changed", index, "--since", 1)[
        1
    ].split()
    assert f"{len(visible) + len(apart)} lists changed, {len(apart)} of them in scores alone" in said


def test_what_a_killed_refresh_changed_is_never_called_a_score(
    index: Path, new: Path, tmp_path: Path
) -> None:
    changed, scores = tmp_path / "ids.txt", tmp_path / "scores.txt"
    before = shown(index)
    files = ("--changed", changed, "--changed-scores", scores)
    assert run("refresh", index, new, *files, code=KILLED)[0] == -9
    assert run("refresh", index, "--remove", "2017-07-10-mosul-victory", *files)[0] == 0
    after = shown(index)
    assert set(read_ids(changed)) >= {id_ for id_ in after if after[id_] != before.get(id_)}
    assert all(after[id_] == before[id_] for id_ in read_ids(scores))


BETWEEN = """
import sys
from relatedness import RelatedIndex
from relatedness.cli._changed import Telling
from relatedness.cli import _changed, main
begin = _changed.Telling.__init__
def begun(self, path, index, scores):
    begin(self, path, index, scores)
    with RelatedIndex.open(sys.argv[2]) as other:
        other.refresh(remove=["2017-07-10-mosul-victory"])
_changed.Telling.__init__ = begun
main(sys.argv[1:])
"""


def test_what_another_refresh_changed_in_between_is_never_called_a_score(
    index: Path, new: Path, tmp_path: Path
) -> None:
    changed, scores = tmp_path / "ids.txt", tmp_path / "scores.txt"
    before = shown(index)
    code, said = run("refresh", index, new, "--changed", changed, "--changed-scores", scores, code=BETWEEN)
    assert code == 0, said
    after = shown(index)
    assert "2017-07-10-mosul-victory" not in after and "new" in after
    assert set(read_ids(changed)) >= {id_ for id_ in after if after[id_] != before.get(id_)}
    assert read_ids(scores) == []


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
        assert (code, "is given for two outputs" in errors) == (2, True)
    assert not (tmp_path / "a.index").exists()


def test_removed_events_are_listed_behind_the_changed_lists(index: Path) -> None:
    with RelatedIndex.open(index) as opened:
        gone = next(iter(opened.events))
        changes = opened.refresh([], remove=[gone])
    assert changes.removed == (gone,)
    expected = [*map(str, changes.lists), str(gone)]
    assert run("changed", index, "--since", 1) == (0, "".join(f"{id_}\n" for id_ in expected))


def test_the_state_up_to_which_a_file_has_told_stands_beside_the_file_itself(
    news_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    link, fifo = tmp_path / "ids.txt", tmp_path / "pipe"
    link.symlink_to(tmp_path / "real" / "ids.txt")
    os.mkfifo(fifo)
    with RelatedIndex.open(news_file) as index:
        for path in (link, fifo):
            Telling(path, index)
        memory = tmp_path / "real" / ".ids.txt.generation"
        assert memory.read_text(encoding="utf-8") == f"{index.info['state']}\n"
        # Beside a pipe nothing is kept.
        assert {path.name for path in tmp_path.iterdir()} == {"real", "ids.txt", "pipe"}


def test_an_empty_state_is_an_unknown_one(news_file: Path, tmp_path: Path) -> None:
    memory = tmp_path / ".ids.txt.generation"
    memory.write_text("\n", encoding="utf-8")
    with RelatedIndex.open(news_file) as index:
        Telling(tmp_path / "ids.txt", index)
        assert memory.read_text(encoding="utf-8") == f"{index.info['state']}\n"
