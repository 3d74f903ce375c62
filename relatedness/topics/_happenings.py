"""Names of happenings, made of a year and a place or body: 2011 Yemeni uprising, November 2015 Paris attacks."""

from __future__ import annotations

import re
from collections.abc import Callable

from relatedness.topics._gathered import Gathered
from relatedness.topics._gazetteer import Topic
from relatedness.topics._language import Language
from relatedness.topics._topic import PLACES, EventTopic
from relatedness.topics._word_lists import any_word

_LANGUAGE = Language.load()
_YEARS = re.compile(
    rf"(?:\b(?:{any_word('en', 'months')}) )?"
    r"(?<![\w.,/–-])(?:1[6-9]|20)\d\d(?:[–-]\d\d(?:\d\d)?)? $"
)
_LONGEST = len("September 2010–2011 ")


def happening(text: str, start: int, end: int) -> tuple[str, str, str] | None:
    """The happening named by a year, a name in a text and the words after it.

    Parameters
    ----------
    start : int
        The start of the name, after the year.
    end : int
        The end of the name.

    Returns
    -------
    tuple of (str, str, str) or None
        The happening as written, with its month if that precedes the year; the variant with the year at the end; and its kind.

    Examples
    --------
    >>> text = "During the 2004 Lithuanian presidential election, turnout falls."
    >>> happening(text, 16, 26)
    ('2004 Lithuanian presidential election', 'Lithuanian presidential election, 2004', 'event')
    """
    years = _YEARS.search(text, max(0, start - _LONGEST), start)
    if years is None:
        return None
    first = years.start()
    what = _LANGUAGE.happening.match(text, end)
    if what is None or _LANGUAGE.only_when.search(text, max(0, first - 8), first):
        return None
    kind = _LANGUAGE.heads.get(what["what"] or "", "event")
    plain = text[start : what.end()]
    return text[first:start] + plain, f"{plain}, {text[first : start - 1]}", kind


def put_happening(
    here: Gathered, text: str, start: int, end: int, plain: EventTopic, known: Callable[[str], Topic | None]
) -> None:
    """Add the happening of a topic in a year to the event, under the archive's name for it if there is one.

    Parameters
    ----------
    here : Gathered
        The topics of the event so far.
    start : int
        The start of the topic's name in the text.
    end : int
        The end of that name.
    known : callable
        The topic that a name has, or None.
    """
    happened = happening(text, start, end)
    if happened is None:
        return
    *ways, kind = happened
    topic = next((topic for way in ways if (topic := known(way))), None)
    parents = (plain.name,) if plain.kind in PLACES else ()
    here.put(topic or Topic(ways[0], kind, parents), "found", ways[0])
