"""What an import changes, and what it may not take back."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.domain.registry import Facility
from helpdesk.domain.registry_diff import Known, plan_import

ONE = Facility("K0001", "みほん病院", "core", "見本 太郎", address="new@x.test")


def test_first_import_adds_everything() -> None:
    plan = plan_import([], [ONE])
    assert (plan.added, plan.changed, plan.removed, plan.unchanged) == ((ONE,), (), (), 0)


def test_change_names_the_columns_that_differ() -> None:
    (change,) = plan_import(
        [Known(ONE)], [replace(ONE, physician="例示 花子", main_phone="1")]
    ).changed
    assert change.columns == ("責任者氏名", "代表電話")


def test_facility_that_left_the_file_is_removed_once_and_comes_back_as_added() -> None:
    assert plan_import([Known(ONE)], []).removed == (ONE,)
    assert plan_import([Known(ONE, removed=True)], []).removed == ()
    assert plan_import([Known(ONE, removed=True)], [ONE]).added == (ONE,)


def test_approved_change_stands_until_the_export_shows_it() -> None:
    known = Known(ONE, address_before="old@x.test")
    behind = plan_import([known], [replace(ONE, address="OLD@x.test", physician="例示 花子")])
    (change,) = behind.changed
    assert change.facility.address == "new@x.test"
    assert change.columns == ("責任者氏名",)
    assert [c.third_address for c in behind.conflicts] == [False]
    third = plan_import([known], [replace(ONE, address="third@x.test")])
    assert [c.third_address for c in third.conflicts] == [True]
    assert third.unchanged == 1


def test_export_that_shows_the_change_ends_the_wait_for_it() -> None:
    (change,) = plan_import([Known(ONE, address_before="old@x.test")], [ONE]).changed
    assert (change.confirms, change.columns) == (True, ())
