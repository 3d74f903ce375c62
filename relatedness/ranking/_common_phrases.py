"""The words and phrases that many pairs of an archive's texts share: `shared_phrases`, compiled over numbers of terms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from relatedness.languages import SEAM, said_together
from relatedness.numbering import Row
from relatedness.ranking._common_subjects import CommonSubjects
from relatedness.ranking._compiling import compiled_pays
from relatedness.ranking._reason_words import role_of, subject_terms
from relatedness.ranking._settings import reason_settings
from relatedness.ranking._shared_phrases import Wording, chosen_of
from relatedness.ranking._tokens import prefers, shown
from relatedness.ranking._written import WrittenTexts

_PAIR_NS = 40_000  # plain Python's cost of a pair, in nanoseconds
_RUNS = 16  # results per pair, on average, for which memory is reserved
_AT_A_TIME = 50_000  # pairs of terms looked up at a time


class CommonPhrases:
    """Finds what pairs of texts share, as `shared_phrases` does, for texts that were all counted together.

    Parameters
    ----------
    texts : WrittenTexts
    weights, significant, least
        As for `shared_phrases`.
    wording : callable
        Returns the `Wording` of a document.
    """

    def __init__(
        self,
        texts: WrittenTexts,
        weights: Callable[[Sequence[str]], Mapping[str, float]],
        significant: Callable[[Sequence[tuple[str, str]]], Set[tuple[str, str]]],
        least: float,
        wording: Callable[[int], Wording],
    ) -> None:
        self._texts = texts
        self._weights = weights
        self._significant = significant
        self._least = least
        self._wording = wording
        self._subjects = CommonSubjects(texts, weights, lambda row: wording(row).subjects)
        self._hushed: dict[Set[str], list[int]] = {}
        self._positions: dict[str, int] = {}
        self._prepared: tuple[NDArray[np.generic], ...] | None = None
        self._words: list[str] = []
        self._compounded = False

    def find(
        self,
        left: NDArray[Row],
        right: NDArray[Row],
        hushed: Sequence[frozenset[str]],
        alone: NDArray[np.bool_],
    ) -> Iterator[tuple[str, ...] | None]:
        """What each pair of documents shares.

        Parameters
        ----------
        left, right : ndarray of int64, shape (n,)
        hushed : sequence of frozenset of str, shape (n,)
            The terms in the topic names that are shown next to each pair's result.
        alone : ndarray of bool, shape (n,)
            Whether no topic name is shown next to the result.

        Yields
        ------
        tuple of str or None
            None if `shared_phrases` has to be called instead: for texts with addresses, texts that share identifiers, texts
            that repeat a word very often, and for all pairs if compiled loops do not pay.
        """
        if not len(left) or not compiled_pays(_PAIR_NS * len(left)):
            yield from [None] * len(left)
            return
        from relatedness.ranking._pair_kernel import shared_runs

        texts = self._texts
        if self._prepared is None:
            self._words = [shown(token) for token in texts.written]
            self._compounded = any(SEAM in word for word in self._words)
            self._prepared = self._weigh()
            self._positions = {term: position for position, term in enumerate(texts.terms)}
        small, squares, lone, roles, phrases = self._prepared
        rules = reason_settings().phrases
        subjects = self._subjects.shared(left, right)
        silent = [self._positions_of(terms) for terms in hushed]
        hushed_begins = np.cumsum([0, *map(len, silent)])
        hushed_terms = np.array(list(chain.from_iterable(silent)), np.int64)
        most_of_subjects = np.zeros(len(left))
        most_of_subjects[list(subjects)] = [max(named)[0] for named in subjects.values()]
        args = (left, right, texts.begins, texts.token, texts.term, small, texts.code_begins, texts.code)
        counts, told, sizes, numbers, spellings = shared_runs(
            *(*args, texts.linked, texts.english, squares, lone, roles, phrases),
            *(
                hushed_begins,
                hushed_terms,
                alone,
                most_of_subjects,
                rules.word,
                rules.further,
                _RUNS * len(left),
            ),
        )
        used = np.arange(numbers.shape[1]) < sizes[:, None]
        terms = [texts.terms[number] for number in numbers[used].tolist()]
        words = [self._words[token] for token in spellings[used].tolist()]
        ends = np.cumsum(sizes).tolist()
        spelled: list[tuple[float, str, tuple[str, ...]]] = [
            (said, words[first] if end - first == 1 else " ".join(words[first:end]), tuple(terms[first:end]))
            for said, first, end in zip((-told).tolist(), [0, *ends], ends, strict=False)
        ]
        end = 0
        for pair, count in enumerate(counts.tolist()):
            if count < 0:
                yield None
                continue
            runs = spelled[end : (end := end + count)]
            if pair in subjects:
                named = subjects[pair]
                least = rules.further * max([most_of_subjects[pair], *[-said for said, _, _ in runs]])
                chosen = chosen_of(
                    runs + [(-said, phrase, run) for said, run, phrase in named if said >= least]
                )
            else:
                chosen = chosen_of(runs) if count > 1 else tuple([phrase for _, phrase, _ in runs])
            if not any(" " in phrase for phrase in chosen):
                yield self._said(chosen)
                continue
            inner = {
                term for _, phrase, run in runs if len(run) > 1 and phrase in chosen for term in run[:-1]
            }
            # If a comma may separate the words of a phrase, the texts themselves have to be read.
            broken = inner and not (
                inner.isdisjoint(self._ends(left, pair)) and inner.isdisjoint(self._ends(right, pair))
            )
            yield None if broken else self._said(chosen)

    def _said(self, phrases: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(said_together, phrases)) if self._compounded else phrases

    def _positions_of(self, terms: frozenset[str]) -> list[int]:
        """The positions of the texts' terms in the vocabulary."""
        found = self._hushed.get(terms)
        if found is None:
            positions = [self._positions.get(term) for term in sorted(terms)]
            found = self._hushed[terms] = [position for position in positions if position is not None]
        return found

    def _ends(self, texts: NDArray[Row], pair: int) -> Set[str | None]:
        return self._wording(int(texts[pair])).ends

    def _weigh(self) -> tuple[NDArray[np.generic], ...]:
        """Prepare the arrays of the loops: tokens in lower case, squared weights, the weight of a term alone in English and
        other texts, the roles of tokens in both, and the pairs that are phrases.
        """
        texts = self._texts
        terms = texts.terms
        weight = self._weights(terms)
        weights = np.array([weight[term] for term in terms])
        squares = weights * weights
        subjects, rules = subject_terms(), reason_settings().phrases
        rare = np.where(squares >= self._least * self._least, rules.word * squares, 0.0)
        named = np.array([term in subjects for term in terms], bool)
        roles = np.zeros((2, len(texts.written)), np.uint8)
        for english in {*texts.english.tolist()}:
            roles[int(english)] = [
                role_of(word, terms[position], english=english) if position >= 0 else 0
                for word, position in zip(self._words, texts.term.tolist(), strict=True)
            ]
        return (
            np.array([prefers(word) for word in self._words], bool),
            squares,
            np.stack([rare, np.where(named, rules.subject * squares, rare)]),
            roles,
            self._phrases(),
        )

    def _phrases(self) -> NDArray[np.int64]:
        """The pairs of terms that are adjacent at least twice and form a phrase, encoded for the loops."""
        texts, n_terms = self._texts, len(self._texts.terms)
        term = np.where(texts.token >= 0, texts.term[texts.token], -1).astype(np.int64)
        beside = (term[:-1] >= 0) & (term[1:] >= 0)
        pairs, times = np.unique(term[:-1][beside] * n_terms + term[1:][beside], return_counts=True)
        pairs = pairs[times > 1]
        kept = np.zeros(len(pairs), bool)
        for start in range(0, len(pairs), _AT_A_TIME):
            some = slice(start, start + _AT_A_TIME)
            first, second = np.divmod(pairs[some], n_terms)
            asked = [
                (texts.terms[one], texts.terms[two])
                for one, two in zip(first.tolist(), second.tolist(), strict=True)
            ]
            together = self._significant(asked)
            kept[some] = [pair in together for pair in asked]
        found: NDArray[np.int64] = pairs[kept]
        return found
