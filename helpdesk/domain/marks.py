"""How a letter of ours is known again when somebody answers it.

Every letter carries its case number in the subject and a Message-ID that holds the
case number, a digest of the letter's purpose and an HMAC over both. The shape alone
says that a mail *claims* to answer us; only the HMAC proves that the id was ours. For
mail programs that drop References the subject carries a short proof of its own:

    Re: 件名 ［照合 7kq4m2xw］【学会名】［受付番号 2026-000123］
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable

from helpdesk.domain.keyed import keyed_digest

#: Header that every letter carries; a mail that holds it is our own coming back.
OWN_HEADER = "X-Helpdesk-Letter"

# 64 bits: an id is tried by sending a mail, so guessing is slow and seen.
_MAC_HEX_DIGITS = 16
_PURPOSE_HEX_DIGITS = 12

_OWN_MESSAGE_ID = re.compile(
    r"<helpdesk\.(?P<case>\d{4}-\d{6,})\.(?P<purpose>[0-9a-f]{12})\.(?P<mac>[0-9a-f]{16})@[^<>\s]+>"
)
_SUBJECT_MARK = re.compile(
    r"[［\[]\s*受付番号\s*(?P<case>[0-9０-９]{4}[-－‐−ー][0-9０-９]{6,})\s*[］\]]"
)
_SUBJECT_PROOF = re.compile(r"[［\[]\s*照合\s*(?P<proof>[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]{8})\s*[］\]]")
# Letters that nobody takes for digits (Crockford's base 32).
_PROOF_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
# 40 bits: tried by sending a mail, and only from the correspondent's own address.
_PROOF_LENGTH = 8
_SOCIETY_MARK = re.compile(r"【[^】]{1,60}】\s*(?=[［\[]\s*受付番号)")
_REPLY_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|fw|fwd|返信|転送)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE
)
_ASCII = str.maketrans("０１２３４５６７８９－‐−ー", "0123456789----")


def _mac(key: bytes, case: str, purpose: str) -> str:
    digest = keyed_digest(key, f"letter\0{case}\0{purpose}".encode())
    return digest.hex()[:_MAC_HEX_DIGITS]


def own_message_id(key: bytes, case: str, purpose_key: str, domain: str) -> str:
    """Return the Message-ID of the letter of `case` with the unique `purpose_key`.

    The same arguments give the same id, so a letter that is built twice keeps its
    identity. `domain` is the part after @ of the desk's address.
    """
    purpose = hashlib.sha256(purpose_key.encode()).hexdigest()[:_PURPOSE_HEX_DIGITS]
    return f"<helpdesk.{case}.{purpose}.{_mac(key, case, purpose)}@{domain}>"


def own_case_number(message_ids: Iterable[str], subject: str) -> str | None:
    """Return the case number that a mail claims to answer, by shape only.

    `message_ids` are those of In-Reply-To and References, '<...>' each. Nothing may
    be released or joined on this alone: see `proven_case_number`.
    """
    for message_id in message_ids:
        if found := _OWN_MESSAGE_ID.fullmatch(message_id):
            return found["case"]
    if found := _SUBJECT_MARK.search(subject):
        return found["case"].translate(_ASCII)
    return None


def proven_case_number(key: bytes, message_ids: Iterable[str]) -> str | None:
    """Return the case number of the first id whose HMAC is ours, else None."""
    for message_id in message_ids:
        found = _OWN_MESSAGE_ID.fullmatch(message_id)
        if found and hmac.compare_digest(_mac(key, found["case"], found["purpose"]), found["mac"]):
            return found["case"]
    return None


def subject_proof(key: bytes, case: str) -> str:
    """Return the mark that proves a case number in a subject, ［照合 7kq4m2xw］."""
    number = int.from_bytes(keyed_digest(key, f"subject\0{case}".encode()))
    digits = (_PROOF_DIGITS[(number >> 5 * at) & 31] for at in range(_PROOF_LENGTH))
    return f"［照合 {''.join(digits)}］"


def with_proof(key: bytes, case: str, subject: str) -> str:
    """Return a subject of ours with its proof, in front of society and number."""
    proof = subject_proof(key, case)
    mark = _SOCIETY_MARK.search(subject) or _SUBJECT_MARK.search(subject)
    at = mark.start() if mark else len(subject)
    return f"{subject[:at]}{proof}{subject[at:]}"


def proven_by_subject(key: bytes, subject: str) -> str | None:
    """Return the case number that a subject carries together with its proof, else None."""
    case, proof = _SUBJECT_MARK.search(subject), _SUBJECT_PROOF.search(subject)
    if not case or not proof:
        return None
    number = case["case"].translate(_ASCII)
    given = unicodedata.normalize("NFKC", proof["proof"]).lower()
    wanted = subject_proof(key, number)[4:-1]
    return number if hmac.compare_digest(given, wanted) else None


def is_own_message_id(message_id: str) -> bool:
    """Say whether an id has the shape of a letter of ours."""
    return _OWN_MESSAGE_ID.fullmatch(message_id) is not None


def plain_subject(subject: str) -> str:
    """Return a subject without reply prefixes and without our own marks."""
    bare = _SUBJECT_MARK.sub("", _SOCIETY_MARK.sub("", _SUBJECT_PROOF.sub("", subject)))
    return _REPLY_PREFIX.sub("", bare).strip()
