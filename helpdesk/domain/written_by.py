"""Who wrote a request: the physician, or a clerk on the physician's behalf (代理).

Read from what the mail says of its writer, in this order: words of proxy, how the
writer introduces themselves, who signed, whom From names. Nothing is decided by it:
anybody can write anybody's name. It tells staff whom they answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.domain.japanese import fold
from helpdesk.domain.message import Message
from helpdesk.domain.names import same_physician
from helpdesk.domain.request import Reading

SELF, PROXY, UNKNOWN = "self", "proxy", "unknown"


@dataclass(frozen=True, slots=True)
class WrittenBy:
    """Who wrote, with the words of the mail that say so ('' where nothing does)."""

    kind: str
    words: str = ""


# Only the beginning of a line is looked at: sentences of this kind are short.
_LINE = 300

_PROXY = re.compile(
    r"[^。\n]{0,40}(?:(?:責任者|先生|医師|部長|院長|本人|医長|科長|教授)[^。\n]{0,12}(?:に代わ(?:り|って)|の代(?:理|わり)|より(?:の)?依頼|から(?:の)?依頼"
    r"|より指示|から指示|の指示|の依頼)|代理(?:で|として|人|にて|の者)|代筆|代行(?:で|して|にて)|(?:に)?代わりまして|に代わって|に代わり)[^。\n]{0,30}"
)
_SELF = re.compile(
    r"[^。\n]{0,30}(?:施設責任者(?:である|の|本人|をして|を務め|を担当|です)|責任者本人|本人(?:です|より|から|が)|私が(?:施設)?責任者)[^。\n]{0,30}"
)
_IS_ME = r"(?:と申します|でございます|です|と言います|といいます|であります)"
_INTRODUCTION = re.compile(
    rf"(?:^|[。\n、])(?P<who>[^。\n、]{{2,60}}?){_IS_ME}(?=[。\n、\s]|$)", re.MULTILINE
)
_OFFICE = re.compile(
    r"医事課|総務課|庶務課|事務(?:部|局|長|員|担当|室|課)|秘書|医局(?:秘書|事務)|人事課|管理課|企画課|教育研修|研修(?:センター|担当|管理)|地域連携室|担当者?の|係の|事務の|事務です"
)
_SELF_MARK = re.compile(r"[（(](?:本人|自署|責任者本人)[）)]")


def read_written_by(message: Message, reading: Reading) -> WrittenBy:
    """Return who wrote a mail, and the words that say so."""
    text = "\n".join(line[:_LINE] for line in message.text.splitlines())
    name = reading.responsible_physician.value if reading.responsible_physician else ""
    for ask in (_by_words_of_proxy, _by_introduction, _by_words_of_self):
        if found := ask(text, name):
            return found
    return _by_signature(message, name) or _by_sender(message, name) or WrittenBy(UNKNOWN)


def _by_words_of_proxy(text: str, _name: str) -> WrittenBy | None:
    match = _PROXY.search(text)
    return WrittenBy(PROXY, match.group().strip()) if match else None


def _by_introduction(text: str, name: str) -> WrittenBy | None:
    """Compare the one who says 「…と申します」 with the physician."""
    for match in _INTRODUCTION.finditer(text):
        who = match["who"]
        if name and fold(name) in fold(who):
            return WrittenBy(SELF, match.group().strip("。、\n "))
        if _OFFICE.search(who):
            return WrittenBy(PROXY, match.group().strip("。、\n "))
    return None


def _by_words_of_self(text: str, _name: str) -> WrittenBy | None:
    match = _SELF.search(text) or _SELF_MARK.search(text)
    return WrittenBy(SELF, match.group().strip()) if match else None


def _by_signature(message: Message, name: str) -> WrittenBy | None:
    """Look who signed: the physician's name alone, or an office with another name."""
    lines = [line.strip() for line in message.signature.splitlines() if line.strip()]
    for line in lines:
        if name and fold(name) in fold(line):
            return WrittenBy(SELF, line[:80])
    office = next((line for line in lines if _OFFICE.search(line)), None)
    return WrittenBy(PROXY, office[:80]) if office and name else None


def _by_sender(message: Message, name: str) -> WrittenBy | None:
    shown = message.sender.name if message.sender else ""
    if name and shown and (fold(name) in fold(shown) or same_physician(shown, name, "")):
        return WrittenBy(SELF, shown)
    return WrittenBy(PROXY, shown) if shown and _OFFICE.search(shown) else None
