"""How long a refresh takes: the whole process, and its work by stages.

    python benchmarks/refreshing.py INDEX [-n 100] [--rounds 3]

Each round adds as many events as are asked for to a copy of the index (the copy grows from round to round). Their words
are drawn from its own events and their days are the last ones, as those of a site's next hour. Python may keep its
bytecode, as it does for a package that pip installed. Prints a line for each round and keeps them by the number of events
in ``benchmarks/results/refreshing.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from relatedness import RelatedIndex

RESULTS = Path(__file__).parent / "results" / "refreshing.json"


def new_events(index: RelatedIndex, n: int, seed: int) -> list[dict[str, str]]:
    """Events that mix the words of two old ones, on the last hundred days of the index."""
    chance = random.Random(seed)
    ids = list(index.events)
    made = []
    for number in range(n):
        words = [word for id_ in chance.sample(ids, 2) for word in index.events[id_].text.split()]
        day = index.events[ids[-1 - number % min(100, len(ids))]].date
        made.append(
            {
                "id": f"new-{seed}-{number}",
                "date": day.isoformat(),
                "text": " ".join(chance.sample(words, (len(words) + 1) // 2)) or "Nothing is reported.",
            }
        )
    return made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("-n", type=int, default=100, help="new events in a round")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with RelatedIndex.open(given.index) as index:
        size = len(index.events)
        added = [new_events(index, given.n, seed) for seed in range(given.rounds)]
    rounds: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="relatedness-") as folder:
        copy, new = Path(folder) / "live.index", Path(folder) / "new.jsonl"
        shutil.copy(given.index, copy)
        for events in added:
            new.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
            begun = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "relatedness", "refresh", copy, new, "--json"],
                capture_output=True,
                text=True,
                check=True,
                env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            )
            process = time.perf_counter() - begun
            told = json.loads(done.stdout)
            rounds.append(
                {
                    "process": round(process, 2),
                    "seconds": told["seconds"],
                    "lists": len(told["lists_changed"]),
                }
            )
            stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in told["seconds"].items())
            print(
                f"{size:,} events: {process:.2f} s; {stages}; {rounds[-1]['lists']:,} lists changed",
                flush=True,
            )
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept[f"{size} events, {given.n} new"] = rounds
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
