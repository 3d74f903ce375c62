"""Pictures of an index: why events are related, when things happened, what goes together.

Most functions draw into one matplotlib axes, a new one if none is given, and return it: change it as any other, save it with
``ax.figure.savefig("picture.png")``. They use matplotlib, because its pictures are the same in a notebook, in print and in a
README, and need no script. `interactive_story` and `interactive_network` react to the pointer: they are made by Bokeh, whose
script is embedded, so that the page is one file that works offline.

In: an open index, and the ids of events. Out: axes of matplotlib, or a page.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
