"""The slow truth: from events and their topics to the final lists, in plain Python, one number at a time.

It shares nothing with the library but the settings, the stop word lists, the stemmers and plurals, the tokenizers of unspaced scripts,
the parts of compounds and the detection of languages. Everything is a dict from a name to a number, every loop goes over everything,
and whole numbers are Python's own.
"""

from __future__ import annotations

import itertools
import json
import math
import string
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import Stemmer

from relatedness.config import Config
from relatedness.dates import UNDATED
from relatedness.events import Event
from relatedness.languages import (
    MARKED,
    SEAM,
    base_form,
    compound_parts,
    language_of,
    levelled,
    segment,
    spoken,
)
from relatedness.settings import RecencySettings
from relatedness.shipped import shipped
from relatedness.topics import PLACES, EventTopic

PARTS = ("words", "phrases", "topics", "neighbours", "title", "category", "meaning")
CHANNELS = PARTS[:3]
UNITS = 10_000_000
_ENTRY = 2**15
_SQUARES = 2**20
_TABLE_DAYS = 50_000

_LANGUAGES = json.loads(shipped("languages.json").read_text(encoding="utf-8"))
_STEMMERS: dict[str, Callable[[str], str]] = {}
_SENTENCE_MARKS = ".!?。！？"
_APOSTROPHES = "'’"
_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xF900, 0xFAFF),
)  # fmt: skip


# --- words ---------------------------------------------------------------------------------------------------


def _alone(letter: str) -> bool:
    """Whether the letter is a word by itself: its script puts no spaces between words."""
    return any(low <= ord(letter) <= high for low, high in _UNSPACED)


def tokens(text: str, language: str | None = "en") -> list[str]:
    """Words as written, and the marks that end a sentence.

    Initials are one word (U.S. = US); an apostrophe between letters belongs to the word; letters of scripts
    without spaces stand alone; a sentence mark counts where no word character follows it.
    """
    text = _without_dots(unicodedata.normalize("NFC", text))
    found = []
    place = 0
    while place < len(text):
        here = text[place]
        after = text[place + 1 : place + 2]
        end = place + 1
        if _is_letter(here):
            end = _end_of_letters(text, place)
            while text[end : end + 1] in tuple(_APOSTROPHES) and _is_letter(text[end + 1 : end + 2]):
                end = _end_of_letters(text, end + 1)
            word = text[place:end]
            found += compound_parts(word, primary(language or "en")) or [word]
        elif _alone(here) and segment("", primary(language or "en")) is not None:
            while end < len(text) and _alone(text[end]):
                end += 1
            words = segment(text[place:end], primary(language or "en"))
            found += [word for word in words if word[0].isalnum()]
        elif here.isalnum():
            while unicodedata.category(text[end : end + 1] or " ")[0] == "M":
                end += 1
            found.append(text[place:end])
        elif here in _SENTENCE_MARKS and not (after.isalnum() or after == "_"):
            found.append(here)
        place = end
    return found


def _is_letter(character: str) -> bool:
    return character.isalnum() and not _alone(character)


def _end_of_letters(text: str, place: int) -> int:
    """Where the run of letters ends; marks belong to the letter that they stand on."""
    while place < len(text) and (_is_letter(text[place]) or unicodedata.category(text[place])[0] == "M"):
        place += 1
    return place


def _without_dots(text: str) -> str:
    """U.S. and U.N. without their dots: two or more single letters, each with a dot, that begin a word."""
    out = []
    place = 0
    while place < len(text):
        begins = place == 0 or not (text[place - 1].isalnum() or text[place - 1] == "_")
        end = place
        while begins and text[end : end + 1].isalpha() and text[end + 1 : end + 2] == ".":
            end += 2
        if end - place >= 4:
            out.append(text[place:end].replace(".", ""))
            place = end
        else:
            out.append(text[place])
            place += 1
    return "".join(out)


def _without_apostrophe(token: str) -> str:
    token = token.split(SEAM)[0]
    return token[2:] if token[1:2] in tuple(_APOSTROPHES) else token.replace("’", "'").split("'")[0]


def _no_reasons() -> set[str | None]:
    """The terms of English words that never relate two events."""
    lines = shipped("no_reasons.txt").read_text(encoding="utf-8").splitlines()
    return {stem(word, "en") for line in lines if not line.startswith("#") for word in line.split()}


def is_mark(token: str) -> bool:
    """Whether the token is the end of a sentence."""
    return token in _SENTENCE_MARKS


def stem(token: str, language: str | None) -> str | None:
    """The term that a token counts as; None for function words and single Latin letters.

    What follows an apostrophe is dropped (Obama's), unless one letter stands before it (l'eau). Words in
    capitals throughout are names of something (US, IT, WHO), never function words.
    """
    entry = _LANGUAGES.get(primary(language or "en"), {"stemmer": "", "stopwords": []})
    word = _without_apostrophe(token).lower()
    in_capitals = len(token) > 1 and token.isupper()
    if not in_capitals and (word in entry["stopwords"] or (len(word) == 1 and "a" <= word <= "z")):
        return None
    if entry["stemmer"]:
        if entry["stemmer"] not in _STEMMERS:
            _STEMMERS[entry["stemmer"]] = Stemmer.Stemmer(entry["stemmer"]).stemWord
        once = _STEMMERS[entry["stemmer"]](base_form(word, primary(language or "en")))
        for _ in range(10 if primary(language or "en") == "tr" else 0):  # of ever more endings ten are taken
            once = _STEMMERS[entry["stemmer"]](once)
        word = once
    else:
        word = base_form(word, primary(language or "en"))
    word = levelled(word, primary(language or "en"))
    if word.isascii() or primary(language or "en") in MARKED:
        return word
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return bare or word


def codes(text: str) -> list[str]:
    """The identifiers of a text: runs of letters and digits with joints inside, and a few kinds beside."""
    text = unicodedata.normalize("NFC", text)
    found = []
    place = 0
    while place < len(text):
        here, end = text[place], place + 1
        if here == "#" and text[end : end + 1].isdecimal():
            while text[end : end + 1].isdecimal():
                end += 1
            found.append(text[place:end])
        elif _in_run(here):
            end = _end_of_run(text, place)
            found += _codes_of_run(text[place:end].strip("_-./\\:"))
        place = end
    for place, here in enumerate(text):
        begins = place == 0 or not _in_word(text[place - 1])
        if not (begins and here in string.ascii_letters):
            continue
        for signs in ("#", "++"):
            end = place + 1 + len(signs)
            if text[place + 1 : end] == signs and not _in_word(text[end : end + 1]):
                found.append(text[place:end].lower())
        found += _acronym_with_number(text, place)
    return found


def _in_run(character: str) -> bool:
    return character == "_" or _is_letter(character)


def _in_word(character: str) -> bool:
    return character == "_" or character.isalnum()


def _end_of_run(text: str, place: int) -> int:
    while True:
        while place < len(text) and _in_run(text[place]):
            place += 1
        joint = (
            2 if text[place : place + 2] == "::" else 1 if text[place : place + 1] in tuple("-./\\") else 0
        )
        if not joint or place + joint >= len(text) or not _in_run(text[place + joint]):
            return place
        place += joint


def _codes_of_run(run: str) -> list[str]:
    pieces = run.replace("::", "/").replace("\\", "/").replace(".", "/").split("/")
    whole = list(
        dict.fromkeys(piece for piece in (run, *(p.strip("_-") for p in pieces)) if _identifies(piece))
    )
    return [_joined_up(code) for code in whole]


def _identifies(run: str) -> bool:
    if all(character.isalnum() for character in run):
        return False
    digits = [character for character in run if character.isdecimal()]
    letters = [character for character in run if character.isalpha()]
    if not letters:
        return run.count(".") >= 2 or ("/" in run and len(digits) >= 5)
    if digits:
        first, *rest = run.split("-")
        return not (first.isdecimal() and all(len(w) >= 3 and w.isalpha() and w.islower() for w in rest))
    if any(mark in run for mark in ("_", "/", "\\", "::")):
        return True
    dotted = run.split(".")
    if max(map(len, dotted)) == 1:
        return False
    return len(dotted) >= 3 or (len(dotted) == 2 and not dotted[1].istitle())


def _joined_up(code: str) -> str:
    """In lower case, without accents, and with nothing between a letter and the digit after it."""
    code = code.lower()
    out = ""
    for place, character in enumerate(code):
        before, after = code[:place][-1:], code[place + 1 : place + 2]
        letter_before = before.isalnum() and not before.isdecimal()
        if not (character in "-_. " and letter_before and after.isdecimal()):
            out += character
    if out.isascii():
        return out
    return "".join(c for c in unicodedata.normalize("NFKD", out) if not unicodedata.combining(c)) or out


def _acronym_with_number(text: str, place: int) -> list[str]:
    """H.R. 3000 and MH 370, where they begin at a place; a year after an acronym without dots is no part of it."""
    end = place
    while text[end : end + 1] in tuple(string.ascii_uppercase) and text[end + 1 : end + 2] == ".":
        end += 2
    dotted = end - place >= 4
    if not dotted:
        end = place
        while text[end : end + 1] in tuple(string.ascii_uppercase):
            end += 1
        if not 2 <= end - place <= 5:
            return []
    stop = end + 1
    while text[stop : stop + 1].isdecimal():
        stop += 1
    number, after = text[end + 1 : stop], text[stop : stop + 1]
    longer = _in_word(after) or (after in tuple("-.,:/") and text[stop + 1 : stop + 2].isdecimal())
    year = len(number) == 4 and number[:2] in ("19", "20")
    if text[end : end + 1] != " " or len(number) < 2 or longer or (year and not dotted):
        return []
    return [_joined_up(text[place:end].replace(".", "") + number)]


def inner_words(text: str, language: str | None) -> list[str]:
    """The terms of the words that camel case joins."""
    found = []
    for token in tokens(text, language):
        word = _without_apostrophe(token)
        cases = "".join(
            "a" if c in string.ascii_lowercase else "A" if c in string.ascii_uppercase else "9" for c in word
        )
        if word.isascii() and ("aA" in cases or "AAaa" in cases):
            cuts = [
                place
                for place in range(1, len(word))
                if (cases[place] != cases[place - 1] and cases[place - 1 : place + 1] != "Aa")
                or cases[place - 1 : place + 2] == "AAa"
            ]
            bounds = [0, *cuts, len(word)]
            found += [stem(word[start:end], language) for start, end in itertools.pairwise(bounds)]
    return [term for term in found if term is not None]


def all_terms(text: str, language: str | None) -> list[str]:
    """Everything that counts as a word of a text."""
    stems = [stem(token, language) for token in tokens(text, language) if not is_mark(token)]
    return [*(term for term in stems if term is not None), *codes(text), *inner_words(text, language)]


# --- counting --------------------------------------------------------------------------------------------------


@dataclass
class Counted:
    """One document: per channel, how strongly it holds each term; and each word's occurrences, for capitals.

    ``beside`` are the words that stand for no token of their own: identifiers, and what camel case joins; ``titled`` the
    phrases of the title.
    """

    strength: dict[str, dict[str, float]]
    occurrences: list[tuple[str, bool]] = field(default_factory=list)
    beside: set[str] = field(default_factory=set)
    titled: set[str] = field(default_factory=set)


def count(
    documents: Sequence[tuple[Event, Sequence[EventTopic]]], config: Config, templates: SlowTemplateText
) -> list[Counted]:
    """Count the terms of documents that are seen together (a corpus, or one text)."""
    texts = [(event.title, *templates.split(event.text)) for event, _ in documents]
    spoken_in = [language_of(event) for event, _ in documents]
    fields = [[tokens(text, code) for text in own] for own, code in zip(texts, spoken_in, strict=True)]
    inside: Counter[str] = Counter()
    inside_capital: Counter[str] = Counter()
    for document in fields:
        for written in document:
            for token, first in _with_starts(written):
                if not first:
                    inside[token.lower()] += 1
                    inside_capital[token.lower()] += token[0].isupper()

    counted = []
    for (_, topics), own, document, code in zip(documents, texts, fields, spoken_in, strict=True):
        importances = _importances(own[0], own[1], code, config)
        words: defaultdict[str, float] = defaultdict(float)
        phrases: defaultdict[str, float] = defaultdict(float)
        occurrences = []
        beside = set()
        titled: set[str] = set()
        for text, importance in zip(own, importances, strict=True):
            for shared, terms in ((1.0, codes(text)), (config.text.joined_weight, inner_words(text, code))):
                beside |= set(terms)
                for term in terms:
                    words[term] += importance * shared
        for place, (written, importance) in enumerate(zip(document, importances, strict=True)):
            stems = []
            for token, first in _with_starts(written):
                term = None if is_mark(token) else stem(token, code)
                if term is None:
                    continue
                # At the beginning of a sentence every word has a capital: what counts is the rest of the corpus.
                often = 2 * inside_capital[token.lower()] > inside[token.lower()]
                occurrences.append((term, token[0].isupper() and (not first or often)))
                stems.append(term)
                words[term] += importance
            for left, right in itertools.pairwise(stems):
                phrases[f"{left} {right}"] += importance
                if place == 0:
                    titled.add(f"{left} {right}")
        counted.append(
            Counted(
                {
                    "words": {term: math.sqrt(times) for term, times in words.items() if times > 0},
                    "phrases": {term: math.sqrt(times) for term, times in phrases.items() if times > 0},
                    "topics": _strengths(topics, config),
                },
                occurrences,
                beside,
                titled,
            )
        )
    return counted


def _strengths(topics: Sequence[EventTopic], config: Config) -> dict[str, float]:
    """How much each topic counts; references stand apart from the others, with a minus."""
    once = {t.name: t for t in reversed(topics) if t.kind == "reference" or strength(t, config) > 0}
    of = Counter(t.how for t in once.values() if t.kind == "reference")
    found = {}
    for topic in topics:
        if once.get(topic.name) is topic:
            found[topic.name] = strength(topic, config)
            if topic.kind == "reference" and topic.how != "supplied":
                full = (0.8 if topic.how == "parent" else 0.55) * math.sqrt(config.topics.references)
                found[topic.name] = -full / math.sqrt(of[topic.how])
    return found


def strength(topic: EventTopic, config: Config) -> float:
    """How much a topic counts, by how the event came to it and by what it is."""
    found = {"country": config.topics.country, **dict.fromkeys(PLACES - {"country"}, config.topics.place)}
    by_kind = found.get(topic.kind, config.topics.other)
    return {
        "supplied": config.topics.supplied,
        "found": by_kind,
        "parent": by_kind * config.topics.parent,
        "inferred": 0.0,
    }[topic.how]


def _with_starts(written: Iterable[str]) -> Iterable[tuple[str, bool]]:
    """Each token, and whether it stands where a field or a sentence begins."""
    first = True
    for token in written:
        yield token, first
        first = is_mark(token)


@dataclass
class SlowTemplateText:
    """What recurs over an archive without saying anything about an event: runs of four words, and short lines."""

    runs: set[tuple[str, ...]] = field(default_factory=set)
    lines: set[tuple[str, ...]] = field(default_factory=set)

    @classmethod
    def of(cls, events: Sequence[Event], config: Config) -> SlowTemplateText:
        """Of some events, from the oldest to the newest."""
        if config.text.template_weight == 1:
            return cls()
        texts = [event.text for event in events][:: math.ceil(len(events) / 2000)]
        runs: Counter[tuple[str, ...]] = Counter()
        lines: Counter[tuple[str, ...]] = Counter()
        for text in texts:
            written = _in_words(text)
            runs.update(
                {tuple(w.lower() for w in four) for four in _fours(written) if any(map(_plain, four))}
            )
            per_line = [_in_words(line) for line in text.split("\n") if _in_words(line)]
            if len(per_line) >= 2:
                lines.update({tuple(w.lower() for w in line) for line in per_line if len(line) <= 3})
        least = max(config.text.template_events, config.text.template_share * len(texts))
        often = {r for r, n in runs.items() if n >= least}
        often -= _with_names_in_slots(often, texts)
        return cls(often, {r for r, n in lines.items() if n >= least})

    def split(self, text: str) -> tuple[str, str]:
        """What is the event's own, and what is not."""
        words, spans = _in_words(text), _word_spans(text)
        low = [word.lower() for word in words]
        line_of = [text[: span[0]].count("\n") for span in spans]
        lines = {number: [i for i, n in enumerate(line_of) if n == number] for number in line_of}
        hit = [
            any(tuple(low[j : j + 4]) in self.runs for j in range(max(i - 3, 0), i + 1))
            for i in range(len(low))
        ]
        for places in lines.values():
            if len(lines) > 1 and len(places) <= 3 and tuple(low[i] for i in places) in self.lines:
                for i in places:
                    hit[i] = True
        gone: list[list[int]] = []
        for is_hit, group in itertools.groupby(range(len(low)), key=lambda i: hit[i]):
            run = list(group)
            if is_hit and len(run) >= 8:
                gone.append(run)
            elif is_hit and len(lines) > 1:
                # Whole lines of it, those that follow each other as one piece.
                whole = [i for i in run if set(lines[line_of[i]]) <= set(run)]
                for _, some in itertools.groupby(enumerate(whole), key=lambda pair: pair[1] - pair[0]):
                    gone.append([i for _, i in some])
        kept, taken, place = "", [], 0
        for run in gone:
            start, end = spans[run[0]][0], spans[run[-1]][1]
            kept += text[place:start] + " ; "
            taken.append(text[start:end])
            place = end
        return kept + text[place:], "\n".join(taken)


def _with_names_in_slots(often: set[tuple[str, ...]], texts: Sequence[str]) -> set[tuple[str, ...]]:
    """Recurring runs with a word that stands where at least as many texts have another name."""
    every = []
    for text in texts:
        words = []
        for start, end in _word_spans(text):
            before = text[:start].rstrip()
            opens = (
                not before
                or "\n" in text[len(before) : start]
                or (len(before) < start and before[-1] in ".!?:")
            )
            words.append(text[start:end].lower() if opens else text[start:end])
        every.append([tuple(four) for four in _fours(words)])
    seen = {four for fours in every for four in fours if tuple(w.lower() for w in four) in often}
    votes: Counter[str] = Counter()
    for four in seen:
        big = [word[0].isupper() for word in four]
        small = [word for word in four if not word[0].isupper()]
        places = [
            {
                tuple(w.lower() for w in other)
                for other in fours
                if [w[0].isupper() for w in other] == big
                and [w for w in other if not w[0].isupper()] == small
            }
            for fours in every
        ]
        same = sum(tuple(w.lower() for w in four) in some for some in places)
        fits = len(small) in (2, 3) and not big[3] and "".join(small).isalpha()
        others = fits and 2 * same < sum(map(bool, places))
        for word in four:
            if word[0].isupper():
                votes[word.lower()] += 1 if others else -1
    return {
        tuple(w.lower() for w in four)
        for four in seen
        if any(w[0].isupper() and votes[w.lower()] > 0 for w in four)
    }


def _word_spans(text: str) -> list[tuple[int, int]]:
    spans = []
    for is_word, group in itertools.groupby(range(len(text)), key=lambda i: text[i].isalnum()):
        run = list(group)
        if is_word:
            spans.append((run[0], run[-1] + 1))
    return spans


def _in_words(text: str) -> list[str]:
    return [text[start:end] for start, end in _word_spans(text)]


def _fours(words: Sequence[str]) -> list[Sequence[str]]:
    return [words[i : i + 4] for i in range(len(words) - 3)]


def _plain(word: str) -> bool:
    return word.isdecimal() or (len(word) >= 4 and word.islower())


def _importances(title: str, text: str, language: str | None, config: Config) -> tuple[float, float, float]:
    """Of a word of the title, of the text and of template text, in whole units of 1 / 256."""

    def length(text: str) -> int:
        return sum(
            not is_mark(token) and stem(token, language) is not None for token in tokens(text, language)
        )

    longer = max(1.0, length(text) / max(length(title), 1))
    of_title = config.text.title_weight * math.sqrt(longer)
    return round(of_title * 256) / 256, 1.0, round(config.text.template_weight * 256) / 256


def _met(counted: Sequence[Counted]) -> set[str]:
    """Every word that was written, counted or not (titles may count nothing), those in the names of topics too."""
    named = {
        term
        for document in counted
        for topic in document.strength["topics"]
        for term in all_terms(topic, None)
    }
    written = {term for document in counted for term, _ in document.occurrences}
    return named.union(written, *(document.beside for document in counted))


def _boosts(counted: Sequence[Counted], config: Config) -> dict[str, float]:
    """How much more each word weighs: by the share of its occurrences that are written as a name."""
    times: Counter[str] = Counter()
    as_name: Counter[str] = Counter()
    for document in counted:
        for term, name in document.occurrences:
            times[term] += 1
            as_name[term] += name
    return {term: 1 + config.text.name_boost * (as_name[term] / times[term]) for term in times}


# --- the archive ---------------------------------------------------------------------------------------------------


Vector = dict[str, dict[str, int]]  # channel -> term -> entry


@dataclass(frozen=True)
class Item:
    """One result: its parts are whole numbers of 1 / UNITS."""

    id: str
    parts: dict[str, int]
    contexts: list[str]
    copies: int
    tier: str = ""

    @property
    def total(self) -> int:
        """The score."""
        return sum(self.parts.values())

    def to_record(self) -> dict[str, Any]:
        """As ``export`` writes it."""
        record: dict[str, Any] = {
            "id": self.id,
            "score": round(self.total / UNITS, 7),
            "contexts": self.contexts,
            "parts": {name: round(value / UNITS, 7) for name, value in self.parts.items() if value},
        }
        if self.copies:
            record["copies"] = self.copies
        if self.tier:
            record["tier"] = self.tier
        return record


@dataclass
class Subject:
    """The event whose list is wanted."""

    vector: Vector
    day: int
    event: Event
    neighbours: dict[str, int]
    meaning: list[int]
    title: dict[str, int]


class Archive:
    """Everything about a corpus, worked out the slow way."""

    def __init__(
        self,
        events: Sequence[Event],
        topics: Sequence[Sequence[EventTopic]],
        config: Config,
        floor: int,
        frozen: Archive | None = None,
        encode: Callable[[str], Sequence[float]] = lambda text: (),
        common: float = 0.0,
        templates: SlowTemplateText | None = None,
    ) -> None:
        self.config = config
        self.encode = encode
        self.common = common
        # A statistic of the archive, estimated from a sample of pairs: `noise` says what it should be.
        self.floor = floor
        # From the oldest to the newest, of one instant the highest id first.
        both = sorted(zip(events, topics, strict=True), key=lambda pair: pair[0].id, reverse=True)
        both.sort(key=lambda pair: pair[0].seconds)
        self.events = {event.id: event for event, _ in both}
        given = templates or SlowTemplateText.of([event for event, _ in both], config)
        self.templates = given if frozen is None else frozen.templates
        counted = count(both, config, self.templates)
        self.kinds = {topic.name: topic.kind for _, found in both for topic in found}
        self.naming = {topic.name for _, found in both for topic in found if topic.kind == "reference"}
        self.place_aliases = {
            (alias, topic.name)
            for _, found in both
            for topic in found
            if topic.kind in PLACES
            for alias in topic.aliases
        }
        self.meanings = {event.id: self._meaning(event) for event, _ in both}
        # The mean of all embeddings, in 64ths, to the nearest.
        sums = [sum(numbers) for numbers in zip(*self.meanings.values(), strict=True)]
        n = len(self.meanings)
        self.mean = [(128 * total + n) // (2 * n) for total in sums] if frozen is None else frozen.mean
        if frozen is None:
            self._fit(counted)
        else:
            # The statistics of another archive: its own terms, and those that came since, which weigh as never seen.
            self.weight, self.unseen, self.pivot = frozen.weight, frozen.unseen, frozen.pivot
            self.frequent = frozen.frequent
            self.dull, self.where = frozen.dull, frozen.where
            self.known = {channel: set(frozen.known[channel]) for channel in CHANNELS}
            for document in counted:
                self.known["topics"] |= document.strength["topics"].keys()
            self.known["words"] |= _met(counted)
        self.vectors = {
            event.id: self._vector(document) for (event, _), document in zip(both, counted, strict=True)
        }
        self.titles = {
            event.id: self._title(document) for (event, _), document in zip(both, counted, strict=True)
        }
        self._found: dict[str, dict[str, int]] = {}
        self.neighbours = {id_: self._neighbours(self._subject(id_, {})) for id_ in self.events}

    # statistics

    def _fit(self, counted: Sequence[Counted]) -> None:
        config = self.config
        n = len(counted)
        frequency = {
            channel: Counter(term for document in counted for term in document.strength[channel])
            for channel in CHANNELS
        }
        self.known = {channel: set(frequency[channel]) for channel in CHANNELS}
        self.known["words"] |= _met(counted)
        # Countries and very common topics come last among the contexts of a result.
        least = max(config.topics.common * n, config.topics.common_events)
        self.frequent = {
            topic
            for topic, df in frequency["topics"].items()
            if df > least or self.kinds.get(topic) == "country"
        }
        self.known["phrases"] = {
            t for t, df in frequency["phrases"].items() if df >= config.text.phrase_events
        }

        def idf(df: int, channel: str) -> float:
            power = config.topics.idf_power if channel == "topics" else config.text.idf_power
            return math.log(1 + (1 + n) / (1 + df)) ** power

        most = config.lists.distinctive_limit * math.cbrt(n)
        places = {topic for topic in self.known["topics"] if self.kinds.get(topic) in PLACES}
        called = places | {alias for alias, _ in self.place_aliases}
        of_places = {term for name in called for term in all_terms(name, None)}
        # What tells nothing: frequent words and topics, and places that are not rare.
        self.dull = {
            "words": {
                t for t, df in frequency["words"].items() if df > (most / 10 if t in of_places else most)
            },
            "topics": {
                t for t, df in frequency["topics"].items() if df > (most / 10 if t in places else 10 * most)
            },
        }
        silent = _no_reasons()
        self.dull["words"] |= {
            t for t in self.known["words"] if t in silent or (t.isdecimal() and t.isascii() and len(t) < 5)
        }
        # What says only where: places, the words of their names and what their people are called, unless they mostly say else.
        said: dict[str, set[str]] = {}
        for name in places:
            for term in all_terms(name, None):
                said.setdefault(term, set()).add(name)
        for alias, name in self.place_aliases:
            terms = set(all_terms(alias, None))
            if len(terms) == 1 and name in places:
                said.setdefault(*terms, set()).add(name)
        self.where = {
            "words": {
                term
                for term, names in said.items()
                if term in self.dull["words"]
                and 2 * sum(frequency["topics"][name] for name in names) >= frequency["words"][term]
            },
            "phrases": set(),
            "topics": places & self.dull["topics"],
        }
        boosts = _boosts(counted, config)
        self.unseen = {channel: idf(0, channel) for channel in CHANNELS}
        # What nobody has seen before is nearly always a name.
        self.unseen["words"] *= 1 + config.text.name_boost
        self.weight = {
            channel: {
                term: idf(df if term in self.known[channel] else 0, channel)
                * (boosts.get(term, 1) if channel == "words" else 1)
                for term, df in frequency[channel].items()
            }
            for channel in CHANNELS
        }
        lengths = [self._squared_lengths(document) for document in counted]
        self.pivot = {c: sum(length[c] for length in lengths) / _SQUARES / n for c in CHANNELS}

    # vectors

    def _weight(self, channel: str, term: str) -> float:
        return self.weight[channel].get(term, self.unseen[channel])

    def _squared_lengths(self, document: Counted) -> dict[str, int]:
        """In units of 2**-20, each square rounded, so that the sum does not depend on the order."""
        return {
            channel: sum(
                round((strength * self._weight(channel, term)) ** 2 * _SQUARES)
                for term, strength in document.strength[channel].items()
                if strength > 0
            )
            for channel in CHANNELS
        }

    def _vector(self, document: Counted) -> Vector:
        """Entries in units of 2**-15, the root of the channel's share in them; what has no column only lengthens."""
        weights = self.config.weights
        given = {"words": weights.words, "phrases": weights.phrases, "topics": weights.topics}
        squares = self._squared_lengths(document)
        vector: Vector = {}
        for channel in CHANNELS:
            share = given[channel] / sum(given.values())
            length = math.sqrt(
                max(squares[channel], 1) / _SQUARES
                + self.config.text.length_normalisation * self.pivot[channel]
            )
            entries = {}
            for term, strength in document.strength[channel].items():
                if term in self.known[channel]:
                    # The squares are rounded: a lone term could otherwise come out a little above 1.
                    entry = min(1.0, strength * self._weight(channel, term) / length) * math.sqrt(share)
                    if strength < 0:
                        entry = -strength * self._weight(channel, term) / self.unseen[channel]
                    entries[term] = round(entry * _ENTRY)
            vector[channel] = {term: entry for term, entry in entries.items() if entry > 0}
        return vector

    def _title(self, document: Counted) -> dict[str, int]:
        """How much each phrase of the title says of it, in units of 1 / 255: the rarer its phrases, the more in all."""
        squares = {
            phrase: round(self._weight("phrases", phrase) ** 2 * _SQUARES)
            for phrase in document.titled & document.strength["phrases"].keys()
        }
        whole = sum(squares.values())
        return {
            phrase: round(255 * (self._weight("phrases", phrase) / self.unseen["phrases"]) * square / whole)
            for phrase, square in squares.items()
        }

    def _title_in(self, subject: Subject, id_: str) -> float:
        """How much of the title of one stands in the other."""
        other = self.vectors[id_]["phrases"]
        sums = [
            sum(
                share
                for phrase, share in one.items()
                if phrase in subject.vector["phrases"] and phrase in other
            )
            for one in (subject.title, self.titles[id_])
        ]
        return min(max(sums) / 255, 1.0)

    def _meaning(self, event: Event) -> list[int]:
        """The embedding at length 127, in whole numbers."""
        title, text = event.title.strip(), event.text.strip()
        if title and text and title != text:
            text = f"{title} {text}" if title[-1] in ".!?" else f"{title}. {text}"
        numbers = [float(number) for number in self.encode(text or title)]
        length = math.sqrt(sum(number**2 for number in numbers))
        return [round(number / length * 127) if length else 0 for number in numbers]

    def _alike(self, left: list[int], right: list[int]) -> float:
        """How far the cosine of two embeddings, less the mean of all, is above the common one."""
        beyond = [
            [64 * number - mean for number, mean in zip(numbers, self.mean, strict=True)]
            if any(numbers)
            else numbers
            for numbers in (left, right)
        ]
        dot = sum(a * b for a, b in zip(*beyond, strict=True))
        lengths = [math.sqrt(sum(number**2 for number in numbers)) for numbers in beyond]
        cosine = dot / (lengths[0] * lengths[1]) if all(lengths) else 0.0
        return min(max((cosine - self.common) / (1 - self.common), 0.0), 1.0) if left else 0.0

    def _subject(self, id_: str, neighbours: dict[str, int]) -> Subject:
        event = self.events[id_]
        return Subject(self.vectors[id_], event.day, event, neighbours, self.meanings[id_], self.titles[id_])

    # first stage

    def recency(self, gap: int, *, dated: bool = True, curve: RecencySettings | None = None) -> int:
        """The factor in units of 2**-15 for an event ``gap`` days after (negative: before) the given one."""
        if not dated:
            return _ENTRY
        curve = curve or self.config.recency
        strength = curve.strength_before if gap < 0 else curve.strength_after
        days = min(abs(gap), _TABLE_DAYS - 1)
        factor = curve.floor + (1 - curve.floor) / (1 + strength * math.log(1 + days / curve.scale_days))
        return round(factor * _ENTRY)

    def _candidates(
        self,
        subject: Subject,
        allowed: Callable[[Event], bool],
        *,
        dated: bool = True,
        curve: RecencySettings | None = None,
    ) -> dict[str, int]:
        """The best of the first stage with their scores in units of 2**-31."""
        scores = {}
        for id_, event in self.events.items():
            if id_ == subject.event.id or not _may_meet(subject.event, event) or not allowed(event):
                continue
            dot = sum(dots(subject.vector, self.vectors[id_]).values())
            score = dot * self.recency(event.day - subject.day, dated=dated, curve=curve) // 2**14
            if score > 0:
                scores[id_] = score
        best = sorted(scores, key=lambda id_: self._order(scores[id_], id_))[: self.config.lists.candidates]
        return {id_: scores[id_] for id_ in best}

    def _order(self, score: int, id_: str) -> tuple[int, int, str]:
        """Score down, date down, id up."""
        return -score, -self.events[id_].seconds, id_

    def _neighbours(self, subject: Subject, *, dated: bool = True) -> dict[str, int]:
        """The candidates nearest by words, title and category, time counting by its root, in units of 2**-20."""
        lexical, _, title, category, _ = self._shares()
        near = {}
        for id_ in self._candidates(subject, lambda other: True, dated=dated):
            time = self.recency(self.events[id_].day - subject.day, dated=dated) / _ENTRY
            dot = sum(dots(subject.vector, self.vectors[id_]).values()) / 2**30
            same = self._same_category(subject, id_)
            named = self._title_in(subject, id_)
            value = dot * lexical + named * title + same * category
            near[id_] = round(value * math.sqrt(time) * 2**20)
        best = sorted(near, key=lambda id_: self._order(near[id_], id_))
        most = self.config.lists.neighbours
        # Each counts as far as it is above the first that is left out.
        edge = near[best[most]] if len(best) > most else 0
        return {id_: near[id_] - edge for id_ in best[:most] if near[id_] > edge}

    def _shares(self) -> tuple[float, float, float, float, float]:
        """Of words, phrases and topics together; of the neighbours; of the title; of the category; of the meaning."""
        weights = self.config.weights
        lexical = weights.words + weights.phrases + weights.topics
        meaning = 0.0 if self.config.text.encoder == "none" else weights.meaning
        whole = lexical + weights.neighbours + weights.title + weights.category + meaning
        parts = (lexical, weights.neighbours, weights.title, weights.category, meaning)
        return tuple(part / whole for part in parts)  # type: ignore[return-value]

    def _same_category(self, subject: Subject, id_: str) -> bool:
        return bool(subject.event.category) and subject.event.category == self.events[id_].category

    # second stage

    def parts(
        self, subject: Subject, id_: str, *, dated: bool = True, curve: RecencySettings | None = None
    ) -> dict[str, int]:
        """What each part of the score gives, in units of 1 / UNITS."""
        other = self.events[id_]
        lexical, neighbours, title, category, meaning = self._shares()
        time = self.recency(other.day - subject.day, dated=dated, curve=curve) / _ENTRY
        value = {c: dot / 2**30 * lexical for c, dot in dots(subject.vector, self.vectors[id_]).items()}
        # Words, phrases and topics, times support_limit, are the most that neighbours, title and category give together.
        cosine = sum(dots(subject.vector, self.vectors[id_]).values()) / 2**30
        value["neighbours"] = _shared_neighbours(subject.neighbours, self.neighbours[id_]) * neighbours
        value["category"] = self._same_category(subject, id_) * category
        value["title"] = self._title_in(subject, id_) * title
        supports = ("neighbours", "title", "category")
        asked = sum(value[part] for part in supports)
        if asked:
            support = min(1.0, self.config.weights.support_limit * (cosine * lexical) / asked)
            value |= {part: value[part] * support for part in supports}
        value["meaning"] = self._alike(subject.meaning, self.meanings[id_]) * meaning
        given = {part: value[part] * time for part in PARTS}
        # That an event names another does not fade.
        mine, theirs = subject.vector["topics"], self.vectors[id_]["topics"]
        naming = sum(mine[topic] * theirs[topic] for topic in mine.keys() & theirs.keys() & self.naming)
        given["topics"] += naming / 2**30 * lexical * (1 - time)
        return {part: round(given[part] * UNITS) for part in PARTS}

    def reached(self, subject: Subject, id_: str, *, dated: bool = True) -> int:
        """The score that is held against the floor: 0.6 of the floor must be reached without what says only where."""
        other = self.vectors[id_]
        total = sum(self.parts(subject, id_, dated=dated).values())
        shared = sum(
            subject.vector[channel][term] * other[channel][term]
            for channel in CHANNELS
            for term in subject.vector[channel].keys() & other[channel].keys() & self.where[channel]
        )
        if subject.event.id not in self.events:  # a place that a text asks for is its matter
            return total
        time = self.recency(self.events[id_].day - subject.day, dated=dated) / _ENTRY
        given = round(shared * (self._shares()[0] / 2**30) * time * UNITS)
        return min(total, round(max(total - given, 0) / 0.6))

    def _rank(
        self,
        subject: Subject,
        candidates: Iterable[str],
        k: int,
        *,
        dated: bool = True,
        curve: RecencySettings | None = None,
        floor: int | None = None,
    ) -> list[Item]:
        floor = self.floor if floor is None else floor
        parts = {id_: self.parts(subject, id_, dated=dated, curve=curve) for id_ in candidates}
        totals = {id_: sum(value.values()) for id_, value in parts.items()}
        # The floor was measured by the archive's own curve, and is asked by it.
        others = [
            id_ for id_ in totals if totals[id_] > 0 and self.reached(subject, id_, dated=dated) >= floor
        ]
        others.sort(key=lambda id_: self._order(totals[id_], id_))
        # Who says what the event says is no measure for the others.
        twins = {id_ for id_ in others if self._same(subject.vector, subject.day, id_)}
        grounded: list[str] = []
        for id_ in others:
            first = next((self.vectors[one] for one in grounded if one not in twins), None)
            # A few words from outside have hardly any neighbours.
            near = subject.event.id not in self.events or self.is_near(parts[id_])
            kin = parts[id_]["neighbours"] >= self.config.lists.neighbour_share * totals[id_]
            if self._has_grounds(subject.vector, self.vectors[id_], first, near=near, kin=kin):
                grounded.append(id_)
        # Where nothing has grounds, the rule does not hold.
        worth = grounded or others
        best = next((totals[id_] for id_ in worth if id_ not in twins), 0)
        worth = [id_ for id_ in worth if totals[id_] >= self.config.lists.relative_cutoff * best]
        stored = self.config.lists.stored
        kept: list[str] = []
        copies: Counter[str] = Counter()
        counting = True
        for id_ in worth:
            # While there is room for all, near-duplicates are results like others.
            alike = [o for o in kept if len(worth) > stored and self._are_copies(id_, o)]
            if len(alike) > self.config.lists.duplicates_listed:
                copies[alike[0]] += counting
                continue
            # Copies count until an event follows that the stored list has no place for.
            counting = counting and len(kept) < stored
            if len(kept) == max(k, stored):
                break
            kept.append(id_)
        return [
            Item(id_, parts[id_], self.contexts(subject.vector, self.vectors[id_]), copies[id_])
            for id_ in kept[:k]
        ]

    def is_near(self, parts: dict[str, int]) -> bool:
        """Whether shared neighbours give a pair at least their share of the weights."""
        return parts["neighbours"] >= self._shares()[1] * sum(parts.values())

    def _has_grounds(
        self, left: Vector, right: Vector, best: Vector | None, *, near: bool, kin: bool
    ) -> bool:
        """Whether two events share something distinctive, or at least a topic and some neighbours (``near``) and either many
        neighbours (``kin``) or not much less than the best shares."""
        if self.config.lists.minimum_overlap == 0:
            return True
        shared = {channel: left[channel].keys() & right[channel].keys() for channel in CHANNELS}
        if (shared["words"] - self.dull["words"]) or (shared["topics"] - self.dull["topics"]):
            return True
        if sum(dots(left, right).values()) >= int(self.config.lists.sufficient_overlap * 2**30):
            return True
        least = self.config.lists.minimum_overlap * sum(dots(left, best).values()) if best else 0
        return bool(shared["topics"]) and near and (kin or sum(dots(left, right).values()) >= least)

    def _are_copies(self, one: str, other: str) -> bool:
        """Whether two events say the same thing at the same time."""
        return self._same(self.vectors[one], self.events[one].day, other)

    def _same(self, left: Vector, day: int, other: str) -> bool:
        right = self.vectors[other]
        dot = dots(left, right)["words"]
        squares = dots(left, left)["words"], dots(right, right)["words"]
        same = dot > 0 and dot >= self.config.lists.near_duplicate * math.sqrt(squares[0] * squares[1])
        days = day, self.events[other].day
        apart = 0 if max(days) < UNDATED else abs(days[0] - days[1])
        return same and apart <= self.config.lists.duplicate_days

    def contexts(self, left: Vector, right: Vector) -> list[str]:
        """The shared topics, the one that gave most first, very frequent ones last; equal ones in the order of the alphabet.

        A topic gives what its entries give and what the words of its name give.
        """

        def given(topic: str) -> int:
            words = set(all_terms(topic, None))
            by_name = sum(left["words"].get(word, 0) * right["words"].get(word, 0) for word in words)
            return left["topics"][topic] * right["topics"][topic] + by_name

        shared = left["topics"].keys() & right["topics"].keys()
        return sorted(shared, key=lambda topic: (topic in self.frequent, -given(topic), topic))

    # what is asked

    def related(
        self,
        id_: str,
        k: int | None = None,
        allowed: Callable[[Event], bool] = lambda event: True,
        curve: RecencySettings | None = None,
    ) -> list[Item]:
        """The list of an event among those that are allowed, under the archive's own recency or another."""
        subject = self._subject(id_, self.neighbours[id_])
        candidates = self._candidates(subject, allowed, curve=curve)
        return self._rank(subject, candidates, k or self.config.lists.k, curve=curve)

    def query(
        self,
        event: Event,
        topics: Sequence[EventTopic],
        k: int,
        *,
        dated: bool,
        curve: RecencySettings | None = None,
    ) -> list[Item]:
        """The list of a text from outside, given as an event that the archive does not hold."""
        (document,) = count([(event, topics)], self.config, self.templates)
        vector = self._vector(document)
        subject = Subject(vector, event.day, event, {}, self._meaning(event), self._title(document))
        subject.neighbours = self._neighbours(subject, dated=dated)
        candidates = self._candidates(subject, lambda other: True, dated=dated, curve=curve)
        # A short text reaches less than an event of average length, by chance too.
        length = sum(entry**2 for entries in vector.values() for entry in entries.values()) / 2**30
        share = math.sqrt(length * (1 + self.config.text.length_normalisation))
        floor = round(self.floor * min(share, 1.0))
        items = self._rank(subject, candidates, len(self.events), dated=dated, curve=curve, floor=floor)
        # Who holds all words that the archive knows comes first, and says so where a higher score follows.
        known = {word for held in self.vectors.values() for word in held["words"]}
        asked = known & vector["words"].keys()
        whole = [item for item in items if asked <= self.vectors[item.id]["words"].keys()]
        others = [item for item in items if item not in whole]
        for item in whole:
            if any(items.index(other) < items.index(item) for other in others):
                item.tier = "all words"
        return [*whole, *others][:k]

    def noise(self) -> dict[str, list[int]]:
        """By event, the scores of its pairs that might have met but are no candidates of each other, ascending.

        In a small archive only the first quarter of it counts as candidates.
        """
        most = max(len(self.events) // 4, 1)
        near = {id_: list(self.candidates(id_))[:most] for id_ in self.events}
        return {
            left: sorted(
                sum(self.pair(left, right).values())
                for right in self.events
                if left != right
                and _may_meet(self.events[left], self.events[right])
                and right not in near[left]
                and left not in near[right]
            )
            for left in self.events
        }

    def candidates(self, id_: str) -> dict[str, int]:
        """The candidates of an event of the archive."""
        if id_ not in self._found:
            self._found[id_] = self._candidates(self._subject(id_, {}), lambda other: True)
        return self._found[id_]

    def pair(self, id_: str, other: str, curve: RecencySettings | None = None) -> dict[str, int]:
        """The parts of any pair, related or not."""
        return self.parts(self._subject(id_, self.neighbours[id_]), other, curve=curve)


def dots(left: Vector, right: Vector) -> dict[str, int]:
    """Per channel, the sum of the products of what both hold."""
    return {
        channel: sum(entry * right[channel].get(term, 0) for term, entry in left[channel].items())
        for channel in CHANNELS
    }


def _may_meet(left: Event, right: Event) -> bool:
    """Not of one group, and not of two known, different languages."""
    if left.group and left.group == right.group:
        return False
    languages = {code for event in (left, right) if (code := spoken(event))}
    return len(languages) < 2


def primary(language: str) -> str:
    """The language of a tag, without script and region."""
    return language.lower().replace("_", "-").split("-")[0]


def _shared_neighbours(left: dict[str, int], right: dict[str, int]) -> float:
    """The cosine of two lists of neighbours."""
    shared = sum(strength * right.get(id_, 0) for id_, strength in left.items())
    if not shared:
        return 0.0
    lengths = [math.sqrt(sum(value * value for value in values.values())) for values in (left, right)]
    return shared / (lengths[0] * lengths[1])
