"""Keys, the encryption of personal values, and the keyed hash of a phone.

Personal values are encrypted with AES-SIV (RFC 5297), which is deterministic: one number gives one
ciphertext. What two rows of one phone share, and what outlives deletion in the list of opt-outs, is
a keyed BLAKE2b hash (RFC 7693) under a key of its own that rotation of the data key leaves alone.

Rotation changes the data key and no other. Under another opt-out key no phone would be known any
more as one that must not be asked, or was asked already; and the numbers to hash anew are deleted.
Under another master key past draws and pseudonyms could not be made again, and a committed seed
could not be kept.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from survey_pipeline.edited import Unreadable, problem_in, read_edited
from survey_pipeline.errors import KeyFileError
from survey_pipeline.likeness import same_words
from survey_pipeline.store.files import OTHERS, OWNER_ONLY, sync, written_whole
from survey_pipeline.validation import os_problem

VERSION = b"\x01"
"""First byte of every ciphertext: which scheme wrote it."""
HASH_BYTES = 16
_SIZES = {"data": 64, "opt_out": 32, "draw": 32}
_NEXT = "data_next"
"""Where the key file has the next data key, while the data key is being changed."""


@dataclass(frozen=True)
class Keys:
    """The workspace's secrets: `data` (64 bytes), `opt_out` and `draw` (32 bytes each)."""

    data: bytes
    opt_out: bytes
    draw: bytes
    data_next: bytes | None = None
    """The next data key (64 bytes), held beside the other one while the data key is changed."""

    def __repr__(self) -> str:
        return "Keys(...)"

    @cached_property
    def _siv(self) -> AESSIV:
        return AESSIV(self.data)

    @cached_property
    def _keyed(self) -> "hashlib.blake2b":
        """The hash's state after the key: a copy of it costs half of taking in the key again."""
        return hashlib.blake2b(digest_size=HASH_BYTES, key=self.opt_out)

    @cached_property
    def fingerprint(self) -> str:
        """What names the data key, and tells nothing of it: 16 hexadecimal digits."""
        return hashlib.blake2b(b"fingerprint", digest_size=8, key=self.data).hexdigest()

    @property
    def following(self) -> Self | None:
        """The keys with the next data key alone; None where one data key is held."""
        return replace(self, data=self.data_next, data_next=None) if self.data_next else None

    @property
    def alone(self) -> Self:
        """The keys without the next data key."""
        return replace(self, data_next=None)

    @cached_property
    def _spool(self) -> AESSIV:
        """What waits in the spool has a key made from the one that rotation leaves alone.

        So a process that still has the old data key writes nothing there that others cannot read.
        """
        return AESSIV(hashlib.blake2b(b"webhooks.spool", digest_size=64, key=self.opt_out).digest())

    def encrypt_for_spool(self, text: str) -> bytes:
        """Return the ciphertext of a line of the spool."""
        return VERSION + self._spool.encrypt(text.encode(), None)

    def decrypt_from_spool(self, stored: bytes) -> str:
        """Return a line of the spool; earlier versions wrote it under the data key.

        Raises:
            KeyFileError: it was written under other keys, or is cut off.
        """
        try:
            return self._spool.decrypt(stored[1:], None).decode()
        except (InvalidTag, ValueError):
            return self.decrypt(stored)

    def encrypt(self, value: str) -> bytes:
        """Return the ciphertext of a personal value; equal values give equal ciphertexts."""
        return VERSION + self._siv.encrypt(value.encode(), None) if value else VERSION

    def encrypt_all(self, values: Iterable[str | None]) -> list[bytes | None]:
        """Return the ciphertext of each value, as `encrypt` does one by one; None stays None."""
        encrypt = self._siv.encrypt
        return [
            VERSION + encrypt(value.encode(), None) if value else None if value is None else VERSION
            for value in values
        ]

    def decrypt(self, stored: bytes) -> str:
        """Return what `encrypt` was given.

        Raises:
            KeyFileError: the value was written under other keys, or is damaged.
        """
        if stored == VERSION:
            return ""
        try:
            if not stored.startswith(VERSION):
                raise InvalidTag  # no other version was ever written
            return self._siv.decrypt(stored[1:], None).decode()
        except InvalidTag as error:
            raise KeyFileError(
                "the key file does not fit the database. Put back the one it was made with"
            ) from error

    def phone_hash(self, number: str) -> bytes:
        """Return the keyed hash of an E.164 number: 16 bytes, the same for ever."""
        state = self._keyed.copy()
        state.update(number.encode())
        return state.digest()

    def person_hash(self, name: str) -> bytes:
        """Return the keyed hash of a person's name, 16 bytes.

        Blanks, width and characters that are not seen do not count; upper and lower case do.
        """
        plain = same_words(name)
        state = self._keyed.copy()
        state.update(b"person:" + plain.encode())
        return state.digest()

    def month_seed(self, month: str) -> str:
        """Return the seed of a month's draws: HMAC-SHA256(master key, `YYYY-MM`) in hex."""
        return hmac.new(self.draw, month.encode(), hashlib.sha256).hexdigest()

    def pseudonym(self, name: str, length: int = 20) -> str:
        """Return an identifier that cannot be traced back without the key."""
        return hmac.new(self.draw, b"pseudonym:" + name.encode(), hashlib.sha256).hexdigest()[
            :length
        ]

    def to_text(self) -> str:
        """Return the contents of the key file."""
        names = [name for name in (*_SIZES, _NEXT) if getattr(self, name)]
        lines = (f'{name} = "{base64.b64encode(getattr(self, name)).decode()}"' for name in names)
        return "# Secret. Without it no phone number can be read again.\n" + "\n".join(lines) + "\n"


def new_keys() -> Keys:
    """Make keys at random."""
    return Keys(**{name: secrets.token_bytes(size) for name, size in _SIZES.items()})


def derived_keys(seed: str) -> Keys:
    """Make the keys of a demo from its seed: they protect nothing, and repeat."""
    return Keys(
        **{
            name: hashlib.shake_256(f"demo:{name}:{seed}".encode()).digest(size)
            for name, size in _SIZES.items()
        }
    )


def write_key_file(path: Path, keys: Keys) -> None:
    """Write a new key file with mode 0600; it is on the disk when this returns.

    Raises:
        FileExistsError: there is one; it is never overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(keys.to_text())
            file.flush()
            os.fsync(file.fileno())
        sync(path.parent)
    except OSError:
        path.unlink(missing_ok=True)  # half a key would be taken for a damaged one
        raise


def replace_key_file(path: Path, keys: Keys) -> None:
    """Write a key file in place of another one, or where there is none, with mode 0600.

    The file has all of the old or all of the new text at any moment, and the new one is on the disk
    when this returns.

    Raises:
        OSError: it cannot be written.
    """
    with written_whole(path.resolve()) as unfinished:
        unfinished.write_text(keys.to_text(), "utf-8")


def read_key_file(path: Path) -> Keys:
    """Read a key file.

    Raises:
        KeyFileError: it is missing, open to others, or damaged.
    """
    try:
        if path.stat().st_mode & OTHERS:
            raise KeyFileError(
                "the key file {file} can be read by others. Run: chmod 600 {file}", file=path.name
            )
        return parse_keys(read_edited(path))
    except (OSError, Unreadable) as error:
        raise KeyFileError(
            "the key file {file} cannot be read ({problem}). Put it back, or run init in a new "
            "workspace",
            file=path.name,
            problem=os_problem(error) if isinstance(error, OSError) else problem_in(error),
        ) from error


def parse_keys(text: str) -> Keys:
    """Read the text of a key file.

    Raises:
        KeyFileError: a key is missing or has the wrong size.
    """
    try:
        stored = tomllib.loads(text)
        names = [*_SIZES, *({_NEXT} & stored.keys())]
        keys = {name: base64.b64decode(stored[name], validate=True) for name in names}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, binascii.Error, ValueError) as error:
        raise KeyFileError("the key file is damaged. Put back a copy of it") from error
    if any(len(key) != _SIZES.get(name, _SIZES["data"]) for name, key in keys.items()):
        raise KeyFileError("the key file is damaged. Put back a copy of it")
    return Keys(**keys)
