"""What public functions are given of a wrong type is told by a RelatednessError; methods of an index are in test_related_index."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from relatedness import (
    Config,
    Event,
    RelatedIndex,
    RelatedList,
    RelatednessError,
    Source,
    read_events,
    read_qrels,
)
from relatedness.arguments import nearest, unknown_name

sys.path.insert(0, str(Path(__file__).parents[1] / "notebooks" / "site"))
import reference as site

WRONG = [3.5, b"x", object(), ["a", 1], True, -1, "\ud800", "a\0b"]
RECORD = {"id": "a", "date": "2020-01-01", "text": "Kafka in Berlin"}
CALLS: dict[str, Callable[[Any], object]] = {
    "read_events": lambda value: list(read_events(value)),
    "read_qrels": read_qrels,
    "Event.make": Event.make,
    "Event": lambda value: Event(id=value, date="2020-01-01", text=value, topics=value),
    "Source": lambda value: Event(id="a", date="2020-01-01", text="x", sources=(Source(value),)),
    "Config.load": Config.load,
    "Config.read": Config.read,
    "Config.from_dict": Config.from_dict,
    "Config.change": lambda value: Config.default().change(value),
    "Config.change of a setting": lambda value: Config.default().change({"lists": {"stored": value}}),
    "RelatedIndex.open": RelatedIndex.open,
    **{
        f"read_events of {name}": lambda value, name=name: list(read_events([RECORD], **{name: value}))
        for name in ("fields", "zone", "rejects", "encoding", "date_format", "undated")
    },
    "a gazetteer": lambda value: RelatedIndex.build([RECORD], gazetteer=value),
}
PAGES = (
    "formats",
    "title",
    "language",
    "url",
    "root",
    "k",
    "background",
    "follow_ups",
    "stories",
    "templates",
)


@pytest.fixture(scope="module")
def index() -> RelatedIndex:
    return RelatedIndex.build([RECORD, RECORD | {"id": "b"}])


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_wrong_value_is_told_at_the_door(call: Callable[[Any], object]) -> None:
    for value in WRONG:
        with pytest.raises(RelatednessError):
            call(value)


@pytest.mark.parametrize("name", [*PAGES, "changed", "jobs", "progress", "trust_templates"])
def test_a_wrong_option_of_publish_is_told_at_the_door(
    index: RelatedIndex, tmp_path: Path, name: str
) -> None:
    for value in (3.5, b"x", object(), {1: 2}, -1):
        with pytest.raises(RelatednessError):
            index.publish(tmp_path / "site", **{name: value})


@pytest.mark.parametrize("name", ["related", "story", "topics", "explain", "why_not", "__getitem__"])
def test_an_id_that_no_event_can_have_is_an_unknown_event(index: RelatedIndex, name: str) -> None:
    more = ("a",) if name in ("explain", "why_not") else ()
    for value in ("\ud800", "a\0b", "none"):
        with pytest.raises(RelatednessError):
            getattr(index, name)(value, *more)
        assert value not in index


def test_a_list_tells_it_too(index: RelatedIndex) -> None:
    found: RelatedList = index.related("a")
    for ask in (found.explain, found.why_not, found.left_out):
        for value in (3.5, object(), "\ud800"):
            with pytest.raises(RelatednessError):
                ask(value)


# What the other required arguments of a public call are while one of them is wrong.
GIVEN = {"id_": "a", "id": "a", "other": "b", "text": "Kafka", "ids": ["a"]}


def _calls(index: RelatedIndex) -> Iterator[tuple[str, Callable[..., object]]]:
    for room, names in site.PUBLIC.items():
        for name in names:
            value = getattr(import_module(room), name)
            serves = room == "relatedness.serve"
            if (
                callable(value)
                and not serves
                and not (isinstance(value, type) and issubclass(value, Exception))
            ):
                yield f"{room}.{name}", value
    for name, method in inspect.getmembers(index, inspect.ismethod):
        if not name.startswith("_") and name not in ("build", "open", "close", "refresh"):
            yield f"RelatedIndex.{name}", method


def test_no_public_call_ends_in_an_error_of_python(index: RelatedIndex, tmp_path: Path) -> None:
    given = GIVEN | {"index": index, "path": str(tmp_path / "out")}
    tried = 0
    for name, call in _calls(index):
        try:
            parameters = inspect.signature(call).parameters
        except ValueError:  # a number or an array type has no signature
            continue
        required = {
            own
            for own, of in parameters.items()
            if of.default is of.empty and of.kind not in (of.VAR_POSITIONAL, of.VAR_KEYWORD)
        }
        for wrong in (3.5, b"x", object(), ["a", 1], {1: 2}):
            for own in parameters.keys() - {"progress", "args", "kwargs", "options"}:
                others = required - {own}
                values = {other: given.get(other, wrong) for other in others} | {own: wrong}
                tried += 1
                try:
                    call(**values)
                except RelatednessError:
                    pass
                except Exception as error:
                    raise AssertionError(f"{name}({own}={wrong!r}): {error!r}") from error
    assert tried > 600


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("sprad", ["fill", "spread"], ["spread"]),
        ("SPREAD", ["fill", "spread"], ["spread"]),
        ("2016-07-12-mosul-fall", ["2016-07-11-mosul-falls", "2016-07-12-other"], ["2016-07-11-mosul-falls"]),
        ("mandela", ["1990-02-11-mandela-freed", "2016"], ["1990-02-11-mandela-freed"]),
        ("colour", ["relative_cutoff", "floor", "k"], []),
        ("1999-12-31-a-new-year", ["1999-08-11-solar-eclipse"], []),
        ("on", ["direction"], []),
        ("x", [], []),
    ],
)
def test_only_names_that_are_near_are_suggested(name: str, known: list[str], near: list[str]) -> None:
    assert nearest(name, known, 3) == near
    message = unknown_name(name, known, "option", "lists.")
    assert message.startswith(f"lists.{name}: no such option; ")
    assert ("did you mean lists." in message) == bool(near)
