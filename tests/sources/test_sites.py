"""Which site a folder of posts belongs to, and what its settings say of whole folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from relatedness.sources._sites import ContentSite, find_site


@pytest.fixture
def hugo(tmp_path: Path) -> Path:
    """A Hugo site, with a folder of posts."""
    (tmp_path / "hugo.toml").write_text('title = "News"\n', encoding="utf-8")
    (tmp_path / "content/posts").mkdir(parents=True)
    return tmp_path


def test_the_search_for_a_site_ends_at_the_root_of_a_repository(hugo: Path) -> None:
    (hugo / "theme/posts").mkdir(parents=True)
    assert find_site(hugo / "theme/posts").maker == "hugo"
    (hugo / "theme/.git").mkdir()
    assert find_site(hugo / "theme/posts").maker == ""
    assert find_site(hugo / "content/posts").maker == "hugo"


@pytest.mark.parametrize(
    ("pattern", "place", "excluded"),
    [
        ("draft", "draft/a.md", True),
        ("draft", "draft", True),
        ("draft", "drafts/a.md", False),
        ("/draft/", "draft/a.md", True),
        ("draft/*.txt", "draft/a.txt", True),
        ("draft/*.txt", "draft/a.md", False),
    ],
)
def test_a_pattern_excludes_a_folder_and_no_other_that_begins_alike(
    pattern: str, place: str, excluded: bool
) -> None:
    assert ContentSite(exclude=(pattern,)).excludes(place) == excluded


@pytest.mark.parametrize(
    ("target", "inherits"),
    [
        ({}, True),
        ({"kind": "page"}, True),
        ({"kind": "section"}, False),
        ({"path": "/posts/**"}, True),
        ({"path": "/notes/**"}, False),
    ],
)
def test_a_cascade_reaches_the_pages_of_its_target(
    hugo: Path, target: dict[str, str], inherits: bool
) -> None:
    cascade = {"title": "Posts", "cascade": {"category": "World", "_target": target}}
    (hugo / "content/_index.md").write_text(json.dumps(cascade) + "\n", encoding="utf-8")
    post = hugo / "content/posts/a.md"
    assert find_site(post.parent).inherited(post, "posts/a.md") == ({"category": "World"} if inherits else {})


def test_tags_of_nested_folders_add_up_and_other_values_of_the_nearest_count(tmp_path: Path) -> None:
    (tmp_path / ".eleventy.js").write_text("module.exports = {};\n", encoding="utf-8")
    inner = tmp_path / "posts/war"
    inner.mkdir(parents=True)
    for folder, values in (
        (inner.parent, {"tags": ["news"], "lang": "en", "author": "A"}),
        (inner, {"tags": ["war"], "author": "B"}),
    ):
        (folder / f"{folder.name}.json").write_text(json.dumps(values), encoding="utf-8")
    post = inner / "a.md"
    found = find_site(tmp_path).inherited(post, "posts/war/a.md")
    assert found == {"tags": ["news", "war"], "lang": "en", "author": "B"}
