"""The present and the next content of a folder of pages: planning only, no page is written here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relatedness.errors import InputError, UnknownEventError
from relatedness.events import Event, day_text
from relatedness.progress import Clock
from relatedness.publish._feeds import sitemap_names, topic_feeds
from relatedness.publish._layout import ROOT, EventEntry, Paths, Site, StoryEntry, day_folder, title_of
from relatedness.publish._render import ASSETS, FORMATS
from relatedness.publish._search import search_names
from relatedness.publish._words import SiteWords

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex

LAYOUT = 5
"""The number of the layout of a site; raised when pages move or change so that all must be written again."""

_SHORTEST_STORY = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """How a site is published; with other settings every page is written again.

    Attributes
    ----------
    formats : tuple of str
        Of `relatedness.publish.FORMATS`.
    title, language, url : str
        The name of the site, the language of its headings, its address without a slash at the end.
    k : int
        The most related events on a page.
    background, follow_ups : int
        The most earlier and later ones in lists of their own.
    stories : int
        The most stories.
    root : str
        The folder of events.
    templates, overrides : str
        Digests of all templates, and of what editors pinned and banned.
    """

    formats: tuple[str, ...]
    title: str
    language: str
    url: str
    k: int
    background: int
    follow_ups: int
    stories: int
    root: str
    templates: str
    overrides: str

    def to_record(self) -> dict[str, Any]:
        """The settings as plain JSON values."""
        return asdict(self) | {"formats": list(self.formats), "layout": LAYOUT}


def check_inside(name: object, file: Path) -> None:
    """Raise `InputError` unless a name from a state file is that of a file in the site's folder, and no state file."""
    parts = name.split("/") if isinstance(name, str) else [""]
    if parts[0] == ".relatedness" or any(part in {"", ".", ".."} or "\0" in part for part in parts):
        raise InputError(
            f"names {name!r}, which is not a file of the site: remove it and publish to an empty folder",
            file=file,
        )


@dataclass(slots=True)
class Manifest:
    """The content of a folder: enough to plan its next state without reading a page.

    Attributes
    ----------
    settings : dict
        From `Settings.to_record`.
    entries : list of EventEntry
    sums : dict of str to int
        Event to the fingerprint of its record, topics and list, as it was published.
    topics : dict of str to str
        Topic to its path.
    stories : list of StoryEntry
    lists, others : list of str
        The paths of lists, and the names of all other files.
    """

    settings: dict[str, Any]
    entries: list[EventEntry]
    sums: dict[str, int]
    topics: dict[str, str]
    stories: list[StoryEntry]
    lists: list[str]
    others: list[str]

    NAME = "manifest.json"

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """The manifest that stands in a folder, or None."""
        path = folder / cls.NAME
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise InputError(
                f"is damaged ({error}): remove it and publish to an empty folder", file=path
            ) from error
        try:
            manifest = cls(
                record["settings"],
                [
                    EventEntry(id_, place, title, day, seconds, tuple(topics), hidden)
                    for id_, place, title, day, seconds, topics, hidden in record["entries"]
                ],
                record["sums"],
                record["topics"],
                [
                    StoryEntry(seed, title, place, tuple(ids), tuple(map(tuple, contexts)))
                    for seed, title, place, ids, contexts in record["stories"]
                ],
                record["lists"],
                record["others"],
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
        for name in names:
            check_inside(name, path)
        return manifest

    def write(self, staging: Path) -> None:
        """Write it to a folder."""
        record = {
            "settings": self.settings,
            "entries": self.entries,
            "sums": self.sums,
            "topics": self.topics,
            "stories": self.stories,
            "lists": self.lists,
            "others": self.others,
        }
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        (staging / self.NAME).write_text(text, encoding="utf-8")

    def site(self) -> Site:
        """The site that it describes."""
        words = SiteWords(self.settings["language"])
        root = self.settings.get("root", ROOT)
        return Site(self.settings["title"], self.entries, self.stories, self.topics, words, root)

    def names(self) -> set[str]:
        """Every file of the site."""
        paths = [entry.path for entry in self.entries] + self.lists
        endings = self.settings.get("formats", FORMATS)
        return {f"{path}.{ending}" for path in paths for ending in endings} | set(self.others)


@dataclass(slots=True)
class SitePlan:
    """The new state, and what of it must be looked at.

    Attributes
    ----------
    site : Site
    manifest : Manifest
    events, lists : list of str
        Ids of events and paths of lists.
    """

    site: Site
    manifest: Manifest
    events: list[str]
    lists: list[str]


def why_everything(old: Manifest | None, settings: Settings) -> str:
    """Why changed pages alone would not do; empty if they would."""
    if old is None:
        return "nothing was published there yet"
    new = settings.to_record()
    differ = [name.replace("_", "-") for name in new if old.settings.get(name) != new[name]]
    return f"other {', '.join(differ)} than last time" if differ else ""


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
    index : RelatedIndex
    settings : Settings
    old : Manifest, optional
        What was published last.
    changed : iterable of str, optional
        The events that a refresh named; without it every page is looked at.
    clock : Clock
        Times the stages plan and stories.

    Returns
    -------
    SitePlan
    """
    before = {} if old is None else {entry.id: entry for entry in old.entries}
    # What overrides make of a list may depend on more than is stored and shown of it.
    shown = None if index.overrides else depth(index, settings)
    sums = {str(id_): number for id_, number in index.fingerprints(shown=shown).items()}
    touched: set[str] | None = None
    if changed is not None and old is not None:
        # A refresh names lists, also those of which only scores changed, which no page shows; what it missed counts too.
        touched = {id_ for id_, number in sums.items() if old.sums.get(id_) != number}
        touched |= sums.keys() ^ before.keys()
        if index.overrides:
            touched |= set(changed) & (sums.keys() | before.keys())
    with clock.stage("plan") as report:
        entries = _entries(index, settings.root, before, touched, report)
    with clock.stage("stories") as report:
        stories = _stories(index, settings, entries, old, report)
    with clock.stage("plan"):
        return _plan(index, settings, old, sums, touched=touched, entries=entries, stories=stories)


def _plan(
    index: RelatedIndex,
    settings: Settings,
    old: Manifest | None,
    sums: dict[str, int],
    *,
    touched: set[str] | None,
    entries: Mapping[str, EventEntry],
    stories: list[StoryEntry],
) -> SitePlan:
    topics = {} if old is None else old.topics
    site = Site(
        settings.title, entries.values(), stories, topics, SiteWords(settings.language), settings.root
    )
    others = [*ASSETS, "atom.xml", "feed.json", *sitemap_names(len(site.entries) + len(site.lists))]
    others += [name for name, _ in topic_feeds(site).values()]
    if "html" in settings.formats:
        others += search_names(site)
    manifest = Manifest(
        settings.to_record(),
        list(site.entries.values()),
        sums,
        {name: path.removesuffix("/index") for name, path in site.topic_paths.items()},
        stories,
        list(site.lists),
        others,
    )
    if touched is None or old is None:
        return SitePlan(site, manifest, list(site.entries), list(site.lists))
    past = old.site()
    if bool(past.stories) != bool(
        site.stories
    ):  # every page links to the list of stories, where there is one
        return SitePlan(site, manifest, list(site.entries), list(site.lists))
    events = touched & site.entries.keys()
    events |= _listing(
        index,
        settings,
        {id_ for id_ in touched & past.entries.keys() if _shown(site, id_) != _shown(past, id_)},
    )
    # A topic gets its page with its second event and loses it with the last but one: the links to it come and go.
    for name in past.topic_paths.keys() ^ site.topic_paths.keys():
        events |= {
            entry.id for entry in site.topics.get(name, past.topics.get(name, ()))
        } & site.entries.keys()
    events |= {id_ for id_ in site.entries if site.story_of.get(id_) != past.story_of.get(id_)}
    days = {
        f"{day_folder(site.entries[id_].day, settings.root)}/index" for id_ in touched & site.entries.keys()
    }
    lists = [path for path, page in site.lists.items() if path in days or past.lists.get(path) != page]
    return SitePlan(site, manifest, [id_ for id_ in site.entries if id_ in events], lists)


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
            topics = index.topics(id_)
        except UnknownEventError:
            continue  # a removed one
        told = [topic.name for topic in topics if topic.how != "parent"]
        implied = [topic.name for topic in topics if topic.how == "parent"]
        if not isinstance(event.date, date):
            raise InputError(
                f"the event {event.id} has {'no date' if event.date is None else f'the date {event.when}'}: pages are filed by "
                "day, from the year 1 on"
            )
        found.append((event, (*told, *implied), len(implied)))
    # The ids that are paths themselves, of pages that were read, come first: nobody else may take those.
    found.sort(
        key=lambda item: (not item[0].key.startswith(f"{root}/"), _day(item[0]), item[0].seconds, item[0].key)
    )
    for event, names, hidden in found:
        day = _day(event)
        path = paths.give(event.key, day_folder(day, root), event.headline)
        entries[event.key] = EventEntry(event.key, path, title_of(event), day, event.seconds, names, hidden)
    return entries


def _day(event: Event) -> str:
    return day_text(event.date)


def _stories(
    index: RelatedIndex,
    settings: Settings,
    entries: Mapping[str, EventEntry],
    old: Manifest | None,
    report: Callable[[int, int], None],
) -> list[StoryEntry]:
    """The main stories: those that already have a page, then those around the events with the strongest links.

    An event is linked best where the scores of the events add up to most in whose lists it stands and that stand in
    its own. A story that lies mostly inside one chosen before is left out.
    """
    most = settings.stories
    if not most:
        return []
    before = {story.seed: story.path for story in (old.stories if old is not None else ())}
    lists = {
        str(id_): {str(other): score for other, score in scores.items()} for id_, scores in index.scores()
    }
    weight = {
        id_: sum(score for other, score in items.items() if id_ in lists.get(other, ()))
        for id_, items in lists.items()
    }
    paths = Paths({seed: path.removesuffix("/index") for seed, path in before.items()})
    chosen: list[StoryEntry] = []
    inside: set[str] = set()
    for seed in [*before, *sorted(weight, key=lambda id_: (-weight[id_], id_))]:
        if len(chosen) == most:
            break
        report(len(chosen), most)
        if seed in inside or seed not in entries:
            continue
        story = index.story(seed)
        ids = [str(event.id) for event in story if str(event.id) in entries]
        if len(ids) < _SHORTEST_STORY or 2 * len(inside.intersection(ids)) > len(ids):
            continue
        inside.update(ids)
        contexts = tuple(event.contexts for event in story if str(event.id) in entries)
        path = f"{paths.give(seed, 'stories', story.title)}/index"
        chosen.append(StoryEntry(seed, story.title, path, tuple(ids), contexts))
    return _told_apart(chosen, entries, SiteWords(settings.language))


def _told_apart(
    stories: Sequence[StoryEntry], entries: Mapping[str, EventEntry], words: SiteWords
) -> list[StoryEntry]:
    """Stories of one title with their months behind it, and where these are the same too, with their days."""
    told = list(stories)
    for named in (words.month, words.day):
        times = Counter(story.title for story in told)
        for place, (story, plain) in enumerate(zip(told, stories, strict=True)):
            if times[story.title] > 1:
                first, last = (named(entries[id_].day) for id_ in (story.events[0], story.events[-1]))
                told[place] = story._replace(title=f"{plain.title} ({words.span(first, last)})")
    return told


def depth(index: RelatedIndex, settings: Settings) -> int:
    """How many results of each list the pages need."""
    if settings.background or settings.follow_ups:
        return index.config.lists.stored
    return settings.k
