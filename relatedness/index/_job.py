"""Data that all stages of a build on many machines share: the job, and what was fitted to all events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.engines import Work
from relatedness.numbering import RowNumber
from relatedness.ranking import FittedVocabulary, NameWords
from relatedness.sources import FolderFiles, ReadOptions, Table
from relatedness.topics import Gazetteer, Tagger

_FITTED = "fitted"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be built."""

    sources: tuple[str | Table | FolderFiles, ...]  # the sources, each read by one task
    options: ReadOptions
    aside: bool  # whether bad records are put aside
    config: Config
    gazetteer: Gazetteer
    tagger: Tagger | None  # instead of the configured one
    folder: Path  # of the index


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted to all events."""

    vocabulary: FittedVocabulary
    names: NameWords
    traits: NDArray[np.uint8]  # shape (n_columns,)
    labels: dict[str, list[str]]  # the names of each kind by number


def kept(work: Work, name: str) -> Any:
    """A value of the job that many tasks of a worker read."""
    path = work.folder / name
    return _read_once(work, name, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=4)
def _read_once(work: Work, name: str, _: int) -> Any:
    return work.get_mapped(name) if name == _FITTED else work.get(name)


def forget_kept() -> None:
    """Free the values that `kept` cached in this worker."""
    _read_once.cache_clear()


def keep_fitted(work: Work, fitted: Fitted) -> None:
    """Write the fitted values to the job's folder; their arrays hold millions of terms."""
    work.put_mapped(_FITTED, fitted)


def job_of(work: Work) -> Job:
    """What is to be built."""
    return kept(work, "job")  # type: ignore[no-any-return]


def fitted_of(work: Work) -> Fitted:
    """What was fitted to all events."""
    return kept(work, _FITTED)  # type: ignore[no-any-return]


def named(kind: str, part: int) -> str:
    """The name of the file of one kind for a partition or task."""
    return f"{kind}/{part:05d}"


def config_of(work: Work) -> Config:
    """The settings, with the values measured on the archive."""
    return kept(work, "measured")[1]  # type: ignore[no-any-return]


def save_texts(work: Work, kind: str, part: int, texts: Sequence[str]) -> None:
    """Write texts one after the other, and the byte offset at which each ends."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    work.save(named(kind, part), np.frombuffer(b"".join(encoded), np.uint8))
    work.save(named(f"{kind}_ends", part), np.cumsum([len(text) for text in encoded], dtype=np.int64))


def join_texts(work: Work, kind: str, parts: int) -> None:
    """Join the texts that all partitions wrote."""
    work.join(kind, [named(kind, part) for part in range(parts)])
    ends, before = [], 0
    for part in range(parts):
        ends.append(work.load(named(f"{kind}_ends", part)) + before)
        before = int(ends[-1][-1])
    work.save(f"{kind}_ends", np.concatenate(ends))


def text_at(work: Work, kind: str) -> Callable[[RowNumber], str]:
    """A function that returns the joined text of a row from memory-mapped files."""
    texts, ends = work.mapped(kind), work.mapped(f"{kind}_ends")

    def find(row: RowNumber) -> str:
        start = ends[row - 1] if row else 0
        return texts[start : ends[row]].tobytes().decode("utf-8", "surrogatepass")

    return find
