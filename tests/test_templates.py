"""Template text: found by how it recurs, taken out where it stands, and nothing else."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import oracle_score
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness import RelatedIndex
from relatedness.config import Config
from relatedness.events import Event
from relatedness.templates import TemplateText, find_templates

FOOTER = "This post first appeared on the Lake Country website, where comments are open"
AGENT = "User Agent: Mozilla/5.0 (Windows NT 10.0; rv:91.0) Gecko/20100101"
OWN = [
    "The printer jams",
    "Tabs vanish",
    "Mail is lost",
    "Sound stops",
    "A menu is empty",
    "Fonts blur",
    "Keys stick",
]


def events_of(texts: list[str]) -> list[Event]:
    return [Event(f"e{number:03}", date(2024, 1, 1), "Title", text) for number, text in enumerate(texts)]


def reports(n: int) -> list[str]:
    return [
        f"{AGENT}\n\nSteps to reproduce:\n\n{OWN[i % 7]} on page {i}.\n\nActual results:" for i in range(n)
    ]


def test_headings_and_agents_are_found_and_the_rest_is_kept() -> None:
    found = find_templates(events_of(reports(20)))
    kept, taken = found.split(f"{AGENT}\n\nSteps to reproduce:\n\nThe window closes.\n\nActual results:")
    assert kept.replace(";", "").split() == [":", "The", "window", "closes.", ":"]
    assert "Mozilla/5.0" in taken
    assert "Actual results" in taken
    assert 0.5 < found.share < 1
    assert "Actual results" in found.examples


def test_how_often_template_text_recurs_is_a_setting() -> None:
    text = Config.default().text
    few = events_of(reports(5))
    assert not find_templates(few, text)
    assert find_templates(few, replace(text, template_events=5))
    assert not find_templates(events_of(reports(20)), replace(text, template_share=1.0, template_events=30))


def test_a_footer_is_found_inside_a_line() -> None:
    found = find_templates(events_of([f"{OWN[i % 7]} in room {i}. {FOOTER}." for i in range(20)]))
    kept, taken = found.split(f"Nothing works. {FOOTER}.")
    assert kept == "Nothing works.  ; ."
    assert taken == FOOTER


@pytest.mark.parametrize(
    "texts",
    [
        reports(7),  # too few to tell
        [*reports(9), *(f"Report {i} of a day without anything." for i in range(600))],  # too small a share
        [f"Sheikh Mohammed bin Rashid Al Maktoum of Dubai {OWN[i % 7]}" for i in range(20)],  # a name
        [f"{OWN[i % 7]} at the end of the day in {i}" for i in range(20)],  # a turn of phrase
    ],
)
def test_what_recurs_for_other_reasons_is_no_template_text(texts: list[str]) -> None:
    found = find_templates(events_of(texts))
    assert not any("\n" in text and found.split(text)[1] for text in texts)
    assert [found.split(text)[1] for text in texts] == [""] * len(texts)


def test_a_name_in_a_sentence_of_the_form_is_kept_where_others_stand_in_its_place() -> None:
    firms = [
        "Acme Forge",
        "Bolt Lane",
        "Acme Forge",
        "Corvin Hall",
        "Dunlin",
        "Acme Forge",
        "Egret Works",
        "Fulmar Bay",
    ]
    texts = [
        f"{OWN[i % 7]}. Reader {i} from {firms[i % 8]} reported a fault in the older part of our software that "
        f"concerns page {i}.\n{FOOTER}"
        for i in range(80)
    ]
    found = find_templates(events_of(texts))
    kept, taken = found.split(texts[0])
    assert "Acme Forge" in kept
    assert "older part of our software" in taken
    assert "Lake Country" in taken


def test_a_recurring_title_is_no_template_text() -> None:
    title = "Weekly fuel prices of all the stations in town"
    assert not find_templates([Event(f"e{i}", date(2024, 1, 1), title) for i in range(20)])


def test_a_text_of_one_line_is_no_heading() -> None:
    assert not find_templates(events_of(["Nothing to report"] * 20))


def test_what_was_found_is_kept_as_json() -> None:
    found = find_templates(events_of(reports(20)))
    assert TemplateText.from_json(found.to_json()) == found
    assert TemplateText.from_json(TemplateText().to_json()) == TemplateText()


_LINES = [
    "Steps to reproduce",
    "Actual results",
    "Red",
    AGENT,
    FOOTER,
    "It fails",
    "Ann of Acme reported a fault",
    "Bea of Bolt reported a fault",
    "of Corvin reported a fault",
    "42 of Mosul",
    "",
    "a_b \u00e9t\u00e9",
]


@st.composite
def archives(draw: st.DrawFn) -> list[str]:
    """Texts of few lines, most of which recur."""
    lines = st.lists(st.sampled_from(_LINES), max_size=5).map(draw(st.sampled_from((" ", "\n"))).join)
    pool = draw(st.lists(lines, min_size=1, max_size=4))
    return draw(st.lists(st.sampled_from(pool), min_size=1, max_size=30))


@given(archives(), st.lists(st.sampled_from(_LINES), max_size=4).map("\n".join))
def test_template_text_is_that_of_the_slow_truth(texts: list[str], other: str) -> None:
    events = events_of(texts)
    found, slow = find_templates(events), oracle_score.SlowTemplateText.of(events, Config.default())
    for text in (*texts, other):
        assert found.split(text) == slow.split(text)


def test_a_form_gives_no_topics_and_an_index_says_what_it_took_for_template_text(tmp_path: Path) -> None:
    footer = (
        "Find our offices in London, Paris and Tokyo or write to the press desk of the company at any time."
    )
    records = [
        {"id": f"p{i}", "date": "2024-03-01", "text": f"{OWN[i % 7]} in {city}.\n{footer}"}
        for i, city in enumerate(["Lima", "Oslo", "Rome", "Cairo", "Quito"] * 3)
    ]
    index = RelatedIndex.build(records, tmp_path / "a.index")
    named = {topic.name for record in records for topic in index.topics(record["id"])}
    assert {"Lima", "Oslo", "Rome"} <= named
    assert not named & {"London", "Paris", "Tokyo"}
    assert index.info["template_text"]["examples"] == [footer.rstrip(".")]
    # Frozen: an event that comes later is read in the same way.
    index.refresh([{"id": "new", "date": "2024-03-02", "text": f"Doors stick in Lagos.\n{footer}"}])
    assert "Lagos" in {topic.name for topic in index.topics("new")}
    assert "Paris" not in {topic.name for topic in index.topics("new")}

    off = RelatedIndex.build(records, config=Config.default().change({"text": {"template_weight": 1}}))
    assert "Paris" in {topic.name for topic in off.topics("p0")}
    assert off.info["template_text"]["examples"] == []


def split_slowly(found: TemplateText, text: str) -> str:
    """The text without template text, word by word."""
    words = [(match[0].lower(), *match.span()) for match in re.finditer(r"[^\W_]+", text)]
    line = [text[:start].count("\n") for _, start, _ in words]
    covered = [
        any(
            place - back >= 0 and tuple(w for w, _, _ in words[place - back : place - back + 4]) in found.runs
            for back in range(4)
        )
        for place in range(len(words))
    ]
    several = len(set(line)) > 1
    whole = set()
    for number in set(line) if several else ():
        here = [place for place, at in enumerate(line) if at == number]
        if tuple(words[place][0] for place in here) in found.headings and len(here) <= 3:
            for place in here:
                covered[place] = True
        if all(covered[place] for place in here):
            whole |= {*here}
    pieces: list[tuple[int, int]] = []
    for place in range(len(words)):
        first, last = place, place
        while first and covered[first - 1]:
            first -= 1
        while last + 1 < len(words) and covered[last + 1]:
            last += 1
        long = covered[place] and last - first + 1 >= 8
        if long or place in whole:
            joined = pieces and (long or place - 1 in whole) and pieces[-1][1] == place - 1
            pieces[-1:] = [(pieces[-1][0], place)] if joined else [*pieces[-1:], (place, place)]
    kept, end = [], 0
    for first, last in pieces:
        kept.append(text[end : words[first][1]])
        end = words[last][2]
    return " ; ".join([*kept, text[end:]])


@given(st.text("abAİ\n .", max_size=60), st.integers(0, 1000))
def test_a_text_is_split_as_word_by_word(text: str, seed: int) -> None:
    chance = random.Random(seed)
    text = " ".join(text)
    words = [word.lower() for word in re.findall(r"[^\W_]+", text)]
    runs = {tuple(words[place : place + 4]) for place in range(len(words) - 3) if chance.random() < 0.7}
    headings = {tuple(chance.choices(words, k=chance.randint(1, 3))) for _ in range(2)} if words else set()
    found = TemplateText(frozenset(runs), frozenset(headings))
    assert found.split(text)[0] == split_slowly(found, text)
