"""Names in Thai texts that no list has: people after titles and places after what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from relatedness.topics._chinese import Spans
from relatedness.topics._shaped import KnownSpan, ShapedName, named

_T = "\u0e01-\u0e3a\u0e40-\u0e4e"
_RANKS = (
    r"พล\.?(?:อ|ท|ต)\.?(?:อ|ท|ต|ร)?\.?(?:อ\.)?|พ\.?(?:ต|ท|อ)\.?(?:อ|ท|ต)?\.|ร\.?ต\.?(?:อ|ท|ต)\.|พลเอก|พลโท|พลตรี|พลตำรวจเอก|พลตำรวจโท|พลตำรวจตรี|พันเอก|พันโท|พันตำรวจเอก|พันตำรวจโท|ร้อยเอก|ดร\.|นพ\.|นายแพทย์"
    r"|ศ\.|ผศ\.|รศ\.|ม\.ร\.ว\.|หม่อมราชวงศ์|น\.ส\.|นางสาว|นาง|นาย"
)
_TITLES = (
    "อดีตนายกรัฐมนตรี|นายกรัฐมนตรี|ประธานาธิบดี|รัฐมนตรีต่างประเทศ|รัฐมนตรีกลาโหม|รัฐมนตรีคลัง|รัฐมนตรีสาธารณสุข|รัฐมนตรี|นายกฯ|เลขาธิการ|ประธานสภา|ผู้ว่าฯ|ผู้ว่าการ|นักแสดง|นักร้อง|ผู้กำกับ|กุนซือ|โค้ช|กองหน้า"
    "|กองกลาง|ผู้รักษาประตู|นักเตะ|นักเทนนิส|นักแบดมินตัน|นักมวย|ซีอีโอ|มหาเศรษฐี|แกนนำ|ผู้นำ|นักข่าว|นักเคลื่อนไหว|เจ้าชาย|เจ้าหญิง|สมเด็จพระสันตะปาปา|ศาสตราจารย์"
)
_PERSON = re.compile(rf"(?:{_RANKS}) ?([{_T}]{{2,16}} (?:ณ )?[{_T}]{{2,22}})(?![{_T}])")
_TITLED = re.compile(rf"(?:{_TITLES})([{_T}]{{2,14}} [{_T}]{{2,16}})(?= |$|[,.)])")
_GIVEN = re.compile(rf"(?:{_TITLES}|{_RANKS})([{_T}]{{2,14}}) $")
# What is called before its name, with which it is named too: จังหวัดเชียงราย.
_CALLED = re.compile(
    "(?:จังหวัด|เทศบาลนคร|เทศบาลเมือง|เทศบาล|อำเภอ|ตำบล|กรุง|นคร|เมือง|เกาะ|แม่น้ำ|รัฐ|แคว้น|มณฑล|แขวง|ประเทศ|สนามบิน|ท่าอากาศยาน|ทะเล|อ่าว|ช่องแคบ|เขต|สาธารณรัฐ"
    "|พรรค|บริษัท|ธนาคาร|สโมสร|กลุ่ม|มหาวิทยาลัย|โรงพยาบาล|องค์การ|หนังสือพิมพ์|เครือ|ทีม|ขบวนการ|กองกำลัง)$"
)
# What stands there and begins no name: เกาะใหญ่ is a large island.
_NO_NAME = "(?!ใหญ่|เล็ก|แห่ง|ต่าง|ดัง|เดียว|กลาง|ใกล้|นี้|นั้น|อื่น|หนึ่ง|ท่องเที่ยว|ร้าง|ที่|ใน|ซึ่ง|ของ|และ|จำนวน|เอกชน|รัฐ|ฝ่าย|ร่วม|การ|สาย|นานาชาติ|ขนาด|ชั้น|เก่า|ใหม่|หลาย|ทั้ง|สนาม|หลวง(?!พ))"
# Where a name ends after what it is called: at a space, or at a word that follows names.
_ENDS = "(?= |$|[,.)]|พัด|ถล่ม|เข้า|ขึ้นฝั่ง|เคลื่อน|ทำให้|ซึ่ง|ของ|และ|ถูก|ได้|เป็น|หลัง|เมื่อ|โดย|เพื่อ|ประกาศ|จะ|ที่|ใน)"
_PLACE = re.compile(
    rf"(?:จังหวัด|อำเภอ|ตำบล|เกาะ|แม่น้ำ|ถ้ำ|เขื่อน|แยก|ถนน|สนามกีฬา|ท่าอากาศยาน|สนามบิน|มหาวิทยาลัย|โรงพยาบาล|พรรค){_NO_NAME}([{_T}]{{3,14}}?){_ENDS}"
)
_STORM = re.compile(rf"(?:ไต้ฝุ่น|พายุโซนร้อน|เฮอริเคน|ไซโคลน)([{_T}]{{3,14}}?){_ENDS}")


def thai_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a Thai text: people after ranks and titles, places after what they are called.

    Parameters
    ----------
    text : str
    known : sequence of KnownSpan

    Yields
    ------
    ShapedName
    """
    starts = {start for start, _, _ in known}
    for pattern in (_PERSON, _TITLED):
        for match in pattern.finditer(text):
            # The known name ends where it ends: of ชินวัตรเยือน, which has no space, only a list knows that.
            if match.start(1) not in starts:
                yield named(text, *match.span(1), "person")
    for start, end, kind in known:
        # A given name before a known surname.
        if kind == "person" and (first := _GIVEN.search(text, max(0, start - 60), start)):
            yield named(text, first.start(1), end, "person")
    held = Spans((start, end) for start, end, _ in known)
    for pattern, kind in ((_PLACE, "place"), (_STORM, "disaster")):
        for match in pattern.finditer(text):
            if starts.isdisjoint(range(*match.span(1))) and not held.hold(*match.span(1)):
                yield named(text, *match.span(int(kind == "disaster")), kind)


def called(text: str, start: int) -> int:
    """Where a name begins with what it is called before it: จังหวัดเชียงราย; its own beginning if it is called nothing.

    Examples
    --------
    >>> called("ในจังหวัดเชียงราย", 9)
    2
    """
    before = _CALLED.search(text, max(0, start - 14), start)
    return before.start() if before is not None else start
