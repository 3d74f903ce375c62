"""Runs what README.md shows, and with ``--update`` writes what it really prints back into it.

What is run, in the order of the page and in one temporary folder:

- ``console`` blocks. A line that begins with ``$ `` is a command of the shell; the lines up to the next one are what
  it prints, standard error included. Each command must end with exit code 0.
- ``python`` blocks, each in a process of its own. A ``text`` block that follows with only blank lines between is
  what it prints; without one it prints nothing.

Blocks of any other language are not run.

Some numbers belong to the machine: `normalised` says which. Lines that are equal but for these count as equal, and
``--update`` leaves them as they stand.

    python tests/readme.py            # says which blocks are out of date, exit code 1 if there are any
    python tests/readme.py --update
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$\n?", re.MULTILINE | re.DOTALL)
_MEASURED = re.compile(r"\d[\d.,]*(?= (?:ms|s|MB)\b)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block of the page."""

    language: str
    text: str
    start: int  # where the text between its fences begins in the page
    line: int  # of its opening fence, from 1
    fence: int
    end: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that the page says it runs, and what it says is printed."""

    name: str
    code: str
    output: str
    shell: bool
    span: tuple[int, int]  # where the output stands in the page


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page."""
    return [
        Block(found[1], found[2], found.start(2), page.count("\n", 0, found.start()) + 1, *found.span())
        for found in _FENCE.finditer(page)
    ]


def shown(page: str) -> list[Shown]:
    """Everything in a page that is run, in its order."""
    found = []
    fenced = blocks(page)
    for block, after in pairwise([*fenced, None]):
        assert block is not None
        if block.language == "console":
            found += _commands(block)
        elif block.language == "python":
            answer = (
                after is not None and after.language == "text" and not page[block.end : after.fence].strip()
            )
            place = (
                (after.start, after.start + len(after.text)) if after and answer else (block.end, block.end)
            )
            found.append(Shown(f"line {block.line}: python", block.text, page[slice(*place)], False, place))
    return found


def _commands(block: Block) -> list[Shown]:
    starts = [found.start() for found in re.finditer(r"^\$ ", block.text, re.MULTILINE)]
    if not starts or starts[0] != 0:
        raise ValueError(f"README.md, line {block.line}: a console block begins with a command")
    commands = []
    for start, end in pairwise([*starts, len(block.text)]):
        command, _, output = block.text[start:end].partition("\n")
        span = (block.start + end - len(output), block.start + end)
        line = block.line + 1 + block.text.count("\n", 0, start)
        commands.append(Shown(f"line {line}: {command[2:]}", command[2:], output, True, span))
    return commands


def normalised(output: str) -> str:
    """An output without what depends on the machine.

    Numbers before ``s``, ``ms`` and ``MB``, with the spaces that align them, and spaces at the ends of lines.
    """
    lines = [
        re.sub(r" +", " ", _MEASURED.sub("…", line)) if _MEASURED.search(line) else line.rstrip()
        for line in output.splitlines()
    ]
    return "\n".join(lines)


def run(pieces: Sequence[Shown], folder: Path) -> list[str]:
    """What each piece prints, run one after the other in a folder.

    Raises
    ------
    RuntimeError
        If one ends with another exit code than 0.
    """
    tools = folder.parent / f"{folder.name}-tools"
    tools.mkdir(exist_ok=True)
    # The commands of the page mean this interpreter and this library, whatever else is on the path.
    python = shlex.quote(sys.executable)
    for name, call in (("python", python), ("relatedness", f"{python} -m relatedness")):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec {call} "$@"\n', encoding="utf-8")
        tool.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
    }
    printed = []
    for piece in pieces:
        done = subprocess.run(
            ["sh", "-c", piece.code] if piece.shell else [sys.executable, "-c", piece.code],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"README.md, {piece.name} ended with {done.returncode}:\n{done.stdout}")
        printed.append(done.stdout)
    return printed


def updated(page: str, pieces: Sequence[Shown], printed: Sequence[str]) -> str:
    """The page with what its pieces print; a Python block that prints gets a text block if it has none."""
    for piece, output in reversed(list(zip(pieces, printed, strict=True))):
        if normalised(output) == normalised(piece.output):
            continue
        output = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
        start, end = piece.span
        if not piece.shell and not piece.output:
            output = f"\n```text\n{output}```\n"
        page = page[:start] + output + page[end:]
    return page


def main(arguments: Sequence[str]) -> int:
    """Check the page or bring it up to date."""
    if arguments not in ([], ["--update"]):
        print(__doc__, file=sys.stderr)
        return 2
    page = README.read_text(encoding="utf-8")
    pieces = shown(page)
    with tempfile.TemporaryDirectory(prefix="readme-") as temporary:
        folder = Path(temporary) / "work"
        folder.mkdir()
        printed = run(pieces, folder)
    stale = [
        piece.name
        for piece, output in zip(pieces, printed, strict=True)
        if normalised(output) != normalised(piece.output)
    ]
    for name in stale:
        print(f"README.md, {name}: {'written anew' if arguments else 'prints something else'}")
    if arguments:
        README.write_text(updated(page, pieces, printed), encoding="utf-8")
        return 0
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
