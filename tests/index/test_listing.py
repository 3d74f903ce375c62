"""Lists that are not stored: who is out and why, spread over time, fallback tiers."""

from __future__ import annotations

from typing import Any

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_score import Archive, dots
from stories import Stories, configs, corpora, word
from test_laws import _FILTERS, RECENCIES, built, passes, truth
from test_overrides import banned_by, overrides_of

from relatedness.config import Config
from relatedness.errors import ConfigError, InputError, UnknownEventError
from relatedness.index._listing import PERIOD_DAYS
from relatedness.related_index import RelatedIndex
from relatedness.topics import PLACES

Record = dict[str, Any]
_MORE = st.fixed_dictionaries(
    {},
    optional={
        "spread": st.sampled_from((0, 1, 2, 50)),
        "fill": st.sampled_from(("context", "period")),
        "recency": RECENCIES,
    },
)


def check_why_not(records: list[Record], config: Config, data: st.DataObject, wanted: Record, k: int) -> None:
    index = built(records, config).with_overrides(None)
    overrides = data.draw(overrides_of([record["id"] for record in records]))
    index = index.with_overrides(overrides)
    archive = truth(index)
    topics = {id_: {topic.name for topic in index.topics(id_)} for id_ in index.events}
    filters = {
        name: value
        for name, value in wanted.items()
        if name not in ("spread", "fill", "min_score", "recency")
    }
    curve = config.with_recency(wanted.get("recency", 1)).recency
    for id_ in index.events:
        try:
            ids = [item.id for item in index.related(id_, k=k, **wanted)]
        except InputError:  # a filter names what nothing in the archive has
            with pytest.raises(InputError):
                index.why_not(id_, next(other for other in index.events if other != id_), k=k, **wanted)
            continue
        everyone = [item.id for item in index.related(id_, k=config.lists.candidates, **wanted)]
        allowed = passes(filters, archive.events[id_], topics)
        banned = banned_by(overrides, index, id_) | set(overrides.pins.get(id_, ()))
        hidden = banned | {other for other in index.events if not allowed(archive.events[other])}
        # Neither the caller's least score nor the spread changes what the cutoff is measured by, nor do near-duplicates
        # of the event.
        best = [
            item.total / 10_000_000
            for item in archive.related(id_, 99, lambda event, hidden=hidden: event.id not in hidden, curve)
            if not archive._are_copies(id_, item.id)
        ]
        for other in index.events:
            why = index.why_not(id_, other, k=k, **wanted)
            assert (why.rule == "listed") == (other in ids), why
            assert str(why)
            if id_ == other:
                assert why.rule == "self"
                continue
            event = archive.events[other]
            assert why.score == pytest.approx(
                sum(archive.pair(id_, other, curve).values()) / 10_000_000, abs=1e-9
            )
            assert (why.rule == "filter") == (not allowed(event))
            if why.rule == "listed":
                assert why.rank == ids.index(other) + 1
            elif why.rule == "filter":
                assert why.by in filters
            elif why.rule == "rank":
                assert why.rank == why.value > k == why.needed
                assert why.rank > len(everyone) or everyone[why.rank - 1] == other or "fill" in wanted
            elif why.rule == "banned":
                assert other in banned_by(overrides, index, id_)
            elif why.rule == "nothing":
                assert why.score == 0 or not archive_shares(archive, id_, other)
            elif why.rule == "floor":
                assert why.value < why.needed == archive.floor / 10_000_000
                assert "recency" in wanted or why.value == why.score
            elif why.rule == "near-duplicate":
                assert why.value >= why.needed - 1e-9
                assert archive._are_copies(why.by, other)
            elif why.rule == "overlap":
                assert config.lists.minimum_overlap > 0
                vectors = archive.vectors[id_], archive.vectors[other]
                # The first of the list may itself have been left out by what the caller wants.
                near = archive.is_near(archive.pair(id_, other, curve))
                grounds = archive._has_grounds(*vectors, None, near=near, kin=False)
                assert not grounds or why.value < why.needed or wanted
            elif why.rule in ("cutoff", "min-score", "candidates", "spread"):
                assert why.value is not None
                assert why.value <= why.needed if why.rule == "candidates" else why.value < why.needed
                assert why.rule != "spread" or why.by in everyone
                assert why.rule != "cutoff" or why.needed == pytest.approx(
                    config.lists.relative_cutoff * best[0], abs=1e-9
                )
            else:
                assert why.rule in ("group", "language")


def archive_shares(archive: Archive, id_: str, other: str) -> bool:
    """Whether two events have a word, a phrase or a topic in common."""
    return any(dots(archive.vectors[id_], archive.vectors[other]).values())


@examples(32)
@given(corpora(), configs(), st.data(), _FILTERS, _MORE, st.integers(1, 5))
def test_why_not_says_listed_exactly_where_the_list_has_it(
    records: list[Record], config: Config, data: st.DataObject, filters: Record, more: Record, k: int
) -> None:
    check_why_not(records, config, data, filters | more, min(k, config.lists.candidates))


@examples(32)
@given(corpora(), configs(), st.data(), st.integers(1, 5))
def test_why_not_agrees_with_plain_lists(
    records: list[Record], config: Config, data: st.DataObject, k: int
) -> None:
    check_why_not(records, config, data, {}, min(k, config.lists.candidates))


@pytest.mark.slow
@settings(max_examples=300)
@given(corpora(most=18), configs(), st.data(), _FILTERS, _MORE, st.integers(1, 5))
def test_why_not_on_many_corpora(
    records: list[Record], config: Config, data: st.DataObject, filters: Record, more: Record, k: int
) -> None:
    check_why_not(records, config, data, filters | more, min(k, config.lists.candidates))


def test_why_not_on_real_sentences(sample_index: RelatedIndex) -> None:
    ids = list(sample_index.events)
    seen = set()
    for id_ in ids[::72]:
        listed = {item.id for item in sample_index.related(id_)}
        for other in [*ids[::7], *listed, *(item.id for item in sample_index.related(id_, k=40))]:
            why = sample_index.why_not(id_, other)
            assert (why.rule == "listed") == (other in listed)
            seen.add(why.rule)
    assert {"listed", "rank", "nothing", "floor", "cutoff"} <= seen
    with pytest.raises(UnknownEventError, match="'no-such-event'"):
        sample_index.why_not(ids[0], "no-such-event")


# --- spread --------------------------------------------------------------------------------------------------------


@given(corpora(), configs(), st.sampled_from((1, 2, 39, 400)))
def test_spread_takes_the_best_that_lie_apart(records: list[Record], config: Config, days: int) -> None:
    index = built(records, config)
    archive = truth(index)
    for id_ in index.events:
        kept: list[str] = []
        for item in archive.related(id_, config.lists.candidates):
            gaps = [abs(archive.events[item.id].day - archive.events[other].day) for other in kept]
            if all(gap >= days for gap in gaps):
                kept.append(item.id)
        k = config.lists.stored
        assert [item.id for item in index.related(id_, k=k, spread=days)] == kept[:k]


# --- tiers ---------------------------------------------------------------------------------------------------------


@given(corpora(), configs(), st.sampled_from(("context", "period")))
def test_fillers_come_after_the_list_and_are_what_their_tier_says(
    records: list[Record], config: Config, fill: Any
) -> None:
    index = built(records, config)
    archive = truth(index)
    k = config.lists.stored
    for id_ in index.events:
        plain = index.related(id_, k=k)
        found = index.related(id_, k=k, fill=fill)
        assert list(found)[: len(plain)] == list(plain)
        own = {t.name for t in index.topics(id_) if t.how != "parent" and t.kind not in PLACES}
        subject = archive.events[id_]
        tiers = [item.tier for item in found[len(plain) :]]
        assert tiers == sorted(tiers)  # "same context" before "same period"
        assert fill == "period" or "same period" not in tiers
        for item in found[len(plain) :]:
            event = archive.events[item.id]
            assert item.id != id_
            assert not (subject.group and subject.group == event.group)
            if item.tier == "same context":
                assert own & {topic.name for topic in index.topics(item.id)}
            else:
                assert abs(event.day - subject.day) <= PERIOD_DAYS
            above = [id_, *(other.id for other in found[: list(found).index(item)])]
            assert not any(archive._are_copies(item.id, o) for o in above)
        if fill == "period" and len(found) < k:
            # Whoever of the period is missing could not be shown.
            for other, event in archive.events.items():
                if abs(event.day - subject.day) <= PERIOD_DAYS and other not in {item.id for item in found}:
                    assert index.why_not(id_, other, k=k).rule in (
                        "self",
                        "group",
                        "language",
                        "near-duplicate",
                    ) or any(archive._are_copies(other, o) for o in [id_, *(item.id for item in found)])


def test_a_list_that_is_full_is_not_filled() -> None:
    stories = Stories(2, 6)
    index = built(stories.records, stories.in_order())
    assert index.related("s0-d00", fill="period") == index.related("s0-d00")
    filled = index.related("s0-d00", k=8, fill="period")
    assert [item.tier for item in filled] == [""] * 5 + ["same period"] * 3
    assert [item.id for item in filled[5:]] == ["s1-d00", "s1-d01", "s1-d02"]
    assert [item.score for item in filled[5:]] == [0, 0, 0]


def test_impossible_wishes_are_refused(sample_index: RelatedIndex) -> None:
    first = next(iter(sample_index.events))
    with pytest.raises(ConfigError, match="spread is -1"):
        sample_index.related(first, spread=-1)
    with pytest.raises(ConfigError, match="'week': expected context or period"):
        sample_index.related(first, fill="week")  # type: ignore[arg-type]


def test_an_event_whose_title_is_asked_comes_first_and_says_why() -> None:
    records = [
        {
            "id": f"{at}",
            "date": f"2024-01-{at % 28 + 1:02}",
            "title": f"Notes of week {at}",
            "text": f"Lessons and trainers in Africa: lesson plan {at}, trainers of Africa, more lessons. "
            * 3,
        }
        for at in range(60)
    ]
    plain = {
        "date": "2024-02-01",
        "text": "We thank all who came to the two days at the lake, and who cooked for us. " * 9,
    }
    records += [
        plain | {"id": id_, "title": title}
        for id_, title in (("asked", "Lessons in Africa"), ("later", "lessons  in Africa!"))
    ]
    records.append(
        {
            "id": "longer",
            "date": "2024-02-01",
            "title": "On lessons in Africa",
            "text": "Lessons in Africa. " * 5,
        }
    )
    index = RelatedIndex.build(records)
    found = index.query("Lessons in Africa", k=5)
    assert [item.tier for item in found] == ["same title"] * 2 + [""] * 3
    assert {item.id for item in found[:2]} == {"asked", "later"}
    assert found[0].score < found[2].score, "by their words alone both would stand behind it"
    assert found.why_not("asked").rule == "listed"
    assert index.query("LESSONS in Africa.", k=1)[0].tier == "same title"
    assert [item.tier for item in index.query("Lessons in Africa", k=5, until="2024-01-31")] == [""] * 5
    # A whole event that happens to have this title is asked for what is related to it.
    assert (
        index.query("We cooked at the lake for all who came.", title="Lessons in Africa", k=1)[0].tier == ""
    )


def test_an_event_that_holds_all_words_of_a_query_comes_before_those_with_a_higher_score() -> None:
    texts = [f"A silver cup for sailor {word(at)}." for at in range(12)]
    texts += [f"A stolen boat of {word(at)}." for at in range(20, 32)]
    texts += [" ".join(word(at * 9 + n) for n in range(9)) for at in range(10, 40)]
    told = "The mayor of an old harbour town told all who came to the square that a thief had stolen the cup at night,"
    texts.append(f"{told} from the museum behind the church, beside paintings, coins, letters and a carpet.")
    index = RelatedIndex.build(
        {"id": str(at), "date": f"2024-03-{at % 28 + 1:02}", "text": text} for at, text in enumerate(texts)
    )
    whole = str(len(texts) - 1)
    found = index.query("stolen cup", k=5)
    assert found.ids[0] == whole
    assert found[0].score < found[1].score, "by the score alone it would stand behind"
    assert [item.tier for item in found] == ["all words", "", "", "", ""]
    assert [item.score for item in found[1:]] == sorted((item.score for item in found[1:]), reverse=True)
    assert found.why_not(whole).sentence.endswith("rank 1, all words.")
    # None holds all of these words, so the score alone decides, as it does for an event of the index.
    assert {item.tier for item in index.query("stolen silver boat", k=5)} == {""}
    assert {item.tier for item in index.related(whole, k=5)} == {""}


def test_a_title_without_a_word_of_its_own_is_found_by_the_same_title() -> None:
    titles = ["Who are you?", "r", "who ARE you", "Rain", "[", ""]
    records = [
        {
            "id": f"e{at}",
            "date": f"2024-02-{at + 1:02}",
            "title": title,
            "text": f"Text number {at} of the lake.",
        }
        for at, title in enumerate(titles)
    ]
    index = RelatedIndex.build(records)
    found = index.query("Who are you?")
    assert [(item.id, item.tier, item.score) for item in found] == [
        ("e2", "same title", 0.0),
        ("e0", "same title", 0.0),
    ]
    assert found.why_not("e0").rule == "listed"
    assert found[0].reason
    assert index.query("R").ids == ("e1",)
    assert index.query("[").ids == ("e4",)
    assert index.query("Who are you?", until="2024-02-02").ids == ("e0",)
    assert index.query("who is it").ids == ()


def test_a_title_is_looked_up_only_in_the_language_that_is_asked_for() -> None:
    records = [
        {
            "id": language,
            "date": "2024-02-01",
            "title": "Was",
            "text": f"The lake, {language}.",
            "language": language,
        }
        for language in ("en", "de")
    ]
    index = RelatedIndex.build(records)
    assert index.query("was", language="en").ids == ("en",)
    assert index.query("was", language="de").ids == ("de",)
