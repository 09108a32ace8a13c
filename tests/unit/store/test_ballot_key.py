"""The review's key: what it hides, and how it comes and goes (docs/decisions/ballot-secrecy.md)."""

import os
from pathlib import Path

import pytest

from survey_pipeline.errors import KeyFileError
from survey_pipeline.store.ballot_key import BallotKey, destroy_key, has_key, make_key, read_key
from survey_pipeline.vocabulary import Rating

YEAR = 2023


@pytest.mark.parametrize("answer", list(Rating))
def test_an_answer_comes_out_as_it_went_in(tmp_path: Path, answer: Rating) -> None:
    key = make_key(tmp_path, YEAR)
    voter = key.voter("R-1", "AG-1")
    assert read_key(tmp_path, YEAR).unseal(voter, key.seal(voter, answer)) is answer


def test_a_ballot_opens_for_its_voter_and_under_its_key_alone(tmp_path: Path) -> None:
    key, other = make_key(tmp_path, YEAR), BallotKey(bytes(32))
    voter = key.voter("R-1", "AG-1")
    sealed = key.seal(voter, Rating.NEUTRAL)
    for wrong, whose in ((other, voter), (key, key.voter("R-1", "AG-2"))):
        with pytest.raises(KeyFileError, match="does not fit"):
            wrong.unseal(whose, sealed)


def test_neither_length_nor_repetition_tells_the_answer() -> None:
    key = BallotKey(bytes(32))
    sealed = [key.seal(b"voter", answer) for answer in (*Rating, *Rating)]
    assert len({len(one) for one in sealed}) == 1
    assert len(set(sealed)) == len(sealed)


def test_voter_and_token_are_kept_apart_and_by_their_parts() -> None:
    key = BallotKey(bytes(32))
    hashes = [
        key.voter("R", "1AG"),
        key.voter("R1", "AG"),
        key.token_hash("R"),
        key.token_hash(key.token("R")),
        BallotKey(bytes(31) + b"1").voter("R", "1AG"),
    ]
    assert len(set(hashes)) == len(hashes)
    assert key.voter("R", "1AG") == key.voter("R", "1AG")


def test_a_repr_shows_no_key() -> None:
    assert repr(BallotKey(b"k" * 32)) == "BallotKey(...)"


@pytest.mark.parametrize("text", ["", "not base64!", "AAAA\n"])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    make_key(tmp_path, YEAR)
    (tmp_path / "review-2023.key").write_text(text)
    with pytest.raises(KeyFileError, match=r"review-2023\.key is damaged"):
        read_key(tmp_path, YEAR)


def test_destroying_overwrites_before_it_removes(tmp_path: Path) -> None:
    """A second name of the same file shows what became of its contents."""
    make_key(tmp_path, YEAR)
    path, other = tmp_path / "review-2023.key", tmp_path / "other name"
    os.link(path, other)
    before = path.read_bytes()
    destroy_key(tmp_path, YEAR)
    assert not has_key(tmp_path, YEAR)
    assert len(other.read_bytes()) == len(before)
    assert before.split()[-1] not in other.read_bytes()


def test_a_file_left_half_written_goes_too_and_nothing_to_destroy_is_no_fault(
    tmp_path: Path,
) -> None:
    (tmp_path / "review-2023.key.new").write_text("half")
    destroy_key(tmp_path, YEAR)
    destroy_key(tmp_path, YEAR)
    assert list(tmp_path.iterdir()) == []
