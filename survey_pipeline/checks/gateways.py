"""Are the gateways right: settings, credentials, and the way back through our webhooks."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from survey_pipeline.app import App
from survey_pipeline.checks.check import Check, failed, ok, warning
from survey_pipeline.errors import SurveyPipelineError
from survey_pipeline.gateways.findings import right, wrong
from survey_pipeline.gateways.http import Http, NoAnswer, NotReached
from survey_pipeline.gateways.port import Checkable, Finding, Reachable
from survey_pipeline.gateways.registry import make_gateway
from survey_pipeline.i18n import N_, Message
from survey_pipeline.settings import Gateway as GatewaySettings

NAME = "gateway"
PATIENCE = timedelta(seconds=10)
"""How long our own address may take to answer."""
WATCHED = 30
"""Seconds that a gateway's own look may take in all."""


def look_at_gateways(app: App) -> Iterator[Check]:
    """Look at every configured gateway, as far as can be done without sending a text."""
    configured = app.context.settings.gateway
    if not configured:
        yield failed(
            NAME,
            Message(N_("no gateway is configured: no text can be sent")),
            Message(N_("add a [[gateway]] to config/pipeline.toml")),
        )
    for settings in configured:
        for check in _look(app, settings):
            yield replace(check, about=settings.kind)


def _look(app: App, settings: GatewaySettings) -> Iterator[Check]:
    try:
        gateway = make_gateway(settings, app.gateway_environment)
    except SurveyPipelineError as error:
        yield failed(NAME, error.message)
        return
    if settings.kind == "simulated" and not app.context.settings.demo:
        yield warning(
            NAME,
            Message(
                N_("{gateway} is simulated: no text leaves this machine"),
                {"gateway": settings.label},
            ),
            Message(N_("configure a real [[gateway]] before the first survey")),
        )
    else:
        yield ok(NAME, N_("{gateway} is configured"), gateway=settings.label)
    if isinstance(gateway, Checkable):
        yield from _said(settings.label, asyncio.run(_own_look(gateway)))
    if isinstance(gateway, Reachable):
        yield from _said(settings.label, [asyncio.run(_way_back(settings.label, gateway))])


def _said(label: str, findings: Sequence[Finding]) -> Iterator[Check]:
    for finding in findings:
        found = Message(N_("{gateway}: {found}"), {"gateway": label, "found": finding.found})
        if finding.ok:
            yield ok(NAME, found.text, **found.params)
        else:
            yield failed(NAME, found, finding.remedy)


async def _own_look(gateway: Checkable) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(WATCHED), gateway:
            return await gateway.check()
    except Exception as error:  # whatever its author forgot: doctor goes on
        return [
            wrong(
                N_("its look at itself failed: {error}"),
                N_("ask the author of the gateway"),
                error=type(error).__name__,
            )
        ]


async def _way_back(label: str, gateway: Reachable) -> Finding:
    """Call our own webhook as a stranger would, over the public address."""
    if not gateway.public_url:
        return wrong(
            N_("public_url is not set: no receipt and no reply can come back"),
            N_("set public_url to the address at which the provider reaches `serve`"),
        )
    address = f"{gateway.public_url}/hooks/{label}/receipt"
    try:
        async with Http(PATIENCE, connections=1) as http:
            answer = await http.request("GET", address)
    except (NotReached, NoAnswer) as error:
        return wrong(
            N_("{address} does not answer: {problem}"),
            N_("start survey-pipeline run (or serve), and let public_url lead to it"),
            address=address,
            problem=error,
        )
    return _judged(address, answer.status, answer.headers.get("Location", ""))


def _judged(address: str, status: int, location: str) -> Finding:
    if status == 403:
        text = N_("{address} answers, and refuses what the provider has not signed")
        return right(text, address=address)
    if 300 <= status < 400:
        return wrong(
            N_("{address} redirects to {location}: providers do not follow"),
            N_("set public_url as the redirect has it"),
            address=address,
            location=location,
        )
    return wrong(
        N_("{address} answers HTTP {status}: another program, or one of other settings"),
        N_("let public_url lead to this workspace's survey-pipeline run or serve, path included"),
        address=address,
        status=status,
    )
