"""How long a refresh takes: the whole process, how much of it is starting up, and its work by stages.

    python benchmarks/refreshing.py INDEX [-n 100] [--rounds 3]

Each round adds as many events as are asked for to a copy of the index (the copy grows from round to round). Their words
are drawn from its own events and their days are the last ones, as those of a site's next hour. Python may keep its
bytecode, as it does for a package that pip installed. Before it, the same command adds one event to an index of fifty:
that is starting up and as good as nothing else; and one event to the copy: that is starting up and opening an index of
this size, whatever comes. Prints a line for each round and keeps them by the number of events in
``benchmarks/results/refreshing.json``.
"""

from __future__ import annotations

import argparse
import itertools
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

from relatedness import RelatedIndex, read_events, sample_path

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


def as_installed() -> dict[str, str]:
    """The environment of a command whose package pip installed: Python keeps its bytecode."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def refresh(path: Path, events: list[dict[str, str]]) -> tuple[float, dict[str, Any]]:
    """Seconds of the whole process, and what it told."""
    new = path.with_suffix(".jsonl")
    new.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "relatedness", "refresh", path, new, "--json"],
        capture_output=True,
        text=True,
        check=True,
        env=as_installed(),
    )
    return time.perf_counter() - begun, json.loads(done.stdout)


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
        alone = [new_events(index, 1, seed) for seed in range(given.rounds, 2 * given.rounds)]
    rounds: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="relatedness-") as folder:
        copy, small = Path(folder) / "live.index", Path(folder) / "small.index"
        shutil.copy(given.index, copy)
        with copy.open("rb+") as file:
            os.fsync(file)  # or the first refresh waits until all of the copy is on the disk
        RelatedIndex.build(itertools.islice(read_events(sample_path()), 50), small)
        spire = {"id": "spire", "date": "2024-05-02", "text": "Notre-Dame gets its new spire."}
        refresh(small, [spire])  # the first start of all writes Python's bytecode
        for number, events in enumerate(added):
            start, _ = refresh(small, [{**spire, "id": f"new-{number}"}])
            one, _ = refresh(copy, alone[number])
            process, told = refresh(copy, events)
            rounds.append(
                {
                    "process": round(process, 2),
                    "start": round(start, 2),
                    "one": round(one, 2),
                    "seconds": told["seconds"],
                    "lists": len(told["lists_changed"]),
                }
            )
            stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in told["seconds"].items())
            print(
                f"{size:,} events: {process:.2f} s (to start {start:.2f} s, for one event {one:.2f} s); {stages}; "
                f"{rounds[-1]['lists']:,} lists changed",
                flush=True,
            )
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept[f"{size} events, {given.n} new"] = rounds
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
