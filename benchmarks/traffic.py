"""The mails of a busy morning: requests in the form, each from a person of their own."""

from __future__ import annotations

from collections.abc import Iterator

from tests import mails

_HEADER = "認定番号,施設名,施設種別,責任者氏名,責任者氏名カナ,会員番号,生年月日,メールアドレス\n"

#: Facilities in the registry: what a society of this kind has.
FACILITIES = 1_000


def registry_csv() -> str:
    """Return a registry of made-up facilities."""
    rows = (
        f"K{number:04},みほん第{number}病院,基幹施設,見本 太郎,ミホン タロウ,{100_000 + number},"
        f"1968-04-09,kanwa@h{number}.example.jp\n"
        for number in range(FACILITIES)
    )
    return _HEADER + "".join(rows)


def requests(count: int, run: str) -> Iterator[bytes]:
    """Yield that many requests; every third in ISO-2022-JP as Outlook sends it.

    `run` makes their Message-IDs new: the same mail twice would be joined to the first.
    """
    for number in range(count):
        facility = number % FACILITIES
        body = mails.form(
            facility=f"みほん第{facility}病院（K{facility:04}）",
            identity=f"会員番号 {100_000 + facility}" if number % 2 else "昭和43年4月9日",
        )
        sender = f"{run}{number}@h{facility}.example.jp"
        message_id = f"<{run}.{number}@h{facility}.example.jp>"
        if number % 3:
            yield mails.mail(body, message_id=message_id, sender=sender)
        else:
            yield mails.outlook_mail(body, message_id=message_id, sender=sender)
