"""Builds the documentation site: ``python notebooks/site/build.py FOLDER``.

The pages are gathered in a temporary folder: README, CHANGELOG, CONTRIBUTING and the benchmarks' README as they stand, the
pages beside this script, the notebooks with their outputs, and a page of reference for each public module, made from its
docstrings. Nothing of it is kept twice in the tree. Every warning is an error.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
import yaml
from nbconvert import MarkdownExporter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# Files of the tree that are pages of the site.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks.md",
}
GUIDES = {
    "application.md": "In an application",
    "batch.md": "As a batch job",
    "notebook.md": "In a notebook",
    "conventions.md": "Conventions",
}
# What users import from; the rest is how it works inside.
MODULES = (
    "related_index",
    "events",
    "config",
    "sources",
    "topics",
    "ranking",
    "engines",
    "index",
    "quality",
    "publish",
    "export",
    "plot",
    "serve",
    "progress",
    "errors",
)
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]*)(#[^)\s]*)?\)")


def gather(folder: Path) -> dict[str, object]:
    """Put all pages into a folder; returns the settings of the site."""
    for source, page in PAGES.items():
        path = ROOT / source
        _write(folder / page, _relinked(path.read_text(encoding="utf-8"), path.parent, folder))
    for page in GUIDES:
        _write(folder / page, (HERE / page).read_text(encoding="utf-8"))
    books = [_notebook(path, folder) for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))]
    for module in MODULES:
        _write(folder / f"api/{module}.md", _reference(module))
    settings: dict[str, object] = yaml.safe_load((HERE / "mkdocs.yml").read_text(encoding="utf-8"))
    settings["nav"] = [
        {"Overview": "index.md"},
        {"How to": [{title: page} for page, title in GUIDES.items()]},
        {"Notebooks": [{title: page} for title, page in books]},
        {"Reference": [{f"relatedness.{module}": f"api/{module}.md"} for module in MODULES]},
        {
            "Project": [
                {"Benchmarks": "benchmarks.md"},
                {"Changes": "changelog.md"},
                {"Contributing": "contributing.md"},
            ]
        },
    ]
    return settings


def _reference(module: str) -> str:
    """The page of a module, or of a package: its docstring, and what its door exports."""
    heading = f"# relatedness.{module}\n\n"
    options = "    options: {show_root_heading: false}\n"
    door = ROOT / "relatedness" / module / "__init__.pyi"
    if not door.is_file():
        return f"{heading}::: relatedness.{module}\n{options}"
    exported = [
        f"relatedness.{module}.{node.module}.{name.name}"
        for node in ast.parse(door.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if not name.name.isupper()
    ]
    docstring = ast.get_docstring(ast.parse(door.with_suffix(".py").read_text(encoding="utf-8")))
    return f"{heading}{docstring}\n\n" + "".join(f"::: {name}\n" for name in sorted(exported))


def _relinked(text: str, base: Path, folder: Path) -> str:
    """Links to files of the tree become links to pages of the site; those to what is no page become their text."""

    def replaced(link: re.Match[str]) -> str:
        picture, label, path, anchor = link[1], link[2], link[3], link[4] or ""
        if not path or "://" in path:
            return link[0]
        target = (base / path).resolve()
        name = str(target.relative_to(ROOT))
        if picture:
            _write(folder / "pictures" / target.name, target.read_bytes())
            return f"![{label}](pictures/{target.name})"
        page = PAGES.get(name) or PAGES.get(f"{name}/README.md")
        room = re.match(r"relatedness/(\w+)", name)
        if room and room[1] in MODULES:
            page = f"api/{room[1]}.md"
        return f"[{label}]({page}{anchor})" if page else f"{label} (`{name}` in the tree)"

    # What stands between fences is no link.
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if place % 2 else _LINK.sub(replaced, part) for place, part in enumerate(parts))


def _notebook(path: Path, folder: Path) -> tuple[str, str]:
    notebook = nbformat.read(path, as_version=4)
    title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
    text, resources = MarkdownExporter().from_notebook_node(
        notebook, resources={"output_files_dir": path.stem, "unique_key": path.stem}
    )
    for name, data in resources["outputs"].items():
        _write(folder / "notebooks" / name, data)
    _write(folder / "notebooks" / f"{path.stem}.md", text)
    return title, f"notebooks/{path.stem}.md"


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def public_modules() -> set[str]:
    """The modules that must be in the reference.

    Those that `relatedness` takes its names from, those that a page or notebook imports from, and those whose classes
    the methods of `RelatedIndex` take and give.
    """
    package = ROOT / "relatedness"
    found = set(_imported(ast.parse((package / "__init__.pyi").read_text(encoding="utf-8"))).values())
    shown = [*(ROOT / page for page in PAGES), *HERE.glob("*.md"), *(ROOT / "notebooks").glob("[0-9]*.ipynb")]
    for path in shown:
        found.update(re.findall(r"from relatedness\.(\w+) import", path.read_text(encoding="utf-8")))
    tree = ast.parse((package / "related_index.py").read_text(encoding="utf-8"))
    home = _imported(tree)
    index = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "RelatedIndex")
    for method in index.body:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
            hints = [
                method.returns,
                *(one.annotation for one in ast.walk(method) if isinstance(one, ast.arg)),
            ]
            names = {
                name.id for hint in hints if hint for name in ast.walk(hint) if isinstance(name, ast.Name)
            }
            found.update(home[name] for name in names & home.keys())
    return found


def _imported(tree: ast.Module) -> dict[str, str]:
    """Each name that a file takes from a module of the package, with that module."""
    return {
        name.name: (node.module or "").removeprefix("relatedness.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("relatedness."))
        for name in node.names
    }


def main(arguments: Sequence[str]) -> int:
    """Build the site into a folder."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    missing = public_modules() - set(MODULES)
    if missing:
        print(f"not in the reference: {', '.join(sorted(missing))}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="relatedness-site-") as temporary:
        folder = Path(temporary)
        settings = gather(folder / "docs")
        settings["docs_dir"] = str(folder / "docs")
        _write(folder / "mkdocs.yml", yaml.safe_dump(settings, sort_keys=False))
        # Not --quiet: a warning that is not said does not count as one.
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        command += [
            "--config-file",
            str(folder / "mkdocs.yml"),
            "--site-dir",
            str(Path(arguments[0]).resolve()),
        ]
        done = subprocess.run(
            command, cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            print(done.stdout, file=sys.stderr)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
