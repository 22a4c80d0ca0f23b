"""Named queries about uploaded registry files, imports so far, and campaigns held back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from helpdesk.store.database import Transaction
from helpdesk.store.facilities import ImportRecord
from helpdesk.store.schema import campaign_pause, registry_import, registry_upload
from helpdesk.store.vault import vault_of


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits for a decision on its difference."""

    id: int
    file_name: str
    content: bytes
    by: str
    at: datetime


def keep_upload(tx: Transaction, file_name: str, content: bytes, by: str, at: datetime) -> int:
    """Keep a file in place of the one before; return its id."""
    tx.execute(delete(registry_upload))
    sealed = vault_of(tx).seal_bytes(content)  # It holds birthdates.
    query = insert(registry_upload).values(file_name=file_name, content=sealed, by=by, at=at)
    return int(tx.execute(query.returning(registry_upload.c.id)).scalar_one())


def waiting_upload(tx: Transaction) -> Upload | None:
    """Return the file that waits, or None."""
    query = select(
        registry_upload.c.id,
        registry_upload.c.file_name,
        registry_upload.c.content,
        registry_upload.c.by,
        registry_upload.c.at,
    )
    row = tx.execute(query.order_by(registry_upload.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    content = vault_of(tx).open_bytes(row.content)
    return Upload(row.id, row.file_name, content, row.by, row.at)


def drop_upload(tx: Transaction, upload_id: int) -> bool:
    """Forget a file; False where it is gone already."""
    gone = tx.execute(delete(registry_upload).where(registry_upload.c.id == upload_id))
    return gone.rowcount == 1


def imports(tx: Transaction, limit: int = 30) -> list[ImportRecord]:
    """Return the imports so far, newest first."""
    query = select(
        registry_import.c.at,
        registry_import.c.file_name,
        registry_import.c.sha256,
        registry_import.c.imported_by,
        registry_import.c.added,
        registry_import.c.changed,
        registry_import.c.removed,
        registry_import.c.conflicts,
    )
    newest = query.order_by(registry_import.c.id.desc()).limit(limit)
    return [ImportRecord(*row) for row in tx.execute(newest)]


def paused_campaigns(tx: Transaction) -> dict[str, tuple[str, datetime]]:
    """Return which campaigns somebody holds back: who, and since when."""
    query = select(campaign_pause.c.campaign, campaign_pause.c.by, campaign_pause.c.at)
    return {row.campaign: (row.by, row.at) for row in tx.execute(query)}


def pause_campaign(tx: Transaction, campaign: str, by: str, at: datetime) -> None:
    """Hold a campaign back."""
    resume_campaign(tx, campaign)
    tx.execute(insert(campaign_pause).values(campaign=campaign, by=by, at=at))


def resume_campaign(tx: Transaction, campaign: str) -> None:
    """Let a campaign go on."""
    tx.execute(delete(campaign_pause).where(campaign_pause.c.campaign == campaign))
