"""The mails that are sent in: filled-in forms, each from a sender of its own."""

from __future__ import annotations

from email.utils import formatdate

from tests import mails

#: What every office here knows: enough facilities that a look-up is a look-up.
FACILITIES = 700

# Two characters make a given name of its own for each of them.
_GIVEN = "一三太健康正直信義和洋哲明博文武英俊達也司誠進学茂修実清豊昇"

_HEADER = "認定番号,施設名,施設種別,責任者氏名,責任者氏名カナ,会員番号,生年月日,メールアドレス\n"


def registry_csv() -> str:
    """Return a registry of made-up facilities."""
    rows = (
        f"K{n:04},医療法人見本会みほん第{n}病院,基幹施設,{_physician(n)},ミホン タロウ,"
        f"{100000 + n},1968-04-09,head{n}@mihon.example.jp\n"
        for n in range(FACILITIES)
    )
    return _HEADER + "".join(rows)


def _physician(facility: int) -> str:
    """Return the head of a facility: a name, for one with digits in it is asked about again."""
    first, second = divmod(facility, len(_GIVEN))
    return f"見本 {_GIVEN[first]}{_GIVEN[second]}"


def address_of(number: int) -> str:
    """Return who sent the mail of this number, and so who gets its receipt."""
    return f"sender{number}@mihon.example.jp"


def mail_of(number: int, run: str = "a") -> bytes:
    """Return one mail: two in UTF-8, then one in ISO-2022-JP as Outlook writes it.

    Every one is answered with a receipt. `run` keeps Message-IDs of two runs apart.
    """
    facility = number % FACILITIES
    body = mails.form(
        facility=f"みほん第{facility}病院（K{facility:04}）",
        identity="1968年4月9日" if number % 2 else str(100000 + facility),
        wish=mails.CONFIRM if number % 3 else mails.CHANGE,
        physician=_physician(facility),
    )
    message_id = f"<{run}.{number}@mihon.example.jp>"
    sender = address_of(number)
    if number % 3 == 2:
        raw = mails.outlook_mail(body, message_id=message_id, sender=sender)
    else:
        raw = mails.mail(body, message_id=message_id, sender=sender).replace(b"\n", b"\r\n")
    return f"Received: by mx.example.jp; {formatdate()}\r\n".encode() + raw
