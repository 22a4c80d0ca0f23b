"""Letters that wait to leave, where a test cares for nothing that is in them."""

from __future__ import annotations

from helpdesk.store.letters import NewLetter


def new_letter(purpose: str, *, priority: int = 10, state: str = "queued") -> NewLetter:
    """Return a letter with this purpose; its Message-ID tells it again."""
    return NewLetter(
        purpose_key=purpose,
        case_id=None,
        letter="receipt",
        recipient="a@x.test",
        message_id=f"<{purpose}@x.test>",
        source=b"x",
        automatic=True,
        priority=priority,
        state=state,
    )
