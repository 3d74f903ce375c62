"""Which words and runs name the same under a larger lexicon: nearly all, and they need not be read again."""

from __future__ import annotations

from collections.abc import Iterable

from relatedness.topics._known_names import SPLITS, KnownNames, Word
from relatedness.topics._spelling import fold, without_possessive

# The words for bodies that `relatedness.topics._bodies` names.
_BODIES = frozenset({"ministry", "court", "tribunal"})


class Unmoved:
    """What a larger lexicon cannot change.

    A learned name is found only where all its words stand, or where that of a body stands. Of the everyday words that a corpus taught,
    a run knows which it asked for.

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
        # A word determines the lengths of the names that begin with it.
        begun: set[str] = set()
        for entry in new.names[len(old.names) :]:
            for name in (entry.name, *entry.aliases):
                folded = fold(name).split()
                begun.update(folded[:1])
                # Bodies are known by names that say more than the run: the Ministry of Defence (Iraq).
                for words in [{word} for word in _BODIES.intersection(folded)] or [{*folded}]:
                    first = next((word for word in folded if word in words), "")
                    self._added.setdefault(first, []).append(frozenset(words))
        self._everyday = old.common ^ new.common
        self._template = old.template ^ new.template
        # Displaced names lose their meanings, as those of templates do.
        self._template |= old.displaced ^ new.displaced
        self._silenced = {part for written in self._template for part in fold(written).split()}
        self.words: dict[str, Word] = {}
        """Words, as written, of which nothing has changed."""
        self._parts: dict[str, frozenset[str] | None] = {}
        for text, word in before.words.items():
            parts = self._parts[text] = self._parts_of(text, word)
            if parts is not None and self._added.keys().isdisjoint(parts) and begun.isdisjoint(parts):
                self.words[text] = word

    def _parts_of(self, text: str, word: Word | None = None) -> frozenset[str] | None:
        """The folded words that a word may be read as; None if a template has any of them."""
        if SPLITS.search(text) is not None:
            # It may be cut at its hyphens, and each piece has a possessive ending or none.
            pieces = text, *SPLITS.split(text)
            forms = {*pieces, *map(without_possessive, pieces)}
            parts = frozenset(part for form in forms for part in fold(form).split())
        elif word is not None:
            forms = {text}
            parts = frozenset((*word.key.split(), *word.whole.split()))
        else:
            return None
        return parts if self._template.isdisjoint(forms) and self._silenced.isdisjoint(parts) else None

    def __call__(self, run: str, asked: Iterable[str]) -> bool:
        """Whether a run of words certainly names the same as before.

        Parameters
        ----------
        asked : iterable of str
            The words of which it was asked whether they are everyday ones.
        """
        if not self._everyday.isdisjoint(asked):
            return False
        texts = run.split(" ")
        if self.words.keys() >= set(texts):
            return True
        parts: set[str] = set()
        for text in texts:
            if text not in self._parts:
                self._parts[text] = self._parts_of(text)
            known = self._parts[text]
            if known is None:
                return False
            parts |= known
        return not any(name <= parts for part in parts for name in self._added.get(part, ()))


def follows(later: KnownNames, before: KnownNames) -> bool:
    """Whether one has the same gazetteer as the other, and all names that the other had learned."""
    names = before.lexicon.names
    same = later.gazetteer is before.gazetteer or (later.gazetteer.digest == before.gazetteer.digest != "")
    same = same and later.lexicon.labels == before.lexicon.labels
    return same and later.lexicon.names[: len(names)] == names
