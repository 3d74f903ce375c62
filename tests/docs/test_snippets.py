"""Blocks of the documentation that no page runs, because they need a server, a schedule or a site: each is at least parsed."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from itertools import groupby
from pathlib import Path

import click
import django.template
import jinja2
import pages
import pytest

from relatedness import Config
from relatedness.cli._group import commands

SHOWN = [(path, block) for path in pages.PAGES for block in pages.blocks(path.read_text(encoding="utf-8"))]
PYPROJECT = tomllib.loads((pages.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (pages.ROOT / "Makefile").read_text(encoding="utf-8")
PARSED = {"sh", "toml", "ini", "jinja", "html", "py"}  # here or, ini, in test_unit.py
# Run by a page, output of what a page runs, a file that a page uses, or tried with the real programs by test_posts.py.
RUN = {"console", "python", "text", "markdown", "xml", "liquid", "go-html-template"}
# No program that reads these is at hand.
UNREAD = {"php", "jsx"}


def shown(language: str) -> list[object]:
    return [
        pytest.param(block.text, id=f"{path.name}:{block.line}")
        for path, block in SHOWN
        if block.language == language
    ]


def check(words: list[str]) -> None:
    """Parse a command of the library as the command line does, without running it; other programs are taken as given."""
    if words[:1] == ["make"]:
        assert re.search(rf"^{words[1]}:", MAKEFILE, re.MULTILINE), words
    elif "pip" in words:
        for word in words[words.index("install") + 1 :]:
            name, _, extras = word.rstrip("]").partition("[")
            if name == "relatedness":
                assert (
                    set(filter(None, extras.split(",")))
                    <= PYPROJECT["project"]["optional-dependencies"].keys()
                ), word
    elif words and Path(words[0]).name == "relatedness":
        command = commands.every()[words[1]]
        context = click.Context(command, info_name=words[1])
        values, left, _ = command.make_parser(context).parse_args(args=words[2:])
        assert not left, words
        for item in command.params:
            missing = values.get(str(item.name)) in (None, ())
            assert not (isinstance(item, click.Argument) and item.required and missing), words


def commands_of(line: str) -> list[list[str]]:
    """The commands that a line of a shell joins with ``&&``, ``|`` and the like, each as its words."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    joined = groupby(lexer, key=lambda word: word in {"&&", "||", "|", ";", "&"})
    return [list(words) for between, words in joined if not between]


@pytest.mark.parametrize("block", shown("sh"))
def test_commands_that_no_page_runs_exist_and_take_these_options(block: str) -> None:
    assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0
    for line in block.replace("\\\n", " ").splitlines():
        for words in commands_of(line):
            check(words)


@pytest.mark.parametrize(
    "line",
    ["relatedness build a.jsonl --outptu b", "relatedness bild a.jsonl", "pip install 'relatedness[sqll]'"],
)
def test_a_command_with_a_slip_is_noticed(line: str) -> None:
    with pytest.raises((AssertionError, KeyError, click.UsageError)):
        check(commands_of(line)[0])


def test_the_line_for_cron_has_five_fields_and_a_command() -> None:
    (line,) = re.findall(r"^[\d*].*relatedness refresh .*$", _page("batch-job"), re.MULTILINE)
    fields, command = line.split()[:5], line.split(maxsplit=5)[5]
    assert all(re.fullmatch(r"\*|[0-5]?\d", field) for field in fields)
    called, log = command.split(" 2>> ")
    assert log.startswith("/")
    assert "%" not in called  # which cron reads as the end of the line
    check(shlex.split(called))


def test_the_units_run_commands_that_exist() -> None:
    started = re.findall(r"^ExecStart=(.*)$", _page("batch-job") + _page("http-service"), re.MULTILINE)
    assert len(started) == 2
    for line in started:
        check(shlex.split(line))


@pytest.mark.parametrize("block", shown("toml"))
def test_settings_that_are_shown_exist(block: str, tmp_path: Path) -> None:
    read = tomllib.loads(block)
    settings = {section: values for section, values in read.items() if section != "commands"}
    Config.default().change(settings)


@pytest.mark.parametrize("block", shown("jinja"))
def test_templates_for_jinja_nunjucks_and_tera_parse_as_templates_for_jinja(block: str) -> None:
    jinja2.Environment(autoescape=True).parse(block)


@pytest.mark.parametrize("block", shown("html"))
def test_templates_for_django_parse(block: str) -> None:
    engine = django.template.Engine()
    assert engine.from_string(block).nodelist


@pytest.mark.parametrize("block", shown("py"))
def test_python_that_no_page_runs_is_python(block: str) -> None:
    compile(block, "page", "exec")


def test_the_template_for_pelican_shows_related_articles_that_the_site_has() -> None:
    (template,) = [block.text for _, block in SHOWN if block.title == "article.html"]
    articles = [
        {"relative_source_path": "fall.md", "url": "fall.html", "title": "Fall"},
        {"relative_source_path": "dam.md", "url": "dam.html", "title": "Dam"},
    ]
    lists = {"fall.md": [{"id": "dam.md", "contexts": ["ISIL", "Iraq"]}, {"id": "gone.md", "contexts": []}]}
    template_ = jinja2.Environment(autoescape=True).from_string(template)
    made = [
        template_.render(RELATED=lists, SITEURL="https://a.example", article=article, articles=articles)
        for article in articles
    ]
    assert re.findall(r'href="(.*?)">(.*?)</a> <em>Context: (.*?)</em>', made[0]) == [
        ("https://a.example/dam.html", "Dam", "ISIL, Iraq")
    ]
    assert "<li>" not in made[1]


def test_every_kind_of_block_is_run_parsed_or_named_as_unread() -> None:
    assert {block.language for _, block in SHOWN} == PARSED | RUN | UNREAD


def _page(name: str) -> str:
    return (pages.SITE / "how-to" / f"{name}.md").read_text(encoding="utf-8")
