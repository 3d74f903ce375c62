"""The long runs: killed writers, readers during refreshes, damaged files, full disks, hostile input, large files.

    python benchmarks/reliability.py                      # everything, many hours
    python benchmarks/reliability.py kill flip            # some of it
    python benchmarks/reliability.py records --minutes 10 # what it reaches in ten minutes

Each run prints its line and keeps its figures in ``results/reliability.json``. A run that finds a fault ends with
an exception and what is needed to see it again. ``faults`` mounts small file systems and needs root and Linux; the fuzzer
needs atheris.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import functools
import hashlib
import io
import itertools
import json
import multiprocessing
import os
import platform
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from relatedness import Config, RelatedIndex, read_events, sample_path
from relatedness.errors import RelatednessError
from relatedness.events import Event
from relatedness.sources import Rejects

RESULTS = Path(__file__).parent / "results" / "reliability.json"
STAYS = Config.default().change({"refresh": {"drift": 1e9}})
SECONDS = 24 * 3600.0
"""How long a run takes at most: it then ends with the count that it reached."""
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


def _refresh(path: Path, events: list[Event], refit: bool = False) -> None:
    RelatedIndex.open(path).refresh(events, refit=refit, jobs=1)


def _publish(index: Path, folder: Path) -> None:
    RelatedIndex.open(index).publish(folder, formats=["md", "html"], stories=5, jobs=1)


def _export(index: Path, target: Path) -> None:
    RelatedIndex.open(index).export(f"sqlite:///{target}" if target.suffix == ".db" else target)


def _tune(index: Path, settings: Path) -> None:
    ids = list(RelatedIndex.open(index).events)
    qrels = settings.with_name("judged.txt")
    qrels.write_text("".join(f"{a} 0 {b} 1\n" for a, b in itertools.pairwise(ids[:40])), encoding="utf-8")
    command(["tune", str(index), "--qrels", str(qrels), "-o", str(settings)])


def command(arguments: list[str]) -> None:
    """Run a command of the command line in this process."""
    from relatedness.cli import main as run

    with contextlib.redirect_stdout(io.StringIO()):
        run(arguments)


def _state(path: Path) -> str:
    """What a file, a database or a site holds, as one text; empty where there is nothing."""
    if path.suffix == ".index":
        return export_of(path)
    if path.suffix == ".db" and path.exists():
        with contextlib.closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
            if database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'related'").fetchone():
                return repr(database.execute("SELECT * FROM related ORDER BY event, rank").fetchall())
            return ""
    if path.is_dir():
        pages = {
            str(page.relative_to(path)): page.read_bytes()
            for page in sorted(path.rglob("*"))
            if page.is_file() and ".relatedness" not in page.parts
        }
        return repr(pages) if pages else ""
    return path.read_bytes().decode("latin-1") if path.exists() else ""


def kill(folder: Path, rounds: int = 2000) -> dict[str, Any]:
    """Kill -9 at random instants of every command that writes; what stands there then is the old state or the new one.

    Of a site each page is, and the publish that follows makes the rest of it. After every tenth kill the command runs
    again, reaches the new state, and leaves no temporary file behind.
    """
    events = sample()[:60]
    old, new = folder / "old.index", folder / "new.index"
    _build(old, events[:48])
    shutil.copy(old, new)
    _refresh(new, events[48:])
    place = folder / "place"
    jobs: dict[str, tuple[Path, Callable[[Path], None], Callable[[Path], None] | None]] = {
        # name: what it writes, how the old state comes about, how the new one does
        "build": (place / "live.index", lambda path: _build(path, events), lambda path: _copy(old, path)),
        "refresh": (place / "live.index", lambda path: _refresh(path, events[48:]), lambda path: _copy(old, path)),
        "refit": (place / "live.index", lambda path: _refresh(path, events[48:], True), lambda path: _copy(old, path)),
        "export to a file": (place / "lists.jsonl", lambda path: _export(new, path), lambda path: _export(old, path)),
        "export to a database": (place / "lists.db", lambda path: _export(new, path), lambda path: _export(old, path)),
        "publish": (place / "site", lambda path: _publish(new, path), lambda path: _publish(old, path)),
        "tune": (place / "tuned.toml", lambda path: _tune(new, path), None),
    }  # fmt: skip
    chance = random.Random(0)
    found: dict[str, Any] = {"rounds": 0, "lost": 0, "torn": 0}
    ends = time.monotonic() + SECONDS
    for name, (target, job, before) in jobs.items():
        each = rounds // len(jobs) + (name == "build") * (rounds % len(jobs))
        share = (ends - time.monotonic()) / (len(jobs) - len(found) + 3)
        until = time.monotonic() + share
        kept = folder / "before"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        if before is not None:
            before(kept / target.name)
        outcomes = {"old": 0, "new": 0, "between": 0}
        states = {_state(kept / target.name): "old"}
        whole = 0.0
        done = 0
        for number in range(each + 1):
            if time.monotonic() > until:
                break
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(kept, place)
            begun = time.perf_counter()
            process = started(job, target)
            process.join(None if not number else chance.uniform(0, 1.1 * whole))
            if not number:
                whole = time.perf_counter() - begun
                assert process.exitcode == 0, name
                states.setdefault(_state(target), "new")
                truth = _state(target)
                continue
            process.kill()
            process.join()
            done += 1
            if target.suffix == ".index":
                with RelatedIndex.open(target) as index:
                    assert not index.check(), name
            state = _state(target)
            if target.name == "site":
                pages = {page for text in states for page in _pages(text)}
                assert all(page in pages for page in _pages(state)), (name, number)
            else:
                assert state in states, (name, number)
            outcomes[states.get(state, "between")] += 1
            if number % 10:
                continue
            # The next run makes up for it, and sweeps what is left.
            process = started(job, target)
            process.join()
            if name == "refresh":
                assert process.exitcode == 0 and _state(target) in states
            else:
                assert process.exitcode == 0 and _state(target) == truth, (name, number)
            left = [file for file in place.rglob("*") if ".part" in file.name or file.name == "staging"]
            assert not left, (name, number, left)
        found["rounds"] += done
        found[name] = {"kills": done, "seconds": round(whole, 2), **outcomes}
        print(name, found[name], flush=True)
    return found


def _copy(source: Path, target: Path) -> None:
    shutil.copy(source, target)


def _pages(state: str) -> set[tuple[str, bytes]]:
    return set(ast.literal_eval(state).items()) if state else set()


# --- readers -----------------------------------------------------------------------------------------------------


def _read(path: Path, ids: list[str], stop: Any, out: Any, user: int | None = None) -> None:
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    seen: dict[str, set[str]] = {id_: set() for id_ in ids}
    times: list[float] = []
    errors: list[str] = []
    try:
        index = RelatedIndex.open(path, follow=True)
    except Exception as error:
        out.put((0, 0.0, 0.0, seen, [repr(error)]))
        return
    while not stop.is_set():
        for id_ in ids:
            begun = time.perf_counter()
            try:
                items = index.related(id_, k=10)
                times.append(time.perf_counter() - begun)
                seen[id_].add(hashlib.md5(repr(list(items)).encode()).hexdigest())
            except Exception as error:
                errors.append(repr(error))
        time.sleep(0.2)  # they share the cores with the writer
    ordered = sorted(times)
    out.put((len(times), ordered[len(times) // 2], ordered[int(len(times) * 0.99)], seen, errors[:5]))


@contextlib.contextmanager
def bound(source: Path, target: Path) -> Iterator[Path]:
    """A folder seen at a second place where nothing can be written."""
    target.mkdir()
    subprocess.run(["mount", "--bind", str(source), str(target)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(target)], check=True)
        yield target
    finally:
        subprocess.run(["umount", "-l", str(target)], check=True)


def readers(folder: Path, refreshes: int = 1000, processes: int = 8) -> dict[str, Any]:
    """Eight processes read through the refreshes in four deployments: no error, no mixture. Needs root for two of them."""
    folder.chmod(0o755)
    found: dict[str, Any] = {}
    for mode in ("same user", "other user", "read-only mount", "replaced by rename"):
        place = folder / mode.replace(" ", "-")
        place.mkdir(mode=0o755)
        with contextlib.ExitStack() as mounts:
            seen_at = mounts.enter_context(bound(place, folder / "mounted")) if "mount" in mode else place
            user = 65534 if mode in ("other user", "read-only mount") else None
            found[mode] = _one_mode(place, seen_at, mode, refreshes // 4, processes, user)
            print(mode, found[mode], flush=True)
    return {"refreshes": sum(mode["refreshes"] for mode in found.values()), "readers": processes, **found}


def _one_mode(
    place: Path, seen_at: Path, mode: str, refreshes: int, processes: int, user: int | None
) -> dict[str, Any]:
    events = sample()[:60]
    path = place / "live.index"
    _build(path, events[:48])
    path.chmod(0o644)
    written = place / "work.index" if mode == "replaced by rename" else path
    if written != path:
        shutil.copy(path, written)
    ids = [event.id for event in events[4:48:4]]
    stop, out = CONTEXT.Event(), CONTEXT.Queue()
    workers = [started(_read, seen_at / path.name, ids, stop, out, user) for _ in range(processes)]
    truth: dict[str, set[str]] = {id_: set() for id_ in ids}
    chance = random.Random(0)
    job = RelatedIndex.open(written)
    held = set(job.events)

    def note() -> None:
        for id_ in ids:
            truth[id_].add(hashlib.md5(repr(list(job.related(id_, k=10))).encode()).hexdigest())

    note()
    until = time.monotonic() + SECONDS / 4
    done = 0
    for step in range(refreshes):
        if time.monotonic() > until:
            break
        done += 1
        if step % 2:
            job.refresh(remove=[id_ for id_ in job.events if id_ not in held], jobs=1)
        else:
            job.refresh(chance.sample(events[48:], 4), jobs=1)
        note()
        if written != path:  # as a deploy does: a copy beside, then a rename
            shutil.copy(written, place / "new")
            (place / "new").replace(path)
    stop.set()
    results = [out.get() for _ in workers]
    for worker in workers:
        worker.join()
    errors = [error for *_, some in results for error in some]
    mixed = sum(not seen[id_] <= truth[id_] for *_, seen, _ in results for id_ in ids)
    assert not errors, errors[:3]
    assert not mixed
    assert all(worker.exitcode == 0 for worker in workers)
    # That they followed: each saw many states of some list.
    followed = min(max(len(states) for states in seen.values()) for *_, seen, _ in results)
    assert followed > 1
    return {
        "refreshes": done,
        "reads": sum(reads for reads, *_ in results),
        "errors": len(errors),
        "mixed": mixed,
        "states seen by each reader at least": followed,
        "p50_ms": round(1e3 * max(p50 for _, p50, *_ in results), 3),
        "p99_ms": round(1e3 * max(p99 for _, _, p99, *_ in results), 3),
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


# --- crafted indexes ---------------------------------------------------------------------------------------------

_CRAFTED = """
import json, sys
from pathlib import Path
from crafted import craft, sound_index, use
folder, first, last, partitions = Path(sys.argv[1]), *map(int, sys.argv[2:])
sound, made = folder / f"sound-{partitions}.index", folder / f"crafted-{partitions}.index"
sound_index(sound, partitions or None)
for seed in range(first, last):
    print(seed, flush=True)
    told = craft(sound, made, seed)
    for call, error in use(made).items():
        print(json.dumps([seed, told[:500], call, error]), flush=True)
"""


def crafted(folder: Path, indexes: int = 10_000) -> dict[str, Any]:
    """Indexes of a stranger who knows how to make checksums, through every public call: refusals or answers.

    Every fourth is in partitions: one of its files is crafted, one stands in the place of another, or the catalogue is.
    """
    tests = Path(__file__).parents[1] / "tests"
    paths = os.pathsep.join(filter(None, [str(tests), str(tests.parent), os.environ.get("PYTHONPATH")]))
    until = time.monotonic() + SECONDS
    done = partitioned = 0
    while done < indexes and time.monotonic() < until:
        last = min(done + 250, indexes)
        partitions = 3 if done // 250 % 4 == 3 else 0
        partitioned += (last - done) * bool(partitions)
        # Processes of their own: a number that leads outside an array would end them.
        ran = subprocess.run(
            [sys.executable, "-c", _CRAFTED, str(folder), str(done), str(last), str(partitions)],
            capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
        assert ran.returncode == 0, (ran.returncode, ran.stdout[-300:], ran.stderr[-2000:])
        leaks = [line for line in ran.stdout.splitlines() if line.startswith("[")]
        assert not leaks, leaks[:3]
        done = last
    return {"indexes": done, "in partitions": partitioned, "other errors": 0, "ended processes": 0}


# --- a machine that fails ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _commands(place: Path, new: Path) -> dict[str, list[str]]:
    """Every command that writes, into a place where old files of each stand."""
    index, events = str(place / "live.index"), str(new)
    judged = str(new.with_name("judged.txt"))
    return {
        "build": ["build", events, "-o", index],
        "build --rejects": ["build", events, "-o", index, "--rejects", str(place / "rejects.jsonl")],
        "refresh": ["refresh", index, events, "--changed", str(place / "changed.txt")],
        "refresh --refit": ["refresh", index, events, "--refit"],
        **{
            f"export {ending}": ["export", index, "-o", str(place / f"lists{ending}")]
            for ending in (".jsonl", ".json", ".csv", ".parquet")
        },
        "export to a database": ["export", index, "-k", "3", "-o", f"sqlite:///{place / 'lists.db'}"],
        "publish": ["publish", index, "-o", str(place / "site"), "--formats", "md,html", "--title", "New"],
        "tune": ["tune", index, "--qrels", judged, "-o", str(place / "tuned.toml")],
        "audit": ["audit", index, "-o", str(place / "audit.html")],
        "diff": ["diff", index, index, "-o", str(place / "diff.html")],
        "evaluate --run": ["evaluate", index, "--qrels", judged, "--run", str(place / "run.txt")],
    }


def _ran(arguments: list[str], largest: int | None = None) -> tuple[int, str]:
    """The exit code of a command in a process of its own, where files may have a largest size, and what it said."""
    reading, writing = os.pipe()

    def job() -> None:
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.close(reading)
        if largest is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        command(arguments)

    process = started(job)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        told = pipe.read()
    process.join()
    return process.exitcode, told


def full(folder: Path, steps: int = 24) -> dict[str, Any]:
    """Every command that writes on a disk that fills up after 0, 1, 2 ... pages, and under a limit of the size of files.

    Each ends with a code that is not 0, a line that names a file, no traceback, the old state as it was and no temporary
    file; or it succeeds.
    """
    events = sample()
    inputs = folder / "inputs"
    inputs.mkdir()
    new = inputs / "new.jsonl"
    new.write_text(
        "".join(json.dumps(event.to_record()) + "\n" for event in events[:60]) + "{}\n" * 30, encoding="utf-8"
    )
    ids = [event.id for event in events[:40]]
    (inputs / "judged.txt").write_text("".join(f"{a} 0 {b} 1\n" for a, b in itertools.pairwise(ids)))
    good = inputs / "good.jsonl"
    good.write_text("".join(json.dumps(event.to_record()) + "\n" for event in events[:60]), encoding="utf-8")
    found: dict[str, Any] = {"runs": 0, "refused": 0, "succeeded": 0, "faults": 0}
    with mounted(folder / "small", "size=8m") as small:
        place = small / "place"
        place.mkdir()
        kept = folder / "kept"
        _build(place / "live.index", events[:50])
        for arguments in _commands(place, good).values():
            if arguments[0] not in ("build", "refresh"):
                code, told = _ran(arguments)
                assert code == 0, (arguments, told)
        shutil.copytree(place, kept)
        before = {file.name: _state(file) for file in kept.iterdir()}
        filler = small / "filler"
        for name, arguments in _commands(place, good).items():
            if "--rejects" in arguments:
                arguments = [str(new) if item == str(good) else item for item in arguments]
            for limit in ("disk", "size of files"):
                pages = 0
                for _ in range(steps):
                    shutil.rmtree(place)
                    shutil.copytree(kept, place)
                    if limit == "disk":
                        free = shutil.disk_usage(small).free - pages * 4096
                        with filler.open("wb") as file:
                            os.posix_fallocate(file.fileno(), 0, max(free, 1))
                        code, told = _ran(arguments)
                    else:
                        code, told = _ran(arguments, pages * 1024)
                    filler.unlink(missing_ok=True)
                    found["runs"] += 1
                    if code == 0:
                        found["succeeded"] += 1
                        break
                    found["refused"] += 1
                    after = {file.name: _state(file) for file in place.iterdir()}
                    wrong = []
                    if code not in (1, 2, 3, 4) or "Traceback" in told or not told.strip():
                        wrong.append("how it ended")
                    if str(place) not in told:
                        wrong.append("no file named")
                    if any(after.get(file) != state for file, state in before.items()):
                        wrong.append("the old state")
                    if left := [
                        file for file in place.rglob("*") if ".part" in file.name or file.name == "staging"
                    ]:
                        wrong.append(f"left {left}")
                    if wrong:
                        found["faults"] += 1
                        print(name, limit, pages, code, wrong, told[-600:], flush=True)
                        if found["faults"] > 60:
                            return found
                    pages = pages + 1 if pages < 8 else pages * 3 // 2
    assert not found["faults"], found
    return found


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
    from relatedness.sources._archive_reader import read_page
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


# How a file of each kind begins; what follows is for the stranger to choose.
_FRONT = "---\ntitle: x\ndate: 2020-01-01\n---\n"
_ITEM = "<item><title>x</title><pubDate>Wed, 01 Jan 2020 10:00:00 GMT</pubDate><description>"
_BEGINNINGS = {
    "p.md": [_FRONT, _FRONT[:-4], "+++\ntitle='x'\ndate=2020-01-01\n", '{"title": "x", "date": "2020-01-01"}\n'],
    "p.rst": ["x\n=\n:date: 2020-01-01\n\n"],
    "p.adoc": ["= x\n2020-01-01\n\n"],
    "p.org": ["#+TITLE: x\n#+DATE: 2020-01-01\n\n"],
    "p.html": ["<html><head><title>x</title><meta name=date content=2020-01-01></head><body>"],
    "p.mdx": [_FRONT],
    "p.txt": ["", "2020-01-01 x\n"],
    "p.csv": ["id,date,title,text\n1,2020-01-01,x,", "id;date;title;text\n1;2020-01-01;x;", ""],
    "p.bib": ["@article{a, date={2020-01-01}, title={x}, "],
    "p.ris": ["TY  - JOUR\nDA  - 2020/01/01\nTI  - x\n"],
    "p.eml": ["Date: Wed, 01 Jan 2020 10:00:00 +0000\nSubject: x\n"],
    "p.mbox": ["From a@b Wed Jan  1 10:00:00 2020\nDate: Wed, 01 Jan 2020 10:00:00 +0000\nSubject: x\n\n"],
    "p.ics": ["BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:a\nDTSTART:20200101\nSUMMARY:x\n"],
    "p.xml": [f"<rss version='2.0'><channel>{_ITEM}", "<nitf><body>", "<article><front>", "<mediawiki><page>",
              "<records><record><date>2020-01-01</date><title>x</title><text>"],
    "p.json": ["[", '{"items": [', '{"a": '],
    "p.jsonl": ["", '{"id": 1, "date": "2020-01-01", "title": "'],
    "p.yaml": ["- id: a\n  date: 2020-01-01\n  title: x\n  text: ", "a: "],
    "p.toml": ["[[events]]\ndate=2020-01-01\n", ""],
    "p.enex": ["<en-export><note><title>x</title><created>20200101T000000Z</created><content><![CDATA["],
}  # fmt: skip
_SIGNS = [*"aA0é \n\t-.,'\"<>()[]{}#_/:=\\`|*&;~+!^@%$", "a b ", "\n\n", "<!--", "{{", "{%", "](", "<a b='", "<![CDATA[", "- ", "> ",
          "```\n", ":a: ", ".. ", "====\n", "* ", "#+A:", "&#65;", '"a":', "1,2020-01-01,a,b\n", "- id: b\n  date: 2020-01-01\n"]  # fmt: skip
_PIECES = {
    "": [
        "Mosul ",
        "of ",
        "U.S. ",
        "Dr. ",
        "A.",
        "’s ",
        "AB-",
        "1-0 ",
        "Ministry of ",
        "X & ",
        "CVE-2020-",
        "http://a/",
    ],
    "zh": ["东", "人民法院", "第一", "·", "《", "冬", "中国"],
    "ja": ["ァ", "の", "東京", "・", "スミス"],
    "ar": ["ال", "و", "محمد ", "بن ", "وزارة ", "ـ"],
    "fa": ["ی", "\u200c", "‌های "],
    "ru": ["Москва ", "ого ", "М. ", "«"],
    "de": ["Bundes", "von ", "Nord"],
    "fr": ["l'", "d’", "Saint-"],
    "th": ["เ", "ั", "ประเทศไทย"],
    "hi": ["के ", "्", "भारत "],
    "ko": ["은", "서울 "],
    "tr": ["ı", "'nın "],
    "vi": ["Nguyễn ", "ệ"],
}


def costs(folder: Path, inputs: int = 20_000) -> dict[str, Any]:
    """Texts of 24,000 and files of 50,000 characters that repeat what a pattern may stumble over, each by itself.

    Whatever is repeated, nothing but an error of ours comes out, and the slowest is told.
    """
    index = RelatedIndex.build(
        [{"id": str(day), "date": f"2020-01-0{day}", "text": "Mosul dam"} for day in (1, 2)]
    )
    languages = sorted({*filter(None, _PIECES), "en", "es", "pt", "it", "nl", "pl", "uk", "id"})
    chance = random.Random(0)
    until = time.monotonic() + SECONDS
    slowest: dict[str, tuple[float, str]] = {"text": (0.0, ""), "file": (0.0, "")}
    done = 0

    def repeated(pieces: list[str], size: int) -> str:
        unit = "".join(chance.choice(pieces) for _ in range(chance.choice((1, 1, 1, 2, 2, 3))))
        return (unit * (size // len(unit) + 1))[:size] + chance.choice(pieces)

    while done < inputs and time.monotonic() < until:
        done += 1
        if done % 2:
            kind, language = "text", chance.choice(languages)
            text = repeated(_SIGNS + _PIECES[""] + 3 * _PIECES.get(language, []), 24_000)
            job = functools.partial(index.query, text, k=1, language=language)
            told = f"{language} {text[:12]!r}"
        else:
            kind, name = "file", chance.choice(list(_BEGINNINGS))
            text = chance.choice(_BEGINNINGS[name]) + repeated(_SIGNS, 50_000)
            place = folder / str(done)
            place.mkdir()
            (place / name).write_text(text, encoding="utf-8", newline="")
            job = functools.partial(_read_all, place, place / "rejects")
            told = f"{name} {text[-12:]!r}"
        begun = time.process_time()
        with contextlib.suppress(RelatednessError):
            job()
        took = time.process_time() - begun
        if took > slowest[kind][0]:
            slowest[kind] = took, told
            print(kind, round(took, 2), told, flush=True)
        if kind == "file":
            shutil.rmtree(place)
    return {
        "inputs": done,
        "other errors": 0,
        **{f"slowest {kind}": [round(took, 2), told] for kind, (took, told) in slowest.items()},
    }


def _read_all(place: Path, rejects: Path) -> None:
    for _ in read_events(place, rejects=rejects, undated="keep"):
        pass


def records(folder: Path, count: int = 10_000_000) -> dict[str, Any]:
    """Lines of JSON with bytes changed at random: each becomes an event or a reject, none is lost, nothing else is raised."""
    lines = [
        json.dumps({"id": event.id, "date": event.date.isoformat()[:10], "title": event.title, "text": event.text[:200],
                    "topics": list(event.topics)}, ensure_ascii=False).encode()
        for event in sample()[:200]
    ]  # fmt: skip
    chance = random.Random(0)
    until = time.monotonic() + SECONDS
    found = {"records": 0, "events": 0, "rejects": 0, "repeats": 0, "lost": 0, "other errors": 0}
    path, rejects_path = folder / "records.jsonl", folder / "rejects.jsonl"
    number = 0
    while found["records"] < count and time.monotonic() < until:
        written = []
        for _ in range(5000):
            number += 1
            line = bytearray(chance.choice(lines))
            line[8:8] = b"%d-" % number  # another id
            for _ in range(chance.choice((0, 0, 1, 1, 1, 2, 3, 8))):
                at = chance.randrange(len(line))
                match chance.randrange(4):
                    case 0:
                        line[at] = chance.randrange(256)
                    case 1:
                        del line[at : at + chance.randrange(20)]
                    case 2:
                        line[at:at] = chance.randbytes(chance.randrange(6))
                    case _:
                        line[at:at] = line[: chance.randrange(30)]
            # A line stays a line, and is not blank.
            written.append(bytes(line).translate(None, b"\n\r") + b".")
            if chance.random() < 0.95:
                written[-1] = written[-1][:-1].rstrip() or b"."
        path.write_bytes(b"\n".join(written) + b"\n")
        with Rejects(rejects_path) as rejects:
            reading = read_events(path, rejects=rejects)
            events = sum(1 for _ in reading)
        found["records"] += len(written)
        found["events"] += events
        found["rejects"] += rejects.count
        found["repeats"] += reading.repeats
        found["lost"] += len(written) - events - reading.repeats - rejects.count
    assert not found["lost"], found
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
    run.__name__: run for run in (kill, readers, crafted, records, costs, full, flip, faults, fuzz, memory)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="*", choices=[*RUNS, []], help="all if none is named")
    parser.add_argument("--minutes", type=float, default=24 * 60.0, help="how long a run takes at most")
    asked = parser.parse_args()
    global SECONDS
    SECONDS = 60 * asked.minutes
    names = asked.runs or list(RUNS)
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
        figures["date"] = time.strftime("%Y-%m-%d")
        kept["machine"] = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
