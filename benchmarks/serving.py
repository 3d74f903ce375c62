"""How much `relatedness serve` answers: related lists a second, how long they take, and whether memory stays flat.

    python benchmarks/serving.py INDEX                      # ten seconds at 2,000 requests a second
    python benchmarks/serving.py INDEX --seconds 300        # long enough to see memory grow
    python benchmarks/serving.py INDEX --rate 0             # no limit: the highest rate reached

It starts the server on a free port of this machine and asks it for the lists of random events over connections that stay
open. Requests are sent at a fixed rate, and each is timed from the moment at which it was due: a server that stalls is not
spared the requests that wait meanwhile. It prints a table in Markdown and writes ``benchmarks/results/serving.json``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import re
import subprocess
import sys
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import numpy as np

from relatedness import RelatedIndex, __version__

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, id_: str) -> int:
    """One request on an open connection; gives the status."""
    writer.write(f"GET /related/{quote(id_, safe='')} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    found = _LENGTH.search(head)
    assert found is not None, head
    await reader.readexactly(int(found[1]))
    return int(head.split(b" ", 2)[1])


async def load(
    port: int, ids: list[str], seconds: float, rate: float, connections: int
) -> tuple[list[float], Counter[int], float]:
    """Ask at a fixed rate, or at 0 as fast as the connections carry.

    Returns
    -------
    seconds : list of float
        From the moment at which each request was due to its whole answer.
    statuses : Counter of int
    elapsed : float
        Wall seconds from the first request to the last answer.
    """
    taken: list[float] = []
    statuses: Counter[int] = Counter()
    chance = random.Random(0)
    started = time.perf_counter()
    number = iter(range(sys.maxsize))

    async def ask_on_and_on() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            due = started + next(number) / rate if rate else time.perf_counter()
            if due - started >= seconds:
                break
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            statuses[await _ask(reader, writer, chance.choice(ids))] += 1
            taken.append(time.perf_counter() - due)
        writer.close()

    await asyncio.gather(*(ask_on_and_on() for _ in range(connections)))
    return taken, statuses, time.perf_counter() - started


def memory(process: int) -> float:
    """Resident memory in MB; not a number where the system does not tell."""
    try:
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="utf-8"))
    except OSError:
        return float("nan")
    return int(found[1]) / 1024 if found else float("nan")


def processor_seconds(process: int) -> float:
    """User and system seconds of a process; not a number where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("index", type=Path)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=2000, help="requests a second; 0 for no limit")
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    with RelatedIndex.open(given.index) as index:
        ids = list(index)
    command = [sys.executable, "-m", "relatedness", "serve", str(given.index), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            for line in server.stderr:
                if (found := re.search(r"http://127\.0\.0\.1:(\d+)", line)) is not None:
                    break
            else:
                sys.exit("the server did not start")
            port = int(found[1])
            asyncio.run(load(port, ids, 1, 500, given.connections))  # warm up
            before, busy = memory(server.pid), processor_seconds(server.pid)
            taken, statuses, elapsed = asyncio.run(
                load(port, ids, given.seconds, given.rate, given.connections)
            )
            after, busy = memory(server.pid), processor_seconds(server.pid) - busy
        finally:
            server.terminate()
    result = {
        "requests": len(taken),
        "per_second": round(len(taken) / elapsed, 1),
        "asked_per_second": given.rate,
        "connections": given.connections,
        "statuses": {str(status): count for status, count in statuses.items()},
        "server_ms_per_request": round(busy / len(taken) * 1e3, 3),
        "median_ms": round(float(np.quantile(taken, 0.5)) * 1e3, 2),
        "p99_ms": round(float(np.quantile(taken, 0.99)) * 1e3, 2),
        "memory_mb": [round(before, 1), round(after, 1)],
        "seconds": given.seconds,
        "events": len(ids),
        "relatedness": __version__,
        "uvicorn": version("uvicorn"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }
    target = Path(__file__).parent / "results" / "serving.json"
    target.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(
        "| Requests | a second | median | 99th percentile | other than 200 | processor time of the server each | memory before, after |"
    )
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {len(taken):,} | {result['per_second']:,} | {result['median_ms']} ms | {result['p99_ms']} ms | "
        f"{len(taken) - statuses[200]:,} | {result['server_ms_per_request']} ms | {before:.0f} MB, {after:.0f} MB |"
    )


if __name__ == "__main__":
    main()
