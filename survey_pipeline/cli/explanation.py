"""An office's month as a tree that can be read aloud to the head of that office."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.tree import Tree

from survey_pipeline.cli.line_tree import LineTree
from survey_pipeline.cli.score_tables import head_document, head_messages, rendered_notes
from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.stages.assessment import StoredMonth, StoredOffice
from survey_pipeline.standard import InForce
from survey_pipeline.standard.parts.satisfaction import Arrangement

OUTCOME_NAMES = {
    "1.1": N_("rated"),
    "2.36": N_("answered, but nobody could tell what"),
    "2.112": N_("refused, or opted out"),
    "2.12": N_("hung up before the question"),
    "2.21": N_("asked for another time, never completed"),
    "2.332": N_("no common language"),
    "3.11": N_("never reached a text or a call"),
    "3.12": N_("line busy at every attempt"),
    "3.13": N_("no answer at any attempt"),
    "3.16": N_("switched off, or a fault of the carrier"),
    "3.19": N_("text sent, nothing came back, nobody called"),
    "3.30": N_("text not delivered, nobody called"),
    "3.90": N_("dead number, wrong person, or not their case"),
    "4.10": N_("case withdrawn after the draw"),
    "4.81": N_("duplicate"),
    "4.90": N_("never a case, proof on record"),
}


@dataclass(frozen=True)
class Explanation:
    """One office in one stored month."""

    stored: StoredMonth
    row: StoredOffice
    in_force: InForce
    locale: str

    def document(self) -> dict[str, Any]:
        """Return the explanation as one JSON document, sentences in the locale."""
        teller = LineTree(self.in_force.standard, self.locale)
        return {
            **head_document(self.stored, self.in_force),
            "carried_out_by": self._arrangement.label.in_locale(self.locale),
            **{key: value for key, value in self.row.facts.items() if key not in {"month", "note"}},
            "note": rendered_notes(self.row.facts, self.locale),
            "lines": [teller.document(line) for line in self.row.lines],
        }

    def tree(self) -> Tree:
        """Return the explanation for a terminal."""
        facts = self.row.facts
        tree = Tree(
            f"{facts['office']} ({self.row.office_code}), {facts['parent']}, " + self.stored.month
        )
        teller = LineTree(self.in_force.standard, self.locale)
        for line in self.row.lines:
            teller.add(tree, line)
        self._add(tree, N_("What to know"), rendered_notes(facts, self.locale))
        self._add(tree, N_("Who asks"), self._who())
        self._add(tree, N_("Beside the score"), self._said(self._beside()))
        self._add(tree, N_("What became of the cases drawn"), self._outcomes())
        self._add(tree, N_("The appraisal year so far"), self._said(self._to_date()))
        self._add(
            tree,
            N_("What it was computed from"),
            self._said(head_messages(self.stored, self.in_force)),
        )
        return tree

    @property
    def _arrangement(self) -> Arrangement:
        """Return who asks, by the register as the score saw it."""
        rules = self.in_force.standard.satisfaction
        return rules.arrangement(
            self.row.facts["category"], approval_service=self.row.facts["approval_service"]
        )

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
            LineTree(self.in_force.standard, self.locale).source(self._arrangement),
        ]
        delivered = self.row.facts["delivered_by_others"]
        if delivered:
            sentences.append(
                Message(
                    "{source} delivered on {delivered_on}: {sampled} asked of {reported} reported; "
                    "satisfied {satisfied}, neutral {neutral}, dissatisfied {dissatisfied}.",
                    delivered,
                ).render(self.locale)
            )
        return sentences

    def _beside(self) -> Iterator[Message]:
        facts = self.row.facts
        if facts["rate"] is not None:
            yield Message(
                "Rate {rate}; were the citizens asked again, 95 % of such intervals would hold the "
                "true rate: {low} to {high} (Wilson). This is information, the points do not use "
                "it.",
                {"rate": facts["rate"], "low": facts["rate_low"], "high": facts["rate_high"]},
            )
        if facts["response_rate"] is not None:
            yield Message(
                "Response rate (RR1) {rate}: rated, of the {drawn} cases drawn, those withdrawn "
                "left out.",
                {"rate": facts["response_rate"], "drawn": facts["drawn"]},
            )
        yield Message(
            "Reported {reported}, drawn {drawn}, texted {texted}, delivered {delivered}, replied "
            "{replied}, called {called}, reached {reached}.",
            facts,
        )
        pairs = facts["verification"]
        if pairs["pairs"]:
            yield Message(
                "Asked again on the phone: {pairs}, the same answer {same} times; by SMS "
                "{sms_mean}, on the phone {phone_mean}. The SMS answer counts.",
                pairs,
            )

    def _outcomes(self) -> list[str]:
        return [
            f"{code} {translate(OUTCOME_NAMES[code], self.locale)}: {count}"
            for code, count in self.row.facts["outcomes"].items()
        ]

    def _to_date(self) -> Iterator[Message]:
        year = self.row.facts["to_date"]
        if year is None or year["points"] is None:
            return
        yield Message(
            "{points} points: rate {rate} over {rated} ratings, coefficient {coefficient} for "
            "{volume} cases a month ({months} month(s) ended). All rated cases are pooled.",
            year,
        )
