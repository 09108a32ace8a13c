"""The body that a signed-in user delivers for: its name, its deadlines, what it may bring.

The role says of which kind the body is, the account says which (`people.user_bodies`). No address
and no form names a body, so that a user cannot ask for another one's.
"""

from dataclasses import dataclass

from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord
from survey_pipeline.people.sessions import SignedIn
from survey_pipeline.reports.deadlines.owed_by import (
    HOTLINE_CENTRE,
    Debtor,
    agency_debtor,
    department_debtor,
)
from survey_pipeline.standard.entry import Label
from survey_pipeline.standard.lead_agencies import LeadAgency, find_agency
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import parents
from survey_pipeline.vocabulary import Duty, Role


@dataclass(frozen=True)
class DeliveringBody:
    """A body that delivers."""

    role: Role
    name: Label | str
    """A lead agency's or the hotline centre's name in both languages; a department's as on the
    register."""
    debtor: Debtor
    parent_code: str | None = None
    """Of a department."""
    agency: LeadAgency | None = None

    def in_locale(self, locale: str) -> str:
        """Return the name in a locale."""
        return self.name if isinstance(self.name, str) else self.name.in_locale(locale)


def delivering_body(context: Context, who: SignedIn) -> DeliveringBody:
    """Return the body of a user with one of the roles that deliver.

    Raises:
        UnknownRecord: the user's body is no longer on the register, or in the standard in force.
    """
    if who.role is Role.LEAD_AGENCY:
        agency = agency_of_user(context, who)
        return DeliveringBody(who.role, agency.name, agency_debtor(agency.key), agency=agency)
    if who.role is Role.DEPARTMENT:
        code = department_of_user(who)
        name = _department_name(context, code)
        return DeliveringBody(who.role, name, department_debtor(code), parent_code=code)
    hotline = context.standard_on(context.today()).standard.duties.of(Duty.HOTLINE).who
    return DeliveringBody(who.role, hotline, HOTLINE_CENTRE)


def agency_of_user(context: Context, who: SignedIn) -> LeadAgency:
    """Return the lead agency that a user belongs to.

    Raises:
        UnknownRecord: the user belongs to none that the standard in force names.
    """
    standard = context.standard_on(context.today()).standard
    found = find_agency(standard, who.body.lead_agency) if who.body.lead_agency else None
    if found is None:
        raise UnknownRecord(
            "you belong to no lead agency of the standard in force; an admin can say to which"
        )
    return found


def department_of_user(who: SignedIn) -> str:
    """Return the code of the parent department that a user belongs to.

    Raises:
        UnknownRecord: the user belongs to none.
    """
    if who.body.parent_code is None:
        raise UnknownRecord("you belong to no parent department; an admin can say to which")
    return who.body.parent_code


def _department_name(context: Context, code: str) -> str:
    known = select(parents.c.name).where(
        parents.c.parent_code == code, parents.c.withdrawn_at.is_(None)
    )
    with reading(context.engine) as connection:
        name = connection.scalar(known)
    if name is None:
        raise UnknownRecord("there is no parent department {code}", code=code)
    return str(name)
