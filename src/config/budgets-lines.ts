/** A budget file that has the right shape, to budget lines in base units, each with its place. */
import type { JSONPath } from 'jsonc-parser';
import type { RegressionLine } from '../core/comparison.ts';
import type { SourcePlace } from '../core/errors.ts';
import type { JsonText } from '../core/json-text.ts';
import { findMetric, hasOneValue, type MetricDefinition, type Unit } from '../core/metrics.ts';
import type { AnyLine } from '../core/precedence.ts';
import { parsePercent, parseQuantity } from '../core/units.ts';
import { type BudgetLine, statistics } from '../core/verdict.ts';
import type { BudgetFile, WrittenLimit, WrittenLimitOfOne } from './schema.ts';

export interface ParsedLines {
  /** Absolute limits. */
  readonly lines: BudgetLine[];
  /** Limits against base. */
  readonly regressions: RegressionLine[];
}

interface NamePlaces {
  readonly scenario: SourcePlace;
  readonly project: SourcePlace;
  readonly step: SourcePlace;
}

/** Where a line's names stand: a line's own source is where its limit is. Known only for lines that were just read. */
const namePlaces = new WeakMap<AnyLine, NamePlaces>();

/** The place of a name of a line, else of its limit. */
export function placeOfName(line: AnyLine, name: keyof NamePlaces): SourcePlace {
  return namePlaces.get(line)?.[name] ?? line.source;
}

export function toLines(file: BudgetFile, source: JsonText): ParsedLines {
  const scenarios = [file.scenario ?? '*'].flat();
  const lines: BudgetLine[] = [];
  const regressions: RegressionLine[] = [];
  const add = (
    limits: Readonly<Record<string, Written | undefined>> | undefined,
    path: JSONPath,
    to: { project: string | null; step: string | null },
  ): void => {
    for (const [metric, written] of Object.entries(limits ?? {})) {
      const definition = findMetric(metric);
      if (definition === undefined || written === undefined) continue;
      const placeOf = (key: JSONPath) => source.place(source.offset([...path, metric, ...key], true));
      const absolute = limitsOf(written, definition);
      const againstBase = regressionOf(written, definition.unit);
      for (const [index, scenario] of scenarios.entries()) {
        const names: NamePlaces = {
          scenario: source.place(source.offset(Array.isArray(file.scenario) ? ['scenario', index] : ['scenario'])),
          project: source.place(
            path[0] === 'projects' ? source.offset(path.slice(0, 2), true) : source.offset(['project']),
          ),
          step: source.place(source.offset(path, true)),
        };
        for (const limit of absolute) {
          const line: BudgetLine = { scenario, ...to, metric, ...limit.line, source: placeOf(limit.path) };
          lines.push(line);
          namePlaces.set(line, names);
        }
        if (againstBase) {
          const line: RegressionLine = { scenario, ...to, metric, ...againstBase, source: placeOf(['regression']) };
          regressions.push(line);
          namePlaces.set(line, names);
        }
      }
    }
  };
  const addParts = (parts: Pick<BudgetFile, 'flow' | 'steps'>, path: JSONPath, project: string | null): void => {
    for (const [step, limits] of Object.entries(parts.steps ?? {}))
      add(limits, [...path, 'steps', step], { project, step });
    add(parts.flow, [...path, 'flow'], { project, step: null });
  };
  addParts(file, [], file.project ?? null);
  for (const [project, parts] of Object.entries(file.projects ?? {})) addParts(parts, ['projects', project], project);
  return { lines, regressions };
}

type Written = WrittenLimit | WrittenLimitOfOne;
type LineLimit = Pick<BudgetLine, 'statistic' | 'limit' | 'tolerance' | 'level'>;

function limitsOf(written: Written, metric: MetricDefinition): { path: JSONPath; line: LineLimit }[] {
  const { unit } = metric;
  const only = hasOneValue(metric) ? 'value' : 'p50';
  if (typeof written !== 'object') {
    const limit = parseQuantity(written, unit);
    return limit === undefined ? [] : [{ path: [], line: { statistic: only, limit, tolerance: null, level: 'error' } }];
  }
  const tolerance = written.tolerance === undefined ? null : amountOf(written.tolerance, unit);
  if ('limit' in written) {
    const limit = parseQuantity(written.limit, unit);
    return limit === undefined
      ? []
      : [{ path: ['limit'], line: { statistic: only, limit, tolerance, level: written.level ?? 'error' } }];
  }
  return statistics.flatMap((statistic) => {
    const limit = written[statistic] === undefined ? undefined : parseQuantity(written[statistic], unit);
    return limit === undefined
      ? []
      : [{ path: [statistic], line: { statistic, limit, tolerance, level: written.level ?? 'error' } }];
  });
}

function regressionOf(written: Written, unit: Unit): Pick<RegressionLine, 'allowed' | 'level'> | undefined {
  if (typeof written !== 'object' || 'limit' in written || written.regression === undefined) return undefined;
  const allowed = written.regression === false ? null : amountOf(written.regression, unit);
  return { allowed, level: written.level ?? 'error' };
}

/** A percentage, or a quantity in the base unit. */
function amountOf(written: string | number, unit: Unit): BudgetLine['tolerance'] {
  const share = typeof written === 'string' ? parsePercent(written) : undefined;
  if (share !== undefined) return { kind: 'share', value: share };
  const absolute = parseQuantity(written, unit);
  return absolute === undefined ? null : { kind: 'absolute', value: absolute };
}
