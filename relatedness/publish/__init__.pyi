from ._write import Published as Published
from ._write import publish as publish
