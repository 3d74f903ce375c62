"""An index -> a site of pages: every event, day, year, topic and story, feeds and a sitemap, in a folder.

How a folder changes. New and changed files are first written below ``.relatedness/staging`` in the folder itself; until all are
written, the old pages stay unchanged. Then a mark is set, the files are moved to their places one by one (a rename each, events
before the lists that name them), files that are no longer needed are removed, and the manifest is replaced. An interrupt before
the mark changes nothing; an interrupt after it leaves only whole pages, some old and some new, and the next publish begins by
moving the rest. A file whose content is the same is not touched, so that copying the site elsewhere copies only what changed.

``.relatedness/manifest.json`` holds what was published: the path of every event (kept for good, so that addresses
stay), the topics, the stories and the settings. Only files that it knows are ever removed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from relatedness.collector import paused_collector
from relatedness.cores import available_cores
from relatedness.errors import BusyError, ConfigError, RelatednessError
from relatedness.files import naming
from relatedness.index import PINNED
from relatedness.progress import Clock, Progress
from relatedness.publish._feeds import atom, json_feed, sitemap, topic_atom
from relatedness.publish._folder import STATE, finish, only_one, refuse_foreign
from relatedness.publish._layout import Site
from relatedness.publish._paths import FOLDERS, ROOT, UNDATED
from relatedness.publish._plan import Manifest, SitePlan, depth, plan_site, why_everything
from relatedness.publish._render import ASSETS, FORMATS, Renderer, Templates, check_templates
from relatedness.publish._search import search_files
from relatedness.publish._settings import Settings, digest_of_templates
from relatedness.sources import Link, Page, RelatedLink
from relatedness.workers import leave_with

if TYPE_CHECKING:
    from relatedness.index import Overrides, RelatedList
    from relatedness.related_index import RelatedIndex

_FEED_LENGTH = 50
_EVENTS_PER_TASK = 500
_LISTS_PER_TASK = 400
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ROOT = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)


@dataclass(slots=True)
class Published:
    """The result of a publish.

    Attributes
    ----------
    events, lists : int
        The numbers of event pages and of list pages of the site.
    written, unchanged, removed : int
        Files written, files that were already right, and files removed.
    bytes : int
        The size of the files written.
    everything : str
        Why all pages were checked although only changed ones were asked for; empty otherwise.
    seconds : dict of str to float
        Wall time of each stage, in seconds: plan, stories, pages, move.

    Examples
    --------
    >>> Published(events=2, written=30).unchanged
    0
    """

    events: int = 0
    lists: int = 0
    written: int = 0
    unchanged: int = 0
    removed: int = 0
    bytes: int = 0
    everything: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


@paused_collector()
def publish(
    index: RelatedIndex,
    folder: str | Path,
    *,
    formats: Sequence[str] = tuple(FORMATS),
    changed: Iterable[str] | None = None,
    templates: str | Path | None = None,
    trust_templates: bool = False,
    title: str = "Archive",
    language: str = "en",
    url: str = "",
    k: int | None = None,
    background: int = 0,
    follow_ups: int = 0,
    stories: int = 200,
    root: str = ROOT,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Published:
    """Write an index as a site.

    Parameters
    ----------
    index : RelatedIndex
        Of a file its present state is published, with the overrides of this object.
    folder : path-like
        The folder of the site, made if it does not exist. Pages of an earlier publish are brought up to date.
    formats : sequence of str
        Which of ``md``, ``html``, ``json`` and ``xml``.
    changed : iterable of str, optional
        The ids that a refresh named, whose lists changed. Only those pages are looked at that show something else than
        at the last publish, whether a refresh named them or not; without overrides a list of which only scores changed does not
        count. Without it
        every page is looked at, also those that somebody removed or edited by hand.
    templates : path-like, optional
        A folder with templates that replace the shipped ones of the same names. Templates are code: Jinja's sandbox runs
        them.
    trust_templates : bool
        Whether to run them without the sandbox, with all that Python can do.
    title, language, url : str
        The name of the site, the language of its headings (Arabic, Chinese, English, French, German, Hindi, Japanese,
        Portuguese, Russian or Spanish; English ones stand for any other), and the address where it will stand. Without
        an address the feeds and the sitemap name pages by their path on the site (``/news/...``).
    k : int, optional
        How many related events a page shows at most; ``lists.k`` of the config if not given.
    background, follow_ups : int
        How many strictly earlier and strictly later ones to show in lists of their own. They come from the list that
        the index keeps, whose length is ``lists.stored`` of the config.
    stories : int
        How many stories get a page of their own, with the events in the order of time.
    root : str
        The folder of events, and so a word in their addresses: small letters, digits and hyphens.
    jobs : int, optional
        Processor cores to use; all if not given.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Raises
    ------
    ConfigError
        If a setting or a template is wrong, or the folder holds files of somebody else in the place of pages.
    BusyError
        If another process publishes to the folder, or the index was replaced meanwhile.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "Militants of ISIL seize Mosul, Iraq's second city."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "The Islamic State captures the dam of Mosul."},
    ... ])
    >>> folder = Path(tempfile.mkdtemp())
    >>> publish(index, folder, formats=["md"]).events
    2
    >>> page = folder / "news/2014/06/10/militants-of-isil-seize-mosul-iraq-s-second-city.md"
    >>> print(page.read_text().split("### Related:")[1].split("###")[0].strip())
    1. [The Islamic State captures the dam of Mosul.](/news/2014/08/7/the-islamic-state-captures-the-dam-of-mosul.md) _Context: Mosul, ISIL, Iraq_
    """
    _check_given(formats, url)
    if templates is not None:
        check_templates(templates)
    settings = Settings(
        formats=tuple(name for name in FORMATS if name in formats),
        title=title,
        language=language,
        url=url.rstrip("/"),
        k=min(index.config.lists.k, index.config.lists.stored) if k is None else k,
        background=background,
        follow_ups=follow_ups,
        stories=stories,
        root=root,
        templates=digest_of_templates(templates),
        overrides=index.overrides.digest if index.overrides else "",
    )
    _check(settings, index.config.lists.stored)
    own = None if templates is None else Templates(str(Path(templates).absolute()), trust_templates)
    output = Path(folder)
    output.mkdir(parents=True, exist_ok=True)
    clock = Clock(progress)
    done = Published(seconds=clock.seconds)
    with naming(output), only_one(output), _pinned(index) as index, _unstaged(output):
        finish(output)
        old = Manifest.read(output / STATE)
        if old is None:
            refuse_foreign(output)
        if changed is not None:
            done.everything = why_everything(old, settings)
        plan = plan_site(index, settings, old, None if done.everything else changed, clock)
        done.events, done.lists = len(plan.site.entries), len(plan.site.lists)
        with clock.stage("pages") as report:
            staging = output / STATE / "staging"
            (staging / "files").mkdir(parents=True)
            plan.manifest.write(staging)
            path = index.info["path"]
            job = _Job(
                open=type(index).open,
                index="" if path is None else str(Path(path).absolute()),
                state=_state(index),
                output=str(output.absolute()),
                settings=settings,
                templates=own,
                overrides=index.overrides,
            )
            _write_pages(index, job, plan, jobs=jobs, done=done, report=report)
            _write_others(index, job, plan, done)
            gone = [] if old is None else old.names_but(plan.manifest)
            (staging / "gone.json").write_text(json.dumps(gone), encoding="utf-8")
        with clock.stage("move"):
            (staging / "ready").touch()
            done.removed = finish(output, ours=True)
    return done


@contextmanager
def _unstaged(output: Path) -> Iterator[None]:
    """Discard staged pages if not all of them could be written."""
    try:
        yield
    finally:
        staging = output / STATE / "staging"
        if staging.exists() and not (staging / "ready").exists():
            shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _pinned(index: RelatedIndex) -> Iterator[RelatedIndex]:
    """The current state of an index, kept even if its file is refreshed."""
    path = index.info["path"]
    if path is None:
        yield index
        return
    # Overrides belong to the object, not to the file.
    with type(index).open(path, overrides=index.overrides) as pinned:
        yield pinned


def _check_given(formats: Sequence[str], url: str) -> None:
    """Check what `Settings` holds in another form."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise ConfigError(
            f"formats is {', '.join(unknown) or 'empty'}: expected some of {', '.join(FORMATS)}"
        )
    if url and not url.startswith(("http://", "https://")):
        raise ConfigError(f"url is {url!r}: expected an address that begins with https:// or http://")


def _check(settings: Settings, stored: int) -> None:
    """Check settings, given the length of the lists that the index stores."""
    language, root = settings.language, settings.root
    if not _LANGUAGE.fullmatch(language):
        raise ConfigError(f"language is {language!r}: expected a code such as en or pt-BR")
    for name in ("k", "background", "follow_ups"):
        number = getattr(settings, name)
        if not (name == "k") <= number <= stored:
            raise ConfigError(
                f"{name} is {number}: the lists of this index store {stored} events; for longer ones, build it again with "
                "a higher lists.stored"
            )
    if settings.stories < 0:
        raise ConfigError(f"stories is {settings.stories}: expected 0 or more")
    if not isinstance(root, str) or not _ROOT.fullmatch(root) or root in FOLDERS:
        raise ConfigError(
            f"root is {root!r}: expected a word of lower-case letters, digits and hyphens, other than {', '.join(FOLDERS)}"
        )


# --- the pages, on all cores


@dataclass(frozen=True, slots=True)
class _Job:
    """What a worker needs to know; it reads the rest from the index and from the manifest."""

    open: Callable[..., RelatedIndex]
    index: str
    state: str
    output: str
    settings: Settings
    templates: Templates | None
    overrides: Overrides


class _Writer:
    """Renders pages and stages the files that differ from what stands in the folder."""

    def __init__(self, index: RelatedIndex, job: _Job, site: Site) -> None:
        self._index = index
        self._settings = job.settings
        self._output = job.output
        self._staging = f"{job.output}/{STATE}/staging/files"
        self._site = site
        self._depth = depth(index, job.settings)
        self._feeds = site.topic_feeds
        self._folders: dict[str, bool] = {}  # whether the site has them already
        self._staged: set[str] = set()
        self._renderer = Renderer(
            job.settings.title,
            job.settings.language,
            job.settings.url,
            job.settings.formats,
            site.topic_paths,
            stories=bool(site.stories),
            feeds={path: name for path, (name, _) in self._feeds.items()},
            templates=job.templates,
        )
        self.counts = [0, 0, 0]  # written, unchanged, bytes

    def events(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            self.save(self._site.entries[id_].path, self._renderer.event(self._page(id_)))

    def lists(self, paths: Iterable[str]) -> None:
        for path in paths:
            page = self._site.lists[path]
            self.save(path, self._renderer.list(page, self._index.events if page.kind == "day" else None))
            if path in self._feeds:
                name, topic = self._feeds[path]
                self.save_file(name, topic_atom(self._settings, topic, path, self._site.topics[topic]))

    def save(self, path: str, texts: Mapping[str, str]) -> None:
        for ending, text in texts.items():
            self.save_file(f"{path}.{ending}", text)

    def save_file(self, name: str, text: str) -> None:
        # For hundreds of thousands of small files, one more system call each costs half a minute.
        data = text.encode("utf-8", "surrogatepass")
        folder = name.rpartition("/")[0]
        known = self._folders.get(folder)
        if known is None:
            known = self._folders[folder] = os.path.isdir(f"{self._output}/{folder}")  # noqa: PTH112
        if known and _holds(f"{self._output}/{name}", data):
            self.counts[1] += 1
            return
        self._make(folder)
        descriptor = os.open(f"{self._staging}/{name}", _NEW_FILE, 0o666)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(descriptor, left) :]
        finally:
            os.close(descriptor)
        self.counts[0] += 1
        self.counts[2] += len(data)

    def _make(self, folder: str) -> None:
        """Make a staged folder and those above it; `os.makedirs` would ask for all of these again each time."""
        if folder and folder not in self._staged:
            self._make(folder.rpartition("/")[0])
            with suppress(FileExistsError):  # another worker's
                os.mkdir(f"{self._staging}/{folder}")  # noqa: PTH102
            self._staged.add(folder)

    def search(self) -> str:
        return self._renderer.search([year or UNDATED for year in sorted(self._site.years, reverse=True)])

    def asset(self, name: str) -> None:
        self.save_file(name, self._renderer.asset(name))

    def _page(self, id_: str) -> Page:
        entry = self._site.entries[id_]
        items = self._index.related(id_, k=self._depth)
        settings = self._settings
        background: tuple[RelatedLink, ...] = ()
        follow_ups: tuple[RelatedLink, ...] = ()
        if settings.background:
            background = self._links(
                [i for i in items if self._seconds(str(i.id)) < entry.seconds][: settings.background]
            )
        if settings.follow_ups:
            follow_ups = self._links(
                [i for i in items if self._seconds(str(i.id)) > entry.seconds][: settings.follow_ups]
            )
        paths = self._site.topic_paths
        story, previous, following = self._site.story_of.get(id_, (None, None, None))
        return Page(
            entry.path,
            self._index.events[id_],
            related=self._links(items[: settings.k]),
            background=background,
            follow_ups=follow_ups,
            contexts=tuple(Link(name, paths.get(name, "")) for name in entry.topics),
            story=story,
            previous=previous,
            following=following,
        )

    def _seconds(self, id_: str) -> int:
        return self._site.entries[id_].seconds

    def _links(self, items: RelatedList | Sequence[Any]) -> tuple[RelatedLink, ...]:
        entries = self._site.entries
        return tuple(
            RelatedLink(entry.title, entry.path, i.contexts, i.tier == PINNED, i.shared)
            for entry, i in ((entries[str(i.id)], i) for i in items)
        )


def _holds(path: str, data: bytes) -> bool:
    """Whether a file holds just this."""
    try:
        found = os.lstat(path)  # a symbolic link is not a file of the site
        same = found.st_size == len(data) and S_ISREG(found.st_mode)
        return same and Path(path).read_bytes() == data
    except FileNotFoundError:
        return False


def _write_pages(
    index: RelatedIndex,
    job: _Job,
    plan: SitePlan,
    *,
    jobs: int | None,
    done: Published,
    report: Callable[[int, int], None],
) -> None:
    tasks = [("events", part) for part in _parts(plan.events, _EVENTS_PER_TASK)]
    tasks += [("lists", part) for part in _parts(plan.lists, _LISTS_PER_TASK)]
    total = len(plan.events) + len(plan.lists)
    at = 0
    for size, counts in _run(index, job, plan, tasks, jobs):
        at += size
        report(at, total)
        _add(counts, done)


def _state(index: RelatedIndex) -> str:
    """Which state of its file an open index shows."""
    return str(index.info["state"])


def _parts(items: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _run(
    index: RelatedIndex, job: _Job, plan: SitePlan, tasks: Sequence[tuple[str, list[str]]], jobs: int | None
) -> Iterator[tuple[int, list[int]]]:
    cores = jobs or available_cores()
    # A worker takes about two seconds to start, which pays only for thousands of pages.
    if not job.index or cores == 1 or len(tasks) < 8:
        writer = _Writer(index, job, plan.site)
        for kind, names in tasks:
            writer.counts = [0, 0, 0]
            getattr(writer, kind)(names)
            yield len(names), writer.counts
        return
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=min(cores, len(tasks)), return_as="generator_unordered", batch_size=1)
    yield from pool(delayed(_work)(os.getpid(), job, kind, names) for kind, names in tasks)


def _work(parent: int, job: _Job, kind: str, names: list[str]) -> tuple[int, list[int]]:
    leave_with(parent)
    writer = _writer(job)
    writer.counts = [0, 0, 0]
    getattr(writer, kind)(names)
    return len(names), writer.counts


_kept: list[tuple[_Job, _Writer]] = []  # of a worker process: what it made for its last task


def _writer(job: _Job) -> _Writer:
    if _kept and _kept[0][0] == job:
        return _kept[0][1]
    index = job.open(job.index, overrides=job.overrides)
    if _state(index) != job.state:
        raise BusyError(f"{job.index} was changed during the publish: publish again")
    staging = Path(job.output) / STATE / "staging"
    manifest = Manifest.read(staging)
    if manifest is None:
        raise RelatednessError(f"{staging} was removed during the publish: publish again")
    _kept[:] = [(job, _Writer(index, job, manifest.site()))]
    return _kept[0][1]


# --- what else a site has


def _write_others(index: RelatedIndex, job: _Job, plan: SitePlan, done: Published) -> None:
    writer, settings = _Writer(index, job, plan.site), job.settings
    for name in ASSETS:
        writer.asset(name)
    dated = (entry for entry in reversed(plan.site.entries.values()) if entry.day)  # feeds are lists by time
    newest = list(islice(dated, _FEED_LENGTH))
    events = [(entry, index.events[entry.id]) for entry in newest]
    writer.save_file("atom.xml", atom(settings, events))
    writer.save_file("feed.json", json_feed(settings, events))
    if "html" in settings.formats:
        writer.save_file("search/index.html", writer.search())
        for name, text in search_files(plan.site, plan.years):
            writer.save_file(name, text)
    paths = [*plan.site.lists, *(entry.path for entry in plan.site.entries.values())]
    for name, text in sitemap(settings, paths):
        writer.save_file(name, text)
    _add(writer.counts, done)


def _add(counts: Sequence[int], done: Published) -> None:
    """Add what a writer counted: files written, files unchanged, bytes."""
    done.written += counts[0]
    done.unchanged += counts[1]
    done.bytes += counts[2]
