"""What the library knows about languages.

In: texts. Out: which language a text is in (`language_of`, `guess`), its function words, its words where the script puts no
space between them (`segment`), and Chinese in one script (`simplified`).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
