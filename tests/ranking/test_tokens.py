"""The words of other languages than English: the same word meets itself, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from relatedness.languages import missing_extra, segment, simplified
from relatedness.ranking import Document, Wording, shared_phrases, terms_of
from relatedness.ranking._tokens import tokens_of

# Of each language: pairs of forms that one word has.
FORMS = {
    "zh": "军队 軍隊|总统 總統|地震 地震|选举 選舉|经济 經濟|联合国 聯合國|飞机 飛機|爆炸 爆炸|议会 議會|台风 颱風|示威 示威|国会 國會|法院 法院|导弹 導彈|难民 難民|医院 醫院|铁路 鐵路|战争 戰爭|辞职 辭職|总理 總理",
    "es": "presidente presidentes|elección elecciones|terremoto terremotos|ataque ataques|gobierno gobiernos|protesta protestas|ley leyes|muerte muertes|incendio incendios|inundación inundaciones|detenido detenidos|policía policías|huelga huelgas|migrante migrantes|acuerdo acuerdos|tribunal tribunales|ejército ejércitos|explosión explosiones|candidato candidatos|militar militares",
    "fr": "président présidents|élection élections|séisme séismes|attaque attaques|gouvernement gouvernements|manifestation manifestations|grève grèves|incendie incendies|inondation inondations|policier policiers|soldat soldats|accord accords|tribunal tribunaux|blessé blessés|migrant migrants|explosion explosions|candidat candidate|réforme réformes|victime victimes|avion avions",
    "de": "Präsident Präsidenten|Wahl Wahlen|Erdbeben Erdbebens|Angriff Angriffe|Regierung Regierungen|Streik Streiks|Gericht Gerichte|Soldat Soldaten|Flüchtling Flüchtlinge|Brand Brände|Opfer Opfern|Demonstration Demonstrationen|Explosion Explosionen|Kandidat Kandidaten|Gesetz Gesetze|Minister Ministern|Rakete Raketen|Flugzeug Flugzeuge|Verhandlung Verhandlungen|Unfall Unfälle",
    "pt": "presidente presidentes|eleição eleições|terremoto terremotos|ataque ataques|governo governos|protesto protestos|greve greves|incêndio incêndios|enchente enchentes|preso presos|acordo acordos|militar militares|explosão explosões|candidato candidatos|ministro ministros|migrante migrantes|tribunal tribunais|lei leis|soldado soldados|vítima vítimas",
    "ru": "президент президента|выборы выборов|землетрясение землетрясения|удар удары|правительство правительства|протест протесты|закон законы|пожар пожара|наводнение наводнения|солдат солдаты|суд суда|взрыв взрывы|кандидат кандидаты|министр министра|беженец беженца|ракета ракеты|самолёт самолета|переговоры переговоров|армия армии|санкции санкций",
    "ar": "الرئيس رئيس|الحكومة حكومة|والجيش الجيش|زلزال الزلزال|الانتخابات انتخابات|انفجار الانفجار|بالمدينة المدينة|متظاهر المتظاهر|القوات قوات|للبرلمان البرلمان|هجوم الهجوم|لاجئين اللاجئين|المحكمة محكمة|صاروخ الصاروخ|إضراب اضراب|والشرطة الشرطة|الحرب حرب|أزمة الأزمة|المفاوضات مفاوضات|فيضان الفيضان",
    "ja": "首相は 首相が|地震で 地震の|発表した 発表する|選挙を 選挙に|大統領と 大統領が|辞任した 辞任する|逮捕された 逮捕する|爆発が 爆発で|台風に 台風の|死亡した 死亡する|噴火した 噴火が|会談した 会談を|ミサイルを ミサイルが|発射した 発射する|裁判所は 裁判所が|崩壊した 崩壊する|訪問した 訪問する|工場で 工場の|攻撃した 攻撃を|政府は 政府が",
    "hi": "चुनाव चुनावों|सरकार सरकारों|भूकंप भूकंपों|मंत्री मंत्रियों|सैनिक सैनिकों|नेता नेताओं|अदालत अदालतों|बाढ़ बाढ़ों|हमला हमले|विस्फोट विस्फोटों|किसान किसानों|दल दलों|पुलिस पुलिस|लड़का लड़के|अस्पताल अस्पतालों|रैली रैलियों|ट्रेन ट्रेनों|मिसाइल मिसाइलों|छात्र छात्रों|योजना योजनाओं",
    "it": "presidente presidenti|elezione elezioni|terremoto terremoti|attacco attacchi|governo governi|protesta proteste|sciopero scioperi|incendio incendi|alluvione alluvioni|soldato soldati|accordo accordi|tribunale tribunali|esplosione esplosioni|candidato candidati|ministro ministri|migrante migranti|legge leggi|ferito feriti|vittima vittime|treno treni",
    "nl": "president presidenten|verkiezing verkiezingen|aardbeving aardbevingen|aanval aanvallen|regering regeringen|protest protesten|staking stakingen|brand branden|overstroming overstromingen|soldaat soldaten|akkoord akkoorden|rechtbank rechtbanken|explosie explosies|kandidaat kandidaten|minister ministers|vluchteling vluchtelingen|wet wetten|raket raketten|slachtoffer slachtoffers|trein treinen",
    "tr": "cumhurbaşkanı cumhurbaşkanının|seçim seçimler|deprem depremde|saldırı saldırılar|hükümet hükümetin|protesto protestolar|grev grevler|yangın yangınlar|asker askerler|mahkeme mahkemede|patlama patlamalar|aday adaylar|bakan bakanlar|mülteci mülteciler|yasa yasalar|füze füzeler|uçak uçaklar|tren trenler|kurban kurbanlar|anlaşma anlaşmalar",
    "pl": "prezydent prezydenta|wybory wyborów|atak ataki|rząd rządu|protest protesty|strajk strajki|pożar pożary|powódź powodzi|żołnierz żołnierze|sąd sądu|wybuch wybuchy|kandydat kandydaci|minister ministra|uchodźca uchodźcy|ustawa ustawy|rakieta rakiety|samolot samoloty|pociąg pociągi|wojsko wojska|rozmowy rozmów",
    "uk": "президент президента|вибори виборів|землетрус землетрусу|удар удари|уряд уряду|протест протести|закон закони|пожежа пожежі|солдат солдати|суд суду|вибух вибухи|кандидат кандидати|міністр міністра|біженець біженця|ракета ракети|літак літаки|армія армії|санкції санкцій|партія партії|місто міста",
    "ko": "대통령이 대통령은|지진으로 지진이|정부는 정부가|선거에서 선거를|총리가 총리는|폭발이 폭발로|경찰이 경찰은|미사일을 미사일이|법원은 법원이|태풍이 태풍으로|회담을 회담에서|대표가 대표는|공장에서 공장을|병원에 병원으로|협상을 협상이|군대가 군대를|국회에서 국회가|시위가 시위를|난민이 난민을|열차가 열차는",
}  # fmt: skip
# Words that only look alike, and that a stemmer takes for one.
TOGETHER = {
    "es": "casa/caso puerto/puerta banco/banca leche/lecho libro/libre",
    "fr": "mer/mère port/porte pêche/péché foi/fois mur/mûre",
    "de": "Kuchen/Küche Messe/Messer Post/Posten Reise/Reis",
    "pt": "casa/caso porto/porta banco/banca sol/solo livro/livre",
    "ru": "пол/поле банк/банка угол/уголь гора/горе",
    "hi": "पानी/पान",
    "it": "porto/porta banco/banca pesca/pesce mento/mente gatto/gatta",
    "pl": "sąd/sad droga/drogi list/lista",
    "tr": "kan/kanun göl/gol",
    "uk": "міст/місто гора/горе вода/водій",
    "id": "laut/lautan",
}
# A compound and one of its parts; words that only end or begin alike.
COMPOUNDS = (
    "Asylantrag Asyl|Waldbrand Brände|Koalitionsvertrag Koalition|Autobahnbrücke Brücke|Rentenreform Renten|"
    "Ölpreis Preise|Impfpflicht Pflicht|Terroranschlag Anschläge|Lokführerstreik Streik|Schneesturm Sturm|"
    "Abgasskandal Abgase|Bürgermeisterwahl Bürgermeister|Energiekonzern Konzerne|Mordprozess Mord|"
    "Grenzkontrollen Grenze|Kohleausstieg Kohle|Haushaltsstreit Haushalt|Parteichef Partei|Flugzeugabsturz Flugzeuge|"
    "Datenschutzgesetz Gesetze|Vulkanausbruch Vulkan|Lebensmittelpreise Lebensmittel|Schulleiterin Schule|"
    "Geiselnahme Geiseln|Außenministertreffen Außenminister|Zollstreit Zölle|Gasleitung Gas|Hungerstreik Hunger|"
    "Dopingtest Doping|Kinderarmut Kinder|Wohnungsnot Wohnung|Stahlwerk Stahl|Bankenkrise Banken|"
    "Friedensgespräche Frieden|Wahlbetrug Wahl|Atommüllendlager Atommüll|Gesundheitsministerin Gesundheit|"
    "Fußballverband Fußball|Klimagipfel Gipfel|Regierungskrise Regierung"
)
NO_COMPOUNDS = (
    "Bahnhof Bauernhof|Rathaus Krankenhaus|Montag Bundestag|Autobahn Eisenbahn|Handwerk Kraftwerk|Flughafen Hafen|"
    "Bundesrat Bundesbank|Gewerkschaft Mannschaft|Jahrhundert Hundert|Hauptstadt Hauptmann|Augsburg Auge|"
    "Salzburg Salz|Mannheim Heimat|Vorschlag Vorrat|Unfall Überfall|Anschlag Ratschlag|Urteil Stadtteil|Zeitung Zeit|"
    "Erdbeben Erdgas|Feuerwehr Bundeswehr|Wissenschaft Wirtschaft|Wettbewerb Wetter|Fernsehen Fernweh|"
    "Bürgermeister Weltmeister|Frühstück Grundstück|Impfstoff Treibstoff|Landtag Landwirt|Schauspieler Fußballspieler|"
    "Zuschauer Schauer|Regensburg Regen|Kaiserslautern Kaiser|Sonntag Sonne|Nachricht Gericht|Beratung Heirat|"
    "Verfassung Fassung|Menschenrecht Landrecht|Ausland Island|Ursache Sache|Widerstand Stand|Gesellschaft Geselle"
)
PAIRS = Path(__file__).parents[1] / "data" / "languages" / "pairs.txt"


def _pairs(language: str) -> list[tuple[str, str]]:
    return [(pair.split()[0], pair.split()[1]) for pair in FORMS[language].split("|")]


def _rows() -> list[tuple[str, str, str, str]]:
    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split(" | ")] for line in lines if not line.startswith("#")]
    return [(language, same, apart, "".join(taken)) for language, same, apart, *taken in rows]


def _meet(language: str, one: str, other: str) -> bool:
    return bool(set(terms_of(one, language)) & set(terms_of(other, language)))


@pytest.mark.parametrize("language", list(FORMS))
def test_a_word_meets_itself_in_its_forms_and_no_other_word(language: str) -> None:
    if missing_extra(language) and language == "ja":
        pytest.skip("no tokenizer is installed")
    pairs = _pairs(language)
    assert [pair for pair in pairs if not _meet(language, *pair)] == []
    others = list(zip([one for one, _ in pairs], [other for _, other in pairs[1:] + pairs[:1]], strict=True))
    met = [pair for pair in others if _meet(language, *pair)]
    assert met == []


@pytest.mark.parametrize(("language", "same", "apart", "taken"), _rows())
def test_forms_of_a_word_meet_and_words_that_look_alike_do_not(
    language: str, same: str, apart: str, taken: str
) -> None:
    if missing_extra(language):
        pytest.skip("no tokenizer is installed")
    forms = [pair.split("=") for pair in same.split("; ")]
    assert [pair for pair in forms if not _meet(language, *pair)] == []
    others = [pair.split("/") for pair in f"{apart}; {taken}".split("; ") if pair]
    assert ["/".join(pair) for pair in others if _meet(language, *pair)] == taken.split("; ") * bool(taken)


def test_a_german_compound_meets_its_parts_and_not_what_only_looks_like_one() -> None:
    assert [pair for pair in COMPOUNDS.split("|") if not _meet("de", *pair.split())] == []
    assert [pair for pair in NO_COMPOUNDS.split("|") if _meet("de", *pair.split())] == []
    assert terms_of("Flüchtlingspolitik", "en") == ["fluchtlingspolitik"]


def test_a_word_of_any_length_and_of_many_readings_is_split_at_once() -> None:
    # Each part has several readings; tried in turn they would be some millions, each as deep as the word is long.
    assert terms_of("Nordost" + "nordost" * 20 + "zzz", "de") == ["nordost" * 21 + "zzz"]
    assert set(terms_of("Wahl" + "wahl" * 2500, "de")) == {"wahl"}


def test_reasons_write_a_compound_as_one_word_again() -> None:
    texts = ["Die harte Flüchtlingspolitik spaltet Wien.", "Opposition: harte Flüchtlingspolitik nötig"]
    left, right = (Wording(Document("", text, "de", ())) for text in texts)
    assert shared_phrases(left, right, lambda terms: dict.fromkeys(terms, 1.0)) == (
        "harte Flüchtlingspolitik",
    )
    third = Wording(Document("", "Flüchtlinge in Wien", "de", ()))
    assert shared_phrases(third, left, lambda terms: dict.fromkeys(terms, 1.0)) == ("Flüchtling", "Wien")


@pytest.mark.parametrize("language", sorted(TOGETHER))
def test_words_that_a_stemmer_takes_for_one_are_few(language: str) -> None:
    pairs = [pair.split("/") for pair in TOGETHER[language].split()]
    assert all(_meet(language, *pair) for pair in pairs)
    assert len(pairs) <= 5


@pytest.mark.skipif(missing_extra("zh") is not None, reason="rjieba is not installed")
def test_chinese_words_are_those_of_its_tokenizer_in_either_script() -> None:
    assert terms_of("伊拉克軍隊進入摩蘇爾。", "zh") == ["伊拉克", "军队", "进入", "摩苏尔"]
    assert tokens_of("2014年MH370航班失聯。", "zh") == ["2014", "年", "MH370", "航班", "失聯", "。"]


def test_without_its_tokenizer_a_language_has_its_characters_and_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from relatedness.languages import _segments

    monkeypatch.setattr(_segments, "way_of", lambda code: "characters" if code == "zh" else "")
    assert missing_extra("zh") == "relatedness[zh]"
    assert missing_extra("en") is None
    _segments._segmenter.cache_clear()
    assert segment("军队", "zh") is None
    _segments._segmenter.cache_clear()


def test_simplified_keeps_the_length() -> None:
    text = "臺灣總統裏面 ABC，2014年"
    assert simplified(text) == "台湾总统里面 ABC，2014年"
    assert len(simplified(text)) == len(text)


def test_english_is_not_touched() -> None:
    assert tokens_of("Naïve 中文 text.", "en") == ["Naïve", "中", "文", "text", "."]


@pytest.mark.skipif(missing_extra("ja") is not None, reason="SudachiPy is not installed")
def test_japanese_texts_of_any_length_are_read() -> None:
    words = segment("地震の" * 20_000, "ja")
    assert words is not None
    assert words.count("地震") >= 19_990  # a long text is read in pieces, whose seams may cut a word
