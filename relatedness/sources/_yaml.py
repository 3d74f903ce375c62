"""Text in YAML -> plain values, at a bounded cost.

The C parser is about 20 times faster than the Python one, but crashes on deeply nested text: such text goes to the Python
parser, up to a length that it parses fast enough.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_DEEPEST = 64  # lists and mappings within each other
_SLOW = 2**15  # characters that the parser in Python reads in about 0.2 s
_SLOW_IN_BRACKETS = 2**11  # it rescans all open brackets at each token
# Compact nesting and deep indentation; nesting in brackets is counted.
_NESTED = re.compile(r"(?:[-?:][ \t]+){20}|^[ \t]{200}", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]{}]")


def load_texts(text: str) -> Any:
    """The value of a document; every scalar stays a text.

    Raises
    ------
    yaml.YAMLError, RecursionError, ValueError
        If the text is not YAML, or nests too deeply.
    """
    loader = yaml.BaseLoader if _is_nested(text) else _in_c("CBaseLoader", yaml.BaseLoader)
    return yaml.load(text, Loader=loader)  # noqa: S506 - every scalar stays a text


def load_documents(text: str) -> list[Any]:
    """The values of all documents, with numbers and truth values; dates stay as they are written, and aliases are refused.

    Raises
    ------
    yaml.YAMLError, RecursionError, ValueError, TypeError
        If the text is not YAML, nests too deeply, or holds aliases.
    """
    base = yaml.SafeLoader if _is_nested(text) else _in_c("CSafeLoader", yaml.SafeLoader)
    event: Any
    for event in yaml.parse(text, Loader=base):
        if isinstance(event, yaml.AliasEvent):  # a few of them may expand to gigabytes
            mark: Any = event.start_mark
            raise yaml.MarkedYAMLError(
                problem="aliases (*name) are not supported: write the value out", problem_mark=mark
            )
    return list(yaml.load_all(text, Loader=_without_dates(base)))


def _in_c(name: str, other: Any) -> Any:
    """A loader in C where PyYAML was built with one."""
    return getattr(yaml, name, other)


def _is_nested(text: str) -> bool:
    """Whether a text may be nested so deeply that the C parser overflows its stack."""
    depth, most = 0, _SLOW
    nested = _NESTED.search(text) is not None
    for found in _BRACKET.finditer(text):
        depth = depth + 1 if found[0] in "[{" else max(0, depth - 1)
        if depth > _DEEPEST:
            nested, most = True, _SLOW_IN_BRACKETS
            break
    if nested and len(text) > most:
        raise yaml.YAMLError(
            f"nests brackets deeper than {_DEEPEST}, or never closes them: enclose texts with brackets in quotes"
        )
    return nested


def _without_dates(base: Any) -> Any:
    resolvers = {
        first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
        for first, known in base.yaml_implicit_resolvers.items()
    }
    loader: Any = type("Loader", (base,), {"yaml_implicit_resolvers": resolvers})
    loader.add_multi_constructor("!", _of_own_tag)
    return loader


def _of_own_tag(loader: Any, tag: str, node: Any) -> Any:
    """A value with an application tag (``!incident``); the tag is ignored."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return (
        loader.construct_sequence(node, deep=True)
        if isinstance(node, yaml.SequenceNode)
        else loader.construct_scalar(node)
    )
