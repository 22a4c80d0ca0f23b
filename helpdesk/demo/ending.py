"""How the demo is ended: by Ctrl-C, by a closed terminal, or by whoever started it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)


class Ending:
    """Turns every way of ending the demo into one KeyboardInterrupt, at a moment that suits."""

    def __init__(self) -> None:
        """Take the signals over."""
        self._asked = self._held = False
        for number in _ENDING:
            signal.signal(number, self._end)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        again, self._asked = self._asked, True
        if not (self._held or again):  # Whoever asks twice does not end the tidying up.
            raise KeyboardInterrupt

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Let nothing end the demo inside: a process that was just started is not known yet."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._asked:
            raise KeyboardInterrupt
