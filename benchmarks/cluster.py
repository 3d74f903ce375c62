"""The whole build on the workers of a Dask cluster: core seconds, rates and memory of each stage, beside one machine.

    python benchmarks/cluster.py EVENTS.jsonl.gz [--workers 2] [--memory 2GB] [--partition 25000] [--kill] [--one] [--folder FOLDER]

EVENTS are those of a real archive, or of ``generate.py --events``. They are cut into a file for each worker and five more. The
workers are processes of this machine with one thread each. ``--kill`` kills a worker in each stage; ``--one`` builds on one
machine as well, on one core, and compares the lists byte for byte; ``--folder`` keeps all files there, and goes on from what a
stopped run left. Prints a table, and keeps the figures by the number of
events in ``benchmarks/results/cluster.json``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from relatedness import RelatedIndex
from relatedness.cores import most_memory
from relatedness.engines import DaskEngine
from relatedness.sources import read

RESULTS = Path(__file__).parent / "results" / "cluster.json"
STAGES = "relatedness.index"


class Stages(logging.Handler):
    """Gathers what the build logs of its stages, and prints it: a run of hours that dies has told what it did."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep and print the figures of one stage, and what the calling process has held at most."""
        if hasattr(record, "core_seconds"):
            found = {name: getattr(record, name) for name in ("stage", "tasks", "core_seconds", "peak")}
            self.found.append(found)
            caller = most_memory()
            print(time.strftime("%H:%M:%S"), json.dumps(found | {"caller": caller}), flush=True)


def cut(source: Path, folder: Path, files: int) -> int:
    """Write the events of a source to several files, in their order; how many there are.

    One event at a time: what this process holds at its highest is compared before and after the build.
    """
    n = sum(1 for _ in read(source))
    if folder.exists():  # a source that is written anew has changed
        return n
    folder.mkdir(parents=True)
    size = -(-n // files)
    events = read(source)
    for number in range(files):
        with (folder / f"{number:03d}.jsonl").open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(event.to_record()) + "\n" for event in itertools.islice(events, size))
    return n


def by_stage(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The figures of steps with the same first word, together."""
    stages: dict[str, dict[str, Any]] = {}
    for one in found:
        stage = stages.setdefault(one["stage"].split()[0], {"tasks": 0, "core_seconds": 0.0, "peak": 0})
        stage["tasks"] += one["tasks"]
        stage["core_seconds"] = round(stage["core_seconds"] + one["core_seconds"], 2)
        stage["peak"] = max(stage["peak"], one["peak"])
    return stages


def main() -> None:
    """Build, and tell."""
    import dask
    import distributed

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="2GB", help="the limit of each worker")
    parser.add_argument("--partition", type=int, default=25_000, help="events in a partition")
    parser.add_argument("--kill", action="store_true", help="kill a worker in each stage")
    parser.add_argument("--one", action="store_true", help="build on one machine as well, and compare")
    parser.add_argument("--folder", type=Path, help="keep the files here, and go on from what is there")
    given = parser.parse_args()
    stages = Stages()
    logger = logging.getLogger(STAGES)
    logger.setLevel(logging.INFO)
    logger.addHandler(stages)
    killed: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        n = cut(given.events, folder / "events", given.workers + 5)
        before = most_memory()
        with (
            # A local cluster gives a worker up that is killed again while it starts anew.
            dask.config.set({"distributed.deploy.lost-worker-timeout": "1h"}),
            distributed.LocalCluster(
                n_workers=given.workers,
                threads_per_worker=1,
                memory_limit=given.memory,
                host="127.0.0.1",
                dashboard_address=None,
            ) as cluster,
            distributed.Client(cluster) as client,
        ):

            def kill(stage: str, done: int, total: int) -> None:
                if given.kill and stage not in killed and done < total:
                    killed.append(stage)
                    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)

            begun = time.perf_counter()
            many = RelatedIndex.build(
                folder / "events",
                folder / "many",
                engine=DaskEngine(client),
                events_per_partition=given.partition,
                progress=kill,
            )
            wall = time.perf_counter() - begun
        found: dict[str, Any] = {
            "events": n,
            "workers": given.workers,
            "memory_limit": given.memory,
            "partitions": len(many._store.partitions),  # type: ignore[attr-defined]
            "wall_seconds": round(wall, 1),
            "core_seconds": round(sum(one["core_seconds"] for one in stages.found), 1),
            "killed_in": killed,
            "caller_grew_by_bytes": most_memory() - before,
            "index_bytes": many.info["bytes"],
            "stages": by_stage(stages.found),
        }
        if given.one:
            used = time.process_time()
            one = RelatedIndex.build(folder / "events", folder / "one.index", jobs=1)
            found["one_machine_core_seconds"] = round(time.process_time() - used, 1)
            found["ratio"] = round(found["core_seconds"] / found["one_machine_core_seconds"], 2)
            found["lists_equal"] = list(one._store.list_texts()) == list(many._store.list_texts())
    for name, stage in found["stages"].items():
        rate = n / stage["core_seconds"] if stage["core_seconds"] else float("inf")
        print(
            f"{name:12} {stage['tasks']:5} tasks {stage['core_seconds']:9.1f} core s {rate:10,.0f} events/s and core "
            f"{stage['peak'] >> 20:6,} MB"
        )
    print(json.dumps({name: value for name, value in found.items() if name != "stages"}))
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results[f"{n}"] = found | {"python": sys.version.split()[0], "cores": os.cpu_count()}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
