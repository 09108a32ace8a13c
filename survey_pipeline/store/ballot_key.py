"""The key of one year's online review: in a file of its own, made for it and destroyed after it.

It alone says which stored ballot is whose, and opens its answer, so that whatever was copied of the
database while the review was open says nothing once the file is gone: no backup, no write-ahead log
and no snapshot of the database holds it (docs/decisions/ballot-secrecy.md). The personal links come
from it as well, and end with it.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey_pipeline.errors import KeyFileError
from survey_pipeline.store.files import OTHERS, OWNER_ONLY, sync
from survey_pipeline.validation import os_problem
from survey_pipeline.vocabulary import Rating

SIZE = 32
NONCE_BYTES = 12
TOKEN_BYTES = 16
"""Length of a personal link's token: 128 bits, too many to guess."""

_ANSWERS = tuple(Rating)
_COMMENT = (
    "# Secret, and in no backup: it joins ballots and voters until review close destroys it.\n"
)
_UNFINISHED = ".new"


class BallotKey:
    """What the file holds, and all that is done with it."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._box = AESGCM(self._keyed("seal"))

    def __repr__(self) -> str:
        return "BallotKey(...)"

    def token(self, rep_no: str) -> str:
        """Return the token of a representative's personal link; always the same."""
        mark = self._keyed("link", rep_no)[:TOKEN_BYTES]
        return base64.urlsafe_b64encode(mark).decode().rstrip("=")

    def token_hash(self, token: str) -> bytes:
        """Return the keyed hash by which a token is found again: 32 bytes."""
        return self._keyed("token", token)

    def voter(self, rep_no: str, office_code: str) -> bytes:
        """Return the keyed hash under which a ballot is stored: 32 bytes.

        Two ballots of one representative share nothing that can be seen without the key.
        """
        return self._keyed("voter", rep_no, office_code)

    def seal(self, voter: bytes, answer: Rating) -> bytes:
        """Return the answer encrypted for its voter: each time another text, always as long."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, bytes([_ANSWERS.index(answer)]), voter)

    def unseal(self, voter: bytes, sealed: bytes) -> Rating:
        """Return the answer of a ballot.

        Raises:
            KeyFileError: it was sealed under another key, or for another voter.
        """
        try:
            plain = self._box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], voter)
        except InvalidTag as error:
            raise KeyFileError(
                "the review's key file does not fit the ballots. Put back the one they were cast "
                "with"
            ) from error
        return _ANSWERS[plain[0]]

    def _keyed(self, purpose: str, *parts: str) -> bytes:
        """Return HMAC-SHA256 under the key; numbers and codes hold no line breaks."""
        return hmac.new(
            self._secret, "\n".join((purpose, *parts)).encode(), hashlib.sha256
        ).digest()


def key_path(home: Path, year: int) -> Path:
    """Return where the key of a year's review lies."""
    return home / f"review-{year}.key"


def has_key(home: Path, year: int) -> bool:
    """Return whether the key is there."""
    return key_path(home, year).exists()


def make_key(home: Path, year: int) -> BallotKey:
    """Make the key and its file, mode 0600; the caller keeps others from doing so at once.

    Raises:
        KeyFileError: the file cannot be written.
    """
    path = key_path(home, year)
    text = _COMMENT + base64.b64encode(secrets.token_bytes(SIZE)).decode() + "\n"
    unfinished = path.with_name(path.name + _UNFINISHED)
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync(home)
    except OSError as error:
        raise KeyFileError(
            "the review's key file {file} cannot be written: {problem}",
            file=path.name,
            problem=os_problem(error),
        ) from error
    return read_key(home, year)


def read_key(home: Path, year: int) -> BallotKey:
    """Read the key of a year's review.

    Raises:
        KeyFileError: the file is missing, open to others, or damaged.
    """
    path = key_path(home, year)
    try:
        if path.stat().st_mode & OTHERS:
            raise KeyFileError(
                "the key file {file} can be read by others. Run: chmod 600 {file}", file=path.name
            )
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise KeyFileError(
            "the review's key file {file} cannot be read ({problem}). Ballots are taken only where "
            "it lies: put it back, or go to the machine on which the review was opened",
            file=path.name,
            problem=os_problem(error),
        ) from error
    return _parsed(text, path.name)


def _parsed(text: str, name: str) -> BallotKey:
    try:
        secret = base64.b64decode(text.removeprefix(_COMMENT).strip(), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != SIZE:
        raise KeyFileError("the review's key file {file} is damaged. Put it back", file=name)
    return BallotKey(secret)


def destroy_key(home: Path, year: int) -> None:
    """Overwrite the key's file and take it away; nothing happens where there is none.

    What a file system or a disk keeps of overwritten blocks is beyond a program's reach.

    Raises:
        KeyFileError: it cannot be destroyed.
    """
    path = key_path(home, year)
    try:
        for file in (path, path.with_name(path.name + _UNFINISHED)):
            if file.exists():
                _shred(file)
        sync(home)
    except OSError as error:
        raise KeyFileError(
            "the review's key file {file} cannot be destroyed ({problem}). Remove it by hand and "
            "run review close again",
            file=path.name,
            problem=os_problem(error),
        ) from error


def _shred(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
