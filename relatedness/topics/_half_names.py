"""Names that go on: Union of Pure and Applied Chemistry, Department of Vichada, Fox News Latino."""

from __future__ import annotations

import re

from relatedness.topics._known_names import KnownNames, Run, Word
from relatedness.topics._labels import INITIAL
from relatedness.topics._language import (
    DATE,
    DIGIT,
    EVERYDAY,
    GENERIC,
    GIVEN,
    HEAD,
    JOINING,
    LISTING,
    LOWER,
    MEMBERS,
    OPENER,
    PARTICLE,
    POSSESSIVE,
    RANK,
    SMALL,
    TITLE,
    UPPER,
)
from relatedness.topics._mention import Known, Mention, mention_by_shape

_DIVISIONS = frozenset({"region", "state"})
_DEPARTMENT = frozenset({"department", "canton", "oblast", "municipality"})

# What bodies of several matters are called: the International Gay and Lesbian Association.
_WIDE = frozenset(
    {"International", "National", "American", "European", "African", "Asian", "World", "Global", "Federal"}
)


# The words that may go on after "Union of Pure": "and Applied Chemistry".
_MATTER = rf"[{UPPER}][^\W\d_]+(?: [{UPPER}][^\W\d_]+)*"
_AND = re.compile(rf"(?:, {_MATTER}){{0,4}},? and ({_MATTER})\b")


def with_matters(
    names: KnownNames, run: str, pieces: tuple[Mention, ...], text: str, *, end: int
) -> tuple[tuple[Mention, ...], int] | None:
    """What a run names that may go on after an "and", and where it ends: the U.S. Patent and Trademark Office.

    Parameters
    ----------
    names : KnownNames
    run : str
    pieces : tuple of Mention
        What the run names by itself.
    text : str
    end : int
        Where the run ends in the text.

    Returns
    -------
    tuple of (tuple of Mention, int), or None
        None for a run that does not depend on what follows it.
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
        head = written.partition(" of ")[0].rpartition(" ")[2].lower()
        kind, parents = names.language.heads.get(head, "organisation"), last.parents
    else:
        kind = names.language.heads[names.cut_up(more[1]).words[-1].bare]
        parents = (last.topic.name,) if last.topic else ()
    return (*pieces[:-1], mention_by_shape(last.start, written, kind, parents)), more.end()


def is_unfinished(names: KnownNames, run: str, pieces: tuple[Mention, ...]) -> bool:
    """Whether a run ends in a name that may go on after an "and": an unknown body of something that is no name."""
    if not pieces or not pieces[-1].shape or pieces[-1].end != len(run):
        return False
    if _is_adjectives(names, pieces[-1].written):
        return True
    head, joined, matter = pieces[-1].written.partition(" of ")
    if not joined:
        head, joined, matter = pieces[-1].written.partition(" for ")
    if not joined or not names.language.bits.get(head.rpartition(" ")[2].lower(), 0) & JOINING:
        return False
    return not names.known(matter.removeprefix("the "))


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
    """Whether what stands after "and" has no name of its own: Applied Chemistry, not Barack Obama or the FBI."""
    written = more[1]
    if _is_adjectives(names, begun):
        return ends_body(names, more)
    head = begun.partition(" of ")[0].rpartition(" ")[2].lower()
    matters = names.language.bits.get(head, 0) & LISTING
    if more.group().startswith(",") and not matters:
        # Only bodies of several matters have lists of them in their names.
        return False
    # Ministers bear the names of matters as titles: the Ministry of Food, Culture and Fisheries.
    other = GIVEN | HEAD | DATE | RANK | (0 if matters else TITLE & ~GENERIC)
    words = names.cut_up(written).words
    return (
        len(words) <= 3
        and not any(word.bits & other or word.text.isupper() for word in words)
        and not any(names.known(word.text) for word in words)
        and not names.known(written)
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
    """Whether what stands after "and" is the end of the name of a body: Trademark Office, not Barack Obama or the FBI."""
    run = names.cut_up(more[1])
    words = run.words
    return (
        not more.group().startswith(",")
        and 1 < len(words) < 6
        and words[-1].bits & HEAD != 0
        and not words[0].bits & (GIVEN | RANK | HEAD)
        and not names.longest_at(run, 0)[0]
    )


def block_end(words: list[Word], here: int) -> int:
    """Where the words that stand together end: at a small word that names do not hold, after a possessive."""
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
            # "in R. We": that full stop ends a sentence.
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
    """The province, if words say that it is one and name it: "Department of Vichada"."""
    words = run.words
    if words[here].bare not in names.language.divided | _DEPARTMENT:
        return ()
    end, place = names.longest_at(run, here + 2 + (words[here + 2].text == "the"))
    return place if end == stop and place[0][0].kind in _DIVISIONS and not place[0][1].weak else ()


def goes_on_unknown(names: KnownNames, run: Run, stop: int, block: int) -> bool:
    """Whether what stands behind a known name is part of it: Fox News Latino, Airbus A380, and no title or name."""
    if run.words[block - 1].bare in names.language.editions:
        return False
    return block - stop <= 2 and not any(
        word.bits & (TITLE | RANK | DATE | GIVEN | SMALL | LOWER | DIGIT | EVERYDAY | OPENER)
        or word.bits & POSSESSIVE
        or names.longest_at(run, position)[0]
        for position, word in enumerate(run.words[stop:block], stop)
    )
