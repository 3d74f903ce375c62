"""How good lists are, and how to make them better.

In: an open index, and judgments where there are any. Out: `Quality`, `Audit`, `Diff`, and settings learned from judgments
(`Tuned`), each with a page for people.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
