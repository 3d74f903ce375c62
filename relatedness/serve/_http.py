"""What all routes share: bounded bodies, unknown parameters, errors as sentences, counts, and caching."""

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

from relatedness.errors import (
    ConfigError,
    IndexFormatError,
    IndexMissingError,
    InputError,
    UnknownEventError,
)
from relatedness.events import shortened
from relatedness.index import unknown_name
from relatedness.related_index import RelatedIndex
from relatedness.serve._records import MAX_NAME
from relatedness.serve._served import Served
from relatedness.serve._turns import TooManyWaitingError

MAX_BODY = 256 * 2**10
"""The longest request body in bytes that is read; a longer one is answered with 413."""
MAX_DETAIL = 2 * MAX_NAME
"""The longest sentence about an error, in characters."""
_logger = logging.getLogger(__name__)


def answer(served: Served, request: Request, ask: Callable[[RelatedIndex], Any]) -> Response:
    """Answer from one state of the index, or say that what the client has is of the same state.

    Parameters
    ----------
    served : Served
    request : Request
    ask : callable
        Given the index, the plain JSON value of the answer.
    """
    is_get = request.method != "POST"
    path, query = request.scope["path"], request.scope["query_string"]
    # A long question is asked once; kept, its text could take more memory than the answers.
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
    # Only now is it known that there is an answer: what does not exist has not stayed the same.
    if is_get and _holds(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    if not is_get:
        headers = {"Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


def _holds(header: str, tag: str) -> bool:
    """Whether ``If-None-Match`` names a tag; proxies that compress answers mark it as weak (``W/``)."""
    return any(held.strip().removeprefix("W/") in (tag, "*") for held in header.split(","))


def route_class(served: Served) -> type[APIRoute]:
    """Routes that bound what they read, refuse parameters that they do not know, say errors in a sentence, and count.

    What takes long waits for its turn, so that a client that asks for much does not keep others from being answered.
    """
    methods: dict[str, set[str]] = {}

    class Route(APIRoute):
        def __init__(self, path: str, *given: Any, **options: Any) -> None:
            super().__init__(path, *given, **options)
            methods.setdefault(path, set()).update(self.methods or ())

        async def handle(self, scope: Any, receive: Any, send: Any) -> None:
            # Of several routes with one path, the first is asked for a method that none of them has.
            if scope["method"] not in methods[self.path]:
                known = ", ".join(sorted(methods[self.path]))
                raise HTTPException(405, f"expected {known}", headers={"Allow": known})
            await super().handle(scope, receive, send)

        def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
            handle = super().get_route_handler()
            known = dict(_parameters(self.dependant.query_params))
            # A monitor may add what it likes to the address of a route that has nothing to get wrong, such as /health.
            is_strict = 422 in self.responses

            async def handler(request: Request) -> Response:
                started = time.perf_counter()
                status = 500
                try:
                    if is_strict and request.scope["query_string"]:
                        _check_names(request, known)
                    light = served.light.get(self.endpoint)
                    if light is not None and _is_stored(served, request):
                        # A stored list takes less time than the way to a thread, or than looking for options.
                        name = request.path_params["id"]
                        response = answer(served, request, lambda index: light(index, name))
                    elif iscoroutinefunction(self.endpoint):
                        response = await handle(request)  # no thread, no turn: nothing to compute
                    else:
                        bounded = Request(request.scope, _bounded(request))
                        await bounded.body()  # a client that sends slowly does so before its turn
                        async with served.turns.of(request.client.host if request.client else ""):
                            response = await handle(bounded)
                    status = response.status_code
                    return response
                except Exception as error:
                    told = _as_http(error)
                    if told is None:
                        raise
                    status = told.status_code
                    # Names and values stand in it as they were sent.
                    told.detail = shortened(told.detail, MAX_DETAIL)
                    raise told from error
                finally:
                    served.requests.labels(self.path_format, str(status)).inc()
                    served.seconds.labels(self.path_format).observe(time.perf_counter() - started)

            return handler

    return Route


def _is_stored(served: Served, request: Request) -> bool:
    """Whether a request without options names an event that is held: the nearest id of an unknown one takes time."""
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
    """Refuse a parameter that is unknown, or given twice though it has one value: either would be ignored in silence."""
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
    """The answer to the client for an error; None for a bug of this library."""
    if isinstance(error, StarletteHTTPException):
        return error
    if isinstance(error, RequestValidationError):
        return HTTPException(422, "; ".join(map(_sentence, error.errors())))
    if isinstance(error, TooManyWaitingError):
        return HTTPException(429, str(error), headers={"Retry-After": "1"})
    if isinstance(error, IndexMissingError | IndexFormatError):
        # The path of the file is nobody's business.
        _logger.error("the index cannot be read: %s", error)
        return HTTPException(503, "there is no usable index")
    if isinstance(error, InputError) and error.field is not None:
        return HTTPException(422, str(error))
    if isinstance(error, UnknownEventError | InputError):
        return HTTPException(404, str(error))
    if isinstance(error, ConfigError):
        return HTTPException(400, str(error))
    return None


def _sentence(found: Any) -> str:
    """What is wrong with one part of a request. The value itself is not repeated: it may not be valid JSON."""
    field = [str(part) for part in found["loc"] if part not in ("query", "body", "path")]
    said = str(found["msg"]).removeprefix("Value error, ")
    if found["type"] == "json_invalid":
        return f"the body is not JSON: {found['ctx']['error']} at character {found['loc'][-1]}"
    if found["type"] == "extra_forbidden":
        said = "no such field"
    elif found["type"] == "string_unicode":
        said = "holds half of a surrogate pair: the text was decoded wrongly"
    said = said[:1].lower() + said[1:]
    return said if not field or said.startswith(field[0]) else f"{'.'.join(field)}: {said}"


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
