"""The unit for systemd in the documentation, as systemd itself reads it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "notebooks/site/how-to/http-service.md"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not at hand")
def test_the_unit_is_sound_and_shut_in(tmp_path: Path) -> None:
    (unit,) = re.findall(r"```ini\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "news.service"
    # systemd looks for the program, which stands elsewhere here.
    path.write_text(unit.replace("/srv/news/venv/bin/relatedness", "/bin/sh"), encoding="utf-8")
    for check in (["verify"], ["security", "--offline=true", "--threshold=20"]):
        done = subprocess.run(["systemd-analyze", *check, path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr
        assert check == ["security", "--offline=true", "--threshold=20"] or not done.stderr
