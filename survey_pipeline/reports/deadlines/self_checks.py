"""Who filed a self-check of which month, who reported nothing, and who did neither. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey_pipeline.reports.deadlines.judging import Deadline, Who
from survey_pipeline.vocabulary import Duty


@dataclass(frozen=True)
class FilingYear:
    """The self-checks of an appraisal year, department by department and month by month."""

    year: int
    months: Sequence[str]
    """Those that had begun."""
    departments: Mapping[Who, Mapping[str, Deadline]]


def filing_years(deadlines: Iterable[Deadline], day: date) -> list[FilingYear]:
    """Return the self-checks among deadlines, the newest appraisal year first.

    Args:
        deadlines: of any duties.
        day: the day of the list; months that begin later are left out.
    """
    found: dict[int, dict[Who, dict[str, Deadline]]] = {}
    for deadline in sorted(deadlines, key=lambda deadline: deadline.who.code or ""):
        term = deadline.term
        if term.duty is Duty.SELF_CHECK and term.period.first <= day:
            departments = found.setdefault(term.year, {})
            departments.setdefault(deadline.who, {})[term.period.name] = deadline
    return [
        FilingYear(year, _months(departments), departments)
        for year, departments in sorted(found.items(), reverse=True)
    ]


def _months(departments: Mapping[Who, Mapping[str, Deadline]]) -> list[str]:
    return sorted({month for months in departments.values() for month in months})
