"""How long looking up takes: stored lists, filtered lists, texts, opening, and whole processes.

    python benchmarks/lookup.py INDEX

prints a table in Markdown and writes ``benchmarks/results/lookup.json``.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from relatedness import RelatedIndex, __version__


def timed(calls: list[Callable[[], object]]) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds."""
    seconds = []
    for call in calls:
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return float(np.quantile(seconds, 0.5) * 1e3), float(np.quantile(seconds, 0.99) * 1e3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("index", type=Path)
    path = parser.parse_args().index
    rng = np.random.default_rng(0)
    index = RelatedIndex.open(path)
    ids = list(index.events)
    some = [ids[place] for place in rng.integers(0, len(ids), 10_000)]
    events = [index.events[id_] for id_ in some[:1000]]
    index.query("compile and load what a first query needs")
    index.related(some[0], direction="before")

    def first(id_: str) -> None:
        with RelatedIndex.open(path) as opened:
            opened.related(id_)

    command = [sys.executable, "-m", "relatedness", "related", str(path), some[0]]
    rows = {
        "related(id), stored list, 10,000 ids": timed([lambda id_=id_: index.related(id_) for id_ in some]),
        "related(id, direction='before'), 1,000 ids": timed(
            [lambda id_=id_: index.related(id_, direction="before") for id_ in some[:1000]]
        ),
        "query(text, date), tagging and reasons included, 1,000 texts": timed(
            [lambda e=e: index.query(e.text, title=e.title, date=e.date) for e in events]
        ),
        "explain(a, b), 1,000 pairs": timed(
            [lambda a=a, b=b: index.explain(a, b) for a, b in zip(some[:1000], some[1000:2000], strict=True)]
        ),
        "open and first related(id), 200 times": timed([lambda id_=id_: first(id_) for id_ in some[:200]]),
        "`relatedness related INDEX ID`, whole process, 10 times": timed(
            [lambda: subprocess.run(command, check=True, capture_output=True) for _ in range(10)]
        ),
    }
    print("| what | p50 ms | p99 ms |\n|---|---|---|")
    for name, (median, high) in rows.items():
        print(f"| {name} | {median:,.3f} | {high:,.3f} |")
    results = Path(__file__).with_name("results")
    results.mkdir(exist_ok=True)
    about = {"relatedness": __version__, "python": platform.python_version(), "events": len(ids)}
    rounded = {name: [round(value, 4) for value in pair] for name, pair in rows.items()}
    text = json.dumps({"about": about, "p50 and p99 in ms": rounded}, indent=1)
    (results / "lookup.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
