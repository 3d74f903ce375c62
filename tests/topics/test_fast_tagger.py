"""Topics: what a reader expects of a text, and the contract of every tagger."""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from taggers import FAST, GAZETTEER, blank_ner, event, fast, names

from relatedness.events import Event
from relatedness.topics import FastTagger, learn

MAKERS: list[Callable[..., FastTagger]] = [lambda *a: FastTagger(*(a or (GAZETTEER,))), blank_ner]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("U.S. President Barack Obama sends troops to Iraq.", ["United States", "Barack Obama", "Iraq"]),
        ("Talks in Samarra, Iraq, end.", ["Samarra", "Iraq"]),
        ("A shooting in Stockton, California kills three.", ["Stockton, California"]),
        ("A plant in Paris, Texas burns.", ["Paris, Texas"]),
        ("The Islamic State of Iraq and the Levant loses Mosul.", ["ISIL", "Mosul"]),
        ("Iraq's parliament and China’s navy disagree.", ["Iraq", "China"]),
        ("Saudi-led forces bomb Sana'a.", ["Saudi Arabia", "Sana'a"]),
        ("Israeli-Palestinian talks resume.", ["Israel", "Palestine"]),
        ("The Prime Minister of Israel Benjamin Netanyahu resigns.", ["Israel", "Benjamin Netanyahu"]),
        ("Al-Qaeda in the Islamic Maghreb frees two.", ["Al-Qaeda in the Islamic Maghreb"]),
        ("Unrest in Bosnia and Herzegovina goes on.", ["Bosnia and Herzegovina"]),
        ("An outbreak of swine flu is over.", ["2009 flu pandemic"]),
        ("Research at the University of Bergen shows it.", ["University of Bergen"]),
        ("Pope Francis visits Cuba.", ["Pope Francis", "Cuba"]),
        ("Then Turkey closes the border with Syria.", ["Turkey", "Syria"]),
        ("On Friday, May 6, police arrest nine men.", []),
        ("Police arrest the president. Protesters storm Parliament.", []),
        ("They told us it is what it is, and who may know.", []),
        ("THE CABINET HAS RESIGNED IN FRANCE", ["France"]),
    ],
)
def test_what_a_reader_expects(text: str, expected: list[str]) -> None:
    assert fast(text) == expected


def test_parents_are_weaker_topics() -> None:
    (topics,) = FAST.tag([event("Mosul falls.")])
    assert names(topics, "found") == ["Mosul"]
    assert names(topics, "parent") == ["Iraq"]
    assert all(not topic.aliases for topic in topics if topic.how == "parent")


def test_aliases_are_as_written() -> None:
    (topics,) = FAST.tag(
        [event("ISIS leaves. Daesh is gone, says the Islamic State's foe in Zhejiang province.")]
    )
    assert topics[0].aliases == ("ISIS", "Daesh", "Islamic State")
    assert {"Zhejiang", "Zhejiang province"} <= set(topics[1].aliases)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Floods hit Atlanta, and the governor of Georgia speaks.", "Georgia (U.S. state)"),
        ("Troops leave Tbilisi, the capital of Georgia.", "Georgia (country)"),
        ("Kinshasa is calm, says the Congo.", "Democratic Republic of the Congo"),
        ("Iran and Syria meet in Damascus with the United States.", "Damascus"),
    ],
)
def test_the_other_topics_decide_between_places_of_one_name(text: str, expected: str) -> None:
    assert expected in fast(text)


def test_an_ambiguous_name_without_company_is_left_out() -> None:
    assert fast("There is news of Congo again.") == []


def test_a_meaning_that_needs_company_needs_enough_of_it(tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("Zorg Hills | city | ?Zorg | Baghdad\n", encoding="utf-8")
    tagger = FastTagger(GAZETTEER.extended(own))
    (alone,), (beside_its_country,), (beside_its_parent,) = (
        tagger.tag([event(text)])
        for text in (
            "They say that Zorg opens.",
            "They say that Zorg opens in Iraq.",
            "Zorg opens near Baghdad.",
        )
    )
    # An ancestor alone gives 2 points, the parent 6, and 6 are needed.
    assert "Zorg Hills" not in names(alone) + names(beside_its_country)
    assert names(beside_its_parent)[0] == "Zorg Hills"


def test_a_surname_means_the_person_named_in_full() -> None:
    (topics,) = FAST.tag(
        [event("Zdenka Vrbova wins. Later Vrbova thanks them; the rival of Vrbova is absent.")]
    )
    assert names(topics) == ["Zdenka Vrbova"]
    assert topics[0].aliases == ("Zdenka Vrbova", "Vrbova")


def test_a_surname_that_is_also_a_town_means_the_person_too() -> None:
    assert fast("Alex Ferguson retires. Ferguson's team wins.") == ["Alex Ferguson"]
    (topics,) = FAST.tag([event("Whitney Houston dies. The Houston estate is large.")])
    assert [(topic.name, topic.aliases) for topic in topics] == [
        ("Whitney Houston", ("Whitney Houston", "Houston"))
    ]
    assert "Houston" in fast("Whitney Houston is buried. A crowd gathers in Houston.")
    assert "Houston" in fast("Whitney Smith visits Houston.")
    assert "Ferguson, Missouri" in fast("Protests in Ferguson, Missouri. Alex Ferguson retires.")


def test_the_year_decides_what_an_alias_means() -> None:
    assert fast("Critics of Bush gather.", year=2005) == ["George W. Bush"]
    assert "George W. Bush" not in fast("Critics of Bush gather.", year=2016)


def test_media_as_the_source_are_no_context() -> None:
    assert fast("The dam at Mosul holds, according to Reuters. (BBC)") == ["Mosul"]
    assert fast("The dam at Mosul holds. (Reuters), (BBC), (Al Jazeera).") == ["Mosul"]
    assert fast(f"The dam at Mosul holds. {'(x) ' * 20_000}(BBC)") == ["Mosul"]
    assert fast("Workers of the BBC strike.") == ["BBC"]


@pytest.mark.parametrize(
    ("supplied", "text", "expected"),
    [
        ("github.com/containers/buildah", "Variables leak in Buildah.", ["github.com/containers/buildah"]),
        ("rdiffweb", "A cookie leaks in the GitHub repository ikus060/rdiffweb.", ["rdiffweb", "GitHub"]),
        (
            "AC/DC",
            "A concert in Washington, D.C. is cancelled.",
            ["AC/DC", "Washington, D.C.", "United States"],
        ),
    ],
)
def test_a_name_and_its_path_are_one_topic(supplied: str, text: str, expected: list[str]) -> None:
    assert [
        topic.name for topic in FastTagger().tag([Event("a", None, text, topics=(supplied,))])[0]
    ] == expected


def test_supplied_topics_are_canonical_and_win() -> None:
    (topics,) = FAST.tag([event("Daesh attacks.", "Islamic State", "Our Own Story")])
    assert [(t.name, t.how) for t in topics] == [("ISIL", "supplied"), ("Our Own Story", "supplied")]
    assert topics[0].aliases == ("Islamic State", "Daesh")
    assert topics[1].kind == "story"


TEXTS = [
    "U.S. President Barack Obama sends troops to Mosul, Iraq.",
    "Zdenka Vrba of Kolben Works meets Chancellor Angela Merkel in Prague.",
    "A shooting in Stockton, California kills three people; Georgia and Atlanta mourn.",
    "Überschwemmungen in Köln – São Tomé and Príncipe’s aid arrives.",
    "今天伊拉克政府宣布。 The Zorg Pact (ZP) holds.",
    "x",
]


@pytest.mark.parametrize("make", MAKERS, ids=["fast", "ner"])
def test_contract_of_a_tagger(make: Callable[..., FastTagger]) -> None:
    tagger = make()
    events = [event(text, id_=str(n)) for n, text in enumerate(TEXTS)]
    tagged = tagger.tag(events)
    assert len(tagged) == len(events)
    assert tagged == [tagger.tag([one])[0] for one in events]
    assert tagged[::-1] == make().tag(events[::-1])
    assert tagger.tag([]) == []
    for topics in tagged:
        assert isinstance(topics, tuple)
        assert len({topic.name for topic in topics}) == len(topics)
        order = [("supplied", "found", "parent", "inferred").index(topic.how) for topic in topics]
        assert order == sorted(order)
    assert make().key == tagger.key


@pytest.mark.parametrize("make", MAKERS, ids=["fast", "ner"])
def test_a_tagger_travels_to_other_processes(make: Callable[..., FastTagger]) -> None:
    tagger = make(GAZETTEER, learn([event("The Zorg Pact holds.", id_=str(n)) for n in range(1)], GAZETTEER))
    again = pickle.loads(pickle.dumps(tagger))
    events = [event(text) for text in TEXTS]
    assert again.key == tagger.key
    assert again.tag(events) == tagger.tag(events)


@pytest.mark.parametrize("make", MAKERS, ids=["fast", "ner"])
@given(data=st.data())
@examples(25)
def test_order_and_batches_do_not_count(make: Callable[..., FastTagger], data: st.DataObject) -> None:
    words = st.sampled_from(
        ["The", "Georgia", "Atlanta", "Obama", "of", "and", "Zorg", "Pact", "U.S.", "fell.", "in", ","]
    )
    texts = data.draw(
        st.lists(st.lists(words, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=8)
    )
    events = [event(text, id_=str(n)) for n, text in enumerate(texts)]
    shuffled = data.draw(st.permutations(events))
    lexicon = learn(events, GAZETTEER)
    assert learn(shuffled, GAZETTEER) == lexicon
    whole = dict(zip((e.id for e in events), make(GAZETTEER, lexicon).tag(events), strict=True))
    tagger = make(GAZETTEER, lexicon)
    half = len(shuffled) // 2
    parts = tagger.tag(shuffled[:half]) + tagger.tag(shuffled[half:])
    assert parts == [whole[e.id] for e in shuffled]


def test_joblib_workers_find_the_same() -> None:
    from joblib import Parallel, delayed

    events = [event(text, id_=str(n)) for n, text in enumerate(TEXTS)]
    with Parallel(n_jobs=2, backend="threading") as parallel:
        parts = parallel(delayed(FAST.tag)(events[n : n + 2]) for n in range(0, len(events), 2))
    assert [topics for part in parts for topics in part] == FAST.tag(events)


@pytest.mark.archive
def test_order_does_not_count_on_the_archive(archive_events: list[Event]) -> None:
    events = archive_events[:3000]
    lexicon = learn(events, GAZETTEER)
    shuffled = random.Random(1).sample(events, len(events))
    assert learn(shuffled, GAZETTEER) == lexicon
    tagger = FastTagger(GAZETTEER, lexicon)
    assert dict(zip((e.id for e in events), tagger.tag(events), strict=True)) == dict(
        zip((e.id for e in shuffled), tagger.tag(shuffled), strict=True)
    )


@pytest.fixture(scope="module")
def archive_events(archive: Path) -> list[Event]:
    import gzip

    with gzip.open(archive / "archive-2002-2017.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [Event.make(json.loads(line)) for _, line in zip(range(5000), lines, strict=False)]
