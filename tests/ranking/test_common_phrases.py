"""What pairs of counted texts share is what `shared_phrases` says of the two texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

import numpy as np
import pytest

from relatedness import Config
from relatedness.ranking import (
    CommonPhrases,
    Document,
    Wording,
    WrittenTexts,
    _common_phrases,
    _compiling,
    count,
    shared_phrases,
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
    "Straße",
    "Straßen",
]
N = 60


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
    return {term: 1 + len(term) % 5 / 7 for term in terms}


def significant(pairs: Sequence[tuple[str, str]]) -> Set[tuple[str, str]]:
    return {pair for pair in pairs if sum(map(len, pair)) % 4}


@pytest.fixture(scope="module")
def texts() -> WrittenTexts:
    counted = count(documents(), Config.default()).texts
    assert counted is not None
    return counted


LEFT, RIGHT = np.nonzero(~np.eye(N, dtype=bool))


def test_pairs_share_what_two_texts_share(texts: WrittenTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compiling, "choice", "compiled")
    wordings = [Wording(document) for document in documents()]
    found = list(CommonPhrases(texts, weights, significant).find(LEFT, RIGHT))
    assert len(found) == N * (N - 1)
    said = 0
    for left, right, phrases in zip(LEFT.tolist(), RIGHT.tolist(), found, strict=True):
        mine, theirs = wordings[left], wordings[right]
        if phrases is None:
            assert mine.codes.keys() & theirs.codes.keys() or N - 3 in (left, right)
        elif not mine.writes_otherwise(theirs):
            assert phrases == shared_phrases(mine, theirs, weights, significant=significant)
            said += " " in "".join(phrases)
    assert said > 100


def test_pairs_without_room_are_left_to_others(texts: WrittenTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compiling, "choice", "compiled")
    whole = list(CommonPhrases(texts, weights, significant).find(LEFT, RIGHT))
    monkeypatch.setattr(_common_phrases, "_RUNS", 1)
    less = list(CommonPhrases(texts, weights, significant).find(LEFT, RIGHT))
    assert less.count(None) > whole.count(None)
    assert all(one in (None, other) for one, other in zip(less, whole, strict=True))


def test_few_pairs_are_left_to_plain_python(texts: WrittenTexts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compiling, "choice", "plain")
    assert list(CommonPhrases(texts, weights, significant).find(LEFT[:3], RIGHT[:3])) == [None] * 3


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
    found = CommonPhrases(counted, weights, significant).find(np.array([0, 1, 0]), np.array([1, 0, 2]))
    left, right, plain = found
    assert left is None
    assert right in (
        None,
        shared_phrases(Wording(pair[1]), Wording(pair[0]), weights, significant=significant),
    )
    assert plain == shared_phrases(Wording(pair[0]), Wording(pair[2]), weights, significant=significant)
