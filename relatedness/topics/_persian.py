"""Names in Persian texts that no list has: people by their given names, places and bodies after what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named
from relatedness.topics._word_lists import words_of

_WORD = re.compile("[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc\u0654\u200c]+")
_PLACE = re.compile(
    r"(?<!\w)(?:استان|شهر|شهرستان|ایالت|روستای|بندر|جزیره|کوه|فرودگاه|دریاچه|رودخانه|اردوگاه|زندان|پایگاه|گذرگاه|مرز|شهرک|منطقه|بخش|قله|دره|توفان|طوفان|گردباد"
    r"|کنیسه|کلیسای|مسجد|نیروگاه|سد|میدان نفتی|میدان گازی|میدان) (?:بین‌المللی |هسته‌ای |هوایی |گردبادی )?"
)
_BODY = re.compile(
    r"(?<!\w)(?:حزب|دانشگاه|باشگاه|شهرداری|پتروشیمی|پالایشگاه|دانشکده|بنیاد|انجمن|فدراسیون|کانون|هواپیمایی|بیمارستان|بانک|خبرگزاری|روزنامه|جنبش|گردان‌های|لشکر|تیپ|موزه|شبکه) "
)
_TITLES = re.compile(
    r"(?<!\w)(?:سردار|سرهنگ|سرلشکر|سرتیپ|ژنرال|دکتر|آیت‌الله|حجت‌الاسلام|پرزیدنت|سناتور|شیخ|ملا|شاهزاده|ملکه|پاپ|آقای|خانم) "
)


def persian_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a Persian text: people with a given name or a title, places and bodies after what they are called.

    Parameters
    ----------
    text : str
    known : sequence of KnownSpan

    Yields
    ------
    ShapedName
    """
    silent, given = words_of("fa", "silent"), words_of("fa", "given")
    places = Places(known)
    starts = {start for start, _, _ in known}
    for match in _WORD.finditer(text):
        if match[0] in given and (end := _person(text, match.end(), given, silent)):
            yield named(text, match.start(), end, "person")
    for match in _TITLES.finditer(text):
        first = _WORD.match(text, match.end())
        if first and _tells(first[0], silent) and (end := _person(text, first.end(), given, silent)):
            yield named(text, first.start(), end, "person")
    for match in _PLACE.finditer(text):
        if match.end() not in starts and (end := _own(text, match.end(), silent)):
            yield named(text, match.end(), end, "place")
    for match in _BODY.finditer(text):
        if match.end() not in starts and (end := _own(text, match.end(), silent)):
            yield named(text, match.start(), end, "organisation", places)


def own_part(text: str, start: int, end: int) -> int:
    """Where the own name begins of what is named with its kind: کرمانشاه of استان کرمانشاه; its beginning if it is called nothing.

    Examples
    --------
    >>> own_part("استان کرمانشاه", 0, 14)
    6
    """
    called = _CALLED.match(text, start)
    return called.end() if called is not None and called.end() < end else start


_CALLED = re.compile("(?:استان|شهر|شهرستان|ایالت|تیم|باشگاه|نیروگاه|حزب|گروه|جنبش|جایزه|ساختمان|جشنواره) ")


def _tells(word: str, silent: frozenset[str]) -> bool:
    """Whether a word may be part of a name: no function word, plural or word with an ending."""
    return (
        len(word) > 1
        and word not in silent
        and not word.endswith(
            ("\u200cها", "\u200cهای", "\u200cهایی", "\u200cای", "\u200cاش", "\u200cشان", "ترین")
        )
        and not word.startswith(("می\u200c", "نمی\u200c"))
    )


def _person(text: str, here: int, given: frozenset[str], silent: frozenset[str]) -> int:
    """Where the name ends whose given name ends here; 0 if none follows."""
    for _ in range(3):
        word = _WORD.match(text, here + 1) if text[here : here + 1] == " " else None
        if word is None or not _tells(word[0], silent):
            return 0
        here = word.end()
        if word[0] not in given and word[0] not in ("بن", "آل", "دو", "لو", "فون", "ون", "دا", "دی", "ال"):
            return here
    return 0


def _own(text: str, here: int, silent: frozenset[str]) -> int:
    """Where the name ends that begins here; 0 if no name does."""
    word = _WORD.match(text, here)
    if word is None or not _tells(word[0], silent) or len(word[0]) < 3 or _ADJECTIVE.search(word[0]):
        return 0
    if (
        word[0] in words_of("fa", "first")
        and (second := _WORD.match(text, word.end() + 1))
        and _tells(second[0], silent)
    ):
        return second.end()
    return word.end()


_ADJECTIVE = re.compile("(?:\u200cی|ایی|سازی|ستی|یستی|امی|انی|وری|تی|لی|شی|ومی|سی|فتی|یدا|ات|ین)$")
