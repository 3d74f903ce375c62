"""Anything that holds events -> a checked stream of `Event`.

In: paths, folders, tables, feeds, pages, database URLs, frames, iterables. Out: a `Reading`, which yields one checked
`Event` after another, and counts or saves the records that it could not use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
