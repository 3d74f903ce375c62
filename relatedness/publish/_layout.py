"""The structure of a site: the path of every page, and what each list page contains. Planning only, no files.

::

    index                            the newest events, the years, the main topics and stories
    news/2016/index                  a year: its days
    news/2016/07/11/index            a day: its events
    news/2016/07/11/slug             an event
    news/undated/index, .../slug     the events without a date, and one of them; long lists in parts
    topics/index, letters/m/index    the main topics; all topics that begin with M
    topics/mosul/index               the events of a topic; a long one is split:
    topics/iraq/2016/index             by years, and
    topics/iraq/2016/07/index          a long year by months
    stories/index, stories/slug/index

A path has no ending: each page is written as ``.html``, ``.md``, ``.json`` and ``.xml``. Lists are called ``index``,
so that a reader of the Markdown folder can tell them from events.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from relatedness.publish._paths import ROOT, UNDATED, Paths, day_folder, slug
from relatedness.publish._words import SiteWords
from relatedness.sources import Link

LONGEST = 300
"""The most events on one page of a topic; more are split by years, then by months."""

FEED_FROM = 5
"""The fewest dated events of a topic that has a feed."""


class EventEntry(NamedTuple):
    """The fields of an event that other pages show."""

    id: str
    path: str
    title: str
    day: str  # its day by its own clock, such as ``2016-07-11``; empty if it has no date
    seconds: int  # its instant, seconds since 1970
    topics: tuple[str, ...]  # its topics by canonical name
    # How many of them, at the end, are only implied (the country of a city): lists leave them out.
    hidden: int

    @property
    def contexts(self) -> tuple[str, ...]:
        """The topics that lists show."""
        return self.topics[: len(self.topics) - self.hidden]


class Counted(NamedTuple):
    """A link to a list, with the number of its events and a note."""

    title: str
    path: str
    events: int
    note: str = ""


class StoryEntry(NamedTuple):
    """A connected run of events, as it is published."""

    seed: str  # the id of the story's own event
    title: str
    path: str
    events: tuple[str, ...]  # their ids, the first one first
    contexts: tuple[tuple[str, ...], ...]  # the contexts that link each of them to an earlier one
    # From `relatedness.index.StoryBasis`: with the same number the story has the same events. -1 if it is not known.
    basis: int = -1
    pool: Sequence[str] = ()  # the events from which its own were chosen


Item = EventEntry | Counted


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page that lists events or other lists."""

    kind: str  # ``home``, ``year``, ``day``, ``undated``, ``topics``, ``topic``, ``stories`` or ``story``
    # Its path, its title, and a sentence about it.
    path: str
    title: str
    note: str = ""
    # The entries under each heading; a heading may be empty.
    groups: tuple[tuple[str, tuple[Item, ...]], ...] = ()
    above: tuple[Link, ...] = ()  # the lists that this one is a part of, the widest first
    # Its neighbours in time.
    previous: Link | None = None
    following: Link | None = None


class _Lists(Mapping[str, ListPage]):
    """Lists by path; those of days and topics, the vast majority, are made on demand."""

    def __init__(
        self,
        made: Mapping[str, ListPage],
        later: Sequence[tuple[Mapping[str, str], Callable[[str], ListPage]]],
    ) -> None:
        self._made, self._later = made, later

    def __getitem__(self, path: str) -> ListPage:
        for paths, make in self._later:
            if path in paths:
                return make(path)
        return self._made[path]

    def __iter__(self) -> Iterator[str]:
        return chain(self._made, *(paths for paths, _ in self._later))

    def __len__(self) -> int:
        return len(self._made) + sum(len(paths) for paths, _ in self._later)


class Site:
    """The pages of a site of some events.

    Parameters
    ----------
    title : str
        Its name.
    entries : iterable of EventEntry
    stories : sequence of StoryEntry
        In order of weight, the heaviest first.
    topic_paths : mapping of str to str
        The paths that topics had before.
    words : SiteWords
        The language of titles and headings.
    root : str
        The folder of events.

    Attributes
    ----------
    title : str
    entries : dict of str to EventEntry
        By id, in the order of their dates.
    days, topics : dict of str to list of EventEntry
        The events of each day, the empty one of those without a date, and of each topic that at least two of them have, in
        the order of their dates.
    topic_paths : dict of str to str
        The page of each of these topics.
    stories : tuple of StoryEntry
        The newest first.
    story_of : dict of str to (Link, Link or None, Link or None)
        The story of each event that has one, and the events of the story before and after it.
    """

    def __init__(
        self,
        title: str,
        entries: Iterable[EventEntry],
        stories: Sequence[StoryEntry],
        topic_paths: Mapping[str, str],
        words: SiteWords,
        root: str = ROOT,
    ) -> None:
        self.title = title
        self._words = words
        self._root = root
        ordered = sorted(entries, key=lambda entry: (entry.day, entry.seconds, entry.id))
        self.entries = {entry.id: entry for entry in ordered}
        self.days: dict[str, list[EventEntry]] = defaultdict(list)
        found: dict[str, list[EventEntry]] = defaultdict(list)
        for entry in ordered:
            self.days[entry.day].append(entry)
            for topic in entry.topics:
                found[topic].append(entry)
        several = sorted(name for name, some in found.items() if len(some) > 1)
        self.topics = {name: found[name] for name in several}
        paths = Paths(topic_paths)
        self._split_topics: dict[str, dict[str, ListPage]] = {}  # the lists made so far
        self.topic_paths = {name: f"{paths.give(name, 'topics', name)}/index" for name in self.topics}
        self.stories = tuple(
            sorted(
                stories, key=lambda story: (self.entries[story.events[-1]].seconds, story.path), reverse=True
            )
        )
        self.story_of: dict[str, tuple[Link, Link | None, Link | None]] = {}
        for story in stories:  # if two stories share an event, the first one counts
            link = Link(story.title, story.path)
            told = [Link(self.entries[id_].title, self.entries[id_].path) for id_ in story.events]
            for id_, before, after in zip(story.events, [None, *told], [*told[1:], None], strict=False):
                self.story_of.setdefault(id_, (link, before, after))

    @cached_property
    def lists(self) -> Mapping[str, ListPage]:
        """Every list by its path; two sites have a page in common where these are equal."""
        pages = (self._home(), self._years(), self._undated(), self._topics(), self._stories())
        made = {page.path: page for some in pages for page in some}
        return _Lists(made, ((self._day_of, self._day), (self._topic_of, self._topic)))

    def other_lists(self, past: Site) -> list[str]:
        """The paths of the lists that differ from those of an earlier site with the same settings."""
        # Compare entries of topics and days first: most are unchanged, and making their pages would be most of the work.
        topics = {
            name
            for name, path in self.topic_paths.items()
            if past.topic_paths.get(name) == path and past.topics[name] == self.topics[name]
        }
        same = {path for path, name in self._topic_of.items() if name in topics}
        for path, day in self._day_of.items():
            if past.days.get(day) == self.days[day] and past._beside.get(day) == self._beside[day]:
                same.add(path)
        mine, theirs = self.lists, past.lists
        return [path for path in mine if path not in same and mine[path] != theirs.get(path)]

    @cached_property
    def topic_feeds(self) -> dict[str, tuple[str, str]]:
        """The feeds of topics: the path of a topic's page to the file of its feed and to its name.

        Topics with fewer dated events than `FEED_FROM` get none, because they are rarely followed.
        """
        # Events without a date come first.
        return {
            self.topic_paths[name]: (f"{self.topic_paths[name].removesuffix('index')}atom.xml", name)
            for name, entries in self.topics.items()
            if len(entries) >= FEED_FROM and entries[-FEED_FROM].day
        }

    @cached_property
    def years(self) -> dict[str, list[EventEntry]]:
        """The events of each year, the empty one of those without a date, in the order of their dates."""
        found: dict[str, list[EventEntry]] = defaultdict(list)
        for entry in self.entries.values():
            found[entry.day[:4]].append(entry)
        return dict(found)

    def _home(self) -> Iterator[ListPage]:
        newest = list(self.entries.values())[: -(20 + 1) : -1]
        words = self._words
        groups: list[tuple[str, tuple[Item, ...]]] = [(words["newest_events"], tuple(newest))]
        if self.stories:
            groups.append((words["stories"], tuple(map(self._story_link, self.stories[:8]))))
        if self.topics:
            groups.append((words["topics"], self._main_topics(24)))
        if self.entries:
            groups.append((words["years"], self._year_links()))
        note = words.events(len(self.entries)) if self.entries else words["no_events"]
        yield ListPage("home", "index", self.title, note, tuple(groups))

    def _story_link(self, story: StoryEntry) -> Counted:
        when = self._when([self.entries[id_] for id_ in story.events], self._words.month)
        return Counted(story.title, story.path, len(story.events), when)

    def _year_links(self) -> tuple[Counted, ...]:
        return tuple(
            Counted(year or self._words["undated"], f"{self._root}/{year or UNDATED}/index", len(found))
            for year, found in sorted(self.years.items(), reverse=True)
        )

    def _years(self) -> Iterator[ListPage]:
        months: dict[str, dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
        for day, entries in self._dated():
            months[day[:4]][day[:7]].append(
                Counted(day, f"{day_folder(day, self._root)}/index", len(entries))
            )
        pages = [
            ListPage(
                "year",
                f"{self._root}/{year}/index",
                year,
                self._words.events(
                    sum(item.events for items in days.values() for item in items if isinstance(item, Counted))
                ),
                tuple((self._words.month(month), tuple(items)) for month, items in days.items()),
            )
            for year, days in months.items()
        ]
        yield from _in_a_row(pages)

    @cached_property
    def _day_of(self) -> dict[str, str]:
        """The day of each path of a day's list."""
        return {f"{day_folder(day, self._root)}/index": day for day, _ in self._dated()}

    @cached_property
    def _beside(self) -> dict[str, tuple[str, str]]:
        """Of each day the nearest days before and after it that have events; empty where there are none."""
        days = [day for day, _ in self._dated()]
        return dict(zip(days, zip(["", *days], [*days[1:], ""], strict=False), strict=True))

    def _day(self, path: str) -> ListPage:
        day = self._day_of[path]
        before, after = (
            Link(other, f"{day_folder(other, self._root)}/index") if other else None
            for other in self._beside[day]
        )
        return ListPage(
            kind="day",
            path=path,
            title=day,
            note=self._words.events(len(self.days[day])),
            groups=(("", tuple(self.days[day])),),
            above=(Link(day[:4], f"{self._root}/{day[:4]}/index"),),
            previous=before,
            following=after,
        )

    def _dated(self) -> Iterator[tuple[str, list[EventEntry]]]:
        return ((day, entries) for day, entries in self.days.items() if day)

    def _undated(self) -> Iterator[ListPage]:
        """The list of the events without a date; a long one has its parts on pages of their own."""
        entries = self.days.get("", [])
        title, path = self._words["undated"], f"{self._root}/{UNDATED}/index"
        note = self._words.events(len(entries))
        if 0 < len(entries) <= LONGEST:
            yield ListPage("undated", path, title, note, (("", tuple(entries)),))
        if len(entries) <= LONGEST:
            return
        parts = []
        for first in range(0, len(entries), LONGEST):
            some = tuple(entries[first : first + LONGEST])
            name = f"{title}, {first + 1}–{first + len(some)}"
            address = f"{self._root}/{UNDATED}/{first + 1}/index"
            parts.append(ListPage("undated", address, name, "", (("", some),), (Link(title, path),)))
        links = tuple(Counted(part.title, part.path, len(part.groups[0][1])) for part in parts)
        yield ListPage("undated", path, title, note, (("", links),))
        yield from _in_a_row(parts)

    def _main_topics(self, most: int) -> tuple[Counted, ...]:
        names = sorted(self.topics, key=lambda name: (-len(self.topics[name]), name))[:most]
        return tuple(self._counted(name) for name in sorted(names, key=str.casefold))

    def called(self, name: str) -> str:
        """What the language of the site calls a topic."""
        return self._words.topic(name)

    def _counted(self, name: str) -> Counted:
        return Counted(self.called(name), self.topic_paths[name], len(self.topics[name]))

    def _topics(self) -> Iterator[ListPage]:
        letters: dict[str, list[str]] = defaultdict(list)
        for name in self.topics:
            letters[_letter(name)].append(name)
        ordered = sorted(letters, key=lambda letter: (letter == "other", letter))
        links = [
            Counted(
                letter.upper() if letter != "other" else self._words["other"],
                f"letters/{letter}/index",
                len(letters[letter]),
            )
            for letter in ordered
        ]
        words = self._words
        above = Link(words["topics"], "topics/index")
        yield ListPage(
            "topics",
            "topics/index",
            words["topics"],
            words.counted("topics_counted", len(self.topics)) if self.topics else words["no_topics"],
            ((words["main_topics"], self._main_topics(200)), (words["by_letter"], tuple(links)))
            if self.topics
            else (),
        )
        for letter, link in zip(ordered, links, strict=True):
            names = sorted(letters[letter], key=lambda name: (name.casefold(), name))
            yield ListPage(
                "topics",
                link.path,
                words.get("topics_of_letter", letter=link.title),
                words.counted("topics_counted", len(names)),
                (("", tuple(self._counted(name) for name in names)),),
                (above,),
            )

    @cached_property
    def _topic_of(self) -> dict[str, str]:
        """The topic of each path of a topic's lists."""
        return {
            path: name
            for name, entries in self.topics.items()
            for path in _paths_of(Part("", self.topic_paths[name], entries, 4))
        }

    def _topic(self, path: str) -> ListPage:
        name = self._topic_of[path]
        if name not in self._split_topics:
            above = Link(self._words["topics"], "topics/index")
            title = self.called(name)
            pages = self._split(title, Part("", self.topic_paths[name], self.topics[name], 4), (above,))
            found = {page.path: page for page in pages}
            if len(found) == 1:
                return found[path]
            self._split_topics[name] = found
        return self._split_topics[name][path]

    def _stories(self) -> Iterator[ListPage]:
        if not self.stories:
            return
        above = Link(self._words["stories"], "stories/index")
        groups: dict[str, list[Item]] = defaultdict(list)
        for story in self.stories:
            last = self.entries[story.events[-1]].day
            groups[last[:4] or self._words["undated"]].append(self._story_link(story))
        yield ListPage(
            "stories",
            above.path,
            above.title,
            self._words.counted("stories_counted", len(self.stories)),
            tuple((year, tuple(items)) for year, items in groups.items()),
        )
        for story in self.stories:
            entries = [
                self.entries[id_]._replace(topics=contexts, hidden=0)
                for id_, contexts in zip(story.events, story.contexts, strict=True)
            ]
            yield ListPage(
                "story",
                story.path,
                story.title,
                self._span(entries),
                self._by(entries, 7),
                (above,),
            )

    def _span(self, entries: Sequence[EventEntry]) -> str:
        return f"{self._words.events(len(entries))}, {self._when(entries, self._words.day)}"

    def _when(self, entries: Sequence[EventEntry], named: Callable[[str], str]) -> str:
        """From the first day or month of some events to the last; those without a date count only if there are no others."""
        first, last = (
            next((entry.day for entry in way if entry.day), "") for way in (entries, reversed(entries))
        )
        return self._words.span(named(first), named(last))

    def _by(self, entries: Iterable[EventEntry], length: int) -> tuple[tuple[str, tuple[Item, ...]], ...]:
        """Entries under their years (4) or months (7)."""
        groups: dict[str, list[Item]] = defaultdict(list)
        for entry in entries:
            groups[entry.day[:length]].append(entry)
        return tuple(
            (self._words.month(key) if length == 7 or not key else key, tuple(items))
            for key, items in groups.items()
        )

    def _split(self, title: str, part: Part, above: tuple[Link, ...]) -> Iterator[ListPage]:
        """The pages of a topic: one, or where that would be too long one per year, and those again per month."""
        path, entries, length = part.path, part.entries, part.length
        note = self._span(entries)
        parts = _parts(part)
        if not parts:
            # Newest first: readers of a topic look for news.
            yield ListPage("topic", path, title, note, self._by(reversed(entries), min(length, 7)), above)
            return
        named = [
            (one, self._words.month(one.key) if length == 7 or not one.key else one.key) for one in parts
        ]
        links = tuple(Counted(name, one.path, len(one.entries)) for one, name in named)
        newest = tuple(reversed(entries[-20:]))
        groups = (
            ((self._words["newest"], newest), (self._words["by_year"], links))
            if length == 4
            else ((self._words["by_month"], links),)
        )
        yield ListPage("topic", path, title, note, groups, above)
        deeper = (*above, Link(title, path))
        for one, name in named:
            base = deeper[1].title if len(deeper) > 1 else title
            yield from self._split(f"{base}, {name}", one, deeper)


class Part(NamedTuple):
    """The events of a topic on one page, or, where they would be too many, under it."""

    # The year or month that they have in common; empty for a whole topic, and for events without a date.
    key: str
    path: str
    entries: list[EventEntry]
    # How many characters of its days tell parts of this part apart: 4 for years, 7 for months, more for none.
    length: int


def _parts(whole: Part) -> list[Part]:
    """The parts that a part too long for one page is split into, newest first; empty if it is short enough."""
    if len(whole.entries) <= LONGEST or whole.length > 7:
        return []
    by_key: dict[str, list[EventEntry]] = {}
    first = 0
    while first < len(whole.entries):  # they are in the order of their days
        key = whole.entries[first].day[: whole.length]
        end = bisect_right(whole.entries, key, first, key=lambda entry: entry.day[: whole.length])
        by_key[key] = whole.entries[first:end]
        first = end
    folder = whole.path.removesuffix("/index")
    return [
        Part(
            key,
            f"{folder}/{(key[-2:] if whole.length == 7 else key) or UNDATED}/index",
            by_key[key],
            7 if whole.length == 4 and key else 10,
        )
        for key in reversed(by_key)
    ]


def _paths_of(whole: Part) -> Iterator[str]:
    """The paths of the pages of a topic or of a part of it."""
    yield whole.path
    for part in _parts(whole):
        yield from _paths_of(part)


@lru_cache(maxsize=1 << 16)  # cached, because the old and the new site need the same paths
def _letter(name: str) -> str:
    """The letter under which a topic is listed, ``0-9`` for a digit, ``other`` for neither."""
    first = slug(name)[:1]
    return "0-9" if first.isdigit() else first or "other"


def _in_a_row(pages: Sequence[ListPage]) -> Iterator[ListPage]:
    for at, page in enumerate(pages):
        before = Link(pages[at - 1].title, pages[at - 1].path) if at else None
        after = Link(pages[at + 1].title, pages[at + 1].path) if at + 1 < len(pages) else None
        yield replace(page, previous=before, following=after)
