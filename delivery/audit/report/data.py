"""The report for programs: other commands read it, so that its shape is kept (version 1)."""

from __future__ import annotations

import json
from dataclasses import asdict

from delivery.audit.model import Audit


def data(audit: Audit) -> str:
    """One JSON document."""
    document = {
        "version": 1,
        "at": audit.at,
        "status": audit.status,
        "summary": {"results": audit.counts(), "links": audit.link_counts()},
        "unreachable": list(audit.unreachable),
        "results": [asdict(each) for each in audit.results],
        "links": [asdict(each) for each in audit.links],
        "costs": [asdict(each) for each in audit.costs],
        "timings": [{**asdict(each), "verdict": each.verdict} for each in audit.timings],
    }
    return json.dumps(document, indent=1, ensure_ascii=False)
