"""The bundled sample archive: valid, varied and its own text."""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from relatedness.events import Event

SAMPLE = Path(str(files("relatedness"))) / "sample.jsonl"
RECORDS = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
EVENTS = [Event.make(record) for record in RECORDS]
CATEGORIES = {
    "Armed conflicts",
    "Arts and culture",
    "Business",
    "Disasters",
    "Environment",
    "Health",
    "International relations",
    "Law",
    "Politics",
    "Science",
    "Space",
    "Sport",
}
# Ten words in a row are a sentence taken over; names of courts and organisations alone reach nine.
SHARED_WORDS = 10


def test_every_line_is_an_event_as_it_would_be_written() -> None:
    assert [event.to_record() for event in EVENTS] == RECORDS
    assert len(EVENTS) >= 300
    assert SAMPLE.stat().st_size < 250_000


def test_ids_are_unique_and_begin_with_the_day() -> None:
    assert len({event.id for event in EVENTS}) == len(EVENTS)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z0-9-]+", event.id) for event in EVENTS)
    assert all(event.id.startswith(event.date.isoformat()) for event in EVENTS)


def test_events_stand_in_order_of_date_and_none_is_from_the_future() -> None:
    assert [event.id for event in EVENTS] == [e.id for e in sorted(EVENTS, key=lambda e: (e.seconds, e.id))]
    assert EVENTS[0].date >= date(1990, 1, 1)
    assert EVENTS[-1].date < date(2026, 1, 1)


def test_no_two_events_say_the_same() -> None:
    assert len({(event.title, event.text) for event in EVENTS}) == len(EVENTS)


def test_every_event_has_a_known_category_and_a_language() -> None:
    assert {event.category for event in EVENTS} == CATEGORIES
    assert all(event.language for event in EVENTS)


def test_titles_and_texts_are_full_sentences_of_fair_length() -> None:
    for event in EVENTS:
        assert all(part.endswith((".", "。")) for part in (event.title, event.text) if part), event.id
        if event.language in {"en", "fr", "de", "es"}:
            assert 15 <= len(f"{event.title} {event.text}".split()) <= 45, event.id


def test_titles_and_texts_come_in_all_three_shapes() -> None:
    both = sum(bool(event.title and event.text) for event in EVENTS)
    assert both > len(EVENTS) / 2
    assert any(not event.text for event in EVENTS)
    assert any(not event.title for event in EVENTS)


def test_only_a_part_has_supplied_topics() -> None:
    share = sum(bool(event.topics) for event in EVENTS) / len(EVENTS)
    assert 0.3 < share < 0.5


def test_stories_run_over_years() -> None:
    stories = defaultdict(list)
    for event in EVENTS:
        for topic in event.topics:
            stories[topic].append(event.day)
    long_ones = [days for days in stories.values() if 5 <= len(days) <= 20 and max(days) - min(days) > 365]
    assert len(long_ones) >= 15


def test_translations_share_a_group_with_one_english_event_of_the_same_day() -> None:
    groups = defaultdict(list)
    for event in EVENTS:
        if event.group:
            groups[event.group].append(event)
    assert len(groups) >= 12
    for group, events in groups.items():
        languages = [event.language for event in events]
        assert len(events) > 1, group
        assert languages.count("en") == 1, group
        assert len(set(languages)) == len(languages), group
        assert len({event.day for event in events}) == 1, group


def test_other_languages_are_present() -> None:
    languages = {event.language for event in EVENTS}
    assert languages >= {"en", "fr", "de", "es", "ar", "zh", "ru"}
    assert any(event.language != "en" and not event.group for event in EVENTS)


@pytest.mark.archive
def test_no_sentence_comes_from_the_real_archive(archive: Path) -> None:
    ours = {run: event.id for event in EVENTS for part in (event.title, event.text) for run in _runs(part)}
    read = 0
    for text in _texts(archive):
        read += 1
        shared = {ours[run]: " ".join(run) for run in _runs(text) if run in ours}
        assert not shared
    assert read


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of SHARED_WORDS words."""
    words = re.findall(r"\w+", text.lower())
    return (tuple(words[i : i + SHARED_WORDS]) for i in range(len(words) - SHARED_WORDS + 1))


def _texts(folder: Path) -> Iterator[str]:
    """Every piece of text in the JSON Lines files and pages of a folder."""
    for path in sorted(folder.rglob("*")):
        if path.name.endswith((".jsonl", ".jsonl.gz")):
            opened = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rt", encoding="utf-8") as lines:
                for line in lines:
                    yield from _strings(json.loads(line))
        elif path.suffix in {".md", ".html", ".txt"}:
            yield path.read_text(encoding="utf-8")


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
