"""Everyday words at the beginning of a sentence, which are written like names."""

from __future__ import annotations

from datetime import date

import pytest
from taggers import FAST

from relatedness.events import Event


def names(text: str, language: str) -> list[str]:
    (topics,) = FAST.tag([Event("e", date(2019, 5, 1), text=text, language=language)])
    return [topic.name for topic in topics if topic.how == "found"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        # Of a form of a name that a language does not inflect.
        ("es", "Teléfono cortado. Vienen más lluvias. Colores vivos. Salto al vacío."),
        ("fr", "Viens vite. Portes ouvertes."),
        ("pt", "Flores murchas. Porta aberta. Resistência cresce."),
        # Of a town in another country.
        ("es", "Narra la historia. Encantó al jurado. Cerró la tienda. Quitó la valla."),
        ("it", "Hanno vinto. Narra la storia. Provo ancora."),
        ("tr", "Yara derin. Kara gün. Rahat uyudu."),
        ("id", "Bukan dia. Anda benar. Kami pulang. Tanda tangan."),
        ("nl", "Waren er meer? Kloten vergaan. Bonen koken."),
        ("vi", "Trứng và gạo tăng giá. Vịnh đẹp. Trắng tay."),
        # Of a form of a name that a language inflects.
        ("ru", "Рост цен замедлился. Королева умерла. Левый берег затоплен. Делаю выводы."),
        ("uk", "Рівні води впали. Решта поїхала. Вино подорожчало. Думає про вибори."),
        ("pl", "Nadal trwają rozmowy. Przemysł zwalnia."),
        ("ar", "أودى الحريق بحياة شخصين. عثر عليه ميتا. أزمة مالية."),
    ],
)
def test_everyday_words_with_a_capital_are_no_names(language: str, text: str) -> None:
    assert names(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "Quito y Viena firman. Porto gana.", ["Quito", "Vienna", "Porto"]),
        ("uk", "Рівне без світла, у Рівному вибух.", ["Rivne"]),
        ("pl", "Rafael Nadal wygrał.", ["Rafael Nadal"]),
        ("fa", "آتش‌سوزی در آبادان مهار شد.", ["Abadan"]),
        ("ru", "Ростов и Львов подписали.", ["Rostov-on-Don", "Lviv"]),
    ],
)
def test_the_names_that_they_are_like_are_found(language: str, text: str, expected: list[str]) -> None:
    assert names(text, language) == expected
