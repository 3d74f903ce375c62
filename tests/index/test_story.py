"""A story holds what its rules let in, nothing else, and looks the same however the events came in."""

from __future__ import annotations

import html
import json
import random
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import Stories, configs, corpora
from test_laws import built

from relatedness.config import Config
from relatedness.dates import SECONDS_PER_DAY
from relatedness.errors import ConfigError, UnknownEventError
from relatedness.events import Event, shortened
from relatedness.index import Overrides, Story, _story
from relatedness.quality import read_qrels
from relatedness.related_index import RelatedIndex
from relatedness.topics import PLACES

Record = dict[str, Any]


def test_a_story_is_the_events_of_one_story_in_the_order_of_time() -> None:
    stories = Stories(4, 8)
    index = built(stories.records, stories.in_order())
    for day in (0, 3, 7):
        found = index.story(stories.id(2, day))
        assert [event.id for event in found] == [stories.id(2, other) for other in range(8)]
        assert found.complete
        assert found[day].score == 1
        assert found[0].after is None
        # The nearest earlier day scores most.
        assert [event.after for event in found][1:] == [stories.id(2, other) for other in range(7)]
        assert len(found.links) == 8 * 7 / 2
    assert len(index.story(stories.id(0, 0), most=3)) == 3
    assert not index.story(stories.id(0, 0), most=3).complete
    assert [event.id for event in index.story(stories.id(0, 0), most=1)] == [stories.id(0, 0)]


def truth(index: RelatedIndex, id_: str) -> set[str]:
    """Who belongs to a story, by its rules read one by one until nothing changes."""
    rules = index.config.stories
    stored = {
        other: [item.id for item in index.related(other, k=index.config.lists.stored)]
        for other in index.events
    }
    near = {item.id: item for item in index.related(id_, k=index.config.lists.candidates)}
    best = max((item.score for item in near.values()), default=0)

    def linked(left: str, right: str) -> bool:
        return left in stored[right] and right in stored[left]

    topics = {
        other: {
            t.name
            for t in index.topics(other)
            if t.how not in ("parent", "inferred") and t.kind not in PLACES
        }
        for other in index.events
    }
    held = Counter(name for names in topics.values() for name in names)
    own = {other: {n for n in names if held[n] <= rules.own_topic_events} for other, names in topics.items()}
    assert len(held) * rules.own_topic < rules.own_topic_events

    def stranger(other: str) -> bool:
        settled = [any(held[name] >= rules.settled for name in own[one]) for one in (id_, other)]
        return all(settled) and not own[id_] & own[other]

    def belongs(other: str) -> bool:
        return near[other].score >= max(rules.closeness * best, rules.least_score) and not stranger(other)

    def days_between(left: str, right: str) -> float | None:
        one, other = (index.events[id_] for id_ in (left, right))
        return (
            None
            if one.date is None or other.date is None
            else abs(one.seconds - other.seconds) / SECONDS_PER_DAY
        )

    days = index.info["calibration"]["days"]
    most = [] if days is None else [rules.gap * max(days, rules.least_days)]
    between = [days_between(other, id_) for other in near if belongs(other) and linked(other, id_)]
    nearest = sorted([found for found in between if found is not None][: rules.nearest])
    if nearest:
        half = len(nearest) // 2
        middle = nearest[half] if len(nearest) % 2 else (nearest[half - 1] + nearest[half]) / 2
        most.append(max(rules.pace * middle, rules.least_days))

    def near_in_time(left: str, right: str) -> bool:
        found = days_between(left, right)
        return found is None or all(found <= limit for limit in most)

    story = {id_}
    while True:
        more = {
            other
            for other in near
            if other not in story
            and belongs(other)
            and (linked(other, id_) or sum(linked(other, one) for one in story) >= rules.links)
            and any(near_in_time(other, one) for one in story)
        }
        if not more:
            return story
        story |= more


@given(corpora(), configs())
def test_a_story_is_who_its_rules_let_in(records: list[Record], config: Config) -> None:
    index = built(records, config)
    shuffled = built(random.Random(1).sample(records, len(records)), config)
    for id_ in index.events:
        found = index.story(id_)
        ids = [event.id for event in found]
        assert set(ids) == truth(index, id_)
        assert found.complete
        assert ids == [other for other in index.events if other in set(ids)]  # in the order of the index
        assert found == shuffled.story(id_)
        stored = {o: {i.id: i for i in index.related(o, k=config.lists.stored)} for o in ids}
        links = {(link.earlier, link.later): link for link in found.links}
        assert set(links) == {
            (a, b) for n, a in enumerate(ids) for b in ids[n + 1 :] if b in stored[a] and a in stored[b]
        }
        for (earlier, later), link in links.items():
            assert (link.score, link.contexts) == (
                stored[earlier][later].score,
                stored[earlier][later].contexts,
            )
        for event in found:
            before = [link for link in found.links if link.later == event.id]
            assert (event.after is None) == (not before)
            if before:
                assert links[event.after, event.id].score == max(link.score for link in before)
                assert event.contexts == links[event.after, event.id].contexts


def test_a_story_ends_by_its_own_pace() -> None:
    # As in an archive of which few events lie close together.
    config = Config.default().change({"stories": {"gap": 1000}})
    seized = [
        {
            "id": f"day-{day}",
            "date": f"2014-06-{day:02}",
            "text": f"ISIL seizes the quarter {day} of Mosul in Iraq.",
        }
        for day in range(10, 16)
    ]
    later = {"id": "later", "date": "2016-06-10", "text": "ISIL seizes the quarter 9 of Mosul in Iraq."}
    index = RelatedIndex.build([*seized, later], config=config)
    assert "later" in index.related("day-10", k=10).ids
    assert [event.id for event in index.story("day-10")] == [event["id"] for event in seized]
    # What came years after a run of days has that run as its background.
    assert {"day-15", "later"} <= {event.id for event in index.story("later")}


@given(corpora(), configs(), st.integers(1, 4))
def test_a_cut_story_keeps_the_nearest(records: list[Record], config: Config, most: int) -> None:
    index = built(records, config)
    for id_ in index.events:
        whole, cut = index.story(id_), index.story(id_, most=most)
        assert len(cut) == min(len(whole), most)
        assert {event.id for event in cut} <= {event.id for event in whole}
        assert id_ in {event.id for event in cut}
        assert cut.complete == (len(whole) <= most)


def test_pins_belong_to_a_story_and_bans_do_not() -> None:
    stories = Stories(2, 4)
    index = built(stories.records, stories.in_order())
    text = f"pin {stories.id(0, 0)} {stories.id(1, 2)}\nban {stories.id(0, 0)} {stories.id(0, 1)}"
    edited = index.with_overrides(Overrides.parse(text)[0])
    ids = {event.id for event in edited.story(stories.id(0, 0))}
    assert ids == {stories.id(0, day) for day in (0, 2, 3)} | {stories.id(1, 2)}


def test_a_story_of_the_sample_reads_well(sample_index: RelatedIndex) -> None:
    found = sample_index.story("2014-07-17-mh17-shot-down")
    assert "Malaysia Airlines Flight 17" in found.contexts
    assert len(found) > 3
    shown = str(found)
    assert found.title == "Malaysia Airlines Flight 17"
    assert shown.splitlines()[0].startswith(f"{found.title}: {len(found)} events")
    assert "\nJuly 2014\n* 17  Malaysia Airlines flight MH17 is shot down" in shown
    assert all(event.title.split()[0] in shown for event in found)
    table = found.table(width=100)
    assert len(table.splitlines()) == len(found) + 1
    assert max(map(len, table.splitlines())) <= 100
    assert found._repr_html_().count("<li") == len(found)
    assert html.escape(found[0].title) in found._repr_html_()
    record = json.loads(json.dumps(found.to_record()))
    assert [event["date"] for event in record["events"]] == [event.date.isoformat() for event in found]
    assert record["links"][0].keys() == {"earlier", "later", "score", "contexts"}


def test_a_story_ends_where_nothing_happens_for_long() -> None:
    days = ["2014-03-01", "2014-03-02", "2014-03-04", "2014-03-07", "2014-03-09"]
    records = [
        {"id": f"{place} {day}", "date": day, "text": f"{what} {n}."}
        for place, what in (
            ("Mosul", "The dam of Mosul leaks, engineers say, part"),
            ("Lima", "Teachers in Lima go on strike over pay for week"),
            ("Oslo", "Skiers from Norway win medals at Holmenkollen race"),
            ("Lagos", "Ferry between islands of Lagos sinks with passengers"),
        )
        for n, day in enumerate([*days, "2019-05-01"])
    ]
    index = RelatedIndex.build(records)
    assert index.info["calibration"]["days"] < 400
    assert [str(event.date) for event in index.story("Mosul 2014-03-04")] == days
    assert [str(event.date) for event in index.story("Mosul 2019-05-01")] == ["2019-05-01"]


def test_a_story_keeps_out_of_another(sample_index: RelatedIndex) -> None:
    shot_down = {event.id for event in sample_index.story("2014-07-17-mh17-shot-down")}
    vanished = {event.id for event in sample_index.story("2014-03-08-mh370-disappears")}
    assert {"2015-10-13-mh17-dutch-report", "2022-11-17-mh17-verdict"} <= shot_down
    assert "2018-07-30-mh370-report" in vanished
    assert not any("mh370" in id_ for id_ in shot_down)
    assert not any("mh17" in id_ for id_ in vanished)


def titled(*records: Record) -> str:
    """The title of the story of the first event, among enough others to tell a rare topic from a frequent one."""
    days = [{"date": f"2015-01-{n + 7:02d}", "id": f"{n}", **record} for n, record in enumerate(records)]
    others = [
        {"id": f"other {n}", "date": f"2012-03-{n + 1:02d}", "text": f"Matter {n} in France."}
        for n in range(28)
    ]
    index = RelatedIndex.build([*days, *others])
    story = index.story("0")
    assert len(story) == len(records), story
    return story.title


def test_a_story_is_called_what_readers_would_call_it() -> None:
    hebdo = [
        {"text": "Gunmen attack the office of Charlie Hebdo in Paris, France."},
        {"text": "Gunmen who attacked Charlie Hebdo in Paris flee through France."},
        {"text": "Paris mourns the dead of the attack on Charlie Hebdo."},
    ]
    assert titled(*hebdo) == "Charlie Hebdo, Paris"
    # What the archive itself calls it comes first, and needs nothing beside it.
    told = [record | {"topics": ["Charlie Hebdo shooting"]} for record in hebdo]
    assert titled(*told) == "Charlie Hebdo shooting"
    assert titled(*told[:2], hebdo[2]) == "Charlie Hebdo shooting"
    # A country says too little.
    heat = [{"text": f"Heat wave in Pakistan kills {number} people."} for number in (13, 200, 450)]
    assert titled(*heat) == "Heat wave in Pakistan kills 13 people."
    assert titled({"text": "Quiet."}) == "Quiet."
    # What happened in two places is told by what the event shares with fewer of the others.
    bombs = [
        {"text": f"A bomb{of} kills {n} shoppers in a market of Baghdad, Iraq."}
        for n, of in enumerate((" of ISIL", "", "", " of ISIL", ""), 3)
    ]
    assert titled(*bombs) == "ISIL, Baghdad"
    assert titled(*bombs[1:], bombs[0]) == "Baghdad, Iraq"


@given(corpora(), configs())
def test_a_title_is_made_of_what_several_events_hold_or_is_a_headline(
    records: list[Record], config: Config
) -> None:
    index = built(records, config)
    for id_ in index.events:
        story = index.story(id_)
        kinds = {topic.name: topic.kind for event in story for topic in index.topics(event.id)}
        held = Counter(topic.name for event in story for topic in index.topics(event.id))
        good = {name for name in held if held[name] >= max(2, len(story) / 4)}
        if story.title == shortened(index.events[id_].headline, 80):
            continue
        assert story.title in {*good, *(f"{one}, {two}" for one in good for two in good if one != two)}
        assert kinds.get(story.title) != "country"


def test_times_are_shown_as_days() -> None:
    records = [
        {"id": "a", "date": "2014-03-01T22:00:00-05:00", "text": "Mosul dam"},
        {"id": "b", "date": "2014-03-02", "text": "Mosul dam breaks"},
    ]
    found = built(records, Stories(1, 1).in_order()).story("a")
    assert {event.date for event in found} <= {date(2014, 3, 1), date(2014, 3, 2)}
    assert isinstance(found, Story)
    assert str(found)


def test_a_story_of_any_date_or_none_is_a_plain_record() -> None:
    records = [
        {"id": str(n), "date": day, "text": f"Mosul dam breaks {n}"}
        for n, day in enumerate([None, "-0043-03-15", "2014-03-02"])
    ]
    found = RelatedIndex.build(records, undated="keep").story("0").to_record()
    assert [event["date"] for event in found["events"]] == [None, "-0043-03-15", "2014-03-02"]
    assert json.loads(json.dumps(found))["id"] == "0"


def test_what_cannot_be_told_is_refused(sample_index: RelatedIndex) -> None:
    with pytest.raises(UnknownEventError):
        sample_index.story("no-such-event")
    with pytest.raises(ConfigError, match="most is 0"):
        sample_index.story(next(iter(sample_index.events)), most=0)


@pytest.mark.archive
@pytest.mark.slow
def test_stories_of_the_real_archive_are_those_of_its_editors(archive: Path) -> None:
    qrels = read_qrels(archive / "stories-2015-2017.qrels.gz")
    index = RelatedIndex.build(archive / "stories-2015-2017.events.jsonl.gz")
    told = right = 0
    for id_ in random.Random(1).sample(sorted(qrels), 300):
        others = [event.id for event in index.story(id_) if event.id != id_]
        told += len(others)
        right += sum(qrels[id_].get(other, 0) > 0 for other in others)
    assert right / told > 0.4
    assert 5 < told / 300 < 10


def apart(days: float | None, *others: int | None, linked: bool = False, **rules: float) -> list[bool]:
    """Which of some events lie too far in time from one of 2014-06-10, which is linked to all of them or to none."""
    start = date(2014, 6, 10)
    events = {
        number: Event(str(number), None if after is None else start + timedelta(days=after), text="x")
        for number, after in enumerate((0, *others))
    }
    index = SimpleNamespace(
        config=Config.default().change({"stories": rules}),
        _store=SimpleNamespace(meta=lambda name: {"calibration": {"days": days}}),
        events={event.id: event for event in events.values()},
    )
    ids = list(index.events)
    lists = {id_: dict.fromkeys(ids) if linked else {} for id_ in ids}
    tell = _story._apart(index, "0", ids[1:], lists)
    return [tell("0", id_) for id_ in ids[1:]]


def test_how_much_time_a_story_may_leap_over() -> None:
    assert apart(30, 120, 121, None) == [False, True, False]
    assert apart(30, -120, -121) == [False, True]
    # However close the related events of an archive lie: some weeks.
    assert apart(1, 28, 29) == [False, True]
    assert apart(0, 28, 29) == [False, True]
    # Nothing is known of an archive that gave no pairs to measure.
    assert apart(None, 100_000) == [False]


def test_the_pace_of_a_story_is_that_of_its_nearest_linked_events() -> None:
    days = (1, 2, 5, 9, 100)
    assert apart(None, *days, linked=True, pace=2, nearest=2, least_days=0) == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert apart(None, *days, linked=True, pace=2, nearest=5, least_days=0) == [False] * 4 + [True]
    assert apart(None, *days, linked=True, pace=2, nearest=2, least_days=5) == [False] * 3 + [True, True]


def title_of(held: Mapping[str, tuple[str, str, str]], members: int, **rules: float) -> str:
    """The title of the story of event 0: topic -> its kind, how it came to the events, and the numbers of these."""
    topics = {
        str(number): [[name, kind, how, []] for name, (kind, how, who) in held.items() if str(number) in who]
        for number in range(members)
    }
    index = SimpleNamespace(
        config=Config.default().change({"stories": rules}),
        _store=SimpleNamespace(topics_of=lambda ids: {id_: topics[id_] for id_ in ids}),
    )
    return _story.story_title(index, "0", list(topics), {}.fromkeys(held, 10).__getitem__, 1000)


@pytest.mark.parametrize(
    ("held", "members", "rules", "title"),
    [
        ({"A": ("country", "found", "012"), "B": ("person", "found", "012")}, 3, {}, "B, A"),
        ({"A": ("country", "found", "012"), "B": ("person", "found", "012")}, 3, {"title_country": 2}, "A, B"),
        ({"A": ("city", "found", "012"), "B": ("person", "found", "012")}, 3, {}, "B, A"),
        ({"A": ("city", "found", "012"), "B": ("person", "found", "012")}, 3, {"title_place": 2}, "A, B"),
        ({"A": ("person", "found", "12"), "B": ("group", "found", "01")}, 3, {}, "B, A"),
        ({"A": ("person", "found", "12"), "B": ("group", "found", "01")}, 3, {"title_absent": 2}, "A, B"),
        ({"A": ("person", "found", "01"), "B": ("group", "supplied", "02")}, 5, {}, "B, A"),
        ({"A": ("person", "found", "01"), "B": ("group", "supplied", "02")}, 5, {"title_supplied": 0.5}, "A, B"),
    ],
)  # fmt: skip
def test_what_comes_first_in_a_title(
    held: Mapping[str, tuple[str, str, str]], members: int, rules: dict[str, float], title: str
) -> None:
    assert title_of(held, members, **rules) == title


@pytest.mark.parametrize(("held", "title"), [(2, "Mosul"), (3, "Iraqi Civil War")])
def test_what_happened_names_a_story_of_which_it_is_a_third(held: int, title: str) -> None:
    members = [str(number) for number in range(8)]
    war = ["Iraqi Civil War", "conflict", "found", []]
    city = ["Mosul", "city", "found", []]
    index = SimpleNamespace(
        config=Config.default(),
        _store=SimpleNamespace(
            topics_of=lambda ids: {id_: [city, war] if int(id_) < held else [city] for id_ in ids}
        ),
    )
    frequency = {"Iraqi Civil War": held, "Mosul": 150}
    assert _story.story_title(index, "0", members, frequency.__getitem__, 200) == title


@pytest.mark.parametrize(
    ("nearest", "pace", "least_days", "most_days"),
    [
        (3, 2.0, 1.0, 4),  # the median of 1, 2 and 9 days, times the pace
        (2, 2.0, 1.0, 3),  # of 1 and 2 days
        (4, 2.0, 1.0, 11),  # of 1, 2, 9 and 30 days
        (3, 2.0, 7.0, 7),  # never below the least
        (3, 90.0, 1.0, 20),  # never above that of the archive: 4 times 5 days
    ],
)
def test_a_story_ends_by_the_pace_of_the_events_that_are_nearest_to_its_own(
    nearest: int, pace: float, least_days: float, most_days: int
) -> None:
    days = {"own": 0, "a": 1, "b": 2, "c": 9, "d": 30}
    pool = ["a", "b", "unlinked", "c", "d"]
    events = {
        id_: Event(id_, date(2024, 1, 1) + timedelta(days=days.get(id_, 3)), "x") for id_ in ("own", *pool)
    }
    config = Config.default().change(
        {"stories": {"nearest": nearest, "pace": pace, "least_days": least_days, "gap": 4.0}}
    )
    measured = {"calibration": {"days": 5.0}}
    index = SimpleNamespace(
        events=events, config=config, _store=SimpleNamespace(meta=lambda name: {"statistics": measured}[name])
    )
    lists = {"own": dict.fromkeys(days), **{id_: {"own": None} for id_ in days}, "unlinked": {}}
    events |= {f"+{n}": Event(f"+{n}", date(2024, 1, 1) + timedelta(days=n), "x") for n in range(60)}
    apart = _story._apart(
        index, "own", [*pool, *(f"+{n}" for n in range(60))], {**lists, "own": dict.fromkeys(pool)}
    )
    assert [n for n in range(60) if not apart("own", f"+{n}")] == list(range(most_days + 1))
