"""The parts of the reference pages that are made from the code: commands, settings, public names, routes.

A page marks the place with ``<!-- made from the code: NAME -->`` and ``<!-- end -->``. ``python tests/pages.py --update``
fills it in, and a test fails when it is out of date.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, get_type_hints

import click

from relatedness import Config
from relatedness.cli._group import commands as group
from relatedness.serve import create_app

# The names that users import, by room. What else a door exports is for other rooms.
PUBLIC = {
    "relatedness": [
        "RelatedIndex",
        "RelatedList",
        "Related",
        "Event",
        "Source",
        "Config",
        "read_events",
        "read_qrels",
        "sample_path",
        "RelatednessError",
    ],
    "relatedness.sources": ["Table", "Rejects", "ReadReport"],
    "relatedness.topics": [
        "EventTopic",
        "Tagger",
        "FastTagger",
        "NerTagger",
        "Gazetteer",
    ],
    "relatedness.ranking": [
        "PivotedTfidfTransformer",
        "RelatedTransformer",
        "Encoder",
        "Explanation",
        "Reason",
        "Document",
        "Recency",
    ],
    "relatedness.engines": [
        "Engine",
        "LocalEngine",
        "JoblibEngine",
        "DaskEngine",
        "Workers",
        "Partition",
        "vectorise",
    ],
    "relatedness.index": [
        "ListOptions",
        "Events",
        "Overrides",
        "Plan",
        "Changes",
        "ChangedLists",
        "Summary",
        "Story",
        "WhyNot",
    ],
    "relatedness.quality": ["Quality", "Audit", "Diff", "Tuned", "hide_topics", "read_links", "read_pairs"],
    "relatedness.publish": ["Published"],
    "relatedness.export": ["Matrix"],
    "relatedness.plot": [
        "list_bars",
        "reason_bars",
        "timeline",
        "topic_trend",
        "context_network",
        "interactive_story",
        "interactive_network",
        "InteractivePicture",
    ],
    "relatedness.serve": ["create_app", "router", "run"],
    "relatedness.errors": [
        "RelatednessError",
        "InputError",
        "InputWarning",
        "ConfigError",
        "UnknownEventError",
        "IndexMissingError",
        "IndexFormatError",
        "MissingExtraError",
        "BusyError",
    ],
}


def commands() -> str:
    """A section for each command: its usage, what it does, a table of its options."""
    return "\n".join("\n".join(_command(name, command)) for name, command in group.every().items())


def _command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"relatedness {name}")
    usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
    yield f"## {name}\n"
    yield f"```text\n{usage}\n```\n"
    for paragraph in (command.help or "").replace("\b", "").split("\n\n"):
        yield " ".join(paragraph.split()) + "\n"
    options = [item for item in command.params if isinstance(item, click.Option)]
    if options:
        yield "| Option | What it does |\n|---|---|"
        for option in options:
            value = "" if option.is_flag else f" {option.make_metavar(context)}"
            value = value.replace("INTEGER RANGE", "N").replace("INTEGER", "N").replace("FLOAT RANGE", "X")
            names = ", ".join((*option.opts, *option.secondary_opts))
            yield f"| `{_cell(names + value)}` | {_cell(_sentence(option, context))} |"
        yield ""


def _sentence(option: click.Option, context: click.Context) -> str:
    # Some help is completed with names that the program knows; what click adds in brackets is told in other words here.
    _, shown = option.get_help_record(context) or ("", "")
    text = " ".join(re.sub(r"  \[[^]]*\]$", "", shown).split())
    if option.required:
        text += " Required."
    default = option.get_default(context, call=False)
    if isinstance(default, tuple | list):
        default = ", ".join(map(str, default))
    if option.show_default and isinstance(default, str | int | float) and default not in ("", False):
        text += f" Default: `{default}`."
    return text


def settings() -> str:
    """A table for each section of `Config`: setting, default, range, what it does."""
    config = Config.default()
    lines: list[str] = []
    for section in dataclasses.fields(config):
        values = getattr(config, section.name)
        kinds = get_type_hints(type(values))
        lines += [f"## {section.name}\n", f"{_first(type(values).__doc__)}\n"]
        lines += ["| Setting | Default | Allowed | What it does |", "|---|---|---|---|"]
        for setting in dataclasses.fields(values):
            allowed = _allowed(setting.metadata, kinds[setting.name])
            default = json.dumps(getattr(values, setting.name))
            doc = _cell(setting.metadata["doc"])
            lines.append(f"| `{setting.name}` | `{default}` | {allowed} | {doc} |")
        lines.append("")
    return "\n".join(lines)


def _allowed(meta: Mapping[str, Any], kind: type) -> str:
    if "options" in meta:
        return ", ".join(f"`{json.dumps(option)}`" for option in meta["options"])
    if "low" in meta:
        return f"{_number(meta['low'])} to {_number(meta['high'])}"
    return "`true`, `false`" if kind is bool else "any"


def names() -> str:
    """A table for each room: its public names and the first sentence of each."""
    lines: list[str] = []
    for room, public in PUBLIC.items():
        lines += [f"## {room}\n", "| Name | What it is |", "|---|---|"]
        for name in public:
            value = getattr(import_module(room), name)
            doc = (
                _first(value.__doc__)
                if isinstance(value, type) or inspect.isroutine(value)
                else _OTHERS[name]
            )
            lines.append(f"| `{name}` | {_cell(doc)} |")
        lines.append("")
    return "\n".join(lines)


# Public names that are neither a class nor a function, and so have no docstring.
_OTHERS = {"Encoder": "A function from a list of texts to an array with one row of floats for each."}


def routes() -> str:
    """A section for each route of `relatedness serve`, from its OpenAPI document."""
    document = create_app("news.index").openapi()
    schemas = document["components"]["schemas"]
    lines: list[str] = []
    bodies: list[str] = []
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            lines += [
                f"## {method.upper()} {path}\n",
                f"{route['summary']}. {route.get('description', '')}".strip() + "\n",
            ]
            rows = [
                (
                    f"`{item['name']}`",
                    item["in"],
                    item["schema"],
                    item.get("description", ""),
                    item.get("required"),
                )
                for item in route.get("parameters", [])
            ]
            body = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            if body:
                rows += [
                    (f"`{name}`", "body", schema, schema.get("description", ""), required)
                    for name, schema, required in _properties(body, schemas)
                ]
            if rows:
                lines += ["| Parameter | In | Value | What it does |", "|---|---|---|---|"]
                for name, where, schema, doc, required in rows:
                    text = f"{doc} Required.".strip() if required and where != "path" else doc
                    lines.append(f"| {name} | {where} | {_cell(_type(schema))} | {_cell(text)} |")
                lines.append("")
            answer = (
                route["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema")
            )
            if answer and "$ref" in answer:
                name = answer["$ref"].rpartition("/")[2]
                lines.append(f"Answers with [`{name}`](#{name.lower()}).\n")
                bodies += [name] if name not in bodies else []
    lines.append("## Answers\n")
    for name in bodies:  # grows while it is read: an answer may hold others
        lines += [f"### {name}\n", f"{_first(schemas[name].get('description', ''))}\n"]
        lines += ["| Field | Value | What it holds |", "|---|---|---|"]
        for field, schema, _ in _properties({"$ref": f"#/{name}"}, schemas):
            for other in re.findall(r'"\$ref": "[^"]*/(\w+)"', json.dumps(schema)):
                bodies += [other] if other not in bodies else []
            lines.append(f"| `{field}` | {_cell(_type(schema))} | {_cell(schema.get('description', ''))} |")
        lines.append("")
    return "\n".join(lines)


def _properties(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for name, value in schema.get("properties", {}).items():
        yield name, value, name in schema.get("required", [])


def _type(schema: Mapping[str, Any]) -> str:
    """A JSON schema in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[`{name}`](#{name.lower()})"
    if "anyOf" in schema:
        kinds = [_type(one) for one in schema["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"name to {_type(schema['additionalProperties'])}"
    text = schema.get("format") or {
        "integer": "whole number",
        "boolean": "true or false",
        "string": "text",
    }.get(kind, kind)
    if "minimum" in schema and "maximum" in schema:
        text += f", {_number(schema['minimum'])} to {_number(schema['maximum'])}"
    elif "maxLength" in schema:
        text += f", at most {schema['maxLength']:,} characters"
    if schema.get("default") not in (None, [], ""):
        text += f", default `{json.dumps(schema['default'])}`"
    return str(text)


def _number(value: float) -> str:
    return f"{value:,.10g}"


def _first(docstring: str | None) -> str:
    """The first paragraph of a docstring as Markdown."""
    return " ".join((docstring or "").split("\n\n")[0].split()).replace("``", "`")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


MADE: dict[str, Callable[[], str]] = {
    "commands": commands,
    "settings": settings,
    "names": names,
    "routes": routes,
}
