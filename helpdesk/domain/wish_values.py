"""Wish and new address out of the labelled values: field 4 and what stands beside it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from helpdesk.domain import form_words as kinds
from helpdesk.domain.fields import Field
from helpdesk.domain.labels import Form
from helpdesk.domain.message import Message
from helpdesk.domain.new_address import addresses_in, find_new_address, offers_address
from helpdesk.domain.quoting import OWN
from helpdesk.domain.values import Line, Value
from helpdesk.domain.wish import read_wish
from helpdesk.domain.written_lines import lines_of


def wish_and_address(
    ordered: list[Value], values: list[Value], message: Message, form: Form
) -> tuple[Field | None, Field | None]:
    asked = [value for value in ordered if value.label.kind == kinds.REQUEST and value.lines]
    asked = [one for one in asked if not one.stray or _SPEAKS_OF_A_WISH.search(one.text)]
    request = next((wish for one in asked if (wish := read_wish(one.lines, form))), None)
    if request is not None and request.value in ("change_address", "both"):
        return request, _new_address(values, message)
    if request is None and not asked:
        # A new address behind its own label is a wish, even where field 4 is left out.
        labelled = [v for v in values if v.label.kind == kinds.NEW_ADDRESS and v.lines]
        has_field_4 = any(value.label.kind == kinds.REQUEST for value in values)
        address = find_new_address(labelled[0].lines) if labelled and not has_field_4 else None
        if address:
            return replace(address, value="change_address", note="by the new address"), address
    return request, None


# What stands below the form without touching it must speak of a wish to be one.
_SPEAKS_OF_A_WISH = re.compile(
    r"[①②]|^\W*[12１２](?![\d０-９])|アドレス|メアド|確認希望|登録希望|両方"
)


def _new_address(values: list[Value], message: Message) -> Field | None:
    """Return the new address: behind its own label, in the wish, or else offered in the text."""
    known = addresses_in(message.signature)
    address = _given_address(values, message, known)
    asked_to = {one.address.lower() for one in message.to}
    return None if address and address.value.lower() in asked_to else address


def _given_address(values: list[Value], message: Message, known: frozenset[str]) -> Field | None:
    for wanted in (kinds.NEW_ADDRESS, kinds.REQUEST):
        lines = [line for v in values if v.label.kind == wanted for line in v.lines]
        if any("@" in line or "＠" in line for line, _ in lines):
            return find_new_address(lines, known)
    asked = [v.text for v in values if v.label.kind == kinds.NEW_ADDRESS]
    if asked and not any(_POINTS_DOWN.search(text) for text in asked):
        return None  # It was to stand there; an address elsewhere is somebody's.
    beside = _address_beside_wish(values)
    if beside:
        return find_new_address(beside, known)
    own = lines_of(message, {OWN})
    offered = [
        line
        for at, line in enumerate(own)
        if offers_address(line[0], own[at - 1][0] if at else "")
        and not re.match(r"[\s　]*(?:旧|現在|変更前)", line[0])
    ]
    return find_new_address(offered, known)


_POINTS_DOWN = re.compile(r"下記|以下|次の|右記|後述|↓")

_ADDRESS_ALONE = re.compile(
    r"^[\s　]*[<(（「]?[!-~！-～]+[@＠][!-~！-～]+[>)）」]?(?:[\s　]*(?:です|でお願い).*)?[。\s　]*$"
)


def answer_above(request: Field, message: Message) -> Field | None:
    """Return the address that somebody wrote above our quoted question, and nothing else."""
    if request.value not in ("change_address", "both"):
        return None
    return find_new_address(
        [one for one in lines_of(message, {OWN}) if _ADDRESS_ALONE.match(one[0])]
    )


def _address_beside_wish(values: list[Value]) -> list[Line]:
    """Return what is behind メールアドレス： right below field 4."""
    for before, value in pairwise(values):
        near = before.label.kind in (kinds.REQUEST, kinds.OLD_ADDRESS, kinds.NEW_ADDRESS)
        if near and value.label.kind == kinds.ADDRESS:
            gap = value.label.start - (
                before.lines[-1][1] + len(before.lines[-1][0]) if before.lines else before.label.end
            )
            if gap <= 2:
                return list(value.lines)
    return []
