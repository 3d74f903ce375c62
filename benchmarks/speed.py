"""Measure the kernel beside its peers, and the whole library; write results and plots.

    python benchmarks/speed.py ARCHIVE.jsonl.gz              # everything but generated events
    python benchmarks/speed.py ARCHIVE.jsonl.gz --million    # these too: 250,000 and a million; half an hour and more
    python benchmarks/speed.py --show                        # the tables of the stored results

Every measurement is a process of its own, so that its peak memory is its own. Peers and kernel take turns, three
rounds; a table shows the median and, beside it, the least. Nothing is compiled inside a timing: each process runs
a small part of its job first. Where a peer is too slow for the whole job, it answers blocks of consecutive events
and the time is extrapolated; the table says so.

The kernel computes the whole score (words, phrases, topics, recency); peers compute text similarity alone, from
their own vectorisers over the same texts (at a million events, where there are only features: from the word columns).
On a machine that does other work too, core seconds (all threads together) say more than seconds. Peers that are not
installed are left out: pip install sparse-dot-topn bm25s gensim tantivy matplotlib.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from relatedness.cores import most_memory

HERE = Path(__file__).parent
RESULTS = HERE / "results"
K = 10
THREADS = 2
ROUNDS = 3
MILLION = 1_000_000
GENERATED = {"250k": 250_000, "1M": MILLION}  # the newest of a million generated events, and all
PACKAGES = (
    "numpy", "scipy", "scikit-learn", "numba", "sparse-dot-topn", "bm25s", "gensim", "tantivy", "dask", "joblib", "spacy",
)  # fmt: skip


# --- one measurement, in a process of its own ----------------------------------------------------------------------


def features(work: Path, size: str) -> Any:
    from generate import Features

    if size in GENERATED:
        return Features.load(work / "million.npz", newest=GENERATED[size])
    return Features.load(work / "real.npz", newest=10_000 if size == "10k" else None)


def texts(work: Path, size: str) -> list[str]:
    found: list[str] = json.loads((work / "texts.json").read_text(encoding="utf-8"))
    return found[-10_000:] if size == "10k" else found


def kernel(work: Path, size: str, k: int = K, threads: int = THREADS) -> dict[str, Any]:
    from relatedness.config import Config
    from relatedness.ranking import Recency, all_pairs

    rows, recency = features(work, size).rows, Recency.curve(Config.default())
    all_pairs(rows.part(0, 500), recency, k, threads=threads)
    before = peak()
    started = time.perf_counter(), time.process_time()
    found = all_pairs(rows, recency, k, threads=threads)
    seconds, cpu_seconds = time.perf_counter() - started[0], time.process_time() - started[1]
    frequency = np.bincount(rows.columns).astype(np.float64)
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "events": len(rows),
        "entries": len(rows.columns),
        "pair_products": float(np.square(frequency).sum()),
        "memory_before": before,
        "mean_last_score": float((found.scores[:, k - 1] / 2**31).mean()),
    }


def word_matrix(work: Path, size: str) -> Any:
    """The peers' matrix: TF-IDF of the texts; the word columns of the features where there are no texts."""
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    if size not in GENERATED:
        vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32)
        return vectorizer.fit_transform(texts(work, size))
    loaded = features(work, size)
    rows = loaded.rows
    matrix = sparse.csr_matrix(
        (rows.values.astype(np.float32), rows.columns.astype(np.int32), rows.indptr.astype(np.int64)),
        shape=(len(rows), rows.n_columns),
    )
    return normalize(matrix[:, np.flatnonzero(loaded.channels == 0)])


def sampled(answer: Callable[[int, int], object], n: int, block: int) -> dict[str, Any]:
    """Time the whole job, or a block of events and extrapolate by their number."""
    first = 0 if block >= n else int(np.random.default_rng(os.getpid()).integers(0, n - block))
    last = min(n, first + block)
    started = time.perf_counter(), time.process_time()
    answer(first, last)
    seconds, cpu_seconds = time.perf_counter() - started[0], time.process_time() - started[1]
    share = (last - first) / n
    return {
        "seconds": seconds / share,
        "cpu_seconds": cpu_seconds / share,
        "events": n,
        "answered": last - first,
    }


def sparse_dot_topn(work: Path, size: str, block: int) -> dict[str, Any]:
    from sparse_dot_topn import sp_matmul_topn

    matrix = word_matrix(work, size)
    transposed = matrix.T.tocsr()

    def answer(first: int, last: int) -> object:
        return sp_matmul_topn(matrix[first:last], transposed, top_n=K + 1, n_threads=THREADS, sort=True)

    answer(0, 100)
    return sampled(answer, matrix.shape[0], block) | {
        "pair_products": float(np.square(np.diff(transposed.indptr).astype(np.float64)).sum())
    }


def nearest_neighbors(work: Path, size: str, block: int) -> dict[str, Any]:
    from sklearn.neighbors import NearestNeighbors

    matrix = word_matrix(work, size)
    model = NearestNeighbors(n_neighbors=K + 1, metric="cosine", algorithm="brute", n_jobs=THREADS).fit(
        matrix
    )

    def answer(first: int, last: int) -> object:
        return model.kneighbors(matrix[first:last])

    answer(0, 10)
    return sampled(answer, matrix.shape[0], block)


def bm25s_numba(work: Path, size: str, block: int) -> dict[str, Any]:
    import bm25s
    from bm25s.tokenization import Tokenized

    if size in GENERATED:
        matrix = word_matrix(work, size)
        ids = [row.tolist() for row in np.split(matrix.indices, matrix.indptr[1:-1])]
        tokens = Tokenized(ids=ids, vocab={str(number): number for number in range(matrix.shape[1])})
    else:
        tokens = bm25s.tokenize(texts(work, size), stopwords="en", show_progress=False)
    model = bm25s.BM25(backend="numba")
    model.index(tokens, show_progress=False)

    def answer(first: int, last: int) -> object:
        asked = Tokenized(ids=tokens.ids[first:last], vocab=tokens.vocab)
        return model.retrieve(
            asked, k=K + 1, n_threads=THREADS, show_progress=False, backend_selection="numba"
        )

    answer(0, 100)
    return sampled(answer, len(tokens.ids), block)


def gensim_similarity(work: Path, size: str, block: int) -> dict[str, Any]:
    from gensim.matutils import Sparse2Corpus
    from gensim.similarities import SparseMatrixSimilarity

    matrix = word_matrix(work, size)
    index = SparseMatrixSimilarity(
        Sparse2Corpus(matrix, documents_columns=False), num_features=matrix.shape[1], num_best=K + 1
    )

    def answer(first: int, last: int) -> object:
        return [index[matrix[start : min(start + 64, last)]] for start in range(first, last, 64)]

    answer(0, 64)
    return sampled(answer, matrix.shape[0], block)


def tantivy_search(work: Path, size: str, block: int) -> dict[str, Any]:
    import re

    import tantivy
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    words = [
        [word for word in dict.fromkeys(re.findall(r"\w\w+", text.lower())) if word not in ENGLISH_STOP_WORDS]
        for text in texts(work, size)
    ]
    schema = tantivy.SchemaBuilder().add_text_field("text").build()
    index = tantivy.Index(schema)
    writer = index.writer(num_threads=1)
    for found in words:
        writer.add_document(tantivy.Document(text=" ".join(found)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def ask(place: int) -> object:
        terms = [tantivy.Query.term_query(schema, "text", word) for word in words[place]]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
        return searcher.search(query, K + 1).hits

    def answer(first: int, last: int) -> object:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(ask, range(first, last)))

    answer(0, 10)
    return sampled(answer, len(words), block)


def cluster(work: Path, size: str, k: int = 64) -> dict[str, Any]:
    """The job of a build on a Dask cluster of two worker processes that read segments from a folder."""
    import logging

    from distributed import LocalCluster

    from relatedness.config import Config
    from relatedness.engines import DaskEngine
    from relatedness.engines._segments import Segments
    from relatedness.ranking import Recency

    rows, recency = features(work, size).rows, Recency.curve(Config.default())
    step = -(-len(rows) // 8)
    parts = [rows.part(first, min(first + step, len(rows))) for first in range(0, len(rows), step)]
    held = Segments.write(str(work / f"segments-{size}"), parts)
    told: list[Any] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.args)  # type: ignore[method-assign]
    log = logging.getLogger("relatedness.engines")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    small = Segments.write(str(work / "segments-small"), [rows.part(0, 500), rows.part(500, 1000)])
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as workers:
        engine = DaskEngine(workers.scheduler_address)
        engine.all_pairs(small, recency, k)
        started = time.perf_counter()
        engine.all_pairs(held, recency, k)
        seconds = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "events": len(rows),
        "segments": len(held.segments),
        "segment_bytes": sum(segment.bytes for segment in held.segments),
        "worker": told[-1],
    }


def single_queries(work: Path, size: str) -> dict[str, Any]:
    """The ranking part of a query: the features of 2,000 events, one by one, against all."""
    from relatedness.config import Config
    from relatedness.ranking import Recency, Searchable, query

    rows, recency = features(work, size).rows, Recency.curve(Config.default())
    searchable, order = Searchable(rows), np.arange(len(rows), dtype=np.uint32)
    taken = []
    for row in np.random.default_rng(0).integers(0, len(rows), 2_010).tolist():
        entries = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
        vector, day = (rows.columns[entries], rows.values[entries]), int(rows.days[row])
        started = time.perf_counter()
        query(searchable, order, *vector, day, recency, k=K, exclude=row)
        taken.append(time.perf_counter() - started)
    return {"seconds": sum(taken[10:]), "events": len(rows)} | percentiles(taken[10:])


def ceilings() -> dict[str, Any]:
    """What this memory can feed: multiply-adds into accumulators of three sizes, and plain reading."""
    import numba

    @numba.njit(nogil=True)
    def scatter(sums: Any, places: Any, weights: Any, times: int) -> None:
        for _ in range(times):
            for at in range(np.uint64(places.shape[0])):
                place = places[at]
                sums[place] = np.int32(sums[place] + np.int32(np.uint32(weights[at]) * np.uint32(7)))

    rates = {}
    for name, lanes in (("16 KB", 4_096), ("256 KB", 65_536), ("4 MB", 1_048_576)):
        random = np.random.default_rng(0)
        places = np.sort(random.choice(lanes, lanes // 20, replace=False)).astype(np.uint32)
        weights = random.integers(1, 9_999, len(places)).astype(np.uint16)
        sums = np.zeros(lanes, dtype=np.int32)
        scatter(sums, places, weights, 1)
        times = 50_000_000 // len(places)
        best = min(timed(lambda: scatter(sums, places, weights, times)) for _ in range(3))  # noqa: B023
        rates[name] = len(places) * times / best
    block = np.ones(64_000_000, dtype=np.int64)
    rates["bytes read"] = block.nbytes / min(timed(block.max) for _ in range(3))
    return {"seconds": 0.0, "rates": rates}


def timed(job: Callable[[], object]) -> float:
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def percentiles(seconds: list[float]) -> dict[str, float]:
    return {f"p{p}_ms": float(np.percentile(seconds, p) * 1e3) for p in (50, 95, 99)}


def bare_build(work: Path) -> dict[str, Any]:
    """The least that lists can be made by: TF-IDF of the texts and the best cosines, from texts in memory to lists in memory."""
    from sparse_dot_topn import sp_matmul_topn

    lines = texts(work, "67k")

    def lists() -> object:
        matrix = word_matrix(work, "67k")
        return sp_matmul_topn(matrix, matrix.T.tocsr(), top_n=K + 1, n_threads=THREADS, sort=True)

    started = time.process_time()
    seconds = timed(lists)
    return {"seconds": seconds, "cpu_seconds": time.process_time() - started, "events": len(lines)}


def product_build(work: Path, archive: Path) -> dict[str, Any]:
    """The whole build through the command line, to a new file: to replace one takes a copy of it more."""
    (work / "archive.rel").unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "relatedness",
        "build",
        str(archive),
        "-o",
        str(work / "archive.rel"),
        "--json",
    ]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1e3,
        "summary": json.loads(done.stdout),
    }


def product_lookups(work: Path) -> dict[str, Any]:
    """From an index file: open and answer, lookups, queries."""
    started = time.perf_counter()
    from relatedness import RelatedIndex

    imported = time.perf_counter()
    index = RelatedIndex.open(work / "archive.rel")
    first = next(iter(index.events))
    opened = time.perf_counter()
    index.related(first)
    answered = time.perf_counter()
    ids = list(index.events)
    random = np.random.default_rng(0)
    lookups = [timed(lambda: index.related(ids[place])) for place in random.integers(0, len(ids), 10_000)]  # noqa: B023
    chosen = [index.events[ids[place]] for place in random.integers(0, len(ids), 510)]
    queries = [timed(lambda: index.query(event.text, date=event.date)) for event in chosen]  # noqa: B023
    return {
        "seconds": answered - imported,
        "import_ms": (imported - started) * 1e3,
        "open_ms": (opened - imported) * 1e3,
        "first_ms": (answered - opened) * 1e3,
        "related": percentiles(lookups),
        "query": percentiles(queries[10:]),
    }


def product_process(work: Path, archive: Path) -> dict[str, Any]:
    """A whole `relatedness related INDEX ID` process."""
    del archive
    from relatedness import RelatedIndex

    with RelatedIndex.open(work / "archive.rel") as index:
        id_ = list(index.events)[-1]
    command = [sys.executable, "-m", "relatedness", "related", str(work / "archive.rel"), id_]
    return {"seconds": timed(lambda: subprocess.run(command, capture_output=True, check=True))}


def peak() -> float:
    """The most memory this process has held, in MB."""
    return most_memory() / 1e6


def measure(name: str, work: Path, archive: Path) -> dict[str, Any]:
    what, _, size = name.partition("@")
    everything = 10**9
    jobs: dict[str, Callable[[], dict[str, Any]]] = {
        "kernel": lambda: kernel(work, size),
        "kernel, 1 thread": lambda: kernel(work, size, threads=1),
        "kernel, k=64": lambda: kernel(work, size, k=64),
        "sparse_dot_topn": lambda: sparse_dot_topn(
            work, size, {"1M": 500, "250k": 4_000}.get(size, everything)
        ),
        "bm25s numba": lambda: bm25s_numba(work, size, {"1M": 3_000, "250k": 8_000}.get(size, everything)),
        "sklearn NearestNeighbors": lambda: nearest_neighbors(work, size, 80 if size == "1M" else 1_000),
        "gensim": lambda: gensim_similarity(work, size, 2_048),
        "tantivy": lambda: tantivy_search(work, size, 2_000),
        "cluster, k=64": lambda: cluster(work, size),
        "query": lambda: single_queries(work, size),
        "ceilings": ceilings,
        "bare build": lambda: bare_build(work),
        "build": lambda: product_build(work, archive),
        "lookups": lambda: product_lookups(work),
        "process": lambda: product_process(work, archive),
    }
    found = jobs[what]()
    return {"peak_mb": peak()} | found


# --- all of them ---------------------------------------------------------------------------------------------------


def run(names: list[str], rounds: int, work: Path, archive: Path, runs: dict[str, list[Any]]) -> None:
    """Measure in turns; a process for each."""
    for number in range(rounds):
        for name in names:
            command = [sys.executable, __file__, str(archive), "--measure", name, "--work", str(work)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{name} failed:\n{done.stderr[-2000:]}", file=sys.stderr)
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            runs.setdefault(name, []).append(found)
            print(
                f"{number + 1}/{rounds} {name:<34} {found['seconds']:>9.3f} s {found['peak_mb']:>7.0f} MB",
                flush=True,
            )


def machine() -> dict[str, Any]:
    model = platform.processor()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), model)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": {name: installed for name in PACKAGES if (installed := version_of(name))},
        "commit": commit.stdout.strip() or None,
        "load_at_start": os.getloadavg()[0],
    }


def version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def prepare(work: Path, archive: Path, million: bool) -> None:
    from generate import Features, generated_features, real_features

    from relatedness.sources import read

    if not (work / "real.npz").exists():
        real_features(archive).save(work / "real.npz")
    if not (work / "texts.json").exists():
        events = sorted(
            sorted(read(archive), key=lambda event: event.id, reverse=True), key=lambda event: event.seconds
        )
        lines = [f"{event.title} {event.text}".strip() for event in events]
        (work / "texts.json").write_text(json.dumps(lines), encoding="utf-8")
    if million and not (work / "million.npz").exists():
        generated_features(Features.load(work / "real.npz"), MILLION, seed=1).save(work / "million.npz")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path, nargs="?", help="a real archive as event JSONL")
    parser.add_argument(
        "--million", action="store_true", help="also generated events, up to a million (half an hour)"
    )
    parser.add_argument("--only", nargs="+", help="only measurements whose names hold one of these")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--work", type=Path, help="a folder for what is made on the way; kept")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument(
        "--show", action="store_true", help="print the tables of the stored results and plot them"
    )
    wanted = parser.parse_args()
    stored = RESULTS / "speed.json"
    if wanted.measure:
        print(json.dumps(measure(wanted.measure, wanted.work, wanted.archive)))
        return
    results: dict[str, Any] = json.loads(stored.read_text()) if stored.exists() else {"runs": {}}
    if not wanted.show:
        if wanted.archive is None:
            parser.error("name an archive, or use --show")
        with tempfile.TemporaryDirectory() as temporary:
            work = wanted.work or Path(temporary)
            work.mkdir(parents=True, exist_ok=True)
            prepare(work, wanted.archive, wanted.million)
            everyone = ("kernel", "sparse_dot_topn", "bm25s numba", "sklearn NearestNeighbors")
            slow = ("gensim", "tantivy")
            small = [f"{name}@{size}" for size in ("10k", "67k") for name in (*everyone, *slow)]
            small += [
                "kernel, 1 thread@67k",
                "kernel, k=64@67k",
                "cluster, k=64@67k",
                "query@67k",
                "ceilings",
            ]
            large = [f"{name}@{size}" for size in GENERATED for name in everyone[1:]]
            large = [*large, "kernel@250k", "kernel, k=64@250k"] if wanted.million else []
            stages = [(small, wanted.rounds), (["bare build", "build", "lookups", "process"], wanted.rounds)]
            stages.append((large, wanted.rounds))
            stages.append((["kernel@1M", "query@1M"] if wanted.million else [], 1))
            runs: dict[str, list[Any]] = {}
            for names, rounds in stages:
                run(
                    [name for name in names if any(part in name for part in wanted.only or [""])],
                    rounds,
                    work,
                    wanted.archive,
                    runs,
                )
        results = {"machine": machine(), "runs": results["runs"] | runs}
        RESULTS.mkdir(exist_ok=True)
        stored.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    show(results["runs"])
    plot(results["runs"])


# --- tables and plots ----------------------------------------------------------------------------------------------


def middle(runs: list[Any], name: str = "seconds") -> float:
    return statistics.median(entry[name] for entry in runs)


def show(runs: dict[str, list[Any]]) -> None:
    """The tables in Markdown."""
    for size in ("10k", "67k", *GENERATED):
        names = [name for name in runs if name.endswith(f"@{size}") and not name.startswith("query")]
        if not names:
            continue
        print(f"\n### All pairs, {size} events, the {K} best of each\n")
        print(
            "| what | core seconds (median) | least | seconds | runs | answered | peak MB | core seconds of the kernel's |"
        )
        print("|---|---|---|---|---|---|---|---|")
        base = middle(runs[f"kernel@{size}"], "cpu_seconds") if f"kernel@{size}" in runs else float("nan")
        for name in names:
            entries = runs[name]
            seconds, last = middle(entries, "cpu_seconds"), entries[-1]
            share = last.get("answered", last["events"]) / last["events"]
            print(
                f"| {name.split('@')[0]} | {seconds:.2f} | {min(entry['cpu_seconds'] for entry in entries):.2f} "
                f"| {middle(entries):.2f} | {len(entries)} | {share:.2%} "
                f"| {middle(entries, 'peak_mb'):.0f} | {seconds / base:.1f} |"
            )
    print()
    for name in [name for name in runs if name.startswith("query@")]:
        entries = runs[name]
        print(
            f"- ranking part of a query, {name[6:]}: "
            + ", ".join(f"{p} {middle(entries, p):.2f}" for p in ("p50_ms", "p95_ms", "p99_ms"))
        )
    if "build" in runs:
        summary = runs["build"][-1]["summary"]
        print(
            f"- build, text to file: {middle(runs['build']):.1f} s, {middle(runs['build'], 'peak_mb'):.0f} MB; stages: "
            + ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in summary["seconds"].items())
        )
    if "build" in runs and "bare build" in runs:
        what = {"core seconds": "cpu_seconds", "seconds": "seconds"}
        ratios = {
            unit: middle(runs["build"], name) / middle(runs["bare build"], name)
            for unit, name in what.items()
        }
        print(
            f"- bare build (TfidfVectorizer and sparse_dot_topn, texts and lists in memory): {middle(runs['bare build']):.1f} s, "
            f"{middle(runs['bare build'], 'cpu_seconds'):.1f} core seconds; a build takes "
            + ", ".join(f"{ratio:.1f} times the {unit}" for unit, ratio in ratios.items())
        )
    if "lookups" in runs:
        last = runs["lookups"][-1]
        print(
            f"- open and first answer {last['open_ms'] + last['first_ms']:.0f} ms; related(id) {last['related']}; query(text) {last['query']}"
        )
    if "process" in runs:
        print(f"- `relatedness related INDEX ID`: {middle(runs['process']):.2f} s")


def plot(runs: dict[str, list[Any]]) -> None:
    """Growth and roofline as PNG beside this file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for label in (
        "kernel",
        "sparse_dot_topn",
        "bm25s numba",
        "sklearn NearestNeighbors",
        "gensim",
        "tantivy",
    ):
        points = [
            (runs[name][0]["events"], middle(runs[name], "cpu_seconds"))
            for name in runs
            if name.split("@")[0] == label
        ]
        if not points:
            continue
        axes.loglog(
            *zip(*sorted(points), strict=True),
            marker="o",
            label=label + (" (whole score)" if label == "kernel" else ""),
        )
    work = sorted(
        (runs[name][0]["events"], runs[name][0]["pair_products"])
        for name in runs
        if name.split("@")[0] == "kernel"
    )
    scale = middle(runs["kernel@67k"], "cpu_seconds") / dict(work)[runs["kernel@67k"][0]["events"]]
    axes.loglog(
        [n for n, _ in work],
        [products * scale for _, products in work],
        "k:",
        label="multiply-adds (to scale)",
    )
    axes.set(xlabel="events", ylabel="core seconds, all pairs", title="The ten best others of every event")
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    figure.savefig(HERE / "growth.png", dpi=90, bbox_inches="tight")
    plot_latency(runs, pyplot)
    if "ceilings" not in runs:
        return
    rates = runs["ceilings"][-1]["rates"]
    names = [name for name in runs if name.split("@")[0] in ("kernel", "kernel, 1 thread", "sparse_dot_topn")]
    figure, axes = pyplot.subplots(figsize=(7, 0.4 * len(names) + 1.5))
    # The kernel meets each pair once: half of the products that all pairs in both directions have.
    share = [0.5 if name.startswith("kernel") else 1.0 for name in names]
    reached = [
        runs[name][0]["pair_products"] * part / middle(runs[name], "cpu_seconds") / 1e9
        for name, part in zip(names, share, strict=True)
    ]
    axes.barh(names, reached)
    for size in ("16 KB", "256 KB", "4 MB"):
        best = statistics.median(entry["rates"][size] for entry in runs["ceilings"]) / 1e9
        axes.axvline(best, linestyle="--", color="grey")
        axes.text(best, len(names) - 0.4, size, fontsize=7, ha="center")
    axes.invert_yaxis()
    axes.set(
        xlabel=f"10^9 multiply-adds a core second, scan and selection included (memory read: {rates['bytes read'] / 1e9:.0f} GB/s)"
    )
    axes.set_title("Reached, and the ceiling of adding into sums of three sizes", pad=18)
    figure.savefig(HERE / "roofline.png", dpi=90, bbox_inches="tight")


def plot_latency(runs: dict[str, list[Any]], pyplot: Any) -> None:
    """How long one answer takes, as PNG beside this file."""
    bars: list[tuple[str, list[float]]] = []
    if "lookups" in runs:
        last = runs["lookups"][-1]
        for label, name in (("related(id)", "related"), ("query(text)", "query")):
            bars.append((label, [last[name][f"p{p}_ms"] for p in (50, 95, 99)]))
        bars.append(("open and first answer", [middle(runs["lookups"], "open_ms") + last["first_ms"]] * 3))
    if "query@67k" in runs:
        bars.append(
            ("ranking part of a query", [middle(runs["query@67k"], f"p{p}_ms") for p in (50, 95, 99)])
        )
    if "process" in runs:
        bars.append(("a whole process", [middle(runs["process"]) * 1e3] * 3))
    if not bars:
        return
    figure, axes = pyplot.subplots(figsize=(7, 0.5 * len(bars) + 1.2))
    for place, (_, (median, most, nearly_all)) in enumerate(bars):
        axes.plot([median, nearly_all], [place, place], color="#4c78a8", linewidth=2)
        axes.plot([median], [place], "o", color="#4c78a8")
        axes.plot([most], [place], "|", color="#4c78a8", markersize=12)
        axes.text(median, place - 0.2, f"{median:.3g} ms", fontsize=8, ha="center")
    axes.set_xscale("log")
    axes.set_yticks(range(len(bars)), [label for label, _ in bars])
    axes.invert_yaxis()
    axes.set(
        xlabel="milliseconds: median, 95th and 99th percentile", title="One answer, 67,194 events, one thread"
    )
    axes.grid(alpha=0.3)
    figure.savefig(HERE / "latency.png", dpi=90, bbox_inches="tight")


if __name__ == "__main__":
    main()
