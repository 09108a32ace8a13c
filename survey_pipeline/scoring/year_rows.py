"""A year's score as rows of the database, and back."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from survey_pipeline.scoring.facts import OfficeOnRegister
from survey_pipeline.scoring.numbers import fixed, to_units
from survey_pipeline.scoring.packing import pack, unpack
from survey_pipeline.scoring.year import OfficeYearScore, YearScore
from survey_pipeline.scoring.year_ranks import DAILY, YearRanks
from survey_pipeline.standard.load import InForce
from survey_pipeline.standard.model import Window
from survey_pipeline.vocabulary import Category, Component


@dataclass(frozen=True)
class OfficeRow:
    """One office of a stored score, as `office_year_scores` has it."""

    office_code: str
    daily: int | None
    """Ten-thousandths."""
    total: int | None
    rank: int | None
    rank_in_category: int | None
    facts: Mapping[str, Any]
    """The register's words, points by component as text, and what is missing."""
    lines: str
    """The packed lines."""


def head_of(
    score: YearScore, in_force: InForce, settled: bool, counted_from: str
) -> dict[str, Any]:
    """Return the head of a stored score: what holds for all its offices."""
    return {
        "window": score.window.model_dump(mode="json"),
        "decimals": score.decimals,
        "exempt": [
            {**_register(office), "reason": office.exempt_reason} for office in score.exempt
        ],
        "provisional_standard": in_force.provisional,
        "coefficient_adopted": in_force.standard.satisfaction.coefficient.adoption is not None,
        "settled": settled,
        "counted_from": counted_from,
    }


def office_row(score: OfficeYearScore, decimals: int) -> OfficeRow:
    """Return one office's row, without ranks: `ranked` adds them when all offices are known."""
    return OfficeRow(
        office_code=score.office.office_code,
        daily=to_units(score.daily),
        total=to_units(score.total),
        rank=score.ranks.rank,
        rank_in_category=score.ranks.rank_in_category,
        facts={
            **_register(score.office),
            "complete": score.complete,
            "missing": [component.value for component in score.missing],
            "selected": any(line.component == Component.ONLINE for line in score.lines),
            "components": {
                component.value: fixed(score.points[component], decimals) for component in DAILY
            },
            "daily": fixed(score.daily, decimals),
            **{
                component.value: fixed(score.points[component], decimals)
                for component in (Component.ONLINE, Component.BONUS, Component.MATERIAL_PENALTY)
            },
            "total": fixed(score.total, decimals),
        },
        lines=pack(score.lines),
    )


def ranked(row: OfficeRow, ranks: YearRanks) -> OfficeRow:
    """Return a row with its ranks."""
    facts = {
        **row.facts,
        "provisional_rank": ranks.provisional_rank,
        "compared_on": [component.value for component in ranks.compared_on],
    }
    return replace(row, rank=ranks.rank, rank_in_category=ranks.rank_in_category, facts=facts)


def ranks_of(row: OfficeRow) -> YearRanks:
    """Return a row's ranks; one stored before there were provisional ranks has none of them."""
    return YearRanks(
        rank=row.rank,
        rank_in_category=row.rank_in_category,
        provisional_rank=row.facts.get("provisional_rank"),
        compared_on=tuple(Component(word) for word in row.facts.get("compared_on", ())),
    )


def rebuilt(
    year: int, as_of: date, standard_id: str, head: Mapping[str, Any], rows: Iterable[OfficeRow]
) -> YearScore:
    """Return the score that was stored as these rows."""
    return YearScore(
        standard_id=standard_id,
        year=year,
        window=Window.model_validate_json(json.dumps(head["window"])),
        as_of=as_of,
        decimals=head["decimals"],
        offices=tuple(rebuilt_office(row) for row in rows),
        exempt=tuple(_office(entry, entry["reason"]) for entry in head["exempt"]),
    )


def rebuilt_office(row: OfficeRow) -> OfficeYearScore:
    """Return one office's score that was stored as this row."""
    return OfficeYearScore(
        office=_office(row.facts),
        lines=unpack(row.lines),
        ranks=ranks_of(row),
    )


def _register(office: OfficeOnRegister) -> dict[str, Any]:
    return {
        "office_code": office.office_code,
        "name": office.name,
        "category": office.category.value,
        "parent_code": office.parent_code,
        "parent": office.parent,
        "approval_service": office.approval_service,
    }


def _office(facts: Mapping[str, Any], exempt_reason: str | None = None) -> OfficeOnRegister:
    return OfficeOnRegister(
        office_code=facts["office_code"],
        name=facts["name"],
        category=Category(facts["category"]),
        parent_code=facts["parent_code"],
        parent=facts["parent"],
        approval_service=facts["approval_service"],
        exempt_reason=exempt_reason,
    )
