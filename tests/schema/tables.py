"""Which type of types/*.ts a part of a dashboard is checked against.

Whatever is in no table is a problem, never skipped.
"""

from collections.abc import Mapping
from typing import Final

PANELS: Final[Mapping[str, str]] = {
    "alertlist": "AlertListPanel",
    "annolist": "AnnotationsListPanel",
    "barchart": "BarChartPanel",
    "bargauge": "BarGaugePanel",
    "dashlist": "DashboardListPanel",
    "gauge": "GaugePanel",
    "heatmap": "HeatmapPanel",
    "histogram": "HistogramPanel",
    "logs": "LogsPanel",
    "nodeGraph": "NodeGraphPanel",
    "piechart": "PieChartPanel",
    "stat": "StatPanel",
    "state-timeline": "StateTimelinePanel",
    "status-history": "StatusHistoryPanel",
    "table": "TablePanel",
    "text": "TextPanel",
    "timeseries": "TimeSeriesPanel",
    "traces": "TracesPanel",
    "trend": "TrendPanel",
    "xychart": "XYChartPanel",
}
"""Panel type to its type in types/panels.ts."""

WITHOUT_PANELCFG: Final[Mapping[str, str]] = {
    "alertlist": "its options were never put into the schema; written by hand after its source",
    "traces": "it has no options that a file could give; an empty object is all it takes",
}
"""Panel types whose options the schema does not know, and why that is allowed."""

QUERIES: Final[Mapping[str, str]] = {
    "__expr__": "Expression",
    "alertmanager": "Alertmanager",
    "datasource": "SharedPanel",
    "grafana": "Grafana",
    "jaeger": "Jaeger",
    "loki": "Loki",
    "prometheus": "Prometheus",
}
"""Datasource type to the type of a target, in types/queries.ts."""

VARIABLES: Final[Mapping[str, str]] = {
    "adhoc": "AdhocVariable",
    "constant": "ConstantVariable",
    "custom": "CustomVariable",
    "datasource": "DatasourceVariable",
    "interval": "IntervalVariable",
    "query/loki": "LokiVariable",
    "query/prometheus": "PrometheusVariable",
    "textbox": "TextboxVariable",
}
"""Variable type, for a query with its datasource's type, to its type in types/dashboard.ts."""

ANNOTATIONS: Final[Mapping[str, str]] = {
    "datasource": "GrafanaAnnotation",
    "grafana": "GrafanaAnnotation",
    "loki": "LokiAnnotation<T.Loki>",
    "prometheus": "PrometheusAnnotation<T.Prometheus>",
}
"""Datasource type of an annotation query to its type in types/dashboard.ts."""
