"""The words and phrases that two texts share, as a reader would say them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache, lru_cache
from itertools import chain, pairwise
from typing import cast

from relatedness.caching import cached_property
from relatedness.events import primary_language
from relatedness.languages import ENGLISH, said_together
from relatedness.ranking._codes import find_codes
from relatedness.ranking._counts import Document
from relatedness.ranking._reason_words import (
    ALONE,
    BEGINS,
    CAPITAL,
    ENDS,
    INSIDE,
    LAST,
    NAMED,
    SMALL,
    kept_of,
    role_of,
    subject_terms,
)
from relatedness.ranking._settings import reason_settings
from relatedness.ranking._tokens import (
    bare,
    prefers,
    shown,
    term_of,
    terms_of,
    tokens_of,
    without_addresses,
    without_links,
)
from relatedness.topics import GenericSubjects, runs_of

_LONGEST = 4  # words of a phrase
_MOST_TOKENS = 1 << 17  # the most tokens cached per language
_PIECES = re.compile(r"[\W_]+")
# Where a phrase ends inside a sentence: "2010 hurricane season: Tropical Storm Paula", "functions, duties".
_PAUSE = re.compile(
    r"(?<![,:;)\]”\"»])[,:;)\]”\"»]+(?=\s|$)|(?:^|(?<=\s))[(\[“\"«]+|(?<=\s)[-–—]+(?=\s)|[，：；、（）「」《》]+|\n\s*\n"
)
# A quick pre-check: the characters that a pause may begin with.
_OF_PAUSES = re.compile(r"[,:;)\]”\"»(\[“«\-–—，：；、（）「」《》\n]")
# Words with hyphens and numbers with points and commas, which are counted in pieces. The boundary keeps it linear in long words.
_JOINED = re.compile(r"\b\w+(?:(?:-|(?<=\d)[.,](?=\d))\w+)+")
_TAIL = 60  # characters before a pause in which its last word is sought
_NAME = re.compile(r"[\w.]*")


class Wording:
    """The text of an event, prepared for comparison: its content words in order, its identifiers and the subjects that it names.

    Parameters
    ----------
    document : Document

    Attributes
    ----------
    language : str
        The primary code of its language; English where the document names none.

    Examples
    --------
    >>> wording = Wording(Document("Balloon crashes", "The balloons burn, see CVE-2014-0160.", "en", ()))
    >>> wording.terms
    ('balloon', 'crash', None, None, 'balloon', 'burn', None, None, 'cve', '2014', '0160', None, None)
    >>> wording.words["balloon"], dict(wording.codes)
    ('balloons', {'cve2014-0160': 'CVE-2014-0160'})
    """

    def __init__(self, document: Document) -> None:
        self._fields = document.title, document.text
        self.language = primary_language(document.language or ENGLISH)

    @cached_property
    def _tokens(self) -> tuple[list[tuple[str | None, str, bool]], ...]:
        """What the tokens of title and text are read as."""
        known = _read(self.language)
        fields = []
        for field in self._fields:
            text, tokens, here = without_addresses(field), [], 0
            for start, end in [*_pauses(text), (len(text), 0)] if text else ():
                tokens += tokens_of(text[here:start], self.language)
                tokens.append(".")
                here = end
            fields.append([known[token] for token in tokens])
        return tuple(fields)

    @cached_property
    def ends(self) -> Set[str | None]:
        """The terms before pauses inside sentences, found without tokenizing the whole text."""
        known = _read(self.language)
        found: set[str | None] = set()
        for field in self._fields:
            for start, _ in _pauses(field):
                tail = field[max(0, start - _TAIL) : start]
                tokens = tokens_of(tail, self.language)
                if tokens:
                    found.add(known[tokens[-1]][0])
        return found

    @cached_property
    def terms(self) -> tuple[str | None, ...]:
        """The terms of title and text in order; None for a function word and where a sentence or a field ends."""
        return tuple([term for field in self._tokens for term, _, _ in field])

    @cached_property
    def title(self) -> tuple[str | None, ...]:
        """Those of the title alone."""
        return tuple([term for term, _, _ in self._tokens[0]])

    @cached_property
    def in_title(self) -> Set[str | None]:
        """The terms and identifiers of the title."""
        return {*self.title, *dict(find_codes(without_links(self._fields[0])))}

    @cached_property
    def title_subjects(self) -> Mapping[str, str]:
        """The subjects that the title names."""
        return self._subjects_of(self._fields[0])

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The spelling of each term: the first in lower case, or else the first."""
        read = [token for field in self._tokens for token in field][::-1]
        # Of equal keys the last one wins, so put the first spelling in the text after later ones, and lower case last.
        words = {term: word for term, word, _ in read}
        words.update([(term, word) for term, word, small in read if small])
        words.pop(None, None)
        return cast("dict[str, str]", words)

    @cached_property
    def pairs(self) -> Set[tuple[str, str]]:
        """The pairs of adjacent terms."""
        return _pairs(self.terms)

    @cached_property
    def codes(self) -> Mapping[str, str]:
        """The identifiers of the text, each with its last spelling."""
        return {
            code: spelling for field in self._fields for code, spelling in find_codes(without_links(field))
        }

    @cached_property
    def subjects(self) -> Mapping[str, str]:
        """The subjects that the text names, in order, each in its first spelling."""
        return {**self.title_subjects, **self._subjects_of(self._fields[1]), **self.title_subjects}

    def _subjects_of(self, field: str) -> dict[str, str]:
        subjects: dict[str, str] = {}
        for named in GenericSubjects.load().find(field) if field and self.language == ENGLISH else ():
            if not _is_inside_name(field, named.start, named.end):
                subjects.setdefault(named.subject, field[named.start : named.end])
        return subjects

    @cached_property
    def _joined(self) -> Mapping[str, str]:
        """The numbers and the words with hyphens that the text writes as one, also in lower case, by their pieces."""
        written = [word for field in self._fields for word in _JOINED.findall(field)]
        return {_PIECES.sub(" ", word): word for found in written for word in (found.lower(), found)}

    def as_written(self, phrase: str) -> str:
        """A phrase as readers see it: the parts of a compound, of a word with a hyphen and of a number are written as in this text,
        and no piece of a number stands at its ends.

        Examples
        --------
        >>> Wording(Document("", "Restart payments-api.", "en", ())).as_written("payments api")
        'payments-api'
        >>> text = Wording(Document("", "1,000 jobs are lost in a magnitude 6.1 quake.", "en", ()))
        >>> text.as_written("1 000 jobs"), text.as_written("000 jobs"), text.as_written("magnitude 6")
        ('1,000 jobs', 'jobs', 'magnitude')
        """
        phrase = said_together(phrase)
        if " " not in phrase or not self._joined:
            return phrase
        within = f" {phrase} "
        for apart, word in self._joined.items():
            within = within.replace(f" {apart} ", f" {word} ")
        words = within.split()
        whole = [at for at, word in enumerate(words) if not word.isdecimal() or self._holds_number(word)]
        return " ".join(words[whole[0] : whole[-1] + 1] if whole else words)

    def _holds_number(self, number: str) -> bool:
        """Whether the text holds a number that is no piece of a longer one."""
        alone = re.compile(rf"(?<!\d)(?<!\d[.,]){number}(?![.,]?\d)")
        return any(alone.search(field) for field in self._fields)

    def written_at(self, places: Iterable[tuple[int, int]]) -> list[str]:
        """Adjacent words as they are written, given the number of the first among the words of `relatedness.topics.words_of`,
        and how many they are.
        """
        runs = list(chain.from_iterable(map(runs_of, self._fields)))
        return [
            runs[first].string[runs[first].start() : runs[first + count - 1].end()] for first, count in places
        ]


def _pairs(terms: Sequence[str | None]) -> Set[tuple[str, str]]:
    return {(first, second) for first, second in pairwise(terms) if first is not None is not second}


def _is_inside_name(text: str, start: int, end: int) -> bool:
    """Whether words are a piece of the name of a site, a file or a variable: TV in example.tv."""
    if text[start - 1 : start] not in "._" and text[end : end + 1] not in "._":
        return False
    before = _NAME.match(text[start - 1 :: -1] if start else "")
    after = _NAME.match(text, end)
    run = text[start - len(before[0] if before else "") : after.end() if after else end]
    return len(run) > end - start and bool(find_codes(run))


def _pauses(text: str) -> list[tuple[int, int]]:
    """The positions of the pauses in a text."""
    found, here = [], 0
    for sign in _OF_PAUSES.finditer(text):
        if sign.start() >= here and (pause := _PAUSE.match(text, sign.start())):
            here = pause.end()
            found.append(pause.span())
    return found


@lru_cache(maxsize=4096)
def _terms_of_subject(written: str) -> tuple[str, ...]:
    terms = (term_of(token, ENGLISH) for token in tokens_of(written))
    return tuple(term for term in terms if term is not None)


@lru_cache(maxsize=4096)
def _is_noun(written: str) -> bool:
    """Whether the words by which a text names a subject are a noun."""
    terms = _terms_of_subject(written)
    return len(terms) == 1 and role_of(written.lower(), terms[0], english=True) & ENDS != 0


@lru_cache(maxsize=4096)
def _as_phrase(left: str, right: str) -> str:
    """The words by which two texts name a subject, if readers would say them; in lower case where either text does so."""
    words = [bare(token) for token in tokens_of(right)]
    terms = [term_of(word, ENGLISH) for word in words]
    roles = [
        role_of(word, term, english=True) for word, term in zip(words, terms, strict=True) if term is not None
    ]
    if not _reads_well(roles):
        return ""
    return " ".join((left if left.islower() else right).split())


class _Read(dict[str, tuple[str | None, str, bool]]):
    """Tokens of one language -> term, bare word and whether that is in lower case, cached; no term for a function word or the
    end of a sentence.
    """

    def __init__(self, language: str) -> None:
        self._language = language

    def __missing__(self, token: str) -> tuple[str | None, str, bool]:
        if len(self) >= _MOST_TOKENS:
            self.clear()
        term, word = (term_of(token, self._language), shown(token)) if token[0].isalnum() else (None, "")
        self[token] = read = term, word, prefers(word)
        return read


_read = cache(_Read)


def shared_phrases(
    left: Wording,
    right: Wording,
    weights: Callable[[Sequence[str]], Mapping[str, float]],
    significant: Callable[[Sequence[tuple[str, str]]], Set[tuple[str, str]]] | None = None,
    *,
    least: float = 0.0,
    common: float = 0.0,
    beside: Set[str] | None = None,
    bare: bool = True,
) -> tuple[str, ...]:
    """The subjects, phrases and words that two texts share and that weigh most.

    A phrase is a run of up to four content words that both texts hold consecutively; the rarer its words in the corpus, the
    more it weighs. A subject (`relatedness.topics.GenericSubjects`) may be shared in different words; its weight is that of the
    more common of the two wordings, and a phrase that holds it weighs more still. A word that a chosen phrase or subject holds
    is not named again. In English a word stands alone only if it is a noun or a name, and a phrase holds no verb and ends with a
    noun (`relatedness.ranking._reason_words`); rare words of other kinds are named where no noun is shared.

    Parameters
    ----------
    weights : callable
        Returns the weights of terms in the corpus; terms without a weight are ignored.
    significant : callable, optional
        Returns those pairs of adjacent terms that form a phrase, see `log_likelihood`; by default all do.
    least : float
        The weight that a word needs to stand alone, unless it names a subject or nothing better is shared. At 0, only
        nouns and names stand alone.
    common : float
        The weight below which a word is too common to be named at all.
    beside : set of str, optional
        The terms in topic names that are shown as well, which are not repeated, neither alone nor at the ends of a phrase that
        is no name. General words are then omitted.
    bare : bool
        Whether single words are shown too that are neither subjects nor identifiers.

    Returns
    -------
    tuple of str
        In the spelling of the second text, in lower case if either text has it so; empty if nothing is shared except numbers,
        times, verbs and the words of forms and reports.

    Examples
    --------
    >>> left = Wording(Document("", "A hot air balloon crashes near the river.", "en", ()))
    >>> right = Wording(Document("", "Tourists die as their hot air balloon catches fire.", "en", ()))
    >>> shared_phrases(left, right, lambda terms: dict.fromkeys(terms, 1.0))
    ('hot air balloon',)
    """
    both = left.words.keys() & right.words.keys()
    hushed = beside or frozenset()
    codes = {code for code in left.codes.keys() & right.codes.keys() if not _says(hushed, right.codes[code])}
    named = unsaid(shared_subjects(left, right, weights), hushed)
    if not (both or codes or named):
        return ()
    single = both | codes if codes else both
    weight = weights(list(single))
    english = right.language == ENGLISH
    enough, of_subjects = least * least, subject_terms() if english else frozenset[str]()
    written, roles = {}, {}
    for term in single:
        value = weight.get(term, 0.0)
        kept = kept_of(value * value, enough, common * common)
        written[term], roles[term] = _written(term, left, right, kept, english=english)
    inside = _inside(codes, left, right) if codes else frozenset[str]()
    rules = reason_settings().phrases
    # How many of the titles hold each.
    titles = {term: (term in left.in_title) + (term in right.in_title) for term in weight.keys() & single}
    # Three classes: informative runs; frequent nouns; and rare words of other kinds, with words that are too general unless
    # nothing else is shown.
    found: tuple[list[tuple[float, tuple[str, ...], str]], ...] = ([], [], [])
    for term in single:
        if term not in weight or term in hushed or term in inside or not roles[term] & (NAMED | LAST):
            continue
        told, share = weight[term] * weight[term], rules.word
        named_alone = term in of_subjects
        if not bare and not (roles[term] & ALONE and (named_alone or term in codes)):
            continue
        if roles[term] & ALONE:
            level = 0 if named_alone or told >= enough else 1
            share = rules.subject if named_alone else 1.0 if term in codes and level == 0 else rules.word
        elif beside is None or (roles[term] & LAST and roles[term] & BEGINS):
            level = 2
        else:
            continue
        found[level].append((share * told * rules.title ** titles.get(term, 0), (term,), written[term]))
    neighbours = left.pairs & right.pairs
    if neighbours:
        in_titles = _pairs(left.title) & _pairs(right.title)  # no chance
        if significant is not None:
            neighbours = neighbours & significant(list(neighbours))
        runs = {
            *_phrases(left.terms, neighbours) & _phrases(right.terms, neighbours),
            *_phrases(left.title, in_titles) & _phrases(right.title, in_titles),
        }
        for run in runs:
            heard = [term for term in run if term not in hushed]
            if (
                all(term in weight for term in run)
                and _reads_well([roles[term] for term in run])
                and not all(term in inside for term in run)
                and not (run[0] in hushed and not roles[run[1]] & CAPITAL)
                and not (run[-1] in hushed and not roles[run[-2]] & CAPITAL)
                and any(roles[term] & (NAMED | LAST if beside is None else ALONE | LAST) for term in heard)
            ):
                level = 0 if any(roles[term] & ALONE for term in heard) else 2
                told = _told(heard, weight, of_subjects, titles)
                found[level].append((told, run, " ".join([written[term] for term in run])))
    scored = with_subjects(found[0], named)
    if bare:
        scored = scored or found[1] or found[2]
    if not scored:
        return ()
    share = rules.further * max(scored)[0]
    chosen = chosen_of([(-told, name, terms) for told, terms, name in scored if told >= share])
    return tuple(map(right.as_written, chosen))


def shared_subjects(
    left: Wording, right: Wording, weights: Callable[[Sequence[str]], Mapping[str, float]]
) -> list[tuple[float, tuple[str, ...], str]]:
    """The subjects that two texts name in different words, or in the same words that are no noun.

    Parameters
    ----------
    weights : callable
        As for `shared_phrases`.

    Returns
    -------
    list of tuple
        The weight of each, the terms by which both name it, and its spelling for readers.

    Examples
    --------
    >>> left, right = (Wording(Document("", text, "en", ())) for text in ("A plane crashes.", "The air crash kills ten."))
    >>> shared_subjects(left, right, lambda terms: dict.fromkeys(terms, 1.0))
    [(3.0, ('plane', 'crash', 'air', 'crash'), 'plane crash')]
    """
    if left.subjects.keys().isdisjoint(right.subjects):
        return []
    return [
        in_titles(told, (name in left.title_subjects) + (name in right.title_subjects))
        for name, mine in left.subjects.items()
        if (theirs := right.subjects.get(name)) is not None
        and (told := told_by_subject(name, mine, theirs, weights)) is not None
    ]


def in_titles(told: tuple[float, tuple[str, ...], str], titles: int) -> tuple[float, tuple[str, ...], str]:
    """The entry of a subject that so many of the two titles name."""
    return told[0] * reason_settings().phrases.title ** titles, *told[1:]


def unsaid(
    named: list[tuple[float, tuple[str, ...], str]], hushed: Set[str]
) -> list[tuple[float, tuple[str, ...], str]]:
    """The subjects that hold a term which is not shown already."""
    return [subject for subject in named if not hushed >= set(subject[1])] if hushed else named


def with_subjects(
    runs: Iterable[tuple[float, tuple[str, ...], str]], named: Sequence[tuple[float, tuple[str, ...], str]]
) -> list[tuple[float, tuple[str, ...], str]]:
    """Phrases and subjects together; a phrase that holds a subject and more weighs more than the subject."""
    share = reason_settings().phrases.subject - 1
    more = [(weight * share / (1 + share), set(terms)) for weight, terms, _ in named]
    return [
        *named,
        *(
            (
                told + min(share * told, max([0.0, *(extra for extra, inner in more if inner < set(terms))])),
                terms,
                phrase,
            )
            for told, terms, phrase in runs
        ),
    ]


def told_by_subject(
    name: str, mine: str, theirs: str, weights: Callable[[Sequence[str]], Mapping[str, float]]
) -> tuple[float, tuple[str, ...], str] | None:
    """The entry of `shared_subjects` for a subject that two texts name by some words; None if it adds nothing to the words."""
    ways, said = (_terms_of_subject(mine), _terms_of_subject(theirs)), name
    if set(ways[0]) == set(ways[1]):
        if _is_noun(theirs):
            return None  # the phrase itself says as much
        said = _as_phrase(mine, theirs) or name
    weight = weights([*ways[0], *ways[1]])
    # Deduplicate in order: the order of a set, and so a sum of floats over it, differs between processes.
    told = min(_told(dict.fromkeys(run), weight) for run in ways)
    return (reason_settings().phrases.subject * told, (*ways[0], *ways[1]), said) if told else None


def _says(hushed: Set[str], code: str) -> bool:
    """Whether the terms shown already hold an identifier or all its pieces."""
    return bool(hushed) and any(
        hushed >= set(terms_of(words, ENGLISH)) for words in (code, _PIECES.sub(" ", code))
    )


def _inside(codes: Set[str], left: Wording, right: Wording) -> Set[str]:
    """The terms within shared identifiers, and identifiers contained in longer ones: github.com/curl holds github.com."""
    spelled = {text.codes[code] for code in codes for text in (left, right)}
    pieces = {
        term
        for spelling in spelled
        for words in (spelling, _PIECES.sub(" ", spelling))
        for term in terms_of(words, ENGLISH)
    }
    # Pad ends and joints with spaces, so that PROJ-10 is not found in PROJ-1000.
    parted = {code: " " + _PIECES.sub(r" \g<0> ", code) + " " for code in codes}
    together = "\n".join(parted.values())
    return (pieces - codes) | {code for code, parts in parted.items() if together.count(parts) > 1}


def _reads_well(roles: Sequence[int]) -> bool:
    """Whether words make a phrase that readers would say: no verb among them, a noun at its end, no name begins inside it."""
    return (
        bool(roles)  # on_call leaves no term
        and all(role & INSIDE for role in roles)
        and bool(roles[0] & BEGINS and roles[-1] & ENDS)
        and not any(first & SMALL and second & CAPITAL for first, second in pairwise(roles))
    )


def chosen_of(spelled: list[tuple[float, str, tuple[str, ...]]]) -> tuple[str, ...]:
    """The most informative phrases, given the negative weight, spelling and terms of each; no term is shown twice.

    Of two that weigh the same, the longer one comes first: "Malaysia Airlines" beside the topic Malaysia, not "Airlines".
    """
    spelled.sort(key=lambda each: (each[0], -len(each[2]), each[1:]))
    chosen: list[str] = []
    taken: set[str] = set()
    for _, phrase, terms in spelled:
        if taken.isdisjoint(terms):
            chosen.append(phrase)
            taken.update(terms)
            if len(chosen) == reason_settings().phrases.most:
                break
    return tuple(chosen)


def _told(
    run: Iterable[str],
    weight: Mapping[str, float],
    subjects: Set[str] = frozenset(),
    titles: Mapping[str, int] = {},
) -> float:
    """The weight of a phrase, in which a word that names a subject weighs as it does alone; a term without a weight adds 0."""
    told, rules = 0.0, reason_settings().phrases
    # `sum` is avoided because it rounds differently from Python 3.12 on.
    for term in run:
        value = weight.get(term, 0.0)
        alone = rules.subject * (value * value) if term in subjects else value * value
        told += alone * rules.title ** titles.get(term, 0)
    return told


def _written(term: str, left: Wording, right: Wording, kept: int, *, english: bool) -> tuple[str, int]:
    """A term in the spelling of the second text, but in lower case if either text has it so, and as a noun if only one text
    uses it as a noun; and the role of that spelling, of which only some flags are kept.
    """
    mine, theirs = left.words.get(term, ""), right.words.get(term, "")
    word, other = (mine, theirs) if prefers(mine) else (theirs or mine, mine)
    word = word or right.codes.get(term, term)
    role = role_of(word, term, english=english) & kept
    if other and not role & NAMED:
        as_other = role_of(other, term, english=english) & kept
        if as_other & NAMED:
            return other, as_other
    return word, role


def log_likelihood(together: int, first: int, second: int, events: int) -> float:
    """How significant it is that two terms follow each other so often, as Dunning's log-likelihood ratio.

    Parameters
    ----------
    together : int
        Events in which the second follows the first.
    first, second : int
        Events that hold each.
    events : int
        All of them.

    Returns
    -------
    float
        Above 10.83 the probability of chance is below 0.001; 0 if they are together no more often than by chance.

    References
    ----------
    T. Dunning: Accurate methods for the statistics of surprise and coincidence. Computational Linguistics 19 (1993),
    61-74.

    Examples
    --------
    >>> round(log_likelihood(10, 12, 20, 1000), 2), log_likelihood(1, 500, 20, 1000)
    (73.5, 0.0)
    """
    table = (together, first - together, second - together, events - first - second + together)
    if min(table) < 0 or together * events <= first * second:
        return 0.0
    rows, columns = (first, first, events - first, events - first), (second, events - second) * 2
    return 2 * sum(
        seen * math.log(seen * events / (row * column))
        for seen, row, column in zip(table, rows, columns, strict=True)
        if seen
    )


def _phrases(terms: Sequence[str | None], beside: Set[tuple[str, str]]) -> Set[tuple[str, ...]]:
    """The runs of two or more terms whose adjacent pairs are all in a set of pairs from the text."""
    if {first for first, _ in beside}.isdisjoint([second for _, second in beside]):
        return beside  # the common case: no two pairs join
    found: set[tuple[str, ...]] = set()
    for start in range(len(terms) - 1):
        here = start
        while here + 1 < min(start + _LONGEST, len(terms)) and terms[here : here + 2] in beside:
            here += 1
            found.add(cast("tuple[str, ...]", terms[start : here + 1]))
    return found
