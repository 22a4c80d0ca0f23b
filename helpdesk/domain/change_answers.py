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
    #: Round of the change: an answer to it is acknowledged once in each.
    round: int = 0
    #: Words from the old address that speak of no letter: they stop all its changes.
    of_address: bool = False


_STOP = re.compile(
    "中止|止め|とめて|停止|取り?消|取り?やめ|キャンセル|心当たり(?:が|は|の)?(?:ない|無い|なし|あり?ま|ござ)"
    "|身に覚え|人違い|送らないで|やめて|不要|登録しないで|申し?込んで(?:い|おり)?ま?せ?ん|頼んで(?:い|おり)?ません|したこと(?:は|が)"
    "|しかね|いたしかね|致しかね|できかね|つもりは|待って(?:ください|下さい|いただ)|反対|承諾しません|了承しません"
    "|覚え(?:が|は)?(?:ない|無い|なし|あり?ま|ござ)|知らない|知りません|存じ(?:上げ)?ません"
    "|(?:依頼|申請|希望|手続き?)(?:は|を)?(?:して(?:い|お)り?ま?せ|した覚え)|変更しないで|変更(?:を|は)?(?:希望)?(?:しません|いたしません|望みません)|不正|なりすまし"
    "|間違|誤り|違います|同意し(?:ない|ません|ておりません|ていません)|同意(?:でき|いたしかね|致しかね)|拒否|お断り"
    "|\\bstop\\b|did ?n[o']t|do ?n[o']t|never|not (?:me|mine|us|our)",
    re.IGNORECASE,
)
# 「間違いありません」 says yes.
_NO_MISTAKE = re.compile("(?:間違い?|誤り|相違)(?:は|も)?(?:な[いくし]|あり?ません|ございません)")
# Everything that a person may write beside a yes: greetings, thanks, who they are.
_COURTESY = re.compile(
    r"(?:いつも)?(?:大変)?お世話に(?:なっており|なり)ます|平素(?:は|より)[^。]{0,30}(?:ございます|おります)"
    r"|[^。\s]{0,20}(?:事務局|学会|ご?担当者?)[^。\s]{0,8}(?:様|御中|殿|各位)?"
    r"|(?:早速の)?ご?(?:連絡|対応|案内)(?:を)?(?:いただき|頂き|くださり)?(?:、)?(?:誠に)?ありがとうございま(?:す|した)"
    r"|(?:どうぞ|何卒|以上)?[、\s]*(?:よろしく|宜しく)お願い(?:いた|致|申し上げ)?(?:し)?ます|取り急ぎ[^。]{0,12}まで|以上(?:です)?"
    r"|[^。\s]{1,24}(?:病院|センター|クリニック|医院|診療所)(?:の)?[^。]{0,24}(?:です|と申します|でございます)?"
    r"|[^\sぁ-ん。]{1,6}[ ]+[^\s。]{1,6}|[^。\s]{1,12}と申します"
)
_YES = re.compile(
    r"はい|(?:(?:ご?連絡|変更|この変更|本件|上記)?(?:の件)?(?:に|を|は)?(?:ついて)?(?:は)?[、\s]*)?(?:同意|承諾|了承|賛成)(?:いた|致)?(?:し(?:ます|ました)|です)"
    r"|(?:はい[、,]?)?(?:特に)?(?:問題|異議|異存)(?:は)?(?:ありません|ございません|ないです)"
    r"|(?:はい[、,]?)?(?:変更|登録|手続き?)?(?:の手続き?)?(?:を|で|は)?(?:進めて(?:ください|下さい)|(?:進めて(?:いただ|頂)く(?:よう)?)?お願い(?:いた|致)?します)"
)
_RECEIVED = re.compile(
    r"(?:こちらの|この|当方の)?(?:メール|メールアドレス|アドレス)?(?:を|が|は|で)?(?:確かに|無事)?(?:受信|受け取|受取|受領|拝受|拝見|確認|到着|届)[^。ぬんかなず]{0,8}(?:ました|います|おります|です|できています|できております)"
    r"|届きました|届いて(?:い|おり)ます|承知(?:いた|致)?しました|了解(?:です|(?:いた|致)?しました)|かしこまりました"
    r"|(?:こちらの|この)?(?:メールアドレス|アドレス)?(?:で|に)?(?:間違い?|誤り|相違)(?:は)?(?:ありません|ございません|ないです)"
    r"|ご?返信(?:いた|致)?します|ok|(?:はい[、,]?)?(?:変更|登録)(?:を)?お願い(?:いた|致)?します",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"[。．!！\n]+")


def _consists_of(text: str, *kinds: re.Pattern[str]) -> list[set[int]] | None:
    """Return for each sentence the kinds it is wholly one of; None where one is none of them."""
    own = unicodedata.normalize("NFKC", text)
    found: list[set[int]] = []
    for sentence in _SENTENCES.split(own):
        bare = sentence.strip(" 　、,.")
        if not bare:
            continue
        fits = {number for number, kind in enumerate(kinds) if kind.fullmatch(bare)}
        if not fits:
            return None
        found.append(fits)
    return found


# A longer text says more than yes.
_SHORT = 160


def says_stop(text: str) -> bool:
    """Say whether a text may ask to stop, or says that nobody there asked for the change."""
    own = unicodedata.normalize("NFKC", text)
    return bool(_STOP.search(_NO_MISTAKE.sub("", own)))


def says_agreed(text: str) -> bool:
    """Say whether a text agrees in so many words and says nothing else."""
    if len(text.strip()) > _SHORT or says_stop(text):
        return False
    found = _consists_of(text, _YES, _RECEIVED, _COURTESY)
    return found is not None and any(0 in fits for fits in found)


def says_received(text: str) -> bool:
    """Say whether a text is empty or says no more than that the letter arrived, or yes."""
    if says_stop(text):
        return False
    return _consists_of(text, _YES, _RECEIVED, _COURTESY) is not None


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
    #: It proves the receipt of an earlier letter to the old address, before a stop.
    earlier_notice: bool = False

    @property
    def speaks_of_it(self) -> bool:
        """Whether the mail itself names this change."""
        return self.token or self.notice or self.earlier_notice


def read_answer(heard: Heard) -> str | None:
    """Return a kind of KINDS; None: it is no answer about a change."""
    stop = says_stop(heard.text)
    if heard.state in ("done", "reverted"):
        told = heard.from_old or heard.notice or heard.earlier_notice
        return "late" if stop and told else None
    if heard.state in ("rejected", "over"):
        return None
    if stop and (heard.speaks_of_it or heard.from_old):
        return "stopped"
    if heard.token:
        if heard.state != "confirming":
            return "noted" if heard.state in ("cooling", "portal") else "outdated"
        if not heard.token_good:
            return "outdated"
        # Anything but a plain yes is a person's to read, whoever it comes from.
        return "confirmed" if heard.from_new and says_received(heard.text) else "proof"
    if heard.notice:
        if heard.from_old and says_agreed(heard.text):
            # Agreed to is what waits; what was stopped since is asked once more.
            return "agreed" if heard.state == "cooling" else "noted"
        seen = heard.from_old and heard.text.strip() and says_received(heard.text)
        return "noted" if heard.thanks or seen else "unclear"
    return None
