"""Bibliographies of BibTeX (``.bib``) -> the records of events."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from relatedness.errors import InputError, MissingExtraError
from relatedness.sources._columns import WantedColumns
from relatedness.sources._file import Item, SourceFile
from relatedness.sources._mappings import NoTableError

_LONGEST_LATEX = (
    2**15
)  # characters of a field; in a longer field, LaTeX commands are removed instead of rendered
_PARTS = ("year", "month", "day")


def read_bibliography(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The entries of a bibliography, with LaTeX commands rendered as text.

    Raises
    ------
    InputError
        If it holds no entries.
    MissingExtraError
        If bibtexparser is not installed.
    """
    try:
        from bibtexparser.entrypoint import parse_string
        from bibtexparser.middlewares import MonthIntMiddleware
    except ImportError:
        raise MissingExtraError(
            "reading .bib needs bibtexparser: pip install 'relatedness[tables]'"
        ) from None
    _keep_quiet()
    data = file.whole()
    encoding = file.found_encoding(data[: 2**20])
    library = parse_string(data.decode(encoding, "replace"), append_middleware=[MonthIntMiddleware()])
    if not library.entries and not library.failed_blocks:
        raise NoTableError(
            "holds no entries such as @article{key, title = {...}, year = 2016}", file=file.name
        )
    for block in library.failed_blocks:
        line = None if block.start_line is None else block.start_line + 1
        yield file.name, (line, None), InputError(f"not BibTeX: {_reason(block.error)}"), block.raw or ""
    for entry in library.entries:
        line = None if entry.start_line is None else entry.start_line + 1
        value: object
        try:
            fields = {
                name.lower(): _plain(name.lower(), found.value) for name, found in entry.fields_dict.items()
            }
            value = _record(entry.key, entry.entry_type, fields)
        except RecursionError:
            value = InputError("cannot be read: its LaTeX is nested too deeply")
        yield file.name, (line, None), value, entry.raw or ""


@lru_cache(maxsize=1)
def _keep_quiet() -> None:
    """Keep the log messages of both packages off standard error: every block that cannot be read is reported as an error here."""
    for name in ("bibtexparser", "pylatexenc"):
        logging.getLogger(name).addHandler(logging.NullHandler())


def _reason(error: object) -> str:
    words = str(getattr(error, "abort_reason", "") or error or "cannot be read")
    return " ".join(words.split())[:200]


def _record(key: str, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    if "date" not in fields and fields.get("year"):
        month, day = str(fields.get("month") or ""), str(fields.get("day") or "")
        parts = [str(fields["year"])]
        if month.isdigit():
            parts += [month.zfill(2), *([day.zfill(2)] if day.isdigit() else [])]
        fields["date"] = "-".join(parts)
    return {
        "id": key,
        "sources": fields.get("journal") or fields.get("journaltitle") or fields.get("publisher"),
        "category": kind,
        **{name: value for name, value in fields.items() if name not in _PARTS},
    }


def _plain(name: str, value: Any) -> Any:
    """A value as LaTeX prints it; web addresses are not changed."""
    if not isinstance(value, str) or name in ("url", "doi", "file") or not re.search(r"[\\{}$~]", value):
        return value
    # Parsing LaTeX takes a second for 30,000 characters.
    if len(value) > _LONGEST_LATEX or not re.search(r"[\\$~]", value):
        return _without_commands(value)
    from pylatexenc.latex2text import LatexNodes2Text

    try:
        return LatexNodes2Text(keep_comments=True).latex_to_text(value)
    except (AttributeError, LookupError, TypeError, ValueError):
        # pylatexenc raises this if a command lacks its arguments; the text is usable without rendering.
        return _without_commands(value)


def _without_commands(value: str) -> str:
    return re.sub(r"\\[A-Za-z]+|[\\$~]", " ", value).translate({ord("{"): None, ord("}"): None})
