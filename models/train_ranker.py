"""Learn the weights in ``ranker.toml`` on judged archives of several kinds, each tested while it is left out.

    python models/train_ranker.py FOLDER [--settings weights.title ...] [--write]

FOLDER holds NAME.events.jsonl.gz and NAME.qrels.gz (TREC) for each archive; archives that are asked by texts are left
out of learning. What is learned is what does not follow from the archive itself: the weights of phrases and titles, how
much topics and neighbours weigh where they say most, and how far support may go; ``--settings`` names those that are searched,
the others stay as shipped. The measure is the mean over archives of nDCG@10 over that of the best plain baseline as it stands (`benchmarks/results/domains.json`): a gain counts the same in every kind.

The search is coordinate ascent over the values in `VALUES`, on the lists that users see (`relatedness.index.Trial`).
It is run once on all archives, once without each of them, which is then measured, and twice without one side of
``--split`` in the archive ``--news``. `benchmarks/domains.py` measures what ships on indexes that were built with it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from relatedness import Config, RelatedIndex, read_qrels
from relatedness.index import Trial
from relatedness.ranking import Calibration

PEERS = Path(__file__).parents[1] / "benchmarks" / "results" / "domains.json"
K = 10
DISCOUNT = 1 / np.log2(np.arange(K) + 2)
MOST_JUDGED = 600  # of one archive
SMALLEST_GAIN = 5e-4
VALUES = {
    ("weights", "phrases"): (0.0, 0.05, 0.1, 0.2, 0.4),
    ("weights", "title"): (0.0, 0.05, 0.1, 0.15, 0.2),
    ("weights", "support_limit"): (0.5, 1.0, 2.0, 4.0),
    ("calibrate", "most_topics"): (0.1, 0.2, 0.35, 0.45, 0.6),
    ("calibrate", "most_neighbour_weight"): (0.15, 0.25, 0.35, 0.45, 0.55, 0.7),
}
Choice = tuple[float, ...]
"""A value for each setting in `VALUES`."""


@dataclass
class Archive:
    """The judged lists of an archive, or of some of its years."""

    trial: Trial
    calibration: Calibration
    ideal: np.ndarray
    peer: float
    known: dict[Choice, float] = field(default_factory=dict)

    def ratio(self, choice: Choice) -> float:
        """The nDCG under some settings, over that of the best baseline."""
        if choice not in self.known:
            config = configured(choice)
            config = config.measured(self.calibration.settings(config))
            shown = np.maximum(self.trial.shown(config, K), 0)
            self.known[choice] = float((shown @ DISCOUNT / self.ideal).mean()) / self.peer
        return self.known[choice]


def configured(choice: Choice) -> Config:
    """The shipped settings with some of them replaced; what is measured on each archive stays measured."""
    changes: dict[str, dict[str, object]] = {}
    for (section, name), value in zip(VALUES, choice, strict=True):
        changes.setdefault(section, {})[name] = value
    return Config.default().change(changes)


def read(path: Path, split: date | None, peers: Mapping[str, float]) -> dict[str, Archive]:
    """One archive, whole and, where it is split, its two sides."""
    name = path.name.removesuffix(".events.jsonl.gz")
    qrels = {
        id_: positive
        for id_, grades in read_qrels(path.with_name(f"{name}.qrels.gz")).items()
        if (positive := {other: grade for other, grade in grades.items() if grade > 0 and other != id_})
    }
    index = RelatedIndex.build(path)
    known = {id_: {b: n for b, n in found.items() if b in index.events} for id_, found in qrels.items()}
    trial = index._view.search.trial({id_: found for id_, found in known.items() if found})
    calibration = Calibration.from_record(index._view.store.meta("statistics")["calibration"])

    def part(rows: np.ndarray) -> Archive:
        if len(rows) > MOST_JUDGED:
            rows = np.sort(np.random.default_rng(0).choice(rows, MOST_JUDGED, replace=False))
        some = trial.take(rows)
        best = [sorted(known[id_].values(), reverse=True)[:K] for id_ in some.ids]
        ideal = np.array([np.dot(grades, DISCOUNT[: len(grades)]) for grades in best])
        return Archive(some, calibration, ideal, peers[name])

    found = {name: part(np.arange(len(trial.ids)))}
    if split is not None:
        late = trial.subjects.days >= (split - date(1970, 1, 1)).days
        found |= {
            f"{name}, before {split}": part(np.flatnonzero(~late)),
            f"{name}, from {split}": part(np.flatnonzero(late)),
        }
    return found


def learn(archives: Collection[Archive], start: Choice, searched: Collection[str]) -> Choice:
    """Change one of the searched settings at a time as long as the mean ratio grows."""

    def mean(choice: Choice) -> float:
        return float(np.mean([archive.ratio(choice) for archive in archives]))

    best, reached = start, mean(start)
    changed = True
    while changed:
        changed = False
        for place, (name, values) in enumerate(VALUES.items()):
            if ".".join(name) not in searched:
                continue
            for value in values:
                tried = (*best[:place], value, *best[place + 1 :])
                if (found := mean(tried)) > reached + SMALLEST_GAIN:
                    best, reached, changed = tried, found, True
    return best


def main() -> None:
    """Read the command line, try the settings on every archive, print the figures and write what is wanted."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--news", default="news-2015-2017", help="the archive that is split by time")
    parser.add_argument("--split", type=date.fromisoformat, default=date(2017, 1, 1))
    named = [".".join(name) for name in VALUES]
    parser.add_argument(
        "--settings", nargs="+", choices=named, default=named, metavar="NAME", help="of " + ", ".join(named)
    )
    parser.add_argument("--write", action="store_true", help="put what all taught into ranker.toml")
    options = parser.parse_args()
    peers = {
        name: one["systems"][one["as they stand"]["peer"]]["nDCG"]
        for name, one in json.loads(PEERS.read_text()).items()
    }
    archives: dict[str, Archive] = {}
    for path in sorted(options.folder.glob("*.events.jsonl.gz")):
        name = path.name.removesuffix(".events.jsonl.gz")
        if path.with_name(f"{name}.queries.jsonl.gz").is_file():
            continue
        if name not in peers:
            print(f"{name}: left out, {PEERS.name} does not know its baselines: run benchmarks/domains.py")
            continue
        archives |= read(path, options.split if name == options.news else None, peers)
        print(f"{name}: read", flush=True)
    default = Config.default()
    shipped = tuple(float(getattr(getattr(default, section), name)) for section, name in VALUES)
    whole = {name: one for name, one in archives.items() if ", " not in name}
    sides = {name: one for name, one in archives.items() if ", " in name}
    print(
        "| left out | " + " | ".join(".".join(name) for name in VALUES) + " | ratio | nDCG@10 | as shipped |"
    )
    print("|---|" + "---|" * (len(VALUES) + 3))

    def row(name: str, choice: Choice, archive: Archive) -> float:
        ratio = archive.ratio(choice)
        cells = [name, *(f"{value:g}" for value in choice), f"{ratio:.3f}", f"{ratio * archive.peer:.4f}"]
        print("| " + " | ".join([*cells, f"{archive.ratio(shipped):.3f}"]) + " |", flush=True)
        return ratio

    left_out = []
    for name, archive in whole.items():
        others = [one for other, one in whole.items() if other != name]
        left_out.append(row(name, learn(others, shipped, options.settings), archive))
    for name, archive in sides.items():
        others = [one for other, one in whole.items() if other != options.news]
        others += [one for other, one in sides.items() if other != name]
        row(name, learn(others, shipped, options.settings), archive)
    final = learn(list(whole.values()), shipped, options.settings)
    together = [one.ratio(final) for one in whole.values()]
    print(f"\nleft out: mean ratio {np.mean(left_out):.4f}, least {min(left_out):.4f}")
    print(f"learned on all: {dict(zip(VALUES, final, strict=True))}, mean ratio {np.mean(together):.4f}")
    print(f"as shipped: mean ratio {np.mean([one.ratio(shipped) for one in whole.values()]):.4f}")
    if options.write:
        target = Path(__file__).with_name("ranker.toml")
        text = target.read_text(encoding="utf-8")
        section = ""
        lines = []
        for line in text.splitlines():
            section = line.strip("[]") if line.startswith("[") else section
            name = line.partition(" = ")[0]
            value = dict(zip(VALUES, final, strict=True)).get((section, name))
            lines.append(line if value is None else f"{name} = {value}")
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
