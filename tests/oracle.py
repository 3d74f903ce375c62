"""The slow truth about the kernel: plain Python integers, one pair at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One event as the kernel sees it: column -> weight (0 to 65535), and what a pair is filtered by."""

    vector: dict[int, int]
    day: int
    group: int = -1
    language: int = -1


def dot(a: Row, b: Row) -> int:
    return sum(weight * b.vector.get(column, 0) for column, weight in a.vector.items())


def score(a: Row, b: Row, before: Sequence[int], after: Sequence[int]) -> int:
    """What b is worth in the list of a: dot (30 bits) x recency (15 bits), kept to 31 bits."""
    table = before if b.day <= a.day else after
    days = min(abs(a.day - b.day), len(table) - 1)
    return (dot(a, b) * table[days]) >> 14


def related(a: Row, b: Row) -> bool:
    """Whether a filter lets b into the list of a."""
    same_group = a.group >= 0 and a.group == b.group
    other_language = a.language >= 0 and b.language >= 0 and a.language != b.language
    return not same_group and not other_language


def best(
    rows: Sequence[Row], place: int, before: Sequence[int], after: Sequence[int], k: int
) -> list[tuple[int, int]]:
    """The list of one row as (score, row): score down, then row down; never itself, never a score of 0."""
    scored = [
        (score(rows[place], other, before, after), number)
        for number, other in enumerate(rows)
        if number != place and related(rows[place], other)
    ]
    return sorted((pair for pair in scored if pair[0] > 0), reverse=True)[:k]
