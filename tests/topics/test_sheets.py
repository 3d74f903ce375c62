"""Names in sentences of ten languages, marked by hand: see `sheets.py`."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from _pytest.mark import ParameterSet
from sheets import Found, measure, sheets
from taggers import FAST

from relatedness.languages import missing_extra

# What both sheets of a language reach, with a margin for changes of the gazetteer.
REACHED = {
    "ar": (0.9, 0.95),
    "de": (0.95, 0.9),
    "es": (0.9, 0.93),
    "fr": (0.93, 0.95),
    "hi": (0.95, 0.95),
    "ja": (0.9, 0.95),
    "pt": (0.9, 0.9),
    "ru": (0.95, 0.95),
    "zh-Hans": (0.88, 0.94),
    "zh-Hant": (0.8, 0.94),
}
needs_words = pytest.mark.skipif(missing_extra("zh") is not None, reason="rjieba is not installed")

needs_japanese = pytest.mark.skipif(missing_extra("ja") is not None, reason="SudachiPy is not installed")


def of(languages: Iterable[str]) -> list[ParameterSet]:
    """Each language as a parameter; Chinese and Japanese need a package."""
    return [
        pytest.param(
            code, marks=needs_japanese if code == "ja" else needs_words if code.startswith("zh") else ()
        )
        for code in sorted(languages)
    ]


def check(language: str, sheet: str, *, recall: float, precision: float) -> Found:
    """Measure what is found in a sheet, and hold it to a least share of names found and of found names that are right."""
    found = measure(FAST, language, sheets(sheet)[language])
    assert found.recall >= recall, found.missing
    assert found.precision >= precision, found.false
    return found


# Written after all names were, so what an unseen sentence may expect: half a dozen a language, of rarer names.
UNSEEN = {
    "ar": 0.55,
    "de": 0.7,
    "es": 0.8,
    "fr": 0.9,
    "hi": 0.65,
    "ja": 0.7,
    "pt": 0.8,
    "ru": 0.85,
    "zh-Hans": 0.85,
    "zh-Hant": 0.85,
}


@pytest.mark.parametrize("language", of(UNSEEN))
def test_unseen_names_are_found(language: str) -> None:
    check(language, "later", recall=UNSEEN[language], precision=0.85)


@pytest.mark.parametrize("language", of(REACHED))
def test_most_names_of_rarer_kinds_are_found(language: str) -> None:
    for sheet in ("wider", "last", "unseen"):
        check(language, sheet, recall=0.9, precision=0.95)


@pytest.mark.parametrize("language", of(sheets("portal")))
def test_what_editors_of_a_news_archive_would_link_is_found(language: str) -> None:
    check(language, "portal", recall=0.9, precision=0.95)


@pytest.mark.parametrize("language", of(sheets("decade")))
def test_names_of_a_decade_are_found(language: str) -> None:
    # The people of a country are not marked here, and Arabic news names them in every other sentence.
    check(language, "decade", recall=0.85, precision=0.83)


@pytest.mark.parametrize("sheet", ["local", "papers"])
@pytest.mark.parametrize("language", of(sheets("local")))
def test_names_of_local_news_are_found(language: str, sheet: str) -> None:
    check(language, sheet, recall=0.8, precision=0.9)


@pytest.mark.parametrize("sheet", ["county", "district"])
@pytest.mark.parametrize("language", of(sheets("county")))
def test_officials_bodies_and_counties_of_chinese_news_are_found(language: str, sheet: str) -> None:
    check(language, sheet, recall=0.8, precision=0.9)


@pytest.mark.parametrize(
    ("language", "sheet"),
    [
        pytest.param(*language.values, sheet, marks=language.marks)
        for sheet in ("desk", "wire", "bureau", "agency", "bulletin", "close")
        for language in of(sheets(sheet))
    ],
)
def test_names_of_a_news_desk_are_found(language: str, sheet: str) -> None:
    check(language, sheet, recall=0.85, precision=0.9)


@pytest.mark.parametrize("language", of(sheets("thirty")))
def test_names_chosen_by_lot_are_found(language: str) -> None:
    found = check(language, "thirty", recall=0.85, precision=0.85)
    assert found.tagged >= 0.9 * found.events


@pytest.mark.parametrize("sheet", ["dispatch", "closing"])
@pytest.mark.parametrize("language", of(sheets("dispatch")))
def test_names_of_asian_and_german_desks_are_found(language: str, sheet: str) -> None:
    check(language, sheet, recall=0.9, precision=0.85)


@pytest.mark.parametrize("sheet", ["evening", "night", "midnight"])
def test_unlisted_names_are_told_from_german_nouns(sheet: str) -> None:
    check("de", sheet, recall=0.9, precision=0.95)


def test_german_nouns_of_work_and_kitchen_are_no_names() -> None:
    found = measure(FAST, "de", sheets("workaday")["de"])
    assert found.events == 25 and len(found.false) <= 2, found.false


@pytest.mark.parametrize(("sheet", "recall"), [("events", 0.95), ("years", 0.94), ("chronicle", 0.95)])
@pytest.mark.parametrize("language", of(sheets("events")))
def test_names_of_chinese_current_events_are_found_and_no_everyday_words(
    language: str, sheet: str, recall: float
) -> None:
    check(language, sheet, recall=recall, precision=0.94 if sheet == "chronicle" else 0.97)


@pytest.mark.parametrize("sheet", ["morning", "evening"])
@pytest.mark.parametrize("language", of(sheets("morning")))
def test_names_of_the_morning_and_evening_news_are_found(language: str, sheet: str) -> None:
    check(language, sheet, recall=0.95, precision=0.95)


@pytest.mark.parametrize("language", ["fa", "id", "it", "ko", "nl", "pl", "th", "tr", "uk", "vi"])
def test_names_of_ten_more_languages_are_found(language: str) -> None:
    check(language, "second", recall=0.9, precision=0.93)


@pytest.mark.parametrize("language", ["it", "nl", "pl", "tr", "uk"])
def test_names_of_five_european_languages_are_found(language: str) -> None:
    check(language, "third", recall=0.9, precision=0.93)


@pytest.mark.parametrize("language", of(sheets("world")))
def test_names_of_world_news_are_found(language: str) -> None:
    check(language, "world", recall=0.9, precision=0.95)


@pytest.mark.parametrize("sheet", ["", "fresh"])
@pytest.mark.parametrize("language", of(REACHED))
def test_names_are_found_and_little_else(language: str, sheet: str) -> None:
    recall, precision = REACHED[language]
    found = check(language, sheet, recall=recall, precision=precision)
    assert found.tagged >= 0.95 * found.events
