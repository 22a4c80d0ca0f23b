"""Who wrote: each row with the words that say so."""

from __future__ import annotations

import pytest

from helpdesk.domain.message import read_message
from helpdesk.domain.request import read_request
from helpdesk.domain.written_by import WrittenBy, read_written_by
from tests import mails

FORM = mails.form("みほん病院（K0101）").split("お世話になっております。\n\n")[1]


def written_by(body: str, name: str = "") -> WrittenBy:
    message = read_message(mails.mail(body, message_id="<a@x.test>", name=name or "desk"))
    return read_written_by(message, read_request(message))


@pytest.mark.parametrize(
    ("opening", "kind", "words"),
    [
        ("みほん病院の見本 太郎と申します。", "self", "見本 太郎"),
        ("みほん病院の見本太郎でございます。", "self", "見本太郎"),
        ("施設責任者の見本です。", "self", "施設責任者の見本"),
        ("みほん病院 医事課の例示花子と申します。", "proxy", "医事課の例示花子と申します"),
        ("施設責任者に代わりご連絡いたします。", "proxy", "代わり"),
        ("見本先生の代理で、秘書の例示がご連絡いたします。", "proxy", "代理"),
        ("責任者からの依頼によりご連絡いたします。", "proxy", "依頼"),
        # The physician is named, but not as the writer.
        ("医局秘書の例示です。見本 太郎の件でご連絡します。", "proxy", "医局秘書"),
        ("お世話になっております。", "unknown", ""),
    ],
)
def test_words_say_who_wrote(opening: str, kind: str, words: str) -> None:
    found = written_by(f"{opening}\n\n{FORM}")
    assert found.kind == kind
    assert words in found.words


@pytest.mark.parametrize(
    ("signature", "kind"),
    [
        ("\n-- \n見本 太郎\nみほん病院 緩和ケア科\nTEL 03-0000-0000\n", "self"),
        ("\n-- \nみほん病院 医事課\n例示 花子\nTEL 03-0000-0000\n", "proxy"),
    ],
)
def test_signature_says_who_wrote_where_nothing_else_does(signature: str, kind: str) -> None:
    assert written_by(FORM + signature).kind == kind


@pytest.mark.parametrize(
    ("name", "kind"), [("見本太郎", "self"), ("みほん病院 医事課", "proxy"), ("Mihon", "unknown")]
)
def test_from_counts_last(name: str, kind: str) -> None:
    assert written_by(FORM, name).kind == kind
    assert written_by(f"医事課の例示と申します。\n\n{FORM}", name).kind == "proxy"


def test_mark_behind_the_name_says_that_it_is_the_physician() -> None:
    assert written_by(FORM.replace("見本 太郎", "見本 太郎（本人）")).kind == "self"


def test_words_of_another_person_below_are_not_read() -> None:
    quoted = "> 施設責任者に代わりご連絡いたします。\n"
    assert (
        written_by(f"{FORM}\n\n2026年10月1日(木) 10:00 別人 <b@x.test>:\n{quoted}").kind
        == "unknown"
    )
