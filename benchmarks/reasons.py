"""Count the results of all lists of an index by the reason that they show.

    python benchmarks/reasons.py INDEX ...

A reason is what the line under a result shows: the topics that both events have, and the subjects, phrases and words that they
share where these topics say little. Counted are results with no reason at all, with no context, with a country as the whole
reason, with places alone, with topics of many events as the whole reason (and places), with one word as the whole reason that
is neither a subject nor an identifier, and with shared words; of these also how many name a subject, a phrase or an identifier,
and how many show what the score says for want of a word.
"""

from __future__ import annotations

import sys
from pathlib import Path

from relatedness import RelatedIndex
from relatedness.ranking import TOLD, reason_settings
from relatedness.ranking._codes import find_codes
from relatedness.topics import PLACES, Gazetteer, GenericSubjects


def tells(words: str) -> bool:
    """Whether what is shared is a phrase, a subject or an identifier."""
    named = GenericSubjects.load().find(words)
    return " " in words or any(one.end - one.start == len(words) for one in named) or bool(find_codes(words))


def main() -> None:
    print("| index | lists | results | without a reason | without a context | a country alone | places alone "
          "| frequent topics alone | a word alone | with shared words | a phrase, subject or identifier among them "
          "| none, told otherwise |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    kinds = {topic.name: topic.kind for topic in Gazetteer.load()}
    otherwise = {*TOLD.values(), "similar words"}
    for path in sys.argv[1:]:
        index = RelatedIndex.open(path)
        little = reason_settings().little
        least = max(little.share * len(index), little.events)
        frequent = {name for name, count in index.topic_counts() if count > least}
        lists = results = unexplained = without = land = places = many = word = worded = telling = told = 0
        for _, related in index.lists():
            lists += 1
            for result in related:
                results += 1
                unexplained += not (result.contexts or result.shared)
                without += not result.contexts
                worded += bool(result.shared)
                untold = bool(result.shared) and otherwise.issuperset(result.shared)
                named = any(tells(words) for words in result.shared if words not in otherwise)
                told += untold
                telling += named
                word += len(result.shared) == 1 and not (result.contexts or named or untold)
                if result.contexts and not result.shared:
                    found = {kinds.get(name, "") for name in result.contexts}
                    land += len(result.contexts) == 1 and found == {"country"}
                    places += found <= PLACES
                    spoken = [name for name in result.contexts if kinds.get(name) not in PLACES]
                    many += bool(spoken) and frequent.issuperset(spoken)
        counts = lists, results, unexplained, without, land, places, many, word, worded, telling, told
        print(f"| {Path(path).name} | {' | '.join(f'{count:,}' for count in counts)} |", flush=True)


if __name__ == "__main__":
    main()
