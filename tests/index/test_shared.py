"""A reason under every result: what shares no topic says which phrases and words it shares, in every output."""

from __future__ import annotations

import csv
import gc
import json
import math
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import forks
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness.config import Config
from relatedness.events import Event, EventId
from relatedness.index import Related, RelatedList, _shared
from relatedness.index._shared import SharedWords, Terms
from relatedness.publish import publish
from relatedness.ranking import Document, Wording, count, log_likelihood, shared_phrases
from relatedness.related_index import RelatedIndex
from relatedness.sources._archive_reader import read_page
from relatedness.templates import TemplateText
from relatedness.topics import EventTopic


def worded(text: str, language: str = "en") -> Wording:
    return Wording(Document("", text, language, ()))


TEXTS = {
    "a": ("2024-01-03", "Five tourists die when a hot air balloon catches fire."),
    "b": ("2024-01-09", "A pilot lands a hot air balloon on a motorway."),
    "c": ("2024-02-01", "The queue of the payment service grows without bound."),
    "d": ("2024-02-02", "After a deploy the payment service answers slowly."),
    "e": ("2024-02-20", "Fuel shortage closes schools in Lima."),
    "f": ("2024-02-21", "The fuel shortage in Lima ends."),
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shared") / "shared.index"
    RelatedIndex.build([{"id": i, "date": d, "text": t} for i, (d, t) in TEXTS.items()], path).close()
    return path


@pytest.fixture(scope="module")
def index(file: Path) -> RelatedIndex:
    return RelatedIndex.open(file)


def test_what_shares_no_topic_says_what_it_shares(index: RelatedIndex) -> None:
    assert index.related("a")[0].reason == "Shared: hot air balloon"
    assert index.related("c")[0].reason == "Shared: payment service"
    assert index.related("e")[0].reason == "Shared: fuel shortage; Context: Lima, Peru"
    assert "Shared: hot air balloon" in repr(index.related("a"))
    assert "Shared: hot air balloon" in index.related("a")._repr_html_()


def test_every_result_has_a_reason(sample_index: RelatedIndex) -> None:
    for _, items in sample_index.lists(20):
        assert all(item.reason for item in items)


def made_anew(index: RelatedIndex, id_: EventId) -> RelatedList:
    """A list that is longer than the stored one, so that it is searched for."""
    return index.related(id_, k=index.config.lists.stored + 1)


def test_stored_lists_say_what_lists_that_are_made_say(sample_index: RelatedIndex) -> None:
    for id_ in list(sample_index)[::7]:
        stored = sample_index.related(id_, k=10)
        assert list(stored) == list(made_anew(sample_index, id_)[:10])


def test_a_refresh_stores_what_a_list_that_is_made_says(tmp_path: Path) -> None:
    path = tmp_path / "fresh.index"
    events = [{"id": i, "date": d, "text": t} for i, (d, t) in TEXTS.items()]
    changed = {**events[1], "text": "A pilot lands a Hot Air Balloon in a wheat field near www.zorg.example."}
    new = {
        "id": "g",
        "date": "2024-01-10",
        "text": "The wheat field belongs to a zorg; a fuel shortage ends.",
    }
    with RelatedIndex.build(events, path) as index:
        index.refresh([changed, new], remove=["d"])
        for id_ in index:
            assert list(index.related(id_, k=10)) == list(made_anew(index, id_)[:10])
        assert index.related("a")[0].reason == "Shared: hot air balloon"
        assert "wheat field" in index.related("b")[0].shared + index.related("b")[1].shared


def test_a_word_that_the_vocabulary_lacks_counts_as_one_that_was_never_seen(index: RelatedIndex) -> None:
    terms = Terms(lambda channel, wanted: {}, 6, index.config)
    (weight,) = terms.weights(["zorg"]).values()
    known = Terms(lambda channel, wanted: {"fire": (0, 3, weight / 2)}, 6, index.config)
    assert known.weights(["fire", "zorg"]) == {"fire": weight / 2, "zorg": weight}


def test_a_text_from_outside_and_a_filter_have_reasons_too(index: RelatedIndex) -> None:
    found = index.query("A hot air balloon is stolen.")
    assert found[0].reason == "Shared: hot air balloon"
    assert index.related("a", direction="after")[0].reason == "Shared: hot air balloon"


def test_exports_have_it(index: RelatedIndex, tmp_path: Path) -> None:
    index.export(tmp_path / "lists.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "lists.jsonl").read_text(encoding="utf-8").splitlines()]
    (first,) = [line["related"][0] for line in lines if line["id"] == "a"]
    assert (first["contexts"], first["shared"]) == ([], ["hot air balloon"])
    index.export(tmp_path / "lists.csv")
    with (tmp_path / "lists.csv").open(encoding="utf-8", newline="") as rows:
        assert next(csv.DictReader(rows))["shared"] == "hot air balloon"
    index.export(tmp_path / "lists.json")
    assert json.loads((tmp_path / "lists.json").read_text(encoding="utf-8"))["a"][0]["shared"] == [
        "hot air balloon"
    ]


def test_the_command_line_has_it(file: Path) -> None:
    done = forks.run("related", file, "a")
    assert done.returncode == 0, done.stderr
    assert "b  Shared: hot air balloon" in done.stdout


def test_the_service_has_it(index: RelatedIndex, file: Path) -> None:
    pytest.importorskip("fastapi")
    from fastapi.testclient import TestClient

    from relatedness.serve import create_app

    with TestClient(create_app(file)) as client:
        shown = client.get("/related/a").json()["related"][0]
        assert shown["shared"] == ["hot air balloon"]


def test_a_published_site_has_it(index: RelatedIndex, tmp_path: Path) -> None:
    publish(index, tmp_path / "site", formats=["md", "html", "json", "xml"], jobs=1)
    pages = {
        p.suffix: p
        for p in (tmp_path / "site").rglob("2024/01/*/*")
        if "balloon-catches" in p.name or "five" in p.name
    }
    text = {suffix: page.read_text(encoding="utf-8") for suffix, page in pages.items()}
    assert "Shared: " in text[".html"] and "hot air balloon" in text[".html"]
    assert json.loads(text[".json"])["related"][0]["shared"] == ["hot air balloon"]
    assert "<shared>hot air balloon</shared>" in text[".xml"]
    (link,) = read_page(text[".md"]).related
    assert (link.contexts, link.shared) == ((), ("hot air balloon",))


@given(st.lists(st.sampled_from(["zorg", "balloon", "fire", "the", "pilot", "."]), max_size=12),
       st.lists(st.sampled_from(["zorg", "balloon", "fire", "the", "pilot", "."]), max_size=12))  # fmt: skip
def test_a_shared_phrase_stands_in_both_texts(left: list[str], right: list[str]) -> None:
    texts = " ".join(left), " ".join(right)
    found = shared_phrases(*map(worded, texts), lambda terms: dict.fromkeys(terms, 1.0))
    assert len(found) <= 3
    for phrase in found:
        for text in texts:
            assert phrase in " ".join(text.replace(" the ", " ").split()) or phrase in text
    words = {word for word in left if word not in ("the", ".")} & set(right)
    assert bool(found) == bool(words)


def test_subjects_are_shared_in_other_words() -> None:
    left = worded("Two quakes rattle the coast at night.")
    right = worded("An earthquake is felt; nobody is hurt.")
    assert shared_phrases(left, right, lambda terms: dict.fromkeys(terms, 1.0)) == ("earthquake",)
    assert shared_phrases(left, worded("Rien.", "fr"), lambda terms: dict.fromkeys(terms, 1.0)) == ()


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        # A longer phrase that holds a subject comes before the subject.
        ("Arson at a Zorg solar power plant.", "The Zorg solar power plant is sold.", ("Zorg solar power plant",)),
        ("A copyright infringement lawsuit ends.", "The copyright infringement lawsuit begins.", ("copyright infringement lawsuit",)),
        # Hyphens stay where the second text has them.
        ("A payments-api for zorgs fails.", "The payments-api recovers.", ("payments-api",)),
        ("The payments API fails.", "Payments-api restarts.", ("payments-api",)),
        ("A zorg-lantern hat.", "The zorg lantern hats.", ("zorg lantern hat",)),
        # The form that is a noun is shown, though the other text has another.
        ("Three sailors are kidnapped.", "The kidnapping of Zorgs ends.", ("kidnapping",)),
        ("A vulnerable router.", "Vulnerabilities are found.", ("Vulnerabilities",)),
        # Rare words of other kinds where no noun is shared.
        ("A flute is unearthed.", "Haggis is unearthed.", ("unearthed",)),
        ("The border is reopened for trade.", "A reopened trade route.", ("trade",)),
        ("It already ended.", "It already began.", ()),
    ],
)  # fmt: skip
def test_reasons_are_what_readers_would_say(left: str, right: str, expected: tuple[str, ...]) -> None:
    found = shared_phrases(*map(worded, (left, right)), lambda terms: dict.fromkeys(terms, 1.0), least=0.5)
    assert found == expected


def test_a_word_that_most_events_hold_is_no_reason() -> None:
    def weights(terms: Sequence[str]) -> dict[str, float]:
        return {term: 0.7 if term == "rollback" else 3.0 for term in terms}

    texts = worded("A rollback ended it; the cache lags."), worded("Rollback; the cache is slow.")
    assert shared_phrases(*texts, weights, common=1.0) == ("cache",)
    assert shared_phrases(worded("A rollback."), worded("The rollback."), weights, common=1.0) == ()
    assert shared_phrases(worded("A rollback."), worded("The rollback."), weights) == ("rollback",)


@pytest.mark.parametrize(
    ("left", "right", "bare", "expected"),
    [
        # A word of a shown topic is not said again at the end of a phrase, unless the whole is a name.
        ("A GitHub repository is archived.", "The GitHub repository moves.", True, ("repository",)),
        ("The GitHub site crates.io.", "On crates.io: maps.", True, ("crates.io",)),
        ("A GitHub general election.", "The general elections of maps.", True, ("general election",)),
        ("A GitHub Desktop release.", "The GitHub Desktop trick.", True, ("GitHub Desktop",)),
        ("A GitHub Airlines release.", "The GitHub Airlines trick.", True, ("GitHub Airlines",)),  # a subject alone
        # Beside a topic that says more than a place only phrases, subjects and identifiers are shown.
        ("The board reports on GitHub.", "The GitHub board meets.", False, ()),
        ("The board finds a memory leak.", "A memory leak puzzles the board.", False, ("memory leak",)),
        ("The board feels an earthquake.", "Earthquake warnings of a board.", False, ("earthquake",)),
        ("The board of web-07.eu.", "web-07.eu has a board.", False, ("web-07.eu",)),
    ],
)  # fmt: skip
def test_words_beside_a_topic(left: str, right: str, bare: bool, expected: tuple[str, ...]) -> None:
    texts = map(worded, (left, right))
    shown = frozenset({"github"})
    found = shared_phrases(*texts, lambda terms: dict.fromkeys(terms, 1.0), beside=shown, bare=bare)
    assert found == expected


def test_subjects_and_identifiers_that_a_topic_names_are_not_said_again() -> None:
    texts = worded("A general election on crates.io."), worded("General elections, see crates.io.")
    for shown in ({"general", "elect"}, {"crate", "io"}, {"general", "elect", "crate", "io"}):
        found = shared_phrases(*texts, lambda terms: dict.fromkeys(terms, 1.0), beside=frozenset(shown))
        assert ("general election" in " ".join(found).lower()) == ("elect" not in shown)
        assert ("crates.io" in found) == ("io" not in shown)


def test_a_topic_of_many_events_is_no_whole_reason() -> None:
    faults = ["memory leak", "login failure", "queue backlog", "cache miss"]
    events = [
        {"id": number, "date": "2024-01-01", "text": f"{faults[number % 4]} on {'mailer' if number % 5 else 'other'} host {number}",
         "topics": ["mailer"] if number % 5 else ["other", "rare"] if number in (0, 20) else ["other"]}
        for number in range(60)
    ]  # fmt: skip
    index = RelatedIndex.build(events)
    reasons = {item.reason for item in index.related(1) if item.contexts == ("mailer",)}
    assert reasons == {"Shared: login failure; Context: mailer"}
    (twin,) = [item for item in index.related(0) if item.id == 20]
    assert set(twin.contexts) == {"rare", "other"} and not twin.shared


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("It closed two years ago.", "Years ago it was a farm.", ()),
        ("It sold 1 300 of them.", "They lost 1 300 on Monday.", ()),
        ("The site is not visible at the URL.", "Expected: the URL of the site is visible.", ()),
        ("Two years ago the zorg pact failed.", "The zorg pact of years ago binds.", ("zorg pact",)),
        ("An Apollo 11 stamp sells.", "The crew of Apollo 11 meets.", ("Apollo 11",)),
    ],
)
def test_times_numbers_and_words_of_forms_are_no_reason(
    left: str, right: str, expected: tuple[str, ...]
) -> None:
    texts = map(worded, (left, right))
    assert shared_phrases(*texts, lambda terms: dict.fromkeys(terms, 1.0)) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("He refuses and says it quietly.", "They quietly refuse what he says.", ()),
        (
            "Armed men seize the roadside clinic.",
            "A roadside clinic closes; armed men flee.",
            ("armed men", "roadside clinic"),
        ),
        ("The zorg, pact and all, ends.", "It ends: a zorg; pact talks go on.", ("pact", "zorg")),
        (
            "A zorg season: Tropical Storm Mia.",
            "The zorg season: Tropical Storm Ada.",
            ("Tropical Storm", "zorg season"),
        ),
        ("Daniel Craig eats kelp.", "Daniel Radcliffe sells kelp.", ("kelp",)),
        ("The official answers.", "An official is asked.", ("official",)),
        ("Gunmen shot dead a monk.", "A nun is shot dead.", ("shooting",)),
        ("A suicide bomber dies.", "Suicide bombers flee.", ("suicide bomber",)),
        ("It broke zorg.example/net twice.", "See zorg.example/net for more.", ("zorg.example/net",)),
        ("Is it CVE-2024-17 again?", "See CVE-2024-17 and CVE-2024-1.", ("CVE-2024-17",)),
        ("ZORG-10 blocks ZORG-1000.", "Both ZORG-1000 and ZORG-10.", ("ZORG-10", "ZORG-1000")),
        ("Lost: MH-370.", "They seek MH 370.", ("MH 370",)),
        ("An AI wins.", "The AI loses.", ("AI",)),
        ("It cuts 2,000 jobs.", "The bank cuts 10,000 jobs.", ("jobs",)),
        ("The 6.1 magnitude quake.", "A 6.1 magnitude quake kills ten.", ("6.1 magnitude quake",)),
        ("A fire, killing ten, guts the monastery.", "The monastery burns, killing two.", ("monastery",)),
        ("The zorg gets home, the best.", "Best of all, it gets a zorg.", ("zorg",)),
        ("A mass grave is found.", "A mass grave is opened.", ("mass grave",)),
    ],
)
def test_nouns_names_subjects_and_phrases_are_reasons(
    left: str, right: str, expected: tuple[str, ...]
) -> None:
    texts = map(worded, (left, right))
    assert shared_phrases(*texts, lambda terms: dict.fromkeys(terms, 1.0)) == expected


def test_frequent_and_general_words_stand_alone_where_nothing_better_is_shared() -> None:
    weight = {"zorg": 3.0, "fabric": 1.0, "offici": 1.0}
    left, right, other, last = map(
        worded,
        (
            "An official weaves zorg fabric.",
            "Zorg, an official: fabric.",
            "The fabric of an official.",
            "Officials.",
        ),
    )

    def said(text: Wording, beside: set[str] | None = None) -> tuple[str, ...]:
        return shared_phrases(
            left, text, lambda terms: weight, significant=lambda pairs: set(), least=2.0, beside=beside
        )

    assert said(right) == said(right, {"peru"}) == ("zorg",)
    assert said(other) == said(other, {"peru"}) == ("fabric",)
    assert said(other, {"fabric"}) == said(last, {"peru"}) == ()
    assert said(last) == ("official",)


def test_a_lone_country_is_preceded_by_what_makes_the_pair_related() -> None:
    texts = {
        "a": "Voters in Peru go to the polls after a long and quiet campaign.",
        "b": "Peru prepares its general election, and the campaign is long and quiet.",
        "c": "Peru opens a zoo.",
        "d": "The Peruvian zoo has two tapirs.",
        "e": "Visitors of Lima like the tapirs.",
        "f": "A tapir is seen near Lima.",
    }
    index = RelatedIndex.build([{"id": i, "date": "2024-01-01", "text": text} for i, text in texts.items()])
    reasons = {(id_, one.id): one.reason for id_ in texts for one in index.related(id_)}
    assert reasons["a", "b"] == "Shared: general election; Context: Peru"
    assert reasons["c", "d"] == "Shared: zoo; Context: Peru"
    assert reasons["e", "f"] == "Shared: tapirs; Context: Lima, Peru"
    asked = index.query("Peru builds a zoo.")
    assert {one.id: one.reason for one in asked}["c"] == "Shared: zoo; Context: Peru"


def test_countries_follow_what_is_more_particular(sample_index: RelatedIndex) -> None:
    topics = (topic for id_ in sample_index for topic in sample_index.topics(id_))
    countries = {topic.name for topic in topics if topic.kind == "country"}
    orders = [
        [name in countries for name in item.contexts] for _, items in sample_index.lists(20) for item in items
    ]
    assert all(order == sorted(order) for order in orders)
    assert sum(len(set(order)) > 1 for order in orders) > 500


def test_a_topic_that_most_events_have_is_preceded_too() -> None:
    events = [
        {"id": str(n), "date": "2024-01-01", "topics": ["Zorg"], "text": f"A {word} of the {word}s."}
        for n, word in enumerate(["kettle", "ladder", "anvil", "saddle"] * 16)
    ]
    index = RelatedIndex.build(events)
    found = index.related("0")[0]
    assert found.contexts == ("Zorg",) and "kettle" in found.shared[0]


def test_a_topic_is_as_frequent_after_what_is_remembered_was_dropped(
    index: RelatedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_shared, "_MOST_REMEMBERED", 0)
    terms = index._view._terms
    lima = EventTopic("Lima", "city", "found")
    kelp, tuna = (EventTopic(name, "topic", "found") for name in ("Kelp", "Tuna"))
    assert [*terms.little([lima, kelp], "en")] == [*terms.little([kelp, lima, tuna], "en")] == ["Lima"]


def test_what_follows_by_chance_is_no_phrase() -> None:
    left = worded("The zorg pact binds. Quiet days end.")
    right = worded("A zorg pact fails. Quiet days begin.")
    asked: list[tuple[str, str]] = []

    def significant(pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        asked.extend(pairs)
        return {("zorg", "pact")}

    found = shared_phrases(left, right, lambda terms: dict.fromkeys(terms, 1.0), significant=significant)
    assert ("quiet", "day") in asked
    assert found[0] == "zorg pact"
    assert not any("quiet days" in phrase.lower() for phrase in found)


def test_words_that_often_stand_apart_make_a_phrase_only_beyond_chance() -> None:
    words = {"quiet": (0, 60, 1.0), "day": (1, 60, 1.0)}

    def is_phrase(together: int) -> bool:
        some = SimpleNamespace(_events=1000)
        return Terms._is_phrase(some, ("quiet", "day"), words, {"quiet day": (2, together, 1.0)})

    # By chance the two meet in 3.6 of 1,000 events.
    assert [is_phrase(together) for together in (4, 6, 20)] == [False, False, True]


@given(st.integers(0, 50), st.integers(1, 50), st.integers(1, 50), st.integers(100, 1000))
def test_log_likelihood_is_twice_the_gain_of_two_rates_over_one(
    both: int, more: int, other: int, rest: int
) -> None:
    """The oracle is the definition by binomial likelihoods, as the paper has it."""
    first, second = both + more, both + other
    events = first + other + rest

    def likelihood(k: int, n: int, rate: float) -> float:
        return sum(count * math.log(p) for count, p in ((k, rate), (n - k, 1 - rate)) if count)

    n1, n2 = first, events - first
    p, p1, p2 = second / events, both / n1, (second - both) / n2
    expected = 2 * (
        likelihood(both, n1, p1)
        + likelihood(second - both, n2, p2)
        - likelihood(both, n1, p)
        - likelihood(second - both, n2, p)
    )
    got = log_likelihood(both, first, second, events)
    assert got == pytest.approx(expected if p1 > p else 0.0, abs=1e-6)


def test_what_reads_the_texts_of_an_archive_goes_with_its_last_reference() -> None:
    config = Config.default()
    event = Event("a", None, text="Floods hit Dresden.")
    texts = count([Document("", event.text, "en", ())] * 2, config).texts
    words = SharedWords(
        Terms(lambda channel, wanted: {}, 2, config),
        TemplateText(),
        lambda row: event,
        lambda row: (),
        texts,
    )
    assert words.of(0, 1, ())
    gone = weakref.ref(words)
    collecting = gc.isenabled()
    gc.disable()
    try:
        del words
        assert gone() is None, "it and the events that it holds wait for the garbage collector"
    finally:
        if collecting:
            gc.enable()


def test_a_reason_names_the_first_of_many_contexts() -> None:
    names = tuple(f"Zorg {n}" for n in range(12))
    assert Related("a", 0.1, names, {}).reason == f"Context: {', '.join(names[:8])}, 4 more"
    assert Related("a", 0.1, names[:9], {}).reason == f"Context: {', '.join(names[:9])}"


@pytest.mark.parametrize(
    ("left", "right", "bare", "expected"),
    [
        # What both titles say comes first, then what one of them says, then what only the texts say.
        (("Zorg stalls", "An air balloon, coffee."), ("Zorg halts", "Coffee, an air balloon."), True, ("Zorg", "coffee")),
        (("Zorg stalls", "A kelp, a map."), ("Pact halts", "A map, a zorg, a kelp."), True, ("zorg", "kelp", "map")),
        (("Stalls", "A kelp, a zorg."), ("Halts", "A zorg, a kelp."), True, ("kelp", "zorg")),
        # Side by side in both titles, they are a phrase.
        (("Pact talks stall", "A kelp."), ("Pact talks halt", "A kelp."), True, ("Pact talks",)),
    ],
)  # fmt: skip
def test_what_titles_say_comes_first(
    left: tuple[str, str], right: tuple[str, str], bare: bool, expected: tuple[str, ...]
) -> None:
    texts = (Wording(Document(*fields, "en", ())) for fields in (left, right))
    found = shared_phrases(
        *texts,
        lambda terms: dict.fromkeys(terms, 1.0),
        lambda pairs: set(),
        least=0.5,
        beside=frozenset({"mailer"}),
        bare=bare,
    )
    assert found == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("See https://zorg.example/list?short_desc=a", "The https://zorg.example/query?short_desc=b", ()),
        ("See https://zorg.example/PROJ-10", "It blocks PROJ-10.", ("PROJ-10",)),
        (
            "In Mozilla/5.0 (X11; rv:9) Gecko/1 Firefox/9.0 it fails.",
            "Mozilla/5.0 (Zorg; X11) Gecko/1 Firefox/9.0",
            (),
        ),
        ("See ZORG-2023-10.", "See ZORG-2023-11.", ("ZORG",)),
        ("The R1 R2 kelp.", "A kelp of R1 R2.", ("kelp",)),
    ],
)
def test_addresses_browsers_years_and_short_codes_are_no_reason(
    left: str, right: str, expected: tuple[str, ...]
) -> None:
    texts = map(worded, (left, right))
    assert shared_phrases(*texts, lambda terms: dict.fromkeys(terms, 1.0)) == expected


def test_a_piece_of_a_name_is_no_subject() -> None:
    assert set(worded("The earthquake of zorg.").subjects) == {"earthquake"}
    assert not worded("The site earthquake.zorg fails.").subjects
