"""Options from files and the environment, completion, and what is loaded for a command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from stories import Stories

from relatedness import RelatedIndex
from relatedness.cli import main
from relatedness.cli._group import DIFFERENT, commands, settings_file
from relatedness.errors import ConfigError


@pytest.fixture
def index(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    path = tmp_path / "site" / "news.index"
    RelatedIndex.build(Stories(2, 4).records, path, config={"lists": {"k": 3}})
    return path


def ids(index: Path, *more: str, **environment: str) -> list[str]:
    first = next(iter(RelatedIndex.open(index)))
    done = CliRunner().invoke(
        commands, ["related", str(index), first, "--json", *more], env=environment, catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return [item["id"] for item in json.loads(done.stdout)["related"]]


@pytest.mark.parametrize("folder", ["site", "."])
def test_options_come_from_a_file_beside_the_index_or_above_it(
    index: Path, tmp_path: Path, folder: str
) -> None:
    everything = ids(index)
    assert len(everything) == 3
    (tmp_path / folder / "relatedness.toml").write_text("[commands.related]\nk = 1\n")
    assert ids(index) == everything[:1]
    (tmp_path / folder / "relatedness.toml").write_text("[commands.all]\nk = 1\nformats = 'md'\n")
    assert ids(index) == everything[:1]
    assert ids(index, RELATEDNESS_K="2") == everything[:2]
    assert ids(index, RELATEDNESS_K="1", RELATEDNESS_RELATED_K="2") == everything[:2]
    assert ids(index, "-k", "3", RELATEDNESS_K="2") == everything


def test_a_path_in_the_file_is_relative_to_the_file(index: Path, tmp_path: Path) -> None:
    first, *rest = ids(index)
    (tmp_path / "bans.txt").write_text(f"ban * {first}\n")
    (tmp_path / "relatedness.toml").write_text("[commands.all]\noverrides = 'bans.txt'\n")
    assert first not in ids(index) and set(rest) <= set(ids(index))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[commands.related]\nkk = 1\n", "commands.related.kk: no such option; did you mean k?"),
        ("[commands.all]\nstorys = 1\n", "commands.all.storys: no such option; did you mean stories?"),
        ("[commands.relate]\nk = 1\n", "commands.relate: no such command; did you mean related?"),
        ("k = 1\n", "k: no such section; did you mean k in [commands.all]?"),
        ("[related]\nk = 1\n", "related: no such section; did you mean [commands.related]?"),
        ("[list]\nk = 1\n", "list: no such section; did you mean [lists]?"),
        ("[commands]\nk = 1\n", "expected a table for each command"),
        ("[commands.publish]\ntrust-templates = true\n", "this option is accepted only on the command line"),
        ("[commands.publish]\noutput = 'elsewhere'\n", "this option is accepted only on the command line"),
        ("[commands.serve]\nhost = '0.0.0.0'\n", "this option is accepted only on the command line"),
        ("[commands.evaluate]\nrun = 'run.txt'\n", "this option is accepted only on the command line"),
        ("[commands.refresh]\nmirror = true\n", "this option is accepted only on the command line"),
        (
            "[commands.all]\nsince = '2016'\n",
            "commands.all.since: this option differs between commands",
        ),
        ("[commands", "not valid TOML"),
    ],
)
def test_what_is_wrong_with_the_file_is_told(index: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "relatedness.toml").write_text(text)
    named = text.partition(".")[2].partition("]")[0]
    command = named if named in commands.every() else "related"
    with pytest.raises(ConfigError, match=r"relatedness\.toml") as caught:
        CliRunner().invoke(commands, [command, str(index), "x"], catch_exceptions=False)
    assert said in str(caught.value)


def test_no_name_of_different_things_is_set_for_all_commands(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds: dict[str, set[tuple[str, bool]]] = {}
    for command in commands.every().values():
        for option in command.params:
            if isinstance(option, click.Option):
                name = max(option.opts, key=len).lstrip("-")
                # The name of a type is that of its class for paths: one reads what another one writes.
                kind = type(option.type).__name__ if isinstance(option.type, click.Path) else option.type.name
                kinds.setdefault(name, set()).add((kind, option.is_flag))
    assert {name for name in kinds if len(kinds[name]) > 1} == DIFFERENT
    # The file of settings for `build` is no value of the switch of `info`.
    monkeypatch.setenv("RELATEDNESS_CONFIG", "mine.toml")
    done = CliRunner().invoke(commands, ["info", str(index)], catch_exceptions=False)
    assert done.exit_code == 0 and " and 0 topics." in done.output


def test_a_single_value_in_the_file_is_one_value(index: Path, tmp_path: Path) -> None:
    (tmp_path / "relatedness.toml").write_text("[commands.all]\nk = 12\n[commands.related]\nk = true\n")
    done = CliRunner().invoke(commands, ["related", str(index), "x"])
    assert done.exit_code == 2 and "'True' is not a whole number" in done.output
    for name, what in (
        ("k", "['1'] is not a whole number"),
        ("min_score", "['1'] is not a number"),
    ):
        (tmp_path / "relatedness.toml").write_text(f"[commands.related]\n{name} = [1]\n")
        done = CliRunner().invoke(commands, ["related", str(index), "x"])
        assert done.exit_code == 2 and what in done.output
    (tmp_path / "relatedness.toml").write_text("[commands.evaluate]\nk = 12\nqrels = '-'\n")
    with commands.make_context("relatedness", ["evaluate"], resilient_parsing=True):
        found = commands.every()["evaluate"]._options(tmp_path / "relatedness.toml")
    assert found == {"ks": ["12"], "qrels": "-"}


def test_a_build_takes_its_settings_from_the_file_and_says_so(tmp_path: Path) -> None:
    lines = [json.dumps(record) for record in Stories(2, 4).records]
    (tmp_path / "news.jsonl").write_text("\n".join(lines))
    (tmp_path / "relatedness.toml").write_text("[lists]\nk = 2\n[commands.build]\nlog = 'json'\n")
    command = [sys.executable, "-m", "relatedness", "build", "news.jsonl", "-o", "news.index"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"settings from {tmp_path.resolve() / 'relatedness.toml'}" in done.stdout
    assert RelatedIndex.open(tmp_path / "news.index").config.lists.k == 2
    last = json.loads(done.stderr.splitlines()[-1])
    assert (last["stage"], last["command"], last["events"], last["rejected"]) == ("done", "build", 8, 0)


def test_without_an_index_the_file_is_looked_for_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "relatedness.toml").write_text("")
    assert settings_file(None) == tmp_path / "relatedness.toml"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_asks_the_program(shell: str) -> None:
    done = CliRunner().invoke(commands, ["completion", shell])
    assert done.exit_code == 0
    assert f"_RELATEDNESS_COMPLETE={shell}_complete" in done.output


def test_the_program_completes_commands_and_options(index: Path) -> None:
    def completed(words: str, at: int) -> str:
        environment = {"_RELATEDNESS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(at)}
        code = "from relatedness.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert "plain,publish" in completed("relatedness pub", 1)
    assert "plain,--follow-ups" in completed(f"relatedness publish {index} --fol", 3)


def test_asking_an_index_loads_no_reader_and_no_other_command(index: Path) -> None:
    code = (
        "import sys\nfrom relatedness.cli import main\nsys.argv = ['r', 'events', sys.argv[1]]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*(name for name in sys.modules if name.startswith('relatedness')), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(index)], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())
    assert "relatedness.cli._asking" in loaded
    assert (
        not {"relatedness.cli._building", "relatedness.sources._sites", "relatedness.sources._csv"} & loaded
    )


def test_a_misspelt_command_names_the_nearest() -> None:
    done = CliRunner().invoke(commands, ["publsh"])
    assert done.exit_code == 2
    assert "there is no command 'publsh'; did you mean publish?" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["related", "INDEX", "x", "-k", "two"], "-k: 'two' is not a whole number from 1 up; write one such as 10"),
        (["related", "INDEX", "x", "-k", "0"], "-k: '0' is not a whole number from 1 up; write one such as 10"),
        (["query", "INDEX", "fire", "--min-score", "1.5"], "--min-score: '1.5' is not a number from 0 to 1; write one such as 0.5"),
        (["query", "INDEX", "fire", "--min-score", "nan"], "--min-score: 'nan' is not a number from 0 to 1; write one such as 0.5"),
        (["refresh", "INDEX", "x.csv", "--max-remove", "101%"], "--max-remove: '101%' is not a share: write it as 20% or 0.2"),
        (["serve", "INDEX", "--port", "http"], "--port: 'http' is not a whole number from 0 to 65535; write one such as 8000"),
        (["build", "x.csv", "-o", "x.index", "--undated", "leave"], "--undated: 'leave' is not one of refuse, leave-out, keep; did you mean leave-out?"),
        (["related", "INDEX", "x", "--topic", "Iraq"], "there is no option --topic; did you mean --topics?"),
        (["related", "INDEX", "x", "--limit", "3"], "there is no option --limit; did you mean -k?"),
        (["info", "INDEX", "--limit", "3"], "there is no option --limit\n"),
        (["events", "INDEX", "-k", "3"], "there is no option -k; did you mean --most?"),
        (["story", "INDEX", "x", "--limit", "3"], "there is no option --limit; did you mean --most?"),
        (["related", "INDEX", "x", "--most", "3"], "there is no option --most; did you mean -k?"),
        (["--json", "related", "INDEX", "x"], "--json is an option of commands; put it after one, such as: relatedness "),
        (["build", "x.csv"], "--output is missing: give --output PATH"),
        (["build", "x.csv", "-o"], "-o needs a value"),
        (["related", "INDEX"], "ID is missing"),
        (["evaluate", "INDEX", "two"], "1 argument too many: two"),
        (["evaluate", "INDEX", "two", "three"], "2 arguments too many: two three"),
        (["publish", "INDEX", "-o", "site", "--format", "html"], "there is no option --format; did you mean --formats?"),
        (["relate", "INDEX"], "there is no command 'relate'; did you mean related?"),
        (["explain", "INDEX"], "there is no command 'explain'; did you mean relatedness related INDEX ID --why?"),
        (["find", "INDEX"], "there is no command 'find'; did you mean relatedness events?"),
        (["related", "INDEX", "ID", "--since", "May"], "--since is 'May': expected a date, such as 2016-07-11"),
        (["help", "build"], "there is no command 'help'; did you mean relatedness build --help?"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_in_one_way_with_what_to_type(
    index: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(index) if word == "INDEX" else word for word in arguments])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"relatedness: {said}")


def test_an_interrupted_command_says_so_and_ends_as_shells_expect(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(RelatedIndex, "open", stop)
    with pytest.raises(SystemExit) as ended:
        main(["info", str(index)])
    assert ended.value.code == 130
    assert capsys.readouterr().err.splitlines()[-1] == "relatedness: interrupted; nothing was changed"


def test_events_in_the_place_of_an_index_are_told_with_the_command_that_makes_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "news.csv").write_text("date,title\n2017-03-07,A fire\n")
    with pytest.raises(SystemExit) as ended:
        main(["related", str(tmp_path / "news.csv"), "x"])
    assert ended.value.code == 4
    assert (
        f"make an index of it with: relatedness build {tmp_path / 'news.csv'} -o news.index"
        in capsys.readouterr().err
    )


def test_help_texts_are_sentences_that_name_a_default_in_one_form() -> None:
    context = click.Context(commands)
    for name in commands.list_commands(context):
        command = commands.get_command(context, name)
        assert command is not None
        texts = {"": command.short_help, name: (command.help or "").partition("\n\n")[0]}
        texts |= {param.name: param.help for param in command.params if isinstance(param, click.Option)}
        for option, text in texts.items():
            assert text and text[0].isupper() and text.endswith("."), f"{name} {option}: {text}"
            assert "if not given" not in text, f"{name} {option}: write Default: ..."
