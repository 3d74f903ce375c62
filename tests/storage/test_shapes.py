"""What an index stores has the shape by which it is checked when it is read."""

from __future__ import annotations

from dataclasses import fields, replace

from relatedness.storage import SETTINGS
from relatedness.topics import Lexicon


def test_every_part_of_a_lexicon_may_be_read_again() -> None:
    lexicon = Lexicon.from_json({"names": [], "common": [], "surnames": {}})
    sets = {field.name for field in fields(Lexicon) if isinstance(getattr(lexicon, field.name), frozenset)}
    full = replace(lexicon, labels=True, **dict.fromkeys(sets, frozenset(["Ajax"])))
    known = {name.removesuffix("?") for name in SETTINGS["lexicon"]}
    assert sets
    assert full.to_json().keys() <= known
