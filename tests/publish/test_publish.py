"""The site: four formats with one content, links that lead somewhere, what a change rewrites, what an interruption leaves."""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

import forks
import html5lib
import pytest
from day_pages import read_day
from hypothesis import example, given
from hypothesis import strategies as st

import relatedness
from relatedness.errors import BusyError, ConfigError, InputError, RelatednessError
from relatedness.events import Event
from relatedness.progress import Clock
from relatedness.publish import _feeds as syndication
from relatedness.publish import _plan, publish
from relatedness.publish import _write as publishing
from relatedness.publish._folder import STATE, finish
from relatedness.publish._layout import EventEntry, StoryEntry
from relatedness.publish._paths import Paths, day_folder, day_of, slug
from relatedness.publish._plan import Manifest, Touched, check_all_inside, check_inside
from relatedness.publish._settings import Settings
from relatedness.quality import read_links
from relatedness.related_index import RelatedIndex
from relatedness.shipped import shipped
from relatedness.sources._archive_reader import read_page

URL = "https://news.example/archive"
FORMATS = ["md", "html", "json", "xml"]


def part(sample_path: Path, every: int) -> list[dict[str, object]]:
    """Every second, third, ... event of the sample, and what it has on flight MH17."""
    records = map(json.loads, sample_path.read_text(encoding="utf-8").splitlines())
    return [record for n, record in enumerate(records) if n % every == 0 or "mh17" in record["id"]]


@pytest.fixture(scope="module")
def news_file(sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index file of a sixth of the sample. Copy it before changing anything."""
    path = tmp_path_factory.mktemp("news") / "news.index"
    RelatedIndex.build(part(sample_path, 6), path).close()
    return path


@pytest.fixture(scope="module")
def news(news_file: Path) -> RelatedIndex:
    return RelatedIndex.open(news_file)


@pytest.fixture(scope="module")
def site(news: RelatedIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive `news` as a site. Copy it before changing anything."""
    folder = tmp_path_factory.mktemp("site") / "site"
    publish(news, folder, k=10, background=3, follow_ups=3, url=URL + "/", title="Sample & co", jobs=1)
    return folder


@pytest.fixture(scope="module")
def small(sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index file of a tenth of the sample, and of what the sample has on flight MH17."""
    path = tmp_path_factory.mktemp("small") / "small.index"
    RelatedIndex.build(part(sample_path, 10), path).close()
    return path


class Read(HTMLParser):
    """A page as a reader without script sees it: elements with their attributes and text, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs}, [])
        self.found.append(element)
        if tag not in ("meta", "link", "br"):
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for _, _, text in self._open:
            text.append(data)

    def texts(self, tag: str, class_: str = "") -> list[str]:
        return [
            " ".join("".join(text).split())
            for name, attributes, text in self.found
            if name == tag and (not class_ or class_ in attributes.get("class", "").split())
        ]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a site but its state."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".relatedness" not in path.parts
    }


def events_of(site: Path) -> Iterator[Path]:
    return (path for path in sorted(site.glob("news/*/*/*/*.md")) if path.name != "index.md")


def folded(text: str) -> str:
    return " ".join(text.split())


def test_the_four_formats_of_an_event_have_one_content(site: Path, news: RelatedIndex) -> None:
    seen = set()
    for path in events_of(site):
        page = read_page(path.read_text(encoding="utf-8"))
        event = news.events[page.event.id]
        assert page.event == event
        seen.add(event.id)
        items = news.related(event.id, k=10)
        assert [link.contexts for link in page.related] == [item.contexts for item in items]
        assert [link.title for link in page.related] == [news.events[item.id].headline for item in items]
        lists = {"related": page.related, "background": page.background, "follow_ups": page.follow_ups}
        for name, sign in (("background", -1), ("follow_ups", 1)):
            expected = [i for i in items if sign * (news.events[i.id].seconds - event.seconds) > 0][:3]
            assert [link.title for link in lists[name]] == [news.events[i.id].headline for i in expected]

        record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert Event.make(record) == event
        for name, links in lists.items():
            assert [(link.title, link.path, link.contexts) for link in links] == [
                (item["title"], item["path"], tuple(item["contexts"])) for item in record.get(name, [])
            ]
        contexts = [(link.title, link.path) for link in page.contexts]
        assert contexts == [(item["name"], item.get("path", "")) for item in record["contexts"]]
        assert {name for name, _ in contexts} == {topic.name for topic in news.topics(event.id)}

        root = ET.parse(path.with_suffix(".xml")).getroot()
        assert (root.get("id"), root.get("date"), root.findtext("title"), root.findtext("text") or "") == (
            event.id,
            event.date.isoformat(),
            event.title or None,
            event.text,
        )
        assert [item.text for item in root.findall("topic")] == list(event.topics)
        assert [(item.text, item.get("url")) for item in root.findall("source")] == [
            (source.name, source.url) for source in event.sources
        ]
        assert [(item.text, item.get("path") or "") for item in root.findall("context")] == contexts
        for name, links in lists.items():
            assert [(link.title, link.path, link.contexts) for link in links] == [
                (item.findtext("title"), item.get("path"), tuple(c.text for c in item.findall("context")))
                for item in root.findall(f"{name.replace('_', '-')}/event")
            ]

        html = Read(path.with_suffix(".html").read_text(encoding="utf-8"))
        assert html.texts("h1") == [folded(event.headline)]
        assert " ".join(html.texts("p", "summary")) == (folded(event.text) if event.title else "")
        shown = [*page.related, *page.background, *page.follow_ups]
        assert html.texts("a", "title") == [folded(link.title) for link in shown]
        reasons = [
            "; ".join(
                f"{label}: {', '.join(names)}"
                for label, names in (("Shared", link.shared), ("Context", link.contexts))
                if names
            )
            for link in shown
            if link.contexts or link.shared
        ]
        assert html.texts("span", "reason") == reasons
        (stamp,) = [attributes["datetime"] for tag, attributes, _ in html.found if tag == "time"][:1]
        assert stamp == event.date.isoformat()
        for source in event.sources:
            assert any(source.name in text for text in html.texts("li"))
    assert seen == set(news.events)


def test_every_link_of_every_page_leads_to_a_file_and_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    names = tree(site).keys()
    pages = [name for name in names if name.endswith(".html")]
    reached = {"index.html"}
    for name in pages:
        html = Read((site / name).read_text(encoding="utf-8"))
        for tag, attributes, _ in html.found:
            target = attributes.get("href") or attributes.get("src") or attributes.get("action")
            if not target or target.startswith("#"):
                continue
            outside = target.startswith(("http:", "https:"))
            canonical = tag == "link" and attributes.get("rel") == "canonical"
            assert not (outside and tag != "a" and not canonical), (name, target)
            if canonical:
                assert target == f"{URL}/{name}"
            elif not outside:
                place = unquote(urljoin(name, target.partition("#")[0]))
                assert place in names, (name, target)
                reached.add(place)
    assert set(pages) <= reached  # no page is an island


def test_markdown_links_lead_somewhere_too(site: Path) -> None:
    names = tree(site).keys()
    for name in names:
        if name.endswith(".md"):
            for target in re.findall(r"\]\(/([^)]*)\)", (site / name).read_text(encoding="utf-8")):
                assert unquote(target) in names, (name, target)


def test_days_list_each_event_once_and_follow_each_other(site: Path, news: RelatedIndex) -> None:
    days = {
        path.parent.relative_to(site).as_posix(): read_day(path.read_text(encoding="utf-8"))
        for path in site.glob("news/*/*/*/index.md")
    }
    ordered = sorted(days.values(), key=lambda day: day.date)
    for before, after in itertools.pairwise(ordered):
        assert before.following == f"{day_folder(after.date.isoformat())}/index"
        assert after.previous == f"{day_folder(before.date.isoformat())}/index"
    assert ordered[0].previous is None and ordered[-1].following is None
    listed = [entry.path for day in ordered for entry in day.entries]
    assert sorted(listed) == sorted(
        path.relative_to(site).with_suffix("").as_posix() for path in events_of(site)
    )
    for folder, day in days.items():
        assert all(entry.path.rpartition("/")[0] == folder for entry in day.entries)
        assert folder == day_folder(day.date.isoformat())
    assert len(listed) == len(news.events)


def test_topic_pages_hold_all_events_of_a_topic_by_date(
    news: RelatedIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relatedness.publish._layout.LONGEST", 12)  # so that some are split by years
    publish(news, tmp_path, formats=["json"], jobs=1)

    def dated(name: str) -> list[tuple[str, str]]:
        record = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
        found = []
        for group in record["groups"]:
            for item in group["items"]:
                if "events" not in item:
                    found.append((item["date"], item["path"]))
        parts = [i["path"] for g in record["groups"] for i in g["items"] if "events" in i]
        if parts:
            found = [item for part in parts for item in dated(part)]
        return found

    having: dict[str, set[str]] = {}
    for id_ in news.events:
        for topic in news.topics(id_):
            having.setdefault(topic.name, set()).add(news.events[id_].headline)
    manifest = json.loads((tmp_path / ".relatedness/manifest.json").read_text(encoding="utf-8"))
    titles = {entry[1]: entry[2] for entry in manifest["entries"]}
    assert set(manifest["topics"]) == {name for name, titles_ in having.items() if len(titles_) > 1}
    assert any((tmp_path / f"{path}/2016/index.json").exists() for path in manifest["topics"].values())
    for name, path in manifest["topics"].items():
        found = dated(f"{path}/index")
        assert {titles[place] for _, place in found} == having[name]
        assert [day for day, _ in found] == sorted((day for day, _ in found), reverse=True)


def test_stories_are_timelines(site: Path, news: RelatedIndex) -> None:
    manifest = json.loads((site / ".relatedness/manifest.json").read_text(encoding="utf-8"))
    entries = {entry[0]: entry for entry in manifest["entries"]}
    stories = {path: (seed, title) for seed, title, path, *_ in manifest["stories"]}
    assert len(stories) > 8
    for path, (seed, title) in stories.items():
        story = news.story(seed)
        assert len(story.links) >= len(story)  # more than a tree has
        record = json.loads((site / f"{path}.json").read_text(encoding="utf-8"))
        items = [item for group in record["groups"] for item in group["items"]]
        alone = [other for _, other in stories.values()].count(title) == 1
        assert record["title"] == title and alone
        assert title == story.title or re.fullmatch(re.escape(story.title) + r" \([\w ]+\)", title)
        assert [item["path"] for item in items] == [entries[event.id][1] for event in story]
        assert [item.get("contexts", []) for item in items] == [list(event.contexts) for event in story]
        assert [item["date"] for item in items] == sorted(item["date"] for item in items)
        for event in story:
            page = read_page((site / f"{entries[event.id][1]}.md").read_text(encoding="utf-8"))
            assert page.story is not None and page.story.path in stories
    html = Read((site / "stories/index.html").read_text(encoding="utf-8"))
    assert {folded(title) for _, title in stories.values()} <= set(html.texts("a"))


def test_a_page_leads_to_the_events_before_and_after_it_in_its_story(site: Path) -> None:
    manifest = json.loads((site / ".relatedness/manifest.json").read_text(encoding="utf-8"))
    pages = {entry[0]: entry[1] for entry in manifest["entries"]}
    told: dict[str, tuple[str, str | None, str | None]] = {}
    for _, _, path, events, *_ in manifest["stories"]:
        for before, id_, after in zip([None, *events], events, [*events[1:], None], strict=False):
            told.setdefault(id_, (path, pages.get(before), pages.get(after)))
    assert len(told) > 40
    for id_, (path, before, after) in told.items():
        story = json.loads((site / f"{pages[id_]}.json").read_text(encoding="utf-8"))["story"]
        around = [story.get(name, {}).get("path") for name in ("previous", "following")]
        assert (story["path"], *around) == (path, before, after)
        html = (site / f"{pages[id_]}.html").read_text(encoding="utf-8")
        ways = re.findall(r'<a rel="(prev|next)" href="[^"]*?([^"/]+)\.html"', html)
        expected = [("prev", before), ("next", after)]
        assert ways == [(way, other.rpartition("/")[2]) for way, other in expected if other]


def test_what_editors_ban_is_on_no_page(sample_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.index"
    index = RelatedIndex.build(records(sample_path)[:40], path)
    event, banned = next((id_, items[0].id) for id_, items in index.lists() if items)
    publish(index, tmp_path / "site", jobs=1, formats=["json"])
    (tmp_path / "editors.txt").write_text(f"ban {event} {banned}", encoding="utf-8")
    held = RelatedIndex.open(path, overrides=tmp_path / "editors.txt")
    done = publish(held, tmp_path / "site", jobs=1, formats=["json"], changed=[])
    assert done.everything == "overrides changed since the last publish"
    pages = {}
    for page in (tmp_path / "site").glob("news/*/*/*/*.json"):
        record = json.loads(page.read_text(encoding="utf-8"))
        pages[record.get("id")] = record
    for one, other in ((event, banned), (banned, event)):
        assert pages[other]["path"] not in [item["path"] for item in pages[one]["related"]]


def test_changed_pages_under_overrides_are_those_of_a_whole_publish(tmp_path: Path) -> None:
    records = [
        {
            "id": f"{n}",
            "date": f"2015-03-{n + 1:02d}",
            "text": f"The dam of Mosul leaks {'again ' * (n % 4)}, part {n}.",
        }
        for n in range(12)
    ]
    path = tmp_path / "news.index"
    RelatedIndex.build(records[:10], path, config={"lists": {"stored": 2, "k": 2}}).close()
    bans = tmp_path / "bans"
    bans.write_text("ban * 4\nban * 5\n", encoding="utf-8")
    with RelatedIndex.open(path, overrides=bans) as index:
        publish(index, tmp_path / "site", jobs=1, formats=["md"])
    for record in records[10:]:
        with RelatedIndex.open(path) as index:
            changes = index.refresh([record])
        with RelatedIndex.open(path, overrides=bans) as index:
            publish(index, tmp_path / "site", jobs=1, formats=["md"], changed=changes.lists)
            before = tree(tmp_path / "site")
            publish(index, tmp_path / "site", jobs=1, formats=["md"])
            assert tree(tmp_path / "site") == before


def test_lists_that_overrides_make_are_looked_at_in_every_publish(small: Path, tmp_path: Path) -> None:
    bans = tmp_path / "bans"
    with RelatedIndex.open(small) as index:
        id_ = str(next(iter(index.events)))
    bans.write_text(f"ban * {id_}\n", encoding="utf-8")
    with RelatedIndex.open(small, overrides=bans) as index:
        publish(index, tmp_path / "site", jobs=1, formats=["json"], stories=0)
        old = Manifest.read(tmp_path / "site" / STATE)
        assert old is not None
        settings = Settings(**{**old.settings, "formats": tuple(old.settings["formats"])})
        held = index._view.overridden()
        assert held and set(_plan.plan_site(index, settings, old, [], Clock(None)).events) == held - {id_}


def test_what_editors_pin_is_marked_in_every_format(small: Path, tmp_path: Path) -> None:
    (tmp_path / "editors.txt").write_text(
        "pin 2014-07-17-mh17-shot-down 2022-11-17-mh17-verdict", encoding="utf-8"
    )
    index = RelatedIndex.open(small, overrides=tmp_path / "editors.txt")
    publish(index, tmp_path / "site", jobs=1, follow_ups=2)
    (path,) = (tmp_path / "site/news/2014/07/17").glob("malaysia*.md")
    page = read_page(path.read_text(encoding="utf-8"))
    assert [link.pinned for link in page.related] == [True] + [False] * 4
    assert page.related[0].title == index.events["2022-11-17-mh17-verdict"].headline
    assert page.related[0].contexts
    record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert [item.get("pinned", False) for item in record["related"]] == [link.pinned for link in page.related]
    root = ET.parse(path.with_suffix(".xml")).getroot()
    assert [item.get("pinned") for item in root.findall("related/event")] == ["true"] + [None] * 4
    html = Read(path.with_suffix(".html").read_text(encoding="utf-8"))
    assert html.texts("span", "pinned") == ["Chosen by the editors"] * 2  # in Related and in Follow-ups
    marked = [
        name for name, text in tree(tmp_path / "site").items() if b"Pinned" in text or b"pinned" in text
    ]
    assert {name.rpartition(".")[0] for name in marked} <= {
        path.relative_to(tmp_path / "site").as_posix()[:-3],
        "site",
    }


def test_pages_are_well_formed_html(site: Path) -> None:
    kinds = ["index", "topics/index", "news/2016/index", "topics/united-states/index", "letters/m/index"]
    chosen = [f"{kind}.html" for kind in kinds]
    chosen += [path.relative_to(site).with_suffix(".html").as_posix() for path in events_of(site)][::40]
    chosen += [path.relative_to(site).as_posix() for path in site.glob("news/*/*/*/index.html")][::60]
    for name in chosen:
        parser = html5lib.HTMLParser(strict=False)
        parser.parse((site / name).read_text(encoding="utf-8"))
        assert not parser.errors, (name, parser.errors[:3])
        html = Read((site / name).read_text(encoding="utf-8"))
        ids = [attributes["id"] for _, attributes, _ in html.found if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert len(html.texts("h1")) == len(html.texts("title")) == 1


def is_listed(name: str) -> bool:
    """Whether a sitemap names a file: every page, but not the one that finds them."""
    return name.endswith(".html") and not name.startswith("search/")


def test_feeds_and_sitemap(site: Path, news: RelatedIndex) -> None:
    feedparser = pytest.importorskip("feedparser")
    events = sorted(news.events.values(), key=lambda event: (event.seconds, event.id))
    ids = [event.id for event in events[:-51:-1]]
    feed = feedparser.parse((site / "atom.xml").read_bytes())
    assert not feed.bozo and feed.version == "atom10" and feed.feed.title == "Sample & co"
    assert [entry.title for entry in feed.entries] == [news.events[id_].headline for id_ in ids]
    names = tree(site)
    for entry in feed.entries:
        assert entry.link.startswith(f"{URL}/") and entry.link.removeprefix(f"{URL}/") in names
        assert entry.updated_parsed and entry.id.startswith("urn:uuid:") and entry.summary
    record = json.loads((site / "feed.json").read_text(encoding="utf-8"))
    assert record["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["url"] for item in record["items"]] == [entry.link for entry in feed.entries]
    assert [item["id"] for item in record["items"]] == [entry.id for entry in feed.entries]
    urls = ET.parse(site / "sitemap.xml").getroot()
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    found = [item.text for item in urls.findall("s:url/s:loc", space)]
    assert sorted(found) == sorted(f"{URL}/{name}" for name in names if is_listed(name))


def test_a_long_sitemap_comes_in_parts(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syndication, "_SITEMAP_LENGTH", 70)
    publish(RelatedIndex.open(small), tmp_path, formats=["html"], jobs=1)
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    index = ET.parse(tmp_path / "sitemap.xml").getroot()
    parts = [item.text for item in index.findall("s:sitemap/s:loc", space)]
    assert parts == [f"/sitemap-{part}.xml" for part in range(1, len(parts) + 1)] and len(parts) > 1
    found = []
    for part in parts:
        urls = ET.parse(tmp_path / str(part)[1:]).getroot().findall("s:url/s:loc", space)
        assert 0 < len(urls) <= 70
        found += [item.text for item in urls]
    assert sorted(found) == sorted(f"/{name}" for name in tree(tmp_path) if is_listed(name))


HOSTILE = [
    {
        "id": "../../../etc/passwd",
        "date": "2014-06-10",
        "title": "</h1><script>alert(1)</script> & \"quotes' \u202e \x01\x1f\x7f\uffff",
        "text": "<img src=x onerror=alert(2)>\n\n[link](javascript:alert(3)) {{ 7 * 7 }} {% raw %}",
        "sources": [
            {"name": "<b>Bad</b>", "url": "javascript:alert(4)"},
            {"name": "Worse", "url": " JaVaScRiPt:alert(5)"},
            {"name": "Data", "url": "data:text/html,<script>alert(6)</script>"},
            {"name": 'Quote"', "url": 'https://x.example/"><script>alert(7)</script>'},
            {"name": "", "url": "https://www.nameless.example/a b"},
        ],
        "topics": ["<i>Mosul</i>", 'a"b', "../up"],
        "category": '"><script>alert(8)</script>',
        "language": '"><script>',
        "url": "javascript:alert(9)",
    },
    {"id": "news/2014/06/10/../../x", "date": "2014-06-10", "title": "</h1><script>alert(1)</script> two"},
    {"id": "news/2014/06/10/index", "date": "2014-06-10", "title": "Index"},
    {"id": "con", "date": "2014-06-10", "title": "CON"},
    {"id": "日本", "date": "2014-06-10", "title": "日本の出来事"},
    {"id": "long", "date": "2014-06-10", "title": "Mosul " * 200, "topics": ["../up", 'a"b', "<i>Mosul</i>"]},
    {"id": "time", "date": "2014-06-11T23:30:00-09:30", "text": "Mosul at night\r\nin two lines"},
    {"id": "a\nb", "date": "0999-01-02", "title": "  Mosul \n a thousand years ago "},
]


def test_hostile_events_stay_text_and_stay_inside(tmp_path: Path) -> None:
    index = RelatedIndex.build(HOSTILE)
    folder = tmp_path / "inside" / "site"
    publish(index, folder, title="</title><script>alert(10)</script>", jobs=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inside"]
    assert [path.name for path in (tmp_path / "inside").iterdir()] == ["site"]
    files = tree(folder)
    for name in files:
        assert re.fullmatch(r"[a-z0-9./-]+", name) and ".." not in name, name
        assert all(len(part) <= 160 for part in name.split("/"))
        assert not {"con", "nul", "aux"} & {part.partition(".")[0] for part in name.split("/")}
    found = {}
    for name, data in files.items():
        text = data.decode()
        if name.endswith(".html"):
            parser = html5lib.HTMLParser()
            parser.parse(text)
            assert not parser.errors, (name, parser.errors[:3])
            for tag, attributes, inner in Read(text).found:
                assert tag not in ("img", "iframe", "b", "i"), name
                if tag == "script" and attributes.get("type") == "application/ld+json":
                    assert json.loads("".join(inner))["@context"] == "https://schema.org"
                else:
                    assert tag != "script" or (not inner and attributes["src"].endswith("site.js"))
                assert not any(attribute.startswith("on") for attribute in attributes)
                link = (attributes.get("href") or attributes.get("src") or "").strip().lower()
                assert not link.startswith(("javascript:", "data:")), name
        elif name.endswith(".xml"):
            ET.fromstring(text)
        elif name.endswith(".json"):
            json.loads(text)
        elif name.endswith(".md") and not name.endswith("index.md"):
            assert "<script" not in text and "](javascript:" not in text
            event = read_page(text).event
            found[event.id] = event
    assert found == {id_: index.events[id_] for id_ in index.events}


def test_the_pages_are_read_again_as_the_same_archive(site: Path, news: RelatedIndex) -> None:
    again = RelatedIndex.build(site)
    assert dict(again.events.items()) == dict(news.events.items())
    judged, lost = read_links(site)
    assert not lost
    assert judged == {id_: {item.id: 1 for item in items} for id_, items in news.lists(10) if items}
    assert again.evaluate(judged, k=10).mean["nDCG"] == 1


# Paths


def test_slugs() -> None:
    assert slug("Mark Rutte's People's Party (VVD), 50.5 %") == "mark-rutte-s-people-s-party-vvd-50-5"
    assert slug("Æther, Øresund, İstanbul, Straße") == "aether-oresund-istanbul-strasse"
    assert slug("日本") == "" and slug("") == "" and slug("---") == ""
    long = slug("word " * 100)
    assert len(long) <= 140 and long.endswith("-word")
    assert len(slug("a" * 500)) == 140
    assert slug("Министерство обороны " * 10 + "denies the fall of Mosul") == "denies-the-fall-of-mosul"


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=8), st.sampled_from("ab"), st.text(max_size=5)),
        unique_by=lambda wanted: wanted[0],
    )
)
@example([("a", "a", "Index"), ("b", "b", "CON")])
def test_paths_are_safe_distinct_and_kept(wanted: list[tuple[str, str, str]]) -> None:
    paths = Paths({})
    first = {key: paths.give(key, f"f/{folder}", title) for key, folder, title in wanted}
    again = Paths(first)
    for key, folder, title in wanted:
        assert again.give(key, f"f/{folder}", title + "!") == first[key]
    assert len(set(first.values())) == len(first)
    for path in first.values():
        assert re.fullmatch(r"f/[ab]/[a-z0-9][a-z0-9-]*", path) and not path.endswith(("/index", "/con"))


def test_an_event_keeps_its_address_whatever_comes_beside_it(tmp_path: Path) -> None:
    def build(*extra: dict[str, str]) -> RelatedIndex:
        base = [
            {"id": "m", "date": "2014-06-10", "title": "Mosul falls."},
            {"id": "n", "date": "2014-06-10", "title": "Mosul falls!"},
        ]
        return RelatedIndex.build([*base, *extra])

    def address() -> dict[str, str]:
        return {
            read_page(path.read_text(encoding="utf-8")).event.id: path.name for path in events_of(tmp_path)
        }

    publish(build(), tmp_path, jobs=1)
    first = address()
    assert first["m"] == "mosul-falls.md" and re.fullmatch(r"mosul-falls-[0-9a-f]{6}\.md", first["n"])
    publish(build({"id": "a", "date": "2014-06-10", "title": "Mosul falls"}), tmp_path, jobs=1)
    second = address()
    assert {id_: second[id_] for id_ in first} == first and len(set(second.values())) == 3
    # A new title moves nobody: addresses are for good. A new day does.
    changed = [
        {"id": "m", "date": "2014-06-10", "title": "The second city of Iraq falls."},
        {"id": "n", "date": "2014-06-11", "title": "Mosul falls!"},
    ]
    publish(RelatedIndex.build(changed), tmp_path, jobs=1)
    assert address()["m"] == "mosul-falls.md"
    assert (tmp_path / "news/2014/06/11" / address()["n"]).exists()
    assert not (tmp_path / "news/2014/06/10" / first["n"]).exists()


def test_pages_that_were_read_stay_where_they_were(tmp_path: Path) -> None:
    source = Path(__file__).parents[1] / "data" / "pages"
    publish(RelatedIndex.build(source), tmp_path, jobs=1)
    assert sorted(path.relative_to(tmp_path) for path in events_of(tmp_path)) == sorted(
        path.relative_to(source) for path in events_of(source)
    )


def test_the_day_of_a_path() -> None:
    for day in ("2016-07-01", "0999-12-31"):
        assert day_of(f"{day_folder(day)}/slug") == day


# What a change rewrites


def states(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_ino
        for path in folder.rglob("*")
        if path.is_file() and ".relatedness" not in path.parts
    }


def records(sample_path: Path) -> list[dict[str, object]]:
    lines = sample_path.read_text(encoding="utf-8").splitlines()
    return [record for line in lines if (record := json.loads(line))["date"][:4] in ("2014", "2015")]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_publishing_changes_equals_publishing_everything(
    sample_path: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    all_records = records(sample_path)[::4]
    chance.shuffle(all_records)
    held, later = all_records[6:], all_records[:6]
    options = {"k": 4, "background": 2, "jobs": 1, "formats": ["md", "html"]}
    index = RelatedIndex.build(held, tmp_path / "news.index")
    publish(index, tmp_path / "a", **options)
    for step in range(3):
        held = [record for record in held if chance.random() > 0.03]
        for record in chance.sample(held, 4):
            match chance.randrange(3):
                case 0:
                    record["title"] = f"{record.get('title', '')} {chance.choice(['Really.', 'Mosul!'])}"
                case 1:
                    record["date"] = f"2015-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"
                case _:  # something that no list depends on
                    record["sources"] = [{"name": f"Source {step}", "url": "https://source.example/"}]
        held += [later.pop() for _ in range(min(2, len(later)))]
        changes = index.refresh(held, mirror=True, refit=step == 1)
        shutil.rmtree(tmp_path / "b", ignore_errors=True)
        shutil.copytree(tmp_path / "a", tmp_path / "b")
        # The first ids are lost on their way: the site knows what it holds.
        done = publish(index, tmp_path / "a", changed=changes.lists if step else [], **options)
        whole = publish(index, tmp_path / "b", **options)
        assert tree(tmp_path / "a") == tree(tmp_path / "b")
        assert done.everything == "" and (done.written, done.removed) == (whole.written, whole.removed)
        assert done.events == whole.events == len(held)


@pytest.fixture(scope="module")
def published(news: RelatedIndex, site: Path) -> Any:
    """Plans a publish after changes of entries and stories; gives the events, lists and years that it would write."""
    old = Manifest.read(site / STATE)
    assert old is not None
    settings = Settings(**{**old.settings, "formats": tuple(old.settings["formats"])})

    def planned(
        entries: dict[str, EventEntry], stories: list[StoryEntry]
    ) -> tuple[set[str], set[str], set[str]]:
        plan = _plan._plan(
            news, settings, old, old.sums, touched=Touched(set(entries), set()),
            entries={entry.id: entries.get(entry.id, entry) for entry in old.entries}, stories=stories,
        )  # fmt: skip
        return set(plan.events), set(plan.lists), set(plan.years)

    planned.old = old  # type: ignore[attr-defined]
    return planned


def test_a_story_of_another_title_touches_the_pages_of_its_events(published: Any) -> None:
    stories = published.old.stories
    assert published({}, stories)[0] == set()
    first, *others = stories
    events, lists, _ = published({}, [first._replace(title="Another title"), *others])
    shown = published.old.site().story_of
    assert events == {id_ for id_ in first.events if shown[id_][0].path == first.path}
    assert first.path in lists


def test_the_first_story_and_the_last_touch_every_page(published: Any) -> None:
    events, *_ = published({}, [])
    assert events == {entry.id for entry in published.old.entries}


def test_a_topic_that_loses_its_page_touches_the_events_that_named_it(published: Any) -> None:
    held = published.old.site().topics
    name, (one, other) = next(
        (name, found) for name, found in held.items() if len(found) == 2 and name in published.old.topics
    )
    without = one._replace(topics=tuple(topic for topic in one.topics if topic != name))
    assert other.id in published({one.id: without}, published.old.stories)[0]


def test_a_year_whose_events_changed_is_searched_anew(published: Any) -> None:
    entry = published.old.entries[0]
    renamed = entry._replace(title="Another title")
    assert published({entry.id: renamed}, published.old.stories)[2] == {entry.day[:4]}


def test_ids_and_formats_may_come_in_any_iterable_and_ids_as_numbers(tmp_path: Path) -> None:
    text = "Kafka outage in Berlin"
    index = RelatedIndex.build(
        [{"id": n, "date": f"2024-01-0{n}", "text": text} for n in (1, 2, 3)], tmp_path / "news.index"
    )
    index.publish(tmp_path / "site", jobs=1, formats=iter(["md"]))
    looked_at = [
        index.publish(tmp_path / "site", jobs=1, formats=["md"], changed=changed).unchanged
        for changed in ([], iter(["2"]), [2])
    ]
    assert looked_at[0] == looked_at[1] == looked_at[2]  # nothing that a page shows changed
    assert (tmp_path / "site/index.md").exists() and not (tmp_path / "site/index.html").exists()


def test_a_small_change_touches_few_files(sample_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    index = RelatedIndex.build(records(sample_path)[::3], tmp_path / "news.index")
    publish(index, folder, jobs=1, formats=["md", "html"])
    before = states(folder)
    again = publish(index, folder, jobs=1, formats=["md", "html"])
    assert (again.written, again.removed) == (0, 0) and again.unchanged == len(before)
    assert states(folder) == before
    changes = index.refresh([{"id": "new", "date": "2015-12-31", "title": "A quiet day in Vaduz."}])
    done = publish(index, folder, jobs=1, formats=["md", "html"], changed=changes.lists)
    after = states(folder)
    touched = {name for name, inode in after.items() if before.get(name) != inode}
    assert {
        "news/2015/12/31/a-quiet-day-in-vaduz.html",
        "news/2015/12/31/index.html",
        "atom.xml",
        "sitemap.xml",
    } <= touched
    assert len(touched) == done.written < len(after) / 4
    assert done.written + done.unchanged < len(after) / 3  # nor was the rest looked at
    assert done.removed == 0 and not before.keys() - after.keys()


def test_what_went_is_removed_and_what_is_not_ours_stays(sample_path: Path, tmp_path: Path) -> None:
    base = records(sample_path)[:40]
    folder = tmp_path / "site"
    index = RelatedIndex.build(base, tmp_path / "news.index")
    publish(index, folder, jobs=1)
    (folder / "CNAME").write_text("news.example", encoding="utf-8")
    gone = str(base[7]["id"])
    (page,) = [
        path for path in events_of(folder) if read_page(path.read_text(encoding="utf-8")).event.id == gone
    ]
    (page.parent / "notes.txt").write_text("mine", encoding="utf-8")
    alone = str(base[8]["id"])  # the only event of its day
    index.refresh(remove=[gone, alone])
    # No list of changes names them: that they are gone is seen all the same.
    publish(index, folder, jobs=1, changed=[])
    assert not page.exists() and not page.with_suffix(".html").exists()
    folders = [path for path in folder.rglob("*") if path.is_dir() and ".relatedness" not in path.parts]
    assert folders and all(any(path.iterdir()) for path in folders)  # no folder stays empty
    assert (page.parent / "notes.txt").read_text() == "mine" and (folder / "CNAME").exists()
    assert page.stem not in "".join(
        data.decode() for name, data in tree(folder).items() if name.endswith(("html", "md"))
    )
    publish(index, folder, jobs=1, formats=["json"])
    assert not [name for name in tree(folder) if name.endswith((".html", ".md"))]


def test_one_state_is_published_whatever_happens_to_the_index_meanwhile(
    sample_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "news.index"
    RelatedIndex.build(
        [*records(sample_path)[:30], {"id": "new", "date": "2015-12-31", "title": "Mosul"}], path
    )
    index = RelatedIndex.open(path, follow=True)

    def refresh(stage: str, done: int, total: int) -> None:
        if stage == "plan":
            RelatedIndex.open(path).refresh(remove=["new"])

    publish(index, tmp_path / "a", jobs=1, progress=refresh, formats=["html"])
    assert (tmp_path / "a/news/2015/12/31/mosul.html").exists()
    publish(index, tmp_path / "a", jobs=1, formats=["html"])
    publish(index, tmp_path / "b", jobs=1, formats=["html"])
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert not (tmp_path / "a/news/2015/12/31/mosul.html").exists()


def test_other_settings_mean_all_pages(sample_path: Path, tmp_path: Path) -> None:
    index = RelatedIndex.build(records(sample_path)[:12])
    first = publish(index, tmp_path / "a", jobs=1, changed=[])
    assert first.everything == "nothing has been published to this folder before" and first.written > 100
    again = publish(index, tmp_path / "a", jobs=1, changed=[])
    assert (again.everything, again.written, again.removed) == ("", 0, 0)
    other = publish(index, tmp_path / "a", jobs=1, changed=[], title="Renamed", k=2)
    assert other.everything == "title, k changed since the last publish" and other.written > 50


@pytest.mark.parametrize(
    ("part", "was", "now"),
    [
        ("publish/languages/en.toml", 'topics = "Topics"', 'topics = "Subjects"'),
        ("sources/_archive_writer.py", "### [{_escape(entry", "#### [{_escape(entry"),
    ],
)
def test_other_words_and_other_code_mean_all_pages(part: str, was: str, now: str, tmp_path: Path) -> None:
    package = tmp_path / "other" / "relatedness"
    shutil.copytree(Path(relatedness.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package.parent / "models").symlink_to(shipped("reasons.toml").parent)
    text = (package / part).read_text(encoding="utf-8")
    assert was in text
    (package / part).write_text(text.replace(was, now), encoding="utf-8")
    with RelatedIndex.build(
        [{"id": "a", "date": "2014-06-10", "text": "Mosul falls."}], tmp_path / "x"
    ) as index:
        index.publish(tmp_path / "site", jobs=1, formats=["md"])
    before = tree(tmp_path / "site")
    (tmp_path / "changed").touch()
    command = ["publish", "x", "-o", "site", "--formats", "md", "--changed", "changed", "--json"]
    for python_path, everything in (
        (package.parent, "version of relatedness changed since the last publish"),
        (package.parent, ""),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "relatedness", *command],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(python_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout)["everything"] == everything
    assert tree(tmp_path / "site") != before


# Interruptions


def test_a_failed_publish_leaves_the_old_pages(sample_path: Path, tmp_path: Path) -> None:
    index = RelatedIndex.build(records(sample_path)[:12])
    publish(index, tmp_path / "site", jobs=1)
    before = tree(tmp_path / "site")
    own = tmp_path / "own"
    own.mkdir()
    (own / "topic.html").write_text("{{ nothing.of.the.kind }}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"topic\.html.*nothing"):
        publish(index, tmp_path / "site", jobs=1, templates=own)
    assert tree(tmp_path / "site") == before
    (own / "topic.html").write_text("\n{% if %}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"topic\.html, line 2"):
        publish(index, tmp_path / "site", jobs=1, templates=own)
    assert tree(tmp_path / "site") == before
    assert publish(index, tmp_path / "site", jobs=1).written == 0


HELD_PUBLISH = """
import os, sys, time
from relatedness.cli import main
written, open_ = [], os.open
def held(path, *arguments, **named):
    if "staging" in str(path):
        written.append(path)
        if len(written) == 300:
            print("midway", flush=True)
            time.sleep(3600)
    return open_(path, *arguments, **named)
os.open = held
main(["publish", sys.argv[1], "-o", sys.argv[2], "--jobs", "1"])
"""


@pytest.mark.slow
def test_a_killed_publish_leaves_the_old_pages(sample_file: Path, sample_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish(RelatedIndex.build(records(sample_path)), folder, jobs=1)
    before = tree(folder)
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(folder, undisturbed)
    # It waits for the kill among its pages, however fast the machine is.
    command = [sys.executable, "-c", HELD_PUBLISH, str(sample_file), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "midway\n"
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert (folder / ".relatedness/staging/files/news").exists() and tree(folder) == before
    publish(RelatedIndex.open(sample_file), folder, jobs=1)
    publish(RelatedIndex.open(sample_file), undisturbed, jobs=1)
    assert tree(folder) == tree(undisturbed)


@pytest.fixture(scope="module")
def old_and_new(
    sample_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, RelatedIndex, dict[str, bytes]]:
    """A site, a later state of its index, and the pages of that state. Copy the site before changing anything."""
    base = records(sample_path)[:40]
    folder = tmp_path_factory.mktemp("old and new")
    publish(RelatedIndex.build(base[4:]), folder / "site", jobs=1)
    new = RelatedIndex.build(base[:-4])
    publish(new, folder / "wanted", jobs=1)
    return folder / "site", new, tree(folder / "wanted")


@pytest.mark.parametrize("step", [0, 1, 25, 60])
def test_an_interrupted_move_is_finished_by_the_next_publish(
    old_and_new: tuple[Path, RelatedIndex, dict[str, bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    site, new, wanted = old_and_new
    shutil.copytree(site, tmp_path / "site")
    before = tree(site)
    left = step
    rename = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        nonlocal left
        if "staging" in self.parts and not left:
            raise KeyboardInterrupt
        left -= "staging" in self.parts
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(RelatednessError, match="publish again"):
        publish(new, tmp_path / "site", jobs=1)
    monkeypatch.undo()
    for name, data in tree(tmp_path / "site").items():
        assert data in (before.get(name), wanted.get(name)), name  # whole pages, old or new
    # Whatever is asked for next, here nothing at all, the rest of the interrupted one comes first.
    publish(new, tmp_path / "site", jobs=1, changed=[])
    assert tree(tmp_path / "site") == wanted


def test_every_link_of_a_site_leads_somewhere_at_every_moment_of_a_move(
    sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = records(sample_path)[:20]
    old, new = RelatedIndex.build(base[4:]), RelatedIndex.build(base[:-4])
    site = tmp_path / "site"
    publish(old, site, jobs=1, formats=["html"])

    def dead_links() -> list[str]:
        """The links of pages that a reader can come to from the first page."""
        dead, waiting, seen = [], [site / "index.html"], {site / "index.html"}
        for page in waiting:
            for link in re.findall(r'href="([^"#:]+\.html)"', page.read_text(encoding="utf-8")):
                target = Path(os.path.normpath(page.parent / link))
                if not target.exists():
                    dead.append(f"{page.relative_to(site)} -> {link}")
                elif target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return dead

    assert not dead_links()
    moves = 0

    def watched(move: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def moved(self: Path, target: Path) -> Path:
            nonlocal moves
            found = move(self, target)
            if "staging" in self.parts and ".relatedness" not in Path(target).parts:
                moves += 1
                assert not dead_links()
            return found

        return moved

    monkeypatch.setattr(Path, "replace", watched(Path.replace))
    monkeypatch.setattr(Path, "rename", watched(Path.rename))
    publish(new, site, jobs=1, formats=["html"])
    assert moves > 20 and not dead_links()


def test_two_at_a_time_are_refused(news: RelatedIndex, tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    (tmp_path / ".relatedness").mkdir()
    with (tmp_path / ".relatedness/lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="another process"):
            publish(news, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".relatedness"]


def test_a_publish_during_another_is_refused(small: Path, tmp_path: Path) -> None:
    refused = []

    def again(*_: object) -> None:
        if not refused:
            with pytest.raises(BusyError, match="another process"):
                publish(RelatedIndex.open(small), tmp_path, jobs=1, formats=["json"])
            refused.append(True)

    publish(RelatedIndex.open(small), tmp_path, jobs=1, formats=["json"], stories=0, progress=again)
    assert refused


def test_workers_write_what_one_process_writes(
    site: Path, news_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_EVENTS_PER_TASK", 20)
    monkeypatch.setattr(publishing, "_LISTS_PER_TASK", 50)
    index = RelatedIndex.open(news_file)
    publish(index, tmp_path, k=10, background=3, follow_ups=3, url=URL, title="Sample & co", jobs=2)
    assert tree(tmp_path) == tree(site)


# Settings, templates, the command


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"formats": ["pdf"]}, "formats is pdf: expected some of md"),
        ({"formats": []}, "formats is empty"),
        ({"formats": 3}, "formats is 3: expected a list of texts"),
        ({"formats": "md"}, "formats is 'md': expected a list of texts"),
        ({"formats": iter(["md", 3])}, "an entry of formats is 3: expected text"),
        ({"k": 0}, "k is 0"),
        ({"k": 11}, "store 10 events"),
        ({"background": -1}, "background is -1"),
        ({"url": "news.example"}, "https://"),
        ({"language": "British English"}, "language is 'British English'"),
        ({"templates": "/no/such/folder"}, "/no/such/folder does not exist"),
    ],
)
def test_wrong_settings_are_refused(
    news: RelatedIndex, tmp_path: Path, options: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        news.publish(tmp_path / "site", **options)
    assert not (tmp_path / "site").exists()


OUTSIDE = [
    "../precious/a.txt",
    "news/../../precious/a.txt",
    "/etc/hostname",
    ".relatedness/lock",
    "",
    "a//b",
    ".",
    7,
]


@pytest.mark.parametrize("state", ["gone", "others", "lists", "topics", "entries"])
def test_state_files_of_a_stranger_reach_nothing_outside(
    sample_path: Path, tmp_path: Path, state: str
) -> None:
    index = RelatedIndex.build(records(sample_path)[:4])
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/a.txt").write_text("1")
    folder = tmp_path / "site"
    publish(index, folder, jobs=1)
    before, manifest = tree(folder), folder / ".relatedness/manifest.json"
    sound = manifest.read_text()
    for name in OUTSIDE:
        if state == "gone":
            (folder / ".relatedness/staging/files").mkdir(parents=True, exist_ok=True)
            (folder / ".relatedness/staging/gone.json").write_text(json.dumps(["index.html", name]))
            (folder / ".relatedness/staging/ready").touch()
        else:
            told = json.loads(sound)
            match state:
                case "topics":
                    told["topics"]["Mosul"] = name
                case "entries":
                    told["entries"][0][1] = name
                case _:
                    told[state].append(name)
            manifest.write_text(json.dumps(told))
        with pytest.raises(InputError, match=r"not a file of the site|is damaged"):
            publish(index, folder, jobs=1)
        assert (tmp_path / "precious/a.txt").exists()
        assert tree(folder) == before


@pytest.mark.parametrize("name", ["../precious/a.txt", "/etc/a", ".relatedness/lock"])
def test_a_manifest_that_waits_to_be_moved_is_read_before_anything_is(tmp_path: Path, name: str) -> None:
    folder, staging = tmp_path / "site", tmp_path / "site/.relatedness/staging"
    publish(RelatedIndex.build([{"id": "a", "date": "2016-07-11", "text": "Mosul."}]), folder, jobs=1)
    before = tree(folder)
    (staging / "files").mkdir(parents=True)
    (staging / "files/index.html").write_text("new")
    told = json.loads((folder / ".relatedness/manifest.json").read_text())
    (staging / "manifest.json").write_text(json.dumps(told | {"others": [name]}))
    (staging / "gone.json").write_text("[]")
    (staging / "ready").touch()
    with pytest.raises(InputError, match="not a file of the site"):
        finish(folder)
    assert tree(folder) == before


@given(
    st.lists(
        st.text(alphabet="ab./\n\0", max_size=6)
        | st.sampled_from(
            ["a/..", ".relatedness", ".relatedness/a", "a/.relatedness", "a/../b", "/a", "a//b", "..a"]
        )
        | st.none()
    )
)
def test_names_of_a_manifest_are_checked_together_as_one_by_one(names: list[str | None]) -> None:
    def refused(check: Callable[[], object]) -> bool:
        try:
            check()
        except InputError:
            return True
        return False

    file = Path("manifest.json")
    alone = any(refused(lambda name=name: check_inside(name, file)) for name in names)
    assert refused(lambda: check_all_inside(names, file)) == alone


@pytest.mark.parametrize(
    "link", ["news", "news/2014", ".relatedness", ".relatedness/lock", ".relatedness/staging"]
)
def test_symbolic_links_in_the_folder_are_not_followed_out(
    sample_path: Path, tmp_path: Path, link: str
) -> None:
    folder, outside = tmp_path / "site", tmp_path / "outside"
    outside.mkdir()
    (outside / "files").mkdir()
    (outside / "ready").touch()
    base = records(sample_path)
    publish(RelatedIndex.build(base[:10]), folder, jobs=1)
    if (folder / link).is_dir():
        shutil.rmtree(folder / link)
    (folder / link).unlink(missing_ok=True)
    (folder / link).symlink_to(outside)
    there = sorted(outside.rglob("*"))
    with pytest.raises(ConfigError, match="symbolic link"):
        publish(RelatedIndex.build(base[:20]), folder, jobs=1)
    assert sorted(outside.rglob("*")) == there


def test_a_page_that_is_a_symbolic_link_is_replaced_by_a_page(sample_path: Path, tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "outside.html"
    index = RelatedIndex.build(records(sample_path)[:4])
    publish(index, folder, jobs=1)
    shutil.move(folder / "index.html", outside)
    (folder / "index.html").symlink_to(outside)
    publish(index, folder, jobs=1)
    assert not (folder / "index.html").is_symlink()
    assert (folder / "index.html").read_bytes() == outside.read_bytes()


def test_templates_run_in_a_sandbox_unless_they_are_trusted(sample_path: Path, tmp_path: Path) -> None:
    index = RelatedIndex.build(records(sample_path)[:4])
    (tmp_path / "own").mkdir()
    (tmp_path / "own/event.html").write_text("{{ ''.__class__.__mro__ | length }}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"event\.html.*unsafe"):
        publish(index, tmp_path / "site", templates=tmp_path / "own", jobs=1)
    publish(index, tmp_path / "site", templates=tmp_path / "own", trust_templates=True, jobs=1)
    pages = [path for path in (tmp_path / "site/news").rglob("*.html") if not path.name.startswith("index")]
    assert {path.read_text() for path in pages if path.stem != "index"} >= {"2"}


def test_a_folder_of_somebody_else_is_refused(news: RelatedIndex, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"holds index\.html"):
        publish(news, tmp_path)
    assert (tmp_path / "index.html").read_text() == "mine"


def test_a_damaged_manifest_is_said_to_be_damaged(sample_path: Path, tmp_path: Path) -> None:
    index = RelatedIndex.build(records(sample_path)[:5])
    publish(index, tmp_path, jobs=1)
    for text in ("{", "[]", '{"settings": {}}', '{"settings": {}, "entries": [[1]]}'):
        (tmp_path / ".relatedness/manifest.json").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=r"manifest\.json.*damaged"):
            publish(index, tmp_path, jobs=1)


def test_sums_of_other_code_are_not_read(sample_path: Path, tmp_path: Path) -> None:
    index = RelatedIndex.build(records(sample_path)[:5])
    publish(index, tmp_path, jobs=1)
    before, manifest = tree(tmp_path), tmp_path / ".relatedness/manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    told["settings"]["code"] = "another"
    told["sums"] = ["what other code keeps here"]
    manifest.write_text(json.dumps(told), encoding="utf-8")
    publish(index, tmp_path, jobs=1)
    assert tree(tmp_path) == before


def test_templates_can_be_replaced_one_by_one(sample_path: Path, tmp_path: Path) -> None:
    index = RelatedIndex.build(records(sample_path)[:12])
    own = tmp_path / "own"
    own.mkdir()
    (own / "event.html").write_text(
        '{% extends "shipped/event.html" %}{% block title %}MY {{ event.headline }}{% endblock %}',
        encoding="utf-8",
    )
    (own / "site.css").write_text("/* mine */", encoding="utf-8")
    publish(index, tmp_path / "site", jobs=1, templates=own)
    page = next(events_of(tmp_path / "site")).with_suffix(".html").read_text(encoding="utf-8")
    assert "<title>MY " in page and 'class="events"' in page
    assert (tmp_path / "site/site.css").read_text() == "/* mine */"
    assert "<title>Archive" in (tmp_path / "site/index.html").read_text(encoding="utf-8")
    (own / "event.html").write_text("{{ event.headline }}", encoding="utf-8")
    done = publish(index, tmp_path / "site", jobs=1, templates=own, changed=[])
    assert done.everything == "templates changed since the last publish"
    assert "<html" not in next(events_of(tmp_path / "site")).with_suffix(".html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{% if %}", "event.html, line 1: Expected an expression"),
        (b"\n{{ nosuch.thing }}", "event.html, line 2: 'nosuch' is undefined"),
        (b"\n\n{{ 1 // 0 }}", "event.html, line 3: ZeroDivisionError"),
        (b'{% extends "shipped/evnt.html" %}', "shipped/evnt.html"),
        (b"\xff", "event.html: UnicodeDecodeError"),
    ],
)
def test_what_is_wrong_in_a_template_is_said_with_its_line(
    sample_path: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "event.html").write_bytes(content)
    index = RelatedIndex.build(records(sample_path)[:5])
    with pytest.raises(ConfigError) as caught:
        publish(index, tmp_path / "site", jobs=1, templates=own)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["evnt.html", "style.css", "parts/line.html"])
def test_a_template_that_nothing_uses_is_told_before_the_work(
    sample_path: Path, tmp_path: Path, name: str
) -> None:
    own = tmp_path / "own"
    (own / name).parent.mkdir(parents=True)
    (own / name).write_text("mine", encoding="utf-8")
    (own / "notes.txt").write_text("no template", encoding="utf-8")
    index = RelatedIndex.build(records(sample_path)[:5])
    with pytest.raises(ConfigError) as caught:
        publish(index, tmp_path / "site", jobs=1, templates=own)
    assert f"{own / name} replaces no template of the library" in str(caught.value) and "event.html" in str(
        caught.value
    )
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("asks", ['"parts/line.html"', '"parts/" ~ "line.html"'])
def test_a_template_may_ask_for_others(sample_path: Path, tmp_path: Path, asks: str) -> None:
    own = tmp_path / "own"
    (own / "parts").mkdir(parents=True)
    (own / "parts/line.html").write_text("from a part", encoding="utf-8")
    (own / "event.html").write_text(f"{{% include {asks} %}}", encoding="utf-8")
    index = RelatedIndex.build(records(sample_path)[:5])
    publish(index, tmp_path / "site", jobs=1, templates=own)
    assert (
        next(events_of(tmp_path / "site")).with_suffix(".html").read_text(encoding="utf-8") == "from a part"
    )


def test_the_command(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    done = forks.run(
        "publish", small, "-o", folder, "--formats", "md,json", "--url", URL, "--jobs", 1, "--json"
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["events"], said["unchanged"]) == (len(RelatedIndex.open(small)), 0) and said[
        "written"
    ] == len(tree(folder))
    assert sum(map(len, tree(folder).values())) == said["bytes"]
    names = tmp_path / "changed.txt"
    names.write_bytes(b"2014-07-17-mh17-shot-down\r\nno-such-event\n\n")
    done = forks.run("publish", small, "-o", folder, "--formats", "md,json", "--url", URL, "--changed", names)
    assert done.returncode == 0, done.stderr
    assert "0 files written" in done.stdout and "were checked" not in done.stdout
    done = forks.run("publish", small, "-o", folder, "--formats", "md", "--changed", names, "--jobs", 1)
    assert "formats, url changed since the last publish" in done.stdout and "give --url" in done.stdout
    assert not (folder / "index.json").exists()
    for arguments, code in (
        (("publish", tmp_path / "none.index", "-o", folder), 4),
        (("publish", small, "-o", folder, "--formats", "pdf"), 2),
        (("publish", small, "-o", folder, "--changed", tmp_path / "none.txt"), 3),
        (("publish", small, "-o", small), 2),
    ):
        failed = forks.run(*arguments)
        assert failed.returncode == code and failed.stderr and not failed.stdout, (arguments, failed)
