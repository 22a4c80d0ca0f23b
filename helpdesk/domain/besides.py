"""What a mail with the form asks besides the form: 「パスワードも不明です」 below field 4."""

from __future__ import annotations

import re

from helpdesk.domain.labels import Form
from helpdesk.domain.message import Message
from helpdesk.domain.new_address import LOOSE_ADDRESS
from helpdesk.domain.quoting import OWN
from helpdesk.domain.request import Reading, labels_in
from helpdesk.domain.topics import NOTHING_ASKED, TopicBook, TopicReading

#: The form itself is the answer to this one.
_THE_FORM = frozenset({"address_request"})


# Lines that stand in every letter and ask nothing.
_COURTESY = re.compile(
    r"^[ \t　]*(?:(?:いつも)?(?:大変)?お世話に(?:なっており|なり)ます"
    r"|(?:どうぞ|何卒|以上)?[、 ]*(?:よろしく|宜しく)お願い(?:いた|致|申し上げ)?(?:し)?ます"
    r"|[^\s。]{0,20}(?:事務局|学会|ご?担当者?)[ \t　]*[^\s。]{0,8}(?:様|御中|各位)?)[。\s　]*$",
    re.MULTILINE,
)
_EMPTY_LINES = re.compile("\n+")
_LETTERS = re.compile(r"[ぁ-んァ-ヶ一-龠A-Za-z]")
# The shortest question has more: 締切はいつ.
_FEWEST = 5


def _says_more(own: str, form: Form) -> bool:
    """Say whether anything stands beside the form: most mails say nothing more."""
    rest = form.option_2.replaced("", form.option_1.replaced("", _COURTESY.sub("", own)))
    return len(_LETTERS.findall(LOOSE_ADDRESS.sub("", rest))) >= _FEWEST


def asked_besides(
    message: Message, reading: Reading, form: Form, book: TopicBook
) -> TopicReading | None:
    """Return the question that stands beside the form, or None where none does.

    Labels and values are taken out first, so that 施設責任者氏名 is no question about the
    responsible physician. The subject says what the form is about and is left out.
    """
    body = list(message.body)
    places = list(reading.labels) if reading.read_from == "labels" else []
    places = places or [(label.start, label.end) for label in labels_in(message, form)]
    places += [
        (field.start, field.end)
        for name, field in reading.fields()
        if field is not None and name != "request"
    ]
    for start, end in places:
        body[start:end] = "\n" * len(body[start:end])
    blanked = "".join(body)
    own = "\n".join(blanked[one.start : one.end] for one in message.segments if one.kind == OWN)
    own = _EMPTY_LINES.sub("\n", own)
    if not _says_more(own, form):
        return None
    found = book.read("", own, beside_form=_THE_FORM)
    calls_for_a_person = [reason for reason in found.human if reason != NOTHING_ASKED]
    return found if found.strong or calls_for_a_person else None
