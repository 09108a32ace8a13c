"""Why a provider could not be asked is said in words of ours, whatever the system speaks."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from survey_pipeline.gateways.http import Http, NoAnswer, NotReached
from survey_pipeline.gateways.problems import CLOSED, NO_ADDRESS, NO_NAME, NO_TLS, TOO_LATE

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def ask(url: str, timeout: float = 5) -> str:
    async with Http(timedelta(seconds=timeout), 1) as http:
        with pytest.raises((NotReached, NoAnswer)) as failed:
            await http.request("GET", url)
    return f"{failed.type.__name__}: {failed.value}"


async def ask_server(serve: Serve, scheme: str, timeout: float = 5) -> str:
    served: list[asyncio.Task[None] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            await serve(reader, writer)
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        return await ask(f"{scheme}://127.0.0.1:{port}/", timeout)
    finally:
        server.close()
        await asyncio.gather(*filter(None, served))


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def speak_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    writer.close()


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


def test_a_port_where_nothing_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        said = asyncio.run(ask(f"http://127.0.0.1:{bound.getsockname()[1]}/"))
    assert said == "NotReached: the connection was refused"


def test_a_name_that_does_not_resolve() -> None:
    assert asyncio.run(ask("http://no-such-machine.invalid/")) == f"NotReached: {NO_NAME}"


def test_an_address_that_is_none() -> None:
    assert asyncio.run(ask("http://[/")) == f"NotReached: {NO_ADDRESS}"


def test_a_server_that_speaks_no_tls() -> None:
    assert asyncio.run(ask_server(speak_http, "https")) == f"NotReached: {NO_TLS}"


def test_a_connection_that_is_closed_at_once() -> None:
    assert asyncio.run(ask_server(hang_up, "http")) == f"NoAnswer: {CLOSED}"


def test_silence() -> None:
    assert asyncio.run(ask_server(say_nothing, "http", 0.3)) == f"NoAnswer: {TOO_LATE}"
