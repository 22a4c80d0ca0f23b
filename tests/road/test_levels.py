"""The levels `relaxed` and `strict`, and a forged registry file, by real mail and commands."""

from __future__ import annotations

from tests.servers.net import eventually

from .conftest import CLERK, Office
from .test_attacks import full_text, request
from .test_change_attacks import SECOND, add_second
from .test_changes import (
    HEAD,
    MX,
    NEW,
    OLD,
    OURS,
    REGISTRY,
    address,
    answer,
    ask_for_change,
    letter,
    look_up,
    prepare,
    state,
    until,
)


def approve(office: Office, number: int, *more: str, by: str = CLERK, status: int = 0) -> str:
    return str(office.run("queue", "approve", str(number), "--as", by, *more, status=status))


def case_of(office: Office, number: int) -> str:
    query = 'SELECT number FROM "case" JOIN action ON case_id = "case".id WHERE action.id = '
    return str(look_up(office, query + str(number))[0][0])


def whole(office: Office) -> set[str]:
    """Return who got a letter with the whole registered address."""
    return {x.message["To"] for x in office.sink.letters if OLD in full_text(x)}


def test_strict_tells_nobody_else_and_changes_by_two_people_and_a_wait(office: Office) -> None:
    prepare(office, identity__level="strict", identity__cool_off="4s")
    add_second(office)
    office.start()
    # ①, from a colleague whose mail authenticates in the registered domain: the best ground.
    colleague = "colleague@mihon.example.jp"
    office.deliver(request(1, colleague, headers=OURS))
    office.wait_for_letters(1)
    for to in ("sender", "member"):
        assert "never tells" in approve(office, 1, "--to", to, status=1)
    approve(office, 1)
    assert state(office) == "waiting"
    approve(office, 1, status=1)  # The same person twice is one.
    approve(office, 1, by=SECOND)
    assert state(office) == "done"
    told = letter(office, "address_hint")
    assert told.message["To"] == colleague
    assert "***" not in full_text(told)
    letter(office, "address_at_registered")
    assert whole(office) == {OLD}
    # ②, asked for from the old address itself and agreed to by it: the wait stays.
    ask_for_change(office, OLD, headers=OURS)
    eventually(lambda: office.rows("queue", "list"), timeout_s=15, what="the change")
    approve(office, 2)
    assert state(office, 2) == "waiting"
    approve(office, 2, by=SECOND)
    answer(office, letter(office, "change_confirm"), "", NEW)
    notice = letter(office, "change_notice")
    answer(office, notice, "同意します。", OLD)
    eventually(lambda: state(office, 2) == "portal", timeout_s=30, what="the end of the wait")
    assert "cooled → portal" in office.run("audit", "show", case_of(office, 2))
    office.run("queue", "reflected", "2", "--as", CLERK)
    assert (state(office, 2), address(office)) == ("done", NEW)


def test_relaxed_tells_the_sender_for_a_reason_and_changes_without_a_wait(office: Office) -> None:
    prepare(office, identity__level="relaxed")
    office.start()
    stranger = "head@elsewhere.example.com"
    office.deliver(request(1, stranger))
    office.wait_for_letters(1)
    assert "--reason" in approve(office, 1, "--to", "sender", status=1)
    approve(office, 1, "--to", "sender", "--reason", "お声でわかりました")
    assert letter(office, "address_told").message["To"] == stranger
    letter(office, "address_at_registered")
    assert whole(office) == {OLD, stranger}
    ask_for_change(office, HEAD)
    eventually(lambda: office.rows("queue", "list"), timeout_s=15, what="the change")
    approve(office, 2)
    answer(office, letter(office, "change_confirm"), "", NEW)
    eventually(lambda: state(office, 2) == "portal", timeout_s=15, what="no wait")
    assert letter(office, "change_notice").message["To"] == OLD
    office.run("queue", "reflected", "2", "--as", CLERK)
    assert {letter(office, f"change_done_{one}").message["To"] for one in ("new", "old")} == {
        NEW,
        OLD,
    }


def test_registry_file_with_a_forged_address_is_seen_and_goes_round_nobody(
    office: Office,
) -> None:
    """T30: the operator makes their own mailbox the registered one, and asks for a change."""
    forged = "mine@forged.example.com"
    prepare(office)
    add_second(office)
    file = office.folder / "forged.csv"
    file.write_text(REGISTRY.replace(OLD, forged), encoding="utf-8")
    assert "登録アドレス・電話番号が変わる施設 1 件" in office.run("registry", "import", str(file))
    office.start()
    proof = {"Authentication-Results": f"{MX}; dmarc=pass header.from=forged.example.com"}
    ask_for_change(office, forged, headers=proof)
    shown = office.run("queue", "show", "1")
    assert "登録アドレスが、最近の取込で変わった施設です" in shown
    assert "メールアドレス" in shown
    approve(office, 1)
    assert state(office) == "waiting"
    approve(office, 1, by=SECOND)
    answer(office, letter(office, "change_confirm"), "", NEW)
    until(office, "cooling")  # Its word is not the facility's.
    answer(office, letter(office, "change_notice"), "同意します。", forged)
    agreed = "SELECT old_agreed_at FROM change WHERE old_agreed_at IS NOT NULL"
    eventually(lambda: look_up(office, agreed), timeout_s=15, what="heard")
    assert state(office) == "cooling"
