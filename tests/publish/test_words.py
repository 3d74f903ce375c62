"""Pages in ten languages, the search, feeds of topics, and what pages tell programs."""

from __future__ import annotations

import html
import json
import re
import string
import tomllib
import xml.etree.ElementTree as ET
from importlib.resources import files
from pathlib import Path

import pytest

from relatedness import RelatedIndex
from relatedness.errors import ConfigError
from relatedness.publish import known_languages
from relatedness.publish._render import Renderer
from relatedness.publish._words import SiteWords

URL = "https://news.example"
FOLDER = files("relatedness.publish") / "languages"
EVENTS = [
    {
        "id": "a",
        "date": "2014-06-10",
        "text": "Militants seize Mosul, Iraq's second city. The army flees.",
        "url": "https://www.paper.example/mosul",
    },
    {
        "id": "b",
        "date": "2014-08-07",
        "text": "The Islamic State captures the dam of Mosul.",
        "url": "javascript:1",
    },
    {"id": "c", "date": "2014-07-13", "title": "Germany wins in Rio", "text": "Götze </script><b> scores."},
    *({"id": f"d{n}", "date": f"2015-0{n}-01", "title": f"Mosul, month {n}"} for n in range(1, 5)),
]


def words_of(language: str) -> dict[str, object]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def index() -> RelatedIndex:
    return RelatedIndex.build(EVENTS)


@pytest.fixture(scope="module")
def site(index: RelatedIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    index.publish(folder, title="The Record", language="ar", url=URL, root="akhbar")
    return folder


def page(site: Path, day: str) -> str:
    (path,) = (path for path in (site / "akhbar" / day).glob("*.html") if path.stem != "index")
    return path.read_text(encoding="utf-8")


def data(text: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    value: dict[str, object] = json.loads(found[1])
    return value


def test_there_are_ten_languages() -> None:
    assert known_languages() == ("ar", "de", "en", "es", "fr", "hi", "ja", "pt", "ru", "zh")


@pytest.mark.parametrize("language", known_languages())
def test_every_language_says_everything_with_the_same_blanks(language: str) -> None:
    english, words = words_of("en"), words_of(language)
    assert english.keys() - words.keys() == set()
    assert words.keys() - english.keys() <= {"months_in_dates", "right_to_left"}
    for name, text in english.items():
        if isinstance(text, str):
            blanks = [
                {blank for _, blank, _, _ in string.Formatter().parse(one) if blank}
                for one in (text, words[name])
            ]
            assert blanks[0] == blanks[1], name
            assert words[name].strip() or name == "thousands"
        else:
            assert len(words[name]) == len(text) == len(set(words[name]))


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "Monday, 11 July 2016"),
        ("de-AT", "Montag, 11. Juli 2016"),
        ("fr", "lundi 11 juillet 2016"),
        ("es", "lunes, 11 de julio de 2016"),
        ("pt-BR", "segunda-feira, 11 de julho de 2016"),
        ("ru", "понедельник, 11 июля 2016 г."),
        ("zh", "2016年7月11日 星期一"),
        ("ja", "2016年7月11日 月曜日"),
        ("sw", "Monday, 11 July 2016"),
    ],
)
def test_days_are_written_as_the_language_writes_them(language: str, day: str) -> None:
    assert SiteWords(language).weekday("2016-07-11") == day


@pytest.mark.parametrize("language", known_languages())
def test_headings_of_pages_are_in_the_language(index: RelatedIndex, tmp_path: Path, language: str) -> None:
    index.publish(tmp_path, language=language, formats=["html"], jobs=1, stories=0)
    text = next(p for p in (tmp_path / "news/2014/06/10").glob("m*.html")).read_text(encoding="utf-8")
    words = SiteWords(language)
    assert f">{words['related']}</h2>" in text
    assert f">{words['topics']}</a>" in text
    assert words.weekday("2014-06-10") in text
    assert ('dir="rtl"' in text[:200]) == (language == "ar")
    home = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert words["newest_events"] in home and words.events(7) in home
    if language != "en":
        left = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", text + home, flags=re.DOTALL)
        assert not re.search(
            r"\b(Related|Topics|Newest events|Years|Formats|Skip to content|Context)\b", left
        )


def test_topics_are_named_in_the_language_under_the_same_addresses(
    index: RelatedIndex, site: Path, tmp_path: Path
) -> None:
    index.publish(tmp_path, language="zh", formats=["html"], jobs=1, stories=0)
    pages = {page.relative_to(tmp_path) for page in (tmp_path / "topics").rglob("*.html")}
    assert pages == {page.relative_to(site) for page in (site / "topics").rglob("*.html")}
    title = re.compile("<h1[^>]*>(.*?)</h1>", re.DOTALL)
    for folder, name in ((site, "العراق"), (tmp_path, "伊拉克")):
        text = (folder / "topics/iraq/index.html").read_text(encoding="utf-8")
        found = title.search(text)
        assert found is not None and found[1].strip() == name
    event = next((tmp_path / "news/2014/06/10").glob("m*.html")).read_text(encoding="utf-8")
    assert re.search('<a [^>]*href="[./]*topics/iraq/index.html"[^>]*>伊拉克</a>', event)


def test_events_lie_under_another_word(site: Path, index: RelatedIndex, tmp_path: Path) -> None:
    assert not (site / "news").exists()
    assert (site / "akhbar/2014/06/10/index.html").is_file()
    assert "/akhbar/" in (site / "atom.xml").read_text(encoding="utf-8")
    for root in ("topics", "A", "a/b", "", "../x"):
        with pytest.raises(ConfigError, match="root is"):
            index.publish(tmp_path, root=root)


def test_another_word_moves_the_pages(index: RelatedIndex, tmp_path: Path) -> None:
    index.publish(tmp_path, formats=["json"], stories=0)
    index.publish(tmp_path, formats=["json"], stories=0, root="events", changed=[])
    assert len(list((tmp_path / "events").rglob("*.json"))) > 7
    assert not list((tmp_path / "news").rglob("*.json"))


def test_the_events_own_address_is_linked_where_it_is_one(site: Path) -> None:
    assert 'href="https://www.paper.example/mosul" rel="noopener"' in page(site, "2014/06/10")
    assert "paper.example</a>" in page(site, "2014/06/10")
    assert "javascript:" not in page(site, "2014/08/7")


def test_what_pages_tell_programs(site: Path) -> None:
    text = page(site, "2014/06/10")
    told = data(text)
    assert told["@type"] == "Article" and told["isBasedOn"] == "https://www.paper.example/mosul"
    assert told["headline"] == "Militants seize Mosul, Iraq's second city."
    assert {"@type": "Thing", "name": "الموصل"} in told["about"]
    assert f'<link rel="canonical" href="{told["url"]}">' in text
    assert f'<meta property="og:url" content="{told["url"]}">' in text
    assert '<meta property="og:type" content="article">' in text
    assert data(page(site, "2014/07/13"))["description"] == "Götze scores."
    assert told["isPartOf"] == {"@type": "WebSite", "name": "The Record", "url": f"{URL}/index.html"}
    home = (site / "index.html").read_text(encoding="utf-8")
    assert data(home)["@type"] == "WebSite"
    for thing in told["about"]:
        assert f'<meta property="article:tag" content="{thing["name"]}">' in text
    for path in {*site.rglob("index.html")} - {site / "search/index.html"}:
        found = data(path.read_text(encoding="utf-8")).get("breadcrumb")
        if found:
            *_, last = found["itemListElement"]
            assert last["item"] == f"{URL}/{path.relative_to(site).as_posix()}"
            assert all(
                (site / item["item"].removeprefix(f"{URL}/")).is_file() for item in found["itemListElement"]
            )
    assert "breadcrumb" in data((site / "topics/mosul/index.html").read_text(encoding="utf-8"))
    assert re.search(
        r'<meta name="description" content="[^"]*الموصل: ',
        (site / "topics/mosul/index.html").read_text("utf-8"),
    )
    assert (
        'content="noindex"' in (site / "search/index.html").read_text(encoding="utf-8")
        and "noindex" not in home
    )


def test_an_event_without_related_ones_leads_on(site: Path) -> None:
    text = page(site, "2014/07/13")
    assert SiteWords("ar")["nothing_related"] in text
    none = re.search(r'<p class="none">.*', text)
    assert none is not None and 'href="index.html"' in none[0] and 'topics/index.html"' in none[0]


def test_an_archive_that_shares_no_topic_says_so(tmp_path: Path) -> None:
    RelatedIndex.build(EVENTS[2:3]).publish(tmp_path, formats=["html"])
    assert "No topic is shared by two events yet." in (tmp_path / "topics/index.html").read_text(
        encoding="utf-8"
    )


def test_a_topic_of_some_events_has_a_feed(site: Path) -> None:
    feed = ET.parse(site / "topics/mosul/atom.xml").getroot()
    space = "{http://www.w3.org/2005/Atom}"
    titles = [entry.findtext(f"{space}title") for entry in feed.iter(f"{space}entry")]
    assert titles[0] == "Mosul, month 4" and len(titles) == 6
    assert 'href="../../topics/mosul/atom.xml"' in (site / "topics/mosul/index.html").read_text(
        encoding="utf-8"
    )
    few = [
        path.parent
        for path in (site / "topics").glob("*/index.html")
        if not (path.parent / "atom.xml").exists()
    ]
    assert all(len(list(ET.parse(path / "index.xml").iter("item"))) < 5 for path in few)


def test_the_search_holds_every_event_once(site: Path, index: RelatedIndex) -> None:
    found = {}
    shown = re.search(r'data-years="([^"]*)"', (site / "search/index.html").read_text(encoding="utf-8"))
    assert shown is not None and shown[1].split() == ["2015", "2014"]
    for year in shown[1].split():
        text = (site / f"search/{year}.js").read_text(encoding="utf-8")
        rows = json.loads(re.fullmatch(r"found\((.*)\);\n", text, re.DOTALL)[1])
        assert [row[2] for row in rows] == sorted((row[2] for row in rows), reverse=True)
        found |= {row[1]: row for row in rows}
    assert len(found) == len(index)
    assert all((site / f"{path}.html").is_file() for path in found)


@pytest.mark.parametrize("language", known_languages())
def test_the_search_page_is_told_how_its_language_says_a_day(language: str) -> None:
    text = Renderer("News", language, "", ["html"], {}).search(["2016"])
    date, months = (
        html.unescape(re.search(f'data-{name}="([^"]*)"', text)[1]) for name in ("date", "months")
    )
    day = date.format(year="2016", month=months.split("|")[2], day=1)
    assert day == SiteWords(language).day("2016-03-01")
