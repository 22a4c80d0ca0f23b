"""Who wrote: the responsible physician, or somebody for them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.domain.message import Message
from helpdesk.domain.request import Reading

_PROXY = re.compile(
    r"代理|代筆|代わりに|(?:責任者|院長|部長|医師|先生)(?:に代わり|の代わり|の依頼|より依頼)|秘書|医局秘書|医療秘書"
)


@dataclass(frozen=True, slots=True)
class WrittenBy:
    """Who wrote a mail, and the words that say so."""

    #: self | proxy | unknown
    kind: str
    words: str | None


def read_written_by(message: Message, reading: Reading) -> WrittenBy:
    """Return who wrote; `unknown` where the mail does not say."""
    found = _PROXY.search(message.text) or _PROXY.search(message.signature)
    if found:
        return WrittenBy("proxy", found.group())
    physician = reading.responsible_physician
    name = "".join((message.sender.name if message.sender else "").split())
    if physician and name and "".join(physician.value.split()) in name:
        return WrittenBy("self", name)
    return WrittenBy("unknown", None)
