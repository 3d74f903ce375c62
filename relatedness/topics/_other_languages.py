"""Known names in other languages than English, and which language a text is in.

The names of a language lie in ``models/names/CODE.json`` and lead to the topics of the gazetteer, so that Mosul, 摩苏尔 and
Мосул are one topic. A file is read when the first text of its language comes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from relatedness.config import shipped
from relatedness.errors import RelatednessError
from relatedness.events import Event, primary_language
from relatedness.topics._language import Language

ENGLISH = "en"
# Languages that put no space between words: a name may begin and end anywhere. Korean joins particles to its end.
_UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "km"})
_JOINED = frozenset({"ko"})
# Languages whose capitals betray names, inside a sentence: not German, whose nouns have them all.
CAPITALS = frozenset(
    {ENGLISH, "es", "fr", "pt", "it", "nl", "pl", "ro", "ca", "sv", "da", "nb", "no", "id", "tr"}
)
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("uk", re.compile("[іїєґІЇЄҐ]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("fa", re.compile("[پچژگ]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
FOREIGN = re.compile("[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")
# What English texts hold and the other languages of the Latin script do not.
_PLAINLY_ENGLISH = (" the ", " of ", " and ", " to ", "The ")
_GUESSED = ("es", "fr", "de", "pt", "it", "nl")
_LEAST_WORDS = 5
_LEAST_SHARE = 0.2  # of the words of a text must be function words of its language
_WORD = re.compile(r"[\w’'.-]*\w")
# Languages whose articles lose their vowel: l'Élysée.
_ELIDED = re.compile(r"(?:(?<=\b[dlnsDLNS][’'])|(?<=\b[ct]u[’'])|(?<=ll[’'])|\b)\w(?:[\w.-]*\w)?")
_LONGEST = 6  # words of a name
_ARABIC = re.compile(r"^(?:[وفبلك]?ال|لل|[وفبلك])(?=\w{3})")
# The endings of nouns and adjectives in Russian and Ukrainian, after three letters at least.
_CASES = re.compile(
    r"(?<=\w{3})(?:иями|ами|ями|ией|ием|ого|его|ому|ему|ыми|ими|ой|ей|ий|ый|ая|яя|ое|ее|ую|юю|ые|ие|ых|их|ым|им|ом|ем"
    r"|ах|ях|ию|ия|ии|ов|ев|ою|ею|ові|еві|ій|ії|ію|ія|єю|[аеиоуыюяйьіїє])$"
)
_STEMMERS = {
    "de": "german", "es": "spanish", "fr": "french", "pt": "portuguese", "it": "italian",
    "nl": "dutch", "hi": "hindi", "tr": "turkish", "id": "indonesian",
}  # fmt: skip


def language_of(event: Event) -> str:
    """The primary language of an event: the one it names, else the one its script or its function words betray.

    Parameters
    ----------
    event : Event

    Returns
    -------
    str
        A code such as ``zh``; English where nothing says otherwise.

    Examples
    --------
    >>> from datetime import date
    >>> language_of(Event("a", date(2024, 1, 1), text="Землетрясение произошло у берегов Камчатки."))
    'ru'
    """
    if event.language:
        return primary_language(event.language)
    return _guess(event.text or event.title)


def _guess(text: str) -> str:
    if not text.isascii() and (foreign := len(FOREIGN.findall(text))):
        if foreign * 2 > len(_LETTER.findall(text)):
            return next(code for code, script in _SCRIPTS if script.search(text))
    elif any(word in text for word in _PLAINLY_ENGLISH):
        return ENGLISH
    # Words with a capital may belong to names: Los Angeles, De Kalb.
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word.islower()]
    if len(words) < _LEAST_WORDS - 1:
        return ENGLISH
    # English lists the particles of foreign names too, which are articles elsewhere.
    english = function_words(ENGLISH) - Language.load().particles
    counts = {code: sum(word in function_words(code) for word in words) for code in _GUESSED}
    best = max(_GUESSED, key=lambda code: counts[code])
    here = function_words(best)
    own = sum(word in here and word not in english for word in words)
    others = sum(word in english and word not in here for word in words)
    # Without an accent it takes one word more: "Los Angeles beat La Salle" is English.
    sure = own >= max(3 - (not text.isascii()), _LEAST_SHARE * len(words) - others) and own > 2 * others
    return best if sure else ENGLISH


@cache
def function_words(code: str) -> frozenset[str]:
    """The function words of a language; empty for an unknown one."""
    return frozenset(_languages().get(code, {}).get("stopwords", ()))


@cache
def _languages() -> dict[str, dict[str, list[str]]]:
    return json.loads(shipped("languages.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


class OtherNames:
    """The known names of one language.

    Parameters
    ----------
    code : str
    ways : mapping of str to list of str
        Topic to the ways in which the language writes it.
    """

    def __init__(self, code: str, ways: dict[str, list[str]]) -> None:
        self.code = code
        self._stem = _stemmer(code)
        self._exact: dict[str, tuple[str, bool]] = {}
        self._stems: dict[str, tuple[str, bool]] = {}
        self._firsts: dict[str, list[str]] = {}
        spaced = code not in _UNSPACED | _JOINED
        for topic, written in ways.items():
            for way in written:
                capital = way[:1].isupper()
                self._exact.setdefault(way.lower() if spaced else way, (topic, capital))
                if spaced:
                    self._stems.setdefault(self._key(way.split()), (topic, capital))
                else:
                    self._firsts.setdefault(way[0], []).append(way)
        for names in self._firsts.values():
            names.sort(key=lambda name: (-len(name), name))

    @staticmethod
    @cache
    def load(code: str) -> OtherNames | None:
        """The names of a language, or None where none are shipped; read once a process."""
        try:
            path: Path = shipped(f"names/{code}.json")
        except RelatednessError:
            return None
        return OtherNames(code, json.loads(path.read_text(encoding="utf-8")))

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """What stands in a text: beginning, end and topic of each name, the longest first where they overlap."""
        return self._find_anywhere(text) if self._firsts else self._find_words(text)

    def _find_anywhere(self, text: str) -> list[tuple[int, int, str]]:
        found = []
        here = 0
        while here < len(text):
            step = 1
            if not (self.code in _JOINED and here and text[here - 1].isalnum()):
                for name in self._firsts.get(text[here], ()):
                    if text.startswith(name, here):
                        step = len(name)
                        found.append((here, here + step, self._exact[name][0]))
                        break
            here += step
        return found

    def _find_words(self, text: str) -> list[tuple[int, int, str]]:
        pattern = _ELIDED if self.code in ("fr", "it", "ca") else _WORD
        words = [(m.start(), m.end()) for m in pattern.finditer(text)]
        texts = [text[a:b] for a, b in words]
        found = []
        here = 0
        while here < len(words):
            step = 1
            for count in range(min(_LONGEST, len(words) - here), 0, -1):
                written = text[words[here][0] : words[here + count - 1][1]]
                known = self._exact.get(written.lower())
                if known is None:
                    known = self._stems.get(self._key(texts[here : here + count]))
                end = words[here + count - 1][1]
                if known is None and count == 1 and "-" in written:
                    # US-Präsident
                    first = written.partition("-")[0]
                    known, end = self._exact.get(first.lower()), words[here][0] + len(first)
                if known is not None and (written[0].isupper() or not known[1]):
                    found.append((words[here][0], end, known[0]))
                    step = count
                    break
            here += step
        return found

    def _key(self, words: list[str]) -> str:
        return " ".join(map(self._stem, words))


@cache
def _stemmer(code: str) -> Callable[[str], str]:
    if code in ("ar", "fa"):
        return _bare_arabic
    if code in ("ru", "uk"):
        return _bare_slavic
    name = _STEMMERS.get(code)
    if name is None:
        return str.lower
    import Stemmer

    stemmer = Stemmer.Stemmer(name)

    @lru_cache(maxsize=1 << 16)
    def stem_of(word: str) -> str:
        # Short words differ by their endings: they are taken as they stand.
        lower = word.lower()
        stem = str(stemmer.stemWord(lower)) if len(lower) > 4 else lower
        return stem if len(stem) > 3 else lower

    return stem_of


def _bare_slavic(word: str) -> str:
    """A Russian or Ukrainian word without the ending of its case; a stemmer of words takes too much of names."""
    return _CASES.sub("", word.lower().replace("ё", "е"))


def _bare_arabic(word: str) -> str:
    """A word without its article, conjunction and prepositions, and with one form of alif."""
    return _ARABIC.sub("", word).replace("أ", "ا").replace("إ", "ا").replace("آ", "ا").replace("ة", "ه")
