"""What states, kinds, letters and fields are called on a page; English stands in the catalogue."""

from __future__ import annotations

from helpdesk.console.marking import N_

#: What was done, said on the page that follows (`?said=`).
SAID = {
    "approved": N_("承認しました。"),
    "approved_portal": N_("承認しました。ポータルへの反映待ちです。"),
    "approved_confirming": N_("承認しました。新しいアドレスに確認のメールを送ります。"),
    "approved_cooling": N_("承認しました。前のアドレスに知らせて待ちます。"),
    "second_needed": N_("承認を記録しました。もう一人の承認が必要です。"),
    "called_back": N_("代表電話での確認を記録しました。"),
    "stopped": N_("変更を止めました。"),
    "proof_taken": N_("受信の証拠と認めました。"),
    "reverted": N_("変更を元に戻しました。"),
    "rejected": N_("却下しました。"),
    "identity_asked": N_("案内を送りました。名簿が変わるまで待ちます（責任者変更待ち）。"),
    "written": N_("メールを送信箱に入れました。まもなく送ります。"),
    "entered": N_("依頼を登録しました。承認はほかの方にお願いしてください。"),
    "reflected": N_("反映済みにしました。新旧のアドレスにお知らせします。"),
    "corrected": N_("項目を直し、もう一度照合しました。"),
    "noted": N_("メモを残しました。"),
    "work": N_("対応状況を変えました。"),
    "opened": N_("案件を登録しました。"),
    "retried": N_("もう一度送ります。"),
    "dropped": N_("送らないことにしました。"),
    "replayed": N_("もう一度読み直します。少しお待ちください。"),
    "imported": N_("名簿を取り込みました。"),
    "upload_dropped": N_("取り込みをやめました。"),
    "paused": N_("一斉案内を止めました。"),
    "resumed": N_("一斉案内を再開しました。"),
    "saved": N_("保存しました。"),
    "in_force": N_("保存し、有効にしました。"),
    "logged_out": N_("ログアウトしました。"),
    "revoked": N_("そのログインを終わらせました。"),
    "closed": N_("終了にしました。"),
    "asked": N_("修正依頼を登録しました。"),
    "settled": N_("回答を記録しました。"),
    "called": N_("連絡済みにしました。"),
    "played": N_("メールを送りました。数秒で返事が届きます。"),
    "restored": N_("ログインの前に入力した内容を戻しました。まだ送っていません。"),
    "user_added": N_("利用者を登録しました。"),
}


KINDS = {
    "confirm_address": N_("アドレス確認"),
    "change_address": N_("アドレス変更"),
    "answer": N_("質問への回答"),
    "review": N_("担当者の確認"),
    "correction": N_("修正依頼"),
    "correction_overdue": N_("修正の期限切れ"),
    "link": N_("連携依頼"),
    "call_back": N_("折り返し電話"),
}


STATES = {
    "waiting": N_("承認待ち"),
    "approved": N_("承認済み"),
    "confirming": N_("新アドレス確認中"),
    "cooling": N_("旧アドレス待機中"),
    "portal": N_("反映待ち"),
    "done": N_("完了"),
    "held": N_("保留"),
    "rejected": N_("却下"),
    "expired": N_("期限切れ"),
    "reverted": N_("取り消し"),
}


CASE_STATES = {
    "open": N_("受付中"),
    "waiting_sender": N_("先方待ち"),
    "waiting_staff": N_("担当者待ち"),
    "closed": N_("終了"),
}


VERDICTS = {
    "verified": N_("一致"),
    "mismatch": N_("不一致"),
    "ambiguous": N_("候補が複数"),
    "incomplete": N_("項目不足"),
}


LETTER_STATES = {
    "queued": N_("送信待ち"),
    "sending": N_("送信準備中"),
    "handing_over": N_("送信中"),
    "sent": N_("送信済み"),
    "deferred": N_("再送待ち"),
    "failed": N_("送信失敗"),
    "unknown": N_("届いたか不明"),
    "held": N_("保留"),
    "cancelled": N_("取りやめ"),
}


DISPOSITIONS = {
    "request": N_("依頼"),
    "question": N_("質問"),
    "reply": N_("返信"),
    "unclear": N_("要確認"),
    "other": N_("対象外"),
    "auto_reply": N_("自動返信"),
    "bounce": N_("不達通知"),
    "bulk": N_("一斉配信"),
    "quarantined": N_("隔離"),
    "undecided": N_("読み取り待ち"),
}


FIELDS = {
    "facility_name": N_("認定施設名"),
    "certification_number": N_("認定番号"),
    "responsible_physician": N_("施設責任者氏名"),
    "member_number": N_("会員番号"),
    "birthdate": N_("生年月日"),
    "request": N_("対応希望"),
    "new_address": N_("新しいアドレス"),
}


MISSING = {
    "facility": N_("認定施設名"),
    "responsible_physician": N_("施設責任者氏名"),
    "identity": N_("会員番号または生年月日"),
    "request": N_("対応希望"),
    "new_address": N_("新しいアドレス"),
}


REQUESTS = {
    "confirm_address": N_("①アドレスの確認"),
    "change_address": N_("②アドレスの変更"),
    "both": N_("①確認と②変更"),
    "other": N_("その他"),
}


RESULTS = {
    "agrees": N_("一致"),
    "differs": N_("不一致"),
    "absent": N_("記載なし"),
    "unknown": N_("照合不可"),
}


WRITERS = {
    "self": N_("施設責任者ご本人"),
    "proxy": N_("代理の方"),
    "unknown": N_("不明"),
}


HOLDS = {
    "sender": N_("先方待ち"),
    "committee": N_("委員会確認中"),
    "physician_change": N_("責任者変更待ち"),
}


NOTE_KINDS = {
    "note": N_("メモ"),
    "telephone": N_("電話"),
    "fax": N_("FAX"),
    "fields": N_("項目の修正"),
    "work": N_("対応状況"),
    "outlook": N_("Outlookからの返信"),
}


ROLES = {
    "operator": N_("運用担当"),
    "approver": N_("承認者"),
    "admin": N_("管理者"),
}


FACILITY_KINDS = {"core": N_("基幹施設"), "affiliate": N_("連携施設")}


CORRECTION_STATES = {
    "human": N_("担当者待ち"),
    "asked": N_("依頼済み"),
    "done": N_("修正済み"),
    "closed": N_("終了"),
}


LINK_STATES = {
    "planned": N_("開始日待ち"),
    "asked": N_("依頼済み"),
    "accepting": N_("承諾の回答あり"),
    "declining": N_("辞退の回答あり"),
    "accepted": N_("承諾"),
    "declined": N_("辞退"),
    "human": N_("担当者待ち"),
    "closed": N_("終了"),
}


UNREACHABLE = {"no_address": N_("アドレスなし"), "unreachable": N_("メール不達")}


SKIPPED_MATTERS = {
    "reminder": N_("督促"),
    "correction": N_("修正依頼"),
    "link_request": N_("連携依頼"),
    "digest": N_("事務局への日報"),
}


TOPIC_NAMES = {
    "password_reset": N_("パスワードの再設定"),
    "login_page": N_("ログイン画面の場所"),
    "menu_not_shown": N_("メニューが出ない"),
    "narrow_screen_menu": N_("画面が狭いときのメニュー"),
    "application_period": N_("申請期間"),
    "application_steps": N_("申請の手順"),
    "apply_button_disabled": N_("申請ボタンが押せない"),
    "sealed_documents": N_("公印書類"),
    "responsible_physician": N_("施設責任者とは"),
    "data_correction": N_("データの修正"),
    "completion_check": N_("完了の確認"),
    "core_requirements": N_("基幹施設の要件"),
    "affiliate_requirements": N_("連携施設の要件"),
    "link_request": N_("連携依頼"),
    "facility_directory": N_("施設一覧"),
    "account_sharing": N_("アカウントの共用"),
    "address_request": N_("アドレスの確認・変更の方法"),
    "free": N_("自由に書く"),
}


LETTER_NAMES = {
    "receipt": N_("受付のお知らせ（依頼）"),
    "receipt_inquiry": N_("受付のお知らせ（質問）"),
    "receipt_again": N_("受付済みのご案内"),
    "missing_fields": N_("不足項目のお尋ね"),
    "address_told": N_("登録アドレスのお知らせ（差出人などへ）"),
    "address_at_registered": N_("登録アドレスのお知らせ（登録アドレスへ）"),
    "address_hint": N_("登録アドレスへ知らせたことのお知らせ（差出人へ）"),
    "identity_unconfirmed": N_("本人確認ができなかったお知らせ"),
    "change_confirm": N_("受信の確認のお願い（新しいアドレスへ）"),
    "change_notice": N_("変更の予告（前のアドレスへ）"),
    "change_stopped": N_("変更を止めたお知らせ"),
    "change_reverted": N_("変更を取り消したお知らせ"),
    "change_done_new": N_("変更完了（新しいアドレスへ）"),
    "change_done_old": N_("変更完了（前のアドレスへ）"),
    "declined": N_("お断り（依頼）"),
    "declined_inquiry": N_("お断り（質問）"),
    "answer_free": N_("自由に書く返事"),
    "documents_by_mail": N_("書類がメールで届いたとき"),
    "correction_request": N_("データ修正依頼"),
    "correction_reminder": N_("データ修正の督促"),
    "link_request": N_("連携依頼（基幹施設へ）"),
    "link_reminder": N_("連携依頼の督促"),
    "link_result": N_("連携の結果（連携施設へ）"),
    "renewal_opens": N_("更新申請の開始"),
    "renewal_reminder": N_("更新申請の督促"),
    "renewal_last_days": N_("更新申請の締切間近"),
    "renewal_missed": N_("更新申請の締切後"),
    "address_check": N_("メールアドレスの確認"),
    "digest": N_("事務局への日報"),
    "officer_list": N_("一人で承認した処理の一覧（監督者へ）"),
    "registry_stale": N_("名簿が古いお知らせ（事務局へ）"),
}


CAMPAIGNS = {"renewal": N_("更新申請のご案内"), "address_check": N_("メールアドレスの確認")}


STEPS = {
    "opens": N_("開始"),
    "two_weeks": N_("締切2週間前"),
    "last_days": N_("締切間近"),
    "closed": N_("締切後"),
    "ask": N_("1回目"),
    "again": N_("2回目"),
}


TELL = {
    "": N_("ルールどおり"),
    "registered": N_("登録アドレスだけに"),
    "sender": N_("差出人に全部"),
    "member": N_("会員登録アドレスに全部"),
}


#: Columns of the registry's file by their own headers.
COLUMNS = {
    one: one
    for one in (
        N_("認定番号"), N_("施設名"), N_("施設種別"), N_("責任者氏名"), N_("責任者氏名カナ"), N_("会員番号"), N_("生年月日"),
        N_("メールアドレス"), N_("基幹施設認定番号"), N_("申請状況"), N_("認定開始日"), N_("認定終了日"), N_("申請書"), N_("概要書"),
        N_("公印書類"), N_("申請アドレス"), N_("会員登録メールアドレス"), N_("代表電話"), N_("旧施設名"),
    )
}  # fmt: skip


APPLICATION_STATES = {
    one: one for one in (N_("未申請"), N_("入力中"), N_("申請済"), N_("修正依頼中"), N_("不合格"))
} | {"承認": N_("承認済み")}


CELLS = {**APPLICATION_STATES, "済": N_("済")}


#: Every set of labels by the name that templates use.
LABELS = {
    "kind": KINDS,
    "state": STATES,
    "case_state": CASE_STATES,
    "verdict": VERDICTS,
    "letter_state": LETTER_STATES,
    "disposition": DISPOSITIONS,
    "field": FIELDS,
    "missing": MISSING,
    "request": REQUESTS,
    "result": RESULTS,
    "writer": WRITERS,
    "hold": HOLDS,
    "note": NOTE_KINDS,
    "role": ROLES,
    "facility_kind": FACILITY_KINDS,
    "correction": CORRECTION_STATES,
    "link": LINK_STATES,
    "unreachable": UNREACHABLE,
    "matter": SKIPPED_MATTERS,
    "topic": TOPIC_NAMES,
    "tell": TELL,
    "letter": LETTER_NAMES,
    "campaign": CAMPAIGNS,
    "step": STEPS,
    "column": COLUMNS,
    "application": APPLICATION_STATES,
    "cell": CELLS,
}
