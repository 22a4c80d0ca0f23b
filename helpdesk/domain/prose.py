"""A request written in sentences, without any label of the form."""

from __future__ import annotations

import re

from helpdesk.domain import form_words as kinds
from helpdesk.domain.birthdates import find_dates, fold_widths
from helpdesk.domain.fields import Field, read_facility
from helpdesk.domain.identities import Identity, read_identity
from helpdesk.domain.japanese import fold
from helpdesk.domain.labels import Form
from helpdesk.domain.new_address import find_new_address
from helpdesk.domain.physicians import read_physician
from helpdesk.domain.wish import mentions_address_wish, read_wish

_SUFFIX = r"(?:病院|センター|クリニック|医院|診療所|ホスピス|ホスピタル|医療院|大学|医療研究所|療養所|療育園|園)"
# Words of a legal body or a union in front of the hospital's own name.
_BODY = r"(?:[^\s、。，,「」（）()\n]{1,40}(?:法人|社団|財団|会|機構|連合会|組合|学園|堂|病院|センター|済生会|赤十字社|市|町|村|県|大学)[ 　]){0,4}"
_UNIT = r"(?:緩和|麻酔|総合|腫瘍|内科|外科|医事|総務|庶務|地域|ペイン|精神|放射線|婦人|泌尿|呼吸|消化|血液|薬剤|事務|診療)"
_FACILITY = re.compile(
    rf"(?P<name>{_BODY}[^\s、。，,「」（）()\n]{{1,50}}?{_SUFFIX}(?:[・･][^\s、。，,「」（）()の\n]{{1,10}})?)"
    rf"(?=の(?!里|森|丘|風|会|家|国|街|杜)|で|、|，|[（(）)]|に|と申|施設責任|責任者|{_UNIT}|[\s　]|$)"
)
# The name is what stands before the role, whatever it ends in: あおばの里の施設責任者の.
_BEFORE_ROLE = re.compile(
    r"(?:^|[。\n、，「（(]|当院は|私は|わたくしは)[\s　]*(?P<name>[^。\n、，「」（）()]{2,60}?)[）)」]?(?:の|で|にて|における|、)?[\s　]*(?:施設)?責任者(?=の|で|を|は|である|として|[、 　])"
)
_NUMBER = re.compile(
    r"認定(?:施設)?番号[^A-Za-z0-9\n]{0,6}(?P<number>[A-Za-z]{0,3}[-－]?\d{2,8})|(?<![A-Za-z0-9@.\-])(?P<bare>[A-Za-z]{1,3}-?\d{3,8})(?![A-Za-z0-9@\-])"
)
_NAME = r"[一-龠々〆ヶ髙﨑\ue000-\uf8ff\U00020000-\U0003ffff][一-龠々〆ヶ髙﨑ぁ-んァ-ヶー\ue000-\uf8ff\U000e0100-\U000e01ef\U00020000-\U0003ffff]{0,5}?[\s　]?[一-龠々〆ヶぁ-んァ-ヶー\ue000-\uf8ff\U000e0100-\U000e01ef]{1,6}?"
_IS_CALLED = (
    r"(?=(?:[（(][^（）()\n]{1,30}[）)])?(?:です|でございます|であり|と申|といい|と言|と称)|[（(]|[\s　]*(?:先生|医師|様)"
    r"|、|。|\n|$)"
)
_BY_ROLE = re.compile(
    r"(?:施設)?責任者(?:である|の|は|を(?:して|務めて|つとめて)(?:いる|おります|います)|として登録(?:して)?(?:いる|おります)|[:：、])*[\s　]*"
    rf"(?P<name>{_NAME}){_IS_CALLED}"
)
_BY_SELF = re.compile(
    rf"(?:^|[。、\n\s　の])(?P<name>{_NAME})(?=(?:[（(][^（）()\n]{{1,30}}[）)])?(?:と申します|といいます|でございます|です(?![がか])))",
    re.MULTILINE,
)
_UNIT_OF = re.compile(r".*(?:科|部|室|課|係|センター|院|所属|医局|チーム)の")
_NOT_A_NAME = re.compile(
    r"会員|番号|生年|月日|施設|責任|本人|確認|希望|連絡|お願い|アドレス|不明|以下|下記|上記|登録|変更|メール|担当|様子|理由|病院|センター|初めて|次の|とおり|通り|お世話|平素|件|です|ます"
)
_MEMBER = re.compile(
    r"(?:学会)?会員(?:番号|No\.?|№|ID)[^\d\n]{0,8}?(?:[A-Za-z]{1,6}[-\s]?)?(?P<digits>\d[\d-]{2,12})"
)
_BORN = re.compile(r"生年月日|生まれ|誕生日|年生|日生|生[)）、。]|born", re.IGNORECASE)
_PROXY_SENTENCE = re.compile(r"代わ|代理|代行|依頼を受け|指示")


def read_prose(text: str, offset: int, form: Form) -> tuple[dict[str, Field | None], Identity]:
    """Return the fields that sentences give, keys are those of a reading, and the identity."""
    identity = _identity(text, offset)
    if not (identity.member or identity.birth):
        return {}, identity  # Without proof of identity it is a question, not a request.
    lines = [(line, offset + start) for line, start in _with_offsets(text)]
    proofs = [(one.start - 6, one.end) for one in (identity.member, identity.birth) if one]
    physician = _physician(text, offset, form)
    name, number = _facility(text, offset, proofs, physician)
    found: dict[str, Field | None] = {
        "member_number": identity.member,
        "birthdate": identity.birth,
        "facility_name": name,
        "certification_number": number,
        "responsible_physician": physician,
    }
    about = [one for one in lines if mentions_address_wish(one[0])]
    found["request"] = read_wish(about, form) if about else None
    if found["request"] and found["request"].value in ("change_address", "both"):
        found["new_address"] = find_new_address(lines)
    return found, identity


def _identity(text: str, offset: int) -> Identity:
    folded = fold_widths(text)
    member = None
    if (match := _MEMBER.search(folded)) is not None:
        digits = re.sub(r"\D", "", match["digits"])
        member = Field(digits, offset + match.start("digits"), offset + match.end("digits"))
    born = Identity()
    for line, start in _with_offsets(text):
        if _BORN.search(line) and find_dates(line):
            born = read_identity([(line, offset + start)], kinds.BIRTH)
            break
    return Identity(member, born.birth, born.doubt)


def _facility(
    text: str, offset: int, proofs: list[tuple[int, int]], physician: Field | None
) -> tuple[Field | None, Field | None]:
    number = None
    for match in _NUMBER.finditer(fold_widths(text)):
        inside_proof = any(
            match.start() + offset < end and start < match.end() + offset for start, end in proofs
        )
        if inside_proof:
            continue
        group = "number" if match["number"] else "bare"
        plain = match[group].replace("-", "").upper()
        number = Field(plain, offset + match.start(group), offset + match.end(group))
        break
    who = physician.value if physician else ""
    found = max(_FACILITY.finditer(text), key=lambda one: _nearness(one, text, who), default=None)
    found = found or _BEFORE_ROLE.search(text)
    if found is None:
        return None, number
    name, inside = read_facility([(found["name"], offset + found.start("name"))])
    return name, number or inside


def _nearness(match: re.Match[str], text: str, physician: str) -> tuple[bool, int]:
    """Return how much speaks for one of several hospitals in a letter.

    The last one in a sentence with the physician is meant; else the first of all. Where
    greeting and statement name two, the statement counts: it may be an impostor's.
    """
    sentence = re.split(r"[。\n]", text[match.end() :])[0]
    together = bool(physician) and fold(physician) in fold(sentence)
    return together, match.start() if together else -match.start()


def _physician(text: str, offset: int, form: Form) -> Field | None:
    """Return who is called the responsible physician, or else who writes."""
    found: list[tuple[int, int, Field]] = []
    for pattern in (_BY_ROLE, _BY_SELF):
        for match in pattern.finditer(text):
            after = text[match.end() : match.end() + 45]
            if pattern is _BY_SELF and _PROXY_SENTENCE.search(after):
                continue
            field = _name_in(match, text, offset, form)
            if field is not None:
                # 見本です。施設責任者をしております: the role may follow.
                role = pattern is _BY_ROLE or "責任者を" in after or "責任者で" in after
                found.append((not role, match.start(), field))
    return min(found, key=lambda one: one[:2])[2] if found else None


def _name_in(match: re.Match[str], text: str, offset: int, form: Form) -> Field | None:
    unit = _UNIT_OF.match(match["name"])
    start = match.start("name") + (unit.end() if unit else 0)
    name = text[start : match.end("name")]
    if _NOT_A_NAME.search(name):
        return None
    return read_physician([(name, offset + start)], form)


def _with_offsets(text: str) -> list[tuple[str, int]]:
    lines, start = [], 0
    for line in text.split("\n"):
        lines.append((line, start))
        start += len(line) + 1
    return lines
