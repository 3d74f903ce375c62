"""What a build measures on the archive itself: archives whose answer is known by how they are made."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from stories import word

from relatedness.config import MEASURED, Config
from relatedness.ranking import Calibration, Document, calibrate, count, fit
from relatedness.ranking._calibrate import Estimate
from relatedness.related_index import RelatedIndex
from relatedness.topics import EventTopic

CONFIG = Config.default()
SPAN = 3000


def found(
    n: int,
    gap: Callable[[random.Random], int],
    *,
    shared_topics: bool = False,
    vocabulary: int = 500,
    seed: int = 0,
    flip: bool = False,
) -> Calibration:
    """An archive of pairs: both of a pair have half of their twenty words in common, and lie some days apart."""
    chance = random.Random(seed)
    made: list[tuple[int, list[str], str]] = []
    for pair in range(n // 2):
        common = chance.sample(range(vocabulary), 10)
        first = chance.randrange(SPAN)
        for day in (first, first + gap(chance)):
            words = [*common, *chance.sample(range(vocabulary), 10)]
            theme = pair if shared_topics else chance.randrange(n)
            made.append((day, [word(one) for one in words], f"Theme {theme}"))
    made.sort(key=lambda one: one[0])
    documents = [
        Document("", " ".join(words[::-1] if flip else words), "en", (EventTopic(theme, "topic", "found"),))
        for _, words, theme in made
    ]
    counts = count(documents, CONFIG)
    _, weighed = fit(counts, CONFIG)
    days = np.array([day for day, *_ in made], np.int32)
    nobody = np.full(len(made), -1, np.int32)
    return calibrate(counts, weighed, days, nobody, nobody, CONFIG)


def soon(chance: random.Random) -> int:
    return chance.randint(1, 5)


def whenever(chance: random.Random) -> int:
    return chance.randint(1, SPAN)


@pytest.fixture(scope="module")
def near() -> Calibration:
    """What is found where pairs lie close."""
    return found(800, soon)


def test_time_counts_where_what_belongs_together_lies_close_and_not_where_it_does_not(
    near: Calibration,
) -> None:
    far = found(800, whenever)
    assert near.decline.value > 0.5 > 0.25 > far.decline.value
    assert near.strength > 0.5 > 0.1 > far.strength
    assert far.strength == 0.05  # of two events that say as much, the nearer still comes first
    assert near.days is not None
    assert near.days <= 5 < 100 < (far.days or 0)
    assert near.pairs > 100


def test_a_curve_is_only_as_sharp_as_its_evidence(near: Calibration) -> None:
    usual = Config.default().measured(found(10, soon).settings(CONFIG)).recency.strength_before
    assert usual == pytest.approx(0.2, abs=0.05)
    few = found(60, soon)
    assert usual <= few.strength <= near.strength
    assert few.decline.error > near.decline.error


def issue(chance: random.Random) -> int:
    return chance.randint(0, 300)


def test_where_what_belongs_together_lies_anywhere_within_weeks_the_curve_is_level_there(
    near: Calibration,
) -> None:
    apart = found(800, issue)
    assert near.scale == 7 < 100 < apart.scale < 1000
    assert apart.settings(CONFIG)["recency"]["scale_days"] == apart.scale
    assert f"but hardly within {apart.scale:,.0f} days" in apart.sentences()[0]
    assert "hardly within" not in near.sentences()[0]
    # Without clear evidence the curve stays as it is.
    assert found(60, issue).scale == 7
    assert found(800, whenever).scale == 7


def test_where_all_is_of_one_day_time_does_not_count() -> None:
    same = found(200, lambda chance: 0)
    assert same.strength > 0 or same.one_day is False
    days = np.zeros(40, np.int32)
    documents = [Document("", f"{word(n)} {word(n // 2 + 100)}", "en", ()) for n in range(40)]
    counts = count(documents, CONFIG)
    _, weighed = fit(counts, CONFIG)
    nobody = np.full(40, -1, np.int32)
    dated = calibrate(counts, weighed, days, nobody, nobody, CONFIG)
    assert dated.one_day
    assert dated.strength == 0


def test_topics_count_where_they_say_more_than_the_words() -> None:
    # Few words, so that many events share several by chance; enough pairs for a full weight.
    told = found(1200, soon, shared_topics=True, vocabulary=200)
    idle = found(1200, soon, vocabulary=200)
    assert told.context > 0.4 > 0.1 > idle.context
    loud, quiet = (one.settings(CONFIG)["weights"] for one in (told, idle))
    assert loud["topics"] > 4 * quiet["topics"] > 0
    assert loud["neighbours"] > 4 * quiet["neighbours"] > 0


@pytest.mark.parametrize("gain", [0.0, 1.0, 2.0, 3.0, 3.6, 9.0])
def test_neighbours_are_trusted_less_than_topics_where_topics_say_little(gain: float) -> None:
    most = CONFIG.calibrate
    one = Calibration(100, 20, 3.0, Estimate(0.5, 0.1), 7.0, Estimate(gain, 0.2), one_day=False)
    weights = one.settings(CONFIG)["weights"]
    topics, story = (
        round(float(weights[name]) / whole, 3)
        for name, whole in (("topics", most.most_topics), ("neighbours", most.most_neighbour_weight))
    )
    assert 0 < story <= topics <= 1
    assert (story < topics) == (0 < gain < 3.6)
    assert (story == 1) == (gain >= 3.6)


def test_neither_the_order_of_words_nor_a_second_run_changes_what_is_found() -> None:
    assert found(200, soon) == found(200, soon) == found(200, soon, flip=True)


def test_versions_of_one_item_are_no_evidence() -> None:
    text = [f"{word(n)} {word(n + 100)} {word(n + 200)} {word(n + 300)}" for n in range(30) for _ in range(2)]
    counts = count([Document("", one, "en", ()) for one in text], CONFIG)
    _, weighed = fit(counts, CONFIG)
    days = np.arange(60, dtype=np.int32)
    nobody = np.full(60, -1, np.int32)
    groups = np.repeat(np.arange(30, dtype=np.int32), 2)
    assert calibrate(counts, weighed, days, nobody, nobody, CONFIG).pairs > 0
    assert calibrate(counts, weighed, days, groups, nobody, CONFIG).pairs == 0


def test_what_was_measured_is_kept_and_comes_back_the_same() -> None:
    one = Calibration(100, 20, 3.0, Estimate(0.5, 0.1), 7.0, Estimate(1.0, 0.2), one_day=False)
    assert Calibration.from_record(one.to_record()) == one


def test_a_setting_given_by_hand_is_not_measured() -> None:
    records = [
        {"id": str(n), "date": f"2015-01-{n % 28 + 1:02}", "text": f"{word(n)} {word(n // 2 + 100)}"}
        for n in range(80)
    ]
    measured = RelatedIndex.build(records)
    by_hand = {"recency": {"strength_before": 0.77}, "weights": {"neighbours": 0.9}}
    given = RelatedIndex.build(records, config=Config.default().change(by_hand))
    assert measured.config.calibrate.time
    assert measured.config.recency.strength_before != 0.5
    assert given.config.recency.strength_before == 0.77
    assert given.config.weights.neighbours == 0.9
    assert not given.config.calibrate.time
    assert given.config.calibrate.scale
    assert not given.config.calibrate.support
    assert given.config.lists.neighbours == measured.config.lists.neighbours == 5
    # The settings of an index build the same index again, and are measured anew.
    assert RelatedIndex.build(records, config=measured.config).config == measured.config
    assert set(MEASURED) < set(measured.config.to_dict()["calibrate"])
