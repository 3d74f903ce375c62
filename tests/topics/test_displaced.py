"""Names of places and clubs that an archive uses for other things."""

from __future__ import annotations

from taggers import GAZETTEER, event, names

from relatedness.topics import FastTagger, Lexicon, learn

_TALK = [f"We deploy with Mosul number {n}, and every team likes Mosul." for n in range(9)]


def _tagger(texts: list[str]) -> FastTagger:
    return FastTagger(GAZETTEER, learn([event(text, id_=str(n)) for n, text in enumerate(texts)], GAZETTEER))


def test_a_town_that_no_event_is_in_is_something_else() -> None:
    (topics,) = _tagger(_TALK).tag([event("The new Mosul is fast.")])
    assert [(topic.name, topic.kind) for topic in topics] == [("Mosul", "name")]


def test_a_town_stays_one_where_events_are_in_it_or_name_its_country() -> None:
    for said in ("in Mosul", "Mosul and the rest of Iraq"):
        texts = [*_TALK, *(f"Report {n} is about {said}." for n in range(3))]
        (topics,) = _tagger(texts).tag([event("The new Mosul is fast.")])
        assert [(topic.name, topic.kind) for topic in topics[:1]] == [("Mosul", "city")]


def test_few_events_show_nothing_of_a_town() -> None:
    assert _tagger(_TALK[:4]).lexicon.displaced == frozenset()


def test_a_country_is_never_displaced_but_by_a_given_name() -> None:
    texts = [
        f"Report {n}: {name} reviews the patch, and {name} merges it."
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


def test_a_technical_archive_knows_its_towns() -> None:
    texts = [f"The zorglet-{n} crate needs the vrbat-{n} library and Release Notes." for n in range(6)]
    tagger = _tagger([*texts, "They met in Mosul."])
    assert tagger.lexicon.labels
    assert tagger.lexicon.placed == {"Mosul"}
    assert names(tagger.tag([event("Next stop is Mosul!")])[0])[:1] == ["Mosul"]


def test_what_was_read_before_a_town_was_displaced_is_read_again() -> None:
    events = [event(text, id_=str(n)) for n, text in enumerate(_TALK)]
    earlier, lexicon = FastTagger(GAZETTEER), learn(events, GAZETTEER)
    earlier.tag(events)
    follower = FastTagger(GAZETTEER, lexicon)
    follower.take_over(earlier)
    assert follower.tag(events) == FastTagger(GAZETTEER, lexicon).tag(events)


def test_a_club_is_one_only_beside_another_or_its_country() -> None:
    talk = [f"Page {n} uses Ajax to load its rows, as Ajax does not reload." for n in range(9)]
    (topics,) = _tagger(talk).tag([event("The rows are loaded by Ajax.")])
    assert [(topic.name, topic.kind) for topic in topics] == [("Ajax", "name")]
    for said in ("Ajax beat Real Madrid 3-0", "Ajax of the Netherlands"):
        assert "Ajax" not in _tagger([*talk, *(f"Report {n}: {said}." for n in range(3))]).lexicon.displaced
