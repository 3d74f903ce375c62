"""Count the results of all lists of an index that show no reason, and of those whose reason is the name of a country alone.

    python benchmarks/reasons.py INDEX ...

A reason is what the line under a result shows: the topics that both events have, else the words and phrases that they share.
"""

from __future__ import annotations

import sys
from pathlib import Path

from relatedness import RelatedIndex
from relatedness.topics import Gazetteer


def main() -> None:
    print("| index | lists | results | without a reason | without a context | a country alone |")
    print("|---|---|---|---|---|---|")
    for path in sys.argv[1:]:
        index = RelatedIndex.open(path)
        countries = {topic.name for topic in Gazetteer.load() if topic.kind == "country"}
        lists = results = unexplained = without = land = 0
        for _, related in index.lists():
            lists += 1
            for result in related:
                results += 1
                unexplained += not (result.contexts or result.shared)
                without += not result.contexts
                land += len(result.contexts) == 1 and result.contexts[0] in countries and not result.shared
        print(
            f"| {Path(path).name} | {lists:,} | {results:,} | {unexplained:,} | {without:,} | {land:,} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
