"""Heads: the end of the chain at a moment, signed, for those who keep it where we cannot reach it.

A head says: this workspace's log had so many entries then, and ended in this hash. It binds every
entry before it. The signature is Ed25519 (RFC 8032), its key made from the draws' master key, which
outlives a change of the data key. It proves that who made the head held the key file. It proves no
time, and who holds the key file and the database can write another chain with other heads: what
holds against them is a head that lies elsewhere, in an appraisal office's minutes for instance.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Row, select

from survey_pipeline.audit_chain.digests import GENESIS
from survey_pipeline.audit_chain.linking import link_entries
from survey_pipeline.context import Context
from survey_pipeline.edited import Unreadable, problem_in, read_edited
from survey_pipeline.errors import CannotProceed
from survey_pipeline.store.crypto import Keys
from survey_pipeline.store.engine import reading, writing
from survey_pipeline.store.files import OWNER_ONLY_FOLDER, written_whole
from survey_pipeline.store.tables import audit_heads, audit_links
from survey_pipeline.validation import os_problem

FOLDER = "audit-heads"
"""Of the workspace; a file for each day that was run."""
_SIGNED = ("position", "hash", "at")


@dataclass(frozen=True)
class SignedHead:
    """The end of the chain at a moment; moments in ISO form, UTC, bytes in hex."""

    position: int
    """How many entries the chain had."""
    hash: str
    """Its last link."""
    at: str
    public_key: str
    signature: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Read a head from a JSON document.

        Raises:
            KeyError, TypeError, ValueError: it is none.
        """
        head = cls(**{name: document[name] for name in cls.__dataclass_fields__})
        texts = (head.hash, head.at, head.public_key, head.signature)
        if type(head.position) is not int or not all(isinstance(text, str) for text in texts):
            raise TypeError
        datetime.fromisoformat(head.at)
        return head

    def to_json(self) -> dict[str, Any]:
        """Return the head as a JSON document."""
        return asdict(self)

    def is_signed_by(self, keys: Keys) -> bool:
        """Return whether the workspace with these keys has signed it."""
        public = public_key(keys)
        try:
            public.verify(bytes.fromhex(self.signature), self.signed())
        except (InvalidSignature, ValueError):
            return False
        return self.public_key == public.public_bytes_raw().hex()

    def signed(self) -> bytes:
        """Return what is signed: position, hash and moment as canonical JSON."""
        values = {name: getattr(self, name) for name in _SIGNED}
        return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()


def private_key(keys: Keys) -> Ed25519PrivateKey:
    """Return the key that signs heads: HMAC-SHA256(draws' master key, `audit heads`)."""
    seed = hmac.new(keys.draw, b"audit heads", hashlib.sha256).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(keys: Keys) -> Ed25519PublicKey:
    """Return the key by which anyone can check a head's signature."""
    return private_key(keys).public_key()


def take_head(context: Context) -> SignedHead:
    """Bind what waits, sign the end of the chain, and keep the head in the database."""
    link_entries(context)
    with reading(context.engine) as connection:
        query = select(audit_links.c.position, audit_links.c.link)
        last = connection.execute(query.order_by(audit_links.c.position.desc()).limit(1)).first()
    position, link = (0, GENESIS) if last is None else (last.position, last.link)
    now = context.now()
    head = sign(context.keys, position, link.hex(), now)
    kept = {"position": position, "link": head.hash, "at": now, "signature": head.signature}
    with writing(context.engine) as connection:
        connection.execute(audit_heads.insert().values(**kept))
    return head


def sign(keys: Keys, position: int, link: str, at: datetime) -> SignedHead:
    """Return a signed head."""
    public = public_key(keys).public_bytes_raw().hex()
    unsigned = SignedHead(position, link, at.isoformat(), public, "")
    signature = private_key(keys).sign(unsigned.signed()).hex()
    return SignedHead(position, link, unsigned.at, public, signature)


def kept_head(keys: Keys, row: Row[Any]) -> SignedHead:
    """Return a head as the database has kept it."""
    public = public_key(keys).public_bytes_raw().hex()
    return SignedHead(row.position, row.link, row.at.isoformat(), public, row.signature)


def write_daily_head(context: Context) -> Path:
    """Take a head and write it into the workspace, for somebody to publish; return the file.

    It holds no secret, and yet has mode 0600, as every file of the workspace: people publish it,
    not the program. A day that is run again replaces its file; the database keeps each head.
    """
    head = take_head(context)
    folder = context.home / FOLDER
    folder.mkdir(OWNER_ONLY_FOLDER, exist_ok=True)
    path = folder / f"{context.today()}.json"
    with written_whole(path) as temporary:
        temporary.write_text(json.dumps(head.to_json(), indent=2) + "\n", encoding="utf-8")
    return path


def read_head(path: Path) -> SignedHead:
    """Read a head from a file.

    Raises:
        CannotProceed: it cannot be read, or holds no head.
    """
    try:
        return SignedHead.of(json.loads(read_edited(path)))
    except (OSError, Unreadable) as error:
        problem = os_problem(error) if isinstance(error, OSError) else problem_in(error)
        raise CannotProceed("{file}: {problem}", file=path, problem=problem) from error
    except (KeyError, TypeError, ValueError) as error:
        raise CannotProceed(
            "{file} holds no head of the audit log. `audit head` prints one", file=path
        ) from error
