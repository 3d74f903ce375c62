"""Related events with visible reasons.

`RelatedIndex.build` makes an index from dated events, `RelatedIndex.open` opens one, `RelatedIndex.related` looks
up an event's list, and every result says why: its contexts, its parts, and on demand every shared word.

Names are loaded when they are first used, so that importing this package costs next to nothing; the list of them is
``__init__.pyi``.
"""

import lazy_loader

__version__ = "0.2.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
