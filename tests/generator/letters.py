"""Whole mails with their truth: who asks, as whom, in which hand, with what around it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from helpdesk.domain.registry import Facility
from tests import mails
from tests.generator import hands, wishes, writing
from tests.generator.society import FAMILIES, GIVEN


@dataclass
class Sample:
    """One mail and what is true of it, in the format of the shared samples."""

    file: str
    raw: bytes
    truth: dict[str, Any]
    body: str = ""
    tags: list[str] = field(default_factory=list)


@dataclass
class _Claim:
    """What a mail gives, as text and as value."""

    shown_facility: str = ""
    number: str | None = None
    named: bool = True
    shown_physician: str = ""
    physician: str | None = None
    shown_identity: str = ""
    member: str | None = None
    birthdate: str | None = None
    id_label: str = "会員番号または生年月日"
    verdict: Any = "verified"
    match: str | None = None


def letters(seed: int, count: int, registry: list[Facility]) -> Iterator[Sample]:
    """Yield mails; the same seed and registry give the same mails."""
    maker = _Maker(registry)
    for at in range(count):
        yield maker.make(random.Random(seed * 1_000_003 + at), f"{at:05d}.eml")


class _Maker:
    def __init__(self, registry: list[Facility]) -> None:
        self._registry = registry
        self._names = {one.name.replace(" ", "") for one in registry}
        self._short: dict[str, list[Facility]] = {}
        for one in registry:
            for short in {
                one.name.replace(" ", ""),
                writing.without_body(one.name).replace(" ", ""),
                writing.last_word(one.name).replace(" ", ""),
            }:
                self._short.setdefault(short, []).append(one)

    def make(self, chance: random.Random, file: str) -> Sample:
        one = chance.choice(self._registry)
        if chance.random() < 0.1:
            one = chance.choice([f for f in self._registry if f.name.endswith("佐藤病院")] or [one])
        tags: list[str] = []
        claim = _Claim(match=one.certification_number)
        self._facility(chance, one, claim, tags)
        self._identity(chance, one, claim, tags)
        self._physician(chance, one, claim, tags)
        if claim.verdict == "verified" and chance.random() < 0.3:
            self._impostor(chance, one, claim, tags)
        kind = chance.choices(
            ("confirm", "change", "both", "other", "none", "unusable"), (40, 34, 8, 5, 6, 7)
        )[0]
        new = f"{chance.choice(('kanwa', 'pcu', 'info', 'ikyoku.m', 'h-kensyu_2'))}{chance.randrange(99)}@{_domain(one)}"
        text, request, address = wishes.wish(
            chance, kind, new, one.address or f"old@{_domain(one)}"
        )
        tags.append(f"wish:{kind}:{text[:14]!r}")
        blank = self._blank(chance, claim, tags)
        if blank == hands.REQUEST:
            text, request, address = "", None, None
        body = self._body(chance, one, claim, text, kind, tags)
        fields = {
            "certification_number": claim.number,
            "responsible_physician": claim.physician,
            "member_number": claim.member,
            "birthdate": claim.birthdate,
            "request": request,
            "new_address": address,
        }
        missing = _missing(claim, request, address)
        truth = {
            "file": file,
            "disposition": "request",
            "fields": fields,
            "missing": missing,
            "verdict": "incomplete" if missing else claim.verdict,
            "match": claim.match,
            "tags": tags,
        }
        raw = mails.mail(body, message_id=f"<{file}@gen.test>", name=one.physician,
                         sender=chance.choice((f"sender@{_domain(one)}", "dr@freemail.example.com")))  # fmt: skip
        return Sample(file, raw, truth, body, tags)

    def _facility(
        self, chance: random.Random, one: Facility, claim: _Claim, tags: list[str]
    ) -> None:
        ways = ["full", "full_number", "full_number", "number", "number_wide", "no_body", "last_word",
                "department", "misspelt", "former", "number_first", "label_number", "two_lines",
                "full_squeezed", "wide_space", "former_label", "dai", "misspelt_number"]  # fmt: skip
        way = chance.choice(ways)
        no, name = one.certification_number, one.name
        claim.number = no if way in (
            "full_number", "number", "number_wide", "number_first", "label_number", "two_lines", "dai", "misspelt_number"
        ) else None  # fmt: skip
        claim.named = way not in ("number", "number_wide")
        if way in ("former", "former_label") and not one.former_names:
            way = "full"
        if way in ("misspelt", "misspelt_number") and len(writing.last_word(name)) < 6:
            way = "full"
            claim.number = None
        meant = {one.certification_number: one}
        if way == "full":
            text = name
        elif way == "full_squeezed":
            text = name.replace(" ", "")
        elif way == "wide_space":
            text = name.replace(" ", "　")
        elif way == "full_number":
            text = chance.choice(
                (
                    f"{name}（{no}）",
                    f"{name}({no})",
                    f"{name} {no}",
                    f"{name}　【{no}】",
                    f"{name}、{no}",
                )
            )
        elif way == "label_number":
            text = chance.choice(
                (
                    f"{name}（認定番号：{no}）",
                    f"{name}（認定番号 {no}）",
                    f"{name}、認定番号{no}",
                    f"{name} 認定番号は{no}",
                )
            )
        elif way == "number_first":
            text = f"{no} {name}"
        elif way == "two_lines":
            text = f"{name}\n認定番号：{no}"
        elif way == "dai":
            text = f"{name}（第{no}号）"
        elif way == "number":
            text = chance.choice(
                (no, f"認定番号 {no}", f"認定番号：{no}", no.lower(), f"{no[0]}-{no[1:]}")
            )
        elif way == "number_wide":
            text = writing.wide(no)
        elif way == "no_body":
            text = writing.without_body(name)
        elif way == "last_word":
            text = writing.last_word(name)
        elif way == "department":
            text = name + chance.choice(
                ("　緩和ケア内科", " 緩和ケアセンター", "緩和医療科", " 麻酔科")
            )
        elif way in ("former", "former_label"):
            text = one.former_names[0]
            if way == "former_label":
                text = chance.choice(
                    (
                        f"{name}（旧{text}）",
                        f"{name}（旧：{text}）",
                        f"{text}（現 {name}）",
                        f"{name}（旧施設名：{text}）",
                    )
                )
        else:
            text = writing.misspelt(chance, name)
            if way == "misspelt_number":
                text = f"{text}（{no}）"
        tags.append(f"facility:{way}")
        claim.shown_facility = text
        if claim.number is None and way not in ("former", "former_label"):
            for other in self._short.get(text.replace(" ", "").replace("　", ""), []):
                meant[other.certification_number] = other
            if way in ("department",):
                for other in self._short.get(name.replace(" ", ""), []):
                    meant[other.certification_number] = other
        heads = [
            f
            for f in meant.values()
            if (f.physician, f.member_number) == (one.physician, one.member_number)
        ]
        if len(heads) > 1:
            claim.verdict = "ambiguous"
            tags.append("twins")

    def _identity(
        self, chance: random.Random, one: Facility, claim: _Claim, tags: list[str]
    ) -> None:
        assert one.birthdate is not None
        kind = chance.choice(("birth", "birth", "member", "member", "both"))
        dates = writing.dates(one.birthdate)
        numbers = writing.members(one.member_number)
        date_way = chance.choice(list(dates))
        number_way = chance.choice(list(numbers))
        if kind in ("birth", "both"):
            claim.birthdate = one.birthdate.isoformat()
            tags.append(f"birth:{date_way}")
        if kind in ("member", "both"):
            claim.member = one.member_number
            tags.append(f"member:{number_way}")
        if kind == "birth":
            claim.shown_identity = dates[date_way]
            claim.id_label = chance.choice(("生年月日", "会員番号または生年月日"))
            if chance.random() < 0.1:
                claim.shown_identity = f"生年月日：{dates[date_way]}"
        elif kind == "member":
            claim.shown_identity = numbers[number_way]
            claim.id_label = chance.choice(("会員番号", "会員番号または生年月日"))
        else:
            gap = chance.choice(("　", "、", " / ", "\n", "，"))
            first, second = numbers[number_way], dates[date_way]
            if gap == " / " and number_way in ("space",):
                gap = "、"
            claim.shown_identity = chance.choice((
                f"{first}{gap}{second}", f"会員番号：{numbers['plain']}{gap}生年月日：{second}", f"{second}{gap}会員番号 {numbers['wide']}",
            ))  # fmt: skip
            claim.id_label = "会員番号または生年月日"

    def _physician(
        self, chance: random.Random, one: Facility, claim: _Claim, tags: list[str]
    ) -> None:
        ways = writing.physicians(chance, one.physician, one.physician_kana)
        way = chance.choice(list(ways))
        claim.shown_physician, claim.physician = ways[way]
        tags.append(f"name:{way}")

    def _impostor(
        self, chance: random.Random, one: Facility, claim: _Claim, tags: list[str]
    ) -> None:
        """Change one thing a little, so that it is wrong."""
        kinds = ["name", "facility"]
        if claim.birthdate:
            kinds += ["birth"] * 2
        if claim.member:
            kinds += ["member"] * 2
        kind = chance.choice(kinds)
        if kind == "birth":
            assert one.birthdate
            wrong = one.birthdate + timedelta(days=chance.choice((1, -1, 30, 365, -366)))
            shown = chance.choice(list(writing.dates(wrong).values()))
            claim.birthdate = wrong.isoformat()
            claim.shown_identity = (
                f"会員番号 {one.member_number}、{shown}" if claim.member else shown
            )
        elif kind == "member":
            digits = list(one.member_number)
            at = chance.randrange(6)
            digits[at] = str((int(digits[at]) + chance.randrange(1, 10)) % 10)
            wrong_number = chance.choice(
                (
                    "".join(digits),
                    one.member_number + "0",
                    "1" + one.member_number,
                    one.member_number[:5] + digits[at] + "9",
                )
            )
            claim.member = wrong_number
            shown = wrong_number
            claim.shown_identity = (
                f"{shown}、{one.birthdate.isoformat()}"
                if claim.birthdate and one.birthdate
                else shown
            )
        elif kind == "name":
            family, given = one.physician.split()
            others = [g.split(":")[0] for g in GIVEN if g.split(":")[0] != given]
            wrong = chance.choice((
                f"{family} {given[:-1]}{chance.choice('朗夫雄樹之助仁志')}" if given[-1] not in "朗夫雄樹之助仁志" else f"{family} {given}子",
                f"{family} {chance.choice(others)}", f"{chance.choice(FAMILIES).split(':')[0]}田 {given}",
            ))  # fmt: skip
            if writing_same(wrong, one.physician):
                return
            claim.physician = claim.shown_physician = wrong
        else:
            others = [
                f for f in self._registry if f.name != one.name and f.physician != one.physician
            ]
            other = chance.choice(others)
            near = [
                f
                for f in others
                if f.name[-4:] == one.name[-4:] and abs(len(f.name) - len(one.name)) < 2
            ]
            if near and chance.random() < 0.8:
                other = chance.choice(near)
            claim.shown_facility, claim.number, claim.named = other.name, None, True
            claim.match = other.certification_number
            if chance.random() < 0.3:
                claim.number = other.certification_number
                claim.shown_facility = f"{other.name}（{other.certification_number}）"
            if any(
                f.physician == one.physician and f.member_number == one.member_number
                for f in self._short.get(other.name.replace(" ", ""), [])
            ):
                return
        claim.verdict = "mismatch"
        tags.append(f"impostor:{kind}")

    def _blank(self, chance: random.Random, claim: _Claim, tags: list[str]) -> str | None:
        if chance.random() > 0.14:
            return None
        blank = chance.choice(
            (hands.FACILITY, hands.PHYSICIAN, hands.IDENTITY, "no_date", hands.REQUEST)
        )
        empty = chance.choice(("", "", "", "-", "　"))
        if blank == hands.FACILITY:
            claim.shown_facility, claim.number, claim.named = empty, None, False
        elif blank == hands.PHYSICIAN:
            claim.shown_physician, claim.physician = empty, None
        elif blank == hands.IDENTITY:
            claim.shown_identity, claim.member, claim.birthdate = empty, None, None
        elif blank == "no_date":
            way = chance.choice(list(writing.NO_DATES))
            claim.shown_identity, claim.member, claim.birthdate = writing.NO_DATES[way], None, None
            claim.id_label = "生年月日"
            tags.append(f"no_date:{way}")
        tags.append(f"blank:{blank}")
        return blank

    def _body(
        self,
        chance: random.Random,
        one: Facility,
        claim: _Claim,
        text: str,
        kind: str,
        tags: list[str],
    ) -> str:
        whole = all(
            (
                claim.shown_facility.strip("　-"),
                claim.shown_physician.strip("　-"),
                claim.member or claim.birthdate,
            )
        )
        plain = not any(t.startswith(("facility:two", "facility:number", "facility:dai", "facility:label", "name:", "no_date")) and t not in (
            "name:space", "name:none", "name:wide_space", "name:kana") for t in tags)  # fmt: skip
        if (
            whole
            and plain
            and text.strip()
            and kind in ("confirm", "change")
            and chance.random() < 0.6
        ):
            tags.append("prose")
            proof = "、".join(
                part for part in (
                    f"会員番号は{claim.member}" if claim.member else "",
                    f"生年月日は{claim.birthdate}" if claim.birthdate else "",
                ) if part
            )  # fmt: skip
            address = next((w for w in text.replace("\n", " ").split() if "@" in w), "")
            want = (
                "登録しているメールアドレスが分からなくなりましたので、ご教示ください。" if kind == "confirm"
                else f"メールアドレスを {self._new(text)} に変更していただきたくお願いいたします。"
            )  # fmt: skip
            del address
            inner = hands.prose(chance, claim.shown_facility, claim.shown_physician, proof, want)
        else:
            values = {
                hands.FACILITY: claim.shown_facility, hands.PHYSICIAN: claim.shown_physician,
                hands.IDENTITY: claim.shown_identity, hands.REQUEST: text,
            }  # fmt: skip
            inner = hands.form(chance, values, claim.id_label, tags)
        return self._around(chance, one, inner, tags)

    @staticmethod
    def _new(text: str) -> str:
        import re
        import unicodedata

        found = re.findall(
            r"[\w.-]+@[\w.-]+", unicodedata.normalize("NFKC", text).replace(" @ ", "@")
        )
        return next((f for f in found if not f.startswith("old@")), "").lower()

    def _around(self, chance: random.Random, one: Facility, inner: str, tags: list[str]) -> str:
        opening = chance.choice((
            "", "", "事務局 ご担当者様\n\nお世話になっております。\n下記の通りご連絡いたします。\n\n",
            f"事務局御中\n\nいつもお世話になっております。{one.name}の{one.physician}でございます。\n以下のとおりお願い申し上げます。\n\n------------------------------------------\n",
            f"お世話になっております。{one.name} 医事課の例示花子と申します。\n施設責任者に代わりご連絡いたします。\n\n",
        ))  # fmt: skip
        closing = chance.choice((
            "", "\n以上、よろしくお願いいたします。\n", "\nどうぞよろしくお願い申し上げます。\n", "\nお手数ですが、ご確認のほどよろしくお願いいたします。\n",
            "------------------------------------------\n\n何卒よろしくお願いいたします。\n",
        ))  # fmt: skip
        clerk = "例示 花子" if chance.random() < 0.4 else one.physician
        signature = chance.choice((
            "", f"\n-- \n{clerk}\n{one.name}\nTEL 03-1234-5678 / FAX 03-1234-5679\nE-mail: other@sign.example.jp\n",
            f"\n━━━━━━━━━━━━━━━\n{one.name}\n{clerk}\n〒100-0001 みほん県みほん市1-2-3\n電話：０３－１２３４－５６７８\nother@sign.example.jp\n━━━━━━━━━━━━━━━\n",
            f"\n***************************\n{one.name} 緩和ケア内科\n{clerk}\nother@sign.example.jp\n内線 1234\n***************************\n",
            f"\n{one.name} 事務部\n{clerk}\nTel: 03-1234-5678\nMail: other@sign.example.jp\n",
        ))  # fmt: skip
        quoted = ""
        if chance.random() < 0.12:
            tags.append("quoted_other")
            quoted = "\n" + "\n".join(
                f"> {line}" for line in mails.form("べつの病院（K9998）", "別人 二郎", "999999", "② betsu@other.example.jp").splitlines()
            ) + "\n"  # fmt: skip
            quoted = f"\n2026年10月1日(木) 10:00 別人 二郎 <betsu@other.example.jp>:\n{quoted}"
        elif chance.random() < 0.05:
            tags.append("outlook_other")
            quoted = (
                "\n-----Original Message-----\nFrom: 別人 二郎 <betsu@other.example.jp>\nSent: Thursday, October 1, 2026 10:00 AM\n"
                "To: desk@society.example.jp\nSubject: 施設マイページ：メールアドレスについて\n\n"
                + mails.form(
                    "べつの病院（K9998）", "別人 二郎", "999999", "② betsu@other.example.jp"
                )
            )
        elif "prose" not in tags and chance.random() < 0.06:
            tags.append("inside_quotation")
            inner = "\n2026年11月1日(日) 10:00 学会事務局 <desk@society.example.jp>:\n\n" + "".join(
                f"> {line}\n" for line in inner.splitlines()
            )
            return f"記入いたしました。\n{inner}"
        if signature:
            tags.append("signature")
        return opening + inner + closing + signature + quoted


def writing_same(a: str, b: str) -> bool:
    """Say whether two names differ by variants alone."""
    table = {ord(pair[0]): pair[1] for pair in writing.VARIANTS}
    table |= {ord("斉"): "斎", ord("齋"): "斎", ord("邊"): "辺", ord("邉"): "辺"}
    fold = [x.replace(" ", "").translate(table) for x in (a, b)]
    return fold[0] == fold[1]


def _domain(one: Facility) -> str:
    return f"h{one.certification_number[1:]}.example.jp"


def _missing(claim: _Claim, request: str | None, address: str | None) -> list[str]:
    lacking = []
    if not claim.named and not claim.number:
        lacking.append("facility")
    if not claim.physician:
        lacking.append("responsible_physician")
    if not claim.member and not claim.birthdate:
        lacking.append("identity")
    if not request:
        lacking.append("request")
    elif request in ("change_address", "both") and not address:
        lacking.append("new_address")
    return lacking
