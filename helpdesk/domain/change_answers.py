"""What people answer to the letters of a change: yes, stop, or something for a person.

A stop is believed easily and an agreement only where it is plain: to stop costs a
telephone call, to agree may cost the account.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: kinds: confirmed (the new address answered) | proof (its token came from elsewhere) |
#: agreed (the old address) | stopped | unclear (for a person, and held) | noted (nothing) |
#: late (a stop after the change) | outdated (a token whose time is over)
KINDS = (
    "confirmed",
    "proof",
    "agreed",
    "stopped",
    "unclear",
    "noted",
    "late",
    "outdated",
)


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """An answer to a letter about a change, and what it means."""

    kind: str
    action_id: int
    case_number: str


_STOP = re.compile(
    "中止|止め|とめて|停止|取り?消|取り?やめ|キャンセル|心当たり(?:が|は)?(?:ない|無い|なし|あり?ま|ござ)"
    "|覚え(?:が|は)?(?:ない|無い|なし|あり?ま|ござ)|知らない|知りません|存じ(?:上げ)?ません"
    "|(?:依頼|申請|希望|手続き?)(?:は|を)?(?:して(?:い|お)り?ま?せ|した覚え)|変更しないで|変更(?:を|は)?(?:希望)?(?:しません|いたしません|望みません)|不正|なりすまし"
    "|間違|誤り|違います|同意しません|同意(?:でき|いたしかね|致しかね)|拒否|お断り|\\bstop\\b",
    re.IGNORECASE,
)
# 「間違いありません」 says yes.
_NO_MISTAKE = re.compile("(?:間違い?|誤り|相違)(?:は|も)?(?:な[いくし]|あり?ません|ございません)")
_AGREE = re.compile(
    "同意(?:し|いた|致|です)|承諾(?:し|いた|致)|問題(?:は)?(?:ありません|ございません|ないです)"
)
_ASKS = re.compile("[?？]|でしょうか|ますか|ですか|ただし|但し")
# A longer text says more than yes.
_SHORT = 160


def says_stop(text: str) -> bool:
    """Say whether a text may ask to stop, or says that nobody there asked for the change."""
    own = unicodedata.normalize("NFKC", text)
    return bool(_STOP.search(_NO_MISTAKE.sub("", own)))


def says_agreed(text: str) -> bool:
    """Say whether a text agrees and says nothing else."""
    own = unicodedata.normalize("NFKC", text).strip()
    return bool(
        len(own) <= _SHORT and _AGREE.search(own) and not says_stop(own) and not _ASKS.search(own)
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a mail that may answer a letter about a change."""

    #: State of the change's action; `over`: in force for longer than the freeze.
    state: str
    #: The mail carries the token of the letter to the new address; it is still good.
    token: bool
    token_good: bool
    #: The mail proves the receipt of the letter to the old address.
    notice: bool
    from_new: bool
    from_old: bool
    #: What the person wrote, without quotes.
    text: str
    thanks: bool = False


def read_answer(heard: Heard) -> str | None:
    """Return a kind of KINDS; None: it is no answer about a change."""
    stop = says_stop(heard.text)
    if heard.state in ("done", "reverted"):
        return "late" if stop and (heard.from_old or heard.notice) else None
    if heard.state in ("rejected", "over"):
        return None
    if stop and (heard.token or heard.notice or heard.from_old):
        return "stopped"
    if heard.token:
        if heard.state != "confirming":
            return "noted" if heard.state in ("cooling", "portal") else "outdated"
        if not heard.token_good:
            return "outdated"
        return "confirmed" if heard.from_new else "proof"
    if heard.notice:
        if heard.from_old and says_agreed(heard.text):
            return "agreed"
        return "noted" if heard.thanks else "unclear"
    return None
