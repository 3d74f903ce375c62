"""The options of a list, defined once: the Python, command-line and HTTP interfaces are generated from them. Each field carries
what the interfaces need: a sentence for help texts, its range, and how to parse it from text. To add an option, add a field to
`ListOptions` and to `ListKeywords` below, and the code that applies it.
"""

from __future__ import annotations

import csv
import dataclasses
import inspect
import math
import re
import textwrap
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, ForwardRef, Literal, Self, TypedDict, TypeVar, cast, get_args

from relatedness.arguments import plain, unknown_name
from relatedness.errors import ConfigError
from relatedness.settings import RecencySettings

Direction = Literal["any", "before", "after"]
Fill = Literal["context", "period"]
RecencyLike = float | str | Mapping[str, object] | RecencySettings
Kind = Literal["count", "days", "number", "day", "names", "word", "choice", "recency", "switch"]
Method = TypeVar("Method", bound=Callable[..., Any])

DAY_PATTERN = r"[0-9]{4}(-[0-9]{1,2}(-[0-9]{1,2})?)?"
"""How a day, a month or a year is written."""


class ListKeywords(TypedDict, total=False):
    """The keyword arguments of `RelatedIndex.related`, `why_not` and `query`; `ListOptions` says what each does.

    Examples
    --------
    >>> keywords: ListKeywords = {"k": 3, "direction": "after"}
    >>> ListOptions.of(keywords).direction
    'after'
    """

    k: int | None
    direction: Direction
    since: date | str | None
    until: date | str | None
    topics: Sequence[str]
    language: str | None
    min_score: float
    spread: int
    fill: Fill | None
    recency: RecencyLike | None
    across_languages: bool
    names: str | None
    copies: bool
    why: bool


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a list as Python, the command line and HTTP offer it.

    Examples
    --------
    >>> list_option("min_score").kind, list_option("min_score").high
    ('number', 1)
    """

    name: str  # as in Python and in a URL; on the command line ``min_score`` is ``--min-score``
    kind: Kind  # the kind of its value
    doc: str  # a sentence for help texts
    default: Any  # the value if it is not given
    metavar: str | None = None  # the placeholder for its value in help texts
    # The range of a number, both ends included.
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()  # the allowed words
    of_text: str | None = None  # the sentence for a query by text, where the option means something else
    filters: bool = False  # whether it excludes events before the best are selected

    def read(self, text: str) -> Any:
        """Read the value of the option from text, as the command line gives it.

        Returns
        -------
        date, tuple of str or str
            Text of other kinds is returned unchanged: `ListOptions` reads it.

        Raises
        ------
        ConfigError
            If the text cannot be read.
        """
        match self.kind:
            case "day":
                return read_day(text, self.name)
            case "names":
                return _split_names(text)
            case _:
                return text


def _said(kind: Kind, doc: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "doc": doc, **more}


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a caller asks of a list.

    Parameters
    ----------
    k : int, optional
        The most results; ``lists.k`` of the config (5) if not given. At most ``lists.candidates`` of the config.
    direction : {"any", "before", "after"}
        Background (strictly earlier events), follow-ups (strictly later ones), or both.
    since, until : date or str, optional
        Only events from ``since`` to ``until``, both included. As text a day (``2016-07-11``), a month (``2016-07``)
        or a year: ``since`` means its first day, ``until`` its last.
    topics : sequence of str
        Only events that have all of these topics, by canonical name.
    language : str, optional
        For the list of an event: only events of this language. For a text: the language of the text; events of that
        language, or of no known language, are found.
    min_score : float
        Only results with at least this score, from 0 to 1. Pinned results are exempt.
    spread : int
        Keep results at least this many days apart: a result that is closer in time to a higher one is left out.
    fill : {"context", "period"}, optional
        Fill a short list with weaker results, marked by their ``tier``: by score, events that share a topic other than
        a place (``same context``), and for ``period`` after them events of the 30 days before and after
        (``same period``), related or not.
    recency : float, str, mapping or RecencySettings, optional
        How closeness in time counts in this list, instead of the index's own ``[recency]``: a number multiplies the
        strengths (0 or ``"off"``: time does not count; 2: events fade twice as fast), a mapping replaces settings,
        such as ``{"scale_days": 30}``; see `Config.with_recency`. It applies to candidates, scores and reasons. The
        floor is still measured with the index's own recency: this option changes the order of related events, not
        which events are related.
    across_languages : bool
        Whether to find events of other languages too, by the topics that they share; by default only events of the
        event's own language, or of no known language, are found.
    names : str, optional
        The language in which shared topics are named, such as ``zh``. Topics without a name in it, and everything
        that explains a list, keep the canonical name.
    copies : bool
        Whether to list near-duplicates as results of their own instead of counting them behind a result
        (`Related.copies`).
    why : bool
        Whether `RelatedList.to_record` holds every word, topic and neighbour behind each result.

    Raises
    ------
    ConfigError
        If a value is of the wrong type or out of range, or ``since`` is after ``until``.

    Examples
    --------
    >>> options = ListOptions(since="2016-07", until="2016-07", topics=["Iraq"])
    >>> options.since, options.until
    (datetime.date(2016, 7, 1), datetime.date(2016, 7, 31))
    """

    k: int | None = field(
        default=None,
        metadata=_said("count", "The maximum number of results. Default: that of the index.", low=1),
    )
    direction: Direction = field(
        default="any",
        metadata=_said(
            "choice",
            "Earlier events (before), later ones (after), or both (any).",
            choices=get_args(Direction),
            filters=True,
        ),
    )
    since: date | str | None = field(
        default=None,
        metadata=_said(
            "day",
            "List only events on or after this day, month or year, such as 2016-07-11.",
            metavar="DATE",
            filters=True,
        ),
    )
    until: date | str | None = field(
        default=None,
        metadata=_said(
            "day", "List only events up to the end of this day, month or year.", metavar="DATE", filters=True
        ),
    )
    topics: Sequence[str] = field(
        default=(),
        metadata=_said("names", "List only events with all of these topics.", metavar="A,B", filters=True),
    )
    language: str | None = field(
        default=None,
        metadata=_said(
            "word",
            "List only events in this language.",
            of_text="The language of the text, such as en or fr: list only events in this language or without a known one.",
            metavar="CODE",
            filters=True,
        ),
    )
    min_score: float = field(
        default=0.0, metadata=_said("number", "List only results with at least this score.", low=0, high=1)
    )
    spread: int = field(
        default=0,
        metadata=_said("days", "The minimum number of days between any two results.", low=0, metavar="DAYS"),
    )
    fill: Fill | None = field(
        default=None,
        metadata=_said(
            "choice",
            "Fill short lists with events of the same context, or also of the same period, marked as fillers.",
            choices=get_args(Fill),
        ),
    )
    recency: RecencyLike | None = field(
        default=None,
        metadata=_said(
            "recency",
            "How closeness in time counts: off, a factor for the index's recency (2 fades twice as fast), or settings "
            "(scale_days=30).",
            metavar="HOW",
        ),
    )
    across_languages: bool = field(
        default=False,
        metadata=_said("switch", "Also list events in other languages, by shared topics."),
    )
    names: str | None = field(
        default=None,
        metadata=_said("word", "The language in which shared topics are named, such as zh.", metavar="CODE"),
    )
    copies: bool = field(
        default=False,
        metadata=_said(
            "switch", "List near-duplicates as results; otherwise they are only counted with one."
        ),
    )
    why: bool = field(
        default=False,
        metadata=_said("switch", "Show what each word, topic and date contributes to the score."),
    )

    def __post_init__(self) -> None:
        for option in list_options():
            value = getattr(self, option.name)
            if value is not None or option.default is not None:
                object.__setattr__(self, option.name, _checked(option, value))
        since, until = self.since, self.until
        if isinstance(since, date) and isinstance(until, date) and since.toordinal() > until.toordinal():
            raise ConfigError(f"since ({since}) is after until ({until})")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """The options of a call, from its keyword arguments.

        Parameters
        ----------
        given : mapping
            Option name to value.

        Returns
        -------
        ListOptions

        Raises
        ------
        ConfigError
            If there is no option of that name, with the nearest one; or if a value is not allowed.

        Examples
        --------
        >>> ListOptions.of({"k": 3}).k
        3
        >>> ListOptions.of({"direktion": "after"})
        Traceback (most recent call last):
            ...
        relatedness.errors.ConfigError: direktion: no such option; did you mean direction?
        """
        if not given:
            return cast("Self", _default())
        for name in given:
            if name not in _names():
                raise ConfigError(unknown_name(name, _names(), "option"))
        return cls(**given)

    @property
    def plain(self) -> bool:
        """Whether the stored list answers: the call changes only its length, minimum score, names and reasons.

        Returns
        -------
        bool

        Examples
        --------
        >>> ListOptions(k=3).plain, ListOptions(direction="after").plain
        (True, False)
        """
        return self is _default() or all(
            getattr(self, option.name) == option.default
            for option in list_options()
            if option.name not in ("k", "min_score", "names", "why")
        )

    def filters(self) -> dict[str, ListOptions]:
        """Each filter that is set, alone in options of its own.

        Returns
        -------
        dict of str to ListOptions
            Name of the filter to options that set nothing else.

        Examples
        --------
        >>> list(ListOptions(k=3, direction="after", language="en").filters())
        ['direction', 'language']
        """
        return {
            option.name: ListOptions(**{option.name: getattr(self, option.name)})
            for option in list_options()
            if option.filters and getattr(self, option.name) != option.default
        }


@cache
def _default() -> ListOptions:
    """The default options, made once: checking them would slow down look-ups of stored lists."""
    return ListOptions()


@cache
def _names() -> tuple[str, ...]:
    return tuple(item.name for item in dataclasses.fields(ListOptions))


@cache
def list_options() -> tuple[Option, ...]:
    """Every option of a list, in the order in which help texts show them.

    Examples
    --------
    >>> [option.name for option in list_options()][:3]
    ['k', 'direction', 'since']
    """
    return tuple(
        Option(item.name, default=item.default, **item.metadata) for item in dataclasses.fields(ListOptions)
    )


def list_option(name: str) -> Option:
    """One option of a list.

    Raises
    ------
    StopIteration
        If there is no such option: a fault of the caller, not of a user.

    Examples
    --------
    >>> list_option("direction").choices
    ('any', 'before', 'after')
    """
    return next(option for option in list_options() if option.name == name)


def _annotation(kind: object) -> object:
    """As the annotations of the method itself are, which a help shows; a TypedDict wraps its own."""
    return kind.__forward_arg__ if isinstance(kind, ForwardRef) else kind


def takes_list_options(method: Method) -> Method:
    """Show the options of a list in the signature and the docstring of a method that takes them as ``**options``.

    Returns
    -------
    callable
        The same method, with a ``__signature__``; the line ``**options`` of its docstring names them.

    Examples
    --------
    >>> @takes_list_options
    ... def related(id_, **options): ...
    >>> list(inspect.signature(related).parameters)[:3]
    ['id_', 'k', 'direction']
    """
    shown = inspect.signature(method)
    own = [item for item in shown.parameters.values() if item.kind is not inspect.Parameter.VAR_KEYWORD]
    taken = {item.name for item in own}
    more = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=option.default,
            annotation=_annotation(ListKeywords.__annotations__[option.name]),
        )
        for option in list_options()
        if option.name not in taken
    ]
    if method.__doc__:  # python -OO strips docstrings
        names = textwrap.fill(", ".join(_names()), 100, subsequent_indent=" " * 8)
        method.__doc__ = method.__doc__.replace("**options\n", f"{names}\n", 1)
    method.__signature__ = shown.replace(parameters=[*own, *more])  # type: ignore[attr-defined]
    return method


def read_day(value: date | str, name: str) -> date:
    """A day as people write it.

    Parameters
    ----------
    value : date or str
        As text: a day, a month or a year.
    name : str
        The name of the option. For ``until`` a month or a year means its last day, otherwise its first.

    Raises
    ------
    ConfigError
        If it is neither.

    Examples
    --------
    >>> read_day("2016-2", "until")
    datetime.date(2016, 2, 29)
    """
    value = plain(value)
    if isinstance(value, date):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if re.fullmatch(DAY_PATTERN, text):
        year, *rest = map(int, text.split("-"))
        try:
            month = rest[0] if rest else 12 if name == "until" else 1
            last = monthrange(year, month)[1] if name == "until" else 1
            return date(year, month, rest[1] if len(rest) > 1 else last)
        except ValueError:
            pass  # no such day or month: the error below reports it
    raise ConfigError(f"{name} is {value!r}: expected a date, such as 2016-07-11")


def _split_names(text: str) -> tuple[str, ...]:
    """Split a comma-separated list of names; a name that contains a comma is in double quotes."""
    names = tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True), [""]))
    if not all(names):
        raise ConfigError(f"{text!r} holds an empty name: remove a comma")
    return names


def _checked(option: Option, value: Any) -> Any:
    """Check the type and range of a value."""
    expected = {
        "count": "a whole number",
        "days": "a number of days",
        "number": "a number",
        "word": "text",
        "switch": "true or false",
        "names": "a list of names",
    }
    right: bool
    value = plain(value)
    match option.kind:
        case "day":
            return read_day(value, option.name)
        case "choice":
            if not isinstance(value, str) or value not in option.choices:
                raise ConfigError(f"{option.name} is {value!r}: expected {_either(option.choices)}")
            return value
        case "recency":
            return value  # resolved against the index's own recency later: see `Config.with_recency`
        case "names":
            right = not isinstance(value, str | bytes | Mapping) and hasattr(value, "__iter__")
            value = tuple(value) if right else value
            right = right and all(isinstance(name, str) for name in value)
        case "count" | "days":
            right = isinstance(value, int) and not isinstance(value, bool)
        case "number":
            right = isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
        case "word":
            right = isinstance(value, str)
        case "switch":
            right = isinstance(value, bool)
    if not right:
        raise ConfigError(f"{option.name} is {value!r}: expected {expected[option.kind]}")
    low, high = option.low, option.high
    if (low is not None and value < low) or (high is not None and value > high):
        upper = "up" if high is None else f"to {high:g}"
        what = expected[option.kind]
        raise ConfigError(f"{option.name} is {value!r}: expected {what} from {low:g} {upper}")
    return value


def _either(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " or " + words[-1]
