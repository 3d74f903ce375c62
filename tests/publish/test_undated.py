"""Events without a date have a place of their own on a site."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from relatedness import RelatedIndex
from relatedness.publish import known_languages
from relatedness.publish._words import SiteWords

RECORDS = [
    {"id": f"dish-{n}", "title": f"Lentil soup with cumin and lemon {n}", "text": f"Lentils, cumin, lemon. Serves {n}."}
    for n in range(1, 9)
] + [
    {"id": f"fair-{n}", "date": f"2024-05-0{n}", "title": f"The soup fair {n}", "text": "Lentil soup with cumin at the fair."}
    for n in range(1, 4)
]  # fmt: skip
PAGES = {"topics": ["Soup"]}


def records(dated: bool = True) -> list[dict[str, object]]:
    return [{**record, **PAGES} for record in RECORDS if dated or "date" not in record]


def links(page: Path) -> list[Path]:
    found = re.findall(r'href="([^"#?:]+)"', page.read_text(encoding="utf-8"))
    return [(page.parent / link).resolve() for link in found]


@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_undated_events_are_listed_in_a_place_of_their_own(tmp_path: Path, language: str) -> None:
    index = RelatedIndex.build(records(), tmp_path / "a.index", undated="keep")
    site, word = tmp_path / "site", SiteWords(language)["undated"]
    done = index.publish(site, jobs=1, language=language)
    assert done.events == 11
    pages = sorted(path.name for path in (site / "news/undated").glob("*.html"))
    assert len(pages) == 9 and "index.html" in pages
    for page in site.rglob("*.html"):
        assert all(link.exists() for link in links(page)), page
        assert 'datetime=""' not in page.read_text(encoding="utf-8"), page
    listed = (site / "news/undated/index.html").read_text(encoding="utf-8")
    assert f'<h1 dir="auto">{word}</h1>' in listed
    assert all(f"Lentil soup with cumin and lemon {n}" in listed for n in range(1, 9))
    assert site / "news/undated/index.html" in links(site / "index.html")
    event = site / "news/undated/lentil-soup-with-cumin-and-lemon-3"
    html = event.with_suffix(".html").read_text(encoding="utf-8")
    assert f'<a href="index.html">{word}</a>' in html and "published_time" not in html
    assert json.loads(event.with_suffix(".json").read_text(encoding="utf-8"))["date"] is None
    assert "date=" not in event.with_suffix(".xml").read_text(encoding="utf-8").partition("<related>")[0]
    assert "undated" in (site / "search/index.html").read_text(encoding="utf-8")
    assert "Lentil soup" in (site / "search/undated.js").read_text(encoding="utf-8")
    # Feeds are lists by time, and the sitemap names every page.
    assert len(json.loads((site / "feed.json").read_text(encoding="utf-8"))["items"]) == 3
    assert "news/undated/" not in (site / "atom.xml").read_text(encoding="utf-8")
    assert "/news/undated/index.html" in (site / "sitemap.xml").read_text(encoding="utf-8")


def test_pages_of_undated_events_are_read_again_as_the_same_events(tmp_path: Path) -> None:
    index = RelatedIndex.build(records(), tmp_path / "a.index", undated="keep")
    index.publish(tmp_path / "site", jobs=1, formats=["md"])
    again = RelatedIndex.build(tmp_path / "site", undated="keep")
    ours = {event.id: event.to_record() for event in index.events.values()}
    theirs = {event.id: event.to_record() for event in again.events.values()}
    assert ours == theirs and again["dish-1"].date is None


def test_an_event_moves_when_its_date_becomes_known(tmp_path: Path) -> None:
    index = RelatedIndex.build(records(), tmp_path / "a.index", undated="keep")
    site = tmp_path / "site"
    index.publish(site, jobs=1, formats=["html"])
    old = site / "news/undated/lentil-soup-with-cumin-and-lemon-3.html"
    assert old.exists()
    shutil.copytree(site, tmp_path / "whole")  # where stories that have a page keep it, as in the site
    changes = index.refresh([{**records()[2], "date": "2024-05-02"}], undated="keep")
    done = index.publish(site, jobs=1, formats=["html"], changed=changes.lists)
    assert done.removed == 1 and not old.exists()
    assert (site / "news/2024/05/2" / old.name).exists()
    assert old.name not in (site / "news/undated/index.html").read_text(encoding="utf-8")
    whole = index.publish(tmp_path / "whole", jobs=1, formats=["html"])
    assert whole.events == done.events
    assert {p.relative_to(site): p.read_bytes() for p in site.rglob("*.html")} == {
        p.relative_to(tmp_path / "whole"): p.read_bytes() for p in (tmp_path / "whole").rglob("*.html")
    }


def test_an_archive_without_any_date_and_with_more_events_than_a_page_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = 12
    monkeypatch.setattr("relatedness.publish._layout.LONGEST", longest)
    many = [
        {"id": str(n), "title": f"Dish {n}", "text": f"Cook {n}.", **PAGES} for n in range(2 * longest + 5)
    ]
    index = RelatedIndex.build(many, undated="keep")
    site = tmp_path / "site"
    index.publish(site, jobs=1, formats=["html", "md"])
    parts = sorted(path.name for path in (site / "news/undated").iterdir() if path.is_dir())
    assert parts == sorted(["1", str(longest + 1), str(2 * longest + 1)])
    first = (site / "news/undated/1/index.html").read_text(encoding="utf-8")
    assert first.count('class="title"') == longest and f"Undated, {longest + 1}" in first
    assert [path.name for path in (site / "news").iterdir()] == ["undated"]
    assert (site / "topics/soup/undated/index.html").exists()
    for page in (site / "index.html", site / "news/undated/index.html", site / "topics/soup/index.html"):
        assert all(link.exists() for link in links(page)), page


def test_a_list_beside_the_related_events_has_a_heading_only_where_it_has_events(tmp_path: Path) -> None:
    index = RelatedIndex.build([record for record in records() if "date" in record])
    index.publish(tmp_path, jobs=1, formats=["html"], background=2)
    first = (tmp_path / "news/2024/05/1/the-soup-fair-1.html").read_text(encoding="utf-8")
    last = (tmp_path / "news/2024/05/3/the-soup-fair-3.html").read_text(encoding="utf-8")
    assert 'id="background"' in last and 'id="background"' not in first
    assert 'id="follow-ups"' not in first + last


def test_every_language_has_a_word_for_it() -> None:
    words = {language: SiteWords(language) for language in known_languages()}
    assert len({found["undated"] for found in words.values()}) == len(words)
    assert all(found.day("") == found.month("") == found["undated"] for found in words.values())
