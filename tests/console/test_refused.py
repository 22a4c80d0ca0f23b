"""What is shown where no page is reached: in the reader's language, with a way on."""

from __future__ import annotations

import pytest

from helpdesk.console.refused import SENTENCES

from .conftest import Secretariat


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_refusal_says_what_happened_and_what_to_do(
    secretariat: Secretariat, language: str
) -> None:
    browser = secretariat.browser("baba", language)
    answers = [
        browser.get("/queue", headers={"Host": "evil.example.com"}),
        browser.post("/logout", headers={"Origin": "https://evil.example.com"}),
        browser.client.post(
            "/logout",
            content=b"x",
            headers={"Origin": "http://testserver", "Content-Length": "99999999"},
        ),
        browser.client.post(
            "/snippets",
            content=b"--",
            headers={
                "Origin": "http://testserver",
                "Content-Type": "multipart/form-data",
            },
        ),
        browser.get("/nothing"),
        browser.get("/logout"),
    ]
    assert [one.status_code for one in answers] == [421, 403, 413, 400, 404, 404]
    for one in answers:
        assert one.headers["content-type"] == "text/html; charset=utf-8"
        assert f'<html lang="{language}">' in one.text
        assert "default-src 'none'" in one.headers["content-security-policy"]
        if one.status_code != 421:
            assert 'href="/queue"' in one.text


@pytest.mark.parametrize("status", SENTENCES)
def test_no_refusal_lacks_its_english(status: int) -> None:
    from helpdesk.console.words import words_of

    for sentence in SENTENCES[status]:
        assert words_of("en").gettext(sentence) != sentence
