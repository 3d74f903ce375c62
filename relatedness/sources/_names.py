"""The names that archives give their columns: exact ones of common schemas, in several languages, and what single words of a
name tell.

Names are compared without case, accents, blanks and punctuation. In each list the best come first.
"""

from __future__ import annotations

import re
import unicodedata

NAMES = {
    "id": "id _id id_str gid guid uuid uid identifier row_id event_id event_id_cnty incident_id article_id item_id post_id nid record_id "
    "issue_key issue_id issue_no issue_number incident_number ticket_id ticket_number bug_id message_id doc_id document_id object_id question_id unique_key case_number accident_number recall_number ref ghsa_id cve_id cve pmid eid celex key "
    "disno globaleventid doi iid number slug # identifiant identificador kennung",
    "date": "date published_at published published_date first_created version_created date_published publication_date publish_date pub_date posted_at "
    "posted post_date date_gmt event_date date_of_event incident_date date_of_incident occurred_at occurred occurred_on "
    "start_date started_at start_time starts_at start started dt_start begin begins_at reported_at report_date created_at created "
    "created_on creation_date create_date created_date created_utc date_created creation_timestamp create_time sqldate date_added added_at added opened_at opened date_opened "
    "disclosed disclosure_date announced decision_date issued date_issued release_date released filed filing_date "
    "sent sent_at date_sent effective onset create_at date_journal origin_server_ts creation_ts created_time event_time post_time unitdate first_seen detected_at detected date_detected initial_release_date timestamp datetime date_time time ts epoch unix_time unixtime unix_timestamp time_unix_nano epoch_time epoch_ms "
    "datum fecha datapublicacao publie angelegt erstellt erstellt_am angelegt_am eroffnet eroffnet_am gemeldet_am cree cree_le ouvert_le creado creado_el aperto_il dato дата 日期 时间 日付 発生日 公開日 发布时间 发布日期 날짜 발생일자 게시일 tarih olay_tarihi paivays paivamaara ngay ημερομηνία תאריך التاريخ วันที่ 發生日期",
    "end": "end end_date date_end enddate ended_at ended ends_at end_time time_end finished_at finish_date until to_date date_to dtend closed_at "
    "resolved_at date_closed closed_date end_date_time date_de_fin fecha_de_fin fecha_fin enddatum data_fine datum_bis einddatum",
    "title": "title headline headline_text heading name subject event_name event_title incident_name issue_title display_title "
    "unittitle external_desc short_desc titel veranstaltung uberschrift schlagzeile betreff thema objet sujet titre titulo titular asunto onderwerp titlu naslov pavadinimas virsraksts nosaukums pealkiri títol judul fyrirsögn titulli assunto titolo oggetto rubrik overskrift tittel tytul naglowek "
    "заголовок название заглавие наслов наименование тема 标题 標題 题目 題名 件名 عنوان शीर्षक শিরোনাম 表題 タイトル 見出し 제목 baslik otsikko nazev nadpis ereignis tiêu_đề τίτλος назва כותרת العنوان หัวข้อ cím",
    "text": "text body content contents maintext full_text full_narrative full_description detailed_description article_body body_text content_text plain_content plain_text content_html body_html "
    "html raw_content description descriptions long_description narrative explanation desc details detail abstract snippet excerpt summary overview synopsis message msg "
    "short_description highlight notes note scopecontent story article lead teaser deck blurb selftext story_text cooked para remarks comment review commentary selection descriptor question speech transcript statement "
    "bemerkung bemerkungen notiz beschreibung kurzbeschreibung inhalt zusammenfassung volltext texte contenu description resume resumen texto contenido descripcion cuerpo "
    "testo descrizione contenuto riassunto descricao conteudo resumo omschrijving beschrijving inhoud samenvatting tekst "
    "beskrivning innehall beskrivelse tresc opis sammanfattning sammendrag resume_text aciklama ozet descriere rezumat aprasymas apraksts kirjeldus deskripsi keterangan lysing pershkrimi toelichting sazetak текст описание содержание описание_события подробности опис_події зміст 内容 內容 正文 摘要 描述 本文 概要 詳細 詳情 説明 상세내용 설명 내용 본문 metin icerik "
    "abstract_note teksti kuvaus popis obsah nội_dung περιγραφή опис תיאור الوصف รายละเอียด leírás main_text trail_text",
    "topics": "topics topic field_tags tags manual_tags tag labels label_names label keywords keyword subjects hashtags themes concepts tag_list bookshelves author_keywords subject_headings mesh_terms mesh_headings eurovoc eurovoc_descriptor eurovoc_descriptors "
    "schlagworter schlagworte stichworte themen theme thematique tematica motscles etiquettes sujets etiquetas palabrasclave temas parolechiave "
    "etichette palavraschave trefwoorden onderwerpen amnen nyckelord emneord slowakluczowe теги 标签 话题 話題 关键词 タグ キーワード 태그 etiketler",
    "category": "category section article_section category_name section_name event_type incident_type incident_category complaint_type "
    "primary_type rubric kategorie rubrik ressort categorie rubrique categoria seccion sezione categoria kategori kategoria "
    "категория рубрика категорія категорија катэгорыя 分类 分類 类别 類別 类型 種別 カテゴリ 카테고리 분류 유형 κατηγορια luokka kategooria kategorija الفئة التصنيف "
    "دسته danh_mục หมวดหมู่ sachgebiet themengebiet fachgebiet",
    "url": "html_url app_url url permalink permalink_url link loc web_url href article_url page_url canonical_url external_url source_url uri shortlink "
    "lien enlace collegamento ссылка 链接 リンク 링크",
    "language": "language lang locale language_code lang_code content_language article_language reviewer_language sprache langue idioma lingua taal sprak",
    "sources": "sources source publisher outlet publication newspaper source_name quelle fuente fonte bron zrodlo источник",
    "group": "group group_id translation_key",
}  # fmt: skip
# What counts only where nothing better is there.
LAST = {
    "date": "data day when updated_at updated last_updated modified last_modified date_last_activity last_activity_date update_date date_updated date_modified modified_date changed year jahr année año anno rok год jaar år vuosi yıl",
    "title": "short_description pressemitteilung meldung nachricht storung vorfall incidencia ocorrencia panne place event incident issue occurrence annotation what what_happened happening подія evento événement gebeurtenis zdarzenie událost esemény händelse hendelse tapahtuma olay เหตุการณ์",
    "text": "report reason comments_text place location_name location _raw",
}

HIDING = frozenset(["post_status", "post_password", "post_type", "draft", "is_draft", "isDraft", "published"])
"""Names of columns that may say that a row is hidden: fetched in addition to the fields."""
BESIDE = frozenset(["post_date_gmt", "post_excerpt"])
"""Names of columns that say better, or where another is empty, what that one says: fetched, too."""

_DAY_WORDS = frozenset(["date", "dt", "dttm", "datetime", "timestamp", "datum", "fecha", "data", "дата"])
_ABOUT_DATA = frozenset(
    ["type", "version", "format", "source", "set", "url", "id"]
)  # where "data" is no Italian day
_DONE_WORDS = frozenset(
    [
        "created",
        "published",
        "posted",
        "added",
        "opened",
        "filed",
        "occurred",
        "reported",
        "received",
        "issued",
        "released",
        "decided",
        "announced",
        "started",
        "requested",
        "submitted",
        "authored",
        "logged",
        "raised",
        "recorded",
    ]
)
_WRITTEN = _DONE_WORDS | {"publish", "create", "post", "add", "submit", "release"}
_OTHER_DAYS = frozenset(
    [
        "birth",
        "birthday",
        "birthdate",
        "geburtsdatum",
        "geboren",
        "naissance",
        "nacimiento",
        "nascita",
        "nascimento",
        "dob",
        "born",
        "due",
        "expiry",
        "expires",
        "expiration",
        "end",
        "ended",
        "closed",
        "close",
        "update",
        "updated",
        "updates",
        "modified",
        "edited",
        "last",
        "accessed",
        "retrieved",
        "acquired",
        "resolved",
        "death",
        "next",
        "deadline",
        "withdrawn",
        "until",
        "valid",
        "fin",
        "ende",
    ]
)
_BEGUN = frozenset(
    ["start", "started", "starts", "begin", "begins", "began", "begun", "occurred", "detected", "seen"]
)
_DAY_ORDER = ("local", "event", "incident", "accident", "crash", "occur", "begin", "start", "publi", "post", "release", "decision", "fil", "report")  # fmt: skip
_TITLE_WORDS = frozenset(
    ["title", "headline", "name", "subject", "heading", "label", "titel", "titre", "titulo", "titolo"]
)
_OTHER_NAMES = frozenset(
    [
        "agency",
        "user",
        "author",
        "file",
        "country",
        "city",
        "state",
        "region",
        "county",
        "province",
        "firm",
        "company",
        "product",
        "manufacturer",
        "owner",
        "location",
        "place",
        "locality",
        "actor",
        "source",
        "site",
        "school",
        "first",
        "last",
        "middle",
        "full",
        "artist",
        "display",
        "category",
        "type",
        "month",
        "day",
        "dataset",
        "column",
        "species",
        "common",
        "scientific",
        "brand",
        "vendor",
        "package",
        "project",
        "service",
        "client",
        "customer",
        "street",
        "sender",
        "host",
        "server",
        "domain",
        "class",
        "group",
        "team",
        "player",
        "ship",
        "vessel",
        "operator",
        "alternative",
        "sub",
        "kicker",
        "status",
    ]
)
_TEXT_WORDS = frozenset(
    [
        "description",
        "desc",
        "descr",
        "summary",
        "narrative",
        "text",
        "body",
        "content",
        "details",
        "synopsis",
        "message",
        "comments",
        "commentary",
        "remarks",
        "review",
        "reason",
        "abstract",
        "question",
        "beschreibung",
        "hergang",
        "maßnahme",
        "maßnahmen",
        "sachverhalt",
        "descripcion",
        "descrizione",
    ]
)
_MOST_TEXTS = 3
_LONGEST_NAME = 48
_PARTS = {
    "year": "year yr yyyy jahr ano annee",
    "month": "month mo mon mm monat mes mois",
    "day": "day dy dd tag dia jour",
}
_PART_WORDS = {word: part for part, words in _PARTS.items() for word in words.split()}


_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ß": "ss", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})


_LONGEST_UNIT = 40


def folded(name: str) -> str:
    """A name as it is compared.

    Examples
    --------
    >>> folded("Published_At"), folded("Mots-clés")
    ('publishedat', 'motscles')
    """
    if not name.isascii():
        name = name.translate(_LETTERS)
        marks = unicodedata.normalize("NFKD", name)
        if any(unicodedata.combining(mark) and not "\u3040" <= name <= "\u30ff" for mark in marks):
            name = "".join(mark for mark in marks if not unicodedata.combining(mark))
        name = unicodedata.normalize("NFKC", name)
    return re.sub(r"[^\w$#]|_", "", _without_unit(name)).lower()


def _without_unit(name: str) -> str:
    """A name without the unit or the zone that stands in brackets at its end: "Published (UTC)"."""
    bare = name.rstrip()
    start = max(bare.rfind("(", 0, -1), bare.rfind("[", 0, -1))
    inside = bare[start + 1 : -1]
    if start < 0 or not bare.endswith((")", "]")) or not 0 < len(inside) <= _LONGEST_UNIT:
        return name
    return name if {")", "]"} & {*inside} else bare[:start].rstrip() or name


def _ranks(names: dict[str, str]) -> dict[str, dict[str, int]]:
    return {
        field: {folded(name): rank for rank, name in reversed(list(enumerate(listed.split())))}
        for field, listed in names.items()
    }


RANKS = _ranks(NAMES)
LAST_RANKS = _ranks(LAST)


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case.

    Examples
    --------
    >>> words_of("webPublicationDate"), words_of("BEGIN_DATE_TIME"), words_of("SQLDATE")
    (['web', 'publication', 'date'], ['begin', 'date', 'time'], ['sqldate'])
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return [word.lower() for word in re.split(r"[\W_]+", parted) if word]


def by_words(field: str, names: list[str]) -> list[str]:
    """The names whose words tell that they are a field, the best first.

    Examples
    --------
    >>> by_words("date", ["Closed Date", "Report Received Date", "Begin Date"])
    ['Begin Date', 'Report Received Date']
    >>> by_words("title", ["Agency Name", "caseName"]), by_words("text", ["Reason for Recall"])
    (['caseName'], ['Reason for Recall'])
    """
    telling = {"id": _id_rank, "url": _url_rank, "date": _day_rank, "title": _title_rank, "text": _text_rank}[
        field
    ]
    ranked = [
        (rank, position, name)
        for position, name in enumerate(names)
        if len(name) <= _LONGEST_NAME
        and (rank := telling(_unnumbered(words_of(_without_unit(name))))) is not None
    ]
    ranked += [(_LAST_RANK, position, name) for position, name in enumerate(names) if _ends_as(field, name)]
    best = [name for _, _, name in sorted(ranked)]
    return best[:_MOST_TEXTS] if field == "text" else best


_LAST_RANK = 100
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{3,24}\\Z")
_OTHER_BEGINNINGS = {
    "date": re.compile("更新|修改|结束|結束|终止|截止|到期|出生|終了|締切|수정|종료|마감"),
    "url": re.compile(
        ".?(?:图|圖|画像|写真|动画|動画|视频|視頻|影片|头像|頭像|作者|用户|用戶|이미지|사진|영상)"
    ),
}
"""How names begin that end as that of a field, and mean another day, or the address of a picture."""


def _unnumbered(words: list[str]) -> list[str]:
    """The words of a name without the number at its end: ``Narrative_1``."""
    return words[:-1] if len(words) > 1 and words[-1].isdecimal() and len(words[-1]) < 3 else words


def _ends_as(field: str, name: str) -> bool:
    """Whether a name of East Asia, which writes no blanks, ends as a name of a field: 微博正文, 事故概要."""
    if _IDEOGRAPHS.match(name) is None or (
        field in _OTHER_BEGINNINGS and _OTHER_BEGINNINGS[field].match(name)
    ):
        return False
    return any(name[at:] in RANKS[field] for at in range(1, len(name) - 1))


def is_beginning(name: str) -> bool:
    """Whether a name says that something began, occurred or was seen: what a tracker leaves empty where it did not.

    Examples
    --------
    >>> is_beginning("Started"), is_beginning("published_at"), is_beginning("updated")
    (True, False, False)
    """
    return not _BEGUN.isdisjoint(words_of(name))


def is_other_day(name: str) -> bool:
    """Whether a name says of a date that it is not the day of an event: a day of birth, a deadline, an update."""
    return not _OTHER_DAYS.isdisjoint(words_of(name))


_RECORDS = frozenset((
    "case", "report", "docket", "incident", "event", "reference", "ref", "file", "recall", "complaint", "notice", "alert",
    "advisory", "ticket", "bug", "issue", "video", "nct", "record", "accident", "bulletin", "decision", "protocol",
    "occurrence", "announcement", "evento", "evenement", "ereignis", "vorfall", "incidente", "incidencia", "hendelse",
    "handelse", "diarie", "sags", "saks", "asia", "dossier", "expediente", "akten", "vorgangs", "fall", "zaak",
    "campaign", "warning", "investigation", "post", "message", "release", "publication", "article", "document", "item",
    "entry", "activity", "task", "card", "story", "paper", "review", "response", "conversation", "unique", "celex",
))  # fmt: skip
_OTHER_RECORDS = frozenset(
    [
        "parent",
        "related",
        "linked",
        "previous",
        "next",
        "first",
        "last",
        "duplicate",
        "child",
        "source",
        "target",
        "similar",
        "reply",
        "quoted",
        "original",
        "master",
        "other",
        "root",
        "of",
    ]
)
_NUMBERS = frozenset(
    ["id", "no", "nr", "num", "number", "numero", "nummer", "identifier", "code", "key", "ref", "uid"]
)


def _id_rank(words: list[str]) -> int | None:
    """Of a number of a record: ``Case ID``, ``Report number``, ``id_evento``."""
    if len(words) == 3 and words[0] not in _OTHER_RECORDS:  # "CPSC Case Number"
        rank = _id_rank(words[1:])
        return 2 if rank == 0 else None
    if words in (["reference"], ["acn"]):  # of a tender, of a report on aviation safety
        return 3
    if len(words) != 2:
        return None
    first, last = words
    if (first in _RECORDS and last in _NUMBERS - {"code", "key"}) or words == ["short", "id"]:
        return 0
    return 1 if first == "id" and last in _RECORDS else None


_PAGES = _RECORDS | frozenset(
    [
        "study",
        "page",
        "full",
        "story",
        "news",
        "press",
        "details",
        "more",
        "public",
        "web",
        "title",
        "share",
        "original",
    ]
)


def _url_rank(words: list[str]) -> int | None:
    """Of the address of a record: ``Study URL``, ``Report link``; not of a picture or an author."""
    if len(words) < 2 or words[-1] not in ("url", "link", "permalink") or words[-2] not in _PAGES:
        return None
    return len(words) - 2 if len(words) < 4 else None


def is_usual_id(name: str) -> bool:
    """Whether an id is always called so; a case number may stand in many rows of a table."""
    return folded(name) in RANKS["id"]


def _day_rank(words: list[str]) -> int | None:
    if not words or _OTHER_DAYS & set(words) or (words[0] == "data" and _ABOUT_DATA & set(words)):
        return None
    tells = (
        bool(_DAY_WORDS & {word for at, word in enumerate(words) if at == 0 or word != "data"})
        or words[-1] in _DONE_WORDS
        or (words[-1] in ("on", "at") and len(words) == 2 and words[0] in _WRITTEN)
        or (len(words) == 1 and words[0].endswith("date"))
    )
    if not tells:
        return None
    text = " ".join(words)
    return next((rank for rank, begun in enumerate(_DAY_ORDER) if begun in text), len(_DAY_ORDER))


def _title_rank(words: list[str]) -> int | None:
    if "of" in words[1:]:  # "Short title of the incident"
        words = words[: words.index("of", 1)]
        if words[-1] == "name":
            return None
    if (
        len(words) < 2
        or words[-1] not in _TITLE_WORDS
        or _OTHER_NAMES & {word.rstrip("0123456789") for word in words}
    ):
        return None
    # A column for the headline of a report comes before one for the name of its subject.
    return int(words[-1] == "name")


def _text_rank(words: list[str]) -> int | None:
    if (
        (len(words) < 2 and not (words and words[0] in _TEXT_WORDS))
        or _DAY_WORDS & set(words[:-1])
        or words[-2:] == ["of", "body"]
        or not (
            "describe" in words  # the question of a form
            or words[-1] in _TEXT_WORDS
            or words[0] in ("reason", "description", "desc", "summary")
        )
    ):
        return None
    if {"location", "type", "code", "short", "corrective", "resolution"} & set(words[:-1]):
        return None
    return 0 if {"event", "incident"} & set(words) else 1


def date_parts(names: list[str], what: str) -> list[str]:
    """The columns that hold year, month and day apart, as far as they are there: of the beginning or the end.

    Examples
    --------
    >>> date_parts(["Start Year", "Start Month", "Start Day", "End Year", "End Month"], "date")
    ['Start Year', 'Start Month', 'Start Day']
    >>> date_parts(["iyear", "imonth", "iday", "summary"], "date"), date_parts(["Year", "Title"], "date")
    (['iyear', 'imonth', 'iday'], [])
    """
    groups: dict[str, dict[str, str]] = {}
    for name in names:
        words = words_of(name)
        if not words or len(words) > 3:
            continue
        last = words[-1]
        if last not in _PART_WORDS and last[:1] == "i":  # iyear, imonth, iday
            last, words = last[1:], ["event", last]
        if last in _PART_WORDS:
            groups.setdefault(" ".join(words[:-1]), {}).setdefault(_PART_WORDS[last], name)
    whole = {prefix: parts for prefix, parts in groups.items() if {"year", "month"} <= parts.keys()}
    prefix = next(
        (prefix for prefix in (("end",) if what == "end" else _BEGINNINGS) if prefix in whole), None
    )
    return [] if prefix is None else [whole[prefix][part] for part in _PARTS if part in whole[prefix]]


_CLOCK_WORDS = frozenset((
    "time", "clock", "uhrzeit", "zeit", "heure", "hora", "ora", "ore", "horas", "tid", "tijd", "tijdstip", "klokkeslæt",
    "klokkeslett", "klockslag", "godzina", "czas", "čas", "hodina", "idő", "időpont", "kellonaika", "saat", "giờ",
    "время", "час", "години", "ώρα", "時刻", "時間", "时间", "시간", "시각", "الوقت", "שעה", "เวลา",
))  # fmt: skip
_BESIDE_CLOCKS = frozenset(["utc", "gmt", "local", "of", "day", "est", "cet", "hhmm", "24h", "24hr"])
_BESIDE_DAYS = frozenset(["date", "day", "on", "of", "datum", "fecha", "data", "dato", "дата"])
_ZONES = frozenset(["timezone", "tz", "zone", "tzname", "utcoffset", "zeitzone"])


def is_clock(name: str) -> bool:
    """Whether a name is that of a time of the day."""
    return not _CLOCK_WORDS.isdisjoint(words_of(_without_unit(name.rpartition(".")[2])))


def clock_beside(day: str, names: list[str]) -> list[str]:
    """The column with the time of the day beside one with the day, and that of its zone if there is one.

    Examples
    --------
    >>> clock_beside("Start Date", ["End Time", "Start Time", "Timezone"]), clock_beside("Date", ["Time (UTC)"])
    (['Start Time', 'Timezone'], ['Time (UTC)'])
    >>> clock_beside("created_at", ["Time"]), clock_beside("Date", ["Response Time"])
    ([], [])
    """
    words = words_of(_without_unit(day))
    about = set(words) - _BESIDE_DAYS - _DAY_WORDS
    is_day = bool(_DAY_WORDS & set(words)) or folded(day) in _DAY_NAMES
    if not is_day or {"datetime", "timestamp", "at"} & set(words) or is_clock(day):
        return []
    for name in names:
        said = set(words_of(_without_unit(name)))
        if said & _CLOCK_WORDS and said - _CLOCK_WORDS - _BESIDE_CLOCKS == about:
            return [name, *[zone for zone in names if folded(zone) in _ZONES][:1]]
    return []


_DAY_NAMES = frozenset(
    folded(name)
    for name in [
        "dato",
        "päivämäärä",
        "paivays",
        "tarih",
        "olay_tarihi",
        "dátum",
        "ngay",
        "ημερομηνία",
        "תאריך",
        "التاريخ",
        "วันที่",
        "日期",
        "日付",
        "発生日",
        "날짜",
        "날자",
    ]
)
_BEGINNINGS = ("", "start", "begin", "event", "incident", "occurrence", "accident", "publication", "pub")
