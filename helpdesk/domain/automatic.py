"""Robots known by their words alone: autoresponders that set no header.

Words prove less than headers: who is known by them goes to a person and gets no letter.
"""

from __future__ import annotations

import re

from helpdesk.domain.bounce_words import NO_REPLY
from helpdesk.domain.message import Message

_ANSWER = r"\s*(?:(?:re|aw|fw|fwd|返信|転送)\s*[:：]\s*){0,5}"
_AUTOMATIC_SUBJECT = re.compile(
    rf"^{_ANSWER}[\W_]{{0,3}}(?:メール)?(?:自動(?:返信|応答|送信|配信|通知)|オートリプライ"
    r"|out of (?:the )?office|auto(?:matic|mated)?[- :]?(?:reply|response|responder|answer)"
    r"|auto:|ooo\b|on vacation|on leave|away from (?:the |my )?(?:office|mail|desk)"
    r"|vacation (?:reply|notice)"
    r"|i am (?:currently )?(?:out|away)|abwesenheit|réponse automatique|respuesta automática"
    r"|开(?:封|啟)|開封(?:済|確認|通知)|既読|read(?: receipt)?:|not read:|未開封|受信確認)"
    r"|[【\[［(（](?:メール)?自動(?:返信|応答|送信|配信|通知)[^】\]］)）]{0,10}[】\]］)）]"
    r"|自動(?:返信|応答)(?:メール|です)",
    re.IGNORECASE,
)
# An absence is a robot's word where the subject is nothing but that.
_ABSENCE = re.compile(
    rf"^{_ANSWER}[\W_]{{0,3}}(?:[^\s：:]{{0,12}}\s?)?(?:不在|休暇|休業|休診|外出|出張)"
    r"(?:通知|連絡|案内|中|のお知らせ|のご案内|のご連絡|のため|です|にしており|いたし"
    r"|を?(?:頂|いただ|取得))?"
    r"|^\S{0,6}(?:夏季|冬季|年末年始|長期|育児|産前産後|お盆)\S{0,3}(?:休暇|休業|休診)"
)
_WISH_IN_SUBJECT = re.compile(
    r"お願い|依頼|希望|変更|登録|確認(?!通知)|申請|問い?合わ?せ|質問|相談|について"
)


def is_automatic_subject(subject: str) -> bool:
    """Say whether a subject is an autoresponder's: 自動返信, 不在…, out of office."""
    if _AUTOMATIC_SUBJECT.search(subject):
        return True
    return bool(_ABSENCE.match(subject)) and not _WISH_IN_SUBJECT.search(subject)


_AUTOMATIC_TEXT = re.compile(
    r"(?:この|本|当)(?:電子)?メール(?:は|に|への)[^\n。]{0,40}自動(?:的に|で)?(?:送信|返信"
    r"|配信|応答|発信|作成)"
    r"|自動(?:返信|応答)(?:メール|メッセージ)?(?:です|にて|となります|でお(?:送り|知らせ))"
    r"|これは自動(?:送信|返信|応答|配信)"
    r"|(?:送信|配信|返信)専用(?:の)?(?:メール)?アドレス"
    r"|this is an? (?:auto(?:mated|matic(?:ally)?)(?:[- ]generated)?"
    r"|system[- ]generated) (?:e-?mail|message|reply|response)",
    re.IGNORECASE,
)
_AWAY_TEXT = re.compile(
    r"不在(?:に|と)(?:して|なって|いたして|致して)|(?:休暇|お休み)(?:を|と)(?:いただいて"
    r"|頂いて|取得して|させていただ)"
    r"|不在(?:です|のため|しております)|out of (?:the )?office|on (?:annual )?(?:leave"
    r"|vacation)|limited access to (?:my )?e-?mail",
    re.IGNORECASE,
)
# An absence notice is short; who writes more has something to say.
_AWAY_LENGTH = 500


def says_automatic(message: Message, *, answers_us: bool) -> bool:
    """Say whether the text calls itself automatic, or answers us with an absence alone."""
    return text_says_automatic(message.text, answers_us=answers_us)


def text_says_automatic(text: str, *, answers_us: bool) -> bool:
    """Say so of a text alone."""
    text = text[:4_000]
    # What is looked for has one of these in it; most letters have none.
    spoken = "自動" in text or "専用" in text or "th" in text.lower()
    if spoken and _AUTOMATIC_TEXT.search(text):
        return True
    return answers_us and len(text) < _AWAY_LENGTH and _AWAY_TEXT.search(text) is not None


def sends_no_answers(message: Message) -> bool:
    """Say whether the sender's address is one that nobody reads."""
    return bool(message.sender and NO_REPLY.search(f"<{message.sender.address}>"))
