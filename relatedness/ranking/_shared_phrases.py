"""The words and phrases that two texts share, as a reader would say them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from relatedness.events import primary_language
from relatedness.ranking._codes import find_codes
from relatedness.ranking._counts import Document
from relatedness.ranking._tokens import bare, term_of, tokens_of

_LONGEST = 4  # words of a phrase


@dataclass(frozen=True, slots=True)
class _Written:
    """A text as its content words: terms in order, None where a sentence or a phrase ends."""

    terms: tuple[str | None, ...]
    words: Mapping[str, str]


def shared_phrases(
    left: Document,
    right: Document,
    weights: Callable[[Sequence[str]], Mapping[str, float]],
    most: int = 3,
) -> tuple[str, ...]:
    """The phrases and words that two texts share and that weigh most.

    A phrase is a run of up to four content words that both texts write one after another; the rarer its words in the
    corpus, the more it weighs. A word that a chosen phrase holds is not named again.

    Parameters
    ----------
    left, right : Document
    weights : callable
        The weights of some terms in the corpus; terms that it leaves out say nothing.
    most : int
        How many phrases and words at most.

    Returns
    -------
    tuple of str
        As the second text writes them, in lower case where either text does so; empty where nothing is shared.

    Examples
    --------
    >>> left = Document("", "A hot air balloon crashes near the river.", "en", ())
    >>> right = Document("", "Tourists die as their hot air balloon catches fire.", "en", ())
    >>> shared_phrases(left, right, lambda terms: dict.fromkeys(terms, 1.0))
    ('hot air balloon',)
    """
    mine, theirs = _written(left), _written(right)
    both = {term for term in mine.terms if term is not None} & {t for t in theirs.terms if t is not None}
    codes = _codes(left).keys() & _codes(right).keys()
    weight = weights(sorted(both | codes))
    runs = _runs(mine.terms, both) & _runs(theirs.terms, both)
    runs |= {(code,) for code in codes}
    scored = sorted(
        ((sum(weight[term] ** 2 for term in run), run) for run in runs if all(t in weight for t in run)),
        key=lambda item: (-item[0], item[1]),
    )
    chosen: list[tuple[str, ...]] = []
    for _, run in scored:
        if len(chosen) == most:
            break
        if not any(set(run) & set(other) for other in chosen):
            chosen.append(run)
    lower = {term: word for term, word in mine.words.items() if word.islower()}
    words = {**_codes(right), **mine.words, **theirs.words, **lower}
    return tuple(" ".join(words.get(term, term) for term in run) for run in chosen)


def _runs(terms: Sequence[str | None], both: set[str]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for start in range(len(terms)):
        run: list[str] = []
        for term in terms[start : start + _LONGEST]:
            if term is None or term not in both:
                break
            run.append(term)
            found.add(tuple(run))
    return found


@lru_cache(maxsize=512)
def _written(document: Document) -> _Written:
    language = primary_language(document.language or "en")
    terms: list[str | None] = []
    words: dict[str, str] = {}
    for field in (document.title, document.text):
        for token in tokens_of(field):
            term = term_of(token, language) if token[0].isalnum() else None
            terms.append(term)
            if term is not None:
                word = bare(token)
                if term not in words or (word.islower() and not words[term].islower()):
                    words[term] = word
        terms.append(None)
    return _Written(tuple(terms), words)


@lru_cache(maxsize=512)
def _codes(document: Document) -> dict[str, str]:
    return {
        code: spelling for field in (document.title, document.text) for code, spelling in find_codes(field)
    }
