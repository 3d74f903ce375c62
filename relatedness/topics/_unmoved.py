"""Which words and runs of words name the same under a lexicon that has grown: nearly all, and they need not be read again."""

from __future__ import annotations

from relatedness.topics._known_names import KnownNames, Word
from relatedness.topics._spelling import fold

# What bodies are called that `relatedness.topics._bodies` gives a name.
_BODIES = frozenset({"ministry", "court", "tribunal"})


class Unmoved:
    """What a larger lexicon cannot change.

    A learned name is found only where all its words stand, or where that of a body stands; whatever else a lexicon says is about single words.

    Parameters
    ----------
    before : KnownNames
        What was known, with the words that were read.
    later : KnownNames
        What is known now: the same gazetteer, and a lexicon that begins with all names of the earlier one.
    """

    def __init__(self, before: KnownNames, later: KnownNames) -> None:
        old, new = before.lexicon, later.lexicon
        # The words of the added names, by the first.
        self._added: dict[str, list[frozenset[str]]] = {}
        # A word tells how long the names are that begin with it.
        begun: set[str] = set()
        for entry in new.names[len(old.names) :]:
            for name in (entry.name, *entry.aliases):
                folded = fold(name).split()
                begun.update(folded[:1])
                # Bodies are known by names that say more than the run: the Ministry of Defence (Iraq).
                for words in [{word} for word in _BODIES.intersection(folded)] or [{*folded}]:
                    first = next((word for word in folded if word in words), "")
                    self._added.setdefault(first, []).append(frozenset(words))
        template, everyday = old.template ^ new.template, old.common ^ new.common
        silenced = {part for written in template for part in fold(written).split()}
        self.words: dict[str, Word] = {}
        """Words, as written, of which nothing has changed."""
        self._parts: dict[str, tuple[str, ...]] = {}
        for text, word in before.words.items():
            parts = tuple(word.key.split())
            if word.whole != word.key:
                parts += tuple(word.whole.split())
            if word.bare in everyday or text in template or not silenced.isdisjoint(parts):
                continue
            self._parts[text] = parts
            if self._added.keys().isdisjoint(parts) and begun.isdisjoint(parts):
                self.words[text] = word

    def __call__(self, run: str) -> bool:
        """Whether a run of words certainly names what it did; not certain of one with hyphens, which may be cut there."""
        if "-" in run or "–" in run or "/" in run:
            return False
        texts = run.split(" ")
        if self.words.keys() >= set(texts):
            return True
        parts: set[str] = set()
        for text in texts:
            if text not in self._parts:
                return False
            parts.update(self._parts[text])
        return not any(name <= parts for part in parts for name in self._added.get(part, ()))


def follows(later: KnownNames, before: KnownNames) -> bool:
    """Whether one knows the same gazetteer as the other, and all names that a corpus had taught by then."""
    names = before.lexicon.names
    same = later.gazetteer is before.gazetteer or (later.gazetteer.digest == before.gazetteer.digest != "")
    same = same and later.lexicon.labels == before.lexicon.labels
    return same and later.lexicon.names[: len(names)] == names
