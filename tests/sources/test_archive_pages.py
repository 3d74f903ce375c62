"""Event pages: every part of the archive's shape, the way back, and what is refused."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from day_pages import read_day
from examples import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relatedness.errors import InputError
from relatedness.events import Event, Source
from relatedness.sources import DayEntry, DayPage, Link, Page, RelatedLink, write_day, write_page
from relatedness.sources._archive_pages import VersionLink
from relatedness.sources._archive_reader import read_page

PAGES = Path(__file__).parents[1] / "data" / "pages"
CURIOSITY = "news/2012/08/6/the-rover-curiosity-lands-in-gale-crater-on-mars"
INSIGHT = "news/2018/11/26/insight-lands-on-the-plain-elysium-planitia"
PERSEVERANCE = "news/2021/02/18/the-rover-perseverance-lands-in-jezero-crater"


def load(path: str) -> Page:
    return read_page((PAGES / f"{path}.md").read_text(encoding="utf-8"), path=f"{path}.md")


def test_every_part_of_a_page() -> None:
    page = load(CURIOSITY)
    first = "news/2012/08/6/the-rover-curiosity-has-landed-on-mars"
    assert page.event == Event(
        id=CURIOSITY,
        date=date(2012, 8, 6),
        title="The rover Curiosity lands in Gale Crater on Mars.",
        text="A crane held by rockets lowers NASA's rover, which weighs about 900 kilograms, to the floor of "
        "the crater & flies off.",
        topics=("Mars Science Laboratory",),
        sources=(
            Source("NASA", "https://www.nasa.gov/mission_pages/msl/index.html"),
            Source("The Observer (Test)", "http://observer.example/news?id=12&copy=2"),
        ),
        url=f"/{CURIOSITY}.html",
        group=first,
    )
    assert page.path == CURIOSITY
    assert page.cover == "https://observer.example/images/curiosity_1024.jpg"
    assert page.versions == (
        VersionLink(
            "The rover Curiosity has landed on Mars.", first, "First version", datetime(2012, 8, 6, 6, 10, 44)
        ),
        VersionLink(
            "Curiosity lands in Gale Crater.",
            "news/2012/08/6/curiosity-lands-in-gale-crater",
            "Update",
            datetime(2012, 8, 6, 18, 30, 5),
        ),
        VersionLink(page.event.title, CURIOSITY, "Current version"),
    )
    assert page.related == (
        RelatedLink(
            "The rover Perseverance lands in Jezero Crater [with a small helicopter on board].",
            PERSEVERANCE,
            ("Mars", "NASA", "rover"),
        ),
        RelatedLink(
            "InSight lands on the plain Elysium Planitia to listen for quakes.",
            INSIGHT,
            ("Mars", "NASA", "Washington, D.C."),
        ),
        RelatedLink("A page without a reason.", "news/2004/01/4/spirit-lands"),
    )


def test_a_page_without_formats_is_named_by_its_day_and_file() -> None:
    page = load(INSIGHT)
    assert (page.path, page.event.id, page.event.url, page.event.text) == (INSIGHT, INSIGHT, None, "")
    assert page.event.sources == (Source("JPL", "https://www.jpl.nasa.gov/missions/insight"),)
    assert page.cover == "https://observer.example/images/insight.jpg"
    text = (PAGES / f"{INSIGHT}.md").read_text(encoding="utf-8")
    assert read_page(text, path=INSIGHT.replace("/", "__") + ".md").event.id == INSIGHT
    assert re.fullmatch(r"2018-11-26-[0-9a-f]{12}", read_page(text).event.id)


def test_several_topics_and_paragraphs() -> None:
    event = load(PERSEVERANCE).event
    assert event.topics == ("Mars 2020", "Exploration of Mars")
    assert event.text == "It carries a small helicopter, Ingenuity.\n\nThe crater once held a lake."


@pytest.mark.parametrize(
    "change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("\n", "\r")]
)
def test_line_ends_and_a_byte_order_mark_change_nothing(change) -> None:
    text = (PAGES / f"{CURIOSITY}.md").read_text(encoding="utf-8")
    assert read_page(change(text)) == read_page(text)


def test_a_day_page() -> None:
    day = read_day((PAGES / "news/2012/08/6/index.md").read_text(encoding="utf-8"))
    assert day.date == date(2012, 8, 6)
    assert day.entries == (
        DayEntry(
            "The rover Curiosity lands in Gale Crater on Mars.",
            CURIOSITY,
            ("Mars Science Laboratory",),
            contexts=("NASA", "Gale Crater", "Mars"),
        ),
        DayEntry(
            "Usain Bolt's Olympic title over 100 metres is celebrated in Jamaica.",
            "news/2012/08/6/usain-bolt-s-olympic-title-is-celebrated",
            text="He won the final in London on the evening before.",
        ),
    )
    assert (day.previous, day.following) == ("news/2012/08/5/index", "news/2012/08/7/index")


HEAD = "### [2014-06-10](/news/2014/06/10/index.md)\n\n# Mosul falls.\n\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "no date"),
        ("# A title\n", None, "no date"),
        ("### [2014-06-10](/n/index.md)\n", None, "no title"),
        ("Once upon a time\n" + HEAD, 1, "not a line of an event page"),
        ("### 2014-06-10\n\n# Mosul falls.\n", 1, "not a link"),
        ("### [2014-06-31](/n/index.md)\n\n# Mosul falls.\n", None, "not a date"),
        ("### [2014-06-10T10:00](/n/index.md)\n\n# Mosul falls.\n", None, "time zone"),
        (HEAD + "### Comments:\n\n1. First!\n", 5, "there is no section"),
        (HEAD + "### Related:\n\n- [A](/a.md)\n", 7, "not a numbered entry"),
        (HEAD + "### Related:\n\n1. A\n", 7, "not a link"),
        (HEAD + "### Related:\n\n1. [A](/a.md) _Because: B_\n", 7, "_Context: A, B_"),
        (HEAD + "### Changes:\n\n1. [A](/a.md) _yesterday (Update)_\n", 7, "not a time"),
        (HEAD + "### Changes:\n\n1. [A](/a.md)\n", 7, "(Update)"),
        (HEAD + "### Sources:\n\n1. [A](/a) _B_\n", 7, "nothing after"),
        (HEAD + "### Related:\n\n1. [A](/%00.md)\n", 7, "NUL"),
        ("<!-- event: [1] -->\n" + HEAD, 1, "JSON object"),
        ('<!-- event: {"colour": "red"} -->\n' + HEAD, 1, "JSON object"),
        ("<!-- event: " + "[" * 100_000 + " -->\n" + HEAD, 1, "JSON object"),
        ('<!-- event: {"url": 3} -->\n' + HEAD, None, "expected text"),
        (HEAD.replace("Mosul falls.", ""), None, "both title and text are empty"),
        (HEAD + "a\x00b", None, "NUL"),
    ],
)
def test_what_is_no_event_page_is_refused_with_the_line(text: str, line: int | None, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        read_page(text)
    assert caught.value.line == line


def test_what_is_written_reads_well_and_is_safe() -> None:
    event = Event.make(
        {
            "id": "e1",
            "date": "2014-06-10",
            "title": "<script>alert(1)</script> & [so on](javascript:alert(2)) R&amp;D, R&D",
            "text": "# No heading\n1. no list\n- no list\n=====\n\nA paragraph_with_underscores.",
            "sources": [
                {"name": "Bad", "url": "javascript:alert(3)"},
                {"name": "Cover Image", "url": "http://x.example/_a_"},
            ],
            "category": "--> <b>",
        }
    )
    page = Page(
        "2014/mosul falls",
        event,
        (
            RelatedLink("A_b_", "c", ("Paris, Texas", "D.C.")),
            RelatedLink("A", "a", ("Iraq",), shared=("x; Context: y", "z;")),
        ),
        cover="https://i.example/c.jpg",
    )
    text = write_page(page)
    assert "<script" not in text and "](javascript:" not in text and "<b>" not in text
    assert text.count("-->") == text.count("<!--") == 1
    assert (
        "# &#60;script&#62;alert(1)&#60;/script&#62; & &#91;so on&#93;(javascript:alert(2)) R&#38;amp;D, R&D\n"
        in text
    )
    assert (
        "\n&#35; No heading\n&#49;. no list\n&#45; no list\n&#61;====\n\nA paragraph&#95;with&#95;underscores.\n"
        in text
    )
    assert "1. Bad _javascript:alert(3)_\n" in text
    assert "1. [Cover&#32;Image](http://x.example/_a_)\n1. [Cover Image](https://i.example/c.jpg)\n" in text
    assert "1. [A&#95;b&#95;](/c.md) _Context: Paris&#44; Texas, &#68;.C._\n" in text
    assert "2. [A](/a.md) _Shared: x&#59; Context: y, z&#59;; Context: Iraq_\n" in text
    assert "(/2014/mosul%20falls.html)" in text
    assert read_page(text) == page


def test_an_event_without_a_title_shows_its_text_as_one() -> None:
    event = Event("e1", date(2014, 6, 10), text="Mosul falls\nto ISIL.")
    text = write_page(Page("e1", event))
    assert "# Mosul falls&#10;to ISIL.\n" in text
    assert read_page(text).event == event


# Texts made of what the shape is made of, and of anything else that UTF-8 can hold.
MARKUP = (
    "](|)| _|_|[|&|&#|#|;|amp;|&copy;|1. |### Related:|# |\n|\r|\n\n| |\t|<!-- event:|-->|Context: |, |D.C.|"
    "Cover Image|\\|*|`|%2F|/|.md|\x85|\u2028|\ufeff"
)
nasty = st.sampled_from(MARKUP.split("|"))
texts = st.lists(
    nasty | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8),
    max_size=6,
).map("".join)
named = texts.filter(str.strip)
names = texts.filter(bool)
paths = names
days = st.dates() | st.datetimes(
    min_value=datetime(2, 1, 1),
    max_value=datetime(9998, 1, 1),
    timezones=st.sampled_from(
        [UTC, timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(hours=14))]
    ),
)


@st.composite
def pages(draw: st.DrawFn) -> Page:
    record = {
        "id": draw(named),
        "date": draw(days),
        "title": draw(texts),
        "text": draw(named),
        "topics": draw(st.lists(named, max_size=3)),
        "sources": [Source(n, u) for n, u in draw(st.lists(st.tuples(texts, st.none() | names), max_size=3))],
    }
    for field in ("category", "url", "language", "group"):
        record[field] = draw(st.none() | texts)
    reasons = st.lists(names, max_size=3).map(tuple)
    links = st.builds(RelatedLink, texts, texts, reasons, st.booleans(), reasons)
    versions = st.builds(VersionLink, texts, texts, texts, st.none() | st.datetimes())
    return Page(
        path=draw(paths),
        event=Event.make(record),
        related=tuple(draw(st.lists(links, max_size=3))),
        versions=tuple(draw(st.lists(versions, max_size=3))),
        cover=draw(st.none() | names),
        background=tuple(draw(st.lists(links, max_size=2))),
        follow_ups=tuple(draw(st.lists(links, max_size=2))),
        contexts=tuple(draw(st.lists(st.builds(Link, texts, texts), max_size=3))),
        story=draw(st.none() | st.builds(Link, texts, texts)),
    )


day_pages = st.builds(
    DayPage,
    st.dates(),
    st.lists(
        st.builds(
            DayEntry,
            texts,
            texts,
            st.lists(names, max_size=2).map(tuple),
            texts.map(lambda text: " ".join(text.split())),
            st.lists(names, max_size=3).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    st.none() | texts,
    st.none() | texts,
)


@settings(deadline=None)
@given(day_pages, names)
def test_what_is_written_of_a_day_is_read_again(day: DayPage, path: str) -> None:
    assert read_day(write_day(day, path)) == day


@settings(deadline=None)
@given(pages())
def test_what_is_written_is_read_again(page: Page) -> None:
    assert read_page(write_page(page)) == page


@settings(deadline=None)
@given(pages())
def test_writing_is_a_pure_function_whose_lines_are_few(page: Page) -> None:
    text = write_page(page)
    assert text == write_page(replace(page))
    headings = [line for line in text.split("\n") if line.startswith("### ")]
    sections = (page.versions, page.story, page.related, page.background, page.follow_ups, page.contexts)
    assert len(headings) == 1 + bool(page.event.sources or page.cover) + sum(map(bool, sections))


LINES = """Formats: [HTML](/a.html)
### [2014-06-10](/n/index.md)
## [2014-06-10](/n/index.md)
##### T
# Title
text

### Source:
### Changes:
### Related:
1. [A](/a.md)
1. [A](/a.md) _Context: B, C_
1. [A](/a.md) _2012-08-06 06:10:44 (Update)_
1. [Cover Image](/a)
1. x _y_
_Context: A_
<!-- event: {"id": "x"} -->"""
lines = st.sampled_from(LINES.split("\n"))


@given(st.lists(lines | texts, max_size=12).map("\n".join) | st.text())
@example("### [2014-06-10](/n/index.md)\n# a\n### Sources:\n1. _")
@example("### [²-1-1](/n/index.md)\n# a")
@examples(300)
def test_the_reader_raises_nothing_but_input_errors(text: str) -> None:
    try:
        read_page(text)
    except InputError as error:
        assert str(error)


@pytest.mark.parametrize("unit", ["](", ") _", "[a](", "_ ", "&#1", "&a", " \t", "#", "1. [", "\r"])
def test_hostile_lines_take_no_longer_than_their_length_asks(unit: str) -> None:
    hostile = unit * (400_000 // len(unit))
    for text in (
        hostile,
        f"Formats: {hostile}",
        f"### {hostile}",
        HEAD + hostile,
        HEAD + f"### Related:\n1. [{hostile}",
        HEAD + f"### Related:\n1. [A](/a.md) _Context: {hostile}_",
        HEAD + f"### Sources:\n1. {hostile}",
    ):
        with suppress(InputError):
            write_page(replace(read_page(text), path="p"))


@pytest.mark.parametrize("formats", [("html",), ("json",), ("txt",), ("json", "html")])
@pytest.mark.parametrize("path", ["2014/a.html", "2014/a.json", "2014/a"])
def test_a_path_loses_only_the_ending_of_the_format(path: str, formats: tuple[str, ...]) -> None:
    page = Page(path, Event("1", date(2014, 6, 10), "A"))
    assert read_page(write_page(page, formats=formats)).path == path


@pytest.mark.archive
def test_the_archives_own_pages(archive: Path) -> None:
    folder = archive / "pages"
    seed = read_page((folder / "seed.md").read_text(encoding="utf-8"))
    event = seed.event
    assert event.id.startswith("news/2016/07/11/the-united-states-announces") and event.id.endswith(
        "against-isil"
    )
    assert event.date == date(2016, 7, 11)
    assert event.title.startswith("The United States announces") and event.title.endswith("against ISIL.")
    assert event.text.startswith("The US is to send 560 more") and event.text.endswith("Ash Carter says.")
    assert event.topics == () and event.group is None and event.language is None and event.category is None
    assert event.url == f"/{event.id}.html"
    assert [source.name for source in event.sources] == ["BBC"]
    assert event.sources[0].url is not None and event.sources[0].url.endswith("36766417")
    assert seed.cover is not None and seed.cover.endswith("_90349490_mediaitem90349489.jpg")
    assert [link.path.split("/")[1:4] for link in seed.related] == [
        ["2016", "03", "26"],
        ["2016", "02", "17"],
        ["2015", "10", "20"],
        ["2017", "09", "2"],
        ["2017", "04", "1"],
    ]
    assert [link.contexts for link in seed.related] == [
        ("ISIL", "Iraq", "United States", "United States military personnel"),
        ("ISIL", "Iraq", "Iraqi Civil War", "Military intervention against ISIL"),
        ("ISIL", "Iraq", "Military intervention against ISIL", "United States"),
        ("ISIL", "Iraq", "Iraqi Civil War"),
        ("ISIL", "Iraq", "Military intervention against ISIL"),
    ]
    assert all(link.title == link.title.strip() and link.title for link in seed.related)

    found = {}
    for path in sorted(folder.glob("news__*.md")):
        text = path.read_text(encoding="utf-8")
        if path.name.endswith("index.md"):
            day = read_day(text)
            assert day.date == date(2018, 2, 17) and len(day.entries) == 4
            assert [entry.topics[0] for entry in day.entries][1] == "United Kingdom"
            assert [len(entry.contexts) for entry in day.entries] == [6, 2, 0, 0]
            assert [bool(entry.text) for entry in day.entries] == [False, False, True, True]
            assert day.previous == "news/2018/02/16/index"
            continue
        page = read_page(text, path=path.name)
        assert page.event.id == path.stem.replace("__", "/")
        assert "&#" not in page.event.title + page.event.text
        found[page.event.date.isoformat()] = page
    assert [len(page.related) for _, page in sorted(found.items())] == [10, 5, 5]
    assert [len(page.versions) for _, page in sorted(found.items())] == [0, 5, 0]
    memorial = found["2017-07-17"]
    assert memorial.event.group == memorial.versions[0].path and memorial.event.group.endswith("-the-vict")
    assert [version.state for version in memorial.versions] == [
        "First version",
        *["Update"] * 3,
        "Current version",
    ]
    assert found["2018-02-17"].event.topics == ("Politics of the United Kingdom",)
    for page in [seed, *found.values()]:
        assert read_page(write_page(page)) == page


@pytest.mark.archive
def test_the_archives_lists_survive_the_way_through_a_page(archive: Path) -> None:
    with (archive / "related-dev.jsonl").open(encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            path = record["path"].removesuffix(".md")
            event = Event.make(
                {"id": path, "date": record["date"], "title": record["title"], "text": record["description"]}
            )
            related = tuple(
                RelatedLink(
                    item["text"], item["link"].removeprefix("/").removesuffix(".md"), tuple(item["contexts"])
                )
                for item in record["related"]
            )
            page = Page(path, event, related)
            assert read_page(write_page(page)) == page


def test_a_page_whose_other_forms_are_unknown_keeps_its_path() -> None:
    page = Page(
        "news/2014/06/10/mosul", Event("news/2014/06/10/mosul", date(2014, 6, 10), title="Mosul falls")
    )
    assert read_page(write_page(page, ["gmi", "pdf"])).path == page.path
