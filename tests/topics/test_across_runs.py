"""Names that a small word cuts into two runs, abbreviations that open sentences, and several of one model."""

from datetime import date

import pytest

from relatedness.events import Event
from relatedness.topics import FastTagger

TAGGER = FastTagger()


def topics(text: str) -> list[str]:
    return [
        topic.name
        for topic in TAGGER.tag([Event("1", date(2024, 3, 1), text=text)])[0]
        if topic.how == "found"
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The Parks and Recreation Committee approved the plan.", "Parks and Recreation Committee"),
        ("Minutes of the Planning & Zoning Commission are out.", "Planning & Zoning Commission"),
        ("In Donoghue v Stevenson the court held this.", "Donoghue v Stevenson"),
        ("The judge followed Marsh v. Town of Ede in her ruling.", "Marsh v. Town of Ede"),
        ("In R v Zorgley the court held this.", "R v Zorgley"),
        ("The court heard Apple v. Samsung.", "Apple Inc."),
        ("The judge followed Trump v. Zorgley.", "Donald Trump"),
        ("They named Angela Merkel Person of the Year.", "Angela Merkel"),
        ("They named Peter Zorgley Sportsperson of the Year.", "Peter Zorgley"),
        ("WHO is sending teams.", "World Health Organization"),
        ("Two Embraer E190s landed.", "Embraer E190"),
        ("Four Boeing 737s are grounded.", "Boeing 737"),
    ],
)
def test_read_whole(text: str, name: str) -> None:
    assert name in topics(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        # Two bodies, a match, an everyday word, a decade.
        ("The Senate and House Committee met.", "Senate and House Committee"),
        ("England v India begins; the judge is ill. It ends 3-1.", "England v India"),
        ("Liverpool v Arsenal begins; a court waits.", "Liverpool v Arsenal"),
        (
            "The Ministry of Trade and Export Development Board met.",
            "Ministry of Trade and Export Development Board",
        ),
        ("It is on the first Monday of the Month.", "Monday of the Month"),
        ("Who is sending teams?", "World Health Organization"),
        ("The Early 1990s were dry.", "Early 1990"),
    ],
)
def test_read_apart(text: str, name: str) -> None:
    assert name not in topics(text)
