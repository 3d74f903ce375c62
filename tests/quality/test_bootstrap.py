"""Intervals over stories: as wide as theory says, and stories are what judgments connect."""

from __future__ import annotations

import numpy as np
import pytest

from relatedness.quality._bootstrap import Bootstrap


@pytest.mark.parametrize("mates", [1, 4])
def test_an_interval_is_as_wide_as_the_theory_of_means_says(mates: int) -> None:
    # Events of one cluster share their value: they count as one observation.
    stories = np.repeat(np.arange(400), mates)
    values = np.random.default_rng(1).normal(0.5, 0.2, 400)
    low, high = Bootstrap(stories, 4000).interval(values[stories])
    assert (low + high) / 2 == pytest.approx(values.mean(), abs=2e-3)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(400), rel=0.06)


def test_an_interval_is_the_same_however_many_are_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap, values = Bootstrap(np.arange(50), 200), np.linspace(0, 1, 50)
    whole = bootstrap.interval(values)
    monkeypatch.setattr("relatedness.quality._bootstrap._DRAWN", 700)
    assert bootstrap.interval(values) == whole


def _chains(*lengths: int) -> tuple[list[str], dict[str, dict[str, int]]]:
    ids = [f"{number}-{at}" for number, length in enumerate(lengths) for at in range(length)]
    return ids, {
        id_: {mate: 1} if (mate := f"{id_.split('-')[0]}-{int(id_.split('-')[1]) + 1}") in ids else {}
        for id_ in ids
    }


def test_stories_are_what_judgments_connect_unless_they_are_much_of_all() -> None:
    ids, qrels = _chains(5, 6, *[1] * 89)
    cluster = Bootstrap.of(ids, qrels, 10).cluster.tolist()
    assert len(set(cluster[:5])) == 1, "a twentieth of all is a cluster"
    assert len(set(cluster[5:])) == 6 + 89, "more is drawn event by event"


def test_a_grade_of_zero_connects_nothing() -> None:
    assert len(set(Bootstrap.of(["a", "b"], {"a": {"b": 0}, "b": {}}, 10).cluster)) == 2
    assert len(set(Bootstrap.of(["a", "b"], {"a": {"b": 1}, "b": {}}, 10).cluster)) == 1


def test_a_mean_over_clusters_is_one_over_their_events() -> None:
    # Ten clusters of one event that is 0, ten of nine that are 1: the mean is 0.9, not that of the clusters, 0.5.
    cluster = np.repeat(np.arange(20), [1] * 10 + [9] * 10)
    low, high = Bootstrap(cluster, 2000).interval((cluster >= 10).astype(np.float64))
    assert 0.7 < low < 0.9 < high < 1


def test_clusters_of_different_sizes_are_weighed_by_what_was_drawn() -> None:
    # A mean of equal values is that value, whichever clusters are drawn and however large they are.
    low, high = Bootstrap(np.repeat([0, 1, 2], [1, 2, 7]), 200).interval(np.full(10, 0.4))
    assert (low, high) == pytest.approx((0.4, 0.4))
