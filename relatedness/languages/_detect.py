"""Which language a text is in, by its script or its function words."""

from __future__ import annotations

import re
from functools import cache

from relatedness.events import Event, primary_language

ENGLISH = "en"
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("uk", re.compile("[іїєґІЇЄҐ]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("fa", re.compile("[پچژگیک\u200c]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
FOREIGN = re.compile(
    "[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
)
_LETTER = re.compile(r"[^\W\d_]")
# What English texts hold and the other languages of the Latin script do not.
_PLAINLY_ENGLISH = (" the ", " of ", " and ", " to ", "The ")
# The commonest short words of the languages of the Latin script that texts are told by.
_COMMON = {
    "en": "the of to and in is for on that with by from as at are was were be has have it its an a his her their will after over"
    " more than who which this not or into he she they but can if when no all one two been about while says say die dies man men or non per me out up kill kills sur old",
    "es": "el la los las de del en un una y a con por para que se al su es no lo como más sus tras ha han ante desde sobre entre"
    " hasta fue son pero este esta dos sin contra gana muere deja tres mil personas años gobierno país nuevo nueva según"
    " anuncia muertos mujer hombre policía elecciones presidente presidenta ministro",
    "pt": "o a os as de do da dos das em no na nos nas um uma e com por para que se ao à aos às pelo pela não é foi mais são sem seu"
    " sua após entre até ou dois contra governo país pessoas mil anos novo nova mortos eleições deixa três sofreu perdeu"
    " venceu morreu anunciou mulher homem polícia presidente ministro senador",
    "fr": "le la les de des du un une et à au aux en dans pour par sur que qui ne pas est son sa ses avec après plus ce cette été a"
    " se sont ont deux contre il elle président gouvernement pays personnes ans morts nouveau nouvelle mort annonce trois"
    " mille selon femme homme leurs leur ministre",
    "it": "il lo la i gli le di del della dei delle nel nella un una e a al alla con per che da dal non è ha sono si su in più dopo"
    " dell nell all sul ai contro due presidente governo paese persone anni morti nuovo nuova tre mila annuncia secondo donna"
    " uomo ministro",
    "de": "der die das und in den von zu mit im ist des sich nicht ein eine einen einem einer dem für auf nach bei am aus zum zur"
    " als auch an wird werden hat sind über um gegen vor seine ihre es er sie wegen neue neuen drei zwei mehrere bis durch"
    " unter ab fest bleibt mehr alle tausende sterben stirbt gewinnt verliert fordert kündigt tritt trifft deutsche deutschen"
    " früheren verurteilt mehrheit",
    "nl": "de het een van en in op te voor met is dat die aan bij niet zijn door naar uit om na tot heeft wordt er tegen twee drie"
    " mensen jaar nieuwe politie regering vallen wint verliest houdt na geen doden gewonden aanslag gevallen stapt kabinet rechter verdachte opgepakt"
    " moord schietpartij ongeluk staking verkiezingen ruzie meer vier vijf zes duizenden ontslag overleden wordt krijgt moet",
    "pl": "w i z na do się nie że o za od po dla przez jest jak pod przed są był była oraz ze to prezydent rząd kraju osób lat nowy"
    " dwa trzy premier dwóch został została",
    "tr": "ve bir bu ile için da de çok daha olarak oldu olan en sonra kadar gibi her ise yeni etti dedi kişi yıl gün ettiği saldırı"
    " deprem seçim açıkladı ordusu başkenti binlerce yendi başvuruyu görüştü cumhurbaşkanı",
    "id": "di dan yang dari ke untuk pada dengan dalam ini itu akan telah oleh karena tidak adalah para sebagai presiden menteri"
    " gempa gunung pemerintah negara orang warga polisi kota tahun hari kata banjir korban tewas meninggal menangkap menolak"
    " hingga saat antara setelah sejak agar bisa dua tiga seorang kasus pesawat harga meletus mengalahkan jatuh bertemu melanda mengguncang ribuan rumah terendam hilang"
    " kontak kebakaran ledakan longsor pasukan serangan menang kalah mundur ditangkap dilantik meningkat terbakar tenggelam",
    "vi": "và của là có được cho trong ở tại với các một những đã bị vào người từ",
}
# A word that is no part of an address, an identifier or a compound.
_PLAIN_WORD = re.compile(r"(?<![\w.@/`-])[^\W\d_]+(?![\w@/`-]|\.\w)")
_JOINING = frozenset(
    (
        "de",
        "la",
        "las",
        "los",
        "del",
        "da",
        "do",
        "dos",
        "das",
        "du",
        "des",
        "le",
        "di",
        "della",
        "van",
        "von",
        "y",
        "e",
        "el",
        "al",
    )
)
_WORDS = {code: frozenset(words.split()) for code, words in _COMMON.items()}
_LETTERS_OF = {
    "es": "ñ", "pt": "ãõ", "fr": "èêœùûî", "it": "òì", "de": "ßäöü", "pl": "ąęłżźśćń", "tr": "ğışçöü",
    "vi": "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
}  # fmt: skip
_OWN_LETTERS = {code: frozenset(letters) for code, letters in _LETTERS_OF.items()}
_GUESSED = tuple(code for code in _COMMON if code != ENGLISH)
_SURE_WORDS = 12  # of a text whose language is told by its function words and counts as known
_LEAST = 2  # words or letters that English has not, for a text to be in another language


def language_of(event: Event) -> str:
    """The primary language of an event: the one it names, else the one its script or its function words betray.

    Parameters
    ----------
    event : Event

    Returns
    -------
    str
        A code such as ``zh``; English where nothing says otherwise.

    Examples
    --------
    >>> from datetime import date
    >>> language_of(Event("a", date(2024, 1, 1), text="Землетрясение произошло у берегов Камчатки."))
    'ru'
    """
    if event.language:
        return primary_language(event.language)
    return guess(event.text or event.title)


def spoken(event: Event) -> str | None:
    """The primary language that an event names, or that its text clearly is in.

    More cautious than `language_of`, because events of different languages are not related: a short text, or one in a language
    whose function words are not known, has none.

    Parameters
    ----------
    event : Event

    Returns
    -------
    str or None
        None if neither says.

    Examples
    --------
    >>> from datetime import date
    >>> spoken(Event("a", date(2024, 1, 1), text="The ferry to the island stops.")), spoken(Event("b", date(2024, 1, 1), text="Kuda"))
    ('en', None)
    """
    if event.language:
        return primary_language(event.language)
    text = event.text or event.title
    found = guess(text)
    if found == ENGLISH:
        return ENGLISH if any(word in text for word in _PLAINLY_ENGLISH) else None
    return found if found not in _GUESSED or len(text.split()) >= _SURE_WORDS else None


def guess(text: str) -> str:
    """The language of a text, by its script or its function words.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        A primary language code; English if nothing indicates another.

    Examples
    --------
    >>> guess("Der Bundestag stimmt für das neue Gesetz."), guess("大阪で地震がありました")
    ('de', 'ja')
    """
    if not text.isascii() and (foreign := len(FOREIGN.findall(text))):
        if foreign * 2 > len(_LETTER.findall(text)):
            return next(code for code, script in _SCRIPTS if script.search(text))
    else:
        for word in _PLAINLY_ENGLISH:  # a generator would take twice the time of most texts
            if word in text:
                return ENGLISH
    words = _outside_names(text)
    points = dict.fromkeys(_COMMON, 0.0)
    for word in words:
        for code, weight in _weights().get(word, ()):
            points[code] += weight
    letters = 0
    if not text.isascii():
        for code, own_letters in _OWN_LETTERS.items():
            here = sum(not own_letters.isdisjoint(word) for word in words)
            points[code] += here
            letters += here
    if all(word[-1] in "aeioàèéìòù" for word in words if len(word) > 3):
        # Italian words end in vowels.
        points["it"] += 0.5
    best = max(_GUESSED, key=lambda code: points[code])
    own = sum(word in _WORDS[best] and word not in _WORDS[ENGLISH] for word in words) + letters
    others = sum(word in _WORDS[ENGLISH] and word not in _WORDS[best] for word in words)
    return best if own >= _LEAST and own > 1.5 * others else ENGLISH


def _outside_names(text: str) -> list[str]:
    """The words of a text in lower case that join no name, as "de la" does in Rio de la Plata, and its first word."""
    tokens = _PLAIN_WORD.findall(text)
    words = [tokens[0].lower()] if tokens and tokens[0].istitle() else []
    for place, token in enumerate(tokens):
        if token.islower() and not (
            token in _JOINING
            and place
            and not all(before.islower() for before in tokens[max(0, place - 2) : place])
            and not all(after.islower() for after in tokens[place + 1 : place + 3])
        ):
            words.append(token)
    return words


@cache
def _weights() -> dict[str, list[tuple[str, float]]]:
    """How much each common word speaks for each language that has it: less, the more languages share it."""
    having: dict[str, list[str]] = {}
    for code, words in _COMMON.items():
        for word in words.split():
            having.setdefault(word, []).append(code)
    return {word: [(code, 1 / len(codes)) for code in codes] for word, codes in having.items()}
