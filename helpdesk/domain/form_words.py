"""The words by which the form is known: what the secretariat may change in its rules.

The shipped words are those of the guide (1）認定施設名 2）施設責任者氏名
3）施設責任者会員番号または生年月日 4）対応希望内容) and what people make of them.
"""

from __future__ import annotations

from dataclasses import dataclass

FACILITY, CERTIFICATION, PHYSICIAN, MEMBER, BIRTH, IDENTITY, REQUEST = (
    "facility",
    "certification",
    "physician",
    "member",
    "birth",
    "identity",
    "request",
)
#: Beside the four fields: the new address, the old one, any address, and what ends a value.
NEW_ADDRESS, OLD_ADDRESS, ADDRESS, OTHER = "new_address", "old_address", "address", "other"

#: The kinds that make a mail a form.
FORM_KINDS = frozenset({FACILITY, CERTIFICATION, PHYSICIAN, MEMBER, BIRTH, IDENTITY, REQUEST})


@dataclass(frozen=True, slots=True)
class LabelWords:
    """Labels by what they ask for, as written without number, brackets or blanks."""

    facility: tuple[str, ...] = (
        "認定施設名", "認定施設名称", "認定施設の名称", "認定研修施設名", "認定研修施設", "認定施設",
        "研修施設名", "施設名", "施設名称", "施設の名称", "医療機関名", "医療機関", "機関名", "病院名",
        "所属施設名", "所属施設", "所属機関名", "所属機関", "所属病院", "勤務先", "貴施設名", "貴院名",
        "当院名", "ご施設名", "御施設名", "施設",
    )  # fmt: skip
    certification: tuple[str, ...] = (
        "認定番号", "施設認定番号", "認定施設番号", "施設番号", "認定No.", "認定No", "認定№",
    )  # fmt: skip
    physician: tuple[str, ...] = (
        "施設責任者氏名", "施設責任者の氏名", "施設責任者名", "施設責任者のお名前", "施設責任者のご氏名",
        "認定施設責任者氏名", "認定施設責任者名", "認定施設責任者", "施設責任者", "責任者氏名", "責任者の氏名",
        "責任者名", "責任者のお名前", "責任者のご氏名", "責任者", "責任医師名", "責任医師", "氏名", "お名前",
        "ご氏名", "ご芳名", "名前",
    )  # fmt: skip
    member: tuple[str, ...] = (
        "会員番号", "学会会員番号", "会員No.", "会員No", "会員№", "会員ID", "会員証番号",
    )  # fmt: skip
    birth: tuple[str, ...] = (
        "生年月日",
        "誕生日",
        "生まれた日",
        "生年月日(西暦)",
        "生年月日(和暦)",
    )
    identity: tuple[str, ...] = (
        "本人確認用", "本人確認情報", "本人確認事項", "本人確認", "本人確認のための情報",
    )  # fmt: skip
    request: tuple[str, ...] = (
        "対応希望内容", "対応希望", "対応の希望", "対応希望事項", "対応内容", "希望内容", "希望する内容",
        "希望の内容", "ご希望の内容", "ご希望内容", "希望事項", "希望する対応", "希望対応", "依頼内容", "ご依頼内容",
        "依頼事項", "要望内容", "ご要望", "要望", "ご用件", "用件", "ご希望", "希望",
    )  # fmt: skip
    new_address: tuple[str, ...] = (
        "新しいメールアドレス", "新しいアドレス", "新メールアドレス", "新アドレス", "新規メールアドレス",
        "新規アドレス", "新規登録アドレス", "新規登録メールアドレス", "新しく登録するメールアドレス",
        "新しく登録するアドレス", "変更後のメールアドレス", "変更後のアドレス", "変更後メールアドレス",
        "変更後アドレス", "変更先メールアドレス", "変更先のメールアドレス", "変更先アドレス", "変更先",
        "登録希望メールアドレス", "登録希望アドレス", "登録希望のメールアドレス", "登録を希望するメールアドレス",
        "登録したいメールアドレス", "登録したいアドレス", "希望するメールアドレス", "希望メールアドレス",
        "希望アドレス", "ご希望のメールアドレス", "新E-mail", "新e-mail", "新メール", "変更後", "新",
    )  # fmt: skip
    old_address: tuple[str, ...] = (
        "旧メールアドレス", "旧アドレス", "旧登録アドレス", "現在のメールアドレス", "現在のアドレス",
        "現在登録中のメールアドレス", "現在登録されているメールアドレス", "現在の登録アドレス", "現メールアドレス",
        "現アドレス", "現行アドレス", "変更前のメールアドレス", "変更前のアドレス", "変更前メールアドレス",
        "変更前アドレス", "これまでのメールアドレス", "これまでのアドレス", "従来のメールアドレス", "以前のメールアドレス",
        "登録済みアドレス", "変更前", "現在", "旧",
    )  # fmt: skip
    address: tuple[str, ...] = (
        "メールアドレス", "登録メールアドレス", "登録アドレス", "アドレス", "メール", "E-mail", "Email", "Mail", "e-mail",
    )  # fmt: skip
    other: tuple[str, ...] = (
        "件名", "宛先", "差出人", "電話番号", "電話", "TEL", "Tel", "FAX", "Fax", "連絡先", "住所", "所在地", "所属",
        "所属部署", "部署", "担当者", "担当者名", "担当者氏名", "ご担当者", "連絡担当者", "備考", "その他", "ご質問",
        "質問", "内線", "旧施設名", "診療科", "役職",
    )  # fmt: skip

    def by_kind(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the words of each kind."""
        return tuple((kind, getattr(self, kind)) for kind in self.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class OptionWords:
    """The two options of field 4 as the guide prints them, without ① and ②."""

    confirm: tuple[str, ...] = (
        "メールアドレスの確認希望連絡", "メールアドレスの確認希望", "メールアドレス確認希望連絡",
        "メールアドレスの確認", "メールアドレス確認希望", "メールアドレス確認",
    )  # fmt: skip
    change: tuple[str, ...] = (
        "新しいメールアドレス登録希望連絡", "新しいメールアドレスの登録希望連絡", "新しいメールアドレス登録希望",
        "新しいメールアドレスの登録希望", "新しいメールアドレスの登録", "新しいメールアドレス登録",
        "新しいアドレス登録希望連絡", "新しいアドレスの登録希望", "新メールアドレス登録希望",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormWords:
    """Everything by which a form is known."""

    labels: LabelWords = LabelWords()
    options: OptionWords = OptionWords()
    #: Words in a subject that make a half-filled form a request.
    subjects: tuple[str, ...] = (
        "メールアドレスについて", "メールアドレス", "アドレスの確認", "アドレスの変更", "アドレス変更", "アドレス確認",
    )  # fmt: skip
    #: What stands before or behind a physician's name and is no part of it.
    titles: tuple[str, ...] = (
        "先生", "医師", "殿", "様", "さん", "氏", "教授", "准教授", "特任教授", "特任准教授", "臨床教授", "名誉教授",
        "講師", "助教", "部長", "副部長", "主任部長", "統括部長", "科長", "室長", "医長", "院長", "副院長", "病院長",
        "副病院長", "名誉院長", "センター長", "副センター長", "理事長", "診療部長", "診療科長", "医局長", "主任", "主任医長",
        "所長", "学長", "会長", "顧問", "部門長", "病棟医長", "施設責任者", "責任者", "医学博士", "博士",
        "Dr.", "Dr", "M.D.", "MD", "Ph.D.", "PhD", "本人",
    )  # fmt: skip
