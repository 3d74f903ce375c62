"""Topics: what a reader expects of a text, the contract of every tagger, what a corpus teaches."""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from relatedness import learning
from relatedness.entities import NerTagger, register_component
from relatedness.events import Event
from relatedness.gazetteer import Gazetteer
from relatedness.learning import learn
from relatedness.lexicon import Lexicon
from relatedness.names import is_headline, long_form
from relatedness.tagging import FastTagger
from relatedness.topics import EventTopic
from relatedness.workers import in_batches

GAZETTEER = Gazetteer.load()


def event(
    text: str, *topics: str, year: int = 2016, language: str | None = None, id_: str = "e", title: str = ""
) -> Event:
    return Event(id_, date(year, 6, 1), title=title, text=text, topics=topics, language=language)


def names(tagged: tuple[EventTopic, ...], *how: str) -> list[str]:
    return [topic.name for topic in tagged if topic.how in (how or ("supplied", "found"))]


FAST = FastTagger(GAZETTEER)


def fast(text: str, *topics: str, **more: object) -> list[str]:
    return names(FAST.tag([event(text, *topics, **more)])[0])  # type: ignore[arg-type]


def blank_ner(gazetteer: Gazetteer | None = None, lexicon: Lexicon | None = None) -> NerTagger:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [{"label": "PERSON", "pattern": "Zdenka Vrba"}, {"label": "ORG", "pattern": "Kolben Works"}]
    )
    return NerTagger(gazetteer if gazetteer is not None else GAZETTEER, lexicon, nlp)


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


def test_a_surname_means_the_person_named_in_full() -> None:
    (topics,) = FAST.tag(
        [event("Zdenka Vrbova wins. Later Vrbova thanks them; the rival of Vrbova is absent.")]
    )
    assert names(topics) == ["Zdenka Vrbova"]
    assert topics[0].aliases == ("Zdenka Vrbova", "Vrbova")


def test_the_year_decides_what_an_alias_means() -> None:
    assert fast("Critics of Bush gather.", year=2005) == ["George W. Bush"]
    assert "George W. Bush" not in fast("Critics of Bush gather.", year=2016)


def test_media_as_the_source_are_no_context() -> None:
    assert fast("The dam at Mosul holds, according to Reuters. (BBC)") == ["Mosul"]
    assert fast("Workers of the BBC strike.") == ["BBC"]


def test_supplied_topics_are_canonical_and_win() -> None:
    (topics,) = FAST.tag([event("Daesh attacks.", "Islamic State", "Our Own Story")])
    assert [(t.name, t.how) for t in topics] == [("ISIL", "supplied"), ("Our Own Story", "supplied")]
    assert topics[0].aliases == ("Islamic State", "Daesh")
    assert topics[1].kind == "story"


def test_headlines_give_only_known_names() -> None:
    assert is_headline("Senate Votes To Impeach President Over Zorg Affair")
    found = fast("x", title="Senate Votes To Impeach Over Zorg Affair In Iraq")
    assert found == ["Iraq"]


@pytest.mark.parametrize(
    ("language", "alias", "text"),
    [
        ("zh", "伊拉克", "今天伊拉克政府宣布。"),
        ("ar", "العراق", "أعلنت حكومة العراق اليوم."),
        ("ru", "Ирак", "Сегодня Ирак объявил."),
    ],
)
def test_other_scripts(tmp_path: Path, language: str, alias: str, text: str) -> None:
    path = tmp_path / "own.txt"
    path.write_text(f"Iraq | | {alias}\n", encoding="utf-8")
    tagger = FastTagger(GAZETTEER.extended(path))
    (topics,) = tagger.tag([event(text, alias, language=language)])
    assert [(t.name, t.how) for t in topics] == [("Iraq", "supplied")]
    (topics,) = tagger.tag([event(text, language=language)])
    assert names(topics) == ["Iraq"]
    (topics,) = FAST.tag([event(text, language=language)])
    assert names(topics) == []


def test_arabic_names_are_whole_words(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text("Iraq | | عراق\n", encoding="utf-8")
    tagger = FastTagger(GAZETTEER.extended(path))
    assert names(tagger.tag([event("العراقية", language="ar")])[0]) == []


# The contract: whatever tagger it is.

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
@settings(max_examples=25, deadline=None)
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


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=200))
@settings(deadline=None)
def test_any_text_passes(text: str) -> None:
    if text.strip():
        for topic in FAST.tag([event(text)])[0]:
            assert topic.name and topic.kind


def test_joblib_workers_find_the_same() -> None:
    from joblib import Parallel, delayed

    events = [event(text, id_=str(n)) for n, text in enumerate(TEXTS)]
    with Parallel(n_jobs=2, backend="threading") as parallel:
        parts = parallel(delayed(FAST.tag)(events[n : n + 2]) for n in range(0, len(events), 2))
    assert [topics for part in parts for topics in part] == FAST.tag(events)


# Learning


def corpus() -> list[Event]:
    texts = [
        *(f"Talks about the Zorg Pact (ZP) go on for {n} hours." for n in range(4)),
        *(f"Minister Ludmila Krakova speaks {n} times." for n in range(4)),
        *(f"We hear that a skirmish begins, and that skirmish number {n} ends." for n in range(4)),
    ]
    return [event(text, id_=str(n)) for n, text in enumerate(texts)]


def test_learned_names_abbreviations_and_surnames() -> None:
    lexicon = learn([*corpus(), event("Skirmish in the Krakova camp. Krakova is out.", id_="x")], GAZETTEER)
    by_name = {name.name: name for name in lexicon.names}
    assert by_name["Zorg Pact"].aliases == ("ZP",)
    assert by_name["Ludmila Krakova"].kind == "person"
    assert lexicon.surnames["krakova"] == ((2016, 2016, "Ludmila Krakova"),)
    assert "skirmish" in lexicon.common
    tagger = FastTagger(GAZETTEER, lexicon)
    assert names(tagger.tag([event("The ZP holds.")])[0]) == ["Zorg Pact"]
    assert names(tagger.tag([event("They leave Krakova alone.")])[0]) == ["Ludmila Krakova"]
    assert names(tagger.tag([event("They leave Krakova alone.", year=1999)])[0]) == ["Krakova"]
    assert names(tagger.tag([event("Heavy Skirmish here.")])[0]) == []


def test_supplied_topics_are_learned() -> None:
    events = [event("Nothing.", "Zorg Civil War", "Islamic State", "Business", id_=str(n)) for n in range(2)]
    lexicon = learn(events, GAZETTEER)
    assert [name.name for name in lexicon.names] == ["Business", "Zorg Civil War"]
    tagger = FastTagger(GAZETTEER, lexicon)
    assert names(tagger.tag([event("The end of the Zorg Civil War is near. Business as usual.")])[0]) == [
        "Zorg Civil War"
    ]
    assert tagger.supplied("zorg civil war").name == "Zorg Civil War"


def test_learning_adds_and_never_renames() -> None:
    first = learn(corpus()[:6], GAZETTEER)
    second = learn(corpus(), GAZETTEER, previous=first)
    assert second.names[: len(first.names)] == first.names
    assert len(second.names) > len(first.names)
    assert first.common <= second.common


def test_the_lexicon_is_plain_json() -> None:
    lexicon = learn(corpus(), GAZETTEER)
    again = Lexicon.from_json(json.loads(json.dumps(lexicon.to_json())))
    assert again == lexicon
    assert again.digest == lexicon.digest
    assert FastTagger(GAZETTEER, lexicon).key != FAST.key


@pytest.mark.parametrize(
    ("short", "before", "long"),
    [
        ("IAEA", "a report of the International Atomic Energy Agency ", "International Atomic Energy Agency"),
        ("WHO", "says the World Health Organization ", "World Health Organization"),
        ("HMM", "we use hidden Markov models ", "hidden Markov models"),
        ("LDC", "the least developed country ", "least developed country"),
        ("XYZ", "nothing of the kind ", None),
        ("UN", "", None),
    ],
)
def test_schwartz_and_hearst(short: str, before: str, long: str | None) -> None:
    assert long_form(short, before) == long


# spaCy


def test_component(tmp_path: Path) -> None:
    register_component()
    own = tmp_path / "own.txt"
    own.write_text("Zorg | place | | Iraq\n")
    nlp = spacy.blank("en")
    nlp.add_pipe("context_topics", config={"gazetteer": str(own)})
    doc = nlp("Daesh leaves Zorg.")
    assert names(doc._.topics) == ["ISIL", "Zorg"]
    nlp.to_disk(tmp_path / "model")
    own.unlink()
    again = spacy.blank("en")
    again.add_pipe("context_topics")
    again.from_disk(tmp_path / "model")
    assert again("Daesh leaves Zorg.")._.topics == doc._.topics
    assert spacy.blank("en").from_bytes is not None
    assert nlp("")._.topics == ()
    assert not list((tmp_path / "model").rglob("*.pkl"))


@pytest.mark.parametrize("language", ["xx", "zh", "ru", "ar", "de"])
def test_component_in_other_languages(language: str) -> None:
    register_component()
    nlp = spacy.blank(language)
    nlp.add_pipe("context_topics")
    assert "Iraq" in names(nlp("NATO Iraq 伊拉克 Сегодня العراق")._.topics)


def test_entities_judge_unknown_names() -> None:
    tagger = blank_ner()
    assert names(tagger.tag([event("We saw Zdenka Vrba and Milos Novakov in Iraq.")])[0]) == [
        "Zdenka Vrba",
        "Iraq",
    ]


@pytest.mark.model
def test_real_model() -> None:
    tagger = NerTagger(GAZETTEER)
    found = names(
        tagger.tag([event("Mao Xiaofeng resigns as the President of Minsheng Banking Corporation.")])[0]
    )
    assert "Mao Xiaofeng" in found
    assert "en" in tagger.key or "core" in tagger.key


def test_a_missing_model_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from relatedness import entities
    from relatedness.errors import MissingExtraError

    monkeypatch.setattr(entities, "MODELS", ())
    with pytest.raises(MissingExtraError, match="relatedness\\[ner\\]"):
        NerTagger(GAZETTEER)


@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_a_corpus_teaches_the_same_in_any_parts(data: st.DataObject) -> None:
    words = st.sampled_from(
        [
            "The",
            "Zorg",
            "Pact",
            "(ZP)",
            "Dr",
            "Ann",
            "Ulm",
            "met",
            "zorg",
            "of",
            "Kiev's",
            "Army",
            "Barack",
            "Obama.",
        ]
    )
    texts = data.draw(
        st.lists(st.lists(words, min_size=3, max_size=12).map(" ".join), min_size=1, max_size=24)
    )
    events = [
        Event(str(n), date(2015 + n % 2, 1, 1), text=text, topics=("Zorg talks",) if n % 3 == 0 else ())
        for n, text in enumerate(texts)
    ]
    size = data.draw(st.integers(1, len(events)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "in_batches", partial(in_batches, size=size))
        in_parts = learn(data.draw(st.permutations(events)), GAZETTEER)
    assert in_parts.to_json() == learn(events, GAZETTEER).to_json()


def test_processes_learn_what_one_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "in_batches", partial(in_batches, size=2))
    alone = learn(corpus(), GAZETTEER)
    assert alone.names
    assert learn(corpus(), GAZETTEER, jobs=2) == alone


# The archive


@pytest.mark.archive
def test_speed_and_order_on_the_archive(archive_events: list[Event]) -> None:
    events = archive_events[:3000]
    lexicon = learn(events, GAZETTEER)
    shuffled = random.Random(1).sample(events, len(events))
    assert learn(shuffled, GAZETTEER) == lexicon
    tagger = FastTagger(GAZETTEER, lexicon)
    assert dict(zip((e.id for e in events), tagger.tag(events), strict=True)) == dict(
        zip((e.id for e in shuffled), tagger.tag(shuffled), strict=True)
    )


@pytest.fixture(scope="module")
def archive_events() -> list[Event]:
    import gzip
    import os

    folder = Path(os.environ.get("RELATEDNESS_DATA", Path(__file__).parents[2] / "shared" / "data"))
    path = folder / "archive-2002-2017.jsonl.gz"
    if not path.exists():
        pytest.skip("the archive is not at hand")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [Event.make(json.loads(line)) for _, line in zip(range(5000), lines, strict=False)]


@pytest.mark.parametrize(
    "text",
    [
        "It ends. (" + "a" * 3000 + " b)c)",
        "It ends. (" + "x, " * 2000 + ")",
        "Yes." + " (a b c)" * 500 + "x)",
        "The Union of Pure and " + "AB" * 2000 + "1 x",
        "The Union of Pure and " + "Ab " * 2000 + "1",
        "A" * 5000,
        "Aa-" * 3000,
        "A." * 3000,
        "(" * 3000 + ")" * 3000,
        "al-" * 3000 + "A",
    ],
    ids=range(10),
)
def test_no_text_makes_a_pattern_try_every_way_to_read_it(text: str) -> None:
    # Each of these once took for ever, or is of the kind that does.
    events = [Event("e", date(2016, 7, 11), text=text)]
    assert FastTagger(lexicon=learn(events)).tag(events) is not None
