"""What is wrong in a file that a clerk gave or wrote: the line, the matter, and what to do.

Registry, rules and letters say it in English sentences of their own with file, line and key
(helpdesk/registry_file.py, helpdesk/rules/, helpdesk/mail/letters.py, Jinja2); a clerk reads
Japanese. What has no sentence here keeps its line and its key, with the words as they came.
"""

from __future__ import annotations

import re

_GIVEN = r"(?P<given>'.*?'|\".*?\"|\S+)"

#: Sentences about one place, English as they are written to Japanese as it is shown.
_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        # The registry's file.
        (r"(?P<key>\S+) is blank", "「{key}」が空欄です。値を入れてください。"),
        (r"施設種別 is neither .*", "「施設種別」は「基幹施設」か「連携施設」と書いてください。"),
        (r"申請状況 is none of (?P<given>.*)", "「申請状況」は次のどれかにしてください：{given}"),
        (r"(?P<key>\S+) is not a date.*", "「{key}」が日付として読めません。2026-04-01、2026/4/1、令和8年4月1日 のどれかの形で書いてください。"),
        (r"(?P<key>\S+) is not one mail address", "「{key}」が一つのメールアドレスではありません。アドレスを一つだけ書いてください。"),
        (r"(?P<key>\S+) is neither 済 nor blank", "「{key}」は「済」と書くか、空欄にしてください。"),
        (r"(?P<key>\S+) stands in row (?P<given>\d+) too", "「{key}」が{given}行目と同じです。どちらかを直してください。"),
        (r"(?P<key>.+) is longer than (?P<given>\d+) characters.*", "「{key}」が長すぎます（{given}文字まで）。短くしてください。"),
        (r"row 1 has no column (?P<key>[^;]+);.*", "1行目（見出し）に「{key}」の列がありません。ポータルの書き出しのままの見出しにしてください。"),
        (r"row 1 has the column (?P<key>.+) twice", "1行目（見出し）に「{key}」が二つあります。一つにしてください。"),
        (r"(?P<key>\S+) is empty", "ファイル「{key}」が空です。書き出し直してください。"),
        (r"(?P<key>\S+) has a header and no rows", "ファイル「{key}」に見出しだけがあり、施設の行がありません。書き出し直してください。"),
        (r"(?P<key>\S+) is an old or encrypted Excel file.*", "ファイル「{key}」は古い形式か、パスワードつきのExcelです。「.xlsx」か「CSV UTF-8」で保存し直してください。"),
        (r"(?P<key>\S+) is neither UTF-8 nor Shift_JIS.*", "ファイル「{key}」の文字コードが読めません。「CSV UTF-8」で保存し直してください。"),
        (r"(?P<key>\S+) is no text.*", "ファイル「{key}」はCSVでもExcel（.xlsx）でもありません。ポータルの書き出しを選んでください。"),
        (r"(?P<key>\S+) is no proper CSV.*", "ファイル「{key}」がCSVとして読めません。引用符を確かめるか、「.xlsx」で保存し直してください。"),
        (r"(?P<key>\S+) is no readable \.xlsx.*", "ファイル「{key}」がExcelとして読めません。もう一度保存してからお選びください。"),
        (r"(?P<key>\S+) (is larger than|has more than|unpacks to more than).*", "ファイル「{key}」が大きすぎます。名簿の書き出しかどうかお確かめください。"),
        (r"… and (?P<given>\d+) more mistakes", "ほかに{given}か所あります。"),
        # The rules.
        (r"look at the quotes.*|.*; look at the quotes, brackets and indentation.*", "書き方が途中で切れています。この行と一つ上の行の引用符・かっこ・字下げを確かめてください。"),
        (r"a tab stands in this line.*", "タブ文字があります。半角の空白に置きかえてください。"),
        (rf"{_GIVEN} is not known here; write one of: (?P<more>.*)", "{given} は使えません。次のどれかを書いてください：{more}"),
        (rf"{_GIVEN} is not known here; did you mean (?P<more>.*)\?.*", "{given} は使えません。「{more}」ではありませんか。"),
        (r"there is no such key; did you mean (?P<more>.*)\?", "この項目はありません。「{more}」ではありませんか。"),
        (r"there is no such key.*", "この項目はありません。つづりを確かめるか、この行を消してください。"),
        (r"is missing; this key must be there", "この項目がありません。書き加えてください。"),
        (r"has no value.*", "値がありません。値を書くか、この行を消してください（消すと既定の値になります）。"),
        (r"is there twice, first in line (?P<given>\d+)", "同じ項目が{given}行目にもあります。どちらかを消してください。"),
        (r"must hold keys of its own, indented below it: (?P<more>.*)", "この下に字下げした項目が要ります：{more}"),
        (r"must be a list.*", "一覧で書いてください。［a, b］の形か、「- 」で始まる行を並べます。"),
        (r"must be a single value.*|must be a single date", "値は一つだけ書いてください。"),
        (rf"{_GIVEN} is no whole number.*", "{given} は整数ではありません。5 のように書いてください。"),
        (r"must be at least (?P<given>\S+)", "{given} 以上にしてください。"),
        (r"must be at most (?P<given>\S+)", "{given} 以下にしてください。"),
        (rf"{_GIVEN} is no duration.*", "{given} は期間として読めません。数に s（秒）・m（分）・h（時間）・d（日）・bd（営業日）をつけて、10m、5bd のように書いてください。"),
        (rf"{_GIVEN}: business days cannot stand here.*", "{given}：ここには営業日（bd）を書けません。s・m・h・d のどれかで書いてください。"),
        (rf"{_GIVEN}: only business days can stand here.*", "{given}：営業日で、3bd のように書いてください。"),
        (rf"{_GIVEN}: only days can stand here.*", "{given}：日数で、120d のように書いてください。"),
        (rf"{_GIVEN} is too long a time", "{given} は長すぎます。"),
        (rf"{_GIVEN} is no size.*", "{given} は大きさとして読めません。25MB のように書いてください。"),
        (rf"{_GIVEN} is no closure.*", "{given} は休業期間として読めません。12-29..01-03 のように書いてください。"),
        (rf"{_GIVEN} is no yearly time.*", "{given} は日時として読めません。02-28 23:59 のように書いてください。"),
        (rf"{_GIVEN} is no time of day.*", "{given} は時刻として読めません。09:00 のように書いてください。"),
        (rf"{_GIVEN} is no day of the period.*", "{given} は期間の日として読めません。opens、closes、closes-14d、closes+1d のように書いてください。"),
        (rf"{_GIVEN} is no date.*", "{given} は日付として読めません。2027-01-15 のように書いてください。"),
        (rf"{_GIVEN} is not a day of every year", "{given} は毎年ある日ではありません。ほかの日にしてください。"),
        (rf"{_GIVEN} is no mail address.*", "{given} はメールアドレスではありません。半角で、アドレスだけを書いてください。"),
        (rf"{_GIVEN} is no web address.*", "{given} はウェブのアドレスではありません。https:// から書いてください。"),
        (rf"{_GIVEN} is no domain.*", "{given} はドメインではありません。example.co.jp のように書いてください。"),
        (rf"{_GIVEN} is no folder.*", "{given} はフォルダー名として使えません。名前を / で区切って書いてください。"),
        (rf"{_GIVEN}: one letter stands in almost every mail.*", "{given}：一文字ではほとんどのメールに当てはまります。もっと長い言葉にしてください。"),
        (r"send_until must be later.*", "send_until は send_at より後の時刻にしてください。"),
        (r"the days must grow.*", "日数は remind_after、human_after の順に大きくしてください。"),
        (r"the id (?P<given>\S+) is used twice.*", "名前（id）{given} が二度使われています。別の名前にしてください。"),
        (r"a campaign has no letter (?P<given>[^;]+); it has: (?P<more>.*)", "{given} という文面はありません。次のどれかを書いてください：{more}"),
        (r"must be one line.*", "一行で書いてください。"),
        (r"must not be longer than 20 lines", "20行以内にしてください。"),
        # The letters.
        (r"nothing is written here", "何も書かれていません。"),
        (r"the letter \S+ has no value (?P<given>[^;]+); it has: (?P<more>.*)", "差し込み「{given}」はこの文面では使えません。使えるもの：{more}"),
        (r"there is no part (?P<given>\S+) below letters/", "差し込む部品「{given}」がありません。"),
        (r"Unexpected end of template.*block that needs to be closed is '(?P<given>\w+)'.*", "「{{% {given} … %}}」が閉じられていません。「{{% end{given} %}}」を書き加えてください。"),
        (r"[Uu]nexpected end of template.*|expected .*|unexpected .*", "差し込みの書き方が途中で切れています。「{{{{」には「}}}}」、「{{%」には「%}}」を組にしてください。"),
        (r"No filter named '(?P<given>.*)'.*", "「|{given}」という加工はありません。消してください。"),
        (r"Encountered unknown tag '(?P<given>.*)'.*", "「{{% {given} %}}」という指定はありません。消すか、つづりを直してください。"),
        (r"access to attribute .*|.* is not safely callable|a letter cannot .*", "文面の中で使えない指定です。差し込みは「{{{{ 名前 }}}}」だけの形で書いてください。"),
        (r"the text is longer than (?P<given>\d+) characters", "文面が長すぎます（{given}文字まで）。短くしてください。"),
    )
)  # fmt: skip

_ROW = re.compile(r"(?:(?P<file>[^:\n]+): )?row (?P<line>\d+): (?P<rest>.*)", re.DOTALL)
_LINE = re.compile(
    r"(?P<file>[^:\n]+?):(?P<line>\d+): (?:(?P<key>[\w\-.\[\]]+): )?(?P<rest>.*)", re.DOTALL
)
_KEY = re.compile(r"mailbox_rules\.yaml: (?P<key>[\w\-.\[\]]+): (?P<rest>.*)", re.DOTALL)
_NAMED = re.compile(r"[^:\n]+: (?P<rest>row 1 .*)", re.DOTALL)


def is_about_a_file(text: str) -> bool:
    """Say whether a text names a line of a file, or a key of the rules."""
    first = text.split("\n", maxsplit=1)[0]
    return any(one.fullmatch(first) for one in (_ROW, _LINE, _KEY, _NAMED))


def in_japanese(text: str) -> str:
    """Return every mistake of a file in Japanese, one a line, as the English has them."""
    return "\n".join(_one(line) for line in text.split("\n"))


def _one(text: str) -> str:
    if found := _NAMED.fullmatch(text):
        return _sentence(found["rest"])
    if found := _ROW.fullmatch(text):
        return f"{found['line']}行目：{_sentence(found['rest'])}"
    if found := _LINE.fullmatch(text):
        part = "件名の" if found["file"].endswith("subject.txt") else ""
        key = f"（{found['key']}）" if found["key"] else ""
        return f"{part}{found['line']}行目{key}：{_sentence(found['rest'])}"
    if found := _KEY.fullmatch(text):
        return f"ルール（{found['key']}）：{_sentence(found['rest'])}"
    return _sentence(text)


def _sentence(text: str) -> str:
    for pattern, words in _SENTENCES:
        if found := pattern.fullmatch(text):
            return words.format(**found.groupdict())
    return f"書き方に誤りがあります。この部分を直してください（{text}）。"
