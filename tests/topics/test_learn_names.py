"""What a corpus teaches about names: the same in any order and in any parts, and never another name."""

from __future__ import annotations

import json
from datetime import date
from functools import partial

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from taggers import FAST, GAZETTEER, corpus, event, names

from relatedness.events import Event
from relatedness.topics import FastTagger, Lexicon, learn
from relatedness.topics import _learn_names as learning
from relatedness.topics._lower_case import in_title_and_text
from relatedness.workers import in_batches


def test_learned_names_abbreviations_and_surnames() -> None:
    lexicon = learn([*corpus(), event("Snorkfest in the Krakova camp. Krakova is out.", id_="x")], GAZETTEER)
    by_name = {name.name: name for name in lexicon.names}
    assert by_name["Zorg Pact"].aliases == ("ZP",)
    assert by_name["Ludmila Krakova"].kind == "person"
    assert lexicon.surnames["krakova"] == ((2016, 2016, "Ludmila Krakova"),)
    assert "snorkfest" in lexicon.common
    tagger = FastTagger(GAZETTEER, lexicon)
    assert names(tagger.tag([event("The ZP holds.")])[0]) == ["Zorg Pact"]
    assert names(tagger.tag([event("They leave Krakova alone.")])[0]) == ["Ludmila Krakova"]
    assert names(tagger.tag([event("They leave Krakova alone.", year=1999)])[0]) == ["Krakova"]
    assert names(tagger.tag([event("Heavy Snorkfest here.")])[0]) == []


def test_supplied_topics_are_learned() -> None:
    events = [event("Nothing.", "Zorg Civil War", "Islamic State", "Business", id_=str(n)) for n in range(2)]
    lexicon = learn(events, GAZETTEER)
    assert [name.name for name in lexicon.names] == ["Business", "Zorg Civil War"]
    tagger = FastTagger(GAZETTEER, lexicon)
    assert names(tagger.tag([event("The end of the Zorg Civil War is near. Business as usual.")])[0]) == [
        "Zorg Civil War"
    ]
    assert tagger.supplied("zorg civil war").name == "Zorg Civil War"


def test_learning_adds_and_never_renames() -> None:
    first = learn(corpus()[:6], GAZETTEER)
    second = learn(corpus(), GAZETTEER, previous=first)
    assert second.names[: len(first.names)] == first.names
    assert len(second.names) > len(first.names)
    assert first.common <= second.common


def test_the_lexicon_is_plain_json() -> None:
    lexicon = learn(corpus(), GAZETTEER)
    again = Lexicon.from_json(json.loads(json.dumps(lexicon.to_json())))
    assert again == lexicon
    assert again.digest == lexicon.digest
    assert FastTagger(GAZETTEER, lexicon).key != FAST.key


@given(data=st.data())
@examples(50)
def test_a_corpus_teaches_the_same_in_any_parts(data: st.DataObject) -> None:
    words = st.sampled_from(
        [
            "The",
            "Zorg",
            "Pact",
            "(ZP)",
            "Dr",
            "Ann",
            "Ulm",
            "met",
            "zorg",
            "of",
            "Kiev's",
            "Army",
            "Barack",
            "Obama.",
        ]
    )
    texts = data.draw(
        st.lists(st.lists(words, min_size=3, max_size=12).map(" ".join), min_size=1, max_size=24)
    )
    events = [
        Event(str(n), date(2015 + n % 2, 1, 1), text=text, topics=("Zorg talks",) if n % 3 == 0 else ())
        for n, text in enumerate(texts)
    ]
    size = data.draw(st.integers(1, len(events)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "in_batches", partial(in_batches, size=size))
        in_parts = learn(data.draw(st.permutations(events)), GAZETTEER)
    assert in_parts.to_json() == learn(events, GAZETTEER).to_json()


def test_processes_learn_what_one_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "in_batches", partial(in_batches, size=2))
    alone = learn(corpus(), GAZETTEER)
    assert alone.names
    assert learn(corpus(), GAZETTEER, jobs=2) == alone


def test_an_archive_about_ever_other_things_names_most_of_them_once() -> None:
    often = [f"The crate zorg{n} panics, says report {m}." for n in range(12) for m in range(2)]
    once = ["Affected versions of the crate bazquux allow a data race.", "The crate segfaults on start."]
    events = [event(text, id_=str(number)) for number, text in enumerate(often + once)]
    learned = {entry.name for entry in learn(events, GAZETTEER).names}
    assert {"zorg1", "bazquux"} <= learned
    few = [event(text, id_=str(number)) for number, text in enumerate(once + ["It rains."] * 60 + often[:2])]
    assert "bazquux" not in {entry.name for entry in learn(few, GAZETTEER).names}


def test_titles_and_lists_of_technical_archives_name_things_in_lower_case() -> None:
    titles = [
        "zorglet is unmaintained",
        "warm-porridge is unmaintained",
        "kolb-rs bindings - no longer maintained",
        "unwanted pages in print",
        "stairs are cold",
        "crate has been renamed",
    ]
    texts = [
        "The zorglet crate is gone; use vrbat instead.",
        "The warm-porridge crate's folder is closed.\n\nAlternatives:\n\n- quentle\n- a folder\n",
        "The kolb-rs crate ends.",
        "A dremlo library prints pages that nobody wants.",
        "It is served with warm-porridge and vrbat, or with quentle.",
        "This crate has been renamed from zdenkrpc to qzdenkrpc. See Double Free.",
    ]
    events = [
        event(text, id_=str(n), title=title)
        for n, (title, text) in enumerate(zip(titles, texts, strict=True))
    ]
    lexicon = learn(events, GAZETTEER)
    found = [names(topics) for topics in FastTagger(GAZETTEER, lexicon).tag(events)]
    assert found[0] == ["zorglet", "vrbat"]
    assert found[1] == ["warm-porridge", "quentle"]
    assert found[4] == ["warm-porridge", "vrbat", "quentle"]
    assert found[5] == ["zdenkrpc", "qzdenkrpc"]
    assert {"stairs", "unwanted", "folder"}.isdisjoint(name.name for name in lexicon.names)


def test_a_lower_case_name_where_only_names_stand_needs_one_event_in_any_archive() -> None:
    texts = [
        "Attackers write outside with zorgkit-tools 2.4.1 and later.",
        "A flaw in the zorgd daemon of that firewall was found.",
        "The harbour 1.2.3 and the onboarding service, the guided tool, zorgip 10.1.2.3 and zorg 2.5 are no names.",
        *(f"The council of Zorgstadt met {n} times." for n in range(40)),
    ]
    events = [Event(f"e{n}", date(2024, 1, 1), text) for n, text in enumerate(texts)]
    lexicon = learn(events, GAZETTEER)
    assert [name.name for name in lexicon.names if name.kind == "software"] == ["zorgd", "zorgkit-tools"]
    assert not lexicon.labels


def test_a_strange_word_of_a_title_and_its_text_is_a_name_throughout_the_archive() -> None:
    titled = [
        event("We drop zorgbuild and its plugins.", id_="a", title="A year of zorgbuild"),
        event("Vanilla zorgifolia is grown.", id_="b", title="Vanilla zorgifolia"),
        event("The deserialize step of opcodes fails.", id_="c", title="Fix a deserialize step"),
        event("Die Zorgbahn fährt nach Kassel und zurück.", id_="d", title="Die zurück"),
    ]
    learned = learn([*titled, *corpus()], GAZETTEER)
    assert [entry.name for entry in learned.names if entry.name.islower()] == ["zorgbuild"]
    tagged = FastTagger(GAZETTEER, learned).tag([event("They miss zorgbuild.")])[0]
    assert [(topic.name, topic.kind) for topic in tagged] == [("zorgbuild", "name")]


def test_many_strange_words_of_a_long_title_are_sought_once_in_its_text() -> None:
    strange = ["zorg" + "".join(chr(97 + n // 26**place % 26) for place in range(4)) for n in range(5_000)]
    title, text = "Vanilla zorgifolia " * 5_000, "Vanilla zorgifolia is grown. "
    assert in_title_and_text(title + "zorgbuild", text + "zorgbuild") == {"zorgbuild"}
    assert not in_title_and_text(" ".join(strange), " ".join(f"@{word}" for word in strange))
