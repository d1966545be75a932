"""What the kinds of Grafana's own alerting have in common.

They are published only if Grafana is to alert (``--alerts grafana``). Otherwise nothing of them
is wanted, and what is there of ours is left over. Grafana keeps receivers, routes, templates and
timings in one document, which two writers at once would spoil for each other, and Grafana 9.4 on
SQLite loses rules that are written side by side ("database is locked"): writes wait in line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from delivery.publish.kinds.kind import accept
from delivery.publish.model import Json
from delivery.publish.shipped import Shipped
from delivery.publish.transport import (
    Answer,
    ForbiddenError,
    Method,
    Transport,
    path,
)

ROOT = ("api", "v1", "provisioning")
FILES = "grafana/alerting-managed/"
#: Without it Grafana lets nobody edit in the UI what came over this API.
_EDITABLE = {"X-Disable-Provenance": "true"}
_BROKEN = 500


@dataclass(frozen=True, slots=True)
class Alerting:
    """Grafana's alerting as it is spoken to; ``chosen`` if it is to alert."""

    server: Transport
    shipped: Shipped
    prefix: str
    chosen: bool
    #: Each file, read once for all of these kinds: hundreds of rules take YAML seconds.
    _documents: dict[str, Json] = field(default_factory=dict, repr=False)
    _line: Lock = field(default_factory=Lock, repr=False)

    def entries(self, section: str) -> Iterator[tuple[str, Json]]:
        """Every item of that name in the files, each with its file."""
        if not self._documents:
            self._documents.update(
                (entry.path, self.shipped.load(entry.path))
                for entry in self.shipped.of_kind("grafana-alerting", FILES)
            )
        for file, document in self._documents.items():
            yield from ((file, item) for item in document.get(section, ()))

    def listed(self, *segments: str) -> list[Json]:
        """All there are; none where Grafana does not alert at all."""
        answer = self._read(*segments)
        # Where there is no template, some releases answer with nothing.
        return answer.array() if answer is not None and answer.body is not None else []

    def one(self, *segments: str) -> Json | None:
        """The object, if it is there."""
        answer = self._read(*segments)
        return answer.mapping() if answer is not None else None

    def _read(self, *segments: str) -> Answer | None:
        """None for what is not there, or none of our business.

        :raises ForbiddenError: we may not look, and have to.
        """
        try:
            answer = self.server.read(path(*ROOT, *segments))
        except ForbiddenError:
            if self.chosen:
                raise
            return None
        # 9.4 says so of a rule that is not there.
        unknown = answer.status == _BROKEN and "could not find" in answer.message
        return None if answer.missing() or unknown else answer

    def write(self, method: Method, *segments: str, body: Any = None, held: Json | None) -> Answer:
        """One write over what is ``held`` there; what the API marked as its own goes on being so.

        Grafana says 500 as well when somebody else has just written another part of the common
        document: whoever wrote looks again, as the transport tells.
        """
        headers = {} if (held or {}).get("provenance") == "api" else _EDITABLE
        with self._line:
            return self.server.write(method, path(*ROOT, *segments), body, headers=headers)


def done(answer: Answer) -> None:
    """Lets an answer of this API pass; 202, which it often gives, says that one has to look."""
    accept(answer, 200, 201, 204)


def gone(answer: Answer) -> None:
    """The same of a removal, which somebody may have made before."""
    accept(answer, 200, 204, 404)


def fixed(body: Json) -> str:
    """Why it cannot be changed over the API; empty if it can."""
    return "it is provisioned from a file" if body.get("provenance") == "file" else ""
