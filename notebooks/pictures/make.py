"""Draws the pictures of the README from the sample archive: ``python notebooks/pictures/make.py``.

The list as a notebook shows it is HTML: it is photographed where Chromium is installed, and otherwise left as it is.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import matplotlib

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
        print("notebook.png is left as it is: there is no Chromium")
        return
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "list.html"
        body = index.related(EVENT, k=4)._repr_html_()
        page.write_text(
            f'<meta charset="utf-8"><body style="font:15px sans-serif;margin:14px">{body}', encoding="utf-8"
        )
        command = [browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=720,290"]
        subprocess.run(
            [*command, f"--screenshot={HERE / 'notebook.png'}", page.as_uri()],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
