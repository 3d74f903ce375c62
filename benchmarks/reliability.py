"""The long runs: killed writers, readers during refreshes, damaged files, full disks, hostile input, large files.

    python benchmarks/reliability.py                 # everything, about an hour
    python benchmarks/reliability.py kill flip       # some of it

Each run prints its line and keeps its figures in ``results/reliability.json``. A run that finds a fault ends with
an exception and what is needed to see it again. ``faults`` mounts small file systems and needs root and Linux; the fuzzer
uses atheris where it is installed, and Hypothesis otherwise.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import multiprocessing
import os
import platform
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from relatedness import Config, RelatedIndex, read_events, sample_path
from relatedness.errors import RelatednessError
from relatedness.events import Event

RESULTS = Path(__file__).parent / "results" / "reliability.json"
STAYS = Config.default().change({"refresh": {"drift": 1e9}})
CONTEXT = multiprocessing.get_context("fork")  # everything is imported and compiled once


def export_of(path: Path) -> str:
    """A hash of all lists of an index."""
    with RelatedIndex.open(path) as index:
        lists = {id_: [item.to_record() for item in items] for id_, items in index.lists(10)}
    return hashlib.blake2b(json.dumps(lists).encode()).hexdigest()


def sample() -> list[Event]:
    return sorted(read_events(sample_path()), key=lambda event: (event.seconds, event.id))


def started(function: Callable[..., None], *arguments: Any) -> Any:
    process = CONTEXT.Process(target=function, args=arguments)
    process.start()
    return process


# --- kill --------------------------------------------------------------------------------------------------------


def _build(path: Path, events: list[Event]) -> None:
    RelatedIndex.build(events, path, config=STAYS, jobs=1).close()


def _refresh(path: Path, events: list[Event], refit: bool) -> None:
    RelatedIndex.open(path).refresh(events, refit=refit, jobs=1)


def kill(folder: Path, rounds: int = 501) -> dict[str, Any]:
    """Kill -9 at random instants of build, refresh and refit: after each the lists are the old ones or the new."""
    events = sample()
    old, new = folder / "old.index", folder / "new.index"
    _build(old, events[:600])
    jobs: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] = {
        "build": (_build, (events,)),
        "refresh": (_refresh, (events[600:], False)),
        "refit": (_refresh, (events[600:], True)),
    }
    chance = random.Random(0)
    found: dict[str, Any] = {"rounds": rounds, "lost": 0}
    path = folder / "live.index"
    for name, (job, arguments) in jobs.items():
        shutil.copy(old, new)
        begun = time.perf_counter()
        process = started(job, new, *arguments)
        process.join()
        assert process.exitcode == 0, name
        whole = time.perf_counter() - begun
        allowed = {export_of(old): "old", export_of(new): "new"}
        outcomes = {"old": 0, "new": 0}
        for _ in range(rounds // len(jobs)):
            for leftover in folder.glob("*live.index*"):
                leftover.unlink()
            shutil.copy(old, path)
            process = started(job, path, *arguments)
            process.join(chance.uniform(0, 1.1 * whole))
            process.kill()
            process.join()
            with RelatedIndex.open(path) as index:
                faults = index.check()
            assert not faults, (name, faults)
            outcomes[allowed[export_of(path)]] += 1
        found[name] = {"seconds": round(whole, 2), **outcomes}
    return found


# --- readers -----------------------------------------------------------------------------------------------------


def _read(path: Path, ids: list[str], stop: Any, out: Any) -> None:
    index = RelatedIndex.open(path, follow=True)
    seen: dict[str, set[str]] = {id_: set() for id_ in ids}
    times: list[float] = []
    errors: list[str] = []
    while not stop.is_set():
        for id_ in ids:
            begun = time.perf_counter()
            try:
                items = index.related(id_, k=10)
                times.append(time.perf_counter() - begun)
                seen[id_].add(hashlib.md5(repr(list(items)).encode()).hexdigest())
            except Exception as error:
                errors.append(repr(error))
    out.put(
        (
            len(times),
            sorted(times)[int(len(times) * 0.5)],
            sorted(times)[int(len(times) * 0.99)],
            seen,
            errors,
        )
    )


def readers(folder: Path, refreshes: int = 200) -> dict[str, Any]:
    """8 processes and 4 threads read at full speed through 200 refreshes: no error, no mixture."""
    events = sample()
    path = folder / "live.index"
    _build(path, events[:600])
    ids = [event.id for event in events[50:600:50]]
    stop, out = CONTEXT.Event(), CONTEXT.Queue()
    processes = [started(_read, path, ids, stop, out) for _ in range(8)]
    inside: Any = queue.Queue()
    threads = [threading.Thread(target=_read, args=(path, ids, stop, inside)) for _ in range(4)]
    for thread in threads:
        thread.start()
    truth: dict[str, set[str]] = {id_: set() for id_ in ids}

    def note() -> None:
        with RelatedIndex.open(path) as index:
            for id_ in ids:
                truth[id_].add(hashlib.md5(repr(list(index.related(id_, k=10))).encode()).hexdigest())

    note()
    chance = random.Random(0)
    job = RelatedIndex.open(path)
    held = set(job.events)
    for step in range(refreshes):
        if step % 2:
            job.refresh(remove=[id_ for id_ in job.events if id_ not in held], jobs=1)
        else:
            job.refresh(chance.sample(events[600:], 20), jobs=1)
        note()
    stop.set()
    results = [out.get() for _ in processes] + [inside.get() for _ in threads]
    for worker in (*processes, *threads):
        worker.join()
    errors = [error for *_, found in results for error in found]
    mixed = sum(not seen[id_] <= truth[id_] for *_, seen, _ in results for id_ in ids)
    assert not errors, errors[:3]
    assert not mixed
    of_processes = results[: len(processes)]
    return {
        "refreshes": refreshes,
        "reads": sum(reads for reads, *_ in results),
        "errors": len(errors),
        "mixed": mixed,
        "p50_ms_processes": round(1e3 * max(p50 for _, p50, *_ in of_processes), 3),
        "p99_ms_processes": round(1e3 * max(p99 for _, _, p99, *_ in of_processes), 3),
        "note": "12 readers and the writer share the cores",
    }


# --- damage ------------------------------------------------------------------------------------------------------


def _lists_by_check(path: Path) -> tuple[list[str], str]:
    """What check says of a file; what its lists are when it says nothing."""
    try:
        with RelatedIndex.open(path) as index:
            faults = index.check()
        return faults, "" if faults else export_of(path)
    except RelatednessError as error:
        return [str(error)], ""


def flip(folder: Path, flips: int = 2000, truncations: int = 500) -> dict[str, Any]:
    """Single bytes flipped and files cut short: reported, or without any effect on a list."""
    path = folder / "sound.index"
    _build(path, sample()[:250])
    content, truth = path.read_bytes(), export_of(path)
    chance = random.Random(0)
    damaged = folder / "damaged.index"
    counts = {
        "flips": flips,
        "flips reported": 0,
        "truncations": truncations,
        "truncations reported": 0,
        "wrong": 0,
    }
    for number in range(flips + truncations):
        kind = "flips" if number < flips else "truncations"
        if kind == "flips":
            changed = bytearray(content)
            changed[chance.randrange(len(changed))] ^= chance.randrange(1, 256)
        else:
            changed = bytearray(content[: chance.randrange(len(content))])
        damaged.write_bytes(changed)
        faults, lists = _lists_by_check(damaged)
        counts[f"{kind} reported"] += bool(faults)
        counts["wrong"] += not faults and lists != truth
    assert not counts["wrong"]
    return counts


# --- a machine that fails ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _said(job: Callable[[], object]) -> str:
    try:
        job()
    except (RelatednessError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return "no error"


def faults(folder: Path) -> dict[str, Any]:
    """Full disks, read-only places, a file taken away, a clock set back, a file moved: clear errors, lists intact."""
    events = sample()
    found: dict[str, Any] = {}
    with mounted(folder / "small", "size=3500k") as small:
        path = small / "live.index"
        _build(path, events[:600])
        truth = export_of(path)
        (small / "filler").write_bytes(bytes(max(0, shutil.disk_usage(small).free - 100_000)))
        found["disk full, refresh"] = _said(lambda: _refresh(path, events[600:], False))
        found["disk full, build"] = _said(lambda: _build(path, events))
        assert export_of(path) == truth and not RelatedIndex.open(path).check()
        assert not list(small.glob(".*.part*"))
    with mounted(folder / "sealed", "size=20m") as sealed:
        path = sealed / "live.index"
        _build(path, events[:600])
        subprocess.run(["mount", "-o", "remount,ro", str(sealed)], check=True)
        assert export_of(path) == truth
        found["read-only place, read"] = "the lists as they are"
        found["read-only place, refresh"] = _said(lambda: _refresh(path, events[600:], False))
    path = folder / "live.index"
    _build(path, events[:600])
    reader = RelatedIndex.open(path)
    path.rename(folder / "moved.index")
    assert [list(items) for _, items in reader.lists()]
    found["file taken away, reload"] = _said(reader.reload)
    assert export_of(folder / "moved.index") == truth
    found["file moved elsewhere"] = "the lists as they are"
    real = time.time
    with contextlib.ExitStack() as back:
        back.callback(setattr, time, "time", real)
        time.time = lambda: real() - 10 * 365 * 86400  # type: ignore[assignment]
        _refresh(folder / "moved.index", events[600:], False)
    assert not RelatedIndex.open(folder / "moved.index").check()
    found["clock set back ten years"] = "refreshed, sound"
    assert all(said != "no error" for said in found.values()), found
    return {what: said.replace(f"{folder}/", "") for what, said in found.items()}


# --- hostile input -----------------------------------------------------------------------------------------------

_ATHERIS = """
import sys, tempfile
from pathlib import Path
import atheris

with atheris.instrument_imports(include=["relatedness"]):
    from relatedness.errors import InputError
    from relatedness.sources._archive_pages import read_page
    from relatedness.sources._stream import read

folder = tempfile.TemporaryDirectory()
events = Path(folder.name) / "events.jsonl"

def pages(data):
    try:
        read_page(data.decode("utf-8", "replace"))
    except InputError:
        pass

def lines(data):
    events.write_bytes(data)
    try:
        for _ in read(events):
            pass
    except InputError:
        pass

target = {"pages": pages, "lines": lines}[sys.argv.pop(1)]
atheris.Setup(sys.argv, target)
atheris.Fuzz()
"""


def fuzz(folder: Path, inputs: int = 1_000_000) -> dict[str, Any]:
    """Any bytes as a page or as lines of JSON: events or an InputError, and nothing takes long."""
    try:
        import atheris  # noqa: F401
    except ImportError:
        return {"skipped": "atheris is not installed: pip install atheris"}
    page = '---\n{"date": "2016-07-11"}\n---\n# Title\n\nText.\n\nRelated:\n\n1. [A](b.md) _Context: Iraq_\n'
    seeds = {"pages": page, "lines": sample_path().read_text(encoding="utf-8")[:600]}
    found: dict[str, Any] = {}
    for name, seed in seeds.items():
        corpus = folder / name
        corpus.mkdir()
        (corpus / "seed").write_text(seed, encoding="utf-8")
        command = [
            sys.executable,
            "-c",
            _ATHERIS,
            name,
            f"-runs={inputs // 2}",
            "-timeout=10",
            "-max_len=4096",
        ]
        begun = time.perf_counter()
        done = subprocess.run(
            [*command, str(corpus)], capture_output=True, text=True, cwd=folder, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        found[name] = {"inputs": inputs // 2, "failures": 0, "seconds": round(time.perf_counter() - begun)}
    return found


# --- memory ------------------------------------------------------------------------------------------------------


def memory(folder: Path, size: int = 5_000_000_000) -> dict[str, Any]:
    """A file of 5 GB through the readers alone."""
    path = folder / "large.jsonl"
    words = [event.text or event.title for event in sample()]
    written = number = 0
    with path.open("w", encoding="utf-8") as file:
        while written < size:
            lines = [
                json.dumps(
                    {
                        "id": f"e{number + place}",
                        "date": "2016-07-11",
                        "text": " ".join(words[place % 700 :][:60]),
                    }
                )
                for place in range(500)
            ]
            number += len(lines)
            written += file.write("\n".join(lines) + "\n")
    code = (
        "import resource, sys\nfrom relatedness import read_events\n"
        "print(sum(1 for _ in read_events(sys.argv[1])), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    events, peak = map(int, done.stdout.split())
    assert events == number
    return {
        "bytes": path.stat().st_size,
        "events": events,
        "peak_mb": round(peak / 1024),
        "seconds": round(time.perf_counter() - begun),
    }


RUNS: dict[str, Callable[[Path], dict[str, Any]]] = {
    run.__name__: run for run in (kill, readers, flip, faults, fuzz, memory)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", choices=[*RUNS, []], help="all if none is named")
    names = parser.parse_args().runs or list(RUNS)
    # Everything is compiled before any process is forked.
    RelatedIndex.build(sample()[:50], config=STAYS).refresh(sample()[50:60])
    for name in names:
        with tempfile.TemporaryDirectory(prefix="relatedness-") as folder:
            begun = time.perf_counter()
            figures = RUNS[name](Path(folder))
        figures["total_seconds"] = round(time.perf_counter() - begun)
        print(name, json.dumps(figures, ensure_ascii=False), flush=True)
        kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        kept[name] = figures
        kept["machine"] = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
