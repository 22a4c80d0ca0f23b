"""Bytes of strangers and tables for spreadsheets, handed out so that neither can do anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from helpdesk.console.guard import MAIL_POLICY
from helpdesk.domain.csv_safety import safe_cell


def attachment(name: str, octets: bytes) -> Response:
    """Return a file to be saved and never shown (RFC 6266), whatever it claims to be."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_"
                    for char in name)[:100] or "file"  # fmt: skip
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name[:150], safe='')}"
    return Response(
        octets,
        media_type="application/octet-stream",
        headers={"Content-Disposition": named, "Content-Security-Policy": "sandbox"},
    )


def framed_html(html: str) -> Response:
    """Return the HTML of a mail for a frame without scripts and outside requests."""
    headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(html, headers=headers)


def table(name: str, rows: Iterable[Sequence[object]]) -> Response:
    """Return a CSV that Excel opens as it is, with no cell that would be a formula."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([harmless(one) for one in row] for row in rows)
    response = attachment(name, out.getvalue().encode("utf-8-sig"))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    return response


def harmless(value: object) -> str:
    """Return a cell's text; one that could be a formula gets an apostrophe in front."""
    return str(value) if isinstance(value, int | float) else safe_cell(value)
