"""nDCG of exported lists, by a reading of its definition that shares no code with the library.

Reads the lines that ``relatedness export INDEX -o lists.jsonl`` writes and judgments in TREC's form, and knows
nothing else: ``python ndcg.py lists.jsonl judgments.qrels.gz [k]``.
"""

from __future__ import annotations

import gzip
import json
import sys
from math import log
from pathlib import Path


def read_lists(path: Path) -> dict[str, list[str]]:
    """Id -> related ids, best first."""
    lists = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        lists[entry["id"]] = [item["id"] for item in entry["related"]]
    return lists


def read_grades(path: Path) -> dict[str, dict[str, int]]:
    """Judged id -> related id -> grade."""
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    grades: dict[str, dict[str, int]] = {}
    for line in content.decode("utf-8").splitlines():
        if line.strip():
            judged, _, other, grade = line.split()
            grades.setdefault(judged, {})[other] = int(grade)
    return grades


def gain(ranked: list[int]) -> float:
    """The sum of the grades, each divided by the binary logarithm of one more than its rank."""
    total = 0.0
    for place in range(len(ranked)):
        total = total + ranked[place] * log(2) / log(place + 2)
    return total


def mean_ndcg(lists: dict[str, list[str]], grades: dict[str, dict[str, int]], k: int = 10) -> float:
    """The mean over the judged events that have a related one; one that is not listed counts 0."""
    values = []
    for judged, related in grades.items():
        best = sorted([grade for grade in related.values() if grade > 0], reverse=True)
        if best:
            reached = gain([max(0, related.get(other, 0)) for other in lists.get(judged, [])[:k]])
            values.append(reached / gain(best[:k]))
    return sum(values) / len(values)


if __name__ == "__main__":
    _, exported, judgments, *depth = sys.argv
    k = int(depth[0]) if depth else 10
    print(f"nDCG@{k} {mean_ndcg(read_lists(Path(exported)), read_grades(Path(judgments)), k):.6f}")
