"""Commands that bring lists to where they are used: files, databases, sites, HTTP."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import relatedness
from relatedness.cli._group import BRING, commands
from relatedness.cli._options import k_option
from relatedness.cli._shared import (
    echo_json,
    index_argument,
    inert_json,
    jobs_option,
    json_option,
    many,
    overrides_option,
    progress_bars,
    quiet_option,
    read_ids,
    say,
)
from relatedness.cli._types import STANDARD_OUTPUT, OutputFile, WholeNumber

if TYPE_CHECKING:
    from relatedness.export import What

# Choices that come from packages are loaded only for the help, so that the command line starts without these packages.


class _FormatsOption(click.Option):
    def get_default(self, ctx: click.Context, call: bool = True) -> str:
        from relatedness.publish import FORMATS

        return ",".join(FORMATS)


class _FileOption(click.Option):
    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        from relatedness.export import FORMATS

        return _with_names(super().get_help_record(ctx), "ENDINGS", FORMATS)


class _LanguageOption(click.Option):
    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        from relatedness.publish import known_languages

        return _with_names(super().get_help_record(ctx), "LANGUAGES", known_languages())


def _with_names(record: tuple[str, str] | None, blank: str, names: Iterable[str]) -> tuple[str, str] | None:
    *others, last = names
    return record and (record[0], record[1].replace(blank, f"{', '.join(others)} or {last}"))


@commands.command("export", section=BRING, short_help="Write all lists to a file or database.")
@index_argument
@click.option(
    "-o",
    "--output",
    required=True,
    type=OutputFile(or_address=True),
    metavar="FILE|ADDRESS",
    cls=_FileOption,
    help="The file to write (ENDINGS), - for JSON lines to standard output, or the address of a database.",
)
@click.option(
    "-k",
    "k",
    type=WholeNumber(1),
    default=10,
    show_default=True,
    help="The maximum number of results in each list.",
)
@click.option(
    "--events", is_flag=True, help="Write the events instead of their lists, as JSON lines (.jsonl or -)."
)
@click.option("--table", metavar="NAME", help="The table of the database. Default: related.")
@click.option(
    "--changed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to the table of a database only the lists of the ids in this file, one per line, and those that changed "
    "since the table was last written.",
)
@overrides_option
@quiet_option
def export_(
    *,
    index: Path,
    output: str | Path,
    k: int,
    events: bool,
    table: str | None,
    changed: Path | None,
    overrides: Path | None,
) -> None:
    """Write every list of an INDEX to a data file or to the table of a database.

    An earlier export is replaced when the new one is complete; a table is brought up to date in one transaction.
    """
    from relatedness.sources import without_password

    opened = relatedness.RelatedIndex.open(index, overrides=overrides)
    only = None if changed is None else read_ids(changed)
    what: What = "events" if events else "lists"
    if output == STANDARD_OUTPUT:
        from relatedness.export import json_lines

        if table is not None or only is not None:
            raise click.UsageError("--table and --changed need the address of a database as --output")
        sys.stdout.buffer.writelines(inert_json(line).encode() for line in json_lines(opened, k=k, what=what))
        sys.stdout.flush()  # a failure to write is reported by the exit code
        return
    with progress_bars() as progress:
        count = opened.export(
            output,
            k=k,
            table=table,
            only=only,
            what=what,
            progress=lambda done, total: progress("export", done, total),
        )
    say(f"{without_password(str(output))}: {'' if events else 'the lists of '}{many(count, 'event')}")


@commands.command("publish", section=BRING, short_help="Write a site: pages, feeds, a sitemap.")
@index_argument
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write the site to.",
)
@click.option(
    "--formats",
    cls=_FormatsOption,
    show_default=True,
    metavar="A,B",
    help="The formats of each page.",
)
@click.option(
    "--changed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write only the pages of the events whose ids this file lists, one per line, and all others that changed since "
    "the last publish.",
)
@k_option
@click.option(
    "--background",
    type=WholeNumber(0),
    default=0,
    metavar="N",
    help="Show up to N earlier events in a list of their own.",
)
@click.option(
    "--follow-ups",
    type=WholeNumber(0),
    default=0,
    metavar="N",
    help="Show up to N later events in a list of their own.",
)
@click.option(
    "--stories",
    type=WholeNumber(0),
    default=200,
    show_default=True,
    metavar="N",
    help="The maximum number of pages for stories.",
)
@click.option(
    "--root",
    default="news",
    show_default=True,
    metavar="WORD",
    help="The folder of the event pages in the addresses of the site.",
)
@click.option("--title", default="Archive", show_default=True, help="The name of the site.")
@click.option(
    "--url",
    default="",
    help="The address of the site, such as https://news.example, for feeds and the sitemap.",
)
@click.option(
    "--language",
    "site_language",
    default="en",
    show_default=True,
    cls=_LanguageOption,
    help="The language of headings and dates: LANGUAGES.",
)
@click.option(
    "--templates",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of your own templates. They run in Jinja's sandbox.",
)
@click.option(
    "--trust-templates",
    is_flag=True,
    help="Run the --templates without the sandbox; they can then do whatever Python code can.",
)
@overrides_option
@jobs_option
@quiet_option
@json_option
def publish(
    *,
    index: Path,
    folder: Path,
    formats: str,
    changed: Path | None,
    site_language: str,
    overrides: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Write an INDEX as a site: a page per event, day, year, topic and story, feeds and a sitemap.

    Publishing again to the same folder writes only files that differ. The old pages stay in place until all new ones
    are written.
    """
    if folder == STANDARD_OUTPUT:
        raise click.UsageError("a site cannot be written to standard output (-): name a folder")
    if options["trust_templates"] and options["templates"] is None:
        raise click.UsageError("--trust-templates needs --templates DIR")
    ids = None if changed is None else read_ids(changed)
    # As for `build`: the collector would only search.
    gc.disable()
    with progress_bars() as progress:
        done = relatedness.RelatedIndex.open(index, overrides=overrides).publish(
            folder,
            formats=[name.strip() for name in formats.split(",") if name.strip()],
            changed=ids,
            language=site_language,
            progress=progress,
            **options,
        )
    if as_json:
        echo_json(asdict(done))
        return
    if done.everything:
        say(f"All pages were checked: {done.everything}")
    say(
        f"{folder}: {done.events:,} events, {done.lists:,} lists; {done.written:,} files written, "
        f"{done.unchanged:,} unchanged, {done.removed:,} removed, {done.bytes / 1e6:,.1f} MB"
    )
    for stage, seconds in done.seconds.items():
        say(f"  {stage:<10}{seconds:>8.2f} s")
    from relatedness.publish import known_languages

    if site_language.partition("-")[0].lower() not in known_languages():
        say(
            f"No headings are available in {site_language}, so they are in English; available are "
            f"{', '.join(known_languages())}"
        )
    if not options["url"]:
        say(
            "Addresses in feeds and the sitemap have no host; for full addresses, give --url https://your.site"
        )


@commands.command(section=BRING, short_help="Serve an index over HTTP.")
@index_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=WholeNumber(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on; 0 for any free port.",
)
@click.option(
    "--cors",
    multiple=True,
    metavar="ORIGIN",
    help="Allow requests from pages of this origin, such as https://news.example; * for all. May be repeated.",
)
@click.option("--access-log", is_flag=True, help="Log each request to standard error.")
@overrides_option
def serve(
    index: Path, host: str, port: int, cors: tuple[str, ...], access_log: bool, overrides: Path | None
) -> None:
    """Serve an INDEX over HTTP: related events, queries, stories, topics.

    The service only reads the index. When the index is refreshed or built again, the service switches to the new lists
    without a pause. The first page searches for events; /docs lists all routes, and /openapi.json describes them for
    programs.
    """
    from relatedness.serve import run

    relatedness.RelatedIndex.open(
        index, overrides=overrides
    ).close()  # report a bad index or bad overrides before serving
    run(index, host=host, port=port, overrides=overrides, cors=cors, access_log=access_log)
