"""Plain records and arrays <-> one SQLite file.

In: records and arrays by name. Out: the same, checked as they are read. A transaction for each change and a lock for each writer;
nothing here knows what a score is.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
