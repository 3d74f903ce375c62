"""The site in a real browser: clicking, chips, formats, phone width, dark, without script, and what axe finds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from relatedness.publish import publish
from relatedness.related_index import RelatedIndex

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHECKOUT = Path(__file__).resolve().parents[2]
EVENT = "news/2017/07/10/haider-al-abadi-declares-victory-over-isil-in-mosul"
PAGES = [
    EVENT,
    "index",
    "news/2017/index",
    "news/2017/07/10/index",
    "topics/index",
    "topics/united-states/index",
    "letters/m/index",
    "stories/index",
    "stories/*/index",  # the first one: which there are depends on the lists
]


@pytest.fixture(scope="module")
def site(sample_index: RelatedIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    publish(sample_index, folder, title="Sample archive", k=10, background=5, follow_ups=5)
    return folder


def show(browser: Any, site: Path, page: str, *, width: int = 1280, dark: bool = False) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    browser.get(min(site.glob(f"{page}.html")).as_uri())
    keep = os.environ.get("RELATEDNESS_SCREENSHOTS")
    if keep:
        Path(keep).mkdir(parents=True, exist_ok=True)
        name = page.replace("/", "-")[:60]
        browser.save_screenshot(str(Path(keep) / f"{name}-{width}{'-dark' if dark else ''}.png"))


def texts(browser: Any, selector: str) -> list[str]:
    elements = browser.find_elements("css selector", selector)
    return [element.text for element in elements if element.is_displayed()]


def click(browser: Any, selector: str, text: str = "") -> None:
    (element,) = [e for e in browser.find_elements("css selector", selector) if text in e.text][:1]
    element.click()


def test_from_an_event_to_a_related_one_to_its_day_and_topic(browser: Any, site: Path) -> None:
    show(browser, site, EVENT)
    assert "Haider al-Abadi" in browser.title
    titles = texts(browser, "#related ~ ol a.title")
    assert len(titles) == 10
    click(browser, "#related ~ ol a.title")
    assert texts(browser, "h1") == titles[:1]
    click(browser, ".kicker a")
    assert titles[0] in texts(browser, "a.title") and browser.current_url.endswith("/index.html")
    click(browser, ".around a[rel=prev]")
    assert texts(browser, ".note")[0].endswith(("event", "events"))
    show(browser, site, EVENT)
    click(browser, "#related ~ ol a.context", "Mosul")
    assert texts(browser, "h1") == ["Mosul"]
    assert "Haider al-Abadi declares victory over ISIL in Mosul." in texts(browser, "a.title")


def test_chips_filter_the_list(browser: Any, site: Path) -> None:
    show(browser, site, EVENT)
    section = "section[aria-labelledby=related]"

    def shown() -> list[tuple[str, set[str]]]:
        items = browser.find_elements("css selector", f"{section} li")
        return [
            (
                item.find_element("css selector", "a.title").text,
                {context.text for context in item.find_elements("css selector", ".context")},
            )
            for item in items
            if item.is_displayed()
        ]

    everything = shown()
    chips = {
        button.find_element("css selector", "span").text: button
        for button in browser.find_elements("css selector", f"{section} .chips button")
    }
    assert len(chips) >= 2 and all(not chip.get_attribute("disabled") for chip in chips.values())
    for name, chip in chips.items():
        expected = [item for item in everything if name in item[1]]
        assert int(chip.find_element("css selector", ".count").text) == len(expected) < len(everything)
        chip.click()
        assert chip.get_attribute("aria-pressed") == "true"
        assert shown() == expected
        status = browser.find_element("css selector", f"{section} [role=status]").text
        assert status == f"{len(expected)} of {len(everything)} events"
        for other, button in chips.items():
            both = [item for item in expected if other in item[1]]
            assert bool(button.get_attribute("disabled")) == (not both)
        chip.click()
        assert shown() == everything
    names = next(list(both) for _, have in everything if len(both := have & chips.keys()) >= 2)
    for name in names[:2]:
        chips[name].click()
    assert shown() == [item for item in everything if set(names[:2]) <= item[1]]


def test_chips_of_a_topic_hide_headings_left_empty(browser: Any, site: Path) -> None:
    show(browser, site, "topics/united-states/index")
    chips = browser.find_elements("css selector", ".chips button")
    assert chips and "United States" not in [chip.find_element("css selector", "span").text for chip in chips]
    before = len(texts(browser, ".filtered h2"))
    chips[0].click()
    left = [item for item in browser.find_elements("css selector", ".filtered li") if item.is_displayed()]
    assert len(left) == int(chips[0].find_element("css selector", ".count").text)
    assert 0 < len(texts(browser, ".filtered h2")) < before


def test_the_search_says_days_in_the_language_of_the_page(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    index = RelatedIndex.build([{"id": "a", "date": "2016-03-01", "text": "Mossul fällt."}])
    for language, day in (("de", "1. März 2016"), ("ja", "2016年3月1日"), ("ru", "1 марта 2016 г.")):
        publish(index, tmp_path / language, language=language, jobs=1)
        browser.get((tmp_path / language / "search/index.html").as_uri() + "?q=mossul")
        assert WebDriverWait(browser, 10).until(lambda found: texts(found, "#results time")) == [day]


def test_the_other_formats_open(browser: Any, site: Path) -> None:
    for name, words in (
        ("JSON", '"title": "Haider al-Abadi'),
        ("XML", "Haider al-Abadi"),
        ("Markdown", "### Related:"),
    ):
        show(browser, site, EVENT)
        element = browser.find_element("link text", name)
        target = element.get_attribute("href")
        if name == "Markdown":  # from a file Chromium offers it for download: over HTTP it is shown
            assert words in (site / f"{EVENT}.md").read_text(encoding="utf-8") and target.endswith(".md")
            continue
        element.click()
        assert browser.current_url == target and words in browser.page_source


def test_it_reads_without_script(browser: Any, site: Path) -> None:
    show(browser, site, EVENT)
    titles = texts(browser, "a.title")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(browser, site, EVENT)
        assert texts(browser, "a.title") == titles
        assert texts(browser, "#related ~ ol a.context") and not texts(browser, ".chips")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_wider_than_a_phone(browser: Any, site: Path, page: str) -> None:
    show(browser, site, page, width=360)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    small = browser.execute_script(
        "return [...document.querySelectorAll('button')].filter(e => e.getBoundingClientRect().height < 24).length"
    )
    assert small == 0


def test_dark_where_the_reader_wants_it_dark(browser: Any, site: Path) -> None:
    def light() -> float:
        colour = browser.execute_script("return getComputedStyle(document.documentElement).backgroundColor")
        return sum(int(part) for part in colour.strip("rgba()").split(",")[:3]) / 3

    show(browser, site, EVENT)
    assert light() > 200
    show(browser, site, EVENT, dark=True)
    assert light() < 60


def test_nothing_is_asked_from_elsewhere_and_nothing_fails(browser: Any, site: Path) -> None:
    browser.get_log("browser")
    for page in PAGES:
        show(browser, site, page)
        loaded = browser.execute_script(
            "return performance.getEntriesByType('resource').map(entry => entry.name)"
        )
        assert all(name.startswith(site.as_uri()) for name in loaded), (page, loaded)
    assert browser.get_log("browser") == []


@pytest.fixture(scope="module")
def axe() -> str:
    for place in (os.environ.get("RELATEDNESS_AXE"), CHECKOUT / "build/axe/node_modules/axe-core/axe.min.js"):
        if place and Path(place).is_file():
            return Path(place).read_text(encoding="utf-8")
    pytest.skip("no axe-core here: npm install --no-save --prefix build/axe axe-core")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)], ids=["light", "dark phone"])
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(browser: Any, site: Path, axe: str, page: str, width: int, dark: bool) -> None:
    show(browser, site, page, width=width, dark=dark)
    browser.execute_script(axe)
    result = browser.execute_async_script(
        "const done = arguments[arguments.length - 1]; axe.run(document).then(done)"
    )
    assert len(result["passes"]) > 15
    found = [
        (fault["id"], [node["html"][:200] for node in fault["nodes"][:3]]) for fault in result["violations"]
    ]
    assert found == []
