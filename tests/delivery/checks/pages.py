"""A runbook with nothing amiss, of the alert in tests/delivery/checks/trees.py."""

from __future__ import annotations

from pathlib import Path

from delivery.checks.check import Check
from delivery.checks.context import make_context
from delivery.checks.finding import Finding
from delivery.checks.read import read_tree
from tests.delivery.checks.trees import (
    DASHBOARD,
    RULES,
    alert,
    dashboard,
    group,
    minimal,
    panel,
    write,
)
from tests.delivery.checks.trees import rules as rule_file

PAGE = """\
# HighErrorRatio

## Meaning

Requests fail.

## Impact

Users see errors.

## First look

1. Its dashboard.

    - [Shop](http://localhost:3000/d/shop?from=now-1h&to=now)

2. Its targets, [in Explore](http://localhost:3000/explore?left=%7B%22queries%22%3A%5B%7B%22expr%22%3A%22up%22%7D%5D%7D).
3. What it says:
    [lines](http://localhost:3000/d/shop?viewPanel=1).

## Diagnosis

```promql
sum(rate(http_server_request_duration_seconds_count{service="SERVICE"}[5m]))
```

```sh
python build.py query run volume-trend --service SERVICE --since 1h
```

## Mitigation

Roll it back.

## Escalation

The team.

## Known false alarms

None.
"""
FILE = "docs/runbooks/HighErrorRatio.md"


def found(root: Path, text: str, *checks: Check) -> list[Finding]:
    """What checks find where that is the page."""
    folder = root / "runbooks"
    folder.mkdir()
    (folder / "HighErrorRatio.md").write_text(text, encoding="utf-8")
    files = {RULES: rule_file(group(alert())), DASHBOARD: dashboard(panel())}
    documents = read_tree(root, write(root, files), folder)
    context = make_context(minimal(), (), documents)
    return [finding for check in checks for finding in check.run(context)]


def line_of(text: str, words: str) -> str:
    """How a finding names the line with these words."""
    number = next(n for n, line in enumerate(text.splitlines(), start=1) if words in line)
    return f"line {number}"
