"""Cost is bounded by size: twice the input takes at most about twice the work, whatever a stranger writes.

Work is the number of lines of Python that run, of the library and of what it calls; no clock is asked. Work in C, such as
that of regular expressions, is not counted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness import RelatedIndex, read_events
from relatedness.errors import InputError
from relatedness.events import Event
from relatedness.ranking import Document, Wording, shared_phrases
from relatedness.topics import FastTagger

MOST = 2.6  # of the work on half the input: what is quadratic takes four times it
UNITS = [
    "Mosul ", "Islamic State of Iraq and the ", "Pope John II ", "Mosul, ", "U.S. ", "St Patrick's ", "swine flu ", "Saudi-led ",
    "Egypt-Israel-", "(WHO) ", "Georgia ", "Paris, Texas, ", "Union of Pure and Applied, ", "Heading\n", "中", "мосул ", "President of ",
    "Lake ", "CVE-2020-1 ", "A.", "-", "“", "e\u0301", "http://a ",
]  # fmt: skip
HEAD = "---\ntitle: x\ndate: 2020-01-01\n---\n"
ITEM = "<rss version='2.0'><channel><item><title>t</title><guid>g</guid><pubDate>Mon, 07 Oct 2019 10:00:00 GMT</pubDate>"
SOURCES: dict[str, tuple[str, Callable[[int], str]]] = {
    "braces": ("p.md", lambda n: HEAD + "{{" * n),
    "statements": ("p.md", lambda n: HEAD + "{% x %}" * n),
    "comments": ("p.md", lambda n: HEAD + "<!--" * n),
    "brackets": ("p.md", lambda n: HEAD + "[" * n),
    "aliases": ("p.md", lambda n: f"---\ntitle: x\ndate: 2020-01-01\na: &a [{'x,' * n}x]\nb: [{'*a,' * n}*a]\n---\n"),
    "dotted keys": ("p.md", lambda n: f"+++\ntitle = 'x'\n{'.'.join(['a'] * n)} = 1\n+++\n"),
    "elements": ("p.html", lambda n: "<html><head><meta name=date content=2020-01-01></head><body>" + "<div>" * n),
    "attributes": ("p.rss", lambda n: ITEM + "<x " + "".join(f"a{i}='' " for i in range(n)) + "/></item></channel></rss>"),
    "comments of a feed": ("p.rss", lambda n: ITEM + f"<description><![CDATA[{'<!--' * n}]]></description></item></channel></rss>"),
    "columns of one name": ("p.csv", lambda n: "id,date,text" + ",a" * n + "\n1,2020-01-01,x\n"),
    "an open quote": ("p.csv", lambda n: 'id,date,text\n1,2020-01-01,"' + "a\n" * n),
    "nested lists": ("p.jsonl", lambda n: '{"id": ' + "[" * n + "\n"),
    "rows": ("p.csv", lambda n: "id,date,text\n" + "".join(f"{i},2020-01-01,t\n" for i in range(n))),
}  # fmt: skip


def work(job: Callable[[], object]) -> int:
    """How many lines run."""
    lines = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        job()
    finally:
        sys.settrace(before)
    return lines


@pytest.fixture(scope="module")
def index() -> RelatedIndex:
    made = RelatedIndex.build([{"id": "a", "date": "2020-01-01", "text": "Mosul dam"}])
    made.query("Mosul")
    return made


@given(units=st.lists(st.sampled_from(UNITS), min_size=1, max_size=3))
def test_a_text_of_any_repetition_takes_work_in_proportion_to_its_length(
    index: RelatedIndex, units: list[str]
) -> None:
    unit = "".join(units)

    def asked(n: int) -> Callable[[], object]:
        return lambda: index.query((unit * (n // len(unit) + 1))[:n] + " x", k=1)

    asked(6000)()  # what is worked out once
    assert work(asked(6000)) < MOST * work(asked(3000)) + 5000, unit


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_of_any_repetition_takes_work_in_proportion_to_its_length(name: str, tmp_path: Path) -> None:
    ending, make = SOURCES[name]

    def read(n: int) -> Callable[[], object]:
        folder = tmp_path / f"{n}"
        folder.mkdir(exist_ok=True)
        path = folder / ending
        path.write_text(make(n), encoding="utf-8")

        def job() -> None:
            posts = ending in {"p.md", "p.html"}
            with suppress(InputError):
                list(read_events(folder if posts else path, rejects=tmp_path / "rejects"))

        return job

    read(2000)()
    assert work(read(2000)) < MOST * work(read(1000)) + 5000


def test_a_refused_file_is_said_to_be_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.rss"
    path.write_text(SOURCES["attributes"][1](5000), encoding="utf-8")
    with pytest.raises(InputError, match="more than 1,000 attributes"):
        list(read_events(path))


# Each made of what a language's patterns begin with, and of names that are all different.
TEXTS: dict[str, tuple[str, Callable[[int], str]]] = {
    "names": ("en", lambda n: " and ".join(f"Ax{i} Bolton{i}" for i in range(n // 12)) + "."),
    "zh": ("zh", lambda n: "摩苏尔市卡扎菲·阿明总统访问河南大学" * (n // 18)),
    "ja": ("ja", lambda n: "ア" * (n // 2) + "・アアがモスルで" * (n // 16)),
    "de": ("de", lambda n: "A-" * (n // 4) + " Anna Müller in Mossul," * (n // 46)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_tagging_takes_work_in_proportion_to_the_text(name: str) -> None:
    language, make = TEXTS[name]
    tagger = FastTagger()

    def tagged(n: int) -> Callable[[], object]:
        event = Event("1", date(2020, 1, 1), text=make(n), language=language)
        return lambda: tagger.tag([event])

    tagged(12000)()
    assert work(tagged(12000)) < MOST * work(tagged(6000)) + 5000


def test_what_two_texts_share_takes_work_in_proportion_to_the_texts() -> None:
    def shared(n: int) -> Callable[[], object]:
        text = " ".join(f"see CVE-2024-{number}," for number in range(1000, 1000 + n))
        texts = [Wording(Document("", text, "en", ())) for _ in range(2)]
        return lambda: shared_phrases(*texts, lambda terms: dict.fromkeys(terms, 1.0))

    shared(400)()
    assert work(shared(400)) < MOST * work(shared(200)) + 5000
