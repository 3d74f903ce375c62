"""Unlisted names in Arabic texts: people by titles and given names, places and bodies after the noun for their kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named
from relatedness.topics._topic import PLACES
from relatedness.topics._word_lists import any_of, words_of

_A = "\u0621-\u064a\u064b-\u0652"
_WORD = rf"[{_A}]+"
_ANY = re.compile(_WORD)
# للكاتب is ل and الكاتب in one.
_ASSIMILATED = re.compile(rf"(?<![{_A}])لل(?=[{_A}]{{3}})")


class _Rules:
    """The patterns made from the word lists of the language."""

    def __init__(self) -> None:
        def lists(name: str) -> str:
            return any_of("ar", name)

        self.titled = re.compile(
            rf"(?<![{_A}])[وفبلك]?(?:{lists('before_people')})(?: (?:{lists('after_titles')})){{0,2}} "
        )
        self.place = re.compile(
            rf"(?<![{_A}])[وفبلك]?(?:ل|ال)?(?:{lists('before_places')}) ((?:{lists('first_of_places')}) {_WORD}|{_WORD})"
        )
        self.body = re.compile(
            rf"(?<![{_A}])[وفبلك]?((?:{lists('before_bodies')}) ((?:(?:{lists('first_of_bodies')}) )?{_WORD})(?: و?ال{_WORD})?)(?: لل{_WORD}(?: وال{_WORD})?)?(?![{_A}])"
        )
        # الهيئة المصرية العامة للكتاب, المحكمة الاتحادية العليا: a body, adjectives, and its purpose.
        more = rf"(?: (?:لل{_WORD}(?: ال{_WORD}(?:ي|ية)(?![{_A}]))?|ل{_WORD} ال{_WORD})(?: وال{_WORD})?)"
        self.described = re.compile(
            rf"(?<![{_A}])[وفبلك]?((?:{lists('described_bodies')})((?: ال{_WORD}(?:ي|ية|ى|يا|ة|ين)(?![{_A}])| (?:{lists('ranks_of_bodies')})(?![{_A}])){{1,3}}){more}?|(?:{lists('described_bodies')}){more})(?![{_A}])"
        )
        self.rank = re.compile(rf"(?: |^)(?:{lists('ranks_of_bodies')})(?![{_A}])")
        self.no_body = re.compile(f"(?:{lists('no_described')})$")
        # محكمة النقض, منفذ البطحاء
        self.whole = re.compile(
            rf"(?<![{_A}])[وفبلك]?((?:{lists('before_matters')}) (?:لل{_WORD}|ال{_WORD}|{_WORD} ال{_WORD})(?: وال{_WORD}| ال{_WORD}(?:ي|ية)(?![{_A}])){{0,2}}(?: لل{_WORD})?)"
        )
        self.before_own = re.compile(f"(?:{lists('before_own')}) ")
        self.of_place = re.compile(rf"(?<![{_A}])[وفبلك]?((?:{lists('for_things')}) )$")
        self.for_thing = re.compile(rf" لل{_WORD}(?: وال{_WORD})?")
        self.company = re.compile(f"(?:{lists('before_companies')}) ")
        self.at_place = re.compile(rf"(?<![{_A}])[وفبلك]?((?:{lists('before_place')}) )$")
        self.calling = re.compile(rf"[وفبلك]?(?:{lists('callings')}) ال")
        self.title_of = re.compile(f"(?:{lists('titles_of')}) $")
        # "The Yemeni government" is a body of Yemen.
        self.of_country = re.compile(f"(?<![\u0621-\u064a])[وفبلك]?((?:{lists('of_countries')}) )$")
        # The adjective must agree with the body: in "the Iranian minister of foreign affairs" it belongs to the minister.
        self.masculine = frozenset(lists("masculine").split("|"))


@cache
def _rules() -> _Rules:
    return _Rules()


def arabic_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in an Arabic text: people after titles or by given names, places and bodies after the noun for their kind."""
    rules, covered, places = _rules(), {start: end for start, end, _ in known}, Places(known)
    kinds = {(start, end): kind for start, end, kind in known}
    countries = {start for start, _, kind in known if kind == "country"}
    for match in rules.titled.finditer(_ASSIMILATED.sub("ال", text)):
        calling = rules.calling.match(match[0]) is not None
        if (end := _person(text, match.end(), titled=True, calling=calling)) and covered.get(
            match.end(), 0
        ) < end:
            yield named(text, match.end(), end, "person")
    for match in _ANY.finditer(text):
        word = match[0]
        joined = word in ("عبد", "أبو")
        # رفعت الجزائر: Algeria raises, and nobody is called so.
        given = word in words_of("ar", "given") and match.end() + 1 not in countries
        if (joined or (given and word not in words_of("ar", "everyday"))) and (
            end := _person(text, match.start(), titled=False)
        ):
            yield named(text, match.start(), end, "person")
    for start, end, _ in known:
        # "Pentagon spokesman John Kirby": a name after the body or place of its title.
        if (
            text[end : end + 1] == " "
            and end + 1 not in covered
            and rules.title_of.search(text, max(0, start - 30), start)
            and (stop := _person(text, end + 1, titled=True))
        ):
            yield named(text, end + 1, stop, "person")
    for start, end, kind in known:
        if (
            kind == "country"
            and text.startswith("ال", start)
            and (state := rules.of_country.search(text, max(0, start - 24), start))
            and text.startswith("ة", end - 1) == (state[1].strip() not in rules.masculine)
        ):
            yield named(text, state.start(1), end, "organisation", places)
    for match in rules.described.finditer(text):
        numbers = places.within(*match.span(1))
        # "The local council" is not specific; one of a country, of a rank or with a purpose is.
        purpose = not match[2] or match.end(1) > match.end(2)
        telling = numbers or purpose or rules.rank.search(match[2])
        if telling and not rules.no_body.search(match[1]):
            yield ShapedName(*match.span(1), "organisation", match[1], numbers)
    for match in rules.whole.finditer(text):
        last = match[1].rpartition(" ")[2].removeprefix("ال")
        if not rules.no_body.search(match[1]) and last not in words_of("ar", "silent"):
            alone = rules.before_own.match(match[1])
            body = named(text, *match.span(1), "organisation", places)
            yield body._replace(own=match.start(1) + alone.end()) if alone is not None else body
    for start, end, kind in known:
        if (
            kind in PLACES
            and covered[start] == end
            and (thing := rules.for_thing.match(text, end))
            and (head := rules.of_place.search(text, max(0, start - 12), start))
        ):
            yield named(text, head.start(1), thing.end(), "organisation", places)
    for start, end, kind in known:
        if kind in PLACES and (head := rules.at_place.search(text, max(0, start - 24), start)):
            yield named(text, head.start(1), end, "organisation", places)
    for match in rules.place.finditer(text):
        place = match[1]
        plain = place.removeprefix("ال")
        if (
            plain not in words_of("ar", "silent")
            and place not in words_of("ar", "sides")
            and len(plain) > 2
            and not (plain == place and plain.endswith(("ية", "ين")))
        ):
            yield named(text, *match.span(1), "place")
    for match in rules.body.finditer(text):
        own = match[2]
        plain = own.removeprefix("ال")
        if (
            plain in words_of("ar", "silent")
            or own in words_of("ar", "no_bodies")
            or len(plain) < 3
            or (plain == own and plain.endswith(("ية", "ين", "ات", "يين")))
        ):
            continue
        if kinds.get(match.span(2), "place") not in PLACES:
            # "The movement Hamas" is Hamas.
            continue
        if own != plain or own[:1] not in "يتنسأ":
            more = match[1].rpartition(" ")[2] if own != plain else ""
            whole = more != own and (more.endswith(("ي", "ية")) or more.startswith("و"))
            end = match.end(1) if whole else match.end(2)
            if match.end() > match.end(1) and not rules.no_body.search(match[0]):
                end = match.end()
            body = named(text, match.start(1), end, "organisation", places)
            # شركة ميرسك is called Maersk alone too.
            company = rules.company.match(match[1]) is not None and not body.places
            yield body._replace(own=match.start(2)) if company else body


def _person(text: str, start: int, *, titled: bool, calling: bool = False) -> int:
    """The end of a person's name that begins here (two parts, each of one or two words); 0 if there is none."""
    parts: list[str] = []
    here = start
    end, known_first = 0, False
    while len(parts) < 3 and (word := _ANY.match(text, here)):
        own, stop = word[0], word.end()
        if (
            own in words_of("ar", "joined")
            and text[stop : stop + 1] == " "
            and (more := _ANY.match(text, stop + 1))
        ):
            if more[0] in words_of("ar", "silent"):
                break
            own, stop = f"{own} {more[0]}", more.end()
        elif (
            own in words_of("ar", "silent")
            or (own.startswith(("و", "ب", "ل")) and own[1:] in words_of("ar", "silent"))
            or len(own) < 2
        ):
            break
        if parts and own in words_of("ar", "ordinals"):
            # King Felipe the Sixth
            return stop
        given, article = own in words_of("ar", "given") or " " in own, own.startswith("ال")
        if not parts and (article or (not given and own.startswith(("بال", "لل", "وال", "فال")))):
            return 0
        if (
            titled
            and not (calling and parts and article and not own.endswith(("ة", "ات")))
            and not (given or (parts and known_first))
            and (own.endswith(("ة", "ه", "هم") if parts else ("ة", "ا", "ه", "هم")) or article)
        ):
            # "The president declared a state of emergency": a title need not be followed by a name, but "the Iraqi poet" is.
            return 0
        known_first = given if not parts else known_first
        if (
            len(parts) == 1
            and not titled
            and not (article or own in words_of("ar", "given") or " " in own or parts[0].startswith("عبد "))
        ):
            break
        if (
            len(parts) == 2
            and not (article and parts[1] in words_of("ar", "given"))
            and not (
                parts[1].startswith(("بن ", "ولد ", "عبد ")) and (article or own in words_of("ar", "given"))
            )
        ):
            break
        if article and own.endswith(("ية", "ات")):
            break
        if len(parts) == 1 and own.startswith("ي") and own not in words_of("ar", "given") and titled:
            break
        parts.append(own)
        end = stop
        if text[stop : stop + 1] != " ":
            break
        here = stop + 1
    return end if len(parts) > 1 or (parts and parts[0].startswith("أبو ")) else 0
