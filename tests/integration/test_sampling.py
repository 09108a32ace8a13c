"""A day's draw in a real database, and the check of it against every way to bend it."""

import base64
import hashlib
import hmac
import zlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from survey_pipeline.errors import DrawError
from survey_pipeline.stages.sampling import draw_day, verify_draw
from survey_pipeline.stages.sampling.roll import read_roll
from survey_pipeline.stages.sampling.world import PURGED_FRAMES
from survey_pipeline.store import audit
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import (
    cases,
    draw_offices,
    draws,
    offices,
    opt_outs,
    surveys,
)
from survey_pipeline.survey.closing import close_surveys
from survey_pipeline.survey.opt_outs import opt_out
from survey_pipeline.testing import SetContext, add_case, add_cases, add_offices, workspace
from survey_pipeline.vocabulary import AuditAction, RecordKind, SurveyEnd

pytestmark = pytest.mark.usefixtures("database")

DAY = date(2023, 5, 4)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def city(tmp_path: Path) -> Any:
    context = workspace(tmp_path)
    add_offices(context, "agency", "health", "finance")
    return context


def number(last: Any) -> str:
    return f"+86138{last:08d}"


def many(context: SetContext, office: Any, count: Any, start: int = 0, **values: Any) -> None:
    rows = [(office, f"C{n:04d}", number(start + n)) for n in range(count)]
    add_cases(context, rows, **values)


def roll(context: SetContext, day: Any = DAY) -> Any:
    with reading(context.engine) as connection:
        packed = connection.scalar(select(draws.c.roll).where(draws.c.day == day))
    return {line.line: (line.reason, line.group) for line in read_roll(packed or b"")}


def change(context: SetContext, statement: Any) -> None:
    with writing(context.engine) as connection:
        connection.execute(statement)


def problems(context: SetContext, day: Any = DAY) -> Any:
    return "\n".join(str(problem) for problem in verify_draw(context, day).problems)


def later(context: SetContext, days: Any) -> None:
    context.clock.advance(timedelta(days=days))


class TestDraw:
    def test_the_seed_is_the_months_hmac_of_the_master_key(self, city: Any) -> None:
        many(city, "AG-1", 20)
        report = draw_day(city, DAY)
        seed = hmac.new(city.keys.draw, b"2023-05", hashlib.sha256).hexdigest()
        assert report.seed_hash == hashlib.sha256(seed.encode()).hexdigest()
        for case in report.drawn:
            text = f"{seed}:2023-05-04:{case.office_code}:{case.case_no}"
            assert case.rank_hash == hashlib.sha256(text.encode()).hexdigest()

    def test_a_configured_seed_is_used_as_it_is_written(self, tmp_path: Path) -> None:
        context = workspace(tmp_path, sampling={"seed": "trial"})
        add_offices(context, "agency")
        many(context, "AG-1", 3)
        report = draw_day(context, DAY)
        assert report.seed_hash == hashlib.sha256(b"trial").hexdigest()
        text = f"trial:2023-05-04:AG-1:{report.drawn[0].case_no}"
        assert report.drawn[0].rank_hash == hashlib.sha256(text.encode()).hexdigest()

    def test_again_changes_nothing(self, city: Any) -> None:
        many(city, "AG-1", 20)
        first = draw_day(city, DAY)
        many(city, "FI-3", 20, start=500)  # reported after the draw
        second = draw_day(city, DAY)
        assert second.drawn_before
        assert not first.drawn_before
        assert (second.frame, second.drawn) == (first.frame, first.drawn)

    def test_late_cases_enter_the_next_frame(self, city: Any) -> None:
        many(city, "AG-1", 5)
        draw_day(city, DAY)
        add_case(city, "FI-3", "LATE", number(900), reported_on=DAY)
        later(city, 1)
        report = draw_day(city, NEXT)
        assert report.frame == 1
        assert [case.case_no for case in report.drawn] == ["LATE"]

    def test_a_case_reported_later_waits_for_its_day(self, city: Any) -> None:
        add_case(city, "AG-1", "TOMORROW", number(1), reported_on=NEXT, served_on=DAY)
        assert draw_day(city, DAY).frame == 0

    def test_an_undrawn_day_before_the_latest_is_refused(self, city: Any) -> None:
        later(city, 1)
        draw_day(city, NEXT)
        with pytest.raises(DrawError, match="2023-05-04 was not drawn"):
            draw_day(city, DAY)

    def test_a_day_that_has_not_begun_is_refused(self, city: Any) -> None:
        with pytest.raises(DrawError, match="has not begun"):
            draw_day(city, NEXT)

    def test_the_inclusion_probability_is_kept_to_six_decimals(self, city: Any) -> None:
        many(city, "AG-1", 7)  # n = min(7, 30, max(2, ceil(1.4))) = 2
        report = draw_day(city, DAY)
        assert [vars(office) for office in report.offices] == [
            {"office_code": "AG-1", "frame": 7, "eligible": 7, "drawn": 2}
        ]
        assert {case.probability for case in report.drawn} == {"0.285714"}

    def test_one_phone_is_drawn_once_across_offices(self, city: Any) -> None:
        add_cases(city, [("AG-1", "1", number(1)), ("FI-3", "1", number(1))])
        report = draw_day(city, DAY)
        assert len(report.drawn) == 1
        assert sum(office.eligible for office in report.offices) == 1
        assert {group for _, group in roll(city).values()} == {1}

    def test_frame_and_roll_hash_are_of_the_sorted_lines(self, city: Any) -> None:
        add_cases(
            city, [("FI-3", "2", number(1)), ("AG-1", "b", number(2)), ("AG-1", "a", number(1))]
        )
        report = draw_day(city, DAY)
        lines = ["AG-1,a", "AG-1,b", "FI-3,2"]
        groups = [1, 2, 1]
        rolled = "\n".join(f"{a},eligible,{g}" for a, g in zip(lines, groups, strict=True))
        assert report.frame_hash == hashlib.sha256("\n".join(lines).encode()).hexdigest()
        assert report.roll_hash == hashlib.sha256(rolled.encode()).hexdigest()

    def test_a_case_withdrawn_before_the_draw_is_in_no_frame(self, city: Any) -> None:
        add_case(city, "AG-1", "1", number(1), withdrawn_at=city.now())
        assert draw_day(city, DAY).frame == 0

    def test_a_landline_closes_with_its_days_of_calling(self, city: Any) -> None:
        add_case(city, "FI-3", "1", "+8657788966822")
        draw_day(city, DAY)
        with reading(city.engine) as connection:
            survey = connection.execute(select(surveys)).one()
        assert (survey.own_calls, survey.phone_kind, survey.month) == (True, "landline", "2023-05")
        assert survey.closes_at == city.now() + timedelta(days=7)

    def test_a_health_offices_calls_are_not_ours(self, city: Any) -> None:
        add_case(city, "HE-2", "1", number(1))
        draw_day(city, DAY)
        with reading(city.engine) as connection:
            assert connection.scalar(select(surveys.c.own_calls)) is False

    def test_a_case_counts_in_the_month_it_was_reported_in(self, city: Any) -> None:
        add_case(city, "AG-1", "OLD", number(1), reported_on=date(2023, 4, 28))
        draw_day(city, DAY)
        with reading(city.engine) as connection:
            assert connection.scalar(select(surveys.c.month)) == "2023-04"


class TestReasons:
    def reason(self, context: SetContext, day: Any = DAY) -> Any:
        draw_day(context, day)
        ((reason, _),) = roll(context, day).values()
        return reason

    def test_exempt_office(self, city: Any) -> None:
        change(city, update(offices).values(exempt_reason="Merged"))
        add_case(city, "AG-1", "1", number(1))
        assert self.reason(city) == "exempt"

    @pytest.mark.parametrize(
        ("column", "day", "reason"),
        [
            ("valid_from", NEXT, "exempt"),
            ("valid_from", DAY, "eligible"),
            ("valid_until", DAY, "eligible"),
            ("valid_until", DAY - timedelta(days=1), "exempt"),
        ],
    )
    def test_outside_its_validity_an_office_counts_as_exempt(
        self, city: Any, column: str, day: Any, reason: str
    ) -> None:
        change(city, update(offices).values({column: day}))
        add_case(city, "AG-1", "1", number(1))
        assert self.reason(city) == reason

    def test_surveyed_by_others(self, city: Any) -> None:
        change(city, update(offices).values(approval_service=True))
        add_case(city, "AG-1", "1", number(1))
        assert self.reason(city) == "not_ours"

    def test_approval_service_of_another_category_is_ours(self, city: Any) -> None:
        change(city, update(offices).values(approval_service=True))
        add_case(city, "FI-3", "1", number(1))
        assert self.reason(city) == "eligible"

    @pytest.mark.parametrize(("age", "reason"), [(30, "eligible"), (31, "too_old")])
    def test_too_old_is_more_than_max_age_days_before_the_draw(
        self, city: Any, age: int, reason: str
    ) -> None:
        add_case(city, "AG-1", "1", number(1), served_on=DAY - timedelta(days=age))
        assert self.reason(city) == reason

    def test_landline_of_a_health_office(self, city: Any) -> None:
        add_case(city, "HE-2", "1", "+8657788966822")
        assert self.reason(city) == "health_landline"

    def test_opted_out(self, city: Any) -> None:
        with writing(city.engine) as connection:
            opt_out(connection, city.keys.phone_hash(number(1)), "simulated", None, city.now())
        add_case(city, "AG-1", "1", number(1))
        assert self.reason(city) == "opted_out"

    def test_open_survey(self, city: Any) -> None:
        add_case(city, "AG-1", "1", number(1))
        draw_day(city, DAY)
        later(city, 1)
        add_case(city, "FI-3", "2", number(1), reported_on=NEXT)
        assert self.reason(city, NEXT) == "open_survey"

    def test_a_survey_that_ends_in_the_moment_of_the_draw_was_open(self, city: Any) -> None:
        add_case(city, "AG-1", "1", number(1))
        draw_day(city, DAY)
        later(city, 1)
        add_case(city, "FI-3", "2", number(1))
        assert self.reason(city, NEXT) == "open_survey"
        with writing(city.engine) as connection:
            close_surveys(connection, [1], SurveyEnd.SURVEY_CLOSED, city.now())
        assert verify_draw(city, NEXT).ok

    @pytest.mark.parametrize(("days", "reason"), [(29, "quiet"), (30, "eligible")])
    def test_a_phone_is_quiet_until_quiet_days_after_it_was_drawn(
        self, city: Any, days: int, reason: str
    ) -> None:
        add_case(city, "AG-1", "1", number(1))
        draw_day(city, DAY)
        with writing(city.engine) as connection:
            close_surveys(connection, [1], SurveyEnd.SURVEY_CLOSED, city.now())
        later(city, days)
        add_case(city, "FI-3", "2", number(1))
        assert self.reason(city, city.today()) == reason

    def test_the_first_reason_that_applies_counts(self, city: Any) -> None:
        change(city, update(offices).values(exempt_reason="x", approval_service=True))
        add_case(city, "AG-1", "1", number(1), served_on=DAY - timedelta(days=90))
        assert self.reason(city) == "exempt"


class TestVerify:
    @pytest.fixture
    def drawn(self, city: Any) -> Any:
        many(city, "AG-1", 12)
        many(city, "FI-3", 12, start=100)
        add_case(city, "FI-3", "TWIN", number(0))
        draw_day(city, DAY)
        later(city, 1)
        return city

    def undrawn(self, context: SetContext, office: str = "AG-1") -> Any:
        with reading(context.engine) as connection:
            drawn = set(connection.scalars(select(surveys.c.case_id)))
            every = connection.scalars(
                select(cases.c.id).where(cases.c.office_code == office).order_by(cases.c.id)
            )
            return next(key for key in every if key not in drawn and key > 1)

    def test_an_honest_draw_holds(self, drawn: Any) -> None:
        assert verify_draw(drawn, DAY).ok

    def test_whatever_the_configuration_says_by_then(self, drawn: Any, tmp_path: Path) -> None:
        settings = drawn.settings.model_copy(
            update={
                "sampling": drawn.settings.sampling.model_copy(
                    update={"seed": "other", "maximum": 3}
                )
            }
        )
        object.__setattr__(drawn, "settings", settings)
        assert verify_draw(drawn, DAY).ok

    def test_a_day_without_a_draw(self, city: Any) -> None:
        with pytest.raises(DrawError, match="was not drawn"):
            verify_draw(city, DAY)

    def test_a_case_slipped_in(self, drawn: Any) -> None:
        add_case(drawn, "AG-1", "EXTRA", number(777), reported_on=DAY, frame_on=DAY)
        assert "AG-1,EXTRA stands in the frame and not on the roll" in problems(drawn)

    def test_a_case_taken_out(self, drawn: Any) -> None:
        key = self.undrawn(drawn)
        change(drawn, delete(cases).where(cases.c.id == key))
        assert "is gone or renamed" in problems(drawn)

    def test_a_deletion_on_record_is_none(self, drawn: Any) -> None:
        key = self.undrawn(drawn)
        with writing(drawn.engine) as connection:
            case = connection.execute(select(cases).where(cases.c.id == key)).one()
            connection.execute(delete(cases).where(cases.c.id == key))
            audit.append(
                connection,
                [
                    audit.entry(
                        at=drawn.now(),
                        actor="purge",
                        action=AuditAction.DELETED,
                        kind=RecordKind.CASES,
                        key=f"{case.office_code}/{case.case_no}",
                    )
                ],
            )
        assert verify_draw(drawn, DAY).ok

    def test_a_purge_of_the_undrawn_is_none_but_does_not_cover_a_drawn_one(
        self, drawn: Any
    ) -> None:
        with writing(drawn.engine) as connection:
            kept = select(surveys.c.case_id)
            connection.execute(delete(cases).where(cases.c.id.not_in(kept)))
            audit.append(
                connection,
                [
                    audit.entry(
                        at=drawn.now(),
                        actor="purge",
                        action=AuditAction.DELETED,
                        kind=PURGED_FRAMES,
                        key="2023-05-04",
                    )
                ],
            )
        assert verify_draw(drawn, DAY).ok
        change(
            drawn,
            delete(cases).where(cases.c.id == select(surveys.c.case_id).limit(1).scalar_subquery()),
        )
        assert "is gone or renamed" in problems(drawn)

    def test_a_case_swapped(self, drawn: Any) -> None:
        key = self.undrawn(drawn)
        change(drawn, update(cases).where(cases.c.id == key).values(case_no="OTHER"))
        found = problems(drawn)
        assert "AG-1,OTHER stands in the frame and not on the roll" in found
        assert "is gone or renamed" in found

    def test_a_phone_changed_without_a_record(self, drawn: Any) -> None:
        key = self.undrawn(drawn)
        shared = drawn.keys.phone_hash(number(105))
        change(drawn, update(cases).where(cases.c.id == key).values(phone_hash=shared))
        assert "its phone is not that of group" in problems(drawn)

    def test_a_recorded_update_of_the_phone_is_none(self, drawn: Any) -> None:
        key = self.undrawn(drawn)
        with writing(drawn.engine) as connection:
            case = connection.execute(select(cases).where(cases.c.id == key)).one()
            connection.execute(
                update(cases)
                .where(cases.c.id == key)
                .values(
                    phone=drawn.keys.encrypt(number(105)),
                    phone_hash=drawn.keys.phone_hash(number(105)),
                )
            )
            audit.append(
                connection,
                [
                    audit.entry(
                        at=drawn.now(),
                        actor="office",
                        action=AuditAction.UPDATED,
                        kind=RecordKind.CASES,
                        key=f"{case.office_code}/{case.case_no}",
                        before={"phone": case.phone},
                        after={"phone": drawn.keys.encrypt(number(105))},
                    )
                ],
            )
        assert base64.b64encode(case.phone)
        assert verify_draw(drawn, DAY).ok

    def test_the_text_redirected_to_a_friend(self, drawn: Any) -> None:
        friend = number(4242)
        change(
            drawn,
            update(surveys)
            .where(surveys.c.id == 1)
            .values(phone=drawn.keys.encrypt(friend), phone_hash=drawn.keys.phone_hash(friend)),
        )
        assert "its survey goes to another number" in problems(drawn)

    def test_an_office_made_exempt_later_is_none(self, drawn: Any) -> None:
        with writing(drawn.engine) as connection:
            connection.execute(update(offices).values(exempt_reason="Merged"))
            audit.append(
                connection,
                [
                    audit.entry(
                        at=drawn.now(),
                        actor="operator",
                        action=AuditAction.UPDATED,
                        kind=RecordKind.OFFICES,
                        key=code,
                        before={"exempt_reason": None},
                        after={"exempt_reason": "Merged"},
                    )
                    for code in ("AG-1", "HE-2", "FI-3")
                ],
            )
        assert verify_draw(drawn, DAY).ok

    def test_an_office_made_exempt_behind_the_log_is_one(self, drawn: Any) -> None:
        change(drawn, update(offices).values(exempt_reason="Merged"))
        assert "what held at the draw makes it exempt" in problems(drawn)

    def test_a_later_opt_out_is_none(self, drawn: Any) -> None:
        with writing(drawn.engine) as connection:
            opt_out(connection, drawn.keys.phone_hash(number(1)), "simulated", None, drawn.now())
        assert verify_draw(drawn, DAY).ok

    def test_an_opt_out_dated_back_is_one(self, drawn: Any) -> None:
        change(
            drawn,
            opt_outs.insert().values(
                phone_hash=drawn.keys.phone_hash(number(3)),
                gateway="simulated",
                started_at=drawn.now() - timedelta(days=3),
            ),
        )
        assert "makes it opted_out" in problems(drawn)

    def test_a_survey_taken_out_of_the_draw(self, drawn: Any) -> None:
        change(drawn, delete(surveys).where(surveys.c.id == 1))
        assert "had to be drawn and was not" in problems(drawn)

    def test_a_survey_slipped_into_the_draw(self, drawn: Any) -> None:
        change(drawn, update(surveys).where(surveys.c.id == 1).values(case_no="FRIEND"))
        found = problems(drawn)
        assert "AG-1,FRIEND was drawn and should not have been" in found

    @pytest.mark.parametrize(
        ("old", "new"), [("eligible", "quiet"), (",1\n", ",2\n"), ("C0003", "C9993")]
    )
    def test_a_roll_rewritten(self, drawn: Any, old: str, new: str) -> None:
        with reading(drawn.engine) as connection:
            text = zlib.decompress(connection.scalar(select(draws.c.roll)) or b"").decode()
        forged = zlib.compress(text.replace(old, new, 1).encode())
        assert forged != text
        change(drawn, update(draws).values(roll=forged))
        assert "hash does not match" in problems(drawn)

    def test_a_roll_that_cannot_be_read(self, drawn: Any) -> None:
        change(drawn, update(draws).values(roll=b"junk"))
        assert "cannot be read" in problems(drawn)

    def test_another_seed(self, drawn: Any) -> None:
        change(drawn, update(draws).values(seed=drawn.keys.encrypt("0" * 64)))
        found = problems(drawn)
        assert "the seed's hash does not match" in found

    def test_other_figures_of_an_office(self, drawn: Any) -> None:
        change(
            drawn,
            update(draw_offices).where(draw_offices.c.office_code == "AG-1").values(eligible=99),
        )
        assert "AG-1: frame, eligible and drawn are stored as" in problems(drawn)
