"""The pictures of the documentation show what the product shows now."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt

from relatedness.related_index import RelatedIndex

PICTURES = Path(__file__).parents[2] / "notebooks" / "pictures"

sys.path.insert(0, str(PICTURES))
import make  # noqa: E402


def test_pictures_show_what_the_product_shows(sample_index: RelatedIndex, tmp_path: Path) -> None:
    made = json.loads(make.MADE.read_text(encoding="utf-8"))
    shown = make.contents(make.drawn(sample_index), make.pages(sample_index, tmp_path))
    plt.close("all")
    assert {name: digests["shows"] for name, digests in made.items()} == shown, (
        "stale pictures: python notebooks/pictures/make.py"
    )


def test_pictures_are_the_files_that_were_made() -> None:
    made = json.loads(make.MADE.read_text(encoding="utf-8"))
    assert {name: digests["file"] for name, digests in made.items()} == make.files()


def test_pictures_are_small() -> None:
    assert all(path.stat().st_size < 300_000 for path in PICTURES.glob("*.png"))
