"""Number formats of workbooks: what shows a date and what a number (ECMA-376 part 1, 18.8.31)."""

import pytest

from survey_pipeline.stages.intake.formats.number_formats import shows_date


@pytest.mark.parametrize(
    "code",
    [
        "yyyy-mm-dd",
        'yyyy"年"m"月"d"日"',
        "[$-804]yyyy/m/d;@",
        "[$-F800]dddd\\,\\ mmmm\\ dd",
        "mmm\\-yy",
        "h:mm AM/PM",
        '[DBNum1][$-804]yyyy"年"',
        "aaaa",
        'e"年"m"月"',
        "[<100]0;yyyy-mm-dd",
        "D/M/YYYY",
    ],
)
def test_dates(code: str) -> None:
    assert shows_date(code)


@pytest.mark.parametrize(
    "code",
    [
        "\\H000000",
        "0\\d",
        "\\Y0",
        '"H"000',
        '0"年"',
        "0年",
        "[Red]0",
        "[Magenta]#,##0",
        "[Color10]0",
        "[$USD-409]#,##0",
        "[$¥-804]0.00",
        "0.00E+00",
        "General",
        "G/通用格式",
        "_d0",
        "*y0",
        "@",
        "[h]:mm:ss",
        "[mm]:ss",
        "0;yyyy",
        "000000;[Red]d",
        '0 "d',
        "",
        "0\\",
        "0;\\d0;;@",
    ],
)
def test_numbers(code: str) -> None:
    assert not shows_date(code)
