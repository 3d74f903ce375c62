"""The gazetteer: spellings that meet, aliases that lead to the right topic, files with errors in them."""

from __future__ import annotations

import json
import pickle
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness import Event, RelatedIndex
from relatedness.errors import ConfigError, InputError
from relatedness.topics import FastTagger, Gazetteer, fold, own_from_json, own_to_json
from relatedness.topics._gazetteer import Topic
from relatedness.topics._gazetteer_file import GazetteerLine, read_alias, read_entries


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        (
            "ISIL",
            ["ISIS", "Islamic State", "Islamic State of Iraq and the Levant", "Daesh", "the Islamic State"],
        ),
        ("United States", ["U.S.", "US", "USA", "America", "American", "United States of America"]),
        ("United Kingdom", ["UK", "U.K.", "Britain", "British"]),
        ("China", ["PRC", "People's Republic of China", "People’s Republic of China", "Chinese"]),
        ("Al-Qaeda", ["al-Qaeda", "Al Qaida", "al‑Qaida", "al-Qa'ida"]),
        ("Ivory Coast", ["Côte d'Ivoire", "Cote d’Ivoire", "Ivorian"]),
        ("Myanmar", ["Burma", "Burmese"]),
        ("Fallujah", ["Falluja"]),
        ("Saint Petersburg", ["St. Petersburg", "Leningrad"]),
    ],
)
def test_ways_to_write_one_topic(gazetteer: Gazetteer, name: str, ways: list[str]) -> None:
    for way in ways:
        found = gazetteer.find(way)
        assert found is not None, way
        assert found.name == name, way


@pytest.mark.parametrize("word", ["us", "is", "who", "it", "reading", "may"])
def test_everyday_words_are_no_topics(gazetteer: Gazetteer, word: str) -> None:
    from relatedness.topics._gazetteer_file import fits

    assert not [a for a in gazetteer.aliases(word) if fits(a, word) and not a.weak]


def test_places_know_their_parents(gazetteer: Gazetteer) -> None:
    assert gazetteer.get("Mosul").parents == ("Iraq",)  # type: ignore[union-attr]
    assert gazetteer.get("Stockton, California").parents == ("California",)  # type: ignore[union-attr]
    assert gazetteer.get("California").parents == ("United States",)  # type: ignore[union-attr]


def test_every_parent_is_a_topic_and_none_its_own(gazetteer: Gazetteer) -> None:
    parents = {topic.name: topic.parents for topic in gazetteer}
    for name in parents:
        todo, seen = list(parents[name]), set()
        while todo:
            parent = todo.pop()
            assert parent in parents, (name, parent)
            assert parent != name
            if parent not in seen:
                seen.add(parent)
                todo += parents[parent]


def test_size(gazetteer: Gazetteer) -> None:
    kinds = [topic.kind for topic in gazetteer]
    places = {"country", "state", "region", "city", "place", "sea"}
    assert sum(kind not in places for kind in kinds) >= 2_000


def test_no_two_spellings_of_a_name_lead_to_a_strong_choice(gazetteer: Gazetteer) -> None:
    """Whatever is written, at most one topic claims it without the help of its context, for any one year."""
    clashes = []
    for key in gazetteer.keys():  # noqa: SIM118
        strong = [a for a in gazetteer.aliases(key) if not a.weak]
        by_way: dict[str, set[int]] = {}
        for alias in strong:
            by_way.setdefault(alias.written if alias.case == 1 else "", set()).add(alias.topic)
        clashes += [(key, way) for way, topics in by_way.items() if len(topics) > 1]
    undated = [
        key
        for key, _ in clashes
        if len({a.topic for a in gazetteer.aliases(key) if not a.weak and not a.first}) > 1
    ]
    assert undated == []


def test_the_json_form_is_the_same_gazetteer(gazetteer: Gazetteer) -> None:
    again = Gazetteer.from_json(json.loads(json.dumps(gazetteer.to_json())))
    assert again.to_json() == gazetteer.to_json()
    assert again.digest == gazetteer.digest


def test_other_processes_get_lines_of_ones_own_and_have_the_rest(gazetteer: Gazetteer) -> None:
    own = gazetteer.with_own([GazetteerLine("Mosul", "", ("Mossul on Tigris",), (), 1)])

    assert len(pickle.dumps(gazetteer)) < 200
    assert pickle.loads(pickle.dumps(gazetteer)) is gazetteer
    assert pickle.loads(pickle.dumps(own)).to_json() == own.to_json()


@given(st.text(max_size=40))
def test_folding_is_stable_and_ignores_case(text: str) -> None:
    key = fold(text)
    assert fold(key) == key or key.startswith("the ")
    assert fold(text.upper()) == fold(text.upper().lower()) or not text.isascii()


@given(st.text(alphabet="ابתЖ中文कαb C'’-–.", max_size=30))
def test_folding_takes_any_script(text: str) -> None:
    assert isinstance(fold(text), str)


def test_marks() -> None:
    assert read_alias("=US", 1).case == 1
    assert read_alias("~swine flu", 1).case == 2
    assert read_alias("WHO", 1).case == 3
    assert read_alias("Mosul", 1).case == 0
    assert read_alias("?Georgia", 1).weak
    assert (read_alias("Bush@2001..2009", 1).first, read_alias("Bush@2001..", 1).last) == (2001, 9999)


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_own_lines(tmp_path: Path, gazetteer: Gazetteer) -> None:
    path = write(
        tmp_path,
        "own.txt",
        "# ours\nProject Falcon | project | Falcon 2; the Falcon plan | ACME\nACME | company | =Acme Corp\n"
        "Iraq | | Land of Two Rivers\nBBC | ban | Guardian\n",
    )
    mine = gazetteer.extended(path)
    assert mine.find("Falcon plan").parents == ("ACME",)  # type: ignore[union-attr]
    assert mine.find("Land of two rivers").name == "Iraq"  # type: ignore[union-attr]
    assert mine.find("Iraq").kind == "country"  # type: ignore[union-attr]
    assert mine.find("BBC News").name == "BBC"  # type: ignore[union-attr]
    assert not mine.aliases("bbc") and not mine.aliases("guardian")
    assert mine.digest != gazetteer.digest
    assert gazetteer.find("Falcon plan") is None


def test_own_lines_win(tmp_path: Path, gazetteer: Gazetteer) -> None:
    mine = gazetteer.extended(write(tmp_path, "own.txt", "Mosul Dam Authority | agency | Mosul\n"))
    assert mine.find("Mosul").name in ("Mosul", "Mosul Dam Authority")  # type: ignore[union-attr]
    assert [mine.topic(a.topic).name for a in mine.aliases("mosul")] == ["Mosul Dam Authority"]


def test_toml(tmp_path: Path, gazetteer: Gazetteer) -> None:
    path = write(
        tmp_path,
        "own.toml",
        'bans = ["Reuters"]\n[[topic]]\nname = "Zorg Pact"\nkind = "treaty"\naliases = ["Zorg Treaty"]\nparents = ["Iraq"]\n',
    )
    mine = gazetteer.extended(path)
    assert mine.find("zorg treaty").name == "Zorg Pact"  # type: ignore[union-attr]
    assert not mine.aliases("reuters")


@pytest.mark.parametrize(
    ("name", "content", "line", "says"),
    [
        ("a.txt", "One | x | Same\nTwo | x | same\n", 2, "given to 'Two' and, in line 1, to 'One'"),
        ("a.txt", "One | x | | Nowhereland\n", 1, "unknown parent 'Nowhereland'"),
        ("a.txt", "One | x | | Two\nTwo | x | | One\n", 1, "its own parent"),
        ("a.txt", "Iraq | country | | Mosul\n", 1, "its own parent"),
        ("a.txt", "fine | x\n\na | b | c | d | e\n", 3, "5 cells"),
        ("a.txt", " | kind\n", 1, "without a name"),
        ("a.txt", "One | x | Fine; =\n", 1, "'=' is an alias without a word"),
        ("a.txt", "One | x\nTwo | x | Deux@2009\n", 2, "the years of 'Deux@2009' cannot be read"),
        ("a.txt", "Two | x | ?Deux@2009-2017\n", 1, "the years of '?Deux@2009-2017' cannot be read"),
        ("a.txt", "Two | x | Deux@2017..2009\n", 1, "end before they begin"),
        ("a.txt", "Two | x | Deux\n\nDeux | ban\n", 1, "an alias of 'Two' here and banned in line 3"),
        ("a.toml", 'topic = [{name = "A"}, {name = "B", colour = "red"}]\n', 1, "unknown key 'colour'"),
        ("a.toml", "[[topic]]\nname = 3\n", 1, "without a name"),
        (
            "a.toml",
            '[[topic]]\nname = "A"\n[[topic]]\nname = "B"\ncolour = "red"\n',
            3,
            "unknown key 'colour'",
        ),
        ("a.toml", '[[topic]]\nname = "A"\naliases = "B"\n', 1, "lists of texts"),
        ("a.toml", "[[topic]\n", 1, "not TOML"),
        ("a.toml", "[topics]\n", 1, "unknown key 'topics'"),
    ],
)
def test_errors_name_file_and_line(
    tmp_path: Path, gazetteer: Gazetteer, name: str, content: str, line: int, says: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(InputError) as caught:
        gazetteer.extended(path)
    assert caught.value.file == str(path)
    assert caught.value.line == line
    assert says in str(caught.value)


def test_all_errors_of_a_file_at_once(tmp_path: Path, gazetteer: Gazetteer) -> None:
    path = write(tmp_path, "a.txt", "One | x | | Nowhereland\nTwo | x | | Elsewhere\n")
    with pytest.raises(InputError, match=r"(?s)line 1.*line 2"):
        gazetteer.extended(path)


def test_missing_and_undecodable_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the file does not exist"):
        list(read_entries(tmp_path / "none.txt"))
    (tmp_path / "latin.txt").write_bytes(b"Caf\xe9\n")
    with pytest.raises(InputError, match="UTF-8"):
        list(read_entries(tmp_path / "latin.txt"))


def test_inline_tables_and_capitals_of_a_ban_are_not_lost(tmp_path: Path, gazetteer: Gazetteer) -> None:
    inline = gazetteer.extended(
        write(tmp_path, "own.toml", 'topic = [{name = "Zorblax", aliases = ["Zorb"]}]\n')
    )
    assert inline.find("Zorb") == Topic("Zorblax", "topic")
    banned = gazetteer.extended(write(tmp_path, "own.txt", "Reuters | Ban\n"))
    assert banned.banned("Reuters")


def test_weak_aliases_may_be_shared(tmp_path: Path, gazetteer: Gazetteer) -> None:
    mine = gazetteer.extended(write(tmp_path, "a.txt", "One | x | ?Zorgum\nTwo | x | ?Zorgum\n"))
    assert mine.find("Zorgum") is None
    assert len(mine.aliases("zorgum")) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A fair opens in Zorgum.", []),  # nothing bears on it
        ("A fair opens in Zorgum, and another in Vexley.", ["Zorgum Town", "Vexley"]),  # both in Quarland
        ("A fair opens in Zorgum, and another in Ostrel.", ["Ostrel"]),  # Ostrel lies elsewhere
    ],
)
def test_a_weak_alias_counts_where_its_own_parent_is_in_the_event(
    tmp_path: Path, gazetteer: Gazetteer, text: str, expected: list[str]
) -> None:
    lines = (
        "Quarland | country\nMirland | country\nZorgum Town | body | ?Zorgum | Quarland\n"
        "Vexley | body | | Quarland\nOstrel | body | | Mirland\n"
    )
    mine = gazetteer.extended(write(tmp_path, "a.txt", lines))
    (topics,) = FastTagger(mine).tag([Event("e", date(2016, 6, 1), text=text)])
    assert [topic.name for topic in topics if topic.how == "found"] == expected


def test_bans_hold_however_a_topic_is_written(tmp_path: Path, gazetteer: Gazetteer) -> None:
    mine = gazetteer.extended(write(tmp_path, "a.txt", "Russia | ban | Trade deals\n"))
    event = Event(
        "e", date(2016, 6, 1), text="Russian ships leave; Moscow is calm.", topics=("Trade deals", "x")
    )
    assert [topic.name for topic in FastTagger(mine).tag([event])[0]] == ["x", "Moscow"]


def test_unreadable_lines_and_wrong_ones_are_named_together(tmp_path: Path, gazetteer: Gazetteer) -> None:
    path = write(tmp_path, "a.txt", "a | b | c | d | e\nOne | x | | Nowhereland\n | x\nTwo | ban\nTwo | y\n")
    with pytest.raises(
        InputError, match=r"(?s)line 1: 5 cells.*line 2: unknown.*line 3: .*without.*line 5: .*banned"
    ):
        gazetteer.extended(path)


def test_own_lines_come_back_from_json(tmp_path: Path, gazetteer: Gazetteer) -> None:
    mine = gazetteer.extended(write(tmp_path, "a.txt", "Zorg Pact | treaty | ZP | Iraq\nBBC | ban\n"))
    again = gazetteer.with_own(own_from_json(json.loads(json.dumps(own_to_json(mine.own)))))
    assert again.digest == mine.digest
    assert again.find("ZP") == mine.find("ZP")
    assert again.bans == mine.bans
    assert gazetteer.with_own(()) is gazetteer


@pytest.mark.parametrize("ending", ["txt", "toml"])
def test_an_index_keeps_the_lines_of_its_gazetteer(tmp_path: Path, ending: str) -> None:
    lines = {
        "txt": "Zorg Pact | treaty | ZP | Iraq\nMosul | ban\n",
        "toml": 'bans = ["Mosul"]\n[[topic]]\nname = "Zorg Pact"\naliases = ["ZP"]\nparents = ["Iraq"]\n',
    }
    own = write(tmp_path, f"own.{ending}", lines[ending])
    events = [
        {"id": "a", "date": "2016-07-11", "text": "The ZP holds in Mosul."},
        {"id": "b", "date": "2016-07-12", "text": "The Zorg Pact ends."},
    ]
    plain = RelatedIndex.build(events)
    RelatedIndex.build(events, tmp_path / "a.index", gazetteer=own)
    own.unlink()
    index = RelatedIndex.open(tmp_path / "a.index")
    assert [topic.name for topic in index.topics("a")] == ["Zorg Pact", "Iraq"]
    assert set(index.query("The ZP is signed again.")[0].contexts) == {"Zorg Pact", "Iraq"}
    assert index.info["tagger"] != plain.info["tagger"]
    with pytest.raises(ConfigError, match="gazetteer and tagger cannot be combined"):
        RelatedIndex.build(events, tagger=FastTagger(), gazetteer=tmp_path / "none.txt")


def test_lists_by_hand_say_nothing_twice() -> None:
    models = Path(__file__).parents[2] / "models"
    for name in ("general_nouns.txt", "no_reasons.txt"):
        lines = (models / name).read_text(encoding="utf-8").splitlines()
        words = [word for line in lines if not line.startswith("#") for word in line.split()]
        assert len(words) == len(set(words)), name
    for path in (models / "names").glob("*.txt"):
        rows, kind = [], ""
        for row in path.read_text(encoding="utf-8").splitlines():
            kind = row if row.startswith("[") else kind
            rows += [(kind, row)] if "|" in row and not row.startswith("#") else []
        assert len(rows) == len(set(rows)), path.name


@pytest.mark.parametrize("name", ["topics.csv", "topics.JSON", "topics.xlsx"])
def test_a_table_is_no_gazetteer(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Mosul,city\n")
    with pytest.raises(InputError, match=r"Name \| kind \| aliases \| parents, in a file that ends in \.txt"):
        Gazetteer.load(tmp_path / name)
