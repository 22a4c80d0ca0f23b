"""Short answers to our letters: that a mail arrived, that a link is accepted or declined.

Read with care rather than with wit: what is not clear stays for a person.
"""

from __future__ import annotations

import re
import unicodedata

# A longer text says more than yes or no.
_SHORT = 160

_MARK = r"[（(\[［]\s*[○〇◯●✓✔☑レvxX]\s*[）)\]］]\s*"
_TICKED_YES = re.compile(_MARK + "承諾します")
_TICKED_NO = re.compile(_MARK + "承諾しません")

_NO = re.compile(
    "承諾(?:は)?(?:しません|しない|できません|できない|いたしません|致しません|いたしかね|致しかね)"
    "|お断り|辞退|お受け(?:は)?(?:できません|できない|いたしかね|致しかね)|受け入れ(?:は)?できません"
    "|連携(?:は|を)?(?:できません|しません|いたしません|見送)"
)
_YES = re.compile(
    "承諾(?:し|いた|致|申し)|承認(?:し|いた|致)|了承|受諾|お受け(?:し|いた|致)|連携を(?:承|認め|お受け)"
)
_ASKS = re.compile("[?？]|でしょうか|ますか|ください|下さい|お願い")

_UNCHANGED = re.compile(
    "変更(?:点|箇所)?(?:は|も|など)?(?:ござい|あり)ません|変更(?:点)?(?:は)?(?:なし|ない)"
)
_ARRIVED = re.compile(
    "届|受信|受け取|受領|確認|承知|了解|問題(?:は)?(?:ござい|あり)ません|このまま|有効"
)
_SOMETHING_ELSE = re.compile("変更|新し|異動|退職|交代|廃止|削除|違|誤|届きません|届かない|@|＠")


def read_link_answer(text: str, body: str) -> str | None:
    """Return `accepted`, `declined`, or None where a person must read it.

    `text` is what the person wrote themselves, `body` the whole mail: people also tick
    the boxes inside our quoted letter.
    """
    ticked = bool(_TICKED_YES.search(body)), bool(_TICKED_NO.search(body))
    if any(ticked):
        return None if all(ticked) else ("accepted" if ticked[0] else "declined")
    own = unicodedata.normalize("NFKC", text)
    no = bool(_NO.search(own))
    yes = bool(_YES.search(_NO.sub("", own)))
    if yes == no or len(own) > 4 * _SHORT or (yes and re.search("ただし|但し|条件|[?？]", own)):
        return None
    return "accepted" if yes else "declined"


def confirms_arrival(text: str) -> bool:
    """Say whether a person only says that our mail arrived and nothing is to be changed."""
    own = _UNCHANGED.sub("問題ありません", unicodedata.normalize("NFKC", text)).strip()
    if len(own) > _SHORT or _SOMETHING_ELSE.search(own):
        return False
    wishes = re.sub(
        "(?:今後とも)?(?:どうぞ)?(?:よろしく|宜しく)お願い(?:いた|致)?し(?:ま|申)[^。\n]*", "", own
    )
    if _ASKS.search(wishes):
        return False
    return not own or bool(_ARRIVED.search(own))


_NOT_RECEIVED = re.compile(
    "届(?:きません|かない|いて(?:い|お)り?(?:ない|ません)|いてない)|(?:受信|受け取|確認)(?:は)?(?:でき(?:ない|ません|て(?:い|お))"
    "|って(?:い|お)り?ません|れません)|(?:メール|アドレス)(?:は|が)?(?:もう)?(?:使え|使って(?:い|お)?り?ま?せん|見られ)"
)


def says_not_received(text: str) -> bool:
    """Say whether a person writes that what we sent to the registered address is not seen."""
    return bool(_NOT_RECEIVED.search(unicodedata.normalize("NFKC", text[: 20 * _SHORT])))
