"""A reader takes over from another what a larger lexicon cannot change, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness.events import Event
from relatedness.shipped import shipped
from relatedness.sources import read_events
from relatedness.topics import FastTagger, Gazetteer, Lexicon, NoteTaker, _readings, conclude, learn
from relatedness.topics._lexicon import Name
from relatedness.topics._reader import Reader

GAZETTEER = Gazetteer.load()
WORDS = st.sampled_from(
    [
        "Zorg",
        "Zorg's",
        "Pact",
        "Al-Zorg",
        "al-Zorg",
        "Zorg–Iraq",
        "Iraq",
        "Iraqi",
        "Ministry",
        "of",
        "the",
        "Defence",
        "and",
        "Grim",
        "Sleeper",
        "Pope",
        "Zorgs",
        "U.S.",
        "Zorg.",
        "KEP",
        "Template",
        "Harbour",
        "Strike",
        "“Zorg”",
        "(ZP)",
        "Court",
        "for",
        "Vichada",
        "Department",
        "ZORG",
        "zorg",
        "quick-zorg",
        "Zorg's–Iraq",
        "Zorg-led",
        "/",
        "\n\n## Zorg",
        "“Al”",
        "war",
    ]
)
NAMES = st.lists(st.lists(WORDS, min_size=1, max_size=3).map(" ".join), max_size=4)


def fresh_and_taken_over(events: list[Event], lexicon: Lexicon, before: Lexicon) -> tuple[object, object]:
    earlier = Reader(GAZETTEER, before, keeping=True)
    for event in events:
        earlier.read_event(event)
    follower = Reader(GAZETTEER, lexicon)
    follower.take_over(earlier)
    readers = Reader(GAZETTEER, lexicon), follower
    first, second = ([*map(reader.read_event, events)] for reader in readers)
    return first, second


@given(
    texts=st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), min_size=1, max_size=5),
    title=st.one_of(st.just(""), st.lists(WORDS, min_size=1, max_size=6).map(" ".join)),
    small=st.lists(st.sampled_from(["zorg", "quick-zorg", "the", "war"]), max_size=2, unique=True),
    old=NAMES,
    new=NAMES,
    common=st.frozensets(WORDS.map(str.lower), max_size=3),
    template=st.frozensets(NAMES.map(" ".join).filter(bool), max_size=2),
)
def test_a_reader_that_takes_over_reads_as_a_new_one(
    texts: list[str],
    title: str,
    small: list[str],
    old: list[str],
    new: list[str],
    common: frozenset[str],
    template: frozenset[str],
) -> None:
    day = date(2016, 7, 11)
    events = [Event(str(n), day, title, f"They say: {text}") for n, text in enumerate(texts)]
    before = Lexicon(tuple(Name(name, "name") for name in dict.fromkeys(old)))
    added = tuple(Name(name, "software", ("!", f"{name} Pact")) for name in dict.fromkeys(new))
    added += tuple(Name(name, "software") for name in small)
    lexicon = Lexicon((*before.names, *added), common, {}, template)

    fresh, taken_over = fresh_and_taken_over(events, lexicon, before)

    assert taken_over == fresh


@pytest.mark.parametrize(
    "lexicon",
    [
        Lexicon(common=frozenset({"zorg"})),
        Lexicon(template=frozenset({"KEP"})),
        Lexicon((Name("Zorg Group", "company", ("Zorg",)),)),
        Lexicon((Name("Documents", "name", ("KEP Template",)),)),
        Lexicon((Name("Ministry of Defence (Iraq)", "story", (), ("Zorg",)),)),
    ],
    ids=["everyday word", "template", "one word", "several words", "a body"],
)
def test_what_was_learned_reaches_what_was_read_before(lexicon: Lexicon) -> None:
    text = (
        "They all say that Zorg talks to Zorgs of the KEP Template and that the Iraqi Defence Ministry waits."
    )
    event = Event("a", date(2016, 7, 11), text=text)

    fresh, taken_over = fresh_and_taken_over([event], lexicon, Lexicon())

    assert taken_over == fresh != [Reader(GAZETTEER, Lexicon()).read_event(event)]


def test_a_run_is_kept_where_it_never_asked_whether_its_words_are_everyday_ones() -> None:
    text = "They say that Pope Francis leaves and that the Grim Sleeper and the Vatican-run Post stay."
    event = Event("a", date(2016, 7, 11), text=text)
    earlier = Reader(GAZETTEER, Lexicon(), keeping=True)
    earlier.read_event(event)
    follower = Reader(GAZETTEER, Lexicon(common=frozenset({"pope", "francis", "grim", "sleeper"})))

    follower.take_over(earlier)

    kept = {run for runs in follower._runs for run in runs}
    assert {"Pope Francis", "Vatican-run Post"} <= kept
    assert not any("Sleeper" in run for run in kept)


def test_most_of_an_archive_is_taken_over() -> None:
    events = list(read_events(shipped("sample.jsonl")))
    take = NoteTaker(GAZETTEER, Lexicon())
    lexicon = conclude(take(events), take.reader, Lexicon())
    assert lexicon == learn(events, GAZETTEER)

    follower = Reader(GAZETTEER, lexicon)
    follower.take_over(take.reader)

    kept = sum(len(runs) for runs in follower._runs)
    assert 0.9 < kept / sum(len(runs) for runs in take.reader._runs) < 1
    reader = Reader(GAZETTEER, lexicon)
    assert [follower.read_event(event) for event in events] == [reader.read_event(event) for event in events]


def test_nothing_is_taken_over_from_another_gazetteer_or_a_larger_lexicon() -> None:
    event = Event("a", date(2016, 7, 11), text="The Zorg Pact holds.")
    learned = Lexicon((Name("Zorg Pact", "agreement"),))
    earlier = Reader(GAZETTEER, learned)
    earlier.read_event(event)

    for follower in (Reader(GAZETTEER, Lexicon()), Reader(Gazetteer([]), learned)):
        follower.take_over(earlier)

        assert not any(follower._runs)


def test_a_tagger_takes_over_from_the_one_that_learned_and_from_nothing_else() -> None:
    event = Event("a", date(2016, 7, 11), text="They say that Zorg talks to Iraq.")
    take = NoteTaker(GAZETTEER, Lexicon())
    learn([event], GAZETTEER, take=take)
    follower, other, alone = (FastTagger(GAZETTEER) for _ in range(3))

    follower.take_over(take)
    other.take_over(len)

    assert [any(tagger.reader._runs) for tagger in (follower, other, alone)] == [True, False, False]
    assert follower.tag([event]) == alone.tag([event])


def test_most_texts_are_not_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    events = list(read_events(shipped("sample.jsonl")))
    take = NoteTaker(GAZETTEER, Lexicon())
    lexicon = conclude(take(events), take.reader, Lexicon())
    follower = Reader(GAZETTEER, lexicon)
    follower.take_over(take.reader)
    searched: list[str] = []
    search = follower._search
    monkeypatch.setattr(follower, "_search", lambda text, **how: searched.append(text) or search(text, **how))

    new = Event("new", date(2016, 7, 11), text="They say that the Zorg Pact holds.")
    for event in [*events, new]:
        follower.read_event(event)

    assert new.text in searched
    assert len(searched) < 0.05 * len(events)


def test_a_text_is_searched_again_where_a_run_goes_on_as_it_did_not_before() -> None:
    text = "They say that the Minister of Defence and education of Zorg leaves, and the Ministry of Zorg affairs and Iraq stay."
    event = Event("a", date(2016, 7, 11), text=text)
    names = Name("Ministry of Zorg affairs", "organisation"), Name("Zorg", "place")

    fresh, taken_over = fresh_and_taken_over([event], Lexicon(names), Lexicon())

    assert taken_over == fresh


def test_a_reader_keeps_as_many_texts_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_readings, "_MOST_LETTERS", 50)
    texts = [f"They say that Iraq has {n} towns." for n in range(4)]
    reader = Reader(GAZETTEER, Lexicon(), keeping=True)

    found = [reader.read(text) for text in texts]

    assert reader._readings is not None
    kept = [reader._readings.runs(text, title=False) is not None for text in texts]
    assert kept == [True, True, False, False]
    assert [reader.read(text) for text in texts] == found


def test_texts_in_other_languages_take_room_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_readings, "_MOST_LETTERS", 50)
    reader = Reader(GAZETTEER, Lexicon(), keeping=True)

    for n in range(4):
        reader.read_event(
            Event(str(n), date(2016, 7, 11), text=f"Man sagt dort, dass {n} kommen.", language="de")
        )

    assert reader._readings is not None
    assert len(reader._readings.small) == 2


@pytest.mark.parametrize("name", ["Zorg Tribunal", "Zorg Supreme Court"])
def test_the_first_word_of_a_learned_body_is_read_again(name: str) -> None:
    event = Event("a", date(2016, 7, 11), text=f"They say that the {name}, in Vichada, waits for Zorg.")

    fresh, taken_over = fresh_and_taken_over([event], Lexicon((Name(name, "story"),)), Lexicon())

    assert taken_over == fresh
