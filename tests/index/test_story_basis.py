"""A story whose basis is the same is the same story."""

from __future__ import annotations

from pathlib import Path

from relatedness import RelatedIndex
from relatedness.index import (
    StoryBasis,
    best_linked,
    event_digests,
    list_digests,
    story_and_pool,
    story_title,
)
from tests.stories import Stories


def of(index: RelatedIndex, pools: dict[str, tuple[str, ...]]) -> dict[str, int]:
    topics = {str(id_): tuple(topic.name for topic in found) for id_, found in index.all_topics()}
    events = event_digests(index)
    lists = {id_: found.whole for id_, found in list_digests(index, 5)}
    basis = StoryBasis(index, events, lists, topics.__getitem__, index.events_with)
    return {id_: basis.of(id_, pool) for id_, pool in pools.items() if id_ in events}


def test_a_story_with_the_same_basis_has_the_same_events_and_contexts(tmp_path: Path) -> None:
    records = Stories(17, 8).records
    index = RelatedIndex.build(records[:-3], tmp_path / "a.index", config={"lists": {"candidates": 12}})
    pools = {str(id_): story_and_pool(index, id_)[1] for id_ in index}
    assert all(id_ in pool for id_, pool in pools.items())
    basis = of(index, pools)
    stories = {id_: index.story(id_) for id_ in basis}
    index.refresh(records[-3:], remove=[records[5]["id"]])
    same = {id_ for id_, number in of(index, pools).items() if basis.get(id_) == number}
    assert len(basis) / 4 < len(same) < len(basis)
    changed = 0
    for id_, old in stories.items():
        if id_ == records[5]["id"]:
            continue
        new = index.story(id_)
        if id_ in same:
            assert [(event.id, event.contexts) for event in new] == [
                (event.id, event.contexts) for event in old
            ]
            assert (
                story_title(index, id_, [event.id for event in old], index.events_with, len(index.events))
                == new.title
            )
        changed += (new.events, new.links) != (old.events, old.links)
    assert changed


def test_a_basis_knows_which_topics_can_tell_stories_apart() -> None:
    index = RelatedIndex.build(Stories(3, 4).records)
    id_ = str(next(iter(index)))
    events, rules = event_digests(index), index.config.stories

    def number(frequency: int) -> int:
        return StoryBasis(index, events, {}, lambda _: ("a topic",), lambda _: frequency).of(id_, (id_,))

    own = rules.own_topic_events
    rare, settled, still, common, very = map(
        number, (rules.settled - 1, rules.settled, own, own + 1, 2 * own)
    )
    assert settled == still
    assert common == very
    assert len({rare, settled, common}) == 3


def test_the_best_linked_events_come_first(tmp_path: Path) -> None:
    stories = Stories(5, 6).records
    lone = {"id": "lone", "date": "2015-01-04", "text": "Nothing of the kind happens elsewhere."}
    index = RelatedIndex.build([lone, *stories], tmp_path / "a.index")
    index.refresh([{**stories[3], "text": "Quiet, too."}])
    order = list(best_linked(index))
    assert sorted(order) == sorted(map(str, index))
    assert {"lone", stories[3]["id"]} == set(order[-2:])
    assert order == list(best_linked(RelatedIndex.build(index.events.values())))


def test_long_lists_come_from_the_stored_candidates_and_are_those_of_a_search(
    sample_index: RelatedIndex,
) -> None:
    ids = list(sample_index)
    # The filter leaves out the first event alone, and so makes a search of what the file knows already.
    second = next(id_ for id_ in ids if sample_index[id_].date > sample_index[ids[0]].date)
    since = sample_index[second].date
    compared = 0
    for id_ in ids[1::40]:
        stored, searched = sample_index.related(id_, k=30), sample_index.related(id_, k=30, since=since)
        if all(sample_index[other].date >= since for other in stored.ids):
            assert [(item.id, item.score) for item in stored] == [(item.id, item.score) for item in searched]
            compared += 1
    assert compared > 3
