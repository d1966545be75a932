"""Faults of a runbook: pages are text beside what ships, and no file of it that is edited."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A kind of fault: how a page gets it, and which check tells of it, at the line it is on."""

    id: str
    pattern: str
    change: Callable[[re.Match[str]], str]

    def pages(self, text: str) -> Iterator[tuple[str, int]]:
        """The page with the fault at each place that can have it, and the line."""
        for found in re.finditer(self.pattern, text, re.MULTILINE):
            changed = text[: found.start()] + self.change(found) + text[found.end() :]
            yield changed, text.count("\n", 0, found.start()) + 1


FAULTS = {
    "section renamed": Fault("runbook/sections", r"^## (?=\w)", lambda _: "## No "),
    "name": Fault("runbook/sections", r"\A# \w+$", lambda found: f"{found[0]}s"),
    "point without number": Fault("runbook/sections", r"^[123]\. (?=\S)", lambda _: ""),
    "question": Fault("runbook/unfinished", r"^## Impact\n\n", lambda found: f"{found[0]}TODO: "),
    "uid": Fault("link/dead", r"(?<=/d/)[\w-]+", lambda found: f"{found[0]}-x"),
    "panel": Fault("link/dead", r"(?<=viewPanel=)\d+", lambda _: "12345"),
    "variable": Fault("link/dead", r"(?<=[?&]var-)\w+", lambda found: f"{found[0]}_x"),
    "server": Fault("datasource/unknown", r"(?<=/proxy/uid/)[\w-]+", lambda _: "elsewhere"),
    "query": Fault("runbook/query", r"(?<=query run )[\w-]+", lambda found: f"{found[0]}-x"),
    "parameter": Fault("runbook/query", r"query run .*--param \w+", lambda found: f"{found[0]}x"),
    "environment": Fault(
        "runbook/query", r"query run .*--environment \w+", lambda found: f"{found[0]}x"
    ),
    "service": Fault("runbook/query", r"(?<=--service )\w+", lambda _: "nobody"),
}
