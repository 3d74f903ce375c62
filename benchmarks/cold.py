"""How long the first commands of a fresh installation take, and those of every process after them.

    python benchmarks/cold.py [--rounds 3]

Every command runs as a process of its own, with a home, a cache for compiled code and a cache for Python's bytecode of
its own, on the bundled sample. ``first`` has all three empty, ``again`` has what the run before left. ``no cache`` may keep
nothing, as in a container that is read-only. Each is run as the library chooses, and with ``RELATEDNESS_KERNEL=compiled``,
which compiles every loop as the library did before it had others. What counts is processor time of the process and its
children: it hardly depends on what else the machine does. The medians are kept in ``benchmarks/results/cold.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from relatedness import sample_path

RESULTS = Path(__file__).parent / "results" / "cold.json"
EVENT = "2017-07-10-mosul-victory"
TEXT = "A court fines a carmaker over diesel emissions"


def run(command: list[str], place: Path, kernel: str, *, keep: bool) -> tuple[float, float]:
    """Processor seconds and wall seconds of a process whose caches are all below a folder."""
    environment = {**os.environ, "HOME": str(place), "PYTHONPYCACHEPREFIX": str(place / "bytecode")}
    for name in ("PYTHONDONTWRITEBYTECODE", "NUMBA_CACHE_DIR"):
        environment.pop(name, None)
    environment["RELATEDNESS_KERNEL"] = kernel
    environment["RELATEDNESS_CACHE"] = str(place / "compiled") if keep else os.devnull
    if not keep:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        environment["NUMBA_CACHE_LOCATOR_CLASSES"] = "UserProvidedCacheLocator"  # not beside the package
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *command], env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    kept = {}
    with tempfile.TemporaryDirectory(prefix="relatedness-") as folder:
        index = str(Path(folder) / "sample.index")
        cli = ["-m", "relatedness"]
        subprocess.run(
            [sys.executable, *cli, "build", sample_path(), "-o", index], check=True, capture_output=True
        )
        commands = {
            "import relatedness": ["-c", "import relatedness"],
            "demo": [*cli, "demo"],
            "build of the sample": [*cli, "build", str(sample_path()), "-o", str(Path(folder) / "new.index")],
            "related": [*cli, "related", index, EVENT],
            "query": [*cli, "query", index, TEXT],
        }
        for name, command in commands.items():
            for kernel in ("", "compiled"):
                found: dict[str, list[tuple[float, float]]] = {"first": [], "again": [], "no cache": []}
                for _ in range(given.rounds):
                    with tempfile.TemporaryDirectory(prefix="relatedness-") as home:
                        found["first"].append(run(command, Path(home), kernel, keep=True))
                        found["again"].append(run(command, Path(home), kernel, keep=True))
                    with tempfile.TemporaryDirectory(prefix="relatedness-") as home:
                        found["no cache"].append(run(command, Path(home), kernel, keep=False))
                medians = {
                    state: {
                        "processor": round(statistics.median(spent for spent, _ in times), 2),
                        "wall": round(statistics.median(wall for _, wall in times), 2),
                    }
                    for state, times in found.items()
                }
                kept.setdefault(name, {})[kernel or "default"] = medians
                told = ", ".join(f"{state} {times['processor']:.2f} s" for state, times in medians.items())
                print(f"{name}, {kernel or 'default'}: {told}", flush=True)
                if not name.startswith(("demo", "build", "query")):
                    break  # neither way of working is asked for
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
