"""Read a query text as the build read events: the same topics, words and weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from relatedness.caching import cached_property
from relatedness.config import Config
from relatedness.errors import ConfigError, InputError
from relatedness.events import Event, shortened
from relatedness.index._archive import Archive
from relatedness.index._tagging import document, make_tagger, stored_names, stored_templates
from relatedness.index._vocabulary import Spelling, StoredVocabulary
from relatedness.languages import ENGLISH, language_of, missing_extra, spoken, way_of
from relatedness.ranking import (
    TOPICS,
    WORDS,
    Encoder,
    Subjects,
    count_one,
    embed,
    encode_one,
    encoder_key,
    make_encoder,
    text_of,
    titled_phrases,
    word_squares,
)
from relatedness.storage import Store
from relatedness.topics import EventTopic, FastTagger, Tagger


class TextReader:
    """The tagger, vocabulary and encoder of an index, for texts that are not in it.

    Parameters
    ----------
    store : Store
    archive : Archive
    config : Config
    spell : Spelling
        Is told the names of the text's topics.
    tagger : Tagger, optional
        The tagger that the index was built with, if it is not one of the library's own.
    encoder : callable, optional
        The encoder that the index was built with, if it is not one of the library's own.
    """

    def __init__(
        self,
        store: Store,
        archive: Archive,
        config: Config,
        spell: Spelling,
        *,
        tagger: Tagger | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        self._store = store
        self._archive = archive
        self._config = config
        self._spell = spell
        self._given_tagger = tagger
        self._given_encoder = encoder
        self._vocabulary = StoredVocabulary.of(store, len(archive.channels))
        self._templates = stored_templates(store)

    def read(self, event: Event) -> tuple[Subjects, int, tuple[EventTopic, ...], Event]:
        """A text as a row of vectors.

        Parameters
        ----------
        event : Event
            Its title, text, language and date.

        Returns
        -------
        Subjects
            Its words, phrases and topics, as a single row.
        int
            Its language among the labels of the index: -1 for an unknown one, one past the last for one that the
            index lacks.
        tuple of EventTopic
        Event
            The text in the language in which its words were read.

        Raises
        ------
        ConfigError
            If the index was built with another tagger, encoder or tokenizer.
        """
        language = self._language_of(event)
        event = self._as_read(event)
        (own,) = self._templates.without([event])
        (topics,) = self._tagger.tag([own if isinstance(self._tagger, FastTagger) else event])
        asked = document(event, own, topics, self._templates)
        terms = count_one(asked, self._config)
        located = [self._vocabulary.look_up(channel, list(some)) for channel, some in enumerate(terms)]
        vectors = encode_one(terms, located, titled_phrases(asked), self._vocabulary, self._config)
        self._spell.learn((column for column, _ in located[TOPICS]), terms[TOPICS])
        subject = Subjects(
            vectors=vectors,
            days=np.array([event.day], dtype=np.int32),
            categories=np.array([-1], dtype=np.int32),
            squares=word_squares(vectors, self._archive.channels),
            meanings=self._meaning_of(event),
        )
        return subject, language, tuple(topics), event

    def _as_read(self, event: Event) -> Event:
        """A text in the language in which its words are read.

        One that is too short to show its language is read in that language of the archive in which most of its words occur there,
        the commonest of several: "Boko Haram" looks Portuguese.
        """
        if spoken(event) is not None:
            return event
        (own,) = self._templates.without([event])

        def known(language: str) -> int:
            terms = count_one(
                document(replace(event, language=language), own, (), self._templates), self._config
            )
            return sum(column >= 0 for column, _ in self._vocabulary.look_up(WORDS, list(terms[WORDS])))

        # Texts in a script without spaces show their language.
        codes = dict.fromkeys([self._common_language, language_of(event), *self._store.labels("language")])
        return replace(
            event, language=max((code for code in codes if not way_of(code)), key=known, default=None)
        )

    @cached_property
    def _common_language(self) -> str:
        """The language of most events; English, as which texts of unknown languages are read, if none has one."""
        languages = self._archive.languages
        numbers = np.bincount(languages[languages >= 0])
        return self._store.labels("language")[int(numbers.argmax())] if len(numbers) else ENGLISH

    def _language_of(self, event: Event) -> int:
        if (named := spoken(event)) is None:
            return -1
        self._check_words(named)
        languages = self._store.labels("language")
        return languages.index(named) if named in languages else len(languages)

    @cached_property
    def _tagger(self) -> Tagger:
        if self._given_tagger is not None:
            return self._given_tagger
        key = self._store.meta("tagger")
        tagger = make_tagger(self._config, *stored_names(self._store))
        if tagger.key.split("-")[0] != str(key).split("-")[0]:
            raise ConfigError(
                f"the topics of this index were found by the tagger {_shown(key)}: pass it to RelatedIndex.open(path, "
                "tagger=...)"
            )
        return tagger

    @cached_property
    def _encoder(self) -> Encoder:
        return encoder_of(self._store, self._config, self._given_encoder)

    def _meaning_of(self, event: Event) -> NDArray[np.int8]:
        width = self._archive.meanings.shape[1]
        if not width:
            return np.zeros((1, 0), np.int8)
        rows, _ = embed([text_of(event)], self._encoder)
        if rows.shape[1] != width:
            raise InputError(
                f"the encoder returned rows of {rows.shape[1]} numbers, but those of the index have {width}: "
                "pass the encoder of the build"
            )
        return rows

    def _check_words(self, language: str) -> None:
        """Check that the text's words are segmented as those of the index were."""
        then = dict(self._store.meta("words", absent={})).get(language, "")
        if then.partition(" ")[0] in ("", way_of(language).partition(" ")[0]):
            return
        extra = missing_extra(language)
        how = f"pip install '{extra}'" if extra else "build the index again"
        raise ConfigError(
            f"the words of this index's events of language {language!r} were found by {then}: {how}"
        )


def encoder_of(store: Store, config: Config, given: Encoder | None) -> Encoder:
    """The encoder that made the embeddings of an index, for new texts.

    Parameters
    ----------
    config : Config
        Of the index.
    given : callable or None
        By default the encoder that the config names.

    Raises
    ------
    ConfigError
        If the embeddings were made by another encoder: embeddings of different encoders cannot be compared.
    """
    encoder = given or make_encoder(config)
    key = store.meta("encoder")
    if encoder is None or encoder_key(encoder) != key:
        raise ConfigError(
            f"the embeddings of this index were made by the encoder {_shown(key)}: pass it to RelatedIndex.open(path, "
            "encoder=...)"
        )
    return encoder


def _shown(key: object) -> str:
    """Shorten the key of a tagger or encoder for a message: an untrusted index may hold a key of any length."""
    return repr(shortened(str(key), 100))
