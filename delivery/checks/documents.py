"""What the shipped files say, as far as a check asks: read once, then the files are closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from delivery.checks.read_runbooks import Runbook

Json = dict[str, Any]
Language = Literal["promql", "logql"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A dashboard variable: how it is filled, and with what if that is known.

    ``label`` and ``series`` are those of a ``label_values(series, label)`` query, ``values``
    those of a custom variable, or the one text that stands in a text box at first.
    """

    name: str
    kind: str
    values: tuple[str, ...] = ()
    label: str = ""
    series: str = ""
    many: bool = False


Variables = Mapping[str, Variable]


@dataclass(frozen=True, slots=True)
class Use:
    """A query where it is asked.

    ``text`` is what the server is sent but for its variables; ``legend`` the names of labels
    in the legend or template beside it; ``static`` labels that a rule adds to the answer;
    ``unit`` what the panel shows this query's numbers in, ``source`` the datasource's uid and
    type; ``panel`` is the place of the panel that asks, ``ref`` its name for the query and
    ``named`` the template of its series' names.
    """

    file: str
    where: str
    kind: Literal[
        "panel",
        "variable",
        "annotation",
        "alert",
        "recording",
        "trace-link",
        "correlation",
        "template",
        "library",
        "runbook",
    ]
    language: Language
    text: str
    variables: Variables = field(default_factory=dict)
    source: tuple[str, str] = ("", "")
    legend: tuple[str, ...] = ()
    unit: str = ""
    instant: bool = False
    static: tuple[tuple[str, str], ...] = ()
    record: str = ""
    panel: str = ""
    ref: str = ""
    named: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """An address that something points to: a dashboard, a panel, a runbook, a datasource.

    ``expected`` is the kind of datasource that is wanted, ``panel`` the place of the panel or
    rule whose answer fills a link.
    """

    file: str
    where: str
    kind: Literal["link", "runbook", "datasource"]
    target: str
    expected: str = ""
    variables: Variables = field(default_factory=dict)
    panel: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a dashboard, other than a query, in which Grafana fills variables.

    Only a ``data link`` knows the value that it is opened from.
    """

    file: str
    where: str
    kind: Literal["text", "link", "data link"]
    text: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mention:
    """A column or series that a transformation or an override of a panel names."""

    by: str
    name: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The sides of a panel that people see, and its number.

    ``refs`` are the names of its queries, in order and as often as they stand there, ``asks``
    whether each has something to ask; ``row`` is the place of the collapsed row that holds
    it. ``transforms`` are the ids of its transformations, ``renamed`` the columns they rename.
    """

    file: str
    where: str
    number: int | None
    kind: str
    title: str
    description: str
    unit: str
    grid: tuple[int, int, int, int] | None
    refs: tuple[str, ...] = ()
    asks: tuple[bool, ...] = ()
    row: str = ""
    transforms: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard: what can be pointed at."""

    file: str
    uid: str
    title: str
    description: str
    variables: Variables
    panels: tuple[Panel, ...]
    #: The range that is shown first.
    since: str = ""

    @property
    def where(self) -> str:
        """How a finding about the whole of it names it."""
        return "dashboard"

    @property
    def folder(self) -> str:
        """The folder that its file is in."""
        return self.file.rsplit("/", 1)[0]


@dataclass(frozen=True, slots=True)
class Folder:
    """A Grafana folder, as the provider of its dashboards names it."""

    file: str
    uid: str
    title: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in the order of its group."""

    file: str
    group: str
    name: str
    kind: Literal["alert", "recording"]
    language: Language
    expr: str
    hold: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def where(self) -> str:
        """How a finding names it."""
        return f"{self.kind} {self.name} in group {self.group}"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of rules, evaluated in order and together."""

    file: str
    name: str
    interval: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """What fires ``at`` so many seconds after a test began: the labels of each alert."""

    at: int
    firing: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Test:
    """A test of rules: its name begins with the alert that it is about."""

    file: str
    name: str
    alerts: tuple[str, ...]
    moments: tuple[Moment, ...]

    @property
    def where(self) -> str:
        """How a finding names it."""
        return f"test '{self.name}'"


@dataclass(frozen=True, slots=True)
class Datasource:
    """A provisioned datasource; ``text`` is the file's value, with its ``$`` unescaped."""

    file: str
    uid: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """A label that a setting of a datasource reads or writes, or the pattern that finds one.

    A ``stream`` label is one that Loki indexes, a ``series`` label one of a metric, a ``field``
    either a label or something in the line.
    """

    file: str
    where: str
    kind: Literal["field", "pattern", "series", "stream"]
    name: str


@dataclass(frozen=True, slots=True)
class Route:
    """Where Alertmanager sends what its matchers say; ``receiver`` is the route's own."""

    file: str
    where: str
    receiver: str


@dataclass(frozen=True, slots=True)
class Inhibition:
    """Which alerts silence which; matchers as they are written."""

    file: str
    where: str
    source: tuple[str, ...]
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody whom Alertmanager tells."""

    file: str
    where: str
    name: str


@dataclass(frozen=True, slots=True)
class Written:
    """A credential that stands in a file, and what it was taken for."""

    file: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Managed:
    """A rule that Grafana itself evaluates; ``alert`` is its label of that name."""

    file: str
    where: str
    alert: str
    service: str
    exprs: tuple[str, ...]


@dataclass(slots=True)
class Documents:
    """All that the shipped files say."""

    dashboards: list[Dashboard] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    datasources: list[Datasource] = field(default_factory=list)
    mapped: list[Mapped] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    #: The alerts that have a runbook; None where the runbooks are elsewhere.
    runbooks: frozenset[str] | None = None
    #: Their pages.
    pages: list[Runbook] = field(default_factory=list)
    #: Texts of provisioning files that Grafana expands: (file, way to the value, text).
    expanded: list[tuple[str, str, str]] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    inhibitions: list[Inhibition] = field(default_factory=list)
    receivers: list[Receiver] = field(default_factory=list)
    #: Texts of Alertmanager's configuration: (file, way to the value, text).
    configured: list[tuple[str, str, str]] = field(default_factory=list)
    #: Credentials in any file, but for Alertmanager's, where ``configured`` tells of them.
    secrets: list[Written] = field(default_factory=list)
    #: Rules in the folder that Grafana mounts.
    managed: list[Managed] = field(default_factory=list)

    @property
    def rules(self) -> Iterator[Rule]:
        """Every rule, in the order of its file and group."""
        for group in self.groups:
            yield from group.rules
