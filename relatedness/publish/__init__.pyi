from ._render import FORMATS as FORMATS
from ._words import known_languages as known_languages
from ._write import Published as Published
from ._write import publish as publish
