"""What the person wrote, apart from what was quoted and from the signature.

Works on lines and never cuts everything: where nothing of one's own remains, the
caller still has the quoted part. Japanese clients announce quotations in many ways;
the patterns below each name the client they come from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

OWN, QUOTED, SIGNATURE = "own", "quoted", "signature"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of whole lines of one kind: offsets into the body."""

    start: int
    end: int
    kind: str


# A bar quotes, unless another closes the line: that is the row of a table.
_PREFIX = re.compile(r"^[ \t　]{0,3}(?:>|＞(?!.*＜)|\|\s(?!.*[|｜]\s*$))")

_ORIGINAL = re.compile(
    r"^[ \t　>＞]*[-_=＿－]{2,}\s*(?:Original Message|Original Appointment"
    r"|元のメッセージ|元のメール"
    r"|転送メッセージ|転送されたメッセージ|Forwarded [Mm]essage|Forwarded by"
    r"|オリジナルメッセージ|以下、?原文|引用)"
    r"[^\n]{0,80}$",
    re.IGNORECASE,
)
_FORWARD_APPLE = re.compile(r"^(?:Begin forwarded message:|転送されたメッセージ[:：])\s*$")
# Outlook: a block of headers; at least two of them in a row.
_HEADER_LINE = re.compile(
    r"^[ \t　]*\*?(?:差出人|送信者|From|送信日時|送信日|日時|日付|Sent|Date|宛先|To"
    r"|CC|Cc|件名|Subject)\*?\s*[:：]",
)
_FROM_LINE = re.compile(r"^[ \t　]*\*?(?:差出人|送信者|From)\*?\s*[:：]")
# Gmail, Apple, Thunderbird, Becky!, Yahoo: one line of attribution, ending in a colon.
_ATTRIBUTION = re.compile(
    r"(?:^On\b.{5,200}\bwrote:\s*$)"
    r"|(?:^.{0,40}\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}.{0,160}(?:<[^<>\s]+@[^<>\s]+>|のメール|書きました|wrote)\s*(?:のメール|が書きました|wrote)?\s*[:：]\s*$)"
    r"|(?:^.{1,80}(?:さん|様|先生)?(?:が|は|wrote|の)?.{0,40}(?:書きました|のメッセージ|のメール|wrote)\s*[:：]?\s*$)"
)
_ATTRIBUTION_END = re.compile(r"(?:[:：]|wrote:|のメール[:：]?|書きました[:：。]?)\s*$")
_ATTRIBUTION_START = re.compile(
    r"^(?:On\b|.{0,10}\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}|\d{1,2}\s+\w{3}\.?\s+\d{4})"
)
_RULE = re.compile(r"^[ \t　]*(?:[-‐―ー─━═=＝*＊_＿~～〜◇◆□■○●☆★+＋・.]\s?){5,}[ \t　]*$")
_CONTACT = re.compile(
    r"〒|(?:TEL|Tel|tel|FAX|Fax|電話|内線|代表|携帯|℡|Ｔ\s?ＥＬ|ＦＡＸ|E-?mail|e-mail|Ｅ－?ｍａｉｌ|メール[:：]|Mail)[^\n]{0,3}"
    r"|\d{2,5}[-－(（]\d{1,4}[-－)）]\d{3,4}|https?://"
)
_SIGNATURE_START = re.compile(r"^--\s?$|^－－\s?$")
_SENT_FROM = re.compile(
    r"^(?:iPhone|iPad|スマートフォン|携帯|Android|Galaxy|Xperia).{0,20}から送信"
    r"|^Sent from my |^Outlook for |^Yahoo!メール.{0,20}アプリ|^Get Outlook for "
)

#: A signature longer than this is not one.
_SIGNATURE_LINES = 15


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
    index = 0
    while index < len(lines):
        line = lines[index]
        if _PREFIX.match(line):
            kinds[index] = QUOTED
        elif len(line) < 400 and (length := _history_start(lines, index)):
            if length < 0:  # Everything below is history.
                kinds[index:] = [QUOTED] * (len(lines) - index)
                break
            kinds[index : index + length] = [QUOTED] * length
            index += length - 1
        index += 1
    return kinds


def _history_start(lines: list[str], index: int) -> int:
    """Return how many lines announce a quotation here; -1: all that follows is quoted; 0: none."""
    line = lines[index]
    if _ORIGINAL.match(line) or _FORWARD_APPLE.match(line):
        return -1
    if _FROM_LINE.match(line):
        following = [other for other in lines[index + 1 : index + 8] if other.strip()][:4]
        if sum(bool(_HEADER_LINE.match(other)) for other in following) >= 2:
            return -1
    for length in (1, 2, 3):
        joined = " ".join(part.strip() for part in lines[index : index + length])
        if length > 1 and not (_ATTRIBUTION_START.match(line) and len(joined) < 300):
            break
        if _ATTRIBUTION_END.search(joined) and _ATTRIBUTION.match(joined):
            # With `>` below, people answer between the lines; without, it is all history.
            rest = [other for other in lines[index + length :] if other.strip()]
            if not rest:
                return length
            return length if any(_PREFIX.match(other) for other in rest[:3]) else -1
    return 0


def _mark_signature(lines: list[str], kinds: list[str], has_label: re.Pattern[str]) -> None:
    own = [index for index, kind in enumerate(kinds) if kind == OWN and lines[index].strip()]
    if not own:
        return
    # The signature ends the last run of own lines that has words before the quotation.
    for first, last in _own_runs(kinds):
        start = _signature_start(lines, first, last, has_label)
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


def _signature_start(
    lines: list[str], first: int, last: int, has_label: re.Pattern[str]
) -> int | None:
    """Return where the signature at the end of a run begins, or None."""
    while last > first and not lines[last].strip():
        last -= 1
    lowest = max(first, last - _SIGNATURE_LINES)
    best = None
    for index in range(last, lowest - 1, -1):
        line = lines[index]
        if has_label.search(line):
            break
        if _SIGNATURE_START.match(line) or _SENT_FROM.match(line.strip()):
            best = index
        elif _RULE.match(line) and index < last:
            block = lines[index + 1 : last + 1]
            if any(_CONTACT.search(other) for other in block):
                best = index
    if best is not None:
        return best
    return _unruled_signature(lines, lowest, last, has_label)


def _unruled_signature(
    lines: list[str], lowest: int, last: int, has_label: re.Pattern[str]
) -> int | None:
    """Return the start of a last block of lines that holds a telephone number or post code."""
    start = last
    while start > lowest and lines[start - 1].strip():
        start -= 1
    block = lines[start : last + 1]
    if start == 0 or len(block) < 2 or any(has_label.search(line) for line in block):
        return None
    hits = sum(bool(_CONTACT.search(line)) for line in block)
    return start if hits >= 1 and _has_phone_or_post(block) else None


def _has_phone_or_post(block: list[str]) -> bool:
    return any(
        re.search(r"〒|TEL|Tel|電話|ＴＥＬ|FAX|℡|\d{2,4}-\d{2,4}-\d{4}", line) for line in block
    )


def _segments(lines: list[str], kinds: list[str]) -> list[Segment]:
    found: list[Segment] = []
    offset = 0
    for line, kind in zip(lines, kinds, strict=True):
        end = offset + len(line) + 1
        if found and found[-1].kind == kind:
            found[-1] = Segment(found[-1].start, end, kind)
        else:
            found.append(Segment(offset, end, kind))
        offset = end
    if found:  # The last line has no newline of its own.
        found[-1] = Segment(found[-1].start, found[-1].end - 1, found[-1].kind)
    return found


def unquoted(line: str) -> str:
    """Return a line without its quotation marks, so that an answer inside can be read."""
    return re.sub(r"^(?:[ \t　]{0,3}(?:>|＞|\|)[ \t　]?)+", "", line)
