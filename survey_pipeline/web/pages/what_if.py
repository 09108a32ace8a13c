"""`/organise/year/{year}/what-if`: a year scored by another standard; nothing is stored."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from survey_pipeline.appraisal import standard_of_year, try_standard
from survey_pipeline.context import Context
from survey_pipeline.editing.standard_files import read_named_standard, standard_names
from survey_pipeline.errors import CannotProceed, SurveyPipelineError, UsageError
from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.whatif import Difference
from survey_pipeline.standard.load import read_standard
from survey_pipeline.standard.model import Standard
from survey_pipeline.standard.rule_book.differences import ASPECTS, RuleDifference, find_differences
from survey_pipeline.vocabulary.names import CATEGORIES, COMPONENTS
from survey_pipeline.web.access import User, Workspace
from survey_pipeline.web.pages.parameters import Year
from survey_pipeline.web.pages.score_tables import office_address
from survey_pipeline.web.rendering.page import locale_of, render
from survey_pipeline.web.server.work_pools import WorkPool

LONGEST_FILE = 400_000
"""Characters of a standard's file."""
MOST_SHOWN = 200
"""Offices of the table: those with the largest differences."""
BUSY = N_("Standards are being tried at the moment. Try again when that is through.")
WORDS = {"categories": CATEGORIES, "components": COMPONENTS, "aspects": ASPECTS}

Name = Annotated[str, Query(alias="standard", max_length=100)]
Source = Annotated[str, Form(max_length=LONGEST_FILE)]

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class ClauseEffect:
    """What another standard changes at one clause, over all offices."""

    clause: str
    offices: int
    """Whose points differ."""
    change: Fraction
    """Of all of them together."""


@dataclass(frozen=True)
class Trial:
    """A year by another standard."""

    standard: Standard
    found: Sequence[Difference]
    rules: Sequence[RuleDifference]

    @property
    def changed(self) -> list[Difference]:
        """The offices with another figure, the largest difference of totals first."""
        changed = [difference for difference in self.found if difference.changed]
        return sorted(changed, key=lambda difference: -abs(difference.total or Fraction(0)))

    @property
    def clauses(self) -> list[ClauseEffect]:
        """What changes at which clause."""
        offices: Counter[str] = Counter()
        change: dict[str, Fraction] = defaultdict(Fraction)
        for difference in self.found:
            for clause, (was, now) in difference.clauses.items():
                offices[clause] += 1
                change[clause] += (now or 0) - (was or 0)
        return [ClauseEffect(clause, offices[clause], change[clause]) for clause in sorted(offices)]


def make_pool() -> WorkPool:
    """Return the pool: a trial scores a whole year twice."""
    return WorkPool("trials", threads=1, most=3, most_each=1)


@router.get("/organise/year/{year}/what-if")
async def what_if_page(
    request: Request, context: Workspace, who: User, year: Year, name: Name = ""
) -> Response:
    """Ask for a standard, or show a year by one of the workspace's."""
    pool: WorkPool = request.app.state.pools.trials
    with pool.slot(who.name, Message(BUSY), Message(BUSY)):
        return await pool.run(_named, request, context, year, name)


@router.post("/organise/year/{year}/what-if")
async def try_typed(
    request: Request, context: Workspace, who: User, year: Year, source: Source = ""
) -> Response:
    """Show a year by a standard whose text was sent; it is not kept."""
    pool: WorkPool = request.app.state.pools.trials
    with pool.slot(who.name, Message(BUSY), Message(BUSY)):
        return await pool.run(_typed, request, context, year, source)


def _named(request: Request, context: Context, year: int, name: str) -> Response:
    if not name:
        return _page(request, context, year)
    try:
        other = read_named_standard(context, name)
        return _page(request, context, year, trial=_trial(request, context, year, other), name=name)
    except CannotProceed as error:
        return _page(request, context, year, problem=error, name=name)


def _typed(request: Request, context: Context, year: int, source: str) -> Response:
    try:
        other = _read(source)
        trial = _trial(request, context, year, other)
    except (CannotProceed, UsageError) as error:
        return _page(request, context, year, problem=error, source=source)
    return _page(request, context, year, trial=trial)


def _read(source: str) -> Standard:
    """Read a standard that was sent, under whatever name it gives itself.

    Raises:
        UsageError: it is empty.
        ConfigurationError: it is wrong.
    """
    if not source.strip():
        raise UsageError("choose a file of a standard, or paste its text")
    name = next(
        (
            line.partition("=")[2].partition("#")[0].strip().strip("\"'")
            for line in source.splitlines()
            if line.partition("=")[0].strip() == "id"
        ),
        "",
    )
    safe = "".join(letter for letter in name if letter.isalnum() or letter in "-_")
    with TemporaryDirectory(prefix="standard-") as folder:
        path = Path(folder) / f"{safe or 'standard'}.toml"
        path.write_text(source, encoding="utf-8")
        return read_standard(path)[0]


def _trial(request: Request, context: Context, year: int, other: Standard) -> Trial:
    now = standard_of_year(context, year).standard
    rules = find_differences(now, other, locale_of(request))
    return Trial(other, try_standard(context, year, other), rules)


def _page(
    request: Request,
    context: Context,
    year: int,
    *,
    trial: Trial | None = None,
    name: str = "",
    source: str = "",
    problem: SurveyPipelineError | None = None,
) -> Response:
    status = 400 if isinstance(problem, UsageError) else 409
    return render(
        request,
        "what_if.html",
        status=status if problem else 200,
        year=year,
        standard=standard_of_year(context, year).standard,
        names=standard_names(context),
        name=name,
        source=source,
        trial=trial,
        shown=trial.changed[:MOST_SHOWN] if trial else [],
        most=MOST_SHOWN,
        problem=problem,
        words=WORDS,
        address=office_address,
    )
