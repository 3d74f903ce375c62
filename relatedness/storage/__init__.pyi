from ._lock import writing as writing
from ._store import FORMAT as FORMAT
from ._store import Store as Store
from ._store import begins_as_index as begins_as_index
from ._store import dumps as dumps
from ._store import empty_log as empty_log
from ._store import loads as loads
from ._store import sweep as sweep
