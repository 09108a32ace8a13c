"""The body that a user belongs to: an office, a parent department, or a lead agency.

The user's role says of which kind it is; users of the other roles belong to none. A page shows and
takes the body's own data only, so that a user without the right body opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from survey_pipeline.context import Context
from survey_pipeline.errors import UnknownRecord, UsageError
from survey_pipeline.standard.lead_agencies import find_agency, lead_agencies
from survey_pipeline.store.tables import offices, parents
from survey_pipeline.typed import as_key
from survey_pipeline.vocabulary import Role
from survey_pipeline.vocabulary.names import role_named

BODY_COLUMNS: Mapping[Role, str] = {
    Role.OFFICE: "office_code",
    Role.DEPARTMENT: "parent_code",
    Role.LEAD_AGENCY: "lead_agency",
}
"""The roles that belong to a body, and the column of `users` that names it."""


@dataclass(frozen=True)
class Body:
    """The body of a user; at most one of the three is given."""

    office_code: str | None = None
    parent_code: str | None = None
    lead_agency: str | None = None
    """Its Chinese name."""

    @property
    def name(self) -> str | None:
        """The code, or the agency's name; None of a user without a body."""
        return self.office_code or self.parent_code or self.lead_agency


NO_BODY = Body()


def body_of(role: Role, named: str | None) -> Body:
    """Return the body of a user as it is given by code or name.

    Args:
        role: of the user.
        named: the code of the office or department, or the name of the lead agency.

    Raises:
        UsageError: the role belongs to a body and none is named, or the other way round.
    """
    column = BODY_COLUMNS.get(role)
    if column is None:
        if named is not None:
            raise UsageError(
                "a user with the role {role} belongs to no office, department or lead agency; "
                "leave it out",
                role=role_named(role),
            )
        return NO_BODY
    if not named:
        raise UsageError(
            "a user with the role {role} belongs to one office, department or lead agency; name it",
            role=role_named(role),
        )
    return Body(**{column: named.strip() if role is Role.LEAD_AGENCY else as_key(named)})


def only_body(role: Role, **given: str | None) -> str | None:
    """Return the code or name that goes with a role, among those that a form or command names.

    Args:
        role: of the user.
        given: a column of `BODY_COLUMNS` -> the code or name; empty where none is named.

    Raises:
        UsageError: one is named that does not go with the role.
    """
    own = BODY_COLUMNS.get(role)
    if any(named for column, named in given.items() if column != own):
        raise UsageError(
            "name an office for the role office alone, a parent department for department, a lead "
            "agency for lead_agency"
        )
    return (given.get(own) or None) if own else None


def known_body(connection: Connection, context: Context, body: Body) -> Body:
    """Return a body as the register or the standard names it.

    Raises:
        UnknownRecord: the office or department is not on the register, or the standard in force
            names no such lead agency.
    """
    if body.lead_agency is not None:
        standard = context.standard_on(context.today()).standard
        agency = find_agency(standard, body.lead_agency)
        if agency is None:
            raise UnknownRecord(
                "the standard names no lead agency {name}. It names: {names}",
                name=body.lead_agency,
                names=" | ".join(known.key for known in lead_agencies(standard)),
            )
        return Body(lead_agency=agency.key)
    if body.office_code is not None and not _on_register(connection, body.office_code):
        raise UnknownRecord("there is no office {code}", code=body.office_code)
    if body.parent_code is not None and not _is_department(connection, body.parent_code):
        raise UnknownRecord("there is no parent department {code}", code=body.parent_code)
    return body


def _on_register(connection: Connection, code: str) -> bool:
    known = select(offices.c.office_code).where(
        offices.c.office_code == code, offices.c.withdrawn_at.is_(None)
    )
    return connection.scalar(known) is not None


def _is_department(connection: Connection, code: str) -> bool:
    known = select(parents.c.parent_code).where(
        parents.c.parent_code == code, parents.c.withdrawn_at.is_(None)
    )
    return connection.scalar(known) is not None
