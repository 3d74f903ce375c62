"""spaCy's way: its entities as judges of unknown names, and the tagger as a component of a pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from taggers import FAST, GAZETTEER, blank_ner, event, names

from relatedness.topics import NerTagger
from relatedness.topics._spacy_tagger import register_component


def test_component(tmp_path: Path) -> None:
    register_component()
    own = tmp_path / "own.txt"
    own.write_text("Zorg | place | | Iraq\n")
    nlp = spacy.blank("en")
    nlp.add_pipe("context_topics", config={"gazetteer": str(own)})
    doc = nlp("Daesh leaves Zorg.")
    assert names(doc._.topics) == ["ISIL", "Zorg"]
    nlp.to_disk(tmp_path / "model")
    own.unlink()
    again = spacy.blank("en")
    again.add_pipe("context_topics")
    again.from_disk(tmp_path / "model")
    assert again("Daesh leaves Zorg.")._.topics == doc._.topics
    assert spacy.blank("en").from_bytes is not None
    assert nlp("")._.topics == ()
    assert not list((tmp_path / "model").rglob("*.pkl"))


@pytest.mark.parametrize("language", ["xx", "zh", "ru", "ar", "de"])
def test_component_in_other_languages(language: str) -> None:
    register_component()
    nlp = spacy.blank(language)
    nlp.add_pipe("context_topics")
    assert "Iraq" in names(nlp("NATO Iraq 伊拉克 Сегодня العراق")._.topics)


def test_entities_judge_unknown_names() -> None:
    tagger = blank_ner()
    assert names(tagger.tag([event("We saw Zdenka Vrba and Milos Novakov in Iraq.")])[0]) == [
        "Zdenka Vrba",
        "Iraq",
    ]


@pytest.mark.model
def test_real_model() -> None:
    tagger = NerTagger(GAZETTEER)
    found = names(
        tagger.tag([event("Mao Xiaofeng resigns as the President of Minsheng Banking Corporation.")])[0]
    )
    assert "Mao Xiaofeng" in found
    assert "en" in tagger.key or "core" in tagger.key


def test_a_missing_model_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from relatedness.errors import MissingExtraError
    from relatedness.topics import _spacy_tagger as entities

    monkeypatch.setattr(entities, "MODELS", ())
    with pytest.raises(MissingExtraError, match="relatedness\\[ner\\]"):
        NerTagger(GAZETTEER)


def test_events_are_read_by_the_model_of_their_language(monkeypatch: pytest.MonkeyPatch) -> None:
    from relatedness.topics import _spacy_tagger

    def loaded(name: str, **_: object) -> spacy.language.Language:
        assert name == "de_core_news_sm"
        german = spacy.blank("de")
        german.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "Zorgville"}])
        return german

    monkeypatch.setattr(_spacy_tagger, "load_model", lambda: spacy.blank("en"))
    monkeypatch.setattr(_spacy_tagger, "models_installed", lambda: {"de": "de_core_news_sm"})
    monkeypatch.setattr(spacy, "load", loaded)
    tagger = NerTagger(GAZETTEER)
    texts = {"de": "Der Rat von Zorgville tritt in Berlin zurück.", "nl": "De raad van Zorgville treedt af."}
    events = [event(text, language=code, id_=code) for code, text in texts.items()]
    german, dutch = tagger.tag(events)
    assert names(german) == ["Zorgville", "Berlin"]
    assert names(dutch) == names(FAST.tag(events[1:])[0]), "no model is installed: the rules decide"
