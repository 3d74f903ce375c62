"""The words and dates of published pages, from a data file a language: ``languages/en.toml`` names what each must hold."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

_FOLDER = "languages"


class SiteWords:
    """The words of a site in its language.

    Parameters
    ----------
    language : str
        A tag such as ``en`` or ``pt-BR``. Where there is no file for it, the words are English.

    Examples
    --------
    >>> words = SiteWords("de")
    >>> words["related"], words.day("2016-07-01"), words.events(1200)
    ('Verwandt', '1. Juli 2016', '1.200 Ereignisse')
    """

    def __init__(self, language: str) -> None:
        code = language.partition("-")[0].lower()
        self.language = code if code in known_languages() else "en"
        """The language of the words."""
        self._words = _read(self.language)
        self._topics: dict[str, str] = {}
        self._days: dict[str, str] = {"": self["undated"]}  # thousands of lines name the same few days

    def __getitem__(self, name: str) -> str:
        text: str = self._words[name]
        return text

    def get(self, name: str, **values: object) -> str:
        """A text with its blanks filled in."""
        return self[name].format(**values)

    @property
    def right_to_left(self) -> bool:
        """Whether the language is written from right to left."""
        return bool(self._words.get("right_to_left"))

    @property
    def months_in_dates(self) -> list[str]:
        """The names of months as they stand behind the number of a day."""
        found: list[str] = self._words.get("months_in_dates", self._words["months"])
        return found

    def topic(self, name: str) -> str:
        """What the language calls a topic; its canonical name where no other is known."""
        if self.language == "en":
            return name
        if name not in self._topics:
            from relatedness.topics import name_in

            self._topics[name] = name_in(self.language, name)
        return self._topics[name]

    def events(self, number: int) -> str:
        """A number of events."""
        return self["event"] if number == 1 else self.counted("events", number)

    def counted(self, name: str, number: int) -> str:
        """A text with a number in it."""
        return self.get(name, n=f"{number:,}".replace(",", self["thousands"]))

    def month(self, month: str) -> str:
        """``2016-07`` -> ``July 2016``; no month is ``Undated``."""
        if not month:
            return self["undated"]
        return self.get("month", month=self._words["months"][int(month[5:7]) - 1], year=month[:4])

    def day(self, day: str) -> str:
        """``2016-07-01`` -> ``1 July 2016``; no day is ``Undated``."""
        if day not in self._days:
            month = self.months_in_dates[int(day[5:7]) - 1]
            self._days[day] = self.get("date", day=int(day[8:]), month=month, year=day[:4])
        return self._days[day]

    def weekday(self, day: str) -> str:
        """``2016-07-01`` -> ``Friday, 1 July 2016``; no day is ``Undated``."""
        if not day:
            return self["undated"]
        name = self._words["weekdays"][date.fromisoformat(day).weekday()]
        return self.get("weekday", weekday=name, date=self.day(day))

    def span(self, first: str, last: str) -> str:
        """From one moment in words to another, or the one if they are the same."""
        return first if first == last else self.get("span", first=first, last=last)


@cache
def known_languages() -> tuple[str, ...]:
    """The languages that there are words for.

    Examples
    --------
    >>> known_languages()
    ('ar', 'de', 'en', 'es', 'fr', 'hi', 'ja', 'pt', 'ru', 'zh')
    """
    folder = files("relatedness.publish") / _FOLDER
    return tuple(
        sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))
    )


@cache
def _read(language: str) -> dict[str, Any]:
    file = files("relatedness.publish") / _FOLDER / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
