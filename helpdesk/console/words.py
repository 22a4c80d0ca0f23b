"""The words of the console: Japanese as written here, English from the catalogue (gettext)."""

from __future__ import annotations

import gettext
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from helpdesk.console import mistakes, told
from helpdesk.console.labels import FIELDS, LABELS, SAID
from helpdesk.console.marking import N_
from helpdesk.domain.calendar import JST

__all__ = ["LANGUAGES", "N_", "Words", "words_of"]

LANGUAGES = ("ja", "en")

_LOCALE = Path(__file__).parent / "locale"


class Words:
    """The texts of one language, and its way of writing dates."""

    def __init__(self, language: str) -> None:
        """Load the catalogue; Japanese needs none."""
        self.language = language
        self._catalogue: gettext.NullTranslations = (
            gettext.translation("console", _LOCALE, [language])
            if language != "ja"
            else gettext.NullTranslations()
        )
        self.gettext: Callable[[str], str] = self._catalogue.gettext

    def label(self, group: str, key: object) -> str:
        """Return the word for a value of the tables; an unknown one stands for itself."""
        text = LABELS[group].get(str(key))
        if text is None and group == "letter" and str(key).startswith("topic_"):
            topic = self.label("topic", str(key).removeprefix("topic_"))
            return self.gettext(N_("質問への回答：{topic}")).format(topic=topic)
        return self.gettext(text) if text else str(key or "")

    def labels(self, group: str) -> list[tuple[str, str]]:
        """Return every value of a group with its word."""
        return [(key, self.gettext(text)) for key, text in LABELS[group].items()]

    def said(self, key: str) -> str:
        """Return the sentence of a page's `?said=`, '' for anything else."""
        return self.gettext(SAID[key]) if key in SAID else ""

    def reason(self, text: str) -> str:
        """Return a reason of the domain in this language."""
        return text if self.language != "ja" else told.reason(text, self._name)

    def outcome(self, text: str | None) -> str:
        """Return how a letter ended, in this language."""
        if self.language == "ja":
            return told.outcome(text or "")
        return self.note(text)

    def note(self, text: str | None) -> str:
        """Return what the desk noted beside an action, in this language."""
        return told.note(text or "", self.language, self.gettext)

    def mistakes(self, text: str) -> list[str]:
        """Return every mistake of a file that was given, a sentence each, in this language."""
        return (mistakes.in_japanese(text) if self.language == "ja" else text).split("\n")

    @staticmethod
    def _name(text: str) -> str:
        return "・".join(FIELDS.get(one, one) for one in text.split(", "))

    def day(self, value: date | datetime | None, *, year: bool = True) -> str:
        """Return a date: 2027年2月14日（日）, or 14 Feb 2027."""
        if value is None:
            return ""
        if isinstance(value, datetime):
            value = value.astimezone(JST).date()
        if self.language == "ja":
            weekday = "月火水木金土日"[value.weekday()]
            text = f"{value.month}月{value.day}日（{weekday}）"
            return f"{value.year}年{text}" if year else text
        return f"{value:%a} {value.day} {value:%b}" + (f" {value.year}" if year else "")

    def moment(self, value: datetime | None) -> str:
        """Return a time in Japan: 2月14日（日） 10:05, with the year where it is another one."""
        if value is None:
            return ""
        local = value.astimezone(JST)
        year = local.year != datetime.now(JST).year
        return f"{self.day(local, year=year)} {local:%H:%M}"

    def ago(self, value: datetime | None, now: datetime) -> str:
        """Return how long ago a time was, in one word."""
        if value is None:
            return ""
        minutes = max(0, int((now - value.astimezone(UTC)).total_seconds() // 60))
        if minutes < 60:
            return self.gettext(N_("{n}分")).format(n=minutes)
        if minutes < 60 * 48:
            return self.gettext(N_("{n}時間")).format(n=minutes // 60)
        return self.gettext(N_("{n}日")).format(n=minutes // 1440)


@lru_cache(maxsize=4)
def words_of(language: str) -> Words:
    """Return the words of a language; anything unknown is Japanese."""
    return Words(language if language in LANGUAGES else "ja")
