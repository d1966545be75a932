/**
 * The queries of a target, by datasource. @grafana/schema 13.2 has none of ours: Loki's went with
 * 13.1, when that datasource became a plugin of its own, Prometheus's lives in a package that
 * brings all of its editor along, Jaeger's was never in a schema. Hence these few keys by hand,
 * without those their own source calls deprecated.
 */
import type { DataQuery } from '@grafana/schema';
import type { Plain } from './plain';

/** A datasource is always a reference of type and uid: a bare name is the form before 8.3. */
export interface Source<Type extends string = string> {
  type: Type;
  uid: string;
}

type Base = Omit<Plain<DataQuery>, 'queryType' | 'datasource'>;

/** `Prometheus` and `PromQuery` of @grafana/prometheus 13.2. */
export interface Prometheus extends Base {
  datasource?: Source<'prometheus'>;
  expr: string;
  editorMode?: 'builder' | 'code';
  exemplar?: boolean;
  format?: 'time_series' | 'table' | 'heatmap';
  instant?: boolean;
  interval?: string;
  legendFormat?: string;
  range?: boolean;
}

/** `LokiDataQuery` of @grafana/schema 13.1; `direction` is what its datasource adds. */
export interface Loki extends Base {
  datasource?: Source<'loki'>;
  expr: string;
  direction?: 'backward' | 'forward' | 'scan';
  editorMode?: 'builder' | 'code';
  legendFormat?: string;
  maxLines?: number;
  queryType?: 'instant' | 'range' | 'stream';
  step?: string;
}

/** `JaegerQuery` of Grafana's datasource; without a queryType, `query` is a trace id. */
export interface Jaeger extends Base {
  datasource?: Source<'jaeger'>;
  queryType?: 'search' | 'upload' | 'dependencyGraph';
  query?: string;
  service?: string;
  operation?: string;
  tags?: string;
  minDuration?: string;
  maxDuration?: string;
  limit?: number;
}

/** What Alertmanager's datasource is asked: nothing, it has no query editor. */
export interface Alertmanager extends Base {
  datasource?: Source<'alertmanager'>;
}

/** Grafana's own datasource: the series it makes up. */
export interface Grafana extends Base {
  datasource?: Source<'grafana' | 'datasource'>;
  queryType?: 'randomWalk' | 'list' | 'snapshot';
}

/** The result of another panel, through the datasource `-- Dashboard --`. */
export interface SharedPanel extends Base {
  datasource?: Source<'datasource'>;
  panelId: number;
  topic?: 'series' | 'annotations';
  withTransforms?: boolean;
}

/** An expression over the other targets of its panel. */
export interface Expression extends Base {
  datasource?: Source<'__expr__'>;
  type: 'math' | 'reduce' | 'resample' | 'classic_conditions' | 'threshold' | 'sql';
  expression?: string;
  reducer?: string;
  settings?: { mode: 'dropNN' | 'replaceNN' | ''; replaceWithValue?: number };
  window?: string;
  downsampler?: string;
  upsampler?: string;
  conditions?: unknown[];
}

/** The query of a variable: `PromVariableQuery`, qryType 1 label values, 3 query result, ... */
export interface PrometheusValues {
  query: string;
  refId: string;
  qryType?: 0 | 1 | 2 | 3 | 4 | 5;
}

/** The query of a variable: `LokiVariableQuery`, type 0 label names, 1 the values of `label`. */
export interface LokiValues {
  type: 0 | 1;
  refId: string;
  label?: string;
  stream?: string;
}
