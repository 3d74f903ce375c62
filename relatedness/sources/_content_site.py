"""The site that a folder of posts belongs to, and the values that its posts inherit from folders and settings."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from relatedness.sources._ignored import Patterns, filters, skips_folder
from relatedness.sources._names import names_as_listed
from relatedness.sources._site_files import fields_of, is_true, lower_names, settings_of

_NO_CONTENT = frozenset(names_as_listed("files", "no_content"))

_ELEVENTY_DATA = (".11tydata.json", ".11tydata.js", ".11tydata.cjs", ".11tydata.mjs")

_LANGUAGE = re.compile(r"\.([A-Za-z][\w-]{1,15})\.\w+\Z")  # posts/mosul.de.md


class Content(NamedTuple):
    """A folder with content."""

    folder: Path
    prefix: str = ""  # the prefix of the locations in it
    language: str | None = None  # its own language, if it has one
    ignored: Patterns = ()  # locations in it that are not content


@dataclass(frozen=True, slots=True)
class ContentSite:
    """The properties of a site."""

    # ``hugo``, ``jekyll``, ``zola``, ``hexo``, ``pelican``, ``mkdocs``, ``nikola``, ``eleventy``, ``docusaurus``,
    # ``astro``; empty if unknown.
    maker: str = ""
    contents: tuple[Content, ...] = ()  # the folders of its posts
    languages: frozenset[str] = frozenset()  # the languages in its settings, in lower case
    language: str | None = None  # the default language of a site with several
    zone: str | None = None  # the time zone of its dates
    # Whether it shows posts dated in the future, and expired posts.
    future: bool = False
    expired: bool = False
    # Patterns of locations where it shows posts dated in the future, whatever it does elsewhere.
    ahead: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()  # the names of front matter that hold topics beside ``tags``
    labels: Mapping[str, str] = field(default_factory=dict)  # the labels of topics that posts name by keys
    # Patterns of locations, each with the values that posts inherit there.
    defaults: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    exclude: tuple[str, ...] = ()  # patterns of locations that it excludes
    ignored: Patterns = ()  # locations that its settings ignore
    # The names in front matter, in lower case, that its settings define for the date, the publication date and the
    # expiry date.
    dates: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    _inherited: dict[str, dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    def location(self, path: Path, root: Path) -> str:
        """The location of a file as the site's templates name it; if it is not in the site, relative to the folder being read."""
        for content in self.contents:
            inside = below(path, content.folder)
            if inside is not None:
                return content.prefix + inside
        return below(path, root) or path.name

    def folders(self, root: Path) -> list[Path]:
        """The folders to read for a given folder: those with content in it, if there are any."""
        inside = [c.folder for c in self.contents if c.folder != root and below(c.folder, root) is not None]
        if any(below(root, c.folder) is not None or c.folder == root for c in self.contents):
            return [root]
        return [folder for folder in dict.fromkeys(inside) if folder.is_dir()] or [root]

    def skips(self, name: str) -> bool:
        """Whether folders of this name are skipped."""
        return name.startswith(".") or name in _NO_CONTENT or skips_folder(self.maker, name)

    def excludes(self, path: Path, location: str) -> bool:
        """Whether the settings exclude a file."""
        if any(_matches(location, pattern) for pattern in self.exclude):
            return True
        if any(pattern.match(location) for pattern in self.ignored):
            return True
        for content in self.contents:
            inside = below(path, content.folder)
            if inside is not None:
                return any(pattern.match(inside) for pattern in content.ignored)
        return False

    def shows_future(self, location: str) -> bool:
        """Whether the site shows a post that is dated in the future."""
        return self.future or any(_matches(location, pattern) for pattern in self.ahead)

    def inherited(self, path: Path, location: str) -> dict[str, Any]:
        """The values that a post inherits from its folders and from the settings, in lower case."""
        values: dict[str, Any] = {}
        for pattern, given in self.defaults:
            if _matches(location, pattern):
                given = lower_names(given)
                values.update(self._cascaded(given.pop("cascade", None), location))
                values.update(given)
        top = next((c.folder for c in self.contents if below(path, c.folder) is not None), path.parent)
        values.update(self._of_folder(path.parent, top, location))
        if self.maker == "nikola" and (said := _LANGUAGE.search(path.name)) is not None:
            # Its translations take over what they do not say themselves.
            main = path.with_name(path.name[: said.start()] + path.suffix)
            for beside, read in ((main.with_suffix(".meta"), settings_of), (main, fields_of)):
                if said[1].lower() in self.languages and beside.is_file():
                    values.update(lower_names(read(beside)))
            values.pop("title", None)
        if self.maker == "eleventy":  # a single page's own data
            for ending in (".json", *_ELEVENTY_DATA):
                beside = path.with_suffix(ending)
                if beside.is_file():
                    values.update(lower_names(settings_of(beside)))
        return values

    def _of_folder(self, folder: Path, top: Path, location: str) -> dict[str, Any]:
        chain = [folder]
        while chain[-1] != top and top in chain[-1].parents:
            chain.append(chain[-1].parent)
        values: dict[str, Any] = {}
        for one in reversed(chain):
            known = self._inherited.get(str(one))
            if known is None:
                known = self._inherited[str(one)] = _folder_values(one, self.maker)
            if (said := _LANGUAGE.search(location)) is not None and said[1].lower() in self.languages:
                known = known | _cascade_of(one, f"_index.{said[1]}.md")
            for name, value in known.items():
                if name == "cascade":
                    values.update(self._cascaded(value, location))
                else:
                    values |= self.merged(values, {name: value})
        return values

    def merged(self, inherited: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
        """Inherited values and those of a post or folder, which take their place; Eleventy joins tags."""
        values = {**inherited, **own}
        if self.maker == "eleventy" and inherited.get("tags") and own.get("tags"):
            values["tags"] = [name for tags in (inherited, own) for name in _as_list(tags["tags"])]
        return values

    def _cascaded(self, cascade: object, location: str) -> dict[str, Any]:
        """What Hugo's cascade gives a page; of several entries that name a value, the first counts."""
        values: dict[str, Any] = {}
        for given in cascade if isinstance(cascade, list) else [cascade]:
            if not isinstance(given, Mapping):
                continue
            entry = lower_names(given)
            targets = [entry.pop(name, None) for name in ("_target", "target")]
            target = next((each for each in targets if isinstance(each, Mapping)), {})
            if self._is_target(lower_names(target), location):
                params = entry.pop("params", None)
                values = entry | (lower_names(params) if isinstance(params, Mapping) else {}) | values
        return values

    def _is_target(self, target: Mapping[str, Any], location: str) -> bool:
        """Whether a cascade's target means a page, which Hugo names without its language, ending and ``index``."""
        path, language = posixpath.splitext(location)[0], self.language
        if (said := _LANGUAGE.search(location)) is not None and said[1].lower() in self.languages:
            path, language = path.removesuffix(f".{said[1]}"), said[1]
        for content in self.contents:
            if content.language and path.startswith(content.prefix):
                path, language = path.removeprefix(content.prefix), content.language
        names = {
            "path": (path.removesuffix("/index").replace(" ", "-"), location),
            "kind": ("page",),
            "environment": ("production",),
            # A target that names a language on a site with only one means that one.
            "lang": (language,) if language else (),
        }
        return all(
            any(_fits(name, str(target[kind])) for name in found)
            for kind, found in names.items()
            if target.get(kind) and found
        )


def _fits(name: str, glob: str) -> bool:
    unfit = _unfit(glob)
    return unfit is not None and unfit.match(name) is None


@lru_cache(maxsize=1000)  # as every page asks for the same ones
def _unfit(glob: str) -> re.Pattern[str] | None:
    """What matches the names that a glob of Hugo does not; None for ``/``, which is the home page alone."""
    return next(iter(filters([glob], [])), None)


def below(path: Path, folder: Path) -> str | None:
    """The path relative to a folder; None if it is not below it."""
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return None


def _matches(location: str, pattern: str) -> bool:
    pattern = pattern.strip("/")
    return (
        not pattern
        or location == pattern
        or location.startswith(pattern + "/")
        or (
            any(mark in pattern for mark in "*?[")
            and (fnmatch.fnmatchcase(location, pattern) or fnmatch.fnmatchcase(location, pattern + "/*"))
        )
    )


def _folder_values(folder: Path, maker: str) -> dict[str, Any]:
    """Hugo's cascade of ``_index.md``, Eleventy's data of a folder, MkDocs Material's ``.meta.yml``."""
    values: dict[str, Any] = {}
    for name in (
        f"{folder.name}.json",
        *(f"{folder.name}{ending}" for ending in _ELEVENTY_DATA),
        ".meta.yml",
    ):
        path = folder / name
        if path.is_file():
            values.update(lower_names(settings_of(path)))
    for name in ("_index.md", "_index.html"):
        path = folder / name
        if path.is_file():
            given = lower_names(fields_of(path))
            if maker == "zola" and is_true(given.get("draft")):
                values["draft"] = True  # Hugo does not load a draft section or anything below it
            values |= _cascade_of(folder, name)
    return values


def _cascade_of(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    cascade = lower_names(fields_of(path)).get("cascade") if path.is_file() else None
    return {"cascade": cascade} if cascade else {}


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
