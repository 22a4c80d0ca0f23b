"""/metrics counts what happened, and /healthz says what works."""

from __future__ import annotations

import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from tests import mails
from tests.servers.net import eventually

from .conftest import Office


def test_metrics_count_what_happened(office: Office) -> None:
    # The office may be a copy: its age is to be this import's.
    office.run("registry", "import", str(office.folder / "registry.csv"))
    daemon = office.start()
    office.deliver(mails.mail(mails.form(), message_id="<a1@x.test>"))
    office.deliver(mails.mail("会費の件", subject="年会費", message_id="<a2@x.test>"))
    office.wait_for_letters(1)

    def numbers() -> dict[tuple[str, str], float]:
        with urllib.request.urlopen(f"{daemon.base_url}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        return {
            (sample.name, "".join(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    eventually(
        lambda: numbers().get(("helpdesk_letters", "sent")) == 1,
        timeout_s=10,
        what="letter counted",
    )
    found = numbers()
    assert found["helpdesk_mails", "request"] == 1
    assert found["helpdesk_mails", "other"] == 1
    assert found["helpdesk_actions", "waiting"] == 1
    assert found["helpdesk_quarantine_mails", ""] == 0
    assert 0 < found["helpdesk_oldest_waiting_seconds", ""] < 60
    assert found["helpdesk_oldest_letter_seconds", ""] == 0
    assert 0 < found["helpdesk_registry_import_age_seconds", ""] < 120
    assert found["helpdesk_mailbox_up", ""] == found["helpdesk_relay_up", ""] == 1
    assert found["helpdesk_mailbox_heard_seconds", ""] < 30
    office.sink.react("RCPT", "450 later")
    office.deliver(mails.mail(mails.form(), message_id="<a3@x.test>", sender="h3@x.test"))
    eventually(
        lambda: numbers().get(("helpdesk_letters", "deferred")) == 1, timeout_s=10, what="deferred"
    )
    assert 0 < numbers()["helpdesk_oldest_letter_seconds", ""] < 60


def test_daemon_that_stands_by_has_heard_nothing_of_the_mailbox(office: Office) -> None:
    office.start()
    second = office.start()
    with urllib.request.urlopen(f"{second.base_url}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert "helpdesk_mailbox_up 1" in text
    assert "helpdesk_mailbox_heard_seconds" not in text
