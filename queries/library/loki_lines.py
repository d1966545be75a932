"""What Loki writes about each query that it answered, as it is read here and checked.

One logfmt line (pkg/logql/metrics.go), seen on 2.9.4 and 3.7.6. No service of the catalog: the
agents' fallback collects the lines of Loki's pods, under the name of their label ``app``.
"""

from __future__ import annotations

from typing import Final

from catalog import names

#: ``service`` of these lines.
SERVICE: Final = "loki"
#: What tells them from Loki's other lines.
MARK: Final = "metrics.go"
FORMAT: Final = "logfmt"
#: Labels that the fallback sets whatever pod a line is from.
LABELS: Final = (*names.SCOPE, names.NAMESPACE, names.POD, names.SERVICE, names.LEVEL)
#: Of its fields those that say which query it was ...
QUERY: Final = "query"
SHOWN: Final = (QUERY, "query_type", "range_type")
#: ... and how long it took, written with its unit: ``12.5ms``.
DURATION: Final = "duration"
FIELDS: Final = (*SHOWN, DURATION)
