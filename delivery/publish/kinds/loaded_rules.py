"""The rules that Prometheus has loaded.

It takes them from files that it mounts, and from nowhere else: publishing compares them with what
ships, and tells it to read its files again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from catalog.errors import Problem, ServerError
from delivery.publish.difference import differences
from delivery.publish.kinds.durations import seconds
from delivery.publish.kinds.kind import RefusedError, accept
from delivery.publish.kinds.rulers import groups_of
from delivery.publish.model import Found, Json, Wanted
from delivery.publish.shipped import Shipped
from delivery.publish.transport import Transport
from queries.promql_parser import PromQLError, parse

_KEY = "rules"
_FOLDER = "prometheus/rules/"
_FLAG = "web.enable-lifecycle"
_LOCKED = (
    f"it reads files, and takes no request to read them again (--{_FLAG}): "
    "restart it, or send it SIGHUP"
)


class LoadedRules:
    """All groups of generated/prometheus/rules, as one: they are read together."""

    name = "loaded rules"
    removes = False

    def __init__(self, server: Transport, shipped: Shipped, *, alerts: bool) -> None:
        """``alerts``: its groups may hold alerts, and not only what they record."""
        self._server, self._shipped, self._alerts = server, shipped, alerts

    def wanted(self) -> Sequence[Wanted]:
        """What a Prometheus that mounts the files has."""
        content = {
            group["name"]: _shipped(group)
            for _, file in self._files()
            for group in groups_of(file, alerts=self._alerts)
        }
        return [Wanted(self.name, _KEY, "", content, None, f"generated/{_FOLDER}")]

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """What it has of these groups and of files of these names."""
        there = self.look(_KEY)
        return [there] if there is not None else []

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """There is one."""
        return False

    def look(self, key: str) -> Found | None:
        """What it evaluates now."""
        groups = self._data("/api/v1/rules")["groups"]
        flags = self._data("/api/v1/status/flags")
        return Found(
            kind=self.name,
            key=_KEY,
            title="",
            content=dict(self._ours(groups)),
            body=None,
            ours=True,
            fixed="" if flags.get(_FLAG) == "true" else _LOCKED,
        )

    def create(self, wanted: Wanted) -> None:
        """Never asked for: a Prometheus without rules has an empty list of them."""
        self._reload(wanted)

    def update(self, wanted: Wanted, found: Found) -> None:
        """Have the files read, and look whether they are ours."""
        self._reload(wanted)

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Never asked for: nothing clashes."""
        self._reload(wanted)

    def delete(self, found: Found) -> None:
        """Never asked for: its files are somebody else's."""

    def kept(self, document: Json) -> Wanted:
        """No backup holds the files that it read."""
        return Wanted(self.name, _KEY, "", {}, None, "")

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """The files are on its own disk."""
        raise RefusedError("it reads files: put the old ones in their place, and publish again")

    def _reload(self, wanted: Wanted) -> None:
        accept(self._server.write("POST", "/-/reload"), 200)
        if self._data("/api/v1/status/runtimeinfo").get("reloadConfigSuccess") is False:
            raise RefusedError("it could not read its files again, and keeps its old rules")
        now = self.look(_KEY)
        unlike = differences(now.content if now else {}, wanted.content)
        if unlike:
            what = "generated/prometheus/rules"
            raise RefusedError(
                f"it has read its files again, and they are not those of {what}: {unlike[0].where}"
                f"{f' and {len(unlike) - 1} more' if len(unlike) > 1 else ''}. Mount "
                + (what if self._alerts else f"of {what} what records, without the alerts")
            )

    def _files(self) -> Iterator[tuple[str, Json]]:
        for entry in self._shipped.of_kind("prometheus-rules", _FOLDER):
            yield PurePosixPath(entry.path).name, self._shipped.load(entry.path)

    def _ours(self, groups: Sequence[Json]) -> Iterator[tuple[str, Json]]:
        """Known by the file's or the group's name; one that is loaded twice shows."""
        files = dict(self._files())
        names = {group["name"] for file in files.values() for group in file["groups"]}
        seen: set[str] = set()
        for group in groups:
            name, file = group["name"], PurePosixPath(group["file"])
            if name not in names and file.name not in files:
                continue
            yield (f"{name} of {file.name}" if name in seen else name), _loaded(group)
            seen.add(name)

    def _data(self, where: str) -> Any:
        answer = self._server.read(where)
        if not answer.ok or not isinstance(answer.body, dict):
            raise ServerError(
                Problem(
                    self._server.place,
                    f"does not answer as Prometheus does ({answer.status}): {answer.message}",
                    "Correct PROMETHEUS_URL",
                )
            )
        return answer.body["data"]


def _shipped(group: Json) -> Json:
    rules = [
        _rule(
            {
                ("alert" if "alert" in rule else "record"): rule.get("alert") or rule.get("record"),
                **{key: seconds(rule.get(key, 0)) for key in ("for", "keep_firing_for")},
            },
            rule,
            rule["expr"],
        )
        for rule in group["rules"]
    ]
    return {"interval": seconds(group["interval"]), "rules": rules}


def _loaded(group: Json) -> Json:
    rules = [
        _rule(
            {
                ("alert" if rule["type"] == "alerting" else "record"): rule["name"],
                "for": float(rule.get("duration") or 0),
                "keep_firing_for": float(rule.get("keepFiringFor") or 0),
            },
            rule,
            rule["query"],
        )
        for rule in group["rules"]
    ]
    return {"interval": float(group["interval"]), "rules": rules}


def _rule(settings: Json, rule: Json, expr: str) -> Json:
    texts = {key: rule.get(key) or {} for key in ("labels", "annotations")}
    return {**settings, **texts, "expr": _written(expr)}


def _written(expr: str) -> str:
    """The expression as one program writes it: Prometheus writes what it has read its own way."""
    try:
        return str(parse(expr).prettify())
    except PromQLError:
        return " ".join(expr.split())
