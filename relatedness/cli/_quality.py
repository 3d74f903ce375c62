"""Commands that measure lists, learn from judgments, and compare indexes."""

from __future__ import annotations

import gc
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import relatedness
from relatedness.cli._group import CARE, commands
from relatedness.cli._shared import (
    day,
    echo,
    echo_json,
    index_argument,
    json_option,
    overrides_option,
    progress_bars,
    quiet_option,
    shorten,
    width,
)
from relatedness.cli._types import OneOf, OutputFile, WholeNumber, without_standard_output
from relatedness.files import replacing

if TYPE_CHECKING:
    from relatedness.quality import Audit, Diff, Example

_pairs_option = click.option(
    "--pairs",
    type=click.Path(path_type=Path),
    help="A CSV file of judgments (event,related,weight), such as clicks or pairs that editors chose.",
)

_page_option = click.option(
    "-o",
    "--output",
    type=OutputFile(),
    callback=without_standard_output,
    help="Write the page to this file: .md or .html.",
)


@commands.command(section=CARE, short_help="Measure the lists against judgments.")
@index_argument
@click.option(
    "--qrels", type=click.Path(path_type=Path), help="A file of judgments in TREC format, plain or .gz."
)
@_pairs_option
@click.option(
    "--pages",
    type=click.Path(path_type=Path),
    help="A folder of archive pages whose related links are the judgments.",
)
@click.option(
    "--hide",
    type=OneOf(["topics"]),
    help="Build the index again in memory without the topics that the archive supplies, and judge by them.",
)
@click.option(
    "-k",
    "ks",
    type=WholeNumber(1),
    multiple=True,
    default=(10,),
    show_default=True,
    help="The number of results of each list that count. May be repeated.",
)
@click.option(
    "--by",
    type=OneOf(["year", "category"]),
    multiple=True,
    help="Also show the figures for each year or category. May be repeated; --json always includes both.",
)
@click.option(
    "--run",
    type=OutputFile(no_output="the ranked lists"),
    help="Write the ranked lists to this file in TREC format.",
)
@overrides_option
@quiet_option
@json_option
def evaluate(
    *,
    index: Path,
    qrels: Path | None,
    pairs: Path | None,
    pages: Path | None,
    hide: str | None,
    ks: tuple[int, ...],
    by: tuple[str, ...],
    run: Path | None,
    overrides: Path | None,
    as_json: bool,
) -> None:
    """Measure the lists of an INDEX: nDCG, precision, recall, reciprocal rank, with 95 % intervals.

    The judgments are a file (--qrels or --pairs), the related links on pages that people made (--pages), or the archive's
    own topics, which the index then does without (--hide topics).
    """
    from relatedness.quality import hide_topics, read_links, read_pairs

    if sum(given is not None for given in (qrels, pairs, pages, hide)) != 1:
        raise click.UsageError(
            "give the judgments with one of --qrels FILE, --pairs FILE, --pages FOLDER and --hide topics"
        )
    opened = relatedness.RelatedIndex.open(index, overrides=overrides)
    left_out = 0
    if qrels is not None:
        judged: Any = relatedness.read_qrels(qrels)
    elif pairs is not None:
        judged = read_pairs(pairs)
    elif pages is not None:
        judged, left_out = read_links(pages, opened.events)
    else:
        gc.disable()  # as in build
        with progress_bars() as progress:
            opened, judged = hide_topics(opened, progress=progress)
    quality = opened.evaluate(judged, k=ks)
    if run is not None:
        quality.write_run(run)
    if as_json:
        echo_json(quality.to_record())
        return
    echo(f"{quality.judged:,} judged events, {quality.missing:,} of them not in the index")
    if left_out:
        echo(f"{left_out:,} links left out: their events are not in the index")
    for k, found in quality.at.items():
        for name, mean in found.mean.items():
            low, high = found.interval[name]
            echo(f"{f'{name}@{k}':<9} {mean:.4f}  (95 % interval {low:.4f} to {high:.4f})")
    for name in dict.fromkeys(by):
        echo(f"\n{name:<28} events  nDCG@{quality.k}")
        for value, found in quality.by[name].items():
            low, high = found.interval["nDCG"]
            echo(
                f"{shorten(value, 28):<28} {found.judged:>6,}  {found.mean['nDCG']:.4f}  ({low:.4f} to {high:.4f})"
            )


@commands.command(section=CARE, short_help="Learn settings from judgments.")
@index_argument
@click.option(
    "--qrels",
    type=click.Path(path_type=Path),
    help="A file of judgments in TREC format, plain or .gz. Default: judgments made from the topics that the archive "
    "supplies.",
)
@_pairs_option
@click.option(
    "--show",
    is_flag=True,
    help="Show the ten judged lists that changed most, before and after, side by side.",
)
@click.option(
    "-o",
    "--output",
    type=OutputFile(),
    callback=without_standard_output,
    help="Write the settings to this file, for build --config.",
)
@quiet_option
@json_option
def tune(
    index: Path, qrels: Path | None, pairs: Path | None, show: bool, output: Path | None, as_json: bool
) -> None:
    """Learn weights, recency and the rules of lists from judgments, and report their effect.

    The INDEX is not changed; it is built again in memory to measure the learned settings.
    """
    from relatedness.quality import read_pairs

    if qrels is not None and pairs is not None:
        raise click.UsageError("give --qrels FILE or --pairs FILE, not both")
    opened = relatedness.RelatedIndex.open(index)
    judged = relatedness.read_qrels(qrels) if qrels else read_pairs(pairs) if pairs else None
    with progress_bars() as progress:
        tuned = opened.tune(judged, progress=progress)
    if output is not None:
        with replacing(output) as temporary:
            temporary.write_text(tuned.to_toml(), encoding="utf-8")
    if as_json:
        sections = {name: tuned.config.to_dict()[name] for name in ("weights", "recency", "lists")}
        figures = {"split": tuned.split, "held_out": asdict(tuned.held_out), "all": asdict(tuned.all)}
        examples = [asdict(example) for example in tuned.examples]
        echo_json({**figures, "learned": tuned.learned, **sections, "examples": examples})
        return
    test = tuned.held_out
    echo(
        f"{test.events:,} judged events, split at {tuned.split}: settings were learned on each half and tested on the other"
    )
    for name, mean, (low, high) in (
        ("before", test.before, test.before_interval),
        ("after", test.after, test.after_interval),
        ("gain", test.after - test.before, test.gain_interval),
    ):
        echo(f"nDCG@{tuned.k} {name:<7} {mean:.4f}  (95 % interval {low:.4f} to {high:.4f})")
    echo(f"empty lists {test.empty_before:.1%} before, {test.empty_after:.1%} after")
    if test.after <= test.before:
        echo("no gain on the events left out of learning: keep the settings of the index")
    elif test.gain_interval[0] <= 0:
        echo("the gain may be due to chance: the settings of the index may be just as good")
    for example in tuned.examples if show else ():
        _print_beside(opened, example)
    if output is None:
        echo("".join(["\n", tuned.to_toml()]), nl=False)
    else:
        echo(f"{output}: settings written; to use them, type: relatedness build ... --config {output}")


def _print_beside(index: relatedness.RelatedIndex, example: Example) -> None:
    """Print a list before and after side by side; events in only one of them are marked."""
    half = (width() - 3) // 2
    head = f"{day(index[example.id])}  {shorten(index[example.id].headline, width() - 30)}"
    echo(f"\n{click.style(head, bold=True)}  (nDCG {example.gain:+.3f})")
    for old, new in zip_longest(example.before, example.after):
        left = _beside(index, old, old not in example.after, half)
        echo(f"{left:<{half}} | {_beside(index, new, new not in example.before, half)}".rstrip())


def _beside(index: relatedness.RelatedIndex, id_: str | None, marked: bool, columns: int) -> str:
    return "" if id_ is None else f"{'*' if marked else ' '} {shorten(index[id_].headline, columns - 2)}"


@commands.command(section=CARE, short_help="Report on all lists: orphans, hubs, thin lists.")
@index_argument
@_page_option
@click.option(
    "-k",
    "k",
    type=WholeNumber(1),
    help="The number of results of each list that count. Default: that of the index.",
)
@overrides_option
@quiet_option
@json_option
def audit(index: Path, output: Path | None, k: int | None, overrides: Path | None, as_json: bool) -> None:
    """Report on all lists of an INDEX: orphans, hubs, thin lists, near-duplicates, contexts, years.

    Without -o the page goes to standard output, in Markdown.
    """
    from relatedness.quality import renderer

    if output is not None:
        renderer(output)  # report a wrong file name before the work
    found = relatedness.RelatedIndex.open(index, overrides=overrides).audit(k=k)
    _tell(found, output, as_json, f"the audit of {found.events:,} events")


@commands.command(section=CARE, short_help="Show which lists differ between two indexes.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@_page_option
@click.option(
    "-k",
    "k",
    type=WholeNumber(1),
    help="The number of results of each list to compare. Default: that of the NEW index.",
)
@click.option(
    "--old-overrides",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The overrides file of the OLD index.",
)
@click.option(
    "--overrides",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The overrides file of the NEW index.",
)
@quiet_option
@json_option
def diff(
    *,
    old: Path,
    new: Path,
    output: Path | None,
    k: int | None,
    old_overrides: Path | None,
    overrides: Path | None,
    as_json: bool,
) -> None:
    """Show which lists changed from the index OLD to the index NEW, and why.

    Without -o the page goes to standard output, in Markdown; --json names every list.
    """
    from relatedness.quality import renderer

    if output is not None:
        renderer(output)  # report a wrong file name before the work
    before = relatedness.RelatedIndex.open(old, overrides=old_overrides)
    found = before.diff(relatedness.RelatedIndex.open(new, overrides=overrides), k=k)
    _tell(found, output, as_json, f"{len(found.changes):,} of {found.compared:,} lists changed")


def _tell(found: Audit | Diff, output: Path | None, as_json: bool, written: str) -> None:
    """Write a page of findings to its file, as JSON, or to standard output."""
    if output is not None:
        found.write(output)
    if as_json:
        echo_json(found.to_record())
    elif output is not None:
        echo(f"{output}: {written}")
    else:
        echo(str(found), nl=False)
