"""The paths of pages: how they are made, assigned and kept. Text only, no files.

A path is given once and kept: the paths of the last publish are passed in when a site is planned again. Paths consist of
``a-z``, ``0-9``, ``-`` and ``/``; no part is longer than 140 characters or a name that Windows reserves, so that
they are safe on every file system, and none differs from another only by case.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

ROOT = "news"
"""The folder of events, unless a site gives it another name."""
FOLDERS = ("topics", "letters", "stories", "search")
"""The folders of everything else."""
UNDATED = "undated"
"""The folder of events without a date, in that of all events."""

_SLUG_LENGTH = 140
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_OWN_PATH = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*-?")
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}
)
_RESERVED = frozenset(
    {
        "index",
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{name}{digit}" for name in ("com", "lpt") for digit in range(10)),
    }
)


def slug(text: str) -> str:
    """A title as the last part of a path: lower-case ASCII letters and digits, hyphens between words.

    Returns
    -------
    str
        At most 140 characters; empty where the text has no letter of the Latin alphabet and no digit.

    Examples
    --------
    >>> slug("U.S. troops, Łódź & Mark Rutte's café")
    'u-s-troops-lodz-mark-rutte-s-cafe'
    """
    text = text[: 4 * _SLUG_LENGTH].lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = "".join(character for character in text if not unicodedata.combining(character))
    words = _NOT_SLUG.sub("-", text).strip("-")
    if len(words) <= _SLUG_LENGTH:
        return words
    cut = words[: _SLUG_LENGTH + 1].rpartition("-")[0]
    return cut if len(cut) > _SLUG_LENGTH // 2 else words[:_SLUG_LENGTH].rstrip("-")


def day_folder(day: str, root: str = ROOT) -> str:
    """The folder of a day, in the archive's way to write it: ``2016-07-01`` -> ``news/2016/07/1``; of no day ``news/undated``."""
    if not day:
        return f"{root}/{UNDATED}"
    return f"{root}/{day[:4]}/{day[5:7]}/{int(day[8:])}"


def day_of(path: str) -> str:
    """The day of an event's path: ``news/2016/07/1/slug`` -> ``2016-07-01``; none of ``news/undated/slug``."""
    parts = path.split("/")
    if parts[1] == UNDATED:
        return ""
    _, year, month, day, _ = parts
    return f"{year}-{month}-{day:0>2}"


class Paths:
    """Assigns unique paths.

    Parameters
    ----------
    kept : mapping of str to str
        Key to path, as given before.

    Examples
    --------
    >>> paths = Paths({})
    >>> paths.give("a", "topics", "Mosul"), paths.give("b", "topics", "Mosul!"), paths.give("a", "topics", "x")
    ('topics/mosul', 'topics/mosul-96172b', 'topics/mosul')
    """

    def __init__(self, kept: Mapping[str, str]) -> None:
        self._kept = dict(kept)
        self._taken = set(self._kept.values())

    def give(self, key: str, folder: str, title: str) -> str:
        """The path of a key: the one that it has in this folder, or a new one made from its title.

        If the path is taken, a hash of the key is appended, so that the new path depends only on title and key.
        """
        kept = self._kept.get(key)
        if kept is not None and kept.rpartition("/")[0] == folder:
            return kept
        name = slug(title) or slug(key)
        path = f"{folder}/{name}"
        if key.rpartition("/")[0] == folder and _is_safe(key.rpartition("/")[2]) and key not in self._taken:
            path = key  # the id is the path of an archive page that was read, which keeps its path
        elif not name or name in _RESERVED or path in self._taken:
            for size in (6, 12, 32):
                mark = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()[:size]
                path = f"{folder}/{name}-{mark}" if name else f"{folder}/{mark}"
                if path not in self._taken:
                    break
        self._kept[key] = path
        self._taken.add(path)
        return path


def _is_safe(name: str) -> bool:
    return len(name) <= _SLUG_LENGTH + 10 and name not in _RESERVED and _OWN_PATH.fullmatch(name) is not None
