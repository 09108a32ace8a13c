"""Where an office stands in its year: its ranks, each with how many offices it is of, in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from survey_pipeline.i18n import N_, Message
from survey_pipeline.scoring.year import OfficeYearScore
from survey_pipeline.scoring.year_ranks import YearRanks
from survey_pipeline.scoring.year_rows import OfficeRow
from survey_pipeline.vocabulary import Category, Component
from survey_pipeline.vocabulary.names import CATEGORIES, COMPONENTS, named


class RankedAmong(NamedTuple):
    """How many offices each of an office's ranks is of."""

    in_city: int
    """Complete offices of its ranking."""
    in_category: int
    """The same within its category."""
    provisional: int
    """All offices of its ranking and category, complete or not."""

    @property
    def settled(self) -> bool:
        """Whether all are complete, so that the provisional rank is the rank in the category."""
        return self.in_category == self.provisional


class RankingSizes:
    """How many offices there are in each ranking of a year."""

    def __init__(self, offices: Iterable[tuple[bool, Category, bool]]) -> None:
        """Count offices, each given by: has an online score, category, is ranked."""
        self._counts = Counter(offices)

    @classmethod
    def of_rows(cls, rows: Iterable[OfficeRow]) -> "RankingSizes":
        """Count stored offices."""
        return cls(
            (
                row.facts[Component.ONLINE] is not None,
                Category(row.facts["category"]),
                row.rank is not None,
            )
            for row in rows
        )

    @classmethod
    def of_scores(cls, offices: Iterable[OfficeYearScore]) -> "RankingSizes":
        """Count scored offices."""
        return cls(
            (office.has_online_score, office.office.category, office.ranks.rank is not None)
            for office in offices
        )

    def among(self, office: OfficeYearScore) -> RankedAmong:
        """Return how many offices an office's ranks are of."""
        online, category = office.has_online_score, office.office.category
        alike = {key: count for key, count in self._counts.items() if key[0] is online}
        ranked = {key: count for key, count in alike.items() if key[2]}
        return RankedAmong(
            in_city=sum(ranked.values()),
            in_category=sum(count for key, count in ranked.items() if key[1] is category),
            provisional=sum(count for key, count in alike.items() if key[1] is category),
        )


def standing(office: OfficeYearScore, among: RankedAmong, locale: str) -> Iterator[Message]:
    """Yield where an office stands: its ranks or why it has none, and its provisional rank."""
    category = named(CATEGORIES, office.office.category, locale)
    if office.ranks.rank is None:
        names = component_names(office.missing, locale)
        yield Message("No rank without: {components}", {"components": names})
    else:
        yield Message(
            RANK_ONLINE if office.has_online_score else RANK,
            {
                "place": office.ranks.rank_in_category,
                "places": among.in_category,
                "category": category,
                "rank": office.ranks.rank,
                "ranks": among.in_city,
            },
        )
    if office.ranks.provisional_rank is not None and not among.settled:
        yield _provisional(office, among, category, locale)


def _provisional(
    office: OfficeYearScore, among: RankedAmong, category: str, locale: str
) -> Message:
    return Message(
        PROVISIONAL_RANK_ONLINE if office.has_online_score else PROVISIONAL_RANK,
        {
            "place": office.ranks.provisional_rank,
            "places": among.provisional,
            "category": category,
            "components": component_names(office.ranks.compared_on, locale),
        },
    )


def comparison(ranks: YearRanks, *, online: bool, locale: str) -> Message:
    """Return what the provisional ranks of a table rest on."""
    names = component_names(ranks.compared_on, locale)
    return Message(COMPARED_ON_ONLINE if online else COMPARED_ON, {"components": names})


def component_names(components: Sequence[str], locale: str) -> str:
    """Return components by their names, as a list to read."""
    joint = "、" if locale.startswith("zh") else ", "
    return joint.join(named(COMPONENTS, component, locale) for component in components)


RANK_ONLINE = N_(
    "Rank {place} of {places} in {category}, {rank} of {ranks} in the city, among complete offices "
    "with an online score"
)
RANK = N_(
    "Rank {place} of {places} in {category}, {rank} of {ranks} in the city, among complete offices "
    "without an online score"
)
COMPARED_ON_ONLINE = N_(
    "Provisional ranks are among all offices of this table, by what each of them has: "
    "{components}, online review, bonus, missing material."
)
COMPARED_ON = N_(
    "Provisional ranks are among all offices of this table, by what each of them has: "
    "{components}, bonus, missing material."
)
PROVISIONAL_RANK_ONLINE = N_(
    "Provisional rank {place} of {places} in {category}, among offices with an online score, "
    "compared on: {components}, online review, bonus, missing material"
)
PROVISIONAL_RANK = N_(
    "Provisional rank {place} of {places} in {category}, among offices without an online score, "
    "compared on: {components}, bonus, missing material"
)
