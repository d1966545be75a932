"""Who is told by Grafana's own alerts: the routes and receivers of Alertmanager, in its terms.

Grafana reads them from files, too: contact points, a tree of policies, mute timings and
templates. It knows no inhibition. Secrets come from files beside Grafana (``$__file{}``): one
that is missing keeps Grafana from starting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from alerts import hours, message, receivers
from alerts.managed import FOLDER
from alerts.routes import configuration
from catalog import names
from catalog.artifact import Artifact
from catalog.model import Catalog

Json = dict[str, Any]

SECRETS: Final = "/etc/grafana/secrets"


def files(catalog: Catalog) -> Iterator[Artifact]:
    """One file each, so that a Grafana that has its own routing takes the rules alone."""
    whole = configuration(catalog, ())
    route = _policy(whole["route"], catalog.prefix, muted=catalog.platform.dead_man is None)
    points = [_contact_point(catalog.prefix, each) for each in whole["receivers"]]
    quiet = catalog.platform.quiet_hours
    quiet_name = f"{catalog.prefix}-{hours.QUIET_HOURS}"
    parts: dict[str, Json] = {
        "contact-points": {"contactPoints": [each for each in points if each["receivers"]]},
        "policies": {"policies": [{"orgId": 1, **route}]},
        "templates": {"templates": [_templates(catalog.prefix)]},
    }
    if quiet is not None:
        timing = {"name": quiet_name, "time_intervals": hours.intervals(quiet)}
        parts["mute-timings"] = {"muteTimes": [{"orgId": 1, **timing}]}
    for name, content in parts.items():
        yield Artifact(
            f"{FOLDER}/{name}.yaml",
            {"apiVersion": 1, **content},
            "grafana-alerting",
            catalog.platform.owner.team,
        )


def _policy(route: Json, prefix: str, *, muted: bool) -> Json:
    """The tree, in which an alert's name is a label of ours; without the watchdog if ``muted``.

    Timings are everybody's in Grafana, so that ours say whose they are.
    """
    made: Json = {**route}
    if "matchers" in made:
        made["matchers"] = [each.replace("alertname", names.ALERT) for each in made["matchers"]]
    if "mute_time_intervals" in made:
        made["mute_time_intervals"] = [f"{prefix}-{each}" for each in made["mute_time_intervals"]]
    if "routes" in made:
        made["routes"] = [
            _policy(below, prefix, muted=muted)
            for below in made["routes"]
            if not (muted and below["receiver"] == receivers.WATCHDOG)
        ]
    return made


def _contact_point(prefix: str, receiver: Json) -> Json:
    told = [
        *(("slack", _slack(each)) for each in receiver.get("slack_configs", ())),
        *(("webhook", _webhook(each)) for each in receiver.get("webhook_configs", ())),
    ]
    return {
        "orgId": 1,
        "name": receiver["name"],
        "receivers": [
            {
                "uid": _uid(prefix, receiver["name"], number),
                "type": kind,
                "settings": settings,
                "disableResolveMessage": kind == "webhook",
            }
            for number, (kind, settings) in enumerate(told)
        ],
    }


def _slack(config: Json) -> Json:
    return {
        "recipient": config["channel"],
        "url": _secret(receivers.SLACK_SECRET),
        "title": config["title"],
        "text": config["text"],
    }


def _webhook(config: Json) -> Json:
    settings: Json = {"url": config["url"], "httpMethod": "POST"}
    authorization = config.get("http_config", {}).get("authorization")
    if authorization:
        settings["authorization_scheme"] = authorization["type"]
        settings["authorization_credentials"] = _secret(authorization["credentials_file"])
    return settings


def _secret(file: str) -> str:
    """Grafana reads a file where it is named so; ours are mounted beside it."""
    return f"$__file{{{SECRETS}/{file.rsplit('/', 1)[1]}}}"


def _uid(prefix: str, name: str, number: int) -> str:
    digest = hashlib.sha256(f"{name}\n{number}".encode()).hexdigest()
    return f"{prefix}-{digest[:24]}"


def _templates(prefix: str) -> Json:
    return {"orgId": 1, "name": prefix, "template": message.templates(prefix)}
