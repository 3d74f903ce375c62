"""What all routes share: bounded bodies, rejection of unknown parameters, readable errors, metrics, and caching."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from inspect import iscoroutinefunction
from typing import Any, get_origin

import orjson
from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException

from relatedness.arguments import unknown_name
from relatedness.errors import (
    ConfigError,
    IndexFormatError,
    IndexMissingError,
    InputError,
    UnknownEventError,
)
from relatedness.events import shortened
from relatedness.related_index import RelatedIndex
from relatedness.serve._records import MAX_NAME, TEXT
from relatedness.serve._served import Served
from relatedness.serve._turns import TooManyWaitingError

MAX_BODY = 256 * 2**10
"""The longest request body in bytes that is read; a longer one is answered with 413."""
MAX_DETAIL = 2 * MAX_NAME
"""The longest sentence about an error, in characters."""
_logger = logging.getLogger(__name__)


def answer(served: Served, request: Request, ask: Callable[[RelatedIndex], Any]) -> Response:
    """Answer from one state of the index, or with 304 if the client's copy is of the same state.

    Parameters
    ----------
    ask : callable
        Takes the index, returns the answer as a plain JSON value.
    """
    is_get = request.method != "POST"
    path, query = request.scope["path"], request.scope["query_string"]
    # Do not cache long queries: they rarely repeat, and their text could take more memory than the answers.
    is_kept = is_get and len(path) + len(query) <= MAX_NAME
    with served.use() as index:
        tag = served.tag_of(index)
        headers = {"ETag": tag, "Cache-Control": served.caching, "Vary": "Accept-Encoding"}
        key = tag, path, query
        content = served.answers.get(key) if is_kept else None
        if content is None:
            content = orjson.dumps(ask(index))
            if is_kept:
                served.answers.put(key, content)
    # Compare tags only after the answer exists: an unknown event must give 404, not 304.
    if is_get and _holds(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    if not is_get:
        headers = {"Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


def _holds(header: str, tag: str) -> bool:
    """Whether ``If-None-Match`` contains a tag; proxies that compress answers mark it as weak (``W/``)."""
    return any(held.strip().removeprefix("W/") in (tag, "*") for held in header.split(","))


def route_class(served: Served) -> type[APIRoute]:
    """Routes that limit the body, reject unknown parameters, return errors as a sentence, and count requests. Slow requests
    wait for their turn, so that one client with many requests does not block the others.
    """
    methods: dict[str, set[str]] = {}

    class Route(APIRoute):
        def __init__(self, path: str, *given: Any, **options: Any) -> None:
            super().__init__(path, *given, **options)
            methods.setdefault(path, set()).update(self.methods or ())

        async def handle(self, scope: Any, receive: Any, send: Any) -> None:
            # If no route of a path has the method, the first route with that path gets the request.
            if scope["method"] not in methods[self.path]:
                known = ", ".join(sorted(methods[self.path]))
                raise HTTPException(405, f"expected {known}", headers={"Allow": known})
            await super().handle(scope, receive, send)

        def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
            handle = super().get_route_handler()
            known = dict(_parameters(self.dependant.query_params))
            # Routes without parameters, such as /health, ignore extra ones: monitors may add them.
            is_strict = 422 in self.responses

            async def handler(request: Request) -> Response:
                started = time.perf_counter()
                status = 500
                try:
                    if is_strict and request.scope["query_string"]:
                        _check_names(request, known)
                    light = served.light.get(self.endpoint)
                    if light is not None and _is_stored(served, request):
                        # Looking up a stored list is faster than passing it to a thread, or than parsing options.
                        name = request.path_params["id"]
                        response = answer(served, request, lambda index: light(index, name))
                    elif iscoroutinefunction(self.endpoint):
                        response = await handle(
                            request
                        )  # nothing to compute, so it needs neither a thread nor a turn
                    else:
                        bounded = Request(request.scope, _bounded(request))
                        await (
                            bounded.body()
                        )  # read the body before the turn, because a client may send slowly
                        async with served.turns.of(request.client.host if request.client else ""):
                            response = await handle(bounded)
                    status = response.status_code
                    return response
                except Exception as error:
                    told = _as_http(error)
                    if told is None:
                        raise
                    status = told.status_code
                    # The path contains names and values as sent.
                    told.detail = shortened(told.detail, MAX_DETAIL)
                    raise told from error
                finally:
                    served.requests.labels(self.path_format, str(status)).inc()
                    served.seconds.labels(self.path_format).observe(time.perf_counter() - started)

            return handler

    return Route


def _is_stored(served: Served, request: Request) -> bool:
    """Whether a request without options names a known event; finding the nearest ids of an unknown one is slow."""
    if request.scope["query_string"] or len(request.scope["path"]) > MAX_NAME:
        return False
    with served.use() as index:
        return request.path_params["id"] in index


def _parameters(fields: Iterable[Any]) -> Iterable[tuple[str, bool]]:
    """The names of query parameters, those of a model one by one, and whether each may be repeated."""
    for field in fields:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from ((name, get_origin(own.annotation) is list) for name, own in kind.model_fields.items())
        else:
            yield field.alias, get_origin(kind) is list


def _check_names(request: Request, known: Mapping[str, bool]) -> None:
    """Reject a parameter that is unknown, or repeated although it takes one value: either would silently be ignored."""
    seen = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            if not known:
                raise HTTPException(422, f"{name}: no such parameter; this route has none in its address")
            raise HTTPException(422, unknown_name(name, list(known), "parameter"))
        if name in seen and not known[name]:
            raise HTTPException(422, f"{name} is given more than once: expected one value")
        seen.add(name)


def _as_http(error: Exception) -> StarletteHTTPException | None:
    """The HTTP error to return for an error; None for a bug in this library."""
    if isinstance(error, StarletteHTTPException):
        return error
    if isinstance(error, RequestValidationError):
        return HTTPException(422, "; ".join(map(_sentence, error.errors())))
    if isinstance(error, TooManyWaitingError):
        return HTTPException(429, str(error), headers={"Retry-After": "1"})
    if isinstance(error, IndexMissingError | IndexFormatError):
        # Do not reveal the path of the file to clients.
        _logger.error("the index cannot be read: %s", error)
        return HTTPException(503, "the index cannot be read")
    if isinstance(error, InputError) and error.field is not None:
        return HTTPException(422, str(error))
    if isinstance(error, UnknownEventError | InputError):
        return HTTPException(404, str(error))
    if isinstance(error, ConfigError):
        return HTTPException(400, str(error))
    return None


def _sentence(found: Any) -> str:
    """What is wrong with one part of a request. The value is not repeated, because it may not be valid JSON."""
    field = [str(part) for part in found["loc"] if part not in ("query", "body", "path")]
    said = str(found["msg"]).removeprefix("Value error, ")
    if found["type"] == "json_invalid":
        return f"the body is not JSON: {found['ctx']['error']} at character {found['loc'][-1]}"
    if found["type"] == "extra_forbidden":
        said = "no such field"
    elif found["type"] == "model_attributes_type":
        return "expected a JSON object, sent with Content-Type: application/json"
    elif found["type"] == "string_pattern_mismatch" and found["ctx"]["pattern"] == TEXT:
        said = "is empty or holds a NUL character: expected words"
    elif found["type"] == "string_unicode":
        said = "holds half of a surrogate pair: the text was decoded wrongly"
    said = said[:1].lower() + said[1:]
    return said if not field or said.startswith(field[0]) else f"{'.'.join(field)}: {said}"


def _bounded(request: Request) -> Callable[[], Awaitable[Any]]:
    """Wrap the request's ``receive`` to fail once the body is longer than `MAX_BODY`."""
    read = 0

    async def receive() -> Any:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY:
            raise HTTPException(413, f"the body is longer than {MAX_BODY:,} bytes")
        return message

    return receive
