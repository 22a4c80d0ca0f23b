"""The verdict as a table: who is believed, and above all who is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from helpdesk.domain.identity import Claims, judge
from helpdesk.domain.registry import Facility, RegistryIndex

MIHON = Facility(
    "K0001",
    "医療法人見本会みほん病院",
    "core",
    "見本 太郎",
    "ミホン タロウ",
    "012345",
    date(1968, 4, 9),
)
SATO = [
    Facility("K0010", "佐藤病院", "core", "佐藤 一", "", "111111", date(1960, 1, 1)),
    Facility("K0011", "佐藤病院", "affiliate", "佐藤 二", "", "222222", date(1961, 1, 1)),
    # Two facilities with one head.
    Facility("K0020", "本院", "core", "両院 長", "", "333333", date(1962, 1, 1)),
    Facility("K0021", "分院病院", "affiliate", "両院 長", "", "333333", date(1962, 1, 1)),
    Facility("K0030", "空欄病院", "core", "空欄 子"),
    # A name of which another is the beginning.
    Facility("K0040", "みほん病院附属診療所", "core", "見本 次郎", "", "444444", date(1970, 1, 1)),
]
INDEX = RegistryIndex([MIHON, *SATO])
RIGHT = Claims("みほん病院", "K0001", "見本 太郎", "12345", None, ())


@pytest.mark.parametrize(
    ("change", "outcome", "why"),
    [
        ({}, "verified", "number, name and member number without its zero"),
        ({"member_number": None, "birthdate": "1968-04-09"}, "verified", "by birthdate"),
        ({"birthdate": "1968-04-09"}, "verified", "both right"),
        ({"certification_number": None}, "verified", "by name alone"),
        ({"facility_name": None}, "verified", "by number alone"),
        ({"facility_name": "みほん病完"}, "verified", "misspelt, but everything else agrees"),
        ({"responsible_physician": "ミホンタロウ"}, "verified", "by the reading"),
        ({"member_number": "12346"}, "mismatch", "one digit off"),
        ({"member_number": "123450"}, "mismatch", "a zero at the end"),
        ({"member_number": None, "birthdate": "1968-04-10"}, "mismatch", "one day off"),
        ({"birthdate": "1968-04-10"}, "mismatch", "of two proofs one wrong"),
        ({"responsible_physician": "見本 太朗"}, "mismatch", "one character off"),
        ({"responsible_physician": "見本 次郎"}, "mismatch", "the son"),
        (
            {"facility_name": "どこにもない診療所", "certification_number": None},
            "mismatch",
            "no candidate",
        ),
        ({"facility_name": "佐藤病院"}, "verified", "name is another's: the rest decides"),
        ({"certification_number": "K0010"}, "verified", "number is another's: the rest decides"),
        ({"certification_number": "K9999"}, "verified", "a number that nobody has"),
        (
            {"facility_name": "みほん病完", "certification_number": "K0010"},
            "ambiguous",
            "two slips: the name is not as registered and the number is another's",
        ),
        (
            {"facility_name": "佐藤病院", "member_number": "12346"},
            "mismatch",
            "name and number disagree, and the rest decides for neither",
        ),
        ({"missing": ("request",)}, "incomplete", "incomplete stands over everything"),
        ({"missing": ("identity",), "member_number": "1"}, "incomplete", "over a mismatch too"),
    ],
)
def test_verdict(change: dict[str, object], outcome: str, why: str) -> None:
    assert judge(replace(RIGHT, **change), INDEX).outcome == outcome, why  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("physician", "member", "expected"),
    [("佐藤 一", "111111", "K0010"), ("佐藤 二", "222222", "K0011")],
)
def test_of_facilities_of_one_name_the_rest_decides(
    physician: str, member: str, expected: str
) -> None:
    verdict = judge(Claims("佐藤病院", None, physician, member, None, ()), INDEX)
    assert verdict.outcome == "verified"
    assert verdict.facility is not None
    assert verdict.facility.certification_number == expected


def test_proof_of_the_neighbour_of_the_same_name_is_no_proof() -> None:
    verdict = judge(Claims("佐藤病院", None, "佐藤 一", "222222", None, ()), INDEX)
    assert verdict.outcome == "mismatch"


def test_head_of_two_facilities_is_asked_which_one() -> None:
    twins = RegistryIndex([replace(MIHON, certification_number=f"K{n}") for n in (1, 2)])
    verdict = judge(Claims("みほん病院", None, "見本 太郎", "12345", None, ()), twins)
    assert verdict.outcome == "ambiguous"
    named = judge(Claims("みほん病院", "K2", "見本 太郎", "12345", None, ()), twins)
    assert (named.outcome, named.facility and named.facility.certification_number) == (
        "verified",
        "K2",
    )


@pytest.mark.parametrize("claim", [{"member_number": "0"}, {"birthdate": "1970-01-01"}])
def test_what_the_registry_does_not_hold_proves_nothing(claim: dict[str, str]) -> None:
    claims = Claims("空欄病院", "K0030", "空欄 子", None, None, ())
    assert judge(replace(claims, **claim), INDEX).outcome == "mismatch"  # type: ignore[arg-type]


def test_nothing_given_is_never_verified() -> None:
    claims = Claims("みほん病院", "K0001", "見本 太郎", None, None, ())
    assert judge(claims, INDEX).outcome != "verified"
    assert (
        judge(replace(claims, responsible_physician=None, member_number="12345"), INDEX).outcome
        != "verified"
    )


def test_evidence_names_every_part_and_holds_no_value() -> None:
    verdict = judge(replace(RIGHT, member_number="12346"), INDEX)
    assert {part.name: part.result for part in verdict.parts} == {
        "facility": "agrees",
        "responsible_physician": "agrees",
        "member_number": "differs",
        "birthdate": "absent",
    }
    told = "".join(part.reason for part in verdict.parts)
    assert not any(secret in told for secret in ("12346", "12345", "見本", "1968"))


def test_verdict_does_not_depend_on_the_order_of_the_registry() -> None:
    backwards = RegistryIndex([*reversed(SATO), MIHON])
    for claims in (
        RIGHT,
        replace(RIGHT, certification_number=None),
        Claims("佐藤病院", None, "佐藤 一", "111111", None, ()),
    ):
        assert judge(claims, INDEX) == judge(claims, backwards)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        (Claims("佐藤病院", None, "佐藤 一", "111111", None, ()), "among 2 facilities"),
        (Claims("佐藤病院", "K0001", "見本 太郎", "12345", None, ()), "number and name disagree"),
    ],
)
def test_evidence_says_what_decided(claims: Claims, reason: str) -> None:
    verdict = judge(claims, INDEX)
    assert verdict.outcome == "verified"
    assert reason in verdict.reasons[1]


def test_name_and_number_of_two_facilities_of_one_head_stay_ambiguous() -> None:
    assert judge(Claims("本院", "K0021", "両院 長", "333333", None, ()), INDEX).outcome == (
        "ambiguous"
    )


@pytest.mark.parametrize(
    ("name", "outcome", "why"),
    [
        ("みほん東病院", "ambiguous", "東 for 西 is another hospital"),
        ("みほん第一西病院", "mismatch", "too far away"),
        ("みほん西病完", "verified", "a slip"),
        ("医療法人別会みほん西病院", "ambiguous", "another corporation in front"),
        ("みほん西病院 緩和ケア内科", "verified", "a department"),
        ("むかしの西病院", "verified", "a former name"),
    ],
)
def test_name_alone_is_believed_only_where_it_is_near(name: str, outcome: str, why: str) -> None:
    west = replace(
        MIHON,
        certification_number="K0300",
        name="医療法人見本会みほん西病院",
        former_names=("むかしの西病院",),
    )
    claims = Claims(name, None, "見本 太郎", "12345", None, ())
    assert judge(claims, RegistryIndex([west, *SATO])).outcome == outcome, why


def test_two_proofs_of_which_the_registry_holds_one_are_for_a_person() -> None:
    half = RegistryIndex([replace(MIHON, birthdate=None)])
    claims = replace(RIGHT, birthdate="1968-04-09")
    assert judge(claims, half).outcome == "ambiguous"
    assert judge(replace(claims, member_number="12346"), half).outcome == "mismatch"


def test_head_of_a_namesake_is_not_believed_where_number_and_name_mean_another() -> None:
    claims = Claims("佐藤病院", "K0011", "佐藤 一", "111111", None, ())
    assert judge(claims, INDEX).outcome == "mismatch"
    assert judge(replace(claims, certification_number="K0010"), INDEX).outcome == "verified"
