/**
 * The chart of docs/verdicts.svg: one row a rule; false alarms on the left, how often a slowdown is found on the right.
 * Static text by hand, as our other charts; readable in light and dark, and without colour.
 */
import { linearScale, pixel } from '../../src/report/chart-scale.ts';
import { findTally, percent, rulesOf } from './publish-tables.ts';
import { conditions } from './pool.ts';
import type { PoolResult } from './results.ts';

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const names = 316;
const left = { from: names, to: names + 240 };
const right = { from: left.to + 72, to: left.to + 312 };
const width = right.to + 72;
const top = 96;
const pitch = 56;

const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .small { font-size: 12px; fill: #59636e; }
  .bold { font-weight: 600; }
  .grid { stroke: #d1d9e0; }
  .mark { fill: none; stroke: #1f2328; stroke-width: 1.75; }
  .ours { stroke: #0b6bcb; }
  .limit { stroke: #b35900; stroke-dasharray: 3 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .small { fill: #9198a1; } .grid { stroke: #3d444d; }
    .mark { stroke: #e6edf3; } .ours { stroke: #6cb6ff; } .limit { stroke: #e0964a; }
  }`;

/** A mark a condition, told apart by shape: circle, square, triangle. */
function mark(condition: string, x: number, y: number, ours: boolean): string {
  const name = `class="mark${ours ? ' ours' : ''}"`;
  const [cx, cy] = [pixel(x), pixel(y)];
  switch (conditions.findIndex((known) => known === condition)) {
    case 0:
      return `<circle ${name} cx="${cx}" cy="${cy}" r="4"/>`;
    case 1:
      return `<rect ${name} x="${pixel(x - 4)}" y="${pixel(y - 4)}" width="8" height="8"/>`;
    default:
      return `<path ${name} d="M${cx} ${pixel(y - 5)}l5 9h-10z"/>`;
  }
}

function label(x: number, y: number, text: string, name = '', anchor = 'start'): string {
  return `<text x="${pixel(x)}" y="${pixel(y)}" text-anchor="${anchor}"${name ? ` class="${name}"` : ''}>${escapeText(text)}</text>`;
}

/** @param pools of equal sides, one flow, in the order of the conditions */
export function drawVerdicts(pools: readonly PoolResult[], metric: string): string {
  const rules = [...rulesOf(pools, 'equal')];
  const height = top + pitch * rules.length + 24;
  // By its square root, or 1 % and 5 % would lie on top of each other.
  const roots = linearScale(0, 1, left.from, left.to);
  const alarms = { at: (share: number): number => roots.at(Math.sqrt(share)) };
  const shares = [
    ...new Set(
      pools.flatMap(({ cells }) => cells.flatMap(({ study, share }) => (study === 'worse' ? [share ?? 0] : []))),
    ),
  ].toSorted((a, b) => a - b);
  const worst = shares.at(-1) ?? 0.2;
  const sizes = linearScale(0, worst, right.from, right.to);
  const parts: string[] = [];
  for (const [x, text] of [0, 0.01, 0.05, 0.2, 0.5, 1].map(
    (share) => [alarms.at(share), share === 0 ? '0' : percent(share)] as const,
  )) {
    parts.push(
      `<path class="grid" d="M${pixel(x)} ${top - 8}V${height - 24}"/>`,
      label(x, top - 14, text, 'small', 'middle'),
    );
  }
  const limit = pixel(alarms.at(0.01));
  parts.push(`<path class="limit" d="M${limit} ${top - 8}V${height - 24}"/>`);
  for (const share of [0.05, 0.1, 0.2].filter((each) => each <= worst)) {
    const x = pixel(sizes.at(share));
    parts.push(
      `<path class="grid" d="M${x} ${top - 8}V${height - 24}"/>`,
      label(x, top - 14, `+${percent(share)}`, 'small', 'middle'),
    );
  }
  parts.push(
    label(left.from, 30, 'False alarms', 'bold'),
    label(right.from, 30, `Found: ${metric} of a step made worse`, 'bold'),
    label(left.from, 50, 'failed runs of equal builds; dashed: 1 %, the limit', 'small'),
    label(right.from, 50, 'each row 0 to 100 % of runs; idle machine', 'small'),
  );
  conditions.forEach((condition, at) => {
    const y = 24 + 18 * at;
    parts.push(mark(condition, 12, y - 4, false), label(24, y, condition, 'small'));
  });
  rules.forEach(([rule, name], at) => {
    const floor = top + pitch * (at + 1) - 12;
    const middle = floor - 16;
    const ours = rule === 'pacewright';
    parts.push(label(4, middle + 4, name, ours ? 'bold' : ''));
    for (const pool of pools) {
      const tally = findTally(pool, { study: 'equal', rule });
      if (tally) parts.push(mark(pool.about.condition, alarms.at(tally.failed / tally.runs), middle, ours));
    }
    parts.push(`<path class="grid" d="M${right.from} ${floor}H${right.to}M${right.from} ${floor - 36}H${right.to}"/>`);
    const idle = pools.find(({ about }) => about.condition === 'idle') ?? pools[0];
    const points = shares.flatMap((share) => {
      const tally = idle?.cells.find(
        (cell) =>
          cell.study === 'worse' && cell.rule === rule && cell.share === share && cell.target?.metric === metric,
      )?.tally;
      return tally ? [`${pixel(sizes.at(share))} ${pixel(floor - (36 * tally.found) / tally.runs)}`] : [];
    });
    if (points.length > 0) parts.push(`<path class="mark${ours ? ' ours' : ''}" d="M${points.join('L')}"/>`);
  });
  const title = 'False alarms and power of rules that compare two builds';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">
<title>${title}</title>
<style>${style}
</style>
${parts.join('\n')}
</svg>
`;
}
