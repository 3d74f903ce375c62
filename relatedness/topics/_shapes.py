"""What a run of capitalised words names: known names first, the rest read by its shape.

In each run the longest known name wins; what is left is read by its shape: titles fall away, a place before an
institution's noun belongs to the institution, "University of" takes the words that follow.
"""

from __future__ import annotations

import re

from relatedness.topics._bodies import body_mention, national_ministry, place_after
from relatedness.topics._half_names import block_end, division_at, opens_a_longer_name
from relatedness.topics._institutions import ends_no_name, institution, local_body, stands_apart
from relatedness.topics._known_names import KnownNames, Run
from relatedness.topics._labels import (
    INITIAL,
    MIDDLE_INITIAL,
    after_job,
    after_portfolio,
    after_role,
    ends_name,
    ends_office,
    is_abbreviation,
    is_adjective,
    is_apart,
    is_everyday,
    is_identifier,
    is_part_of_person,
    is_surname,
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
    MEMBERS,
    NUMBERED,
    OFFICE,
    OPENER,
    PARTICLE,
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
from relatedness.topics._longer_names import (
    annual,
    body_of_region,
    counted,
    fronted,
    is_battle,
    is_month_of_birth,
    is_storm,
    joined_end,
    of_members,
    paired,
    saint,
    takes_of,
    with_country,
)
from relatedness.topics._mention import PHRASE, Known, Mention, mention_by_shape, mention_of
from relatedness.topics._settings import tagger_settings
from relatedness.topics._spelling import without_possessive
from relatedness.topics._topic import PLACES

_BODY = re.compile(r"[A-Z]{2,6}$")
_PROFESSION = re.compile(r"(?:olog|ograph|onom|nautic|icolum)(?:ists?|ers?)$|[a-z]{3}icians?$")
# Kinds whose names may begin a longer name with "of".
_REACHING = PLACES | {"university"}

# Kinds that are not called by a person's title and given name, as a school and a bridge are.
_OF_NO_PERSON = frozenset({"agreement", "conflict", "court", "legislature"})


class Shapes:
    """Reads runs of capitalised words.

    Parameters
    ----------
    names : KnownNames
    titles : bool
        Whether they stand in headlines: capitals do not show there how far a name goes on.
    """

    def __init__(self, names: KnownNames, *, titles: bool = False) -> None:
        self.names = names
        self.sentences = not titles
        self.language = names.language

    def names_in(self, text: str, initial: bool) -> list[Mention]:
        """What a run names, in order; ``initial`` where it begins a sentence."""
        if " of the " in text and self.sentences and (award := annual(self.names, text)):
            # European Footballer of the Year
            rest = text[award.end :].lstrip()
            shift = len(text) - len(rest)
            return [
                *self.names_in(text[: award.start].rstrip(), initial),
                award,
                *(
                    piece._replace(start=piece.start + shift, end=piece.end + shift)
                    for piece in self.names_in(rest, False)
                ),
            ]
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
                    and 0 < here < count - 1
                    and words[here - 1].bare in ("secretary", "minister")
                    and words[here + 1].bare == "state"
                ):
                    # The Secretary of State of the U.S. leads no state, and nor does the Minister of State for Immigration.
                    here += 2
                    continue
                office = word.text in ("of", "the") and (
                    office or (here > 0 and words[here - 1].bits & OFFICE != 0)
                )
                here += 1
                continue
            start = run.starts[here]
            opening = initial and start == 0
            if (
                (bits & (SHIP | FRONT) or (self.sentences and word.bare in self.language.before_lands))
                and here + 1 < count
                and (named := fronted(self.names, run, here))
            ):
                here, piece = named
                found.append(piece)
                office = False
                continue
            if (
                bits & (MEMBERS | POSSESSIVE) == MEMBERS | POSSESSIVE
                and here + 1 < count
                and (named := of_members(self.names, run, here))
            ):
                here, piece = named
                found.append(piece)
                office = False
                continue
            stop, known = self.names.longest_at(run, here) if word.longest else (0, ())
            if (
                bits & (SAINT | GIVEN)
                and here + 2 < count
                and stop <= here + 2
                and (named := saint(self.names, run, here))
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
                    or (opening and bits & OPENER and not is_abbreviation(run, word.text))
                )
            ):
                stop, known = 0, ()
            if not stop:
                if bits & (DIGIT | LOWER):
                    here += 1
                    continue
                if bits & DIRECTION and here + 1 < count:
                    after, place = self.names.longest_at(run, here + 1)
                    if after and (regional := body_of_region(self.names, run, here, after, place)):
                        here, piece = regional
                        found.append(piece)
                        office = False
                        continue
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
            if self.sentences and block < stop < count and known[0][0].kind in _REACHING:
                # The Republic of Korea Navy, University of Rochester Medical Center
                block = block_end(words, stop - 1)
            joint = "&" in run.text
            if joint and bits & OPENER and stop <= here + 1:
                here += 1
                continue
            if joint and (pair := paired(self.names, run, here, stop, block)):
                here, piece = pair
                found.append(piece)
                office = False
                continue
            if (
                stop
                and stop < block
                and stop - here == 1
                and not office
                and (self._is_given(run, here, known) or opens_a_longer_name(self.names, run, here, known))
            ):
                # "David Cameron", where David is a town as well.
                stop = 0
            if stop == here + 1 < block and not office and (bearer := self._bearer(run, here, block, known)):
                found.append(mention_by_shape(start, without_possessive(run.cut(here, block)), bearer))
                here = block
                continue
            if stop:
                if self.sentences and stop < count and (one := counted(self.names, run, here, stop, known)):
                    here, piece = one
                    found.append(piece)
                    office = False
                    continue
                if stop + 1 < count and (
                    local := local_body(self.names, run, here, stop, known, sentences=self.sentences)
                ):
                    here, piece = local
                    found.append(piece)
                    office = False
                    continue
                if stop < block:
                    joined = (
                        None
                        if office
                        else institution(self.names, run, here, stop, block, known, sentences=self.sentences)
                    )
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
                    end = joined_end(self.names, run, block_end(words, here))
                    body = body_mention(self.names, run, here, end, known)
                    if body is not None:
                        found.append(body)
                        here = end
                        continue
                if titled and here < block and not self.names.longest_at(run, here)[0]:
                    here = self._unknown(run, here, block, False, True, found)
                continue
            here = self._unknown(run, here, block, opening, False, found, office=office)
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

    def _bearer(self, run: Run, here: int, block: int, known: Known) -> str:
        """What bears a first name that is also a town: Hannibal Gaddafi, Lennox Lewis; Salou Djibo, of two towns; "" if nothing does."""
        words, topic = run.words, known[0][0]
        first = words[here].bits
        if first & POSSESSIVE or not (topic.kind == "city" or (topic.kind == "person" and first & GIVEN)):
            return ""
        if any(word.bits & (TITLE | HEAD | DIGIT | SMALL) for word in words[here + 1 : block]):
            return ""
        stop, other = self.names.longest_at(run, here + 1)
        kind = other[0][0].kind if stop == here + 2 else ""
        given = words[here + 1].bits & GIVEN
        if kind == "city" and not words[here + 1].bits & (EVERYDAY | DATE):
            apart = other[0][0].parents == topic.parents or other[0][0].name in topic.parents
            if (apart or known[0][1].weak or topic.name in self.names.holding) and not first & GIVEN:
                # Schaerbeek is in Brussels, and a large town has a quarter or station of the name: Barcelona França.
                return ""
            return "person" if first & GIVEN or given else "name"
        named = kind == "person" or (not stop and given)
        return "person" if named and block == here + 2 and topic.kind == "city" else ""

    def _unknown(
        self,
        run: Run,
        here: int,
        block: int,
        opening: bool,
        titled: bool,
        found: list[Mention],
        *,
        office: bool = False,
    ) -> int:
        """Read a block that begins with no known name; returns where reading goes on."""
        words = run.words
        if words[here].bare in self.language.asking and block - here > 1:
            # "What Is ORCID?"
            return here + 1
        first = words[here]
        if block - here > 1 and first.text in self.language.normative:
            # NOT RECOMMENDED Note
            return here + 1
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
        if (
            regnal
            and (block - begin == 1 or words[block - 1].text.isupper())
            and (
                words[begin].bits & GIVEN
                or (not words[begin - 1].bits & SAINT and is_part_of_person(words[begin]))
            )
        ):
            # Pope Francis, Queen Elizabeth II, Prince Friso: of these the title is half the name.
            end = block
            if words[begin - 1].bare in self.language.peers and words[block - 1].bits & POSSESSIVE == 0:
                # Lord Taylor of Warwick
                end = joined_end(self.names, run, block, everyday=True)
            written = without_possessive(run.cut(begin - 1, end))
            found.append(mention_by_shape(run.starts[begin - 1], written, "person"))
            return end
        if begin == here and (
            (
                words[here].bits & (DATE | DETERMINER)
                and not is_month_of_birth(self.names, run, here, block)
                and not (closing and words[here].bits & OPENER and not opening)
            )
            or (
                opening
                and words[here].bits & (OPENER | VERB)
                and not (
                    closing and words[here].bits & VERB and words[here].bare not in self.language.imperatives
                )
                and not (words[here].bits & (OPENER | VERB) == VERB and is_battle(run, here))
                and not is_storm(words, here, block)
            )
            or (opening and words[here].bits & OPENER and not is_storm(words, here, block))
        ):
            return here + 1
        if begin >= block:
            return block
        if (
            opening
            and begin == here
            and block - begin > 2
            and not closing
            and (words[begin].bits & (EVERYDAY | GIVEN) == EVERYDAY or _PROFESSION.search(words[begin].bare))
            and words[begin + 1].bits & GIVEN
            and not words[begin + 2].bits & (SMALL | POSSESSIVE)
            and not self.names.longest_at(run, begin + 1)[0] > begin + 2
        ):
            # "Entertainer Michael Barrymore is arrested."
            begin, titled = begin + 1, True
        if (
            begin > here
            and words[begin].bits & NUMBERED
            and begin + 1 < block
            and words[begin + 1].bits & DIGIT
        ):
            # State Route 1
            begin = here
        if begin > here:
            titled = True
            if self.names.longest_at(run, begin)[0] or words[begin].bits & DATE:
                return begin
        if block - begin > 2 and not closing and (holder := after_portfolio(self.names, run, begin, block)):
            begin, titled = holder, True
            if self.names.longest_at(run, begin)[0]:
                return begin
        if block - begin > 2 and self.sentences and (role := after_role(self.names, run, begin, block)):
            begin, titled = role, True
            if self.names.longest_at(run, begin)[0] > begin + 1:
                return begin
        for inner in range(begin + 1, block - 1):
            before, after = words[inner].bits, words[inner + 1].bits
            if not words[begin].bits & GIVEN and (
                before & RANK
                or (before & TITLE and after & GIVEN)
                or (before & HEAD and after & GIVEN and inner + 2 < block)
                or ends_office(self.names, run, begin, inner, block)
            ):
                # Senate Leader Phil Berger, Personnel Major-General Gil Regev, Human Services Tommy Thompson
                begin, titled = inner + 1, True
                while begin + 2 < block and words[begin].bits & (TITLE | GIVEN) == TITLE:
                    # Army Chief General Raheel Sharif
                    begin += 1
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
            # The archive's word for its items is not part of a name: KEP Template.
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
        parents: tuple[str, ...] = ()
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
            if words[stop - 1].bits & DIGIT and ends_name(words, begin, stop):
                break
            if word.longest and not closing:
                inner, known = self.names.longest_at(run, stop)
                if inner:
                    kind_of = known[0][0].kind
                    surname = is_surname(self.names, run, begin, stop, inner=inner, block=block, known=known)
                    if stands_apart(self.names, run, begin, stop, inner=inner, block=block, known=known):
                        return stop
                    if inner == block and ends_no_name(words[begin], words[stop], known):
                        break
                    if kind_of == "event" and stop == begin + 1 and _BODY.match(lead.text):
                        # The EHF Champions League is not UEFA's.
                        written = without_possessive(run.cut(begin, inner))
                        if written != known[0][0].name:
                            found.append(mention_by_shape(run.starts[begin], written, kind_of))
                        return inner if written != known[0][0].name else stop
                    if (
                        (inner - stop > 1 or kind_of == "country")
                        and not known[0][1].weak
                        and not surname
                        and not words[stop - 1].bits & PARTICLE
                    ):
                        if kind_of == "country" and with_country(self.names, run, begin, stop, inner, known):
                            found.append(
                                mention_by_shape(
                                    run.starts[begin],
                                    without_possessive(run.cut(begin, inner)),
                                    "organisation",
                                    (known[0][0].name,),
                                )
                            )
                            return inner
                        break
                    if (
                        kind_of == "country"
                        and words[stop - 1].bits & PARTICLE
                        and run.cut(stop, inner) == known[0][0].name
                    ):
                        # the Stade de France
                        parents = (known[0][0].name,)
            stop += 1
        while stop > begin + 1 and words[stop - 1].bits & DIGIT and not words[stop - 2].bits & NUMBERED:
            stop -= 1
        while own and stop > begin + 1 and words[stop - 1].text in own:
            stop -= 1
        while stop > begin + 1 and words[stop - 1].bare in self.language.editions:
            # "AMY Version 0.6" is a version of AMY.
            stop -= 1
        for _ in range(2):
            # "Clients MUST NOT"; many of these words are the cells of a table.
            if stop > begin + 1 and words[stop - 1].text in self.language.normative:
                stop -= 1
        while stop > begin + 2 and words[stop - 1].text in self.language.honours:
            stop -= 1
        while stop > begin + 1 and is_unending(self.names, words[stop - 1]):
            stop -= 1
        last = words[stop - 1]
        kind = self.language.heads.get(last.bare) if stop - begin > 1 else None
        if titled and stop - begin == 2 and lead.bits & GIVEN and kind in _OF_NO_PERSON:
            # Governor Nathan Deal
            kind = None
        opened = opening and begin == here
        while stop - begin > 1 and words[stop - 1].text == "&":
            stop -= 1
        last = words[stop - 1]
        if last.bits & JOINING or (
            self.sentences and not (opened or titled or office) and takes_of(self.names, run, begin, stop)
        ):
            joined = joined_end(self.names, run, stop, everyday=last.bits & JOINING == 0)
            if joined > stop:
                if (
                    stop - begin > 1
                    and not last.bits & JOINING
                    and words[begin].bare in self.language.ordinals
                ):
                    # the Fifth Summit of the Americas
                    begin += 1
                if stop == begin + 1 and (place := division_at(self.names, run, begin, joined)):
                    found.append(
                        mention_of(run.starts[begin], without_possessive(run.cut(begin, joined)), place)
                    )
                    return joined
                if national := national_ministry(self.names, run, begin, stop, joined):
                    found.append(national[1])
                    return national[0]
                parents = place_after(self.names, run, stop, joined)
                if body := self._body_named(run, begin, stop, joined, parents):
                    found.append(body)
                    return joined
                stop, kind = joined, self.language.heads.get(last.bare, "organisation")
        if stop - begin > 1:
            if lead.bits & STORM or (lead.bare == "tropical" and words[begin + 1].bare == "storm"):
                kind = "disaster"
            if kind is None:
                person = titled or lead.bits & GIVEN or INITIAL.match(lead.bare) is not None
                kind = "person" if person and stop - begin <= tagger_settings().person.most_words else "name"
                if kind == "name" and all(is_everyday(self.names, word) for word in words[begin:stop]):
                    if last.bits & TITLE or last.bare in self.language.labels:
                        # A position, or part of a form: Associate Director, Release Notes.
                        return stop
                    kind = PHRASE
        written = without_possessive(run.cut(begin, stop))
        if stop - begin == 2 and stop == block < len(words) and MIDDLE_INITIAL.match(last.text):
            # "in Group D. Karul"
            written = written[:-1]
        if says_something(self.names, written, words[begin:stop]):
            initial = opening and begin == here and stop - begin == 1 and not is_identifier(written)
            found.append(mention_by_shape(run.starts[begin], written, kind or "name", parents, initial))
        return stop

    def _body_named(
        self, run: Run, begin: int, stop: int, joined: int, parents: tuple[str, ...]
    ) -> Mention | None:
        """The known body of a country by the name that lists have: the Senate of the United States."""
        written = without_possessive(run.cut(begin, joined))
        name = self.language.bodies.get(f"{run.cut(begin, stop)} of {parents[0]}") if parents else None
        known = self.names.known(name or written)
        return mention_of(run.starts[begin], written, known) if known else None
