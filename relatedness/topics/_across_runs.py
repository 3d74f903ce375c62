"""Names that continue beyond the end of a run of capitalised words: Roe v. Wade, Jesus “Chuy” Garcia, bodies by their initials."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import pairwise

from relatedness.topics._half_names import with_first_halves
from relatedness.topics._known_names import KnownNames, Word
from relatedness.topics._labels import INITIAL, after_office, is_everyday, is_part_of_person
from relatedness.topics._language import GIVEN, HEAD, JOINING, OPENER, SMALL, TITLE, UPPER
from relatedness.topics._mention import (
    PHRASE,
    Mention,
    in_place,
    mention_by_shape,
    mention_of,
    mention_of_whole,
)
from relatedness.topics._spelling import fold, initials_form, without_possessive
from relatedness.topics._topic import PLACES
from relatedness.topics._word_lists import any_of, any_word, words_of

# Matches the words before a nickname in quotes, the nickname, and a surname.
_NICKNAME = re.compile(
    rf"\b((?:[{UPPER}][\w’'-]+ |[{UPPER}]\. ){{1,4}})[\"“][{UPPER}][\w. ]{{0,20}}[\"”]"
    rf" ([{UPPER}][\w’-]+(?: [{UPPER}][\w’-]+)?)"
)
_VERSUS = re.compile(r" v(\.?) (?=[A-Z])")
# Without the full stop, as British courts write it, "v" more likely means a match if the text mentions no court.
_OF_LAW = re.compile(rf"\b(?:{any_of('en', 'of_law')})\b")
_BEFORE = re.compile(r"(?:[A-Z][\w.&'’-]*(?: (?:of|the|&) (?=[A-Z])| (?=[A-Z])|$))+$")
_LONGEST = 80  # the most characters of a party, and of half a long form
_SIDES = frozenset({"country", "region", "team"})  # kinds that have teams
# Kinds of parties for which a case is informative.
_PARENTS = PLACES | {"company", "organisation", "university"}
# What quotes hold, without the mark at its end.
_QUOTED = re.compile(r"[\"“]([^\W_a-z][^\"“”\n]{2,70}?)[,.]?[\"”]")
# Words with capitals, and small words between them.
_BIG = rf"[{UPPER}\d][^\s,]*"
_TITLE_CASE = re.compile(rf"{_BIG},?(?: (?:(?:{any_word('en', 'small_in_works')}) ){{0,2}}{_BIG},?){{1,9}}")
_OF_WORK = re.compile(rf"\b(?:{any_word('en', 'before_works')}),? $")
_OF_NICKNAME = re.compile(rf"\b(?:{any_word('en', 'before_nicknames')})(?: the)?,? $")
# An office before what it is for.
_OFFICE = re.compile(rf"\b(\w+) (?:of|for) (?:the )?(?:[{UPPER}]\w+(?:,? [{UPPER}]\w+){{0,4}},? and )?$")
_BEFORE_MATTERS = (" of ", " for ", " the ", " and ")  # how it ends
# An abbreviation in brackets after its long form, and the marks that a long form does not contain.
_DEFINED = re.compile(r" \(([A-Z][A-Za-z&-]{1,8}[A-Z])\)")
_APART = re.compile(r"[.;:!?()\[\]\"“”|/]|, (?!.* and )")
_TAKING = words_of("en", "behind_heads")


def across_runs(text: str, found: list[tuple[int, Mention]], names: KnownNames) -> list[tuple[int, Mention]]:
    """Replace the parts of names that continue beyond a run by the whole names.

    Parameters
    ----------
    found : list of (int, Mention)
        In order, each with the offset of its run.
    """
    if '"' in text or "“" in text:
        found = with_nicknames(text, found, names)
        if not names.lexicon.labels:
            found = with_titles(text, found, names)
    if " and " in text:
        found = with_first_halves(text, found, names)
    if " v. " in text or " v " in text:
        found = with_cases(text, found, names)
    if " (" in text:
        found = with_long_forms(text, found, names)
    return with_holders(text, found, names)


def with_holders(text: str, found: list[tuple[int, Mention]], names: KnownNames) -> list[tuple[int, Mention]]:
    """Leave to an office what it is for, and the rest to its holder: the minister for Education and Science Ann Zorgley.

    Parameters
    ----------
    found : list of (int, Mention)
        In order, each with the offset of its run.
    """
    more: list[tuple[int, Mention]] = []
    for base, piece in found:
        if not piece.shape or piece.written.count(" ") < 2:
            continue
        begin = base + piece.start
        if not text.endswith(_BEFORE_MATTERS, 0, begin):
            continue
        office = _OFFICE.search(text, max(0, begin - _LONGEST), begin)
        if office is None or not names.language.bits.get(office[1].lower(), 0) & TITLE:
            continue
        run = names.cut_up(piece.written)
        start = after_office(names, run.words)
        if start and not _is_place(names, run.words[start]):
            written = piece.written[run.starts[start] :]
            whole = mention_of_whole(written, names.known(written), "person")
            more.append((begin + run.starts[start], whole))
    return in_place(text, found, more)


def with_long_forms(
    text: str, found: list[tuple[int, Mention]], names: KnownNames
) -> list[tuple[int, Mention]]:
    """Read what stands before an abbreviation in brackets as one name, if it has these initials: Movement for Democracy and
    Justice in Chad (MDJT), which the small words in it would cut.

    Parameters
    ----------
    found : list of (int, Mention)
        In order, each with the offset of its run.
    """
    more: list[tuple[int, Mention]] = []
    for match in _DEFINED.finditer(text):
        end = match.start()
        written = initials_form(match[1], text[max(0, end - 2 * _LONGEST) : end])
        if (
            written is None
            or written.count(" ") < 2
            or _APART.search(written)
            or match[1] in names.lexicon.template
        ):
            continue
        start = end - len(written)
        around = _beside(found, start, end)
        words = names.cut_up(written).words
        if (
            not text.startswith(written, start)
            or any(first < start or (first == start and last >= end) for first, last, _ in around)
            or (words[0].bits & TITLE and not words[-1].bits & HEAD)
            or not all(word.text[0].isupper() or len(word.text) < 4 for word in words)
        ):
            continue
        known = names.known(written)
        if not known and (meant := names.known(match[1])):
            name = meant[0][0].name
            if len(meant) > 1 or meant[0][1].weak or not (name == match[1] or _share_a_word(name, written)):
                continue
            known = meant
        if known:
            more.append((start, mention_of(0, written, known)))
            continue
        head = next(
            (word for word, small in pairwise(words) if word.bits & JOINING and small.text in _TAKING),
            words[-1],
        )
        kind = names.language.heads.get(head.bare, "name")
        inside = [piece.topic for *_, piece in around if piece.topic is not None and not piece.shape]
        if kind == "name" and sum(topic.kind in PLACES for topic in inside) > 1:
            # the Middle East and North Africa (MENA)
            continue
        parents = dict.fromkeys(topic.name for topic in inside if topic.kind in _PARENTS)
        more.append((start, mention_by_shape(0, written, kind, tuple(parents))))
    return in_place(text, found, more)


def with_titles(text: str, found: list[tuple[int, Mention]], names: KnownNames) -> list[tuple[int, Mention]]:
    """Read title case in quotes as one name, where only parts of it are names by their shape, or where the words before say
    that something is called so: the song "Losing My Religion".

    Parameters
    ----------
    found : list of (int, Mention)
        In order, each with the offset of its run.
    """
    more: list[tuple[int, Mention]] = []
    for match in _QUOTED.finditer(text):
        start, end = match.span(1)
        if not _TITLE_CASE.fullmatch(match[1]):
            continue
        inside = _beside(found, start, end)
        rest = start + 4 if match[1].startswith("The ") else start
        if any(first <= rest and last >= end for first, last, _ in inside):
            continue
        work = _OF_WORK.search(text, max(0, start - _LONGEST), start)
        told = work is not None or _OF_NICKNAME.search(text, max(0, start - _LONGEST), start) is not None
        if not told and not (
            inside
            and all(piece.shape and piece.plain and piece.plain.kind != "person" for *_, piece in inside)
        ):
            continue
        everyday = all(is_everyday(names, word) or word.bits & SMALL for word in names.cut_up(match[1]).words)
        kind = "work" if work else "name" if told or not everyday else PHRASE
        more.append((start, mention_of_whole(match[1], names.known(match[1]), kind)))
    return in_place(text, found, more)


def _beside(found: list[tuple[int, Mention]], start: int, end: int) -> list[tuple[int, int, Mention]]:
    """The names that a range of the text holds or cuts, each with its ends; `found` are apart and in order."""
    first = bisect_right(found, start, key=lambda item: item[0] + item[1].end)
    last = bisect_left(found, end, lo=first, key=lambda item: item[0] + item[1].start)
    return [(base + piece.start, base + piece.end, piece) for base, piece in found[first:last]]


def _share_a_word(one: str, other: str) -> bool:
    return any(len(word) > 3 for word in {*fold(one).split()} & {*fold(other).split()})


def with_nicknames(
    text: str, found: list[tuple[int, Mention]], names: KnownNames
) -> list[tuple[int, Mention]]:
    """Merge the parts of each name around a nickname into one mention: Jesus “Chuy” Garcia.

    Parameters
    ----------
    found : list of (int, Mention)
        In order, each with the offset of its run.
    """
    more: list[tuple[int, Mention]] = []
    for match in _NICKNAME.finditer(text):
        words = names.cut_up(match[1].rstrip()).words
        first = len(words)
        while first and (is_part_of_person(words[first - 1]) or INITIAL.match(words[first - 1].text)):
            if words[first - 1].bits & OPENER:
                break
            first -= 1
        while first + 1 < len(words) and _is_place(names, words[first]):
            # President of the Philippines Benigno “Noynoy” Aquino
            first += 1
        given = " ".join(word.text for word in words[first:])
        start = match.end(1) - len(given) - 1
        written = text[start : match.end()]
        known = names.known(text[match.start() : match.end()])
        if known:
            # Toys “R” Us
            more.append((match.start(), mention_of(0, match[0], known)))
        elif given and not _is_place(names, words[-1]):
            known = names.known(f"{given} {match[2]}")
            more.append((start, mention_of_whole(written, known, "person")))
    return in_place(text, found, more)


def _is_place(names: KnownNames, word: Word) -> bool:
    """Whether a word names a place and not a person."""
    return not word.bits & GIVEN and any(topic.kind in PLACES for topic, _ in names.known(word.text))


def with_cases(text: str, found: list[tuple[int, Mention]], names: KnownNames) -> list[tuple[int, Mention]]:
    """Replace the parties of each court case by a mention of the case.

    Parameters
    ----------
    found : list of (int, Mention)
        In order, each with the offset of its run.
    """
    more: list[tuple[int, Mention]] = []
    beside: list[tuple[int, Mention]] = []
    ends = {base + piece.end: (base + piece.start, piece) for base, piece in reversed(found)}
    starts = {base + piece.start: (base + piece.end, piece) for base, piece in found}
    british = _OF_LAW.search(text) is not None and names.language.score.search(text) is None
    for versus in _VERSUS.finditer(text):
        if not versus[1] and not british:
            continue
        begin, one = ends.get(versus.start(), (versus.start(), None))
        if one is None:
            party = _BEFORE.search(text, max(0, begin - _LONGEST), begin)
            if party is None:
                continue
            begin = party.start()
            for word in names.cut_up(party[0]).words[:-1]:
                if not word.bits & OPENER:
                    break
                # "In R v Dudley"
                begin += len(word.text) + 1
        if (
            text.startswith(", ", begin - 2)
            and text[begin : versus.start()].rstrip(".").lower() in names.language.corporate
            and (company := _BEFORE.search(text, max(0, begin - _LONGEST), begin - 2)) is not None
        ):
            # Smith & Wesson Brands, Inc. v. Estados Unidos Mexicanos
            begin, one = ends.get(begin - 2, (company.start(), None))
        end, other = starts.get(versus.end(), (0, None))
        if other is None:
            run = names.language.run.match(text, versus.end())
            if run is None:
                continue
            end = run.start() + len(without_possessive(run.group()))
        sides = [side for side in (one, other) if side is not None and not side.shape]
        if len(sides) == 2 and all(_may_play(side) for side in sides):
            # England v. Germany is a match.
            continue
        written = text[begin:end]
        parents = tuple(
            side.plain.name for side in sides if side.plain is not None and side.plain.kind in _PARENTS
        )
        more.append((begin, mention_of_whole(written, names.known(written), "case", parents)))
        # An event about Apple v. Samsung is about Apple; a place only says where the case belongs.
        beside += [
            (stop - side.end, side)
            for stop, side in ((versus.start(), one), (end, other))
            if side in sides and (side.plain is None or side.plain.kind not in PLACES)
        ]
    return sorted(in_place(text, found, more) + beside, key=lambda item: item[0] + item[1].start)


def _may_play(side: Mention) -> bool:
    """Whether it may be something that has a team: England, Liverpool."""
    kinds = {topic.kind for topic, _ in side.maybe} if side.plain is None else {side.plain.kind}
    return not kinds.isdisjoint(_SIDES)
