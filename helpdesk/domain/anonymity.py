"""Text without the person who wrote it: what may be kept as an example of a question."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpdesk.domain.phrases import MAX_QUESTION

# In the order in which they are replaced: an address holds digits, so it goes first.
_PATTERNS = (
    (re.compile(r"https?://\S+"), "〈URL〉"),
    (re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+[@＠][\w.-]+"), "〈アドレス〉"),
    (
        re.compile(
            r"[A-Za-zＡ-Ｚａ-ｚ]{0,3}[-－]?[\d０-９]"
            r"[\d０-９\-－()（）年月日/／.]{3,}"
        ),
        "〈番号〉",
    ),
    (
        re.compile(
            r"[^\s　、。「」（）()・:：]{1,40}?"
            r"(?:病院|センター|クリニック|医院|診療所|ホスピス|大学)"
        ),
        "〈施設〉",
    ),
    (
        re.compile(
            r"[一-龠々ヶ髙﨑ァ-ヶー]{1,6}[\s　]?[一-龠々ヶぁ-んァ-ヶー]{0,5}"
            r"(?:先生|医師|様|さん|氏(?!名))"
        ),
        "〈氏名〉",
    ),
)
# People say who they are in a sentence of its own, or in front of a comma.
_INTRODUCTION = re.compile(
    r"[^。、\n]{0,60}(?:と申します|と申し上げます|でございます"
    r"|担当の[^。、\n]{1,15}です|の[一-龠々ヶ]{1,8}です)(?:。|、|$)",
    re.MULTILINE,
)


def without_person(text: str, names: Iterable[str]) -> str:
    """Return a question without names, facilities, addresses, numbers and dates.

    `names` are what is known of the person and the facility: names as written in From,
    in the fields and in the registry; they are replaced first, their parts too.
    """
    kept = text[:MAX_QUESTION]
    parts = {part for name in names for part in (name, *re.split(r"[\s　]+", name))}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= 2:
            kept = kept.replace(part, "〈氏名〉")
    kept = _INTRODUCTION.sub("", kept)
    for pattern, word in _PATTERNS:
        kept = pattern.sub(word, kept)
    return re.sub(r"\n{3,}", "\n\n", kept).strip()
