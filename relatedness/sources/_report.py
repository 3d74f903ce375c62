"""What a reading used and what it left out, for the summary of a build or refresh."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from relatedness.errors import InputError

_TOLD = 5  # faults that are shown
HIDDEN = ("drafts", "hidden", "dated in the future", "expired", "redirects")
"""The reasons for which a site does not show a post."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The description of a file that is not an event, for the summary: ``pages without a date``."""

    reason: str


class Post(dict[str, Any]):
    """The record of one post, for `Event.make`.

    Attributes
    ----------
    notes : tuple of str
        What was decided about its date, in words for the summary.
    """

    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Faulty:
    """A file that cannot be read, and the id that it had as an event."""

    error: InputError
    id: str


@dataclass(frozen=True, slots=True)
class ReadReport:
    r"""What a reading left out, and what could not be read.

    Attributes
    ----------
    left_out : dict
        Files that are not events, by description: ``{"pages without a date": 12, "drafts": 3}``.
    faulty : int
        The number of files that could not be read and were put aside.
    faults : tuple of str
        The first hundred of them, each with its position, what is wrong and what to do.
    found : tuple of str
        What was read from which columns, and what was noticed about the files.

    Examples
    --------
    >>> print(*ReadReport({"drafts": 3}, faulty=1, faults=("a.md: the date is missing",)).lines(), sep="\n")
    left out: drafts (3)
    1 post could not be read and was left out (strict=True stops at the first one):
      a.md: the date is missing
    """

    left_out: dict[str, int] = field(default_factory=dict)
    faulty: int = 0
    faults: tuple[str, ...] = ()
    found: tuple[str, ...] = ()

    @property
    def hidden(self) -> int:
        """How many posts were left out because their site does not show them.

        Returns
        -------
        int
        """
        return sum(self.left_out.get(reason, 0) for reason in HIDDEN)

    def without_events(self) -> str:
        """The message for a reading that found no events: what was left out, and what to type.

        Returns
        -------
        str

        Examples
        --------
        >>> print(ReadReport().without_events())
        there are no events to build an index from: the source holds no records
        """
        said = self.lines()
        why = "" if said else ": the source holds no records"
        lines = [f"there are no events to build an index from{why}", *said]
        if self.left_out.get("pages without a date"):
            lines.append(
                "undated='keep' also reads pages without a date; fields={'NAME': 'date'} names the field that holds the date"
            )
        return "\n".join(lines)

    def lines(self) -> list[str]:
        """The report as lines for people.

        Returns
        -------
        list of str
            Empty if there is nothing to report.

        Examples
        --------
        >>> ReadReport({"drafts": 3, "pages without a date": 1200}).lines()
        ['left out: drafts (3), pages without a date (1,200)']
        """
        lines = list(self.found)
        if self.left_out:
            counts = ", ".join(f"{reason} ({count:,})" for reason, count in sorted(self.left_out.items()))
            lines.append(f"left out: {counts}")
        if self.faulty:
            posts = (
                "1 post could not be read and was"
                if self.faulty == 1
                else f"{self.faulty:,} posts could not be read and were"
            )
            lines.append(f"{posts} left out (strict=True stops at the first one):")
            lines += [f"  {fault}" for fault in self.faults[:_TOLD]]
            if self.faulty > _TOLD:
                lines.append(f"  and {self.faulty - _TOLD:,} more")
        return lines
