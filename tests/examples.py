"""How many examples a property test tries: a fixed few in `make test`, four times as many new ones in `make explore`."""

from __future__ import annotations

import os

from hypothesis import settings

EXPLORING = "RELATEDNESS_EXPLORE" in os.environ


def examples(most: int) -> settings:
    """Settings for a test that is worth as many examples as that when it explores."""
    return settings(max_examples=most if EXPLORING else -(-most // 4))
