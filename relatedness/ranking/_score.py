"""The score as a sum of named parts.

``score(a, b) = recency(days between) * sum_i weight_i * part_i(a, b)`` with every part in [0, 1] and weights that sum to 1.
Words, phrases and topics are cosines and come from one dot product of fixed-point vectors (`relatedness.ranking`). The
neighbours and the parts in `MEASURED` are added for the candidates of that first stage; neighbours, title and category are
limited by these cosines (`support`). What identifiers give by which events name each other is part of the topics, beside the cosine,
and does not fade. Each part's contribution, weight and recency included, is rounded to a whole number of
`UNITS`-ths, and the score *is* their sum: parts always add up, and equal scores are equal on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.numbering import Row
from relatedness.ranking._corpus import Corpus, Subjects
from relatedness.ranking._counts import CHANNELS, TOPICS
from relatedness.ranking._embeddings import alike, cosines
from relatedness.ranking._explanation import PARTS, UNITS
from relatedness.ranking._recency import RECENCY_BITS
from relatedness.ranking._rows import DOT_BITS
from relatedness.ranking._settings import calibration_settings
from relatedness.ranking._vectors import WHOLE_TITLE


class Evidence(NamedTuple):
    """The input of the measured parts: some events, and their candidates."""

    subjects: Subjects
    rows: NDArray[Row]  # shape (n, c): the candidates, rows of the corpus
    corpus: Corpus
    # Shape (n, c): how much of the title of one occurs in the other, in units of ``1 / WHOLE_TITLE``.
    titles: NDArray[np.uint16]


class MeasuredPart(NamedTuple):
    """A part of the score that is measured on each pair of events alone.

    Examples
    --------
    >>> [part.name for part in MEASURED if part.supports]
    ['title', 'category']
    >>> [part.name for part in MEASURED if part.counts(Config.default())]
    ['title', 'category']
    """

    name: str  # the name of the part, and of its weight, a setting of ``weights``
    # Takes the `Evidence`; returns float64 or bool in [0, 1], shape (n, c).
    measure: Callable[[Evidence], NDArray[np.float64] | NDArray[np.bool_]]
    # Whether it counts only as far as words, phrases and topics support it; see `support`.
    supports: bool = False
    nearby: bool = True  # whether it is used to find neighbours
    # Takes a config; returns whether the part has any weight under it.
    counts: Callable[[Config], bool] = lambda _: True


def _title_in_text(pairs: Evidence) -> NDArray[np.float64]:
    return np.minimum(pairs.titles / WHOLE_TITLE, 1.0)


def _same_category(pairs: Evidence) -> NDArray[np.bool_]:
    mine = pairs.subjects.categories[:, None]
    same: NDArray[np.bool_] = (mine == pairs.corpus.categories[pairs.rows]) & (mine >= 0)
    return same


def _alike_in_meaning(pairs: Evidence) -> NDArray[np.float64]:
    meanings, corpus = pairs.subjects.meanings, pairs.corpus
    if not meanings.shape[1]:
        return np.zeros(pairs.rows.shape)
    common = corpus.common
    found = cosines(meanings, pairs.rows.astype(np.int64), corpus.meanings, common.row)
    return alike(found, common.cosine)


MEASURED = (
    MeasuredPart("title", _title_in_text, supports=True),
    MeasuredPart("category", _same_category, supports=True),
    # Neighbours found by meaning would share the subject, not the story.
    MeasuredPart(
        "meaning", _alike_in_meaning, nearby=False, counts=lambda config: config.text.encoder != "none"
    ),
)
"""A new part of the score is a line here, and its weight in `relatedness.settings.Weights` and ``models/ranker.toml``."""
assert (*CHANNELS, "neighbours", *(part.name for part in MEASURED)) == PARTS, "in the order of the weights"


def measured(pairs: Evidence) -> NDArray[np.float64]:
    """The parts in `MEASURED` of each event and each of its candidates, float64 in [0, 1], shape (n, c, m)."""
    found: NDArray[np.float64] = np.stack(
        [part.measure(pairs) for part in MEASURED], axis=-1, dtype=np.float64
    )
    return found


def contributions(
    dots: NDArray[np.uint32],
    neighbours: NDArray[np.float64],
    others: NDArray[np.float64],
    factor: NDArray[np.uint16],
    config: Config,
    naming: NDArray[np.uint32] | None = None,
) -> NDArray[np.int64]:
    """The contribution of each part to the score of each pair.

    Parameters
    ----------
    dots : ndarray of uint32, shape (..., 3)
        The dot product per channel, with the channel's share folded in, in units of ``2**-30``.
    neighbours : ndarray of float64, shape (...)
        How alike the neighbours of the two are, in [0, 1].
    others : ndarray of float64, shape (..., m)
        The parts in `MEASURED`, from `measured`.
    factor : ndarray of uint16, shape (...)
        The recency factor in units of ``2**-15``.
    naming : ndarray of uint32, shape (...), optional
        The part of the dot products of topics that identifiers give by which events name each other. It does not fade with time.

    Returns
    -------
    ndarray of int64, shape (..., len(PARTS))
        By `PARTS`, in units of ``1 / UNITS``, each ``(part * weight) * recency`` (neighbours, title and category also times
        `support`) rounded half to even; a pair's score is the sum of its row.
    """
    share = shares(config)
    time = factor / (1 << RECENCY_BITS)
    held = support(dots, neighbours, others, config)
    columns = [
        *(dots[..., channel] * (share["lexical"] / (1 << DOT_BITS)) for channel in range(dots.shape[-1])),
        neighbours * share["neighbours"] * held,
    ]
    for position, part in enumerate(MEASURED):
        column = others[..., position] * share[part.name]
        columns.append(column * held if part.supports else column)
    found = np.stack(columns, axis=-1) * time[..., None]
    if naming is not None:
        found[..., TOPICS] += naming * (share["lexical"] / (1 << DOT_BITS)) * (1 - time)
    return np.rint(found * UNITS).astype(np.int64)


def support(
    dots: NDArray[np.uint32], neighbours: NDArray[np.float64], others: NDArray[np.float64], config: Config
) -> NDArray[np.float64]:
    """The factor that limits neighbours, title and category: they reinforce the evidence of the events' own words, but never
    exceed it by much. Otherwise a dense cluster of events that are all each other's neighbours would rank before the one event
    about the same thing, and a shared category would relate two events without a word in common.

    Parameters
    ----------
    dots : ndarray of uint32, shape (..., 3)
        The dot product per channel in units of ``2**-30``.
    neighbours : ndarray of float64, shape (...)
        How alike the neighbours of the two are, in [0, 1].
    others : ndarray of float64, shape (..., m)
        The parts in `MEASURED`.

    Returns
    -------
    ndarray of float64, shape (...)
        The factor, in [0, 1], by which the supporting parts count, so that together they give at most
        ``weights.support_limit`` times what words, phrases and topics give.

    Examples
    --------
    >>> dots = np.array([[1 << 28, 0, 0], [0, 0, 0]], np.uint32)
    >>> support(dots, np.array([0.1, 1.0]), np.zeros((2, len(MEASURED))), Config.default()).tolist()
    [1.0, 0.0]
    """
    share = shares(config)
    lexical = dots.sum(axis=-1, dtype=np.uint64) * (share["lexical"] / (1 << DOT_BITS))
    asked = neighbours * share["neighbours"]
    for position, part in enumerate(MEASURED):
        if part.supports:
            asked = asked + others[..., position] * share[part.name]
    factor: NDArray[np.float64] = config.weights.support_limit * lexical / np.maximum(asked, 1e-12)
    return np.minimum(1.0, factor)


def reached(
    parts: NDArray[np.int64], places: NDArray[np.uint32], factor: NDArray[np.uint16], config: Config
) -> NDArray[np.int64]:
    """The scores that are held against the floor. Two events do not belong together because both name a country: without the
    places that both name, a pair must still reach a share of the floor.

    Parameters
    ----------
    parts : ndarray of int64, shape (..., len(PARTS))
        From `contributions`.
    places : ndarray of uint32, shape (...)
        The part of the dot products that places give, in units of ``2**-30``.
    factor : ndarray of uint16, shape (...)
        The recency factor in units of ``2**-15``.

    Returns
    -------
    ndarray of int64, shape (...)
        The sum of the parts or, if that is less, what is left of it without the places, divided by ``without_places`` of
        ``models/calibration.toml``; in units of ``1 / UNITS``.

    Examples
    --------
    >>> parts = np.array([[[900, 0, 0, 0, 0, 0, 0]] * 2])
    >>> dots, now = np.array([[0, 1 << 30]], np.uint32), np.full((1, 2), 1 << 15, np.uint16)
    >>> reached(parts, dots, now, Config.default()).tolist()  # the second pair shares nothing but places
    [[900, 0]]
    """
    totals = parts.sum(axis=-1)
    time = factor / (1 << RECENCY_BITS)
    given = np.rint(places * (shares(config)["lexical"] / (1 << DOT_BITS)) * time * UNITS)
    left = np.maximum(totals - given, 0) / calibration_settings().floor.without_places
    found: NDArray[np.int64] = np.minimum(totals, np.rint(left).astype(np.int64))
    return found


def shares(config: Config) -> dict[str, float]:
    """The shares of the parts in the total weight; they sum to 1.

    Returns
    -------
    dict of str to float
        ``lexical`` for words, phrases and topics together (how it divides among them is folded into the vectors),
        ``neighbours``, and each part in `MEASURED`. Meaning has no share if the index holds no embeddings (``text.encoder``).

    Examples
    --------
    >>> shares(Config.default())["meaning"]
    0.0
    """
    weights = config.weights
    found = {"lexical": weights.words + weights.phrases + weights.topics, "neighbours": weights.neighbours}
    for part in MEASURED:
        found[part.name] = getattr(weights, part.name) if part.counts(config) else 0.0
    total = sum(found.values())
    return {name: weight / total for name, weight in found.items()}
