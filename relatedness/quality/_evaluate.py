"""Evaluation of lists against judgments: nDCG and other measures with intervals, by year and by category. An archive without
explicit judgments may contain implicit ones: the topics that it supplies, hidden from the index and then predicted
(`hide_topics`; PubMed's related articles were tuned on its MeSH terms in this way, Lin and Wilbur, BMC Bioinformatics 2007),
and the related links that people have put on its pages (`read_links`).
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from relatedness.arguments import check_count, check_path, check_type
from relatedness.errors import ConfigError, InputError
from relatedness.events import EventId
from relatedness.files import replacing
from relatedness.index import Events
from relatedness.quality._bootstrap import Bootstrap
from relatedness.sources import read_pages

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex

MEASURES = ("nDCG", "P", "R", "RR")


def read_qrels(path: str | Path) -> dict[str, dict[str, int]]:
    """Read relevance judgments in TREC's form: ``query 0 document grade``, a line each.

    Parameters
    ----------
    path : path-like
        Plain text, or gzip when the name ends in ``.gz``.

    Returns
    -------
    dict
        Judged id to related id to grade.

    Raises
    ------
    InputError
        With file and line, if the file cannot be read or a line has another form.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "judged.qrels")
    >>> _ = file.write_text("fall 0 dam 2", encoding="utf-8")
    >>> read_qrels(file)
    {'fall': {'dam': 2}}
    """
    path = check_path(path, "path")
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
                        f"the grade {grade!r} is not a whole number", file=path, line=number
                    ) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from None
    except (EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"is damaged after line {number}: {error}", file=path) from None
    return judged


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures over some judged events.

    Attributes
    ----------
    judged : int
        The number of judged events.
    mean : mapping
        Measure to its mean over them.
    interval : mapping
        Measure to the bounds of its 95 % bootstrap interval.
    """

    judged: int
    mean: Mapping[str, float]
    interval: Mapping[str, tuple[float, float]]

    def to_record(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"judged": self.judged, "mean": dict(self.mean), "interval": dict(self.interval)}


@dataclass(frozen=True, slots=True)
class Quality(Measured):
    """The result of an evaluation.

    Attributes
    ----------
    judged : int
        The number of judged events with at least one related event.
    mean : mapping
        Measure to its mean over the judged events.
    interval : mapping
        Measure to the bounds of its 95 % bootstrap interval.
    k : int
        How many results of each list counted.
    missing : int
        How many judged events the index does not hold; each scores 0.
    scores : mapping
        Measure to judged id to value.
    at : mapping
        Each k that was asked for, ``k`` among them, to the `Measured` values at it.
    by : mapping
        ``year`` and ``category`` to each of their values to the `Measured` values at ``k`` over its judged events.
        Events that the index does not hold come under ``unknown``, those without a category under ``none``.
    run : mapping
        Judged id to its ranked list: pairs of id and score, up to the largest k.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> quality = index.evaluate({"fall": {"dam": 1}}, k=[1, 5])
    >>> quality.at[5].mean["R"], quality.run["fall"][0][0]
    (1.0, 'dam')
    """

    k: int
    missing: int
    scores: Mapping[str, Mapping[str, float]]
    at: Mapping[int, Measured]
    by: Mapping[str, Mapping[str, Measured]]
    run: Mapping[str, Sequence[tuple[str, float]]]

    def to_record(self) -> dict[str, Any]:
        """The means and intervals as plain JSON values, without the scores of single events and the run.

        Returns
        -------
        dict

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> record = index.evaluate({"fall": {"dam": 1}}, k=5).to_record()
        >>> record["k"], record["mean"]["R"]
        (5, 1.0)
        """
        return {
            "k": self.k,
            "judged": self.judged,
            "missing": self.missing,
            "mean": dict(self.mean),
            "interval": dict(self.interval),
            "at": {str(k): found.to_record() for k, found in self.at.items()},
            "by": {
                name: {value: found.to_record() for value, found in groups.items()}
                for name, groups in self.by.items()
            },
        }

    def write_run(self, path: str | Path, name: str = "relatedness") -> None:
        """Write the ranked lists in TREC's form: ``query Q0 document rank score name``, a line each.

        Programs such as trec_eval order a run by its scores and not by its ranks. Where a score would not
        order the results as they are (equal scores, pinned results), it is lowered by a billionth.

        Parameters
        ----------
        path : path-like
            Replaced if it exists.
        name : str
            The name of the run.

        Raises
        ------
        InputError
            If an id holds white space, which the form has no place for.

        Examples
        --------
        >>> import tempfile
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> file = Path(tempfile.mkdtemp()) / "run.txt"
        >>> index.evaluate({"fall": {"dam": 1}}).write_run(file, "first")
        >>> file.read_text().split()[:4]
        ['fall', 'Q0', 'dam', '1']
        """
        with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
            for query, found in self.run.items():
                for id_ in (query, *(document for document, _ in found)):
                    if len(id_.split()) != 1:
                        raise InputError(
                            f"the id {id_!r} holds white space, which a run in TREC format cannot represent"
                        )
                last = math.inf
                for rank, (document, score) in enumerate(found, 1):
                    last = min(score, last - 1e-9)
                    file.write(f"{query} Q0 {document} {rank} {last:.9f} {name}\n")


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
    k: int | Sequence[int] = 10,
    resamples: int = 1000,
) -> Quality:
    """Measure the lists of an index against judgments; see `RelatedIndex.evaluate`.

    Parameters
    ----------
    resamples : int
        Bootstrap resamples behind the intervals. They draw clusters (connected components of the judgments), not
        single events; their seed is fixed.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> evaluate(index, {"fall": {"dam": 1}}, k=5).mean["RR"]
    1.0
    """
    judged = {query: grades for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())}
    if not judged:
        raise InputError("the judgments name no related event for any event")
    if not any(query in index.events for query in judged):
        raise InputError("none of the judged events is in the index: give judgments of this archive")
    ks = list(dict.fromkeys([k] if isinstance(k, int) else k))
    if not ks:
        raise ConfigError("k is empty: give at least one number of results")
    run: dict[str, list[tuple[str, float]]] = {}
    groups: dict[str, list[str]] = {"year": [], "category": []}
    missing = 0
    for query in judged:
        if query in index.events:
            run[query] = [(str(item.id), item.score) for item in index.related(query, k=max(ks))]
            event = index.events[query]
            groups["year"].append(str(event.year if event.date else "undated"))
            groups["category"].append(event.category or "none")
        else:
            missing += 1
            run[query] = []
            groups["year"].append("unknown")
            groups["category"].append("unknown")
    tables = {}
    for each in ks:
        values = [
            measure([other for other, _ in run[query]], grades, each) for query, grades in judged.items()
        ]
        tables[each] = np.array([[value[name] for value in values] for name in MEASURES])
    table = tables[ks[0]]
    bootstrap = Bootstrap.of(list(judged), judged, resamples)
    whole = _measured(table, bootstrap)
    by = {
        name: {
            value: _measured(table[:, those], bootstrap.part(those))
            for value in sorted(set(values))
            for those in [np.array([held == value for held in values])]
        }
        for name, values in groups.items()
    }
    return Quality(
        k=ks[0],
        judged=len(judged),
        missing=missing,
        mean=whole.mean,
        interval=whole.interval,
        scores={
            name: dict(zip(judged, table[row].tolist(), strict=True)) for row, name in enumerate(MEASURES)
        },
        at={each: _measured(tables[each], bootstrap) for each in ks},
        by=by,
        run=run,
    )


def _measured(table: NDArray[np.float64], bootstrap: Bootstrap) -> Measured:
    """Means and intervals of a table with a row per measure and a column per judged event."""
    return Measured(
        judged=table.shape[1],
        mean={name: float(table[row].mean()) for row, name in enumerate(MEASURES)},
        interval={name: bootstrap.interval(table[row]) for row, name in enumerate(MEASURES)},
    )


def hide_topics(
    index: RelatedIndex,
    *,
    most: int = 100,
    jobs: int | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[RelatedIndex, dict[str, dict[str, int]]]:
    """Hide the topics that the archive supplies, and make judgments of them.

    Two events count as related if the archive gave both the same topic; the grade is the number of such topics, at most 3.
    The returned index was built without these topics, so that its lists can be measured against them.

    Parameters
    ----------
    index : RelatedIndex
    most : int
        Topics of more events than this are too general and do not count.
    jobs, progress
        As for `RelatedIndex.build`.

    Returns
    -------
    RelatedIndex
        An index of the same events and settings without the supplied topics, in memory.
    dict
        Judged id to related id to grade.

    Raises
    ------
    InputError
        If no topic is supplied to two events.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes the city.", "topics": ["Iraqi Civil War"]},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam.", "topics": ["Iraqi Civil War"]},
    ... ])
    >>> bare, qrels = hide_topics(index)
    >>> qrels, bare.events["fall"].topics
    ({'fall': {'dam': 1}, 'dam': {'fall': 1}}, ())
    """
    events: Any = getattr(index, "events", None)
    check_type(events, "index.events", Events, "those of an open index")
    check_count(most, "most")
    holders: dict[str, list[str]] = {}
    bare = []
    for event in events.stream():
        for topic in event.topics:
            holders.setdefault(topic, []).append(event.key)
        bare.append(replace(event, topics=()))
    qrels: dict[str, dict[str, int]] = {}
    for ids in holders.values():
        if 2 <= len(ids) <= most:
            for left in ids:
                grades = qrels.setdefault(left, {})
                for right in ids:
                    if left != right:
                        grades[right] = min(grades.get(right, 0) + 1, 3)
    if not qrels:
        raise InputError("no supplied topic is shared by two events, so none can be hidden and predicted")
    return type(index).build(bare, config=index.config, jobs=jobs, progress=progress), qrels


def read_links(
    folder: str | Path, known: Container[EventId] | None = None
) -> tuple[dict[str, dict[str, int]], int]:
    """Read the lists that are shown on archive pages (related, background, follow-ups) as judgments.

    Parameters
    ----------
    folder : path-like
        A folder of pages in Markdown, with its subfolders.
    known : container of str or int, optional
        Links to other events are left out; pass ``index.events``, for instance.

    Returns
    -------
    dict
        Judged id to related id to grade, which is 1.
    int
        How many links were left out.

    Raises
    ------
    InputError
        If there are no pages, or a Markdown file is neither a page nor a list, a post or a README. It names the file.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "title": "Mosul falls", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "title": "The dam", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> site = Path(tempfile.mkdtemp(), "site")
    >>> _ = index.publish(site, formats=["md"])
    >>> read_links(site)
    ({'fall': {'dam': 1}, 'dam': {'fall': 1}}, 0)
    """
    pages = list(read_pages(check_path(folder, "folder")))
    ids = {page.path: page.event.key for page in pages}
    qrels: dict[str, dict[str, int]] = {}
    lost = 0
    for page in pages:
        for link in (*page.related, *page.background, *page.follow_ups):
            other = ids.get(link.path, link.path)
            if known is not None and other not in known:
                lost += 1
            elif other != page.event.key:
                qrels.setdefault(page.event.key, {})[other] = 1
    return qrels, lost
