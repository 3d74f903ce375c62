"""The one object that users hold: building, opening, looking up, and what each says when it cannot."""

from __future__ import annotations

import json
import pickle
import random
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from stories import GivenTagger, Stories, word

from relatedness import __version__
from relatedness.config import MEASURED, Config
from relatedness.errors import ConfigError, IndexFormatError, InputError, RelatednessError, UnknownEventError
from relatedness.events import Event
from relatedness.index import ListKeywords, Overrides, RelatedList
from relatedness.ranking import PARTS
from relatedness.related_index import RelatedIndex
from relatedness.sources import read_events
from relatedness.topics import EventTopic, FastTagger

RECORDS = [
    {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
    {"id": "dam", "date": "2014-08-07", "text": "The Islamic State captures the dam of Mosul."},
    {
        "id": "cup",
        "date": "2014-07-13",
        "title": "Germany wins the World Cup.",
        "text": "It beats Argentina in Rio.",
    },
]


@pytest.fixture(scope="module")
def index() -> RelatedIndex:
    return RelatedIndex.build(RECORDS)


# --- building ------------------------------------------------------------------------------------------------------


def test_a_build_tells_what_it_did(tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    built = RelatedIndex.build([*RECORDS, RECORDS[0]], path)
    summary = built.summary
    assert summary is not None
    assert (summary.events, summary.listed, summary.repeated, summary.rejected) == (3, 2, 1, 0)
    assert summary.bytes == path.stat().st_size
    assert set(summary.seconds) == {"read", "tag", "vectorise", "search", "rank", "write"}
    assert all(seconds >= 0 for seconds in summary.seconds.values())
    built.close()
    with RelatedIndex.open(path) as opened:
        assert opened.summary is None


def test_progress_names_every_stage_and_reaches_its_end(sample_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    RelatedIndex.build(sample_path, progress=lambda *call: calls.append(call))
    n = len(sample_path.read_text(encoding="utf-8").splitlines())
    by_stage: dict[str, list[tuple[int, int]]] = {}
    for stage, done, total in calls:
        by_stage.setdefault(stage, []).append((done, total))
    assert set(by_stage) >= {"read", "tag", "search", "rank"}
    for stage, steps in by_stage.items():
        done = [done for done, _ in steps]
        assert done == sorted(done), stage
        assert all(done <= total for done, total in steps if total), stage
        assert steps[-1][0] == steps[-1][1], stage
    assert by_stage["tag"][-1] == (n, n)


def test_every_kind_of_source_gives_the_same_index(tmp_path: Path) -> None:
    path, second = tmp_path / "news.jsonl", tmp_path / "more.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS[:2]), encoding="utf-8")
    second.write_text(json.dumps(RECORDS[2]) + "\n", encoding="utf-8")
    both = tmp_path / "both.jsonl"
    both.write_bytes(path.read_bytes() + second.read_bytes())
    sources: list[Any] = [
        RECORDS,
        (record for record in RECORDS),
        [Event.make(record) for record in RECORDS],
        pd.DataFrame(RECORDS).fillna(""),
        both,
        str(both),
        [path, str(second)],
        (second, path),
        read_events(both),
    ]
    lists = [dict(RelatedIndex.build(source).lists()) for source in sources]
    assert all(found == lists[0] for found in lists)
    assert lists[0]["fall"][0].id == "dam"


def test_fields_may_be_named_otherwise_and_times_may_lack_a_zone() -> None:
    records = [{"key": "a", "when": "2014-06-10T23:30:00", "body": "Mosul falls."}]
    fields = {"key": "id", "when": "date", "body": "text"}
    built = RelatedIndex.build(records, fields=fields, zone="America/New_York")
    assert built.events["a"].day == Event("x", date(2014, 6, 11), "-").day
    assert (
        RelatedIndex.build(records, fields=fields).events["a"].day == Event("x", date(2014, 6, 10), "-").day
    )


def test_the_first_bad_record_ends_a_build_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(
        json.dumps(RECORDS[0]) + '\n{"id": "b", "date": "never", "text": "x"}\n', encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"news\.jsonl, line 2, field 'date'"):
        RelatedIndex.build(path, tmp_path / "a.index")
    assert [found.name for found in tmp_path.iterdir()] == ["news.jsonl"]


def test_bad_records_may_be_put_aside(tmp_path: Path) -> None:
    path, rejects = tmp_path / "news.jsonl", tmp_path / "bad.jsonl"
    lines = [json.dumps(RECORDS[0]), "no JSON", json.dumps(RECORDS[1]), '{"id": "b"}']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    built = RelatedIndex.build(path, rejects=rejects)
    assert built.summary is not None
    assert (built.summary.events, built.summary.rejected) == (2, 2)
    assert len(rejects.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize("source", [[], iter(())])
def test_no_events_make_no_index(source: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no events"):
        RelatedIndex.build(source, tmp_path / "a.index")
    assert not list(tmp_path.iterdir())


def test_a_build_that_is_interrupted_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    RelatedIndex.build(RECORDS, path).close()
    before = path.read_bytes()
    for stop_at in ("tag", "search", "rank"):

        def stop(stage: str, done: int, total: int, stop_at: str = stop_at) -> None:
            if stage == stop_at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            RelatedIndex.build(Stories(2, 4).records, path, progress=stop)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]


def test_one_event_and_events_without_words_make_an_index_too() -> None:
    one = RelatedIndex.build(RECORDS[:1])
    assert list(one.related("fall")) == []
    mute = RelatedIndex.build(
        [{"id": n, "date": "2014-06-10", "text": t} for n, t in (("a", "?!"), ("b", "…"))]
    )
    assert list(mute.related("a", direction="any", k=7)) == []
    assert list(mute.related("a", since=date(2014, 1, 1))) == []
    assert list(mute.query("Mosul")) == []
    assert mute.explain("a", "b").score == 0


class Fixed:
    """A tagger that gives every event the same topics."""

    key = "fixed-1"

    def __init__(self, *topics: EventTopic) -> None:
        self._topics = topics

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        return [self._topics for _ in events]


def test_a_tagger_of_ones_own_finds_the_topics_of_events_and_of_queries(tmp_path: Path) -> None:
    path = tmp_path / "own.index"
    tagger = Fixed(EventTopic("Everything", "theme", "found", ("all",)))
    built = RelatedIndex.build(RECORDS, path, tagger=tagger)
    assert built.topics("cup") == (EventTopic("Everything", "theme", "found", ("all",)),)
    assert "Everything" in {reason.name for reason in built.query("Mosul").explain("cup").reasons}
    assert built.info["tagger"] == "fixed-1"
    built.close()
    with RelatedIndex.open(path) as opened, pytest.raises(ConfigError, match="fixed-1"):
        opened.query("Mosul")
    with RelatedIndex.open(path, tagger=tagger) as opened:
        assert "Everything" in {reason.name for reason in opened.query("Mosul").explain("cup").reasons}


def test_a_tagger_that_repeats_a_topic_is_taken_once() -> None:
    once, twice = (EventTopic("A", "theme", how) for how in ("found", "supplied"))  # type: ignore[arg-type]
    single = RelatedIndex.build(RECORDS, tagger=Fixed(once))
    double = RelatedIndex.build(RECORDS, tagger=Fixed(once, twice))
    assert dict(double.lists()) == dict(single.lists())


def test_a_tagger_that_gives_too_little_is_told_so() -> None:
    class Short(GivenTagger):
        def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
            return super().tag(events)[:-1]

    with pytest.raises(RelatednessError, match="tagger"):
        RelatedIndex.build(RECORDS, tagger=Short())


# --- the events ----------------------------------------------------------------------------------------------------


def test_events_are_a_mapping_in_order_of_their_dates(index: RelatedIndex) -> None:
    events = index.events
    assert list(events) == ["fall", "cup", "dam"]
    assert len(events) == 3
    assert dict(events) == {record["id"]: Event.make(record) for record in RECORDS}
    assert "fall" in events
    assert "none" not in events
    assert 5 not in events
    assert events.get("none") is None
    assert "3" in repr(events)


def test_every_field_of_an_event_survives(tmp_path: Path) -> None:
    event = Event.make(
        {
            "id": "é\u2028\"'",
            "date": datetime(2014, 6, 10, 23, 30, tzinfo=UTC),
            "title": "中国 – “quoted”",
            "text": "a\tb\nc 🜲",
            "topics": ["Iraq", "Ürümqi"],
            "category": "War",
            "sources": [{"name": "BBC", "url": "http://bbc.example/1"}, "JPL"],
            "url": "http://a.example",
            "language": "en-GB",
            "group": "g",
        }
    )
    path = tmp_path / "a.index"
    RelatedIndex.build([event], path).close()
    with RelatedIndex.open(path) as opened:
        assert opened.events[event.id] == event
        assert list(opened.related(event.id)) == []


@pytest.mark.parametrize("method", ["related", "topics", "events"])
def test_an_unknown_id_names_the_nearest(method: str, sample_index: RelatedIndex) -> None:
    known = list(sample_index.events)[10]
    wrong = known[:-1] + ("x" if known[-1] != "x" else "y")
    with pytest.raises(UnknownEventError) as caught:
        sample_index.events[wrong] if method == "events" else getattr(sample_index, method)(wrong)
    assert repr(wrong) in str(caught.value)
    assert known in str(caught.value)


def test_an_unknown_id_is_an_error_wherever_it_is_given(index: RelatedIndex) -> None:
    for ask in (
        lambda: index.related("none", direction="before"),
        lambda: index.related("none", k=index.config.lists.candidates),
        lambda: index.explain("none", "fall"),
        lambda: index.explain("fall", "none"),
        lambda: index.related("fall").explain("none"),
        lambda: index.query("Mosul").explain("none"),
        lambda: index.events["none"],
        lambda: index.events[5],  # type: ignore[index]
        lambda: index.related(5),  # type: ignore[arg-type]
    ):
        with pytest.raises(UnknownEventError):
            ask()


# --- looking up ----------------------------------------------------------------------------------------------------


def test_what_is_stored_is_what_is_searched(sample_index: RelatedIndex) -> None:
    stored = sample_index.config.lists.stored
    for id_ in list(sample_index.events)[::17]:
        # A filter that lets everything pass makes the index search again.
        assert sample_index.related(id_, k=stored, since=date(1, 1, 1)) == sample_index.related(id_, k=stored)


def test_lists_are_the_lists_of_each_event(sample_index: RelatedIndex) -> None:
    for k in (None, 2, 12):
        found = list(sample_index.lists(k))
        assert [id_ for id_, _ in found] == list(sample_index.events)
        for id_, items in found[::29]:
            assert items == sample_index.related(id_, k=k)
            assert items.id == id_


def test_filters_hold(sample_index: RelatedIndex) -> None:
    events, shown = sample_index.events, 0
    for id_ in list(events)[::11]:
        subject = events[id_]
        for direction, fits in (("before", int.__lt__), ("after", int.__gt__)):
            for item in sample_index.related(id_, direction=direction, k=20):  # type: ignore[arg-type]
                assert fits(events[item.id].seconds, subject.seconds)
                shown += 1
        for item in sample_index.related(id_, since=date(2012, 1, 1), until=date(2016, 12, 31), k=20):
            assert date(2012, 1, 1) <= events[item.id].date <= date(2016, 12, 31)
            shown += 1
        name = sample_index.topics(id_)[0].name if sample_index.topics(id_) else None
        for item in sample_index.related(id_, topics=[name], k=20) if name else ():
            assert name in {topic.name for topic in sample_index.topics(item.id)}
            assert name in item.contexts or name not in {topic.name for topic in sample_index.topics(id_)}
            shown += 1
    assert shown > 100


def test_a_filter_reaches_past_the_stored_list() -> None:
    stories = Stories(1, 40, 10)
    index = RelatedIndex.build(stories.records, config=stories.in_order())
    first = {item.id for item in index.related("s0-d20", k=index.config.lists.stored)}
    far = [item.id for item in index.related("s0-d20", until=date.fromisoformat(stories.records[2]["date"]))]
    assert far == ["s0-d02", "s0-d01", "s0-d00"]
    assert not set(far) & first


def test_a_topic_filter_goes_by_the_topics_whatever_they_weigh() -> None:
    for settings in (
        {"weights": {"topics": 0}},
        {"topics": {"parent": 0}},
        {"topics": {"country": 0, "place": 0}},
    ):
        settings = {**settings, "lists": {"minimum_overlap": 0}}
        built = RelatedIndex.build(RECORDS, config=Config.default().change(settings))
        for name in {topic.name for topic in built.topics("dam")} & {
            topic.name for topic in built.topics("fall")
        }:
            assert [item.id for item in built.related("fall", topics=[name])] == ["dam"]


def test_what_nothing_in_the_index_has_is_an_error(index: RelatedIndex) -> None:
    with pytest.raises(InputError, match="Atlantis"):
        index.related("fall", topics=["Atlantis"])
    with pytest.raises(InputError, match="'xx'"):
        index.related("fall", language="xx")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"direction": "sideways"}, "direction is 'sideways': expected any, before or after"),
        ({"since": "2014-06-31"}, "since is '2014-06-31': expected a date"),
        ({"until": 2014}, "until is 2014: expected a date"),
        (
            {"since": date(2015, 1, 1), "until": date(2014, 1, 1)},
            r"since \(2015-01-01\) is after until \(2014-01-01\)",
        ),
        ({"direktion": "before"}, "direktion: no such option; did you mean direction?"),
        ({"topics": "ISIL"}, "topics is 'ISIL': expected a list of names"),
    ],
)
def test_filters_that_cannot_be_meant_are_errors(
    index: RelatedIndex, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        index.related("fall", **options)


@pytest.mark.parametrize("k", [0, -1, 65])
def test_k_is_at_least_one_and_at_most_the_candidates(k: int, index: RelatedIndex) -> None:
    for ask in (
        lambda: index.related("fall", k=k),
        lambda: index.query("Mosul", k=k),
        lambda: list(index.lists(k)),
    ):
        with pytest.raises(ConfigError, match=f"k is {k}"):
            ask()


def test_a_least_score_cuts_the_list(sample_index: RelatedIndex) -> None:
    cut = 0
    for id_, whole in sample_index.lists():
        if len(whole) > 2:
            least = whole[1].score
            kept = sample_index.related(id_, min_score=least)
            assert list(kept) == [item for item in whole if item.score >= least]
            assert list(sample_index.related(id_, min_score=1)) == []
            cut += len(kept) < len(whole)
    assert cut


# --- queries -------------------------------------------------------------------------------------------------------


def test_a_query_finds_what_it_is_about(sample_index: RelatedIndex) -> None:
    found = sample_index.query("ISIL militants fight the Iraqi army over Mosul.", k=4)
    assert isinstance(found, RelatedList)
    assert len(found) == 4
    assert found.id is None
    for item in found:
        assert {"Mosul", "ISIL", "Iraq"} & set(item.contexts)
        why = found.explain(item.id)
        assert why.days is None
        assert why.recency == 1
        assert why.score == item.score


def test_two_words_find_a_long_text_that_holds_them() -> None:
    chance = random.Random(0)
    texts = [[word(number) for number in chance.sample(range(1000), 80)] for _ in range(60)]
    index = RelatedIndex.build(
        [{"id": str(n), "date": "2015-03-01", "text": " ".join(text)} for n, text in enumerate(texts)]
    )
    assert index.info["statistics"]["floor"] > 0
    for n, text in enumerate(texts):
        assert str(n) in index.query(" ".join(text[:2]), k=5).ids


def test_the_date_of_a_query_counts(sample_index: RelatedIndex) -> None:
    text = "Militants of ISIL hold Mosul in Iraq."
    early = sample_index.query(text, date=date(2014, 6, 10), k=3)
    late = sample_index.query(text, date=date(2017, 7, 10), k=3)
    assert [item.id for item in early] != [item.id for item in late]
    assert abs(early.explain(early[0].id).days or 0) < 400
    assert sample_index.query(text, date=datetime(2014, 6, 10, 12, tzinfo=UTC), k=3) == early


def test_the_language_of_a_query_chooses_what_it_may_find(sample_index: RelatedIndex) -> None:
    events = sample_index.events
    for language in ("en", "fr", "de"):
        found = sample_index.query("La France et Paris, Germany, Berlin, Iraq", language=language, k=5)
        assert {events[item.id].language for item in found} <= {language}
    assert sample_index.query("Paris France Iraq", language="fr", k=5)
    assert list(sample_index.query("Iraq Mosul", language="xx")) == []


def test_an_empty_query_is_an_error(index: RelatedIndex) -> None:
    for text in ("", "  \n"):
        with pytest.raises(InputError, match="empty"):
            index.query(text)
    with pytest.raises(InputError):
        index.query("Mosul", date=datetime(2014, 6, 10))


def test_a_query_without_known_words_finds_nothing(index: RelatedIndex) -> None:
    assert list(index.query("zyxwv qqqq")) == []
    assert list(index.query("the of and")) == []


# --- what the index is ---------------------------------------------------------------------------------------------


def test_info_is_plain_json_and_true(sample_index: RelatedIndex, sample_file: Path) -> None:
    info = sample_index.info
    assert json.loads(json.dumps(info)) == info
    assert info["path"] == str(sample_file)
    assert info["bytes"] == sample_file.stat().st_size
    assert info["events"] == len(sample_index.events)
    dates = [event.date for event in sample_index.events.values()]
    assert (info["first_date"], info["last_date"]) == (min(dates).isoformat(), max(dates).isoformat())
    assert info["version"] == __version__
    assert info["config_digest"] == sample_index.config.digest
    assert info["tagger"].startswith("fast")
    assert set(info["terms"]) == set(PARTS[:3])
    assert info["terms"]["topics"] == len(sample_index.topic_counts())
    assert datetime.fromisoformat(info["built"]).tzinfo is not None


def test_a_topic_that_the_text_names_is_not_inferred_beside_it(sample_index: RelatedIndex) -> None:
    topics = {id_: [topic.name for topic in sample_index.topics(id_)] for id_ in sample_index}
    assert any(topic.how == "inferred" for id_ in topics for topic in sample_index.topics(id_))
    assert all(len(names) == len(set(names)) for names in topics.values())
    store = sample_index._store
    assert {
        id_: [topic[0] for topic in found] for id_, found in store.topics_of(list(topics)).items()
    } == topics


def test_topics_are_those_of_the_tagger(sample_index: RelatedIndex) -> None:
    counted: dict[str, int] = {}
    for id_ in sample_index.events:
        for topic in sample_index.topics(id_):
            if topic.how != "inferred":
                counted[topic.name] = counted.get(topic.name, 0) + 1
    found = sample_index.topic_counts()
    assert dict(found) == counted
    assert [n for _, n in found] == sorted(counted.values(), reverse=True)
    assert isinstance(sample_index.learned, dict)


def test_an_index_without_a_file_says_so(index: RelatedIndex) -> None:
    assert "in memory" in repr(index)
    assert index.info["path"] is None
    assert index.info["bytes"] == 0


@pytest.mark.parametrize("follow", [False, True])
def test_info_answers_when_the_file_is_gone(sample_file: Path, tmp_path: Path, follow: bool) -> None:
    path = tmp_path / "news.index"
    path.write_bytes(sample_file.read_bytes())
    index = RelatedIndex.open(path, follow=follow)
    before = index.info
    path.unlink()
    assert index.info == before | {"bytes": None}
    index.close()


def test_a_file_says_its_name(sample_index: RelatedIndex, sample_file: Path) -> None:
    assert str(sample_file) in repr(sample_index)


def test_the_config_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    config = Config.default().change({"lists": {"k": 2, "relative_cutoff": 0}, "recency": {"scale_days": 30}})
    RelatedIndex.build(Stories(1, 5).records, path, config=config).close()
    with RelatedIndex.open(path) as opened:
        kept, given = opened.config.to_dict(), config.to_dict()
        for section, name in (one for measured in MEASURED.values() for one in measured):
            kept[section].pop(name), given[section].pop(name)
        assert kept == given
        assert len(opened.related("s0-d00")) == 2


def test_after_closing_it_says_that_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    built = RelatedIndex.build(RECORDS, path)
    built.close()
    with pytest.raises(Exception, match="closed") as caught:
        built.related("fall")
    assert "damaged" not in str(caught.value)
    assert not isinstance(caught.value, IndexFormatError)


def test_the_tagger_of_an_index_is_that_of_its_config(index: RelatedIndex) -> None:
    assert index.topics("fall")[:1] == FastTagger().tag([index.events["fall"]])[0][:1]


def test_the_titles_of_an_archive_find_themselves(sample_index: RelatedIndex) -> None:
    asked = list(sample_index.events.values())[::7]
    found = [event.id in sample_index.query(event.headline).ids for event in asked]
    assert sum(found) >= 0.95 * len(asked)


# --- what every call refuses ---------------------------------------------------------------------------------------

NOTHING = object()  # of a type that no argument has
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("related", {"id_": "fall"}),
    ("related", {"id_": "fall", **dict.fromkeys(ListKeywords.__annotations__, NOTHING)}),
    ("why_not", {"id_": "fall", "other": "dam"}),
    ("query", {"text": "Mosul", "title": "Mosul", "date": "2014-06-10"}),
    ("query", {"text": "Mosul", **dict.fromkeys(ListKeywords.__annotations__, NOTHING)}),
    ("explain", {"id_": "fall", "other": "dam", "recency": 1}),
    ("topics", {"id_": "fall"}),
    ("with_topic", {"name": "Iraq"}),
    ("events_with", {"topic": "Iraq"}),
    ("find", {"words": "mosul", "most": 1}),
    ("story", {"id_": "fall", "most": 3}),
    ("lists", {"k": 3}),
    ("plan", {"events": [], "remove": ["fall"], "mirror": False, "refit": False, "progress": None}),
    ("refresh", {"events": [], "remove": ["fall"], "mirror": False, "jobs": 1, "wait": 0, "waiting": None}),
    ("check", {"progress": None}),
    ("export", {"path": "events.jsonl", "what": "events"}),
    ("export", {"path": "lists.jsonl", "k": 3, "only": ["fall"], "progress": None}),
    ("to_frame", {"what": "lists", "k": 3}),
    ("matrix", {"what": "topics", "k": 3}),
    ("graph", {"k": 3}),
    ("publish", {"folder": "site", "k": 3, "jobs": 1}),
    ("evaluate", {"qrels": {}, "k": 3}),
    ("audit", {"k": 3, "examples": 1}),
    ("diff", {"new": None, "k": 3}),
    ("tune", {"qrels": {}, "k": 3, "split": "2014-07-01"}),
    ("with_overrides", {"overrides": None}),
    ("check_overrides", {"path": "overrides.txt"}),
    ("changed_since", {"since": 0}),
]


@pytest.mark.parametrize(
    ("method", "arguments", "wrong"),
    [(method, arguments, name) for method, arguments in CALLS for name in arguments],
)
def test_a_wrong_type_is_told_at_the_door(
    method: str, arguments: dict[str, Any], wrong: str, index: RelatedIndex
) -> None:
    sound = {name: value for name, value in arguments.items() if value is not NOTHING}
    for value in (NOTHING, b"bytes", 1.5j, {1: 2}):
        if wrong in ("recency", "qrels") and isinstance(value, dict):
            continue  # of the right type
        with pytest.raises(RelatednessError) as told:
            found = getattr(index, method)(**(sound | {wrong: value}))
            list(found)  # `lists` is a generator
        assert not isinstance(told.value, IndexFormatError)


@pytest.mark.parametrize(
    "arguments",
    [
        {"path": 3},
        {"config": 3},
        {"config": "none.toml"},
        {"config": {"config": {}}},
        {"tagger": 3},
        {"tagger": "best"},
        {"encoder": 3},
        {"jobs": 0},
        {"jobs": "all"},
        {"engine": 3},
        {"progress": 3},
        {"statistics": 3},
        {"strict": 1},
    ],
)
def test_a_build_tells_what_it_cannot_use(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(arguments))):
        RelatedIndex.build(RECORDS, **arguments)


@pytest.mark.parametrize(
    "arguments", [{"path": 3}, {"path": ""}, {"follow": 1}, {"tagger": 1}, {"encoder": 1}]
)
def test_opening_tells_what_it_cannot_use(arguments: dict[str, Any], sample_file: Path) -> None:
    with pytest.raises(ConfigError, match=next(iter(arguments))):
        RelatedIndex.open(**({"path": sample_file} | arguments))


def test_settings_may_be_a_mapping_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[lists]\nk = 3\n")
    for config in ({"lists": {"k": 3}}, str(path), path, Config.default().change({"lists": {"k": 3}})):
        assert RelatedIndex.build(RECORDS, config=config).config.lists.k == 3
    assert RelatedIndex.build(RECORDS, tagger="fast").config.text.tagger == "fast"
    assert RelatedIndex.build(RECORDS, progress=True).events  # no terminal: nothing is shown


# --- the index as a collection -------------------------------------------------------------------------------------


def test_an_index_is_a_collection_of_its_events(index: RelatedIndex) -> None:
    assert (len(index), list(index)) == (len(index.events), list(index.events))
    assert "fall" in index
    assert "none" not in index
    assert index["fall"] == index.events["fall"]
    with pytest.raises(UnknownEventError):
        index["none"]


def test_events_are_read_in_one_go(index: RelatedIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    one_by_one = [(id_, index.events[id_]) for id_ in index.events]
    monkeypatch.setattr(type(index._store), "record", lambda *_: pytest.fail("a look-up for one event"))
    assert list(index.events.items()) == one_by_one
    assert list(index.events.values()) == [event for _, event in one_by_one]
    assert (len(index.events.items()), len(index.events.values())) == (len(index), len(index))


def test_events_are_found_by_words_and_beginnings_of_words(sample_index: RelatedIndex) -> None:
    found = sample_index.find("MOSUL is", most=100)
    expected = [
        event
        for event in reversed(list(sample_index.events.values()))
        if {"mosul", "is"} <= _beginnings(f"{event.title} {event.text}")
    ]
    titled = [event for event in expected if {"mosul", "is"} <= _beginnings(event.title)]
    assert found == titled + [event for event in expected if event not in titled]
    assert len(found) > 1
    assert sample_index.find("mosul is", most=2) == found[:2]
    assert sample_index.find("2017-07-10-mosul-victory")[0].id == "2017-07-10-mosul-victory"
    assert sample_index.find("zyxwv") == []
    latest = list(sample_index)[-1]
    assert sample_index.find("", most=1)[0].id == latest


def _beginnings(text: str) -> set[str]:
    words = re.findall(r"\w+", text.casefold())
    return {word[:length] for word in words for length in range(1, len(word) + 1)}


def test_a_result_carries_its_event(sample_index: RelatedIndex) -> None:
    found = sample_index.related("2017-07-10-mosul-victory")
    item = found[0]
    event = sample_index[item.id]
    assert (item.event, item.title, item.date, item.url) == (event, event.headline, event.date, event.url)
    assert found.ids == tuple(item.id for item in found)
    assert json.loads(found.to_json(why=True)) == json.loads(json.dumps(found.to_record(why=True)))
    frame = found.to_frame()
    assert list(frame["id"]) == list(found.ids)
    assert list(frame["title"]) == [item.title for item in found]
    copy = pickle.loads(pickle.dumps(found))
    assert copy == found
    assert copy[0].title == item.title
    with pytest.raises(RelatednessError, match="without its index"):
        copy.explain(item.id)


def test_an_index_is_pickled_as_its_path(
    sample_file: Path, sample_index: RelatedIndex, index: RelatedIndex
) -> None:
    first = next(iter(sample_index))
    overrides = Overrides.parse(f"ban * {sample_index.related(first)[0].id}")[0]
    with RelatedIndex.open(sample_file, overrides=overrides) as opened:
        data = pickle.dumps(opened)
        assert len(data) < 2000
        with pickle.loads(data) as copy:
            assert copy.related(first) == opened.related(first) != sample_index.related(first)
    with pytest.raises(RelatednessError, match="in memory cannot be pickled"):
        pickle.dumps(index)


def test_what_is_left_out_is_the_best_of_the_rest(sample_index: RelatedIndex) -> None:
    id_ = "2017-07-10-mosul-victory"
    found = sample_index.related(id_, k=3, until="2016")
    rest = found.left_out(8)
    assert [item.score for item in rest] == sorted((item.score for item in rest), reverse=True)
    assert not {item.other for item in rest} & set(found.ids)
    for item in rest:
        assert item == sample_index.why_not(id_, item.other, k=3, until="2016") == found.why_not(item.other)
    assert {"filter", "rank"} <= {item.rule for item in rest}
    text = sample_index.query("Rio", k=1)
    assert [item.rule for item in text.left_out(2)] == ["rank", "rank"]
    with pytest.raises(ConfigError, match="most is 0"):
        found.left_out(0)


def test_what_is_left_out_is_of_other_languages_too_where_they_are_asked_for() -> None:
    records = [
        {"id": "en", "date": "2024-01-01", "text": "Kafka outage in Berlin", "language": "en"},
        {"id": "de", "date": "2024-01-02", "text": "Kafka Berlin", "language": "de"},
        {"id": "fr", "date": "2024-01-03", "text": "Kafka, Berlin", "language": "fr"},
    ]
    index = RelatedIndex.build(records)
    for found in (
        index.related("en", k=1, across_languages=True),
        index.query("Kafka outage in Berlin", language="en", k=2, across_languages=True),
    ):
        assert {*found.ids, *(item.other for item in found.left_out(3))} >= {"de", "fr"}


def test_twins_in_other_scripts_stand_beside_one_that_shares_the_words_of_names() -> None:
    texts = {
        "en": "Donald Trump meets Kim Jong-un in Singapore.",
        "es": "Donald Trump se reúne con Kim Jong-un en Singapur.",
        "zh": "特朗普与金正恩在新加坡会晤。",
        "ru": "Дональд Трамп встретился с Ким Чен Ыном в Сингапуре.",
        "ar": "دونالد ترامب يلتقي كيم جونغ أون في سنغافورة.",
    }
    other = {"en": "Donald Trump plays golf in Florida.", "ru": "В Сингапуре открылся новый аэропорт."}
    records = [
        {"id": language, "date": "2018-06-12", "text": text, "language": language}
        for language, text in texts.items()
    ] + [
        {"id": f"other-{language}", "date": "2018-06-12", "text": text, "language": language}
        for language, text in other.items()
    ]
    index = RelatedIndex.build(records)
    for language in texts:
        found = index.related(language, k=6, across_languages=True).ids
        assert {*found} >= texts.keys() - {language}


def test_a_fault_of_ours_is_no_damage(sample_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RelatedIndex.open(sample_file) as opened:
        first = next(iter(opened))

        def broken(*_: object, **__: object) -> Event:
            return None.headline  # type: ignore[attr-defined, no-any-return]

        monkeypatch.setattr(Event, "make", broken)
        for ask in (
            lambda: opened[first],
            lambda: list(opened.events.values()),
            lambda: opened.find("mosul"),
        ):
            with pytest.raises(AttributeError, match="headline"):
                ask()


def test_a_follower_of_a_file_that_never_rests_settles_for_one_state(
    sample_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = RelatedIndex.open(sample_file, follow=True)
    first = next(iter(opened))
    expected = opened.related(first)
    monkeypatch.setattr(type(opened._store), "changed", lambda _: True)
    assert opened.related(first) == expected


def test_near_ids_are_named_whatever_their_capitals() -> None:
    built = RelatedIndex.build(
        [{"id": f"INC-{n}", "date": "2020-01-01", "text": f"Disk {n} fails."} for n in range(1000, 1200)]
    )
    with pytest.raises(UnknownEventError, match="the nearest are INC-1100"):
        built.related("inc-1100")
    with pytest.raises(UnknownEventError, match="INC-1100"):
        built.related("1100")


def test_lists_longer_than_the_stored_ones_come_without_reasons_too() -> None:
    records = [
        {"id": "a", "date": "2024-01-03", "text": "Five die when a hot air balloon catches fire."},
        {"id": "b", "date": "2024-01-09", "text": "A pilot lands a hot air balloon on a motorway."},
        {"id": "c", "date": "2024-02-01", "text": "A hot air balloon is stolen."},
    ]
    index = RelatedIndex.build(records, config={"lists": {"k": 1, "stored": 1}})
    told, bare = dict(index.lists(2)), dict(index.lists(2, reasons=False))
    assert list(bare) == list(told)
    for id_, items in bare.items():
        assert [(item.id, item.score, item.contexts) for item in items] == [
            (item.id, item.score, item.contexts) for item in told[id_]
        ]
    assert any(item.shared for items in told.values() for item in items)
    assert not any(item.shared for items in bare.values() for item in items)


def test_what_is_shown_of_a_list_does_not_change_with_scores_alone(tmp_path: Path) -> None:
    records = [
        {"id": "a", "date": "2024-01-03", "text": "Five die when a hot air balloon catches fire."},
        {"id": "b", "date": "2024-01-09", "text": "A pilot lands a hot air balloon on a motorway."},
        {"id": "c", "date": "2024-01-10", "text": "A hot air balloon is stolen."},
    ]
    index = RelatedIndex.build(records, tmp_path / "a.index")
    shown, whole = index.fingerprints(shown=5), index.fingerprints()
    later = RelatedIndex.build(records, config=index.config.with_recency(4))
    assert later.related("a").ids == index.related("a").ids
    assert later.fingerprints(shown=5) == shown
    assert later.fingerprints() != whole
    index.refresh([{**records[2], "text": "A hot air balloon sinks."}])
    again = index.fingerprints(shown=5)
    assert {id_ for id_, number in again.items() if shown[id_] != number} >= {"c"}
    assert index.fingerprints(shown=5, ids=["c", "nobody"]) == {"c": again["c"]}
    assert index.fingerprints(ids=iter(["b"])) == {"b": index.fingerprints()["b"]}


def test_fingerprints_do_not_depend_on_where_an_event_is_stored() -> None:
    records = Stories(2, 4).records
    before = RelatedIndex.build(records).fingerprints(shown=5)
    earlier = {"id": "earlier", "date": "1901-01-01", "text": f"{word(1500)} {word(1501)}"}
    assert RelatedIndex.build([*records, earlier]).fingerprints(shown=5).items() >= before.items()


def test_scores_are_those_of_the_lists(sample_index: RelatedIndex) -> None:
    lists = {id_: {item.id: item.score for item in items} for id_, items in sample_index.lists(10)}
    assert dict(sample_index.scores()) == lists


def test_an_id_is_a_text_or_a_whole_number(tmp_path: Path) -> None:
    events = [{"id": number, "date": "2016-07-11", "text": "Troops go to Iraq."} for number in (1, 2)]
    index = RelatedIndex.build(events)
    row = pd.DataFrame([{"id": 1, "share": 0.5}]).iloc[0]  # all numbers of the row are decimal numbers
    assert index.related(row["id"]).ids == index.related(1).ids == index.related("1").ids
    for wrong in (None, True, 1.5, index[1], slice(0, 2)):
        with pytest.raises(
            UnknownEventError, match=f"expected the id of an event, got {type(wrong).__name__}"
        ):
            index.related(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["YYYY-MM-DD", "%Q", "%", "ymd"])
def test_a_form_of_dates_is_checked_before_the_dates(form: str) -> None:
    events = [{"id": 1, "date": "2016-07-11", "text": "Troops go to Iraq."}]
    with pytest.raises(ConfigError, match=r"date_format is .*: expected DMY, MDY or a pattern such as"):
        RelatedIndex.build(events, date_format=form)
    assert list(RelatedIndex.build(events, date_format="%Y-%m-%d")) == [1]


def test_a_file_that_was_cut_off_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "cut.index"
    RelatedIndex.build(
        (
            {"id": number, "date": "2016-07-11", "text": f"Troops go to Iraq, {number}."}
            for number in range(50)
        ),
        path,
    ).close()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(IndexFormatError, match=r"cut\.index is damaged or cut off"):
        RelatedIndex.open(path)


def test_words_that_look_foreign_find_events_of_the_archives_language() -> None:
    index = RelatedIndex.build(
        [
            {
                "id": "a",
                "date": "2014-04-15",
                "text": "The group Boko Haram abducts 276 girls from a school.",
            },
            {
                "id": "b",
                "date": "2014-05-06",
                "text": "The army says that it searches the forest for the girls.",
            },
            {
                "id": "c",
                "date": "2014-06-01",
                "text": "A storm hits the coast and the ferries stay in port.",
                "language": "en",
            },
            {
                "id": "d",
                "date": "2014-06-02",
                "text": "El incendio en el bosque obliga a evacuar a cien personas.",
            },
        ]
    )
    found = index.query("boko haram", k=1)
    assert found.ids == ("a",)
    assert "haram" in found[0].reason
    assert index.query("incendio", k=1).ids == ("d",)
