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
        ("The Ministry of Farms and Petroleum is shut.", "Ministry of Farms and Petroleum"),
        ("The Federation of Theatre and Radio Artists strikes.", "Federation of Theatre and Radio Artists"),
        (
            "The Zorgland Conference on Trade and Development met.",
            "Zorgland Conference on Trade and Development",
        ),
        ("The Committee on Wages and Tax Reform met.", "Committee on Wages and Tax Reform"),
        (
            "The Centre for Mediation and Counter-Terrorism lost.",
            "Centre for Mediation and Counter-Terrorism",
        ),
        ("The European Customs and Coast Watch Agency warns.", "European Customs and Coast Watch Agency"),
        ("The Fire and Flood Management Agency warns.", "Fire and Flood Management Agency"),
        ("The Growth and Renewal Party wins.", "Growth and Renewal Party"),
        ("The Union for a Fairer Movement (UFM) wins.", "Union for a Fairer Movement"),
        ("The League of Chess in Zorgland (LCZ) ends.", "League of Chess in Zorgland"),
        ("They left the Asian Pacific Economic Cooperation (APEC).", "APEC"),
        ('He sang the song "Leaving My Garden" twice.', "Leaving My Garden"),
        ('The novel, entitled "Welcome to the Republic of Fear", sold.', "Welcome to the Republic of Fear"),
        ('She opened it under the name "Institut für Zorgkunde" there.', "Institut für Zorgkunde"),
        ('They gave the "Foot in Door Prize" to him.', "Foot in Door Prize"),
        ("The Minister for Education and Science Batt O'Zorgle left.", "Batt O'Zorgle"),
        ("The Secretary of the Navy Wole Zorgley left.", "Wole Zorgley"),
        ("The Nobel Laureate for Literature Wole Zorgley came.", "Wole Zorgley"),
        ("Finance Committee Chairman Wu Zorgwo came.", "Wu Zorgwo"),
        ("Incumbent Fradique de Zorga wins.", "Fradique de Zorga"),
        ("The head of Media Markt Zorgley left.", "Media Markt Zorgley"),
        ("Fires burn across southeast Asia.", "Southeast Asia"),
        ("They left sub-Saharan Africa.", "Sub-Saharan Africa"),
        ("Fires burn in the US state of Washington.", "Washington (state)"),
        ("He left the Costa Rican capital San José.", "San José, Costa Rica"),
        ("The Social Democrats win in Denmark.", "Social Democrats (Denmark)"),
        ("In Donoghue v Stevenson the court held this.", "Donoghue v Stevenson"),
        ("The judge followed Marsh v. Town of Ede in her ruling.", "Marsh v. Town of Ede"),
        (
            "The court heard Zorgley & Root Services, Inc. v. Estados Unidos.",
            "Zorgley & Root Services, Inc. v. Estados Unidos",
        ),
        ("In Zorgley Data, LLC v. Smith the court ruled.", "Zorgley Data, LLC v. Smith"),
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
        ('He spoke of "Freedom from Spain to Peru" again.', "Freedom from Spain to Peru"),
        ('They call "The Zorgley Hunter" a hero.', "The Zorgley Hunter"),
        ("They saw the Ministry of Labour and Central Command.", "Ministry of Labour and Central Command"),
        ("The Award for Best Drama and Modern Houses win.", "Award for Best Drama and Modern Houses"),
        (
            "The Treasury and Financial Services Authority agreed.",
            "Treasury and Financial Services Authority",
        ),
        ("A forum on the Middle East and North Africa (MENA).", "Middle East and North Africa"),
        ("It is on the first Monday of the Month.", "Monday of the Month"),
        ("Who is sending teams?", "World Health Organization"),
        ("The Early 1990s were dry.", "Early 1990"),
    ],
)
def test_read_apart(text: str, name: str) -> None:
    assert name not in topics(text)


def test_a_name_that_its_initials_spell_out_is_one_with_them_and_has_the_places_in_it_as_parents() -> None:
    text = "The Women of Zimbabwe Arise (WZA) march. WZA says no."
    found = TAGGER.tag([Event("1", date(2024, 3, 1), text=text)])[0]
    assert [(topic.name, topic.how) for topic in found] == [
        ("Women of Zimbabwe Arise", "found"),
        ("Zimbabwe", "parent"),
    ]


def test_a_hospital_of_a_university_is_one_name_and_belongs_to_it() -> None:
    found = TAGGER.tag(
        [Event("1", date(2024, 3, 1), text="He is at University of Rochester Medical Center.")]
    )[0]
    assert [(topic.name, topic.how) for topic in found if topic.kind not in ("state", "country")] == [
        ("University of Rochester Medical Center", "found"),
        ("University of Rochester", "parent"),
    ]
    found = TAGGER.tag([Event("1", date(2024, 3, 1), text="Michigan State Police search his house.")])[0]
    assert "Michigan State University" not in [topic.name for topic in found]


def test_games_that_an_event_names_by_their_year_are_not_said_twice() -> None:
    text = "He wins Olympic gold at the 2012 Summer Olympics."
    found = TAGGER.tag([Event("1", date(2012, 8, 1), text=text)])[0]
    assert [(topic.name, topic.how) for topic in found] == [
        ("2012 Summer Olympics", "found"),
        ("Olympic Games", "parent"),
    ]
