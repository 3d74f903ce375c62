"""The steps of a refresh: read the events, make the plan, and carry it out on a copy that has no readers yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relatedness.arguments import check_type
from relatedness.collector import paused_collector
from relatedness.config import Config
from relatedness.errors import ConfigError
from relatedness.files import real, sweep
from relatedness.index._build import tables_in
from relatedness.index._plan import Changes, Plan, check_current, frozen_tagger, make_plan, nothing
from relatedness.index._resources import Resources
from relatedness.sources import ReadOptions, read_any
from relatedness.storage import Store, open_store

if TYPE_CHECKING:
    from relatedness.sources import Rejects
    from relatedness.topics import Tagger


@dataclass(frozen=True, slots=True)
class Given:
    """The events that `RelatedIndex.plan` and `RelatedIndex.refresh` are given, and how to read them.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> planned(Given(remove=["dam"]), index._store, index.config, Resources(jobs=1)).removed
    ('dam',)
    """

    events: Any = ()
    remove: Iterable[str] = ()
    mirror: bool = False
    refit: bool = False
    options: ReadOptions = field(default_factory=ReadOptions)
    rejects: str | Path | Rejects | None = None
    max_remove: float | None = None

    def __post_init__(self) -> None:
        if self.max_remove is None:
            return
        check_type(self.max_remove, "max_remove", (int, float), "a share from 0 to 1")
        if not 0 <= self.max_remove <= 1:
            raise ConfigError(f"max_remove is {self.max_remove}: expected a share from 0 to 1, such as 0.2")


@paused_collector()
def planned(
    given: Given,
    store: Store,
    config: Config,
    resources: Resources,
    tagger: Callable[[], Tagger] | None = None,
) -> Plan:
    """Compare events with an index.

    Parameters
    ----------
    tagger : callable, optional
        Returns the index's tagger; pass it where the caller needs the same tagger afterwards.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> later = {"id": "siege", "date": "2016-10-17", "text": "Iraq begins to retake Mosul."}
    >>> plan = planned(Given([later], remove=["dam"]), index._store, index.config, Resources(jobs=1))
    >>> [event.id for event in plan.added], plan.removed, plan.refit
    (['siege'], ('dam',), '2 changed since they were fitted on 2 events')
    """
    with resources.clock.stage("read") as report:
        with store.reading():
            earlier = store.meta("reading", absent={})
        options, told = given.options.remembering(earlier)
        before, now = earlier.get("tables", []), tables_in(given.events).get("tables", [])
        if before and now and set(before).isdisjoint(now):
            told.append(f"read: {', '.join(now)}; the index was built from {', '.join(before)}")
        reading = read_any(given.events, options, given.rejects, report)
        plan = make_plan(
            store,
            config,
            tagger or frozen_tagger(store, config, resources.tagger),
            reading,
            given.remove,
            mirror=given.mirror,
            refit=given.refit,
            counts=lambda: (reading.repeats, reading.rejected),
            spared=reading.kept,
            max_remove=given.max_remove,
        )
        read = reading.report()
        return replace(plan, read=replace(read, found=(*told, *read.found)))


def change_file(
    path: Path,
    given: Plan | Given,
    resources: Resources,
) -> Changes:
    """Refresh an index file as its only writer.

    Raises
    ------
    BusyError
        If another process writes the index for longer than ``resources.wait`` seconds.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness import RelatedIndex
    >>> path = Path(tempfile.mkdtemp(), "news.index")
    >>> RelatedIndex.build([{"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}], path).close()
    >>> later = {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."}
    >>> change_file(path, Given([later]), Resources(jobs=1)).added
    ('dam',)
    """
    with resources.writing(path):
        sweep(real(path))
        # Plan under the lock: no other process can write, so the state read here is still current when the change is made.
        with closing(open_store(path)) as before:
            changes, _ = change(before, given, resources)
    return changes


@paused_collector()
def change(before: Store, given: Plan | Given, resources: Resources) -> tuple[Changes, Store]:
    """Carry a refresh out.

    Parameters
    ----------
    before : Store
        The index as it is.
    given : Plan or Given
        What to do, or the events from which to plan it.

    Returns
    -------
    Changes
    Store
        The new state of an index in memory; for a file, and if nothing changes, the store that was given.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> changes, after = change(index._store, Given(remove=["dam"]), Resources(jobs=1))
    >>> changes.removed, after.ids(), index._store.ids()
    (('dam',), ['fall'], ['fall', 'dam'])
    """
    from relatedness.index._refresh import carry_out, refit
    from relatedness.index._text_reader import encoder_of
    from relatedness.ranking import make_encoder

    with before.reading():
        config = Config.from_dict(before.meta("config"))
    # Share one tagger between plan and execution: making it takes a tenth of a refresh by one event.
    tagger = frozen_tagger(before, config, resources.tagger)
    if isinstance(given, Given):
        plan = planned(given, before, config, resources, tagger)
    else:
        plan = given
        check_current(before, plan)
    if plan.empty:
        return nothing(plan, resources.clock), before
    if plan.refit is not None:
        encoder = resources.encoder or make_encoder(config)
        after = type(before).create(before.path)
    else:
        has_texts = before.meta("encoder") is not None and (plan.added or plan.changed)
        encoder = encoder_of(before, config, resources.encoder) if has_texts else None
        after = before.copy() if before.path is None else type(before).edit(before.path)
    resources = replace(resources, encoder=encoder)
    try:
        if plan.refit is not None:
            changes = refit(before, after, plan, config, resources)
        else:
            changes = carry_out(after, plan, config, resources, tagger)
            after.commit()
    except BaseException:
        after.close()
        raise
    if before.path is None:
        return changes, after
    after.close()
    return changes, before
