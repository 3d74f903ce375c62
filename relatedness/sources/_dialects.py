"""Front matter -> the fields of an event, in the dialect of each site generator; and which posts the site hides. Names are
case-insensitive. A post that one generator hides is hidden on every site: a Hexo draft in a folder of an unknown generator is
still a draft. The rules come from each generator's documentation.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from functools import cache
from typing import Any, NamedTuple

from relatedness.dates import Day, EarlyDate, find_zone
from relatedness.errors import InputError
from relatedness.sources._content_site import ContentSite
from relatedness.sources._date_words import stands_for_none
from relatedness.sources._dates import DateColumn, Undecided
from relatedness.sources._language_names import language_tag
from relatedness.sources._markdown import title_words
from relatedness.sources._markup import plain_text
from relatedness.sources._names import names_as_listed
from relatedness.sources._site_files import is_true

DATES = names_as_listed("front", "dates")
_TOPICS = names_as_listed("front", "topics")
_TRANSLATIONS = names_as_listed("front", "translations")

_NOT_SHOWN = frozenset(names_as_listed("front", "not_shown"))
_SCHEDULED = frozenset(["future", "scheduled"])
_HIDING = names_as_listed("front", "hiding")
_NO = frozenset({"false", "no", "off", "n", "0"})
_SHOWING = names_as_listed("front", "showing")
_REDIRECTS = names_as_listed("front", "redirects")
_EXPIRIES = names_as_listed("front", "expiries")
_STARTS = names_as_listed("front", "starts")
_HUGO_STARTS = ("publishdate", "pubdate", "published")
_HIDDEN_FOLDERS = frozenset(names_as_listed("files", "hidden_folders"))
_COLLECTIONS = frozenset({"post", "posts", "all"})  # set by Eleventy for every post
_NIKOLA_MARKS = frozenset({"mathjax", "draft", "private", "retired"})
_PATH_DATE = re.compile(
    r"(?:^|[/_ -])(\d{4})(?:[-/_.](\d{1,2})[-/_.](\d{1,2})|(\d{2})(\d{2})(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?)(?:T[\d:.Z+-]+)?(?=$|[-_. /])",
    re.ASCII,
)
_PROPOSAL = re.compile(r"[a-z]{1,4}(?:ep|ip)|erc|rfc")  # PEP, BIP, EIP and similar
_YEARS = range(1500, 3000)  # in a path
_LONGEST_PATH = 1000  # characters of an address that is searched for a day
_LONGEST_TAGS = 10_000  # characters of a line of hashtags
_DEEPEST = 8  # lists of names within each other
_NOTHING = frozenset({"", "~", "null", "none", "nil"})


class When(NamedTuple):
    """The date of a post, the text of a date that could not be read, and decisions. If day and month are ambiguous, another
    post has to show which comes first.
    """

    date: Day | None
    unreadable: str | None
    name: str | None
    notes: tuple[str, ...] = ()
    is_undecided: bool = False


NO_DATE = When(None, None, None)


def is_dated(front: Mapping[str, Any]) -> bool:
    """Whether front matter, in lower case, has a name for the date."""
    return any(front.get(name) not in (None, "") for name in DATES)


def path_date(location: str) -> re.Match[str] | None:
    """The date in a path: ``2016-07-11-mosul.md``, ``2016/07/11/mosul.md``, ``20160711-mosul/index.md``."""
    stem = posixpath.splitext(location)[0]
    found = None
    for match in _PATH_DATE.finditer(stem):
        if day_of(match) is not None:
            found = match
    return found


def day_of(found: re.Match[str]) -> date | None:
    """The day in a match of `path_date`, if the calendar has it."""
    year, month, day = int(found[1]), int(found[2] or found[4]), int(found[3] or found[5])
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def when(
    front: Mapping[str, Any], location: str, site: ContentSite, zone: Any, form: str | None = None
) -> When:
    """When a post was published: by its front matter, else by its path."""
    unreadable: tuple[str, str] | None = None
    undecided: When | None = None
    for name in (*site.dates, *DATES):
        if name == ":filename" and (named := path_date(posixpath.basename(location))) is not None:
            return When(day_of(named), None, None)
        value = front.get(name)
        if isinstance(value, Mapping):  # MkDocs Material: date: {created: ..., updated: ...}
            inner = {str(key).lower(): item for key, item in value.items()}
            value = next((inner[key] for key in ("created", "published", "date") if inner.get(key)), None)
        if value is None or isinstance(value, bool | list):
            continue
        text = str(value).strip()
        # Not dates: Eleventy's "Last Modified" and "git Created", and "published: true".
        if not any(character.isdigit() for character in text) or (name == "published" and text in ("0", "1")):
            continue
        if stands_for_none(text):  # Hugo's zero date
            continue
        notes: dict[str, int] = {}
        read = read_date(value, zone or site.zone, form, notes)
        if read is not None:
            return When(read, None, name, tuple(notes))
        if isinstance(value, str) and form is None and _is_undecided(text):
            undecided = undecided or When(None, text, name, is_undecided=True)
            continue
        if name == "date" or "pub" in name:  # other generators use "posted" and "created" with other meanings
            unreadable = unreadable or (text, name)
    # If there is no other date, Zola's ``path`` or an explicit address may contain it.
    for given in (location, *(front.get(name) for name in ("path", "permalink", "url", "slug"))):
        named = path_date(given) if isinstance(given, str) and len(given) < _LONGEST_PATH else None
        if named is not None:
            return When(day_of(named), None, None)
    if undecided is not None:
        return undecided
    return NO_DATE._replace(unreadable=unreadable[0], name=unreadable[1]) if unreadable else NO_DATE


def hidden(
    front: Mapping[str, Any], location: str, site: ContentSite, when_: When, now: datetime, zone: Any
) -> str | None:
    """Why a site does not show a post, in words for the summary; None if it does."""
    parts = location.lower().split("/")
    if any(part in _HIDDEN_FOLDERS for part in parts[:-1]) or re.search(r"\.draft\.\w+\Z", parts[-1]):
        return "drafts"
    says_draft = site.maker == "hugo" and front.get("draft") is not None  # it then asks no other name
    reason = is_not_shown({**front, "published": None} if says_draft else front)
    if reason is not None:
        return reason
    tags = set(names_in(front.get("tags")))
    if "draft" in tags or (site.maker == "nikola" and tags & {"private", "retired"}):
        return "drafts"
    for name in ("build", "_build"):
        options = front.get(name)
        if isinstance(options, Mapping):
            lower = {str(key).lower(): str(value).lower() for key, value in options.items()}
            if lower.get("list") in ("never", "false") or lower.get("render") in ("never", "false", "link"):
                return "hidden"
    if _says_no(front.get("permalink")) or _says_no(front.get("render")) or _says_no(front.get("sitemap")):
        return "hidden"
    sitemap = front.get("sitemap")
    if isinstance(sitemap, Mapping) and any(
        is_true(sitemap.get(name)) for name in ("disable", "exclude", "ignore")
    ):
        return "hidden"
    for name in ("robots", "seo"):
        value = front.get(name)
        if isinstance(value, Mapping):
            lower = {str(key).lower(): item for key, item in value.items()}
            if is_true(lower.get("noindex")) or _says_no(lower.get("index")):
                return "hidden"
            value = lower.get("robots")
        if "noindex" in str(value or "").lower():
            return "hidden"
    if any(front.get(name) for name in _REDIRECTS) or str(front.get("layout")).lower() in (
        "redirect",
        "redirected",
    ):
        return "redirects"
    return _by_time(front, location, site, when_, now, zone)


def is_not_shown(front: Mapping[str, Any]) -> str | None:
    """Why a post's front matter, in lower case and of any generator, hides it from readers; None if it does not."""
    if is_true(front.get("draft")) or is_true(front.get("isdraft")) or is_true(front.get("is_draft")):
        return "drafts"
    if any(is_true(front.get(name)) for name in _HIDING):
        return "hidden"
    for name in _SHOWING:
        if front.get(name) is not None and str(front[name]).strip().lower() in _NO:
            return "drafts" if "publish" in name else "hidden"
    for name in ("status", "state", "visibility", "post_status"):
        if name == "status" and _is_proposal(front):
            continue
        words = {part.strip().lower() for part in str(front.get(name) or "").split(",")}
        if words & _SCHEDULED:
            return "dated in the future"
        if words & _NOT_SHOWN:
            return "drafts" if words & {"draft", "drafts", "wip", "auto-draft", "skip"} else "hidden"
    if any(front.get(name) not in (None, "", False) for name in ("password", "post_password")):
        return "hidden"
    kind = str(front.get("post_type") or "post").lower()
    return None if kind == "post" else "entries that are not posts"


def _is_proposal(front: Mapping[str, Any]) -> bool:
    """Whether a document is a numbered proposal such as a PEP, whose drafts are public."""
    return {"status", "type", "created"} <= front.keys() and any(
        _PROPOSAL.fullmatch(name) and str(value).strip().isdecimal() for name, value in front.items()
    )


def _says_no(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() in ("false", "no", "off"))


def _by_time(
    front: Mapping[str, Any], location: str, site: ContentSite, when_: When, now: datetime, zone: Any
) -> str | None:
    if not site.expired:
        for name in (*_EXPIRIES, *site.ends):
            ends = read_date(front.get(name), zone or site.zone)
            if ends is not None and _instant(ends) <= now:
                return "expired"
    # Material asks for the day only where front matter does not say whether the post is a draft.
    if not site.shows_future(location) and not (site.maker == "mkdocs" and _says_no(front.get("draft"))):
        starts = {name: read_date(front.get(name), zone or site.zone) for name in (*site.starts, *_STARTS)}
        # Hugo asks for the date of a post only where none of the names that it knows gives a day of publication.
        if site.maker != "hugo" or not any(starts[name] for name in (*site.starts, *_HUGO_STARTS)):
            starts["date"] = when_.date
        if any(start is not None and _instant(start) > now for start in starts.values()):
            return "dated in the future"
    return None


def _instant(value: Day) -> datetime:
    if isinstance(value, EarlyDate):
        return datetime.min.replace(tzinfo=UTC)
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def text_of(front: Mapping[str, Any], *names: str) -> str | None:
    """The first of these values that is one line of text, a number or a date."""
    for name in names:
        value = front.get(name)
        if isinstance(value, date):
            value = value.isoformat()
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            text = str(value).strip()
            if text.lower() not in _NOTHING:
                return text
    return None


def names_in(value: object, *, spaced: bool = False) -> list[str]:
    """The names in a value of any form: lists, nested ones, objects with a label, comma-separated text.

    Parameters
    ----------
    spaced : bool
        Whether spaces separate names, as in Jekyll.

    Examples
    --------
    >>> names_in([{"label": "Rust"}, "C", ["Life", "Food"]]), names_in("#rust #wasm"), names_in("a b", spaced=True)
    (['Rust', 'C', 'Life', 'Food'], ['rust', 'wasm'], ['a', 'b'])
    """
    found: list[str] = []
    for item in _leaves(value, spaced):
        name = " ".join(plain_text(item).split()).strip().lstrip("#").strip()
        if name and name.lower() not in _NOTHING:
            found.append(name)
    return list(dict.fromkeys(found))


def _leaves(value: object, spaced: bool, depth: int = 0) -> Iterable[str]:
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("[") and text.endswith("]"):
            text = text[1:-1].replace('"', "").replace("'", "")
        if re.fullmatch(r"#\S+(?:\s+#\S+)*", text) and len(text) < _LONGEST_TAGS:
            yield from text.split()
        elif "," in text or ";" in text:
            yield from re.split("[,;]", text)
        else:
            yield from text.split() if spaced else [text]
    elif isinstance(value, bool) or value is None or depth > _DEEPEST:
        return
    elif isinstance(value, int | float | date):
        yield str(value)
    elif isinstance(value, Mapping):
        lower = {str(key).lower(): item for key, item in value.items()}
        label = next(
            (lower[key] for key in ("label", "name", "title", "value", "slug", "term") if lower.get(key)),
            None,
        )
        if label is not None and isinstance(label, str | int | float):
            yield str(label)
        else:
            yield from (str(key) for key in value)
    elif isinstance(value, list | tuple):
        for item in value:
            if isinstance(item, str):
                yield item  # an item of a list is one name, including spaces and commas
            else:
                yield from _leaves(item, False, depth + 1)


def topics_and_category(
    front: Mapping[str, Any], location: str, site: ContentSite
) -> tuple[list[str], str | None]:
    """The topics and the category of a post."""
    spaced = site.maker in ("jekyll", "hexo") or (not site.maker and path_date(location) is not None)
    taxonomies = front.get("taxonomies") or front.get("taxonomy")  # Zola's, Grav's
    nested = {str(k).lower(): v for k, v in taxonomies.items()} if isinstance(taxonomies, Mapping) else {}

    def named(name: str) -> list[str]:
        return [*names_in(front.get(name), spaced=spaced), *names_in(nested.get(name), spaced=spaced)]

    categories = [*named("category"), *named("categories")]
    parts = location.split("/")
    if site.maker in ("jekyll", "") and "_posts" in parts[:-1]:
        categories += [part for part in parts[: parts.index("_posts")] if part and not language_tag(part)]
    if site.maker == "pelican" and not categories and len(parts) > 1:
        categories.append(parts[-2])
    lists = [
        *_TOPICS,
        *(name for name in (*site.lists, *nested) if name not in (*_TOPICS, "categories", "category")),
    ]
    topics = [site.labels.get(name, name) for listed in dict.fromkeys(lists) for name in named(listed)]
    if site.maker in ("eleventy", ""):
        topics = (
            [name for name in topics if name.lower() not in _COLLECTIONS]
            if len(topics) > 1 or site.maker
            else topics
        )
    if site.maker == "nikola":
        topics = [name for name in topics if name.lower() not in _NIKOLA_MARKS]
    return list(dict.fromkeys([*topics, *categories[1:]])), categories[0] if categories else None


def language_in(front: Mapping[str, Any]) -> str | None:
    """The language in front matter; None for several, and for names that are not natural languages (Python)."""
    for name in ("lang", "language", "locale"):
        value = front.get(name)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str) and (tag := language_tag(value)) is not None:
            return tag
    return None


def group_in(front: Mapping[str, Any], language: str | None, *, by_layout: bool) -> str | None:
    """The key in front matter that a post shares with its translations; a slug only if the layout gives none."""
    for name in _TRANSLATIONS:
        text = text_of(front, name)
        if text is not None and (language or name != "ref"):
            return text
    if not language or by_layout:
        return None
    return text_of(front, "permalink", "slug")  # jekyll-polyglot: one permalink in all languages


def title_in(front: Mapping[str, Any]) -> str:
    """The title of front matter, without markup."""
    value = front.get("title") or front.get("headline") or front.get("heading")
    if isinstance(value, list):
        value = " ".join(str(item) for item in value if isinstance(item, str | int | float))
    elif isinstance(value, Mapping):  # title.rendered, or {en: ..., de: ...}
        value = next((item for item in value.values() if isinstance(item, str)), None)
    return title_words(text_of({"title": value}, "title") or "")


def address_in(front: Mapping[str, Any]) -> str | None:
    """The address of a post; None for a pattern (/:year/:title/) or a template, which are not addresses yet."""
    for name in ("url", "permalink", "canonical_url", "canonicalurl", "canonical"):
        value = front.get(name)
        if isinstance(value, str) and re.fullmatch(
            r"(?:https?:/|)/[^\s:{}]{0,2000}(?::\d+[^\s:{}]{0,2000})?", value
        ):
            return value
    return None


def sources_in(front: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The sources of the event, if front matter has them in the form of events; other generators use the name otherwise."""
    value = front.get("sources")
    if not isinstance(value, list):
        return None
    found = [
        {"name": str(item["name"]), "url": item.get("url") if isinstance(item.get("url"), str) else None}
        if isinstance(item, Mapping)
        else {"name": item}
        for item in value
        if (isinstance(item, str) and item.strip())
        or (isinstance(item, Mapping) and isinstance(item.get("name"), str))
    ]
    return found or None


_SHORT_OFFSET = re.compile(r"([+-])(\d)\Z")


def read_date(
    value: object, zone: str | tzinfo | None, form: str | None = None, notes: dict[str, int] | None = None
) -> Day | None:
    """The date in a value, in any form that site generators read; None if it holds no date.

    Parameters
    ----------
    zone : str or tzinfo, optional
        Of times that name none; UTC if left out, or if no zone has that name.
    form : str, optional
        How dates are written, where the caller says it; see `DateColumn`.
    notes : dict, optional
        Takes what was decided, in words.

    Examples
    --------
    >>> read_date("Mar 4, 2019", None), read_date("soon", None)
    (datetime.date(2019, 3, 4), None)
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = _SHORT_OFFSET.sub(r"\g<1>0\2:00", value.strip()) if " " in value else value
    column = DateColumn(_zone(zone), form if isinstance(value, str) else None)
    try:
        read = column.read(value)
    except (InputError, Undecided):
        return None
    if notes is not None:
        notes |= column.notes
    return read


def _is_undecided(text: str) -> bool:
    try:
        DateColumn().read(text)
    except Undecided:
        return True
    except InputError:
        return False
    return False


@cache
def _zone(zone: str | tzinfo | None) -> tzinfo | None:
    try:
        return None if zone is None else find_zone(zone)
    except InputError:
        return None  # only from a site's settings: the command line rejects unknown zones
