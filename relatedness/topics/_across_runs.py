"""Names that continue beyond the end of a run of capitalised words: Roe v. Wade, Jesus “Chuy” Garcia."""

from __future__ import annotations

import re

from relatedness.topics._known_names import KnownNames, Word
from relatedness.topics._labels import INITIAL, is_part_of_person
from relatedness.topics._language import GIVEN, OPENER, UPPER
from relatedness.topics._mention import Mention, in_place, mention_by_shape, mention_of
from relatedness.topics._spelling import without_possessive
from relatedness.topics._topic import PLACES

# Matches the words before a nickname in quotes, the nickname, and a surname.
_NICKNAME = re.compile(
    rf"\b((?:[{UPPER}][\w’'-]+ |[{UPPER}]\. ){{1,4}})[\"“][{UPPER}][\w. ]{{0,20}}[\"”]"
    rf" ([{UPPER}][\w’-]+(?: [{UPPER}][\w’-]+)?)"
)
_VERSUS = re.compile(r" v(\.?) (?=[A-Z])")
# Without the full stop, as British courts write it, "v" more likely means a match if the text mentions no court.
_OF_LAW = re.compile(
    r"\b(?:[Cc]ourts?|[Jj]udges?|[Tt]ribunals?|plaintiffs?|defendants?|appellants?|claimants?|lawsuits?|rulings?|House of Lords)\b"
)
_BEFORE = re.compile(r"(?:[A-Z][\w.&'’-]*(?: (?:of|the|&) (?=[A-Z])| (?=[A-Z])|$))+$")
_LONGEST = 80  # the most characters of a party
_SIDES = frozenset({"country", "region", "team"})  # kinds that have teams
# Kinds of parties for which a case is informative.
_PARENTS = PLACES | {"company", "organisation", "university"}


def with_nicknames(
    text: str, found: list[tuple[int, Mention]], names: KnownNames
) -> list[tuple[int, Mention]]:
    """Merge the parts of each name around a nickname into one mention: Jesus “Chuy” Garcia.

    Parameters
    ----------
    text : str
    found : list of (int, Mention)
        In order, each with the offset of its run.
    names : KnownNames

    Returns
    -------
    list of (int, Mention)
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
            whole = mention_of(0, written, known) if known else mention_by_shape(0, written, "person")
            more.append((start, whole))
    return in_place(text, found, more)


def _is_place(names: KnownNames, word: Word) -> bool:
    """Whether a word names a place and not a person."""
    return not word.bits & GIVEN and any(topic.kind in PLACES for topic, _ in names.known(word.text))


def with_cases(text: str, found: list[tuple[int, Mention]], names: KnownNames) -> list[tuple[int, Mention]]:
    """Replace the parties of each court case by a mention of the case.

    Parameters
    ----------
    text : str
    found : list of (int, Mention)
        In order, each with the offset of its run.
    names : KnownNames

    Returns
    -------
    list of (int, Mention)
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
        known = names.known(written)
        parents = tuple(
            side.plain.name for side in sides if side.plain is not None and side.plain.kind in _PARENTS
        )
        more.append(
            (begin, mention_of(0, written, known) if known else mention_by_shape(0, written, "case", parents))
        )
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
