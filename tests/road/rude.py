"""The daemon whose reader's child kills itself on one mail, as a bug in a C library would."""

from __future__ import annotations

import sys
from pathlib import Path

from helpdesk import cli
from helpdesk.mail import reader_process

_RUDE = [sys.executable, str(Path(__file__).parents[1] / "mail" / "rude_child.py")]
_real = reader_process._started

if __name__ == "__main__":
    reader_process._started = lambda _command: _real(_RUDE)
    cli.main()
