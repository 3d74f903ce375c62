from ._files import export as export
from ._frames import Matrix as Matrix
from ._frames import MatrixName as MatrixName
from ._frames import TableName as TableName
from ._frames import graph as graph
from ._frames import matrix as matrix
from ._frames import to_arrow as to_arrow
from ._frames import to_frame as to_frame
