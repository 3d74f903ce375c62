"""What an ambiguous, short or unknown name means in one event, by the other topics of the event and the names beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from relatedness.topics._gathered import Gathered
from relatedness.topics._gazetteer import Gazetteer, Topic
from relatedness.topics._gazetteer_file import Alias
from relatedness.topics._known_names import SMALL_KINDS
from relatedness.topics._language import UPPER, Language
from relatedness.topics._lexicon import Lexicon
from relatedness.topics._mention import PHRASE, Mention
from relatedness.topics._reader import Reader
from relatedness.topics._settings import is_acronym, tagger_settings
from relatedness.topics._spelling import fold
from relatedness.topics._topic import PLACES
from relatedness.topics._word_lists import any_word

# Kinds assigned by the shape of a name that may be a town.
_UNSURE = frozenset({"name", "region", "city", "place", PHRASE})
# Kinds that may be in another place than the gazetteer says, and kinds that tell which.
_LOCAL = frozenset({"city", "place", "region"})
_LARGER = frozenset({"country", "state", "region"})
# Kinds that a town has, of which Hamburg is a state.
_TOWNS = frozenset({"city", "state"})
# Countries whose towns are usually named with their state.
_BY_STATE = frozenset({("United States",), ("Canada",)})
# What stands before the name of a place alone: "the village of".
_SOMEWHERE = Language.load().somewhere
# What stands behind the second of several places in a list.
_LISTED = re.compile(
    r",? (?:and|or|&) |, (?:\w+ )?(?:[A-Z][\w-]* ){1,3}?(?:and|or) |, [A-Z][\w-]+(?: [A-Z][\w-]+)?(?:,| and )"
)
# Another town and its state, behind the first: "and Inverbrackie, South Australia".
_NEXT_TOWN = re.compile(r" and [A-Z][\w-]+(?: [A-Z][\w-]+)?, [A-Z]")
# The verb of a team that a state names: "in New York City, South Carolina defeats Florida".
_IS_SUBJECT = re.compile(rf" (?:{any_word('en', 'verbs_of_teams')})\b")
# What stands between a town and the land that it is in, and between a land and its town: "the Syrian town of Madaya".
_IN_LAND = re.compile(
    r" in (?:the )?(?:(?:north|south|east|west|central|upper|lower|far)[a-z]*(?:-[a-z]+)? )?"
)
_NAME_BEFORE = re.compile(rf"[{UPPER}][\w’'-]* $")
_TOWN_OF = re.compile(
    rf"(?: (?!(?:the|a|an|in|of|and|to|on) )[a-z-]+(?<!ed)(?<!held)){{0,2}} (?:{any_word('en', 'towns')}) of "
)


class Meanings:
    """The meanings of names.

    Parameters
    ----------
    gazetteer : Gazetteer
    lexicon : Lexicon
    reader : Reader
        Of the same gazetteer and lexicon.
    """

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon, reader: Reader) -> None:
        self.gazetteer = gazetteer
        self.lexicon = lexicon
        self._reader = reader
        self._above: dict[tuple[str, ...], frozenset[str]] = {}

    def ancestors(self, parents: tuple[str, ...]) -> frozenset[str]:
        """Topics with these names, their parents, and so on up to the top."""
        known = self._above.get(parents)
        if known is None:
            names: dict[str, None] = {}
            todo = list(parents)
            while todo:
                parent = todo.pop()
                if parent not in names:
                    names[parent] = None
                    higher = self.gazetteer.get(parent)
                    todo += higher.parents if higher else ()
            known = self._above[parents] = frozenset(names)
        return known

    def is_country(self, name: str) -> bool:
        """Whether the gazetteer has a country of that name."""
        known = self.gazetteer.get(name)
        return known is not None and known.kind == "country"

    def beside(
        self, piece: Mention, after: Mention, text: str, span: tuple[int, int]
    ) -> tuple[Topic, bool] | None:
        """Read two names with a comma between them, if the second says where the first is.

        Parameters
        ----------
        span : tuple of int
            Where in the text the first begins and the second ends.

        Returns
        -------
        Topic
        bool
            Whether the second name is part of it.
        """
        start, end = span
        if _IS_SUBJECT.match(text, end):
            return None
        pair = self._pair(piece, after) or self._elsewhere(piece, after, text, end)
        if (
            pair is not None
            and not piece.shape
            and text.startswith(", ", start - 2)
            and text.startswith(",", end)
            and (usual := piece.topic or _usual(piece)) not in (None, pair[0])
            and usual.kind in _LOCAL
        ):
            # "Oakland, San Francisco, Santa Fe, Seattle" is a list.
            return None
        return pair

    def first_place(self, written: str) -> Topic | None:
        """The place at the beginning of an unresolved name: California, of its wildfires of 2007."""
        known = self._reader.known(written.partition(" ")[0])
        return known[0][0] if known and known[0][0].kind in PLACES and not known[0][1].weak else None

    def plain_name(self, piece: Mention, text: str, start: int) -> Topic | None:
        """The spelling of a name without a known meaning here, which is still a name: the village of Kuda."""
        written = piece.written
        if written.isupper():
            said = len(written) > 1 and is_acronym(written)
        else:
            said = all(topic.kind in _LOCAL for topic, _ in piece.maybe) and (
                _SOMEWHERE.search(text, max(0, start - 10), start) is not None
            )
        return Topic(written, "name") if said and self._reader.says_something(written) else None

    def _elsewhere(self, piece: Mention, after: Mention, text: str, end: int) -> tuple[Topic, bool] | None:
        """Read "Perth, Scotland": a place of that name that the gazetteer lacks, as the country beside it shows."""
        own = piece.topic or _usual(piece)
        if own is None or own.kind not in _LOCAL or piece.written == after.written:
            return None
        lands = self.ancestors(own.parents)
        state = next((t for t, _ in after.maybe if t.kind == "state" and t.parents in _BY_STATE), None)
        if state is not None and own.kind == "city" and lands.intersection(state.parents):
            # College Park is in Georgia too.
            return Topic(f"{piece.written}, {after.written}", own.kind, (state.name,)), True
        larger = after.topic or _usual(after)
        if larger is None or larger.kind not in _LARGER:
            return None
        if not own.name.startswith(piece.written) and not larger.name.startswith(after.written):
            # "in English, Spanish and French"
            return None
        if own.name == larger.name or (larger.kind == "region" and not larger.parents):
            return None
        if lands & {p for p in larger.parents if self.is_country(p)}:
            return None
        if not (larger.kind == "state" and _NEXT_TOWN.match(text, end)) and (
            _LISTED.match(text, end) or not (text[end + 1 : end + 2].islower() or text[end : end + 1] != " ")
        ):
            # "in Paris, Germany and Spain" is a list.
            return None
        if piece.shape and larger.kind != "state":
            return Topic(piece.written, own.kind, (larger.name,)), False
        return Topic(f"{piece.written}, {after.written}", "place", (larger.name,)), False

    def located(
        self,
        found: Sequence[tuple[int, Mention]],
        position: int,
        text: str,
        span: tuple[int, int],
        said: set[str],
    ) -> Topic | None:
        """Read "Goderich in the Canadian province of Ontario", "the Syrian town of Madaya": the town of that name in the country that
        the words around it name; None unless it is another than the gazetteer's.

        Parameters
        ----------
        found : sequence of (int, Mention)
            What the text names, in order, each with the offset of its run.
        position : int
            Of the town among them.
        span : tuple of int
            Where in the text the town begins and ends.
        said : set of str
            One for each text, empty at first: the names of all that it names, filled when they are first needed.
        """
        piece = found[position][1]
        own = piece.topic or _usual(piece)
        if own is None or own.kind not in _TOWNS:
            return None
        (start, end), lands = span, self._lands(own)
        for where, pattern in ((position + 1, _IN_LAND), (position - 1, _TOWN_OF)):
            if not 0 <= where < len(found):
                continue
            base, other = found[where]
            larger = other.topic
            if larger is None or other.shape or larger.kind not in _LARGER or not larger.parents:
                continue
            between = (end, base + other.start) if where > position else (base + other.end, start)
            if where > position and _NAME_BEFORE.search(text, max(0, start - 20), start):
                # Mohammed Burhanuddin in the Indian city of Mumbai
                continue
            if pattern.fullmatch(text, *between) is None or not self._lands(larger).isdisjoint(lands):
                continue
            if not said:
                said.update(other.plain.name for _, other in found if other.plain is not None)
            if not said.isdisjoint(lands):
                return None
            land = larger.name.partition(" (")[0]
            for topic, _ in (*self._reader.known(f"{piece.written}, {land}"), *piece.maybe):
                if topic.kind in PLACES and larger.name in self.ancestors(topic.parents):
                    return topic
            return Topic(f"{piece.written}, {land}", "place", (larger.name,))
        return None

    def _lands(self, place: Topic) -> set[str]:
        """The countries that a place is, or is in."""
        return {name for name in self.ancestors((place.name, *place.parents)) if self.is_country(name)}

    def settle(self, piece: Mention, here: Gathered, *, inside: bool = False) -> Topic | None:
        """Resolve a short or ambiguous name in this event, which may stand behind "in"; None if it stays unresolved."""
        written = piece.written
        if " " not in written:
            # The surname or given name of a person whom the event names in full.
            somebody = here.somebody(written)
            if somebody is not None:
                return somebody
        topic = self._decide(piece, here, inside=inside) if piece.maybe else None
        if topic is None and (piece.shape or piece.maybe):
            for first, last, name in (
                self.lexicon.surnames.get(fold(written), ()) if self.lexicon.surnames else ()
            ):
                if first <= here.year <= last:
                    known = self._reader.known(name)
                    return known[0][0] if known else Topic(name, "person")
        if topic is None and piece.shape and not piece.initial:
            topic = piece.topic
        return topic

    def _pair(self, piece: Mention, after: Mention) -> tuple[Topic, bool] | None:
        """Read "Stockton, California" or "Samarra, Iraq": the place, and whether the second name is part of it."""
        larger = [after.topic] if after.topic else [topic for topic, _ in after.maybe]
        larger = [topic for topic in larger if topic.kind in PLACES]
        if not larger or (piece.topic is not None and piece.topic.kind == "country"):
            return None
        for topic, _ in self._reader.known(f"{piece.written}, {after.written}"):
            if topic.kind in PLACES:
                return topic, any(t.kind == "state" for t in larger)
        names = {topic.name for topic in larger}
        own = [piece.topic] if piece.topic else [topic for topic, _ in piece.maybe]
        for topic in own:
            if topic.kind in PLACES and names & self.ancestors(topic.parents):
                return topic, any(t.kind == "state" for t in larger)
        if piece.topic is None and not any(topic.kind == "state" for topic in larger):
            # "Perth, Scotland": of several places with the name, the one in the same country.
            lands = {parent for topic in larger for parent in topic.parents}
            for topic in own:
                if topic.kind in PLACES and lands & self.ancestors(topic.parents):
                    return topic, False
        if any(topic.kind in ("state", "country") for topic in own):
            # "Georgia, Florida" is a list.
            return None
        if piece.topic is None or (piece.shape and piece.topic.kind in _UNSURE):
            states = [topic for topic in larger if topic.kind == "state"]
            if (
                len(states) == 1
                and piece.topic is not None
                and piece.topic.kind == "place"
                and " " in piece.written
            ):
                # Barksdale Air Force Base, Louisiana, is no town.
                return Topic(piece.written, piece.topic.kind, (states[0].name,)), False
            if len(states) == 1 and states[0].parents[:1] in _BY_STATE:
                state = states[0].name.partition(" (")[0] if len(after.written) == 2 else after.written
                return Topic(f"{piece.written}, {state}", "city", (states[0].name,)), True
            if len(states) == 1:
                return Topic(piece.written, "city", (states[0].name,)), False
        return None

    def _decide(self, piece: Mention, here: Gathered, *, inside: bool) -> Topic | None:
        """Resolve an ambiguous name: the meaning that the other topics support, else the usual meaning, else none."""
        if len(piece.written) == 2 and all(alias.weak for _, alias in piece.maybe):
            # The code of a state counts only after a town: "Amherst, MA".
            return None
        points = tagger_settings().meaning
        present, higher = here.present(self.ancestors)
        best: list[tuple[int, Topic, Alias]] = []
        usual = any(not alias.weak and alias.first <= here.year <= alias.last for _, alias in piece.maybe)
        for topic, alias in piece.maybe:
            if not alias.first <= here.year <= alias.last:
                continue
            if topic.kind == "team" and alias.weak and (inside or not here.sport):
                # A club with the same name as its town.
                continue
            if alias.weak and usual and topic.kind == "city" and topic.name not in present:
                # Boston in Lincolnshire is unlikely, even if the event names the United Kingdom.
                continue
            kin = self.ancestors(topic.parents)
            near = any(parent in present or parent in higher for parent in topic.parents)
            score = points.named * (topic.name in present) + points.holds_another * (topic.name in higher)
            score += points.parent_named * near + points.usual * (not alias.weak)
            score += points.ancestor_named * (not kin.isdisjoint(present))
            if topic.kind == "team" and here.sport:
                # "Barcelona beat Chelsea 2-0"
                score += points.named
            if self.lexicon.labels and topic.kind in SMALL_KINDS and piece.written.isupper():
                # In a technical archive GCC is the compiler.
                score += points.named
            if not alias.weak or score >= points.company:
                best.append((score, topic, alias))
        if not best:
            return self._town_of_club(piece) if inside else None
        top = max(score for score, _, _ in best)
        first = [(topic, alias) for score, topic, alias in best if score == top]
        if len(first) == 1:
            return first[0][0]
        strong = [topic for topic, alias in first if not alias.weak]
        return strong[0] if len(strong) == 1 else None

    def _town_of_club(self, piece: Mention) -> Topic | None:
        """The town that a club is called after, in the country of the club: Valencia, behind "in"."""
        clubs = [topic.parents for topic, _ in piece.maybe if topic.kind == "team"]
        lands = set().union(*map(self.ancestors, clubs))
        towns = [
            topic
            for topic, _ in piece.maybe
            if topic.kind == "city" and lands & self.ancestors(topic.parents)
        ]
        return towns[0] if len(towns) == 1 else None


def _usual(piece: Mention) -> Topic | None:
    """The usual meaning of an ambiguous name."""
    return next((topic for topic, alias in piece.maybe if not alias.weak), None)
