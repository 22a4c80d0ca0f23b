"""From HTML to what a person sees, in the dress of the clients."""

from __future__ import annotations

import pytest

from helpdesk.domain.html import html_to_text
from helpdesk.domain.message import Message, read_message


def read(html: str, charset: str = "; charset=utf-8", code: str = "utf-8") -> Message:
    head = f"From: a@x.test\r\nContent-Type: text/html{charset}\r\n\r\n"
    return read_message(head.encode() + html.encode(code))


def test_outlooks_paragraphs_are_lines() -> None:
    html = '<p class="MsoNormal">2）施設責任者氏名</p><p class="MsoNormal">見本 太郎</p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">以上</p>'
    assert html_to_text(html).replace(" \n", "\n") == "2）施設責任者氏名\n見本 太郎\n\n以上"


def test_table_keeps_label_and_value_on_one_line() -> None:
    html = "<table><tr><th>氏名</th><td>見本 太郎</td></tr><tr><th>会員番号</th><td>123456</td></tr></table>"
    assert [line.split() for line in html_to_text(html).split("\n")] == [
        ["氏名", "見本", "太郎"], ["会員番号", "123456"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">秘</p>',
        '<p style="DISPLAY : NONE !important">秘</p>',
        '<span style="font-size:0px">秘</span>',
        '<div style="visibility:hidden">秘</div>',
        '<div style="opacity:0">秘</div>',
        '<div style="mso-hide:all">秘</div>',
        "<div hidden>秘</div>",
        "<style>.x{display:none}</style><p class=x>秘</p>",
        "<style>#y, .z { color: red; display : none; }</style><p id=y>秘</p>",
        "<script>秘</script>",
        "<!-- 秘 -->",
        "<title>秘</title>",
    ],
)
def test_hidden_text_stays_hidden(hidden: str) -> None:
    assert html_to_text(f"<p>見える</p>{hidden}<p>これも</p>").split() == ["見える", "これも"]


@pytest.mark.parametrize(
    "style", ["font-size:0.9em", "opacity:0.9", "font-size:05px; color:#000", "max-height:0.5em"]
)
def test_small_text_is_no_hidden_text(style: str) -> None:
    assert "見える" in html_to_text(f'<p style="{style}">見える</p>')


CLIENTS = {
    "Gmail": '<div>答え</div><div class="gmail_quote"><div class="gmail_attr">2026年11月1日 事務局:<br></div><blockquote>元の文</blockquote></div>',
    "Outlook": '<p class="MsoNormal">答え</p><div style="border-top:solid"><p class="MsoNormal"><b>From:</b> 事務局 &lt;d@x.test&gt;<br><b>Sent:</b> x<br><b>To:</b> a<br><b>Subject:</b> y</p></div><p class="MsoNormal">元の文</p>',
    "Outlook on the web": '<div>答え</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>差出人:</b> 事務局</div><div>元の文</div>',
    "Apple": '答え<div><blockquote type="cite">2026/11/01 10:00、事務局 &lt;d@x.test&gt;のメール:</blockquote></div><blockquote type="cite">元の文</blockquote>',
    "Yahoo": '<div>答え</div><div class="yahoo_quoted">元の文</div>',
    "answer between": "<blockquote>事務局:</blockquote><div>答え</div><blockquote>元の文</blockquote>",
}  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS)
def test_what_clients_mark_as_quoted_is_set_apart(client: str) -> None:
    message = read(CLIENTS[client])
    assert message.text.strip() == "答え"
    assert "元の文" in message.quoted


def test_charset_of_the_page_stands_where_the_header_names_none() -> None:
    page = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=shift_jis"></head><body>①㈱髙﨑</body></html>'
    assert read(page, "", "cp932").body == "①㈱髙﨑"
