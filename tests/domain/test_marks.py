"""How our own letters are known again."""

from __future__ import annotations

import pytest

from helpdesk.domain.marks import (
    is_own_message_id,
    own_case_number,
    own_message_id,
    plain_subject,
    proven_by_subject,
    proven_case_number,
    with_proof,
)

KEY = b"k" * 32
CASE = "2026-000123"
ID = own_message_id(KEY, CASE, "receipt:2026-000123", "society.example.jp")


def test_message_id_is_the_same_for_the_same_purpose_and_differs_for_another() -> None:
    assert own_message_id(KEY, CASE, "receipt:2026-000123", "society.example.jp") == ID
    assert own_message_id(KEY, CASE, "declined:action:1", "society.example.jp") != ID


def test_own_message_id_proves_its_case_only_under_our_key() -> None:
    assert proven_case_number(KEY, [ID]) == CASE
    assert proven_case_number(b"x" * 32, [ID]) is None


def test_message_id_with_another_case_number_proves_nothing() -> None:
    forged = ID.replace(CASE, "2026-000124")
    assert is_own_message_id(forged)
    assert own_case_number([forged], "") == "2026-000124"
    assert proven_case_number(KEY, [forged]) is None


def test_first_proven_id_counts_among_strangers() -> None:
    assert proven_case_number(KEY, ["<a@b.test>", ID]) == CASE


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Re: 件名 【日本みほん医学会】 ［受付番号 2026-000123］", CASE),
        ("Re: [受付番号 2026-000123]", CASE),
        ("Re: ［受付番号　２０２６－０００１２３］", CASE),  # typed again by hand
        ("施設マイページ：メールアドレスについて", None),
        ("受付番号 2026-000123 の件", None),  # mentioned, not marked
    ],
)
def test_case_number_is_read_from_a_marked_subject(subject: str, number: str | None) -> None:
    assert own_case_number([], subject) == number


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: Re: 施設マイページ", "施設マイページ"),
        ("RE：返信: FW: 件名", "件名"),
        ("Re: 件名 【日本みほん医学会】 ［受付番号 2026-000123］", "件名"),
        (
            f"Re: {with_proof(KEY, CASE, '件名 【日本みほん医学会】［受付番号 2026-000123］')}",
            "件名",
        ),
        ("【至急】アドレスについて", "【至急】アドレスについて"),  # only our own mark goes
        ("Re[2]: 件名", "件名"),  # as Becky! counts
        ("", ""),
    ],
)
def test_plain_subject_has_neither_reply_prefixes_nor_our_marks(subject: str, bare: str) -> None:
    assert plain_subject(subject) == bare


SUBJECT = with_proof(KEY, CASE, "Re: 件名 【日本みほん医学会】［受付番号 2026-000123］")
PROOF = SUBJECT[SUBJECT.index("［照合") : SUBJECT.index("【")]


def test_proof_leaves_the_marks_of_the_subject_as_they_are() -> None:
    assert f"Re: 件名 {PROOF}【日本みほん医学会】［受付番号 2026-000123］" == SUBJECT


@pytest.mark.parametrize(
    ("subject", "number", "why"),
    [
        (SUBJECT, CASE, "as we wrote it"),
        (f"RE: {SUBJECT}", CASE, "answered"),
        (f"Re: ［受付番号 2026-000123］{PROOF}", CASE, "typed in another order"),
        (SUBJECT.upper(), CASE, "by a phone that writes capitals"),
        (SUBJECT.replace(PROOF, ""), None, "the number alone can be counted up"),
        (SUBJECT.replace("000123", "000124"), None, "the proof of another case"),
        (SUBJECT.replace(PROOF, "［照合 00000000］"), None, "a guess"),
        (SUBJECT.replace(PROOF, "［照合 ］"), None, "empty never matches"),
    ],
)
def test_subject_proves_its_case_only_with_its_proof(
    subject: str, number: str | None, why: str
) -> None:
    assert proven_by_subject(KEY, subject) == number, why
    assert proven_by_subject(b"x" * 32, subject) is None
