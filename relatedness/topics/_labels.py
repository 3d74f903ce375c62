"""Capitalised words that are not names: generic words, labels of forms, roles of people."""

from __future__ import annotations

import re

from relatedness.topics._known_names import KnownNames, Run, Word
from relatedness.topics._language import (
    DATE,
    DIGIT,
    EVERYDAY,
    GENERIC,
    GIVEN,
    HEAD,
    HOLLOW,
    NO_NAME,
    NUMBERED,
    OFFICE,
    PARTICLE,
    POSSESSIVE,
    SMALL,
    TITLE,
)

# The numeral of a Super Bowl or a king alone. No larger numerals: MMC and MCC are names.
from relatedness.topics._mention import Known
from relatedness.topics._spelling import without_possessive
from relatedness.topics._topic import PLACES
from relatedness.topics._word_lists import any_word, words_of

_NUMERAL = re.compile(r"(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_PARTY_OF = re.compile(r"[DRI][-–]([A-Z][A-Za-z]+)")
_PRONOUNS = words_of("en", "subject_pronouns")
_ADVERB = re.compile(f"..(?:{any_word('en', 'adverb_endings')})$")
_DAY = re.compile("(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]*-[0-9]+")
# "P25-million"
_SUM = re.compile(r"[A-Z]{1,3}\d+-(?:million|billion)")
_IDENTIFIER = re.compile(r"[A-Z]{2,}-\d[\d-]+")
_SCORE = re.compile(r"1?\d{1,2}[-–]1?\d{1,2}")
MIDDLE_INITIAL = re.compile(r"[A-Z]\.$")
INITIAL = re.compile(r"^(?:\w\.){1,2}$")


def is_everyday(names: KnownNames, word: Word) -> bool:
    """Whether a word is usually in lower case and is capitalised here only as in titles and labels."""
    return word.text[1:].islower() and (word.bits & (HOLLOW | EVERYDAY) != 0 or names.is_common(word.bare))


def is_apart(names: KnownNames, first: Word, second: Word, count: int) -> bool:
    """Whether the first word of a sentence is not part of a name: Stored XSS, and headings whose line break was lost."""
    if first.bits & GIVEN or not (len(first.text) == 1 or is_everyday(names, first)):
        return False
    return first.bare in names.language.sections or (
        # An abbreviation or a name such as SafeBuffer.
        count == 2
        and not second.bits & (GENERIC | DIGIT)
        and len(second.text) > 2
        and not second.text[1:].islower()
    )


def is_unending(names: KnownNames, word: Word) -> bool:
    """Whether a word cannot end a name: Impact Carefully, Backstory Every."""
    return word.bare in names.language.unending or (
        word.bits & (EVERYDAY | GIVEN) == EVERYDAY and _ADVERB.search(word.bare) is not None
    )


def after_job(names: KnownNames, words: list[Word], begin: int, block: int) -> tuple[int, bool]:
    """The start of a name after a person's role, and whether there was one: Associate Director Erin Becker."""
    inner = begin
    while inner < block and words[inner].bits & (EVERYDAY | TITLE) and not words[inner].bits & GIVEN:
        inner += 1
    if (
        inner - begin > 1
        and block - inner == 2
        and (words[inner - 1].bits & (TITLE | HEAD) == TITLE or words[inner - 1].bare in names.language.jobs)
        and not any(
            word.bits & (SMALL | DIGIT | HEAD | DATE | POSSESSIVE) for word in words[begin : block - 1]
        )
        and not words[block - 1].bits & (EVERYDAY | HEAD | DIGIT)
        and all(word.text[1:].islower() for word in words[inner:block])
    ):
        return inner, True
    return begin, False


def after_role(names: KnownNames, run: Run, begin: int, block: int) -> int:
    """The start of a person's name after a role, if only the name follows; otherwise 0.

    "Activist Dymtro Bulatov", "District Judge Derrick Watson", "Bradford West MP Naz Shah".
    """
    words = run.words
    for inner in range(max(begin, block - 4), block - 2):
        if (
            words[inner].bare in names.language.persons
            and not words[inner].bits & (GIVEN | POSSESSIVE)
            and all(is_part_of_person(word) or word.bits & PARTICLE for word in words[inner + 1 : block])
            and not words[inner + 1].bits & PARTICLE
            and not any(word.bits & GIVEN for word in words[begin:inner])
        ):
            return inner + 1
    return 0


def after_portfolio(names: KnownNames, run: Run, begin: int, block: int) -> int:
    """The start of a person's name after the end of an office: Staff Andy Card, Human Rights Ivan Šimonović; or 0."""
    words = run.words
    for inner in range(begin, min(begin + 3, block - 2)):
        matter = words[inner].bare in names.language.portfolios
        if words[inner].bits & GIVEN or not (
            words[inner].bits & (EVERYDAY | GENERIC | TITLE | HEAD)
            or words[inner + 1].bare in names.language.matters_of_office
        ):
            return 0
        if matter and (
            words[inner + 1].bits & (GIVEN | POSSESSIVE) == GIVEN
            and not words[inner + 2].bits & (HEAD | DIGIT | DATE | words[inner + 1].bits & EVERYDAY)
        ):
            return inner + 1
        if (
            matter
            and inner > begin
            and block - inner == 3
            and all(map(is_part_of_person, words[inner + 1 : block]))
        ):
            # Internal Affairs Saimir Tahiri
            return inner + 1
    return 0


def ends_office(names: KnownNames, run: Run, begin: int, inner: int, block: int) -> bool:
    """Whether a word ends an office, and only its holder's name follows: Finance Committee Chairman Wu Bangguo."""
    return (
        run.words[inner].bits & OFFICE != 0
        and inner + 2 < block
        and all(map(is_part_of_person, run.words[inner + 1 : block]))
        and not any(names.longest_at(run, one)[0] for one in range(begin + 1, inner))
    )


def after_office(names: KnownNames, words: list[Word]) -> int:
    """The start of a person's name after what an office is for (Literature Wole Soyinka), where an office stands before; or 0."""
    start = next((here for here in range(1, len(words)) if is_part_of_person(words[here])), 0)
    if (
        not start
        or not 2 <= len(words) - start <= 4
        or any(
            word.bits & (GIVEN | POSSESSIVE) or not word.bits & (EVERYDAY | GENERIC | TITLE | HEAD)
            for word in words[:start]
        )
        or not all(is_part_of_person(word) or INITIAL.match(word.text) for word in words[start:])
        or not (words[start].bits & GIVEN or words[start - 1].bare in names.language.portfolios)
    ):
        return 0
    return start


def is_part_of_person(word: Word) -> bool:
    """Whether a word may be part of a person's name (Bulatov, Lin-Manuel) and is not an everyday word."""
    no = EVERYDAY | GENERIC | HEAD | TITLE | DATE | DIGIT | SMALL
    return (word.bits & GIVEN != 0 or not word.bits & no) and not word.text.isupper()


def says_something(names: KnownNames, written: str, words: list[Word]) -> bool:
    """Whether an unknown name is more than a generic word, a number, a date or a ban."""
    if len(words) == 1:
        if len(written) < 3 or words[0].bits & NO_NAME or names.is_common(words[0].bare):
            return False
        if words[0].bits & (EVERYDAY | GIVEN) or "/" in written or "_" in written:
            return False
        if written in names.lexicon.displaced:
            return False
        if _ADVERB.search(words[0].bare):
            # Unfortunately
            return False
        if names.gazetteer.bans and any(map(names.gazetteer.banned, names.meanings(words[0].key))):
            return False
        if _is_party_of(names, written) or _SUM.match(written) or _DAY.fullmatch(written):
            return False
        if written[-1] == "s" and written[:-1].isupper():
            # MPs, NGOs: several of a kind.
            return False
        if not (written[0].isalpha() or "-" in written) or _NUMERAL.fullmatch(written):
            return False
    elif written[1:2] == "." and all(INITIAL.match(word.text) for word in words):
        return False
    elif (
        all(len(word.text) == 1 for word in words[1:])
        and "&" not in written
        and (len(words[0].text) == 1 or words[0].bare in names.language.posing)
    ):
        # "the field K K", "Let K": the letters of a formula
        return False
    elif len(words) > 3 and len({word.bare for word in words}) < len(words) - 1:
        # REQUIRED REQUIRED REQUIRED: the cells of a table
        return False
    elif len(words) == 2 and words[1].bare in names.language.matters_of_office:
        # The end of an office: the minister for Women Affairs
        return False
    elif words[-1].bare in _PRONOUNS:
        # "Plus I think"
        return False
    elif "/" in written and any(c.isdigit() for c in written):
        # Gecko/20100101 Firefox/91: an identifier, not a name
        return False
    elif words[0].bits & NUMBERED and words[0].text.isupper() and len(words) == 2 and words[1].bits & DIGIT:
        # RFC 3986
        pass
    elif written.isupper() and (len(words) > 2 or all(word.bits & (HOLLOW | EVERYDAY) for word in words)):
        # AS SOON AS POSSIBLE, ERR INVALID CALLBACK
        return False
    elif len(words) == 2 and words[1].bare in names.language.counties and words[0].bits & HEAD:
        # Lake County, Bay County
        pass
    elif (
        all(word.bits & HOLLOW for word in words)
        and "of" not in written
        and (len(words) < 3 or not words[-1].bits & HEAD)
    ):
        return False
    return written not in names.lexicon.template and not names.gazetteer.banned(written)


def is_adjective(run: Run, here: int, stop: int, known: Known) -> bool:
    """Whether a country is written as an adjective, as in Southern Brazilian, which is not a place."""
    topic = known[0][0]
    return topic.kind == "country" and not topic.name.startswith(without_possessive(run.cut(here, stop)))


def _is_party_of(names: KnownNames, written: str) -> bool:
    """Whether a word gives a politician's party and state: D-CA, R-Ohio, R-Tenn; D-Wave is a name."""
    match = _PARTY_OF.fullmatch(written)
    if match is None:
        return False
    state = match[1]
    return (
        (len(state) == 2 and state.isupper())
        or state.lower() in names.language.short_states
        or any(topic.kind in PLACES for topic, _ in names.known(state))
    )


def is_identifier(written: str) -> bool:
    """Whether a word is an identifier, which is a name at the beginning of a sentence too: CVE-2024-47575."""
    return _IDENTIFIER.fullmatch(written) is not None


def ends_name(words: list[Word], begin: int, stop: int) -> bool:
    """Whether the number before a word ends a name: that of a bug, or a score (Kasimpaşa 1-1 Rizespor)."""
    number = words[stop - 1].text
    return len(number) > 4 or (stop > begin + 1 and _SCORE.fullmatch(number) is not None)


def is_surname(
    names: KnownNames, run: Run, begin: int, stop: int, *, inner: int, block: int, known: Known
) -> bool:
    """Whether a known place is the surname of somebody here: Yves Saint-Laurent, Michael B. Jordan, Neil Finn."""
    words, kind = run.words, known[0][0].kind
    lead = words[begin].bits
    if stop > begin + 1:
        return inner == stop + 1 and MIDDLE_INITIAL.match(words[stop - 1].text) is not None
    if kind == "country":
        # The name of its inhabitants.
        return (
            inner == block
            and lead & (GIVEN | EVERYDAY | POSSESSIVE) == GIVEN
            and words[stop].text.istitle()
            and run.cut(stop, inner) != known[0][0].name
            and not names.longest_at(run, begin)[0]
        )
    return kind == "city" and lead & GIVEN != 0


def is_abbreviation(run: Run, written: str) -> bool:
    """Whether a word in capitals is an abbreviation: WHO, but not in WHO IS WHO."""
    return len(written) > 2 and written.isupper() and (run.text == written or not run.text.isupper())
