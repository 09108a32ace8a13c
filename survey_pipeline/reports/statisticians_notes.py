"""The notes for statisticians: codes, rates and letters, and where the figures come from."""

from survey_pipeline.i18n import N_, Message
from survey_pipeline.reports.month_report import MonthReport
from survey_pipeline.vocabulary.names import AAPOR_VERSION

CODES = N_("{version}. While a survey is open: the code if it ended now.")
RATES = N_(
    "RR1: cases rated by us / drawn cases without those not eligible (withdrawn, duplicate, never "
    "a case). Numbers that do not exist stay in the denominator. COOP1: rated / (rated + refused + "
    "other eligible). REF1: refused / the same denominator as RR1. CON1: somebody answered / the "
    "same denominator."
)


def statisticians_notes(report: MonthReport) -> list[tuple[str, Message]]:
    """Return what a statistician needs to know of the outcome codes and of the figures' origin."""
    return [
        (N_("Outcome codes"), Message(CODES, {"version": Message(AAPOR_VERSION)})),
        (N_("Response rate"), Message(RATES)),
        (
            N_("Where the figures come from"),
            Message(
                "version {version} of the month's scores, standard {standard} (SHA-256 {hash}), "
                "program {program}, inputs {inputs}.",
                {
                    "version": report.version,
                    "standard": report.standard_id,
                    "hash": report.standard_hash,
                    "program": report.program_version,
                    "inputs": report.inputs_hash,
                },
            ),
        ),
    ]


def rates_notes() -> list[tuple[str, Message]]:
    """Return what the letters and the rates of outcomes are, for who reads them in a table."""
    return [
        (
            N_("Letters"),
            Message(
                "I rated, R refused, NC not reached though eligible, O other eligible, UH and UO "
                "unknown whether eligible, NE not eligible. E = I + R + NC + O, U = UH + UO. A "
                "survey of one question has no partial interviews."
            ),
        ),
        (
            N_("Families of rates"),
            Message(
                "RR1, RR3, RR5: I over E + U, E + eU, E; RR2, RR4, RR6 are the same here. COOP1, "
                "COOP3: I over I + R + O, I + R; COOP2, COOP4 are the same here. REF1 to REF3: R "
                "over E + U, E + eU, E. CON1 to CON3: I + R + O over the same three."
            ),
        ),
        (
            "e",
            Message(
                "the share of cases of unknown eligibility that is taken as eligible: E / (E + NE) "
                "of the row's own cases, unless it was given for the file."
            ),
        ),
        (
            N_("By mode"),
            Message(
                "SMS: the cases whose text a gateway took, with what the text alone brought. "
                "Phone: the cases that were called for a rating, with what the calls brought. A "
                "case that was tried both ways stands in both rows."
            ),
        ),
        (
            N_("By caller"),
            Message(
                "the cases that the caller called for a rating, with what the caller's own calls "
                "brought. A case of two callers stands with both. Calls to citizens who had "
                "answered already are left out. Callers are given different cases, so the rates do "
                "not compare their work."
            ),
        ),
        (
            N_("By month"),
            Message(
                "earlier months of the appraisal year by their latest stored scores. Modes and "
                "callers: from the cases as they stand when the file is written."
            ),
        ),
    ]
