"""The feeds of a site: when they, and each of their entries, were last updated."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

from relatedness.events import Event
from relatedness.publish._feeds import atom, json_feed, sitemap_names, topic_atom
from relatedness.publish._layout import EventEntry, Site
from relatedness.publish._words import SiteWords

SITE: Any = SimpleNamespace(title="News", language="en", url="https://news.example", formats=("html",))
DATES = [date(2016, 7, 11), datetime(2016, 7, 12, 23, 30, tzinfo=UTC), date(2015, 1, 2)]
INSTANTS = ["2016-07-11T00:00:00Z", "2016-07-12T23:30:00Z", "2015-01-02T00:00:00Z"]


def entries() -> list[tuple[Any, Event]]:
    return [
        (
            SimpleNamespace(id=str(n), path=f"news/{n}", title=f"Event {n}", contexts=("Iraq",)),
            Event(id=str(n), date=when, text=f"Text {n}."),
        )
        for n, when in enumerate(DATES)
    ]


def test_each_entry_is_as_old_as_its_event_and_the_feed_as_its_latest() -> None:
    feed = ET.fromstring(atom(SITE, entries()))
    name = "{http://www.w3.org/2005/Atom}"
    assert [entry.findtext(f"{name}updated") for entry in feed.iter(f"{name}entry")] == INSTANTS
    assert feed.findtext(f"{name}updated") == max(INSTANTS)
    assert [item["date_published"] for item in json.loads(json_feed(SITE, entries()))["items"]] == INSTANTS


def test_an_instant_of_another_zone_is_told_in_that_of_greenwich() -> None:
    when = datetime(2016, 7, 12, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    ((entry, _),) = entries()[:1]
    feed = json.loads(json_feed(SITE, [(entry, Event(id="0", date=when, text="Text."))]))
    assert feed["items"][0]["date_published"] == "2016-07-11T19:45:00Z"


def test_an_item_holds_the_text_of_its_event_or_where_it_has_none_the_title() -> None:
    ((entry, _),) = entries()[:1]
    events = [Event(id="0", date=DATES[0], title="Title", text=text) for text in ("Text.", "")]
    items = json.loads(json_feed(SITE, [(entry, event) for event in events]))["items"]
    assert [item["content_text"] for item in items] == ["Text.", "Title"]


def test_a_feed_leads_to_pages_of_a_form_that_the_site_has() -> None:
    for formats, ending in ((("md", "html"), "html"), (("md", "json"), "md")):
        site: Any = SimpleNamespace(**{**vars(SITE), "formats": formats})
        items = json.loads(json_feed(site, entries()))["items"]
        assert [item["url"] for item in items] == [
            f"https://news.example/news/{n}.{ending}" for n in range(3)
        ]


def test_a_feed_without_entries_has_a_time_nevertheless() -> None:
    feed = ET.fromstring(atom(SITE, []))
    assert feed.findtext("{http://www.w3.org/2005/Atom}updated") == "1970-01-01T00:00:00Z"


def test_the_feed_of_a_topic_is_as_old_as_its_latest_event() -> None:
    events = [
        EventEntry(str(n), f"news/{n}", f"Event {n}", "2016-07-11", seconds, ("Iraq",), 0)
        for n, seconds in enumerate((0, 86_400, 3_600))
    ]
    feed = ET.fromstring(topic_atom(SITE, "Iraq", "topics/iraq/index", events))
    name = "{http://www.w3.org/2005/Atom}"
    assert feed.findtext(f"{name}updated") == "1970-01-02T00:00:00Z"
    assert [entry.findtext(f"{name}title") for entry in feed.iter(f"{name}entry")] == [
        "Event 2",
        "Event 1",
        "Event 0",
    ]


def test_the_feed_of_a_topic_holds_its_newest_events() -> None:
    events = [EventEntry(str(n), f"news/{n}", f"Event {n}", "1970-01-01", n, ("Iraq",), 0) for n in range(50)]
    feed = ET.fromstring(topic_atom(SITE, "Iraq", "topics/iraq/index", events))
    name = "{http://www.w3.org/2005/Atom}"
    titles = [entry.findtext(f"{name}title") for entry in feed.iter(f"{name}entry")]
    assert titles == [f"Event {n}" for n in reversed(range(50))][: len(titles)]
    assert 10 <= len(titles) < 50


def test_a_topic_of_five_dated_events_has_a_feed_and_one_of_four_has_none() -> None:
    listed = [
        EventEntry(f"{topic} {n}", f"news/{topic}/{n}", "", "2016-07-11" if n < dated else "", n, (topic,), 0)
        for topic, dated, number in (("Iraq", 5, 5), ("Syria", 4, 7))
        for n in range(number)
    ]
    site = Site("News", listed, [], {}, SiteWords("en"))
    assert site.topic_feeds == {"topics/iraq/index": ("topics/iraq/atom.xml", "Iraq")}


def test_a_sitemap_is_divided_where_the_protocol_asks_for_it() -> None:
    assert sitemap_names(50_000) == ["sitemap.xml"]
    assert len(sitemap_names(50_001)) == len(sitemap_names(100_000)) == 3
    assert len(sitemap_names(100_001)) == 4
