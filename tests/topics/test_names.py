"""Reading names: abbreviations, headlines, scripts, and texts that no reader should hang on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from taggers import FAST, GAZETTEER, event, fast, names

from relatedness.events import Event
from relatedness.topics import FastTagger, learn
from relatedness.topics._headlines import is_headline
from relatedness.topics._spelling import long_form


@pytest.mark.parametrize(
    ("short", "before", "long"),
    [
        ("IAEA", "a report of the International Atomic Energy Agency ", "International Atomic Energy Agency"),
        (
            "ZSI",
            "of the Zorg Zenith Institute, a Zorg Sustainability Institute ",
            "Zorg Sustainability Institute",
        ),
        ("WHO", "says the World Health Organization ", "World Health Organization"),
        ("HMM", "we use hidden Markov models ", "hidden Markov models"),
        ("LDC", "the least developed country ", "least developed country"),
        ("XYZ", "nothing of the kind ", None),
        ("UN", "", None),
    ],
)
def test_schwartz_and_hearst(short: str, before: str, long: str | None) -> None:
    assert long_form(short, before) == long


def test_headlines_give_only_known_names() -> None:
    assert is_headline("Senate Votes To Impeach President Over Zorg Affair")
    found = fast("x", title="Senate Votes To Impeach Over Zorg Affair In Iraq")
    assert found == ["Iraq"]


@pytest.mark.parametrize("numeral", ["XXI", "XLVIII", "XIV", "LXX"])
def test_what_is_left_of_a_numbered_name_is_none(numeral: str) -> None:
    assert fast(f"They met for Zorg Games {numeral}. It was {numeral} that counted.") == [
        f"Zorg Games {numeral}"
    ]


def test_initials_that_could_be_large_numerals_are_names() -> None:
    assert fast("The leader of the MMC spoke to the XYZ of the MCC.") == ["MMC", "XYZ", "MCC"]


@pytest.mark.parametrize(
    ("language", "alias", "text"),
    [
        ("zh", "伊拉克", "今天伊拉克政府宣布。"),
        ("ar", "العراق", "أعلنت حكومة العراق اليوم."),
        ("ru", "Ирак", "Сегодня Ирак объявил."),
    ],
)
def test_other_scripts(tmp_path: Path, language: str, alias: str, text: str) -> None:
    path = tmp_path / "own.txt"
    path.write_text(f"Iraq | | {alias}\n", encoding="utf-8")
    tagger = FastTagger(GAZETTEER.extended(path))
    (topics,) = tagger.tag([event(text, alias, language=language)])
    assert [(t.name, t.how) for t in topics] == [("Iraq", "supplied")]
    (topics,) = tagger.tag([event(text, language=language)])
    assert names(topics) == ["Iraq"]
    path.write_text(f"Our own land | country | {alias}\n", encoding="utf-8")
    mine = FastTagger(GAZETTEER.extended(path))
    assert names(mine.tag([event(text, language=language)])[0]) == ["Our own land"]


def test_arabic_names_are_whole_words(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text("Zorgia | country | زورغ\n", encoding="utf-8")
    tagger = FastTagger(GAZETTEER.extended(path))
    assert names(tagger.tag([event("الزورغية", language="ar")])[0]) == []


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=200))
@settings(deadline=None)
def test_any_text_passes(text: str) -> None:
    if text.strip():
        for topic in FAST.tag([event(text)])[0]:
            assert topic.name and topic.kind


@pytest.mark.parametrize(
    "text",
    [
        "It ends. (" + "a" * 3000 + " b)c)",
        "It ends. (" + "x, " * 2000 + ")",
        "Yes." + " (a b c)" * 500 + "x)",
        "The Union of Pure and " + "AB" * 2000 + "1 x",
        "The Union of Pure and " + "Ab " * 2000 + "1",
        "A" * 5000,
        "Aa-" * 3000,
        "A." * 3000,
        "(" * 3000 + ")" * 3000,
        "al-" * 3000 + "A",
    ],
    ids=range(10),
)
def test_no_text_makes_a_pattern_try_every_way_to_read_it(text: str) -> None:
    # Each of these once took for ever, or is of the kind that does.
    events = [Event("e", date(2016, 7, 11), text=text)]
    assert FastTagger(lexicon=learn(events)).tag(events) is not None
