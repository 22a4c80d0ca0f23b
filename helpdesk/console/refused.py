"""The page of a request that reaches no page: what happened, and the way on.

Whoever sends it may be nobody yet, so it names nothing that is known of the desk.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from helpdesk.console import render
from helpdesk.console.parts import Site
from helpdesk.console.words import N_, words_of

#: Name of the cookie that keeps the language.
LANGUAGE = "helpdesk_language"

#: By status: what happened, and what to do.
SENTENCES = {
    400: (N_("送られた内容を読み取れませんでした。"), N_("前の画面を開き直して、もう一度お試しください。何も変わっていません。")),
    403: (N_("この画面の外から送られた操作のため、受け付けませんでした。"), N_("受付の一覧を開き直して、そこからもう一度お試しください。何も変わっていません。")),
    404: (N_("そのページはありません。"), N_("アドレスをお確かめになるか、受付の一覧からお進みください。")),
    405: (N_("そのページはありません。"), N_("アドレスをお確かめになるか、受付の一覧からお進みください。")),
    413: (N_("一度に送れる大きさ（20MB）を超えています。"), N_("小さく分けるか、余分な列やシートを除いてからお選びください。何も変わっていません。")),
    421: (N_("このアドレスでは開けません。"), N_("いつものアドレス（ブックマークなど）から開いてください。アドレスが変わったときは、設定の担当者にお知らせください（HELPDESK_CONSOLE_URL）。")),
    429: (N_("短い時間に操作が多すぎます。"), N_("15分ほど待って、もう一度お試しください。")),
    500: (N_("エラーが起きました。"), N_("何も変えていません。もう一度お試しいただき、続くときは設定の担当者にお知らせください。")),
    503: (N_("いま混み合っています。"), N_("何も変えていません。少し待って、もう一度お試しください。")),
}  # fmt: skip


def language_of(cookies: str) -> str:
    """Return the language of a Cookie header; Japanese where it names none."""
    try:
        found = SimpleCookie(cookies).get(LANGUAGE)
    except CookieError:
        return "ja"
    return words_of(found.value if found else "ja").language


def page(site: Site, status: int, cookies: str) -> bytes:
    """Return the page of a refusal, as it is sent."""
    words = words_of(language_of(cookies))
    what, then = (words.gettext(one) for one in SENTENCES[status])
    template = render.environment().get_template("refused.html")
    values = {
        "_": words.gettext, "lang": words.language, "what": what, "then": then, "base": site.base,
        "style": f"{site.base}/static/console.css?v={render.fingerprint('console.css')}",
        "status": status,
    }  # fmt: skip
    return template.render(values).encode()
