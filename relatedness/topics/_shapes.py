"""What a run of capitalised words names: known names first, the rest read by its shape.

In each run the longest known name wins; what is left is read by its shape: titles fall away, a place before an
institution's noun belongs to the institution, "University of" takes the words that follow.
"""

from __future__ import annotations

import re

from relatedness.topics._bodies import body_mention, national_ministry, place_after
from relatedness.topics._half_names import block_end, division_at, goes_on_unknown
from relatedness.topics._known_names import KnownNames, Run
from relatedness.topics._labels import (
    INITIAL,
    after_job,
    is_adjective,
    is_apart,
    is_everyday,
    is_unending,
    says_something,
)
from relatedness.topics._language import (
    DATE,
    DETERMINER,
    DIGIT,
    DIRECTION,
    EVERYDAY,
    FRONT,
    GENERIC,
    GIVEN,
    HEAD,
    JOINING,
    LOWER,
    NUMBERED,
    OFFICE,
    OPENER,
    POSSESSIVE,
    RANK,
    REGNAL,
    SAINT,
    SHIP,
    SMALL,
    STORM,
    TITLE,
    VERB,
)
from relatedness.topics._mention import PHRASE, Known, Mention, mention_by_shape, mention_of
from relatedness.topics._spelling import without_possessive
from relatedness.topics._topic import PLACES

# Bodies that every state has, and what has them.
_BODIES = frozenset({"court", "legislature", "ministry", "party"})
_STATES = frozenset({"country", "state", "region"})
# What people make and sell; with media, what longer names begin with.
_MADE = frozenset({"software", "product", "company", "website", "standard"})
_LENT = _MADE | {"media"}
# What everyday words before it do not make another thing of.
_APART = frozenset({"software", "product", "standard", "topic"})
_TOWNS = frozenset({"city", "place"})
_BODY = re.compile(r"[A-Z]{2,6}$")
_MIDDLE = re.compile(r"[A-Z]\.$")


class Shapes:
    """Reads runs of capitalised words.

    Parameters
    ----------
    names : KnownNames
    """

    def __init__(self, names: KnownNames) -> None:
        self.names = names
        self.language = names.language

    def names_in(self, text: str, initial: bool) -> list[Mention]:
        """What a run names, in order; ``initial`` where it begins a sentence."""
        run = self.names.cut_up(text)
        words = run.words
        found: list[Mention] = []
        here, count = 0, len(words)
        office = False
        while here < count:
            word = words[here]
            bits = word.bits
            if bits & SMALL:
                # "President of Kyrgyzstan Almazbek Atambayev": the country ends there.
                if (
                    word.text == "of"
                    and here
                    and words[here - 1].bare == "secretary"
                    and words[here + 1].bare == "state"
                ):
                    # The Secretary of State of the U.S. leads no state.
                    here += 2
                    continue
                office = word.text in ("of", "the") and (
                    office or (here > 0 and words[here - 1].bits & OFFICE != 0)
                )
                here += 1
                continue
            start = run.starts[here]
            opening = initial and start == 0
            if bits & (SHIP | FRONT) and here + 1 < count and (named := self._fronted(run, here)):
                here, piece = named
                found.append(piece)
                office = False
                continue
            stop, known = self.names.longest_at(run, here) if word.longest else (0, ())
            if (
                bits & (SAINT | GIVEN)
                and here + 2 < count
                and stop <= here + 2
                and (named := self._saint(run, here))
            ):
                here, piece = named
                found.append(piece)
                office = False
                continue
            if (
                known
                and stop - here == 1
                and (
                    bits & DATE
                    or (bits & (GENERIC | DIRECTION) and known[0][1].weak)
                    or (opening and bits & OPENER)
                )
            ):
                stop, known = 0, ()
            if not stop:
                if bits & (DIGIT | LOWER):
                    here += 1
                    continue
                if bits & DIRECTION and here + 1 < count:
                    after, place = self.names.longest_at(run, here + 1)
                    if (
                        after
                        and place[0][0].kind in PLACES
                        and not opening
                        and not place[0][1].weak
                        and not is_adjective(run, here + 1, after, place)
                    ):
                        written = without_possessive(run.cut(here, after))
                        found.append(mention_by_shape(start, written, "region", (place[0][0].name,)))
                        here = after
                        continue
                    if after and not place[0][1].weak:
                        here += 1
                        continue
            block = count if here + 1 == count else block_end(words, here)
            if (
                stop
                and stop < block
                and stop - here == 1
                and not office
                and (self._is_given(run, here, known) or self._opens_a_longer_name(run, here, known))
            ):
                # "David Cameron", where David is a town as well.
                stop = 0
            if stop:
                if stop + 1 < count and (local := self._local_body(run, here, stop, known)):
                    here, piece = local
                    found.append(piece)
                    office = False
                    continue
                if stop < block:
                    joined = None if office else self._institution(run, here, stop, block, known)
                    if joined is not None:
                        here = joined[0]
                        found.append(joined[1])
                        office = False
                        continue
                found.append(mention_of(start, without_possessive(run.cut(here, stop)), known))
                titled = office
                here, office = stop, False
                if here < count and words[here - 1].bits & POSSESSIVE:
                    # "Russia's Defence Ministry"
                    end = self._joined(run, block_end(words, here))
                    body = body_mention(self.names, run, here, end, known)
                    if body is not None:
                        found.append(body)
                        here = end
                        continue
                if titled and here < block and not self.names.longest_at(run, here)[0]:
                    here = self._unknown(run, here, block, False, True, found)
                continue
            here = self._unknown(run, here, block, opening, False, found)
            office = False
        return found

    def _is_given(self, run: Run, here: int, known: Known) -> bool:
        """Whether a known word is a given name here, with a surname after it."""
        bits, kind = run.words[here].bits, known[0][0].kind
        if here and run.words[here - 1].text == "of":
            return False
        return (
            bits & (GIVEN | POSSESSIVE) == GIVEN
            and (kind in PLACES or kind == "religion")
            and not run.words[here + 1].bits & (TITLE | SMALL | HEAD | DIGIT)
            and not (kind == "country" and self.names.longest_at(run, here + 1)[0])
        )

    def _opens_a_longer_name(self, run: Run, here: int, known: Known) -> bool:
        """Whether a word that the corpus taught, or that needs company, begins an unknown name: Sergei Guriev, HP Labs."""
        word, after = run.words[here], run.words[here + 1]
        return (
            not word.bits & POSSESSIVE
            and (
                self.names.only_learned(word.key)
                or all(alias.weak for _, alias in known)
                or (known[0][0].kind == "person" and (word.bits | after.bits) & GIVEN != 0)
            )
            and not after.bits & (TITLE | RANK | SMALL | DATE | LOWER | DIGIT | EVERYDAY)
            and not self.names.longest_at(run, here + 1)[0]
        )

    def _fronted(self, run: Run, here: int) -> tuple[int, Mention] | None:
        """Read "USS Ronald Reagan", "Lake Malawi": a word that makes another name of the name after it."""
        words = run.words
        if words[here].bits & POSSESSIVE or words[here + 1].bits & (SMALL | LOWER | DIGIT | RANK | DATE):
            return None
        stop, known = self.names.longest_at(run, here)
        if stop > here + 1:
            return None
        after, known = self.names.longest_at(run, here + 1)
        ship = words[here].bits & SHIP
        if ship:
            stop = max(after, min(block_end(words, here), here + 4))
        elif after and known[0][0].kind in PLACES:
            stop = after
        else:
            return None
        kind = "ship" if ship else "disaster" if words[here].bits & STORM else "place"
        return stop, mention_by_shape(run.starts[here], without_possessive(run.cut(here, stop)), kind)

    def _saint(self, run: Run, here: int) -> tuple[int, Mention] | None:
        """Read "St Patrick's Athletic", "John of Avila": a name that a saint's or a place's name is only part of."""
        words = run.words
        if words[here].bits & SAINT:
            if not words[here + 1].bits & POSSESSIVE or words[here + 2].bits & (SMALL | RANK | DIGIT | LOWER):
                return None
            stop = here + 3
            while stop < len(words) and words[stop].bits & HEAD:
                stop += 1
            kind = self.language.heads.get(words[stop - 1].bare, "name")
            return stop, mention_by_shape(run.starts[here], without_possessive(run.cut(here, stop)), kind)
        if words[here].bits & (POSSESSIVE | TITLE | OFFICE) or words[here + 1].text != "of":
            return None
        if here and not words[here - 1].bits & (SMALL | TITLE):
            return None
        stop, place = self.names.longest_at(run, here + 2)
        if not stop or place[0][0].kind not in _TOWNS:
            return None
        return stop, mention_by_shape(run.starts[here], without_possessive(run.cut(here, stop)), "person")

    def _local_body(self, run: Run, here: int, stop: int, known: Known) -> tuple[int, Mention] | None:
        """Read "Supreme Court of Texas", "Central Bank of Iran": a body of another place than the known one's.

        A body whose name is ambiguous alone, or that only the corpus taught, always takes the place that follows "of".
        """
        words = run.words
        last = words[stop - 1].bits
        topic = known[0][0]
        if words[stop].text not in ("of", "for") or last & POSSESSIVE:
            return None
        learned = last & JOINING and (
            all(alias.weak for _, alias in known)
            or self.names.only_learned(" ".join(word.key for word in words[here:stop]))
        )
        if not (learned or topic.kind in _BODIES):
            return None
        after = stop + 2 if words[stop + 1].text == "the" else stop + 1
        if after >= len(words) or words[after].bits & (LOWER | RANK):
            return None
        end, place = self.names.longest_at(run, after)
        if end and place[0][0].kind == "person":
            # "the Conservative Party of David Cameron"
            return None
        whole = block_end(words, after)
        if end and (words[end - 1].bits & POSSESSIVE or whole <= end or words[end].bits & TITLE):
            whole = end
        parents: tuple[str, ...] = ()
        if end and place[0][0].kind in _STATES and not place[0][1].weak:
            if place[0][0].name in topic.parents:
                return None
            parents = (place[0][0].name,)
            if whole > end:
                # "of Iranian Kurdistan", "for the D.C. Circuit"
                end = whole
            elif not without_possessive(run.cut(after, end)).endswith(place[0][0].name):
                # "of the Australian state" holds an adjective.
                return None
        elif (
            learned
            or (end and topic.kind == "court" and place[0][0].kind in PLACES)
            or (last & JOINING and topic.kind == "party")
        ):
            end = max(whole, self._joined(run, stop))
        else:
            return None
        if end <= stop:
            return None
        written = without_possessive(run.cut(here, end))
        return end, mention_by_shape(run.starts[here], written, topic.kind, parents)

    def _institution(
        self, run: Run, here: int, stop: int, block: int, known: Known
    ) -> tuple[int, Mention] | None:
        """Read "Iraqi Army", "Houston Methodist Hospital": a known place and the institution that bears its name."""
        words, topic = run.words, known[0][0]
        last = words[stop - 1]
        if last.bits & POSSESSIVE:
            return None
        if topic.kind == "person" and block - stop == 1 and words[stop].bare in self.language.terms:
            # The Trump Administration is known by its head.
            return block, mention_of(run.starts[here], run.cut(here, stop), known)
        if last.bits & (NUMBERED | HEAD) == NUMBERED | HEAD and stop - here > 1 and words[stop].bits & DIGIT:
            # The company's flights are known as the company; one with a number is a flight.
            written = without_possessive(run.cut(here, stop + 1))
            return stop + 1, mention_by_shape(run.starts[here], written, self.language.heads[last.bare])
        numbered = words[block - 1].bits & DIGIT and words[block - 2].bits & NUMBERED and block - stop > 1
        while block > stop and words[block - 1].bits & DIGIT and not numbered:
            block -= 1
        if block == stop:
            return None
        first = words[stop].bits
        kind = self.language.heads.get(words[block - 2 if numbered else block - 1].bare)
        if kind is None and topic.kind in _LENT and goes_on_unknown(self.names, run, stop, block):
            return block, mention_by_shape(
                run.starts[here], without_possessive(run.cut(here, block)), topic.kind
            )
        if kind is None and (topic.kind not in ("state", "city", "region") or first & GIVEN):
            return None
        if (first & TITLE and (kind is None or first & RANK)) or first & DATE:
            return None
        inner, within = self.names.longest_at(run, stop)
        if (
            inner >= block
            and topic.kind in ("state", "region")
            and within[0][0].kind in _BODIES
            and within[0][0].parents
            and topic.name not in within[0][0].parents
            and not known[0][1].weak
        ):
            # The House of Representatives of Illinois is not that of the United States.
            written = without_possessive(run.cut(here, inner))
            return inner, mention_by_shape(run.starts[here], written, within[0][0].kind, (topic.name,))
        if inner and not (kind and (inner < block or within[0][1].weak)):
            return None
        if inner > stop + 1 and within[0][0].kind == "person":
            # the Peruvian Pedro Pablo Kuczynski Administration
            return None
        if any(word.bits & RANK for word in words[stop:block]):
            return None
        if not numbered:
            end = self._joined(run, block)
            if (
                end > block
                and block - stop == 1
                and is_adjective(run, here, stop, known)
                and division_at(self.names, run, stop, end)
            ):
                # The Colombian Department of Vichada is Vichada, and in Colombia.
                return None
            block = end
        written = without_possessive(run.cut(here, block))
        # Of "Lincoln Chafee" nobody knows whether it belongs to Lincoln.
        sure = (
            topic.kind in PLACES - {"sea"}
            and not known[0][1].weak
            and (kind is not None or block - here > 2)
            and not first & SMALL
        )
        if kind == "media" and topic.kind in _APART:
            # "Node.js News" names no medium.
            return None
        if kind == "company" and topic.kind == "city":
            # Thomson Airways is named after somebody.
            sure = False
        parents: tuple[str, ...] = (topic.name,) if sure else ()
        if words[block - 1].bare in self.language.features and topic.kind != "country":
            # The Saint John River is longer than the town is wide.
            parents = ()
        if kind == "region" and block - stop == 1 and words[stop].bare in self.language.divided:
            if topic.kind in ("state", "region"):
                return block, mention_of(run.starts[here], written, known)
            # Dhamar Governorate lies where the town of that name lies.
            parents = topic.parents if sure else ()
        if sure and (body := body_mention(self.names, run, stop, block, known, here)):
            return block, body
        return block, mention_by_shape(run.starts[here], written, kind or "name", parents)

    def _unknown(
        self, run: Run, here: int, block: int, opening: bool, titled: bool, found: list[Mention]
    ) -> int:
        """Read a block that begins with no known name; returns where reading goes on."""
        words = run.words
        if words[here].bare in self.language.asking and block - here > 1:
            # "What Is ORCID?"
            return here + 1
        first = words[here]
        if block - here > 1 and first.text[1:].islower():
            # "In short: The VMware driver", "If Petersburg"
            known_next = first.text == "The" and self.names.longest_at(run, here + 1)[0]
            if known_next or first.bare in self.language.unopening:
                return here + 1
        begin = here
        closing = block - here > 1 and words[block - 1].bits & HEAD != 0
        # Titles fall away, unless they are all there is, or begin the name of a body: Energy Future Holdings.
        while (
            begin < block
            and words[begin].bits & TITLE
            and not (closing and not words[begin].bits & RANK)
            and not (
                words[begin].bits & JOINING and begin + 1 == block and block < len(words) and not opening
            )
        ):
            begin += 1
        regnal = begin > here and block - begin in (1, 2) and words[begin - 1].bits & REGNAL
        if regnal and (block - begin == 1 or words[block - 1].text.isupper()) and words[begin].bits & GIVEN:
            # Pope Francis, Queen Elizabeth II: of these the title is half the name.
            written = without_possessive(run.cut(begin - 1, block))
            found.append(mention_by_shape(run.starts[begin - 1], written, "person"))
            return block
        if begin == here and (
            (
                words[here].bits & (DATE | DETERMINER)
                and not (closing and words[here].bits & OPENER and not opening)
            )
            or (opening and words[here].bits & (OPENER | VERB) and not (closing and words[here].bits & VERB))
            or (opening and words[here].bits & OPENER)
        ):
            return here + 1
        if begin >= block:
            return block
        if (
            opening
            and begin == here
            and block - begin > 2
            and not closing
            and words[begin].bits & (EVERYDAY | GIVEN) == EVERYDAY
            and words[begin + 1].bits & GIVEN
            and not words[begin + 2].bits & (SMALL | POSSESSIVE)
            and not self.names.longest_at(run, begin + 1)[0] > begin + 2
        ):
            # "Entertainer Michael Barrymore is arrested."
            begin, titled = begin + 1, True
        if begin > here:
            titled = True
            if self.names.longest_at(run, begin)[0] or words[begin].bits & DATE:
                return begin
        for inner in range(begin + 1, block - 1):
            before, after = words[inner].bits, words[inner + 1].bits
            if not words[begin].bits & GIVEN and (
                before & RANK
                or (before & TITLE and after & GIVEN)
                or (before & HEAD and after & GIVEN and inner + 2 < block)
            ):
                # Senate Leader Phil Berger, Personnel Major-General Gil Regev, Human Services Tommy Thompson
                begin, titled = inner + 1, True
                break
        else:
            begin, job = after_job(self.names, words, begin, block)
            titled = titled or job
        if (
            begin == here
            and block - begin > 1
            and (opening or words[begin].text in ("A", "An") or words[begin].bare in self.language.headings)
            and is_apart(self.names, words[begin], words[begin + 1], block - begin)
        ):
            begin += 1
            if self.names.longest_at(run, begin)[0]:
                return begin
        own = self.names.lexicon.template
        while own and begin + 1 < block and words[begin].text in own:
            # What the archive calls its own items belongs to no name: KEP Template.
            begin += 1
        lead = words[begin]
        if lead.bits & REGNAL and begin + 2 < len(words) and words[block - 1].bits & POSSESSIVE:
            # St. Mary's Hospital
            end = block_end(words, block) if block < len(words) else block
            if end > block and words[end - 1].bits & HEAD:
                written = without_possessive(run.cut(begin, end))
                head = self.language.heads[words[end - 1].bare]
                found.append(mention_by_shape(run.starts[begin], written, head))
                return end
        if (
            block - begin < 3
            and words[block - 1].bits & POSSESSIVE
            and block < len(words)
            and (words[block].bare in self.language.eponymous)
        ):
            # Amdahl's Law
            found.append(mention_by_shape(run.starts[begin], run.cut(begin, block + 1), "topic"))
            return block + 1
        stop = begin + 1
        while stop < block:
            word = words[stop]
            if (
                word.bits & RANK
                and not closing
                and not (
                    stop + 1 == block == len(words)
                    and (lead.bits & GIVEN or (stop - begin > 1 and word.bits & REGNAL))
                )
            ):
                # Trevor King ends a run.
                break
            if word.bits & DATE and not (stop == begin + 1 and lead.bits & GIVEN):
                break
            if words[stop - 1].bits & DIGIT and len(words[stop - 1].text) > 4:
                # A bug's number ends its name.
                break
            if word.longest and not closing:
                inner, known = self.names.longest_at(run, stop)
                if inner:
                    # "Yves Saint-Laurent": a town after a given name is a surname.
                    kind_of = known[0][0].kind
                    surname = (stop == begin + 1 and lead.bits & GIVEN and kind_of == "city") or (
                        # Michael B. Jordan
                        stop > begin + 1 and inner == stop + 1 and _MIDDLE.match(words[stop - 1].text)
                    )
                    letter = stop == begin + 1 and len(lead.text) == 1
                    if letter and not known[0][1].weak and kind_of in _MADE:
                        # "via C SQLite"
                        return stop
                    if (
                        stop == begin + 1
                        and not known[0][1].weak
                        and kind_of in _APART
                        and is_everyday(self.names, lead)
                    ):
                        # Stored XSS
                        return stop
                    if kind_of == "event" and stop == begin + 1 and _BODY.match(lead.text):
                        # The EHF Champions League is not UEFA's.
                        written = without_possessive(run.cut(begin, inner))
                        if written != known[0][0].name:
                            found.append(mention_by_shape(run.starts[begin], written, kind_of))
                        return inner if written != known[0][0].name else stop
                    if (inner - stop > 1 or kind_of == "country") and not known[0][1].weak and not surname:
                        break
            stop += 1
        while stop > begin + 1 and words[stop - 1].bits & DIGIT and not words[stop - 2].bits & NUMBERED:
            stop -= 1
        while own and stop > begin + 1 and words[stop - 1].text in own:
            stop -= 1
        while stop > begin + 1 and words[stop - 1].bare in self.language.editions:
            # "AMY Version 0.6" is a version of AMY.
            stop -= 1
        while stop > begin + 1 and is_unending(self.names, words[stop - 1]):
            stop -= 1
        last = words[stop - 1]
        kind = self.language.heads.get(last.bare) if stop - begin > 1 else None
        parents: tuple[str, ...] = ()
        if last.bits & JOINING:
            joined = self._joined(run, stop)
            if joined > stop:
                if stop == begin + 1 and (place := division_at(self.names, run, begin, joined)):
                    found.append(
                        mention_of(run.starts[begin], without_possessive(run.cut(begin, joined)), place)
                    )
                    return joined
                if national := national_ministry(self.names, run, begin, stop, joined):
                    found.append(national[1])
                    return national[0]
                parents = place_after(self.names, run, stop, joined)
                stop, kind = joined, self.language.heads.get(last.bare, "organisation")
        if stop - begin > 1:
            if lead.bits & STORM or (lead.bare == "tropical" and words[begin + 1].bare == "storm"):
                kind = "disaster"
            if kind is None:
                person = titled or lead.bits & GIVEN or INITIAL.match(lead.bare) is not None
                kind = "person" if person and stop - begin <= 5 else "name"
                if kind == "name" and all(is_everyday(self.names, word) for word in words[begin:stop]):
                    if last.bits & TITLE or last.bare in self.language.labels:
                        # What somebody is, or part of a form: Associate Director, Release Notes.
                        return stop
                    kind = PHRASE
        written = without_possessive(run.cut(begin, stop))
        if says_something(self.names, written, words[begin:stop]):
            initial = opening and begin == here and stop - begin == 1
            found.append(mention_by_shape(run.starts[begin], written, kind or "name", parents, initial))
        return stop

    def _joined(self, run: Run, stop: int) -> int:
        """Where a name ends whose head takes what follows: "University of Texas", "Battle of Mosul"."""
        words = run.words
        count = len(words)
        if words[stop - 1].bits & (JOINING | POSSESSIVE) != JOINING:
            return stop
        while stop + 1 < count and words[stop].text in ("of", "for", "on"):
            after = stop + 2 if words[stop + 1].text == "the" else stop + 1
            if after >= count or words[after].bits & (LOWER | RANK | DATE):
                break
            stop = self.names.longest_at(run, after)[0] or block_end(words, after)
            if words[stop - 1].bits & POSSESSIVE:
                break
        return stop
