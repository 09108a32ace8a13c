"""Accounts and keys in bulk: for a list of people, or for every office of the register.

Each is made by the same rules as a single one; refused ones are listed, the others are made. First
passwords and keys are random and go into one file that only its owner can read. Each line is
written as soon as its account or key exists, so that none is lost if the command is interrupted.
"""

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, select

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed, SurveyPipelineError, UsageError
from survey_pipeline.formulas import disarmed
from survey_pipeline.i18n import Message
from survey_pipeline.people.account_names import fold_name
from survey_pipeline.people.accounts import add_user
from survey_pipeline.people.api_keys import add_key, list_keys
from survey_pipeline.people.passwords import generate_password
from survey_pipeline.people.user_bodies import BODY_COLUMNS
from survey_pipeline.standard.lead_agencies import lead_agencies
from survey_pipeline.store.engine import reading
from survey_pipeline.store.files import OWNER_ONLY
from survey_pipeline.store.tables import offices, parents, users
from survey_pipeline.typed import as_key
from survey_pipeline.validation import os_problem
from survey_pipeline.vocabulary import Role

Progress = Callable[[int, int], None]
Write = Callable[..., None]
"""Writes the cells of one line."""
ROLE, NAME = "role", "name"
BODIES = ("office", "parent", "agency")
"""Columns of a file of people that name the body; one of them is filled in, or none."""
PASSWORD_COLUMNS = ("name", "password", "role", "office_code", "office")
KEY_COLUMNS = ("office_code", "office", "number", "key")


@dataclass(frozen=True)
class Person:
    """A person for whom an account is to be made."""

    name: str
    role: str
    body: str | None = None
    """Code of the office or department, or name of the lead agency."""
    called: str = ""
    """The name of the office, for the file of passwords."""

    @property
    def office_code(self) -> str | None:
        """Of a user with the role `office`."""
        return self.body if self.role == Role.OFFICE else None


@dataclass(frozen=True)
class OfficeWithoutKey:
    """An office for which a key is to be made."""

    office_code: str
    name: str


@dataclass(frozen=True)
class NotAdded:
    """A person or office for which nothing was made, and why."""

    name: str
    why: Message


@dataclass
class BulkResult:
    """How many were made, and which were refused."""

    count: int = 0
    refused: list[NotAdded] = field(default_factory=list)


def read_people(path: Path) -> list[Person]:
    """Read a CSV file of people with the columns name, role, and office, parent or agency.

    Raises:
        UsageError: the file cannot be read, or lacks a column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("{file} cannot be read: {problem}", file=path, problem=error) from error
    rows = csv.DictReader(text.splitlines())
    missing = [name for name in (NAME, ROLE) if name not in (rows.fieldnames or ())]
    if missing:
        raise UsageError(
            "{file} has no column {column}. Its columns are name, role, office, parent and agency",
            file=path,
            column=missing[0],
        )
    return [
        Person(
            (row[NAME] or "").strip(),
            (row[ROLE] or "").strip(),
            next((text for text in (_cell(row, column) for column in BODIES) if text), None),
        )
        for row in rows
    ]


def offices_without_account(context: Context) -> list[Person]:
    """Return the offices of the register without an account, each as an account to make."""
    return _without_account(context, offices, Role.OFFICE)


def departments_without_account(context: Context) -> list[Person]:
    """Return the parent departments without an account, each as an account to make."""
    return _without_account(context, parents, Role.DEPARTMENT)


def agencies_without_account(context: Context) -> list[Person]:
    """Return the lead agencies of the standard in force that have no account, as accounts to make.

    Raises:
        ConfigurationError: no standard is in force, or its file is wrong.
    """
    standard = context.standard_on(context.today()).standard
    with reading(context.engine) as connection:
        have = set(connection.scalars(_with_account(Role.LEAD_AGENCY)))
    return [
        Person(fold_name(agency.key), Role.LEAD_AGENCY.value, agency.key, agency.key)
        for agency in lead_agencies(standard)
        if agency.key not in have
    ]


def _without_account(context: Context, register: Table, role: Role) -> list[Person]:
    code = register.c[BODY_COLUMNS[role]]
    query = (
        select(code, register.c.name)
        .where(register.c.withdrawn_at.is_(None), code.not_in(_with_account(role)))
        .order_by(code)
    )
    with reading(context.engine) as connection:
        return [
            Person(fold_name(own), role.value, own, name) for own, name in connection.execute(query)
        ]


def _with_account(role: Role) -> Select[Any]:
    """Select the bodies of a role that have a user who may sign in."""
    body = users.c[BODY_COLUMNS[role]]
    return select(body).where(body.is_not(None), users.c.disabled_at.is_(None))


def add_people(
    context: Context,
    people: Sequence[Person],
    passwords: Path,
    progress: Progress = lambda done, total: None,
) -> BulkResult:
    """Add many users, who must choose another password at their first sign-in.

    Args:
        context: the workspace.
        people: the users.
        passwords: the file for the first passwords; it must not exist yet.
        progress: is called with the number done and the number of all.

    Raises:
        CannotProceed: the file exists already, or cannot be written.
    """
    with _secrets(passwords, PASSWORD_COLUMNS) as write:
        return make_accounts(context, people, write, progress)


def make_accounts(
    context: Context,
    people: Sequence[Person],
    write: Write,
    progress: Progress = lambda done, total: None,
) -> BulkResult:
    """Add many users; each first password is written as soon as its account exists.

    Args:
        context: the workspace.
        people: the users.
        write: writes the cells of `PASSWORD_COLUMNS`.
        progress: is called with the number done and the number of all.
    """
    made = BulkResult()
    for number, person in enumerate(people, 1):
        password, body = generate_password(), person.body
        try:
            role = _role(person.role)
            added = add_user(context, person.name, role, password, body, must_change=True)
            write(added.name, password, person.role, body or "", disarmed(person.called))
            made.count += 1
        except SurveyPipelineError as error:
            made.refused.append(NotAdded(person.name, error.message))
        progress(number, len(people))
    return made


def add_keys(context: Context, label: str, keys: Path) -> BulkResult:
    """Make a key for every office of the register without a valid one with this label.

    Raises:
        CannotProceed: the file exists already, or cannot be written.
    """
    lacking = offices_without_key(context, label)
    with _secrets(keys, KEY_COLUMNS) as write:
        return make_keys(context, lacking, label, write)


def offices_without_key(context: Context, label: str) -> list[OfficeWithoutKey]:
    """Return the offices of the register without a valid key with this label."""
    have = {
        key.office_code
        for key in list_keys(context)
        if key.revoked_at is None and key.label == label
    }
    query = select(offices.c.office_code, offices.c.name).where(offices.c.withdrawn_at.is_(None))
    with reading(context.engine) as connection:
        found = connection.execute(query.order_by(offices.c.office_code)).all()
    return [OfficeWithoutKey(*row) for row in found if row.office_code not in have]


def make_keys(
    context: Context, lacking: Sequence[OfficeWithoutKey], label: str, write: Write
) -> BulkResult:
    """Make a key for each of these offices; each is written as soon as it exists.

    Args:
        context: the workspace.
        lacking: the offices.
        label: names the system that the keys are for.
        write: writes the cells of `KEY_COLUMNS`.
    """
    made = BulkResult()
    for office in lacking:
        try:
            number, key = add_key(context, office.office_code, label)
            write(office.office_code, disarmed(office.name), str(number), key)
            made.count += 1
        except SurveyPipelineError as error:
            made.refused.append(NotAdded(office.office_code, error.message))
    return made


def _cell(row: Mapping[str, str | None], column: str) -> str:
    return as_key(row.get(column) or "")


def _role(text: str) -> Role:
    if text not in list(Role):
        raise UsageError("there is no role {role}", role=text)
    return Role(text)


@contextmanager
def _secrets(path: Path, columns: Sequence[str]) -> Iterator[Write]:
    """Open a new file that only its owner can read; yield what writes a line to it at once."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except OSError as error:
        raise CannotProceed(
            "{file} cannot be made: {problem}. Name another file",
            file=path,
            problem=os_problem(error),
        ) from error
    with os.fdopen(number, "w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(columns)

        def write(*cells: str) -> None:
            lines.writerow(cells)
            file.flush()

        yield write
