"""`Config`, every setting of an index as one frozen, checked value; the defaults are data in ``models/ranker.toml``."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Self

from relatedness.arguments import check_path, check_type, unknown_name
from relatedness.errors import ConfigError
from relatedness.settings import (
    Calibrate,
    ListsSettings,
    RecencySettings,
    Refresh,
    StoriesSettings,
    Text,
    Topics,
    Weights,
    types_of,
)
from relatedness.shipped import shipped

COMMANDS = "commands"  # the section of a settings file that only the command line reads


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of an index.

    Attributes
    ----------
    text, topics, weights, recency, lists, calibrate, stories, refresh
        The sections; `to_toml` shows each field with its sentence.

    Examples
    --------
    >>> config = Config.default()
    >>> config.change({"lists": {"k": 3}}).lists.k
    3
    >>> config.change({"lists": {"kk": 3}})
    Traceback (most recent call last):
    ...
    relatedness.errors.ConfigError: lists.kk: no such setting; did you mean lists.k?
    """

    text: Text
    topics: Topics
    weights: Weights
    recency: RecencySettings
    lists: ListsSettings
    calibrate: Calibrate
    stories: StoriesSettings
    refresh: Refresh

    @classmethod
    def default(cls) -> Self:
        """The settings that come with the library: ``models/ranker.toml``, learned as its card describes.

        Returns
        -------
        Config

        Examples
        --------
        >>> Config.default().lists.k
        5
        """
        return cls._of(_shipped_settings())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        r"""The shipped settings with those of a TOML file on top.

        Parameters
        ----------
        path : path-like
            A TOML file with any of the sections and fields. Its section ``commands`` is for the command line alone.

        Returns
        -------
        Config

        Raises
        ------
        ConfigError
            If the file cannot be read or is not TOML, or a setting is unknown or out of range.

        Examples
        --------
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp(), "my.toml")
        >>> _ = path.write_text("[lists]\nk = 8", encoding="utf-8")
        >>> Config.load(path).lists.k
        8
        """
        try:
            settings = tomllib.loads(check_path(path, "config").read_text(encoding="utf-8"))
            settings.pop(COMMANDS, None)
        except OSError as error:
            raise ConfigError(f"cannot read the config file {path}: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} is not valid TOML: {error}") from None
        try:
            return cls.default().change(settings)
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None

    @classmethod
    def read(cls, given: Config | Mapping[str, Mapping[str, object]] | str | Path) -> Config:
        """Settings in any form that callers may give.

        Parameters
        ----------
        given : Config, mapping or path-like
            A config is returned unchanged; a mapping or a TOML file replaces some of the shipped settings.

        Returns
        -------
        Config

        Raises
        ------
        ConfigError
            If it is none of these, or as in `load` and `change`.

        Examples
        --------
        >>> Config.read({"lists": {"k": 3}}).lists.k
        3
        """
        if isinstance(given, Config):
            return given
        if isinstance(given, Mapping):
            return cls.default().change(given)
        return cls.load(check_path(given, "config"))

    def change(self, settings: Mapping[str, Mapping[str, object]]) -> Self:
        """The same config with some settings replaced.

        A given value of a setting that a build would measure is kept: its switch in ``calibrate`` is turned off, unless
        the switch is given too. Former names of settings are accepted with a `DeprecationWarning`.

        Parameters
        ----------
        settings : mapping
            Section to field to value.

        Returns
        -------
        Config

        Raises
        ------
        ConfigError
            If a setting is unknown, of the wrong type or out of range.

        Examples
        --------
        >>> Config.default().change({"lists": {"k": 8}}).lists.k
        8
        """
        merged = self.to_dict()
        settings = _renamed(settings)
        for section, values in settings.items():
            if section not in merged:
                raise ConfigError(f"{section}: no such section; the sections are {', '.join(merged)}")
            if not isinstance(values, Mapping):
                raise ConfigError(f"{section} is {values!r}: expected a table of settings")
            for name, value in values.items():
                if name not in merged[section]:
                    raise ConfigError(
                        unknown_name(str(name), list(merged[section]), "setting", f"{section}.")
                    )
                merged[section][name] = value
        for switch, measured in MEASURED.items():
            by_hand = any(name in settings.get(section, {}) for section, name in measured)
            if by_hand and switch not in settings.get("calibrate", {}):
                merged["calibrate"][switch] = False
        return self._of(merged)

    def with_recency(self, given: float | str | Mapping[str, object] | RecencySettings) -> Self:
        """The same config with another recency, in the short form of the option ``recency``.

        Parameters
        ----------
        given : float, str, mapping or RecencySettings
            A number multiplies both strengths: 0 or ``"off"`` means that time does not count, 1 changes nothing, 2 lets
            events fade twice as fast. A mapping, or a string of the form ``scale_days=30,strength_after=0``, replaces
            settings of the section. A `RecencySettings` replaces the whole section.

        Returns
        -------
        Config

        Raises
        ------
        ConfigError
            If it is none of these, or a setting is unknown or out of range.

        Examples
        --------
        >>> config = Config.default()
        >>> config.with_recency(2).recency.strength_after == 2 * config.recency.strength_after
        True
        >>> config.with_recency("scale_days=30").recency == config.with_recency({"scale_days": 30}).recency
        True
        >>> config.with_recency("soon")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        relatedness.errors.ConfigError: recency is 'soon': expected off, a number that multiplies the strengths ...
        """
        if isinstance(given, str):
            given = _recency_of(given)
        if isinstance(given, RecencySettings):
            return replace(self, recency=given)
        if isinstance(given, Mapping):
            return self.change({"recency": given})
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < math.inf:
            raise _no_recency(given)
        strengths = {
            name: getattr(self.recency, name) * given for name in ("strength_before", "strength_after")
        }
        return self.change({"recency": strengths})

    @classmethod
    def _of(cls, settings: Mapping[str, Mapping[str, object]]) -> Self:
        sections = types_of(cls)  # type: ignore[arg-type]
        if set(settings) != set(sections):
            raise ConfigError(f"a config has the sections {', '.join(sections)}, not {', '.join(settings)}")
        values = {}
        for name, section in sections.items():
            known = {item.name for item in dataclasses.fields(section)}
            if set(settings[name]) != known:
                wrong = sorted(known.symmetric_difference(settings[name]))
                raise ConfigError(f"{name}: these settings are missing or unknown: {', '.join(wrong)}")
            values[name] = section(**settings[name])
        return cls(**values)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """All settings as plain JSON values.

        Returns
        -------
        dict of str to dict
            Section to field to value.

        Examples
        --------
        >>> sorted(Config.default().to_dict())
        ['calibrate', 'lists', 'recency', 'refresh', 'stories', 'text', 'topics', 'weights']
        """
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Mapping[str, object]]) -> Self:
        """The config that `to_dict` gave.

        Parameters
        ----------
        settings : mapping
            Section to field to value; every setting must be present, under its present or a former name.

        Returns
        -------
        Config

        Raises
        ------
        ConfigError
            If a setting is missing, unknown, of the wrong type or out of range.

        Examples
        --------
        >>> Config.from_dict(Config.default().to_dict()) == Config.default()
        True
        """
        return cls._of(_renamed(settings, stored=True))

    def measured(self, values: Mapping[str, Mapping[str, object]]) -> Self:
        """The same config with the values that a build measured, for the switches of ``calibrate`` that are on.

        Parameters
        ----------
        values : mapping
            Section to field to value, for the settings in `MEASURED`; other settings are not changed.

        Returns
        -------
        Config

        Examples
        --------
        >>> Config.default().measured({
        ...     "recency": {"scale_days": 7.0, "strength_before": 0.6, "strength_after": 0.6},
        ...     "weights": {"topics": 0.3, "neighbours": 0.5},
        ...     "lists": {"neighbours": 5},
        ... }).recency.strength_after
        0.6
        """
        merged = self.to_dict()
        for switch, settings in MEASURED.items():
            if getattr(self.calibrate, switch):
                for section, name in settings:
                    merged[section][name] = values[section][name]
        return self._of(merged)

    def to_toml(self) -> str:
        """All settings as a TOML file that `load` reads, each with its description as a comment.

        Returns
        -------
        str

        Examples
        --------
        >>> print(Config.default().to_toml().splitlines()[0])
        [text]
        """
        lines = []
        for section in dataclasses.fields(self):
            values = getattr(self, section.name)
            lines.append(f"[{section.name}]")
            for setting in dataclasses.fields(values):
                # For the strings, numbers and booleans of a config, JSON and TOML are written alike.
                lines.append(f"# {setting.metadata['doc']}")
                lines.append(f"{setting.name} = {json.dumps(getattr(values, setting.name))}")
            lines.append("")
        return "\n".join(lines[:-1]) + "\n"

    @property
    def digest(self) -> str:
        """A short hash of all settings: two indexes with equal digests were made with equal settings.

        Returns
        -------
        str
            16 hexadecimal digits.
        """
        canonical = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()


MEASURED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "time": (("recency", "strength_before"), ("recency", "strength_after")),
    "scale": (("recency", "scale_days"),),
    "support": (("weights", "topics"), ("weights", "neighbours")),
    "neighbours": (("lists", "neighbours"),),
}
"""The settings that a build measures on the archive, by their switch in ``calibrate``."""

# Former names to present names; None for settings that were removed.
_RENAMED: Mapping[tuple[str, str], tuple[str, str] | None] = {
    ("text", "length_pivot"): ("text", "length_normalisation"),
    ("topics", "agreement"): ("topics", "inference_agreement"),
    ("topics", "support"): ("topics", "inference_minimum"),
    ("weights", "gate"): None,
    ("weights", "story"): ("weights", "neighbours"),
    ("lists", "near_copy"): ("lists", "near_duplicate"),
    ("lists", "tail"): ("lists", "relative_cutoff"),
    ("lists", "telling"): ("lists", "distinctive_limit"),
    ("lists", "grounds"): ("lists", "minimum_overlap"),
    ("lists", "kinship"): ("lists", "neighbour_share"),
    ("calibrate", "most_story"): ("calibrate", "most_neighbour_weight"),
}


def present_name(section: str, name: str) -> str:
    """The name that a setting has now.

    Examples
    --------
    >>> present_name("weights", "story"), present_name("weights", "title")
    ('neighbours', 'title')
    """
    renamed = _RENAMED.get((section, name))
    return renamed[1] if renamed else name


def _renamed(settings: Mapping[str, Mapping[str, object]], *, stored: bool = False) -> dict[str, Any]:
    """The settings under their present names; warns about former names, unless they come from an index."""
    found: dict[str, Any] = {}
    for section, values in check_type(settings, "settings", Mapping, "a mapping of sections").items():
        if not isinstance(values, Mapping):
            found[section] = values
            continue
        kept = found.setdefault(section, {})
        for name, value in values.items():
            if (section, name) not in _RENAMED:
                kept[name] = value
                continue
            new = _RENAMED[section, name]
            what = (
                "no longer exists: weights.support_limit replaces it"
                if new is None
                else f"is now {'.'.join(new)}"
            )
            if not stored:
                warnings.warn(f"{section}.{name} {what}", DeprecationWarning, stacklevel=3)
            if new is not None:
                found.setdefault(new[0], {}).setdefault(new[1], value)
    return found


def _recency_of(text: str) -> float | dict[str, float]:
    """Read a recency from text."""
    if text.strip().lower() == "off":
        return 0.0
    try:
        if "=" not in text:
            return float(text)
        return {name.strip(): float(value) for name, value in (item.split("=") for item in text.split(","))}
    except ValueError:
        raise _no_recency(text) from None


def _no_recency(given: object) -> ConfigError:
    return ConfigError(
        f"recency is {given!r}: expected off, a number that multiplies the strengths of the index, or settings such as "
        "scale_days=30,strength_after=0"
    )


@cache
def _shipped_settings() -> dict[str, dict[str, object]]:
    return tomllib.loads(shipped("ranker.toml").read_text(encoding="utf-8"))
