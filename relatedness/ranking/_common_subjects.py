"""The subjects that pairs of an archive's texts share: `shared_subjects` over numbers of tokens."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relatedness.caching import cached_property
from relatedness.numbering import Row, RowNumber, as_rows, row_numbers
from relatedness.ranking._shared_phrases import Wording, in_titles, told_by_subject
from relatedness.ranking._written import BREAK, WrittenTexts
from relatedness.topics import GenericSubjects, words_of

_AT_A_TIME = 1 << 20  # tokens
_OTHER = 0  # the number of every word that occurs in no spelling of a subject
_UNREAD = -1  # a spelling of several words, which has to be read from the text

Named = tuple[float, tuple[str, ...], str]
"""The weight of a shared subject, the terms by which both texts name it, and its spelling for readers."""


class _Mentions(NamedTuple):
    """Each subject that a text names, once, with its first spelling; sorted by text, then by subject."""

    # Shape (n_mentions,): the number of the text times the number of subjects, plus that of the subject.
    key: NDArray[np.int64]
    spelling: NDArray[np.int32]  # shape (n_mentions,): numbers of spellings; `_UNREAD` for several words
    # Shape (n_mentions,): the number of the first of several words among those of the text, and how many they are.
    first: NDArray[np.int32]
    length: NDArray[np.int32]
    titled: NDArray[np.int32]  # shape (n_mentions,): 1 in the title
    # Shape (n_texts + 1,): the mentions of text ``t`` are ``key[begins[t]:begins[t + 1]]``.
    begins: NDArray[np.int64]


class CommonSubjects:
    """Finds the subjects that pairs of texts share, as `shared_subjects` does, for texts that were all counted together.

    Parameters
    ----------
    texts : WrittenTexts
    weights : callable
        As for `shared_subjects`.
    wording : callable
        Returns the `Wording` of a document.
    """

    def __init__(
        self,
        texts: WrittenTexts,
        weights: Callable[[Sequence[str]], Mapping[str, float]],
        wording: Callable[[RowNumber], Wording],
    ) -> None:
        self._texts = texts
        self._weights = weights
        self._wording = wording
        self._ways = _Ways(GenericSubjects.load())
        self._spellings: list[str] = []
        self._numbers: dict[str, int] = {}  # of spellings that were read from texts
        self._told: dict[tuple[int, int, int], Named | None] = {}

    def shared(self, left: NDArray[Row], right: NDArray[Row]) -> dict[int, list[Named]]:
        """The subjects that pairs of documents share; pairs without an informative subject are left out.

        Parameters
        ----------
        left, right : ndarray of int64, shape (n,)

        Returns
        -------
        dict
            The position of a pair to its subjects.
        """
        key, spelling, _, _, titled, begins = self._mentions
        names = self._ways.names
        sizes = begins[left + 1] - begins[left]
        pair = np.repeat(np.arange(len(left)), sizes)
        mine = np.arange(len(pair)) + np.repeat(begins[left] - (np.cumsum(sizes) - sizes), sizes)
        subject = key[mine] % len(names)
        sought = right[pair] * len(names) + subject
        theirs = np.searchsorted(key, sought)
        theirs[theirs == len(key)] = 0
        both = np.flatnonzero(key[theirs] == sought) if len(key) else np.zeros(0, np.int64)
        pair, subject, mine, theirs = pair[both], subject[both], mine[both], theirs[both]
        self._read(np.unique(np.concatenate([mine, theirs])))
        n_spellings = len(self._spellings)
        spelled = (subject * n_spellings + spelling[mine]) * n_spellings + spelling[theirs]
        asked, which = np.unique(spelled, return_inverse=True)
        told = list(
            map(
                self._tells,
                (asked // n_spellings**2).tolist(),
                (asked // n_spellings % n_spellings).tolist(),
                (asked % n_spellings).tolist(),
            )
        )
        telling = np.array([each is not None for each in told], bool)[which]
        found: dict[int, list[Named]] = {}
        titles = titled[mine] + titled[theirs]
        for position, number, count in zip(
            pair[telling].tolist(), which[telling].tolist(), titles[telling].tolist(), strict=True
        ):
            named = told[number]
            found.setdefault(position, []).append(in_titles(named, count) if count else named)
        return found

    def _read(self, mentions: NDArray[np.int64]) -> None:
        """Read the spellings of some mentions of several words from the texts."""
        key, spelling, first, length, _, _ = self._mentions
        unread = mentions[spelling[mentions] == _UNREAD]
        if not len(unread):
            return
        texts = key[unread] // len(self._ways.names)  # ascending, as the mentions are
        begins = np.flatnonzero(np.diff(texts, prepend=-1))
        for text, some in zip(row_numbers(as_rows(texts[begins])), np.split(unread, begins[1:]), strict=True):
            places = zip(first[some].tolist(), length[some].tolist(), strict=True)
            spelling[some] = list(map(self._number, self._wording(text).written_at(places)))

    def _number(self, written: str) -> int:
        number = self._numbers.setdefault(written, len(self._spellings))
        if number == len(self._spellings):
            self._spellings.append(written)
        return number

    def _tells(self, subject: int, mine: int, theirs: int) -> Named | None:
        asked = subject, mine, theirs
        if asked not in self._told:
            spelled = self._spellings[mine], self._spellings[theirs]
            self._told[asked] = told_by_subject(self._ways.names[subject], *spelled, self._weights)
        return self._told[asked]

    @cached_property
    def _mentions(self) -> _Mentions:
        texts, ways = self._texts, self._ways
        n, n_subjects = len(texts.begins) - 1, len(ways.names)
        pieces = _Pieces.of(texts.written, ways.word_numbers)
        self._spellings = pieces.spellings
        keys, others = [], []
        # In texts that hold a name such as example.tv, words have to be read with what stands beside them.
        sites = np.zeros(len(texts.terms), bool)
        for code in np.unique(texts.code).tolist():
            name = texts.terms[code]
            sites[code] = ("." in name or "_" in name) and not ways.word_numbers.keys().isdisjoint(
                words_of(name.replace("_", " "))
            )
        verbatim = texts.verbatim.copy()
        owner = np.repeat(np.arange(n), np.diff(texts.code_begins))
        verbatim[owner[sites[texts.code]]] = False
        edges = np.searchsorted(texts.begins, np.arange(0, int(texts.begins[-1]) + 1, _AT_A_TIME))
        for begin, end in itertools.pairwise([*np.unique(edges).tolist(), n]):
            text, subject, *where = ways.find(texts, pieces, begin, end)
            kept = texts.english[text] & verbatim[text]
            keys.append(text[kept] * n_subjects + subject[kept])
            others.append(np.stack(where)[:, kept])
        for document in row_numbers(as_rows(np.flatnonzero(texts.english & ~verbatim))):
            wording = self._wording(document)
            named = wording.subjects
            keys.append(np.array([document * n_subjects + ways.numbers[name] for name in named], np.int64))
            spelled = np.zeros((4, len(named)), np.int32)
            spelled[0] = list(map(self._number, named.values()))
            spelled[3] = [name in wording.title_subjects for name in named]
            others.append(spelled)
        # Of equal keys, keep the first mention.
        key, first_at = np.unique(np.concatenate(keys), return_index=True)
        spelling, first, length, titled = np.concatenate(others, axis=1)[:, first_at]
        return _Mentions(
            key, spelling, first, length, titled, np.searchsorted(key, np.arange(n + 1) * n_subjects)
        )


class _Pieces(NamedTuple):
    """The words that written tokens are made of: one, or those around apostrophes, or none."""

    # Shape (n_written + 1,): the words of token ``t`` are ``word[begins[t]:begins[t + 1]]``.
    begins: NDArray[np.int64]
    word: NDArray[np.int32]  # their numbers in `_Ways`; `_OTHER` for words that it does not hold
    capital: NDArray[np.bool_]  # whether each has no small letter
    spellings: list[str]  # as each is written

    @classmethod
    def of(cls, written: Sequence[str], word_numbers: Mapping[str, int]) -> _Pieces:
        words = [[token] if token.isalnum() else words_of(token) for token in written]
        spellings = list(itertools.chain.from_iterable(words))
        return cls(
            np.cumsum([0, *map(len, words)]),
            np.array([word_numbers.get(word.lower(), _OTHER) for word in spellings], np.int32),
            np.array([word == word.upper() for word in spellings], bool),
            spellings,
        )


class _Ways:
    """The spellings of subjects as a tree of words, which is followed at all positions of many texts at once.

    Parameters
    ----------
    subjects : GenericSubjects
    """

    def __init__(self, subjects: GenericSubjects) -> None:
        self.names = sorted(set(subjects.ways.values()))
        self.numbers = {name: number for number, name in enumerate(self.names)}
        words = sorted(set(itertools.chain.from_iterable(subjects.ways)))
        self.word_numbers = {word: number for number, word in enumerate(words, _OTHER + 1)}
        self._n_words = len(words) + 1
        # A node of the tree is a prefix of a spelling; the root is 0.
        nodes: dict[tuple[str, ...], int] = {(): 0}
        for way in subjects.ways:
            for length in range(1, len(way) + 1):
                nodes.setdefault(way[:length], len(nodes))
        steps = sorted(
            (nodes[way[:-1]] * self._n_words + self.word_numbers[way[-1]], node)
            for way, node in nodes.items()
            if way
        )
        self._steps = np.array([step for step, _ in steps], np.int64)
        self._nodes = np.array([node for _, node in steps], np.int64)
        self._subject = np.full(len(nodes), -1, np.int32)
        self._capital = np.zeros(len(nodes), bool)
        for way, name in subjects.ways.items():
            self._subject[nodes[way]] = self.numbers[name]
            self._capital[nodes[way]] = way in subjects.capitals
        self._longest = max(map(len, subjects.ways))

    def find(
        self, texts: WrittenTexts, pieces: _Pieces, first: int, end: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:  # fmt: skip
        """The mentions of subjects in a range of texts, in order: the text, the subject, its spelling, the number of its first word and their count, and 1 for a title."""
        token = texts.token[texts.begins[first] : texts.begins[end]]
        held = np.where(token == BREAK, 1, np.diff(pieces.begins)[token])
        # Number the words of all tokens; a BREAK gets the number of words in no spelling.
        at = np.repeat(pieces.begins[token] - (np.cumsum(held) - held), held) + np.arange(int(held.sum()))
        breaks = np.repeat(token == BREAK, held)
        word = np.where(breaks, _OTHER, pieces.word[np.where(breaks, 0, at)])
        position = np.flatnonzero(word != _OTHER)
        node, here = np.zeros(len(position), np.int64), np.arange(len(position))
        length, subject = np.zeros(len(position), np.int64), np.zeros(len(position), np.int32)
        capital = np.ones(len(position), bool)
        for step in range(self._longest):
            # The positions from which the words match the tree so far.
            sought = node[here] * self._n_words + word[np.minimum(position[here] + step, len(word) - 1)]
            found = np.minimum(np.searchsorted(self._steps, sought), len(self._steps) - 1)
            follows = self._steps[found] == sought
            here = here[follows]
            node[here] = self._nodes[found[follows]]
            capital[here] &= pieces.capital[at[position[here] + step]]
            ends = here[(self._subject[node[here]] >= 0) & (capital[here] | ~self._capital[node[here]])]
            length[ends], subject[ends] = step + 1, self._subject[node[ends]]
        kept, free = [], 0
        for number in np.flatnonzero(length).tolist():
            if position[number] >= free:
                kept.append(number)
                free = position[number] + length[number]
        words = np.searchsorted(np.cumsum(held), position[kept], side="right")
        text = first + np.searchsorted(texts.begins[first:end] - texts.begins[first], words, side="right") - 1
        spelling = np.where(length[kept] > 1, _UNREAD, at[position[kept]]).astype(np.int32)
        before = np.concatenate([[0], np.cumsum(~breaks)])  # words that are no BREAK
        word_begins = np.concatenate([[0], np.cumsum(held)])[texts.begins[first:end] - texts.begins[first]]
        first_word = before[position[kept]] - before[word_begins[text - first]]
        titled = (texts.begins[first] + words < texts.title_ends[text]).astype(np.int32)
        return (
            text,
            subject[kept],
            spelling,
            first_word.astype(np.int32),
            length[kept].astype(np.int32),
            titled,
        )
