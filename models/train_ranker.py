"""Learn the weights in ``ranker.toml`` from judged stories, split by time.

    python models/train_ranker.py EVENTS QRELS [--split 2017-01-01] [--embeddings FILE] [--write]

builds an index with the settings that ship, learns weights and recency as ``relatedness tune`` does (coordinate ascent
on nDCG@10 over the stored candidates, the additive form kept), and then builds again with what each part of the years
taught, to measure whole lists on the other part. ``--embeddings`` does it with the sentence encoder, and learns the
weight of meaning too; FILE keeps the embeddings from one run to the next. ``--write`` puts what all years taught into
``ranker.toml``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from relatedness import Config, Event, RelatedIndex, read_events, read_qrels
from relatedness.ranking._embeddings import Encoder, MiniLM, text_of


def embedded(events: Sequence[Event], kept: Path) -> Encoder:
    """The encoder minilm, its answers for the texts of some events read from a file, which is made if missing."""
    texts = [text_of(event) for event in events]
    if not kept.is_file():
        np.save(kept, MiniLM()(texts))
    rows = dict(zip(texts, np.load(kept), strict=True))

    def encoder(wanted: Sequence[str]) -> np.ndarray:
        return np.stack([rows[text] for text in wanted])

    return encoder


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=Path)
    parser.add_argument("qrels", type=Path)
    parser.add_argument("--split", type=date.fromisoformat, default=date(2017, 1, 1))
    parser.add_argument("--embeddings", type=Path, metavar="FILE", help="with the sentence encoder minilm")
    parser.add_argument("--write", action="store_true", help="put what all years taught into ranker.toml")
    options = parser.parse_args()
    events = sorted(read_events(options.events), key=lambda event: (event.seconds, event.id))
    qrels = read_qrels(options.qrels)
    config = Config.default()
    encoder = embedded(events, options.embeddings) if options.embeddings else None
    late = {event.id for event in events if event.day >= (options.split - date(1970, 1, 1)).days}

    def measured(settings: Config) -> str:
        scores = RelatedIndex.build(events, config=settings, encoder=encoder).evaluate(qrels).scores["nDCG"]
        parts = [[v for id_, v in scores.items() if (id_ in late) == part] for part in (False, True)]
        early, later = (sum(part) / len(part) for part in parts)
        mean = sum(scores.values()) / len(scores)
        return f"nDCG@10 {mean:.4f} on all, {early:.4f} before {options.split}, {later:.4f} from then on"

    tuned = RelatedIndex.build(events, config=config, encoder=encoder).tune(qrels, split=options.split)
    print(f"as shipped: {measured(config)}")
    for name, learned in zip(("the earlier years", "the later years"), tuned.halves, strict=True):
        print(f"learned on {name}: {measured(learned)}")
        print(f"  {learned.weights}\n  {learned.recency}")
    print(f"learned on all: {measured(tuned.config)}\n  {tuned.config.weights}\n  {tuned.config.recency}")
    if options.write:
        target = Path(__file__).with_name("ranker.toml")
        shipped = tuned.config.change({"text": {"encoder": "none"}})
        target.write_text(shipped.to_toml(), encoding="utf-8")
        print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
