"""Make ``relatedness/topics/languages/en-words.json``: everyday words of English, which begin sentences but are no names.

``en-rare.txt`` beside it has rarer words of the dictionary, which are no names of software where a text writes them in lower case:
reconnaissance, enumerate.

A word is everyday where texts write it in lower case much more often than with a capital, by the word probabilities of
spaCy's lookup tables (package spacy-lookups-data, MIT licence). Verbs are listed apart: at the head of a sentence they
never belong to the name after them. Of further words the table says that they are ordinary in lower case: legacy, app.
Run: ``python models/build_words.py``.
"""

from __future__ import annotations

import gzip
import json
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

LEAST = -14.8  # natural logarithm of the probability of the rarest word
RATIO = 0.9  # natural logarithm of how much more often it stands in lower case
ORDINARY = (
    -14.0
)  # of the rarest word that is no name where it stands in lower case, whatever it is with a capital
RAREST = -17.0  # of the rarest word of the dictionary
RARE_RATIO = 1.0
TARGET = Path(__file__).parents[1] / "relatedness" / "topics" / "languages" / "en-words.json"
RARE = TARGET.with_name("en-rare.txt")


def main() -> None:
    spec = find_spec("spacy_lookups_data")
    assert spec is not None and spec.origin is not None, "pip install spacy-lookups-data"

    def table(name: str) -> dict:
        with gzip.open(Path(spec.origin).parent / "data" / f"{name}.json.gz", "rt", encoding="utf-8") as file:
            return json.load(file)

    log = table("en_lexeme_prob")
    index, irregular = table("en_lemma_index"), table("en_lemma_exc")
    verbs = set(index["verb"]) | set(irregular["verb"])
    known = verbs.union(*index.values(), *irregular.values())

    def lemmas(word: str) -> set[str]:
        forms = {word}
        for ending, others in (("ies", "y"), ("es", ""), ("es", "e"), ("s", ""), ("ing", ""), ("ing", "e"),
                               ("ed", ""), ("ed", "e"), ("ied", "y")):  # fmt: skip
            if word.endswith(ending):
                forms.add(word.removesuffix(ending) + others)
        if word.endswith(("ing", "ed")):
            stem = word.removesuffix("ing").removesuffix("ed")
            if len(stem) > 2 and stem[-1] == stem[-2]:
                forms.add(stem[:-1])
        return forms

    everyday = [
        word
        for word, probability in log.items()
        if probability >= LEAST
        and word.isascii()
        and word.isalpha()
        and word.islower()
        and len(word) > 1
        and lemmas(word) & known
        and probability - log.get(word.capitalize(), -99.0) >= RATIO
        and probability - log.get(word.upper(), -99.0) >= RATIO
    ]
    actions = [word for word in everyday if lemmas(word) & verbs]
    here = set(everyday)
    ordinary = [
        word
        for word, probability in log.items()
        if probability >= ORDINARY
        and word.isascii()
        and word.isalpha()
        and word.islower()
        and len(word) > 2
        and word not in here
    ]
    common = here.union(ordinary)
    rare = sorted(
        word
        for word, probability in log.items()
        if RAREST <= probability < ORDINARY
        and word.isascii()
        and word.isalpha()
        and word.islower()
        and len(word) > 2
        and word not in common
        and lemmas(word) & known
        and probability - log.get(word.capitalize(), -99.0) >= RARE_RATIO
        and probability - log.get(word.upper(), -99.0) >= RARE_RATIO
    )
    lines = (" ".join(words) for _, words in groupby(rare, key=lambda word: word[0]))
    RARE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = {
        "verbs": " ".join(sorted(actions)),
        "others": " ".join(sorted(here - set(actions))),
        "ordinary": " ".join(sorted(ordinary)),
    }
    TARGET.write_text(json.dumps(data).replace(', "', ',\n"') + "\n", encoding="utf-8")
    print(
        f"{TARGET.name}: {len(everyday)} everyday words, {len(actions)} verbs, {TARGET.stat().st_size} bytes; "
        f"{RARE.name}: {len(rare)} words, {RARE.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
