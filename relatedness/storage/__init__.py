"""Plain records and arrays <-> one SQLite file.

In: records and arrays by name. Out: the same, checked as they are read. Each change is a transaction, and each writer takes a
lock; nothing here depends on the meaning of scores.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
