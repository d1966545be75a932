"""``runbook/query``: see docs/checks/runbook-query.md."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from catalog import names
from catalog.errors import UsageError
from catalog.platform import Environment
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding
from delivery.checks.labels import nearest
from delivery.checks.read_runbooks import Runbook
from delivery.library.wish import Words, question
from queries.library.registry import named

#: Stands for each service that the alert can be about.
_SERVICE = "SERVICE"
_OPTIONS = ("--service", "--param", "--since", "--step", "--limit", "--environment")


def _run(context: Context) -> Iterator[Finding]:
    for page in context.documents.pages:
        for command in page.commands():
            fault = _fault(context, page, command.text)
            if fault:
                yield Finding(CHECK.id, page.file, command.where, *fault)


def _fault(context: Context, page: Runbook, command: str) -> tuple[str, str] | None:
    try:
        _, _, _, _, name, *rest = shlex.split(command)
    except ValueError:
        return f"'{command}' names no query", "Name one that python build.py query list shows"
    given: dict[str, list[str]] = {}
    for option, value in zip(rest[::2], rest[1::2], strict=False):
        if option not in _OPTIONS:
            return f"query run has no option '{option}'", nearest(option, _OPTIONS)
        given.setdefault(option, []).append(value)
    if len(rest) % 2:
        return f"'{rest[-1]}' stands without a value", "Write it, or take the option out"
    places = {each.id: each for each in context.catalog.platform.environments}
    wanted = (given.get("--environment") or [context.catalog.default_environment.id])[0]
    if wanted not in places:
        return f"the catalog has no environment '{wanted}'", nearest(wanted, places)
    faults = [
        _of(context, places[wanted], name, each, given) for each in _services(context, page, given)
    ]
    return faults[0] if all(faults) else None


def _of(
    context: Context,
    place: Environment,
    name: str,
    service: str | None,
    given: Mapping[str, Sequence[str]],
) -> tuple[str, str] | None:
    since, step = (next(iter(given.get(each, ())), None) for each in ("--since", "--step"))
    params = tuple(_sampled(each) for each in given.get("--param", ()))
    try:
        question(named(name), context.catalog, place, Words(service, params, since, step))
    except UsageError as error:
        first = error.problems[0]
        return f"{first.place}: {first.fault}", first.remedy
    return None


def _services(
    context: Context, page: Runbook, given: Mapping[str, Sequence[str]]
) -> Sequence[str | None]:
    """Whom it is asked of: of those that SERVICE stands for, one has to have what it reads."""
    chosen = given.get("--service", ())
    if [*chosen] != [_SERVICE]:
        return [*chosen] or [None]
    concerned = {
        rule.labels.get(names.SERVICE)
        for rule in context.documents.rules
        if rule.name == page.alert
    }
    known = [each.id for each in context.catalog.services]
    return [each for each in known if each in concerned] or known


def _sampled(param: str) -> str:
    """A value that the reader fills in, as a sample of its kind."""
    name, _, value = param.partition("=")
    return f"{name}={'0' * 32}" if value == "TRACE_ID" else param


CHECK = Check("runbook/query", "A runbook that asks what the library does not have", _run)
