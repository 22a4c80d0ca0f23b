"""Where the signature of a letter begins: behind a rule, in a frame, or below a blank line.

Works on lines. A block that holds a label of the form is no signature, unless it stands
below a rule and a whole form.
"""

from __future__ import annotations

import re

_RULE = re.compile(r"^[ \t　]*(?:[-‐―ー─━═=＝*＊_＿~～〜◇◆□■○●☆★+＋・.]\s?){5,}[ \t　]*$")
_CONTACT = re.compile(
    r"〒|(?:TEL|Tel|tel|FAX|Fax|電話|内線|代表|携帯|℡|Ｔ\s?ＥＬ|ＦＡＸ|E-?mail|e-mail"
    r"|Ｅ－?ｍａｉｌ|メール[:：]|Mail)[^\n]{0,3}"
    r"|\d{2,5}[-－(（]\d{1,4}[-－)）]\d{3,4}|https?://"
)
_SIGNATURE_START = re.compile(r"^--\s?$|^－－\s?$")
_SENT_FROM = re.compile(
    r"^(?:[^\s。]{0,20}(?:iPhone|iPad|スマートフォン|スマホ|携帯|Android|Galaxy|Xperia|AQUOS"
    r"|Pixel|Windows|ドコモ|au|SoftBank)"
    r"[^\n。]{0,30}(?:から|より)送信"
    r"|Sent from |Sent with |Sent via |Outlook for |Get Outlook for "
    r"|Yahoo!メール[^\n]{0,20}アプリ"
    r"|(?:Android|iOS|Mac|Windows)[ 　]?(?:用|版)(?:の)?[ 　]?(?:Outlook|メール)"
    r"|Outlook for (?:iOS|Android|Mac)"
    r"|Windows ?(?:10|11)?[^\n]{0,5}メール[^\n]{0,5}から送信|Gmail[^\n]{0,10}から送信)",
    re.IGNORECASE,
)

# One of these is in every such line, in small letters; Sent and Outlook without the letters
# for which IGNORECASE takes others, too (ſ, and the sign of Kelvin).
_IN_SENT_FROM = ("送信", "アプリ", "メール", "ent ", "outloo")


def _says_sent_from(line: str) -> bool:
    """Say whether a line is a phone's or a program's own below a mail."""
    bare = line.strip()
    lowered = bare.lower()
    return any(sign in lowered for sign in _IN_SENT_FROM) and _SENT_FROM.match(bare) is not None


#: A signature longer than this is not one.
_SIGNATURE_LINES = 15


def signature_start(
    lines: list[str], first: int, last: int, has_label: re.Pattern[str]
) -> int | None:
    """Return where the signature at the end of a run begins, or None."""
    while last > first and not lines[last].strip():
        last -= 1
    # A phone's own line stands below whatever signature its owner has.
    for index in range(last, max(first, last - 3), -1):
        if _says_sent_from(lines[index]):
            above = signature_start(lines, first, index - 1, has_label)
            return index if above is None else above
    lowest = max(first, last - _SIGNATURE_LINES)
    best = None
    for index in range(last, lowest - 1, -1):
        line = lines[index]
        if has_label.search(line) and not _is_below_a_form(lines, first, index, has_label):
            break
        if _SIGNATURE_START.match(line) or _says_sent_from(line):
            best = index
        elif _RULE.match(line) and index < last:
            block = lines[index + 1 : last + 1]
            if any(_CONTACT.search(other) for other in block) or _names_a_place(block):
                best = index
    if best is not None:
        return best
    if (framed := _framed_signature(lines, lowest, last, has_label)) is not None:
        return framed
    return _unruled_signature(lines, first, lowest, last, has_label)


_PLACE = re.compile(r"病院|センター|クリニック|医院|大学|[^\s]室[\s　]*$")


def _names_a_place(block: list[str]) -> bool:
    """Say whether a block holds an address and where its owner works."""
    return any("@" in line or "＠" in line for line in block) and any(map(_PLACE.search, block))


# So many lines with labels are the form; what has labels below a rule is who wrote it.
_FORM_LINES = 3


def _is_below_a_form(lines: list[str], first: int, index: int, has_label: re.Pattern[str]) -> bool:
    """Say whether a rule stands between this line and a whole form above it."""
    ruled = next((at for at in range(index, first, -1) if _RULE.match(lines[at])), None)
    if ruled is None:
        return False
    return sum(bool(has_label.search(line)) for line in lines[first:ruled]) >= _FORM_LINES


def _framed_signature(
    lines: list[str], lowest: int, last: int, has_label: re.Pattern[str]
) -> int | None:
    """Return the start of a last block between two rules that holds no sentence."""
    if not _RULE.match(lines[last]):
        return None
    for index in range(last - 1, lowest - 1, -1):
        if has_label.search(lines[index]) or "。" in lines[index] or "@" in lines[index][:2]:
            return None
        if _RULE.match(lines[index]):
            return index if last - index > 1 else None
    return None


def _unruled_signature(
    lines: list[str], first: int, lowest: int, last: int, has_label: re.Pattern[str]
) -> int | None:
    """Return the start of a last block of lines that holds a telephone number or post code."""
    start = last
    while start > lowest and lines[start - 1].strip():
        start -= 1
    block = lines[start : last + 1]
    # An answer between quotations may be a telephone number; a signature ends something.
    if start <= first or len(block) < 2 or any(has_label.search(line) for line in block):
        return None
    hits = sum(bool(_CONTACT.search(line)) for line in block)
    return start if hits >= 1 and _has_phone_or_post(block) else None


def _has_phone_or_post(block: list[str]) -> bool:
    return any(
        re.search(r"〒|TEL|Tel|電話|ＴＥＬ|FAX|℡|\d{2,4}-\d{2,4}-\d{4}", line) for line in block
    )
