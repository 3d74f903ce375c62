"""What was learned from a corpus about names: topics, everyday words, whom a surname means; frozen, and plain JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from relatedness.topics._gazetteer import Topic
from relatedness.topics._references import References


@dataclass(frozen=True, slots=True)
class Name:
    """A topic learned from a corpus."""

    name: str  # the canonical name: its most frequent spelling in the corpus
    kind: str
    # Other spellings; ``!`` among them says that the name itself is never looked for in texts.
    aliases: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()

    @property
    def topic(self) -> Topic:
        """The topic without its aliases."""
        return Topic(self.name, self.kind, self.parents)


@dataclass(frozen=True)
class Lexicon:
    """What the tagger learned from a corpus; frozen, and plain JSON when stored.

    Examples
    --------
    >>> lexicon = Lexicon(names=(Name("Harbour strike", "story"),))
    >>> Lexicon.from_json(lexicon.to_json()) == lexicon
    True
    """

    # Topics that the gazetteer lacks, in the order in which they were learned: a position is a permanent id.
    names: tuple[Name, ...] = ()
    common: frozenset[str] = frozenset()  # words that the corpus writes in lower case inside sentences
    # By folded surname: first and last year, and the full name that the surname meant in them.
    surnames: Mapping[str, tuple[tuple[int, int, str], ...]] = field(default_factory=dict)
    # Names as written that nearly always occur in the same phrase, in many events: form fields, footers, and the
    # archive's names for its own items.
    template: frozenset[str] = frozenset()
    # Whether the corpus capitalises everyday words that are not names: labels of buttons, titles of sections.
    labels: bool = False
    references: References = field(default_factory=References)
    # Names of known small towns and clubs that the corpus never uses as such: Ajax, the technique.
    displaced: frozenset[str] = frozenset()
    # In a corpus of labels, the towns that are used as such.
    placed: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """The lexicon as plain JSON values."""
        return {
            "names": [[n.name, n.kind, list(n.aliases), list(n.parents)] for n in self.names],
            "common": sorted(self.common),
            "surnames": {key: [list(span) for span in spans] for key, spans in sorted(self.surnames.items())},
            **({"template": sorted(self.template)} if self.template else {}),
            **({"labels": True} if self.labels else {}),
            **self.references.to_json(),
            **({"displaced": sorted(self.displaced)} if self.displaced else {}),
            **({"placed": sorted(self.placed)} if self.placed else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Lexicon:
        """The lexicon that `to_json` wrote."""
        return cls(
            tuple(
                Name(name, kind, tuple(aliases), tuple(parents))
                for name, kind, aliases, parents in data["names"]
            ),
            frozenset(data["common"]),
            {key: tuple((a, b, name) for a, b, name in spans) for key, spans in data["surnames"].items()},
            frozenset(data.get("template", ())),
            bool(data.get("labels", False)),
            references=References.from_json(data),
            displaced=frozenset(data.get("displaced", ())),
            placed=frozenset(data.get("placed", ())),
        )

    @property
    def digest(self) -> str:
        """A hash of everything learned.

        Returns
        -------
        str
            16 hexadecimal digits.
        """
        return hashlib.blake2b(
            json.dumps(self.to_json(), ensure_ascii=False).encode(), digest_size=8
        ).hexdigest()
