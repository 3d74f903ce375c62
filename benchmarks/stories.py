"""How well stories agree with editors: each judged event's story against the events that editors filed under its headings.

    python benchmarks/stories.py INDEX QRELS [--events 500]

INDEX is built over the judged events alone. Prints a table in Markdown: the other events of a story, the share of them that
editors filed with its event (of all together, and the mean over stories), the share of theirs that the story holds (the
mean), and the days from its first event to its last.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np

from relatedness import RelatedIndex
from relatedness.quality import read_qrels


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("qrels", type=Path)
    parser.add_argument("--events", type=int, default=500, help="how many stories")
    given = parser.parse_args()
    qrels = read_qrels(given.qrels)
    asked = random.Random(1).sample(sorted(qrels), min(given.events, len(qrels)))
    sizes, right, judged, spans = [], [], [], []
    with RelatedIndex.open(given.index) as index:
        for id_ in asked:
            story = index.story(id_)
            others = [event.id for event in story if event.id != id_]
            wanted = {other for other, grade in qrels[id_].items() if grade > 0}
            seconds = [index[event.id].seconds for event in story]
            sizes.append(len(others))
            right.append(len(wanted.intersection(others)))
            judged.append(len(wanted))
            spans.append((max(seconds) - min(seconds)) / 86400)
    size, hits, filed = map(np.array, (sizes, right, judged))
    some = size > 0
    print(
        "| stories | other events | filed together, of all | mean | theirs that it holds | days, median | 90 % below |"
    )
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {len(asked)} | {size.mean():.1f} | {hits.sum() / size.sum():.3f} | {(hits[some] / size[some]).mean():.3f} | "
        f"{(hits / np.maximum(filed, 1)).mean():.3f} | {np.median(spans):.0f} | {np.quantile(spans, 0.9):.0f} |"
    )


if __name__ == "__main__":
    main()
