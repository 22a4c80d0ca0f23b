"""What a message turned out to be, and whether it is any of our business.

Machines are asked for before people, so that none is ever answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from helpdesk.domain.automatic import is_automatic_subject, says_automatic, sends_no_answers
from helpdesk.domain.japanese import fold
from helpdesk.domain.labels import ANY_LABEL
from helpdesk.domain.machines import OWN_MAIL, Scope, find_machine
from helpdesk.domain.message import Message
from helpdesk.domain.request import Reading
from helpdesk.domain.topics import TopicBook, TopicReading

__all__ = ["OWN_MAIL", "Scope", "Sorting", "sort_message"]

#: Topic of what is ours and for a person.
HUMAN = "human"

#: Reason: known as a machine by nothing but the subject.
AUTOMATIC_BY_SUBJECT = "automatic_by_subject"

#: Reasons: a person must open what the machine cannot or must not read.
ENCRYPTED = "encrypted"
FORM_ATTACHED = "form_attached"


@dataclass(frozen=True, slots=True)
class Sorting:
    """The one disposition of a message."""

    disposition: str
    topic: str | None
    #: False: it is left lying in the mailbox, without a case and without a letter.
    ours: bool
    #: Pure thanks: no question, attachment or wish.
    thanks: bool
    #: Names of the rules that decided; no personal data.
    reasons: tuple[str, ...]
    #: What was asked and why it was believed or not; None: not looked at.
    asks: TopicReading | None = None
    #: Sealed documents (公印書類) are attached; they are not accepted by mail.
    documents: bool = False


def sort_message(message: Message, reading: Reading, scope: Scope, *, answers_us: bool) -> Sorting:
    """Return what a message is. `answers_us`: it has a mark or Message-ID of our own."""
    if (machine := find_machine(message, scope)) is not None:
        disposition, reason = machine
        return Sorting(disposition, None, answers_us and disposition != "bulk", False, (reason,))
    if _only_in_cc(message, scope):
        return Sorting("other", None, False, False, ("cc_only",))
    about = about_portal(message, scope)
    if (robot := _robot_by_words(message, about=about, answers_us=answers_us)) is not None:
        return robot
    if message.encrypted is not None and not reading.is_request:
        return Sorting("unclear", HUMAN, True, False, (ENCRYPTED,))
    documents = brings_documents(message, scope)
    if answers_us:
        return replace(_answer(message, reading), documents=documents)
    if (about or reading.is_request) and not documents and _form_is_attached(message, reading):
        return Sorting("unclear", HUMAN, True, False, (FORM_ATTACHED,))
    if reading.is_request:
        reason = "form" if reading.labelled else "prose"
        if message.sender is None:
            return Sorting("unclear", HUMAN, True, False, (reason, "no_plain_sender"))
        if message.invitation is not None:
            return Sorting("unclear", HUMAN, True, False, (reason, "invitation"))
        return Sorting("request", None, True, False, (reason,))
    if scope.topics is not None:
        return _by_topic(message, scope.topics, about=about, documents=documents)
    if about:
        return Sorting("unclear", HUMAN, True, False, ("words",))
    return Sorting("other", None, False, False, ("not_ours",))


def _answer(message: Message, reading: Reading) -> Sorting:
    if message.invitation is not None:
        return Sorting("unclear", HUMAN, True, False, ("invitation",))
    return Sorting("reply", None, True, is_thanks(message, reading), ("answers_us",))


def _by_topic(message: Message, book: TopicBook, *, about: bool, documents: bool) -> Sorting:
    """Tell questions, what is for a person, and what is none of our business apart."""
    asks = book.read(message.subject, message.text)
    if asks.advertisement or (not about and (asks.not_ours or _has_link(message))):
        return Sorting("other", None, False, False, ("not_ours",), asks)
    if not about and not asks.strong and not documents:
        return Sorting("other", None, False, False, ("not_ours",), asks)
    if documents:
        return Sorting("unclear", HUMAN, True, False, ("documents",), asks, documents=True)
    if asks.sure and message.sender is not None:
        return Sorting("question", asks.best, True, False, ("topic",), asks)
    return Sorting("unclear", HUMAN, True, False, _doubts(asks) or ("words",), asks)


def _doubts(asks: TopicReading) -> tuple[str, ...]:
    """Return why a mail is not taken for a question of the guide."""
    doubts = {
        "needs_a_person": bool(asks.human),
        "other_business": bool(asks.not_ours),
        "no_topic": not asks.strong,
        "two_topics": asks.strong and not asks.sure and not asks.human and not asks.not_ours,
    }
    return tuple(name for name, holds in doubts.items() if holds)


# Whoever sends a link to click on, and no word of the portal, asks nothing of us.
_LINK = re.compile(r"https?://", re.IGNORECASE)


def _has_link(message: Message) -> bool:
    return _LINK.search(message.text) is not None


# A picture in a signature is no document; a scan has a name of its own.
_INLINE_PICTURE = re.compile(r"(?:image|inline|logo|img|outlook-)[\w-]*\.\w+", re.IGNORECASE)
_SENDS = re.compile(r"添付|送付|送り(?:いた|し|ま)|お送り|提出(?:いた|し)|同封|送信(?:いた|し)")


def brings_documents(message: Message, scope: Scope) -> bool:
    """Say whether sealed documents (申請書, 在籍証明書) are attached to a mail."""
    book = scope.topics
    files = [one for one in message.attachments if not _INLINE_PICTURE.match(one.name)]
    if book is None or not files:
        return False
    if any(book.speaks_of_documents(one.name) for one in files):
        return True
    said = f"{message.subject}\n{message.text}"
    return _SENDS.search(said) is not None and book.speaks_of_documents(said)


def _robot_by_words(message: Message, *, about: bool, answers_us: bool) -> Sorting | None:
    """Return where a mail goes that only its words, and no header, show to be a robot's."""
    if about and sends_no_answers(message):
        return Sorting("auto_reply", None, answers_us, False, ("no_reply_address",))
    if not (
        is_automatic_subject(message.subject) or says_automatic(message, answers_us=answers_us)
    ):
        return None
    if about or answers_us or not _any_words(message):
        return Sorting("unclear", HUMAN, True, False, (AUTOMATIC_BY_SUBJECT,))
    return Sorting("other", None, False, False, (AUTOMATIC_BY_SUBJECT,))


# What a form is filled in with, or packed into.
_DOCUMENT = re.compile(
    r"\.(?:docx?|docm|dotx?|odt|rtf|pdf|xlsx?|xlsm|ods|csv|txt|jtd|pages|numbers|pptx?"
    r"|jpe?g|png|tiff?|heic|bmp|gif|zip|lzh|7z|rar|xdw)$",
    re.IGNORECASE,
)
_DOCUMENT_TYPE = re.compile(
    r"^application/(?:pdf|msword|rtf|vnd\.|zip|x-zip|x-lzh|x-js-taro|octet-stream)"
)
_REFERS = re.compile(r"添付|別紙|別添|ファイル|attach", re.IGNORECASE)


def _form_is_attached(message: Message, reading: Reading) -> bool:
    """Say whether the form seems to sit in a document, which is listed and never opened."""
    if not any(
        _DOCUMENT.search(one.name) or (_DOCUMENT_TYPE.match(one.type) and not one.name)
        for one in message.attachments
    ):
        return False
    values = reading.values()
    if any(value for name, value in values.items() if name != "request"):
        return False
    return _REFERS.search(message.text) is not None or len(message.text.strip()) < 200


def _any_words(message: Message) -> bool:
    return bool(message.text.strip())


def _only_in_cc(message: Message, scope: Scope) -> bool:
    """Say whether the desk is only told of a mail that is meant for somebody else."""
    if any(one.address.lower() in scope.desk_addresses for one in message.to):
        return False
    return any(one.address.lower() in scope.desk_addresses for one in message.cc)


def about_portal(message: Message, scope: Scope) -> bool:
    """Say whether subject or text speak of the portal or the renewal, in the rules' words."""
    # Who only forwards says it with the other's words.
    own = message.text if message.text.strip() else message.quoted
    if ANY_LABEL.search(own) is not None:  # Asked first: folding a whole text is dear.
        return True
    text = fold(f"{message.subject}\n{own}"[:20_000])
    return any(fold(word) in text for word in scope.words)


_THANKS = re.compile(
    r"ありがとう|有難う|有り難う|感謝|御礼|お礼|承知|了解|かしこまり|拝受|受領(?:いた|し|いたし)|確認(?:いた|でき|しま)|助かり|thank",
    re.IGNORECASE,
)
_WANTS = re.compile(
    r"[?？]|でしょうか|ですか|ますか|ください|下さい|いただけ|頂け|お願い(?:いたし|致し|申し|でき|し)|たい(?:です|の|と)|希望|教えて|ご教示|ところ|しかし|ですが|ませんが|届いて(?:い)?ません|できません|ない(?:ので|ため)|間違|誤り|違(?:い|っ)|不明"
)
_CLOSING_WISH = re.compile(
    r"(?:今後とも|引き続き|どうぞ|何卒|以上)?[、\s]*(?:よろしく|宜しく)(?:お願い|御願い)(?:いたします|致します|申し上げます|します)[^\n]{0,12}"
)
_OPENING = re.compile(
    r"(?:いつも|大変|平素より|平素は)?[^\n]{0,14}お世話になっております[^\n]{0,30}"
)

# Thanks are short; who writes more has something to say.
_THANKS_LENGTH = 300


def is_thanks(message: Message, reading: Reading) -> bool:
    """Say whether a mail only thanks: no question mark, attachment or wish."""
    text = message.text.strip()
    if not text or len(text) > _THANKS_LENGTH or message.attachments:
        return False
    if any(value is not None for value in reading.values().values()):
        return False
    bare = _CLOSING_WISH.sub("", _OPENING.sub("", text))
    return _THANKS.search(bare) is not None and _WANTS.search(bare) is None
