"""Identifiers that begin in lower case or with a digit, and what only looks like one."""

from __future__ import annotations

import pytest
from taggers import GAZETTEER, event, fast, names

from relatedness.topics import FastTagger, learn


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Errors rise in eu-central-1 and europe-west4-a.", ["eu-central-1", "europe-west4-a"]),
        ("The disk of orders-db-03 is full.", ["orders-db-03"]),
        ("See open(2), madvise(2) and git-gc(1).", ["open(2)", "madvise(2)", "git-gc(1)"]),
        ("The aircraft, 9N-AJX, overran the runway.", ["9N-AJX"]),
        ("The campaign has the number 24V-417.", ["24V-417"]),
        (
            "They drop xDown, rename parseHeaders and call compareCPU.",
            ["xDown", "parseHeaders", "compareCPU"],
        ),
        ("The iZORG of the house, its mDVX and the xAI-8.", ["iZORG", "mDVX"]),
        # a number behind a name, a call, a unit, a date, a lost space, a word and a person
        ("The ratio is sqrt(5) at 40 kHz; alert(1) is shown.", []),
        ("The build of nightly-2024-05-05 is lost.", []),
        ("The history ofScience is eXtensible, and so is eCommerce.", []),
        ("It is antiChristian, postSoviet and unIslamic, and iIllegal.", []),
        ("They call postMessage before exUnit.", ["postMessage", "exUnit"]),
        ("It is a north-east wind of 5-10 knots since mid-1990.", []),
        ("The list is\n(1) open and\n(2) read.", []),
    ],
)
def test_identifiers_need_no_capital(text: str, wanted: list[str]) -> None:
    assert fast(text) == wanted


def test_a_known_program_in_another_spelling_stays_that_program() -> None:
    assert fast("They load it with iPython.") == ["Jupyter"]


def test_an_abbreviation_in_lower_case_is_that_of_other_events() -> None:
    texts = [f"The `izorg` driver of the vrbat-{n} library fails." for n in range(3)]
    tagger = FastTagger(
        GAZETTEER,
        learn([event(text, id_=str(n)) for n, text in enumerate([*texts, "The iZORG is old."])], GAZETTEER),
    )
    for text in ("The `izorg` driver fails.", "An iZORG fails."):
        assert names(tagger.tag([event(text)])[0]) == ["iZORG"]


def test_a_noun_made_from_a_verb_is_no_program() -> None:
    titles = [f"follow-up: keep the vrbat-{n} library" for n in range(9)]
    lexicon = learn([event("It fails.", title=title, id_=title) for title in titles], GAZETTEER)
    assert "follow-up" not in {name.name for name in lexicon.names}
