"""Unlisted names in Japanese texts: by Sudachi's parts of speech, by titles, middle dots and endings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from relatedness.languages import tagged_words
from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named
from relatedness.topics._word_lists import any_of, lists_of, words_of

# Possessive quantifiers and one start per run keep the time linear, even for repetitive text.
_KATAKANA = re.compile(r"[ァ-ヶー]{2,}+(?:[・＝=][ァ-ヶー]++)*+")
_DOTTED = re.compile(r"(?<![ァ-ヶー])[ァ-ヶー]{2,}+(?:[・＝=][ァ-ヶー]{2,}+)++")
_PREFECTURE = re.compile(r"(?:^|(?<=[^一-龥々ァ-ヶー]))([一-龥]{2,3}県)(?=[一-龥])")
# One letter, two of katakana, or hiragana: by themselves these are pieces of words.
_SHORT = re.compile(r".|[ァ-ヶー]{2}|[ぁ-んー]+")
_MOST = 6  # words of a name


class _Rules:
    """The lists and patterns made from the file of the language."""

    def __init__(self) -> None:
        def lists(name: str) -> str:
            return any_of("ja", name)

        self.titled = re.compile(rf"(?:前|元|新)?(?:{lists('titles')})")
        self.kanji_person = re.compile(
            rf"(?:^|(?<=[^一-龥々ァ-ヶー]))([一-龥々]{{3,5}})(?=(?:前|元|新)?(?:{lists('titles')}))"
        )
        self.place = re.compile(
            r"(?:^|(?<=[^一-龥々ァ-ヶー]))((?![同各両本当該全新旧大都])[一-龥々ァ-ヶー]{1,5}"
            rf"(?:{lists('places')}))(?![一-龥々])"
        )
        self.no_person = re.compile(f"(?:{lists('no_person')})$")
        self.suffixed = re.compile(
            rf"(?:^|(?<=[^一-龥々]))((?![同各両本当該全新旧大])[一-龥々]{{1,5}}(?:{lists('bodies')}))(?![一-龥々])"
        )
        self.common_body = re.compile(f"(?:{lists('common_bodies')})")
        self.no_names = words_of("ja", "no_names")
        self.generic, self.divides = words_of("ja", "generic"), words_of("ja", "divides")
        self.kind_of = {
            ending: kind for kind, endings in lists_of("ja")["endings"].items() for ending in endings.split()
        }


@cache
def _rules() -> _Rules:
    return _Rules()


def japanese_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The unlisted names in a Japanese text; they may contain a known one."""
    rules = _rules()
    ends, places = {end for _, end, _ in known}, Places(known)
    words = tagged_words(text, "ja")
    for match in rules.suffixed.finditer(text):
        if not rules.common_body.match(match[1]):
            yield named(text, *match.span(1), "organisation", places)
    for match in _DOTTED.finditer(text):
        # Takes precedence over Sudachi's split of its parts.
        yield ShapedName(
            *match.span(), "person" if rules.titled.match(text, match.end()) else "name", match[0]
        )
    if words is not None:
        yield from _by_words(text, words, known)
    for match in _KATAKANA.finditer(text):
        if rules.titled.match(text, match.end()) and match[0] not in rules.no_names:
            yield ShapedName(*match.span(), "person", match[0])
    if words is not None:
        return
    for match in rules.kanji_person.finditer(text):
        if not rules.no_person.search(match[1]) and not any(
            end in ends for end in range(match.start(1), match.end(1) + 1)
        ):
            yield ShapedName(*match.span(1), "person", match[1])
    for pattern in (rules.place, _PREFECTURE):
        for match in pattern.finditer(text):
            kind = "university" if match[1].endswith("大学") else "place"
            yield ShapedName(*match.span(1), kind, match[1])


def _by_words(text: str, words: list[tuple[str, str]], known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    starts, here = [], 0
    for word, _ in words:
        starts.append(here)
        here += len(word)
    starts.append(here)
    if here != len(text):
        return
    covers = {start: end for start, end, _ in known}
    places = Places(known)
    people: set[str] = set()
    number = 0
    while number < len(words):
        name = _person(words, starts, number, text) or _body(words, starts, number, text, places, covers)
        if name is not None and name.kind == "person":
            people.add(words[number][0])
        elif name is None and words[number][0] in people and "人名" in words[number][1]:
            # A surname after the full name.
            name = ShapedName(starts[number], starts[number + 1], "person", words[number][0])
        if name is None:
            number += 1
            continue
        yield name
        while number < len(words) and starts[number] < name.end:
            number += 1


def _person(words: list[tuple[str, str]], starts: list[int], number: int, text: str) -> ShapedName | None:
    """A surname and a given name, or either before a title."""
    rules = _rules()
    if "人名" not in words[number][1]:
        return None
    stop = number + 1
    while stop < len(words) and "人名" in words[stop][1] and stop - number < 3:
        stop += 1
    if stop - number == 1 and words[number][1].endswith("姓"):
        # A given name missing from the dictionary: up to two words of one or two characters before a title.
        after = stop
        while (
            after < min(len(words), stop + 2)
            and words[after][1].startswith("名詞,普通名詞")
            and len(words[after][0]) < 3
        ):
            if rules.titled.match(text, starts[after]):
                break
            after += 1
        if after > stop and after < len(words) and rules.titled.match(text, starts[after]):
            stop = after
    start, end = starts[number], starts[stop]
    titled = rules.titled.match(text, end) is not None
    foreign = words[number][1].endswith("人名,一般")
    one = stop - number == 1
    if one and (
        words[number][0] in rules.no_names
        or (not titled and (not foreign or _SHORT.fullmatch(words[number][0])))
    ):
        return None
    return ShapedName(start, end, "person", text[start:end])


def _body(
    words: list[tuple[str, str]],
    starts: list[int],
    number: int,
    text: str,
    places: Places,
    covers: dict[int, int],
) -> ShapedName | None:
    """A proper noun with the following words up to the last ending of a name (大阪地裁, 高浜原発); else alone."""
    rules = _rules()
    word, tag = words[number]
    if "固有名詞" not in tag and starts[number] not in covers:
        return None
    stop, kind, begun = number + 1, "", number
    if (end := covers.get(starts[number], 0)) > starts[stop]:
        while stop < len(words) and starts[stop] < end:
            stop += 1
        if starts[stop] != end:
            return None
    own = stop
    for last in range(stop, min(len(words), number + _MOST)):
        following, part = words[last]
        if (
            not part.startswith(("名詞", "接尾辞"))
            or "数詞" in part
            or (starts[last] in covers and last > own)
        ):
            break
        ending = (
            following
            if following in rules.kind_of
            else text[starts[last - 1] : starts[last + 1]]
            if last > own
            else ""
        )
        if ending in rules.kind_of:
            stop, kind = last + 1, rules.kind_of[ending]
            if following in rules.divides:
                break
        elif "固有名詞" in part and last == own:
            break
    start, end = starts[begun], starts[stop]
    if start and text[start - 1] in "親反対" and text[end - 1] == "派":
        # 親ロシア派 are supporters of Russia, not a Russian body.
        return None
    if stop > own and text[start : starts[own]] not in rules.generic:
        return named(text, start, end, kind, places)
    plain = _SHORT.fullmatch(word) is not None or word in _rules().no_names
    if "固有名詞" in tag and stop == own and not plain and "姓" not in tag and "人名,名" not in tag:
        return ShapedName(start, starts[own], "place" if "地名" in tag else "name", text[start : starts[own]])
    return None
