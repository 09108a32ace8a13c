"""The lines of a stored score as an office's statement tells them, with the standard's own words.

The lines are those that `explain` prints. What would tell how few people answered or voted is left
out, and names and matters too: the statement goes to the office. What the published text leaves
open gets a numbered note, which says by whose decision it is filled.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.reports.definitions import coefficient_table
from survey_pipeline.reports.own_lines import FROM_PEOPLE
from survey_pipeline.reports.year_report import line_arithmetic
from survey_pipeline.scoring.lines import FlatLine, Line, clauses_named
from survey_pipeline.scoring.numbers import fixed, plain
from survey_pipeline.scoring.record_evidence import record_alone
from survey_pipeline.standard.decision_pages import title_of
from survey_pipeline.standard.entry import Entry, entries
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.parts.satisfaction import Coefficient
from survey_pipeline.standard.quoting import quotation
from survey_pipeline.vocabulary import Component

PLACES = 4
"""Decimals: so many are kept, and with all of them the lines add up."""


@dataclass(frozen=True)
class PaperLine:
    """A line of a statement."""

    label: str
    words: str
    """The published words that it rests on, a star behind mended ones, and its notes' numbers."""
    how: str
    """Its arithmetic, why it does not count, and its records."""
    points: str | None
    """None where it does not count."""


@dataclass(frozen=True)
class PaperPart:
    """A component of a statement, with its lines."""

    name: str
    full: str
    """The most that it gives; empty for what is only taken off."""
    basis: str
    """Which document its points are given by; empty where the standard itself gives them."""
    points: str | None
    """None without data, and where the office may not see it."""
    lines: tuple[PaperLine, ...]


@dataclass
class StatementLines:
    """Tells lines, and gathers the notes that they need in the order in which they come."""

    standard: Standard
    home: Path
    """The workspace, for its decisions' pages."""
    locale: str
    owners: frozenset[str] = frozenset()
    """The codes of the office and its department: records that are named by them have no number."""
    _notes: dict[str, int] = field(default_factory=dict)

    def part(self, head: Line, *, shown: bool = True) -> PaperPart:
        """Return a component.

        Args:
            head: its line, with those below it.
            shown: whether the office may see its points and its counts of answers.
        """
        lines = self._of_people(head) if head.component in FROM_PEOPLE else self._of_records(head)
        return self._closed(head, lines if shown else (), shown=shown)

    def answers(self, head: Line) -> PaperPart:
        """Return the satisfaction of which the office may see every count: a line for each."""
        counted = [flat for flat in head.flattened() if flat.counted]
        return self._closed(head, [self._told(flat, with_evidence=False) for flat in counted])

    def _closed(self, head: Line, lines: Iterable[PaperLine], *, shown: bool = True) -> PaperPart:
        return PaperPart(
            name=head.label.in_locale(self.locale),
            full=_full_points(self.standard, head.component),
            basis=" ".join(
                said.render(self.locale) for said in head.evidence if "record" not in said.params
            ),
            points=fixed(head.points, PLACES) if shown else None,
            lines=tuple(lines),
        )

    def note_on(self, entry: Entry) -> str:
        """Return the mark of the note on an entry without a line; empty where it needs none."""
        number = self._number(entry)
        if number is None:
            return ""
        return Message(MARK, {"number": number}).render(self.locale)

    def not_reviewed(self) -> PaperPart:
        """Return the online review of an office that was not selected for it."""
        total = self.standard.review.total
        return PaperPart(
            name=total.label.in_locale(self.locale),
            full=plain(Fraction(total.points)),
            basis=translate(NOT_REVIEWED, self.locale),
            points=None,
            lines=(),
        )

    @property
    def notes(self) -> list[str]:
        """The notes, each with its number."""
        return [
            Message(N_("Note {number}: {text}"), {"number": number, "text": text}).render(
                self.locale
            )
            for text, number in self._notes.items()
        ]

    def _of_people(self, head: Line) -> Iterator[PaperLine]:
        """Yield a component of ballots as one line: a ballot is secret, few ballots too."""
        how = "" if head.points is not None else self._note(head)
        review = self.standard.review
        clauses = (head.clause, review.values.satisfied.clause, review.selection.clause)
        label = translate(N_("All ballots together"), self.locale)
        yield PaperLine(label, self._words(clauses, {}), how, fixed(head.points, PLACES))

    def _of_records(self, head: Line) -> Iterator[PaperLine]:
        for flat in head.flattened():
            yield self._told(flat)

    def _told(self, flat: FlatLine, *, with_evidence: bool = True) -> PaperLine:
        line, counted = flat
        named = dict.fromkeys(clauses_named(line.note) if line.note else ())
        clauses = dict.fromkeys((line.clause, *named))
        parts = [line_arithmetic(line, self.locale), self._note(line)]
        if with_evidence:
            parts += [self._record(message) for message in line.evidence]
        if not counted and line.points is not None:
            parts.append(translate(N_("does not count"), self.locale))
        joint = "；" if self.locale.startswith("zh") else "; "
        return PaperLine(
            line.label.in_locale(self.locale),
            self._words(clauses, named),
            joint.join(part for part in parts if part),
            fixed(line.points, PLACES) if counted else None,
        )

    def _note(self, line: Line) -> str:
        return line.note.render(self.locale) if line.note else ""

    def _record(self, evidence: Message) -> str:
        found = record_alone(evidence, self.owners)
        return found.render(self.locale) if found else ""

    def _words(self, clauses: Iterable[str], named: Collection[str]) -> str:
        """Quote what clauses rest on, those that the remarks name with their numbers."""
        joint = "；" if self.locale.startswith("zh") else "; "
        quoted: dict[str, None] = {}
        for clause in clauses:
            for entry in self._entries(clause):
                mark = f"{clause} " if clause in named else ""
                quoted[f"{mark}{self._quoted(entry)}"] = None
        return joint.join(quoted)

    def _entries(self, clause: str) -> list[Entry]:
        return [entry for entry in entries(self.standard) if entry.clause == clause]

    def _quoted(self, entry: Entry) -> str:
        words, mended = quotation(entry)
        return "".join((f"“{words}”", "*" if mended else "", self.note_on(entry)))

    def _number(self, entry: Entry) -> int | None:
        """Return the number of an entry's note; None for what the published text says."""
        if entry.decided is None:
            return None
        return self._notes.setdefault(self._decided(entry), len(self._notes) + 1)

    def _decided(self, entry: Entry) -> str:
        """Return who filled what the text leaves open, and with what."""
        title = title_of(self.home, entry.page, self.locale) if entry.page else ""
        known: dict[str, object] = {"title": title}
        text = DEFAULT
        if entry.adoption is not None:
            text, known["document"] = ADOPTED, entry.adoption.document
        said = Message(text, known).render(self.locale)
        if isinstance(entry, Coefficient):
            steps = coefficient_table(entry, self.locale)
            said += Message(STEPS, {"steps": steps}).render(self.locale)
        return said


def _full_points(standard: Standard, component: str) -> str:
    totals = {
        Component.SATISFACTION: standard.satisfaction.total,
        Component.PERFORMANCE: standard.performance.total,
        Component.SUPERVISION: standard.supervision.total,
        Component.HOTLINE: standard.hotline.total,
        Component.PARENT_RATING: standard.parent_rating.total,
        Component.ONLINE: standard.review.total,
        Component.BONUS: standard.bonus.total,
    }
    found = totals.get(Component(component))
    return "" if found is None else plain(Fraction(found.points))


MARK = N_(" (note {number})")
NOT_REVIEWED = N_("not selected for the online review; ranked among the offices that were not")
DEFAULT = N_(
    'the published text leaves this open. It follows "{title}", the program\'s default, not '
    "confirmed by {organisation}."
)
ADOPTED = N_('the published text leaves this open. It follows "{title}", decided by {document}.')
STEPS = N_(" Coefficient by cases reported a month: {steps}.")
