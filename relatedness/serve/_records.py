"""Requests and answers over HTTP, as the OpenAPI document describes them; the options of lists come from the library."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from relatedness.arguments import check_date
from relatedness.events import EventId
from relatedness.index import Option, list_options

MAX_TEXT = 50_000
MAX_NAME = 1000
MAX_RESULTS = 100
_MOST_TOPICS = 10

# What an event can hold: at least one visible character, no NUL.
TEXT = r"^[^\x00]*[^\s\x00][^\x00]*$"
_LANGUAGE = r"^[A-Za-z]{2,8}([_-][A-Za-z0-9]{1,8})*$"


class ServedReason(BaseModel):
    """One contribution to the score."""

    part: str
    name: str
    share: float


class ServedEvent(BaseModel):
    """An event of the index, as a list shows it."""

    id: EventId
    date: str | None = Field(description="The day, or the instant with its zone, in ISO 8601; null for none.")
    title: str = Field(description="The title, or the text if there is no title.")
    url: str | None = None


class ServedRelated(ServedEvent):
    """One related event and the visible reason."""

    score: float = Field(ge=0, le=1, description="The sum of the parts.")
    contexts: list[str] = Field(description="The shared topics, strongest first and countries last.")
    shared: list[str] | None = Field(
        None,
        description="The shared subjects, phrases and words with the highest weights, if the events share no topic, or "
        "only places and frequent ones.",
    )
    parts: dict[str, float]
    copies: int = Field(0, ge=0, description="The number of near-duplicates counted with it.")
    tier: str | None = Field(
        None,
        description="Why it is listed here, if not by its score: `pinned`, `same title`, `all words`, `same words`, or a "
        "filler.",
    )
    days: int | None = Field(
        None,
        description="With why=true: the number of days after the given event; negative if it is earlier.",
    )
    recency: float | None = Field(
        None, description="With why=true: the factor by which the distance in time lowers the score."
    )
    reasons: list[ServedReason] | None = Field(
        None,
        description="With why=true: the share of every word, topic and neighbour; the shares add up to the score.",
    )


class ServedWhyNot(BaseModel):
    """Why an event is not in a list, or that it is."""

    id: EventId | None = Field(None, description="The id of the event whose list it is; missing for a text.")
    other: EventId = Field(description="The id of the event in question.")
    rule: str = Field(description="The first rule that excludes the event, or `listed`.")
    sentence: str = Field(description="The explanation as a sentence.")
    score: float = Field(ge=0, description="The score of the pair.")
    rank: int | None = Field(
        None, description="The rank of the event in the list, counted from 1, if it is listed."
    )
    value: float | None = Field(None, description="The value that the rule compares.")
    needed: float | None = Field(None, description="The value that the rule requires.")
    by: str | None = Field(
        None, description="The result, filter or line of the overrides that excludes the event."
    )


class ServedList(BaseModel):
    """The related events of one event or text, best first."""

    id: EventId | None = Field(None, description="The id of the event; missing for a text.")
    related: list[ServedRelated]
    left_out: list[ServedWhyNot] | None = Field(
        None,
        description="For a text without related events: the best candidates, and the rules that exclude them.",
    )


class ServedTopicOf(BaseModel):
    """A topic of an event."""

    name: str
    kind: str
    how: str = Field(description="supplied, found, parent or inferred")
    aliases: list[str] = Field(description="The words by which the event names it.")


class ServedFullEvent(ServedEvent):
    """Everything that the index holds of an event."""

    model_config = ConfigDict(extra="allow")

    text: str | None = None
    language: str | None = None
    category: str | None = None
    context: list[ServedTopicOf] = Field(
        description="The topics that were found in the event or supplied by the archive."
    )


class ServedEvents(BaseModel):
    """The events that contain the given words, the latest first."""

    words: str
    events: list[ServedEvent]


class ServedStoryEvent(ServedEvent):
    """An event of a story, and what links it to what came before."""

    score: float = Field(
        ge=0, le=1, description="The score with the story's own event; 1 for that event itself."
    )
    contexts: list[str]
    after: str | None = Field(None, description="The earlier event to which it is linked most strongly.")


class ServedStory(BaseModel):
    """The connected run of events around one event, in the order of time."""

    id: EventId
    title: str = Field(description="The title of the story.")
    contexts: list[str] = Field(description="The topics behind most links, most frequent first.")
    events: list[ServedStoryEvent]
    complete: bool = Field(description="False if the story was cut at the requested number of events.")


class ServedTopic(BaseModel):
    """A topic and a page of its events, the latest first."""

    name: str
    total: int
    events: list[ServedEvent]


class Health(BaseModel):
    """The state of the service and of its index."""

    status: Literal["ok"]
    events: int
    built: str = Field(description="When the index was built.")
    refreshed: str | None = Field(None, description="When the index was last refreshed, if ever.")
    problem: str | None = Field(
        None, description="Why a newer index file could not be opened, if that happened."
    )


class Problem(BaseModel):
    """An error, in a sentence."""

    detail: str


# --- what is asked, made from the options of a list -----------------------------------------------------------------


def _read(option: Option) -> AfterValidator:
    def check(value: Any) -> Any:
        return value if value is None else option.read(value)

    return AfterValidator(check)


def _date(value: str | None) -> str | None:
    if value is not None:
        check_date(value, "date")
    return value


def _kind(option: Option) -> Any:
    """The type of an option in a URL or a body."""
    match option.kind:
        case "count":
            return int | None
        case "days":
            return int
        case "number":
            return Annotated[float, Field(allow_inf_nan=False)]
        case "switch":
            return bool
        case "names":
            return list[Annotated[str, Field(max_length=MAX_NAME)]]
        case "choice":
            choice: Any = Literal[option.choices]
            return choice if option.default is not None else choice | None
        case "day":
            return Annotated[str | None, _read(option), Field(json_schema_extra={"format": "date"})]
        case "recency":
            number = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
            return number | Annotated[str, Field(max_length=200, pattern=_RECENCY)] | None
        case "word":
            return Annotated[str, Field(max_length=35, pattern=_LANGUAGE)] | None


# Not every text that this lets pass is a recency; the others are refused when they are read.
_RECENCY = r"^(off|[0-9]+(\.[0-9]+)?|[a-z_]+=[0-9.]+(,[a-z_]+=[0-9.]+)*)$"


def _fields(*, of_text: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for option in list_options():
        limits: dict[str, Any] = {"ge": option.low, "le": option.high}
        if option.kind == "count":
            limits["le"] = MAX_RESULTS
        elif option.kind == "days":
            limits["le"] = 2**31
        elif option.kind == "names":
            limits = {"max_length": _MOST_TOPICS}
        elif option.kind != "number":
            limits = {}
        doc = (option.of_text if of_text else None) or option.doc
        default = list(option.default) if option.kind == "names" else option.default
        found[option.name] = _kind(option), Field(default, description=doc, **limits)
    return found


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    def options(self) -> dict[str, Any]:
        """The options of a list that were given, as `RelatedIndex` takes them."""
        return {
            option.name: getattr(self, option.name)
            for option in list_options()
            if option.name in self.model_fields_set
        }


class _Text(_Asked):
    text: str = Field(max_length=MAX_TEXT, pattern=TEXT)
    title: str = Field("", max_length=MAX_NAME, pattern=r"^[^\x00]*$")
    date: Annotated[str | None, AfterValidator(_date), Field(json_schema_extra={"format": "date"})] = Field(
        None,
        max_length=40,
        description="The date of the text; without one, closeness in time does not count.",
    )


class _Other(_Asked):
    other: str = Field(max_length=MAX_NAME, description="The id of the event in question.")


ListAsked: Any = create_model("ListAsked", __base__=_Asked, __doc__="The options of a list.", **_fields())
Question: Any = create_model(
    "Question", __base__=_Text, __doc__="A text, and the options of its list.", **_fields(of_text=True)
)
WhyNotAsked: Any = create_model(
    "WhyNotAsked", __base__=_Other, __doc__="The event in question, and the options of the list.", **_fields()
)
