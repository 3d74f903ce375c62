"""The words of scripts that put no space between them, by packages that know the language."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts written without spaces, as the inside of a character class."""

# Of each language: the module that segments it, the package's name, and the extra that installs it.
_PACKAGES = {
    "zh": ("rjieba", "rjieba", "zh"),
    "ja": ("sudachipy", "SudachiPy", "ja"),
    "th": ("pythainlp", "pythainlp", "th"),
}


@cache
def way_of(language: str) -> str:
    """How a language is segmented into words: the package and its version, or "characters".

    Parameters
    ----------
    language : str
        A primary language code.

    Returns
    -------
    str
        Empty for a language that puts spaces between its words.

    Examples
    --------
    >>> way_of("en")
    ''
    """
    if language not in _PACKAGES:
        return ""
    module, package, _ = _PACKAGES[language]
    if importlib.util.find_spec(module) is None:
        return "characters"
    from importlib.metadata import version

    return f"{package} {version(package)}"


def ways_of(languages: Iterable[str]) -> dict[str, str]:
    """How those of the languages that use no spaces are segmented; see `way_of`.

    Parameters
    ----------
    languages : iterable of str
        Primary language codes.

    Examples
    --------
    >>> ways_of(["en", "fr"])
    {}
    """
    return {language: way for language in sorted(languages) if (way := way_of(language))}


def missing_extra(language: str) -> str | None:
    """The missing extra that segments a language.

    Parameters
    ----------
    language : str
        A primary language code.

    Returns
    -------
    str or None
        Such as ``relatedness[zh]``.

    Examples
    --------
    >>> missing_extra("en") is None
    True
    """
    return f"relatedness[{_PACKAGES[language][2]}]" if way_of(language) == "characters" else None


def segment(text: str, language: str) -> list[str] | None:
    """The words of a text that has no spaces, in order.

    Parameters
    ----------
    text : str
        A run of characters of such a script, as written.
    language : str
        A primary language code.

    Returns
    -------
    list of str or None
        As written; in Japanese in their dictionary form. None where the language's package is not installed, or the
        language has none.

    Examples
    --------
    >>> segment("Mosul", "en") is None
    True
    """
    words = _segmenter(language)
    return None if words is None else words(text)


def tagged_words(text: str, language: str) -> list[tuple[str, str]] | None:
    """The words of a text, each with its part of speech.

    Parameters
    ----------
    text : str
        Chinese in simplified characters, or Japanese.
    language : {"zh", "ja"}

    Returns
    -------
    list of (str, str) or None
        As written, in order, without gaps. Parts of speech are named as jieba or Sudachi name them, a Sudachi one by its first
        four levels, joined by commas. None where the language's package is not installed.
    """
    if way_of(language) == "characters":
        return None
    if language == "ja":
        tokenizer = _sudachi()
        return [
            (word.surface(), ",".join(word.part_of_speech()[:4]))
            for start in range(0, len(text), _MOST)
            for word in tokenizer.tokenize(text[start : start + _MOST])
        ]
    import rjieba

    return list(rjieba.tag(text))


@cache
def _segmenter(language: str) -> Callable[[str], list[str]] | None:
    if way_of(language) in ("", "characters"):
        return None
    return {"zh": _chinese, "ja": _japanese, "th": _thai}[language]()


def _chinese() -> Callable[[str], list[str]]:
    import rjieba

    from relatedness.languages._scripts import simplified

    def words(text: str) -> list[str]:
        plain = simplified(text)
        found = rjieba.cut(plain)
        if plain == text:
            return list(found)
        ends, written = 0, []
        for word in found:
            written.append(text[ends : ends + len(word)])
            ends += len(word)
        return written

    return words


_MOST = 16_000  # characters; SudachiPy refuses texts of more than 49,149 bytes

# Parts of speech without content: particles, auxiliaries, symbols, and what is only attached to words (庁, 者, 各).
_SILENT = frozenset({"助詞", "助動詞", "補助記号", "空白", "記号", "接頭辞", "接尾辞"})


_own = threading.local()  # a tokenizer is not thread-safe


def _sudachi() -> Any:
    """The tokenizer of this thread."""
    if not hasattr(_own, "tokenizer"):
        from sudachipy import SplitMode

        _own.tokenizer = _sudachi_dictionary().tokenizer(mode=SplitMode.B)
    return _own.tokenizer


@cache
def _sudachi_dictionary() -> Any:
    from sudachipy import Dictionary

    return Dictionary(dict="small")


def _japanese() -> Callable[[str], list[str]]:
    def words(text: str) -> list[str]:
        return [
            word.dictionary_form()
            for start in range(0, len(text), _MOST)
            for word in _sudachi().tokenize(text[start : start + _MOST])
            if word.part_of_speech()[0] not in _SILENT
        ]

    return words


def _thai() -> Callable[[str], list[str]]:
    from pythainlp import word_tokenize

    def words(text: str) -> list[str]:
        return list(word_tokenize(text, keep_whitespace=False))

    return words
