"""Our lists beside others, sides shuffled, for a person to judge as an editor would.

    python benchmarks/compare_lists.py ARCHIVE RELATED -o BOOK --key KEY [--config FILE] [--pages N]

ARCHIVE is a file of events, RELATED a JSONL file of event pages with the lists that their site shows (path, date, title,
description, related). Every page is found among the events, or added to them; one index is built over all. BOOK then
holds two rounds: our list against the site's own, and our list against a plain sum of words, names and time. In each the
two lists stand as A and B in an order drawn by lot; KEY, a file of its own, says which was whose. Count before you look.
BOOK holds text of the archive: write it outside the checkout.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from relatedness import Config, Event, RelatedIndex, read_events

_CAPITALISED = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][\w'-]+(?: [A-Z][\w'-]+)*")


def same_text(left: str, right: str) -> float:
    """The share of the words of the shorter text that the longer has too."""
    a, b = (set(re.findall(r"\w+", text.lower())) for text in (left, right))
    return len(a & b) / max(min(len(a), len(b)), 1)


def place(pages: Sequence[dict], events: list[Event]) -> list[Event]:
    """The event of each page; where the archive has none of that day and text, a new one joins it."""
    by_day: dict[date, list[Event]] = {}
    for event in events:
        by_day.setdefault(date.fromordinal(event.date.toordinal()), []).append(event)
    found = []
    for number, page in enumerate(pages):
        day = date.fromisoformat(page["date"])
        near = max(by_day.get(day, []), key=lambda e: same_text(e.headline, page["title"]), default=None)
        if near is None or same_text(near.headline, page["title"]) < 0.7:
            near = Event(f"{page['date']}-page-{number}", day, text=page["title"])
            events.append(near)
        found.append(near)
    return found


class Plain:
    """Words, names and time: TF-IDF cosine of words plus that of capitalised names, damped by the days between."""

    def __init__(self, events: Sequence[Event]) -> None:
        texts = [f"{event.title} {event.text}" for event in events]
        words = TfidfVectorizer(sublinear_tf=True, stop_words="english")
        names = TfidfVectorizer(analyzer=_CAPITALISED.findall, sublinear_tf=True)
        self.matrix = sparse.hstack([words.fit_transform(texts), names.fit_transform(texts)]).tocsr()
        self.days = np.array([event.day for event in events])

    def best(self, row: int, k: int) -> list[int]:
        """The rows of the best, those of no likeness left out."""
        score = (self.matrix @ self.matrix[row].T).toarray().ravel()
        score = score / (1 + np.log1p(np.abs(self.days - self.days[row]) / 14))
        score[row] = 0
        return [other for other in np.argsort(-score, kind="stable")[:k].tolist() if score[other] > 0]


def shown(items: Sequence[tuple[str, str, Sequence[str]]]) -> list[str]:
    return [
        f"   {number:>2}. {day}  {' '.join(text.split())[:170]}\n           Context: {', '.join(contexts)}"
        for number, (day, text, contexts) in enumerate(items, 1)
    ] or ["   (empty)"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path)
    parser.add_argument("related", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-k", type=int, default=10)
    options = parser.parse_args()
    pages = [json.loads(line) for line in options.related.read_text(encoding="utf-8").splitlines()]
    events = list(read_events(options.archive))
    subjects = place(pages, events)
    config = Config.default() if options.config is None else Config.load(options.config)
    index = RelatedIndex.build(events, config=config)
    plain = Plain(events)
    rows = {event.id: row for row, event in enumerate(events)}
    chance = random.Random(options.seed)
    book, key = [], []
    for title, rival in (("the site's own list", "site"), ("words, names and time", "plain")):
        book.append(f"# Round: ours or {title}\n")
        for number, (page, subject) in enumerate(zip(pages, subjects, strict=True), 1):
            ours = [
                (index.events[i.id].date.isoformat()[:10], index.events[i.id].headline, i.contexts)
                for i in index.related(subject.id, k=options.k)
            ]
            if rival == "site":
                theirs = [
                    # Dates in our own form: another one would tell whose list it is.
                    (
                        date(*map(int, item["link"].split("/")[2:5])).isoformat(),
                        item["text"],
                        item["contexts"],
                    )
                    for item in page["related"]
                ]
            else:
                theirs = [
                    (events[row].date.isoformat()[:10], events[row].headline, [])
                    for row in plain.best(rows[subject.id], options.k)
                ]
            sides = [("ours", ours), (rival, theirs)]
            chance.shuffle(sides)
            book.append(f"## {rival} {number}: {page['date']}  {page['title']}")
            for letter, (_, items) in zip("AB", sides, strict=True):
                book += [f"  {letter}", *shown(items)]
            book.append("")
            key.append(f"{rival} {number}: A is {sides[0][0]}, B is {sides[1][0]}")
    options.output.write_text("\n".join(book) + "\n", encoding="utf-8")
    options.key.write_text("\n".join(key) + "\n", encoding="utf-8")
    print(f"{options.output}: {len(pages)} pages, two rounds; the key is {options.key}")


if __name__ == "__main__":
    main()
