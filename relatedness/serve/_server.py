"""The HTTP server: uvicorn, with time-outs for clients that do not complete their requests. uvicorn waits for ever for the
first request of a connection, and counts such connections as active: a few hundred of them block a service. Here a request must
be complete within a few seconds, and each client may hold only a limited number of idle connections: beyond that its oldest is
closed, so that real requests are answered. uvicorn also waits for ever for a client that does not read its answer: here its
connection is closed as well.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from typing import Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

REQUEST_SECONDS = 10.0
"""How long a client may take to send a request, its headers and its body."""
READ_SECONDS = 30.0
"""How long a client may leave answers unread while the send buffer is full."""
IDLE_SECONDS = 15
"""How long a connection may stay open after an answer."""
MOST_WAITING = 64
"""How many idle connections a client may have."""
MOST_CONNECTIONS = 2000
"""How many connections there may be at all; more are answered with 503."""
MOST_OF_ONE = MOST_CONNECTIONS // 2
"""How many connections a client may have; more are closed at once, so that there is room for others."""


class _Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's protocol with a deadline for each request."""

    _waiting: dict[str, OrderedDict[_Protocol, None]]
    _held: Counter[str]
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _host = ""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._host = self.client[0] if self.client else ""
        self._held[self._host] += 1
        self._begin()
        if self._held[self._host] > MOST_OF_ONE:
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._held[self._host] -= 1
        if not self._held[self._host]:
            del self._held[self._host]
        self._end()
        self._end_unread()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._begin()
        super().data_received(data)
        # A cycle with a complete response belongs to an earlier request: the present request is still incomplete.
        if self.cycle is not None and not (self.cycle.more_body or self.cycle.response_complete):
            self._end()

    def pause_writing(self) -> None:
        super().pause_writing()
        # Abort, because close() would wait until everything is sent.
        self._unread = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._end_unread()
        super().resume_writing()

    def _end_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _begin(self) -> None:
        """Start the deadline of a request."""
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self._give_up)
        waiting = self._waiting.setdefault(self._host, OrderedDict())
        waiting[self] = None
        if len(waiting) > MOST_WAITING:
            next(iter(waiting))._give_up()

    def _end(self) -> None:
        """Stop the deadline: the request is complete, or the connection closed."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
            waiting = self._waiting[self._host]
            del waiting[self]
            if not waiting:
                del self._waiting[self._host]

    def _give_up(self) -> None:
        self._end()
        if self.transport is not None:
            self.transport.close()


def server(app: Any, host: str, port: int, *, access_log: bool = False) -> uvicorn.Server:
    """A server for an application.

    Parameters
    ----------
    port : int
        0 for any free one.
    access_log : bool
        Whether each request is logged.
    """
    protocol: Any = type("Protocol", (_Protocol,), {"_waiting": {}, "_held": Counter()})
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=protocol,
            ws="none",
            access_log=access_log,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=IDLE_SECONDS,
        )
    )
