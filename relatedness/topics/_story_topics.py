"""Story topics for events that have none, from candidates that do.

An event without a supplied story topic takes the one on which its candidates agree. Each candidate votes for its
supplied topics with the square of its score, fading with the days between. All sums are over whole numbers: the answer
is a function of the event's candidates, their days and their supplied topics, whatever their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from relatedness.numbering import Row, RowNumber
from relatedness.topics._settings import tagger_settings
from relatedness.topics._topic import PLACES, EventTopic


def is_story(topic: EventTopic) -> bool:
    """Whether a topic is a story that its archive supplied: supplied places are topics, but no stories.

    Examples
    --------
    >>> is_story(EventTopic("Iraqi Civil War", "conflict", "supplied")), is_story(EventTopic("Iraq", "country", "supplied"))
    (True, False)
    """
    return topic.how == "supplied" and topic.kind not in PLACES


@dataclass(frozen=True, slots=True)
class Stories:
    """The supplied story topics of events, row by row. Places are topics, but no stories.

    Examples
    --------
    >>> stories = Stories.of([[EventTopic("Iraqi Civil War", "conflict", "supplied")], [], []])
    >>> [topic.name for topic in stories.topics], stories.indptr.tolist()
    (['Iraqi Civil War'], [0, 1, 1, 1])
    """

    # Shape (n_events + 1,): the stories of row ``i`` are ``numbers[indptr[i]:indptr[i + 1]]``.
    indptr: NDArray[np.int64]
    numbers: NDArray[np.int32]  # numbers of ``topics``
    topics: tuple[EventTopic, ...]  # each story as inferred events get it, sorted by name

    @classmethod
    def of(cls, topics: Sequence[Sequence[EventTopic]]) -> Self:
        """The supplied stories among the topics of each event.

        Parameters
        ----------
        topics : sequence of sequence of EventTopic
            Row by row; rows that are nobody's candidates may be empty.

        Examples
        --------
        >>> stories = Stories.of([[EventTopic("Iraqi Civil War", "conflict", "supplied")], []])
        >>> stories.indptr.tolist(), stories.topics[0].how
        ([0, 1, 1], 'inferred')
        """
        rows = ((RowNumber(row), topic) for row, of in enumerate(topics) for topic in of if is_story(topic))
        return cls.of_rows(len(topics), list(rows))

    @classmethod
    def of_rows(cls, n: int, found: Sequence[tuple[RowNumber, EventTopic]]) -> Self:
        """The stories of ``n`` events, from topics with their rows in any order.

        Parameters
        ----------
        n : int
            The number of events.
        found : sequence of (int, EventTopic)
            Row and supplied story.
        """
        kinds = {topic.name: topic.kind for _, topic in found}
        number = {name: position for position, name in enumerate(sorted(kinds))}
        rows = np.array([row for row, _ in found], dtype=np.int64)
        numbers = np.array([number[topic.name] for _, topic in found], dtype=np.int32)
        indptr = np.zeros(n + 1, np.int64)
        indptr[1:] = np.cumsum(np.bincount(rows, minlength=n))
        return cls(
            indptr,
            numbers[np.argsort(rows, kind="stable")],
            tuple(EventTopic(name, kinds[name], "inferred") for name in number),
        )


def infer(
    rows: NDArray[Row],
    scores: NDArray[np.uint32],
    own: NDArray[Row],
    days: NDArray[np.int32],
    stories: Stories,
    *,
    least_share: float = 0.8,
    least_votes: int = 3,
) -> list[EventTopic | None]:
    """The story topic of each event of a block that has none of its own, where its candidates agree on one.

    Parameters
    ----------
    rows : ndarray of uint32, shape (n, k)
        Each event's candidates, as rows of ``days`` and ``stories``.
    scores : ndarray of uint32, shape (n, k)
        Their scores times ``2**31``; 0 where there is no further candidate.
    own : ndarray of int64, shape (n,)
        The row of each event itself.
    days : ndarray of int32, shape (n_events,)
    least_share : float
        Of all votes, the share that the story must have.
    least_votes : int
        The number of candidates that must vote for it.

    Returns
    -------
    list of EventTopic or None
        Marked ``inferred``; None where the event has a story of its own or its candidates do not agree.

    Examples
    --------
    >>> war = EventTopic("Iraqi Civil War", "conflict", "supplied")
    >>> rows, scores = np.array([[0, 1, 2]], np.uint32), np.full((1, 3), 2**30, np.uint32)
    >>> found = infer(rows, scores, np.array([3]), np.zeros(4, np.int32), Stories.of([[war], [war], [war], []]))
    >>> found[0].name
    'Iraqi Civil War'
    """
    rules = tagger_settings().inference
    # 20 bits of score squared, 2**40 at most; its share by the days is a whole number again.
    held = scores.astype(np.int64) >> 11
    apart = np.abs(days[rows].astype(np.int64) - days[own].astype(np.int64)[:, None])
    votes = held * held * rules.half_days // (rules.half_days + apart)
    counts = np.diff(stories.indptr)
    silent = counts[rows] == 0
    possible = votes.sum(axis=1)
    votes[silent] = 0
    cast = votes.sum(axis=1)
    event, position = np.nonzero((votes > 0) & (counts[own] == 0)[:, None])
    answers: list[EventTopic | None] = [None] * len(rows)
    if not len(event):
        return answers
    candidate = rows[event, position].astype(np.int64)
    times = counts[candidate]
    first = np.repeat(stories.indptr[candidate] - np.cumsum(times) + times, times)
    story = stories.numbers[first + np.arange(times.sum())].astype(np.int64)
    pairs, pair = np.unique(np.repeat(event, times) * len(stories.topics) + story, return_inverse=True)
    given = np.zeros(len(pairs), np.int64)
    np.add.at(given, pair, np.repeat(votes[event, position], times))
    voters = np.bincount(pair)
    event, story = np.divmod(pairs, len(stories.topics))
    agreed = (
        (voters >= least_votes)
        & (given >= least_share * cast[event])
        & (cast[event] >= rules.least_turnout * possible[event])
    )
    # Two stories that all candidates share may both be agreed on: most votes, then the first by name.
    order = np.lexsort((-story, given))
    for n in order[agreed[order]].tolist():
        answers[int(event[n])] = stories.topics[int(story[n])]
    return answers
