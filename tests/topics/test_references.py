"""Events that name each other: which identifiers are found, and which kinds an archive uses."""

from __future__ import annotations

import pytest

from relatedness import Event, RelatedIndex
from relatedness.topics import Lexicon, learn
from relatedness.topics._fast_tagger import FastTagger
from relatedness.topics._references import named_keys, own_keys


def event(id_: str | int, text: str, **fields: str) -> Event:
    return Event(id_, "2024-05-01", text=text, **fields)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("see XSA-123", ("xsa", "123")),
        ("see xsa-0123.", ("xsa", "123")),
        ("PEP 8 says so", ("pep", "8")),
        ("obsoletes RFC2119", ("rfc", "2119")),
        ("GHSA-vj54-CJRX-x696", ("ghsa", "vj54-cjrx-x696")),
        ("PROJ-1000: broken", ("proj", "1000")),
        ("Fixes: 0bb52c3cfab4 (\"lib\")", ("commit", "0bb52c3")),
        ("reverts commit 0bb52c3cfab455ed9e1b7393d6df2bcd4523acca", ("commit", "0bb52c3")),
        ("closes #4711", ("#", "4711")),
        ("duplicate of bug 4711", ("#", "4711")),
        ("See issue no. 17", ("#", "17")),
        ("as https://www.example.org/posts/first/ says", ("://", "example.org/posts/first")),
        ("(http://example.org/posts/first#end)", ("://", "example.org/posts/first")),
    ],
)  # fmt: skip
def test_a_text_names_an_event(text: str, key: tuple[str, str]) -> None:
    assert key in {key for key, _ in named_keys(text)}


@pytest.mark.parametrize(
    "text",
    [
        "17 people are killed in May 2014", "page 12", "the day 7", "a defaced facade", "version 1.2.3", "&#8217;", "1234567",
        "well-known in-depth reports",
    ],
)  # fmt: skip
def test_a_text_names_none(text: str) -> None:
    assert {key for key, _ in named_keys(text)} == set()


def test_an_id_and_an_address_are_identifiers_and_a_slug_is_none() -> None:
    assert own_keys(event("PEP-0008", "Style")) == {("pep", "8")}
    assert own_keys(event(17, "Style")) == {("#", "17")}
    assert own_keys(event("rust-1-41-released", "Style")) == set()
    assert own_keys(event("2014-06-10-1e25757c8787", "Style")) == set()
    assert own_keys(event("first", "Style", url="http://www.example.org/first/")) == {
        ("://", "example.org/first")
    }


def test_the_end_of_an_address_is_an_identifier_without_its_ending() -> None:
    for address in ("https://example.org/a/XSA-13.html", "https://example.org/a/xsa-13/index.html"):
        assert ("xsa", "13") in own_keys(event("first", "Style", url=address))
    assert len(own_keys(event("XSA-13", "Style", url="https://example.org/a/XSA-13.html"))) == 2


def references(*events: Event) -> dict[str, str]:
    return dict(learn(events).references.kinds)


def test_an_archive_uses_the_kinds_by_which_its_texts_name_its_events() -> None:
    first, second = event("XSA-1", "Memory is lost."), event("XSA-2", "More of XSA-1 and CVE-2024-1.")
    assert references(first, second) == {"xsa": "XSA-"}
    # An event that names itself, or only what is outside the archive, shows nothing.
    assert references(first, event("XSA-2", "XSA-2 is less than CVE-2024-1.")) == {}
    # Readers see what texts write most often.
    assert references(event("pep-0008", "Style"), event("pep-0257", "PEP 8 is for code")) == {"pep": "PEP "}


def test_numbers_count_where_enough_of_them_are_events() -> None:
    few = [event(number, f"It fails in room {number}.") for number in range(1, 20)]
    assert references(*few, event(20, "See bug 3."), event(21, "See #4.")) == {"#": "#"}
    assert references(*few, event(20, "See bug 3.")) == {}
    elsewhere = [event(number, f"See #{90000 + number}.") for number in range(30, 40)]
    assert references(*few, event(20, "See bug 3."), event(21, "See #4."), *elsewhere) == {}


def test_a_number_that_several_events_have_names_none() -> None:
    issues = [
        event(f"{project}/{n}", f"See #{n - 1}.", url=f"https://example.org/{project}/issues/{n}")
        for n in range(1, 30)
        for project in ("server", "client")
    ]
    assert references(*issues[::2]) == {"#": "#"}
    assert references(*issues) == {}


def test_small_numbers_count_something() -> None:
    songs = [event(number, "It is the #1 song and the #2 album.") for number in range(1, 100)]
    assert references(*songs) == {}
    assert references(*songs[:4]) == {"#": "#"}


def test_what_was_learned_survives_json() -> None:
    lexicon = learn([event("XSA-1", "Memory is lost."), event("XSA-2", "More of XSA-1.")])
    assert lexicon.references.kinds
    assert Lexicon.from_json(lexicon.to_json()) == lexicon


def test_references_take_the_place_of_names_and_leave_supplied_topics() -> None:
    first, second = event("XSA-1", "Memory is lost."), event("XSA-2", "More of XSA-1.")
    tagger = FastTagger(lexicon=learn([first, second]))
    supplied = Event("XSA-2", "2024-05-01", text="More of XSA-1.", topics=("XSA-1",))
    of_first, of_second, of_supplied = tagger.tag([first, second, supplied])
    assert [(t.name, t.kind, t.how) for t in of_first] == [("XSA-1", "reference", "parent")]
    assert [(t.name, t.how) for t in of_second] == [("XSA-2", "parent"), ("XSA-1", "found")]
    assert [(t.name, t.how) for t in of_supplied] == [("XSA-1", "supplied"), ("XSA-2", "parent")]


def test_an_event_leads_to_the_event_that_it_names_and_back() -> None:
    words = ["harbour", "strike", "ferry", "union", "wage", "talk", "port", "crane", "dock", "vote"]
    records = [
        {
            "id": f"INC-{n}",
            "date": f"2024-05-{n:02}",
            "text": " ".join(words[k % 10] for k in range(n, n + 6)) + f" item{n}",
        }
        for n in range(10, 30)
    ]
    records[0]["text"] = "Printers on the third floor stop."
    records[7]["text"] += ". The cause may be that of INC-10."
    index = RelatedIndex.build(records)
    assert index.related("INC-17", k=1)[0].id == "INC-10"
    assert index.related("INC-17", k=1)[0].contexts == ("INC-10",)
    assert [item.id for item in index.related("INC-10", k=1)] == ["INC-17"]


def test_events_with_several_identifiers_can_be_indexed() -> None:
    words = ["guest", "grant", "table", "disk", "ring", "host", "page", "fault", "memory", "console"]
    records = [
        {
            "id": f"XSA-{n}",
            "date": "2024-05-01",
            "text": " ".join(words[(n * 3 + k) % 10] for k in range(7)) + f" in release {n % 7}.",
            "url": f"https://example.org/xsa/XSA-{n}.html",
        }
        for n in range(10, 40)
    ]
    records[5]["text"] += " It completes XSA-10."
    records[8]["text"] += " See https://example.org/xsa/XSA-13.html for more."
    index = RelatedIndex.build(records)
    assert [topic.how for topic in index.topics("XSA-13") if topic.kind == "reference"] == [
        "parent",
        "parent",
    ]
    assert "XSA-10" in [item.id for item in index.related("XSA-15", k=5)]
    records[0]["text"] += " It is new."
    assert "XSA-10" in index.refresh(records[:1]).changed
