"""`review`: the online review of a year, step by step; each step once, a repeat changes nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.public_address import address_of
from survey_pipeline.cli.support import (
    JsonOption,
    explained,
    opened,
    parse_date,
    print_json,
    progress_bar,
    say,
    stderr,
    stdout,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.app import App
    from survey_pipeline.stages.review import Selection, SelectionRequest

YearOption = Annotated[
    int | None,
    typer.Option(
        "--year",
        min=2000,
        max=2999,
        metavar="YYYY",
        help="The appraisal year; default this calendar year.",
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Where representatives reach the pages; default a gateway's public_url.",
    ),
]
group = typer.Typer(
    no_args_is_help=True,
    help="The online review: offices, representatives, secret ballots, turnout.",
)


@group.callback()
def root() -> None:
    """The online review: offices, representatives, secret ballots, turnout."""


@group.command("select")
@explained
def select(
    year: YearOption = None,
    manual: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Instead of the quota: a CSV of office_code, reason."),
    ] = None,
    *,
    provisional: Annotated[
        bool,
        typer.Option(
            "--provisional", help="Although offices lack daily components; needs --reason."
        ),
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="In place of the selection before, until representatives are drawn; needs "
            "--reason.",
        ),
    ] = False,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="REASON", help="Why provisionally, or again."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Select the offices by quota from the top of the daily ranking, or by a list with reasons.

    It is refused while an office that is not exempt lacks a daily component.

    Example:  survey-pipeline review select --year 2023
    """
    from survey_pipeline.cli import review_tables as tables
    from survey_pipeline.stages import review

    with opened() as app:
        asked = review.SelectionRequest(provisional, again, reason)
        if manual is not None:
            named = review.read_list(manual)
            done = review.select_by_hand(app.context, _year(app, year), named, asked)
        else:
            done = _by_quota(app, _year(app, year), asked)
    if as_json:
        print_json(tables.selection_json(done))
    else:
        tables.show_selection(done)


def _by_quota(app: "App", year: int, asked: "SelectionRequest") -> "Selection":
    """Select by the latest score; one that is selected already needs no score any more."""
    from survey_pipeline.stages import review

    if not asked.again and (before := review.selected_before(app.context, year)) is not None:
        return before
    daily = review.latest_daily(app.context, year)
    done = review.select_offices(app.context, year, daily, asked)
    if not daily.complete:
        text = N_(
            "The daily points of {year} as of {day} are provisional; they select all the same."
        )
        stderr().print(say(text, year=year, day=daily.as_of))
    return done


@group.command("draw")
@explained
def draw(year: YearOption = None, *, as_json: JsonOption = False) -> None:
    """Draw the representatives: the lowest SHA-256 of seed:year:rep_no.

    Example:  survey-pipeline review draw --year 2023
    """
    from survey_pipeline.cli import review_tables as tables
    from survey_pipeline.stages.review import draw_representatives

    with opened() as app:
        done = draw_representatives(app.context, _year(app, year))
    if as_json:
        print_json(tables.draw_json(done))
    else:
        tables.show_draw(done)


@group.command("links")
@explained
def links(
    output: Annotated[Path, typer.Option(metavar="FILE", help="The CSV file; mode 0600.")],
    year: YearOption = None,
    address: AddressOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Write the representatives' personal links to a file; written again, they are the same.

    Example:  survey-pipeline review links --output links.csv
    """
    from survey_pipeline.stages.review import write_links

    with opened() as app:
        where = address_of(app, address)
        done = write_links(app.context, _year(app, year), output, where)
    if as_json:
        document = {"year": done.year, "file": str(done.path), "links": done.links}
        print_json({**document, "address": where})
        return
    stdout().print(
        say(
            "{count} personal links are in {file}, for its owner alone.",
            count=done.links,
            file=done.path,
        ),
        markup=False,
    )


@group.command("invite")
@explained
def invite(
    year: YearOption = None,
    address: AddressOption = None,
    now: Annotated[bool, typer.Option("--now", help="Outside sending hours too.")] = False,
    *,
    as_json: JsonOption = False,
) -> None:
    """Send each representative the personal link by SMS, once.

    Example:  survey-pipeline review invite --year 2023
    """
    from survey_pipeline.cli import review_tables as tables
    from survey_pipeline.stages.review import invite as send

    with opened() as app:
        where = address_of(app, address)
        with progress_bar(say("invitations")) as progress:
            done = send(
                app.context,
                _year(app, year),
                app.gateways,
                where,
                ignore_hours=now,
                progress=progress,
            )
    if as_json:
        print_json(vars(done))
    else:
        tables.show_invitations(done)


@group.command("open")
@explained
def open_(
    year: YearOption = None,
    restart: Annotated[
        bool,
        typer.Option(
            "--restart", help="The key is lost: drop the ballots nobody can read, begin anew."
        ),
    ] = False,
    *,
    closes_on: Annotated[
        Any,
        typer.Option(
            parser=parse_date, metavar="DATE", help="The closing day that every ballot announces."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Let ballots in: by personal link, or on paper with import ballots.

    Example:  survey-pipeline review open --year 2023 --closes-on 2023-11-17
    """
    from survey_pipeline.stages.review import open_review

    with opened() as app:
        done = open_review(app.context, _year(app, year), restart=restart, closes_on=closes_on)
    if as_json:
        print_json(vars(done))
        return
    text = N_("The online review of {year} is open.")
    if done.done_before:
        text = N_("The online review of {year} was open already; nothing changed.")
    stdout().print(say(text, year=done.year))
    if done.links_renewed:
        stdout().print(
            say("The links written earlier are void: run survey-pipeline review links again.")
        )


@group.command("close")
@explained
def close(year: YearOption = None, *, as_json: JsonOption = False) -> None:
    """Count the ballots, and destroy the key that joins them with their voters. For good.

    Example:  survey-pipeline review close --year 2023
    """
    from survey_pipeline.stages.review import close_review

    with opened() as app:
        done = close_review(app.context, _year(app, year))
    if as_json:
        print_json(vars(done))
        return
    text = N_(
        "The online review of {year} is closed: {ballots} ballots counted, the key destroyed."
    )
    if done.done_before:
        text = N_("The online review of {year} was closed already; nothing changed.")
    stdout().print(say(text, year=done.year, ballots=f"{done.ballots:,}"))


@group.command("status")
@explained
def status(year: YearOption = None, *, as_json: JsonOption = False) -> None:
    """Show the steps with who took them and when, the turnout, and the counts once it is closed.

    Example:  survey-pipeline review status --year 2023
    """
    from survey_pipeline.cli import review_tables as tables
    from survey_pipeline.stages.review import review_status

    with opened() as app:
        found = review_status(app.context, _year(app, year))
        calendar = app.context.calendar
    if as_json:
        print_json(found.to_json())
    else:
        tables.show_status(found, calendar.written)


def _year(app: "App", year: int | None) -> int:
    return year or app.context.today().year
