"""Text and topics -> sparse vectors under frozen statistics (vocabulary, weights).

Three channels share one matrix: words (stems), phrases (pairs of neighbouring stems) and topics. The channel's
weight is folded in, so that one dot product of two rows is the whole weighted sum of cosines. Entries are
fixed-point integers (`WEIGHT_BITS`), which makes every sum exact: no result depends on the order of addition, the
number of threads or the layout of the data.

A term weighs ``(1 + ln tf) * idf``, dampened, and more when the corpus writes it with a capital: names tell
more about what a piece of news is about than other words of the same rarity.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Protocol

import numpy as np
import Stemmer
from numpy.typing import NDArray

from relatedness.config import Config, shipped
from relatedness.events import primary_language
from relatedness.topics import PLACES, EventTopic

CHANNELS = ("words", "phrases", "topics")
WORDS, PHRASES, TOPICS = range(3)
WEIGHT_BITS = 15
_SQUARE_UNIT = float(1 << 20)

# Scripts that are written without spaces: each character is a word, and the phrases bring pairs of them.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_ASCII_TOKEN = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*|[.!?](?=\W|$)")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")  # U.S., U.N.
_HINT_OF_DOTTED = re.compile(
    r"\.[^\W\d_]\."
)  # stands in each of them, and begins with one fixed character: quick to look for
_END_OF_SENTENCE = -2


@cache
def _token_pattern() -> re.Pattern[str]:
    """Words of any script: vowel signs and other marks belong to the letter before them."""
    marks = "".join(map(chr, (c for c in range(0x300, 0x10000) if unicodedata.category(chr(c))[0] == "M")))
    letter = rf"[^\W_{_UNSPACED}][{marks}]*"
    return re.compile(rf"[{_UNSPACED}][{marks}]*|(?:{letter})+(?:['’](?:{letter})+)*|[.!?。！？](?=\W|$)")


@cache
def _languages() -> Mapping[str, tuple[str, frozenset[str]]]:
    loaded = json.loads(shipped("languages.json").read_text(encoding="utf-8"))
    return {code: (entry["stemmer"], frozenset(entry["stopwords"])) for code, entry in loaded.items()}


class _Stemmers(threading.local):
    """The stemmers of a thread: they are not safe to share."""

    def __init__(self) -> None:
        self._known: dict[str, Callable[[str], str]] = {"": str}

    def __getitem__(self, name: str) -> Callable[[str], str]:
        stem = self._known.get(name)
        if stem is None:
            stem = self._known[name] = Stemmer.Stemmer(name).stemWord
        return stem


_stemmers = _Stemmers()


@lru_cache(maxsize=1 << 17)
def _term(token: str, language: str) -> str | None:
    """The term of a token as written; None for a function word."""
    stemmer, function_words = _languages().get(language, ("", frozenset()))
    word = _bare(token).lower()
    acronym = len(token) > 1 and token.isupper()
    if not acronym and (word in function_words or (len(word) == 1 and word.isascii() and word.isalpha())):
        return None
    stem = _stemmers[stemmer](word)
    return stem if stem.isascii() else _without_accents(stem)


class _Written(dict[str, int]):
    """Tokens of one language as written -> their numbers in the tables, which fill as tokens come."""

    def __init__(self, language: str | None, tables: _Tables) -> None:
        self._language = primary_language(language or "en")
        self._tables = tables

    def __missing__(self, token: str) -> int:
        self[token] = number = len(self._tables.stem)
        self._tables.add(self._number(token), token, token[0].isupper())
        return number

    def _number(self, token: str) -> int:
        if not token[0].isalnum():
            return _END_OF_SENTENCE
        term, words = _term(token, self._language), self._tables.words
        return -1 if term is None else words.setdefault(term, len(words))


def _bare(token: str) -> str:
    """A token without the 's of a possessive and the d' of an elision, which are no part of the word."""
    if "'" in token or "’" in token:
        return token[2:] if token[1] in "'’" else re.split("['’]", token, maxsplit=1)[0]
    return token


class _Tables:
    """Per written token: its stem's number (-1 for a function word), its lower case's, whether it is capital."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self.stem: list[int] = []
        self.lowered: list[int] = []
        self.capital: list[bool] = []
        self._lowered: dict[str, int] = {}

    @property
    def spellings(self) -> list[str]:
        return list(self._lowered)

    def add(self, stem: int, token: str, capital: bool) -> None:
        self.stem.append(stem)
        self.lowered.append(self._lowered.setdefault(token.lower(), len(self._lowered)))
        self.capital.append(capital)


def _without_accents(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)) or word


def _tokens(text: str) -> list[str]:
    plain = text.isascii()
    if not plain:
        text = unicodedata.normalize("NFC", text)
    if _HINT_OF_DOTTED.search(text):
        text = _DOTTED.sub(lambda initials: initials[0].replace(".", ""), text)
    return _ASCII_TOKEN.findall(text) if plain else _token_pattern().findall(text)


def _terms(text: str, language: str) -> list[str]:
    """The terms of a text in their order."""
    terms = [_term(token, language) for token in _tokens(text) if token[0].isalnum()]
    return [term for term in terms if term is not None]


@dataclass(frozen=True, slots=True)
class Document:
    """What the vectors are made from: an event's words and topics.

    Parameters
    ----------
    title, text : str
    language : str or None
        Chooses stemmer and function words; unknown ones are taken as English.
    topics : sequence of EventTopic
    """

    title: str
    text: str
    language: str | None
    topics: Sequence[EventTopic]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of some texts as they are written, one after the other.

    Attributes
    ----------
    word : ndarray of int32
        Numbers of words; below 0 for function words and ends of sentences.
    spelling : ndarray of int32
        Numbers of ``spellings``: as written, but in lower case.
    capital, first : ndarray of bool
        Whether it is written with a capital, and whether it begins a field or sentence.
    spellings : list of str
    """

    word: NDArray[np.int32]
    spelling: NDArray[np.int32]
    capital: NDArray[np.bool_]
    first: NDArray[np.bool_]
    spellings: list[str]


@dataclass(frozen=True, slots=True)
class Counts:
    """A batch of documents as counted terms, each channel with numbers of its own.

    Attributes
    ----------
    n : int
        The number of documents.
    terms : tuple of list of str
        Per channel, the distinct terms (phrases: left empty, see ``pairs``).
    pairs : ndarray of int64, shape (n_phrases, 2)
        The two word numbers of each phrase.
    document, term : tuple of ndarray of int64
        Per channel, which document holds which term; each pair once, in order of document.
    weight : tuple of ndarray of float64
        Per channel, how strongly: the dampened count, or the topic's strength.
    tokens : Tokens
        The words as they are written.
    """

    n: int
    terms: tuple[list[str], list[str], list[str]]
    pairs: NDArray[np.int64]
    document: tuple[NDArray[np.int64], ...]
    term: tuple[NDArray[np.int64], ...]
    weight: tuple[NDArray[np.float64], ...]
    tokens: Tokens

    def phrases(self) -> list[str]:
        """The phrases as text: two stems with a space between."""
        return _phrases(self.terms[WORDS], self.pairs)

    def survey(self) -> Survey:
        """What a vocabulary is fitted to."""
        tokens, n_words, n_spellings = self.tokens, len(self.terms[WORDS]), len(self.tokens.spellings)
        is_word, first, capital = tokens.word >= 0, tokens.first, tokens.capital
        begins = is_word & first & capital
        code = tokens.word[begins].astype(np.int64) * n_spellings + tokens.spelling[begins]
        begun, times = np.unique(code, return_counts=True)
        sizes = (n_words, len(self.pairs), len(self.terms[TOPICS]))
        return Survey(
            n=self.n,
            terms=self.terms,
            pairs=self.pairs,
            frequency=tuple(
                np.bincount(numbers, minlength=size) for numbers, size in zip(self.term, sizes, strict=True)
            ),
            occurrences=np.bincount(tokens.word[is_word], minlength=n_words),
            capital=np.bincount(tokens.word[is_word & ~first & capital], minlength=n_words),
            spellings=tokens.spellings,
            inside=np.bincount(tokens.spelling[~first], minlength=n_spellings),
            inside_capital=np.bincount(tokens.spelling[~first & capital], minlength=n_spellings),
            starts=np.stack([*np.divmod(begun, max(n_spellings, 1)), times], axis=1),
        )


def _phrases(words: list[str], pairs: NDArray[np.int64]) -> list[str]:
    return [f"{words[first]} {words[second]}" for first, second in pairs.tolist()]


def count(documents: Iterable[Document], config: Config) -> Counts:
    """Split documents into terms and count them.

    A word is a run of letters and digits, cut at its first apostrophe (or, after one letter, begun behind it: d'Italia),
    in lower case, as its stem, without accents. Function words and single letters fall away, unless written as an
    acronym (``US``, ``U.S.``). A phrase is two words that then stand side by side, in the title or in the text. A
    word's or phrase's count is the sum over title (``text.title_weight``) and text (1), dampened: ``1 + ln`` of it,
    or the count itself where that is below 1. A topic counts with its `strength`; where a
    tagger gives one twice, the first counts.

    Parameters
    ----------
    documents : iterable of Document
    config : Config
        Uses ``text.title_weight`` and the strengths in ``topics``.

    Returns
    -------
    Counts
    """
    tables = _Tables()
    written: dict[str | None, _Written] = {}
    names: dict[str, int] = {}
    tokens = array("i")
    field_ends: list[int] = []
    topic_document: list[int] = []
    topic_term: list[int] = []
    topic_strength: list[float] = []
    strengths: dict[tuple[str, str], float] = {}
    n = 0
    for n, document in enumerate(documents, 1):
        number_of = written.get(document.language)
        if number_of is None:
            number_of = written[document.language] = _Written(document.language, tables)
        for field in (document.title, document.text):
            if field:
                tokens.extend(map(number_of.__getitem__, _tokens(field)))
            field_ends.append(len(tokens))
        seen: set[str] = set()
        for topic in document.topics:
            share = strengths.get((topic.how, topic.kind))
            if share is None:
                share = strengths[topic.how, topic.kind] = strength(topic, config)
            if share > 0 and topic.name not in seen:
                seen.add(topic.name)
                topic_document.append(n - 1)
                topic_term.append(names.setdefault(topic.name, len(names)))
                topic_strength.append(share)

    token = np.frombuffer(tokens, dtype=np.intc)
    place = np.repeat(np.arange(2 * n), _steps(field_ends))
    stem = np.array(tables.stem, dtype=np.int32)[token]
    first = np.ones(len(token), dtype=bool)
    first[1:] = (place[1:] != place[:-1]) | (stem[:-1] == _END_OF_SENTENCE)
    written_so = Tokens(
        word=stem,
        spelling=np.array(tables.lowered, dtype=np.int32)[token],
        capital=np.array(tables.capital, dtype=bool)[token],
        first=first,
        spellings=tables.spellings,
    )
    n_words = len(tables.words)
    kept = stem >= 0
    word, place = stem[kept].astype(np.int64), place[kept]
    importance = np.where(place % 2 == 0, config.text.title_weight, 1.0)
    follows = place[1:] == place[:-1]
    distinct, phrase = np.unique(word[:-1][follows] * n_words + word[1:][follows], return_inverse=True)
    words = _group(place // 2, word, importance, n_words)
    phrases = _group(place[1:][follows] // 2, phrase, importance[1:][follows], len(distinct))
    return Counts(
        n=n,
        terms=(list(tables.words), [], list(names)),
        pairs=np.stack(np.divmod(distinct, max(n_words, 1)), axis=1),
        document=(words[0], phrases[0], np.array(topic_document, dtype=np.int64)),
        term=(words[1], phrases[1], np.array(topic_term, dtype=np.int64)),
        weight=(dampen(words[2]), dampen(phrases[2]), np.array(topic_strength, dtype=np.float64)),
        tokens=written_so,
    )


def count_one(document: Document, config: Config) -> list[dict[str, float]]:
    """What `count` makes of one document, in plain Python: for a short text the arrays would cost more than the work.

    Parameters
    ----------
    document : Document
    config : Config

    Returns
    -------
    list of dict
        Per channel, each term of the document and how strongly it holds it.

    Examples
    --------
    >>> count_one(Document("", "Troops reach Mosul. Troops!", "en", ()), Config.default())[1]
    {'troop reach': 1.0, 'reach mosul': 1.0, 'mosul troop': 1.0}
    """
    language = primary_language(document.language or "en")
    words: dict[str, float] = {}
    phrases: dict[str, float] = {}
    for field, importance in ((document.title, config.text.title_weight), (document.text, 1.0)):
        before = None
        for term in _terms(field, language):
            words[term] = words.get(term, 0.0) + importance
            if before is not None:
                phrase = f"{before} {term}"
                phrases[phrase] = phrases.get(phrase, 0.0) + importance
            before = term
    topics: dict[str, float] = {}
    for topic in document.topics:
        share = strength(topic, config)
        if share > 0:
            topics.setdefault(topic.name, share)
    counted = [
        {term: _dampened(total) for term, total in terms.items() if total > 0} for terms in (words, phrases)
    ]
    return [*counted, topics]


def as_written(documents: Iterable[Document]) -> dict[str, str]:
    """The words behind the terms of some documents, for people to read.

    Parameters
    ----------
    documents : iterable of Document

    Returns
    -------
    dict
        Each word's term to the word as it is first written; in lower case where it is written so too, since a capital
        may be that of the sentence.

    Examples
    --------
    >>> as_written([Document("", "Boeing's crashes. Another crash of a Boeing.", None, ())])
    {'boe': 'Boeing', 'crash': 'crashes'}
    """
    words: dict[str, str] = {}
    for document in documents:
        tables = _Tables()
        number_of = _Written(document.language, tables)
        tokens = [*_tokens(document.title), *_tokens(document.text)]
        numbers = [tables.stem[number_of[token]] for token in tokens]
        terms = list(tables.words)
        for token, number in zip(tokens, numbers, strict=True):
            word = _bare(token)
            if number >= 0 and (
                terms[number] not in words or (word.islower() and not words[terms[number]].islower())
            ):
                words[terms[number]] = word
    return words


@dataclass(frozen=True, slots=True)
class Survey:
    """What has to be known of a part of a corpus to fit a vocabulary to the whole: sums, so that parts can be merged.

    Attributes
    ----------
    n : int
        The number of documents.
    terms : tuple of list of str
        Per channel, as in `Counts`.
    pairs : ndarray of int64, shape (n_phrases, 2)
    frequency : tuple of ndarray of int64
        Per channel, in how many documents each term stands.
    occurrences, capital : ndarray of int64
        Per word, how often it occurs, and how often with a capital inside a sentence.
    spellings : list of str
        Tokens as written, in lower case.
    inside, inside_capital : ndarray of int64
        Per spelling, how often it stands inside a sentence, and how often with a capital.
    starts : ndarray of int64, shape (n_starts, 3)
        Word, spelling, and how often the word begins a sentence so written, with a capital.
    """

    n: int
    terms: tuple[list[str], list[str], list[str]]
    pairs: NDArray[np.int64]
    frequency: tuple[NDArray[np.int64], ...]
    occurrences: NDArray[np.int64]
    capital: NDArray[np.int64]
    spellings: list[str]
    inside: NDArray[np.int64]
    inside_capital: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def capital_share(self) -> NDArray[np.float64]:
        """Per word, the share of its occurrences that are written with a capital because they are names.

        At the start of a field or sentence a capital counts only when that spelling, in lower case, stands inside
        sentences with a capital more often than without.
        """
        word, spelling, times = self.starts.T
        names = (2 * self.inside_capital > self.inside)[spelling]
        at_starts = np.bincount(word[names], weights=times[names], minlength=len(self.capital))
        share: NDArray[np.float64] = (self.capital + at_starts) / np.maximum(self.occurrences, 1)
        return share

    @classmethod
    def merged(cls, parts: Iterable[Survey]) -> Survey:
        """The survey of a whole corpus from those of its parts, in the order of its documents.

        Parameters
        ----------
        parts : iterable of Survey

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

        def total(places: Sequence[NDArray[np.int64]], values: Iterable[Any], size: int) -> Any:
            found = np.zeros(size, np.int64)
            for place, value in zip(places, values, strict=True):
                np.add.at(found, place, value)
            return found

        n_words, n_spellings = len(names[0]), len(names[2])
        pairs = [
            (place[part.pairs] * (n_words, 1)).sum(axis=1) for place, part in zip(words, parts, strict=True)
        ]
        starts = [
            place[part.starts[:, 0]] * n_spellings + spelled[part.starts[:, 1]]
            for place, spelled, part in zip(words, spellings, parts, strict=True)
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


def _numbered(parts: list[NDArray[np.int64]]) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """The distinct values of several arrays, ascending, and where those of each array stand among them."""
    distinct = np.unique(np.concatenate([np.zeros(0, np.int64), *parts]))
    return distinct, [np.searchsorted(distinct, part) for part in parts]


def survey(documents: Iterable[Document], config: Config) -> Survey:
    """Count what a vocabulary is fitted to: a first pass over a part of a corpus, see `fit_survey`."""
    return count(documents, config).survey()


def words_of_names(names: Iterable[str]) -> list[list[str]]:
    """The words that each name of a topic is made of, each once: the terms that `count` finds in an English text."""
    return [list(dict.fromkeys(_terms(name, "en"))) for name in names]


def strength(topic: EventTopic, config: Config) -> float:
    """How strongly a topic counts in an event's vector, before its IDF; 0 for not at all."""
    if topic.how == "supplied":
        return config.topics.supplied
    if topic.how == "inferred":
        return 0.0
    kind = config.topics.country if topic.kind == "country" else config.topics.place
    found = kind if topic.kind in PLACES else config.topics.other
    return found * config.topics.parent if topic.how == "parent" else found


def _steps(ends: Sequence[int]) -> NDArray[np.int64]:
    return np.diff(np.array([0, *ends], dtype=np.int64)).astype(np.int64)


def _group(
    document: NDArray[np.int64], term: NDArray[np.int64], importance: NDArray[np.float64], n_terms: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Each (document, term) once, in that order, with the sum of its importance."""
    code, place = np.unique(document * max(n_terms, 1) + term, return_inverse=True)
    total = np.bincount(place, weights=importance, minlength=len(code))
    code, total = code[total > 0], total[total > 0]
    return code // max(n_terms, 1), code % max(n_terms, 1), total.astype(np.float64)


def dampen(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """A count dampened: ``1 + ln`` of it, and the count itself below 1, so that a title weight under 1 stays positive."""
    return np.where(frequency >= 1, 1 + np.log(np.maximum(frequency, 1)), frequency)


@lru_cache(maxsize=1 << 10)
def _dampened(frequency: float) -> float:
    return float(dampen(np.array([frequency]))[0])


class Vocabulary(Protocol):
    """What is known of terms, frozen since it was fitted."""

    @property
    def n_events(self) -> int:
        """The number of events that it was fitted on."""
        ...

    @property
    def pivots(self) -> Sequence[float]:
        """Per channel, the mean squared length of a vector before it is normalised."""
        ...

    def find(self, channel: int, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The column of each term (-1 where it is unknown) and its weight (any number where it is)."""
        ...


@dataclass(frozen=True, slots=True)
class Weighed:
    """The terms of some `Counts` with their columns and weights.

    Attributes
    ----------
    column : tuple of ndarray of int64
        Per channel and term, its column, or -1 where the matrix has none.
    weight : tuple of ndarray of float64
        Per channel and term, what one occurrence weighs.
    pivots : sequence of float
        Per channel, the mean squared length.
    """

    column: tuple[NDArray[np.int64], ...]
    weight: tuple[NDArray[np.float64], ...]
    pivots: Sequence[float]


@dataclass(frozen=True, slots=True)
class FittedVocabulary:
    """The vocabulary of a corpus: column ``i`` is ``terms[i]`` of channel ``channels[i]``.

    Attributes
    ----------
    n_events : int
    pivots : sequence of float
        Per channel, the mean squared length of a vector before it is normalised.
    terms : list of str
    channels : ndarray of uint8
    frequency : ndarray of int64
        In how many events each term stands.
    weight : ndarray of float64
        What one occurrence weighs: `idf`, raised for names.
    """

    n_events: int
    pivots: Sequence[float]
    terms: list[str]
    channels: NDArray[np.uint8]
    frequency: NDArray[np.int64]
    weight: NDArray[np.float64]

    def find(self, channel: int, terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """See `Vocabulary`."""
        columns = np.flatnonzero(self.channels == channel).tolist()
        place = {self.terms[column]: column for column in columns}
        column = np.array([place.get(term, -1) for term in terms], dtype=np.int64)
        return column, np.where(column >= 0, self.weight[column], 0.0)

    def spell(self, columns: NDArray[np.uint32]) -> list[str]:
        """The terms of some columns."""
        return [self.terms[column] for column in columns.tolist()]

    def rows(self) -> Iterator[tuple[int, int, str, int, float]]:
        """Every term as the store keeps it: column, channel, term, document frequency, weight."""
        return zip(
            range(len(self.terms)),
            self.channels.tolist(),
            self.terms,
            self.frequency.tolist(),
            self.weight.tolist(),
            strict=True,
        )

    def pivoted(self, squares: NDArray[np.float64]) -> FittedVocabulary:
        """The same statistics with the pivots that follow from the `square_sums` of the corpus."""
        return replace(self, pivots=(squares / _SQUARE_UNIT / max(self.n_events, 1)).tolist())

    def extended(self, new: NewTerms) -> FittedVocabulary:
        """The same statistics with further terms behind those that there are."""
        return replace(
            self,
            terms=[*self.terms, *new.terms],
            channels=np.concatenate([self.channels, new.channels]),
            frequency=np.concatenate([self.frequency, np.zeros(len(new.terms), np.int64)]),
            weight=np.concatenate([self.weight, new.weight]),
        )


def fit(counts: Counts, config: Config) -> tuple[FittedVocabulary, Weighed]:
    """Freeze the statistics of a corpus.

    Parameters
    ----------
    counts : Counts
        The whole corpus.
    config : Config
        Phrases in fewer than ``text.phrase_events`` events get no column; they count as never seen.

    Returns
    -------
    FittedVocabulary
        The words of its topics' names are in it, be they in no text.
    Weighed
        The terms of ``counts`` in it.
    """
    vocabulary, weighed = _fit(counts.survey(), config)
    vocabulary = vocabulary.pivoted(square_sums(counts, weighed))
    return vocabulary, replace(weighed, pivots=vocabulary.pivots)


def fit_survey(found: Survey, config: Config) -> FittedVocabulary:
    """Freeze the statistics of a corpus that no machine holds as a whole, as `fit` does, but for the pivots.

    Parameters
    ----------
    found : Survey
        Of the whole corpus: `Survey.merged` from those of its parts.
    config : Config

    Returns
    -------
    FittedVocabulary
        Its pivots are 0: they ask for a second pass. The sum of `square_sums` over all parts, weighed by this
        vocabulary, goes into `FittedVocabulary.pivoted`; then it equals that of `fit`.
    """
    return _fit(found, config)[0]


def square_sums(counts: Counts, weighed: Weighed) -> NDArray[np.float64]:
    """Per channel, the squared lengths of some documents' vectors, summed up: whole numbers, exact in any order."""
    return np.array(
        [_squares(counts, channel, weight).sum() for channel, weight in enumerate(weighed.weight)]
    )


def _fit(found: Survey, config: Config) -> tuple[FittedVocabulary, Weighed]:
    in_texts = set(found.terms[WORDS])
    named = dict.fromkeys(itertools.chain.from_iterable(words_of_names(found.terms[TOPICS])))
    only_named = [word for word in named if word not in in_texts]
    sizes = (len(found.terms[WORDS]), len(found.pairs), len(found.terms[TOPICS]))
    frequency = [numbers.copy() for numbers in found.frequency]
    known = frequency[PHRASES] >= config.text.phrase_events
    frequency[PHRASES][~known] = 0
    powers = (config.text.idf_power, config.text.idf_power, config.topics.idf_power)
    weight = [idf(numbers, found.n, power) for numbers, power in zip(frequency, powers, strict=True)]
    weight[WORDS] *= 1 + config.text.name_boost * found.capital_share
    # What only titles that count nothing hold is as good as unseen.
    weight[WORDS][frequency[WORDS] == 0] = unseen_weights(found.n, config)[WORDS]
    phrases = np.flatnonzero(known)
    starts = np.cumsum([0, sizes[WORDS] + len(only_named), len(phrases), sizes[TOPICS]])
    phrase_column = np.full(len(known), -1, dtype=np.int64)
    phrase_column[phrases] = np.arange(starts[PHRASES], starts[TOPICS])
    column = (np.arange(sizes[WORDS]), phrase_column, np.arange(starts[2], starts[3]))
    no_pivots = [0.0] * len(CHANNELS)
    vocabulary = FittedVocabulary(
        n_events=found.n,
        pivots=no_pivots,
        terms=[
            *found.terms[WORDS],
            *only_named,
            *_phrases(found.terms[WORDS], found.pairs[phrases]),
            *found.terms[TOPICS],
        ],
        channels=np.repeat(np.arange(len(CHANNELS), dtype=np.uint8), np.diff(starts)),
        frequency=np.concatenate(
            [
                frequency[WORDS],
                np.zeros(len(only_named), np.int64),
                frequency[PHRASES][phrases],
                frequency[TOPICS],
            ]
        ),
        weight=np.concatenate(
            [
                weight[WORDS],
                np.full(len(only_named), unseen_weights(found.n, config)[WORDS]),
                weight[PHRASES][phrases],
                weight[TOPICS],
            ]
        ),
    )
    return vocabulary, Weighed(column, tuple(weight), no_pivots)


def locate(counts: Counts, vocabulary: Vocabulary, config: Config) -> Weighed:
    """Find the terms of some documents in a frozen vocabulary; unknown ones weigh what the rarest weigh."""
    unseen = unseen_weights(vocabulary.n_events, config)
    columns, weights = [], []
    for channel, terms in enumerate((counts.terms[WORDS], counts.phrases(), counts.terms[TOPICS])):
        column, weight = vocabulary.find(channel, terms)
        columns.append(column)
        weights.append(np.where(column >= 0, weight, unseen[channel]))
    return Weighed(tuple(columns), tuple(weights), vocabulary.pivots)


@dataclass(frozen=True, slots=True)
class NewTerms:
    """Terms that a frozen vocabulary is extended by, in the order of their columns.

    Attributes
    ----------
    terms : list of str
    channels : ndarray of uint8
    weight : ndarray of float64
        What one occurrence weighs: that of a term that was never seen.
    name_words : list of list of int
        The columns of the words in each topic's name; empty for words.
    """

    terms: list[str]
    channels: NDArray[np.uint8]
    weight: NDArray[np.float64]
    name_words: list[list[int]]


def extend(
    counts: Counts, vocabulary: Vocabulary, n_columns: int, config: Config
) -> tuple[Weighed, NewTerms]:
    """Find the terms of new events in a frozen vocabulary, and give those that are new columns of their own.

    What a term weighs depends on nothing but the frozen statistics, so that it does not matter when it came. New
    phrases get no column until the statistics are fitted again: most never come a second time.

    Parameters
    ----------
    counts : Counts
        The new events.
    vocabulary : Vocabulary
    n_columns : int
        Its columns: the new ones come behind them.
    config : Config

    Returns
    -------
    Weighed
    NewTerms
    """
    weighed = locate(counts, vocabulary, config)
    column = [found.copy() for found in weighed.column]
    topics = np.flatnonzero(column[TOPICS] < 0)
    names = words_of_names(counts.terms[TOPICS][topic] for topic in topics)
    words = [counts.terms[WORDS][word] for word in np.flatnonzero(column[WORDS] < 0)]
    # Of the words in names, those that are neither in the vocabulary nor in the new events.
    named = list(dict.fromkeys(itertools.chain.from_iterable(names)))
    known, _ = vocabulary.find(WORDS, named)
    place_of = {word: place for word, place in zip(named, known.tolist(), strict=True) if place >= 0}
    met = {*words, *place_of}
    words += [word for word in named if word not in met]
    place_of.update((word, place) for place, word in enumerate(words, n_columns))
    new_words = np.flatnonzero(column[WORDS] < 0)
    column[WORDS][new_words] = np.arange(n_columns, n_columns + len(new_words))
    column[TOPICS][topics] = np.arange(len(topics)) + n_columns + len(words)
    no_words: list[list[int]] = [[] for _ in words]
    name_words = [*no_words, *([place_of[word] for word in name] for name in names)]
    unseen = unseen_weights(vocabulary.n_events, config)
    channels = np.repeat(np.array([WORDS, TOPICS], np.uint8), (len(words), len(topics)))
    return Weighed(tuple(column), weighed.weight, weighed.pivots), NewTerms(
        terms=[*words, *(counts.terms[TOPICS][topic] for topic in topics)],
        channels=channels,
        weight=np.array(unseen)[channels],
        name_words=name_words,
    )


def unseen_weights(n_events: int, config: Config) -> tuple[float, float, float]:
    """Per channel, what a term weighs that the corpus does not hold: such words are nearly always names."""
    text, topics = (_idf_of_none(n_events, of.idf_power) for of in (config.text, config.topics))
    return text * (1 + config.text.name_boost), text, topics


@lru_cache(maxsize=16)
def _idf_of_none(n_events: int, power: float) -> float:
    return float(idf(np.zeros(1, np.int64), n_events, power)[0])


def idf(frequency: NDArray[np.int64], n_events: int, power: float) -> NDArray[np.float64]:
    """Inverse document frequency, ``ln(1 + (1 + N) / (1 + df)) ** power``.

    Parameters
    ----------
    frequency : ndarray of int64
        In how many events each term stands.
    n_events : int
        The number of events.
    power : float
        Below 1 it brings frequent and rare terms closer together.

    Returns
    -------
    ndarray of float64, same shape
        Above 0, also for what every event holds.

    Examples
    --------
    >>> import numpy as np
    >>> idf(np.array([99, 0]), 99, power=1.0).round(3).tolist()
    [0.693, 4.615]
    """
    return np.log1p((1 + n_events) / (1 + np.minimum(frequency, n_events))) ** power


def pivoted_length(
    squares: NDArray[np.float64], mean_square: float | NDArray[np.float64], pivot: float
) -> NDArray[np.float64]:
    """What a vector is divided by: ``sqrt(|x|^2 + pivot * mean |x|^2)``.

    After the pivoted length normalisation of Singhal, Buckley and Mitra, SIGIR 1996.

    Parameters
    ----------
    squares : ndarray of float64
        The squared length of each vector.
    mean_square : float or ndarray of float64
        Their mean over the corpus.
    pivot : float
        0 gives the cosine; the higher, the less a short text gains by being short.

    Returns
    -------
    ndarray of float64, same shape
        Above 0, also for an empty vector.

    Examples
    --------
    >>> pivoted_length(np.array([16.0]), 9.0, pivot=1.0).tolist()
    [5.0]
    """
    # Never below one unit: terms may be given next to no weight.
    return np.sqrt(np.maximum(squares, 1 / _SQUARE_UNIT) + pivot * mean_square)


def _squares(counts: Counts, channel: int, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    # As whole numbers, whose float64 sums are exact: the order of the terms cannot matter.
    return np.rint((counts.weight[channel] * weight[counts.term[channel]]) ** 2 * _SQUARE_UNIT)


@dataclass(frozen=True, slots=True)
class Vectors:
    """Events as rows of one sparse matrix in compressed rows.

    Attributes
    ----------
    indptr : ndarray of uint64, shape (n + 1,)
    columns : ndarray of uint32, shape (nnz,)
        Ascending within a row.
    values : ndarray of uint16, shape (nnz,)
        ``round(x * 2**15)``, at least 1.
    """

    indptr: NDArray[np.uint64]
    columns: NDArray[np.uint32]
    values: NDArray[np.uint16]

    @property
    def arrays(self) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint16]]:
        """``indptr``, ``columns`` and ``values``."""
        return self.indptr, self.columns, self.values

    def row(self, number: int) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
        """The columns and values of one row."""
        start, end = int(self.indptr[number]), int(self.indptr[number + 1])
        return self.columns[start:end], self.values[start:end]

    def take(self, rows: slice | NDArray[np.int64]) -> Vectors:
        """Some of the rows, in the given order."""
        if isinstance(rows, slice):
            bounds = self.indptr[rows.start : rows.stop + 1]
            first, last = int(bounds[0]), int(bounds[-1])
            return Vectors(bounds - bounds[0], self.columns[first:last], self.values[first:last])
        starts, ends = self.indptr[rows].astype(np.int64), self.indptr[rows + 1].astype(np.int64)
        sizes = ends - starts
        indptr = np.zeros(len(rows) + 1, np.uint64)
        indptr[1:] = np.cumsum(sizes)
        inside = np.repeat(starts - indptr[:-1].astype(np.int64), sizes) + np.arange(sizes.sum())
        return Vectors(indptr, self.columns[inside], self.values[inside])


def channel_shares(config: Config) -> NDArray[np.float64]:
    """The weights of words, phrases and topics as shares that sum to 1, float64, shape (3,)."""
    weights = np.array([config.weights.words, config.weights.phrases, config.weights.topics])
    return weights / weights.sum()  # type: ignore[no-any-return]


def encode(counts: Counts, weighed: Weighed, config: Config) -> Vectors:
    """Make the vectors of documents.

    Parameters
    ----------
    counts : Counts
    weighed : Weighed
        Terms without a column count towards the length of the vector (an event is not nearer to others because
        half of its words are unknown) but have no entry.
    config : Config

    Returns
    -------
    Vectors
        ``counts.n`` rows. Within a channel an entry is ``x / sqrt(|x|^2 + pivot * mean |x|^2)`` times the root of
        the channel's share: a soft cosine in which very short texts do not win for being short (after the
        pivoted length normalisation of Singhal, Buckley and Mitra, SIGIR 1996). The dot product of two rows is
        the weighted sum of the channels' cosines in units of ``2**-30``, up to the rounding of the entries:
        those that round to 0 vanish.
    """
    rows, places, entries = [], [], []
    for channel, share in enumerate(channel_shares(config)):
        document, term = counts.document[channel], counts.term[channel]
        squares = _squares(counts, channel, weighed.weight[channel])
        total = np.bincount(document, weights=squares, minlength=counts.n) / _SQUARE_UNIT
        length = pivoted_length(total, weighed.pivots[channel], config.text.length_pivot)
        value = np.minimum(counts.weight[channel] * weighed.weight[channel][term] / length[document], 1.0)
        fixed = np.rint(value * np.sqrt(share) * (1 << WEIGHT_BITS)).astype(np.uint16)
        column = weighed.column[channel][term]
        kept = (column >= 0) & (fixed > 0)
        rows.append(document[kept])
        places.append(column[kept])
        entries.append(fixed[kept])
    row, column, entry = np.concatenate(rows), np.concatenate(places), np.concatenate(entries)
    order = np.argsort(row * (column.max(initial=0) + 1) + column)  # no two are the same
    indptr = np.zeros(counts.n + 1, dtype=np.uint64)
    indptr[1:] = np.cumsum(np.bincount(row, minlength=counts.n))
    return Vectors(indptr, column[order].astype(np.uint32), entry[order])


def encode_one(
    terms: Sequence[Mapping[str, float]],
    located: Sequence[Sequence[tuple[int, float]]],
    vocabulary: Vocabulary,
    config: Config,
) -> Vectors:
    """What `encode` makes of one document.

    Parameters
    ----------
    terms : sequence of mapping
        From `count_one`.
    located : sequence of sequence of (int, float)
        Per channel and term, its column and weight as `Vocabulary.find` gives them.
    vocabulary : Vocabulary
        Whose pivots hold, and how much unknown terms weigh.
    config : Config

    Returns
    -------
    Vectors
        One row, bit for bit that of `encode`.
    """
    weighed = [
        [
            (column, strong * (weight if column >= 0 else unknown))
            for strong, (column, weight) in zip(held.values(), found, strict=True)
        ]
        for held, found, unknown in zip(
            terms, located, unseen_weights(vocabulary.n_events, config), strict=True
        )
    ]
    squares = [sum([round(weight * weight * _SQUARE_UNIT) for _, weight in some]) for some in weighed]
    lengths = pivoted_length(
        np.array(squares) / _SQUARE_UNIT, np.array(vocabulary.pivots), config.text.length_pivot
    )
    roots = np.sqrt(channel_shares(config))
    entries: list[tuple[int, int]] = []
    for some, length, root in zip(weighed, lengths.tolist(), roots.tolist(), strict=True):
        for column, weight in some:
            fixed = round(min(weight / length, 1.0) * root * (1 << WEIGHT_BITS))
            if column >= 0 and fixed > 0:
                entries.append((column, fixed))
    entries.sort()
    return Vectors(
        np.array([0, len(entries)], np.uint64),
        np.array([column for column, _ in entries], np.uint32),
        np.array([fixed for _, fixed in entries], np.uint16),
    )
