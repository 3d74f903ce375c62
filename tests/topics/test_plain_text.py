"""What in a text is no prose: trailers of commits, addresses, paths, qualified names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from taggers import FAST, GAZETTEER, event, names

from relatedness.topics import FastTagger, Lexicon, learn
from relatedness.topics._lexicon import Name
from relatedness.topics._plain_text import without_trailers


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Fix it.\n\nSigned-off-by: Ann Example <a@mail.example>\n", "Fix it.\n\n"),
        ("Fix it.\nCloses-Bug: 12\n\nChange-Id: I0a\nReviewed-by: Ann Example", "Fix it.\n"),
        ("Fix it.\n\n---------\n\nCo-authored-by: Ann Example <a@mail.example>", "Fix it."),
        ("Change-Id: I0a", ""),
        ("Fix it.\n\nNote: nothing else changes", "Fix it.\n\nNote: nothing else changes"),
        (
            "Fix it.\n\nFollow-up: the judge adjourned the trial.",
            "Fix it.\n\nFollow-up: the judge adjourned the trial.",
        ),
        ("Reviewed-by: Ann Example\n\nThen it was merged", "Reviewed-by: Ann Example\n\nThen it was merged"),
    ],
)
def test_trailers_of_a_commit_are_no_text(text: str, kept: str) -> None:
    left = without_trailers(text)
    assert len(left) == len(text)
    assert left.rstrip(";").rstrip("\n") == kept.rstrip("\n")


def test_who_signs_a_commit_is_not_its_topic() -> None:
    text = "The patch of Barack Obama is for Iraq.\n\nSigned-off-by: Hillary Clinton <h@mail.example>\nChange-Id: I0a"
    assert names(FAST.tag([replace(event(text), title="Fix it")])[0]) == ["Barack Obama", "Iraq"]


def test_names_in_addresses_and_paths_are_not_topics() -> None:
    text = "See https://site.example/Iraq/Yemen?x=Syria, docs/Mosul/index.Rmd and /home/Kuwait/Oman of the Sudan team."
    assert names(FAST.tag([event(text)])[0])[:1] == ["Sudan"]
    assert "Rmd" not in names(FAST.tag([event(text)])[0])


def test_names_joined_by_slashes_are_topics() -> None:
    assert names(FAST.tag([event("The Iraq/Yemen/Syria desk meets.")])[0])[:3] == ["Iraq", "Yemen", "Syria"]


def test_a_number_in_an_address_is_a_topic() -> None:
    assert names(FAST.tag([event("See https://site.example/vuln/CVE-2024-47575 for more.")])[0]) == [
        "CVE-2024-47575"
    ]


def test_a_part_of_a_qualified_name_is_not_a_topic() -> None:
    assert names(FAST.tag([event("A request breaks Zorglet::Vrbat::Server in the Zorglet gem.")])[0]) == [
        "Zorglet"
    ]
    assert names(FAST.tag([event("The layout of std::net::SocketZorg changes.")])[0]) == ["SocketZorg"]


def test_two_backticks_mark_a_name_as_one_does() -> None:
    tagger = FastTagger(GAZETTEER, Lexicon(names=(Name("zorgtool", "software"),)))
    for mark in ("`", "``"):
        assert names(tagger.tag([event(f"It calls {mark}zorgtool{mark}, and waits.")])[0]) == ["zorgtool"]


def test_a_title_of_one_word_names_what_the_event_is_about() -> None:
    text = "Uploads fail, as a key reaches its limit."
    assert names(FAST.tag([event(text, title="Zorgiva")])[0]) == ["Zorgiva"]
    assert names(FAST.tag([event(text, title="Slack")])[0]) == ["Slack (software)"]
    for title in ("Overflow", "Downtime", "Introduction", "Jane"):
        assert names(FAST.tag([event(text, title=title)])[0]) == []


def test_a_title_of_one_word_is_no_company_where_the_text_has_it_in_lower_case() -> None:
    for title, text in (("Apple", "Peel an apple, and bake it."), ("Shell", "We found a shell at low tide.")):
        assert names(FAST.tag([event(text, title=title)])[0]) == []


def test_the_label_of_a_field_is_not_a_topic() -> None:
    text = "Zorglet reads too much.\n\nVersions Affected:  >= 1.2\n- **Release Notes:** none\n\nThen Release Notes follow."
    assert "Versions Affected" not in names(FAST.tag([event(text)])[0])
    fields = [
        event(f"{n} reads too much.\n\nVersions Affected:  >= {n}.2\nFixed: {n}", id_=str(n))
        for n in range(9)
    ]
    assert not any("Versions" in name.name for name in learn(fields, GAZETTEER).names)
