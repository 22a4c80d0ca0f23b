"""Sealing what is stored under the current data key: at the migration, and when keys change."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, select, update

from helpdesk.store.schema import case, facility, mail_source, registry_upload
from helpdesk.store.vault import Vault, key_of_stored, vault_of

# Mails are read a part at a time: one may have 25 MB.
_MAILS_AT_ONCE = 20

_PROOFS = ("member_number", "birthdate")
# Sealed where somebody's own number may stand in it; see store/cases.py.
_CLAIMED = "certification_number"


def seal_all(tx: Connection) -> int:
    """Seal anew everything that is not sealed under the current key; return how many rows."""
    vault = vault_of(tx)
    return _facilities(tx, vault) + _cases(tx, vault) + _mails(tx, vault)


def seal_uploads(tx: Connection) -> int:
    """Seal anew registry files that wait for a decision; return how many."""
    vault, done = vault_of(tx), 0
    query = select(registry_upload.c.id, registry_upload.c.content)
    for upload_id, content in tx.execute(query).all():
        if key_of_stored(bytes(content)) != vault.current:
            sealed = vault.seal_bytes(vault.open_bytes(bytes(content)))
            here = update(registry_upload).where(registry_upload.c.id == upload_id)
            tx.execute(here.values(content=sealed))
            done += 1
    return done


def _facilities(tx: Connection, vault: Vault) -> int:
    from helpdesk.store.facilities import member_index

    query = select(facility.c.certification_number, facility.c.member_number, facility.c.birthdate)
    done = 0
    for number, member, birthdate in tx.execute(query).all():
        values: dict[str, Any] = {}
        if _is_old(vault, member):
            plain = vault.open(member)
            values = {"member_number": vault.seal(plain)}
            values["member_index"] = member_index(vault, plain)
        if _is_old(vault, birthdate):
            values["birthdate"] = vault.seal(vault.open(_text(birthdate)))
        if values:
            done += 1
            tx.execute(
                update(facility).where(facility.c.certification_number == number).values(**values)
            )
    return done


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _is_old(vault: Vault, stored: Any) -> bool:
    return bool(stored) and key_of_stored(_text(stored)) != vault.current


def _cases(tx: Connection, vault: Vault) -> int:
    done = 0
    for case_id, fields in tx.execute(select(case.c.id, case.c.fields)).all():
        old = [name for name in _PROOFS if _is_old(vault, fields.get(name))]
        claimed = key_of_stored(fields.get(_CLAIMED) or "")
        if claimed is not None and claimed != vault.current:
            old.append(_CLAIMED)
        if old:
            fresh = {**fields, **{name: vault.seal(vault.open(fields[name])) for name in old}}
            tx.execute(update(case).where(case.c.id == case_id).values(fields=fresh))
            done += 1
    return done


def _mails(tx: Connection, vault: Vault) -> int:
    done, after = 0, 0
    while True:
        query = (
            select(mail_source.c.mail_id, mail_source.c.raw)
            .where(mail_source.c.mail_id > after)
            .order_by(mail_source.c.mail_id)
            .limit(_MAILS_AT_ONCE)
        )
        rows = tx.execute(query).all()
        if not rows:
            return done
        for mail_id, raw in rows:
            after = mail_id
            if key_of_stored(bytes(raw)) != vault.current:
                sealed = vault.seal_bytes(vault.open_bytes(bytes(raw)))
                tx.execute(
                    update(mail_source).where(mail_source.c.mail_id == mail_id).values(raw=sealed)
                )
                done += 1
