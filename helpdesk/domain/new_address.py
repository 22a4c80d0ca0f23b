"""The new address that goes with a change: found, or known to be unusable."""

from __future__ import annotations

import re
from collections.abc import Collection

from helpdesk.domain.birthdates import fold_widths
from helpdesk.domain.fields import Field, Lines

# A blank or a full-width sign may stand around the @ and the dots. A comma may stand for
# a dot, unless what follows it is the next address.
LOOSE_ADDRESS = re.compile(
    r"(?P<local>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\u200b\u200c\u200d\u2060\ufeff-]{1,64})[ \t]?@[ \t]?"
    r"(?P<domain>[A-Za-z0-9-]{1,63}(?:[ \t]?[.,]{1,2}[ \t]?[A-Za-z0-9-]{1,63}(?![A-Za-z0-9._-]{0,64}[ \t]?@)){0,8})"
)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_OLD = re.compile(
    r"(?:旧|現在|現行|現アドレス|変更前|これまで|従来|今まで|以前|登録済|登録中|元の|前任|古い|今の|前\s*:|現\s*:|【旧】|\(旧\))"
)
_NEW = re.compile(r"(?:新|変更後|変更先|→|⇒|➡|->|=>|から|より|以下|下記|今後|これから|後\s*:)")
# Words further away from an address, or in another sentence, are not about it.
_NEAR = 24
_IS_OLD = re.compile(
    r"[>)」』\]）＞]*\s*(?:から(?!の連絡)|より|→|⇒|➡|->|を(?!新|登録|ご?希望|お?使|使|ご?登録)[^\n@]{0,12}(?:へ|に|廃止|削除)|は(?:使え|使用でき|利用でき|届か|届き|無効|廃止|不要)|[(（](?:旧|現在|変更前|前任)[^@)）]{0,10}[)）])"
)
# What the guide's own letters say beside an address: a line that offers a new one.
_OFFERS = re.compile(r"新し|新規|新ア|新メ|変更|登録希望|切り?替え|差し?替え|今後は|希望")


def find_new_address(lines: Lines, known: Collection[str] = ()) -> Field | None:
    """Return the one address that is meant as the new one; None where it is not usable.

    An address with a comma or without a domain is not repaired: the sender is asked.
    `known` are addresses of the signature: they count only where no other is given.
    """
    found = _weighed(lines)
    fields = [field for weight, field in found if weight == max(w for w, _ in found)]
    values = {field.value.lower() if field else None for field in fields}
    if len(values) > 1:
        values -= {address.lower() for address in known}
    if len(values) != 1:
        return None
    wanted = values.pop()
    return next((field for field in fields if field and field.value.lower() == wanted), None)


def _weighed(lines: Lines) -> list[tuple[int, Field | None]]:
    """Return each address with what its surroundings say of it, the old ones left out."""
    found: list[tuple[int, Field | None]] = []
    for index, (line, offset) in enumerate(lines):
        text = _plain(line)
        before = fold_widths(lines[index - 1][0]) if index else ""
        end = 0
        for match in LOOSE_ADDRESS.finditer(text):
            lead = text[end : match.start()]
            end = match.end()
            weight = _weight(lead if lead.strip(" <(「") or end else before[-30:], text[end:])
            if not lead.strip(" <(「[") and match.start() < 4:
                weight = _weight(before[-30:] if "@" not in before else "", text[end:])
            if not text[end:].strip() and _ARROW.fullmatch(_next(lines, index)):
                weight = -1
            if _SENDER_LINE.match(text):
                continue  # 見本 太郎 <a@x>: who writes, and no wish.
            cut = (
                _CUT_BY_COMMA.search(lead)
                or _CUT_BY_BLANK.search(lead)
                or (match.start() == 0 and _GOES_ON.search(before))
                or (_SOCIETY.search(lead) and _SENT_THERE.match(text[end:]))
                or _FOREIGN_END.search(lead)
                or _FOREIGN_START.match(text[end:])
            )
            found.append((weight, None if cut else _field(match, offset)))
    return [one for one in found if one[0] >= 0]


# `new,kanwa@…`: what was meant stands on both sides of the comma.
_CUT_BY_COMMA = re.compile(r"[A-Za-z0-9],$")

# `kanwa team@…`: a part of the address is lost, and what is left is somebody else's.
_CUT_BY_BLANK = re.compile(
    r"(?<![A-Za-z0-9])(?!(?:e?-?mail|address|add|to|from|new|old|is|id)[ \t])[A-Za-z._+-][A-Za-z0-9._+-]{0,30}[ \t]+$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"[A-Za-z0-9][-._+]$")
_SENDER_LINE = re.compile(
    r"^[\s]*[^\s<@:：、。]{1,12}[\s]?[^\s<@:：、。]{0,8}[\s]*<[^<>]+@[^<>]+>[\s]*$"
)
# 事務局（…@…）あてにご連絡ください: the form's own note.
_SOCIETY = re.compile(r"事務局|学会")
_SENT_THERE = re.compile(r"[\s)）>」]*(?:あて|宛)")

_DASHES = str.maketrans("‐‑‒–−", "-----")
_LONG_VOWEL = re.compile(r"(?<=[A-Za-z0-9])ー(?=[A-Za-z0-9])")
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


def _plain(line: str) -> str:
    """Return a line with the signs that stand for those of an address, place by place."""
    text = fold_widths(line).replace("＠", "@").replace("mailto:", "       ")
    return _LONG_VOWEL.sub("-", text.translate(_DASHES))


# Letters of another script that look like ours, and signs without width, beside an address:
# what is left of it is not what was meant, or was meant to be taken for it (UTS 39).
_FOREIGN = (
    "\u00aa-\u02ff\u0370-\u058f\u10a0-\u10ff\u1d00-\u1fff\u2c60-\u2c7f\ua640-\ua69f\uab30-\uabbf"
)
_NO_WIDTH = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_FOREIGN_END = re.compile(f"[{_FOREIGN}{_NO_WIDTH}]$")
_FOREIGN_START = re.compile(f"[{_FOREIGN}]")

_ARROW = re.compile(r"[\s　]*[↓⇓▼→⇒][\s　]*")


def _next(lines: Lines, index: int) -> str:
    return lines[index + 1][0] if index + 1 < len(lines) else ""


def _weight(lead: str, tail: str) -> int:
    if _IS_OLD.match(tail):
        return -1
    near = re.split(r"[。、\n]", lead[-_NEAR:])[-1]
    old = max((match.start() for match in _OLD.finditer(near)), default=-1)
    new = max((match.start() for match in _NEW.finditer(near)), default=-1)
    # 現在のアドレスの確認と、新しいアドレス: the nearer word is the address's own.
    return -1 if old > new else int(new > old)


def offers_address(line: str, before: str) -> bool:
    """Say whether a line outside of field 4 gives an address as the new one."""
    text = fold_widths(line)
    match = LOOSE_ADDRESS.search(text.replace("＠", "@"))
    return match is not None and bool(
        _OFFERS.search(text) or (match.start() < 4 and _OFFERS.search(fold_widths(before)))
    )


def addresses_in(text: str) -> frozenset[str]:
    """Return the addresses of a text, in lower case."""
    folded = fold_widths(text)
    return frozenset(
        f"{match['local']}@{match['domain']}".lower() for match in LOOSE_ADDRESS.finditer(folded)
    )


def _field(match: re.Match[str], offset: int) -> Field | None:
    domain = re.sub(rf"[\s{_UNSEEN}]", "", match["domain"]).lower()
    local = re.sub(f"[{_UNSEEN}]", "", match["local"]).lstrip(".")
    if not local or not _DOMAIN.fullmatch(domain):
        return None
    return Field(f"{local}@{domain}", offset + match.start(), offset + match.end())
