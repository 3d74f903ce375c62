"""Run the commands in README.md and the documentation; with ``--update``, write what they print back.

    python tests/pages.py                                      # list the outputs that are out of date; exit code 1
    python tests/pages.py --update                             # bring every page up to date
    python tests/pages.py --update notebooks/site/tutorial.md  # bring one page up to date

Each page runs in a temporary folder of its own that holds ``sample.jsonl`` (the sample archive) and ``sample.index``
(its index). Its blocks run in the order of the page:

- A block with a title, such as ``toml title="my.toml"``, is a file: its text is written to that name.
- ``console``: a line that begins with ``$ `` is a shell command, continued after a backslash; the lines up to the next
  command are its output, standard error included. It must exit with 0. A command that ends with ``&`` is a server: it
  runs until the end of the page, on a free port in place of 8000.
- ``python``: runs in a process of its own. A ``text`` block that follows directly is its output; without one it prints
  nothing.
- Text between ``<!-- made from the code: NAME -->`` and ``<!-- end -->`` is written by ``notebooks/site/reference.py``.

Blocks in other languages do not run. Times and sizes differ between machines: outputs that differ only in these are
equal (see `normalised`), and ``--update`` leaves them alone.
"""

from __future__ import annotations

import atexit
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "notebooks" / "site"
PAGES = [ROOT / "README.md", *sorted(SITE.rglob("*.md"))]
PORT = "8000"

sys.path.insert(0, str(SITE))
import forks  # noqa: E402
import reference  # noqa: E402

_FENCE = re.compile(r'^```([\w-]*)(?: title="([^"]+)")?\n(.*?)^```$\n?', re.MULTILINE | re.DOTALL)
_MADE = re.compile(r"(<!-- made from the code: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_MEASURED = re.compile(r"\d[\d.,]*(?= (?:ms|s|MB)\b)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    language: str
    title: str | None
    text: str
    start: int  # offset of its text in the page
    line: int  # of its opening fence, counted from 1
    fence: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One step of a page: a file to write, a shell command, or a Python program, and its output as shown."""

    kind: str  # file, shell or python
    name: str
    code: str
    output: str
    span: tuple[int, int]  # where the output stands in the page


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page."""
    return [
        Block(
            found[1],
            found[2],
            found[3],
            found.start(3),
            page.count("\n", 0, found.start()) + 1,
            found.start(),
            found.end(),
        )
        for found in _FENCE.finditer(page)
    ]


def pieces(page: str) -> list[Piece]:
    """Everything in a page that runs, in its order."""
    found = []
    fenced = blocks(page)
    for block, after in pairwise([*fenced, None]):
        assert block is not None
        if block.title:
            found.append(Piece("file", block.title, block.text, "", (block.end, block.end)))
        elif block.language == "console":
            found += _commands(block)
        elif block.language == "python" and not block.text.startswith("--8<--"):
            span = (block.end, block.end)
            if (
                after
                and after.language == "text"
                and not after.title
                and not page[block.end : after.fence].strip()
            ):
                span = (after.start, after.start + len(after.text))
            found.append(Piece("python", f"line {block.line}: python", block.text, page[slice(*span)], span))
    return found


def _commands(block: Block) -> list[Piece]:
    starts = [found.start() for found in re.finditer(r"^\$ ", block.text, re.MULTILINE)]
    if not starts or starts[0] != 0:
        raise ValueError(f"line {block.line}: a console block begins with a command")
    commands = []
    for start, end in pairwise([*starts, len(block.text)]):
        command = re.match(r"(?:.*\\\n)*.*\n?", block.text[start:end])
        assert command is not None
        span = (block.start + start + command.end(), block.start + end)
        line = block.line + 1 + block.text.count("\n", 0, start)
        code = command[0].removeprefix("$ ").rstrip("\n")
        output = block.text[start:end][command.end() :]
        commands.append(Piece("shell", f"line {line}: {code}", code, output, span))
    return commands


def normalised(output: str) -> str:
    """An output without what depends on the machine.

    Numbers before ``s``, ``ms`` and ``MB``, the spaces that align them, and spaces at the ends of lines.
    """
    lines = [
        re.sub(r" +", " ", _MEASURED.sub("…", line)) if _MEASURED.search(line) else line.rstrip()
        for line in output.splitlines()
    ]
    return "\n".join(lines)


def prepare(folder: Path) -> Path:
    """Make the sample archive and its index in a folder, for all pages to share."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "relatedness" / "sample.jsonl", folder)
    call = "relatedness build sample.jsonl -o sample.index"
    subprocess.run(["sh", "-c", call], cwd=folder, env=_environment(), check=True, capture_output=True)
    return folder


def run(steps: Sequence[Piece], folder: Path, sample: Path | None = None) -> list[str]:
    """What each piece prints, run one after the other in a folder.

    Raises
    ------
    RuntimeError
        If one ends with another exit code than 0, or a server does not answer within a minute.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in sample.iterdir() if sample else ():
        shutil.copy(path, folder)
    port = str(_free_port()) if any(step.code.endswith("&") for step in steps) else PORT
    servers: list[subprocess.Popen[str]] = []
    printed = []
    try:
        for step in steps:
            code = step.code.replace(PORT, port)
            if step.kind == "file":
                (folder / step.name).parent.mkdir(parents=True, exist_ok=True)
                (folder / step.name).write_text(step.code, encoding="utf-8")
                printed.append("")
            elif code.endswith("&"):
                servers.append(_serve(step, code, int(port), folder))
                printed.append("")
            else:
                done = subprocess.run(
                    ["sh", "-c", code] if step.kind == "shell" else ["relatedness", "-c", code],
                    cwd=folder,
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    encoding="utf-8",
                    timeout=600,
                    check=False,
                )
                if done.returncode:
                    raise RuntimeError(f"{step.name} ended with {done.returncode}:\n{done.stdout}")
                printed.append(done.stdout.replace(port, PORT))
    finally:
        for server in servers:
            server.terminate()
            server.communicate()
    return printed


def _serve(step: Piece, code: str, port: int, folder: Path) -> subprocess.Popen[str]:
    server = subprocess.Popen(
        ["sh", "-c", f"exec {code.removesuffix('&')}"],
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.1)
    server.terminate()
    raise RuntimeError(f"{step.name} does not answer:\n{server.communicate()[0]}")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def _environment() -> dict[str, str]:
    """The environment of pages: their commands mean this interpreter and this library, whatever else is installed.

    ``relatedness`` is forked from a process that has loaded the library, but for a server, which is to end when it is told to.
    """
    tools = Path(tempfile.mkdtemp(prefix="pages-"))
    atexit.register(shutil.rmtree, tools)
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUTF8": "1",
        "COLUMNS": "100",
        "TZ": "UTC",
    }
    commands = forks.Commands(environment)
    atexit.register(commands.close)
    python = shlex.quote(sys.executable)
    fork = f"{python} -IS {shlex.quote(forks.__file__)} {shlex.quote(commands.address)}"
    for name, call in (
        ("python", f'exec {python} "$@"'),
        ("relatedness", f'[ "$1" = serve ] && exec {python} -m relatedness "$@"\nexec {fork} "$@"'),
    ):
        (tools / name).write_text(f"#!/bin/sh\n{call}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    return environment


def stale(steps: Sequence[Piece], printed: Sequence[str]) -> list[str]:
    """The names of the pieces that print something else than their page shows."""
    return [
        step.name
        for step, output in zip(steps, printed, strict=True)
        if normalised(output) != normalised(step.output)
    ]


def updated(page: str, steps: Sequence[Piece], printed: Sequence[str]) -> str:
    """The page with what its pieces print; a Python block that prints gets a text block if it has none."""
    for step, output in reversed(list(zip(steps, printed, strict=True))):
        if normalised(output) == normalised(step.output):
            continue
        output = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
        start, end = step.span
        if step.kind == "python" and not step.output:
            output = f"\n```text\n{output}```\n"
        page = page[:start] + output + page[end:]
    return page


def made(page: str) -> str:
    """The page with the parts of it that are made from the code."""
    return _MADE.sub(lambda found: found[1] + reference.MADE[found[2]]() + found[4], page)


def main(arguments: Sequence[str]) -> int:
    """Check pages or bring them up to date."""
    update = "--update" in arguments
    chosen = [Path(name).resolve() for name in arguments if name != "--update"] or PAGES
    if not set(chosen) <= set(PAGES):
        print(__doc__, file=sys.stderr)
        return 2
    failed = False
    with tempfile.TemporaryDirectory(prefix="pages-") as temporary:
        sample = None
        for number, path in enumerate(chosen):
            page = path.read_text(encoding="utf-8")
            fresh = made(page)
            outdated = ["the part made from the code"] if fresh != page else []
            steps = pieces(fresh)
            if steps and sample is None:
                sample = prepare(Path(temporary) / "sample")
            try:
                printed = run(steps, Path(temporary) / str(number), sample)
            except RuntimeError as error:
                print(f"{path.relative_to(ROOT)}, {error}")
                failed = True
                continue
            outdated += stale(steps, printed)
            for name in outdated:
                print(f"{path.relative_to(ROOT)}, {name}: {'updated' if update else 'out of date'}")
            if update and outdated:
                path.write_text(updated(fresh, steps, printed), encoding="utf-8")
            failed |= bool(outdated) and not update
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
