"""HTML -> plain text: the one converter that every source uses.

In: a text that is HTML, or that may hold some. Out: its words, blocks parted by a blank line. Scripts, styles, comments
and the addresses of links go; blocks of code are kept apart.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

from selectolax.lexbor import LexborHTMLParser

# Names of elements as CSS selectors.
_SILENT = "script,style,template,noscript,iframe,object,svg,title"
# Invitations to subscribe and to share, as Substack and Ghost put them into the text of a post; each has a button.
_BUTTONS = "button,.button-wrapper,.subscription-widget-wrap,.subscription-widget-wrap-editor,.kg-button-card,.kg-signup-card"
_BLOCKS = (
    "address,article,aside,blockquote,dd,details,div,dl,dt,fieldset,figcaption,figure,footer,form,h1,h2,h3,h4,h5,h6,"
    "header,hr,li,main,nav,ol,p,pre,section,summary,table,tr,ul"
)
_BESIDE = "br,td,th,option"
_INLINE = (
    "a,abbr,acronym,b,bdi,bdo,big,cite,code,del,dfn,em,font,i,ins,kbd,label,mark,q,s,samp,small,span,strike,strong,sub,"
    "sup,time,tt,u,var"
)
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip
_NAMES = ",".join([_BLOCKS, _BESIDE, _INLINE, _SILENT, "body,html,img,tbody"]).replace(",", "|")
# A text counts as HTML if it closes a known HTML element, contains a comment, or opens an element that is void or has an
# attribute. `List<String>` and `<host>` do not.
_HTML = re.compile(
    rf"</(?:{_NAMES})\s*>|<(?:br|hr|p|li)\s*/?>|<(?:{_NAMES})\s[^<>]{{0,2000}}?=", re.IGNORECASE
)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)|<!--.*?(?:-->|\Z)", re.DOTALL)
_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|<[^<>]*>", re.DOTALL)
# The parser walks up the open elements at every tag: without a limit on depth it takes quadratic time.
_DEEPEST = 512


def plain_text(text: str) -> str:
    """The words of a field that may be HTML, may hold character references, or may be neither.

    Returns
    -------
    str
        Text without markup as it stands; otherwise as `html_to_text` gives it.

    Examples
    --------
    >>> plain_text("<p>Storm hits <b>Basel</b></p>"), plain_text("Basel &amp; Bern"), plain_text("a List<String>")
    ('Storm hits Basel', 'Basel & Bern', 'a List<String>')
    """
    if "<" in text and is_html(text):
        return html_to_text(text)
    if "&" in text and _REFERENCE.search(text):
        return unescape(text).replace("\xa0", " ")
    return text


_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|mkt_tok|_hsenc|_hsmi|"
    r"vero_id|oly_enc_id|oly_anon_id|_openstat|wickedid|at_medium|at_campaign|cmpid|ns_campaign|ns_mchannel|ns_source)(?:=|\Z)",
    re.IGNORECASE,
)


def untracked(address: str) -> str:
    """An address without the parameters that tell its site who sent a reader, and nothing about the page.

    Examples
    --------
    >>> untracked("https://example.org/a?utm_source=x&page=2&fbclid=1#top"), untracked("https://example.org/?utm_medium=rss")
    ('https://example.org/a?page=2#top', 'https://example.org/')
    """
    path, mark, rest = address.partition("?")
    if not mark:
        return address
    query, hashed, anchor = rest.partition("#")
    kept = "&".join(part for part in query.split("&") if not _TRACKING.match(part))
    return path + ("?" + kept if kept else "") + hashed + anchor


def is_html(text: str) -> bool:
    """Whether a text is HTML rather than a text in which a ``<`` occurs."""
    return _HTML.search(text) is not None or text.find("-->", text.find("<!--") + 1 or len(text)) > 0


def html_to_text(html: str, *, code: list[str] | None = None) -> str:
    r"""The words of a piece of HTML.

    Parameters
    ----------
    html : str
        A page or a fragment.
    code : list of str, optional
        Takes the blocks of code (``<pre>``), which are left out of the text. Where a piece holds nothing but code and
        no list is given, the code is its text.

    Returns
    -------
    str
        Blocks parted by a blank line, each on one line.

    Examples
    --------
    >>> code = []
    >>> html_to_text("<p>Run <code>make</code>:</p><pre>make all</pre><p>Wait.</p>", code=code)
    'Run make:\n\nWait.'
    >>> code
    ['make all']
    """
    if is_too_deep(html):
        return _joined(unescape(_MARKUP.sub("\n", " ".join(html.split()))))
    tree = LexborHTMLParser(html.encode("utf-8", "replace").decode().replace("\x00", " "))
    tree.strip_tags(_SILENT.split(","))
    if "button" in html:
        for node in reversed(tree.css(_BUTTONS)):  # the innermost first
            node.decompose()
    blocks = tree.css("pre")
    found = [words for block in blocks if (words := block.text().strip("\n"))]
    kept = [] if code is None else code
    kept.extend(found)
    for block in blocks:
        block.decompose()
    # Line ends in the source count as spaces: only those inserted here separate blocks.
    text = _marked(tree)
    return text or ("" if code is not None else "\n\n".join(found))


def _marked(tree: LexborHTMLParser) -> str:
    for node in tree.css(_BLOCKS):
        node.insert_before("\x00")
        node.insert_after("\x00")
    for node in tree.css(_BESIDE):
        node.insert_before(" ")
    root = tree.root
    return _joined("" if root is None else root.text(), "\x00")


def _joined(text: str, mark: str = "\n") -> str:
    return "\n\n".join(line for part in text.split(mark) if (line := " ".join(part.split())))


def is_too_deep(html: str) -> bool:
    """Whether the elements of a piece of HTML are nested too deeply to parse in reasonable time."""
    return html.count("<") > _DEEPEST and _depth(html) > _DEEPEST


def _depth(html: str) -> int:
    """The approximate nesting depth of a piece of HTML."""
    opened: Counter[str] = Counter()
    depth = deepest = 0
    for found in _TAG.finditer(html):
        name = (found[2] or "").lower()
        if not name or name in _VOID:
            continue
        if not found[1]:
            opened[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
    return deepest
