from ._engine import DaskEngine as DaskEngine
from ._engine import Engine as Engine
from ._engine import JoblibEngine as JoblibEngine
from ._engine import LocalEngine as LocalEngine
from ._segments import Partition as Partition
from ._segments import vectorise as vectorise
