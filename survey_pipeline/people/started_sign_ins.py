"""Sign-ins that have passed the password and wait for a code.

What the browser holds meanwhile is a token that only this workspace can make: name, end and a
fingerprint of the password's hash, under a key derived from the data key (HKDF, RFC 5869). It opens
nothing but the form for the code. Another password makes it void.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select

from survey_pipeline.context import Context
from survey_pipeline.store.engine import reading
from survey_pipeline.store.tables import users

VALID_FOR = timedelta(minutes=5)
_PURPOSE = b"survey-pipeline: sign-in that waits for a code"
_LINE = "\n"
"""Between the parts of a token: no name has one."""


def start_sign_in(context: Context, name: str) -> str:
    """Return the token of a user whose password was right."""
    until = int((context.now() + VALID_FOR).timestamp())
    text = _LINE.join((name, str(until), _password_of(context, name))).encode()
    return base64.urlsafe_b64encode(_mac(context, text) + text).decode()


def find_started(context: Context, token: str) -> str | None:
    """Return the name in a token; None if it is forged, over, or the password has changed."""
    try:
        read = base64.urlsafe_b64decode(token.encode())
    except (binascii.Error, ValueError):
        return None
    mac, text = read[:32], read[32:]
    if not hmac.compare_digest(mac, _mac(context, text)):
        return None
    name, until, password = text.decode().split(_LINE)
    if context.now() >= datetime.fromtimestamp(int(until), UTC):
        return None
    return name if password == _password_of(context, name) else None


def _mac(context: Context, text: bytes) -> bytes:
    key = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(context.keys.data)
    return hmac.digest(key, text, "sha256")


def _password_of(context: Context, name: str) -> str:
    with reading(context.engine) as connection:
        stored = connection.scalar(
            select(users.c.password_hash).where(users.c.name == name, users.c.disabled_at.is_(None))
        )
    return hashlib.sha256((stored or "").encode()).hexdigest()
