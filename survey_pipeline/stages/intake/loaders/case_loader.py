"""The keeper of service cases: bulk in, conflicts set by set."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import repeat
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select

from survey_pipeline.i18n import Message
from survey_pipeline.stages.intake.checking import Checked
from survey_pipeline.stages.intake.loaders.loader import (
    SAME_KEY,
    IdSet,
    Kept,
    Needed,
    Objection,
    Run,
    withdrawn_reason,
)
from survey_pipeline.stages.intake.loaders.register_loaders import unknown_office, withdrawn_office
from survey_pipeline.stages.intake.values.phones import kind_of
from survey_pipeline.store import audit, bulk
from survey_pipeline.store.tables import audit_log, cases, daily_reports, offices, surveys
from survey_pipeline.vocabulary import AuditAction, RecordKind

KEY = ("office_code", "case_no")
CONTENTS = (
    "served_on",
    "phone",
    "phone_hash",
    "phone_kind",
    "item",
    "channel",
    "subject_type",
    "citizen_name",
    "remark",
)
COLUMNS = (*KEY, "served_on", "reported_on", *CONTENTS[1:], "import_id", "row_no", "never_a_case")
_KEY_OF = itemgetter(0, 1)
_OFFICE_OF = itemgetter(0)
_CONTENTS_OF = itemgetter(*(COLUMNS.index(name) for name in CONTENTS))
_STORED_CONTENTS = attrgetter(*CONTENTS)
_ROW_NO = COLUMNS.index("row_no")
_PERSONAL = {"phone", "phone_hash", "citizen_name", "remark"}


class NewCase(NamedTuple):
    """One row as it is stored, and where it stands in its chunk."""

    position: int
    number: int
    key: tuple[str, str]
    contents: tuple[Any, ...]


class CaseKeeper:
    """Keeps service cases; see `loader.Keeper`."""

    in_pieces = True
    tables = (offices, cases, surveys, daily_reports, audit_log)

    def __init__(self, run: Run) -> None:
        self._run = run
        self._offices: dict[str, bool] | None = None
        self._met = IdSet()
        self._today = run.context.today()
        self._accepted: Counter[str] = Counter()
        self._last_day = run.reported_on.isoformat()
        self._first_day = _oldest(run, run.reported_on).isoformat()

    def needs(self, connection: Connection, checked: Checked) -> Needed:
        """Yield the offices, and cases with a key of the chunk; drawn ones with their survey."""
        yield offices, connection.execute(select(offices)).all()
        columns = (checked.values[name] for name in KEY)
        keys = set(zip(*columns, strict=True))
        found = list(bulk.find_by_key(connection, cases, KEY, keys))
        yield cases, found
        yield surveys, _surveys(connection, [one.id for one in found if one.frame_on])

    def keep(self, connection: Connection, checked: Checked) -> Kept:
        """Store a chunk."""
        kept = Kept()
        barred = self._barred(connection, checked, kept)
        too_old = self._too_old(checked) - barred
        rows = self._rows(checked)
        fresh = rows
        if barred or too_old:
            aside = barred | too_old
            fresh = [row for position, row in enumerate(rows) if position not in aside]
        # In the order of the index: equal keys keep theirs, so that the first row counts.
        kept.accepted = bulk.insert_new(connection, cases, COLUMNS, sorted(fresh, key=_KEY_OF))
        self._accepted.update(map(_OFFICE_OF, fresh))
        if kept.accepted < len(fresh) or too_old:
            left = [
                NewCase(position, row[_ROW_NO], (row[0], row[1]), _CONTENTS_OF(row))
                for position, row in enumerate(rows)
                if position not in barred
            ]
            self._sort_out(connection, left, too_old, kept)
        return kept

    def finish(self, connection: Connection) -> None:
        """Add to the day's counts; a zero report of that day is overtaken."""
        for office_code, number in sorted(self._accepted.items()):
            if number:
                bulk.add_up(
                    connection,
                    daily_reports,
                    {"office_code": office_code, "reported_on": self._run.reported_on},
                    "reported",
                    number,
                )
        self._overtake_zero_reports(connection)
        self._accepted.clear()
        self._offices = None  # it may change until the next piece

    def _rows(self, checked: Checked) -> list[tuple[Any, ...]]:
        """Turn the columns into rows as they are stored, personal values encrypted."""
        keys, values = self._run.context.keys, checked.values
        numbers = values["phone"]
        return list(
            zip(
                values["office_code"],
                values["case_no"],
                values["served_on"],
                repeat(self._last_day),
                keys.encrypt_all(numbers),
                map(keys.phone_hash, numbers),
                map(kind_of, numbers),
                values["item"],
                values["channel"],
                values["subject_type"],
                keys.encrypt_all(values["citizen_name"]),
                keys.encrypt_all(values["remark"]),
                repeat(self._run.import_id),
                checked.numbers,
                repeat(False),
                strict=False,
            )
        )

    def _barred(self, connection: Connection, checked: Checked, kept: Kept) -> set[int]:
        """Refuse rows of unknown offices and of days to come."""
        if self._offices is None:
            found = connection.execute(select(offices.c.office_code, offices.c.withdrawn_at))
            self._offices = {code: withdrawn is None for code, withdrawn in found}
        reasons = {
            code: why
            for code in set(checked.values["office_code"])
            if (why := self._not_taken(code, self._offices)) is not None
        }
        late = {day for day in set(checked.values["served_on"]) if day > self._last_day}
        if not reasons and not late:
            return set()
        barred = set()
        pairs = zip(checked.values["office_code"], checked.values["served_on"], strict=True)
        for index, (code, day) in enumerate(pairs):
            if code in reasons:
                kept.refused.append(Objection(index, "office_code", reasons[code]))
            elif day in late:
                kept.refused.append(Objection(index, "served_on", _after(day, self._last_day)))
            else:
                continue
            barred.add(index)
        return barred

    def _not_taken(self, code: str, known: Mapping[str, bool]) -> Message | None:
        """Say why cases of an office are not taken; of another's nothing else is told."""
        if self._run.office not in (None, code):
            return Message(
                "{code} is another office; report the cases of {office} alone",
                {"code": code, "office": self._run.office},
            )
        if code not in known:
            return unknown_office(code)
        return None if known[code] else withdrawn_office(code)

    def _too_old(self, checked: Checked) -> set[int]:
        """Find rows served too long ago: refused, unless they were reported in time before."""
        days = {day for day in set(checked.values["served_on"]) if day < self._first_day}
        if not days:
            return set()
        return {index for index, day in enumerate(checked.values["served_on"]) if day in days}

    def _sort_out(
        self, connection: Connection, rows: Sequence[NewCase], too_old: set[int], kept: Kept
    ) -> None:
        """Sort the rows that did not go in: unchanged, updated or refused."""
        found = bulk.find_by_key(connection, cases, KEY, {row.key for row in rows})
        stored = {(one.office_code, one.case_no): one for one in found}
        drawn = _drawn(connection, [one.id for one in stored.values() if one.frame_on])
        changes: list[tuple[NewCase, Row[Any]]] = []
        first: dict[tuple[str, str], tuple[Any, ...]] = {}
        for row in rows:
            record = stored.get(row.key)
            if record is None:
                kept.refused.append(Objection(row.position, "served_on", self._age(row, None)))
                continue
            if self._is_mine(record) and record.row_no == row.number:
                first[row.key] = row.contents
                continue
            if row.position not in too_old:
                self._accepted[row.key[0]] -= 1
            problem = self._problem(row, record, first, drawn.get(record.id))
            if problem is not None:
                kept.refused.append(Objection(row.position, *problem))
                continue
            if row.key in first or row.contents == self._contents(record, row):
                kept.unchanged += 1
                kept.unchanged_at.append(row.position)
                self._met.add(record.id)
            else:
                changes.append((row, record))
            first.setdefault(row.key, row.contents)
        self._update(connection, changes, kept)

    def _is_mine(self, record: Row[Any]) -> bool:
        return bool(record.import_id == self._run.import_id)

    def _problem(
        self,
        row: NewCase,
        record: Row[Any],
        first: dict[tuple[str, str], tuple[Any, ...]],
        drawn_on: date | None,
    ) -> tuple[str, Message] | None:
        """Say why a row with a known key is refused, if it is."""
        same = row.contents == first.get(row.key, self._contents(record, row))
        met = row.key in first or self._is_mine(record) or record.id in self._met
        if met:
            return None if same else ("case_no", SAME_KEY)
        if record.withdrawn_at is not None:
            return "case_no", withdrawn_reason(record, self._run.context.calendar)
        if same:
            return None
        if self._run.office is not None and record.frame_on is not None:
            # the same for all cases of that day: an office must not learn which were drawn
            return "case_no", Message(
                "the draw of {day} has been held; the case cannot be changed any more. If it is "
                "wrong, tell the appraisal office",
                {"day": record.frame_on},
            )
        if drawn_on is not None:
            return "case_no", Message(
                "the case was drawn for the survey on {day} and cannot be changed; withdraw it if "
                "it is wrong",
                {"day": drawn_on},
            )
        return self._out_of_time(row, record)

    def _out_of_time(self, row: NewCase, record: Row[Any]) -> tuple[str, Message] | None:
        """Hold an update against the day on which the case was first reported."""
        served = row.contents[0]
        if served > record.reported_on.isoformat():
            return "served_on", _after(served, record.reported_on.isoformat())
        if served < _oldest(self._run, record.reported_on).isoformat():
            return "served_on", self._age(row, record)
        return None

    def _age(self, row: NewCase, record: Row[Any] | None) -> Message:
        return Message(
            "{day} is more than {days} days before the report ({reported})",
            {
                "day": row.contents[0],
                "days": self._run.context.settings.intake.max_age_days,
                "reported": record.reported_on if record else self._last_day,
            },
        )

    def _update(
        self, connection: Connection, changes: Sequence[tuple[NewCase, Row[Any]]], kept: Kept
    ) -> None:
        kept.updated += len(changes)
        kept.updated_at.extend(row.position for row, _ in changes)
        if not changes:
            return
        connection.execute(
            cases.update().where(cases.c.id == bindparam("case_id")),
            [self._new_values(row, record.id) for row, record in changes],
        )
        audit.append(connection, (self._entry(row, record) for row, record in changes))

    def _new_values(self, row: NewCase, case_id: int) -> dict[str, Any]:
        values = dict(zip(CONTENTS, row.contents, strict=True))
        return {
            **values,
            "served_on": date.fromisoformat(values["served_on"]),
            "import_id": self._run.import_id,
            "row_no": row.number,
            "case_id": case_id,
        }

    def _entry(self, row: NewCase, record: Row[Any]) -> dict[str, Any]:
        before = dict(zip(CONTENTS, self._contents(record, row), strict=True))
        after = dict(zip(CONTENTS, row.contents, strict=True))
        changed = [name for name in CONTENTS if before[name] != after[name]]
        return audit.entry(
            at=self._run.now,
            actor=self._run.context.actor,
            action=AuditAction.UPDATED,
            kind=RecordKind.CASES.value,
            key="/".join(row.key),
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            reason=self._run.reason,
            import_id=self._run.import_id,
            row_no=row.number,
        )

    def _contents(self, record: Row[Any], row: NewCase) -> tuple[Any, ...]:
        """Return a stored case's contents; deleted personal values count as the row has them."""
        served_on, *rest = _STORED_CONTENTS(record)
        contents = (served_on.isoformat(), *rest)
        if record.phone is not None and not self._as_if_deleted(record):
            return contents
        return tuple(
            given if name in _PERSONAL else stored
            for name, stored, given in zip(CONTENTS, contents, row.contents, strict=True)
        )

    def _as_if_deleted(self, record: Row[Any]) -> bool:
        """Say whether an office is answered as if a case's personal values were deleted.

        Those of cases never drawn go first: else the answer would tell which cases were drawn.
        """
        if self._run.office is None or record.frame_on is None:
            return False
        kept_for = timedelta(days=self._run.context.settings.privacy.undrawn_retention_days)
        return bool(record.frame_on + kept_for <= self._today)

    def _overtake_zero_reports(self, connection: Connection) -> None:
        """Cancel zero reports of offices that now have cases of that day."""
        overtaken = [
            daily_reports.c.reported_on == self._run.reported_on,
            daily_reports.c.zero.is_(True),
            daily_reports.c.reported > 0,
        ]
        cancelled = daily_reports.update().where(*overtaken).values(zero=False)
        codes = sorted(connection.scalars(cancelled.returning(daily_reports.c.office_code)))
        if codes:
            audit.append(connection, (self._overtaken(code) for code in codes))

    def _overtaken(self, code: str) -> dict[str, Any]:
        return audit.entry(
            at=self._run.now,
            actor=self._run.context.actor,
            action=AuditAction.UPDATED,
            kind="daily_reports",
            key=f"{code}/{self._run.reported_on}",
            before={"zero": True},
            after={"zero": False},
            import_id=self._run.import_id,
        )


def _drawn(connection: Connection, case_ids: Sequence[int]) -> dict[int, date]:
    """Return when which of these cases were drawn."""
    return {one.case_id: one.drawn_on for one in _surveys(connection, case_ids)}


def _surveys(connection: Connection, case_ids: Sequence[int]) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for start in range(0, len(case_ids), bulk.KEYS_AT_ONCE):
        part = case_ids[start : start + bulk.KEYS_AT_ONCE]
        found += connection.execute(select(surveys).where(surveys.c.case_id.in_(part)))
    return found


def _oldest(run: Run, reported_on: date) -> date:
    return reported_on - timedelta(days=run.context.settings.intake.max_age_days)


def _after(served: str, reported: str) -> Message:
    return Message(
        "{day} is after the day of the report ({reported})", {"day": served, "reported": reported}
    )
