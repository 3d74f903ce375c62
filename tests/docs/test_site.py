"""The documentation: it is built without a warning, what it says to type exists, and it leaves nothing out."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import click
import pytest

import relatedness
from relatedness.cli._main import commands

ROOT = Path(__file__).parents[2]
SITE = ROOT / "notebooks" / "site"
PAGES = [*sorted(SITE.glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]

sys.path.insert(0, str(SITE))
import build as site  # noqa: E402


@pytest.mark.slow
def test_it_is_built_without_a_warning(tmp_path: Path) -> None:
    assert site.main([str(tmp_path / "out")]) == 0
    home = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "pictures/timeline.png" in home
    for name in relatedness.__all__:
        pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "out" / "api").glob("*.html")]
        assert any(re.search(rf'id="relatedness\.[\w.]+\.{name}"', page) for page in pages), name
    guide = (tmp_path / "out" / "application.html").read_text(encoding="utf-8")
    assert "class RelatedMixin(models.Model)" in re.sub("<[^>]*>", "", guide)
    for path in (tmp_path / "out").rglob("*.html"):
        loaded = re.findall(
            r'<(?:script|link|img)[^>]*(?:src|href)="(https?://[^"]*)"', path.read_text(encoding="utf-8")
        )
        assert not loaded, "nothing is loaded from elsewhere"


@pytest.mark.slow
@pytest.mark.parametrize(
    "broken",
    ["[nowhere](nowhere.md)", "[no heading](batch.md#nowhere)", '```python\n--8<-- "nowhere.py"\n```'],
)
def test_a_warning_is_an_error(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "site"
    shutil.copytree(SITE, copied)
    with (copied / "conventions.md").open("a", encoding="utf-8") as page:
        page.write(f"\n{broken}\n")
    monkeypatch.setattr(site, "HERE", copied)
    monkeypatch.setattr(site, "MODULES", ("errors",))
    monkeypatch.setattr(site, "public_modules", lambda: set())
    assert site.main([str(tmp_path / "out")]) == 1


def test_every_public_module_is_in_the_reference() -> None:
    assert site.public_modules() <= set(site.MODULES)
    for module in site.MODULES:
        path = ROOT / "relatedness" / module
        assert path.is_dir() or path.with_suffix(".py").is_file()


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
        words = call.removeprefix("$ ").split("|")[0].split("#")[0].split()[1:]
        if words[0] == "COMMAND":
            continue
        assert words[0] in commands.commands, call
        known = {
            option
            for item in commands.commands[words[0]].params
            if isinstance(item, click.Option)
            for option in item.opts
        }
        assert {word for word in words[1:] if re.match(r"--?[a-z]", word)} <= known, call


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "notebooks" / "pictures").glob("*.png"))
    assert len(pictures) >= 3
    assert all(path.stat().st_size < 300_000 for path in pictures)
