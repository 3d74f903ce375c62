"""The articles of a news site."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from .related import RelatedMixin


class Article(RelatedMixin):
    """An article; ``article.related()`` gives its related articles."""

    headline = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    published = models.DateTimeField()

    def event(self) -> Mapping[str, Any]:
        """The event of an article."""
        return {"date": self.published, "title": self.headline, "text": self.body}
