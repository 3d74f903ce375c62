"""A page of findings for people: sections with a sentence and a table, as Markdown or HTML. No input or output except `write`."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from relatedness.errors import InputError
from relatedness.files import replacing
from relatedness.results import Result

_IN_CELL = re.compile(r"([\\`*_|<\[\]])")
_STYLE = (
    "body{font:16px/1.45 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222;"
    "background:#fff}table{border-collapse:collapse;margin:.6em 0 1.6em}"
    "th,td{padding:.2em .8em .2em 0;text-align:left;vertical-align:top;border-bottom:1px solid #ddd}"
    "td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}h2{margin:1.6em 0 .2em;font-size:1.2em}"
)


@dataclass(frozen=True, slots=True)
class Section:
    """One finding."""

    title: str
    text: str  # the explanation, in a sentence or two
    header: Sequence[str] = ()  # the columns of its table; none for no table
    # Whole numbers are written with thousands separators, other numbers as they are.
    rows: Sequence[Sequence[object]] = ()


def markdown(title: str, lead: str, sections: Sequence[Section]) -> str:
    r"""The page in Markdown.

    Examples
    --------
    >>> print(markdown("Audit", "Of 2 events.", [Section("Hubs", "None.", ("event", "lists"), [("a|b", 1200)])]))
    # Audit
    <BLANKLINE>
    Of 2 events.
    <BLANKLINE>
    ## Hubs
    <BLANKLINE>
    None.
    <BLANKLINE>
    | event | lists |
    |---|---:|
    | a\|b | 1,200 |
    <BLANKLINE>
    """
    lines = [f"# {title}", "", lead, ""]
    for section in sections:
        lines += [f"## {section.title}", "", section.text, ""]
        if section.rows:
            rule = [
                "---:" if _numeric(section, position) else "---" for position in range(len(section.header))
            ]
            lines += [f"| {' | '.join(section.header)} |", f"|{'|'.join(rule)}|"]
            lines += [f"| {' | '.join(map(_cell, row))} |" for row in section.rows]
            lines.append("")
    return "\n".join(lines)


def page(title: str, lead: str, sections: Sequence[Section]) -> str:
    """The page in HTML, complete in itself: no script, nothing loaded.

    Examples
    --------
    >>> "<script>" in page("Audit", "", [Section("Hubs", "", ("event",), [("<script>",)])])
    False
    """
    parts = [
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>',
        f'<meta name="viewport" content="width=device-width">\n<style>{_STYLE}</style>',
        f"<h1>{html.escape(title)}</h1>\n<p>{html.escape(lead)}</p>",
    ]
    for section in sections:
        parts.append(f"<h2>{html.escape(section.title)}</h2>\n<p>{html.escape(section.text)}</p>")
        if section.rows:
            kinds = [
                ' class="number"' if _numeric(section, position) else ""
                for position in range(len(section.header))
            ]
            head = "".join(
                f"<th{kind}>{html.escape(name)}</th>"
                for kind, name in zip(kinds, section.header, strict=True)
            )
            parts.append(f"<table>\n<tr>{head}</tr>")
            for row in section.rows:
                cells = "".join(
                    f"<td{kind}>{html.escape(_written(cell))}</td>"
                    for kind, cell in zip(kinds, row, strict=True)
                )
                parts.append(f"<tr>{cells}</tr>")
            parts.append("</table>")
    return "\n".join(parts) + "\n</html>\n"


def renderer(path: str | Path) -> Callable[[str, str, Sequence[Section]], str]:
    """The function that writes a report in the format of a file name.

    Returns
    -------
    callable
        Takes title, lead and sections, returns text.

    Raises
    ------
    InputError
        If the ending is neither ``.md`` nor ``.html``.

    Examples
    --------
    >>> print(renderer("report.md")("Coverage", "Two of three events have a list.", []).splitlines()[0])
    # Coverage
    """
    forms = {".md": markdown, ".html": page}
    if Path(path).suffix not in forms:
        raise InputError(f"the format of {path} is unknown: use the ending .md or .html")
    return forms[Path(path).suffix]


def _numeric(section: Section, position: int) -> bool:
    return all(_is_number(row[position]) for row in section.rows)


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) or (
        isinstance(cell, str) and cell.rstrip("%").replace(".", "").isdigit()
    )


def _cell(cell: object) -> str:
    return _IN_CELL.sub(r"\\\1", _written(cell))


def _written(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else " ".join(str(cell).split())


class Report(Result):
    """A dataclass of findings that is shown as a page.

    It says what stands on the page: ``_page()`` gives its title, a lead and its sections.
    """

    __slots__ = ()

    def _page(self) -> tuple[str, str, Sequence[Section]]:
        raise NotImplementedError

    def __str__(self) -> str:
        return markdown(*self._page())

    def _repr_markdown_(self) -> str:
        return str(self)

    def to_html(self) -> str:
        """A page of HTML, complete in itself."""
        return page(*self._page())

    def write(self, path: str | Path) -> None:
        """Write the page to a file that ends in ``.md`` or ``.html``."""
        text = renderer(path)(*self._page())
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
