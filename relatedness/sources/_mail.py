"""Mailboxes (``.mbox``) and messages (``.eml``), such as those of a newsletter or a mailing list -> records."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from functools import lru_cache
from typing import Any, cast

from relatedness.errors import InputError
from relatedness.sources._columns import WantedColumns
from relatedness.sources._file import MAX_WHOLE, SHOWN, Item, SourceFile
from relatedness.sources._mappings import NoTableError

_LONGEST_HEADER = 1000
"""The maximum length of an id or of a header for the type of a part: Python parses these in quadratic time."""
_BOUNDED = ("content-", "message-id", "mime-version")


class _Policy(EmailPolicy):
    """Python's policy, except for longer headers; parsed headers are cached."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        if len(value) > _LONGEST_HEADER and name.lower().startswith(_BOUNDED):
            raise MessageError(
                f"the header {name[:40]} has more than {_LONGEST_HEADER:,} characters, the limit"
            )
        if len(name) + len(value) > _LONGEST_HEADER:  # keeps the cache small
            return super().header_fetch_parse(name, value)
        return _parsed(name, value)


@lru_cache(maxsize=64)
def _parsed(name: str, value: str) -> Any:
    return EmailPolicy.header_fetch_parse(_POLICY, name, value)


_POLICY = cast("EmailPolicy[EmailMessage]", _Policy())


def read_mailbox(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The messages of a mailbox.

    Raises
    ------
    NoTableError
        If no message begins in a file that is not empty.
    """
    box = mailbox.mbox(file.path, factory=None, create=False)
    number = 0
    try:
        for number, key in enumerate(box.iterkeys(), 1):
            with box.get_file(key) as message:
                data = message.read(MAX_WHOLE + 1)
            if len(data) > MAX_WHOLE:
                error = InputError(f"the message has more than {MAX_WHOLE:,} bytes, the limit")
                yield file.name, (None, number), error, data[:SHOWN]
            else:
                yield file.name, (None, number), *_record(data)
    finally:
        box.close()
    if not number and file.path.stat().st_size:
        raise NoTableError(
            "holds no message: in a mailbox, each message begins with a line such as From ann@example.org Tue Mar 7 "
            "10:00:00 2017; name the file of a single message .eml",
            file=file.name,
        )


def read_message(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The one message of a file."""
    yield file.name, (None, 1), *_record(file.whole())


def _record(data: bytes) -> tuple[object, bytes]:
    try:
        message = BytesParser(EmailMessage, policy=_POLICY).parsebytes(data)
        record = {
            "id": _header(message, "Message-ID").strip("<> "),
            "date": _date(message),
            "title": _header(message, "Subject"),
            "text": _body(message),
        }
    except (
        MessageError,
        ValueError,
        LookupError,
        AttributeError,
        IndexError,
        RecursionError,  # comments in comments
    ) as error:  # faults of odd headers
        return InputError(f"cannot be read as a message: {error}"), data
    return record, data


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name) or "").split())


def _date(message: EmailMessage) -> str:
    try:
        return _header(message, "Date")
    except OverflowError:
        # A zone too far from UTC: kept as text, it is reported like any other date that cannot be read.
        return next(str(value) for name, value in message.raw_items() if name.lower() == "date")


def _body(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except LookupError:  # an unknown character set
        text = bytes(part.get_payload(decode=True)).decode("utf-8", "replace")
    # Below this line stands a signature (RFC 3676).
    text = re.split(r"^-- $", text, maxsplit=1, flags=re.MULTILINE)[0]
    # Replies quote the message that they answer.
    return "\n".join(line for line in text.splitlines() if not line.startswith(">")).strip()
