"""A mixin that gives a Django model its related objects, each with the visible reason.

In settings.py: ``RELATEDNESS_INDEX = BASE_DIR / "news.index"``. The batch job is ``refresh(Article)``, from a
management command or a scheduled task; requests read what it wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from relatedness import RelatedIndex
from relatedness.errors import UnknownEventError


@dataclass(frozen=True)
class RelatedObject:
    """A related object and the reason; in a template ``{{ item.contexts|join:", " }}``."""

    object: Any
    contexts: tuple[str, ...]
    score: float


class RelatedMixin(models.Model):
    """Inherit from it, and define `event`."""

    class Meta:
        abstract = True

    def event(self) -> Mapping[str, Any]:
        """The fields of an event, at least ``date`` and ``title``; the id is the primary key."""
        raise NotImplementedError

    def related(self, k: int | None = None) -> list[RelatedObject]:
        """The related objects, best first: one look-up in the index and one query to the database."""
        try:
            items = archive().related(str(self.pk), k=k)
        except UnknownEventError:  # newer than the index: the next batch job will know it
            return []
        objects = {
            str(key): found
            for key, found in type(self)._default_manager.in_bulk([item.id for item in items]).items()
        }
        # Objects deleted since the index was built are left out.
        return [
            RelatedObject(objects[item.id], item.contexts, item.score) for item in items if item.id in objects
        ]


@cache
def archive() -> RelatedIndex:
    """The index, opened once per process; it notices when its file has been refreshed."""
    return RelatedIndex.open(settings.RELATEDNESS_INDEX, follow=True)


def refresh(model: type[RelatedMixin]) -> int:
    """Bring the index up to date with all objects of a model; returns the number of lists that changed."""
    path = Path(settings.RELATEDNESS_INDEX)
    events = ({**found.event(), "id": str(found.pk)} for found in model._default_manager.iterator(2000))
    if not path.exists():
        with RelatedIndex.build(events, path) as index:
            return len(index.events)
    with RelatedIndex.open(path) as index:
        return len(index.refresh(events, mirror=True, wait=600).lists)
