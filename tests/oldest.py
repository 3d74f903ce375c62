"""The lowest versions that pyproject.toml promises, as pins: ``python tests/oldest.py ner sql > oldest.txt``."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def oldest(extras: Iterable[str]) -> Iterator[str]:
    """Each requirement of the library and of some extras, pinned to its lower bound."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(line) for line in project["dependencies"]]
    waiting = [*extras]
    while waiting:
        for line in project["optional-dependencies"][waiting.pop()]:
            requirement = Requirement(line)
            if requirement.name == project["name"]:  # an extra that is made of others
                waiting += requirement.extras
            else:
                wanted.append(requirement)
    for requirement in wanted:
        (lower,) = (bound.version for bound in requirement.specifier if bound.operator == ">=")
        yield f"{requirement.name}=={lower}"


if __name__ == "__main__":
    print(*sorted(set(oldest(sys.argv[1:]))), sep="\n")
