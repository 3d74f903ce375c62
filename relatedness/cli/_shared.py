"""Shared by the commands: settings, progress, logs, exit codes, and printing."""

from __future__ import annotations

import json
import logging
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

import relatedness
from relatedness import errors
from relatedness.cli._group import settings_file
from relatedness.cli._types import IndexFile, OneOf, OutputFile, WholeNumber
from relatedness.cli._wrong import at_the_shell
from relatedness.dates import day_text
from relatedness.events import Event, shortened
from relatedness.files import replacing
from relatedness.progress import shown_progress

_WIDTH = 110
OK, UNEXPECTED, USAGE, INPUT, INDEX, BUSY = range(6)


EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (errors.ConfigError, USAGE),
    (errors.MissingExtraError, USAGE),
    (errors.UnknownEventError, INPUT),
    (errors.InputError, INPUT),
    (errors.IndexMissingError, INDEX),
    (errors.IndexFormatError, INDEX),
    (errors.BusyError, BUSY),
)


def ending(error: BaseException) -> tuple[str, int]:
    """The message and the exit code for the error that ends a command."""
    if isinstance(error, errors.RelatednessError):
        return at_the_shell(str(error)), next(
            (code for kind, code in EXIT_CODES if isinstance(error, kind)), UNEXPECTED
        )
    if isinstance(error, OSError):
        file = f"{error.filename}: " if error.filename else ""
        return f"{file}{error.strerror or error}", INDEX
    if isinstance(error, MemoryError):
        return "not enough memory; nothing was changed", UNEXPECTED
    return "interrupted; nothing was changed", 130


_QUIET = "relatedness.quiet"


def _be_quiet(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    ctx.meta[_QUIET] = value


quiet_option = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    expose_value=False,
    callback=_be_quiet,
    help="Print no summary and no progress, only errors and the output of --json.",
)


def _quiet() -> bool:
    return bool(click.get_current_context().meta.get(_QUIET))


# Characters that control a terminal or reorder text: control characters, and those that change the direction of text. The bold
# type of `click.style` is our own.
_OBEYED = re.compile("(?!\x1b\\[[01]m)[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def echo(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print a text; control characters in it become spaces, and bytes of a file name that are not text are escaped."""
    told = text.encode("utf-8", "backslashreplace").decode()
    click.echo(_OBEYED.sub(" ", told), nl=nl, err=err)


def echo_json(value: object) -> None:
    """Print a value as one line of JSON."""
    click.echo(inert_json(json.dumps(value, ensure_ascii=False)))


def inert_json(text: str) -> str:
    """The same JSON with terminal control characters escaped."""
    return _OBEYED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def say(text: str) -> None:
    """Print a line about what was done, unless --quiet was given."""
    if not _quiet():
        echo(text)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Progress on standard error, only where that is a terminal."""
    with shown_progress(not _quiet()) as report:
        yield report or (lambda stage, done, total: None)


@contextmanager
def logs(form: str | None) -> Iterator[dict[str, object]]:
    """The library's log on standard error while a command runs; its last line says what was done, or what failed.

    Yields a mapping for the counts of that line.
    """
    counts: dict[str, object] = {}
    if form is None:
        yield counts
        return
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines() if form == "json" else logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("relatedness")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    command, started = click.get_current_context().info_name, time.perf_counter()
    try:
        yield counts
        seconds = round(time.perf_counter() - started, 3)
        told = ", ".join(f"{name} {value}" for name, value in counts.items())
        done = {"stage": "done", "command": command, "seconds": seconds, "counts": counts}
        logger.info("%s done in %.3f s: %s", command, seconds, told, extra=done)
    except (KeyboardInterrupt, errors.RelatednessError, OSError, MemoryError) as error:
        message, code = ending(error)
        where = {name: getattr(error, name, None) for name in ("file", "line", "record", "field")}
        logger.error(message, extra={"error": type(error).__name__, "command": command} | where)
        raise click.exceptions.Exit(code) from error
    finally:
        logger.removeHandler(handler)


class _JsonLines(logging.Formatter):
    """A JSON object per record: time, level, message; a stage and its seconds; an error's kind and where it is.

    The last one has the stage ``done``, the command and its counts.
    """

    def format(self, record: logging.LogRecord) -> str:
        value: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        for name in ("stage", "command", "seconds", "error", "file", "line", "record", "field"):
            if (found := getattr(record, name, None)) is not None:
                value[name] = found
        return json.dumps(value | getattr(record, "counts", {}), ensure_ascii=False)


def settings(
    index: Path | None, given: Path | None, tagger: str | None
) -> tuple[relatedness.Config, Path | None]:
    """The settings for a command that tags, and the config file that was found beside the index, if they come from one.

    Parameters
    ----------
    index : path, optional
        The index to build: ``relatedness.toml`` is looked for beside it.
    given : path, optional
        The file that the user named instead.
    tagger : str, optional
        The tagger that the user named.
    """
    found = None if given is not None else settings_file(index)
    file = given or found
    config = relatedness.Config.default() if file is None else relatedness.Config.load(file)
    return (config if tagger is None else config.change({"text": {"tagger": tagger}})), found


index_argument = click.argument("index", type=IndexFile())


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON value, for programs.")


tagger_option = click.option(
    "--tagger",
    type=OneOf(["fast", "ner"]),
    help="How topics are found: by the gazetteer and learned names (fast), or also by spaCy (ner). Default: that of the "
    "settings.",
)


gazetteer_option = click.option(
    "--gazetteer",
    type=click.Path(path_type=Path),
    help="A text or TOML file with your own topics, aliases and bans.",
)


log_option = click.option(
    "--log",
    type=OneOf(["lines", "json"]),
    help="Log each stage and its time to standard error, as text or as JSON, for unattended jobs.",
)


overrides_option = click.option(
    "--overrides",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A file of editors' pins and bans; see the command `overrides`.",
)


jobs_option = click.option(
    "--jobs", type=WholeNumber(1), help="The number of processor cores to use. Default: all."
)


rejects_option = click.option(
    "--rejects",
    type=OutputFile(no_output="bad records"),
    help="Write bad records to this file and continue with the others.",
)


def read_options(command: Any) -> Any:
    """The options of every command that reads events: how they are to be read, as one mapping ``how``."""

    @wraps(command)
    def with_how(*args: Any, **given: Any) -> Any:
        # Imported here because commands that only query an index need no readers.
        from relatedness.sources import read_mapping

        how = {
            name: given.pop(name)
            for name in ("fields", "zone", "encoding", "date_format", "undated", "strict")
        }
        try:
            return command(*args, how={**how, "fields": read_mapping(how["fields"])}, **given)
        except errors.InputError as error:
            if not error.rejectable or "rejects" not in given:
                raise
            hint = f"{error.problem}; --rejects FILE writes bad records to FILE and continues with the others"
            raise errors.InputError(
                hint, file=error.file, line=error.line, record=error.record, field=error.field
            ) from error

    for option in (
        click.option(
            "--strict", is_flag=True, help="Stop at the first unreadable file in a folder of posts."
        ),
        click.option(
            "--undated",
            type=OneOf(["refuse", "leave-out", "keep"]),
            default="refuse",
            help="What to do with records without a date: stop with an error, leave them out, or keep them.",
        ),
        click.option(
            "--date-format",
            metavar="FORM",
            help="The format of dates: DMY or MDY, if dates such as 03/07/2017 are ambiguous, or a pattern such as %d.%m.%Y.",
        ),
        click.option(
            "--encoding", metavar="NAME", help="The encoding of the text, such as cp1252. Default: detected."
        ),
        click.option(
            "--zone",
            metavar="NAME",
            help="The time zone of times without one, such as Europe/Paris. Default: UTC.",
        ),
        click.option(
            "--field",
            "fields",
            multiple=True,
            metavar="THEIRS=OURS",
            help="Read the field THEIRS of the input as OURS (id, date, title, text, topics, ...); text=summary,notes "
            "joins several fields. May be repeated.",
        ),
    ):
        with_how = option(with_how)
    return with_how


def many(number: int, what: str) -> str:
    """A number with what is counted: ``1 event``, ``2 events``."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def print_seconds(seconds: dict[str, float]) -> None:
    """How long each stage took."""
    for stage, value in seconds.items():
        say(f"  {stage:<10}{value:>8.2f} s")
    say(f"  {'total':<10}{sum(seconds.values()):>8.2f} s")


def width(otherwise: int = _WIDTH) -> int:
    """The width of the terminal; a fixed number if the output is not a terminal."""
    return shutil.get_terminal_size((otherwise, 24)).columns if sys.stdout.isatty() else otherwise


def shorten(text: str, most: int | None = None) -> str:
    """A text on one line, cut at a word if it is longer than the line, without control characters of terminals."""
    return shortened(printable(text), max(most or width() - 14, 20))


def printable(text: str) -> str:
    """A text on one line without terminal control characters; see `echo`."""
    return text if text.isprintable() else _OBEYED.sub(" ", re.sub(r"[\n\t\x1b]", " ", text))


def day(event: Event) -> str:
    """The day of an event."""
    return day_text(event.date)


def read_ids(path: Path) -> list[str]:
    """The ids in a file, or in standard input (``-``), one a line; see `id_line`."""
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        return [_id_of(line) for line in text.split("\n") if line]
    except UnicodeDecodeError:
        raise errors.InputError("not UTF-8: expected a list of ids, one per line", file=path) from None
    except OSError as error:
        raise errors.InputError(f"cannot be read: {error.strerror or error}", file=path) from None


def id_line(id_: str) -> str:
    """An id as a line of a file of ids: unchanged, or as a JSON string if it would not be read back unchanged."""
    plain = id_.isprintable() and id_.strip() == id_ and not id_.startswith('"')
    return id_ if plain else json.dumps(id_)


def _id_of(line: str) -> str:
    if line.startswith('"'):
        with suppress(ValueError):
            id_ = json.loads(line)
            if isinstance(id_, str):
                return id_
    return line


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write the file atomically, because another program reads it."""
    with replacing(path) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
