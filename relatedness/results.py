"""What answers of an index have in common: plain JSON values, and the text that a notebook shows."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Result:
    """A dataclass that an index answers with.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Found(Result):
    ...     id: str
    >>> Found("dam").to_record()
    {'id': 'dam'}
    """

    __slots__ = ()

    def to_record(self) -> dict[str, Any]:
        """The result as plain JSON values.

        Returns
        -------
        dict
        """
        return asdict(cast("DataclassInstance", self))

    def _repr_markdown_(self) -> str:
        """What `print` shows, which a notebook shows instead of all fields."""
        return f"~~~text\n{self}\n~~~"
