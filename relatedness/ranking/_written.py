"""The titles and texts of many documents as sequences of token numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BREAK = -1
"""Marks the end of a title or a text."""


@dataclass(frozen=True, slots=True)
class WrittenTexts:
    """The titles and texts of documents, token by token, and the identifiers in them.

    Examples
    --------
    >>> from relatedness.config import Config
    >>> from relatedness.ranking import Document, count
    >>> texts = count([Document("Floods", "They hit Dresden.", "en", ())], Config.default()).texts
    >>> [texts.written[token] if token != BREAK else "|" for token in texts.token.tolist()]
    ['Floods', '|', 'They', 'hit', 'Dresden', '.', '|']
    >>> texts.term.tolist(), texts.terms
    ([0, -1, 1, 2, -2], ['flood', 'hit', 'dresden'])
    """

    # Shape (n + 1,): the tokens of document ``d`` are ``token[begins[d]:begins[d + 1]]``.
    begins: NDArray[np.int64]
    title_ends: NDArray[np.int64]  # shape (n,): where the title of each ends; where it begins if it has none
    token: NDArray[np.int32]  # numbers of written tokens; `BREAK` where a title or a text ends
    # Shape (n_written,): the number of each written token's term; below 0 for function words and ends of sentences.
    term: NDArray[np.int32]
    written: list[str]  # the tokens as they are written
    terms: list[str]
    code_begins: NDArray[np.int64]  # shape (n + 1,)
    code: NDArray[np.int32]  # the identifiers of each document, as numbers of terms
    languages: list[str]  # the primary code of the language that each document is read as
    # Shape (n,): whether it is read as English, whether it holds an address, and whether its tokens are its runs of
    # letters and digits, joined by apostrophes alone, see `relatedness.ranking._tokens.is_verbatim`.
    english: NDArray[np.bool_]
    linked: NDArray[np.bool_]
    verbatim: NDArray[np.bool_]


def without_template(
    token: NDArray[np.int32], sizes: NDArray[np.int64], kept: Sequence[bool]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """The start of each document, the end of its first field, and its tokens without those of the excluded fields, with a `BREAK` after each field.

    Parameters
    ----------
    token : ndarray of int32
        The tokens of all fields, document by document.
    sizes : ndarray of int64, shape (n * fields,)
        How many tokens each field has.
    kept : sequence of bool, shape (fields,)
        Which fields to keep.

    Examples
    --------
    >>> begins, first_ends, token = without_template(np.array([7, 8, 9, 5], np.int32), np.array([1, 2, 1, 0, 0, 0]), [True, True, False])
    >>> begins.tolist(), first_ends.tolist(), token.tolist()
    ([0, 5, 5], [2, 5], [7, -1, 8, 9, -1])
    """
    counted = np.tile(kept, len(sizes) // len(kept)) & (sizes > 0)
    lengths = np.where(counted, sizes + 1, 0)
    ends = np.cumsum(lengths)
    found = np.full(int(lengths.sum()), BREAK, np.int32)
    inside = np.ones(len(found), bool)
    inside[ends[counted] - 1] = False
    found[inside] = token[np.repeat(counted, sizes)]
    begins = np.zeros(len(sizes) // len(kept) + 1, np.int64)
    begins[1:] = ends[len(kept) - 1 :: len(kept)]
    return begins, begins[:-1] + lengths[:: len(kept)], found
