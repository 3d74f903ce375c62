"""One writer at a time: a lock beside the index file that says who holds it, and that dies with its process.

The lock is the operating system's own (`flock`), so nobody needs to guess whether the process that wrote into the file is
still alive. The content of the file only tells people whom they wait for.

Symbolic links lead to one lock. Hard links do too: the index file itself is locked beside.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from relatedness.errors import BusyError
from relatedness.files import real

_PAUSE = 0.05


def lock_path(path: Path) -> Path:
    """Where the lock of an index stands while somebody writes it."""
    return path.with_name(f".{path.name}.lock")


@contextmanager
def writing(path: Path, wait: float = 0.0, waiting: Callable[[str], object] | None = None) -> Iterator[None]:
    """Hold the lock of an index for the length of a block, as its only writer.

    Parameters
    ----------
    path : Path
        The index file, existing or not.
    wait : float
        How many seconds to wait for another writer to finish.
    waiting : callable, optional
        Called once, with a description of who holds the lock, if there is another writer to wait for.

    Yields
    ------
    None

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
    path = real(path)
    lock = lock_path(path)
    until = time.monotonic() + wait
    told = waiting is None
    try:
        held = _take(path, lock)
    except OSError as error:
        raise OSError(error.errno, f"its folder cannot be written: {error.strerror}", str(path)) from error
    while held is None:
        if time.monotonic() >= until:
            raise BusyError(f"{path} is being written by {_holder(lock)}: try again later, or wait longer")
        if not told and waiting is not None:
            waiting(_holder(lock))
            told = True
        time.sleep(_PAUSE)
        held = _take(path, lock)
    try:
        who = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with suppress(OSError):  # a full disk: the lock holds, and only its holder's name is missing
            os.ftruncate(held[0], 0)
            os.pwrite(held[0], json.dumps(who).encode(), 0)
        yield
    finally:
        with suppress(OSError):
            lock.unlink()
        for descriptor in held:
            os.close(descriptor)


def _try_lock(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _take(path: Path, lock: Path) -> list[int] | None:
    """The open and locked lock file, and the index if it is there; None where another process holds one of them."""
    held = [os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)]
    try:
        _try_lock(held[0])
        # Its holder may have removed the file since it was opened: then this is no lock for anybody else.
        if os.fstat(held[0]).st_ino == lock.stat().st_ino:
            with suppress(FileNotFoundError, PermissionError):
                held.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
                _try_lock(held[1])
            return held
    except OSError as error:
        if len(held) == 2:
            if error.errno == errno.EBADF:  # network file systems lock only what is open for writing
                return held
            # Ours by this name, but another process writes it by another name.
            with suppress(OSError):
                lock.unlink()
    for descriptor in held:
        os.close(descriptor)
    return None


def _holder(lock: Path) -> str:
    try:
        who = json.loads(lock.read_text(encoding="utf-8"))
        return f"process {int(who['pid'])} on {str(who['host'])[:100]} since {str(who['since'])[:40]}"
    except (OSError, ValueError, TypeError, KeyError):
        return "another process"
