"""The tables of WordPress: the terms of its posts stand in three tables beside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy as sa

_POSTS = frozenset(["ID", "post_title", "post_content", "post_status", "post_type"])
_TAXONOMIES = ("category", "post_tag", "language", "post_translations")  # the last two are Polylang's


def is_posts(name: str, columns: Collection[str]) -> bool:
    """Whether a table holds the posts of WordPress, by its name and columns."""
    return name.endswith("posts") and _POSTS.issubset(columns)


def terms_of_posts(connection: sa.Connection, posts: sa.Table) -> dict[Any, dict[str, Any]]:
    """What the terms of each post say, by its number: ``topics``, ``category``, ``language`` and ``group``.

    Empty where the tables of terms are missing: the posts are read without them.
    """
    from sqlalchemy import MetaData, Table, select
    from sqlalchemy.exc import NoSuchTableError

    prefix = posts.name.removesuffix("posts")
    try:
        links, taxonomy, terms = (
            Table(
                f"{prefix}{name}",
                MetaData(),
                schema=posts.schema,
                autoload_with=connection,
                resolve_fks=False,
            )
            for name in ("term_relationships", "term_taxonomy", "terms")
        )
    except NoSuchTableError:
        return {}
    query = (
        select(links.c.object_id, taxonomy.c.taxonomy, terms.c.name, terms.c.slug)
        .join_from(links, taxonomy, links.c.term_taxonomy_id == taxonomy.c.term_taxonomy_id)
        .join(terms, terms.c.term_id == taxonomy.c.term_id)
        .where(taxonomy.c.taxonomy.in_(_TAXONOMIES))
        .order_by(links.c.object_id, links.c.term_order, links.c.term_taxonomy_id)
    )
    found: dict[Any, dict[str, Any]] = {}
    for post, kind, name, slug in connection.execute(query):
        of_post = found.setdefault(post, {"topics": []})
        if kind == "language":
            of_post["language"] = slug
        elif kind == "post_translations":
            of_post["group"] = slug
        elif str(slug).lower() == "uncategorized":
            continue
        elif kind == "category" and "category" not in of_post:
            of_post["category"] = name
        else:
            of_post["topics"].append(name)
    return found


def with_terms(row: Mapping[str, Any], terms: Mapping[Any, Mapping[str, Any]]) -> dict[str, Any]:
    """The row of a post with what its terms say."""
    return {**row, "topics": [], "category": None, **terms.get(row.get("ID"), {})}
