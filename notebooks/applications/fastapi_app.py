"""Related events in a FastAPI application of your own.

    ARCHIVE=news.index uvicorn fastapi_app:app

`router` opens the index when the application starts, and reopens it when a refresh has replaced the file. Its routes are listed
in /openapi.json beside your own.
"""

import os

from fastapi import FastAPI

from relatedness.serve import router

app = FastAPI(title="The news of yesterday")
app.include_router(router(os.environ.get("ARCHIVE", "news.index")), prefix="/archive", tags=["archive"])


@app.get("/")
def front() -> dict[str, str]:
    """Your own routes stay as they are."""
    return {"related": "/archive/related/{id}"}
