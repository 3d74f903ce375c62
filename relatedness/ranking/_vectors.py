"""Counted terms -> sparse vectors under frozen statistics.

Words, phrases and topics share one matrix. The weight of each channel is folded in, so that one dot product of two
rows is the whole weighted sum of cosines. Entries are fixed-point integers (`WEIGHT_BITS`), which makes every sum
exact: no result depends on the order of addition, the number of threads or the layout of the data.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.numbering import Column, ColumnNumber, Row
from relatedness.ranking._counts import PHRASES, Counts
from relatedness.ranking._vocabulary import (
    SQUARE_UNIT,
    Vocabulary,
    Weighed,
    pivoted_length,
    squares_of,
    unseen_weights,
)

WEIGHT_BITS = 15
WHOLE_TITLE = 255
"""The sum of the title shares of an event whose title consists of phrases of no other event."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Events as rows of one sparse matrix in compressed rows.

    Examples
    --------
    >>> columns, values, titles = np.array([4, 1, 4], np.uint32), np.array([9, 5, 7], np.uint16), np.zeros(3, np.uint8)
    >>> rows = Vectors(np.array([0, 1, 3], np.uint64), columns, values, titles)
    >>> rows.row(1)[0].tolist(), rows.take(slice(1, 2)).values.tolist()
    ([1, 4], [5, 7])
    """

    indptr: NDArray[np.uint64]  # shape (n + 1,)
    columns: NDArray[Column]  # shape (nnz,): ascending within a row
    values: NDArray[np.uint16]  # shape (nnz,): ``round(x * 2**15)``, at least 1
    # Shape (nnz,): the share of each entry in the title of its event, in units of ``1 / WHOLE_TITLE``; see `encode`.
    titles: NDArray[np.uint8]

    @property
    def arrays(self) -> tuple[NDArray[np.uint64], NDArray[Column], NDArray[np.uint16]]:
        """``indptr``, ``columns`` and ``values``."""
        return self.indptr, self.columns, self.values

    def row(self, number: int) -> tuple[NDArray[Column], NDArray[np.uint16]]:
        """One row."""
        start, end = int(self.indptr[number]), int(self.indptr[number + 1])
        return self.columns[start:end], self.values[start:end]

    def take(self, rows: slice | NDArray[Row]) -> Vectors:
        """Some of the rows, in the given order."""
        if isinstance(rows, slice):
            bounds = self.indptr[rows.start : rows.stop + 1]
            first, last = int(bounds[0]), int(bounds[-1])
            inside: slice | NDArray[np.int64] = slice(first, last)
            return Vectors(bounds - bounds[0], self.columns[inside], self.values[inside], self.titles[inside])
        starts, ends = self.indptr[rows].astype(np.int64), self.indptr[rows + 1].astype(np.int64)
        sizes = ends - starts
        indptr = np.zeros(len(rows) + 1, np.uint64)
        indptr[1:] = np.cumsum(sizes)
        inside = np.repeat(starts - indptr[:-1].astype(np.int64), sizes) + np.arange(sizes.sum())
        return Vectors(indptr, self.columns[inside], self.values[inside], self.titles[inside])


def channel_shares(config: Config) -> NDArray[np.float64]:
    """The weights of words, phrases and topics as shares that sum to 1.

    Returns
    -------
    ndarray of float64, shape (3,)

    Examples
    --------
    >>> float(channel_shares(Config.default()).sum().round(9))
    1.0
    """
    weights = np.array([config.weights.words, config.weights.phrases, config.weights.topics])
    return weights / weights.sum()  # type: ignore[no-any-return]


def encode(counts: Counts, weighed: Weighed, config: Config) -> Vectors:
    """Make the vectors of documents.

    Parameters
    ----------
    weighed : Weighed
        Terms without a column count towards the length of the vector (unknown words do not make an event more similar to
        others) but have no entry.

    Returns
    -------
    Vectors
        ``counts.n`` rows. Within a channel an entry is ``x / sqrt(|x|^2 + pivot * mean |x|^2)`` times the root of the channel's share:
        a soft cosine in which very short texts do not win for being short (after the pivoted length normalisation of Singhal,
        Buckley and Mitra, SIGIR 1996). A reference has the entry ``-strength * idf / idf of an unknown topic`` instead. The dot
        product of two rows is the weighted sum of the channels' cosines in units of ``2**-30``, up to the rounding of the
        entries: those that round to 0 vanish. A phrase of the title has the share ``idf^2 / sum(idf^2)`` over all phrases of the
        title, times its idf over that of a phrase that no event holds: a title of common phrases counts less.

    Examples
    --------
    >>> from relatedness.ranking import Document, count, fit
    >>> config = Config.default()
    >>> counts = count([Document("", "Floods hit Dresden", "en", ())], config)
    >>> encode(counts, fit(counts, config)[1], config).indptr.tolist()
    [0, 3]
    """
    rows, columns, entries, shares = [], [], [], []
    for channel, share in enumerate(channel_shares(config)):
        document, term = counts.document[channel], counts.term[channel]
        squares = squares_of(counts, channel, weighed.weight[channel])
        total = np.bincount(document, weights=squares, minlength=counts.n) / SQUARE_UNIT
        length = pivoted_length(total, weighed.pivots[channel], config.text.length_normalisation)
        strong, weight = counts.weight[channel], weighed.weight[channel][term]
        value = np.minimum(strong * weight / length[document], 1.0) * np.sqrt(share)
        references = strong < 0
        if references.any():
            value = np.where(references, -strong * weight / weighed.unseen[channel], value)
        fixed = np.rint(value * (1 << WEIGHT_BITS)).astype(np.uint16)
        column = weighed.column[channel][term]
        kept = (column >= 0) & (fixed > 0)
        rows.append(document[kept])
        columns.append(column[kept])
        entries.append(fixed[kept])
        titled = _title_shares(counts, weighed) if channel == PHRASES else np.zeros(len(term), np.uint8)
        shares.append(titled[kept])
    row, column, entry = np.concatenate(rows), np.concatenate(columns), np.concatenate(entries)
    order = np.argsort(row * (column.max(initial=0) + 1) + column)  # all keys are distinct
    indptr = np.zeros(counts.n + 1, dtype=np.uint64)
    indptr[1:] = np.cumsum(np.bincount(row, minlength=counts.n))
    return Vectors(indptr, column[order].astype(np.uint32), entry[order], np.concatenate(shares)[order])


def _title_shares(counts: Counts, weighed: Weighed) -> NDArray[np.uint8]:
    """The share of each counted phrase in the title of its document."""
    document, weight = counts.document[PHRASES], weighed.weight[PHRASES][counts.term[PHRASES]]
    # Integers, whose float64 sums are exact in any order.
    squares = np.rint(weight**2 * SQUARE_UNIT) * counts.titled
    total = np.bincount(document, weights=squares, minlength=counts.n)[document]
    shares = np.rint(WHOLE_TITLE * (weight / weighed.unseen[PHRASES]) * squares / np.maximum(total, 1.0))
    return shares.astype(np.uint8)  # type: ignore[no-any-return]


def encode_one(
    terms: Sequence[Mapping[str, float]],
    located: Sequence[Sequence[tuple[ColumnNumber, float]]],
    titled: Container[str],
    vocabulary: Vocabulary,
    config: Config,
) -> Vectors:
    """The same as `encode` for one document.

    Parameters
    ----------
    terms : sequence of mapping
        From `count_one`.
    located : sequence of sequence of (int, float)
        Per channel and term, its column and weight as `Vocabulary.find` gives them.
    titled : container of str
        The phrases of the title, from `titled_phrases`.
    vocabulary : Vocabulary
        Gives the pivots and the weights of unknown terms.

    Returns
    -------
    Vectors
        One row, bit for bit that of `encode`.

    Examples
    --------
    >>> from relatedness.ranking import Document, count, count_one, fit
    >>> config, document = Config.default(), Document("", "Floods hit Dresden", "en", ())
    >>> counts = count([document], config)
    >>> vocabulary, weighed = fit(counts, config)
    >>> terms = count_one(document, config)
    >>> found = [vocabulary.find(channel, list(held)) for channel, held in enumerate(terms)]
    >>> located = [list(zip(columns.tolist(), weights.tolist(), strict=True)) for columns, weights in found]
    >>> one = encode_one(terms, located, set(), vocabulary, config)
    >>> one.values.tolist() == encode(counts, weighed, config).values.tolist()
    True
    """
    unseen = unseen_weights(vocabulary.n_events, config)
    weights = [
        [weight if column >= 0 else unknown for column, weight in found]
        for found, unknown in zip(located, unseen, strict=True)
    ]
    weighed = [
        [
            (column, strong * weight)  # below 0 for a reference
            for strong, (column, _), weight in zip(held.values(), found, some, strict=True)
        ]
        for held, found, some in zip(terms, located, weights, strict=True)
    ]
    squares = [
        sum([round(weight * weight * SQUARE_UNIT) for _, weight in some if weight > 0]) for some in weighed
    ]
    lengths = pivoted_length(
        np.array(squares) / SQUARE_UNIT, np.array(vocabulary.pivots), config.text.length_normalisation
    )
    in_title = [
        round(weight * weight * SQUARE_UNIT) if phrase in titled else 0
        for phrase, weight in zip(terms[PHRASES], weights[PHRASES], strict=True)
    ]
    whole = max(sum(in_title), 1)
    roots = np.sqrt(channel_shares(config))
    entries: list[tuple[int, int, int]] = []
    for channel, (some, length, root) in enumerate(
        zip(weighed, lengths.tolist(), roots.tolist(), strict=True)
    ):
        for position, (column, weight) in enumerate(some):
            value = min(weight / length, 1.0) * root if weight >= 0 else -weight / unseen[channel]
            fixed = round(value * (1 << WEIGHT_BITS))
            if column >= 0 and fixed > 0:
                share = 0
                if channel == PHRASES:
                    rare = weights[PHRASES][position] / unseen[PHRASES]
                    share = round(WHOLE_TITLE * rare * in_title[position] / whole)
                entries.append((column, fixed, share))
    entries.sort()
    columns, values, shares = zip(*entries, strict=True) if entries else ((), (), ())
    return Vectors(
        np.array([0, len(entries)], np.uint64),
        np.array(columns, np.uint32),
        np.array(values, np.uint16),
        np.array(shares, np.uint8),
    )
