"""What a picture is of, and what was found in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]

#: What is wrong with a panel, and whether that alone fails the command. A fault is one whoever is
#: paged would run into; a remark is one that whoever draws the dashboard has to weigh.
Kind = Literal[
    "error", "empty", "loading", "missing", "failed",  # faults
    "title", "clipped", "legend", "page",  # remarks
]  # fmt: skip
FAULTS: frozenset[Kind] = frozenset({"error", "empty", "loading", "missing", "failed"})


@dataclass(frozen=True, slots=True)
class Box:
    """Where a panel is in the picture, in its pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel as the browser has drawn it."""

    id: int
    box: Box
    #: All of its text, as a person reads it.
    text: str
    #: Rows of a table, with its head.
    rows: int
    #: What Grafana says at the panel's corner, or nothing.
    error: str
    loading: bool
    #: Whether the title ends in an ellipsis.
    cut: bool
    legends: tuple[str, ...]
    #: Text that ends in an ellipsis or leaves the panel.
    clipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong. ``excuse`` is the audit's reason why it may be so, or nothing."""

    kind: Kind
    panel: int | None
    title: str
    text: str
    excuse: str = ""

    @property
    def fault(self) -> bool:
        """Whether it fails the command."""
        return self.kind in FAULTS and not self.excuse


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel in a picture; the digest is of its JSON, so that a change of it is known."""

    id: int
    title: str
    type: str
    digest: str
    box: Box | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a picture is to be of: a dashboard, and the service that it shows, if it was chosen.

    ``folder`` is the folder of the file under generated/, ``generated`` that file's digest.
    """

    uid: str
    folder: str
    generated: str
    service: str = ""

    @property
    def name(self) -> str:
        """The picture's file below the album, without its ending."""
        return f"{self.folder}/{self.uid}" + (f"-{self.service}" if self.service else "")


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that was taken, or what kept it from being."""

    subject: Subject
    title: str
    #: Below the album; nothing if there is no picture.
    file: str
    sha256: str
    size: int
    width: int
    height: int
    panels: tuple[Panel, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What fails the command."""
        return tuple(each for each in self.findings if each.fault)


def panels_of(dashboard: Json) -> Iterator[Json]:
    """Every panel of a dashboard's JSON, those in collapsed rows as well; rows apart."""
    for panel in dashboard.get("panels", ()):
        if panel.get("type") != "row":
            yield panel
        yield from panel.get("panels") or ()


def digest(panel: Json) -> str:
    """The sha256 of a panel's JSON, whatever the order of its keys."""
    text = json.dumps(panel, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def variable(dashboard: Json, name: str) -> Mapping[str, Any] | None:
    """The dashboard's variable of that name."""
    listed = (dashboard.get("templating") or {}).get("list") or ()
    return next((each for each in listed if each.get("name") == name), None)


def default_of(found: Mapping[str, Any]) -> str:
    """The value that a variable has when the dashboard is opened."""
    value = (found.get("current") or {}).get("value", "")
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value or str(found.get("query") or "").partition(",")[0].strip())


def values_of(found: Mapping[str, Any]) -> frozenset[str]:
    """The values that one can choose for a variable whose values its file lists."""
    options = (str(each.get("value", "")) for each in found.get("options") or ())
    listed = (each.strip() for each in str(found.get("query") or "").split(","))
    return frozenset(each for each in (*options, *listed) if each)
