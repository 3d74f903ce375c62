"""The group of commands: it loads a command when that is called, and passes it the options that a file or the environment sets.

An option comes from the command line, else from the environment (``RELATEDNESS_PUBLISH_TITLE``, or ``RELATEDNESS_TITLE`` for
every command that has it, if the name stands for one thing), else from ``relatedness.toml`` beside the index or in the folder
above, else it has its default.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import click

import relatedness
from relatedness.arguments import nearest, unknown_name
from relatedness.cli._types import OutputFile, is_path
from relatedness.cli._wrong import COMMANDS_ELSEWHERE
from relatedness.config import COMMANDS, Config
from relatedness.errors import ConfigError
from relatedness.files import real

FILE = "relatedness.toml"
_EVERY = "all"
# Options that write files, open the service to others, or remove events must be typed on the command line, like every OutputFile.
_TYPED_ONLY = {"trust-templates", "output", "host", "cors", "remove", "remove-file", "mirror"}
# Names with different meanings in different commands, which cannot be set for all commands at once.
DIFFERENT = {"changed", "config", "language", "output", "since", "topics"}


# The sections of the help, and the modules of the commands: a command says in its decorator where it stands.
SECTIONS = (BEGIN, ASK, BRING, CARE, SET_UP) = (
    "Get started",
    "Query an index",
    "Export, publish and serve lists",
    "Check quality",
    "Set up",
)
_MODULES = ("_demo", "_quality", "_building", "_asking", "_sites", "_changed", "_texts", "_completion")


class _Command(click.Command):
    """A command that takes options from the environment and a file, and refuses to overwrite its inputs."""

    def __init__(self, name: str | None, *, section: str, short_help: str, **more: Any) -> None:
        super().__init__(name, short_help=short_help, **more)
        self.section = section
        for param in self.params:
            if isinstance(param, click.Option):
                end = _name(param).upper()
                param.envvar = [f"RELATEDNESS_{(name or '').upper()}_{end}".replace("-", "_")]
                if _name(param) not in DIFFERENT:
                    param.envvar.append(f"RELATEDNESS_{end}".replace("-", "_"))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Look for a file with options beside the index before the options are read."""
        if not ctx.resilient_parsing and not {"-h", "--help"} & set(args):
            found = settings_file(self._index(ctx, args))
            if found is not None:
                ctx.default_map = self._options(found)
        return super().parse_args(ctx, args)

    def _index(self, ctx: click.Context, args: list[str]) -> str | None:
        """The index that the arguments name."""
        values, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        named = values.get("index") or values.get("new")
        return named if isinstance(named, str) else None

    def _options(self, file: Path) -> dict[str, Any]:
        """The options that a file sets for this command, by the names of their parameters."""
        options = {_name(param): param for param in self.params if isinstance(param, click.Option)}
        found: dict[str, Any] = {}
        for table, values in _tables(file).items():
            if table not in (_EVERY, self.name):
                continue
            for given, value in values.items():
                name = given.replace("_", "-")
                if name in _TYPED_ONLY or (name in options and isinstance(options[name].type, OutputFile)):
                    raise ConfigError(
                        f"{file}: {COMMANDS}.{table}.{given}: this option is accepted only on the command line, as "
                        "somebody else may have put the file beside the index"
                    )
                if table == _EVERY and name in DIFFERENT:
                    raise ConfigError(
                        f"{file}: {COMMANDS}.{table}.{given}: this option differs between commands: set it under "
                        f"[{COMMANDS}.{self.name}] or another command"
                    )
                if name in options:
                    found[str(options[name].name)] = _value(value, options[name], file.parent)
                elif table != _EVERY or name not in _all_options():
                    known = options if table != _EVERY else _all_options()
                    raise ConfigError(
                        f"{file}: {COMMANDS}.{table}.{unknown_name(given, sorted(known), 'option')}"
                    )
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, unless it would overwrite an input, or one output with another."""
        outputs = {param.name for param in self.params if isinstance(param.type, OutputFile)}
        written = [path for name, path in ctx.params.items() if name in outputs and isinstance(path, Path)]
        read = [
            item
            for name, value in ctx.params.items()
            for item in (value if isinstance(value, tuple) else (value,))
            if name not in outputs and isinstance(item, str | Path) and is_path(str(item))
        ]
        for position, path in enumerate(written):
            is_file = path.is_file() or not path.exists()  # a device may be named for several outputs
            if is_file and real(path) in map(real, written[:position]):
                raise click.UsageError(f"{path} is given for two outputs: give another file for one of them")
        for path in written:
            if path.exists() and any(path.samefile(other) for other in read):
                raise click.UsageError(
                    f"{path} is an input and would be overwritten: give another file for the output"
                )
        return super().invoke(ctx)


class _Commands(click.Group):
    """Loads modules of commands until one has the requested command; all of them for the help."""

    command_class = _Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, as the help shows them."""
        return list(self.every())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, whose module is loaded now."""
        for module in ("_asking", *_MODULES):  # start with the module of the most frequent command
            if cmd_name in self.commands:
                break
            import_module(f"relatedness.cli.{module}")
        return super().get_command(ctx, cmd_name)

    def every(self) -> dict[str, click.Command]:
        """Every command by its name: section by section, in the order of modules, and within each as they stand."""
        for module in _MODULES:
            import_module(f"relatedness.cli.{module}")

        def order(command: click.Command) -> tuple[int, int]:
            assert isinstance(command, _Command)
            module = command.callback.__module__.rpartition(".")[2]
            return SECTIONS.index(command.section), _MODULES.index(module)

        return dict(sorted(self.commands.items(), key=lambda item: order(item[1])))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with; for a misspelt one, an error names the nearest."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            known = COMMANDS_ELSEWHERE.get(args[0])
            near = [f"relatedness {known}"] if known else nearest(args[0], self.commands)
            hint = f"; did you mean {near[0]}?" if near else ""
            if args[0] == "help":
                hint = f"; did you mean relatedness {' '.join([*args[1:2], '--help'])}?"
            ctx.fail(f"there is no command {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by purpose."""
        every = self.every()
        for section in SECTIONS:
            with formatter.section(section):
                formatter.write_dl(
                    [
                        (name.ljust(max(map(len, every))), command.get_short_help_str())
                        for name, command in every.items()
                        if isinstance(command, _Command) and command.section == section
                    ]
                )


def settings_file(index: str | Path | None) -> Path | None:
    """The ``relatedness.toml`` beside an index or in the folder above it; without an index, of the working folder."""
    folder = (Path.cwd() / (index or "x")).resolve().parent
    for directory in (folder, folder.parent):
        if (file := directory / FILE).is_file():
            return file
    return None


def _tables(file: Path) -> Mapping[str, Mapping[str, Any]]:
    try:
        whole = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the config file {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from None
    sections = [COMMANDS, *(section.name for section in fields(Config))]
    for name in whole:
        if name not in sections:
            raise ConfigError(f"{file}: {name}: no such section; {_meant(name, sections)}")
    found = whole.get(COMMANDS, {})
    if not isinstance(found, dict) or not all(isinstance(table, dict) for table in found.values()):
        raise ConfigError(
            f"{file}: {COMMANDS}: expected a table for each command, such as [{COMMANDS}.publish]"
        )
    known = [*commands.every(), _EVERY] if found else []
    unknown = [name for name in found if name not in known]
    if unknown:
        raise ConfigError(f"{file}: {COMMANDS}.{unknown_name(unknown[0], known, 'command')}")
    return found


def _meant(name: str, sections: Sequence[str]) -> str:
    """What to type instead of an unknown name of a section."""
    if name in commands.every():
        return f"did you mean [{COMMANDS}.{name}]?"
    if name in _all_options():
        return f"did you mean {name} in [{COMMANDS}.{_EVERY}]?"
    near = nearest(name, sections)
    return f"did you mean [{near[0]}]?" if near else f"the sections are {', '.join(sections)}"


def _all_options() -> set[str]:
    return {
        _name(param)
        for command in commands.every().values()
        for param in command.params
        if isinstance(param, click.Option)
    }


def _name(option: click.Option) -> str:
    """The name of an option in a file: its longest name without leading hyphens."""
    return max(option.opts, key=len).lstrip("-")


def _value(value: Any, option: click.Option, folder: Path) -> Any:
    """A value of a file in the form that click reads; a path is relative to the folder of the file."""
    if isinstance(value, list):
        return [_text(item, option, folder) for item in value]
    text = _text(value, option, folder)
    return [text] if option.multiple else text


def _text(value: Any, option: click.Option, folder: Path) -> str | bool:
    if isinstance(option.type, click.Path) and isinstance(value, str) and value != "-" and "://" not in value:
        return str(folder / value)
    return value if isinstance(value, bool) and option.is_flag else str(value)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(relatedness.__version__, prog_name="relatedness")
def commands() -> None:
    """Give every event of an archive its list of related events, each with the visible reason.

    Start with `relatedness demo`; then `relatedness build news.jsonl -o news.index` and
    `relatedness related news.index ID`.
    """
