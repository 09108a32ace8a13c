"""What is hashed of an entry, and how a link binds it to the one before. Pure.

An entry's values fall into two parts. The *personal* ones may be deleted before the entry is; the
rest stays as long as the log. The personal part goes into the chain as a digest with a salt, which
is deleted with it: who has the chain and no salt can try as many numbers as there are, and learns
nothing. All digests are over plain values, so that another data key changes none.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from survey_pipeline.store.audit import REASON

GENESIS = bytes(32)
"""Stands for the link before the first."""


class Digests(NamedTuple):
    """What the chain keeps of an entry."""

    held: bytes | None
    """The salted digest of the personal values; None where there are none."""
    digest: bytes
    """That of the whole entry, `held` included."""


def digests_of(entry: Any) -> Digests:
    """Return the digests of an entry as it is now; `held` is None where its salt is gone."""
    names = names_of(entry)
    held = None if entry.salt is None else _held(entry, names)
    return Digests(held, whole_digest(entry, names, held))


def names_of(entry: Any) -> frozenset[str]:
    """Return the names of an entry's personal values."""
    return frozenset((entry.personal or "").split(",")) - {""}


def whole_digest(entry: Any, names: frozenset[str], held: bytes | None) -> bytes:
    """Return the digest of an entry, the salted digest of its personal values given.

    Args:
        entry: a row with the columns of `audit_log`, its values, and which of them are personal.
        names: the personal ones.
        held: their salted digest.
    """
    return _sha256(
        entry.id,
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.kind,
        entry.key,
        entry.import_id,
        entry.row_no,
        sorted(names),
        _without(entry.before, names),
        _without(entry.after, names),
        None if REASON in names else entry.reason,
        held and held.hex(),
    )


def next_link(before: bytes, digest: bytes) -> bytes:
    """Return the link that binds an entry's digest to the link before it."""
    return hashlib.sha256(before + digest).digest()


def _held(entry: Any, names: frozenset[str]) -> bytes:
    return _sha256(
        entry.salt.hex(),
        _only(entry.before, names),
        _only(entry.after, names),
        entry.reason if REASON in names else None,
    )


def _sha256(*parts: Any) -> bytes:
    """Return SHA-256 over canonical JSON: sorted names, no blanks, ASCII."""
    return hashlib.sha256(_ENCODE(parts).encode()).digest()


_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def _without(values: Mapping[str, Any] | None, names: frozenset[str]) -> Any:
    if values is None or not names:
        return values
    return {name: value for name, value in values.items() if name not in names}


def _only(values: Mapping[str, Any] | None, names: frozenset[str]) -> Any:
    if values is None:
        return None
    return {name: value for name, value in values.items() if name in names}
