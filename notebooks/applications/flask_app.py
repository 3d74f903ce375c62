"""Related events in a Flask application.

    ARCHIVE=news.index flask --app flask_app run

All threads of a process may use one open index. It is opened on first use, which is after the server has forked its processes.
"""

import os
from functools import cache

from flask import Flask, abort, render_template_string

from relatedness import RelatedIndex
from relatedness.errors import UnknownEventError

app = Flask(__name__)
app.config["ARCHIVE"] = os.environ.get("ARCHIVE", "news.index")

PAGE = """
<h1>{{ event.headline }}</h1>
<p>{{ event.date }}</p>
<h2>Related</h2>
<ol>
{% for other, item in related %}
  <li><a href="{{ url_for('article', id=item.id) }}">{{ other.headline }}</a>, {{ other.date }}
      <small>Context: {{ item.contexts | join(", ") or "-" }}</small></li>
{% else %}
  <li>Nothing is related.</li>
{% endfor %}
</ol>
"""


@cache
def archive() -> RelatedIndex:
    """The index; it notices when its file has been refreshed."""
    return RelatedIndex.open(app.config["ARCHIVE"], follow=True)


@app.get("/articles/<path:id>")
def article(id: str) -> str:
    """An article with its related articles and the reason under each."""
    index = archive()
    try:
        event = index.events[id]
        related = [(index.events[item.id], item) for item in index.related(id)]
    except UnknownEventError as error:
        abort(404, str(error))
    return render_template_string(PAGE, event=event, related=related)
