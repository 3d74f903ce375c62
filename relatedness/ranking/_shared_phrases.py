"""The words and phrases that two texts share, as a reader would say them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache, lru_cache
from itertools import pairwise
from typing import cast

from relatedness.caching import cached_property
from relatedness.config import shipped
from relatedness.events import primary_language
from relatedness.languages import ENGLISH
from relatedness.ranking._codes import find_codes
from relatedness.ranking._counts import Document
from relatedness.ranking._tokens import bare, term_of, tokens_of
from relatedness.topics import GenericSubjects

_LONGEST = 4  # words of a phrase
_MOST_TOKENS = 1 << 17  # remembered of a language
TELLING = 0.4  # the share of what the first tells that any further phrase has to tell
# Words of an address are no reason.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")


class Wording:
    """How an event is written: its content words in order, its identifiers and the subjects that it names.

    Parameters
    ----------
    document : Document

    Attributes
    ----------
    language : str
        The primary code of its language; English where the document names none.
    """

    def __init__(self, document: Document) -> None:
        self._fields = document.title, document.text
        self.language = primary_language(document.language or ENGLISH)

    @cached_property
    def _tokens(self) -> list[tuple[str | None, str, bool]]:
        known = _read(self.language)
        tokens: list[str] = []
        for field in self._fields:
            if field:
                text = _ADDRESS.sub(".", field) if "://" in field or "www." in field else field
                tokens += tokens_of(text, self.language)
                tokens.append(".")
        return [known[token] for token in tokens]

    @cached_property
    def terms(self) -> tuple[str | None, ...]:
        """The terms of title and text in order; None for a function word and where a sentence or a field ends."""
        return tuple([term for term, _, _ in self._tokens])

    @cached_property
    def words(self) -> Mapping[str, str]:
        """Each term as it is written: the first spelling, or the first in lower case."""
        read = self._tokens[::-1]
        # Of equal keys the last one stands: the first of the text, and the first in lower case where there is one.
        words = {term: word for term, word, _ in read}
        words.update([(term, word) for term, word, small in read if small])
        words.pop(None, None)
        return cast("dict[str, str]", words)

    @cached_property
    def pairs(self) -> Set[tuple[str, str]]:
        """The pairs of terms that stand side by side."""
        return {(first, second) for first, second in pairwise(self.terms) if first is not None is not second}

    @cached_property
    def codes(self) -> Mapping[str, str]:
        """The identifiers of the text, each with its last spelling."""
        return {code: spelling for field in self._fields if field for code, spelling in find_codes(field)}

    def writes_otherwise(self, other: Wording) -> bool:
        """Whether both name a subject in different words."""
        named = self.subjects.keys() & other.subjects.keys()
        return any(
            {*_terms_of_subject(self.subjects[name])} != {*_terms_of_subject(other.subjects[name])}
            for name in named
        )

    @cached_property
    def subjects(self) -> Mapping[str, str]:
        """The subjects that the text names, in their order, each as it is first written."""
        if self.language != ENGLISH:
            return {}
        subjects: dict[str, str] = {}
        for field in self._fields:
            for named in GenericSubjects.load().find(field) if field else ():
                subjects.setdefault(named.subject, field[named.start : named.end])
        return subjects


@lru_cache(maxsize=4096)
def _terms_of_subject(written: str) -> tuple[str, ...]:
    terms = (term_of(token, ENGLISH) for token in tokens_of(written))
    return tuple(term for term in terms if term is not None)


class _Read(dict[str, tuple[str | None, str, bool]]):
    """Tokens of one language -> term, bare word and whether that is in lower case, remembered; no term for a function
    word or the end of a sentence.
    """

    def __init__(self, language: str) -> None:
        self._language = language

    def __missing__(self, token: str) -> tuple[str | None, str, bool]:
        if len(self) >= _MOST_TOKENS:
            self.clear()
        term, word = (term_of(token, self._language), bare(token)) if token[0].isalnum() else (None, "")
        self[token] = read = term, word, word.islower()
        return read


_read = cache(_Read)


def shared_phrases(
    left: Wording,
    right: Wording,
    weights: Callable[[Sequence[str]], Mapping[str, float]],
    most: int = 3,
    significant: Callable[[Sequence[tuple[str, str]]], Set[tuple[str, str]]] | None = None,
) -> tuple[str, ...]:
    """The subjects, phrases and words that two texts share and that weigh most.

    A phrase is a run of up to four content words that both texts write one after another; the rarer its words in the
    corpus, the more it weighs. A subject (`relatedness.topics.GenericSubjects`) is shared in whatever words; it weighs what the
    words weigh by which the text names it that names it in more common ones. A word that a chosen phrase or subject
    holds is not named again.

    Parameters
    ----------
    left, right : Wording
    weights : callable
        The weights of terms in the corpus; terms that it leaves out say nothing.
    most : int
        How many phrases and words at most.
    significant : callable, optional
        Of pairs of neighbouring terms those that make a phrase, see `log_likelihood`; all do where it is not given.

    Returns
    -------
    tuple of str
        As the second text writes them, in lower case where either text does so; empty where nothing is shared, or
        nothing but numbers, times and the words of forms and reports.

    Examples
    --------
    >>> left = Wording(Document("", "A hot air balloon crashes near the river.", "en", ()))
    >>> right = Wording(Document("", "Tourists die as their hot air balloon catches fire.", "en", ()))
    >>> shared_phrases(left, right, lambda terms: dict.fromkeys(terms, 1.0))
    ('hot air balloon',)
    """
    both = left.words.keys() & right.words.keys()
    codes = left.codes.keys() & right.codes.keys()
    subjects = left.subjects.keys() & right.subjects.keys()
    if not (both or codes or subjects):
        return ()
    single = both | codes if codes else both
    named = {
        name: (_terms_of_subject(left.subjects[name]), _terms_of_subject(right.subjects[name]))
        for name in subjects
    }
    weight = weights([*single, *(term for ways in named.values() for run in ways for term in run)])
    silent = no_reasons() if right.language == ENGLISH else frozenset[str]()
    scored: list[tuple[float, tuple[str, ...], str]] = [
        (weight[term] * weight[term], (term,), "")
        for term in single
        if term in weight and term not in silent and not term.isdecimal()
    ]
    beside = left.pairs & right.pairs
    if beside:
        if significant is not None:
            beside = beside & significant(list(beside))
        runs = _phrases(left.terms, beside) & _phrases(right.terms, beside) if beside else ()
        scored += [
            (_told(run, weight), run, "")
            for run in runs
            if all(term in weight for term in run)
            and not all(term in silent or term.isdecimal() for term in run)
        ]
    for name, ways in named.items():
        # Each term once, in order: the order of a set, and with it a sum of floats, differs from process to process.
        told = min(_told(dict.fromkeys(run), weight) for run in ways)
        # Where both name it in the same words, or in its own, the phrase says as much.
        if told and set(ways[0]) != set(ways[1]):
            scored.append((told, (*ways[0], *ways[1]), name))
    if not scored:
        return ()
    least = TELLING * max(scored)[0]
    spelled = [
        (-told, subject or " ".join([_written(term, left, right) for term in terms]), terms)
        for told, terms, subject in scored
        if told >= least
    ]
    return chosen_of(spelled, most)


def chosen_of(spelled: list[tuple[float, str, tuple[str, ...]]], most: int = 3) -> tuple[str, ...]:
    """The phrases that say most, given how much each says, below 0, how it is written, and its terms; no term is named twice."""
    spelled.sort()
    chosen: list[str] = []
    taken: set[str] = set()
    for _, phrase, terms in spelled:
        if taken.isdisjoint(terms):
            chosen.append(phrase)
            taken.update(terms)
            if len(chosen) == most:
                break
    return tuple(chosen)


def _told(run: Iterable[str], weight: Mapping[str, float]) -> float:
    """The weight of a phrase; 0 if a term has no weight."""
    told = 0.0
    # Not `sum`, which rounds in other places from Python 3.12 on.
    for term in run:
        value = weight.get(term, 0.0)
        told += value * value
    return told


def _written(term: str, left: Wording, right: Wording) -> str:
    """A term as the second text writes it, but in lower case where either does so."""
    mine = left.words.get(term, "")
    return mine if mine.islower() else right.words.get(term) or mine or right.codes.get(term, term)


def shared_subjects(left: Wording, right: Wording, most: int = 2) -> tuple[str, ...]:
    """The subjects that two texts share, in the order in which the second names them.

    Parameters
    ----------
    left, right : Wording
    most : int

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> left = Wording(Document("", "Voters go to the polls.", "en", ()))
    >>> shared_subjects(left, Wording(Document("", "A general election is held.", "en", ())))
    ('general election',)
    """
    named = left.subjects.keys() & right.subjects.keys()
    return tuple(name for name in right.subjects if name in named)[:most]


def log_likelihood(together: int, first: int, second: int, events: int) -> float:
    """How significant it is that two terms follow each other so often, as Dunning's log-likelihood ratio.

    Parameters
    ----------
    together : int
        Events in which the second follows the first.
    first, second : int
        Events that hold each.
    events : int
        All of them.

    Returns
    -------
    float
        Above 10.83 chance explains it in fewer than one case of a thousand; 0 where it is no more often than by chance.

    References
    ----------
    T. Dunning: Accurate methods for the statistics of surprise and coincidence. Computational Linguistics 19 (1993),
    61-74.

    Examples
    --------
    >>> round(log_likelihood(10, 12, 20, 1000), 2), log_likelihood(1, 500, 20, 1000)
    (73.5, 0.0)
    """
    table = (together, first - together, second - together, events - first - second + together)
    if min(table) < 0 or together * events <= first * second:
        return 0.0
    rows, columns = (first, first, events - first, events - first), (second, events - second) * 2
    return 2 * sum(
        seen * math.log(seen * events / (row * column))
        for seen, row, column in zip(table, rows, columns, strict=True)
        if seen
    )


@cache
def no_reasons() -> frozenset[str]:
    """English terms that are no reason to relate two events; read once a process."""
    lines = shipped("no_reasons.txt").read_text(encoding="utf-8").splitlines()
    words = (word for line in lines if not line.startswith("#") for word in line.split())
    return frozenset(term for term in (term_of(word, ENGLISH) for word in words) if term is not None)


def _phrases(terms: Sequence[str | None], beside: Set[tuple[str, str]]) -> Set[tuple[str, ...]]:
    """The runs of two terms and more whose neighbours are among some pairs, which all stand in the text."""
    if {first for first, _ in beside}.isdisjoint([second for _, second in beside]):
        return beside  # as in most texts: no two pairs join
    found: set[tuple[str, ...]] = set()
    for start in range(len(terms) - 1):
        here = start
        while here + 1 < min(start + _LONGEST, len(terms)) and terms[here : here + 2] in beside:
            here += 1
            found.add(cast("tuple[str, ...]", terms[start : here + 1]))
    return found
