"""Measure the taggers on sheets of sentences in other languages, whose names are marked by hand.

    python tests/sheets.py [zh-Hans es ...] [--sheet fresh] [--tagger ner] [--errors]

A line of ``tests/data/languages/CODE.txt`` is a sentence; ``[[Mosul]]`` is a name that has to be found, and ``{{Spanish}}``
one that may be. A name is found when it is how the event writes one of its topics; half of a longer name does not count.
A topic that overlaps no mark is false.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from relatedness.events import Event, primary_language
from relatedness.languages import language_of
from relatedness.topics import FastTagger, NerTagger, Tagger

HERE = Path(__file__).parent / "data" / "languages"
_MARK = re.compile(r"\[\[(.+?)\]\]|\{\{(.+?)\}\}")


@dataclass
class Found:
    """What a tagger found on a sheet."""

    right: int = 0
    false: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    events: int = 0
    tagged: int = 0
    detected: int = 0
    seconds: float = 0.0

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + len(self.missing))

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + len(self.false))


def sheets(sheet: str = "") -> dict[str, Path]:
    """The sheets by language tag; a text without marks is none."""
    folder = HERE / sheet
    return {
        path.stem: path
        for path in sorted(folder.glob("*.txt"))
        if _MARK.search(path.read_text(encoding="utf-8"))
    }


def sentences(path: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each sentence, the names that have to be found and those that may be."""
    for line in path.read_text(encoding="utf-8").splitlines():
        marks = [(match[1], match[2]) for match in _MARK.finditer(line)]
        text = _MARK.sub(lambda match: match[1] or match[2], line)
        yield text, [name for name, _ in marks if name], [may for _, may in marks if may]


def measure(tagger: Tagger, language: str, path: Path) -> Found:
    """Precision and recall of a tagger on one sheet."""
    lines = list(sentences(path))
    events = [
        Event(str(number), date(2016, 6, 1), text=text, language=language)
        for number, (text, _, _) in enumerate(lines)
    ]
    tagger.tag(events[:1])
    begun = time.perf_counter()
    topics = tagger.tag(events)
    found = Found(events=len(events), seconds=time.perf_counter() - begun)
    for (text, names, may), topics_here in zip(lines, topics, strict=True):
        unmarked = Event("0", date(2016, 6, 1), text=text)
        found.detected += language_of(unmarked) == primary_language(language)
        ways = [way for topic in topics_here if topic.how == "found" for way in topic.aliases]
        found.tagged += bool(topics_here)
        for name in names:
            if name in ways:
                found.right += 1
            else:
                found.missing.append(f"{name} in {text}")
        for topic in topics_here:
            if topic.how == "found" and not any(
                _meet(way, name) for way in topic.aliases for name in (*names, *may)
            ):
                found.false.append(f"{topic.name} ({', '.join(topic.aliases)}) in {text}")
    return found


def _meet(one: str, other: str) -> bool:
    return one in other or other in one


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("languages", nargs="*")
    parser.add_argument("--sheet", default="")
    parser.add_argument("--tagger", choices=("fast", "ner"), default="fast")
    parser.add_argument("--errors", action="store_true")
    chosen = parser.parse_args(arguments)
    tagger = FastTagger() if chosen.tagger == "fast" else NerTagger()
    for language, path in sheets(chosen.sheet).items():
        if chosen.languages and language not in chosen.languages:
            continue
        found = measure(tagger, language, path)
        print(
            f"{language:8} recall {found.recall:.3f}  precision {found.precision:.3f}  "
            f"with topics {found.tagged / found.events:.3f}  "
            f"language detected {found.detected} of {found.events}  {found.events / found.seconds:,.0f} events/s"
        )
        if chosen.errors:
            print("  missing", *found.missing, sep="\n    ")
            print("  false", *found.false, sep="\n    ")


if __name__ == "__main__":
    main()
