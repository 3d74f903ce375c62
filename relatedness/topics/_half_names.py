"""Names that continue: Union of Pure and Applied Chemistry, Department of Vichada, Fox News Latino."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from relatedness.topics._known_names import KnownNames, Run, Word
from relatedness.topics._labels import INITIAL
from relatedness.topics._language import (
    DATE,
    DIGIT,
    DIRECTION,
    EVERYDAY,
    GENERIC,
    GIVEN,
    HEAD,
    JOINING,
    LISTING,
    LOWER,
    MEMBERS,
    NUMBERED,
    OPENER,
    PARTICLE,
    POSSESSIVE,
    RANK,
    SMALL,
    TITLE,
    UPPER,
)
from relatedness.topics._mention import Known, Mention, in_place, mention_by_shape, mention_of_whole
from relatedness.topics._spelling import fold
from relatedness.topics._topic import PLACES
from relatedness.topics._word_lists import words_of

_DIVISIONS = frozenset({"region", "state"})
_DEPARTMENT = words_of("en", "further_divisions")

# Nouns for bodies that may have several fields: the International Gay and Lesbian Association.
_WIDE = words_of("en", "wide")

# Kinds of names that join two fields before their last word.
_TWOFOLD = frozenset({"organisation", "agreement", "court", "party", "event", "place"})
_LONGEST = 80  # the most characters of the first half of a name
# Matches the first half of such a name directly before its second.
_FIRST_HALF = re.compile(rf"(?:[{UPPER}][\w’'-]* )*[{UPPER}][\w’'-]* and $")

# Kinds of names whose nouns are also fields of bodies: radio, petroleum.
_MATTERS = frozenset({"media", "company"})
# What joins a body and its field: Conference on Trade and Development.
_ABOUT = re.compile(" (?:of|for|on) (?:the )?")

_LISTED = re.compile(rf"(?:^|[^\w ] ?|\b[a-z]+ )([{UPPER}]\w+), $")
# Matches the continuation of "Union of Pure": "and Applied Chemistry".
_WORD = rf"[{UPPER}][^\W\d_]+(?:-[{UPPER}][^\W\d_]+)?"
_MATTER = rf"{_WORD}(?: {_WORD})*"
_AND = re.compile(rf"(?:, {_MATTER}){{0,4}},? and ({_MATTER})\b")


def with_matters(
    names: KnownNames, run: str, pieces: tuple[Mention, ...], text: str, *, end: int
) -> tuple[tuple[Mention, ...], int] | None:
    """The names in a run that may continue after an "and", and the end: the U.S. Patent and Trademark Office.

    Parameters
    ----------
    pieces : tuple of Mention
        The names in the run by itself.
    end : int
        Where the run ends in the text.

    Returns
    -------
    tuple of (tuple of Mention, int), or None
        None if the run does not depend on what follows it.
    """
    unfinished = is_unfinished(names, run, pieces)
    if not unfinished and not begins_body(names, run, pieces):
        return None
    more = _AND.match(text, end)
    last = pieces[-1]
    if more is None or not (goes_on(names, last.written, more) if unfinished else ends_body(names, more)):
        return pieces, end
    written = run[last.start :] + more.group()
    if unfinished:
        head = _head_and_matter(written)[0]
        kind, parents = names.language.heads.get(head, "organisation"), last.parents
    else:
        kind = names.language.heads[names.cut_up(more[1]).words[-1].bare]
        parents = (last.topic.name,) if last.topic else ()
    return (*pieces[:-1], mention_by_shape(last.start, written, kind, parents)), more.end()


def is_unfinished(names: KnownNames, run: str, pieces: tuple[Mention, ...]) -> bool:
    """Whether a run ends in a name that may continue after an "and": an unknown body of something that is not a name."""
    if not pieces or not pieces[-1].shape or pieces[-1].end != len(run):
        return False
    if _is_adjectives(names, pieces[-1].written):
        return True
    head, matter = _head_and_matter(pieces[-1].written)
    return (
        matter != ""
        # The Award for Best Drama and the next winner are two.
        and matter.partition(" ")[0].lower() not in names.language.awarded
        and names.language.bits.get(head, 0) & JOINING != 0
        and not names.known(matter)
    )


def _head_and_matter(written: str) -> tuple[str, str]:
    """The noun of a body in lower case, and what it is about, empty if it does not say: committee, Oversight."""
    if " " not in written:
        return written.lower(), ""
    about = _ABOUT.search(written)
    body, matter = (written, "") if about is None else (written[: about.start()], written[about.end() :])
    return body.rpartition(" ")[2].lower(), matter


def _is_adjectives(names: KnownNames, written: str) -> bool:
    """Whether a name is the first half of one such as "International Gay and Lesbian Association"."""
    first, _, rest = written.partition(" ")
    return (
        first in _WIDE
        and 0 < rest.count(" ") + 1 < 3
        and not any(
            names.language.bits.get(word.lower(), 0) & (HEAD | GIVEN | TITLE) for word in rest.split(" ")
        )
    )


def goes_on(names: KnownNames, begun: str, more: re.Match[str]) -> bool:
    """Whether the words after "and" are not a separate name: Applied Chemistry, not Barack Obama or the FBI."""
    written = more[1]
    if _is_adjectives(names, begun):
        return ends_body(names, more)
    head, matter = _head_and_matter(begun)
    matters = names.language.bits.get(head, 0) & LISTING
    if more.group().startswith(",") and not matters:
        # Only the names of bodies with several fields contain lists.
        return False
    # The names of fields also occur in titles of ministers: the Ministry of Food, Culture and Fisheries.
    other = GIVEN | HEAD | DATE | RANK | (0 if matters else TITLE & ~GENERIC)
    words = names.cut_up(written).words
    everyday = all(word.bits & EVERYDAY for word in (*words, *names.cut_up(matter).words))
    fields = everyday and names.language.heads.get(words[-1].bare, "media") in _MATTERS

    def is_other(word: Word) -> bool:
        if (matters or everyday) and word.bare in names.language.matters:
            return False
        # Television and Radio Artists, Mines and Petroleum
        return word.bits & (other & ~HEAD if fields and not word.bits & JOINING else other) != 0

    return (
        len(words) <= 3
        and not any(is_other(word) or word.text.isupper() or names.known(word.text) for word in words)
        and (not names.known(written) or (everyday and names.only_learned(fold(written))))
    )


def begins_body(names: KnownNames, run: str, pieces: tuple[Mention, ...]) -> bool:
    """Whether a run ends in a country and an everyday word or two: U.S. Patent, of the Patent and Trademark Office."""
    if not pieces or pieces[-1].end >= len(run):
        return False
    country = pieces[-1].topic
    if country is None or country.kind != "country" or run[pieces[-1].end] != " ":
        return False
    words = names.cut_up(run[pieces[-1].end + 1 :]).words
    return len(words) < 3 and all(
        word.bits & EVERYDAY
        and not word.bits & (HEAD | RANK | GIVEN | DATE | SMALL | LOWER | DIGIT | POSSESSIVE)
        for word in words
    )


def ends_body(names: KnownNames, more: re.Match[str]) -> bool:
    """Whether the words after "and" end the name of a body: Trademark Office, not Barack Obama or the FBI."""
    run = names.cut_up(more[1])
    words = run.words
    return (
        not more.group().startswith(",")
        and 1 < len(words) < 6
        and words[-1].bits & HEAD != 0
        and not words[0].bits & (GIVEN | RANK)
        and not (words[0].bits & HEAD and len(words) < 3)
        and not names.longest_at(run, 0)[0]
    )


def block_end(words: list[Word], here: int) -> int:
    """The end of a block of words: at a small word that names do not contain, or after a possessive."""
    stop, count = here + 1, len(words)
    while stop < count:
        bits = words[stop].bits
        if (
            words[stop - 1].bits & POSSESSIVE
            and not (
                words[stop - 1].bits & MEMBERS and stop - 1 > here and not bits & (GIVEN | SMALL | LOWER)
            )
        ) or bits & (LOWER | SMALL) == LOWER:
            break
        if (
            bits & OPENER
            and words[stop].text != words[stop].text.upper()
            and INITIAL.match(words[stop - 1].text)
        ):
            # "in R. We": this full stop ends a sentence.
            break
        if (
            stop - 2 >= here
            and len(words[stop - 1].text) == 2
            and INITIAL.match(words[stop - 1].text)
            and words[stop - 2].bits & (NUMBERED | GIVEN) == NUMBERED
        ):
            # "in Group D. Karul": a letter that is not a person's initial.
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


def division_at(names: KnownNames, run: Run, here: int, stop: int) -> Known:
    """The province, if the words contain the noun for it and its name: "Department of Vichada"."""
    words = run.words
    if words[here].bare not in names.language.divided | _DEPARTMENT:
        return ()
    end, place = names.longest_at(run, here + 2 + (words[here + 2].text == "the"))
    return place if end == stop and place[0][0].kind in _DIVISIONS and not place[0][1].weak else ()


def goes_on_unknown(names: KnownNames, run: Run, stop: int, block: int) -> bool:
    """Whether the words after a known name are part of it (Fox News Latino, Airbus A380) rather than a title or another name."""
    if run.words[block - 1].bare in names.language.editions:
        return False
    return block - stop <= 2 and not any(
        word.bits & (TITLE | RANK | DATE | GIVEN | SMALL | LOWER | DIGIT | EVERYDAY | OPENER)
        or word.bits & POSSESSIVE
        or names.longest_at(run, position)[0]
        for position, word in enumerate(run.words[stop:block], stop)
    )


def opens_a_longer_name(names: KnownNames, run: Run, here: int, known: Known) -> bool:
    """Whether a word that the corpus taught, or that needs company, begins an unknown name: Sergei Guriev, HP Labs."""
    word, after = run.words[here], run.words[here + 1]
    return (
        not word.bits & POSSESSIVE
        and (
            names.only_learned(word.key)
            or all(alias.weak for _, alias in known)
            or (known[0][0].kind == "person" and (word.bits | after.bits) & GIVEN != 0)
        )
        and not after.bits & (TITLE | RANK | SMALL | DATE | LOWER | DIGIT | EVERYDAY)
        and not names.longest_at(run, here + 1)[0]
    )


def _end(item: tuple[int, Mention]) -> int:
    return item[0] + item[1].end


def with_first_halves(
    text: str, found: list[tuple[int, Mention]], names: KnownNames
) -> list[tuple[int, Mention]]:
    """Extend the mentions of bodies and laws by a first half joined with "and": Truth and Reconciliation Commission.

    Parameters
    ----------
    found : list of (int, Mention)
        In order, each with the offset of its run.

    Returns
    -------
    list of (int, Mention)
        Two names, such as the Senate and the Defense Department, stay two.
    """
    more: list[tuple[int, Mention]] = []
    for base, piece in found:
        start = base + piece.start
        if not text.startswith(" and ", start - 5) or piece.plain is None or piece.plain.kind not in _TWOFOLD:
            continue
        if piece.plain.name in names.gazetteer:
            continue
        half = _FIRST_HALF.search(text, max(0, start - _LONGEST), start)
        if half is None:
            continue
        words = names.cut_up(half.group()[:-5]).words
        first = len(words)
        while first and _is_matter(names, words[first - 1]):
            first -= 1
        run = names.cut_up(piece.written)
        statute = piece.plain.kind == "agreement"
        if first and words[first - 1].text in _WIDE:
            # the National Development and Reform Commission
            first -= 1
        wide = len(run.words) > 2 and run.words[0].bits & EVERYDAY
        if first == len(words) or not (statute or wide or _is_matter(names, run.words[0])):
            # Disaster Management Agency says by itself what it is about, Defense Department is another body.
            continue
        begin, parents = start - 5 - len(" ".join(word.text for word in words[first:])), piece.parents
        near = found[bisect_left(found, begin - 1, key=_end) : bisect_right(found, start - 5, key=_end)]
        before = next((p for b, p in near if b + p.end in (begin - 1, start - 5)), None)
        owner = before.topic if before is not None else None
        ends = first == 0 or words[first - 1].bits & (POSSESSIVE | TITLE | OPENER)
        if before is not None and " of " in before.written:
            # Song of the Year and Record of the Year, the Ministry of Trade and Export Development Board
            continue
        if before is not None and before.shape and len(before.written) > start - 5 - begin:
            # Oxfordshire Fire, of the Fire and Rescue Service
            begin, parents = start - 5 - len(before.written), (*before.parents, *parents)
        elif not ends:
            if before is None or owner is None or owner.kind not in PLACES:
                continue
            begin, parents = begin - 1 - len(before.written), (owner.name, *parents)
        elif words[first].bits & OPENER and (begin < 2 or text[begin - 2] in ".!?:"):
            # "Security and Defence Committee members": any word may begin a sentence.
            continue
        while (more_before := _LISTED.search(text, max(0, begin - _LONGEST), begin)) and _is_matter(
            names, names.cut_up(more_before[1]).words[0]
        ):
            # Culture, Media and Sport Select Committee
            begin = more_before.start(1)
        written = text[begin : base + piece.end]
        kind, parents = piece.plain.kind, tuple(dict.fromkeys(parents))
        more.append((begin, mention_of_whole(written, names.known(written), kind, parents)))
    return in_place(text, found, more)


def _is_matter(names: KnownNames, word: Word) -> bool:
    """Whether a word is an everyday English word for the field of a body: Truth, of the Truth and Reconciliation Commission."""
    if word.bare in names.language.matters:
        return True
    no = HEAD | GIVEN | RANK | DATE | TITLE | SMALL | LOWER | DIGIT | POSSESSIVE | DIRECTION
    return word.bits & EVERYDAY != 0 and not word.bits & no and word.text[1:].islower()
