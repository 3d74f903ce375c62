"""The word lists of ``models/languages.json``."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from relatedness.shipped import shipped


@cache
def _languages() -> dict[str, dict[str, Any]]:
    return json.loads(shipped("languages.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def function_words(code: str) -> frozenset[str]:
    """The function words of a language; empty for an unknown one."""
    return frozenset(_languages().get(code, {}).get("stopwords", ()))


@cache
def stemmer_name(code: str) -> str:
    """The name of a language's Snowball stemmer; empty where there is none."""
    return str(_languages().get(code, {}).get("stemmer", ""))


@cache
def irregular_forms(code: str) -> dict[str, str]:
    """Forms of a language that no ending makes, each with its word."""
    return dict(_languages().get(code, {}).get("irregular", {}))
