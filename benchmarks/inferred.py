"""How often an inferred story topic is one that the editors chose.

    python benchmarks/inferred.py ../shared/data/archive-2002-2017.jsonl.gz [--from 2013] [--jobs 1]

The events of the later years whose editors supplied story topics are split: every second one hides its topics, the
others keep theirs. Neighbours are the nearest by word TF-IDF cosine damped by the days between (half life 30 days), among
all other events of the same years within 90 days. An answer is right when it is one of the hidden topics. The
years before serve to choose the thresholds; the figures are for the years after.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from relatedness.topics import infer

WINDOW, HALF_LIFE, NEAREST = 90, 30.0, 10


def neighbours(texts: Sequence[str], days: np.ndarray) -> list[list[tuple[int, float]]]:
    """For each text the nearest others in words and time, with their scores."""
    order = np.argsort(days, kind="stable")
    matrix = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform([texts[i] for i in order])
    sorted_days = days[order]
    answers: list[list[tuple[int, float]]] = [[] for _ in texts]
    for start in range(0, len(order), 500):
        stop = min(start + 500, len(order))
        low = int(np.searchsorted(sorted_days, sorted_days[start] - WINDOW))
        high = int(np.searchsorted(sorted_days, sorted_days[stop - 1] + WINDOW, side="right"))
        scores = (matrix[start:stop] @ matrix[low:high].T).toarray()
        apart = np.abs(sorted_days[start:stop, None] - sorted_days[None, low:high])
        scores *= np.where(apart <= WINDOW, 0.5 ** (apart / HALF_LIFE), 0.0)
        scores[np.arange(stop - start), np.arange(start, stop) - low] = 0.0
        best = np.argsort(-scores, axis=1, kind="stable")[:, :40]
        for row, columns in enumerate(best):
            answers[order[start + row]] = [
                (int(order[low + c]), float(scores[row, c])) for c in columns if scores[row, c] > 0
            ]
    return answers


def measure(
    shown: list[tuple[str, ...]],
    hidden: dict[int, tuple[str, ...]],
    near: list[list[tuple[int, float]]],
    **thresholds: float,
) -> tuple[float, float, int]:
    """Precision, recall over the hidden events, and number of answers."""
    answers = infer(shown, near, **thresholds)  # type: ignore[arg-type]
    given = {event: answers[event] for event in hidden if answers[event]}
    right = sum(answer in hidden[event] for event, answer in given.items())
    return right / max(len(given), 1), right / max(len(hidden), 1), len(given)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--from", dest="first", type=int, default=2015, help="first year that is held out")
    arguments = parser.parse_args()
    with gzip.open(arguments.file, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    for name, low, high in (
        ("years to choose by", 2011, arguments.first - 1),
        ("years held out", arguments.first, 9999),
    ):
        years = [r for r in records if low <= int(r["date"][:4]) <= high]
        days = np.array([np.datetime64(r["date"]).astype(int) for r in years])
        supplied = [i for i, r in enumerate(years) if r.get("topics")]
        hidden = {i: tuple(years[i]["topics"]) for i in supplied[::2]}
        shown = [() if i in hidden else tuple(r.get("topics", ())) for i, r in enumerate(years)]
        # The nearest events that have a supplied topic.
        near = [
            [(j, s) for j, s in row if shown[j]][:NEAREST]
            for row in neighbours([r["text"] for r in years], days)
        ]
        print(f"{name}: {len(years)} events, {len(hidden)} with their topics hidden")
        for agreement in (0.5, 0.6, 0.7, 0.75, 0.8, 0.9):
            for support in (2, 3):
                for strength in (0.0, 0.3, 0.5, 0.8):
                    precision, recall, answers = measure(
                        shown, hidden, near, agreement=agreement, support=support, strength=strength
                    )
                    print(
                        f"  agreement {agreement:.2f} support {support} strength {strength:.1f}: "
                        f"precision {precision:.3f} recall {recall:.3f} answers {answers}"
                    )


if __name__ == "__main__":
    main()
