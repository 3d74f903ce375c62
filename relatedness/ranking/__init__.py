"""Texts and topics -> vectors -> candidates -> ranked lists.

In: documents (words and topics of events), days and settings. Out: arrays: exact candidates, the parts of their scores, lists,
and the reasons behind a pair. Pure computation on arrays: nothing here reads files or knows the event classes.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
