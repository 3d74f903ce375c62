"""Names of places and clubs that an archive uses for other things."""

from __future__ import annotations

from taggers import GAZETTEER, event, names

from relatedness.topics import FastTagger, Lexicon, learn

_TALK = [f"Run the vrbat command of Godfrey number {n}, and every team likes Godfrey." for n in range(9)]


def _tagger(texts: list[str]) -> FastTagger:
    return FastTagger(GAZETTEER, learn([event(text, id_=str(n)) for n, text in enumerate(texts)], GAZETTEER))


def test_a_town_that_no_event_is_in_is_something_else() -> None:
    (topics,) = _tagger(_TALK).tag([event("The new Godfrey is fast.")])
    assert [(topic.name, topic.kind) for topic in topics] == [("Godfrey", "name")]


def test_a_town_stays_one_where_events_are_in_it_or_name_its_country() -> None:
    for said in ("in Godfrey", "Godfrey and the rest of Illinois"):
        texts = [*_TALK, *(f"Report {n} is about {said}." for n in range(3))]
        (topics,) = _tagger(texts).tag([event("The new Godfrey is fast.")])
        assert [(topic.name, topic.kind) for topic in topics[:1]] == [("Godfrey, Illinois", "city")]


def test_few_events_show_nothing_of_a_town() -> None:
    assert _tagger(_TALK[:4]).lexicon.displaced == frozenset()


def test_a_country_is_never_displaced_but_by_a_given_name() -> None:
    texts = [
        f"Report {n}: {name} reviews the vrbat library and {name} merges it."
        for name in ("Jordan", "Iraq")
        for n in range(9)
    ]
    lexicon = _tagger(texts).lexicon
    assert lexicon.displaced == {"Jordan"}
    # A given name alone is no topic.
    assert names(FastTagger(GAZETTEER, lexicon).tag([event("The patch of Jordan is merged.")])[0]) == []


def test_what_is_displaced_is_kept_in_order_of_nothing() -> None:
    lexicon = _tagger(_TALK).lexicon
    assert lexicon.displaced
    assert Lexicon.from_json(lexicon.to_json()) == lexicon == _tagger(_TALK[::-1]).lexicon


def test_no_city_is_lost_to_an_archive_of_travels_or_of_programs() -> None:
    towns = ("Toronto", "Lisbon", "Godfrey")
    travels = [f"Back to {town}, number {n}: we like {town}." for n in range(9) for town in towns]
    assert not _tagger(travels).lexicon.displaced
    programs = [f"{text} Then run the vrbat command again." for text in travels]
    assert _tagger(programs).lexicon.displaced == {"Godfrey"}
    travels = [f"A trip to {town}, number {n}." for n in range(6) for town in towns]
    lists = [f"The zorglet-{n} crate needs the vrbat-{n} library and Release Notes." for n in range(36)]
    tagger = _tagger([*travels, *lists])
    assert tagger.lexicon.labels
    assert names(tagger.tag([event("Next stop is Toronto!")])[0])[:1] == ["Toronto"]


def test_a_blog_that_travels_and_programs_is_no_archive_of_labels() -> None:
    trips = [f"Kyoto at dawn is empty, and the trams of day {n} are full." for n in range(9)]
    tools = [f"We run the same command and the other tool again on day {n}." for n in range(9)]
    lexicon = _tagger([*trips, *tools]).lexicon
    assert not lexicon.labels


def test_a_technical_archive_knows_its_towns() -> None:
    texts = [f"The zorglet-{n} crate needs the vrbat-{n} library and Release Notes." for n in range(6)]
    tagger = _tagger([*texts, "They met in Godfrey."])
    assert tagger.lexicon.labels
    assert tagger.lexicon.placed == {"Godfrey"}
    assert names(tagger.tag([event("Next stop is Godfrey!")])[0])[:1] == ["Godfrey, Illinois"]


def test_what_was_read_before_a_town_was_displaced_is_read_again() -> None:
    events = [event(text, id_=str(n)) for n, text in enumerate(_TALK)]
    earlier, lexicon = FastTagger(GAZETTEER), learn(events, GAZETTEER)
    earlier.tag(events)
    follower = FastTagger(GAZETTEER, lexicon)
    follower.take_over(earlier)
    assert follower.tag(events) == FastTagger(GAZETTEER, lexicon).tag(events)


def test_a_club_is_one_only_beside_another_or_its_country() -> None:
    talk = [
        f"Page {n} uses Ajax and the vrbat library to load its rows, as Ajax does not reload."
        for n in range(9)
    ]
    (topics,) = _tagger(talk).tag([event("The rows are loaded by Ajax.")])
    assert [(topic.name, topic.kind) for topic in topics] == [("Ajax", "name")]
    for said in ("Ajax beat Real Madrid 3-0", "Ajax of the Netherlands"):
        assert "Ajax" not in _tagger([*talk, *(f"Report {n}: {said}." for n in range(3))]).lexicon.displaced
