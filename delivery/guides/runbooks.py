"""What a runbook says that follows from the catalog: figures, queries, pods, and whom to call."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, BeforeValidator

from catalog import names
from catalog.errors import UsageError
from catalog.model import Catalog
from catalog.platform import Environment
from catalog.scalars import format_duration, parse_duration
from catalog.service import Service
from catalog.signals import one_of
from delivery.guides import looks
from delivery.guides.alerting import Alerting, Rule, alerting
from delivery.guides.blocks import Maker, Page, WordsError
from delivery.guides.catalog_tables import table
from delivery.library.wish import Words, question
from queries.library.model import LibraryQuery
from queries.library.registry import named

#: Stands for a service where an alert can be about several.
SERVICE = "SERVICE"
_SEVERITIES: Mapping[str, str] = {"page": "a page", "ticket": "a ticket", "none": "no message"}
_OF_BEING_TRUE = " of being true without a break"
#: Of another file than platform.yaml.
_WINDOWS = "windows."


def facts(page: Page) -> str:
    """How the alert is told and evaluated, and what the settings named in the words are."""
    known = alerting(page.catalog)
    told = _told(known, known.rules.get(page.path.stem, ()))
    if not page.words:
        return told
    rows = [(f"`{each}`", _setting(page.catalog, each)) for each in page.words.split()]
    return f"{told}\n\n{table(['Setting in the catalog', 'Value'], rows)}"


def _told(known: Alerting, rules: Sequence[Rule]) -> str:
    if not rules:
        return "No alert of this catalog has this name."
    severities = sorted({rule.labels[names.SEVERITY] for rule in rules})
    holds = sorted({parse_duration(rule.hold) if rule.hold else 0 for rule in rules})
    waits = [f"after {format_duration(each)}" if each else "at once" for each in holds]
    servers = sorted({"Loki's ruler" if rule.is_log_rule else "Prometheus" for rule in rules})
    subjects = dict.fromkeys(known.name(rule.subject) for rule in rules)
    return (
        f"It is {' or '.join(_SEVERITIES[each] for each in severities)}, about "
        f"{', '.join(subjects)}. Evaluated by {' and '.join(servers)}, it fires "
        f"{' or '.join(waits)}{_OF_BEING_TRUE if any(holds) else ''}."
    )


def _setting(catalog: Catalog, path: str) -> str:
    node: Any = catalog.windows if path.startswith(_WINDOWS) else catalog.platform
    parts = path.removeprefix(_WINDOWS).split(".")
    for part in parts[:-1]:
        node = _below(node, part, path)
    value = _below(node, parts[-1], path)
    field = type(node).model_fields[parts[-1]] if isinstance(node, BaseModel) else None
    read = {
        each.func for each in (field.metadata if field else ()) if isinstance(each, BeforeValidator)
    }
    if parse_duration in read:
        return format_duration(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _below(node: Any, part: str, path: str) -> Any:
    known = tuple(type(node).model_fields) if isinstance(node, BaseModel) else ()
    if part not in known:
        raise WordsError(f"the catalog has no setting {path!r}. {one_of(part, known)}.")
    return getattr(node, part)


def query(page: Page) -> str:
    """A query of the library: the command that asks it, and its panel of the log explorer.

    The words are its name, and what the command takes: ``field-counts field=outcome since=30m``.
    """
    name, *words = shlex.split(page.words) or [""]
    try:
        asked = named(name)
    except UsageError as error:
        raise _fault(error) from None
    services = _subjects(page, asked)
    command = _command(page, asked, services, words)
    values = shlex.join(each for each in words if not each.startswith("since="))
    links = looks.look(Page(page.catalog, page.path, f"query {name} {values}".strip()))
    # Both pages are below docs/, this one perhaps deeper.
    up = "../" * (len(page.path.parts) - 2)
    says = f"[what it asks and says]({up}query-reference.md#{name})"
    return f"```sh\n{command}\n```\n\nThe same in the log explorer ({says}):\n\n{links}"


def _subjects(page: Page, asked: LibraryQuery) -> tuple[Service, ...]:
    if asked.subject != "one":
        return ()
    fitting = {each.id for each in asked.services(page.catalog)}
    concerned = alerting(page.catalog).services(page.path.stem) or page.catalog.services
    found = tuple(each for each in concerned if each.id in fitting)
    if not found:
        raise WordsError(f"no service of this alert has what {asked.name} reads: {asked.needs}.")
    return found


def _command(
    page: Page, asked: LibraryQuery, services: Sequence[Service], words: Sequence[str]
) -> str:
    """The command, after it was tried: one of the services must be able to answer it."""
    since = next((each.removeprefix("since=") for each in words if each.startswith("since=")), None)
    params = tuple(each for each in words if not each.startswith("since="))
    place = environment(page.catalog)
    wishes = [Words(each.id if each else None, params, since) for each in services or (None,)]
    faults = [fault for wish in wishes if (fault := _tried(page.catalog, asked, wish))]
    if len(faults) == len(wishes):
        raise _fault(faults[0])
    parts = ["python", "build.py", "query", "run", asked.name]
    if services:
        parts += ["--service", services[0].id if len(services) == 1 else SERVICE]
    for each in params:
        parts += ["--param", each]
    parts += ["--param", f"{asked.parameters[0].name}=TRACE_ID"] if _needs_a_trace(asked) else []
    parts += ["--since", since] if since else []
    return shlex.join([*parts, "--environment", place.id])


def _tried(catalog: Catalog, asked: LibraryQuery, words: Words) -> UsageError | None:
    try:
        question(asked, catalog, environment(catalog), words, sample=True)
    except UsageError as error:
        return error
    return None


def _needs_a_trace(asked: LibraryQuery) -> bool:
    return any(each.kind == "trace_id" for each in asked.parameters)


def _fault(error: UsageError) -> WordsError:
    first = error.problems[0]
    return WordsError(f"{first.place}: {first.fault}. {first.remedy}.")


def environment(catalog: Catalog) -> Environment:
    """Where people are woken: what is deployed, or the first place where nothing is."""
    deployed = catalog.deployment.environment if catalog.deployment else None
    places = {each.id: each for each in catalog.platform.environments}
    return places[deployed] if deployed else catalog.default_environment


def escalation(page: Page) -> str:
    """Who is told, where, and who is called next."""
    rows = [
        (subjects, owner.team, f"`{owner.channel}`", owner.escalation)
        for subjects, owner in alerting(page.catalog).owners(page.path.stem)
    ]
    if not rows:
        owner = page.catalog.platform.owner
        rows = [("Anything", owner.team, f"`{owner.channel}`", owner.escalation)]
    return table(["About", "Team", "Channel", "After half an hour without progress"], rows)


MAKERS: Mapping[str, Maker] = {
    "escalation": escalation,
    "facts": facts,
    "query": query,
}
