"""Make ``languages.json``: per language the Snowball stemmer's name and the function words.

The words are spaCy's stop words (MIT licence), single words in lower case, without apostrophes' variants. English gets
the particles of foreign names besides: that two people are called al- is no reason.
Run: ``python models/build_languages.py``.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish",
}  # fmt: skip

PARTICLES = {
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "ibn", "la", "las", "le", "los",
    "ul", "van", "von",
}  # fmt: skip


def main() -> None:
    languages = {}
    for code, stemmer in STEMMERS.items():
        words = import_module(f"spacy.lang.{code}.stop_words").STOP_WORDS
        plain = {word.lower() for word in words} | (PARTICLES if code == "en" else set())
        languages[code] = {"stemmer": stemmer, "stopwords": sorted(word for word in plain if word.isalpha())}
    target = Path(__file__).with_name("languages.json")
    text = json.dumps(languages, ensure_ascii=False, separators=(",", ":")).replace('},"', '},\n"')
    target.write_text(text + "\n", encoding="utf-8")
    print(f"{target.name}: {len(languages)} languages, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
