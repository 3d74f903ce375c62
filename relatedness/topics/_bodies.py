"""Courts and ministries that every country has, under one name each: Russia's Defence Ministry, Russian Ministry of Defense."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from relatedness.languages import simplified
from relatedness.topics._gazetteer import Gazetteer, Topic
from relatedness.topics._known_names import KnownNames, Run
from relatedness.topics._labels import is_adjective
from relatedness.topics._language import Language
from relatedness.topics._mention import Known, Mention, mention_of
from relatedness.topics._other_languages import OtherNames
from relatedness.topics._spelling import without_possessive
from relatedness.topics._topic import PLACES, EventTopic
from relatedness.topics._word_lists import any_of, any_word, lists_of


def body_of(body: str, country: str) -> str | None:
    """The name of a court or ministry of a country or state.

    Parameters
    ----------
    body : str
        The body as written next to the country.
    country : str
        The topic of the country.

    Returns
    -------
    str or None
        None for a body that not every country has.

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
    """The mention of a body next to a country or state, by its normalised name.

    Parameters
    ----------
    here, end : int
        The range of words that name the body.
    known : tuple of (Topic, Alias)
        The country.
    begin : int, optional
        Where the mention begins, if the country is part of it.

    Returns
    -------
    Mention or None
        None if it is not a body that every country has.
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
    return Mention(start, start + len(written), written, plain, (place.name,), easy=True)


def with_countries(
    text: str, names: OtherNames, found: Sequence[tuple[int, int, Topic]], gazetteer: Gazetteer
) -> list[tuple[int, int, Topic]]:
    """The known names of a text in another language, each body assigned to its country.

    Parameters
    ----------
    found : sequence of (int, int, Topic)
        Beginning, end and topic of each known name.

    Returns
    -------
    list of (int, int, Topic)
        A body next to the name of a country belongs to that country, and is returned both alone and together with the country;
        any other belongs to the home country of the language, or is dropped if it says nothing alone.
    """
    kept: list[tuple[int, int, Topic]] = []
    places = [(start, end, topic) for start, end, topic in found if topic.kind in _GOVERNED]
    named = {topic.name for _, _, topic in places if topic.kind == "country"}
    rules = lists_of(names.code)
    stands = rules.get("country", "either")  # position relative to the body
    of_its_country = rules.get("of_its_country", False)
    if of_its_country and len(named) < 2:
        # A ministry in Amman is Jordan's, and one in Gaza not Israel's.
        named |= {
            up for _, _, topic in found if topic.kind in PLACES for up in countries_of(topic, gazetteer)
        }
    home = names.home or (_home_of_script(text) if names.code == "zh" else "")
    before = {end: (start, topic) for start, end, topic in places}
    after = {start: (end, topic) for start, end, topic in places}
    for start, end, topic in _as_neighbours(found, gazetteer):
        body = names.body(text[start:end])
        if body is None:
            # 外交部发言人 speaks for China, unless it follows the name of another country.
            another = before.get(start) if stands == "before" else None
            lands = tuple(f"({parent})" for parent in topic.parents)
            if another is None or another[1].name in topic.parents or not topic.name.endswith(lands):
                kept.append((start, end, topic))
            continue
        role, alone = body
        first, last, land = start, end, None
        if stands != "before" and (
            follows := after.get(_after_body().match(text, end).end())  # type: ignore[union-attr]
        ):
            last, land = follows
        elif stands != "after" and (
            precedes := before.get(_before_body().search(text, max(0, start - 6), start).start())  # type: ignore[union-attr]
        ):
            first, land = precedes
        if land is not None and land.kind == "region" and not _OF_REGIONS.search(role):
            first, last, land = start, end, None
        if land is not None:
            own = _body_topic(role, land.name, gazetteer)
            kept += [(start, end, own), (first, last, own)]
        elif topic.name != role and (not alone or topic.parents):
            kept.append((start, end, topic))
        elif of_its_country and len(named) == 1 and not role.endswith("team"):
            # News of one country dissolves that country's parliament.
            kept.append((start, end, _body_topic(role, next(iter(named)), gazetteer)))
        elif alone and home and (names.home or not named or home in named):
            # News of one other country means that country's health ministry, but ours when it quotes diplomats.
            abroad = len(named) == 1 and role not in lists_of("default")["speak_of_others"].split("|")
            country = next(iter(named)) if abroad else home
            kept.append((start, end, _body_topic(role, country, gazetteer)))
    return kept


# Places with courts and ministries of their own: Tatarstan and Saxony have them as countries do.
_GOVERNED = frozenset({"country", "state", "region"})
_OF_REGIONS = re.compile("^Ministry|(?:Supreme|Constitutional) Court$|^Parliament$")


def _home_of_script(text: str) -> str:
    """Taiwan for a Chinese text in traditional characters: others write of abroad too, and say of where."""
    return "" if simplified(text) == text else "Taiwan"


def countries_of(place: Topic, gazetteer: Gazetteer) -> set[str]:
    """The countries that a place belongs to."""
    above = [(parent, gazetteer.get(parent)) for parent in place.parents]
    found = {parent for parent, up in above if up is not None and up.kind == "country"}
    return found or {
        parent
        for _, up in above
        if up is not None
        for parent in up.parents
        if (land := gazetteer.get(parent)) is not None and land.kind == "country"
    }


# Bodies whose names neighbouring countries share: the Bundesrat in Bern governs Switzerland.
_NAMESAKES: Mapping[str, Mapping[str, str]] = {
    "Bundesrat of Germany": {
        "Switzerland": "Federal Council (Switzerland)",
        "Austria": "Federal Council (Austria)",
    },
    "National Council (Austria)": {"Switzerland": "National Council (Switzerland)"},
}


def _as_neighbours(
    found: Sequence[tuple[int, int, Topic]], gazetteer: Gazetteer
) -> Sequence[tuple[int, int, Topic]]:
    """Replace a body by the neighbour's if the text names places of the neighbour and none at home."""
    if not any(topic.name in _NAMESAKES for _, _, topic in found):
        return found
    lands: set[str] = set()
    for _, _, topic in found:
        if topic.kind in PLACES:
            lands.update((topic.name, *topic.parents))
            lands.update(*(up.parents for parent in topic.parents if (up := gazetteer.get(parent))))
    return [(start, end, _namesake(topic, lands)) for start, end, topic in found]


def _namesake(topic: Topic, lands: set[str]) -> Topic:
    abroad = lands & _NAMESAKES.get(topic.name, {}).keys()
    if len(abroad) != 1 or not lands.isdisjoint(topic.parents):
        return topic
    (land,) = abroad
    return Topic(_NAMESAKES[topic.name][land], topic.kind, (land,))


def national_body(role: str, country: str) -> str:
    """The English name of a country's body that every country has: House of Representatives of the Philippines."""
    short = country.partition(" (")[0]
    article = "the " if _ARTICLE.search(short) else ""
    return (
        Language.load().bodies.get(f"{role} of {short}")
        or body_of(role, country)
        or f"{role} of {article}{short}"
    )


def _body_topic(role: str, country: str, gazetteer: Gazetteer) -> Topic:
    short = country.partition(" (")[0]
    if role.endswith(" team"):
        team = f"{short} {role}"
        return gazetteer.find(team) or Topic(team, "team", (country,))
    name = national_body(role, country)
    kind = "court" if role.endswith(("Court", "Tribunal")) else "organisation"
    return gazetteer.find(name) or Topic(name, kind, (country,))


@cache
def _after_body() -> re.Pattern[str]:
    """Matches the words between a body and the country after it."""
    joint = f"(?:(?:{any_of('default', 'between_body_and_country')}) ?(?:la |l[’'])?)?"
    return re.compile(rf"(?: {joint}|{joint})")


@cache
def _before_body() -> re.Pattern[str]:
    """Matches the words between a country and the body after it."""
    return re.compile(rf" ?(?:{any_of('default', 'between_country_and_body')})? ?$")


def national_ministry(
    names: KnownNames, run: Run, begin: int, head: int, stop: int
) -> tuple[int, Mention] | None:
    """Read "Ministry of Health of Brazil": the start of the country, and the ministry of that country."""
    last = next((here for here in range(stop - 2, head + 1, -1) if run.words[here].text == "of"), 0)
    if not last:
        return None
    end, country = names.longest_at(run, last + 1 + (run.words[last + 1].text == "the"))
    if end != stop or country[0][1].weak or country[0][0].kind != "country":
        return None
    written = run.cut(begin, last)
    name = body_of(written, country[0][0].name)
    if name is None:
        return None
    start = run.starts[begin]
    known = names.known(name)
    if known:
        return last, mention_of(start, written, known)
    plain = EventTopic(name, "organisation", "found", (written,))
    parents = (country[0][0].name,)
    return last, Mention(start, start + len(written), written, plain, parents, easy=True)


def place_after(names: KnownNames, run: Run, head: int, stop: int) -> tuple[str, ...]:
    """The place at the end of a name after "of": the Central Bank of Iran is in Iran."""
    head = next((here for here in range(stop - 2, head, -1) if run.words[here].text == "of"), head)
    after = head + 2 if run.words[head + 1].text == "the" else head + 1
    end, place = names.longest_at(run, after)
    if not end or place[0][1].weak:
        return ()
    if place[0][0].kind in _OWNERS and end == stop:
        # the Journal of the American Medical Association
        return (place[0][0].name,)
    if place[0][0].kind not in PLACES or (
        place[0][0].kind in ("city", "place") and after == head + 2 and end == after + 1
    ):
        # The Valley of the Queens is not in Queens.
        return ()
    if end < stop:
        # the Rally of the Guinean People
        return (place[0][0].name,) if is_adjective(run, after, end, place) else ()
    written = without_possessive(run.cut(after, end))
    return (place[0][0].name,) if place[0][0].name.startswith(written) else ()


_OWNERS = frozenset({"organisation", "legislature"})
_COURT = re.compile(rf"(?:{any_of('en', 'high_courts')}) (?:Court|Tribunal)(?: of (?:Justice|Appeals?))?")
_ARTICLE = re.compile(rf"^United |(?:{any_word('en', 'with_article')})$")
_WORD = r"[A-Z][a-z]+"
_MINISTRY = re.compile(
    rf"(?:Ministry (?:of|for) (?:the )?({_WORD}(?:, {_WORD})*(?:,? and {_WORD})?(?: {_WORD})?)|({_WORD}) Ministry)"
)
_MATTERS = {"Foreign": "Foreign Affairs", "Defense": "Defence", "Interior": "the Interior"}
