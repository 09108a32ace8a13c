"""Why a case of the frame can be drawn or not, by the state at the moment of the draw."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from survey_pipeline.stages.sampling.algorithm import Policy, segments
from survey_pipeline.standard.responsibility import Responsibilities, Responsibility
from survey_pipeline.store.tables import offices, opt_outs, surveys
from survey_pipeline.validity import valid_on
from survey_pipeline.vocabulary import Category, FrameReason, SurveyState


@dataclass(frozen=True)
class Frame:
    """The cases of a frame as columns, in code point order of their lines."""

    lines: Sequence[str]
    """`office_code,case_no`."""
    phones: Sequence[bytes]
    """Keyed hashes."""
    flags: Sequence[int]
    """`LANDLINE`, `TOO_OLD` and `FORGOTTEN`, added."""


LANDLINE, TOO_OLD, FORGOTTEN = 1, 2, 4
"""`FORGOTTEN`: its citizen had the number deleted before the draw."""


class OfficeAtDraw(NamedTuple):
    """What the draw needs to know of an office."""

    category: Category
    approval_service: bool
    exempt: bool
    """Exempt by decision, or withdrawn."""
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class Circumstances:
    """What decides a case's reason besides the case itself."""

    offices: dict[str, OfficeAtDraw]
    carried_out: Responsibilities[Responsibility]
    opted_out: AbstractSet[bytes]
    open_surveys: AbstractSet[bytes]
    quiet: AbstractSet[bytes]
    day: date

    def office_reason(self, office_code: str) -> FrameReason | None:
        """Return the reason that holds for every case of an office."""
        office = self.offices.get(office_code)
        if office is None or office.exempt or not valid_on(office, self.day):
            return FrameReason.EXEMPT
        return None if self._responsible(office).survey_is_ours else FrameReason.NOT_OURS

    def reasons(self, frame: Frame, start: int, end: int) -> list[FrameReason]:
        """Return the reason of each case of one office, the indices `start` to `end`."""
        office_code = frame.lines[start].partition(",")[0]
        for_all = self.office_reason(office_code)
        if for_all is None and not self._any_special(frame, start, end):
            for_all = FrameReason.ELIGIBLE
        if for_all is not None:
            return [for_all] * (end - start)
        calls_are_ours = self.calls_are_ours(office_code)
        return [
            self.case_reason(phone, flags, calls_are_ours=calls_are_ours)
            for phone, flags in zip(frame.phones[start:end], frame.flags[start:end], strict=True)
        ]

    def calls_are_ours(self, office_code: str) -> bool:
        """Return whether we call the citizens of an office on the register."""
        return self._responsible(self.offices[office_code]).calls_are_ours

    def _responsible(self, office: OfficeAtDraw) -> Responsibility:
        return self.carried_out.of(office.category, approval_service=office.approval_service)

    def all_reasons(self, frame: Frame) -> list[FrameReason]:
        """Return the reason of every line of a frame, in order."""
        found: list[FrameReason] = []
        for _, start, end in segments(frame.lines):
            found += self.reasons(frame, start, end)
        return found

    def _any_special(self, frame: Frame, start: int, end: int) -> bool:
        return any(frame.flags[start:end]) or not self._barred.isdisjoint(frame.phones[start:end])

    @cached_property
    def _barred(self) -> AbstractSet[bytes]:
        return self.opted_out | self.open_surveys | self.quiet

    def case_reason(self, phone: bytes, flags: int, *, calls_are_ours: bool) -> FrameReason:
        """Return the first reason that applies to a case whose office has none."""
        if flags & TOO_OLD:
            return FrameReason.TOO_OLD
        if flags & LANDLINE and not calls_are_ours:
            return FrameReason.HEALTH_LANDLINE
        if flags & FORGOTTEN or phone in self.opted_out:
            return FrameReason.OPTED_OUT
        if phone in self.open_surveys:
            return FrameReason.OPEN_SURVEY
        return FrameReason.QUIET if phone in self.quiet else FrameReason.ELIGIBLE


def circumstances(connection: Connection, day: date, at: datetime, policy: Policy) -> Circumstances:
    """Read the state at the moment `at` for the draw of `day`.

    The register is read as it stands; `verify` turns it back to the moment of the draw itself.
    """
    return Circumstances(
        register(connection),
        policy.carried_out,
        _opted_out(connection, at),
        _open(connection, day, at),
        _quiet(connection, day, policy.quiet_days),
        day,
    )


def register(connection: Connection) -> dict[str, OfficeAtDraw]:
    """Return what the draw needs to know of every office."""
    rows = connection.execute(
        select(
            offices.c.office_code,
            offices.c.category,
            offices.c.approval_service,
            offices.c.exempt_reason,
            offices.c.valid_from,
            offices.c.valid_until,
            offices.c.withdrawn_at,
        )
    )
    return {
        row.office_code: OfficeAtDraw(
            Category(row.category),
            row.approval_service,
            row.exempt_reason is not None or row.withdrawn_at is not None,
            row.valid_from,
            row.valid_until,
        )
        for row in rows
    }


def _opted_out(connection: Connection, at: datetime) -> set[bytes]:
    return set(
        connection.scalars(
            select(opt_outs.c.phone_hash).where(
                opt_outs.c.started_at <= at,
                or_(opt_outs.c.ended_at.is_(None), opt_outs.c.ended_at > at),
            )
        )
    )


def _open(connection: Connection, day: date, at: datetime) -> set[bytes]:
    """Return the phones whose surveys were open at a moment; those drawn on the day are left out.

    Two queries, each by an index of its own, and the day compared here: one query would go by the
    index of days, and read every survey before the day.
    """
    # one that ended in that very moment was closed by the same run, after its draw
    ended_since = surveys.c.closed_at >= at, surveys.c.phone_hash.is_not(None)
    return {
        row.phone_hash
        for ends in ((surveys.c.state == SurveyState.OPEN,), ended_since)
        for row in connection.execute(
            select(surveys.c.phone_hash, surveys.c.drawn_on).where(surveys.c.opened_at <= at, *ends)
        )
        if row.drawn_on < day
    }


def _quiet(connection: Connection, day: date, quiet_days: int) -> set[bytes]:
    """Return the phones drawn fewer than `quiet_days` days before a day."""
    return set(
        connection.scalars(
            select(surveys.c.phone_hash).where(
                surveys.c.drawn_on < day, surveys.c.drawn_on > day - timedelta(days=quiet_days)
            )
        )
    )
