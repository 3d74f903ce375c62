"""Documents -> counted terms.

Three channels: words (stems), phrases (pairs of neighbouring stems) and topics.
"""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.events import primary_language
from relatedness.ranking._codes import find_codes, humps
from relatedness.ranking._settings import calibration_settings
from relatedness.ranking._tokens import (
    END_OF_SENTENCE,
    bare,
    holds_address,
    is_verbatim,
    term_of,
    terms_of,
    tokens_of,
)
from relatedness.ranking._written import WrittenTexts, without_template
from relatedness.topics import PLACES, REFERENCE, EventTopic

CHANNELS = ("words", "phrases", "topics")
WORDS, PHRASES, TOPICS = range(3)
DISTINCTIVE, PLACE, NAMING = np.uint8(1), np.uint8(2), np.uint8(4)
"""The bits of a column's traits; see `relatedness.ranking.column_traits`."""
_FIELDS = 3
TITLE = 0
_AS_WRITTEN = (True, True, False)  # the fields whose words may be shown to readers as reasons
_IMPORTANCE_UNIT = 256
_BLOCK = 65_536  # rows of an array converted to Python numbers at a time


class _Written(dict[str, int]):
    """Maps the written tokens of one language to their numbers in the tables; new tokens are added."""

    def __init__(self, language: str | None, tables: _Tables) -> None:
        self.language = primary_language(language or "en")
        self._tables = tables

    def __missing__(self, token: str) -> int:
        tables = self._tables
        self[token] = number = len(tables.stem)
        tables.add(self._number(token), token, token[0].isupper())
        joined = [term for word in humps(bare(token)) if (term := term_of(word, self.language)) is not None]
        if joined:
            tables.joined[number] = [tables.word_number(term) for term in joined]
        return number

    def _number(self, token: str) -> int:
        if not token[0].isalnum():
            return END_OF_SENTENCE
        term = term_of(token, self.language)
        return -1 if term is None else self._tables.word_number(term)


class _Tables:
    """Per written token: the number of its stem (-1 for a function word), the number of its lower-case form, whether it begins
    with a capital.

    ``joined`` holds the numbers of the words that camel case joins in a token.
    """

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self.stem: list[int] = []
        self.written: list[str] = []
        self.lowered: list[int] = []
        self.capital: list[bool] = []
        self.joined: dict[int, list[int]] = {}
        self._lowered: dict[str, int] = {}

    @property
    def spellings(self) -> list[str]:
        return list(self._lowered)

    def word_number(self, term: str) -> int:
        return self.words.setdefault(term, len(self.words))

    def add(self, stem: int, token: str, capital: bool) -> None:
        self.stem.append(stem)
        self.written.append(token)
        self.lowered.append(self._lowered.setdefault(token.lower(), len(self._lowered)))
        self.capital.append(capital)


@dataclass(frozen=True, slots=True)
class Document:
    """The words and topics of an event, from which its vector is made.

    Parameters
    ----------
    title, text : str
    language : str or None
        Chooses stemmer and function words; unknown languages are read as English.
    topics : sequence of EventTopic
    template : str
        The template text that was removed from ``text``; see `relatedness.templates`.

    Examples
    --------
    >>> Document("Mosul falls", "Militants seize the city.", "en", ()).fields
    ('Mosul falls', 'Militants seize the city.', '')
    """

    title: str
    text: str
    language: str | None
    topics: Sequence[EventTopic]
    template: str = ""

    @property
    def fields(self) -> tuple[str, str, str]:
        """Title, text and template text."""
        return self.title, self.text, self.template


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of some texts as they are written, one after the other."""

    word: NDArray[np.int32]  # numbers of words; below 0 for function words and ends of sentences
    spelling: NDArray[np.int32]  # numbers of ``spellings``: as written, but in lower case
    # Whether it is written with a capital, and whether it begins a field or sentence.
    capital: NDArray[np.bool_]
    first: NDArray[np.bool_]
    spellings: list[str]


_NO_TOKENS = Tokens(
    np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.bool_), np.zeros(0, np.bool_), []
)


@dataclass(frozen=True, slots=True)
class Counts:
    """A batch of documents as counted terms, each channel with numbers of its own.

    Examples
    --------
    >>> counts = count([Document("", "Floods hit Dresden", "en", ())], Config.default())
    >>> counts.terms[WORDS], counts.phrases(), counts.weight[PHRASES].tolist()
    (['flood', 'hit', 'dresden'], ['flood hit', 'hit dresden'], [1.0, 1.0])
    """

    n: int  # the number of documents
    # Per channel, the distinct terms (phrases: left empty, see ``pairs``).
    terms: tuple[list[str], list[str], list[str]]
    pairs: NDArray[np.int64]  # shape (n_phrases, 2): the two word numbers of each phrase
    # Per channel, which document holds which term; each pair once, in order of document.
    document: tuple[NDArray[np.int64], ...]
    term: tuple[NDArray[np.int64], ...]
    # Per channel, how strongly: the dampened count, or the topic's strength; below 0 for a reference, see `strengths_of`.
    weight: tuple[NDArray[np.float64], ...]
    # Whether each phrase that a document holds stands in its title, in the order of its ``document``.
    titled: NDArray[np.bool_]
    tokens: Tokens  # the words as they are written
    texts: WrittenTexts | None  # the tokens of each title and text in order

    def without_tokens(self) -> Counts:
        """The same without the written words, which are not needed once the `Survey` is made."""
        return replace(self, tokens=_NO_TOKENS, texts=None)

    def phrases(self) -> list[str]:
        """The phrases as text: two stems with a space between."""
        return list(phrases_of(self.terms[WORDS], self.pairs))


def phrases_of(words: list[str], pairs: NDArray[np.int64]) -> Iterator[str]:
    """Phrases as text: two stems with a space between, given the numbers of both."""
    return (f"{words[first]} {words[second]}" for first, second in numbers_in(pairs))


def numbers_in(array: NDArray[Any]) -> Iterator[Any]:
    """The rows of an array as Python numbers, in pieces: a list of all would take many times the memory."""
    for start in range(0, len(array), _BLOCK):
        yield from array[start : start + _BLOCK].tolist()


def count(documents: Iterable[Document], config: Config) -> Counts:
    """Split documents into terms and count them.

    A word is a run of letters and digits, cut at its first apostrophe (or, after one letter, begun behind it: d'Italia),
    in lower case, as its stem, without accents. Function words and single letters are dropped, unless written as an
    acronym (``US``, ``U.S.``). A phrase is two of the remaining words that are adjacent in the title or in the text.
    Identifiers (`relatedness.ranking._codes.find_codes`) are words beside those that they are made of, and so, at a
    quarter, are the words that camel case joins (``getUserById``); neither forms phrases. A word's
    or phrase's count is the sum over title, text and template text, each with its `importances`, dampened (`dampen`).
    A topic counts with its `strength`; if a tagger returns a topic twice, the first counts.

    Parameters
    ----------
    config : Config
        Uses ``text.title_weight``, ``text.template_weight`` and the strengths in ``topics``.

    Examples
    --------
    >>> counts = count([Document("", "Floods hit Dresden", "en", ())], Config.default())
    >>> counts.n, counts.terms[WORDS]
    (1, ['flood', 'hit', 'dresden'])
    """
    tables = _Tables()
    written: dict[str | None, _Written] = {}
    names: dict[str, int] = {}
    tokens = array("i")
    field_ends: list[int] = []
    code_field = array("q")
    code_word = array("q")
    languages: list[str] = []
    linked, verbatim = bytearray(), bytearray()
    strengths: dict[tuple[str, str], float] = {}
    topic_document: list[int] = []
    topic_term: list[int] = []
    topic_strength: list[float] = []
    n = 0
    for n, document in enumerate(documents, 1):
        number_of = written.get(document.language)
        if number_of is None:
            number_of = written[document.language] = _Written(document.language, tables)
        languages.append(number_of.language)
        linked.append(False)
        verbatim.append(True)
        for field in document.fields:
            if field:
                linked[-1] |= holds_address(field)
                verbatim[-1] &= is_verbatim(field)
                tokens.extend(map(number_of.__getitem__, tokens_of(field, number_of.language)))
                for code, _ in find_codes(field):
                    code_field.append(len(field_ends))
                    code_word.append(tables.word_number(code))
            field_ends.append(len(tokens))
        for name, share in strengths_of(document.topics, config, strengths).items():
            topic_document.append(n - 1)
            topic_term.append(names.setdefault(name, len(names)))
            topic_strength.append(share)

    token = np.frombuffer(tokens, dtype=np.intc)
    position = np.repeat(np.arange(_FIELDS * n), _steps(field_ends))
    stem = np.array(tables.stem, dtype=np.int32)[token]
    first = np.ones(len(token), dtype=bool)
    first[1:] = (position[1:] != position[:-1]) | (stem[:-1] == END_OF_SENTENCE)
    written_so = Tokens(
        word=stem,
        spelling=np.array(tables.lowered, dtype=np.int32)[token],
        capital=np.array(tables.capital, dtype=bool)[token],
        first=first,
        spellings=tables.spellings,
    )
    begins, title_ends, running = without_template(token, _steps(field_ends), _AS_WRITTEN)
    codes = np.frombuffer(code_field, np.int64)
    in_texts = np.array(_AS_WRITTEN)[codes % _FIELDS]
    texts = WrittenTexts(
        begins=begins,
        title_ends=title_ends,
        token=running,
        term=np.array(tables.stem, dtype=np.int32),
        written=tables.written,
        terms=list(tables.words),
        code_begins=np.searchsorted(codes[in_texts] // _FIELDS, np.arange(n + 1)),
        code=np.frombuffer(code_word, np.int64)[in_texts].astype(np.int32),
        languages=languages,
        english=np.array([language == "en" for language in languages], bool),
        linked=np.frombuffer(linked, bool),
        verbatim=np.frombuffer(verbatim, bool),
    )
    n_words = len(tables.words)
    lengths = np.bincount(position[stem >= 0], minlength=_FIELDS * n).reshape(n, _FIELDS)
    importance = importances(lengths, config).ravel()
    joined_field, joined_word = _joined(token, position, tables)
    kept = stem >= 0
    word, position = stem[kept].astype(np.int64), position[kept]
    follows = position[1:] == position[:-1]
    distinct, phrase = np.unique(word[:-1][follows] * n_words + word[1:][follows], return_inverse=True)
    held_in = np.concatenate([position, np.frombuffer(code_field, np.int64), joined_field])
    counting = np.repeat(
        [1.0, config.text.joined_weight], (len(held_in) - len(joined_field), len(joined_field))
    )
    words = _group(
        held_in // _FIELDS,
        np.concatenate([word, np.frombuffer(code_word, np.int64), joined_word]),
        importance[held_in] * counting,
        n_words,
    )
    where = position[1:][follows]
    phrases = _group(where // _FIELDS, phrase, importance[where], len(distinct))
    in_title = (where // _FIELDS * max(len(distinct), 1) + phrase)[where % _FIELDS == TITLE]
    return Counts(
        n=n,
        terms=(texts.terms, [], list(names)),
        pairs=np.stack(np.divmod(distinct, max(n_words, 1)), axis=1),
        document=(words[0], phrases[0], np.array(topic_document, dtype=np.int64)),
        term=(words[1], phrases[1], np.array(topic_term, dtype=np.int64)),
        weight=(dampen(words[2]), dampen(phrases[2]), np.array(topic_strength, dtype=np.float64)),
        titled=np.isin(phrases[0] * max(len(distinct), 1) + phrases[1], in_title),
        tokens=written_so,
        texts=texts,
    )


def _joined(
    token: NDArray[np.int32], field: NDArray[np.int64], tables: _Tables
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The words that camel case joins in some tokens: the field and the number of each."""
    joins = np.zeros(len(tables.stem), bool)
    joins[list(tables.joined)] = True
    positions = np.flatnonzero(joins[token])
    words = [tables.joined[number] for number in token[positions].tolist()]
    return (
        np.repeat(field[positions], [len(some) for some in words]),
        np.array(list(itertools.chain.from_iterable(words)), np.int64),
    )


def count_one(document: Document, config: Config) -> list[dict[str, float]]:
    """The same as `count` for one document, in plain Python, because for a short text arrays would cost more.

    Returns
    -------
    list of dict
        Per channel, each term of the document with its weight.

    Examples
    --------
    >>> count_one(Document("", "Troops reach Mosul. Troops!", "en", ()), Config.default())[1]
    {'troop reach': 1.0, 'reach mosul': 1.0, 'mosul troop': 1.0}
    """
    language = primary_language(document.language or "en")
    words: dict[str, float] = {}
    phrases: dict[str, float] = {}
    terms = [terms_of(field, language) for field in document.fields]
    lengths = np.array([[len(some) for some in terms]])
    fields = list(zip(document.fields, importances(lengths, config)[0].tolist(), strict=True))
    for some, (_, importance) in zip(terms, fields, strict=True):
        before = None
        for term in some:
            words[term] = words.get(term, 0.0) + importance
            if before is not None:
                phrase = f"{before} {term}"
                phrases[phrase] = phrases.get(phrase, 0.0) + importance
            before = term
    # Sum in the same order as `count`, so that the results are identical.
    for beside, share in ((_codes, 1.0), (_words_joined, config.text.joined_weight)):
        for field, importance in fields:
            for term in beside(field, language):
                words[term] = words.get(term, 0.0) + importance * share
    counted = [
        {term: math.sqrt(total) for term, total in counts.items() if total > 0} for counts in (words, phrases)
    ]
    return [*counted, strengths_of(document.topics, config, {})]


def titled_phrases(document: Document) -> set[str]:
    """The phrases of a document's title, as `count_one` names them.

    Examples
    --------
    >>> sorted(titled_phrases(Document("Troops reach Mosul", "They rest.", "en", ())))
    ['reach mosul', 'troop reach']
    """
    terms = terms_of(document.fields[TITLE], primary_language(document.language or "en"))
    return {f"{first} {second}" for first, second in itertools.pairwise(terms)}


def _codes(text: str, _: str) -> list[str]:
    return [code for code, _ in find_codes(text)]


def _words_joined(text: str, language: str) -> list[str]:
    """The words that camel case joins in the words of a text."""
    words = (word for token in tokens_of(text, language) for word in humps(bare(token)))
    return [term for word in words if (term := term_of(word, language)) is not None]


def as_written(documents: Iterable[Document]) -> dict[str, str]:
    """The words behind the terms of some documents, for people to read.

    Returns
    -------
    dict
        Each word's term to its first spelling; in lower case if that form occurs too, since the capital may only mark the
        beginning of a sentence.

    Examples
    --------
    >>> as_written([Document("", "Boeing's crashes. Another crash of a Boeing.", None, ())])
    {'boe': 'Boeing', 'crash': 'crashes'}
    """
    words: dict[str, str] = {}
    for document in documents:
        tables = _Tables()
        number_of = _Written(document.language, tables)
        tokens = [
            token
            for field in (document.title, document.text)
            for token in tokens_of(field, number_of.language)
        ]
        numbers = [tables.stem[number_of[token]] for token in tokens]
        terms = list(tables.words)
        for token, number in zip(tokens, numbers, strict=True):
            word = bare(token)
            if number >= 0 and (
                terms[number] not in words or (word.islower() and not words[terms[number]].islower())
            ):
                words[terms[number]] = word
        for field in (document.title, document.text):
            for code, spelling in find_codes(field):
                words.setdefault(code, spelling)
    return words


def words_of_names(names: Iterable[str]) -> list[tuple[str, ...]]:
    """The distinct words in each topic name, as the terms that `count` finds in an English text."""
    return list(map(_words_of_name, names))


@lru_cache(maxsize=1 << 17)  # cached because a build needs all names twice
def _words_of_name(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*terms_of(name, "en"), *_codes(name, "en"), *_words_joined(name, "en")]))


def strengths_of(
    topics: Sequence[EventTopic], config: Config, known: dict[tuple[str, str], float]
) -> dict[str, float]:
    """How strongly each topic of an event counts; of equal names the first.

    A reference has a strength below 0, because it counts beside the others, not among them: the more topics an event has, the less
    each counts, but an event that it names stays named. The more it names, or the more identifiers it has itself, the less each
    counts: the squares of a row must stay below 2.

    Parameters
    ----------
    known : dict
        The strengths found so far under this config; is added to.

    Examples
    --------
    >>> strengths_of([EventTopic("XSA-1", "reference", "found"), EventTopic("Xen", "product", "found")], Config.default(), {})
    {'XSA-1': -0.55, 'Xen': 0.5}
    """
    found: dict[str, float] = {}
    references: dict[str, list[str]] = {}
    for topic in topics:
        share = known.get((topic.how, topic.kind))
        if share is None:
            share = known[topic.how, topic.kind] = strength(topic, config)
        if share and topic.name not in found:
            found[topic.name] = share
            if share < 0:
                references.setdefault(topic.how, []).append(topic.name)
    for names in references.values():
        for name in names if len(names) > 1 else ():
            found[name] /= math.sqrt(len(names))
    return found


def strength(topic: EventTopic, config: Config) -> float:
    """How strongly a topic counts in an event's vector, before its IDF; 0 for not at all, below 0 for a reference."""
    if topic.how == "supplied":
        return config.topics.supplied
    if topic.how == "inferred":
        return 0.0
    if topic.kind == REFERENCE:
        references = calibration_settings().references
        full = references.own if topic.how == "parent" else references.named
        return -full * math.sqrt(config.topics.references)
    kind = config.topics.country if topic.kind == "country" else config.topics.place
    found = kind if topic.kind in PLACES else config.topics.other
    return found * config.topics.parent if topic.how == "parent" else found


def _steps(ends: Sequence[int]) -> NDArray[np.int64]:
    return np.diff(np.array([0, *ends], dtype=np.int64)).astype(np.int64)


def _group(
    document: NDArray[np.int64], term: NDArray[np.int64], importance: NDArray[np.float64], n_terms: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Sum the importance of each distinct (document, term), in that order."""
    code, position = np.unique(document * max(n_terms, 1) + term, return_inverse=True)
    total = np.bincount(position, weights=importance, minlength=len(code))
    code, total = code[total > 0], total[total > 0]
    return code // max(n_terms, 1), code % max(n_terms, 1), total.astype(np.float64)


def importances(lengths: NDArray[np.int64], config: Config) -> NDArray[np.float64]:
    """How much one word of each field counts.

    A title summarises its text, so the longer the text, the more each of its words counts: it counts
    ``text.title_weight * sqrt(max(1, words of the text / words of the title))``. A word of template text counts
    ``text.template_weight``, a word of the text itself 1.

    Parameters
    ----------
    lengths : ndarray of int64, shape (n, 3)
        How many words the title, the text and the template text of each document have.

    Returns
    -------
    ndarray of float64, shape (n, 3)
        In whole units of 1/256, so that sums are exact in any order.

    Examples
    --------
    >>> importances(np.array([[8, 32, 0]]), Config.default().change({"text": {"title_weight": 1.5}})).tolist()
    [[3.0, 1.0, 0.125]]
    """
    title, text, _ = lengths.T
    found = np.ones(lengths.shape)
    found[:, 0] = config.text.title_weight * np.sqrt(np.maximum(text / np.maximum(title, 1), 1))
    found[:, 2] = config.text.template_weight
    return np.rint(found * _IMPORTANCE_UNIT) / _IMPORTANCE_UNIT


def dampen(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """The square root of a count: ten mentions count about three times as much as one."""
    return np.sqrt(frequency)
