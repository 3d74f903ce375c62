"""Names that begin with known ones: Super Bowl XLV, Boeing 767, Northern Illinois University, Sparta Prague, Barnes & Noble."""

from __future__ import annotations

import re

from relatedness.topics._half_names import block_end
from relatedness.topics._known_names import KnownNames, Run, Word
from relatedness.topics._labels import is_adjective, is_everyday, is_part_of_person
from relatedness.topics._language import (
    DATE,
    DETERMINER,
    DIGIT,
    DIRECTION,
    EVERYDAY,
    FRONT,
    GENERIC,
    GIVEN,
    HEAD,
    JOINING,
    LOWER,
    OFFICE,
    OPENER,
    POSSESSIVE,
    RANK,
    SAINT,
    SHIP,
    SMALL,
    STORM,
    TITLE,
    UPPER,
    VERB,
)
from relatedness.topics._mention import PHRASE, Known, Mention, mention_by_shape, mention_of
from relatedness.topics._spelling import without_possessive
from relatedness.topics._topic import PLACES
from relatedness.topics._word_lists import any_word

_ANNUAL = re.compile(
    rf"((?:[{UPPER}][\w’'.&-]* )*[{UPPER}][\w’'.&-]*) of the (?:{any_word('en', 'periods')})(?: Awards?)?\b"
)
_NUMERAL = re.compile(r"(?=[IVXL]{2})(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_TOWNS = frozenset({"city", "place"})
_CODE = re.compile(r"[A-Z]{1,4}-?\d[\w-]*")
_QUALITY = re.compile(f"(?:{any_word('en', 'quality_endings')})$")
_MODEL = re.compile(r"[1-9]\d\d(?:-\w+)?s?")
# Kinds with numbered instances, and kinds whose items have codes.
_COUNTED = frozenset({"event", "game", "product", "agreement", "work", "film", "software", "topic", "ship"})
_CODED = frozenset({"space", "ship", "vehicle"})
# Kinds that form another name with a preceding word, which includes the country or town.
_LANDS = frozenset({"country", "city", "state", "region"})
_PEOPLES = frozenset({"religion", "people", "ideology", "party", "topic"})
# Kinds that are separate names before "of": the leader, the meeting of a body.
_OWNERS = frozenset({"person", "organisation", "company", "legislature", "court", "party", "group", "team"})
_NO_REST = TITLE | RANK | GIVEN | DATE | DIGIT | LOWER | SMALL


def counted(names: KnownNames, run: Run, here: int, stop: int, known: Known) -> tuple[int, Mention] | None:
    """Read "Super Bowl XLV", "Martin Luther King III", "Boeing 767", "Soyuz TMA-19M": a numbered instance."""
    words = run.words
    topic = known[0][0]
    parents: tuple[str, ...] = ()
    written = without_possessive(words[stop].text)
    if words[stop - 1].bits & POSSESSIVE or known[0][1].weak:
        return None
    if topic.kind == "person":
        if stop - here < 2 or written.rstrip(".") not in names.language.younger:
            return None
        kind = "person"
    elif topic.name in names.language.makers and _MODEL.fullmatch(written):
        kind, parents = "product", (topic.name,)
    elif (topic.kind in _COUNTED and _NUMERAL.fullmatch(written)) or (
        topic.kind in _CODED and _CODE.fullmatch(written)
    ):
        kind, parents = topic.kind, (topic.name,)
    else:
        return None
    whole = without_possessive(run.cut(here, stop + 1))
    if known := names.known(whole):
        return stop + 1, mention_of(run.starts[here], whole, known)
    return stop + 1, mention_by_shape(run.starts[here], whole, kind, parents)


def fronted(names: KnownNames, run: Run, here: int) -> tuple[int, Mention] | None:
    """Read "USS Ronald Reagan", "Lake Malawi", "Sparta Prague": a word that forms another name with the name after it."""
    words, language = run.words, names.language
    if words[here].bits & POSSESSIVE or words[here + 1].bits & (SMALL | LOWER | DIGIT | RANK | DATE):
        return None
    stop, known = names.longest_at(run, here)
    if stop > here + 1:
        return None
    after, known = names.longest_at(run, here + 1)
    parents: tuple[str, ...] = ()
    if words[here].bits & SHIP:
        stop = max(after, min(block_end(words, here), here + 4))
        kind = "ship"
    elif not after or known[0][0].kind not in PLACES:
        return None
    elif words[here].bits & FRONT:
        stop, kind = after, "disaster" if words[here].bits & STORM else "place"
        if words[here].bare in language.undertakings:
            # Operation Iraqi Freedom
            stop = max(after, block_end(words, here))
    else:
        kind = language.before_lands[words[here].bare]
        land = known[0][0]
        if (
            land.kind not in (("city",) if kind == "team" and words[here].bare != "team" else _LANDS)
            or is_adjective(run, here + 1, after, known)
            or block_end(words, here + 1) > after
            or words[here].text.islower()
        ):
            return None
        stop, parents = after, () if known[0][1].weak else (land.name,)
    return stop, mention_by_shape(run.starts[here], without_possessive(run.cut(here, stop)), kind, parents)


def body_of_region(
    names: KnownNames, run: Run, here: int, after: int, known: Known
) -> tuple[int, Mention] | None:
    """Read "Northern Illinois University": not in a region of that name."""
    words = run.words
    block = block_end(words, here)
    kind = names.language.heads.get(words[block - 1].bare)
    if (
        block <= after
        or kind in (None, "region", "conflict", "disaster", "event")
        or words[after - 1].bits & POSSESSIVE
        or known[0][0].kind not in PLACES
        or known[0][1].weak
        or is_adjective(run, here + 1, after, known)
        or any(word.bits & _NO_REST & ~TITLE or word.bits & RANK for word in words[after:block])
    ):
        return None
    written = without_possessive(run.cut(here, block))
    parents = (known[0][0].name,) if known[0][0].kind in _LANDS else ()
    return block, mention_by_shape(run.starts[here], written, kind, parents)


def annual(names: KnownNames, text: str) -> Mention | None:
    """Read "European Footballer of the Year", "Costa Book of the Year Award": an award, with the words before it."""
    match = _ANNUAL.search(text)
    if match is None or text.endswith(" for ", 0, match.start()):
        return None
    before = names.cut_up(match[1])
    words, falls = before.words, DETERMINER | OPENER
    first = 0
    while first < len(words) - 1 and words[first].bits & falls and not words[first].bits & (HEAD | DIRECTION):
        first += 1
    first = _after_holder(names, before, first)
    if words[-1].bits & DATE or (words[-1].bits & TITLE and len(words) - first == 1):
        # Coach of the Year is not specific, and the first Monday of the Month is a day.
        return None
    if any(word.bits & (SMALL | POSSESSIVE) for word in words[first:]):
        return None
    start = match.end(1) - len(" ".join(word.text for word in words[first:]))
    written = text[start : match.end()]
    if known := names.known(written):
        return mention_of(start, written, known)
    run = names.cut_up(written)
    stop, holder = names.longest_at(run, 0)
    parents = (holder[0][0].name,) if stop and not holder[0][1].weak and holder[0][0].kind != "person" else ()
    return mention_by_shape(start, written, "award", parents)


def _after_holder(names: KnownNames, run: Run, first: int) -> int:
    """The start of a person's award, after the name: They named Angela Merkel Person of the Year."""
    stop, holder = names.longest_at(run, first)
    if (
        not stop
        and run.words[first].bits & GIVEN
        and all(map(is_part_of_person, run.words[first : first + 2]))
    ):
        stop, holder = first + 2, ()
    if stop >= len(run.words) or any(topic.kind != "person" for topic, _ in holder):
        return first
    return max(stop, first)


def of_members(names: KnownNames, run: Run, here: int) -> tuple[int, Mention] | None:
    """Read "Women's Rugby World Cup", "People's Redemption Army": the possessive is part of the name."""
    words = run.words
    if words[here + 1].bits & (SMALL | LOWER | DIGIT | DATE | RANK) or names.longest_at(run, here)[0]:
        return None
    after, known = names.longest_at(run, here + 1)
    block = block_end(words, here + 1)
    if after >= block and known[0][0].kind == "event" and not known[0][1].weak:
        stop, kind, parents = after, "event", known[0][0].parents
    elif words[block - 1].bits & HEAD or words[here + 1].bits & JOINING:
        stop = joined_end(names, run, block)
        head = words[block - 1] if words[block - 1].bits & HEAD else words[here + 1]
        kind, parents = names.language.heads[head.bare], ()
    else:
        return None
    if stop - here < 3:
        # Women's Committee
        return None
    return stop, mention_by_shape(run.starts[here], without_possessive(run.cut(here, stop)), kind, parents)


def offering(
    names: KnownNames, run: Run, here: int, stop: int, block: int, known: Known, *, sentences: bool
) -> Mention | None:
    """Read "Google Buzz", "Xbox Live", "BlackBerry Limited": a product with the company's name, or the company itself."""
    word, topic = run.words[stop], known[0][0]
    written = without_possessive(run.cut(here, block))
    if topic.kind == "company" and run.words[block - 1].bare.rstrip(".") in names.language.corporate:
        return mention_of(run.starts[here], written, known)
    language = names.language
    if word.bare in language.grounds and sentences and block - stop == 1 and not names.lexicon.labels:
        # Citi Field, where one plays
        return mention_by_shape(run.starts[here], written, "place")
    if (
        not sentences
        or block - stop > 1
        or names.lexicon.labels
        or word.bare.removesuffix("s") in language.heads
        or any(letter.isdigit() for letter in topic.name)
        or known[0][1].weak
        or not word.bits & EVERYDAY
        or word.bits & (_NO_REST | DIRECTION | HEAD | POSSESSIVE)
        or (word.bits & OPENER and not word.bits & VERB)
        or word.bare in language.editions | language.labels | language.unending
        or not word.text[1:].islower()
        or _QUALITY.search(word.bare)
    ):
        return None
    return mention_by_shape(run.starts[here], written, "product", (topic.name,))


def paired(names: KnownNames, run: Run, here: int, stop: int, block: int) -> tuple[int, Mention] | None:
    """Read "Barnes & Noble", a name that "&" joins; not "France & Spain", which are two."""
    words = run.words
    middle, block = max(stop, block), 0
    if middle + 1 < len(words) and words[middle].text == "&" and len(words[middle - 1].text) > 2:
        block = block_end(words, middle + 1)
    if (
        names.lexicon.labels
        or not here < block < here + 7
        or any(
            word.text != "&" and word.bits & (POSSESSIVE | DATE | DIGIT | TITLE | RANK | SMALL)
            for word in words[here:block]
        )
    ):
        return None
    left, right = words[here:middle], words[middle + 1 : block]
    ended = words[block - 1].bits & HEAD or words[block - 1].bare.rstrip(".") in names.language.corporate
    if (words[here].bits & GIVEN and (len(left) > 1 or right[0].bits & GIVEN)) or (
        len(left) > 1 and len(right) > 1 and not ended
    ):
        # two people
        return None
    if any(not word.text[1:].islower() and not word.text.isupper() for word in (*left, *right)):
        # ReplicaSet & ReplicationController
        return None
    if not ended and all(is_everyday(names, word) for word in left):
        # Science & Engineering
        return None
    first, one = names.longest_at(run, here)
    if (
        first == middle
        and words[middle + 1].bare.rstrip(".") in names.language.corporate | names.language.associates
    ):
        return None
    second, other = names.longest_at(run, middle + 1)
    if second and second < block and not words[second].bits & SMALL:
        second = 0
    both = (
        first >= middle
        and second
        and not any(
            known[0][1].weak or names.only_learned(" ".join(word.key for word in words[begin:end]))
            for begin, end, known in ((here, middle, one), (middle + 1, second, other))
        )
    )
    end = max(second, block)
    if both or end <= stop:
        return None
    written = without_possessive(run.cut(here, end))
    if known := names.known(written):
        return end, mention_of(run.starts[here], written, known)
    everyday = all(word.text == "&" or is_everyday(names, word) for word in words[here:end])
    kind = names.language.heads.get(words[end - 1].bare, PHRASE if everyday else "company")
    return end, mention_by_shape(run.starts[here], written, kind)


def goes_further(names: KnownNames, run: Run, after: int, end: int, whole: int, known: Known) -> bool:
    """Whether the known name after "of" continues: of the Guinean People, of Labor Statistics."""
    words = run.words
    if words[end - 1].bits & POSSESSIVE:
        return False
    if words[whole - 1].bits & POSSESSIVE or any(
        word.bits & (RANK | GIVEN | DATE | DIGIT | LOWER | SMALL)
        or (word.bits & TITLE and not word.bits & GENERIC)
        for word in words[end:whole]
    ):
        return False
    topic, alias = known[0]
    return (
        is_adjective(run, after, end, known)
        or topic.kind in _PEOPLES
        or alias.weak
        or (
            whole - end == 1
            and words[end].bits & (EVERYDAY | GENERIC) != 0
            and not words[end].bits & (HEAD | TITLE)
        )
    )


def takes_of(names: KnownNames, run: Run, begin: int, stop: int) -> bool:
    """Whether capitalised everyday words and "of" form one name: the Cave of the Patriarchs, the Mall of America."""
    words = run.words
    if stop + 1 >= len(words) or words[stop].text != "of" or words[stop - 1].bits & POSSESSIVE:
        return False
    last = words[stop - 1]
    after = stop + 2 if words[stop + 1].text == "the" and stop + 2 < len(words) else stop + 1
    end, known = names.longest_at(run, after)
    if names.lexicon.labels or last.bare in names.language.labels:
        return False
    if (end and known[0][0].kind in _OWNERS) or last.bare in names.language.terms | names.language.never_of:
        # "Proof of Eminem's group", and the Government of Japan, which says no more than Japan.
        return False
    if end and end == block_end(words, after) and is_adjective(run, after, end, known):
        # the Dismissal of U.S. attorneys
        return False
    if words[after].bits & GIVEN and not end and not last.bits & HEAD:
        return False
    no = OFFICE | RANK | GIVEN | DATE | DIRECTION | DIGIT | LOWER
    return not any(
        word.bits & no
        or (word.bits & OPENER and not word.bits & HEAD)
        or (word.bits & TITLE and not word.bits & GENERIC)
        or not (word.bits & HEAD or is_everyday(names, word))
        for word in words[begin + (words[begin].text == "The" and stop - begin > 1) : stop]
    )


def is_battle(run: Run, here: int) -> bool:
    """Whether a word that may be a verb begins a name: Battle of Najaf."""
    words = run.words
    return (
        words[here].bits & (JOINING | HEAD) == JOINING | HEAD
        and here + 1 < len(words)
        and words[here + 1].text == "of"
    )


def is_month_of_birth(names: KnownNames, run: Run, here: int, block: int) -> bool:
    """Whether the name of a month is part of a person's name: Jan Eliasson, April Jones."""
    words = run.words
    if block - here < 2 or words[here].bits & (DATE | GIVEN) != DATE | GIVEN:
        return False
    after = words[here + 1]
    if here and not words[here - 1].bits & (SMALL | TITLE):
        return False
    if after.bits & (GIVEN | EVERYDAY) == GIVEN and block - here > 2:
        # Jan Peter Balkenende
        return not words[here + 2].bits & (_NO_REST | HEAD | EVERYDAY)
    return (
        not after.bits & (_NO_REST | HEAD | EVERYDAY | GENERIC | DIRECTION)
        and len(after.text) > 2
        and after.text[1:].islower()
        and (not (end := names.longest_at(run, here + 1)[0]) or names.only_learned(after.key))
        and (end == 0 or end == here + 2)
    )


def is_storm(words: list[Word], here: int, block: int) -> bool:
    """Whether a sentence begins with the name of a storm or of a place: Storm Gertrude, not Storm Damage; Mount Semeru."""
    return (
        words[here].bits & (STORM | FRONT) != 0
        and block == here + 2
        and not words[here + 1].bits & (_NO_REST & ~GIVEN | EVERYDAY | HEAD | OPENER)
    )


def with_country(names: KnownNames, run: Run, begin: int, stop: int, inner: int, known: Known) -> bool:
    """Whether a country ends the name of its body: Football Federation Australia."""
    words = run.words
    return (
        stop - begin > 1
        and names.language.heads.get(words[stop - 1].bare) == "organisation"
        and not words[stop - 1].bits & POSSESSIVE
        and not known[0][1].weak
        and not is_adjective(run, stop, inner, known)
        and block_end(words, stop) == inner
    )


def joined_end(names: KnownNames, run: Run, stop: int, *, everyday: bool = False) -> int:
    """The end of a name whose head takes the following words: "University of Texas", "Battle of Mosul"."""
    words = run.words
    count = len(words)
    if words[stop - 1].bits & (JOINING | POSSESSIVE) != JOINING and not everyday:
        return stop
    while stop + 1 < count and words[stop].text in (("of",) if everyday else ("of", "for", "on")):
        after = stop + 2 if words[stop + 1].text == "the" else stop + 1
        if after >= count or words[after].bits & (LOWER | RANK):
            break
        end, known = names.longest_at(run, after)
        if end < after + 2 and words[after].bits & DATE:
            # not "of May", but of New York
            break
        if end and known[0][0].kind == "team":
            # The University of Florida has the Florida Gators.
            return after + 1
        stop = end
        whole = block_end(words, after)
        if not stop or (whole > stop and goes_further(names, run, after, stop, whole, known)):
            stop = whole
        if words[stop - 1].bits & POSSESSIVE:
            break
    return stop


def saint(names: KnownNames, run: Run, here: int) -> tuple[int, Mention] | None:
    """Read "St Patrick's Athletic", "John of Avila": a name that contains the name of a saint or place."""
    words = run.words
    if words[here].bits & SAINT:
        if not words[here + 1].bits & POSSESSIVE or words[here + 2].bits & (SMALL | RANK | DIGIT | LOWER):
            return None
        stop = here + 3
        while stop < len(words) and words[stop].bits & HEAD:
            stop += 1
        end = block_end(words, here + 2)
        if (
            end > stop
            and words[end - 1].bits & HEAD
            and not any(word.bits & (TITLE | RANK | DATE | SMALL) for word in words[stop:end])
        ):
            # St John's Regional Medical Centre
            stop = end
        kind = names.language.heads.get(words[stop - 1].bare, "name")
        return stop, mention_by_shape(run.starts[here], without_possessive(run.cut(here, stop)), kind)
    if words[here].bits & (POSSESSIVE | TITLE | OFFICE) or words[here + 1].text not in ("of", "the"):
        return None
    if words[here + 1].text == "the":
        # Carlos the Jackal, Jack the Ripper
        by = words[here + 2]
        if (
            names.lexicon.labels
            or not by.text[1:].islower()
            or by.bits & (HEAD | TITLE | DATE | GIVEN | DIRECTION | DIGIT | LOWER | POSSESSIVE)
            or (here and words[here - 1].bits & SMALL == 0)
        ):
            return None
        if (end := block_end(words, here + 2)) != here + 3 or names.longest_at(run, here + 2)[0]:
            return None
        return end, mention_by_shape(run.starts[here], run.cut(here, end), "person")
    if here and not words[here - 1].bits & (SMALL | TITLE):
        return None
    stop, place = names.longest_at(run, here + 2)
    if not stop or place[0][0].kind not in _TOWNS:
        return None
    return stop, mention_by_shape(run.starts[here], without_possessive(run.cut(here, stop)), "person")
