"""Make an archive of any size that keeps the lengths and the word and topic frequencies of a real one.

    python benchmarks/generate.py ARCHIVE.jsonl.gz -n 1000000 --features big.npz --events big.jsonl.gz

The real archive is gone through as often as needed. Each new event takes a real event's entries (for features:
columns; for events: words, in their order): 62% stay, 18% become an entry of an event at most 40 places away (so
bursts stay bursts), 20% any entry of the archive, drawn by frequency. From the second pass on, entries that the
archive has less than 60 times become new ones with probability 0.55, one choice per entry and pass, so that the
vocabulary keeps growing while frequent words grow with the archive. Dates move by up to 20 days, alike for a pass
and five days. The same seed gives the same archive.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config
from relatedness.ranking import Document, Rows, channel_shares, count, encode, fit
from relatedness.sources import read
from relatedness.topics import FastTagger, Gazetteer, learn

KEPT, NEAR = 0.62, 0.18
RARE, RENEWED = 60, 0.55
NEIGHBOURS, JITTER, BIN = 40, 20, 5
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Features:
    """What the kernel is given, and the channel (words, phrases, topics) of each column."""

    rows: Rows
    channels: NDArray[np.uint8]

    def save(self, path: Path) -> None:
        """Write plain arrays, uncompressed."""
        np.savez(path, n_columns=self.rows.n_columns, channels=self.channels, **_arrays(self.rows))

    @classmethod
    def load(cls, path: Path, newest: int | None = None) -> Features:
        """Read what `save` wrote; of the newest rows only, if so many are named."""
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        channels, n_columns = arrays.pop("channels"), int(arrays.pop("n_columns"))
        rows = Rows(**arrays, n_columns=n_columns)
        return cls(rows.part(max(0, len(rows) - (newest or len(rows))), len(rows)), channels)


def _arrays(rows: Rows) -> dict[str, Any]:
    names = ("indptr", "columns", "values", "days", "groups", "languages")
    return {name: getattr(rows, name) for name in names}


def real_features(archive: Path) -> Features:
    """The features of a real archive as a build makes them."""
    config, gazetteer = Config.default(), Gazetteer.load()
    events = sorted(
        sorted(read(archive), key=lambda event: event.id, reverse=True), key=lambda event: event.seconds
    )
    tagger = FastTagger(gazetteer, learn(events, gazetteer))
    documents = (
        Document(event.title, event.text, event.language, topics)
        for event, topics in zip(events, tagger.tag(events), strict=True)
    )
    counts = count(documents, config)
    vocabulary, weighed = fit(counts, config)
    vectors = encode(counts, weighed, config)
    days = np.array([event.day for event in events], dtype=np.int32)
    nothing = np.full(len(days), -1, dtype=np.int32)
    rows = Rows(*vectors.arrays, days, nothing, nothing.copy(), len(vocabulary.terms))
    return Features(rows, vocabulary.channels.astype(np.uint8))


def mixed(
    indptr: NDArray[np.int64], items: NDArray[np.int64], days: NDArray[np.int64], n: int, seed: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Pass by pass: the places of the real events taken, their new days, and all their items with a pass number.

    An item becomes a new one where the pass number beside it is above 0.
    """
    sizes = np.diff(indptr)
    frequency = np.bincount(items)
    for number in range(-(-n // len(days))):
        random = np.random.default_rng([seed, number])
        taken = np.arange(len(days))
        if n - number * len(days) < len(days):
            taken = np.sort(random.choice(taken, n - number * len(days), replace=False))
        owner = np.repeat(taken, sizes[taken])
        place = np.concatenate([np.arange(indptr[row], indptr[row + 1]) for row in taken])
        draw = random.random(len(place))
        near = np.clip(owner + random.integers(-NEIGHBOURS, NEIGHBOURS + 1, len(place)), 0, len(days) - 1)
        near = np.where(sizes[near] > 0, near, owner)
        inside = (random.random(len(place)) * sizes[near]).astype(np.int64)
        place = np.where(draw < KEPT, place, np.where(draw < KEPT + NEAR, indptr[near] + inside, place))
        anywhere = random.integers(0, len(items), len(place))
        place = np.where(draw < KEPT + NEAR, place, anywhere)
        found = items[place]
        renewed = (random.random(len(frequency)) < RENEWED) & (frequency < RARE)
        mark = np.where(renewed[found], number, 0)
        bins = days[taken] // BIN
        shift = random.integers(-JITTER, JITTER + 1, int(bins.max() - bins.min()) + 1)
        yield taken, days[taken] + (shift[bins - bins.min()] if number else 0), found, mark


def generated_features(real: Features, n: int, seed: int) -> Features:
    """The features of an archive of `n` events: every entry weighed by its new rarity, each channel normalised."""
    indptr, items = real.rows.indptr.astype(np.int64), real.rows.columns.astype(np.int64)
    all_days, all_owners, all_items = [], [], []
    done, width = 0, real.rows.n_columns
    for taken, days, found, mark in mixed(indptr, items, real.rows.days.astype(np.int64), n, seed):
        all_owners.append(np.repeat(np.arange(done, done + len(taken)), np.diff(indptr)[taken]))
        all_days.append(days)
        all_items.append(found + mark * width)
        done += len(taken)
    days = np.concatenate(all_days)
    order = np.argsort(days, kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    used, columns = np.unique(np.concatenate(all_items), return_inverse=True)
    pairs = np.unique(place[np.concatenate(all_owners)] * len(used) + columns)
    owner, column = np.divmod(pairs, len(used))
    channels = real.channels[used % width]
    weight = np.log(1 + n / np.bincount(column, minlength=len(used)))[column]
    group = owner * (int(channels.max()) + 1) + channels[column]
    norm = np.sqrt(np.bincount(group, weights=np.square(weight)))
    weight *= np.sqrt(channel_shares(Config.default()))[channels[column]] / norm[group]
    values = np.maximum(1, np.rint(weight * 2**15)).astype(np.uint16)
    nothing = np.full(n, -1, dtype=np.int32)
    rows = Rows(
        np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=n))]).astype(np.uint64),
        column.astype(np.uint32),
        values,
        days[order].astype(np.int32),
        nothing,
        nothing.copy(),
        len(used),
    )
    return Features(rows, channels)


def generated_events(archive: Path, n: int, seed: int) -> Iterator[dict[str, str]]:
    """Events of `n` lines with text, from the words of a real archive."""
    events = sorted(read(archive), key=lambda event: event.seconds)
    words: dict[str, int] = {}
    items: list[int] = []
    indptr = [0]
    for event in events:
        items += [
            words.setdefault(word, len(words)) for word in re.findall(r"\S+", f"{event.title} {event.text}")
        ]
        indptr.append(len(items))
    spelling = list(words)
    days = np.array([event.day for event in events], dtype=np.int64)
    done = 0
    for taken, new_days, found, mark in mixed(np.array(indptr), np.array(items), days, n, seed):
        start = 0
        for row, day in zip(taken, new_days.tolist(), strict=True):
            stop = start + indptr[row + 1] - indptr[row]
            text = " ".join(
                spelling[item] + (f"x{number}" if number else "")
                for item, number in zip(found[start:stop].tolist(), mark[start:stop].tolist(), strict=True)
            )
            yield {"id": f"{done:08d}", "date": date.fromordinal(EPOCH + day).isoformat(), "text": text}
            start, done = stop, done + 1


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path, help="a real archive as event JSONL")
    parser.add_argument("-n", type=int, default=1_000_000, help="events to make")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--features", type=Path, help="write the kernel's matrices here (.npz)")
    parser.add_argument("--events", type=Path, help="write events with text here (.jsonl.gz)")
    wanted = parser.parse_args()
    if wanted.features:
        generated_features(real_features(wanted.archive), wanted.n, wanted.seed).save(wanted.features)
    if wanted.events:
        with gzip.open(wanted.events, "wt", encoding="utf-8") as out:
            for event in generated_events(wanted.archive, wanted.n, wanted.seed):
                out.write(json.dumps(event, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
