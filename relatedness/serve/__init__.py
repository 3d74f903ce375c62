"""An index over HTTP: what ``relatedness serve`` runs, and a router for a FastAPI application of your own.

In: an index file and requests. Out: lists, reasons, stories, topics and events as JSON, made from the same options as in Python.

Everything only reads: the index file is opened read-only, once. When it was refreshed or built again, its new state
is opened beside the old one, made ready, and takes over between two requests.
"""

import lazy_loader

from relatedness.errors import MissingExtraError

try:
    import fastapi as fastapi
    import prometheus_client as prometheus_client
    import uvicorn as uvicorn
except ImportError as error:
    raise MissingExtraError(
        f"the HTTP service needs {error.name}: pip install 'relatedness[serve]'"
    ) from error

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
