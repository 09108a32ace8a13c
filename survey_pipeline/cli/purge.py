"""`purge`: deletes the personal data that is due, and prints the receipt."""

from typing import TYPE_CHECKING, Any

from survey_pipeline.cli.support import (
    DryRunOption,
    JsonOption,
    explained,
    new_table,
    opened,
    print_json,
    progress_bar,
    say,
    stderr,
    stdout,
    written,
)
from survey_pipeline.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survey_pipeline.app import App
    from survey_pipeline.privacy.deletion_receipts import DeletionReceipt

DEMO = N_("This workspace is a demo: nothing in it is deleted.")
NOTHING = N_("Nothing is due.")


@explained
def purge(*, dry_run: DryRunOption = False, as_json: JsonOption = False) -> None:
    """Delete the personal data that is due: numbers, names, texts, remarks, files.

    The daily run does it too. Counts, ratings, points and draws stay. It may be stopped and
    repeated at any time; `privacy inventory` says what is due when.

    Example:  survey-pipeline purge --dry-run
    """
    with opened() as app:
        if app.context.settings.demo and not as_json:
            stdout().print(say(DEMO))
        elif dry_run:
            _rehearse(app, as_json=as_json)
        else:
            _purge(app, as_json=as_json)


def _rehearse(app: "App", *, as_json: bool) -> None:
    from survey_pipeline.privacy.purging import due_now

    due = due_now(app.context)
    if as_json:
        print_json({"due": dict(due)})
    elif due:
        _show_counts(due, say(N_("now due")))
    else:
        stdout().print(say(NOTHING))


def _purge(app: "App", *, as_json: bool) -> None:
    from survey_pipeline.privacy.purging import purge as run_purge

    with progress_bar(say(N_("Deleting"))) as progress:
        done = run_purge(app.context, progress)
    if as_json:
        receipt = None if done.receipt is None else receipt_document(done.receipt)
        print_json({"receipt": receipt, "traces_gone": done.traces_gone})
    elif done.receipt is None:
        stdout().print(say(NOTHING))
    else:
        show_receipt(done.receipt)
    if not done.traces_gone:
        warn_of_traces()


def warn_of_traces() -> None:
    """Say that SQLite's log still holds what was deleted."""
    text = N_(
        "Another process is reading, so SQLite's log still holds what was deleted. It is "
        "emptied at the next purge; or run purge again when that process has ended."
    )
    stderr().print(say(text))


def show_receipt(receipt: "DeletionReceipt") -> None:
    """Print a receipt."""
    from survey_pipeline.privacy.deletion_words import LIMITS

    _show_counts(receipt.counts, say(N_("deleted")))
    for name, limit in receipt.limits.items():
        what = say(LIMITS.get(name, name))
        stdout().print(say(N_("{what}: until {limit}"), what=what, limit=limit[:10]))
    stdout().print(
        say(
            N_("Receipt {number}, {at}, SHA-256 {hash}"),
            number=receipt.id,
            at=written(receipt.finished_at),
            hash=receipt.sha256,
        )
    )


def receipt_document(receipt: "DeletionReceipt") -> dict[str, Any]:
    """Return a receipt for `--json`: moments in ISO form, UTC."""
    moments = {name: getattr(receipt, name).isoformat() for name in ("begun_at", "finished_at")}
    return {**vars(receipt), **moments}


def _show_counts(counts: "Mapping[str, int]", heading: str) -> None:
    from survey_pipeline.privacy.deletion_words import COUNTED

    table = new_table(say(N_("what it holds")), heading)
    for name, count in sorted(counts.items()):
        table.add_row(say(COUNTED.get(name, name)), str(count))
    stdout().print(table)
