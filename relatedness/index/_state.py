"""The state of an index, and the lists that changed since an earlier state."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from relatedness.errors import ConfigError
from relatedness.events import EventId, id_of
from relatedness.storage import Store

_MARKS = 1000  # earlier states that an index remembers


@dataclass(frozen=True, slots=True)
class State:
    """Identifies a state of an index."""

    lineage: str  # a random name, chosen by each build
    generation: int  # 1 after the build; each refresh adds 1
    # Names of the last states, this one last. Two copies of an index that were refreshed apart have the same lineage
    # and perhaps the same generation, but not the same marks.
    marks: tuple[str, ...]

    @classmethod
    def first(cls) -> State:
        """The state of a new index."""
        return cls(secrets.token_hex(8), 1, (secrets.token_hex(4),))

    @classmethod
    def of(cls, store: Store) -> State:
        """The state of an index."""
        return cls(str(store.meta("lineage")), int(store.meta("generation")), tuple(store.meta("marks")))

    def next(self) -> State:
        """The state after a refresh."""
        return State(self.lineage, self.generation + 1, (*self.marks, secrets.token_hex(4))[-_MARKS:])

    def to_meta(self) -> dict[str, Any]:
        """The values to store in the index."""
        return {"lineage": self.lineage, "generation": self.generation, "marks": list(self.marks)}

    def __str__(self) -> str:
        return f"{self.lineage}-{self.generation}-{''.join(self.marks[-1:])}"

    def generation_of(self, state: str) -> int:
        """The generation of an earlier state; 0 if this index does not descend from it or no longer remembers it."""
        lineage, _, rest = state.partition("-")
        number, _, mark = rest.partition("-")
        if lineage == self.lineage and number.isascii() and number.isdecimal() and len(number) < 20:
            position = int(number) - self.generation - 1  # counting from the end
            if -len(self.marks) <= position < 0 and self.marks[position] == mark:
                return int(number)
        return 0


@dataclass(frozen=True, slots=True)
class ChangedLists:
    """The lists of an index that changed after one of its states.

    Attributes
    ----------
    state : str
        The present state: ask from it the next time.
    generation : int
        Its number: 1 after the build, and one more after each refresh.
    lists : tuple of str or int
        The ids of the events whose lists changed or are new, in the order of dates.
    removed : tuple of str or int
        The ids of events that were removed and not added again, in the order of ids.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> state = index.info["state"]
    >>> _ = index.refresh(remove=["dam"])
    >>> index.changed_since(state).removed
    ('dam',)
    """

    state: str
    generation: int
    lists: tuple[EventId, ...]
    removed: tuple[EventId, ...]

    def to_record(self) -> dict[str, Any]:
        """The same as plain JSON values, as ``relatedness changed --json`` prints them.

        Returns
        -------
        dict

        Examples
        --------
        >>> from relatedness import RelatedIndex
        >>> index = RelatedIndex.build([
        ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
        ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
        ... ])
        >>> state = index.info["state"]
        >>> _ = index.refresh(remove=["dam"])
        >>> record = index.changed_since(state).to_record()
        >>> record["lists_changed"], record["removed"]
        (['fall'], ['dam'])
        """
        return {
            "state": self.state,
            "generation": self.generation,
            "lists_changed": list(self.lists),
            "removed": list(self.removed),
        }


def changed_since(store: Store, since: int | str) -> ChangedLists:
    """The lists that changed after a state or a generation; see `RelatedIndex.changed_since`.

    Parameters
    ----------
    since : int or str
        A generation, or a state as ``info["state"]`` names it.

    Raises
    ------
    ConfigError
        If the index has not reached that generation.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> _ = index.refresh(remove=["dam"])
    >>> changed = changed_since(index._store, 1)
    >>> changed.lists, changed.removed, changed.generation
    (('fall',), ('dam',), 2)
    """
    state = State.of(store)
    now = state.generation
    generation = state.generation_of(since) if isinstance(since, str) else since
    if not 0 <= generation <= now:
        raise ConfigError(
            f"the index is at generation {now}, but {generation} was asked for: it has been built again since, so all "
            "lists count as changed; ask for generation 0"
        )
    if generation == 0:
        return ChangedLists(str(state), now, _ids(store.ids(), store), ())
    found = dict(store.changes_since(generation))
    there = [key for key in store.ids() if key in found] if found else []
    return ChangedLists(str(state), now, _ids(there, store), _ids(sorted(found.keys() - set(there)), store))


def _ids(keys: Iterable[str], store: Store) -> tuple[EventId, ...]:
    numbered = store.numbered
    return tuple(id_of(key, numbered) for key in keys)
