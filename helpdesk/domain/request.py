"""The form of the guide, read as the best clerk would, each value with its place.

    1）認定施設名（可能なら認定番号）  2）施設責任者氏名
    3）施設責任者会員番号または生年月日（本人確認用）  4）対応希望内容

Labels decide where there are any: a labelled field left blank is missing, whatever
greeting, signature or From say. Only without labels is prose read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from helpdesk.domain import form_words as kinds
from helpdesk.domain.fields import Field, read_certification, read_facility
from helpdesk.domain.identities import GRAVE, Identity, read_identity, together
from helpdesk.domain.labels import Form, Label, shipped_form
from helpdesk.domain.message import Message
from helpdesk.domain.physicians import read_physician
from helpdesk.domain.prose import read_prose
from helpdesk.domain.quoting import OWN, SIGNATURE
from helpdesk.domain.values import Line, Value, cut_at_numbers, cut_into_values
from helpdesk.domain.wish import mentions_address_wish
from helpdesk.domain.wish_values import answer_above, wish_and_address
from helpdesk.domain.written_lines import answered_lines, lines_of

__all__ = ["Field", "Reading", "read_request"]

#: The fields of a reading, in the order of DESIGN section 5.
FIELD_NAMES = (
    "facility_name",
    "certification_number",
    "responsible_physician",
    "member_number",
    "birthdate",
    "request",
    "new_address",
)


# Characters: a letter has five hundred; the patterns for sentences are the slowest.
_LONGEST_PROSE = 10_000


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
    #: What stood in field 3 and could not be taken: its place, and in `note` why
    #: (`impossible`, `two_digit_year`, `day_or_month`, or one of identities.py).
    doubt: Field | None = None
    #: How it was read: `labels`, `numbers`, `quoted_form`, `prose`, in this order of trust.
    read_from: str = "prose"
    #: Where labels of the form stand, as offsets into the body; empty without any.
    labels: tuple[tuple[int, int], ...] = ()

    def values(self) -> dict[str, str | None]:
        """Return the fields by name, in the order of DESIGN section 5."""
        return {name: field.value if field else None for name, field in self.fields()}

    def fields(self) -> list[tuple[str, Field | None]]:
        """Return the fields with their places, in the order of DESIGN section 5."""
        return [(name, getattr(self, name)) for name in FIELD_NAMES]


def read_request(message: Message, form: Form | None = None) -> Reading:
    """Return what a mail asks for; where it holds no form at all, `is_request` is False.

    `form` holds the rules' words; None stands for the shipped ones.
    """
    form = form or shipped_form()
    reading = _read(message, form)
    return _finish(reading, message, form)


# What the form or its sender gives as an example is no answer.
_EXAMPLE = re.compile(
    r"[（(\[［]\s*(?:記入|入力)?例[\s　]*[:：)）／/、,]?[^（）()\[\]［］\n]*[)）\]］]"
)


def _without_examples(lines: list[Line]) -> list[Line]:
    return [
        (_EXAMPLE.sub(lambda match: " " * len(match.group()), line) if "例" in line else line, at)
        for line, at in lines
    ]


def _read(message: Message, form: Form) -> Reading:
    own = _without_examples(lines_of(message, {OWN}))
    values = cut_into_values(own, form)
    labelled = _from_values(values, message, form, "labels") if _form_kinds(values) else None
    # Of a form whose labels were deleted, a word such as 生年月日： may be left in a value.
    whole = {kinds.FACILITY, kinds.REQUEST} <= _form_kinds(values)
    if not whole and (numbered := _numbered(message, own)):
        reading = _from_values(numbered, message, form, "numbers")
        if _is_plausible(reading) and _filled(reading) > _filled(labelled):
            return reading
    if labelled:
        return labelled
    prose = _read_prose(own, form)
    if prose.member_number or prose.birthdate:
        return prose
    if _POINTS_AT_ANOTHERS.search(message.text):
        return prose  # 「私にも下記と同じ…」: the form below is somebody else's.
    # A form that was filled in inside the quotation; an empty one is our own letter.
    answered = answered_lines(message)
    values = cut_into_values(answered, form) if answered else []
    values = values if len(_form_kinds(values)) > 2 else cut_at_numbers(answered) or values
    if _form_kinds(values):
        reading = _from_values(values, message, form, "quoted_form")
        if _filled(reading) >= 2:
            return reading
    return prose


_POINTS_AT_ANOTHERS = re.compile(
    r"(?:私|当方|当院|こちら)にも|(?:下記|以下|上記)[とのに](?:同じ|同様)|同様に"
)


def labels_in(message: Message, form: Form) -> list[Label]:
    """Return the labels that were found in what the person wrote, else in the quotation."""
    own = cut_into_values(lines_of(message, {OWN}), form)
    values = own if _form_kinds(own) else cut_into_values(answered_lines(message), form)
    return [value.label for value in values]


def _numbered(message: Message, own: list[Line]) -> list[Value]:
    """Return the values of a form of numbers alone; without labels it may pass for a signature."""
    return cut_at_numbers(own) or cut_at_numbers(lines_of(message, {OWN, SIGNATURE}))


def _read_prose(lines: list[Line], form: Form) -> Reading:
    """Return what free sentences say, without labels."""
    text = "\n".join(line for line, _ in lines)[:_LONGEST_PROSE]
    found, identity = read_prose(text, lines[0][1] if lines else 0, form)
    return Reading(doubt=identity.doubt, **found)  # type: ignore[arg-type]


def _form_kinds(values: list[Value]) -> frozenset[str]:
    return frozenset(value.label.kind for value in values) & kinds.FORM_KINDS


def _filled(reading: Reading | None) -> int:
    return sum(field is not None for _, field in reading.fields()) if reading else 0


_NAMES_A_HOSPITAL = re.compile(r"病院|センター|クリニック|医院|診療所|ホスピ|大学")


def _is_plausible(reading: Reading) -> bool:
    """Say whether four numbered lines are the form: two of its fields must look like theirs."""
    name = reading.facility_name.value if reading.facility_name else ""
    signs = (
        bool(reading.certification_number or _NAMES_A_HOSPITAL.search(name)),
        bool(reading.member_number or reading.birthdate or reading.doubt),
        reading.request is not None and reading.request.value != "other",
        reading.responsible_physician is not None,
    )
    return sum(signs) >= 2 and any(signs[:3])


def _from_values(values: list[Value], message: Message, form: Form, read_from: str) -> Reading:
    # The form's own numbers first: the same words may stand in a list above it.
    ordered = sorted(values, key=lambda value: not value.label.numbered)
    found: dict[str, Field | None] = {}
    doubts: list[Field] = []
    for value in ordered:
        _read_value(value, form, found, doubts)
    if not doubts and not found.get("member_number") and not found.get("birthdate"):
        _identity_beside_names(ordered, found, doubts)
    request, address = wish_and_address(ordered, values, message, form)
    if read_from == "quoted_form" and request and not address:
        address = answer_above(request, message)
    return Reading(
        labelled=True,
        **found,  # type: ignore[arg-type]
        request=request,
        new_address=address,
        doubt=next(iter(doubts), None),
        read_from=read_from,
        labels=tuple((value.label.start, value.label.end) for value in values),
    )


def _identity_beside_names(
    values: list[Value], found: dict[str, Field | None], doubts: list[Field]
) -> None:
    """Read field 3 where it stands in brackets behind the physician: 見本 太郎（会員番号…）."""
    for value in values:
        if value.label.kind == kinds.PHYSICIAN and _SPEAKS_OF_PROOF.search(value.text):
            _keep_identity(read_identity(value.lines, kinds.IDENTITY), found, doubts)


_SPEAKS_OF_PROOF = re.compile(r"会員|生年月日|\d日?\s*生")


# A certification number, a member number or a date, alone on its line.
_LOOKS_LIKE_A_PROOF = re.compile(
    r"^[\s　]*(?:[A-Za-zＡ-Ｚ]{1,3}[-－]?[\d０-９]{3,8}|[\d０-９]{4,8}|[^\s]{0,3}[\d０-９]{1,4}[年./-][\d０-９]{1,2}[月./-][\d０-９]{1,2}日?)[\s　]*$"
)


def _read_value(
    value: Value, form: Form, found: dict[str, Field | None], doubts: list[Field]
) -> None:
    """Read one labelled value; the first that says something stands."""
    kind = value.label.kind
    if not value.lines or (value.stray and not _LOOKS_LIKE_A_PROOF.search(value.text)):
        return
    if kind == kinds.FACILITY:
        name, number = read_facility(value.lines)
        _keep(found, "facility_name", name)
        _keep(found, "certification_number", number)
    elif kind == kinds.CERTIFICATION:
        _keep(found, "certification_number", read_certification(value.lines))
        if _NAMES_A_HOSPITAL.search(value.text):
            _keep(found, "facility_name", read_facility(value.lines)[0])
    elif kind == kinds.PHYSICIAN:
        _keep(found, "responsible_physician", read_physician(value.lines, form))
    elif kind in (kinds.MEMBER, kinds.BIRTH, kinds.IDENTITY):
        _keep_identity(read_identity(value.lines, kind), found, doubts)


def _keep_identity(read: Identity, found: dict[str, Field | None], doubts: list[Field]) -> None:
    """Put what one label gives beside what the ones before gave."""
    known = Identity(found.get("member_number"), found.get("birthdate"), next(iter(doubts), None))
    both = together(known, read)
    found["member_number"], found["birthdate"] = both.member, both.birth
    doubts[:] = [both.doubt] if both.doubt else []


def _keep(found: dict[str, Field | None], name: str, field: Field | None) -> None:
    if found.get(name) is None and field is not None:
        found[name] = field


def _finish(reading: Reading, message: Message, form: Form) -> Reading:
    """Say what is missing and whether this is a request at all."""
    # Who gives a number and a date must be right in both (one of them cannot even be).
    doubt = reading.doubt
    doubtful = doubt is not None and (doubt.note in GRAVE or reading.member_number is not None)
    missing = missing_of(reading.values(), doubtful=doubtful)
    return replace(reading, missing=missing, is_request=_is_request(reading, message, form))


def missing_of(fields: Mapping[str, str | None], *, doubtful: bool = False) -> tuple[str, ...]:
    """Return what is missing of a request, in the order of the form (DESIGN section 5).

    `doubtful`: what was given as a proof beside it is none.
    """
    missing = []
    if not fields.get("facility_name") and not fields.get("certification_number"):
        missing.append("facility")
    if not fields.get("responsible_physician"):
        missing.append("responsible_physician")
    if doubtful or not (fields.get("member_number") or fields.get("birthdate")):
        missing.append("identity")
    if not fields.get("request"):
        missing.append("request")
    elif fields["request"] in ("change_address", "both") and not fields.get("new_address"):
        missing.append("new_address")
    return tuple(missing)


def _is_request(reading: Reading, message: Message, form: Form) -> bool:
    """A label of the form or an identity value, beside a wish about the address."""
    identity = reading.member_number is not None or reading.birthdate is not None
    if not reading.labelled and not identity:
        return False
    if reading.request is not None:
        return reading.request.value != "other" or reading.labelled
    filled = sum(field is not None for _, field in reading.fields()[:5])
    return reading.labelled and (
        form.in_subject.search(message.subject) is not None
        or mentions_address_wish(message.subject)
        or mentions_address_wish(message.text)
        or filled >= 2
    )
