"""Run the notebooks from top to bottom; with ``--update``, keep what they show.

    python notebooks/run.py                                            # list those out of date; exit code 1
    python notebooks/run.py --update                                   # bring all up to date
    python notebooks/run.py --update notebooks/01-first-lists.ipynb    # bring one up to date

A notebook is fresh when its texts and tables are what a run gives and it has a picture where a run gives one. Pictures
themselves are not compared, for another version of matplotlib draws other bytes, but an update keeps the new ones.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parent
_SECONDS = 300
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_MEASURED = re.compile(r"\d[\d.,]*(?= (?:ms|s|MB)\b)")


def executed(path: Path) -> Any:
    """A notebook as it is after a run from top to bottom in a fresh process.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    nbclient.exceptions.CellTimeoutError
        If one takes longer than five minutes, on however slow a machine.
    """
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=_SECONDS, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    for cell in notebook.cells:
        cell.metadata.clear()
        for output in cell.get("outputs", []):
            # The repr of an object with an address of its own would be new at every run.
            if output.get("data", {}).keys() > {"text/plain"}:
                del output.data["text/plain"]
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return notebook


def shown(notebook: Any) -> list[list[dict[str, str]]]:
    """What each cell shows, without what differs from run to run."""
    return [[_comparable(output) for output in cell.get("outputs", [])] for cell in notebook.cells]


def _comparable(output: Any) -> dict[str, str]:
    if output.output_type == "stream":
        return {"text": _steady(output.text)}
    # The text beside a picture or table is its repr, which need not be steady.
    rich = {kind: value for kind, value in output.data.items() if kind != "text/plain"} or output.data
    return {
        kind: "a picture" if kind.startswith("image/") else _steady("".join(value))
        for kind, value in rich.items()
    }


def _steady(text: str) -> str:
    return _MEASURED.sub("…", _ADDRESS.sub("0x…", text))


def main(arguments: Sequence[str]) -> int:
    """Check the notebooks or bring them up to date."""
    update = "--update" in arguments
    paths = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    chosen = [Path(name).resolve() for name in arguments if name != "--update"] or paths
    if not set(chosen) <= set(paths):
        print(__doc__, file=sys.stderr)
        return 2
    stale = 0
    for path in chosen:
        fresh, kept = executed(path), nbformat.read(path, as_version=4)
        if shown(fresh) == shown(kept) and not (update and fresh.cells != kept.cells):
            print(f"{path.name}: fresh")
            continue
        print(f"{path.name}: {'updated' if update else 'out of date'}")
        stale += 1
        if update:
            nbformat.write(fresh, path)
    return 0 if update else int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
