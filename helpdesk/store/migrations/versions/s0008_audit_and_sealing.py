"""The audit log, wrong answers, and what is personal sealed at rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.domain.audit import GENESIS
from helpdesk.store.schema import UtcTime
from helpdesk.store.sealing import seal_all

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    _audit()
    op.create_table(
        "miss",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_miss")),
    )
    op.create_index("ix_miss_at", "miss", ["at"])
    _facility()
    seal_all(op.get_bind())


def _facility() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute("ALTER TABLE facility ALTER COLUMN birthdate TYPE TEXT USING birthdate::text")
        op.execute("UPDATE facility SET birthdate = '' WHERE birthdate IS NULL")
        op.alter_column("facility", "birthdate", nullable=False)
    else:
        # SQLite keeps a date as its text already; only the declared type changes.
        with op.batch_alter_table("facility") as table:
            table.add_column(sa.Column("sealed_birthdate", sa.Text(), nullable=True))
        op.execute("UPDATE facility SET sealed_birthdate = COALESCE(birthdate, '')")
        with op.batch_alter_table("facility") as table:
            table.drop_column("birthdate")
        with op.batch_alter_table("facility") as table:
            table.alter_column(
                "sealed_birthdate",
                new_column_name="birthdate",
                existing_type=sa.Text(),
                nullable=False,
            )
    with op.batch_alter_table("facility") as table:
        table.add_column(
            sa.Column("member_index", sa.String(length=64), nullable=False, server_default="")
        )
    op.create_index("ix_facility_member_index", "facility", ["member_index"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=True),
        sa.Column("letter_id", _ROW_ID, nullable=True),
        sa.Column("mail_id", _ROW_ID, nullable=True),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    for column in ("case_number", "letter_id", "mail_id"):
        op.create_index(f"ix_audit_{column}", "audit", [column])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", _ROW_ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "digest": GENESIS}])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit"
            " FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
