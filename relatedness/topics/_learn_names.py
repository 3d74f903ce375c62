"""Learns names from a corpus; a function of counts over its events, so their order does not matter."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from relatedness.events import Event
from relatedness.languages import ENGLISH, language_of
from relatedness.topics._displaced import Placings
from relatedness.topics._gazetteer import Gazetteer
from relatedness.topics._known_names import SMALL_KINDS
from relatedness.topics._language import EVERYDAY, GIVEN, OPENER, rare_words
from relatedness.topics._lexicon import Lexicon, Name
from relatedness.topics._lower_case import (
    HEAD,
    THINGS,
    beside_things,
    in_title_and_text,
    is_strange,
    named_small,
    surely_named,
)
from relatedness.topics._mention import PHRASE, Mention
from relatedness.topics._reader import Reader
from relatedness.topics._references import ReferenceNotes
from relatedness.topics._settings import tagger_settings
from relatedness.topics._spelling import fold, long_form, thing
from relatedness.topics._word_lists import any_word, words_of
from relatedness.workers import UnsourcedEvents, in_batches, map_batches

_SHORT = re.compile(r"\(([A-Z][A-Za-z0-9&.-]{1,9})\)")


# Matches files, versions and addresses, which are not names.
_FILE = re.compile(
    r"\.(?:rs|py|js|ts|[ch]|cc|cpp|md|rst|x?html?|txt|ya?ml|json|xml|toml|go|java|sh|pl|css|php|png|jpg|exe|log|lib|noarch)$"
    r"|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|\d\.\d|\.(?:io|com|org|net|dev)(?:/|$)"
)
# Endings of participles and adjectives that combine with any noun: async-aware.
_PARTICIPLE = re.compile(f"(?:{any_word('en', 'joining_endings')})$")
# Endings of adjectives, participles and adverbs, which also stand before nouns.
_ADJECTIVE = re.compile(f"(?:{any_word('en', 'adjective_endings')})$")
# First halves of compounds that are everyday words: self-interest, no-op, face-to-face.
_FIRST_HALVES = words_of("en", "first_halves")
# Last halves of nouns made from verbs: follow-up.
_PARTICLES = words_of("en", "verb_particles")
# An abbreviation that begins in lower case: iDRAC.
_MIXED = re.compile(r"[a-z]{1,2}[A-Z][A-Za-z0-9]+")
_SHORTEST_FORM = 400  # letters
_AROUND = 8  # characters before and after a name that are compared to find a recurring phrase


class Notes:
    """The evidence in a part of a corpus, counted by events: sums and sets, so that parts can be merged in any order. Learning
    depends only on these.

    Examples
    --------
    >>> from datetime import date
    >>> take, notes = NoteTaker(Gazetteer.load(), Lexicon()), Notes()
    >>> for text in ("The Zorg Pact holds.", "Talks about the Zorg Pact end."):
    ...     notes.merge(take([Event("a", date(2016, 7, 1), text=text)]))
    >>> notes.events, notes.shaped.most_common(1)
    (2, [(('Zorg Pact', 'agreement'), 2)])
    """

    def __init__(self) -> None:
        self.words: Counter[str] = Counter()
        self.supplied: Counter[str] = Counter()
        # Unknown names as written, with their kinds; single words at the beginning of sentences are counted separately.
        self.shaped: Counter[tuple[str, str]] = Counter()
        self.initial: Counter[str] = Counter()
        # First words of unknown names of several words and of persons, with the names.
        self.opened: dict[str, set[str]] = defaultdict(set)
        # A name as written with the letters around it, and how many events write the name.
        self.around: Counter[tuple[str, str, str]] = Counter()
        self.events = 0
        self.parents: dict[str, tuple[str, ...]] = {}
        self.people: Counter[tuple[str, int]] = Counter()
        self.short: Counter[tuple[str, str]] = Counter()
        # Lower-case words next to "library", "command" and similar, or before a colon at the start of a title.
        self.small: Counter[str] = Counter()
        # Those only before a colon at the start of a title.
        self.heads: Counter[str] = Counter()
        # Ambiguous names of software, such as Rack, as written.
        self.doubtful: Counter[str] = Counter()
        # Words in lower case that titles and lines of lists name.
        self.named: Counter[str] = Counter()
        # Words in lower case where only names stand: before a version, or in "the tokei crate".
        self.sure: Counter[str] = Counter()
        # Words of no dictionary in a title that are in lower case in the text below it.
        self.titled: Counter[str] = Counter()
        self.placings = Placings()
        self.references = ReferenceNotes()

    def take(self, event: Event, text: str, found: list[tuple[int, Mention]]) -> None:
        """Count the evidence in one event, given its text and the names in it."""
        words = text.split()
        self.words.update(words)
        self.events += 1
        self.references.take(event)
        self.placings.take(text, found)
        small = beside_things(words) if not THINGS.isdisjoint(words) else set()
        if event.title and (head := HEAD.match(event.title)):
            small.add(head[1])
            self.heads[head[1]] += 1
        if small:
            self.small.update(small)
        if sure := surely_named(text, bool(small)):
            self.sure.update(sure)
        if event.title and event.text and language_of(event) == ENGLISH:
            self.titled.update(in_title_and_text(event.title, event.text))
        if named := named_small(event.title, text, bool(small)):
            self.named.update(named)
        if event.topics:
            self.supplied.update(set(event.topics))
        seen: set[str] = set()
        phrases: set[tuple[str, str, str]] = set()
        # A text of one line or a few is not a form.
        formed = len(text) > _SHORTEST_FORM or "\n" in text
        for base, piece in found:
            plain, written = piece.plain, piece.written
            if formed and written not in seen:
                start, end = base + piece.start, base + piece.end
                phrases.add((written, text[max(0, start - _AROUND) : start], text[end : end + _AROUND]))
            if plain is None:
                if written not in seen and _is_doubtful_software(piece):
                    seen.add(written)
                    self.doubtful[written] += 1
                continue
            if not (piece.shape or plain.kind == "person") or written in seen:
                continue
            seen.add(written)
            if piece.initial:
                self.initial[written] += 1
                continue
            if " " in written:
                self.opened[written.partition(" ")[0]].add(written)
            if piece.shape:
                self.shaped[plain.name, plain.kind] += 1
                if piece.parents:
                    self._imply(written, piece.parents)
            if plain.kind == "person" and " " in written:
                self.people[plain.name, event.year or 0] += 1
        if phrases:
            self.around.update(phrases)
        if "(" in text and (
            short := {
                (m[1], long) for m in _SHORT.finditer(text) if (long := long_form(m[1], text[: m.start()]))
            }
        ):
            self.short.update(short)

    def _imply(self, written: str, parents: tuple[str, ...]) -> None:
        # Several texts may imply several parents: take the first by name, whatever the order of the texts.
        self.parents[written] = min(self.parents.get(written, parents), parents)

    def merge(self, other: Notes) -> None:
        """Add the notes of another part of the corpus."""
        for name in (
            "words",
            "supplied",
            "shaped",
            "people",
            "short",
            "initial",
            "around",
            "small",
            "heads",
            "named",
            "sure",
            "titled",
            "doubtful",
        ):
            getattr(self, name).update(getattr(other, name))
        self.events += other.events
        self.references.merge(other.references)
        self.placings.merge(other.placings)
        for first, names in other.opened.items():
            self.opened[first] |= names
        for written, parents in other.parents.items():
            self._imply(written, parents)


class NoteTaker:
    """Takes notes of parts of a corpus; pickled without its caches.

    Examples
    --------
    >>> from datetime import date
    >>> take = NoteTaker(Gazetteer.load(), Lexicon())
    >>> notes = take([Event("a", date(2016, 7, 1), text="The Zorg Pact holds.", topics=("Talks",))])
    >>> notes.events, dict(notes.supplied)
    (1, {'Talks': 1})
    """

    acyclic = True

    def __init__(self, gazetteer: Gazetteer, previous: Lexicon) -> None:
        self._knows = gazetteer, previous
        self.reader = Reader(gazetteer, previous, keeping=True)

    def __reduce__(self) -> tuple[type[NoteTaker], tuple[Gazetteer, Lexicon]]:
        return NoteTaker, self._knows

    def __call__(self, events: Sequence[Event]) -> Notes:
        notes = Notes()
        for event in events:
            notes.take(event, *self.reader.read_event(event))
        return notes


def _surname(name: str) -> str:
    words = [word for word in name.split() if word.rstrip(".") not in ("Jr", "Sr", "II", "III", "IV")]
    return words[-1] if words else name


def _most(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], name))


def learn(
    events: Iterable[Event],
    gazetteer: Gazetteer | None = None,
    previous: Lexicon | None = None,
    jobs: int | None = 1,
    *,
    take: NoteTaker | None = None,
) -> Lexicon:
    """Learn the names of a corpus: names that the gazetteer lacks and the corpus writes with capitals inside sentences; which
    capitalised words are everyday words; whom a surname overwhelmingly means in a year; abbreviations in brackets after their
    long form; the topics that the archive itself supplies. The order of the events does not matter.

    Parameters
    ----------
    gazetteer : Gazetteer, optional
        By default the shipped one.
    previous : Lexicon, optional
        An earlier lexicon, which is kept in its order and extended.
    jobs : int, optional
        Worker processes, as `relatedness.workers.map_batches`; only the speed depends on it.
    take : NoteTaker, optional
        The note taker to use, with the same gazetteer and lexicon; a tagger may later reuse its caches.

    Examples
    --------
    >>> from datetime import date
    >>> texts = ["The Zorg Pact holds.", "Talks about the Zorg Pact end.", "All leave the Zorg Pact."]
    >>> events = [Event(str(n), date(2016, 7, n + 1), text=text) for n, text in enumerate(texts)]
    >>> [name.name for name in learn(events).names]
    ['Zorg Pact']
    """
    previous = previous or Lexicon()
    if take is None:
        take = NoteTaker(gazetteer if gazetteer is not None else Gazetteer.load(), previous)
    notes = Notes()
    batches = list(map(UnsourcedEvents, in_batches(list(events))))
    for part in map_batches(take, batches, jobs):
        notes.merge(part)
    return conclude(notes, take.reader, previous)


def conclude(notes: Notes, reader: Reader, previous: Lexicon) -> Lexicon:
    """The lexicon that follows from the notes of a whole corpus; see `learn`.

    Examples
    --------
    >>> from datetime import date
    >>> texts = ["The Zorg Pact holds.", "Talks about the Zorg Pact end.", "All leave the Zorg Pact."]
    >>> take = NoteTaker(Gazetteer.load(), Lexicon())
    >>> notes = take([Event(str(n), date(2016, 7, n + 1), text=text) for n, text in enumerate(texts)])
    >>> [name.name for name in conclude(notes, take.reader, Lexicon()).names]
    ['Zorg Pact']
    """
    count_of = notes.words.get  # get() because most are missing, and Counter.__missing__ is slow
    needed = tagger_settings().learning

    def written_small(word: str) -> int:
        return count_of(word, 0) + count_of(f"{word},", 0) + count_of(f"{word}.", 0)

    keys = {written: fold(written) for written, _ in notes.shaped}
    capitals: Counter[str] = Counter()
    for (written, _), count in notes.shaped.items():
        capitals[keys[written]] += count
    # Skip the many names written only once or twice.
    forms_of: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for (written, kind), count in notes.shaped.items():
        key = keys[written]
        if capitals[key] >= min(needed.name_events, needed.word_events):
            forms_of[key][written] += count
            kinds[key][kind] += count
    parents: dict[str, tuple[str, ...]] = {}
    for written, implied in notes.parents.items():
        key = keys[written]
        parents[key] = min(parents.get(key, implied), implied)
    people: dict[str, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for (name, year), count in notes.people.items():
        people[fold(_surname(name))][year][name] += count
    long_forms: dict[str, Counter[str]] = defaultdict(Counter)
    for (short, long), count in notes.short.items():
        if long[0].isupper():
            long_forms[short][long] += count
    initial = {written.lower() for written in notes.initial}
    begun = Counter[str]()
    for written, count in notes.initial.items():
        begun[fold(written)] += count
    bits = reader.language.bits
    begun_known = Counter(pair.partition(" ")[0] for pair in reader.gazetteer.pairs)
    template = _template(notes) | _own_words(notes) | previous.template
    small, listed = _small_names(notes, reader)
    many = sum(n for (written, _), n in notes.shaped.items() if " " in written)
    labels = (
        previous.labels
        or sum(n for (_, kind), n in notes.shaped.items() if kind == PHRASE) > needed.label_share * many
        or listed > needed.thing_listing * notes.events
    )
    about_things = sum(notes.small.values()) > needed.placed_things * notes.events
    displaced = notes.placings.displaced() if about_things else frozenset()

    singles = {key for key in capitals if " " not in key} | initial
    # Words of unknown names, most of which occur in lower case elsewhere: Grim Sleeper.
    parts = {
        word.lower()
        for written, kind in notes.shaped
        if kind in ("name", PHRASE) and " " in written
        for word in written.split()
        if word.istitle()
    }
    common = {
        key
        for key in singles | parts
        if (uses := written_small(key)) >= needed.everyday_uses
        and uses > (capitals[key] if key in singles else notes.words[key.capitalize()])
    }
    old = {fold(entry.name) for entry in previous.names}
    common -= old

    surnames: dict[str, tuple[tuple[int, int, str], ...]] = {}
    for key in sorted(people):
        if key not in capitals and key not in initial and not reader.known(key.capitalize()):
            continue
        spans: list[tuple[int, int, str]] = []
        for year, names in sorted(people[key].items()):
            best = _most(names)
            if names[best] >= needed.surname_events and names[best] >= needed.meaning_share * sum(
                names.values()
            ):
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
            findable = (
                " " in key
                and all(w[0].isupper() or w[0].isdigit() or w in reader.language.small for w in name.split())
                and not reader.is_office(name)
            )
            learned[key] = Name(name, "story", () if findable else ("!",))
    twins, twin_forms = _twins(forms_of, capitals, old)
    shorts: dict[str, list[str]] = defaultdict(list)
    for short, longs in sorted(long_forms.items()):
        together: Counter[str] = Counter()
        for long, count in longs.items():
            together[fold(long)] += count
        best = _most(together)
        often = together[best] >= needed.abbreviation_events and together[best] >= needed.meaning_share * sum(
            together.values()
        )
        if often and all(alias.weak for _, alias in reader.known(short)):
            shorts[best].append(short)
    for key, forms in sorted(forms_of.items()):
        several = " " in key
        if several and any(word in template for form in forms for word in form.split()):
            continue
        seen = capitals[key] if several else capitals[key] + begun[key]
        if key in old or key in twins or seen < (needed.name_events if several else needed.word_events):
            continue
        if not several and (
            key in common
            or key in surnames
            or bits.get(key, 0) & (GIVEN | EVERYDAY)
            or (key.endswith(("ed", "ing")) and key in rare_words())
        ):
            # Obfuscated
            continue
        name = _most(forms)
        # Known names begin with it too: Apache alone means none of Apache Kafka, Apache Spark and Apache Ant.
        opened = len(notes.opened.get(name, ())) + begun_known[key]
        if not several and opened >= max(needed.opened_names, capitals[key] // 4) and name.istitle():
            # A given name, or a word that begins several names.
            continue
        aliases = (*shorts.pop(key, ()), *twin_forms.get(key, ()))
        known = learned.get(key)
        if known is not None:
            # The text's spelling of a topic that the archive supplies as a slug: AWS for aws.
            slug = "!" in known.aliases and known.name == known.name.lower()
            if slug:
                aliases = (*(a for a in (known.name,) if fold(a) != key), *aliases)
            learned[key] = Name(
                name if slug else known.name,
                known.kind,
                aliases if slug else (*known.aliases, *aliases),
                known.parents,
            )
        else:
            kind = _most(kinds[key])
            learned[key] = Name(name, "name" if kind == PHRASE else kind, aliases, parents.get(key, ()))
    for key, short_forms in sorted(shorts.items()):
        known_as = reader.known(_most(_forms_of(long_forms, key, short_forms)))
        topics = {topic.name: topic for topic, alias in known_as if not alias.weak}
        if len(topics) == 1 and key not in old and key not in learned:
            (topic,) = topics.values()
            learned[key] = Name(topic.name, topic.kind, ("!", *short_forms), topic.parents)
    for written in sorted(displaced):
        # The name of something else, unless it is a person's: Capistrano, but not Jordan.
        key = fold(written)
        if key not in old and not bits.get(key, 0) & (GIVEN | EVERYDAY):
            learned.setdefault(key, Name(written, "name"))
    for written, topic_of in (*small.items(), *_doubtful_names(notes, reader).items()):
        key = fold(written)
        if key not in old and key not in learned:
            learned[key] = topic_of
    fresh = tuple(learned[key] for key in sorted(learned))
    return Lexicon(
        (*previous.names, *fresh),
        previous.common | common,
        dict(sorted(surnames.items())),
        template,
        labels,
        references=notes.references.conclude(),
        displaced=previous.displaced | displaced,
        placed=previous.placed | notes.placings.placed() if labels else frozenset(),
    )


def _small_names(notes: Notes, reader: Reader) -> tuple[dict[str, Name], int]:
    """Names that the corpus writes in lower case: kubectl, quick-xml; for known software the lower-case form. And how many of
    them the corpus would show without those where only names stand.
    """
    needed = tagger_settings().learning
    bits = reader.language.bits
    found: dict[str, Name] = {}
    technical = _is_technical(notes)
    # An archive whose items are about different things, such as advisories, names most of them once.
    once: set[str] = set()
    named = notes.named if technical else Counter[str]()
    # idrac is the iDRAC of other events.
    mixed = {word.lower(): word for word in sorted(notes.words) if technical and _MIXED.fullmatch(word)}
    for written in sorted({*notes.small, *named, *notes.sure, *notes.titled}):
        count = notes.small[written]
        parts = re.split(r"[-_./+]", written)
        plain = parts[-1].isalpha() and "_" not in written
        ordinary = "_" not in written and all(
            bits.get(part, 0) or part.isdigit() or len(part) < 2 for part in parts
        )
        sure = (written in notes.sure or written in notes.titled) and written not in rare_words()
        if written in named and (len(parts) > 1 or is_strange(written, bits)):
            ordinary, count = ordinary and bits.get(parts[0], 0) & OPENER != 0, notes.words[written] or 1
        elif count < (needed.thing_events if len(parts) == 1 or not technical else 1):
            if not sure and (not technical or not is_strange(written, bits)):
                continue
            once.add(written)
        only_titled = not (count or written in named or written in notes.sure)
        if sure:
            count = max(count, notes.sure[written], notes.titled[written])
        if (
            len(written) < 3
            or max(map(len, parts)) < 2
            or written.startswith("path/to")
            or (
                (written in rare_words() or written in reader.language.technical)
                and notes.heads[written] < needed.thing_events
            )
            or (ordinary and (len(parts) < 3 or any(bits.get(part, 0) & OPENER for part in parts)))
            or parts[0] in reader.language.detached
            or parts[0] in _FIRST_HALVES
            or ("-" in written and not reader.language.small.isdisjoint(parts[1:]))
            or parts[-1] in _PARTICLES
            or (plain and (_ADJECTIVE if ordinary or len(parts) == 1 else _PARTICIPLE).search(parts[-1]))
            or _FILE.search(written)
            or count < (needed.titled_share if only_titled else needed.thing_share) * notes.words[written]
        ):
            continue
        known = [
            t
            for form in (written, written.capitalize(), written.upper())
            for t, a in reader.known(form)
            if not a.weak
        ]
        if known:
            if known[0].kind in SMALL_KINDS and not reader.known(written):
                found[written] = Name(known[0].name, known[0].kind, ("!", written), known[0].parents)
            continue
        if written in mixed:
            found[written] = Name(mixed[written], "software", ("!", written))
        else:
            found[written] = Name(written, "name" if only_titled else "software")
    often = len(found.keys() - once)
    if often >= needed.thing_listing * notes.events:
        often = len(found)
    else:
        for written in once - notes.sure.keys() - notes.titled.keys():
            found.pop(written, None)
    return found, often


def _is_doubtful_software(piece: Mention) -> bool:
    """Whether a mention can only be one piece of software, standard or product in the gazetteer, or a small town beside it."""
    small = [topic for topic, alias in piece.maybe if alias.weak and topic.kind in SMALL_KINDS]
    return len(small) == 1 and all(
        alias.weak and topic.kind == "city" for topic, alias in piece.maybe if topic != small[0]
    )


def _doubtful_names(notes: Notes, reader: Reader) -> dict[str, Name]:
    """Software named by an everyday word that a technical archive often capitalises: Rack, Cargo."""
    if not _is_technical(notes):
        return {}
    found: dict[str, Name] = {}
    for written, count in sorted(notes.doubtful.items()):
        if count >= tagger_settings().learning.word_events:
            # The word alone may also be known as another topic: Terraform also names its maker, HashiCorp.
            known = (
                topic for topic, alias in reader.known(written) if alias.weak and topic.kind in SMALL_KINDS
            )
            if (topic := next(known, None)) is not None:
                found[written] = Name(topic.name, topic.kind, ("!", written), topic.parents)
    return found


def _is_technical(notes: Notes) -> bool:
    """Whether an archive often has lower-case names of libraries, commands and similar."""
    return sum(notes.small.values()) >= tagger_settings().learning.thing_share * notes.events > 0


def _own_words(notes: Notes) -> frozenset[str]:
    """The unknown abbreviations that a large share of the events write, with their long forms: KEP, PEP.

    The archive's name for its own items says nothing about any of them.
    """
    needed = tagger_settings().learning
    least = max(needed.template_least, needed.own_share * notes.events)
    uses: Counter[str] = Counter()
    for (written, _), count in notes.shaped.items():
        uses[written] += count
    own = {written for written, count in uses.items() if count >= least and written.isupper()}
    for short, long in notes.short:
        words = long.split() if short in own else []
        own.update(" ".join(words[position:]) for position in range(len(words) - 1))
    return frozenset(own)


def _template(notes: Notes) -> frozenset[str]:
    """The names that occur in the same phrase in a large share of the events."""
    needed = tagger_settings().learning
    least = max(needed.template_least, needed.template_events * notes.events)
    often = {phrase: count for phrase, count in notes.around.items() if count >= least}
    uses: Counter[str] = Counter()
    if often:
        names = {written for written, _, _ in often}
        for (written, _, _), count in notes.around.items():
            if written in names:
                uses[written] += count
    return frozenset(
        written for (written, _, _), count in often.items() if count >= needed.template_share * uses[written]
    )


def _twins(
    forms_of: dict[str, Counter[str]], counts: Counter[str], old: set[str]
) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    """Names that differ only in a hyphen, space or plural: the rarer ones, and the variants of each most frequent one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for key in forms_of:
        groups[thing(key)].append(key)
    rarer: set[str] = set()
    forms: dict[str, tuple[str, ...]] = {}
    for keys in groups.values():
        if len(keys) > 1 and not old.intersection(keys):
            first, *others = sorted(keys, key=lambda key: (-counts[key], key))
            rarer.update(others)
            forms[first] = tuple(_most(forms_of[key]) for key in others)
    return rarer, forms


def _forms_of(long_forms: dict[str, Counter[str]], key: str, shorts: Sequence[str]) -> Counter[str]:
    return Counter(
        {long: n for short in shorts for long, n in long_forms[short].items() if fold(long) == key}
    )
