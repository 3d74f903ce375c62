"""Towns of one name in several countries, towns that are clubs too, and towns whose name somebody bears."""

from __future__ import annotations

import pytest
from taggers import FAST, event, fast

from relatedness.topics import PLACES


@pytest.mark.parametrize(
    ("text", "expected", "not_in"),
    [
        # the words around a town say where it is
        ("A tornado hits Goderich in the Canadian province of Ontario.", "Goderich, Canada", "Sierra Leone"),
        ("Clashes go on in the Lebanese city of Tripoli.", "Tripoli, Lebanon", "Libya"),
        ("The Illinois town of Cairo is flooded, and Cairo burns.", "Cairo, Illinois", "Egypt"),
        ("A lorry burns near Sacramento in the Mexican state of Coahuila.", "Sacramento, Mexico", "California"),
        ("A jet falls in Beaufort, South Carolina, killing the pilot and others.", "Beaufort, South Carolina", "Malaysia"),
        ("A bus near Bathurst, New Brunswick carries pupils of Bathurst.", "Bathurst, New Brunswick", "Australia"),
        ("They open in Northam, Western Australia and Zorgville, South Australia.", "Northam, Western Australia", "South Africa"),
        ("A storm is seen in College Park, Georgia today.", "College Park, Georgia", "Maryland"),
        # what is built in the country that the text names keeps its name
        ("A boat sinks near Yeongheung Island, South Korea.", "Yeongheung Island", "China"),
        # the bearer that is known for it
        ("Cattle fall ill in Surrey, the vets say.", "Surrey", "Canada"),
        ("The Norfolk coast of England is searched.", "Norfolk (England)", "Virginia"),
        ("Sailors of the US Navy are back in Norfolk.", "Norfolk, Virginia", "United Kingdom"),
        ("Police of Suffolk County ask for help.", "Suffolk County, New York", "Suffolk"),
        ("In rugby union, Munster beat Toulouse 16-13 in Cork.", "Munster Rugby", "Germany"),
        ("Snow falls in Münster.", "Münster", "Ireland"),
        ("The Santa Ana winds fan the fire.", "Santa Ana winds", "El Salvador"),
        ("A lunch in Lima is planned for November 17.", "Lima", "Greece"),
        ("He reads its English edition in Lima.", "Lima", "England"),
        ("Rebels kill 20 near the Democratic Republic of the Congo town of Beni.", "Beni", "Bolivia"),
        ("Floods hit Sri Lanka's Eastern Province.", "Eastern Province, Sri Lanka", "Saudi Arabia"),
        ("Berkshire Hathaway rises; Buffett leads Berkshire.", "Berkshire Hathaway", "Berkshire"),
        # and so does a town that is in no other country, or stands in a list
        ("The US consulate in the suburbs of Berlin closes.", "Berlin", "New Hampshire"),
        ("ISIL leaves the Iraqi Turkmen city of Mosul.", "Mosul", "Mosul, Turkmenistan"),
        ("Fires burn in Paris, Germany and Spain.", "Paris", "Texas"),
        ("The imam Mohammed Burhanuddin in the Indian city of Mumbai prays.", "Mohammed Burhanuddin", "Bangladesh"),
        # behind "in" a club is its town
        ("Ma Long beats him 4-2 in Valencia.", "Valencia, Spain", "Valencia CF"),
        ("Iceland defeat England 2-1 in Nice.", "Nice", "OGC Nice"),
    ],
)  # fmt: skip
def test_town(text: str, expected: str, not_in: str) -> None:
    found = FAST.tag([event(text)])[0]
    assert expected in [topic.name for topic in found]
    assert not_in not in [topic.name for topic in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # two towns in a row are somebody's name, unless they are in one country
        ("Colombian general Hernando Perez Molina leaves.", ["Colombia", "Hernando Perez Molina"]),
        ("The UN appoints Christiana Figueres.", ["United Nations", "Christiana Figueres"]),
        ("Brussels Schaerbeek is quiet.", ["Brussels", "Schaerbeek"]),
        # or the first is large enough to have a quarter or station of that name
        ("A train crashes at the Barcelona França railway station.", ["Barcelona"]),
        ("He throws a 61-yard Hail Mary pass.", []),
        ("At five Beijing Time they land.", ["Beijing"]),
        # a surname alone means who bears it
        ("Police take Paul Murphy TD away. They question Murphy.", ["Paul Murphy TD"]),
        ("He marries Charlene Wittstock; Wittstock smiles.", ["Charlene Wittstock"]),
        ("Rodrigo Rosenberg Marzano is dead; Rosenberg knew.", ["Rodrigo Rosenberg Marzano"]),
        ("In Texas the Hotel Murphy burns; Murphy mourns.", ["Texas", "Hotel Murphy", "Murphy, Texas"]),
    ],
)
def test_bearer(text: str, expected: list[str]) -> None:
    assert fast(text) == expected


def test_who_has_the_surname_of_a_person_is_one() -> None:
    assert [t.kind for t in FAST.tag([event("They free Hannibal Gaddafi.")])[0]] == ["person"]


def test_another_place_has_its_own_parents() -> None:
    place = next(topic for topic in FAST.tag([event("A fire in the Greek town of Tripoli.")])[0][1:])
    assert place.name == "Tripoli, Greece" and place.kind in PLACES
