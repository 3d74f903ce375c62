"""How the floor behaves on archives of every kind: how long lists are, and what passes it by chance.

    python benchmarks/floors.py [ARCHIVE]

builds an index of the bundled sample, of 50 events of it, of those that have one topic, of an incident log that is made
here by a fixed seed, and of ARCHIVE where one is given.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from relatedness import Event, RelatedIndex, read_events, sample_path

SERVICES = [
    "checkout",
    "search",
    "login",
    "billing",
    "mail",
    "images",
    "reports",
    "exports",
    "webhooks",
    "queue",
]
CAUSES = (
    "A full disk on {host} stops {service}.",
    "{service} answers slowly after the release of version {version}.",
    "The certificate of {host} has run out and clients of {service} fail.",
    "A bad configuration of {service} is rolled back to version {version}.",
    "The database {host} fails over and {service} loses connections.",
    "Too many requests from one customer slow {service} down.",
)
FOLLOW_UPS = (
    "{service} has recovered; {host} is watched.",
    "Postmortem: why {service} failed on {host} and what is done about it.",
    "The limit on {host} is raised so that {service} has room.",
)


def incidents(n: int = 1500) -> list[Event]:
    """An incident log of three years: incidents of ten services, every third with follow-ups within days."""
    chance = random.Random(20261124)
    events: list[Event] = []
    while len(events) < n:
        day = date(2023, 1, 1) + timedelta(chance.randrange(1000))
        words = {
            "service": chance.choice(SERVICES),
            "host": f"{chance.choice(('db', 'web', 'cache', 'node'))}-{chance.randrange(60):02}",
            "version": f"{chance.randrange(3, 9)}.{chance.randrange(40)}",
        }
        texts = [chance.choice(CAUSES)]
        if chance.random() < 1 / 3:
            texts += chance.sample(FOLLOW_UPS, chance.randrange(1, 4))
        for text in texts:
            events.append(Event(f"INC-{len(events):05}", day, text=text.format(**words).capitalize()))
            day += timedelta(chance.randrange(1, 6))
    return events


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path, nargs="?")
    options = parser.parse_args()
    sample = list(read_events(sample_path()))
    whole = RelatedIndex.build(sample)
    topic = whole.topic_counts()[0][0]
    one_topic = [event for event in sample if topic in {found.name for found in whole.topics(event.id)}]
    corpora: dict[str, Sequence[Event]] = {
        "the sample": sample,
        "50 events of it": random.Random(0).sample(sample, 50),
        f"all of one topic ({topic})": one_topic,
        "a made-up incident log": incidents(),
    }
    if options.archive:
        corpora[options.archive.name] = list(read_events(options.archive))
    print("| archive | events | floor | empty lists | fewer than 3 | mean of 10 |")
    print("|---|---|---|---|---|---|")
    for name, events in corpora.items():
        index = RelatedIndex.build(events)
        lengths = [len(items) for _, items in index.lists(10)]
        n, floor = len(lengths), index.info["statistics"]["floor"] / 10_000_000
        print(
            f"| {name} | {n:,} | {floor:.4f} | {lengths.count(0) / n:.1%} | "
            f"{sum(length < 3 for length in lengths) / n:.1%} | {sum(lengths) / n:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
