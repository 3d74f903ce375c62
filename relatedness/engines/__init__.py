"""Where the search for candidates runs.

In: vectors in memory, or segments of documents on shared storage. Out: `Candidates`, the same whichever engine ran: this
process and its threads (`LocalEngine`) or a Dask cluster (`DaskEngine`).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
