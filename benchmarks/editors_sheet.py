"""Draw texts by seed, print their topics for an editor to mark, and count the marks per 100 texts.

    python benchmarks/editors_sheet.py draw SHEET --seed 1 EVENTS=150 EVENTS=15 ...
    python benchmarks/editors_sheet.py count MARKS

``draw`` learns from each file as a build over it would, and writes the texts that it draws with their topics, parents in round
brackets and supplied ones in square brackets. The sheet holds
texts of the archive and is not kept; only the counts are. Marks name the texts by their numbers on the sheet, one text
a line, with the topics that are not right and the names that are missing::

    12 false=Come; cut=Israel; double=Peru; empty=Actual Behavior; missing=Okta, Chile

A text without a line has nothing wrong. ``#news 150`` begins a group and says how many texts it holds.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from relatedness.index._tagging import in_order
from relatedness.sources import read_events
from relatedness.templates import find_templates
from relatedness.topics import FastTagger, Gazetteer, learn

KINDS = ("false", "cut", "double", "empty", "missing")
LONGEST = 700  # letters of a text, cut behind a word: an editor reads the beginning of a long one


def draw(sheet: Path, seed: int, draws: list[tuple[Path, int]]) -> None:
    """Write a sheet: of each file as many texts as asked, with their topics."""
    number = 0
    with sheet.open("w", encoding="utf-8") as out:
        for path, count in draws:
            events = sorted((e for e in read_events(path) if e.text or e.title), key=lambda e: e.id)
            gazetteer, templates = Gazetteer.load(), find_templates(in_order(events))
            own = templates.without(events)
            tagger = FastTagger(gazetteer, learn(own, gazetteer, jobs=None))
            out.write(f"#{path.name} {count}\n")
            for place in random.Random(f"{seed} {path.name}").sample(range(len(events)), count):
                number += 1
                event = events[place]
                text = event.text
                if len(text) > LONGEST:
                    text = text[: LONGEST + 1].rpartition(" ")[0] or text[:LONGEST]
                (topics,) = tagger.tag(templates.without([replace(event, text=text)]))
                shown = [
                    f"({t.name})" if t.how == "parent" else f"[{t.name}]" if t.how == "supplied" else t.name
                    for t in topics
                ]
                title = f"[{event.title}] " if event.title and event.title != event.text else ""
                out.write(f"{number} {event.date} {title}{' '.join(text.split())}\n    {' | '.join(shown)}\n")


def count(marks: Path) -> None:
    """Print the marks of each kind per 100 texts, group by group."""
    groups: dict[str, int] = {}
    counts: dict[str, Counter[str]] = {}
    group = ""
    for line in marks.read_text(encoding="utf-8").splitlines():
        head = re.match(r"# *(\S+) (\d+)", line)
        if head:
            group = head[1]
            groups[group] = groups.get(group, 0) + int(head[2])
            counts.setdefault(group, Counter())
            continue
        for part in line.partition(" ")[2].split(";"):
            kind, _, names = part.strip().partition("=")
            if kind in KINDS:
                counts[group][kind] += sum(1 for name in names.split(",") if name.strip())
            elif kind:
                raise SystemExit(f"{marks}: {kind!r} is none of {', '.join(KINDS)}: {line}")
    print("| texts | of | " + " | ".join(KINDS) + " |")
    print("|---|---|" + "---|" * len(KINDS))
    for name, texts in groups.items():
        figures = (f"{100 * counts[name][kind] / texts:.1f}" for kind in KINDS)
        print(f"| {texts} | {name} | " + " | ".join(figures) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("sheet", type=Path)
    drawing.add_argument("draws", nargs="+", metavar="EVENTS=COUNT")
    drawing.add_argument("--seed", type=int, default=1)
    counting = commands.add_parser("count")
    counting.add_argument("marks", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "count":
        count(arguments.marks)
        return
    pairs = (each.rpartition("=") for each in arguments.draws)
    draw(arguments.sheet, arguments.seed, [(Path(path), int(number)) for path, _, number in pairs])


if __name__ == "__main__":
    main()
