"""The command that says which lists changed, and the file in which a refresh says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import relatedness
from relatedness.cli._group import BRING, commands
from relatedness.cli._shared import echo, echo_json, id_line, index_argument, json_option, write_lines
from relatedness.files import real

if TYPE_CHECKING:
    from relatedness.index import Changes


@commands.command(section=BRING, short_help="List the events whose lists changed.")
@index_argument
@click.option(
    "--since",
    default="0",
    metavar="STATE",
    help="The state or generation that your copies of the lists have, as `info` and --json show it; 0 for all lists.",
)
@json_option
def changed(index: Path, since: str, as_json: bool) -> None:
    """List the events of an INDEX whose lists changed after one of its states, and the events removed since.

    The index file itself records this, so that no crash loses it. If the index did not develop from the given state
    (it was built again, or replaced by a copy), all lists count as changed; a plain number cannot show that.
    """
    number = since.isascii() and since.isdecimal() and len(since) < 16
    found = relatedness.RelatedIndex.open(index).changed_since(int(since) if number else since)
    if as_json:
        echo_json(found.to_record())
        return
    for id_ in (*found.lists, *found.removed):
        echo(id_line(str(id_)))


class Telling:
    """Writes the ids of changed lists to a file, and the state up to which they are reported to a second file.

    If a refresh is killed before it writes the file, the next refresh also lists what that one changed.

    Parameters
    ----------
    path : Path
    index : RelatedIndex
        Before the refresh.
    scores : Path, optional
        A file for lists in which only scores changed, which the first file then omits.
    """

    def __init__(self, path: Path, index: relatedness.RelatedIndex, scores: Path | None = None) -> None:
        self._path = path
        self._scores = scores
        target = real(path)
        self._memory = target.with_name(f".{target.name}.generation")
        self._is_file = target.is_file() or not target.exists()
        self._since = self._read()
        if self._since is None:
            self._since = index.info["state"]
            self._write()
        self._generation = index.info["generation"]
        # A refresh that was killed may have changed more than scores: never file its lists as score-only.
        self._pending = set(index.changed_since(self._since).lists) if scores is not None else set()

    def tell(self, index: relatedness.RelatedIndex, changes: Changes) -> None:
        """Write the files, after the refresh."""
        assert self._since is not None
        found = index.changed_since(self._since)
        scores = set()
        # If another process has refreshed the index in between, it may have changed more than scores, too.
        if self._scores is not None and found.generation == self._generation + 1:
            scores = set(changes.scores) - self._pending
        write_lines(self._path, (id_line(str(id_)) for id_ in found.lists if id_ not in scores))
        if self._scores is not None:
            write_lines(self._scores, (id_line(str(id_)) for id_ in found.lists if id_ in scores))
        self._since = found.state
        self._write()

    def _read(self) -> str | None:
        """The state up to which the file reports changes; None if unknown."""
        try:
            return self._memory.read_text(encoding="utf-8").strip() or None
        except (OSError, ValueError):
            return None

    def _write(self) -> None:
        if self._is_file:  # no state is stored for a pipe or a device
            write_lines(self._memory, [str(self._since)])
