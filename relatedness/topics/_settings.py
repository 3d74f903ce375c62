"""The numbers of ``models/tagger.toml``: the thresholds of learning, the choice of meanings and inference."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache

from relatedness.shipped import shipped


@dataclass(frozen=True, slots=True)
class Learning:
    """The evidence needed to learn a name from an archive; see ``models/tagger.toml``."""

    abbreviation_events: int
    name_events: int
    word_events: int
    surname_events: int
    meaning_share: float
    everyday_uses: int
    opened_names: int
    template_events: float
    template_least: int
    template_share: float
    own_share: float
    placed_events: int
    placed_share: float
    placed_things: float
    thing_events: int
    thing_share: float
    titled_share: float
    thing_listing: float
    label_share: float


@dataclass(frozen=True, slots=True)
class Meaning:
    """The points by which an event decides what an ambiguous name means; see ``models/tagger.toml``."""

    named: int
    holds_another: int
    parent_named: int
    usual: int
    ancestor_named: int
    company: int


@dataclass(frozen=True, slots=True)
class Headline:
    """When a line counts as a headline that capitalises its words; see ``models/tagger.toml``."""

    capital_share: float
    least_letters: int
    least_words: int


@dataclass(frozen=True, slots=True)
class Acronym:
    """How short a word in capitals is an acronym; see ``models/tagger.toml``."""

    longest: int
    longest_label: int
    longest_learned: int


@dataclass(frozen=True, slots=True)
class Person:
    """What counts as the name of a person who is in no list; see ``models/tagger.toml``."""

    most_words: int


@dataclass(frozen=True, slots=True)
class Inference:
    """How events take a story topic from related events; see ``models/tagger.toml``."""

    half_days: int
    least_turnout: float


@dataclass(frozen=True, slots=True)
class Naming:
    """When texts name events of the archive by their identifiers; see ``models/tagger.toml``."""

    least_numbers: int
    number_share: float
    least_middle: float
    alone_share: float
    codes_share: float
    code_share: float
    least_codes: int
    named_share: float
    most_named: int


@dataclass(frozen=True, slots=True)
class TaggerSettings:
    """All of them."""

    # The sections of the file.
    learning: Learning
    meaning: Meaning
    headline: Headline
    acronym: Acronym
    person: Person
    inference: Inference
    references: Naming
    digest: str  # a hash of the file's content: part of every tagger's key


def is_acronym(written: str) -> bool:
    """Whether a word is an acronym by its length and its capitals.

    Examples
    --------
    >>> is_acronym("NATO"), is_acronym("Nato"), is_acronym("PARLIAMENT")
    (True, False, False)
    """
    return written.isupper() and len(written) <= tagger_settings().acronym.longest


@cache
def tagger_settings() -> TaggerSettings:
    """The shipped settings; read once a process."""
    content = shipped("tagger.toml").read_bytes()
    data = tomllib.loads(content.decode("utf-8"))
    return TaggerSettings(
        learning=Learning(**data["learning"]),
        meaning=Meaning(**data["meaning"]),
        headline=Headline(**data["headline"]),
        acronym=Acronym(**data["acronym"]),
        person=Person(**data["person"]),
        inference=Inference(**data["inference"]),
        references=Naming(**data["references"]),
        digest=hashlib.blake2b(repr(sorted(data.items())).encode(), digest_size=4).hexdigest(),
    )
