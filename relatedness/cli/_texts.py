"""The command that finds topics without an index."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

import relatedness
from relatedness import errors
from relatedness.cli._shared import (
    OutputFile,
    commands,
    field_mapping,
    field_option,
    gazetteer_option,
    is_path,
    progress_bars,
    strict_option,
    tagger_option,
    zone_option,
)
from relatedness.sources import is_source


@commands.command()
@click.argument("what", nargs=-1, required=True, metavar="TEXT | EVENTS...")
@tagger_option
@gazetteer_option
@field_option
@zone_option
@click.option("--rejects", type=OutputFile(), help="Put bad records aside in this file and do the rest.")
@strict_option
def tag(
    what: tuple[str, ...],
    tagger: str | None,
    gazetteer: Path | None,
    fields: tuple[str, ...],
    zone: str | None,
    rejects: Path | None,
    strict: bool,
) -> None:
    """Show the topics of a TEXT, or of the EVENTS in files: one JSON line per event.

    What is the name of a file or folder is read as EVENTS; anything else is TEXT.
    """
    from relatedness.index import tag_events

    paths = [Path(item) for item in what if is_path(item)]
    lost = [item for item in what if not is_path(item) and (paths or _is_path_like(item))]
    if lost:
        raise errors.InputError("there is no such file or folder", file=lost[0])
    if not paths and not "".join(what).strip():
        raise errors.InputError("the text is empty: there is nothing to find topics in")
    source: Any = paths or [{"id": "text", "date": date.today().isoformat(), "text": " ".join(what)}]
    config = relatedness.Config.default()
    if tagger is not None:
        config = config.change({"text": {"tagger": tagger}})
    with progress_bars() as progress:
        for event, topics in tag_events(
            source, config, field_mapping(fields), zone, rejects, progress, gazetteer, strict
        ):
            record = {"id": event.id, "topics": [asdict(topic) for topic in topics]}
            click.echo(json.dumps(record, ensure_ascii=False))


def _is_path_like(text: str) -> bool:
    """A mistyped file name must not pass for a text."""
    return " " not in text and (is_source(text) or text.lower().endswith(".md"))
