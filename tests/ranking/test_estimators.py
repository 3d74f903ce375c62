"""The estimators keep scikit-learn's contract, and their numbers are those of the index's own vectors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_array, csr_matrix, issparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from relatedness.config import Config
from relatedness.errors import ConfigError
from relatedness.ranking import (
    WEIGHT_BITS,
    WORDS,
    Document,
    PivotedTfidfTransformer,
    RelatedTransformer,
    channel_shares,
    count,
    encode,
    fit,
)
from relatedness.ranking import _estimators as estimators


@parametrize_with_checks([PivotedTfidfTransformer(), RelatedTransformer(), RelatedTransformer(k=1)])
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def tfidf_oracle(counts: Sequence[Sequence[float]], power: float, pivot: float) -> list[list[float]]:
    n = len(counts)
    rows = []
    for row in counts:
        weighed = []
        for term, tf in enumerate(row):
            df = sum(other[term] > 0 for other in counts)
            idf = math.log(1 + (1 + n) / (1 + df)) ** power
            weighed.append(math.sqrt(tf) * idf)
        rows.append(weighed)
    mean = sum(x * x for row in rows for x in row) / n
    return [[x / math.sqrt(sum(y * y for y in row) + pivot * mean or 1) for x in row] for row in rows]


COUNTS = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(1, 5)),
    elements=st.one_of(st.just(0.0), st.integers(1, 9).map(float), st.sampled_from([0.25, 0.5])),
)


@given(COUNTS, st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.7, 2.0]))
def test_the_weighting_is_the_formula(counts: np.ndarray, power: float, pivot: float) -> None:
    estimator = PivotedTfidfTransformer(idf_power=power, length_normalisation=pivot)
    for given_as in (counts, csr_matrix(counts), csr_array(counts)):
        done = estimator.fit_transform(given_as)
        assert issparse(done)
        np.testing.assert_allclose(done.toarray(), tfidf_oracle(counts.tolist(), power, pivot), atol=1e-6)


def test_an_index_weighs_its_words_in_the_same_way() -> None:
    rng = np.random.default_rng(5)
    counts = rng.poisson(0.7, size=(40, 30))
    counts[counts.sum(axis=1) == 0, 0] = 1
    config = Config.default().change({"text": {"name_boost": 0.0}})
    # Words that the stemmer leaves alone.
    documents = [
        Document("", ". ".join(f"{n:02d}x" for n, times in enumerate(row) for _ in range(times)), "en", ())
        for row in counts
    ]
    counted = count(documents, config)
    vocabulary, weighed = fit(counted, config)
    vectors = encode(counted, weighed, config)
    scale = math.sqrt(channel_shares(config)[WORDS]) * (1 << WEIGHT_BITS)
    expected = np.zeros(counts.shape)
    for row in range(len(counts)):
        for column, value in zip(*vectors.row(row), strict=True):
            if vocabulary.channels[column] == WORDS:
                expected[row, int(vocabulary.terms[column][:2])] = value / scale
    done = PivotedTfidfTransformer().fit_transform(counts).toarray()
    np.testing.assert_allclose(done, expected, atol=1 / scale)


def related_oracle(asked: np.ndarray, fitted: np.ndarray, k: int) -> list[dict[int, float]]:
    answer = []
    for row in asked.tolist():
        products = [
            (sum(a * b for a, b in zip(row, other, strict=True)), n)
            for n, other in enumerate(fitted.tolist())
        ]
        best = sorted((pair for pair in products if pair[0] > 0), reverse=True)[:k]
        answer.append({n: product for product, n in best})
    return answer


# Small whole numbers: many ties, and sums that are exact in any order.
VECTORS = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 9), st.just(3)), elements=st.integers(-2, 3).map(float)
)


@given(VECTORS, VECTORS, st.integers(1, 10), st.integers(1, 20))
def test_the_nearest_rows_are_exact_ties_included(
    fitted: np.ndarray, asked: np.ndarray, k: int, block: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimators, "_BLOCK", block)
        found = RelatedTransformer(k=k).fit(fitted).transform(csr_matrix(asked))
    assert found.shape == (len(asked), len(fitted))
    assert found.has_sorted_indices
    rows = [dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) for row in map(csr_matrix, found)]
    assert rows == related_oracle(asked, fitted, k)


def test_they_work_in_a_pipeline_on_texts() -> None:
    texts = ["Mosul falls to ISIL", "ISIL loses Mosul", "Germany wins in Rio", "Rio sees Germany win"]
    pipeline = make_pipeline(CountVectorizer(), PivotedTfidfTransformer(), RelatedTransformer(k=2))
    graph = pipeline.fit_transform(texts).toarray()
    assert {tuple(np.flatnonzero(row)) for row in graph} == {(0, 1), (2, 3)}
    assert pipeline.get_feature_names_out().tolist() == [f"relatedtransformer{n}" for n in range(4)]
    assert pipeline[:-1].get_feature_names_out().tolist() == sorted(
        {word.lower() for text in texts for word in text.split()}
    )


def test_numbers_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ConfigError, match="length_normalisation -1"):
        PivotedTfidfTransformer(length_normalisation=-1).fit([[1.0]])
    with pytest.raises(ConfigError, match="k is 0"):
        RelatedTransformer(k=0).fit([[1.0]])
    with pytest.raises(ValueError, match="Negative values"):
        PivotedTfidfTransformer().fit([[-1.0]])
