"""Alibaba Cloud's request signature, version 3, with the algorithm ACS3-HMAC-SHA256.

Source: Alibaba Cloud, "V3 request body and signature mechanism". What is signed is the canonical
request: method, path, sorted query, sorted headers, their names, and the body's digest. The server
refuses a date more than 15 minutes off and a nonce that it has seen.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, repr=False)
class AccessKey:
    """Who signs. Its `repr` shows nothing of it."""

    key_id: str
    secret: str

    def __repr__(self) -> str:
        return "AccessKey()"


@dataclass(frozen=True)
class Operation:
    """What is asked for: an operation of a product's API, in one of its versions."""

    action: str
    version: str


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Return the query as it is signed, and sent: sorted, everything but `A-Za-z0-9-_.~` quoted."""
    return "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in sorted(parameters.items())
    )


def common_headers(operation: Operation, host: str, now: datetime, nonce: str) -> dict[str, str]:
    """Return the headers that every request without a body has, in lower case.

    Args:
        operation: what is asked for.
        host: as it stands in the `Host` header, with the port where it is not the usual one.
        now: the present moment, aware.
        nonce: a text that no other request has.
    """
    return {
        "content-type": FORM,
        "host": host,
        "x-acs-action": operation.action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": operation.version,
    }


def authorization(key: AccessKey, method: str, query: str, headers: Mapping[str, str]) -> str:
    """Return the `Authorization` header of a request to the path `/`, as RPC operations are called.

    Args:
        key: who signs.
        method: `GET` or `POST`.
        query: canonical.
        headers: all that are signed, names in lower case, the body's digest among them.
    """
    names = sorted(headers)
    signed = ";".join(names)
    lines = [f"{name}:{headers[name].strip()}\n" for name in names]
    digest = headers["x-acs-content-sha256"]
    canonical = "\n".join((method, "/", query, "".join(lines), signed, digest))
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{hashed}".encode()
    signature = hmac.new(key.secret.encode(), text, hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key.key_id},SignedHeaders={signed},Signature={signature}"
