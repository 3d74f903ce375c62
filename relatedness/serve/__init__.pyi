from ._app import create_app as create_app
from ._app import router as router
from ._app import run as run
from ._http import MAX_BODY as MAX_BODY
from ._records import MAX_NAME as MAX_NAME
from ._records import MAX_RESULTS as MAX_RESULTS
from ._records import MAX_TEXT as MAX_TEXT
from ._served import Served as Served
