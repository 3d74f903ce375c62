"""Generic subjects: found in whatever words, in any regular form, and topics where a switch says so."""

from __future__ import annotations

import pytest
from taggers import GAZETTEER, event, names

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
        ("", []),
    ],
)
def test_subjects_are_found_in_other_words(text: str, expected: list[str]) -> None:
    found = GenericSubjects.load().find(text)
    assert [one.subject for one in found] == expected
    assert all(text[one.start : one.end] for one in found)


def test_the_longest_way_to_write_a_subject_wins() -> None:
    subjects = GenericSubjects({"strike": "strike action", "air strike": "airstrike"})
    assert [one.subject for one in subjects.find("Air strikes go on.")] == ["airstrike"]


def test_each_way_leads_to_one_subject_and_subjects_are_in_lower_case() -> None:
    found = GenericSubjects.load()
    assert found.find("earthquake")[0].subject == "earthquake"
    assert found is GenericSubjects.load()


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
