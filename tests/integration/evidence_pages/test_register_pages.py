"""The register's pages: found, added, changed with history, closed, exempted, taken off."""

from typing import Any

import pytest

REGISTER = "/organise/register"
NEW = {"office_code": "A-9", "name": "New office", "category": "agency", "parent_code": "P-1"}


@pytest.mark.usefixtures("database")
def test_an_office_is_added_changed_closed_and_found_by_its_state(desk: Any) -> None:
    assert "The office is saved." in desk.follow(desk.post(f"{REGISTER}/office", NEW)).text
    renamed = {**NEW, "was": "A-9", "name": "Other name", "reason": "decree 7"}
    page = desk.follow(desk.post(f"{REGISTER}/office", renamed))
    assert "decree 7" in page.text
    closed = {**renamed, "valid_until": "2023-06-30"}
    desk.follow(desk.post(f"{REGISTER}/office", closed))
    exempt = {"office_code": "E-1", "name": "Office E-1", "category": "education"}
    exempt |= {"parent_code": "P-2", "was": "E-1", "exempt_reason": "moved"}
    desk.follow(desk.post(f"{REGISTER}/office", exempt))

    def codes(**wanted: str) -> set[str]:
        text = desk.get(REGISTER, **wanted).text
        return {code for code in ("A-1", "A-2", "A-9", "E-1") if f"?code={code}" in text}

    assert codes(state="open") == {"A-1", "A-2"}
    assert codes(state="closed") == codes(q="other") == {"A-9"}
    assert codes(state="exempt") == codes(category="education") == codes(parent="P-2") == {"E-1"}


def test_what_a_file_is_refused_for_is_refused_here(desk: Any) -> None:
    taken = desk.post(f"{REGISTER}/office", {**NEW, "office_code": "A-1"})
    assert (taken.status, "the register has this code already" in taken.text) == (400, True)
    answer = desk.post(f"{REGISTER}/office", {**NEW, "parent_code": "P-8"})
    assert (answer.status, "P-8" in answer.text) == (400, True)
    days = {"valid_from": "2023-05-01", "valid_until": "2023-04-01"}
    assert "end before it begins" in desk.post(f"{REGISTER}/office", {**NEW, **days}).text


def test_an_office_is_taken_off_with_a_reason(desk: Any) -> None:
    form = {"code": "A-2", "reason": "entered twice"}
    page = desk.follow(desk.post(f"{REGISTER}/withdraw", form))
    assert "The office is off the register." in page.text
    assert "entered twice" in page.text
    assert "?code=A-2" in desk.get(REGISTER, state="withdrawn").text
