"""What unlisted Chinese names look like: the lists in the file of the language, and the patterns made of them."""

from __future__ import annotations

import re
from functools import cache

from relatedness.topics._word_lists import any_of, lists_of, words_of


class ChineseRules:
    """The lists and patterns made from the file of the language."""

    def __init__(self) -> None:
        def lists(name: str) -> str:
            return any_of("zh", name)

        def characters(name: str) -> str:
            return "".join(lists_of("zh")[name].split())

        self.titles = words_of("zh", "titles")
        self.lengths_of_titles = sorted(set(map(len, self.titles)))
        self.after_names, self.no_lines = words_of("zh", "after_names"), words_of("zh", "no_lines")
        self.in_word = frozenset(characters("before_in_word"))
        self.districts = words_of("zh", "districts")
        self.surnames = frozenset(characters("surnames"))
        self.long_surnames = tuple(words_of("zh", "long_surnames"))
        self.after_titles = self.surnames | set(characters("surnames_after_titles"))
        self.say, self.said = tuple(words_of("zh", "say")), tuple(characters("said"))
        self.no_given = tuple(characters("no_given"))
        self.first_of_names = self.after_titles | {surname[0] for surname in self.long_surnames}
        self.short_companies, self.officers = (
            words_of("zh", "short_companies"),
            tuple(words_of("zh", "officers")),
        )
        self.short_counties, self.sides = words_of("zh", "short_counties"), words_of("zh", "sides")
        self.no_people = words_of("zh", "no_people")
        self.whole_company = re.compile(
            f"(?:(?!{lists('no_company')})[\u4e00-\u9fff]){{2,12}}?(?:{lists('whole_companies')})"
        )
        self.japanese_surnames = words_of("zh", "japanese_surnames")
        self.before_names, self.after_people = (
            frozenset(characters("before_names")),
            frozenset(characters("after_people")),
        )
        self.before_places = frozenset(characters("before_places"))
        self.kind_of = {
            ending: kind for kind, endings in lists_of("zh")["endings"].items() for ending in endings.split()
        }
        self.last_of_endings = frozenset(ending[-1] for ending in self.kind_of)
        self.longest_ending = max(map(len, self.kind_of))
        self.foreign = foreign = characters("foreign")
        self.foreign_beside = frozenset(foreign + characters("foreign_beside_dots"))
        beside = rf"[{foreign}{characters('foreign_beside_dots')}]{{1,8}}"
        kinds_of_places = f"(?:{lists('kinds_of_places')})"
        self.called = re.compile(f"(?:{lists('called')})$")
        self.interpunct = re.compile(
            rf"(?:[A-Z]\.?|彼得|大?{beside})(?:[·・‧•](?:[A-Z]\.?|[{foreign}]文|{beside}(?:-{beside})?)){{1,4}}"
        )
        self.storm = re.compile(
            rf"((?:{lists('strengths')})?(?:{lists('storms')}))(?:[“「『\"]([^”」』\"]{{2,6}})[”」』\"]|([{foreign}]{{2,4}}))"
        )
        self.craft = re.compile(
            rf"(?:{lists('craft')})(?:[A-Z-]*\d+|[一二三四五六七八九十百]+)号?[甲乙丙丁]?"
        )
        self.ship = re.compile(
            rf"(?:[“「『]([^”」』]{{1,8}})[”」』]号?|([{foreign}]{{2,6}})号)(?={lists('after_ships')})"
        )
        before_lines = "|".join(f"(?<={city})" for city in lists("before_lines").split("|"))
        self.line = re.compile(
            f"(?:{before_lines})([\u4e00-\u9fff]{{2,3}}线)|([\u4e00-\u9fff]{{2}}线)(?={lists('after_lines')})"
        )
        self.after_person = re.compile(lists("after_person"))
        towns = characters("in_railways")
        self.railway = re.compile(f"(?<![{towns}])[{towns}]{{2,4}}(?:{lists('railways')})")
        self.vote = re.compile(f"(?:{lists('kinds_of_votes')})?(?:{lists('votes')})")
        self.happened = re.compile(lists("happened"))
        self.happened_then = re.compile(f"{lists('happened')}|{lists('happened_then')}")
        self.foreign_town = re.compile(
            rf"(?:{lists('before_towns')})([{foreign}]{{2,6}})(?=[{characters('after_towns')}])"
        )
        self.body = re.compile(
            f"(?:{lists('ranks_of_bodies')}){{0,9}}(?:{lists('bodies')})(?![区镇乡村县口])"
        )
        self.part_of_town = re.compile(f"[\u4e00-\u9fff]{{2}}(?:{lists('parts_of_towns')})")
        self.no_part = re.compile(f"(?:{lists('no_parts')})")
        self.station = re.compile(f"(?:{lists('kinds_of_stations')})?站(?![{characters('no_stations')}])")
        self.held = re.compile(f"(?:{lists('kinds_of_games')}){{0,9}}(?:{lists('games')})")
        self.of_countries = re.compile(f"(?:{lists('of_countries')})")
        self.called_alone = re.compile(kinds_of_places)
        self.foreign_place = re.compile(rf"[{foreign}]{{2,6}}{kinds_of_places}")
        ends = "".join(sorted({title[-1] for title in self.titles}))
        self.foreign_person = re.compile(
            rf"(?<=[{ends}])(?:[{foreign}帝]{{2,8}}[一二三四五六七八九十]{{1,3}}世|[{foreign}]{{3,8}})"
        )
        self.after_countries = re.compile(rf"[{foreign}]{{3,7}}(?![人族语军党·{foreign}])")
        self.no_person = re.compile(f"(?:{lists('no_person')})|.(?:{lists('no_person_ends')})$")
        self.common = re.compile(rf"^(?:{lists('common')})$")
        self.generic = re.compile(f"(?:{lists('generic_before_endings')})+")

    def ending_of(self, word: str) -> str | None:
        """The longest ending of names that a word has."""
        lengths = range(min(self.longest_ending, len(word)), 0, -1)
        return next((word[-n:] for n in lengths if word[-n:] in self.kind_of), None)

    def titled(self, text: str, start: int) -> bool:
        """Whether what people are called stands right before a position."""
        return any(text[max(0, start - n) : start] in self.titles for n in self.lengths_of_titles)


@cache
def chinese_rules() -> ChineseRules:
    """The lists and patterns, read once."""
    return ChineseRules()
