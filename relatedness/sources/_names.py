"""The names that archives give their columns: exact names of common schemas, in several languages, and clues in single words of
a name.

Names are compared without case, accents, blanks and punctuation. In each list the best come first.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))

HIDING = frozenset(["post_status", "post_password", "post_type", "draft", "is_draft", "isDraft", "published"])
"""Names of columns that may hide a row: fetched in addition to the fields."""
BESIDE = frozenset(["post_date_gmt", "post_excerpt"])
"""Names of columns that refine another column or replace it where it is empty: fetched, too."""

# The most words of a name by one of which the column is taken for an id, an address, a day, a title or a text.
_WORDS_OF_AN_ID, _WORDS_OF_AN_ADDRESS, _WORDS_OF_A_NAME = 5, 3, 4
_LONGEST_NAME = 48  # the maximum length of a name that is split into words
_MOST_KNOWN = 4096  # the most names whose words are cached
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
DUBLIN_CORE = ("dc.", "dc:", "dcterms.", "dcterms:")
_LONGEST_UNIT = 40  # the maximum length of a unit in brackets


def folded(name: str) -> str:
    """A name in the form for comparison.

    Examples
    --------
    >>> folded("Published_At"), folded("Mots-clés")
    ('publishedat', 'motscles')
    """
    if not name.isascii():
        name = name.translate(_LETTERS)
        marks = unicodedata.normalize("NFKD", name)
        if any(unicodedata.combining(mark) and not "\u3040" <= name <= "\u30ff" for mark in marks):
            name = "".join(mark for mark in marks if not unicodedata.combining(mark))
        name = unicodedata.normalize("NFKC", name)
    return re.sub(r"[^\w$#]|_", "", _without_unit(name)).lower()


def _without_unit(name: str) -> str:
    """A name without the unit, zone or language in brackets at its end, and the schema before it: "Published (UTC)",
    "dc.title[en]".
    """
    bare = name.rstrip()
    if bare.startswith(DUBLIN_CORE):
        bare = name = re.split("[.:]", bare, maxsplit=1)[1]
    start = max(bare.rfind("(", 0, -1), bare.rfind("[", 0, -1))
    inside = bare[start + 1 : -1]
    if start < 0 or not bare.endswith((")", "]")) or len(inside) > _LONGEST_UNIT:
        return name
    return name if {")", "]"} & {*inside} else bare[:start].rstrip() or name


def _ranks(names: dict[str, str]) -> dict[str, dict[str, int]]:
    return {
        field: {folded(name): rank for rank, name in reversed(list(enumerate(listed.split())))}
        for field, listed in names.items()
    }


def _words(name: str) -> frozenset[str]:
    return frozenset(map(folded, _DATA["words"][name].split()))


def names_beside(name: str) -> tuple[str, ...]:
    """Names that have a meaning together with others, in the form for comparison, in the order of the file."""
    return tuple(map(folded, _DATA["beside"][name].split()))


def names_as_listed(section: str, key: str) -> tuple[str, ...]:
    """Names of objects, of front matter, files or marks, as ``names.toml`` lists them, the best first where that counts.

    Examples
    --------
    >>> names_as_listed("front", "dates")[:2]
    ('date', 'published')
    """
    return tuple(_DATA[section][key].split())


def names_by(section: str) -> dict[str, list[str]]:
    """All lists of a section of ``names.toml``, by their keys.

    Examples
    --------
    >>> names_by("languages")["de"]
    ['german', 'deutsch']
    """
    return {key: names.split() for key, names in _DATA[section].items()}


RANKS = _ranks(_DATA["fields"])
_KNOWN = frozenset(chain.from_iterable(RANKS.values()))
_SHORT = 4  # letters of a name of which only a wrong order is recognised as a slip
# Letters of a name of which any slip is recognised: of the fields that events need, and of the others.
_LONG, _LONG_ASIDE = 6, 8
LAST_RANKS = _ranks(_DATA["last"])
_DAY_WORDS = _words("days")
_ABOUT_DATA = _words("about_data")
_DONE_WORDS = _words("done")
_WRITTEN = _DONE_WORDS | _words("written")
_OTHER_DAYS = _words("other_days")
_FORESEEN = _words("foreseen")
_BEGUN = _words("begun")
_HAPPENED = _words("happened")
_DAY_ORDER = _DATA["words"]["day_order"].split()
_TITLE_WORDS = _words("titles")
_TITLES_ABROAD = _words("titles_abroad")
_TEXTS_ABROAD = _words("texts_abroad")
_OTHER_NAMES = _words("other_names")
_TEXT_WORDS = _words("texts")
_MOST_TEXTS = 3  # columns that are combined into the text because of their words
_PARTS: dict[str, str] = _DATA["parts"]
_PART_WORDS = {word: part for part, words in _PARTS.items() for word in words.split()}


def words_of(name: str) -> list[str]:
    """The words of a name, each as it is compared.

    Examples
    --------
    >>> words_of("webPublicationDate"), words_of("BEGIN_DATE_TIME"), words_of("SQLDATE")
    (['web', 'publication', 'date'], ['begin', 'date', 'time'], ['sqldate'])
    >>> words_of("Meldungsnummer"), words_of("Unfallzeit")  # compounds of Germanic languages
    (['meldung', 'nummer'], ['unfall', 'zeit'])
    """
    return list(_words_of(name))


@lru_cache(_MOST_KNOWN)
def _words_of(name: str) -> tuple[str, ...]:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name.replace("N°", "no "))
    words = [folded(word) for word in re.split(r"[\W_]+", parted) if word]
    if any(map(_COMPOUND.match, words)):
        words = [part for word in words for part in _COMPOUND.sub(r"\1 \2", word).split()]
    return tuple(words)


_COMPOUND = re.compile(rf"(\w{{4,}}?)s?({'|'.join(_words('ends_of_compounds'))})\Z")


def misspelt(name: str) -> frozenset[str]:
    """The fields whose names one slip of the keyboard turns into a name: a letter more, less or other, or two in wrong order.

    Short names, and those of fields that most archives lack, are too near other words: ``node`` is not ``note``.

    Examples
    --------
    >>> [sorted(misspelt(name)) for name in ("txet", "Headlin", "node", "links")]
    [['text'], ['title'], [], []]
    """
    short = folded(name)
    if not short.isalpha() or not _KNOWN.isdisjoint((short, f"{short}s", short.removesuffix("s"))):
        return frozenset()
    slips, long_names = _slips()
    forms = {short, *(_less_a_letter(short) & long_names), *_with_a_gap(short)}
    return frozenset().union(*(slips.get(form, ()) for form in forms))


@cache
def _slips() -> tuple[dict[str, set[str]], frozenset[str]]:
    """What a slip makes of the names of fields, a gap for another letter, with these fields; and the names that are long."""
    fields: dict[str, set[str]] = {}
    long_names = set()
    for field, listed in RANKS.items():
        is_needed = field in ("date", "title", "text")
        for name in listed:
            forms: set[str] = set()
            if name == field or len(name) >= (_LONG if is_needed else _LONG_ASIDE):
                long_names.add(name)
                forms = {name, *_less_a_letter(name), *(_with_a_gap(name) if len(name) > _SHORT else ())}
            if forms or (is_needed and len(name) >= _SHORT):
                forms |= {
                    name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in range(1, len(name) - 1)
                }
            for form in forms:
                fields.setdefault(form, set()).add(field)
    return fields, frozenset(long_names)


def _less_a_letter(name: str) -> set[str]:
    return {name[:at] + name[at + 1 :] for at in range(1, len(name))}


def _with_a_gap(name: str) -> set[str]:
    return {f"{name[:at]} {name[at + 1 :]}" for at in range(1, len(name))}


def by_words(field: str, names: list[str]) -> list[str]:
    """The names whose words indicate a field, the best first.

    Examples
    --------
    >>> by_words("date", ["Closed Date", "Report Received Date", "Begin Date"])
    ['Begin Date', 'Report Received Date']
    >>> by_words("title", ["Agency Name", "caseName"]), by_words("text", ["Reason for Recall"])
    (['caseName'], ['Reason for Recall'])
    >>> by_words("topics", ["Event Keywords", "userTags"]), by_words("category", ["Product category", "Age category"])
    (['Event Keywords'], ['Product category'])
    """
    telling = _TELLING[field]
    ranked = [
        (rank, position, name)
        for position, name in enumerate(names)
        if len(name) <= _LONGEST_NAME
        and (rank := telling(_unnumbered(words_of(_without_unit(name))))) is not None
    ]
    ranked += [(_LAST_RANK, position, name) for position, name in enumerate(names) if _ends_as(field, name)]
    best = [name for _, _, name in sorted(ranked)]
    return best[:_MOST_TEXTS] if field == "text" else best


_LAST_RANK = 100  # of names that only end as the name of a field does
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{3,24}\\Z")
_OTHER_BEGINNINGS = {
    "date": re.compile(
        ".{0,4}?(?:更新|修改|结束|結束|终止|截止|到期|出生|注册|註冊|終了|締切|수정|종료|마감)"
    ),
    "url": re.compile(
        ".?(?:图|圖|画像|写真|动画|動画|视频|視頻|影片|头像|頭像|作者|用户|用戶|이미지|사진|영상)"
    ),
}
"""Prefixes of names that end like a field's name but mean another date, or the address of a picture."""


def _unnumbered(words: list[str]) -> list[str]:
    """The words of a name without the number at its end: ``Narrative_1``."""
    return words[:-1] if len(words) > 1 and words[-1].isdecimal() and len(words[-1]) < 3 else words


_OF = _words("of")
_RECORDS = _words("records")
_OTHER_RECORDS = _words("other_records")
_NUMBERS = _words("numbers")
_PAGES = _RECORDS | _words("pages")
_TOPIC_WORDS = _words("topics")
_CATEGORY_WORDS = _words("categories")
_LANGUAGE_WORDS = _words("languages")


def _ends_as(field: str, name: str) -> bool:
    """Whether a name in an East Asian script, written without spaces, ends with the name of a field: 微博正文, 事故概要."""
    if _IDEOGRAPHS.match(name) is None or (
        field in _OTHER_BEGINNINGS and _OTHER_BEGINNINGS[field].match(name)
    ):
        return False
    return any(name[at:] in RANKS[field] for at in range(1, len(name) - 1))


def is_beginning(name: str) -> bool:
    """Whether a name says that something began, occurred or was seen: what a tracker leaves empty where it did not.

    Examples
    --------
    >>> is_beginning("Started"), is_beginning("published_at"), is_beginning("updated")
    (True, False, False)
    """
    return not _BEGUN.isdisjoint(words_of(name))


def is_other_day(name: str) -> bool:
    """Whether the name of a date column means another day than that of the event: a birth date, a deadline, an update."""
    return not _OTHER_DAYS.isdisjoint(words_of(name))


def is_month(name: str) -> bool:
    """Whether a name is that of a month.

    Examples
    --------
    >>> is_month("Month"), is_month("monthly total")
    (True, False)
    """
    return any(_PART_WORDS.get(word) == "month" for word in words_of(name))


def _id_rank(words: list[str]) -> int | None:
    """Of a number of a record: ``Case ID``, ``Report number``, ``id_evento``."""
    if len(words) == 3 and words[0] not in _OTHER_RECORDS:  # "CPSC Case Number"
        rank = _id_rank(words[1:])
        return 2 if rank == 0 else None
    if words in (["reference"], ["acn"]):  # of a tender, of a report on aviation safety
        return 3
    if len(words) != 2:
        return None
    first, last = words
    if (first in _RECORDS and last in _NUMBERS - {"code", "key"}) or words == ["short", "id"]:
        return 0
    return 1 if first == "id" and last in _RECORDS else None


def may_be_id(name: str) -> bool:
    """Whether a name may be that of a record number; its cells decide.

    Examples
    --------
    >>> [name for name in ("INDEX_NR", "Meldungsnummer", "Num. Expediente", "Customer ID", "No. of boats") if may_be_id(name)]
    ['INDEX_NR', 'Meldungsnummer', 'Num. Expediente']
    """
    words = _unnumbered(words_of(_without_unit(name)))
    if not words or len(words) > _WORDS_OF_AN_ID or is_number_of_something_else(name):
        return False
    return (
        words[-1] in _ONLY_NUMBERS
        or (words[0] in _ONLY_NUMBERS and (_RECORDS | _OF).issuperset(words[1:]))
        or (words[0] == "id" and len(words) == 2)
    )


def is_number_of_something_else(name: str) -> bool:
    """Whether a name is that of a number of something other than the record.

    Examples
    --------
    >>> [name for name in ("Phone", "Zip code", "Reporter's case number", "Code") if is_number_of_something_else(name)]
    ['Phone', 'Zip code']
    """
    words = _unnumbered(words_of(_without_unit(name)))
    return not (_NO_IDS if _CASES.isdisjoint(words) else _OTHER_RECORDS).isdisjoint(words)


_ONLY_NUMBERS = _NUMBERS - {"code", "key"}
_CASES = _words("cases")
_NO_IDS = _OTHER_RECORDS | _OTHER_NAMES | _words("no_ids")


def is_of_something_else(name: str) -> bool:
    """Whether the name of an address column refers to a picture, a person or a program.

    Examples
    --------
    >>> [name for name in ("Dimensions URL", "Image URL", "author_link", "pdf") if not is_of_something_else(name)]
    ['Dimensions URL']
    """
    return (
        not (_OTHER_NAMES | _OTHER_ADDRESSES).isdisjoint(words_of(name))
        or _OTHER_BEGINNINGS["url"].match(name) is not None
    )


_OTHER_ADDRESSES = _words("other_addresses")


def has_words_of_a_text(name: str) -> bool:
    """Whether a name may be that of a whole text: ``body_markdown``, not of remarks on it.

    Examples
    --------
    >>> [name for name in ("body_markdown", "Long summary", "author_description", "Comments") if has_words_of_a_text(name)]
    ['body_markdown', 'Long summary']
    """
    words = words_of(name)
    return not _BODY_WORDS.isdisjoint((words or [""])[:1] + words[-1:]) and _OTHER_NAMES.isdisjoint(words)


_BODY_WORDS = _words("bodies")


def _topics_rank(words: list[str]) -> int | None:
    """Rank of names for the subjects of a record: ``Event Keywords``, ``postTags``."""
    if len(words) < 2 or words[-1] not in _TOPIC_WORDS or not _OTHER_NAMES.isdisjoint(words):
        return None
    return int(words[0] not in _PAGES)


def _category_rank(words: list[str]) -> int | None:
    """Of the kind of a record: ``Product category``; not of the age or the weight of something."""
    if len(words) != 2 or words[-1] not in _CATEGORY_WORDS:
        return None
    return (
        0
        if words[0] in _PAGES
        else 1
        if words[0] in ("product", "main", "primary", "content", "headline", "news")
        else None
    )


def _language_rank(words: list[str]) -> int | None:
    return 0 if len(words) == 2 and words[0] in _PAGES and words[1] in _LANGUAGE_WORDS else None


def _url_rank(words: list[str]) -> int | None:
    """Of the address of a record: ``Study URL``, ``URL of case``; not of a picture or an author."""
    if len(words) == 3 and words[1] in _OF and words[0] in ("url", "link"):
        words = [words[2], words[0]]
    if len(words) < 2 or words[-1] not in ("url", "link", "permalink") or words[-2] not in _PAGES:
        return None
    return len(words) - 2 if len(words) <= _WORDS_OF_AN_ADDRESS else None


def is_usual_id(name: str, beside: Iterable[str]) -> bool:
    """Whether a name always means an id, unlike a case number, which several rows may share.

    Examples
    --------
    >>> is_usual_id("Event ID", ["Place"]), is_usual_id("Case ID", ["Place"])
    (True, False)
    >>> is_usual_id("ref", ["title"])  # perhaps the address of a page about several records
    False
    >>> is_usual_id("Event ID", ["Task Category"])  # of Windows: the number of a kind of event
    False
    """
    short = folded(name)
    return (
        short in RANKS["id"]
        and short
        not in ("ref", "number", "iid", "#")  # each repository or kind of bill has numbers of its own
        and _NUMBERED_OTHERWISE.get(short, "") not in set(map(folded, beside))
    )


# Numbers of Windows for kinds of events, and of Zeek for connections, each with a column beside them that shows whose they are.
_NUMBERED_OTHERWISE = {"eventid": "taskcategory", "uid": "idorigh"}


def _day_rank(words: list[str]) -> int | None:
    if (
        not words
        or (_OTHER_DAYS | _FORESEEN) & set(words)
        or (words[0] == "data" and _ABOUT_DATA & set(words))
    ):
        return None
    tells = (
        bool(_DAY_WORDS & {word for at, word in enumerate(words) if at == 0 or word != "data"})
        or words[-1] in _DONE_WORDS
        or (
            words[-1] in ("on", "at")
            and 1 < len(words) <= _WORDS_OF_A_NAME
            and words[-2] in _WRITTEN | _BEGUN
        )
        or (len(words) == 1 and words[0].endswith("date"))
        or (words[0] == "when" and not _HAPPENED.isdisjoint(words))  # the question of a form
    )
    if not tells:
        return None
    text = " ".join(words)
    return next((rank for rank, begun in enumerate(_DAY_ORDER) if begun in text), len(_DAY_ORDER))


def _title_rank(words: list[str]) -> int | None:
    if 1 < len(words) <= _WORDS_OF_A_NAME and not _TITLES_ABROAD.isdisjoint((words[0], words[-1])):
        return 0 if _OTHER_NAMES.isdisjoint(words) else None
    at = next((at for at, word in enumerate(words[1:], 1) if word in _OF), None)
    if at is not None:  # "Short title of the incident", "Título del incidente"
        words = words[:at]
        if words[-1] == "name":
            return None
        if words[-1] in _TITLE_WORDS - {"subject", "name"}:
            return 0
    if (
        len(words) < 2
        or words[-1] not in _TITLE_WORDS
        or _OTHER_NAMES & {word.rstrip("0123456789") for word in words}
    ):
        return None
    # A column for the headline of a report comes before one for the name of its subject.
    return int(words[-1] == "name")


def _text_rank(words: list[str]) -> int | None:
    if len(words) <= _WORDS_OF_A_NAME and not _TEXTS_ABROAD.isdisjoint(words[:1] + words[-1:]):
        return 1 if _OTHER_NAMES.isdisjoint(words) else None  # "Descripción del suceso", "testo_avviso"
    if (
        (len(words) < 2 and not (words and words[0] in _TEXT_WORDS))
        or _DAY_WORDS & set(words[:-1])
        or words[-2:] == ["of", "body"]
        or not (
            "describe" in words  # the question of a form
            or words[-1] in _TEXT_WORDS
            or words[0] in ("reason", "description", "desc", "summary")
        )
    ):
        return None
    if {"location", "type", "code", "short", "corrective", "resolution"} & set(words[:-1]):
        return None
    return 0 if {"event", "incident"} & set(words) else 1


def date_parts(names: list[str], what: str) -> list[str]:
    """The columns with separate year, month and day of the beginning or the end, as far as they exist.

    Examples
    --------
    >>> date_parts(["Start Year", "Start Month", "Start Day", "End Year", "End Month"], "date")
    ['Start Year', 'Start Month', 'Start Day']
    >>> date_parts(["iyear", "imonth", "iday", "summary"], "date"), date_parts(["Year", "Title"], "date")
    (['iyear', 'imonth', 'iday'], [])
    """
    groups: dict[str, dict[str, str]] = {}
    for name in names:
        words = words_of(name)
        if is_day_of_year(name):
            words = ["yearday"]
        if not words or len(words) > 3:
            continue
        last = words[-1]
        if last not in _PART_WORDS and last[:1] == "i":  # iyear, imonth, iday
            last, words = last[1:], ["event", last]
        if last in _PART_WORDS:
            groups.setdefault(" ".join(words[:-1]), {}).setdefault(_PART_WORDS[last], name)
    for parts in groups.values():
        parts.pop("yearday" if "month" in parts else "day", None)
    whole = {
        prefix: parts
        for prefix, parts in groups.items()
        if "year" in parts and {"month", "yearday"} & parts.keys()
    }
    prefix = next(
        (prefix for prefix in (("end",) if what == "end" else _BEGINNINGS) if prefix in whole), None
    )
    return [] if prefix is None else [whole[prefix][part] for part in _PARTS if part in whole[prefix]]


def is_day_of_year(name: str) -> bool:
    """Whether a name is that of the number of a day in its year.

    Examples
    --------
    >>> is_day_of_year("Day of Year"), is_day_of_year("Day")
    (True, False)
    """
    return folded(name) in _DAYS_OF_YEAR


_DAYS_OF_YEAR = frozenset(map(folded, _PARTS["yearday"].split()))
_CLOCK_WORDS = _words("clocks")
_BESIDE_CLOCKS = _words("beside_clocks")
_BESIDE_DAYS = _words("beside_days")
_ZONES = _words("zones")


def is_clock(name: str) -> bool:
    """Whether a name is that of a time of the day."""
    return not _CLOCK_WORDS.isdisjoint(words_of(_without_unit(name.rpartition(".")[2])))


def clock_beside(day: str, names: list[str], is_shown: bool = False) -> list[str]:
    """The column with the time of day that belongs to a date column, and that of its zone if there is one.

    Where cells showed that a column holds days (`is_shown`), its name need not say so.

    Examples
    --------
    >>> clock_beside("Start Date", ["End Time", "Start Time", "Timezone"]), clock_beside("Incident date", ["Time (UTC)"])
    (['Start Time', 'Timezone'], ['Time (UTC)'])
    >>> clock_beside("created_at", ["Time"]), clock_beside("Date", ["Response Time"])
    ([], [])
    """
    words = words_of(_without_unit(day))
    about = set(words) - _BESIDE_DAYS - _DAY_WORDS
    is_day = is_shown or bool(_DAY_WORDS & set(words)) or folded(day) in _DAY_NAMES
    if not is_day or {"datetime", "timestamp", "at"} & set(words) or is_clock(day):
        return []
    clocks: list[tuple[int, str]] = []
    for name in names:
        said = set(words_of(_without_unit(name)))
        rest = said - _CLOCK_WORDS - _BESIDE_CLOCKS
        if said & _CLOCK_WORDS and (rest == about or not rest):
            clocks.append((int(rest != about), name))
    if not clocks:
        return []
    return [min(clocks, key=itemgetter(0))[1], *[zone for zone in names if folded(zone) in _ZONES][:1]]


_DAY_NAMES = frozenset(map(folded, _words("day_names")))
_BEGINNINGS = ("", "start", "begin", "event", "incident", "occurrence", "accident", "publication", "pub")
_TELLING: dict[str, Callable[[list[str]], int | None]] = {
    "id": _id_rank,
    "date": _day_rank,
    "title": _title_rank,
    "text": _text_rank,
    "topics": _topics_rank,
    "category": _category_rank,
    "url": _url_rank,
    "language": _language_rank,
}
BY_WORDS = tuple(_TELLING)
"""The fields that words of a name indicate."""
