"""A made-up city's month with planted cheats: they are named, and no honest office is."""

from pathlib import Path

from survey_pipeline.simulation.cheating import Cheat
from survey_pipeline.simulation.signal_figures import measure, table


def test_each_cheat_is_named_and_no_honest_office(tmp_path: Path) -> None:
    figures = measure(["signals-0"], tmp_path)
    assert figures.planted == dict.fromkeys(Cheat, 1)
    assert figures.found == figures.planted
    assert (figures.honest, figures.accused) == (55, 0)
    assert "| none | 0 of 55 office-months named (0.00 of 100) |" in table(figures)
