"""Clicks and pairs as judgments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from relatedness import RelatedIndex
from relatedness.cli._group import commands
from relatedness.cli._quality import _print_beside
from relatedness.errors import InputError
from relatedness.quality import Example, read_pairs


def read(tmp_path: Path, text: str) -> dict[str, dict[str, int]]:
    (tmp_path / "pairs.csv").write_bytes(text.encode())
    return read_pairs(tmp_path / "pairs.csv")


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("a,b,1\n", {"a": {"b": 1}}),
        ("\ufeffevent,related,weight\r\na,b,3\r\n\r\na,c,0\r\n", {"a": {"b": 2, "c": 0}}),
        ("Weight,Event,Related\n0.2,a,b\n", {"a": {"b": 1}}),
        ("event,related\na,b\na,b\na,b\nb,a\n", {"a": {"b": 2}, "b": {"a": 1}}),
        ('"a,1",b,100\n', {"a,1": {"b": 7}}),
        ("a,b\nevent,related\n", {"a": {"b": 1}, "event": {"related": 1}}),  # ids, below the first line
        ("", {}),
    ],
)
def test_weights_of_a_pair_add_up_and_become_grades(
    tmp_path: Path, text: str, judged: dict[str, dict[str, int]]
) -> None:
    assert read(tmp_path, text) == judged


@pytest.mark.parametrize("row", ["a,b,-1", "a,b,nan", "a,b,much", "a", "a,,1", "a,b,1,2", "a,b,inf"])
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, row: str) -> None:
    with pytest.raises(InputError) as told:
        read(tmp_path, f"a,b,1\n{row}\n")
    assert told.value.line == 2 and str(tmp_path) in str(told.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_pairs(tmp_path / "none.csv")


def test_the_command_measures_by_pairs(sample_index: RelatedIndex, sample_file: Path, tmp_path: Path) -> None:
    first, *_ = (id_ for id_, found in sample_index.lists(5) if len(found) == 5)
    ids = sample_index.related(first).ids
    (tmp_path / "clicks.csv").write_text("".join(f"{first},{id_},{9 - 2 * n}\n" for n, id_ in enumerate(ids)))
    arguments = ["evaluate", str(sample_file), "--pairs", str(tmp_path / "clicks.csv"), "-k", "5", "--json"]
    done = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    record = json.loads(done.output)
    assert record["judged"] == 1
    assert "1.0" in json.dumps(record)


def test_lists_before_and_after_stand_side_by_side(
    sample_index: RelatedIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = list(sample_index)[:3]
    _print_beside(sample_index, Example(first, (first, second), (second, third, first), 0.25))
    head, *rows = capsys.readouterr().out.strip().splitlines()
    assert "(nDCG +0.250)" in head and len(rows) == 3
    assert [row.partition("|")[2].strip().startswith("*") for row in rows] == [False, True, False]
    assert not any(row.startswith("*") for row in rows)
    assert rows[2].startswith(" ") and rows[2].partition("|")[0].strip() == ""
