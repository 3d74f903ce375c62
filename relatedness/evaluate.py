"""How good the lists are: judged files, nDCG and its companions, with intervals."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from relatedness.errors import InputError
from relatedness.readers import read_pages

if TYPE_CHECKING:
    from relatedness.index import RelatedIndex

MEASURES = ("nDCG", "P", "R", "RR")


def read_qrels(path: str | Path) -> dict[str, dict[str, int]]:
    """Read relevance judgments: in TREC's form (``query 0 document grade``, a line each), or the lists of a site.

    Parameters
    ----------
    path : path-like
        Plain text, or gzip when the name ends in ``.gz``; or a folder of archive pages in Markdown, whose
        ``Related:``, ``Background:`` and ``Follow-ups:`` lines then count as grade 1.

    Returns
    -------
    dict
        Judged id to related id to grade.

    Raises
    ------
    InputError
        Naming the file and line.
    """
    path = Path(path)
    if path.is_dir():
        return _read_lists(path)
    judged: dict[str, dict[str, int]] = {}
    number = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                fields = line.decode().split()
                if not fields:
                    continue
                if len(fields) != 4:
                    raise InputError(
                        f"expected 'query 0 document grade', found {len(fields)} fields",
                        file=path,
                        line=number,
                    )
                query, _, document, grade = fields
                try:
                    judged.setdefault(query, {})[document] = int(grade)
                except ValueError:
                    raise InputError(
                        f"the grade {grade!r} is no whole number", file=path, line=number
                    ) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from None
    except (EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"is damaged after line {number}: {error}", file=path) from None
    return judged


def _read_lists(folder: Path) -> dict[str, dict[str, int]]:
    ids: dict[str, str] = {}
    listed: dict[str, list[str]] = {}
    for page in read_pages(folder):
        ids[page.path] = page.event.id
        links = (*page.related, *page.background, *page.follow_ups)
        if links:
            listed[page.event.id] = [link.path for link in links]
    # A page that the folder does not hold is known by its path, which is the id of an event read from a page.
    return {id_: {ids.get(path, path): 1 for path in paths} for id_, paths in listed.items()}


@dataclass(frozen=True, slots=True)
class Quality:
    """What an evaluation found.

    Attributes
    ----------
    k : int
        How many results of each list counted.
    judged : int
        The number of judged events with at least one related event.
    missing : int
        How many of them the index does not hold; each scores 0.
    mean : mapping
        Measure to its mean over the judged events.
    interval : mapping
        Measure to the bounds of its 95 % bootstrap interval.
    scores : mapping
        Measure to judged id to value.
    """

    k: int
    judged: int
    missing: int
    mean: Mapping[str, float]
    interval: Mapping[str, tuple[float, float]]
    scores: Mapping[str, Mapping[str, float]]


def measure(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> dict[str, float]:
    """Measure one ranked list.

    Parameters
    ----------
    ranked : sequence of str
        Ids, best first.
    grades : mapping
        Judged id to grade; absent or at most 0 means not related.
    k : int
        How many of the list count.

    Returns
    -------
    dict
        ``nDCG`` (gain = grade, discount ``1 / log2(rank + 1)``: Jarvelin and Kekalainen, ACM TOIS 2002), ``P``
        (share of k), ``R`` (share of the related ones found) and ``RR`` (1 / rank of the first related one).

    Examples
    --------
    >>> measure(["a", "b"], {"b": 1, "c": 1}, k=10)["RR"]
    0.5
    """
    gains = [max(grades.get(document, 0), 0) for document in ranked[:k]]
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    hits = [rank for rank, gain in enumerate(gains, 1) if gain]
    return {
        "nDCG": _discounted(gains) / _discounted(ideal[:k]) if ideal else 0.0,
        "P": len(hits) / k,
        "R": len(hits) / len(ideal) if ideal else 0.0,
        "RR": 1 / hits[0] if hits else 0.0,
    }


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def evaluate(
    index: RelatedIndex,
    qrels: Mapping[str, Mapping[str, int]],
    *,
    k: int = 10,
    resamples: int = 1000,
) -> Quality:
    """Measure the lists of an index against judgments.

    Parameters
    ----------
    index : RelatedIndex
    qrels : mapping
        Judged id to related id to grade, as `read_qrels` gives it.
    k : int
        How many results of each list count.
    resamples : int
        Bootstrap resamples of the judged events behind the intervals; their seed is fixed.

    Returns
    -------
    Quality

    Raises
    ------
    InputError
        If no judged event has a related one, or the index holds none of them.
    """
    judged = {query: grades for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
    if not judged:
        raise InputError("the judgments hold no event with a related one")
    if not any(query in index.events for query in judged):
        raise InputError("the index holds none of the judged events: are the judgments of another archive?")
    scores: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    missing = 0
    for query, grades in judged.items():
        known = query in index.events
        missing += not known
        ranked = [item.id for item in index.related(query, k=k)] if known else []
        for name, value in measure(ranked, grades, k).items():
            scores[name][query] = value
    table = np.array([list(scores[name].values()) for name in MEASURES])
    draws = np.random.default_rng(0).integers(0, len(judged), size=(resamples, len(judged)))
    bounds = np.quantile(np.stack([table[:, draw].mean(axis=1) for draw in draws]), (0.025, 0.975), axis=0)
    return Quality(
        k=k,
        judged=len(judged),
        missing=missing,
        mean={name: float(table[row].mean()) for row, name in enumerate(MEASURES)},
        interval={name: (float(bounds[0, row]), float(bounds[1, row])) for row, name in enumerate(MEASURES)},
        scores=scores,
    )
