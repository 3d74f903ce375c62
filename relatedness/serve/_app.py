"""The routes and the application that holds them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, FastAPI, Query, Request, Response
from fastapi import Path as InPath
from fastapi.routing import APIRoute
from prometheus_client import generate_latest
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse

from relatedness import __version__
from relatedness.events import Event
from relatedness.index import RelatedList, WhyNot
from relatedness.related_index import RelatedIndex
from relatedness.serve._http import answer, route_class
from relatedness.serve._pages import docs_page, index_page
from relatedness.serve._records import (
    MAX_NAME,
    MAX_RESULTS,
    Health,
    ListAsked,
    Problem,
    Question,
    ServedEvents,
    ServedFullEvent,
    ServedList,
    ServedStory,
    ServedTopic,
    ServedWhyNot,
    WhyNotAsked,
)
from relatedness.serve._served import Served
from relatedness.serve._server import server

_PAGE = 50
_LEFT_OUT = 5
_Id = Annotated[str, InPath(max_length=MAX_NAME, description="The id of an event.")]
_WRONG: dict[int | str, dict[str, Any]] = {
    400: {
        "model": Problem,
        "description": "The options contradict each other, or the index does not accept one.",
    },
    422: {"model": Problem, "description": "A parameter is unknown, of the wrong type or out of range."},
}
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    **_WRONG,
    404: {"model": Problem, "description": "The event, topic or language does not exist."},
}


def run(
    path: str | os.PathLike[str],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    overrides: str | Path | None = None,
    cors: Sequence[str] = (),
    access_log: bool = False,
) -> None:
    """Serve an index until the process is told to stop.

    A request must be complete ten seconds after it begins; see `relatedness.serve` for the limits.

    Parameters
    ----------
    path : path-like
        The index file.
    host : str
        The address to listen on; by default only this machine can connect.
    port : int
        The port to listen on.
    overrides : path-like, optional
        Editors' pins and bans.
    cors : sequence of str
        The origins whose pages may send requests, such as ``https://news.example``; ``*`` for all.
    access_log : bool
        Whether to log each request.

    Raises
    ------
    IndexMissingError, IndexFormatError
        As for `RelatedIndex.open`.
    """
    app = create_app(path, overrides=overrides, cors=cors)
    server(app, host, port, access_log=access_log).run()


def create_app(
    path: str | os.PathLike[str],
    *,
    poll: float = 2.0,
    overrides: str | Path | None = None,
    cors: Sequence[str] = (),
    max_age: int = 0,
) -> FastAPI:
    """The application that ``relatedness serve`` runs.

    Parameters
    ----------
    path : path-like
        The index file.
    poll : float
        Seconds between two checks of whether the file has changed.
    overrides : path-like, optional
        Editors' pins and bans (`relatedness.index`); read again whenever the index has changed.
    cors : sequence of str
        The origins whose pages may send requests, such as ``https://news.example``; ``*`` for all. None by default.
    max_age : int
        Seconds for which a client or proxy may use an answer without checking that it is current; 0 for none.

    Returns
    -------
    fastapi.FastAPI
        Its ``/openapi.json`` describes every route.

    Examples
    --------
    >>> import tempfile
    >>> from fastapi.testclient import TestClient
    >>> from relatedness import RelatedIndex
    >>> path = Path(tempfile.mkdtemp(), "news.index")
    >>> RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ], path).close()
    >>> with TestClient(create_app(path)) as client:
    ...     [item["id"] for item in client.get("/related/fall").json()["related"]]
    ['dam']
    """
    app = FastAPI(
        title="relatedness",
        version=__version__,
        summary="Related events with visible reasons.",
        # FastAPI's own pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    served = Served(path, poll, overrides, max_age=max_age)
    app.include_router(_router(served))
    _add_pages(app, served)
    if cors:
        app.add_middleware(CORSMiddleware, allow_origins=list(cors), allow_methods=["GET", "POST"])
    return app


def router(
    path: str | os.PathLike[str],
    *,
    poll: float = 2.0,
    overrides: str | Path | None = None,
    max_age: int = 0,
) -> APIRouter:
    """The routes of ``relatedness serve``, to include in a FastAPI application.

    Parameters
    ----------
    path : path-like
        The index file.
    poll : float
        Seconds between two checks of whether the file has changed.
    overrides : path-like, optional
        Editors' pins and bans (`relatedness.index`); read again whenever the index has changed.
    max_age : int
        As for `create_app`.

    Returns
    -------
    fastapi.APIRouter
        Include it: ``app.include_router(router("news.index"), prefix="/archive")``. It opens the index when the
        application starts and closes it when it ends.

    Examples
    --------
    >>> from fastapi import FastAPI
    >>> app = FastAPI()
    >>> app.include_router(router("news.index"), prefix="/archive")
    """
    return _router(Served(path, poll, overrides, max_age=max_age))


def _router(served: Served) -> APIRouter:
    api = APIRouter(
        route_class=route_class(served),
        lifespan=served.lifespan,
        responses={413: {"model": Problem}, 429: {"model": Problem}, 503: {"model": Problem}},
    )
    _add_lists(api, served)
    _add_queries(api, served)
    _add_events(api, served)
    _add_story(api, served)
    _add_topics(api, served)
    _add_state(api, served)
    for route in list(api.routes):
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            # HTTP requires HEAD, and monitors and link checkers use it. The server itself omits the body.
            api.add_api_route(
                route.path,
                route.endpoint,
                methods=["HEAD"],
                include_in_schema=False,
                response_model_exclude_none=route.response_model_exclude_none,
            )
    return api


def _add_lists(api: APIRouter, served: Served) -> None:
    @api.get(
        "/related/{id:path}",
        response_model=ServedList,
        responses=_UNKNOWN,
        summary="The events related to an event",
    )
    def related(id: _Id, asked: Annotated[ListAsked, Query()], request: Request) -> Response:  # noqa: A002
        """Best first. Filters apply before the best are taken: they never merely shorten the unfiltered list."""
        return answer(served, request, lambda index: _list(index.related(id, **_options(index, asked))))

    served.light[related] = lambda index, id_: _list(index.related(id_))

    @api.get(
        "/why-not/{id:path}",
        response_model=ServedWhyNot,
        responses=_UNKNOWN,
        summary="Why an event is not in the list of another",
    )
    def why_not(id: _Id, asked: Annotated[WhyNotAsked, Query()], request: Request) -> Response:  # noqa: A002
        """Ask with the options of the list in question."""
        return answer(
            served, request, lambda index: _why_not(index.why_not(id, asked.other, **_options(index, asked)))
        )


def _add_queries(api: APIRouter, served: Served) -> None:
    def found(index: RelatedIndex, asked: Any) -> dict[str, Any]:
        shown = index.query(asked.text, title=asked.title, date=asked.date, **_options(index, asked))
        value = _list(shown)
        if not shown:
            value["left_out"] = [_why_not(item) for item in shown.left_out(_LEFT_OUT)]
        return value

    @api.post("/query", response_model=ServedList, responses=_UNKNOWN, summary="The events related to a text")
    def query(asked: Annotated[Question, Body()], request: Request) -> Response:
        """The text is not stored."""
        return answer(served, request, lambda index: found(index, asked))

    @api.get(
        "/query",
        response_model=ServedList,
        responses=_UNKNOWN,
        summary="The events related to a short text, given in the URL",
    )
    def query_by_url(asked: Annotated[Question, Query()], request: Request) -> Response:
        """The same as by POST. Servers and proxies may log URLs: use POST for confidential texts."""
        return answer(served, request, lambda index: found(index, asked))


def _add_events(api: APIRouter, served: Served) -> None:
    @api.get(
        "/events",
        response_model=ServedEvents,
        responses=_WRONG,
        summary="The events that contain the given words",
    )
    def events(
        words: Annotated[
            str, Query(max_length=MAX_NAME, description="The words that the events must contain.")
        ],
        request: Request,
        limit: Annotated[int, Query(ge=1, le=MAX_RESULTS)] = _PAGE,
    ) -> Response:
        """Those with the words in their title first, then the latest first."""
        return answer(
            served,
            request,
            lambda index: {"words": words, "events": list(map(_event, index.find(words, most=limit)))},
        )

    @api.get(
        "/events/{id:path}",
        response_model=ServedFullEvent,
        responses=_UNKNOWN,
        summary="An event with its topics",
    )
    def event(id: _Id, request: Request) -> Response:  # noqa: A002
        """Everything that the index holds of it."""

        def full(index: RelatedIndex) -> dict[str, Any]:
            one = index[id]
            topics = [asdict(topic) for topic in index.topics(id)]
            return {**one.to_record(), **_event(one), "context": topics}

        return answer(served, request, full)


def _add_story(api: APIRouter, served: Served) -> None:
    @api.get(
        "/story/{id:path}", response_model=ServedStory, responses=_UNKNOWN, summary="The story of an event"
    )
    def story(
        id: _Id,  # noqa: A002
        request: Request,
        most: Annotated[
            int,
            Query(ge=1, le=MAX_RESULTS, description="The maximum number of events; the nearest are kept."),
        ] = 40,
    ) -> Response:
        """The events that are linked with it and with each other, in the order of time."""

        def told(index: RelatedIndex) -> dict[str, Any]:
            found = index.story(id, most=most)
            events = []
            for item in found.events:
                value = {**_event(index[item.id]), "score": item.score, "contexts": item.contexts}
                events.append(value if item.after is None else value | {"after": item.after})
            return {
                "id": found.id,
                "title": found.title,
                "contexts": found.contexts,
                "events": events,
                "complete": found.complete,
            }

        return answer(served, request, told)


def _add_topics(api: APIRouter, served: Served) -> None:
    @api.get(
        "/topics/{name:path}",
        response_model=ServedTopic,
        responses=_UNKNOWN,
        summary="The events that have a topic",
    )
    def topic(
        name: Annotated[str, InPath(max_length=MAX_NAME, description="The canonical name of the topic.")],
        request: Request,
        limit: Annotated[int, Query(ge=1, le=MAX_RESULTS)] = _PAGE,
        offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    ) -> Response:
        """A page of them, the latest first."""

        def page(index: RelatedIndex) -> dict[str, Any]:
            ids = index.with_topic(name)
            shown = ids[::-1][offset : offset + limit]
            return {"name": name, "total": len(ids), "events": [_event(index[id_]) for id_ in shown]}

        return answer(served, request, page)


def _add_state(api: APIRouter, served: Served) -> None:
    @api.get("/health", response_model_exclude_none=True, summary="The health of the service")
    async def health() -> Health:
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

    @api.get("/metrics", response_class=PlainTextResponse, summary="Metrics for Prometheus")
    def metrics() -> PlainTextResponse:
        """Requests by route and status, seconds by route, events, reloads."""
        return PlainTextResponse(
            generate_latest(served.registry), media_type="text/plain; version=0.0.4; charset=utf-8"
        )


def _add_pages(app: FastAPI, served: Served) -> None:
    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def index(words: Annotated[str, Query(max_length=MAX_NAME)] = "") -> HTMLResponse:
        with served.use() as opened:
            return HTMLResponse(index_page(served.info, words, opened.find(words, most=20)))

    @app.api_route("/docs", methods=["GET", "HEAD"], include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()))


def _options(index: RelatedIndex, asked: Any) -> dict[str, Any]:
    """The options given; ``k`` is capped at the number of candidates that the index stores."""
    options: dict[str, Any] = asked.options()
    if options.get("k") is not None:
        options["k"] = min(options["k"], index.config.lists.candidates)
    return options


def _event(event: Event) -> dict[str, Any]:
    value = {"id": event.id, "date": event.date and event.date.isoformat(), "title": event.headline}
    return value if event.url is None else value | {"url": event.url}


def _list(found: RelatedList) -> dict[str, Any]:
    value = found.to_record()
    for item in value["related"]:
        item.setdefault("copies", 0)
    return value if value["id"] is not None else {"related": value["related"]}


def _why_not(found: WhyNot) -> dict[str, Any]:
    return {name: value for name, value in found.to_record().items() if value is not None}
