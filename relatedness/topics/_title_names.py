"""Names in other languages that no list has, by the words that stand beside them: titles, given names, what a place is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from relatedness.topics._capital_names import ways_to_write
from relatedness.topics._language import UPPER

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
    rf"(?<![\w-])(?<![\w’-]’)(?=([{UPPER}][\w’-]++) ((?:von |van |de |zu )?[{UPPER}][\w’-]+)\b)[\w’-]++"
)
_GERMAN_TITLES = (
    r"\w*[Pp]räsident(?:en|in)?|\w*[Kk]anzler(?:s|in)?|\w*[Mm]inister(?:s|in)?|\w*[Cc]hef(?:s|in)?|Papst|König(?:s|in)?|\w*[Mm]eister(?:in)?|Premier|Senator(?:in)?"
    r"|General(?:s|in)?|Trainer(?:s|in)?|Schauspieler(?:s|in)?|Sänger(?:s|in)?|Regisseur(?:s|in)?|Autor(?:s|in)?|Richter(?:in)?|\w*[Aa]bgeordneten?|Journalist(?:en|in)?"
    r"|Aktivist(?:en|in)?|Unternehmer(?:s|in)?|Milliardär(?:s|in)?|Stürmer(?:s|in)?|\w*[Ff]ührer(?:s|in)?|Botschafter(?:s|in)?|Gouverneur(?:s|in)?|Oppositionellen?"
    r"|\w*[Ss]ekretär(?:s|in)?|\w*[Ss]precher(?:s|in)?|\w*[Vv]orsitzenden?|Prinz(?:en|essin)?|Bischof|Kardinal|Diktator(?:s)?|\w*[Pp]olitiker(?:s|in)?|Herr(?:n)?|Frau"
)
_GERMAN_TITLED = re.compile(
    rf"(?<![\w-])(?:[\w-]+-)?(?:{_GERMAN_TITLES}) ([{UPPER}][\w’-]++ (?:(?:von |van |de |zu |al-|bin )?[{UPPER}][\w’-]+))(?![\w-])"
)
_GERMAN_TOWN = re.compile(
    rf"(?<![\w-])(?:in|In|nach|Nach|aus|Aus|bei|Bei|nahe|Nahe|um|von|vor) ([{UPPER}][a-zäöüß]{{2,}}(?:heide|burg|dorf|stadt|stedt|hausen|heim|ingen|kirchen|kirch|bach|berg|feld|furt"
    r"|brück|brücken|hafen|haven|münde|walde|rode|leben|weiler|hofen|hofen|linden|weide|grad|itz|ow|wil|au))(?![\w-])"
)
_NO_TOWN = re.compile(
    r"(?:Umfeld|Vorfeld|Ausfeld|Bau|Frau|Stau|Genau|Abbau|Aufbau|Umbau|Anbau|Ausbau|Rückbau|Tagebau|Bergbau|\w+bau|\w+schau|\w+frau|\w*Blau|\w*Grau|\w+beitrag)$"
)
_GERMAN_BODY = re.compile(
    rf"(?<![\w-])((?:Amts|Land|Oberlandes|Verwaltungs|Oberverwaltungs|Arbeits|Sozial|Finanz)gericht [{UPPER}][\w-]+"
    rf"|(?:Universität|Uni|Hochschule|Staatsanwaltschaft|Bistum|Erzbistum|Klinikum|Flughafen) (?!Und|Die|Der)[{UPPER}][\w-]+"
    rf"|(?:\d\. )?(?:FC|SC|VfB|VfL|SV|TSG|TSV|FSV|Eintracht|Borussia|Fortuna|Hertha|Dynamo|Hansa) [{UPPER}][\w-]+(?: \d\d)?)"
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
    """Beginning, end and kind of the names in a German text, whose nouns all have capitals.

    People have a given name, or a title that two words with capitals follow; towns have an ending that towns have, after a
    preposition without an article.
    """
    rules = ways_to_write("de")
    for match in _GERMAN_PERSON.finditer(text):
        if rules.is_given(match[1]):
            yield (match.start(1), match.end(2), "person")
    for match in _GERMAN_TITLED.finditer(text):
        yield (*match.span(1), "person")
    for match in _GERMAN_TOWN.finditer(text):
        if not _NO_TOWN.match(match[1]):
            yield (*match.span(1), "place")
    for match in _GERMAN_BODY.finditer(text):
        yield (*match.span(1), "organisation")
