"""The settings of a site in the way of each maker -> its `ContentSite`: a function a maker."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from relatedness.sources._content_site import Content, ContentSite, below
from relatedness.sources._ignored import expressions, filters, of_lines, outside, patterns_of, texts_in
from relatedness.sources._site_files import is_true, lower_names, script_of, settings_of, text_of


def hugo(folder: Path, settings: Mapping[str, Any]) -> ContentSite:
    """A site of Hugo, from its settings and those in the folder ``config``."""
    merged = lower_names(settings)
    by_language: dict[str, Any] = {}
    for base in ("config/_default", "config/production"):
        for path in sorted((folder / base).glob("*.*")):
            if path.suffix not in (".toml", ".yaml", ".yml", ".json"):
                continue
            name = path.stem.lower()
            values = settings_of(path)
            if name in ("hugo", "config"):
                merged.update(lower_names(values))
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
        values = lower_names(given) if isinstance(given, Mapping) else {}
        own = _inside(folder, values["contentdir"]) if values.get("contentdir") else None
        if is_true(values.get("disabled")) or name.lower() in disabled:
            disabled.add(name.lower())
            inside = None if own is None else below(own, root)
            apart += [f"{inside}/**"] if inside else [f"**.{name.lower()}.*"]
            continue
        shown.add(name.lower())
        if own is not None:
            contents.append(Content(own, f"{name.lower()}/", name))
    mounted = list(_mounted(folder, merged.get("module"), disabled))
    # Where each language has a folder of its own, what lies beside them is not shown.
    if not mounted and (not shown or len(contents) < len(shown)):
        contents.append(Content(root))
    days = _front_matter_dates(merged.get("frontmatter"))
    taxonomies = merged.get("taxonomies")
    lists = (
        tuple(str(name).lower() for name in taxonomies.values()) if isinstance(taxonomies, Mapping) else ()
    )
    default = str(merged.get("defaultcontentlanguage") or "en")
    return ContentSite(
        "hugo",
        (*mounted, *contents),
        frozenset(shown),
        default if len(shown) > 1 else None,
        str(merged["timezone"]) if merged.get("timezone") else None,
        future=is_true(merged.get("buildfuture")),
        expired=is_true(merged.get("buildexpired")),
        lists=lists,
        defaults=(("", {"cascade": merged.get("cascade")}),),
        exclude=tuple(apart),
        ignored=patterns_of("hugo", merged),
        dates=days["date"],
        starts=days["publishdate"],
        ends=days["expirydate"],
    )


def _mounted(folder: Path, module: object, disabled: Iterable[str]) -> Iterator[Content]:
    """The folders that Hugo's settings mount as content, in place of its own; the innermost first."""
    mounts = [lower_names(one) for one in _listed(_named(module, "mounts")) if isinstance(one, Mapping)]
    found = []
    for mount in mounts:
        component, _, inner = str(mount.get("target") or "").strip("/").partition("/")
        language = next(iter(texts_in(mount.get("lang")) or _languages_of(mount.get("sites"))), None)
        source = _inside(folder, mount.get("source") or ".")
        if component != "content" or source.is_file() or (language or "").lower() in disabled:
            continue
        files = texts_in(mount.get("files"))
        left_out = [name.removeprefix("!").strip() for name in files if name.startswith("!")]
        ignored = filters(
            [name for name in files if not name.startswith("!")] + texts_in(mount.get("includefiles")),
            left_out + texts_in(mount.get("excludefiles")),
        )
        prefix = "".join(f"{part}/" for part in ((language or "").lower(), inner) if part)
        found.append(Content(source, prefix, language, ignored))
    yield from sorted(found, key=lambda content: -len(content.folder.parts))


def _languages_of(sites: object) -> list[str]:
    """The language of a mount in newer settings; none where it has several, or patterns of them."""
    names = texts_in(_named(_named(sites, "matrix"), "languages"))
    return names if len(names) == 1 and names[0].isalnum() else []


def _named(value: object, name: str) -> Any:
    return lower_names(value).get(name) if isinstance(value, Mapping) else None


def _front_matter_dates(given: object) -> dict[str, tuple[str, ...]]:
    """The names that Hugo's settings read dates from, in lower case; its own follow in any case."""
    found = {}
    for kind in ("date", "publishdate", "expirydate"):
        names = [name.lower() for name in texts_in(_named(given, kind))]
        own = names.index(":default") if ":default" in names else len(names)
        found[kind] = tuple(name for name in names[:own] if name == ":filename" or not name.startswith(":"))
    return found


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _inside(folder: Path, name: object) -> Path:
    return Path(posixpath.normpath((folder / str(name)).as_posix()))


def zola(folder: Path, settings: Mapping[str, Any]) -> ContentSite:
    """A site of Zola."""
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


def jekyll(folder: Path, settings: Mapping[str, Any]) -> ContentSite:
    """A site of Jekyll."""
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
    named = given.split(",") if isinstance(given, str) else given  # as older releases read a text
    excluded = [str(name).strip() for name in _listed(named) if str(name).strip(" /")]
    collections = _shown_collections(settings)
    excluded += _unpublished(source, settings, collections)
    holder = str(settings.get("collections_dir") or "").strip("/")
    languages = settings.get("languages")
    names = {str(name).lower() for name in languages} if isinstance(languages, list) else set()
    return ContentSite(
        "jekyll",
        (Content(source),),
        frozenset(names),
        str(settings.get("default_lang") or settings.get("lang") or "en") if len(names) > 1 else None,
        str(settings["timezone"]) if settings.get("timezone") else None,
        future=is_true(settings.get("future")),
        ahead=tuple(f"{holder}/_{name}" for name, said in collections.items() if is_true(said.get("future"))),
        defaults=tuple(defaults),
        exclude=tuple(excluded),
        ignored=(
            re.compile(f"(?:[^/]+/)+_(?!(?:{'|'.join(['posts', 'drafts', *map(re.escape, collections)])})/)"),
            re.compile(r"(?=(?:.*/)?_posts/)(?!.*/\d{2,4}-\d\d?-\d\d?-[^/]*\Z)"),  # no name of a post
        ),
    )


def _shown_collections(settings: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Jekyll's collections with ``output: true``, and what its settings say of each."""
    collections = settings.get("collections")
    named = collections if isinstance(collections, Mapping) else {}
    return {
        str(name): said
        for name, said in named.items()
        if isinstance(said, Mapping) and is_true(said.get("output"))
    }


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


def hexo(folder: Path, settings: Mapping[str, Any]) -> ContentSite:
    """A site of Hexo."""
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


def pelican(folder: Path, found: Mapping[str, Any]) -> ContentSite:
    """A site of Pelican; ``found`` are the values that its Python file gives to names."""
    values, of_paths = found.get("DEFAULT_METADATA"), found.get("EXTRA_PATH_METADATA")
    defaults = [("", values)] if isinstance(values, Mapping) else []
    if found.get("USE_FOLDER_AS_CATEGORY") is False:
        defaults.insert(0, ("", {"category": found.get("DEFAULT_CATEGORY") or "misc"}))
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


def nikola(folder: Path, found: Mapping[str, Any]) -> ContentSite:
    """A site of Nikola; ``found`` are the values that its Python file gives to names."""
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


def _languages_in_script(text: str) -> tuple[frozenset[str], str | None]:
    locales = re.search(r"\blocales\s*:\s*\[([^\]]{0,2000})\]", text)
    default = re.search(r"\bdefaultLocale\s*:\s*['\"]([\w-]{2,20})['\"]", text)
    names = re.findall(r"['\"]([\w-]{2,20})['\"]", locales[1]) if locales else []
    several = len(names) > 1
    return frozenset(name.lower() for name in names if several), default[1] if default and several else None


def mkdocs(folder: Path, settings: Mapping[str, Any]) -> ContentSite:
    """A site of MkDocs."""
    docs = folder / str(settings.get("docs_dir") or "docs")
    lines = [str(settings.get(name) or "") for name in ("exclude_docs", "draft_docs")]
    blog = _plugin(settings, "blog") or _plugin(settings, "material/blog")
    apart = _plugin(settings, "exclude")
    return ContentSite(
        "mkdocs",
        (Content(docs),),
        future=not is_true(blog.get("draft_if_future_date")),
        exclude=tuple(texts_in(apart.get("glob"))),
        # MkDocs itself never reads what lies in the templates.
        ignored=(*of_lines(["/templates/", *"\n".join(lines).split("\n")]), *expressions(apart.get("regex"))),
    )


def _plugin(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The options of a plugin of MkDocs, which settings list by names or with options below the name."""
    plugins = settings.get("plugins")
    for given in [plugins] if isinstance(plugins, Mapping) else _listed(plugins):
        if isinstance(given, Mapping) and isinstance(given.get(name), Mapping):
            return dict(given[name])
    return {}


def eleventy(folder: Path, config: Path) -> ContentSite:
    """A site of Eleventy: what its script says in plain text; the rest of the script is not run."""
    script = script_of(config)
    said = _INPUT.search(script) or _INPUT_OPTION.search(text_of(folder / "package.json"))
    name = posixpath.normpath(said["folder"]) if said is not None else "."
    if name.startswith(("..", "/")) or not (folder / name).is_dir():
        name = "."
    prefix = "" if name == "." else f"{name}/"
    ignored = [f"/{each['path'].removeprefix('./')}" for each in _IGNORED.finditer(script)]
    lists = [".eleventyignore"] if "setUseGitIgnore(false" in script else [".eleventyignore", ".gitignore"]
    ignored += [line for each in lists for line in text_of(folder / each).split("\n")]
    if prefix:
        ignored += [
            f"/{prefix}{line.strip().removeprefix('./').lstrip('/')}"
            for line in text_of(folder / name / ".eleventyignore").split("\n")
            if line.strip() and line[0] not in "#!"
        ]
    # Templates and data lie below the folder of content, under names that the script may change.
    parts = [posixpath.normpath(f"{name}/{each['folder']}") for each in _PARTS.finditer(script)]
    languages, default = _languages_in_script(script)
    return ContentSite(
        "eleventy",
        (Content(folder / name, prefix),),
        languages,
        default,
        future=True,
        exclude=tuple(part for part in parts if part not in (".", name) and not part.startswith("..")),
        ignored=of_lines(ignored),
    )


_TEXT = r"\s*['\"`](?:\./)?(?P<folder>[^'\"`$\n]{1,200})['\"`]"
_INPUT = re.compile(rf"(?:\bsetInputDirectory\(|\bdir\s*:\s*\{{[^{{}}]*?\binput\s*:){_TEXT}")
_INPUT_OPTION = re.compile(r"\beleventy\b[^\"\n]*?--input[= ](?:\./)?(?P<folder>[^\s\"'\\]{1,200})")
_PARTS = re.compile(rf"(?:\bset(?:Includes|Layouts|Data)Directory\(|\b(?:includes|layouts|data)\s*:){_TEXT}")
_IGNORED = re.compile(r"\bignores\.add\(\s*['\"`](?P<path>[^'\"`$\n]{1,500})['\"`]\s*\)")


def scripted(maker: str, folder: Path, config: Path) -> ContentSite:
    """A site whose settings are a script: Docusaurus, Astro."""
    script = script_of(config)
    languages, default = _languages_in_script(script)
    ignored = [
        f"**/{each.removeprefix('**/')}"
        for listed in (_EXCLUDED.findall(script) if maker == "docusaurus" else ())
        for each in re.findall(r"['\"`]([^'\"`$\n]{1,500})['\"`]", listed)
    ]
    labels: dict[str, str] = {}
    if maker == "docusaurus":
        ignored.append("*.test.*")
        labels = {
            key: said["label"]
            for path in sorted(folder.glob("*/tags.yml"))
            for key, said in settings_of(path).items()
            if isinstance(said, Mapping) and isinstance(said.get("label"), str)
        }
    return ContentSite(
        maker, (Content(folder),), languages, default, future=True, labels=labels, ignored=of_lines(ignored)
    )


_EXCLUDED = re.compile(r"\bexclude\s*:\s*\[([^\]]{0,5000})\]")
