"""Make the pictures of the documentation from the sample archive: ``python notebooks/pictures/make.py``.

Two are drawn by `relatedness.plot`, the others are HTML: a list as a notebook shows it, and a published page. Chromium takes
the pictures of these, and must be installed.

Beside the pictures, ``made.json`` keeps what each one shows, as a digest of its texts and shapes, and the digest of the file. A
test compares both with the product: other pixels on another machine do not matter, another content does.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib
from PIL import Image

matplotlib.use("Agg")

from matplotlib.axes import Axes  # noqa: E402

from relatedness import RelatedIndex, plot, sample_path  # noqa: E402

HERE = Path(__file__).resolve().parent
MADE = HERE / "made.json"
EVENT = "2017-07-10-mosul-victory"
# Name of a picture of a page to the size of its window and the scale of the picture.
WINDOWS = {"notebook": ((720, 290), 1.0), "page": ((1180, 800), 0.8)}


def drawn(index: RelatedIndex) -> dict[str, Axes]:
    """The pictures that are drawn, by name."""
    story = index.story("2014-07-17-mh17-shot-down")
    return {
        "list": plot.list_bars(index, EVENT, k=4),
        "timeline": plot.timeline(index, [event.id for event in story], highlight=story.id),
        "network": plot.context_network(index, most=26),
    }


def pages(index: RelatedIndex, folder: Path) -> dict[str, Path]:
    """The pages that are photographed, by name of the picture; written into a folder."""
    shown = folder / "list.html"
    body = index.related(EVENT, k=4)._repr_html_()
    shown.write_text(
        f'<meta charset="utf-8"><body style="font:15px sans-serif;margin:14px">{body}', encoding="utf-8"
    )
    site = folder / "site"
    index.publish(site, formats=["html", "md", "json", "xml"], k=5, title="Sample archive", jobs=1)
    (page,) = (site / "news/2017/07/10").glob("haider-*.html")
    return {"notebook": shown, "page": page}


def contents(figures: dict[str, Axes], written: dict[str, Path]) -> dict[str, str]:
    """What each picture shows, as a digest that does not depend on fonts or pixels."""
    found = {}
    for name, ax in figures.items():
        texts = sorted(text.get_text()[:40] for text in ax.texts)
        shapes = [len(ax.patches), len(ax.lines), len(ax.collections)]
        found[name] = json.dumps([ax.get_title(loc="left"), texts, shapes])
    for name, path in written.items():
        text = re.sub(
            r"<(script|style|svg)\b.*?</\1>|<[^>]*>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        found[name] = " ".join(html.unescape(text).split())
    return {name: _digest(text.encode()) for name, text in found.items()}


def files() -> dict[str, str]:
    """The digest of each picture's file."""
    return {path.stem: _digest(path.read_bytes()) for path in sorted(HERE.glob("*.png"))}


def photograph(browser: str, page: Path, name: str) -> None:
    """Take a picture of a page as a light window shows it, with few colours."""
    (width, height), scale = WINDOWS[name]
    path = HERE / f"{name}.png"
    command = [browser, "--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={width},{height}"]
    subprocess.run([*command, f"--screenshot={path}", page.as_uri()], check=True, capture_output=True)
    with Image.open(path) as taken:
        size = (round(taken.width * scale), round(taken.height * scale))
        small = taken.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> int:
    """Make all pictures again."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("Chromium is needed for two of the pictures: apt-get install chromium", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        index = RelatedIndex.build(sample_path())
        figures, written = drawn(index), pages(index, Path(folder))
        shown = contents(figures, written)
        for name, ax in figures.items():
            # Without the software's version, the same picture is the same file.
            ax.get_figure(root=True).savefig(HERE / f"{name}.png", dpi=100, metadata={"Software": None})
        for name, path in written.items():
            photograph(browser, path, name)
    made = {name: {"shows": shown[name], "file": digest} for name, digest in files().items()}
    MADE.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    return 0


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
