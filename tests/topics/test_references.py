"""Events that name each other: which identifiers are found, and which kinds an archive uses."""

from __future__ import annotations

import pytest

from relatedness import Config, Event, RelatedIndex
from relatedness.topics import FastTagger, Lexicon, learn
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
        ("GHSA-cjrx-vfgh-xpqw", ("ghsa", "cjrx-vfgh-xpqw")),
        ("caused by 3A46E6B0-99f9-46b1-9d45-af1cb0caae1c", ("uuid", "3a46e6b0-99f9-46b1-9d45-af1cb0caae1c")),
        ("Parent task T1203.", ("t", "1203")),
        ("Follow-up of !12.", ("!", "12")),
        ("needs acme/client#7", ("owner/repo#", "acme/client#7")),
        ("see https://git.example.org/acme/client/-/merge_requests/7#note", ("owner/repo#", "acme/client!7")),
    ],
)  # fmt: skip
def test_a_text_names_an_event(text: str, key: tuple[str, str]) -> None:
    assert key in {key for key, _ in named_keys(text)}


@pytest.mark.parametrize(
    "text",
    [
        "17 people are killed in May 2014", "page 12", "the day 7", "a defaced facade", "version 1.2.3", "&#8217;", "1234567",
        "well-known in-depth reports",
        "wow!12 of them", "the and/or#x choice", "G20 leaders", "Stop!!1",
    ],
)  # fmt: skip
def test_a_text_names_none(text: str) -> None:
    assert {key for key, _ in named_keys(text)} == set()


def test_an_id_and_an_address_are_identifiers_and_a_slug_is_none() -> None:
    assert set(own_keys(event("PEP-0008", "Style"))) == {("pep", "8")}
    assert set(own_keys(event(17, "Style"))) == {("#", "17")}
    assert own_keys(event("rust-1-41-released", "Style")) == {}
    assert own_keys(event("2014-06-10-1e25757c8787", "Style")) == {}
    assert set(own_keys(event("first", "Style", url="http://www.example.org/first/"))) == {
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
        event(f"{project}/{n}", f"See #{n - 1}.", url=f"https://{project}.example.org/issues/{n}")
        for n in range(1, 30)
        for project in ("server", "client")
    ]
    assert references(*issues[::2]) == {"#": "#"}
    assert references(*issues) == {}
    assert (
        references(*issues[::2], *issues[1:31:2]) == {}
    )  # though most numbers of the larger project are its own


def blog(n: int, *posts: Event) -> list[Event]:
    """Events with titles as ids, and further ones."""
    return [
        *(event(f"harbour-{chr(97 + i % 26)}{chr(97 + i // 26)}-strike", "Ferries wait.") for i in range(n)),
        *posts,
    ]


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        (["us-2016"], "It is the US 2016 race."), (["us-2016", "us-2020"], "It is the US 2016 race."),
        (["top-10"], "In the top-10 again."), (["week-12"], "It ends in week-12."), (["covid-19"], "COVID-19 spreads."),
        ([f"fy-{year}" for year in range(2008, 2017)], "It was more in FY 2013."),
    ],
)  # fmt: skip
def test_an_id_that_reads_like_a_common_phrase_is_no_kind(ids: list[str], text: str) -> None:
    posts = [event(id_, "It is over.") for id_ in ids]
    assert references(*blog(30, *posts, event("last", text))) == {}


def test_codes_count_beside_other_ids_if_texts_write_them_alike() -> None:
    incidents = [event(f"INC-{n}", "It fails.") for n in range(1, 10)]
    assert references(*blog(30, *incidents, event("last", "The cause of INC-3."))) == {"inc": "INC-"}
    assert references(*blog(30, *incidents[:3], event("last", "The cause of INC-3."))) == {}


def test_the_subject_of_many_events_names_none() -> None:
    reports = [
        event(f"covid-{n}", f"See COVID-{n - 1}." if n % 4 == 0 else "COVID-19 spreads.")
        for n in range(1, 60)
    ]
    learned = learn(reports).references
    assert [t.name for t in learned.topics(reports[30])] == ["COVID-31"]
    assert [t.name for t in learned.topics(reports[31])] == ["COVID-32", "COVID-31"]
    # A kind of which nothing else is named is none.
    assert references(*(event(f"covid-{n}", "COVID-19 spreads.") for n in range(1, 60))) == {}


def test_an_address_of_several_events_names_none() -> None:
    page = "https://example.org/today"
    events = [event(f"{word}", "It rains.", url=page) for word in ("first", "second")]
    events += [
        event(word, f"See https://example.org/{word}x.", url=f"https://example.org/{word}")
        for word in "abcdef"
    ]
    events += [event("ax", f"More of {page}.", url="https://example.org/ax")]
    learned = learn(events).references
    assert set(learned.kinds) == {"://"}
    assert learned.topics(events[0]) == []
    assert [t.name for t in learned.topics(events[2])] == ["example.org/a", "example.org/ax"]
    assert [t.name for t in learned.topics(events[-1])] == ["example.org/ax"]


def test_a_number_in_an_issue_is_that_of_its_project() -> None:
    issues = [
        event(f"{project}-{n}", f"See #{n - 1}.", url=f"https://example.org/acme/{project}/issues/{n}")
        for n in range(2, 20)
        for project in ("server", "client")
    ]
    learned = learn([*issues, event("acme/tools#1", "Needs acme/client#7.")]).references
    assert learned.topics(issues[1])[-1].name == "acme/client#1"
    assert "#" not in learned.kinds


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


def fleet() -> list[dict[str, str]]:
    words = ["harbour", "strike", "ferry", "union", "wage", "talk", "port", "crane", "dock", "vote"]
    records = [
        {
            "id": f"INC-{n}",
            "date": f"20{n}-05-01",
            "text": " ".join(words[(n * 3 + k) % 10] for k in range(6)) + f" item{n}",
        }
        for n in range(10, 40)
    ]
    records[20]["text"] += ". The cause may be that of INC-13."
    return records


def test_a_setting_says_how_much_references_count() -> None:
    full, half, off = (
        RelatedIndex.build(fleet(), config=Config.default().change({"topics": {"references": weight}}))
        for weight in (1.0, 0.5, 0.0)
    )
    scores = [index.explain("INC-30", "INC-13").score for index in (full, half, off)]
    assert scores[0] - scores[2] == pytest.approx(2 * (scores[1] - scores[2]), rel=0.05)
    assert scores[0] - scores[2] > 0.1
    assert not any(reason.name == "INC-13" for reason in off.explain("INC-30", "INC-13").reasons)


def test_identifiers_are_not_listed_as_topics() -> None:
    index = RelatedIndex.build(fleet())
    assert "INC-13" in [topic.name for topic in index.topics("INC-30")]
    assert not [name for name, _ in index.topic_counts() if name.startswith("INC-")]
    assert index.info["references"] == ["INC-"]


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
