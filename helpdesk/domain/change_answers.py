"""What people answer to the letters of a change: yes, stop, or something for a person.

A stop is believed easily and an agreement only where it is plain: to stop costs a
telephone call, to agree may cost the account.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.domain.change import UNDER_WAY, WAITING
from helpdesk.domain.change_words import (
    says_agreed,
    says_keep,
    says_received,
    says_stop,
    stops_outright,
)

#: kinds: confirmed (the new address answered) | proof (its token came from elsewhere) |
#: agreed (the old address) | unproven (it agrees without its number: shown) | stopped |
#: unclear (for a person, and held) | noted (nothing) |
#: late (a stop after the change) | outdated (a token whose time is over)
KINDS = (
    "confirmed",
    "proof",
    "agreed",
    "unproven",
    "stopped",
    "unclear",
    "noted",
    "late",
    "outdated",
)


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """An answer to a letter about a change, and what it means."""

    kind: str
    action_id: int
    case_number: str
    #: Round of the change: an answer to it is acknowledged once in each.
    round: int = 0
    #: Words from the old address that speak of no letter: they hold all its changes.
    of_address: bool = False


# While a change is on its way its old address writes nothing that a person does not read.
_STOPPABLE = (*UNDER_WAY, WAITING)


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a mail that may answer a letter about a change."""

    #: State of the change's action; `over`: in force for longer than the freeze.
    state: str
    #: The mail carries the token of the letter to the new address; it is still good.
    token: bool
    token_good: bool
    #: The mail carries the token of the letter to the old address.
    notice: bool
    from_new: bool
    from_old: bool
    #: What the person wrote, without quotes.
    text: str
    thanks: bool = False
    #: It names a letter to the old address by its Message-ID alone, or one before a stop:
    #: enough to stop, never to agree.
    by_letter: bool = False
    #: Our own mail server found that it does not come from whom it names (`dmarc=fail`).
    forged: bool = False
    #: The subject, without what is ours in it, asks to stop.
    subject_stops: bool = False
    #: Between the lines of our letter, or below them, somebody asks to stop.
    quote_stops: bool = False

    @property
    def speaks_of_it(self) -> bool:
        """Whether the mail itself names this change."""
        return self.token or self.notice or self.by_letter


def _stops(heard: Heard) -> bool:
    """Say whether a mail asks to stop, or may.

    That something may still be used is no stop from who has the new address.
    """
    if heard.subject_stops or not says_stop(heard.text):
        return heard.subject_stops
    of_new = heard.from_new and not heard.from_old
    return not of_new or stops_outright(heard.text) or says_keep(heard.text)


def read_answer(heard: Heard) -> str | None:
    """Return a kind of KINDS; None: it is no answer about a change."""
    stop = _stops(heard)
    if heard.state in ("done", "reverted"):
        told = heard.from_old or heard.notice or heard.by_letter
        return "late" if stop and told else None
    if heard.state in ("rejected", "over"):
        return None
    if stop and (heard.speaks_of_it or heard.from_old):
        return "stopped"
    # Whom our own mail server found to be somebody else may stop, and no more.
    trusted = not heard.forged
    plain = says_received(heard.text) and not heard.quote_stops
    if heard.token:
        if heard.state != "confirming":
            return "noted" if heard.state in ("cooling", "portal") else "outdated"
        if not heard.token_good:
            return "outdated"
        # Anything but a plain yes is a person's to read, whoever it comes from.
        return "confirmed" if heard.from_new and trusted and plain else "proof"
    if heard.notice and heard.from_old and trusted and says_agreed(heard.text):
        # Agreed to is what waits; what was stopped since is asked once more.
        return "agreed" if heard.state == "cooling" else "noted"
    if heard.from_old and trusted and heard.state == "cooling" and says_agreed(heard.text):
        return "unproven"
    seen = heard.from_old and trusted and bool(heard.text.strip()) and plain
    if heard.speaks_of_it:
        thanks = heard.thanks and not heard.quote_stops
        return "noted" if thanks or seen else "unclear"
    if not heard.from_old or heard.thanks or seen or not trusted:
        return None
    return "unclear" if heard.state in _STOPPABLE else None
