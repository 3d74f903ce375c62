"""The steps from matrix to matrix as scikit-learn estimators, for use in your own pipelines.

They take counts and vectors, nothing else: texts, topics, dates and files stay with `relatedness.RelatedIndex`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.sparse import csr_array, csr_matrix, issparse
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    OneToOneFeatureMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from relatedness.config import Config
from relatedness.errors import ConfigError
from relatedness.ranking._counts import dampen
from relatedness.ranking._vocabulary import idf, pivoted_length

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_BLOCK = 1 << 24  # entries of a block of dot products


class PivotedTfidfTransformer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Counts of terms -> dampened TF-IDF vectors whose dot product is a soft cosine.

    The weighting of the index's own vectors: a count is dampened (`relatedness.ranking.dampen`), multiplied by the term's
    `relatedness.ranking.idf`, and each row divided by its `relatedness.ranking.pivoted_length`. Weights that need more than
    counts (for names written with a capital, for topics) are not included.

    Parameters
    ----------
    idf_power : float, optional
        Below 1 it brings the weights of frequent and rare terms closer together; by default that of the shipped settings.
    length_normalisation : float, optional
        How strongly short rows are reduced, 0 for the plain cosine; by default that of the shipped settings.

    Attributes
    ----------
    idf_ : ndarray of float64, shape (n_features,)
    mean_square_ : float
        The mean squared length of the rows seen in `fit`.
    n_features_in_ : int

    Examples
    --------
    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from sklearn.pipeline import make_pipeline
    >>> vectors = make_pipeline(CountVectorizer(), PivotedTfidfTransformer(idf_power=1.0, length_normalisation=0.0))
    >>> rows = vectors.fit_transform(["Mosul falls", "Mosul is free", "Rio wins"])
    >>> (rows @ rows.T).toarray().round(2).tolist()
    [[1.0, 0.29, 0.0], [0.29, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    def __init__(self, *, idf_power: float | None = None, length_normalisation: float | None = None) -> None:
        self.idf_power = idf_power
        self.length_normalisation = length_normalisation

    def fit(self, X: ArrayLike | csr_matrix, y: object = None) -> Self:  # noqa: N803
        """Learn how rare terms are and how long rows.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)
            Counts, none of them negative.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ConfigError
            If ``idf_power`` or ``length_normalisation`` is below 0.
        ValueError
            If the counts are not a finite matrix of numbers of at least 0.

        Examples
        --------
        >>> PivotedTfidfTransformer(idf_power=1.0).fit([[1, 0], [1, 2]]).idf_.round(2).tolist()
        [0.69, 0.92]
        """
        settings = Config.default().text
        power = settings.idf_power if self.idf_power is None else self.idf_power
        self._pivot = (
            settings.length_normalisation if self.length_normalisation is None else self.length_normalisation
        )
        if power < 0 or self._pivot < 0:
            raise ConfigError(f"idf_power is {power}, length_normalisation {self._pivot}: expected 0 or more")
        counts = self._checked(X, reset=True)
        frequency = np.bincount(counts.indices, minlength=counts.shape[1])
        self.idf_ = idf(frequency, counts.shape[0], power)
        self.mean_square_ = float(_squares(self._weighed(counts)).mean())
        return self

    def transform(self, X: ArrayLike | csr_matrix) -> csr_matrix:  # noqa: N803
        """Weigh rows of counts.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)
            Counts, none of them negative.

        Returns
        -------
        scipy.sparse matrix in compressed rows, float64, same shape
            A sparse array if ``X`` is one.

        Examples
        --------
        >>> weighing = PivotedTfidfTransformer(idf_power=1.0, length_normalisation=0.0).fit([[1, 0], [1, 2]])
        >>> weighing.transform([[1, 0], [1, 1]]).toarray().round(2).tolist()
        [[1.0, 0.0], [0.6, 0.8]]
        """
        check_is_fitted(self)
        weighed = self._weighed(self._checked(X, reset=False))
        lengths = pivoted_length(_squares(weighed), self.mean_square_, self._pivot)
        weighed.data /= np.repeat(lengths, np.diff(weighed.indptr))
        return weighed

    def _checked(self, X: Any, *, reset: bool) -> Any:  # noqa: N803
        checked = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=reset)
        check_non_negative(checked, type(self).__name__)
        counts = checked.copy() if issparse(checked) else csr_matrix(checked)
        counts.sum_duplicates()
        counts.eliminate_zeros()
        return counts

    def _weighed(self, counts: Any) -> Any:
        weighed = counts.copy()
        weighed.data = dampen(counts.data) * self.idf_[counts.indices]
        return weighed

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        return tags


class RelatedTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Vectors -> a sparse graph of each row's nearest rows among those fitted, by dot product. Exact.

    Nothing is approximated, and the order is total: of equal products the later fitted row comes first, as in an
    index the later event does. Rows without anything in common are not related, so there may be fewer than ``k``.

    Parameters
    ----------
    k : int
        How many nearest rows to keep. As in scikit-learn's own ``KNeighborsTransformer``, a fitted row finds itself: set ``k``
        one higher.

    Attributes
    ----------
    n_samples_fit_ : int
    n_features_in_ : int

    Examples
    --------
    >>> import numpy as np
    >>> RelatedTransformer(k=2).fit_transform(np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0]])).toarray().tolist()
    [[4.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    def __init__(self, k: int = 10) -> None:
        self.k = k

    def fit(self, X: ArrayLike | csr_matrix, y: object = None) -> Self:  # noqa: N803
        """Store the rows to search for neighbours.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples_fit, n_features)
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ConfigError
            If ``k`` is below 1.
        ValueError
            If the entries are not a finite matrix of numbers of at least 0.

        Examples
        --------
        >>> RelatedTransformer(k=1).fit([[2.0, 0.0], [0.0, 1.0]]).n_samples_fit_
        2
        """
        if self.k < 1:
            raise ConfigError(f"k is {self.k}: expected 1 or more")
        fitted = self._checked(X, reset=True)
        self._columns = fitted.T.tocsr()
        self.n_samples_fit_ = self._n_features_out = int(fitted.shape[0])
        return self

    def transform(self, X: ArrayLike | csr_matrix) -> csr_matrix:  # noqa: N803
        """Find the nearest fitted rows.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n_samples, n_features)

        Returns
        -------
        scipy.sparse matrix in compressed rows, float64, shape (n_samples, n_samples_fit)
            The dot products above 0 of at most ``k`` fitted rows in each row.

        Examples
        --------
        >>> related = RelatedTransformer(k=1).fit([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> related.transform([[1.0, 0.5]]).toarray().tolist()
        [[2.0, 0.0, 0.0]]
        """
        check_is_fitted(self)
        asked = self._checked(X, reset=False)
        n = asked.shape[0]
        step = max(1, _BLOCK // max(self.n_samples_fit_, 1))
        kept = [
            _best(asked[start:end] @ self._columns, self.k)
            for start, end in pairwise([*range(0, n, step), n])
        ]
        ends = np.concatenate([[0], *(np.diff(indptr) for indptr, _, _ in kept)]).cumsum()
        parts = [np.concatenate([block[position] for block in kept]) for position in (1, 2)]
        return csr_matrix((parts[1], parts[0], ends), shape=(n, self.n_samples_fit_))

    def _checked(self, X: Any, *, reset: bool) -> csr_array:  # noqa: N803
        return csr_array(validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=reset))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _squares(rows: Any) -> NDArray[np.float64]:
    return np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64).ravel()


def _best(products: Any, k: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The ``k`` greatest positive entries of each row, as compressed rows with ascending columns."""
    row = np.repeat(np.arange(products.shape[0]), np.diff(products.indptr))
    column, value = products.indices, products.data
    kept = value > 0
    row, column, value = row[kept], column[kept], value[kept]
    order = np.lexsort((-column, -value, row))
    row, column, value = row[order], column[order], value[order]
    starts = np.concatenate([[0], np.bincount(row, minlength=products.shape[0]).cumsum()])
    first = np.arange(len(row)) - starts[row] < k
    row, column, value = row[first], column[first], value[first]
    order = np.lexsort((column, row))
    indptr = np.concatenate([[0], np.bincount(row, minlength=products.shape[0]).cumsum()])
    return indptr, column[order], value[order]
