"""The choice of lists, one behaviour at a time: copies, the floor, neighbours, the category, ties, contexts."""

from __future__ import annotations

import contextlib
import json
import math
import random
import sqlite3
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from stories import GivenTagger, Stories, word

from relatedness.config import Config
from relatedness.index._archive import Archive
from relatedness.ranking import UNITS, Candidates, Match, Noise, Recency, rank, score, shares
from relatedness.ranking import _pairs as related_module
from relatedness.related_index import RelatedIndex
from relatedness.storage import Store, checksum

Record = dict[str, Any]


def settings(**sections: dict[str, object]) -> Config:
    """Nothing but words and time, no floor and no copies, unless said otherwise."""
    plain: dict[str, dict[str, object]] = {
        "weights": {"neighbours": 0, "phrases": 0, "title": 0, "category": 0, "support_limit": 100},
        "topics": {"idf_power": 1, "country": 1, "place": 1, "other": 1},
        "lists": {
            "near_duplicate": 2,
            "duplicates_listed": 0,
            "floor": 0,
            "relative_cutoff": 0,
            "minimum_overlap": 0,
            "neighbours": 15,
        },
    }
    return Config.default().change(
        {name: {**plain.get(name, {}), **sections.get(name, {})} for name in {*plain, *sections}}
    )


def event(id_: str, text: str, day: str = "2014-06-10", **more: object) -> Record:
    return {"id": id_, "date": day, "text": text, **more}


def lists(records: list[Record], config: Config, k: int = 10) -> dict[str, list[tuple[str, int]]]:
    index = RelatedIndex.build(records, config=config, tagger=GivenTagger())
    return {id_: [(item.id, item.copies) for item in index.related(id_, k=k)] for id_ in sorted(index.events)}


def ids(found: list[tuple[str, int]]) -> list[str]:
    return [id_ for id_, _ in found]


# --- ties ----------------------------------------------------------------------------------------------------------


def test_equal_scores_stand_in_order_of_date_down_then_id_up() -> None:
    flat = settings(recency={"strength_before": 0, "strength_after": 0})
    records = [
        event("x", "mosul dam", "2014-06-10"),
        event("b", "mosul army", "2014-06-10"),
        event("c", "mosul army", "2014-06-12"),
        event("a", "mosul army", "2014-06-10"),
        event("d", "mosul army", "2014-06-12T08:00:00+00:00"),
        event("é", "mosul army", "2014-06-10"),
        event("Z", "mosul army", "2014-06-10"),
    ]
    assert ids(lists(records, flat)["x"]) == ["d", "c", "Z", "a", "b", "é"]


def test_time_counts_by_days_before_and_after() -> None:
    records = [event(f"d{day:02}", "mosul army", f"2014-06-{day:02}") for day in (1, 8, 10, 12, 19)]
    even = settings()
    assert ids(lists(records, even)["d10"]) == ["d12", "d08", "d19", "d01"]
    background = settings(recency={"strength_before": 0.1, "strength_after": 5})
    assert ids(lists(records, background)["d10"]) == ["d08", "d01", "d12", "d19"]
    follow_ups = settings(recency={"strength_before": 5, "strength_after": 0.1})
    assert ids(lists(records, follow_ups)["d10"]) == ["d12", "d19", "d08", "d01"]


def test_a_day_is_a_day_in_utc() -> None:
    records = [
        event("x", "mosul dam", "2014-06-10"),
        event("early", "mosul army", "2014-06-10T23:30:00-05:00"),  # the 11th in UTC
        event("late", "mosul army", "2014-06-11T01:00:00+05:00"),  # the 10th in UTC
    ]
    index = RelatedIndex.build(records, config=settings())
    found = index.related("x")
    assert [item.id for item in found] == ["late", "early"]
    assert [found.explain(item.id).days for item in found] == [0, 1]
    assert found[0].score > found[1].score


# --- copies --------------------------------------------------------------------------------------------------------

COPIES = [
    event("x", "mosul dam flood"),
    event("c1", "mosul army retreat"),
    event("c2", "mosul army retreat"),
    event("c3", "mosul army retreats"),
    event("other", "mosul dam breach"),
]


CROWDED = {"near_duplicate": 0.9, "k": 2, "stored": 2}
"""More results than places, so that near-duplicates stand behind one another."""


def test_copies_stand_behind_the_first_of_them() -> None:
    assert lists(COPIES, settings(lists=CROWDED))["x"] == [("other", 0), ("c1", 2)]


def test_what_stands_behind_a_result_can_be_listed() -> None:
    index = RelatedIndex.build(COPIES, config=settings(lists=CROWDED), tagger=GivenTagger())
    folded = index.related("x", k=4)
    everything = index.related("x", k=4, copies=True)
    assert sum(item.copies for item in folded) == 2
    assert {item.id for item in everything} == {"other", "c1", "c2", "c3"}
    assert not any(item.copies for item in everything)
    assert index.why_not("x", "c2", k=4).rule == "near-duplicate"
    assert index.why_not("x", "c2", k=4, copies=True).rule == "listed"
    assert {item.id for item in index.query("mosul army retreat", k=3, copies=True)} == {"c1", "c2", "c3"}


def test_a_near_duplicate_of_the_event_is_no_measure_when_copies_are_listed() -> None:
    records = [
        event("x", "mosul army retreat"),
        event("twin", "mosul army retreat"),
        event("b", "mosul dam breach flood"),
        event("c", "mosul dam repair work"),
    ]
    config = settings(lists={"near_duplicate": 0.9, "relative_cutoff": 0.5})
    index = RelatedIndex.build(records, config=config, tagger=GivenTagger())
    assert index.related("x", copies=True).ids == index.related("x").ids == ("twin", "b", "c")


def test_one_copy_may_be_listed_beside_the_first_of_them() -> None:
    """Advisories for two products of one maker say the same; of forty alerts of one day the others stand behind."""
    beside = {"near_duplicate": 0.9, "k": 3, "stored": 3, "duplicates_listed": 1}
    assert lists(COPIES, settings(lists=beside))["x"] == [("other", 0), ("c1", 1), ("c2", 0)]


def test_where_there_is_room_for_all_every_copy_is_a_result() -> None:
    found = lists(COPIES, settings(lists={"near_duplicate": 0.9}))
    assert found["x"] == [("other", 0), ("c1", 0), ("c2", 0), ("c3", 0)]


def test_the_same_words_at_another_time_are_a_result_of_their_own() -> None:
    again = [{**one, "date": f"2014-0{month}-10"} for month, one in enumerate(COPIES[1:4], 4)]
    records = [COPIES[0], *again, COPIES[4]]
    found = lists(records, settings(lists={**CROWDED, "k": 3, "stored": 3}))
    assert sorted(found["x"]) == [("c1", 0), ("c2", 0), ("c3", 0), ("other", 0)]
    month = settings(lists={**CROWDED, "duplicate_days": 62})
    assert sum(copies for _, copies in lists(records, month)["x"]) == 2


def test_a_copy_of_the_event_itself_is_the_nearest_of_its_results() -> None:
    found = lists(COPIES, settings(lists=CROWDED))
    assert found["c1"][0] == ("c2", 1)
    assert found["c2"][0] == ("c1", 1)


def test_above_one_nothing_is_a_copy() -> None:
    found = lists(COPIES, settings(lists={"near_duplicate": 1.5}))
    assert found["x"] == [("other", 0), ("c1", 0), ("c2", 0), ("c3", 0)]


def test_how_like_a_copy_must_be_is_a_setting() -> None:
    words = [word(n) for n in range(10)]
    records = [
        event("x", f"{words[0]} {word(50)}"),
        *(event(f"e{n}", " ".join([*words[:9], word(60 + n)])) for n in range(2)),
    ]
    even = {"idf_power": 0.1, "name_boost": 0}
    # Nine words of ten in common, each of about the same weight.
    for near_copy, expected in ((0.8, [("e0", 1)]), (0.99, [("e0", 0), ("e1", 0)])):
        crowded = {**CROWDED, "k": 1, "stored": 1, "near_duplicate": near_copy}
        assert lists(records, settings(lists=crowded, text=even))["x"] == expected


def test_copies_leave_room_for_others() -> None:
    records = [
        event("x", "mosul dam flood"),
        *(event(f"c{n}", "mosul dam army") for n in range(8)),
        *(event(f"o{n}", f"mosul {word(n)}") for n in range(3)),
    ]
    config = settings(lists={"near_duplicate": 0.9, "k": 3, "stored": 3})
    assert lists(records, config, k=3)["x"] == [("c0", 7), ("o0", 0), ("o1", 0)]


# --- the floor -----------------------------------------------------------------------------------------------------


def test_nothing_below_a_share_of_the_best_is_listed_and_what_reaches_it_is() -> None:
    records = Stories(1, 12, 9).records
    scores = [item.score for item in RelatedIndex.build(records, config=settings()).related("s0-d00", k=10)]
    assert len(scores) == 10
    for tail in (0.5, 0.7, 0.9, 1):
        cut = RelatedIndex.build(records, config=settings(lists={"relative_cutoff": tail})).related(
            "s0-d00", k=10
        )
        assert [item.score for item in cut] == [score for score in scores if score >= tail * scores[0]]
    assert len(cut) == 1


def test_a_copy_of_the_event_is_no_measure_for_the_others() -> None:
    records = [event("x", "mosul dam flood"), event("y", "mosul army retreat")]
    with_copy = [*records, event("copy", "mosul dam flood")]
    config = settings(lists={"near_duplicate": 0.9, "relative_cutoff": 0.9})
    assert ids(lists(records, config)["x"]) == ["y"]
    assert ids(lists(with_copy, config)["x"]) == ["copy", "y"]


def test_the_floor_rises_with_the_share_of_chance_pairs() -> None:
    records = Stories(1, 60, 9).records
    found = []
    for share in (0, 0.5, 0.9, 1):
        config = settings(lists={"candidates": 12, "floor": share})
        index = RelatedIndex.build(records, config=config)
        floor = index.info["statistics"]["floor"] / UNITS
        for _, items in index.lists(10):
            assert all(item.score >= floor - 1e-9 for item in items)
        found.append(floor)
    assert found == sorted(found)
    assert found[-1] > found[0]


class Measured:
    """Totals that are known, event by event, in place of pairs of events."""

    def __init__(self, *totals: list[int]) -> None:
        self.totals = np.array(totals)

    def under(self, config: Config) -> tuple[SimpleNamespace, np.ndarray]:
        places, factor = np.zeros(self.totals.shape), np.full(self.totals.shape, 1 << 15)
        return SimpleNamespace(used=self.totals > 0, places=places, factor=factor), self.totals[:, :, None]


@pytest.mark.parametrize(("chance", "expected"), [(5, 5), (10, 10), (500, 10), (10_000, 10)])
def test_the_floor_empties_at_most_one_list_in_a_hundred(chance: int, expected: int) -> None:
    best = list(range(1, 1001))  # of the list of each event
    pairs = [chance] * 20
    random, unrelated = Measured([*pairs, 99_999], [*pairs, 0]), np.array([[True] * 20 + [False]] * 2)
    noise = Noise(random, unrelated, Measured(*([one] for one in [*best, 0])), n_events=1001)  # type: ignore[arg-type]
    floor = noise.floor(settings(lists={"floor": 0.99}))
    assert floor == expected
    assert sum(score < floor for score in best) <= len(best) / 100


def test_the_floor_rises_with_the_number_of_events_that_chance_could_bring_together() -> None:
    """By as much for each tenth of the pairs as over the tenth before it; not in an archive of up to 3,000 events."""
    pairs = [*range(1, 1001)]  # 10 of them above 990, 100 above 900
    for n_events, expected in ((200, 991), (3_000, 991), (30_000, 991 + 90), (300_000, 991 + 180)):
        noise = Noise(Measured(pairs), np.ones((1, 1000), bool), Measured([5_000]), n_events=n_events)  # type: ignore[arg-type]
        assert noise.floor(settings(lists={"floor": 0.99})) == expected


def test_a_few_events_say_nothing_about_chance() -> None:
    records = Stories(1, 30, 9).records
    config = settings(lists={"floor": 0.99, "candidates": 12})
    few, enough = (RelatedIndex.build(some, config=config) for some in (records[:29], records))
    assert few.info["statistics"]["floor"] == 0 < enough.info["statistics"]["floor"]


def test_what_reaches_the_floor_is_listed_and_what_stays_below_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    whole = RelatedIndex.build(Stories(1, 12, 9).records, path, config=settings())
    scores = [round(item.score * UNITS) for item in whole.related("s0-d00", k=10)]
    assert len(set(scores)) == len(scores)
    whole.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (kept,) = connection.execute("SELECT value FROM meta WHERE name = 'statistics'").fetchone()
    for floor, expected in ((scores[4], scores[:5]), (scores[4] + 1, scores[:4]), (scores[0] + 1, [])):
        # The floor is a statistic of the archive, kept with it: a search must keep to it.
        with contextlib.closing(sqlite3.connect(path)) as connection:
            value = json.dumps({**json.loads(kept), "floor": floor})
            connection.execute(
                "UPDATE meta SET value = ?, crc = ? WHERE name = 'statistics'",
                (value, checksum("statistics", value)),
            )
            connection.commit()
        with RelatedIndex.open(path) as index:
            found = index.related("s0-d00", k=10, since=date(1, 1, 1))
            assert [round(item.score * UNITS) for item in found] == expected


def test_what_has_nothing_in_common_is_not_related_even_without_a_floor() -> None:
    records = [event("a", "mosul"), event("b", "election"), event("c", "the of and")]
    assert lists(records, settings()) == {"a": [], "b": [], "c": []}


# --- grounds -------------------------------------------------------------------------------------------------------


def test_what_shares_nothing_telling_needs_a_topic_and_much_of_what_the_best_shares() -> None:
    # "dam" and the place Iraq are in most events: they tell nothing. "zebra" and the group ISIL do.
    filler = [event(f"f{n}", f"dam {word(n)}", topics=["Iraq"]) for n in range(40)]
    records = [
        event("x", "zebra dam lake road hill 170 seventeen 84312", topics=["Iraq", "ISIL"]),
        event("best", "zebra dam lake road hill tree", topics=["Iraq"]),
        event("rare word", "zebra " + " ".join(word(n) for n in range(100, 112))),
        event("group", " ".join(word(n) for n in range(120, 132)), topics=["ISIL"]),
        event("country", "dam " + " ".join(word(n) for n in range(140, 152)), topics=["Iraq"]),
        event("frequent word", "dam " + " ".join(word(n) for n in range(160, 172))),
        event("number", "170 seventeen " + " ".join(word(n) for n in range(180, 192))),
        event("long number", "84312 " + " ".join(word(n) for n in range(200, 212))),
        *filler,
    ]
    distinctive = {"distinctive_limit": 2.0, "candidates": 64}
    without = ids(lists(records, settings(lists=distinctive), 60)["x"])
    found = ids(lists(records, settings(lists={**distinctive, "minimum_overlap": 0.5}), 60)["x"])
    telling_too = {"best", "rare word", "group", "long number"}
    assert telling_too | {"country", "frequent word", "number"} <= set(without)
    assert found[0] == "best" and set(found) == telling_too
    # A topic and nearly as much as the best shares are grounds, though neither tells anything.
    weak = ids(lists(records, settings(lists={**distinctive, "minimum_overlap": 0.01}), 60)["x"])
    assert "country" in weak and "frequent word" not in weak
    # So are a topic and shared neighbours that give enough of the score.
    kin = ids(
        lists(records, settings(lists={**distinctive, "minimum_overlap": 0.5, "neighbour_share": 0.0}), 60)[
            "x"
        ]
    )
    assert "country" in kin and "frequent word" not in kin


def test_what_shares_a_topic_and_nothing_telling_needs_shared_neighbours_too() -> None:
    # With x, "near" and "far" share no more than Iraq and "dam", which say nothing here; the neighbours of "near" are those of x.
    records = [
        event("x", "gammak dam alphak", topics=["Iraq"]),
        event("near", "deltak dam betak", topics=["Iraq"]),
        event("far", "zetak dam etak", topics=["Iraq"]),
        *(event(f"m{n}", f"gammak deltak {word(n)}") for n in range(4)),
        *(event(f"o{n}", f"zetak {word(20 + n)} {word(30 + n)}") for n in range(4)),
        *(event(f"f{n}", f"dam {word(40 + n)}", topics=["Iraq"]) for n in range(40)),
    ]
    rules = {"distinctive_limit": 2.0, "minimum_overlap": 0.01, "neighbour_share": 1.0, "candidates": 64}

    def listed(config: Config) -> set[str]:
        found = RelatedIndex.build(records, config=config, tagger=GivenTagger())
        if "far" not in (result := found.related("x", k=60)).ids:
            assert found.why_not("x", "far", k=60).rule == "overlap"
        return {"near", "far"} & set(result.ids)

    assert listed(settings(lists=rules, weights={"neighbours": 0.5})) == {"near"}
    # Where neighbours do not count, none are asked for.
    assert listed(settings(lists=rules)) == {"near", "far"}


def test_what_says_the_same_in_frequent_words_needs_nothing_telling() -> None:
    # No word of the alert is rare. "again" says all of it, "in part" a sixth.
    alert = ["disk", "full", "restart", "node"]
    filler = [
        event(f"{part}{n}", f"{part} {word(10 * at + n)}") for at, part in enumerate(alert) for n in range(8)
    ]
    records = [
        event("x", f"{' '.join(alert)} zebra"),
        event("again", f"{' '.join(alert)} lake"),
        event("in part", "disk node " + " ".join(word(n) for n in range(80, 90))),
        event("rare word", "zebra " + " ".join(word(n) for n in range(90, 93))),
        *filler,
    ]
    distinctive = {"distinctive_limit": 2.0, "minimum_overlap": 0.3, "candidates": 64}
    index = RelatedIndex.build(records, config=settings(lists=distinctive))
    assert [item.id for item in index.related("x")] == ["again", "rare word"]
    left_out = index.why_not("x", "in part")
    assert left_out.rule == "overlap"
    assert "needs an overlap in words, phrases and topics of 0.2;" in str(left_out)


# --- neighbours, title and category --------------------------------------------------------------------------------------------


def test_shared_neighbours_lift_what_belongs_to_the_story() -> None:
    # x meets "in" and "out" in one word each; "in" shares its other neighbours with x, "out" has a circle of its own.
    records = [
        event("x", "alphak betak gammak"),
        event("in", "alphak deltak"),
        event("out", "betak zetak"),
        *(event(f"m{n}", f"gammak deltak {word(n)}") for n in range(4)),
        *(event(f"o{n}", f"zetak {word(20 + n)} {word(30 + n)}") for n in range(4)),
    ]
    plain = RelatedIndex.build(records, config=settings())
    told = RelatedIndex.build(records, config=settings(weights={"neighbours": 1}))
    assert "neighbours" not in plain.related("x")[0].parts
    parts = {item.id: item.parts for item in told.related("x", k=10)}
    assert parts["in"]["neighbours"] > parts["out"].get("neighbours", 0)
    named = {reason.name for reason in told.explain("x", "in").reasons if reason.part == "neighbours"}
    assert named == {f"m{n}" for n in range(4)}


def test_an_equal_category_gives_its_whole_share_on_the_same_day() -> None:
    records = [
        event("x", "mosul dam", category="War"),
        event("same", "mosul army", category="War"),
        event("other", "mosul army", category="Sport"),
        event("none", "mosul army"),
        event("later", "mosul army", "2014-06-20", category="War"),
    ]
    config = settings(weights={"category": 0.5})
    index = RelatedIndex.build(records, config=config)
    parts = {item.id: item.parts for item in index.related("x")}
    assert parts["same"]["category"] == pytest.approx(shares(config)["category"], abs=1 / UNITS)
    assert "category" not in parts["other"]
    assert "category" not in parts["none"]
    why = index.explain("x", "later")
    assert parts["later"]["category"] == pytest.approx(
        shares(config)["category"] * why.recency, abs=1 / UNITS
    )
    assert [reason.name for reason in why.reasons if reason.part == "category"] == ["War"]
    assert not [reason for reason in index.explain("none", "same").reasons if reason.part == "category"]


def test_a_text_that_names_the_title_of_another_event_is_nearer() -> None:
    records = [
        {**event("protocol", "pairs devices"), "title": "Open Presence Wire Format"},
        event("names", f"{word(1)} needs the open presence wire format"),
        event("half", f"{word(2)} needs open presence {word(5)} wire {word(6)} format"),
        event("words", f"{word(3)} needs wire format {word(7)} presence {word(8)} open"),
        event("apart", f"{word(4)} needs format {word(9)} wire {word(10)} presence {word(11)} open"),
    ]
    config = settings(weights={"phrases": 0.2, "title": 0.5}, text={"length_normalisation": 0})
    index = RelatedIndex.build(records, config=config)
    parts = {item.id: item.parts.get("title", 0.0) for item in index.related("protocol")}
    assert parts["names"] > parts["half"] > parts["apart"] == 0
    # Both ways, and for a text from outside.
    assert index.explain("names", "protocol").parts["title"] == parts["names"]
    asked = {item.id: item.parts for item in index.query("all about the open presence wire format")}
    assert asked["protocol"]["title"] > 0
    why = index.explain("protocol", "names")
    assert [one.name for one in why.reasons if one.part == "title"] == ["Open Presence Wire Format"]
    assert sum(one.share for one in why.reasons) == pytest.approx(why.score, abs=1e-6)
    # The title's three phrases are in three, two and three of the five events.
    rarities = [math.log(1 + 6 / (1 + df)) for df in (3, 2, 3)]
    rarest = math.log(1 + 6)
    whole = sum(rarity**2 for rarity in rarities)
    shared = {"names": rarities, "half": rarities[:1], "words": rarities[2:], "apart": []}
    for id_, held in shared.items():
        expected = sum(rarity**3 for rarity in held) / (rarest * whole)
        assert parts[id_] == pytest.approx(expected * shares(config)["title"], abs=0.004), id_


@pytest.mark.parametrize("limit", [0.0, 0.5, 2.0])
def test_neighbours_and_category_give_at_most_so_many_times_what_the_words_give(limit: float) -> None:
    records = [
        event("x", " ".join(word(n) for n in range(12)), category="War"),
        event("near", " ".join(word(n) for n in range(1, 12)), category="War"),
        event("far", " ".join([word(0), *(word(20 + n) for n in range(30))]), category="War"),
    ]
    config = settings(weights={"category": 1, "support_limit": limit})
    index = RelatedIndex.build(records, config=config)
    for other in ("near", "far"):
        why = index.explain("x", other)
        direct = sum(why.parts[name] for name in ("words", "phrases", "topics"))
        whole = shares(config)["category"]
        assert why.parts["category"] == pytest.approx(min(whole, limit * direct), abs=2 / UNITS)
        assert sum(reason.share for reason in why.reasons) == pytest.approx(why.score, abs=1e-6)


# --- contexts ------------------------------------------------------------------------------------------------------


def test_contexts_are_the_shared_topics_by_what_they_give() -> None:
    records = [
        event("x", "one", topics=["Iraq", "ISIL", "Mosul", "Oil"]),
        event("y", "two", topics=["Mosul", "Iraq", "Asia", "Oil"]),
        *(event(f"i{n}", word(n), topics=["Iraq"]) for n in range(5)),
        event("z", "three", topics=["ISIL"]),
    ]
    index = RelatedIndex.build(records, config=settings(), tagger=GivenTagger())
    found = index.related("x", k=10)
    contexts = {item.id: item.contexts for item in found}
    # Iraq is common, Mosul is not; Oil is inferred and no reason.
    assert contexts["y"] == ("Mosul", "Iraq")
    assert contexts["i0"] == ("Iraq",)
    assert contexts["z"] == ("ISIL",)
    for item in found:
        given = [reason for reason in found.explain(item.id).reasons if reason.part == "topics"]
        assert {reason.name for reason in given} == set(item.contexts)
        assert all(one.share >= two.share for one, two in pairwise(given))


def test_the_words_of_its_name_speak_for_a_topic() -> None:
    records = [
        event("x", "the fall of Mosul", topics=["War", "Mosul"]),
        event("y", "the dam of Mosul", topics=["War", "Mosul"]),
        event("z", "an armistice", topics=["War", "Mosul"]),
    ]
    index = RelatedIndex.build(records, config=settings(topics={"supplied": 1.1}), tagger=GivenTagger())
    contexts = {item.id: item.contexts for item in index.related("x")}
    assert contexts == {"y": ("Mosul", "War"), "z": ("War", "Mosul")}


def test_supplied_topics_alone_can_relate_events() -> None:
    records = [event("a", "one", topics=["War"]), event("b", "two", topics=["War"]), event("c", "three")]
    index = RelatedIndex.build(records, config=settings(), tagger=GivenTagger())
    (found,) = index.related("a")
    assert (found.id, found.contexts, set(found.parts)) == ("b", ("War",), {"topics"})


# --- where the choice of a list ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"k": 1, "stored": 1},
        {"k": 3, "stored": 3, "relative_cutoff": 0.7},
        {"k": 3, "stored": 3, "near_duplicate": 0.5},
    ],
)
def test_who_scores_less_than_the_end_of_a_list_has_no_part_in_it(
    changes: dict[str, object], sample_file: Path
) -> None:
    with contextlib.closing(Store.open(sample_file)) as store:
        archive, built = Archive.load(store), Config.from_dict(store.meta("config"))
        everyone = np.arange(len(archive))
        candidates = archive.candidates_of(everyone, store, built)
        rows, near = archive.neighbours_near(everyone, store, built)
        floor = store.meta("statistics")["floor"]
    neighbours, corpus, config = (
        near.take(np.argsort(rows)),
        archive.corpus(),
        built.change({"lists": changes}),
    )
    fixed = Recency.curve(config), config
    match = Match(corpus.subjects(everyone), neighbours, candidates, corpus, neighbours)
    full = rank(match, *fixed, floor, config.lists.stored)
    beyond = score(match, *fixed).sum(axis=2) < full.ends[:, None]
    assert (beyond & (candidates.keys > 0)).any()
    fewer = replace(match, candidates=Candidates(np.where(beyond, 0, candidates.keys)))
    rest = rank(fewer, *fixed, floor, config.lists.stored)
    used = np.arange(config.lists.stored) < full.counts[:, None]
    assert np.array_equal(rest.counts, full.counts)
    for one, other in ((full.rows, rest.rows), (full.parts, rest.parts), (full.copies, rest.copies)):
        assert np.array_equal(one[used], other[used])


# --- how the work is cut -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 7, 100_000])
def test_the_size_of_the_blocks_changes_nothing(
    block: int, sample_index: RelatedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(related_module, "_BLOCK", block)
    again = RelatedIndex.build(sample_index.events.values(), jobs=2)
    assert dict(again.lists(10)) == dict(sample_index.lists(10))


def test_a_country_in_common_is_not_enough_for_the_floor() -> None:
    """Without it, the events are as far apart as any two: `why_not` gives both numbers."""
    chance = random.Random(3)
    words = [f"word{n}" for n in range(900)]
    records = [
        {
            "id": f"e{n}",
            "date": f"2015-01-{n % 28 + 1:02}",
            "text": " ".join([*chance.sample(words, 9), "Portugal" if n % 20 == 0 else "quietly"]) + ".",
        }
        for n in range(400)
    ]
    index = RelatedIndex.build(records, config=settings(lists={"candidates": 40, "floor": 0.999}))
    found = [
        why
        for n in range(0, 400, 20)
        for other in range(0, 400, 20)
        if n != other and (why := index.why_not(f"e{n}", f"e{other}")).rule == "floor"
    ]
    floor = index.info["statistics"]["floor"] / UNITS
    above = [why for why in found if why.score >= floor]
    assert above
    for why in above:
        assert why.value < why.needed == pytest.approx(0.6 * floor)
        assert "without the places that both name" in why.sentence
