"""The stages of the pipeline that monitoring counts."""

from enum import StrEnum


class CountedStage(StrEnum):
    """A stage, and what its items are."""

    SAMPLING = "sampling"
    """Cases drawn."""
    DELETION = "deletion"
    """Runs of the deletion of personal data; no items."""
    RECEIPTS = "receipts"
    """Receipts applied to texts of ours."""
    REPLIES = "replies"
    """Citizens' texts read."""
    CLOSING = "closing"
    """Surveys closed because their time is up."""
    DISPATCH = "dispatch"
    """Attempts to hand over a text."""
    CALLBACKS = "callbacks"
    """Calls queued."""
    AUDIT = "audit"
    """Entries of the audit log bound to its chain."""
    RECONCILING = "reconciling"
    """Texts whose provider was asked what became of them."""
