"""Events of one text, the taggers that the tests ask about them, and a corpus that teaches names."""

from __future__ import annotations

from datetime import date
from functools import cache

import spacy
from spacy.language import Language

from relatedness.events import Event
from relatedness.topics import EventTopic, FastTagger, Gazetteer, Lexicon, NerTagger

GAZETTEER = Gazetteer.load()


FAST = FastTagger(GAZETTEER)


def event(
    text: str, *topics: str, year: int = 2016, language: str | None = None, id_: str = "e", title: str = ""
) -> Event:
    return Event(id_, date(year, 6, 1), title=title, text=text, topics=topics, language=language)


def names(tagged: tuple[EventTopic, ...], *how: str) -> list[str]:
    return [topic.name for topic in tagged if topic.how in (how or ("supplied", "found"))]


def fast(text: str, *topics: str, **more: object) -> list[str]:
    return names(FAST.tag([event(text, *topics, **more)])[0])  # type: ignore[arg-type]


def blank_ner(gazetteer: Gazetteer | None = None, lexicon: Lexicon | None = None) -> NerTagger:
    return NerTagger(gazetteer if gazetteer is not None else GAZETTEER, lexicon, _two_names())


@cache
def _two_names() -> Language:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [{"label": "PERSON", "pattern": "Zdenka Vrba"}, {"label": "ORG", "pattern": "Kolben Works"}]
    )
    return nlp


def corpus() -> list[Event]:
    texts = [
        *(f"Talks about the Zorg Pact (ZP) go on for {n} hours." for n in range(4)),
        *(f"Minister Ludmila Krakova speaks {n} times." for n in range(4)),
        *(f"We hear that a snorkfest begins, and that snorkfest number {n} ends." for n in range(4)),
    ]
    return [event(text, id_=str(n)) for n, text in enumerate(texts)]
