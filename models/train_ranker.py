"""Learn the weights in ``ranker.toml`` from judged stories, split by time.

Coordinate ascent on nDCG@10: each setting in turn takes the value of its grid that is best on the judged events of
the years learned from, until a whole round changes nothing. The additive form is kept, so that every score remains a
sum of named parts. Each split is learned on its own years and tested on the others; the weights that ship are learned
on all.

    python models/train_ranker.py EVENTS QRELS --split 2017 [--write]

prints the figures of both directions and of the final weights; ``--write`` puts those into ``ranker.toml``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from relatedness import Config, Event, RelatedIndex, read_events, read_qrels
from relatedness.build import make_tagger
from relatedness.gazetteer import Gazetteer
from relatedness.topics import EventTopic, learn

GRID: dict[tuple[str, str], tuple[float, ...]] = {
    ("weights", "topics"): (0.15, 0.25, 0.35, 0.5),
    ("weights", "story"): (0.2, 0.35, 0.5, 0.7),
    ("weights", "category"): (0.0, 0.03, 0.06, 0.1),
    ("weights", "phrases"): (0.0, 0.03, 0.1),
    ("text", "name_boost"): (0.0, 0.1, 0.3),
    ("topics", "other"): (0.35, 0.5, 0.7),
    ("topics", "idf_power"): (0.6, 0.85),
    ("recency", "strength"): (0.35, 0.5, 0.7, 1.0),
}
Settings = tuple[tuple[tuple[str, str], float], ...]


class TaggedOnce:
    """The topics of a fixed set of events, found once: no setting below changes them."""

    key = "fast-training"

    def __init__(self, events: Sequence[Event]) -> None:
        gazetteer = Gazetteer.load()
        tagger = make_tagger(Config.default(), gazetteer, learn(events, gazetteer))
        self._topics = dict(zip((event.id for event in events), tagger.tag(events), strict=True))

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        """What was found, in the order asked for."""
        return [self._topics[event.id] for event in events]


def configured(settings: Settings) -> Config:
    sections: dict[str, dict[str, float]] = {}
    for (section, name), value in settings:
        if (section, name) == ("recency", "strength"):
            sections.setdefault(section, {}).update(strength_before=value, strength_after=value)
        else:
            sections.setdefault(section, {})[name] = value
    if any(section == "topics" and name == "other" for (section, name), _ in settings):
        sections["topics"]["place"] = sections["topics"]["other"]
    return Config.default().change(sections)


def ascend(start: Settings, quality: Callable[[Settings], float]) -> Settings:
    """Change one setting at a time for the better until nothing helps."""
    best, reached = dict(start), quality(start)
    changed = True
    while changed:
        changed = False
        for name, values in GRID.items():
            for value in values:
                tried = tuple({**best, name: value}.items())
                found = quality(tried)
                if found > reached + 1e-4:
                    best, reached, changed = dict(tried), found, True
    return tuple(best.items())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=Path)
    parser.add_argument("qrels", type=Path)
    parser.add_argument("--split", type=int, default=2017, help="the first year of the later part")
    parser.add_argument(
        "--write", action="store_true", help="put the weights learned on all years into ranker.toml"
    )
    options = parser.parse_args()
    events = list(read_events(options.events))
    qrels = read_qrels(options.qrels)
    tagger = TaggedOnce(events)
    year = {event.id: event.date.year for event in events}

    @cache
    def scores(settings: Settings) -> Mapping[str, float]:
        index = RelatedIndex.build(events, config=configured(settings), tagger=tagger)
        return index.evaluate(qrels).scores["nDCG"]

    def mean(settings: Settings, part: Callable[[int], bool]) -> float:
        values = [value for id_, value in scores(tuple(sorted(settings))).items() if part(year[id_])]
        return sum(values) / len(values)

    def early(when: int) -> bool:
        return when < options.split

    def late(when: int) -> bool:
        return when >= options.split

    def always(when: int) -> bool:
        return True

    start: Settings = tuple((name, values[len(values) // 2]) for name, values in GRID.items())
    print(f"start: {mean(start, always):.4f} on all years")
    for label, learned_on, tested_on in (("early", early, late), ("late", late, early)):
        found = ascend(start, lambda settings, part=learned_on: mean(settings, part))
        print(
            f"learned on the {label} part {mean(found, learned_on):.4f}, tested on the other {mean(found, tested_on):.4f}"
        )
        print("  " + ", ".join(f"{section}.{name} {value:g}" for (section, name), value in found))
    final = ascend(start, lambda settings: mean(settings, always))
    print(f"learned on all years: {mean(final, always):.4f}")
    print("  " + ", ".join(f"{section}.{name} {value:g}" for (section, name), value in final))
    if options.write:
        target = Path(__file__).with_name("ranker.toml")
        target.write_text(configured(final).to_toml(), encoding="utf-8")
        print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
