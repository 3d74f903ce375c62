"""The shape of the package: which module may import which, what importing it costs, what it exports."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import relatedness

PACKAGE = Path(relatedness.__file__).parent
_CHECKOUT = Path(__file__).parents[1]

# From input to output: a module imports only from those above it, a package through its door alone. Within a package the
# modules stand in the same kind of order.
ORDER: dict[str, list[str]] = {
    "errors": [],
    "arguments": [],
    "shipped": [],
    "settings": [],
    "config": [],
    "dates": [],
    "events": [],
    "numbering": [],
    "files": [],
    "progress": [],
    "cores": [],
    "caching": [],
    "collector": [],
    "workers": [],
    "templates": [],
    "results": [],
    "languages": ["_lists", "_scripts", "_forms", "_plurals", "_compounds", "_detect", "_segments"],
    "sources": [
        "_words",
        "_names",
        "_encodings",
        "_file",
        "_report",
        "_side_rows",
        "_typed_values",
        "_named_rows",
        "_wikis",
        "_api_records",
        "_markup",
        "_date_words",
        "_date_numbers",
        "_date_calendars",
        "_date_forms",
        "_date_spellings",
        "_dates",
        "_hiding",
        "_settled_names",
        "_columns",
        "_mappings",
        "_headers",
        "_language_names",
        "_cells",
        "_telling_cells",
        "_evidence",
        "_csv",
        "_holders",
        "_yaml",
        "_json",
        "_tables",
        "_dumps",
        "_calendar",
        "_archive_pages",
        "_archive_writer",
        "_archive_reader",
        "_asciidoc",
        "_restructured",
        "_page_fields",
        "_front_matter",
        "_markdown",
        "_ignored",
        "_site_files",
        "_content_site",
        "_site_makers",
        "_sites",
        "_translations",
        "_dialects",
        "_stated",
        "_page_records",
        "_exports",
        "_schemas",
        "_vaults",
        "_posts",
        "_pages",
        "_feeds",
        "_xml_documents",
        "_xml",
        "_mail",
        "_bibliography",
        "_text_records",
        "_formats",
        "_wordpress",
        "_database",
        "_rejects",
        "_options",
        "_reading",
        "_locations",
        "_stream",
    ],
    "topics": [
        "_settings",
        "_word_lists",
        "_language",
        "_spelling",
        "_gazetteer_file",
        "_gazetteer",
        "_other_languages",
        "_topic",
        "_references",
        "_lexicon",
        "_lower_case",
        "_mention",
        "_known_names",
        "_displaced",
        "_unmoved",
        "_labels",
        "_headlines",
        "_module_paths",
        "_bodies",
        "_half_names",
        "_longer_names",
        "_institutions",
        "_shapes",
        "_chinese_rules",
        "_chinese",
        "_shaped",
        "_capital_names",
        "_japanese",
        "_persian",
        "_thai",
        "_german",
        "_arabic",
        "_hindi",
        "_korean",
        "_vietnamese",
        "_across_runs",
        "_plain_text",
        "_readings",
        "_identifiers",
        "_foreign_reader",
        "_reader",
        "_subjects",
        "_gathered",
        "_neighbours",
        "_happenings",
        "_meanings",
        "_fast_tagger",
        "_learn_names",
        "_spacy_tagger",
        "_story_topics",
    ],
    "ranking": [
        "_settings",
        "_tokens",
        "_codes",
        "_written",
        "_counts",
        "_survey",
        "_reason_words",
        "_shared_phrases",
        "_packed_terms",
        "_vocabulary",
        "_vectors",
        "_estimators",
        "_explanation",
        "_recency",
        "_rows",
        "_compiling",
        "_plain",
        "_choice",
        "_intrinsics",
        "_kernel",
        "_pair_kernel",
        "_common_subjects",
        "_common_phrases",
        "_threads",
        "_embeddings",
        "_topk",
        "_offer",
        "_calibrate",
        "_corpus",
        "_score",
        "_pairs",
        "_lists",
        "_noise",
        "_contexts",
    ],
    "engines": ["_segments", "_meetings", "_engine", "_work"],
    "storage": [
        "_lock",
        "_shapes",
        "_schema",
        "_catalogue",
        "_file",
        "_tables",
        "_arrays",
        "_store",
        "_numbers",
        "_partitioned",
    ],
    "index": [
        "_options",
        "_why_not",
        "_results",
        "_overrides",
        "_events",
        "_archive",
        "_records",
        "_tagging",
        "_resources",
        "_shared",
        "_statistics",
        "_lists",
        "_state",
        "_settings",
        "_partitions",
        "_build",
        "_job",
        "_stages",
        "_list_stages",
        "_distributed",
        "_vocabulary",
        "_reasons",
        "_trial",
        "_asked",
        "_filters",
        "_text_reader",
        "_search",
        "_listing",
        "_plan",
        "_additions",
        "_reach",
        "_refresh",
        "_change",
        "_view",
        "_story",
        "_fingerprints",
        "_story_basis",
        "_check",
    ],
    "quality": ["_settings", "_report", "_bootstrap", "_evaluate", "_pairs", "_audit", "_diff", "_tune"],
    "publish": [
        "_words",
        "_settings",
        "_paths",
        "_layout",
        "_forms",
        "_render",
        "_feeds",
        "_search",
        "_plan",
        "_folder",
        "_write",
    ],
    "export": ["_database", "_frames", "_files"],
    "related_index": [],
    "plot": ["_axes", "_bars", "_times", "_network", "_interactive"],
    "serve": ["_records", "_turns", "_served", "_server", "_http", "_pages", "_app"],
    "cli": [
        "_types",
        "_wrong",
        "_group",
        "_shared",
        "_options",
        "_asking",
        "_changed",
        "_building",
        "_completion",
        "_demo",
        "_quality",
        "_sites",
        "_texts",
        "_main",
    ],
}
MODULES = [
    module
    for name, inner in ORDER.items()
    for module in (f"relatedness.{name}", *(f"relatedness.{name}.{one}" for one in inner))
]
_LONGEST = 600  # lines: what a reader keeps in view
# Longer ones, each with the reason why it is one thing.
LONG = {
    "relatedness.related_index": "one class that users hold; most of it is docstrings with examples",
}


def _file(module: str) -> Path:
    path = PACKAGE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(_file(module).read_text(encoding="utf-8"))


def test_every_module_has_its_place_in_the_order() -> None:
    there = {
        ".".join(("relatedness", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for path in PACKAGE.rglob("*.py")
    }
    assert there - {"relatedness", "relatedness.__main__"} == set(MODULES)


def test_every_room_is_on_the_map() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"`(\w+)/?`", row)] == list(ORDER)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_those_above_it_and_through_doors(module: str) -> None:
    imported = set(_imports(_tree(module)))
    room = module.split(".")[1]
    above = list(ORDER)[: list(ORDER).index(room)]
    allowed = {f"relatedness.{name}" for name in above}
    if module.count(".") == 2:
        inner = ORDER[room]
        earlier = inner[: inner.index(module.split(".")[2])]
        allowed |= {f"relatedness.{room}.{name}" for name in earlier}
    imported.discard("relatedness.__version__")
    if room in {"plot", "serve", "cli"}:
        imported.discard("relatedness")  # the users' own door
    assert imported <= allowed


@pytest.mark.parametrize("room", [name for name, inner in ORDER.items() if inner])
def test_a_door_opens_and_the_rest_of_its_room_is_private(room: str) -> None:
    door = __import__(f"relatedness.{room}", fromlist=["_"])
    assert door.__all__
    for name in door.__all__:
        assert getattr(door, name) is not None
    assert all(path.name.startswith("_") for path in (PACKAGE / room).glob("*.py"))


def test_tests_and_benchmarks_take_what_a_door_offers_at_the_door() -> None:
    reached = []
    for path in [*_CHECKOUT.glob("tests/**/*.py"), *_CHECKOUT.glob("benchmarks/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if isinstance(node, ast.ImportFrom) and re.fullmatch(r"relatedness\.\w+\._\w+", module):
                door = import_module(module.rpartition(".")[0])
                reached += [(path.name, alias.name) for alias in node.names if alias.name in door.__all__]
    assert not reached


@pytest.mark.parametrize("module", MODULES)
def test_no_module_is_wider_than_a_reader_keeps_in_view(module: str) -> None:
    lines = len(_file(module).read_text(encoding="utf-8").splitlines())
    assert (lines > _LONGEST) == (module in LONG), f"{lines} lines"


_MOST_BY_POSITION = 6
# The compiled loops take arrays one by one, and so do the functions that stand in for them where they are not compiled.
_LOOPS = {
    "relatedness.ranking._kernel": "the compiled loops of the search",
    "relatedness.ranking._pair_kernel": "the compiled loops over pairs",
    "relatedness.ranking._choice": "compiled, or run as it stands",
    "relatedness.ranking._plain": "the same as the compiled loops, in NumPy",
    "relatedness.ranking._offer": "_meet is called in the place of _plain.offer",
}


@pytest.mark.parametrize("module", [module for module in MODULES if module not in _LOOPS])
def test_no_call_has_more_arguments_by_place_than_a_reader_can_tell_apart(module: str) -> None:
    wide = {}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
            if len(names) - (names[:1] in (["self"], ["cls"])) > _MOST_BY_POSITION:
                wide[node.name] = names
    assert not wide, "let the last of them be given by name only"
    calls = [node for node in ast.walk(_tree(module)) if isinstance(node, ast.Call)]
    told = {ast.unparse(call.func): call.lineno for call in calls if len(call.args) > _MOST_BY_POSITION}
    free = _names_of_loops() | _TAKE_ANY_NUMBER
    assert {name for name in told if name.rpartition(".")[2] not in free} == set(), "give them by name"


# Functions with *args.
_TAKE_ANY_NUMBER = {"Table", "_sound", "read_only"}


@cache
def _names_of_loops() -> set[str]:
    nodes = (node for module in _LOOPS for node in ast.walk(_tree(module)))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


def test_no_two_public_classes_share_a_name() -> None:
    homes: dict[str, set[str]] = {}
    for module in MODULES:
        for node in _tree(module).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, set()).add(module)
    assert not {name: where for name, where in homes.items() if len(where) > 1}


def _imports(node: ast.AST) -> Iterator[str]:
    """The modules of this package that run-time code imports, wherever in the file."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from _imports(ast.Module(child.orelse, []))
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names if alias.name.split(".")[0] == "relatedness")
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports name their module in full"
            package = (
                _file(child.module).name == "__init__.py"
                if (child.module or "").startswith("relatedness.")
                else False
            )
            if child.module == "relatedness":
                yield from (f"relatedness.{alias.name}" for alias in child.names)
            elif package:
                # ``from relatedness.ranking import _kernel`` imports the module, not a name from the door
                for alias in child.names:
                    yield f"{child.module}.{alias.name}" if alias.name.startswith("_") else str(child.module)
            elif child.module and child.module.startswith("relatedness."):
                yield child.module
        else:
            yield from _imports(child)


def test_the_reading_of_imports_sees_what_it_should() -> None:
    source = """
from typing import TYPE_CHECKING
import relatedness.events
from relatedness.ranking import _kernel, rank
from relatedness.storage._store import Store
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
        "relatedness.ranking",
        "relatedness.ranking._kernel",
        "relatedness.storage._store",
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
for id_ in (
    next(iter(index.events)),
    # Their contexts give the reason: several, or a single one that is no country.
    "1995-07-11-srebrenica", "2015-11-14-isil-claims-paris", "2015-12-12-paris-agreement",
):
    assert index.related(id_) and index.topics(id_) is not None
"""
    # Stored lists need no arrays either: half of the start of a process would be NumPy's.
    assert not _loaded_by(code) & {"spacy", "numba", "llvmlite", "sklearn", "pandas", "joblib", "numpy"}


def test_a_query_of_a_small_archive_needs_neither_compiler_nor_sparse_matrices(sample_file: Path) -> None:
    code = f"""
import relatedness
index = relatedness.RelatedIndex.open({str(sample_file)!r})
assert index.query("A court fines a carmaker over diesel emissions")
"""
    assert not _loaded_by(code) & {"spacy", "numba", "llvmlite", "sklearn", "scipy", "pandas", "joblib"}


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
    with pytest.raises(AttributeError, match="nothing"):
        relatedness.nothing  # noqa: B018


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
    loaded = __import__(module, fromlist=["_"])
    assert inspect.getdoc(loaded), "the module itself"
    # A method may have the docstring of the method that it overrides; a class has one of its own.
    undocumented = [
        place
        for place, value in _public(loaded, module)
        if not (value.__doc__ if inspect.isclass(value) else inspect.getdoc(value))
    ]
    assert not undocumented


def test_the_library_never_prints_and_sets_no_global_state() -> None:
    for path in PACKAGE.rglob("*.py"):
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


def test_the_command_line_prints_through_one_function() -> None:
    printing = {
        path.name
        for path in (PACKAGE / "cli").glob("*.py")
        if re.search(r"click\.s?echo\(|(?<![\w.])print\(", path.read_text(encoding="utf-8"))
    }
    assert printing <= {"_shared.py", "_completion.py"}
