"""Learn the weights in ``ranker.toml`` from judged stories, split by time.

    python models/train_ranker.py EVENTS QRELS [--split 2017-01-01] [--embeddings] [--write]

builds an index with the settings that ship, learns weights and recency as ``relatedness tune`` does (coordinate ascent
on nDCG@10 over the stored candidates, the additive form kept), and then builds again with what each part of the years
taught, to measure whole lists on the other part. ``--embeddings`` does it with the sentence encoder. ``--write`` puts what
all years taught into ``ranker.toml``.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from relatedness import Config, RelatedIndex, read_events, read_qrels


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=Path)
    parser.add_argument("qrels", type=Path)
    parser.add_argument("--split", type=date.fromisoformat, default=date(2017, 1, 1))
    parser.add_argument("--embeddings", action="store_true", help="with the sentence encoder minilm")
    parser.add_argument("--write", action="store_true", help="put what all years taught into ranker.toml")
    options = parser.parse_args()
    events = list(read_events(options.events))
    qrels = read_qrels(options.qrels)
    config = Config.default()
    if options.embeddings:
        config = config.change({"text": {"encoder": "minilm"}})
    late = {event.id for event in events if event.day >= (options.split - date(1970, 1, 1)).days}

    def measured(settings: Config) -> str:
        scores = RelatedIndex.build(events, config=settings).evaluate(qrels).scores["nDCG"]
        parts = [[v for id_, v in scores.items() if (id_ in late) == part] for part in (False, True)]
        early, later = (sum(part) / len(part) for part in parts)
        mean = sum(scores.values()) / len(scores)
        return f"nDCG@10 {mean:.4f} on all, {early:.4f} before {options.split}, {later:.4f} from then on"

    tuned = RelatedIndex.build(events, config=config).tune(qrels, split=options.split)
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
