"""The address at which Grafana's Explore shows a query."""

from __future__ import annotations

import json
from urllib.parse import quote

from catalog import names
from delivery.library.wish import Question


def link(grafana: str, prefix: str, question: Question) -> str:
    """With the query filled in; it is asked when the page is opened.

    ``left`` is the form of Grafana 9 and 10, which later ones still read; those write ``panes``.
    """
    uid = names.datasource_uid(prefix, "loki")
    rows = question.query.answer == "rows" and question.step is None
    asked = {
        "refId": "A",
        "datasource": {"type": "loki", "uid": uid},
        "expr": str(question.made.text),
        "queryType": "instant" if rows else "range",
        "editorMode": "code",
    }
    state = {
        "datasource": uid,
        "queries": [asked],
        "range": {"from": f"now-{question.since}s", "to": "now"},
    }
    left = json.dumps(state, separators=(",", ":"), ensure_ascii=False)
    return f"{grafana.rstrip('/')}/explore?left={quote(left, safe='')}"
