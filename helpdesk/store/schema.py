"""The tables. Each state is a column; nothing that must be true lives in memory.

Times are aware UTC. Text that holds several values is JSON. The same tables serve
SQLite and PostgreSQL, so only types that both know are used.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


# The rows of one transaction share a few moments.
_MOMENTS = 8


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite has no zones, so they are dropped and put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would be taken for the server's zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def bind_processor(self, dialect: Dialect) -> Any:
        """Give SQLite the text that its DateTime would make, for a third of the time."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)

        @lru_cache(maxsize=_MOMENTS)
        def as_text(value: datetime | None) -> str | None:
            bound = self.process_bind_param(value, dialect)
            return None if bound is None else bound.isoformat(" ", "microseconds")

        return as_text

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


# SQLite numbers rows by itself only where the type is exactly INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

#: Small durable facts by name: the go-live mark, the version of the registry.
state = Table(
    "state",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", JSON, nullable=False),
)

#: The last case number given out, by year (Japan time).
case_counter = Table(
    "case_counter",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

#: What only one process may do at a time, such as watching the mailbox.
lease = Table(
    "lease",
    metadata,
    Column("name", String(300), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
    #: Plus one at every change of hands.
    Column("fence", Integer, nullable=False),
)

registry_import = Table(
    "registry_import",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("imported_by", String(80), nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("conflicts", Integer, nullable=False),
)

#: That an import changed columns of a facility that a proof rests on; never their values.
registry_shift = Table(
    "registry_shift",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("certification_number", String(40), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("imported_by", String(80), nullable=False),
    Column("columns", JSON, nullable=False),
    Index("ix_registry_shift_certification_number_at", "certification_number", "at"),
)

#: The certified facilities. A row is never deleted: a facility that left the file
#: has `removed_at` and takes part in no matching.
facility = Table(
    "facility",
    metadata,
    Column("certification_number", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(10), nullable=False),  # core | affiliate
    Column("physician", Text, nullable=False),
    Column("physician_kana", Text, nullable=False, default=""),
    # Sealed (see store/vault.py), with a keyed digest by which the number is looked up.
    Column("member_number", Text, nullable=False, default=""),
    Column("member_index", String(64), nullable=False, default=""),
    Column("birthdate", Text, nullable=False, default=""),
    Column("address", Text, nullable=False, default=""),
    Column("core_number", String(40), nullable=False, default=""),
    Column("application_state", String(20), nullable=False, default=""),
    Column("certified_from", Date),
    Column("certified_until", Date),
    # None: the file has no such column; nothing may be claimed then.
    Column("application_form", Boolean),
    Column("summary_form", Boolean),
    Column("sealed_documents", Boolean),
    Column("application_address", Text, nullable=False, default=""),
    Column("member_address", Text, nullable=False, default=""),
    Column("main_phone", Text, nullable=False, default=""),
    Column("former_names", JSON, nullable=False),  # list of str
    Column("extra", JSON, nullable=False),  # list of [column, value]
    #: Plus one at every change of the row; what a clerk approved names the version shown.
    Column("version", Integer, nullable=False, default=1),
    Column("removed_at", UtcTime),
    #: A change approved here that the portal's export does not show yet: the address
    #: before it, and since when. Cleared by the import that shows the new address.
    Column("address_before", Text),
    Column("address_changed_at", UtcTime),
    Index("ix_facility_member_index", "member_index"),
)

#: One row for each mail that reached the mailbox, whatever became of it.
mail = Table(
    "mail",
    metadata,
    Column("id", RowId, primary_key=True),
    # None: never fetched (oversize).
    Column("sha256", String(64), unique=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("received_at", UtcTime, nullable=False),  # INTERNALDATE
    Column("taken_at", UtcTime, nullable=False),
    # Where it was first seen; `place` has every place.
    Column("mailbox", Text, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    # What follows is None until the mail is decided. Of a mail that is not ours
    # (`other`) only the hash, the place and the decision are kept.
    Column("disposition", String(20)),
    Column("topic", String(40)),
    Column("reasons", JSON),  # list of str, no personal data
    Column("message_id", Text),
    # Digest of sender, subject and body: the same mail delivered twice has it twice.
    Column("content_key", String(64)),
    Column("case_id", RowId, ForeignKey("case.id")),
    Column("duplicate_of", RowId, ForeignKey("mail.id")),
    Column("decided_at", UtcTime),
    #: Counted and committed before the work, so that a mail that kills the process
    #: is known after three tries.
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text),
    Index("ix_mail_message_id", "message_id"),
    Index("ix_mail_case_id", "case_id"),
    # The queue of what is still to be decided is short: the index holds the NULLs.
    Index("ix_mail_disposition", "disposition"),
)

#: The raw bytes, sealed (see store/vault.py), apart from `mail` so that lists never read them.
mail_source = Table(
    "mail_source",
    metadata,
    Column("mail_id", RowId, ForeignKey("mail.id"), primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
)

#: Where a mail lies or lay on the server, and what is to be done with it there. A
#: hint only: the row in `mail` decides, the folder is for people.
place = Table(
    "place",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("mailbox", Text, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("mail_id", RowId, ForeignKey("mail.id")),  # None: from before go-live
    # undecided | pending (to be filed in `folder`) | filed | left | before_go_live
    Column("filing", String(20), nullable=False),
    Column("folder", Text),
    UniqueConstraint("mailbox", "uidvalidity", "uid"),
    Index("ix_place_mail_id", "mail_id"),
    Index("ix_place_filing", "filing"),
)

case = Table(
    "case",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("state", String(20), nullable=False),  # open|waiting_sender|waiting_staff|closed
    Column("correspondent", Text, nullable=False),  # address in From of the first mail
    Column("correspondent_name", Text, nullable=False, default=""),
    Column("subject", Text, nullable=False, default=""),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    # The request as read so far: the keys of `fields`, and what is missing. Member number
    # and birthdate are sealed, and erased when the case closes.
    Column("fields", JSON, nullable=False),
    Column("missing", JSON, nullable=False),
    Column("verdict", String(20)),
    Column("certification_number", String(40)),
    #: Keyed digest of the member number that was verified, or that the facility of a notice
    #: had when it was opened: whose case it is, also later.
    Column("member_index", String(64), nullable=False, default="", server_default=""),
    #: Keyed digest of the member number that was typed, right or wrong.
    Column("typed_index", String(64), nullable=False, default="", server_default=""),
    # Message-IDs of the thread, oldest first, for References.
    Column("thread", JSON, nullable=False),
    Column("related_case_id", RowId, ForeignKey("case.id")),
    #: When staff last answered by their own mail program (Outlookで返信済).
    Column("answered_outside_at", UtcTime),
    Index("ix_case_correspondent", "correspondent"),
    Index("ix_case_state", "state"),
    Index("ix_case_updated_at", "updated_at"),
    Index("ix_case_certification_number", "certification_number"),
    Index("ix_case_member_index", "member_index"),
    Index("ix_case_typed_index", "typed_index"),
)

action = Table(
    "action",
    metadata,
    Column("id", RowId, primary_key=True),
    # One purpose, one action: `mail:17:confirm_address`.
    Column("purpose_key", Text, nullable=False, unique=True),
    Column("case_id", RowId, ForeignKey("case.id"), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("state", String(20), nullable=False),
    Column("verdict", String(20)),
    Column("certification_number", String(40)),
    #: Version of the facility's row that the verdict was made on.
    Column("facility_version", Integer),
    Column("new_address", Text),
    Column("evidence", JSON, nullable=False),  # list of [part, result, reason]
    Column("note", Text, nullable=False, default=""),  # why a person is asked
    #: The letter that is ready to be sent, where there is one.
    Column("letter", String(40)),
    Column("created_at", UtcTime, nullable=False),
    Column("decided_at", UtcTime),
    Column("decided_by", String(80)),
    Column("reason", Text),
    Column("reflected_at", UtcTime),
    Column("reflected_by", String(80)),
    #: What a person must know before deciding: keys of MARKS in domain/approval.py.
    Column("marks", JSON, nullable=False, default=list),
    #: Keyed digests of the facts as they were shown, by name; see domain/approval.py.
    Column("facts", JSON, nullable=False, default=dict),
    #: Who entered it by hand, from a call or a fax; None: a mail called it forth.
    Column("entered_by", String(80)),
    #: Whether the domain in From vouched for the request, as our own server found.
    Column("authenticated", Boolean, nullable=False, default=False),
    #: A named approver spoke with the facility by the registry's 代表電話.
    Column("called_back_by", String(80)),
    Column("called_back_at", UtcTime),
    #: Digest of what it was about; where that moved it counts for nothing.
    Column("called_back_for", String(64)),
    #: Plus one each time that a change begins anew: what was said before counts no more.
    Column("turn", Integer, nullable=False, default=0),
    #: The facts are not those that it was queued with.
    Column("facts_moved", Boolean, nullable=False, default=False),
    Index("ix_action_state", "state"),
    Index("ix_action_case_id", "case_id"),
)

#: Questions that a person answered with a topic's letter, without the person's data:
#: changed rules are tried on them before they are put in force.
example = Table(
    "example",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("action_id", RowId, ForeignKey("action.id"), nullable=False, unique=True),
    Column("topic", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

#: The outbox: each letter's way to the relay.
letter = Table(
    "letter",
    metadata,
    Column("id", RowId, primary_key=True),
    # One purpose, one letter: `receipt:2026-000123`.
    Column("purpose_key", Text, nullable=False, unique=True),
    Column("case_id", RowId, ForeignKey("case.id")),
    Column("letter", String(40), nullable=False),  # name of the template
    Column("recipient", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("automatic", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("priority", Integer, nullable=False),  # small goes first
    Column("created_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("worker", String(80)),
    Column("lease_until", UtcTime),
    #: Plus one at every claim. A worker that lost its lease holds an old token and
    #: can change nothing any more.
    Column("fence", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("sent_at", UtcTime),
    # none | pending | saving (committed just before APPEND) | saved
    Column("sent_copy", String(10), nullable=False),
    #: reminder | correction | link_request | digest: looked at again when it leaves. None:
    #: a letter of a case, which leaves as it is.
    Column("matter", String(20)),
    Index("ix_letter_state_priority_due_at", "state", "priority", "due_at"),
    Index("ix_letter_recipient_created_at", "recipient", "created_at"),
    Index("ix_letter_sent_at", "sent_at"),
    Index("ix_letter_sent_copy", "sent_copy"),
    Index("ix_letter_case_id", "case_id"),
)

#: The letters as they will leave, apart from `letter`: a row is written anew at each
#: change of its state, and its bytes with it.
letter_source = Table(
    "letter_source",
    metadata,
    Column("letter_id", RowId, ForeignKey("letter.id"), primary_key=True, autoincrement=False),
    Column("source", LargeBinary, nullable=False),
)

#: People who may decide. Named `staff` because `user` is a reserved word in SQL.
staff = Table(
    "staff",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("role", String(20), nullable=False),  # operator | approver | admin
    Column("password_hash", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    #: Base32 of the secret for codes of the telephone (RFC 6238); None: not set up.
    Column("totp_secret", Text),
    #: The last time step whose code was used: a code opens once.
    Column("totp_step", BigInteger),
    Column("totp_required", Boolean, nullable=False, default=False),
    Column("disabled_at", UtcTime),
)

#: The records that are a staff member's own: nobody decides about themselves.
staff_record = Table(
    "staff_record",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("staff_name", String(80), nullable=False),
    Column("kind", String(10), nullable=False),  # member | address
    #: Keyed digest, as the facilities have of their physicians' numbers.
    Column("digest", String(64), nullable=False),
    UniqueConstraint("staff_name", "kind", "digest"),
)

#: One step of a campaign for one facility: sent, or skipped with the reason. The unique
#: key is what makes a letter leave once.
reminder = Table(
    "reminder",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("campaign", String(40), nullable=False),
    Column("year", Integer, nullable=False),  # in which the period opens
    Column("certification_number", String(40), nullable=False),
    Column("step", String(40), nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    #: A key of SKIPS in domain/campaign.py; None: the letter was written.
    Column("skipped", String(20)),
    Column("letter_id", RowId, ForeignKey("letter.id")),
    Column("case_id", RowId, ForeignKey("case.id")),
    #: Plus one where a letter was taken back and written anew (the address had moved).
    Column("edition", Integer, nullable=False, default=1),
    #: When it was taken back and is to be decided anew; None: it stands.
    Column("reopened_at", UtcTime),
    UniqueConstraint("campaign", "year", "certification_number", "step"),
    Index("ix_reminder_letter_id", "letter_id"),
    Index("ix_reminder_case_id", "case_id"),
)

#: Facilities that staff let go without further letters of a campaign year (辞退など).
reminder_stop = Table(
    "reminder_stop",
    metadata,
    Column("campaign", String(40), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("certification_number", String(40), primary_key=True),
    Column("stopped_by", String(80), nullable=False),
    Column("stopped_at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
)

#: Addresses that a letter could not reach for good.
unreachable_address = Table(
    "unreachable_address",
    metadata,
    Column("address", String(254), primary_key=True),  # in lower case
    Column("since", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
)

#: Somebody is to be reached by telephone or post (電話・郵送): no mail gets there.
contact_task = Table(
    "contact_task",
    metadata,
    Column("id", RowId, primary_key=True),
    # One occasion, one task: `renewal:2027:K0101`.
    Column("purpose_key", String(120), nullable=False, unique=True),
    Column("certification_number", String(40), nullable=False),
    Column("subject", Text, nullable=False),  # what it is about, for staff
    Column("reason", String(20), nullable=False),  # no_address | unreachable
    Column("due_on", Date),
    Column("created_at", UtcTime, nullable=False),
    Column("state", String(10), nullable=False),  # open | done | dropped
    Column("ended_at", UtcTime),
    Column("ended_by", String(80)),
    Index("ix_contact_task_certification_number", "certification_number"),
)

#: What an applicant must put right (データ修正依頼).
correction = Table(
    "correction",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("certification_number", String(40), nullable=False),
    Column("case_id", RowId, ForeignKey("case.id"), nullable=False),
    Column("items", JSON, nullable=False),  # list of str
    Column("state", String(10), nullable=False),  # human | asked | done | closed
    Column("due_on", Date),
    #: The day the screen is shown again; None: it was shown when this was written.
    Column("reopens_on", Date),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String(80), nullable=False),
    #: The day of the last letter about it; None: none was written.
    Column("written_on", Date),
    Column("reminded", Integer, nullable=False, default=0),
    Column("ended_at", UtcTime),
    Column("ended_by", String(80)),
    Column("reason", Text),
    Index("ix_correction_certification_number", "certification_number"),
    Index("ix_correction_case_id", "case_id"),
)

#: A core facility is asked whether it accepts an approved affiliate (連携依頼).
link = Table(
    "link",
    metadata,
    Column("id", RowId, primary_key=True),
    # `R0102:K0101:2027-04-01`: one affiliate, one core facility, one first day.
    Column("purpose_key", String(120), nullable=False, unique=True),
    Column("affiliate_number", String(40), nullable=False),
    Column("core_number", String(40), nullable=False, default=""),
    Column("begins_on", Date),
    Column("state", String(10), nullable=False),  # see domain/links.py
    Column("trouble", String(20)),
    #: Whether the approval came after the first day.
    Column("late", Boolean, nullable=False, default=False),
    Column("case_id", RowId, ForeignKey("case.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("asked_on", Date),
    Column("reminded", Integer, nullable=False, default=0),
    #: Plus one where it is planned again: the first notice did not arrive, or was taken back.
    Column("edition", Integer, nullable=False, default=1, server_default="1"),
    Column("answered_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("ended_by", String(80)),
    Column("reason", Text),
    Index("ix_link_affiliate_number", "affiliate_number"),
    Index("ix_link_case_id", "case_id"),
)

#: A log-in to the console. Only the digest of the cookie is kept.
web_session = Table(
    "web_session",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("staff_name", String(80), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("address", String(60), nullable=False),
    Column("agent", String(200), nullable=False),
    Index("ix_web_session_staff_name", "staff_name"),
)

#: Tries to log in, so that guessing is slow and seen.
login_attempt = Table(
    "login_attempt",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("staff_name", String(80), nullable=False),
    Column("address", String(60), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Index("ix_login_attempt_at", "at"),
)

#: What somebody typed before their session ended: sealed, for a day.
draft = Table(
    "draft",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("staff_name", String(80), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_draft_staff_name", "staff_name"),
)

#: What people added to a case: notes, calls, and what they changed by hand.
case_note = Table(
    "case_note",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("case_id", RowId, ForeignKey("case.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(80), nullable=False),
    Column("kind", String(20), nullable=False),  # a key of NOTE_KINDS in desk/casework.py
    Column("text", Text, nullable=False),
    Index("ix_case_note_case_id", "case_id"),
)

#: Who works on a case (対応中), what it is on hold for (保留), and when it comes back.
case_work = Table(
    "case_work",
    metadata,
    Column("case_id", RowId, ForeignKey("case.id"), primary_key=True, autoincrement=False),
    Column("handler", String(80)),
    Column("hold", String(20)),  # sender | committee | physician_change
    Column("resume_on", Date),
    Column("changed_by", String(80), nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)

#: Who has a case on the screen; a row that was not touched for a minute says nothing.
presence = Table(
    "presence",
    metadata,
    Column("case_id", RowId, ForeignKey("case.id"), primary_key=True, autoincrement=False),
    Column("staff_name", String(80), primary_key=True),
    Column("seen_at", UtcTime, nullable=False),
)

#: The words of a case as search folds them, made of the case and its mails.
case_text = Table(
    "case_text",
    metadata,
    Column("case_id", RowId, ForeignKey("case.id"), primary_key=True, autoincrement=False),
    Column("folded", Text, nullable=False),
    #: `case.updated_at` as it was when this was made.
    Column("made_of", UtcTime, nullable=False),
)

#: Sentences that staff put into letters (定型文).
snippet = Table(
    "snippet",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("changed_by", String(80), nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)

#: Letters and rules as they were changed in the console, oldest first: nothing is lost.
text_change = Table(
    "text_change",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(120), nullable=False),  # mailbox_rules.yaml | letters/NAME/body.txt
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("by", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_text_change_name", "name"),
)

#: Registry files that were uploaded and wait for a decision on their difference.
registry_upload = Table(
    "registry_upload",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("file_name", String(200), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("by", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
)

#: Campaigns that somebody holds back, beside those that the rules hold back.
campaign_pause = Table(
    "campaign_pause",
    metadata,
    Column("campaign", String(40), primary_key=True),
    Column("by", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
)

#: One person's approval of an action, on the facts as they were shown.
approval = Table(
    "approval",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("action_id", RowId, ForeignKey("action.id"), nullable=False),
    Column("by", String(80), nullable=False),
    #: Who entered the request by hand. A trigger refuses that they approve it, or that
    #: whoever put its fields right does, unless a call-back stands for the second person.
    Column("entered_by", String(80), nullable=False, default=""),
    Column("at", UtcTime, nullable=False),
    #: Digest of the facts; an approval of other facts counts for nothing.
    Column("facts_hash", String(64), nullable=False),
    #: A call-back, the notice and the officer's list stood for the second person.
    Column("alone", Boolean, nullable=False, default=False),
    #: Spent by the decision it led to, or too old; it counts for nothing any more.
    Column("ended_at", UtcTime),
    Index("ix_approval_action_id", "action_id"),
)

#: What is known of a change of address on its way, beside its action's state.
change = Table(
    "change",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("action_id", RowId, ForeignKey("action.id"), nullable=False, unique=True),
    Column("case_id", RowId, ForeignKey("case.id"), nullable=False),
    Column("certification_number", String(40), nullable=False),
    Column("old_address", Text, nullable=False),
    Column("new_address", Text, nullable=False),
    #: Keyed digests; the tokens themselves stand in their letters alone.
    Column("token", String(64)),
    Column("old_token", String(64)),
    #: Plus one at every letter to the new address: the purpose of the next one.
    Column("round", Integer, nullable=False, default=1),
    #: token | cool_off | call_back | other_change | portal, until `due_at`; None: a person.
    Column("waits_for", String(20)),
    Column("due_at", UtcTime),
    Column("confirmed_at", UtcTime),
    #: `answer`, or the name of who took another proof for it.
    Column("confirmed_by", String(80)),
    #: Where the token came from, if not from the new address.
    Column("proof_from", Text),
    Column("told_old_at", UtcTime),
    Column("old_failed_at", UtcTime),
    Column("asked_from_old", Boolean, nullable=False, default=False),
    Column("old_agreed_at", UtcTime),
    Column("stopped_at", UtcTime),
    Column("done_at", UtcTime),
    Column("frozen_until", UtcTime),
    Column("revertible_until", UtcTime),
    Column("reverted_at", UtcTime),
    Index("ix_change_token", "token"),
    Index("ix_change_old_token", "old_token"),
    Index("ix_change_old_address", "old_address"),
    Index("ix_change_due_at", "due_at"),
    Index("ix_change_certification_number", "certification_number"),
)

#: Wrong answers about who somebody is, counted by facility, physician and sender.
miss = Table(
    "miss",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("scope", String(10), nullable=False),  # facility | physician | sender
    #: Keyed digest: the table names nobody.
    Column("key", String(64), nullable=False),
    Index("ix_miss_at", "at"),
)

#: What happened, in a chain of keyed digests; see domain/audit.py. Rows are only added:
#: triggers refuse everything else.
audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("event", String(40), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("cause", String(80), nullable=False),
    Column("case_number", String(20)),
    Column("letter_id", RowId),
    Column("mail_id", RowId),
    Column("about", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Index("ix_audit_case_number", "case_number"),
    Index("ix_audit_letter_id", "letter_id"),
    Index("ix_audit_mail_id", "mail_id"),
)

#: What people did by hand, whatever it concerns: a page of a day reads these alone.
BY_PEOPLE = audit.c.cause.in_([literal_column("'console'"), literal_column("'command'")])
Index("ix_audit_by_people", audit.c.at, sqlite_where=BY_PEOPLE, postgresql_where=BY_PEOPLE)

#: Number and digest of the newest entry; its row lets one writer after the other append.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", RowId, nullable=False),
    Column("digest", String(64), nullable=False),
    #: Keyed digest over both: who cuts the log's end cannot make another head.
    Column("seal", String(64), nullable=False, default="", server_default=""),
)

#: What the portal must be told: an approved change, or one that was undone, or stopped
#: after the portal was told of it (反映待ち).
portal_change = Table(
    "portal_change",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("action_id", RowId, ForeignKey("action.id"), nullable=False),
    Column("kind", String(10), nullable=False),  # change | revert | withdraw
    Column("certification_number", String(40), nullable=False),
    Column("address_before", Text, nullable=False),
    Column("address_after", Text, nullable=False),
    Column("state", String(10), nullable=False),  # waiting | reflected | withdrawn
    Column("created_at", UtcTime, nullable=False),
    Column("exported_at", UtcTime),
    Column("reflected_at", UtcTime),
    Column("reflected_by", String(80)),
    # The webhook: none | queued | calling | deferred | accepted | acknowledged | failed
    Column("hook", String(15), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", UtcTime),
    Column("last_error", Text),
    Index("ix_portal_change_action_id", "action_id"),
    Index("ix_portal_change_hook_due_at", "hook", "due_at"),
)
