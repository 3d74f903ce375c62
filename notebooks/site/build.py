"""Build the documentation site: ``python notebooks/site/build.py FOLDER``.

The pages are gathered in a temporary folder: those beside this script, README, CHANGELOG, CONTRIBUTING, the benchmarks'
README and the cards of the models as they stand, the notebooks with their outputs, and a page of reference for each room,
made from the docstrings of its public names. Nothing is kept twice in the tree. Every warning is an error.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
import yaml
from nbconvert import MarkdownExporter
from reference import PUBLIC

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# Files of the tree that are pages of the site.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks.md",
    **{f"models/{card.name}": f"models/{card.name}" for card in sorted((ROOT / "models").glob("*.md"))},
}
# The pages beside this script, by kind, in the order in which a reader meets them.
KINDS = {
    "How to": [
        "install",
        "news-site",
        "blog",
        "incident-log",
        "advisories",
        "application",
        "batch-job",
        "shell",
        "database",
        "http-service",
        "publish",
        "notebook",
        "cluster",
        "pins",
        "own-topics",
        "own-judgments",
        "quality",
        "other-language",
    ],
    "Reference": ["commands", "settings", "files", "python", "http", "conventions"],
    "Explanation": ["score", "exactness", "refresh", "comparison", "limits"],
}
FOLDERS = {"How to": "how-to", "Reference": "reference", "Explanation": "explanation"}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]*)(#[^)\s]*)?\)")


def gather(folder: Path) -> dict[str, object]:
    """Put all pages into a folder; returns the settings of the site."""
    sources = {ROOT / name: page for name, page in PAGES.items()}
    sources |= {path: str(path.relative_to(HERE)) for path in HERE.rglob("*.md")}
    books = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    links = {**sources, **{path: f"notebooks/{path.stem}.md" for path in books}}
    for path, page in sources.items():
        _write(folder / page, _relinked(path.read_text(encoding="utf-8"), path, page, links, folder))
    titles = [(_notebook(path, folder), links[path]) for path in books]
    for room, names in PUBLIC.items():
        _write(folder / _api(room), _reference(room, names))
    for path in HERE.glob("*.css"):
        _write(folder / path.name, path.read_bytes())
    settings: dict[str, object] = yaml.safe_load((HERE / "mkdocs.yml").read_text(encoding="utf-8"))
    kinds = {kind: [f"{FOLDERS[kind]}/{name}.md" for name in names] for kind, names in KINDS.items()}
    settings["nav"] = [
        {"Overview": "index.md"},
        {"Tutorial": "tutorial.md"},
        {"How to": kinds["How to"]},
        {"Notebooks": [{title: page} for title, page in titles]},
        {"Reference": [*kinds["Reference"], {"Python by room": [{room: _api(room)} for room in PUBLIC]}]},
        {"Explanation": kinds["Explanation"]},
        {
            "Project": [
                {"Benchmarks": "benchmarks.md"},
                {"Models and data": sorted(page for page in PAGES.values() if page.startswith("models/"))},
                {"Changes": "changelog.md"},
                {"Contributing": "contributing.md"},
            ]
        },
    ]
    return settings


def _api(room: str) -> str:
    return f"api/{room.rpartition('.')[2]}.md"


def _reference(room: str, names: Sequence[str]) -> str:
    """The page of a room: its docstring, then its public names as users import them."""
    path = ROOT.joinpath(*room.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    table = "".join(f"- [`{name}`](#{room}.{name})\n" for name in names)
    return f"# {room}\n\n{docstring}\n\n{table}\n" + "".join(f"::: {room}.{name}\n\n" for name in names)


def _relinked(text: str, path: Path, page: str, pages: dict[Path, str], folder: Path) -> str:
    """The text of a page with its links leading to pages of the site; links to other files become their text."""
    here = os.path.dirname(page)

    def replaced(link: re.Match[str]) -> str:
        picture, label, address, anchor = link[1], link[2], link[3], link[4] or ""
        if not address or "://" in address:
            return link[0]
        target = (path.parent / address).resolve()
        if picture:
            _write(folder / "pictures" / target.name, target.read_bytes())
            return f"![{label}]({os.path.relpath(f'pictures/{target.name}', here or '.')})"
        known = pages.get(target) or pages.get(target / "README.md")
        if known is None and target.is_relative_to(ROOT) and not target.is_relative_to(HERE):
            name = str(target.relative_to(ROOT))
            return f"`{name}`" if label == name else f"{label} (`{name}`)"
        return f"[{label}]({os.path.relpath(known, here or '.') if known else address}{anchor})"

    # What stands between fences is no link.
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if place % 2 else _LINK.sub(replaced, part) for place, part in enumerate(parts))


def _notebook(path: Path, folder: Path) -> str:
    """Write the page of a notebook; returns its title."""
    notebook = nbformat.read(path, as_version=4)
    text, resources = MarkdownExporter().from_notebook_node(
        notebook, resources={"output_files_dir": path.stem, "unique_key": path.stem}
    )
    for name, data in resources["outputs"].items():
        _write(folder / "notebooks" / name, data)
    _write(folder / "notebooks" / f"{path.stem}.md", text)
    return str(notebook.cells[0].source.splitlines()[0].removeprefix("# "))


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def main(arguments: Sequence[str]) -> int:
    """Build the site into a folder."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="relatedness-site-") as temporary:
        folder = Path(temporary)
        settings = gather(folder / "docs")
        settings["docs_dir"] = str(folder / "docs")
        _write(folder / "mkdocs.yml", yaml.safe_dump(settings, sort_keys=False))
        # Not --quiet: a warning that is not said does not count as one.
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        command += ["--config-file", str(folder / "mkdocs.yml")]
        command += ["--site-dir", str(Path(arguments[0]).resolve())]
        done = subprocess.run(
            command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            print(done.stdout, file=sys.stderr)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
