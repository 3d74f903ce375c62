"""Clients take turns: whoever asks for much waits for it, and whoever asks for little does not wait for them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST_WAITING = 128
"""How many requests of a client may wait for their turn; more are answered with 429."""


class TooManyWaitingError(Exception):
    """A client has too many requests that wait for their turn."""


class Turns:
    """Lets a number of requests in at once, and those that wait by client in turn, not in the order in which they came.

    What a request computes holds the interpreter's lock: letting in more than there are cores would answer none sooner, and
    would keep the event loop from the lock.

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
                f"{MOST_WAITING} of your requests are waiting: send the next after an answer"
            )
        turn = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._pass_on()  # the turn came, and nobody is there to take it
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            client, waiting = self._waiting.popitem(last=False)
            turn = waiting.popleft()
            if waiting:
                self._waiting[client] = waiting  # behind the others
            if not turn.done():  # else it was cancelled
                turn.set_result(None)
                return
        self._free += 1
