"""What pairs of counted texts share is what `shared_phrases` says of the two texts."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence, Set
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from relatedness import Config
from relatedness.ranking import (
    CommonPhrases,
    Document,
    Hushed,
    Wording,
    WrittenTexts,
    _common_phrases,
    _common_subjects,
    _compiling,
    count,
    shared_phrases,
    shared_subjects,
)

WORDS = [
    "the",
    "of",
    "and",
    ".",
    "!",
    "balloon",
    "Balloon",
    "hot",
    "air",
    "fire",
    "Fire's",
    "pilot's",
    "Pilots",
    "zorg",
    "ZORG",
    "2016",
    "12",
    "storm",
    "said",
    "near",
    "Mosul",
    "it",
    "US",
    "d'Italia",
    "ferry",
    "ferries",
    "crash",
    "crashes",
    "crashed",
    "CVE-2024-1",
    "web-07.eu",
    "getUserById",
    "der",
    "season,",
    "(hot",
    "Storm:",
    "refuses",
    "missing",
    "people",
    "Daniel",
    "quake",
    "earthquake",
    "floods",
    "flooding",
    "bomb",
    "U.S.,",
    "Straße",
    "Straßen",
    "balloon-pilot",
    "Hot-air",
]
N = 60


@cache
def documents() -> list[Document]:
    chance = np.random.default_rng(7)

    def text(most: int) -> str:
        return " ".join(chance.choice(WORDS, chance.integers(0, most)).tolist())

    made = [
        Document(text(6), text(30), ("en", "de", None)[number % 3], (), text(8)) for number in range(N - 3)
    ]
    phrase = "A pilot lands a hot air balloon near the ferry"
    return [
        *made,
        Document("", f"{phrase}, see https://zorg.example/hot-air", "en", ()),
        Document("", "", "en", ()),
        Document(phrase, phrase, "en", ()),
    ]


def weights(terms: Sequence[str]) -> Mapping[str, float]:
    return {term: 0.9 if term == "ferri" else 1 + len(term) % 5 / 7 for term in terms}


def significant(pairs: Sequence[tuple[str, str]]) -> Set[tuple[str, str]]:
    return {pair for pair in pairs if sum(map(len, pair)) % 4}


@pytest.fixture(scope="module")
def texts() -> WrittenTexts:
    counted = count(documents(), Config.default()).texts
    assert counted is not None
    return counted


LEFT, RIGHT = np.nonzero(~np.eye(N, dtype=bool))
LEAST, MOST_COMMON = 1.5, 1.0
HUSHED = [frozenset({"balloon", "mosul"}), frozenset({"absent", "earthquak", "quak"}), frozenset()]


def common(documents: Sequence[Document], texts: WrittenTexts) -> CommonPhrases:
    wordings = [Wording(document) for document in documents]
    return CommonPhrases(texts, weights, significant, LEAST, MOST_COMMON, wordings.__getitem__)


def found_by(
    phrases: CommonPhrases, left: NDArray[np.int64], right: NDArray[np.int64]
) -> list[tuple[str, ...] | None]:
    """What pairs share, of which each third shows a name beside it, and each third says what is better than nothing."""
    hushed = [phrases.positions_of(HUSHED[number % 3]) for number in range(len(left))]
    begins = np.cumsum([0, *map(len, hushed)])
    numbers = np.array(list(itertools.chain.from_iterable(hushed)), np.int64)
    pair = np.arange(len(left))
    return phrases.find(left, right, Hushed(begins, numbers), pair % 3 == 2, (pair % 3 == 2) | (pair % 5 > 0))


def said_of(left: Wording, right: Wording, number: int = 2) -> tuple[str, ...]:
    return shared_phrases(
        left,
        right,
        weights,
        significant=significant,
        least=LEAST,
        common=MOST_COMMON,
        beside=None if number % 3 == 2 else HUSHED[number % 3],
        bare=number % 3 == 2 or number % 5 > 0,
    )


def test_pairs_share_what_two_texts_share(texts: WrittenTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compiling, "choice", "compiled")
    wordings = [Wording(document) for document in documents()]
    found = found_by(common(documents(), texts), LEFT, RIGHT)
    assert len(found) == N * (N - 1)
    said = named = broken = 0
    for number, (left, right, phrases) in enumerate(zip(LEFT.tolist(), RIGHT.tolist(), found, strict=True)):
        mine, theirs = wordings[left], wordings[right]
        if phrases is None:
            coded = mine.codes.keys() & theirs.codes.keys() or N - 3 in (left, right)
            broken += not coded
            assert coded or mine.ends | theirs.ends
        else:
            assert phrases == said_of(mine, theirs, number), number
            said += " " in "".join(phrases)
            named += bool(shared_subjects(mine, theirs, weights))
    assert said > 100 and named > 10 and broken


def test_pairs_without_room_are_left_to_others(texts: WrittenTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compiling, "choice", "compiled")
    whole = found_by(common(documents(), texts), LEFT, RIGHT)
    monkeypatch.setattr(_common_phrases, "_RUNS", 0)
    less = found_by(common(documents(), texts), LEFT, RIGHT)
    assert less.count(None) > whole.count(None)
    assert all(one in (None, other) for one, other in zip(less, whole, strict=True))


def test_few_pairs_are_left_to_plain_python(texts: WrittenTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compiling, "choice", "plain")
    assert found_by(common(documents(), texts), LEFT[:3], RIGHT[:3]) == [None] * 3


def test_texts_that_repeat_a_word_for_ever_are_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    # Looked through to the end, each of the 4,000 words of one text costs 4,000 looks in the other.
    monkeypatch.setattr(_compiling, "choice", "compiled")
    times = 4000
    pair = [
        Document("", "gravel harbour " * times + "gravel lantern", "en", ()),
        Document("", "gravel lantern " * times + "gravel quarry harbour", "en", ()),
        Document("", "a gravel harbour and a gravel lantern", "en", ()),
    ]
    counted = count(pair, Config.default()).texts
    assert counted is not None
    left, right, plain = common(pair, counted).find(
        np.array([0, 1, 0]), np.array([1, 0, 2]), Hushed(*np.zeros((2, 4), np.int64)), *np.ones((2, 3), bool)
    )
    assert left is None
    assert right in (None, said_of(Wording(pair[1]), Wording(pair[0])))
    assert plain == said_of(Wording(pair[0]), Wording(pair[2]))


SUBJECTS = [
    "An earthquake hits the town; quakes follow. Women's rights marchers protest.",
    "A data breach. Data-breach lawsuits, a DATA\nbreach and data breaches",
    "The U.S. votes: general election in the U.K. after AIDS aids e-commerce",
    "Aids for the coup d'état, coups d’état and a state's coup d'e\u0301tat",
    "women’s rights, voting rights and WOMEN'S RIGHTS: general elections",
    "大阪 earthquake 大阪earthquake kidnapping, kidnapped and to kidnap",
    "Ein Erdbeben, earthquake",
    "General. Election of the general, election; earthquakes' toll",
    "quake",
    "",
]


def test_subjects_are_found_by_numbers_as_in_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [
        Document(SUBJECTS[number % 3] if title else "", text, "de" if text.startswith("Ein") else "en", ())
        for title in (False, True)
        for number, text in enumerate(SUBJECTS)
    ]
    texts = count(made, Config.default()).texts
    assert texts is not None
    wordings = [Wording(document) for document in made]
    left, right = np.nonzero(~np.eye(len(made), dtype=bool))
    for at_a_time in (1, 1 << 20):
        monkeypatch.setattr(_common_subjects, "_AT_A_TIME", at_a_time)
        found = _common_subjects.CommonSubjects(texts, weights, wordings.__getitem__).shared(left, right)
        expected = [
            shared_subjects(wordings[one], wordings[other], weights)
            for one, other in zip(left.tolist(), right.tolist(), strict=True)
        ]
        assert sum(map(bool, expected)) > 50
        assert [sorted(found.get(pair, [])) for pair in range(len(left))] == list(map(sorted, expected))


@pytest.mark.parametrize("written", ["on_call", "in'custody", "by’election"])
def test_a_subject_that_leaves_no_term_is_shared_by_nothing(written: str) -> None:
    texts = [Wording(Document("", f"Zorg is {written} {end}.", "en", ())) for end in ("now", "again")]
    assert len(texts[0].subjects) == 1
    assert shared_subjects(*texts, lambda terms: dict.fromkeys(terms, 1.0)) == []
