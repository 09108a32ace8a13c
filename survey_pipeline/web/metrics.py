"""`/metrics`: the workspace's measures for Prometheus; counts only, no personal data.

Only this machine may read them, unless the configuration names other networks:

    [metrics]
    allow = ["127.0.0.0/8", "::1/128", "10.1.0.0/16"]

Behind a proxy on this machine the client's address is the one that the proxy names
(`X-Forwarded-For`); a proxy that names none must not pass `/metrics` on.

Source: Prometheus, "Exposition formats", text format 0.0.4.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from survey_pipeline.context import Context
from survey_pipeline.reports.measures import Measure, Measures
from survey_pipeline.settings import Network
from survey_pipeline.web.access import client_address

PREFIX = "survey_"

router = APIRouter(include_in_schema=False)


class WorkspaceCollector(Collector):
    """Gives the measures of a workspace to `prometheus_client`, counted every 15 s at most."""

    def __init__(self, context: Context) -> None:
        self._measures = Measures(context)
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Yield each measure: as a counter what only grows, else as a gauge."""
        for measure in self._measures.take():
            yield _family(measure)


def _family(measure: Measure) -> Metric:
    names = [name for name, _ in next(iter(measure.values), ())]
    kind = CounterMetricFamily if measure.grows else GaugeMetricFamily
    family = kind(PREFIX + measure.name, measure.help, labels=names)
    for labels, value in measure.values.items():
        family.add_metric([word for _, word in labels], value)
    return family


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Answer the measures, to the networks that may read them."""
    context: Context = request.app.state.context
    if not _may_read(client_address(request), context.settings.metrics.allow):
        return PlainTextResponse("not from here", status_code=403)
    collector: WorkspaceCollector = request.app.state.collector
    return Response(generate_latest(collector.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(host: str, allow: Sequence[Network]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in allow)
