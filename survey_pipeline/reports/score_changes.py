"""What two versions of a score differ in, and why: as the page and the command line tell it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.line_changes import LineChange
from survey_pipeline.reports.stored_scores import ScoreHead
from survey_pipeline.vocabulary.record_names import AUDIT_ACTIONS, KINDS


@dataclass(frozen=True)
class FigureChange:
    """A figure that is not the same in both versions."""

    name: str
    """A column of the month's export; of a year a component, `daily` or `total`."""
    before: Any
    after: Any


@dataclass(frozen=True)
class OfficeChange:
    """An office that is not the same in both versions."""

    office_code: str
    office: str
    figures: Sequence[FigureChange]
    lines: Sequence[LineChange]
    points: tuple[Decimal | None, Decimal | None]
    """Before and after; of a year the total."""
    rank: tuple[int | None, int | None]
    there: tuple[bool, bool]
    """Whether each version has the office."""

    @property
    def moved(self) -> bool:
        """Whether its points differ."""
        return self.points[0] != self.points[1]

    @property
    def by(self) -> Decimal:
        """Points after minus points before."""
        before, after = self.points
        return (after or Decimal(0)) - (before or Decimal(0))


@dataclass(frozen=True)
class Changes:
    """What changed from one version to a later one."""

    before: ScoreHead
    after: ScoreHead
    offices: Sequence[OfficeChange]
    """At most `MOST`; lines and figures of these alone."""
    moved: int
    """Offices with other points."""
    ranked: int
    """Offices with another rank."""
    differing: int
    """Offices of which anything differs."""
    same: int
    records: Sequence[tuple[str, str, int]]
    """Kind, action and number of the changes on record between the two computations."""

    def reasons(self) -> list[Message]:
        """Return why the versions differ, a sentence each."""
        return list(_reasons(self))

    @property
    def standard(self) -> bool:
        """Whether another standard, or another state of its file, was used."""
        return self.before.standard_hash != self.after.standard_hash

    @property
    def program(self) -> bool:
        """Whether another version of the program has computed."""
        return self.before.program_version != self.after.program_version

    @property
    def inputs(self) -> bool:
        """Whether the records differ that it was computed from."""
        return self.before.inputs_hash != self.after.inputs_hash

    @property
    def day(self) -> bool:
        """Whether it was computed as of another day."""
        return self.before.as_of != self.after.as_of


def _reasons(changes: Changes) -> Iterator[Message]:
    before, after = changes.before, changes.after
    if changes.standard:
        text = N_(
            "Another standard, or another state of its file: {before} ({old}), then {after} "
            "({new})."
        )
        hashes = {"old": before.standard_hash[:12], "new": after.standard_hash[:12]}
        yield Message(text, {"before": before.standard, "after": after.standard, **hashes})
    if changes.program:
        text = N_("Another version of the program: {before}, then {after}.")
        yield Message(text, {"before": before.program_version, "after": after.program_version})
    if changes.day:
        text = N_("As of another day: {before}, then {after}.")
        yield Message(text, {"before": before.as_of, "after": after.as_of})
    if changes.inputs:
        yield Message(N_("Other inputs: ratings, records or the register have changed."))
        for kind, action, count in changes.records:
            text = N_("On record between the two: {kind}, {action}: {count}.")
            names = {"kind": Message(KINDS[kind]), "action": Message(AUDIT_ACTIONS[action])}
            yield Message(text, {**names, "count": f"{count:,}"})
