"""Context clues next to a name: the verb of a company, another company, a language, the source of the news."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_lowercase

from relatedness.topics._gazetteer import Topic
from relatedness.topics._known_names import SMALL_KINDS
from relatedness.topics._language import EVERYDAY, UPPER, VERB, Language, rare_words
from relatedness.topics._mention import Mention
from relatedness.topics._topic import EventTopic
from relatedness.topics._word_lists import any_word

_LANGUAGE = Language.load()
TONGUES = _LANGUAGE.languages | {"US", "GB", "UK"}
# The first characters of words that follow a language.
_FOLLOWING = frozenset("lstaobfwkdeUW\n ")
_LOCALE = re.compile(r"(?<![A-Za-z])[a-z]{2}[-_]$")
_OF_LANGUAGE = re.compile(rf"[- ](?:{any_word('en', 'after_languages')})\b")
_IN_LANGUAGE = re.compile(rf"\b(?:{any_word('en', 'before_languages')}) $")
_NO_NOUN = re.compile(rf"[.,;:!?)\]]|$|\s*\n| (?:{any_word('en', 'after_whole_names')})\b")
# The context of a single capitalised word inside a sentence: no other capitalised word next to it.
_ALONE = re.compile(r"[a-z,] (?: [a-z(]|[,.;)’'])")
# A word in lower case before a name; no other name after it.
_SMALL_BEFORE = re.compile(r"(?<![\w.])[a-z][\w-]*,? \(?$")
_NO_NAME_AFTER = re.compile(r" [a-z(]|[,.;:)’']|$")
_STOPS = frozenset({". ", "! ", "? ", ".\n", "\n\n"})
# A version, a possessive, a score before another name.
_VERSION = re.compile(rf" v?\d+(?:\.\d+)+\b|[’']s\b| 1?\d{{1,2}}[-–]1?\d{{1,2}} [{UPPER}]")
_MADE = re.compile(f"..(?:{any_word('en', 'made_endings')})$")
_WORD_AFTER = re.compile(r" ([a-z]+)\b")
# Matches a number that is not a score, an amount, a share or a count of what follows.
_NUMBER = re.compile(
    r" (?!\d+(?:st|nd|rd|th|km|m|k|s)\b)(\d{1,6}[A-Za-z]{0,3})\b(?![-–—:/,.(]? ?[\d%]|[-–—]\w)"
    r"(?! [A-Z]| \(?[-+−]?\d| (?:\w+ )?(?!is\b|was\b|has\b)[a-z]+s\b"
    rf"| (?:{any_word('en', 'after_counts')})\b)"
)
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d")
_COUNTED_BEFORE = re.compile(r"\d\S*(?: seats| votes)?,? (?:and )?(?:the )?$")
_COUNTED_AFTER = re.compile(r",? (?:and )?(?:the )?[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)* \d")
_NUMBERED_KINDS = frozenset(
    {"product", "game", "software", "space", "ship", "film", "work", "vehicle", "name"}
)
# A name that is neither an abbreviation nor an identifier: Navier-Stokes.
_SPOKEN = re.compile(r"[^\W\d_][^\WA-Z\d_]+(?:[-–][^\W\d_][^\WA-Z\d_]+)*")
AFTER_NAMES = frozenset({"'s", "’s", *(f" {letter}" for letter in ascii_lowercase)})
"""The first two characters of what may stand behind a name for `named_after` to answer."""
NAMESAKES = frozenset({"name", "person"})
"""The kinds of names after which `named_after` looks for more."""
_HEADED = SMALL_KINDS | {"company", "website"}
_STATUTES = frozenset({"agreement", "law"})


def is_subject(text: str, end: int, written: str) -> bool:
    """Whether the first word of a sentence is a name by what follows: "Okta warns", "Kubernetes 1.31", "Bybit announced", "Marfan syndrome".

    A noun in the singular that is no name has an article before it.
    """
    if _VERSION.match(text, end) or (written[1:] != written[1:].lower() and not written.isupper()):
        return True
    if _is_heading(text, end, written):
        # "Instapaper. The site was down."
        return written.lower() not in rare_words()
    following = _WORD_AFTER.match(text, end)
    if _LANGUAGE.ailment.match(text, end):
        return True
    if following is not None and written.isupper():
        # "REN restored", but NOTE that, and main.EXE is
        small, start = written.lower(), end - len(written)
        return text[start - 1 : start] in ("", " ", "\n") and not (
            _LANGUAGE.bits.get(small, 0) or small in rare_words()
        )
    if following is None or (written.endswith("s") and not written.endswith(("us", "is", "os", "es"))):
        return False
    verb = following[1]
    if verb in _LANGUAGE.of_anything or not verb.endswith("s"):
        # "Bybit was", "Bybit announced", but "Landfall was", "Reforestation began"
        return (verb in _LANGUAGE.of_anything or verb in _LANGUAGE.of_companies) and not (
            _LANGUAGE.mass.search(written) or written.lower() in rare_words()
        )
    return _LANGUAGE.bits.get(verb, 0) & VERB != 0 and not verb.endswith("ss")


def is_company(piece: Mention, text: str, start: int, end: int) -> Topic | None:
    """The company meant by an everyday word at the beginning of a text or sentence, by its verb: Apple unveils; or, as a program may
    be, by standing before the text as its heading: "Slack. Messages were lost."
    """
    if len(piece.maybe) == 1 and _is_heading(text, end, piece.written):
        topic = piece.maybe[0][0]
        return topic if topic.kind in _HEADED else None
    if (
        len(piece.maybe) > 1
        or piece.maybe[0][0].kind != "company"
        or (start and text[start - 2 : start] not in _STOPS)
    ):
        return None
    following = _WORD_AFTER.match(text, end)
    return piece.maybe[0][0] if following is not None and following[1] in _LANGUAGE.of_companies else None


def _is_heading(text: str, end: int, written: str) -> bool:
    """Whether a text begins with a word and a full stop behind it."""
    return end == len(written) and text.startswith(". ", end)


def beside_companies(
    piece: Mention, text: str, start: int, found: Sequence[tuple[int, Mention]]
) -> Topic | None:
    """The company meant by a name in an event that names other companies: Amazon, beside Verizon; not the Amazon.

    An everyday word counts only inside a sentence, and where no other word with a capital stands beside it.
    """
    if (
        len(piece.maybe) > 1
        or piece.maybe[0][0].kind != "company"
        or text[max(0, start - 4) : start].lower() == "the "
    ):
        return None
    if _LANGUAGE.bits.get(piece.written.lower(), 0) & EVERYDAY and not _ALONE.match(
        text[max(0, start - 2) : start] + text[start + len(piece.written) :][:2]
    ):
        return None
    others = (other.plain for _, other in found if not other.shape and other.plain is not None)
    return piece.maybe[0][0] if any(plain.kind == "company" for plain in others) else None


def beside_software(
    piece: Mention, text: str, start: int, found: Sequence[tuple[int, Mention]]
) -> Topic | None:
    """The program meant by an everyday word with a capital inside a sentence, in an event that names another: Celery, beside Redis."""
    programs = [topic for topic, _ in piece.maybe if topic.kind in SMALL_KINDS]
    if (
        len(programs) != 1
        or not piece.written[0].isupper()
        or _SMALL_BEFORE.search(text, max(0, start - 20), start) is None
        or _NO_NAME_AFTER.match(text, start + len(piece.written)) is None
    ):
        return None
    others = (other.plain for _, other in found if not other.shape and other.plain is not None)
    return programs[0] if any(plain.kind == "software" for plain in others) else None


def is_language(text: str, start: int, end: int) -> bool:
    """Whether the language is meant, not its people: "fluent in Spanish", "Spanish-speaking"; or a locale, en-US."""
    if text[start:end].isupper():
        return (
            text[start - 1 : start] in ("-", "_")
            and _LOCALE.search(text, max(0, start - 4), start) is not None
        )
    if text[end : end + 1] == " " and text[end + 1 : end + 2] not in _FOLLOWING:
        return False
    return _OF_LANGUAGE.match(text, end) is not None or (
        _IN_LANGUAGE.search(text, max(0, start - 20), start) is not None
        and _NO_NOUN.match(text, end) is not None
    )


def is_place(text: str, start: int, end: int) -> bool:
    """Whether a text says that a town is meant: "in London", "London, UK", "London (UK)", "UK, London"."""
    return (
        _LANGUAGE.somewhere.search(text, max(0, start - 10), start) is not None
        or text[end : end + 1] in ",("
        or text[max(0, start - 2) : start] == ", "
    )


def named_after(piece: Mention, text: str, end: int) -> tuple[Topic, str] | None:
    """What is named by a name and the noun behind it, and how it is written: Denys-Drash syndrome, Roth's theorem, the Riemann zeta
    function, Taenia solium; None if nothing is.
    """
    tail = _LANGUAGE.named_after.match(text, end)
    if tail is None:
        return None
    written, plain, what = piece.written, piece.plain, tail.lastgroup
    whole = f"{written}{tail.group()}"
    unlisted = (
        all(alias.weak for _, alias in piece.maybe) if plain is None else piece.shape or plain.kind == "name"
    )
    if what == "disease":
        return (Topic(whole, what), whole) if plain is not None and written[0].isupper() else None
    if piece.initial and written.lower() in rare_words():
        # "Overflowed constant"
        return None
    if what == "species":
        is_species = unlisted and plain is not None and _is_species(written, tail.group()[1:])
        return (Topic(whole, what), whole) if is_species else None
    if (plain is None and not unlisted) or (
        what == "of_name" and not (unlisted and _SPOKEN.fullmatch(written))
    ):
        return None
    one = whole.removesuffix("s") if whole.endswith(("ls", "ns")) else whole
    return Topic(one, "science"), whole


def _is_species(genus: str, second: str) -> bool:
    """Whether two words are both Latin: Taenia solium."""
    words = genus.lower(), second
    return (
        _LANGUAGE.genus.fullmatch(genus) is not None
        and words[0] != words[1]
        and not any(map(_LANGUAGE.bits.get, words))
        and rare_words().isdisjoint(words)
    )


def is_dictionary_word(written: str, text: str, end: int) -> bool:
    """Whether a word that no list has and the corpus has not taught is a longer one of the dictionary with a capital: Pensioners.

    A version behind it, or a second use without one in lower case, makes it a name: Winch 2.1.
    """
    small = written.lower()
    return (
        written[1:] == small[1:]
        and _MADE.search(small) is not None
        and small in rare_words()
        and _VERSION.match(text, end) is None
        and (text.count(written) < 2 or small in text)
    )


def is_source(text: str, start: int, end: int) -> bool:
    """Whether a medium is named as the source of the news, not as part of it."""
    before, after = text[max(0, start - 20) : start], text[end : end + 10]
    if before.endswith("(") and after.startswith(")"):
        return True
    return _LANGUAGE.cited.search(before) is not None or _LANGUAGE.cites.match(after) is not None


def number_after(plain: EventTopic, text: str, start: int, end: int) -> str:
    """The number after a name that belongs to it: Battlefield 3, Super Bowl 50, the Terrorism Act 2000; empty if there is none.

    A score, a share of votes and a number of things belong to no name, and nor does a year, but that of a statute.
    """
    match = _NUMBER.match(text, end)
    if match is None:
        return ""
    number = match[1]
    if _YEAR.fullmatch(number):
        last = text[start:end].rpartition(" ")[2].lower()
        return number if plain.kind in _STATUTES and last in _LANGUAGE.statutes else ""
    if plain.kind not in _NUMBERED_KINDS and plain.name not in _LANGUAGE.counted:
        return ""
    if plain.kind != "name":
        return number
    if _COUNTED_BEFORE.search(text, max(0, start - 20), start) or _COUNTED_AFTER.match(text, match.end()):
        return ""
    return number
