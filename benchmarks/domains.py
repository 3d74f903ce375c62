"""Lists of archives of several kinds beside plain baselines, by one rule.

    python benchmarks/domains.py FOLDER [--only NAME ...] [--tune]
    python benchmarks/domains.py --table

FOLDER holds judged archives: NAME.events.jsonl.gz, NAME.qrels.gz (TREC) and, where texts from outside are asked,
NAME.queries.jsonl.gz (id, text). Each judged event's list of ten is measured by nDCG@10, an empty list counts 0; intervals
draw stories, as `relatedness evaluate` does. The product builds with its defaults; `--tune` adds what `relatedness tune`
learns on the very judgments that it is measured by. Each baseline is given as it stands and with the best of its settings
for that archive (chosen on the judgments as well, so an upper bound): strength of recency, and what is named in `PEERS`.
Writes results/domains.json and domains.png; `--table` prints the table of the last run again.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
import Stemmer
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer
from sklearn.preprocessing import normalize

from relatedness import RelatedIndex, read_events, read_qrels
from relatedness.quality._bootstrap import Bootstrap
from relatedness.quality._evaluate import measure

HERE = Path(__file__).parent
RESULTS, PLOT = HERE / "results" / "domains.json", HERE / "domains.png"
K = 10
RESAMPLES = 500
STRENGTHS = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0)
PLAIN_STRENGTH = 0.5  # of a recency that nobody tuned
BLOCK = 256
STEMMER = Stemmer.Stemmer("english")


@dataclass(frozen=True)
class Judged:
    """A judged archive.

    ``asked`` holds the rows of the judged events, or is None where ``queries`` are asked instead.
    """

    name: str
    path: Path
    ids: list[str]
    texts: list[str]
    days: NDArray[np.float64]
    keys: list[str]
    qrels: Mapping[str, Mapping[str, int]]
    queries: list[str] | None
    asked: NDArray[np.int64] | None

    @classmethod
    def read(cls, path: Path) -> Judged:
        """Read one archive of the folder."""
        name = path.name.removesuffix(".events.jsonl.gz")
        events = list(read_events(path))
        ids = [str(event.id) for event in events]
        row = {id_: number for number, id_ in enumerate(ids)}
        texts_path = path.with_name(f"{name}.queries.jsonl.gz")
        queries: dict[str, str] = {}
        if texts_path.is_file():
            with gzip.open(texts_path, "rt", encoding="utf-8") as lines:
                queries = {str(one["id"]): one["text"] for one in map(json.loads, lines)}
        qrels = {}
        for key, grades in read_qrels(path.with_name(f"{name}.qrels.gz")).items():
            known = {other: n for other, n in grades.items() if n > 0 and other in row and other != key}
            if known and (key in queries or (key in row and not queries)):
                qrels[key] = known
        keys = sorted(qrels)
        return cls(
            name,
            path,
            ids,
            [f"{event.title}\n{event.text}" for event in events],
            np.array([event.seconds / 86400 for event in events]),
            keys,
            qrels,
            [queries[key] for key in keys] if queries else None,
            None if queries else np.array([row[key] for key in keys]),
        )

    def measure(self, lists: Sequence[Sequence[str]]) -> dict[str, Any]:
        """nDCG@10 with its interval, and the share of empty lists."""
        scores = np.array(
            [measure(found, self.qrels[key], K)["nDCG"] for key, found in zip(self.keys, lists, strict=True)]
        )
        return {
            "nDCG": float(scores.mean()),
            "interval": Bootstrap.of(self.keys, self.qrels, RESAMPLES).interval(scores),
            "empty": sum(not found for found in lists) / len(lists),
            "scores": scores,
        }

    def nearest(self, archive: Any, asked: Any, strengths: Sequence[float]) -> dict[float, list[list[str]]]:
        """The ten of the archive with the largest dot products, damped by ``1 / (1 + strength ln(1 + days / 7))``."""
        lists: dict[float, list[list[str]]] = {strength: [] for strength in strengths}
        by_term = archive.T.tocsr() if sp.issparse(archive) else archive.T
        for start in range(0, len(self.keys), BLOCK):
            some = asked[start : start + BLOCK] @ by_term
            points = np.asarray(some.todense() if sp.issparse(some) else some)
            fading = 0.0
            if self.asked is not None:
                rows = self.asked[start : start + BLOCK]
                points[np.arange(len(rows)), rows] = -1
                fading = np.log1p(np.abs(self.days[rows][:, None] - self.days[None]) / 7)
            for strength, found in lists.items():
                damped = points / (1 + strength * fading)
                near = np.sort(np.argpartition(-damped, min(K, len(self.ids) - 1), axis=1)[:, :K], axis=1)
                scores = np.take_along_axis(damped, near, axis=1)
                order = np.argsort(-scores, axis=1, kind="stable")
                for line, best, place in zip(scores, near, order, strict=True):
                    found.append([self.ids[best[at]] for at in place if line[at] > 0])
        return lists


def stems(text: str) -> list[str]:
    """The stems of a text's words, without function words."""
    words = re.findall(r"\b\w\w+\b", text.lower())
    return list(STEMMER.stemWords([word for word in words if word not in ENGLISH_STOP_WORDS]))


def vectors(judged: Judged) -> Iterator[tuple[str, bool, Any, Any]]:
    """Each baseline as its name with its settings, whether that is how it stands, and what is multiplied."""
    counter = CountVectorizer(analyzer=stems)
    counts = counter.fit_transform(judged.texts).astype(float).tocsr()
    asked = (
        counts[judged.asked] if judged.queries is None else counter.transform(judged.queries).astype(float)
    )
    n, df = counts.shape[0], np.bincount(counts.indices, minlength=counts.shape[1])

    def weighed(found: Any, power: float) -> Any:
        found = found.copy()
        found.data = 1 + np.log(found.data)
        return normalize(found @ sp.diags((np.log((1 + n) / (1 + df)) + 1) ** power)).tocsr()

    for power in (1.0, 1.5):
        yield f"TF-IDF, power {power:g}", power == 1, weighed(counts, power), weighed(asked, power)
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    rarity = np.log1p((n - df + 0.5) / (df + 0.5))
    for k1, b in ((1.5, 0.75), (1.2, 0.4), (0.8, 0.75)):
        points = counts.copy()
        norm = np.repeat(k1 * (1 - b + b * lengths / lengths.mean()), np.diff(points.indptr))
        points.data = points.data * (k1 + 1) / (points.data + norm)
        yield f"BM25, k1 {k1}, b {b}", (k1, b) == (1.5, 0.75), (points @ sp.diags(rarity)).tocsr(), asked
    plain, plain_asked = weighed(counts, 1.0), weighed(asked, 1.0)
    for size in (100, 300):
        svd = TruncatedSVD(min(size, min(plain.shape) - 1), random_state=0).fit(plain)
        yield (
            f"LSI, {size} dimensions",
            size == 100,
            normalize(svd.transform(plain)),
            normalize(svd.transform(plain_asked)),
        )


PEERS = ("TF-IDF", "TF-IDF with recency", "BM25", "LSI")


def measure_peers(judged: Judged) -> dict[str, dict[str, Any]]:
    """Each of `PEERS` as it stands, and with the best of its settings."""
    found: dict[str, dict[str, Any]] = {}
    dated = judged.asked is not None and np.ptp(judged.days) >= 1
    for name, plain, archive, asked in vectors(judged):
        kind = name.split(",")[0]
        # Settings of the vectors are tried at two strengths, the strengths on the vectors as they stand.
        tried = (STRENGTHS if plain else (0.0, PLAIN_STRENGTH)) if dated else (0.0,)
        for strength, lists in judged.nearest(archive, asked, tried).items():
            measured = judged.measure(lists) | {"settings": f"{name}, recency {strength:g}"}
            if plain and strength == 0:
                found[kind] = measured
            if plain and kind == "TF-IDF" and strength == PLAIN_STRENGTH:
                found["TF-IDF with recency"] = measured
            best = found.get(f"{kind}, best", measured)
            found[f"{kind}, best"] = max(best, measured, key=lambda one: float(one["nDCG"]))
    return found


def measure_product(judged: Judged, tuned: bool) -> dict[str, dict[str, Any]]:
    """The product with its defaults and, if wanted, with what tuning learns."""
    index = RelatedIndex.build(judged.path)

    def lists(of: RelatedIndex) -> list[list[str]]:
        if judged.queries is not None:
            return [[str(item.id) for item in of.query(text, k=K)] for text in judged.queries]
        return [[str(item.id) for item in of.related(key, k=K)] for key in judged.keys]

    found = {"relatedness": judged.measure(lists(index))}
    if tuned and judged.queries is None:
        learned = index.tune(judged.qrels)
        again = RelatedIndex.build(judged.path, config=learned.config)
        found["relatedness, best"] = judged.measure(lists(again)) | {"settings": learned.learned}
    return found


def rounded(value: Any) -> Any:
    """A value without scores of single events, numbers in four digits."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items() if name != "scores"}
    if isinstance(value, tuple | list):
        return [rounded(one) for one in value]
    return round(value, 4) if isinstance(value, float) else value


def compared(judged: Judged, systems: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The figures of one archive, and the product against the best baseline as it stands and at its best."""
    record: dict[str, Any] = {
        "events": len(judged.ids),
        "judged": len(judged.keys),
        "judgments": sum(map(len, judged.qrels.values())),
        "systems": systems,
    }
    ours = systems["relatedness"]
    for name, rivals in {
        "as they stand": [peer for peer in PEERS if peer in systems],
        "at their best": [name for name in systems if name.endswith(", best") and "relatedness" not in name],
    }.items():
        best = max(rivals, key=lambda one: float(systems[one]["nDCG"]))
        gain = ours["scores"] - systems[best]["scores"]
        low, high = Bootstrap.of(judged.keys, judged.qrels, RESAMPLES).interval(gain)
        verdict = "ahead" if low > 0 else "behind" if high < 0 else "level"
        ratio = ours["nDCG"] / systems[best]["nDCG"]
        record[name] = {"peer": best, "ratio": ratio, "gain interval": (low, high), "verdict": verdict}
    result: dict[str, Any] = rounded(record)
    return result


def table(results: Mapping[str, Any]) -> str:
    """The results in Markdown."""
    lines = [
        "| archive | events / judged | relatedness | empty | best baseline as it stands | ratio | best baseline at its best for this archive | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, one in results.items():
        ours = one["systems"]["relatedness"]
        cells = [name, f"{one['events']:,} / {one['judged']:,}"]
        cells.append(f"{ours['nDCG']:.3f} [{ours['interval'][0]:.3f}, {ours['interval'][1]:.3f}]")
        cells.append(f"{ours['empty']:.1%}")
        for kind in ("as they stand", "at their best"):
            against = one[kind]
            peer = one["systems"][against["peer"]]
            cells.append(f"{peer.get('settings', against['peer'])}: {peer['nDCG']:.3f}")
            cells.append(f"{against['ratio']:.3f} ({against['verdict']})")
        lines.append("| " + " | ".join(cells) + " |")
    for kind in ("as they stand", "at their best"):
        ratios = [one[kind]["ratio"] for one in results.values()]
        lines.append(f"\nMean ratio to the best baseline {kind}: {math.fsum(ratios) / len(ratios):.3f}")
    return "\n".join(lines)


def plot(results: Mapping[str, Any]) -> None:
    """One row an archive: the baselines as they stand, and the product with its interval."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 0.45 * len(results) + 1.2), layout="constrained")
    for row, one in enumerate(results.values()):
        for peer, mark in zip(PEERS, "osv^", strict=True):
            if peer in one["systems"]:
                axes.plot(
                    one["systems"][peer]["nDCG"], row, mark, color="#999999", label=peer if not row else None
                )
        ours = one["systems"]["relatedness"]
        axes.plot(ours["interval"], [row, row], color="#D55E00")
        axes.plot(ours["nDCG"], row, "D", color="#D55E00", label=None if row else "relatedness")
    axes.set_yticks(range(len(results)), list(results))
    axes.invert_yaxis()
    axes.set_xlabel("nDCG@10")
    axes.legend(fontsize=8)
    figure.savefig(PLOT, dpi=130)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[])
    parser.add_argument("--tune", action="store_true", help="also measure what tuning learns")
    parser.add_argument(
        "--table", action="store_true", help="print the table of the last run, measure nothing"
    )
    options = parser.parse_args()
    if options.folder is None and not options.table:
        parser.error("name the folder of judged archives, or --table")
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    if not options.table:
        for path in sorted(options.folder.glob("*.events.jsonl.gz")):
            judged = Judged.read(path)
            if options.only and judged.name not in options.only:
                continue
            systems = measure_peers(judged) | measure_product(judged, options.tune)
            results[judged.name] = compared(judged, systems)
            print(judged.name, results[judged.name]["as they stand"], flush=True)
            RESULTS.write_text(json.dumps(dict(sorted(results.items())), indent=1) + "\n")
        plot(results)
    print(table(results))


if __name__ == "__main__":
    main()
