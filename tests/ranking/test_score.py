"""The score as a sum of parts: the recency curve, the shares, and whole units."""

from __future__ import annotations

import math
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import configs

from relatedness.config import Config
from relatedness.ranking import (
    DOT_BITS,
    MEASURED,
    PARTS,
    RECENCY_BITS,
    UNITS,
    Explanation,
    Reason,
    Recency,
    shares,
)
from relatedness.ranking._explanation import NEIGHBOURS
from relatedness.ranking._score import contributions
from relatedness.ranking._vectors import WHOLE_TITLE

CONFIG = Config.default()
TITLE, CATEGORY, MEANING = map(PARTS.index, ("title", "category", "meaning"))


@given(configs(), st.integers(0, 60_000))
def test_recency_is_its_formula(config: Config, days: int) -> None:
    table, curve = Recency.curve(config), config.recency
    age = math.log(1 + min(days, 49_999) / curve.scale_days)
    for direction, strength in ((-1, curve.strength_before), (1, curve.strength_after)):
        if days == 0:
            strength = 0
        factor = int(table.factor(1000, np.array([1000 + direction * days], dtype=np.int32))[0])
        expected = (curve.floor + (1 - curve.floor) / (1 + strength * age)) * 2**RECENCY_BITS
        assert abs(factor - expected) <= 0.5 + 1e-6


@given(configs())
def test_recency_never_grows_with_distance_and_is_whole_on_the_same_day(config: Config) -> None:
    table = Recency.curve(config)
    for factors in (table.before, table.after):
        assert factors.dtype == np.uint16
        assert factors[0] == 2**RECENCY_BITS
        assert (np.diff(factors.astype(int)) <= 0).all()
    assert len(table.before) == len(table.after)


def test_before_and_after_are_told_apart() -> None:
    table = Recency.curve(CONFIG.change({"recency": {"strength_before": 2, "strength_after": 0}}))
    factors = table.factor(10, np.array([3, 10, 17], dtype=np.int32)).tolist()
    assert factors[0] < factors[1] == factors[2] == 2**RECENCY_BITS


def test_without_a_date_time_does_not_count() -> None:
    table = Recency.flat()
    factors = table.factor(0, np.array([-700_000, 0, 2_000_000], dtype=np.int32))
    assert factors.tolist() == [2**RECENCY_BITS] * 3


def test_events_of_all_ages_can_be_compared() -> None:
    table = Recency.curve(CONFIG)
    first, last = -719_162, 2_932_896  # the years 1 and 9999
    assert table.factor(first, np.array([last], dtype=np.int32))[0] == table.after[-1]
    assert table.factor(last, np.array([first], dtype=np.int32))[0] == table.before[-1]


@given(configs())
def test_shares_sum_to_one_in_the_ratio_of_the_weights(config: Config) -> None:
    lexical, neighbours, title, category, meaning = shares(config).values()
    assert lexical + neighbours + title + category + meaning == pytest.approx(1)
    assert (meaning > 0) == (config.text.encoder != "none" and config.weights.meaning > 0)
    weights = config.weights
    assert neighbours * (weights.words + weights.phrases + weights.topics) == pytest.approx(
        lexical * weights.neighbours
    )
    assert neighbours * weights.category == pytest.approx(category * weights.neighbours)
    assert neighbours * weights.title == pytest.approx(title * weights.neighbours)


def test_two_events_that_agree_in_everything_on_one_day_score_one() -> None:
    words, phrases, topics = (
        round(w / (CONFIG.weights.words + CONFIG.weights.phrases + CONFIG.weights.topics) * 2**DOT_BITS)
        for w in (CONFIG.weights.words, CONFIG.weights.phrases, CONFIG.weights.topics)
    )
    dots = np.array([[words, phrases, topics]], dtype=np.uint32)
    whole = np.array([2**RECENCY_BITS], dtype=np.uint16)
    units = contributions(dots, np.ones(1), np.ones((1, 3)), whole, CONFIG)
    assert abs(int(units.sum()) - UNITS) <= len(PARTS)


@given(
    st.lists(st.integers(0, 2**DOT_BITS), min_size=3, max_size=3),
    st.floats(0, 1),
    st.floats(0, 1),
    st.booleans(),
    st.floats(0, 1),
    st.integers(0, 2**RECENCY_BITS),
    configs(),
)
def test_each_part_is_its_formula_in_whole_units(
    dots: list[int],
    neighbours: float,
    title: float,
    category: bool,
    meaning: float,
    factor: int,
    config: Config,
) -> None:
    units = contributions(
        np.array(dots, dtype=np.uint32)[None],
        np.array([neighbours]),
        np.array([[title, category, meaning]], dtype=np.float64),
        np.array([factor], dtype=np.uint16),
        config,
    )
    assert units.shape == (1, len(PARTS))
    assert units.dtype == np.int64
    lexical, neighbour_share, title_share, category_share, meaning_share = map(
        Fraction, shares(config).values()
    )
    parts = [Fraction(dot, 2**DOT_BITS) * lexical for dot in dots]
    parts += [
        Fraction(neighbours) * neighbour_share,
        Fraction(title) * title_share,
        int(category) * category_share,
        Fraction(meaning) * meaning_share,
    ]
    asked = parts[NEIGHBOURS] + parts[TITLE] + parts[CATEGORY]
    if asked:
        support = min(Fraction(1), Fraction(config.weights.support_limit) * sum(parts[:3]) / asked)
        for part in (NEIGHBOURS, TITLE, CATEGORY):
            parts[part] *= support
    for found, part in zip(units[0].tolist(), parts, strict=True):
        exact = part * Fraction(factor, 2**RECENCY_BITS) * UNITS
        assert abs(found - exact) <= Fraction(1, 2) + Fraction(1, 10**6)


def test_the_title_counts_as_far_as_it_stands_in_the_other_event_and_never_more_than_whole() -> None:
    titles = np.array([[0, WHOLE_TITLE // 5, WHOLE_TITLE, WHOLE_TITLE + 3]], np.uint16)
    (part,) = (part for part in MEASURED if part.name == "title")
    assert part.measure(SimpleNamespace(titles=titles)).tolist() == [[0, 0.2, 1, 1]]


def test_the_positions_of_the_parts_have_their_names() -> None:
    names = ("neighbours", "title", "category", "meaning")
    assert tuple(PARTS[place] for place in (NEIGHBOURS, TITLE, CATEGORY, MEANING)) == names
    config = CONFIG.change({"weights": {"support_limit": 100}, "text": {"encoder": "given"}})
    one = np.eye(4)
    dots = np.full((4, 3), 2**20, np.uint32)
    units = contributions(dots, one[0], one[1:].T, np.full(4, 2**15, np.uint16), config)
    for row, place in enumerate((NEIGHBOURS, TITLE, CATEGORY, MEANING)):
        assert np.flatnonzero(units[row] * (np.arange(7) >= NEIGHBOURS)).tolist() == [place]


def explanation(days: int | None) -> Explanation:
    reasons = tuple(Reason("words", f"word{place}", 0.01) for place in range(10))
    return Explanation(
        "a",
        "b",
        0.3,
        {"words": 0.1, "phrases": 0.0, "topics": 0.2},
        0.75,
        days,
        (Reason("topics", "Iraq", 0.2), *reasons),
    )


def test_an_explanation_reads_as_text() -> None:
    lines = [line.split() for line in str(explanation(-3)).splitlines()]
    assert " ".join(lines[0]) == "a -> b: 0.3000"
    assert " ".join(lines[1]) == "3 days before, recency 0.750"
    words = " ".join(f"word{n} 0.0100," for n in range(8))
    assert " ".join(lines[2]) == f"words 0.1000 {words} and 2 more"
    assert " ".join(lines[3]) == "topics 0.2000 Iraq 0.2000"
    assert len(lines) == 4
    assert "5 days after" in str(explanation(5))
    assert "the same day" in str(explanation(0))
    assert "1 day after" in str(explanation(1))
    assert "recency" not in str(explanation(None))
