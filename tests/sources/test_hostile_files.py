"""Files that are damaged, or made to do harm: events, or an error that names the file, and nothing else comes out of them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import sqlite3
import tarfile
import tracemalloc
import zipfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from relatedness.errors import InputError, RelatednessError
from relatedness.sources import Table, _file, _mail, _tables, _xml, read
from relatedness.sources._asciidoc import to_markdown
from relatedness.sources._front_matter import split_front_matter
from relatedness.sources._names import folded

ROWS = [
    {"id": f"e{day}", "date": f"2016-07-1{day}", "title": f"Title {day}", "text": "“Mosul” falls — again."}
    for day in range(4)
]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
CSV = "id,date,title\n" + "".join(f'{row["id"]},{row["date"]},"{row["title"]}, ""so"""\n' for row in ROWS)
MAIL = (
    "Message-ID: <a@b>\nDate: Tue, 7 Mar 2017 10:00:00 +0000\nFrom: \"A, B\" <a@b>\nSubject: =?utf-8?q?The_ferry?=\n"
    'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="bb"\n\n--bb\nContent-Type: text/plain; charset="utf-8"\n'
    "Content-Transfer-Encoding: quoted-printable\n\nHello =E2=80=94\n--bb--\n"
)  # fmt: skip
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Europe/Berlin:20160701T100000\r\n"
    "SUMMARY:The ferry\r\nDESCRIPTION:a\\nb\r\n c\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
RSS = (
    "<?xml version='1.0'?><rss version='2.0'><channel><title>x</title><item><guid>a</guid><title>t</title>"
    "<pubDate>Mon, 04 Jul 2016 10:00:00 GMT</pubDate><description>&lt;p&gt;x&lt;/p&gt;</description></item></channel></rss>"
)
XML = "<!DOCTYPE x [<!ENTITY a 'b'>]><all>" + "".join(
    f"<one id='{row['id']}'><date>{row['date']}</date><title>&a; {row['title']}</title></one>" for row in ROWS
)
TOKENS = [b"\0", b"\xff", b"\xed\xa0\x80", b"<", b">", b'"', b"'", b"[", b"{", b"(" * 400, b":", b",", b"\n", b"=?x?q?=?=", b"9" * 30,
          b"-1", b"1e999", b"NaN", b"null", b"0000-00-00", b"9999-12-31T23:59:59+23:59", b"*a", b"..", b"A" * 3000, b"charset=idna"]  # fmt: skip


def _zipped(**files: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name.replace("_", "."), text)
    return archive.getvalue()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A small file of every kind."""
    folder = tmp_path_factory.mktemp("sound")
    with closing(sqlite3.connect(folder / "a.db")) as database:
        database.execute("CREATE TABLE events (id, date, title)")
        database.executemany("INSERT INTO events VALUES (:id, :date, :title)", ROWS)
        database.commit()
    found = {
        "a.jsonl": LINES.encode(),
        "a.json": json.dumps({"events": ROWS}).encode(),
        "a.csv": CSV.encode(),
        "a.tsv": CSV.replace(",", "\t").encode("utf-16"),
        "a.txt": CSV.replace("so", "Müller").encode("cp1252"),
        "a.yaml": "".join(f"- id: {row['id']}\n  date: {row['date']}\n  title: '{row['title']}'\n" for row in ROWS).encode(),
        "a.toml": "".join(f"[[e]]\nid = '{row['id']}'\ndate = {row['date']}\ntitle = 'x'\n" for row in ROWS).encode(),
        "a.ics": CALENDAR.encode(),
        "a.rss": RSS.encode(),
        "a.xml": (XML + "</all>").encode(),
        "a.mbox": ("From a@b Tue Mar  7 10:00:00 2017\n" + MAIL).encode(),
        "a.eml": MAIL.encode(),
        "a.jsonl.zip": _zipped(a_jsonl=LINES, b_jsonl=LINES),
        "posts.zip": _zipped(x_md="---\ntitle: x\ndate: 2020-01-01\n---\nText", y_html="<p>x</p>"),
        "a.jsonl.gz": gzip.compress(LINES.encode()),
        "a.jsonl.bz2": bz2.compress(LINES.encode()),
        "a.jsonl.xz": lzma.compress(LINES.encode()),
        "a.db": (folder / "a.db").read_bytes(),
    }  # fmt: skip
    with suppress(ImportError):
        from backports import zstd

        found["a.jsonl.zst"] = zstd.compress(LINES.encode())
    with suppress(ImportError):
        import openpyxl

        book = openpyxl.Workbook()
        for row in [list(ROWS[0]), *(list(row.values()) for row in ROWS)]:
            book.active.append(row)
        book.save(folder / "a.xlsx")
        found["a.xlsx"] = (folder / "a.xlsx").read_bytes()
    with suppress(ImportError):
        import pyarrow
        from pyarrow import feather, parquet

        parquet.write_table(pyarrow.Table.from_pylist(ROWS), folder / "a.parquet")
        feather.write_feather(pyarrow.Table.from_pylist(ROWS), str(folder / "a.feather"))
        found |= {name: (folder / name).read_bytes() for name in ("a.parquet", "a.feather")}
    return found


def _damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(5):
            case 0 if at < len(changed):
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randrange(40)]
            case 2:
                changed[at:at] = chance.choice(TOKENS) * chance.choice((1, 1, 30))
            case 3:
                del changed[at:]
            case _ if at < len(changed):
                changed[at] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.mark.filterwarnings("ignore::relatedness.errors.InputWarning")
@pytest.mark.parametrize("rounds", [10, pytest.param(60, marks=pytest.mark.slow)])
def test_only_errors_that_name_the_fault_come_out_of_damaged_files(
    rounds: int, sound: dict[str, bytes], tmp_path: Path
) -> None:
    for name, data in sound.items():
        path = tmp_path / name
        path.write_bytes(data)
        assert list(read(path)), name
        for seed in range(rounds):
            path.write_bytes(_damaged(data, random.Random(seed)))
            rejects = tmp_path / "rejects.jsonl" if seed % 2 else None
            try:
                list(read(path, rejects=rejects))
            except RelatednessError:
                pass
            except Exception as error:
                raise AssertionError(f"{name}, seed {seed}") from error


def _refused(path: Path, data: bytes | str, words: str) -> None:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    with pytest.raises(InputError, match=words):
        list(read(path))


def test_text_that_ends_within_a_character_says_so(tmp_path: Path) -> None:
    _refused(tmp_path / "a.csv", CSV.encode("utf-16-le")[:-1], "is not utf-16-le from here on")


def test_a_zone_that_is_the_name_of_no_file_says_so(tmp_path: Path) -> None:
    for zone in ("Europe", "E" * 3000, "../../etc/passwd"):
        text = CALENDAR.replace("Europe/Berlin", zone)
        with suppress(InputError):
            path = tmp_path / "a.ics"
            path.write_text(text, encoding="utf-8")
            list(read(path))
    assert Calendar.from_ical(CALENDAR)  # that it is the zone


def test_damaged_zstandard_says_so(sound: dict[str, bytes], tmp_path: Path) -> None:
    pytest.importorskip("backports.zstd")
    data = bytearray(sound["a.jsonl.zst"])
    data[12:40] = bytes(28)
    for name in ("a.jsonl.zst", "a.json.zst"):
        _refused(tmp_path / name, bytes(data), "cannot be read")


def test_a_feather_file_whose_offsets_lead_elsewhere_is_refused(
    sound: dict[str, bytes], tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow")
    import pyarrow

    # Offsets that go back: a text of a negative length.
    offsets = pyarrow.py_buffer(
        (0).to_bytes(4, "little") + (9).to_bytes(4, "little") + (1).to_bytes(4, "little")
    )
    texts = pyarrow.StringArray.from_buffers(2, offsets, pyarrow.py_buffer(b"123456789"))
    table = pyarrow.table({"date": ["2016-07-11"] * 2, "title": texts})
    with (
        pyarrow.OSFile(str(tmp_path / "a.feather"), "wb") as file,
        pyarrow.ipc.new_file(file, table.schema) as out,
    ):
        out.write_table(table)
    with pytest.raises(InputError, match="is not a Feather file or is damaged"):
        list(read(tmp_path / "a.feather"))


def test_a_zip_with_a_password_or_a_file_without_a_name(tmp_path: Path) -> None:
    data = bytearray(_zipped(a_jsonl=LINES))
    for header, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + place] |= 1
    _refused(tmp_path / "a.zip", bytes(data), "a.jsonl in it is encrypted")
    data = bytearray(_zipped(a_md="---\ntitle: x\ndate: 2020-01-01\n---\nText"))
    for header, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + place] |= 1
    _refused(tmp_path / "b.zip", bytes(data), "a.md in it is encrypted")
    nameless = _zipped(a_jsonl=LINES, b_jsonl=LINES).replace(b"b.jsonl", b"\0.jsonl")
    (tmp_path / "c.zip").write_bytes(nameless)
    assert len(list(read(tmp_path / "c.zip"))) == len(ROWS)


def test_a_zip_of_many_files_is_not_opened_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(50):
            packed.writestr(f"{number}.jsonl", f'{{"id": {number}, "date": "2020-01-01", "title": "x"}}\n')
    opened = []
    open_ = zipfile.ZipFile.__init__

    def counted(archive: zipfile.ZipFile, *given: Any, **named: Any) -> None:
        opened.append(given)
        open_(archive, *given, **named)

    monkeypatch.setattr(zipfile.ZipFile, "__init__", counted)
    assert len(list(read(path))) == 50
    assert len(opened) == 2  # to list the files, and to read them


def test_an_entry_without_words_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.rss"
    path.write_text(
        RSS.replace("<description>&lt;p&gt;x&lt;/p&gt;</description>", "<summary/>"), encoding="utf-8"
    )
    assert [event.title for event in read(path)] == ["t"]


def test_comments_in_comments_of_mail_are_a_bad_record(tmp_path: Path) -> None:
    _refused(tmp_path / "a.eml", MAIL.replace("<a@b>", "(" * 995, 1), "cannot be read as a message")


@pytest.mark.parametrize(
    "name", ["Content-Type: text/plain; charset", "Content-Disposition: inline; filename"]
)
def test_a_long_header_of_mail_is_a_bad_record(name: str, tmp_path: Path) -> None:
    quotes = '"' * 20000
    text = MAIL.replace("Content-Transfer", f"{name}={quotes}\nContent-Transfer")
    if "Type" in name:
        text = text.replace('Content-Type: text/plain; charset="utf-8"\n', "")
    _refused(tmp_path / "a.eml", text, r"the header Content-\w+ has more than 1,000 characters")


def test_a_message_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_mail, "MAX_WHOLE", 1000)
    start = "From a@b Tue Mar  7 10:00:00 2017\n"
    path = tmp_path / "a.mbox"
    path.write_text(
        start + MAIL + "x\n" * 1000 + "\n" + start + MAIL.replace("<a@b>", "<c@d>", 1), encoding="utf-8"
    )
    assert [event.id for event in read(path, rejects=tmp_path / "rejects.jsonl")] == ["c@d"]
    assert "more than 1,000 bytes" in (tmp_path / "rejects.jsonl").read_text(encoding="utf-8")


def test_xml_of_too_many_tags_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_xml, "MOST_TAGS", 100)
    _refused(tmp_path / "a.xml", XML + "<a/>" * 100 + "</all>", "more than 100 tags")


@pytest.mark.parametrize("before", [b"<!DOCTYPE", b"<!DOCTYPE[", b"<!--", b"<?"])
def test_what_stands_before_the_first_element_is_looked_at_once(before: bytes) -> None:
    # As long as the head that is looked at; the regular expression took three seconds of processor time for the first of these.
    assert _xml.is_feed(before * 455)
    assert not _xml.is_feed(b"<?xml version='1.0'?><!-- <rss> --><!DOCTYPE x [<!ENTITY a 'b'>]><all>")


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
@pytest.mark.parametrize(
    "first",
    [b"{}x", b"[1]x", b'["id": 1}', b'{"id": "x", "date": "2020-01-01", "title": "x"} \xff', b'{"id": "x'],
)
def test_a_faulty_first_line_is_one_bad_record(name: str, first: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(first + b"\n" + LINES.encode())
    reading = read(path, rejects=tmp_path / "rejects.jsonl")
    assert [event.id for event in reading] == [row["id"] for row in ROWS]
    assert reading.rejected == 1


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
@pytest.mark.parametrize("start", ["[", '{"events": [', '{"n": 1,\n"events": ['])
def test_an_object_a_line_within_a_longer_value_is_read_as_that(
    start: str, name: str, tmp_path: Path
) -> None:
    close = "]}" if "{" in start else "]"
    for end in ("", "\n", "\n\n"):
        path = tmp_path / name
        path.write_text(f"{start}\n{json.dumps(ROWS[0])}\n{close}{end}", encoding="utf-8")
        reading = read(path)
        assert [event.id for event in reading] == ["e0"]
        if name == "a.jsonl" and start != "[":  # lines were promised: what was read is told
            assert "the list 'events' of each value" in " ".join(reading.lines())


def test_names_of_columns_keep_what_is_no_unit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Published (UTC), Headline [en] ,(x),\n2020-01-01,The ferry,y,\n", encoding="utf-8")
    assert [(event.title, str(event.date)) for event in read(path)] == [("The ferry", "2020-01-01")]


@pytest.mark.parametrize("blank", [" ", "\t", " (", "( "])
def test_names_of_columns_are_looked_at_once(blank: str) -> None:
    # A regular expression took minutes for a line of blanks.
    assert folded("Published (UTC)") == "published"
    assert folded("x" + blank * 100_000 + "x)")[:1] == "x"


def test_yaml_that_opens_brackets_without_end_is_refused(tmp_path: Path) -> None:
    _refused(
        tmp_path / "a.yaml",
        "- title: x\n  date: 2020-01-01\n  z: " + "[a," * 1000,
        "nests brackets deeper than 64",
    )


def test_blanks_in_references_and_exported_objects_are_looked_at_once() -> None:
    # Each took a time that grew with the square of the blanks: minutes for these.
    blanks = 100_000
    assert to_markdown("see <<a,  the ferry>>, <<b>>") == "see the ferry, "
    assert to_markdown(f"<<a,{' ' * blanks}x").endswith("x")
    exported = "export const metadata = {\n\n  title: 'A',\n \n\t'date' : '2024-05-01', draft: true }\n"
    assert split_front_matter(exported, "mdx").fields == {"title": "A", "date": "2024-05-01", "draft": True}
    assert split_front_matter(exported.replace("\n\t", "\n" * blanks), "mdx").fields["date"] == "2024-05-01"


@pytest.mark.parametrize("by_address", [False, True])
@pytest.mark.parametrize(
    ("where", "said"), [("", r"more than [\d,]+ rows"), ("WHERE n < 0", "too long for a file of this size")]
)
def test_a_view_without_end(
    where: str, said: str, by_address: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_address:
        pytest.importorskip("sqlalchemy")
    monkeypatch.setattr(_tables, "_ROWS_OF_A_VIEW", 1_000)
    monkeypatch.setattr(_tables, "_STEPS", 10**6)
    path = tmp_path / "news.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size = 512")
        connection.execute(
            "CREATE VIEW news AS WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row) "
            f"SELECT n AS id, '2017-03-07' AS date, 'The ferry stops' AS title FROM row {where}"
        )
        connection.commit()
    with pytest.raises(
        InputError, match=f"a view that may never end.*{said}" if where else "a view that may never end"
    ):
        for _ in read(Table(f"sqlite:///{path}", "news") if by_address else path):
            pass


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_long_header_of_a_tar_is_not_kept(kind: bytes, tmp_path: Path) -> None:
    header = tarfile.TarInfo("a.csv")
    header.type, header.size = kind, 32 * 2**20
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(header.size), 1))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"a\.tar\.gz: cannot be read: its header has 33,554,432 bytes"):
            list(read(path))
        assert tracemalloc.get_traced_memory()[1] < header.size / 4
    finally:
        tracemalloc.stop()


def test_a_column_whose_name_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE news (date, title, author)")
        connection.execute("INSERT INTO news VALUES ('2017-03-07', 'The ferry stops', 'x')")
        connection.commit()
    path.write_bytes(path.read_bytes().replace(b"author", b"\xff\xfe\xfdhor"))
    with pytest.raises(InputError, match=r"news\.sqlite: is damaged: the name of a column"):
        list(read(path))


def test_long_headers_of_messages_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "news.mbox"
    message = "From ann@example.org Tue Mar  7 10:00:00 2017\nDate: Tue, 7 Mar 2017 10:00:00 +0000\nSubject: {}\n\nWords\n\n"
    path.write_text("".join(message.format(f"{number} " + "word " * 2_000) for number in range(3)))
    _mail._parsed.cache_clear()
    assert [event.title[:6] for event in read(path)] == ["0 word", "1 word", "2 word"]
    assert _mail._parsed.cache_info().currsize == 1  # the date alone


def test_a_page_too_deep_for_docutils_is_at_fault_by_itself(tmp_path: Path) -> None:

    head = "The dam\n=======\n\n:date: 2020-01-01\n\n"
    (tmp_path / "deep.rst").write_text(head + "* " * 4000, encoding="utf-8")
    (tmp_path / "sound.rst").write_text(head + "The dam.\n", encoding="utf-8")
    source = read(tmp_path)
    assert [event.text for event in source] == ["The dam."]
    assert [fault.file for fault in source.faults] == [str(tmp_path / "deep.rst")]
    (tmp_path / "sound.rst").unlink()
    (tmp_path / "deep.rst").write_text("* " * 4000, encoding="utf-8")  # nor has it a date
    assert list(read(tmp_path)) == []


def test_an_archive_of_more_entries_than_are_unpacked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_file, "MOST_ENTRIES", 3)
    for name in ("a.tar", "a.zip"):
        path = tmp_path / name
        if name == "a.tar":
            with tarfile.open(path, "w") as archive:
                for number in range(4):
                    archive.addfile(tarfile.TarInfo(f"posts/{number}.md"), io.BytesIO())
        else:
            with zipfile.ZipFile(path, "w") as packed:
                for number in range(4):
                    packed.writestr(f"posts/{number}.md", "---\ndate: 2017-03-07\n---\n")
        with pytest.raises(InputError, match="holds more than 3 files"):
            list(read(path))


def test_a_file_of_an_office_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(InputError, match=r"an old Excel, which is not supported: save it as \.xlsx or \.csv"):
        list(read(path))


def test_pipes_in_a_folder_are_neither_waited_for_nor_taken_for_posts(tmp_path: Path) -> None:
    for name in ("post.md", "more.jsonl"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "a.jsonl").write_text(LINES, encoding="utf-8")
    assert len(list(read(tmp_path))) == len(ROWS)


def test_an_archive_within_an_archive_is_weighed_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_file, "MAX_UNPACKED", 1000)
    with zipfile.ZipFile(tmp_path / "inner.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.csv", "date,title\n" + "2017-03-07,A dam\n" * 40)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
        archive.writestr("a.csv", "date,title\n" + "2017-03-07,A dam\n" * 20)
    with pytest.raises(
        InputError, match=r"inner\.zip in it unpacks to [\d,]+ bytes, more than the limit of 1,000"
    ):
        list(read(tmp_path / "outer.zip"))


def test_a_dump_of_tables_that_never_end_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("CREATE TABLE a (x)\n" * 50_000)
    with pytest.raises(InputError, match="holds no rows"):
        list(read(tmp_path / "a.sql"))


_TABLE = b"id,date,title\n1,2017-03-07,The ferry stops\n"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n", "git lfs pull"),
        ("a.json", b"<!DOCTYPE html><html><body>Sign in</body></html>", r"a page in HTML.*download the file again"),
        ("a.csv", b"\n<html><body><h1>404</h1></body></html>", r"a page in HTML.*ending \.html"),
        ("a.csv.gz", _TABLE, "not packed, although its name says so"),
        ("a.json.xz", b"[]" * 20, "not packed, although its name says so"),
    ],
)  # fmt: skip
def test_what_stands_in_the_place_of_a_file_is_told(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=said):
        list(read(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "said"),
    [("a.DOCX", "a document: save its text"), ("a.mht", r"save it as \.html"), ("a.7z", "unpack it"), ("a.json5", "comments")],
)  # fmt: skip
def test_a_file_that_is_not_read_says_what_to_do(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=said):
        list(read(tmp_path / name))


def test_an_archive_loses_no_file_in_silence(tmp_path: Path) -> None:
    outside = tmp_path / "outside.zip"
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr("/etc/a.csv", _TABLE)
        archive.writestr("../../b.csv", _TABLE.replace(b"1,2017", b"2,2017"))
    assert [event.id for event in read(outside)] == ["2", "1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside.zip"]
    for names, said in (((), "it is empty"), (("a.png", "b.exe"), r"\(a\.png, b\.exe\)")):
        path = tmp_path / "others.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, b"x")
        with pytest.raises(InputError, match=f"holds no file of a kind that is read.*{said}"):
            list(read(path))
    posts = tmp_path / "posts.zip"
    with zipfile.ZipFile(posts, "w") as archive:
        archive.writestr("a.md", "---\ntitle: A\ndate: 2017-03-07\n---\nWords.\n")
    with pytest.raises(InputError, match="holds pages or posts and no table"):
        list(read(Table(posts, "events")))


def test_an_export_of_ghost_may_hold_anything_as_an_id_or_a_table(tmp_path: Path) -> None:
    post = {"html": "<p>Words.</p>", "published_at": "2019-03-01T10:00:00Z"}
    data = {
        "posts": [{**post, "id": ["a"], "title": "A"}, {**post, "id": ["b"], "title": "B"}],
        "posts_meta": [{"post_id": ["b"], "email_only": 1}, {"post_id": ["a"], "email_only": []}],
        "tags": [{"id": {"n": 1}, "name": "dam"}],
        "posts_tags": [{"post_id": ["a"], "tag_id": {"n": 1}}],
        "settings": [{"key": ["locale"], "value": "de"}],
    }
    path = tmp_path / "ghost.json"
    for more, topics in (({}, ("dam",)), ({"tags": 5, "settings": "locale"}, ())):
        path.write_text(json.dumps({"db": [{"data": data | more}]}), encoding="utf-8")
        assert [(event.title, event.topics, event.language) for event in read(path)] == [("A", topics, None)]


def test_a_column_of_texts_may_hold_a_list(tmp_path: Path) -> None:
    rows = [
        {"Tag": f"2017-03-0{n}", "Lage": f"Der Damm ist heute {word}", "Bericht": f"Der Damm, so hat man hier gesagt, ist {word}"}
        for n, word in enumerate(("dicht", "undicht", "offen", "zu"), 1)
    ]  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps([*rows, {**rows[0], "Lage": ["a", "b"]}]), encoding="utf-8")
    assert [event.title for event in read(tmp_path / "a.json")][:4] == [row["Lage"] for row in rows]
