"""Field 4: what is wished.

The options as the form prints them become the signs ① and ②, addresses one sign @; on
what is left marks (○, ☑), boxes (□) and words decide, in this order.
"""

from __future__ import annotations

import re
import unicodedata

from helpdesk.domain.birthdates import fold_widths
from helpdesk.domain.fields import Field, Lines
from helpdesk.domain.labels import Form
from helpdesk.domain.new_address import LOOSE_ADDRESS

CONFIRM, CHANGE, BOTH, OTHER = "confirm_address", "change_address", "both", "other"
_OF = {frozenset("①"): CONFIRM, frozenset("②"): CHANGE, frozenset("①②"): BOTH}


# Characters: who needs more than a few words to choose writes to a person.
_LONGEST = 2_000


def read_wish(lines: Lines, form: Form) -> Field | None:
    """Return `confirm_address`, `change_address`, `both` or `other`; None: nothing chosen.

    Both options left standing as the form prints them are no choice.
    """
    text = "\n".join(line for line, _ in lines)[:_LONGEST]
    kind = _kind_of(_signs(text, form))
    if kind is None and "パスワード" in text:
        kind = OTHER  # The password is all that is wished.
    if kind is None:
        return None
    return Field(kind, lines[0][1], lines[-1][1] + len(lines[-1][0]))


_NOTE = re.compile(
    r"\(施設の代表[^()]*\)|\(どちらか[^()]*\)|\([^()]*を残して[^()]*\)|(?<=[①②\s])など(?=\s|$)|等$"
)
_PASSWORD = re.compile(r"[^。\n、,①②@]*パスワード[^。\n①②@]*(?:[。\n]|$)?")


_HALF_WIDTH = re.compile(r"[ｦ-ﾟ]+")
_MAILTO = re.compile(r"<?mailto:")


def _signs(text: str, form: Form) -> str:
    """Return a wish with options and addresses as one sign each."""
    text = fold_widths(text).replace("＠", "@")
    # Half-width kana only: NFKC of the whole would turn ① into 1.
    text = _HALF_WIDTH.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    text = _MAILTO.sub(" ", text) if "mailto:" in text else text
    text = LOOSE_ADDRESS.sub(" @ ", text)
    text = form.option_2.replaced("②", form.option_1.replaced("①", text))
    text = _NOTE.sub("", text)
    # An arrow in front of the whole is the form's, not a mark.
    text = text.strip().removeprefix("→").strip()
    return _PASSWORD.sub("\n", _digits_as_options(text)).strip()


# What may stand behind a bare number that is a choice.
_AFTER_DIGIT = (
    r"(?=\s*(?:$|\n|@|[をでと、,。:]|です|希望|番|および|及び|お願い|の方|に(?:します|○)))"
)
_DIGIT = re.compile(
    rf"^[ \t(\[【「]*(?:番号|No\.?)?\s*(?P<digit>[12])\s*[)\]】」番.]*{_AFTER_DIGIT}(?!\s*\d)"
)
_TWO_DIGITS = re.compile(
    r"^[ \t]*[(\[]?1[)\].]*\s*(?P<between>と|および|及び|、|,|&|\+|並びに|ならびに|/|・|または|又は|か)\s*[(\[]?2[)\].]*(?!\d)"
)
_LISTED = re.compile(r"(?:^|(?<=[\s○◯〇●☑✓✔レ■□]))[(\[]?([12])[)\].:](?=\s*(?:$|\n|[^\d\s]))")


_SPOKEN_SIGN = re.compile(r"(?:丸|まる|マル)[ ]?([12])")


def _digits_as_options(text: str) -> str:
    text = _SPOKEN_SIGN.sub(lambda match: "①②"[int(match[1]) - 1], text)
    if "①" in text or "②" in text:
        return text
    if match := _TWO_DIGITS.match(text):
        return f"①{match['between']}②{text[match.end() :]}"
    if match := _DIGIT.match(text):
        return ("①" if match["digit"] == "1" else "②") + text[match.end() :]
    return _LISTED.sub(lambda match: "①②"[int(match[1]) - 1], text)


# ①は不要, ②は希望しません, 変更は不要: what is not wished.
_NOT_WISHED = re.compile(
    r"\(?(?:[①②]\)?|変更|確認|登録)(?:の?変更|の?確認|の方)?(?:は|については|の必要は|:|では)?\s*"
    r"(?:なく|不要|いりません|要りません|希望(?:し|いたし|致し)?ません|希望しない|必要(?:ありません|なし|ない)|ありません|しません|なし|結構)[^①②\n。]*[。)]?"
)
_NOTHING = re.compile(
    r"(?:特に|とくに)?(?:なし|無し|ありません|未定|未記入|空欄|検討中)(?:です)?[。]?"
)
_MARK = "○◯〇●◎✓✔☑☒✅レ■★→⇒▶◆"
_BOX = "□☐"
# A mark or box in brackets of its own.
_BRACKETED_MARK = re.compile(rf"[(\[]\s*([{_MARK}xX×Vv*])\s*[)\]]")
_BRACKETED_BOX = re.compile(r"[(\[]\s*[)\]]")


# 変更しないで、確認だけ
_DONT = re.compile(r"(?:変更|登録|確認)(?:は|を)?(?:しないで(?:ください)?|せずに?)[、,\s]*")
# 変更依頼は取り消してください
_WITHDRAWN = re.compile(
    r"(?:依頼|申請|希望|手続き|お願い)[^。\n]{0,8}(?:取り?消|取り?下げ|撤回|キャンセル)"
)
# ①→②に訂正
_CORRECTED = re.compile(r"[①②]\s*(?:→|⇒|から)\s*([①②])[^\n]{0,3}(?:訂正|変更し|に変)")


def _kind_of(text: str) -> str | None:
    if _WITHDRAWN.search(text):
        return OTHER
    if corrected := _CORRECTED.search(text):
        return CONFIRM if corrected[1] == "①" else CHANGE
    if (ticked := _ticked(text)) is not None:
        return ticked
    text = _NOT_WISHED.sub("", _DONT.sub("", text)).strip()
    if not re.search(r"[^\W_]|[①②@]", text) or _NOTHING.fullmatch(text):
        return None
    options = {sign for sign in "①②" if sign in text}
    if options:
        marked = _marked(text)
        if marked is not None:
            return _OF.get(frozenset(marked))
    if options == {"①", "②"}:
        return _of_both_standing(text)
    if options:
        return _of_one(text, options.pop())
    return _by_words(text)


_TICK = re.compile(rf"[(\[]\s*([{_MARK}xX×Vv*]?)\s*[)\]]")


def _ticked(text: str) -> str | None:
    """Return what is ticked among choices in the sender's own words: [x] 確認希望 [ ] 登録希望."""
    if "①" in text or "②" in text:
        return None
    ticks = list(_TICK.finditer(text))
    if len(ticks) < 2:
        return None
    ends = [*(one.start() for one in ticks[1:]), len(text)]
    chosen: set[str] = set()
    for tick, end in zip(ticks, ends, strict=True):
        words = text[tick.end() : end]
        change, confirm = _CHANGE.search(words), _CONFIRM.search(words)
        if not change and not confirm and "登録" not in words:
            return None
        if tick[1]:
            chosen.add("②" if change or not confirm else "①")
    return _OF.get(frozenset(chosen))


def _marked(text: str) -> set[str] | None:
    """Return the options that carry a mark; None where marks say nothing, {} for empty boxes."""
    if re.search("[○◯〇✓✔レ☑]", text):  # Beside a circle a cross is a no.
        text = re.sub(r"[(\[]?\s*[×✕]\s*[)\]]?", "□", text)
    text = _BRACKETED_BOX.sub("□", _BRACKETED_MARK.sub(r"(\1)", text))
    text = re.sub(rf"\(([{_MARK}xX×Vv*])\)", r"❶", text)
    if "●" in text and re.search("[○◯〇]", text):  # Radio buttons: the full one is chosen.
        text = re.sub("[○◯〇]", "□", text)
    signs = set(re.findall(rf"[{_MARK}❶{_BOX}]", text))
    if not signs:
        return None
    marked: set[str] = set()
    touched: set[str] = set()
    for line in text.split("\n"):
        for option, sign in _pairs(line):
            touched.add(option)
            if sign not in _BOX:
                marked.add(option)
    if not touched:
        return None
    if marked == {"①", "②"} and signs <= set("■◆●→⇒▶★"):
        return None  # Bullets, not marks.
    if not marked and len(touched) < len({s for s in "①②" if s in text}):
        # One box was taken away together with its option, or only one is empty.
        return None
    return marked


def _pairs(line: str) -> list[tuple[str, str]]:
    """Return option and sign pairs of one line: signs stand all before or all behind."""
    signs = re.findall(rf"[①②{_MARK}❶{_BOX}]", line)
    if not any(one in "①②" for one in signs):
        return []
    before = signs[0] not in "①②"
    if not before and re.search(rf"\s[{_MARK}{_BOX}][①②]", line) and signs[-1] in "①②":
        before = True  # ①　○②: the sign is nearer to what follows it.
    pairs: list[tuple[str, str]] = []
    waiting = None
    for one in signs if before else reversed(signs):
        if one not in "①②":
            waiting = one
        elif waiting is not None:
            pairs.append((one, waiting))
            waiting = None
    return pairs


_BOTH = re.compile(r"両方|双方|どちらも|いずれも|両者|①も②も|二つとも|2つとも|共に希望|ともに希望")
_BETWEEN_BOTH = re.compile(r"[ \t]*(?:と|および|及び|ならびに|並びに|かつ|\+|&|、|,|@)?[ \t]*")
_EITHER = re.compile(
    r"(?:または|又は|もしくは|若しくは|あるいは|or|OR|か|など|等|[\s、,。・/／()|:])*"
)


# Which of two printed options is pointed at: the line that says more than the option.
_POINTED = re.compile(r"←|⇐|<-|こちら|これを|希望し|希望いた|希望です|希望。|お願い|選択|を希望")


def _pointed_at(text: str) -> str | None:
    """Return the option that is named again, or beside which words of choice stand."""
    confirm, change = text.count("①"), text.count("②")
    if confirm != change:
        return CONFIRM if confirm > change else CHANGE
    lines = [line for line in text.split("\n") if "①" in line or "②" in line]
    if len(lines) == 2 and not any("①" in line and "②" in line for line in lines):
        pointed = [line for line in lines if _POINTED.search(line)]
        if len(pointed) == 1:
            return CONFIRM if "①" in pointed[0] else CHANGE
    return None


def _of_both_standing(text: str) -> str | None:
    if _BOTH.search(text):
        return BOTH
    if pointed := _pointed_at(text):
        return pointed
    first, second = sorted((text.index("①"), text.index("②")))
    between = text[first + 1 : second]
    if "\n" not in between and _BETWEEN_BOTH.fullmatch(between) and between.strip(" \t"):
        return BOTH
    if between == "":
        return BOTH
    rest = text.replace("①", " ").replace("②", " ").strip()
    if _EITHER.fullmatch(rest):
        return None
    if not _EITHER.fullmatch(between) and not re.search(r"または|又は|いずれか|どちらか", text):
        return BOTH  # ①を確認のうえ、②を希望: each has words of its own.
    found = _by_words(rest)
    return None if found == OTHER else found


_ALSO_CHANGE = re.compile(
    r"①[^。\n]{0,6}[、,・と及]{1,2}\s*(?:新しい)?(?:メール)?(?:アドレスの)?(?:変更|登録)|(?:変更|登録|新しい(?:メール)?アドレス|切り?替え)[^。\n]{0,12}(?:も|あわせて|併せて)|(?:また|加えて|なお|さらに|合わせて|併せて|あわせて)[^。\n]{0,40}(?:変更|登録)[^。\n]{0,10}(?:希望|お願い|したい|ください|下さい)"
)
_ALSO_CONFIRM = re.compile(
    r"(?:アドレス|メアド)[^。\n]{0,10}も[^。\n]{0,10}(?:教え|ご教示|確認(?:した|を|させ)|知りた|お知らせ)|(?:また|加えて|なお|合わせて|併せて|あわせて)[^。\n]{0,24}アドレス[^。\n]{0,12}(?:教え|ご教示|確認した|知りた)"
)


# ①及び新規登録: two wishes, whether or not the address is given.
_AND_A_NEW_ONE = re.compile(
    r"①\s*(?:と|及び|および|並びに|ならびに|・|＆|&)\s*(?:新規|新しい|新)?(?:メール)?(?:アドレス)?の?(?:新規)?(?:変更|登録)"
)


def _of_one(text: str, option: str) -> str:
    if option == "①" and _AND_A_NEW_ONE.search(text):
        return BOTH
    if option == "①":
        return BOTH if "@" in text and _ALSO_CHANGE.search(text) else CONFIRM
    return BOTH if _ALSO_CONFIRM.search(text) else CHANGE


# Politeness asks to 'confirm' in every letter; it is no wish.
_POLITE = re.compile(
    r"(?:^|(?<=[。、\n\s]))(?:どうぞ|以上|何卒)?(?:ご|御)?(?:確認|査収|対応|検討)(?:の)?(?:ほど|程|の上|のうえ|上|うえ)?(?:、)?(?:を)?(?:どうぞ|何卒)?"
    r"(?:よろしく|宜しく|お願い|御願い|ください|下さい|いただ|頂)[^。\n]*"
)
_ABOUT = re.compile(r"アドレス|メアド|メール|mail|@", re.IGNORECASE)
# A word or two, in which nothing but the address can be meant.
_SHORT = re.compile(
    r"(?:新規)?(?:登録)?(?:の)?(?:変更|登録|確認|照会|切り?替え)(?:の|を|し)?(?:・|と)?(?:ご?希望|お?願|依頼|連絡|したい|$)[^、。\n]{0,12}"
)
_CHANGE = re.compile(
    r"変更|新しい(?:メール)?アドレス|新(?:規)?(?:メール)?アドレス|新規登録|アドレス(?:を|の|へ|に)?[^。\n]{0,12}(?<!する)登録(?!して|され|した|済|中|状況|内容|情報|の有無)"
    r"|登録(?:を|し)?(?:希望|お願い|したい|してください|して下さい|願|いただき|し直)|切り?替え|差し?替え|更新|改め|替えたい|変えたい|変えて|替えて|@\s*(?:に|へ|を)"
)
_CONFIRM = re.compile(
    r"確認|教えて|教え願|ご教示|ご教授|お知らせ|知りた|お尋ね|照会|問い?合わせ|不明|分から|分かり|わから|わかり|判り|判ら|忘れ"
    r"|どの(?:メール)?アドレス|何(?:の|という)(?:メール)?アドレス|失念|連絡希望|ご連絡|通知|開示|知らせ"
)
_OTHER = re.compile(
    r"削除|抹消|追加|訂正|修正|退会|解約|停止|閉鎖|取り?消|取り?下げ|辞退|移管|統合|名称変更|再発行|発行|変更届|住所|名義|責任者(?:の)?(?:変更|交代届)"
    r"|施設名(?:称)?(?:の)?変更|責任者を[^。\n]{0,20}変更"
)
_CHANGES_ADDRESS = re.compile(
    r"(?:アドレス|メアド|メール)(?:を|の|へ|に)?[^。\n]{0,24}(?:変更|差し?替|切り?替|変え)|変更[^。\n]{0,8}アドレス|新しい(?:メール)?アドレス|@\s*(?:に|へ|を)"
)


def _by_words(text: str) -> str | None:
    """Return what free words wish; words that say nothing we know are a person's matter."""
    bare = _POLITE.sub("", text)
    if not re.search(r"[^\W\d_]|@", bare):
        bare = text
    if _BOTH.search(bare):
        return BOTH
    if _OTHER.search(bare) and not _CHANGES_ADDRESS.search(bare):
        return OTHER
    about = _ABOUT.search(bare) is not None or _SHORT.match(bare.strip()) is not None
    change = about and _CHANGE.search(bare) is not None
    confirm = about and _CONFIRM.search(bare) is not None
    if change and confirm:
        return BOTH if _wants_both(bare) else CHANGE
    if change:
        return CHANGE
    if confirm:
        return CONFIRM
    if "@" in bare:
        return CHANGE
    return OTHER if re.search(r"[^\W\d_]", bare) else None


_WANTS_CONFIRM = r"(?:確認|教えて|ご教示|照会|知りた|お知らせ)"
_WANTS_CHANGE = r"(?:変更|登録(?:希望|を|し|も|の)|新しい|切り?替え)"
_AND = r"(?:と|および|及び|、|,|ならびに|並びに|加えて|併せて|あわせて|また|さらに)"
_BOTH_WORDS = re.compile(
    rf"{_WANTS_CONFIRM}[^。\n]{{0,16}}{_AND}[^。\n]{{0,30}}{_WANTS_CHANGE}"
    rf"|{_WANTS_CONFIRM}[^。\n]{{0,16}}[。\n]\s*(?:また|加えて|さらに|併せて|あわせて|なお)[^。\n]{{0,40}}{_WANTS_CHANGE}"
    rf"|{_WANTS_CHANGE}[^。\n]{{0,30}}(?:{_AND}|[。\n]\s*(?:また|加えて|併せて|あわせて))[^。\n]{{0,30}}アドレス[^。\n]{{0,12}}{_WANTS_CONFIRM}"
)


def _wants_both(text: str) -> bool:
    # 「ご確認のうえ変更」 asks for one thing.
    return _BOTH_WORDS.search(re.sub(r"ご?確認(?:の)?(?:うえ|上)", "", text)) is not None


_ABOUT_ADDRESS = re.compile(r"(?:メール)?アドレス|メアド|ｱﾄﾞﾚｽ|[eE]-?mail")
_WISH = re.compile(
    r"確認|変更|登録|教え|知り|不明|分から|分かり|わから|わかり|忘れ|希望|について|更新|お願い|ご教示|ご連絡|照会|削除|追加|訂正"
)


def mentions_address_wish(text: str) -> bool:
    """Say whether a text speaks of wanting something about a mail address."""
    return any(
        _ABOUT_ADDRESS.search(line) and _WISH.search(line) for line in text.splitlines()[:200]
    )
