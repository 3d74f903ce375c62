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

from pathlib import Path

from relatedness.sources import _site_makers as site_makers
from relatedness.sources._content_site import Content, ContentSite
from relatedness.sources._site_files import assignments, settings_of

_HIGHEST = 6  # the number of parent folders that are searched for a site's configuration
_OF_HEXO = frozenset(("new_post_name", "skip_render", "public_dir"))  # settings that Jekyll does not have


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
        return site_makers.hugo(folder, settings_of(hugo) if hugo else {})
    config = _first(folder, "config.toml", "config.yaml", "config.yml", "config.json", "zola.toml")
    if config is not None:
        settings = settings_of(config)
        if "base_url" in settings:
            return site_makers.zola(folder, settings)
        if any(name.lower() in ("baseurl", "languagecode", "defaultcontentlanguage") for name in settings):
            return site_makers.hugo(folder, settings)
    config = _first(folder, "_config.yml", "_config.yaml", "_config.toml")
    if config is not None:
        settings = settings_of(config)
        named = _names_hexo(folder / "package.json") or not _OF_HEXO.isdisjoint(settings)
        named = named or ("source" not in settings and (folder / "source/_posts").is_dir())
        if (folder / "scaffolds").is_dir() or named:
            return site_makers.hexo(folder, settings)
        return site_makers.jekyll(folder, settings)
    if (folder / "pelicanconf.py").is_file():
        published = assignments(folder / "publishconf.py")  # which takes over the settings of the other
        given = {name: value for name, value in published.items() if value is not None}
        return site_makers.pelican(folder, assignments(folder / "pelicanconf.py") | given)
    if (folder / "conf.py").is_file():
        found = assignments(folder / "conf.py")
        if "POSTS" in found:
            return site_makers.nikola(folder, found)
    config = _first(folder, "mkdocs.yml", "mkdocs.yaml")
    if config is not None:
        return site_makers.mkdocs(folder, settings_of(config))
    for maker, names in {
        "eleventy": (".eleventy.js", *_with_endings("eleventy.config")),
        "docusaurus": _with_endings("docusaurus.config"),
        "astro": _with_endings("astro.config"),
    }.items():
        config = _first(folder, *names)
        if config is not None:
            if maker == "eleventy":
                return site_makers.eleventy(folder, config)
            return site_makers.scripted(maker, folder, config)
    return None


def _names_hexo(package: Path) -> bool:
    try:
        with package.open("rb") as file:
            return b'"hexo"' in file.read(2**16)
    except OSError:
        return False
