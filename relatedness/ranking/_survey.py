"""The sums over a corpus from which a vocabulary is fitted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.ranking._counts import PHRASES, TOPICS, WORDS, Counts


@dataclass(frozen=True, slots=True)
class Survey:
    """The sums over a part of a corpus from which a vocabulary is fitted to the whole; the sums of parts can be merged.

    Examples
    --------
    >>> from relatedness.config import Config
    >>> from relatedness.ranking import Document, count
    >>> texts = ["Floods hit Dresden", "The river in Dresden"]
    >>> parts = [Survey.of(count([Document("", text, "en", ())], Config.default())) for text in texts]
    >>> whole = Survey.merged(parts)
    >>> dict(zip(whole.terms[WORDS], whole.frequency[WORDS].tolist(), strict=True))
    {'flood': 1, 'hit': 1, 'dresden': 2, 'river': 1}
    """

    n: int  # the number of documents
    terms: tuple[list[str], list[str], list[str]]  # per channel, as in `Counts`
    pairs: NDArray[np.int64]  # shape (n_phrases, 2): the numbers of the two words of each phrase
    frequency: tuple[NDArray[np.int64], ...]  # per channel, the number of documents that hold each term
    # Per word, how often it occurs, and how often with a capital inside a sentence.
    occurrences: NDArray[np.int64]
    capital: NDArray[np.int64]
    spellings: list[str]  # tokens in lower case
    # Per spelling, how often it occurs inside a sentence, and how often with a capital.
    inside: NDArray[np.int64]
    inside_capital: NDArray[np.int64]
    # Shape (n_starts, 3): word, spelling, and how often the word, in that spelling and with a capital, begins a
    # sentence.
    starts: NDArray[np.int64]

    @property
    def capital_share(self) -> NDArray[np.float64]:
        """Per word, the share of its occurrences that are written with a capital because they are names.

        At the start of a field or sentence a capital counts only if the same spelling has a capital inside sentences more often
        than not.
        """
        word, spelling, times = self.starts.T
        names = (2 * self.inside_capital > self.inside)[spelling]
        at_starts = np.bincount(word[names], weights=times[names], minlength=len(self.capital))
        share: NDArray[np.float64] = (self.capital + at_starts) / np.maximum(self.occurrences, 1)
        return share

    @classmethod
    def of(cls, counts: Counts) -> Survey:
        """The survey of some documents.

        Parameters
        ----------
        counts : Counts
            With their tokens.

        Examples
        --------
        >>> from relatedness.config import Config
        >>> from relatedness.ranking import Document, count
        >>> Survey.of(count([Document("", "Floods hit Dresden", "en", ())], Config.default())).n
        1
        """
        tokens, n_words, n_spellings = counts.tokens, len(counts.terms[WORDS]), len(counts.tokens.spellings)
        is_word, first, capital = tokens.word >= 0, tokens.first, tokens.capital
        begins = is_word & first & capital
        code = tokens.word[begins].astype(np.int64) * n_spellings + tokens.spelling[begins]
        begun, times = np.unique(code, return_counts=True)
        sizes = (n_words, len(counts.pairs), len(counts.terms[TOPICS]))
        return cls(
            n=counts.n,
            terms=counts.terms,
            pairs=counts.pairs,
            frequency=tuple(
                np.bincount(numbers, minlength=size) for numbers, size in zip(counts.term, sizes, strict=True)
            ),
            occurrences=np.bincount(tokens.word[is_word], minlength=n_words),
            capital=np.bincount(tokens.word[is_word & ~first & capital], minlength=n_words),
            spellings=tokens.spellings,
            inside=np.bincount(tokens.spelling[~first], minlength=n_spellings),
            inside_capital=np.bincount(tokens.spelling[~first & capital], minlength=n_spellings),
            starts=np.stack([*np.divmod(begun, max(n_spellings, 1)), times], axis=1),
        )

    def without_phrases(self) -> Survey:
        """The same without its phrases, which are many times as numerous as its words."""
        words, _, topics = self.frequency
        return replace(
            self, pairs=np.zeros((0, 2), np.int64), frequency=(words, np.zeros(0, np.int64), topics)
        )

    def with_phrases(self, codes: NDArray[np.int64], frequency: NDArray[np.int64]) -> Survey:
        """The same with other phrases.

        Parameters
        ----------
        codes : ndarray of int64
            Of their `phrase_codes`, ascending.
        """
        words, _, topics = self.frequency
        pairs = np.stack(np.divmod(codes, max(len(self.terms[WORDS]), 1)), axis=1)
        return replace(self, pairs=pairs, frequency=(words, frequency, topics))

    @classmethod
    def merged(cls, parts: Iterable[Survey]) -> Survey:
        """The survey of a whole corpus from those of its parts, in the order of its documents.

        Returns
        -------
        Survey
            The same as that of all documents at once.
        """
        parts = list(parts)
        numbers: list[list[NDArray[np.int64]]] = []
        names: list[list[str]] = []
        for lists in (
            [part.terms[WORDS] for part in parts],
            [part.terms[TOPICS] for part in parts],
            [part.spellings for part in parts],
        ):
            table: dict[str, int] = {}
            numbers.append(
                [np.array([table.setdefault(one, len(table)) for one in some], np.int64) for some in lists]
            )
            names.append(list(table))
        words, topics, spellings = numbers

        def total(positions: Sequence[NDArray[np.int64]], values: Iterable[Any], size: int) -> Any:
            found = np.zeros(size, np.int64)
            for position, value in zip(positions, values, strict=True):
                np.add.at(found, position, value)
            return found

        n_words, n_spellings = len(names[0]), len(names[2])
        pairs = [
            phrase_codes(part.pairs, position, n_words) for position, part in zip(words, parts, strict=True)
        ]
        starts = [
            position[part.starts[:, 0]] * n_spellings + spelled[part.starts[:, 1]]
            for position, spelled, part in zip(words, spellings, parts, strict=True)
        ]
        distinct, pair = _numbered(pairs)
        begun, start = _numbered(starts)
        times = total(start, (part.starts[:, 2] for part in parts), len(begun))
        return cls(
            n=sum(part.n for part in parts),
            terms=(names[0], [], names[1]),
            pairs=np.stack(np.divmod(distinct, max(n_words, 1)), axis=1),
            frequency=(
                total(words, (part.frequency[WORDS] for part in parts), n_words),
                total(pair, (part.frequency[PHRASES] for part in parts), len(distinct)),
                total(topics, (part.frequency[TOPICS] for part in parts), len(names[1])),
            ),
            occurrences=total(words, (part.occurrences for part in parts), n_words),
            capital=total(words, (part.capital for part in parts), n_words),
            spellings=names[2],
            inside=total(spellings, (part.inside for part in parts), n_spellings),
            inside_capital=total(spellings, (part.inside_capital for part in parts), n_spellings),
            starts=np.stack([*np.divmod(begun, max(n_spellings, 1)), times], axis=1),
        )


def phrase_codes(pairs: NDArray[np.int64], numbers: NDArray[np.int64], n_words: int) -> NDArray[np.int64]:
    """One number for each phrase, in the order of its words in the whole corpus.

    Parameters
    ----------
    pairs : ndarray of int64, shape (n_phrases, 2)
        Of a part of the corpus.
    numbers : ndarray of int64
        The number of each word of the part in the whole corpus.
    n_words : int
        Of the whole corpus.

    Examples
    --------
    >>> phrase_codes(np.array([[0, 1], [1, 0]]), np.array([7, 2]), 10).tolist()
    [72, 27]
    """
    codes: NDArray[np.int64] = numbers[pairs[:, 0]] * n_words + numbers[pairs[:, 1]]
    return codes


def _numbered(parts: list[NDArray[np.int64]]) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """The distinct values of several arrays, ascending, and the positions of each array's values among them."""
    distinct = np.unique(np.concatenate([np.zeros(0, np.int64), *parts]))
    return distinct, [np.searchsorted(distinct, part) for part in parts]
