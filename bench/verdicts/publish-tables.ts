/** The tables of docs/verdicts.md. Every figure in them is read from the results. */
import { findMetric } from '../../src/core/metrics.ts';
import { formatQuantity } from '../../src/core/units.ts';
import type { Cell, PoolResult, ResultFile } from './results.ts';
import { shareInterval, type Tally } from './simulate.ts';

const escapeCell = (text: string): string => text.replaceAll('|', '\\|');

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** 0.0123 to `1.2 %`; what is below a thousandth keeps two places. */
export function percent(share: number): string {
  const value = share * 100;
  const size = Math.abs(value);
  const digits = size >= 10 ? 0 : size < 0.1 ? 2 : 1;
  return `${Number(value.toFixed(digits))} %`;
}

function withInterval(count: number, runs: number): string {
  const { low, high } = shareInterval(count, runs);
  return `${percent(count / runs)} (${percent(low)} to ${percent(high)})`;
}

export const poolTitle = ({ about }: PoolResult): string => `${about.flow}, ${about.condition}`;

export const equalPools = ({ pools }: ResultFile): PoolResult[] => pools.filter(({ about }) => about.effect === null);
export const faultPools = ({ pools }: ResultFile): PoolResult[] => pools.filter(({ about }) => about.effect !== null);

/** Rules in the order in which they were judged, each once. */
export function rulesOf(pools: readonly PoolResult[], study: Cell['study']): Map<string, string> {
  const cells = pools.flatMap((pool) => pool.cells).filter((cell) => cell.study === study);
  return new Map(cells.map(({ rule, label }) => [rule, label]));
}

export function findTally(pool: PoolResult, wanted: Partial<Cell>): Tally | undefined {
  const entries = Object.entries(wanted) as [keyof Cell, unknown][];
  return pool.cells.find((cell) => entries.every(([key, value]) => sameValue(cell[key], value)))?.tally;
}

const sameValue = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const lacking = '–';

/** False alarms: runs of equal builds that failed. */
export function alarmTable(pools: readonly PoolResult[], study: 'equal' | 'recorded' | 'broken'): string {
  const rows = [...rulesOf(pools, study)].map(([rule, label]) => [
    label,
    ...pools.map((pool) => {
      const tally = findTally(pool, { study, rule });
      return tally ? withInterval(tally.failed, tally.runs) : lacking;
    }),
  ]);
  return markdownTable(['rule', ...pools.map(poolTitle)], rows);
}

/** What a run of equal builds takes: the usual run of CI. */
export function costTable(pools: readonly PoolResult[]): string {
  const rows = [...rulesOf(pools, 'equal')].map(([rule, label]) => [
    label,
    ...pools.map((pool) => {
      const tally = findTally(pool, { study: 'equal', rule });
      if (!tally) return lacking;
      const seconds = Math.round(tally.loads.median * pool.about.secondsPerLoad);
      return `${Math.round(tally.loads.median)} (${Math.round(tally.loads.p90)}), ${seconds} s`;
    }),
  ]);
  return markdownTable(['rule', ...pools.map(poolTitle)], rows);
}

/** How often a metric that was made worse was found. */
export function powerTable(pool: PoolResult, metric: string): string {
  const cells = pool.cells.filter((cell) => cell.study === 'worse' && cell.target?.metric === metric);
  const shares = [...new Set(cells.map(({ share }) => share ?? 0))].toSorted((a, b) => a - b);
  const rows = [...new Map(cells.map(({ rule, label }) => [rule, label]))].map(([rule, label]) => [
    label,
    ...shares.map((share) => {
      const tally = cells.find((cell) => cell.rule === rule && cell.share === share)?.tally;
      return tally ? percent(tally.found / tally.runs) : lacking;
    }),
  ]);
  return markdownTable(['rule', ...shares.map((share) => `+${Math.round(share * 100)} %`)], rows);
}

/** Our own rule in each pool of equal sides: how long, how sure, how noisy. */
export function conditionTable(pools: readonly PoolResult[]): string {
  const rows = pools.map((pool) => {
    const tally = findTally(pool, { study: 'equal', rule: 'pacewright' });
    const { runs = 1, pairs = null, inconclusive = 0, tooNoisy = 0 } = tally ?? {};
    const spread = (metric: string): string => {
      const values = pool.spreads.filter(({ key }) => key.metric === metric && key.step !== null);
      if (values.length === 0) return lacking;
      const deviations = values.map(({ deviation }) => deviation);
      return `${percent(Math.min(...deviations))} to ${percent(Math.max(...deviations))}`;
    };
    return [
      poolTitle(pool),
      `${pool.pairs - pool.accepted} of ${pool.pairs}`,
      spread('cpu.main'),
      spread('LCP'),
      pairs ? `${Math.round(pairs.median)} (${Math.round(pairs.p90)})` : lacking,
      percent(inconclusive / runs),
      percent(tooNoisy / runs),
    ];
  });
  const head = [
    'pool',
    'pairs rejected',
    'σ of cpu.main',
    'σ of LCP',
    'pairs: median (p90)',
    'inconclusive',
    'too noisy',
  ];
  return markdownTable(head, rows);
}

/** What a run prints as its smallest visible worsening, and how often a worsening of that size was found. */
export function visibleTable(pools: readonly PoolResult[]): string {
  const rows = pools.flatMap((pool) =>
    pool.cells
      .filter(({ study }) => study === 'visible')
      .map(({ target, share, tally }) => [
        poolTitle(pool),
        `${target?.metric ?? ''}, ${target?.step ?? 'whole flow'}`,
        `+${percent(share ?? 0)}`,
        withInterval(tally.found, tally.runs),
      ]),
  );
  return markdownTable(['pool', 'metric', 'printed as visible', 'found'], rows);
}

function describeChange({ measured }: PoolResult): string {
  if (!measured) return lacking;
  const { key, scale, change } = measured;
  const unit = findMetric(key.metric)?.unit ?? 'count';
  const size = scale === 'ratio' ? percent(change) : formatQuantity(change, unit);
  return `${key.metric} ${change > 0 ? '+' : ''}${size}`;
}

/** Faults of the shop on head: runs that failed, and those in which the metric it shows in was called worse. */
export function faultTable(pools: readonly PoolResult[]): string {
  const rules = [...rulesOf(pools, 'fault')];
  const rows = pools.map((pool) => {
    const { effect, condition, flow } = pool.about;
    return [
      `${effect?.fault ?? ''}=${effect?.size ?? ''}`,
      `${flow}, ${condition}`,
      describeChange(pool),
      ...rules.map(([rule]) => {
        const tally = findTally(pool, { study: 'fault', rule });
        return tally ? percent(tally.found / tally.runs) : lacking;
      }),
    ];
  });
  return markdownTable(['fault', 'pool', 'measured', ...rules.map(([, label]) => label)], rows);
}

export function poolTable(pools: readonly PoolResult[]): string {
  const rows = pools.map(({ about, pairs }) => [
    about.name,
    String(pairs),
    about.date,
    about.chrome,
    `${about.cpu}, ${about.cores} cores`,
    `${about.secondsPerLoad.toFixed(1)} s`,
    `\`${about.recipe}\``,
  ]);
  return markdownTable(['pool', 'pairs', 'recorded', 'Chrome', 'machine', 'a load', 'command'], rows);
}
