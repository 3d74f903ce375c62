"""Names in other languages that no list has, by the words that stand beside them: titles, given names, what a place is called."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from relatedness.topics._capital_names import ways_to_write, words_of
from relatedness.topics._language import UPPER
from relatedness.topics._shaped import KnownSpan, Places, ShapedName, named
from relatedness.topics._topic import PLACES

_GERMAN_PERSON = re.compile(
    rf"(?<![\w-])(?<![\w’-]’)(?=([{UPPER}][\w’-]++) ((?:von |van |de |zu )?[{UPPER}][\w’-]+)\b)[\w’-]++"
)
_GERMAN_TITLES = (
    r"\w*[Pp]räsident(?:en|in)?|\w*[Kk]anzler(?:s|in)?|\w*[Mm]inister(?:s|in)?|\w*[Cc]hef(?:s|in)?|Papst|König(?:s|in)?|\w*[Mm]eister(?:in)?|Premier|Senator(?:in)?"
    r"|General(?:s|in)?|Trainer(?:s|in)?|Schauspieler(?:s|in)?|Sänger(?:s|in)?|Regisseur(?:s|in)?|Autor(?:s|in)?|Richter(?:in)?|\w*[Aa]bgeordneten?|Journalist(?:en|in)?"
    r"|Aktivist(?:en|in)?|Unternehmer(?:s|in)?|Milliardär(?:s|in)?|Stürmer(?:s|in)?|\w*[Ff]ührer(?:s|in)?|Botschafter(?:s|in)?|Gouverneur(?:s|in)?|Oppositionellen?"
    r"|\w*[Ss]ekretär(?:s|in)?|\w*[Ss]precher(?:s|in)?|\w*[Vv]orsitzenden?|Prinz(?:en|essin)?|Bischof|Kardinal|Diktator(?:s)?|\w*[Pp]olitiker(?:s|in)?|Herr(?:n)?|Frau"
)
_GERMAN_TITLED = re.compile(
    rf"(?<![\w-])(?:[\w-]+-)?(?:{_GERMAN_TITLES}) ([{UPPER}][\w’-]++ (?:(?:von |van |de |zu |al-|bin )?[{UPPER}][\w’-]+))(?![\w-])"
)
_GERMAN_TOWN = re.compile(
    rf"(?<![\w-])(?:in|In|nach|Nach|aus|Aus|bei|Bei|nahe|Nahe|um|von|vor) ([{UPPER}][a-zäöüß]{{2,}}(?:heide|burg|dorf|stadt|stedt|hausen|heim|ingen|kirchen|kirch|bach|berg|feld|furt"
    r"|brück|brücken|hafen|haven|münde|walde|rode|leben|weiler|hofen|hofen|linden|weide|grad|itz|ow|wil|au))(?![\w-])"
)
_NO_TOWN = re.compile(
    r"(?:Umfeld|Vorfeld|Ausfeld|Bau|Frau|Stau|Genau|Abbau|Aufbau|Umbau|Anbau|Ausbau|Rückbau|Tagebau|Bergbau|\w+bau|\w+schau|\w+frau|\w*Blau|\w*Grau|\w+beitrag)$"
)
# Adjectives that say nothing of a place: neuer Flughafen.
_GERMAN_ER = (
    r"(?:\w+(?:scher|iger|licher|samer|barer|loser|voller|ender|ierter|eter)|Neuer|Alter|Großer|Kleiner|Erster|Zweiter|Dritter|Letzter|Dieser|Jener|Jeder|Mancher|Welcher|Weiterer|Anderer|Unser|Ihrer|Seiner|Meiner|Einer"
    r"|Keiner|Aller|Beider|Früherer|Späterer|Größter|Kleinster|Bester|Größerer|Oberster|Unter|Über|Hinter|Jetziger|Halber|Leerer|Sicherer|Immer|Aber|Oder|Weder|Wieder) "
)
_GERMAN_BODY = re.compile(
    rf"(?<![\w-])((?:Amts|Land|Oberlandes|Verwaltungs|Oberverwaltungs|Arbeits|Sozial|Finanz)gericht [{UPPER}][\w-]+"
    rf"|(?:Universität|Uni|Hochschule|Staatsanwaltschaft|Generalstaatsanwaltschaft|Bistum|Erzbistum|Klinikum|Flughafen|Feuerwehr|Polizeipräsidium|Zoo|Tierpark|Stadtwerke)"
    rf" (?!Und|Die|Der)[{UPPER}][\w-]+"
    rf"|(?!{_GERMAN_ER})[{UPPER}][a-zäöüß]{{2,}}er (?:Flughafen|Hafen|Philharmoniker|Staatsanwaltschaft|Landgericht|Amtsgericht|Verwaltungsgericht|Oberlandesgericht|Polizeipräsidium|Zoo|Tierpark|Dom|Münster"
    rf"|Rathaus|Hauptbahnhof|Universität|Uniklinik|Messe|Oper|Staatsoper|Börse|Senat|Abgeordnetenhaus|Bürgerschaft|Stadtrat|Gemeinderat|Feuerwehr|Verkehrsbetriebe|Festspiele|Stadtschloss|Landtag|Symphoniker|Verfassungsschutz)(?![\w-])"
    rf"|(?:\d\. )?(?:FC|SC|VfB|VfL|SV|TSG|TSV|FSV|Eintracht|Borussia|Fortuna|Hertha|Dynamo|Hansa) [{UPPER}][\w-]+(?: \d\d)?)"
)


# What stands in apposition to a name: der Vulkan Ätna, die Hilfsorganisation Caritas.
_GERMAN_NAMED = re.compile(
    rf"(?<![\w-])(?:Vulkan|\w*[Ii]nsel|Fluss|\w*[Ss]tadt|Ort|Dorf|\w*[Gg]emeinde|Provinz|Bezirk|Berg|Kloster|Schloss|Orkan|Sturm|Taifun|Hurrikan|Zyklon|Wirbelsturm|Zeitung|Magazin"
    rf"|\w*[Kk]onzern|Firma|\w*[Oo]rganisation|\w*[Hh]ersteller|\w*[Bb]ehörde|Sekte|Band|Sender|Fähre|Frachter|Tanker|Sonde|Rakete) ([{UPPER}][\wäöüß-]{{2,}})(?![\w-])"
)
_GERMAN_ACRONYM = re.compile(rf"(?<![\w-])([{UPPER}]{{3,6}})(?![\w-])")
# A word with letters that German does not write is a name, unless German has taken it over.
_GERMAN_LOANWORDS = (
    "Abbé|Aperçu|Attach|Bohème|Brûl|Caf|Canapé|Carré|Chargé|Château|Chicorée|Cliché|Communiqué|Consommé|Coupé|Crème|Créme|Crêpe|Ded|Dekolleté"
    "|Doublé|Dragée|Déjà|Entrée|Expos|Façade|Façon|Fiancé|Filé|Frappé|Frotté|Fête|Garçon|Gelée|Haché|Idée|Jalapeño|Karité|Klischee|Kommuniqué"
    "|Lamé|Lycée|Macramé|Matinée|Maître|Ménage|Negligé|Négligé|Orchidée|Piñata|Plissé|Porträt|Première|Proteg|Protég|Purée|Pâtisserie|Pâté|Ragoût"
    "|Rosé|Roué|Résumé|Señor|Soirée|Soufflé|Séance|Tournée|Trophée|Tête|Variet|Variét|Velouté|Vis-à-vis"
)
_GERMAN_ACCENT = re.compile(
    rf"(?<![\w-])(?=[{UPPER}][\w-]*[áàâãçéèêëíîïñóôõúûřšžćčłęążźńőűğış])(?!{_GERMAN_LOANWORDS})[{UPPER}][\w-]{{2,}}(?: [{UPPER}][\w-]+)?(?![\w-])"
)
_NO_ACRONYM = frozenset(
    (
        "LKW",
        "PKW",
        "CEO",
        "ICE",
        "SUV",
        "AKW",
        "KKW",
        "GAU",
        "IHK",
        "DNA",
        "DNS",
        "PIN",
        "PDF",
        "CSD",
        "LGBT",
        "TÜV",
        "IQ",
        "KI",
        "UKW",
        "USD",
        "EUR",
        "CHF",
        "MRT",
        "EKG",
        "BIP",
        "NGO",
        "ÖPNV",
        "III",
        "VII",
        "VIII",
        "XVI",
        "XII",
        "XIV",
        "RTF",
    )
)


def german_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a German text, whose nouns all have capitals.

    People have a given name, or a title that two words with capitals follow; towns have an ending that towns have, after a
    preposition without an article.
    """
    rules, places = ways_to_write("de"), Places(known)
    for match in _GERMAN_PERSON.finditer(text):
        if rules.is_given(match[1]):
            yield named(text, match.start(1), match.end(2), "person")
    for match in _GERMAN_TITLED.finditer(text):
        yield named(text, *match.span(1), "person")
    for match in _GERMAN_TOWN.finditer(text):
        if not _NO_TOWN.match(match[1]):
            yield named(text, *match.span(1), "place")
    for match in _GERMAN_NAMED.finditer(text):
        yield named(text, *match.span(1), "name")
    if not text.isupper():
        for match in _GERMAN_ACRONYM.finditer(text):
            if match[1] not in _NO_ACRONYM:
                yield named(text, *match.span(1), "name")
    held = [(start, end) for start, end, _ in known]
    for match in _GERMAN_ACCENT.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in held):
            yield named(text, *match.span(), "name")
    for match in _GERMAN_BODY.finditer(text):
        yield named(text, *match.span(1), "organisation", places)


_A = "\u0621-\u064a\u064b-\u0652"
_AR_WORD = rf"[{_A}]+"
_AR_TITLES = (
    r"رئيس (?:الوزراء|الحكومة|البرلمان|الجمهورية|الأركان|المخابرات|مجلس النواب|بلدية|حزب|هيئة)|الرئيس|الرئيسة|رئيس|رئيسة|(?:نائب|وزير|وزيرة) (?:الخارجية|الدفاع|الداخلية|المالية"
    r"|الصحة|العدل|الاقتصاد|النفط|الطاقة|التعليم|الثقافة|الإعلام|الرئيس)|الوزير|الوزيرة|الأمين العام|الأمينة العامة|زعيم|الزعيم|المرشد|الملك|الملكة|العاهل|الأمير|الأميرة|ولي العهد|الشيخ|السيد"
    r"|السيدة|القيادي|القيادية|القائد|الناشط|الناشطة|الصحفي|الصحفية|الصحافي|الصحافية|المعارض|المعارضة|نظيره|نظيرها|نظيرته|النائب|النائبة|الجنرال|اللواء|العميد|العقيد|الفريق|المشير|المدرب"
    r"|اللاعب|اللاعبة|المهاجم|النجم|النجمة|المرشح|المرشحة|الكاتب|الكاتبة|الفنان|الفنانة|السفير|السفيرة|المبعوث|المبعوثة|المتحدث|المتحدثة|البابا|الدكتور|الدكتورة|المستشار|المستشارة|السيناتور"
    r"|الممثل|الممثلة|المخرج|المغني|المغنية|الحاكم|المدعي العام|القاضي|المحامي|المحامية|الداعية|الإمام|رجل الأعمال|عضو|الأسير|الجندي|الراحل|الشاعر|الروائي"
)
_AR_BETWEEN = r"(?:ال[\u0621-\u064a]+(?:ي|ية)|السابق|السابقة|الراحل|المنتخب|الجديد|الحالي|المؤقت|الانتقالي|المعزول|المخلوع|الأسبق|المصغرة|العام|الأول)"
_AR_TITLED = re.compile(rf"(?<![{_A}])[وفبلك]?(?:{_AR_TITLES})(?: {_AR_BETWEEN}){{0,2}} ")
_AR_PLACE = re.compile(
    rf"(?<![{_A}])[وفبلك]?(?:ل|ال)?(?:مدينة|بلدة|محافظة|إقليم|ولاية|قضاء|مديرية|قرية|مخيم|جزيرة|معبر|ميناء|بحيرة|مقاطعة|بلدية|سجن|قاعدة|ضاحية|العاصفة|عاصفة|إعصار|الإعصار) "
    rf"((?:دير|بيت|خان|ابن|أم|أبو|ذي|ذو|صلاح|كفر|نجع|مرسى|قلعة|رأس|عين|تل|جبل|وادي|كفر|سيدي|بني|دار|باب|شرم|بور|سان|لوس|نيو|سانت|حي|كيب|ريو|هونغ|كوالا|أديس|بوينس|سيدي|بورت|قصر|برج|حصن|بئر|مجدل|نهر|بنت|عيون) {_AR_WORD}|{_AR_WORD})"
)
_AR_BODY = re.compile(
    rf"(?<![{_A}])[وفبلك]?((?:حركة|حزب|جماعة|تنظيم|كتائب|كتيبة|جبهة|لواء|ميليشيا|هيئة|جامعة|قناة|صحيفة|نادي|بنك|مصرف|مستشفى|مطار|ملعب|سد|حقل|مضيق|خليج|قصر|جبل|نهر|شركة|مجموعة|مؤسسة|وكالة|كأس|دوري|مسجد|كنيسة|قلعة) "
    rf"((?:(?:ابن|أبو|أبي|الملك|الشيخ|الأمير|الإمام|الشهيد|السلطان|محمد|عبد) )?{_AR_WORD})(?: و?ال{_AR_WORD})?)(?![{_A}])"
)


def arabic_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in an Arabic text: people after titles or by their given names, places and bodies after what they are called."""
    covered, places = {start: end for start, end, _ in known}, Places(known)
    kinds = {(start, end): kind for start, end, kind in known}
    for match in _AR_TITLED.finditer(text):
        if (end := _arabic_person(text, match.end(), titled=True)) and covered.get(match.end(), 0) < end:
            yield named(text, match.end(), end, "person")
    for match in _AR_ANY.finditer(text):
        word = match[0]
        joined = word in ("عبد", "أبو")
        if (joined or (word in words_of("ar", "given") and word not in words_of("ar", "everyday"))) and (
            end := _arabic_person(text, match.start(), titled=False)
        ):
            yield named(text, match.start(), end, "person")
    for start, end, _ in known:
        # "Pentagon spokesman John Kirby": a name behind the body or place that its title names.
        if (
            text[end : end + 1] == " "
            and end + 1 not in covered
            and _AR_TITLE_OF.search(text, max(0, start - 30), start)
            and (stop := _arabic_person(text, end + 1, titled=True))
        ):
            yield named(text, end + 1, stop, "person")
    for start, end, kind in known:
        if (
            kind == "country"
            and text.startswith("ال", start)
            and (state := _AR_STATE.search(text, max(0, start - 24), start))
            and text.startswith("ة", end - 1) == (state[1].strip() not in _AR_MASCULINE)
        ):
            yield named(text, state.start(1), end, "organisation", places)
    for match in _AR_PLACE.finditer(text):
        place = match[1]
        plain = place.removeprefix("ال")
        if (
            plain not in words_of("ar", "silent")
            and place not in words_of("ar", "sides")
            and len(plain) > 2
            and not (plain == place and plain.endswith(("ية", "ين")))
        ):
            yield named(text, *match.span(1), "place")
    for match in _AR_BODY.finditer(text):
        own = match[2]
        plain = own.removeprefix("ال")
        if (
            plain in words_of("ar", "silent")
            or own in _AR_NO_BODY
            or len(plain) < 3
            or (plain == own and plain.endswith(("ية", "ين", "ات", "يين")))
        ):
            continue
        if kinds.get(match.span(2), "place") not in PLACES:
            # "The movement Hamas" is Hamas.
            continue
        if own != plain or own[:1] not in "يتنسأ":
            more = match[1].rpartition(" ")[2] if own != plain else ""
            whole = more != own and (more.endswith(("ي", "ية")) or more.startswith("و"))
            yield named(text, match.start(1), match.end(1) if whole else match.end(2), "organisation", places)


# What no body has as its own name: the general staff, the defence counsel.
_AR_NO_BODY = frozenset(
    (
        "الأركان",
        "الدفاع",
        "المحكمة",
        "المحلفين",
        "التدريس",
        "التحكيم",
        "العلماء",
        "الرقابة",
        "المعارضة",
        "الأغنياء",
        "الطيران",
        "التأمين",
    )
)
_AR_TITLE_OF = re.compile(
    "(?:المتحدث(?:ة)? باسم|الناطق(?:ة)? باسم|رئيس(?:ة)?(?: بلدية| وزراء| حزب| حركة)?|زعيم(?:ة)?|مدير(?:ة)?|أمين عام|وزير(?:ة)? (?:خارجية|دفاع|داخلية|مالية|الخارجية|الدفاع)|محافظ|حاكم|سفير(?:ة)?|عمدة|مدرب|مهاجم|لاعب"
    "|نجم|حارس|ملك|أمير) $"
)
# "The Yemeni government" is a body of Yemen.
_AR_STATE = re.compile(
    "(?<![\u0621-\u064a])[وفبلك]?((?:الحكومة|الجيش|البرلمان|البنك المركزي|الشرطة|المحكمة العليا|المحكمة الدستورية|الخارجية|الدفاع|الداخلية|الرئاسة|القوات|الائتلاف|المجلس الرئاسي|المصرف المركزي) )$"
)
# The adjective agrees with the body: in "the Iranian minister of foreign affairs" it is the minister's.
_AR_MASCULINE = frozenset(
    ("الجيش", "البرلمان", "البنك المركزي", "الائتلاف", "المجلس الرئاسي", "المصرف المركزي")
)
_AR_ORDINALS = frozenset(("الأول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن"))
_AR_ANY = re.compile(_AR_WORD)


def _arabic_person(text: str, start: int, *, titled: bool) -> int:
    """Where the name of a person ends that begins here: two parts, of which each may be joined from two words; 0 if it is none."""
    parts: list[str] = []
    here = start
    end, known_first = 0, False
    while len(parts) < 3 and (word := _AR_ANY.match(text, here)):
        own, stop = word[0], word.end()
        if (
            own in words_of("ar", "joined")
            and text[stop : stop + 1] == " "
            and (more := _AR_ANY.match(text, stop + 1))
        ):
            if more[0] in words_of("ar", "silent"):
                break
            own, stop = f"{own} {more[0]}", more.end()
        elif (
            own in words_of("ar", "silent")
            or (own.startswith(("و", "ب", "ل")) and own[1:] in words_of("ar", "silent"))
            or len(own) < 2
        ):
            break
        if parts and own in _AR_ORDINALS:
            # King Felipe the Sixth
            return stop
        given, article = own in words_of("ar", "given") or " " in own, own.startswith("ال")
        if not parts and (article or (not given and own.startswith(("بال", "لل", "وال", "فال")))):
            return 0
        if (
            titled
            and not (given or (parts and known_first))
            and (own.endswith(("ة", "ه", "هم") if parts else ("ة", "ا", "ه", "هم")) or article)
        ):
            # "The president declared a state of emergency": what follows a title need not be a name.
            return 0
        known_first = given if not parts else known_first
        if (
            len(parts) == 1
            and not titled
            and not (article or own in words_of("ar", "given") or " " in own or parts[0].startswith("عبد "))
        ):
            break
        if (
            len(parts) == 2
            and not (article and parts[1] in words_of("ar", "given"))
            and not (
                parts[1].startswith(("بن ", "ولد ", "عبد ")) and (article or own in words_of("ar", "given"))
            )
        ):
            break
        if article and own.endswith(("ية", "ات")):
            break
        if len(parts) == 1 and own.startswith("ي") and own not in words_of("ar", "given") and titled:
            break
        parts.append(own)
        end = stop
        if text[stop : stop + 1] != " ":
            break
        here = stop + 1
    return end if len(parts) > 1 or (parts and parts[0].startswith("أبو ")) else 0


_D = "\u0900-\u0963\u0970-\u097f"
_HI_WORD = rf"[{_D}]+"
_HI_TITLES = (
    "प्रधानमंत्री|मुख्यमंत्री|उपमुख्यमंत्री|राष्ट्रपति|उपराष्ट्रपति|(?:गृह|रक्षा|वित्त|विदेश|रेल|शिक्षा|स्वास्थ्य|कृषि|केंद्रीय) मंत्री|मंत्री|नेता|अभिनेता|अभिनेत्री|अध्यक्ष|सांसद|विधायक|राज्यपाल"
    "|न्यायमूर्ति|जस्टिस|डॉ|डॉक्टर|कप्तान|क्रिकेटर|खिलाड़ी|गायक|गायिका|निर्देशक|लेखक|पत्रकार|जनरल|पहलवान|उद्योगपति|कारोबारी|गैंगस्टर|पोप|राजा|महारानी|सीईओ|प्रवक्ता|मुक्केबाज|निशानेबाज|बल्लेबाज|गेंदबाज"
    "|कोच|सेनाध्यक्ष|चांसलर|महासचिव|संस्थापक|मालिक|एक्टर|एक्ट्रेस"
)
_HI_AFTER = "ने|को|का|की|के|से|में|पर|और|द्वारा|समेत|सहित|तथा|एवं|आज|भी"
_HI_TITLED = re.compile(
    rf"(?<![{_D}])(?:{_HI_TITLES}) ({_HI_WORD}(?: {_HI_WORD}){{0,3}}?)(?= (?:{_HI_AFTER})(?![{_D}])|[,।])"
)
_HI_SURNAMES = (
    "खान|सिंह|कुमार|शर्मा|गांधी|यादव|पटेल|मोदी|वर्मा|गुप्ता|चौधरी|मिश्रा|तिवारी|रेड्डी|राव|नायर|अली|अहमद|हुसैन|बनर्जी|मुखर्जी|ठाकुर|ठाकरे|जोशी|पाटिल|शाह|कपूर|खन्ना|चोपड़ा|भट्ट|पांडे|पांडेय|दुबे|त्रिवेदी|देसाई|मेहता|अग्रवाल"
    "|सिन्हा|झा|राय|दास|बोस|सेन|घोष|चटर्जी|मलिक|बजाज|अंबानी|अडानी|टाटा|राणा|चौहान|राठौर|मीणा|गहलोत|पायलट|सोरेन|मरांडी|पासवान|मांझी|खड़गे|थरूर|प्रसाद|देवी|बेगम|कौर|फडणवीस|पवार|शिंदे|सिसोदिया|केजरीवाल|ओवैसी|बघेल|हुड्डा|रावत"
    "|धामी|सैनी|विज|पंत|बुमराह|पांड्या|शेट्टी|अय्यर|मेनन|पिल्लई|नायडू|स्वामी|त्रिपाठी|शुक्ला|द्विवेदी|चतुर्वेदी|भारद्वाज|माथुर|भाटिया|अरोड़ा|मल्होत्रा|बिश्नोई|फोगाट|पुनिया|मुंडा|महतो|शरीफ|भुट्टो|जरदारी|हसीना|इमाम|नेगी|रतूड़ी|पूनिया|मलिक|सिंधू|नेहवाल|तेंदुलकर|गावस्कर|गांगुली|द्रविड़|धोनी|कोहली|जडेजा|अश्विन|शमी|सिराज|बादल|चन्नी|सिद्धू|अब्दुल्ला|मुफ्ती|महबूबा|राजे|गडकरी|तोमर|जेटली|स्वराज|आडवाणी|वाजपेयी"
)
_HI_PERSON = re.compile(
    rf"(?<![{_D}])({_HI_WORD} (?:(?:कुमार|सिंह|प्रसाद|चंद्र|नाथ|मोहन|राम|लाल) )?(?:{_HI_SURNAMES}))(?![{_D}])"
)
_HI_PLACE = re.compile(
    rf"(?<![{_D}])({_HI_WORD})(?= (?:जिले|जिला|ज़िले|शहर|गांव|गाँव|कस्बे|तहसील|नदी|प्रखंड|थाना|थाने|बंदरगाह|प्रांत|राज्य)(?![{_D}]))"
)
_HI_BODY = re.compile(
    rf"(?<![{_D}])({_HI_WORD} (?:हाईकोर्ट|हाई कोर्ट|उच्च न्यायालय|एयरपोर्ट|हवाई अड्डे|हवाई अड्डा|विश्वविद्यालय|यूनिवर्सिटी|घाटी|जेल|मंदिर|मस्जिद|स्टेडियम|झील|बांध|एक्सप्रेस|पुलिस|बैंक|मोटर्स|एयरलाइंस|इंडस्ट्रीज|ग्रुप|द्वीप|पार्टी|मोर्चा|सेना|कप|लीग|समूह|मेडिकल कॉलेज|कॉलेज|अस्पताल|आईआईटी))(?![{_D}])"
)


def hindi_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a Hindi text: people after titles or by their surnames, places and bodies before what they are called."""
    covered = {start for start, _, _ in known}
    starts, places = sorted(covered), Places(known)
    for match in _HI_TITLED.finditer(text):
        start, end = match.span(1)
        if start in covered:
            continue
        after = bisect_right(starts, start)
        if after < len(starts) and starts[after] < end:
            end = starts[after] - 1
        words = text[start:end].split()
        if not words_of("hi", "silent").intersection(words) and (len(words) < 3 or end == match.end(1)):
            yield named(text, start, end, "person")
    for pattern, kind in ((_HI_PERSON, "person"), (_HI_BODY, "organisation"), (_HI_PLACE, "place")):
        for match in pattern.finditer(text):
            first = match[1].partition(" ")[0]
            if (
                first not in words_of("hi", "silent")
                and len(first) > 1
                and not re.fullmatch(_HI_TITLES, first)
            ):
                yield named(text, *match.span(1), kind, places if kind == "organisation" else None)


_KO_TITLES = "대통령|총리|장관|차관|대표|의원|감독|선수|회장|사장|부회장|위원장|국무위원장|총장|시장|지사|교수|판사|검사|변호사|기자|작가|배우|가수|사령관|총재|의장|주석|국왕|교황|대사|장군|대변인|후보|전무|행장|씨"
_KO_PERSON = re.compile(
    rf"(?<![가-힣])([가-힣]{{2,4}}) (?:전 |신임 |당시 )?(?:{_KO_TITLES})(?=[이가은는을를의와과도에,. ]|$)"
)
_KO_PARTY = re.compile(r"(?<![가-힣])([가-힣]{2,7}당)(?= |은|이|의|과|에|을|[,.])")
# A city and the games or the meeting that it holds.
_KO_HELD = re.compile(" ?(?:동계|하계)? ?(?:올림픽|패럴림픽|아시안게임|월드컵|엑스포|세계박람회)")
_KO_STORM = re.compile(r"태풍 ([가-힣]{2,4}?)(?=가|이|는|은|의|로|으로|에|[ ,.])")
_KO_DOTTED = re.compile(r"[가-힣]{1,5}(?:·[가-힣]{1,5})+")
_KO_BODY = re.compile(
    r"(?<![가-힣])([가-힣]{2,8}(?:대학교|지방법원|고등법원|지법|고법|지검|경찰청|지방검찰청|경찰서|공항|은행|전자|자동차|그룹|건설|항공|신문|방송|병원|위원회|협회|연맹|교도소|원전|해협|반도|군도|제도|산업개발|거래소|제약|중공업|케미칼|홀딩스|백화점|텔레콤|엔터테인먼트|재단|박물관|미술관|연구원|연구소|터널|대교|댐|휴게소|국립공원))"
)
_KO_PARTICLE = re.compile(r"(?:의|에서|에게|으로|는|을|를|에|와|과)$")
_KO_NO_PARTY = re.compile(
    r"(?:.?여당|.?야당|정당|해당|상당|담당|부당|타당|일당|식당|성당|강당|배당|할당|저당|악당|창당|탈당|입당|복당|양당|당당|집당|합당|각당|군소정당|거대.당|제.당)"
)
_KO_STOP = re.compile(
    r"(?:전직|현직|신임|당시|여당|야당|양국|미국|한국|일본|중국|우리|정부|국회|민주당|이날|오늘|어제|최고|새|전|주요|다른|모든|여러|같은|각|한|두|세|첫|국제|중앙|지방|국립|시민|이번|다시|역시|반드시|동시|즉시|일시|임시|당시|또다시|정도|속도|태도|보도|제도"
    r"|의도|기도|시도|지도|온도|강도|각도|연도|그래도|아마도|활동|운동|행동|노동|이동|공동|감동|자동|아동|충동|친구|연구|요구|기구|지구|청구|인구|출구|입구|야구|축구|농구|배구|가구|도구|항구|수면|화면|표면|장면|측면|반면|하면|되면|라면|국면|방면|전면|장군|해군|공군|육군|미군|적군|아군|반군|아시|혹시|표시|지시|전시|무시|감시|몇몇)$"
)


def korean_names(text: str, known: Sequence[KnownSpan]) -> Iterator[ShapedName]:
    """The names in a Korean text: people before titles, bodies by their endings, foreign names by their middle dots."""
    places = Places(known)
    for match in _KO_PERSON.finditer(text):
        if not _KO_STOP.match(match[1]) and not _KO_PARTICLE.search(match[1]):
            yield named(text, *match.span(1), "person")
    for match in _KO_BODY.finditer(text):
        if not _KO_STOP.match(match[1]):
            yield named(text, *match.span(1), "organisation", places)
    for match in _KO_PARTY.finditer(text):
        if not _KO_NO_PARTY.match(match[1]):
            yield named(text, *match.span(1), "party")
    for match in _KO_STORM.finditer(text):
        yield named(text, *match.span(1), "disaster")
    for start, end, kind in known:
        if kind in PLACES and (held := _KO_HELD.match(text, end)):
            yield named(text, start, held.end(), "event", places)
    for match in _KO_DOTTED.finditer(text):
        yield named(text, *match.span(), "name")
