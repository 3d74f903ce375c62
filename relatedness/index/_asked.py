"""What a list is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relatedness.events import Event
from relatedness.numbering import Row, RowNumber
from relatedness.ranking import Neighbours, Pairs, Recency, Subjects
from relatedness.topics import EventTopic


@dataclass(frozen=True, slots=True, eq=False)
class First:
    """The candidates of a text among all events, and their measured pairs: the basis of its neighbours."""

    rows: NDArray[Row]
    scores: NDArray[np.uint32]
    pairs: Pairs


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a list is asked for: an event of the index, or a text from outside."""

    id: str | None  # None for a text
    row: RowNumber  # its row; -1 for a text
    seconds: int | None  # since 1970; None for a text without a date
    # The numbers of its group and language among the labels of the index; -1 for none.
    group: int
    language: int
    subject: Subjects  # its words, phrases and topics, as a single row
    near: Neighbours  # its neighbours
    recency: Recency  # the recency curve to use unless the caller gives one
    event: Event | None = None  # the text; None for an event of the index, which is read when it is needed
    topics: tuple[EventTopic, ...] = ()  # the topics of the text
    first: First | None = None  # the candidates by which a text was placed
