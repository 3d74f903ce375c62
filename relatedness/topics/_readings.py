"""Where runs of words stand in texts, kept from learning until tagging: a text is then searched once."""

from __future__ import annotations

from collections.abc import Sequence

Part = tuple[int, str, int, int]
"""Where a run stands, the run, the table that holds what it names, and where it ends if the text after it decides that, else 0;
see `relatedness.topics._reader.Reader`."""
Place = tuple[int, str]
"""Where a name in lower case stands, and the name."""

_MOST_LETTERS = 1 << 24  # of the texts that are kept: some 80 MB with their runs


class Readings:
    """Texts that were read, each with its runs, and whether as a headline.

    Attributes
    ----------
    small : dict
        By text, where known names in lower case stand in it.
    """

    def __init__(self) -> None:
        self.small: dict[str, tuple[Place, ...]] = {}
        self._runs: dict[tuple[str, bool], tuple[Part, ...]] = {}
        self._room = _MOST_LETTERS

    def runs(self, text: str, *, title: bool) -> tuple[Part, ...] | None:
        """The runs of a text, if they were kept."""
        return self._runs.get((text, title))

    def keep(self, text: str, runs: Sequence[Part], *, title: bool) -> None:
        """Keep the runs of a text, as long as there is room."""
        if self._room > 0:
            self._runs[text, title] = tuple(runs)
            self._room -= len(text)

    def keep_small(self, text: str, places: tuple[Place, ...]) -> None:
        """Keep the positions of known names in lower case in a text, as long as there is room."""
        if self._room > 0:
            self.small[text] = places
            if (text, False) not in self._runs and (text, True) not in self._runs:
                self._room -= len(text)

    def for_follower(self, *, same_words: bool) -> Readings:
        """The same for a reader that keeps no more, and that may know other names in lower case."""
        readings = Readings()
        readings._runs, readings._room = self._runs, 0
        readings.small = self.small if same_words else {}
        return readings
