"""Unlisted names in Chinese texts: by quotation marks, endings, and jieba's part-of-speech tags."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from relatedness.languages import tagged_words
from relatedness.topics._chinese_rules import chinese_rules
from relatedness.topics._mention import Spans
from relatedness.topics._topic import PLACES


class ChineseName(NamedTuple):
    """A piece of text that names something."""

    start: int
    end: int
    kind: str
    name: str
    """Its canonical name."""

    @property
    def short(self) -> int:
        """The end of the name without the noun for its kind (胡拉 of 胡拉镇); its own end if there is no such noun."""
        bare = chinese_rules().called.sub("", self.name)
        return self.start + len(bare) if self.kind in ("city", "place") and len(bare) > 1 else self.end


_WORK = re.compile(r"《([^《》\n]{2,24})》")
_RESOLUTION = re.compile("第?\\d{3,4}号决议")
_ACRONYM_BUILDING = re.compile("(?<![A-Z])[A-Z]{2,5}(?:大楼|大厦|中心)")
_FLIGHT = re.compile(r"([A-Z0-9]{0,2}\d{1,4})号?(?:班机|航班|客机)")
_DIVISIONS = "省市县区州镇乡"
_YEAR = re.compile(r"(?:19|20)\d\d年$")
# The parts of speech that a word before an ending must have to be part of a name.
_PROPER = ("ns", "nr", "nt", "nz", "x")
# Those of a foreign name as a rule.
_SOUNDS = ("nr", "ns")
# Those of a surname alone, and of a given name of one character.
_SURNAME = ("nr", "zg", "ng", "nz", "ns", "n", "j", "x", "g")
_GIVEN = ("ns", "nr", "nz", "zg", "ng", "x", "g")
_JOINS = ("n", "j", "b", "s", "f", "vn", "eng")


def chinese_names(
    text: str, known: Sequence[tuple[int, int, str]], bounds: Sequence[tuple[int, int, str]] | None
) -> list[ChineseName]:
    """The unlisted names in a Chinese text.

    Parameters
    ----------
    text : str
        In simplified characters.
    bounds : sequence of (int, int, str) or None
        The words of the text, from `word_bounds`.

    Returns
    -------
    list of ChineseName
        In no particular order; a name may contain a known one, but is never part of a known one.
    """
    ends: dict[int, int] = {}
    for start, end, kind in known:
        if kind in PLACES:
            for inner in range(start, end):
                # 福岛 in 日本福岛: a name that would begin inside a place begins after it.
                ends[inner] = max(end, ends.get(inner, 0))
    words = _Words(bounds) if bounds is not None else None
    names = [
        _without_country(text, words.trimmed(text, name) if words else name, ends, words)
        for name in _marked(text)
    ]
    names = [_after_person(text, name) for name in names if name.start < name.end]
    names += _beside_places(text, known)
    if words is not None:
        names += words.after_countries(text, known)
    if bounds is not None:
        names += _whole(text, _by_words(text, bounds, known), known)
    taken = Spans((start, end) for start, end, _ in known)
    made = _made_of(known)
    covered = bytearray(len(text))
    kept: list[ChineseName] = []
    for name in sorted(names, key=lambda name: (name.start - name.end, name.start)):
        if (
            taken.hold(name.start, name.end)
            or (name.start, name.end) in made
            or covered.find(1, name.start, name.end) >= 0
        ):
            continue
        covered[name.start : name.end] = b"\1" * (name.end - name.start)
        kept.append(name)
    return kept


def _made_of(known: Sequence[tuple[int, int, str]]) -> set[tuple[int, int]]:
    """The spans of two known names, the second of which is no place: 美国国会众议院 is no third name."""
    ends: dict[int, list[int]] = {}
    for start, end, _ in known:
        ends.setdefault(end, []).append(start)
    return {(first, end) for start, end, kind in known if kind not in PLACES for first in ends.get(start, ())}


class _Words:
    """The boundaries of the words of a text."""

    def __init__(self, bounds: Sequence[tuple[int, int, str]]) -> None:
        self._bounds = bounds
        self.starts = frozenset(start for start, _, _ in bounds)

    def _at(self, position: int) -> tuple[int, int, str]:
        """The word that contains a character."""
        return self._bounds[bisect_right(self._bounds, position, key=itemgetter(0)) - 1]

    def after_countries(self, text: str, known: Sequence[tuple[int, int, str]]) -> Iterable[ChineseName]:
        """Foreign names right after a country: 苏莱曼尼亚 in 伊拉克苏莱曼尼亚."""
        rules = chinese_rules()
        for _, end, kind in known:
            match = (
                rules.after_countries.match(text, end) if kind == "country" and end in self.starts else None
            )
            if match is not None and match.end() in self.starts:
                yield ChineseName(end, match.end(), "place", match[0])

    def trimmed(self, text: str, name: ChineseName) -> ChineseName:
        """A foreign name extended or cut to word boundaries: 穆罕默德 of 默德, 叶南德兹 without the 连 of 连任."""
        rules = chinese_rules()
        if name.kind not in ("person", "place") or name.start == name.end:
            return name
        start, end = name.start, name.end
        first, last = self._at(start), self._at(end - 1)
        if "·" in text[start:end] and first[0] < start:
            whole = first[2].startswith(_PROPER) and rules.foreign_beside.issuperset(text[first[0] : start])
            start = first[0] if whole else start
        if last[1] > end and not all(c in rules.foreign for c in text[last[0] : last[1]]):
            if (
                last[2].startswith(("nr", "nz"))
                and "·" in text[start:end]
                and text[end - 1] != "文"
                and rules.after_people.isdisjoint(text[end : last[1]])
            ):
                end = last[1]
            elif name.kind == "person" and last[0] - start > 2 and not last[2].startswith("n"):
                end = last[0]
        return ChineseName(start, end, name.kind, text[start:end])


def _without_country(
    text: str, name: ChineseName, ends: Mapping[int, int], words: _Words | None
) -> ChineseName:
    """A transliterated name without a place before it in the same characters: 胡拉镇 in 叙利亚胡拉镇."""
    rules = chinese_rules()
    start = name.start
    while name.kind in ("person", "place") and (end := ends.get(start, name.end)) < name.end - 1:
        if text[end] in "·-" or rules.called_alone.fullmatch(text, end, name.end):
            break
        if words is not None and name.kind == "person" and end not in words.starts:
            break
        start = end
    if name.kind == "place" and ends.get(start) == name.end - 1 and text[start - 1] not in "，。、的":
        # 北基伍省: what is left begins inside a known name, and only its kind follows.
        start = name.end if ends.get(start - 1) == ends[start] else start
    return name if start == name.start else ChineseName(start, name.end, name.kind, text[start : name.end])


def _whole(
    text: str, names: Iterable[ChineseName], known: Sequence[tuple[int, int, str]]
) -> Iterable[ChineseName]:
    """The names, none of which begins inside a known one: 加里萨大学 for 里萨大学, 维冠金龙大楼 for 区维冠金龙大楼 after 永康区."""
    rules = chinese_rules()
    inner = {at: (start, end) for start, end, _ in known for at in range(start + 1, end)}
    places = {start for start, _, kind in known if kind in PLACES}
    for name in names:
        if name.kind == "court" and name.start not in places:
            # A court is called by its place: 山东省高级人民法院 in 聂树斌案由山东省高级人民法院.
            start = min(places.intersection(range(name.start, name.end)), default=name.start)
            name = ChineseName(start, name.end, name.kind, text[start : name.end])
        start, end = inner.get(name.start, (name.start, 0))
        if start < name.start < end < name.end:
            if name.kind not in ("university", "organisation", "court"):
                start = end
            if name.end - start < 3 or rules.common.match(text[start : name.end]):
                continue
            name = ChineseName(start, name.end, name.kind, text[start : name.end])
        yield name


def crosses_words(text: str, start: int, end: int, bounds: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a known name of two characters only crosses or lies within other words: 国会 in 中国会."""
    rules = chinese_rules()
    if text[start] == "日" and text[start - 1 : start].isdigit():
        # 3月5日|本田
        return True
    for number in range(bisect_right(bounds, start, key=itemgetter(1)), len(bounds)):
        a, b, tag = bounds[number]
        if a >= end:
            break
        if not (start <= a and b <= end):
            inside = a <= start and end <= b
            if start < a and b - end > 1 and tag.startswith(_SOUNDS) and text[end] in rules.foreign:
                # 寮|国阿速坡: what jieba takes for a foreign name begins before it.
                continue
            if not inside or not (
                tag.startswith(_PROPER)
                or (a == start and text[end:b] in rules.after_names)
                or (b == end and text[a:start] in rules.in_word)
                or (a == start and b - end > 3 and text[b - 2 : b] in rules.kind_of)
            ):
                return True
    return False


def ends_in_word(end: int, bounds: Sequence[tuple[int, int, str]]) -> bool:
    """Whether the last character of a name belongs to the word after it: 天津|市区, not 天津市, and 日本|海啸, no 日本海."""
    number = bisect_right(bounds, end - 1, key=itemgetter(0)) - 1
    start, stop, tag = bounds[number] if number >= 0 else (0, 0, "")
    return start == end - 1 and stop > end and not tag.startswith(_PROPER)


def is_one_name(start: int, end: int, bounds: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a span is one word that names a person or place by its sound: 哈马斯 contains no 哈马."""
    number = bisect_left(bounds, start, key=itemgetter(0))
    return (
        number < len(bounds) and bounds[number][:2] == (start, end) and bounds[number][2].startswith(_SOUNDS)
    )


def word_bounds(text: str) -> list[tuple[int, int, str]] | None:
    """Start, end and part of speech of each word; None if rjieba is not installed."""
    words = tagged_words(text, "zh")
    if words is None:
        return None
    found, here = [], 0
    for word, tag in words:
        here = text.index(word, here)
        found.append((here, here + len(word), tag))
        here += len(word)
    return found


def _marked(text: str) -> Iterable[ChineseName]:
    """Names marked by their characters or by the punctuation around them."""
    rules = chinese_rules()
    for match in rules.interpunct.finditer(text):
        yield ChineseName(match.start(), match.end(), "person", match[0])
    for match in _WORK.finditer(text):
        yield ChineseName(*match.span(1), "work", match[1])
    for match in rules.storm.finditer(text):
        start, end = match.span(2) if match[2] else match.span(3)
        storm = "飓风" if match[1].endswith("飓风") else "台风" if match[1].endswith("台风") else match[1]
        yield ChineseName(start, end, "disaster", storm + text[start:end])
    for match in rules.craft.finditer(text):
        yield ChineseName(*match.span(), "space", match[0])
    for match in rules.ship.finditer(text):
        yield ChineseName(
            *(match.span(1) if match[1] else match.span()), "ship", (match[1] or match[2]) + "号"
        )
    for match in rules.line.finditer(text):
        line = match[1] or match[2]
        if line[-2:] not in rules.no_lines:
            yield ChineseName(*match.span(), "place", line)
    for match in rules.railway.finditer(text) if "铁" in text or "高速" in text else ():
        yield ChineseName(*match.span(), "place", match[0])
    for match in _RESOLUTION.finditer(text):
        yield ChineseName(*match.span(), "topic", match[0])
    for match in _ACRONYM_BUILDING.finditer(text):
        yield ChineseName(*match.span(), "place", match[0])
    for match in rules.foreign_place.finditer(text):
        yield ChineseName(*match.span(), "place", match[0])
    for match in rules.foreign_town.finditer(text):
        yield ChineseName(*match.span(1), "place", match[1])
    for match in rules.foreign_person.finditer(text):
        if rules.titled(text, match.start()):
            yield ChineseName(*match.span(), "person", match[0])


def _beside_places(text: str, known: Sequence[tuple[int, int, str]]) -> Iterable[ChineseName]:
    """Elections in a place and flights of an airline: 2012年美国总统选举, 马来西亚航空370号班机."""
    rules = chinese_rules()
    companies = "公司" in text
    longest: dict[int, int] = {}
    for start, end, _ in known:
        longest[start] = max(end, longest.get(start, 0))
    for start, end, kind in known:
        if part := _part_of_town(text, end, kind):
            yield part
        if station := rules.station.match(text, end) if kind in ("city", "place") else None:
            yield ChineseName(start, station.end(), "place", text[start : station.end()])
        if companies and kind in PLACES and (company := rules.whole_company.match(text, end)):
            yield ChineseName(start, company.end(), "company", text[start : company.end()])
        if kind in PLACES and (held := rules.held.match(text, end)):
            first = _with_year(text, start)
            yield ChineseName(first, held.end(), "event", text[first : held.end()])
        if kind in PLACES and (
            body := (rules.of_countries if kind == "country" else rules.body).match(text, end)
        ):
            yield ChineseName(start, body.end(), "organisation", text[start : body.end()])
        if kind in PLACES and (vote := rules.vote.match(text, end)):
            first = _with_year(text, start)
            yield ChineseName(first, vote.end(), "event", text[first : vote.end()])
        elif kind in PLACES and (
            happened := (
                rules.happened if (first := _with_year(text, start)) == start else rules.happened_then
            ).match(text, end)
        ):
            yield ChineseName(first, happened.end(), "event", text[first : happened.end()])
        elif (flight := _FLIGHT.match(text, end)) and longest[start] == end:
            yield ChineseName(start, flight.end(), "flight", text[start : flight.end()])


def _part_of_town(text: str, end: int, kind: str = "") -> ChineseName | None:
    """The district or town right after a city or county that ends there: 老集镇 in 临泉县老集镇, 望城区 in 长沙望城区."""
    rules = chinese_rules()
    whole = text[end - 1] in "市县"
    named = whole or (kind == "city" and text[end + 2 : end + 3] == "区")
    part = rules.part_of_town.match(text, end) if named else None
    if part is None or rules.no_part.match(text, end) or (not whole and rules.common.match(part[0])):
        return None
    return ChineseName(end, part.end(), "city", part[0])


def _with_year(text: str, start: int) -> int:
    """The start of a name including the year before it."""
    year = _YEAR.search(text, max(0, start - 5), start)
    return year.start() if year else start


def _by_words(
    text: str, words: Sequence[tuple[int, int, str]], known: Sequence[tuple[int, int, str]]
) -> Iterable[ChineseName]:
    rules = chinese_rules()
    inside = {at for start, end, _ in known for at in range(start, end)}
    for number, (start, end, tag) in enumerate(words):
        word = text[start:end]
        if (japanese := _japanese_person(text, words, number, inside)) > end:
            yield ChineseName(start, japanese, "person", text[start:japanese])
        ending = rules.ending_of(word) if word[-1] in rules.last_of_endings else None
        if ending is None and word in rules.short_companies and text.startswith(rules.officers, end):
            ending = word
        if ending is not None and (name := _with_ending(text, words, number, ending, inside)):
            yield name
            if name.kind == "city" and (part := _part_of_town(text, end)):
                yield part
        elif (
            word in ("台风", "飓风")
            and number + 1 < len(words)
            and words[number + 1][2].startswith(("nr", "nz", "ns"))
        ):
            after = words[number + 1]
            if after[0] == end and 2 <= after[1] - after[0] <= 4:
                yield ChineseName(after[0], after[1], "disaster", word + text[after[0] : after[1]])
        elif tag == "nt" and len(word) > 2 and not rules.common.match(word):
            yield ChineseName(start, end, "organisation", word)
        elif tag == "ns" and not rules.common.match(word) and _is_place(text, start, word):
            yield ChineseName(start, end, "place", word)
        elif word[0] in rules.foreign and (joined := _foreign_run(text, words, number, inside)) > end:
            titled = rules.titled(text, start)
            yield ChineseName(start, joined, "person" if titled else "place", text[start:joined])
        elif word[0] in rules.first_of_names and (stop := _local_person(text, words, number, inside)):
            yield ChineseName(start, stop, "person", text[start:stop])
        elif (
            tag.startswith("nr")
            and len(word) == 3
            and word[0] in rules.surnames
            and not rules.no_person.match(word)
            and not any(at in inside for at in range(start, end))
        ) or (
            (tag == "nrt" or (tag in ("nr", "nz") and rules.titled(text, start)))
            and len(word) > 2 - rules.titled(text, start)
            and all(c in rules.foreign for c in word)
        ):
            yield ChineseName(start, end, "person", word)


def _local_person(text: str, words: Sequence[tuple[int, int, str]], number: int, inside: set[int]) -> int:
    """Where a Chinese name ends that stands after an office or before what its bearer says; 0 if none begins."""
    rules = chinese_rules()
    start, end, tag = words[number]
    word = text[start:end]
    if start in inside or (word[0] not in rules.after_titles and not word.startswith(rules.long_surnames)):
        return 0
    titled = rules.titled(text, start)
    _, after, given = words[number + 1] if number + 1 < len(words) else (end, end, "")
    if len(word) == 1 or word in rules.long_surnames:
        stop = after
        if (
            not 0 < stop - end < 3
            or not "\u4e00" <= text[end] <= "\u9fff"
            or text.startswith(rules.say, end)
            or (end in inside and tag not in ("nr", "zg", "ng"))
            or not (
                given.startswith("nr")
                or (titled and tag.startswith(_SURNAME) and (stop - end == 2 or given in _GIVEN))
            )
        ):
            return 0
    elif tag.startswith("nr") or (titled and tag in ("x", "nz", "ns")):
        stop = end
        if word.endswith(rules.no_given) or (
            word.endswith(rules.said) and (len(word) == 4 or not text[end : end + 1].isalnum())
        ):
            stop -= 1
        elif (
            len(word) == 2
            and after - end == 1
            and "\u4e00" <= text[end] <= "\u9fff"
            and ((titled and given in _GIVEN) or text.startswith(rules.say, after))
        ):
            # 李俊|锡
            stop = after
        most = 4 if word.startswith(rules.long_surnames) else 3
        if not (3 if tag == "ns" else 2) <= stop - start <= most:
            return 0
    else:
        return 0
    said = (
        text[start] in rules.surnames
        and text.startswith(rules.say, stop)
        and (stop - start > 2 or start == 0 or not text[start - 1].isalnum())
    )
    name = text[start:stop]
    named = (titled or said) and name not in rules.no_people and not rules.no_person.match(name)
    return stop if named else 0


def _japanese_person(text: str, words: Sequence[tuple[int, int, str]], number: int, inside: set[int]) -> int:
    """The end of a Japanese name made of a surname and one word for the given name: 青叶|真司; 0 if none begins."""
    rules = chinese_rules()
    start, end, _ = words[number]
    if number + 1 >= len(words) or text[start:end] not in rules.japanese_surnames or start in inside:
        return 0
    _, stop, tag = words[number + 1]
    given = tag.startswith(("n", "x", "g", "zg")) and all("\u4e00" <= c <= "\u9fff" for c in text[end:stop])
    return (
        stop if given and stop - end < 3 and end not in inside and text[end:stop] not in rules.titles else 0
    )


def _foreign_run(text: str, words: Sequence[tuple[int, int, str]], number: int, inside: set[int]) -> int:
    """The end of a foreign name of four or more characters that jieba splits: 圣贝|纳迪|诺; 0 if none begins."""
    rules = chinese_rules()
    start, end = words[number][0], words[number][0]
    pieces = 0
    for a, b, tag in words[number : number + 5]:
        if (
            a != end
            or not tag.startswith(("nr", "ns", "nz", "j", "x"))
            or not all(c in rules.foreign for c in text[a:b])
        ):
            break
        if any(at in inside for at in range(a, b)):
            break
        end, pieces = b, pieces + 1
    return end if pieces > 1 and end - start > 3 else 0


def _is_place(text: str, start: int, word: str) -> bool:
    """Whether a word tagged as a place by jieba looks like one, because its list contains everyday words."""
    rules = chinese_rules()
    return len(word) > 2 and (
        all(c in rules.foreign for c in word) or (start > 0 and text[start - 1] in rules.before_places)
    )


def _with_ending(
    text: str, words: Sequence[tuple[int, int, str]], number: int, ending: str, inside: set[int]
) -> ChineseName | None:
    """The name that ends in a word such as 大学, with the words before it up to the first that is a name."""
    rules = chinese_rules()
    end = words[number][1]
    kind = rules.kind_of.get(ending, "company")
    if kind == "place" and inside.issuperset(range(words[number][0], end)):
        # 香港 is no harbour.
        return None
    first = None
    for before in range(number, max(-1, number - 5), -1):
        start, stop, tag = words[before]
        word = text[start:stop]
        if before != number and not (
            (tag.startswith((*_PROPER, *_JOINS)) or word.startswith("第")) and word.isalnum()
        ):
            break
        own = word.removesuffix(ending) if before == number else word
        proper = tag.startswith(_PROPER) or any(at in inside for at in range(start, start + len(own)))
        common = (
            rules.common.match(word)
            and not (word in rules.sides and kind in ("university", "court", "company") and before < number)
            and not (word in rules.short_counties and before == number)
            and not (start in inside and word.endswith(("省", "市", "县")))
        )
        if ending in rules.districts and start - 1 in inside and start not in inside:
            # After a known place an ordinary word names a part of it: 深圳光明新区.
            proper = end - start - len(ending) > 1 or word in rules.short_counties
        if own and proper and not common:
            first = start
            if tag in ("x", "nr", "nrt") and word[0] in rules.before_names and start not in inside:
                # 与苓雅区
                first = start + 1
                break
            if ending == "机场" and before == number and len(own) > 1 and not rules.generic.fullmatch(own):
                # 羽田机场 is a word of its own after 东京.
                break
            if kind == "city":
                break
        elif kind == "city" and before != number:
            break
    if (kind == "place" and text[end : end + 1] in ("镇", "乡", "村")) or (
        kind == "city" and text[end - len(ending) - 1] in "两二三四五六七八九十"
    ):
        # 大桥镇 has no bridge, and 安新三县 are three counties.
        return None
    if first is None or end - first <= len(ending) or end - first > 16:
        return None
    if rules.common.match(text[first:end]) and text[first:end] not in rules.short_counties:
        return None
    if kind == "place":
        # An airport is named after itself or after its city: 希思罗机场, 吉隆坡国际机场.
        for at in range(max(0, number - 4), number):
            start, stop, _ = words[at]
            if start == first and (
                (
                    text[stop - 1] in _DIVISIONS
                    and stop - start > 2
                    and _own_name(text, stop, end - len(ending))
                )
                or stop in _begins_there(text, stop, end - len(ending), inside)
                or (ending == "机场" and at + 1 < number and words[at + 1][2] in ("nr", "nz"))
            ):
                first = stop
    return ChineseName(first, end, kind, text[first:end])


def _after_person(text: str, name: ChineseName) -> ChineseName:
    """What is called by a foreign person: 阿诺德·帕尔默邀请赛 for 阿诺德·帕尔默."""
    dot = text.rfind("·", name.start, name.end)
    # The signs of 基金会 write foreign names too.
    for at in range(dot + 2, name.end + 1) if dot > 0 else ():
        if body := chinese_rules().after_person.match(text, at):
            return ChineseName(name.start, body.end(), "organisation", text[name.start : body.end()])
    return name


def _own_name(text: str, start: int, end: int) -> bool:
    """Whether what stands between a place and an ending names something itself: 清水 of 花莲县清水隧道, no 国际."""
    return end - start > 1 and chinese_rules().generic.fullmatch(text, start, end) is None


def _begins_there(text: str, start: int, end: int, inside: set[int]) -> tuple[int, ...]:
    """The start of a separate name between two positions of a text, if there is one."""
    rules = chinese_rules()
    own = text[start:end]
    if len(own) < 2 or rules.generic.fullmatch(own):
        return ()
    return (start,) if all(c in rules.foreign for c in own) or start in inside else ()
