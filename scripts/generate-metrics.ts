/** Writes the metric reference in README.md from the metric table: `npm run docs:metrics`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { lighthouseCategories } from '../src/core/lighthouse-ids.ts';
import { type MetricDefinition, type MetricGroup, metricTable, resourceTypes, stepKinds } from '../src/core/metrics.ts';

const begin = '<!-- metrics:begin, written by scripts/generate-metrics.ts -->';
const end = '<!-- metrics:end -->';

const groups: Readonly<Record<MetricGroup, string>> = {
  vitals: 'Web vitals',
  responsiveness: 'Responsiveness',
  cpu: 'CPU time',
  page: 'The page',
  network: 'Network',
  timing: 'User timings',
  diagnosis: 'Known to the diagnosis alone',
  memory: 'Memory, of scenarios with `detectLeaks`',
};

const kindNames: Readonly<Record<(typeof stepKinds)[number], string>> = {
  navigation: 'navigation',
  'soft-navigation': 'soft navigation',
  interaction: 'interaction',
  script: 'script',
};

const flowNames: Readonly<Record<MetricDefinition['flow'], string>> = {
  sum: 'sum',
  max: 'largest',
  min: 'smallest',
  own: 'its own',
  last: 'last',
  none: '–',
};

function row(metric: MetricDefinition, id = metric.id): string {
  const every = metric.kinds.length === stepKinds.length;
  const kinds = every
    ? 'all'
    : metric.kinds.length === 0
      ? '–'
      : metric.kinds.map((kind) => kindNames[kind]).join(', ');
  const source = `${metric.description} *${metric.source}*`.replaceAll('|', String.raw`\|`);
  return `| \`${id}\` | ${metric.unit} | ${kinds} | ${flowNames[metric.flow]} | ${source} |`;
}

/** The rows of a group; `bytes.script` and its like, which differ by the type alone, share one. */
function rows(metrics: readonly MetricDefinition[]): string[] {
  const typed = /^(bytes|requests)\.(.+)$/;
  const [, ...types] = resourceTypes;
  const shared = new Set<string>();
  return metrics.flatMap((metric) => {
    const [, family = '', type] = typed.exec(metric.id) ?? [];
    if (!types.some((each) => each === type)) return [row(metric)];
    if (shared.has(family)) return [];
    shared.add(family);
    const description = metric.description.replace(`${type}.`, 'those of one type or party.');
    return [row({ ...metric, description }, `${family}.TYPE`)];
  });
}

/** The metric reference as Markdown, a table for each group. */
export function metricReference(): string {
  const head = '| metric | unit | steps | of a flow | definition and *source* |\n|---|---|---|---|---|';
  const tables = Object.entries(groups).map(([group, title]) => {
    const members = metricTable.filter((metric) => metric.group === group);
    const types =
      group === 'network'
        ? `\n\n\`TYPE\` is one of ${resourceTypes
            .slice(1)
            .map((type) => `\`${type}\``)
            .join(', ')}.`
        : group === 'diagnosis'
          ? `\n\n\`CATEGORY\` is one of ${lighthouseCategories.map((id) => `\`${id}\``).join(', ')}.`
          : '';
    return `**${title}**\n\n${head}\n${rows(members).join('\n')}${types}`;
  });
  return tables.join('\n\n');
}

/**
 * A document with the reference between its two markers.
 * @throws Error where a marker is missing
 */
export function insertReference(text: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The document has no "${begin}" before "${end}".`);
  return `${text.slice(0, from + begin.length)}\n\n${metricReference()}\n\n${text.slice(to)}`;
}

if (import.meta.main) {
  const file = new URL('../README.md', import.meta.url);
  writeFileSync(file, insertReference(readFileSync(file, 'utf8')));
  console.log('README.md: metric reference written');
}
