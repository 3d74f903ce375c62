"""Text that is no table: logs, chats, references and exports in forms of their own."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from relatedness.errors import InputError, MissingExtraError
from relatedness.events import Event
from relatedness.sources import read

GIT = """commit 4fa1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3 (HEAD -> main)
Merge: 1234567 89abcde
Author: Jane Doe <jane@example.org>
Date:   Tue Mar 7 11:00:00 2017 +0100

    Repair the checkout

    The database failed over.
    commit 1234567 was wrong.

 shop/checkout.py | 3 ++-

commit 5fa1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3
Author: Jane Doe <jane@example.org>
Date:   2017-03-08 11:00:00 +0100

    Repair the search
"""
IPHONE = """[13/03/2017, 08:00:00] Shop: \u200eMessages and calls are end-to-end encrypted.
[13/03/2017, 10:00:00] Jane: Checkout fails: no answer
since the database failed over
[13/03/2017, 10:01:00] Jane: \u200eimage omitted
[13/03/2017, 10:02:00] Jan joined
[14/03/2017, 10:00:00] Jan: Search fails
"""
ANDROID = """3/13/17, 8:00\u202fAM - Messages and calls are end-to-end encrypted.
3/13/17, 10:00\u202fAM - Jane: Checkout fails: no answer
since the database failed over
3/13/17, 10:01\u202fAM - Jane: <Media omitted>
3/14/17, 10:00\u202fAM - Jan: Search fails
"""
RIS = """TY  - NEWS
ID  - 7
TI  - Checkout fails
T2  - Daily
DA  - 2017/03/07/
PY  - 2017
AB  - No answer
  for an hour.
KW  - shop
KW  - database
UR  - https://example.org/7
ER  -

TY  - NEWS
ID  - 8
TI  - Search fails
PY  - 2017///Spring
ER  -
"""
PUBMED = """PMID- 7
TI  - Checkout
      fails
DP  - 2017 Mar 7
AB  - No answer
      for an hour.
MH  - *shop
OT  - database
JT  - Daily

PMID- 8
TI  - Search fails
DP  - 2017 Spring
"""
MOVABLE_TYPE = """AUTHOR: Jane
TITLE: Checkout fails
BASENAME: checkout
STATUS: Publish
DATE: 03/07/2017 10:00:00 AM
PRIMARY CATEGORY: Shop
CATEGORY: Shop
CATEGORY: Database
TAGS: "no answer",hour
-----
BODY:
<p>No answer.</p>
-----
EXTENDED BODY:
NOTE: it lasted.
-----
COMMENT:
AUTHOR: Jan
A comment
-----
--------
AUTHOR: Jane
TITLE: A secret
STATUS: Draft
DATE: 03/08/2017 10:00:00 AM
-----
BODY:
Not yet
-----
--------
"""
LOG = """2017-03-07 10:00:00,250 ERROR [checkout] No answer
Traceback (most recent call last):
  File "checkout.py", line 1
2017-03-07T10:05:00Z INFO Search fails
"""


@pytest.fixture
def events(tmp_path: Path) -> Callable[[str, str], tuple[list[Event], dict[str, int]]]:
    def read_text(text: str, name: str) -> tuple[list[Event], dict[str, int]]:
        path = tmp_path / name
        path.write_text(text)
        reading = read(path)
        return list(reading), reading.left_out

    return read_text


def test_commits_of_git(events: Callable[[str, str], tuple[list[Event], dict[str, int]]]) -> None:
    (first, second), _ = events(GIT, "log.txt")
    assert (str(first.id)[:7], first.title) == ("4fa1b2c", "Repair the checkout")
    assert first.text == "The database failed over.\ncommit 1234567 was wrong."
    assert (first.seconds, second.title) == (1488880800, "Repair the search")


@pytest.mark.parametrize("text", [IPHONE, ANDROID], ids=["iPhone", "Android"])
def test_messages_of_a_chat(
    text: str, events: Callable[[str, str], tuple[list[Event], dict[str, int]]]
) -> None:
    (first, second), left_out = events(text, "_chat.txt")
    assert first.text == "Checkout fails: no answer\nsince the database failed over"
    assert (first.seconds, second.text) == (1489399200, "Search fails")
    assert left_out == {
        "entries that are not posts": text.count("omitted") + text.count("encrypted") + text.count("joined")
    }


@pytest.mark.parametrize(("text", "name"), [(RIS, "a.ris"), (RIS, "a.txt"), (PUBMED, "a.nbib")])
def test_references(
    text: str, name: str, events: Callable[[str, str], tuple[list[Event], dict[str, int]]]
) -> None:
    (first, second), _ = events(text, name)
    assert (first.id, first.title, first.text) == ("7", "Checkout fails", "No answer for an hour.")
    assert (str(first.date), first.topics) == ("2017-03-07", ("shop", "database"))
    assert first.sources[0].name == "Daily"
    assert (second.title, str(second.date)) == ("Search fails", "2017-01-01")


@pytest.mark.parametrize(
    ("day", "read_as"), [("2017 Foo", "2017-01-01"), ("2017 Mar", "2017-03-01"), ("2017 Feb 30", None)]
)
def test_days_of_references_that_are_none(day: str, read_as: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.nbib"
    path.write_text(f"PMID- 7\nTI  - Checkout fails\nDP  - {day}\n")
    reading = read(path, rejects=tmp_path / "rejects.jsonl")
    assert [str(event.date) for event in reading] == ([] if read_as is None else [read_as])
    assert reading.rejected == (read_as is None)


@pytest.mark.parametrize(
    ("clock", "read_as"),
    [("12:00:05 AM", "00:00:05"), ("12:00:05 PM", "12:00:05"), ("01:00:05 PM", "13:00:05"), ("23:00:05", "23:00:05")],
)  # fmt: skip
def test_times_of_movable_type(
    clock: str, read_as: str, events: Callable[[str, str], tuple[list[Event], dict[str, int]]]
) -> None:
    (post,), _ = events(MOVABLE_TYPE.replace("10:00:00 AM", clock, 1), "export.txt")
    assert post.when == f"2017-03-07T{read_as}+00:00"


def test_posts_of_movable_type(events: Callable[[str, str], tuple[list[Event], dict[str, int]]]) -> None:
    (post,), left_out = events(MOVABLE_TYPE, "export.txt")
    assert (post.id, post.title, post.text) == (
        "checkout",
        "Checkout fails",
        "No answer.\n\nNOTE: it lasted.",
    )
    assert (post.category, post.topics) == ("Shop", ("no answer", "hour", "Database"))
    assert (post.seconds, left_out) == (1488880800, {"drafts": 1})


def test_lines_of_a_log(events: Callable[[str, str], tuple[list[Event], dict[str, int]]]) -> None:
    (first, second), _ = events(LOG, "shop.log")
    assert (first.title, first.category) == ("[checkout] No answer", "ERROR")
    assert first.text.endswith('File "checkout.py", line 1')
    assert (second.title, second.seconds) == ("Search fails", 1488881100)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_cells_behind_a_date_are_a_table_and_no_log(
    events: Callable[[str, str], tuple[list[Event], dict[str, int]]], separator: str
) -> None:
    rows = [
        ["2016-07-11", "Fire", "A fire in the harbour of Lund"],
        ["2016-07-12", "Flood", "A flood in the harbour of Lund"],
    ]
    found, _ = events("".join(separator.join(row) + "\n" for row in rows), "a.txt")
    assert [event.title for event in found] == [row[2] for row in rows]


def test_lines_without_a_year_are_refused(
    events: Callable[[str, str], tuple[list[Event], dict[str, int]]],
) -> None:
    with pytest.raises(InputError, match=r"have no year \(Mar  7 10:00:00\)"):
        events(
            "Mar  7 10:00:00 host app[1]: No answer\nMar  7 10:05:00 host app[1]: No answer\n", "messages.log"
        )


def test_a_folder_of_logs_is_no_folder_of_posts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(LOG)
    (tmp_path / "b.txt").write_text(LOG.replace("2017", "2018"))
    assert len(list(read(tmp_path))) == 4


BIBTEX = r"""@string{daily = {The Daily}}
@article{checkout, title = {{Checkout} fails in M{\"u}nchen}, journal = daily, year = 2017, month = mar, day = 7,
  keywords = {shop, database}, abstract = {No answer}, url = {https://example.org/a_b~c}}
@book{search, title = {Search fails}, year = {2018}}
@article{open, title = {Never closed
"""


def test_a_bibliography(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "refs.bib"
    path.write_text(BIBTEX)
    with pytest.raises(InputError, match=r"refs\.bib, line 5: not BibTeX"):
        list(read(path))
    reading = read(path, rejects=tmp_path / "rejects.jsonl")
    first, second = sorted(reading, key=lambda event: event.id)
    assert reading.rejected == 1
    assert (first.id, first.title, first.topics) == (
        "checkout",
        "Checkout fails in München",
        ("shop", "database"),
    )
    assert (str(first.date), first.url, first.sources[0].name) == (
        "2017-03-07",
        "https://example.org/a_b~c",
        "The Daily",
    )
    assert (str(second.date), second.category) == ("2018-01-01", "book")
    assert any(
        isinstance(handler, logging.NullHandler) for handler in logging.getLogger("bibtexparser").handlers
    )


def test_latex_that_is_nested_too_deeply_is_a_bad_record(tmp_path: Path) -> None:
    path = tmp_path / "refs.bib"
    deep = r"\textbf{" * 3000 + "x" + "}" * 3000
    path.write_text(
        f"@book{{a, year = 2017, title = {{{deep}}}}}\n@book{{b, year = 2017, title = {{Search fails}}}}"
    )
    reading = read(path, rejects=tmp_path / "rejects.jsonl")
    assert ([event.id for event in reading], reading.rejected) == (["b"], 1)


def test_a_long_field_is_read_without_its_commands(tmp_path: Path) -> None:
    path = tmp_path / "refs.bib"
    path.write_text(
        f"@book{{a, year = 2017, title = {{Checkout}}, abstract = {{{r'The emph{ferry} stops. ' * 5000}}}}}".replace(
            "emph", r"\emph"
        )
    )
    (event,) = read(path)
    assert event.text.split()[:3] == ["The", "ferry", "stops."]


@pytest.mark.parametrize("command", [r"\href{", r"\verb", r"\colorbox", r"\author", r"\begin{array}"])
def test_commands_without_their_arguments_lose_no_words(command: str, tmp_path: Path) -> None:
    path = tmp_path / "refs.bib"
    path.write_text(f'@book{{a, year = 2017, title = "Checkout fails {command}"}}')
    (event,) = read(path)
    assert event.title.startswith("Checkout fails")


def test_a_file_without_entries_is_no_bibliography(tmp_path: Path) -> None:
    path = tmp_path / "refs.bib"
    path.write_text("{" * 1000)
    with pytest.raises(InputError, match="holds no entries"):
        list(read(path))


def test_a_bibliography_needs_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "refs.bib"
    path.write_text(BIBTEX)
    monkeypatch.setitem(sys.modules, "bibtexparser.entrypoint", None)
    with pytest.raises(MissingExtraError, match=r"relatedness\[tables\]"):
        list(read(path))


def test_messages_of_signal_and_entries_of_a_diary(tmp_path: Path) -> None:
    signal = "From: Anna (+44)\nType: incoming\nSent: Tue, 07 Mar 2017 10:00:00 +0000\n\nThe dam leaks.\n\nFrom: Bo (+45)\nSent: Tue, 07 Mar 2017 11:00:00 +0000\n\nIt is mended.\n\n"
    export = "[2017-03-07, 10:00] Anna: The dam leaks.\n[2017-03-07, 11:00] Bo: It is mended.\n"
    for name, text in (("signal.txt", signal), ("chat.md", export)):
        path = tmp_path / name
        path.write_text(text)
        assert [(event.when[:16], event.text) for event in read(path)] == [
            ("2017-03-07T10:00", "The dam leaks."),
            ("2017-03-07T11:00", "It is mended."),
        ]
    path = tmp_path / "diary.txt"
    path.write_text(
        "[2017-03-07 10:00] The dam leaks\nIn two places.\n\n[2017-03-08 10:00] Mended\nAt last.\n"
    )
    assert [(event.title, event.text) for event in read(path)] == [
        ("The dam leaks", "In two places."),
        ("Mended", "At last."),
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.log",
         "--- Log opened Tue Mar 07 07:40:00 2017\n07:45 < ann> The dam leaks.\n07:46 -!- bob [b@x] has joined #ops\n"
         "--- Day changed Wed Mar 08 2017\n07:47 <@bob> It holds.\n--- Log closed Wed Mar 08 22:00:00 2017\n",
         [("2017-03-07T07:45:00+00:00", "", "The dam leaks."), ("2017-03-08T07:47:00+00:00", "", "It holds.")]),
        ("a.txt",
         "[LINE] Chat history with Ops\nSaved on: 2017/03/09 10:00\n\n2017/03/07(Tue)\n07:45\tAnn\tThe dam leaks.\nBadly.\n"
         "07:46\tAnn left the group.\n\n2017/03/08(Wed)\n07:47\tBob\tIt holds.\n",
         [("2017-03-07T07:45:00+00:00", "", "The dam leaks.\nBadly."), ("2017-03-08T07:47:00+00:00", "", "It holds.")]),
        ("a.txt",
         "[LINE] Chat history with Ops\nSaved on: 2017/03/09 10:00\n\n2017/03/07(Tue)\n07:45\tAnn\t\"It leaks since\n2017/03/01\nor so.\"\n"
         "07:47\tBob\tIt holds.\n",
         [("2017-03-07T07:45:00+00:00", "", "It leaks since\n2017/03/01\nor so."), ("2017-03-07T07:47:00+00:00", "", "It holds.")]),
        ("svn.log",
         f"{'-' * 72}\nr4 | ann | 2017-03-07 07:45:00 +0000 (Tue, 07 Mar 2017) | 3 lines\nChanged paths:\n   M /a.c\n\nA dam\n\nIt leaks.\n\n"
         f"{'-' * 72}\nr5 | (no author) | 2017-03-08 07:45:00 +0000 (Wed, 08 Mar 2017) | 1 line\n\nIt holds\n{'-' * 72}\n",
         [("2017-03-07T07:45:00+00:00", "A dam", "It leaks."), ("2017-03-08T07:45:00+00:00", "It holds", "")]),
        ("a.enw",
         "%0 Journal Article\n%T A dam\n%D 2017\n%8 March 7\n%X It leaks\nbadly.\n%K dams\n\n%0 Book\n%T It holds\n%D 2018\n",
         [("2017-03-07", "A dam", "It leaks badly."), ("2018-01-01", "It holds", "")]),
        ("a.txt",
         "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Lee, A\n   Cho, B\nTI A dam\n   leaks\nAB It leaks\n   badly.\nPD MAR 7\n"
         "PY 2017\nUT WOS:1\nER\n\nPT J\nTI It holds\nPY 2018\nUT WOS:2\nER\n\nEF\n",
         [("2017-03-07", "A dam leaks", "It leaks badly."), ("2018-01-01", "It holds", "")]),
        ("a.txt",
         "Title: A\nDate: 2017-03-07\nDescription: The dam\n  leaks.\n\nBadly.\n\nTitle: B\nDate: 2017-03-08\nDescription: It holds.\n",
         [("2017-03-07", "A", "The dam\nleaks.\n\nBadly."), ("2017-03-08", "B", "It holds.")]),
    ],
)  # fmt: skip
def test_more_texts_of_records(
    tmp_path: Path, name: str, text: str, expected: list[tuple[str, str, str]]
) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert [(event.when, event.title, event.text) for event in read(path)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Tuesday, 7 March 2017\nThe dam leaks\n\nWater runs.\nIt is cold.\n\nWednesday, 8 March 2017\nIt is mended.\n",
            [
                ("2017-03-07", "The dam leaks", "Water runs.\nIt is cold."),
                ("2017-03-08", "", "It is mended."),
            ],
        ),
        (
            "The story of a dam\n\n7 March 2017: The dam leaks.\n8 March 2017: It is mended.\n",
            [("2017-03-07", "", "The dam leaks."), ("2017-03-08", "", "It is mended.")],
        ),
        (
            "7 March 2017: The dam leaks.\n8 March 2017: It is mended.\n",
            [("2017-03-07", "", "The dam leaks."), ("2017-03-08", "", "It is mended.")],
        ),
        (
            "07.03.2017 – Der Damm leckt.\nWasser läuft.\n20.03.2017 – Er hält.\n",
            [("2017-03-07", "", "Der Damm leckt.\nWasser läuft."), ("2017-03-20", "", "Er hält.")],
        ),
    ],
)
def test_a_diary(tmp_path: Path, text: str, expected: list[tuple[str, str, str]]) -> None:
    path = tmp_path / "diary.txt"
    path.write_text(text, encoding="utf-8")
    reading = read(path)
    assert [(str(event.date), event.title, event.text) for event in reading] == expected
    assert "records: a diary" in reading.lines()


def test_a_list_of_days_is_no_diary(tmp_path: Path) -> None:
    path = tmp_path / "days.txt"
    path.write_text("2017-03-07\n2017-03-08\n", encoding="utf-8")
    with pytest.raises(InputError):
        list(read(path))


CHANGES = {
    "underlined": "Changes in Larch\n====\n\nVersion 2.4.0 (2023-03-07)\n--------\n\n* Nested tables.\n\nVersion 2.3.1 (2023-01-15)\n"
    "--------\n\n* No crash.\n",
    "plain": "v2.4.0 - March 7, 2023\n  Nested tables.\n\nv2.3.1 - January 15, 2023\n  No crash.\n",
    "released": "Larch 2.4.0, released 7 Mar 2023\n- Nested tables.\nLarch 2.3.1, released 15 Jan 2023\n- No crash.\n",
    "overview": "Overview of changes in 2.4.0, 07-03-2023\n=====\n* Nested tables.\n\nOverview of changes in 2.3.1, 15-01-2023\n=====\n* No.\n",
    "gnu": "2023-03-07  Ada Byron  <ada@example.org>\n\n\t* a.c (parse): Nested tables.\n\n2023-01-15  Carl Meer  <c@example.org>\n\n"
    "\t* b.c: No crash.\n",
    "rpm": "* Tue Mar 07 2023 Ada Byron <ada@example.org> - 2.4.0-1\n- Nested tables.\n\n* Sun Jan 15 2023 Ada Byron <ada@example.org>\n"
    "- No crash.\n",
    "debian": "larch (2.4.0-1) unstable; urgency=medium\n\n  * Nested tables.\n\n -- Ada <ada@example.org>  Tue, 07 Mar 2023 10:00:00 +0000\n\n"
    "larch (2.3.1-1) unstable; urgency=low\n\n  * No crash.\n\n -- Ada <ada@example.org>  Sun, 15 Jan 2023 10:00:00 +0000\n",
}


@pytest.mark.parametrize("kind", CHANGES)
def test_change_logs(tmp_path: Path, kind: str) -> None:
    (tmp_path / "CHANGES.txt").write_text(CHANGES[kind])
    events = list(read(tmp_path / "CHANGES.txt"))
    assert [event.when[:10] for event in events] == ["2023-03-07", "2023-01-15"]
    assert ["Nested tables" in event.text for event in events] == [True, False]
    assert all("---" not in event.text and "@" not in event.text for event in events)


ZEEK = """#separator \\x09
#unset_field\t-
#path\tnotice
#fields\tts\tuid\tid.orig_h\tnote\tmsg
#types\ttime\tstring\taddr\tenum\tstring
1672653600.5\tCab1\t10.0.0.5\tSSL::Invalid\tThe certificate is not valid
1672740000.0\t-\t-\tScan::Port\tA host scanned 15 ports
1672740001.0\tCab1\t10.0.0.5\tSSL::Weak\tThe cipher is weak
#close\t2023-01-04-00-00-00
"""
IIS = """#Software: Microsoft Internet Information Services 10.0
#Date: 2023-01-02 00:00:10
#Fields: date time cs-method cs-uri-stem cs(Referer) sc-status
2023-01-02 00:00:10 GET /reports/annual.aspx - 500
#Date: 2023-01-03 00:00:10
#Fields: date time cs-method cs-uri-stem cs(Referer) sc-status
2023-01-03 00:03:10 GET /login.aspx "http://example.org/a b" 200
"""


def test_logs_that_name_their_columns_behind_a_mark(tmp_path: Path) -> None:
    (tmp_path / "notice.log").write_text(ZEEK)
    events = list(read(tmp_path / "notice.log"))
    assert [(event.when[:19], event.text) for event in events] == [
        ("2023-01-02T10:00:00", "The certificate is not valid"),
        ("2023-01-03T10:00:00", "A host scanned 15 ports"),
        ("2023-01-03T10:00:01", "The cipher is weak"),
    ]
    assert len({event.id for event in events}) == 3
    (tmp_path / "access.log").write_text(IIS)
    with pytest.raises(InputError, match="cs-uri-stem"):
        list(read(tmp_path / "access.log"))
    events = list(read(tmp_path / "access.log", fields={"cs-uri-stem": "title", "cs(Referer)": "text"}))
    assert [(event.when, event.title, event.text) for event in events] == [
        ("2023-01-02T00:00:10+00:00", "/reports/annual.aspx", ""),
        ("2023-01-03T00:03:10+00:00", "/login.aspx", "http://example.org/a b"),
    ]
