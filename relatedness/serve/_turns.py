"""Fair scheduling of clients: one with many requests does not delay the others."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST_WAITING = 128
"""How many requests of a client may wait for their turn; more are answered with 429."""


class TooManyWaitingError(Exception):
    """A client has too many waiting requests."""


class Turns:
    """Admits a limited number of requests at a time, round-robin by client rather than in order of arrival. A request holds the
    interpreter's lock while it computes: admitting more than there are cores would answer none sooner, and would starve the
    event loop.

    Parameters
    ----------
    at_once : int
        How many requests are let in at once.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def of(self, client: str) -> AsyncIterator[None]:
        """The turn of a client, which lasts for the length of the block.

        Parameters
        ----------
        client : str
            Its address.

        Raises
        ------
        TooManyWaitingError
            If `MOST_WAITING` of its requests wait.
        """
        if self._free:
            self._free -= 1
        else:
            await self._wait(client)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, client: str) -> None:
        waiting = self._waiting.setdefault(client, deque())
        if len(waiting) >= MOST_WAITING:
            raise TooManyWaitingError(
                f"{MOST_WAITING} of your requests are waiting: wait for an answer before you send the next"
            )
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._pass_on()  # the turn came after the request was cancelled: pass it on
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            client, waiting = self._waiting.popitem(last=False)
            turn = waiting.popleft()
            if waiting:
                self._waiting[client] = waiting  # back to the end of the queue
            if not turn.done():  # otherwise it was cancelled
                turn.set_result(None)
                return
        self._free += 1
