"""Twenty stories of three events, told in four languages: their lists are as good in each as in English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from math import log2
from pathlib import Path

import pytest

from relatedness.events import Event
from relatedness.languages import missing_extra
from relatedness.related_index import RelatedIndex

STORIES = Path(__file__).parents[1] / "data" / "languages" / "stories.txt"
LANGUAGES = ("en", "zh", "es", "ar")


def rows() -> Iterator[list[str]]:
    for line in STORIES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield [cell.strip() for cell in line.split("|")]


@cache
def quality(language: str) -> float:
    """The mean nDCG at 5 of the events' lists: an event of the same story is right."""
    told = list(rows())
    events = [
        Event(f"{row[0]}{number}", date.fromisoformat(row[1]), text=row[2 + LANGUAGES.index(language)])
        for number, row in enumerate(told)
    ]
    index = RelatedIndex.build(events, None)
    scores = []
    for event in events:
        places = [
            place for place, item in enumerate(index.related(event.id)) if str(item.id)[0] == event.id[0]
        ]
        # The other two events of its story are right, and best at the first two places.
        scores.append(sum(1 / log2(place + 2) for place in places) / (1 + 1 / log2(3)))
    return sum(scores) / len(scores)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_stories_are_found_as_well_as_in_english(language: str) -> None:
    if missing_extra(language):
        pytest.skip(f"{missing_extra(language)} is not installed")
    assert quality(language) >= 0.9 * quality("en")
    assert quality("en") > 0.8
