"""The notes under every workbook and page: what each figure is, and how far it may be trusted."""

from survey_pipeline.i18n import N_, Message, translate
from survey_pipeline.reports.month_report import MonthReport
from survey_pipeline.reports.month_summaries import ANSWERED
from survey_pipeline.standard.entry import entries
from survey_pipeline.standard.parts.satisfaction import Coefficient
from survey_pipeline.standard.whose_words import standing
from survey_pipeline.vocabulary.names import AAPOR_VERSION, CATEGORIES


def definitions(report: MonthReport, locale: str) -> list[tuple[str, str]]:
    """Return each term with its definition, in `locale`."""
    return [
        (translate(term, locale), message.render(locale))
        for term, message in (
            *_counts(),
            *_rates(report),
            *_points(report, locale),
            *_doubts(report),
        )
    ]


def _counts() -> list[tuple[str, Message]]:
    return [
        (
            N_("Cases reported"),
            Message(
                "service cases that the office reported in the month and that were accepted; "
                "withdrawn ones are taken off."
            ),
        ),
        (
            N_("Drawn"),
            Message("cases of the month drawn for the survey, those withdrawn later included."),
        ),
        (
            N_("Texted"),
            Message("drawn cases whose text a gateway accepted, or may have accepted."),
        ),
        (N_("Texts delivered"), Message("texts that reached the handset by its receipt.")),
        (N_("Replied"), Message("drawn cases with at least one text from the citizen.")),
        (N_("Called"), Message("drawn cases with at least one call-back attempted.")),
        (N_("Reached by phone"), Message("drawn cases in which somebody spoke on the phone.")),
        (
            ANSWERED,
            Message(
                "drawn cases that rated, by SMS or in calls of {organisation}, whether it counts "
                "or delivered results stand in its place."
            ),
        ),
        (
            N_("Rated"),
            Message(
                "cases with a rating: by SMS, by phone, and elsewhere, which are results "
                "delivered by those who ask in our place. One case gives at most one rating."
            ),
        ),
    ]


def _rates(report: MonthReport) -> list[tuple[str, Message]]:
    values = report.in_force.standard.satisfaction.values
    return [
        (
            N_("Satisfaction rate"),
            Message(
                "sum of the values of all ratings / number of ratings, where satisfied counts "
                "{satisfied}, neutral {neutral}, dissatisfied {dissatisfied} (clause {clause}). "
                "Of a category or the city: over all its ratings together.",
                {
                    "satisfied": values.satisfied.value,
                    "neutral": values.neutral.value,
                    "dissatisfied": values.dissatisfied.value,
                    "clause": values.satisfied.clause,
                },
            ),
        ),
        (
            N_("Share satisfied"),
            Message(
                "satisfied ratings / all ratings. It stands beside the satisfaction rate, in which "
                "neutral ratings count in part; the points use the satisfaction rate alone."
            ),
        ),
        (
            N_("Rate, bounds"),
            Message(
                "95 % Wilson interval with the rate as proportion and the ratings as number of "
                "trials. Offices whose intervals overlap widely cannot be told apart by this month "
                "alone. The points do not depend on it."
            ),
        ),
    ]


def _points(report: MonthReport, locale: str) -> list[tuple[str, Message]]:
    part = report.in_force.standard.satisfaction
    steps = coefficient_table(part.coefficient, locale)
    return [
        (
            N_("Volume coefficient"),
            Message(
                "by the cases reported in the month (the larger of our count and a delivered "
                "one), each step from its figure up to the next: "
                "{steps} (clause {clause}).",
                {"steps": steps, "clause": part.coefficient.clause},
            ),
        ),
        (
            N_("Points"),
            Message(
                "{total} x satisfaction rate x volume coefficient (clause {clause}): exact, then "
                "once half up to four decimals, which are kept and ranked by; two are shown. An "
                "office that nobody rated has no points, which is not zero points.",
                {"total": part.total.points, "clause": part.total.clause},
            ),
        ),
        *_comparisons(report, locale),
    ]


def coefficient_table(coefficient: Coefficient, locale: str) -> str:
    """Return the table of coefficients, and those of categories that have one of their own."""
    named = [
        (f"{translate(CATEGORIES[table.category], locale)}: ", table.steps)
        for table in coefficient.by_category
    ]
    return "; ".join(
        name + ", ".join(f"≥ {step.from_}: {step.coefficient}" for step in steps)
        for name, steps in [("", coefficient.steps), *named]
    )


def _comparisons(report: MonthReport, locale: str) -> list[tuple[str, Message]]:
    return [
        (
            N_("Rank"),
            Message(
                "within the category, and in the city over all offices with enough ratings, by all "
                "four decimals of the points; equal points share a rank (1 1 3)."
            ),
        ),
        (
            N_("Response rate"),
            Message(
                "cases rated by us / drawn cases without those not eligible (withdrawn, "
                "duplicate, never a case). Numbers that do not exist stay in the denominator."
            ),
        ),
        (N_("Source"), Message("whose answers the rate rests on: {who}.", _who(report, locale))),
        (N_("Local decisions"), _local(report, locale)),
        (
            N_("Not appraised"),
            Message(
                "offices that are exempt, or whose time on the register does not touch the month: "
                "listed apart with the reason, and in no sum, mean or rank."
            ),
        ),
    ]


def _local(report: MonthReport, locale: str) -> Message:
    """Return what of the month's points the published text leaves open, and who has decided it."""
    standard = report.in_force.standard
    joint = "；" if locale.startswith("zh") else "; "
    found = [
        Message(
            N_("{label} ({clause}): {standing}"),
            {
                "label": entry.label.in_locale(locale),
                "clause": entry.clause,
                "standing": standing(entry),
            },
        ).render(locale)
        for entry in (*entries(standard.satisfaction), standard.window, standard.rounding)
        if entry.decided
    ]
    return Message(
        N_("what the published text leaves open: {decisions}."), {"decisions": joint.join(found)}
    )


def _who(report: MonthReport, locale: str) -> dict[str, object]:
    carried_out = report.in_force.standard.satisfaction.carried_out
    joint = "；" if locale.startswith("zh") else "; "
    return {
        "who": joint.join(
            f"{entry.clause} {entry.label.in_locale(locale)}" for entry in carried_out
        )
    }


def _doubts(report: MonthReport) -> list[tuple[str, Message]]:
    return [
        (
            N_("Calls to those who have answered"),
            Message(
                "keep their answer beside the rating and never in it, so that calling back does "
                "not bend the score. A rating changes only where the citizen says that the text "
                "was misread, and is then marked as corrected."
            ),
        ),
        (
            N_("Few answers"),
            Message(
                "offices with fewer than {min_cell} ratings are marked: their rate says little, "
                "and their reasons are not listed.",
                {"min_cell": report.min_cell},
            ),
        ),
        (
            N_("Where the figures come from"),
            Message("version {version} of the month's scores.", {"version": report.version}),
        ),
    ]


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


CODES = N_("{version}. While a survey is open: the code if it ended now.")
RATES = N_(
    "RR1: cases rated by us / drawn cases without those not eligible (withdrawn, duplicate, never "
    "a case). Numbers that do not exist stay in the denominator. COOP1: rated / (rated + refused + "
    "other eligible). REF1: refused / the same denominator as RR1. CON1: somebody answered / the "
    "same denominator."
)
