"""Bounces that no format describes, known by their words, Japanese ones first of all.

docomo, au and SoftBank, and the older servers of providers, write a letter to the
sender in plain words. Only a mail that comes as machines' mail comes is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpdesk.domain.headers import decode_header

#: Local parts, or names, that only mail servers have.
DAEMON = re.compile(
    r"(?:^|[\s<\"'(])(?:mailer[-_]?daemon|mail[-_]?daemon|post[-_]?master|mmdf|uucp"
    r"|mail(?:er)?[-_.]?(?:delivery|robot)[-_.]?(?:sub)?(?:system)?)(?:@|>|$|\s*[<\"')])"
    r"|mail delivery (?:sub)?system|internet mail delivery",
    re.IGNORECASE,
)
NO_REPLY = re.compile(
    r"(?:^|[<\s\"])(?:no|do[-_.]?not|donot)[-_.]?reply[^@\s]{0,30}@", re.IGNORECASE
)

_ANSWER = re.compile(r"^\s*(?:re|aw|fw|fwd|sv|返信|転送)\s*(?:\[\d{1,3}\])?\s*[:：]", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status notification|failure|has failed|report|problem|notification)"
    r"|delivery status|failure delivery|returned (?:mail|to sender)|mail delivery"
    r"|(?:mail|message) (?:delivery )?(?:failed|failure|status report|you sent)"
    r"|failure notice|failed mail|non-?deliver|could not (?:be )?(?:send|deliver)"
    r"|unable to deliver"
    r"|warning:? ?-*\s?(?:could not send|message .{1,80} delayed)|delayed mail|mail system error"
    r"|user unknown|postmaster notify|message status - undeliverable|nondeliverable"
    r"|配信(?:不能|不可|できません|エラー|失敗|に失敗|状況通知|されませんでした)"
    r"|配送(?:不能|不可|エラー|失敗|に失敗|できません|遅延)"
    r"|送信(?:できません|エラー|失敗|に失敗|不能|不可)|宛先不明|あて先不明|不達|届きません"
    r"|届けられません"
    r"|お届けできません|返送|戻り",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"(?:could|can|was|were|has|have)(?: ?not|n't)(?: been)? (?:be )?(?:deliver|sent|send|reach)"
    r"|error delivering|undeliver|delivery (?:to the following|has failed|failed|attempt)"
    r"|delivery status notification|had (?:permanent|transient|delivery) (?:fatal )?(?:errors"
    r"|problems)"
    r"|failed permanently|unable to (?:deliver|send)|user unknown|unknown user"
    r"|unrouteable address"
    r"|no such user|mailbox (?:is )?(?:full|unavailable)|invalid (?:recipient|user)"
    r"|returned to (?:the )?sender"
    r"|final-recipient:|recipient (?:address )?rejected|bounced back"
    r"|(?:送信|配信|配送|お届け|送達|転送)(?:が|は|を|に)?(?:できません|できなかった|失敗"
    r"|不能|されません|することができません)"
    r"|届けることができません|届きませんでした|(?:宛先|あて先|宛て先|アドレス"
    r"|ユーザ)[^\n]{0,40}(?:存在しません|見つかりません|不明)"
    r"|受信(?:を)?拒否|(?:容量|メールボックス)[^\n]{0,30}(?:一杯|いっぱい|超え|超過|オーバー"
    r"|不足)",
    re.IGNORECASE,
)
# A letter that is quoted below begins here.
_ORIGINAL = re.compile(
    r"^[ \t]{0,8}(?:[-=_]{2,}|Message headers follow|The original message|Original message"
    r"|元のメッセージ|Return-Path:|Received:|Message-I[dD]:)",
    re.MULTILINE,
)
_FAILED = re.compile(
    r"(?:final-recipient|original-recipient|x-failed-recipients|rcpt to|could not be delivered to"
    r"|宛先|あて先|宛て先|送信先|受信者|recipient)[^\n@]{0,40}?[:：;<]\s*(?:rfc822;\s*)?<?"
    r"([^\s<>@\"';:,：（(]{1,64}@[A-Za-z0-9.-]{1,190})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_STATUS = re.compile(
    r"(?<![\d.])([45])\.\d{1,2}\.\d{1,3}(?![\d.])|(?<![\d.])([45])[0-5]\d[ -](?=[^\d\s])"
)
_FOR_NOW = re.compile(
    r"will (?:retry|be retried|keep trying|continue)|still being (?:retried|tried)|delayed"
    r"|mailbox is full|over quota"
    r"|temporar|一杯|いっぱい|容量|一時的|再送(?:を|し)|遅延|しばらく",
    re.IGNORECASE,
)
_FOR_GOOD = re.compile(
    r"unknown|no such|does not exist|doesn't exist|not found|invalid|permanent|存在しません"
    r"|見つかりません"
    r"|不明|受信(?:を)?拒否|permanently|giving up|not going to try",
    re.IGNORECASE,
)


def is_bounce_like(headers: Mapping[str, list[bytes]], texts: Mapping[str, str], text: str) -> bool:
    """Say whether a mail without a report comes as bounces come, and speaks of one.

    `texts` are the first headers of each name, decoded.
    """
    if "x-failed-recipients" in headers:
        return True
    subject = texts.get("subject", "")[:300]
    sender = texts.get("from", "")[:300].lower()
    if _is_daemons(headers, sender):
        return _SUBJECT.search(subject) is not None or _speaks(text)
    if _ANSWER.match(subject):
        return False
    if NO_REPLY.search(sender):
        return _speaks(text) and _FAILED.search(text[:5_000]) is not None
    starts = _STARTS.match(subject) is not None
    return starts and _SUBJECT.search(subject) is not None and _speaks(text)


def _speaks(text: str) -> bool:
    return _BODY.search(text[:5_000]) is not None


# People write about mail that came back; machines begin with it.
_STARTS = re.compile(
    r"\W{0,5}(?:mail|message|e-?mail)?\W{0,3}(?:undeliver|delivery|returned|failure|failed"
    r"|non-?deliver|warning"
    r"|配信|配送|送信でき|送信エラー|宛先不明|あて先不明|メール(?:配信|送信|配送))",
    re.IGNORECASE,
)


def _is_daemons(headers: Mapping[str, list[bytes]], sender: str) -> bool:
    path = _first(headers, "return-path").decode("ascii", "replace").strip()
    if path.strip("<> ") == "" and path:
        return True
    return bool(DAEMON.search(path) or DAEMON.search(sender))


def _first(headers: Mapping[str, list[bytes]], name: str) -> bytes:
    values = headers.get(name)
    return values[0] if values else b""


def read_words(headers: Mapping[str, list[bytes]], text: str) -> tuple[str | None, bool | None]:
    """Return the address that failed, and whether for good, from the words of a bounce."""
    failed = _ADDRESS.search(_first(headers, "x-failed-recipients").decode("ascii", "replace"))
    ours = {one.lower() for one in _ADDRESS.findall(decode_header(_first(headers, "to")))}
    labelled = _FAILED.search(text)
    begin = _ORIGINAL.search(text, 1)
    own = text[: begin.start()] if begin else text
    address = failed.group() if failed else None
    if address is None and labelled and labelled[1].lower() not in ours:
        address = labelled[1].rstrip(".")
    if address is None:
        others = (one for one in _ADDRESS.findall(own) + _ADDRESS.findall(text[:5_000]))
        address = next((one for one in others if _may_fail(one, ours)), None)
    return (address.rstrip(".") if address else None), _permanence(text[:5_000])


def _may_fail(address: str, ours: set[str]) -> bool:
    return address.lower() not in ours and not DAEMON.search(address)


def _permanence(text: str) -> bool | None:
    for found in _STATUS.finditer(text):
        return (found[1] or found[2]) == "5"
    if _FOR_NOW.search(text):
        return False
    return True if _FOR_GOOD.search(text) else None
