"""Deadlines: reminders, contact tasks, corrections and links; letters know their matter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.store.schema import UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("letter") as table:
        table.add_column(sa.Column("matter", sa.String(length=20), nullable=True))
    op.create_table(
        "reminder",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("campaign", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("certification_number", sa.String(length=40), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("decided_at", UtcTime(timezone=True), nullable=False),
        sa.Column("skipped", sa.String(length=20), nullable=True),
        sa.Column("letter_id", _ROW_ID, nullable=True),
        sa.Column("case_id", _ROW_ID, nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("reopened_at", UtcTime(timezone=True), nullable=True),
        _case_key("reminder"),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_reminder_letter_id_letter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "campaign",
            "year",
            "certification_number",
            "step",
            name=op.f("uq_reminder_campaign_year_certification_number_step"),
        ),
    )
    op.create_index("ix_reminder_letter_id", "reminder", ["letter_id"])
    op.create_index("ix_reminder_case_id", "reminder", ["case_id"])
    op.create_table(
        "unreachable_address",
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("since", UtcTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_unreachable_address")),
    )
    _contact_task()
    _correction()
    _link()


def _contact_task() -> None:
    op.create_table(
        "contact_task",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("purpose_key", sa.String(length=120), nullable=False),
        sa.Column("certification_number", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", UtcTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_task")),
        sa.UniqueConstraint("purpose_key", name=op.f("uq_contact_task_purpose_key")),
    )
    op.create_index(
        "ix_contact_task_certification_number", "contact_task", ["certification_number"]
    )


def _correction() -> None:
    op.create_table(
        "correction",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("certification_number", sa.String(length=40), nullable=False),
        sa.Column("case_id", _ROW_ID, nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reopens_on", sa.Date(), nullable=True),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        _case_key("correction"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_certification_number", "correction", ["certification_number"])
    op.create_index("ix_correction_case_id", "correction", ["case_id"])


def _link() -> None:
    op.create_table(
        "link",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("purpose_key", sa.String(length=120), nullable=False),
        sa.Column("affiliate_number", sa.String(length=40), nullable=False),
        sa.Column("core_number", sa.String(length=40), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("trouble", sa.String(length=20), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("case_id", _ROW_ID, nullable=True),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("answered_at", UtcTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        _case_key("link"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("purpose_key", name=op.f("uq_link_purpose_key")),
    )
    op.create_index("ix_link_affiliate_number", "link", ["affiliate_number"])
    op.create_index("ix_link_case_id", "link", ["case_id"])


def _case_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f(f"fk_{table}_case_id_case"))
