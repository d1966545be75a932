"""What both of Grafana's dashboard APIs have in common: what is wanted, and the mark it carries."""

from __future__ import annotations

from collections.abc import Sequence

from delivery.publish.model import Found, Json, Wanted, digest
from delivery.publish.shipped import Shipped, unescaped
from delivery.publish.transport import Transport

#: What Grafana sets itself, or counts.
_SERVERS_OWN = ("id", "version", "uid")


class ShippedDashboards:
    """The dashboards under generated/grafana/dashboards."""

    name = "dashboard"
    removes = True

    def __init__(self, server: Transport, shipped: Shipped, prefix: str) -> None:
        self.server, self._shipped, self.prefix = server, shipped, prefix
        self._uids = {entry.uid for entry in shipped.of_kind("dashboard")}

    def wanted(self) -> Sequence[Wanted]:
        """One for each file, in the folder of its provider."""
        parents = self._folders()
        made = []
        for entry in self._shipped.of_kind("dashboard"):
            body = self._shipped.load(entry.path)
            made.append(
                Wanted(
                    kind=self.name,
                    key=body["uid"],
                    title=body["title"],
                    content=normal(body),
                    body=body,
                    file=entry.path,
                    parent=parents[entry.path.rsplit("/", 2)[-2]],
                )
            )
        return made

    def _folders(self) -> dict[str, str]:
        """The uid of the folder that each directory's dashboards go into."""
        return {
            provider["options"]["path"].rsplit("/", 1)[-1]: provider["folderUid"]
            for entry in self._shipped.of_kind("dashboard-provider")
            for provider in unescaped(self._shipped.load(entry.path))["providers"]
        }

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """Grafana up to 11.2 takes no second dashboard of a title in a folder."""
        return (wanted.parent, wanted.title) == (found.parent, found.title)

    def is_ours(self, uid: str, tags: Sequence[str]) -> bool:
        """Whether a dashboard carries our mark: tag and prefix together.

        One that was imported keeps the uid it had: of it, tag and our file.
        """
        return self.prefix in tags and (uid.startswith(f"{self.prefix}-") or uid in self._uids)

    def as_kept(self, document: Json, body: Json) -> Wanted:
        """A dashboard of a backup, whichever of the two APIs it came from."""
        return Wanted(
            self.name,
            document["key"],
            document["title"],
            normal(body),
            {**body, "uid": document["key"]},
            "",
            parent=document["parent"],
        )

    @property
    def mark(self) -> str:
        """What the message of each of our saves begins with."""
        return f"Published by {self.prefix}: "

    def message(self, wanted: Wanted) -> str:
        """The message of a save: our mark, and the digest of what was saved."""
        return f"{self.mark}{digest(wanted.content)}"


def normal(body: Json) -> Json:
    """A dashboard as it is compared: without what the server says of it."""
    return {key: value for key, value in body.items() if key not in _SERVERS_OWN}
