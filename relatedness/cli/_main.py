"""The command line: parses, calls, turns errors into exit codes; nothing else."""

from __future__ import annotations

import atexit
import gc
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import relatedness
from relatedness import errors
from relatedness.sources import Table, is_url, without_password

if TYPE_CHECKING:
    from relatedness.engines import Engine

_OK, _UNEXPECTED, _USAGE, _INPUT, _INDEX, _BUSY = range(6)
_EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (errors.ConfigError, _USAGE),
    (errors.MissingExtraError, _USAGE),
    (errors.UnknownEventError, _INPUT),
    (errors.InputError, _INPUT),
    (errors.IndexMissingError, _INDEX),
    (errors.IndexFormatError, _INDEX),
    (errors.BusyError, _BUSY),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    # Nothing is gained by looking for cycles in what ends with the process; it took a fifth of a second.
    atexit.register(gc.freeze)
    try:
        code = commands.main(args=arguments, prog_name="relatedness", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = _USAGE
    except SystemExit:
        # Click's answer when the reader of a pipe went away (`| head`): that is no failure, and nobody is there.
        code = _OK
    except (click.Abort, errors.RelatednessError, OSError) as error:
        message, code = _ending(error)
        click.echo(f"relatedness: {message}", err=True)
    sys.exit(code or _OK)


def _ending(error: BaseException) -> tuple[str, int]:
    """What to tell people of the error that ends a command, and the exit code."""
    if isinstance(error, errors.RelatednessError):
        return str(error), next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), _UNEXPECTED)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}", _INDEX
    return "interrupted; nothing was changed", 130


class _OutputFile(click.Path):
    """A file to write: that it cannot be written is better said before the work than after it."""

    def __init__(self, *, or_address: bool = False) -> None:
        super().__init__(path_type=Path)
        self._or_address = or_address

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if self._or_address and is_url(value):
            return value
        path = Path(value)
        if path.is_dir():
            self.fail(f"{path} is a folder: name a file", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"{path} cannot be written: the folder {path.parent} does not exist", param, ctx)
        if not os.access(path.parent, os.W_OK):
            self.fail(f"{path} cannot be written: the folder {path.parent} does not allow it", param, ctx)
        return path


class _Command(click.Command):
    """One that does not write over what it reads."""

    def invoke(self, ctx: click.Context) -> Any:
        outputs = {param.name for param in self.params if isinstance(param.type, _OutputFile)}
        written = [
            path for name, path in ctx.params.items() if name in outputs and path and _is_path(str(path))
        ]
        read = [
            item
            for name, value in ctx.params.items()
            for item in (value if isinstance(value, tuple) else (value,))
            if name not in outputs and isinstance(item, str | Path) and _is_path(str(item))
        ]
        for path in written:
            if any(Path(path).samefile(other) for other in read):
                raise click.UsageError(f"{path} is read and would be written over: name another file")
        return super().invoke(ctx)


class _Commands(click.Group):
    command_class = _Command


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(relatedness.__version__, prog_name="relatedness")
def commands() -> None:
    """Give every event of an archive its list of related events, each with the visible reason.

    Start with `relatedness demo`; then `relatedness build news.jsonl -o news.index` and
    `relatedness related news.index ID`.
    """


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Progress on standard error, only where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    shown = ""

    def show(stage: str, done: int, total: int) -> None:
        nonlocal shown
        line = f"{stage:<10} {done:>9,} of {total:,}" if total else f"{stage:<10} {done:>9,}"
        if line != shown:
            click.echo(f"\r{line}\x1b[K", err=True, nl=False)
            shown = line

    try:
        yield show
    finally:
        if shown:
            click.echo("\r\x1b[K", err=True, nl=False)


@contextmanager
def _logging(form: str | None) -> Iterator[None]:
    """The library's log on standard error while a command runs, and what ended it if it failed."""
    if form is None:
        yield
        return
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines() if form == "json" else logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("relatedness")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    except (KeyboardInterrupt, errors.RelatednessError, OSError) as error:
        message, code = _ending(error)
        where = {name: getattr(error, name, None) for name in ("file", "line", "record", "field")}
        logger.error(message, extra={"error": type(error).__name__} | where)
        raise click.exceptions.Exit(code) from error
    finally:
        logger.removeHandler(handler)


class _JsonLines(logging.Formatter):
    """A JSON object per record: time, level, message; a stage and its seconds; an error's kind and where it is."""

    def format(self, record: logging.LogRecord) -> str:
        value: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        for name in ("stage", "seconds", "error", "file", "line", "record", "field"):
            if (found := getattr(record, name, None)) is not None:
                value[name] = found
        return json.dumps(value, ensure_ascii=False)


_index_argument = click.argument("index", type=click.Path(path_type=Path))
_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON value, for programs.")
_why_option = click.option("--why", is_flag=True, help="Show what each word, topic and date gave.")
_k_option = click.option(
    "-k", "k", type=click.IntRange(1), help="How many results; the index's own default if not given."
)
_tagger_option = click.option(
    "--tagger",
    type=click.Choice(["fast", "ner"]),
    help="How topics are found: gazetteer and names, or spaCy's entities.",
)
_gazetteer_option = click.option(
    "--gazetteer",
    type=click.Path(path_type=Path),
    help="Your own topics, aliases and bans: a plain text or TOML file.",
)
_strict_option = click.option(
    "--strict", is_flag=True, help="Stop at the first file of a folder of posts that cannot be read."
)
_field_option = click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="THEIRS=OURS",
    help="Read the field THEIRS of the input as OURS (id, date, title, text, topics, ...). May be repeated.",
)
_log_option = click.option(
    "--log",
    type=click.Choice(["lines", "json"]),
    help="Log each stage to standard error with its time, as lines or as JSON: for jobs that nobody watches.",
)
_zone_option = click.option(
    "--zone", metavar="NAME", help="Time zone of times that name none, such as Europe/Paris."
)
_overrides_option = click.option(
    "--overrides",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Editors' pins and bans; see the command `overrides`.",
)
_direction_option = click.option(
    "--direction",
    type=click.Choice(["any", "before", "after"]),
    default="any",
    show_default=True,
    help="Background, follow-ups, or both.",
)
_since_option = click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Only events of this day, such as 2016-07-11, or later.",
)
_until_option = click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only events of this day or earlier."
)
_topics_option = click.option("--topics", metavar="A,B", help="Only events with all of these topics.")
_language_option = click.option("--language", help="Only events of this language.")
_min_score_option = click.option(
    "--min-score", type=click.FloatRange(0, 1), default=0.0, help="Only results with at least this score."
)
_spread_option = click.option(
    "--spread", type=click.IntRange(0), default=0, metavar="DAYS", help="Keep results so many days apart."
)
_fill_option = click.option(
    "--fill",
    type=click.Choice(["context", "period"]),
    help="Fill short lists with events of the same context, then of the same period, and say so.",
)
_recency_option = click.option(
    "--recency",
    metavar="HOW",
    help="How closeness in time counts: off, a number (2 fades twice as fast), or settings (scale_days=30).",
)


def _list_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a list is asked for; `_wanted` turns them into arguments."""
    options = (
        _k_option, _direction_option, _topics_option, _since_option, _until_option, _language_option,
        _min_score_option, _spread_option, _fill_option, _recency_option, _overrides_option,
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _wanted(topics: str | None, since: Any, until: Any, **others: Any) -> dict[str, Any]:
    names = tuple(name.strip() for name in topics.split(",")) if topics is not None else ()
    if not all(names):
        raise click.BadParameter(f"{topics!r} holds an empty name", param_hint="--topics")
    return {
        "topics": names,
        "since": since.date() if since else None,
        "until": until.date() if until else None,
        **others,
    }


def _mapping(fields: Sequence[str]) -> dict[str, str]:
    pairs = [field.split("=", 1) for field in fields]
    for pair in pairs:
        if len(pair) != 2 or not all(pair):
            raise click.BadParameter(
                f"{'='.join(pair)!r} is not of the form THEIRS=OURS", param_hint="--field"
            )
    return dict(pairs)


def _table_options(command: Any) -> Any:
    """The options of every command that reads events."""
    for option in (
        click.option("--since", metavar="WHEN", help="Only rows whose --updated is this or later, or null."),
        click.option(
            "--updated",
            metavar="COLUMN",
            help="The column that says when a row was last written; for --since.",
        ),
        click.option(
            "--table", metavar="NAME", help="The table or view, where EVENTS is a database's address."
        ),
    ):
        command = option(command)
    return command


def _sources(
    events: Sequence[str], table: str | None, updated: str | None, since: str | None
) -> list[str | Table]:
    """Files and folders by their paths, and addresses of databases with the table that the options name."""
    if "-" in events:
        raise click.UsageError("standard input is not read: write it to a file whose name ends in its format")
    if table is None and (updated or since):
        raise click.UsageError("--updated and --since go with --table")
    if table is not None and not any(map(is_url, events)):
        raise click.UsageError("--table goes with the address of a database, such as sqlite:///news.db")
    return [
        Table(place, table, updated=updated, since=since) if table and is_url(place) else place
        for place in events
    ]


@commands.command()
@click.argument("events", nargs=-1, required=True)
@click.option("-o", "--output", "index", required=True, type=_OutputFile(), help="The index file to write.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="A TOML file with settings; see `info --config`.",
)
@_tagger_option
@_gazetteer_option
@click.option("--rejects", type=_OutputFile(), help="Put bad records aside in this file and do the rest.")
@_strict_option
@click.option("--jobs", type=click.IntRange(1), help="How many processor cores to use; all if not given.")
@click.option(
    "--engine",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="Where the search runs.",
)
@click.option("--scheduler", metavar="ADDRESS", help="The Dask scheduler, such as tcp://127.0.0.1:8786.")
@_field_option
@_zone_option
@_log_option
@_table_options
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON value.")
def build(
    events: tuple[str, ...],
    index: Path,
    config_file: Path | None,
    tagger: str | None,
    gazetteer: Path | None,
    rejects: Path | None,
    strict: bool,
    jobs: int | None,
    engine: str,
    scheduler: str | None,
    fields: tuple[str, ...],
    zone: str | None,
    log: str | None,
    table: str | None,
    updated: str | None,
    since: str | None,
    as_json: bool,
) -> None:
    """Build an index from EVENTS: .jsonl, .csv, .parquet, a feed, a folder of archive pages or posts, or the address
    of a database (any that SQLAlchemy knows) with --table.

    Nothing stands at the output before the build is complete. Without --rejects the first bad record ends it.
    """
    if scheduler is not None and engine != "dask":
        raise click.UsageError("--scheduler goes with --engine dask")
    config = relatedness.Config.load(config_file) if config_file else relatedness.Config.default()
    if tagger is not None:
        config = config.change({"text": {"tagger": tagger}})
    # Millions of small records and hardly a cycle among them: the collector would only search, for a third of the time.
    gc.disable()
    sources = _sources(events, table, updated, since)
    with _logging(log), _progress() as progress:
        built = relatedness.RelatedIndex.build(
            sources,
            index,
            config=config,
            gazetteer=gazetteer,
            fields=_mapping(fields),
            zone=zone,
            rejects=rejects,
            strict=strict,
            jobs=jobs,
            engine=_engine(scheduler) if engine == "dask" else None,
            progress=progress,
        )
    summary = built.summary
    assert summary is not None
    if as_json:
        click.echo(json.dumps(asdict(summary), ensure_ascii=False))
        return
    click.echo(
        f"{index}: {_many(summary.events, 'event')}, {summary.listed:,} with related events, {summary.bytes / 1e6:,.1f} MB"
    )
    for line in summary.read.lines():
        click.echo(line)
    if summary.repeated:
        click.echo(f"{_many(summary.repeated, 'record')} repeated word for word, counted once")
    if rejects is not None:
        click.echo(f"{_many(summary.rejected, 'bad record')} put aside in {rejects}")
    _print_latest(sources, updated)
    _print_seconds(summary.seconds)


@commands.command()
@_index_argument
@click.argument("events", nargs=-1)
@click.option("--remove", "remove", multiple=True, metavar="ID", help="Remove this event. May be repeated.")
@click.option("--mirror", is_flag=True, help="EVENTS are the whole truth: remove what is not among them.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--refit", is_flag=True, help="Fit the statistics anew: the same as a build over all events.")
@click.option(
    "--changed",
    "changed_file",
    type=_OutputFile(),
    help="Write the ids of the events whose lists changed to this file, one per line.",
)
@click.option("--rejects", type=_OutputFile(), help="Put bad records aside in this file and do the rest.")
@_strict_option
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="How many seconds to wait while another process writes the index.",
)
@click.option("--jobs", type=click.IntRange(1), help="How many processor cores to use; all if not given.")
@_field_option
@_zone_option
@_table_options
@_log_option
@click.option("--json", "as_json", is_flag=True, help="Print what was done as one JSON value.")
def refresh(
    index: Path,
    events: tuple[str, ...],
    remove: tuple[str, ...],
    mirror: bool,
    dry_run: bool,
    refit: bool,
    changed_file: Path | None,
    rejects: Path | None,
    strict: bool,
    wait: float,
    jobs: int | None,
    fields: tuple[str, ...],
    zone: str | None,
    table: str | None,
    updated: str | None,
    since: str | None,
    log: str | None,
    as_json: bool,
) -> None:
    """Bring an INDEX up to date: add new EVENTS, replace changed ones, remove those that go.

    Events that the index holds as they are stay as they are. All changes are seen at once, and readers go on
    reading meanwhile.
    """
    if mirror and not events:
        raise click.UsageError("--mirror needs EVENTS: without them nothing would be left")
    if mirror and since is not None:
        raise click.UsageError("--mirror wants all rows: without --since")
    sources = _sources(events, table, updated, since)
    source: dict[str, Any] = {
        "remove": remove,
        "mirror": mirror,
        "refit": refit,
        "fields": _mapping(fields),
        "zone": zone,
        "rejects": rejects,
        "strict": strict,
    }
    gc.disable()
    with _logging(log), _progress() as progress, relatedness.RelatedIndex.open(index) as opened:
        if dry_run:
            plan = opened.plan(sources, progress=progress, **source)
        else:
            changes = opened.refresh(
                sources, jobs=jobs, wait=wait, waiting=_say_waiting, progress=progress, **source
            )
    if dry_run:
        click.echo(json.dumps(plan.to_record(), ensure_ascii=False) if as_json else str(plan))
        return
    if changed_file is not None:
        _write_lines(changed_file, changes.lists)
    if as_json:
        click.echo(json.dumps(changes.to_record(), ensure_ascii=False))
        return
    click.echo(f"{index}: {changes}")
    if rejects is not None:
        click.echo(f"{_many(changes.rejected, 'bad record')} put aside in {rejects}")
    _print_latest(sources, updated)
    _print_seconds(changes.seconds)


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _print_latest(sources: Sequence[str | Table], updated: str | None) -> None:
    for source in sources:
        if isinstance(source, Table) and source.latest is not None:
            click.echo(f"the latest {updated} in {source.name}: {source.latest}")


def _say_waiting(holder: str) -> None:
    click.echo(f"relatedness: waiting for {holder}", err=True)


def _write_lines(path: Path, lines: Sequence[str]) -> None:
    """Whole or not at all: another program reads it."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    temporary.replace(path)


def _print_seconds(seconds: dict[str, float]) -> None:
    for stage, value in seconds.items():
        click.echo(f"  {stage:<10}{value:>8.2f} s")
    click.echo(f"  {'total':<10}{sum(seconds.values()):>8.2f} s")


@commands.command()
@_index_argument
@_json_option
def check(index: Path, as_json: bool) -> None:
    """Check that an INDEX is sound: every checksum, and the laws that its lists keep. Ends with 0, or with 4."""
    with relatedness.RelatedIndex.open(index) as opened:
        with _progress() as progress:
            faults = opened.check(lambda done, total: progress("check", done, total))
        events = len(opened.events) if not faults else 0
    if as_json:
        click.echo(json.dumps({"sound": not faults, "faults": faults}, ensure_ascii=False))
    for fault in faults if not as_json else ():
        click.echo(f"{index}: {fault}")
    if faults:
        raise errors.IndexFormatError(
            f"{index} is damaged ({len(faults)} faults); build it again, or take a copy that is sound"
        )
    if not as_json:
        click.echo(f"{index}: sound, {events:,} events and their lists checked")


def _engine(scheduler: str | None) -> Engine:
    from relatedness.engines import DaskEngine

    if scheduler is None:
        raise click.UsageError("--engine dask needs --scheduler ADDRESS, such as tcp://127.0.0.1:8786")
    return DaskEngine(scheduler)


def _print_results(
    index: relatedness.RelatedIndex, results: relatedness.RelatedList, why: bool, as_json: bool
) -> None:
    if as_json:
        values = []
        for item in results:
            value: dict[str, Any] = item.to_record()
            if why:
                found = results.explain(item.id)
                value |= {"days": found.days, "recency": found.recency}
                value["reasons"] = [asdict(reason) for reason in found.reasons]
            values.append(value)
        click.echo(json.dumps({"id": results.id, "related": values}, ensure_ascii=False))
        return
    if not results:
        click.echo("No related events.")
    for rank, item in enumerate(results, 1):
        event = index.events[item.id]
        click.echo(f"{rank}. {item.score:.3f}  {event.date.isoformat()}  {_shorten(event.headline)}")
        copies = f"  (+{item.copies} similar)" if item.copies else ""
        copies += f"  ({item.tier})" if item.tier else ""
        click.echo(f"   {item.id}  {item.reason}{copies}".rstrip())
        if why:
            for line in str(results.explain(item.id)).splitlines()[1:]:
                click.echo(f"   {line}")


def _shorten(text: str, width: int = 96) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1].rsplit(" ", 1)[0] + "…"


@commands.command()
@_index_argument
@click.argument("id")
@_list_options
@_why_option
@_json_option
def related(
    index: Path,
    id: str,  # noqa: A002
    overrides: Path | None,
    why: bool,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Show the events related to the event ID of an INDEX, best first."""
    opened = relatedness.RelatedIndex.open(index, overrides=overrides)
    results = opened.related(id, **_wanted(**wanted))
    if not as_json:
        event = opened.events[id]
        click.echo(f"{event.date.isoformat()}  {_shorten(event.headline)}")
    _print_results(opened, results, why, as_json)


@commands.command()
@_index_argument
@click.argument("text")
@click.option(
    "--date",
    "when",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day of the text, such as 2016-07-11; without it time does not count.",
)
@_k_option
@click.option("--language", help="The language of the text, such as en or fr.")
@_recency_option
@_overrides_option
@_why_option
@_json_option
def query(
    index: Path,
    text: str,
    when: Any,
    k: int | None,
    language: str | None,
    recency: str | None,
    overrides: Path | None,
    why: bool,
    as_json: bool,
) -> None:
    """Show the events of an INDEX that are related to a TEXT of your own."""
    opened = relatedness.RelatedIndex.open(index, overrides=overrides)
    results = opened.query(text, date=when.date() if when else None, k=k, language=language, recency=recency)
    _print_results(opened, results, why, as_json)


@commands.command()
@click.argument("what", nargs=-1, required=True, metavar="TEXT | EVENTS...")
@_tagger_option
@_gazetteer_option
@_field_option
@_zone_option
@click.option("--rejects", type=_OutputFile(), help="Put bad records aside in this file and do the rest.")
@_strict_option
def tag(
    what: tuple[str, ...],
    tagger: str | None,
    gazetteer: Path | None,
    fields: tuple[str, ...],
    zone: str | None,
    rejects: Path | None,
    strict: bool,
) -> None:
    """Show the topics of a TEXT, or of the EVENTS in files: one JSON line per event.

    What is the name of a file or folder is read as EVENTS; anything else is TEXT.
    """
    from relatedness.index import tag_events

    paths = [Path(item) for item in what if _is_path(item)]
    lost = [item for item in what if not _is_path(item) and (paths or _is_path_like(item))]
    if lost:
        raise errors.InputError("there is no such file or folder", file=lost[0])
    if not paths and not "".join(what).strip():
        raise errors.InputError("the text is empty: there is nothing to find topics in")
    source: Any = paths or [{"id": "text", "date": date.today().isoformat(), "text": " ".join(what)}]
    config = relatedness.Config.default()
    if tagger is not None:
        config = config.change({"text": {"tagger": tagger}})
    with _progress() as progress:
        for event, topics in tag_events(
            source, config, _mapping(fields), zone, rejects, progress, gazetteer, strict
        ):
            record = {"id": event.id, "topics": [asdict(topic) for topic in topics]}
            click.echo(json.dumps(record, ensure_ascii=False))


def _is_path(text: str) -> bool:
    try:
        return bool(text.strip()) and Path(text).exists()
    except OSError:  # a text too long for a file name
        return False


def _is_path_like(text: str) -> bool:
    """A mistyped file name must not pass for a text."""
    return " " not in text and text.endswith((".jsonl", ".csv", ".parquet", ".md", ".gz"))


@commands.command("export")
@_index_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=_OutputFile(or_address=True),
    metavar="FILE|ADDRESS",
    help="The file to write (.jsonl, .json, .csv or .parquet), or the address of a database.",
)
@click.option(
    "-k",
    "k",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="How many related events per list at most.",
)
@click.option("--table", metavar="NAME", help="The table of a database; `related` if not given.")
@click.option(
    "--changed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write only the lists of the ids in this file, one a line, to the table of a database.",
)
@_overrides_option
def export_(
    index: Path, output: str | Path, k: int, table: str | None, changed: Path | None, overrides: Path | None
) -> None:
    """Write every list of an INDEX to a data file or to the table of a database.

    A file is replaced when the new one is complete; a table is brought up to date in one transaction.
    """
    opened = relatedness.RelatedIndex.open(index, overrides=overrides)
    only = None if changed is None else _read_ids(changed)
    with _progress() as progress:
        events = opened.export(
            output, k=k, table=table, only=only, progress=lambda done, total: progress("export", done, total)
        )
    click.echo(f"{without_password(str(output))}: the lists of {_many(events, 'event')}")


@commands.command()
@_index_argument
@click.option("--qrels", type=click.Path(path_type=Path), help="Judgments in TREC's form, plain or .gz.")
@click.option(
    "--pages",
    type=click.Path(path_type=Path),
    help="A folder of archive pages: their related links are judgments.",
)
@click.option(
    "--hide",
    type=click.Choice(["topics"]),
    help="Hide the topics that the archive supplies, build again in memory, and predict them.",
)
@click.option(
    "-k",
    "ks",
    type=click.IntRange(1),
    multiple=True,
    default=(10,),
    show_default=True,
    help="How many results of each list count. May be repeated.",
)
@click.option(
    "--by",
    type=click.Choice(["year", "category"]),
    multiple=True,
    help="Also show each year or category. May be repeated; --json holds both.",
)
@click.option("--run", type=_OutputFile(), help="Write the ranked lists to this file in TREC's form.")
@_overrides_option
@_json_option
def evaluate(
    index: Path,
    qrels: Path | None,
    pages: Path | None,
    hide: str | None,
    ks: tuple[int, ...],
    by: tuple[str, ...],
    run: Path | None,
    overrides: Path | None,
    as_json: bool,
) -> None:
    """Measure the lists of an INDEX: nDCG, precision, recall, reciprocal rank, with 95 % intervals.

    The judgments are a file (--qrels), the related links on pages that people made (--pages), or the archive's
    own topics, which the index must then do without (--hide topics).
    """
    from relatedness.quality import hide_topics, read_links

    if sum(given is not None for given in (qrels, pages, hide)) != 1:
        raise click.UsageError("name the judgments by one of --qrels FILE, --pages FOLDER and --hide topics")
    opened = relatedness.RelatedIndex.open(index, overrides=overrides)
    left_out = 0
    if qrels is not None:
        judged: Any = relatedness.read_qrels(qrels)
    elif pages is not None:
        judged, left_out = read_links(pages, opened.events)
    else:
        gc.disable()  # as in build
        with _progress() as progress:
            opened, judged = hide_topics(opened, progress=progress)
    quality = opened.evaluate(judged, k=ks)
    if run is not None:
        quality.write_run(run)
    if as_json:
        click.echo(json.dumps(quality.to_record(), ensure_ascii=False))
        return
    click.echo(f"{quality.judged:,} judged events, {quality.missing:,} of them not in the index")
    if left_out:
        click.echo(f"{left_out:,} links to events that are not in the index left out")
    for k, found in quality.at.items():
        for name, mean in found.mean.items():
            low, high = found.interval[name]
            click.echo(f"{f'{name}@{k}':<9} {mean:.4f}  (95 % interval {low:.4f} to {high:.4f})")
    for name in dict.fromkeys(by):
        click.echo(f"\n{name:<28} events  nDCG@{quality.k}")
        for value, found in quality.by[name].items():
            low, high = found.interval["nDCG"]
            click.echo(
                f"{_shorten(value, 28):<28} {found.judged:>6,}  {found.mean['nDCG']:.4f}  ({low:.4f} to {high:.4f})"
            )


@commands.command()
@_index_argument
@click.option(
    "--qrels",
    type=click.Path(path_type=Path),
    help="Judgments in TREC's form, plain or .gz. Without them the topics that the archive supplies judge.",
)
@click.option("-o", "--output", type=_OutputFile(), help="Write the settings there, for build --config.")
@_json_option
def tune(index: Path, qrels: Path | None, output: Path | None, as_json: bool) -> None:
    """Learn the weights and the recency of an INDEX from judgments, and say what they are worth."""
    opened = relatedness.RelatedIndex.open(index)
    judged = None if qrels is None else relatedness.read_qrels(qrels)
    with _progress() as progress:
        tuned = opened.tune(judged, progress=progress)
    if output is not None:
        output.write_text(tuned.to_toml(), encoding="utf-8")
    if as_json:
        sections = {name: tuned.config.to_dict()[name] for name in ("weights", "recency")}
        figures = {"split": tuned.split, "held_out": asdict(tuned.held_out), "all": asdict(tuned.all)}
        click.echo(json.dumps({**figures, **sections}))
        return
    test = tuned.held_out
    click.echo(
        f"{test.events:,} judged events, split at {tuned.split}: learned on each half, tested on the other"
    )
    for name, mean, (low, high) in (
        ("before", test.before, test.before_interval),
        ("after", test.after, test.after_interval),
        ("gain", test.after - test.before, test.gain_interval),
    ):
        click.echo(f"nDCG@{tuned.k} {name:<7} {mean:.4f}  (95 % interval {low:.4f} to {high:.4f})")
    if test.gain_interval[0] <= 0:
        click.echo("the gain may be chance: the settings of the index are as good as these")
    if output is None:
        click.echo("".join(["\n", tuned.to_toml()]), nl=False)
    else:
        click.echo(f"{output}: use it with relatedness build ... --config {output}")


@commands.command()
@_index_argument
@click.option(
    "--config",
    "show_config",
    is_flag=True,
    help="Every setting with what it does, as a TOML file you can edit.",
)
@click.option(
    "--topics",
    "show_topics",
    is_flag=True,
    help="The topics, the most frequent first; with --json also what the corpus taught.",
)
@_json_option
def info(index: Path, show_config: bool, show_topics: bool, as_json: bool) -> None:
    """Show what an INDEX is: counts, dates, versions, settings."""
    opened = relatedness.RelatedIndex.open(index)
    if show_config:
        if as_json:
            click.echo(json.dumps(opened.config.to_dict()))
        else:
            click.echo(opened.config.to_toml(), nl=False)
    elif show_topics:
        topics = opened.topic_counts()
        if as_json:
            click.echo(json.dumps({"topics": dict(topics), "learned": opened.learned}, ensure_ascii=False))
        else:
            for name, events in topics:
                click.echo(f"{events:>8,}  {name}")
    elif as_json:
        click.echo(json.dumps(opened.info, ensure_ascii=False))
    else:
        for name, value in opened.info.items():
            click.echo(f"{name.replace('_', ' '):<14} {_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(item)}" for name, item in value.items())
    if isinstance(value, list):
        return " ".join(map(_shown, value))
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value if value is not None else "-")


@commands.command("why-not")
@_index_argument
@click.argument("id")
@click.argument("other")
@_list_options
@_json_option
def why_not(
    index: Path,
    id: str,  # noqa: A002
    other: str,
    overrides: Path | None,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Say which rule of an INDEX keeps the event OTHER out of the list of ID, and by how much.

    The options are those of `related`: ask in the same way, and the answer is about the same list.
    """
    opened = relatedness.RelatedIndex.open(index, overrides=overrides)
    found = opened.why_not(id, other, **_wanted(**wanted))
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    for id_ in (id, other):
        event = opened.events[id_]
        click.echo(f"{event.date.isoformat()}  {_shorten(event.headline)}")
    click.echo(f"{found.rule}: {found}")


@commands.command()
@_index_argument
@click.argument("file", type=click.Path(path_type=Path))
@_json_option
def overrides(index: Path, file: Path, as_json: bool) -> None:
    """Check an overrides FILE against an INDEX; exit code 3 when something is wrong with it.

    \b
    Each line of the file says one thing:
      pin EVENT RESULT...  the results come first in the list of the event
      ban EVENT RESULT     neither is shown in the list of the other
      ban * RESULT         the result is shown in no list
      ban topic NAME       no event with this topic is shown in any list
    Give the file to other commands with --overrides.
    """  # noqa: D301
    from relatedness.index import check_overrides

    found, problems = check_overrides(relatedness.RelatedIndex.open(index), file)
    if as_json:
        value = [{"line": problem.line, "problem": problem.problem} for problem in problems]
        click.echo(json.dumps({"file": str(file), "problems": value}, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(f"{file}: {found}; {len(problems) or 'no'} problem{'s' * (len(problems) != 1)}")
    if problems:
        raise click.exceptions.Exit(_INPUT)


@commands.command()
@_index_argument
@click.argument("id")
@click.option(
    "--most",
    type=click.IntRange(1),
    default=40,
    show_default=True,
    help="How many events it holds at most: the nearest.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["timeline", "table"]),
    default="timeline",
    show_default=True,
    help="Month by month, or a line per event.",
)
@_overrides_option
@_json_option
def story(
    index: Path,
    id: str,  # noqa: A002
    most: int,
    form: str,
    overrides: Path | None,
    as_json: bool,
) -> None:
    """Show the story of the event ID of an INDEX: the connected run of events, and what carries each link."""
    found = relatedness.RelatedIndex.open(index, overrides=overrides).story(id, most=most)
    if as_json:
        click.echo(json.dumps(found.to_record(), ensure_ascii=False))
    else:
        click.echo(found.table() if form == "table" else str(found))


@commands.command()
@_index_argument
@click.option("-o", "--output", type=_OutputFile(), help="Write the page to this file: .md or .html.")
@click.option(
    "-k",
    "k",
    type=click.IntRange(1),
    help="How many results of each list count; the index's own default if not given.",
)
@_overrides_option
@_json_option
def audit(index: Path, output: Path | None, k: int | None, overrides: Path | None, as_json: bool) -> None:
    """Look over all lists of an INDEX: orphans, hubs, thin lists, near-copies, contexts, years.

    Without -o the page goes to standard output, in Markdown.
    """
    from relatedness.quality import renderer

    if output is not None:
        renderer(output)  # a wrong name is said before the work
    found = relatedness.RelatedIndex.open(index, overrides=overrides).audit(k=k)
    if output is not None:
        found.write(output)
    if as_json:
        click.echo(json.dumps(found.to_record(), ensure_ascii=False))
    elif output is not None:
        click.echo(f"{output}: the audit of {found.events:,} events")
    else:
        click.echo(str(found), nl=False)


@commands.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=_OutputFile(), help="Write the page to this file: .md or .html.")
@click.option(
    "-k",
    "k",
    type=click.IntRange(1),
    help="How many results of each list to compare; the new index's own default if not given.",
)
@click.option(
    "--old-overrides", type=click.Path(path_type=Path), metavar="FILE", help="Overrides of the OLD index."
)
@click.option(
    "--overrides", type=click.Path(path_type=Path), metavar="FILE", help="Overrides of the NEW index."
)
@_json_option
def diff(
    old: Path,
    new: Path,
    output: Path | None,
    k: int | None,
    old_overrides: Path | None,
    overrides: Path | None,
    as_json: bool,
) -> None:
    """Say which lists changed from the index OLD to the index NEW, and why.

    Without -o the page goes to standard output, in Markdown; --json names every list.
    """
    from relatedness.quality import renderer

    if output is not None:
        renderer(output)  # a wrong name is said before the work
    before = relatedness.RelatedIndex.open(old, overrides=old_overrides)
    found = before.diff(relatedness.RelatedIndex.open(new, overrides=overrides), k=k)
    if output is not None:
        found.write(output)
    if as_json:
        click.echo(json.dumps(found.to_record(), ensure_ascii=False))
    elif output is not None:
        click.echo(f"{output}: {len(found.changes):,} of {found.compared:,} lists changed")
    else:
        click.echo(str(found), nl=False)


@commands.command("publish")
@_index_argument
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the site.",
)
@click.option(
    "--formats",
    default="md,html,json,xml",
    show_default=True,
    metavar="A,B",
    help="Which forms of each page.",
)
@click.option(
    "--changed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write only the pages of these events, an id a line, and what changes because of them.",
)
@_k_option
@click.option(
    "--background", type=click.IntRange(0), default=0, metavar="N", help="List up to N earlier events apart."
)
@click.option(
    "--follow-ups", type=click.IntRange(0), default=0, metavar="N", help="List up to N later events apart."
)
@click.option(
    "--stories",
    type=click.IntRange(0),
    default=200,
    show_default=True,
    metavar="N",
    help="Pages of up to N stories.",
)
@click.option("--title", default="Archive", show_default=True, help="The name of the site.")
@click.option("--url", default="", help="Its address, such as https://news.example, for feeds and sitemap.")
@click.option(
    "--language", "site_language", default="en", show_default=True, help="The language of its headings."
)
@click.option(
    "--templates", type=click.Path(path_type=Path), metavar="DIR", help="A folder with templates of your own."
)
@_overrides_option
@click.option("--jobs", type=click.IntRange(1), help="How many processor cores to use; all if not given.")
@_json_option
def publish(
    index: Path,
    folder: Path,
    formats: str,
    changed: Path | None,
    k: int | None,
    background: int,
    follow_ups: int,
    stories: int,
    title: str,
    url: str,
    site_language: str,
    templates: Path | None,
    overrides: Path | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Write an INDEX as a site: a page per event, day, year, topic and story, feeds and a sitemap.

    Publishing again to the same folder touches only what is different. Until all new pages are written the old ones
    stand as they were.
    """
    ids = None if changed is None else _read_ids(changed)
    # As for `build`: the collector would only search.
    gc.disable()
    with _progress() as progress:
        done = relatedness.RelatedIndex.open(index, overrides=overrides).publish(
            folder,
            formats=[name.strip() for name in formats.split(",") if name.strip()],
            changed=ids,
            templates=templates,
            title=title,
            language=site_language,
            url=url,
            k=k,
            background=background,
            follow_ups=follow_ups,
            stories=stories,
            jobs=jobs,
            progress=progress,
        )
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    if done.everything:
        click.echo(f"All pages were looked at: {done.everything}")
    click.echo(
        f"{folder}: {done.events:,} events, {done.lists:,} lists; {done.written:,} files written, "
        f"{done.unchanged:,} as they were, {done.removed:,} removed, {done.bytes / 1e6:,.1f} MB"
    )
    for stage, seconds in done.seconds.items():
        click.echo(f"  {stage:<10}{seconds:>8.2f} s")
    if not url:
        click.echo(
            "Feeds and sitemap name pages without a host: give --url https://your.site for full addresses"
        )


def _read_ids(path: Path) -> list[str]:
    try:
        return [
            line for line in path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").split("\n") if line
        ]
    except UnicodeDecodeError:
        raise errors.InputError("not UTF-8: expected a list of ids, one a line", file=path) from None
    except OSError as error:
        raise errors.InputError(f"cannot be read: {error.strerror or error}", file=path) from None


@commands.command()
@_index_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on; 0 for any free one.",
)
@_overrides_option
def serve(index: Path, host: str, port: int, overrides: Path | None) -> None:
    """Answer over HTTP from an INDEX: related events, queries, stories, topics.

    It only reads. When the index was refreshed or built again, the new lists are taken up without a pause. GET
    /openapi.json describes the routes.
    """
    from relatedness.serve import run

    relatedness.RelatedIndex.open(index, overrides=overrides).close()  # what is wrong is better said now
    run(index, host=host, port=port, overrides=overrides)


_DEMO_EVENTS = (
    "2017-07-10-mosul-victory",
    "2012-08-24-armstrong-banned",
    "2014-07-17-mh17-shot-down",
    "2019-03-10-ethiopian-302",
)


@commands.command()
def demo() -> None:
    """Build the bundled sample archive in a temporary place and show a few related lists."""
    sample = relatedness.sample_path()
    with tempfile.TemporaryDirectory(prefix="relatedness-") as folder:
        with _progress() as progress:
            index = relatedness.RelatedIndex.build(sample, Path(folder) / "sample.index", progress=progress)
        assert index.summary is not None
        seconds = sum(index.summary.seconds.values())
        click.echo(f"Built an index of {len(index.events):,} events in {seconds:.1f} s.")
        for id_ in _DEMO_EVENTS:
            event = index.events[id_]
            click.echo(f"\n{event.date.isoformat()}  {_shorten(event.headline)}")
            _print_results(index, index.related(id_), why=False, as_json=False)
        index.close()
    click.echo(
        f"""
Try next:
  relatedness build {sample} -o sample.index
  relatedness related sample.index {_DEMO_EVENTS[0]} --why
  relatedness related sample.index {_DEMO_EVENTS[2]} --direction after
  relatedness query sample.index "A court fines a carmaker over diesel emissions"
Then with your own events: a JSONL file with id, date, title and text on each line."""
    )
