"""One writer at a time: a lock beside the index file that says who holds it, and that dies with its process.

The lock is the operating system's own (`flock`, or `locking` on Windows), so nobody needs to guess whether the one
who wrote into the file is still alive. What stands in the file only tells people whom they wait for.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from relatedness.errors import BusyError

if os.name == "nt":  # pragma: no cover - there is no such machine among those that test this
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        # A byte far behind the text, which others want to read.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_PAUSE = 0.05


def lock_path(path: Path) -> Path:
    """Where the lock of an index stands while somebody writes it."""
    return path.with_name(f".{path.name}.lock")


@contextmanager
def writing(path: Path, wait: float = 0.0, waiting: Callable[[str], object] | None = None) -> Iterator[None]:
    """Be the only one that writes an index.

    Parameters
    ----------
    path : Path
        The index file, there or not.
    wait : float
        How many seconds to wait for another writer to end.
    waiting : callable, optional
        Called once, with who holds the lock, when there is something to wait for.

    Raises
    ------
    BusyError
        If another one is still writing after that time; it names the process and since when.
    OSError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with writing(Path(folder) / "news.index"):
    ...         print([file.name for file in Path(folder).iterdir()])
    ...     print(list(Path(folder).iterdir()))
    ['.news.index.lock']
    []
    """
    lock = lock_path(path)
    until = time.monotonic() + wait
    told = waiting is None
    try:
        descriptor = _take(lock)
    except OSError as error:
        raise OSError(error.errno, f"its folder cannot be written: {error.strerror}", str(path)) from None
    while descriptor is None:
        if time.monotonic() >= until:
            raise BusyError(f"{path} is being written by {_holder(lock)}: try again later, or wait longer")
        if not told and waiting is not None:
            waiting(_holder(lock))
            told = True
        time.sleep(_PAUSE)
        descriptor = _take(lock)
    try:
        who = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(who).encode(), 0)
        yield
    finally:
        with suppress(OSError):
            lock.unlink()
        os.close(descriptor)


def _take(lock: Path) -> int | None:
    """The open and locked file, or None where another process holds it."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    try:
        _try_lock(descriptor)
        # Whoever held it may have taken the file away since it was opened: then this is no lock for anybody else.
        if os.fstat(descriptor).st_ino == lock.stat().st_ino:
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None


def _holder(lock: Path) -> str:
    try:
        who = json.loads(lock.read_text(encoding="utf-8"))
        return f"process {int(who['pid'])} on {str(who['host'])[:100]} since {str(who['since'])[:40]}"
    except (OSError, ValueError, TypeError, KeyError):
        return "another process"
