"""The documentation site: it is built without a warning, what it says to type exists, and it leaves nothing out."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import click
import pytest

import relatedness
from relatedness.cli._group import commands

ROOT = Path(__file__).parents[2]
SITE = ROOT / "notebooks" / "site"
PAGES = [*sorted(SITE.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]

sys.path.insert(0, str(SITE))
import build as site  # noqa: E402


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert site.main([str(folder)]) == 0
    return folder


@pytest.mark.slow
def test_it_is_built_without_a_warning(out: Path) -> None:
    assert (out / "search" / "search_index.json").stat().st_size > 100_000
    for room, names in site.PUBLIC.items():
        page = (out / site._api(room)).with_suffix(".html").read_text(encoding="utf-8")
        for name in names:
            assert f'id="{room}.{name}"' in page, f"{room}.{name}"
            assert "relatedness._" not in page
    guide = (out / "how-to" / "application.html").read_text(encoding="utf-8")
    assert "class RelatedMixin(models.Model)" in re.sub("<[^>]*>", "", guide)
    for path in out.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(https?://[^"]*)"', text)
        assert not loaded, "nothing is loaded from elsewhere"
        assert 'name="viewport"' in text
        assert 'data-md-component="search"' in text or path.name == "404.html"


@pytest.fixture(scope="module")
def address(out: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(out))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.slow
@pytest.mark.browser
def test_the_search_box_finds_a_guide(browser: Any, address: str) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(f"{address}/index.html?q=pins%20bans")
    found = "return [...document.querySelectorAll('.md-search-result__link')].map(link => link.href)"
    links = WebDriverWait(browser, 60).until(lambda driver: driver.execute_script(found))
    assert any("how-to/pins.html" in link for link in links)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_the_screen_and_code_is_not_cut(browser: Any, address: str, out: Path, width: int) -> None:
    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for page in [*sorted(out.glob("*.html")), *sorted(out.glob("[hre]*/*.html"))]:
        browser.get(f"{address}/{page.relative_to(out)}")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, page.name
        cut = "return [...document.querySelectorAll('pre code')].filter(code => code.scrollWidth > code.clientWidth + 1).length"
        assert browser.execute_script(cut) == 0, page.name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("addition", "code"),
    [
        ("[somewhere](commands.md#build)", 0),
        ("[nowhere](nowhere.md)", 1),
        ("[no heading](commands.md#nowhere)", 1),
        ('```python\n--8<-- "nowhere.py"\n```', 1),
    ],
)
def test_a_warning_is_an_error(
    addition: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("relatedness", "notebooks", "benchmarks", "models"):
        kept = shutil.ignore_patterns("__pycache__", "*.json", "sources", "*.jsonl")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=kept)
    for page in ROOT.glob("*.md"):
        shutil.copy(page, tmp_path)
    monkeypatch.setattr(site, "ROOT", tmp_path)
    monkeypatch.setattr(site, "HERE", tmp_path / "notebooks" / "site")
    monkeypatch.setattr(site, "PUBLIC", {"relatedness.errors": ["RelatednessError"]})
    with (site.HERE / "reference" / "conventions.md").open("a", encoding="utf-8") as page:
        page.write(f"\n{addition}\n")
    assert site.main([str(tmp_path / "out")]) == code


def test_every_page_is_in_the_navigation() -> None:
    named = {f"{site.FOLDERS[kind]}/{name}.md" for kind, names in site.KINDS.items() for name in names}
    assert named | {"tutorial.md"} == {str(path.relative_to(SITE)) for path in SITE.rglob("*.md")}


def test_public_names_exist() -> None:
    for room, names in site.PUBLIC.items():
        for name in names:
            assert hasattr(import_module(room), name), f"{room}.{name}"
    assert site.PUBLIC["relatedness"] and set(site.PUBLIC["relatedness"]) == set(relatedness.__all__)
    errors = {
        name for name, value in vars(import_module("relatedness.errors")).items() if isinstance(value, type)
    }
    assert {name for name in errors if name.endswith(("Error", "Warning"))} == set(
        site.PUBLIC["relatedness.errors"]
    )


# What no short example shows.
_WITHOUT_EXAMPLE = {
    "relatedness.serve.run": "it serves until the process is told to stop",
}


def test_every_public_name_and_method_has_an_example_that_runs() -> None:
    public = {
        f"{room}.{name}": value
        for room, names in site.PUBLIC.items()
        for name in names
        if isinstance(value := getattr(import_module(room), name), type) or callable(value)
    } | dict(_public_functions())
    bare = {name for name, value in public.items() if ">>> " not in (inspect.getdoc(value) or "")}
    assert bare == set(_WITHOUT_EXAMPLE) | {"relatedness.ranking.Encoder"}  # a type alias


_PACKAGE = Path(relatedness.__file__).parent
# The names at doors that only this package uses and that no short example shows.
_INSIDE_WITHOUT_EXAMPLE = {
    "relatedness.cli.main": "it ends the process",
    "relatedness.index.build_on": "a build in stages takes seconds",
    "relatedness.languages.tagged_words": "the answer depends on packages that need not be installed",
    "relatedness.quality.tune": "it builds indexes again and again; RelatedIndex.tune shows it",
    "relatedness.ranking.expect_much_work": "it changes how the rest of the process computes",
    "relatedness.serve.run": _WITHOUT_EXAMPLE["relatedness.serve.run"],
    "relatedness.workers.leave_with": "it ends the process",
    "relatedness.topics.context_topics": "spaCy asks for it by this name; ContextTopics shows it",
}


def test_every_name_at_a_door_or_on_the_ground_floor_has_an_example_that_runs() -> None:
    doors = [import_module(f"relatedness.{path.parent.name}") for path in _PACKAGE.glob("*/__init__.pyi")]
    named = {f"{door.__name__}.{name}": getattr(door, name) for door in doors for name in door.__all__}
    for module in (import_module(f"relatedness.{path.stem}") for path in _PACKAGE.glob("[a-z]*.py")):
        own = {name: value for name, value in vars(module).items() if not name.startswith("_")}
        named |= {
            f"{module.__name__}.{name}": value
            for name, value in own.items()
            if getattr(value, "__module__", "") == module.__name__
        }
    bare = {
        name
        for name, value in named.items()
        # Cached functions have to be unwrapped; a type alias has the docstring of another class.
        if isinstance(value, type) or inspect.isfunction(inspect.unwrap(value))
        if ">>> " not in (value.__doc__ or "")
    }
    assert named and bare == set(_INSIDE_WITHOUT_EXAMPLE)


def _public_functions() -> Iterator[tuple[str, Callable[..., object]]]:
    """The public functions, and the public methods of public classes."""
    for room, names in site.PUBLIC.items():
        for name in names:
            value = getattr(import_module(room), name)
            members = vars(value).items() if isinstance(value, type) else [("", value)]
            for member, given in members:
                function = getattr(given, "__func__", given)
                if inspect.isfunction(function) and not member.startswith("_"):
                    yield f"{room}.{name}.{member}".removesuffix("."), function


_SECTION = re.compile(r"^(Parameters|Returns|Yields|Raises|Examples|Notes)\n-+\n", re.MULTILINE)


@pytest.mark.parametrize(("name", "function"), [*_public_functions()])
def test_what_a_public_function_takes_gives_and_raises_is_told(
    name: str, function: Callable[..., object]
) -> None:
    text, *rest = _SECTION.split(inspect.getdoc(function) or "")
    told = dict(zip(rest[::2], rest[1::2], strict=True))
    signature = inspect.signature(function)
    taken = [one for one in signature.parameters if one not in ("self", "cls")]
    heads = re.findall(r"^([*\w].*?)(?: : .*)?$", told.get("Parameters", ""), re.MULTILINE)
    assert text and sorted(re.findall(r"\w+", " ".join(heads))) == sorted(taken)
    assert {"Returns", "Yields"} & told.keys() or signature.return_annotation in (None, "None")
    raised = any(isinstance(node, ast.Raise) and node.exc for node in ast.walk(_body(function)))
    assert "Raises" in told or not raised


def _body(function: Callable[..., object]) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def test_whatever_users_meet_is_in_the_reference() -> None:
    public = {name for names in site.PUBLIC.values() for name in names}
    tree = ast.parse((ROOT / "relatedness" / "related_index.py").read_text(encoding="utf-8"))
    rooms = {"sources", "topics", "ranking", "engines", "index", "quality", "publish", "export"}
    ours = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").removeprefix("relatedness.") in rooms
        for alias in node.names
        if alias.name[0].isupper() and not alias.name.isupper()
    }
    index = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "RelatedIndex")
    for method in index.body:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
            hints = [
                method.returns,
                *(node.annotation for node in ast.walk(method) if isinstance(node, ast.arg)),
            ]
            met = {name.id for hint in hints if hint for name in ast.walk(hint) if isinstance(name, ast.Name)}
            aliases = {
                "ListKeywords",
                "MatrixName",
                "RecencyLike",
                "TableName",
                "What",
            }  # spelled out in the signatures
            assert met & ours <= public | aliases, f"RelatedIndex.{method.name}"


@pytest.mark.parametrize(
    "path", [*PAGES, *sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))], ids=lambda path: path.name
)
def test_pages_and_notebooks_import_public_names(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for room, names in re.findall(r"^\W*from (relatedness[\w.]*) import ([\w, ]+)", text, re.MULTILINE):
        for name in names.strip(", ").split(", "):
            known = site.PUBLIC.get(room, [])
            assert name in known or f"{room}.{name}" in site.PUBLIC, f"{room}.{name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_shown_exist_with_their_options(page: Path) -> None:
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    calls = [
        line.strip()
        for block in re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
        if re.match(r"(\$ )?relatedness ", line.strip())
    ]
    calls += re.findall(r"`(relatedness [^`]+)`", text)
    for call in calls:
        words = re.split(r"[|#&]", call.removeprefix("$ "))[0].split()[1:]
        if words[0].isupper() or words[0] == "[OPTIONS]":
            continue
        assert words[0] in commands.every(), call
        known = {
            option
            for item in commands.every()[words[0]].params
            if isinstance(item, click.Option)
            for option in item.opts
        } | {"--help"}
        assert {word for word in words[1:] if re.match(r"--?[a-z]", word)} <= known, call
