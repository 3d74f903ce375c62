"""The names that are known: a word by itself, a run cut into its words, the longest known name at a word."""

from __future__ import annotations

import re
from functools import cached_property

from relatedness.topics._gazetteer import Gazetteer, Topic
from relatedness.topics._gazetteer_file import CAPITALISED, EXACT, Alias, fits
from relatedness.topics._language import (
    DATE,
    DETERMINER,
    DIGIT,
    EVERYDAY,
    GENERIC,
    GIVEN,
    HEAD,
    LOWER,
    OPENER,
    PARTICLE,
    POSSESSIVE,
    RANK,
    REGNAL,
    SAINT,
    SMALL,
    TITLE,
    Language,
)
from relatedness.topics._lexicon import Lexicon
from relatedness.topics._mention import Known
from relatedness.topics._settings import is_acronym, tagger_settings
from relatedness.topics._spelling import fold, is_plural_of_model, without_possessive
from relatedness.topics._word_lists import any_word

LARGEST_CACHE = 100_000
# Kinds of learned names that texts may write in lower case: kubectl.
SMALL_KINDS = frozenset({"software", "standard", "product"})
# Kinds of which an archive about other things may mean none: a small town, whose name is a person's there.
DISPLACED = frozenset({"country", "state", "city", "team"})
# Matches the separators at which a compound of names is split.
SPLITS = re.compile(r"[-–/]")

# Capitals beside each other or at the end of a short word that is not all capitals: KRaft, MaRS, JoS.
_OWN_CASE = re.compile(r"(?=.{3,6}$)(?=[A-Z]*[a-z])(?:[A-Z]{2,}[a-z]+|[A-Z][a-z]+[A-Z]+)")
_PART = re.compile(r"[^-–/]+")
# Endings of second halves that describe the first: -ed, -able and similar.
_ADJECTIVE = re.compile(f"..(?:{any_word('en', 'compound_endings')})$|^able$")


class Word:
    """The properties of a word by itself."""

    __slots__ = ("bare", "bits", "key", "longest", "single", "text", "whole")

    def __init__(
        self, text: str, bare: str, key: str, whole: str, *, bits: int, longest: int, single: bool
    ) -> None:
        self.text = text
        self.bare = bare
        """Lower case, without a possessive ending."""
        self.key = key
        """Folded, without a possessive ending."""
        self.whole = whole
        """Folded as written."""
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
        """Whether a word was split at hyphens, so that keys differ from the text."""

    def cut(self, begin: int, end: int) -> str:
        """The text from one word up to, but not including, another."""
        last = end - 1
        return self.text[self.starts[begin] : self.starts[last] + len(self.words[last].text)]


def _one_each(found: Known) -> Known:
    """Keep one alias per topic: a key may have several aliases of a topic, only some of which count without another topic."""
    best: dict[str, tuple[Topic, Alias]] = {}
    for topic, alias in found:
        here = best.get(topic.name)
        if here is None or (alias.weak, alias.case == CAPITALISED) < (
            here[1].weak,
            here[1].case == CAPITALISED,
        ):
            best[topic.name] = topic, alias
    return tuple(best.values())


class KnownNames:
    """The names of a gazetteer and of a lexicon, looked up word by word.

    Parameters
    ----------
    gazetteer : Gazetteer
    lexicon : Lexicon
    language : Language
    """

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon, language: Language) -> None:
        self.gazetteer = gazetteer
        self.lexicon = lexicon
        self.language = language
        self._bits = language.bits
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
        # The number of words of the longest name that begins with this word.
        self._longest, self._pairs = gazetteer.starts, gazetteer.pairs
        if self._learned:
            self._longest, self._pairs = dict(self._longest), set(self._pairs)
        for key in self._learned:
            first, *others = key.split(" ")
            if others:
                self._longest[first] = max(self._longest.get(first, 0), 1 + len(others))
                self._pairs.add(f"{first} {others[0]}")
        self.words: dict[str, Word] = {}
        """The words that were read, as written."""
        self._known: dict[str, Known] = {}
        self.asked: set[str] = set()
        """The words for which `is_common` was called since the set was last cleared."""

    def is_common(self, word: str) -> bool:
        """Whether a lower-case word is an everyday word in the corpus."""
        self.asked.add(word)
        return word in self.lexicon.common

    @cached_property
    def holding(self) -> frozenset[str]:
        """The topics that others belong to, among them the large towns."""
        return frozenset(parent for topic in self.gazetteer for parent in topic.parents)

    def known(self, written: str) -> Known:
        """The topics that the gazetteer, or else the lexicon, has for a text as written."""
        found = self._known.get(written)
        return self._look_up(written, fold(written)) if found is None else found

    def _look_up(self, written: str, key: str) -> Known:
        found: Known = ()
        if key not in self.gazetteer.bans and written not in self.lexicon.template:
            found = tuple(
                (self.gazetteer.topic(alias.topic), alias)
                for alias in self.gazetteer.aliases(key)
                if fits(alias, written)
            )
            if self.gazetteer.bans:
                found = tuple(pair for pair in found if not self.gazetteer.banned(pair[0].name))
            if found and written in self.lexicon.displaced:
                found = tuple(p for p in found if p[0].kind not in DISPLACED)
            if found and len(written) > 1 and is_acronym(written) and " " not in key:
                # PACE is not a town: a word in capitals is read as an acronym rather than as a city or person.
                found = tuple(
                    p for p in found if p[1].case != CAPITALISED or p[0].kind in ("country", "state")
                )
            if found and _OWN_CASE.fullmatch(written):
                # KRaft is not Kraft, nor MaRS Mars; a program is often written in the wrong case: XCode.
                found = tuple(
                    p
                    for p in found
                    if p[1].case != CAPITALISED
                    or p[0].kind in SMALL_KINDS
                    or not p[0].name.startswith(written.title())
                )
            if len(found) > 1:
                found = _one_each(found)
            if (learned := self._learned.get(key)) is not None and all(alias.weak for _, alias in found):
                number, alias = learned
                small = written[:1].islower() and "-" not in written
                short = (
                    " " not in key
                    and len(key) <= tagger_settings().acronym.longest_learned
                    and alias.isupper() != written.isupper()
                )
                topic = self.lexicon.names[number].topic
                if alias == written and written[:1].islower() and topic.kind in SMALL_KINDS:
                    found = ((topic, Alias(number, EXACT, written)),)
                elif not (small or short or (alias[0].islower() and topic.kind in SMALL_KINDS)):
                    found = ((topic, Alias(number)),)
        if len(self._known) >= LARGEST_CACHE:
            self._known.clear()
        self._known[written] = found
        return found

    def learned(self, name: str) -> Topic | None:
        """The lexicon's topic for a name in any case, including names that are never looked for in texts."""
        found = self._learned.get(fold(name)) or self._silent.get(fold(name))
        return None if found is None else self.lexicon.names[found[0]].topic

    def _word(self, text: str) -> Word:
        if text.isascii() and text.isalpha():
            # The common case: no ending to remove.
            bare = key = whole = text.lower()
            bits = self._bits.get(bare, 0)
            if bare == text:
                bits |= LOWER
            longest, single = self._begins(key), True
        else:
            stem = without_possessive(text)
            key, bare = fold(stem), stem.lower()
            whole = key if stem is text else fold(text)
            bits = self._bits.get(bare, 0) | self._bits.get(bare.rstrip("."), 0) & (
                TITLE | GENERIC | DATE | REGNAL | SAINT
            )
            if "-" in bare:
                bits |= self._compound(bare.split("-"))
            if ("'" in text or "’" in text) and self.language.contracted.fullmatch(text):
                bits |= LOWER
            if text.islower():
                bits |= LOWER
            if text[0].isdigit():
                bits |= DIGIT
            if (
                text[-2:] in ("'s", "’s")
                or (text[-2:] in ("s'", "s’") and key in self._aliases)
                or is_plural_of_model(text)
            ):
                # Only names have the second form: the Philippines' court, but the Workers' Party.
                bits |= POSSESSIVE
            longest = max(self._begins(key), self._begins(whole))
            single = " " not in whole
        if text in self.language.small:
            bits |= SMALL | (PARTICLE if text in self.language.particles else 0)
        if len(self.words) >= LARGEST_CACHE:
            self.words.clear()
        word = self.words[text] = Word(text, bare, key, whole, bits=bits, longest=longest, single=single)
        return word

    def _compound(self, parts: list[str]) -> int:
        """The flags that all parts of a compound share: Thirty-five begins sentences, Major-General is a title."""
        bits = OPENER | EVERYDAY | TITLE | RANK
        for part in parts:
            here = self._bits.get(part, 0)
            bits &= here | (EVERYDAY if here & OPENER else 0)
        return bits

    def meanings(self, key: str) -> list[str]:
        """The names of all topics that the gazetteer has under a key, banned or not."""
        return [self.gazetteer.topic(alias.topic).name for alias in self.gazetteer.aliases(key)]

    def only_learned(self, key: str) -> bool:
        """Whether a name is known only from the corpus."""
        return key in self._learned and key not in self._aliases

    def _begins(self, key: str) -> int:
        first = key.partition(" ")[0]
        most = self._longest.get(first)
        return most if most is not None else int(first in self._aliases or first in self._learned)

    def cut_up(self, run: str) -> Run:
        """Split a run into its words; a compound of names, such as Israeli-Palestinian, at its hyphens."""
        known_words = self.words
        texts = run.split(" ")
        if "" not in texts and SPLITS.search(run) is None:
            # The common case: single spaces, no hyphens.
            words = [known_words.get(text) or self._word(text) for text in texts]
            starts = [0]
            for text in texts[:-1]:
                starts.append(starts[-1] + len(text) + 1)
            return Run(run, starts, words, False)
        starts, words = [], []
        here, split = 0, False
        for position, text in enumerate(texts):
            start = here
            here += len(text) + 1
            if not text:
                continue
            if (
                SPLITS.search(text)
                and not self.known(without_possessive(text))
                and not self._between(texts[position + 1 :])
                and not self._begins_known(text, texts[position + 1 : position + 4])
                and not (position and self._is_surname(texts[position - 1], text))
                # the University of Wisconsin-Madison
                and not (position > 1 and texts[position - 1] == "of" and texts[position - 2] == "University")
            ):
                parts = list(_PART.finditer(text))
                head = text[: parts[-1].start() - 1] if len(parts) > 1 else ""
                if (
                    len(parts) == 2
                    and parts[1].group()[0].isupper()
                    and self._is_first_half(text[: len(head) + 1])
                ):
                    # Sino-Japanese
                    starts += start, start + parts[1].start()
                    words += self._word(text[: len(head) + 1]), self._word(parts[1].group())
                    split = True
                    continue
                if (
                    head
                    and all(
                        self._word(before).bits & (OPENER | DETERMINER)
                        for before in texts[:position]
                        if before
                    )
                    and parts[0].group().lower() in self.language.detached
                    and parts[1].group()[0].isupper()
                    and not self._is_against(text, texts[position + 1 :])
                ):
                    # Pro-European: the prefix is not part of a name.
                    starts += start, start + parts[1].start()
                    words += self._word("|"), self._word(text[parts[1].start() :])
                    split = True
                    continue
                ending = parts[-1].group() if head else ""
                if (
                    # Dirichlet L-series
                    ending in self.language.adjectives_of_names and (len(head) > 1 or ending != "series")
                ) or (
                    ending
                    and ending[0].islower()
                    and (
                        self.known(head)
                        or (
                            _ADJECTIVE.search(ending)
                            and self._describes(parts[0].group(), ending, texts[position + 1 :])
                        )
                    )
                ):
                    # Saudi-led, Los Angeles-based: the first part is the name, or the end of one.
                    starts += start, start + len(head)
                    words += self._word(head), self._word("|")
                    split = True
                    continue
                # An en dash separates names: North Korea–South Korea.
                if len(parts) > 1 and (
                    all(self.known(without_possessive(part.group())) for part in parts)
                    or (
                        "–" in text
                        and "-" not in text
                        and all(p.group()[0].isupper() for p in parts)
                        and not (len(texts) == 1 and self._is_one_name(parts))
                    )
                ):
                    for part in parts:
                        at = start + part.start()
                        if part.start():
                            starts.append(at - 1)
                            words.append(self._word("|"))
                        starts.append(at)
                        words.append(self._word(part.group()))
                    split = True
                    continue
            starts.append(start)
            words.append(known_words.get(text) or self._word(text))
        return Run(run, starts, words, split)

    def _is_first_half(self, written: str) -> bool:
        """Whether something with its hyphen is the short form of a country: Sino-, of Sino-Japanese."""
        return any(alias.written == written for _, alias in self.known(written))

    def _is_one_name(self, parts: list[re.Match[str]]) -> bool:
        """Whether none of the names joined by an en dash is known: the Jackson–Vanik amendment."""
        return not any(
            self.known(word := without_possessive(part.group())) or fold(word) in self.lexicon.surnames
            for part in parts
        )

    def _describes(self, first: str, last: str, after: list[str]) -> bool:
        """Whether the second half of a compound describes the first: NUL-terminated, not Slender-billed Vulture."""
        bits = self._bits
        return bits.get(last, 0) & EVERYDAY != 0 and (
            first.isupper()
            or not (
                bits.get(first.lower(), 0) & (EVERYDAY | OPENER | GIVEN) or (after and after[0][:1].isupper())
            )
        )

    def _is_against(self, text: str, after: list[str]) -> bool:
        """Whether a prefix begins the name of a body: Anti-Defamation League, not Pro-European Union movement."""
        prefix, _, rest = text.partition("-")
        if prefix.lower() not in self.language.against or self.known(without_possessive(rest)):
            return False
        written, last = rest, ""
        for word in after:
            if not word[:1].isupper():
                break
            last = without_possessive(word)
            written = f"{written} {last}"
            if self.known(written):
                return False
            if last != word:
                break
        return self._bits.get(last.lower(), 0) & HEAD != 0

    def _begins_known(self, text: str, after: list[str]) -> bool:
        """Whether a compound begins a longer known name: Asia-Pacific Economic Cooperation."""
        written = text
        for more in after:
            written = f"{written} {without_possessive(more)}"
            if self.known(written):
                return True
        return False

    def _is_surname(self, before: str, text: str) -> bool:
        """Whether a compound follows a given name: José Ramos-Horta, Kim Young-sam."""
        return (
            self._bits.get(before.lower(), 0) & GIVEN != 0
            and "–" not in text
            and "/" not in text
            and text.rpartition("-")[2] not in self.language.adjectives_of_names
            and not self.known(f"{before} {text.partition('-')[0]}")
        )

    def _between(self, after: list[str]) -> bool:
        """Whether two hyphenated names and the following words form one name: Egypt-Israel Peace Treaty."""
        last = -1
        for position, text in enumerate(after):
            if not text[:1].isupper():
                break
            last = position
        return last >= 0 and self.language.heads.get(without_possessive(after[last]).lower()) in (
            "agreement",
            "conflict",
            "place",
        )

    def longest_at(self, run: Run, here: int) -> tuple[int, Known]:
        """The end of the longest known name that begins at a word, and its possible topics; 0 if there is none."""
        words = run.words
        longest = words[here].longest
        if not longest:
            return 0, ()
        stop, first = min(len(words), here + longest + 1), words[here]
        if stop > here + 1 and first.single:
            # Most words begin a longer name, but most pairs of words do not.
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
                possessive = last.bits & POSSESSIVE
                key = " ".join(keys)
                if key in aliases or key in learned:
                    known = self._known_as(run, here, stop, key)
                    # "Peru's" is Peru, not Perus: only a name spelled with an apostrophe may keep it.
                    if known and possessive:
                        known = tuple(p for p in known if "'" in p[0].name or "'" in p[1].written)
                    if known:
                        return stop, known
                if possessive:
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
