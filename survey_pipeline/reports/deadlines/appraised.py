"""Which offices and departments are appraised, and so owe or wait for something."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select

from survey_pipeline.standard.periods import Period
from survey_pipeline.store.tables import offices, parents
from survey_pipeline.validity import valid_within
from survey_pipeline.vocabulary import Category, HotlineGroup


class AppraisedOffice(NamedTuple):
    """An office that is neither exempt nor withdrawn, and its department."""

    office_code: str
    name: str
    category: Category
    approval_service: bool
    valid_from: date | None
    valid_until: date | None
    parent_code: str
    parent: str
    hotline_group: HotlineGroup

    def within(self, period: Period) -> bool:
        """Return whether it is valid on at least one day of a period."""
        return valid_within(self, period.first, period.last)


def appraised_offices(connection: Connection) -> list[AppraisedOffice]:
    """Return the offices of the register, by code."""
    rows = connection.execute(
        select(
            offices.c.office_code,
            offices.c.name,
            offices.c.category,
            offices.c.approval_service,
            offices.c.valid_from,
            offices.c.valid_until,
            offices.c.parent_code,
            parents.c.name.label("parent"),
            parents.c.hotline_group,
        )
        .join(parents, parents.c.parent_code == offices.c.parent_code)
        .where(offices.c.exempt_reason.is_(None), offices.c.withdrawn_at.is_(None))
        .order_by(offices.c.office_code)
    )
    return [
        AppraisedOffice(
            **{
                **row._mapping,
                "category": Category(row.category),
                "hotline_group": HotlineGroup(row.hotline_group),
            }
        )
        for row in rows
    ]


def departments(register: Iterable[AppraisedOffice]) -> dict[str, str]:
    """Return the departments of offices: code -> name, by code."""
    return dict(sorted({office.parent_code: office.parent for office in register}.items()))
