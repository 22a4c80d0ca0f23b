"""The portal's export by way of the console: uploaded, looked at, and then taken or not."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from helpdesk.desk.context import Desk, Refused
from helpdesk.desk.registry_import import ImportReport, import_registry
from helpdesk.domain.registry import Facility
from helpdesk.store import facilities, uploads
from helpdesk.store.database import Database
from helpdesk.store.facilities import ImportRecord
from helpdesk.store.uploads import Upload

# Of 255 that a file's name may have.
_NAME_BYTES = 180
_SUFFIXES = (".csv", ".xlsx", ".txt")


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that waits, with what it would change."""

    upload: Upload
    report: ImportReport
    #: The facilities as they stand here, by number: what a change changes.
    before: dict[str, Facility]


def keep(database: Database, file_name: str, content: bytes, by: str, now: datetime) -> None:
    """Keep a file until somebody has looked at its difference. Raises Refused."""
    name = _safe_name(file_name)
    if not name.lower().endswith(_SUFFIXES) or not content:
        raise Refused("choose a file of the portal's export: .csv or .xlsx")
    with database.begin() as tx:
        uploads.keep_upload(tx, name, content, by, now)


def _safe_name(file_name: str) -> str:
    """Return a file's name without folders and control characters, short enough for any disk."""
    name = Path(file_name.replace("\\", "/")).name
    stem, dot, suffix = "".join(char for char in name if char.isprintable()).rpartition(".")
    return stem.encode("utf-8", "replace")[:_NAME_BYTES].decode("utf-8", "ignore") + dot + suffix


def look(desk: Desk, now: datetime) -> Looked | None:
    """Return what the file that waits would change; None: no file waits.

    Raises RegistryFileError with every row that is wrong.
    """
    with desk.database.read() as tx:
        upload = uploads.waiting_upload(tx)
    if upload is None:
        return None
    report = _run(desk, upload, now, upload.by, dry_run=True)
    numbers = [one.facility.certification_number for one in report.plan.changed]
    with desk.database.read() as tx:
        before = facilities.facilities_by_numbers(tx, numbers)
    return Looked(upload, report, before)


def mark_of(upload: Upload) -> str:
    """Return a mark of a file: what is taken is what was looked at."""
    return hashlib.sha256(upload.content).hexdigest()[:16]


def take(desk: Desk, upload_id: int, seen: str, by: str, now: datetime) -> ImportReport:
    """Take the file that was looked at. Raises Refused, or RegistryFileError."""
    with desk.database.read() as tx:
        upload = uploads.waiting_upload(tx)
    if upload is None or (upload.id, mark_of(upload)) != (upload_id, seen):
        raise Refused("somebody else changed what waits here; look at the difference again")
    report = _run(desk, upload, now, by, dry_run=False)
    drop(desk.database, upload_id)
    return report


def drop(database: Database, upload_id: int) -> None:
    """Forget the file."""
    with database.begin() as tx:
        uploads.drop_upload(tx, upload_id)


def imports(database: Database) -> list[ImportRecord]:
    """Return the imports so far, newest first."""
    with database.read() as tx:
        return uploads.imports(tx)


def _run(desk: Desk, upload: Upload, now: datetime, by: str, *, dry_run: bool) -> ImportReport:
    with tempfile.TemporaryDirectory(prefix="helpdesk-") as folder:
        path = Path(folder) / upload.file_name
        path.write_bytes(upload.content)
        return import_registry(
            desk.database, path, now=now, dry_run=dry_run, by=by, desk=desk, cause="console"
        )
