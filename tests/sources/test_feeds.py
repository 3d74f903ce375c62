"""Feeds in files: RSS, Atom and JSON Feed of the shapes that sites publish, and what is refused."""

from __future__ import annotations

import gzip
import json
import re
import socket
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness.errors import InputError
from relatedness.events import Event, Source
from relatedness.related_index import RelatedIndex
from relatedness.sources._feeds import plain, read_feed
from relatedness.sources._stream import read

pytest.importorskip("feedparser")

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>The Observer &amp; Co</title><link>https://observer.example/</link><language>en-GB</language>
<item><title>Mosul falls to &amp;lt;ISIL&amp;gt;</title><link>https://observer.example/mosul</link>
<guid isPermaLink="false">obs-1</guid><pubDate>Tue, 10 Jun 2014 18:30:00 +0200</pubDate>
<category>Iraq</category><category>ISIL</category>
<description>Short.</description>
<content:encoded><![CDATA[<p>The <b>second</b> city of&nbsp;Iraq falls.</p><script>alert(1)</script><p>Soldiers flee.<br>Many leave.</p>]]></content:encoded>
</item>
<item><title>No date here</title><link>https://observer.example/none</link></item>
<item><title>Dam captured</title><link>https://observer.example/dam</link><dc:date>2014-08-07T09:00:00Z</dc:date>
<description>&lt;p&gt;The dam of Mosul &amp;amp; more.&lt;/p&gt;</description></item>
</channel></rss>
"""
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Le Journal</title>
<entry><title type="html">Mossoul &amp;amp; l'EI</title><id>tag:journal.example,2014:1</id>
<link href="https://journal.example/mossoul"/><published>2014-06-10T18:30:00Z</published>
<updated>2014-06-12T00:00:00Z</updated><category term="irak" label="Irak"/>
<summary>La ville tombe.</summary></entry></feed>
"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "News",
    "language": "en",
    "items": [
        {
            "id": "1",
            "url": "https://news.example/1",
            "title": "Mosul falls",
            "content_html": "<p>To <i>ISIL</i>.</p>",
            "date_published": "2014-06-10T18:30:00+02:00",
            "tags": ["Iraq"],
        },
        {"id": "2", "content_text": "The dam of Mosul.", "date_modified": "2014-08-07T00:00:00Z"},
        {"id": "3", "title": "No date"},
    ],
}


def test_rss(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(RSS, encoding="utf-8")
    with pytest.raises(InputError, match=r"feed\.xml, record 2, field 'date'"):
        list(read(path))
    reading = read(path, rejects=tmp_path / "rejects.jsonl")
    first, second = list(reading)
    assert first == Event(
        "obs-1",
        datetime(2014, 6, 10, 16, 30, tzinfo=UTC),
        title="Mosul falls to <ISIL>",
        text="The second city of Iraq falls.\n\nSoldiers flee. Many leave.",
        topics=("Iraq", "ISIL"),
        sources=(Source("The Observer & Co", "https://observer.example/mosul"),),
        url="https://observer.example/mosul",
        language="en-GB",
    )
    assert (second.id, second.text) == ("https://observer.example/dam", "The dam of Mosul & more.")
    assert reading.rejected == 1
    assert "No date here" in (tmp_path / "rejects.jsonl").read_text(encoding="utf-8")


def test_atom(tmp_path: Path) -> None:
    path = tmp_path / "feed.atom.gz"
    path.write_bytes(gzip.compress(ATOM.encode()))
    (event,) = read(path)
    assert event == Event(
        "tag:journal.example,2014:1",
        datetime(2014, 6, 10, 18, 30, tzinfo=UTC),
        title="Mossoul & l'EI",
        text="La ville tombe.",
        topics=("Irak",),
        sources=(Source("Le Journal", "https://journal.example/mossoul"),),
        url="https://journal.example/mossoul",
        language="fr",
    )


def test_json_feed(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(JSON_FEED), encoding="utf-8")
    first, second = read(path, rejects=tmp_path / "rejects.jsonl")
    assert (first.id, first.title, first.text, first.topics) == ("1", "Mosul falls", "To ISIL.", ("Iraq",))
    assert first.date.isoformat() == "2014-06-10T18:30:00+02:00"
    assert (first.sources, first.language) == ((Source("News", "https://news.example/1"),), "en")
    assert (second.id, second.title, second.text) == ("2", "", "The dam of Mosul.")


def test_our_own_feeds_are_read_again(tmp_path: Path, sample_index: RelatedIndex) -> None:
    sample_index.publish(tmp_path, formats=["json"], title="Sample", url="https://sample.example")
    atom, json_feed = list(read(tmp_path / "atom.xml")), list(read(tmp_path / "feed.json"))
    assert [(e.id, e.title, e.text, e.topics, e.url, e.seconds) for e in atom] == [
        (e.id, e.title, e.text, e.topics, e.url, e.seconds) for e in json_feed
    ]
    assert len(atom) == 50 and {e.title for e in atom} <= {e.headline for e in sample_index.events.values()}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.xml", "", "neither RSS nor Atom|not well-formed"),
        ("a.xml", "<html><p>x</p></html>", "neither RSS nor Atom"),
        ("a.rss", RSS[:700], "not well-formed"),
        ("a.json", "[1]", "no JSON Feed"),
        ("a.json", '{"id": "x", "date": "2014-06-10"}', r"\.jsonl"),
        ("a.json", "{", "no JSON Feed"),
        ("a.json", '{"version": "https://jsonfeed.org/version/1"}', "items"),
        ("a.json", '{"version": "https://jsonfeed.org/version/1", "items": [3]}', "no object"),
    ],
)
def test_what_is_no_feed_is_refused(tmp_path: Path, name: str, text: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        list(read(path))
    assert caught.value.file == str(path)


def test_a_feed_that_breaks_off_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(RSS[: RSS.index("<item><title>Dam") + 40], encoding="utf-8")
    reading = read(path, rejects=tmp_path / "r.jsonl")
    assert [event.id for event in reading] == ["obs-1"]
    assert "not well-formed" in (tmp_path / "r.jsonl").read_text(encoding="utf-8")


def test_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a feed in a file asked for the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    secret = tmp_path / "secret"
    secret.write_text("hunter2", encoding="utf-8")
    hostile = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y SYSTEM '
        '"http://evil.example/">]>'
        + RSS.partition("?>")[2].replace("Short.", "&x;&y;").replace("Iraq falls", "&x; falls")
    )
    for text in ("https://evil.example/feed.xml", hostile):
        with suppress(InputError):
            for item in read_feed(text.encode()):
                assert "hunter2" not in str(item)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("plain < text", "plain < text"),
        ("<p>a</p>\n<p>b<br/>c</p>", "a\n\nb c"),
        ("<style>p{}</style>x<script>y</script>z", "xz"),
        ("a &amp; b&nbsp;c &lt;d&gt;", "a & b c <d>"),
        ("</script>x", "x"),
    ],
)
def test_html_becomes_words(html: str, words: str) -> None:
    assert plain(html) == words


PIECES = re.split(r"(?=<)|(?<=>)", RSS + ATOM)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join), st.booleans())
def test_nothing_but_input_errors(text: str, as_json: bool) -> None:
    with suppress(InputError):
        for item in read_feed(text.encode("utf-8", "surrogatepass"), as_json=as_json):
            if isinstance(item, dict):
                with suppress(InputError):
                    assert isinstance(Event.make(item).date, date)
