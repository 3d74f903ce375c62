"""Build, refresh and look-ups over one index file.

In: a stream of events and a `Config`. Out: an index in a `Store`, the records of its lists (`Related`, `RelatedList`), and the
answers to what is asked of it: filtered lists, free texts, explanations, stories.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
