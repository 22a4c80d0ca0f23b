"""The console: sessions, notes and work on cases, search, texts that were changed, uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.store.schema import UtcTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("staff") as table:
        table.add_column(sa.Column("totp_secret", sa.Text(), nullable=True))
        table.add_column(sa.Column("totp_step", sa.BigInteger(), nullable=True))
        table.add_column(
            sa.Column("totp_required", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("disabled_at", UtcTime(timezone=True), nullable=True))
    op.create_index("ix_case_updated_at", "case", ["updated_at"])
    op.create_index("ix_case_certification_number", "case", ["certification_number"])
    _sessions()
    _work()
    _texts()


def _sessions() -> None:
    op.create_table(
        "web_session",
        _id(),
        _text("digest", 64),
        _text("staff_name", 80),
        _time("created_at"),
        _time("seen_at"),
        _time("ended_at", nullable=True),
        _text("address", 60),
        _text("agent", 200),
        _key("web_session"),
        sa.UniqueConstraint("digest", name=op.f("uq_web_session_digest")),
    )
    op.create_index("ix_web_session_staff_name", "web_session", ["staff_name"])
    op.create_table(
        "login_attempt",
        _id(),
        _text("staff_name", 80),
        _text("address", 60),
        _time("at"),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        _key("login_attempt"),
    )
    op.create_index("ix_login_attempt_at", "login_attempt", ["at"])


def _work() -> None:
    op.create_table(
        "case_note",
        _id(),
        sa.Column("case_id", _ROW_ID, nullable=False),
        _time("at"),
        _text("by", 80),
        _text("kind", 20),
        sa.Column("text", sa.Text(), nullable=False),
        _case("case_note"),
        _key("case_note"),
    )
    op.create_index("ix_case_note_case_id", "case_note", ["case_id"])
    op.create_table(
        "case_work",
        sa.Column("case_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("handler", sa.String(length=80), nullable=True),
        sa.Column("hold", sa.String(length=20), nullable=True),
        sa.Column("resume_on", sa.Date(), nullable=True),
        _text("changed_by", 80),
        _time("changed_at"),
        _case("case_work"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_work")),
    )
    op.create_table(
        "presence",
        sa.Column("case_id", _ROW_ID, autoincrement=False, nullable=False),
        _text("staff_name", 80),
        _time("seen_at"),
        _case("presence"),
        sa.PrimaryKeyConstraint("case_id", "staff_name", name=op.f("pk_presence")),
    )
    op.create_table(
        "case_text",
        sa.Column("case_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        _time("made_of"),
        _case("case_text"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_text")),
    )


def _texts() -> None:
    op.create_table(
        "snippet",
        _id(),
        _text("name", 80),
        sa.Column("text", sa.Text(), nullable=False),
        _text("changed_by", 80),
        _time("changed_at"),
        _key("snippet"),
        sa.UniqueConstraint("name", name=op.f("uq_snippet_name")),
    )
    op.create_table(
        "text_change",
        _id(),
        _text("name", 120),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        _text("by", 80),
        _time("at"),
        _key("text_change"),
    )
    op.create_index("ix_text_change_name", "text_change", ["name"])
    op.create_table(
        "registry_upload",
        _id(),
        _text("file_name", 200),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _text("by", 80),
        _time("at"),
        _key("registry_upload"),
    )
    op.create_table(
        "campaign_pause",
        _text("campaign", 40),
        _text("by", 80),
        _time("at"),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_campaign_pause")),
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", _ROW_ID, nullable=False)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f(f"fk_{table}_case_id_case"))


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcTime(timezone=True), nullable=nullable)
