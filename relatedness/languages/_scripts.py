"""Chinese in one script: traditional and simplified characters are one for matching."""

from __future__ import annotations

import json
from functools import cache

from relatedness.shipped import shipped


@cache
def _table() -> dict[int, int]:
    data = json.loads(shipped("hanzi.json").read_text(encoding="utf-8"))
    return {ord(old): ord(new) for old, new in zip(data["traditional"], data["simplified"], strict=True)}


def simplified(text: str) -> str:
    """A Chinese text in simplified characters, one for each character that it has.

    Characters are mapped one by one, so that positions in the text stay what they are; words that Taiwan and Hong Kong choose
    otherwise are left alone.

    Returns
    -------
    str
        Of the same length.

    Examples
    --------
    >>> simplified("臺灣總統訪問歐盟")
    '台湾总统访问欧盟'
    """
    return text if text.isascii() else text.translate(_table())
