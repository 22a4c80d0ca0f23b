"""The one family of exceptions that crosses rooms."""

from __future__ import annotations


class HelpdeskError(Exception):
    """Something went wrong.

    The text is for the operator: one sentence that says what happened and what to
    do. It never holds a person's data, because it is logged.
    """

    #: Set by the subclass: True when the same call may succeed later without
    #: anybody doing anything.
    temporary: bool = False
