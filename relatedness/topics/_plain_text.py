"""Letters of texts: blanks and hyphens made plain, whether capitals mark names, known names in scripts without capitals."""

from __future__ import annotations

import re
import unicodedata

from relatedness.events import primary_language
from relatedness.topics._gazetteer import Gazetteer
from relatedness.topics._known_names import KnownNames
from relatedness.topics._language import UPPER
from relatedness.topics._mention import Mention, Spans, mention_of
from relatedness.topics._other_languages import CAPITALS
from relatedness.topics._topic import PLACES

# Spaces and hyphens that differ only in print.
_SPACES = str.maketrans(
    dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f", " ")
    | {"\u2010": "-", "\u2011": "-", "\u00ad": None}
)
_SPACE = re.compile(f"[{''.join(map(chr, _SPACES))}]")
# Scripts that put no space between words: a name may begin and end anywhere.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
# The user agent of a browser: "Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/91.0", or the rest of it.
_USER_AGENT = re.compile(
    r"(?:\b(?:X11|Macintosh|Windows NT [\d.]+); (?:Linux|Intel|Ubuntu|Win64|WOW64)[^;()\n]*(?=[;)])|\bMozilla/\d[\d.]*|\bAppleWebKit/[\d.]+|\(?KHTML, like Gecko\)|\bGecko/\d+|(?:\b(?:X11|Windows NT|NT|Macintosh)\b[^()\n]*)?\brv:[\d.]+\)?)"
    r"(?: \([^()]*\)| [A-Z]\w+/[\w.+-]+| like Gecko)*"
)

# A line at the end of a commit message: a key, and no sentence. At least one of the keys has a hyphen.
_TRAILER = re.compile(r"[A-Z][\w-]*: \S[^\n]*(?<![.!?])\s*$")
_JOINED = re.compile(r"[A-Z][a-z]+(?:-[A-Za-z]+)+: ")

# An address, and the path of a file: it has an ending, or begins with a slash.
_PATH = re.compile(
    r"\b[a-z]{3,6}://[^\s<>\"\])]+|(?<![\w/])/(?:[\w.~+-]+/)+[\w.~+-]*|(?<![\w/.])(?:[\w.~+-]+/)+[\w.~+-]*\.[A-Za-z]\w{0,4}\b"
)

# A capitalised name before a part of it; those in lower case are modules, of which a name may be a part.
_QUALIFIED = re.compile(r"\b[A-Z]\w*::$")
_LONGEST = 40  # characters of it
# What stands before a name inside a path or address.
_JOINTS = frozenset("/.:=&?#%~_+-")
_NUMBER = re.compile(r"[A-Z]{2,}-\w*\d")

# The name of a time zone, which says nothing about the place in it: "All times are US/Pacific", Europe/Berlin.
_TIME_ZONE = re.compile(
    r"(?<![\w/])(?:US|Canada|Etc|GMT|UTC|Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)"
    r"/(?!(?:Africa|America|Asia|Australia|Europe)\b)(?:[A-Z][a-z]+(?:[_-][A-Z][a-z]+)*|GMT|UTC)(?![\w/-]| [A-Z])"
)
_ZONE_WORDS = re.compile(r"\b(?:[Tt]imes?|[Tt]ime ?zones?|TZ|tz|clocks?)\b|\d\d:\d\d")

# The letters of a currency beside its sign: US$2.7 billion, US $29, $US 93; but A$AP is a name.
_CURRENCY = re.compile(
    r"(?<![A-Za-z])(?:[A-Z]{1,3}(?=[$£€¥] ?\d)|(?:US|AU|CA|HK|NZ|SG)(?= \$ ?\d))|(?<=[$£€¥])[A-Z]{1,3}(?= ?\d)"
)

# The town that a text begins with: "BASEL, Switzerland – ", "TOKYO (Reuters) -- ".
_DATELINE = re.compile(rf"([{UPPER}]{{3,}})(?:,? \(?[{UPPER}][\w .]{{1,20}}\)?)? (?:[–—-]|--) ")


def without_browsers(text: str) -> str:
    """Replace user agents by semicolons: the text after one keeps its position and begins a sentence."""
    if "Gecko" in text or " rv:" in text or "X11; " in text:
        return _USER_AGENT.sub(lambda match: ";" * (match.end() - match.start()), text)
    return text


def without_trailers(text: str) -> str:
    """Replace the trailers at the end of a commit message by semicolons: "Signed-off-by: ...", "Change-Id: ..."."""
    end, joined = len(text), False
    while end > 0:
        start = text.rfind("\n", 0, end - 1) + 1
        line = text[start:end].strip("\n -")
        if line and _TRAILER.match(line) is None:
            break
        end, joined = start, joined or _JOINED.match(line) is not None
    return text[:end] + ";" * (len(text) - end) if joined else text


def without_time_zones(text: str) -> str:
    """Replace the names of time zones by semicolons in a text that tells a time, keeping all positions."""
    if "/" in text and _TIME_ZONE.search(text) and _ZONE_WORDS.search(text):
        return _TIME_ZONE.sub(lambda match: ";" * (match.end() - match.start()), text)
    return text


def without_currencies(text: str) -> str:
    """Replace the letters of currencies by semicolons, keeping all positions."""
    if "$" in text or "£" in text or "€" in text or "¥" in text:
        return _CURRENCY.sub(lambda match: ";" * (match.end() - match.start()), text)
    return text


def outside_paths(text: str, found: list[tuple[int, Mention]]) -> list[tuple[int, Mention]]:
    """Remove names in addresses and paths of files, and the parts of qualified names: Rack::Attack is about Rack, but std::net::SocketAddr is one name.

    Numbers such as CVE-2024-47575 stay. What an address names is read apart, by `relatedness.topics._module_paths`.
    """
    joined = [
        number
        for number, (base, piece) in enumerate(found)
        if text[max(0, base + piece.start - 1) : base + piece.start] in _JOINTS
        or text.startswith("/", base + piece.end)
    ]
    if not joined:
        return found
    paths = Spans(match.span() for match in _PATH.finditer(text))
    left_out = set()
    for number in joined:
        base, piece = found[number]
        start, end = base + piece.start, base + piece.end
        if _NUMBER.match(piece.written) is None and (
            paths.hold(start, end) or _QUALIFIED.search(text, max(0, start - _LONGEST), start)
        ):
            left_out.add(number)
    return [item for number, item in enumerate(found) if number not in left_out] if left_out else found


def with_dateline(text: str, gazetteer: Gazetteer) -> str:
    """A text whose dateline writes its town as usual: "ZURICH – The firm" is in Zurich, which in capitals is an abbreviation."""
    if not text[:3].isupper() or (dateline := _DATELINE.match(text)) is None:
        return text
    town = dateline[1].title()
    known = gazetteer.find(town)
    return town + text[len(town) :] if known is not None and known.kind in PLACES else text


def with_plain_spaces(text: str) -> str:
    """Replace the spaces and hyphens of typesetters by plain ones; most texts have none, and translating is slow."""
    return text if text.isascii() or _SPACE.search(text) is None else text.translate(_SPACES)


def betrays_names(text: str, language: str | None) -> bool:
    """Whether a capital betrays a name: not in German, whose nouns all have one, nor in capitals throughout."""
    return (language is None or primary_language(language) in CAPITALS) and not text.isupper()


def with_caseless(
    text: str, found: list[tuple[int, Mention]], names: KnownNames
) -> list[tuple[int, Mention]]:
    """Add the known names in scripts without capitals: Chinese, Arabic, Hindi."""
    more: list[tuple[int, Mention]] = []
    here = 0
    while here < len(text):
        step = 1
        for alias in names.gazetteer.caseless.get(text[here], ()):
            if text.startswith(alias, here) and _stands_alone(text, here, here + len(alias)):
                more.append((here, mention_of(0, alias, names.known(alias))))
                step = len(alias)
                break
        here += step
    return sorted(found + more, key=lambda item: item[0] + item[1].start) if more else found


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a piece of caseless text is a word of its own, as far as its script separates words."""
    if _UNSPACED.match(text[start]):
        return True
    before = start > 0 and (text[start - 1].isalnum() or unicodedata.combining(text[start - 1]) != 0)
    after = end < len(text) and (text[end].isalnum() or unicodedata.combining(text[end]) != 0)
    return not before and not after
