"""An office's year as a tree that can be read aloud to the head of that office."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.tree import Tree

from survey_pipeline.cli.line_tree import APPENDIX, NUMBERS, LineTree
from survey_pipeline.cli.year_tables import year_messages
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.reports.year_standing import RankingSizes, standing
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.numbers import fixed
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.stages.assessment import StoredYear
from survey_pipeline.standard import InForce
from survey_pipeline.vocabulary import Component
from survey_pipeline.vocabulary.names import COMPONENTS, named


@dataclass(frozen=True)
class YearExplanation:
    """One office in one stored year."""

    stored: StoredYear
    office: OfficeYearScore
    in_force: InForce
    home: Path
    """The workspace."""
    locale: str
    duplicates: Sequence[Message] = ()
    """Records of the office that may be the same."""

    def document(self) -> dict[str, Any]:
        """Return the explanation as one JSON document, sentences in the locale."""
        teller = self._teller()
        told = self.office.to_json(self.locale, self.stored.head["decimals"])
        return {
            "year": self.stored.year,
            "version": self.stored.version,
            "as_of": self.stored.as_of.isoformat(),
            "standard": self.stored.standard,
            "standard_hash": self.stored.standard_hash,
            **told,
            "parent": self.office.office.parent,
            "possible_duplicates": list(self._duplicates()),
            "lines": [teller.document(line.to_json()) for line in self.office.lines],
            "sources": {
                clause: teller.sources(clause)
                for clause in dict.fromkeys(_clauses(self.office.lines))
            },
        }

    def tree(self) -> Tree:
        """Return the explanation for a terminal."""
        office, teller = self.office.office, self._teller()
        title = Message(
            "{name} ({office_code}), {parent}: appraisal year {year}, as of {as_of}",
            {
                "name": office.name,
                "office_code": office.office_code,
                "parent": office.parent,
                "year": self.stored.year,
                "as_of": self.stored.as_of,
            },
        )
        tree = Tree(title.render(self.locale))
        self._add(tree, N_("In short"), self._short())
        for line in self.office.lines:
            teller.add(tree, line.to_json(), *self._rules_of(line))
        self._add(tree, N_("What is missing"), self._missing())
        self._add(tree, N_("Possible duplicates"), self._duplicates())
        window, rounding = self._standard.window, self._standard.rounding
        self._add(
            tree,
            N_("Window and rounding"),
            (
                f"{entry.label.in_locale(self.locale)} [{entry.clause}]: {teller.source(entry)}"
                for entry in (window, rounding)
            ),
        )
        said = (
            message.render(self.locale) for message in year_messages(self.stored, self.in_force)
        )
        self._add(tree, APPENDIX, (translate(NUMBERS, self.locale), *said, *teller.files))
        return tree

    @property
    def _standard(self) -> Any:
        return self.in_force.standard

    def _teller(self) -> LineTree:
        office = self.office.office
        owners = frozenset((office.office_code, office.parent_code))
        return LineTree(self.in_force.standard, self.home, self.locale, owners)

    def _add(self, tree: Tree, title: str, sentences: Iterable[str]) -> None:
        told = list(sentences)
        if told:
            branch = tree.add(translate(title, self.locale))
            for sentence in told:
                branch.add(sentence)

    def _rules_of(self, line: Line) -> tuple[str, ...]:
        """Return the clauses of rules without a line of their own: how the office was selected."""
        review = self.in_force.standard.review
        return (review.selection.clause,) if line.component == Component.ONLINE else ()

    def _short(self) -> Iterator[str]:
        """Yield the sums with their arithmetic, and the ranks."""
        points, decimals = self.office.points, self.stored.head["decimals"]
        total = Message(
            TOTAL if self._is_reviewed else TOTAL_WITHOUT_ONLINE,
            {
                "total": fixed(self.office.total, decimals),
                "daily": fixed(self.office.daily, decimals),
                "online": fixed(points[Component.ONLINE], decimals) or "-",
                "bonus": fixed(points[Component.BONUS], decimals),
                "penalty": fixed(points[Component.MATERIAL_PENALTY], decimals),
            },
        )
        yield total.render(self.locale)
        among = RankingSizes.of_rows(self.stored.offices).among(self.office)
        for said in standing(self.office, among, self.locale):
            yield said.render(self.locale)
        if not self.office.complete:
            yield Message(
                "Provisional: what is missing is no zero, and the sum is of what is there."
            ).render(self.locale)

    @property
    def _is_reviewed(self) -> bool:
        """Whether the office is in the online review, with or without a score yet."""
        return any(line.component == Component.ONLINE for line in self.office.lines)

    def _duplicates(self) -> Iterator[str]:
        return (said.render(self.locale) for said in self.duplicates)

    def _missing(self) -> Iterator[str]:
        for line in self.office.lines:
            if line.points is None:
                name = named(COMPONENTS, line.component, self.locale)
                yield f"{name}: {line.note.render(self.locale) if line.note else '-'}"


TOTAL = N_(
    "Total {total} = daily {daily} + online {online} + bonus {bonus} - missing material {penalty}"
)
TOTAL_WITHOUT_ONLINE = N_(
    "Total {total} = daily {daily} + bonus {bonus} - missing material {penalty}; the office is not "
    "in the online review"
)


def _clauses(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        yield line.clause
        yield from _clauses(line.children)
