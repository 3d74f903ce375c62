"""Names that no list has, found by how each language writes names."""

from __future__ import annotations

from datetime import date

import pytest
from taggers import FAST

from relatedness.events import Event
from relatedness.languages import missing_extra


def aliases(text: str, language: str) -> set[str]:
    (topics,) = FAST.tag([Event("e", date(2023, 5, 1), text=text, language=language)])
    return {alias for topic in topics for alias in topic.aliases}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "El juez cita al Tribunal Superior de Justicia de Zorgania.", {"Tribunal Superior de Justicia de Zorgania"}),
        ("es", "Ayer habló Ernesto Zorguín y Ramiro Bestaño.", {"Ernesto Zorguín", "Ramiro Bestaño"}),
        ("es", "Según el Gobierno de Aldo Zorgui, llueve.", {"Aldo Zorgui"}),
        ("pt", "O senador Aldo Zorgão da Mota falou.", {"Aldo Zorgão da Mota"}),
        ("fr", "La Cour de cassation a tranché.", {"Cour de cassation"}),
        ("fr", "Il habite l'Zorguais et la Besarne.", {"Zorguais", "Besarne"}),
        ("ru", "Пожар в Зоргинской области потушен.", {"Зоргинской области"}),
        ("ru", "Закрыли шахту «Зоргинка» вчера.", {"Зоргинка"}),
        ("ru", "Президент Армении Иван Зоргин выступил.", {"Армении", "Иван Зоргин"}),
        ("de", "Gestern kam Ministerpräsident Zorgu Bestaner.", {"Zorgu Bestaner"}),
        ("de", "Ein Feuer in Zorgenhausen ist gelöscht.", {"Zorgenhausen"}),
        ("de", "Der Audi-Chef schweigt.", {"Audi"}),
        ("de", "Gestern lobte die Zeugin Raffu Zorganissjan das Gericht.", {"Raffu Zorganissjan"}),
        ("de", "Das Dorf am Ufer des Zorgma ist verlassen.", {"Zorgma"}),
        ("de", "Der Bus fuhr nach Zorgevel und zurück.", {"Zorgevel"}),
        ("de", "Das Wetter wird besser, sagte Zorgiok am Abend.", {"Zorgiok"}),
        ("de", "Die Zorgel und Blumke AG baut ab.", {"Zorgel und Blumke AG"}),
        ("de", "Der Rückbau des Atomkraftwerks Zorgband stockt.", {"Atomkraftwerks Zorgband"}),
        ("de", "Es brennt am Rand des Nationalparks.", set()),
        ("de", "Der Kurort Bad Zorgau hat Schulden.", {"Bad Zorgau"}),
        ("de", "Der Verkäufer schloss aus Frust die Filiale und trank Espresso bei Kerzenlicht.", set()),
        ("de", "Mehrere Vermisste trieben mit Treibholz auf dem Fluss.", set()),
    ],
)  # fmt: skip
def test_whole_names_are_found(language: str, text: str, expected: set[str]) -> None:
    assert aliases(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Rescatan a diez personas. El Gobierno calla y la Policía investiga."),
        ("es", "Para mañana no hay nada. Ventas y ronda siguen."),
        ("fr", "Manger cinq fruits. Le Gouvernement et la Cour se taisent."),
        ("pt", "Greve para o país. O Ministério não fala."),
        ("ru", "Вчера шёл дождь. Правительство молчит, Президент тоже."),
        ("ru", "Введён режим ЧС, сообщают СМИ, в ДТП погибли двое."),
        ("de", "Die Mitte schweigt. Das Bild im Norden zeigt den Vulkan."),
        ("de", "Nach der Tournée folgt eine Soirée, dann das Communiqué und ein Glas Rosé."),
    ],
)
def test_everyday_words_with_a_capital_are_no_names(language: str, text: str) -> None:
    assert aliases(text, language) == set()


def test_a_german_body_in_the_genitive_is_the_same_topic() -> None:
    texts = ["Das Atomkraftwerk Zorgband steht.", "Der Rückbau des Atomkraftwerks Zorgband stockt."]
    names = [FAST.tag([Event("e", date(2023, 5, 1), text=t, language="de")])[0][0].name for t in texts]
    assert names == ["Atomkraftwerk Zorgband"] * 2


def test_a_name_of_a_place_keeps_the_place() -> None:
    (topics,) = FAST.tag(
        [Event("e", date(2023, 5, 1), text="Cae el líder del Cártel de Sinaloa.", language="es")]
    )
    assert [topic.name for topic in topics] == ["Cártel de Sinaloa", "Sinaloa", "Mexico"]


def test_an_adjective_and_its_noun_are_one_topic_in_every_case() -> None:
    texts = ["Суд в Зоргинской области.", "Глава объехал Зоргинскую область."]
    names = [FAST.tag([Event("e", date(2023, 5, 1), text=t, language="ru")])[0][0].name for t in texts]
    assert names == ["Зоргинская область"] * 2


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ar", "التقى وزير الخارجية زرغان بستاني نظيره في مدينة زرغونة.", {"زرغان بستاني", "زرغونة"}),
        ("ar", "أعلن حزب الزرغان فوز محمد الزرغاني.", {"حزب الزرغان", "محمد الزرغاني"}),
        ("ar", "منحت الجائزة للكاتب زرغان بستاني.", {"زرغان بستاني"}),
        ("ar", "وصلت السفينة إلى ميناء وهران.", {"ميناء وهران", "وهران"}),
        ("hi", "मुख्यमंत्री ज़ोरगू बेस्तान ने ज़ोरगन जिले का दौरा किया।", {"ज़ोरगू बेस्तान", "ज़ोरगन"}),
        ("hi", "कल ज़ोरगू शर्मा ने ज़ोरगन घाटी देखी।", {"ज़ोरगू शर्मा", "ज़ोरगन घाटी"}),
        ("hi", "इस फिल्म में राहुल ज़ोरगान मुख्य भूमिका में हैं।", {"राहुल ज़ोरगान"}),
        ("hi", "राष्ट्रपति ज़ोरगू एर्दोआन ने भाषण दिया।", {"ज़ोरगू एर्दोआन"}),
        ("hi", "किसान नेता जगजीत सिंह ज़ोरगान ने अनशन किया।", {"जगजीत सिंह ज़ोरगान"}),
        ("hi", "चक्रवात ज़ोरगान ने तट पर तबाही मचाई।", {"ज़ोरगान"}),
        ("hi", "वे ज़ोरगान बॉर्डर पर बैठे हैं।", {"ज़ोरगान बॉर्डर"}),
        ("ko", "어제 김조르 대표가 말했다.", {"김조르"}),
        ("ja", "ゾルグーニ大統領が演説した。", {"ゾルグーニ"}),
    ],
)  # fmt: skip
def test_names_are_found_by_what_stands_beside_them(language: str, text: str, expected: set[str]) -> None:
    assert aliases(text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("大阪地裁は判決を言い渡した。", {"大阪地裁", "大阪"}),
        ("山本洋平容疑者が逮捕された。", {"山本洋平"}),
        ("山本洋平氏が辞任し、山本は姿を消した。", {"山本洋平", "山本"}),
        ("大雨で道路が通行止めになり、市の職員が対応した。", set()),
        ("警察は会社の社長から事情を聞いた。", set()),
    ],
)
def test_japanese_names_are_found_by_parts_of_speech(text: str, expected: set[str]) -> None:
    if missing_extra("ja"):
        pytest.skip("SudachiPy is not installed")
    assert aliases(text, "ja") == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "وصل الرئيس إلى العاصمة لإجراء محادثات مع نظيره."),
        ("ar", "أعلن رئيس الوزراء حالة الطوارئ في مدينة كبيرة."),
        ("ar", "زار وزير الدفاع قاعدة عسكرية."),
        ("ar", "اقتربت العاصفة المدارية من الساحل."),
        ("ar", "أطلق الجيش الصاروخ الجديد وهبطت المركبة."),
        ("hi", "मुख्यमंत्री ने अधिकारियों के साथ बैठक की।"),
        ("hi", "राहुल ने सैकड़ों गांव और विशाल बांध देखे।"),
        ("hi", "तूफान से भारी नुकसान हुआ।"),
        ("hi", "हवाई अड्डे पर यात्रियों को लंबा इंतजार करना पड़ा।"),
        ("ko", "이번 선거에서 여당 대표가 사퇴했다."),
        ("ko", "국민을 위해 지난 주장을 다시 했다."),
        ("hi", "किसी ने सभा में मेरी बात मानी।"),
        ("ar", "نشر المصور صور الحادث في ميدان العاصمة."),
        ("ja", "子どもたちのなかの一人は大きさが足りないと話した。"),
        ("ru", "Час назад закрыли кафе. Метро не работает. Пара ушла."),
    ],
)
def test_everyday_words_beside_titles_are_no_names(language: str, text: str) -> None:
    assert aliases(text, language) == set()


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fa", "زلزله شهر کوهپایه در استان زرندیه را لرزاند.", {"کوهپایه", "زرندیه"}),
        ("fa", "احمد کاویانی بازداشت شد.", {"احمد کاویانی"}),
        ("th", "ตำรวจจับกุมนายบุญส่ง คชศิลา ผู้ต้องหา", {"บุญส่ง คชศิลา"}),
        ("th", "น้ำท่วมในอำเภอสะบ้าย้อย หลายครัวเรือน", {"อำเภอสะบ้าย้อย"}),
        ("de", "Ein Zug entgleist in Saint-Brévic bei Nacht.", {"Saint-Brévic"}),
        ("uk", "Гурт Zorgu Blum переміг.", {"Zorgu Blum"}),
    ],
)
def test_persian_thai_and_latin_names_are_betrayed_by_what_stands_beside(
    language: str, text: str, expected: set[str]
) -> None:
    assert aliases(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fa", "نیروهای ارتش در شهر کوچک و منطقه مرزی مستقر شدند."),
        ("fa", "گروه کارشناسان خسارت سیل را بررسی کردند."),
        ("fa", "در این گروه سیاسی دو نفر بودند و جان باختند."),
        ("th", "เขาเดินทางไปที่เมืองเล็กและเกาะใหญ่"),
    ],
)
def test_everyday_words_of_persian_and_thai_are_no_names(language: str, text: str) -> None:
    assert aliases(text, language) == set()


def test_a_russian_region_is_not_its_city_and_a_ministry_is_that_of_the_country() -> None:
    assert topics_of("Удар по нефтебазе в Ростовской области.", "ru") == ["Rostov Oblast"]
    assert topics_of("Израиль нанёс удары, сообщает Минздрав.", "ru") == [
        "Israel",
        "Ministry of Health (Israel)",
    ]


def topics_of(text: str, language: str) -> list[str]:
    (topics,) = FAST.tag([Event("e", date(2023, 5, 1), text=text, language=language)])
    return [topic.name for topic in topics if topic.how == "found"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("南京地铁3号线开通。", {"南京", "南京地铁"}),
        ("京张高速铁路开通运营。", {"京张高速铁路"}),
        ("广深港高速铁路香港段通车。", {"广深港高速铁路", "香港"}),
        ("王力宏案由山东省高级人民法院复查。", {"王力宏", "山东省", "山东", "山东省高级人民法院"}),
        ("阿尔多·萨科基金会公布名单。", {"阿尔多·萨科基金会"}),
        ("佐巴纳球场关闭。", {"佐巴纳球场"}),
        ("长沙望城区停电，武汉一小区封控。", {"长沙", "望城区", "武汉"}),
        ("上海市区下雨，成都灾区居民撤离。", {"上海市", "上海", "成都"}),
        (
            "河北省公安厅和西安市卫健委通报。",
            {"河北省", "河北", "河北省公安厅", "西安市", "西安", "西安市卫健委"},
        ),
        ("一行人在高山和海滨休息。", set[str]()),
    ],
)
def test_chinese_railways_bodies_and_districts_are_found_whole(text: str, expected: set[str]) -> None:
    if missing_extra("zh"):
        pytest.skip("rjieba is not installed")
    assert aliases(text, "zh") == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("外交部表示遺憾。", "Ministry of Foreign Affairs (Taiwan)"),
        ("外交部表示遗憾。", None),
        ("越南與台灣簽約，外交部表示遺憾。", "Ministry of Foreign Affairs (Taiwan)"),
    ],
)
def test_a_ministry_alone_in_traditional_chinese_is_of_taiwan(text: str, name: str | None) -> None:
    (topics,) = FAST.tag([Event("e", date(2016, 5, 1), text=text, language="zh")])
    assert [topic.name for topic in topics if topic.name.startswith("Ministry")] == ([name] if name else [])
