"""The words and phrases that two texts share, as a reader would say them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache, lru_cache
from itertools import pairwise
from typing import cast

from relatedness.caching import cached_property
from relatedness.events import primary_language
from relatedness.languages import ENGLISH
from relatedness.ranking._codes import find_codes
from relatedness.ranking._counts import Document
from relatedness.ranking._reason_words import (
    ALONE,
    BEGINS,
    CAPITAL,
    ENDS,
    PLAIN,
    SMALL,
    role_of,
    subject_terms,
)
from relatedness.ranking._settings import reason_settings
from relatedness.ranking._tokens import bare, term_of, terms_of, tokens_of
from relatedness.topics import GenericSubjects

_LONGEST = 4  # words of a phrase
_MOST_TOKENS = 1 << 17  # remembered of a language
_PIECES = re.compile(r"[\W_]+")
# Where a phrase ends inside a sentence: "2010 hurricane season: Tropical Storm Paula", "functions, duties".
_PAUSE = re.compile(
    r"(?<![,:;)\]”\"»])[,:;)\]”\"»]+(?=\s|$)|(?:^|(?<=\s))[(\[“\"«]+|(?<=\s)[-–—]+(?=\s)|[，：；、（）「」《》]+|\n\s*\n"
)
# Looked for first: all that a pause begins with.
_OF_PAUSES = re.compile(r"[,:;)\]”\"»(\[“«\-–—，：；、（）「」《》\n]")
_TAIL = 60  # letters that hold the last word before a pause
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
                here = 0
                for start, end in [*_pauses(text), (len(text), 0)]:
                    tokens += tokens_of(text[here:start], self.language)
                    tokens.append(".")
                    here = end
        return [known[token] for token in tokens]

    @cached_property
    def ends(self) -> Set[str | None]:
        """The terms before pauses inside sentences, without reading all of the text."""
        known = _read(self.language)
        found: set[str | None] = set()
        for field in self._fields:
            for start, _ in _pauses(field):
                tail = field[max(0, start - _TAIL) : start]
                tokens = tokens_of(tail, self.language)
                if tokens:
                    found.add(known[tokens[-1]][0])
        return found

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


def _pauses(text: str) -> list[tuple[int, int]]:
    """Where the pauses in a text stand."""
    found, here = [], 0
    for sign in _OF_PAUSES.finditer(text):
        if sign.start() >= here and (pause := _PAUSE.match(text, sign.start())):
            here = pause.end()
            found.append(pause.span())
    return found


@lru_cache(maxsize=4096)
def _terms_of_subject(written: str) -> tuple[str, ...]:
    terms = (term_of(token, ENGLISH) for token in tokens_of(written))
    return tuple(term for term in terms if term is not None)


@lru_cache(maxsize=4096)
def _is_noun(written: str) -> bool:
    """Whether the words by which a text names a subject are one noun."""
    terms = _terms_of_subject(written)
    return len(terms) == 1 and role_of(written.lower(), terms[0], english=True) & ENDS != 0


@lru_cache(maxsize=4096)
def _as_phrase(left: str, right: str) -> str:
    """The words by which two texts name a subject, if readers would say them; in lower case where either text does so."""
    words = [bare(token) for token in tokens_of(right)]
    terms = [term_of(word, ENGLISH) for word in words]
    roles = [
        role_of(word, term, english=True) for word, term in zip(words, terms, strict=True) if term is not None
    ]
    if not _reads_well(roles):
        return ""
    return " ".join((left if left.islower() else right).split())


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
    *,
    least: float = 0.0,
    beside: Set[str] | None = None,
) -> tuple[str, ...]:
    """The subjects, phrases and words that two texts share and that weigh most.

    A phrase is a run of up to four content words that both texts write one after another; the rarer its words in the
    corpus, the more it weighs. A subject (`relatedness.topics.GenericSubjects`) is shared in whatever words; it weighs what the
    words weigh by which the text names it that names it in more common ones. A word that a chosen phrase or subject
    holds is not named again. In English a word stands alone only if it is a noun or a name, and a phrase holds no
    verb and ends with a noun (`relatedness.ranking._reason_words`).

    Parameters
    ----------
    left, right : Wording
    weights : callable
        The weights of terms in the corpus; terms that it leaves out say nothing.
    most : int
        How many phrases and words at most.
    significant : callable, optional
        Of pairs of neighbouring terms those that make a phrase, see `log_likelihood`; all do where it is not given.
    least : float
        The weight that a word needs to stand alone, unless it names a subject or nothing better is shared.
    beside : set of str, optional
        The terms of names that are shown beside them, which say nothing again. General words are then no better than
        nothing.

    Returns
    -------
    tuple of str
        As the second text writes them, in lower case where either text does so; empty where nothing is shared, or
        nothing but numbers, times, verbs and the words of forms and reports.

    Examples
    --------
    >>> left = Wording(Document("", "A hot air balloon crashes near the river.", "en", ()))
    >>> right = Wording(Document("", "Tourists die as their hot air balloon catches fire.", "en", ()))
    >>> shared_phrases(left, right, lambda terms: dict.fromkeys(terms, 1.0))
    ('hot air balloon',)
    """
    both = left.words.keys() & right.words.keys()
    codes = left.codes.keys() & right.codes.keys()
    named = shared_subjects(left, right, weights)
    if not (both or codes or named):
        return ()
    single = both | codes if codes else both
    weight = weights(list(single))
    english = right.language == ENGLISH
    hushed = beside or frozenset()
    written = {term: _written(term, left, right) for term in single}
    roles = {term: role_of(word, term, english=english) for term, word in written.items()}
    enough, of_subjects = least * least, subject_terms() if english else frozenset[str]()
    inside = _inside(codes, left, right) if codes else frozenset[str]()
    rules = reason_settings().phrases
    # What tells; nouns that are frequent; and what is too general, unless there is nothing else.
    found: tuple[list[tuple[float, tuple[str, ...], str]], ...] = (named, [], [])
    for term in single:
        if term not in weight or term in hushed or term in inside or not roles[term] & (ALONE | PLAIN):
            continue
        told, share, level = weight[term] * weight[term], rules.word, 2
        if roles[term] & ALONE:
            named_alone = term in of_subjects
            level = 0 if named_alone or told >= enough else 1
            share = rules.subject if named_alone else 1.0 if term in codes and level == 0 else rules.word
        found[level].append((share * told, (term,), written[term]))
    neighbours = left.pairs & right.pairs
    if neighbours:
        if significant is not None:
            neighbours = neighbours & significant(list(neighbours))
        runs = _phrases(left.terms, neighbours) & _phrases(right.terms, neighbours) if neighbours else ()
        for run in runs:
            heard = [term for term in run if term not in hushed]
            if (
                all(term in weight for term in run)
                and _reads_well([roles[term] for term in run])
                and not all(term in inside for term in run)
                and any(roles[term] & (ALONE | PLAIN) for term in heard)
            ):
                level = 0 if any(roles[term] & ALONE for term in heard) else 2
                found[level].append((_told(heard, weight), run, " ".join([written[term] for term in run])))
    scored = found[0] or found[1] or (found[2] if beside is None else [])
    if not scored:
        return ()
    share = rules.further * max(scored)[0]
    return chosen_of([(-told, name, terms) for told, terms, name in scored if told >= share], most)


def shared_subjects(
    left: Wording, right: Wording, weights: Callable[[Sequence[str]], Mapping[str, float]]
) -> list[tuple[float, tuple[str, ...], str]]:
    """The subjects that two texts name in different words, or in the same words that are no noun.

    Parameters
    ----------
    left, right : Wording
    weights : callable
        As for `shared_phrases`.

    Returns
    -------
    list of tuple
        What each tells, the terms of the words by which both name it, and how to say it.
    """
    if left.subjects.keys().isdisjoint(right.subjects):
        return []
    return [
        told
        for name, mine in left.subjects.items()
        if (theirs := right.subjects.get(name)) is not None
        and (told := told_by_subject(name, mine, theirs, weights)) is not None
    ]


def told_by_subject(
    name: str, mine: str, theirs: str, weights: Callable[[Sequence[str]], Mapping[str, float]]
) -> tuple[float, tuple[str, ...], str] | None:
    """What a subject tells that two texts name by some words, as `shared_subjects` gives it; None for nothing, or no more than the words."""
    ways, said = (_terms_of_subject(mine), _terms_of_subject(theirs)), name
    if set(ways[0]) == set(ways[1]):
        if _is_noun(theirs):
            return None  # which says as much
        said = _as_phrase(mine, theirs) or name
    weight = weights([*ways[0], *ways[1]])
    # Each term once, in order: the order of a set, and with it a sum of floats, differs from process to process.
    told = min(_told(dict.fromkeys(run), weight) for run in ways)
    return (reason_settings().phrases.subject * told, (*ways[0], *ways[1]), said) if told else None


def _inside(codes: Set[str], left: Wording, right: Wording) -> Set[str]:
    """The terms that shared identifiers are made of, and identifiers that stand in longer ones: github.com/curl holds github.com."""
    spelled = {text.codes[code] for code in codes for text in (left, right)}
    pieces = {
        term
        for spelling in spelled
        for words in (spelling, _PIECES.sub(" ", spelling))
        for term in terms_of(words, ENGLISH)
    }
    # Spaces at the ends and around the joints: PROJ-10 does not stand in PROJ-1000.
    parted = {code: " " + _PIECES.sub(r" \g<0> ", code) + " " for code in codes}
    together = "\n".join(parted.values())
    return (pieces - codes) | {code for code, parts in parted.items() if together.count(parts) > 1}


def _reads_well(roles: Sequence[int]) -> bool:
    """Whether words make a phrase that readers would say: no verb among them, a noun at its end, no name begins inside it."""
    return (
        bool(roles)  # no term is left of on_call
        and all(roles)
        and bool(roles[0] & BEGINS and roles[-1] & ENDS)
        and not any(first & SMALL and second & CAPITAL for first, second in pairwise(roles))
    )


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
    # Not `sum`, which rounds otherwise from Python 3.12 on.
    for term in run:
        value = weight.get(term, 0.0)
        told += value * value
    return told


def _written(term: str, left: Wording, right: Wording) -> str:
    """A term as the second text writes it, but in lower case where either does so."""
    mine = left.words.get(term, "")
    return mine if mine.islower() else right.words.get(term) or mine or right.codes.get(term, term)


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
