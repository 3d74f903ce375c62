"""Fixtures that several test modules share."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import forks
import pytest
from examples import EXPLORING
from hypothesis import HealthCheck, settings

from relatedness.related_index import RelatedIndex

CHECKOUT = Path(__file__).resolve().parents[1]

# A first call compiles for seconds, and the machines that run this differ: no deadlines.
# The examples are the same at every run; `make explore` tries new ones.
settings.register_profile(
    "relatedness",
    deadline=None,
    max_examples=60 if EXPLORING else 15,
    derandomize=not EXPLORING,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("relatedness")


def pytest_unconfigure() -> None:
    forks.end()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped: a line for each reason, however many tests in however many files have it."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])
    )
    for reason, tests in sorted(reasons.items()):
        terminalreporter.write_line(f"SKIPPED [{tests}] {reason}")


@pytest.fixture(scope="session", autouse=True)
def _unsynced() -> Iterator[None]:
    """Files reach the disk when the system likes: only a power failure would tell, and each takes milliseconds."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(scope="session")
def sample_path() -> Path:
    """The events of the bundled sample archive."""
    return Path(str(files("relatedness"))) / "sample.jsonl"


@pytest.fixture(scope="session")
def sample_file(sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index file of the sample archive. Copy it before changing anything."""
    path = tmp_path_factory.mktemp("sample") / "sample.index"
    RelatedIndex.build(sample_path, path).close()
    return path


@pytest.fixture(scope="session")
def sample_index(sample_file: Path) -> RelatedIndex:
    """The index of the sample archive, open."""
    return RelatedIndex.open(sample_file)


@pytest.fixture(scope="session")
def archive() -> Path:
    """The folder of the real archive, where it is at hand; nothing of it is part of the project."""
    folder = Path(os.environ.get("RELATEDNESS_DATA") or CHECKOUT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no real archive at hand: set RELATEDNESS_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium that reaches only this machine."""
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no Chromium here: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    # No network: what a page needs lies beside it. No sandbox: in a container root runs it.
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield opened
    opened.quit()
