"""Whose hands a request went through, which turn of a change a proof speaks of, whose record it is.

The rule that nobody approves what they entered or put right themselves moves from a check
of one row into triggers, because it looks at the action and at the notes of its case.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SAID = "who entered or corrected a request may not approve it"
_OWN_HANDS = """
    EXISTS (SELECT 1 FROM action a WHERE a.id = NEW.action_id AND a.entered_by = NEW."by")
    OR EXISTS (SELECT 1 FROM action a JOIN case_note n ON n.case_id = a.case_id
               WHERE a.id = NEW.action_id AND a.kind IN ('confirm_address', 'change_address')
               AND n.kind = 'fields' AND n.text <> '-' AND n."by" = NEW."by")
"""


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("action") as table:
        table.add_column(sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("called_back_for", sa.String(length=64), nullable=True))
        table.add_column(
            sa.Column("facts_moved", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_table(
        "staff_record",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("staff_name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_record")),
        sa.UniqueConstraint(
            "staff_name", "kind", "digest", name=op.f("uq_staff_record_staff_name_kind_digest")
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("entered_by_another", "approval", type_="check")
        op.execute(
            "CREATE FUNCTION approval_is_by_another() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF NOT NEW.alone AND ({_OWN_HANDS}) THEN RAISE EXCEPTION '{_SAID}'"
            " USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER approval_by_another BEFORE INSERT ON approval"
            " FOR EACH ROW EXECUTE FUNCTION approval_is_by_another()"
        )
        return
    with op.batch_alter_table("approval") as table:
        table.drop_constraint("entered_by_another", type_="check")
    op.execute(
        "CREATE TRIGGER approval_by_another BEFORE INSERT ON approval"
        f" WHEN NOT NEW.alone AND ({_OWN_HANDS})"
        f" BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
    )
