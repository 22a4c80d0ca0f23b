"""Finding the facility that a mail names, among those that look like it."""

from __future__ import annotations

import random

import pytest

from helpdesk.domain.facility_names import parts_of
from helpdesk.domain.registry import Facility, RegistryIndex


def facility(number: str, name: str, **more: object) -> Facility:
    return Facility(number, name, "core", "見本 太郎", **more)  # type: ignore[arg-type]


NAMES = {
    "K0001": "医療法人社団見本会みほん中央病院",
    "K0002": "みほん東病院",
    "K0003": "独立行政法人国立病院機構みほん医療センター",
    "K0004": "例示病院",
    "K0005": "医療法人例示会例示病院",
    "K0006": "みほん中央病院附属クリニック",
}
INDEX = RegistryIndex(
    [facility(number, name) for number, name in NAMES.items()]
    + [facility("K0007", "いまの病院", former_names=("むかしの病院",))]
)


def best(name: str | None, number: str | None = None) -> tuple[list[str], str]:
    found = INDEX.candidates(name, number)
    top = [one for one in found if one.score == found[0].score]
    return [one.facility.certification_number for one in top], found[0].reason if found else ""


@pytest.mark.parametrize(
    ("name", "number", "expected", "reason"),
    [
        ("医療法人社団見本会みほん中央病院", None, ["K0001"], "name"),
        ("医療法人社団見本会　みほん中央病院", None, ["K0001"], "name"),
        ("みほん中央病院", None, ["K0001"], "name_without_corporation"),
        ("みほん中央病院 緩和ケア科", None, ["K0001"], "name_with_department"),
        (
            "社会福祉法人別会みほん東病院",  # a corporation that the registry leaves out
            None,
            ["K0002"],
            "name_without_corporation",
        ),
        ("みほん医療センター", None, ["K0003"], "name_without_corporation"),
        ("国立病院機構みほん医療センター", None, ["K0003"], "name_without_corporation"),
        ("みほん中央病完", None, ["K0001"], "similar_name"),  # misspelt by a character
        ("むかしの病院", None, ["K0007"], "former_name"),
        (None, "k-0002", ["K0002"], "certification_number"),
        (None, "Ｋ０００２", ["K0002"], "certification_number"),
        ("例示病院", None, ["K0004"], "name"),  # the exact name stands over the shortened one
    ],
)
def test_facility_is_found(
    name: str | None, number: str | None, expected: list[str], reason: str
) -> None:
    assert best(name, number) == (expected, reason)


@pytest.mark.parametrize("name", ["ぜんぜん違う診療所", "病院", "", "あ"])
def test_what_is_in_no_registry_is_not_found(name: str) -> None:
    assert INDEX.candidates(name, None) == []


@pytest.mark.parametrize(
    ("registered", "written", "reason"),
    [
        # A union without its 法人 in the registry is a body that people leave out.
        ("緑風会みほん病院", "みほん病院", "name_without_corporation"),
        ("緑風会みほん病院", "緑風会みほん病院", "name"),
        ("緑風会みほん病院", "医療法人緑風会　みほん病院", "name_without_corporation"),
        # Another union is another hospital.
        ("緑風会みほん病院", "医療法人青葉会　みほん病院", "other_name"),
        ("緑風会みほん病院", "青葉会みほん病院", "other_name"),
        # A department behind a name that everybody shortens.
        ("見本市立みほん総合病院", "見本市立みほん病院緩和ケア内科", "shortened_name"),
        ("見本市立みほん病院", "みほん病院 緩和ケア内科", "shortened_name"),
        ("見本市立みほん病院", "市立みほん病院", "shortened_name"),
        ("見本県立中央病院", "県立中央病院 緩和ケア科", "shortened_name"),
        ("みほん赤十字病院", "みほん日赤病院 医事課", "shortened_name"),
    ],
)
def test_bodies_and_departments_around_a_name(registered: str, written: str, reason: str) -> None:
    index = RegistryIndex([facility("K1", registered), facility("K2", "例示大学病院")])
    found = index.candidates(written, None)
    assert [(one.facility.certification_number, one.reason) for one in found][:1] == [
        ("K1", reason)
    ]


def test_facilities_of_one_name_are_ties() -> None:
    index = RegistryIndex([facility(f"K{n}", "佐藤病院") for n in range(19)])
    found = index.candidates("佐藤病院", None)
    assert len(found) == 19
    assert len({one.score for one in found}) == 1


def test_nothing_depends_on_the_order_of_the_registry() -> None:
    rows = [facility(number, name) for number, name in NAMES.items()]
    shuffled = rows.copy()
    random.Random(1).shuffle(shuffled)
    for name in ("みほん中央病院", "例示病院", "みほん中央病完", "みほん"):
        assert RegistryIndex(rows).candidates(name, None) == RegistryIndex(shuffled).candidates(
            name, None
        )


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("医療法人社団見本会みほん病院", "みほん病院"),
        ("学校法人みほん大学病院", "みほん大学病院"),
        ("社会福祉法人恩賜財団済生会みほん病院", "みほん病院"),
        ("みほん会病院", "みほん会病院"),  # 会 is no corporation without one before it
    ],
)
def test_corporation_is_told_from_the_name(name: str, bare: str) -> None:
    assert parts_of(name)[1] == bare
