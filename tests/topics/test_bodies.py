"""Courts and ministries that every country has: one topic each, however the country stands beside them."""

from __future__ import annotations

from datetime import date

import pytest

from relatedness.events import Event
from relatedness.topics import EventTopic, FastTagger


def topics(text: str) -> dict[str, EventTopic]:
    (found,) = FastTagger().tag([Event("1", date(2015, 1, 1), text=text)])
    return {topic.name: topic for topic in found}


@pytest.mark.parametrize(
    ("name", "country", "spellings"),
    [
        (
            "Supreme Court of Bangladesh",
            "Bangladesh",
            [
                "Bangladesh's Supreme Court",
                "the Supreme Court of Bangladesh",
                "the Bangladeshi Supreme Court",
            ],
        ),
        (
            "Ministry of Defence (Russia)",
            "Russia",
            ["Russia's Defence Ministry", "the Russian Ministry of Defense", "Russian Defense Ministry"],
        ),
        (
            "Ministry of the Interior (Iraq)",
            "Iraq",
            ["Iraq's Interior Ministry", "Iraqi Ministry of the Interior"],
        ),
        ("Supreme Court of India", "India", ["India's Supreme Court", "the Indian Supreme Court"]),
        ("Supreme Court of Texas", "Texas", ["Texas's Supreme Court", "the Supreme Court of Texas"]),
        ("High Court of Justice of Israel", "Israel", ["Israel's High Court of Justice"]),
        ("Supreme Federal Court", "Brazil", ["Brazil's Supreme Federal Court"]),
    ],
)
def test_a_court_or_ministry_has_one_topic(name: str, country: str, spellings: list[str]) -> None:
    for written in spellings:
        found = topics(f"On Monday {written} says no.")
        assert {name, country} <= found.keys() <= {name, country, "United States"}, written


def test_the_ministries_of_two_countries_are_two() -> None:
    found = topics("Russia's Defence Ministry and Turkey's Defence Ministry deny it.")
    assert {"Ministry of Defence (Russia)", "Ministry of Defence (Turkey)"} <= found.keys()


@pytest.mark.parametrize(
    "text",
    [
        "Apple's Supreme Court",
        "Paris's High Court",
        "Syria's Foreign Minister",
    ],
)
def test_nothing_else_becomes_a_court_or_ministry_of_a_country(text: str) -> None:
    assert not [name for name in topics(f"On Monday {text} says no.") if " (" in name or " of the" in name]


def test_a_body_stands_before_the_genitive_of_its_country():
    text = "Das Verteidigungsministerium der Ukraine meldete neue Angriffe."
    event = Event("1", date(2020, 6, 1), text=text, language="de")
    names = {topic.name for topic in FastTagger().tag([event])[0]}
    assert {"Ukraine", "Ministry of Defence (Ukraine)"} <= names
