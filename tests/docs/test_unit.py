"""The units for systemd in the documentation, as systemd itself reads them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

GUIDES = Path(__file__).parents[2] / "notebooks/site/how-to"

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not at hand"
)


def units(guide: str) -> list[str]:
    # systemd looks for the program, which stands elsewhere here.
    page = (GUIDES / guide).read_text(encoding="utf-8").replace("/srv/news/venv/bin/relatedness", "/bin/sh")
    return re.findall(r"```ini\n(.*?)```", page, re.DOTALL)


def analyze(*arguments: str | Path) -> str:
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr
    return done.stdout + done.stderr


def test_the_unit_is_sound_and_shut_in(tmp_path: Path) -> None:
    (unit,) = units("http-service.md")
    path = tmp_path / "news.service"
    path.write_text(unit)
    assert not analyze("verify", path)
    assert "rates the unit below 2 out of 10" in (GUIDES / "http-service.md").read_text(encoding="utf-8")
    analyze("security", "--offline=true", "--threshold=20", path)


def test_the_job_and_its_timer_are_sound(tmp_path: Path) -> None:
    service, timer = tmp_path / "relatedness-refresh.service", tmp_path / "relatedness-refresh.timer"
    for path, text in zip((service, timer), units("batch-job.md"), strict=True):
        path.write_text(text)
    assert not analyze("verify", service, timer)
    calendar = re.search(r"^OnCalendar=(.*)$", timer.read_text(), re.MULTILINE)
    assert calendar
    analyze("calendar", calendar[1])
