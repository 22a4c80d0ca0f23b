"""The form of the guide, read as the best clerk would, each value with its place.

    1）認定施設名（可能なら認定番号）  2）施設責任者氏名
    3）施設責任者会員番号または生年月日（本人確認用）  4）対応希望内容

Labels decide where there are any: a labelled field left blank is missing, whatever
greeting, signature or From say. Only without labels is prose read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields

from helpdesk.domain import labels as kinds
from helpdesk.domain.fields import (
    Field,
    read_certification,
    read_facility,
    read_identity,
    read_physician,
)
from helpdesk.domain.labels import Label, find_labels
from helpdesk.domain.message import Message
from helpdesk.domain.prose import read_prose
from helpdesk.domain.quoting import OWN, QUOTED, unquoted
from helpdesk.domain.wish import find_new_address, mentions_address_wish, read_wish

__all__ = ["Field", "Reading", "read_request"]

# A value has few lines; what follows an empty line after it is another matter.
_VALUE_LINES = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a request. Values are as written, normalised, not corrected."""

    is_request: bool = False
    #: Whether labels of the form were found.
    labelled: bool = False
    facility_name: Field | None = None
    certification_number: Field | None = None
    responsible_physician: Field | None = None
    member_number: Field | None = None
    birthdate: Field | None = None
    request: Field | None = None
    new_address: Field | None = None
    #: ⊆ facility, responsible_physician, identity, request, new_address.
    missing: tuple[str, ...] = ()

    def values(self) -> dict[str, str | None]:
        """Return the fields by name, in the order of DESIGN section 5."""
        return {
            name: (getattr(self, name).value if getattr(self, name) else None) for name in _NAMES
        }


_NAMES = (
    "facility_name",
    "certification_number",
    "responsible_physician",
    "member_number",
    "birthdate",
    "request",
    "new_address",
)


@dataclass(frozen=True, slots=True)
class Value:
    """The text behind one label, with the offset of each of its lines."""

    label: Label
    lines: tuple[tuple[str, int], ...]

    @property
    def text(self) -> str:
        """The lines joined."""
        return "\n".join(line for line, _ in self.lines)


def read_request(message: Message) -> Reading:
    """Return what a mail asks for; where it holds no form at all, `is_request` is False."""
    own = _lines(message, OWN)
    values = _values(own)
    if not _form_kinds(values):
        quoted = _values(_lines(message, QUOTED))
        # A form that was filled in inside the quotation; an empty one is our own letter.
        reading = _from_values(quoted, message) if _form_kinds(quoted) else None
        if reading and _says_something(reading):
            return _finish(reading, message)
        return _finish(_read_prose(own), message)
    return _finish(_from_values(values, message), message)


def _read_prose(lines: list[tuple[str, int]]) -> Reading:
    """Return what free sentences say, without labels."""
    text = "\n".join(line for line, _ in lines)
    found = read_prose(text, lines[0][1] if lines else 0)
    return Reading(
        facility_name=found.get("facility_name"),
        certification_number=found.get("certification_number"),
        responsible_physician=found.get("responsible_physician"),
        member_number=found.get("member_number"),
        birthdate=found.get("birthdate"),
        request=found.get("request"),
        new_address=found.get("new_address"),
    )


def _lines(message: Message, kind: str) -> list[tuple[str, int]]:
    """Return the lines of one kind with their offsets into the body."""
    lines: list[tuple[str, int]] = []
    for segment in message.segments:
        if segment.kind != kind:
            continue
        offset = segment.start
        for line in message.body[segment.start : segment.end].removesuffix("\n").split("\n"):
            bare = unquoted(line) if kind == QUOTED else line
            lines.append((bare, offset + len(line) - len(bare)))
            offset += len(line) + 1
    return lines


def _values(lines: list[tuple[str, int]]) -> list[Value]:
    """Cut lines at their labels into values."""
    found: list[Value] = []
    for line, offset in lines:
        labels = find_labels(line, offset)
        if not labels:
            if found:
                found[-1] = replace(found[-1], lines=(*found[-1].lines, (line, offset)))
            continue
        if found and (before := line[: labels[0].start - offset]).strip():
            found[-1] = replace(found[-1], lines=(*found[-1].lines, (before, offset)))
        for index, label in enumerate(labels):
            end = labels[index + 1].start if index + 1 < len(labels) else offset + len(line)
            rest = line[label.end - offset : end - offset]
            found.append(Value(label, ((rest, label.end),)))
    return [_trimmed(value) for value in found]


def _trimmed(value: Value) -> Value:
    """Keep the lines that belong to a value: up to the empty line behind its first words."""
    kept: list[tuple[str, int]] = []
    for line, offset in value.lines:
        if kinds.is_ruler(line):
            if kept:
                break
            continue
        if not line.strip():
            if kept and value.label.kind != kinds.REQUEST:
                break
            continue
        if kinds.is_note(line):
            continue
        if kinds.is_closing(line):
            break
        kept.append((line, offset))
        if len(kept) >= _VALUE_LINES:
            break
    return replace(value, lines=tuple(kept))


_FORM = frozenset(
    {
        kinds.FACILITY,
        kinds.CERTIFICATION,
        kinds.PHYSICIAN,
        kinds.MEMBER,
        kinds.BIRTH,
        kinds.IDENTITY,
        kinds.REQUEST,
    }
)


def _form_kinds(values: list[Value]) -> set[str]:
    return {value.label.kind for value in values} & _FORM


def _says_something(reading: Reading) -> bool:
    return sum(getattr(reading, name) is not None for name in _NAMES) >= 2


def _from_values(values: list[Value], message: Message) -> Reading:
    found: dict[str, Field | None] = {}
    # The form's own numbers first: the same words may stand in a list above it.
    values = sorted(values, key=lambda value: not value.label.numbered)
    for value in values:
        _read_value(value, found)
    request = _wish_of(values)
    address = None
    if request is not None and request.value in ("change_address", "both"):
        address = _new_address_of(values, message)
    elif request is None or request.value == "other":
        labelled = [v for v in values if v.label.kind == kinds.NEW_ADDRESS and "@" in _folded(v)]
        if (
            labelled
            and request is None
            and not any(v.lines for v in values if v.label.kind == kinds.REQUEST)
        ):
            address = _new_address_of(values, message)
            if address:
                request = replace(address, value="change_address", note="by the new address")
    return Reading(
        labelled=True,
        facility_name=found.get("facility_name"),
        certification_number=found.get("certification_number"),
        responsible_physician=found.get("responsible_physician"),
        member_number=found.get("member_number"),
        birthdate=found.get("birthdate"),
        request=request,
        new_address=address,
    )


def _folded(value: Value) -> str:
    return value.text.replace("＠", "@")


def _read_value(value: Value, found: dict[str, Field | None]) -> None:
    """Read one labelled value; the first that says something stands."""
    kind = value.label.kind
    if not value.lines:
        return
    if kind == kinds.FACILITY:
        name, number = read_facility(value.lines)
        _keep(found, "facility_name", name)
        _keep(found, "certification_number", number)
    elif kind == kinds.CERTIFICATION:
        _keep(found, "certification_number", read_certification(value.lines))
    elif kind == kinds.PHYSICIAN:
        _keep(found, "responsible_physician", read_physician(value.lines))
    elif kind in (kinds.MEMBER, kinds.BIRTH, kinds.IDENTITY):
        member, birth = read_identity(value.lines, kind)
        _keep(found, "member_number", member)
        _keep(found, "birthdate", birth)


def _keep(found: dict[str, Field | None], name: str, field: Field | None) -> None:
    if found.get(name) is None and field is not None:
        found[name] = field


def _wish_of(values: list[Value]) -> Field | None:
    for value in values:
        if value.label.kind == kinds.REQUEST and value.lines:
            wish = read_wish(value.lines)
            if wish is not None:
                return wish
    return None


def _new_address_of(values: list[Value], message: Message) -> Field | None:
    """Return the new address: behind its own label, in the wish, or else in the text."""
    for wanted in (kinds.NEW_ADDRESS, kinds.REQUEST):
        lines = [line for v in values if v.label.kind == wanted for line in v.lines]
        if lines and any("@" in line or "＠" in line for line, _ in lines):
            return find_new_address(lines)
    elsewhere = [
        line
        for line in _lines(message, OWN)
        if not any(label.kind == kinds.OTHER for label in find_labels(*line))
    ]
    return find_new_address(elsewhere)


def _finish(reading: Reading, message: Message) -> Reading:
    """Say what is missing and whether this is a request at all."""
    missing = []
    if reading.facility_name is None and reading.certification_number is None:
        missing.append("facility")
    if reading.responsible_physician is None:
        missing.append("responsible_physician")
    if reading.member_number is None and reading.birthdate is None:
        missing.append("identity")
    if reading.request is None:
        missing.append("request")
    elif reading.request.value in ("change_address", "both") and reading.new_address is None:
        missing.append("new_address")
    return replace(reading, missing=tuple(missing), is_request=_is_request(reading, message))


def _is_request(reading: Reading, message: Message) -> bool:
    """A label of the form or an identity value, beside a wish about the address."""
    identity = reading.member_number is not None or reading.birthdate is not None
    if not reading.labelled and not identity:
        return False
    if reading.request is not None:
        return reading.request.value != "other" or reading.labelled
    return reading.labelled and (
        mentions_address_wish(message.subject)
        or mentions_address_wish(message.text)
        or _filled(reading) >= 2
    )


def _filled(reading: Reading) -> int:
    return sum(
        getattr(reading, one.name) is not None
        for one in dataclass_fields(reading)
        if one.name
        in (
            "facility_name",
            "certification_number",
            "responsible_physician",
            "member_number",
            "birthdate",
        )
    )
