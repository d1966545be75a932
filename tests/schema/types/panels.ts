/** A panel, by its type: the schema's panel with the options and the field settings of its kind. */
import type { FieldConfig, Panel as Schema, RowPanel } from '@grafana/schema';
import type * as AnnotationsList from '@grafana/schema/dist/esm/raw/composable/annotationslist/panelcfg/x/AnnotationsListPanelCfg_types.gen';
import type * as BarChart from '@grafana/schema/dist/esm/raw/composable/barchart/panelcfg/x/BarChartPanelCfg_types.gen';
import type * as BarGauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as DashboardList from '@grafana/schema/dist/esm/raw/composable/dashboardlist/panelcfg/x/DashboardListPanelCfg_types.gen';
import type * as Gauge from '@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen';
import type * as Heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as Histogram from '@grafana/schema/dist/esm/raw/composable/histogram/panelcfg/x/HistogramPanelCfg_types.gen';
import type * as Logs from '@grafana/schema/dist/esm/raw/composable/logs/panelcfg/x/LogsPanelCfg_types.gen';
import type * as NodeGraph from '@grafana/schema/dist/esm/raw/composable/nodegraph/panelcfg/x/NodeGraphPanelCfg_types.gen';
import type * as PieChart from '@grafana/schema/dist/esm/raw/composable/piechart/panelcfg/x/PieChartPanelCfg_types.gen';
import type * as Stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as StateTimeline from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as StatusHistory from '@grafana/schema/dist/esm/raw/composable/statushistory/panelcfg/x/StatusHistoryPanelCfg_types.gen';
import type * as Table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as Text from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';
import type * as TimeSeries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type * as Trend from '@grafana/schema/dist/esm/raw/composable/trend/panelcfg/x/TrendPanelCfg_types.gen';
import type * as XYChart from '@grafana/schema/dist/esm/raw/composable/xychart/panelcfg/x/XYChartPanelCfg_types.gen';
import type { Plain, Property, Replace } from './plain';
import type { Source } from './queries';

/** `DataLink` of @grafana/data, which the schema leaves unknown. */
interface DataLink {
  title: string;
  url: string;
  targetBlank?: boolean;
  oneClick?: boolean;
  internal?: { datasourceUid: string; datasourceName: string; query: unknown };
}

/** `FieldMatcherID` of @grafana/data with the options each takes; the schema has any string. */
type Matcher =
  | { id: 'byName' | 'byRegexp' | 'byType' | 'byFrameRefID'; options: string }
  | { id: 'byNames'; options: { mode?: 'include' | 'exclude'; names: string[]; prefix?: string;
      readOnly?: boolean } }
  | { id: 'byTypes'; options: string[] }
  | { id: 'byValue'; options: { reducer: string; op: string; value: number } }
  | { id: 'numeric' | 'time' | 'first' | 'firstTimeField'; options?: {} };

/** `DataTransformerID` of @grafana/data, without the deprecated; the schema has any string. */
type Transformer =
  | 'append' | 'calculateField' | 'concatenate' | 'configFromData' | 'convertFieldType'
  | 'convertFrameType' | 'extractFields' | 'fieldLookup' | 'filterByRefId' | 'filterByValue'
  | 'filterFields' | 'filterFieldsByName' | 'filterFrames' | 'formatString' | 'formatTime'
  | 'groupBy' | 'groupToNestedTable' | 'groupingToMatrix' | 'heatmap' | 'histogram'
  | 'joinByField' | 'joinByLabels' | 'labelsToFields' | 'limit' | 'merge' | 'order' | 'organize'
  | 'partitionByValues' | 'prepareTimeSeries' | 'reduce' | 'regression' | 'rename'
  | 'renameByRegex' | 'rowsToFields' | 'seriesToRows' | 'smoothing' | 'sortBy' | 'spatial'
  | 'timeSeriesTable' | 'transpose';

type Field<Custom> = Replace<
  Plain<Omit<FieldConfig, 'custom'>>,
  { custom?: Plain<Custom>; links?: DataLink[] }
>;

type Transformation = Replace<
  Plain<NonNullable<Schema['transformations']>[number]>,
  { id: Transformer; options: Record<string, unknown> }
>;

type Panel<Type extends string, Targets, Options, Custom> = Replace<
  Plain<Schema>,
  {
    type: Type;
    options: Plain<Options>;
    fieldConfig?: {
      defaults: Field<Custom>;
      overrides: {
        matcher: Matcher;
        properties: Property<Omit<Field<Custom>, 'custom'>, Plain<Custom>>[];
      }[];
    };
    datasource?: Source;
    targets?: Plain<Targets>;
    transformations?: Transformation[];
  }
>;

/** No settings of its own: an empty object at most. */
type None = Record<string, never>;

export type AnnotationsListPanel<T> = Panel<'annolist', T, AnnotationsList.Options, None>;
export type BarChartPanel<T> = Panel<'barchart', T, BarChart.Options, BarChart.FieldConfig>;
export type BarGaugePanel<T> = Panel<'bargauge', T, BarGauge.Options, None>;
export type DashboardListPanel<T> = Panel<'dashlist', T, DashboardList.Options, None>;
export type GaugePanel<T> = Panel<'gauge', T, Gauge.Options, None>;
export type HeatmapPanel<T> = Panel<'heatmap', T, Heatmap.Options, Heatmap.FieldConfig>;
export type HistogramPanel<T> = Panel<'histogram', T, Histogram.Options, Histogram.FieldConfig>;
export type LogsPanel<T> = Panel<'logs', T, Logs.Options, None>;
export type NodeGraphPanel<T> = Panel<'nodeGraph', T, NodeGraph.Options, None>;
export type PieChartPanel<T> = Panel<'piechart', T, PieChart.Options, PieChart.FieldConfig>;
export type StatPanel<T> = Panel<'stat', T, Stat.Options, None>;
export type StateTimelinePanel<T> = Panel<
  'state-timeline', T, StateTimeline.Options, StateTimeline.FieldConfig
>;
export type StatusHistoryPanel<T> = Panel<
  'status-history', T, StatusHistory.Options, StatusHistory.FieldConfig
>;
export type TablePanel<T> = Panel<'table', T, Table.Options, Table.FieldConfig>;
export type TextPanel<T> = Panel<'text', T, Text.Options, None>;
export type TimeSeriesPanel<T> = Panel<
  'timeseries', T, TimeSeries.Options, TimeSeries.FieldConfig
>;
export type TrendPanel<T> = Panel<'trend', T, Trend.Options, Trend.FieldConfig>;
export type XYChartPanel<T> = Panel<'xychart', T, XYChart.Options, XYChart.FieldConfig>;

/**
 * `UnifiedAlertListOptions` of the panel's own source, with the keys that came after Grafana 9.4
 * optional; `folder` is known by id up to 9 and by uid since.
 */
interface AlertListOptions {
  alertInstanceLabelFilter: string;
  alertName: string;
  dashboardAlerts: boolean;
  datasource?: string;
  folder?: { id?: number; uid?: string; title: string };
  groupBy: string[];
  groupMode: 'default' | 'custom';
  maxItems: number;
  showInactiveAlerts?: boolean;
  showInstances?: boolean;
  /** 1 and 2 by name, 3 by importance, 4 and 5 by time. */
  sortOrder: 1 | 2 | 3 | 4 | 5;
  stateFilter: {
    error: boolean;
    firing: boolean;
    noData: boolean;
    normal: boolean;
    pending: boolean;
    recovering?: boolean;
  };
  viewMode: 'list' | 'stat';
}
export type AlertListPanel<T> = Panel<'alertlist', T, AlertListOptions, None>;

/** The trace view keeps no setting that a file could give: its options are for callers in code. */
export type TracesPanel<T> = Panel<'traces', T, None, None>;

export type Row = Replace<Plain<RowPanel>, { datasource?: Source }>;
