"""Keys, encryption and keyed hashes (specification, sections 4, 6, 10, 11)."""

import hashlib
import hmac
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_pipeline.errors import KeyFileError
from survey_pipeline.store.crypto import (
    Keys,
    derived_keys,
    new_keys,
    parse_keys,
    read_key_file,
    write_key_file,
)

KEYS = derived_keys("crypto")
OTHER = derived_keys("another")
NUMBER = "+8613812345678"


@given(st.text())
def test_what_was_encrypted_is_read_again(value: str) -> None:
    assert KEYS.decrypt(KEYS.encrypt(value)) == value


@given(st.text(min_size=4))
def test_a_ciphertext_is_deterministic_and_hides_the_value(value: str) -> None:
    stored = KEYS.encrypt(value)
    assert stored == KEYS.encrypt(value)
    assert value.encode() not in stored


@given(st.text(min_size=1), st.text(min_size=1))
def test_different_values_have_different_ciphertexts(one: str, two: str) -> None:
    assert (KEYS.encrypt(one) == KEYS.encrypt(two)) is (one == two)


def test_foreign_keys_give_a_clear_error() -> None:
    with pytest.raises(KeyFileError, match="does not fit the database"):
        OTHER.decrypt(KEYS.encrypt(NUMBER))


@pytest.mark.parametrize("stored", [b"", b"\x01short", b"\x02" + bytes(30)])
def test_what_is_no_ciphertext_gives_a_clear_error(stored: bytes) -> None:
    with pytest.raises(KeyFileError, match="does not fit the database"):
        KEYS.decrypt(stored)


def test_a_changed_ciphertext_is_found_out() -> None:
    stored = bytearray(KEYS.encrypt(NUMBER))
    stored[-1] ^= 1
    with pytest.raises(KeyFileError):
        KEYS.decrypt(bytes(stored))


def test_the_hash_of_a_phone_needs_the_key() -> None:
    assert len(KEYS.phone_hash(NUMBER)) == 16
    assert KEYS.phone_hash(NUMBER) == KEYS.phone_hash(NUMBER)
    assert KEYS.phone_hash(NUMBER) != OTHER.phone_hash(NUMBER)
    assert KEYS.phone_hash(NUMBER) != KEYS.phone_hash("+8613812345679")


def test_rotating_the_data_key_leaves_opt_outs_where_they_are() -> None:
    rotated = replace(KEYS, data=new_keys().data)
    assert rotated.phone_hash(NUMBER) == KEYS.phone_hash(NUMBER)
    assert rotated.encrypt(NUMBER) != KEYS.encrypt(NUMBER)


def test_the_months_seed_is_hmac_sha256_of_the_master_key() -> None:
    expected = hmac.new(KEYS.draw, b"2023-05", hashlib.sha256).hexdigest()
    assert KEYS.month_seed("2023-05") == expected
    assert len({KEYS.month_seed(f"2023-{month:02}") for month in range(1, 13)}) == 12


def test_a_pseudonym_needs_the_key_and_is_no_seed() -> None:
    assert KEYS.pseudonym("1") == KEYS.pseudonym("1") != OTHER.pseudonym("1")
    assert not KEYS.month_seed("2023-05").startswith(KEYS.pseudonym("2023-05"))


def test_new_keys_are_never_the_same() -> None:
    assert new_keys() != new_keys()


def test_keys_do_not_show_themselves() -> None:
    assert repr(KEYS) == str(KEYS) == "Keys(...)"


def test_a_key_file_is_for_its_owner_alone_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "survey.key"
    write_key_file(path, KEYS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key_file(path) == KEYS == parse_keys(KEYS.to_text())


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "survey.key"
    write_key_file(path, KEYS)
    with pytest.raises(FileExistsError):
        write_key_file(path, OTHER)
    assert read_key_file(path) == KEYS


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_file_open_to_others_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "survey.key"
    write_key_file(path, KEYS)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=r"Run: chmod 600 survey\.key"):
        read_key_file(path)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"survey\.key cannot be read"):
        read_key_file(tmp_path / "survey.key")


def without(name: str) -> str:
    lines = KEYS.to_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith(name))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "= nonsense",
        without("data"),
        without("opt_out"),
        without("draw"),
        KEYS.to_text().replace('="', '="*', 1),
        KEYS.to_text().replace('data = "', 'data = "AAAA'),
        'data = 1\nopt_out = "QQ=="\ndraw = "QQ=="',
        'data = "é"\nopt_out = "QQ=="\ndraw = "QQ=="',
    ],
)
def test_a_damaged_key_file_is_refused_without_its_contents(tmp_path: Path, text: str) -> None:
    path = tmp_path / "survey.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    if text == KEYS.to_text():
        pytest.fail("the text is not damaged")
    with pytest.raises(KeyFileError) as refused:
        read_key_file(path)
    assert str(refused.value) == "the key file is damaged. Put back a copy of it"


def test_a_binary_key_file_is_damaged_too(tmp_path: Path) -> None:
    path = tmp_path / "survey.key"
    path.write_bytes(b"\xff\x00\xfe")
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="is not in UTF-8"):
        read_key_file(path)


def test_a_demos_keys_repeat_with_their_seed() -> None:
    assert derived_keys("1") == derived_keys("1") != derived_keys("2")
    assert isinstance(derived_keys("1"), Keys)


def test_a_person_is_known_again_by_a_keyed_hash_of_the_name() -> None:
    known = KEYS.person_hash("张三")
    assert len(known) == 16
    assert {KEYS.person_hash(name) for name in ("张 三", " 张三 ", "张\u3000三", "张\u200b三")} == {
        known
    }
    assert KEYS.person_hash("Zhang") != KEYS.person_hash("zhang"), "case differs"
    assert known not in {
        KEYS.person_hash("张四"),
        KEYS.person_hash("zhang"),
        OTHER.person_hash("张三"),
        KEYS.phone_hash("张三"),
    }
