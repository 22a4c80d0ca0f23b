"""Who is told the registered address (①): one decision over the facts of a case.

The registered address may always be told its own name. Anybody else gets the whole of it
only on one of the grounds below, and never at the level `strict`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from helpdesk.domain.change import RELAXED, STRICT
from helpdesk.domain.mail_domains import is_shared

#: What an approver may wish for: what the level gives by itself, or one of these.
WISHES = ("registered", "sender", "member")

#: Grounds on which an address other than the registered one is told it in full.
OWN_DOMAIN, MEMBER_ADDRESS, CALL_BACK, CHOSEN = (
    "own_domain",
    "member_address",
    "call_back",
    "chosen",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that the decision may look at."""

    #: relaxed | standard | strict
    level: str
    #: Address of the portal account; '' where the registry has none.
    registered: str
    #: 会員登録メールアドレス; '' where the registry has none.
    member_address: str
    #: Who asked.
    sender: str
    #: The domain in From vouched for the request (aligned SPF, DKIM or DMARC at our own MX).
    authenticated: bool
    #: Domains in which anybody can have an address, beside those in mail_domains.py.
    public_domains: Collection[str]
    #: A named approver recorded a call-back to the registry's 代表電話.
    called_back: bool = False
    #: An import brought the 会員登録メールアドレス a short time ago: one person's act.
    member_imported: bool = False
    #: One of WISHES; None: what the level gives by itself.
    wish: str | None = None
    #: Why the approver chose it; only `relaxed` asks for one.
    reason: str = ""
    #: The physician's own address, if it was in Cc and the approver added it.
    copy_to: str | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Who is told what. `refused` says why nobody is told anything."""

    #: Told the whole address, with the ground; the registered address itself is apart.
    full: tuple[tuple[str, str], ...] = ()
    #: Told that it was sent to the registered address, with a hint at it or without.
    hinted: tuple[str, ...] = ()
    with_hint: bool = True
    #: Tell the registered address itself.
    registered: bool = True
    refused: str = ""


def decide_disclosure(asked: Asked) -> Disclosure:
    """Return who is told the registered address, and who gets a hint."""
    if not asked.registered:
        return Disclosure(
            refused="the registry has no mail address for the facility; there is nothing to"
            " tell. Reject the action, or import a registry that has it"
        )
    others = [one for one in (asked.sender, asked.copy_to) if one and not _same(one, asked)]
    if asked.level == STRICT:
        if asked.wish in ("sender", "member"):
            return Disclosure(
                refused="the level strict never tells an address to another one;"
                " approve without --to"
            )
        return Disclosure(hinted=tuple(others), with_hint=False)
    if asked.wish == "member":
        return _to_member(asked, others)
    if asked.wish == "registered":
        return Disclosure(hinted=tuple(others))
    grounds = {one: _ground(one, asked) for one in others}
    if asked.wish == "sender" and asked.sender in grounds and not grounds[asked.sender]:
        return Disclosure(refused=_why_not(asked))
    return Disclosure(
        full=tuple((one, ground) for one, ground in grounds.items() if ground),
        hinted=tuple(one for one, ground in grounds.items() if not ground),
    )


def _same(address: str, asked: Asked) -> bool:
    return address.lower() == asked.registered.lower()


def _to_member(asked: Asked, others: list[str]) -> Disclosure:
    if not asked.member_address:
        return Disclosure(refused="the registry has no 会員登録メールアドレス for the facility")
    if asked.member_imported and not asked.called_back:
        return Disclosure(
            refused="an import changed the 会員登録メールアドレス a short time ago; speak with the"
            " facility by its 代表電話 and record it first (helpdesk queue call-back)"
        )
    member = asked.member_address
    return Disclosure(
        full=((member, MEMBER_ADDRESS),),
        hinted=tuple(one for one in others if one.lower() != member.lower()),
    )


def _ground(address: str, asked: Asked) -> str:
    """Return on which ground an address may be told the whole; '': on none."""
    member_counts = not asked.member_imported or asked.called_back
    if member_counts and asked.member_address.lower() == address.lower():
        return MEMBER_ADDRESS
    if address != asked.sender:
        return ""
    if asked.authenticated and is_own_domain(address, asked.registered, asked.public_domains):
        return OWN_DOMAIN
    if asked.called_back:
        return CALL_BACK
    if asked.level == RELAXED and asked.wish == "sender" and asked.reason.strip():
        return CHOSEN
    return ""


def is_own_domain(address: str, registered: str, public: Collection[str]) -> bool:
    """Say whether two addresses share a domain that is not everybody's.

    Exactly the same domain: whoever owns a name below or beside it is somebody else.
    """
    domain = domain_of(registered)
    return bool(domain) and domain_of(address) == domain and not is_shared(domain, public)


def domain_of(address: str) -> str:
    """Return the domain of an address in lower case, without a dot at its end."""
    return address.rpartition("@")[2].lower().rstrip(".")


def _why_not(asked: Asked) -> str:
    if asked.level == RELAXED:
        return "to tell the sender give a reason with --reason TEXT"
    return (
        "the sender's mail is not authenticated in the registered address's own domain and is"
        " not the 会員登録メールアドレス: approve without --to, or speak with the facility by its"
        " 代表電話 and record it first (helpdesk queue call-back)"
    )


def hint_of(address: str) -> str:
    """Return an address with its domain alone readable: p***@hospital.example.jp."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}***@{domain}"
