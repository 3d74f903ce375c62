"""Topics that occur in the same events, as a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from relatedness.arguments import check_count, check_ids
from relatedness.errors import MissingExtraError
from relatedness.plot._axes import COLOURS, check_index, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from relatedness.related_index import RelatedIndex


def context_network(
    index: RelatedIndex,
    ids: Iterable[str] | None = None,
    *,
    most: int = 30,
    ax: Axes | None = None,
) -> Axes:
    """Topics that occur in the same events: a disc for each topic, a line between topics that co-occur more than once.

    Parameters
    ----------
    index : RelatedIndex
    ids : iterable of str or int, optional
        The events that count; all if not given.
    most : int
        The most topics to draw: the most frequent ones are kept.
    ax : matplotlib.axes.Axes, optional
        Draw here; in a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownEventError
        If the index does not hold one of the events.
    MissingExtraError
        If matplotlib or networkx is not installed.

    Examples
    --------
    >>> from relatedness import RelatedIndex
    >>> index = RelatedIndex.build([
    ...     {"id": "fall", "date": "2014-06-10", "text": "ISIL seizes Mosul in Iraq."},
    ...     {"id": "dam", "date": "2014-08-07", "text": "ISIL captures the dam of Mosul."},
    ... ])
    >>> ax = context_network(index)
    >>> sorted(text.get_text() for text in ax.texts)
    ['ISIL', 'Iraq', 'Mosul']
    """
    check_index(index)
    nx = load_networkx()
    graph, frequency = met(index, ids, most, nx)
    ax = new_axes(ax, 10.0, 7.0)
    ax.set_axis_off()
    if not graph:
        return ax
    largest = max(frequency[topic] for topic in graph)
    position = placed(graph, nx, [frequency[topic] / largest for topic in graph])
    heaviest = max(times for *_, times in graph.edges(data="weight"))
    for one, two, times in graph.edges(data="weight"):
        (x1, y1), (x2, y2) = position[one], position[two]
        width = 0.5 + 4.5 * times / heaviest
        ax.plot([x1, x2], [y1, y2], color="#c9c9c9", linewidth=width, zorder=1, solid_capstyle="round")
    for number, group in enumerate(groups_of(graph, nx)):
        for topic in sorted(group):
            share = frequency[topic] / largest
            ax.scatter(
                *position[topic], s=60 + 900 * share, color=COLOURS[number % 6], zorder=4, edgecolors="white"
            )
            ax.annotate(
                topic,
                position[topic],
                (0, -(5 + 16 * share**0.5)),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=8 + 4 * share,
                zorder=3,
                bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.7},
            )
    ax.margins(0.1, 0.12)
    return ax


def load_networkx() -> Any:
    """networkx, or the error that names the extra."""
    try:
        import networkx
    except ImportError:
        raise MissingExtraError("a network needs networkx: pip install 'relatedness[notebooks]'") from None
    return networkx


def met(index: RelatedIndex, ids: Iterable[str] | None, most: int, nx: Any) -> tuple[Any, Counter[str]]:
    """The most frequent topics of events, joined where they meet more than once, and the number of events of each topic."""
    ids = None if ids is None else check_ids(ids, "ids")
    check_count(most, "most")
    held = [
        sorted({topic.name for topic in index.topics(id_)}) for id_ in (index.events if ids is None else ids)
    ]
    frequency = Counter(topic for topics in held for topic in topics)
    chosen = sorted(frequency, key=lambda topic: (-frequency[topic], topic))[:most]
    drawn = set(chosen)
    pairs = Counter(
        pair for topics in held for pair in combinations([topic for topic in topics if topic in drawn], 2)
    )
    graph = nx.Graph()
    graph.add_nodes_from(chosen)
    graph.add_edges_from(
        (one, two, {"weight": times}) for (one, two), times in sorted(pairs.items()) if times > 1
    )
    graph.remove_nodes_from([topic for topic in chosen if not graph.degree(topic)])
    return graph, frequency


def groups_of(graph: Any, nx: Any) -> list[Any]:
    """The topics that occur together, the largest group first."""
    if not graph:
        return []
    found = nx.community.greedy_modularity_communities(graph, weight="weight")
    return sorted(found, key=lambda group: (-len(group), min(group)))


def placed(graph: Any, nx: Any, sizes: Sequence[float]) -> dict[str, tuple[float, float]]:
    """The position of each node: by a spring layout, then moved apart until labels can be read."""
    found = nx.spring_layout(graph, weight=None, k=2.6 / len(graph) ** 0.5, iterations=300, seed=7)
    names = list(graph)
    position = np.array([found[name] for name in names])
    position = (position - position.min(axis=0)) / np.maximum(np.ptp(position, axis=0), 1e-9)
    size = np.array(sizes)
    room = np.array([0.115, 0.085]) + 0.045 * np.add.outer(size, size)[..., None]
    for _ in range(200):
        gap = position[:, None] - position[None]
        short = room - np.abs(gap)
        close = np.all(short > 0, axis=2)
        np.fill_diagonal(close, False)
        if not close.any():
            break
        # Move both by half the overlap, along the axis where it is smaller.
        along = (short / room).argmin(axis=2)
        push = np.zeros_like(gap)
        for axis in (0, 1):
            sign = np.where(gap[..., axis] >= 0, 1.0, -1.0)
            push[..., axis] = np.where(close & (along == axis), sign * short[..., axis] * 0.25, 0.0)
        position += push.sum(axis=1)
    return {name: (float(x), float(y)) for name, (x, y) in zip(names, position, strict=True)}
