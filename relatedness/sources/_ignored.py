"""What the settings of a site ignore, in the way of each maker -> patterns of locations.

=========  ==========================================================================
Hugo       ``ignoreFiles``: regular expressions; globs of its mounts
Zola       ``ignored_content``: globs
Hexo       ``ignore``: globs
Pelican    ``IGNORE_FILES``: globs of names; ``ARTICLE_EXCLUDES``: folders
Eleventy   ``.eleventyignore``, and ``.gitignore`` beside it: as Git writes them; ``ignores.add``
MkDocs     ``exclude_docs``: as Git writes them; the plugin ``exclude``
Docusaurus ``exclude`` in its script: globs
Docusaurus, Astro   files and folders whose names begin with an underscore; tests
=========  ==========================================================================
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

Patterns = tuple[re.Pattern[str], ...]

_MOST = 1000  # patterns of a site
_MOST_STARS = 4  # in a pattern: each multiplies what matching costs
_MOST_REPEATS = 3  # repetitions in an expression, for the same reason
_LONGEST = 500  # characters of a pattern
# Files in these folders are written by the site generator, or are not content by its rules.
_FOLDERS = {
    "astro": frozenset(("dist", "public")),
    "docusaurus": frozenset(("build", "__tests__")),
    "eleventy": frozenset(("_site",)),
    "nikola": frozenset(("output", "cache")),
}
_HIDES_UNDERSCORES = frozenset(("astro", "docusaurus"))


def skips_folder(maker: str, name: str) -> bool:
    """Whether a maker of sites never takes posts from folders of this name.

    Examples
    --------
    >>> skips_folder("docusaurus", "_parts"), skips_folder("hugo", "_parts"), skips_folder("nikola", "output")
    (True, False, True)
    """
    return name in _FOLDERS.get(maker, ()) or (maker in _HIDES_UNDERSCORES and name.startswith("_"))


def holds_settings(maker: str, folders: Iterable[str]) -> bool:
    """Whether data in these folders are what the templates of a site use, or its settings, and no events of their own."""
    return any(skips_folder(maker, name) or (maker == "hugo" and name in _HUGO_SETTINGS) for name in folders)


_HUGO_SETTINGS = frozenset(("data", "i18n", "config", "assets", "static", "layouts", "resources", "public"))


def patterns_of(maker: str, settings: Mapping[str, Any]) -> Patterns:
    """The patterns in the settings of a site; invalid ones are left out."""
    if maker == "hugo":
        lowered = {str(name).lower(): value for name, value in settings.items()}
        return expressions(lowered.get("ignorefiles"))
    if maker == "pelican":
        names = texts_in(settings.get("IGNORE_FILES"))
        folders = texts_in(settings.get("ARTICLE_EXCLUDES"))
        return of_lines([*names, *(f"/{folder.strip('/')}/" for folder in folders)])
    if maker == "zola":
        return of_lines(texts_in(settings.get("ignored_content")))
    # Hexo leaves out what begins with an underscore at any depth, but for the folders of posts and drafts.
    given = [*texts_in(settings.get("ignore")), *texts_in(settings.get("skip_render"))]
    return (
        *of_lines(pattern.removeprefix("source/") for pattern in given),
        re.compile("(?:.*/)?_(?!posts/|drafts/)"),
    )


def of_lines(lines: Iterable[str]) -> Patterns:
    """The patterns of a file such as ``.gitignore``; exceptions (``!``) are not read, so that nothing hidden is shown.

    Examples
    --------
    >>> old, named = of_lines(["/src/old/", "# a remark", "*.tmp.md"])
    >>> bool(old.match("src/old/a.md")), bool(old.match("old/a.md")), bool(named.match("posts/a.tmp.md"))
    (True, False, True)
    """
    return tuple(_globs(lines))


def outside(folders: Iterable[str]) -> Patterns:
    """A pattern for files outside these folders; None if one of them is the whole site.

    Examples
    --------
    >>> [pattern] = outside(["blog", "notes/short/"])
    >>> bool(pattern.match("old/a.md")), bool(pattern.match("notes/short/a.md")), outside(["blog", ""])
    (True, False, ())
    """
    named = [folder.strip("/") for folder in folders]
    if not named or not all(named):
        return ()
    return (re.compile(f"(?!(?:{'|'.join(map(re.escape, named))})/)"),)


def filters(included: Iterable[str], excluded: Iterable[str]) -> Patterns:
    """The patterns of the files that Hugo's globs, which match the whole location of a file, leave out of a folder.

    Examples
    --------
    >>> only, old = filters(["*.md", "posts/**"], ["posts/old/*"])
    >>> [bool(only.match(name)) for name in ("a.md", "b.html", "posts/b.html")], bool(old.match("posts/old/a.md"))
    ([False, True, False], True)
    """
    wanted, unwanted = (
        "|".join(_whole(each) for glob in globs for each in spelled_out(glob))
        for globs in (included, excluded)
    )
    return (
        *((re.compile(f"(?!(?:{wanted})\\Z)", re.IGNORECASE),) if wanted else ()),
        *((re.compile(f"(?:{unwanted})\\Z", re.IGNORECASE),) if unwanted else ()),
    )


def expressions(value: Any) -> Patterns:
    """The patterns of regular expressions in a setting that match anywhere in the location of a file."""
    return tuple(_regular(texts_in(value)))


def spelled_out(pattern: str) -> list[str]:
    """The patterns that one of Hugo's stands for, without its braces, and without the slashes around it.

    Examples
    --------
    >>> spelled_out("{/posts/a,/old/**}")
    ['posts/a', 'old/**']
    """
    patterns = [pattern]
    while len(patterns) < _MOST and (braces := re.search(r"\{([^{}]*)\}", patterns[0])):
        before, after = patterns[0][: braces.start()], patterns[0][braces.end() :]
        patterns = [*patterns[1:], *(before + part + after for part in braces[1].split(","))]
    return [each.strip("/") for each in patterns]


def texts_in(value: Any) -> list[str]:
    """The texts in a setting that is one or a list of them."""
    values = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return [each for each in values if isinstance(each, str) and 0 < len(each) <= _LONGEST][:_MOST]


def _regular(texts: Iterable[str]) -> Iterator[re.Pattern[str]]:
    for text in texts:
        # Hugo's expressions match anywhere in the path, which its content is a part of.
        with suppress(re.error, RecursionError, OverflowError):
            # Nested or numerous repetitions can take exponential time; Python reads classes such as [[:alpha:]] otherwise.
            if not re.search(r"[+*})][+*{]|\[\[", text) and len(re.findall(r"[+*{]", text)) <= _MOST_REPEATS:
                yield re.compile(rf"(?:.*)(?:{text})")


def _globs(lines: Iterable[str]) -> Iterator[re.Pattern[str]]:
    for line in lines:
        pattern = line.strip()
        if not pattern or pattern[0] in "#!" or len(pattern) > _LONGEST:
            continue
        at_root = "/" in pattern.rstrip("/")
        if pattern.count("*") > _MOST_STARS:
            # The standard library's translation is bounded; in it "/" counts as any other sign.
            yield re.compile(f"(?:.*/)?{fnmatch.translate(pattern.strip('/'))[:-2]}(?:/.*)?\\Z")
            continue
        yield re.compile(("" if at_root else "(?:.*/)?") + _whole(pattern.strip("/")) + "(?:/.*)?\\Z")


def _whole(glob: str) -> str:
    if glob.count("*") > _MOST_STARS:
        return fnmatch.translate(glob)[:-2]
    return "".join(map(_step, re.findall(r"\*\*/|/\*\*\Z|\*+|\?|[^*?/]+|/", glob)))


def _step(part: str) -> str:
    return {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}.get(part) or (
        ".*" if part.startswith("*") else re.escape(part)
    )
