import { lighthouseAudits, lighthouseCategories } from './lighthouse-ids.ts';

/**
 * The one table of metrics. Collectors fill these ids, budgets name them, the report and the README list them.
 * A new metric is one row here and one line in the collector that reads it.
 */

export type Unit = 'ms' | 'bytes' | 'count' | 'score';

export const stepKinds = ['navigation', 'soft-navigation', 'interaction', 'script'] as const;
/** What a step turned out to be: a new document, a new route in the same document, user input, or neither. */
export type StepKind = (typeof stepKinds)[number];

/**
 * How the value of a whole flow follows from its steps; `none` where a flow has no such value, `own` where the flow
 * alone has one.
 */
export type FlowRule = 'sum' | 'max' | 'min' | 'last' | 'own' | 'none';

/** What samples say, but for `diagnosis`, one value from the pass after all samples, and `memory`, one of `detectLeaks`. */
export type MetricGroup = 'vitals' | 'responsiveness' | 'cpu' | 'page' | 'network' | 'timing' | 'diagnosis' | 'memory';

export interface MetricDefinition {
  /** The name used in budgets; ends in `.*` for a family: of members known only from the page, or too many for rows. */
  readonly id: string;
  readonly label: string;
  readonly unit: Unit;
  readonly group: MetricGroup;
  readonly direction: 'lower' | 'higher';
  readonly flow: FlowRule;
  /** Step kinds in which the metric can exist at all; elsewhere it is "not measured", with that reason. */
  readonly kinds: readonly StepKind[];
  /** `wall` times suffer from a busy machine most, `cpu` times less; `counted` values are often exact. */
  readonly nature: 'wall' | 'cpu' | 'counted';
  /** The definition, in one sentence. */
  readonly description: string;
  /** Where the number comes from. */
  readonly source: string;
}

const everywhere = stepKinds;
const navigations: readonly StepKind[] = ['navigation'];
const paints: readonly StepKind[] = ['navigation', 'soft-navigation'];

const vitals: readonly MetricDefinition[] = [
  {
    id: 'LCP',
    label: 'Largest Contentful Paint',
    unit: 'ms',
    group: 'vitals',
    direction: 'lower',
    flow: 'none',
    kinds: paints,
    nature: 'wall',
    description: 'From the start of the navigation to the paint of the largest image or text block.',
    source: 'web-vitals',
  },
  {
    id: 'FCP',
    label: 'First Contentful Paint',
    unit: 'ms',
    group: 'vitals',
    direction: 'lower',
    flow: 'none',
    kinds: paints,
    nature: 'wall',
    description: 'From the start of the navigation to the first paint of text or an image.',
    source: 'web-vitals',
  },
  {
    id: 'TTFB',
    label: 'Time to First Byte',
    unit: 'ms',
    group: 'vitals',
    direction: 'lower',
    flow: 'none',
    kinds: navigations,
    nature: 'wall',
    description: 'From the start of the navigation to the first byte of the document, redirects included.',
    source: 'web-vitals',
  },
  {
    id: 'CLS',
    label: 'Cumulative Layout Shift',
    unit: 'score',
    group: 'vitals',
    direction: 'lower',
    flow: 'max',
    kinds: everywhere,
    nature: 'counted',
    description:
      'The largest session window of unexpected layout shifts in the step: gaps under 1 s, 5 s at most. 0 where nothing moved.',
    source: 'layout-shift entries',
  },
  {
    id: 'INP',
    label: 'Interaction to Next Paint',
    unit: 'ms',
    group: 'vitals',
    direction: 'lower',
    flow: 'max',
    kinds: everywhere,
    nature: 'wall',
    description:
      'The slowest click, tap or key press of the step, from input to the next paint, in steps of 8 ms. An interaction too fast to be reported counts as 8 ms.',
    source: 'event timing entries',
  },
];

const responsiveness: readonly MetricDefinition[] = [
  {
    id: 'TBT',
    label: 'Total Blocking Time',
    unit: 'ms',
    group: 'responsiveness',
    direction: 'lower',
    flow: 'sum',
    kinds: everywhere,
    nature: 'wall',
    description: 'Sum of what long tasks take beyond 50 ms each; in a navigation from First Contentful Paint on.',
    source: 'longtask entries',
  },
  {
    id: 'longtasks.count',
    label: 'Long tasks',
    unit: 'count',
    group: 'responsiveness',
    direction: 'lower',
    flow: 'sum',
    kinds: everywhere,
    nature: 'wall',
    description: 'Number of main-thread tasks over 50 ms.',
    source: 'longtask entries',
  },
  {
    id: 'longtasks.longest',
    label: 'Longest task',
    unit: 'ms',
    group: 'responsiveness',
    direction: 'lower',
    flow: 'max',
    kinds: everywhere,
    nature: 'wall',
    description: 'Length of the longest main-thread task over 50 ms; 0 where there was none.',
    source: 'longtask entries',
  },
  {
    id: 'duration',
    label: 'Step duration',
    unit: 'ms',
    group: 'responsiveness',
    direction: 'lower',
    flow: 'sum',
    kinds: everywhere,
    nature: 'wall',
    description:
      'From the start of the step to the last thing that happened in it (load, response, long task, paint); waiting for quiet is not counted.',
    source: 'the step and its settling',
  },
];

function cpu(id: string, label: string, description: string, source: string): MetricDefinition {
  return {
    id,
    label,
    unit: 'ms',
    group: 'cpu',
    direction: 'lower',
    flow: 'sum',
    kinds: everywhere,
    nature: 'cpu',
    description,
    source,
  };
}

const processor: readonly MetricDefinition[] = [
  cpu(
    'cpu.main',
    'Main-thread CPU',
    "CPU time of the page's main thread during the step; time spent waiting for a core is not in it.",
    'Performance.getMetrics ThreadTime',
  ),
  cpu(
    'cpu.script',
    'Script CPU',
    'CPU time of the main thread in JavaScript that Chrome starts (scripts, events, timers); what runs after an await or in a promise is in cpu.main only.',
    'Performance.getMetrics ScriptDuration',
  ),
  cpu('cpu.layout', 'Layout CPU', 'CPU time of the main thread in layout.', 'Performance.getMetrics LayoutDuration'),
  cpu(
    'cpu.style',
    'Style CPU',
    'CPU time of the main thread in style recalculation.',
    'Performance.getMetrics RecalcStyleDuration',
  ),
];

function page(
  id: string,
  label: string,
  flow: FlowRule,
  description: string,
  source: string,
  unit: Unit = 'count',
): MetricDefinition {
  return {
    id,
    label,
    unit,
    group: 'page',
    direction: 'lower',
    flow,
    kinds: everywhere,
    nature: 'counted',
    description,
    source,
  };
}

const pageState: readonly MetricDefinition[] = [
  page('layouts', 'Layouts', 'sum', 'Number of layouts during the step.', 'Performance.getMetrics LayoutCount'),
  page(
    'styles',
    'Style recalculations',
    'sum',
    'Number of style recalculations during the step.',
    'Performance.getMetrics RecalcStyleCount',
  ),
  page('nodes', 'DOM nodes', 'last', 'DOM nodes alive at the end of the step.', 'Performance.getMetrics Nodes'),
  page(
    'listeners',
    'Event listeners',
    'last',
    'JavaScript event listeners alive at the end of the step.',
    'Performance.getMetrics JSEventListeners',
  ),
  page(
    'heap',
    'Heap after GC',
    'last',
    'JavaScript heap in use after two forced collections; by default at the end of the flow only, since a collection changes what follows.',
    'Runtime.getHeapUsage',
    'bytes',
  ),
  page('errors', 'Page errors', 'sum', 'Unhandled errors and rejections of the page.', 'pageerror events'),
];

export const resourceTypes = [
  'total',
  'document',
  'script',
  'stylesheet',
  'image',
  'font',
  'media',
  'fetch',
  'other',
  'first-party',
  'third-party',
] as const;
/** Resource types of `bytes.*` and `requests.*`; parties overlap with types, `total` is the sum of the types. */
export type ResourceType = (typeof resourceTypes)[number];

const network: readonly MetricDefinition[] = [
  ...resourceTypes.map((type): MetricDefinition => ({
    id: `bytes.${type}`,
    label: type === 'total' ? 'Bytes' : `Bytes, ${type}`,
    unit: 'bytes',
    group: 'network',
    direction: 'lower',
    flow: 'sum',
    kinds: everywhere,
    nature: 'counted',
    description:
      type === 'total'
        ? 'Bytes received over the network, headers included, as compressed on the wire.'
        : `Bytes received over the network: ${type}.`,
    source: 'Network.loadingFinished encodedDataLength',
  })),
  ...resourceTypes.map((type): MetricDefinition => ({
    id: `requests.${type}`,
    label: type === 'total' ? 'Requests' : `Requests, ${type}`,
    unit: 'count',
    group: 'network',
    direction: 'lower',
    flow: 'sum',
    kinds: everywhere,
    nature: 'counted',
    description:
      type === 'total'
        ? 'Requests sent to the network, redirects included; what the cache answers is not counted.'
        : `Requests sent to the network: ${type}.`,
    source: 'Network.requestWillBeSent',
  })),
  {
    id: 'requests.failed',
    label: 'Requests, failed',
    unit: 'count',
    group: 'network',
    direction: 'lower',
    flow: 'sum',
    kinds: everywhere,
    nature: 'counted',
    description: 'Requests without an answer or answered with a status of 400 or more.',
    source: 'Network.loadingFailed, Network.responseReceived',
  },
];

const timing: readonly MetricDefinition[] = [
  {
    id: 'timing.*',
    label: 'User timing',
    unit: 'ms',
    group: 'timing',
    direction: 'lower',
    flow: 'none',
    kinds: everywhere,
    nature: 'wall',
    description:
      'timing.NAME: the length of the first performance.measure called NAME in the step, else the time of the first performance.mark called NAME, from the start of the navigation.',
    source: 'measure and mark entries',
  },
];

const diagnosis: readonly MetricDefinition[] = [
  {
    id: 'lighthouse.*',
    label: 'Lighthouse score',
    unit: 'score',
    group: 'diagnosis',
    direction: 'higher',
    flow: 'min',
    kinds: everywhere,
    nature: 'wall',
    description:
      'lighthouse.CATEGORY or lighthouse.AUDIT: the score from 0 to 1 that Lighthouse gives, once, in the diagnosis; a limit is the least it may be.',
    source: 'a Lighthouse user flow',
  },
  {
    id: 'bundle.*',
    label: 'Bundle',
    unit: 'bytes',
    group: 'diagnosis',
    direction: 'lower',
    flow: 'own',
    kinds: [],
    nature: 'counted',
    description:
      'bundle.GLOB: bytes on the wire of the scripts, style sheets and original modules that the glob names, once, in the diagnosis.',
    source: 'scripts and their source maps',
  },
];

function growth(id: string, label: string, unit: Unit, description: string, source: string): MetricDefinition {
  return {
    id,
    label,
    unit,
    group: 'memory',
    direction: 'lower',
    flow: 'own',
    kinds: [],
    nature: 'counted',
    description,
    source,
  };
}

const memory: readonly MetricDefinition[] = [
  growth(
    'leaks',
    'Leaks',
    'count',
    'Causes for which objects are left behind in each repetition of an action, a second pass confirming them; 0 is the limit where no budget names one.',
    'heap snapshots before and after the repetitions',
  ),
  growth(
    'heap.growth',
    'Heap growth',
    'bytes',
    'What the heap after collection grows by in each repetition of an action: the median slope over the repetitions.',
    'Runtime.getHeapUsage',
  ),
  growth(
    'nodes.growth',
    'DOM node growth',
    'count',
    'DOM nodes that are left in each repetition of an action, attached or not.',
    'Performance.getMetrics Nodes',
  ),
  growth(
    'listeners.growth',
    'Event listener growth',
    'count',
    'JavaScript event listeners that are left in each repetition of an action.',
    'Performance.getMetrics JSEventListeners',
  ),
];

/** Every metric, in the order in which tables list them. */
export const metricTable: readonly MetricDefinition[] = [
  ...vitals,
  ...responsiveness,
  ...processor,
  ...pageState,
  ...network,
  ...timing,
  ...diagnosis,
  ...memory,
];

/** Whether only the diagnosis knows a metric: one value, no samples. */
export function isDiagnosed(metric: Pick<MetricDefinition, 'group'>): boolean {
  return metric.group === 'diagnosis';
}

/** Whether `detectLeaks` alone knows a metric. */
export function isOfMemory(metric: Pick<MetricDefinition, 'group'>): boolean {
  return metric.group === 'memory';
}

/** Whether there is one value of a metric for a scenario, and no statistics of samples. */
export function hasOneValue(metric: Pick<MetricDefinition, 'group'>): boolean {
  return isDiagnosed(metric) || isOfMemory(metric);
}

const byId = new Map(metricTable.map((metric) => [metric.id, metric]));
const families = metricTable.filter((metric) => metric.id.endsWith('.*'));

/** The members of the families whose members are known beforehand. */
export const familyMembers: Readonly<Record<string, readonly string[]>> = {
  'lighthouse.*': [...lighthouseCategories, ...lighthouseAudits].map((id) => `lighthouse.${id}`),
};
const members = new Map(Object.entries(familyMembers).map(([family, ids]) => [family, new Set(ids)]));

/** The definition of a metric id, members of a family (`timing.hero-ready`) included; undefined if there is none. */
export function findMetric(id: string): MetricDefinition | undefined {
  const exact = byId.get(id);
  if (exact && !id.endsWith('.*')) return exact;
  const family = families.find((metric) => id.startsWith(metric.id.slice(0, -1)) && id.length >= metric.id.length);
  if (!family || members.get(family.id)?.has(id) === false) return undefined;
  return { ...family, id, label: id.slice(family.id.length - 1) };
}

/** Position of a metric in the table, for sorting; families sort where their row stands. */
export function metricOrder(id: string): number {
  const exact = metricTable.findIndex((metric) => metric.id === id);
  if (exact >= 0) return exact;
  const family = families.find((metric) => id.startsWith(metric.id.slice(0, -1)));
  return family ? metricTable.indexOf(family) : metricTable.length;
}
