"""Deadlines as people read them: what is owed alike, or by one of several periods, is one row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.reports.deadlines.judging import Deadline
from survey_pipeline.vocabulary import CameAs, DeadlineState, Duty
from survey_pipeline.vocabulary.names import CATEGORIES, HOTLINE_GROUPS

MOST_NAMES = 3
"""Names in a row of several."""
PROVISIONAL = "*"
"""Stands behind a date that may still change."""


@dataclass(frozen=True)
class DeadlineRow:
    """Deadlines that are told together."""

    deadlines: Sequence[Deadline]

    @property
    def first(self) -> Deadline:
        """The one that speaks for all: the oldest."""
        return min(self.deadlines, key=lambda deadline: deadline.term.due)

    @property
    def due(self) -> str:
        """The date, marked where it may still change."""
        term = self.first.term
        return f"{term.due} {PROVISIONAL}" if term.provisional else f"{term.due}"

    @property
    def state(self) -> Message:
        """How urgent it is, or when it came."""
        return state_words(self.first)

    @property
    def periods(self) -> Message | str:
        """What it is for: one period, or from which to which."""
        period = self.first.term.period
        if is_an_offices(self.first) and period.first != period.last:
            return Message("{first} to {last}", {"first": period.first, "last": period.last})
        names = sorted({deadline.term.period.name for deadline in self.deadlines})
        if len(names) == 1:
            return names[0]
        return Message(
            "{first} to {last}, {count} of them",
            {"first": names[0], "last": names[-1], "count": len(names)},
        )

    @property
    def came(self) -> Message | str:
        """How many of how many have come."""
        if is_an_offices(self.first):
            if self.first.expected == 1:
                return Message("one day missing")
            return Message("{count} days missing", {"count": f"{self.first.expected:,}"})
        if self.first.came_as is CameAs.NOTHING:
            return Message("nothing")
        came = sum(deadline.came for deadline in self.deadlines)
        if any(deadline.expected is None for deadline in self.deadlines):
            return f"{came:,}" if came else Message("none")
        expected = sum(deadline.expected or 0 for deadline in self.deadlines)
        return Message("{came} of {expected}", {"came": f"{came:,}", "expected": f"{expected:,}"})

    def what(self, locale: str) -> str:
        """Return what is owed, and of which category if it is of one."""
        label = self.first.term.rule.label.in_locale(locale)
        parts = {deadline.part for deadline in self.deadlines}
        if len(parts) > 1 or self.first.part is None:
            return label
        name = Message({**CATEGORIES, **HOTLINE_GROUPS}[self.first.part])
        return Message("{what} ({part})", {"what": label, "part": name}).render(locale)

    def names(self, locale: str) -> list[str]:
        """Return the names of all who owe it."""
        return list(dict.fromkeys(_name(deadline, locale) for deadline in self.deadlines))

    def who(self, locale: str, most: int = MOST_NAMES) -> str:
        """Return who owes it: at most so many names."""
        names = self.names(locale)
        if len(names) <= most + 1:
            return _listed(names, locale)
        shown = _listed(names[:most], locale)
        more = Message(
            "{names} and {count} more", {"names": shown, "count": f"{len(names) - most:,}"}
        )
        return more.render(locale)


def state_words(deadline: Deadline) -> Message:
    """Return where a deadline stands, in words."""
    days = deadline.days or 0
    if deadline.state is DeadlineState.OVERDUE:
        text = N_("overdue by one day") if days == 1 else N_("overdue by {count} days")
        return Message(text, {"count": f"{days:,}"})
    if deadline.state is DeadlineState.DUE:
        soon = (N_("due today"), N_("due tomorrow"))
        text = soon[days] if days < len(soon) else N_("due in {count} days")
        return Message(text, {"count": f"{days:,}"})
    if deadline.came_as is CameAs.NOTHING:
        is_late = deadline.state is DeadlineState.MET_LATE
        text = N_("nothing, reported late, {day}") if is_late else N_("nothing, reported {day}")
        return Message(text, {"day": deadline.came_on})
    text = N_("came late, {day}") if deadline.state is DeadlineState.MET_LATE else N_("came {day}")
    return Message(text, {"day": deadline.came_on})


def _listed(names: Sequence[str], locale: str) -> str:
    text = translate(N_("{names}, {name}"), locale)
    return reduce(lambda names, name: text.format(names=names, name=name), names)


def _name(deadline: Deadline, locale: str) -> str:
    name = deadline.who.in_locale(locale)
    return f"{deadline.who.code} {name}" if is_an_offices(deadline) else name


def rows(deadlines: Iterable[Deadline]) -> list[DeadlineRow]:
    """Return deadlines as rows, in the order of the first of each."""
    each = [DeadlineRow([deadline]) for deadline in deadlines]
    return _joined(_joined(each, _same_debtor), _same_debt)


def _joined(
    found: Iterable[DeadlineRow], key: Callable[[DeadlineRow], tuple[object, ...] | None]
) -> list[DeadlineRow]:
    """Join the rows that have one key, at the place of the first of them."""
    made: dict[object, list[Deadline]] = {}
    for number, row in enumerate(found):
        alike = key(row)
        made.setdefault(number if alike is None else alike, []).extend(row.deadlines)
    return [DeadlineRow(deadlines) for deadlines in made.values()]


def _same_debtor(row: DeadlineRow) -> tuple[object, ...] | None:
    """What one owes of several periods, all of it overdue."""
    deadline = row.first
    if deadline.state is not DeadlineState.OVERDUE or deadline.term.duty is Duty.CASE_REPORT:
        return None
    return (deadline.term.duty, deadline.part, deadline.who)


def _same_debt(row: DeadlineRow) -> tuple[object, ...] | None:
    """Return the key of a debt that several share; None for a debt that is partly met."""
    deadline = row.first
    if deadline.is_open and any(each.came for each in row.deadlines):
        return None
    periods = tuple(sorted(each.term.period.name for each in row.deadlines))
    return (
        deadline.term.duty,
        deadline.state,
        deadline.term.due,
        deadline.came_on,
        deadline.came_as,
        periods,
        _days_missing(deadline),
    )


def _days_missing(deadline: Deadline) -> int | None:
    return deadline.expected if is_an_offices(deadline) else None


def is_an_offices(deadline: Deadline) -> bool:
    """Return whether it is what one office owes of past daily reports."""
    return deadline.term.duty is Duty.CASE_REPORT and deadline.who.code is not None
