"""The garbage collector is held while an archive is worked on, and only then."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from relatedness import RelatedIndex
from relatedness.collector import paused_collector
from relatedness.events import Event
from relatedness.sources import read_events
from relatedness.topics import EventTopic

EVENT = {"id": "a", "date": "2016-07-11", "text": "Troops go to Iraq."}


class Watching:
    """A tagger that sees whether the collector is at work."""

    key = "watching-1"

    def __init__(self) -> None:
        self.seen: list[bool] = []

    def tag(self, events: list[Event]) -> list[tuple[EventTopic, ...]]:
        self.seen.append(gc.isenabled())
        return [()] * len(events)


def test_a_build_and_a_refresh_hold_the_collector_and_let_it_go() -> None:
    tagger = Watching()
    index = RelatedIndex.build([EVENT], tagger=tagger)
    index.refresh([EVENT | {"id": "b"}])
    assert len(tagger.seen) > 1 and not any(tagger.seen)
    assert gc.isenabled()


def test_it_stays_off_for_callers_who_turned_it_off_and_comes_back_after_errors() -> None:
    gc.disable()
    try:
        with paused_collector(), paused_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
    with pytest.raises(KeyError), paused_collector():
        raise KeyError
    assert gc.isenabled()


def test_the_cycles_of_records_are_freed_while_the_collector_is_held() -> None:
    class Record(dict):  # type: ignore[type-arg]
        pass

    made: list[weakref.ref[Record]] = []

    def records() -> Iterator[Record]:
        for number in range(2000):
            record = Record(EVENT, id=number)
            record.itself = record  # type: ignore[attr-defined]
            made.append(weakref.ref(record))
            yield record

    with paused_collector():
        assert sum(1 for _ in read_events(records())) == 2000
        alive = sum(record() is not None for record in made)
    assert alive < 1000
