"""Addresses that dashboards, alerts and datasources point at each other with."""

from __future__ import annotations

from collections.abc import Mapping

#: How far back a link looks that cannot know better.
SINCE = "now-1h"


def dashboard_path(
    uid: str, variables: Mapping[str, str], since: str = SINCE, until: str = "now"
) -> str:
    """``/d/<uid>?var-service=…&from=…&to=…``: the dashboard with its variables filled in.

    Values are put in as they are: they are templates (``{{ $labels.service }}``,
    ``${__field.labels.service}``) that the server fills in, or names from the catalog that
    need no escaping.
    """
    filled = "".join(f"var-{name}={value}&" for name, value in variables.items())
    return f"/d/{uid}?{filled}from={since}&to={until}"
