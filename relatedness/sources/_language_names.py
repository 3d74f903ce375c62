"""The names that languages go by -> their tags."""

from __future__ import annotations

import re
from functools import lru_cache

_TWO_LETTERS = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz "
    "ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik "
    "io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml "
    "mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd "
    "se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi "
    "vo wa wo xh yi yo za zh zu"
)
_CODES = frozenset(_TWO_LETTERS.split())
_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?\Z", re.IGNORECASE)
_NONE = "und mul zxx mis unknown none n/a na other multi multiple c posix *"
_NO_LANGUAGE = frozenset(["", *_NONE.split()])
NAMES = {
    name: code
    for code, names in {
        "ar": "arabic العربية", "bg": "bulgarian български", "bn": "bengali বাংলা", "ca": "catalan català",
        "cs": "czech čeština", "da": "danish dansk", "de": "german deutsch", "el": "greek ελληνικά", "en": "english",
        "es": "spanish español castellano", "et": "estonian eesti", "eu": "basque euskara",
        "fa": "persian farsi فارسی", "fi": "finnish suomi", "fr": "french français francais", "ga": "irish gaeilge",
        "gl": "galician galego", "he": "hebrew עברית", "hi": "hindi हिन्दी", "hr": "croatian hrvatski",
        "hu": "hungarian magyar", "id": "indonesian", "is": "icelandic íslenska", "it": "italian italiano",
        "ja": "japanese 日本語", "ko": "korean 한국어", "lt": "lithuanian lietuvių", "lv": "latvian latviešu", "ms": "malay",
        "nl": "dutch nederlands", "no": "norwegian norsk", "pl": "polish polski",
        "pt": "portuguese português portugues", "ro": "romanian română", "ru": "russian русский",
        "sk": "slovak slovenčina", "sl": "slovenian slovenščina", "sr": "serbian српски srpski",
        "sv": "swedish svenska", "sw": "swahili kiswahili", "ta": "tamil தமிழ்", "th": "thai ไทย",
        "tr": "turkish türkçe", "uk": "ukrainian українська", "ur": "urdu اردو", "vi": "vietnamese",
        "zh": "chinese 中文 简体中文 繁體中文",
    }.items()
    for name in names.split()
}  # fmt: skip
"""English and own names of languages, in lower case, to their codes."""
# The three-letter codes that libraries and ministries use, and two codes that are not in ISO 639 (jp, cn).
_THREE_LETTERS = (
    "ara=ar bul=bg ben=bn cat=ca ces=cs cze=cs dan=da deu=de ger=de ell=el gre=el eng=en spa=es est=et eus=eu "
    "baq=eu fas=fa per=fa fin=fi fra=fr fre=fr gle=ga glg=gl heb=he hin=hi hrv=hr hun=hu ind=id isl=is ice=is "
    "ita=it jpn=ja jp=ja kor=ko lit=lt lav=lv msa=ms may=ms nld=nl dut=nl nor=no pol=pl por=pt ron=ro rum=ro "
    "rus=ru slk=sk slo=sk slv=sl srp=sr swe=sv swa=sw tam=ta tha=th tur=tr ukr=uk urd=ur vie=vi zho=zh chi=zh "
    "cn=zh"
)
_OTHER_CODES = dict(pair.split("=") for pair in _THREE_LETTERS.split())


def language_tag(text: str) -> str | None:
    """The BCP 47 tag for a tag, an English name or the own name of a language; None if it is unknown."""
    name = text.strip().lower()
    if name in NAMES:
        return NAMES[name]
    found = _TAG.match(text.strip())
    if found is None or (len(found[1]) == 2 and found[1].lower() not in _CODES):
        return None
    parts = [found[1].lower()]
    if found[2]:
        parts.append(found[2].title())
    if found[3]:
        parts.append(found[3].upper())
    return "-".join(parts)


@lru_cache(1024)
def language_of(text: str) -> str | None:
    """The language that a cell names, by a tag, a locale, a code of three letters or a name; None if it names none.

    Examples
    --------
    >>> [language_of(text) for text in ("pt_BR", "zh-hans", "en_US.UTF-8", "deu", "Français", "und")]
    ['pt-BR', 'zh-Hans', 'en-US', 'de', 'fr', None]
    """
    name = re.split(r"[.@(,;]", text, maxsplit=1)[0].strip()
    if name.lower() in _NO_LANGUAGE:
        return None
    return _OTHER_CODES.get(name.lower()) or language_tag(name) or text.strip()
