"""The audit counts what plain loops over the lists count, and its pages hold it."""

from __future__ import annotations

import json
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from stories import Stories
from test_laws import built

from relatedness.config import Config
from relatedness.errors import InputError
from relatedness.index import Overrides
from relatedness.related_index import RelatedIndex


def test_the_audit_counts_what_is_there(sample_index: RelatedIndex) -> None:
    found = sample_index.audit(examples=10_000)
    lists = {id_: sample_index.related(id_) for id_ in sample_index.events}
    shown = Counter(item.id for items in lists.values() for item in items)
    assert (found.k, found.events) == (5, len(lists))
    assert found.results == sum(map(len, lists.values())) == shown.total()
    assert found.lengths == dict(sorted(Counter(map(len, lists.values())).items()))
    assert {one.id for one in found.empty} == {id_ for id_, items in lists.items() if not items}
    assert {one.id for one in found.orphans} == {id_ for id_ in lists if lists[id_] and id_ not in shown}
    assert {one.id: one.number for one in found.hubs} == dict(shown)
    assert [one.number for one in found.hubs] == sorted(shown.values(), reverse=True)
    assert found.most_shown == max(shown.values())
    assert found.shown_in["0"] == sum(id_ not in shown for id_ in lists)
    assert found.shown_in["3-5"] == sum(3 <= n <= 5 for n in shown.values())
    assert sum(found.shown_in.values()) == len(lists)
    top = sum(sorted(shown.values(), reverse=True)[: len(lists) // 100])
    assert found.top_share == pytest.approx(top / found.results)
    assert found.copies == sum(item.copies for items in lists.values() for item in items)
    assert found.contexts["United States"] == sum(
        "United States" in item.contexts for items in lists.values() for item in items
    )
    assert list(found.contexts.values()) == sorted(found.contexts.values(), reverse=True)
    assert found.without_context == sum(not item.contexts for items in lists.values() for item in items)
    assert sum(found.leading.values()) + found.without_context == found.results
    assert found.without_topic == sum(
        all(topic.how == "parent" for topic in sample_index.topics(id_)) for id_ in lists
    )
    near = sum(
        abs(sample_index.events[id_].day - sample_index.events[item.id].day) <= 7
        for id_, items in lists.items()
        for item in items
    )
    assert found.gaps["0"] + found.gaps["1-7"] == near
    assert sum(found.gaps.values()) == found.results
    scores = [item.score for items in lists.values() for item in items]
    assert (found.scores[0], found.scores[-1]) == (min(scores), max(scores))
    assert found.scores[0] >= found.floor > 0
    assert sum(year.events for year in found.years.values()) == len(lists)
    year = found.years[2014]
    ids = [id_ for id_ in lists if sample_index.events[id_].date.year == 2014]
    assert year.events == len(ids)
    assert year.orphans == sum(id_ not in shown for id_ in ids)
    assert year.results == pytest.approx(sum(len(lists[id_]) for id_ in ids) / len(ids))
    found_in_texts = [topic for id_ in ids for topic in sample_index.topics(id_) if topic.how != "parent"]
    assert year.topics == pytest.approx(len(found_in_texts) / len(ids))
    json.dumps(found.to_record())


def test_copies_behind_a_result_count_once_however_many_lists_show_it() -> None:
    texts = {f"copy {n}": "ISIL captures the dam of Mosul in Iraq." for n in range(3)} | {
        "fall": "ISIL seizes the dam of Mosul in Iraq from soldiers.",
        "siege": "Soldiers besiege the dam of Mosul in Iraq.",
    }
    index = RelatedIndex.build(
        [{"id": id_, "date": "2014-06-10", "text": text} for id_, text in texts.items()],
        config=Config.default().change({"lists": {"k": 3, "stored": 3, "duplicates_listed": 0}}),
    )
    behind = [(item.id, item.copies) for id_ in ("fall", "siege") for item in index.related(id_)]
    (shown,) = {id_ for id_, copies in behind if copies}
    assert behind.count((shown, 2)) == 2
    assert {one.id: one.number for one in index.audit().copied}[shown] == 2


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.seen: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1
        if tag not in ("meta",):
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


def test_the_pages_are_whole_and_take_titles_as_text(tmp_path: Path) -> None:
    stories = Stories(1, 6)
    records = [{**record, "title": "&lt;script>alert(1)&lt;/script> a|b"} for record in stories.records]
    found = built(records, stories.in_order()).audit()
    found.write(tmp_path / "audit.html")
    page = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert page == found.to_html()
    tags = _Tags()
    tags.feed(page)
    assert tags.opened == []
    assert tags.seen["script"] == 0
    assert tags.seen["h2"] == 9
    found.write(tmp_path / "audit.md")
    text = (tmp_path / "audit.md").read_text(encoding="utf-8")
    assert text == str(found)
    assert r"\<script>" in text
    for block in text.split("\n\n"):
        if block.startswith("|"):
            counts = {line.replace(r"\|", "").count("|") for line in block.strip().splitlines()}
            assert len(counts) == 1, block
    with pytest.raises(InputError, match=r"\.md or \.html"):
        found.write(tmp_path / "audit.txt")


def test_an_index_of_one_event_has_an_audit_too() -> None:
    found = built([{"id": "a", "date": "2014-03-01", "text": "Mosul"}]).audit()
    assert (found.events, found.results, found.lengths, found.hubs) == (1, 0, {0: 1}, ())
    assert "1 lists are empty" in str(found)


def test_overrides_are_part_of_the_audit() -> None:
    stories = Stories(2, 4)
    index = built(stories.records, stories.in_order())
    overrides = Overrides.parse(f"pin {stories.id(0, 0)} {stories.id(1, 0)}\nban * {stories.id(1, 1)}")[0]
    found = index.with_overrides(overrides).audit(examples=100)
    assert found.pinned == 1
    assert stories.id(1, 1) in {one.id for one in found.orphans}
    assert "Editors pinned 1 results" in str(found)


def test_the_topics_of_all_events_are_those_of_each(sample_index: RelatedIndex) -> None:
    found = dict(sample_index.all_topics())
    assert found == {id_: sample_index.topics(id_) for id_ in sample_index.events}
    assert any(topic.how == "inferred" for topics in found.values() for topic in topics)
