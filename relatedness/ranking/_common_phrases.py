"""The words and phrases that many pairs of an archive's texts share: `shared_phrases`, compiled over numbers of terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relatedness.languages import SEAM, said_together
from relatedness.numbering import Row, RowNumber, row_at
from relatedness.ranking._common_subjects import CommonSubjects, Named
from relatedness.ranking._compiling import compiled_pays
from relatedness.ranking._reason_words import INSIDE, kept_of, role_of, subject_terms
from relatedness.ranking._settings import reason_settings
from relatedness.ranking._shared_phrases import Wording, chosen_of, unsaid, with_subjects
from relatedness.ranking._tokens import prefers, shown
from relatedness.ranking._written import WrittenTexts

_PAIR_NS = 40_000  # plain Python's cost of a pair, in nanoseconds
_RUNS = 16  # results per pair, on average, for which memory is reserved
_AT_A_TIME = 50_000  # pairs of terms looked up at a time


class Hushed(NamedTuple):
    """Terms that are not repeated next to each pair, as numbers of terms.

    Examples
    --------
    >>> hushed = Hushed(np.array([0, 2, 3]), np.array([7, 4, 7]))
    >>> hushed.terms[hushed.begins[0] : hushed.begins[1]].tolist()  # those of the first of two pairs
    [7, 4]
    """

    begins: NDArray[np.int64]  # shape (n + 1,): those of pair ``p`` are ``terms[begins[p]:begins[p + 1]]``
    terms: NDArray[np.int64]


class CommonPhrases:
    """Finds what pairs of texts share, as `shared_phrases` does, for texts that were all counted together.

    Parameters
    ----------
    texts : WrittenTexts
    weights, significant, least, common
        As for `shared_phrases`.
    wording : callable
        Returns the `Wording` of a document.

    Examples
    --------
    >>> from relatedness.config import Config
    >>> from relatedness.ranking import Document, count
    >>> texts = ["A hot air balloon crashes.", "Tourists die as their hot air balloon burns."]
    >>> documents = [Document("", text, "en", ()) for text in texts]
    >>> wording, counted = [Wording(document) for document in documents], count(documents, Config.default()).texts
    >>> common = CommonPhrases(counted, lambda terms: dict.fromkeys(terms, 1.0), set, 0.0, 0.0, wording.__getitem__)
    >>> common.positions_of(["balloon", "zeppelin"])
    [2]
    """

    def __init__(
        self,
        texts: WrittenTexts,
        weights: Callable[[Sequence[str]], Mapping[str, float]],
        significant: Callable[[Sequence[tuple[str, str]]], Set[tuple[str, str]]],
        least: float,
        common: float,
        wording: Callable[[RowNumber], Wording],
    ) -> None:
        self._texts = texts
        self._weights = weights
        self._significant = significant
        self._least = least
        self._common = common
        self._wording = wording
        self._subjects = CommonSubjects(texts, weights, wording)
        self._positions = {term: position for position, term in enumerate(texts.terms)}
        self._prepared: tuple[NDArray[np.generic], ...] | None = None
        self._words: list[str] = []
        self._compounded = False

    def positions_of(self, terms: Iterable[str]) -> list[int]:
        """The positions of the texts' terms in the vocabulary, without those that it does not hold."""
        found = [self._positions.get(term) for term in terms]
        return [position for position in found if position is not None]

    def find(
        self,
        left: NDArray[Row],
        right: NDArray[Row],
        hushed: Hushed,
        alone: NDArray[np.bool_],
        bare: NDArray[np.bool_],
    ) -> list[tuple[str, ...] | None]:
        """What each pair of documents shares.

        Parameters
        ----------
        left, right : ndarray of int64, shape (n,)
        hushed : Hushed
            The terms in the topic names that are shown next to each pair's result.
        alone : ndarray of bool, shape (n,)
            Whether no topic name is shown next to the result.
        bare : ndarray of bool, shape (n,)
            Whether words are shown next to those names, not only phrases and subjects.

        Returns
        -------
        list of (tuple of str or None)
            None if `shared_phrases` has to be called instead: for texts with addresses, texts that share identifiers, texts
            that repeat a word very often, and for all pairs if compiled loops do not pay.
        """
        if not len(left) or not compiled_pays(_PAIR_NS * len(left)):
            return [None] * len(left)
        from relatedness.ranking._pair_kernel import shared_runs

        texts = self._texts
        if self._prepared is None:
            self._words = [shown(token) for token in texts.written]
            self._compounded = any(SEAM in word for word in self._words)
            self._prepared = self._weigh()
        small, squares, lone, roles, phrases, word_order, term_order = self._prepared
        rules = reason_settings().phrases
        subjects = self._unsaid(self._subjects.shared(left, right), hushed)
        most_of_subjects = np.zeros(len(left))
        most_of_subjects[list(subjects)] = [max(named)[0] for named in subjects.values()]
        args = (
            left,
            right,
            texts.begins,
            texts.title_ends,
            texts.token,
            texts.term,
            small,
            texts.code_begins,
            texts.code,
        )
        counts, told, sizes, numbers, spellings = shared_runs(
            *(*args, texts.linked, texts.english, squares, lone, roles, phrases, word_order, term_order),
            *(hushed.begins, hushed.terms, alone, bare, most_of_subjects, rules.word, rules.title),
            *(rules.further, rules.further / rules.subject, rules.most, _RUNS * len(left)),
        )
        words = self._words
        spelled = [words[token] for token in spellings[:, 0].tolist()]
        several = np.flatnonzero(sizes > 1)
        for run, size, tokens in zip(
            several.tolist(), sizes[several].tolist(), spellings[several].tolist(), strict=True
        ):
            spelled[run] = " ".join([words[token] for token in tokens[:size]])
        ends = np.cumsum(np.maximum(counts, 0))
        begins = ends - np.maximum(counts, 0)
        said = list(map(said_together, spelled)) if self._compounded else spelled
        found: list[tuple[str, ...] | None] = [
            tuple(said[begin:end]) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        ]
        for pair in np.flatnonzero(counts < 0).tolist():
            found[pair] = None
        # A phrase that a comma may break in either text has to be read from the texts themselves.
        inner = np.arange(numbers.shape[1]) < sizes[several, None] - 1
        pairs = np.repeat(np.searchsorted(ends, several, side="right"), inner.sum(axis=1))
        for pair, number in zip(pairs.tolist(), numbers[several][inner].tolist(), strict=True):
            if pair not in subjects and self._is_end(texts.terms[number], left, right, pair):
                found[pair] = None
        for pair in np.unique(pairs).tolist():
            phrases = found[pair]
            if phrases is not None and pair not in subjects:
                found[pair] = tuple(map(self._wording(row_at(right, pair)).as_written, phrases))
        for pair, named in subjects.items():
            if found[pair] is None:
                continue
            begin, end = int(begins[pair]), int(ends[pair])
            runs = [
                (weight, tuple([texts.terms[number] for number in run[:size]]), phrase)
                for weight, phrase, run, size in zip(
                    told[begin:end].tolist(),
                    spelled[begin:end],
                    numbers[begin:end].tolist(),
                    sizes[begin:end].tolist(),
                    strict=True,
                )
            ]
            scored = with_subjects(runs, named)
            least = rules.further * max(scored)[0]
            chosen = chosen_of([(-weight, phrase, run) for weight, run, phrase in scored if weight >= least])
            broken = any(
                self._is_end(term, left, right, pair)
                for _, run, phrase in runs
                if len(run) > 1 and phrase in chosen
                for term in run[:-1]
            )
            found[pair] = (
                None if broken else tuple(map(self._wording(row_at(right, pair)).as_written, chosen))
            )
        return found

    def _unsaid(self, subjects: dict[int, list[Named]], hushed: Hushed) -> dict[int, list[Named]]:
        """The subjects of each pair without those that hushed terms say."""
        terms, begins, numbers = self._texts.terms, hushed.begins.tolist(), hushed.terms.tolist()
        kept = {
            pair: unsaid(named, {terms[number] for number in numbers[begins[pair] : begins[pair + 1]]})
            for pair, named in subjects.items()
        }
        return {pair: named for pair, named in kept.items() if named}

    def _is_end(self, term: str, left: NDArray[Row], right: NDArray[Row], pair: int) -> bool:
        """Whether a term stands before a pause in a text of a pair."""
        return (
            term in self._wording(row_at(left, pair)).ends or term in self._wording(row_at(right, pair)).ends
        )

    def _weigh(self) -> tuple[NDArray[np.generic], ...]:
        """Prepare the arrays of the loops: tokens in lower case, squared weights, the weight of a term alone in English and
        other texts, the roles of tokens in both, the pairs that are phrases, and the alphabetical places of tokens and terms.
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
        kept = np.array(
            [kept_of(square, self._least**2, self._common**2) for square in squares.tolist()], np.uint8
        )
        if len(kept):
            roles &= kept[np.maximum(texts.term, 0)]
        return (
            np.array([prefers(word) for word in self._words], bool),
            squares,
            np.stack([rare, np.where(named, rules.subject * squares, rare)]),
            roles,
            self._phrases(roles),
            _places(self._words),
            _places(terms),
        )

    def _phrases(self, roles: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The pairs of terms that are adjacent at least twice and form a phrase, encoded for the loops; without those of words
        that reasons leave out.
        """
        texts, n_terms = self._texts, len(self._texts.terms)
        term = np.where(texts.token >= 0, texts.term[texts.token], -1).astype(np.int64)
        beside = np.flatnonzero((term[:-1] >= 0) & (term[1:] >= 0))
        first, second = term[beside], term[beside + 1]
        english = np.repeat(texts.english, np.diff(texts.begins))[beside].astype(np.int8)
        said = np.zeros((2, n_terms), bool)
        for number, role in enumerate(roles):
            said[number, texts.term[role & INSIDE > 0]] = True
        # The lowest bit says whether a reason may show both; it is looked at where a pair last occurs in the sorted array.
        key = np.sort((first * n_terms + second) << 1 | (said[english, first] & said[english, second]))
        ends = np.flatnonzero(np.append(np.diff(key >> 1) > 0, True)[: len(key)])
        often = np.diff(ends, prepend=-1) > 1
        pairs = key[ends[often & (key[ends] & 1 > 0)]] >> 1
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


def _places(words: Sequence[str]) -> NDArray[np.int32]:
    """The place of each word among the distinct ones in alphabetical order."""
    place = {word: number for number, word in enumerate(sorted(set(words)))}
    return np.array([place[word] for word in words], np.int32)
