"""Pins and bans: what a file may say, what it does to lists, and what the check finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle_score import Archive
from stories import GivenTagger, Stories, configs, corpora
from test_laws import built, shown, truth

from relatedness.config import Config
from relatedness.errors import InputError
from relatedness.index import Overrides, RelatedList, check_overrides
from relatedness.related_index import RelatedIndex

Record = dict[str, Any]


# --- the file ------------------------------------------------------------------------------------------------------


def test_a_file_says_pins_and_bans(tmp_path: Path) -> None:
    path = tmp_path / "overrides.txt"
    path.write_text(
        "\ufeff# for people\r\n"
        "pin a b c   # two of them, in this order\n"
        "\n"
        "pin a d\n"
        "ban a e\n"
        "ban * f#1\n"
        "ban topic Côte d'Ivoire\n"
        'ban topic "#MeToo"\n'
        'pin "two words" "\\"quoted\\"" \n'
        'ban "topic" g\n',
        encoding="utf-8",
    )
    found = Overrides.load(path)
    assert {id_: list(pins) for id_, pins in found.pins.items()} == {
        "a": ["b", "c", "d"],
        "two words": ['"quoted"'],
    }
    assert found.pins["a"] == {"b": 2, "c": 2, "d": 4}
    assert set(found.pairs) == {("a", "e"), ("e", "a"), ("topic", "g"), ("g", "topic")}
    assert found.events == {"f#1": 6}
    assert list(found.topics) == ["Côte d'Ivoire", "#MeToo"]
    assert str(found) == "pins 4, banned pairs 2, banned events 1, banned topics 2"
    assert found
    assert not Overrides()


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("pin a", 1, "expected pin EVENT RESULT"),
        ("\nremove a b", 2, "found: remove a b"),
        ("ban a", 1, r"to ban a from all lists, write: ban \* a"),
        ("ban a *", 1, "expected"),
        ("ban a b c", 1, "expected"),
        ("pin * b", 1, "expected"),
        ("pin a a", 1, "a cannot be related to itself"),
        ("ban a a", 1, "never in its own list"),
        ('pin a "b\\q"', 1, "as in JSON"),
        ('pin a ""', 1, "a name is empty"),
        ("pin a b\nban b a", 2, "bans the pair that line 1 pins"),
        ("ban a b\npin b a", 2, "pins a, which line 1 bans"),
        ("ban * b\n#\npin a b", 3, "pins b, which line 1 bans"),
        ("pin a b\nban * b", 2, "bans b, which line 1 pins"),
        ("pin a b\npin a b", 2, "repeats the pin of b in line 1: remove one of the two"),
        ("ban a b\nban b a", 2, "repeats the ban of b and a"),
        ("ban topic X\nban topic X", 2, "repeats the topic 'X'"),
    ],
)
def test_a_bad_line_is_named(text: str, line: int, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "overrides.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=problem) as caught:
        Overrides.load(path)
    assert (caught.value.file, caught.value.line) == (str(path), line)
    overrides, problems = Overrides.parse(text + "\npin good one")
    assert [found.line for found in problems] == [line]
    assert "good" in overrides.pins


def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path: Path, sample_file: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        RelatedIndex.open(sample_file, overrides=tmp_path / "none.txt")
    (tmp_path / "latin.txt").write_bytes(b"pin caf\xe9 b")
    with pytest.raises(InputError, match="not UTF-8"):
        Overrides.load(tmp_path / "latin.txt")


def test_the_check_finds_what_only_the_index_knows(tmp_path: Path) -> None:
    index = built(
        [
            {"id": "fall-of-mosul", "date": "2014-06-10", "text": "Mosul falls", "topics": ["War"]},
            {"id": "dam-of-mosul", "date": "2014-08-07", "text": "Mosul dam falls"},
        ]
    )
    path = tmp_path / "overrides.txt"
    path.write_text(
        "pin dam-of-mosul fall-of-mosul gone\n"
        "ban topic WAR\n"
        "ban topic War\n"
        "ban dam-of-mosul fall-of-mosu\n"
        "ban * nobody\n"
        "ban\n"
        "pin missing fall-of-mosul\n"
    )
    overrides, problems = check_overrides(index, path)
    assert all(problem.file == str(path) for problem in problems)
    found = [(problem.line, problem.problem) for problem in problems]
    assert [line for line, _ in found] == [1, 1, 2, 4, 5, 6, 7, 7]
    told = "\n".join(problem for _, problem in found)
    assert "pins fall-of-mosul, which has the topic 'War' that line 3 bans" in told
    assert "removed or mistyped): no event has the id 'gone'" in told
    assert "no event has the topic 'WAR'; did you mean War?" in told
    assert "'fall-of-mosu'; the nearest are fall-of-mosul" in told
    assert overrides.events == {"nobody": 5}

    path.write_text("pin dam-of-mosul fall-of-mosul")
    assert check_overrides(index, path)[1] == index.check_overrides(path) == []


def test_more_pins_than_places_are_a_problem(sample_index: RelatedIndex, tmp_path: Path) -> None:
    ids = list(sample_index.events)[:7]
    (tmp_path / "o.txt").write_text(" ".join(["pin", *ids]))
    (problem,) = check_overrides(sample_index, tmp_path / "o.txt")[1]
    assert "pins 6 results" in problem.problem


# --- what it does --------------------------------------------------------------------------------------------------


def test_a_pin_comes_first_and_says_so(sample_index: RelatedIndex) -> None:
    id_, far = "2019-03-10-ethiopian-302", "2014-06-10-fall-of-mosul"
    far = next(other for other in sample_index.events if sample_index.why_not(id_, other).rule == "nothing")
    before = sample_index.related(id_)
    pinned = sample_index.with_overrides(Overrides.parse(f"pin {id_} {far} {before[1].id}")[0])
    after = pinned.related(id_)
    assert [item.id for item in after] == [far, before[1].id, before[0].id, before[2].id, before[3].id]
    assert [item.tier for item in after] == ["pinned", "pinned", "", "", ""]
    assert after[0].score == 0
    assert after[0].to_record()["tier"] == "pinned"
    assert "tier" not in after[2].to_record()
    assert (after[1].score, after[1].contexts) == (before[1].score, before[1].contexts)
    assert "(pinned)" in repr(after)
    assert "· pinned" in after._repr_html_()
    # Only there, and a filter that the caller sets holds for pins too; the least score does not.
    assert pinned.related(before[0].id) == sample_index.related(before[0].id)
    assert far not in {item.id for item in pinned.related(id_, topics=before[1].contexts[:1])}
    assert [item.id for item in pinned.related(id_, min_score=0.99)] == [far, before[1].id]


def test_what_is_banned_makes_room_for_the_next(sample_index: RelatedIndex) -> None:
    id_ = "2019-03-10-ethiopian-302"
    ids = [item.id for item in sample_index.related(id_, k=10)]
    assert len(ids) > 5
    for ban in (f"ban {id_} {ids[0]}", f"ban {ids[0]} {id_}", f"ban * {ids[0]}"):
        banned = sample_index.with_overrides(Overrides.parse(ban)[0])
        assert [item.id for item in banned.related(id_)] == ids[1:6]
        assert ids[0] not in {item.id for item in banned.related(id_, direction="after", k=20)}
    everywhere = sample_index.with_overrides(Overrides.parse(f"ban * {ids[0]}")[0])
    assert all(ids[0] not in {item.id for item in found} for _, found in everywhere.lists(10))
    text = sample_index.events[ids[0]].text
    assert ids[0] in {item.id for item in sample_index.query(text)}
    assert ids[0] not in {item.id for item in everywhere.query(text)}


@st.composite
def overrides_of(draw: st.DrawFn, ids: list[str]) -> Overrides:
    """A file over some events, among them one that is gone."""
    some = st.sampled_from([*ids, "gone"])
    pins: dict[str, dict[str, int]] = {}
    for id_, other in draw(st.lists(st.tuples(some, some), max_size=4)):
        if id_ != other:
            pins.setdefault(id_, {})[other] = 1
    pairs = {}
    for id_, other in draw(st.lists(st.tuples(some, some), max_size=4)):
        if id_ != other:
            pairs[id_, other] = pairs[other, id_] = 2
    events = dict.fromkeys(draw(st.lists(some, max_size=2)), 3)
    topics = dict.fromkeys(draw(st.lists(st.sampled_from(("War", "Mosul", "Nowhere")), max_size=1)), 4)
    return Overrides(pins, pairs, events, topics)


def banned_by(overrides: Overrides, index: RelatedIndex, id_: str) -> set[str]:
    return {
        other
        for other in index.events
        if (id_, other) in overrides.pairs
        or other in overrides.events
        or any(topic.name in overrides.topics for topic in index.topics(other) if topic.how != "inferred")
    }


def expected(archive: Archive, index: RelatedIndex, overrides: Overrides, id_: str, k: int) -> list[Record]:
    """The list that overrides leave, by the slow truth."""
    banned = banned_by(overrides, index, id_)
    pins = [other for other in overrides.pins.get(id_, ()) if other in index.events and other not in banned]
    size = archive.config.lists.candidates
    rest = archive.related(id_, size, lambda event: event.id not in banned and event.id not in pins)
    behind = dict.fromkeys(pins, 0)
    kept = []
    for item in rest:
        twin = next((p for p in pins if archive._are_copies(item.id, p)), None)
        if twin is None:
            kept.append(item.to_record())
        else:
            behind[twin] += 1 + item.copies
    records = []
    for pin in pins:
        parts = archive.pair(id_, pin)
        record = {
            "id": pin,
            "score": round(sum(parts.values()) / 10_000_000, 7),
            "contexts": archive.contexts(archive.vectors[id_], archive.vectors[pin]),
            "parts": {name: round(value / 10_000_000, 7) for name, value in parts.items() if value},
        }
        if behind[pin]:
            record["copies"] = behind[pin]
        records.append({**record, "tier": "pinned"})
    return [*records, *kept][:k]


@given(corpora(), configs(), st.data())
def test_lists_are_those_of_the_truth_without_the_banned(
    records: list[Record], config: Config, data: st.DataObject
) -> None:
    index = built(records, config)
    overrides = data.draw(overrides_of([record["id"] for record in records]))
    edited = index.with_overrides(overrides)
    archive = truth(index)
    k = config.lists.stored
    lists = dict(edited.lists(k))
    for id_ in index.events:
        found = edited.related(id_, k=k)
        assert shown(found) == expected(archive, index, overrides, id_, k)
        assert lists[id_] == found
        never_leaks(found, overrides, index, id_)
        for direction in ("before", "after"):
            never_leaks(edited.related(id_, k=k, direction=direction, fill="period"), overrides, index, id_)


def never_leaks(found: RelatedList, overrides: Overrides, index: RelatedIndex, id_: str) -> None:
    ids = [item.id for item in found]
    assert len(ids) == len(set(ids))
    assert not set(ids) & banned_by(overrides, index, id_)
    assert id_ not in ids


def test_overrides_outlive_a_rebuild(tmp_path: Path) -> None:
    stories = Stories(2, 5)
    file = tmp_path / "overrides.txt"
    file.write_text(f"pin {stories.id(0, 0)} {stories.id(1, 0)}\nban * {stories.id(0, 1)}\n")
    for records in (stories.records, [r for r in stories.records if r["id"] != stories.id(0, 3)]):
        RelatedIndex.build(records, tmp_path / "a.index", tagger=GivenTagger()).close()
        with RelatedIndex.open(tmp_path / "a.index", overrides=file) as index:
            ids = [item.id for item in index.related(stories.id(0, 0))]
            assert ids[0] == stories.id(1, 0)
            assert stories.id(0, 1) not in ids


@pytest.mark.parametrize("follow", [False, True])
def test_overrides_hold_through_a_refresh(follow: bool, tmp_path: Path) -> None:
    stories = Stories(2, 5)
    missing, late = stories.id(0, 4), stories.id(0, 3)
    RelatedIndex.build(
        [record for record in stories.records if record["id"] != missing],
        tmp_path / "a.index",
        config=stories.in_order(),
        tagger=GivenTagger(),
    ).close()
    (tmp_path / "o.txt").write_text(f"pin {late} {stories.id(1, 0)} {missing}\nban * {stories.id(0, 0)}")
    with (
        RelatedIndex.open(
            tmp_path / "a.index", overrides=tmp_path / "o.txt", tagger=GivenTagger(), follow=follow
        ) as index,
        RelatedIndex.open(tmp_path / "a.index", tagger=GivenTagger()) as writer,
    ):
        assert [item.id for item in index.related(late)] == [
            stories.id(1, 0),
            stories.id(0, 2),
            stories.id(0, 1),
        ]
        writer.refresh([record for record in stories.records if record["id"] == missing])
        if not follow:
            index.reload()
        # The pin of an event that was not there waited for it.
        assert [item.id for item in index.related(late)][:3] == [stories.id(1, 0), missing, stories.id(0, 2)]
        assert all(stories.id(0, 0) not in {item.id for item in found} for _, found in index.lists(10))
    memory = RelatedIndex.build(stories.records[1:], tagger=GivenTagger()).with_overrides(tmp_path / "o.txt")
    memory.refresh(stories.records[:1])
    assert stories.id(0, 0) in memory.events
    assert stories.id(0, 0) not in {item.id for item in memory.related(stories.id(0, 1))}
