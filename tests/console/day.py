"""A day that left something on every page: for looking at all of them, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select, update

from helpdesk.desk import casework, registry_upload, search, snippets
from helpdesk.store import mails as stored_mails
from helpdesk.store.schema import contact_task, letter, link, mail, mail_source
from tests import mails

from .conftest import REGISTRY, Browser, Secretariat
from .test_case import answer_token, form_of

_LONG = "このたびの件につきまして、経緯をご説明いたします。" * 12


@dataclass(frozen=True, slots=True)
class Day:
    """What came of it: the cases by what they are an example of, and the mail set aside."""

    cases: dict[str, str]
    quarantined: int


def _asked(secretariat: Secretariat, key: str, body: str, sender: str, subject: str) -> str:
    raw = mails.mail(body, message_id=f"<{key}@x.test>", sender=sender, subject=subject)
    return secretariat.case_of(secretariat.arrive(raw))


def _cases(secretariat: Secretariat) -> dict[str, str]:
    east = {"facility": "みほん東病院", "physician": "例示 花子"}
    return {
        "right": secretariat.request("jimu@mihon.example.jp"),
        "wrong": secretariat.request(
            "b@x.example.jp", physician="見本 次郎", identity="1968年4月19日", wish=mails.CHANGE
        ),
        "change": secretariat.request(
            "east@mihon.example.jp", identity="会員番号 ２３４５６７", wish=mails.CHANGE, **east
        ),
        "missing": secretariat.request("c@x.example.jp", identity="", **east),
        "several": secretariat.request("d@x.example.jp", facility="みほん", physician="例示"),
        "question": _asked(
            secretariat,
            "q",
            "更新申請の件で、代表者印は必要でしょうか。費用も伺いたいです。",
            "q@x.example.jp",
            "更新申請について",
        ),
        "long": _asked(
            secretariat,
            "long",
            f"{mails.form()}\n{_LONG}\n\n" * 8,
            "long@x.example.jp",
            "施設マイページ：" + "長い件名" * 20,
        ),
    }


def _two_letters(secretariat: Secretariat, clerk: Browser) -> str:
    """Return a case whose change is in the portal: both addresses are told."""
    number = secretariat.request("two@mihon.example.jp", wish=mails.CHANGE)
    clerk.do(f"/cases/{number}/approve", form_of(clerk, number, "approve"))
    answer_token(secretariat)
    clerk.do(f"/cases/{number}/call-back", form_of(clerk, number, "call-back"))
    return number


def _set_aside(secretariat: Secretariat) -> int:
    raw = mails.mail("読めないメール", message_id="<broken@x.test>", sender="broken@x.example.jp")
    mail_id = secretariat.arrive(raw)
    with secretariat.database.begin() as tx:
        stored_mails.release(tx, mail_id)
        tx.execute(update(mail).where(mail.c.id == mail_id).values(disposition=None))
        stored_mails.quarantine(tx, mail_id, "the mail took too long to read", datetime.now(UTC))
        kept = select(mail_source.c.mail_id).where(mail_source.c.mail_id == mail_id)
        if tx.execute(kept).scalar() is None:
            tx.execute(insert(mail_source).values(mail_id=mail_id, raw=raw))
    return mail_id


def _office(secretariat: Secretariat, clerk: Browser) -> None:
    now = datetime.now(UTC)
    with secretariat.database.begin() as tx:
        for at, trouble in enumerate(("no_answer", "core_unknown")):
            tx.execute(
                insert(link).values(
                    purpose_key=f"R0102:K0101:{at}", affiliate_number="R0102", core_number="K0101",
                    begins_on=date(2027, 4, 1), state="human", trouble=trouble, late=False,
                    created_at=now, reminded=2,
                )
            )  # fmt: skip
        tx.execute(
            insert(contact_task).values(
                purpose_key="renewal:2027:R0103", certification_number="R0103",
                subject="更新申請のご案内", reason="no_address", created_at=now, state="open",
            )
        )  # fmt: skip
    clerk.do(
        "/corrections/new",
        {"facility": "R0102", "point": ["seal", "summary"], "items": "概要書の3ページ"},
    )
    snippets.save(
        secretariat.database, "料金", "費用につきましては別途ご案内いたします。", "baba", now
    )


def _stuck_letters(secretariat: Secretariat) -> None:
    states = ("failed", "unknown", "deferred", "held", "sent", "cancelled")
    with secretariat.database.begin() as tx:
        found = tx.execute(select(letter.c.id).order_by(letter.c.id)).scalars().all()
        for one, state in zip(found, states, strict=False):
            error = "550 5.1.1 no such user" if state in ("failed", "deferred") else None
            tx.execute(
                update(letter).where(letter.c.id == one).values(state=state, last_error=error)
            )


def full_day(secretariat: Secretariat) -> Day:
    """Let a full day pass; return its cases."""
    now = datetime.now(UTC)
    clerk, other = secretariat.browser("baba"), secretariat.browser("chiba")
    two = _two_letters(secretariat, clerk)
    cases = {"two": two, **_cases(secretariat)}
    going = secretariat.request("going@mihon.example.jp", wish=mails.CHANGE, identity="123456")
    cases["going"] = going
    clerk.do(f"/cases/{cases['missing']}/notes", {"kind": "telephone", "text": "折り返すと約束"})
    casework.set_work(
        secretariat.database,
        cases["change"],
        "chiba",
        now,
        handler="chiba",
        hold=None,
        resume_on=None,
    )
    casework.set_work(
        secretariat.database, cases["several"], "baba", now, handler="baba", hold="committee",
        resume_on=date.today() + timedelta(days=3),
    )  # fmt: skip
    where = clerk.do(
        "/telephone", {"channel": "telephone", "name": "例示 花子", "text": "電話があった"}
    )
    cases["telephone"] = where.split("?")[0].rpartition("/")[2]
    decided = secretariat.request("done@mihon.example.jp")
    cases["decided"] = decided
    other.do(f"/cases/{decided}/reject", form_of(other, decided, "reject") | {"reason": "重複"})
    _office(secretariat, clerk)
    set_aside = _set_aside(secretariat)
    _stuck_letters(secretariat)
    changed = REGISTRY.replace("みほん東病院", "みほん新東病院").replace(
        "03-0000-0103", "03-0000-9999"
    )
    changed += "R0104,みほん西病院,連携施設,例示 次郎,,,,,K0101,未申請,\n"
    registry_upload.keep(secretariat.database, "portal.csv", changed.encode(), "ando", now)
    search.catch_up(secretariat.desk, now)
    return Day(cases, set_aside)
