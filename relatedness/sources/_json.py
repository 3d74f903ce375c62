"""JSON, YAML and TOML -> the records of events.

Lines of objects, arrays and objects one after another (RFC 7464 among them) stream; a single object (``{"items": [...]}``, a
frame of pandas, GeoJSON) is held whole.
"""

from __future__ import annotations

import json
import re
import tomllib
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import nullcontext
from io import BytesIO

import orjson

from relatedness.errors import InputError, MissingExtraError
from relatedness.sources._columns import WantedColumns
from relatedness.sources._file import BROKEN, MAX_RECORD, Cut, Item, SourceFile, reason, too_long
from relatedness.sources._holders import records_of, rows_as_records

_BLANK = " \t\r\n\x1e"  # and the mark that begins each record of a JSON text sequence (RFC 7464)
MAX_TOML = 2**22  # bytes of a file in TOML
_DEEPEST_KEY = 64  # parts of a key of TOML
_MARK = b"\x1e"
_LOOKED_AT = 20  # the number of lines checked for being one object each
_OBJECTS = (
    0.25  # the share of these that must be whole objects, for the first line to be a faulty one of many
)
_BEGUN = 0.5  # the share that must begin one at the margin, where fewer are whole
_BETWEEN = _BLANK + ",\ufeff"


def _constant(name: str) -> float:
    """NaN, which pandas and other programs write for a missing number, counts as absent; infinity fits no field."""
    if name == "NaN":
        return float("nan")
    raise InputError(f"not JSON: {name} is not a number in JSON")


_DECODER = json.JSONDecoder(parse_constant=_constant)


def read_json_lines(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """One object a line; a file that holds arrays, or objects over several lines, is read as that."""
    begun, encoding = _begun(file)
    first = begun.partition("\n")[0]
    is_line = not isinstance(parse_json(first.encode()), InputError) or not _is_whole(begun)
    by_line = _are_lines(begun) or (_is_row(begun) if begun.startswith("[") else is_line)
    items = _lines(file, encoding) if by_line else _values(file, encoding)
    yield from rows_as_records(items, file, wanted)


def _lines(file: SourceFile, encoding: str) -> Iterator[Item]:
    for number, line, error in file.lines(encoding):
        if error is not None or isinstance(line, Cut):
            yield file.name, (number, None), error, line
        elif line.strip():
            value = parse_json(line.removeprefix(_MARK))
            if isinstance(value, InputError) and not line.endswith((b"\n", b"\r")):
                # The program that wrote the file was stopped, or the file was copied while being written.
                value = InputError(f"{value.problem}; the file ends within this line: write or copy it again")
            yield file.name, (number, None), value, line


def read_json(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """An array of objects, an object that holds records, objects one after another, or a frame as pandas writes it."""
    begun, encoding = _begun(file)
    by_line = _are_lines(begun)
    if begun.startswith("[") and not by_line:
        yield from rows_as_records(_values(file, encoding), file, wanted)
        return
    first = begun.partition("\n")[0]
    if by_line or (isinstance(parse_json(first.encode()), dict) and len(first) < len(begun.rstrip())):
        yield from rows_as_records(_lines(file, encoding), file, wanted)
        return
    data = file.whole()
    program = _PROGRAM.match(data[: 2**12])
    if program is not None:
        data = _first_value(data[program.end() :])
    try:
        value = orjson.loads(data.removeprefix(b"\xef\xbb\xbf")) if encoding.startswith("utf-8") else None
        if value is None:
            value = _DECODER.decode(data.decode(encoding))
    except ValueError:
        value = _parse_whole(data, encoding, file)
        if value is _GOES_ON:
            yield from rows_as_records(_values(file, encoding, data), file, wanted)
            return
    yield from records_of(value, file, wanted)


# JSON inside JavaScript: assigned to a variable (Twitter archives) or passed to a function (JSONP).
_PROGRAM = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:/\*[^*]{0,200}\*/\s*|//[^\n]{0,200}\n\s*)?"
    rb"(?:window\.YTD\.[\w.]{1,60}\s*=|(?:export\s+)?(?:var|let|const)\s+[\w$]{1,60}\s*=|export\s+default\b|module\.exports\s*="
    rb"|[A-Za-z_$][\w.$]{0,80}\(|\)\]\}',?|while\(1\);|for\(;;\);)\s*(?=[\[{])"  # a prefix that prevents execution as a script
)
_GOES_ON = object()


def _first_value(data: bytes) -> bytes:
    """The value at the beginning, without the rest of the program; all of it where it is no value."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        return text[: _DECODER.raw_decode(text)[1]].encode("utf-8", "surrogateescape")
    except (ValueError, InputError, RecursionError):
        return data  # reported where it is read


def _parse_whole(data: bytes, encoding: str, file: SourceFile) -> object:
    """The value of a whole file as the standard library reads it; `_GOES_ON` if other values follow."""
    text = ""
    try:
        text = data.decode(encoding).removeprefix("\ufeff").removeprefix("\x1e")
        return _DECODER.decode(text)
    except UnicodeDecodeError as error:
        problem, line = (
            f"not {encoding}: save the file as UTF-8, or give encoding=...",
            data.count(b"\n", 0, error.start) + 1,
        )
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return _GOES_ON
        problem, line = f"not JSON: {error.msg}{_hint(text, error.pos)}", error.lineno
    except InputError as error:
        raise InputError(error.problem, file=file.name) from None
    except RecursionError:
        raise InputError("cannot be read: its values are nested too deeply", file=file.name) from None
    except ValueError as error:  # a number of thousands of digits
        raise InputError(f"cannot be read: {error}", file=file.name) from None
    raise InputError(problem, file=file.name, line=line)


def _begun(file: SourceFile) -> tuple[str, str]:
    """How a file begins, and its encoding."""
    head = file.head(2**16)
    encoding = file.found_encoding(head, guess=False)
    return head.decode(encoding, "replace").removeprefix("\ufeff").lstrip(_BLANK), encoding


def _is_row(begun: str) -> bool:
    """Whether each line is a list of cells of its own, as the first one is."""
    first, _, rest = begun.partition("\n")
    row = parse_json(first.encode())
    return bool(rest.strip()) and isinstance(row, list) and not any(isinstance(cell, dict) for cell in row)


def _are_lines(begun: str) -> bool:
    """Whether the first line is faulty, and not the beginning of a longer value, but lines after it are objects by themselves."""
    first, *others = begun.split("\n")
    try:
        _, end = _DECODER.raw_decode(first)
        if not first[end:].strip():
            return False
    except json.JSONDecodeError as error:
        # A string cannot continue on the next line.
        if error.pos >= len(first.rstrip()) - 1 and not error.msg.startswith("Unterminated string"):
            return False
    except (ValueError, RecursionError):
        pass
    lines = [line for line in others[:-1][:_LOOKED_AT] if line.strip()]
    objects = sum(isinstance(parse_json(line.encode()), dict) for line in lines)
    # Of a longer value most lines are indented; where most lines begin an object, the others are faulty.
    begun_at_margin = sum(line.startswith("{") for line in lines)
    return objects > _OBJECTS * len(lines) or (objects > 0 and begun_at_margin > _BEGUN * len(lines))


def _is_whole(begun: str) -> bool:
    """Whether a file begins with a value of more or less than a line, rather than with a line that is faulty."""
    try:
        _DECODER.raw_decode(begun)
    except json.JSONDecodeError as error:
        return "\n" in begun.strip() and _is_cut(begun, error)
    except (ValueError, RecursionError):
        return False
    return True


def _is_cut(text: str, error: json.JSONDecodeError) -> bool:
    """Whether a text is invalid JSON only because it ends too early."""
    return error.pos >= len(text.rstrip()) - 5 or error.msg.startswith("Unterminated string")


def _hint(text: str, at: int) -> str:
    """Which character at this position is not JSON, and how to correct it; empty unless it is a common mistake."""
    while at < len(text) and text[at] in _BLANK:
        at += 1
    after = text[at + 1 : at + 100].lstrip(_BLANK)[:1]
    before = text[max(0, at - 100) : at].rstrip(_BLANK)[-1:]
    if (text[at : at + 1] in ("]", "}") and before == ",") or (
        text[at : at + 1] == "," and after in ("]", "}")
    ):
        return "; remove the comma before the closing bracket"
    if text.startswith(("//", "/*", "#"), at):
        return "; remove the comments, which JSON does not allow"
    if text.startswith(("'", "None", "True", "False"), at):
        return "; the text was printed by Python: write it with json.dumps"
    return ""


def _values(file: SourceFile, encoding: str, data: bytes | None = None) -> Iterator[Item]:
    """The values of a file, one after another, and the elements of its arrays: no more than one of them is held.

    Its bytes may be given where they were read already: those of standard input come once.
    """
    decode = getincrementaldecoder("utf-8" if encoding == "utf-8-sig" else encoding)()
    text, at, number = "", 0, 0
    inside = last = False
    need = 0
    try:
        with file.opened() if data is None else nullcontext((BytesIO(data), lambda: 0)) as (stream, done):
            while not last:
                # Retry an incomplete value only after its length has doubled, which keeps the total time linear.
                block = stream.read(max(2**16, need))
                last = not block
                text = text[at:] + decode.decode(block, last)
                at = 0
                file.tick(done())
                while True:
                    while at < len(text) and text[at] in _BETWEEN:
                        at += 1
                    if at >= len(text):
                        break
                    if text[at] == "]" if inside else text[at] == "[":
                        inside = not inside
                        at += 1
                        continue
                    try:
                        value, end = _DECODER.raw_decode(text, at)
                    except (ValueError, RecursionError) as error:
                        if isinstance(error, json.JSONDecodeError) and not last and _is_cut(text, error):
                            break
                        raise _value_error(file, number + 1, error, text) from None
                    if end == len(text) and not last:
                        break  # a number may continue in the next block
                    number += 1
                    yield file.name, (None, number), value, value
                    at = end
                need = len(text) - at
                if need > MAX_RECORD:
                    raise InputError(too_long(need).problem, file=file.name, record=number + 1)
            if inside:
                words = "ends within the array: copy the file again"
                raise InputError(words, file=file.name, record=number + 1)
    except UnicodeDecodeError:
        raise InputError(
            f"not {encoding}: save the file as UTF-8, or give encoding=...", file=file.name
        ) from None
    except EOFError:
        words = f"the {file.packing} file is cut off here: copy it again"
        raise InputError(words, file=file.name, record=number + 1) from None
    except BROKEN as error:
        raise InputError(f"cannot be read: {reason(error)}", file=file.name, record=number + 1) from None


def _value_error(file: SourceFile, number: int, error: Exception, text: str) -> InputError:
    if isinstance(error, InputError):
        problem = error.problem
    elif isinstance(error, RecursionError):
        problem = "cannot be read: its values are nested too deeply"
    elif isinstance(error, json.JSONDecodeError):
        problem = f"not JSON: {error.msg}{_hint(text, error.pos)}"
    else:
        problem = f"cannot be read: {error}"
    return InputError(problem, file=file.name, record=number)


def parse_json(line: bytes) -> object:
    """The value of a line, or the error that says why it has none."""
    try:
        value = orjson.loads(line)
    except ValueError:
        return _parse_slowly(line)
    # A whole number beyond 64 bits is rounded here.
    if type(value) is dict and type(value.get("id")) is float and value["id"] > 2**63:
        return _parse_slowly(line)
    return value


def _parse_slowly(line: bytes) -> object:
    """Parse with the standard library, which reads NaN and numbers of any length and describes a fault."""
    try:
        return _DECODER.decode(line.decode())
    except InputError as error:
        return error
    except UnicodeDecodeError as error:
        return InputError(f"not UTF-8 from byte {error.start + 1} of the line on: save the file as UTF-8")
    except json.JSONDecodeError as error:
        return InputError(
            f"not JSON: {error.msg}, at character {error.pos + 1} of the line{_hint(line.decode(), error.pos)}"
        )
    except RecursionError:
        return InputError("cannot be read: its values are nested too deeply")
    except ValueError as error:  # a number of thousands of digits
        return InputError(f"cannot be read: {error}")


def read_yaml(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """Read a list of objects in YAML, an object that holds one, or several documents."""
    try:
        import yaml

        from relatedness.sources._yaml import load_documents
    except ImportError:
        raise MissingExtraError("reading YAML needs PyYAML: pip install 'relatedness[tables]'") from None

    text = file.text()
    if len(text) > MAX_RECORD:
        raise InputError(
            f"holds more than {MAX_RECORD:,} characters, the limit for YAML: write it as JSON lines",
            file=file.name,
        )
    try:
        documents = load_documents(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise InputError(f"not YAML: {error.problem or error.context}", file=file.name, line=line) from None
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise InputError(f"not YAML: {error}", file=file.name) from None
    yield from records_of(documents[0] if len(documents) == 1 else documents, file, wanted)


def read_toml(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The tables of an array in TOML."""
    text = file.text()
    if len(text) > MAX_TOML or any(
        part.count(".") > _DEEPEST_KEY for part in re.split(r"[=\[\]{},\n]", text)
    ):
        raise InputError(
            f"holds more than {MAX_TOML:,} characters, the limit for TOML, or keys nested too deeply",
            file=file.name,
        )
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InputError(f"not TOML: {error}", file=file.name) from None
    yield from records_of(value, file, wanted)
