"""mailbox_rules.yaml: what it means, and what is said of every mistake."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from helpdesk.domain.calendar import JST
from helpdesk.mail.letters import LetterBook, LettersError
from helpdesk.rules import Duration, Rules, RulesError, load_rules
from helpdesk.rules.values import PeriodPoint, YearlyTime
from helpdesk.shipped import RULES_NAME, TEMPLATES_NAME, shipped_folder

MINIMAL = "desk: {name: 日本みほん医学会 事務局, address: desk@society.example.jp}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mailbox_rules.yaml"


def load(file: Path, text: str) -> Rules:
    file.write_text(text, encoding="utf-8")
    return load_rules(file)


def mistakes(file: Path, content: str | bytes) -> list[tuple[int, str, str]]:
    """Return line, key and text of every mistake; the file's name must be right in each."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(RulesError) as caught:
        load_rules(file)
    found = caught.value.mistakes
    assert all(one.file == str(file) for one in found)
    assert str(caught.value).splitlines() == [str(one) for one in found]
    return [(one.line, one.key, one.text) for one in found]


def test_name_and_address_are_enough(file: Path) -> None:
    rules = load(file, MINIMAL)
    assert rules.desk.society == "日本みほん医学会"
    assert rules.desk.signature.splitlines()[1:-1] == [
        "日本みほん医学会 事務局",
        "メール：desk@society.example.jp",
        "休業日：土曜・日曜・祝日、12月29日～1月3日",
    ]
    assert rules.mode == "live"
    assert rules.mailbox.go_live is None
    assert rules.mailbox.folders.handled == "helpdesk/処理済み"
    assert rules.mailbox.max_size_bytes == 25 * 1024 * 1024
    assert rules.limits.letters_per_address_per_day == 5
    assert rules.desk.calendar.add_business_days(
        date(2026, 12, 28), rules.desk.reply_within.amount
    ) == date(2027, 1, 6)


def test_shipped_file_holds_the_defaults(file: Path) -> None:
    shipped = load_rules(shipped_folder() / RULES_NAME)
    minimal = load(file, MINIMAL)
    for section in (
        "mode", "mailbox", "form", "limits", "outbox", "identity", "campaigns", "deadlines",
    ):  # fmt: skip
        assert getattr(shipped, section) == getattr(minimal, section), section


def test_shipped_campaign_is_that_of_the_guide() -> None:
    renewal, _ = load_rules(shipped_folder() / RULES_NAME).campaigns
    assert (renewal.opens.month, renewal.opens.day) == (2, 1)
    assert isinstance(renewal.closes, YearlyTime)
    assert (renewal.closes.month, renewal.closes.day, renewal.closes.at.hour) == (2, 28, 23)
    assert [step.at for step in renewal.steps] == [
        PeriodPoint("opens", 0),
        PeriodPoint("closes", -14),
        PeriodPoint("closes", -3),
        PeriodPoint("closes", 1),
    ]


@pytest.mark.parametrize(
    "mail",
    [
        "年会費のお支払いについて 会費の納入状況をお知らせください。",
        "第30回学術大会 演題登録の締切について",
        "学会誌の送付先住所の変更 論文投稿の査読結果",
        "専門医試験の受験票について 会員マイページにログインできません",
        "カタログのご案内 新製品のご紹介",
    ],
)
def test_words_do_not_catch_other_mail_of_a_society(mail: str, file: Path) -> None:
    assert not [word for word in load(file, MINIMAL).mailbox.ours if word in mail]


def test_rules_cannot_be_changed_once_read(file: Path) -> None:
    rules = load(file, MINIMAL)
    with pytest.raises(ValidationError):
        rules.mode = "shadow"  # type: ignore[misc]


def test_own_signature_stands_as_it_is_written(file: Path) -> None:
    text = (
        "desk:\n  name: a 事務局\n  address: a@b.example\n  signature: |\n    ----\n      みほん\n"
    )
    assert load(file, text).desk.signature == "----\n  みほん"


@pytest.mark.parametrize(
    ("name", "society"),
    [("みほん学会事務局", "みほん学会"), ("みほん学会", "みほん学会"), ("事務局", "事務局")],
)
def test_society_is_the_name_without_secretariat(file: Path, name: str, society: str) -> None:
    rules = load(file, f"desk: {{name: {name}, address: a@b.example}}\n")
    assert rules.desk.society == society


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2027-01-15", datetime(2027, 1, 15, tzinfo=JST)),
        ("2027-01-15 09:00", datetime(2027, 1, 15, 9, tzinfo=JST)),
        ("2027-01-15T00:00:00Z", datetime(2027, 1, 15, tzinfo=UTC)),
        ("2027-01-15 09:00:00+09:00", datetime(2027, 1, 15, tzinfo=UTC)),
        ("null", None),
        ("", None),
    ],
)
def test_go_live_without_zone_is_japan_time(file: Path, text: str, at: datetime | None) -> None:
    assert load(file, f"{MINIMAL}mailbox:\n  go_live: {text}\n").mailbox.go_live == at


@pytest.mark.parametrize(
    ("text", "duration", "length"),
    [
        ("5s", Duration(5, "s"), timedelta(seconds=5)),
        ("10m", Duration(10, "m"), timedelta(minutes=10)),
        ("24h", Duration(24, "h"), timedelta(hours=24)),
        ("14d", Duration(14, "d"), timedelta(days=14)),
    ],
)
def test_durations(file: Path, text: str, duration: Duration, length: timedelta) -> None:
    found = load(file, f"{MINIMAL}identity: {{freeze: {text}}}\n").identity.freeze
    assert found == duration
    assert found.timedelta == length
    assert str(found) == text


def test_business_days_have_no_fixed_length() -> None:
    with pytest.raises(ValueError, match="no fixed length"):
        _ = Duration(5, "bd").timedelta


@pytest.mark.parametrize(
    ("text", "size"),
    [("25MB", 25 * 1024**2), ("512kB", 512 * 1024), ("1000000", 1_000_000), ("1 MB", 1024**2)],
)
def test_sizes(file: Path, text: str, size: int) -> None:
    assert load(file, f"{MINIMAL}mailbox: {{max_size: {text}}}\n").mailbox.max_size_bytes == size


def test_digits_of_a_telephone_number_stay_as_they_are(file: Path) -> None:
    text = "desk:\n  name: a\n  address: a@b.example\n  telephone: 0300000000\n"
    assert load(file, text).desk.telephone == "0300000000"


def test_bom_and_crlf_of_a_windows_editor_do_no_harm(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert load_rules(file).desk.society == "日本みほん医学会"


@pytest.mark.parametrize(
    ("line", "key", "words"),
    [
        ("mode: liv", "mode", "did you mean live?"),
        ("mode: [live]", "mode", "a single value"),
        ("mode:", "mode", "has no value"),
        ("limts: {}", "limts", "did you mean limits?"),
        ("zzz: 1", "zzz", "known here are: mode, desk,"),
        ("limits: 5", "limits", "keys of its own, indented below it: letters_per_address"),
        ("limits:", "limits", "keys of its own"),
        ("limits: {letters_per_hour: many}", "limits.letters_per_hour", "no whole number"),
        ("limits: {letters_per_hour: 0}", "limits.letters_per_hour", "at least 1"),
        ("limits: {letters_per_minutes: 3}", "limits.letters_per_minutes",
         "did you mean letters_per_minute?"),
        ("mailbox: {ours: 認定施設}", "mailbox.ours", "must be a list"),
        ("mailbox: {ours: []}", "mailbox.ours", "at least 1"),
        ("mailbox: {ours: [認定施設, の]}", "mailbox.ours[1]", "almost every mail"),
        ("mailbox: {ours: [認定施設, '']}", "mailbox.ours[1]", "must not be empty"),
        ("mailbox: {poll: 60}", "mailbox.poll", "such as 10m"),
        ("mailbox: {poll: 0s}", "mailbox.poll", "is no duration"),
        ("mailbox: {poll: 5 minutes}", "mailbox.poll", "is no duration"),
        ("mailbox: {poll: 1bd}", "mailbox.poll", "business days cannot stand here"),
        ("mailbox: {max_size: 25 apples}", "mailbox.max_size", "for example 25MB"),
        ("mailbox: {max_size: 1GB}", "mailbox.max_size", "for example 25MB"),
        ("mailbox: {max_size: 900MB}", "mailbox.max_size", "between 64kB and 100MB"),
        ("mailbox: {go_live: soon}", "mailbox.go_live", "2027-01-15 09:00"),
        ("mailbox: {go_live: 2027-02-30}", "mailbox.go_live", "is no date"),
        ("mailbox: {save_sent: always}", "mailbox.save_sent", "append, server"),
        ("mailbox: {folders: leave}", "mailbox.folders", "handled, attention"),
        ("mailbox: {folders: {handled: a//b}}", "mailbox.folders.handled", "is no folder"),
        ('mailbox: {folders: {sent: "a\\nb"}}', "mailbox.folders.sent", "one line"),
        ("outbox: {attempts: 0}", "outbox.attempts", "at least 1"),
        ("identity: {level: none}", "identity.level", "relaxed, standard, strict"),
        ("identity: {freeze: 3650000d}", "identity.freeze", "too long"),
        ("identity: {misses: {per_day: -1}}", "identity.misses.per_day", "at least 1"),
        ("campaigns: {}", "campaigns", "must be a list"),
        ("campaigns: [renewal]", "campaigns[0]", "keys of its own"),
    ],
)  # fmt: skip
def test_mistake_is_told_with_line_key_and_what_to_write(
    file: Path, line: str, key: str, words: str
) -> None:
    ((number, found, text),) = mistakes(file, f"# 設定\n{MINIMAL}\n{line}\n")
    assert (number, found) == (4, key)
    assert words in text


CAMPAIGN = """campaigns:
  - id: renewal
    opens: 02-01 00:00
    closes: 02-28 23:59
    steps:
      - {id: first, at: opens, on_holiday: after, letter: renewal_opens}
"""


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("02-28 23:59", "02-29 23:59", "closes", "not a day of every year"),
        ("02-28 23:59", "28 Feb", "closes", "02-28 23:59"),
        ("02-28 23:59", "02-28 24:00", "closes", "no time of day"),
        ("at: opens", "at: opening", "steps[0].at", "closes-14d"),
        ("at: opens", "at: closes-900d", "steps[0].at", "closes-14d"),
        ("after", "never", "steps[0].on_holiday", "before, after"),
        ("renewal_opens", "Renewal Opens", "steps[0].letter", "small letters"),
        ("id: first, ", "", "steps[0].id", "is missing"),
        ("    steps", "    unless_state: [未申講]\n    steps", "unless_state[0]", "未申請"),
        ("    steps", "    send_at: 9\n    steps", "send_at", "such as 09:00"),
        ("    steps", "    certification_ends_within: 5bd\n    steps",
         "certification_ends_within", "only days"),
    ],
)  # fmt: skip
def test_mistakes_in_campaigns(file: Path, old: str, new: str, key: str, words: str) -> None:
    ((_, found, text),) = mistakes(file, MINIMAL + CAMPAIGN.replace(old, new, 1))
    assert found == f"campaigns[0].{key}"
    assert words in text


def test_ids_of_campaigns_and_steps_differ(file: Path) -> None:
    step = CAMPAIGN.splitlines()[-1] + "\n"
    ((_, key, text),) = mistakes(file, MINIMAL + CAMPAIGN + step)
    assert key == "campaigns[0]"
    assert "the id first is used twice" in text
    twice = CAMPAIGN + CAMPAIGN.removeprefix("campaigns:\n")
    ((_, key, text),) = mistakes(file, MINIMAL + twice)
    assert "the id renewal is used twice" in text


@pytest.mark.parametrize(
    ("desk", "key", "words"),
    [
        ("{name: a}", "desk.address", "is missing"),
        ("{address: a@b.example}", "desk.name", "is missing"),
        ("{name: a, address: 事務局}", "desk.address", "no mail address"),
        ("{name: a, address: desk＠society.example.jp}", "desk.address", "half-width"),
        ("{name: a, address: 'x@y.example, z@y.example'}", "desk.address", "alone"),
        ('{name: "a\\nb", address: a@b.example}', "desk.name", "one line"),
        ("{name: a, address: a@b.example, portal_url: mypage}", "desk.portal_url", "https://"),
        ("{name: a, address: a@b.example, reply_within: 3d}", "desk.reply_within", "3bd"),
        ("{name: a, address: a@b.example, closures: [12-29]}", None, ""),
        ("{name: a, address: a@b.example, closures: [Dec 29]}", "desk.closures[0]", "MM-DD..MM-DD"),
        ("{name: a, address: a@b.example, closures: [02-29]}", "desk.closures[0]", "every year"),
        ("{name: a, address: a@b.example, closures: [01-01..12-31]}", "desk", "must be open"),
        ("{name: a, address: a@b.example, adress: b}", "desk.adress", "did you mean address?"),
    ],
)
def test_mistakes_about_the_desk(file: Path, desk: str, key: str | None, words: str) -> None:
    if key is None:
        assert load(file, f"desk: {desk}\n")
        return
    ((line, found, text),) = mistakes(file, f"\ndesk: {desk}\n")
    assert (line, found) == (2, key)
    assert words in text


def test_every_mistake_is_listed_in_the_order_of_lines(file: Path) -> None:
    text = (
        "mode: dead\n"
        "desk:\n"
        "  name: a\n"
        "  name: b\n"
        "  address: &here a@b.example\n"
        "limits:\n"
        "  letters_per_hour: x\n"
        "mailbox:\n"
        "  poll: *here\n"
        "  go_live: !!str soon\n"
    )
    assert [(line, key) for line, key, _ in mistakes(file, text)] == [
        (1, "mode"),
        (4, "desk.name"),
        (5, "desk.address"),
        (7, "limits.letters_per_hour"),
        (9, "mailbox.poll"),
        (10, "mailbox.go_live"),
    ]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("desk:\n\tname: a\n", 2, "a tab"),
        (MINIMAL + "　mode: live\n", 2, "full-width space"),
        ("desk：\n  name: a\n", 1, "full-width (：)"),
        ("desk:\n  name: 'a\n", 2, "quotes"),
        ("desk: @a\n", 1, "in quotes"),
        ("desk: {name: a\n", 1, "brackets"),
        (MINIMAL + "---\nmode: live\n", 2, "second document"),
        (MINIMAL + "mode: \x07\n", 2, "control character"),
        ("- a\n", 1, "must hold keys"),
        ("desk\n", 1, "must hold keys"),
        ("? [a]\n: b\n", 1, "a key must be a single word"),
        ("[" * 100_000, 1, "too many levels"),
        ("{a: " * 50_000, 1, "too many levels"),
        (MINIMAL.encode() + b"\n# \x8a\xc7\n", 3, "save the file as UTF-8"),
        ("#" * 300_000, 1, "larger than 256 kB"),
    ],
)
def test_file_that_is_no_yaml_is_told_with_its_line(
    file: Path, content: str | bytes, line: int, words: str
) -> None:
    ((found, _, text),) = mistakes(file, content)
    assert found == line
    assert words in text


def test_empty_file_lacks_the_desk(file: Path) -> None:
    for text in ("", "# nothing\n", "---\n"):
        assert mistakes(file, text) == [(1, "desk", "is missing; this key must be there")]


def test_absent_file_is_one_sentence(file: Path) -> None:
    with pytest.raises(RulesError, match=r"mailbox_rules\.yaml:1: the file cannot be read"):
        load_rules(file)


def test_python_tags_run_nothing(file: Path, tmp_path: Path) -> None:
    victim = tmp_path / "made"
    text = f"{MINIMAL}mode: !!python/object/apply:os.mkdir [{victim}]\n"
    ((_, key, words),) = mistakes(file, text)
    assert key == "mode"
    assert "tags" in words
    assert not victim.exists()


def test_alias_bomb_is_refused_at_once(file: Path) -> None:
    levels = ["a0: &a0 [x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    started = time.monotonic()
    assert mistakes(file, MINIMAL + "\n".join(levels))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("rules", "key", "words"),
    [
        ("deadlines: {registry_max_age: 2d}", "deadlines.registry_max_age", "business days"),
        (
            "deadlines: {send_at: '18:00', send_until: '9:00'}",
            "deadlines.send_until",
            "time of day",
        ),
        ("deadlines: {send_at: '18:00', send_until: '09:00'}", "deadlines", "later in the day"),
        ("deadlines: {links: {remind_after: [14d, 7d]}}", "deadlines.links", "must grow"),
        ("deadlines: {links: {portal_sends_first: x}}", "deadlines.links.portal_sends_first", ""),
        (
            "deadlines: {corrections: {reopens: [soon]}}",
            "deadlines.corrections.reopens[0]",
            "closure",
        ),
        ("deadlines: {digest: {to: nobody}}", "deadlines.digest.to", ""),
    ],
)
def test_mistakes_in_deadlines(file: Path, rules: str, key: str, words: str) -> None:
    file.write_text(MINIMAL + rules + "\n", encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        load_rules(file)
    (mistake,) = caught.value.mistakes
    assert mistake.key == key
    assert words in str(mistake)


def test_campaign_names_a_letter_that_there_is(file: Path) -> None:
    campaign = (
        "campaigns: [{id: renewal, opens: 02-01 00:00, closes: 02-28 23:59, steps:"
        " [{id: s, at: opens, on_holiday: after, letter: receipt}]}]\n"
    )
    file.write_text(MINIMAL + campaign, encoding="utf-8")
    with pytest.raises(LettersError, match=r"campaigns\[0\]\.steps\[0\]\.letter"):
        LetterBook.load(shipped_folder() / TEMPLATES_NAME, load_rules(file))
