"""Make ``languages.json``: per language the Snowball stemmer's name and the function words; and ``hanzi.json``.

Forms that no ending makes (جنود of جندي, steden of stad) stand in ``irregular.txt``, and the nouns of which compounds are made in
``compounds.txt``, by hand. The function words are spaCy's stop words (MIT licence), single words in lower case, without apostrophes'
variants. English gets the particles of foreign names besides: that two people are called al- is no reason.

``hanzi.json`` pairs traditional with simplified Chinese characters and the variants of Hong Kong and Taiwan with the
standard ones: OpenCC's tables (Apache 2.0) from opencc-python-reimplemented, one character for one.

Run: ``python models/build_languages.py``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from relatedness.languages import arabic_letters, compound_parts

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "ja": "", "th": "", "uk": "", "vi": "", "zh": "",
}  # fmt: skip

# Stop words of spaCy's that news is made of.
TELLING = {
    "es": {"acuerdo", "empleo", "trabajo", "trabajar", "intento"},
    "it": {"governo", "ministro", "presidente", "lavoro", "città"},
    "hi": {"घर"},
}
PARTICLES = {
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "ibn", "la", "las", "le", "los",
    "ul", "van", "von",
}  # fmt: skip


def main() -> None:
    """Write languages.json beside this file: each language's stemmer and function words."""
    languages: dict[str, dict[str, object]] = {}
    irregular, compounds = _irregular(), _compounds()
    for code, stemmer in STEMMERS.items():
        words = import_module(f"spacy.lang.{code}.stop_words").STOP_WORDS
        plain = {word.lower() for word in words} | (PARTICLES if code == "en" else set())
        plain -= TELLING.get(code, set())
        languages[code] = {"stemmer": stemmer, "stopwords": sorted(word for word in plain if _is_word(word))}
        if code in irregular:
            languages[code]["irregular"] = irregular[code]
        if code in compounds:
            languages[code]["compounds"] = compounds[code]
    target = Path(__file__).with_name("languages.json")
    _write(target, languages)  # without the names, which are what the splitter would split
    for code in compounds:
        compounds[code]["names"] = _like_compounds(code)
    _write(target, languages)
    print(f"{target.name}: {len(languages)} languages, {target.stat().st_size} bytes")
    old, new = _characters()
    target = target.with_name("hanzi.json")
    table = {"traditional": old, "simplified": new}
    target.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(old)} characters, {target.stat().st_size} bytes")


def _write(target: Path, languages: Mapping[str, object]) -> None:
    text = json.dumps(languages, ensure_ascii=False, separators=(",", ":")).replace('},"', '},\n"')
    target.write_text(text + "\n", encoding="utf-8")


def _irregular() -> dict[str, dict[str, str]]:
    """Of each language: a form that no ending makes to its word, from irregular.txt."""
    found: dict[str, dict[str, str]] = {}
    code = ""
    for line in Path(__file__).with_name("irregular.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            code = line.strip("[]")
        elif line and not line.startswith("#"):
            for row in line.lower().split(";"):
                word, *forms = (arabic_letters(part) if code == "ar" else part for part in row.split())
                found.setdefault(code, {}).update(dict.fromkeys(forms, word))
    return found


def _compounds() -> dict[str, dict[str, Any]]:
    """Of each language: the nouns of its compounds with their forms before others, silent prefixes, from compounds.txt."""
    found: dict[str, dict[str, Any]] = {}
    own: dict[str, Any] = {}
    for line in Path(__file__).with_name("compounds.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            code, _, place = line.strip("[]").partition(" ")
            own = found.setdefault(code, {"first": {}, "parts": {}, "silent": [], "names": []})
        elif line and not line.startswith("#"):
            rows = [row.partition("=") for row in line.split()]
            if place == "silent":
                own["silent"] += [noun for noun, _, _ in rows]
                continue
            nouns = own["first" if place == "first" else "parts"]
            for noun, _, forms in rows:
                nouns[noun] = sorted({*nouns.get(noun, ()), *forms.split(",")} - {""})
    return found


def _like_compounds(code: str) -> list[str]:
    """The words of names that would be split: of places, and surnames."""
    folder = Path(__file__).parent
    own = json.loads((folder / "names" / f"{code}.json").read_text(encoding="utf-8"))
    known = json.loads((folder / "gazetteer.json").read_text(encoding="utf-8"))
    kinds = dict(zip(known["names"], known["kinds"], strict=True))
    kinds |= {topic: about[0] for topic, about in own["topics"].items()}
    kept = {"city", "place", "region", "state", "island", "river", "person"}
    names = [way for topic, ways in own["names"].items() if kinds.get(topic) in kept for way in ways]
    names += [name for name, kind in kinds.items() if kind in kept]
    words = {word for name in names for word in re.split(r"[\s-]", name)}
    return sorted(word.lower() for word in words if compound_parts(word, code))


def _is_word(word: str) -> bool:
    # Vowel signs of Thai are marks, not letters.
    return bool(word) and all(c.isalpha() or unicodedata.category(c)[0] == "M" for c in word)


def _characters() -> tuple[str, str]:
    """Characters of traditional Chinese, and for each the simplified one."""
    import opencc

    folder = Path(opencc.__file__).parent / "dictionary"

    def rows(name: str) -> dict[str, str]:
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        pairs = (line.split("\t") for line in lines if "\t" in line)
        return {old: new.split()[0] for old, new in pairs if len(old) == len(new.split()[0]) == 1}

    simple = rows("TSCharacters.txt")
    variants = rows("HKVariantsRev.txt") | rows("TWVariantsRev.txt")
    table = {variant: simple.get(standard, standard) for variant, standard in variants.items()} | simple
    pairs = sorted((old, new) for old, new in table.items() if old != new)
    return "".join(old for old, _ in pairs), "".join(new for _, new in pairs)


if __name__ == "__main__":
    main()
