"""Known names in other languages than English.

The names of a language lie in ``models/names/CODE.json`` and lead to the topics of the gazetteer, so that Mosul, 摩苏尔 and
Мосул are one topic. A topic that English news hardly names stands there itself. A file is read when the first text of its
language comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache, partial
from pathlib import Path

import orjson

from relatedness.errors import ConfigError
from relatedness.languages import ENGLISH, bare_word, simplified, stemmer_name, without_article, without_case
from relatedness.shipped import shipped
from relatedness.topics._gazetteer import Gazetteer, Topic
from relatedness.topics._word_lists import any_word

# Languages that put no space between words: a name may begin and end anywhere. Korean joins particles to its end.
_UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "km"})
_JOINED = frozenset({"ko"})
# Languages that say in a name what is named: the movement Hamas, the city Kyiv.
_WITH_KIND = frozenset({"ar", "th"})
# Languages whose articles and prepositions are joined to words.
_ARTICLES = frozenset({"ar"})
# Here only adjectives and the names of peoples take endings: others have lower-case letters, or are written as listed.
_UNINFLECTED = frozenset({"es", "fr", "pt", "it", "nl", "id", "vi"})
# Languages whose capitals betray names, inside a sentence: not German, whose nouns have them all.
CAPITALS = frozenset(
    {
        ENGLISH,
        "es",
        "fr",
        "pt",
        "it",
        "nl",
        "pl",
        "ro",
        "ca",
        "sv",
        "da",
        "nb",
        "no",
        "id",
        "tr",
        "ru",
        "uk",
        "vi",
    }
)
# Vowel signs of Devanagari and Arabic are no letters for the regular expressions.
_SIGNS = "\u064b-\u065f\u0900-\u0963\u0970-\u097f\u200c"
# A word begins where a run of its characters does: a run of points alone is looked at once.
_WORD = re.compile(rf"(?<![\w{_SIGNS}’'.-])[\w{_SIGNS}’'.-]*[\w{_SIGNS}]")
# Languages whose articles lose their vowel: l'Élysée.
_ELIDED = re.compile(r"(?:(?<=\b[dlnsDLNS][’'])|(?<=\b[ct]u[’'])|(?<=ll[’'])|\b)\w(?:[\w.-]*\w)?")
# The side of a country, of which German makes one word: Norditalien.
_SIDE = re.compile(f"(?:{any_word('de', 'sides')})(?=[a-zäöüß]{{4}})")
# Each mark that ends a quotation, with the one that begins it.
_CLOSING = {"»": "«", "”": "“", "“": "„"}
# Words of one letter that are joined to the name after them.
_ARABIC_JOINED = "وفبلك"
_ARABIC_ARTICLE = re.compile("[وفبك]?ال|لل")
_LONGEST = 10  # words of a name
# Signs that one writer sets and another leaves out: the nukta and the moon of Devanagari, the dots of ё, the Persian hamza that
# joins a word to the next one.
_OPTIONAL: Mapping[str, Mapping[int, int | None]] = {
    "hi": str.maketrans(
        "\u0901\u0958\u0959\u095a\u095b\u095c\u095d\u095e\u095f",
        "\u0902\u0915\u0916\u0917\u091c\u0921\u0922\u092b\u092f",
        "\u093c",
    ),
    "ru": str.maketrans("ё", "е"),
    "fa": str.maketrans("\u06c0", "\u0647", "\u0654"),
}
# How the rules name a body of a country: Supreme Court of Chad, Ministry of Health (Chad), Chad national football team.
_BODY_OF_COUNTRY = re.compile(
    r"(?P<role>[\w', ]+?) (?:of (?:the )?(?P<country>[A-Z][\w' -]+)|\((?P<land>[^()]+)\))|(?P<people>[\w' -]+?) (?P<team>(?:women's )?national \w+ team)"
)
# Scripts inside unspaced texts whose words do not touch.
_THAI_AFTER, _THAI_BEFORE = frozenset("ะัาำิีึืฺุู็่้๊๋์ํ๎"), frozenset("เแโใไ")
_WHOLE = (re.compile("[A-Za-z0-9]"), re.compile("[ァ-ヶー]"))


@cache
def _files() -> dict[str, Path]:
    """The file of names of each language."""
    return {path.stem: path for path in shipped("names/zh.json").parent.glob("*.json")}


def name_in(code: str, topic: str) -> str:
    """What a language calls a topic; its canonical name where no name in the language is known.

    Parameters
    ----------
    code : str
        A primary language code.
    topic : str
        A canonical name.

    Raises
    ------
    ConfigError
        If there are no names in the language.

    Examples
    --------
    >>> name_in("zh", "Mosul"), name_in("ru", "Iraq")
    ('摩苏尔', 'Ирак')
    """
    if code == ENGLISH:
        return topic
    names = OtherNames.load(code)
    if names is None:
        known = sorted(_files())
        raise ConfigError(f"names is {code!r}: expected one of {', '.join(known)} or en")
    return names.shown(topic)


class OtherNames:
    """The known names of one language.

    Parameters
    ----------
    code : str
    ways : mapping of str to list of str
        Topic to the ways in which the language writes it.
    own : mapping of str to list of str, optional
        Kind, then parents, of the topics that the gazetteer does not have.
    bans : iterable of str, optional
        Words of the language that other names are written like.
    home : str, optional
        The country whose bodies the language names without a country.
    bodies, beside : mapping of str to list of str, optional
        Body to the ways in which the language writes it: Supreme Court. Those of `beside` say nothing without a country.
    words : iterable of str, optional
        Everyday words that have the stem of a name, or in Korean begin with one, and are no form of it: дело has the stem
        of Дели.
    """

    def __init__(
        self,
        code: str,
        ways: dict[str, list[str]],
        own: dict[str, list[str]] | None = None,
        bans: Iterable[str] = (),
        *,
        home: str = "",
        bodies: Mapping[str, list[str]] | None = None,
        beside: Mapping[str, list[str]] | None = None,
        words: Iterable[str] = (),
    ) -> None:
        self.code = code
        self._everyday = frozenset(words)
        # The Korean ones by their beginnings.
        self._longer: dict[str, list[str]] = {}
        if code in _JOINED:
            for word in (*self._everyday, *bans):
                self._longer.setdefault(word[:2], []).append(word)
        self.home = home
        self.bans = frozenset(bans)
        self._own = {name: Topic(name, kind, tuple(above)) for name, (kind, *above) in (own or {}).items()}
        self._stem = _stemmer(code)
        self._exact: dict[str, tuple[str, bool]] = {}
        self._stems: dict[str, tuple[str, bool]] = {}
        self._firsts: dict[str, list[str]] = {}
        # How many words the longest name has that begins with this word, as a stem.
        self._most: dict[str, int] = {}
        self._word = _ELIDED if code in ("fr", "it", "ca") else _WORD
        self._optional = _OPTIONAL.get(code)
        spaced = code not in _UNSPACED | _JOINED
        self._shown = {topic: _shown(written) for topic, written in ways.items()}
        self._ways = ways if code in _ARTICLES else {}
        self._roles = {
            body: _shown(written) for table in (bodies, beside) for body, written in (table or {}).items()
        }
        self._bodies: dict[str, tuple[str, bool]] = {}
        for table, alone in ((bodies or {}, True), (beside or {}, False)):
            for body, written in table.items():
                self._own[body] = Topic(body, "organisation")
                for way in written:
                    self._bodies[self._key(way.split()) if spaced else way] = (body, alone)
        for topic, written in (*ways.items(), *(bodies or {}).items(), *(beside or {}).items()):
            for way in map(self._script, written):
                capital = way[:1].isupper()
                exact = self._as_written(way) if spaced else way
                if self._exact.setdefault(exact, (topic, capital)) == (topic, True) and not capital:
                    # "Muro de Berlín" and "muro de Berlín"
                    self._exact[exact] = (topic, False)
                if spaced and not (code == "de" and topic in self._own and self._own[topic].kind == "city"):
                    # Kehle is no form of Kehl.
                    key = self._key(way.split())
                    owner, large = self._stems.setdefault(key, (topic, capital))
                    # ukrainisch has the stem of Ukraine, without its capital.
                    self._stems[key] = (owner, large and (capital or owner != topic))
                if spaced:
                    words = self._word.findall(way) or [way]
                    first = self._key(words[:1])
                    self._most[first] = max(self._most.get(first, 1), min(len(words), _LONGEST))
                else:
                    self._firsts.setdefault(way[:2], []).append(way)
        # The inflected forms of a banned word: Джорджа is no form of Джорджия.
        self._common = (
            frozenset(self._key(way.split()) for way in self.bans)
            if spaced and code not in _ARTICLES
            else frozenset[str]()
        )
        for beginning, names in self._firsts.items():
            # A name of one letter begins each longer name of the same letter.
            if len(beginning) > 1:
                names += self._firsts.get(beginning[0], [])
            names.sort(key=lambda name: (-len(name), name))

    @staticmethod
    @cache
    def load(code: str) -> OtherNames | None:
        """The names of a language, or None where none are shipped; read once a process."""
        # The code may be a stranger's text: it is compared with the names of files, and never part of a path.
        path = _files().get(code)
        if path is None:
            return None
        data = orjson.loads(path.read_bytes())
        return OtherNames(
            code,
            data["names"],
            data["topics"],
            data["bans"],
            home=data["home"],
            bodies=data["bodies"],
            beside=data["beside"],
            words=data["words"],
        )

    def topic(self, name: str, gazetteer: Gazetteer) -> Topic | None:
        """The topic of a canonical name: the gazetteer's, or one that this language's file brings."""
        return gazetteer.get(name) or self._own.get(name)

    def body(self, written: str) -> tuple[str, bool] | None:
        """The body that is written there, which every country has, and whether alone it is that of the home country."""
        return self._bodies.get(
            self._script(written) if self._firsts else self._key(self._word.findall(written))
        )

    def has(self, written: str) -> bool:
        """Whether a name stands in the list as it is written here, not only in another case."""
        return self._as_written(written) in self._exact

    def shorter(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """Parts of a name in Arabic or Thai that alone are a name of the same topic: Gaza of the Gaza Strip."""
        known = self._exact.get(self._as_written(text[start:end]))
        if known is None or self.code not in _WITH_KIND:
            return []
        if self.code == "th":
            cuts = [(here, end) for here in range(start + 2, end - 1)]
        else:
            cuts = [(text.find(" ", start, end) + 1, end), (start, text.rfind(" ", start, end))]
        parts = [(a, b) for a, b in cuts if start <= a < b]
        return [(a, b) for a, b in parts if self._exact.get(self._as_written(text[a:b])) == known]

    def _as_written(self, way: str) -> str:
        lower = way.lower()
        return lower if self._optional is None else lower.translate(self._optional)

    def shown(self, topic: str) -> str:
        """The way to write a topic that readers see: the first of its list, or a body of a country by the names of both."""
        return self._shown.get(topic) or self._shown_body(topic) or topic

    def _shown_body(self, topic: str) -> str | None:
        match = _BODY_OF_COUNTRY.fullmatch(topic)
        if match is None:
            return None
        role, country = (
            (match["team"], match["people"])
            if match["team"]
            else (match["role"], match["country"] or match["land"])
        )
        land = self._shown.get(country) or self._shown.get(f"{country} (country)")
        if role not in self._roles or land is None:
            return None
        if self.code in _JOINED:
            return f"{land} {self._roles[role]}"
        return (
            land + self._roles[role] if self.code in _UNSPACED - {"th"} else f"{self._roles[role]} ({land})"
        )

    def _script(self, text: str) -> str:
        return simplified(text) if self.code == "zh" else text

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """What stands in a text: beginning, end and topic of each name, the longest where several begin at one position.

        In scripts without spaces a longer name is followed by the shorter one that it begins with: 四川省 and 四川.
        """
        return self._find_anywhere(self._script(text)) if self._firsts else self._find_words(text)

    def _find_anywhere(self, text: str) -> list[tuple[int, int, str]]:
        found = []
        here = 0
        while here < len(text):
            step = 1
            if not (
                self.code in _JOINED
                and ((here and text[here - 1].isalnum()) or self._begins_word(text, here))
            ):
                for name in self._firsts.get(text[here : here + 2]) or self._firsts.get(text[here]) or ():
                    if text.startswith(name, here) and not _goes_on(text, here, here + len(name)):
                        found.append((here, here + len(name), self._exact[name][0]))
                        step = max(step, len(name))
                        if self.code in _JOINED:
                            break
            here += step
        return found

    def _begins_word(self, text: str, here: int) -> bool:
        """Whether an everyday word begins here that only begins like a name: 고양이, a cat, like 고양."""
        return any(text.startswith(word, here) for word in self._longer.get(text[here : here + 2], ()))

    def is_everyday(self, written: str) -> bool:
        """Whether a word is an everyday one of the language that is written like a name."""
        return written.lower() in self._everyday

    def _find_words(self, text: str) -> list[tuple[int, int, str]]:
        words = [(m.start(), m.end()) for m in self._word.finditer(text)]
        texts = [text[a:b] for a, b in words]
        found = []
        here = 0
        while here < len(words):
            step = 1
            most = self._most.get(self._key(texts[here : here + 1]), 1)
            joined = self.code == "ar" and len(texts[here]) > 2 and texts[here][0] in _ARABIC_JOINED
            if joined:
                most = max(most, self._most.get(self._key([texts[here][1:]]), 1))
            for count in range(min(most, len(words) - here), 0, -1):
                end = words[here + count - 1][1]
                written = text[words[here][0] : end]
                known = self._exact.get(self._as_written(written))
                ordinal = text[end : end + 1] == "." and self._exact.get(self._as_written(written + "."))
                if ordinal:
                    # Johannes Paul II.
                    known, end = ordinal, end + 1
                if known is None and (key := self._key(texts[here : here + count])) not in self._common:
                    known = self._stems.get(key)
                    if known is not None and (
                        (known[1] and self.code in _UNINFLECTED) or (count == 1 and self.is_everyday(written))
                    ):
                        # Teléfono is no form of Telefónica.
                        known = None
                    if (
                        known is not None
                        and self.code in _ARTICLES
                        and (self._loses_letter(written, known[0]) or self._takes_article(written, known[0]))
                    ):
                        known = None
                if known is None and joined and len(written) > 3:
                    # The stem of فؤاد has lost its first letter, and that of لفؤاد has it.
                    known = self._exact.get(self._as_written(written[1:]))
                if known is None and count == 1 and "-" in written:
                    # US-Präsident
                    first = written.partition("-")[0]
                    known, end = self._exact.get(self._as_written(first)), words[here][0] + len(first)
                if known is None and self.code == "de" and written[-1] == "s" and len(written) > 4:
                    # Südkoreas: the stemmer takes no s behind a vowel.
                    known = self._exact.get(self._as_written(written[:-1]))
                if known is None and self.code == "de" and count == 1 and (side := _SIDE.match(written)):
                    known = self._exact.get(self._as_written(written[side.end() :]))
                if written in self.bans or (joined and written[1:] in self.bans):
                    # A base is not Al-Qaeda, which is the same word with an article.
                    known = None
                if (
                    known is not None
                    and count > 1
                    and self.code == "de"
                    and known[1]
                    and end > words[here][1]
                ):
                    # "Die linke Partei" is none: nouns have capitals.
                    known = None if texts[here + count - 1][0].islower() else known
                if known is not None and (written[0].isupper() or not known[1]):
                    if text[end : end + 1] in _CLOSING and _CLOSING[text[end]] in written:
                        # ЧВК «Вагнер»
                        end += 1
                    found.append((words[here][0] + self._joined(written, known), end, known[0]))
                    step = count
                    break
            here += step
        return found

    def _loses_letter(self, written: str, topic: str) -> bool:
        """Whether a word is like a name only without the first letter of both: فراغ is no Prague, which is براغ."""
        first = written[0]
        return first in _ARABIC_JOINED and any(
            way[0] in _ARABIC_JOINED and way[0] != first and way[1:3] == written[1:3]
            for way in self._ways.get(topic, ())
        )

    def _takes_article(self, written: str, topic: str) -> bool:
        """Whether a word has an article that no way to write the name has: السيول are floods, and سيول is Seoul."""
        return _ARABIC_ARTICLE.match(written) is not None and not any(
            _ARABIC_ARTICLE.match(way) for way in self._ways.get(topic, ())
        )

    def _joined(self, written: str, known: tuple[str, bool]) -> int:
        """How many letters before a name are a word of their own, joined to it: "and Bahrain" is one word in Arabic."""
        if self.code not in _ARTICLES or written in self._exact or written[0] not in _ARABIC_JOINED:
            return 0
        return int(self._exact.get(written[1:]) == known)

    def _key(self, words: list[str]) -> str:
        if self._optional is not None:
            words = [self._as_written(word) for word in words]
        return " ".join(map(self._stem, words))


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether a piece of text is cut out of a longer word of Latin letters or katakana: メタ is no part of メタル.

    In Thai a vowel that is written after its consonant goes on, and one that is written before it has begun.
    """
    if text[end : end + 1] in _THAI_AFTER or text[max(0, start - 1) : start] in _THAI_BEFORE:
        return True
    return any(
        script.match(text[inner]) is not None
        and 0 <= outer < len(text)
        and script.match(text[outer]) is not None
        for inner, outer in ((start, start - 1), (end - 1, end))
        for script in _WHOLE
    )


@cache
def _stemmer(code: str) -> Callable[[str], str]:
    if code == "ar":
        return without_article
    if code == "fa":
        return partial(bare_word, language="fa")
    if code in ("ru", "uk"):
        return without_case
    name = stemmer_name(code)
    if not name:
        return str.lower
    import Stemmer

    stemmer = Stemmer.Stemmer(name)

    @lru_cache(maxsize=1 << 16)
    def stem_of(word: str) -> str:
        # Short words differ by their endings: they are taken as they stand.
        lower = word.lower()
        stem = str(stemmer.stemWord(lower)) if len(lower) > 4 else lower
        if code == "pl":
            # Brazylia, Brazylii
            stem = stem.rstrip("i")
        return stem if len(stem) > 3 else lower

    return stem_of


def _shown(ways: Sequence[str]) -> str:
    """The first way that is no adjective: none in lower case, and no Arabic one such as "the Brazilian"."""
    return next(
        (way for way in ways if not way[:1].islower() and not _ARABIC_ADJECTIVE.fullmatch(way)), ways[0]
    )


_ARABIC_ADJECTIVE = re.compile("ال\\w+(?:ي|ية|يين|يون)")
