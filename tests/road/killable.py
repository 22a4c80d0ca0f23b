"""The daemon with a bomb in it: kills itself with SIGKILL at one named point.

Run as `python -m tests.road.killable run`; the point and the times it is passed before
the bomb goes off come from the environment. The product knows nothing of this.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from helpdesk import cli, sender
from helpdesk.desk import intake, outbox, watching
from helpdesk.mail.mailbox import Mailbox
from helpdesk.mail.transport import Relay
from helpdesk.store import mails, reminders

_passed = 0


def _explode() -> None:
    global _passed  # noqa: PLW0603 (one process, one bomb)
    _passed += 1
    if _passed > int(os.environ.get("KILL_AFTER", "0")):
        os.kill(os.getpid(), signal.SIGKILL)


def _bomb(owner: Any, name: str, when: str) -> None:
    real: Callable[..., Any] = getattr(owner, name)

    if name in ("offer", "hand_over"):

        @functools.wraps(real)
        async def armed_later(*args: Any, **kwargs: Any) -> Any:
            if when == "before":
                _explode()
            result = await real(*args, **kwargs)
            if when == "after":
                _explode()
            return result

        setattr(owner, name, armed_later)
        return

    @functools.wraps(real)
    def armed(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            _explode()
        result = real(*args, **kwargs)
        if when == "after":
            _explode()
        return result

    setattr(owner, name, armed)


#: The points of the road, in its order: where, what, and before or after it.
POINTS: dict[str, tuple[Any, str, str]] = {
    "before_raw_commit": (intake, "take_in", "before"),
    "inside_raw_commit": (mails, "insert_mails", "after"),
    "after_raw_commit": (intake, "take_in", "after"),
    "inside_decision": (mails, "record_decision", "after"),
    "after_decision": (watching, "decide_all", "after"),
    "before_filing": (Mailbox, "move", "before"),
    "after_filing": (Mailbox, "move", "after"),
    "after_claim": (outbox, "claim_due", "after"),
    "after_rcpt": (Relay, "offer", "after"),
    "before_written_down": (outbox, "write_down", "before"),
    "after_written_down": (outbox, "write_down", "after"),
    "before_data": (Relay, "hand_over", "before"),
    "after_250": (Relay, "hand_over", "after"),
    "before_sent_copy": (Mailbox, "append_sent", "before"),
    "after_sent_copy": (Mailbox, "append_sent", "after"),
}

#: The same for the calendar, which no mail wakes.
CALENDAR_POINTS: dict[str, tuple[Any, str, str]] = {
    "inside_step": (reminders, "set_letter", "after"),
    "before_hook": (outbox, "claim_due", "before"),
    "after_hook": (outbox, "claim_due", "after"),
    "after_250": (Relay, "hand_over", "after"),
}


if __name__ == "__main__":
    # Whoever comes after waits for the lease of the one that died: here less long.
    outbox.LEASE = timedelta(seconds=4)
    sender.HEARTBEAT_S = 1.0
    _bomb(*(POINTS | CALENDAR_POINTS)[os.environ["KILL_POINT"]])
    cli.main()
