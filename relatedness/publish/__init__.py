"""An index -> a site of pages, feeds and a sitemap.

In: an open index and a folder. Out: the folder, brought up to date page by page, and a `Published` that counts what changed.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
