"""The audit log's head is sealed; subjects and names hold no proofs any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.domain.proofs import without_proofs
from helpdesk.store.audit import seal_head

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("audit_head") as table:
        table.add_column(sa.Column("seal", sa.String(length=64), nullable=False, server_default=""))
    bind = op.get_bind()
    seal_head(bind)
    _take_out_proofs(bind)


def _take_out_proofs(bind: sa.Connection) -> None:
    case = sa.table("case", sa.column("id"), sa.column("subject"), sa.column("correspondent_name"))
    rows = bind.execute(sa.select(case.c.id, case.c.subject, case.c.correspondent_name)).all()
    for case_id, subject, name in rows:
        bare = {"subject": without_proofs(subject), "correspondent_name": without_proofs(name)}
        if bare != {"subject": subject, "correspondent_name": name}:
            bind.execute(sa.update(case).where(case.c.id == case_id).values(**bare))
            bind.execute(sa.text("DELETE FROM case_text WHERE case_id = :id"), {"id": case_id})
