"""The options of a list on the command line, made from `relatedness.index.ListOptions`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from relatedness.cli._types import Number, OneOf, WholeNumber
from relatedness.errors import ConfigError
from relatedness.index import Option, list_option, list_options

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class _Read(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A text that the option itself reads."""

    def __init__(self, option: Option) -> None:
        self.name = option.kind
        self._option = option

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._option.read(value) if isinstance(value, str) else value
        except ConfigError as error:
            self.fail(str(error), param, ctx)


def list_option_as_click(option: Option, *, of_text: bool = False) -> Callable[[Decorated], Decorated]:
    """One option of a list for a command."""
    flag = f"--{option.name.replace('_', '-')}" if len(option.name) > 1 else f"-{option.name}"
    doc = (option.of_text if of_text else None) or option.doc
    more: dict[str, Any] = {"help": doc, "metavar": option.metavar}
    match option.kind:
        case "count" | "days":
            more |= {"type": WholeNumber(_whole(option.low), _whole(option.high))}
        case "number":
            more |= {"type": Number(option.low, option.high)}
        case "choice":
            more |= {"type": OneOf(option.choices), "default": option.default}
            more["show_default"] = option.default is not None
        case "switch":
            more = {"help": doc, "is_flag": True, "default": None}
        case "names":
            more["help"] += " May be repeated; put a name that holds a comma in double quotes."
            more |= {"type": _Read(option), "multiple": True, "callback": _joined}
        case _:
            more |= {"type": _Read(option)}
    return click.option(flag, option.name, **more)


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _joined(ctx: click.Context, param: click.Parameter, values: tuple[tuple[str, ...], ...]) -> Any:
    return tuple(name for names in values for name in names) or None


def takes_options(
    *, without: tuple[str, ...] = (), of_text: bool = False
) -> Callable[[Decorated], Decorated]:
    """Add the options of a list to a command; `given` turns them into arguments.

    Parameters
    ----------
    without : tuple of str
        Those that the command does not take.
    of_text : bool
        Whether it asks about a text, and not about an event.
    """

    def add(command: Decorated) -> Decorated:
        for option in reversed(list_options()):
            if option.name not in without:
                command = list_option_as_click(option, of_text=of_text)(command)
        return command

    return add


def given(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as `RelatedIndex` takes them."""
    return {name: value for name, value in options.items() if value is not None}


k_option = list_option_as_click(list_option("k"))
