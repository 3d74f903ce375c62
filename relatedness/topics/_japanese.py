"""Names in Japanese texts that no list has: by Sudachi's parts of speech, by titles, middle dots and endings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from relatedness.languages import tagged_words
from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named

_TITLES = (
    "首相|大統領|国家主席|総書記|書記長|委員長|議長|長官|外相|防衛相|財務相|官房長官|知事|市長|議員|総裁|社長|会長|教授|選手|投手|監督|棋士|容疑者|被告|死刑囚"
    "|俳優|歌手|国王|女王|皇太子|教皇|司令官|氏|さん|総統|主席|代表|幹事長|大臣|副大統領|前首相|元首相|法王|大使|判事|裁判官|検事|弁護士|作家|記者|監督|横綱|大関|力士"
    "|CEO|最高経営責任者|国務長官|書記|党首|王子|王女|皇后|天皇|陛下|殿下|博士|騎手|行政長官|主将|党首|総領事|院長|学長|校長|理事長|ＣＥＯ|被告人|元被告|受刑者|元死刑囚|アナウンサー|名人|竜王|王将|九段|六段|七段|八段|五段|四段|君|ちゃん"
)
# Possessive quantifiers and one start per run keep the work in proportion to the text, whatever it repeats.
_KATAKANA = re.compile(r"[ァ-ヶー]{2,}+(?:[・＝=][ァ-ヶー]++)*+")
_TITLED = re.compile(rf"(?:前|元|新)?(?:{_TITLES})")
_KANJI_PERSON = re.compile(rf"(?:^|(?<=[^一-龥々ァ-ヶー]))([一-龥々]{{3,5}})(?=(?:前|元|新)?(?:{_TITLES}))")
_DOTTED = re.compile(r"(?<![ァ-ヶー])[ァ-ヶー]{2,}+(?:[・＝=][ァ-ヶー]{2,}+)++")
_PLACE = re.compile(
    r"(?:^|(?<=[^一-龥々ァ-ヶー]))((?![同各両本当該全新旧大都])[一-龥々ァ-ヶー]{1,5}"
    r"(?:県|市|町|村|郡|半島|諸島|空港|大学|地裁|高裁|火山|駅))(?![一-龥々])"
)
_PREFECTURE = re.compile(r"(?:^|(?<=[^一-龥々ァ-ヶー]))([一-龥]{2,3}県)(?=[一-龥])")
_NO_PERSON = re.compile(r"(?:政府|首脳|両国|関係|全国|外国)$")
# What names end in, by kind.
_ENDINGS = {
    "place": """県 市 町 村 区 郡 島 諸島 群島 列島 半島 山 岳 川 湖 湾 海峡 海 岬 峠 高原 盆地 平野 港 空港 駅 城 寺 神社 大社 神宮 公園 ダム 橋 大橋 トンネル 原発
    原子力発電所 発電所 火山 基地 刑務所 拘置所 美術館 博物館 動物園 水族館 競技場 球場 ドーム スタジアム タワー ビル 州 省 渓谷 温泉 砂漠 運河 鉱山 炭鉱 地区 自治区 新幹線 自動車道 遺跡 古墳""",
    "court": "地裁 高裁 最高裁 家裁 簡裁 地方裁判所 高等裁判所 家庭裁判所 裁判所",
    "university": "大学 大 大学院 高校 高 中学 学院 学園 高専",
    "company": """電力 銀行 商事 物産 証券 生命 保険 航空 鉄道 電鉄 自動車 自動車工業 重工 重工業 製鉄 製鋼 製薬 製作所 工業 電機 電気 電子 化学 化成 食品 飲料 石油 ガス 建設 不動産
    通運 運輸 海運 モバイル 建託 汽船 郵船 郵便 新聞 新聞社 放送 テレビ 通信 出版 書店 百貨店 ホールディングス グループ アニメーション モーターズ エナジー フィナンシャルグループ 社 信金 農協""",
    "organisation": """地検 地検特捜部 特捜部 県警 府警 道警 警察 警察署 消防 消防局 消防庁 党 派 会 歌劇団 劇団 協会 連盟 連合 機構 委員会 議会 市議会 県議会 労組 組合 財団 法人 研究所 病院 学会 庁 局 軍
    大使館 領事館 総領事館 教育委員会 保健所 気象台 商工会議所 組 会議所 博覧会 万博 事務所 財団法人""",
    "event": "五輪 オリンピック パラリンピック マラソン 国際映画祭 映画祭 サミット 場所 祭 杯 賞 地震 大地震 豪雨 大震災 事件 戦争 条約 協定",
}  # fmt: skip
_KIND_OF = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}
# Endings that divide the country: what follows is another name, 熊本県益城町.
_DIVIDES = frozenset("県都府道州省市郡")
_MOST = 6  # words of a name
_GENERIC = frozenset({"日本", "全国", "国際", "中央", "東", "西", "南", "北", "世界", "アジア"})


# A name that no dictionary has, before what bodies and places are called: 泊原発, 三井住友銀行.
_SUFFIXED = re.compile(
    r"(?:^|(?<=[^一-龥々]))((?![同各両本当該全新旧大])[一-龥々]{1,5}(?:原発|電力|銀行|信金|製薬|製鉄|製紙|化学|化成|建設|証券|生命|鉄道|新聞|放送|大学|高校|半島|諸島|海峡|地裁|高裁|地検|県警|府警"
    r"|空港|火山|温泉|神社|競馬場|球場|美術館|博物館))(?![一-龥々])"
)
_COMMON_BODY = re.compile(
    "(?:都市|地方|中央|投資|国際|国立|私立|公立|県立|市立|都立|府立|名門|有力|民間|国内|海外|大手|外国|現地|地元|主要|有名|州立|女子|工業|商業|短期|民放|公共|全国|一般|専門|世界|活|休|死|海底|水力|火力|原子力|再稼働|私設|歴史|自然)"
)


def japanese_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a Japanese text that stand beside the known ones or hold one of them.

    Parameters
    ----------
    text : str
    known : sequence of KnownSpan

    Yields
    ------
    ShapedName
    """
    ends, places = {end for _, end, _ in known}, Places(known)
    words = tagged_words(text, "ja")
    for match in _SUFFIXED.finditer(text):
        if not _COMMON_BODY.match(match[1]):
            yield named(text, *match.span(1), "organisation", places)
    for match in _DOTTED.finditer(text):
        # Before what Sudachi takes its parts for.
        yield ShapedName(*match.span(), "person" if _TITLED.match(text, match.end()) else "name", match[0])
    if words is not None:
        yield from _by_words(text, words, known)
    for match in _KATAKANA.finditer(text):
        if _TITLED.match(text, match.end()):
            yield ShapedName(*match.span(), "person", match[0])
    if words is not None:
        return
    for match in _KANJI_PERSON.finditer(text):
        if not _NO_PERSON.search(match[1]) and not any(
            end in ends for end in range(match.start(1), match.end(1) + 1)
        ):
            yield ShapedName(*match.span(1), "person", match[1])
    for pattern in (_PLACE, _PREFECTURE):
        for match in pattern.finditer(text):
            kind = "university" if match[1].endswith("大学") else "place"
            yield ShapedName(*match.span(1), kind, match[1])


def _by_words(text: str, words: list[tuple[str, str]], known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    starts, here = [], 0
    for word, _ in words:
        starts.append(here)
        here += len(word)
    starts.append(here)
    if here != len(text):
        return
    covers = {start: end for start, end, _ in known}
    places = Places(known)
    people: set[str] = set()
    number = 0
    while number < len(words):
        name = _person(words, starts, number, text) or _body(words, starts, number, text, places, covers)
        if name is not None and name.kind == "person":
            people.add(words[number][0])
        elif name is None and words[number][0] in people and "人名" in words[number][1]:
            # A surname after the full name.
            name = ShapedName(starts[number], starts[number + 1], "person", words[number][0])
        if name is None:
            number += 1
            continue
        yield name
        while number < len(words) and starts[number] < name.end:
            number += 1


def _person(words: list[tuple[str, str]], starts: list[int], number: int, text: str) -> ShapedName | None:
    """A surname and a given name, or either before a title."""
    if "人名" not in words[number][1]:
        return None
    stop = number + 1
    while stop < len(words) and "人名" in words[stop][1] and stop - number < 3:
        stop += 1
    if stop - number == 1 and words[number][1].endswith("姓"):
        # A given name that no dictionary has: up to two words of one or two characters before a title.
        after = stop
        while (
            after < min(len(words), stop + 2)
            and words[after][1].startswith("名詞,普通名詞")
            and len(words[after][0]) < 3
        ):
            if _TITLED.match(text, starts[after]):
                break
            after += 1
        if after > stop and after < len(words) and _TITLED.match(text, starts[after]):
            stop = after
    start, end = starts[number], starts[stop]
    titled = _TITLED.match(text, end) is not None
    foreign = words[number][1].endswith("人名,一般")
    if stop - number == 1 and not titled and not foreign:
        return None
    return ShapedName(start, end, "person", text[start:end])


def _body(
    words: list[tuple[str, str]],
    starts: list[int],
    number: int,
    text: str,
    places: Places,
    covers: dict[int, int],
) -> ShapedName | None:
    """A proper noun, with the words up to the last that names end in: 大阪地裁, 高浜原発; else alone."""
    word, tag = words[number]
    if "固有名詞" not in tag and starts[number] not in covers:
        return None
    stop, kind, begun = number + 1, "", number
    if (end := covers.get(starts[number], 0)) > starts[stop]:
        while stop < len(words) and starts[stop] < end:
            stop += 1
        if starts[stop] != end:
            return None
    own = stop
    for last in range(stop, min(len(words), number + _MOST)):
        following, part = words[last]
        if (
            not part.startswith(("名詞", "接尾辞"))
            or "数詞" in part
            or (starts[last] in covers and last > own)
        ):
            break
        ending = (
            following
            if following in _KIND_OF
            else text[starts[last - 1] : starts[last + 1]]
            if last > own
            else ""
        )
        if ending in _KIND_OF:
            stop, kind = last + 1, _KIND_OF[ending]
            if following in _DIVIDES:
                break
        elif "固有名詞" in part and last == own:
            break
    start, end = starts[begun], starts[stop]
    if start and text[start - 1] in "親反対" and text[end - 1] == "派":
        # 親ロシア派 are people for Russia, no body of it.
        return None
    if stop > own and text[start : starts[own]] not in _GENERIC:
        return named(text, start, end, kind, places)
    if "固有名詞" in tag and stop == own and len(word) > 1 and "姓" not in tag and "人名,名" not in tag:
        return ShapedName(start, starts[own], "place" if "地名" in tag else "name", text[start : starts[own]])
    return None
