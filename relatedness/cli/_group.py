"""The group of commands: it loads a command when it is asked for, and gives it the options that a file or the environment sets.

An option comes from the command line, else from the environment (``RELATEDNESS_PUBLISH_TITLE``, or ``RELATEDNESS_TITLE`` for
every command that has it), else from ``relatedness.toml`` beside the index or in the folder above, else it has its default.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click

import relatedness
from relatedness.cli._types import OutputFile, is_path
from relatedness.config import COMMANDS
from relatedness.errors import ConfigError
from relatedness.files import real

FILE = "relatedness.toml"
_EVERY = "all"
_NOT_FROM_A_FILE = {"trust-templates": "the file may have been put beside the index by somebody else"}


class _Place(NamedTuple):
    module: str
    help: str


_SECTIONS: Mapping[str, Mapping[str, _Place]] = {
    "Begin": {
        "demo": _Place("_demo", "Build the bundled sample and show a few lists."),
        "build": _Place("_building", "Build an index from files, folders or a database."),
        "refresh": _Place("_building", "Add, replace and remove events of an index."),
    },
    "Ask an index": {
        "related": _Place("_asking", "Show the events related to an event."),
        "query": _Place("_asking", "Show the events related to a text of your own."),
        "events": _Place("_asking", "Find events by words."),
        "story": _Place("_asking", "Show the story of an event."),
        "why-not": _Place("_asking", "Say which rule keeps an event out of a list."),
        "info": _Place("_asking", "Say what an index is."),
    },
    "Bring lists to where they are used": {
        "publish": _Place("_sites", "Write a site: pages, feeds, a sitemap."),
        "export": _Place("_sites", "Write all lists to a file or a database."),
        "serve": _Place("_sites", "Answer over HTTP."),
        "changed": _Place("_changed", "List the events whose lists changed."),
    },
    "Look after quality": {
        "evaluate": _Place("_quality", "Measure lists against judgments."),
        "tune": _Place("_quality", "Learn settings from judgments."),
        "audit": _Place("_quality", "Look over all lists: orphans, hubs, thin lists."),
        "diff": _Place("_quality", "Say which lists differ between two indexes."),
        "check": _Place("_building", "Check that an index is sound."),
        "overrides": _Place("_asking", "Check a file of pins and bans."),
        "tag": _Place("_texts", "Show the topics of a text or of events."),
    },
    "Set up": {"completion": _Place("_completion", "Print the completion script of a shell.")},
}
_PLACES = {name: place for section in _SECTIONS.values() for name, place in section.items()}


class _Command(click.Command):
    """One that takes options from the environment and from a file, and does not write over what it reads."""

    def __init__(self, name: str | None, **more: Any) -> None:
        super().__init__(name, **more)
        for param in self.params:
            if isinstance(param, click.Option):
                end = _name(param).upper()
                param.envvar = [f"RELATEDNESS_{(name or '').upper()}_{end}".replace("-", "_")]
                param.envvar.append(f"RELATEDNESS_{end}".replace("-", "_"))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Look for a file with options beside the index before the options are read."""
        if not ctx.resilient_parsing and not {"-h", "--help"} & set(args):
            found = settings_file(self._index(ctx, args))
            if found is not None:
                ctx.default_map = self._options(found, ctx)
        return super().parse_args(ctx, args)

    def _index(self, ctx: click.Context, args: list[str]) -> str | None:
        """The index that the arguments name."""
        values, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        named = values.get("index") or values.get("new")
        return named if isinstance(named, str) else None

    def _options(self, file: Path, ctx: click.Context) -> dict[str, Any]:
        """The options that a file sets for this command, by the names of their parameters."""
        options = {_name(param): param for param in self.params if isinstance(param, click.Option)}
        found: dict[str, Any] = {}
        for table, values in _tables(file).items():
            if table not in (_EVERY, self.name):
                continue
            for given, value in values.items():
                name = given.replace("_", "-")
                if name in _NOT_FROM_A_FILE:
                    raise ConfigError(
                        f"{file}: {COMMANDS}.{table}.{given}: say so on the command line: {_NOT_FROM_A_FILE[name]}"
                    )
                if name in options:
                    found[str(options[name].name)] = _value(value, options[name], file.parent)
                elif table != _EVERY or name not in _all_options(ctx):
                    known = options if table != _EVERY else _all_options(ctx)
                    near = difflib.get_close_matches(name, known, n=1, cutoff=0)
                    raise ConfigError(
                        f"{file}: {COMMANDS}.{table}.{given}: no such option; did you mean {near[0]}?"
                    )
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, unless it would write over what it reads, or one output over another."""
        outputs = {param.name for param in self.params if isinstance(param.type, OutputFile)}
        written = [path for name, path in ctx.params.items() if name in outputs and isinstance(path, Path)]
        read = [
            item
            for name, value in ctx.params.items()
            for item in (value if isinstance(value, tuple) else (value,))
            if name not in outputs and isinstance(item, str | Path) and is_path(str(item))
        ]
        for place, path in enumerate(written):
            is_file = path.is_file() or not path.exists()  # a device takes any number of outputs
            if is_file and real(path) in map(real, written[:place]):
                raise click.UsageError(f"{path} is named for two outputs: name another file for one of them")
        for path in written:
            if path.exists() and any(path.samefile(other) for other in read):
                raise click.UsageError(f"{path} is read and would be written over: name another file")
        return super().invoke(ctx)


class _Commands(click.Group):
    """Each command is in the module that ``_SECTIONS`` names, which is loaded when the command is asked for."""

    command_class = _Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, as the help shows them."""
        return list(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, whose module is loaded now."""
        if cmd_name in _PLACES:
            import_module(f"relatedness.cli.{_PLACES[cmd_name].module}")
        return super().get_command(ctx, cmd_name)

    def every(self) -> dict[str, click.Command]:
        """Every command by its name."""
        ctx = click.Context(self)
        found = {name: self.get_command(ctx, name) for name in _PLACES}
        return {name: command for name, command in found.items() if command is not None}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with; a misspelt one is told with the nearest."""
        if args and args[0] not in _PLACES and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], _PLACES, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            ctx.fail(f"there is no command {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by what they are for."""
        for heading, places in _SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [(name.ljust(max(map(len, _PLACES))), place.help) for name, place in places.items()]
                )


def settings_file(index: str | Path | None) -> Path | None:
    """The ``relatedness.toml`` beside an index or in the folder above it; without an index, of the working folder."""
    folder = (Path.cwd() / (index or "x")).resolve().parent
    for place in (folder, folder.parent):
        if (file := place / FILE).is_file():
            return file
    return None


def _tables(file: Path) -> Mapping[str, Mapping[str, Any]]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8")).get(COMMANDS, {})
    except OSError as error:
        raise ConfigError(f"cannot read the config file {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(table, dict) for table in found.values()):
        raise ConfigError(
            f"{file}: {COMMANDS}: expected a table for each command, such as [{COMMANDS}.publish]"
        )
    unknown = [name for name in found if name != _EVERY and name not in _PLACES]
    if unknown:
        near = difflib.get_close_matches(unknown[0], [*_PLACES, _EVERY], n=1, cutoff=0)
        raise ConfigError(f"{file}: {COMMANDS}.{unknown[0]}: no such command; did you mean {near[0]}?")
    return found


def _all_options(ctx: click.Context) -> set[str]:
    assert isinstance(commands, _Commands)
    return {
        _name(param)
        for command in commands.every().values()
        for param in command.params
        if isinstance(param, click.Option)
    }


def _name(option: click.Option) -> str:
    """How an option is called in a file: its longest name without the hyphens before it."""
    return max(option.opts, key=len).lstrip("-")


def _value(value: Any, option: click.Option, folder: Path) -> Any:
    """A value of a file as click reads it; a path is taken from the folder of the file."""
    if isinstance(value, list):
        return [_value(item, option, folder) for item in value]
    if isinstance(option.type, click.Path) and isinstance(value, str) and "://" not in value:
        return str(folder / value)
    return value if isinstance(value, bool) else str(value)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(relatedness.__version__, prog_name="relatedness")
def commands() -> None:
    """Give every event of an archive its list of related events, each with the visible reason.

    Start with `relatedness demo`; then `relatedness build news.jsonl -o news.index` and
    `relatedness related news.index ID`.
    """
