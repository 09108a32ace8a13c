"""The thread pool in which passwords are hashed: each takes a core and 64 MiB for a while."""

from collections.abc import Callable
from typing import ParamSpec

from fastapi import Request, Response

from survey_pipeline.i18n import N_, Message
from survey_pipeline.people.networks import network_of
from survey_pipeline.people.passwords import CONCURRENT_HASHES
from survey_pipeline.web.access import client_address
from survey_pipeline.web.server.work_pools import WorkPool

P = ParamSpec("P")
BUSY = N_("Too many people sign in at the moment. Try again in a few seconds.")


def make_pool() -> WorkPool:
    """Return the pool."""
    return WorkPool("passwords", threads=CONCURRENT_HASHES, most=100, most_each=50)


async def in_password_pool(
    request: Request, do: Callable[P, Response], *args: P.args, **kwargs: P.kwargs
) -> Response:
    """Run what hashes a password, so that other pages need not wait for it.

    Raises:
        PoolFull: too many requests wait for it, or too many of this network.
    """
    pool: WorkPool = request.app.state.pools.passwords
    busy = Message(BUSY)
    with pool.slot(network_of(client_address(request)), busy, busy):
        return await pool.run(do, *args, **kwargs)
