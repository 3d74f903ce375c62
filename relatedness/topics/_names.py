"""Reading the names in a text: runs of capitalised words, and what each of them names.

Runs (with the small words that names hold: of, for, the, al-, de) are cut out by one regular expression. In each run
the longest known name wins; what is left is read by its shape: titles fall away, a place before an institution's noun
belongs to the institution, "University of" takes what follows. Everything about a run that does not depend on the
event around it is worked out once and kept, since names recur. What the event decides stands in `relatedness.topics`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from relatedness.config import shipped
from relatedness.events import Event
from relatedness.topics._gazetteer import (
    ANY_CASE,
    CAPITALISED,
    FIRST_YEAR,
    Alias,
    Gazetteer,
    Topic,
    fits,
    fold,
)
from relatedness.topics._lexicon import Lexicon
from relatedness.topics._topic import PLACES, EventTopic

_LARGEST_CACHE = 100_000

# What the word lists and its looks say of a word, as bits: one look-up answers every question about it.
(
    TITLE, DATE, OPENER, GENERIC, HEAD, GIVEN, RANK, REGNAL, DIRECTION, JOINING, OFFICE, STORM, NUMBERED,
    SMALL, PARTICLE, LOWER, DIGIT, POSSESSIVE,
) = (1 << bit for bit in range(18))  # fmt: skip
_LISTS = {
    "titles": TITLE,
    "dates": DATE,
    "openers": OPENER,
    "generic": GENERIC,
    "given": GIVEN,
    "ranks": RANK,
    "regnal": REGNAL,
    "directions": DIRECTION,
    "joining": JOINING,
    "offices": OFFICE,
    "storms": STORM,
    "numbered": NUMBERED,
}
# A name made of such words alone says nothing, and a single word of the second kind is none.
_HOLLOW = GENERIC | OPENER | TITLE | SMALL | DIGIT
_NO_NAME = GENERIC | TITLE | HEAD | DATE | OPENER


@lru_cache(maxsize=1)
def _word_lists() -> tuple[dict[str, int], dict[str, str], frozenset[str]]:
    """Of ``models/words.toml``: the bits of each word, the kind of name that a head makes, the particles of names."""
    data = tomllib.loads(shipped("words.toml").read_text(encoding="utf-8"))
    bits: dict[str, int] = {}
    for name, bit in _LISTS.items():
        for word in data[name].split():
            bits[word] = bits.get(word, 0) | bit
    heads: dict[str, str] = {}
    for kind, words in data["heads"].items():
        for word in words.split():
            heads.setdefault(word, kind)
            bits[word] = bits.get(word, 0) | HEAD
    return bits, heads, frozenset(data["particles"].split())


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
_RUN = re.compile(
    rf"[{_UPPER}12](?<!\w.)(?:(?<=[12])[09]\d\d(?:[-–/]\d\d(?:\d\d)?)? {_WORD}"
    rf"|(?<=[{_UPPER}])(?:\.(?:[{_UPPER}]\.)*(?:-?[{_UPPER}]\w*)?(?:[’']s\b|-\w+)?"
    rf"|(?:r|rs|s|t|en|ol|aj|apt|gt|ep|ov|ev|on|dm|rig|rof|res)\.(?= )|\w*(?:[-–’'&/]\w+)*(?:(?<=s)[’'](?= [{_UPPER}]))?))"
    rf"(?:(?: +(?:{_SMALL})){{0,3}} +{_WORD}| \d[\w-]*)*"
)
_PARTICLE = re.compile(r"(?<!\w)(?:al|el|an|ar|as|at|az|ad|ash|d|l)[-’']$")
_ENDS = frozenset('.!?:;”"\n|•—–')
# Spaces and hyphens that only print differently.
_SPACES = str.maketrans(
    dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f", " ")
    | {"\u2010": "-", "\u2011": "-", "\u00ad": None}
)
SMALL_WORDS = frozenset(_SMALL.split("|")) | {"and", "in", "on", "to", "at", "against", "with"}
# A Super Bowl, or a king, without a name. No larger ones: MMC and MCC are somebody.
_NUMERAL = re.compile(r"(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_INITIAL = re.compile(r"^(?:\w\.){1,2}$")
_PART = re.compile(r"[^-–/]+")
_DONE = frozenset(
    {"based", "led", "backed", "born", "linked", "owned", "affiliated", "controlled", "held", "sponsored"}
)
_SPLITS = re.compile(r"[-–/]")
# What may follow a run and still belong to a known name: "security forces", "and Herzegovina", "in the Maghreb".
_TAIL = re.compile(
    rf" ([a-z][a-z-]*)(?:(?: of| for| in| on)?(?: the)? {_WORD}(?:(?: of| for| and)?(?: the)? {_WORD})*|(?: [a-z][a-z-]*){{0,2}})"
)
# What may go on after "Union of Pure": "and Applied Chemistry".
_AND = re.compile(rf" and ([{_UPPER}][^\W\d_]+(?: [{_UPPER}][^\W\d_]+)*)\b")
_FOLLOWING = re.compile(r" ([a-z][a-z-]*)")
# Scripts that put no space between words: a name may begin and end anywhere.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)

Known = tuple[tuple[Topic, Alias], ...]


class Found(NamedTuple):
    """What a piece of text names, before the event around it has decided; offsets count from its run's beginning."""

    start: int
    end: int
    written: str
    plain: EventTopic | None
    """What it is, where that is certain: the topic of an event that writes it in this one way."""
    parents: tuple[str, ...] = ()
    """The parents of that topic."""
    maybe: Known = ()
    """What it may be, where the event has to decide."""
    shape: bool = False
    """Known by its shape alone: neither gazetteer nor lexicon has it."""
    initial: bool = False
    """A single unknown word at the beginning of a sentence: a name only if the event says so elsewhere."""
    easy: bool = False
    """Nothing else in the event can change what it means."""

    @property
    def topic(self) -> Topic | None:
        """What it is, where that is certain."""
        return None if self.plain is None else Topic(self.plain.name, self.plain.kind, self.parents)


class Word:
    """What there is to know of a word by itself."""

    __slots__ = ("bare", "bits", "key", "longest", "single", "text", "whole")

    def __init__(
        self, text: str, bare: str, key: str, whole: str, bits: int, longest: int, single: bool
    ) -> None:
        self.text = text
        self.bare = bare
        """Lower case, without a possessive ending."""
        self.key = key
        """Folded, without a possessive ending."""
        self.whole = whole
        """Folded as it stands."""
        self.bits = bits
        self.longest = longest
        """Number of words of the longest known name that begins with this word."""
        self.single = single
        """Whether it is one word when folded too: al-Qaeda is two."""


class Run:
    """A run of capitalised words, cut into its words."""

    __slots__ = ("split", "starts", "text", "words")

    def __init__(self, text: str, starts: list[int], words: list[Word], split: bool) -> None:
        self.text = text
        self.starts = starts
        self.words = words
        self.split = split
        """Whether a word was cut at its hyphens: keys then differ from what stands there."""

    def cut(self, begin: int, end: int) -> str:
        """The text from one word up to another, that one not included."""
        last = end - 1
        return self.text[self.starts[begin] : self.starts[last] + len(self.words[last].text)]


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
        self._bits, self._heads, self._particles = _word_lists()
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
        self._longest, self._pairs = gazetteer.starts, gazetteer.pairs
        if self._learned:
            self._longest, self._pairs = dict(self._longest), set(self._pairs)
        for key in self._learned:
            first, *others = key.split(" ")
            if others:
                self._longest[first] = max(self._longest.get(first, 0), 1 + len(others))
                self._pairs.add(f"{first} {others[0]}")
        # What runs name, one table for those that begin a sentence and one for the others.
        self._initial: dict[str, tuple[Found, ...]] = {}
        self._inner: dict[str, tuple[Found, ...]] = {}
        self._open_initial: dict[str, tuple[Found, ...]] = {}
        self._open_inner: dict[str, tuple[Found, ...]] = {}
        self._words: dict[str, Word] = {}
        self._known: dict[str, Known] = {}
        # A word of lower-case names, also with the marks that may follow it in a text.
        self._loose = {
            word + mark: word
            for word in gazetteer.loose
            for mark in ("", ",", ".", ";", ":", ")", "'s", "’s")
        }

    def read_event(self, event: Event) -> tuple[str, list[tuple[int, Found]]]:
        """An event's text as one string, and everything that names something in it, with the offset of its run."""
        text, title = event.text, event.title
        if not (text.isascii() and title.isascii()):
            text, title = text.translate(_SPACES), title.translate(_SPACES)
        shapes = betrays_names(text, event.language)
        if not text or title == text:
            only = title or text
            return only, self.read(only, shapes=shapes and not is_headline(only))
        found = self.read(text, shapes=shapes)
        if title:
            offset = len(text) + 2
            more = self.read(title, shapes=shapes and not is_headline(title))
            found += [(start + offset, piece) for start, piece in more]
            text = f"{text}\n\n{title}"
        return text, found

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
        here = 0
        while here >= 0:
            matches = _RUN.finditer(text, here)
            here = -1
            for match in matches:
                start, end = match.span()
                run = text[start:end]
                cache = self._initial
                if start:
                    before = text[start - 1]
                    if before == " ":
                        if start == 1 or text[start - 2] not in _ENDS:
                            cache = self._inner
                    elif before in "-'’" and (particle := _PARTICLE.search(text, max(0, start - 5), start)):
                        start = particle.start()
                        run = particle.group() + run
                        if start and (start == 1 or text[start - 2] not in _ENDS):
                            cache = self._inner
                    elif before == "(":
                        cache = self._inner
                pieces = cache.get(run)
                if pieces is None:
                    pieces, end = self._read_run(run, cache is self._initial, text, end)
                    if end != match.end():
                        # The run went on in lower case: what follows it begins there.
                        here = end
                if not shapes:
                    pieces = tuple(piece for piece in pieces if not piece.shape)
                if len(pieces) == 1:
                    found.append((start, pieces[0]))
                else:
                    found += zip(repeat(start), pieces)
                if here >= 0:
                    break
        if not self._loose.keys().isdisjoint(words := text.split()):
            found = self._with_lower_case(
                text, {self._loose[word] for word in words if word in self._loose}, found
            )
        if self.gazetteer.caseless and not text.isascii():
            found = self._with_caseless(text, found)
        return found

    def known(self, written: str) -> Known:
        """The topics that the gazetteer, or else the lexicon, has for a text as it is written."""
        found = self._known.get(written)
        return self._look_up(written, fold(written)) if found is None else found

    def _look_up(self, written: str, key: str) -> Known:
        found: Known = ()
        if key not in self.gazetteer.bans:
            found = tuple(
                (self.gazetteer.topic(alias.topic), alias)
                for alias in self.gazetteer.aliases(key)
                if fits(alias, written)
            )
            if self.gazetteer.bans:
                found = tuple(pair for pair in found if not self.gazetteer.banned(pair[0].name))
            if found and written.isupper() and 1 < len(written) <= 6 and " " not in key:
                # PACE is no town: in capitals a word is an acronym before it is the name of a city or a person.
                found = tuple(
                    p for p in found if p[1].case != CAPITALISED or p[0].kind in ("country", "state")
                )
            if not found and (learned := self._learned.get(key)) is not None:
                number, alias = learned
                small = written[:1].islower() and "-" not in written
                short = " " not in key and len(key) < 6 and alias.isupper() != written.isupper()
                if not (small or short):
                    found = ((self.lexicon.names[number].topic, Alias(number)),)
        if len(self._known) >= _LARGEST_CACHE:
            self._known.clear()
        self._known[written] = found
        return found

    def learned(self, name: str) -> Topic | None:
        """The topic that the lexicon has for a name in whatever case, also where it is never looked for in texts."""
        found = self._learned.get(fold(name)) or self._silent.get(fold(name))
        return None if found is None else self.lexicon.names[found[0]].topic

    def piece(self, start: int, written: str, known: Known) -> Found:
        """A name of which this much is known."""
        end = start + len(written)
        if len(known) == 1:
            topic, alias = known[0]
            if not alias.weak and alias.first == FIRST_YEAR:
                plain = EventTopic(topic.name, topic.kind, "found", (written,))
                return Found(
                    start, end, written, plain, topic.parents, (), False, False, topic.kind != "media"
                )
        return Found(start, end, written, None, (), known)

    def shaped(
        self, start: int, written: str, kind: str, parents: tuple[str, ...] = (), initial: bool = False
    ) -> Found:
        """A name that its shape alone betrays."""
        plain = EventTopic(written, kind, "found", (written,))
        return Found(start, start + len(written), written, plain, parents, (), True, initial, " " in written)

    def says_something(self, written: str) -> bool:
        """Whether an unknown name is more than a generic word, a number, a date or a ban."""
        return self._says_something(written, self._cut_up(written).words)

    def _word(self, text: str) -> Word:
        if text.isascii() and text.isalpha():
            # Most words: nothing to take off.
            bare = key = whole = text.lower()
            bits = self._bits.get(bare, 0)
            if bare == text:
                bits |= LOWER
            longest, single = self._begins(key), True
        else:
            stem = without_possessive(text)
            key, bare = fold(stem), stem.lower()
            whole = key if stem is text else fold(text)
            bits = self._bits.get(bare, 0) | self._bits.get(bare.rstrip("."), 0) & (TITLE | GENERIC)
            if text.islower():
                bits |= LOWER
            if text[0].isdigit():
                bits |= DIGIT
            if text[-2:] in ("'s", "’s"):
                bits |= POSSESSIVE
            longest = max(self._begins(key), self._begins(whole))
            single = " " not in whole
        if text in SMALL_WORDS:
            bits |= SMALL | (PARTICLE if text in self._particles else 0)
        if len(self._words) >= _LARGEST_CACHE:
            self._words.clear()
        word = self._words[text] = Word(text, bare, key, whole, bits, longest, single)
        return word

    def _begins(self, key: str) -> int:
        first = key.partition(" ")[0]
        most = self._longest.get(first)
        return most if most is not None else int(first in self._aliases or first in self._learned)

    def _cut_up(self, run: str) -> Run:
        known_words = self._words
        texts = run.split(" ")
        if "" not in texts and _SPLITS.search(run) is None:
            # Most runs: single spaces, no hyphens.
            words = [known_words.get(text) or self._word(text) for text in texts]
            starts = [0]
            for text in texts[:-1]:
                starts.append(starts[-1] + len(text) + 1)
            return Run(run, starts, words, False)
        starts, words = [], []
        here, split = 0, False
        for place, text in enumerate(texts):
            start = here
            here += len(text) + 1
            if not text:
                continue
            if (
                _SPLITS.search(text)
                and not self.known(without_possessive(text))
                and not self._between(texts[place + 1 :])
            ):
                parts = list(_PART.finditer(text))
                head = text[: parts[-1].start() - 1] if len(parts) > 1 else ""
                if (head and parts[-1].group() in _DONE) or (
                    head and parts[-1].group()[0].islower() and self.known(head)
                ):
                    # Saudi-led, Los Angeles-based: the first part is the name, or the end of one.
                    starts += start, start + len(head)
                    words += self._word(head), self._word("&")
                    split = True
                    continue
                # The long dash stands between names: North Korea–South Korea.
                if len(parts) > 1 and (
                    all(self.known(without_possessive(part.group())) for part in parts)
                    or ("–" in text and "-" not in text and all(p.group()[0].isupper() for p in parts))
                ):
                    for part in parts:
                        at = start + part.start()
                        if part.start():
                            starts.append(at - 1)
                            words.append(self._word("&"))
                        starts.append(at)
                        words.append(self._word(part.group()))
                    split = True
                    continue
            starts.append(start)
            words.append(known_words.get(text) or self._word(text))
        return Run(run, starts, words, split)

    def _between(self, after: list[str]) -> bool:
        """Whether what follows two names in one word makes one name of all: Egypt-Israel Peace Treaty."""
        last = -1
        for place, text in enumerate(after):
            if not text[:1].isupper():
                break
            last = place
        return last >= 0 and self._heads.get(without_possessive(after[last]).lower()) in (
            "agreement",
            "conflict",
        )

    def _longest_known(self, run: Run, here: int) -> tuple[int, Known]:
        words = run.words
        longest = words[here].longest
        if not longest:
            return 0, ()
        stop, first = min(len(words), here + longest + 1), words[here]
        if stop > here + 1 and first.single:
            # Most words begin some long name, and most pairs of words begin none.
            second = words[here + 1]
            if f"{first.whole} {second.whole if second.single else second.whole.partition(' ')[0]}" not in (
                pairs := self._pairs
            ) and not (second.bits & POSSESSIVE and f"{first.whole} {second.key.partition(' ')[0]}" in pairs):
                stop = here + 1
        keys = [word.whole for word in words[here:stop]]
        aliases, learned = self._aliases, self._learned
        while stop > here:
            last = words[stop - 1]
            if not last.bits & SMALL:
                key = " ".join(keys)
                if key in aliases or key in learned:
                    known = self._known_as(run, here, stop, key)
                    if known:
                        return stop, known
                if last.bits & POSSESSIVE:
                    keys[-1] = last.key
                    key = " ".join(keys)
                    if key in aliases or key in learned:
                        known = self._known_as(run, here, stop, key, bare=True)
                        if known:
                            return stop, known
            keys.pop()
            stop -= 1
        return 0, ()

    def _known_as(self, run: Run, begin: int, end: int, key: str, *, bare: bool = False) -> Known:
        written = run.cut(begin, end)
        if bare:
            written = without_possessive(written)
        found = self._known.get(written)
        if found is not None:
            return found
        return self._look_up(written, fold(written) if run.split else key)

    def _read_run(self, run: str, initial: bool, text: str, end: int) -> tuple[tuple[Found, ...], int]:
        """What a run names, and where in the text it ends: a known name may go on in lower case."""
        cache = self._initial if initial else self._inner
        after = self.gazetteer.tails.get(run[run.rfind(" ") + 1 :])
        if after:
            # Two runs that are written alike may go on differently: these are kept by what they are in the end.
            cache = self._open_initial if initial else self._open_inner
            following = _FOLLOWING.match(text, end)
            if following is not None and following[1] in after and (more := _TAIL.match(text, end)):
                whole = run + more.group()
                pieces = cache.get(whole)
                if pieces is None:
                    pieces = tuple(self._names_in(whole, initial))
                    if not any(piece.start < len(run) < piece.end for piece in pieces):
                        pieces = ()
                    self._keep(cache, whole, pieces)
                if pieces:
                    return pieces, more.end()
            if (kept := cache.get(run)) is not None:
                return kept, end
        pieces = tuple(self._names_in(run, initial))
        if self._is_unfinished(run, pieces):
            # Not kept: what it names depends on what follows it.
            if (more := _AND.match(text, end)) and self._goes_on(more[1]):
                last = pieces[-1]
                written = run[last.start :] + more.group()
                kind = self._heads.get(
                    written.partition(" of ")[0].rpartition(" ")[2].lower(), "organisation"
                )
                pieces = (*pieces[:-1], self.shaped(last.start, written, kind, last.parents))
                end = more.end()
            return pieces, end
        self._keep(cache, run, pieces)
        return pieces, end

    def _keep(self, cache: dict[str, tuple[Found, ...]], run: str, pieces: tuple[Found, ...]) -> None:
        if len(cache) >= _LARGEST_CACHE:
            cache.clear()
        cache[run] = pieces

    def _is_unfinished(self, run: str, pieces: tuple[Found, ...]) -> bool:
        """Whether a run ends in a name that may go on after an "and": an unknown body of something that is no name."""
        if not pieces or not pieces[-1].shape or pieces[-1].end != len(run):
            return False
        head, joined, matter = pieces[-1].written.partition(" of ")
        if not joined:
            head, joined, matter = pieces[-1].written.partition(" for ")
        if not joined or not self._bits.get(head.rpartition(" ")[2].lower(), 0) & JOINING:
            return False
        return not self.known(matter.removeprefix("the "))

    def _goes_on(self, written: str) -> bool:
        """Whether what stands after "and" has no name of its own: Applied Chemistry, not Barack Obama or the FBI."""
        words = self._cut_up(written).words
        return (
            len(words) <= 3
            and not any(
                word.bits & (TITLE & ~GENERIC | GIVEN | HEAD | DATE | RANK) or word.text.isupper()
                for word in words
            )
            and not any(self.known(word.text) for word in words)
            and not self.known(written)
        )

    def _names_in(self, text: str, initial: bool) -> list[Found]:
        run = self._cut_up(text)
        words = run.words
        found: list[Found] = []
        here, count = 0, len(words)
        office = False
        while here < count:
            word = words[here]
            bits = word.bits
            if bits & SMALL:
                # "President of Kyrgyzstan Almazbek Atambayev": the country ends there.
                office = word.text in ("of", "the") and (
                    office or (here > 0 and words[here - 1].bits & OFFICE != 0)
                )
                here += 1
                continue
            start = run.starts[here]
            opening = initial and start == 0
            stop, known = self._longest_known(run, here) if word.longest else (0, ())
            if (
                known
                and stop - here == 1
                and (bits & DATE or (bits & GENERIC and known[0][1].weak) or (opening and bits & OPENER))
            ):
                stop, known = 0, ()
            if not stop:
                if bits & (DIGIT | LOWER):
                    here += 1
                    continue
                if bits & DIRECTION and here + 1 < count:
                    after, place = self._longest_known(run, here + 1)
                    if after and place[0][0].kind in PLACES and not opening and not place[0][1].weak:
                        written = without_possessive(run.cut(here, after))
                        found.append(self.shaped(start, written, "region", (place[0][0].name,)))
                        here = after
                        continue
                    if after:
                        here += 1
                        continue
            block = count if here + 1 == count else self._block_end(words, here)
            if (
                stop
                and stop < block
                and stop - here == 1
                and not office
                and self._is_given(words, here, known)
            ):
                # "David Cameron", where David is a town as well.
                stop = 0
            if stop:
                if stop < block:
                    joined = None if office else self._institution(run, here, stop, block, known)
                    if joined is not None:
                        here = joined[0]
                        found.append(joined[1])
                        office = False
                        continue
                found.append(self.piece(start, without_possessive(run.cut(here, stop)), known))
                titled = office
                here, office = stop, False
                if titled and here < block and not self._longest_known(run, here)[0]:
                    here = self._unknown(run, here, block, False, True, found)
                continue
            here = self._unknown(run, here, block, opening, False, found)
            office = False
        return found

    def _is_given(self, words: list[Word], here: int, known: Known) -> bool:
        """Whether a known word is a given name here, with a surname after it."""
        bits = words[here].bits
        return (
            bits & (GIVEN | POSSESSIVE) == GIVEN
            and (known[0][0].kind in PLACES or known[0][0].kind == "religion")
            and not words[here + 1].bits & (TITLE | SMALL | HEAD)
        )

    def _block_end(self, words: list[Word], here: int) -> int:
        """Where the words that stand together end: at a small word that names do not hold, after a possessive."""
        stop, count = here + 1, len(words)
        while stop < count:
            bits = words[stop].bits
            if words[stop - 1].bits & POSSESSIVE or bits & (LOWER | SMALL) == LOWER:
                break
            if bits & SMALL:
                after = stop
                while after < count and words[after].bits & PARTICLE:
                    after += 1
                if after == stop or after >= count:
                    break
                stop = after
            stop += 1
        return min(stop, count)

    def _institution(
        self, run: Run, here: int, stop: int, block: int, known: Known
    ) -> tuple[int, Found] | None:
        """Read "Iraqi Army", "Houston Methodist Hospital": a known place and the institution that bears its name."""
        words, topic = run.words, known[0][0]
        if words[stop - 1].bits & POSSESSIVE:
            return None
        numbered = words[block - 1].bits & DIGIT and words[block - 2].bits & NUMBERED and block - stop > 1
        while block > stop and words[block - 1].bits & DIGIT and not numbered:
            block -= 1
        if block == stop:
            return None
        first = words[stop].bits
        kind = self._heads.get(words[block - 2 if numbered else block - 1].bare)
        if kind is None and (topic.kind not in ("state", "city", "region") or first & GIVEN):
            return None
        if (first & TITLE and (kind is None or first & RANK)) or first & DATE:
            return None
        inner, within = self._longest_known(run, stop)
        if inner and not (kind and (inner < block or within[0][1].weak)):
            return None
        if any(word.bits & RANK for word in words[stop:block]):
            return None
        if not numbered:
            block = self._joined(run, block)
        written = without_possessive(run.cut(here, block))
        # Of "Lincoln Chafee" nobody knows whether it belongs to Lincoln.
        sure = (
            topic.kind in PLACES - {"sea"} and not known[0][1].weak and (kind is not None or block - here > 2)
        )
        parents = (topic.name,) if sure else ()
        return block, self.shaped(run.starts[here], written, kind or "name", parents)

    def _unknown(
        self, run: Run, here: int, block: int, opening: bool, titled: bool, found: list[Found]
    ) -> int:
        """Read a block that begins with no known name; returns where reading goes on."""
        words = run.words
        begin = here
        closing = block - here > 1 and words[block - 1].bits & HEAD != 0
        # Titles fall away, unless they are all there is, or begin the name of a body: Energy Future Holdings.
        while begin < block and words[begin].bits & TITLE and not (closing and not words[begin].bits & RANK):
            begin += 1
        regnal = begin > here and block - begin in (1, 2) and words[begin - 1].bits & REGNAL
        if regnal and (block - begin == 1 or words[block - 1].text.isupper()) and words[begin].bits & GIVEN:
            # Pope Francis, Queen Elizabeth II: of these the title is half the name.
            written = without_possessive(run.cut(begin - 1, block))
            found.append(self.shaped(run.starts[begin - 1], written, "person"))
            return block
        if begin == here and (words[here].bits & DATE or (opening and words[here].bits & OPENER)):
            return here + 1
        if begin >= block:
            return block
        if begin > here:
            titled = True
            if self._longest_known(run, begin)[0] or words[begin].bits & DATE:
                return begin
        lead = words[begin]
        stop = begin + 1
        while stop < block:
            word = words[stop]
            if word.bits & RANK and not closing:
                break
            if word.bits & DATE and not (stop == begin + 1 and lead.bits & GIVEN):
                break
            if word.longest and not closing:
                inner, known = self._longest_known(run, stop)
                if inner:
                    # "Yves Saint-Laurent": a town after a given name is a surname.
                    kind_of = known[0][0].kind
                    surname = stop == begin + 1 and lead.bits & GIVEN and kind_of == "city"
                    if (inner - stop > 1 or kind_of == "country") and not known[0][1].weak and not surname:
                        break
            stop += 1
        while stop > begin + 1 and words[stop - 1].bits & DIGIT and not words[stop - 2].bits & NUMBERED:
            stop -= 1
        last = words[stop - 1]
        kind = self._heads.get(last.bare) if stop - begin > 1 else None
        if last.bits & JOINING:
            joined = self._joined(run, stop)
            if joined > stop:
                stop, kind = joined, self._heads.get(last.bare, "organisation")
        if stop - begin > 1:
            if lead.bits & STORM or (lead.bare == "tropical" and words[begin + 1].bare == "storm"):
                kind = "disaster"
            if kind is None:
                person = titled or lead.bits & GIVEN or _INITIAL.match(lead.bare) is not None
                kind = "person" if person and stop - begin <= 5 else "name"
        written = without_possessive(run.cut(begin, stop))
        if self._says_something(written, words[begin:stop]):
            initial = opening and begin == here and stop - begin == 1
            found.append(self.shaped(run.starts[begin], written, kind or "name", (), initial))
        return stop

    def _joined(self, run: Run, stop: int) -> int:
        """Where a name ends whose head takes what follows: "University of Texas", "Battle of Mosul"."""
        words = run.words
        count = len(words)
        if words[stop - 1].bits & (JOINING | POSSESSIVE) != JOINING:
            return stop
        while stop + 1 < count and words[stop].text in ("of", "for"):
            after = stop + 2 if words[stop + 1].text == "the" else stop + 1
            if after >= count or words[after].bits & (LOWER | RANK):
                break
            stop = self._longest_known(run, after)[0] or self._block_end(words, after)
            if words[stop - 1].bits & POSSESSIVE:
                break
        return stop

    def _says_something(self, written: str, words: list[Word]) -> bool:
        if len(words) == 1:
            if len(written) < 3 or words[0].bits & _NO_NAME or words[0].bare in self.lexicon.common:
                return False
            if written[-1] == "s" and written[:-1].isupper():
                # MPs, NGOs: several of a kind.
                return False
            if not (written[0].isalpha() or "-" in written) or _NUMERAL.fullmatch(written):
                return False
        elif (
            all(word.bits & _HOLLOW for word in words)
            and "of" not in written
            and (len(words) < 3 or not words[-1].bits & HEAD)
        ):
            return False
        return not self.gazetteer.banned(written)

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


def without_possessive(text: str) -> str:
    """The text without a possessive ending.

    Examples
    --------
    >>> without_possessive("Iraq's"), without_possessive("United States’")
    ('Iraq', 'United States')
    """
    if text[-2:] in ("'s", "’s"):
        return text[:-2]
    return text[:-1] if text[-2:] in ("s'", "s’") else text


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


def betrays_names(text: str, language: str | None) -> bool:
    """Whether a capital betrays a name: not in German, whose nouns have them all, nor in capitals throughout."""
    return (language is None or language.lower().startswith("en")) and not text.isupper()


def is_headline(text: str) -> bool:
    """Whether a line capitalises its words as headlines do, so that capitals say nothing about names."""
    words = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return len(words) > 2 and sum(word[0].isupper() for word in words) >= 0.7 * len(words)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a piece of caseless text is a word of its own, as far as its script separates words."""
    if _UNSPACED.match(text[start]):
        return True
    before = start > 0 and (text[start - 1].isalnum() or unicodedata.combining(text[start - 1]) != 0)
    after = end < len(text) and (text[end].isalnum() or unicodedata.combining(text[end]) != 0)
    return not before and not after
