"""Events of any source with their topics: shared by build, refresh and `relatedness tag`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relatedness.arguments import check_path
from relatedness.config import Config
from relatedness.errors import ConfigError, RelatednessError
from relatedness.events import Event
from relatedness.languages import language_of
from relatedness.progress import Clock, Progress
from relatedness.ranking import (
    Document,
)
from relatedness.storage import Store
from relatedness.templates import TemplateText, find_templates
from relatedness.topics import (
    EventTopic,
    FastTagger,
    Gazetteer,
    Lexicon,
    NerTagger,
    NoteTaker,
    Tagger,
    learn,
    own_from_json,
)
from relatedness.workers import UnsourcedEvents, in_batches, map_batches

if TYPE_CHECKING:  # imported here because a query reads no source
    from relatedness.sources import ReadOptions, Rejects

_MODEL_BATCH = 512


def in_order(events: Iterable[Event]) -> list[Event]:
    """The order of rows: date up, id down. Among equal scores the higher row then comes first."""
    ordered = sorted(events, key=lambda event: event.key, reverse=True)
    ordered.sort(key=lambda event: event.seconds)
    return ordered


def load_gazetteer(given: str | Path | Gazetteer | None, tagger: Tagger | None) -> Gazetteer:
    """The caller's gazetteer, or the shipped one extended by the user's file.

    Raises
    ------
    ConfigError
        If the caller also gives a tagger, which would not use it.
    """
    if given is not None and tagger is not None:
        raise ConfigError(
            "gazetteer and tagger cannot be combined: pass the gazetteer to your tagger, or leave one of them out"
        )
    if given is None or isinstance(given, Gazetteer):
        return given or Gazetteer.load()
    return Gazetteer.load(check_path(given, "gazetteer"))


def stored_names(store: Store) -> tuple[Gazetteer, Lexicon]:
    """The names that the tagger of an index knows: the gazetteer with the user's lines, and the learned lexicon."""
    own, lexicon = store.meta("gazetteer"), store.meta("lexicon")
    with store.reading():
        return Gazetteer.load().with_own(own_from_json(own)), Lexicon.from_json(lexicon)


def stored_templates(store: Store) -> TemplateText:
    """The template text of the archive, as of the fit of its statistics."""
    return TemplateText.from_json(store.meta("templates"))


def templates_of(events: Sequence[Event], config: Config) -> TemplateText:
    """The template text of an archive; empty if the config counts it like other text."""
    return find_templates(events, config.text) if config.text.template_weight < 1 else TemplateText()


def learned_tagger(
    own: Sequence[Event], config: Config, gazetteer: Gazetteer, jobs: int | None
) -> tuple[Tagger, Lexicon]:
    """Learn the names of an archive; return a tagger that knows them, and the names.

    Parameters
    ----------
    own : sequence of Event
        The events of the archive without template text.
    jobs : int, optional
        Worker processes.
    """
    take = NoteTaker(gazetteer, Lexicon())
    lexicon = learn(own, gazetteer, jobs=jobs, take=take)
    tagger = make_tagger(config, gazetteer, lexicon)
    tagger.take_over(take)
    return tagger, lexicon


def make_tagger(config: Config, gazetteer: Gazetteer, lexicon: Lexicon) -> FastTagger:
    """Make the tagger that a config names, with the names learned from a corpus.

    Raises
    ------
    MissingExtraError
        If it needs a model that is not installed.
    """
    kind = NerTagger if config.text.tagger == "ner" else FastTagger
    return kind(gazetteer, lexicon, subjects=config.topics.subjects)


def find_topics(
    events: Sequence[Event],
    own: Sequence[Event],
    tagger: Tagger,
    jobs: int | None,
    report: Callable[[int, int], None],
) -> Iterator[tuple[Sequence[Event], list[tuple[EventTopic, ...]]]]:
    """The events in batches, each with its topics, given also without template text; on several cores where there are many."""
    # A model is slow: small batches occupy all cores even if there are few events.
    batches = in_batches(events, _MODEL_BATCH) if isinstance(tagger, NerTagger) else in_batches(events)
    done = 0
    shown = in_batches(own, len(batches[0])) if isinstance(tagger, FastTagger) else batches
    if type(tagger) is FastTagger:  # a caller's own tagger may read any field of an event
        shown = list(map(UnsourcedEvents, shown))
    for some, found in zip(batches, map_batches(tagger.tag, shown, jobs), strict=True):
        if len(found) != len(some):
            raise RelatednessError(
                f"the tagger {tagger.key} returned topics for {len(found)} of {len(some)} events: tag() must return a list "
                "for each"
            )
        yield some, found
        done += len(some)
        report(done, len(events))


def document(event: Event, own: Event, topics: tuple[EventTopic, ...], templates: TemplateText) -> Document:
    """The document from which an event's vector is made, given also without template text."""
    template = "" if own is event else templates.split(event.text)[1]
    return Document(event.title, own.text, language_of(event), topics, template)


def tag_events(
    source: Any,
    config: Config,
    options: ReadOptions | None = None,
    rejects: str | Path | Rejects | None = None,
    progress: Progress | None = None,
    gazetteer: str | Path | Gazetteer | None = None,
) -> Iterator[tuple[Event, tuple[EventTopic, ...]]]:
    """The events of a source with their topics, in the order of the source, as a build over it finds them.

    Parameters
    ----------
    source, rejects, progress, gazetteer
        As for `RelatedIndex.build`.

    Examples
    --------
    >>> event = {"id": "a", "date": "2016-07-11", "text": "Troops go to Iraq."}
    >>> [[topic.name for topic in topics] for _, topics in tag_events([event], Config.default())]
    [['Iraq']]
    """
    from relatedness.sources import ReadOptions, read_any

    names = load_gazetteer(gazetteer, None)
    clock = Clock(progress)
    with clock.stage("read") as report:
        events = list(read_any(source, options or ReadOptions(), rejects, report))
    with clock.stage("tag") as report:
        own = templates_of(in_order(events), config).without(events)
        tagger, _ = learned_tagger(own, config, names, None)
        tagged = list(find_topics(events, own, tagger, None, report))
    for some, found in tagged:
        yield from zip(some, found, strict=True)
