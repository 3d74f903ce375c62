"""Attributes that are computed once, without a lock in any version of Python."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property as cached_property
else:

    class cached_property(functools.cached_property):  # noqa: N801 - in the place of that one
        """The cached_property of Python 3.12. Before, one lock guarded the attribute of all objects: threads waited for each
        other, and a process forked while one of them computed the attribute hung for ever.

        Examples
        --------
        >>> class Archive:
        ...     @cached_property
        ...     def size(self):
        ...         return 7
        >>> Archive().size
        7
        """

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self
            value = instance.__dict__[self.attrname] = self.func(instance)
            return value
