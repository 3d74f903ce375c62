"""An event -> its topics.

In: checked events. Out: for each event a tuple of `EventTopic`, found by rules (`FastTagger`), by spaCy's model
(`NerTagger`), learned from the corpus (`learn`) or inferred from related events (`infer`).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
