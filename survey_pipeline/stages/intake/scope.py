"""What a person or a system may bring: the kinds of files, and whose rows.

A row outside the scope is refused with its reason before anything is looked up for it, so that no
reason tells about records of others.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Row

from survey_pipeline.context import Context
from survey_pipeline.errors import CannotProceed
from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import CheckedChunk, Checker
from survey_pipeline.stages.intake.file_summary import CellReason
from survey_pipeline.store import bulk
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import offices
from survey_pipeline.vocabulary import Category, RecordKind
from survey_pipeline.vocabulary.record_names import kind_named

OTHER_OFFICE = Message("{code} is another office; report the cases of {office} alone")
NOT_ITS_OFFICE = Message(
    "{code} is no office of {parent}; bring rows of that department's offices alone"
)
OTHER_PARENT = Message("{code} is another department; bring the rows of {parent} alone")
OTHER_CATEGORY = Message(
    "{code} is in a category that is not yours to bring; leave its rows to {organisation}"
)
NAMES_NO_OFFICE = Message("the row names no office of your categories; name the office")


class NamedBodies(NamedTuple):
    """The bodies that a row names; the fields are columns of files."""

    office_code: str | None = None
    parent_code: str | None = None
    category: str | None = None


@dataclass(frozen=True)
class Scope:
    """The kinds of files that may be brought, and the bodies whose rows may stand in them."""

    kinds: Set[RecordKind]
    office_code: str | None = None
    """Rows of this office alone."""
    parent_code: str | None = None
    """Rows of this parent department and its offices alone."""
    categories: Set[Category] | None = None
    """Rows of offices of these categories alone."""

    @property
    def is_bound(self) -> bool:
        """Whether it ends at some bodies' rows.

        Then its holder must not learn which cases were drawn: every case of a frame gets the same
        answer.
        """
        return self.office_code is not None or self.needs_register

    @property
    def body(self) -> str:
        """The bodies as one word, to tell files of one scope from those of another."""
        listed = None if self.categories is None else ",".join(sorted(self.categories))
        return "/".join(part or "" for part in (self.office_code, self.parent_code, listed))

    @property
    def needs_register(self) -> bool:
        """Whether `refusal` needs what the register says of a row's office."""
        return self.parent_code is not None or self.categories is not None

    def require(self, kind: RecordKind) -> None:
        """Raise if files of a kind may not be brought.

        Raises:
            CannotProceed: the kind is not among them.
        """
        if kind not in self.kinds:
            raise CannotProceed("you may not bring files of {kind}", kind=kind_named(kind))

    def refusal(self, named: NamedBodies, office: Row[Any] | None) -> CellReason | None:
        """Return why a row is outside the scope; None if it is inside.

        Args:
            named: the bodies that the row names.
            office: the row's office as the register has it, if it has it.
        """
        if self.office_code not in (None, named.office_code):
            words: dict[str, object] = {"code": named.office_code or "", "office": self.office_code}
            return "office_code", Message(OTHER_OFFICE.text, words)
        return self._other_parent(named, office) or self._other_category(named, office)

    def _other_parent(self, named: NamedBodies, office: Row[Any] | None) -> CellReason | None:
        """Hold the department that the row names, and that of its office, against the scope."""
        registered = None if office is None else office.parent_code
        parents = {named.parent_code, registered} - {None, self.parent_code}
        if self.parent_code is None or not parents:
            return None
        words: dict[str, object] = {"parent": self.parent_code}
        if named.office_code:
            return "office_code", Message(NOT_ITS_OFFICE.text, {"code": named.office_code, **words})
        return "parent_code", Message(OTHER_PARENT.text, {"code": named.parent_code, **words})

    def _other_category(self, named: NamedBodies, office: Row[Any] | None) -> CellReason | None:
        if self.categories is None:
            return None
        if not named.office_code:
            return "office_code", NAMES_NO_OFFICE
        registered = None if office is None else office.category
        if {named.category, registered} - {None, *self.categories} == set():
            return None
        return "office_code", Message(OTHER_CATEGORY.text, {"code": named.office_code})


EVERYTHING = Scope(frozenset(RecordKind))
"""What an operator may bring, and the command line."""


def cases_of(office_code: str) -> Scope:
    """Return what an office that reports for itself may bring: its own cases."""
    return Scope(frozenset({RecordKind.CASES}), office_code=office_code)


def keep_inside(
    context: Context, scope: Scope, checker: Checker, checked: CheckedChunk
) -> CheckedChunk:
    """Return a chunk whose rows outside a scope are refused."""
    if not scope.is_bound:
        return checked
    absent = [None] * len(checked)
    columns = (checked.values.get(name, absent) for name in NamedBodies._fields)
    rows = [NamedBodies(*named) for named in zip(*columns, strict=True)]
    # a chunk has many rows and names few bodies: each is judged once
    reasons = _reasons(context, scope, set(rows))
    outside = {at: reasons[named] for at, named in enumerate(rows) if named in reasons}
    return checker.without(checked, outside) if outside else checked


def _reasons(
    context: Context, scope: Scope, named: Set[NamedBodies]
) -> Mapping[NamedBodies, CellReason]:
    """Return why rows that name these bodies are outside; those inside are left out."""
    codes = {bodies.office_code for bodies in named if bodies.office_code}
    registered = _find_offices(context, codes) if scope.needs_register else {}
    return {
        bodies: reason
        for bodies in named
        if (reason := scope.refusal(bodies, registered.get(bodies.office_code))) is not None
    }


def _find_offices(context: Context, codes: Set[str]) -> Mapping[str | None, Row[Any]]:
    with reading(context.engine) as connection:
        wanted = {(code,) for code in codes}
        found = bulk.find_by_key(connection, offices, ("office_code",), wanted)
        return {office.office_code: office for office in found}
