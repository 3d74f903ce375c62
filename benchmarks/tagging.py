"""Score the taggers against the contexts that an archive's editors chose.

    python benchmarks/tagging.py TEXTS [--tagger fast|ner] [--half odd|even]
        [--heading] [--learn EVENTS] [--errors]
    python benchmarks/tagging.py EVENTS --speed [4000]

The rule: names are lower-cased, a leading "the", possessives, commas and full stops dropped; a gold context that is
the heading and does not stand in the text is left out; topics marked parent or inferred are left out; a gold name is
found when a topic's name or one of its aliases equals it; counts are summed over all events. ``f1_of_identity`` compares
topics: a gold name that the gazetteer knows as an alias of the topic found counts as found.

With ``--speed`` it times the model's tagger on all cores over the most recent events of a file, beside spaCy alone at its
best batch size, in the same run: what is learned from them and the start of worker processes count for both.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from relatedness.events import Event
from relatedness.templates import TemplateText
from relatedness.topics import EventTopic, FastTagger, Gazetteer, Tagger, learn

_POSSESSIVE = re.compile(r"['’]s\b|(?<=s)['’](?!\w)")


def plain(name: str) -> str:
    """A name as the rule compares it."""
    name = _POSSESSIVE.sub("", name.lower()).replace(",", "").replace(".", "")
    words = name.split()
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


def gold_of(record: dict[str, object]) -> set[str]:
    """The contexts that count: all but a heading that does not stand in the text."""
    heading, text = record.get("heading"), plain(str(record["text"]))
    names = {plain(str(name)) for name in record["contexts"]}  # type: ignore[attr-defined]
    if heading and plain(str(heading)) not in text:
        names.discard(plain(str(heading)))
    return names


def score(gold: list[set[str]], tagged: list[tuple[EventTopic, ...]]) -> dict[str, float]:
    """Precision, recall and F1, micro-averaged."""
    right = guessed = wanted = recalled = 0
    for names, topics in zip(gold, tagged, strict=True):
        said: set[str] = set()
        for topic in topics:
            if topic.how in ("parent", "inferred"):
                continue
            ways = {plain(way) for way in (topic.name, *topic.aliases)}
            guessed += 1
            right += bool(ways & names)
            said |= ways
        wanted += len(names)
        recalled += len(names & said)
    precision, recall = right / max(guessed, 1), recalled / max(wanted, 1)
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4),
    }


def with_identity(
    gazetteer: Gazetteer, names: set[str], topics: tuple[EventTopic, ...]
) -> tuple[EventTopic, ...]:
    """Topics with those gold names among their aliases that the gazetteer knows for the same topic."""
    owners = {name: found.name for name in names if (found := gazetteer.find(name)) is not None}
    return tuple(
        EventTopic(
            t.name, t.kind, t.how, (*t.aliases, *(n for n, owner in owners.items() if owner == t.name))
        )
        for t in topics
    )


def read_events(path: Path) -> list[dict[str, object]]:
    """The records of a JSONL file, plain or compressed."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def events_of(records: Iterable[dict[str, object]], heading: bool) -> list[Event]:
    """Events to tag; with the heading supplied as a topic where asked."""
    return [
        Event.make({**r, "topics": [r["heading"]] if heading and r.get("heading") else []}) for r in records
    ]


def by_kind(gold: list[set[str]], tagged: list[tuple[EventTopic, ...]]) -> dict[str, list[int]]:
    """Right and wrong guesses by the kind of topic."""
    table: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for names, topics in zip(gold, tagged, strict=True):
        for topic in topics:
            if topic.how not in ("parent", "inferred"):
                ways = {plain(way) for way in (topic.name, *topic.aliases)}
                table[topic.kind][0 if ways & names else 1] += 1
    return dict(sorted(table.items(), key=lambda item: -sum(item[1])))


def missed(
    records: list[dict[str, object]], gold: list[set[str]], tagged: list[tuple[EventTopic, ...]]
) -> Counter[str]:
    """What kind of error each gold name that was not found is."""
    kinds: Counter[str] = Counter()
    for record, names, topics in zip(records, gold, tagged, strict=True):
        text = plain(str(record["text"]))
        said = {
            plain(way) for t in topics if t.how not in ("parent", "inferred") for way in (t.name, *t.aliases)
        }
        for name in names - said:
            if name not in text:
                kinds["not written in the text in this form"] += 1
            elif any(name in s or s in name for s in said):
                kinds["other boundaries"] += 1
            else:
                kinds["written in the text, not found"] += 1
    return kinds


def speed(path: Path, n: int) -> dict[str, float]:
    """Events a second of our taggers on all cores, and of spaCy's pipeline with two processes at its best batch size."""
    import spacy
    from spacy.util import is_package

    from relatedness.index._tagging import find_topics
    from relatedness.topics import NerTagger
    from relatedness.topics._spacy_tagger import MODELS

    model = next(name for name in MODELS if is_package(name))

    events = events_of(read_events(path)[-n:], heading=False)
    texts = [f"{event.text}\n\n{event.title}" if event.title else event.text for event in events]
    gazetteer = Gazetteer.load()
    rates: dict[str, float] = {}

    def timed(name: str, work: Callable[[], int]) -> None:
        started = time.perf_counter()
        done = work()
        rates[name] = round(done / (time.perf_counter() - started), 1)

    def ours(tagger: type[FastTagger]) -> int:
        lexicon = learn(events, gazetteer, jobs=None)
        found = find_topics(
            events, tagger(gazetteer, lexicon), TemplateText(), None, lambda done, total: None
        )
        return sum(len(topics) for _, topics in found)

    timed("ner", lambda: ours(NerTagger))
    for size in (128, 256, 1000):
        nlp = spacy.load(model)
        timed(
            f"spaCy, n_process=2, batch_size={size}",
            lambda nlp=nlp, size=size: sum(1 for _ in nlp.pipe(texts, n_process=2, batch_size=size)),
        )
    nlp = spacy.load(model, exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])
    timed(
        "spaCy, entities alone, n_process=2, batch_size=256",
        lambda: sum(1 for _ in nlp.pipe(texts, n_process=2, batch_size=256)),
    )
    timed("ner, again", lambda: ours(NerTagger))
    timed("fast", lambda: ours(FastTagger))
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--tagger", choices=["fast", "ner"], default="fast")
    parser.add_argument("--half", choices=["odd", "even"])
    parser.add_argument("--heading", action="store_true", help="supply the heading as a topic")
    parser.add_argument("--learn", type=Path, help="learn from these events; otherwise from the file itself")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument(
        "--speed", type=int, nargs="?", const=4000, metavar="N", help="time N events of the file instead"
    )
    arguments = parser.parse_args()
    if arguments.speed:
        print(json.dumps(speed(arguments.file, arguments.speed), indent=1))
        return
    records = read_events(arguments.file)
    gazetteer = Gazetteer.load()
    taught = read_events(arguments.learn) if arguments.learn else records
    lexicon = learn(events_of(taught, heading=False), gazetteer)
    if arguments.half:
        records = records[0 if arguments.half == "odd" else 1 :: 2]
    tagger: Tagger
    if arguments.tagger == "ner":
        from relatedness.topics import NerTagger

        tagger = NerTagger(gazetteer, lexicon)
    else:
        tagger = FastTagger(gazetteer, lexicon)
    tagged = tagger.tag(events_of(records, arguments.heading))
    gold = [gold_of(record) for record in records]
    if arguments.heading:
        gold = [{plain(str(name)) for name in record["contexts"]} for record in records]  # type: ignore[attr-defined]
    if arguments.errors:
        for record, names, topics in zip(records, gold, tagged, strict=True):
            said = {
                plain(way)
                for t in topics
                if t.how not in ("parent", "inferred")
                for way in (t.name, *t.aliases)
            }
            print(record["text"])
            print("   missed:", sorted(names - said))
            wrong = [
                f"{t.name} ({t.kind}: {'; '.join(t.aliases)})"
                for t in topics
                if t.how not in ("parent", "inferred")
                and not {plain(w) for w in (t.name, *t.aliases)} & names
            ]
            print("   wrong:", wrong)
        print(by_kind(gold, tagged))
        print(missed(records, gold, tagged))
    figures = score(gold, tagged)
    same = [with_identity(gazetteer, *pair) for pair in zip(gold, tagged, strict=True)]
    identity = score(gold, same)
    print(
        json.dumps(
            {"tagger": arguments.tagger, "events": len(records), **figures, "f1_of_identity": identity["f1"]}
        )
    )


if __name__ == "__main__":
    main()
