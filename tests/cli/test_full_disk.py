"""A limit of the size of files stands for a full disk or a quota: every command that writes says so and spoils nothing."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from relatedness.sources import read_events

# Forks run the commands: each is as if alone, and everything is loaded once.
LIMITED = """
import json, os, resource, signal, sys
from relatedness.cli import main
runs = json.loads(sys.argv[1])
for largest, arguments in runs:
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.dup2(writing, 1), os.dup2(writing, 2), os.close(reading)
        if largest is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        main(arguments)
    os.close(writing)
    told = os.fdopen(reading, errors="replace").read()
    _, status = os.wait()
    print(json.dumps([os.waitstatus_to_exitcode(status), told]), flush=True)
"""


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_every_command_names_the_file_and_leaves_what_was_there(sample_path: Path, tmp_path: Path) -> None:
    pytest.importorskip("resource")
    events = list(read_events(sample_path))[:40]
    records = [json.dumps(event.to_record()) + "\n" for event in events]
    old, new, place = tmp_path / "old.jsonl", tmp_path / "new.jsonl", tmp_path / "place"
    place.mkdir()
    old.write_text("".join(records[:30]), encoding="utf-8")
    new.write_text("".join(records) + "{}\n" * 2000, encoding="utf-8")
    (tmp_path / "judged.txt").write_text(
        "".join(f"{a.id} 0 {b.id} 1\n" for a, b in itertools.pairwise(events))
    )
    index, judged, rejects = str(place / "a.index"), str(tmp_path / "judged.txt"), str(tmp_path / "rejects")
    commands = {
        "build": ["build", str(old), "-o", index],
        "refresh": ["refresh", index, str(new), "--rejects", rejects, "--changed", str(place / "changed")],
        "refit": ["refresh", index, str(new), "--rejects", rejects, "--refit"],
        **{e: ["export", index, "-o", str(place / f"l.{e}")] for e in ("jsonl", "json", "csv", "parquet")},
        "database": ["export", index, "-k", "2", "-o", f"sqlite:///{place / 'l.db'}"],
        "publish": ["publish", index, "-o", str(place / "site"), "--formats", "md,html", "--jobs", "1"],
        "tune": ["tune", index, "--qrels", judged, "-o", str(place / "tuned.toml")],
        "audit": ["audit", index, "-o", str(place / "audit.md")],
        "evaluate": ["evaluate", index, "--qrels", judged, "--run", str(place / "run.txt")],
    }
    spoiling = ["build", str(new), "-o", str(tmp_path / "b.index"), "--rejects", str(place / "rejects")]
    others = [name for name in commands if name not in ("refresh", "refit")]
    runs: list[tuple[int | None, list[str]]] = [(None, commands[name]) for name in others]
    done = run(runs)
    assert [code for code, _ in done] == [0] * len(done), done
    before = tree(place)
    limits = [(0, name) for name in commands] + [
        (most, name) for most in (1000, 9000) for name in ("build", "refresh", "refit", "publish")
    ]
    told_of = run([(most, commands[name]) for most, name in limits])
    for (most, name), (code, told) in zip(limits, told_of, strict=True):
        if code == 0 and most:  # a small file that the limit allows
            continue
        assert code in ((3,) if name == "database" else (2, 4)), (name, most, told)
        assert str(place) in told or rejects in told, (name, most, told)
        assert "Traceback" not in told
    # The state up to which the ids of changed lists are told is kept before the refresh.
    assert {path: data for path, data in tree(place).items() if path != ".changed.generation"} == before
    ((code, told),) = run([(150_000, spoiling)])
    assert (code, "rejects: File too large" in told) == (4, True), told


def run(runs: list[tuple[int | None, list[str]]]) -> list[tuple[int, str]]:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, json.dumps(runs)], capture_output=True, text=True, check=True
    )
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]
