"""A ballot is secret (specification, section 10.5; docs/decisions/ballot-secrecy.md).

What an adversary may have: the closed database with its logs, a backup made while the review was
open, every key of the workspace, the seed, the register of representatives.
"""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text

from survey_pipeline.ballot_box import Vote, enter_review, put
from survey_pipeline.stages.review import cast, close_review
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.tables import audit_log, ballots, review_representatives
from survey_pipeline.vocabulary import Rating

YEAR = 2023
ANSWERS = [rating.value for rating in Rating]


def forgetful(_connection: Any, _record: Any) -> None:
    """A SQLite that was built to leave deleted contents where they are."""
    _connection.execute("PRAGMA secure_delete = OFF")


@pytest.fixture
def careless(city: Any) -> Any:
    """The open city on such a SQLite."""
    city.context.engine.dispose()
    event.listen(city.context.engine, "connect", forgetful)
    return city.open()


def vote(city: Any, *papers: Any) -> Any:
    """Cast papers in this order: (rep_no, answer for AG-1, answer for HE-2)."""
    tokens = city.tokens()
    for rep_no, agency, health in papers:
        cast(city.context, tokens[rep_no], {"AG-1": agency, "HE-2": health})
    (city.context.home / "links.csv").unlink()
    return tokens


def stored(city: Any) -> Any:
    with reading(city.context.engine) as connection:
        return connection.execute(select(ballots)).all()


def files_of(city: Any) -> dict[str, bytes]:
    """Every file of the workspace's top, the database's own ones among them."""
    return {path.name: path.read_bytes() for path in city.context.home.iterdir() if path.is_file()}


def backup(city: Any) -> Path:
    """A consistent copy, made as `db backup` makes one: by SQLite itself."""
    path = city.context.home.parent / f"{city.context.home.name}.backup.db"
    source = sqlite3.connect(city.context.home / "survey.db")
    target = sqlite3.connect(path)
    source.backup(target)
    source.close()
    target.close()
    return path


def rows_without(path: Path, *random: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of a database, the columns left out that hold random values."""
    connection = sqlite3.connect(path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE sql <> ''")]
    found = {}
    for name in names:
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
        kept = [f'"{one}"' for one in columns if f"{name}.{one}" not in random]
        if kept:
            query = f'SELECT {", ".join(kept)} FROM "{name}"'
            found[name] = sorted(connection.execute(query), key=repr)
    connection.close()
    return found


PAPERS = [
    ("R-1", "satisfied", "dissatisfied"),
    ("R-2", "dissatisfied", "satisfied"),
    ("R-1", "neutral", "dissatisfied"),
]


def test_no_byte_of_a_closed_review_leads_back(careless: Any) -> None:
    city = careless
    tokens = vote(city, *PAPERS)
    key = (city.context.home / "review-2023.key").read_bytes().split()[-1]
    with reading(city.context.engine) as connection:
        hashes = list(connection.scalars(select(review_representatives.c.token_hash)))
    traces = [key, *hashes, *(one.encode() for one in tokens.values())]
    for ballot in stored(city):
        traces += [ballot.voter, ballot.sealed]
    assert any(trace in content for trace in traces for content in files_of(city).values())

    close_review(city.context, YEAR)
    files = files_of(city)
    assert {"survey.db"} <= set(files) <= {"survey.db", "survey.db-wal", "survey.db-shm"}
    assert [
        (name, trace) for name, content in files.items() for trace in traces if trace in content
    ] == []


def test_what_a_changed_ballot_was_before_is_nowhere_either(careless: Any) -> None:
    city = careless
    vote(city, PAPERS[0])
    before = [ballot.sealed for ballot in stored(city)]
    vote(city, PAPERS[2])
    assert not {ballot.sealed for ballot in stored(city)} & set(before)
    close_review(city.context, YEAR)
    assert not [one for one in before for content in files_of(city).values() if one in content]


def test_many_ballots_leave_nothing_in_freed_pages(careless: Any) -> None:
    """Enough of them for pages to be split, merged and freed."""
    city = careless
    with writing(city.context.engine) as connection:
        key = enter_review(connection, city.context, YEAR)
        votes = [
            Vote(rep_no, f"{code}", Rating.SATISFIED)
            for rep_no in ("R-1", "R-2", "R-3")
            for code in ("AG-1", "HE-2")
        ]
        noise = [Vote(f"R-{n}", "AG-1", Rating.NEUTRAL) for n in range(4, 2000)]
        put(connection, key, YEAR, [*votes, *noise])
    gone = {ballot.sealed for ballot in stored(city)}
    with writing(city.context.engine) as connection:
        voters = [key.voter(one.rep_no, one.office_code) for one in noise]
        for voter in voters:
            connection.execute(ballots.delete().where(ballots.c.voter == voter))
    close_review(city.context, YEAR)
    content = (city.context.home / "survey.db").read_bytes()
    assert not [one for one in gone if one in content]


def test_who_voted_what_makes_no_difference_to_the_closed_database(
    city: Any, another_city: Any
) -> None:
    """Two swap their papers, and come in the other order: byte for byte the same."""
    vote(city.open(), ("R-1", "satisfied", "neutral"), ("R-2", "dissatisfied", "satisfied"))
    vote(another_city.open(), ("R-2", "satisfied", "neutral"), ("R-1", "dissatisfied", "satisfied"))
    for one in (city, another_city):
        close_review(one.context, YEAR)
        one.context.engine.dispose()
    assert files_of(city) == files_of(another_city)


def test_who_voted_makes_the_mark_of_having_voted_and_nothing_else(
    city: Any, another_city: Any
) -> None:
    vote(city.open(), ("R-1", "satisfied", "neutral"))
    vote(another_city.open(), ("R-2", "satisfied", "neutral"))
    for one in (city, another_city):
        close_review(one.context, YEAR)
        one.context.engine.dispose()
    mark = "review_representatives.voted"
    here, there = (one.context.home / "survey.db" for one in (city, another_city))
    assert rows_without(here) != rows_without(there)
    assert rows_without(here, mark) == rows_without(there, mark)


def test_a_backup_of_the_open_review_tells_two_cities_apart_by_random_values_alone(
    city: Any, another_city: Any
) -> None:
    """Even with one single ballot: a copy made then says who voted, and not what."""
    vote(city.open(), ("R-1", "satisfied", "satisfied"))
    vote(another_city.open(), ("R-1", "dissatisfied", "neutral"))
    random = ("ballots.voter", "ballots.sealed", "review_representatives.token_hash")
    assert rows_without(backup(city), *random) == rows_without(backup(another_city), *random)


def test_the_key_is_in_no_backup_and_not_among_the_keys_of_the_workspace(city: Any) -> None:
    vote(city.open(), *PAPERS)
    key = (city.context.home / "review-2023.key").read_bytes().split()[-1]
    assert key not in backup(city).read_bytes()
    assert key.decode() not in city.context.keys.to_text()


def test_two_cities_with_the_same_keys_and_seed_do_not_share_the_reviews_key(
    city: Any, another_city: Any
) -> None:
    first, second = city.open().tokens(), another_city.open().tokens()
    assert not set(first.values()) & set(second.values())


def test_a_stored_ballot_holds_nothing_that_could_be_compared(city: Any) -> None:
    vote(city.open(), ("R-1", "satisfied", "satisfied"), ("R-2", "dissatisfied", "neutral"))
    rows = stored(city)
    assert set(ballots.c.keys()) == {"voter", "year", "sealed"}
    assert len({len(one.sealed) for one in rows}) == 1
    assert len({one.sealed for one in rows}) == len(rows)
    assert len({one.voter for one in rows}) == len(rows)
    with reading(city.context.engine) as connection:
        made = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE name = 'ballots'")
        ).scalar_one()
    assert made.rstrip().endswith("WITHOUT ROWID"), "a row number would tell the order"


def test_casting_leaves_nothing_in_the_audit_log(city: Any) -> None:
    city.open()
    tokens = city.tokens()
    with reading(city.context.engine) as connection:
        before = connection.execute(select(audit_log)).all()
    cast(city.context, tokens["R-1"], {"AG-1": "satisfied"})
    cast(city.context, tokens["R-1"], {"AG-1": "neutral"})
    with reading(city.context.engine) as connection:
        assert connection.execute(select(audit_log)).all() == before


@pytest.mark.parametrize("answer", ANSWERS)
def test_putting_a_ballot_in_again_does_not_say_whether_it_is_another_answer(
    city: Any, answer: Any
) -> None:
    vote(city.open(), ("R-1", "satisfied", "satisfied"))
    with writing(city.context.engine) as connection:
        key = enter_review(connection, city.context, YEAR)
        assert put(connection, key, YEAR, [Vote("R-1", "AG-1", Rating(answer))]) == 0


def test_a_ballot_cannot_be_moved_to_another_voter(city: Any) -> None:
    """Whoever can write into the database cannot stuff the box with copies of a ballot."""
    vote(city.open(), ("R-1", "satisfied", "dissatisfied"))
    one, other = stored(city)
    with writing(city.context.engine) as connection:
        connection.execute(
            ballots.update().where(ballots.c.voter == one.voter).values(sealed=other.sealed)
        )
    with pytest.raises(Exception, match="does not fit the ballots"):
        close_review(city.context, YEAR)
