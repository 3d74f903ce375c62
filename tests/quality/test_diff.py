"""What changed between two indexes, and that the reason given is the one that was made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import GivenTagger, Stories, configs, corpora
from test_laws import built

from relatedness.config import Config
from relatedness.errors import ConfigError
from relatedness.events import Event
from relatedness.index import Overrides
from relatedness.quality._diff import CAUSES
from relatedness.related_index import RelatedIndex
from relatedness.topics import EventTopic

Record = dict[str, Any]


@pytest.fixture(scope="module")
def stories() -> Stories:
    return Stories(3, 6)


@pytest.fixture(scope="module")
def old(stories: Stories) -> RelatedIndex:
    return built(stories.records, stories.in_order())


def test_an_index_does_not_differ_from_itself(old: RelatedIndex) -> None:
    found = old.diff(old)
    assert (found.same, found.compared, found.kept, found.rescored) == (18, 18, 1.0, 0)
    assert not (found.changes or found.causes or found.settings or found.added or found.removed)
    assert "None did." in str(found)


def test_new_and_removed_events_are_named(stories: Stories, old: RelatedIndex) -> None:
    fewer = built(
        [record for record in stories.records if record["id"] != stories.id(1, 3)], stories.in_order()
    )
    gone = old.diff(fewer)
    assert gone.removed == (stories.id(1, 3),)
    assert gone.causes["removed event"] == 5
    assert {change.id for change in gone.changes} >= {stories.id(1, day) for day in (0, 1, 2, 4, 5)}
    first = next(change for change in gone.changes if change.id == stories.id(1, 0))
    assert first.went == (stories.id(1, 3),)
    assert first.came == ()

    came = fewer.diff(old)
    assert came.added == (stories.id(1, 3),)
    assert came.causes["new event"] == 5
    assert next(change for change in came.changes if change.id == stories.id(1, 0)).came == (
        stories.id(1, 3),
    )


def test_a_changed_text_is_the_cause(stories: Stories, old: RelatedIndex) -> None:
    records = [dict(record) for record in stories.records]
    records[0]["text"] = stories.records[-1]["text"]
    found = old.diff(built(records, stories.in_order()))
    assert found.changed == (records[0]["id"],)
    own = next(change for change in found.changes if change.id == records[0]["id"])
    assert own.causes[0] == "changed event"
    assert set(own.went) == {stories.id(0, day) for day in range(1, 6)}


def test_a_changed_text_is_the_cause_of_another_order_too() -> None:
    texts = {
        "fall": "ISIL seizes the dam of Mosul in Iraq",
        "siege": "Soldiers besiege ISIL at the dam",
        "end": "ISIL loses the dam of Mosul",
    }
    before, after = (
        RelatedIndex.build(
            [{"id": id_, "date": "2014-06-10", "text": text} for id_, text in (texts | other).items()]
        )
        for other in ({}, {"siege": "ISIL seizes the dam of Mosul in Iraq again"})
    )
    found = next(change for change in before.diff(after).changes if change.id == "fall")
    assert (found.came, found.went, found.moved) == ((), (), True)
    assert found.causes[0] == "changed event"


class OneMore(GivenTagger):
    """Finds a topic more in some events, as a new alias would."""

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        more = EventTopic("ISIL", "organisation", "found")
        return [
            (*topics, more) if event.id in ("s0-d00", "s2-d05") else topics
            for event, topics in zip(events, super().tag(events), strict=True)
        ]


def test_a_new_alias_is_the_cause(stories: Stories) -> None:
    config = stories.in_order().change({"weights": {"topics": 2}})
    old = built(stories.records, config)
    new = RelatedIndex.build(stories.records, config=config, tagger=OneMore())
    found = old.diff(new)
    by_id = {change.id: change for change in found.changes}
    assert by_id["s0-d00"].came == ("s2-d05",) or "s2-d05" in by_id["s0-d00"].came
    assert by_id["s0-d00"].causes[0] == "topics"
    assert not found.changed


def test_settings_and_statistics_are_causes(stories: Stories, old: RelatedIndex) -> None:
    config = stories.in_order().change(
        {"lists": {"relative_cutoff": 0.95}, "recency": {"strength_before": 1.0}}
    )
    found = old.diff(built(stories.records, config))
    assert found.settings == {"lists.relative_cutoff": (0.0, 0.95), "recency.strength_before": (0.5, 1.0)}
    assert found.causes["config"] == len(found.changes) > 0
    assert "cutoff" in str(found)


def test_overrides_are_a_cause(stories: Stories, old: RelatedIndex) -> None:
    text = f"pin {stories.id(0, 0)} {stories.id(1, 0)}\nban * {stories.id(2, 1)}"
    found = old.diff(old.with_overrides(Overrides.parse(text)[0]))
    assert set(found.causes) == {"overrides"}
    assert {change.id for change in found.changes} == {
        stories.id(0, 0), *(stories.id(2, day) for day in range(6) if day != 1)
    }  # fmt: skip


@given(corpora(), configs(), st.data())
def test_changes_are_those_of_the_lists(records: list[Record], config: Config, data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(records), min_size=1, unique_by=lambda record: record["id"]))
    for place in data.draw(st.sets(st.integers(0, len(some) - 1), max_size=2)):
        some[place] = {**some[place], "text": "Mosul dam Iraq"}
    old, new = built(records, config), built(some, config)
    found = old.diff(new)
    k = config.lists.k
    assert found.compared == len(new.events)
    changes = {change.id: change for change in found.changes}
    for id_ in new.events:
        then, now = ([item.id for item in index.related(id_, k=k)] for index in (old, new))
        assert (id_ in changes) == (then != now)
        if then != now:
            change = changes[id_]
            assert list(change.came) == [other for other in now if other not in then]
            assert list(change.went) == [other for other in then if other not in now]
            assert set(change.causes) <= set(CAUSES)
            assert ("removed event" in change.causes) == any(other not in new.events for other in then)
            assert change.moved or change.came or change.went
    assert sum(found.causes.values()) == len(found.changes) == found.compared - found.same
    assert json.loads(json.dumps(found.to_record()))["same"] == found.same


def test_the_pages_name_examples(stories: Stories, old: RelatedIndex, tmp_path: Path) -> None:
    fewer = built(stories.records[:-1], stories.in_order())
    found = old.diff(fewer)
    for name in ("diff.md", "diff.html"):
        found.write(tmp_path / name)
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "removed event" in text
        assert stories.id(2, 5) in text
    with pytest.raises(ConfigError, match="k is 65"):
        old.diff(fewer, k=65)
