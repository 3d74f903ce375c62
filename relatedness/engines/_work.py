"""A job in stages on many workers: the files of each task on shared storage, and how a job that died is resumed. A stage is one
function and a list of tasks. A task reads the files of earlier stages in the job's folder, writes its own files there and
finally a marker with its small result; nothing else is returned to the calling process, so its memory does not grow. A job that
is run again skips every task that has written its marker. Files are written atomically, so a task may run twice. The files
belong to one job and are written and read by workers of one user with Python's pickle, like the messages between the workers. A
pickle can run code, so nothing is read from a folder that belongs to another user or that others can write to, and a job is
never resumed in a folder that was copied or unpacked from elsewhere.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import pickle
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from relatedness.collector import paused_collector
from relatedness.cores import most_memory
from relatedness.engines._engine import Progress, Workers
from relatedness.errors import ConfigError, RelatednessError
from relatedness.files import replacing


@dataclass(frozen=True, slots=True)
class Ran:
    """The record of a finished task.

    Examples
    --------
    >>> rans = [Ran(0, 120, 0.5, peak=1 << 20), Ran(1, 80, 0.25, peak=1 << 21)]
    >>> sum(ran.result for ran in rans), sum(ran.seconds for ran in rans), max(ran.peak for ran in rans)
    (200, 0.75, 2097152)
    """

    number: int
    result: Any
    seconds: float  # of processor time
    peak: int  # the peak memory of the worker until then, in bytes; 0 if the system does not tell


@dataclass(frozen=True, slots=True)
class Work:
    """The folder of a job on storage that all workers mount under one path.

    Examples
    --------
    >>> import tempfile
    >>> from relatedness.engines import LocalEngine
    >>> work = Work(Path(tempfile.mkdtemp()))
    >>> work.put("numbers", [1, 2])
    >>> [ran.result for ran in work.run(LocalEngine(), "sum", _total, [("numbers",)])]
    [3]
    """

    folder: Path

    @classmethod
    def begin(cls, root: Path, job: Mapping[str, Any]) -> Self:
        """Start or resume a job: each has its own folder below the root, and the folders of other jobs are removed. A task of
        an abandoned job that is still running then finds its folder gone and writes nothing here.

        Parameters
        ----------
        root : Path
            It is made where it is not there.
        job : mapping
            Identifies this job; written as ``job.json``.

        Raises
        ------
        ConfigError
            If the root holds other files, belongs to another user, or is writable by others.
        """
        root.mkdir(mode=0o700, exist_ok=True)
        _check_private(root)
        # The inode number identifies the root: a copy of it has another.
        text = json.dumps({**job, "root": root.stat().st_ino}, indent=1, default=str)
        name = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        for path in root.iterdir():
            if not (_FOLDER.fullmatch(path.name) and path.is_dir() and not path.is_symlink()):
                raise ConfigError(
                    f"{root} is where the stages exchange their files, but it holds another file, {path.name}: move it away"
                )
        for path in root.iterdir():
            if path.name != name:
                shutil.rmtree(path, ignore_errors=True)
        work = cls(root / name)
        work.folder.mkdir(mode=0o700, exist_ok=True)
        if not work.path("job.json").is_file():
            with replacing(work.path("job.json")) as temporary:
                temporary.write_text(text, encoding="utf-8")
        return work

    def end(self) -> None:
        """Remove all files of the job."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(
            OSError
        ):  # an abandoned task may have written files meanwhile: the next job removes them
            self.folder.parent.rmdir()

    def path(self, name: str) -> Path:
        """Where a file stands; its folder is made.

        Raises
        ------
        RelatednessError
            If the folder of the job is gone.
        """
        if not self.folder.is_dir():
            raise RelatednessError(
                f"{self.folder} is not there: its job has ended or was begun anew, or this worker does not mount the folder"
            )
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def put(self, name: str, value: object) -> None:
        """Write a value under a name."""
        with replacing(self.path(name)) as temporary, temporary.open("wb") as file:
            pickle.dump(value, file, protocol=pickle.HIGHEST_PROTOCOL)

    def get(self, name: str) -> Any:
        """Read the value under a name.

        Raises
        ------
        RelatednessError
            If it is not there.
        ConfigError
            If another user may have written it.
        """
        with self._left(name) as file:
            return pickle.load(file)  # noqa: S301 - see `_check_private`

    def put_mapped(self, name: str, value: object) -> None:
        """Write a value whose arrays `get_mapped` memory-maps, so that each worker loads only the pages it touches."""
        buffers: list[pickle.PickleBuffer] = []
        told = pickle.dumps(value, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
        sizes = [len(buffer.raw()) for buffer in buffers]
        with replacing(self.path(f"{name}.buffers")) as temporary, temporary.open("wb") as file:
            for buffer, size in zip(buffers, sizes, strict=True):
                file.write(buffer.raw())
                file.write(bytes(-size % _ALIGNED))
        self.put(name, (told, sizes))

    def get_mapped(self, name: str) -> Any:
        """Read the value that `put_mapped` wrote under a name.

        Raises
        ------
        RelatednessError, ConfigError
            As `get`.
        """
        told, sizes = self.get(name)
        held: Any = np.zeros(0, np.uint8)
        if any(sizes):
            held = np.memmap(self.folder / f"{name}.buffers", np.uint8, "c")
        ends = itertools.accumulate((size + -size % _ALIGNED for size in sizes), initial=0)
        buffers = [held[end : end + size] for end, size in zip(ends, sizes, strict=False)]
        return pickle.loads(told, buffers=buffers)  # noqa: S301 - see `_check_private`

    def put_several(self, name: str, values: Iterable[object]) -> list[int]:
        """Write several values under a name; return the offset of each."""
        offsets = []
        with replacing(self.path(name)) as temporary, temporary.open("wb") as file:
            for value in values:
                offsets.append(file.tell())
                pickle.dump(value, file, protocol=pickle.HIGHEST_PROTOCOL)
        return offsets

    def get_several(self, name: str, offsets: Iterable[int]) -> Iterator[Any]:
        """Read the values at given offsets under a name.

        Raises
        ------
        RelatednessError, ConfigError
            As `get`.
        """
        with self._left(name) as file:
            for offset in offsets:
                file.seek(offset)
                yield pickle.load(file)  # noqa: S301 - see `_check_private`

    @contextmanager
    def _left(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file written by a task of this job."""
        try:
            _check_private(self.folder)
            file = (self.folder / name).open("rb")
        except FileNotFoundError as error:
            raise RelatednessError(
                f"{self.folder / name} is missing on this worker: all workers must mount one folder under one path, "
                "and nobody else may change it during the job"
            ) from error
        with file:
            yield file

    def save(self, name: str, array: NDArray[Any]) -> None:
        """Write an array under a name."""
        with replacing(self.path(f"{name}.npy")) as temporary, temporary.open("wb") as file:
            np.save(file, array, allow_pickle=False)

    def load(self, name: str) -> NDArray[Any]:
        """Read the array under a name into memory."""
        return np.load(self.folder / f"{name}.npy", allow_pickle=False)  # type: ignore[no-any-return]

    def mapped(self, name: str) -> NDArray[Any]:
        """Memory-map the array under a name: pages are read when touched."""
        path = self.folder / f"{name}.npy"
        array = np.load(path, allow_pickle=False, mmap_mode=None if path.stat().st_size < _SMALL else "c")
        return np.asarray(array)

    def rows(self, name: str, rows: NDArray[np.integer[Any]]) -> NDArray[Any]:
        """Some rows of the same array, in memory; nothing else of it is read or mapped."""
        array = np.load(self.folder / f"{name}.npy", allow_pickle=False, mmap_mode="r")
        found = np.empty((len(rows), *array.shape[1:]), array.dtype)
        width = math.prod(array.shape[1:])
        with (self.folder / f"{name}.npy").open("rb", buffering=0) as file:
            for row, here in zip(rows.tolist(), found.reshape(len(rows), width), strict=True):
                file.seek(array.offset + row * width * array.itemsize)
                file.readinto(here.data)
        return found

    def join(self, name: str, parts: Sequence[str]) -> None:
        """Concatenate the arrays of several names under one name, with one of them in memory at a time."""
        shapes = [np.load(self.folder / f"{part}.npy", mmap_mode="r").shape for part in parts]
        first = np.load(self.folder / f"{parts[0]}.npy", mmap_mode="r")
        n = sum(shape[0] for shape in shapes)
        if not n or 0 in first.shape[1:]:  # an empty file cannot be memory-mapped
            self.save(name, np.zeros((n, *first.shape[1:]), first.dtype))
            return
        with replacing(self.path(f"{name}.npy")) as temporary:
            joined = open_memmap(temporary, "w+", first.dtype, (n, *first.shape[1:]))
            start = 0
            for part, shape in zip(parts, shapes, strict=True):
                joined[start : start + shape[0]] = self.load(part)
                start += shape[0]
            joined.flush()
            del joined

    def forget(self, name: str) -> None:
        """Delete an array, if it exists, that no later stage reads; never within a task, which may run twice."""
        (self.folder / f"{name}.npy").unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Take a folder below away, if it is there; as `forget`."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def run(
        self,
        workers: Workers,
        stage: str,
        function: Callable[..., Any],
        tasks: Sequence[tuple[Any, ...]],
        progress: Progress | None = None,
    ) -> list[Ran]:
        """Run a stage: every task that has not written its marker yet.

        Parameters
        ----------
        stage : str
            Names the markers.
        function : callable
            Called as ``function(work, *task)``; its result must be small.
        progress : callable, optional
            Called as ``progress(done, total)``.

        Returns
        -------
        list of Ran
            One for each task, in their order.
        """
        found = {number: self.get(name) for number, name in self._done(stage, len(tasks))}
        missing = [number for number in range(len(tasks)) if number not in found]
        numbered = [(number, tasks[number]) for number in missing]
        for ran in workers.run(partial(_do, self, stage, function), numbered):
            found[ran.number] = ran
            if progress is not None:
                progress(len(found), len(tasks))
        return [found[number] for number in range(len(tasks))]

    def _done(self, stage: str, n: int) -> Iterator[tuple[int, str]]:
        for number in range(n):
            name = _marker(stage, number)
            if (self.folder / name).is_file():
                yield number, name


_FOLDER = re.compile("[0-9a-f]{16}")
_ALIGNED = 64  # bytes
_SMALL = 1 << 16  # bytes: smaller arrays are not worth memory-mapping


def _check_private(folder: Path) -> None:
    """Refuse a folder in which another user can write: its files can run code in this process."""
    if not hasattr(os, "geteuid"):
        return  # a system without POSIX owners and modes
    there = folder.stat()
    if there.st_uid != os.geteuid():
        raise ConfigError(
            f"{folder} belongs to another user, and what it holds can run code: run all workers and the build as one user, "
            "and remove the folder if it is not yours"
        )
    if there.st_mode & 0o022:
        raise ConfigError(
            f"other users may write in {folder}, and what it holds can run code: if you trust what is in it, "
            f"type: chmod 700 {folder}; else remove it"
        )


def _marker(stage: str, number: int) -> str:
    return f"done/{stage}/{number:05d}"


def _do(work: Work, stage: str, function: Callable[..., Any], task: tuple[int, tuple[Any, ...]]) -> Ran:
    """Run one task, on a worker."""
    number, arguments = task
    name = _marker(stage, number)
    if (work.folder / name).is_file():  # a worker given up as lost has finished it after all
        return work.get(name)  # type: ignore[no-any-return]
    started = time.process_time()
    with paused_collector():
        result = function(work, *arguments)
    ran = Ran(number, result, time.process_time() - started, most_memory())
    work.put(name, ran)
    return ran


def _total(work: Work, name: str) -> int:
    """The sum of some numbers: the example above."""
    return sum(work.get(name))
