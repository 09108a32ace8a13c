"""Each rank says of how many offices it is, and an incomplete office why it has none."""

from survey_pipeline.reports.year_standing import RankedAmong, RankingSizes, standing
from survey_pipeline.scoring.facts import OfficeOnRegister
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.scoring.year_ranks import YearRanks
from survey_pipeline.standard.entry import Label
from survey_pipeline.vocabulary import Category, Component

AGENCY = OfficeOnRegister("AG-1", "Permits", Category.AGENCY, "P-1", "Bureau", False)
SIZES = RankingSizes(
    [
        (False, Category.AGENCY, True),
        (False, Category.AGENCY, True),
        (False, Category.AGENCY, False),
        (False, Category.HEALTH, True),
        (False, Category.HEALTH, False),
        (True, Category.AGENCY, True),
    ]
)


def score(ranks: YearRanks, *missing: Component) -> OfficeYearScore:
    label = Label(zh="行", en="line")
    lines = tuple(Line(component.value, "X", label, points=None) for component in missing)
    return OfficeYearScore(AGENCY, lines, ranks)


def said(office: OfficeYearScore, among: RankedAmong) -> list[str]:
    return [message.render("en") for message in standing(office, among, "en")]


def test_ranks_are_of_complete_offices_and_provisional_ones_of_all() -> None:
    assert SIZES.among(score(YearRanks())) == RankedAmong(in_city=3, in_category=2, provisional=3)


def test_a_complete_office_has_ranks_and_beside_incomplete_ones_a_provisional_one() -> None:
    office = score(YearRanks(3, 2, 1, (Component.SUPERVISION, Component.HOTLINE)))
    rank, provisional = said(office, SIZES.among(office))
    assert rank == (
        "Rank 2 of 2 in Agencies, 3 of 3 in the city, among complete offices without an online "
        "score"
    )
    assert provisional == (
        "Provisional rank 1 of 3 in Agencies, among offices without an online score, compared on: "
        "Supervision, Hotline 12345, bonus, missing material"
    )
    assert len(said(office, RankedAmong(3, 3, 3))) == 1, "then it is the rank in the category"


def test_an_incomplete_office_has_no_rank_and_the_reason() -> None:
    office = score(YearRanks(None, None, 3, (Component.SUPERVISION,)), Component.PERFORMANCE)
    first, second = said(office, SIZES.among(office))
    assert first == "No rank without: Performance"
    assert second.startswith("Provisional rank 3 of 3 in Agencies")


def test_a_score_stored_before_there_were_provisional_ranks_names_none() -> None:
    office = score(YearRanks(2, 1), Component.PERFORMANCE)
    assert not any("Provisional" in sentence for sentence in said(office, SIZES.among(office)))
