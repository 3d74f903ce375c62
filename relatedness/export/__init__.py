"""Lists as files, frames, matrices, graphs and database tables.

In: an open index. Out: JSONL, Parquet or a table of a database (`export`), or values of pandas, Arrow, SciPy and networkx.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
