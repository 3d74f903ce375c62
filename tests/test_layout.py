"""The shape of the package: which module may import which, what importing it costs, what it exports."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import relatedness

PACKAGE = Path(relatedness.__file__).parent
# Each imports only from those before it.
ORDER = [
    "errors",
    "stages",
    "cores",
    "workers",
    "config",
    "events",
    "pages",
    "posts",
    "feeds",
    "databases",
    "readers",
    "gazetteer",
    "topics",
    "lexicon",
    "names",
    "tagging",
    "learning",
    "entities",
    "inference",
    "vectors",
    "estimators",
    "scores",
    "kernel",
    "meaning",
    "topk",
    "related",
    "results",
    "overrides",
    "segments",
    "engine",
    "lock",
    "store",
    "archive",
    "filing",
    "build",
    "search",
    "listing",
    "report",
    "story",
    "refresh",
    "check",
    "frames",
    "export",
    "site",
    "render",
    "syndication",
    "manifest",
    "publish",
    "evaluate",
    "audit",
    "diff",
    "tune",
    "index",
    "plot",
    "serve",
    "cli",
]
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem not in {"__init__", "__main__"})


def test_every_module_has_its_place_in_the_order() -> None:
    assert sorted(ORDER) == MODULES


def test_every_module_is_on_the_map() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    assert sorted(name for row in rows for name in re.findall(r"`(\w+)`", row)) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_those_before_it(module: str) -> None:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    imported = set(_imports(tree))
    if module == "cli":
        imported.discard("relatedness")  # the user's own door
    imported.discard("relatedness.__version__")
    allowed = {f"relatedness.{name}" for name in ORDER[: ORDER.index(module)]}
    if module == "cli":
        allowed.add("relatedness.errors")
    assert imported <= allowed


def _imports(node: ast.AST) -> Iterator[str]:
    """The modules of this package that run-time code imports, wherever in the file."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from _imports(ast.Module(child.orelse, []))
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names if alias.name.split(".")[0] == "relatedness")
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports name their module in full"
            if child.module == "relatedness":
                yield from (f"relatedness.{alias.name}" for alias in child.names)
            elif child.module and child.module.startswith("relatedness."):
                yield child.module
        else:
            yield from _imports(child)


def test_the_reading_of_imports_sees_what_it_should() -> None:
    source = """
from typing import TYPE_CHECKING
import relatedness.events
if TYPE_CHECKING:
    from relatedness.cli import main
else:
    from relatedness.errors import InputError
def late():
    from relatedness import index, store
"""
    assert sorted(_imports(ast.parse(source))) == [
        "relatedness.errors",
        "relatedness.events",
        "relatedness.index",
        "relatedness.store",
    ]


def _loaded_by(code: str) -> set[str]:
    """The top-level modules that are loaded after running some code in a fresh process."""
    report = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    assert not done.stderr
    return set(done.stdout.split())


HEAVY = {
    "spacy",
    "numba",
    "llvmlite",
    "sqlite3",
    "sklearn",
    "scipy",
    "pandas",
    "pyarrow",
    "polars",
    "matplotlib",
    "networkx",
    "dask",
    "joblib",
    "sqlalchemy",
    "torch",
}


def test_importing_the_package_loads_nothing_heavy_and_prints_nothing() -> None:
    assert not _loaded_by("import relatedness") & (HEAVY | {"numpy", "click"})


def test_looking_at_the_package_loads_nothing_heavy() -> None:
    assert (
        not _loaded_by("import relatedness; dir(relatedness); relatedness.Config; relatedness.Event") & HEAVY
    )


def test_opening_an_index_needs_neither_compiler_nor_model(sample_file: Path) -> None:
    code = f"""
import relatedness
index = relatedness.RelatedIndex.open({str(sample_file)!r})
first = next(iter(index.events))
assert index.related(first) is not None and index.topics(first) is not None
"""
    assert not _loaded_by(code) & {"spacy", "numba", "llvmlite", "sklearn", "pandas", "joblib"}


def test_overrides_of_other_lists_leave_a_stored_list_as_light(sample_file: Path, tmp_path: Path) -> None:
    (tmp_path / "o.txt").write_text(
        "pin 2014-07-17-mh17-shot-down 2022-11-17-mh17-verdict\nban * 2014-07-21-mh17-resolution"
    )
    code = f"""
import relatedness
index = relatedness.RelatedIndex.open({str(sample_file)!r}, overrides={str(tmp_path / "o.txt")!r})
assert len(index.related("2017-07-10-mosul-victory")) == 5
"""
    assert not _loaded_by(code) & {"spacy", "numba", "llvmlite", "sklearn", "pandas", "joblib"}


def test_the_package_exports_at_most_a_dozen_names_each_documented() -> None:
    assert 0 < len(relatedness.__all__) <= 12
    assert sorted(relatedness.__all__) == relatedness.__all__
    for name in relatedness.__all__:
        value = getattr(relatedness, name)
        assert not inspect.ismodule(value), name
        assert inspect.getdoc(value), name
        assert (getattr(relatedness, name)) is value
    assert set(relatedness.__all__) <= set(dir(relatedness))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        relatedness.nothing  # noqa: B018


@pytest.mark.parametrize("module", MODULES)
def test_no_module_takes_the_place_of_an_exported_name(module: str) -> None:
    # Importing a submodule sets the package's attribute of that name: an exported function would be gone.
    assert module not in relatedness.__all__


def _public(owner: object, place: str) -> Iterator[tuple[str, object]]:
    for name, value in vars(owner).items():
        if name.startswith("_"):
            continue
        value = getattr(value, "__func__", value)
        if isinstance(value, property):
            value = value.fget
        if not (inspect.isfunction(value) or inspect.isclass(value)):
            continue
        if (getattr(value, "__module__", "") or "").startswith("relatedness") is False:
            continue
        if inspect.ismodule(owner) and value.__module__ != owner.__name__:
            continue
        yield f"{place}.{name}", value
        if inspect.isclass(value):
            yield from _public(value, f"{place}.{name}")


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_says_what_it_is(module: str) -> None:
    loaded = __import__(f"relatedness.{module}", fromlist=["_"])
    assert inspect.getdoc(loaded), "the module itself"
    undocumented = [place for place, value in _public(loaded, module) if not (value.__doc__ or "").strip()]
    assert not undocumented


def test_the_library_never_prints_and_sets_no_global_state() -> None:
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called != "print", path.name
                assert called not in {
                    "logging.basicConfig", "warnings.filterwarnings", "warnings.simplefilter", "random.seed",
                    "np.random.seed", "locale.setlocale", "os.chdir", "os.putenv",
                }, path.name  # fmt: skip
            assert "os.environ[" not in (ast.unparse(node) if isinstance(node, ast.Assign) else ""), path.name


def test_the_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").is_file()
