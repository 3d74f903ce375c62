"""Packed terms are found as those of a dict are, and blocks of terms change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness.ranking import FittedVocabulary, PackedTerms, _counts, _packed_terms

TEXT = st.text(alphabet=st.characters(codec=None), max_size=4)


@given(
    terms=st.lists(st.tuples(TEXT, st.booleans()), max_size=20),
    asked=st.lists(TEXT, max_size=20),
    bits=st.sampled_from([0, 1, 64]),
)
def test_packed_terms_are_a_list_and_a_dict(
    terms: list[tuple[str, bool]], asked: list[str], bits: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        whole = _packed_terms._hash
        patch.setattr(_packed_terms, "_hash", lambda encoded: whole(encoded) % (1 << bits))  # hashes collide
        packed = PackedTerms.of(term for term, _ in terms)
        among = np.array([marked for _, marked in terms], bool)
        asked += [term for term, _ in terms]
        number = {term: position for position, (term, marked) in enumerate(terms) if marked}
        assert packed.find(asked, among) == [number.get(term, -1) for term in asked]
    assert list(packed) == packed[:] == [term for term, _ in terms]
    assert packed[1:-1] == [term for term, _ in terms][1:-1]
    assert [packed[position] for position in range(-len(packed), 0)] == list(packed)
    with pytest.raises(IndexError):
        packed[len(packed)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_terms_keep_their_columns_whatever_the_blocks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (_counts, _packed_terms):
        monkeypatch.setattr(module, "_BLOCK", size)
    words = [f"word{number}" for number in range(7)]
    channels = np.zeros(7, np.uint8)
    frequency, weight = np.arange(7), np.arange(7) / 8
    expected = [(number, 0, word, number, number / 8) for number, word in enumerate(words)]

    for terms in (words, PackedTerms.of(words)):
        vocabulary = FittedVocabulary(7, (1.0, 1.0, 1.0), terms, channels, frequency, weight)
        assert list(vocabulary.rows()) == expected
        assert list(terms) == words
    pairs = np.array([[number, 6 - number] for number in range(7)])
    assert list(_counts.phrases_of(words, pairs)) == [f"word{n} word{6 - n}" for n in range(7)]
