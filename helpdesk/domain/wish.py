"""Field 4: what is wished, and the new address that goes with a change."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpdesk.domain.birthdates import fold_widths
from helpdesk.domain.fields import Field

Lines = Sequence[tuple[str, int]]

# The two options as the guide prints them, with what people leave around them.
_OPTION_1 = re.compile(
    r"(?:①|1\s*[)）.．:：]|\(1\)|（1）)?\s*(?:現在の?|登録(?:中の|済みの?)?)?メールアドレスの(?:ご)?確認(?:の)?(?:ご)?希望(?:の)?(?:ご)?連絡"
)
_OPTION_2 = re.compile(
    r"(?:②|2\s*[)）.．:：]|\(2\)|（2）)?\s*新しい(?:メール)?アドレス(?:の)?(?:ご)?登録(?:の)?(?:ご)?希望(?:の)?(?:ご)?連絡"
)
_JOINT = re.compile(
    r"^(?:\s|または|又は|もしくは|など|等|、|,|。|・|/|／|（施設の代表アドレスなどもご登録いただけます）|\(施設の代表アドレスなどもご登録いただけます\)|（どちらか一方を残してください）)*$"
)

_MARK = r"[○◯〇●◎✓✔☑レ■→⇒▶]"
_POLITE = re.compile(
    r"(?:ご)?確認(?:の)?(?:ほど|程|上|うえ|後)?(?:、)?(?:を)?(?:よろしく|宜しく|お願い|ください|下さい|いただ|頂)[^。\n]*"
)
_BOTH = re.compile(
    r"両方|どちらも|いずれも|①\s*(?:②|[、,，・&＆と＋+/／]\s*②|および|及び|並びに)|1\s*(?:と|および|及び|、|,|&|\+)\s*2|①も②も"
)
_CHANGE = re.compile(
    r"②|変更|新しい(?:メール)?アドレス|新(?:規)?(?:メール)?アドレス|新規登録|アドレス(?:を|の|へ|に)?[^。\n]{0,12}登録|登録(?:を|し)?(?:希望|お願い|したい|してください|願)|切り?替え|差し?替え|更新し|更新を|改め"
)
_CONFIRM = re.compile(
    r"①|確認|教えて|ご教示|ご教授|お知らせ|知りた|お尋ね|照会|問い?合わせ|不明|分から|分かり|わから|わかり|忘れ|どの(?:メール)?アドレス|何(?:の|という)(?:メール)?アドレス|失念|連絡希望"
)
_OTHER = re.compile(
    r"削除|抹消|追加|訂正|修正|退会|解約|停止|閉鎖|取り?消|取り?下げ|辞退|移管|統合|名称変更|責任者(?:の)?変更|施設名(?:の)?変更|再発行|発行"
)
_DIGIT = re.compile(
    r"^[\s　(（\[【「]*(?:番号)?\s*(?P<digit>[1-2])\s*(?:番"
    r"|[)）\]】」.．])*[\s　]*(?:(?:を|で)?(?:希望|お願い)[^\n]*|です。?"
    r"|番)?[\s　。]*$"
)


def read_wish(lines: Lines) -> Field | None:
    """Return `confirm_address`, `change_address`, `both` or `other`; None: nothing chosen.

    Both options left standing as the form prints them are no choice.
    """
    text = "\n".join(fold_widths(line) for line, _ in lines)
    start, end = lines[0][1], lines[-1][1] + len(lines[-1][0])
    kind = _kind_of(text)
    return Field(kind, start, end) if kind else None


def _kind_of(text: str) -> str | None:
    text = text.strip()
    if not text or re.fullmatch(r"[\s\-‐―ー_.…・/()（）:：]+", text):
        return None
    if marked := _marked(text):
        return marked
    one, two = _OPTION_1.search(text), _OPTION_2.search(text)
    if one and two:
        rest = _OPTION_2.sub("", _OPTION_1.sub("", text)).strip()
        between = text[min(one.end(), two.end()) : max(one.start(), two.start())]
        if (
            re.fullmatch(r"\s*(?:と|および|及び|ならびに|並びに|、|,|\+|＋|&|＆)\s*", between)
            or _BOTH.search(rest)
            or re.search(r"両方|どちらも|いずれも", text)
        ):
            return "both"
        if _JOINT.match(rest):
            return None
        return _kind_of(rest)
    if match := _DIGIT.match(text.splitlines()[0]):
        return "confirm_address" if match["digit"] == "1" else "change_address"
    if _BOTH.search(text):
        return "both"
    if one:
        return "confirm_address"
    if two:
        return "change_address"
    return _by_words(text)


def _marked(text: str) -> str | None:
    """Return the option that carries a mark while the other carries none."""
    first = re.search(
        rf"{_MARK}\s*(?:①|1\s*[)）.])|①[^②\n]{{0,30}}?\s*[(（]?{_MARK}[)）]?\s*(?:$|\n|②|または|又は)|①\s*に\s*{_MARK}",
        text,
    )
    second = re.search(
        rf"{_MARK}\s*(?:②|2\s*[)）.])|②[^①\n]{{0,30}}?\s*[(（]?{_MARK}[)）]?\s*(?:$|\n|①)|②\s*に\s*{_MARK}",
        text,
    )
    if first and not second:
        return "confirm_address"
    if second and not first:
        return "change_address"
    return "both" if first and second else None


def _by_words(text: str) -> str:
    # Politeness asks to 'confirm' in every letter; it is no wish.
    bare = _POLITE.sub("", text)
    has_one, has_two = "①" in bare, "②" in bare
    if has_one != has_two:
        return "confirm_address" if has_one else "change_address"
    if has_one and has_two:
        return "both"
    if _OTHER.search(bare) and not re.search(
        r"アドレス(?:を|の|へ|に)?[^。\n]{0,8}変更|変更[^。\n]{0,8}アドレス|新しい", bare
    ):
        return "other"
    change, confirm = bool(_CHANGE.search(bare)), bool(_CONFIRM.search(bare))
    if change and confirm:
        return "both" if _wants_both(bare) else "change_address"
    if change:
        return "change_address"
    if confirm or ("確認" in text and "アドレス" in text):
        return "confirm_address"
    if "@" in text:
        return "change_address"
    return "other"


def _wants_both(text: str) -> bool:
    return (
        re.search(
            r"(?:確認|教えて|照会|知りた)[^。\n]{0,12}(?:と|および|及び|、|,|ならびに|加えて|併せて|あわせて|また)[^。\n]{0,24}(?:変更|登録|新しい)",
            text,
        )
        is not None
    )


# A blank or a full-width sign may stand around the @ and the dots.
_LOOSE = re.compile(
    r"(?P<local>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})\s?@\s?(?P<domain>[A-Za-z0-9-]{1,63}(?:\s?[.,]\s?[A-Za-z0-9-]{1,63}){0,8})"
)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_OLD = re.compile(r"(?:旧|現在|現行|変更前|これまで|従来|今まで|以前|登録済|元の)[^\n@]{0,20}$")
_NEW = re.compile(r"(?:新|変更後|→|⇒|➡|->|=>|から|より|以下|下記)[^\n@]{0,20}$")


def find_new_address(lines: Lines) -> Field | None:
    """Return the one address that is meant as the new one; None where it is not usable.

    An address with a comma or without a domain is not repaired: the sender is asked.
    """
    found: list[tuple[int, Field | None]] = []
    for index, (line, offset) in enumerate(lines):
        text = fold_widths(line).replace("＠", "@").replace("mailto:", "       ")
        before = fold_widths(lines[index - 1][0]) if index else ""
        for match in _LOOSE.finditer(text):
            lead = text[: match.start()]
            context = lead if lead.strip() else before[-30:]
            weight = 0
            if _OLD.search(context):
                weight = -1
            elif _NEW.search(context):
                weight = 1
            if re.match(r"\s*(?:から|より|→|⇒|を(?!登録|希望|新))", text[match.end() :]):
                weight = min(weight, -1)
            found.append((weight, _field(match, offset)))
    found = [one for one in found if one[0] >= 0]
    if not found:
        return None
    best = max(weight for weight, _ in found)
    fields = [field for weight, field in found if weight == best]
    values = {field.value if field else None for field in fields}
    return fields[0] if len(values) == 1 else None


def _field(match: re.Match[str], offset: int) -> Field | None:
    domain = re.sub(r"\s", "", match["domain"]).lower()
    local = match["local"].strip(".") if match["local"].startswith(".") else match["local"]
    if not _DOMAIN.fullmatch(domain):
        return None
    return Field(f"{local}@{domain}", offset + match.start(), offset + match.end())


_ABOUT_ADDRESS = re.compile(r"(?:メール)?アドレス|ｱﾄﾞﾚｽ|[eE]-?mail")
_WISH = re.compile(
    r"確認|変更|登録|教え|知り|不明|分から|分かり|わから|わかり|忘れ|希望|について|更新|お願い"
)


def mentions_address_wish(text: str) -> bool:
    """Say whether a text speaks of wanting something about a mail address."""
    return any(
        _ABOUT_ADDRESS.search(line) and _WISH.search(line) for line in text.splitlines()[:200]
    )
