"""One event's list as it is shown: filters, editors' overrides, spread over time, fallback tiers; and who is out, why.

The stored list answers the plain question. Whatever else is asked goes through `Lister.listing`, which gives
both the results and what became of all the others, so that the two can never disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from relatedness.config import Config, Recency
from relatedness.errors import ConfigError
from relatedness.index._overrides import Overrides
from relatedness.index._results import CONTEXT, PERIOD, PINNED, Related, WhyNot
from relatedness.index._search import Search
from relatedness.ranking import (
    BELOW_FLOOR,
    BELOW_TAIL,
    COPY_OF_EVENT,
    COPY_OF_RESULT,
    LISTED,
    NO_GROUNDS,
    UNITS,
)
from relatedness.storage import Store
from relatedness.topics import PLACES

PERIOD_DAYS = 30
"""How far from an event its period reaches, either way."""
_FIRST_UNITS = 1 << 31
_TOO_CLOSE, _TOO_LOW = "spread", "min-score"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller asks of a list; see `RelatedIndex.related` for each."""

    k: int
    direction: str = "any"
    since: date | None = None
    until: date | None = None
    topics: Sequence[str] = ()
    language: str | None = None
    min_score: float = 0.0
    spread: int = 0
    fill: Literal["context", "period"] | None = None
    recency: Recency | None = None

    def __post_init__(self) -> None:
        for name, day in (("since", self.since), ("until", self.until)):
            if day is not None and not isinstance(day, date):
                raise ConfigError(f"{name} is {day!r}: expected a date")
        if self.since and self.until and self.since.toordinal() > self.until.toordinal():
            raise ConfigError(f"since is {self.since} and until {self.until}: no day is both")
        if self.spread < 0:
            raise ConfigError(f"spread is {self.spread}: expected a number of days from 0 up")
        if self.fill not in (None, "context", "period"):
            raise ConfigError(f"fill is {self.fill!r}: expected context or period")

    def filters(self) -> dict[str, tuple[Any, ...]]:
        """Each filter that is asked for by its name, as the arguments of `Search.passing`."""
        each: dict[str, tuple[Any, ...]] = {
            "direction": (self.direction, None, None, (), None),
            "since": ("any", self.since, None, (), None),
            "until": ("any", None, self.until, (), None),
            "topics": ("any", None, None, self.topics, None),
            "language": ("any", None, None, (), self.language),
        }
        asked = {
            "direction": self.direction != "any",
            "since": self.since is not None,
            "until": self.until is not None,
            "topics": bool(self.topics),
            "language": self.language is not None,
        }
        return {name: arguments for name, arguments in each.items() if asked[name]}


@dataclass(slots=True)
class _Kept:
    """A result."""

    row: int
    parts: NDArray[np.int64]
    copies: int = 0
    tier: str = ""

    @property
    def total(self) -> int:
        return int(self.parts.sum())


@dataclass(slots=True)
class Listing:
    """An event's list, and what became of every other candidate.

    Attributes
    ----------
    kept : list
        The results, best first; more than are shown where there are more.
    scores : dict
        Row of each candidate to its full score in units.
    left_out : dict
        Row of a candidate that is not among them to the rule and the row of the result that stands in its way, if
        one does.
    best : int
        The score of the best result in units, pinned ones apart: what the tail is measured by.
    weakest : int or None
        The first score of the last candidate where there are as many as may be, in units of ``2**-31``.
    """

    kept: list[_Kept]
    scores: dict[int, int]
    left_out: dict[int, tuple[str, int | None]]
    weakest: int | None
    best: int = 0


@dataclass(frozen=True, slots=True)
class _Measured:
    """By how much a rule left something out; see `WhyNot`."""

    sentence: str
    value: float | None = None
    needed: float | None = None
    by: str | None = None


_RULES = {
    BELOW_FLOOR: "floor",
    BELOW_TAIL: "tail",
    COPY_OF_EVENT: "near-copy",
    COPY_OF_RESULT: "near-copy",
    NO_GROUNDS: "grounds",
}


class Lister:
    """Makes the lists of an index that are not stored as they are wanted.

    Parameters
    ----------
    store : Store
    search : Search
    config : Config
    overrides : Overrides
    """

    def __init__(self, store: Store, search: Search, config: Config, overrides: Overrides) -> None:
        self._store = store
        self._search = search
        self._config = config
        self._overrides = overrides

    @cached_property
    def barred(self) -> NDArray[np.bool_]:
        """The events that are banned everywhere."""
        return self._search.with_any(self._overrides.topics, self._overrides.events)

    def related(self, id_: str, wanted: Wanted) -> list[Related]:
        """The results; see `RelatedIndex.related`."""
        row = self._search.row(id_)
        kept = self.listing(id_, row, wanted).kept[: wanted.k]
        if not kept:
            return []
        rows = np.array([one.row for one in kept])
        parts = np.stack([one.parts for one in kept])
        records = self._search.records(row, rows, parts, [one.copies for one in kept])
        return [
            Related(item.id, item.score, item.contexts, item.parts, item.copies, one.tier)
            for item, one in zip(records, kept, strict=True)
        ]

    def listing(self, id_: str, row: int, wanted: Wanted) -> Listing:
        """The list of an event in whole."""
        search = self._search
        passing = search.passing(
            row, wanted.direction, wanted.since, wanted.until, wanted.topics, wanted.language
        )
        passing &= ~self._banned_for(id_)
        pins = [other for other in self._pins(id_) if passing[other]]
        allowed = passing.copy()
        allowed[pins] = False
        recency = search.curve(wanted.recency)
        found, first = search.candidates(row, allowed, recency)
        full = len(found) == self._config.lists.candidates
        listing = Listing([], {}, {}, int(first[-1]) if full else None)
        if pins:
            pinned = np.array(pins)
            listing.kept = [
                _Kept(other, parts, 0, PINNED)
                for other, parts in zip(pins, search.judge(row, pinned, recency).parts[0], strict=True)
            ]
        self._walk(row, found, listing, wanted)
        if wanted.fill and len(listing.kept) < wanted.k:
            versions, foreign = search.apart(row)
            self._fill(id_, row, passing & ~versions & ~foreign, listing, wanted)
        return listing

    def _walk(self, row: int, found: NDArray[np.int64], listing: Listing, wanted: Wanted) -> None:
        """Take the candidates in their order as far as the rules let them."""
        if not len(found):
            return
        verdicts = self._search.judge(row, found, self._search.curve(wanted.recency))
        pins = np.array([one.row for one in listing.kept], dtype=np.int64)
        repeats = self._search.near_copies(pins, found)[0] if len(pins) else np.zeros((0, len(found)), bool)
        counted = self._copies(verdicts.fates[0], verdicts.originals[0], verdicts.order[0])
        for place in verdicts.order[0].tolist():
            other, fate = int(found[place]), int(verdicts.fates[0, place])
            parts = verdicts.parts[0, place]
            listing.scores[other] = int(parts.sum())
            if fate == LISTED:
                listing.best = max(listing.best, listing.scores[other])
            if fate != LISTED:
                original = int(verdicts.originals[0, place])
                listing.left_out[other] = (
                    _RULES.get(fate, "nothing"),
                    int(found[original]) if original >= 0 else None,
                )
            elif repeats[:, place].any():
                pin = listing.kept[int(repeats[:, place].argmax())]
                pin.copies += 1 + counted.get(place, 0)
                listing.left_out[other] = "near-copy", pin.row
            else:
                self._keep(_Kept(other, parts, counted.get(place, 0)), listing, wanted)

    def _copies(
        self, fates: NDArray[np.uint8], originals: NDArray[np.int32], order: NDArray[np.int64]
    ) -> dict[int, int]:
        """How many copies stand behind each listed place, counted as the stored lists count them."""
        copies: dict[int, int] = {}
        kept = 0
        for place in order.tolist():
            kept += fates[place] == LISTED
            if kept > self._config.lists.stored:
                break
            if fates[place] == COPY_OF_RESULT:
                copies[int(originals[place])] = copies.get(int(originals[place]), 0) + 1
        return copies

    def _keep(self, one: _Kept, listing: Listing, wanted: Wanted) -> None:
        """Keep a result unless the caller's spread or smallest score leaves it out."""
        if round(one.total / UNITS, 7) < wanted.min_score:
            listing.left_out[one.row] = _TOO_LOW, None
            return
        if wanted.spread and listing.kept:
            days = self._search.days_of(np.array([one.row, *(kept.row for kept in listing.kept)]))
            near = np.flatnonzero(np.abs(days[1:] - days[0]) < wanted.spread)
            if len(near):
                listing.left_out[one.row] = _TOO_CLOSE, listing.kept[int(near[0])].row
                return
        listing.left_out.pop(one.row, None)
        listing.kept.append(one)

    def _fill(self, id_: str, row: int, allowed: NDArray[np.bool_], listing: Listing, wanted: Wanted) -> None:
        """Fill a short list by tiers: same context, then, if asked, same period."""
        names = [
            name for name, kind, how, _ in self._store.topics(id_) if how != "parent" and kind not in PLACES
        ]
        same = self._search.with_any(names) & allowed
        # As many as could all be turned away, and the places of the list.
        found, _ = self._search.candidates(row, same, self._search.curve(wanted.recency))
        self._take(row, found, CONTEXT, listing, wanted)
        if wanted.fill == "period" and len(listing.kept) < wanted.k:
            days = self._search.days_of(np.arange(len(allowed)))
            near = np.flatnonzero(allowed & (np.abs(days - days[row]) <= PERIOD_DAYS))
            self._take(row, near, PERIOD, listing, wanted)

    def _take(self, row: int, found: NDArray[np.int64], tier: str, listing: Listing, wanted: Wanted) -> None:
        taken = {one.row for one in listing.kept}
        found = np.array([other for other in found.tolist() if other not in taken], dtype=np.int64)
        if not len(found):
            return
        recency = self._search.curve(wanted.recency)
        parts = self._search.judge(row, found, recency, lenient=True).parts[0]
        gaps = np.abs(self._search.days_of(found) - self._search.days_of(np.array([row])))
        # Score down, then the nearest in time, then date down and id up, which is its place in the order down.
        for place in np.lexsort((-found, gaps, -parts.sum(axis=1))).tolist():
            if len(listing.kept) >= wanted.k:
                return
            other = found[place : place + 1]
            shown = np.array([row, *(one.row for one in listing.kept)])
            if not self._search.near_copies(other, shown)[0].any():
                self._keep(_Kept(int(other[0]), parts[place], 0, tier), listing, wanted)

    def _banned_for(self, id_: str) -> NDArray[np.bool_]:
        banned = self.barred
        pairs = [other for left, other in self._overrides.pairs if left == id_]
        if pairs:
            banned = banned.copy()
            for other in pairs:
                row = self._search.find(other)
                if row is not None:
                    banned[row] = True
        return banned

    def _pins(self, id_: str) -> list[int]:
        rows = (self._search.find(other) for other in self._overrides.pins.get(id_, ()))
        return [row for row in rows if row is not None]

    def why_not(self, id_: str, other_id: str, wanted: Wanted) -> WhyNot:
        """See `RelatedIndex.why_not`."""
        row, other = self._search.row(id_), self._search.row(other_id)
        if row == other:
            return WhyNot(id_, other_id, "self", "An event is never related to itself.", 0.0)
        search = self._search
        recency = search.curve(wanted.recency)
        score = int(search.judge(row, np.array([other]), recency).parts[0, 0].sum())
        listing = self.listing(id_, row, wanted)
        place = next((place for place, one in enumerate(listing.kept) if one.row == other), None)

        def answer(rule: str, sentence: str, **numbers: Any) -> WhyNot:
            return WhyNot(id_, other_id, rule, sentence, round(score / UNITS, 7), **numbers)

        if place is not None and place < wanted.k:
            tier = listing.kept[place].tier
            note = f", {tier}" if tier else ""
            return answer("listed", f"It is in the list, at place {place + 1}{note}.", rank=place + 1)
        for name, arguments in wanted.filters().items():
            if not search.passing(row, *arguments)[other]:
                return answer("filter", f"It does not pass the filter {name}.", by=name)
        if self._banned_for(id_)[other]:
            by = self._ban(id_, other_id, other)
            return answer("banned", f"An editor banned it: {by}.", by=by)
        versions, foreign = search.apart(row)
        pinned = place is not None and listing.kept[place].tier == PINNED
        if versions[other] and not pinned:
            return answer("group", "Both are versions of one item (the same group).")
        if foreign[other] and not pinned:
            return answer("language", "They are of different languages.")
        if place is not None:
            last = listing.kept[wanted.k - 1]
            return answer(
                "rank",
                f"It comes at place {place + 1}, and the list shows {wanted.k}: it scores {score / UNITS:.4f}, "
                f"the last one shown {last.total / UNITS:.4f}.",
                rank=place + 1, value=place + 1, needed=wanted.k,
            )  # fmt: skip
        if other not in listing.scores:
            first = search.first_score(row, other, recency)
            if first == 0:
                return answer("nothing", "They share no word, phrase or topic.", value=0.0)
            assert listing.weakest is not None, "whoever shares something is a candidate while there is room"
            value, needed = first / _FIRST_UNITS, listing.weakest / _FIRST_UNITS
            return answer(
                "candidates",
                f"It is not among the {self._config.lists.candidates} candidates: by words, phrases, topics and time "
                f"it scores {value:.4f}, the weakest candidate {needed:.4f}.",
                value=value, needed=needed,
            )  # fmt: skip
        rule, original = listing.left_out[other]
        found = self._measured(rule, row, other, original, score, listing, wanted)
        return answer(rule, found.sentence, value=found.value, needed=found.needed, by=found.by)

    def _measured(
        self,
        rule: str,
        row: int,
        other: int,
        original: int | None,
        score: int,
        listing: Listing,
        wanted: Wanted,
    ) -> _Measured:
        """The sentence and the numbers for a candidate that a rule left out."""
        value = score / UNITS
        if rule == "nothing":
            return _Measured("Their score is 0.", value=0.0)
        if rule == "floor":
            needed = self._search.floor / UNITS
            if wanted.recency is not None:
                own = self._search.judge(row, np.array([other]), self._search.curve(None))
                value = int(own.parts[0, 0].sum()) / UNITS
            by = "" if wanted.recency is None else " by the index's own recency"
            return _Measured(
                f"It scores {value:.4f}{by}, the floor is {needed:.4f}: what chance brings together scores as much.",
                value=value, needed=needed,
            )  # fmt: skip
        if rule == "tail":
            best = listing.best / UNITS
            needed = best * self._config.lists.tail
            return _Measured(
                f"It scores {value:.4f}, less than {self._config.lists.tail:g} of the best of the list, "
                f"{best:.4f}: it needs {needed:.4f}.",
                value=value, needed=needed,
            )  # fmt: skip
        if rule == "grounds":
            best_row = next((kept.row for kept in listing.kept if kept.tier != PINNED), None)
            value = self._search.likeness(row, other)
            needed = 0.0 if best_row is None else self._search.likeness(row, best_row)
            needed *= self._config.lists.grounds
            return _Measured(
                "They share no rare word and no topic but places or frequent ones. Then it needs a topic in common, and "
                f"a likeness in words, phrases and topics of {needed:.4f}; it has {value:.4f}, and shared neighbours give "
                f"less than {self._config.lists.kinship:g} of its score.",
                value=value, needed=needed,
            )  # fmt: skip
        if rule == _TOO_LOW:
            return _Measured(
                f"It scores {value:.4f}, the caller wants {wanted.min_score:g}.",
                value=value, needed=wanted.min_score,
            )  # fmt: skip
        twin = row if original is None else original
        (by,) = self._search.ids_of(np.array([twin]))
        if rule == _TOO_CLOSE:
            days = self._search.days_of(np.array([twin, other]))
            gap = abs(int(days[1] - days[0]))
            return _Measured(
                f"It lies {gap} days from {by}, which comes before it; results are {wanted.spread} days apart.",
                value=gap, needed=wanted.spread, by=by,
            )  # fmt: skip
        cosine = float(self._search.near_copies(np.array([twin]), np.array([other]))[1][0, 0])
        needed = self._config.lists.near_copy
        what = "the event itself" if original is None else f"{by}, which comes before it"
        return _Measured(
            f"It nearly repeats {what}: the cosine of their words is {cosine:.3f}, and from {needed:g} on only one "
            "is shown.",
            value=cosine, needed=needed, by=by,
        )  # fmt: skip

    def _ban(self, id_: str, other_id: str, other: int) -> str:
        """The line that bans a result."""
        overrides = self._overrides
        line = overrides.pairs.get((id_, other_id)) or overrides.events.get(other_id)
        what = ""
        if not line:
            held = [name for name, *_ in self._store.topics(other_id) if name in overrides.topics]
            line, what = overrides.topics[held[0]], f" (topic {held[0]})"
        return f"{overrides.path or 'overrides'}, line {line}{what}"
