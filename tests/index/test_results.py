"""Results as records and as a sequence, and how they show themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from html.parser import HTMLParser

import pytest

from relatedness.events import Event
from relatedness.index import Lookups, Related, RelatedList, WhyNot
from relatedness.ranking import Explanation
from relatedness.related_index import RelatedIndex

EVENTS = {
    "a": Event("a", date(2014, 6, 10), title="Mosul <falls> & burns"),
    "b": Event("b", date(2014, 8, 7), text="No title here."),
}
ITEMS = (
    Related("a", 0.5, ("Iraq", "<b>Mosul</b>"), {"words": 0.2, "topics": 0.3}, 2),
    Related("b", 0.25, (), {"words": 0.25}, shared=("hot air balloon",)),
)


def some(items: Sequence[Related] = ITEMS, id_: str | None = "x") -> RelatedList:
    def explain(other: str) -> Explanation:
        return Explanation(id_ or "", other, 0.5, {}, 1.0, None, ())

    def why_not(other: str) -> WhyNot:
        return WhyNot(id_, other, "floor", "It scores too little.", 0.01)

    lookups = Lookups(
        EVENTS.__getitem__,
        lambda other: next(item.heading() for item in items if item.id == other),
        explain,
        why_not,
        lambda most: [why_not(other) for other in "cd"[:most]],
    )
    return RelatedList(id_, items, lookups)


def test_a_record_says_what_an_export_says() -> None:
    assert ITEMS[0].to_record() == {
        "id": "a", "score": 0.5, "contexts": ["Iraq", "<b>Mosul</b>"], "parts": {"words": 0.2, "topics": 0.3}, "copies": 2,
    }  # fmt: skip
    assert "copies" not in ITEMS[1].to_record()
    json.dumps(ITEMS[0].to_record())


def test_a_list_is_a_read_only_sequence() -> None:
    found = some()
    assert (len(found), list(found), found[0], found[-1], found[:1]) == (
        2,
        list(ITEMS),
        ITEMS[0],
        ITEMS[1],
        ITEMS[:1],
    )
    assert ITEMS[1] in found
    assert isinstance(found, Sequence)
    with pytest.raises(IndexError):
        found[2]
    with pytest.raises(TypeError):
        found[0] = ITEMS[1]  # type: ignore[index]
    with pytest.raises(AttributeError):
        found.more = 1  # type: ignore[attr-defined]


def test_equal_lists_are_equal() -> None:
    assert some() == some()
    assert hash(some()) == hash(some())
    assert some() != some(ITEMS[:1])
    assert some() != some(id_="y")
    assert some() != list(ITEMS)


def test_a_list_reads_as_text_and_an_empty_one_says_so() -> None:
    assert repr(some()).splitlines() == [
        "0.500  a  Context: Iraq, <b>Mosul</b>",
        "0.250  b  Shared: hot air balloon",
    ]
    assert repr(some(())) == "no related events"
    assert not some(())


def test_a_list_knows_why() -> None:
    assert some().explain("b").other == "b"


class Page(HTMLParser):
    """Collects the tags, which must be closed in order, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.styles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.append(tag)
        self.styles += [value or "" for name, value in attrs if name == "style"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(found: RelatedList) -> Page:
    parsed = Page()
    parsed.feed(found._repr_html_())
    assert not parsed.open
    return parsed


def test_a_notebook_shows_title_date_contexts_and_a_bar() -> None:
    shown = page(some())
    assert shown.tags.count("li") == 2
    for text in (
        "Mosul <falls> & burns",
        "2014-06-10",
        "Context: Iraq, <b>Mosul</b>",
        "No title here.",
        "2 similar",
    ):
        assert text in shown.text
    assert "b" not in shown.tags, "what an event says is text, never markup"
    widths = [
        part.strip()
        for style in shown.styles
        for part in style.split(";")
        if part.strip().startswith("width")
    ]
    assert widths == ["width:24.0em", "width:12.0em"]
    assert "No related events" in page(some(())).text


def test_the_sample_shows_itself(sample_index: RelatedIndex) -> None:
    for _, found in sample_index.lists():
        assert len(page(found).tags) == (1 + 5 * len(found) if found else 1)
        assert len(repr(found).splitlines()) == max(len(found), 1)


def test_a_list_shows_of_its_events_what_the_events_say() -> None:
    texts = ("A hot air balloon lands.", "A hot air balloon rises.", "The hot air balloon burns.")
    dates = ("2024-01-02", "2024-01-02T03:04:05+05:30", None)
    index = RelatedIndex.build(
        [
            {
                "id": number,
                "date": when,
                "title": " " * number,
                "text": text,
                "url": f"https://zorg.example/{number}" * (number > 1),
            }
            for number, (text, when) in enumerate(zip(texts, dates, strict=True))
        ],
        undated="keep",
    )
    for id_ in index:
        found = index.related(id_)
        assert len(found) == 2
        shown = [
            {name: value[name] for name in ("date", "title", "url") if name in value}
            for value in found.to_record()["related"]
        ]
        assert shown == [item.heading() for item in found]
        assert [value["date"] for value in shown] == [item.date and item.date.isoformat() for item in found]


def test_answers_are_json_and_a_notebook_shows_what_print_shows(sample_index: RelatedIndex) -> None:
    formatters = pytest.importorskip("IPython.core.formatters")  # of an extra
    first, second = list(sample_index)[:2]
    built = RelatedIndex.build([sample_index[first], sample_index[second]])
    answers = [
        sample_index.explain(first, second),
        sample_index.why_not(first, second),
        sample_index.audit(),
        built.summary,
        built.plan(remove=[second]),
        built.refresh(remove=[second]),
    ]
    for answer in answers:
        assert answer is not None
        record = answer.to_record()
        assert record and json.loads(json.dumps(record)).keys() == record.keys()
        shown = formatters.DisplayFormatter().format(answer)[0]["text/markdown"]
        assert str(answer) in shown
