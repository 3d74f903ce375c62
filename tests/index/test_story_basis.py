"""A story whose basis is the same is the same story."""

from __future__ import annotations

from pathlib import Path

from relatedness import RelatedIndex
from relatedness.index import StoryBasis, story_title
from tests.stories import Stories


def of(index: RelatedIndex) -> dict[str, int]:
    topics = {str(id_): tuple(topic.name for topic in found) for id_, found in index.all_topics()}
    sums = {str(id_): number for id_, number in index.fingerprints().items()}
    basis = StoryBasis(index, sums, topics.__getitem__, index.events_with)
    return {id_: basis.of(id_) for id_ in sums}


def test_a_story_with_the_same_basis_has_the_same_events_and_contexts(tmp_path: Path) -> None:
    records = Stories(17, 8).records
    index = RelatedIndex.build(records[:-3], tmp_path / "a.index", config={"lists": {"candidates": 12}})
    basis = of(index)
    stories = {id_: index.story(id_) for id_ in basis}
    index.refresh(records[-3:], remove=[records[5]["id"]])
    same = {id_ for id_, number in of(index).items() if basis.get(id_) == number}
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
            assert story_title(index, id_, [event.id for event in old], index.events_with) == new.title
        changed += (new.events, new.links) != (old.events, old.links)
    assert changed


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
