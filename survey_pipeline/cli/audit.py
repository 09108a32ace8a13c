"""`audit head` and `audit verify`: the audit log's chain, signed and checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from survey_pipeline.cli.support import (
    EXIT_CANNOT,
    JsonOption,
    explained,
    opened,
    print_json,
    progress_bar,
    say,
    stdout,
    written,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from survey_pipeline.audit_chain.chain_check import ChainFinding, ChainReport

HeadsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--head",
        metavar="FILE",
        dir_okay=False,
        help="A head that was kept elsewhere, as `audit head --json` prints it; may be repeated.",
    ),
]

group = typer.Typer(no_args_is_help=True, help="The audit log: its signed head, and its check.")


@group.callback()
def root() -> None:
    """The audit log: its signed head, and its check."""


@group.command("head")
@explained
def head(*, as_json: JsonOption = False) -> None:
    """Print the signed head of the audit log, for the minutes: so many entries, and their hash.

    The daily run writes one into audit-heads/ as well.

    Example:  survey-pipeline audit head --json > head.json
    """
    from survey_pipeline.audit_chain.heads import take_head

    with opened() as app:
        taken = take_head(app.context)
    if as_json:
        print_json(taken.to_json())
        return
    lines = (
        (N_("entries"), f"{taken.position:,}"),
        (N_("hash"), taken.hash),
        (N_("time"), taken.at),
        (N_("public key"), taken.public_key),
        (N_("signature"), taken.signature),
    )
    for name, value in lines:
        stdout().print(f"{say(name)}: {value}", markup=False, soft_wrap=True)


@group.command("verify")
@explained
def verify(*, heads: HeadsOption = None, as_json: JsonOption = False) -> None:
    """Check every entry of the audit log against the chain, and the chain against signed heads.

    Finds an entry that was changed, removed, put in or moved, and an end that was cut off since a
    head, and tells where. Exit code 4 when the log does not hold.

    Example:  survey-pipeline audit verify --head head.json
    """
    from survey_pipeline.audit_chain.chain_check import verify_log
    from survey_pipeline.audit_chain.heads import read_head

    with opened() as app:
        kept = [read_head(path) for path in heads or ()]
        with progress_bar(say(N_("Checking the audit log"))) as progress:
            report = verify_log(app.context, kept, progress)
    if as_json:
        print_json(_document(report))
    else:
        _show(report)
    if not report.ok:
        raise typer.Exit(EXIT_CANNOT)


def _document(report: "ChainReport") -> dict[str, Any]:
    return {
        "ok": report.ok,
        "entries": report.entries,
        "hash": report.hash,
        "heads": report.heads,
        "emptied": report.emptied,
        "findings": [
            {**vars(finding), "at": finding.at and finding.at.isoformat()}
            for finding in report.findings
        ],
        "more": report.more,
    }


def _show(report: "ChainReport") -> None:
    for finding in report.findings:
        stdout().print(_line(finding), markup=False, soft_wrap=True)
    if report.more:
        stdout().print(say(N_("and {count} more"), count=f"{report.more:,}"))
    text = (
        N_("The log holds: {entries} entries, {heads} signed heads. Last hash {hash}")
        if report.ok
        else N_("The log does not hold: {entries} entries, {heads} signed heads. Last hash {hash}")
    )
    counts = {"entries": f"{report.entries:,}", "heads": f"{report.heads:,}"}
    stdout().print(say(text, **counts, hash=report.hash), markup=False, soft_wrap=True)
    if report.emptied:
        text = N_("Of {count} entries personal values were deleted when they were due.")
        stdout().print(say(text, count=f"{report.emptied:,}"))


def _line(finding: "ChainFinding") -> str:
    """Return a finding with its place: position, entry, time and actor, as far as known."""
    from survey_pipeline.vocabulary.record_names import CHAIN_FAULTS

    parts = (
        (N_("position {position}"), "position", finding.position),
        (N_("entry {entry}"), "entry", finding.entry_id),
        (N_("of {at}"), "at", finding.at and written(finding.at)),
        (N_("by {actor}"), "actor", finding.actor),
        (N_("{count} entries"), "count", finding.count),
    )
    places = [say(text, **{name: value}) for text, name, value in parts if value is not None]
    what = say(CHAIN_FAULTS[finding.fault])
    return say(N_("{place}: {problem}"), place=", ".join(places), problem=what)
