"""The binomial tail and Benjamini-Hochberg's procedure, against other people's programs."""

import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import binom_test

from survey_pipeline.signals.binomial import standing_out, upper_tail


@pytest.mark.parametrize(
    ("count", "of", "share"),
    [(1, 1, 0.5), (3, 5, 0.1), (40, 300, 0.05), (300, 300, 0.97), (9_000, 1_000_000, 0.008)],
)
def test_the_tail_is_that_of_statsmodels(count: int, of: int, share: float) -> None:
    expected = binom_test(count, of, share, alternative="larger")
    assert upper_tail(count, of, share) == pytest.approx(expected, rel=1e-7)


def test_what_is_not_above_the_expected_is_no_evidence() -> None:
    assert upper_tail(0, 10, 0.02) == 1
    assert upper_tail(5, 100, 0.05) == 1


@pytest.mark.parametrize("level", [0.01, 0.05, 0.2])
def test_the_procedure_is_that_of_statsmodels(level: float) -> None:
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 1]
    expected = multipletests(chances, alpha=level, method="fdr_bh")[0]
    assert standing_out(chances, level) == expected.tolist()
    assert standing_out([], level) == []


def test_a_rank_above_its_bound_is_carried_by_a_later_one() -> None:
    # 0.04 > 0.05 * 2 / 3, but 0.045 <= 0.05 * 3 / 3 names all three
    assert standing_out([0.01, 0.04, 0.045], 0.05) == [True, True, True]
