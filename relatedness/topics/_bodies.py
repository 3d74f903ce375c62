"""Courts and ministries that every country has, each under one name: Russia's Defence Ministry, the Russian Ministry of Defense."""

from __future__ import annotations

import re

from relatedness.topics._known_names import KnownNames, Run
from relatedness.topics._mention import Known, Mention, mention_of
from relatedness.topics._spelling import without_possessive
from relatedness.topics._topic import EventTopic


def body_of(body: str, country: str) -> str | None:
    """The name of a court or ministry of a country or state.

    Parameters
    ----------
    body : str
        As it is written beside the country.
    country : str
        The topic of the country.

    Returns
    -------
    str or None
        None for a body of another kind.

    Examples
    --------
    >>> body_of("Supreme Court", "Bangladesh"), body_of("High Court", "Philippines")
    ('Supreme Court of Bangladesh', 'High Court of the Philippines')
    >>> body_of("Defense Ministry", "Russia"), body_of("Ministry of Foreign Affairs", "Georgia (country)")
    ('Ministry of Defence (Russia)', 'Ministry of Foreign Affairs (Georgia)')
    >>> body_of("Army", "Russia")
    """
    short = country.partition(" (")[0]
    if _COURT.fullmatch(body):
        return f"{body} of {'the ' if _ARTICLE.search(short) else ''}{short}"
    found = _MINISTRY.fullmatch(body)
    if found is None:
        return None
    matter = found[1] or found[2]
    return f"Ministry of {_MATTERS.get(matter, matter)} ({short})"


def body_mention(
    names: KnownNames, run: Run, here: int, end: int, known: Known, begin: int | None = None
) -> Mention | None:
    """The body that words name beside a country or state, by the name that all its spellings share.

    Parameters
    ----------
    names : KnownNames
    run : Run
    here, end : int
        The words that name the body.
    known : tuple of (Topic, Alias)
        The country.
    begin : int, optional
        Where the mention begins, if the country is part of it.

    Returns
    -------
    Mention or None
        None if it is no body that every country has.
    """
    place, alias = known[0]
    if alias.weak or place.kind not in ("country", "state"):
        return None
    words = run.words
    if words[here].bare == "ministry" and end < len(words):
        # It may be one of several matters: of Marine Affairs and Fisheries.
        return None
    name = body_of(without_possessive(run.cut(here, end)), place.name)
    if name is None:
        return None
    reached, own = names.longest_at(run, here)
    if reached >= end and any(place.name in topic.parents for topic, _ in own):
        # Brazil's Supreme Federal Court has that name.
        return None
    first = here if begin is None else begin
    start, written = run.starts[first], without_possessive(run.cut(first, end))
    listed = names.known(name)
    if listed:
        return mention_of(start, written, listed)
    kind = "court" if " of " in name and "(" not in name else "organisation"
    plain = EventTopic(name, kind, "found", (written,))
    return Mention(start, start + len(written), written, plain, (place.name,), (), False, False, True)


_COURT = re.compile(
    r"(?:Supreme|High|Constitutional|Federal|Supreme Federal|Federal Supreme|Federal Constitutional|Criminal|Appeals|Supreme Criminal) (?:Court|Tribunal)(?: of (?:Justice|Appeals?))?"
)
_ARTICLE = re.compile(
    r"^United |(?:Philippines|Netherlands|Maldives|Bahamas|Gambia|Republic|Islands|Emirates|Comoros|Congo)$"
)
_WORD = r"[A-Z][a-z]+"
_MINISTRY = re.compile(
    rf"(?:Ministry (?:of|for) (?:the )?({_WORD}(?:, {_WORD})*(?:,? and {_WORD})?(?: {_WORD})?)|({_WORD}) Ministry)"
)
_MATTERS = {"Foreign": "Foreign Affairs", "Defense": "Defence", "Interior": "the Interior"}
