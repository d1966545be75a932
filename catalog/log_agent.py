"""agent.yaml: how the log agents read lines, what they never send, and where they run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from catalog.base import Model, Sourced
from catalog.regex import Regex, compiled
from catalog.scalars import Duration, Identifier, LabelValue, Line, MisfitError, PositiveInt, Title
from catalog.signals import distinct

#: The agents there are writers for.
AgentName = Literal["alloy", "promtail"]
#: The eight severities of RFC 5424 as both agents spell them.
Severity = Literal[
    "emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"
]
SEVERITIES: tuple[Severity, ...] = (
    *("emergency", "alert", "critical", "error"),
    *("warning", "notice", "informational", "debug"),
)
#: As Kubernetes writes an amount of CPU or memory: ``100m``, ``512Mi``.
Quantity = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*(m|Ki|Mi|Gi)?$")]
Folder = Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._-]+)+$", max_length=120)]
#: Part of a secret, in lower case: lines are compared so.
Hint = Annotated[str, StringConstraints(pattern=r"^[^A-Z\r\n]{3,40}$")]
Image = Annotated[str, StringConstraints(pattern=r"^[a-z0-9./-]+:[A-Za-z0-9._-]+$")]


class Redaction(Sourced):
    """A kind of secret: each group of the pattern that matches is replaced before Loki.

    Nothing can match that holds none of the ``hints``, in whichever case: a line without any is
    not searched, which would cost an agent many times as much. ``example`` is a line with such a
    secret. It stands here so that a pattern that misses what it was written for is refused; make
    the secret in it up.
    """

    id: Identifier
    title: Title
    hints: Annotated[tuple[Hint, ...], Field(min_length=1), AfterValidator(distinct)]
    pattern: Regex
    example: Line

    @property
    def replacement(self) -> str:
        """What stands in a line instead of the secret: it breaks neither JSON nor logfmt."""
        return f"[redacted:{self.id}]"

    @model_validator(mode="after")
    def _finds_its_example(self) -> Redaction:
        expression = compiled(self.pattern)
        if not expression.groups:
            raise MisfitError(
                "has no group, and what a group holds is what is replaced",
                "Put parentheses around the secret",
                "pattern",
            )
        found = expression.search(self.example)
        if found is None or not any(found.groups()):
            raise MisfitError(
                "is a line in which the pattern finds no secret",
                "Mend the pattern, or give a line that it is meant for",
                "example",
            )
        if not any(hint in found.group(0).lower() for hint in self.hints):
            raise MisfitError(
                "are in no part of the example that the pattern matches, so that it would never "
                "be searched",
                "Name texts of which every match holds one",
                "hints",
            )
        return self


class Drop(Sourced):
    """Lines that tell nothing, and are neither sent nor counted."""

    id: Identifier
    pattern: Regex


class Joining(Sourced):
    """How much of a record that spans lines is waited for: ``lines`` at most, or ``wait``."""

    lines: PositiveInt
    wait: Duration


class Counting(Sourced):
    """How long a series that an agent counts stays after the last line it counted."""

    idle: Duration


class Syslog(Sourced):
    """Which severities of RFC 5424 each level of ours stands for."""

    levels: Annotated[
        dict[LabelValue, Annotated[tuple[Severity, ...], Field(min_length=1)]], Field(min_length=1)
    ]

    @model_validator(mode="after")
    def _every_severity_has_one_level(self) -> Syslog:
        told = [severity for each in self.levels.values() for severity in each]
        for severity in SEVERITIES:
            if told.count(severity) != 1:
                times = "in no level" if severity not in told else "in two levels"
                raise MisfitError(
                    f"has the severity '{severity}' {times}", "Name each severity once", "levels"
                )
        return self


class Amounts(Model):
    """CPU and memory."""

    cpu: Quantity
    memory: Quantity


class DaemonSet(Sourced):
    """One agent on each node of the environment's cluster.

    ``log_format`` is how the container runtime wraps a line. Positions lie in ``state`` on the
    node, in a folder of the agent's own.
    """

    environment: Identifier
    namespace: Identifier
    log_format: Literal["cri", "docker"]
    priority_class: Line
    requests: Amounts
    limits: Amounts
    state: Folder


class Files(Sourced):
    """Where lines lie on a plain host: ``<root>/<service>/[<track>/]<pod>.log``."""

    environments: Annotated[tuple[Identifier, ...], Field(min_length=1), AfterValidator(distinct)]
    root: Folder
    state: Folder


class LogAgent(Model):
    """Everything about the agents that is no fact of a single service."""

    redactions: tuple[Redaction, ...]
    drops: tuple[Drop, ...] = ()
    joining: Joining
    counting: Counting
    syslog: Syslog | None = None
    images: dict[AgentName, Image] = {}
    kubernetes: DaemonSet | None = None
    files: Files | None = None

    @model_validator(mode="after")
    def _each_redaction_once(self) -> LogAgent:
        ids = [each.id for each in self.redactions]
        for index, identifier in enumerate(ids):
            if identifier in ids[:index]:
                raise MisfitError(
                    f"is '{identifier}' a second time",
                    "Choose another id",
                    "redactions",
                    index,
                    "id",
                )
        return self
