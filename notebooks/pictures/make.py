"""Draws the pictures of the README from the sample archive: ``python notebooks/pictures/make.py``.

The list as a notebook shows it and the published page are HTML: they are photographed where Chromium is installed, and
otherwise left as they are.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import matplotlib
from PIL import Image

matplotlib.use("Agg")

from relatedness import RelatedIndex, plot, sample_path  # noqa: E402

HERE = Path(__file__).resolve().parent
EVENT = "2017-07-10-mosul-victory"


def main() -> None:
    """Draw all of them anew."""
    index = RelatedIndex.build(sample_path())
    story = index.story("2014-07-17-mh17-shot-down")
    pictures = {
        "list": plot.list_bars(index, EVENT, k=4),
        "timeline": plot.timeline(index, [event.id for event in story], highlight=story.id),
        "network": plot.context_network(index, most=26),
    }
    for name, ax in pictures.items():
        # No software version inside: the same picture is the same file.
        ax.figure.savefig(HERE / f"{name}.png", dpi=100, metadata={"Software": None})

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("notebook.png and page.png are left as they are: there is no Chromium")
        return
    with tempfile.TemporaryDirectory() as folder:
        shown = Path(folder) / "list.html"
        body = index.related(EVENT, k=4)._repr_html_()
        shown.write_text(
            f'<meta charset="utf-8"><body style="font:15px sans-serif;margin:14px">{body}', encoding="utf-8"
        )
        photograph(browser, shown, "notebook", (720, 290))
        site = Path(folder) / "site"
        index.publish(site, formats=["html", "md", "json", "xml"], k=5, title="Sample archive", jobs=1)
        (page,) = (site / "news/2017/07/10").glob("haider-*.html")
        photograph(browser, page, "page", (1180, 800), 0.8)


def photograph(browser: str, page: Path, name: str, size: tuple[int, int], scale: float = 1.0) -> None:
    """Take a picture of a page as a light window of some size shows it, scaled and with few colours."""
    path = HERE / f"{name}.png"
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--hide-scrollbars",
        f"--window-size={size[0]},{size[1]}",
    ]
    subprocess.run([*command, f"--screenshot={path}", page.as_uri()], check=True, capture_output=True)
    with Image.open(path) as taken:
        small = taken.convert("RGB").resize(
            (round(taken.width * scale), round(taken.height * scale)), Image.Resampling.LANCZOS
        )
    small.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
