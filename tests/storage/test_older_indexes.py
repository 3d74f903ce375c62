"""Index files of every format there was: each opens, or names the command that builds it again."""

from __future__ import annotations

import lzma
from pathlib import Path

import forks
import pytest

from relatedness import RelatedIndex
from relatedness.errors import IndexFormatError
from relatedness.storage import FORMAT

# Each file was written by a version of its format: ``relatedness build events.jsonl -o format-N.index``. A format that
# is left for another keeps its file here.
INDEXES = Path(__file__).parents[1] / "data" / "indexes"
OLDER = range(1, FORMAT)


def _index(number: int, folder: Path) -> Path:
    path = folder / f"format-{number}.index"
    path.write_bytes(lzma.decompress((INDEXES / f"{path.name}.xz").read_bytes()))
    return path


@pytest.mark.parametrize("number", OLDER)
def test_an_index_of_an_older_format_is_refused_with_the_command_that_builds_it_again(
    number: int, tmp_path: Path
) -> None:
    path = _index(number, tmp_path)
    with pytest.raises(IndexFormatError) as refused:
        RelatedIndex.open(path)
    assert f"has format {number}, this version reads format {FORMAT}" in str(refused.value)
    assert f"relatedness build EVENTS -o {path}" in str(refused.value)


def test_every_command_refuses_an_older_index_alike_and_a_build_replaces_it(tmp_path: Path) -> None:
    path = _index(OLDER[-1], tmp_path)
    before = path.read_bytes()
    for command in (
        ["related", path, "a"],
        ["check", path],
        ["refresh", path, INDEXES / "events.jsonl"],
        ["export", path, "-o", tmp_path / "out.jsonl"],
    ):
        done = forks.run(*command)
        assert done.returncode == 4, done.stderr
        assert f"relatedness build EVENTS -o {path}" in done.stderr
        assert path.read_bytes() == before
    assert forks.run("build", INDEXES / "events.jsonl", "-o", path).returncode == 0
    with RelatedIndex.open(path) as index:
        assert index.related("a").ids[:1] == ("b",)


def test_an_index_of_this_format_opens_wherever_it_was_written(tmp_path: Path) -> None:
    with RelatedIndex.open(_index(FORMAT, tmp_path)) as index:
        assert {"b", "c", "d"} == set(index.related("a").ids)
        assert index.check() == []
