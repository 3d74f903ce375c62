"""Which site a folder of posts belongs to, and what its settings say of whole folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from relatedness.sources import read
from relatedness.sources._content_site import ContentSite
from relatedness.sources._ignored import patterns_of
from relatedness.sources._sites import find_site


@pytest.fixture
def hugo(tmp_path: Path) -> Path:
    """A Hugo site, with a folder of posts."""
    (tmp_path / "hugo.toml").write_text('title = "News"\n', encoding="utf-8")
    (tmp_path / "content/posts").mkdir(parents=True)
    return tmp_path


def test_the_search_for_a_site_ends_at_the_root_of_a_repository(hugo: Path) -> None:
    (hugo / "theme/posts").mkdir(parents=True)
    assert find_site(hugo / "theme/posts").maker == "hugo"
    (hugo / "theme/.git").mkdir()
    assert find_site(hugo / "theme/posts").maker == ""
    assert find_site(hugo / "content/posts").maker == "hugo"


@pytest.mark.parametrize(
    ("pattern", "place", "excluded"),
    [
        ("draft", "draft/a.md", True),
        ("draft", "draft", True),
        ("draft", "drafts/a.md", False),
        ("/draft/", "draft/a.md", True),
        ("draft/*.txt", "draft/a.txt", True),
        ("draft/*.txt", "draft/a.md", False),
    ],
)
def test_a_pattern_excludes_a_folder_and_no_other_that_begins_alike(
    pattern: str, place: str, excluded: bool
) -> None:
    assert ContentSite(exclude=(pattern,)).excludes(Path("/site", place), place) == excluded


@pytest.mark.parametrize(
    ("target", "inherits"),
    [
        ({}, True),
        ({"kind": "page"}, True),
        ({"kind": "section"}, False),
        ({"path": "/posts/**"}, True),
        ({"path": "/notes/**"}, False),
    ],
)
def test_a_cascade_reaches_the_pages_of_its_target(
    hugo: Path, target: dict[str, str], inherits: bool
) -> None:
    cascade = {"title": "Posts", "cascade": {"category": "World", "_target": target}}
    (hugo / "content/_index.md").write_text(json.dumps(cascade) + "\n", encoding="utf-8")
    post = hugo / "content/posts/a.md"
    assert find_site(post.parent).inherited(post, "posts/a.md") == ({"category": "World"} if inherits else {})


def test_tags_of_nested_folders_add_up_and_other_values_of_the_nearest_count(tmp_path: Path) -> None:
    (tmp_path / ".eleventy.js").write_text("module.exports = {};\n", encoding="utf-8")
    inner = tmp_path / "posts/war"
    inner.mkdir(parents=True)
    for folder, values in (
        (inner.parent, {"tags": ["news"], "lang": "en", "author": "A"}),
        (inner, {"tags": ["war"], "author": "B"}),
    ):
        (folder / f"{folder.name}.json").write_text(json.dumps(values), encoding="utf-8")
    post = inner / "a.md"
    found = find_site(tmp_path).inherited(post, "posts/war/a.md")
    assert found == {"tags": ["news", "war"], "lang": "en", "author": "B"}


def test_what_no_language_of_a_hugo_site_holds_is_not_read(hugo: Path) -> None:
    post = '+++\ntitle = "{}"\ndate = 2017-03-07\n+++\nThe dam leaks.\n'
    (hugo / "config/_default").mkdir(parents=True)
    for language, text in {"en": "", "de": "", "fr": "disabled = true\n"}.items():
        (hugo / f"config/_default/languages.{language}.toml").write_text(
            f'contentDir = "content/{language}"\n{text}'
        )
    for folder in ("en", "de", "fr", "base"):
        (hugo / "content" / folder).mkdir(exist_ok=True)
        (hugo / f"content/{folder}/a.md").write_text(post.format(folder))
    assert sorted(event.title for event in read(hugo)) == ["de", "en"]
    # Languages by the name of the file, and the settings of the environment that is published.
    for path in (hugo / "config/_default").glob("languages.*"):
        path.unlink()
    (hugo / "config/production").mkdir()
    (hugo / "config/production/hugo.toml").write_text(
        'disableLanguages = ["fr"]\n[languages.en]\n[languages.fr]\n'
    )
    for name in ("b.en.md", "b.fr.md"):
        (hugo / "content/posts" / name).write_text(post.format(name))
    titles = {event.title for event in read(hugo / "content/posts")}
    assert "b.en.md" in titles and "b.fr.md" not in titles


def test_a_text_of_nikola_is_restructured_text(tmp_path: Path) -> None:
    pytest.importorskip("docutils")
    (tmp_path / "conf.py").write_text(
        'POSTS = (("posts/*.txt", "posts", "post.tmpl"),)\nNIKOLA_SHOW_TRACEBACKS = False\n'
    )
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.txt").write_text(
        ".. title: A\n.. date: 2017-03-07\n\nGet it at `the usual place <https://example.org>`_.\n"
    )
    (event,) = read(tmp_path)
    assert event.text == "Get it at the usual place."


_SITES = {
    "hugo": (
        {
            "hugo.toml": 'ignoreFiles = ["\\\\.skip\\\\.md$"]\n',
            "config/_default/cascade.toml": '[[cascade]]\ndraft = true\n[cascade.target]\npath = "{/posts/b,/old/**}"\n',
        },
        "content/posts/a.md", ["content/posts/b.skip.md", "content/posts/b.md", "content/old/deep/c.md"],
    ),
    "jekyll": (
        {
            "_config.yml": "collections_dir: c\ncollections: {notes: {output: true}, hid: {output: false}}\n"
            "defaults:\n  - scope: {path: 'old/*/_posts'}\n    values: {published: false}\n",
        },
        "c/_notes/a.md", ["c/_hid/b.md", "old/x/_posts/2017-03-07-b.md", "docs/_hid/b.md"],
    ),
    "zola": (
        {"config.toml": 'base_url = "x"\nignored_content = ["*.tmp.md", "old/*"]\n', "content/hid/_index.md": "+++\ndraft = true\n+++\n"},
        "content/posts/a.md", ["content/posts/b.tmp.md", "content/old/b.md", "content/hid/b.md", "content/hid/deep/b.md"],
    ),
    "hexo": (
        {"_config.yml": 'public_dir: public\nignore: ["**/x*"]\nskip_render: _posts/b.md\n'},
        "source/_posts/a.md", ["source/_posts/x1.md", "source/_posts/b.md", "source/_posts/_old/b.md", "source/_posts/_b.md"],
    ),
    "pelican": (
        {
            "pelicanconf.py": 'PATH = "content"\nIGNORE_FILES = ["tmp*"]\nARTICLE_EXCLUDES = ["blog/old"]\nARTICLE_PATHS = ["blog"]\n'
            'EXTRA_PATH_METADATA = {"blog/wip/": {"status": "draft"}}\n'
        },
        "content/blog/a.md", ["content/blog/tmp1.md", "content/blog/old/b.md", "content/notes/b.md", "content/blog/wip/b.md"],
    ),
    "eleventy": (
        {
            ".eleventy.js": "", ".eleventyignore": "src/old/\nsrc/b.md\n", ".gitignore": "/tmp/\n",
            "src/c.11tydata.json": '{"draft": true}', "src/d.json": '{"draft": true}',
        },
        "src/a.md", ["src/old/b.md", "src/b.md", "tmp/b.md", "src/c.md", "src/d.md"],
    ),
    "mkdocs": (
        {"mkdocs.yml": "exclude_docs: |\n  old/\n  *.tmp.md\n  /top.md\ndraft_docs: wip-*\n"},
        "docs/blog/top.md", ["docs/blog/old/b.md", "docs/blog/b.tmp.md", "docs/top.md", "docs/blog/wip-b.md"],
    ),
    "docusaurus": (
        {"docusaurus.config.js": "module.exports = { presets: [['classic', { blog: { exclude: ['old/**', '**/x*.md'] } }]] };"},
        "blog/a.md", ["blog/_parts/b.md", "blog/__tests__/b.md", "build/b.md", "blog/old/b.md", "blog/x1.md"],
    ),
    "astro": ({"astro.config.mjs": ""}, "src/content/blog/a.md", ["src/content/_hid/b.md", "dist/b.md"]),
    "hugo, mounts": (
        {
            "hugo.toml": "[[module.mounts]]\nsource = 'notes'\ntarget = 'content/posts'\nexcludeFiles = ['old/**', 'tmp-*']\n"
            "[[module.mounts]]\nsource = 'blog'\ntarget = 'content/blog'\nfiles = ['! wip/*', '**.md']\n",
        },
        "blog/old/a.md", ["notes/old/b.md", "notes/tmp-b.md", "blog/wip/b.md", "blog/b.html", "content/b.md"],
    ),
    "hugo, dates": (
        {"hugo.toml": "[frontmatter]\ndate = ['written', ':default']\npublishDate = ['live']\nexpiryDate = ['gone', 'expiryDate']\n"},
        "content/a.md", {"content/b.md": "live: 2999-01-01", "content/c.md": "gone: 2018-01-01", "content/d.md": "expiryDate: 2018-01-01"},
    ),
    "hugo, languages": (
        {"hugo.toml": "[languages.en]\n[languages.de]\n", "content/old/_index.de.md": "---\ncascade: {draft: true}\n---\n"},
        "content/a.de.md", ["content/old/b.de.md"],
    ),
    "hugo, targets": (
        {
            "hugo.toml": "[languages.en]\n[languages.de]\n",
            "content/_index.md": "---\ncascade:\n- {draft: false, target: {path: /a/b}}\n- {draft: true, target: {path: '/{a,k}/*'}}\n"
            "- {draft: true, target: {path: /bundle/x, kind: '{page,section}'}}\n- {draft: true, target: {path: '/Old/**', lang: de}}\n"
            "- {draft: true, target: {environment: development}}\n---\n",
            "content/a/b.md": "---\ntitle: B\n---\n",
        },
        "content/a/deep/a.md", ["content/a/c.md", "content/bundle/x/index.md", "content/old/deep/b.de.md"],
    ),
    "hugo, days": (
        {"hugo.toml": ""},
        "content/draft_a.md",
        {
            "content/b.md": "publishDate: 2999-01-01", "content/c.md": "published: true\ndraft: true",
            "content/d.md": "published: 2999-01-01\ndraft: false", "content/e.md": "lastmod: 2017-03-07\nembargo: 2999-01-01",
        },
    ),
    "hugo, one language": (
        {
            "hugo.toml": "",
            "content/_index.md": "---\ncascade:\n- {draft: true, target: {path: '/old news/**', lang: de}}\n"
            "- {draft: true, target: {path: /the-dam}}\n- {draft: true, target: {path: /}}\n---\n",
        },
        "content/a.md", ["content/The Dam.md"],
    ),
    "jekyll, names": (
        {"_config.yml": ""},
        "_posts/2017-3-7-a.md", ["_posts/b.md", "_posts/2017-03-07.md", "x/_posts/old/b.md"],
    ),
    "zola, beside": ({"config.toml": 'base_url = "x"\n'}, "content/2017-03-07-a/index.md", ["content/2017-03-07-a/b.html"]),
    "pelican, published": (
        {
            "pelicanconf.py": "PATH = 'content'\nWITH_FUTURE_DATES = True\n",
            "publishconf.py": "from pelicanconf import *\nARTICLE_EXCLUDES = ['old']\n",
        },
        "content/a.md", ["content/old/b.md"],
    ),
    "eleventy, script": (
        {
            "eleventy.config.js": "export default function (c) {\n  c.ignores.add('src/old/'); c.ignores.add(`./src/b.md`);\n"
            "  // c.ignores.add('src/a.md');\n  return { dir: { input: './src', data: 'facts' } };\n}\n",
            "src/wip/wip.11tydata.js": "module.exports = function () { return { draft: true, computed: { x: (data) => 1 } }; };",
            "src/c.11tydata.cjs": 'module.exports = { "permalink": false };',
            "src/a.11tydata.js": "module.exports = { permalink: (data) => data.draft ? false : '/a/', draft: data.later };",
            "src/.eleventyignore": "d.md\n# a remark\n",
        },
        "src/a.md", ["src/old/b.md", "src/b.md", "src/wip/b.md", "src/c.md", "src/d.md", "src/facts/b.md", "other/b.md"],
    ),
    "eleventy, option": ({".eleventy.js": "", "package.json": '{"scripts": {"build": "npx eleventy --input=in"}}'}, "in/a.md", ["b.md"]),
    "mkdocs, plugins": (
        {"mkdocs.yml": "plugins:\n  - search\n  - blog: {draft_if_future_date: true}\n  - exclude: {glob: ['old/*'], regex: ['.*\\.tmp$']}\n"},
        "docs/blog/posts/a.md", {"docs/old/b.md": "", "docs/templates/b.md": "", "docs/c.md": "published: 2999-01-01"},
    ),
    "nikola, beside": (
        {"conf.py": 'POSTS = (("posts/*.md", "posts", "post.tmpl"),)\n', "posts/b.meta": ".. status: private\n"},
        "posts/a.md", ["posts/b.md"],
    ),
    "jekyll, text": ({"_config.yml": "exclude: old, tmp\n"}, "_posts/2017-03-07-a.md", ["old/_posts/2017-03-07-b.md", "tmp/_posts/2017-03-07-b.md"]),
    "nikola": ({"conf.py": 'POSTS = (("posts/*.md", "posts", "post.tmpl"),)\n'}, "posts/deep/a.md", ["output/b.md", "cache/b.md", "old/b.md"]),
}  # fmt: skip


@pytest.mark.parametrize("maker", list(_SITES))
def test_what_the_settings_of_a_site_ignore_is_not_read(tmp_path: Path, maker: str) -> None:
    files, shown, hidden = _SITES[maker]
    maker = maker.partition(",")[0]
    lines = hidden if isinstance(hidden, dict) else {}
    post = {
        "pelican": "Title: {}\nDate: 2017-03-07\n\nThe dam leaks.\n",
        "zola": "+++\ntitle = '{}'\ndate = 2017-03-07\n+++\nx\n",
    }
    text = post.get(maker, "---\ntitle: {}\ndate: 2017-03-07\n{}\n---\nThe dam leaks.\n")
    posts = {name: text.format(name, lines.get(name, "")) for name in (shown, *hidden)}
    for name, content in {**files, **posts}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    assert find_site(tmp_path).maker == maker
    assert [event.title for event in read(tmp_path)] == [shown]


def test_places_are_those_of_what_a_hugo_site_mounts(tmp_path: Path) -> None:
    (tmp_path / "hugo.toml").write_text(
        "[languages.en]\n[languages.de]\n[languages.fr]\ndisabled = true\n[frontmatter]\ndate = [':filename', ':default']\n"
        "[[module.mounts]]\nsource = 'texts'\ntarget = 'content'\nlang = 'en'\n"
        "[[module.mounts]]\nsource = 'french'\ntarget = 'content'\nlang = 'fr'\n"
        "[[module.mounts]]\nsource = 'texts/german'\ntarget = 'content/news'\n"
        "[module.mounts.sites.matrix]\nlanguages = ['de']\n"
    )
    (tmp_path / "texts/german").mkdir(parents=True)
    (tmp_path / "french").mkdir()
    (tmp_path / "french/c.md").write_text("---\ntitle: A\ndate: 2018-01-01\n---\nThe dam leaks.\n")
    post = "---\ntitle: A\ndate: 2018-01-01\n---\nThe dam leaks.\n"
    (tmp_path / "texts/a.md").write_text(post)
    (tmp_path / "texts/german/2017-03-07-b.md").write_text(post)
    events = {event.id: (event.language, str(event.date)) for event in read(tmp_path)}
    assert events == {
        "en/a.md": ("en", "2018-01-01"),
        "de/news/2017-03-07-b.md": ("de", "2017-03-07"),
    }


def test_the_data_of_a_hugo_site_are_no_events(hugo: Path) -> None:
    (hugo / "data").mkdir()
    (hugo / "data/quotes.json").write_text('[{"title": "A", "date": "2017-03-07"}]')
    (hugo / "content/about.md").write_text("---\ntitle: About\n---\nWords.\n")
    assert list(read(hugo)) == []


@pytest.mark.parametrize("text", [r"(\w+\s?)+x", "(a|aa)*x", ".*.*.*.*.*x", "[[:alpha:]]x"])
def test_expressions_that_could_take_for_ever_are_not_tried(text: str) -> None:
    assert patterns_of("hugo", {"ignoreFiles": [text, r"\.skip$"]}) == patterns_of(
        "hugo", {"ignoreFiles": r"\.skip$"}
    )


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("hugo.toml", "disableLanguages = 1.5\n"),
        ("config.toml", 'base_url = "x"\ntaxonomies = 1.5\n'),
        ("pelicanconf.py", "PAGE_PATHS = 5\nARTICLE_EXCLUDES = 5\n"),
    ],
)
def test_settings_of_another_type_than_their_maker_wants_are_none(
    tmp_path: Path, name: str, settings: str
) -> None:
    (tmp_path / name).write_text(settings)
    (tmp_path / "content").mkdir()
    (tmp_path / "content/a.md").write_text("---\ntitle: A fire\ndate: 2017-03-07\n---\nThe dam.\n")
    assert [event.title for event in read(tmp_path)] == ["A fire"]


def test_a_site_in_a_folder_of_its_repository_is_found(tmp_path: Path) -> None:
    post = "---\ntitle: {0}\ndate: 2017-03-07\n---\nWords.\n"
    files = {
        "README.md": "# About\n", "src/main.py": "", "website/_config.yml": "exclude: [_posts/old]\n",
        "website/_posts/2017-03-07-a.md": post.format("A"), "website/_posts/old/2017-03-07-b.md": post.format("B"),
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    reading = read(tmp_path)
    assert [(event.id, event.category) for event in reading] == [("_posts/2017-03-07-a.md", None)]
    assert reading.left_out["excluded by the site's settings"] == 1
    (tmp_path / "notes.md").write_text(post.format("C"), encoding="utf-8")  # no part of that site
    assert {event.title for event in read(tmp_path)} == {"A", "B", "C"}


def test_keys_of_topics_stand_for_their_labels_and_a_post_may_say_that_it_is_no_draft(tmp_path: Path) -> None:
    files = {
        "a/docusaurus.config.js": "module.exports = {};", "a/blog/tags.yml": "dam-1:\n  label: Dam of Mosul\n",
        "a/blog/2017-03-07-a.md": "---\ntitle: A\ntags: [dam-1, iraq]\n---\nWords.\n",
        "a/blog/2017-03-08-b.test.md": "---\ntitle: B\n---\nWords.\n",
        "b/mkdocs.yml": "plugins:\n  - blog:\n      draft_if_future_date: true\n",
        "b/docs/posts/a.md": "---\ndate: 2917-03-07\ndraft: false\n---\n# A\n\nWords.\n",
        "b/docs/posts/b.md": "---\ndate: 2917-03-07\n---\n# B\n\nWords.\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert [event.topics for event in read(tmp_path / "a")] == [("Dam of Mosul", "iraq")]
    assert [event.title for event in read(tmp_path / "b")] == ["A"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                "hugo.toml": "",
                "content/a.md": "publishDate: 2017-03-07\ndate: 2999-01-01\ndraft: false\npublished: false\n",
            },
            {"content/a.md": "2999-01-01"},
        ),
        (
            {
                "_config.yml": "collections_dir: c\ncollections: {events: {output: true, future: true}, x: {output: true}}\n",
                "c/_events/a.md": "date: 2999-01-01\n",
                "c/_x/b.md": "date: 2999-01-01\n",
            },
            {"c/_events/a.md": "2999-01-01"},
        ),
        (
            {
                "conf.py": "POSTS = (('posts/*.md', '', ''),)\nTRANSLATIONS = {'en': '', 'es': './es'}\n",
                "posts/a.md": "date: 2017-03-07\ntags: [dams]\n",
                "posts/a.es.md": "lang: es\n",
                "posts/b.md": "date: 2017-03-07\nstatus: private\n",
                "posts/b.es.md": "lang: es\n",
                "posts/c.md": "date: 2017-03-07\nstatus: draft\n",
                "posts/c.es.md": "status: published\n",
                "posts/d.md": "date: 2017-03-07\ntags: [draft]\n",
                "posts/d.es.md": "tags: [presas]\n",
            },
            {"posts/a.md": ("dams",), "posts/a.es.md": ("dams",)},
        ),
        (
            {
                ".eleventy.js": "",
                "posts/posts.json": '{"tags": ["posts", "news"]}',
                "posts/a.md": "date: 2017-03-07\ntags: dams\n",
            },
            {"posts/a.md": ("news", "dams")},
        ),
        (
            {"pelicanconf.py": "", "content/news/dams/a.md": "date: 2017-03-07\n"},
            {"content/news/dams/a.md": "dams"},
        ),
        (
            {
                "pelicanconf.py": "USE_FOLDER_AS_CATEGORY = False\n",
                "content/news/a.md": "date: 2017-03-07\n",
            },
            {"content/news/a.md": "misc"},
        ),
    ],
)
def test_values_that_a_post_takes_over_are_those_of_its_maker(
    tmp_path: Path, files: dict[str, str], expected: dict[str, object]
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        fields = f"---\ntitle: {name}\n{text}---\nThe dam leaks.\n"
        (tmp_path / name).write_text(fields if name.endswith(".md") else text)
    found = {event.title: (str(event.date), event.topics, event.category) for event in read(tmp_path)}
    assert found.keys() == expected.keys()
    assert all(expected[name] in values for name, values in found.items())


def test_a_list_of_links_in_an_export_of_medium_is_no_post(tmp_path: Path) -> None:
    time = '<time class="dt-published" datetime="2017-03-07"></time>'
    for name, body in (
        ("post", f"<article class=h-entry><h1>A fire</h1><p>The dam leaks.</p>{time}</article>"),
        ("bookmarks", f'<ul><li><a class="h-cite" href="/a">Another</a>{time}</li></ul>'),
    ):
        (tmp_path / f"{name}.html").write_text(f"<title>{name}</title><body>{body}</body>")
    assert [event.id for event in read(tmp_path)] == ["post.html"]
