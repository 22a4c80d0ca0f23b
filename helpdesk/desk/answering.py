"""What the answer to a question says: this year's facts, and the facility's state."""

from __future__ import annotations

from datetime import datetime

from helpdesk.desk.asking import state_of
from helpdesk.desk.context import Desk, Refused
from helpdesk.domain.addressing import typed_line
from helpdesk.domain.disposition import Sorting
from helpdesk.domain.period import YearlyPoint, format_moment, period_at
from helpdesk.domain.registry import Facility
from helpdesk.domain.topics import DOCUMENTS_LETTER, TOPICS, topic_letter
from helpdesk.store.database import Transaction

# Characters of a letter that a person wrote: far above the longest.
_LONGEST_LETTER = 20_000

#: What templates/letters/answer_free has in place of the answer.
BLANK = "ここに回答を書いてください"

#: Letters that answer a question.
ANSWERS = frozenset({DOCUMENTS_LETTER, *(topic_letter(topic) for topic in TOPICS)})


def answer_values(
    desk: Desk, tx: Transaction, now: datetime, *, facility: Facility | None, clerk: str | None
) -> dict[str, object]:
    """Return the values of an answer; `facility` only where its state may be told."""
    facts = desk.rules.facts
    return {
        "clerk": clerk,
        "period": period_values(desk, now),
        "directory_url": facts.links.directory,
        "core_requirements": facts.requirements.core,
        "affiliate_requirements": facts.requirements.affiliate,
        "state": state_of(tx, facility) if facility else None,
    }


def period_values(desk: Desk, now: datetime) -> dict[str, object] | None:
    """Return the renewal period as letters say it; None where the rules have no campaign."""
    wanted = desk.rules.facts.period
    for campaign in desk.rules.campaigns:
        if campaign.id == wanted:
            opens, closes = campaign.opens, campaign.closes
            period = period_at(
                YearlyPoint(opens.month, opens.day, opens.at),
                YearlyPoint(closes.month, closes.day, closes.at),
                now,
            )
            return {
                "state": period.state,
                "opens": format_moment(period.opens),
                "closes": format_moment(period.closes),
                "next_opens": format_moment(period.next_opens),
                "next_closes": format_moment(period.next_closes),
                "days_left": period.days_left,
            }
    return None


def grounds(sorting: Sorting) -> tuple[tuple[str, str, str], ...]:
    """Return why a mail was read as it was, for staff; phrases of the rules, no data."""
    asks = sorting.asks
    if asks is None:
        return ()
    score = f"score {asks.score}, margin {asks.margin}"
    rows = [("topic", asks.best or "-", f"{score}: {', '.join(asks.phrases)}")]
    rows += [("topic", "human", reason) for reason in asks.human]
    rows += [("topic", "human", reason) for reason in asks.not_ours]
    return tuple(rows)


def edited_letter(text: str) -> str:
    """Return an edited letter as it may leave. Raises Refused for what is no letter."""
    lines = [typed_line(line) for line in text.splitlines()]
    body = "\n".join(lines).strip("\n") + "\n"
    if not body.strip():
        raise Refused("the edited letter is empty; nothing was sent")
    if BLANK in body:
        raise Refused("the letter still says where the answer is to be written; nothing was sent")
    if len(body) > _LONGEST_LETTER:
        raise Refused(f"the edited letter is longer than {_LONGEST_LETTER} characters")
    return body
