"""Digests of everything that makes pages: the code of this package with its words and templates, and the user's own templates."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

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
