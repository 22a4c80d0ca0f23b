"""The queue's page: what waits, filters in the URL, and changes that appear by themselves."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tests import mails

from .conftest import Browser, Secretariat


def test_empty_queue_says_so(clerk: Browser) -> None:
    assert "待っているものはありません" in clerk.page("/queue")


def test_queue_shows_what_waits_oldest_first_with_counts(
    secretariat: Secretariat, clerk: Browser
) -> None:
    first = secretariat.request()
    second = secretariat.request(facility="みほん東病院", physician="例示 花子", identity="234567",
                                 wish=mails.CHANGE)  # fmt: skip
    html = clerk.page("/queue")
    assert html.index(first) < html.index(second)
    counts = re.findall(r"(アドレス確認|アドレス変更|すべて) <b>(\d+)</b>", html)
    assert dict(counts)["アドレス確認"] == "1"
    assert dict(counts)["アドレス変更"] == "1"


def test_filters_live_in_the_url(secretariat: Secretariat, clerk: Browser) -> None:
    right = secretariat.request()
    wrong = secretariat.request(identity="1999年1月1日")
    both = clerk.page("/queue")
    assert right in both
    assert wrong in both
    html = clerk.page("/queue?verdict=mismatch")
    assert wrong in html
    assert right not in html
    assert "この条件で待っているものはありません" in clerk.page("/queue?kind=answer&handler=baba")
    assert clerk.get("/queue?kind=%3Cscript%3E&page=x&verdict=1").status_code == 200


def test_list_answers_nothing_new_until_something_changes(
    secretariat: Secretariat, clerk: Browser
) -> None:
    secretariat.request()
    path = re.findall(r'hx-get="([^"]+)"', clerk.page("/queue"))[0].replace("&amp;", "&")
    assert clerk.get(path, headers={"HX-Request": "true"}).status_code == 204
    number = secretariat.request(facility="みほん東病院", physician="例示 花子", identity="234567")
    answer = clerk.get(path, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert number in answer.text
    assert "<html" not in answer.text


def test_promised_day_that_is_over_is_said_in_words(
    secretariat: Secretariat, clerk: Browser
) -> None:
    old = datetime.now(UTC) - timedelta(days=14)
    secretariat.arrive(mails.mail(mails.form(), message_id="<old@x.test>"), old)
    assert "超過" in clerk.page("/queue")


def test_long_queue_has_pages(secretariat: Secretariat, clerk: Browser) -> None:
    for number in range(53):
        secretariat.arrive(
            mails.mail(
                mails.form(), message_id=f"<{number}@x.test>", sender=f"p{number}@x.example.jp"
            )
        )
    html = clerk.page("/queue")
    assert html.count("data-row=") == 50
    assert 'rel="next"' in html
    assert clerk.page("/queue?page=2").count("data-row=") == 3
