"""Mailboxes (``.mbox``) and messages (``.eml``), such as those of a newsletter or a mailing list -> records."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from relatedness.errors import InputError
from relatedness.sources._columns import WantedColumns
from relatedness.sources._file import Item, SourceFile


def read_mailbox(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The messages of a mailbox."""
    box = mailbox.mbox(file.path, factory=None, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), 1):
            yield file.name, (None, number), *_record(box.get_bytes(key))
    finally:
        box.close()


def read_message(file: SourceFile, wanted: WantedColumns) -> Iterator[Item]:
    """The one message of a file."""
    yield file.name, (None, 1), *_record(file.whole())


def _record(data: bytes) -> tuple[object, bytes]:
    try:
        message = BytesParser(EmailMessage, policy=default).parsebytes(data)
        record = {
            "id": _header(message, "Message-ID").strip("<> "),
            "date": _header(message, "Date"),
            "title": _header(message, "Subject"),
            "text": _body(message),
        }
    except (
        MessageError,
        ValueError,
        LookupError,
        AttributeError,
        IndexError,
    ) as error:  # faults of odd headers
        return InputError(f"is no message that can be read: {error}"), data
    return record, data


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name) or "").split())


def _body(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    text = str(part.get_content())
    # Answers repeat what they answer.
    return "\n".join(line for line in text.splitlines() if not line.startswith(">")).strip()
