"""The process's figures for Prometheus, read from those who keep them at the moment of the scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Figures = Callable[[], Mapping[str, float]]
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Gauges(Collector):
    """Groups of figures as gauges `marquee_<group>_<name>`."""

    def __init__(self, groups: Mapping[str, Figures]) -> None:
        self._groups = groups

    def collect(self) -> Iterable[Metric]:
        """The figures as they stand."""
        for group, figures in self._groups.items():
            for name, value in figures().items():
                yield GaugeMetricFamily(f"marquee_{group}_{name}", f"{group}: {name.replace('_', ' ')}", value=value)


def registry_of(groups: Mapping[str, Figures]) -> CollectorRegistry:
    """A registry with the process's own figures and these groups."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(Gauges(groups))
    return registry


def exposition(registry: CollectorRegistry) -> bytes:
    """The scrape's body, in CONTENT_TYPE."""
    return generate_latest(registry)
