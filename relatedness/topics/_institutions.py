"""Institutions that begin with a known name: Supreme Court of Texas, Iraqi Army, Houston Methodist Hospital, Google Buzz."""

from __future__ import annotations

from relatedness.topics._bodies import body_mention
from relatedness.topics._half_names import block_end, division_at, goes_on_unknown
from relatedness.topics._known_names import KnownNames, Run, Word
from relatedness.topics._labels import after_role, is_adjective, is_everyday
from relatedness.topics._language import (
    DATE,
    DIGIT,
    EVERYDAY,
    GIVEN,
    HEAD,
    JOINING,
    LOWER,
    NUMBERED,
    POSSESSIVE,
    RANK,
    SMALL,
    TITLE,
    rare_words,
)
from relatedness.topics._longer_names import joined_end, offering
from relatedness.topics._mention import Known, Mention, mention_by_shape, mention_of
from relatedness.topics._spelling import without_possessive
from relatedness.topics._topic import PLACES

# Bodies that every state has, and the kinds of places that have them.
_BODIES = frozenset({"court", "legislature", "ministry", "party"})
_STATES = frozenset({"country", "state", "region"})
# Kinds of makers and products; with media, the kinds that longer names begin with.
MADE = frozenset({"software", "product", "company", "website", "standard"})
_LENT = MADE | {"media"}
_SELLING = frozenset({"company", "website", "product"})
# Sports bodies, whose cups and leagues have the same names.
_HOLDERS = frozenset({"sport", "organisation"})
# Kinds that do not end a name that begins with unknown words.
_APART_AT_END = frozenset({"software", "standard"})
# Kinds whose meaning everyday words before them do not change.
APART = frozenset({"software", "product", "standard", "topic"})


def local_body(
    names: KnownNames, run: Run, here: int, stop: int, known: Known, *, sentences: bool
) -> tuple[int, Mention] | None:
    """Read "Supreme Court of Texas", "Central Bank of Iran": a body in another place than the known one. A body whose name is
    ambiguous, or that was only learned from the corpus, always takes the place after "of".
    """
    words = run.words
    last = words[stop - 1].bits
    topic = known[0][0]
    if words[stop].text not in ("of", "for") or last & POSSESSIVE:
        return None
    if topic.kind == "award" and words[stop + 1].bare in names.language.awarded:
        # the Academy Award for Best Director
        end = block_end(words, stop + 1)
        written = without_possessive(run.cut(here, end))
        return end, mention_by_shape(run.starts[here], written, topic.kind, (topic.name,))
    learned = last & JOINING and (
        all(alias.weak for _, alias in known)
        or names.only_learned(" ".join(word.key for word in words[here:stop]))
    )
    if not (learned or topic.kind in _BODIES):
        return None
    after = stop + 2 if words[stop + 1].text == "the" else stop + 1
    if after >= len(words) or words[after].bits & (LOWER | RANK):
        return None
    end, place = names.longest_at(run, after)
    if end and place[0][0].kind == "person":
        # "the Conservative Party of David Cameron"
        return None
    whole = block_end(words, after)
    if sentences and topic.kind == "court" and words[stop].text == "for" and words[whole - 1].bits & JOINING:
        # the District Court for the Southern District of New York
        end = joined_end(names, run, whole)
        if end > whole:
            written = without_possessive(run.cut(here, end))
            return end, mention_by_shape(run.starts[here], written, topic.kind, topic.parents)
        end = 0
    if sentences and topic.kind == "court" and words[stop].text == "for" and words[whole - 1].bits & HEAD:
        # the Court of Appeals for the Fifth Circuit
        written = without_possessive(run.cut(here, whole))
        return whole, mention_by_shape(run.starts[here], written, topic.kind, topic.parents)
    if end and (words[end - 1].bits & POSSESSIVE or whole <= end or words[end].bits & TITLE):
        whole = end
    parents: tuple[str, ...] = ()
    if end and place[0][0].kind in _STATES and not place[0][1].weak:
        if place[0][0].name in topic.parents:
            return None
        parents = (place[0][0].name,)
        if whole > end:
            # "of Iranian Kurdistan", "for the D.C. Circuit"
            end = whole
        elif not without_possessive(run.cut(after, end)).endswith(place[0][0].name):
            # "of the Australian state" holds an adjective.
            return None
    elif (
        learned
        or (end and topic.kind == "court" and place[0][0].kind in PLACES)
        or (last & JOINING and topic.kind == "party")
    ):
        end = max(whole, joined_end(names, run, stop))
    else:
        return None
    if end <= stop:
        return None
    written = without_possessive(run.cut(here, end))
    return end, mention_by_shape(run.starts[here], written, topic.kind, parents)


def stands_apart(
    names: KnownNames, run: Run, begin: int, stop: int, *, inner: int, block: int, known: Known
) -> bool:
    """Whether the words before a known name are not part of a name: "via C SQLite", Stored XSS, Misconfigured CORS."""
    lead, kind = run.words[begin], known[0][0].kind
    if stop > begin + 1 or known[0][1].weak:
        return False
    return (
        (len(lead.text) == 1 and kind in MADE)
        or (kind in APART and is_everyday(names, lead))
        or (
            inner == block
            and ends_no_name(lead, run.words[stop], known)
            and (lead.bare in rare_words() or lead.bare.endswith(("ed", "ing")))
        )
    )


def ends_no_name(lead: Word, last: Word, known: Known) -> bool:
    """Whether a known name after unknown words is separate: SERVFAIL DNS are two names; Stackless Python is not Python. A
    program whose name is written like those of people and places may be part of theirs: Tropical Cyclone Lua, F-14 Tomcat.
    """
    topic, alias = known[0]
    return topic.kind in _APART_AT_END and not (
        alias.weak or lead.bits & GIVEN or "(" in topic.name or last.text.istitle()
    )


def institution(
    names: KnownNames, run: Run, here: int, stop: int, block: int, known: Known, *, sentences: bool
) -> tuple[int, Mention] | None:
    """Read "Iraqi Army", "Houston Methodist Hospital": a known place and the institution named after it."""
    words, topic = run.words, known[0][0]
    last = words[stop - 1]
    if last.bits & POSSESSIVE:
        return None
    if topic.kind == "person" and block - stop == 1 and words[stop].bare in names.language.terms:
        # The Trump Administration maps to its head.
        return block, mention_of(run.starts[here], run.cut(here, stop), known)
    if last.bits & (NUMBERED | HEAD) == NUMBERED | HEAD and stop - here > 1 and words[stop].bits & DIGIT:
        # Flights in general map to the airline; a numbered one is a flight.
        written = without_possessive(run.cut(here, stop + 1))
        return stop + 1, mention_by_shape(run.starts[here], written, names.language.heads[last.bare])
    numbered = words[block - 1].bits & DIGIT and words[block - 2].bits & NUMBERED and block - stop > 1
    while block > stop and words[block - 1].bits & DIGIT and not numbered:
        block -= 1
    if block == stop:
        return None
    first = words[stop].bits
    kind = names.language.heads.get(words[block - 2 if numbered else block - 1].bare)
    if (
        (kind is None or words[block - 1].bare.rstrip(".") in names.language.corporate)
        and topic.kind in _SELLING
        and block - stop == (2 if words[stop].text == "&" else 1)
    ):
        piece = offering(names, run, here, stop, block, known, sentences=sentences)
        if piece is not None:
            return block, piece
    if (
        kind is None
        and topic.kind in MADE
        and words[stop].bare in names.language.of_programs
        and block == stop + 1
    ):
        # "the GitHub API" maps to its owner.
        return block, mention_of(run.starts[here], run.cut(here, stop), known)
    if kind is None and topic.kind in _LENT and goes_on_unknown(names, run, stop, block):
        return block, mention_by_shape(run.starts[here], without_possessive(run.cut(here, block)), topic.kind)
    if kind is None and (
        topic.kind not in ("state", "city", "region", "place")
        or first & GIVEN
        or (topic.kind == "place" and first & EVERYDAY)
    ):
        return None
    if (first & TITLE and (kind is None or first & RANK)) or first & DATE:
        return None
    if sentences and block - stop > 2 and after_role(names, run, stop, block):
        # Hawaii District Judge Derrick Watson
        return None
    inner, within = names.longest_at(run, stop)
    if (
        inner >= block
        and topic.kind in ("state", "region")
        and (
            within[0][0].kind in _BODIES
            # the Michigan Department of Agriculture
            or (within[0][0].kind == "organisation" and first & HEAD and words[stop + 1].text == "of")
        )
        and within[0][0].parents
        and topic.name not in within[0][0].parents
        and not known[0][1].weak
    ):
        # The House of Representatives of Illinois is not that of the United States.
        written = without_possessive(run.cut(here, inner))
        return inner, mention_by_shape(run.starts[here], written, within[0][0].kind, (topic.name,))
    if (
        sentences
        and inner >= block
        and topic.kind in _HOLDERS
        and within[0][0].kind == "event"
        and run.words[here].text.isupper()
        and topic.name not in within[0][0].parents
        and not known[0][1].weak
    ):
        # The Champions League of the CAF is not UEFA's.
        written = without_possessive(run.cut(here, inner))
        return inner, mention_by_shape(run.starts[here], written, "event", (topic.name,))
    if inner and not (kind and (inner < block or within[0][1].weak or kind == within[0][0].kind == "media")):
        # The Himalayan Times is not The Times.
        return None
    if inner > stop + 1 and within[0][0].kind == "person":
        # the Peruvian Pedro Pablo Kuczynski Administration
        return None
    if any(word.bits & RANK for word in words[stop:block]):
        return None
    if not numbered:
        end = joined_end(names, run, block)
        if (
            end > block
            and block - stop == 1
            and is_adjective(run, here, stop, known)
            and division_at(names, run, stop, end)
        ):
            # The Colombian Department of Vichada is Vichada, and in Colombia.
            return None
        block = end
    written = without_possessive(run.cut(here, block))
    # "Lincoln Chafee" need not have anything to do with Lincoln.
    sure = (
        topic.kind in PLACES - {"sea"}
        and not known[0][1].weak
        and (kind is not None or block - here > 2)
        and not first & SMALL
    )
    if kind == "media" and topic.kind in APART:
        # "Node.js News" names no medium.
        return None
    if kind == "company" and topic.kind == "city":
        # Thomson Airways is named after somebody.
        sure = False
    if kind == "event" and topic.kind == "organisation" and not known[0][1].weak:
        # the NCAA Men's Basketball Championship
        sure = True
    if topic.kind == "university" and "university" in (words[here].bare, last.bare):
        # University of Rochester Medical Center; the Michigan State Police is no part of a university
        sure = True
    parents: tuple[str, ...] = (topic.name,) if sure else ()
    if words[block - 1].bare in names.language.features and topic.kind != "country":
        # The Saint John River is not confined to the town of Saint John.
        parents = ()
    if kind == "region" and topic.kind == "city" and ", " in topic.name:
        # Seminole Heights is not in the small town of Seminole.
        parents = ()
    if (
        kind == "region"
        and block - stop == 1
        and (
            words[stop].bare in names.language.divided
            # the Dagestan Republic, but the Arizona Republic is a newspaper
            or (words[stop].bare == "republic" and topic.kind == "region")
        )
    ):
        if topic.kind in ("state", "region"):
            return block, mention_of(run.starts[here], written, known)
        # Dhamar Governorate is where the town of that name is.
        parents = topic.parents if sure else ()
    if sure and (body := body_mention(names, run, stop, block, known, here)):
        return block, body
    return block, mention_by_shape(run.starts[here], written, kind or "name", parents)
