"""Columns whose values are stored encrypted: what rotation of the data key has to find.

Texts and documents are encrypted on their way into the database, and read back as they were. Bytes
are encrypted by their writers, many at once (`Keys.encrypt_all`).

A text is stored as `sealed:` and its ciphertext (`store.crypto`) in base64; what an earlier version
stored in clear is read as it stands, until `privacy.sealing` has sealed it. The keys stand at the
engine's dialect, where `unlock` puts them: a context unlocks its own engine.
"""

import binascii
import json
from typing import Any

from sqlalchemy import JSON, Dialect, Engine, LargeBinary, String
from sqlalchemy.types import TypeDecorator

from survey_pipeline.errors import KeyFileError
from survey_pipeline.store.crypto import Keys

MARK = "sealed:"
_KEYS = "survey_keys"
_QUOTED_MARK = f'"{MARK}'
_DECODER = json.JSONDecoder()


def unlock(engine: Engine, keys: Keys) -> None:
    """Let an engine write and read sealed columns."""
    setattr(engine.dialect, _KEYS, keys)


def seal(keys: Keys, text: str) -> str:
    """Return a text as it is stored; equal texts give equal ones."""
    return MARK + _spelled(keys.encrypt(text))


def unseal(keys: Keys, stored: str) -> str:
    """Return the text of what is stored, sealed or not.

    Raises:
        KeyFileError: it was sealed under other keys, or is damaged.
    """
    if not stored.startswith(MARK):
        return stored
    spelled = stored.removeprefix(MARK)
    sealed = binascii.a2b_base64(spelled)
    if _spelled(sealed) != spelled:  # base64 ends in bits that change nothing
        raise KeyFileError("a value of the database is damaged. Put back a backup")
    return keys.decrypt(sealed)


def _spelled(sealed: bytes) -> str:
    return binascii.b2a_base64(sealed, newline=False).decode()


def read_json(text: str) -> Any:
    """Return what a JSON column of SQLite holds; a sealed document without looking for escapes.

    `audit verify` reads two of them an entry.
    """
    if text.startswith(_QUOTED_MARK) and text.endswith('"') and "\\" not in text:
        return text[1:-1]
    return _DECODER.decode(text)


def keys_of(dialect: Dialect) -> Keys:
    """Return the keys of an engine's dialect.

    Raises:
        KeyFileError: it was not unlocked.
    """
    keys: Keys | None = getattr(dialect, _KEYS, None)
    if keys is None:
        raise KeyFileError("the database's texts are encrypted, and no key was given for them")
    return keys


class SealedBytes(LargeBinary):
    """What `Keys.encrypt` made of a value; it is stored and read as it stands."""


class SealedText(TypeDecorator[str]):
    """A text that is stored encrypted."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal a text on its way in."""
        return None if value is None else seal(keys_of(dialect), value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Unseal a text on its way out."""
        return None if value is None else unseal(keys_of(dialect), value)


class SealedDocument(TypeDecorator[dict[str, Any]]):
    """A JSON object that is stored encrypted, as one JSON string."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> Any:
        """Seal an object on its way in."""
        return None if value is None else seal(keys_of(dialect), json.dumps(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[str, Any] | None:
        """Unseal an object on its way out; one that is not sealed comes as it is."""
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return] # JSON of an earlier version, or nothing
        read: dict[str, Any] = _DECODER.decode(unseal(keys_of(dialect), value))
        return read
