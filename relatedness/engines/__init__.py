"""Where the work runs: the search for candidates, or a whole job in stages.

In: vectors in memory, or segments of documents on shared storage. Out: `Candidates`, the same whichever engine ran: this
process and its threads (`LocalEngine`), processes (`JoblibEngine`) or a Dask cluster (`DaskEngine`). A job (`Work`) is a folder
on shared storage through which the tasks of each stage pass their results to the next.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
