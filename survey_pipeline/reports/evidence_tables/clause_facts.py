"""What a clause of the standard takes, in words: for a form in which one record is entered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from survey_pipeline.i18n import N_, Message
from survey_pipeline.standard.common import Deduction
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.hotline import HotlineClause
from survey_pipeline.vocabulary import AwardLevel, Grade, Per, RecordKind


@dataclass(frozen=True)
class ClauseFacts:
    """A clause, level or grade, and what follows from naming it."""

    clause: str
    label: str
    """The words of the standard."""
    takes: Message
    """A figure or a range, per case or per person."""
    rules: Sequence[Message] = ()
    """Exemptions, factors and caps that hold for it."""


def facts_of(standard: Standard, kind: RecordKind, locale: str) -> list[ClauseFacts]:
    """Return what each clause of a kind takes, in the standard's order; none if it has none."""
    if kind is RecordKind.SUPERVISION:
        return [*_supervision(standard, locale), _material(standard, locale)]
    if kind is RecordKind.HOTLINE:
        return [_hotline(standard, clause, locale) for clause in standard.hotline.clauses]
    if kind is RecordKind.AWARDS:
        return [_level(standard, level, locale) for level in AwardLevel]
    if kind is RecordKind.PARENT_GRADES:
        return [_grade(standard, grade, locale) for grade in Grade]
    return []


def _supervision(standard: Standard, locale: str) -> Iterator[ClauseFacts]:
    for clause in standard.supervision.clauses:
        yield ClauseFacts(
            clause.clause,
            clause.label.in_locale(locale),
            _takes(clause),
            tuple(_supervision_rules(standard, clause.clause)),
        )


def _supervision_rules(standard: Standard, clause: str) -> Iterator[Message]:
    rules = standard.supervision
    if clause in rules.unrelated.clauses:
        yield Message(UNRELATED, {"clause": rules.unrelated.clause})
    if clause in rules.self_found.clauses:
        yield Message(SELF_FOUND, {"day": rules.filing.count, "clause": rules.self_found.clause})
    if clause in rules.head.clauses:
        factor = f"{rules.head.factor.normalize():f}"
        yield Message(HEAD, {"factor": factor, "clause": rules.head.clause})
    if clause in rules.highest.clauses:
        yield Message(HIGHEST, {"clause": rules.highest.clause})
    if clause in rules.intermediaries.clauses:
        yield Message(INTERMEDIARIES, {"clause": rules.intermediaries.clause})


def _material(standard: Standard, locale: str) -> ClauseFacts:
    entry = standard.supervision.material
    values: dict[str, object] = {"each": _written(entry.each), "cap": _written(entry.cap)}
    return ClauseFacts(
        entry.clause, entry.label.in_locale(locale), Message(MATERIAL, values), (Message(BEARS),)
    )


def _hotline(standard: Standard, clause: HotlineClause, locale: str) -> ClauseFacts:
    cap = next(cap for cap in standard.hotline.caps if cap.clause == clause.group)
    rules = [Message(CAP, {"group": cap.clause, "cap": _written(cap.cap)})]
    if clause.not_if_unreasonable:
        rules.append(Message(UNREASONABLE))
    return ClauseFacts(clause.clause, clause.label.in_locale(locale), _takes(clause), tuple(rules))


def _level(standard: Standard, level: AwardLevel, locale: str) -> ClauseFacts:
    entry = standard.bonus.level(level)
    return ClauseFacts(
        level.value,
        entry.label.in_locale(locale),
        Message("gives {points}", {"points": _written(entry.points)}),
        (Message(HALVES), Message(ONCE), Message(NOTHING)),
    )


def _grade(standard: Standard, grade: Grade, locale: str) -> ClauseFacts:
    entry = standard.parent_rating.grade(grade)
    points = Message("gives {points}", {"points": _written(entry.points)})
    return ClauseFacts(grade.value, entry.label.in_locale(locale), points)


def _takes(clause: Deduction) -> Message:
    by_person = clause.per is Per.PERSON
    if clause.points is not None:
        fixed = FIXED_PER_PERSON if by_person else FIXED_PER_CASE
        return Message(fixed, {"points": _written(clause.points)})
    values: dict[str, object] = {
        "least": _written(clause.least or Decimal(0)),
        "most": _written(clause.most or Decimal(0)),
    }
    return Message(RANGE_PER_PERSON if by_person else RANGE_PER_CASE, values)


def _written(points: Decimal) -> str:
    return f"{points.normalize():f}"


FIXED_PER_CASE = N_("{points} off per case, a fixed figure: points may stay blank")
FIXED_PER_PERSON = N_("{points} off per person and time, a fixed figure: points may stay blank")
RANGE_PER_CASE = N_("{least} to {most} off per case: the record carries the points")
RANGE_PER_PERSON = N_("{least} to {most} off per person and time: the record carries the points")
UNRELATED = N_(
    "nothing is taken off if it has nothing to do with the post and had no adverse effect: both "
    "must be no, and a blank counts as unknown ({clause})"
)
SELF_FOUND = N_(
    "nothing is taken off if the department found it itself, put it right, and filed it by day "
    "{day} of the month after ({clause})"
)
HEAD = N_("x {factor} if the person is the head of the office ({clause})")
HIGHEST = N_("of one person and one matter the highest alone counts ({clause})")
INTERMEDIARIES = N_("for offices that are assessed intermediaries alone ({clause})")
MATERIAL = N_(
    "{each} off the parent department if points stay blank, at most {cap} in a year: name the "
    "department and no office"
)
BEARS = N_("half of it is borne by the department's offices in the online review")
CAP = N_("at most {cap} in a year with the other clauses of {group}")
UNREASONABLE = N_("nothing is taken off if the claim was unreasonable")
HALVES = N_("half without a document number, half for a person; the two multiply")
ONCE = N_("of one piece of work the highest alone counts")
NOTHING = N_(
    "general awards, city selections and reviews of qualifications give nothing, nor does what is "
    "not the office's main function"
)
