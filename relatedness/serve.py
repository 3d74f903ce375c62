"""An index over HTTP: what ``relatedness serve`` runs, and a router for a FastAPI application of your own.

Everything only reads: the index file is opened read-only, once. When it was refreshed or built again, its new state
is opened beside the old one, made ready, and takes over between two requests.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal

from relatedness import __version__
from relatedness.errors import (
    ConfigError,
    IndexFormatError,
    IndexMissingError,
    InputError,
    MissingExtraError,
    RelatednessError,
    UnknownEventError,
)
from relatedness.index import RelatedList
from relatedness.related_index import RelatedIndex

try:
    import uvicorn
    from fastapi import APIRouter, Body, FastAPI, HTTPException, Query, Request, Response
    from fastapi import Path as InPath
    from fastapi.routing import APIRoute
    from prometheus_client import (
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        generate_latest,
    )
    from pydantic import BaseModel, ConfigDict, Field
    from starlette.responses import PlainTextResponse
except ImportError as error:
    raise MissingExtraError(f"serving needs {error.name}: pip install 'relatedness[serve]'") from None

MAX_BODY = 256 * 2**10
"""The longest request body in bytes that is read; a longer one is answered with 413."""
MAX_TEXT = 50_000
MAX_NAME = 1000
MAX_RESULTS = 100
_PAGE = 50
_logger = logging.getLogger(__name__)

# What an event can hold: at least one visible character, no NUL.
_TEXT = r"^[^\x00]*[^\s\x00][^\x00]*$"


class ServedReason(BaseModel):
    """A piece of the score."""

    part: str
    name: str
    share: float


class ServedRelated(BaseModel):
    """One related event and the visible reason."""

    id: str
    date: str = Field(description="The day, or the instant with its zone, in ISO 8601.")
    title: str = Field(description="The title, or where there is none the text.")
    url: str | None = None
    score: float = Field(ge=0, le=1, description="The sum of the parts.")
    contexts: list[str] = Field(description="The topics that both share, what gave most first.")
    shared: list[str] | None = Field(
        None, description="Where they share no topic, the phrases and words of both that weigh most."
    )
    parts: dict[str, float]
    copies: int = Field(0, ge=0, description="How many near-copies stand behind it.")
    tier: str | None = Field(
        None, description="Where it does not stand here by its score: pinned, or a fallback."
    )
    reasons: list[ServedReason] | None = Field(
        None, description="With why=true: every word, topic and neighbour; the shares sum to the score."
    )


class ServedList(BaseModel):
    """The related events of one event or text, best first."""

    id: str | None = Field(None, description="The event; missing for a text.")
    related: list[ServedRelated]


class ServedEvent(BaseModel):
    """An event of the index, as a list shows it."""

    id: str
    date: str
    title: str
    url: str | None = None


class ServedStoryEvent(ServedEvent):
    """An event of a story, and what links it to what came before."""

    score: float = Field(ge=0, le=1, description="With the event whose story it is; 1 for that one itself.")
    contexts: list[str]
    after: str | None = Field(None, description="The earlier event that it is linked to most strongly.")


class ServedStory(BaseModel):
    """The connected run of events around one event, in the order of time."""

    id: str
    title: str = Field(description="What a reader would call it.")
    contexts: list[str] = Field(description="The topics that carry most links, most first.")
    events: list[ServedStoryEvent]
    complete: bool = Field(description="False where it was cut at the number of events that was asked for.")


class ServedTopic(BaseModel):
    """A topic and a page of its events, the latest first."""

    name: str
    total: int
    events: list[ServedEvent]


class Health(BaseModel):
    """That the service answers, and from which index."""

    status: Literal["ok"]
    events: int
    built: str = Field(description="When the index was built.")
    refreshed: str | None = Field(None, description="When it was last refreshed, if it was since.")
    problem: str | None = Field(
        None, description="Why a newer index file could not be opened, if that is so."
    )


class Problem(BaseModel):
    """What was wrong."""

    detail: str


class Question(BaseModel):
    """A text whose related events are asked for."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=MAX_TEXT, pattern=_TEXT)
    title: str = Field("", max_length=MAX_NAME, pattern=r"^[^\x00]*$")
    date: datetime.date | None = Field(None, description="Its day; without one, time does not count.")
    language: str | None = Field(None, max_length=35, pattern=r"^[A-Za-z]{2,8}([_-][A-Za-z0-9]{1,8})*$")
    k: int | None = Field(None, ge=1, le=MAX_RESULTS)


class Served:
    """The index that is being served, and the change to a newer one.

    Parameters
    ----------
    path : path-like
    poll : float
        Seconds between two looks at the file.
    overrides : path-like, optional
        Pins and bans.
    """

    def __init__(
        self, path: str | os.PathLike[str], poll: float = 2.0, overrides: str | Path | None = None
    ) -> None:
        self.path = Path(path)
        self.overrides = overrides
        self.poll = poll
        self.info: dict[str, Any] = {}
        self.problem: str | None = None
        self._lock = Lock()
        self._index: RelatedIndex | None = None
        self._users: dict[int, int] = {}
        self._follower: RelatedIndex | None = None
        self._seen: tuple[object, ...] | None = None
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "relatedness_requests", "Requests answered.", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "relatedness_request_seconds",
            "Seconds from request to answer.",
            ["route"],
            registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )
        self.reloads = Counter(
            "relatedness_reloads", "Newer index files opened, or not.", ["result"], registry=self.registry
        )
        self.events = Gauge("relatedness_events", "Events in the index.", registry=self.registry)

    def open(self) -> None:
        """Open the index as it stands and make it ready: no question is to wait for that."""
        if self._follower is None:
            self._follower = RelatedIndex.open(self.path, follow=True)
        seen = self._state(self._follower)
        # One state of it, so that an answer made of several look-ups never is a mixture.
        index = RelatedIndex.open(self.path, overrides=self.overrides)
        try:
            index.query("related events", k=1)
            info = index.info
        except BaseException:
            index.close()
            raise
        with self._lock:
            old, self._index, self._seen, self.problem = self._index, index, seen, None
            self.info = info
            unused = old is not None and not self._users.get(id(old))
        if unused and old is not None:
            old.close()
        self.events.set(info["events"])

    def reload(self) -> None:
        """Take up the index anew if it was refreshed or built again; what cannot be read leaves the old one in use."""
        try:
            if self._follower is not None and self._state(self._follower) == self._seen:
                self.problem = None
                return
            self.open()
        except FileNotFoundError:
            return  # taken away, for a moment or for good: what is open stays usable
        except (RelatednessError, OSError) as error:
            if str(error) != self.problem:
                self.problem = str(error)
                self.reloads.labels("failed").inc()
                _logger.warning("the new index cannot be used, the old one is kept: %s", error)
        else:
            self.reloads.labels("done").inc()
            _logger.info("%s has changed: its new state is in use", self.path)

    def _state(self, follower: RelatedIndex) -> tuple[object, ...]:
        """What differs after every build and refresh."""
        info = follower.info
        return self.path.stat().st_ino, info["built"], info["generation"]

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
        """Opens the index when the application starts, watches its file, and closes it at the end."""
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
                # Whatever it was, the next look may go well; without this one, none would follow.
                _logger.exception("looking at %s failed", self.path)


def run(
    path: str | os.PathLike[str],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    overrides: str | Path | None = None,
) -> None:
    """Serve an index until the process is told to stop.

    Parameters
    ----------
    path : path-like
        The index file.
    host : str
        The address to listen on: this machine alone, if not given.
    port : int
    overrides : path-like, optional
        Pins and bans.
    """
    app = create_app(path, overrides=overrides)
    uvicorn.run(app, host=host, port=port, limit_concurrency=200, timeout_keep_alive=5)


def create_app(
    path: str | os.PathLike[str], *, poll: float = 2.0, overrides: str | Path | None = None
) -> FastAPI:
    """The application that ``relatedness serve`` runs.

    Parameters
    ----------
    path : path-like
        The index file.
    poll : float
        Seconds between two looks at whether it has changed.
    overrides : path-like, optional
        Pins and bans (`relatedness.index`); read again whenever the index has changed.

    Returns
    -------
    fastapi.FastAPI
        Its ``/openapi.json`` describes every route.
    """
    app = FastAPI(
        title="relatedness",
        version=__version__,
        summary="Related events with visible reasons.",
        # The pages that show an OpenAPI document load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(router(path, poll=poll, overrides=overrides))
    return app


def router(
    path: str | os.PathLike[str], *, poll: float = 2.0, overrides: str | Path | None = None
) -> APIRouter:
    """The routes of ``relatedness serve`` for a FastAPI application of your own.

    Parameters
    ----------
    path : path-like
        The index file.
    poll : float
        Seconds between two looks at whether it has changed.
    overrides : path-like, optional
        Pins and bans (`relatedness.index`); read again whenever the index has changed.

    Returns
    -------
    fastapi.APIRouter
        Include it: ``app.include_router(router("news.index"), prefix="/archive")``. It opens the index when the
        application starts and closes it when it ends.
    """
    served = Served(path, poll, overrides)
    api = APIRouter(
        route_class=_route_class(served),
        lifespan=served.lifespan,
        responses={413: {"model": Problem}, 503: {"model": Problem}},
    )
    _add_lists(api, served)
    _add_story(api, served)
    _add_topics(api, served)
    _add_state(api, served)
    return api


_Id = Annotated[str, InPath(max_length=MAX_NAME, description="The id of an event.")]
_K = Annotated[
    int | None,
    Query(ge=1, le=MAX_RESULTS, description="How many at most; the index's own default if not given."),
]


def _add_lists(api: APIRouter, served: Served) -> None:
    @api.get(
        "/related/{id:path}",
        response_model_exclude_none=True,
        responses={400: {"model": Problem}, 404: {"model": Problem}},
        summary="The events related to an event",
    )
    def related(
        id: _Id,  # noqa: A002
        k: _K = None,
        direction: Annotated[
            Literal["any", "before", "after"], Query(description="Background, follow-ups, or both.")
        ] = "any",
        since: datetime.date | None = None,
        until: datetime.date | None = None,
        topics: Annotated[list[str], Query(max_length=10, description="Only events with all of these.")] = [],  # noqa: B006
        language: Annotated[str | None, Query(max_length=35)] = None,
        min_score: Annotated[float, Query(ge=0, le=1)] = 0.0,
        recency: Annotated[
            float | None, Query(ge=0, le=10, description="0: time does not count; 2: it fades twice as fast.")
        ] = None,
        why: Annotated[bool, Query(description="Also every word, topic and neighbour.")] = False,
    ) -> ServedList:
        """Best first. Filters apply before the best are taken: they never merely shorten the unfiltered list."""
        with served.use() as index:
            found = index.related(
                id,
                k=_capped(index, k),
                direction=direction,
                since=since,
                until=until,
                topics=topics,
                language=language,
                min_score=min_score,
                recency=recency,
            )
            return _list(index, found, why)

    @api.post(
        "/query",
        response_model_exclude_none=True,
        responses={400: {"model": Problem}, 404: {"model": Problem}},
        summary="The events related to a text",
    )
    def query(question: Annotated[Question, Body()], why: bool = False) -> ServedList:
        """The text is compared and forgotten."""
        with served.use() as index:
            found = index.query(
                question.text,
                title=question.title,
                date=question.date,
                k=_capped(index, question.k),
                language=question.language,
            )
            return _list(index, found, why)


def _add_story(api: APIRouter, served: Served) -> None:
    @api.get(
        "/story/{id:path}",
        response_model_exclude_none=True,
        responses={404: {"model": Problem}},
        summary="The story of an event",
    )
    def story(
        id: _Id,  # noqa: A002
        most: Annotated[int, Query(ge=1, le=MAX_RESULTS, description="How many events: the nearest.")] = 40,
    ) -> ServedStory:
        """The events that are linked with it and with each other, in the order of time."""
        with served.use() as index:
            found = index.story(id, most=most)
            return ServedStory(
                id=found.id,
                title=found.title,
                contexts=list(found.contexts),
                events=[
                    ServedStoryEvent(
                        **_event(index, item.id).model_dump(),
                        score=item.score,
                        contexts=list(item.contexts),
                        after=item.after,
                    )
                    for item in found.events
                ],
                complete=found.complete,
            )


def _add_topics(api: APIRouter, served: Served) -> None:
    @api.get(
        "/topics/{name:path}",
        response_model_exclude_none=True,
        responses={404: {"model": Problem}},
        summary="The events that have a topic",
    )
    def topic(
        name: Annotated[str, InPath(max_length=MAX_NAME, description="The canonical name.")],
        limit: Annotated[int, Query(ge=1, le=MAX_RESULTS)] = _PAGE,
        offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    ) -> ServedTopic:
        """A page of them, the latest first."""
        with served.use() as index:
            ids = index.with_topic(name)
            page = ids[::-1][offset : offset + limit]
            return ServedTopic(name=name, total=len(ids), events=[_event(index, id_) for id_ in page])


def _add_state(api: APIRouter, served: Served) -> None:
    @api.get("/health", response_model_exclude_none=True, summary="Whether the service answers")
    def health() -> Health:
        """503 while there is no index."""
        with served.use():
            info = served.info
        return Health(
            status="ok",
            events=info["events"],
            built=info["built"],
            refreshed=info["refreshed"],
            problem=served.problem,
        )

    @api.get("/metrics", response_class=PlainTextResponse, summary="Counts and times for Prometheus")
    def metrics() -> PlainTextResponse:
        """Requests by route and status, seconds by route, events, reloads."""
        return PlainTextResponse(
            generate_latest(served.registry), media_type="text/plain; version=0.0.4; charset=utf-8"
        )


def _capped(index: RelatedIndex, k: int | None) -> int | None:
    """``k`` is a most: an index that keeps fewer candidates gives fewer."""
    return None if k is None else min(k, index.config.lists.candidates)


def _event(index: RelatedIndex, id_: str) -> ServedEvent:
    event = index.events[id_]
    return ServedEvent(id=id_, date=event.date.isoformat(), title=event.headline, url=event.url)


def _list(index: RelatedIndex, found: RelatedList, why: bool) -> ServedList:
    return ServedList(
        id=found.id,
        related=[
            ServedRelated(
                **_event(index, item.id).model_dump(),
                score=item.score,
                contexts=list(item.contexts),
                shared=list(item.shared) or None,
                parts=dict(item.parts),
                copies=item.copies,
                tier=item.tier or None,
                reasons=_reasons(found, item.id) if why else None,
            )
            for item in found
        ],
    )


def _reasons(found: RelatedList, id_: str) -> list[ServedReason]:
    return [
        ServedReason(part=reason.part, name=reason.name, share=reason.share)
        for reason in found.explain(id_).reasons
    ]


def _route_class(served: Served) -> type[APIRoute]:
    """Routes that bound what they read, tell the library's errors as HTTP does, and count."""

    class Route(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
            handle = super().get_route_handler()

            async def handler(request: Request) -> Response:
                started = time.perf_counter()
                status = 500
                try:
                    response = await handle(Request(request.scope, _bounded(request)))
                    status = response.status_code
                    return response
                except Exception as error:
                    known = _as_http(error)
                    status = getattr(
                        known, "status_code", 422 if "Validation" in type(error).__name__ else 500
                    )
                    if known is None:
                        raise
                    raise known from error
                finally:
                    served.requests.labels(self.path_format, str(status)).inc()
                    served.seconds.labels(self.path_format).observe(time.perf_counter() - started)

            return handler

    return Route


def _as_http(error: Exception) -> HTTPException | None:
    if isinstance(error, HTTPException):
        return error
    if isinstance(error, IndexMissingError | IndexFormatError):
        # The path of the file is nobody's business.
        _logger.error("the index cannot be read: %s", error)
        return HTTPException(503, "there is no usable index")
    if isinstance(error, UnknownEventError | InputError):
        return HTTPException(404, str(error))
    if isinstance(error, ConfigError):
        return HTTPException(400, str(error))
    return None


def _bounded(request: Request) -> Callable[[], Awaitable[Any]]:
    """The request's own ``receive`` until the body is longer than `MAX_BODY`."""
    read = 0

    async def receive() -> Any:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY:
            raise HTTPException(413, f"the body is longer than {MAX_BODY:,} bytes")
        return message

    return receive
