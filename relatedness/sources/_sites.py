"""The site that a folder of posts belongs to: who made it, where its content lies, what holds for whole folders.

In: a folder. Out: a `ContentSite`, which knows the location of each file as the site's templates name it, its language and the
values that it inherits. Settings are read from the maker's file, never run: Python's are parsed, of those in JavaScript
only the languages are looked for.

=============  =======================================  =============================================================
Maker          known by                                 paths of posts count from
=============  =======================================  =============================================================
Hugo           ``hugo.toml``, ``config/_default``       ``contentDir`` (``.File.Path``); a language with a folder of
                                                        its own goes before: ``de/posts/mosul.md``
Jekyll         ``_config.yml``, a folder ``_posts``     ``source`` (``page.path``)
Zola           ``config.toml`` with ``base_url``        ``content`` (``page.relative_path``)
Hexo           ``_config.yml`` beside ``scaffolds``     ``source`` (``post.source``)
Pelican        ``pelicanconf.py``                       ``PATH`` (``article.relative_source_path``)
MkDocs         ``mkdocs.yml``                           ``docs_dir`` (``page.file.src_uri``)
Nikola         ``conf.py`` with ``POSTS``               the site (``post.source_path``)
Eleventy       ``eleventy.config.js``                   the site (``page.inputPath``)
Docusaurus     ``docusaurus.config.js``                 the site (``metadata.source``)
Astro          ``astro.config.mjs``                     the site (``entry.filePath``)
none of these                                           the folder that is read
=============  =======================================  =============================================================
"""

from __future__ import annotations

import ast
import fnmatch
import json
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from relatedness.errors import InputError
from relatedness.sources._front_matter import read_toml, read_yaml, split_front_matter
from relatedness.sources._ignored import (
    Patterns,
    of_lines,
    outside,
    patterns_of,
    skips_folder,
    spelled_out,
    texts_in,
)

_HIGHEST = 6  # the number of parent folders that are searched for a site's configuration
_LONGEST = 2**20
_NO_CONTENT = frozenset(
    [
        "node_modules",
        "vendor",
        "_site",
        "_layouts",
        "_includes",
        "_sass",
        "_data",
        "_plugins",
        "__pycache__",
        "archetypes",
        "scaffolds",
        "themes",
        "bower_components",
        "_templates",
        "i18n-templates",
    ]
)


class Content(NamedTuple):
    """A folder with content, what goes before the locations in it, and its language where it has its own."""

    folder: Path
    prefix: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ContentSite:
    """What is known of a site.

    Attributes
    ----------
    maker : str
        ``hugo``, ``jekyll``, ``zola``, ``hexo``, ``pelican``, ``mkdocs``, ``nikola``, ``eleventy``, ``docusaurus``,
        ``astro``; empty if unknown.
    contents : tuple of Content
        Where its posts lie.
    languages : frozenset of str
        Those that its settings name, in lower case.
    language : str, optional
        Of what names none, in a site of several languages.
    zone : str, optional
        The zone of its times.
    future, expired : bool
        Whether it shows what is dated in the future; what has expired.
    lists : tuple of str
        The names of front matter that hold topics beside ``tags``.
    defaults : tuple
        Patterns of locations, each with the values that posts inherit there.
    exclude : tuple of str
        Patterns of locations that it leaves out.
    ignored : tuple of re.Pattern
        Locations that its settings ignore.
    """

    maker: str = ""
    contents: tuple[Content, ...] = ()
    languages: frozenset[str] = frozenset()
    language: str | None = None
    zone: str | None = None
    future: bool = False
    expired: bool = False
    lists: tuple[str, ...] = ()
    defaults: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    exclude: tuple[str, ...] = ()
    ignored: Patterns = ()
    _inherited: dict[str, dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    def location(self, path: Path, root: Path) -> str:
        """How the site's templates name a file; below the folder that is read where the site does not hold it."""
        for content in self.contents:
            below = _below(path, content.folder)
            if below is not None:
                return content.prefix + below
        return _below(path, root) or path.name

    def folders(self, root: Path) -> list[Path]:
        """The folders to look into where this one is read: those with content, if it holds them."""
        inside = [c.folder for c in self.contents if c.folder != root and _below(c.folder, root) is not None]
        if any(_below(root, c.folder) is not None or c.folder == root for c in self.contents):
            return [root]
        return [folder for folder in dict.fromkeys(inside) if folder.is_dir()] or [root]

    def skips(self, name: str) -> bool:
        """Whether folders of this name are skipped."""
        return name.startswith(".") or name in _NO_CONTENT or skips_folder(self.maker, name)

    def excludes(self, location: str) -> bool:
        """Whether the settings leave a file out."""
        return any(_matches(location, pattern) for pattern in self.exclude) or any(
            pattern.match(location) for pattern in self.ignored
        )

    def inherited(self, path: Path, location: str) -> dict[str, Any]:
        """The values that a post inherits from its folders and from the settings, in lower case."""
        values: dict[str, Any] = {}
        for pattern, given in self.defaults:
            if _matches(location, pattern):
                given = _lower(given)
                values.update(_cascaded(given.pop("cascade", None), location))
                values.update(given)
        top = next((c.folder for c in self.contents if _below(path, c.folder) is not None), path.parent)
        values.update(self._of_folder(path.parent, top, location))
        if self.maker == "eleventy":  # the data of one page
            for ending in (".json", ".11tydata.json"):
                beside = path.with_suffix(ending)
                if beside.is_file():
                    values.update(_lower(settings_of(beside)))
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
            for name, value in known.items():
                if name == "cascade":
                    values.update(_cascaded(value, location))
                elif name == "tags" and isinstance(values.get(name), list) and isinstance(value, list):
                    values[name] = [*values[name], *value]
                else:
                    values[name] = value
        return values


def _lower(values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in values.items()}


def _below(path: Path, folder: Path) -> str | None:
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
    for name in (f"{folder.name}.json", f"{folder.name}.11tydata.json", ".meta.yml"):
        path = folder / name
        if path.is_file():
            values.update(_lower(settings_of(path)))
    for name in ("_index.md", "_index.html"):
        path = folder / name
        if path.is_file():
            given = _lower(_fields(path))
            if maker == "zola" and is_true(given.get("draft")):
                values["draft"] = True  # a section that is a draft is not loaded, with all below it
            cascade = given.get("cascade")
            if cascade:
                values["cascade"] = cascade
    return values


def _cascaded(cascade: object, location: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for given in cascade if isinstance(cascade, list) else [cascade]:
        if not isinstance(given, Mapping):
            continue
        lower = _lower(given)
        target = lower.pop("_target", None) or lower.pop("target", None)
        lower.pop("target", None)
        if isinstance(target, Mapping):
            wanted = _lower(target)
            bare = posixpath.splitext(location)[0]
            patterns = spelled_out(str(wanted.get("path") or "**"))
            if not any(fnmatch.fnmatchcase(name, path) for path in patterns for name in (bare, location)):
                continue
            if str(wanted.get("kind") or "page") != "page":
                continue
        values.update(
            _lower(lower.pop("params", None) or {}) if isinstance(lower.get("params"), Mapping) else {}
        )
        values.update(lower)
    return values


def _text_of(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return file.read(_LONGEST)
    except OSError:
        return ""


def _fields(path: Path) -> dict[str, Any]:
    try:
        return split_front_matter(_text_of(path)).fields
    except InputError:
        return {}  # its own file says so


def settings_of(path: Path) -> dict[str, Any]:
    """The names and values in a TOML, YAML or JSON file, or one of Nikola's beside a post; an unreadable one holds none."""
    text = _text_of(path)
    try:
        if path.suffix == ".meta":
            return split_front_matter(text, "rst").fields
        if path.suffix == ".toml":
            return read_toml(text)
        if path.suffix == ".json":
            value = json.loads(text)
            return value if isinstance(value, dict) else {}
        # MkDocs and others write tags of their own (!!python/name:...), which the base loader reads as text.
        return read_yaml(text)
    except (InputError, ValueError, RecursionError):
        return {}


def find_site(folder: Path) -> ContentSite:
    """The site that a folder belongs to.

    Parameters
    ----------
    folder : Path
        A folder with posts, or one above or below it.

    Returns
    -------
    ContentSite
        One without a maker if none is recognised.
    """
    folder = folder.absolute()
    for above in [folder, *folder.parents][:_HIGHEST]:
        site = _made_here(above)
        if site is not None:
            return site
        if (above / ".git").exists() or above == Path.home():
            break
    parts = folder.parts
    if "_posts" in parts:
        return ContentSite("jekyll", (Content(Path(*parts[: parts.index("_posts")])),))
    if (folder / "_posts").is_dir():
        return ContentSite("hexo" if folder.name == "source" else "jekyll", (Content(folder),))
    return ContentSite("", (Content(folder),))


def _first(folder: Path, *names: str) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _with_endings(name: str) -> tuple[str, ...]:
    return tuple(f"{name}.{ending}" for ending in ("js", "ts", "mjs", "cjs", "mts"))


def _made_here(folder: Path) -> ContentSite | None:
    """The site whose settings lie in this folder."""
    hugo = _first(folder, "hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json")
    if hugo is not None or (folder / "config/_default").is_dir():
        return _hugo(folder, settings_of(hugo) if hugo else {})
    config = _first(folder, "config.toml", "config.yaml", "config.yml", "config.json", "zola.toml")
    if config is not None:
        settings = settings_of(config)
        if "base_url" in settings:
            return _zola(folder, settings)
        if any(name.lower() in ("baseurl", "languagecode", "defaultcontentlanguage") for name in settings):
            return _hugo(folder, settings)
    config = _first(folder, "_config.yml", "_config.yaml", "_config.toml")
    if config is not None:
        settings = settings_of(config)
        if (
            (folder / "scaffolds").is_dir()
            or _names_hexo(folder / "package.json")
            or {
                "new_post_name",
                "skip_render",
                "public_dir",
            }
            & settings.keys()
        ):
            return _hexo(folder, settings)
        return _jekyll(folder, settings)
    if (folder / "pelicanconf.py").is_file():
        return _pelican(folder, _assignments(folder / "pelicanconf.py"))
    if (folder / "conf.py").is_file():
        found = _assignments(folder / "conf.py")
        if "POSTS" in found:
            return _nikola(folder, found)
    config = _first(folder, "mkdocs.yml", "mkdocs.yaml")
    if config is not None:
        settings = settings_of(config)
        docs = folder / str(settings.get("docs_dir") or "docs")
        excluded = str(settings.get("exclude_docs") or "") + "\n" + str(settings.get("draft_docs") or "")
        return ContentSite("mkdocs", (Content(docs),), future=True, ignored=of_lines(excluded.split("\n")))
    for maker, names in {
        "eleventy": (".eleventy.js", *_with_endings("eleventy.config")),
        "docusaurus": _with_endings("docusaurus.config"),
        "astro": _with_endings("astro.config"),
    }.items():
        config = _first(folder, *names)
        if config is not None:
            languages, default = _languages_in_script(_text_of(config))
            lists = (".eleventyignore", ".gitignore") if maker == "eleventy" else ()
            lines = [
                line
                for name in lists
                if (folder / name).is_file()
                for line in _text_of(folder / name).split("\n")
            ]
            return ContentSite(
                maker, (Content(folder),), languages, default, future=True, ignored=of_lines(lines)
            )
    return None


def _hugo(folder: Path, settings: Mapping[str, Any]) -> ContentSite:
    merged = _lower(settings)
    by_language: dict[str, Any] = {}
    for base in ("config/_default", "config/production"):
        for path in sorted((folder / base).glob("*.*")):
            if path.suffix not in (".toml", ".yaml", ".yml", ".json"):
                continue
            name = path.stem.lower()
            values = settings_of(path)
            if name in ("hugo", "config"):
                merged.update(_lower(values))
            elif "." not in name:
                merged[name] = values.get(name, values)
            elif name.startswith("languages."):
                by_language[name.removeprefix("languages.")] = values
    languages = merged.get("languages") if isinstance(merged.get("languages"), Mapping) else {}
    disabled = {name.lower() for name in texts_in(merged.get("disablelanguages"))}
    contents: list[Content] = []
    apart: list[str] = []
    shown: set[str] = set()
    root = _inside(folder, merged.get("contentdir") or "content")
    for name, given in {**dict(languages or {}), **by_language}.items():
        values = _lower(given) if isinstance(given, Mapping) else {}
        own = _inside(folder, values["contentdir"]) if values.get("contentdir") else None
        if is_true(values.get("disabled")) or name.lower() in disabled:
            below = None if own is None else _below(own, root)
            apart += [f"{below}/**"] if below else [f"**.{name.lower()}.*"]
            continue
        shown.add(name.lower())
        if own is not None:
            contents.append(Content(own, f"{name.lower()}/", name))
    # Where each language has a folder of its own, what lies beside them is not shown.
    if not shown or len(contents) < len(shown):
        contents.append(Content(root))
    taxonomies = merged.get("taxonomies")
    lists = (
        tuple(str(name).lower() for name in taxonomies.values()) if isinstance(taxonomies, Mapping) else ()
    )
    default = str(merged.get("defaultcontentlanguage") or "en")
    return ContentSite(
        "hugo",
        tuple(contents),
        frozenset(shown),
        default if len(shown) > 1 else None,
        str(merged["timezone"]) if merged.get("timezone") else None,
        future=is_true(merged.get("buildfuture")),
        expired=is_true(merged.get("buildexpired")),
        lists=lists,
        defaults=(("", {"cascade": merged.get("cascade")}),),
        exclude=tuple(apart),
        ignored=patterns_of("hugo", merged),
    )


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _inside(folder: Path, name: object) -> Path:
    return Path(posixpath.normpath((folder / str(name)).as_posix()))


def is_true(value: object) -> bool:
    """Whether a value of front matter or settings says yes."""
    return str(value).strip().lower() in ("true", "yes", "on", "y", "1")


def _zola(folder: Path, settings: Mapping[str, Any]) -> ContentSite:
    languages = settings.get("languages")
    names = {str(name).lower() for name in languages} if isinstance(languages, Mapping) else set()
    lists = [
        str(entry["name"]).lower()
        for entry in _listed(settings.get("taxonomies"))
        if isinstance(entry, Mapping) and entry.get("name")
    ]
    return ContentSite(
        "zola",
        (Content(folder / "content"),),
        frozenset(names),
        str(settings.get("default_language") or "en") if names else None,
        future=True,
        lists=tuple(lists),
        ignored=patterns_of("zola", settings),
    )


def _jekyll(folder: Path, settings: Mapping[str, Any]) -> ContentSite:
    source = _inside(folder, settings.get("source") or ".")
    defaults: list[tuple[str, Mapping[str, Any]]] = []
    for entry in settings.get("defaults") or ():
        if not (isinstance(entry, Mapping) and isinstance(entry.get("values"), Mapping)):
            continue
        scope = entry.get("scope") if isinstance(entry.get("scope"), Mapping) else {}
        assert isinstance(scope, Mapping)
        kind, path = str(scope.get("type") or ""), str(scope.get("path") or "").strip("/")
        if kind in ("pages", "drafts"):
            continue
        pattern = path or ("" if kind in ("", "posts") else f"_{kind}")
        defaults.append((pattern, entry["values"]))
    given = settings.get("exclude")
    excluded = [str(name) for name in given if str(name).strip("/")] if isinstance(given, list) else []
    collections = _shown_collections(settings)
    excluded += _unpublished(source, settings, collections)
    languages = settings.get("languages")
    names = {str(name).lower() for name in languages} if isinstance(languages, list) else set()
    return ContentSite(
        "jekyll",
        (Content(source),),
        frozenset(names),
        str(settings.get("default_lang") or settings.get("lang") or "en") if len(names) > 1 else None,
        str(settings["timezone"]) if settings.get("timezone") else None,
        future=is_true(settings.get("future")),
        defaults=tuple(defaults),
        exclude=tuple(excluded),
        ignored=(
            re.compile(f"(?:[^/]+/)+_(?!(?:{'|'.join(['posts', 'drafts', *map(re.escape, collections)])})/)"),
        ),
    )


def _shown_collections(settings: Mapping[str, Any]) -> list[str]:
    """Jekyll's collections with ``output: true``."""
    collections = settings.get("collections")
    named = collections if isinstance(collections, Mapping) else {}
    return [
        str(name) for name, said in named.items() if isinstance(said, Mapping) and is_true(said.get("output"))
    ]


def _unpublished(source: Path, settings: Mapping[str, Any], collections: Iterable[str]) -> list[str]:
    """The folders of Jekyll's that become no pages: those with an underscore that are no collection that is shown."""
    if settings.get("collections_dir") or not source.is_dir():
        return []
    shown = {"_posts", "_drafts", *(f"_{name}" for name in collections)}
    return [
        entry.name
        for entry in source.iterdir()
        if entry.name.startswith("_") and entry.name not in shown and entry.is_dir()
    ]


def _names_hexo(package: Path) -> bool:
    try:
        with package.open("rb") as file:
            return b'"hexo"' in file.read(2**16)
    except OSError:
        return False


def _hexo(folder: Path, settings: Mapping[str, Any]) -> ContentSite:
    language = settings.get("language")
    names = (
        {str(name).lower() for name in language if name != "default"} if isinstance(language, list) else set()
    )
    return ContentSite(
        "hexo",
        (Content(_inside(folder, settings.get("source_dir") or "source")),),
        frozenset(names),
        None,
        str(settings["timezone"]) if settings.get("timezone") else None,
        future=str(settings.get("future", "true")).lower() != "false",
        ignored=patterns_of("hexo", settings),
    )


def _pelican(folder: Path, found: Mapping[str, Any]) -> ContentSite:
    values, of_paths = found.get("DEFAULT_METADATA"), found.get("EXTRA_PATH_METADATA")
    defaults = [("", values)] if isinstance(values, Mapping) else []
    if isinstance(of_paths, Mapping):
        defaults += [(str(path), given) for path, given in of_paths.items() if isinstance(given, Mapping)]
    return ContentSite(
        "pelican",
        (Content(_inside(folder, found.get("PATH") or "content")),),
        zone=str(found["TIMEZONE"]) if found.get("TIMEZONE") else None,
        future=found.get("WITH_FUTURE_DATES", True) is not False,
        defaults=tuple(defaults),
        exclude=tuple(f"{name.strip('/')}/*" for name in texts_in(found.get("PAGE_PATHS")) or ["pages"]),
        ignored=patterns_of("pelican", found) + outside(texts_in(found.get("ARTICLE_PATHS"))),
    )


def _nikola(folder: Path, found: Mapping[str, Any]) -> ContentSite:
    translations = found.get("TRANSLATIONS")
    names = {str(name).lower() for name in translations} if isinstance(translations, Mapping) else set()
    default = str(found.get("DEFAULT_LANG") or "en")
    pages, posts = (
        [str(entry[0]) for entry in _listed(found.get(name)) if isinstance(entry, tuple | list) and entry]
        for name in ("PAGES", "POSTS")
    )
    return ContentSite(
        "nikola",
        (Content(folder),),
        frozenset(names | {default.lower()}) if len(names) > 1 else frozenset(),
        default if len(names) > 1 else None,
        str(found["TIMEZONE"]) if found.get("TIMEZONE") else None,
        future=found.get("FUTURE_IS_NOW") is True,
        exclude=tuple(f"{name.partition('/')[0]}/*" for name in pages if "/" in name),
        ignored=outside(name.partition("*")[0] for name in posts),
    )


def _assignments(path: Path) -> dict[str, Any]:
    """The plain values that a Python file gives to names, without running it."""
    values: dict[str, Any] = {}
    try:
        tree = ast.parse(_text_of(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return values
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                values[node.targets[0].id] = ast.literal_eval(node.value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                values.setdefault(node.targets[0].id, None)
    return values


def _languages_in_script(text: str) -> tuple[frozenset[str], str | None]:
    locales = re.search(r"\blocales\s*:\s*\[([^\]]{0,2000})\]", text)
    default = re.search(r"\bdefaultLocale\s*:\s*['\"]([\w-]{2,20})['\"]", text)
    names = re.findall(r"['\"]([\w-]{2,20})['\"]", locales[1]) if locales else []
    several = len(names) > 1
    return frozenset(name.lower() for name in names if several), default[1] if default and several else None
