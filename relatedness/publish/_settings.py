"""How a site is published, with digests of the code and the templates that make its pages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from relatedness import __version__

_PARTS_OF_PAGES = (".py", ".toml", ".html", ".css", ".js")


@cache
def digest_of_code() -> str:
    """A digest of the version, of all code, and of the words and templates of pages. It covers all code, because a list of the
    modules on which a page depends would become incomplete.

    Examples
    --------
    >>> len(digest_of_code())
    16
    """
    digest = hashlib.blake2b(__version__.encode(), digest_size=8)
    for name, item in _files(files("relatedness"), ""):
        in_code = item.name.endswith(".py")
        if in_code or (name.startswith("publish/") and item.name.endswith(_PARTS_OF_PAGES)):
            _add(digest, name, item.read_bytes())
    return digest.hexdigest()


def digest_of_templates(own: str | Path | None) -> str:
    """A digest of the user's own templates, with their paths in the folder; empty where there are none.

    Parameters
    ----------
    own : path-like, optional
        The folder.
    """
    if own is None:
        return ""
    digest, root = hashlib.blake2b(digest_size=8), Path(own)
    for path in sorted(item for item in root.rglob("*") if item.is_file()):
        _add(digest, path.relative_to(root).as_posix(), path.read_bytes())
    return digest.hexdigest()


def _files(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            yield from _files(item, f"{above}{item.name}/")
        else:
            yield above + item.name, item


def _add(digest: hashlib.blake2b, name: str, content: bytes) -> None:
    # Hash the length too, so that moving text from one file to the next changes the digest.
    digest.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a site is published; with other settings every page is written again."""

    formats: tuple[str, ...]  # of `relatedness.publish.FORMATS`
    # The name of the site, the language of its headings, its address without a slash at the end.
    title: str
    language: str
    url: str
    k: int  # the most related events on a page
    # The most earlier and later ones in lists of their own.
    background: int
    follow_ups: int
    stories: int  # the most stories
    root: str  # the folder of events
    # Digests of the user's own templates, of what editors pinned and banned, and of the code that makes pages.
    templates: str
    overrides: str
    code: str = field(default_factory=digest_of_code)

    def to_record(self) -> dict[str, Any]:
        """The settings as plain JSON values."""
        return asdict(self) | {"formats": list(self.formats)}
