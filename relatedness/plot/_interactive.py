"""A story and a network to point at, made by Bokeh."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from relatedness.arguments import check_ids, check_path
from relatedness.errors import MissingExtraError
from relatedness.events import EventId
from relatedness.files import replacing
from relatedness.plot._axes import COLOURS, check_index, day, drawable, left_out, plain_day, short
from relatedness.plot._network import groups_of, load_networkx, met, placed

if TYPE_CHECKING:
    from relatedness.related_index import RelatedIndex


@dataclass(frozen=True, slots=True)
class InteractivePicture:
    """A picture that reacts to the pointer. A notebook shows it; `save` writes it as a page.

    Attributes
    ----------
    title : str
    height : int
        In pixels.
    html : str
        A whole page, with the script that it needs.

    Examples
    --------
    >>> InteractivePicture("Mosul", 300, "<!doctype html><p>A dam")
    InteractivePicture(title='Mosul', height=300)
    """

    title: str
    height: int
    html: str = field(repr=False)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page: one file that needs no connection.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        pathlib.Path

        Examples
        --------
        >>> import tempfile
        >>> picture = InteractivePicture("Mosul", 300, "<!doctype html><p>A dam")
        >>> picture.save(Path(tempfile.mkdtemp()) / "mosul.html").name
        'mosul.html'
        """
        target = check_path(path, "path")
        with replacing(target) as new:
            new.write_text(self.html, encoding="utf-8")
        return target

    def _repr_html_(self) -> str:
        # An iframe isolates the picture's script from those of the notebook.
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" title="{html.escape(self.title)}" '
            f'style="width:100%;height:{self.height + 80}px;border:0"></iframe>'
        )


def interactive_story(index: RelatedIndex, id_: str, *, most: int = 40) -> InteractivePicture:
    """The story of an event as a timeline to point at: an event shows its links, a click opens its own page.

    Each row is an event, at its day; the size of its disc is its score with the story's own event, which is marked. A line
    is a link, as wide as its score. Drag to move, scroll to zoom. Events without a date, and those before the year 1, have no
    position on the axis: the title says how many were left out.

    Parameters
    ----------
    index : RelatedIndex
    id_ : str or int
        The story's own event.
    most : int
        The most events, as for `RelatedIndex.story`.

    Returns
    -------
    InteractivePicture

    Raises
    ------
    UnknownEventError
        If the index holds no such event.
    MissingExtraError
        If Bokeh is not installed.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> picture = interactive_story(index, "fall")  # `picture.save("story.html")` writes it
    >>> picture.html.count("captures the dam") > 0
    True
    """
    check_index(index)
    bokeh = _bokeh()
    story = index.story(id_, most=most)
    found = {event.id: index.events[event.id] for event in story}
    shown = [event for event in story if drawable(found[event.id])]
    row = {event.id: position for position, event in enumerate(shown)}
    links = [link for link in story.links if link.earlier in row and link.later in row]
    title = story.title + (f" (not shown: {missing})" if (missing := left_out(found.values())) else "")
    height = 120 + 30 * max(len(shown), 2)
    figure = bokeh.figure(
        title=title,
        height=height,
        min_width=760,
        sizing_mode="stretch_width",
        x_axis_type="datetime",
        y_range=(len(shown) - 0.4, -0.6),
        y_axis_location="right",
        tools="xpan,xwheel_zoom,reset",
        active_scroll="xwheel_zoom",
        toolbar_location="above",
    )
    nodes: dict[str, list[Any]] = {
        "index": [str(event.id) for event in shown],
        "when": [day(found[event.id]) for event in shown],
        "title": [event.title for event in shown],
        "contexts": [", ".join(event.contexts) for event in shown],
        "score": [event.score for event in shown],
        "url": [found[event.id].url or "" for event in shown],
        "size": [9 + 22 * min(event.score, 0.5) for event in shown],
        "colour": [COLOURS[5 if event.id == story.id else 0] for event in shown],
    }
    # Bokeh counts time in milliseconds since 1970.
    days = [(plain_day(found[event.id]) - date(1970, 1, 1)).days * 86_400_000.0 for event in shown]
    positions = {
        name: (day, position) for position, (name, day) in enumerate(zip(nodes["index"], days, strict=True))
    }
    strongest = max((link.score for link in links), default=1.0)
    lines: dict[str, list[Any]] = {
        "start": [str(link.earlier) for link in links],
        "end": [str(link.later) for link in links],
        "width": [0.4 + 2.6 * (link.score / strongest) ** 2 for link in links],
    }
    rows = [("", "@title"), ("date", "@when"), ("context", "@contexts"), ("score", "@score{0.000}")]
    graph = _add_graph(figure, bokeh, nodes, lines, positions, rows)
    opened = "const own = source.data, at = source.selected.indices[0];\n"
    opened += "if (at !== undefined && /^https?:/i.test(own.url[at])) { window.open(own.url[at], '_blank', 'noopener') }"
    source = graph.node_renderer.data_source
    source.selected.js_on_change("indices", bokeh.CustomJS(args={"source": source}, code=opened))
    figure.yaxis.ticker = list(range(len(shown)))
    figure.yaxis.major_label_overrides = {
        position: f"{when}  {short(event.title, 70)}"
        for position, (event, when) in enumerate(zip(shown, nodes["when"], strict=True))
    }
    figure.ygrid.grid_line_color = "#eeeeee"
    return _picture(figure, bokeh, title, height)


def interactive_network(
    index: RelatedIndex, ids: Iterable[str] | None = None, *, most: int = 60
) -> InteractivePicture:
    """The network of `context_network` to point at: a topic shows its events and what it occurs with; a click keeps them lit.

    Drag to move, scroll to zoom.

    Parameters
    ----------
    index : RelatedIndex
    ids : iterable of str or int, optional
        The events that count; all if not given.
    most : int
        The most topics to draw: the most frequent ones are kept.

    Returns
    -------
    InteractivePicture

    Raises
    ------
    UnknownEventError
        If the index does not hold one of the events.
    MissingExtraError
        If Bokeh or networkx is not installed.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> interactive_network(index).title
    'Topics that occur in the same events'
    """
    check_index(index)
    bokeh = _bokeh()
    nx = load_networkx()
    chosen = None if ids is None else check_ids(ids, "ids")
    graph, frequency = met(index, chosen, most, nx)
    within = None if chosen is None else {index.events[id_].id for id_ in chosen}
    title, height = "Topics that occur in the same events", 760
    figure = bokeh.figure(
        title=title,
        height=height,
        min_width=600,
        sizing_mode="stretch_width",
        tools="pan,wheel_zoom,reset",
        active_scroll="wheel_zoom",
        toolbar_location="above",
        x_range=(-0.08, 1.08),
        y_range=(-0.08, 1.08),
    )
    figure.axis.visible = False
    figure.grid.visible = False
    names = sorted(graph, key=lambda topic: (-frequency[topic], topic))
    colour = {
        topic: COLOURS[number % 6] for number, group in enumerate(groups_of(graph, nx)) for topic in group
    }
    largest = max((frequency[topic] for topic in names), default=1)
    share = {topic: frequency[topic] / largest for topic in names}
    stand = placed(graph, nx, [share[topic] for topic in graph]) if names else {}
    low, span = _box(stand.values())
    positions = {name: ((x - low[0]) / span[0], (y - low[1]) / span[1]) for name, (x, y) in stand.items()}
    nodes: dict[str, list[Any]] = {
        "index": names,
        "events": [frequency[topic] for topic in names],
        "beside": [_beside(graph, topic) for topic in names],
        "latest": [_latest(index, topic, within) for topic in names],
        "size": [10 + 34 * share[topic] ** 0.5 for topic in names],
        "colour": [colour[topic] for topic in names],
    }
    edges = sorted(graph.edges(data="weight"))
    heaviest = max((times for *_, times in edges), default=1)
    lines = {
        "start": [one for one, *_ in edges],
        "end": [other for _, other, _ in edges],
        "width": [0.6 + 5.4 * times / heaviest for *_, times in edges],
    }
    rows = [("", "@index"), ("events", "@events"), ("with", "@beside"), ("latest", "@latest")]
    _add_graph(figure, bokeh, nodes, lines, positions, rows)
    figure.text(
        x=[positions[topic][0] for topic in names],
        y=[positions[topic][1] for topic in names],
        text=names,
        text_align="center",
        text_baseline="top",
        y_offset=[2 + size / 2 for size in nodes["size"]],
        text_font_size=[f"{9 + 5 * share[topic]:.0f}px" for topic in names],
    )
    return _picture(figure, bokeh, title, height)


def _box(positions: Iterable[tuple[float, float]]) -> tuple[Any, Any]:
    """The corner and the size of the box that holds some positions."""
    every = np.array(list(positions) or [(0.0, 0.0)])
    return every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-9)


_NAMED = 6  # the topics that a topic is said to occur with


def _beside(graph: Any, topic: str) -> str:
    """The topics that a topic occurs with, the most frequent first."""
    weights = {other: graph.edges[topic, other]["weight"] for other in graph[topic]}
    first = sorted(weights, key=lambda other: (-weights[other], other))
    shown = ", ".join(f"{other} ({weights[other]:,})" for other in first[:_NAMED])
    return shown + (f" and {len(first) - _NAMED} more" if len(first) > _NAMED else "")


def _latest(index: RelatedIndex, topic: str, within: Set[EventId] | None) -> str:
    """The latest event that has a topic."""
    newest = next(id_ for id_ in reversed(index.with_topic(topic)) if within is None or id_ in within)
    return f"{day(index.events[newest])}  {short(index.events[newest].headline, 90)}"


def _bokeh() -> Any:
    """Import the parts of Bokeh that are needed."""
    try:
        from bokeh import embed, models, plotting, resources
    except ImportError:
        raise MissingExtraError(
            "an interactive picture needs Bokeh: pip install 'relatedness[interactive]'"
        ) from None
    return SimpleNamespace(
        **vars(models), figure=plotting.figure, file_html=embed.file_html, INLINE=resources.INLINE
    )


def _add_graph(
    figure: Any,
    bokeh: Any,
    nodes: Mapping[str, Sequence[Any]],
    lines: Mapping[str, Sequence[Any]],
    positions: Mapping[str, tuple[Any, Any]],
    rows: Sequence[tuple[str, str]],
) -> Any:
    """Draw nodes and the lines between them: pointing at a node lights its lines, a click keeps it and what it is joined to lit."""
    graph = bokeh.GraphRenderer(layout_provider=bokeh.StaticLayoutProvider(graph_layout=positions))
    graph.node_renderer.data_source.data = nodes
    graph.edge_renderer.data_source.data = lines
    own = {"size": "size", "fill_color": "colour", "line_color": "white"}
    graph.node_renderer.glyph = bokeh.Scatter(**own)
    graph.node_renderer.selection_glyph = bokeh.Scatter(**own)
    graph.node_renderer.nonselection_glyph = bokeh.Scatter(**own, fill_alpha=0.4)
    graph.node_renderer.hover_glyph = bokeh.Scatter(**own | {"line_color": "black"}, line_width=2)
    quiet = {"line_color": "#c9c9c9", "line_width": "width"}
    lit = {"line_color": COLOURS[2], "line_width": "width"}
    graph.edge_renderer.glyph = bokeh.MultiLine(**quiet, line_alpha=0.7)
    graph.edge_renderer.nonselection_glyph = bokeh.MultiLine(**quiet, line_alpha=0.25)
    graph.edge_renderer.selection_glyph = bokeh.MultiLine(**lit)
    graph.edge_renderer.hover_glyph = bokeh.MultiLine(**lit)
    graph.inspection_policy = bokeh.NodesAndLinkedEdges()
    graph.selection_policy = bokeh.NodesAndLinkedEdges()
    figure.renderers.append(graph)
    # Bokeh shows the values of a column as text, whatever they hold.
    shown = "".join(
        f'<div style="max-width:28em">{f"<b>{value}</b>" if not name else f"<i>{name}</i> {value}"}</div>'
        for name, value in rows
    )
    figure.add_tools(bokeh.HoverTool(renderers=[graph], tooltips=shown), bokeh.TapTool(renderers=[graph]))
    return graph


def _picture(figure: Any, bokeh: Any, title: str, height: int) -> InteractivePicture:
    figure.toolbar.logo = None
    figure.outline_line_color = None
    figure.axis.axis_line_color = "#bbbbbb"
    figure.axis.major_tick_line_color = None
    figure.axis.minor_tick_line_color = None
    return InteractivePicture(title, height, bokeh.file_html(figure, bokeh.INLINE, title))
