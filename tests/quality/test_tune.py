"""Tuning: it finds what was hidden in the data, tests it on other events, and never touches what it was not asked to."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import forks
import numpy as np
import pytest
from ndcg import mean_ndcg
from stories import word

from relatedness.config import Config
from relatedness.errors import InputError
from relatedness.events import Event
from relatedness.index import Overrides
from relatedness.quality import Tuned, judge_by_topics, tune
from relatedness.quality._tune import _ascend, _examples
from relatedness.related_index import RelatedIndex
from relatedness.topics import EventTopic

CONFIG = Config.default().change(
    {
        "weights": {
            "topics": 0.01,
            "neighbours": 0,
            "title": 0,
            "category": 0,
            "support_limit": 100,
            "words": 1,
            "phrases": 0,
        },
        "recency": {"strength_before": 0, "strength_after": 0},
        "lists": {
            "floor": 0,
            "relative_cutoff": 0,
            "minimum_overlap": 0,
            "near_duplicate": 2.0,
            "candidates": 60,
            "neighbours": 15,
            "stored": 10,
        },
    }
)


class AsSupplied:
    """The topics that an event lists, and no others."""

    key = "as-supplied"

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        return [tuple(EventTopic(name, "topic", "supplied") for name in event.topics) for event in events]


def archive(n: int = 60, stories: int = 12) -> tuple[list[dict], dict[str, dict[str, int]]]:
    """Events whose topics tell their story while their words are drawn by lot."""
    chance = random.Random(0)
    records, story = [], {}
    for number in range(n):
        id_ = f"e{number:03}"
        story[id_] = number % stories
        records.append(
            {
                "id": id_,
                "date": (date(2015, 1, 1) + timedelta(days=number)).isoformat(),
                "text": " ".join(word(chance.randrange(25)) for _ in range(6)),
                "topics": [f"story {story[id_]}"],
            }
        )
    qrels = {a: {b: 1 for b in story if a != b and story[a] == story[b]} for a in story}
    return records, qrels


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, int]]]:
    records, qrels = archive()
    path = tmp_path_factory.mktemp("tune") / "a.index"
    RelatedIndex.build(records, path, config=CONFIG, tagger=AsSupplied()).close()
    return path, qrels


@pytest.fixture(scope="module")
def tuned(judged: tuple[Path, dict[str, dict[str, int]]]) -> Tuned:
    """What tuning says of that index."""
    path, qrels = judged
    with RelatedIndex.open(path, tagger=AsSupplied()) as index:
        return index.tune(qrels)


def test_it_finds_that_topics_tell_the_story(
    judged: tuple[Path, dict[str, dict[str, int]]], tuned: Tuned
) -> None:
    _, qrels = judged
    assert tuned.config.weights.topics > 10 * CONFIG.weights.topics
    assert tuned.held_out.gain_interval[0] > 0.05
    assert tuned.held_out.after - tuned.held_out.before > 0.1
    assert tuned.all.after >= tuned.all.before
    assert not tuned.learned.keys() & {"text", "topics"}
    assert tuned.config == CONFIG.change(tuned.learned)
    assert tuned.split == "2015-01-30"  # the median day of sixty
    # The learned settings give in a new index exactly what was reported: it was measured on one.
    records, _ = archive()
    rebuilt = RelatedIndex.build(records, config=tuned.config, tagger=AsSupplied())
    assert rebuilt.evaluate(qrels).mean["nDCG"] == pytest.approx(tuned.all.after, abs=1e-9)


def test_each_half_is_tested_under_what_was_learned_on_the_other() -> None:
    # Topics tell the stories of the earlier half, words those of the later one: what is learned on one misleads on the other.
    chance = random.Random(0)
    records, story = [], {}
    for number in range(80):
        half = int(number >= 39)  # 39 is the median day
        id_ = f"e{number:03}"
        story[id_] = 100 * half + number % 8
        words = [word(chance.randrange(25)) for _ in range(5)]
        records.append(
            {
                "id": id_,
                "date": (date(2015, 1, 1) + timedelta(days=number)).isoformat(),
                "text": " ".join([*words, word(500 + story[id_]) if half else word(chance.randrange(25))]),
                "topics": [f"topic {chance.randrange(8) if half else story[id_]}"],
            }
        )
    qrels = {a: {b: 1 for b in story if a != b and story[a] == story[b]} for a in story}
    tuned = RelatedIndex.build(records, config=CONFIG, tagger=AsSupplied()).tune(qrels)
    assert tuned.split == records[39]["date"]
    early, late = tuned.halves
    assert early.weights.topics > 4 * late.weights.topics
    under = [
        RelatedIndex.build(records, config=half, tagger=AsSupplied()).evaluate(qrels).scores["nDCG"]
        for half in (late, early)
    ]
    tested = [under[number >= 39][record["id"]] for number, record in enumerate(records)]
    learned = [under[number < 39][record["id"]] for number, record in enumerate(records)]
    assert sum(learned) > 1.1 * sum(tested)
    assert tuned.held_out.after == pytest.approx(sum(tested) / len(tested), abs=1e-9)


@pytest.mark.parametrize("tail", [0.0, 0.9])
def test_before_is_what_an_oracle_says_of_the_stored_lists(tail: float) -> None:
    records, qrels = archive()
    config = CONFIG.change({"lists": {"relative_cutoff": tail}})
    index = RelatedIndex.build(records, config=config, tagger=AsSupplied())
    tuned = index.tune(qrels, k=5)
    lists = {id_: [item.id for item in index.related(id_, k=5)] for id_ in qrels}
    assert any(len(ids) < 5 for ids in lists.values()) == (tail > 0)
    assert tuned.held_out.before == pytest.approx(mean_ndcg(lists, qrels, 5), abs=1e-6)
    assert tuned.held_out.events == len(qrels)


def test_pins_and_bans_have_no_part_in_what_is_measured(
    judged: tuple[Path, dict[str, dict[str, int]]], tuned: Tuned
) -> None:
    path, qrels = judged
    # Rules of editors that would spoil most lists, and that no index built again has.
    bans = "\n".join(f"ban * {id_}" for id_ in list(qrels)[::2])
    with RelatedIndex.open(path, tagger=AsSupplied()) as index:
        assert index.with_overrides(Overrides.parse(bans)[0]).tune(qrels) == tuned


def test_a_half_learns_nothing_from_the_half_it_is_tested_on(
    judged: tuple[Path, dict[str, dict[str, int]]], tuned: Tuned
) -> None:
    path, qrels = judged
    with RelatedIndex.open(path, tagger=AsSupplied()) as index:
        # With the later half judged at random, the earlier half is tested under other weights, but what is
        # learned on the earlier half and tested on the later cannot see the change.
        ids = sorted(qrels)
        late = {id_ for id_ in ids if index.events[id_].date.isoformat() >= tuned.split}
        chance = random.Random(1)
        noisy = {id_: ({chance.choice(ids): 1} if id_ in late else qrels[id_]) for id_ in ids}
        other = index.tune(noisy)
    assert other.split == tuned.split
    assert other.held_out.after < tuned.held_out.after


def test_an_archive_judges_itself_by_its_topics_hidden() -> None:
    records, qrels = archive(90, stories=30)
    for record in records:  # the words tell the story too, once the topics are hidden
        record["text"] += f" {word(500 + int(record['id'][1:]) % 30)}"
    index = RelatedIndex.build(records, config=CONFIG, tagger=AsSupplied())
    hidden, made = judge_by_topics(index.events.values())
    assert all(event.topics == () for event in hidden) and made == qrels
    tuned = index.tune()
    assert tuned.held_out.events == len(qrels)
    # What the topics gave away before is gone: only the words are left to find them by.
    assert 0.3 < tuned.all.before <= tuned.all.after < 1


def test_topics_that_say_nothing_do_not_judge() -> None:
    events = [
        Event(str(n), date(2015, 1, 1), text="x", topics=("all", f"own {n}", f"pair {n // 2}"))
        for n in range(100)
    ]
    _, qrels = judge_by_topics(events)
    assert all(grades == {str(int(id_) ^ 1): 1} for id_, grades in qrels.items())
    with pytest.raises(InputError, match=r"no supplied topic is shared by 2 to \d+ events.*judgments=\.\.\."):
        judge_by_topics(events[:1])


@pytest.mark.parametrize(("holders", "judges"), [(1, False), (2, True), (5, True), (6, False)])
def test_topics_of_one_event_or_of_more_than_one_in_twenty_do_not_judge(holders: int, judges: bool) -> None:
    names = {n: ("some",) if n < holders else ("pair",) if n > 97 else () for n in range(100)}
    events = [Event(str(n), date(2015, 1, 1), text="x", topics=names[n]) for n in range(100)]
    _, qrels = judge_by_topics(events)
    assert set(qrels) == {"98", "99"} | ({str(n) for n in range(holders)} if judges else set())


def test_a_pair_is_worth_the_topics_that_it_shares_up_to_three() -> None:
    topics = {n: tuple(f"pair {n // 2}, {number}" for number in range(n // 2 + 1)) for n in range(10)}
    events = [Event(str(n), date(2015, 1, 1), text="x", topics=topics.get(n, ())) for n in range(100)]
    _, qrels = judge_by_topics(events)
    assert qrels == {str(n): {str(n ^ 1): min(n // 2 + 1, 3)} for n in range(10)}


def test_the_lists_that_changed_most_are_shown_whether_they_gained_or_lost() -> None:
    ids = [f"e{n:02}" for n in range(14)]
    gains = np.array([0.01 * n * (-1) ** n for n in range(14)])
    gains[3] = gains[5]
    before = [("a", "b")] * 14
    after = [("b", "a")] * 13 + [("a", "b")]  # the last is as it was, whatever its gain
    shown = [example.id for example in _examples(ids, before, after, gains)]
    assert shown == ["e12", "e11", "e10", "e09", "e08", "e07", "e06", "e03", "e05", "e04"]


def test_too_few_judgments_are_no_ground(judged: tuple[Path, dict[str, dict[str, int]]]) -> None:
    path, qrels = judged
    with RelatedIndex.open(path, tagger=AsSupplied()) as index:
        with pytest.raises(InputError, match="tuning needs 20"):
            index.tune({"e001": {"e013": 1}, "nobody": {"e001": 1}})
        unrelated = {id_: dict.fromkeys(grades, 0) for id_, grades in qrels.items()}
        with pytest.raises(InputError, match="0 judged events with a related event"):
            index.tune(unrelated)
        same_day = {id_: grades for id_, grades in qrels.items() if id_ < "e010"}
        with pytest.raises(InputError, match="tuning needs 20"):
            index.tune(same_day)


def test_the_command_writes_settings_that_build_reads(
    judged: tuple[Path, dict[str, dict[str, int]]], tmp_path: Path
) -> None:
    path, qrels = judged

    some = list(qrels)[:24]
    lines = [f"{a} 0 {b} {grade}" for a in some for b, grade in qrels[a].items()]
    (tmp_path / "qrels").write_text("\n".join(lines), encoding="utf-8")

    def run(*arguments: str) -> str:
        done = forks.run("tune", path, "--qrels", tmp_path / "qrels", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    said = run()
    assert "settings were learned on each half and tested on the other" in said and "nDCG@10 gain" in said
    answer = json.loads(run("-o", str(tmp_path / "t.toml"), "--json"))
    loaded = Config.load(tmp_path / "t.toml")
    assert loaded.weights.topics == answer["weights"]["topics"] > 0.1
    assert answer["held_out"]["events"] == len(some)


def noisy(chance: random.Random, n: int, shared: int) -> tuple[list[dict], dict[str, dict[str, int]]]:
    """Stories of three whose members share a few words of a small vocabulary, over years."""
    records, story = [], {}
    for number in range(n):
        id_ = f"n{number:03}"
        story[id_] = number // 3
        own = [word(100 + story[id_] * shared + at) for at in range(shared)]
        text = " ".join([*own, *(word(chance.randrange(30)) for _ in range(8))])
        day = date(2015, 1, 1) + timedelta(days=chance.randrange(700))
        records.append({"id": id_, "date": day.isoformat(), "text": text})
    return records, {a: {b: 1 for b in story if a != b and story[a] == story[b]} for a in story}


@pytest.mark.parametrize(
    "kind",
    [
        "own words",
        *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("few own words", "default settings")),
    ],
)
def test_a_prediction_holds_after_the_build(kind: str) -> None:
    records, qrels = noisy(random.Random(kind), 30, 1 if kind == "few own words" else 2)
    config = Config.default()
    if kind != "default settings":
        config = config.change(
            {"recency": {"strength_before": 2, "strength_after": 2}, "weights": {"words": 0.1}}
        )
    index = RelatedIndex.build(records, config=config, tagger=AsSupplied())
    tuned = index.tune(qrels)
    low, high = tuned.all.after_interval
    again = RelatedIndex.build(records, config=tuned.config, tagger=AsSupplied()).evaluate(qrels)
    assert low <= again.mean["nDCG"] <= high
    assert sum(not found for found in again.run.values()) <= max(
        0.01 * len(qrels), tuned.all.empty_before * len(qrels)
    )


@pytest.mark.parametrize("shape", [{}, {"relative_cutoff": 0.5, "floor": 0.9, "minimum_overlap": 0.3}])
def test_what_is_tried_are_the_lists_that_users_see(shape: dict[str, float]) -> None:
    records, qrels = noisy(random.Random(7), 60, 2)
    index = RelatedIndex.build(records, config={"lists": shape}, tagger=AsSupplied())
    trial = index._current().search.trial(qrels)
    shown = trial.shown(index.config, 10)
    for id_, gains in zip(trial.ids, shown.tolist(), strict=True):
        found = [qrels[id_].get(item.id, 0) for item in index.related(id_, k=10)]
        assert [gain for gain in gains if gain >= 0] == found


def test_rules_that_empty_lists_are_never_learned() -> None:
    records, qrels = noisy(random.Random(3), 45, 2)
    index = RelatedIndex.build(records, tagger=AsSupplied())
    tuned = index.tune(qrels)
    assert tuned.all.empty_after <= max(tuned.all.empty_before, 0.01)
    assert tuned.held_out.empty_after <= max(tuned.held_out.empty_before, 0.05)


class Measured:
    """Judged lists whose nDCG and share of empty ones follow from the settings by a formula."""

    trial = SimpleNamespace(floor=lambda config: 0)

    def __init__(self, ndcg: Callable[[Config], float], empty: Callable[[Config], float]) -> None:
        self._ndcg, self._empty = ndcg, empty

    def measure(self, config: Config, floor: int) -> tuple[float, float]:
        return self._ndcg(config), self._empty(config)


@pytest.mark.parametrize(
    ("setting", "value", "enough", "too_little"),
    [(("weights", "phrases"), 1.0, 6e-4, 4e-4), (("lists", "minimum_overlap"), 0.3, 6e-3, 4e-3)],
)
def test_a_setting_is_learned_only_where_it_gains_more_than_chance_would(
    setting: tuple[str, str], value: float, enough: float, too_little: float
) -> None:
    section, name = setting
    for gain, learned in ((enough, {section: {name: value}}), (too_little, {})):
        board = Measured(
            lambda config, gain=gain: 0.5 + gain * (getattr(getattr(config, section), name) == value),
            lambda config: 0.0,
        )
        assert _ascend(board, CONFIG) == learned


@pytest.mark.parametrize("start", [0.0, 0.3])
def test_a_rule_that_empties_lists_is_not_learned_however_much_it_gains(start: float) -> None:
    # The larger the cutoff, the better the lists that are left, and the fewer.
    board = Measured(
        lambda config: 0.5 + config.lists.relative_cutoff,
        lambda config: start + (0.02 if config.lists.relative_cutoff > 0.1 else 0.0),
    )
    assert _ascend(board, CONFIG) == {"lists": {"relative_cutoff": 0.1}}


def test_settings_under_which_more_lists_come_out_empty_than_foreseen_are_not_taken(
    judged: tuple[Path, dict[str, dict[str, int]]],
) -> None:
    path, qrels = judged
    records, _ = archive()
    # What the learned settings are said to give: no list has a result.
    bare = RelatedIndex.build(
        [{**record, "text": f"only{record['id']}", "topics": []} for record in records], config=CONFIG
    )
    assert not any(bare.related(id_) for id_ in qrels)
    with RelatedIndex.open(path, tagger=AsSupplied()) as index:
        trial = index._view.search.trial(qrels)
        found = tune(index, qrels, lambda _: bare, trial=trial, k=5)
    assert (found.learned, found.config) == ({}, index.config)
    assert found.all.after == found.all.before > 0
    assert found.halves == (index.config, index.config)
