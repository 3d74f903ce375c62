"""Commands that make, change and check an index."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import relatedness
from relatedness import errors
from relatedness.cli._changed import Telling
from relatedness.cli._group import BEGIN, CARE, commands
from relatedness.cli._shared import (
    echo,
    echo_json,
    gazetteer_option,
    index_argument,
    jobs_option,
    json_option,
    log_option,
    logs,
    many,
    print_seconds,
    progress_bars,
    quiet_option,
    read_ids,
    read_options,
    rejects_option,
    say,
    settings,
    tagger_option,
)
from relatedness.cli._types import Number, OneOf, OutputFile, Share, WholeNumber
from relatedness.cli._wrong import at_the_shell
from relatedness.languages import missing_extra

if TYPE_CHECKING:
    from relatedness.engines import Engine
    from relatedness.sources import Table


def _table_options(command: Any) -> Any:
    """The options of every command that reads events."""
    for option in (
        click.option(
            "--since",
            metavar="WHEN",
            help="Read only rows whose --updated column is at or after this time, or null.",
        ),
        click.option(
            "--updated",
            metavar="COLUMN",
            help="The column with the time at which a row was last written, for --since.",
        ),
        click.option(
            "--table",
            metavar="NAME",
            help="The table, view or sheet to read, if EVENTS is the address of a database or a file with several tables "
            "(.sqlite, .sql, .xlsx).",
        ),
    ):
        command = option(command)
    return command


def _sources(
    events: Sequence[str], table: str | None, updated: str | None, since: str | None
) -> list[str | Table]:
    """Files and folders by their paths, and addresses of databases with the table that the options name."""
    from relatedness.sources import Table, holds_tables, is_url

    def has_tables(source: str) -> bool:
        return is_url(source) or (updated is None and holds_tables(Path(source)))

    if table is None and (updated or since):
        raise click.UsageError("--updated and --since need --table")
    if table is not None and not any(map(has_tables, events)):
        file = "" if updated else ", or a file with several tables (.sqlite, .sql, .xlsx)"
        raise click.UsageError(f"--table needs the address of a database, such as sqlite:///news.db{file}")
    return [
        Table(source, table, updated=updated, since=since) if table and has_tables(source) else source
        for source in events
    ]


_wait_option = click.option(
    "--wait",
    type=Number(0),
    default=0.0,
    show_default=True,
    help="The number of seconds to wait while another process writes the index.",
)

_MANY_EMPTY = 0.02  # a larger share of empty lists is reported


@commands.command(section=BEGIN, short_help="Build an index from files, folders or a database.")
@click.argument("events", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "index",
    required=True,
    type=OutputFile(or_folder=True, no_output="an index"),
    help="The index file to write; with --partitions or --events-per-partition, the folder.",
)
@click.option(
    "--partitions",
    type=WholeNumber(1),
    metavar="N",
    help="Build a partitioned index: a folder of at most N files, each for a span of days.",
)
@click.option(
    "--events-per-partition",
    type=WholeNumber(1),
    metavar="N",
    help="Build a partitioned index with about N events in each file.",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="A TOML file of settings, as `info --config` prints it. Default: relatedness.toml in the folder of the index or "
    "the one above it.",
)
@tagger_option
@gazetteer_option
@rejects_option
@_wait_option
@jobs_option
@click.option(
    "--engine",
    type=OneOf(["local", "dask"]),
    default="local",
    show_default=True,
    help="Where the search runs; for a partitioned index, where the whole build runs.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="The address of the Dask scheduler, such as tcp://127.0.0.1:8786. Default: the one in Dask's settings; without "
    "one, workers are started on this machine.",
)
@read_options
@log_option
@_table_options
@quiet_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON value.")
def build(
    *,
    events: tuple[str, ...],
    index: Path,
    config_file: Path | None,
    tagger: str | None,
    gazetteer: Path | None,
    rejects: Path | None,
    wait: float,
    jobs: int | None,
    engine: str,
    scheduler: str | None,
    partitions: int | None,
    events_per_partition: int | None,
    how: dict[str, Any],
    log: str | None,
    table: str | None,
    updated: str | None,
    since: str | None,
    as_json: bool,
) -> None:
    """Build an index from EVENTS: tables (.csv, .tsv, .xlsx, .parquet, .sqlite ...), records (.jsonl, .json, .yaml), feeds,
    folders of posts, pages or any of these, - for standard input, or the address of a database (any that SQLAlchemy
    knows) with --table.

    The output file appears only when the build is complete. Without --rejects, the build stops at the first bad record.
    """
    if scheduler is not None and engine != "dask":
        raise click.UsageError("--scheduler needs --engine dask")
    if partitions is not None and events_per_partition is not None:
        raise click.UsageError("give --partitions or --events-per-partition, not both")
    if index.is_dir() and partitions is None and events_per_partition is None:
        raise click.UsageError(
            f"{index} is a folder: name a file, or give --partitions N for a partitioned index"
        )
    config, found = settings(index, config_file, tagger)
    # Off until the process ends: turned on after the build, the collector would scan everything still in memory.
    gc.disable()
    sources = _sources(events, table, updated, since)
    with logs(log) as counts, progress_bars() as progress, _running(engine, scheduler, jobs) as runs:
        built = relatedness.RelatedIndex.build(
            sources,
            index,
            config=config,
            gazetteer=gazetteer,
            **how,
            rejects=rejects,
            jobs=jobs,
            engine=runs,
            partitions=partitions,
            events_per_partition=events_per_partition,
            wait=wait,
            waiting=_say_waiting,
            progress=progress,
        )
        summary = built.summary
        assert summary is not None
        counts |= {"events": summary.events, "listed": summary.listed, "bytes": summary.bytes}
        counts |= {"repeated": summary.repeated, "rejected": summary.rejected}
    if as_json:
        echo_json(summary.to_record())
        return
    say(
        f"{index}: {many(summary.events, 'event')}, {summary.listed:,} with related events, {summary.bytes / 1e6:,.1f} MB"
    )
    if found is not None:
        say(f"settings from {found}")
    empty = summary.events - summary.listed
    if empty > _MANY_EMPTY * summary.events:
        from relatedness.ranking import UNITS  # the build has loaded it

        floor = built.info["statistics"]["floor"] / UNITS
        below = f", or score below the floor of {floor:.4f} with all of them (lists.floor)" if floor else ""
        say(
            f"{many(empty, 'empty list')}: these events share no word, phrase or topic with any other{below}; `relatedness "
            "why-not` explains each pair"
        )
    if set(summary.languages) - {"en"}:
        _print_languages(summary.languages, summary.detected)
    for line in summary.read.lines():
        say(at_the_shell(line))
    if summary.repeated:
        say(f"{many(summary.repeated, 'record')} repeated word for word and counted once")
    if rejects is not None:
        say(f"{many(summary.rejected, 'bad record')} written to {rejects}")
    _print_latest(sources, updated)
    print_seconds(summary.seconds)


def _print_languages(languages: dict[str, int], detected: int) -> None:
    """Print the languages of an archive, how they were detected, and which extras would improve word segmentation."""
    counts = sorted(languages.items(), key=lambda item: (-item[1], item[0]))
    told = "" if not detected else f"; {detected:,} detected from their text"
    say("languages: " + ", ".join(f"{code} {count:,}" for code, count in counts) + told)
    for code in languages:
        if (extra := missing_extra(code)) is not None:
            say(
                f"texts in {code} are split into single characters; to split them into words, type: pip install '{extra}', "
                "and build again"
            )


@commands.command(section=BEGIN, short_help="Add, replace and remove events in an index.")
@index_argument
@click.argument("events", nargs=-1)
@click.option(
    "--remove", "remove", multiple=True, metavar="ID", help="The id of an event to remove. May be repeated."
)
@click.option(
    "--remove-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Remove the events whose ids this file lists, one per line; - for standard input.",
)
@click.option("--mirror", is_flag=True, help="Remove the events of the index that are missing from EVENTS.")
@click.option(
    "--max-remove",
    type=Share(),
    default="20%",
    show_default=True,
    help="With --mirror: stop if more than this share of the events would be removed; up to ten are always allowed.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be done without changing anything.")
@click.option(
    "--refit",
    is_flag=True,
    help="Fit the statistics again; the result equals that of a build over all events.",
)
@click.option(
    "--changed",
    "changed_file",
    type=OutputFile(no_output="beside the summary, the changed ids"),
    help="Write to this file, one per line, the ids of the events whose lists changed since the last refresh that wrote it.",
)
@click.option(
    "--changed-scores",
    type=OutputFile(no_output="beside the summary, the changed ids"),
    help="Write to this file, instead of to --changed, the ids of the events whose lists changed only in scores.",
)
@rejects_option
@_wait_option
@jobs_option
@read_options
@_table_options
@log_option
@quiet_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON value.")
def refresh(
    *,
    index: Path,
    events: tuple[str, ...],
    remove: tuple[str, ...],
    remove_file: Path | None,
    mirror: bool,
    max_remove: float,
    dry_run: bool,
    refit: bool,
    changed_file: Path | None,
    changed_scores: Path | None,
    rejects: Path | None,
    wait: float,
    jobs: int | None,
    how: dict[str, Any],
    table: str | None,
    updated: str | None,
    since: str | None,
    log: str | None,
    as_json: bool,
) -> None:
    """Bring an INDEX up to date: add new EVENTS, replace changed ones, remove those named with --remove.

    Unchanged events are left alone. Readers see the old lists until all changes are complete.
    """
    if mirror and not events:
        raise click.UsageError("--mirror needs EVENTS: without them, it would remove every event")
    if not (events or remove or remove_file or refit or changed_file):
        raise click.UsageError(
            "there is nothing to do: give EVENTS, --remove ID, --remove-file FILE or --refit"
        )
    if mirror and since is not None:
        raise click.UsageError(
            "--mirror cannot be combined with --since: it would remove the rows that --since leaves out"
        )
    if changed_scores is not None and changed_file is None:
        raise click.UsageError("--changed-scores needs --changed FILE")
    sources = _sources(events, table, updated, since)
    source: dict[str, Any] = {
        "remove": [*remove, *(() if remove_file is None else read_ids(remove_file))],
        "mirror": mirror,
        "refit": refit,
        "max_remove": None if dry_run else max_remove,
        **how,
        "rejects": rejects,
    }
    gc.disable()
    with logs(log) as counts, progress_bars() as progress, relatedness.RelatedIndex.open(index) as opened:
        if dry_run:
            plan = opened.plan(sources, progress=progress, **source)
            counts["dry_run"] = True
        else:
            telling = None if changed_file is None else Telling(changed_file, opened, changed_scores)
            changes = opened.refresh(
                sources, jobs=jobs, wait=wait, waiting=_say_waiting, progress=progress, **source
            )
            if telling is not None:
                telling.tell(opened, changes)
            for name in ("added", "changed", "removed", "lists"):
                counts[name] = len(getattr(changes, name))
            counts["rejected"] = changes.rejected
    if dry_run:
        echo_json(plan.to_record()) if as_json else echo(str(plan))
        return
    if as_json:
        echo_json(changes.to_record())
        return
    say(f"{index}: {changes}")
    if rejects is not None:
        say(f"{many(changes.rejected, 'bad record')} written to {rejects}")
    _print_latest(sources, updated)
    print_seconds(changes.seconds)


def _print_latest(sources: Sequence[str | Table], updated: str | None) -> None:
    for source in sources:
        if not isinstance(source, str) and source.latest is not None:
            say(f"the latest value of {updated} in {source.name}: {source.latest}")


def _say_waiting(holder: str) -> None:
    echo(f"relatedness: waiting for {holder}", err=True)


@commands.command(section=CARE, short_help="Check an index for damage.")
@index_argument
@quiet_option
@json_option
def check(index: Path, as_json: bool) -> None:
    """Check an INDEX for damage: verify every checksum and the rules that its lists obey.

    The exit code is 0 if the index is sound, else 4.
    """
    with relatedness.RelatedIndex.open(index) as opened:
        with progress_bars() as progress:
            faults = opened.check(lambda done, total: progress("check", done, total))
        events = len(opened.events) if not faults else 0
    if as_json:
        echo_json({"sound": not faults, "faults": faults})
    for fault in faults if not as_json else ():
        echo(f"{index}: {fault}")
    if faults:
        raise errors.IndexFormatError(
            f"{index} is damaged ({many(len(faults), 'fault')}); build it again, or restore a sound copy"
        )
    if not as_json:
        say(f"{index}: sound; {events:,} events and their lists were checked")


def _running(engine: str, scheduler: str | None, jobs: int | None) -> AbstractContextManager[Engine | None]:
    if engine == "local":
        return nullcontext()
    from relatedness.engines import DaskEngine

    return nullcontext(DaskEngine(scheduler)) if scheduler is not None else DaskEngine.started(jobs)
