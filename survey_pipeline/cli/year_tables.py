"""A stored year, and a comparison of two standards, as tables for the terminal and as JSON."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from rich.table import Table
from rich.text import Text

from survey_pipeline.cli.console import new_table
from survey_pipeline.cli.score_tables import DASH
from survey_pipeline.cli.support import written
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.reports.year_standing import comparison, component_names
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.scoring.whatif import Difference, OfficeTotals
from survey_pipeline.scoring.year_ranks import DAILY
from survey_pipeline.scoring.year_rows import OfficeRow, ranks_of
from survey_pipeline.stages.assessment import StoredYear
from survey_pipeline.standard import InForce
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.whose_words import marks
from survey_pipeline.vocabulary import Category, Component
from survey_pipeline.vocabulary.names import CATEGORIES, COMPONENTS, named

PROVISIONAL = "*"
WITH_ONLINE = N_("{category} {year}, with an online score")
WITHOUT_ONLINE = N_("{category} {year}, without an online score")


def letters(standard: Standard) -> dict[Component, str]:
    """Return the clause that each component has in the standard."""
    return {
        Component.SATISFACTION: standard.satisfaction.total.clause,
        Component.PERFORMANCE: standard.performance.total.clause,
        Component.SUPERVISION: standard.supervision.total.clause,
        Component.HOTLINE: standard.hotline.total.clause,
        Component.PARENT_RATING: standard.parent_rating.total.clause,
        Component.ONLINE: standard.review.total.clause,
        Component.BONUS: standard.bonus.total.clause,
        Component.MATERIAL_PENALTY: standard.supervision.material.clause,
    }


def year_tables(stored: StoredYear, in_force: InForce, locale: str) -> Iterator[Table | Text]:
    """Yield each category's tables, those with an online score apart, then what they rest on."""
    for category in Category:
        rows = [row for row in stored.offices if row.facts["category"] == category]
        for online in (True, False):
            part = [row for row in rows if (row.facts["online"] is not None) is online]
            if part:
                title = Message(
                    WITH_ONLINE if online else WITHOUT_ONLINE,
                    {
                        "category": translate(CATEGORIES[category], locale),
                        "year": stored.year,
                    },
                )
                yield _table(title.render(locale), part, in_force.standard, locale)
                yield from _compared(part, locale, online=online)
        yield from _missing(rows, locale)
    yield Text(legend(in_force.standard, locale))
    for message in year_messages(stored, in_force):
        yield Text(message.render(locale))


def _table(title: str, rows: Sequence[OfficeRow], standard: Standard, locale: str) -> Table:
    table = new_table(title=title, narrow=True)  # fits 80 columns
    names = letters(standard)
    table.add_column(translate(N_("Office"), locale), overflow="fold", min_width=8)
    heads = [
        *(names[component] for component in DAILY),
        translate(N_("Daily"), locale),
        *(
            names[component]
            for component in (Component.ONLINE, Component.BONUS, Component.MATERIAL_PENALTY)
        ),
        translate(N_("Total"), locale),
        translate(N_("Rank"), locale),
        translate(N_("City"), locale),
    ]
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    places = standard.rounding.shown
    for row in sorted(rows, key=lambda row: (*ranks_of(row).order, row.office_code)):
        table.add_row(*_cells(row, places, settled=_settled(rows)))
    return table


def _settled(rows: Sequence[OfficeRow]) -> bool:
    """Return whether all offices of a ranking are complete: their ranks are provisional no more."""
    return all(row.facts["complete"] for row in rows)


def _compared(rows: Sequence[OfficeRow], locale: str, *, online: bool) -> Iterator[Text]:
    """Yield what the ranks in brackets rest on."""
    if not _settled(rows):
        said = comparison(ranks_of(rows[0]), online=online, locale=locale).render(locale)
        yield Text(f"  (n): {said}")


def _cells(row: OfficeRow, places: int, *, settled: bool) -> Iterator[str]:
    facts = row.facts
    mark = "" if facts["complete"] else PROVISIONAL
    yield f"{row.office_code} {facts['name']}"
    for component in DAILY:
        yield shown(facts["components"][component], places)
    yield shown(facts["daily"], places)
    for component in (Component.ONLINE, Component.BONUS, Component.MATERIAL_PENALTY):
        yield shown(facts[component], places)
    yield shown(facts["total"], places) + mark
    yield _place(row) if settled else _places(row)
    yield str(row.rank or DASH)


def _place(row: OfficeRow) -> str:
    """Return an office's rank in its category."""
    return str(row.rank_in_category or DASH)


def _places(row: OfficeRow) -> str:
    """Return its rank in the category, if it has one, and the provisional one in brackets."""
    provisional = ranks_of(row).provisional_rank
    words = (_place(row) if row.rank_in_category else "", f"({provisional})" if provisional else "")
    return " ".join(word for word in words if word) or DASH


def shown(points: str | None, places: int) -> str:
    """Return stored points with the decimals that people are shown."""
    return DASH if points is None else fixed(Fraction(points), places) or DASH


def _missing(rows: Sequence[OfficeRow], locale: str) -> Iterator[Text]:
    for row in rows:
        if row.facts["missing"]:
            message = Message(
                "{office}: provisional, missing: {components}",
                {
                    "office": row.office_code,
                    "components": component_names(row.facts["missing"], locale),
                },
            )
            yield Text(f"  {message.render(locale)}")
    if rows:
        yield Text()


def legend(standard: Standard, locale: str) -> str:
    """Return what the headings of the tables mean."""
    words = [
        f"{letter} {named(COMPONENTS, component, locale)}"
        for component, letter in letters(standard).items()
    ]
    arithmetic = Message("Total = daily + online + bonus - missing material.")
    return f"{', '.join(words)}. {arithmetic.render(locale)}"


def year_messages(stored: StoredYear, in_force: InForce) -> Iterator[Message]:
    """Yield the sentences that belong under every table of a year's scores."""
    yield Message(
        "Standard {standard} (SHA-256 {hash}), window after {after} until {until}, as of {as_of}.",
        {
            "standard": stored.standard,
            "hash": stored.standard_hash[:12],
            "after": stored.head["window"]["after"],
            "until": stored.head["window"]["until"],
            "as_of": stored.as_of,
        },
    )
    if in_force.provisional:
        yield Message(
            "Provisional: no standard is listed for {year}, so the newest one was taken.",
            {"year": stored.year},
        )
    if counted_from := stored.head.get("counted_from"):
        yield Message("Months are counted for the volume from {month} on.", {"month": counted_from})
    yield from marks(in_force.standard)
    yield from _state(stored)
    for office in stored.head["exempt"]:
        yield Message("Exempt, not appraised: {office_code} {name} ({reason}).", office)
    yield Message(
        "Version {version}, computed {day}.",
        {"version": stored.version, "day": written(stored.computed_at)},
    )
    if stored.published_at is not None:
        yield Message(
            "Published by {by}, {day}.",
            {"by": stored.published_by, "day": written(stored.published_at)},
        )


def _state(stored: StoredYear) -> Iterator[Message]:
    if stored.complete:
        yield Message("The year is complete: its window is over and every component is there.")
        return
    lacking = sum(1 for row in stored.offices if row.facts["missing"])
    if lacking:
        yield Message(
            "Provisional ({mark}): of {offices} offices {lacking} lack a component; what is "
            "missing is not taken as zero points, the sum is of what is there.",
            {"mark": PROVISIONAL, "offices": len(stored.offices), "lacking": lacking},
        )
    if stored.as_of.isoformat() < stored.head["window"]["until"]:
        yield Message(
            "Provisional: the window is open until {until}.",
            {"until": stored.head["window"]["until"]},
        )
    if not stored.head["settled"]:
        yield Message("Provisional: surveys are open, or cases wait for their draw.")


def trial_document(
    year: int, in_force: InForce, other: Standard, found: Sequence[Difference]
) -> dict[str, Any]:
    """Return a comparison of two standards as one document."""
    decimals = in_force.standard.rounding.decimals
    return {
        "year": year,
        "standard": in_force.standard.id,
        "other": other.id,
        "changed": sum(1 for difference in found if difference.changed),
        "offices": [difference.to_json(decimals) for difference in found],
    }


def trial_tables(
    year: int, in_force: InForce, other: Standard, found: Sequence[Difference], locale: str
) -> Iterator[Table | Text]:
    """Yield the offices whose figures differ, and what changes."""
    changed = [difference for difference in found if difference.changed]
    if changed:
        title = Message(
            "{year} by {other} instead of {standard}",
            {"year": year, "other": other.id, "standard": in_force.standard.id},
        )
        yield _trial_table(title.render(locale), changed, in_force.standard, locale)
    yield Text(
        Message(
            "Offices: {offices}, with another figure: {changed}. Nothing was stored.",
            {"offices": len(found), "changed": len(changed)},
        ).render(locale)
    )


def _trial_table(title: str, found: Sequence[Difference], standard: Standard, locale: str) -> Table:
    table = new_table(title=title)
    table.add_column(translate(N_("Office"), locale), overflow="fold", min_width=8)
    for head in (N_("Total"), N_("Difference"), N_("Rank")):
        table.add_column(translate(head, locale), justify="right")
    table.add_column(translate(N_("Components"), locale), overflow="fold")
    places = standard.rounding.decimals
    for difference in found:
        before, after = difference.before, difference.after
        sign = "+" if difference.total and difference.total > 0 else ""
        table.add_row(
            f"{difference.office.office_code} {difference.office.name}",
            _turned(
                _written(before.total if before else None, places),
                _written(after.total if after else None, places),
            ),
            DASH if difference.total is None else f"{sign}{fixed(difference.total, places)}",
            _turned(_rank(before), _rank(after)),
            "\n".join(_changed_components(difference, places, locale)),
        )
    return table


def _rank(office: OfficeTotals | None) -> str:
    """Return an office's rank in the city; of an incomplete office the provisional one, marked."""
    if office is None:
        return DASH
    rank, provisional = office.ranks.rank, office.ranks.provisional_rank
    return f"{provisional or DASH}{PROVISIONAL}" if rank is None else str(rank)


def _changed_components(difference: Difference, places: int, locale: str) -> Iterator[str]:
    if difference.before is None or difference.after is None:
        return
    for component, points in difference.before.points.items():
        if points != difference.after.points[component]:
            name = named(COMPONENTS, component, locale)
            then = _written(difference.after.points[component], places)
            yield f"{name} {_turned(_written(points, places), then)}"


def _written(points: Fraction | None, places: int) -> str:
    return fixed(points, places) or DASH


def _turned(before: str, after: str) -> str:
    return before if before == after else f"{before} > {after}"
