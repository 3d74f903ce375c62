"""Generic subjects: found in whatever words, in any regular form, and topics where a switch says so."""

from __future__ import annotations

import pytest
from taggers import GAZETTEER, event, names

from relatedness.shipped import shipped
from relatedness.topics import FastTagger, GenericSubjects, Lexicon


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two quakes and an aftershock shake the town.", ["earthquake", "earthquake"]),
        ("Gunmen kidnapped a priest; others are abducting monks.", ["shooting", "kidnapping", "kidnapping"]),
        ("Robbers robbed the bank.", ["robbery"]),
        ("Voters go to the polls in a snap election.", ["general election"] * 3),
        ("A use-after-free leads to arbitrary code execution.", ["use after free", "code injection"]),
        ("Ferries and factories reopen.", []),
        ("The merger of both companies is off.", ["merger"]),
        (
            "The court acquitted both; the mill laid off 90 and is laying off more.",
            ["acquittal"] + ["unemployment"] * 2,
        ),
        ("She recalls how he aids her, and recalled it at AIDS clinics.", ["HIV and AIDS"]),
        ("Toyota announces a recall of cars.", ["product recall"]),
        ("The recall of its ambassador follows.", ["diplomatic relations"]),
        ("", []),
    ],
)
def test_subjects_are_found_in_other_words(text: str, expected: list[str]) -> None:
    assert [one.subject for one in GenericSubjects.load().find(text)] == expected


def test_a_mention_says_where_the_words_stand() -> None:
    text = "Two quakes hit; gunmen abducted a priest, voters go to the polls, AIDS spreads."
    spans = [text[one.start : one.end] for one in GenericSubjects.load().find(text)]
    assert spans == ["quakes", "gunmen", "abducted", "voters", "go to the polls", "AIDS"]


def test_the_longest_way_to_write_a_subject_wins() -> None:
    subjects = GenericSubjects({"strike": "strike action", "air strike": "airstrike"})
    assert [one.subject for one in subjects.find("Air strikes go on.")] == ["airstrike"]


def test_each_way_leads_to_one_subject_and_only_names_have_capitals() -> None:
    subjects: dict[str, str] = {}
    lines = shipped("subjects.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            name, _, others = (part.strip() for part in line.partition("|"))
            assert name == name.lower() or name in {"Ebola", "HIV and AIDS", "Nobel Prize", "Olympic Games"}
            for way in filter(None, (name, *(other.strip() for other in others.split(";")))):
                assert subjects.setdefault(way if way.isupper() else way.lower(), name) is name, way
    assert len(subjects) > 1000
    assert GenericSubjects.load() is GenericSubjects.load()


def test_subjects_are_topics_where_the_switch_says_so() -> None:
    given = event("Rebels abduct five aid workers in Chad. Relatives of the abducted wait.")
    assert names(FastTagger(GAZETTEER).tag([given])[0]) == ["Chad"]
    tagger = FastTagger(GAZETTEER, Lexicon(), subjects=True)
    (topics,) = tagger.tag([given])
    assert [(t.name, t.kind) for t in topics if t.kind == "subject"] == [
        ("insurgency", "subject"),
        ("kidnapping", "subject"),
        ("foreign aid", "subject"),
    ]
    assert topics[-2].aliases == ("abduct", "abducted")
    assert tagger.key != FastTagger(GAZETTEER).key
    (german,) = tagger.tag(
        [event("Die Rebellen sind im Tschad, und die Krise ist nicht vorbei.", language="de")]
    )
    assert not any(t.kind == "subject" for t in german)
