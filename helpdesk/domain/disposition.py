"""What a message turned out to be, and whether it is any of our business.

Rules are asked in order, and the first that answers decides: machines before people,
so that none is ever answered. Source: RFC 3834 (automatic responses), RFC 2369 and
2919 (lists), RFC 8098 (read receipts), RFC 5965 (feedback reports).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.domain.japanese import fold
from helpdesk.domain.labels import ANY_LABEL
from helpdesk.domain.marks import OWN_HEADER, is_own_message_id
from helpdesk.domain.message import Message
from helpdesk.domain.request import Reading
from helpdesk.domain.topics import TopicBook, TopicReading

#: Topic of what is ours and for a person.
HUMAN = "human"

#: Reason: known as a machine by nothing but the subject.
AUTOMATIC_BY_SUBJECT = "automatic_by_subject"

#: Reason: written by ourselves or by staff.
OWN_MAIL = "own_mail"


@dataclass(frozen=True, slots=True)
class Scope:
    """What makes a mail ours: the desk's addresses, and the words of the rules."""

    desk_addresses: frozenset[str]
    words: tuple[str, ...]
    #: What questions are about; None: every question is for a person.
    topics: TopicBook | None = None


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
    for disposition, reason in _machine(message, scope):
        return Sorting(disposition, None, answers_us and disposition != "bulk", False, (reason,))
    if _only_in_cc(message, scope):
        return Sorting("other", None, False, False, ("cc_only",))
    about = about_portal(message, scope)
    by_subject = _AUTOMATIC_SUBJECT.search(message.subject) is not None
    if by_subject and (about or answers_us or not _any_words(message)):
        return Sorting("unclear", HUMAN, True, False, (AUTOMATIC_BY_SUBJECT,))
    if by_subject:
        return Sorting("other", None, False, False, (AUTOMATIC_BY_SUBJECT,))
    documents = brings_documents(message, scope)
    if answers_us:
        thanks = is_thanks(message, reading)
        return Sorting("reply", None, True, thanks, ("answers_us",), documents=documents)
    if reading.is_request:
        reason = "form" if reading.labelled else "prose"
        if message.sender is None:
            return Sorting("unclear", HUMAN, True, False, (reason, "no_plain_sender"))
        return Sorting("request", None, True, False, (reason,))
    if scope.topics is not None:
        return _by_topic(message, scope.topics, about=about, documents=documents)
    if about:
        return Sorting("unclear", HUMAN, True, False, ("words",))
    return Sorting("other", None, False, False, ("not_ours",))


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


def _machine(message: Message, scope: Scope) -> list[tuple[str, str]]:
    """Return the first rule that knows a machine, as disposition and reason."""
    for disposition, reason, is_it in _MACHINES:
        if is_it(message, scope):
            return [(disposition, reason)]
    return []


def _value(message: Message, name: str) -> str:
    return (message.header(name) or "").strip().lower()


def _is_own(message: Message, scope: Scope) -> bool:
    if message.header(OWN_HEADER.lower()) is not None:
        return True
    if message.message_id is not None and is_own_message_id(message.message_id):
        return True
    sender = message.sender
    return sender is not None and sender.address.lower() in scope.desk_addresses


def _is_report(message: Message, kind: str) -> bool:
    return (
        message.content_type == "multipart/report"
        and message.parameters.get("report-type", "").lower() == kind
    )


_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon)@", re.IGNORECASE)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|delivery (?:status notification|failure|has failed|report)"
    r"|returned mail|mail delivery (?:failed|system)"
    r"|failure notice|non-?delivery|配信(?:不能|できません|エラー)|配送(?:不能"
    r"|エラー)|送信(?:できません|エラー|失敗)|宛先不明|不達|届きません",
    re.IGNORECASE,
)


def _is_bounce(message: Message, _scope: Scope) -> bool:
    if message.bounce is not None or _is_report(message, "delivery-status"):
        return True
    sender = message.sender.address if message.sender else ""
    if message.header("x-failed-recipients") is not None:
        return True
    by_daemon = bool(_DAEMON.match(sender))
    return bool(_BOUNCE_SUBJECT.search(message.subject)) and (
        by_daemon or message.return_path == ""
    )


def _auto_submitted(message: Message, _scope: Scope) -> bool:
    # RFC 3834 section 5: anything but `no`; a comment or parameter may follow.
    value = re.split(r"[;(\s]", _value(message, "auto-submitted"), maxsplit=1)[0]
    return value not in ("", "no")


def _is_read_receipt(message: Message, _scope: Scope) -> bool:
    return _is_report(message, "disposition-notification") or _is_report(
        message, "disposition-notification-type"
    )


_VACATION_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-vacation",
    "x-autoreply-from",
    "x-mail-autoreply",
)


def _is_vacation(message: Message, _scope: Scope) -> bool:
    if any(message.header(name) is not None for name in _VACATION_HEADERS):
        return _value(message, "x-autoreply") not in ("no",)
    if _value(message, "precedence") in ("auto_reply", "auto-reply"):
        return True
    return _value(message, "x-precedence") == "auto_reply"


def _null_return_path(message: Message, _scope: Scope) -> bool:
    if message.return_path == "":
        return True
    return bool(message.sender and _DAEMON.match(message.sender.address))


def _loops(message: Message, scope: Scope) -> bool:
    loop = _value(message, "x-loop")
    return bool(loop) and any(address in loop for address in scope.desk_addresses)


_LIST_HEADERS = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "list-subscribe",
    "list-owner",
    "list-archive",
    "x-mailing-list",
    "x-ml-name",
    "x-mlserver",
    "mailing-list",
)


def _is_list(message: Message, _scope: Scope) -> bool:
    if any(message.header(name) is not None for name in _LIST_HEADERS):
        return True
    return _value(message, "precedence") in ("bulk", "list", "junk")


def _is_spam(message: Message, _scope: Scope) -> bool:
    return _value(message, "x-spam-flag").startswith("yes") or _value(
        message, "x-spam-status"
    ).startswith("yes")


def _is_feedback(message: Message, _scope: Scope) -> bool:
    return _is_report(message, "feedback-report")


_Rule = Callable[[Message, Scope], bool]

#: In order. X-Auto-Response-Suppress is no mark: Exchange writes it on people's mail.
_MACHINES: tuple[tuple[str, str, _Rule], ...] = (
    ("auto_reply", OWN_MAIL, _is_own),
    ("bounce", "delivery_status", _is_bounce),
    ("bulk", "feedback_report", _is_feedback),
    ("auto_reply", "read_receipt", _is_read_receipt),
    ("bulk", "spam_marked", _is_spam),
    ("auto_reply", "vacation_header", _is_vacation),
    ("bulk", "mailing_list", _is_list),
    ("auto_reply", "auto_submitted", _auto_submitted),
    ("auto_reply", "null_return_path", _null_return_path),
    ("auto_reply", "loop", _loops),
)

_AUTOMATIC_SUBJECT = re.compile(
    r"自動(?:返信|応答|送信|配信)|不在(?:通知|連絡|のお知らせ|のため|です|中)|^不在|休暇(?:中|のお知らせ|のため)|休業のお知らせ|長期休暇"
    r"|out of (?:the )?office|auto(?:matic)?[- ]?(?:reply|response)|on vacation"
    r"|away from (?:the |my )?(?:office|mail)",
    re.IGNORECASE,
)


def _any_words(message: Message) -> bool:
    return bool(message.text.strip())


def _only_in_cc(message: Message, scope: Scope) -> bool:
    """Say whether the desk is only told of a mail that is meant for somebody else."""
    if any(one.address.lower() in scope.desk_addresses for one in message.to):
        return False
    return any(one.address.lower() in scope.desk_addresses for one in message.cc)


def about_portal(message: Message, scope: Scope) -> bool:
    """Say whether subject or text speak of the portal or the renewal, in the rules' words."""
    text = fold(f"{message.subject}\n{message.text}"[:20_000])
    if any(fold(word) in text for word in scope.words):
        return True
    return ANY_LABEL.search(message.text) is not None


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
