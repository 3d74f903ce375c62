from .config import Config as Config
from .errors import RelatednessError as RelatednessError
from .events import Event as Event
from .events import Source as Source
from .index import Related as Related
from .index import RelatedList as RelatedList
from .quality import read_qrels as read_qrels
from .related_index import RelatedIndex as RelatedIndex
from .shipped import sample_path as sample_path
from .sources import read_events as read_events

__version__: str
