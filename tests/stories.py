"""Data with a known answer: stories whose neighbours follow from how they are made, and small corpora full of ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

import numpy as np
from hypothesis import strategies as st

from relatedness.config import Config
from relatedness.events import Event
from relatedness.topics import EventTopic

FIRST_DAY = date(2014, 3, 1)
_SYLLABLES = ("bak", "dok", "fuk", "gik", "huk", "lok", "mak", "nuk", "pok", "rak", "tuk", "zok")


def word(number: int) -> str:
    """A made-up word; different numbers give words that no stemmer brings together.

    >>> word(0), word(13)
    ('bakbakbak', 'bakdokdok')
    """
    first, rest = divmod(number, len(_SYLLABLES) ** 2)
    second, third = divmod(rest, len(_SYLLABLES))
    return _SYLLABLES[first] + _SYLLABLES[second] + _SYLLABLES[third]


@dataclass(frozen=True)
class Stories:
    """Stories that share no word with each other; within one, any two events share the same words.

    So an event's related events are those of its own story and no others, and as all pairs of a story have the
    same words in common, only the dates can order them: the nearest day first, of two equally near the later one.
    """

    n: int
    days: int
    step: int = 3

    def id(self, story: int, day: int) -> str:
        """The id of the event of one story and day."""
        return f"s{story}-d{day:02}"

    @property
    def records(self) -> list[dict[str, Any]]:
        """All events as records, story by story."""
        return [
            {
                "id": self.id(story, day),
                "date": (FIRST_DAY + timedelta(days=day * self.step)).isoformat(),
                # Three words of the story, two of the event alone; written so that no capitals count.
                "text": " ".join(
                    [*(word(100 * story + place) for place in range(3)), *self._own(story, day)]
                ),
            }
            for story in range(self.n)
            for day in range(self.days)
        ]

    def _own(self, story: int, day: int) -> list[str]:
        start = 1000 + 2 * (story * self.days + day)
        return [word(start), word(start + 1)]

    def others(self, story: int, day: int) -> list[str]:
        """The rest of the story, the nearest day first, of two equally near the later."""
        rest = sorted((abs(other - day), -other) for other in range(self.days) if other != day)
        return [self.id(story, -other) for _, other in rest]

    def in_order(self) -> Config:
        """Settings under which nothing but words and the time between two events counts."""
        return Config.default().change(
            {
                "recency": {"strength_before": 0.5, "strength_after": 0.5},
                "weights": {"neighbours": 0, "phrases": 0, "topics": 0.25},
                "lists": {"minimum_overlap": 0, "near_duplicate": 2, "floor": 0, "relative_cutoff": 0},
            }
        )


def letters(text: str) -> list[float]:
    """An embedding that can be worked out by hand: how often each of some letters stands in the text."""
    return [text.count(letter) - 0.5 for letter in "abeimort"]


def letter_encoder(texts: Sequence[str]) -> np.ndarray:
    """The same for many texts, as an encoder gives it."""
    return np.array([letters(text) for text in texts])


def encoder_of(config: Config) -> dict[str, Any]:
    """What a build with these settings needs besides them."""
    return {"encoder": letter_encoder} if config.text.encoder == "given" else {}


class GivenTagger:
    """Knows a handful of topics: an event has those that it lists, then those whose names stand in its text."""

    key = "given-1"
    _known: ClassVar[dict[str, EventTopic]] = {
        topic.name: topic
        for topic in (
            EventTopic("War", "theme", "supplied"),
            EventTopic("Iraq", "country", "found"),
            EventTopic("Mosul", "city", "found"),
            EventTopic("ISIL", "organisation", "found"),
            EventTopic("Asia", "region", "parent"),
            EventTopic("Oil", "theme", "inferred"),
        )
    }

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        """The topics of each event, each once."""
        return [
            tuple(
                self._known[name]
                for name in dict.fromkeys((*event.topics, *event.text.split()))
                if name in self._known
            )
            for event in events
        ]


# Few words, so that many events share many: names, function words, initials, elisions, accents, scripts
# without spaces, single letters and digits.
_WORDS = [
    "Mosul",
    "mosul",
    "Iraq",
    "army",
    "Army",
    "armies",
    "dam",
    "Dam",
    "the",
    "The",
    "of",
    "it",
    "IT",
    "U.S.",
    "us",
    "Obama's",
    "it's",
    "l'eau",
    "café",
    "cafe",
    "CAFÉ",
    "naïve",
    "9",
    "X",
    "x",
    "中国",
    "日本",
    "столица",
    "Столицы",
    "o'neill",
    "2014",
    "rock-hard",
    "a_b",
    "PROJ-10",
    "PROJ 10",
    "web-07.eu",
    "#50",
    "1.2.13",
    "H.R. 30",
    "getUserById()",
    "DamIraq",
    "café",
    "हिन्दी",
    "กำ",
]
_JOINS = (" ", " ", " ", " ", ". ", "! ", ", ", "。", " – ", "\n")


@st.composite
def texts(draw: st.DrawFn, most: int = 7) -> str:
    """A text of few words, in sentences."""
    parts = []
    for token in draw(st.lists(st.sampled_from(_WORDS), max_size=most)):
        parts += [token, draw(st.sampled_from(_JOINS))]
    return "".join(parts)


_DAYS = st.sampled_from((0, 0, 0, 1, 1, 2, 7, 40, 400, 4000))


@st.composite
def dates(draw: st.DrawFn) -> str:
    """A day, or an instant in some zone, among few: many events fall together."""
    day = (FIRST_DAY + timedelta(days=draw(_DAYS))).isoformat()
    return day + draw(st.sampled_from(("", "", "", "T00:00:00+00:00", "T12:30:00+00:00", "T01:00:00+05:00")))


@st.composite
def corpora(draw: st.DrawFn, least: int = 2, most: int = 12) -> list[dict[str, Any]]:
    """Records with many ties: repeated texts, equal dates, shared topics, categories, groups and languages."""
    ids = draw(
        st.lists(
            st.text("ab1é-", min_size=1, max_size=3).filter(str.strip),
            min_size=least,
            max_size=most,
            unique=True,
        )
    )
    pool = draw(st.lists(texts().filter(str.strip), min_size=1, max_size=6))
    records = []
    for id_ in ids:
        record: dict[str, Any] = {"id": id_, "date": draw(dates()), "text": draw(st.sampled_from(pool))}
        if draw(st.booleans()):
            record["title"] = draw(texts(4))
        topics = draw(
            st.lists(
                st.sampled_from(("War", "Iraq", "Mosul", "ISIL", "Asia", "Oil")), max_size=3, unique=True
            )
        )
        record["topics"] = topics
        record["category"] = draw(st.sampled_from((None, None, "War", "Sport")))
        record["group"] = draw(st.sampled_from((None, None, None, "g", "h")))
        record["language"] = draw(st.sampled_from((None, None, "en", "en-GB", "fr", "zh", "xx")))
        records.append(record)
    return records


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """Settings over their whole ranges, with lists short enough to fill."""
    strength = st.sampled_from((0, 0.4, 1, 1.7))
    weight = st.sampled_from((0, 0.1, 0.35, 1, 3))
    stored = draw(st.integers(1, 5))
    some = st.sampled_from((0.2, 1.0))
    return Config.default().change(
        {
            "text": {
                "title_weight": draw(st.sampled_from((0, 0.5, 1, 3))),
                "template_weight": draw(st.sampled_from((0, 0.125, 1))),
                "template_share": draw(st.sampled_from((0.02, 0.5))),
                "template_events": draw(st.sampled_from((2, 8))),
                "joined_weight": draw(st.sampled_from((0, 0.25, 1))),
                "name_boost": draw(st.sampled_from((0, 0.6, 2))),
                "idf_power": draw(st.sampled_from((0.5, 0.85, 1, 2))),
                "length_normalisation": draw(st.sampled_from((0, 1, 3))),
                "phrase_events": draw(st.integers(2, 3)),
                "encoder": draw(st.sampled_from(("none", "given"))),
            },
            "topics": {
                **{name: draw(strength) for name in ("supplied", "country", "place", "other")},
                "parent": draw(st.sampled_from((0, 0.5, 1))),
                "idf_power": draw(st.sampled_from((0.5, 1))),
                "common_events": draw(st.sampled_from((2, 50))),
            },
            "weights": {
                "words": draw(st.sampled_from((0, 0.5, 1))),
                "phrases": draw(weight),
                "topics": draw(some),
                "neighbours": draw(weight),
                "category": draw(weight),
                "meaning": draw(weight),
                "support_limit": draw(st.sampled_from((0, 0.5, 2, 100))),
            },
            "recency": {
                "scale_days": draw(st.sampled_from((0.5, 7, 300))),
                "strength_before": draw(strength),
                "strength_after": draw(strength),
                "floor": draw(st.sampled_from((0, 0, 0.3, 1))),
            },
            "lists": {
                "k": draw(st.integers(1, stored)),
                "stored": stored,
                "candidates": draw(st.integers(stored, 8)),
                "neighbours": draw(st.integers(1, 8)),
                "near_duplicate": draw(st.sampled_from((0.5, 0.9, 1.0, 2.0))),
                "duplicates_listed": draw(st.sampled_from((0, 1, 3))),
                "duplicate_days": draw(st.sampled_from((0, 1, 30))),
                "floor": draw(st.sampled_from((0, 0.5, 0.999))),
                "relative_cutoff": draw(st.sampled_from((0, 0.25, 0.9))),
                "distinctive_limit": draw(st.sampled_from((0, 0.5, 4, 100))),
                "minimum_overlap": draw(st.sampled_from((0, 0.3, 1))),
                "neighbour_share": draw(st.sampled_from((0, 0.5, 1))),
                "sufficient_overlap": draw(st.sampled_from((0, 0.2, 1))),
            },
            "stories": {
                "closeness": draw(st.sampled_from((0, 0.4, 1))),
                "least_score": draw(st.sampled_from((0, 0.06, 0.5))),
                "links": draw(st.integers(1, 3)),
                "gap": draw(st.sampled_from((0, 4, 100))),
                "pace": draw(st.sampled_from((0, 8))),
                "nearest": draw(st.integers(1, 5)),
                "least_days": draw(st.sampled_from((0, 7))),
                "own_topic_events": draw(st.sampled_from((1, 3, 20))),
                "settled": draw(st.sampled_from((1, 5))),
            },
        }
    )
