"""One pull: find what was edited, and write a page, a document and a patch for each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from delivery.checks.formats import flat
from delivery.console import say, summarize, tracked
from delivery.places import display
from delivery.publish.pull.compare import compare
from delivery.publish.pull.edited import DashboardKind, Edited, edited
from delivery.publish.pull.page import page
from delivery.publish.pull.proposal import Proposer, patch
from delivery.publish.pull.sites import Made, made
from delivery.publish.session import Server

#: Grafana's own rule for a uid: no file's name is taken from a server that does not keep to it.
_UID = re.compile(r"[a-zA-Z0-9_-]{1,40}")


def pull(server: Server, catalog: Catalog, uids: Sequence[str], out: Path) -> int:
    """Write what was edited; 1 if anything was, as ``drift`` does."""
    (kind,) = (each for each in server.kinds if isinstance(each, DashboardKind))
    everything = made(catalog)
    count = 0
    for each in tracked(edited(kind, uids), "Reading dashboards"):
        count += each.edit is not None
        say(_written(each, everything, out))
    summarize(f"{count} edited" if count else "nothing was edited since the last publish")
    return 1 if count else 0


def _written(each: Edited, everything: Mapping[str, Made], out: Path) -> list[str]:
    uid = each.wanted.key
    if not _UID.fullmatch(uid):
        raise UsageError(Problem(uid, "is no uid of a dashboard", "Correct generated/"))
    comparison = compare(each.published, each.found.content)
    own = everything.get(uid)
    changed = tuple(Proposer(own, everything).changes(comparison, each.found.content))
    exact = patch(changed)
    files = {
        f"{uid}.md": page(each, own, changed, comparison.orders, exact),
        f"{uid}.json": json.dumps(each.found.content | {"uid": uid}, indent=2, ensure_ascii=False)
        + "\n",
    }
    if exact:
        files[f"{uid}.patch"] = exact
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
    who = str(each.edit) if each.edit else "not edited since the last publish"
    return [flat(f"{display(out / uid)}.md: {who}")]
