"""reStructuredText -> HTML, by docutils, in time that grows with the length of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from functools import cache
from typing import Any

from relatedness.errors import InputError, MissingExtraError

_BOX_TITLE = re.compile(
    r'<p class="admonition-title">\w{1,10}</p>'
)  # Note, Warning: what the kind of a box is called


def restructured_to_html(text: str) -> str:
    r"""What docutils makes of a text.

    Returns
    -------
    str
        HTML; the title of the document as its first heading.

    Raises
    ------
    InputError
        If docutils cannot read the text.
    MissingExtraError
        If docutils is needed and not installed.

    Examples
    --------
    >>> restructured_to_html("Mosul *falls*.")
    '<p>Mosul <em>falls</em>.</p>\n'
    """
    try:
        from docutils.core import publish_parts
    except ImportError:
        raise MissingExtraError(
            "reading reStructuredText needs docutils: pip install 'relatedness[posts]'"
        ) from None
    try:
        parts = publish_parts(
            "\n".join(_in_short_blocks(_SPHINX_ROLE.sub(lambda role: role[1].strip(), text))),
            writer="html5",
            settings=copy(_settings()),
        )
    except (
        Exception
    ) as error:  # whatever error docutils raises for an untrusted text, only this file is at fault
        raise InputError(f"the reStructuredText cannot be read: {error}") from error
    title = parts["title"]
    return (f"<h1>{title}</h1>" if title else "") + _BOX_TITLE.sub("", str(parts["body"]))


@cache
def _settings() -> Any:
    """The settings of docutils, cached because making them takes longer than parsing a short text."""
    from docutils.frontend import get_default_settings
    from docutils.parsers.rst import Parser
    from docutils.readers.standalone import Reader
    from docutils.writers.html5_polyglot import Writer

    settings = get_default_settings(Parser, Reader, Writer)
    for name, value in {
        "file_insertion_enabled": False,
        "raw_enabled": True,
        "report_level": 5,
        "halt_level": 5,
        "traceback": True,  # raise on errors; docutils would exit the process
        "warning_stream": False,
        "doctitle_xform": True,
        "initial_header_level": 2,
        "math_output": "LaTeX",
        "_disable_config": True,
        "syntax_highlight": "none",
        "embed_stylesheet": False,
        "stylesheet_path": None,
        "line_length_limit": 1_000_000,
        "smart_quotes": False,
    }.items():
        setattr(settings, name, value)
    return settings


def _in_short_blocks(text: str) -> Iterator[str]:
    """The lines of a text, with long blocks broken up by blank lines, because docutils takes quadratic time per paragraph."""
    length, table = 0, False
    for line in text.split("\n"):
        if not line.strip():
            length = 0
        elif not length:
            table = _BORDER.match(line) is not None
        if table or length + len(line) <= _LONGEST_BLOCK:
            yield line
            length += len(line)
            continue
        yield ""
        indent = line[: min(len(line) - len(line.lstrip()), _DEEPEST)]
        rest = line.strip()
        while len(rest) > _LONGEST_BLOCK:
            end = rest.rfind(" ", 1, _LONGEST_BLOCK)
            end = end if end > 0 else _LONGEST_BLOCK
            yield indent + rest[:end]
            yield ""
            rest = rest[end:].lstrip()
        yield indent + rest
        length = len(rest)


_LONGEST_BLOCK, _DEEPEST = 4000, 80  # characters
_BORDER = re.compile(r"\s*(?:\+[-=]|={2,} )")  # of a table: a row is short, however many there are

# Roles that docutils does not know (:ref:`words`, :doc:`words <target>`) become their words.
_SPHINX_ROLE = re.compile(r":[\w:+.-]{1,40}:`([^`<>\n]*)(?:<[^`<>\n]*>)?`")
