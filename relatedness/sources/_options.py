"""How sources are read: the caller's options in one value, which an index stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, tzinfo
from typing import Any

from relatedness.arguments import check_text, check_type
from relatedness.errors import ConfigError


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The caller's options for reading sources; `read` explains each.

    Examples
    --------
    >>> ReadOptions({"headline": "title"}, zone="Europe/Paris").to_record()
    {'fields': {'headline': 'title'}, 'zone': 'Europe/Paris'}
    """

    fields: Mapping[str, str] | None = field(default_factory=dict)
    zone: str | tzinfo | None = None
    encoding: str | None = None
    date_format: str | None = None
    undated: str = "refuse"
    strict: bool = False
    found: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.fields is not None:
            check_type(self.fields, "fields", Mapping, "a mapping of their fields to ours")
            # The columns of a frame may have numbers as names.
            object.__setattr__(self, "fields", {str(name): ours for name, ours in self.fields.items()})
        for name in ("encoding", "date_format"):
            if getattr(self, name) is not None:
                check_text(getattr(self, name), name)
        if self.date_format is not None and not _is_date_format(self.date_format):
            raise ConfigError(
                f"date_format is {self.date_format!r}: expected DMY, MDY or a pattern such as %d.%m.%Y"
            )
        check_type(self.found, "found", Mapping, "what Reading.found gave")
        if self.undated not in ("refuse", "leave-out", "keep"):
            raise ConfigError(f"undated is {self.undated!r}: expected refuse, leave-out or keep")
        if self.zone is not None:
            check_type(self.zone, "zone", (str, tzinfo), "the name of a time zone, such as Europe/Paris")

    def to_record(self) -> dict[str, Any]:
        """The options that were given, as plain JSON values; without ``strict`` and ``found``."""
        record: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name not in ("strict", "found") and value and value != each.default:
                record[each.name] = dict(value) if isinstance(value, Mapping) else str(value)
        return record

    def remembering(self, record: Mapping[str, Any]) -> tuple[ReadOptions, list[str]]:
        """These options, with those of an earlier reading for all that are not given.

        Parameters
        ----------
        record : mapping
            From `to_record`, of the earlier reading.

        Returns
        -------
        ReadOptions
        list of str
            The options that differ from the stored ones, in words.

        Examples
        --------
        >>> options, told = ReadOptions(zone="UTC").remembering({"zone": "Europe/Paris", "encoding": "cp1252"})
        >>> options.encoding, told
        ('cp1252', ['zone is UTC now, but was Europe/Paris when the index was built'])
        """
        said = self.to_record()
        names = {each.name for each in fields(self)}
        kept = {name: value for name, value in record.items() if name in names and name not in said}
        told = [
            f"{name} is {_shown(said[name])} now, but was {_shown(value)} when the index was built"
            for name, value in record.items()
            if name in said and said[name] != value
        ]
        return replace(self, **kept), told


def _is_date_format(text: str) -> bool:
    if text.upper() in ("DMY", "MDY"):
        return True
    try:
        datetime.strptime("", text)
    except ValueError as error:
        return "%" in text and "does not match" in str(error)
    return False


def _shown(value: Any) -> str:
    return ", ".join(f"{a}={b}" for a, b in value.items()) if isinstance(value, Mapping) else str(value)
