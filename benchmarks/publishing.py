"""How long `publish --changed` takes after some new events: the whole process, and its work by stages.

    python benchmarks/publishing.py INDEX [-n 100] [--rounds 3] [--formats md,html,json,xml]

It publishes a copy of the index once. Each round then refreshes the copy by new events, made as those of `refreshing.py` are, and
publishes what changed. Prints a line for each round, with the processor seconds of the process, which say more than wall
seconds on a busy machine, and keeps them by the number of events in ``benchmarks/results/publishing.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from refreshing import as_installed, new_events, refresh

from relatedness import RelatedIndex

RESULTS = Path(__file__).parent / "results" / "publishing.json"


def publish(path: Path, site: Path, formats: str, changed: list[str] | None = None) -> dict[str, Any]:
    """Seconds of the whole process, and what it told."""
    command = [
        sys.executable,
        "-m",
        "relatedness",
        "publish",
        path,
        "-o",
        site,
        "--formats",
        formats,
        "--json",
    ]
    if changed is not None:
        names = path.with_suffix(".changed")
        names.write_text("".join(f"{id_}\n" for id_ in changed), encoding="utf-8")
        command += ["--changed", names]
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=as_installed())
    wall, after = time.perf_counter() - begun, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return {"process": round(wall, 2), "processor": round(spent, 2), **json.loads(done.stdout)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("-n", type=int, default=100, help="new events in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--formats", default="md,html,json,xml")
    given = parser.parse_args()
    with RelatedIndex.open(given.index) as index:
        size = len(index.events)
        added = [new_events(index, given.n, seed) for seed in range(given.rounds)]
    rounds: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="relatedness-") as folder:
        copy, site = Path(folder) / "live.index", Path(folder) / "site"
        shutil.copy(given.index, copy)
        first = publish(copy, site, given.formats)
        print(f"{size:,} events: all pages in {first['process']} s, {first['written']:,} files", flush=True)
        for events in added:
            _, told = refresh(copy, events)
            done = publish(copy, site, given.formats, told["lists_changed"])
            rounds.append(done)
            stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in done["seconds"].items())
            print(
                f"{given.n:,} more: {done['process']} s, {done['processor']} s of processor time ({stages}); "
                f"{len(told['lists_changed']):,} lists changed, {done['written']:,} files written, {done['unchanged']:,} looked at in vain",
                flush=True,
            )
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept[f"{size} events, {given.n} new, {given.formats}"] = {"all": first, "changed": rounds}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
