"""The word lists of ``models/languages.json``, and the rules of ``forms.toml``."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from relatedness.shipped import shipped


@cache
def _languages() -> dict[str, dict[str, Any]]:
    return json.loads(shipped("languages.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def function_words(code: str) -> frozenset[str]:
    """The function words of a language; empty for an unknown one.

    Examples
    --------
    >>> "the" in function_words("en"), "der" in function_words("de"), len(function_words("xx"))
    (True, True, 0)
    """
    return frozenset(_languages().get(code, {}).get("stopwords", ()))


@cache
def stemmer_name(code: str) -> str:
    """The name of a language's Snowball stemmer; empty where there is none.

    Examples
    --------
    >>> stemmer_name("de"), stemmer_name("zh")
    ('german', '')
    """
    return str(_languages().get(code, {}).get("stemmer", ""))


@cache
def irregular_forms(code: str) -> dict[str, str]:
    """Irregular forms of a language, each with its base form."""
    return dict(_languages().get(code, {}).get("irregular", {}))


@cache
def compound_nouns(code: str) -> dict[str, Any]:
    """The nouns of which a language makes compounds: ``parts``, each with its forms before another, and ``silent`` prefixes."""
    return dict(_languages()[code]["compounds"])


@cache
def _forms() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("forms.toml").read_text(encoding="utf-8"))


@cache
def cut(name: str) -> re.Pattern[str]:
    """The affixes to cut off: ``cases``, ``particles`` or ``arabic``.

    Examples
    --------
    >>> cut("particles").sub("", "서울에서")
    '서울'
    """
    return re.compile(_forms()["cut"][name])


@cache
def rewritings(when: str, code: str) -> Sequence[tuple[re.Pattern[str], str]]:
    """The rules of a language for words before its stemmer (``plurals``) or after it (``stems``), in their order.

    Examples
    --------
    >>> [(pattern.sub(ending, "kandydac")) for pattern, ending in rewritings("stems", "pl")][0]
    'kandydat'
    """
    return tuple((re.compile(pattern), ending) for pattern, ending in _forms()[when].get(code, ()))
