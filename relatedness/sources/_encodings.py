"""Detection of legacy (pre-UTF-8) encodings from the bytes of a text."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress


def legacy_encoding(head: bytes, usual: str | None = None) -> str | None:
    """The encoding of bytes that are not UTF-8; None if they are UTF-8 except for a few lines.

    Parameters
    ----------
    head : bytes
        The beginning of the text.
    usual : str, optional
        The first guess.

    Examples
    --------
    >>> legacy_encoding("pociąg, wyciąg, przyciąganie, ciśnienie".encode("iso8859-2")), legacy_encoding("ź".encode())
    ('iso8859-2', None)
    """
    if head.isascii():
        return None
    try:
        head.decode()
        return None
    except UnicodeDecodeError as error:
        if error.end >= len(head) and error.start > len(head) - 4:
            return None  # the end may be cut within a character
    good = bad = 0
    for line in head.splitlines():
        if not line.isascii():
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError:
                bad += 1
    if good >= bad:
        return None
    if usual is not None:
        with suppress(UnicodeDecodeError, LookupError):
            head.decode(usual)
            return usual
    import chardet

    # Of chardet's groups, the encodings that browsers still support.
    guess = chardet.detect(head[: 2**16], encoding_era=chardet.EncodingEra.MODERN_WEB)
    sure = (guess["confidence"] or 0) >= _SURE
    found = codecs.lookup((guess["encoding"] if sure else None) or "cp1252").name
    if found == "iso8859-1":
        found = "cp1252"  # decoded as browsers do
    try:
        if _CONTROLS.search(head.decode(found)):
            found = "cp1252"  # control characters that no text contains
    except UnicodeDecodeError:
        found = "cp1252"
    if found in _ALIKE:
        found = _fitting(head, found)
    for name in (found, "cp1252"):
        with suppress(UnicodeDecodeError):
            head.decode(name)
            return name
    return "latin-1"


# Encodings of Latin letters, which differ in a few bytes.
_ALIKE = ("cp1252", "cp1250", "iso8859-2", "mac-roman", "cp1257", "iso8859-15")
_ODD = re.compile(
    r"(?<=[^\W\d_])[\x80-\xbf\u0192\u02c6\u02dc\u2020-\u2030\u20ac\u2122](?=[^\W\d_])|[\x80-\x9f]"
)
_CONTROLS = re.compile(r"[\x80-\x84\x86-\x9f]")
_NO_ASCII = re.compile(rb"[\x80-\xff]")
_FEW = 3  # odd letters: with fewer, the guess is kept
_CLEARLY = 4  # how many times fewer odd letters another encoding must give to replace the detected one
_SURE = 0.05  # below this chardet's guess is random: even short texts in scripts that it knows reach 0.14


def _fitting(head: bytes, found: str) -> str:
    """The encoding of Latin letters with the fewest words that contain symbols; the detected one if it has few."""
    odd: dict[str, int] = {}
    for name in (found, *_ALIKE[:4]):
        with suppress(UnicodeDecodeError):
            odd.setdefault(name, len(_ODD.findall(head[: 2**16].decode(name))))
    if odd.get(found, _FEW) < min(_FEW, len(_NO_ASCII.findall(head[: 2**16])) / 4):
        return found
    best = min(odd, key=odd.__getitem__, default=found)
    return best if _CLEARLY * odd[best] <= odd.get(found, 10 * _FEW) else found
