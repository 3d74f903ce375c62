"""The languages of a site, from its layout.

In: the locations of all posts. Out: the language of each, and the group that it shares with its translations.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping

from relatedness.sources._content_site import ContentSite
from relatedness.sources._language_names import NAMES, language_tag

_OTHER_MEANINGS = frozenset(["io", "ts", "ml", "cs", "js", "go"])  # node.io.md speaks no Ido
# With a region (index.pt-br), and without: the shortest name before it, and the longest.
_SUFFIXES = (
    re.compile(r"(.+?)([._-])([A-Za-z]{2,3}[-_][A-Za-z]{2,4})\Z"),
    re.compile(r"(.+)([._-])([A-Za-z]{2,3})\Z"),
)
_I18N = re.compile(
    r"(.*/)?i18n/([\w-]+)/docusaurus-plugin-content-(blog|docs)(?:-([\w-]+))?/(?:current/)?(.+)\Z"
)
_LISTS = frozenset({"index", "_index", "readme", "about"})


def languages_of(locations: Iterable[str], site: ContentSite) -> dict[str, tuple[str | None, str]]:
    """Read the languages of a site from its layout.

    A folder (``de/post/dam.md``) or an ending (``dam.de.md``) that could be a language is one if the settings name it, or
    if the same location stands beside it in another language or without.

    Parameters
    ----------
    locations : iterable of str
        Every post and page, as `ContentSite.location` gives them.
    site : ContentSite
        Whose settings may name its languages.

    Returns
    -------
    dict
        Location to language, None if the layout names none, and to the group that it shares with its translations.

    Examples
    --------
    >>> languages_of(["de/post/dam.md", "en/post/dam.md", "it/jobs.md"], ContentSite())["de/post/dam.md"]
    ('de', 'post/dam')
    """
    bare = {location: posixpath.splitext(location)[0] for location in locations}
    known = set(bare.values())
    folders: dict[tuple[str, str], set[str]] = {}  # what stands above and below a possible language -> those
    for stem in known:
        parts = stem.split("/")
        for at, part in enumerate(parts[:-1]):
            if language_tag(part) and part.lower() not in NAMES:
                folders.setdefault(("/".join(parts[:at]), "/".join(parts[at + 1 :])), set()).add(part)
    sure: dict[str, set[str]] = {}  # above -> the languages in it
    for (above, below), names in folders.items():
        telling = below.lower() not in _LISTS
        if telling and (len(names) > 1 or f"{above}/{below}".lstrip("/") in known):
            sure.setdefault(above, set()).update(names)
    several = any(sure.values()) or len(site.languages) > 1
    result: dict[str, tuple[str | None, str]] = {}
    for location, stem in bare.items():
        language, group = _of_location(stem, known, sure, site)
        if language is None and several and (any(_beside(stem, above) for above in sure) or site.languages):
            language = site.language or _default(sure)
        result[location] = (language, group)
    return result


def _default(sure: Mapping[str, set[str]]) -> str | None:
    """The language of what stands beside the folders of the others: English, unless it has a folder too."""
    return None if any(language_tag(name) == "en" for names in sure.values() for name in names) else "en"


def _beside(stem: str, above: str) -> bool:
    return not above or stem.startswith(above + "/")


def _of_location(
    stem: str, known: set[str], sure: Mapping[str, set[str]], site: ContentSite
) -> tuple[str | None, str]:
    translated = _I18N.match(stem)
    if translated is not None:
        base = translated[4] or translated[3]
        return language_tag(translated[2]), f"{translated[1] or ''}{base}/{translated[5]}"
    language: str | None = None
    parts = stem.split("/")
    for at, part in enumerate(parts[:-1]):
        above = "/".join(parts[:at])
        if part in sure.get(above, ()) or (at == 0 and part.lower() in site.languages):
            language = language_tag(part)
            del parts[at]
            break
    for pattern in _SUFFIXES:
        suffix = pattern.match(parts[-1])
        tag = language_tag(suffix[3]) if suffix is not None else None
        if suffix is None or tag is None:
            continue
        code = suffix[3].lower()
        bare = "/".join([*parts[:-1], suffix[1]])
        beside = bare in known or any(
            f"{bare}{suffix[2]}{other}" in known for other in site.languages - {code}
        )
        if code in site.languages or beside or (suffix[2] == "." and code not in _OTHER_MEANINGS):
            return tag, bare
    return language, "/".join(parts)
