"""Decides by the cells of the first records which columns the fields of a source are read from, if the names leave it open. In:
the columns as matched by name, and the first records. Out: the same columns, some of them now mapped or excluded because of
their cells: a number that is not unique is no id, a column of addresses holds no words, and of several columns with words the
longest is the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from relatedness.arguments import plain
from relatedness.errors import InputError
from relatedness.sources._cells import is_absent
from relatedness.sources._columns import Columns, Path, WantedColumns, leaves, match, may_be_spare
from relatedness.sources._dates import DateColumn, UndatedError, Undecided
from relatedness.sources._names import (
    RANKS,
    folded,
    has_words_of_a_text,
    is_beginning,
    is_clock,
    is_number_of_something_else,
    is_of_something_else,
    is_other_day,
    is_usual_id,
    may_be_id,
    words_of,
)
from relatedness.sources._settled_names import is_before_written
from relatedness.sources._telling_cells import lower_words_in, words_in

_BY_CELLS = 30  # records whose words are examined
_ROW_NAMES = ("", "unnamed0")  # what CSV and pandas call the index of a frame without a name
_ROWS_OF_A_GUESS = 3  # the fewest records from which a column without a clear name may be taken as the id
_WORDS_OF_A_TEXT = 6  # the fewest words in lower case that the cells of a text have on average
_WORDS_OF_A_LABEL = 2  # the most that labels have
_WORDS_OF_A_PHRASE = 3  # the fewest that phrases have
_WORDS_OF_A_TITLE = 14  # the most
_LONGER = 1.5  # how many times longer a column must be to count as the full text
_ADDRESS = re.compile(r"\s*https?://\S+\s*\Z")
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|mp[34])(?:\?|\s*\Z)", re.IGNORECASE)
_LONG_WORD = re.compile(r"\b\w{5}|\b\w{4}\b")  # or its first letters, which inflected forms share
_HOUR_AND_MINUTE = re.compile(r"\s*[0-2]?\d?[0-5]?\d\s*\Z")
_LOCATION = re.compile(r"://|\A\s*/")
_ID = re.compile(r"[\w.:/#-]{1,80}\Z")
_NUMBERED_ID = re.compile(
    r"(?=.*\d)(?=.*[^\W\d_])\w[\w/-]{3,39}\Z|[^\W\d_]{1,9}[-/]\d{1,9}\Z|\d{5,20}\Z|\d+[-/]\d+\Z"
)
_DAY = re.compile(
    r"(?:1[89]|2[01])\d\d-?(?:0\d|1[0-2]|[A-Za-z]{3})-?[0-3]\d\Z|\d\d?-[A-Za-z]{3}-\d\d(?:\d\d)?\Z"
)
_LISTED = re.compile(r"[,;|#\[\n]")
_FLAGS = frozenset(("on", "off", "yes", "no", "true", "false", "published", "unpublished"))


class FirstRecords:
    """The first records of a source.

    Parameters
    ----------
    columns : Columns
        The columns of a source, before any record is read; decisions are stored there.
    values : sequence of mapping
    wanted : WantedColumns
    dates : callable
        Gives what reads the dates of one column, as the caller says that they are written.
    """

    def __init__(
        self,
        columns: Columns,
        values: Sequence[Mapping[Any, Any]],
        wanted: WantedColumns,
        dates: Callable[[], DateColumn],
    ) -> None:
        self._columns = columns
        self._wanted = wanted
        self._dates = dates
        self._values = values
        self._rows = len(values)
        self._paths: dict[Path, None] = {}
        self._cells: dict[Path, list[Any]] = {}
        for value in values:
            for path, cell in leaves(value):
                self._paths.setdefault(path)
                if not is_absent(read := plain(cell)):
                    self._cells.setdefault(path, []).append(read)

    def decide(self) -> None:
        """Decide what the names leave open."""
        if not self._rows:
            return
        self._leave_counts()
        self._find_filled_date()
        if self._wanted.by_cells and not self._wanted.found:
            self._find_addresses()
            self._number_titles()
            if {"title", "text"}.isdisjoint(self._wanted.fields.values()):
                self._find_words()
            self._leave_sentences()
        self._leave_ids()
        if self._wanted.by_cells and not self._wanted.found:
            self._guess_id()

    def _found(self) -> dict[str, list[Path]]:
        return self._columns.found(list(self._paths))

    def _take(self, path: Path, ours: str) -> None:
        self._columns.take({**self._columns.by_cells, ".".join(path): ours})

    def _is_filled(self, path: Path) -> bool:
        return len(self._cells.get(path, ())) == self._rows

    def _texts(self, path: Path) -> list[str]:
        """The first texts in a column."""
        return list(islice((cell for cell in self._cells.get(path, ()) if isinstance(cell, str)), _BY_CELLS))

    def _lower_words(self, path: Path) -> float:
        """The mean number of words in lower case: names of people and places begin with capitals."""
        return _mean(map(lower_words_in, self._texts(path)))

    def _leave_counts(self) -> None:
        """Do not take a column of counts, such as deleted lines, as a flag that hides records."""
        for path in self._paths:
            if path[-1].lower() == "deleted" and any(
                str(cell).isdecimal() and str(cell).lstrip("0") not in ("", "1")
                for cell in self._cells.get(path, ())
            ):
                self._columns.counts.add(path[-1])

    def _find_filled_date(self) -> None:
        """If some of the first records have no date of beginning, take another date that all of them have.

        Trackers write when work began, which for some tickets is never, and when each ticket was made; a report may leave the
        day of its event empty, and says when it was written. An empty day of publication does not count: its record is a draft.
        A column that says only whether a record is published is no date, and neither is one whose cells cannot be read as
        dates, where those of another column can, unless these are days of birth or of updates.
        """
        wanted = self._wanted
        if not wanted.dated or "date" in self._columns.by_cells.values() or wanted.names_date:
            return
        paths = list(self._paths)
        begun = found = match(paths, wanted).get("date", [])
        while found and (
            len(found) == 1 or not self._is_readable(found[0]) or is_before_written(found[0], self._paths)
        ):
            if all(map(_is_flag, self._cells.get(found[0], [""]))):
                self._columns.leave(found[0][-1])
            elif self._is_readable(found[0]) and (
                self._is_filled(found[0])
                or not (is_beginning(found[0][-1]) or is_before_written(found[0], self._paths))
            ):
                break
            paths.remove(found[0])
            found = match(paths, wanted).get("date", [])
        if (
            found
            and found[0] != begun[0]
            and (self._is_filled(found[0]) if self._is_readable(begun[0]) else not is_other_day(found[0][-1]))
        ):
            self._take(found[0], "date")

    def _is_readable(self, path: Path) -> bool:
        """Whether at least half of the texts in a column are dates; also true for a column without texts."""
        if is_clock(path[-1]) and all(
            _HOUR_AND_MINUTE.match(str(cell)) for cell in self._cells.get(path, [""])
        ):
            return False
        texts = self._texts(path)
        dates = self._dates()
        return 2 * sum(_is_day(text, dates) for text in texts) >= len(texts)

    def _find_addresses(self) -> None:
        """Read addresses from the only column of addresses, and ids from ``uri`` if its cells are not addresses."""
        given = set(self._wanted.fields.values())
        found = self._found()
        ids = [
            path
            for path in self._paths
            if path in (("uri",), *found.get("url", ())) and path[-1].lower() == "uri"
        ]
        if ids and "id" not in found and {"id", "url"}.isdisjoint(given) and _are_names(self._texts(ids[0])):
            self._take(ids[0], "id")
        if "url" in found or "url" in given:
            return
        sources = [
            path
            for path in found.get("sources", ())
            if path[-1].lower() == "source" and "sources" not in given
        ]
        used = {path for paths in found.values() for path in paths}
        named = [
            path
            for path in self._paths
            if path not in used and len(path) == 1 and not is_of_something_else(path[-1])
        ]
        columns = [path for path in [*sources, *named] if self._holds_addresses(path)]
        if sources and sources[0] in columns:
            self._take(sources[0], "url")
        elif len(columns) == 1:
            self._take(columns[0], "url")

    def _has_words(self, path: Path) -> bool:
        """Whether some cell may hold words; true for an empty column: "numComments" and an object of flags hold none."""
        cells = self._cells.get(path, [])[:_BY_CELLS]
        return not cells or any(
            any(map(str.isalpha, cell)) if isinstance(cell, str) else isinstance(cell, list | tuple)
            for cell in cells
        )

    def _holds_addresses(self, path: Path) -> bool:
        cells = self._texts(path)
        return (
            bool(cells)
            and all(map(_ADDRESS.match, cells))
            and not any(map(_PICTURE.search, cells))
            and 2 * len({*cells}) > len(cells)
        )

    def _number_titles(self) -> None:
        """Take the id from a column that is called like the record, "Incident", if its cells are numbers of records, no words."""
        found = self._found()
        title = next(iter(found.get("title", ())), None)
        if title is None or title[-1] in self._wanted.fields or folded(title[-1]) in RANKS["title"]:
            return
        numbers = [str(cell).strip() for cell in self._cells.get(title, ())]
        others = self._columns.found([path for path in self._paths if path != title])
        if (
            self._rows >= _ROWS_OF_A_GUESS
            and len({*numbers}) == self._rows
            and all(number.isdecimal() or _NUMBERED_ID.match(number) for number in numbers)
            and not any(map(_DAY.match, numbers))
            and not {"title", "text"}.isdisjoint(others)
        ):
            if "id" in found:
                self._columns.leave(title[-1])
            else:
                self._take(title, "id")

    def _find_words(self) -> None:
        """Exclude columns of addresses and labels from title and text, and read the text from the column with the full text."""
        for ours in ("title", "text"):
            for path in self._found().get(ours, ()):
                if folded(path[-1]) not in RANKS[ours] and not self._has_words(path):
                    self._columns.leave(path[-1])
        found = self._found()
        for path in [*found.get("title", ()), *found.get("text", ())]:
            others = self._columns.found([other for other in self._paths if other != path])
            if self._holds_addresses(path) and not {"title", "text"}.isdisjoint(others):
                self._columns.leave(path[-1])
        found = self._found()
        texts = found.get("text", [])
        words = {path: self._lower_words(path) for path in texts}
        if len(texts) > 1 and max(words.values()) >= _WORDS_OF_A_TEXT:
            for path in texts:
                if words[path] < _WORDS_OF_A_LABEL:
                    self._columns.leave(path[-1])
            found = self._found()
            texts = found.get("text", [])
        used = {path for paths in found.values() for path in paths}
        free = [path for path in self._paths if path not in used]
        if len(texts) == 1 and len(texts[0]) == 1:
            self._find_longer(texts[0], free, "title" in found)
        elif not texts and "title" in found:
            sentences = self._of_sentences(free)
            if sentences is not None:
                self._take(sentences, "text")
        found = self._found()
        texts = found.get("text", [])
        if len(texts) == 1 and len(texts[0]) == 1:
            if "title" not in found or self._is_label(found["title"][0]):
                self._find_title(free, texts[0])
            self._exchange()

    def _is_label(self, path: Path) -> bool:
        """Whether the cells of a title are those of a category, such as "Rubrik" in German, or the names of a few things."""
        cells = self._texts(path)
        if words_of(path[-1])[-1:] in (["title"], ["headline"]):
            return False
        return len(cells) > _ROWS_OF_A_GUESS and 2 * len({*cells}) <= len(cells)

    def _exchange(self) -> None:
        """Let title and text change places if the text is a phrase, and the longer title has a name that texts have, too."""
        found = self._found()
        (title, *others), (text, *more) = found.get("title", [()]), found.get("text", [()])
        if not title or not text or others or more or folded(title[-1]) in RANKS["title"]:
            return
        phrases = self._texts(text)
        if (
            _WORDS_OF_A_PHRASE <= _mean(map(words_in, phrases)) <= _WORDS_OF_A_TITLE
            and len({*phrases}) == len(phrases)
            and _mean(map(len, self._texts(title))) >= _LONGER * _mean(map(len, phrases))
        ):
            self._take(title, "text")
            self._take(text, "title")

    def _leave_sentences(self) -> None:
        """Exclude a column of sentences from the topics if another column may hold them."""
        topics = self._found().get("topics", [])
        others = self._columns.found([path for path in self._paths if path not in topics])
        if len(topics) == 1 and "topics" in others and self._lower_words(topics[0]) > _WORDS_OF_A_LABEL:
            cells = self._texts(topics[0])
            if len({*cells}) == len(cells) and not any(map(_LISTED.search, cells)):
                self._columns.leave(topics[0][-1])

    def _find_longer(self, text: Path, free: Sequence[Path], is_titled: bool) -> None:
        """Read the text from a longer column, and use the former text column as the title if there is no other."""
        cells = self._texts(text)
        if not cells:
            return
        length = _mean(map(len, cells))
        if not may_be_spare(text[-1]):  # no record may lose its words
            free = [path for path in free if len(self._cells.get(path, ())) >= len(self._cells[text])]
        longer = [
            path
            for path in free
            if len(path) == 1
            and has_words_of_a_text(path[-1])
            and 2 * len(self._texts(path)) >= min(self._rows, _BY_CELLS)
            and self._lower_words(path) >= _WORDS_OF_A_TEXT
            and _mean(map(len, self._texts(path))) >= _LONGER * length
        ]
        best: Path | None = max(longer, key=lambda path: _mean(map(len, self._texts(path))), default=None)
        if best is None and 2 * len({*cells}) <= len(cells):
            best = self._of_sentences(free)
        if best is None:
            return
        if (
            not is_titled
            and 0 < _mean(map(words_in, cells)) <= _WORDS_OF_A_TITLE
            and 2 * len({*cells}) > len(cells)
        ):
            self._take(text, "title")
        self._take(best, "text")

    def _find_title(self, free: Sequence[Path], text: Path) -> None:
        """Read the title from the only column of phrases that differ in each row, which excludes names of people or places.

        The phrases must recur in the texts: weather conditions or actions taken are no titles.
        """
        phrases = [
            path
            for path in free
            if path != text
            and len(path) == 1
            and (not is_of_something_else(path[-1]) or words_of(path[-1])[-1] in ("title", "headline"))
            and len({*(cells := self._texts(path))}) == min(self._rows, _BY_CELLS) > _ROWS_OF_A_GUESS
            and _WORDS_OF_A_PHRASE <= _mean(map(words_in, cells)) <= _WORDS_OF_A_TITLE
            and self._lower_words(path) > 1
        ]
        if len(phrases) == 1 and self._recurs(phrases[0], text):
            self._take(phrases[0], "title")

    def _recurs(self, title: Path, text: Path) -> bool:
        """Whether in at least half of the first records the text contains the beginning of a word of the title."""
        records = [dict(leaves(value)) for value in self._values[:_BY_CELLS]]
        found = 0
        for record in records:
            said = str(record.get(text, "")).casefold()
            words = _LONG_WORD.findall(str(record.get(title, "")).casefold())
            found += any(word in said for word in words)
        return 2 * found >= len(records)

    def _of_sentences(self, paths: Sequence[Path]) -> Path | None:
        """The column of sentences that differ in more than half of the rows; None if there is none. A sentence repeated in
        every row is a licence or a remark on the data.
        """
        rows = min(self._rows, _BY_CELLS)
        counts = {path: self._lower_words(path) for path in paths if 2 * len({*self._texts(path)}) > rows}
        best = max(counts, key=counts.__getitem__, default=None)
        return best if best is not None and counts[best] >= _WORDS_OF_A_TEXT else None

    def _leave_ids(self) -> None:
        """Do not use a number as the id if several of the first records share it, such as that of a case or of a joint report."""
        wanted = self._wanted
        while "id" not in wanted.fields.values() and (found := match(list(self._paths), wanted).get("id")):
            path = found[0]
            if path[-1] in wanted.apart:
                return
            cells = [str(cell) for cell in self._cells.get(path, ())]
            if is_usual_id(path[-1], (each[-1] for each in self._paths)):
                # A repeated id in a column with a usual name is an error in the file, unless most records share theirs.
                is_id = bool(cells) and (
                    2 * len({*cells}) > len(cells) or len({*cells}) >= len({*map(repr, self._values)}) / 2
                )
            else:
                is_id = len({*cells}) == len(cells) and not any("://" in cell for cell in cells)
            if is_id:
                return
            self._columns.leave(path[-1])
            wanted = replace(wanted, apart=wanted.apart | {path[-1]})

    def _guess_id(self) -> None:
        """If no name tells the id, take the first column that may be a record number, if its cells are unique."""
        found = self._found()
        if "id" in found or "id" in self._wanted.fields.values() or self._rows < _ROWS_OF_A_GUESS:
            return
        used = {path for paths in found.values() for path in paths}
        first = next(iter(self._paths))
        if folded(first[-1]) in _ROW_NAMES and first not in used:
            # The index of a frame: numbers of rows, or names of rows.
            names = self._texts(first)
            are_ids = all(map(_ID.match, names)) and not any(map(str.isdecimal, names))
            if len(names) == min(self._rows, _BY_CELLS) and are_ids and _are_names(names):
                self._take(first, "id")
                return
        for at, path in enumerate(path for path in self._paths if path != ("",)):
            cells = self._cells.get(path, [])
            if path in used or len(path) > 1 or len(cells) < self._rows or path[-1] in self._columns.apart:
                continue
            if not all(type(cell) in (str, int) for cell in cells):
                continue
            texts = [str(cell).strip() for cell in cells]
            if len({*texts}) < len(texts) or not all(map(_ID.match, texts)):
                continue
            if may_be_id(path[-1]) or (
                at == 0
                and not is_number_of_something_else(path[-1])
                and all(map(_NUMBERED_ID.match, texts))
                and not any(map(_DAY.match, texts))
            ):
                self._take(path, "id")
                return


def _mean(numbers: Iterable[float]) -> float:
    known = list(numbers)
    return sum(known) / len(known) if known else 0.0


def _are_names(cells: Sequence[str]) -> bool:
    """Whether all are distinct, and none is the address or path of a page: ``urn:newsml:...``."""
    return bool(cells) and len({*cells}) == len(cells) and not any(map(_LOCATION.search, cells))


def _is_flag(cell: Any) -> bool:
    return isinstance(cell, bool) or (isinstance(cell, str) and cell.strip().lower() in _FLAGS)


def _is_day(text: str, dates: DateColumn) -> bool:
    try:
        dates.read(text)
    except (Undecided, UndatedError):
        return True
    except InputError:
        return False
    return True
