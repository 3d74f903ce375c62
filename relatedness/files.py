"""Files that appear complete or not at all.

The library writes every file under a temporary name in the same folder and then renames it, which is atomic: readers see the
old file or the new one. Temporary files of a killed process are removed by the next process that writes the same file.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

TOO_MANY = "too many open files; allow more, such as with: ulimit -n 4096, or close other indexes"
_MARK = ".part"
_COPIED = 1 << 30  # bytes per call
_CHUNK = 1 << 20


def real(path: str | Path) -> Path:
    """The file behind symbolic links, existing or not: a rename must replace the file, not the link.

    Returns
    -------
    Path
        Absolute.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "latest.json").symlink_to("monday.json")
    >>> real(folder / "latest.json").name
    'monday.json'
    """
    return Path(os.path.realpath(path))


def begin(path: Path) -> Path:
    """Create an empty file next to another, to replace it when complete.

    Parameters
    ----------
    path : Path
        From `real`.

    Raises
    ------
    OSError
        If the path is a folder, or its own folder is missing or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = real(Path(tempfile.mkdtemp(), "news.json"))
    >>> new = begin(path)
    >>> new.parent == path.parent, new.stat().st_size, path.exists()
    (True, 0, False)
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder: give a file in it", str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "the folder does not exist", str(path.parent))
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "the file may not be written", str(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}{_MARK}")
    try:
        temporary.touch(exist_ok=False)
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise OSError(error.errno, TOO_MANY, str(path)) from error
        raise OSError(
            error.errno, f"its folder cannot be written: {os.strerror(error.errno or 0)}", str(path)
        ) from error
    return temporary


def put_in_place(new: Path, path: Path) -> None:
    """Rename a complete file to its final name, durably, with the mode and the owner of the file that it replaces.

    Parameters
    ----------
    new : Path
        From `begin`.
    path : Path
        From `real`.

    Examples
    --------
    >>> import tempfile
    >>> path = real(Path(tempfile.mkdtemp(), "news.json"))
    >>> new = begin(path)
    >>> _ = new.write_text("[]", encoding="utf-8")
    >>> put_in_place(new, path)
    >>> path.read_text(encoding="utf-8"), new.exists()
    ('[]', False)
    """
    with suppress(FileNotFoundError):
        was = path.stat()
        is_now = new.stat()
        if (was.st_uid, was.st_gid) != (is_now.st_uid, is_now.st_gid):
            with suppress(PermissionError):
                os.chown(new, was.st_uid, was.st_gid)
        with suppress(PermissionError):
            new.chmod(stat.S_IMODE(was.st_mode))
    _sync(new)
    new.replace(path)
    with suppress(OSError):  # some file systems cannot sync folders
        _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy(source: Path, target: Path) -> None:
    """Copy the bytes of a file, in the kernel if possible, so that file systems can share blocks.

    Parameters
    ----------
    source, target : Path
        The target exists and is empty.

    Examples
    --------
    >>> import tempfile
    >>> old, new = (Path(tempfile.mkdtemp(), "news.json") for _ in range(2))
    >>> _ = old.write_text("{}", encoding="utf-8"), new.touch()
    >>> copy(old, new)
    >>> new.read_text(encoding="utf-8")
    '{}'
    """
    with source.open("rb") as old, target.open("r+b") as new:
        try:
            while os.copy_file_range(old.fileno(), new.fileno(), _COPIED):
                pass
        except (AttributeError, OSError) as error:  # not on this system, or not on this file system
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            old.seek(0)
            new.seek(0)
            shutil.copyfileobj(old, new, _CHUNK)


def sweep(path: Path) -> None:
    """Remove the temporary files that killed processes left beside a file; those of running processes are locked and stay.

    Parameters
    ----------
    path : Path
        From `real`.

    Examples
    --------
    >>> import tempfile
    >>> path = real(Path(tempfile.mkdtemp(), "news.json"))
    >>> left = begin(path)  # as a process that was killed leaves it
    >>> sweep(path)
    >>> left.exists()
    False
    """
    for leftover in path.parent.glob(f".{_escaped(path.name)}.*{_MARK}*"):
        with suppress(OSError):
            if leftover.is_file():
                with leftover.open("rb") as held:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    leftover.unlink()


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Add the name of a file to OSErrors without one, such as that of a full disk.

    Parameters
    ----------
    path : path-like
        The file that the block writes.

    Examples
    --------
    >>> try:
    ...     with naming("news.json"):
    ...         raise OSError(errno.ENOSPC, "no space left")
    ... except OSError as error:
    ...     print(error.filename)
    news.json
    """
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def _begin_locked(target: Path) -> tuple[Path, BinaryIO]:
    """Begin a temporary file and lock it. Another process may sweep it away before it is locked; then create another."""
    for _ in range(_ATTEMPTS):
        temporary = begin(target)
        try:
            held = temporary.open("rb")
        except FileNotFoundError:
            continue
        try:
            with naming(target):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(held.fileno()).st_nlink:
                return temporary, held
        except BlockingIOError:
            pass  # another process is sweeping it away
        except OSError:
            held.close()
            temporary.unlink(missing_ok=True)
            raise
        held.close()
    raise OSError(errno.EAGAIN, "other processes keep removing the temporary file", str(target))


_ATTEMPTS = 100


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Write a file that appears at its path when the block ends without an error.

    Parameters
    ----------
    path : path-like
        A device or a pipe, such as ``/dev/stdout``, is written directly.

    Yields
    ------
    Path
        The file to write instead.

    Raises
    ------
    OSError
        If the folder is missing, cannot be written, or has no space left; it names the file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "report.txt"
    ...     with replacing(target) as temporary:
    ...         _ = temporary.write_text("All of it.")
    ...         print(target.exists())
    ...     print(target.read_text())
    False
    All of it.
    """
    target = real(path)
    if target.exists() and not (target.is_file() or target.is_dir()):
        yield target
        return
    if target.parent.is_dir():
        sweep(target)
    temporary, held = _begin_locked(target)
    try:
        with held:
            yield temporary
            put_in_place(temporary, target)
    except OSError as error:
        if error.filename in (None, str(temporary)):
            # Report the final name: the temporary one would mean nothing to users.
            raise OSError(error.errno or errno.EIO, error.strerror or str(error), str(path)) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)
