"""Judgments from the behaviour of readers: pairs of events with clicks or weights, in CSV."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path

from relatedness.arguments import check_path
from relatedness.errors import InputError

_NAMES = ("event", "related", "weight")


def read_pairs(path: str | Path) -> dict[str, dict[str, int]]:
    r"""Read pairs of related events: ``event,related,weight``, a line each, such as clicks on related lists.

    The weights of a pair that occurs more than once are added up; a line without a weight counts 1, so that a log with
    a line for each click can be read as it is. The grade of a pair is ``round(log2(1 + weight))``, at least 1 where the
    weight is above 0: one click is 1, three are 2, a hundred are 7.

    Parameters
    ----------
    path : path-like
        CSV in UTF-8. A first line with the names of the columns may put them in another order.

    Returns
    -------
    dict
        Event id to related id to grade, as `read_qrels` gives it.

    Raises
    ------
    InputError
        Naming the file and line.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "clicks.csv"
    >>> _ = file.write_text("event,related,weight\nfall,dam,3\nfall,siege,1\n")
    >>> read_pairs(file)
    {'fall': {'dam': 2, 'siege': 1}}
    """
    file = check_path(path, "path")
    weights: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    order: tuple[str, ...] = _NAMES
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines)
            for row in rows:
                cells = [cell.strip() for cell in row]
                if not any(cells):
                    continue
                named = tuple(cell.lower() for cell in cells)
                if rows.line_num == 1 and {"event", "related"} <= set(named) <= set(_NAMES):
                    order = named
                    continue
                found = dict(zip(order, cells, strict=False))
                event, related = found.get("event", ""), found.get("related", "")
                if len(cells) > len(order) or not event or not related:
                    raise InputError(
                        f"expected event,related,weight, found {','.join(row)!r:.80}",
                        file=file,
                        line=rows.line_num,
                    )
                weights[event][related] += _weight(found.get("weight") or "1", file, rows.line_num)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read as CSV in UTF-8: {error}", file=file) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=file) from None
    return {
        event: {related: _grade(weight) for related, weight in found.items()}
        for event, found in weights.items()
    }


def _weight(text: str, file: Path, line: int) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not 0 <= weight < 1e15:
        raise InputError(f"the weight is {text!r}: expected a number from 0 up", file=file, line=line)
    return weight


def _grade(weight: float) -> int:
    return max(round(math.log2(1 + weight)), int(weight > 0))
