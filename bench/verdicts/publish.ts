/** docs/verdicts.md and docs/verdicts.svg, from the results of the simulations. */
import { drawVerdicts } from './publish-chart.ts';
import {
  alarmTable,
  conditionTable,
  costTable,
  equalPools,
  faultPools,
  faultTable,
  findTally,
  percent,
  poolTable,
  poolTitle,
  powerTable,
  visibleTable,
} from './publish-tables.ts';
import { conditions } from './pool.ts';
import type { PoolResult, ResultFile } from './results.ts';

/** The most false alarms of any pool, ours. */
function describeWorst(pools: readonly PoolResult[]): string {
  const shares = pools.flatMap((pool) => {
    const tally = findTally(pool, { study: 'equal', rule: 'pacewright' });
    return tally ? [{ pool, runs: tally.runs, share: tally.failed / tally.runs }] : [];
  });
  const worst = shares.toSorted((a, b) => b.share - a.share)[0];
  if (!worst) return 'No pool of equal builds has been simulated yet.';
  return `Of ${worst.runs} simulated runs of equal builds a pool, Pacewright failed ${percent(worst.share)} at most (${poolTitle(worst.pool)}); the limit is 1 %.`;
}

const byCondition = (one: PoolResult, other: PoolResult): number =>
  other.about.flow.localeCompare(one.about.flow) ||
  conditions.indexOf(one.about.condition) - conditions.indexOf(other.about.condition);

/** @throws Error when there are no results of equal builds */
export function publishVerdicts(results: ResultFile): { markdown: string; chart: string } {
  const equal = equalPools(results).toSorted(byCondition);
  const faults = faultPools(results).toSorted(byCondition);
  const shown = equal.filter(({ about }) => about.flow === equal[0]?.about.flow);
  if (shown.length === 0) throw new Error('no results of equal builds; run `npm run bench:verdicts -- simulate` first');
  const power = equal.flatMap((pool) =>
    ['cpu.main', 'LCP'].flatMap((metric) => [`**${poolTitle(pool)}: ${metric}**`, powerTable(pool, metric)]),
  );
  const sections = [
    '# How often the verdict is right',
    '<!-- Written by `npm run bench:verdicts -- publish` from bench/verdicts/results.json. Do not edit. -->',
    `${describeWorst(equal)} Below: the same for rules of other tools on the same measurements, how small a slowdown each rule finds, and what it costs.`,
    '![False alarms and power by rule](verdicts.svg)',
    '## How this was measured',
    `A *pool* is a recording of real base/head pairs of the demo shop in Chrome, measured as \`pacewright compare\` measures them, on an idle machine, beside one busy core, and beside bursts of 1 to 3 s. In most pools both sides are the same build; in some, head has a fault of known size. From a pool many runs are drawn: blocks of 5 successive pairs at random, sides by a fair coin, further pairs as the rule asks for them. Each rule judges each run.

Rules of other tools are written after their source, which is named in bench/verdicts/rule-*.ts, and tested against it. They get the same values in the order in which the tool would measure: Lighthouse CI and sitespeed.io a block of base and then a block of head, as recorded one after the other; Tachometer and shaka-perf pairs. A run fails when any of its metrics does. Three choices are in their favour: they are not given TBT, CLS and INP, which are 0 or a few steps of 8 ms here; base and head of a block lie minutes apart, where a stored baseline lies days and machines apart; and sides of pairs are tossed, so that the order of measuring does them no harm.`,
    '## False alarms',
    'Share of runs of equal builds that failed, with the 95 % interval for the number of runs.',
    alarmTable(equal, 'equal'),
    'Pacewright with the sides as they were recorded, not tossed again. The two sides of a pool differ a little by chance, and every run drawn from it inherits that, so a share above the one in the table before is expected.',
    alarmTable(equal, 'recorded'),
    'Rules broken on purpose. Were they as good as the one above, the simulation would show nothing.',
    alarmTable(equal, 'broken'),
    '## What a run of equal builds takes',
    'Page loads: median (90th percentile), and the wall time of the median. Warm-ups of Pacewright are counted. Most runs in CI are such runs.',
    costTable(equal),
    'Pacewright by pool. σ is the standard deviation of ln(head / base), from the least to the most noisy step.',
    conditionTable(equal),
    '## Slowdowns found',
    'Head of equal builds, made worse by a share in one metric of one step (and in the same metric of the whole flow). Share of runs in which that metric was called worse; where a rule has many false alarms, some of these are among them.',
    ...power,
    'What a run prints as the smallest worsening it would find, and how often one of that size was found. 95 % is what it claims.',
    visibleTable(equal),
    ...(faults.length > 0
      ? [
          '## Faults of known size',
          'Head has a fault of the demo shop (examples/shop/faults.ts). *Measured* is the change in the metric where it shows; the other columns, the share of runs in which that metric was called worse.',
          faultTable(faults),
        ]
      : []),
    '## What this does not show',
    `- A pool is one recording on one machine. Intervals are about the runs drawn from it, not about other machines.
- The demo shop is one application. Its steps take 10 to 200 ms of main-thread CPU; slower pages vary less in per cent.
- A share added to head leaves its spread as it is; a real slowdown may also vary more. The faults of known size are there for that.
- Simulations use ${results.flips} random sign flips, runs 9,999: p-values are coarser here, not smaller.`,
    '## Repeat it',
    `\`\`\`sh
npm run bench:verdicts -- record --all   # hours, on a machine that does nothing else
npm run bench:verdicts -- simulate       # an hour or two
npm run bench:verdicts -- publish
\`\`\`

\`npm test\` replays a small part of it.`,
    poolTable([...equal, ...faults]),
  ];
  return { markdown: `${sections.join('\n\n')}\n`, chart: drawVerdicts(shown, 'cpu.main') };
}
