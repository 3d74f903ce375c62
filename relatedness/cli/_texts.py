"""The command that finds topics without an index."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from relatedness import errors
from relatedness.cli._group import CARE, commands
from relatedness.cli._shared import (
    echo_json,
    gazetteer_option,
    progress_bars,
    read_options,
    rejects_option,
    settings,
    tagger_option,
)
from relatedness.cli._types import is_path


@commands.command(section=CARE, short_help="Show the topics of a text or of events.")
@click.argument("what", nargs=-1, required=True, metavar="TEXT | EVENTS...")
@tagger_option
@gazetteer_option
@read_options
@rejects_option
def tag(
    what: tuple[str, ...],
    tagger: str | None,
    gazetteer: Path | None,
    how: dict[str, Any],
    rejects: Path | None,
) -> None:
    """Show the topics of a TEXT, or of the EVENTS in files: one JSON line per event.

    What is the name of a file or folder is read as EVENTS; anything else is TEXT.
    """
    from relatedness.index import tag_events
    from relatedness.sources import ReadOptions

    paths = [Path(item) for item in what if _is_source(item)]
    lost = [item for item in what if not _is_source(item) and (paths or _is_path_like(item))]
    if lost:
        raise errors.InputError("the file or folder does not exist", file=lost[0])
    if not paths and not "".join(what).strip():
        raise errors.InputError("the text is empty: type the words in which to find topics")
    source: Any = paths or [{"id": "text", "date": date.today().isoformat(), "text": " ".join(what)}]
    config, _ = settings(None, None, tagger)
    with progress_bars() as progress:
        for event, topics in tag_events(source, config, ReadOptions(**how), rejects, progress, gazetteer):
            record = {"id": event.id, "topics": [asdict(topic) for topic in topics]}
            echo_json(record)


def _is_path_like(text: str) -> bool:
    """Whether a text looks like a path: a mistyped file name must not be tagged as text."""
    from relatedness.sources import is_source

    return " " not in text and (is_source(text) or text.lower().endswith(".md"))


def _is_source(text: str) -> bool:
    """Whether a text names a readable source, including standard input."""
    return text == "-" or is_path(text)
