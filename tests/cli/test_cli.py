"""The command line as other programs meet it: a process with arguments, streams and an exit code."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import forks
import pytest
from click.testing import CliRunner
from stories import Stories

from relatedness import __version__
from relatedness.cli._group import commands
from relatedness.related_index import RelatedIndex
from relatedness.storage import writing

OK, UNEXPECTED, USAGE, INPUT, INDEX, BUSY = range(6)
COMMANDS = commands.every()
PROGRAM = [sys.executable, "-m", "relatedness"]
NAMES = (
    "build", "refresh", "check", "related", "query", "tag", "export", "evaluate", "info", "demo", "story", "why-not",
    "audit", "diff", "overrides", "events",
)  # fmt: skip


def run(
    *arguments: object,
    code: int = OK,
    input: str = "",  # noqa: A002
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the program with files for its streams; it must end with that code."""
    given = list(map(str, arguments))
    if env is None:
        done = forks.run(*given, text=input, folder=cwd)
    else:
        done = subprocess.run(
            [*PROGRAM, *given],
            input=input,
            cwd=cwd,
            env=env,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if code == OK:
        assert not done.stderr
    else:
        assert done.stderr.strip()
        assert not done.stdout
    return done


def a_id(index: RelatedIndex) -> str:
    """An event of the sample with a full list."""
    return next(id_ for id_, found in index.lists() if len(found) == 5)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("events") / "news.jsonl"
    lines = [json.dumps(record) for record in Stories(2, 4).records]
    path.write_text("\n".join([*lines, lines[0]]) + "\n", encoding="utf-8")
    return path


# --- a partitioned index -------------------------------------------------------------------------------------------


def test_commands_take_the_folder_of_a_partitioned_index_as_they_take_a_file(
    events: Path, tmp_path: Path
) -> None:
    one, many, more = tmp_path / "one.index", tmp_path / "many", tmp_path / "more.jsonl"
    run("build", events, "-o", one)
    assert "8 events" in run("build", events, "-o", many, "--partitions", 3).stdout
    assert len(list(many.glob("part-*.index"))) == 3
    more.write_text(json.dumps(Stories(2, 5).records[-1]) + "\n", encoding="utf-8")
    for index in (one, many):
        assert "1 added" in run("refresh", index, more).stdout
        assert "9 events" in run("check", index).stdout
    for command in (
        ["related", "INDEX", "s1-d02"],
        ["query", "INDEX", "bakbakbak"],
        ["events", "INDEX"],
    ):
        first, second = (
            run(*(path if word == "INDEX" else word for word in command)) for path in (one, many)
        )
        assert first.stdout == second.stdout
    assert json.loads(run("info", many, "--json").stdout)["events"] == 9
    for given in (["-o", many], ["-o", many, "--partitions", 2, "--events-per-partition", 2]):
        assert "partition" in run("build", events, *given, code=USAGE).stderr


# --- help ----------------------------------------------------------------------------------------------------------


def test_every_command_of_the_contract_exists() -> None:
    assert set(NAMES) <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_explained(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert getattr(parameter, "help", None), f"{name} {parameter.opts}"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_shows_its_help(name: str) -> None:
    for option in ("--help", "-h"):
        done = CliRunner().invoke(commands, [name, option], prog_name="relatedness")
        assert done.exit_code == OK
        assert done.output.startswith(f"Usage: relatedness {name}")
        assert COMMANDS[name].help.splitlines()[0] in " ".join(done.output.split())


def test_help_names_every_command() -> None:
    shown = run("--help").stdout
    assert shown.startswith("Usage: relatedness")
    assert all(re.search(rf"^  {name} ", shown, re.MULTILINE) for name in NAMES)


def test_the_bare_command_shows_the_same_help() -> None:
    bare = subprocess.run([sys.executable, "-m", "relatedness"], capture_output=True, text=True, check=False)
    assert f"{bare.stdout}{bare.stderr}".split() == run("--help").stdout.split()


def test_the_version_is_that_of_the_package() -> None:
    assert __version__ in run("--version").stdout


# --- the main job --------------------------------------------------------------------------------------------------


def test_build_writes_an_index_and_tells_what_it_did(events: Path, tmp_path: Path) -> None:
    index = tmp_path / "news.index"
    shown = run("build", events, "-o", index, "--jobs", 1).stdout
    assert shown.startswith(f"{index}: 8 events, 8 with related events,")
    assert "1 record repeated word for word" in shown
    for stage in ("read", "tag", "vectorise", "search", "rank", "write", "total"):
        assert re.search(rf"^  {stage} +\d+\.\d\d s$", shown, re.MULTILINE)
    assert [path.name for path in tmp_path.iterdir()] == ["news.index"]

    summary = json.loads(run("build", events, "-o", index, "--json").stdout)
    assert (summary["events"], summary["listed"], summary["repeated"], summary["rejected"]) == (8, 8, 1, 0)
    assert summary["bytes"] == index.stat().st_size


def test_build_reads_several_files_configs_fields_and_zones(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"key": "a", "date": "2014-06-10T23:30:00", "text": "Mosul falls."}\n')
    with gzip.open(tmp_path / "b.jsonl.gz", "wt") as file:
        file.write('{"key": "b", "date": "2014-06-11", "text": "Mosul stands."}\n')
    (tmp_path / "c.csv").write_text("key,date,text\nc,2014-06-12,Mosul rests.\n")
    (tmp_path / "mine.toml").write_text("[lists]\nk = 1\n")
    index = tmp_path / "all.index"
    run(
        "build", tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz", tmp_path / "c.csv", "-o", index, "--field", "key=id",
        "--zone", "America/New_York", "--config", tmp_path / "mine.toml",
    )  # fmt: skip
    with RelatedIndex.open(index) as opened:
        assert set(opened.events) == {"a", "b", "c"}
        assert opened.events["a"].day == opened.events["b"].day
        assert len(opened.related("a")) <= opened.config.lists.k == 1


def test_bad_records_end_a_build_or_are_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(
        '{"id": "a", "date": "2014-06-10", "text": "Mosul."}\n{"id": "b", "text": "x"}\nno JSON\n'
    )
    failed = run("build", path, "-o", tmp_path / "a.index", code=INPUT)
    assert failed.stderr.startswith(f"relatedness: {path}, line 2, field 'date'")
    assert [found.name for found in tmp_path.iterdir()] == ["news.jsonl"]
    shown = run("build", path, "-o", tmp_path / "a.index", "--rejects", tmp_path / "bad.jsonl").stdout
    assert f"2 bad records written to {tmp_path / 'bad.jsonl'}" in shown
    assert len((tmp_path / "bad.jsonl").read_text().splitlines()) == 2


@pytest.fixture(scope="module")
def most(sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a part of the sample, most of that, and an index of most. Copy them before changing anything."""
    folder = tmp_path_factory.mktemp("most")
    part = sample_path.read_text().splitlines(keepends=True)[::4]
    (folder / "part.jsonl").write_text("".join(part))
    (folder / "some.jsonl").write_text("".join(part[20:]))
    run("build", folder / "some.jsonl", "-o", folder / "live.index")
    return folder


@pytest.fixture
def live(most: Path, tmp_path: Path) -> tuple[Path, Path]:
    """An index of most of a file, and the file: 20 events more."""
    for file in most.iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path / "live.index", tmp_path / "part.jsonl"


def test_refresh_tells_what_it_did_and_which_lists_changed(live: tuple[Path, Path], tmp_path: Path) -> None:
    index, events = live
    before = {id_: list(items) for id_, items in RelatedIndex.open(index).lists(10)}
    plan = json.loads(run("refresh", index, events, "--dry-run", "--json").stdout)
    assert len(plan["added"]) == 20
    assert dict(RelatedIndex.open(index).lists(10)).keys() == before.keys()
    changed = tmp_path / "changed.txt"
    gone = next(iter(before))
    done = run("refresh", index, "--remove", gone, "--changed", changed)
    assert "0 added, 0 changed, 1 removed" in done.stdout
    done = run("refresh", index, events, "--changed", changed, "--json", "--wait", 1)
    told = json.loads(done.stdout)
    assert sorted([*plan["added"], gone]) == sorted(told["added"])
    assert changed.read_text().split() == told["lists_changed"]
    after = {id_: list(items) for id_, items in RelatedIndex.open(index).lists(10)}
    assert set(told["lists_changed"]) >= {id_ for id_ in after if id_ in before and after[id_] != before[id_]}
    assert set(told["seconds"]) == {"read", "tag", "vectorise", "search", "rank", "write"}
    some = tmp_path / "some.jsonl"
    assert "20 removed" in run("refresh", index, some, "--mirror").stdout
    assert "statistics fitted again: as asked" in run("refresh", index, "--refit").stdout
    assert "sound; 158 events" in run("check", index).stdout


def test_a_log_for_jobs_that_nobody_watches(live: tuple[Path, Path]) -> None:
    index, events = live
    command = [*PROGRAM, "refresh", str(index), str(events), "--log"]
    done = subprocess.run([*command, "json"], capture_output=True, text=True, check=True)
    records = [json.loads(line) for line in done.stderr.splitlines()]
    assert {"read", "tag", "write"} <= {record["stage"] for record in records}
    assert all(record["level"] == "info" and record["seconds"] >= 0 for record in records)
    done = subprocess.run([*command, "lines"], capture_output=True, text=True, check=True)
    assert re.match(r"20\d\d-\d\d-\d\d .* read \d", done.stderr)


def test_the_log_tells_what_ended_the_job(live: tuple[Path, Path], tmp_path: Path) -> None:
    index, events = live
    bad = tmp_path / "bad.jsonl"
    bad.write_text(
        f"{events.read_text().splitlines()[0]}\n" + '{"id": "x", "date": "2016-13-01", "text": "y"}\n'
    )
    with writing(index):
        busy = subprocess.run(
            [*PROGRAM, "refresh", index, events, "--log", "json"], capture_output=True, text=True, check=False
        )
    wrong = subprocess.run(
        [*PROGRAM, "refresh", index, bad, "--log", "json"], capture_output=True, text=True, check=False
    )
    assert (busy.returncode, wrong.returncode) == (BUSY, INPUT)
    assert busy.stdout == wrong.stdout == ""
    told = [json.loads(done.stderr.splitlines()[-1]) for done in (busy, wrong)]
    assert [record["level"] for record in told] == ["error", "error"]
    assert [record["error"] for record in told] == ["BusyError", "InputError"]
    assert f"process {os.getpid()} on" in told[0]["message"]
    assert (told[1]["file"], told[1]["line"], told[1]["field"]) == (str(bad), 2, "date")
    assert "2016-13-01" in told[1]["message"]


def test_a_busy_index_is_exit_5_and_names_the_writer(live: tuple[Path, Path]) -> None:
    index, events = live
    with writing(index):
        for arguments in (("refresh", index, events), ("build", events, "-o", index)):
            done = run(*arguments, code=BUSY)
            assert f"process {os.getpid()} on" in done.stderr
        assert run("related", index, "2012-08-24-samsung-verdict").stdout


def test_a_build_waits_for_another_writer(live: tuple[Path, Path]) -> None:
    index, events = live
    with writing(index):
        process = subprocess.Popen(
            [*PROGRAM, "build", str(events), "-o", str(index), "--wait", "600", "-q"],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert f"waiting for process {os.getpid()} on" in process.stderr.readline()
    assert process.wait(timeout=600) == OK
    process.stderr.close()
    assert len(RelatedIndex.open(index).events) == len(events.read_text().splitlines())


def test_events_are_removed_by_a_file_of_ids(live: tuple[Path, Path], tmp_path: Path) -> None:
    index, _ = live
    ids = list(RelatedIndex.open(index).events)
    gone = tmp_path / "gone.txt"
    gone.write_text("\n".join(map(str, ids[:2])) + "\n")
    assert "3 removed" in run("refresh", index, "--remove", ids[2], "--remove-file", gone).stdout
    assert "1 removed" in run("refresh", index, "--remove-file", "-", input=f"{ids[3]}\n").stdout
    assert list(RelatedIndex.open(index).events) == ids[4:]
    assert (
        "no such file" in run("refresh", index, "--remove-file", tmp_path / "none", code=INPUT).stderr.lower()
    )


def test_events_are_exported_to_a_file_or_standard_output(sample_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert "events.jsonl: 710 events" in run("export", sample_file, "--events", "-o", path).stdout
    assert run("export", sample_file, "--events", "-o", "-").stdout == path.read_text(encoding="utf-8")
    assert "not overwritten" in run("export", sample_file, "-o", path, code=INPUT).stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["info", "INDEX"], OK),
        (["events", "INDEX", "samsung"], OK),
        (["export", "INDEX", "-o", "-"], OK),
        (["refresh", "INDEX", "--remove-file", "-"], OK),
        (["build", "-", "-o", "OTHER"], INPUT),
    ],
)
def test_streams_that_the_caller_closed_are_empty(
    arguments: list[str], code: int, live: tuple[Path, Path], tmp_path: Path
) -> None:
    """A file that got the number of a closed stream would be read as the input, or written by what is printed."""
    paths = {"INDEX": str(live[0]), "OTHER": str(tmp_path / "other.index")}
    given = [paths.get(argument, argument) for argument in arguments]
    command = ["sh", "-c", 'exec "$@" <&- >&-', "sh", *PROGRAM, *given]
    closed = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert closed.returncode == code, closed.stderr
    assert "Traceback" not in closed.stderr
    assert ("standard input: is empty" in closed.stderr) == (code == INPUT)
    run("check", live[0])


def test_too_little_memory_is_said() -> None:
    program = """
from relatedness import RelatedIndex
from relatedness.cli import main
def fail(*_):
    raise MemoryError
RelatedIndex.open = fail
main(["info", "news.index"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "relatedness: not enough memory; nothing was changed\n")


def test_check_finds_damage_and_ends_with_4(live: tuple[Path, Path]) -> None:
    index, _ = live
    with contextlib.closing(sqlite3.connect(index)) as connection:
        connection.execute("UPDATE lists SET items = '[]' WHERE slot = 5")
        connection.commit()
    done = subprocess.run([*PROGRAM, "check", str(index)], capture_output=True, text=True, check=False)
    assert done.returncode == INDEX
    assert "the list of" in done.stdout
    assert "is damaged (1 fault)" in done.stderr
    done = subprocess.run(
        [*PROGRAM, "check", str(index), "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == INDEX
    assert json.loads(done.stdout)["sound"] is False


def test_related_shows_title_date_score_and_context(sample_file: Path, sample_index: RelatedIndex) -> None:
    id_ = a_id(sample_index)
    shown = run("related", sample_file, id_).stdout
    found = sample_index.related(id_)
    assert shown.startswith(sample_index.events[id_].date.isoformat())
    for rank, item in enumerate(found, 1):
        assert re.search(
            rf"^{rank}\. {item.score:.3f}  {sample_index.events[item.id].date.isoformat()}  ",
            shown,
            re.MULTILINE,
        )
        assert f"{item.id}  {item.reason}" in shown
    why = run("related", sample_file, id_, "-k", 1, "--why").stdout
    assert "words" in why
    assert re.search(r"recency \d\.\d{3}", why)
    assert f"{found[0].parts['words']:.4f}" in why


def test_related_as_json_is_what_python_gives(sample_file: Path, sample_index: RelatedIndex) -> None:
    id_ = a_id(sample_index)
    value = json.loads(run("related", sample_file, id_, "-k", 7, "--json").stdout)
    assert value == sample_index.related(id_, k=7).to_record()
    assert value["related"][0]["title"] == sample_index.related(id_)[0].title
    value = json.loads(run("related", sample_file, id_, "-k", 2, "--json", "--why").stdout)
    for item in value["related"]:
        assert sum(reason["share"] for reason in item["reasons"]) == pytest.approx(item["score"], abs=1e-6)


def test_related_takes_the_filters(sample_file: Path, sample_index: RelatedIndex) -> None:
    id_ = next(
        id_ for id_ in sample_index.events
        if {"Iraq", "ISIL"} <= {topic.name for topic in sample_index.topics(id_)}
        and sample_index.related(id_, topics=["Iraq", "ISIL"], direction="after")
    )  # fmt: skip
    shown = run(
        "related", sample_file, id_, "--direction", "after", "--topics", "Iraq, ISIL", "--since", "2001-01-01",
        "--until", "2030-12-31", "--language", "en", "--min-score", "0.001", "-k", 3, "--json",
    ).stdout  # fmt: skip
    expected = sample_index.related(
        id_, direction="after", topics=["Iraq", "ISIL"], since=date(2001, 1, 1), until=date(2030, 12, 31),
        language="en", min_score=0.001, k=3,
    )  # fmt: skip
    assert json.loads(shown) == expected.to_record()
    assert len(expected) > 0


def test_query_finds_events(sample_file: Path, sample_index: RelatedIndex) -> None:
    text = "ISIL militants seize Mosul"
    value = json.loads(run("query", sample_file, text, "--date", "2014-06-10", "-k", 3, "--json").stdout)
    expected = sample_index.query(text, date=date(2014, 6, 10), k=3)
    assert value == expected.to_record()
    assert len(expected) == 3
    assert "Context: " in run("query", sample_file, text, "--why").stdout


def test_a_list_that_is_empty_says_which_rule_left_what_out(
    sample_file: Path, sample_index: RelatedIndex
) -> None:
    nothing = run("query", sample_file, "zyxwv").stdout
    assert nothing == "No related events.\nNo event shares a word, phrase or topic with it.\n"
    shown = run("query", sample_file, "Rio", "--min-score", 0.9).stdout.splitlines()
    left_out = sample_index.query("Rio", min_score=0.9).left_out(3)
    assert shown[0] == "No related events."
    assert shown[2:] == [f"   {item.other}  min-score: {item.sentence}" for item in left_out]
    assert len(left_out) == 3
    other = left_out[0].other
    said = run("query", sample_file, "Rio", "--min-score", 0.9, "--why-not", other).stdout.splitlines()
    assert said[-1] == f"min-score: {left_out[0].sentence}"


def test_a_query_for_a_word_of_all_events_gives_the_best_and_says_so(tmp_path: Path) -> None:
    kinds = [
        f"{what} {fault}"
        for what in ("Gateway", "Login", "Search")
        for fault in ("outage", "delay", "errors")
    ]
    records = [
        {"id": f"{at}", "date": f"2024-{at % 9 + 1:02}-{at // 9 + 1:02}", "title": kinds[at % 9], "text": f"The service shows {kinds[at % 9]}."}
        for at in range(60)
    ]  # fmt: skip
    index = RelatedIndex.build(records, tmp_path / "a.index")
    found = index.query("service", k=3)
    assert [item.tier for item in found] == ["same words"] * 3
    assert found.why_not(found[0].id).rule == "listed"
    shown = run("query", tmp_path / "a.index", "service", "-k", 3).stdout.splitlines()
    assert shown[0] == "No event scores above chance. These share the most words with the text:"
    assert "same words" in shown[2]  # a word that all events hold is no reason by itself
    assert "above chance" not in run("query", tmp_path / "a.index", "outage").stdout


def test_several_lists_at_once(sample_file: Path, sample_index: RelatedIndex) -> None:
    ids = list(sample_index)[:3]
    lines = run("related", sample_file, *ids, "--json").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [sample_index.related(id_).to_record() for id_ in ids]
    shown = run("related", sample_file, *ids).stdout
    assert shown.count("\n\n") == 2


def test_events_are_found_by_their_words(sample_file: Path, sample_index: RelatedIndex) -> None:
    lines = run("events", sample_file, "mosul", "isil").stdout.splitlines()
    found = sample_index.find("isil mosul")
    assert [line.split()[1] for line in lines] == [event.id for event in found]
    value = json.loads(run("events", sample_file, "--most", 2, "--json").stdout)
    assert [item["id"] for item in value["events"]] == list(sample_index)[:-3:-1]
    failed = run("events", sample_file, "zyxwv", code=INPUT)
    assert failed.stderr == "relatedness: no event contains all of these words: zyxwv\n"


def test_every_error_begins_alike_and_wrong_usage_says_what_to_type(sample_file: Path) -> None:
    for arguments in (["related", sample_file, "x", "-k", 0], ["nonsense"], ["related"], ["build", "--jbos"]):
        failed = run(*arguments, code=USAGE)
        assert failed.stderr.startswith("relatedness: ")
        assert "--help' for help" in failed.stderr
    assert run("related", sample_file, "none", code=INPUT).stderr.startswith("relatedness: no event has")


OBEYED = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\u2066\x7f\x08"


def test_what_a_terminal_would_obey_is_not_printed(tmp_path: Path) -> None:
    record = {
        "date": "2014-06-10",
        "title": f"Mosul {OBEYED} falls to ISIL",
        "topics": [f"Ev{OBEYED}il"],
        "category": OBEYED,
        f"column {OBEYED}": "x",
    }
    path = tmp_path / "news\x1b[2J.jsonl"
    path.write_text(
        "".join(json.dumps(record | {"id": f"a{OBEYED}{n}"}) + "\n" for n in range(3)), encoding="utf-8"
    )
    bad, index, ids = tmp_path / "bad.jsonl", tmp_path / "a.index", [f"a{OBEYED}{n}" for n in range(3)]
    bad.write_text(json.dumps({"id": OBEYED, "date": OBEYED, "title": OBEYED}) + "\n", encoding="utf-8")
    right = [
        ("build", path, "-o", index), ("related", index, ids[1], "--fill", "period", "--why"), ("related", index, ids[1], "--json"),
        ("query", index, "Mosul falls"), ("events", index), ("story", index, ids[1]), ("why-not", index, ids[1], ids[2]), ("info", index),
        ("audit", index), ("diff", index, index), ("changed", index), ("tag", path), ("export", index, "-o", "-"),
    ]  # fmt: skip
    wrong = [
        ("build", bad, "-o", tmp_path / "c.index"), ("related", index, f"b{OBEYED}"), ("events", index, f"b{OBEYED}"),
        ("related", index, ids[1], "--topics", OBEYED),
    ]  # fmt: skip
    done = [*(run(*command) for command in right), *(run(*command, code=INPUT) for command in wrong)]
    for each in done:
        assert not set("\x1b\x07\x9b\u202e\u2066\x7f\x08") & set(each.stdout + each.stderr), each.args


def test_the_joiners_of_a_script_are_printed(tmp_path: Path) -> None:
    path, title = tmp_path / "news.jsonl", "دولت می\u200cخواهد"
    path.write_text(json.dumps({"id": "a", "date": "2014-06-10", "title": title}) + "\n", encoding="utf-8")
    run("build", path, "-o", tmp_path / "a.index")
    assert title in run("events", tmp_path / "a.index").stdout


def test_colour_is_for_terminals_that_want_it(sample_file: Path) -> None:
    def printed(**environment: str) -> str:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [*PROGRAM, "events", str(sample_file), "--most", "1"], stdout=slave, env=os.environ | environment
        )
        process.wait(timeout=600)
        os.close(slave)
        seen = os.read(master, 65536).decode()
        os.close(master)
        return seen

    with_colour, without = printed(TERM="xterm", NO_COLOR=""), printed(TERM="xterm", NO_COLOR="1")
    assert "\x1b[1m" in with_colour
    assert "\x1b" not in without
    assert without.strip()


def test_quiet_says_nothing_but_errors(events: Path, tmp_path: Path) -> None:
    index = tmp_path / "a.index"
    assert run("build", events, "-o", index, "--quiet").stdout == ""
    assert run("check", index, "-q").stdout == ""
    assert run("refresh", index, events, "-q").stdout == ""
    assert run("export", index, "-o", tmp_path / "lists.jsonl", "-q").stdout == ""
    assert run("publish", index, "-o", tmp_path / "site", "-q").stdout == ""
    assert run("check", tmp_path / "none", "-q", code=INDEX).stderr


def test_tag_shows_topics_of_a_text_and_of_events(sample_path: Path, tmp_path: Path) -> None:
    (line,) = run("tag", "U.S. troops reach Mosul.").stdout.splitlines()
    topics = json.loads(line)["topics"]
    assert {"name": "United States", "kind": "country", "how": "found", "aliases": ["U.S."]} in topics
    some = tmp_path / "some.jsonl"
    records = sample_path.read_text(encoding="utf-8").splitlines()[:20]
    some.write_text("\n".join(records) + "\n", encoding="utf-8")
    lines = [json.loads(line) for line in run("tag", some).stdout.splitlines()]
    assert [line["id"] for line in lines] == [json.loads(record)["id"] for record in records]
    for line in lines:
        assert set(line) == {"id", "topics"}
        for topic in line["topics"]:
            assert set(topic) == {"name", "kind", "how", "aliases"}
            assert topic["how"] in {"supplied", "found", "parent", "inferred"}


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_export_writes_what_python_writes(
    ending: str, sample_file: Path, sample_index: RelatedIndex, tmp_path: Path
) -> None:
    path = tmp_path / f"lists.{ending}"
    assert f"{len(sample_index.events)} events" in run("export", sample_file, "-o", path, "-k", 3).stdout
    sample_index.export(tmp_path / f"python.{ending}", k=3)
    assert path.read_bytes() == (tmp_path / f"python.{ending}").read_bytes()


def test_export_gives_ten_unless_told_otherwise(sample_file: Path, tmp_path: Path) -> None:
    run("export", sample_file, "-o", tmp_path / "lists.jsonl")
    lines = (tmp_path / "lists.jsonl").read_text(encoding="utf-8").splitlines()
    assert max(len(json.loads(line)["related"]) for line in lines) == 10


def test_evaluate_measures(sample_file: Path, sample_index: RelatedIndex, tmp_path: Path) -> None:
    id_ = a_id(sample_index)
    qrels = tmp_path / "judged.qrels"
    qrels.write_text(f"{id_} 0 {sample_index.related(id_)[0].id} 1\n")
    value = json.loads(run("evaluate", sample_file, "--qrels", qrels, "--json").stdout)
    assert value["mean"]["nDCG"] == value["mean"]["RR"] == 1
    assert (value["k"], value["judged"], value["missing"]) == (10, 1, 0)
    assert "nDCG@10" in run("evaluate", sample_file, "--qrels", qrels).stdout


def test_evaluate_writes_runs_and_needs_no_judgments(
    sample_file: Path, sample_index: RelatedIndex, tmp_path: Path
) -> None:
    id_ = a_id(sample_index)
    other = sample_index.related(id_)[0].id
    qrels = tmp_path / "judged.qrels"
    qrels.write_text(f"{id_} 0 {other} 1\n")
    shown = run(
        "evaluate",
        sample_file,
        "--qrels",
        qrels,
        "-k",
        3,
        "-k",
        1,
        "--by",
        "year",
        "--run",
        tmp_path / "a.run",
    ).stdout
    assert "nDCG@3" in shown
    assert "nDCG@1 " in shown
    assert sample_index.events[id_].date.strftime("\n%Y ") in shown
    lines = (tmp_path / "a.run").read_text().splitlines()
    assert [line.split()[:4] for line in lines[:1]] == [[id_, "Q0", other, "1"]]
    value = json.loads(run("evaluate", sample_file, "--hide", "topics", "--json").stdout)
    assert value["judged"] > 50
    assert 0.2 < value["mean"]["nDCG"] < 1
    assert "give the judgments" in run("evaluate", sample_file, code=USAGE).stderr


def test_why_not_names_the_rule(sample_file: Path, sample_index: RelatedIndex) -> None:
    id_ = next(id_ for id_, items in sample_index.lists(10) if len(items) >= 6)
    sixth = sample_index.related(id_, k=6)[5].id
    assert (
        "rank: It is at rank 6, but the list shows 5 results"
        in run("why-not", sample_file, id_, sixth).stdout
    )
    value = json.loads(run("why-not", sample_file, id_, sixth, "-k", 6, "--json").stdout)
    assert (value["rule"], value["rank"], value["id"], value["other"]) == ("listed", 6, id_, sixth)


def test_overrides_hold_for_every_command_and_are_checked(
    sample_file: Path, sample_index: RelatedIndex, tmp_path: Path
) -> None:
    id_ = a_id(sample_index)
    first, second, third, *_ = (item.id for item in sample_index.related(id_, k=10))
    file = tmp_path / "overrides.txt"
    file.write_text(f"# checked\npin {id_} {third}\nban * {first}\n")
    shown = run("related", sample_file, id_, "--overrides", file).stdout
    assert shown.index(third) < shown.index(second)
    assert "(pinned)" in shown
    assert first not in shown
    run("export", sample_file, "-o", tmp_path / "lists.jsonl", "--overrides", file)
    lists = [json.loads(line) for line in (tmp_path / "lists.jsonl").read_text().splitlines()]
    assert first not in {item["id"] for entry in lists for item in entry["related"]}
    assert next(entry for entry in lists if entry["id"] == id_)["related"][0]["tier"] == "pinned"
    banned = run("why-not", sample_file, id_, first, "--overrides", file).stdout
    assert f"banned: An editor banned it: {file}, line 3" in banned
    assert run("overrides", sample_file, file).stdout.endswith(
        "pins 1, banned pairs 0, banned events 1, banned topics 0; no problems\n"
    )
    file.write_text(f"pin {id_} nobody\npin {id_} {first}\nban * {first}\n")
    command = [*PROGRAM, "overrides", str(sample_file), str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == INPUT
    assert f"{file}, line 1: " in done.stdout
    assert f"{file}, line 3: bans {first}, which line 2 pins" in done.stdout
    problems = subprocess.run([*command, "--json"], capture_output=True, encoding="utf-8", check=False).stdout
    assert [problem["line"] for problem in json.loads(problems)["problems"]] == [1, 3]
    assert "line 3" in run("related", sample_file, id_, "--overrides", file, code=INPUT).stderr


def test_overrides_hold_on_the_pages_of_a_site(events: Path, tmp_path: Path) -> None:
    run("build", events, "-o", tmp_path / "a.index")
    with RelatedIndex.open(tmp_path / "a.index") as index:
        id_, other, third = next(
            (id_, found[0].id, next(o for o in index.events if o not in {id_, *(i.id for i in found)}))
            for id_, found in index.lists()
            if found
        )
        wanted, unwanted = index.events[third].headline, index.events[other].headline
    file = tmp_path / "overrides.txt"
    file.write_text(f"ban {id_} {other}\npin {id_} {third}\n")
    run("publish", tmp_path / "a.index", "-o", tmp_path / "site", "--formats", "json", "--overrides", file)
    pages = [json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "site").rglob("*.json")]
    page = next(page for page in pages if isinstance(page, dict) and page.get("id") == id_)
    shown = [item["title"] for item in page["related"]]
    assert shown[0] == wanted
    assert unwanted not in shown


def test_short_lists_are_filled_and_spread(sample_file: Path, sample_index: RelatedIndex) -> None:
    short = next(
        id_
        for id_ in sample_index.events
        if any(item.tier for item in sample_index.related(id_, fill="period"))
    )
    value = json.loads(run("related", sample_file, short, "--fill", "period", "--json").stdout)
    assert {item.get("tier") for item in value["related"]} > {None}
    assert "same " in run("related", sample_file, short, "--fill", "period").stdout
    id_ = a_id(sample_index)
    spread = json.loads(run("related", sample_file, id_, "--spread", 30, "--json").stdout)["related"]
    assert [item["id"] for item in spread] == [item.id for item in sample_index.related(id_, spread=30)]


def test_a_recency_for_one_list_or_query(sample_file: Path, sample_index: RelatedIndex) -> None:
    id_ = "2017-07-10-mosul-victory"
    for text, same in (
        ("off", 0),
        ("2", 2.0),
        ("scale_days=90, strength_after=0", {"scale_days": 90.0, "strength_after": 0.0}),
    ):
        found = json.loads(run("related", sample_file, id_, "--recency", text, "--json").stdout)["related"]
        assert found == sample_index.related(id_, recency=same).to_record()["related"]
        assert found != sample_index.related(id_).to_record()["related"]
    asked = ("ISIL loses Mosul.", "--date", "2017-08-01", "--recency", "off", "--json")
    found = json.loads(run("query", sample_file, *asked).stdout)["related"]
    meant = sample_index.query("ISIL loses Mosul.", date=date(2017, 8, 1), recency=0)
    assert found == meant.to_record()["related"]
    failed = run("related", sample_file, id_, "--recency", "strength=2", code=2)
    assert "did you mean recency.strength_after?" in failed.stderr
    for wrong in ("soon", "-1"):
        assert "recency" in run("related", sample_file, id_, f"--recency={wrong}", code=2).stderr
    failed = run("query", sample_file, "ISIL loses Mosul.", "--recency", "off", code=2)
    assert "give the text a date" in failed.stderr


def test_a_story_is_told(sample_file: Path, sample_index: RelatedIndex) -> None:
    id_ = "2014-07-17-mh17-shot-down"
    found = sample_index.story(id_)
    assert run("story", sample_file, id_).stdout == f"{found}\n"
    assert run("story", sample_file, id_, "--format", "table").stdout == f"{found.table()}\n"
    assert json.loads(run("story", sample_file, id_, "--json").stdout) == json.loads(
        json.dumps(found.to_record())
    )
    assert len(json.loads(run("story", sample_file, id_, "--most", 2, "--json").stdout)["events"]) == 2


def test_audit_and_diff_write_pages(events: Path, sample_file: Path, tmp_path: Path) -> None:
    assert run("audit", sample_file).stdout.startswith("# Audit of the related lists")
    assert "710 events" in run("audit", sample_file, "-o", tmp_path / "audit.html").stdout
    assert (tmp_path / "audit.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads(run("audit", sample_file, "--json", "-k", 2).stdout)["k"] == 2
    run("build", events, "-o", tmp_path / "new.index")
    assert run("diff", sample_file, sample_file).stdout.startswith("# What changed in the related lists")
    value = json.loads(run("diff", sample_file, tmp_path / "new.index", "--json").stdout)
    assert (value["old"], value["new"], value["compared"]) == (710, 8, 0)
    run("diff", sample_file, sample_file, "-o", tmp_path / "diff.md")
    assert (tmp_path / "diff.md").is_file()


def test_info_tells_how_the_events_were_read_as_the_build_did(tmp_path: Path) -> None:
    table, index = tmp_path / "pots.csv", tmp_path / "pots.index"
    table.write_text("nr,when,headline,body\nP1,2019-03-01,Kiln explodes,A kiln explodes in Stoke.\n")
    built = run("build", table, "-o", index, "--field", "nr=id", "--zone", "Europe/Paris")
    shown = run("info", index).stdout
    columns = "id <- nr, date <- when, title <- headline, text <- body"
    assert columns in built.stdout + built.stderr and f"\nRead with columns: {columns}.\n" in shown
    assert "\nRead with fields: nr as id.\n" in shown and "\nRead with zone: Europe/Paris.\n" in shown


@pytest.mark.parametrize("command", ["build", "refresh"])
def test_a_bad_record_is_told_with_the_option_that_puts_it_aside(
    command: str, sample_file: Path, tmp_path: Path
) -> None:
    table, index = tmp_path / "pots.csv", tmp_path / "pots.index"
    table.write_text("date,text\n2020-02-30,A kiln explodes in Stoke.\n2020-03-01,A kiln is mended.\n")
    if command == "refresh":
        shutil.copy(sample_file, index)
    arguments = [command, index, table] if command == "refresh" else [command, table, "-o", index]
    told = run(*arguments, code=INPUT).stderr
    assert told.endswith(
        "day is out of range for month; --rejects FILE writes bad records to FILE and continues with the "
        "others\n"
    ), told
    assert told.startswith(f"relatedness: {table}, line 2, field 'date': not a date")
    run(*arguments, "--rejects", tmp_path / "bad.jsonl")
    # A column that no record has concerns them all.
    assert "--rejects" not in run(*arguments, "--field", "theme=category", code=INPUT).stderr


def test_an_argument_without_a_name_is_told_by_its_value() -> None:
    wrong = run("completion", "zs", code=USAGE).stderr
    assert wrong.startswith("relatedness: 'zs' is not one of bash, zsh, fish; did you mean zsh?\n")
    assert run("completion", code=USAGE).stderr.startswith("relatedness: the argument is missing\n")


def test_info_tells_what_an_index_is(sample_file: Path, sample_index: RelatedIndex) -> None:
    shown = run("info", sample_file).stdout
    assert str(sample_file) in shown
    assert f"{len(sample_index.events):,}" in shown
    assert "None" not in shown and "[" not in shown
    assert json.loads(run("info", sample_file, "--json").stdout) == sample_index.info
    assert run("info", sample_file, "--config").stdout == sample_index.config.to_toml()
    assert json.loads(run("info", sample_file, "--config", "--json").stdout) == sample_index.config.to_dict()
    topics = run("info", sample_file, "--topics").stdout.splitlines()
    assert [line.split(maxsplit=1)[1] for line in topics] == [name for name, _ in sample_index.topic_counts()]
    assert "topics" in json.loads(run("info", sample_file, "--topics", "--json").stdout)


def test_the_demo_shows_lists_with_contexts_and_what_to_try_next(tmp_path: Path) -> None:
    shown = run("demo", env={**os.environ, "TMPDIR": str(tmp_path)}).stdout
    assert shown.count("Context: ") >= 10
    assert "Try next:" in shown
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_what_the_demo_says_to_try_works_as_it_stands(tmp_path: Path) -> None:
    lines = run("demo").stdout.splitlines()
    said = [line.split("relatedness ", 1)[1] for line in lines if line.startswith("  relatedness ")]
    assert len(said) >= 3
    for command in said:
        assert run(*shlex.split(command), cwd=tmp_path).stdout


# --- exit codes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "there is no command 'nonsense'"),
        (["build"], "EVENTS is missing"),
        (["build", "EVENTS"], "-o"),
        (
            ["refresh", "INDEX"],
            "there is nothing to do: give EVENTS, --remove ID, --remove-file FILE or --refit",
        ),
        (["refresh", "INDEX", "EVENTS", "--mirror", "--max-remove", "much"], "is not a share"),
        (["build", "EVENTS", "-o", "OUT", "--jobs", "0"], "--jobs"),
        (["build", "EVENTS", "-o", "OUT", "--tagger", "best"], "--tagger"),
        (["build", "EVENTS", "-o", "OUT", "--config", "NONE"], "NONE"),
        (["build", "EVENTS", "-o", "OUT", "--field", "nothing"], "THEIRS=OURS"),
        (["build", "EVENTS", "-o", "OUT", "--field", "a=b"], "'b'"),
        (["build", "EVENTS", "-o", "OUT", "--scheduler", "tcp://1"], "--engine dask"),
        (["related", "INDEX", "x", "-k", "0"], "-k"),
        (["related", "INDEX", "x", "--direction", "up"], "--direction"),
        (["related", "INDEX", "x", "--since", "soon"], "--since"),
        (["related", "INDEX", "x", "--fill", "all"], "--fill"),
        (["related", "INDEX", "x", "--topics", "Iraq,"], "'Iraq,' holds an empty name: remove a comma"),
        (["evaluate", "INDEX"], "--qrels"),
        (["evaluate", "INDEX", "--hide", "topics", "--run", "NONE/run"], "does not exist"),
        (["build", "EVENTS", "-o", "NONE/out.index"], "does not exist"),
        (["build", "EVENTS", "-o", "FOLDER"], "is a folder"),
        (["build", "EVENTS", "-o", "OUT", "--rejects", "NONE/bad.jsonl"], "does not exist"),
        (["refresh", "INDEX", "EVENTS", "--rejects", "NONE/bad.jsonl"], "does not exist"),
        (["tag", "EVENTS", "--rejects", "NONE/bad.jsonl"], "does not exist"),
        (["export", "INDEX", "-o", "NONE/lists.csv"], "does not exist"),
        (["tune", "INDEX", "-o", "NONE/mine.toml"], "does not exist"),
        (["audit", "INDEX", "-o", "NONE/page.md"], "does not exist"),
        (["diff", "INDEX", "INDEX", "-o", "NONE/page.html"], "does not exist"),
        (["refresh", "INDEX", "EVENTS", "--refit", "--changed", "FOLDER"], "is a folder"),
    ],
)
def test_bad_usage_is_exit_2(
    arguments: list[str], message: str, events: Path, sample_file: Path, tmp_path: Path
) -> None:
    places = {
        "EVENTS": events,
        "INDEX": sample_file,
        "OUT": tmp_path / "out.index",
        "NONE": tmp_path / "NONE",
        "FOLDER": tmp_path,
    }
    failed = run(*(places.get(argument, argument) for argument in arguments), code=USAGE, cwd=tmp_path)
    assert message in failed.stderr
    assert not list(tmp_path.iterdir())


def test_a_refresh_that_could_not_say_what_changed_changes_nothing(sample_file: Path, tmp_path: Path) -> None:
    index = tmp_path / "live.index"
    shutil.copy(sample_file, index)
    removed = "2017-07-10-mosul-victory"
    failed = run("refresh", index, "--remove", removed, "--changed", tmp_path / "no/changed.txt", code=USAGE)
    assert "the folder" in failed.stderr and "does not exist" in failed.stderr
    assert removed in RelatedIndex.open(index).events


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "NONE.jsonl", "-o", "OUT"], "NONE.jsonl"),
        (["build", "EVENTS", "-o", "OUT", "--zone", "Mars/Base"], "Mars/Base"),
        (["related", "INDEX", "no-such-event"], "no event has the id 'no-such-event'"),
        (["related", "INDEX", "P4"], "no event has the id 'P4'; the ids of this index look like 2"),
        (["related", "INDEX", "ID", "--topics", "Atlantis"], "Atlantis"),
        (["related", "INDEX", "ID", "--language", "xx"], "xx"),
        (["query", "INDEX", " "], "empty"),
        (["tag", " "], "the text is empty"),
        (["tag", "EVENTS", "NONE.jsonl"], "NONE.jsonl"),
        (["tag", "NONE.jsonl"], "NONE.jsonl"),
        (["tag", "missing.rss"], "missing.rss: the file or folder does not exist"),
        (["tag", "missing.json"], "missing.json: the file or folder does not exist"),
        (["tag", "missing.TSV.gz"], "missing.TSV.gz: the file or folder does not exist"),
        (["tag", "missing.md"], "missing.md: the file or folder does not exist"),
        (["tag", ""], "empty"),
        (["export", "INDEX", "-o", "OUT.doc"], ".jsonl, .json, .csv or .parquet"),
        (["evaluate", "INDEX", "--qrels", "NONE.jsonl"], "NONE.jsonl"),
        (["evaluate", "INDEX", "--pages", "NONE.jsonl"], "NONE.jsonl"),
        (["related", "INDEX", "ID", "--overrides", "NONE.jsonl"], "NONE.jsonl"),
        (["why-not", "INDEX", "ID", "no-such-event"], "no event has the id 'no-such-event'"),
        (["story", "INDEX", "no-such-event"], "no event has the id 'no-such-event'"),
        (["audit", "INDEX", "-o", "OUT.doc"], ".md or .html"),
    ],
)
def test_bad_input_is_exit_3(
    arguments: list[str],
    message: str,
    events: Path,
    sample_file: Path,
    sample_index: RelatedIndex,
    tmp_path: Path,
) -> None:
    places = {
        "EVENTS": events, "INDEX": sample_file, "OUT": tmp_path / "out.index", "OUT.doc": tmp_path / "out.doc",
        "NONE.jsonl": tmp_path / "NONE.jsonl", "ID": a_id(sample_index),
    }  # fmt: skip
    failed = run(*(places.get(argument, argument) for argument in arguments), code=INPUT)
    assert message in failed.stderr
    assert failed.stderr.startswith("relatedness: ")
    assert len(failed.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


_READERS = [
    ["related", "x"],
    ["query", "x"],
    ["info"],
    ["export", "-o", "lists.jsonl"],
    ["evaluate", "--qrels", "QRELS"],
    ["story", "x"],
    ["why-not", "x", "y"],
    ["audit"],
    ["overrides", "QRELS"],
]


@pytest.mark.parametrize(
    ("what", "arguments"), [*(("missing", arguments) for arguments in _READERS), ("damaged", _READERS[0])]
)
def test_a_missing_or_damaged_index_is_exit_4(what: str, arguments: list[str], tmp_path: Path) -> None:
    path, qrels = tmp_path / "a.index", tmp_path / "QRELS"
    qrels.write_text("a 0 b 1\n")
    if what == "damaged":
        path.write_text("not a database " * 20)
    name, *rest = arguments
    given = (qrels if argument == "QRELS" else argument for argument in rest)
    failed = run(name, path, *given, code=INDEX, cwd=tmp_path)
    assert str(path) in failed.stderr
    assert ("relatedness build" if what == "missing" else "not a relatedness index") in failed.stderr
    assert not (tmp_path / "lists.jsonl").exists()


def test_an_index_damaged_inside_is_exit_4(sample_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    shutil.copy(sample_file, path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE meta SET value = '[]' WHERE name = 'config'")
        connection.commit()
    assert str(path) in run("info", path, code=INDEX).stderr


def test_an_unwritable_output_names_what_the_user_gave(
    events: Path, sample_file: Path, tmp_path: Path
) -> None:
    for arguments in (["build", events, "-o"], ["export", sample_file, "-o"]):
        target = tmp_path / "none" / "out.jsonl"
        command = [*PROGRAM, *map(str, arguments), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in {USAGE, INPUT, INDEX}
        assert "Traceback" not in done.stderr
        assert str(target.parent) in done.stderr
        assert ".part" not in done.stderr


def test_a_build_never_replaces_what_is_no_index(events: Path, tmp_path: Path) -> None:
    mine, index = tmp_path / "news.jsonl", tmp_path / "a.index"
    shutil.copy(events, mine)
    failed = run("build", events, "-o", mine, code=USAGE)
    assert f"{mine} is not an index and would be replaced" in failed.stderr
    assert mine.read_bytes() == events.read_bytes()
    database = tmp_path / "news.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE news (body TEXT)")
    assert "is not an index and would be replaced" in run("build", mine, "-o", database, code=USAGE).stderr
    index.touch()  # as mktemp leaves it
    for _ in range(2):
        run("build", mine, "-o", index)
    assert RelatedIndex.open(index).events


@pytest.mark.parametrize(
    "arguments",
    [
        ["refresh", "INDEX", "EVENTS", "--changed", "EVENTS"],
        ["refresh", "INDEX", "EVENTS", "--changed", "INDEX"],
        ["refresh", "INDEX", "EVENTS", "--rejects", "EVENTS"],
        ["evaluate", "INDEX", "--qrels", "EVENTS", "--run", "EVENTS"],
        ["build", "EVENTS", "-o", "OUT", "--rejects", "EVENTS"],
        ["tag", "EVENTS", "--rejects", "EVENTS"],
        ["tune", "INDEX", "--qrels", "EVENTS", "-o", "INDEX"],
    ],
)
def test_nothing_that_is_read_is_written_over(
    arguments: list[str], events: Path, sample_file: Path, tmp_path: Path
) -> None:
    places = {name: tmp_path / name for name in ("EVENTS", "INDEX", "OUT")}
    places["EVENTS"] = tmp_path / "news.jsonl"
    shutil.copy(events, places["EVENTS"])
    shutil.copy(sample_file, places["INDEX"])
    failed = run(*(places.get(argument, argument) for argument in arguments), code=USAGE)
    assert "would be overwritten" in failed.stderr
    assert places["EVENTS"].read_bytes() == events.read_bytes()
    assert places["INDEX"].read_bytes() == sample_file.read_bytes()


# --- streams -------------------------------------------------------------------------------------------------------


def on_a_terminal(*arguments: object) -> tuple[int, str, str]:
    """Run the program with a terminal for its errors; returns its exit code, output and what the terminal got."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=slave, stdin=subprocess.DEVNULL
    )
    os.close(slave)
    seen = b""
    assert process.stdout is not None
    while True:
        ready, _, _ = select.select([master], [], [], 600)
        if not ready:
            break
        try:
            got = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        if not got:
            break
        seen += got
    os.close(master)
    output = process.stdout.read().decode()
    process.stdout.close()
    return process.wait(timeout=600), output, seen.decode()


def test_progress_is_shown_on_a_terminal_and_wiped_away(sample_path: Path, tmp_path: Path) -> None:
    code, output, seen = on_a_terminal("build", sample_path, "-o", tmp_path / "a.index")
    assert code == OK
    for stage in ("read", "tag", "search", "rank"):
        assert stage in seen
    assert not seen.split("\r")[-1].strip()
    assert not seen.split("\r")[-2].strip()
    assert "\n" not in seen
    assert "\x1b" not in output
    assert "with related events" in output


def test_output_is_utf8_wherever_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    records = [{"id": f"é{n}", "date": "2014-06-10", "text": f"中国 Ürümqi {n}"} for n in range(2)]
    path.write_text(
        "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8"
    )
    index = tmp_path / "a.index"
    RelatedIndex.build(path, index).close()
    assert "Ürümqi" in run("related", index, "é0").stdout
    plain = {
        **os.environ,
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "",
    }
    done = subprocess.run(
        [*PROGRAM, "info", str(index), "--topics"], capture_output=True, env=plain, check=False
    )
    assert done.returncode == OK, done.stderr


def test_a_closed_pipe_is_no_error(sample_file: Path, sample_path: Path) -> None:
    for arguments in (["tag", str(sample_path)], ["info", str(sample_file), "--topics"]):
        with subprocess.Popen(
            [*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(timeout=600) == OK


# --- being stopped -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many_events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough events that a build can be caught at work."""
    path = tmp_path_factory.mktemp("many") / "many.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(30_000):
            text = " ".join(f"word{(number * step) % 4999}" for step in range(1, 15))
            file.write(
                json.dumps({"id": str(number), "date": f"20{number % 20:02}-01-01", "text": text}) + "\n"
            )
    return path


Stop = Callable[..., tuple[int, str]]


@pytest.fixture
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stop]:
    """Begin a build, let it work for a while, stop it by a signal; returns its exit code and its errors."""
    processes = []
    errors = tmp_path_factory.mktemp("errors") / "stderr"

    def stop(
        events: Path, index: Path, signal_: signal.Signals, after: float = 0.3, to_all: bool = False
    ) -> tuple[int, str]:
        # Errors go to a file and the build leads a group: its workers may outlive it.
        with errors.open("wb") as file:
            process = subprocess.Popen(
                [*PROGRAM, "build", str(events), "-o", str(index)],
                stdout=subprocess.DEVNULL,
                stderr=file,
                start_new_session=True,
            )
        processes.append(process)
        while process.poll() is None:
            if any(path.suffix == ".part" for path in index.parent.iterdir()):
                break
            time.sleep(0.05)
        time.sleep(after)
        if to_all:
            os.killpg(process.pid, signal_)  # as a terminal sends Ctrl-C to all that it runs
        else:
            process.send_signal(signal_)
        return process.wait(timeout=600), errors.read_text(encoding="utf-8")

    yield stop
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=60)


@pytest.fixture
def caught(stopped: Stop) -> Stop:
    """As `stopped`, but tried again while the machine let the build end before the signal came."""

    def stop(events: Path, index: Path, *arguments: object) -> tuple[int, str]:
        before = index.read_bytes() if index.exists() else None
        for _ in range(20):
            code, errors = stopped(events, index, *arguments)
            if code != OK:
                return code, errors
            index.unlink()
            if before is not None:
                index.write_bytes(before)
        pytest.fail("the build ended before it could be stopped, twenty times")

    return stop


@pytest.mark.parametrize("to_all", [False, True])
def test_ctrl_c_leaves_no_litter_and_says_so(
    to_all: bool, caught: Stop, many_events: Path, tmp_path: Path
) -> None:
    code, errors = caught(many_events, tmp_path / "many.index", signal.SIGINT, 0.7, to_all)
    assert code == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_build_that_is_told_to_end_leaves_no_litter(
    number: signal.Signals, caught: Stop, many_events: Path, tmp_path: Path
) -> None:
    # nohup has SIGHUP ignored, by children as well.
    former = signal.signal(number, signal.SIG_DFL)
    try:
        # joblib's own helper survives SIGTERM alone, and tells of it.
        to_all = number == signal.SIGTERM
        code, errors = caught(many_events, tmp_path / "many.index", number, 0.7, to_all)
    finally:
        signal.signal(number, former)
    assert code == -number, "the sender sees the signal, as of a program that has nothing to remove"
    assert "interrupted; nothing was changed" in errors
    assert "Traceback" not in errors
    assert not list(tmp_path.iterdir())


def test_a_killed_build_leaves_no_index_or_the_old_one(
    caught: Stop, many_events: Path, events: Path, tmp_path: Path
) -> None:
    index = tmp_path / "many.index"
    assert caught(many_events, index, signal.SIGKILL)[0] == -signal.SIGKILL
    assert not index.exists()
    for path in tmp_path.glob(".*.part"):
        path.unlink()

    run("build", events, "-o", index)
    before = index.read_bytes()
    assert caught(many_events, index, signal.SIGKILL)[0] == -signal.SIGKILL
    assert index.read_bytes() == before
    assert json.loads(run("info", index, "--json").stdout)["events"] == 8


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.5, 1.0, 2.0, 4.0, 8.0])
def test_killed_at_any_moment_it_leaves_the_old_index_or_the_new_one(
    after: float, stopped: Stop, many_events: Path, events: Path, tmp_path: Path
) -> None:
    index = tmp_path / "many.index"
    run("build", events, "-o", index)
    code, _ = stopped(many_events, index, signal.SIGKILL, after)
    with RelatedIndex.open(index) as opened:
        # It may be killed between the rename, after which the new file is there, and its end.
        assert len(opened.events) in ({8, 30_000} if code else {30_000})
        assert opened.check() == []


# --- everyday data -------------------------------------------------------------------------------------------------


def test_an_everyday_table_from_standard_input_and_what_was_read_of_it(tmp_path: Path) -> None:
    text = "Published At,Headline,Body,Views\n03/20/2017,The dam holds,It held.,7\n03/07/2017,The dam leaks,It leaks.,9\n"
    done = subprocess.run(
        [*PROGRAM, "build", "-", "-o", "out.index"],
        input=text,
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=True,
    )
    assert "read: date <- Published At, title <- Headline, text <- Body; not used: Views" in done.stdout
    assert "dates with the month first, as the column shows: 2" in done.stdout


def test_a_table_that_cannot_be_matched_is_exit_3_with_the_line_to_type(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Moment;Was;Bis\n2017-03-07;Der Damm hält;2017-03-08\n", "utf-8")
    failed = run("build", "a.csv", "-o", "out.index", code=INPUT, cwd=tmp_path)
    assert "name it with: --field Moment=date --field Was=title" in failed.stderr
    shown = run(
        "build", "a.csv", "-o", "out.index", "--field", "Moment=date", "--field", "text=Was", cwd=tmp_path
    ).stdout
    assert "text <- Was" in shown


def test_minus_is_standard_input_and_output(sample_file: Path, tmp_path: Path) -> None:
    index = str(sample_file)
    lists = run("export", index, "-o", "-").stdout.splitlines()
    first = json.loads(lists[0])
    assert len(lists) == len(RelatedIndex.open(sample_file)) and set(first) == {"id", "related"}
    shown = run("related", index, "-", "--json", input=f"{first['id']}\n").stdout
    assert json.loads(shown)["id"] == first["id"]
    assert run("query", index, "-", input="Nelson Mandela walks out of prison").stdout.startswith("1. ")
    assert run("audit", index, "-o", "-").stdout.startswith("# Audit")
    refused = run("build", "-", "-o", "-", code=USAGE)
    assert "an index cannot go to standard output (-): name a file" in refused.stderr
    assert (
        "a site cannot be written to standard output" in run("publish", index, "-o", "-", code=USAGE).stderr
    )


def test_tag_knows_every_kind_of_file(tmp_path: Path) -> None:
    for name in ("missing.rss", "missing.xlsx", "missing.ndjson.gz", "missing.jsonl"):
        assert "the file or folder does not exist" in run("tag", name, code=INPUT, cwd=tmp_path).stderr


def test_a_mirror_of_a_source_that_was_cut_off_is_exit_3(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": at, "date": "2017-03-07", "text": f"Event {at} in Lund."}) + "\n"
        for at in range(30)
    ]
    (tmp_path / "a.jsonl").write_text("".join(lines))
    run("build", "a.jsonl", "-o", "out.index", cwd=tmp_path)
    (tmp_path / "a.jsonl").write_text("".join(lines[:12]))
    assert (
        "--max-remove 61%"
        in run("refresh", "out.index", "a.jsonl", "--mirror", code=INPUT, cwd=tmp_path).stderr
    )
    assert "remove 18" in run("refresh", "out.index", "a.jsonl", "--mirror", "--dry-run", cwd=tmp_path).stdout
    assert (
        "18 removed"
        in run("refresh", "out.index", "a.jsonl", "--mirror", "--max-remove", "61%", cwd=tmp_path).stdout
    )
    (tmp_path / "a.jsonl").write_text("".join(lines)[:-30])
    assert "ends within this line" in run("refresh", "out.index", "a.jsonl", code=INPUT, cwd=tmp_path).stderr
