"""An office's month as a tree that can be read aloud to the head of that office."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from rich.tree import Tree

from survey_pipeline.cli.line_tree import APPENDIX, NUMBERS, LineTree
from survey_pipeline.cli.score_tables import head_document, head_messages, rendered_notes
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.papers.paper import percent
from survey_pipeline.scoring.numbers import plain
from survey_pipeline.scoring.ranks import GroupRank, places_within
from survey_pipeline.stages.assessment import StoredMonth, StoredOffice
from survey_pipeline.standard import InForce
from survey_pipeline.standard.parts.satisfaction import Arrangement
from survey_pipeline.vocabulary.names import CATEGORIES, DISPOSITIONS, named


@dataclass(frozen=True)
class Explanation:
    """One office in one stored month."""

    stored: StoredMonth
    office: StoredOffice
    in_force: InForce
    home: Path
    """The workspace."""
    locale: str

    def document(self) -> dict[str, Any]:
        """Return the explanation as one JSON document, sentences in the locale."""
        teller, row = self._teller(), self.office.row
        return {
            **head_document(self.stored, self.in_force, self.locale),
            "carried_out_by": self._arrangement.label.in_locale(self.locale),
            **{
                name: value
                for name, value in row.to_json().items()
                if name not in {"month", "note"}
            },
            "note": rendered_notes(row, self.locale),
            "lines": [teller.document(line) for line in self.office.lines],
        }

    def tree(self) -> Tree:
        """Return the explanation for a terminal."""
        row = self.office.row
        tree = Tree(f"{row.office} ({row.office_code}), {row.parent}, {self.stored.month}")
        teller = self._teller()
        for line in self.office.lines:
            teller.add(tree, line)
        self._add(tree, N_("What to know"), rendered_notes(row, self.locale))
        self._add(tree, N_("Who asks"), self._who())
        self._add(tree, N_("Beside the score"), self._said(self._beside()))
        self._add(tree, N_("What became of the cases drawn"), self._outcomes())
        self._add(tree, N_("The appraisal year so far"), self._said(self._to_date()))
        appendix = [Message(NUMBERS), *head_messages(self.stored, self.in_force)]
        self._add(tree, APPENDIX, self._said(iter(appendix)))
        return tree

    @property
    def _arrangement(self) -> Arrangement:
        """Return who asks, by the register as the score saw it."""
        rules = self.in_force.standard.satisfaction
        row = self.office.row
        return rules.arrangement(row.category, approval_service=row.approval_service)

    def _teller(self) -> LineTree:
        row = self.office.row
        owners = frozenset((row.office_code, row.parent_code))
        return LineTree(self.in_force.standard, self.home, self.locale, owners)

    def _add(self, tree: Tree, title: str, sentences: list[str]) -> None:
        if sentences:
            branch = tree.add(translate(title, self.locale))
            for sentence in sentences:
                branch.add(sentence)

    def _said(self, messages: Iterator[Message]) -> list[str]:
        return [message.render(self.locale) for message in messages]

    def _who(self) -> list[str]:
        sentences = [
            self._arrangement.label.in_locale(self.locale),
            self._teller().source(self._arrangement),
        ]
        delivered = self.office.row.delivered_by_others
        if delivered is not None:
            sentences.append(
                Message(
                    "{source} delivered on {delivered_on}: {sampled} asked of {reported} reported; "
                    "satisfied {satisfied}, neutral {neutral}, dissatisfied {dissatisfied}.",
                    {**vars(delivered), **vars(delivered.answers)},
                ).render(self.locale)
            )
        by_case = self.office.row.delivered_by_case
        if by_case is not None:
            sentences.append(
                Message(
                    "{source} delivered case by case, the last on {day}: satisfied {satisfied}, "
                    "neutral {neutral}, dissatisfied {dissatisfied}.",
                    {
                        "source": by_case.source,
                        "day": by_case.delivered_on,
                        **vars(by_case.delivered),
                    },
                ).render(self.locale)
            )
        return sentences

    def _places(self) -> dict[str, GroupRank]:
        rows = [office.row for office in self.stored.offices]
        return places_within({row.office_code: (row.category, row.rank) for row in rows})

    def _beside(self) -> Iterator[Message]:
        row = self.office.row
        place = self._places()[row.office_code]
        if place.rank is not None:
            yield Message(
                "Rank {rank} of the {ranked} ranked offices in {category}.",
                {**place._asdict(), "category": Message(CATEGORIES[row.category])},
            )
        if row.answers.satisfied_share is not None:
            yield Message(
                "Share satisfied: {share}.", {"share": percent(row.answers.satisfied_share)}
            )
        if row.rate is not None:
            yield Message(
                "Satisfaction rate {rate}. Only a part of the citizens was asked; with 95 % "
                "confidence the rate of all of them lies between {low} and {high}. This is "
                "information, the points do not use it.",
                {
                    "rate": percent(row.rate),
                    "low": percent(row.rate_low),
                    "high": percent(row.rate_high),
                },
            )
        if row.response_rate is not None:
            yield Message(
                "Response rate {rate}: rated, of the {drawn} cases drawn, those withdrawn left "
                "out.",
                {"rate": percent(row.response_rate), "drawn": row.drawn},
            )
        yield Message(
            "Reported {reported}, drawn {drawn}, texted {texted}, delivered {delivered}, replied "
            "{replied}, called {called}, reached {reached}.",
            vars(row),
        )
        if row.verification.pairs:
            yield Message(
                "Asked again on the phone: {pairs}, the same answer {same} times; by SMS "
                "{sms_mean}, on the phone {phone_mean}. The answer given first counts.",
                vars(row.verification),
            )

    def _outcomes(self) -> list[str]:
        return [
            Message(
                N_("{outcome}: {count}"),
                {"outcome": named(DISPOSITIONS, code, self.locale), "count": count},
            ).render(self.locale)
            for code, count in self.office.row.outcomes.items()
        ]

    def _to_date(self) -> Iterator[Message]:
        to_date = self.office.row.to_date
        if to_date is None or to_date.points is None:
            return
        yield Message(
            "{points} points: satisfaction rate {rate} over {rated} ratings, coefficient "
            "{coefficient} for {volume} cases a month; months ended: {months}. All rated cases are "
            "pooled.",
            {
                **vars(to_date),
                "rate": percent(to_date.rate),
                "volume": plain(Fraction(to_date.volume)),
            },
        )
