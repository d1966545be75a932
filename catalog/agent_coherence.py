"""Faults between agent.yaml and the rest of the catalog."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.agent_metrics import metric_faults
from catalog.faults import Fault
from catalog.log_agent import LogAgent
from catalog.platform import Platform
from catalog.service import Service
from catalog.signals import one_of

FILE = "agent.yaml"


def agent_faults(agent: LogAgent, platform: Platform) -> Iterator[Fault]:
    """Names in agent.yaml that platform.yaml lacks, and what an agent cannot do without."""
    known = [each.id for each in platform.environments]
    named = [
        *((("files", "environments", at), each) for at, each in enumerate(_environments(agent))),
        *(
            [(("kubernetes", "environment"), agent.kubernetes.environment)]
            if agent.kubernetes
            else []
        ),
    ]
    for where, environment in named:
        if environment not in known:
            yield Fault(
                where,
                f"platform.yaml has no environment '{environment}'",
                one_of(environment, known),
                file=FILE,
            )
    if agent.syslog is not None:
        for level in agent.syslog.levels:
            if level not in platform.levels:
                yield Fault(
                    ("syslog", "levels", level),
                    f"'levels' of platform.yaml lacks '{level}'",
                    one_of(level, platform.levels),
                    file=FILE,
                )
        if "syslog" not in platform.components:
            yield Fault(
                ("syslog",),
                "platform.yaml has no component 'syslog', whose port it would listen on",
                "Declare 'components.syslog' with its port 'udp', or remove it",
                file=FILE,
            )
    declared = platform.components.get("syslog")
    if declared is not None and agent.syslog is None:
        yield Fault(
            (),
            "platform.yaml has the component 'syslog', and nothing here says what its "
            "severities mean",
            "Add 'syslog' with its 'levels'",
            file=FILE,
        )
    if declared is not None and "udp" not in declared.ports:
        yield Fault(
            ("components", "syslog", "ports"),
            "the agents listen on UDP, and there is no port 'udp'",
            "Add 'udp: 1514'",
        )
    if agent.kubernetes is not None:
        for release in (
            platform.components["agent"].releases if "agent" in platform.components else ()
        ):
            name = release.split()[0]
            if name not in agent.images:
                yield Fault(
                    ("images",),
                    f"platform.yaml runs '{release}', and its image is missing",
                    f"Add a line '{name}: grafana/{name}:...' with the release",
                    file=FILE,
                )


def _environments(agent: LogAgent) -> tuple[str, ...]:
    return agent.files.environments if agent.files else ()


def line_faults(service: Service, platform: Platform) -> Iterator[Fault]:
    """What an agent could not do with the lines of a service."""
    for index, field in enumerate(service.logs.fields):
        if field.name == service.logs.timestamp and field.type != "timestamp":
            yield Fault(
                ("logs", "fields", index, "type"),
                f"'{field.name}' is the lines' timestamp, and its type is '{field.type}'",
                "Write 'type: timestamp'",
            )
    for location, fault, remedy in metric_faults(service, platform):
        yield Fault(location, fault, remedy)
