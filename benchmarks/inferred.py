"""How often an inferred story topic is one that the editors chose.

    python benchmarks/inferred.py EVENTS [--from 2015]

Of the events to which the archive gives story topics every fifth one, by a hash of its id, hides them. The index is
built as always; an answer is right when it is one of the hidden topics, exactly. Recall counts all hidden events. The
settings were chosen on the years before `--from`; the figures of the years after are held out. An answer may be wrong
here and right for a reader: the editors file under `Battle of Raqqa (2017)` what is inferred as `Syrian Civil War`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from relatedness import Config, RelatedIndex
from relatedness.events import Event
from relatedness.index._tagging import stored_names
from relatedness.topics import FastTagger

HIDDEN = 5  # one event in so many hides its topics


def hides(id_: str) -> bool:
    """Whether an event's topics are hidden."""
    return int.from_bytes(hashlib.blake2b(id_.encode(), digest_size=4).digest()) % HIDDEN == 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--from", dest="first", type=int, default=2015, help="first year that is held out")
    arguments = parser.parse_args()
    with gzip.open(arguments.file, "rt", encoding="utf-8") as lines:
        events = [Event.make(json.loads(line)) for line in lines]
    hidden = {event.id: event.topics for event in events if event.topics and hides(event.id)}
    shown = [replace(event, topics=()) if event.id in hidden else event for event in events]
    for agreement in (Config.default().topics.inference_agreement, 0.8, 0.9):
        config = Config.default().change({"topics": {"inference_agreement": agreement}})
        index = RelatedIndex.build(shown, config=config)
        tagger = FastTagger(*stored_names(index._store))
        for name, low, high in (
            ("years to choose by", 2009, arguments.first - 1),
            ("held out", arguments.first, 9999),
        ):
            years = {
                id_: topics for id_, topics in hidden.items() if low <= index.events[id_].date.year <= high
            }
            given = {
                id_: topic.name for id_ in years for topic in index.topics(id_) if topic.how == "inferred"
            }
            right = sum(
                answer in {tagger.supplied(topic).name for topic in years[id_]}
                for id_, answer in given.items()
            )
            print(
                f"agreement {agreement:.2f}, {name}: {len(years)} hidden, {len(given)} answers, "
                f"precision {right / max(len(given), 1):.3f}, recall {right / max(len(years), 1):.3f}"
            )
        answers = sum(topic.how == "inferred" for id_ in index.events for topic in index.topics(id_))
        print(f"agreement {agreement:.2f}: {answers} events of {len(shown)} have an inferred topic")


if __name__ == "__main__":
    main()
