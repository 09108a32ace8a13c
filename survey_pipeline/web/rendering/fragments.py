"""Fragments that a page asks for every few seconds: answered only if they have changed.

A fragment carries its own fingerprint and sends it with its next request, as an entity tag would
be (RFC 9110, section 8.8.3): htmx replaces nothing on 204, so that the focus stays.
"""

import hashlib
from typing import Annotated

from fastapi import Query, Response

FINGERPRINT = "not-yet-known"
"""Placeholder in a rendered fragment; `unless_unchanged` puts the fingerprint there."""

Seen = Annotated[str, Query(max_length=64)]
"""The fingerprint of the fragment that the browser shows."""


def unless_unchanged(fragment: Response, seen: str) -> Response:
    """Return 204 if the browser shows this fragment already, else the fragment."""
    fingerprint = hashlib.sha256(fragment.body).hexdigest()[:16]
    if fingerprint == seen:
        return Response(status_code=204)
    body = bytes(fragment.body).replace(FINGERPRINT.encode(), fingerprint.encode())
    return Response(body, media_type="text/html; charset=utf-8")
