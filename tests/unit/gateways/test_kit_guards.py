"""While the kit's checks run, no connection and no look-up leaves the machine."""

import socket
from contextlib import suppress

import pytest

from survey_pipeline.gateways.kit.guards import OffLoopback, loopback_only

ELSEWHERE = ("192.0.2.1", 9)
"""An address of RFC 5737: nothing ever answers there."""


def test_an_address_elsewhere_is_refused() -> None:
    with loopback_only(), socket.socket(type=socket.SOCK_DGRAM) as plug:
        for attempt in (plug.connect, plug.connect_ex):
            with pytest.raises(OffLoopback, match=r"192\.0\.2\.1"):
                attempt(ELSEWHERE)
        with pytest.raises(OffLoopback):
            plug.sendto(b"", ELSEWHERE)


def test_a_name_elsewhere_is_not_looked_up() -> None:
    with loopback_only(), pytest.raises(OffLoopback, match="surveys"):
        socket.getaddrinfo("surveys.example", 80)


def test_loopback_is_left_alone() -> None:
    with loopback_only(), socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
        assert socket.getaddrinfo("localhost", 80)


def test_afterwards_everything_is_as_it_was() -> None:
    look_up = socket.getaddrinfo
    with suppress(OffLoopback), loopback_only():
        socket.getaddrinfo("surveys.example", 80)
    assert socket.getaddrinfo is look_up
    with socket.socket(type=socket.SOCK_DGRAM) as plug:
        plug.connect(("127.0.0.1", 9))
