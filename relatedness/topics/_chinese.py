"""Names in Chinese texts that no list has: by their marks, their endings, and what jieba takes them for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from relatedness.languages import tagged_words


class ChineseName(NamedTuple):
    """A piece of text that names something."""

    start: int
    end: int
    kind: str
    name: str
    """Its canonical name."""

    @property
    def short(self) -> int:
        """Where it ends without what it is called: 胡拉 of 胡拉镇; its own end where it is called nothing."""
        bare = _CALLED.sub("", self.name)
        return self.start + len(bare) if self.kind in ("city", "place") and len(bare) > 1 else self.end


class Spans:
    """Pieces of a text, which may overlap, to ask which of them hold another piece."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))

    def hold(self, start: int, end: int) -> bool:
        """Whether the whole of a piece lies inside one of them."""
        number = bisect_right(self._starts, start)
        return number > 0 and self._ends[number - 1] >= end


# What a place is called at the end of its name; once only: 景德镇 of 景德镇市.
_CALLED = re.compile("(?:群岛|大区|[省市县州镇乡村郡岛])$")
# The characters that write foreign names; without those that begin the words after one: 发表, 通过, 提出.
_FOREIGN = (
    "阿埃艾爱安昂奥巴白班邦贝本比彼毕宾波伯博布查察昌彻楚茨达戴丹道德登邓迪底蒂丁杜敦顿多厄恩尔法凡范菲费芬丰佛夫弗福富盖甘冈戈哥格葛根古瓜"
    "圭贵哈海汉豪赫黑亨洪胡华怀霍基吉季加贾简杰金津京喀卡凯坎康考柯科克肯孔库昆夸奎拉莱赖兰朗劳勒雷黎里利莉丽连廉良列林琳龙隆卢鲁露路伦罗洛吕"
    "律马玛迈麦曼芒毛梅门蒙米密摩莫默姆木穆慕纳娜乃奈南内嫩尼娘涅宁纽农努诺欧帕派潘庞佩彭皮匹平泼普奇齐恰钱乔切钦琴琼丘屈热仁荣茹儒瑞若萨塞赛"
    "桑瑟森沙莎珊尚绍舍申圣胜施什石史舒朔丝斯司松苏素索塔泰坦汤唐陶特滕田铁廷图土托脱娃瓦万旺威韦维魏温翁沃乌武伍西希锡夏谢辛欣休雪逊雅亚延扬"
    "罕肖卜毕腓梵裘荷惹仑帖柴寇纽蔻绮歇闵桂姬贺梭茵瑙冉嘎噶拜"
    "腊聂宾萝芙葆冯卫朋耶叶伊依英永尤约云赞泽曾扎詹珍芝治兹宗祖佐妮娅妲缇蕾蜜薇黛琪柏贡宰札蓬珀仑甫朱茱蓝萧乍蓓碧婕嘉芮恺彦霖"
)
_PART = rf"[{_FOREIGN}]{{1,8}}"
_INTERPUNCT = re.compile(
    rf"(?:[A-Z]\.?|彼得|大?{_PART})(?:[·・‧•](?:[A-Z]\.?|[{_FOREIGN}]文|{_PART}(?:-{_PART})?)){{1,4}}"
)
_WORK = re.compile(r"《([^《》\n]{2,24})》")
_STORM = re.compile(
    rf"((?:超强|强|中度|强烈|轻度)?(?:台风|飓风|气旋|热带风暴))(?:[“「『\"]([^”」』\"]{{2,6}})[”」』\"]|([{_FOREIGN}]{{2,4}}))"
)
_CRAFT = re.compile(
    r"(?:神舟|天宫|天舟|天问|嫦娥|长征|实践|风云|遥感|高分|资源|海洋|天链|北斗|中星|亚太|探索|阿波罗|联盟|进步|织女|隼鸟|福尔摩沙卫星|罗老|光明星|银河"
    r"|舞水端|大浦洞|火星|旅行者|先驱者|猎鹰|质子)(?:[A-Z-]*\d+|[一二三四五六七八九十百]+)号?[甲乙丙丁]?"
)
_SHIP = re.compile(
    rf"(?:[“「『]([^”」』]{{1,8}})[”」』]号?|([{_FOREIGN}]{{2,6}})号)"
    r"(?=航空母舰|航母|客轮|货轮|邮轮|渡轮|游轮|油轮|货船|客船|渔船|探测器|探测船|航天飞机|太空梭|军舰|护卫舰|潜艇|潜舰|驱逐舰|列车|飞船|太空船|卫星|钻井平台|运载火箭)"
)
_LINE = re.compile(
    "(?:(?<=地铁)|(?<=捷运)|(?<=港铁)|(?<=轻轨))([\u4e00-\u9fff]{2,3}线)|([\u4e00-\u9fff]{2}线)(?=列车|动车|高铁|铁路|电车|火车|两列|地铁)"
)
_NO_LINES = frozenset(
    (
        "沿线",
        "干线",
        "前线",
        "防线",
        "战线",
        "热线",
        "航线",
        "路线",
        "一线",
        "支线",
        "全线",
        "条线",
        "形线",
        "环线",
        "光线",
    )
)
_RESOLUTION = re.compile("第?\\d{3,4}号决议")
_ACRONYM_BUILDING = re.compile("(?<![A-Z])[A-Z]{2,5}(?:大楼|大厦|中心)")
_FLIGHT = re.compile(r"([A-Z0-9]{0,2}\d{1,4})号?(?:班机|航班|客机)")
_VOTE = re.compile(
    r"(?:总统|议会|国会|立法会|立法院|立法委员|众议院|参议院|下议院|地方|地区|市长|省长|州长|制宪|联邦|独立|脱欧|全民)?(?:大选|选举|公投|补选|公民投票)"
)
# What happened in a place, as its own name; after a year plainer words are one too: 2010年海地地震.
_HAPPENED = re.compile(
    "(?:难民|人质|债务|主权债务|金融|政治|宪政|经济)?危机|(?:独立|解放)?战争|内战|革命|起义|(?:军事)?政变|骚乱|暴动|大屠杀|空难|惨案|恐怖袭击|爆炸案|枪击案|大地震|和平进程|和谈|峰会"
)
_HAPPENED_THEN = re.compile(
    _HAPPENED.pattern
    + "|(?:反政府)?(?:示威|抗议)|地震|海啸|水灾|洪灾|洪水|山火|森林大火|大火|火灾|矿难|疫情|枪击事件|爆炸事件|袭击事件|撞车事故|坠机事件|奥运会|世界杯|亚运会"
)
_TITLES = (
    "总统", "主席", "总理", "首相", "书记", "省长", "市长", "部长", "外长", "国务卿", "议长", "总裁", "董事长", "执行官", "创始人", "创办人",
    "导演", "演员", "歌手", "作家", "诗人", "教授", "选手", "球员", "教练", "运动员", "记者", "律师", "将军", "上将", "宇航员", "航天员",
    "候选人", "领导人", "领袖", "发言人", "影星", "女星", "艺人", "画家", "作曲家", "学者", "院士", "主教", "国王", "女王", "王子", "公主",
    "球星", "大使", "参议员", "众议员", "议员", "州长", "法官", "检察官", "活动家", "艺术家", "异见人士", "企业家", "富商", "富豪", "学家",
    "名将", "委员长", "院长", "局长", "校长", "女皇", "天皇", "王储", "特首", "司令", "人士", "飞行员", "人质", "士兵", "嫌犯", "凶手", "枪手", "前锋", "门将", "车手", "拳王", "棋手", "首领", "头目",
    "会长", "大公", "行长", "队长", "党魁", "秘书长", "亲王", "王妃", "爵士", "皇帝", "神父", "牧师", "特使", "教士", "参谋长", "检察长", "总监", "毒枭", "歌星", "指挥官", "编剧", "男星", "船长", "机长", "嫌疑人", "疑犯", "被告", "死者", "店主", "凶嫌", "声优", "漫画家", "动画家", "社长", "元帅", "中将", "少将", "少校", "学生", "村民", "工人", "警员", "医生", "舞蹈家", "指挥家", "歌唱家", "钢琴家", "建筑师", "设计师", "慈善家", "外交官",
)  # fmt: skip
_FOREIGN_TOWN = re.compile(
    rf"(?:城市|首都|小镇|港口|市镇|村庄|岛屿|重镇)([{_FOREIGN}]{{2,6}})(?=[的发遭爆举和与，。、被在附近一进])"
)
# What a known place may begin: 台中监狱, 釜山国际电影节, 首尔中央地方法院.
_BODY = re.compile(
    "(?:国际|中央|地方|高等|国立|市立|省立|第[一二三四五六七八九十]|人民|联邦|行政|中级|环球|独立|[东南西北新老]){0,9}"
    "(?:法院|监狱|看守所|电影节|电影展|音乐节|艺术节|车展|书展|世博会|博览会|园博会|锦标赛|公开赛|大奖赛|马拉松|动物园|植物园|博物馆|美术馆|图书馆|体育场|体育馆|大剧院"
    "|歌剧院|火车站|车站|机场|港|大桥|大学|医院|交易所|电视塔|塔|广场|清真寺|大教堂|教堂|发射场|核电站|核电厂|电厂|水电站|协定|协议|条约|公约|宣言|议定书|共识|战役|起义|大屠杀|惨案)"
)
# A district right after its town: 高雄市前镇区; what is no name there.
_PART_OF_TOWN = re.compile(
    "[\u4e00-\u9fff]{2}(?:区(?![域间块别分])|镇(?![压静定])|乡(?![村亲镇])|村(?![庄民落委]))"
)
_NO_PART = re.compile(
    "(?:[这那某每首]个|主要|很多|许多|不少|今[日天]|昨[日天]|中心|部分|开发|工业|高新|保税|自贸|经济|沿海|所有|多个|全部|各个|一个|两个|三个|行政|管辖|附近|周边|商业|住宅|[东南西北]部|[东南西北]郊|主城|老城|新城|市辖|旅游|农业|山地|低洼|疫情|灾害|居民|生活"
    "|[的一在与和及有])"
)
_STATION = re.compile("(?:火车|高铁|汽车|客运|[东南西北])?站(?![在出起了稳立到着点台长队])")
# Games and meetings that a city holds.
_HELD = re.compile(
    "(?:冬季|夏季|冬|夏|青年|青|亚洲|残疾人){0,9}(?:奥运会|奥林匹克运动会|奥会|残奥会|亚运会|世博会|世界博览会|峰会)"
)
_OF_COUNTRIES = re.compile(
    "(?:国会|议会|最高法院|宪法法院|外交部|国防部|财政部|内政部|司法部|国务院|央行|中央银行|空军|海军|海岸警卫队|航空航天局|足协|奥委会)"
)
# What a place is called, which is no name alone.
_KINDS_OF_PLACE = (
    "(?:[省镇岛州市县郡村谷堡湖桥]|群岛|半岛|火山|山脉|海峡|河谷|大区|高原|盆地|大桥|监狱|难民营|集中营|国家公园|体育场|大教堂|修道院|堂|宫|酒店|饭店"
    "|大厦|神庙)"
)
_CALLED_ALONE = re.compile(_KINDS_OF_PLACE)
_FOREIGN_PLACE = re.compile(rf"[{_FOREIGN}]{{2,6}}{_KINDS_OF_PLACE}")
_FOREIGN_PERSON = re.compile(
    rf"(?:{'|'.join(_TITLES)})((?:[{_FOREIGN}帝]{{2,8}}[一二三四五六七八九十]{{1,3}}世)|[{_FOREIGN}]{{3,8}})"
)
_AFTER_COUNTRIES = re.compile(rf"[{_FOREIGN}]{{3,7}}(?![人族语军党·{_FOREIGN}])")
# Words of one character that jieba takes into the name after them.
_BEFORE_NAMES = frozenset("从在与和由被向对将于自及")
_YEAR = re.compile(r"(?:19|20)\d\d年$")
# What the words before an ending have to be, for it to belong to a name; and the endings.
_PROPER = ("ns", "nr", "nt", "nz", "x")
_JOINS = ("n", "j", "b", "s", "f", "vn", "eng")
_ENDINGS = {
    "university": ("大学", "学院", "中学", "小学"),
    "company": ("公司", "集团", "银行", "航空", "证券", "石油", "汽车", "电子"),
    "court": ("法院", "法庭"),
    "party": ("党",),
    "media": ("电视台", "日报", "晚报", "时报", "周刊", "通讯社", "广播公司"),
    "organisation": (
        "委员会", "协会", "联盟", "基金会", "研究所", "研究院", "医院", "俱乐部", "博物馆", "警察局", "调查局",
        "联合会", "议会", "国会", "交易所", "管理局", "教会", "工会", "理事会", "外交部", "国防部", "财政部", "内政部",
    ),
    "place": (
        "机场", "车站", "核电站", "核电厂", "发射中心", "监狱", "大桥", "水库", "大坝", "运河", "火山", "寺", "教堂", "清真寺",
        "体育场", "体育馆", "大楼", "大厦", "体育中心", "购物中心", "研究中心", "太空中心", "火电厂", "化工厂", "造船厂", "钢铁厂", "港", "码头", "铜矿", "金矿", "铁矿", "博览会", "火车站", "广场", "公园", "隧道", "煤矿", "高铁", "铁路", "高速公路",
    ),
    "city": ("省", "市", "县", "州", "区", "新区", "镇", "乡", "村", "郡", "岛", "群岛", "半岛", "湖", "河", "江", "海峡", "山脉", "湾"),
}  # fmt: skip
_KIND_OF = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings}
_DISTRICTS = frozenset(("区", "新区", "县", "镇", "乡", "村"))
_LONGEST_ENDING = max(map(len, _KIND_OF))
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白"
    "邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤朴安裴权申翁洪柯简施温庄阮吉习栗薄令岳倪翟尚游屠俞管费蓝葛连辛阎盛童焦包甘祝路聂成尤牛曲涂邢骆齐梅殷詹房关卓焦冼麦郁佘昂"
)
# What jieba takes for a person because it begins like one: 高中生, 安全性, 陈先生.
_NO_PERSON = re.compile(
    "(?:安全|严重|严肃|黄金(?!荣|德|龙|发)|许可|申请|顾问|顾客|高中|高清|高层|高新|高峰|高尔夫|高福利|高智|高水平|高潮|连接|连环|连结|连衣|范围|马上|韩国|龙卷|龙骑|金字塔|金融|金钱|金额"
    "|吉普|吉祥|白名单|白皮|白平衡|胡萝卜|夏令|万圣|万岁|段时间|安乐死|毛利润|房屋|周末|周期|陆军|何时|戴眼|郁金|武士|石油|罗马|麦克风|马拉松|马赛克|马克杯|施工|辛苦|包围|曾效|曾孙|成果|温柔"
    "|夏占|唐人街|简介|祝福|向前|向后|向太|蓝宝|蓝绿|蓝黑|王牌|王储|方便|方面|方案|江南|江北|江面|石化|石材|石块|汤圆|汪洋|万众|万元|关系|关注|关键|成功|成立|成员|成本|任务|任何|任期|任命"
    "|丁字|于是|曲线|路线|路透|田径|牛肉|毛巾|花园|包裹|金属|金牌|金价|金矿|水利|管理|管道|管辖|安检|安置|安排|屠杀|费用|鲁莽)"
    "|.(?:[^的]者|.性|.感|先生|女士|小姐|老师|夫人|太太|大哥|大人|妈妈|老板|经理|医生|医师|教授|将军|院长|校长|书记|博士|法官|同学|师傅|总理|总统|主席|市长|大使|司令|家人|兄弟|姐姐|妹妹)$"
)
_PLACES = ("country", "state", "city", "region", "place", "sea")


def chinese_names(
    text: str, known: Sequence[tuple[int, int, str]], bounds: Sequence[tuple[int, int, str]] | None
) -> list[ChineseName]:
    """The names in a Chinese text that stand beside the known ones.

    Parameters
    ----------
    text : str
        In simplified characters.
    known : sequence of KnownSpan
    bounds : sequence of (int, int, str) or None
        The words of the text, from `word_bounds`.

    Returns
    -------
    list of ChineseName
        In no order; a name may hold a known one, but none is a part of a known one.
    """
    ends: dict[int, int] = {}
    for start, end, kind in known:
        if kind in _PLACES:
            for inner in range(start, end):
                # 福岛 in 日本福岛: a name that would begin inside a place begins after it.
                ends[inner] = max(end, ends.get(inner, 0))
    words = _Words(bounds) if bounds is not None else None
    names = [
        _without_country(text, words.trimmed(text, name) if words else name, ends, words)
        for name in _marked(text)
    ]
    names += _beside_places(text, known)
    if words is not None:
        names += words.after_countries(text, known)
    if bounds is not None:
        names += _whole(text, _by_words(text, bounds, known), known)
    taken = Spans((start, end) for start, end, _ in known)
    covered = bytearray(len(text))
    kept: list[ChineseName] = []
    for name in sorted(names, key=lambda name: (name.start - name.end, name.start)):
        if taken.hold(name.start, name.end) or covered.find(1, name.start, name.end) >= 0:
            continue
        covered[name.start : name.end] = b"\1" * (name.end - name.start)
        kept.append(name)
    return kept


# Words of one character that jieba takes into the name before them.
_AFTER_PEOPLE = frozenset("等和与及在说称将已的宣被因就对向于为是获任出当参")


class _Words:
    """Where the words of a text begin and end."""

    def __init__(self, bounds: Sequence[tuple[int, int, str]]) -> None:
        self._bounds = bounds
        self.starts = frozenset(start for start, _, _ in bounds)

    def _at(self, place: int) -> tuple[int, int, str]:
        """The word that holds a character."""
        return self._bounds[bisect_right(self._bounds, place, key=itemgetter(0)) - 1]

    def after_countries(self, text: str, known: Sequence[tuple[int, int, str]]) -> Iterable[ChineseName]:
        """Foreign names right after a country: 苏莱曼尼亚 in 伊拉克苏莱曼尼亚."""
        for _, end, kind in known:
            match = _AFTER_COUNTRIES.match(text, end) if kind == "country" and end in self.starts else None
            if match is not None and match.end() in self.starts:
                yield ChineseName(end, match.end(), "place", match[0])

    def trimmed(self, text: str, name: ChineseName) -> ChineseName:
        """A foreign name to the ends of its words: 穆罕默德 of 默德, 叶南德兹 without the 连 of 连任."""
        if name.kind not in ("person", "place") or name.start == name.end:
            return name
        start, end = name.start, name.end
        first, last = self._at(start), self._at(end - 1)
        if "·" in text[start:end] and first[0] < start:
            start = first[0] if first[2].startswith(_PROPER) else min(first[1], text.index("·", start) - 1)
        if last[1] > end and not all(c in _FOREIGN for c in text[last[0] : last[1]]):
            if (
                last[2].startswith(("nr", "nz"))
                and "·" in text[start:end]
                and text[end - 1] != "文"
                and _AFTER_PEOPLE.isdisjoint(text[end : last[1]])
            ):
                end = last[1]
            elif name.kind == "person" and last[0] - start > 2 and not last[2].startswith("n"):
                end = last[0]
        return ChineseName(start, end, name.kind, text[start:end])


def _without_country(
    text: str, name: ChineseName, ends: Mapping[int, int], words: _Words | None
) -> ChineseName:
    """A foreign name without the place before it, which the same characters write: 胡拉镇 in 叙利亚胡拉镇."""
    start = name.start
    while name.kind in ("person", "place") and (end := ends.get(start, name.end)) < name.end - 1:
        if text[end] in "·-" or _CALLED_ALONE.fullmatch(text, end, name.end):
            break
        if words is not None and name.kind == "person" and end not in words.starts:
            break
        start = end
    return name if start == name.start else ChineseName(start, name.end, name.kind, text[start : name.end])


def _whole(
    text: str, names: Iterable[ChineseName], known: Sequence[tuple[int, int, str]]
) -> Iterable[ChineseName]:
    """The names, none of which begins inside a known one: 加里萨大学 for 里萨大学, 维冠金龙大楼 for 区维冠金龙大楼 after 永康区."""
    inner = {at: (start, end) for start, end, _ in known for at in range(start + 1, end)}
    for name in names:
        start, end = inner.get(name.start, (name.start, 0))
        if start < name.start < end < name.end:
            if name.kind not in ("university", "organisation", "court"):
                start = end
            if name.end - start < 3 or _COMMON.match(text[start : name.end]):
                continue
            name = ChineseName(start, name.end, name.kind, text[start : name.end])
        yield name


def crosses_words(text: str, start: int, end: int, bounds: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a known name of two characters is only the seam or a part of other words: 国会 in 中国会."""
    for number in range(bisect_right(bounds, start, key=itemgetter(1)), len(bounds)):
        a, b, tag = bounds[number]
        if a >= end:
            break
        if not (start <= a and b <= end):
            inside = a <= start and end <= b
            if not inside or not (tag.startswith(_PROPER) or (a == start and text[end:b] in _AFTER_NAMES)):
                return True
    return False


def ends_in_word(end: int, bounds: Sequence[tuple[int, int, str]]) -> bool:
    """Whether the last character of a name belongs to the word after it: 天津|市区, not 天津市, and 日本|海啸, no 日本海."""
    number = bisect_right(bounds, end - 1, key=itemgetter(0)) - 1
    start, stop, tag = bounds[number] if number >= 0 else (0, 0, "")
    return start == end - 1 and stop > end and not tag.startswith(_PROPER)


# What may follow a name inside a word of jieba's.
_AFTER_NAMES = frozenset(
    {
        *"国人军方队省市县州区岛籍裔语族党城湾港",
        "政府",
        "首都",
        "总统",
        "首相",
        "总理",
        "外相",
        "外长",
        "国王",
        "国会",
        "议会",
        "警方",
        "军方",
    }
)


def word_bounds(text: str) -> list[tuple[int, int, str]] | None:
    """Beginning, end and part of speech of each word; None where rjieba is not installed."""
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
    """Names that their own letters or the marks around them betray."""
    for match in _INTERPUNCT.finditer(text):
        yield ChineseName(match.start(), match.end(), "person", match[0])
    for match in _WORK.finditer(text):
        yield ChineseName(*match.span(1), "work", match[1])
    for match in _STORM.finditer(text):
        start, end = match.span(2) if match[2] else match.span(3)
        storm = "飓风" if match[1].endswith("飓风") else "台风" if match[1].endswith("台风") else match[1]
        yield ChineseName(start, end, "disaster", storm + text[start:end])
    for match in _CRAFT.finditer(text):
        yield ChineseName(*match.span(), "space", match[0])
    for match in _SHIP.finditer(text):
        yield ChineseName(
            *(match.span(1) if match[1] else match.span()), "ship", (match[1] or match[2]) + "号"
        )
    for match in _LINE.finditer(text):
        line = match[1] or match[2]
        if line[-2:] not in _NO_LINES:
            yield ChineseName(*match.span(), "place", line)
    for match in _RESOLUTION.finditer(text):
        yield ChineseName(*match.span(), "topic", match[0])
    for match in _ACRONYM_BUILDING.finditer(text):
        yield ChineseName(*match.span(), "place", match[0])
    for match in _FOREIGN_PLACE.finditer(text):
        yield ChineseName(*match.span(), "place", match[0])
    for match in _FOREIGN_TOWN.finditer(text):
        yield ChineseName(*match.span(1), "place", match[1])
    for match in _FOREIGN_PERSON.finditer(text):
        yield ChineseName(*match.span(1), "person", match[1])


def _beside_places(text: str, known: Sequence[tuple[int, int, str]]) -> Iterable[ChineseName]:
    """Votes in a place and flights of an airline: 2012年美国总统选举, 马来西亚航空370号班机."""
    for start, end, kind in known:
        if (
            (part := _PART_OF_TOWN.match(text, end))
            and text[end - 1] in "市县"
            and not _NO_PART.match(text, end)
        ):
            yield ChineseName(end, part.end(), "city", part[0])
        if station := _STATION.match(text, end) if kind == "city" else None:
            yield ChineseName(start, station.end(), "place", text[start : station.end()])
        if kind in _PLACES and (held := _HELD.match(text, end)):
            first = _with_year(text, start)
            yield ChineseName(first, held.end(), "event", text[first : held.end()])
        if kind in _PLACES and (body := (_OF_COUNTRIES if kind == "country" else _BODY).match(text, end)):
            yield ChineseName(start, body.end(), "organisation", text[start : body.end()])
        if kind in _PLACES and (vote := _VOTE.match(text, end)):
            first = _with_year(text, start)
            yield ChineseName(first, vote.end(), "event", text[first : vote.end()])
        elif kind in _PLACES and (
            happened := (_HAPPENED if (first := _with_year(text, start)) == start else _HAPPENED_THEN).match(
                text, end
            )
        ):
            yield ChineseName(first, happened.end(), "event", text[first : happened.end()])
        elif flight := _FLIGHT.match(text, end):
            yield ChineseName(start, flight.end(), "flight", text[start : flight.end()])


def _with_year(text: str, start: int) -> int:
    """Where a name begins with the year before it."""
    year = _YEAR.search(text, max(0, start - 5), start)
    return year.start() if year else start


def _by_words(
    text: str, places: Sequence[tuple[int, int, str]], known: Sequence[tuple[int, int, str]]
) -> Iterable[ChineseName]:
    inside = {at for start, end, _ in known for at in range(start, end)}
    for number, (start, end, tag) in enumerate(places):
        word = text[start:end]
        if (japanese := _japanese_person(text, places, number, inside)) > end:
            yield ChineseName(start, japanese, "person", text[start:japanese])
        ending = next(
            (word[-n:] for n in range(min(_LONGEST_ENDING, len(word)), 0, -1) if word[-n:] in _KIND_OF), None
        )
        if ending is not None and (name := _with_ending(text, places, number, ending, inside)):
            yield name
        elif (
            word in ("台风", "飓风")
            and number + 1 < len(places)
            and places[number + 1][2].startswith(("nr", "nz", "ns"))
        ):
            after = places[number + 1]
            if after[0] == end and 2 <= after[1] - after[0] <= 4:
                yield ChineseName(after[0], after[1], "disaster", word + text[after[0] : after[1]])
        elif tag == "nt" and len(word) > 2 and not _COMMON.match(word):
            yield ChineseName(start, end, "organisation", word)
        elif tag == "ns" and not _COMMON.match(word) and _is_place(text, start, word):
            yield ChineseName(start, end, "place", word)
        elif (joined := _foreign_run(text, places, number, inside)) > end:
            titled = text.endswith(_TITLES, 0, start)
            yield ChineseName(start, joined, "person" if titled else "place", text[start:joined])
        elif (
            (tag.startswith("nr") or (tag == "nz" and text.endswith(_TITLES, 0, start)))
            and word[0] in _SURNAMES
            and not _NO_PERSON.match(word)
            and not any(at in inside for at in range(start, end))
        ):
            titled = text.endswith(_TITLES, 0, start)
            if len(word) == 2 and titled and number + 1 < len(places):
                # 李俊|锡
                following = places[number + 1]
                if following[1] - end == 1 and following[2].startswith(("ns", "nr", "nz", "zg", "ng")):
                    end = following[1]
            if len(word) == 3 or (len(word) == 2 and titled):
                yield ChineseName(start, end, "person", text[start:end])
            elif len(word) == 1 and titled and number + 1 < len(places) and places[number + 1][1] - end <= 2:
                yield ChineseName(start, places[number + 1][1], "person", text[start : places[number + 1][1]])
        elif (
            (tag == "nrt" or (tag in ("nr", "nz") and text.endswith(_TITLES, 0, start)))
            and len(word) > 2 - text.endswith(_TITLES, 0, start)
            and all(c in _FOREIGN for c in word)
        ):
            yield ChineseName(start, end, "person", word)


def _japanese_person(text: str, places: Sequence[tuple[int, int, str]], number: int, inside: set[int]) -> int:
    """Where a Japanese name of a surname and one word for the given name ends: 青叶|真司; 0 if none begins."""
    start, end, _ = places[number]
    if number + 1 >= len(places) or text[start:end] not in _JAPANESE_SURNAMES or start in inside:
        return 0
    _, stop, tag = places[number + 1]
    given = tag.startswith(("n", "x", "g", "zg")) and all("\u4e00" <= c <= "\u9fff" for c in text[end:stop])
    return stop if given and stop - end < 3 and end not in inside and text[end:stop] not in _TITLES else 0


_SURNAMES_OF_JAPAN = """三岛 三木谷 三浦 上田 上野 下村 世耕 东国原 中岛 中川 中西 中野 丰田 丸山 久保 久保田 五十岚 井上 今井 今村 伊藤 佐佐木
佐藤 佐野 关口 内村 内田 冈本 冈田 前田 加藤 北川 北村 原田 古川 吉川 吉村 吉田 吉野 后藤 和田 土屋 坂本 增田 夏目
大坂 大岛 大江 大西 大野 大隅 天野 太田 安倍 安田 安藤 宫本 宫泽 小岛 小川 小松 小林 小柴 小池 小泽 小渊 小西 小野
山下 山中 山内 山崎 岛崎 岛田 岩崎 岩田 岸田 川上 川口 川端 工藤 市川 平田 平野 广濑 德川 志位 斋藤 新井 新海 是枝
服部 木下 木原 木村 本庶 本田 本间 杉山 杉本 村上 村山 村田 松井 松冈 松坂 松尾 松本 松田 枝野 柳井 柴田 桥下 桥本
梶田 森田 横山 樱井 武田 水野 永井 池田 河野 泽田 浅田 浅野 清水 渡边 渡部 滨口 滨田 猪濑 玉木 甘利 田中 田口 田村
白川 真锅 矢野 石井 石原 石田 福山 福田 秋山 稻田 稻盛 竹下 竹内 细川 织田 羽生 舛添 芥川 荒川 菅原 菅野 菊地 藤井
藤原 藤本 藤田 西川 西村 西田 谷口 赤崎 辻本 近藤 远藤 酒井 野口 野村 野田 金子 铃木 铃鹿 锦织 长谷川 阿部 青叶 青木
饭田 马场 高木 高桥 高田 高野 鸠山 麻生 黑泽 黑田"""
_JAPANESE_SURNAMES = frozenset(_SURNAMES_OF_JAPAN.split())


def _foreign_run(text: str, places: Sequence[tuple[int, int, str]], number: int, inside: set[int]) -> int:
    """Where a foreign name of four characters or more ends that jieba cuts into pieces: 圣贝|纳迪|诺; 0 if none begins."""
    start, end = places[number][0], places[number][0]
    pieces = 0
    for a, b, tag in places[number : number + 5]:
        if (
            a != end
            or not tag.startswith(("nr", "ns", "nz", "j", "x"))
            or not all(c in _FOREIGN for c in text[a:b])
        ):
            break
        if any(at in inside for at in range(a, b)):
            break
        end, pieces = b, pieces + 1
    return end if pieces > 1 and end - start > 3 else 0


# What jieba calls a place or body and says nothing.
_COMMON = re.compile(
    r"^(?:马拉松|(?:外交|国防|财政|内政|内务|司法|教育|卫生|交通|运输|能源|农业|劳工|环境|文化|商务|贸易|工业|旅游|国土安全|总务|组织|宣传|统战|司令|参谋|俱乐|编辑|总)部|(?:康复|服务|活动|培训|指挥|控制|疾控|文化|救援|急救|会展|会议|数据|商业|购物|研究|医疗|市)中心|.*(?:地区|工业区|开发区|山区|灾区|市区|郊区|社区|[东南西北老新旧主内外中]城区|^城区|战区|景区|小区|园区|城市|股市|超市|都市|部队|.队|(?:商业|住宅|居民|金融|老城|使馆|沿海|边境|核心|隔离|安全|交战|控制|保护|旅游|生活|办公|行政|自治|缓冲|停火|禁飞|重灾|疫|军事|非军事|冲突)区|政府|军队|[^冠亚季]军|警方|当局)|[东南西北中前后上下内外]+[部方边面岸]?|.?[国区市县省州镇村乡]|大陆|世界|全球|解散.*|海滩.*|总部大楼|夏令营|国际|国家|当地|地区|该.|本.|各.|全.|这.|全国.*|伊斯兰|(?:最高|中央|高等|地方|国家|人民|联邦|宪法)+(?:法院|银行|议会|国会|委员会|法庭|大学))$"
)
# What stands before a place.
_BEFORE_PLACES = frozenset("在于省市州县区、和与自往赴抵")


def _is_place(text: str, start: int, word: str) -> bool:
    """Whether what jieba calls a place looks like one: jieba's list has everyday words too."""
    return len(word) > 1 and (
        all(c in _FOREIGN for c in word) or (start > 0 and text[start - 1] in _BEFORE_PLACES)
    )


def _with_ending(
    text: str, places: Sequence[tuple[int, int, str]], number: int, ending: str, inside: set[int]
) -> ChineseName | None:
    """The name that ends in a word such as 大学, with the words before it up to the first that is a name."""
    end = places[number][1]
    first = None
    for before in range(number, max(-1, number - 5), -1):
        start, stop, tag = places[before]
        word = text[start:stop]
        if before != number and not (tag.startswith((*_PROPER, *_JOINS)) and word.isalnum()):
            break
        own = word.removesuffix(ending) if before == number else word
        proper = tag.startswith(_PROPER) or any(at in inside for at in range(start, start + len(own)))
        if ending in _DISTRICTS and start - 1 in inside and start not in inside:
            # Right after a known place an ordinary word names a part of it: 深圳光明新区.
            proper = end - start - len(ending) > 1
        if own and proper and not _COMMON.match(word):
            first = start
            if tag in ("x", "nr", "nrt") and word[0] in _BEFORE_NAMES and start not in inside:
                # 与苓雅区
                first = start + 1
                break
            if ending == "机场" and before == number and len(own) > 1 and not _GENERIC.fullmatch(own):
                # 羽田机场 is a word of its own after 东京.
                break
            if _KIND_OF[ending] == "city":
                break
        elif _KIND_OF[ending] == "city" and before != number:
            break
    if first is None or end - first <= len(ending) or end - first > 16 or _COMMON.match(text[first:end]):
        return None
    if _KIND_OF[ending] == "place":
        # An airport is called by its own name, or else by its city: 希思罗机场, 吉隆坡国际机场.
        for at in range(max(0, number - 4), number):
            start, stop, _ = places[at]
            if start == first and (
                stop in _begins_there(text, stop, end - len(ending), inside)
                or (ending == "机场" and at + 1 < number and places[at + 1][2] in ("nr", "nz"))
            ):
                first = stop
    return ChineseName(first, end, _KIND_OF[ending], text[first:end])


def _begins_there(text: str, start: int, end: int, inside: set[int]) -> tuple[int, ...]:
    """Where a name of its own begins between two places of a text, if one does."""
    own = text[start:end]
    if len(own) < 2 or _GENERIC.fullmatch(own):
        return ()
    return (start,) if all(c in _FOREIGN for c in own) or start in inside else ()


_GENERIC = re.compile(r"(?:国际|首都|中央|国家|[东南西北新老]|第[一二三四五六七八九十]|高铁|军用|民用)+")
