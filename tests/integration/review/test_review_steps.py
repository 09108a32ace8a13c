"""The steps of the online review, each once (specification, sections 2 and 14.F)."""

import csv
import hashlib
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from survey_pipeline.errors import (
    CannotProceed,
    KeyFileError,
    UnknownRecord,
    UnreadableFile,
    UsageError,
)
from survey_pipeline.scoring.facts import Answers
from survey_pipeline.scoring.lines import Line
from survey_pipeline.scoring.numbers import fixed, from_units
from survey_pipeline.scoring.packing import pack
from survey_pipeline.scoring.year_ranks import DAILY
from survey_pipeline.stages.review import (
    DailyPoints,
    DailyScore,
    NamedOffice,
    SelectionRequest,
    cast,
    close_review,
    draw_representatives,
    latest_daily,
    open_review,
    paper,
    read_list,
    review_status,
    select_by_hand,
    select_offices,
    selected,
    tallies,
    write_links,
)
from survey_pipeline.standard.entry import Label
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    audit_log,
    office_year_scores,
    offices,
    representatives,
    review_representatives,
    reviews,
    year_scores,
)
from survey_pipeline.testing import SetContext, add_offices, add_representatives, reopened
from survey_pipeline.vocabulary import Component

pytestmark = pytest.mark.usefixtures("database")

YEAR = 2023


def drawn_row(context: SetContext, rep_no: Any) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(
            select(review_representatives).where(review_representatives.c.rep_no == rep_no)
        ).one()


def logged(context: SetContext, key: Any) -> Any:
    with reading(context.engine) as connection:
        return connection.execute(
            select(audit_log).where(audit_log.c.kind == "review", audit_log.c.key == key)
        ).all()


def daily_points(points: dict[str, int], rated: int = 5, **missing: int) -> DailyPoints:
    """Return daily points of which each office has all components but, if named, the last ones."""
    offices = {}
    for code, units in points.items():
        lacking = missing.get(code.replace("-", ""), 0)
        components = (units, *[0] * (4 - lacking), *[None] * lacking)
        offices[code] = DailyScore(components, rated)
    return DailyPoints(3, date(2023, 10, 31), True, offices)


ALL = daily_points({"AG-1": 800000, "HE-2": 800000})


def with_settings(city: Any, **review: Any) -> Any:
    context = city.context
    return reopened(context.home, context.now(), review=review)


# ---- select


def test_offices_are_selected_from_the_top_of_the_daily_ranking(city: Any) -> None:
    add_offices(city.context, "agency", "agency", "agency")  # AG-3, AG-4, AG-5
    context = with_settings(city, offices=2)
    daily = daily_points({"AG-1": 700000, "AG-3": 710000, "AG-4": 705000, "AG-5": 5, "HE-2": 1})
    found = select_offices(context, YEAR, daily)
    # 2 of 5: 4 agencies 1.6 -> 2, one health 0.4 -> 0, lifted to 1
    assert [(one.office_code, one.daily, one.place) for one in found.offices] == [
        ("AG-3", 710000, 1),
        ("AG-4", 705000, 2),
        ("HE-2", 1, 1),
    ]
    assert (found.way, found.by, found.done_before) == ("quota", "tester", False)
    [entry] = logged(context, "2023/select")
    assert entry.after["offices"] == ["AG-3", "AG-4", "HE-2"]
    assert entry.after["score_version"] == 3


def test_a_second_selection_changes_nothing_and_says_so(city: Any) -> None:
    first = select_offices(city.context, YEAR, ALL)
    add_offices(city.context, "soe")
    again = select_offices(city.context.acting("somebody else"), YEAR, ALL)
    assert again.done_before
    assert (again.offices, again.by) == (first.offices, "tester")
    assert len(logged(city.context, "2023/select")) == 1
    assert select_by_hand(city.context, YEAR, []).done_before


@pytest.mark.parametrize(
    "values",
    [
        {"exempt_reason": "new"},
        {"valid_until": date(2023, 6, 30)},
        {"valid_from": date(2024, 1, 1)},
    ],
)
def test_exempt_and_closed_offices_take_no_part_and_count_in_no_quota(
    city: Any, values: Any
) -> None:
    add_offices(city.context, "soe", **values)
    assert [one.office_code for one in select_offices(city.context, YEAR, ALL).offices] == [
        "AG-1",
        "HE-2",
    ]


def test_years_are_apart(city: Any) -> None:
    select_offices(city.context, YEAR, ALL)
    with pytest.raises(CannotProceed, match="no offices are selected for the online review of 202"):
        selected(city.context, YEAR + 1)
    assert not select_offices(city.context, YEAR + 1, ALL).done_before


def test_without_offices_nothing_is_selected(city: Any) -> None:
    with writing(city.context.engine) as connection:
        connection.execute(offices.update().values(exempt_reason="all new"))
    with pytest.raises(CannotProceed, match="no office on the register can take part"):
        select_offices(city.context, YEAR, ALL)
    with pytest.raises(CannotProceed, match="no offices are selected"):
        selected(city.context, YEAR)


def listed(city: Any, text: Any, encoding: str = "utf-8") -> Any:
    path = city.context.home / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("office_code,reason\nHE-2,complaints\n\n", "utf-8"),
        ("\ufeff单位编码,理由\nHE-2,complaints\n", "utf-8"),
        ("理由,序号,处室（站所）编码\ncomplaints,1,HE-2\n", "gb18030"),
    ],
)
def test_a_list_by_hand_keeps_its_reasons(city: Any, text: str, encoding: str) -> None:
    found = select_by_hand(city.context, YEAR, read_list(listed(city, text, encoding)))
    assert [(one.office_code, one.reason, one.place) for one in found.offices] == [
        ("HE-2", "complaints", None)
    ]
    assert found.way == "manual"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "list.csv is empty"),
        ("office,why\nHE-2,x\n", "needs the columns office_code and reason"),
        ("office_code,reason\nHE-2,\n", "row 2: give an office_code and a reason"),
        ("office_code,reason\nHE-2,x\nHE-2,y\n", "row 3: HE-2 is on the list already"),
    ],
)
def test_a_list_that_is_not_sound_is_refused_with_its_row(
    city: Any, text: str, problem: str
) -> None:
    with pytest.raises(UnreadableFile, match=problem):
        read_list(listed(city, text))


def test_a_list_with_an_unknown_office_selects_nothing(city: Any) -> None:
    named = read_list(listed(city, "office_code,reason\nHE-2,x\nXX-9,y\n"))
    with pytest.raises(CannotProceed, match="row 3: XX-9 cannot be selected"):
        select_by_hand(city.context, YEAR, named)
    with pytest.raises(CannotProceed, match="no offices are selected"):
        selected(city.context, YEAR)


def test_the_daily_points_are_those_of_the_latest_score(city: Any) -> None:
    with pytest.raises(CannotProceed, match="survey-pipeline score year 2023"):
        latest_daily(city.context, YEAR)
    for version, day, points in ((1, 31, 700000), (2, 30, 1), (3, 31, 710000)):
        store_score(city.context, version, date(2023, 10, day), points)
    found = latest_daily(city.context, YEAR)
    assert (found.version, found.as_of) == (3, date(2023, 10, 31))
    assert found.offices == {
        "AG-1": DailyScore((710000, 0, 0, 0, 0), 7),
        "HE-2": DailyScore((None, 0, 0, 0, 0), 0),
    }
    assert found.offices["HE-2"].missing == (Component.SATISFACTION,)


def store_score(context: SetContext, version: Any, as_of: Any, points: Any) -> None:
    with writing(context.engine) as connection:
        key = connection.execute(
            year_scores.insert()
            .values(
                year=YEAR,
                version=version,
                computed_at=context.now(),
                as_of=as_of,
                standard="wenzhou-2023",
                standard_hash="",
                program_version="",
                inputs_hash="",
                complete=False,
                head={},
            )
            .returning(year_scores.c.id)
        ).scalar_one()
        connection.execute(
            office_year_scores.insert(),
            [
                {
                    "score_id": key,
                    "office_code": code,
                    "facts": {"components": components(units)},
                    "lines": packed(units),
                }
                for code, units in (("AG-1", points), ("HE-2", None))
            ],
        )


def components(satisfaction: int | None) -> dict[str, str | None]:
    given: dict[str, str | None] = dict.fromkeys(DAILY, "0.0000")
    given["satisfaction"] = fixed(from_units(satisfaction), 4) if satisfaction else None
    return given


def packed(satisfaction: int | None) -> str:
    points = from_units(satisfaction) if satisfaction else None
    count = 7 if satisfaction else 0
    label = Label(zh="满意度", en="Satisfaction")
    return pack([Line("satisfaction", "A", label, points=points, count=count)])


# ---- select: refused, provisional, again


def test_a_selection_is_refused_while_an_office_lacks_a_daily_component(city: Any) -> None:
    daily = daily_points({"AG-1": 800000, "HE-2": 800000}, HE2=2)
    with pytest.raises(CannotProceed) as refused:
        select_offices(city.context, YEAR, daily)
    assert str(refused.value) == (
        "offices that lack a daily component in 2023: HE-2 (Hotline 12345, Parent rating). Bring "
        "what is missing and score the year again, or select provisionally, with a reason"
    )
    assert "--provisional --reason" in str(refused.value.remedy)
    with pytest.raises(CannotProceed, match="no offices are selected"):
        selected(city.context, YEAR)


def test_an_office_that_came_after_the_score_lacks_all_and_an_exempt_one_nothing(
    city: Any,
) -> None:
    add_offices(city.context, "soe", exempt_reason="new")
    select_offices(city.context, YEAR + 1, ALL)
    add_offices(city.context, "soe")
    with pytest.raises(CannotProceed, match=r"SO-4 \(Satisfaction, Performance, Supervision"):
        select_offices(city.context, YEAR, ALL)


def test_of_many_offices_that_lack_something_ten_are_named(city: Any) -> None:
    add_offices(city.context, *["soe"] * 12)
    with pytest.raises(CannotProceed, match="in 2023: 12, among them SO-10 "):
        select_offices(city.context, YEAR, ALL)


def test_a_provisional_selection_keeps_its_reason_and_who_lacked_what(city: Any) -> None:
    daily = daily_points({"AG-1": 800000, "HE-2": 800000}, HE2=1)
    asked = SelectionRequest(provisional=True, reason="the bureau delivers in December")
    found = select_offices(city.context, YEAR, daily, asked)
    assert found.provisional
    assert found.reason == "the bureau delivers in December"
    assert found.lacking == {"HE-2": (Component.PARENT_RATING,)}
    assert review_status(city.context, YEAR).to_json()["selection"]["lacking"] == [
        {"office_code": "HE-2", "missing": ["parent_rating"]}
    ]
    [entry] = logged(city.context, "2023/select")
    assert (entry.reason, entry.after["lacking"]) == (
        "the bureau delivers in December",
        {"HE-2": ["parent_rating"]},
    )


def test_a_selection_is_made_again_until_representatives_are_drawn(city: Any) -> None:
    select_offices(city.context, YEAR, ALL)
    add_offices(city.context, "soe")
    more = daily_points({"AG-1": 700000, "HE-2": 800000, "SO-3": 900000})
    again = SelectionRequest(again=True, reason="an office was forgotten")
    found = select_offices(city.context.acting("analyst"), YEAR, more, again)
    assert [office.office_code for office in found.offices] == ["AG-1", "HE-2", "SO-3"]
    assert (found.by, found.reason, found.done_before) == (
        "analyst",
        "an office was forgotten",
        False,
    )
    first, second = logged(city.context, "2023/select")
    assert first.after["offices"] == second.before["offices"] == ["AG-1", "HE-2"]
    assert second.after["offices"] == ["AG-1", "HE-2", "SO-3"]
    assert second.reason == "an office was forgotten"
    by_hand = [NamedOffice(2, "SO-3", "complaints")]
    assert len(select_by_hand(city.context, YEAR, by_hand, again).offices) == 1
    draw_representatives(city.context, YEAR)
    with pytest.raises(CannotProceed, match="its representatives are drawn already, by tester"):
        select_offices(city.context, YEAR, more, again)
    with pytest.raises(CannotProceed, match="its representatives are drawn already"):
        select_by_hand(city.context, YEAR, by_hand, again)
    assert [office.office_code for office in selected(city.context, YEAR).offices] == ["SO-3"]


def test_a_selection_again_that_is_refused_leaves_the_one_before(city: Any) -> None:
    select_offices(city.context, YEAR, ALL)
    with pytest.raises(CannotProceed, match="lack a daily component"):
        select_offices(
            city.context, YEAR, daily_points({"AG-1": 1}), SelectionRequest(again=True, reason="x")
        )
    assert len(selected(city.context, YEAR).offices) == 2


@pytest.mark.parametrize(
    "asked",
    [{"provisional": True}, {"again": True}, {"again": True, "reason": " "}, {"reason": "why"}],
)
def test_what_is_out_of_the_ordinary_needs_its_reason(asked: Any) -> None:
    with pytest.raises(UsageError, match="--reason"):
        SelectionRequest(**asked)


def test_an_office_with_too_few_ratings_is_passed_over_and_an_empty_place_named(city: Any) -> None:
    offices = {
        "AG-1": DailyScore((300000, 0, 0, 0, 0), 4),
        "HE-2": DailyScore((200000, 0, 0, 0, 0), 5),
    }
    found = select_offices(city.context, YEAR, DailyPoints(3, None, True, offices))
    assert [office.office_code for office in found.offices] == ["HE-2"]
    assert [(office.office_code, office.place, office.rated) for office in found.passed_over] == [
        ("AG-1", 1, 4)
    ]
    assert (found.min_ratings, found.unfilled) == (5, {"agency": 1})
    off = with_settings(city, min_ratings=0)
    asked = SelectionRequest(again=True, reason="the rule is off")
    found = select_offices(off, YEAR, DailyPoints(3, None, True, offices), asked)
    assert [office.office_code for office in found.offices] == ["AG-1", "HE-2"]


def test_where_no_office_has_enough_ratings_nothing_is_selected(city: Any) -> None:
    with pytest.raises(CannotProceed, match=r"no office has 5 rated cases.*review\.min_ratings"):
        select_offices(city.context, YEAR, daily_points({"AG-1": 1, "HE-2": 1}, rated=4))


# ---- draw


def test_the_lowest_hashes_of_the_seed_are_drawn(city: Any) -> None:
    context = with_settings(city, representatives=2, seed="lottery of 1 November")
    found = draw_representatives(context, YEAR)
    ranks = {
        rep_no: hashlib.sha256(f"lottery of 1 November:2023:{rep_no}".encode()).hexdigest()
        for rep_no in ("R-1", "R-2", "R-3")
    }
    assert [one.rep_no for one in found.drawn] == sorted(ranks, key=ranks.__getitem__)[:2]
    assert [one.rank_hash for one in found.drawn] == sorted(ranks.values())[:2]
    assert found.roll_hash == hashlib.sha256(b"R-1\nR-2\nR-3").hexdigest()
    assert (found.seed, found.pool, found.wanted) == ("lottery of 1 November", 3, 2)


def test_a_second_draw_changes_nothing_whatever_the_seed_says_later(city: Any) -> None:
    first = draw_representatives(with_settings(city, representatives=2), YEAR)
    add_representatives(city.context, YEAR, "R-4")
    again = draw_representatives(with_settings(city, seed="another", representatives=9), YEAR)
    assert again.done_before
    assert (again.drawn, again.seed, again.roll_hash) == (first.drawn, first.seed, first.roll_hash)
    assert len(logged(city.context, "2023/draw")) == 1


def test_withdrawn_representatives_and_those_of_other_years_are_not_in_the_pool(city: Any) -> None:
    add_representatives(city.context, YEAR + 1, "R-9")
    with writing(city.context.engine) as connection:
        connection.execute(
            representatives.update()
            .where(representatives.c.rep_no == "R-2")
            .values(withdrawn_at=city.context.now())
        )
    found = draw_representatives(city.context, YEAR)
    assert {one.rep_no for one in found.drawn} == {"R-1", "R-3"}
    assert found.pool == 2


def test_an_empty_pool_says_what_to_import(city: Any) -> None:
    with pytest.raises(CannotProceed, match="import representatives FILE --year 2031"):
        draw_representatives(city.context, 2031)
    with reading(city.context.engine) as connection:
        assert connection.execute(select(reviews)).first() is None


# ---- open and close


def test_a_review_opens_when_offices_and_representatives_are_there(city: Any) -> None:
    with pytest.raises(CannotProceed, match="review select, then survey-pipeline review draw"):
        open_review(city.context, YEAR)
    city.prepare()
    assert not open_review(city.context, YEAR).done_before
    assert open_review(city.context, YEAR).done_before
    key = city.context.home / "review-2023.key"
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_review_that_was_never_opened_is_not_closed(city: Any) -> None:
    with pytest.raises(CannotProceed, match="never opened"):
        close_review(city.prepare().context, YEAR)


def test_ballots_are_counted_at_closing_and_not_before(city: Any) -> None:
    tokens = city.open().tokens()
    cast(city.context, tokens["R-1"], {"AG-1": "satisfied", "HE-2": "dissatisfied"})
    cast(city.context, tokens["R-2"], {"AG-1": "neutral"})
    assert tallies(city.context, YEAR) == {}
    assert close_review(city.context, YEAR).ballots == 3
    assert tallies(city.context, YEAR) == {"AG-1": Answers(1, 1, 0), "HE-2": Answers(0, 0, 1)}
    assert tallies(city.context, YEAR + 1) == {}


def test_an_office_without_ballots_has_none_of_each(city: Any) -> None:
    city.open()
    close_review(city.context, YEAR)
    assert tallies(city.context, YEAR) == {"AG-1": Answers(), "HE-2": Answers()}


def test_closing_again_changes_nothing_and_a_closed_review_stays_closed(city: Any) -> None:
    tokens = city.open().tokens()
    cast(city.context, tokens["R-1"], {"AG-1": "satisfied"})
    assert not close_review(city.context, YEAR).done_before
    again = close_review(city.context, YEAR)
    assert (again.done_before, again.ballots) == (True, 1)
    with pytest.raises(CannotProceed, match="not opened again"):
        open_review(city.context, YEAR)


def test_a_closing_that_was_cut_off_before_the_key_went_is_finished_by_another(city: Any) -> None:
    """As if the machine had died between the counting and the clearing."""
    city.open()
    key = city.context.home / "review-2023.key"
    kept = key.read_bytes()
    close_review(city.context, YEAR)
    key.write_bytes(kept)
    key.chmod(0o600)
    with writing(city.context.engine) as connection:
        connection.execute(reviews.update().values(cleared_at=None))
    assert not review_status(city.context, YEAR).cleared
    assert not close_review(city.context, YEAR).done_before
    assert not key.exists()
    assert review_status(city.context, YEAR).cleared


def test_a_lost_key_is_named_and_nothing_is_counted_without_it(city: Any) -> None:
    tokens = city.open().tokens()
    cast(city.context, tokens["R-1"], {"AG-1": "satisfied"})
    (city.context.home / "review-2023.key").unlink()
    with pytest.raises(KeyFileError, match=r"review-2023\.key cannot be read"):
        close_review(city.context, YEAR)
    with pytest.raises(KeyFileError, match="open --restart"):
        open_review(city.context, YEAR)
    assert review_status(city.context, YEAR).state == "opened"


def test_a_restart_throws_away_what_nobody_can_read_any_more(city: Any) -> None:
    tokens = city.open().tokens()
    cast(city.context, tokens["R-1"], {"AG-1": "satisfied"})
    with pytest.raises(CannotProceed, match="nothing to restart"):
        open_review(city.context, YEAR, restart=True)
    (city.context.home / "review-2023.key").unlink()
    assert open_review(city.context, YEAR, restart=True).links_renewed
    status = review_status(city.context, YEAR)
    assert (status.voted, status.ballots, status.linked) == (0, 0, 0)
    with pytest.raises(UnknownRecord):
        cast(city.context, tokens["R-1"], {"AG-1": "satisfied"})
    renewed = city.tokens()
    assert renewed["R-1"] != tokens["R-1"]
    assert cast(city.context, renewed["R-1"], {"AG-1": "neutral"}) == 1


def test_another_key_opens_no_ballot(city: Any) -> None:
    tokens = city.open().tokens()
    cast(city.context, tokens["R-1"], {"AG-1": "satisfied"})
    key = city.context.home / "review-2023.key"
    key.unlink()
    key.write_text("A" * 43 + "=\n")
    key.chmod(0o600)
    with pytest.raises(KeyFileError, match="does not fit the ballots"):
        close_review(city.context, YEAR)
    assert review_status(city.context, YEAR).state == "opened"


def test_a_key_that_others_can_read_is_refused(city: Any) -> None:
    city.open()
    (city.context.home / "review-2023.key").chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        write_links(city.context, YEAR, city.context.home / "links.csv", "https://x.example")


# ---- links and ballots


def test_the_links_file_is_for_its_owner_alone_and_shows_no_full_number(city: Any) -> None:
    city.open()
    path = city.context.home / "links.csv"
    made = write_links(city.context, YEAR, path, "https://surveys.example.org/")
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, first, *others = csv.reader(file)
    assert header == ["Representative", "Name", "Phone", "Group", "Personal link"]
    assert first[:4] == ["R-1", "Name of R-1", "138****0001", ""]
    assert first[4].startswith("https://surveys.example.org/review/")
    assert (made.links, len(others)) == (3, 2)
    assert path.stat().st_mode & 0o777 == 0o600
    [entry] = logged(city.context, "2023/links")
    assert (entry.action, entry.after) == ("exported", {"links": 3})


def test_links_written_before_the_opening_stay_valid(city: Any) -> None:
    tokens = city.prepare().tokens()
    with pytest.raises(CannotProceed, match="not open yet"):
        cast(city.context, tokens["R-1"], {"AG-1": "satisfied"})
    assert not open_review(city.context, YEAR).links_renewed
    assert cast(city.context, tokens["R-1"], {"AG-1": "satisfied"}) == 1


def test_links_written_again_are_the_same(city: Any) -> None:
    assert city.open().tokens() == city.tokens()


def test_there_are_no_links_before_the_draw_and_after_closing(city: Any) -> None:
    path = city.context.home / "links.csv"
    with pytest.raises(CannotProceed, match="review draw"):
        write_links(city.context, YEAR, path, "https://x.example")
    close_review(city.open().context, YEAR)
    with pytest.raises(CannotProceed, match="links are void"):
        write_links(city.context, YEAR, path, "https://x.example")
    assert not path.exists()


def test_a_links_file_that_cannot_be_written_is_one_clear_line(city: Any) -> None:
    city.open()
    path = city.context.home / "missing" / "links.csv"
    with pytest.raises(CannotProceed, match="cannot be written"):
        write_links(city.context, YEAR, path, "https://x.example")
    assert drawn_row(city.context, "R-1").token_hash is None


def test_a_paper_lists_the_offices_with_the_answers_given_so_far(city: Any) -> None:
    tokens = city.open().tokens()
    cast(city.context, tokens["R-1"], {"HE-2": "neutral"})
    shown = paper(city.context, tokens["R-1"])
    assert [(one.office_code, one.name, one.answer) for one in shown.offices] == [
        ("AG-1", "Office 1", None),
        ("HE-2", "Office 2", "neutral"),
    ]
    assert [one.answer for one in paper(city.context, tokens["R-2"]).offices] == [None, None]


def test_a_ballot_may_be_changed_until_closing(city: Any) -> None:
    tokens = city.open().tokens()
    for answer in ("satisfied", "dissatisfied", "neutral"):
        cast(city.context, tokens["R-1"], {"AG-1": answer})
    assert review_status(city.context, YEAR).ballots == 1
    close_review(city.context, YEAR)
    assert tallies(city.context, YEAR)["AG-1"] == Answers(0, 1, 0)


def test_no_ballot_comes_in_after_closing(city: Any) -> None:
    tokens = city.open().tokens()
    close_review(city.context, YEAR)
    with pytest.raises(UnknownRecord, match="not valid, or its review is closed"):
        cast(city.context, tokens["R-1"], {"AG-1": "satisfied"})
    assert tallies(city.context, YEAR)["AG-1"] == Answers()


def test_an_office_that_takes_no_part_spoils_the_whole_paper(city: Any) -> None:
    add_offices(city.context, "soe", exempt_reason="new")
    tokens = city.open().tokens()
    with pytest.raises(CannotProceed, match="SO-3 takes no part"):
        cast(city.context, tokens["R-1"], {"AG-1": "satisfied", "SO-3": "satisfied"})
    assert review_status(city.context, YEAR).ballots == 0


def test_an_answer_beyond_the_three_is_no_ballot(city: Any) -> None:
    tokens = city.open().tokens()
    with pytest.raises(ValueError, match="excellent"):
        cast(city.context, tokens["R-1"], {"AG-1": "excellent"})


def test_an_invented_link_and_that_of_a_withdrawn_representative_are_not_valid(city: Any) -> None:
    tokens = city.open().tokens()
    with writing(city.context.engine) as connection:
        connection.execute(
            representatives.update()
            .where(representatives.c.rep_no == "R-2")
            .values(withdrawn_at=city.context.now())
        )
    for token in ("", "x" * 22, tokens["R-2"], tokens["R-1"] + "x"):
        with pytest.raises(UnknownRecord):
            cast(city.context, token, {"AG-1": "satisfied"})


# ---- status


def test_the_status_tells_steps_and_turnout(city: Any) -> None:
    assert review_status(city.context, YEAR).to_json()["state"] == "none"
    tokens = city.open().tokens()
    cast(city.context, tokens["R-1"], {"AG-1": "satisfied", "HE-2": "satisfied"})
    cast(city.context, tokens["R-3"], {"AG-1": "neutral"})
    found = review_status(city.context, YEAR).to_json()
    assert found["state"] == "opened"
    assert found["steps"]["opened"] == {"at": "2023-11-22T02:00:00+00:00", "by": "tester"}
    assert found["steps"]["closed"] is None
    assert found["representatives"] == {
        "pool": 3,
        "drawn": 3,
        "linked": 3,
        "invited": 0,
        "voted": 2,
    }
    assert (found["turnout"], found["ballots"], found["tallies"]) == ("0.6667", 3, [])
    close_review(city.context, YEAR)
    closed = review_status(city.context, YEAR).to_json()
    assert (closed["state"], closed["cleared"], closed["ballots"]) == ("closed", True, 3)
    assert closed["representatives"]["linked"] == 0
    assert closed["tallies"] == [
        {"office_code": "AG-1", "satisfied": 1, "neutral": 1, "dissatisfied": 0},
        {"office_code": "HE-2", "satisfied": 1, "neutral": 0, "dissatisfied": 0},
    ]
