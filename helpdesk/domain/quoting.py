"""What the person wrote, apart from what was quoted and from the signature.

Works on lines and never cuts everything: where nothing of one's own remains, the
caller still has the quoted part. Japanese clients announce quotations in many ways;
the patterns below each name the client they come from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.domain.signatures import signature_start

OWN, QUOTED, SIGNATURE = "own", "quoted", "signature"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of whole lines of one kind: offsets into the body."""

    start: int
    end: int
    kind: str


# `>` of every client, `| ` of a few, and `YT> ` of those that put initials in front. A
# bar at the end too makes it a row of a table.
_PREFIX = re.compile(
    r"^[ \t　]{0,3}(?:>|＞(?!.*＜)|[|｜][ \t　](?!.*[|｜][ \t　]*$)|[A-Za-z]{1,4}>\s)"
)

# A rule with words in it, all history below: Outlook of old, Yahoo, Notes, webmail.
_ORIGINAL = re.compile(
    r"^[ \t　>＞]{0,10}(?:[-_=＿－ー─━]\s?){2,40}\s*(?:Original (?:Message|Appointment)"
    r"|Forwarded (?:message|by)"
    r"|Reply message|Mensagem original|元のメッセージ|元のメール|転送メッセージ"
    r"|転送されたメッセージ|転送メール|転送元のメッセージ"
    r"|オリジナルメッセージ|オリジナル メッセージ|返信元メッセージ|返信元のメール"
    r"|受信メッセージ|以下、?(?:原文|引用)|引用(?:元|開始|ここから)?|原文)"
    r"[^\n]{0,80}$",
    re.IGNORECASE,
)
_FORWARD_APPLE = re.compile(
    r"^[ \t]{0,3}(?:Begin forwarded message|転送されたメッセージ|以下は転送されたメールです"
    r"|元のメッセージ)[:：]?\s*$",
    re.IGNORECASE,
)
# Outlook: a block of headers, in a row.
_HEADER_LINE = re.compile(
    r"^[ \t　*]{0,4}(?:差出人|送信者|送信元|発信者|From|送信日時|送信日|送信時間|日時|日付"
    r"|受信日時|Sent|Date|宛先|宛て先|あて先|送信先|To"
    r"|CC|Cc|Bcc|件名|題名|タイトル|Subject|返信先|Reply-To|添付ファイル|Attachments?|重要度"
    r"|Importance)[ \t　*]{0,4}[:：]",
)
_FROM_LINE = re.compile(r"^[ \t　*]{0,4}(?:差出人|送信者|送信元|発信者|From)[ \t　*]{0,4}[:：]")
# Other orders: 日時 first (Yahoo, Lotus Notes), 件名 first (webmail of providers).
_OTHER_FIRST = re.compile(
    r"^[ \t　*]{0,4}(?:送信日時|送信日|日時|Date|Sent|宛先|To|件名|Subject)[ \t　*]{0,4}[:：]"
)

# What the patterns above begin with. Most lines begin with none of it, and are not asked.
_MAY_BEGIN_HISTORY = re.compile(r"[ \t　>＞*]*[-_=＿－ー─━Bb転以元差送発F日DS宛T件]")

# One of the two, or the marks of a quotation.
_MAY_BE_QUOTED = re.compile(rf"{_MAY_BEGIN_HISTORY.pattern}|[ \t　]*(?:[>＞|｜]|[A-Za-z]{{1,4}}>)")

_DATE = (
    r"(?:\d{4}\s*[年/.\-]\s*\d{1,2}\s*[月/.\-]\s*\d{1,2}|令和\s*\d{1,2}年\s*\d{1,2}月"
    r"|\d{1,2}月\s?\d{1,2}日"
    r"|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,2}\s?:\s?\d{2}"
    r"|\d{1,2}\.?\s(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?,?\s\d{4}"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s\d{1,2},?\s(?:at\s)?\d{4})"
)
_MAILBOX = r"[<＜(\[]?(?:mailto:)?[^\s<>＜＞]{1,64}@[^\s<>＜＞]{1,190}[>＞)\]]?"
_VERB = (
    r"(?:wrote|writes|schrieb|のメール|からのメール|のメッセージ|(?:さん|様|氏|先生)?(?:が"
    r"|は)?(?:次のように|以下のように)?"
    r"(?:書きました|書いています|のたまいました|wrote))"
)
_COLON = r"\s*[:：。]?\s*$"

# How a line that announces ends: with a colon, or with a verb of _VERB as it is or before 。
_VERB_ENDINGS = (
    "wrote",
    "writes",
    "schrieb",
    "のメール",
    "のメッセージ",
    "書きました",
    "書いています",
    "のたまいました",
)
_ENDINGS = (":", "：", *_VERB_ENDINGS, *(f"{verb}。" for verb in _VERB_ENDINGS))

_HAS_DATE = re.compile(_DATE)
_HAS_MAILBOX = re.compile(_MAILBOX)
_HAS_VERB = re.compile(rf"{_VERB}{_COLON}")
# Where an attribution may begin: a date, a name with an address, `On`, a message id.
_STARTS = re.compile(
    rf"^[ \t　]{{0,3}}(?:On\b|At\b|Am\b|Le\b|In message|{_DATE}|[^\n]{{0,40}}{_DATE}"
    rf"|[^\n:：]{{0,60}}{_MAILBOX})",
    re.IGNORECASE,
)
# Becky! and others without a date: a name and what it did.
_NAME_AND_VERB = re.compile(
    r"^[^\n。、:：]{1,40}(?:さん|様|氏|先生)?\s*(?:は|が)(?:次のように"
    r"|以下のように)?(?:書きました|書いています|wrote)\s*[:：。]?\s*$"
    r"|^[^\n。、:：]{1,40}\swrote\s*[:：]\s*$",
    re.IGNORECASE,
)


def split_body(body: str, has_label: re.Pattern[str]) -> list[Segment]:
    """Return the body cut into runs of lines, in order and without gaps.

    `has_label` finds a label of the form: a block that holds one is no signature.
    """
    lines = body.split("\n")
    kinds = _quoted_kinds(lines)
    _mark_signature(lines, kinds, has_label)
    return _segments(lines, kinds)


def _quoted_kinds(lines: list[str]) -> list[str]:
    kinds = [OWN] * len(lines)
    ended = [line.rstrip().endswith(_ENDINGS) for line in lines]
    if True not in ended and not any(map(_MAY_BE_QUOTED.match, lines)):
        return kinds
    index = 0
    while index < len(lines):
        line = lines[index]
        if _PREFIX.match(line):
            kinds[index] = QUOTED
        elif len(line) < 400 and (length := _history_start(lines, ended, index)):
            if length < 0:  # Everything below is history.
                kinds[index:] = [QUOTED] * (len(lines) - index)
                break
            kinds[index : index + length] = [QUOTED] * length
            index += length - 1
        index += 1
    return kinds


def _history_start(lines: list[str], ended: list[bool], index: int) -> int:
    """Return how many lines announce a quotation here; -1: all that follows is quoted; 0: none.

    `ended`: which lines end as an announcement does.
    """
    line = lines[index]
    if not line.strip():
        return 0
    if _MAY_BEGIN_HISTORY.match(line) and (
        _ORIGINAL.match(line) or _FORWARD_APPLE.match(line) or _is_header_block(lines, index)
    ):
        return -1
    return _attribution(lines, ended, index) if True in ended[index : index + 4] else 0


def _is_header_block(lines: list[str], index: int) -> bool:
    """Say whether a block of a mail's headers begins here, wrapped lines included."""
    line = lines[index]
    by_from = _FROM_LINE.match(line) is not None
    if not by_from and not _OTHER_FIRST.match(line):
        return False
    following = [other for other in lines[index + 1 : index + 10] if other.strip()][:6]
    headers = [other for other in following if _HEADER_LINE.match(other)]
    if by_from:
        return len(headers) >= 2
    # A form may begin with 件名: too; only one that names a sender's address is a mail's.
    named = any(_FROM_LINE.match(other) and "@" in other for other in following[:4])
    return named and len(headers) >= 2


def _attribution(lines: list[str], ended: list[bool], index: int) -> int:
    """Return the length of an attribution (`On … wrote:`), negative where no `>` follows."""
    for length in (1, 2, 3, 4):
        part = lines[index : index + length]
        if len(part) < length or not part[-1].strip():
            break
        joined = " ".join(one.strip() for one in part)
        if len(joined) > 300 or (length > 1 and not _STARTS.match(part[0])):
            break
        if not ended[index + length - 1]:
            continue
        marks = sum(
            (
                _HAS_DATE.search(joined) is not None,
                _HAS_MAILBOX.search(joined) is not None,
                _HAS_VERB.search(joined) is not None,
            )
        )
        followed = _is_followed(lines, index + length)
        # `登録済みのメール:` below an address is a label of somebody's own.
        certain = _HAS_DATE.search(joined) or "<" in joined or "＜" in joined
        if marks >= 2 and certain and _STARTS.match(joined):
            return length if followed else -1
        if followed and (marks >= 1 or _NAME_AND_VERB.match(joined)):
            return length
        if length == 1 and joined.endswith((":", "：")) and _NAME_AND_VERB.match(joined):
            return -1
    return 0


def _is_followed(lines: list[str], index: int) -> bool:
    """Say whether marked lines follow, or nothing at all: then only they are quoted."""
    rest = [other for other in lines[index : index + 30] if other.strip()][:3]
    return not rest or any(_PREFIX.match(other) for other in rest[:2])


def _mark_signature(lines: list[str], kinds: list[str], has_label: re.Pattern[str]) -> None:
    own = [index for index, kind in enumerate(kinds) if kind == OWN and lines[index].strip()]
    if not own:
        return
    # The signature ends the last run of own lines that has words before the quotation.
    for first, last in _own_runs(kinds):
        start = signature_start(lines, first, last, has_label)
        if start is not None:
            kinds[start : last + 1] = [SIGNATURE] * (last + 1 - start)
    if not any(kind == OWN and lines[index].strip() for index, kind in enumerate(kinds)):
        for index in own:  # Never everything: it was no signature then.
            kinds[index] = OWN


def _own_runs(kinds: list[str]) -> list[tuple[int, int]]:
    runs = []
    start = None
    for index, kind in enumerate([*kinds, QUOTED]):
        if kind == OWN and start is None:
            start = index
        elif kind != OWN and start is not None:
            runs.append((start, index - 1))
            start = None
    return runs


def _segments(lines: list[str], kinds: list[str]) -> list[Segment]:
    found: list[Segment] = []
    start = end = 0
    for index, (line, kind) in enumerate(zip(lines, kinds, strict=True), 1):
        end += len(line) + 1
        if index == len(lines):  # The last line has no newline of its own.
            found.append(Segment(start, end - 1, kind))
        elif kinds[index] != kind:
            found.append(Segment(start, end, kind))
            start = end
    return found


_MARKS = re.compile(r"^(?:[ \t　]{0,3}(?:>|＞|\||[A-Za-z]{1,4}>(?=\s))[ \t　]?){1,50}")


def unquoted(line: str) -> str:
    """Return a line without its quotation marks, so that an answer inside can be read."""
    return _MARKS.sub("", line)
