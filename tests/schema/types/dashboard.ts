/**
 * The dashboard around its panels: variables, annotations, links, time. Where Grafana reads a key
 * that the schema's generated types leave out, the key stands here with who reads it.
 */
import type {
  AnnotationQuery,
  AnnotationTarget,
  Dashboard as Schema,
  DashboardLink,
  VariableModel,
} from '@grafana/schema';
import type { Plain, Replace } from './plain';
import type { LokiValues, PrometheusValues, Source } from './queries';

type Reference<Type extends string = string> = { datasource: Source<Type> };

/** An annotation query; the schema gives `target` the shape of Grafana's own datasource only. */
type Annotation<Type extends string, Query, Extra = {}> = Replace<
  Plain<AnnotationQuery>,
  Reference<Type> & { target?: Query } & Extra
>;

/** Read by Prometheus's and Loki's datasources beside the schema's keys. */
interface Formats {
  /** Grafana 9 and 10 read the query here, later ones in `target`. */
  expr?: string;
  /** Comma-separated labels that become the event's tags. */
  tagKeys?: string;
  textFormat?: string;
  titleFormat?: string;
}

export type PrometheusAnnotation<Query> = Annotation<
  'prometheus',
  Query,
  Formats & { step?: string; useValueForTime?: boolean }
>;
export type LokiAnnotation<Query> = Annotation<
  'loki',
  Query,
  Formats & { instant?: boolean; maxLines?: number; queryType?: 'range' | 'instant' }
>;
export type GrafanaAnnotation = Annotation<
  'grafana' | 'datasource',
  Plain<AnnotationTarget> & { refId?: string }
>;

type Variable<Type extends string, Keys extends keyof VariableModel, Extra = {}> = Replace<
  Plain<Pick<VariableModel, Common | Keys>>,
  { type: Type } & Extra
>;
type Common = 'name' | 'type' | 'label' | 'description' | 'hide' | 'skipUrlSync';
type Choice = 'allowCustomValue' | 'current' | 'options' | 'includeAll' | 'multi' | 'allValue';
type Listed = 'query' | 'refresh' | 'regex' | 'regexApplyTo' | 'sort' | 'staticOptions' |
  'staticOptionsOrder';

/** `definition` is what the list of variables shows of a query. */
type Query<Type extends string, Values> = Variable<
  'query',
  Choice | Listed,
  Reference<Type> & { query: string | Values; definition?: string }
>;
export type PrometheusVariable = Query<'prometheus', PrometheusValues>;
export type LokiVariable = Query<'loki', LokiValues>;
export type CustomVariable = Variable<'custom', Choice | 'query' | 'sort' | 'valuesFormat'>;
export type TextboxVariable = Variable<'textbox', 'current' | 'options' | 'query'>;
export type ConstantVariable = Variable<'constant', 'current' | 'options' | 'query'>;
export type DatasourceVariable = Variable<
  'datasource',
  Choice | 'query' | 'refresh' | 'regex',
  { query: string }
>;
/** `auto` and its two figures are read by the variable itself. */
export type IntervalVariable = Variable<
  'interval',
  'current' | 'options' | 'query' | 'refresh',
  { query: string; auto?: boolean; auto_count?: number; auto_min?: string }
>;
/** The filters are the variable's value, and no schema type holds them. */
export type AdhocVariable = Variable<
  'adhoc',
  'allowCustomValue' | 'enableGroupBy',
  Reference & { filters?: Filter[]; baseFilters?: Filter[] }
>;
interface Filter {
  key: string;
  operator: '=' | '!=' | '<' | '>' | '=~' | '!~' | '=|' | '!=|';
  value: string;
  values?: string[];
  condition?: string;
}

/** Panels, variables and annotations are checked one by one, and only referred to here. */
export type Dashboard = Replace<
  Plain<Omit<Schema, 'panels' | 'templating' | 'annotations' | 'links'>>,
  {
    uid: string;
    title: string;
    panels: Plain<NonNullable<Schema['panels']>>;
    templating: { list: object[] };
    annotations: { list: object[] };
    links?: Plain<DashboardLink>[];
  }
>;
