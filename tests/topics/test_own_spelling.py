"""Words that look like a known name and are none: initials in mixed case, time zones, states that play, headings of a word."""

from __future__ import annotations

from datetime import date

import pytest

from relatedness import Event
from relatedness.topics import FastTagger


def _named(text: str) -> list[str]:
    return [topic.name for topic in FastTagger().tag([Event("a", date(2021, 5, 6), text=text)])[0]]


@pytest.mark.parametrize(
    ("text", "name", "other"),
    [
        ("They moved the clusters to KRaft today.", "KRaft", "Kraft Foods"),
        ("The lab moved to the MaRS tower today.", "MaRS", "Mars"),
        ("The team reads the JoS weekly.", "JoS", "Jos"),
    ],
)
def test_a_word_with_capitals_of_its_own_is_no_other_name(text: str, name: str, other: str) -> None:
    named = _named(text)
    assert name in named
    assert other not in named


@pytest.mark.parametrize("word", ["FaceBook", "YouTube", "McAfee", "XCode"])
def test_a_name_is_known_in_the_capitals_of_a_compound(word: str) -> None:
    assert _named(f"She left {word} in May.")[0].lower() == word.lower()


@pytest.mark.parametrize("zone", ["US/Pacific", "America/New_York", "Europe/Berlin"])
def test_a_time_zone_is_no_place(zone: str) -> None:
    assert _named(f"It began at 10:00. All times are {zone}.") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("The new line links Europe/Berlin and Asia.", "Berlin"),
        ("The call suits the time of Australia/New Zealand.", "New Zealand"),
        ("The call suits the time of Europe/Africa.", "Africa"),
    ],
)
def test_places_that_a_slash_joins_are_kept(text: str, place: str) -> None:
    assert any(place in name for name in _named(text))


def test_a_state_that_plays_is_not_where_the_town_is() -> None:
    named = _named("In the East in New York City, South Carolina defeats Florida.")
    assert "New York City" in named
    assert "South Carolina" in named


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Slack. Cache nodes were removed under load.", "Slack (software)"),
        ("Etsy. A small deploy also changed the databases.", "Etsy"),
        ("Zorgpaper. The limits of a database were hit.", "Zorgpaper"),
    ],
)
def test_a_name_alone_before_a_text_is_its_heading(text: str, name: str) -> None:
    assert name in _named(text)


@pytest.mark.parametrize("text", ["Correction. The time was wrong.", "Pensioners. They wait for money."])
def test_an_everyday_word_before_a_text_is_no_name(text: str) -> None:
    assert _named(text) == []
