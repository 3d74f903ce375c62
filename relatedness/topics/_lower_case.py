"""What shows that words in lower case are names: the library "quick-xml", "serde 1.0.3", "the tokei crate"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from relatedness.topics._language import Language
from relatedness.topics._word_lists import any_of, any_word

# Matches a name in lower case: `quick-xml`, serde_json.
_SMALL = r"[a-z][a-z0-9]*(?:[-_./+][a-z0-9]+)*"
_SMALL_WORD = r"[a-z][a-z0-9]*(?:[-_.+][a-z0-9]+)*"  # without a slash, which stands in addresses
_SMALL_NAME = re.compile(rf"[`'\"(]*({_SMALL})[`'\"),.;:]*")
HEAD = re.compile(rf"({_SMALL}): ")
# A title that begins with a name in lower case: "gtk-rs is unmaintained", and a name that is all there is in a line of a list.
_SUBJECT = re.compile(
    rf"[`'\"(]*({_SMALL})[`'\")]*(?:['’]s)?(?= (?:{any_word('en', 'after_programs')}|v?\d)\b)"
)
_COMPOUND = re.compile(r"[`'\"(]*([a-z][a-z0-9]*(?:[-_][a-z0-9]+)+)[`'\")]*(?= )")
_ITEM = re.compile(rf"^[ \t]*[-*•] [`'\"(\[]*({_SMALL})[`'\")\]]*[ \t]*(?:$| \()", re.MULTILINE)
_IN_PLACE = re.compile(
    rf"\b(?:{any_of('en', 'before_programs')}) [`'\"(]*({_SMALL})[`'\")]*"
    rf"(?: to [`'\"(]*({_SMALL})[`'\")]*)?(?= to\b|[.,;)]| allow| before| prior| crate|$)"
)
# A name that stands where only a name can: before a version, and as the one thing of its kind ("the tokei crate").
# The version is sought from its full stop on, as a character is found faster than a class of them.
_VERSION = re.compile(r"\.[0-9]+\.[0-9]+(?![\w/]|\.\d)")
_BEFORE_VERSION = re.compile(rf"(?<![\w./@#&=-])({_SMALL}) v?\d+$")
_THE_THING = re.compile(rf"\b[Tt]he [`'\"(]*({_SMALL})[`'\")]* (?:{any_word('en', 'programs')})\b")
_INSTEAD = re.compile(rf"\b[Uu]s(?:e|ing) [`'\"(]*({_SMALL})[`'\")]* instead\b")
# Matches two lower-case words of a name, and endings of third-person verbs.
_JOINED = re.compile(r"(?<![\w./-])[a-z][a-z0-9]*(?:-[a-z0-9]+)+(?![\w/-]|\.\w)")
_VERB_FORM = re.compile(r"^[a-z]{2,}(?:[^suijrdo]s|[^s]es)$")
# A word that is no part of an address.
_WORD = re.compile(rf"(?<![\w./@#&=+’'-]){_SMALL_WORD}(?![\w/@=(+’']|[-.]\w)")
_CAPITALISED = re.compile(r"\b[A-Z][a-z]+ \Z")
_LONGEST_BEFORE = 40  # characters of a capitalised word
_PLURAL = re.compile(r"[^suio]s$")
THINGS = Language.load().things


def surely_named(text: str, technical: bool) -> set[str]:
    """The lower-case names before a version, and those of a thing of which there is one; English words are none."""
    found: set[str] = set()
    for match in _VERSION.finditer(text):
        if before := _BEFORE_VERSION.search(text, max(0, match.start() - 40), match.start()):
            found.add(before[1])
    if technical:
        found.update(match[1] for match in _THE_THING.finditer(text))
    if not found:
        return found
    bits = Language.load().bits
    return {name for name in found if _is_strange_name(name, bits)}


def in_title_and_text(title: str, text: str) -> set[str]:
    """The words in lower case that no dictionary has and that the title and the text share: htmx, minio-browser."""
    bits = Language.load().bits
    found: set[str] = set()
    written: set[str] | None = None  # the words of the text, which few texts need
    for match in _WORD.finditer(title):
        word = match[0]
        if word in found or word not in text or not _is_strange_name(word, bits) or _PLURAL.search(word):
            continue
        if written is None:
            written = {other[0] for other in _WORD.finditer(text)}
        if word in written:
            before = _CAPITALISED.search(title, max(0, match.start() - _LONGEST_BEFORE), match.start())
            if before is None or f"{before[0]}{word}" not in text:
                # But not the second word of a name: Vanilla planifolia.
                found.add(word)
    return found


def _is_strange_name(name: str, bits: Mapping[str, int]) -> bool:
    """Whether a part of a name of some length is no English word."""
    return name not in THINGS and any(
        len(part) > 2 and is_strange(part, bits) for part in re.split(r"[-_./+]", name)
    )


def named_small(title: str, text: str, technical: bool) -> set[str]:
    """Lower-case words that are the subject of the title, a whole list item, or a recommended replacement."""
    found: set[str] = set()
    if title[:1].islower() or title[:1] in "`'\"(":
        match = _SUBJECT.match(title) or _COMPOUND.match(title)
        if match is not None:
            found.add(match[1])
    if "\n" in text and ("- " in text or "* " in text):
        found.update(match[1] for match in _ITEM.finditer(text))
    if technical and "-" in text:
        often = Counter(match[0] for match in _JOINED.finditer(text))
        found.update(
            word
            for word, count in often.items()
            if count > 1
            and any(is_strange(part, Language.load().bits) for part in word.split("-") if len(part) > 1)
        )
    if " instead" in text:
        found.update(match[1] for match in _INSTEAD.finditer(text))
    if technical:
        found.update(name for match in _IN_PLACE.finditer(text) for name in match.groups() if name)
    return found


def beside_things(words: list[str]) -> set[str]:
    """Lower-case words directly before or after "library", "command" and similar."""
    found: set[str] = set()
    for position, word in enumerate(words):
        if word in THINGS:
            for other in words[max(0, position - 1) : position] + words[position + 1 : position + 2]:
                if (match := _SMALL_NAME.fullmatch(other)) is None:
                    continue
                if other is not words[position - 1] and word[-1] != "s" and _VERB_FORM.search(match[1]):
                    # "the library eschews"
                    continue
                found.add(match[1])
    return found


def is_strange(word: str, bits: Mapping[str, int]) -> bool:
    """Whether a word is neither English nor a form of an English one."""
    forms = (
        word,
        word.removesuffix("s"),
        word.removesuffix("es"),
        word.removesuffix("d"),
        word.removesuffix("ing"),
    )
    return word.isalnum() and not any(bits.get(form) for form in forms)
