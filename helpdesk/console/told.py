"""What the desk says about an action, in the language of the page.

Notes, marks and effects are kept in Japanese, reasons of a verdict in English, and some name
commands: here each gets its words for a page, and the buttons instead of the commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial

from helpdesk.console.marking import N_

#: Sentences of the desk as it writes them; {…} stands for what differs.
_JAPANESE = (
    # Marks of an action.
    N_("本人確認の不一致が上限を超えています"),
    N_("アドレスの変更から日が浅い施設です"),
    N_("登録アドレスが、最近の取込で変わった施設です"),
    N_("登録アドレスまたは電話番号が、最近の取込で変わった施設です"),
    N_("施設責任者またはその本人確認の項目が、最近の取込で変わった施設です"),
    N_("同じ施設の別の変更のご依頼があります"),
    N_(
        "旧アドレスから同意のご返信がありましたが、確認番号がありません。"
        "同意としては扱わず、待ち時間はそのままです。"
    ),
    N_("変更を止めるお申し出がありました。電話などでご確認ください。"),
    N_("変更を止めるお申し出がありました"),
    N_("旧アドレスへのお知らせが届きませんでした"),
    N_("新しいアドレスにメールが届きませんでした。"),
    N_("新しいアドレスは別の施設にも登録されています"),
    N_("旧アドレスから、担当者の確認が必要なご返信がありました"),
    N_("新しいアドレスが事務局のドメインです"),
    N_("「届きません」とのご連絡があり、代表電話での確認が必要です"),
    N_("責任者変更待ち"),
    # Why no letter is written.
    N_("申請済のため"),
    N_("今回の更新の対象でないため"),
    N_("メールアドレスの登録がないため（電話・郵送の連絡先一覧へ）"),
    N_("メールが届かないアドレスのため（電話・郵送の連絡先一覧へ）"),
    N_("ご回答をいただいているため"),
    N_("担当者が案内を止めたため（辞退のお申し出など）"),
    N_("後の案内の日を過ぎていたため"),
    N_("申請期間が終わっていたため"),
    N_("送る日から日が経ちすぎたため"),
    N_("名簿から外れたため"),
    N_("この案内が設定から除かれたため"),
    # Troubles of a link.
    N_("基幹施設認定番号が名簿にありません"),
    N_("基幹施設が名簿に見つかりません"),
    N_("名簿では基幹施設ではありません"),
    N_("基幹施設の認定が、連携施設の認定開始日に有効ではありません"),
    N_("基幹施設にメールが届きません（アドレスがないか、届かないアドレスです）"),
    N_("認定開始日が名簿にありません"),
    N_("認定開始日が古く、前回の認定の日付の可能性があります"),
    N_("督促の後も基幹施設からの回答がありません"),
    # What an import causes.
    N_("督促を止めます"),
    N_("データ修正依頼を完了にします"),
    N_("データ修正依頼を終了します"),
    N_("連携依頼を予定します"),
    N_("連携依頼を再開します"),
    N_("連携依頼を終了します"),
    N_("連携の承諾を確認しました"),
    N_("連携の辞退を確認しました"),
    N_("電話・郵送の連絡を終了します"),
    # Notes of actions.
    N_("名簿の更新により、本人確認ができるようになりました。"),
    N_("電話での受付です。"),
    N_("FAXでの受付です。"),
    N_("旧アドレスにメールが届きませんでした。"),
    N_("一人目の承認から期限が過ぎました。"),
    N_("承認の後に、次の内容が変わりました：{facts}。もう一度ご確認ください。"),
    N_("データ修正依頼の期限を過ぎました。まだ再申請が確認できていません。"),
    N_("データ修正依頼を送れるメールアドレスがありません。お電話または郵送でご連絡ください。"),
    N_("マイページ側は変更を受け取りましたが、その間に止められています。"),
    N_("新しいアドレスにメールが届きませんでした。"),
    N_("新しいアドレスから期限までにご返信がありませんでした。"),
    N_("代表電話での確認が期限までに記録されませんでした。"),
    N_(
        "承認から期限までに、マイページへの反映が記録されませんでした。反映待ちの一覧から外しました。"
    ),
    N_("（案件 {case} に届いたメールによります。）"),
    N_("公印書類が添付されています。メールでは受け付けていない旨の案内を用意しました。"),
    N_("暗号化されたメールのため、読んでいません。本文でのご連絡をお願いしました。"),
    N_("依頼の項目が添付ファイルにあるようです。本文でのご記入をお願いしました。"),
    N_("予定表の招待です。ご確認ください。"),
    N_("名簿の状況をご確認のうえ、案内文をお送りください。"),
    N_("内容を読み取れませんでした。ご確認ください。"),
    N_("自動返信のようです。受付のメールは送っていません。"),
    N_("この宛先への自動送信が一日の上限に達したため、メールを送っていません。"),
    N_("差出人が一つのメールアドレスとして読めないため、メールを送っていません。"),
    N_("期限の過ぎた確認番号でのご返信です。"),
    N_("こちらからのメールが相手に届きませんでした。"),
    N_("受付番号がありますが、その案件の相手からのメールとは確認できませんでした。"),
    N_("三日以内に二度目のご質問です。案内文を用意しました。"),
    N_("依頼に添えられたご質問への案内文を用意しました。"),
    N_("依頼のほかにご質問があるようです。本文をご確認ください。"),
    N_("メールアドレスの確認・変更以外のご希望です。"),
    N_("お願いした項目が、二度のご連絡の後もそろっていません。"),
    # What a change waits for.
    N_("新しいアドレスからのご返信を待っています"),
    N_("旧アドレスからのお申し出を待っています"),
    N_("同じ施設の、先に進んでいる変更が済むのを待っています"),
    N_("マイページへの反映を待っています"),
    N_("代表電話での確認の記録を待っています"),
    N_("同じ施設の、先に進んでいる変更が済むのを待っています"),
    N_("マイページへの反映を待っています"),
    N_("更新申請の締切は {closes}（残り{days}日）です。"),
    N_("反映までは、これまでのアドレスでログインして申請できます。"),
    N_("間に合わない場合は、代表電話で確認して記録すると待ち時間がなくなります。"),
    N_("申請状況"),
    *(N_("未申請"), N_("入力中"), N_("申請済"), N_("修正依頼中"), N_("不合格")),
    # With data in them: last, since the data may hold anything.
    N_("{by} が登録しました。"),
    N_("連携依頼："),
    N_("新しいアドレスあての確認番号が、別のアドレス（{address}）から届きました。"),
    N_("{number}への返信です。ご確認ください。"),
    N_("{number} への返信ですが、別の案件として承りました。"),
    N_("（{when} まで）。"),
)

#: What names a command, and what a page says instead.
_COMMANDS = (
    (re.compile(r"受け取った証拠と認める場合は helpdesk queue confirm \d+ です。"),
     N_("受け取った証拠と認める場合は「受信の証拠と認める」を押してください。")),
    (re.compile(r"元に戻すのは helpdesk queue revert です。"), N_("元に戻すには「変更を元に戻す」を開いてください。")),
    (re.compile(r"変更後の旧アドレスからのお申し出です。"), N_("変更後に、旧アドレスからお申し出がありました。")),
    (re.compile(r"（helpdesk queue call-back）"), ""),
    (re.compile(r"再開の日を決めて（--reopens）改めて依頼するか、個別にご連絡ください。"),
     N_("申請を再開する日を決めて改めて依頼するか、個別にご連絡ください。")),
    (re.compile(r"申請期間外のため申請画面が表示されません。"), N_("申請期間外のため、申請画面が表示されません。")),
)  # fmt: skip

_REASONS = {
    "not given": "記載がありません",
    "the registered name": "名簿の氏名と同じです",
    "not the registered name": "名簿の氏名と違います",
    "the registry has none, so nothing is proved": "名簿に値がなく、確かめられません",
    "as registered": "名簿と同じです",
    "not as registered": "名簿と違います",
    "not in the registry": "名簿にありません",
    "found by its certification number": "認定番号で見つかりました",
    "found by its name": "施設名で見つかりました",
    "found by its name without the corporation": "法人名を除いた施設名で見つかりました",
    "found by a former name (旧施設名)": "旧施設名で見つかりました",
    "found by its name, a department behind it": "施設名（診療科つき）で見つかりました",
    "found by a shortened name": "略した施設名で見つかりました",
    "found by a name that differs by a slip": "一、二字違いの施設名で見つかりました",
    "only similar: another facility's name, or another corporation": "似ているだけで、別の施設か別の法人の名前です",
    "found by its certification number and its name": "認定番号と施設名の両方で見つかりました",
    "the certification number is not its own": "認定番号は別の施設のものです",
    "the name is not its own": "施設名は別の施設のものです",
    "several agree; decided by certification number and name together": "複数が一致し、認定番号と施設名の両方で決めました",
    # Why a mail lies in quarantine.
    "the mail took too long to read": "読み取りに時間がかかりすぎました",
}  # fmt: skip
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\d+) more may be meant"), "ほかに候補が {0} 施設あります"),
    (re.compile(r"(\d+) facilities may be meant"), "候補が {0} 施設あります"),
    (re.compile(r"number and name disagree; decided by (.+)"), "番号と名前が食い違い、{0} で決めました"),
    (re.compile(r"decided by (.+) among (\d+) facilities"), "{1} 施設のうち {0} で決めました"),
    (re.compile(r"row (\d+): (\S+) stands in row (\d+) too"), "{0}行目：{1} が{2}行目と同じです"),
)  # fmt: skip


#: How a letter ended, as the outbox keeps it; the relay's own words stay as they are.
_OUTCOMES = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"dropped by (.+?): (.+)", "{0}さんが送らないことにしました：{1}"),
        (r"dropped by (.+)", "{0}さんが送らないことにしました"),
        (r"Outlookで返信済 \(.*\)", "Outlookで返信済みのため、送らずに止めています"),
        (r".* the letter may have arrived", "送る途中で接続が切れました。届いたかどうか分かりません"),
        (r"came back \(.*\)", "届かずに戻ってきました"),
        (r"on the list to telephone: (.+)", "電話・郵送の連絡先一覧に載せました：{0}"),
        (r"staff stopped it", "担当者が案内を止めました"),
        (r"an import says that it is settled", "名簿の取り込みで、必要がなくなりました"),
        (r"the core facility answered.*", "基幹施設から回答があり、必要がなくなりました"),
        (r"the link request is settled", "連携依頼が終わり、必要がなくなりました"),
        (r"the correction was made or closed|correction \w+", "修正依頼が終わり、必要がなくなりました"),
        (r"the registered address changed; written anew", "登録アドレスが変わったため、新しい宛先で作り直しました"),
    )
)  # fmt: skip


def outcome(text: str) -> str:
    """Return in Japanese how a letter ended; what the relay said stays as it is."""
    for pattern, words in _OUTCOMES:
        if found := pattern.fullmatch(text):
            return words.format(*found.groups())
    return text


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", sentence)
    return re.compile(
        "".join(
            f"(?P<{one}>[^。]{{1,80}}?)" if at % 2 else re.escape(one)
            for at, one in enumerate(parts)
        )
    )


_SENTENCES = tuple((_pattern(one), one) for one in _JAPANESE)


def _said(english: str, found: re.Match[str]) -> str:
    return f"{english.format(**found.groupdict())} "


_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:（.）)?")


def _english_date(found: re.Match[str]) -> str:
    on = date(int(found[1]), int(found[2]), int(found[3]))
    return f"{on.day} {on:%b %Y} "


def reason(text: str, name_of: Callable[[str], str]) -> str:
    """Return a reason of the domain in Japanese; `name_of` has the words for fields."""
    if text in _REASONS:
        return _REASONS[text]
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(text):
            return words.format(*(name_of(one) for one in found.groups()))
    if "; " in text:
        return "。".join(reason(one, name_of) for one in text.split("; "))
    return text


def note(text: str, language: str, gettext: Callable[[str], str]) -> str:
    """Return what stands beside an action in the page's language; data stays as it is."""
    for pattern, words in _COMMANDS:
        text = pattern.sub(words, text)
        if language != "ja" and words:
            text = text.replace(words, f"{gettext(words)} ")
    if language == "ja":
        return text
    for pattern, sentence in _SENTENCES:
        text = pattern.sub(partial(_said, gettext(sentence)), text)
    text = _DATE.sub(_english_date, text)
    return " ".join(text.replace(" 。", ". ").split())
