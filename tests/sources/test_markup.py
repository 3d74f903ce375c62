"""HTML becomes text in one way, at a cost that grows with its length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relatedness.sources import html_to_text, plain_text
from relatedness.sources._markdown import to_words
from relatedness.sources._markup import _depth, is_html


@pytest.mark.parametrize(
    "text",
    [
        "Profits & losses: 3 < 4 > 2",
        "a List<String> and a Map<K, V>",
        "ping <host>",
        "Early reports say that <!--.",
        "AT&T buys",
        "x &unknown reference",
        "<<NEWSLINK MISSING>>",
        " spaces  stay ",
    ],
)
def test_text_without_markup_stays_as_it_stands(text: str) -> None:
    assert plain_text(text) == text
    assert not is_html(text)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Storm hits Basel &amp; Bern", "Storm hits Basel & Bern"),
        ("Caf&eacute; &#8211; open&nbsp;late", "Café – open late"),
        (
            '<!-- wp:paragraph --><p>The <a href="https://x.example/?utm_source=nl">storm</a> hit <strong>Basel</strong>.</p>',
            "The storm hit Basel.",
        ),
        ("<ul><li>one<li>two</ul>", "one\n\ntwo"),
        ("a<br>b<br/>c", "a b c"),
        ("<table><tr><td>Lund</td><td>7</td></tr></table>", "Lund 7"),
        ("<p>a\nb</p>\n\n<p>c</p>", "a b\n\nc"),
        ("<script>no()</script><style>p{}</style><p>yes</p><noscript>no</noscript>", "yes"),
        ("A <em>partial <b>overlap</em> here</b>.", "A partial overlap here."),
        ("<p>if a < b then</p>", "if a < b then"),
        ("<html><head><title>no</title></head><body><p>yes</p></body></html>", "yes"),
    ],
)
def test_html_becomes_its_words(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_blocks_of_code_are_kept_apart() -> None:
    html = "<p>Run <code>make</code>:</p><pre><code>make all\n  -j</code></pre><p>Wait.</p>"
    code: list[str] = []
    assert html_to_text(html, code=code) == "Run make:\n\nWait."
    assert code == ["make all\n  -j"]
    assert html_to_text(html) == "Run make:\n\nWait."


def test_a_text_of_nothing_but_code_is_that_code() -> None:
    assert html_to_text("<pre>Traceback: no route</pre>") == "Traceback: no route"


def test_deep_nesting_costs_no_more_than_its_length() -> None:
    # The parser alone takes time that grows with the square of the depth; beyond the bound it is not asked.
    assert _depth("<div>" * 3000) == 3000
    assert _depth("<p>x</p><br>" * 3000) == 1
    assert html_to_text("<div>word " * 3000).split() == ["word"] * 3000


@given(st.text(alphabet="<>/!-&;= pdivbr\"'x\n", max_size=200))
def test_any_text_is_read_and_holds_no_comment_or_block_afterwards(text: str) -> None:
    found = html_to_text(text)
    assert "\x00" not in found
    assert found == "\n\n".join(" ".join(part.split()) for part in found.split("\n\n") if part.strip())


def test_components_of_nuxt_are_marks_around_words() -> None:
    body = '::alert{type="info"}\nThe board voted.\n::\n\nMore words.\n\n::hero\nA quay.\n::\n'
    assert to_words(body, "md").text == "The board voted.\n\nMore words.\n\nA quay."
    assert "::" in to_words("Ends so:\n\n::\n\nNo component was open.\n", "md").text
