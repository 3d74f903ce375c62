"""Print the topics of 40 events drawn with a fixed seed into topics-sample.md: ids and topics, no text of the archive.

python benchmarks/topics_sample.py EVENTS
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from pathlib import Path

from relatedness.events import Event
from relatedness.topics import FastTagger, Gazetteer, learn

SEED, COUNT = 20_021_117, 40


def main() -> None:
    with gzip.open(sys.argv[1], "rt", encoding="utf-8") as lines:
        events = [Event.make(json.loads(line)) for line in lines]
    gazetteer = Gazetteer.load()
    tagger = FastTagger(gazetteer, learn(events, gazetteer))
    sample = random.Random(SEED).sample(sorted(events, key=lambda e: e.id), COUNT)
    rows = [
        "# Topics of 40 events of the archive",
        "",
        f"Drawn at random with seed {SEED}, tagger `fast`. Parents in brackets.",
        "",
    ]
    rows += ["| event | topics |", "|---|---|"]
    for event, topics in zip(sample, tagger.tag(sample), strict=True):
        said = ", ".join(
            f"({t.name})" if t.how == "parent" else f"{t.name} [supplied]" if t.how == "supplied" else t.name
            for t in topics
        )
        rows.append(f"| {event.id} | {said} |")
    (Path(__file__).parent / "topics-sample.md").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
