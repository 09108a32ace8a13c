"""The shipped file against the published text, figure by figure, and against itself.

The expected figures are read from the published text, not from the file.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from pathlib import Path

import pytest

from survey_pipeline.standard.common import Deduction
from survey_pipeline.standard.entry import Entry, entries
from survey_pipeline.standard.load import read_standard
from survey_pipeline.standard.model import Standard
from survey_pipeline.vocabulary import AwardKind, AwardLevel, Category, Duty, Grade, HotlineGroup

ROOT = Path(__file__).parents[3]
STANDARD = read_standard(ROOT / "config/standards/wenzhou-2023.toml")[0]

SUPERVISION = {
    "C1.1": ("case", "3-5"),
    "C1.2": ("case", "3-5"),
    "C1.3": ("case", "2-4"),
    "C1.4": ("person", "2-4"),
    "C1.5": ("person", "0.3-2"),
    "C2.1a": ("person", "3"),
    "C2.1b": ("person", "4.5"),
    "C2.1c": ("person", "6"),
    "C2.1d": ("person", "7.5"),
    "C2.1e": ("person", "9"),
    "C2.1f": ("person", "0.9-3"),
    "C2.2a": ("person", "3"),
    "C2.2b": ("person", "4.5"),
    "C2.2c": ("person", "6"),
    "C2.2d": ("person", "7.5"),
    "C2.2e": ("person", "9"),
    "C2.3a": ("case", "1-3"),
    "C2.3b": ("case", "2-4"),
    "C3.1": ("case", "0.3-2"),
    "C3.2a": ("case", "0.3"),
    "C3.2b": ("case", "3"),
    "C3.3": ("case", "1-3"),
}
HOTLINE = {
    "D1.1": ("D1", "0.2"),
    "D1.2": ("D1", "0.2"),
    "D1.3": ("D1", "0.3"),
    "D1.4": ("D1", "0.3"),
    "D2.5": ("D2", "0.3"),
    "D2.6": ("D2", "0.4"),
    "D2.7": ("D2", "0.4"),
    "D3.8": ("D3", "0.3-0.5"),
}
SANCTIONS = [f"C2.{part}{letter}" for part in "12" for letter in "abcde"]


def said(clause: Deduction) -> str:
    return str(clause.points) if clause.points is not None else f"{clause.least}-{clause.most}"


def test_the_components_of_the_daily_appraisal_add_up_to_85() -> None:
    daily = [
        STANDARD.satisfaction.total.points,
        STANDARD.performance.total.points,
        STANDARD.supervision.total.points,
        STANDARD.hotline.total.points,
        STANDARD.parent_rating.total.points,
    ]
    assert daily == [30, 10, 25, 15, 5]
    assert sum(daily) == STANDARD.daily.points == 85


def test_with_the_online_review_they_make_100_and_with_the_bonus_102() -> None:
    assert STANDARD.daily.points + STANDARD.review.total.points == 100
    assert STANDARD.daily.points + STANDARD.review.total.points + STANDARD.bonus.total.points == 102


def test_every_clause_of_supervision_costs_what_the_text_says() -> None:
    found = {one.clause: (one.per.value, said(one)) for one in STANDARD.supervision.clauses}
    assert found == SUPERVISION


def test_every_clause_of_the_hotline_costs_what_the_text_says() -> None:
    assert {one.clause: (one.group, said(one)) for one in STANDARD.hotline.clauses} == HOTLINE


def test_the_hotline_caps_and_the_rank_make_15() -> None:
    caps = {cap.clause: cap.cap for cap in STANDARD.hotline.caps}
    assert caps == {"D1": 4, "D2": 4, "D3": 2}
    assert sum(caps.values()) + STANDARD.hotline.rank.points == 15


def test_ranks_are_free_to_20_and_15_and_cost_003_each_after() -> None:
    free = {one.group: one.until for one in STANDARD.hotline.free}
    assert free == {HotlineGroup.CITY_AGENCY: 20, HotlineGroup.SOE_INSTITUTION: 15}
    assert [one.each for one in STANDARD.hotline.free] == [Decimal("0.03")] * 2


def test_an_unreasonable_claim_costs_nothing_at_d26_and_d27_alone() -> None:
    excused = [entry.clause for entry in STANDARD.hotline.clauses if entry.not_if_unreasonable]
    assert excused == ["D2.6", "D2.7"]


def test_the_rules_over_supervision_hold_for_the_clauses_they_name() -> None:
    rules = STANDARD.supervision
    all_of_c2 = sorted([*SANCTIONS, "C2.1f"])
    assert sorted(rules.unrelated.clauses) == all_of_c2
    all_of_c1 = [f"C1.{number}" for number in range(1, 6)]
    assert sorted(rules.self_found.clauses) == [*all_of_c1, *all_of_c2]
    assert sorted(rules.highest.clauses) == all_of_c2
    assert sorted(rules.head.clauses) == SANCTIONS
    assert rules.head.factor == Decimal("1.5")


def test_missing_material_costs_a_department_2_at_most_and_half_is_borne() -> None:
    rules = STANDARD.supervision
    assert (rules.material.each, rules.material.cap) == (Decimal("0.5"), 2)
    assert (rules.burden.factor, rules.burden.borne) == (Decimal("0.5"), "each")


def test_grades_their_proportion_and_who_delivers_points() -> None:
    rating = STANDARD.parent_rating
    assert {grade: rating.grade(grade).points for grade in Grade} == {
        Grade.EXCELLENT: 5,
        Grade.GOOD: 4,
        Grade.FAIR: 3,
    }
    shares = [rating.quota.excellent, rating.quota.good, rating.quota.fair]
    assert shares == [Decimal("0.2"), Decimal("0.6"), Decimal("0.2")]
    assert (rating.graded, rating.quota_rounding.always_excellent) == (Category.AGENCY, 1)


def test_who_delivers_performance_points_and_ratings() -> None:
    performance = {one: STANDARD.performance.source(one).zh for one in Category}
    rating = {
        one: STANDARD.parent_rating.source(one).zh for one in Category if one != Category.AGENCY
    }
    assert performance == {
        Category.AGENCY: "市委直属机关工委",
        Category.EDUCATION: "市教育局",
        Category.HEALTH: "市卫健委",
        Category.SOE: "市国资委",
        Category.FINANCE: "市金融办",
        Category.SOCIAL: "市政务服务局",
    }
    del performance[Category.AGENCY]
    assert rating == performance


def test_levels_halvings_and_exclusions_of_the_bonus() -> None:
    bonus = STANDARD.bonus
    assert [str(bonus.level(level).points) for level in AwardLevel] == ["2", "1.5", "1.2", "1"]
    halvings = (bonus.no_document, bonus.person, bonus.parent)
    assert [one.factor for one in halvings] == [Decimal("0.5")] * 3
    assert {one.kind for one in bonus.excluded} == set(AwardKind) - {AwardKind.COMMENDATION}
    assert bonus.core_function.blank is True


def test_an_answer_is_worth_the_same_to_a_citizen_and_to_a_representative() -> None:
    for values in (STANDARD.satisfaction.values, STANDARD.review.values):
        found = [values.satisfied.value, values.neutral.value, values.dissatisfied.value]
        assert found == [1, Decimal("0.6"), 0]


def test_every_duty_has_its_date() -> None:
    due = {one.duty: (one.every, one.month, one.day) for one in STANDARD.duties.due}
    assert due == {
        Duty.CASE_REPORT: ("working_day", None, None),
        Duty.SATISFACTION: ("month", None, 25),
        Duty.SELF_CHECK: ("month", None, 25),
        Duty.HOTLINE: ("quarter", None, 10),
        Duty.PARENT_RATING: ("year", 11, 20),
        Duty.PERFORMANCE: ("year", 11, 20),
        Duty.HOTLINE_RANK: ("year", 11, 20),
    }
    assert STANDARD.supervision.filing.count == STANDARD.satisfaction.due.day == 25


WORDS_FOR = {Decimal("0.5"): "折半", Decimal(0): "不得分"}
"""Figures that the text writes in words."""


def figures(entry: Entry) -> Iterator[Decimal]:
    """The figures of an entry's own keys."""
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            yield Decimal(value)


def quotes(place: str, figure: Decimal) -> bool:
    """Whether a quotation shows a figure: plain, in per cent, or in words."""
    numbers = {Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", place)}
    per_cent = {Decimal(number) / 100 for number in re.findall(r"(\d+)%", place)}
    in_words = figure in WORDS_FOR and WORDS_FOR[figure] in place
    return in_words or figure in numbers | per_cent


SETTLED = [entry for entry in entries(STANDARD) if not entry.decided]


@pytest.mark.parametrize("entry", SETTLED, ids=lambda entry: entry.clause)
def test_a_figure_that_is_not_ours_stands_in_the_words_quoted(entry: Entry) -> None:
    assert [figure for figure in figures(entry) if not quotes(entry.place, figure)] == []


def test_a_figure_that_is_not_quoted_would_be_found() -> None:
    clause = STANDARD.supervision.clause("C1.5")
    assert clause
    slip = clause.model_copy(update={"least": Decimal("0.2")})
    assert [figure for figure in figures(slip) if not quotes(slip.place, figure)] == [
        Decimal("0.2")
    ]


@pytest.mark.parametrize(
    ("key", "page"),
    [
        ("window", "window-dates"),
        ("satisfaction.coefficient", "volume-coefficient"),
        ("satisfaction.no_rating", "no-rating"),
        ("supervision.filing_shift", "deadline-shift"),
        ("supervision.material", "material-penalty"),
        ("supervision.burden", "material-penalty"),
        ("supervision.unrelated", "sanction-exemptions"),
        ("supervision.self_found", "self-checks"),
        ("parent_rating.grades", "grade-points"),
        ("parent_rating.quota_rounding", "quota-rounding"),
        ("hotline.unranked", "unranked-departments"),
        ("hotline.caps", "hotline-caps"),
        ("hotline.period", "hotline-cap-period"),
        ("satisfaction.sample", "sampling-not-all"),
        ("satisfaction.quiet", "quiet-days"),
        ("satisfaction.denominator", "denominator"),
        ("satisfaction.few_ratings", "small-offices"),
        ("satisfaction.counted_months", "counted-months"),
        ("ranking", "ranks"),
        ("supervision.intermediaries", "intermediaries"),
        ("review.selection", "review-selection"),
        ("review.draw", "review-selection"),
        ("bonus.core_function", "core-function"),
        ("duties.shift", "deadline-shift"),
    ],
)
def test_what_the_text_leaves_open_is_marked_and_explained(key: str, page: str) -> None:
    found: object = STANDARD
    for name in key.split("."):
        found = getattr(found, name)
    marked = found if isinstance(found, tuple) else (found,)
    assert {entry.page for entry in marked} == {f"docs/decisions/{page}.md"}


def test_what_the_text_settles_is_not_marked_as_ours() -> None:
    settled = chain(
        (entry for entry in STANDARD.supervision.clauses if entry.clause != "C2.2e"),
        STANDARD.hotline.clauses,
        STANDARD.hotline.free,
        STANDARD.bonus.levels,
        STANDARD.bonus.excluded,
        STANDARD.performance.delivered_by,
        (STANDARD.parent_rating.quota, STANDARD.supervision.floor, STANDARD.hotline.rank),
    )
    assert [entry.clause for entry in settled if entry.decided] == []


def test_every_label_is_in_both_languages_and_in_our_own_words() -> None:
    chinese, long = re.compile(r"[\u4e00-\u9fff]"), 40
    for entry in entries(STANDARD):
        named = entry.label.zh.replace("{organisation}", "评议办")
        assert chinese.search(named), entry.clause
        assert not chinese.search(entry.label.en), entry.clause
        assert len(entry.label.zh) <= long, entry.clause


def test_no_two_clauses_of_a_part_have_the_same_label() -> None:
    for part in (STANDARD.supervision.clauses, STANDARD.hotline.clauses, STANDARD.bonus.levels):
        for locale in ("zh_CN", "en"):
            labels = [entry.label.in_locale(locale) for entry in part]
            assert len(set(labels)) == len(labels)


def test_a_record_may_carry_either_end_of_a_range_and_nothing_beside_it() -> None:
    smallest = Decimal("0.0001")
    for clause in chain(STANDARD.supervision.clauses, STANDARD.hotline.clauses):
        low = clause.points if clause.least is None else clause.least
        high = clause.points if clause.most is None else clause.most
        assert low is not None, clause.clause
        assert high is not None, clause.clause
        assert clause.takes(low), clause.clause
        assert clause.takes(high), clause.clause
        assert not clause.takes(low - smallest), clause.clause
        assert not clause.takes(high + smallest), clause.clause


def test_the_standard_cannot_be_changed_once_it_is_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(STANDARD.daily, "points", Decimal(1))  # noqa: B010 - mypy knows that it is frozen


def test_a_standard_moved_to_another_year_keeps_every_figure() -> None:
    moved: Standard = STANDARD.moved_to(2025)
    kept = {"year", "window"}
    assert moved.model_dump(exclude=kept) == STANDARD.model_dump(exclude=kept)


def test_the_reconstructed_figure_is_marked_and_no_other_sanction() -> None:
    ours = [entry.clause for entry in STANDARD.supervision.clauses if entry.decided]
    assert ours == ["C2.2e"]
