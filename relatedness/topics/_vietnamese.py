"""Names in Vietnamese texts that no list has: bodies by the words for their kind, people by their surnames, the rest by capitals.

Of a word of two syllables only the first has a capital: Tổ chức Thương mại Thế giới.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from relatedness.topics._capital_names import capital_names
from relatedness.topics._language import UPPER
from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named
from relatedness.topics._word_lists import any_of

_CAPITAL = rf"[{UPPER}][\w.&-]*\w|[{UPPER}]"
_VOWELS = "aăâeêioôơuưyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
# A syllable of Vietnamese with a capital: its vowels are adjacent, unlike those of Israel.
_PLAIN = rf"(?=[{UPPER}])(?i:[^\W{_VOWELS}]{{0,3}}[{_VOWELS}]{{1,3}}[^\W{_VOWELS}]{{0,2}})(?!\w)"
_SYLLABLE = re.compile(_PLAIN)
_STORM = re.compile(rf"(?<!\w)[Bb]ão ([{UPPER}]\w+)")
_LOWER = re.compile(r" [^\W\d_A-Z]\w*")


class _Rules:
    """The patterns that the word lists of the language make."""

    def __init__(self) -> None:
        def lists(name: str) -> str:
            return any_of("vi", name)

        word = rf"(?:{_PLAIN} (?:{lists('second_syllables')})\b|{_CAPITAL})"
        self.body = re.compile(
            rf"(?<!\w)(?:{lists('before_bodies')})(?: (?:{lists('inside_bodies')})\b)*(?: {word}| (?:{lists('within_bodies')})\b| và(?= [{UPPER}])| \d+(?!\w))*"
        )
        self.head = re.compile(rf"(?:{lists('before_bodies')})")
        self.company = re.compile(lists("before_companies"))
        self.whole = re.compile(rf"(?:{lists('whole_bodies')})$")
        self.called = re.compile(
            rf"(?<!\w)(?:{lists('before_places')}) (?:(?:số|quốc tế|quốc gia) )?({_CAPITAL})((?: (?:{_CAPITAL}))*)"
        )
        self.road = re.compile(r"(?<!\w)(?:quốc lộ|Quốc lộ|tỉnh lộ|cao tốc) \d+\w*")
        self.person = re.compile(
            rf"(?<!\w)(?:(?:{lists('surnames')})(?: [{UPPER}]\w*){{1,3}}|(?:{lists('surnames_and_words')})(?: [{UPPER}]\w*){{2,3}})(?!\w)"
        )
        self.addressed = re.compile(rf"(?:{lists('before_people')}) $", re.IGNORECASE)


@cache
def _rules() -> _Rules:
    return _Rules()


def vietnamese_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a Vietnamese text that stand beside the known ones or hold one of them."""
    rules, places = _rules(), Places(known)
    names: list[ShapedName] = []
    for match in rules.body.finditer(text):
        head = rules.head.match(text, match.start())
        begun = head.end() + 1 if head else match.end()
        if any(word[:1].isupper() for word in text[begun : match.end()].split()):
            body = named(text, *match.span(), "organisation", places)
            named_alone = rules.company.fullmatch(head[0]) if head and not body.places else None
            names.append(body._replace(own=begun) if named_alone else body)
        elif rules.whole.match(match[0]):
            names.append(named(text, *match.span(), "organisation"))
    names += [named(text, *match.span(), "place") for match in rules.road.finditer(text)]
    names += [named(text, *match.span(1), "disaster") for match in _STORM.finditer(text)]
    names += [named(text, *match.span(), "person") for match in rules.person.finditer(text)]
    yield from names
    starts = {start for start, _, _ in known}
    for match in rules.called.finditer(text):
        if match.start(1) not in starts:
            yield ShapedName(*match.span(), "place", text[match.start(1) : match.end()], own=match.start(1))
    for name in capital_names(text, "vi", (*known, *((name.start, name.end, name.kind) for name in names))):
        # A syllable with a capital before one without is half a word: Ngữ văn, Ngoại trưởng.
        half = _SYLLABLE.fullmatch(name.name) is not None and _LOWER.match(text, name.end) is not None
        if not half or rules.addressed.search(text, max(0, name.start - 12), name.start):
            yield name
