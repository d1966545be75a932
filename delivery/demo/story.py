"""What a newcomer is told: where to look, and how to break something."""

from __future__ import annotations

import json
from collections.abc import Iterator

import yaml

from delivery.demo.grafana import LOGIN
from delivery.demo.stack import Stack

#: What publish, validate and audit call the address of each server.
_VARIABLES = ("grafana", "loki", "prometheus", "jaeger", "alertmanager", "receiver")


def environment(stack: Stack) -> dict[str, str]:
    """The addresses by the servers' names, and by the variables of the other commands.

    ``INCIDENTS_URL`` is where something is made to go wrong, ``RECEIVER_URL`` whom alerts tell.
    """
    named = {f"{name.upper()}_URL": stack.urls[name] for name in _VARIABLES if name in stack.urls}
    incidents = {"INCIDENTS_URL": f"{stack.control}/incidents"} if stack.control else {}
    return {**stack.urls, **named, **incidents}


def addresses(stack: Stack) -> Iterator[str]:
    """A line each."""
    yield f"data: {stack.folder}"
    for name, url in stack.urls.items():
        if name != "grafana":
            yield f"{name}: {url}{_LOOKED_AT.get(name, '')}"
    if "grafana" in stack.urls:
        user, password = LOGIN
        yield f"grafana: {stack.grafana} (no login needed; as an administrator {user}/{password})"
        yield from (f"  {title}: {stack.grafana}/dashboards/f/{uid}" for title, uid in _of(stack))
    if stack.control:
        yield f"incidents: {stack.control}/incidents"
        yield f"  {_example(stack)}"


#: What of a server is worth a look.
_LOOKED_AT = {"receiver": "/received"}


def _of(stack: Stack) -> Iterator[tuple[str, str]]:
    """Each folder of dashboards: title and uid."""
    for path in sorted((stack.generated / "grafana/provisioning/dashboards").glob("*.yaml")):
        for provider in yaml.safe_load(path.read_text(encoding="utf-8"))["providers"]:
            yield provider["folder"], provider["folderUid"]


def _example(stack: Stack) -> str:
    told = {"kind": "error-burst", "service": stack.catalog.services[0].id, "seconds": 300}
    return f"curl -d '{json.dumps(told)}' {stack.control}/incidents"
