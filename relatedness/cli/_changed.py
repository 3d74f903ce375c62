"""The command that says which lists changed, and the file in which a refresh says so."""

from __future__ import annotations

import json
from pathlib import Path

import click

import relatedness
from relatedness.cli._shared import commands, index_argument, json_option, write_lines
from relatedness.files import real


@commands.command()
@index_argument
@click.option(
    "--since",
    type=click.IntRange(0),
    default=0,
    metavar="GENERATION",
    help="The generation that was brought over last, as `info` and --json tell it; 0 for all lists.",
)
@json_option
def changed(index: Path, since: int, as_json: bool) -> None:
    """List the events of an INDEX whose lists changed after a generation, and those that went since.

    The index keeps this knowledge: no crash and no lost file takes it away.
    """
    found = relatedness.RelatedIndex.open(index).changed_since(since)
    if as_json:
        click.echo(json.dumps(found.to_record(), ensure_ascii=False))
        return
    for id_ in (*found.lists, *found.removed):
        click.echo(id_)


class Telling:
    """Writes the ids of changed lists to a file, and beside it the generation up to which it has told them.

    A refresh that is killed between its change and the file is so made up for by the next one: it tells what changed since
    the file was last written.

    Parameters
    ----------
    path : Path
    index : RelatedIndex
        Before the refresh.
    """

    def __init__(self, path: Path, index: relatedness.RelatedIndex) -> None:
        self._path = path
        target = real(path)
        self._state = target.with_name(f".{target.name}.generation")
        self._is_file = target.is_file() or not target.exists()
        info = index.info
        self._since = self._read(info["lineage"])
        if self._since is None:
            self._since = info["generation"]
            self._write(info["lineage"], info["generation"])

    def tell(self, index: relatedness.RelatedIndex) -> None:
        """Write both, after the refresh."""
        assert self._since is not None
        found = index.changed_since(self._since)
        write_lines(self._path, found.lists)
        self._write(found.lineage, found.generation)

    def _read(self, lineage: str) -> int | None:
        """Up to which generation of an index the file has told; None for another index, or none."""
        try:
            told, generation = self._state.read_text(encoding="utf-8").split()
            return int(generation) if told == lineage else None
        except (OSError, ValueError):
            return None

    def _write(self, lineage: str, generation: int) -> None:
        if self._is_file:  # beside a pipe or a device nothing is kept
            write_lines(self._state, [f"{lineage} {generation}"])
