"""What a decision on one mail may look at, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpdesk.domain.change_answers import ChangeAnswer
from helpdesk.domain.disposition import Sorting
from helpdesk.domain.topics import TopicReading


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What the decision may know of a case that a mail could belong to."""

    number: str
    state: str
    #: The four fields as read so far: the keys of DESIGN section 5.
    fields: dict[str, str | None]
    missing: tuple[str, ...]
    #: How often a letter has asked for what is missing.
    asked: int = 0
    #: Closed for so long that an answer to it is a new matter.
    closed_long_ago: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that `decide` may look at, and nothing else."""

    sorting: Sorting
    #: Fields of this mail: the keys of DESIGN section 5.
    fields: dict[str, str | None]
    missing: tuple[str, ...]
    #: Whether From holds one address that a letter can be sent to.
    can_answer: bool
    #: The case this mail proves to answer (HMAC and correspondent agree).
    answered: OpenCase | None = None
    #: A case this mail claims to answer without proof; a person may join them.
    claimed: str | None = None
    #: Open cases of the same correspondent, newest first.
    open_cases: tuple[OpenCase, ...] = ()
    #: The same mail was decided before; True also says that it had a case.
    duplicate: bool = False
    #: Automatic letters to this address within a day have reached the limit.
    over_limit: bool = False
    #: Whether the mail is a request by itself, whatever it answers.
    is_request: bool = False
    #: Who answers the topic of this mail: automatic | known_sender | staff.
    answer: str = "staff"
    #: What a request asks besides, and who answers that.
    besides: TopicReading | None = None
    besides_answer: str = "staff"
    #: From is the registered address of one facility. It proves nothing by itself.
    registered: bool = False
    #: The domain in From vouches for this mail (DMARC), as our own server found.
    authenticated: bool = False
    #: The case of a question that the same person asked within three days.
    asked_lately: OpenCase | None = None
    #: It answers one of our notices with no more than 「受信しました」, or says that one did
    #: not arrive, which is on a list of its own: nobody need read it.
    settles: bool = False
    #: What it answers, in words for staff, where that is a notice; see desk/matters.py.
    matter: str = ""
    #: What it means for a change of address on its way.
    change: ChangeAnswer | None = None
    #: It answers a hint at the registered address with 「届きません」.
    not_received: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with one mail."""

    #: handled | attention | leave
    filing: str
    #: none | new | join
    case: str
    case_number: str | None = None  # of the case to join
    case_state: str | None = None
    #: Names of letters to the correspondent, each at most once a purpose.
    letters: tuple[str, ...] = ()
    #: Kinds of actions that wait for a person.
    actions: tuple[str, ...] = ()
    #: Why a person is asked, in words for staff.
    note: str = ""
    #: The request as it stands now, where this mail adds to it; else None.
    fields: dict[str, str | None] | None = None
    missing: tuple[str, ...] = ()
    #: Other case this one is related to.
    related: str | None = None
    reasons: tuple[str, ...] = field(default=())
    #: Letter that a person may send as it is, or edited.
    ready: str | None = None
    #: The letter may tell the facility's state: it goes to the registered address.
    tells_state: bool = False
    #: What it means for a change of address on its way.
    change: ChangeAnswer | None = None
    #: What the registered address was sent does not arrive: somebody must telephone.
    not_received: bool = False
