"""The folder of a site: one publish at a time, moving staged files to their places, removing what no page needs.

A folder may come from a stranger (a checkout, a pull request). Nothing that its state files name, and no symbolic link in it,
leads outside.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relatedness.errors import BusyError, ConfigError, InputError, RelatednessError
from relatedness.publish._plan import Manifest, check_inside
from relatedness.publish._render import ASSETS, FORMATS

STATE = ".relatedness"


@contextmanager
def only_one(output: Path) -> Iterator[None]:
    """Hold the lock of a site's folder.

    Raises
    ------
    BusyError
        If another process does.
    ConfigError
        If its state files are symbolic links.
    """
    state = output / STATE
    if state.is_symlink():
        raise _link(state)
    state.mkdir(exist_ok=True)
    for folder, folders, names in os.walk(state):
        for name in (*folders, *names):
            if (Path(folder) / name).is_symlink():
                raise _link(Path(folder) / name)
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError(f"another process is publishing to {output}: wait for it") from error
        yield


def finish(output: Path, *, ours: bool = False) -> int:
    """Complete a publish whose pages are all staged; discard an incomplete one.

    Parameters
    ----------
    ours : bool
        Whether this process has just written the staged manifest itself, so that it need not be checked.

    Returns
    -------
    int
        How many files it removed.

    Raises
    ------
    InputError
        If a state file is damaged or names a path outside the folder; then nothing was moved or removed.
    ConfigError
        If a symbolic link stands where pages belong.
    """
    staging = output / STATE / "staging"
    removed = 0
    if (staging / "ready").exists():
        gone = _names_to_remove(staging / "gone.json")
        if not ours:
            Manifest.read(staging)
        try:
            # Move new files first, to which no page links yet; then replace existing pages.
            for replacing in (False, True):
                _move(staging / "files", output, replacing)
            for name in gone:
                removed += _remove(output, name)
            if (staging / Manifest.NAME).exists():
                (staging / Manifest.NAME).replace(output / STATE / Manifest.NAME)
        except KeyboardInterrupt:
            raise RelatednessError(
                f"interrupted while the new pages were moved into {output}: publish again to finish"
            ) from None
    if staging.exists():
        shutil.rmtree(staging)
    return removed


def _names_to_remove(path: Path) -> list[str]:
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"is damaged ({error}): remove its folder and publish again", file=path) from error
    if not isinstance(names, list):
        raise InputError("is damaged: remove its folder and publish again", file=path)
    for name in names:
        check_inside(name, path)
    return names


def _move(source: Path, target: Path, replacing: bool) -> None:
    if not source.exists():
        return
    with os.scandir(source) as entries:
        for entry in list(entries):
            there = target / entry.name
            if entry.is_dir():
                if there.is_symlink():
                    raise _link(there)
                if not there.exists():
                    Path(entry.path).rename(there)
                else:
                    _move(Path(entry.path), there, replacing)
            elif replacing or not there.exists():
                Path(entry.path).replace(there)


def _remove(output: Path, name: str) -> int:
    path = output / name
    parents = list(path.relative_to(output).parents)
    if any((output / folder).is_symlink() for folder in parents[:-1]):
        raise _link(path)
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return 0
    for folder in parents:
        try:
            (output / folder).rmdir()
        except OSError:  # not empty: it holds another page or a user's file
            break
    return 1


def _link(path: Path) -> ConfigError:
    return ConfigError(
        f"{path} is a symbolic link or is reached through one, but a site is written only inside its folder: give a folder "
        "without links"
    )


def refuse_foreign(output: Path) -> None:
    """Raise `ConfigError` if files that no publish wrote are in the place of pages."""
    ours = {"news", "topics", "letters", "stories", "atom.xml", "feed.json", "sitemap.xml", *ASSETS}
    ours |= {f"index.{ending}" for ending in FORMATS}
    found = sorted(item.name for item in output.iterdir() if item.name in ours)
    if found:
        raise ConfigError(
            f"{output} holds {', '.join(found[:5])}, which publish did not write: give an empty folder, or move them away"
        )
