"""The pages of the service for people: an introduction with a search, and the routes. They load nothing from other hosts."""

from __future__ import annotations

from typing import Any

import jinja2

from relatedness.dates import day_text

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881 }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1, h2 { line-height: 1.2 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid var(--line); padding: .25rem .5rem .25rem 0; vertical-align: top }
code { background: var(--soft); padding: .1em .3em; border-radius: .2em } li { margin: .6rem 0 }
input { font: inherit; padding: .3rem .5rem; width: 22rem; max-width: 70% } button { font: inherit; padding: .3rem .8rem }
small { opacity: .75 }
"""

_LAYOUT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{ title }}</title>
<style>{{ style }}</style></head>
<body>
{% block body %}{% endblock %}
</body>
</html>
"""

_INDEX = """{% extends "layout" %}{% block body %}
<h1>Related events</h1>
<p>{{ "{:,}".format(info.events) }} events{% if info.events %} from {{ info.first_date }} to {{ info.last_date }}{% endif %};
built {{ info.built[:16].replace("T", " ") }}{% if info.refreshed %}, refreshed {{ info.refreshed[:16].replace("T", " ") }}{% endif %} UTC.</p>
<form action="" method="get"><input name="words" value="{{ words }}" aria-label="Words" placeholder="Words of an event, or its id" autofocus>
<button>Find</button></form>
{% if words and not events %}<p>No event contains all of these words. Try fewer words, or the beginning of a word.</p>{% endif %}
<ul>
{% for event in events %}<li>{{ event.headline }}<br><small>{{ event.date | day_text }} ·
<a href="related/{{ event.id | urlencode }}">related</a> · <a href="story/{{ event.id | urlencode }}">story</a> ·
<a href="events/{{ event.id | urlencode }}">event</a></small></li>
{% endfor %}
</ul>
<p><a href="docs">All routes</a> · <a href="openapi.json">OpenAPI document</a> · <a href="health">health</a> · <a href="metrics">metrics</a></p>
{% endblock %}
"""

_DOCS = """{% extends "layout" %}{% block body %}
<h1>Routes</h1>
<p>All answers are JSON; errors are <code>{"detail": "a sentence"}</code>. The same as a document for programs:
<a href="openapi.json">openapi.json</a>.</p>
{% for route in routes %}
<h2 id="{{ route.id }}"><code>{{ route.method }} {{ route.path }}</code></h2>
<p>{{ route.summary }}. {{ route.description }}</p>
{% if route.parameters %}<table>
{% for name, needed, kind, text in route.parameters %}<tr><td><code>{{ name }}</code></td><td>{{ kind }}{% if needed %}, required{% endif %}</td><td>{{ text }}</td></tr>
{% endfor %}</table>{% endif %}
{% endfor %}
{% endblock %}
"""

_environment = jinja2.Environment(
    loader=jinja2.DictLoader({"layout": _LAYOUT, "index": _INDEX, "docs": _DOCS}),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
_environment.filters["day_text"] = day_text


def index_page(info: dict[str, Any], words: str, events: list[Any]) -> str:
    """The first page: what the index is, a search, and the events that it found."""
    return _environment.get_template("index").render(
        title="Related events", style=_STYLE, info=info, words=words, events=events
    )


def docs_page(document: dict[str, Any]) -> str:
    """Every route of an OpenAPI document with its parameters."""
    routes = [
        _route(document, path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    return _environment.get_template("docs").render(title="Routes", style=_STYLE, routes=routes)


def _route(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        (given["name"], given.get("required", False), _kind(given["schema"]), given.get("description", ""))
        for given in operation.get("parameters", ())
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in body:
        model = document["components"]["schemas"][body["$ref"].rpartition("/")[2]]
        parameters += [
            (name, name in model.get("required", ()), _kind(field), field.get("description", ""))
            for name, field in model["properties"].items()
        ]
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": parameters,
    }


def _kind(schema: dict[str, Any]) -> str:
    """The type of a parameter in a word or two."""
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"{_kind(schema['items'])}, repeated"
    return str(schema.get("format") or _KINDS.get(schema.get("type", ""), "text"))


_KINDS = {"integer": "whole number", "number": "number", "boolean": "true or false", "string": "text"}
