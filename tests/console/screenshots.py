"""Makes the pictures of README.md and docs/: `scripts/screenshots`.

A society, its people and its mails are made up here; the pages are the real ones.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helpdesk.desk import casework, registry_import, search, users
from helpdesk.desk.context import Desk
from helpdesk.mail.letters import LetterBook
from helpdesk.rules import load_rules
from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate
from tests import mails

from .browser import chromium, log_in, serving
from .conftest import PASSWORD, PEOPLE, REGISTRY, Secretariat

#: Name of the picture, path, width, height, colours.
PICTURES = (
    ("queue", "/queue", 1280, 520, "light"),
    ("case", "/cases/{right}", 1440, 900, "light"),
    ("case-mismatch-dark", "/cases/{wrong}", 1440, 900, "dark"),
    ("campaigns", "/campaigns?month={february}", 1280, 900, "light"),
    ("reports", "/reports", 1280, 760, "light"),
    ("queue-390", "/queue", 390, 780, "light"),
)


def furnish(folder: Path) -> tuple[Secretariat, dict[str, str]]:
    """Let a morning's mails come in."""
    database = Database(f"sqlite:///{folder}/helpdesk.db")
    migrate(database)
    now = datetime.now(UTC)
    for name, role in PEOPLE.items():
        users.add_user(database, name, role, PASSWORD, now, by="test")
    file = folder / "registry.csv"
    file.write_text(REGISTRY, encoding="utf-8")
    registry_import.import_registry(database, file, now=now, dry_run=False, by="chiba")
    rules = load_rules(shipped_folder() / RULES_NAME)
    book = LetterBook.load(shipped_folder() / TEMPLATES_NAME, rules)
    made = Secretariat(folder, database, Desk(database, rules, book, b"k" * 32))
    for days in range(60, 4, -3):
        raw = mails.mail("申請期間はいつですか。更新申請の件です。", message_id=f"<d{days}@x.test>",
                         sender=f"q{days}@hospital.example.jp", name="例示 花子", subject="申請期間")  # fmt: skip
        made.arrive(raw, now - timedelta(days=days))
    names = {
        "right": made.request("jimu@mihon.example.jp"),
        "wrong": made.request("other@mihon.example.jp", physician="見本 次郎", identity="1968年4月19日"),
        "change": made.request("east@mihon.example.jp", facility="みほん東病院（R0102）", physician="例示 花子",
                               identity="会員番号 ２３４５６７", wish=mails.CHANGE),
        "february": f"{now.year + (now.month > 2)}-02",
    }  # fmt: skip
    raw = mails.mail("更新申請の件で、代表者印は必要でしょうか。費用のことも伺いたいです。", message_id="<q@x.test>",
                     sender="soumu@nishi.example.jp", name="総務課", subject="更新申請について")  # fmt: skip
    made.arrive(raw)
    casework.set_work(
        database, names["change"], "chiba", now, handler="chiba", hold=None, resume_on=None
    )
    search.catch_up(made.desk, now)
    return made, names


def main(folder: Path) -> None:
    """Write every picture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        secretariat, names = furnish(Path(made))
        with serving(secretariat) as address, chromium() as browser:
            for name, path, width, height, colours in PICTURES:
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=colours
                )
                page = context.new_page()
                log_in(page, address)
                page.goto(address + path.format(**names))
                page.wait_for_timeout(6000 if name == "campaigns" else 600)
                page.screenshot(path=str(folder / f"{name}.png"))
                context.close()
        secretariat.database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
