"""Digests of events and of lists: 64 bits each, independent of the slots of events in the file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex


class ListDigests(NamedTuple):
    """The digests of a list: one of the whole list, one of what a reader sees of its first results.

    Examples
    --------
    >>> before, now = ListDigests(whole=7, shown=5), ListDigests(whole=8, shown=5)
    >>> now == before, now.shown == before.shown  # scores changed, but nothing that a reader sees
    (False, True)
    """

    whole: int
    shown: int


def digest(*values: object) -> int:
    """A 64-bit digest of some values, by their texts. Two different states collide with probability 1 in 1.8e19; with CRC-32 it
    would be 1 in 4.3e9, which a large site that is published every hour would meet.

    Examples
    --------
    >>> digest("a", 1) == digest("a", 1) != digest("a", 2)
    True
    """
    text = "\x1f".join(map(str, values)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def event_digests(index: RelatedIndex, ids: Sequence[str] | None = None) -> dict[str, int]:
    """A digest of the record and the topics of each event, inferred ones included, in the order of dates.

    Parameters
    ----------
    ids : sequence of str, optional
        If given, only of these, in any order; unknown ids are left out.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> before = event_digests(index)
    >>> _ = index.refresh([{"id": "dam", "date": "2014-08-07", "text": "The dam of Mosul is lost."}])
    >>> [id_ for id_, now in event_digests(index).items() if now != before[id_]]
    ['dam']
    """
    return {id_: digest(*texts) for id_, *texts in index._store.event_texts(ids)}


def list_digests(
    index: RelatedIndex, shown: int | None, ids: Sequence[str] | None = None
) -> Iterator[tuple[str, ListDigests]]:
    """The digests of stored lists, in the order of dates.

    Parameters
    ----------
    shown : int or None
        How many results of each list a reader sees; if None, both digests are that of the whole list, which is not parsed.
    ids : sequence of str, optional
        If given, only of these, in any order; unknown ids are left out.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> before = dict(list_digests(index, shown=5))
    >>> _ = index.refresh(remove=["dam"])
    >>> [(id_, now == before[id_]) for id_, now in list_digests(index, shown=5)]
    [('fall', False)]
    """
    view = index._view
    for id_, text in view.store.list_texts(ids):
        whole = digest(text)
        seen = whole if shown is None else digest(view.shown(view.store.items_in(id_, text)[:shown]))
        yield id_, ListDigests(whole, seen)
