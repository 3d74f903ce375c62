"""Words, phrases and topics as vectors: what a term is, what it weighs, and that sums are exact."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import oracle_score
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from stories import GivenTagger, configs, corpora, texts

from relatedness.config import Config
from relatedness.events import Event
from relatedness.languages import language_of
from relatedness.ranking import (
    CHANNELS,
    PHRASES,
    TOPICS,
    WEIGHT_BITS,
    WORDS,
    Document,
    FittedVocabulary,
    Survey,
    Vectors,
    channel_shares,
    count,
    count_one,
    encode,
    encode_one,
    fit,
    fit_survey,
    locate,
    square_sums,
    titled_phrases,
)
from relatedness.ranking._counts import words_of_names
from relatedness.ranking._vocabulary import idf
from relatedness.templates import TemplateText, find_templates
from relatedness.topics import EventTopic

CONFIG = Config.default()
SURVEYED = [
    "Apple",
    "apple",
    "US",
    "us",
    "Bans",
    "bans",
    "the",
    "The",
    "oil.",
    "Oil",
    "U.S.",
    "Haram",
    "d'Italia",
]


def words(text: str, language: str | None = "en") -> list[str]:
    """The distinct words of a text, in order of appearance."""
    return count([Document("", text, language, ())], CONFIG).terms[WORDS]


def phrases(text: str, title: str = "") -> set[str]:
    counts = count([Document(title, text, "en", ())], CONFIG)
    return set(counts.phrases())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The army of the Armies", ["armi"]),
        ("U.S. troops, US troops", ["us", "troop"]),
        ("He told us of IT and it", ["told", "it"]),
        ("Obama's O'Neill d'Artagnan", ["obama", "neill", "artagnan"]),
        ("Obama’s plan", ["obama", "plan"]),
        ("Plan 9, plan 10", ["plan", "9", "10"]),
        ("X-ray a b C", ["ray"]),
        ("café CAFÉ cafe cafe\u0301", ["cafe"]),
        ("中国 中", ["中", "国"]),
        ("日本で", ["日", "本"]),
        ("रूस हिन्दी", ["रस", "हिनदी"]),
        ("snake_case", ["snake", "case", "snake_case"]),
        ("getUserById", ["getuserbyid", "user", "id"]),
        ("?! … —", []),
        ("", []),
    ],
)
def test_what_counts_as_a_word(text: str, expected: list[str]) -> None:
    found = words(text)
    if expected and ord(expected[0][0]) > 0x300:
        # Scripts without English stems: as many words as there are, none of them empty.
        assert len(found) >= len(expected)
        assert all(found)
    else:
        assert found == expected


@pytest.mark.parametrize("text", ["9", "X 9", "中", "中 国 9 а"])
def test_single_characters_are_words_of_their_own(text: str) -> None:
    found = words(text)
    assert "" not in found
    assert all(term in text for term in found)
    assert found


def test_the_language_chooses_stemmer_and_function_words() -> None:
    assert words("les élections présidentielles", "fr") == words("élection présidentielle", "fr-CA")
    assert "les" in words("les élections", "en")
    assert words("die Wahlen", "de") == ["wahl"]
    assert words("the elections", "xx") == ["the", "elections"], (
        "an unknown language keeps its words as they are"
    )
    assert words("the elections", None) == words("the elections", "en")


@given(st.lists(texts(12), min_size=1, max_size=3), st.sampled_from((None, "en", "fr", "zh", "ru", "xx")))
def test_words_are_those_of_the_slow_truth(fields: list[str], language: str | None) -> None:
    for text in (*fields, "".join(fields)):
        assert set(words(text, language)) == set(oracle_score.all_terms(text, language))


@given(st.text(max_size=60))
def test_any_text_has_words_as_the_slow_truth_reads_them(text: str) -> None:
    assert set(words(text)) == set(oracle_score.all_terms(text, "en"))


def test_what_counts_beside_the_words_is_no_part_of_phrases() -> None:
    assert phrases("web-07.eu fails in getUserById") == {"web 07", "07 eu", "eu fail", "fail getuserbyid"}


def test_words_joined_in_camel_case_count_a_quarter() -> None:
    counted = count_one(Document("", "BlockReceiver", "en", ()), CONFIG)[WORDS]
    assert counted["blockreceiv"] == 1
    assert counted["block"] == counted["receiv"] < 1


def test_phrases_are_neighbouring_stems_of_one_field() -> None:
    assert phrases("The fall of Mosul. Troops leave") == {"fall mosul", "mosul troop", "troop leav"}
    assert phrases("Troops leave", title="Mosul falls") == {"mosul fall", "troop leav"}
    assert phrases("Mosul") == set()
    assert phrases("中国") == {"中 国"}


def test_the_title_counts_as_often_as_the_config_says() -> None:
    def strength(title_weight: float) -> dict[str, float]:
        config = CONFIG.change({"text": {"title_weight": title_weight}})
        return count_one(Document("Mosul dam", "Mosul", "en", ()), config)[WORDS]

    assert strength(1) == pytest.approx({"mosul": math.sqrt(2), "dam": 1})
    assert strength(3) == pytest.approx({"mosul": 2, "dam": math.sqrt(3)})
    assert strength(0.5) == pytest.approx({"mosul": math.sqrt(1.5), "dam": math.sqrt(0.5)})
    assert strength(0) == pytest.approx({"mosul": 1})


@pytest.mark.parametrize(("length", "expected"), [(0, 1), (1, 1), (2, 1), (8, 2), (18, 3)])
def test_a_word_of_the_title_counts_more_the_longer_the_text(length: int, expected: float) -> None:
    config = CONFIG.change({"text": {"title_weight": 1}})
    text = "Army " * length
    assert count_one(Document("The Mosul dam", text, "en", ()), config)[WORDS]["dam"] ** 2 == pytest.approx(
        expected
    )


def test_template_text_counts_as_little_as_the_config_says_in_words_and_phrases() -> None:
    document = Document("", "It crashes", "en", (), template="Actual results")
    config = CONFIG.change({"text": {"template_weight": 0.25}})
    words, phrases, _ = count_one(document, config)
    assert words == pytest.approx({"crash": 1, "actual": 0.5, "result": 0.5})
    assert phrases == pytest.approx({"actual result": 0.5})
    words, phrases, _ = count_one(document, config.change({"text": {"template_weight": 0}}))
    assert words == {"crash": 1}
    assert phrases == {}


def test_names_are_what_the_corpus_writes_with_a_capital_inside_sentences() -> None:
    documents = [
        Document("", "Reports say that Mosul falls.", "en", ()),
        Document("Mosul resists.", "Reports differ. Reports of reports.", "en", ()),
    ]
    counts = count(documents, CONFIG)
    share = dict(zip(counts.terms[WORDS], Survey.of(counts).capital_share.tolist(), strict=True))
    assert share["mosul"] == 1, "once inside a sentence, once at its beginning: a name"
    assert share["report"] == 0, "with a capital at the beginning of sentences only"
    assert share["fall"] == 0


def test_topics_weigh_by_how_they_came() -> None:
    topics = [EventTopic(how, "name", how) for how in ("supplied", "found", "parent", "inferred")]
    config = CONFIG.change({"topics": {"supplied": 2, "other": 1.5, "parent": 0.5}})
    counts = count([Document("", "x", "en", topics)], config)
    held = [counts.terms[TOPICS][term] for term in counts.term[TOPICS]]
    strengths = dict(zip(held, counts.weight[TOPICS], strict=True))
    assert strengths == {"supplied": 2, "found": 1.5, "parent": 0.75}


def test_a_topic_given_twice_counts_once() -> None:
    topics = (EventTopic("Iraq", "country", "found"), EventTopic("Iraq", "country", "supplied"))
    counts = count([Document("", "Mosul", "en", topics)] * 2, CONFIG)
    _vocabulary, weighed = fit(counts, CONFIG)
    columns, _ = encode(counts, weighed, CONFIG).row(0)
    assert len(set(columns.tolist())) == len(columns)


@given(st.integers(0, 100), st.integers(1, 100), st.sampled_from((0.5, 1.0, 2.0)))
def test_idf_is_its_formula_and_falls_with_frequency(frequency: int, n: int, power: float) -> None:
    frequency = min(frequency, n)
    found = idf(np.array([frequency, n]), n, power)
    assert found[0] == pytest.approx(math.log(1 + (1 + n) / (1 + frequency)) ** power)
    assert found[0] >= found[1] > 0


def fitted(
    records: list[dict[str, Any]], config: Config
) -> tuple[FittedVocabulary, Vectors, oracle_score.Archive]:
    events = sorted(map(Event.make, records), key=lambda event: event.id, reverse=True)
    events.sort(key=lambda event: event.seconds)
    topics = GivenTagger().tag(events)
    templates = find_templates(events, config.text) if config.text.template_weight < 1 else TemplateText()
    documents = []
    for event, found in zip(events, topics, strict=True):
        text, template = templates.split(event.text)
        documents.append(Document(event.title, text, language_of(event), found, template))
    counts = count(documents, config)
    vocabulary, weighed = fit(counts, config)
    return vocabulary, encode(counts, weighed, config), oracle_score.Archive(events, topics, config, floor=0)


def as_dicts(vectors: Vectors, row: int, vocabulary: FittedVocabulary) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {channel: {} for channel in CHANNELS}
    columns, values = vectors.row(row)
    for column, value in zip(columns.tolist(), values.tolist(), strict=True):
        found[CHANNELS[vocabulary.channels[column]]][vocabulary.terms[column]] = value
    return found


@given(corpora(), configs())
def test_vectors_are_those_of_the_slow_truth(records: list[dict[str, Any]], config: Config) -> None:
    vocabulary, vectors, archive = fitted(records, config)
    for row, expected in enumerate(archive.vectors.values()):
        assert as_dicts(vectors, row, vocabulary) == expected


@given(corpora(), configs())
def test_vectors_are_sorted_positive_and_of_the_length_of_their_share(
    records: list[dict[str, Any]], config: Config
) -> None:
    vocabulary, vectors, _ = fitted(records, config)
    assert vectors.indptr[0] == 0
    assert vectors.indptr[-1] == len(vectors.columns) == len(vectors.values)
    assert (vectors.values > 0).all()
    for row in range(len(records)):
        columns, values = vectors.row(row)
        assert (np.diff(columns.astype(np.int64)) > 0).all()
        for channel, share in enumerate(channel_shares(config)):
            inside = values[vocabulary.channels[columns] == channel].astype(np.float64) / 2**WEIGHT_BITS
            # Each entry is rounded to a 2**-15th, which moves the length by no more than this.
            assert (inside**2).sum() <= share + len(inside) * 2.0**-WEIGHT_BITS


@given(corpora(least=4), configs())
def test_some_rows_are_taken_as_they_are(records: list[dict[str, Any]], config: Config) -> None:
    _, vectors, _ = fitted(records, config)
    n = len(records)
    for rows in (slice(1, 3), slice(0, n), slice(2, 2), np.array([3, 0, 3]), np.array([], dtype=np.int64)):
        taken = vectors.take(rows)
        numbers = list(range(n))[rows] if isinstance(rows, slice) else rows.tolist()
        assert len(taken.indptr) == len(numbers) + 1
        for place, row in enumerate(numbers):
            for mine, theirs in zip(taken.row(place), vectors.row(row), strict=True):
                assert mine.tolist() == theirs.tolist()


class Frozen:
    """A vocabulary that is asked term by term, as a stored one is."""

    def __init__(self, vocabulary: FittedVocabulary) -> None:
        self.n_events = vocabulary.n_events
        self.pivots = vocabulary.pivots
        self._columns = {
            (int(channel), term): (column, float(weight))
            for column, (channel, term, weight) in enumerate(
                zip(vocabulary.channels, vocabulary.terms, vocabulary.weight, strict=True)
            )
        }

    def find(self, channel: int, terms: Any) -> Any:
        found = [self._columns.get((channel, term), (-1, 0.0)) for term in terms]
        return np.array([c for c, _ in found], dtype=np.int64), np.array(
            [w for _, w in found], dtype=np.float64
        )


@given(corpora(), configs())
def test_an_event_of_the_corpus_has_its_vector_from_the_frozen_statistics_too(
    records: list[dict[str, Any]], config: Config
) -> None:
    # A corpus's own statistics, found again term by term: what refresh and query rely on.
    events = [Event.make(record) for record in records]
    topics = GivenTagger().tag(events)
    documents = [
        Document(e.title, e.text, language_of(e), found) for e, found in zip(events, topics, strict=True)
    ]
    counts = count(documents, config)
    vocabulary, weighed = fit(counts, config)
    again = encode(counts, locate(counts, Frozen(vocabulary), config), config)
    for mine, theirs in zip(again.arrays, encode(counts, weighed, config).arrays, strict=True):
        assert mine.tolist() == theirs.tolist()


@given(corpora(), configs())
def test_a_document_by_itself_has_the_vector_that_it_has_among_others(
    records: list[dict[str, Any]], config: Config
) -> None:
    events = [Event.make(record) for record in records]
    documents = [
        Document(e.title, e.text, language_of(e), found)
        for e, found in zip(events, GivenTagger().tag(events), strict=True)
    ]
    # The statistics are of half of them: the others have words and topics that are unknown.
    frozen = Frozen(fit(count(documents[::2], config), config)[0])
    counts = count(documents, config)
    whole = encode(counts, locate(counts, frozen, config), config)
    for row, document in enumerate(documents):
        terms = count_one(document, config)
        located = [
            [(int(column), float(weight)) for column, weight in zip(*frozen.find(*some), strict=True)]
            for some in enumerate(terms)
        ]
        alone = encode_one(terms, located, titled_phrases(document), frozen, config)
        among = whole.take(slice(row, row + 1))
        for mine, theirs in zip((*alone.arrays, alone.titles), (*among.arrays, among.titles), strict=True):
            assert mine.dtype == theirs.dtype
            assert mine.tolist() == theirs.tolist()


@given(texts(12), texts(4), st.sampled_from((None, "en", "fr", "zh", "ru", "xx")), configs())
def test_a_document_by_itself_has_the_terms_that_it_has_among_others(
    text: str, title: str, language: str | None, config: Config
) -> None:
    document = Document(title, text, language, ())
    counts = count([document], config)
    for channel, terms in enumerate((counts.terms[WORDS], counts.phrases())):
        expected = zip(counts.term[channel].tolist(), counts.weight[channel].tolist(), strict=True)
        assert count_one(document, config)[channel] == {terms[term]: weight for term, weight in expected}


def test_unknown_words_lengthen_a_vector_without_having_a_column() -> None:
    counts = count([Document("", "mosul dam", "en", ()), Document("", "mosul army", "en", ())], CONFIG)
    vocabulary, _ = fit(counts, CONFIG)
    frozen = Frozen(vocabulary)

    def mosul(text: str) -> int:
        outside = count([Document("", text, "en", ())], CONFIG)
        columns, values = encode(outside, locate(outside, frozen, CONFIG), CONFIG).row(0)
        return dict(zip([vocabulary.terms[c] for c in columns], values.tolist(), strict=True))["mosul"]

    assert mosul("mosul zeppelin") < mosul("mosul")
    assert mosul("mosul zeppelin") == mosul("mosul hindenburg")


def test_documents_without_any_word_have_empty_vectors() -> None:
    counts = count([Document("", "???", "en", ()), Document("", "…", None, ())], CONFIG)
    vocabulary, weighed = fit(counts, CONFIG)
    vectors = encode(counts, weighed, CONFIG)
    assert vectors.indptr.tolist() == [0, 0, 0]
    assert vocabulary.terms == []
    assert count([], CONFIG).n == 0


def test_rare_phrases_have_no_column() -> None:
    documents = [Document("", text, "en", ()) for text in ("mosul dam", "mosul dam", "mosul army")]
    for least, expected in ((2, {"mosul dam"}), (3, set())):
        config = CONFIG.change({"text": {"phrase_events": least}})
        vocabulary, _ = fit(count(documents, config), config)
        known = {t for t, c in zip(vocabulary.terms, vocabulary.channels, strict=True) if c == PHRASES}
        assert known == expected


@pytest.mark.parametrize("strength", [1e-9, 1e-5, 6e-4, 0.001, 0.01])
@pytest.mark.parametrize("pivot", [0, 1])
def test_tiny_strengths_are_refused_or_keep_every_entry_within_its_share(
    strength: float, pivot: float
) -> None:
    from relatedness.errors import ConfigError

    try:
        config = CONFIG.change({"text": {"title_weight": strength, "length_normalisation": pivot}})
    except ConfigError:
        return
    counts = count([Document("mosul dam", "", "en", ()), Document("mosul army", "", "en", ())], config)
    vocabulary, weighed = fit(counts, config)
    vectors = encode(counts, weighed, config)
    for row in (0, 1):
        columns, values = vectors.row(row)
        for channel, share in enumerate(channel_shares(config)):
            inside = values[vocabulary.channels[columns] == channel].astype(np.float64) / 2**WEIGHT_BITS
            assert (inside**2).sum() <= share * 1.01


@examples(60)
@given(
    documents=st.lists(
        st.builds(
            Document,
            title=st.lists(st.sampled_from(SURVEYED), max_size=3).map(" ".join),
            text=st.lists(st.sampled_from(SURVEYED), max_size=12).map(" ".join),
            language=st.sampled_from([None, "en", "de"]),
            topics=st.lists(
                st.builds(
                    EventTopic,
                    st.sampled_from(["Iraq", "Boko Haram", "Stray Words"]),
                    st.just("other"),
                    st.just("found"),
                ),
                max_size=2,
            ),
        ),
        max_size=12,
    ),
    cuts=st.lists(st.integers(0, 12), max_size=4),
)
def test_statistics_of_parts_add_up_to_those_of_the_whole(documents: list[Document], cuts: list[int]) -> None:
    config = CONFIG
    counts = count(documents, config)
    vocabulary, weighed = fit(counts, config)
    bounds = [0, *sorted(min(cut, len(documents)) for cut in cuts), len(documents)]
    parts = [documents[first:last] for first, last in itertools.pairwise(bounds)]
    unpivoted = fit_survey(Survey.merged(Survey.of(count(part, config)) for part in parts), config)
    squares = np.zeros(3)
    for part in parts:
        some = count(part, config)
        squares += square_sums(some, locate(some, unpivoted, config))
    found = unpivoted.pivoted(squares)
    assert found.terms == vocabulary.terms
    assert (found.n_events, found.pivots) == (vocabulary.n_events, vocabulary.pivots)
    for name in ("channels", "frequency", "weight"):
        assert getattr(found, name).tolist() == getattr(vocabulary, name).tolist()
    whole = encode(counts, weighed, config)
    rows = []
    for part in parts:
        some = count(part, config)
        rows.append(encode(some, locate(some, found, config), config))
    assert np.concatenate([part.columns for part in rows]).tolist() == whole.columns.tolist()
    assert np.concatenate([part.values for part in rows]).tolist() == whole.values.tolist()
    assert np.concatenate([np.diff(part.indptr) for part in rows]).tolist() == np.diff(whole.indptr).tolist()


@given(st.lists(st.text(alphabet=st.sampled_from("aàBsI'’. -U2的")), max_size=6))
def test_the_words_of_names_are_those_of_texts(names: list[str]) -> None:
    for name, words in zip(names, words_of_names(names), strict=True):
        assert len(words) == len(set(words))
        assert set(words) == set(count([Document("", name, "en", ())], CONFIG).terms[WORDS])
