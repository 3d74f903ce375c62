"""The reasons of a pair in full: every shared term, neighbour, category and meaning, adding up to the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.events import Event
from relatedness.index._archive import Archive
from relatedness.languages import language_of
from relatedness.numbering import Column, as_columns, column_numbers, slot_numbers
from relatedness.ranking import (
    CHANNELS,
    DIGITS,
    DOT_BITS,
    MEASURED,
    NAMING,
    PARTS,
    RECENCY_BITS,
    TOLD,
    TOPICS,
    UNITS,
    Document,
    Explanation,
    MeasuredPart,
    Neighbours,
    Reason,
    Recency,
    Subjects,
    as_written,
    shares,
    support,
)
from relatedness.storage import Store


@dataclass(frozen=True, slots=True)
class Side:
    """One event of a pair: its words, and what the second stage knows of it."""

    event: Event
    subject: Subjects  # the event alone
    near: Neighbours  # its neighbours


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains why events of an index are related."""

    store: Store
    archive: Archive
    config: Config

    def explain(
        self,
        left: Side,
        right: Side,
        parts: NDArray[np.int64],
        measured: NDArray[np.float64],
        recency: Recency,
        *,
        known: bool = True,
        dated: bool = True,
    ) -> Explanation:
        """Every reason of a pair.

        Parameters
        ----------
        left, right : Side
            The event whose list is explained (or a text from outside), and the event that it lists.
        parts : ndarray of int64, shape (len(PARTS),)
            The parts of the pair's score, in units of `relatedness.ranking.UNITS`.
        measured : ndarray of float64, shape (m,)
            The parts in `relatedness.ranking.MEASURED`, in [0, 1].
        known, dated : bool
            Whether the left event is in the index, and whether it has a date.
        """
        factor = int(recency.factor(int(left.subject.days[0]), right.subject.days)[0]) / (1 << RECENCY_BITS)
        terms, dot = self._shared_terms(left, right, factor)
        neighbours, strengths = _shared_neighbours(left.near, right.near)
        held = support(
            np.array([[dot]], dtype=np.uint32), strengths.sum(keepdims=True), measured[None], self.config
        )
        supported, share = factor * float(held[0]), shares(self.config)
        reasons = [
            *terms,
            *(
                Reason("neighbours", id_, float(strength * share["neighbours"] * supported))
                for id_, strength in zip(
                    self.store.ids_of(slot_numbers(self.archive.slots[neighbours])), strengths, strict=True
                )
            ),
        ]
        for part, value in zip(MEASURED, measured.tolist(), strict=True):
            given = value * share[part.name] * (supported if part.supports else factor)
            if given:
                reasons.append(Reason(part.name, self._name(part, left, right), given))
        return Explanation(
            id=left.event.id if known else "",
            other=right.event.id,
            score=round(int(parts.sum()) / UNITS, DIGITS),
            parts={
                name: round(value / UNITS, DIGITS) for name, value in zip(PARTS, parts.tolist(), strict=True)
            },
            recency=factor,
            days=int(right.subject.days[0] - left.subject.days[0]) if dated and right.event.date else None,
            reasons=tuple(sorted(reasons, key=lambda reason: (-reason.share, reason.part, reason.name))),
        )

    def _shared_terms(self, left: Side, right: Side, factor: float) -> tuple[list[Reason], int]:
        shared, products = shared_columns(left.subject, right.subject)
        unit = shares(self.config)["lexical"] / (1 << DOT_BITS)
        # That an event names another does not fade with time.
        time = np.where(self.archive.traits[shared] & NAMING, 1.0, factor)
        written = as_written(
            Document(event.title, event.text, language_of(event), ()) for event in (left.event, right.event)
        )

        def name(channel: int, term: str) -> str:
            if channel == TOPICS:
                return term
            return " ".join(written.get(stem, stem) for stem in term.split(" "))

        reasons = [
            Reason(CHANNELS[channel], name(channel, term), float(product * unit))
            for (channel, term, _), product in zip(
                self.store.terms(column_numbers(shared)), products * time, strict=True
            )
        ]
        return reasons, int(products.sum())

    def _name(self, part: MeasuredPart, left: Side, right: Side) -> str:
        """The name of what both events share in a part, for its reason."""
        match part.name:
            case "title":
                mine = _title_share(left.subject, right.subject) >= _title_share(right.subject, left.subject)
                return (left if mine else right).event.title
            case "category":
                return self.store.labels("category")[int(left.subject.categories[0])]
            case "meaning":
                return str(self.store.meta("encoder"))
        return TOLD[part.name]


def _shared_neighbours(
    mine: Neighbours, theirs: Neighbours
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """The common neighbours of a pair, and the contribution of each to the part ``neighbours``."""
    shared, position, position2 = np.intersect1d(mine.rows[0], theirs.rows[0], return_indices=True)
    strengths = mine.strengths[0, position].astype(np.int64) * theirs.strengths[0, position2]
    kept = strengths > 0
    return shared[kept], strengths[kept] / max(mine.lengths[0] * theirs.lengths[0], 1.0)


def _title_share(named: Subjects, text: Subjects) -> int:
    """How much of the title of one event occurs in the other."""
    there = np.isin(named.vectors.columns, text.vectors.columns)
    return int(named.vectors.titles[there].sum())


def shared_columns(left: Subjects, right: Subjects) -> tuple[NDArray[Column], NDArray[np.int64]]:
    """The columns that the first events of both share, and the product of their entries in each."""
    columns, values = left.vectors.row(0)
    columns2, values2 = right.vectors.row(0)
    # Columns may repeat in a crafted file, and checking the whole file would cost more than handling it here.
    shared, mine, theirs = np.intersect1d(columns, columns2, return_indices=True)
    return as_columns(shared), values[mine].astype(np.int64) * values2[theirs]
