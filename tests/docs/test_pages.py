"""The documentation tells the truth: its commands run and print what it shows, and no command or option is missing."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pages
import pytest

import relatedness
from relatedness.cli._group import commands

# The page that runs in `make test`; the others take longer and run in CI.
FAST = "README.md"
README = (pages.ROOT / "README.md").read_text(encoding="utf-8")
UPDATE = "bring the page up to date: python tests/pages.py --update"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages.prepare(tmp_path_factory.mktemp("pages") / "sample")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.name, marks=[] if path.name == FAST else pytest.mark.slow)
        for path in pages.PAGES
        if pages.pieces(path.read_text(encoding="utf-8"))
    ],
)
def test_a_page_prints_what_it_shows(path: Path, sample: Path, tmp_path: Path) -> None:
    steps = pages.pieces(path.read_text(encoding="utf-8"))
    assert pages.stale(steps, pages.run(steps, tmp_path / "page", sample)) == [], UPDATE


@pytest.mark.parametrize("path", pages.PAGES, ids=lambda path: path.name)
def test_what_a_page_takes_from_the_code_is_up_to_date(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert pages.made(page) == page, UPDATE


def test_the_readme_fits_two_screens() -> None:
    assert len(README.splitlines()) <= 200


def test_every_command_and_every_option_is_documented_and_no_others() -> None:
    page = (pages.SITE / "reference" / "commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## ([\w-]+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    documented = {
        name: {
            option
            for row in re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
            for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row)
        }
        for name, section in sections.items()
    }
    existing = {
        name: {
            option
            for item in command.params
            if isinstance(item, click.Option)
            for option in (*item.opts, *item.secondary_opts)
        }
        for name, command in commands.every().items()
    }
    assert documented == existing


def test_every_setting_is_documented() -> None:
    page = (pages.SITE / "reference" / "settings.md").read_text(encoding="utf-8")
    for section, settings in relatedness.Config.default().to_dict().items():
        for name in settings:
            assert re.search(rf"^## {section}\n(?:(?!^## ).)*^\| `{name}` \|", page, re.MULTILINE | re.DOTALL)


def test_every_public_name_is_mentioned() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in pages.PAGES)
    assert [name for name in relatedness.__all__ if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize("path", pages.PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", _prose(path)):
        address, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (path.parent / address).resolve() if address else path
        assert target.exists(), link
        assert not anchor or anchor in _headings(target), link


def test_files_that_contributing_names_exist() -> None:
    page = (pages.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = [
        name for name in re.findall(r"`([\w./-]+)`", page) if "/" in name or name.endswith((".py", ".md"))
    ]
    assert named
    for name in named:
        if not name.startswith("build/"):
            assert any((folder / name).exists() for folder in (pages.ROOT, pages.ROOT / "relatedness")), name


def _prose(path: Path) -> str:
    return re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def _headings(path: Path) -> set[str]:
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", _prose(path), re.MULTILINE)
    }


# The machinery itself.


def test_outputs_that_differ_only_in_times_and_sizes_are_equal() -> None:
    one = "s.index: 710 events, 2.1 MB\n  read          0.02 s\n"
    other = "s.index: 710 events, 12.1 MB\n  read         10.02 s\n"
    assert pages.normalised(one) == pages.normalised(other)
    assert pages.normalised(one) != pages.normalised(one.replace("710", "711"))
    assert pages.normalised("1. 0.145  2017") != pages.normalised("1. 0.146  2017")


def test_an_update_writes_outputs_back_and_nothing_else(tmp_path: Path) -> None:
    page = (
        "# One\n\n```console\n$ printf 'a\\nb\\n'\nold\n$ true\n$ echo 3 s\n4 s\n$ echo one \\\n  two\nold\n```\n\n"
        "```python\nprint('new')\n```\n\n```text\nold\n```\n\n"
        "```python\nprint('first')\n```\n\nEnd.\n\n```toml\n$ = 1\n```\n"
    )
    steps = pages.pieces(page)
    assert [step.output for step in steps] == ["old\n", "", "4 s\n", "old\n", "old\n", ""]
    after = pages.updated(page, steps, pages.run(steps, tmp_path / "a"))
    assert after == (
        "# One\n\n```console\n$ printf 'a\\nb\\n'\na\nb\n$ true\n$ echo 3 s\n4 s\n$ echo one \\\n  two\none two\n```\n\n"
        "```python\nprint('new')\n```\n\n```text\nnew\n```\n\n"
        "```python\nprint('first')\n```\n\n```text\nfirst\n```\n\nEnd.\n\n```toml\n$ = 1\n```\n"
    )
    steps = pages.pieces(after)
    assert pages.updated(after, steps, pages.run(steps, tmp_path / "b")) == after


def test_a_block_with_a_title_is_a_file(tmp_path: Path) -> None:
    page = '```text title="a/b.txt"\nhello\n```\n\n```console\n$ cat a/b.txt\n```\n'
    assert pages.run(pages.pieces(page), tmp_path / "page") == ["", "hello\n"]


def test_a_server_runs_until_the_end_of_its_page(tmp_path: Path) -> None:
    page = (
        "```console\n$ python -m http.server --bind 127.0.0.1 8000 &\n"
        "$ echo 127.0.0.1:8000\n$ curl -s http://127.0.0.1:8000/a.txt\n```\n"
    )
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "a.txt").write_text("served\n")
    assert pages.run(pages.pieces(page), tmp_path / "page") == ["", "127.0.0.1:8000\n", "served\n"]


def test_a_command_that_fails_is_no_example(tmp_path: Path) -> None:
    steps = pages.pieces("```console\n$ echo lost; exit 3\n```\n")
    with pytest.raises(RuntimeError, match=r"line 2: echo lost; exit 3 ended with 3:\nlost"):
        pages.run(steps, tmp_path / "page")


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    steps = pages.pieces("```console\n$ echo broken && false &\n```\n")
    with pytest.raises(RuntimeError, match=r"does not answer:\nbroken"):
        pages.run(steps, tmp_path / "page")
