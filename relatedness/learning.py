"""Learning from a corpus how it writes names; a function of counts over its events, so their order does not matter."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from relatedness.events import Event
from relatedness.gazetteer import Gazetteer, fold
from relatedness.lexicon import Lexicon, Name
from relatedness.names import SMALL_WORDS, Found, Reader, long_form

_SHORT = re.compile(r"\(([A-Z][A-Za-z0-9&.-]{1,9})\)")
_SEEN_TOGETHER = 2  # events that must write "Long Form (LF)" before LF alone means it
_SEEN_NAME = 3  # events that must write an unknown name of several words
_SEEN_WORD = 4  # events that must write an unknown name of one word
_SEEN_SURNAME = 3  # events a year in which one full name has to stand for a surname
_OVERWHELMING = 0.8  # share of one meaning among all


class _Notes:
    """What one corpus shows, counted by events; learning is a function of these counts alone."""

    def __init__(self) -> None:
        self.forms: dict[str, Counter[str]] = defaultdict(Counter)
        self.kinds: dict[str, Counter[str]] = defaultdict(Counter)
        self.parents: dict[str, tuple[str, ...]] = {}
        self.initial: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.surnames: dict[str, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        self.short: dict[str, Counter[str]] = defaultdict(Counter)
        self.supplied: Counter[str] = Counter()

    def take(self, event: Event, text: str, found: list[tuple[int, Found]]) -> None:
        self.words.update(text.split())
        if event.topics:
            self.supplied.update(set(event.topics))
        seen: set[str] = set()
        for _, piece in found:
            plain, written = piece.plain, piece.written
            if plain is None or not (piece.shape or plain.kind == "person") or written in seen:
                continue
            seen.add(written)
            if piece.initial:
                self.initial[written.lower()] += 1
                continue
            if piece.shape:
                key = fold(written)
                self.forms[key][written] += 1
                self.kinds[key][plain.kind] += 1
                if piece.parents:
                    # Several texts may imply several parents: the first by name, whatever the order of the texts.
                    self.parents[key] = min(self.parents.get(key, piece.parents), piece.parents)
            if plain.kind == "person" and " " in written:
                self.surnames[fold(_surname(plain.name))][event.date.year][plain.name] += 1
        if "(" in text:
            pairs = {
                (m[1], long) for m in _SHORT.finditer(text) if (long := long_form(m[1], text[: m.start()]))
            }
            for short, long in pairs:
                if long[0].isupper():
                    self.short[short][long] += 1


def _surname(name: str) -> str:
    words = [word for word in name.split() if word.rstrip(".") not in ("Jr", "Sr", "II", "III", "IV")]
    return words[-1] if words else name


def _most(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], name))


def learn(
    events: Iterable[Event], gazetteer: Gazetteer | None = None, previous: Lexicon | None = None
) -> Lexicon:
    """What a corpus teaches about names.

    Names that the gazetteer lacks and the corpus writes with capitals inside sentences; which of its capitalised
    words are everyday words; what a surname overwhelmingly means in a year; abbreviations that stand in brackets
    after their long form; the topics that the archive itself supplies. The order of the events does not count.

    Parameters
    ----------
    events : iterable of Event
        Read once.
    gazetteer : Gazetteer, optional
        By default the shipped one.
    previous : Lexicon, optional
        What was learned before: it stays, in its order, and only grows.

    Returns
    -------
    Lexicon

    Examples
    --------
    >>> from datetime import date
    >>> texts = ["The Zorg Pact holds.", "Talks about the Zorg Pact end.", "All leave the Zorg Pact."]
    >>> events = [Event(str(n), date(2016, 7, n + 1), text=text) for n, text in enumerate(texts)]
    >>> [name.name for name in learn(events).names]
    ['Zorg Pact']
    """
    previous = previous or Lexicon()
    reader = Reader(gazetteer if gazetteer is not None else Gazetteer.load(), previous)
    notes = _Notes()
    for event in events:
        notes.take(event, *reader.read_event(event))
    return _conclude(notes, reader, previous)


def _conclude(notes: _Notes, reader: Reader, previous: Lexicon) -> Lexicon:
    lower = notes.words

    def written_small(word: str) -> int:
        return lower[word] + lower[word + ","] + lower[word + "."]

    capitals = {key: sum(forms.values()) for key, forms in notes.forms.items()}
    singles = {key for key in notes.forms if " " not in key} | set(notes.initial)
    common = {key for key in singles if written_small(key) >= 3 and written_small(key) > capitals.get(key, 0)}
    old = {fold(entry.name) for entry in previous.names}
    common -= old

    surnames: dict[str, tuple[tuple[int, int, str], ...]] = {}
    for key in sorted(notes.surnames):
        if key not in notes.forms and key not in notes.initial and not reader.known(key.capitalize()):
            continue
        spans: list[tuple[int, int, str]] = []
        for year, names in sorted(notes.surnames[key].items()):
            best = _most(names)
            if names[best] >= _SEEN_SURNAME and names[best] >= _OVERWHELMING * sum(names.values()):
                if spans and spans[-1][2] == best and spans[-1][1] == year - 1:
                    spans[-1] = (spans[-1][0], year, best)
                else:
                    spans.append((year, year, best))
        if spans:
            surnames[key] = tuple(spans)
    surnames = {**surnames, **previous.surnames}

    learned: dict[str, Name] = {}
    for name in sorted(notes.supplied, key=lambda n: (-notes.supplied[n], n)):
        key = fold(name)
        if key and key not in old and key not in learned and reader.gazetteer.find(name) is None:
            findable = " " in key and all(
                w[0].isupper() or w[0].isdigit() or w in SMALL_WORDS for w in name.split()
            )
            learned[key] = Name(name, "story", () if findable else ("!",))
    shorts: dict[str, list[str]] = defaultdict(list)
    for short, longs in sorted(notes.short.items()):
        together: Counter[str] = Counter()
        for long, count in longs.items():
            together[fold(long)] += count
        best = _most(together)
        often = together[best] >= _SEEN_TOGETHER and together[best] >= _OVERWHELMING * sum(together.values())
        if often and not reader.known(short):
            shorts[best].append(short)
    for key, forms in sorted(notes.forms.items()):
        several = " " in key
        if key in old or capitals[key] < (_SEEN_NAME if several else _SEEN_WORD):
            continue
        if not several and (key in common or key in surnames):
            continue
        name, aliases = _most(forms), tuple(shorts.pop(key, ()))
        known = learned.get(key)
        if known is not None:
            learned[key] = Name(known.name, known.kind, (*known.aliases, *aliases), known.parents)
        else:
            learned[key] = Name(name, _most(notes.kinds[key]), aliases, notes.parents.get(key, ()))
    for key, short_forms in sorted(shorts.items()):
        known_as = reader.known(_most(_forms_of(notes, key, short_forms)))
        topics = {topic.name: topic for topic, alias in known_as if not alias.weak}
        if len(topics) == 1 and key not in old and key not in learned:
            (topic,) = topics.values()
            learned[key] = Name(topic.name, topic.kind, ("!", *short_forms), topic.parents)
    fresh = tuple(learned[key] for key in sorted(learned))
    return Lexicon((*previous.names, *fresh), previous.common | common, dict(sorted(surnames.items())))


def _forms_of(notes: _Notes, key: str, shorts: Sequence[str]) -> Counter[str]:
    return Counter(
        {long: n for short in shorts for long, n in notes.short[short].items() if fold(long) == key}
    )
