"""Related events with visible reasons.

`RelatedIndex.build` makes an index from dated events, `RelatedIndex.open` opens one, `RelatedIndex.related` looks
up an event's list, and every result says why: its contexts, its parts, and on demand every shared word.

Names are loaded when they are first used, so that importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relatedness.config import Config, sample_path
    from relatedness.errors import RelatednessError
    from relatedness.evaluate import read_qrels
    from relatedness.events import Event, Source
    from relatedness.index import RelatedIndex
    from relatedness.readers import read_events
    from relatedness.results import Related, RelatedList

__version__ = "0.1.0"

_HOMES = {
    "Config": "config",
    "Event": "events",
    "Related": "results",
    "RelatedIndex": "index",
    "RelatedList": "results",
    "RelatednessError": "errors",
    "Source": "events",
    "read_events": "readers",
    "read_qrels": "evaluate",
    "sample_path": "config",
}

__all__ = [
    "Config",
    "Event",
    "Related",
    "RelatedIndex",
    "RelatedList",
    "RelatednessError",
    "Source",
    "read_events",
    "read_qrels",
    "sample_path",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"relatedness.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
