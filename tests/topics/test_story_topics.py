"""Inferred story topics: against a slow oracle, and what they are in an index."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness import Config, Event, RelatedIndex
from relatedness.topics import EventTopic, Stories, infer

STORIES = [EventTopic(name, "conflict", "supplied") for name in ("Ash War", "Birch War", "Cedar War")]
OTHERS = [
    EventTopic("Iraq", "country", "supplied"),
    EventTopic("Ash War", "conflict", "found", ("Ash War",)),
    EventTopic("Iraq", "country", "parent"),
]


def oracle(
    candidates: list[tuple[int, int]],
    own: int,
    days: list[int],
    topics: list[list[EventTopic]],
    agreement: float,
    support: int,
) -> str | None:
    """The rule in plain Python."""

    def stories(row: int) -> list[str]:
        return [t.name for t in topics[row] if t.how == "supplied" and t.kind != "country"]

    if stories(own):
        return None
    votes: dict[str, int] = {}
    voters: dict[str, int] = {}
    cast = possible = 0
    for row, score in candidates:
        vote = (score >> 11) ** 2 * 7 // (7 + abs(days[row] - days[own]))
        possible += vote
        if vote and stories(row):
            cast += vote
            for name in stories(row):
                votes[name] = votes.get(name, 0) + vote
                voters[name] = voters.get(name, 0) + 1
    agreed = [
        name
        for name in votes
        if voters[name] >= support and votes[name] >= agreement * cast and cast >= 0.2 * possible
    ]
    return min(agreed, key=lambda name: (-votes[name], name), default=None)


@given(st.data())
def test_infer_does_what_the_oracle_says(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 9))
    topics = [
        data.draw(
            st.lists(st.sampled_from(STORIES + OTHERS), max_size=3, unique_by=lambda t: (t.name, t.how))
        )
        for _ in range(n)
    ]
    days = data.draw(st.lists(st.integers(0, 60), min_size=n, max_size=n))
    k = data.draw(st.integers(1, 6))
    lists = [
        data.draw(
            st.lists(
                st.tuples(st.integers(0, n - 1), st.integers(1, 2**31)), max_size=k, unique_by=lambda c: c[0]
            )
        )
        for _ in range(n)
    ]
    agreement = data.draw(st.sampled_from([0.5, 0.75, 1.0]))
    support = data.draw(st.integers(1, 3))
    rows, scores = np.zeros((n, k), np.uint32), np.zeros((n, k), np.uint32)
    for event, found in enumerate(lists):
        for place, (row, score) in enumerate(found):
            rows[event, place], scores[event, place] = row, score
    stories, at = Stories.of(topics), np.array(days, np.int32)
    answers = infer(rows, scores, np.arange(n), at, stories, least_share=agreement, least_votes=support)
    expected = [oracle(found, event, days, topics, agreement, support) for event, found in enumerate(lists)]
    assert [answer and answer.name for answer in answers] == expected
    assert all(answer is None or answer.how == "inferred" for answer in answers)
    # Event by event, and with the candidates in another order: the same.
    turned = [
        infer(
            rows[[e]][:, ::-1],
            scores[[e]][:, ::-1],
            np.array([e]),
            at,
            stories,
            least_share=agreement,
            least_votes=support,
        )[0]
        for e in range(n)
    ]
    assert turned == answers


def archive() -> list[Event]:
    start = date(2016, 10, 17)
    texts = [
        f"Troops shell the village of Qwert{n} near the dam of Zorgum in the Zorg war." for n in range(6)
    ]
    events = [
        Event(f"e{n}", start + timedelta(n), text=text, topics=("Battle of Zorgum",) if n != 3 else ())
        for n, text in enumerate(texts)
    ]
    return [*events, Event("cup", start, text="Germany wins the football World Cup in Rio.")]


def test_an_index_shows_inferred_topics_and_does_not_score_them(tmp_path: Path) -> None:
    index = RelatedIndex.build(archive(), tmp_path / "a.index")
    found = {topic.name: topic.how for topic in index.topics("e3")}
    assert found["Battle of Zorgum"] == "inferred"
    assert all(topic.how != "inferred" for id_ in ("e2", "cup") for topic in index.topics(id_))
    off = RelatedIndex.build(archive(), config=Config.default().change({"topics": {"infer": False}}))
    assert all(topic.how != "inferred" for topic in off.topics("e3"))
    assert [(item.id, item.score) for item in off.related("e3")] == [
        (item.id, item.score) for item in index.related("e3")
    ]
    assert "Battle of Zorgum" not in index.related("e3")[0].contexts


def test_what_is_inferred_does_not_depend_on_the_order_of_the_events() -> None:
    one, two = RelatedIndex.build(archive()), RelatedIndex.build(archive()[::-1])
    assert all(one.topics(event.id) == two.topics(event.id) for event in archive())


@pytest.mark.parametrize("seed", range(4))
def test_a_refresh_infers_what_a_build_would(seed: int) -> None:
    draw = random.Random(seed)
    names = {"Zorgum": "Battle of Zorgum", "Varnak": "Varnak crisis", "Qwelt": "Qwelt flood"}

    def one(n: int) -> Event:
        place = draw.choice(sorted(names))
        words = draw.sample(
            ["bridge", "river", "market", "school", "harbour", "mayor", "soldiers", "rain"], 4
        )
        topics = (names[place],) if draw.random() < 0.7 else ()
        return Event(f"e{n}", date(2016, 1, 1) + timedelta(draw.randrange(30)), text=f"{place}: {' '.join(words)}.", topics=topics)  # fmt: skip

    config = Config.default().change(
        {"refresh": {"drift": 1e9}, "lists": {"candidates": 8, "neighbours": 4, "stored": 5}}
    )
    events = {event.id: event for event in map(one, range(60))}
    index = RelatedIndex.build(list(events.values())[:40], config=config)
    shown = 0
    for _ in range(3):
        given = [
            replace(event, topics=draw.choice([(), ("Varnak crisis",)]))
            for event in draw.sample(sorted(events.values(), key=lambda e: e.id), 6)
        ]
        gone = draw.sample(sorted(set(index.events) - {event.id for event in given}), 3)
        index.refresh(given, remove=gone)
        now = [index.events[id_] for id_ in index.events]
        again = RelatedIndex.build(now, config=config, statistics=index)
        for id_ in again.events:
            assert index.topics(id_) == again.topics(id_)
            shown += any(topic.how == "inferred" for topic in index.topics(id_))
    assert shown
    assert index.check() == []
