"""Rules of the calls between services: what is recorded of them, and who explains whose errors.

The alert is a ticket beside the pages of the services: it points from the one that fails to the
one that makes it fail.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts import text
from alerts.model import Alert, Dashboard, Group, Recording
from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from queries import dependencies

_HOLD = 300


def groups(catalog: Catalog) -> tuple[Group, ...]:
    """The rules, where spans are counted at all."""
    if catalog.span_metrics_port is None:
        return ()
    pointers = tuple(
        _alert(catalog, caller, catalog.service(callee))
        for caller in catalog.services
        for callee in caller.depends_on
    )
    return (Group("dependencies", catalog.platform.scrape.evaluation, (*_recorded(), *pointers)),)


def _recorded() -> Iterator[Recording]:
    yield Recording(names.SERVED, dependencies.served())
    yield Recording(names.SERVED_ERRORS, dependencies.served_errors())
    yield Recording(names.SERVED_P95, dependencies.served_p95())
    yield Recording(names.CALLS, dependencies.calls())
    yield Recording(names.CALL_ERRORS, dependencies.call_errors())
    yield Recording(names.CALL_P95, dependencies.call_p95())


def _alert(catalog: Catalog, caller: Service, callee: Service) -> Alert:
    thresholds = catalog.platform.thresholds
    share = catalog.platform.dependencies.explained_minimum
    return Alert(
        name="DependencyFailing",
        expr=dependencies.explained(
            caller,
            callee,
            share=share,
            error_ratio=thresholds.error_ratio_maximum,
            minimum=thresholds.minimum_events,
        ),
        severity=names.TICKET,
        service=caller.id,
        team=caller.owner.team,
        summary=f"{text.PERCENT} of the errors of {caller.name} come from calls to {callee.name}",
        description=f"{callee.name} itself fails {_own_share(callee)} of what it is asked (its "
        f"limit is {text.percent(thresholds.error_ratio_maximum)}), so {caller.name} is not where "
        f"to look. Look first at {callee.name} and at what it depends on in its turn; its owner is "
        f"the team {callee.owner.team}.",
        dashboard=Dashboard(names.dependencies_uid(catalog.prefix)),
        hold=_HOLD,
        labels={names.DEPENDENCY: callee.id},
    )


def _own_share(callee: Service) -> str:
    """The share of a service's answers that fail, in the cluster of the alert, when it fires."""
    matchers = f"{{{names.CLUSTER}='%s',{names.ENVIRONMENT}='%s',{names.SERVICE}='{callee.id}'}}"
    place = f"$labels.{names.CLUSTER} $labels.{names.ENVIRONMENT}"
    ratio = f"{names.SERVED_ERRORS}{matchers} / {names.SERVED}{matchers}"
    return (
        f'{{{{ with printf "{ratio}" {place} {place} | query }}}}'
        "{{ . | first | value | humanizePercentage }}{{ else }}part{{ end }}"
    )
