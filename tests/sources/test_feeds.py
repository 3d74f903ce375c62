"""Feeds in files: RSS, Atom and JSON Feed of the shapes that sites publish, and what is refused."""

from __future__ import annotations

import gzip
import json
import re
import socket
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness.errors import InputError
from relatedness.events import Event, Source
from relatedness.related_index import RelatedIndex
from relatedness.sources import read
from relatedness.sources._feeds import read_feed
from relatedness.sources._report import Post

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
    reading = read(path)
    first, second = list(reading)
    assert reading.left_out == {"entries without a date": 1}
    assert first == Event(
        "obs-1",
        datetime(2014, 6, 10, 18, 30, tzinfo=timezone(timedelta(hours=2))),
        title="Mosul falls to <ISIL>",
        text="The second city of Iraq falls.\n\nSoldiers flee. Many leave.",
        topics=("Iraq", "ISIL"),
        sources=(Source("The Observer & Co", "https://observer.example/mosul"),),
        url="https://observer.example/mosul",
        language="en-GB",
    )
    assert (second.id, second.text) == ("https://observer.example/dam", "The dam of Mosul & more.")


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
    first, second = read(path)
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
        ("a.json", '{"version": "https://jsonfeed.org/version/1"}', "items"),
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


def rss(*items: str) -> str:
    names = 'xmlns:x="http://x.example/" xmlns:app="http://www.w3.org/2007/app"'
    return f'<rss version="2.0" {names}><channel><title>T</title>{"".join(items)}</channel></rss>'


def item(number: int, more: str = "", when: str = "Mon, 04 Mar 2019 10:00:00 GMT") -> str:
    return (
        f"<item><title>Title</title><guid>{number}</guid><pubDate>{when}</pubDate>"
        f"<description>Words</description>{more}</item>"
    )


@pytest.mark.parametrize(
    ("when", "zone", "expected"),
    [
        ("Mon, 04 Mar 2019 10:00:00 -0500", None, "2019-03-04T10:00:00-05:00"),
        ("Mon, 04 Mar 2019 10:00:00 EST", None, "2019-03-04T10:00:00-05:00"),
        ("Mon, 04 Mar 2019 10:00:00", None, "2019-03-04T10:00:00+00:00"),
        ("2019-03-04 10:00:00", "Europe/Paris", "2019-03-04T10:00:00+01:00"),
        ("2019-03-04", None, "2019-03-04"),
        ("10:30", None, None),
        ("yesterday", None, None),
        ("Mon, 34 Mar 2019 10:00:00 GMT", None, None),
    ],
)
def test_an_entry_has_its_own_date_or_none(
    tmp_path: Path, when: str, zone: str | None, expected: str | None
) -> None:
    path = tmp_path / "a.xml"
    path.write_text(rss(item(1, when=when), item(2)), encoding="utf-8")
    reading = read(path, zone=zone)
    assert [e.date.isoformat() for e in reading if e.id == "1"] == ([expected] if expected else [])
    assert (reading.events, reading.faulty) == ((2, 0) if expected else (1, 1))
    if expected is None:
        assert "record 1, field 'date': not a date" in str(reading.faults[0])
        with pytest.raises(InputError, match="not a date"):
            list(read(path, strict=True))


@pytest.mark.parametrize(
    "more",
    [
        "<x:status>draft</x:status>", "<x:status>private</x:status>", "<status>pending</status>",
        "<x:visibility>hidden</x:visibility>", "<app:control><app:draft>yes</app:draft></app:control>",
        "<x:draft>true</x:draft>", "<x:post_type>page</x:post_type>", "<x:post_password>a</x:post_password>",
    ],
)  # fmt: skip
def test_what_an_unknown_dialect_keeps_from_readers_is_left_out(tmp_path: Path, more: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        rss(item(1, more), item(2, "<x:status>publish</x:status><category>Draft</category>")), "utf-8"
    )
    reading = read(path)
    assert [event.id for event in reading] == ["2"]
    assert sum(reading.left_out.values()) == 1


def test_blogger_exports_comments_and_templates_too(tmp_path: Path) -> None:
    kind = "http://schemas.google.com/g/2005#kind"
    entries = "".join(
        f"<entry><id>{name}</id><title>{name}</title><published>2019-03-04T10:00:00Z</published>"
        f'<category scheme="{kind}" term="http://schemas.google.com/blogger/2008/kind#{name}"/>'
        '<category scheme="http://www.blogger.com/atom/ns#" term="Iraq"/></entry>'
        for name in ("post", "comment", "template")
    )
    path = tmp_path / "a.xml"
    path.write_text(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title>{entries}</feed>', "utf-8")
    assert [(event.id, event.topics) for event in read(path)] == [("post", ("Iraq",))]
    newer = "".join(
        f"<entry><id>{name}</id><title>{name}</title><published>2019-03-04T10:00:00Z</published>"
        f"<blogger:type>{name}</blogger:type><blogger:status>LIVE</blogger:status></entry>"
        for name in ("POST", "COMMENT")
    )
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:blogger="http://schemas.google.com/blogger/2018"'
    path.write_text(f"<feed {spaces}><title>B</title>{newer}</feed>", "utf-8")
    assert [event.id for event in read(path)] == ["POST"]


WXR = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<title>Blog</title><language>fr-FR</language>{}</channel></rss>"""


def wp(number: int, status: str = "publish", kind: str = "post", more: str = "", body: str = "Words") -> str:
    return (
        f"<item><title>A &amp;amp; B</title><link>https://b.example/{number}</link><guid>g{number}</guid>"
        f"<pubDate>Mon, 04 Mar 2019 10:00:00 +0000</pubDate><content:encoded><![CDATA[{body}]]></content:encoded>"
        f"<excerpt:encoded><![CDATA[Short]]></excerpt:encoded><wp:post_id>{number}</wp:post_id>"
        f"<wp:post_date>2019-03-04 11:00:00</wp:post_date><wp:post_date_gmt>2019-03-04 10:00:00</wp:post_date_gmt>"
        f"<wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type>{more}</item>"
    )


def test_wordpress(tmp_path: Path) -> None:
    body = (
        '<!-- wp:paragraph -->\nOne [sic] [gallery ids="1,2"]\n\nTwo [caption id="x"]Shown[/caption]\n\n'
        '[code lang="php"]hidden();[/code]\n<!-- /wp:paragraph -->'
    )
    more = (
        '<category domain="category" nicename="war"><![CDATA[War]]></category>'
        '<category domain="post_tag" nicename="iraq"><![CDATA[Iraq]]></category>'
        '<category domain="language" nicename="en"><![CDATA[English]]></category>'
        '<category domain="post_translations" nicename="pll_1"><![CDATA[pll_1]]></category>'
    )
    items = [
        wp(1, more=more, body=body), wp(2, "draft"), wp(3, "private"), wp(4, "future"), wp(5, "inherit", "attachment"),
        wp(6, "publish", "page"), wp(7, more="<wp:post_password>x</wp:post_password>"), wp(8, body=""),
    ]  # fmt: skip
    for name, data in (("a.xml", WXR.format("".join(items)).encode()), ("a.xml.gz", b"")):
        path = tmp_path / name
        path.write_bytes(data or gzip.compress((tmp_path / "a.xml").read_bytes()))
        reading = read(path)
        assert list(reading) == [
            Event(
                "1", datetime(2019, 3, 4, 10, tzinfo=UTC), title="A & B", text="One [sic]\n\nTwo Shown",
                topics=("Iraq",), category="War", url="https://b.example/1", language="en", group="pll_1",
            ),
            Event(
                "8", datetime(2019, 3, 4, 10, tzinfo=UTC), title="A & B", text="Short", url="https://b.example/8",
                language="fr-FR", group="8",
            ),
        ]  # fmt: skip
        assert reading.left_out == {
            "drafts": 1, "hidden": 2, "dated in the future": 1, "entries that are not posts": 2,
        }  # fmt: skip
    path = tmp_path / "b.xml"
    path.write_bytes(WXR.format("".join(items)).encode()[:-200])
    reading = read(path, rejects=tmp_path / "rejects.jsonl")
    assert [event.id for event in reading] == ["1"] and reading.rejected == 1
    with pytest.raises(InputError, match="not well-formed"):
        list(read(path))


def test_ghost(tmp_path: Path) -> None:
    posts = [
        {"id": "a", "title": "T", "html": "<p>x</p>", "status": "published", "published_at": "2019-03-04T10:00:00.000Z"},
        {"id": "b", "status": "draft"}, {"id": "c", "status": "published", "visibility": "paid"}, {"id": "d", "type": "page"},
        {"id": "e", "status": "scheduled"},
    ]  # fmt: skip
    tags = [
        {"id": 1, "name": "Iraq"},
        {"id": 2, "name": "#internal", "visibility": "internal"},
        {"id": 3, "name": "War"},
    ]
    links = [{"post_id": "a", "tag_id": n, "sort_order": -n} for n in (1, 2, 3)]
    data = {"posts": posts, "tags": tags, "posts_tags": links}
    path = tmp_path / "ghost.json"
    path.write_text(json.dumps({"db": [{"meta": {}, "data": data}]}), encoding="utf-8")
    reading = read(path)
    (event,) = reading
    assert (event.id, event.text, event.topics, event.category) == ("a", "x", ("War", "Iraq"), "War")
    assert reading.left_out == {
        "drafts": 1, "hidden": 1, "entries that are not posts": 1, "dated in the future": 1,
    }  # fmt: skip


def test_medium_and_substack_unpacked(tmp_path: Path) -> None:
    (tmp_path / "m/posts").mkdir(parents=True)
    page = (
        "<!DOCTYPE html><html><head><title>Mosul falls</title></head><body><article><header><h1 class='p-name'>Mosul falls"
        "</h1></header><section data-field='body' class='e-content'><p>Words.</p><pre>code</pre></section><footer><p>By X on "
        "<a><time class='dt-published' datetime='2019-03-04T10:00:00.000Z'>March 4</time></a>. Exported from Medium.</p>"
        "<p><a href='https://medium.com/@x/mosul-falls-1a2b' class='p-canonical'>Canonical link</a></p></footer></article></body></html>"
    )
    (tmp_path / "m/posts/2019-03-04_Mosul-falls-1a2b.html").write_text(page, encoding="utf-8")
    (tmp_path / "m/posts/draft_Later-3c4d.html").write_text(page, encoding="utf-8")
    reading = read(tmp_path / "m")
    (event,) = reading
    assert (event.title, event.text, event.date, event.url) == (
        "Mosul falls",
        "Words.",
        datetime(2019, 3, 4, 10, tzinfo=UTC),
        "https://medium.com/@x/mosul-falls-1a2b",
    )
    assert reading.left_out == {"drafts": 1}

    (tmp_path / "s/posts").mkdir(parents=True)
    (tmp_path / "s/posts.csv").write_text(
        "post_id,post_date,is_published,type,audience,title,subtitle\n"
        "1.mosul,2019-03-04T10:00:00.000Z,true,newsletter,everyone,Mosul falls,Short\n"
        "2.dam,2019-03-05T10:00:00.000Z,true,newsletter,only_paid,The dam,\n"
        "3.cup,,false,newsletter,everyone,The cup,\n"
        "4.about,2019-03-06T10:00:00.000Z,true,page,everyone,About,\n"
        "5.mail,2019-03-07T10:00:00.000Z,true,adhoc_email,everyone,To a few,\n",
        encoding="utf-8",
    )
    share = '<p class="button-wrapper"><a class="button primary" href="https://x.example/?share"><span>Share</span></a></p>'
    for name in ("1.mosul", "2.dam", "3.cup", "4.about", "5.mail"):
        (tmp_path / f"s/posts/{name}.html").write_text(f"<p>Words.</p>{share}", encoding="utf-8")
    reading = read(tmp_path / "s")
    (event,) = reading
    assert (event.id, event.title, event.text) == ("posts/1.mosul.html", "Mosul falls", "Words.")
    assert reading.left_out == {
        "drafts": 1, "hidden": 2, "entries that are not posts": 1, "files of other kinds": 1,
    }  # fmt: skip


def test_what_the_makers_of_exports_hide_inside_a_post(tmp_path: Path) -> None:
    posts = [
        {"id": str(number), "title": "T", "html": html, "published_at": f"2019-03-0{number}T10:00:00.000Z"}
        for number, html in enumerate((
            '<p>Open.</p><!--kg-gated-block:begin nonMember:false memberSegment:"status:free" --><p>Members.</p>'
            '<!--kg-gated-block:end--><!--kg-gated-block:begin nonMember:true memberSegment:"" --><p>Visitors.</p>'
            "<!--kg-gated-block:end-->",
            "<p>By mail.</p>",
            '<p>Open.</p><!--kg-gated-block:begin nonMember:false memberSegment:"" --><p>Members.</p>',
            '<p>Open.</p><div class="kg-signup-card"><h2>Join</h2><button>Subscribe</button></div>',
        ), 1)
    ]  # fmt: skip
    data = {
        "posts": posts,
        "posts_meta": [{"post_id": "2", "email_only": 1}],
        "settings": [{"key": "locale", "value": "de"}],
    }
    path = tmp_path / "ghost.json"
    path.write_text(json.dumps({"db": [{"meta": {}, "data": data}]}), encoding="utf-8")
    reading = read(path)
    assert [(event.id, event.text, event.language) for event in reading] == [
        ("1", "Open.\n\nVisitors.", "de"), ("3", "Open.", "de"), ("4", "Open.", "de"),
    ]  # fmt: skip
    assert reading.left_out == {"hidden": 1}

    hidden = '<!-- wp:{} {{"metadata":{{"name":"x","blockVisibility":false}}}} {}-->'
    body = (
        "<!-- wp:paragraph -->\n<p>Open.</p>\n<!-- /wp:paragraph -->" + hidden.format("group", "")
        + "<!-- wp:group --><p>Inner.</p><!-- /wp:group --><!-- wp:image /--><p>Hidden.</p><!-- /wp:group -->"
        + hidden.format("latest-posts", "/") + "<!-- wp:paragraph --><p>End.\x0b</p><!-- /wp:paragraph -->"
    )  # fmt: skip
    no_day = wp(2).replace("2019-03-04 10:00:00", "0000-00-00 00:00:00")
    path = tmp_path / "wordpress.xml"
    path.write_text(
        WXR.format(wp(1, body=body) + no_day.replace("Mon, 04 Mar 2019 10:00", "Mon, 30 Nov -0001 00:00")),
        encoding="utf-8",
    )
    first, second = read(path)
    assert first.text == "Open.\n\nEnd."
    assert second.date == datetime(2019, 3, 4, 11, tzinfo=UTC)


def test_a_feed_that_grows_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relatedness.sources._feeds.MAX_FEED", 100_000)
    monkeypatch.setattr("relatedness.sources._exports._LARGEST_ITEM", 100_000)
    for text in (rss(item(1, " " * 200_000)), WXR.format(wp(1, body="x" * 200_000))):
        path = tmp_path / "a.xml.gz"
        path.write_bytes(gzip.compress(text.encode()))
        with pytest.raises(InputError, match="100,000 bytes"):
            list(read(path))


@pytest.mark.parametrize(
    "unit", ["<!--", "<a ", "<p>", "&amp;", "]]", "<b>x", "[code]", "[gallery a=", "[/x]"]
)
def test_hostile_entries_take_no_longer_than_their_length_asks(tmp_path: Path, unit: str) -> None:
    text = unit * (200_000 // len(unit))
    for whole in (rss(item(1).replace("Words", f"<![CDATA[{text}]]>")), WXR.format(wp(1, body=text))):
        path = tmp_path / "a.xml"
        path.write_text(whole, encoding="utf-8")
        assert len(list(read(path))) == 1


PIECES = re.split(r"(?=<)|(?<=>)", RSS + ATOM)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join), st.booleans())
def test_nothing_but_input_errors(text: str, as_json: bool) -> None:
    with suppress(InputError):
        for item in read_feed(text.encode("utf-8", "surrogatepass"), as_json=as_json):
            if isinstance(item, Post):
                with suppress(InputError):
                    assert isinstance(Event.make(item).date, date)
