"""How the steps of the online review are shown, as text and as JSON."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from survey_pipeline.cli.support import (
    new_table,
    say,
    stdout,
)
from survey_pipeline.i18n import N_
from survey_pipeline.vocabulary import Category
from survey_pipeline.vocabulary.names import CATEGORIES, COMPONENTS

if TYPE_CHECKING:
    from datetime import datetime

    from survey_pipeline.stages.review import (
        Invitations,
        RepresentativeDraw,
        ReviewStatus,
        SelectedOffice,
        Selection,
    )

STEPS = {
    "selected": N_("offices selected"),
    "drawn": N_("representatives drawn"),
    "opened": N_("opened"),
    "closed": N_("closed"),
}
SENT = {
    "sent": N_("sent now: {count}"),
    "before": N_("invited earlier: {count}"),
    "refused": N_("refused by the provider, never to be delivered: {count}"),
    "unknown": N_("unknown whether they went out, not sent again: {count}"),
    "later": N_("not gone out; run the command again: {count}"),
    "by_file": N_("without a mobile number, or opted out: {count}; their links are in the file"),
}


def points(daily: int | None) -> str | None:
    """Return ten-thousandths as points of four decimals."""
    return None if daily is None else f"{daily // 10_000}.{daily % 10_000:04d}"


def selection_json(done: "Selection") -> dict[str, Any]:
    """Return the document of `review select --json`."""
    return {
        "year": done.year,
        "done_before": done.done_before,
        "way": done.way,
        "by": done.by,
        **done.found_json(),
        "offices": [{**asdict(office), "daily": points(office.daily)} for office in done.offices],
    }


def show_selection(done: "Selection") -> None:
    """Print the selected offices, by category."""
    console = stdout()
    text = N_("{count} offices take part in the online review of {year}.")
    if done.done_before:
        text = N_(
            "{count} offices take part in the online review of {year} (selected before by {by}; "
            "nothing changed)."
        )
    console.print(say(text, count=len(done.offices), year=done.year, by=done.by), markup=False)
    _show_quota(done)
    for line in found_lines(done):
        console.print(f"  {line}", markup=False)
    table = new_table(say("office"), say("category"), say("name"))
    by_hand = done.way == "manual"
    for heading in (N_("reason"),) if by_hand else (N_("daily points"), N_("place")):
        table.add_column(say(heading), justify="left" if by_hand else "right")
    for office in done.offices:
        cells = [office.reason or ""] if by_hand else _daily_cells(office)
        row = (
            office.office_code,
            say(CATEGORIES[Category(office.category)]),
            office.name,
            *cells,
        )
        table.add_row(*row)
    console.print(table)


def _show_quota(done: "Selection") -> None:
    counts = Counter(office.category for office in done.offices)
    for category, count in counts.items():
        text = say("{name}: {count}", name=say(CATEGORIES[Category(category)]), count=count)
        stdout().print(f"  {text}", markup=False)


def found_lines(done: "Selection") -> Iterator[str]:
    """Yield why a selection is provisional or was made again, and what it passed over."""
    if done.reason:
        yield say("reason: {reason}", reason=done.reason)
    if done.provisional:
        yield say(
            "provisional: offices that lacked a daily component: {count}", count=len(done.lacking)
        )
        for code, components in done.lacking.items():
            names = [say(COMPONENTS[component]) for component in components]
            yield f"  {code}: {', '.join(names)}"
    for office in done.passed_over:
        yield say(
            "passed over: {office} ({category}, place {place}): {rated} rated cases, {least} are "
            "needed",
            office=office.office_code,
            category=say(CATEGORIES[Category(office.category)]),
            place=office.place,
            rated=office.rated,
            least=done.min_ratings,
        )
    for category, places in done.unfilled.items():
        yield say(
            "places left empty in {category}, for want of offices with enough ratings: {count}",
            category=say(CATEGORIES[Category(category)]),
            count=places,
        )


def _daily_cells(office: "SelectedOffice") -> list[str]:
    if office.daily is None:
        return ["-", str(office.place)]
    hundredths = (office.daily + 50) // 100
    return [f"{hundredths // 100}.{hundredths % 100:02d}", str(office.place)]


def draw_json(done: "RepresentativeDraw") -> dict[str, Any]:
    """Return the document of `review draw --json`."""
    return asdict(done)


def show_draw(done: "RepresentativeDraw") -> None:
    """Print who was drawn, and what anyone can check it with."""
    console = stdout()
    text = N_("{year}: {drawn} of {pool} representatives drawn")
    if done.done_before:
        text = N_("{year}: {drawn} of {pool} representatives drawn (drawn before; nothing changed)")
    console.print(say(text, year=done.year, drawn=len(done.drawn), pool=done.pool))
    if len(done.drawn) < done.wanted:
        text = N_("That is the whole pool: {wanted} were wanted (review.representatives).")
        console.print(say(text, wanted=done.wanted))
    if done.seed == "change-me":
        console.print(say("The seed is still the shipped one, which everybody knows."))
    console.print(say("seed: {seed}", seed=done.seed), markup=False)
    console.print(say("roll hash: {hash}", hash=done.roll_hash))
    for representative in done.drawn:
        console.print(f"  {representative.rep_no}  {representative.rank_hash}", markup=False)


def show_invitations(done: "Invitations") -> None:
    """Print what became of the invitations."""
    for name, text in SENT.items():
        count = getattr(done, name)
        if count or name == "sent":
            stdout().print(say(text, count=count))


def show_status(found: "ReviewStatus", local: "Callable[[datetime], str]") -> None:
    """Print how a year's review stands."""
    console = stdout()
    console.print(say("Online review of {year}", year=found.year), style="bold")
    for name, words in STEPS.items():
        step = found.steps[name]
        text = N_("{step}: {at}, by {by}") if step else N_("{step}: not yet")
        values = {"at": local(step.at), "by": step.by} if step else {}
        console.print(f"  {say(text, step=say(words), **values)}", markup=False)
    for line in _figures(found):
        console.print(f"  {line}", markup=False)
    if found.tallies:
        _show_tallies(found)


def _figures(found: "ReviewStatus") -> Iterator[str]:
    if found.closes_on and not found.steps["closed"]:
        yield say("closing day on the ballots: {day}", day=found.closes_on)
    yield say("offices that take part: {count}", count=found.offices)
    if found.selection:
        yield from found_lines(found.selection)
    yield say(
        "representatives: {pool} in the pool, {drawn} drawn, {linked} with a valid link, {invited} "
        "invited by SMS",
        pool=found.pool,
        drawn=found.drawn,
        linked=found.linked,
        invited=found.invited,
    )
    if found.turnout is not None and found.steps["opened"]:
        values = {"voted": found.voted, "drawn": found.drawn, "ballots": found.ballots}
        share = f"{float(found.turnout):.1%}"
        text = N_("turnout: {voted} of {drawn} ({share}), {ballots} ballots")
        yield say(text, share=share, **values)
    if found.steps["closed"] and not found.cleared:
        yield say("The key is not destroyed yet. Run: survey-pipeline review close once more")


def _show_tallies(found: "ReviewStatus") -> None:
    table = new_table(say("office"))
    for heading in (N_("ballots"), N_("satisfied"), N_("neutral"), N_("dissatisfied")):
        table.add_column(say(heading), justify="right")
    for code, answers in sorted(found.tallies.items()):
        counts = (answers.rated, answers.satisfied, answers.neutral, answers.dissatisfied)
        table.add_row(code, *map(str, counts))
    stdout().print(table)
