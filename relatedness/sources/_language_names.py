"""Names of languages -> their tags."""

from __future__ import annotations

import re
from functools import lru_cache

from relatedness.sources._names import names_as_listed, names_by

_CODES = frozenset(names_as_listed("language_codes", "two_letters"))
_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?\Z", re.IGNORECASE)
_NONE = "und mul zxx mis unknown none n/a na other multi multiple c posix *"
_NO_LANGUAGE = frozenset(["", *_NONE.split()])
NAMES = {name: code for code, names in names_by("languages").items() for name in names}
"""English and native names of languages, in lower case, to their codes."""
# The three-letter codes that libraries and ministries use, and two codes that are not in ISO 639 (jp, cn).
_OTHER_CODES = dict(pair.split("=") for pair in names_as_listed("language_codes", "others"))


def language_tag(text: str) -> str | None:
    """The BCP 47 tag for a tag, an English or a native name of a language; None if it is unknown."""
    name = text.strip().lower()
    if name in NAMES:
        return NAMES[name]
    found = _TAG.match(text.strip())
    if found is None or (len(found[1]) == 2 and found[1].lower() not in _CODES):
        return None
    parts = [found[1].lower()]
    if found[2]:
        parts.append(found[2].title())
    if found[3]:
        parts.append(found[3].upper())
    return "-".join(parts)


@lru_cache(1024)
def language_of(text: str) -> str | None:
    """The language that a cell names, by a tag, a locale, a code of three letters or a name; None if it names none.

    Examples
    --------
    >>> [language_of(text) for text in ("pt_BR", "zh-hans", "en_US.UTF-8", "deu", "Français", "und")]
    ['pt-BR', 'zh-Hans', 'en-US', 'de', 'fr', None]
    """
    name = re.split(r"[.@(,;]", text, maxsplit=1)[0].strip()
    if name.lower() in _NO_LANGUAGE:
        return None
    return _OTHER_CODES.get(name.lower()) or language_tag(name) or text.strip()
