"""JSON and YAML -> the records of events.

Lines of objects and arrays stream; a single object (``{"items": [...]}``, a frame of pandas, GeoJSON) is held whole.
"""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from relatedness.errors import InputError, MissingExtraError
from relatedness.sources._file import MAX_RECORD, Cut, Item, SourceFile, reason, too_long

_LISTS = ("items", "events", "results", "records", "data", "entries", "articles", "posts", "rows", "features", "hits",
          "issues", "docs", "documents", "values", "vulnerabilities", "value", "nodes", "edges", "objects", "orderedItems",
          "children", "incidents")  # fmt: skip
_DEEPEST = 3
_BLANK = " \t\r\n"


def _constant(name: str) -> float:
    """What pandas and other programs write for a missing number is absent; an infinity is no value of any field."""
    if name == "NaN":
        return float("nan")
    raise InputError(f"not JSON: {name} is no number that JSON knows")


_DECODER = json.JSONDecoder(parse_constant=_constant)


def read_json_lines(file: SourceFile, fields: Mapping[str, str], dated: bool) -> Iterator[Item]:
    """One object a line; a file that holds one array instead is read as that."""
    head = file.head(4096)
    encoding = file.found_encoding(head, guess=False)
    begun = head.decode(encoding, "replace").removeprefix("\ufeff").lstrip(_BLANK)
    if begun.startswith("[") and not _is_line_of_lists(begun):
        yield from _array(file, encoding)
        return
    for number, line, error in file.lines(encoding):
        if error is not None or isinstance(line, Cut):
            yield file.name, (number, None), error, line
        elif line.strip():
            value = parse_json(line)
            if isinstance(value, InputError) and not line.endswith((b"\n", b"\r")):
                # Written by a program that was stopped, or copied while it was being written.
                value = InputError(
                    f"{value.problem}; the file ends within this line: it was not written to its end"
                )
            yield file.name, (number, None), value, line


def _is_line_of_lists(begun: str) -> bool:
    """Whether the first line is a whole list by itself, and others follow."""
    first, _, rest = begun.partition("\n")
    return bool(rest.strip()) and first.rstrip().endswith("]")


def read_json(file: SourceFile, fields: Mapping[str, str], dated: bool) -> Iterator[Item]:
    """An array of objects, an object that holds one, lines of objects, or a frame as pandas writes it."""
    head = file.head(2**16)
    encoding = file.found_encoding(head, guess=False)
    begun = head.decode(encoding, "replace").removeprefix("\ufeff").lstrip(_BLANK)
    if begun.startswith("["):
        yield from _array(file, encoding)
        return
    first = begun.partition("\n")[0]
    if (
        begun.startswith("{")
        and isinstance(parse_json(first.encode()), dict)
        and len(first) < len(begun.rstrip())
    ):
        yield from read_json_lines(file, fields, dated)
        return
    try:
        data = file.whole()
        value = orjson.loads(data.removeprefix(b"\xef\xbb\xbf")) if encoding.startswith("utf-8") else None
        if value is None:
            value = _DECODER.decode(data.decode(encoding))
    except InputError:
        raise
    except (ValueError, RecursionError):
        whole = parse_json(
            data if encoding.startswith("utf-8") else data.decode(encoding, "replace").encode()
        )
        if isinstance(whole, InputError):
            raise InputError(whole.problem, file=file.name, line=whole.line) from None
        value = whole
    yield from records_of(value, file)


def records_of(value: object, file: SourceFile) -> Iterator[Item]:
    """The records that a value holds: a list, or an object with one list of objects in it.

    Raises
    ------
    InputError
        If it holds none, or several that could be meant.
    """
    if isinstance(value, Mapping):
        frame = _frame(value)
        if frame is not None:
            value = frame
        else:
            found = _lists(value)
            if len(found) != 1:
                what = ", ".join(found) or ", ".join(map(str, list(value)[:12]))
                raise InputError(
                    f"is an object with {'several lists' if found else 'no list'} of records ({what[:200]}): expected an array "
                    "of objects, one object a line, or an object that holds one array of them",
                    file=file.name,
                )
            ((name, value),) = found.items()
            file.notes.append(f"records: the list {name!r}")
    if not isinstance(value, list):
        raise InputError("holds no list of records: expected an array of objects", file=file.name)
    for number, record in enumerate(value, 1):
        yield file.name, (None, number), record, record


def _lists(value: Mapping[Any, Any], above: str = "", depth: int = 0) -> dict[str, list[Any]]:
    """The lists of objects in an object, by their names; of several, those that are called as lists of records are."""
    found: dict[str, list[Any]] = {}
    for name, inner in value.items():
        if isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
            found[f"{above}{name}"] = inner
    known = {name: inner for name, inner in found.items() if name.rpartition(".")[2].lower() in _LISTS}
    if len(found) > 1 and known:
        best = min(known, key=lambda name: _LISTS.index(name.rpartition(".")[2].lower()))
        found = {best: known[best]}
    if not found and depth < _DEEPEST:
        for name, inner in value.items():
            if isinstance(inner, Mapping):
                found |= _lists(inner, f"{above}{name}.", depth + 1)
    return found


def _frame(value: Mapping[Any, Any]) -> list[Any] | None:
    """The rows of a frame as ``pandas.DataFrame.to_json`` writes it by columns, by rows or split."""
    if (
        {"columns", "data"} <= set(value)
        and isinstance(value["columns"], list)
        and isinstance(value["data"], list)
    ):
        names = [str(name) for name in value["columns"]]
        return [
            dict(zip(names, row, strict=False)) if isinstance(row, list) else row for row in value["data"]
        ]
    columns = list(value.values())
    if not columns or not all(isinstance(column, Mapping) for column in columns):
        return None
    keys = list(columns[0])
    if not keys or any(list(column) != keys for column in columns[:50]):
        return None
    if all(str(key).isdigit() for key in keys):
        return [{name: column.get(key) for name, column in value.items()} for key in keys]
    return columns if all(str(key).isdigit() for key in value) else None


def _array(file: SourceFile, encoding: str) -> Iterator[Item]:
    """The elements of an array, one after another: no more than one of them is held."""
    decode = getincrementaldecoder("utf-8" if encoding == "utf-8-sig" else encoding)()
    text, at, number = "", 0, 0
    begun = ended = False
    need = 0
    last = False
    try:
        with file.opened() as (stream, done):
            while True:
                # An element that is not whole is tried again only when there is twice as much of it.
                block = stream.read(max(2**16, need))
                last = not block
                text = text[at:] + decode.decode(block, last)
                at = 0
                file.tick(done())
                if not begun:
                    text = text.removeprefix("\ufeff").lstrip(_BLANK)
                    begun, at = bool(text), 1
                while begun and not ended:
                    while at < len(text) and text[at] in _BLANK + ("," if number else ""):
                        at += 1
                    if at >= len(text):
                        break
                    if text[at] == "]":
                        ended = True
                        at += 1
                        break
                    try:
                        value, end = _DECODER.raw_decode(text, at)
                    except (ValueError, RecursionError) as error:
                        if last or isinstance(error, InputError | RecursionError):
                            raise _array_error(file, number + 1, error) from None
                        break
                    if end == len(text) and not last:
                        break  # a number may go on
                    number += 1
                    yield file.name, (None, number), value, value
                    at = end
                need = len(text) - at
                if need > MAX_RECORD:
                    raise InputError(too_long(need).problem, file=file.name, record=number + 1)
                if ended:
                    break
                if last:
                    words = "ends within the array: it was not copied to its end"
                    raise InputError(words, file=file.name, record=number + 1)
    except UnicodeDecodeError:
        raise InputError(
            f"not {encoding}: save the file as UTF-8, or say --encoding", file=file.name
        ) from None
    except (OSError, EOFError) as error:
        raise InputError(f"cannot be read: {reason(error)}", file=file.name, record=number + 1) from None


def _array_error(file: SourceFile, number: int, error: Exception) -> InputError:
    if isinstance(error, InputError):
        problem = error.problem
    elif isinstance(error, RecursionError):
        problem = "not usable: its values are nested too deeply"
    elif isinstance(error, json.JSONDecodeError):
        problem = f"not JSON: {error.msg}"
    else:
        problem = f"not usable: {error}"
    return InputError(problem, file=file.name, record=number)


def parse_json(line: bytes) -> object:
    """The value that a line is, or the error that it is none."""
    try:
        value = orjson.loads(line)
    except ValueError:
        return _parse_slowly(line)
    # A whole number beyond 64 bits is rounded here.
    if type(value) is dict and type(value.get("id")) is float and value["id"] > 2**63:
        return _parse_slowly(line)
    return value


def _parse_slowly(line: bytes) -> object:
    """As the standard library reads it: NaN and numbers of any length, and what it says of a fault."""
    try:
        return _DECODER.decode(line.decode())
    except InputError as error:
        return error
    except UnicodeDecodeError as error:
        return InputError(f"not UTF-8 from byte {error.start + 1} of the line on: save the file as UTF-8")
    except json.JSONDecodeError as error:
        return InputError(f"not JSON: {error.msg}, at character {error.pos + 1} of the line")
    except RecursionError:
        return InputError("not usable: its values are nested too deeply")
    except ValueError as error:  # a number of thousands of digits
        return InputError(f"not usable: {error}")


def read_yaml(file: SourceFile, fields: Mapping[str, str], dated: bool) -> Iterator[Item]:
    """A list of objects in YAML, an object that holds one, or several documents."""
    try:
        import yaml
    except ImportError:
        raise MissingExtraError("reading YAML needs PyYAML: pip install 'relatedness[posts]'") from None

    text = file.text()
    if len(text) > MAX_RECORD:
        raise InputError(
            f"holds more than {MAX_RECORD:,} characters of YAML: write it as JSON lines", file=file.name
        )
    try:
        documents = list(yaml.load_all(text, Loader=_loader()))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise InputError(f"not YAML: {error.problem or error.context}", file=file.name, line=line) from None
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise InputError(f"not YAML: {error}", file=file.name) from None
    yield from records_of(documents[0] if len(documents) == 1 else documents, file)


def _loader() -> Any:
    """A loader that builds plain values only, leaves dates as they are written, and refuses aliases."""
    import yaml

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):  # a few of them stand for gigabytes
                raise yaml.MarkedYAMLError(
                    problem="aliases (*name) are not read", problem_mark=self.get_mark()
                )
            return super().compose_node(parent, index)

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader
