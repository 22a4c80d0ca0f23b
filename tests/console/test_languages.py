"""Every page of a full day, in both languages: no English in the one, no Japanese in the other."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from .conftest import REGISTRY, Secretariat
from .day import full_day

PAGES = (
    "/login", "/queue", "/queue?when=hold", "/portal", "/search?q=みほん", "/search?q=zzzz", "/facilities",
    "/facilities/K0101", "/facilities/R0102", "/campaigns?month=2027-02", "/campaigns/calendar?month=2027-02",
    "/corrections?all=1", "/corrections/new?facility=K0101", "/links?all=1", "/unreachable", "/outbox",
    "/outbox?state=all", "/outbox/1", "/outbox/2", "/outbox/3", "/quarantine", "/registry", "/reports", "/letters",
    "/letters/address_told", "/rules", "/snippets", "/audit", "/users", "/account", "/telephone?q=東",
    "/play", "/nothing",
)  # fmt: skip

#: Words of the trade that Japanese uses as they are, names of settings and keys, and data.
_LATIN = re.compile(
    r"https?://\S+|[\w.+*-]+@[\w.-]+|\b[KR]\d{4}\b|HELPDESK_\w+|helpdesk user add NAME --role admin"
    r"|(?<![A-Za-z])(?:FAX|HTML|Outlook|CSV|Excel|xlsx|eml|SPF|DKIM|DMARC|UID|INBOX|QR|English|helpdesk|PDF|MB|Enter|Cc"
    r"|mailbox_rules\.yaml|paused|strict|portal\.csv|registry\.csv|registry|csv|TOTP|Google Authenticator|Microsoft Authenticator|testclient|testserver|test)(?![A-Za-z])"
    r"|(?<![a-z])(?:ando|baba|chiba|system)(?![a-z])|550 5\.1\.1 no such user|照合 \w+",
)
_WORD = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]{2,})*")
_JAPANESE = re.compile(r"[぀-ヿ一-鿿]{2,}")

#: What is data of the day: names of facilities and people, subjects, what clerks wrote.
_DATA = sorted(
    {
        *re.split(r"[,\n]", REGISTRY.split("\n", 1)[1]), "みほん新東病院", "みほん西病院", "例示 次郎", "見本 次郎",
        "施設マイページ：メールアドレスについて", "更新申請について", "日本みほん医学会", "みほん中央病院", "折り返すと約束",
        "電話があった", "電話での問い合わせ", "重複", "料金", "更新申請のご案内", "概要書の3ページ", "みほん", "例示", "見本",
        "ここに回答を書いてください", "高橋", "髙橋", "医療法人", "髙と高",
    } - {"", "基幹施設", "連携施設", "未申請", "申請済"},
    key=len,
    reverse=True,
)  # fmt: skip


class _Shown(HTMLParser):
    """Collects what a reader sees; what says that it is Japanese, or holds data, is passed over."""

    _VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "rect", "line"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        hidden = (
            ("lang" in given and tag != "html")
            or tag in ("script", "style", "title", "pre", "code", "textarea", "svg", "kbd")
            or "letter" in str(given.get("class", "")).split()
        )
        if not hidden and not any(one for _, one in self._open):
            self.found += [
                str(given[name]) for name in ("aria-label", "title", "data-h") if given.get(name)
            ]
        if tag not in self._VOID:
            self._open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(one for _, one in self._open):
            self.found.append(data.strip())


def shown(html: str) -> str:
    reader = _Shown()
    reader.feed(html)
    text = "\n".join(reader.found)
    for one in _DATA:
        text = text.replace(one, "・")
    return text


def pages_of(secretariat: Secretariat, language: str) -> dict[str, str]:
    secretariat.play = lambda _raw, _sender: None
    day = full_day(secretariat)
    browser = secretariat.browser("chiba", language)
    paths = [
        *PAGES,
        f"/quarantine/{day.quarantined}",
        *(f"/cases/{number}" for number in day.cases.values()),
        f"/cases/{day.cases['question']}?topic=free",
    ]
    return {path: shown(browser.get(path).text) for path in paths}


def test_no_english_stands_in_japanese_pages(secretariat: Secretariat) -> None:
    left = {
        path: sorted(set(found))
        for path, text in pages_of(secretariat, "ja").items()
        if (found := _WORD.findall(_LATIN.sub(" ", text)))
    }
    assert not left, "\n".join(f"{path}: {found}" for path, found in left.items())


def test_no_japanese_stands_in_english_pages(secretariat: Secretariat) -> None:
    left = {
        path: sorted(set(found))
        for path, text in pages_of(secretariat, "en").items()
        if (found := _JAPANESE.findall(text))
    }
    assert not left, "\n".join(f"{path}: {found}" for path, found in left.items())


@pytest.mark.parametrize("language", ["ja", "en"])
def test_refusals_of_the_desk_are_in_one_language(secretariat: Secretariat, language: str) -> None:
    number = secretariat.request("b@x.example.jp", physician="見本 次郎")
    browser = secretariat.browser("baba", language)
    tries = (
        (f"/cases/{number}/approve", {"action": "1"}),
        (f"/cases/{number}/reject", {"action": "1"}),
        (f"/cases/{number}/reflect", {"action": "1"}),
        (f"/cases/{number}/call-back", {"action": "99"}),
        (f"/cases/{number}/stop", {"action": "1", "reason": "x"}),
        (f"/cases/{number}/revert", {"action": "1", "reason": "x"}),
        (f"/cases/{number}/proof", {"action": "1"}),
        (f"/cases/{number}/fields", {"field-birthdate": "yesterday"}),
        (f"/cases/{number}/notes", {"kind": "note", "text": ""}),
        (f"/cases/{number}/work", {"resume_on": "tomorrow"}),
        (f"/cases/{number}/facility", {"certification_number": "X9"}),
        ("/corrections/new", {"facility": "K0101"}),
        ("/corrections/new", {"facility": "X9", "items": "x"}),
        ("/corrections/9/close", {"reason": "x"}),
        ("/links/9/close", {"reason": "x"}),
        ("/links/9/confirm", {"answer": "accepted"}),
        ("/unreachable/9/done", {}),
        ("/outbox/9/retry", {}),
        ("/quarantine/9/replay", {}),
        ("/registry", {}),
        ("/registry/9/take", {"seen": "x"}),
        ("/campaigns/nonsense/pause", {}),
        ("/telephone", {"channel": "telephone", "text": ""}),
        ("/account/password", {"old": "x", "new": "yyyyyyyyy"}),
        ("/account/totp", {"secret": "x", "code": "1"}),
        ("/logout", {"csrf": "old"}),
    )  # fmt: skip
    wrong = []
    for path, form in tries:
        answer = browser.post(path, form)
        if answer.status_code == 303:
            wrong.append((path, "was taken"))
        found = re.search(r'class="problem"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
        text = re.sub(r"<[^>]+>", "", found[1]) if found else answer.text[:200]
        pattern = _WORD if language == "ja" else _JAPANESE
        if pattern.search(_LATIN.sub(" ", text)):
            wrong.append((path, text.strip()))
    assert not wrong, "\n".join(map(str, wrong))
