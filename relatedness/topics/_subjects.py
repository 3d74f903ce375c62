"""Generic subjects of a text, in any wording: an earthquake, a general election, a data breach."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple

from relatedness.shipped import shipped

SUBJECT = "subject"
_WORD = re.compile(r"[^\W_]+")
_VOWELS = "aeiou"


class SubjectMention(NamedTuple):
    """Where a text names a subject."""

    subject: str
    start: int
    end: int


class GenericSubjects:
    """The subjects of ``models/subjects.txt``, found by any of their names in any regular form.

    Parameters
    ----------
    ways : mapping of str to str
        Each way to write a subject, in lower case, to the subject. The last word may also occur in the plural; a way that
        begins with "to" is a verb. A way in capitals is found only in capitals.

    Examples
    --------
    >>> subjects = GenericSubjects({"quake": "earthquake", "to abduct": "kidnapping"})
    >>> [found.subject for found in subjects.find("Gunmen abducted two men after the quakes.")]
    ['kidnapping', 'earthquake']
    """

    def __init__(self, ways: Mapping[str, str]) -> None:
        self.digest = hashlib.blake2b(repr(sorted(ways.items())).encode(), digest_size=4).hexdigest()
        self.ways: dict[tuple[str, ...], str] = {}
        """The words of each way to write a subject, in lower case, to the subject."""
        self.capitals: set[tuple[str, ...]] = set()
        """The ways that are found only in capitals."""
        for way, subject in ways.items():
            forms = {tuple(words_of(way.lower()))} if way.isupper() else _forms(way)
            if way.isupper():
                self.capitals |= forms
            for words in forms:
                self.ways[words] = min(subject, self.ways.get(words, subject))
        self.words = frozenset(
            words[0] for words in self.ways if len(words) == 1 and words not in self.capitals
        )
        self._longest = max(map(len, self.ways), default=0)
        # The lengths of the ways that begin with a word, the longest first.
        self._lengths: dict[str, list[int]] = {}
        for length in range(self._longest, 0, -1):
            for first in {words[0] for words in self.ways if len(words) == length}:
                self._lengths.setdefault(first, []).append(length)

    @staticmethod
    @cache
    def load() -> GenericSubjects:
        """The shipped subjects; read once a process."""
        ways: dict[str, str] = {}
        for line in shipped("subjects.txt").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                name, _, others = (part.strip() for part in line.partition("|"))
                for way in (name, *(other.strip() for other in others.split(";"))):
                    if way:
                        ways.setdefault(way if way.isupper() else way.lower(), name)
        return GenericSubjects(ways)

    def find(self, text: str) -> list[SubjectMention]:
        """Each position at which a text names a subject, in order; the longest way to write one wins.

        Parameters
        ----------
        text : str
            In English.
        """
        return list(_find(self, text))

    def _find(self, text: str) -> Iterator[SubjectMention]:
        words = (
            _WORD.findall(text.lower())
            if text.isascii()
            else [word.lower() for word in _WORD.findall(text)]  # some letters come apart in lower case
        )
        known = self._lengths
        if known.keys().isdisjoint(words):
            return
        spans: list[tuple[int, int]] = []
        free = 0
        positions = [position for position, word in enumerate(words) if word in known]
        last = positions[-1] + self._longest
        for here in positions:
            if here < free:
                continue
            for length in known[words[here]]:
                stop = here + length
                way = tuple(words[here:stop])
                subject = self.ways.get(way) if stop <= len(words) else None
                if subject is None:
                    continue
                # The positions of the words are needed only now.
                spans = spans or [match.span() for match in islice(_WORD.finditer(text), last)]
                start, end = spans[here][0], spans[stop - 1][1]
                if way not in self.capitals or text[start:end].isupper():
                    yield SubjectMention(subject, start, end)
                    free = stop
                    break


def words_of(text: str) -> list[str]:
    """The runs of letters and digits of a text.

    Examples
    --------
    >>> words_of("Women's rights")
    ['Women', 's', 'rights']
    """
    return _WORD.findall(text)


def runs_of(text: str) -> Iterator[re.Match[str]]:
    """The same words where they stand.

    Examples
    --------
    >>> [run.span() for run in runs_of("Women's rights")]
    [(0, 5), (6, 7), (8, 14)]
    """
    return _WORD.finditer(text)


@lru_cache(maxsize=512)
def _find(subjects: GenericSubjects, text: str) -> tuple[SubjectMention, ...]:
    return tuple(subjects._find(text))


def _forms(way: str) -> set[tuple[str, ...]]:
    """The regular forms of a way to write a subject, as words in lower case."""
    words = words_of(way)
    if words[0] == "to" and len(words) > 1:
        verb, rest = words[1], tuple(words[2:])
        return {(form, *rest) for form in _verb_forms(verb)}
    *before, last = words
    return {(*before, last), (*before, _plural(last))}


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in _VOWELS:
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"


def _verb_forms(verb: str) -> tuple[str, str, str, str]:
    third = _plural(verb)
    if verb.endswith("e"):
        return verb, third, f"{verb}d", f"{verb[:-1]}ing"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb, third, f"{verb[:-1]}ied", f"{verb}ing"
    # The u of "qu" is no vowel: acquitted.
    sound = verb.replace("qu", "qw")
    single = len(re.findall(f"[{_VOWELS}]+", sound)) == 1
    closed = sound[-1] not in f"{_VOWELS}wxy" and sound[-2] in _VOWELS and sound[-3:-2] not in _VOWELS
    stem = verb + verb[-1] if (single or verb.endswith(("nap", "bel", "mit", "quit"))) and closed else verb
    return verb, third, f"{stem}ed", f"{stem}ing"
