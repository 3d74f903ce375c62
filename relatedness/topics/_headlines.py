"""Headlines and headings, whose capitals say nothing about names: which names in them are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relatedness.topics._known_names import KnownNames
from relatedness.topics._language import (
    DATE,
    EVERYDAY,
    FRONT,
    GENERIC,
    GIVEN,
    HEAD,
    NUMBERED,
    OPENER,
    TITLE,
    UPPER,
    Language,
    rare_words,
)
from relatedness.topics._mention import PHRASE, Mention, Taken, mention_by_shape, mention_of
from relatedness.topics._settings import tagger_settings
from relatedness.topics._spelling import without_possessive
from relatedness.topics._topic import PLACES
from relatedness.topics._word_lists import any_word

# A line of up to seven words, without the punctuation of a sentence or a list.
_HEADING = re.compile(r"[^\S\n]*(?:[\w’'()/:-]+[^\S\n]+){0,6}[\w’'()/-]+:?[^\S\n]*(?=\n|$)")
# What stands around the label of a field: the end of a line or sentence before it, marks, and a colon.
_BEFORE_LABEL = re.compile(r"(?:\A|[\n.!?;])[ \t*#>|'\"-]{0,6}$")
_AFTER_LABEL = re.compile(r"\**:(?!\w)")
_LONGEST_BEFORE = 8
_WITH_INITIAL = re.compile(
    rf"[{UPPER}][\w’'-]+ (?:[{UPPER}]\. ){{1,2}}(?:[{UPPER}][\w’'-]+|Mc[{UPPER}]\w+)(?:,? (?:Jr|Sr)\.?| II+)?"
)
_CAPITALISED = rf"[{UPPER}]\w+(?:[’'-]\w+)*[’']?"
_CAPITALISED_WORDS = re.compile(rf"{_CAPITALISED}(?: {_CAPITALISED})+(?!\w|-\w)")

_BEFORE_PEOPLE = re.compile(rf"(?:^|[ (])(?:{any_word('en', 'before_people')}) $")
_INITIAL_BEFORE = re.compile(rf"(?<![^ (])[{UPPER}]\. $")


# Words that occur in headlines without marking a name.
_OF_ENGLISH = EVERYDAY | OPENER | TITLE | GENERIC | HEAD | DATE | NUMBERED


def is_headline(text: str) -> bool:
    """Whether a line capitalises its words as headlines do, so that capitals say nothing about names."""
    rules = tagger_settings().headline
    words = [word for word in text.split() if len(word) >= rules.least_letters and word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in words)
    return len(words) >= rules.least_words and capitals >= rules.capital_share * len(words)


def with_small_words(headline: str) -> str:
    """A headline with its small words in lower case, so that they end and join names as usual; its length does not change."""
    return Language.load().small_in_titles.sub(lambda word: word[0].lower(), headline)


def names_in_any_case(
    headline: str, found: list[tuple[int, Mention]], names: KnownNames
) -> list[tuple[int, Mention]]:
    """The names in a headline, without unknown names that only capitals suggest; of these keep a known place after "of"."""
    kept = []
    known = names.known
    for base, piece in found:
        if (
            not piece.shape
            or (piece.plain is not None and _is_sure(piece.written, piece.plain.kind))
            or (
                headline.startswith("the ", base + piece.start - 4)
                and Language.load().the_body.fullmatch(piece.written)
            )
        ):
            kept.append((base, piece))
        elif " of " in piece.written:
            place = piece.written.rpartition(" of ")[2].removeprefix("the ")
            topics = known(place)
            end = base + piece.end
            if topics and topics[0][0].kind in PLACES and not headline[end : end + 2].strip().isupper():
                kept.append((base, mention_of(piece.end - len(place), place, topics)))
    more = [*_people(headline, names), *_lands(headline, names), *_called(headline, names)]
    if not more:
        return kept
    taken = Taken(headline, kept)
    kept += [(0, piece) for piece in more if not taken.any(piece.start, piece.end)]
    return sorted(kept, key=lambda item: item[0] + item[1].start)


def _people(headline: str, names: KnownNames) -> Iterator[Mention]:
    """People recognised by an initial: Hurbert K. Bishop, whatever the words before and after."""
    bits = names.language.bits
    for match in _WITH_INITIAL.finditer(headline):
        first = bits.get(match[0].partition(" ")[0].lower(), 0)
        last = bits.get(match[0].rpartition(" ")[2].lower(), 0)
        if (
            not (first & (EVERYDAY | HEAD | OPENER | TITLE | NUMBERED) and not first & GIVEN)
            and not last & OPENER
        ):
            yield mention_by_shape(match.start(), match[0], "person")


def _called(headline: str, names: KnownNames) -> Iterator[Mention]:
    """People recognised by a given name, if a non-English word follows: Sarah Wilson Reed."""
    bits = names.language.bits
    for match in _CAPITALISED_WORDS.finditer(headline):
        words = match[0].removesuffix("’").removesuffix("'").split(" ")
        here, start = 0, match.start()
        unsure = headline[max(0, start - 1) : start] in ("-", "'", "’", ".")
        while here < len(words) - 1:
            begin, first = start, bits.get(words[here].lower(), 0)
            stop = here + 1
            if (
                first & GIVEN
                and not unsure
                and not first & (HEAD | OPENER | TITLE | DATE | NUMBERED)
                and (
                    not first & EVERYDAY
                    or (here == 0 and _BEFORE_PEOPLE.search(headline, max(0, begin - 10), begin))
                )
            ):
                surnames = 0
                while stop < min(len(words), here + 4) and words[stop - 1].isalpha():
                    more = bits.get(words[stop].lower(), 0) & (GIVEN | EVERYDAY) == GIVEN
                    own = _is_surname(names, without_possessive(words[stop]))
                    if not (more or own) or (surnames and words[stop].isascii() and stop + 1 < len(words)):
                        # "Anna Kostenko Photorealistic Paintings"
                        break
                    surnames += own and not more
                    stop += 1
                after = bits.get(without_possessive(words[stop]).lower(), 0) if stop < len(words) else 0
                if stop > here + 1 and not after & HEAD:
                    if here == 0 and (initial := _INITIAL_BEFORE.search(headline, max(0, begin - 3), begin)):
                        begin = initial.start()
                    end = start + len(" ".join(words[here:stop]))
                    yield mention_by_shape(begin, without_possessive(headline[begin:end]), "person")
                else:
                    stop = here + 1
            # Kaleb Andrew Owens: the word before a given name may belong to it.
            unsure = _is_own(names, words[stop - 1])
            start += len(" ".join(words[here:stop])) + 1
            here = stop


def _lands(headline: str, names: KnownNames) -> Iterator[Mention]:
    """Places in a headline named by a word that is not English: Lake Ilo Migratory Waterfowl Refuge."""
    language = names.language
    for match in _CAPITALISED_WORDS.finditer(headline):
        words = match[0].split(" ")
        for last in range(1, len(words)):
            if words[last].lower() not in language.land:
                continue
            begin = last
            while begin and words[begin - 1].lower() in language.of_land:
                begin -= 1
            attributes = begin
            while begin and _is_own(names, words[begin - 1]):
                begin -= 1
            while (
                last - attributes > 1
                and begin
                and attributes - begin < 2
                and not words[begin - 1].endswith("ing")
            ):
                # Lost Lake Migratory Waterfowl Refuge: this is a name, whatever its words.
                begin -= 1
            if begin == attributes:
                continue
            before = words[begin - 1].lower() if begin else ""
            if language.bits.get(before, 0) & FRONT or before in language.before_land:
                begin -= 1
            start = match.start() + sum(len(word) + 1 for word in words[:begin])
            end = start + len(" ".join(words[begin : last + 1]))
            yield mention_by_shape(start, headline[start:end], "place")


def _is_own(names: KnownNames, word: str) -> bool:
    """Whether a word of a headline is neither an English word nor a country or state."""
    part = word.lower().partition("-")[0]
    known = names.known(word)
    return (
        word.replace("-", "").isalpha()
        and not word.isupper()
        and not (known and known[0][0].kind in ("country", "state"))
        and not names.language.bits.get(part, 0) & _OF_ENGLISH
        and part not in rare_words()
    )


def _is_surname(names: KnownNames, word: str) -> bool:
    """Whether a word of a headline is neither an English word, nor a form of one, nor a compound ending in one."""
    bits, last = names.language.bits, word.rpartition("-")[2]
    stems = (last.lower().removesuffix("s"), last.lower().removesuffix("ed"))
    return (
        last[:1].isupper()
        and len(last) > 2
        and _is_own(names, word)
        and _is_own(names, last)
        and not any(len(stem) > 3 and bits.get(stem, 0) & EVERYDAY for stem in stems)
    )


def _is_sure(written: str, kind: str) -> bool:
    """Whether the shape of a name is unambiguous in a headline: David D. Caldwell, Office of War Mobilization."""
    if kind == "company" and " & " in written:
        return True
    shape = _WITH_INITIAL if kind in ("person", "name") else Language.load().body_of
    return shape.fullmatch(written) is not None


def outside_headings(text: str, found: list[tuple[int, Mention]]) -> list[tuple[int, Mention]]:
    """Remove unknown names in section headings, whose capitals say nothing; people are kept."""
    ends: dict[int, int] = {}  # where headings end, by where their lines begin
    kept = []
    for start, piece in found:
        if piece.shape and (piece.plain is None or piece.plain.kind != "person"):
            line = text.rfind("\n", 0, start + piece.start) + 1
            if line not in ends:
                heading = _HEADING.match(text, line)
                ends[line] = heading.end() if heading is not None else line
            if start + piece.start < ends[line]:
                continue
        kept.append((start, piece))
    return kept


def outside_labels(text: str, found: list[tuple[int, Mention]]) -> list[tuple[int, Mention]]:
    """Remove unknown phrases of everyday words that label a field: "Versions Affected: 1.2"."""
    return [
        (base, piece)
        for base, piece in found
        if piece.plain is None
        or piece.plain.kind != PHRASE
        or not _AFTER_LABEL.match(text, base + piece.end)
        or not _BEFORE_LABEL.search(text, max(0, base + piece.start - _LONGEST_BEFORE), base + piece.start)
    ]
