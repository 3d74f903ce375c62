from ._file import begins_as_index as begins_as_index
from ._lock import writing as writing
from ._schema import FORMAT as FORMAT
from ._schema import dumps as dumps
from ._schema import loads as loads
from ._store import Store as Store
