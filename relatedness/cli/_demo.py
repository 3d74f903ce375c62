"""The command that shows what the library does."""

from __future__ import annotations

import tempfile
from pathlib import Path

import relatedness
from relatedness.cli._asking import print_list
from relatedness.cli._group import BEGIN, commands
from relatedness.cli._shared import echo, progress_bars, shorten

_DEMO_EVENTS = (
    "2017-07-10-mosul-victory",
    "2012-08-24-armstrong-banned",
    "2014-07-17-mh17-shot-down",
    "2019-03-10-ethiopian-302",
)


@commands.command(section=BEGIN, short_help="Build the bundled sample and show a few lists.")
def demo() -> None:
    """Build the bundled sample archive in a temporary place and show a few related lists."""
    sample = relatedness.sample_path()
    with tempfile.TemporaryDirectory(prefix="relatedness-") as folder:
        with progress_bars() as progress:
            index = relatedness.RelatedIndex.build(sample, Path(folder) / "sample.index", progress=progress)
        assert index.summary is not None
        seconds = sum(index.summary.seconds.values())
        echo(f"Built an index of {len(index.events):,} events in {seconds:.1f} s.")
        echo("Below each event are its related events: score, date and title, and what the two share.")
        for id_ in _DEMO_EVENTS:
            event = index.events[id_]
            echo(f"\n{event.when}  {shorten(event.headline)}")
            print_list(index.related(id_))
        index.close()
    echo(
        f"""
Try next:
  relatedness build {sample} -o sample.index
  relatedness related sample.index {_DEMO_EVENTS[0]} --why
  relatedness related sample.index {_DEMO_EVENTS[2]} --direction after
  relatedness query sample.index "A court fines a carmaker over diesel emissions"
Then with your own events: a table (.csv, .xlsx, .jsonl, .parquet ...), a feed, a folder of posts or a database.
Each event needs a date and some words."""
    )
