"""Digests of templates: whatever changes a page changes the digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from relatedness.publish._settings import digest_of_templates
from relatedness.publish._write import _holds

BEFORE = {"a.html": "x", "b.html": "y"}


def digest(folder: Path, files: dict[str, str]) -> str:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return digest_of_templates(folder)


@pytest.mark.parametrize(
    "after",
    [
        {},
        {"a.html": "x"},
        {"a.html": "x", "b.html": "z"},
        {"a.html": "x", "c.html": "y"},
        {"a.html": "y", "b.html": "x"},
        {"a.html": "x", "parts/b.html": "y"},
        {"a.html": "xb.html\0\0y"},
        {"a.html": "xb.html\x001\0y"},
    ],
    ids=["none", "fewer", "content", "name", "exchanged", "folder", "joined", "joined as written"],
)
def test_other_templates_have_another_digest(after: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "after").mkdir()
    assert digest(tmp_path / "before", BEFORE) != digest(tmp_path / "after", after)


def test_the_same_templates_have_the_same_digest_wherever_they_lie(tmp_path: Path) -> None:
    assert digest(tmp_path / "one", BEFORE) == digest(tmp_path / "two", dict(reversed(BEFORE.items())))
    assert digest_of_templates(None) == ""


def test_a_link_is_no_page_whatever_it_leads_to(tmp_path: Path) -> None:
    data = b"a page of some bytes"
    kept = tmp_path / ("x" * len(data))
    kept.write_bytes(data)
    (tmp_path / "page").symlink_to(kept.name)  # a link has the size of the path that it holds
    assert _holds(str(kept), data)
    assert not _holds(str(tmp_path / "page"), data)
    assert not _holds(str(tmp_path / "gone"), data)
