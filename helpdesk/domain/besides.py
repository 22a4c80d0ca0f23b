"""What a mail with the form asks besides the form: 「パスワードも不明です」 below field 4."""

from __future__ import annotations

from helpdesk.domain.labels import Form
from helpdesk.domain.message import Message
from helpdesk.domain.quoting import OWN
from helpdesk.domain.request import Reading, labels_in
from helpdesk.domain.topics import NOTHING_ASKED, TopicBook, TopicReading

#: The form itself is the answer to this one.
_THE_FORM = frozenset({"address_request"})


def asked_besides(
    message: Message, reading: Reading, form: Form, book: TopicBook
) -> TopicReading | None:
    """Return the question that stands beside the form, or None where none does.

    Labels and values are taken out first, so that 施設責任者氏名 is no question about the
    responsible physician. The subject says what the form is about and is left out.
    """
    body = list(message.body)
    places = [(label.start, label.end) for label in labels_in(message, form)]
    places += [
        (field.start, field.end)
        for name, field in reading.fields()
        if field is not None and name != "request"
    ]
    for start, end in places:
        body[start:end] = "\n" * len(body[start:end])
    blanked = "".join(body)
    own = "\n".join(blanked[one.start : one.end] for one in message.segments if one.kind == OWN)
    found = book.read("", own, beside_form=_THE_FORM)
    calls_for_a_person = [reason for reason in found.human if reason != NOTHING_ASKED]
    return found if found.strong or calls_for_a_person else None
