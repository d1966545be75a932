"""Writes the stories that prove the alerts as test files: of promtool, and alike for Loki.

A test's name begins with the alert that it is about (:func:`catalog.names.alert_subject`): a
near miss expects nothing, and would not say whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alerts.filled import TemplateError, filled
from alerts.model import Alert, Group
from alerts.present import labels, texts
from alerts.proof import Firing, Incident, Lines, LogIncident, Moment, Proof, Prove
from catalog import names
from catalog.errors import Problem, UserError
from catalog.model import Catalog
from catalog.scalars import format_duration

Json = dict[str, Any]

#: From steps of this length on a story is evaluated in them.
SLOW_SECONDS = 300


def promtool_tests(
    catalog: Catalog, groups: tuple[Group, ...], name: str, known: Mapping[str, Prove]
) -> Iterator[tuple[str, Json]]:
    """What ``promtool test rules`` reads: the tests of a file of rules, by their files' names.

    promtool evaluates all groups in one rhythm, whatever their own is, and shuffles them unless
    it is told their order. A story of days, told in steps of :data:`SLOW_SECONDS` or more, is
    evaluated in its steps, in a file that is called after them: in the catalog's rhythm such
    stories would take half an hour.
    """
    usual = catalog.platform.scrape.evaluation
    by_rhythm: dict[int, list[tuple[Alert, Incident]]] = {}
    for alert, proof in _proofs(catalog, groups, known):
        if isinstance(proof, Incident):
            rhythm = proof.interval if proof.interval >= SLOW_SECONDS else usual
            by_rhythm.setdefault(rhythm, []).append((alert, proof))
    for rhythm, stories in sorted(by_rhythm.items()):
        slow = "" if rhythm == usual else f".{format_duration(rhythm)}"
        yield (
            f"{name}{slow}.yaml",
            {
                "rule_files": [f"../rules/{name}.yaml"],
                "evaluation_interval": format_duration(rhythm),
                "group_eval_order": [group.name for group in groups],
                "tests": [_promtool_test(catalog, alert, proof) for alert, proof in stories],
            },
        )


def loki_tests(
    catalog: Catalog, groups: tuple[Group, ...], rules: str, known: Mapping[str, Prove]
) -> Json:
    """The same for Loki's ruler, which has no promtool: lines take the place of series.

    Each entry of ``input_lines`` is one line again and again: on ``stream``, the first
    ``start`` into the test, ``count`` of them ``every`` so many seconds; in ``line``, ``{n}``
    is the line's number and ``{trace}`` a trace id of its own. ``evaluation_interval`` is that
    of the alert's group. tests/live replays it.
    """
    return {
        "rule_files": [f"../rules/*/{rules}"],
        "tests": [
            _loki_test(alert, proof, group.interval)
            for group in groups
            for alert, proof in _proofs(catalog, (group,), known)
            if isinstance(proof, LogIncident)
        ],
    }


def _proofs(
    catalog: Catalog, groups: Iterable[Group], known: Mapping[str, Prove]
) -> Iterator[tuple[Alert, Proof]]:
    """Each alert with each of its stories; ``build.py check`` says which have none."""
    for group in groups:
        for rule in group.rules:
            if isinstance(rule, Alert) and rule.name in known:
                for proof in known[rule.name](catalog, rule):
                    yield rule, proof


def _name(alert: Alert, proof: Proof) -> str:
    return f"{names.alert_subject(alert.name, labels(alert))}: {proof.title}"


def _promtool_test(catalog: Catalog, alert: Alert, proof: Incident) -> Json:
    return {
        "name": _name(alert, proof),
        "interval": format_duration(proof.interval),
        "input_series": [
            {"series": series, "values": values} for series, values in proof.series.items()
        ],
        "alert_rule_test": [
            _moment(
                alert,
                moment,
                [_alert(catalog, each.rule or alert, proof, each) for each in moment.firing],
            )
            for moment in proof.moments
        ],
    }


def _alert(catalog: Catalog, alert: Alert, proof: Incident, firing: Firing) -> Json:
    every = {**firing.labels, **labels(alert)}
    try:
        said = filled(texts(alert, catalog), every, firing)
    except TemplateError as error:
        remedy = "Mend the story under alerts/proofs, or the text of the alert"
        raise UserError(Problem(_name(alert, proof), str(error), remedy)) from error
    return {"exp_labels": every, "exp_annotations": said}


def _loki_test(alert: Alert, proof: LogIncident, interval: int) -> Json:
    return {
        "name": _name(alert, proof),
        "evaluation_interval": format_duration(interval),
        "input_lines": [_lines(each) for each in proof.lines],
        "alert_rule_test": [
            _moment(
                alert,
                moment,
                [{"exp_labels": {**each.labels, **labels(alert)}} for each in moment.firing],
            )
            for moment in proof.moments
        ],
    }


def _lines(lines: Lines) -> Json:
    return {
        "stream": dict(lines.stream),
        "line": lines.line,
        "start": _time(lines.start),
        "every": lines.every,
        "count": lines.count,
    }


def _moment(alert: Alert, moment: Moment, expected: list[Json]) -> Json:
    return {"eval_time": _time(moment.at), "alertname": alert.name, "exp_alerts": expected}


def _time(seconds: int) -> str:
    return format_duration(seconds) if seconds else "0s"
