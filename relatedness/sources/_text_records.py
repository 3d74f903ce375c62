"""Text that is no table but holds records in a known form -> these records.

==============  =====================================================================================================
log of Git      ``git log``: one event a commit, its first line the title
chat            an export of WhatsApp, Signal or LINE, or a log of irssi: one event a message; notices and media without words are left out
references      RIS, and what PubMed (``.nbib``) and the Web of Science export
fields          blocks that begin with the same name: ``Title: ...``, ``Date: ...``
Movable Type    its export, which other programs write, too; drafts are left out
change log      releases with their day in the heading, of plain text, the GNU project, RPM or Debian
log             lines that begin with a date or a time, each with the lines below it that do not
==============  =====================================================================================================

The first lines of a file show its kind. One record is in memory at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from relatedness.errors import InputError
from relatedness.sources._columns import WantedColumns
from relatedness.sources._date_words import month_of
from relatedness.sources._file import MAX_RECORD, Cut, Item, SourceFile, too_long
from relatedness.sources._headers import is_header
from relatedness.sources._mappings import NoTableError
from relatedness.sources._pages import Finished
from relatedness.sources._report import LeftOut

_Record = dict[str, Any] | LeftOut
_LONGEST_BEGINNING = 400  # characters of a line that show whether a record begins there
_LOOKED_AT = 40  # lines that show which kind a file is
_SEPARATORS = set(",;\t|")  # what stands behind the date of each line parts the cells of a table
_NO_WORDS = LeftOut("entries that are not posts")

_COMMIT = re.compile(r"commit (?P<id>[0-9a-f]{7,64})\b")
_MESSAGE = re.compile(
    r"\u200e?\[?(?P<date>\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?\s?[Mm]\.?)?)(?:\]| -)\s"
)
_AUTHOR = re.compile(r"(?P<author>[^:\n]{1,100}): ")
_MEDIA = re.compile(r"<[^<>]{1,60}>\Z|\u200e.{1,200}\Z", re.DOTALL)
_REFERENCE = re.compile(r"(?:TY|PMID)\s{0,3}- ?")
_TAG = re.compile(r"([A-Z][A-Z0-9]{1,3})\s{0,2}-(?: (.*)|\Z)")
_STAMP = re.compile(
    r"(?:<\d{1,3}>1\s)?\[?(?P<date>\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?\s?(?:Z\b|UTC\b|[+-]\d\d:?\d\d)?)?)\]?[\s:|,-]+(?=\S)"
)
_LEVEL = re.compile(
    r"[\s\[(<|:-]*(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|ALERT|EMERG)\b[\s\])>|:-]*"
)
_YEARLESS = re.compile(r"(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ ")
_IRC_DAY = re.compile(
    r"--- (?:Log opened|Day changed) (?P<day>[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d (?:\d\d:\d\d:\d\d )?\d{4})\s*\Z"
)
_IRC = re.compile(r"(?P<clock>\d\d:\d\d(?::\d\d)?) (?:<[ @+%&~]?(?P<author>[^<>\s]{1,60})>|-!-|\s?\*|---) ?")
_LINE_DAY = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(?P<day>\d{4}[./]\d{1,2}[./]\d{1,2}|\d{1,2}/\d{1,2}/\d{4})(?: ?\(?[^\W\d_]{1,9}\)?)?\s*\Z"
)
_LINE_MESSAGE = re.compile(r"(?:[^\W\d_]{2} ?)?\d{1,2}:\d\d(?: ?[AP]M)?\t")
_EXPORTED = re.compile(r"(?:FN |PT [A-Z]\s*\Z)")
_WORKS = re.compile(r"PT [A-Z]\s*\Z")
_ENTRY = re.compile(
    r"[#*\s]{0,8}(?:[^\W\d_]{2,12}\.?,?\s)?(?P<date>\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4}"
    r"|\d{1,2}(?:st|nd|rd|th)?\.? [^\W\d_]{3,12}\.?,? \d{4}|[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})"
    r"(?P<mark>\s*\Z|\s?[:–—]\s|\s-\s)"
)
_WORDS_OF_A_HEADING = 14  # the most
# The heading of a release: its version and day, perhaps behind a name; or, in the logs of GNU and RPM, the day and who wrote it.
_RELEASE = re.compile(
    r"(?:[#=*]{1,3}\s)?(?P<name>(?:[^\W\d_][\w.+-]{0,40},?\s){0,5}[(\[]?v?\d{1,4}(?:\.\d{1,5}){1,4}[\w.+~-]{0,20}[)\]]?)"
    r"[\s:,/–—-]{1,4}[(\[]?(?:[Rr]eleased:?\s)?(?:on\s)?(?:[^\W\d_]{2,9}\.?,?\s)?(?P<date>\d{4}[-/.]\d\d?[-/.]\d\d?"
    r"|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{1,2}(?:st|nd|rd|th)?\.?[\s-][^\W\d_]{3,12}\.?,?[\s-]\d{4}"
    r"|[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})[)\]]?[\s:=*#]*\Z"
    r"|(?P<day>\d{4}-\d\d-\d\d|\* [A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{4})\s{1,3}[^<>\n]{2,60}<[^<>\s]{3,100}>"
)
_DEBIAN = re.compile(r"[a-z0-9][a-z0-9+.-]{1,60} \((?P<version>[^()\s]{1,60})\) [\w -]{1,60}; ?urgency=")
_SIGNED = re.compile(r" -- .{1,200}>  (?P<date>.{10,40})\Z")
_LINE_BELOW = re.compile(r"[-=~*^_]{3,}\s*\Z")
_FIELD = re.compile(r"([A-Za-z][\w /()-]{0,30}):(?:[ \t]|\Z)")
_NEXT_POST = re.compile(r"-{8}\Z")
_POST_FIELD = re.compile(r"([A-Z][A-Z ]{2,20}):(?: (.*)|\Z)")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of text."""

    name: str  # what people call it, for the summary
    # Matches the first line of a record; or, where records are parted by a line of their own, that line.
    begins: re.Pattern[str]
    record: Callable[[list[str]], _Record]  # the lines of a record, without their ends, to the record
    is_parted: bool = False  # whether `begins` matches the line between records
    # Matches a line with the day of the records below it, which are given that day as their first line.
    days: re.Pattern[str] | None = None
    # Whether the lines of a record so far go on in a line that looks like one with a day.
    is_open: Callable[[list[str]], bool] | None = None


def kind_of_text(head: str) -> _Kind | None:
    """The kind of a text that begins like this; None if it is not a kind that is read here."""
    begun = head.removeprefix("\ufeff").splitlines()[:_LOOKED_AT]
    lines = [line[:_LONGEST_BEGINNING] for line in begun if line.strip()]
    if not lines:
        return None
    if _SUBVERSION.begins.match(lines[0]) and any(map(_REVISION.match, lines[1:2])):
        return _SUBVERSION
    for kind in (_GIT, _REFERENCES, _ENDNOTE):
        if kind.begins.match(lines[0]):
            return kind
    if _SIGNAL.begins.match(lines[0]) and any(line.startswith("Sent: ") for line in lines[1:5]):
        return _SIGNAL
    fields = {found[1] for line in lines if (found := _POST_FIELD.match(line))}
    if {"TITLE", "DATE"} <= fields and _POST_FIELD.match(lines[0]) and "-----" in lines:
        return _MOVABLE_TYPE
    if _EXPORTED.match(lines[0]) and any(_WORKS.match(line) for line in lines[:4]):
        return _WORKS_OF_SCIENCE
    if any(map(_IRC_DAY.match, lines[:3])) and any(map(_IRC.match, lines)):
        return _IRC_LOG
    if lines[0].startswith("[LINE] ") and any(map(_LINE_DAY.match, lines)):
        return _LINE_CHAT
    first = _FIELD.match(lines[0])
    if first is not None:
        names = [match[1] for line in begun if (match := _FIELD.match(line))]
        if names.count(first[1]) > 1 and is_header(dict.fromkeys(names), WantedColumns()):
            return _Kind("blocks of fields", re.compile(re.escape(first[1]) + r":[ \t]"), _block)
    for kind in (_CHAT, _LOG):
        heads = [match for line in lines if (match := kind.begins.match(line))]
        if kind is _CHAT and not any(_AUTHOR.match(match.string, match.end()) for match in heads):
            continue  # a diary
        if kind.begins.match(lines[0]) and 2 * len(heads) >= len(lines) and len(heads) > 1:
            after = {match.string[match.end("date")] for match in heads}
            is_table = kind is _LOG and len(heads) == len(lines) and len(after) == 1 and after <= _SEPARATORS
            return None if is_table else kind
    entries = [match for line in lines if (match := _ENTRY.match(line))]
    if entries and [entries[0].string] == lines[1:2] and len(lines[0].split()) <= _WORDS_OF_A_HEADING:
        lines = lines[1:]  # a title above
    if _ENTRY.match(lines[0]) and len(entries) > 1 and len({match["mark"].strip() for match in entries}) == 1:
        rests = [line[match.end() :] if (match := _ENTRY.match(line)) else line for line in lines]
        return _DIARY if any(map(str.strip, rests)) else None
    for kind in (_CHANGES, _DEBIAN_CHANGES):
        if any(map(kind.begins.match, lines)):
            return kind
    if len(lines) > 1 and all(map(_YEARLESS.match, lines)):
        raise NoTableError(
            f"holds lines whose dates have no year ({lines[0][:15]}): configure the program to write it (rsyslog: "
            "RSYSLOG_FileFormat; journalctl -o json)"
        )
    return None


def is_chat_or_log(text: str) -> bool:
    """Whether a page is a chat or a log by its lines."""
    try:
        return kind_of_text(text[: 2**14]) in (_CHAT, _LOG, _SIGNAL)
    except NoTableError:
        return False


def read_text_records(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The records of a text in one of these forms.

    Raises
    ------
    NoTableError
        If it is of none of the kinds that are known.
    """
    head = file.head(2**16)
    encoding = file.found_encoding(head)
    try:
        kind = kind_of_text(head.decode(encoding, "replace"))
    except NoTableError as error:
        raise NoTableError(error.problem, file=file.name, line=1) from None
    if kind is None:
        raise NoTableError(
            "holds no Git log, chat, references (RIS) or lines that begin with a date such as 2016-07-11 18:30:00",
            file=file.name,
            line=1,
        )
    file.notes.append(f"records: {kind.name}")
    above = 0
    begun: int | None = None
    held: list[str] = []
    size = 0
    day = ""
    for number, line, fault in file.lines(encoding):
        if fault is not None or isinstance(line, Cut):
            yield file.name, (number, None), fault, line
            continue
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if number == 1:
            text = text.removeprefix("\ufeff")
        if (
            kind.days is not None
            and (dated := kind.days.match(text))
            and not (kind.is_open and kind.is_open(held))
        ):
            day = dated["day"]
            if begun is not None:
                yield _made(file, kind, begun, held, size)
            begun, held, size = None, [], 0
            continue
        is_mark = kind.begins.match(text[:_LONGEST_BEGINNING]) is not None
        if is_mark or (begun is None and kind.is_parted and text.strip()):
            if begun is not None:
                yield _made(file, kind, begun, held, size)
            begun, held, size = (None if is_mark and kind.is_parted else number), [day] * (day != ""), 0
        if begun is None:
            above += bool(text.strip()) and not is_mark
        elif (size := size + len(text) + 1) <= MAX_RECORD:
            held.append(text)
    if begun is not None:
        yield _made(file, kind, begun, held, size)
    if above:
        file.notes.append(f"{above} line{'s' * (above > 1)} above the first record ignored")


def _made(file: SourceFile, kind: _Kind, line: int, lines: list[str], size: int) -> Item:
    value: object
    if size > MAX_RECORD:
        value = InputError(too_long(size).problem)
    else:
        record = kind.record(lines)
        value = Finished(record) if isinstance(record, LeftOut) else record
    return file.name, (line, None), value, "\n".join(lines)


def _commit(lines: list[str]) -> _Record:
    about: dict[str, str] = {}
    message: list[str] = []
    for line in lines[1:]:
        name, mark, value = line.partition(":")
        if line.startswith("    "):
            message.append(line[4:])
        elif not message and mark and name.isalpha():
            about[name] = value.strip()
        elif line.strip() and message:
            break  # a list of files, or what was changed in them
        elif message:
            message.append("")
    found = _COMMIT.match(lines[0])
    title, _, text = "\n".join(message).strip().partition("\n")
    return {
        "id": found["id"] if found else None,
        "date": about.get("AuthorDate") or about.get("Date") or about.get("CommitDate"),
        "title": title,
        "text": text.strip(),
        "author": about.get("Author"),
    }


_REVISION = re.compile(
    r"r(?P<id>\d{1,9}) \| (?P<author>[^|]*) \| (?P<date>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})"
)


def _revision(lines: list[str]) -> _Record:
    """A commit of Subversion; the paths that it changes stand above its words."""
    found = _REVISION.match(lines[0])
    if found is None:
        return _NO_WORDS
    words = lines[1:]
    if words[:1] == ["Changed paths:"]:
        words = words[words.index("") :] if "" in words else []
    title, _, text = "\n".join(words).strip().partition("\n")
    return {**found.groupdict(), "title": title, "text": text.strip()} if title else _NO_WORDS


def _message(lines: list[str]) -> _Record:
    found = _MESSAGE.match(lines[0])
    rest = lines[0][found.end() :] if found else lines[0]
    named = _AUTHOR.match(rest.lstrip("\u200e"))
    if found is None or named is None:
        return _NO_WORDS  # somebody joined, or the name of the group was changed
    text = "\n".join([rest.lstrip("\u200e")[named.end() :], *lines[1:]]).strip()
    if not text or _MEDIA.match(text):
        return _NO_WORDS
    return {"date": re.sub(r"\s", " ", found["date"]), "text": text, "author": named["author"]}


def _entry(lines: list[str]) -> dict[str, Any]:
    """An entry of a diary: a day, its words behind or below it, perhaps with a heading on a line of its own."""
    found = _ENTRY.match(lines[0])
    words = "\n".join([lines[0][found.end() :] if found else lines[0], *lines[1:]]).strip()
    title, _, text = words.partition("\n")
    if not text.startswith("\n") or len(title.split()) > _WORDS_OF_A_HEADING:
        title, text = "", words
    return {"date": found["date"] if found else None, "title": title, "text": text.strip()}


def _release(lines: list[str]) -> dict[str, Any]:
    """A release of a change log, with what changed below its heading."""
    found = _RELEASE.match(lines[0])
    words = [line for line in lines[1:] if not _LINE_BELOW.match(line)]
    return {
        "date": found and (found["date"] or found["day"].removeprefix("* ")),
        "title": found and found["name"],
        "text": dedent("\n".join(words)).strip(),
    }


def _debian_release(lines: list[str]) -> dict[str, Any]:
    """A release of a Debian package, whose day stands in the line below it."""
    found = _DEBIAN.match(lines[0])
    signed = next((match for line in lines if (match := _SIGNED.match(line))), None)
    words = [line for line in lines[1:] if not line.startswith(" -- ")]
    return {
        "date": signed and signed["date"],
        "title": found and lines[0][: found.end("version") + 1],
        "text": dedent("\n".join(words)).strip(),
    }


def _spoken(lines: list[str]) -> _Record:
    """A message of IRC, as irssi logs it, below the line with its day: ``07:45 < ann> The dam leaks.``"""
    found = _IRC.match(lines[1]) if len(lines) > 1 else None
    if found is None or not found["author"]:
        return _NO_WORDS  # somebody joined or left
    return {
        "date": f"{_irc_day(lines[0])} {found['clock']}",
        "text": lines[1][found.end() :],
        "author": found["author"],
    }


def _irc_day(text: str) -> str:
    """``Thu Mar 04 07:40:00 2021`` without its time."""
    _, month, day, *_, year = text.split()
    return f"{day} {month} {year}"


def _chatted(lines: list[str]) -> _Record:
    """A message of LINE below the line with its day: clock, author and words, parted by tabs."""
    clock, _, rest = lines[1].partition("\t") if len(lines) > 1 else ("", "", "")
    author, mark, text = rest.partition("\t")
    if not mark:
        return _NO_WORDS
    words = "\n".join([text, *lines[2:]]).strip()
    if len(words) > 1 and words[0] == words[-1] == '"':
        words = words[1:-1].strip()
    return {"date": f"{lines[0]} {clock}", "text": words, "author": author}


def _is_quoted(lines: list[str]) -> bool:
    """Whether the words of a message of several lines, which LINE puts between quotes, go on."""
    words = "\n".join(lines).split("\t", 2)[-1]
    return words.startswith('"') and words.count('"') % 2 == 1


def _block(lines: list[str]) -> _Record:
    """Lines of names and values; those without a name go on with the value above them."""
    fields: dict[str, list[str]] = {}
    last: list[str] = []
    for line in lines:
        found = _FIELD.match(line)
        if found is not None:
            last = fields.setdefault(found[1], [])
            last.append(line[found.end() :].strip())
        else:
            last.append(line.strip())
    return {name: "\n".join(values).strip() for name, values in fields.items()}


_WORK_FIELDS = {"id": "UT", "title": "TI", "text": "AB", "language": "LA", "sources": "SO"}


def _work(lines: list[str]) -> _Record:
    """A work of the Web of Science: tags of two letters, lines that go on behind three blanks."""
    tags: dict[str, list[str]] = {}
    last: list[str] = []
    for line in lines:
        if line[:2].strip():
            last = tags.setdefault(line[:2], [])
        last.append(line[3:].strip())
    words = {tag: " ".join(values) for tag, values in tags.items()}
    record: dict[str, Any] = {ours: words.get(theirs) for ours, theirs in _WORK_FIELDS.items()}
    month, _, day = words.get("PD", "").partition(" ")
    number = month_of(month[:3]) if month else None
    parts = [
        words.get("PY"),
        f"{number:02}" if number else None,
        day.zfill(2) if number and day.isdecimal() else None,
    ]
    record["date"] = "-".join(part for part in parts if part)
    record["topics"] = [
        topic.strip() for tag in ("DE", "ID") for topic in words.get(tag, "").split(";") if topic.strip()
    ]
    return record


def _mailed_message(lines: list[str]) -> _Record:
    """A message of Signal, as its tools write them: lines about it, an empty one, its words."""
    about: dict[str, str] = {}
    for at, line in enumerate(lines):
        name, mark, value = line.partition(": ")
        if not line.strip() or not mark:
            text = "\n".join(lines[at:]).strip()
            break
        about[name] = value.strip()
    else:
        text = ""
    day = about.get("Sent") or about.get("Received")
    return {"date": day, "text": text, "author": about["From"]} if text and day else _NO_WORDS


_REFERENCE_FIELDS = {
    "id": ("ID", "PMID", "AN", "DO"),
    "title": ("TI", "T1", "CT", "BT"),
    "text": ("AB", "N2"),
    "url": ("UR", "LK", "L2"),
    "sources": ("T2", "JT", "JO", "JF"),
    "language": ("LA",),
}
_REFERENCE_DAY = re.compile(r"(?P<year>\d{4})(?:/(?P<month>\d{1,2})(?:/(?P<day>\d{1,2}))?)?")
_PUBMED_DAY = re.compile(r"(?P<year>\d{4}) (?P<month>[A-Z][a-z]{2})(?: (?P<day>\d{1,2}))?\Z")


def _reference(lines: list[str]) -> _Record:
    parts: dict[str, list[list[str]]] = {}
    last: list[str] | None = None
    for line in lines:
        found = _TAG.match(line)
        if found is not None:
            last = [(found[2] or "").strip()]
            parts.setdefault(found[1], []).append(last)
        elif last is not None and line.strip():
            last.append(line.strip())
    tags = {tag: [" ".join(words) for words in values] for tag, values in parts.items()}
    record: dict[str, Any] = {
        ours: next((tags[tag][0] for tag in theirs if tags.get(tag, [""])[0]), None)
        for ours, theirs in _REFERENCE_FIELDS.items()
    }
    days = [day for tag in ("DA", "PY", "Y1", "DP") for day in tags.get(tag, []) if day[:4].isdigit()]
    record["date"] = max(map(_reference_day, days), key=len, default=None)
    record["topics"] = [topic.lstrip("*") for tag in ("KW", "MH", "OT") for topic in tags.get(tag, [])]
    return record


_ENDNOTE_FIELDS = {
    "T": "title",
    "X": "text",
    "U": "url",
    "G": "language",
    "J": "sources",
    "M": "id",
    "K": "topics",
    "D": "year",
    "8": "day",
}


def _endnote(lines: list[str]) -> _Record:
    """A reference as EndNote and Google Scholar tag it: ``%T`` the title, ``%D`` the year, ``%8`` the day in it."""
    parts: dict[str, list[str]] = {}
    last: list[str] = []
    for line in lines:
        if line[:1] == "%" and line[2:3] in (" ", ""):
            last = parts.setdefault(_ENDNOTE_FIELDS.get(line[1:2], ""), [])
            last.append(line[3:].strip())
        elif last and line.strip():
            last[-1] += f" {line.strip()}"
    record: dict[str, Any] = {
        ours: values if ours == "topics" else values[0] for ours, values in parts.items() if ours
    }
    year, day = record.pop("year", None), record.pop("day", None)
    when = day if day and re.search(r"\d{4}", day) else f"{day} {year}" if day and year else year
    return {**record, "date": when}


def _reference_day(text: str) -> str:
    """A day as references have it: ``2024/03/04/``, ``2024 Mar 4``; of ``2024 Spring`` the year."""
    found = _PUBMED_DAY.match(text)
    if found is not None and (month := month_of(found["month"])):
        return "-".join([found["year"], f"{month:02}", *([found["day"].zfill(2)] if found["day"] else [])])
    found = _REFERENCE_DAY.match(text)
    return "-".join(part.zfill(2) for part in found.groups() if part) if found else text


def _post(lines: list[str]) -> _Record:
    """A post of Movable Type (https://movabletype.org/documentation/appendices/import-export-format.html)."""
    fields: dict[str, list[str]] = {}
    sections: dict[str, list[str]] = {}
    inside: list[str] | None = None
    is_head = is_new = True
    for line in lines:
        if line == "-----":
            is_head, is_new, inside = False, True, None
            continue
        found = _POST_FIELD.match(line) if is_head or is_new else None
        if is_head and found is not None:
            fields.setdefault(found[1], []).append((found[2] or "").strip())
        elif found is not None:
            inside = [] if found[1] in sections else sections.setdefault(found[1], [])
        elif inside is not None:
            inside.append(line)
        is_new = False
    first = {name: values[0] for name, values in fields.items()}
    if first.get("STATUS", "Publish").lower() not in ("publish", "published"):
        return LeftOut("drafts")
    body, more, excerpt = (
        "\n".join(sections.get(name, ())).strip() for name in ("BODY", "EXTENDED BODY", "EXCERPT")
    )
    categories = list(dict.fromkeys(fields.get("PRIMARY CATEGORY", []) + fields.get("CATEGORY", [])))
    return {
        "id": first.get("BASENAME"),
        "date": _post_day(first.get("DATE", "")),
        "title": first.get("TITLE"),
        "text": "\n\n".join(filter(None, (body, more))) or excerpt,
        "category": categories[0] if categories else None,
        "topics": [
            *(tag.strip().strip('"') for tags in fields.get("TAGS", ()) for tag in tags.split(",") if tag.strip()),
            *categories[1:],
        ],
    }  # fmt: skip


_POST_DAY = re.compile(
    r"(?P<month>\d\d)/(?P<day>\d\d)/(?P<year>\d{4}) (?P<hour>\d\d)(?P<rest>:\d\d:\d\d)(?: (?P<half>[AP])M)?\Z"
)


def _post_day(text: str) -> str:
    found = _POST_DAY.match(text)
    if found is None:
        return text
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"] == "P")
    return f"{found['year']}-{found['month']}-{found['day']}T{hour:02}{found['rest']}"


def _line(lines: list[str]) -> _Record:
    found = _STAMP.match(lines[0])
    if found is None:
        return _NO_WORDS
    rest = lines[0][found.end() :]
    level = _LEVEL.match(rest)
    if level is not None:
        rest = rest[level.end() :]
    return {
        "date": found["date"].replace(",", "."),
        "title": rest,
        "text": "\n".join(lines[1:]).strip("\n"),
        "category": level["level"] if level else None,
    }


_GIT = _Kind("the commits of a Git log", _COMMIT, _commit)
_DIARY = _Kind("a diary", _ENTRY, _entry)
_CHAT = _Kind("the messages of a chat", _MESSAGE, _message)
_SUBVERSION = _Kind("the commits of a Subversion log", re.compile(r"-{72}\Z"), _revision, is_parted=True)
_ENDNOTE = _Kind("references", re.compile("%0 "), _endnote)
_SIGNAL = _Kind("the messages of a chat", re.compile(r"From: \S"), _mailed_message)
_REFERENCES = _Kind("references", _REFERENCE, _reference)
_MOVABLE_TYPE = _Kind("the posts of a Movable Type export", _NEXT_POST, _post, is_parted=True)
_IRC_LOG = _Kind("the messages of an IRC log", _IRC, _spoken, days=_IRC_DAY)
_LINE_CHAT = _Kind("the messages of a chat", _LINE_MESSAGE, _chatted, days=_LINE_DAY, is_open=_is_quoted)
_WORKS_OF_SCIENCE = _Kind("references", _WORKS, _work)
_CHANGES = _Kind("the releases of a change log", _RELEASE, _release)
_DEBIAN_CHANGES = _Kind("the releases of a change log", _DEBIAN, _debian_release)
_LOG = _Kind("lines that begin with a date", _STAMP, _line)
