"""What pyproject.toml, the Makefile and `.ci/run` say of the package agrees."""

from __future__ import annotations

import re
import tomllib

import pytest
from oldest import PROJECT, oldest

CHECKOUT = PROJECT.parent
EXTRAS = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]


@pytest.mark.parametrize(
    ("file", "line"), [(".ci/run", r"^extras=(.+)$"), ("Makefile", r"^EXTRAS := (.+)$")], ids=["ci", "make"]
)
def test_the_extras_that_are_installed_have_lower_bounds(file: str, line: str) -> None:
    (named,) = re.findall(line, (CHECKOUT / file).read_text(encoding="utf-8"), re.MULTILINE)
    pins = set(oldest(named.split(",")))
    assert "rjieba==0.2.2" in pins
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)


@pytest.mark.parametrize("extra", sorted(set(EXTRAS) - {"dev", "docs"}))
def test_every_extra_of_users_has_lower_bounds(extra: str) -> None:
    assert list(oldest([extra]))
