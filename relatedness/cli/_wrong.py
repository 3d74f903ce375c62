"""Wrong usage -> one sentence that says what was wrong and what to type."""

from __future__ import annotations

import ast
import difflib
import re
import shlex
from collections.abc import Callable, Iterable, Mapping

import click

from relatedness.arguments import nearest

# The names of options in other programs, to their names here, for commands that have them.
_ELSEWHERE = {
    "--limit": "-k", "--top": "-k", "--count": "-k", "--max": "-k", "-n": "-k", "--format": "--json", "--out": "--output",
    "--verbose": "--log", "-v": "--version", "-V": "--version", "--threads": "--jobs", "--workers": "--jobs", "-j": "--jobs",
    "--timezone": "--zone", "--tz": "--zone", "--from": "--since", "--to": "--until", "--map": "--field",
}  # fmt: skip
# What other programs, or Python, call a command, to what to type here.
COMMANDS_ELSEWHERE = {
    "explain": "related INDEX ID --why", "find": "events", "search": "events", "topics": "info INDEX --topics",
    "config": "info INDEX --config", "settings": "info INDEX --config", "stats": "info", "version": "--version",
    "update": "refresh", "add": "refresh", "remove": "refresh INDEX --remove ID", "delete": "refresh INDEX --remove ID",
}  # fmt: skip
_TOO_MANY = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)
# The library's messages name parameters of Python, such as ``undated='keep'``: these, and the options that stand for them here.
_OPTIONS = {
    "date_format": "--date-format", "encoding": "--encoding", "fields": "--field", "judgments": "--qrels or --pairs",
    "max_remove": "--max-remove", "only": "--changed", "strict": "--strict", "table": "--table", "undated": "--undated",
    "wait": "--wait", "zone": "--zone",
}  # fmt: skip
_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_PAIR = f"(?:{_STRING}): (?:{_STRING})"
_NAMES = "|".join(_OPTIONS)
_PARAMETER = re.compile(
    rf"\b(?P<name>{_NAMES})=(?P<value>\.\.\.|True|\d+(?:\.\d+)?|{_STRING}|\{{{_PAIR}(?:, {_PAIR})*\}})"
    rf"|\A(?P<subject>{_NAMES})(?= is )|\bTable\((?:{_STRING}|\w+), (?P<table>{_STRING})\)"
)
# The options for the number of results, and of other items.
_COUNTS = ("-k", "--most")


def sentence(error: click.ClickException, every: Callable[[], Iterable[click.Command]]) -> str:
    """The message for wrong usage.

    Parameters
    ----------
    every : callable
        Returns all commands, because an option that is unknown here may belong to another.

    Examples
    --------
    >>> command = click.Command("related", params=[click.Option(["--topics"])])
    >>> context = click.Context(command)
    >>> sentence(click.NoSuchOption("--topic", ctx=context), lambda: [command])
    'there is no option --topic; did you mean --topics?'
    """
    if isinstance(error, click.NoSuchOption):
        return _no_option(error, every)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        what = _name(error.param) or "the argument"
        option = isinstance(error.param, click.Option)
        return f"{what} is missing" + (f": give {what} {_metavar(error.param)}" if option else "")
    if isinstance(error, click.BadParameter) and error.param is not None:
        name, message = _name(error.param), error.message.rstrip(".")
        if message.startswith(said := f"{error.param.name} is "):
            return f"{name} is {message.removeprefix(said)}"
        return ": ".join(filter(None, (name, message)))
    if isinstance(error, click.BadOptionUsage) and "requires an argument" in error.message:
        return f"{error.option_name} needs a value"
    if found := _TOO_MANY.fullmatch(error.format_message()):
        given = found[1].split()
        return f"{len(given)} argument{'s' * (len(given) > 1)} too many: {found[1]}"
    return error.format_message().rstrip(".")


def at_the_shell(message: str) -> str:
    """A message of the library with the options of the command line in the place of parameters of Python.

    Examples
    --------
    >>> at_the_shell("give encoding=..., undated='keep' or max_remove=0.31")
    'give --encoding, --undated keep or --max-remove 31%'
    >>> at_the_shell("name it with: fields={'Posted on': 'date', 'head': 'title'}; or Table(file, 'news')")
    "name it with: --field 'Posted on=date' --field head=title; or --table news"
    >>> at_the_shell("date_format is 'x': expected DMY, MDY or a pattern such as %d.%m.%Y")
    "--date-format is 'x': expected DMY, MDY or a pattern such as %d.%m.%Y"
    """
    return _PARAMETER.sub(_option, message)


def _option(found: re.Match[str]) -> str:
    name = found["name"] or found["subject"] or "table"
    option, value = _OPTIONS[name], found["value"] or found["table"]
    if value in (None, "...", "True"):
        return option
    try:
        given = ast.literal_eval(value)
        if isinstance(given, Mapping):
            return " ".join(f"{option} {shlex.quote(f'{theirs}={ours}')}" for theirs, ours in given.items())
        return f"{option} {f'{given:.0%}' if name == 'max_remove' else shlex.quote(str(given))}"
    except (SyntaxError, ValueError):
        return found[0]  # it stands in a text that the message quotes


def _no_option(error: click.NoSuchOption, every: Callable[[], Iterable[click.Command]]) -> str:
    given = error.option_name
    context = error.ctx
    here = [name for param in context.command.params for name in param.opts] if context is not None else []
    # A near miss of this command's own options takes precedence over names from other programs.
    own = difflib.get_close_matches(given, here, n=1, cutoff=0.9)
    near: str | None = own[0] if own else _ELSEWHERE.get(given, given)
    if near in _COUNTS:
        near = next((name for name in _COUNTS if name in here), None)
    if near not in here:
        near = next(iter(nearest(given, [*here, "--help"])), None)
    if context is not None and isinstance(context.command, click.Group):
        holder = next((command for command in every() if given in _options(command)), None)
        if holder is not None:
            return f"{given} is an option of commands; put it after one, such as: relatedness {holder.name} ... {given}"
    return f"there is no option {given}" + (f"; did you mean {near}?" if near is not None else "")


def _options(command: click.Command) -> list[str]:
    return [name for param in command.params if isinstance(param, click.Option) for name in param.opts]


def _name(param: click.Parameter) -> str:
    """The name of a parameter for people: the longest name of an option, the name of an argument in the usage."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    if isinstance(param.type, click.Choice) and param.metavar is None:
        return ""
    return (param.metavar or param.name or "").upper().rstrip(".")


def _metavar(param: click.Parameter) -> str:
    return param.metavar or {"integer range": "N", "float range": "N"}.get(
        param.type.name, param.type.name.upper()
    )
