"""The first stages of a build on many machines, up to the statistics: each a function of the files that earlier stages wrote to
the job's folder. Every function here runs on a worker. A function that takes a partition reads that partition's files and the
data of the whole archive; a function that takes none merges the partitions' results: sums, names, statistics. They call the
same functions as a build on one machine, so the lists are the same, byte for byte.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.dates import SECONDS_PER_DAY
from relatedness.engines import Work
from relatedness.errors import InputError
from relatedness.events import Event
from relatedness.index._archive import LABELS, Labels, label
from relatedness.index._job import Fitted, fitted_of, forget_kept, job_of, keep_fitted, named, save_texts
from relatedness.index._records import event_row, topic_tables
from relatedness.index._tagging import (
    document,
    find_topics,
    in_order,
    make_tagger,
    templates_of,
)
from relatedness.numbering import as_slots, slot_numbers
from relatedness.ranking import (
    PHRASES,
    TOPICS,
    WORDS,
    Counts,
    Document,
    NameWords,
    PackedTerms,
    RawVectors,
    Survey,
    TermVectors,
    Weighed,
    calibrate_views,
    column_traits,
    count,
    fit_survey,
    halves_of,
    locate,
    marked_among,
    phrase_codes,
    square_sums,
)
from relatedness.sources import FolderFiles, ReadReport, Table, read_any
from relatedness.templates import TemplateText, sample_step
from relatedness.topics import (
    EventTopic,
    Gazetteer,
    Lexicon,
    Notes,
    NoteTaker,
    Tagger,
    conclude,
)
from relatedness.workers import in_batches

_RUN = 65_536  # events that are read and sorted together
_SECTION = 2048  # events read together from a run, of which a partition takes those of its days
_MERGED = 4  # surveys merged at a time


@dataclass(frozen=True, slots=True)
class Read:
    """The result of reading a source."""

    days: Counter[int]  # how many events each day has
    # The files that hold its events; for each section of a file its first and last instant and its offset.
    runs: list[tuple[str, list[tuple[int, int, int]]]]
    repeats: int
    rejected: int
    found: dict[str, Any]
    report: ReadReport


@dataclass(frozen=True, slots=True)
class Held:
    """Counts of the events of a partition."""

    events: int  # these three as in `relatedness.index.Summary`
    repeats: int
    detected: int
    numbered: bool  # whether all ids are whole numbers
    languages: Counter[str] = field(default_factory=Counter)


def _nothing(done: int, total: int) -> None:
    """Ignore progress: workers report only their completion."""


# --- events ------------------------------------------------------------------------------------------------------


def read(work: Work, number: int) -> Read:
    """Read one source into sorted runs of events."""
    job = job_of(work)
    rejects = work.path(named("rejects", number)) if job.aside else None
    reading = read_any(job.sources[number], job.options, rejects, _nothing)
    days: Counter[int] = Counter()
    runs: list[tuple[str, list[tuple[int, int, int]]]] = []
    while chunk := list(itertools.islice(reading, _RUN)):
        name = _run_name(number, len(runs))
        days.update(event.seconds // SECONDS_PER_DAY for event in chunk)
        sections = in_batches(in_order(chunk), _SECTION)
        offsets = work.put_several(name, map(list, sections))
        runs.append(
            (
                name,
                [
                    (some[0].seconds, some[-1].seconds, offset)
                    for some, offset in zip(sections, offsets, strict=True)
                ],
            )
        )
    return Read(days, runs, reading.repeats, reading.rejected, reading.found(), reading.report())


def gather(work: Work, part: int, since: int, until: int, sections: Sequence[tuple[str, list[int]]]) -> Held:
    """Merge the runs into the sorted events of a partition, without repeats."""
    found: list[Event] = []
    for name, offsets in sections:
        for some in work.get_several(name, offsets):
            found += [event for event in some if since <= event.seconds < until]
    events: list[Event] = []
    for event in in_order(found):
        if not events or events[-1].key != event.key:
            events.append(event)
        elif events[-1] != event:
            raise _twice(work, event.key, sections)
    work.put(named("events", part), events)
    keys = [event.key.encode("utf-8", "surrogatepass") for event in events]
    hashes = [int.from_bytes(blake2b(key, digest_size=8).digest(), "little") for key in keys]
    work.save(named("hashes", part), np.array(hashes, np.uint64))
    save_texts(work, "ids", part, [event.key for event in events])
    spoken = [label(event, "language") for event in events]
    return Held(
        events=len(events),
        repeats=len(found) - len(events),
        detected=sum(
            not event.language and name is not None for event, name in zip(events, spoken, strict=True)
        ),
        numbered=all(isinstance(event.id, int) for event in events),
        languages=Counter(name for name in spoken if name),
    )


def _twice(work: Work, key: str, runs: Sequence[tuple[str, list[int]]]) -> InputError:
    """The error for an id with two different contents, naming the sources of both."""
    found: dict[str, None] = {}
    for name, offsets in runs:
        if any(event.key == key for some in work.get_several(name, offsets) for event in some):
            source = job_of(work).sources[_number_of(name)]
            if isinstance(source, FolderFiles):
                source = str(source.paths[0])
            found[source.name if isinstance(source, Table) else source] = None
    first, *others = found
    return InputError(
        f"{key[:200]!r} was read before with other content, from {first}: give each event an id of its own",
        file=others[0] if others else first,
        field="id",
    )


def _run_name(source: int, run: int) -> str:
    return f"runs/{source:05d}-{run:05d}"


def _number_of(name: str) -> int:
    """The number of the source of a run."""
    return int(name.partition("/")[2].partition("-")[0])


def check_ids(work: Work, parts: int, runs: Sequence[tuple[str, list[int]]]) -> None:
    """Check that no id occurs in two partitions."""
    hashes = np.sort(np.concatenate([work.load(named("hashes", part)) for part in range(parts)]))
    twice = {*hashes[1:][hashes[1:] == hashes[:-1]].tolist()}
    seen: set[str] = set()
    for part in range(parts if twice else 0):
        here = np.isin(work.load(named("hashes", part)), list(twice))
        events = work.get(named("events", part)) if here.any() else []
        for position in np.flatnonzero(here).tolist():
            if events[position].key in seen:
                raise _twice(work, events[position].key, runs)
            seen.add(events[position].key)


# --- topics and statistics ---------------------------------------------------------------------------------------


def sample(work: Work, part: int, first: int, n: int) -> None:
    """Write the sample of a partition's events in which template text is sought, given the number of its first event and of
    all.
    """
    events: list[Event] = work.get(named("events", part))
    work.put(named("sample", part), events[-first % sample_step(n) :: sample_step(n)])


def find_template_text(work: Work, parts: int) -> None:
    """Find the template text of the archive."""
    some = [event for part in range(parts) for event in work.get(named("sample", part))]
    work.put("templates", templates_of(some, job_of(work).config))


def take_notes(work: Work, part: int) -> None:
    """Take notes of the names in a partition."""
    events: list[Event] = work.get(named("events", part))
    templates: TemplateText = work.get("templates")
    take, notes = _note_taker(job_of(work).gazetteer), Notes()
    for some in in_batches(events):
        notes.merge(take(templates.without(some)))
    work.put(named("notes", part), notes)


@lru_cache(maxsize=1)
def _note_taker(gazetteer: Gazetteer) -> NoteTaker:
    """The note taker of this worker; a tagger later takes over its caches."""
    return NoteTaker(gazetteer, Lexicon())


def learn(work: Work, parts: int) -> None:
    """Learn the names of the archive; none if the caller has a tagger."""
    job, notes = job_of(work), Notes()
    if job.tagger is not None:
        work.put("lexicon", Lexicon())
        return
    for part in range(parts):
        notes.merge(work.get(named("notes", part)))
    work.put("lexicon", conclude(notes, NoteTaker(job.gazetteer, Lexicon()).reader, Lexicon()))


def tagger_of(work: Work) -> Tagger:
    """The tagger of the job, with the names that were learned."""
    job = job_of(work)
    if job.tagger is not None:
        return job.tagger
    tagger = make_tagger(job.config, job.gazetteer, work.get("lexicon"))
    if _note_taker.cache_info().currsize:
        tagger.take_over(_note_taker(job.gazetteer))
        _note_taker.cache_clear()
    return tagger


def tag(work: Work, part: int) -> None:
    """Find the topics of a partition, and count its words, phrases and topics."""
    events: list[Event] = work.get(named("events", part))
    templates: TemplateText = work.get("templates")
    own = templates.without(events)
    rows: list[Any] = []
    topics: list[tuple[EventTopic, ...]] = []

    def tagged() -> Iterator[Document]:
        for some, found in find_topics(events, own, tagger_of(work), 1, _nothing):
            here = range(len(topics), len(topics) + len(some))
            slots = slot_numbers(as_slots(np.array(here)))
            rows.extend(map(event_row, slots, some, found))
            topics.extend(found)
            yield from map(document, some, own[here.start : here.stop], found, itertools.repeat(templates))

    counts = count(tagged(), job_of(work).config)
    survey = Survey.of(counts)
    work.put(named("survey", part), survey.without_phrases())
    work.save(named("pairs", part), survey.pairs)
    work.save(named("pair_frequency", part), survey.frequency[PHRASES])
    work.put(named("counts", part), counts.without_tokens())
    work.put(named("rows", part), (rows, {name: list(held) for name, held in topic_tables(topics).items()}))
    work.put(named("labels", part), {kind: [label(event, kind) for event in events] for kind in LABELS})
    work.put(named("marked", part), marked_among(topics))
    save_texts(work, "records", part, [record for _, _, _, record, _ in rows])
    seconds = np.array([event.seconds for event in events], np.int64)
    work.save(named("seconds", part), seconds)
    work.save(named("days", part), (seconds // SECONDS_PER_DAY).astype(np.int32))


def merge_words(work: Work, parts: int) -> int:
    """Merge the counts of words and topics of all partitions; return the number of words."""
    found: list[Survey] = []
    for part in range(parts):
        found.append(work.get(named("survey", part)))
        if len(found) == _MERGED:
            found = [Survey.merged(found)]
    merged = Survey.merged(found)
    work.put("words", merged)
    numbers = {word: number for number, word in enumerate(merged.terms[WORDS])}
    for part in range(parts):
        words = work.get(named("survey", part)).terms[WORDS]
        work.save(named("numbers", part), np.array([numbers[word] for word in words], np.int64))
    return len(numbers)


def share_phrases(work: Work, part: int, parts: int, n_words: int) -> None:
    """Distribute the phrases of a partition over as many tasks as there are partitions, by their codes modulo that number."""
    pairs, numbers = work.load(named("pairs", part)), work.load(named("numbers", part))
    codes = phrase_codes(pairs, numbers, n_words)
    shares = codes % parts
    order = np.argsort(shares, kind="stable")
    work.save(named("codes", part), codes[order])
    work.save(named("code_frequency", part), work.load(named("pair_frequency", part))[order])
    work.save(named("code_ends", part), np.searchsorted(shares[order], np.arange(parts + 1)))


def keep_phrases(work: Work, share: int, parts: int) -> None:
    """Add up one share of the phrases of all partitions, and keep those frequent enough for a column."""
    codes: list[NDArray[np.int64]] = []
    times: list[NDArray[np.int64]] = []
    for part in range(parts):
        first, end = work.load(named("code_ends", part))[share : share + 2].tolist()
        for name, found in (("codes", codes), ("code_frequency", times)):
            found.append(np.array(work.mapped(named(name, part))[first:end]))
    distinct, position = np.unique(np.concatenate(codes), return_inverse=True)
    frequency = np.zeros(len(distinct), np.int64)
    np.add.at(frequency, position, np.concatenate(times))
    kept = frequency >= job_of(work).config.text.phrase_events
    work.save(named("phrases", share), np.stack([distinct[kept], frequency[kept]]))


def fit(work: Work, parts: int) -> None:
    """Fit vocabulary, weights and labels to what all partitions counted."""
    config = job_of(work).config
    marked: set[EventTopic] = set()
    labels: dict[str, set[str]] = {kind: set() for kind in LABELS}
    for part in range(parts):
        marked |= work.get(named("marked", part))
        for kind, names in work.get(named("labels", part)).items():
            labels[kind].update(filter(None, names))
    codes, frequency = np.concatenate([work.load(named("phrases", share)) for share in range(parts)], axis=1)
    order = np.argsort(codes)  # all codes are distinct
    survey = work.get("words").with_phrases(codes[order], frequency[order])
    vocabulary = fit_survey(survey, config, PackedTerms.of)
    names = NameWords.of(vocabulary, marked, config)
    traits = column_traits(vocabulary, names, marked, config)
    keep_fitted(
        work,
        Fitted(vocabulary, names, traits, {kind: sorted(labels[kind]) for kind in LABELS}),
    )


def weigh(work: Work, part: int) -> NDArray[np.float64]:
    """Weigh the terms of a partition; return its contribution to the squared lengths of all vectors."""
    fitted = fitted_of(work)
    counts: Counts = work.get(named("counts", part))
    weighed = locate(counts, fitted.vocabulary, job_of(work).config)
    work.put(named("weighed", part), weighed)
    for kind, names in work.get(named("labels", part)).items():
        work.save(named(kind, part), Labels(fitted.labels[kind]).numbers(names))
    return square_sums(counts, weighed)


def halve(work: Work, part: int, n: int) -> list[str]:
    """Make the vectors of a partition for the calibration of an archive of ``n`` events; return their kinds, two per split."""
    counts: Counts = work.get(named("counts", part))
    weighed: Weighed = work.get(named("weighed", part))
    kinds: list[tuple[str, int, NDArray[np.bool_] | None]] = [("by_topics", TOPICS, None)]
    for split, half in enumerate(halves_of(counts.terms[WORDS], n)):
        kinds += [(f"by_half_{split}", WORDS, half), (f"by_other_half_{split}", WORDS, ~half)]
    for kind, channel, kept in kinds:
        raw = RawVectors.of(counts, weighed, channel, kept)
        for name in ("sizes", "columns", "values", "squares"):
            work.save(named(f"calibrate/{kind}_{name}", part), getattr(raw, name))
    return [f"calibrate/{kind}" for kind, _, _ in kinds]


def measure(work: Work, parts: int, kinds: Sequence[str], squares: NDArray[np.float64]) -> None:
    """Calibrate the settings for time, topics and neighbours on the archive's own texts."""
    forget_kept()  # free memory for the vectors of all events
    config, fitted = job_of(work).config, fitted_of(work)
    days, groups, languages = (
        np.concatenate([work.load(named(name, part)) for part in range(parts)])
        for name in ("days", "group", "language")
    )
    topics, *halves = (_divided(work, kind, parts, config) for kind in kinds)
    calibration = calibrate_views(
        zip(halves[::2], halves[1::2], strict=True), topics, days, groups, languages
    )
    config = config.measured(calibration.settings(config))
    work.put("measured", (fitted.vocabulary.pivoted(squares).pivots, config, calibration))


def _divided(work: Work, kind: str, parts: int, config: Config) -> TermVectors:
    """The vectors of all events, memory-mapped, each divided by its length."""

    def loaded(name: str) -> list[NDArray[Any]]:
        return [work.load(named(f"{kind}_{name}", part)) for part in range(parts)]

    mean = float(np.concatenate(loaded("squares")).mean())
    for part in range(parts):
        sizes, columns, values, squares = (
            work.load(named(f"{kind}_{name}", part)) for name in ("sizes", "columns", "values", "squares")
        )
        raw = RawVectors(sizes, columns, values, squares)
        work.save(named(f"{kind}_divided", part), values / raw.lengths(mean, config))
    for what in ("columns", "divided"):
        work.join(f"{kind}_{what}.all", [named(f"{kind}_{what}", part) for part in range(parts)])
    columns = work.mapped(f"{kind}_columns.all")
    sizes = np.concatenate([np.zeros(1, np.int64), *loaded("sizes")])
    return TermVectors(
        np.cumsum(sizes).astype(np.uint64),
        columns,
        work.mapped(f"{kind}_divided.all"),
        int(columns.max(initial=0)) + 1,
    )
