"""One event's list as it is shown: filters, editors' overrides, spread over time, fallback tiers; and who is out, why.

The stored list answers the plain question. Whatever else is asked goes through `Lister.listing`, which gives
both the results and what became of all the others, so that the two can never disagree.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relatedness.caching import cached_property
from relatedness.config import Config
from relatedness.errors import IndexFormatError
from relatedness.events import Event
from relatedness.index._asked import Asked
from relatedness.index._options import ListOptions
from relatedness.index._overrides import Overrides
from relatedness.index._results import ALL_WORDS, CONTEXT, PERIOD, PINNED, TITLE, WORDS, Related
from relatedness.index._search import Search
from relatedness.index._why_not import WhyNot
from relatedness.numbering import Row, RowNumber, as_rows, row_at, row_numbers
from relatedness.ranking import (
    BELOW_CUTOFF,
    BELOW_FLOOR,
    COPY_OF_RESULT,
    LISTED,
    LITTLE_OVERLAP,
    PARTS,
    UNITS,
    calibration_settings,
    shares,
)
from relatedness.settings import RecencySettings
from relatedness.storage import Store, loads_record
from relatedness.topics import PLACES

PERIOD_DAYS = 30
"""The period of an event: this much time before and after it."""
_FIRST_UNITS = 1 << 31
_LONGEST_TITLE = 300  # characters: a longer query text is not compared with titles
_TOO_CLOSE, _TOO_LOW = "spread", "min-score"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of a list resolved for one index: its default length filled in, the recency complete."""

    options: ListOptions
    k: int
    recency: RecencySettings | None = None  # None for the index's own


@dataclass(slots=True)
class _Kept:
    """A result."""

    row: RowNumber
    parts: NDArray[np.int64]
    total: int
    copies: int = 0
    tier: str = ""


@dataclass(slots=True)
class Listing:
    """An event's list, and what became of every other candidate."""

    kept: list[_Kept]  # the results, best first; more than are shown where there are more
    scores: dict[RowNumber, int]  # row of each candidate to its full score in units
    # Row of each excluded candidate to the rule that excludes it and the row of the result that blocks it, if any.
    left_out: dict[RowNumber, tuple[str, RowNumber | None]]
    # If the list of candidates is full, the first-stage score of its last candidate, in units of ``2**-31``.
    weakest: int | None
    best: int = 0  # the score of the best result that is not pinned, in units: the cutoff is relative to it


@dataclass(frozen=True, slots=True)
class _Measured:
    """By how much a rule excluded an event; see `WhyNot`."""

    sentence: str
    value: float | None = None
    needed: float | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class _Out:
    """A candidate that a rule left out: its row, that of the result it stands behind, and its score in units."""

    rule: str
    row: RowNumber
    original: RowNumber | None
    score: int


_RULES = {
    BELOW_FLOOR: "floor",
    BELOW_CUTOFF: "cutoff",
    COPY_OF_RESULT: "near-duplicate",
    LITTLE_OVERLAP: "overlap",
}


def _anyones(asked: Asked, wanted: Wanted) -> Asked:
    """The query without its language if events of all languages are wanted."""
    return replace(asked, language=-1, first=None) if wanted.options.across_languages else asked


def _folded(title: str) -> str:
    """A title in a form without case, extra spaces and final punctuation, for comparison."""
    return " ".join(title.casefold().split()).rstrip(".!?… ")


def _as_title(event: Event) -> str:
    """The query text in the form of `_folded`; empty if the query has both a title and a text."""
    return "" if event.title and event.text else _folded(event.title or event.text)


class Lister:
    """Makes the lists that the index does not store in the requested form.

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
        return self._search.filters.with_any(self._overrides.topics, self._overrides.events)

    def related(self, asked: Asked, wanted: Wanted) -> list[Related]:
        """The results; see `RelatedIndex.related` and `RelatedIndex.query`."""
        asked = _anyones(asked, wanted)
        kept = self.listing(asked, wanted).kept[: wanted.k]
        if not kept:
            return []
        rows = np.array([one.row for one in kept])
        parts = np.stack([one.parts for one in kept])
        records = self._search.records(asked, rows, parts, [one.copies for one in kept])
        return [
            Related(item.id, item.score, item.contexts, item.parts, item.copies, one.tier)
            for item, one in zip(records, kept, strict=True)
        ]

    def near(
        self, asked: Asked, wanted: Wanted
    ) -> tuple[list[_Kept], list[str], Callable[[_Kept], tuple[str, ...]]]:
        """The results without reasons, their ids, and a function that finds the contexts of a result."""
        kept = self.listing(asked, wanted).kept[: wanted.k]
        search = self._search
        ids = search.ids_of(as_rows(np.array([one.row for one in kept], dtype=np.int64)))
        return kept, ids, lambda one: tuple(search.contexts(asked, as_rows(np.array([one.row])))[0])

    def listing(self, asked: Asked, wanted: Wanted) -> Listing:
        """The complete list, with the outcome for every candidate."""
        search = self._search
        passing = search.filters.passing(asked, wanted.options)
        passing &= ~self._banned_for(asked)
        pins = [other for other in self._pins(asked) if passing[other]]
        allowed = passing.copy()
        allowed[pins] = False
        recency = search.curve(asked, wanted.recency)
        found, first = search.candidates(asked, allowed, recency)
        full = len(found) == self._config.lists.candidates
        listing = Listing([], {}, {}, int(first[-1]) if full else None)
        if pins:
            pinned = np.array(pins)
            listing.kept = [
                _Kept(other, parts, int(parts.sum()), 0, PINNED)
                for other, parts in zip(pins, search.judge(asked, pinned, recency).parts[0], strict=True)
            ]
        self._take_titled(asked, found, allowed, listing, wanted)
        self._walk(asked, found, listing, wanted)
        if wanted.options.fill and len(listing.kept) < wanted.k:
            versions, foreign = search.filters.apart(asked)
            self._fill(asked, passing & ~versions & ~foreign, listing, wanted)
        if asked.id is None and not listing.kept:
            # No floor for a query: if most events hold its words, users still want results, however likely by chance.
            self._take(asked, found, WORDS, listing, wanted)
        return listing

    def _take_titled(
        self, asked: Asked, found: NDArray[Row], allowed: NDArray[np.bool_], listing: Listing, wanted: Wanted
    ) -> None:
        """Take the candidates whose title is the text of the query, best first, even where the rules exclude them.

        A title of frequent words scores less with its own long text than with others that hold the words more often. One of
        function words or single letters alone ("Who are you?", "r") has no candidates: it is looked up among all titles.
        """
        said = _as_title(asked.event) if asked.event is not None else ""
        if not said or len(said) > _LONGEST_TITLE:
            return
        if len(asked.subject.vectors.columns):
            found = found[
                self._search.filters.with_all_words(asked, found)
            ]  # checked before their records are read
        else:
            found = self._titled(said, allowed & ~self._search.filters.apart(asked)[1])
        ids = self._search.ids_of(found)
        titles = [
            loads_record(kept[1]).get("title", "") if kept else "" for kept in self._store.record_texts(ids)
        ]
        same = found[[_folded(title) == said for title in titles]]
        if not len(same):
            return
        recency = self._search.curve(asked, wanted.recency)
        parts = self._search.judge(asked, same, recency, lenient=True).parts[0]
        totals = parts.sum(axis=1)
        for position in np.lexsort((-same, -totals)).tolist():
            row = row_at(same, position)
            listing.scores[row] = int(totals[position])
            self._keep(_Kept(row, parts[position], int(totals[position]), 0, TITLE), listing, wanted)

    def _titled(self, said: str, allowed: NDArray[np.bool_]) -> NDArray[Row]:
        """The allowed events that have a given title, which is in the form of `_folded`."""
        rows = (self._search.find(id_) for id_, title in self._store.titles() if _folded(title) == said)
        return as_rows(np.array([row for row in rows if row is not None and allowed[row]], dtype=np.int64))

    def _walk(self, asked: Asked, found: NDArray[Row], listing: Listing, wanted: Wanted) -> None:
        """Take the candidates in their order, subject to the rules."""
        if not len(found):
            return
        unfolded = wanted.options.copies
        recency = self._search.curve(asked, wanted.recency)
        verdicts = self._search.judge(asked, found, recency, copies=unfolded)
        pinned = [] if unfolded else [one.row for one in listing.kept if one.tier == PINNED]
        titled = {one.row for one in listing.kept if one.tier == TITLE}
        pins = as_rows(np.array(pinned, dtype=np.int64))
        repeats = self._search.near_copies(pins, found)[0] if len(pins) else np.zeros((0, len(found)), bool)
        repeated = repeats.sum(axis=0).tolist()
        # Plain Python numbers: this loop is a large part of a query's time, and indexing arrays one element at a time is slow.
        rows, totals = row_numbers(found), verdicts.parts[0].sum(axis=1).tolist()
        fates, originals = verdicts.fates[0].tolist(), verdicts.originals[0].tolist()
        order = verdicts.order[0].tolist()
        counted = self._copies(fates, originals, order)
        order, ahead = self._whole_first(asked, found, fates, order)
        listing.best = max(int(verdicts.best[0]), 0)
        if wanted.options.across_languages:
            self._without_words(verdicts.parts[0], listing.best, fates)
        for position in order:
            other, fate = rows[position], fates[position]
            if other in titled:
                continue
            listing.scores[other] = totals[position]
            if fate != LISTED:
                original = originals[position]
                listing.left_out[other] = (
                    _RULES.get(fate, "nothing"),
                    rows[original] if original >= 0 else None,
                )
            elif repeated[position]:
                pin = listing.kept[int(repeats[:, position].argmax())]
                pin.copies += 1 + counted.get(position, 0)
                listing.left_out[other] = "near-duplicate", pin.row
            else:
                tier = ALL_WORDS if position in ahead else ""
                copies = counted.get(position, 0)
                self._keep(
                    _Kept(other, verdicts.parts[0, position], totals[position], copies, tier), listing, wanted
                )

    def _whole_first(
        self, asked: Asked, found: NDArray[Row], fates: list[int], order: list[int]
    ) -> tuple[list[int], set[int]]:
        """The order in which listed events that hold all words of a query come first, and which of them that moves up.

        Many events share one of a few words. Shared neighbours tell which of them are of the same matter, but would put them before
        the event that says what is asked.
        """
        if asked.id is not None:
            return order, set()
        whole = self._search.filters.with_all_words(asked, found).tolist()
        listed = [position for position in order if fates[position] == LISTED]
        first = {position for position in listed if whole[position]}
        stay = set(itertools.takewhile(first.__contains__, listed))
        return sorted(order, key=lambda position: position not in first), first - stay

    def _without_words(self, parts: NDArray[np.int64], best: int, fates: list[int]) -> None:
        """List candidates that share no words, for instance because of another script, if their topics score well beside those
        of the best result. Of the same report in five languages, a version that shares the words of names scores higher than
        those that share only topics.
        """
        words, topics = parts[:, PARTS.index("words")], parts[:, PARTS.index("topics")]
        first = np.flatnonzero(parts.sum(axis=1) == best)
        if not len(first):
            return
        enough = self._config.lists.relative_cutoff * topics[first].max()
        for position in np.flatnonzero((words == 0) & (topics > 0) & (topics >= enough)).tolist():
            if fates[position] == BELOW_CUTOFF:
                fates[position] = LISTED

    def _copies(self, fates: list[int], originals: list[int], order: list[int]) -> dict[int, int]:
        """How many copies stand behind each listed position, counted as the stored lists count them."""
        copies: dict[int, int] = {}
        kept = 0
        for position in order:
            kept += fates[position] == LISTED
            if kept > self._config.lists.stored:
                break
            if fates[position] == COPY_OF_RESULT:
                copies[originals[position]] = copies.get(originals[position], 0) + 1
        return copies

    def _keep(self, one: _Kept, listing: Listing, wanted: Wanted) -> None:
        """Keep a result unless the caller's spread or minimum score excludes it."""
        if round(one.total / UNITS, 7) < wanted.options.min_score:
            listing.left_out[one.row] = _TOO_LOW, None
            return
        if wanted.options.spread and listing.kept:
            days = self._search.days_of(np.array([one.row, *(kept.row for kept in listing.kept)]))
            near = np.flatnonzero(np.abs(days[1:] - days[0]) < wanted.options.spread)
            if len(near):
                listing.left_out[one.row] = _TOO_CLOSE, listing.kept[int(near[0])].row
                return
        listing.left_out.pop(one.row, None)
        listing.kept.append(one)

    def _fill(self, asked: Asked, allowed: NDArray[np.bool_], listing: Listing, wanted: Wanted) -> None:
        """Fill a short list by tiers: same context, then, if asked, same period."""
        if asked.id is None:
            held = [(topic.name, topic.kind, topic.how) for topic in asked.topics]
        else:
            held = [(name, kind, how) for name, kind, how, _ in self._store.topics(asked.id)]
        names = [name for name, kind, how in held if how != "parent" and kind not in PLACES]
        same = self._search.filters.with_any(names) & allowed
        # Fetch enough to fill the list even if every event already considered is among them.
        found, _ = self._search.candidates(asked, same, self._search.curve(asked, wanted.recency))
        self._take(asked, found, CONTEXT, listing, wanted)
        if wanted.options.fill == "period" and len(listing.kept) < wanted.k:
            days = self._search.days_of(as_rows(np.arange(len(allowed))))
            near = as_rows(
                np.flatnonzero(allowed & (np.abs(days - int(asked.subject.days[0])) <= PERIOD_DAYS))
            )
            self._take(asked, near, PERIOD, listing, wanted)

    def _take(self, asked: Asked, found: NDArray[Row], tier: str, listing: Listing, wanted: Wanted) -> None:
        taken = {one.row for one in listing.kept}
        found = found[[other not in taken for other in row_numbers(found)]]
        if not len(found):
            return
        recency = self._search.curve(asked, wanted.recency)
        parts = self._search.judge(asked, found, recency, lenient=True).parts[0]
        gaps = np.abs(self._search.days_of(found) - int(asked.subject.days[0]))
        # Score down, then nearest in time, then date down and id up (descending position in the order).
        for position in np.lexsort((-found, gaps, -parts.sum(axis=1))).tolist():
            if len(listing.kept) >= wanted.k:
                return
            other = found[position : position + 1]
            shown = as_rows(np.array([one.row for one in listing.kept], dtype=np.int64))
            if (
                not self._search.repeats(asked, other)[0].any()
                and not self._search.near_copies(other, shown)[0].any()
            ):
                one = _Kept(row_at(other, 0), parts[position], int(parts[position].sum()), 0, tier)
                self._keep(one, listing, wanted)

    def _banned_for(self, asked: Asked) -> NDArray[np.bool_]:
        banned = self.barred
        pairs = [other for left, other in self._overrides.pairs if left == asked.id]
        if pairs:
            banned = banned.copy()
            for other in pairs:
                row = self._search.find(other)
                if row is not None:
                    banned[row] = True
        return banned

    def _pins(self, asked: Asked) -> list[RowNumber]:
        pins = self._overrides.pins.get(asked.id, ()) if asked.id is not None else ()
        rows = map(self._search.find, pins)
        return [row for row in rows if row is not None]

    def left_out(self, asked: Asked, wanted: Wanted, most: int) -> list[WhyNot]:
        """The best candidates that are not shown, each with the rule that excludes it; see `RelatedList.left_out`."""
        asked = _anyones(asked, wanted)
        search = self._search
        everyone = np.ones(len(self.barred), dtype=bool)
        if asked.row >= 0:
            everyone[asked.row] = False
        recency = search.curve(asked, wanted.recency)
        found, _ = search.candidates(asked, everyone, recency)
        if not len(found):
            return []
        listing = self.listing(asked, wanted)
        shown = {one.row for one in listing.kept[: wanted.k]}
        totals = search.judge(asked, found, recency).parts[0].sum(axis=1)
        # Score down, then date down and id up (descending position in the order).
        ranked = row_numbers(found[np.lexsort((-found, -totals))])
        best = [row for row in ranked if row not in shown][:most]
        return [
            self._answer(asked, id_, row, listing, wanted)
            for id_, row in zip(search.ids_of(as_rows(np.array(best, dtype=np.int64))), best, strict=True)
        ]

    def why_not(self, asked: Asked, other_id: str, wanted: Wanted) -> WhyNot:
        """See `RelatedIndex.why_not`."""
        other = self._search.row(other_id)
        asked = _anyones(asked, wanted)
        if asked.row == other:
            return WhyNot(asked.id, other_id, "self", "An event is never related to itself.", 0.0)
        return self._answer(asked, other_id, other, self.listing(asked, wanted), wanted)

    def _answer(
        self, asked: Asked, other_id: str, other: RowNumber, listing: Listing, wanted: Wanted
    ) -> WhyNot:
        search = self._search
        recency = search.curve(asked, wanted.recency)
        score = int(search.judge(asked, np.array([other]), recency).parts[0, 0].sum())
        position = next((position for position, one in enumerate(listing.kept) if one.row == other), None)

        def answer(rule: str, sentence: str, **numbers: Any) -> WhyNot:
            return WhyNot(asked.id, other_id, rule, sentence, round(score / UNITS, 7), **numbers)

        if position is not None and position < wanted.k:
            tier = listing.kept[position].tier
            note = f", {tier}" if tier else ""
            return answer("listed", f"It is in the list, at rank {position + 1}{note}.", rank=position + 1)
        for name, alone in wanted.options.filters().items():
            if not search.filters.passing(asked, alone)[other]:
                return answer("filter", f"It does not pass the filter {name}.", by=name)
        if self._banned_for(asked)[other]:
            by = self._ban(asked, other_id)
            return answer("banned", f"An editor banned it: {by}.", by=by)
        versions, foreign = search.filters.apart(asked)
        pinned = position is not None and listing.kept[position].tier == PINNED
        if versions[other] and not pinned:
            return answer("group", "Both are versions of the same item (one group).")
        if foreign[other] and not pinned:
            return answer("language", "They are in different languages.")
        if position is not None:
            last = listing.kept[wanted.k - 1]
            return answer(
                "rank",
                f"It is at rank {position + 1}, but the list shows {wanted.k} results: it scores {score / UNITS:.4f}, the "
                f"last result {last.total / UNITS:.4f}.",
                rank=position + 1, value=position + 1, needed=wanted.k,
            )  # fmt: skip
        if other not in listing.scores:
            first = search.first_score(asked, other, recency)
            if first == 0:
                return answer("nothing", "They share no word, phrase or topic.", value=0.0)
            if listing.weakest is None:
                # If the list of candidates is not full, every event that shares anything is a candidate.
                raise IndexFormatError(
                    f"{self._store.path} is damaged: {other_id} is missing from the candidates of {asked.id}"
                )
            value, needed = first / _FIRST_UNITS, listing.weakest / _FIRST_UNITS
            return answer(
                "candidates",
                f"It is not among the {self._config.lists.candidates} candidates: by words, phrases, topics and time "
                f"it scores {value:.4f}, the weakest candidate {needed:.4f}.",
                value=value, needed=needed,
            )  # fmt: skip
        rule, original = listing.left_out[other]
        found = self._measured(asked, _Out(rule, other, original, score), listing, wanted)
        return answer(rule, found.sentence, value=found.value, needed=found.needed, by=found.by)

    def _measured(self, asked: Asked, out: _Out, listing: Listing, wanted: Wanted) -> _Measured:
        """The sentence and the numbers for a candidate that a rule left out."""
        rule, other, original, score = out.rule, out.row, out.original, out.score
        value = score / UNITS
        if rule == "nothing":
            return _Measured("Their score is 0.", value=0.0)
        if rule == "floor":
            floor = self._search.floor_of(asked)
            needed = floor / UNITS
            whole, held = self._search.against_floor(asked, other)
            value = whole / UNITS
            by = "" if wanted.recency is None else " by the index's own recency"
            if whole >= floor:
                share = calibration_settings().floor.without_places
                value, needed = share * held / UNITS, share * needed
                return _Measured(
                    f"It scores {whole / UNITS:.4f}{by}, but {value:.4f} without the places that both name, below {needed:.4f}: {share:g} times "
                    "the floor, which random pairs reach.",
                    value=value, needed=needed,
                )  # fmt: skip
            return _Measured(
                f"It scores {value:.4f}{by}, below the floor of {needed:.4f}: random pairs score as much.",
                value=value, needed=needed,
            )  # fmt: skip
        if rule == "cutoff":
            best = listing.best / UNITS
            share = self._config.lists.relative_cutoff
            needed = best * share
            return _Measured(
                f"It scores {value:.4f}, but needs {needed:.4f}: {share:g} times {best:.4f}, the best score of the list.",
                value=value, needed=needed,
            )  # fmt: skip
        if rule == "overlap":
            best_row = next((row for row, total in listing.scores.items() if total == listing.best), None)
            value = self._search.likeness(asked, other)
            needed = 0.0 if best_row is None else self._search.likeness(asked, best_row)
            needed *= self._config.lists.minimum_overlap
            lists, neighbours = self._config.lists, shares(self._config)["neighbours"]
            also = (
                f", and shared neighbours that give {neighbours:.3f} of its score" if asked.row >= 0 else ""
            )
            return _Measured(
                "They share no distinctive word, and no topic except places or frequent ones. Such a result needs an overlap in words, "
                f"phrases and topics of {lists.sufficient_overlap:g}; with a shared topic{also}, an overlap of {needed:.4f} is enough, or "
                f"neighbours that give {lists.neighbour_share:g} of its score. Its overlap is {value:.4f}.",
                value=value, needed=needed,
            )  # fmt: skip
        if rule == _TOO_LOW:
            return _Measured(
                f"It scores {value:.4f}, below the minimum score of {wanted.options.min_score:g}.",
                value=value, needed=wanted.options.min_score,
            )  # fmt: skip
        assert original is not None, "the other rules name the result that stands in the way"
        (by,) = self._search.ids_of(np.array([original]))
        if rule == _TOO_CLOSE:
            days = self._search.days_of(np.array([original, other]))
            gap = abs(int(days[1] - days[0]))
            unit = "day" if gap == 1 else "days"
            return _Measured(
                f"It is {gap} {unit} from {by}, which ranks higher; results must be {wanted.options.spread} days apart.",
                value=gap, needed=wanted.options.spread, by=by,
            )  # fmt: skip
        cosine = float(self._search.near_copies(np.array([original]), np.array([other]))[1][0, 0])
        needed = self._config.lists.near_duplicate
        return _Measured(
            f"It repeats {by}, which ranks higher and has nearly the same date: the cosine of their words is {cosine:.3f}, "
            f"and from {needed:g} on, events are near-duplicates.",
            value=cosine, needed=needed, by=by,
        )  # fmt: skip

    def _ban(self, asked: Asked, other_id: str) -> str:
        """The line of the overrides file that bans a result."""
        overrides = self._overrides
        line = overrides.pairs.get((str(asked.id), other_id)) or overrides.events.get(other_id)
        what = ""
        if not line:
            held = [name for name, *_ in self._store.topics(other_id) if name in overrides.topics]
            line, what = overrides.topics[held[0]], f" (topic {held[0]})"
        return f"{overrides.path or 'overrides'}, line {line}{what}"
