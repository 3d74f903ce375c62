"""One writer at a time: a lock file beside the index that names its holder, and is released when the process ends. The lock is
the operating system's (`flock`), so no check is needed whether the process named in the file is still alive; the content only
informs people. Symbolic links lead to the same lock, and so do hard links, because the index file itself is locked as well.
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
    """The path of an index's lock file."""
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
            raise BusyError(
                f"{path} is being written by {_holder(lock)}: try again later, or wait longer (wait=...)"
            )
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
        with suppress(OSError):  # a full disk: the lock still works, only the holder's name is missing
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
    """Open and lock the lock file, and the index if it exists; None if another process holds either."""
    held = [os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)]
    try:
        _try_lock(held[0])
        # The previous holder may have removed the file since it was opened: then nobody else would see this lock.
        if os.fstat(held[0]).st_ino == lock.stat().st_ino:
            with suppress(FileNotFoundError, PermissionError):
                held.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
                _try_lock(held[1])
            return held
    except OSError as error:
        if len(held) == 2:
            if error.errno == errno.EBADF:  # network file systems lock only files open for writing
                return held
            # We hold the lock file, but another process writes the index under another name.
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
