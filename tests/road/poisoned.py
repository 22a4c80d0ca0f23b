"""The daemon with a reader that fails on one mail, as a bug of ours would."""

from __future__ import annotations

from typing import Any

from helpdesk import cli
from helpdesk.desk import handling

_real = handling.read_stored


def _read(*args: Any) -> Any:
    if b"<poison@x.test>" in (args[3] or b""):
        raise RuntimeError("POISON: the text of the mail")
    return _real(*args)


if __name__ == "__main__":
    handling.read_stored = _read
    cli.main()
