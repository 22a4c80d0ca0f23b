"""What does not work is said on every page, with what to do about it."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from helpdesk.console.doors import DOORS
from helpdesk.desk.health import Health
from helpdesk.desk.troubles import troubles

from .conftest import Browser, Secretariat, healthy


def banners(html: str) -> list[str]:
    found = re.findall(r'<div class="trouble".*?</div>', html, re.DOTALL)
    return [re.sub(r"<[^>]+>|\s+", " ", one) for one in found]


def break_down(health: Health, part: str, minutes: int) -> None:
    health.report(part, datetime.now(UTC) - timedelta(minutes=minutes), "cannot connect: refused")


def test_nothing_is_said_while_everything_works(clerk: Browser) -> None:
    assert banners(clerk.page("/queue")) == []


def test_mailbox_that_is_away_is_said_with_when_it_was_last_heard(secretariat: Secretariat) -> None:
    break_down(secretariat.health, "mailbox", 10)
    (told,) = banners(secretariat.browser("baba").page("/queue"))
    assert "受信箱につながりません" in told
    assert "最後につながったのは" in told
    assert "運用担当" in told
    assert "cannot connect" in told


def test_relay_that_is_away_is_said_with_what_waits(secretariat: Secretariat) -> None:
    secretariat.request()  # Its receipt is queued.
    break_down(secretariat.health, "relay", 10)
    (told,) = banners(secretariat.browser("baba").page("/queue"))
    assert "メールを送れません" in told
    assert "送信待ち 1通" in told
    english = secretariat.browser("baba", language="en").page("/queue")
    assert "Mail cannot be sent" in banners(english)[0]


def test_log_in_at_the_mail_server_that_ends_is_said(secretariat: Secretariat) -> None:
    break_down(secretariat.health, "token", 1)
    (told,) = banners(secretariat.browser("baba").page("/queue"))
    assert "ログインの更新が必要です" in told


def test_disk_that_is_nearly_full_is_said(
    secretariat: Secretariat, monkeypatch: pytest.MonkeyPatch
) -> None:
    full: Any = type("Usage", (), {"free": 120_000_000})
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    (told,) = banners(secretariat.browser("baba").page("/queue"))
    assert "残り 120 MB" in told


def test_outage_stands_on_every_page(secretariat: Secretariat) -> None:
    break_down(secretariat.health, "relay", 10)
    admin = secretariat.browser("chiba")
    for door in DOORS:
        if door.method == "GET" and "{" not in door.path and not door.path.endswith(".csv"):
            html = admin.get(door.path).text
            if "<!doctype html>" in html:
                assert len(banners(html)) == 1, door.path


def test_short_break_is_no_news(secretariat: Secretariat) -> None:
    now = datetime.now(UTC)
    health = healthy(now)
    health.report("relay", now, "gone")
    assert troubles(health, secretariat.database, now + timedelta(seconds=20)) == ()
    assert len(troubles(health, secretariat.database, now + timedelta(seconds=40))) == 1


def test_outage_began_when_it_began_whatever_the_reason_is_now() -> None:
    now = datetime.now(UTC)
    health = healthy(now)
    health.report("relay", now + timedelta(minutes=1), "refused")
    health.report("relay", now + timedelta(minutes=9), "timed out")
    assert health.snapshot()["relay"].since == now + timedelta(minutes=1)
    assert health.snapshot()["relay"].heard_at == now
