"""The command line.

In: arguments. Out: results on standard output, progress and errors on standard error, an exit code for each kind of failure.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
