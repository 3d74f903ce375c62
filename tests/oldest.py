"""The lowest versions that pyproject.toml promises, as pins: ``python tests/oldest.py ner sql > oldest.txt``."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def oldest(extras: list[str]) -> Iterator[str]:
    """Each requirement of the library and of some extras, pinned to its lower bound."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in extras for line in project["optional-dependencies"][extra]),
    ]
    for line in wanted:
        requirement = Requirement(line)
        (lower,) = (bound.version for bound in requirement.specifier if bound.operator == ">=")
        yield f"{requirement.name}=={lower}"


if __name__ == "__main__":
    print(*sorted(set(oldest(sys.argv[1:]))), sep="\n")
