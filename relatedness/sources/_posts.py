"""Folders of posts, as Hugo, Jekyll, Pelican, Eleventy and their like keep them -> the records of events.

Every file is one of these, and each is counted:

* a post: it has a date, and its site shows it;
* left out: a page (without a date; ``README``, ``LICENSE`` and the like), a list of posts (``_index.md``), what the site
  hides, or a file of a kind that is not read;
* faulty: told with file, line and what to do. One faulty file stops a folder only where the caller is strict.

==================  ==========================================================================================
``id``              the path of the file as the templates of its site name it (`find_site`)
``date``            ``date`` or another name for it (`DATES`), else the day that the path names, else the one that a page
                    of no known maker states below its title (`stated_date`)
``title``, ``text`` ``title``, else the first heading, else the name of the file; the body without code, markup and
                    template tags; where there is none ``summary``, ``description`` or ``excerpt``
``topics``          ``tags``, ``keywords``, ``series``, the site's own taxonomies, and the categories after the first
``category``        ``category``, the first of ``categories``, or the folder where its maker says so
``language``        ``lang`` or ``language``, else the folder or the ending of the name (``mosul.fr.md``)
``group``           ``translationKey``, ``ref`` and the like, ``slug`` together with a language; else the path without
                    the language
``url``             ``url`` or ``permalink``, where it is a finished address
==================  ==========================================================================================
"""

from __future__ import annotations

import gzip
import os
import posixpath
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from relatedness.errors import InputError
from relatedness.sources import _dialects as dialects
from relatedness.sources._content_site import ContentSite
from relatedness.sources._dates import FIRST, UNDATED_NOTE, Undecided
from relatedness.sources._dialects import NO_DATE, is_dated, when
from relatedness.sources._exports import substack_posts
from relatedness.sources._front_matter import split_front_matter
from relatedness.sources._markdown import to_words
from relatedness.sources._names import names_as_listed
from relatedness.sources._page_fields import notebook_text
from relatedness.sources._report import Faulty, LeftOut, Post
from relatedness.sources._site_files import settings_of
from relatedness.sources._sites import find_site
from relatedness.sources._stated import stated_date
from relatedness.sources._translations import languages_of
from relatedness.sources._vaults import Note, read_note

KINDS = {
    "md": "md", "markdown": "md", "mdown": "md", "mkd": "md", "qmd": "md", "rmd": "md", "rmarkdown": "md", "mdx": "mdx", "rst": "rst", "rest": "rst",
    "html": "html", "htm": "html", "xhtml": "html", "njk": "html", "liquid": "html", "txt": "txt", "org": "org",
    "ipynb": "md", "mdwn": "md", "mkdn": "md", "smd": "md", "adoc": "adoc", "asciidoc": "adoc", "asc": "adoc", "lr": "lr",
}  # fmt: skip
"""Endings of posts, each with the language that the body is written in."""

_BESIDE = (".yaml", ".yml", ".toml", ".json", ".meta")
"""Endings of files with the metadata of the post next to them."""

MAX_POST = 16 * 2**20
"""The longest post in bytes that is read."""

UNDATED_PAGE = LeftOut("pages without a date")

_OF_MARKDOWN = frozenset(("astro", "docusaurus", "mkdocs", "zola"))
_PAGES = frozenset(names_as_listed("files", "pages"))
_ARCHIVE_PAGE = re.compile(rb"^#{1,6} \[(?:\d{4}-\d{2}-\d{2}|undated)\]\(", re.MULTILINE)

_ARCHIVE_LIST = re.compile(rb"^## \[[^\]\n]*\]\(/", re.MULTILINE)


def is_archive_page(data: bytes) -> bool:
    """Whether a Markdown file is a page of an archive as `write_page` writes it, rather than a post."""
    return _ARCHIVE_PAGE.search(data[:65536]) is not None and not data.lstrip().startswith((b"---", b"+++"))


def is_archive_list(name: str, data: bytes) -> bool:
    """Whether a Markdown file is a list of an archive, as `write_day` and `write_list` write it."""
    return name.rpartition("__")[2] == "index.md" and _ARCHIVE_LIST.search(data[:4096]) is not None


def _is_other_form(path: Path) -> bool:
    """Whether a file is an archive page in another form: `publish` writes each page as Markdown, too."""
    markdown = path.with_suffix(".md")
    if path == markdown or not markdown.is_file():
        return False
    data = markdown.read_bytes()
    return is_archive_page(data) or is_archive_list(markdown.name, data)


def read_post(
    text: str,
    *,
    path: str,
    site: ContentSite | None = None,
    inherited: Mapping[str, Any] | None = None,
    language: str | None = None,
    group: str | None = None,
    zone: str | tzinfo | None = None,
    dated_by: str | None = None,
    date_format: str | None = None,
    keeps_undated: bool = False,
    now: datetime | None = None,
) -> Post | LeftOut:
    r"""Read one post.

    Parameters
    ----------
    text : str
        The file.
    path : str
        Where it lies, with its ending, as its site names it: the id.
    inherited : mapping, optional
        What its front matter inherits.
    language, group : str, optional
        What the layout says.
    zone : str or tzinfo, optional
        Of times that name none; else the site's, else UTC.
    dated_by : str, optional
        The name in the front matter that the caller reads as the date.
    date_format : str, optional
        How the caller says that dates are written.
    keeps_undated : bool
        Whether a page without a date is an event without one.
    now : datetime, optional
        Which posts lie in the future; the present if left out.

    Raises
    ------
    InputError
        Naming the line and the field, if it cannot be read.
    MissingExtraError
        If a package is missing that reads its kind.
    Undecided
        If its day and its month could change places.

    Examples
    --------
    >>> record = read_post('''+++
    ... title = "Mosul falls to ISIL"
    ... date = 2014-06-10
    ... tags = ["ISIL", "Iraq"]
    ... +++
    ... The **second** city of [Iraq](/iraq).
    ... ''', path="posts/mosul.md")
    >>> record["id"], record["topics"], record["text"]
    ('posts/mosul.md', ['ISIL', 'Iraq'], 'The second city of Iraq.')
    """
    site = site or ContentSite()
    kind = kind_of(path)
    if kind == "txt" and site.maker == "nikola":
        kind = "rst"  # as its own compiler takes them
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if path.lower().endswith(".ipynb"):
        text = notebook_text(text)
    matter = split_front_matter(text, kind)
    # Makers of sites show such marks as they stand.
    note = read_note(matter.body) if kind == "md" and not site.maker else Note({}, [], matter.body)
    front = site.merged(inherited or {}, {**note.fields, **_named(matter.fields)})
    if date_format is None and path.lower().endswith((".qmd", ".rmd", ".rmarkdown")):
        date_format = "MDY"  # as Quarto and R Markdown read 03/07/2017
    stem = posixpath.splitext(posixpath.basename(path))[0]
    named = (
        posixpath.basename(posixpath.dirname(path)) if stem.split(".")[0] in ("index", "contents") else stem
    )
    if stem.startswith("_index"):
        return LeftOut("lists of posts")
    if stem.startswith("_"):
        return LeftOut("parts of other posts")
    if stem.startswith("draft_") and kind == "html":  # in exports of Medium
        return LeftOut("drafts")
    if matter.form == "none" and named.lower().split(".")[0] in _PAGES and not is_dated(inherited or {}):
        return UNDATED_PAGE
    found = when(front, path, site, zone, date_format)
    if found == NO_DATE and not site.maker:  # the rules of a maker say which of its pages are posts
        found = found._replace(date=stated_date(note.body, zone, date_format))
    given = dated_by is not None and front.get(dated_by.lower()) not in (None, "")
    now = now or datetime.now(UTC)
    reason = dialects.hidden(front, path, site, found, now, zone)
    if reason is None and site.maker == "nikola":
        # It hides the translations of a hidden post, whatever they say.
        reason = dialects.hidden(inherited or {}, path, site, found, now, zone)
    if reason is not None:
        return LeftOut(reason)
    if found.date is None and not given:
        if found.is_undecided:
            raise Undecided
        if found.unreadable is not None:
            raise InputError(
                f"not a date: {found.unreadable[:40]!r}; write 2016-07-11 or 2016-07-11T18:30:00+00:00, or give its format "
                "with date_format=...",
                field=found.name,
            )
        if not keeps_undated:
            return UNDATED_PAGE
    body_kind = "rst" if matter.form == "rst" else "md" if matter.form == "fields" else kind
    heading, plain = to_words(note.body, body_kind)
    title = dialects.title_in(front)
    if kind == "html" and title:
        first, _, rest = plain.partition("\n")
        shown = heading or first
        behind = title.casefold().removeprefix(shown.casefold())
        if not behind or (len(behind) < len(title) and _NAME_OF_SITE.match(behind)):
            title, plain = shown, plain if heading else rest.strip()
    if title and heading and heading.casefold() != title.casefold():
        plain = f"{heading}\n\n{plain}".strip()
    topics, category = dialects.topics_and_category(front, path, site)
    topics = list(dict.fromkeys([*topics, *note.tags]))
    by_layout = language is not None
    language = dialects.language_in(front) or language
    record = Post({**matter.fields, **front})
    record |= {
        "id": path,
        "title": title or heading or _titled(named),
        "text": plain or _summary(front),
        "topics": topics,
        "category": category,
        "language": language,
        "group": dialects.group_in(front, language, by_layout=by_layout)
        or group
        or posixpath.splitext(path)[0],
        "url": dialects.address_in(front),
        "sources": dialects.sources_in(front),
    }
    record.pop("date", None)
    record.notes = found.notes
    if found.date is not None:
        record["date"] = found.date
    elif keeps_undated and not given:
        record["date"] = None
        record.notes = (UNDATED_NOTE,)
    return record


_NAME_OF_SITE = re.compile(r"\s+(?:[|–—·»:-]|::)\s+\S")


def _named(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Front matter by normalised names, in lower case and with underscores: ``creation-date`` is ``creation_date``, too."""
    front = {str(name).lower(): value for name, value in fields.items()}
    for name in list(front):
        front.setdefault(re.sub("[- ]", "_", name), front[name])
    return front


def _summary(front: Mapping[str, Any]) -> str:
    given = dialects.text_of(front, "summary", "description", "excerpt", "abstract", "subtitle")
    return to_words(given).text if given else ""


def _titled(stem: str) -> str:
    """A title made from a file name without its leading date."""
    dated = dialects.path_date(stem)
    rest = stem[dated.end() :] if dated is not None else stem
    words = re.sub(r"[-_]+", " ", rest).strip(" .")
    words = words or stem
    return words[:1].upper() + words[1:]


def kind_of(name: str) -> str:
    """The markup language of a post, by the ending of its file name; empty for one that is not read."""
    return KINDS.get(name.lower().removesuffix(".gz").rpartition(".")[2], "") if "." in name else ""


class Folder:
    """The posts of a folder and of all below it.

    Parameters
    ----------
    root : Path
    zone : tzinfo, optional
        Of times that name none.
    dated_by : str, optional
        The name in the front matter that the caller reads as the date.
    date_format : str or None
        How the caller says that dates are written.
    keeps_undated : bool
        Whether pages without a date are events without one.
    archive_page : callable
        Reads an archive page: its bytes and its location give an event.

    Attributes
    ----------
    site : ContentSite
    """

    def __init__(
        self,
        root: Path,
        zone: tzinfo | None,
        dated_by: str | None,
        date_format: str | None,
        keeps_undated: bool,
        archive_page: Callable[[bytes, str], object],
    ) -> None:
        self._root = root
        self._zone = zone
        self._dated_by = dated_by
        self._date_format = date_format
        self._keeps_undated = keeps_undated
        self._archive_page = archive_page
        self.site = _site_of(root)
        self._now = datetime.now(UTC)
        self._given = substack_posts(root) if root.is_dir() else {}
        self._beside: dict[Path, list[Path]] = {}

    def read(self, tick: Callable[[int], None]) -> Iterator[tuple[Path, object, bytes]]:
        """Each file with its content (`Post`, an event, `LeftOut` or `Faulty`) and its bytes.

        Raises
        ------
        InputError
            If the folder holds no file of a kind that is read.
        """
        files: list[tuple[Path, str]] = []
        others: list[tuple[Path, object]] = []
        for top in self.site.folders(self._root.absolute()) if self._root.is_dir() else [self._root]:
            for path, error in _walk(top, self.site):
                if error is not None:
                    others.append((path, Faulty(error, "")))
                elif not self._kind_of(path.name):
                    if path.suffix.lower() in _BESIDE:
                        self._beside.setdefault(path.parent, []).append(path)
                    others.append((path, LeftOut("files of other kinds")))
                else:
                    files.append(
                        (path, self.site.location(path.absolute(), self._root.absolute()).removesuffix(".gz"))
                    )
        if not files and not any(isinstance(value, Faulty) for _, value in others):
            raise InputError(
                "holds no posts or pages: expected "
                + ", ".join(
                    f".{ending}"
                    for ending in KINDS
                    if ending in ("md", "mdx", "rst", "html", "txt", "org", "adoc")
                )
                + " files in it or below",
                file=self._root,
            )
        for path, other in others:
            yield path, other, b""
        layout = languages_of((location for _, location in files), self.site)
        bundles = _bundles(location for _, location in files) if self.site.maker == "hugo" else frozenset()
        done = 0
        undecided: list[tuple[Path, str]] = []
        orders: set[str] = set()
        for path, location in files:
            try:
                value, data = self._content(path, location, *layout[location], bundles)
            except Undecided:
                undecided.append((path, location))
                continue
            if isinstance(value, Post):
                orders.update(order for order in ("day", "month") if FIRST.format(order) in value.notes)
            yield path, value, data
            done += len(data)
            tick(done)
        if len(orders) == 1:
            self._date_format = "DMY" if "day" in orders else "MDY"
        for path, location in undecided:
            try:
                value, data = self._content(path, location, *layout[location], bundles)
            except Undecided:
                problem = "the day or the month may come first, and no other post shows which: give date_format='DMY' or date_format='MDY'"
                value, data = Faulty(InputError(problem, field="date"), location), _bytes_of(path)
            yield path, value, data
            done += len(data)
            tick(done)

    def _kind_of(self, name: str) -> str:
        """`kind_of`, but for sites where other files than Markdown lie beside posts and are none."""
        kind = kind_of(name)
        return kind if kind in ("md", "mdx") or self.site.maker not in _OF_MARKDOWN else ""

    def _content(
        self, path: Path, location: str, language: str | None, group: str, bundles: frozenset[str]
    ) -> tuple[object, bytes]:
        """What a file is, and its bytes."""
        data = b""
        try:
            data = _bytes_of(path)
            if self.site.excludes(path.absolute(), location):
                return LeftOut("excluded by the site's settings"), data
            if self.site.maker == "hexo" and "_posts" not in location.split("/"):
                return LeftOut("pages"), data
            if _inside_bundle(location, bundles):
                return LeftOut("parts of other posts"), data
            if _is_other_form(path):
                return LeftOut("other forms of archive pages"), data
            return self._file(data, path, location, language, group), data
        except InputError as error:
            return Faulty(error, location), data
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            return Faulty(InputError("not UTF-8: save the file as UTF-8", line=line), location), data
        except (OSError, EOFError, zlib.error) as error:
            problem = f"cannot be read: {(isinstance(error, OSError) and error.strerror) or error}"
            return Faulty(InputError(problem), location), data

    def _file(self, data: bytes, path: Path, location: str, language: str | None, group: str) -> object:
        if is_archive_list(path.name, data):
            return LeftOut("lists of posts")
        if is_archive_page(data):
            return self._archive_page(data, location)
        return read_post(
            _text_of(data),
            path=location,
            site=self.site,
            inherited={
                **self.site.inherited(path.absolute(), location),
                **self._given.get(path.stem, {}),
                **self._described(path),
            },
            language=language,
            group=group,
            zone=self._zone,
            dated_by=self._dated_by,
            date_format=self._date_format,
            keeps_undated=self._keeps_undated,
            now=self._now,
        )

    def _described(self, path: Path) -> dict[str, Any]:
        """The metadata in a file next to a post: the file of the same name, or the only one next to a README."""
        beside = self._beside.get(path.parent, [])
        same = [other for other in beside if other.stem == path.stem]
        if not same and path.stem.lower() in ("readme", "index") and len(beside) == 1:
            same = beside
        for other in same:
            front = _named(settings_of(other))
            is_of_nikola = self.site.maker == "nikola" and other.suffix == ".meta"
            if is_of_nikola or (is_dated(front) and "title" in front):
                return front
        return {}


def _site_of(root: Path) -> ContentSite:
    """The site of a file or folder; of a folder in no site, the one below it if all pages lie in one folder."""
    site = find_site(root if root.is_dir() else root.parent)
    if site.maker or not root.is_dir():
        return site
    holder = None
    for path, fault in _walk(root, site):
        if fault is not None or not kind_of(path.name) or path.name.split(".")[0].lower() in _PAGES:
            continue
        top = root / path.relative_to(root).parts[0]
        if top == path or top != (holder or top):
            return site
        holder = top
    inner = site if holder is None else find_site(holder)
    return inner if inner.maker else site


def _bundles(locations: Iterator[str]) -> frozenset[str]:
    """The leaf bundles of Hugo: folders that are a single post with its resources."""
    return frozenset(
        posixpath.dirname(location)
        for location in locations
        if posixpath.basename(location).split(".")[0] == "index"
    )


def _inside_bundle(location: str, bundles: frozenset[str]) -> bool:
    """Whether a file is a resource of a Hugo bundle rather than a post."""
    if not bundles:
        return False
    folder = posixpath.dirname(location)
    if folder in bundles:
        return posixpath.basename(location).split(".")[0] != "index"
    while "/" in folder:
        folder = posixpath.dirname(folder)
        if folder in bundles:
            return True
    return False


def _text_of(data: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 where its first bytes say so."""
    return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")


def _bytes_of(path: Path) -> bytes:
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
        data = file.read(MAX_POST + 1)
    if len(data) > MAX_POST:
        raise InputError(f"is longer than {MAX_POST:,} bytes, the limit for a post")
    return data


def text_of_page(path: Path) -> str:
    """The text of a page that was read before; its lines end in LF."""
    try:
        return _text_of(_bytes_of(path)).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, InputError):
        return ""  # changed since it was first read: it has no events any more


def _walk(root: Path, site: ContentSite) -> Iterator[tuple[Path, InputError | None]]:
    """All files below a folder in the order of names, and the folders that cannot be read."""
    if not root.is_dir():
        yield root, None
        return
    folders = [root]
    entered: set[tuple[int, int]] = set()
    while folders:
        folder = folders.pop()
        below = []
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in entered:  # reached again through a link
                continue
            entered.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            yield folder, InputError(f"cannot be read: {error.strerror or error}")
            continue
        for entry in entries:
            path = folder / entry.name
            try:
                is_folder = entry.is_dir()
                is_file = entry.is_file()
            except OSError as error:
                yield path, InputError(f"cannot be read: {error.strerror or error}")
                continue
            if is_folder:
                if not site.skips(entry.name):
                    below.append(path)
            elif entry.name.startswith("."):
                continue
            elif is_file or entry.is_symlink():
                yield path, None
        folders.extend(reversed(below))


def size_of(root: Path) -> int:
    """The bytes of the posts in a folder."""
    site = _site_of(root)
    return sum(
        path.stat().st_size
        for top in site.folders(root.absolute())
        for path, error in _walk(top, site)
        if error is None and kind_of(path.name) and path.exists()
    )
