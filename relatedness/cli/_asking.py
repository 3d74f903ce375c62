"""Commands that query an index: lists, texts, reasons, stories, events and its properties."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import relatedness
from relatedness import errors
from relatedness.cli._group import ASK, CARE, commands
from relatedness.cli._options import given, takes_options
from relatedness.cli._shared import (
    INPUT,
    day,
    echo,
    echo_json,
    index_argument,
    json_option,
    many,
    overrides_option,
    printable,
    read_ids,
    shorten,
    width,
)
from relatedness.cli._types import OneOf, WholeNumber
from relatedness.config import MEASURED
from relatedness.index import WORDS, WhyNot

_CLOSEST = 3  # the number of candidates shown for an empty list


def print_list(results: relatedness.RelatedList, why: bool = False) -> None:
    """A list as lines of text."""
    if not results:
        _print_left_out(results)
    elif all(item.tier == WORDS for item in results):
        echo("No event scores above chance. These share the most words with the text:")
    for rank, item in enumerate(results, 1):
        head = click.style(shorten(item.title), bold=True)
        echo(f"{rank}. {item.score:.3f}  {day(item.event)}  {head}")
        copies = f"  (+{item.copies} similar)" if item.copies else ""
        copies += f"  ({item.mark})" if item.mark else ""
        echo(f"   {printable(str(item.id))}  {printable(item.reason)}{copies}".rstrip())
        if why:
            for line in str(results.explain(item.id)).splitlines()[1:]:
                echo(f"   {printable(line)}")


def _print_left_out(results: relatedness.RelatedList) -> None:
    """Say why a list is empty."""
    echo("No related events.")
    closest = results.left_out(_CLOSEST)
    if not closest:
        who = "No event shares" if results.id is None else "No other event shares"
        echo(f"{who} a word, phrase or topic with it.")
        return
    echo("The closest candidates, and the rule that excludes each:")
    for item in closest:
        echo(f"   {printable(str(item.other))}  {item.rule}: {printable(item.sentence)}")


@commands.command(section=ASK, short_help="Show the events related to an event.")
@index_argument
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@takes_options()
@overrides_option
@json_option
def related(index: Path, ids: tuple[str, ...], overrides: Path | None, as_json: bool, **options: Any) -> None:
    """Show the events related to the event ID of an INDEX, best first; with --json a line for each ID.

    - in place of ID reads the ids from standard input, one per line.
    """
    opened = relatedness.RelatedIndex.open(index, overrides=overrides)
    wanted = given(options)
    if ids == ("-",):
        ids = tuple(read_ids(Path("-")))
    for number, id_ in enumerate(ids):
        results = opened.related(id_, **wanted)
        if as_json:
            echo_json(results.to_record())
            continue
        event = opened[id_]
        head = click.style(shorten(event.headline), bold=True)
        echo(("\n" if number else "") + f"{day(event)}  {head}")
        print_list(results, why="why" in wanted)


@commands.command(section=ASK, short_help="Show the events related to a text.")
@index_argument
@click.argument("text")
@click.option(
    "--date",
    "when",
    metavar="DATE",
    help="The date of the text, such as 2016-07-11; without it, closeness in time does not count.",
)
@click.option("--title", default="", help="The headline of the text.")
@takes_options(of_text=True)
@click.option(
    "--why-not", "other", metavar="ID", help="Explain instead why the list does not contain the event ID."
)
@overrides_option
@json_option
def query(
    *,
    index: Path,
    text: str,
    when: str | None,
    title: str,
    other: str | None,
    overrides: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Show the events of an INDEX that are related to a TEXT; - reads it from standard input."""
    wanted = given(options)
    if text == "-":
        try:
            text = sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise errors.InputError("not UTF-8: expected a text", file=Path(text)) from None
    opened = relatedness.RelatedIndex.open(index, overrides=overrides)
    results = opened.query(text, title=title, date=when, **wanted)
    if other is not None:
        _print_why_not(opened, results.why_not(other), as_json)
    elif as_json:
        value = results.to_record()
        if not results:
            value["left_out"] = [item.to_record() for item in results.left_out(_CLOSEST)]
        echo_json(value)
    else:
        print_list(results, why="why" in wanted)


@commands.command("why-not", section=ASK, short_help="Explain why an event is not in a list.")
@index_argument
@click.argument("id")
@click.argument("other")
@takes_options(without=("why",))
@overrides_option
@json_option
def why_not(
    index: Path,
    id: str,  # noqa: A002
    other: str,
    overrides: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Explain why the list of the event ID in an INDEX does not contain the event OTHER: by which rule, and by how much.

    The options are those of `related`; repeat the ones with which the list was made.
    """
    opened = relatedness.RelatedIndex.open(index, overrides=overrides)
    _print_why_not(opened, opened.why_not(id, other, **given(options)), as_json)


def _print_why_not(index: relatedness.RelatedIndex, found: WhyNot, as_json: bool) -> None:
    if as_json:
        echo_json(found.to_record())
        return
    for id_ in (found.id, found.other):
        if id_ is not None:
            echo(f"{day(index[id_])}  {shorten(index[id_].headline)}")
    echo(printable(f"{found.rule}: {found}"))


@commands.command(section=ASK, short_help="Find events by words.")
@index_argument
@click.argument("words", nargs=-1)
@click.option(
    "--most",
    type=WholeNumber(1),
    default=20,
    show_default=True,
    metavar="N",
    help="The maximum number of events.",
)
@json_option
def events(index: Path, words: tuple[str, ...], most: int, as_json: bool) -> None:
    """Find events of an INDEX by WORDS or their beginnings; without WORDS, show the latest events.

    Events with all of the words in their title come first, then those with all of them in title and text; the latest
    come first in each group.
    """
    found = relatedness.RelatedIndex.open(index).find(" ".join(words), most=most)
    if as_json:
        echo_json({"events": [event.to_record() for event in found]})
        return
    if not found:
        raise errors.InputError(f"no event contains all of these words: {' '.join(words)}")
    for event in found:
        room = max(width() - len(event.key) - 14, 20)
        echo(f"{day(event)}  {printable(event.key)}  {click.style(shorten(event.headline, room), bold=True)}")


@commands.command(section=ASK, short_help="Show the story of an event.")
@index_argument
@click.argument("id")
@click.option(
    "--most",
    type=WholeNumber(1),
    default=40,
    show_default=True,
    help="The maximum number of events; the nearest are kept.",
)
@click.option(
    "--format",
    "form",
    type=OneOf(["timeline", "table"]),
    default="timeline",
    show_default=True,
    help="Print the story month by month, or as a line per event.",
)
@overrides_option
@json_option
def story(
    index: Path,
    id: str,  # noqa: A002
    most: int,
    form: str,
    overrides: Path | None,
    as_json: bool,
) -> None:
    """Show the story of the event ID of an INDEX: a connected run of events, and the topics that link them."""
    found = relatedness.RelatedIndex.open(index, overrides=overrides).story(id, most=most)
    if as_json:
        echo_json(found.to_record())
    else:
        lines = found.table(width(120)) if form == "table" else str(found)
        echo("\n".join(map(printable, lines.splitlines())))


@commands.command(section=ASK, short_help="Describe an index.")
@index_argument
@click.option(
    "--config",
    "show_config",
    is_flag=True,
    help="Print every setting with its description, as a TOML file that you can edit.",
)
@click.option(
    "--topics",
    "show_topics",
    is_flag=True,
    help="List the topics, most frequent first; with --json, also those learned from the archive.",
)
@json_option
def info(index: Path, show_config: bool, show_topics: bool, as_json: bool) -> None:
    """Describe an INDEX: counts, dates, versions, measured values, settings."""
    opened = relatedness.RelatedIndex.open(index)
    if show_config:
        if as_json:
            echo_json(opened.config.to_dict())
        else:
            echo(opened.config.to_toml(), nl=False)
    elif show_topics:
        topics = opened.topic_counts()
        if as_json:
            echo_json({"topics": dict(topics), "learned": opened.learned})
        else:
            for name, events in topics:
                echo(f"{events:>8,}  {name}")
    elif as_json:
        echo_json(opened.info)
    else:
        for sentence in _in_words(opened.info, opened.config):
            echo(sentence)


def _in_words(info: dict[str, Any], config: relatedness.Config) -> Iterator[str]:
    """A description of an index in sentences."""
    from relatedness.ranking import UNITS

    size = f", {info['bytes'] / 1e6:,.1f} MB" if info["bytes"] is not None else ""
    span = f" from {info['first_date']} to {info['last_date']}" if info["events"] else ""
    yield f"{info['path'] or 'In memory'}: {many(info['events'], 'event')}{span}{size}."
    refreshed = f"last refreshed {_moment(info['refreshed'])}" if info["refreshed"] else "never refreshed"
    yield (
        f"Built {_moment(info['built'])} by relatedness {info['version']} (file format {info['format']}), {refreshed}; "
        f"generation {info['generation']}, state {info['state']}."
    )
    terms = info["terms"]
    yield (
        f"Events are compared by {many(terms.get('words', 0), 'word')}, {many(terms.get('phrases', 0), 'phrase')} and "
        f"{many(terms.get('topics', 0), 'topic')}."
    )
    yield f"Topics were found by {_TAGGERS.get(config.text.tagger, config.text.tagger)} (key {info['tagger']})."
    if info["encoder"]:
        yield f"Meaning was compared by the sentence encoder {info['encoder']}."
    for what, how in info["reading"].items():
        for line in _read_as(what, how):
            yield f"Read with {line}."
    statistics = info["statistics"]
    yield (
        f"Statistics were fitted on {many(statistics['n_events'], 'event')} {_moment(statistics['fitted'])}; "
        f"{statistics['changed_since']:,} have been added, changed or removed since ({statistics['drift']:.1%}). "
        f"A refresh that takes this above {config.refresh.drift:.0%} fits them again."
    )
    if statistics["floor"]:
        yield f"Only pairs of events that score at least {statistics['floor'] / UNITS:.4f} are listed: random pairs score less."
    template = info["template_text"]
    if template["examples"]:
        pieces = ", ".join(f'"{piece}"' for piece in template["examples"])
        yield f"Template text makes up {template['share']:.0%} of all words and has a low weight: {pieces}."
    else:
        yield "No template text was found."
    if kinds := info["references"]:
        begun = ", ".join(
            dict.fromkeys(f"{kind}..." if kind else "addresses, commits or other ids" for kind in kinds)
        )
        counted = (
            "related to them" if config.topics.references else "not related by that: topics.references is 0"
        )
        yield f"Events whose texts name others, by {begun}, are {counted}."
    yield from info["calibration"]["found"]
    shipped = relatedness.Config.default().to_dict()
    changed = [
        f"{section}.{name} = {json.dumps(value)}"
        for section, values in config.to_dict().items()
        for name, value in values.items()
        if value != shipped[section][name] and (section, name) not in _MEASURED
    ]
    yield (
        f"Settings that differ from the defaults: {', '.join(changed)}."
        if changed
        else "All settings are defaults or were measured on the archive; --config shows them."
    )


_TAGGERS = {"fast": "names, word lists and the gazetteer", "ner": "spaCy's entities and the gazetteer"}
_MEASURED = {setting for settings in MEASURED.values() for setting in settings}


def _moment(when: str) -> str:
    return f"on {when[:10]} at {when[11:16]} UTC"


def _read_as(what: str, how: Any) -> Iterator[str]:
    """A reading option, or a detected property of the sources, in words; columns as a build reports them."""
    if what == "found":
        for name, value in how.items():
            if name != "columns":
                yield from _read_as(name, value)
                continue
            for columns in value:
                yield "columns: " + ", ".join(
                    f"{ours} <- {' + '.join(names)}" for ours, names in columns.items()
                )
    elif isinstance(how, dict):
        yield f"{what}: " + ", ".join(f"{ours} as {theirs}" for ours, theirs in how.items())
    else:
        yield f"{what}: {', '.join(map(str, how)) if isinstance(how, list) else how}"


@commands.command(section=CARE, short_help="Check a file of pins and bans.")
@index_argument
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def overrides(index: Path, file: Path, as_json: bool) -> None:
    """Check an overrides FILE against an INDEX; the exit code is 3 if it has a problem.

    \b
    Each line of the file is one of these:
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
        echo_json({"file": str(file), "problems": value})
    else:
        for problem in problems:
            echo(str(problem))
        count = many(len(problems), "problem") if problems else "no problems"
        echo(f"{file}: {found}; {count}")
    if problems:
        raise click.exceptions.Exit(INPUT)
