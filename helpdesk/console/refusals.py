"""What the desk refuses, in the words of a clerk: what is the matter, and what to do.

The desk speaks English and names commands; a page names its own buttons.
"""

from __future__ import annotations

import re
from datetime import datetime

from helpdesk.console import mistakes
from helpdesk.console.words import N_, Words

_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"name, password or code is wrong",
         N_("ログインできませんでした。利用者名・パスワード・確認コードをお確かめください。確認コードは一度使うと、次の6桁に変わるまで使えません。続けて間違えた場合は15分ほどお待ちください。")),
        (r"entered by the same person", N_("ご自身で登録した、または項目を直した依頼です。ほかの承認者にお願いしてください。")),
        (r"concerns your own record", N_("ご自身の記録に関わるため、決められません。ほかの承認者にお願いしてください。")),
        (r"is newer, so a person must", N_("名簿のアドレスは、その後さらに新しいものに変わっています。元に戻さず、先方に確かめて、新しい変更として受け付けてください。")),
        (r"has approved it already; a second person", N_("あなたはすでに承認しています。もう一人の承認が必要です。")),
        (r"two people must approve.*speak with", N_("二人の承認が必要ですが、承認者が一人しかいません。名簿の代表電話で確認し、それを記録してください。")),
        (r"two people must approve.*name the officer", N_("二人の承認が必要ですが、承認者が一人しかいません。ルールに監督者を登録してください。")),
        (r"the sender's mail is not authenticated", N_("差出人に全部を伝える根拠がありません。「登録アドレスだけに」を選ぶか、名簿の代表電話で確認して記録してください。")),
        (r"to tell the sender give a reason", N_("差出人に全部を伝えるには、その理由を書いてください。")),
        (r"the level strict never tells", N_("いまのルール（strict）では、登録アドレス以外には伝えられません。")),
        (r"has no 会員登録メールアドレス", N_("名簿に会員登録メールアドレスがありません。")),
        (r"stands in Cc of the request", N_("結果を加えて送れるのは、依頼のCcにあったアドレスだけです。")),
        (r"has no 代表電話", N_("名簿に代表電話がありません。メールの番号は証拠になりません。代表電話のある名簿を取り込んでください。")),
        (r"waits for no call-back|is no change on its way|no token came from another|is no change that is in force|was undone by somebody else", N_("状態が変わっています。画面を開き直してご確認ください。")),
        (r"could be undone until|changed once more since", N_("この変更はもう元に戻せません。新しい変更として受け付けてください。")),
        (r"has this address already", N_("名簿はすでにこのアドレスです。却下してください。")),
        (r"carries a token leaves as it is", N_("確認番号のあるメールは文面を変えられません。")),
        (r"a stop needs a reason|undoing a change needs a reason|closing needs a reason|dropping a letter needs a reason", N_("理由を書いてください。")),
        (r"facts of action .* are not those|since action .* was approved", N_("表示した後で内容が変わりました。見直してから、あらためて決めてください。")),
        (r"was answered from Outlook meanwhile",
         N_("この案件には、Outlookからすでに返信があります。送信済みメールを確かめ、それでも決める場合は「Outlookで返信済みと知ったうえで決めます」に印をつけてください。")),
        (r"the registry has changed since|facts .*changed|judged again",
         N_("表示した後で名簿や案件が変わったため、もう一度照合しました。内容を見直してから、あらためて決めてください。")),
        (r"its verdict is",
         N_("本人確認が「一致」でないため、承認できません。項目を直すか、先方に確かめるか、却下してください。")),
        (r"(?P<by>\S+) approved action \d+ at (?P<at>[^,]+), after", N_("この画面を開いた後に、{by}さんが承認しました（{at}）。いま承認すると何が起きるかが変わっています。画面を開き直し、送られる文面を見てから決めてください。")),
        (r"an approval of action .* counts no more", N_("この画面を開いた後に、前の承認が数えられなくなりました。画面を開き直し、いまの内容を見てから決めてください。")),
        (r"was (?P<state>approved) already by (?P<by>\S+);|is (?P<state_>done|rejected|approved|expired|reverted) already, decided by (?P<by_>\S+)",
         N_("ほかの方がすでに決めています：{by}さんが「{state}」にしました。画面を開き直して、結果をご確認ください。")),
        (r"was (approved|decided) already|is (done|rejected|approved|portal|confirming|cooling|held|expired) already",
         N_("ほかの方がすでに決めています。画面を開き直して、結果をご確認ください。")),
        (r"is not approved yet", N_("まだ承認されていません。先に承認してください。")),
        (r"has no mail address for", N_("名簿にメールアドレスがなく、お伝えするものがありません。却下するか、アドレスのある名簿を取り込んでください。")),
        (r"has no address that can be answered", N_("返信できるアドレスがありません。電話で対応し、対応状況に記録してください。")),
        (r"a rejection needs a reason", N_("却下の理由を書いてください（先方には送りません）。")),
        (r"the edited letter is empty", N_("文面が空です。何も送っていません。")),
        (r"still says where the answer is to be written|written freely needs its text", N_("回答の文がまだ書かれていません。「ここに回答を書いてください」を置きかえてください。")),
        (r"the edited letter is longer", N_("文面が長すぎます（2万字まで）。短くしてください。")),
        (r"may not decide", N_("この操作は承認者か管理者だけができます。")),
        (r"this is no date", N_("日付として読めません。カレンダーから選んでください。")),
        (r"name one to \d+ points", N_("修正する点を一つ以上選ぶか、書いてください。")),
        (r"this is no secret of ours", N_("設定の途中で画面が古くなりました。もう一度、初めから設定してください。")),
        (r"there is no (open task|correction|link request|page|action|case|letter|mail|facility|user|such|file|campaign)", N_("見つかりません。ほかの方が変えたか、アドレスが違うかもしれません。")),
        (r"only a letter that is stuck can be retried", N_("この送信メールは止まっていないため、送り直せません。")),
        (r"only a letter that has not left can be dropped", N_("この送信メールはもう出ているため、取りやめられません。")),
        (r"was never fetched", N_("このメールは大きすぎて取り込んでいません。メールソフトで直接ご覧ください。")),
        (r"is not in quarantine", N_("このメールはもう隔離されていません。")),
        (r"password is easily guessed", N_("このパスワードは推測されやすいため使えません。10文字以上で、利用者名・製品名・よくある言葉・続き番号を避け、たとえば関係のない言葉を三つ並べてください。")),
        (r"a password has at most", N_("パスワードは1024文字までです。")),
        (r"the present password is wrong", N_("今のパスワードが違います。何も変えていません。")),
        (r"the code is wrong", N_("確認コードが違います。スマートフォンの時計が合っているかご確認ください。")),
        (r"a telephone is set up already", N_("すでに設定済みです。機種変更のときは管理者に解除を頼んでください。")),
        (r"the last admin stays", N_("管理者が一人もいなくなるため、変更できません。先に別の管理者を登録してください。")),
        (r"a user name has", N_("利用者名は英数字・点・ハイフン・下線・@ で80文字までです。")),
        (r"there is a user .* already", N_("その利用者名はもう使われています（大文字と小文字、全角と半角の違いだけの名前も使えません）。")),
        (r"the birthdate is no date", N_("生年月日は 1968-04-09 のように書いてください。")),
        (r"the new address is no mail address", N_("新しいアドレスがメールアドレスの形ではありません。")),
        (r"write at least a line", N_("内容を書いてください。")),
        (r"due date .* is over", N_("期限が過ぎた日付です。今日以降の日付を選んでください。")),
        (r"day to come back to it is over", N_("再対応日が過ぎた日付です。今日以降の日付を選んでください。")),
        (r"is closed; there is nothing to come back to", N_("この案件は終了しています。保留や再対応日はつけられません。メモは残せます。")),
        (r"is closed; enter the request anew", N_("この案件は終了し、本人確認の情報は消去されています。あらためて「電話・FAXの受付」から登録してください。")),
        (r"the request lacks", N_("足りない項目があります。施設・責任者・会員番号または生年月日（変更のときは新しいアドレスも）を書いてください。")),
        (r"an address is no mail address", N_("アドレスがメールアドレスの形ではありません。半角で一つだけ書いてください。")),
        (r"waits already \(責任者変更待ち\)", N_("すでに案内を送り、責任者変更待ちです。")),
        (r"needs no such letter", N_("本人確認が「一致」になっているため、この案内は要りません。")),
        (r"choose a file", N_("ファイルを選んでください。")),
        (r"somebody else changed", N_("ほかの方が先に変更しました。いまの内容を見直して、もう一度保存してください。")),
        (r"the file on disk belongs to", N_("このサーバーでは出荷時の文面を使っています。HELPDESK_TEMPLATES と HELPDESK_RULES を設定すると、ここで編集できます。")),
        (r"no longer waits for the portal", N_("この変更はもう反映待ちではありません（ほかの方が反映済みにしたか、取りやめました）。案件をご覧ください。")),
        (r"the letters are not those that were shown", N_("表示した後に文面か宛先が変わったため、送っていません。もう一度文面をご確認ください。")),
        (r"the log-in is busy", N_("いま混み合っていて、ログインを確かめられませんでした。パスワードの間違いには数えていません。少し待って、もう一度お試しください。")),
        (r"database is busy", N_("ほかの処理で混み合っています。少し待って、もう一度お試しください。")),
        (r"the page is old", N_("画面が古くなっていました。もう一度お試しください。")),
    )
)  # fmt: skip


# Who decided where no person did: that is no name to show.
_NOBODY = frozenset({"None", "system", "portal", "officer"})


def in_words(error: Exception, words: Words) -> str:
    """Return what a clerk reads; what has no sentence of its own is said as it is."""
    text = str(error)
    if mistakes.is_about_a_file(text):
        return "\n".join(words.mistakes(text))
    for pattern, sentence in _SENTENCES:
        if found := pattern.search(text):
            named = {key.rstrip("_"): value for key, value in found.groupdict().items() if value}
            if named.get("by") in _NOBODY:
                continue
            if "state" in named:
                named["state"] = words.label("state", named["state"])
            if "at" in named:
                named["at"] = words.moment(datetime.fromisoformat(named["at"]))
            said = words.gettext(sentence)
            return said.format(**named) if named else said
    if words.language != "ja":
        return text[:1].upper() + text[1:]
    return words.gettext(N_("できませんでした：{reason}")).format(reason=text)
