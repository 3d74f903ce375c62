"""The present and the next content of a folder of pages: planning only, no page is written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from relatedness.dates import EarlyDate, day_text
from relatedness.errors import InputError, UnknownEventError
from relatedness.events import Event
from relatedness.index import (
    StoryBasis,
    best_linked,
    event_digests,
    list_digests,
    story_and_pool,
    story_title,
)
from relatedness.progress import Clock
from relatedness.publish._feeds import sitemap_names
from relatedness.publish._layout import EventEntry, Site, StoryEntry
from relatedness.publish._paths import ROOT, Paths, day_folder
from relatedness.publish._render import ASSETS, FORMATS
from relatedness.publish._search import search_names
from relatedness.publish._settings import Settings, digest_of_code
from relatedness.publish._words import SiteWords
from relatedness.topics import REFERENCE

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex

_SHORTEST_STORY = 5
_SHOWN_BY = {"k", "background", "follow_ups", "overrides", "code"}
"""The settings that affect what pages show of a list."""
Sums = dict[str, list[int]]
_OUTSIDE = ("//", "/./", "/../", "\0", "\n/.relatedness/")
_TOLD = {"code": "version of relatedness"}


def check_inside(name: object, file: Path) -> None:
    """Raise `InputError` unless a name from a state file denotes a file in the site's folder other than a state file."""
    parts = name.split("/") if isinstance(name, str) else [""]
    if parts[0] == ".relatedness" or any(part in {"", ".", ".."} or "\0" in part for part in parts):
        raise InputError(
            f"names {name!r}, which is not a file of the site: remove it and publish to an empty folder",
            file=file,
        )


def check_all_inside(names: Sequence[object], file: Path) -> None:
    """The same as `check_inside` for many names, fast if all are valid."""
    try:
        lines = "\n/" + "/\n/".join(names) + "/\n"  # type: ignore[arg-type]  # what is no text raises
    except TypeError:
        lines = ""
    # A line break in a name would make two lines of it.
    if lines.count("\n") != len(names) + 1 or any(part in lines for part in _OUTSIDE):
        for name in names:
            check_inside(name, file)


@dataclass(slots=True)
class Manifest:
    """The content of a folder: enough to plan its next state without reading a page."""

    settings: dict[str, Any]  # from `Settings.to_record`
    entries: list[EventEntry]
    state: str  # the state of the index, as ``info["state"]`` names it
    # Event to the digests of its record and topics, of its stored list, and of what pages show of that list.
    sums: Sums
    topics: dict[str, str]  # topic to its path
    stories: list[StoryEntry]
    # The paths of lists, and the names of all other files.
    lists: list[str]
    others: list[str]

    NAME = "manifest.json"

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """The manifest of a folder, or None."""
        path = folder / cls.NAME
        try:
            record = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise InputError(
                f"is damaged ({error}): remove it and publish to an empty folder", file=path
            ) from error
        try:
            manifest = cls(
                settings=record["settings"],
                entries=[
                    EventEntry(
                        id=id_,
                        path=location,
                        title=title,
                        day=day,
                        seconds=seconds,
                        topics=tuple(topics),
                        hidden=hidden,
                    )
                    for id_, location, title, day, seconds, topics, hidden in record["entries"]
                ],
                state=record.get("state", ""),
                sums=_checked_sums(record) if record["settings"].get("code") == digest_of_code() else {},
                topics=record["topics"],
                stories=[
                    StoryEntry(seed, title, location, tuple(ids), tuple(map(tuple, contexts)), *made)
                    for seed, title, location, ids, contexts, *made in record["stories"]
                ],
                lists=record["lists"],
                others=record["others"],
            )
            names = [
                *(entry.path for entry in manifest.entries),
                *(story.path for story in manifest.stories),
                *manifest.topics.values(),
                *manifest.lists,
                *manifest.others,
            ]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError("is damaged: remove it and publish to an empty folder", file=path) from error
        check_all_inside(names, path)
        return manifest

    def write(self, staging: Path) -> None:
        """Write it to a folder."""
        record = {
            "settings": self.settings,
            "entries": list(map(tuple, self.entries)),
            "state": self.state,
            "sums": self.sums,
            "topics": self.topics,
            "stories": list(map(tuple, self.stories)),
            "lists": self.lists,
            "others": self.others,
        }
        (staging / self.NAME).write_bytes(orjson.dumps(record))

    def site(self) -> Site:
        """The site that it describes."""
        words = SiteWords(self.settings["language"])
        root = self.settings.get("root", ROOT)
        return Site(self.settings["title"], self.entries, self.stories, self.topics, words, root)

    def names_but(self, new: Manifest) -> list[str]:
        """The files of the site that a later state of it does not have, sorted."""
        mine, theirs = self._paths(), new._paths()
        endings, later = (set(one.settings.get("formats", FORMATS)) for one in (self, new))
        gone = {f"{path}.{ending}" for path in mine - theirs for ending in endings}
        gone |= {f"{path}.{ending}" for path in mine & theirs for ending in endings - later}
        return sorted(gone | (set(self.others) - set(new.others)))

    def _paths(self) -> set[str]:
        """The paths of all pages."""
        return {*(entry.path for entry in self.entries), *self.lists}


def _checked_sums(record: Mapping[str, Any]) -> Sums:
    sums: Sums = record["sums"]
    for event, whole, shown in sums.values():
        if type(event) is not int or type(whole) is not int or type(shown) is not int:
            raise TypeError("a digest is a whole number")
    return sums


@dataclass(slots=True)
class SitePlan:
    """The new state of a site, and the parts of it to check."""

    site: Site
    manifest: Manifest
    # Ids of events, paths of lists, and the years whose part of the search is to be written.
    events: list[str]
    lists: list[str]
    years: list[str]


@dataclass(frozen=True, slots=True)
class Touched:
    """What changed since the last publish."""

    events: set[str]  # the ids of events that are new or gone, or whose records or topics changed
    pages: set[str]  # these, and the ids of those whose pages show another list


def why_everything(old: Manifest | None, settings: Settings) -> str:
    """Why checking only changed pages is not enough; empty if it is."""
    if old is None:
        return "nothing has been published to this folder before"
    differ = [_TOLD.get(name, name.replace("_", "-")) for name in other_settings(old, settings)]
    return f"{', '.join(differ)} changed since the last publish" if differ else ""


def other_settings(old: Manifest, settings: Settings) -> list[str]:
    """The names of the settings that differ from those of the last publish."""
    new = settings.to_record()
    return [name for name in new if old.settings.get(name) != new[name]]


def plan_site(
    index: RelatedIndex,
    settings: Settings,
    old: Manifest | None,
    changed: Iterable[str] | None,
    clock: Clock,
) -> SitePlan:
    """Decide which pages a site will have, and which of them to check.

    Parameters
    ----------
    old : Manifest, optional
        What was published last.
    changed : iterable of str, optional
        The events that a refresh named; without it every page is looked at.
    clock : Clock
        Times the stages plan and stories.
    """
    before = {} if old is None else {entry.id: entry for entry in old.entries}
    with clock.stage("plan"):
        sums = _sums(index, settings, old)
    touched: Touched | None = None
    if changed is not None and old is not None:
        # A refresh also names lists in which only scores changed, which no page shows; changes it did not name count too.
        none = (-1, -1, -1)
        events = {id_ for id_, (event, _, _) in sums.items() if old.sums.get(id_, none)[0] != event}
        events |= sums.keys() ^ before.keys()
        pages = {id_ for id_, (_, _, shown) in sums.items() if old.sums.get(id_, none)[2] != shown}
        # A list under overrides depends on more than the stored list.
        touched = Touched(events, events | pages | index._view.overridden())
    with clock.stage("plan") as report:
        entries = _entries(index, settings.root, before, None if touched is None else touched.events, report)
    with clock.stage("stories") as report:
        stories = _stories(index, settings, entries, sums, old, report)
    with clock.stage("plan"):
        return _plan(index, settings, old, sums, touched=touched, entries=entries, stories=stories)


def _plan(
    index: RelatedIndex,
    settings: Settings,
    old: Manifest | None,
    sums: Sums,
    *,
    touched: Touched | None,
    entries: Mapping[str, EventEntry],
    stories: list[StoryEntry],
) -> SitePlan:
    topics = {} if old is None else old.topics
    site = Site(
        settings.title, entries.values(), stories, topics, SiteWords(settings.language), settings.root
    )
    others = [*ASSETS, "atom.xml", "feed.json", *sitemap_names(len(site.entries) + len(site.lists))]
    others += [name for name, _ in site.topic_feeds.values()]
    if "html" in settings.formats:
        others += search_names(site)
    manifest = Manifest(
        settings=settings.to_record(),
        entries=list(site.entries.values()),
        state=index.info["state"],
        sums=sums,
        topics={name: path.removesuffix("/index") for name, path in site.topic_paths.items()},
        stories=stories,
        lists=list(site.lists),
        others=others,
    )
    if touched is None or old is None:
        return SitePlan(site, manifest, list(site.entries), list(site.lists), list(site.years))
    past = old.site()
    if bool(past.stories) != bool(
        site.stories
    ):  # every page links to the list of stories, where there is one
        return SitePlan(site, manifest, list(site.entries), list(site.lists), list(site.years))
    events = touched.pages & site.entries.keys()
    events |= _listing(
        index,
        settings,
        {id_ for id_ in touched.events & past.entries.keys() if _shown(site, id_) != _shown(past, id_)},
    )
    # A topic has a page only while it has two or more events, so links to it may appear or vanish.
    for name in past.topic_paths.keys() ^ site.topic_paths.keys():
        events |= {
            entry.id for entry in site.topics.get(name, past.topics.get(name, ()))
        } & site.entries.keys()
    events |= {id_ for id_ in site.entries if site.story_of.get(id_) != past.story_of.get(id_)}
    days = {
        f"{day_folder(site.entries[id_].day, settings.root)}/index"
        for id_ in touched.events & site.entries.keys()
    }
    lists = [*sorted(days), *(path for path in site.other_lists(past) if path not in days)]
    other_years = [year for year, found in site.years.items() if past.years.get(year) != found]
    return SitePlan(site, manifest, [id_ for id_ in site.entries if id_ in events], lists, other_years)


def _shown(site: Site, id_: str) -> tuple[str, str] | None:
    entry = site.entries.get(id_)
    return entry and (entry.title, entry.path)


def _listing(index: RelatedIndex, settings: Settings, ids: set[str]) -> set[str]:
    """The events whose pages show one of these."""
    if not ids:
        return set()
    return {
        str(id_)
        for id_, items in index.lists(depth(index, settings), reasons=False)
        if any(str(item.id) in ids for item in items)
    }


def _entries(
    index: RelatedIndex,
    root: str,
    before: Mapping[str, EventEntry],
    touched: set[str] | None,
    report: Callable[[int, int], None],
) -> dict[str, EventEntry]:
    entries = {} if touched is None else {id_: e for id_, e in before.items() if id_ not in touched}
    wanted = list(map(str, index.events)) if touched is None else sorted(touched)
    paths = Paths({id_: entry.path for id_, entry in before.items()})
    found: list[tuple[Event, tuple[str, ...], int]] = []
    for at, id_ in enumerate(wanted):
        if at % 1000 == 0:
            report(at, len(wanted))
        try:
            event = index.events[id_]
            topics = [topic for topic in index.topics(id_) if topic.kind != REFERENCE]
        except UnknownEventError:
            continue  # a removed event
        told = [topic.name for topic in topics if topic.how != "parent"]
        implied = [topic.name for topic in topics if topic.how == "parent"]
        if isinstance(event.date, EarlyDate):
            raise InputError(
                f"the event {event.id} has the date {event.when}, but pages can only be filed by dates from the year 1 on: "
                "remove the event"
            )
        found.append((event, (*told, *implied), len(implied)))
    # Assign ids that are paths of archive pages first, so that no other page takes them.
    found.sort(
        key=lambda item: (not item[0].key.startswith(f"{root}/"), _day(item[0]), item[0].seconds, item[0].key)
    )
    for event, names, hidden in found:
        day = _day(event)
        path = paths.give(
            event.key, day_folder(day, root), event.title if event.title.strip() else event.text
        )
        entries[event.key] = EventEntry(
            id=event.key,
            path=path,
            title=event.headline,
            day=day,
            seconds=event.seconds,
            topics=names,
            hidden=hidden,
        )
    return entries


def _day(event: Event) -> str:
    return "" if event.date is None else day_text(event.date)


def _sums(index: RelatedIndex, settings: Settings, old: Manifest | None) -> Sums:
    """The digests of all events for the manifest; lists are read only where they changed since the last publish."""
    events = event_digests(index)
    kept: Sums = {}
    if old is not None and _SHOWN_BY.isdisjoint(other_settings(old, settings)):
        kept = old.sums
    again: list[str] | None = None
    if kept and old is not None:
        # All lists, if the index is not a later state of the published one.
        other = set(map(str, index.changed_since(old.state).lists))
        again = (
            [id_ for id_ in events if id_ in other or id_ not in kept] if len(other) < len(events) else None
        )
    lists = dict(list_digests(index, depth(index, settings), again))
    return {id_: [event, *(lists[id_] if id_ in lists else kept[id_][1:])] for id_, event in events.items()}


def _stories(
    index: RelatedIndex,
    settings: Settings,
    entries: Mapping[str, EventEntry],
    sums: Sums,
    old: Manifest | None,
    report: Callable[[int, int], None],
) -> list[StoryEntry]:
    """The main stories: those that already have a page, then those around the events with the strongest links.

    A story that lies mostly inside those chosen before is left out, as is one that holds most of one of them, and one whose
    events are linked to its own event and not among each other: held together by a single phrase. A published story is made
    again only if its inputs changed.
    """
    most = settings.stories
    if not most:
        return []
    before = {story.seed: story for story in (old.stories if old is not None else ())}
    counts = dict(index.topic_counts())

    def frequency(topic: str) -> int:
        return counts.get(topic, 0)

    basis = None
    if not index.overrides:
        events = {id_: event for id_, (event, _, _) in sums.items()}
        lists = {id_: whole for id_, (_, whole, _) in sums.items()}
        basis = StoryBasis(index, events, lists, lambda id_: entries[id_].topics, frequency)
    paths = Paths({seed: story.path.removesuffix("/index") for seed, story in before.items()})
    chosen: list[StoryEntry] = []
    inside: set[str] = set()
    for seed in chain(before, best_linked(index)):
        if len(chosen) == most:
            break
        report(len(chosen), most)
        if seed in inside or seed not in entries:
            continue
        known = before.get(seed)
        if known is not None and basis is not None and basis.of(seed, known.pool) == known.basis:
            found = known._replace(title=story_title(index, seed, known.events, frequency, len(sums)))
        else:
            story, pool = story_and_pool(index, seed, frequency=frequency, size=len(sums))
            if len(story.links) < len(story):
                continue
            keys = tuple(map(str, pool))
            found = StoryEntry(
                seed=seed,
                title=story.title,
                path="",
                events=tuple(str(event.id) for event in story),
                contexts=tuple(event.contexts for event in story),
                basis=-1 if basis is None else basis.of(seed, keys),
                pool=keys,
            )
        ids = set(found.events)
        if len(ids) < _SHORTEST_STORY or 2 * len(inside & ids) > len(ids):
            continue
        if any(2 * len(ids.intersection(other.events)) > len(other.events) for other in chosen):
            continue
        inside |= ids
        path = f"{paths.give(seed, 'stories', found.title)}/index"
        chosen.append(found._replace(path=path))
    return _told_apart(chosen, entries, SiteWords(settings.language))


def _told_apart(
    stories: Sequence[StoryEntry], entries: Mapping[str, EventEntry], words: SiteWords
) -> list[StoryEntry]:
    """Distinguish stories of the same title by their months, or by their days if the months are equal too."""
    told = list(stories)
    for named in (words.month, words.day):
        times = Counter(story.title for story in told)
        for position, (story, plain) in enumerate(zip(told, stories, strict=True)):
            if times[story.title] > 1:
                days = [entries[id_].day for id_ in story.events if entries[id_].day] or [""]
                when = words.span(named(days[0]), named(days[-1]))
                told[position] = story._replace(title=f"{plain.title} ({when})")
    return told


def depth(index: RelatedIndex, settings: Settings) -> int:
    """How many results of each list the pages need."""
    if settings.background or settings.follow_ups:
        return index.config.lists.stored
    return settings.k
