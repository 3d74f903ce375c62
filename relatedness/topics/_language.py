"""The word lists and rules of one language, from its file in ``languages/``."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

# Flags of a word, from the word lists and from its form: one look-up answers every question about it.
(
    TITLE, DATE, OPENER, GENERIC, HEAD, GIVEN, RANK, REGNAL, DIRECTION, JOINING, OFFICE, STORM, NUMBERED,
    SMALL, PARTICLE, LOWER, DIGIT, POSSESSIVE, EVERYDAY, VERB, SHIP, FRONT,
    DETERMINER, LISTING, SAINT, ORDINARY, MEMBERS,
) = (1 << bit for bit in range(27))  # fmt: skip
_LISTS = {
    "titles": TITLE,
    "dates": DATE,
    "units": DATE,
    "openers": OPENER,
    "generic": GENERIC,
    "given": GIVEN,
    "ranks": RANK,
    "regnal": REGNAL,
    "directions": DIRECTION,
    "joining": JOINING,
    "offices": OFFICE,
    "storms": STORM,
    "numbered": NUMBERED,
    "ships": SHIP,
    "listing": LISTING,
    "fronts": FRONT,
    "determiners": DETERMINER,
    "saints": SAINT,
    "members": MEMBERS,
}
# The most words of a run and of its continuation, because reading a run takes quadratic time.
_LONGEST = 120
_LONGEST_TAIL = 12
# A name made only of such words says nothing, and a single word of the second kind is not a name.
HOLLOW = GENERIC | OPENER | TITLE | SMALL | DIGIT
NO_NAME = GENERIC | TITLE | HEAD | DATE | OPENER

UPPER = "".join(
    chr(code)
    for code in (*range(0x41, 0x590), *range(0x1E00, 0x2000))
    if chr(code).isupper() or chr(code).istitle()
)


class Language:
    """How a language writes names: its word lists as bits, its patterns compiled.

    Parameters
    ----------
    data : mapping
        What the file of the language says; ``languages/en.toml`` explains each field.

    Examples
    --------
    >>> english = Language.load("en")
    >>> bool(english.bits["president"] & TITLE), english.heads["university"]
    (True, 'university')
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.bits: dict[str, int] = {}
        """The flags of a word in lower case."""
        self.heads: dict[str, str] = {}
        """The kind of name that ends in a word: university, court, war."""
        for name, bit in _LISTS.items():
            for word in data[name].split():
                self.bits[word] = self.bits.get(word, 0) | bit
        for kind, words in data["heads"].items():
            for word in words.split():
                self.heads.setdefault(word, kind)
                self.bits[word] = self.bits.get(word, 0) | HEAD
        for words, bit in (
            (data["verbs"], EVERYDAY | VERB),
            (data["others"], EVERYDAY),
            (data["ordinary"], ORDINARY),
        ):
            for word in words.split():
                self.bits[word] = self.bits.get(word, 0) | bit
        self.bodies: dict[str, str] = dict(data["bodies"])
        """National names of bodies that every country has: the Bank of Japan is the Central Bank of Japan."""
        self.terms = frozenset(data["terms"].split())
        """What a head of state leads: the Trump Administration."""
        self.before_lands: dict[str, str] = {
            word: kind for kind, words in data["before_lands"].items() for word in words.split()
        }
        """Words that form another name with the country or town after them, with its kind: Sparta Prague, Radio France."""
        self.undertakings = frozenset(data["undertakings"].split())
        """Words whose names continue after a country: Operation Iraqi Freedom."""
        self.makers = frozenset(data["makers"])
        """Makers whose products are named by numbers: Boeing 767."""
        self.counted = frozenset(data["counted"])
        """Topics with numbered instances, unlike others of their kind: Super Bowl 50."""
        self.statutes = frozenset(data["statutes"].split())
        """Words before the year of a statute: the Terrorism Act 2000."""
        self.ordinals = frozenset(data["ordinals"].split())
        """Ordinals of meetings, which are not part of their names: First, Second."""
        self.never_of = frozenset(data["never_of"].split())
        """Everyday words that do not begin a name with "of": Anniversary of the Victory."""
        self.counties = frozenset(data["counties"].split())
        """Words that turn a generic word into a name: Lake County."""
        self.corporate = frozenset(data["corporate"].split())
        """Legal forms of companies: Limited."""
        self.associates = frozenset(data["associates"].split())
        """Words after "&" that leave the name of a company as it is: & Sons."""
        self.grounds = frozenset(data["grounds"].split())
        """Words that turn the name of a company into that of a sports ground: Citi Field."""
        self.younger = frozenset(data["younger"].split())
        """Suffixes that distinguish a child from a parent: Jr."""
        self.matters_of_office = frozenset(data["matters_of_office"].split())
        """Last words of a portfolio: the minister for Women Affairs."""
        self.peers = frozenset(data["peers"].split())
        """Titles whose holders are named after a place: Lord Taylor of Warwick."""
        self.persons = frozenset(data["persons"].split())
        """Roles directly before a person's name: Activist Hu Jia."""
        self.awarded = frozenset(data["awarded"].split())
        """Words that continue the name of an award after "for": Best Director."""
        self.matters = frozenset(data["matters"].split())
        """Fields of bodies, laws and offices, some of which also end names: Health, Administration."""
        self.portfolios = frozenset(data["portfolios"].split())
        """Last words of an office before its holder: Chief of Staff Andy Card."""
        self.normative = frozenset(data["normative"].split())
        """Capitalised keywords of standards, which are not part of names: Clients MUST NOT."""
        self.parts_of_software = tuple(f"-{part}" for part in data["parts_of_software"].split())
        """The ends of names of a program's code or makers: mattermost-server, rust-lang."""
        self.asking = frozenset(data["asking"].split())
        """Words that questions in title case begin with: What Is ORCID?"""
        self.short_states = frozenset(data["short_states"].split())
        """States in short: of R-Tenn."""
        self.editions = frozenset(data["editions"].split())
        """Words after a name that say which of its versions or parts is meant."""
        self.of_programs = frozenset(data["of_programs"].split())
        """Things named after the program or maker they belong to: the GitHub API."""
        self.of_companies = frozenset(data["of_companies"].split())
        """What companies do: announces, recalls."""
        self.of_anything = frozenset(data["of_anything"].split())
        """Verbs that follow names and other nouns alike: is, was."""
        self.mass = re.compile(rf"(?:{'|'.join(data['mass_endings'].split())})$")
        """Endings of nouns that need no article."""
        self.score = re.compile(data["score"])
        self.of_sport = frozenset(data["of_sport"].split())
        """Words beside a score that make it one of sport."""
        self.sections = frozenset(data["sections"].split())
        """Section headings, whose line break may have been lost."""
        self.headings = frozenset(data["headings"].split())
        """Headings of sections that begin no name."""
        self.unending = frozenset(data["unending"].split())
        """Words in which no name ends."""
        self.unopening = frozenset(data["unopening"].split())
        """Small words that begin no name, whatever their capitals."""
        self.land = frozenset(data["land"].split())
        """Last words of the names of land: refuge, reservation."""
        self.of_land = frozenset(data["of_land"].split())
        """Words that may precede those: Migratory Bird Refuge."""
        self.before_land = frozenset(data["before_land"].split())
        """Words that may begin those names: Lower Souris Refuge."""
        self.against = frozenset(data["against"].split())
        """Prefixes that begin the names of bodies: Anti-Defamation League."""
        self.imperatives = frozenset(data["imperatives"].split())
        """Verbs that begin titles of changes and list items, but no names: Allow."""
        self.posing = frozenset(data["posing"].split())
        """Words that formulas begin with: Let K be a field."""
        self.jobs = frozenset(data["jobs"].split())
        """Last words of roles made of capitalised everyday words: Team Lead."""
        self.labels = frozenset(data["labels"].split()) | self.jobs
        """Last words of capitalised everyday words that are not names: jobs, and labels such as Release Notes."""
        self.languages = frozenset(data["languages"].split())
        """Languages with the same name as the people of a country."""
        self.eponymous = frozenset(data["eponymous"].split())
        """Things named after their discoverer: Amdahl's Law."""
        self.things = frozenset(
            word + ending for word in data["things"].split() for ending in ("", "s", "'s", "’s")
        )
        """Nouns beside which unknown words in lower case are names: the libfoo library, the crate bar."""
        self.functions = frozenset(data["functions"].split())
        """Names before a number in brackets that is no section of a manual: sqrt(5)."""
        self.technical = frozenset(data["technical"].split())
        """Generic technical words, which in lower case are not names of software: struct, hostname."""
        self.detached = frozenset(data["before_hyphen"].split())
        """First halves of compounds that do not belong to the name after them: Pro-European."""
        self.contracted = re.compile(
            rf"(?:{'|'.join(data['pronouns'].split())})[’'](?:{'|'.join(data['contracted'].split())}|s)"
            rf"|\w+n[’']t|\w+[’'](?:ve|ll|re)",
            re.IGNORECASE,
        )
        """Contractions, which are no names: I've, let's, don't."""
        self.particles = frozenset(data["particles"].split())
        inside = data["inside_names"].split()
        self.inside = frozenset(inside)
        """Lower-case words that runs of capitalised words hold."""
        self.small = frozenset(inside) | frozenset(data["between_names"].split()) | {"|"}
        """Lower-case words that may stand between the words of a name."""
        self.adjectives_of_names = frozenset(data["after_hyphen"].split())
        """Second halves of compounds that begin with a name: Saudi-led."""
        prefixes = data["prefixes"].split()
        either = "|".join(
            f"[{p[0].upper()}{p[0]}]{p[1:]}" if len(p) > 1 else f"[{p}{p.upper()}]" for p in prefixes
        )
        short = data["abbreviated_titles"].split()
        own = "[’']s"
        # Of the Mexico–U.S. border.
        land = rf"[{UPPER}]\.[{UPPER}]\."
        word = (
            rf"(?:(?:[{UPPER}]\.)+(?:-?[{UPPER}]\w*)?(?:{own}\b|-\w+)?"
            rf"|(?:{'|'.join(short)})\."
            rf"|(?:(?:{either})[-’'])?[{UPPER}]\w*(?:\.(?:js|NET)\b)?(?:[-–’'&/](?:{land}|\w+))*(?:(?<=s)[’'](?= [{UPPER}]))?)"
        )
        # A run begins with a capital or a year; a leading character class lets the regex engine skip everything else quickly.
        self.run = re.compile(
            rf"[{UPPER}12](?<!\w.)(?:(?<=[12])[09]\d\d(?:[-–/]\d\d(?:\d\d)?)? {word}"
            rf"|(?<=[{UPPER}])(?:\.(?:[{UPPER}]\.)*(?:-?[{UPPER}]\w*)?(?:{own}\b|-\w+)?"
            rf"|(?:{'|'.join(dict.fromkeys(title[1:] for title in short))})\.(?= )"
            rf"|\w*(?:\.(?:js|NET)\b)?(?:[-–’'&/](?:{land}|\w+))*(?:(?<=s)[’'](?= [{UPPER}]))?))"
            rf"(?:(?: +(?:{'|'.join(inside)})){{0,3}} +{word}| \d[\w-]*"
            rf"| on(?:{'|'.join(f'(?<={word} on)' for word in data['on'].split())})(?: the)? {word}){{0,{_LONGEST}}}"
        )
        """A run of capitalised words, with the small words, years and numbers that names hold."""
        self.prefix = re.compile(rf"(?<!\w)(?:{'|'.join(prefixes)})[-’']$")
        """A lower-case prefix that belongs to the name after it: al-Qaeda."""
        self.tail = re.compile(
            rf" ([a-z][a-z-]*)(?:(?: of| for| in| on)?(?: the)? {word}"
            rf"(?:(?: of| for| and| or| in)?(?: the)? {word}){{0,{_LONGEST_TAIL}}}"
            r"|(?: [a-z][a-z-]*){0,2})"
        )
        """Words that may follow a run and still belong to a known name: "security forces", "in the Maghreb"."""
        self.divided = frozenset(word.lower() for word in data["divisions"].split())
        """The words of `division`, in lower case."""
        self.ministry = re.compile(data["ministry"])
        """A ministry without its country."""
        self.features = frozenset(data["features"].split())
        """Natural features: rivers, mountains, gulfs."""
        self.works = frozenset(data["works"].split())
        """Structures in the country: mines, dams."""
        self.feature = re.compile(
            rf" (?:{'|'.join(data['features'].split())}|{'|'.join(data['works'].split())})\b"
        )
        """A feature or a work in lower case after a name: San Juan river."""
        self.ailment = re.compile(rf" (?:{'|'.join(data['ailments'].split())})\b")
        """Nouns for a disease after a name: Denys-Drash syndrome."""
        between = rf" (?:(?:{'|'.join(data['before_findings'].split())}) )?"
        self.named_after = re.compile(
            rf"(?P<disease> (?:{'|'.join(data['ailments'].split())})\b)"
            rf"|(?P<finding>(?:[’']s)?{between}(?:{'|'.join(data['findings'].split())})\b)"
            rf"|(?P<of_name>{between}(?:{'|'.join(data['findings_of_names'].split())})\b"
            rf"| (?:{'|'.join(data['letters'].split())}) function\b)"
            rf"|(?P<species> [a-z]{{2,}}(?:{'|'.join(data['species_endings'].split())})\b(?!['’-]))"
        )
        """What may be named after a name: a disease, a finding, a finding after a name that no list has, a species."""
        self.genus = re.compile(rf"[A-Z][a-z]{{2,}}(?:{'|'.join(data['genus_endings'].split())})")
        """What may be the first word of a species."""
        self.honours = frozenset(data["honours"].split())
        """Letters behind a person's name: OBE."""
        self.division = re.compile(rf" (?:{'|'.join(data['divisions'].split())})\b")
        """Nouns for a place after its name: Zhejiang province."""
        self.happening = re.compile(
            rf"(?: (?:{'|'.join(data['what_happened'].split())})){{0,2}}"
            rf" (?:(?P<what>{'|'.join(data['happened'].split())})(?: d[’']état)?(?:(?<!s) (?:attempt|plot|{'|'.join(data['happened'].split())}))?"
            rf"|(?:{'|'.join(data['seasons'].split())}) season)(?![\w-])"
        )
        """Happenings, in lower case after the place or body: 2011 Yemeni uprising, 2007 Antofagasta earthquake."""
        self.only_when = re.compile(
            rf"(?:\b(?:{'|'.join(data['before_years'].split())})|\d,) $", re.IGNORECASE
        )
        """Words before a year that only give the time: in 2011 Yemeni troops, on May 7, 2005 Iraqi troops."""
        self.somewhere = re.compile(rf"\b(?:{'|'.join(data['before_places'].split())}) $")
        """Words before a place, whatever its name."""
        self.small_in_titles = re.compile(
            rf"(?<=[\w,;:] )(?:{'|'.join(data['small_in_titles'].split())})(?= )"
        )
        """Small words in a headline that capitalises every word; they end and join names as usual."""
        self.the_body = re.compile(
            rf"(?:[{UPPER}][\w’'-]+ ){{1,5}}(?:{'|'.join(data['bodies_after_the'].split())})"
        )
        """Words for a body after "the": the Kelp Drying Board."""
        self.body_of = re.compile(
            rf"(?:{'|'.join(data['bodies_of'].split())})"
            rf" (?:of|for) (?:the )?[{UPPER}][\w’'-]+(?:,? (?:and )?[{UPPER}][\w’'-]+){{0,3}}"
        )
        """Bodies, battles and treaties whose names continue: Office of War Mobilization, Office for Emergency Management."""
        self.cited = re.compile(rf"(?:{'|'.join(data['before_sources'])}) (?:the )?$", re.IGNORECASE)
        """Words before a medium that is the source of the news."""
        self.cites = re.compile(rf" (?:{'|'.join(data['after_sources'].split())})\b")
        """Words after a medium that is the source of the news."""

    @staticmethod
    @cache
    def load(code: str = "en") -> Language:
        """The language with a code such as ``en``; cached.

        Parameters
        ----------
        code : str
            The name of its file in ``languages/``, without the ending.
        """
        folder = Path(__file__).parent / "languages"
        lists = json.loads((folder / f"{code}-words.json").read_text(encoding="utf-8"))
        return Language({**tomllib.loads((folder / f"{code}.toml").read_text(encoding="utf-8")), **lists})


@cache
def rare_words() -> frozenset[str]:
    """Dictionary words of English that are not everyday words; loaded only if an archive needs them."""
    text = (Path(__file__).parent / "languages" / "en-rare.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def given_names() -> frozenset[str]:
    """The most frequent given names in English texts, in lower case.

    Examples
    --------
    >>> "maria" in given_names(), "mosul" in given_names()
    (True, False)
    """
    return frozenset(word for word, bits in Language.load("en").bits.items() if bits & GIVEN)
