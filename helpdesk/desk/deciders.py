"""Who may decide (承認者)."""

from __future__ import annotations

from helpdesk.desk.context import Refused
from helpdesk.store import staff
from helpdesk.store.database import Transaction

#: Roles that may decide; an operator looks after the machine.
_DECIDING = frozenset({"approver", "admin"})


def require_decider(tx: Transaction, name: str) -> None:
    """Raise Refused where nobody of this name may decide."""
    member = staff.staff_by_name(tx, name)
    if member is None:
        raise Refused(
            "there is no user of that name; add one with: helpdesk user add NAME --role …"
        )
    if member.role not in _DECIDING:
        raise Refused(f"the role {member.role} may not decide; an approver or admin may")
