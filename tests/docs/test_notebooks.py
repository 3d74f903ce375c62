"""Every notebook runs from top to bottom, shows what it says it shows, and uses public names only."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

import relatedness

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))

sys.path.insert(0, str(NOTEBOOKS))
import run as runner  # noqa: E402


def code(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_they_are_numbered_without_a_gap() -> None:
    assert [path.name[:3] for path in PATHS] == [f"{n:02d}-" for n in range(1, len(PATHS) + 1)]
    assert len(PATHS) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_runs_and_shows_what_is_kept(path: Path) -> None:
    kept = runner.shown(nbformat.read(path, as_version=4))
    assert runner.shown(runner.executed(path)) == kept, (
        "bring it up to date: python notebooks/run.py --update"
    )


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_has_a_title_pictures_or_lists_and_is_small(path: Path) -> None:
    notebook: Any = nbformat.read(path, as_version=4)
    assert notebook.cells[0].source.startswith("# ")
    kinds = {
        kind
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for kind in output.get("data", {})
    }
    assert kinds & {"image/png", "text/html"}
    assert path.stat().st_size < 1_000_000
    assert all(output.output_type != "error" for cell in notebook.cells for output in cell.get("outputs", []))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_it_uses_public_names_only(path: Path) -> None:
    allowed = {"relatedness"} | {
        f"relatedness.{name}" for name in ("plot", "ranking", "sources", "errors", "quality")
    }
    for source in code(path):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("relatedness"):
                assert node.module in allowed
                if node.module == "relatedness":
                    assert {name.name for name in node.names} <= {*relatedness.__all__, "plot"}
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith("_"), node.attr
