"""The index that is being served, and the switch to a newer one between two requests."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from relatedness.arguments import check_count
from relatedness.cores import available_cores
from relatedness.errors import RelatednessError
from relatedness.index import Overrides
from relatedness.ranking import expect_much_work
from relatedness.related_index import RelatedIndex
from relatedness.serve._turns import Turns

_logger = logging.getLogger(__name__)


class Answers:
    """A cache of recent answers as sent, so that popular ones are made once.

    Parameters
    ----------
    most : int
        How many bytes they may take; the least recently used are dropped.
    """

    def __init__(self, most: int = 32 * 2**20) -> None:
        self._most = most
        self._bytes = 0
        self._answers: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...]) -> bytes | None:
        """The cached answer to a request, if there is one."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: tuple[object, ...], answer: bytes) -> None:
        """Cache an answer, unless it is large."""
        if len(answer) > self._most // 1000:
            return
        with self._lock:
            if key not in self._answers:
                self._bytes += _size(key, answer)
            self._answers[key] = answer
            while self._bytes > self._most:
                self._bytes -= _size(*self._answers.popitem(last=False))


_ENTRY = 500  # bytes of a key's tuple and of its dict entry


def _size(key: tuple[object, ...], answer: bytes) -> int:
    """The bytes that an answer takes with the request that it belongs to."""
    return len(answer) + _ENTRY + sum(map(sys.getsizeof, key))


Light = Callable[[RelatedIndex, str], Any]


class Served:
    """The index that is being served, and the switch to a newer one.

    Parameters
    ----------
    path : path-like
        The index file.
    poll : float
        Seconds between two checks of the file.
    overrides : path-like, optional
        Editors' pins and bans.
    max_age : int
        Seconds for which clients may use an answer without checking it.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "news.index")
    >>> event = {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."}
    >>> RelatedIndex.build([event], path).close()
    >>> served = Served(path)
    >>> with served.use() as index:
    ...     print(len(index), len(served.tag_of(index)) > 0)
    1 True
    >>> served.close()
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        poll: float = 2.0,
        overrides: str | Path | None = None,
        *,
        max_age: int = 0,
    ) -> None:
        self.path = Path(path)
        self.caching = f"max-age={max_age}" if check_count(max_age, "max_age", 0) else "no-cache"
        """The Cache-Control header: how long clients may keep an answer."""
        self._tags: dict[int, str] = {}
        self.overrides = overrides
        self.poll = poll
        self.info: dict[str, Any] = {}
        self.problem: str | None = None
        self.answers = Answers()
        self.light: dict[object, Light] = {}
        """The fast path of a route without options: a function from the id of an event to its answer."""
        self.turns = Turns(available_cores())
        """Limits how many answers are computed at a time."""
        self._lock = Lock()
        self._index: RelatedIndex | None = None
        self._users: dict[int, int] = {}
        self._follower: RelatedIndex | None = None
        self._seen: tuple[object, ...] | None = None
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "relatedness_requests",
            "Number of requests answered.",
            ["route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "relatedness_request_seconds",
            "Seconds from request to answer.",
            ["route"],
            registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )
        self.reloads = Counter(
            "relatedness_reloads",
            "Attempts to open a newer index file, by result.",
            ["result"],
            registry=self.registry,
        )
        self.events = Gauge("relatedness_events", "Number of events in the index.", registry=self.registry)

    def open(self) -> None:
        """Open the present state of the index and warm it up, so that no request has to wait for that."""
        if self._follower is None:
            self._follower = RelatedIndex.open(self.path, follow=True)
        seen = self._state(self._follower)
        # Pin one state, so that an answer made of several look-ups is consistent.
        index = RelatedIndex.open(self.path, overrides=self.overrides)
        try:
            expect_much_work()
            index.query("related events", k=1)
            info = index.info
        except BaseException:
            index.close()
            raise
        with self._lock:
            old, self._index, self._seen, self.problem = self._index, index, seen, None
            self.info = info
            self._tags[id(index)] = _tag(info, index.overrides)
            unused = old is not None and not self._users.get(id(old))
        if unused and old is not None:
            self._drop(old)
        self.events.set(info["events"])

    def reload(self) -> None:
        """Open the index again if it was refreshed or rebuilt; if the new state cannot be read, the old one stays in use."""
        try:
            if self._follower is not None and self._state(self._follower) == self._seen:
                self.problem = None
                return
            self.open()
        except FileNotFoundError:
            return  # the file is missing, perhaps only for a moment: the open index stays usable
        except (RelatednessError, OSError) as error:
            if str(error) != self.problem:
                self.problem = str(error)
                self.reloads.labels("failed").inc()
                _logger.warning("the new index cannot be opened; the old one stays in use: %s", error)
        else:
            self.reloads.labels("done").inc()
            _logger.info("%s has changed; the new state is in use", self.path)

    def _state(self, follower: RelatedIndex) -> tuple[object, ...]:
        """A value that differs after every build and refresh."""
        return self.path.stat().st_ino, follower.info["state"]

    @contextmanager
    def use(self) -> Iterator[RelatedIndex]:
        """The current index, which stays open for the length of the block."""
        if self._index is None:
            self.open()
        with self._lock:
            index = self._index
            assert index is not None
            self._users[id(index)] = self._users.get(id(index), 0) + 1
        try:
            yield index
        finally:
            with self._lock:
                self._users[id(index)] -= 1
                last = not self._users[id(index)]
                if last:
                    del self._users[id(index)]
                superseded = last and index is not self._index
            if superseded:
                self._drop(index)

    def tag_of(self, index: RelatedIndex) -> str:
        """The entity tag of every answer from a state of the index.

        Parameters
        ----------
        index : RelatedIndex
            As `use` gave it, inside its block.
        """
        return self._tags[id(index)]

    def _drop(self, index: RelatedIndex) -> None:
        self._tags.pop(id(index), None)
        index.close()

    def close(self) -> None:
        """Close the index."""
        with self._lock:
            opened = [index for index in (self._index, self._follower) if index is not None]
            self._index = self._follower = None
        for index in opened:
            index.close()

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncIterator[None]:
        """Opens the index when the application starts, watches its file, and closes it at the end.

        Parameters
        ----------
        app : object
            The application; not used.
        """
        await asyncio.to_thread(self.open)
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            self.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.poll)
            try:
                await asyncio.to_thread(self.reload)
            except Exception:
                # Catch everything: the next check may succeed, and an exception here would end the watching.
                _logger.exception("checking %s for changes failed", self.path)


def _tag(info: dict[str, Any], overrides: Overrides) -> str:
    """The entity tag: it changes with every build and refresh, with the version of the library, and with the overrides."""
    state = [info[name] for name in ("state", "version", "config_digest")]
    return f'"{hashlib.blake2b(repr((state, overrides.digest)).encode(), digest_size=9).hexdigest()}"'
