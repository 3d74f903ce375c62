"""The words and phrases that two texts share, as a reader would say them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from relatedness.config import shipped
from relatedness.events import primary_language
from relatedness.languages import ENGLISH
from relatedness.ranking._codes import find_codes
from relatedness.ranking._counts import Document
from relatedness.ranking._tokens import bare, term_of, tokens_of
from relatedness.topics import GenericSubjects

_LONGEST = 4  # words of a phrase
_TELLING = 0.4  # the share of what the first tells that any further phrase has to tell
# An address says nothing as words.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")


@dataclass(frozen=True, slots=True)
class _Written:
    """A text as its content words: terms in order, None where a sentence or a phrase ends."""

    terms: tuple[str | None, ...]
    words: Mapping[str, str]


def shared_phrases(
    left: Document,
    right: Document,
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
    left, right : Document
    weights : callable
        The weights of some terms in the corpus; terms that it leaves out say nothing.
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
    >>> left = Document("", "A hot air balloon crashes near the river.", "en", ())
    >>> right = Document("", "Tourists die as their hot air balloon catches fire.", "en", ())
    >>> shared_phrases(left, right, lambda terms: dict.fromkeys(terms, 1.0))
    ('hot air balloon',)
    """
    mine, theirs = _written(left), _written(right)
    english = primary_language(right.language or ENGLISH) == ENGLISH
    both = {term for term in mine.terms if term is not None} & {t for t in theirs.terms if t is not None}
    codes = _codes(left).keys() & _codes(right).keys()
    own, other = _subjects(left), _subjects(right)
    subjects = {name: (own[name], other[name]) for name in own.keys() & other.keys()}
    named = {term for ways in subjects.values() for run in ways for term in run}
    weight = weights(sorted(both | codes | named))
    runs = _runs(mine.terms, both) & _runs(theirs.terms, both)
    runs |= {(code,) for code in codes}
    if significant is not None:
        pairs = sorted({pair for run in runs for pair in pairwise(run)})
        kept = significant(pairs) if pairs else set()
        runs = {run for run in runs if all(pair in kept for pair in pairwise(run))}
    lower = {term: word for term, word in mine.words.items() if word.islower()}
    words = {**_codes(right), **mine.words, **theirs.words, **lower}
    silent = _silent()
    scored = [
        (sum(weight[term] ** 2 for term in run), " ".join(words.get(term, term) for term in run), set(run))
        for run in runs
        if all(term in weight for term in run)
        and not all(term.isdecimal() or (english and term in silent) for term in run)
    ]
    for name, ways in subjects.items():
        told = min(sum(weight.get(term, 0.0) ** 2 for term in set(run)) for run in ways)
        # Where both name it in the same words, or in its own, the phrase says as much.
        if told and set(ways[0]) != set(ways[1]):
            scored.append((told, name, {term for run in ways for term in run}))
    scored.sort(key=lambda item: (-item[0], item[1]))
    chosen: list[str] = []
    taken: set[str] = set()
    for told, phrase, terms in scored:
        if len(chosen) == most or told < _TELLING * scored[0][0]:
            break
        if not terms & taken:
            chosen.append(phrase)
            taken |= terms
    return tuple(chosen)


def shared_subjects(left: Document, right: Document, most: int = 2) -> tuple[str, ...]:
    """The subjects that two texts share, in the order in which the second names them.

    Parameters
    ----------
    left, right : Document
    most : int

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> left = Document("", "Voters go to the polls.", "en", ())
    >>> shared_subjects(left, Document("", "A general election is held.", "en", ()))
    ('general election',)
    """
    named = _subjects(left).keys() & _subjects(right).keys()
    return tuple(name for name in _subjects(right) if name in named)[:most]


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
def _silent() -> frozenset[str]:
    """English terms that are no reason to relate two events; read once a process."""
    lines = shipped("no_reasons.txt").read_text(encoding="utf-8").splitlines()
    words = (word for line in lines if not line.startswith("#") for word in line.split())
    return frozenset(term for term in (term_of(word, ENGLISH) for word in words) if term is not None)


def _runs(terms: Sequence[str | None], both: set[str]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for start in range(len(terms)):
        run: list[str] = []
        for term in terms[start : start + _LONGEST]:
            if term is None or term not in both:
                break
            run.append(term)
            found.add(tuple(run))
    return found


@lru_cache(maxsize=512)
def _written(document: Document) -> _Written:
    language = primary_language(document.language or ENGLISH)
    terms: list[str | None] = []
    words: dict[str, str] = {}
    for field in (document.title, document.text):
        for token in tokens_of(_ADDRESS.sub(".", field), language):
            term = term_of(token, language) if token[0].isalnum() else None
            terms.append(term)
            if term is not None:
                word = bare(token)
                if term not in words or (word.islower() and not words[term].islower()):
                    words[term] = word
        terms.append(None)
    return _Written(tuple(terms), words)


@lru_cache(maxsize=4096)
def _subjects(document: Document) -> Mapping[str, tuple[str, ...]]:
    """The subjects that a text names in their order, each with the terms by which it names it first."""
    if primary_language(document.language or ENGLISH) != ENGLISH:
        return {}
    subjects: dict[str, tuple[str, ...]] = {}
    for field in (document.title, document.text):
        for named in GenericSubjects.load().find(field):
            if named.subject not in subjects:
                written = (term_of(token, ENGLISH) for token in tokens_of(field[named.start : named.end]))
                subjects[named.subject] = tuple(term for term in written if term is not None)
    return subjects


@lru_cache(maxsize=512)
def _codes(document: Document) -> dict[str, str]:
    return {
        code: spelling for field in (document.title, document.text) for code, spelling in find_codes(field)
    }
