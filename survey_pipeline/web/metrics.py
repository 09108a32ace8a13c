"""`/metrics`: the workspace's measures for Prometheus; counts alone, nothing of anybody.

Only this machine may read them, unless the configuration names other networks:

    [metrics]
    allow = ["127.0.0.0/8", "::1/128", "10.1.0.0/16"]

Behind a proxy on this machine the asking address is the one that the proxy names
(`X-Forwarded-For`); a proxy that names none must keep `/metrics` to itself.

Source: Prometheus, "Exposition formats", text format 0.0.4.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from survey_pipeline.context import Context
from survey_pipeline.reports.measures import Measure, Measures
from survey_pipeline.settings import Network

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "survey_"


def make_metrics(context: Context) -> APIRouter:
    """Return the address; it counts anew at most every fifteen seconds."""
    router = APIRouter(include_in_schema=False)
    measures = Measures(context)
    allow = context.settings.metrics.allow

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        if not _may_read(request.client.host if request.client else "", allow):
            return PlainTextResponse("not from here", status_code=403)
        return Response(exposition(measures.take()), media_type=MEDIA_TYPE)

    return router


def exposition(measures: Sequence[Measure]) -> str:
    """Return measures in Prometheus's text format."""
    lines = []
    for one in measures:
        name = PREFIX + one.name
        lines += [f"# HELP {name} {one.help}", f"# TYPE {name} gauge"]
        for labels, value in one.values.items():
            told = ",".join(f'{label}="{_escaped(key)}"' for label, key in labels)
            lines.append(f"{name}{{{told}}} {value:.15g}" if told else f"{name} {value:.15g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _may_read(host: str, allow: Sequence[Network]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in allow)
