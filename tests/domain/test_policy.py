"""What is done with a mail, as a table of facts and decisions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpdesk.domain.decision import Decision, Facts, OpenCase
from helpdesk.domain.disposition import Sorting
from helpdesk.domain.policy import decide
from helpdesk.domain.request import missing_of
from helpdesk.domain.request_policy import merge_fields

CONFIRM: dict[str, str | None] = {
    "facility_name": "みほん中央病院",
    "certification_number": "K0101",
    "responsible_physician": "見本 太郎",
    "member_number": "123456",
    "birthdate": None,
    "request": "confirm_address",
    "new_address": None,
}
NOTHING: dict[str, str | None] = dict.fromkeys(CONFIRM)
CASE = OpenCase("2026-000001", "waiting_staff", CONFIRM, ())


def sorting(disposition: str, *, ours: bool = True, thanks: bool = False) -> Sorting:
    return Sorting(disposition, None, ours, thanks, ())


def facts(disposition: str = "request", **changes: object) -> Facts:
    base = Facts(sorting=sorting(disposition), fields=dict(CONFIRM), missing=(), can_answer=True)
    return replace(base, **changes)  # type: ignore[arg-type]


def test_complete_request_gets_a_receipt_and_waits_for_a_person() -> None:
    decision = decide(facts())
    assert decision.letters == ("receipt",)
    assert decision.actions == ("confirm_address",)
    assert decision.case_state == "waiting_staff"


def test_request_for_both_queues_two_actions() -> None:
    fields = {**CONFIRM, "request": "both", "new_address": "new@h.example.jp"}
    assert decide(facts(fields=fields)).actions == ("confirm_address", "change_address")


def test_another_wish_goes_to_a_person_and_is_never_asked_for_again() -> None:
    decision = decide(facts(fields={**CONFIRM, "request": "other"}))
    assert (decision.letters, decision.actions) == (("receipt",), ("review",))


def test_request_with_a_missing_field_is_asked_for_it_and_queues_nothing() -> None:
    fields = {**CONFIRM, "member_number": None}
    decision = decide(facts(fields=fields, missing=("identity",)))
    assert decision.letters == ("missing_fields",)
    assert decision.missing == ("identity",)
    assert decision.actions == ()
    assert decision.case_state == "waiting_sender"


def test_answer_with_the_missing_field_completes_the_case() -> None:
    waiting = OpenCase(
        "2026-000001", "waiting_sender", {**CONFIRM, "member_number": None}, ("identity",), asked=1
    )
    answer = {**NOTHING, "member_number": "123456"}
    decision = decide(
        facts("reply", fields=answer, missing=("facility", "request"), answered=waiting)
    )
    assert (decision.case, decision.case_number) == ("join", "2026-000001")
    assert decision.fields == CONFIRM
    assert decision.letters == ("receipt",)


def test_third_question_for_the_same_thing_goes_to_a_person_instead() -> None:
    waiting = OpenCase(
        "2026-000001", "waiting_sender", {**CONFIRM, "member_number": None}, ("identity",), asked=2
    )
    answer = {**NOTHING, "facility_name": "みほん中央病院"}
    decision = decide(facts("reply", fields=answer, answered=waiting))
    assert (decision.letters, decision.actions) == ((), ("review",))


def test_same_request_sent_again_joins_its_case_and_queues_nothing() -> None:
    decision = decide(facts(open_cases=(CASE,)))
    assert (decision.case, decision.letters) == ("join", ("receipt_again",))
    assert decision.actions == ()


def test_other_request_of_the_same_sender_opens_its_own_case() -> None:
    fields = {**CONFIRM, "facility_name": "べつの病院", "certification_number": "K0102"}
    assert decide(facts(fields=fields, open_cases=(CASE,))).case == "new"


@pytest.mark.parametrize(
    ("case", "sent", "why"),
    [
        (replace(CASE, state="closed", closed_long_ago=True), CONFIRM, "closed over 30 days ago"),
        (
            CASE,
            {**CONFIRM, "facility_name": "べつの東病院", "certification_number": None},
            "another facility's name",
        ),
        (
            replace(CASE, fields={**CONFIRM, "certification_number": "K0101"}),
            {**CONFIRM, "certification_number": "K0102"},
            "another facility's number",
        ),
    ],
)
def test_answer_on_another_matter_opens_a_case_linked_to_the_old(
    case: OpenCase, sent: dict[str, str | None], why: str
) -> None:
    decision = decide(facts("reply", fields=sent, answered=case, is_request=True))
    assert (decision.case, decision.related) == ("new", case.number), why
    assert decision.actions == ("confirm_address",)


def test_words_to_a_case_closed_long_ago_open_a_linked_case_for_a_person() -> None:
    old = replace(CASE, state="closed", closed_long_ago=True)
    decision = decide(facts("reply", fields=NOTHING, answered=old))
    assert (decision.case, decision.related) == ("new", old.number)
    assert decision.actions == ("review",)


def test_words_to_a_case_closed_lately_join_it() -> None:
    decision = decide(facts("reply", fields=NOTHING, answered=replace(CASE, state="closed")))
    assert (decision.case, decision.case_number) == ("join", CASE.number)


def test_same_request_as_an_answer_is_received_again_and_queues_nothing() -> None:
    decision = decide(facts("reply", answered=CASE, is_request=True))
    assert (decision.letters, decision.actions) == (("receipt_again",), ())


def test_request_for_another_facility_does_not_fill_a_case_that_waits() -> None:
    waiting = OpenCase(
        "2026-000001", "waiting_sender", {**CONFIRM, "member_number": None}, ("identity",)
    )
    other = {**CONFIRM, "facility_name": "べつの東病院", "certification_number": None}
    decision = decide(facts(fields=other, open_cases=(waiting,), is_request=True))
    assert decision.case == "new"
    assert decision.fields == other


def test_thanks_join_their_case_without_letter_or_work() -> None:
    decision = decide(
        facts("reply", sorting=sorting("reply", thanks=True), fields=NOTHING, answered=CASE)
    )
    assert (decision.case, decision.letters, decision.actions) == ("join", (), ())
    assert decision.case_state is None


def test_reply_with_words_waits_for_a_person_in_its_case() -> None:
    decision = decide(facts("reply", fields=NOTHING, answered=CASE))
    assert (decision.case, decision.actions) == ("join", ("review",))


def test_reply_of_a_stranger_is_only_suggested_to_a_person() -> None:
    decision = decide(facts("reply", fields=NOTHING, claimed="2026-000001"))
    assert (decision.case, decision.related) == ("new", "2026-000001")
    assert decision.actions == ("review",)


def test_what_is_not_understood_gets_a_receipt_and_waits_for_a_person() -> None:
    decision = decide(facts("unclear", fields=NOTHING))
    assert (decision.letters, decision.actions) == (("receipt_inquiry",), ("review",))
    assert decision.filing == "attention"


def test_out_of_office_known_by_its_subject_gets_no_letter() -> None:
    silent = Sorting("unclear", "human", True, False, ("automatic_by_subject",))
    decision = decide(facts("unclear", sorting=silent, fields=NOTHING))
    assert (decision.letters, decision.actions) == ((), ("review",))


@pytest.mark.parametrize("disposition", ["other", "bulk", "auto_reply", "bounce"])
def test_what_is_not_ours_is_left_alone(disposition: str) -> None:
    decision = decide(facts(disposition, sorting=sorting(disposition, ours=False)))
    assert decision == Decision(filing="leave", case="none")


@pytest.mark.parametrize("disposition", ["auto_reply", "bounce", "bulk"])
def test_no_machine_is_ever_answered(disposition: str) -> None:
    assert decide(facts(disposition)).letters == ()
    assert decide(facts(disposition, answered=CASE)).letters == ()


def test_bounce_of_our_letter_is_shown_to_a_person() -> None:
    decision = decide(facts("bounce", answered=CASE))
    assert (decision.case, decision.actions) == ("join", ("review",))


@pytest.mark.parametrize("change", [{"over_limit": True}, {"can_answer": False}])
def test_letter_that_may_not_be_written_makes_work_for_a_person(change: dict[str, bool]) -> None:
    fields = {**CONFIRM, "request": None}
    decision = decide(facts(fields=fields, missing=("request",), **change))
    assert decision.letters == ()
    assert decision.actions == ("review",)
    assert decision.case_state == "waiting_staff"


def test_mail_delivered_twice_causes_nothing_twice() -> None:
    decision = decide(facts(duplicate=True))
    assert (decision.case, decision.letters, decision.actions) == ("none", (), ())


def test_new_answer_to_field_three_replaces_the_old_one_whole() -> None:
    known = {**CONFIRM, "member_number": "111111"}
    merged = merge_fields(known, {**NOTHING, "birthdate": "1970-01-02"})
    assert (merged["member_number"], merged["birthdate"]) == (None, "1970-01-02")


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, ()),
        ({"facility_name": None}, ()),  # the certification number names it too
        ({"facility_name": None, "certification_number": None}, ("facility",)),
        ({"responsible_physician": None}, ("responsible_physician",)),
        ({"member_number": None}, ("identity",)),
        ({"request": None}, ("request",)),
        ({"request": "change_address"}, ("new_address",)),
        ({"request": "both"}, ("new_address",)),
        ({"request": "other"}, ()),
    ],
)
def test_missing_fields_of_a_request(
    change: dict[str, str | None], missing: tuple[str, ...]
) -> None:
    assert missing_of({**CONFIRM, **change}) == missing


def question(topic: str = "login_page", **changes: object) -> Facts:
    asked = Sorting("question", topic, True, False, ("topic",))
    return facts("question", sorting=asked, fields=NOTHING, **changes)


def test_question_that_may_be_answered_is_answered_and_its_case_closed() -> None:
    decision = decide(question(answer="automatic"))
    assert (decision.letters, decision.actions) == (("topic_login_page",), ())
    assert (decision.case, decision.case_state) == ("new", "closed")


def test_form_for_an_address_waits_for_the_sender() -> None:
    decision = decide(question("address_request", answer="automatic"))
    assert (decision.letters, decision.case_state) == (
        ("topic_address_request",),
        "waiting_sender",
    )


@pytest.mark.parametrize(
    ("answer", "registered", "authenticated", "answered"),
    [
        ("known_sender", True, True, True),
        ("known_sender", True, False, False),  # From can be forged
        ("known_sender", False, True, False),  # somebody else's domain vouches for them
        ("staff", True, True, False),
        ("automatic", False, False, True),
    ],
)
def test_state_of_a_facility_is_told_only_to_its_address_that_authenticates(
    answer: str, registered: bool, authenticated: bool, answered: bool
) -> None:
    decision = decide(
        question(
            "completion_check", answer=answer, registered=registered, authenticated=authenticated
        )
    )
    told = decision.letters == ("topic_completion_check",)
    assert told is answered
    assert decision.tells_state is (answered and registered and authenticated)
    if not answered:
        assert (decision.letters, decision.actions) == (("receipt_inquiry",), ("answer",))
        assert decision.ready == "topic_completion_check"


def test_second_question_within_three_days_goes_to_a_person_in_its_case() -> None:
    decision = decide(question(answer="automatic", asked_lately=CASE))
    assert (decision.case, decision.case_number) == ("join", CASE.number)
    assert (decision.letters, decision.actions) == (("receipt_inquiry",), ("answer",))
    assert decision.ready == "topic_login_page"


def test_answer_over_the_limit_waits_for_a_person_with_the_letter_ready() -> None:
    decision = decide(question(answer="automatic", over_limit=True))
    assert (decision.letters, decision.actions) == ((), ("answer",))
    assert decision.ready == "topic_login_page"


@pytest.mark.parametrize("disposition", ["unclear", "reply"])
def test_sealed_documents_by_mail_wait_for_a_person_with_the_letter_ready(
    disposition: str,
) -> None:
    brought = Sorting(disposition, None, True, False, (), documents=True)
    decision = decide(facts(disposition, sorting=brought, fields=NOTHING, answered=CASE))
    assert (decision.actions, decision.ready) == (("answer",), "documents_by_mail")


def test_answer_that_settles_a_notice_closes_it_without_anybody() -> None:
    notice = OpenCase("2026-000009", "open", {}, ())
    decision = decide(facts("reply", fields=NOTHING, answered=notice, settles=True))
    assert (decision.filing, decision.case_state) == ("handled", "closed")
    assert (decision.letters, decision.actions) == ((), ())


def test_answer_to_a_notice_says_what_it_answers() -> None:
    notice = OpenCase("2026-000009", "open", {}, ())
    decision = decide(facts("reply", fields=NOTHING, answered=notice, matter="データ修正依頼"))
    assert decision.note == "データ修正依頼への返信です。ご確認ください。"


def test_bounce_of_a_notice_is_a_task_already_and_no_second_one() -> None:
    notice = OpenCase("2026-000009", "open", {}, ())
    decision = decide(facts("bounce", fields=NOTHING, answered=notice, settles=True))
    assert (decision.filing, decision.actions) == ("handled", ())
