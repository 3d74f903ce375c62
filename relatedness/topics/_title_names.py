"""Names in other languages that no list has, by the words that stand beside them: titles, given names, what a place is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relatedness.topics._language import GIVEN, UPPER, Language

_TITLES = (
    "首相|大統領|国家主席|総書記|書記長|委員長|議長|長官|外相|防衛相|財務相|官房長官|知事|市長|議員|総裁|社長|会長|教授|選手|投手|監督|棋士|容疑者|被告|死刑囚"
    "|俳優|歌手|監督|国王|女王|皇太子|教皇|司令官|氏|さん"
)
# Possessive quantifiers and one start per run keep the work in proportion to the text, whatever it repeats.
_KATAKANA = re.compile(r"[ァ-ヶー]{2,}+(?:[・＝=][ァ-ヶー]++)*+")
_TITLED = re.compile(rf"(?:前|元|新)?(?:{_TITLES})")
_KANJI_PERSON = re.compile(rf"(?:^|(?<=[^一-龥々ァ-ヶー]))([一-龥々]{{3,5}})(?=(?:前|元|新)?(?:{_TITLES}))")
_DOTTED = re.compile(r"(?<![ァ-ヶー])[ァ-ヶー]{2,}+(?:[・＝=][ァ-ヶー]{2,}+)++")
_PLACE = re.compile(
    r"(?:^|(?<=[^一-龥々ァ-ヶー]))((?![同各両本当該全新旧大都])[一-龥々ァ-ヶー]{1,5}"
    r"(?:県|市|町|村|郡|半島|諸島|空港|大学|地裁|高裁|火山|駅))(?![一-龥々])"
)
_PREFECTURE = re.compile(r"(?:^|(?<=[^一-龥々ァ-ヶー]))([一-龥]{2,3}県)(?=[一-龥])")
_GERMAN_PERSON = re.compile(
    rf"(?<![\w-])(?<![\w’-]’)([{UPPER}][\w’-]++) ((?:von |van |de |zu )?[{UPPER}][\w’-]+)\b"
)
_ENDINGS = re.compile(r"(?:政府|首脳|両国|関係|全国|外国)$")


def japanese_names(text: str) -> Iterator[tuple[int, int, str]]:
    """Beginning, end and kind of the names in a Japanese text that a title, a middle dot or an ending betrays."""
    for match in _KATAKANA.finditer(text):
        if _TITLED.match(text, match.end()):
            yield (*match.span(), "person")
    for match in _KANJI_PERSON.finditer(text):
        if not _ENDINGS.search(match[1]):
            yield (*match.span(1), "person")
    for match in _DOTTED.finditer(text):
        yield (*match.span(), "name")
    for pattern in (_PLACE, _PREFECTURE):
        for match in pattern.finditer(text):
            kind = "university" if match[1].endswith("大学") else "place"
            yield (*match.span(1), kind)


def german_names(text: str) -> Iterator[tuple[int, int, str]]:
    """Beginning, end and kind of the people in a German text, whose nouns all have capitals: a given name and another."""
    given = Language.load().bits
    for match in _GERMAN_PERSON.finditer(text):
        if given.get(match[1].lower(), 0) & GIVEN:
            yield (*match.span(), "person")
