/** The Lighthouse section of a scenario: scores as gauges, its metrics, and what did not pass. */
import type { ScenarioDocument } from '../core/document.ts';
import type { LighthouseAudit, LighthouseStep } from '../core/lighthouse.ts';
import { cleanText } from '../core/text.ts';
import { isArtifactPath } from '../store/artifacts.ts';
import { count, elapsed, name, nothing, quantity } from './view-format.ts';
import type { StatusView } from './view-metrics.ts';

interface Link {
  readonly href: string;
  readonly text: string;
}

interface Gauge {
  readonly title: string;
  /** 0 to 100, or a dash. */
  readonly score: string;
  /** Of a ring whose length is 100: `83 100`. */
  readonly arc: string;
  readonly status: StatusView;
}

interface AuditView {
  readonly status: StatusView;
  readonly title: string;
  readonly display: string;
  /** `could save 550 ms of FCP`; empty without an estimate. */
  readonly savings: string;
  readonly about: string;
  readonly link: Link | null;
  readonly problem: string;
}

interface AuditGroup {
  readonly title: string;
  readonly audits: readonly AuditView[];
}

interface PartView {
  readonly step: string;
  readonly mode: string;
  readonly problem: string;
  readonly warnings: readonly string[];
  readonly gauges: readonly Gauge[];
  readonly metrics: ReadonlyArray<{ readonly title: string; readonly value: string; readonly status: StatusView }>;
  /** What could make it faster, the greatest savings first. */
  readonly insights: AuditGroup | null;
  readonly others: readonly AuditGroup[];
  readonly othersSummary: string;
  readonly passed: string;
}

export interface LighthouseView {
  readonly anchor: string;
  readonly summary: string;
  readonly problem: string;
  /** Lighthouse's own report, beside this one. */
  readonly report: Link | null;
  readonly parts: readonly PartView[];
}

/** Ranks as Lighthouse has them: good from 0.9 on, poor below 0.5. */
function rank(score: number | null): StatusView {
  if (score === null) return { word: 'no score', kind: 'missing' };
  if (score >= 0.9) return { word: 'good', kind: 'pass' };
  return score >= 0.5 ? { word: 'needs improvement', kind: 'warn' } : { word: 'poor', kind: 'fail' };
}

/** Where an audit stands. Those that only inform have no rank, and those that pass or do not have one of two. */
function auditStatus({ score, problem, group }: LighthouseAudit): StatusView {
  if (problem !== null) return { word: 'failed', kind: 'missing' };
  if (score === null) return { word: 'informs', kind: 'same' };
  return group === 'other' ? { word: 'does not pass', kind: 'warn' } : rank(score);
}

function gauge({ title, score }: LighthouseStep['scores'][number]): Gauge {
  const percent = score === null ? 0 : Math.round(Math.min(1, Math.max(0, score)) * 100);
  return {
    title: name(title),
    score: score === null ? nothing : String(percent),
    arc: `${percent} 100`,
    status: rank(score),
  };
}

/** Hosts of the documentation that Lighthouse's descriptions link to; what leads elsewhere is plain text. */
const documentation: ReadonlySet<string> = new Set([
  'developer.chrome.com',
  'web.dev',
  'dequeuniversity.com',
  'developers.google.com',
  'developer.mozilla.org',
  'www.w3.org',
  'support.google.com',
]);

function isDocumentation(url: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  return parsed?.protocol === 'https:' && documentation.has(parsed.hostname) && parsed.port === '';
}

/** A description in Markdown as a sentence or two, and the first page that it links to. */
function shorten(description: string): { about: string; link: Link | null } {
  const pattern = /\[([^\][]{1,200})\]\(([^()\s]{1,300})\)/g;
  const links = [...description.matchAll(pattern)].filter(([, , url = '']) => isDocumentation(url));
  const [, , href = ''] = links[0] ?? [];
  const plain = description
    // a sentence that is nothing but a link
    .replace(/\[Learn [^\][]{1,200}\]\([^()\s]{1,300}\)\.?/g, '')
    .replace(pattern, '$1')
    .replace(/`/g, '')
    .trim();
  return { about: cutAtSentence(plain), link: href === '' ? null : { href, text: 'Learn more' } };
}

const longestAbout = 220;

/** As many whole sentences as there is room for; of one that is longer, its words. */
function cutAtSentence(text: string): string {
  if (text.length <= longestAbout) return text;
  const room = text.slice(0, longestAbout);
  const sentence = room.lastIndexOf('. ');
  if (sentence > longestAbout / 3) return room.slice(0, sentence + 1);
  return `${room.slice(0, Math.max(room.lastIndexOf(' '), 1))} …`;
}

function savingsText({ savings }: LighthouseAudit): string {
  const parts = Object.entries(savings)
    .filter(([, value]) => value > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([metric, value]) => `${quantity(value, metric === 'CLS' ? 'score' : 'ms')} of ${name(metric)}`);
  return parts.length === 0 ? '' : `could save ${parts.join(', ')}`;
}

/** Lighthouse's own summary of what stands beside it, by metric. */
const timeSavings = /^Est savings of [\d,. ]+ m?s$/;

function auditView(audit: LighthouseAudit): AuditView {
  const savings = savingsText(audit);
  return {
    status: auditStatus(audit),
    title: name(audit.title),
    display: savings !== '' && timeSavings.test(audit.display ?? '') ? '' : cleanText(audit.display ?? '', 120),
    savings,
    ...shorten(cleanText(audit.description, 600)),
    problem: audit.problem === null ? '' : cleanText(audit.problem),
  };
}

const modes: Readonly<Record<LighthouseStep['mode'], string>> = {
  navigation: 'navigation',
  timespan: 'timespan',
  snapshot: 'snapshot of the page at its end',
};

function groupsOf(step: LighthouseStep): AuditGroup[] {
  const titleOf = (category: string): string =>
    name(step.scores.find((score) => score.category === category)?.title ?? category);
  const rest = step.audits.filter(({ group }) => group === 'diagnostic' || group === 'other');
  const groups = Map.groupBy(rest, ({ group, category }) =>
    group === 'diagnostic' ? 'Diagnostics' : titleOf(category),
  );
  return [...groups].map(([title, audits]) => ({ title, audits: audits.map(auditView) }));
}

function partView(step: LighthouseStep): PartView {
  const insights = step.audits.filter(({ group }) => group === 'insight');
  const others = groupsOf(step);
  const open = others.reduce((sum, { audits }) => sum + audits.length, 0);
  return {
    step: name(step.step),
    mode: modes[step.mode],
    problem: step.problem === null ? '' : cleanText(step.problem),
    warnings: step.warnings.map((warning) => cleanText(warning)),
    gauges: step.scores.map(gauge),
    metrics: step.audits
      .filter(({ group }) => group === 'metric')
      .map((audit) => ({
        title: name(audit.title),
        value: audit.problem === null ? cleanText(audit.display ?? nothing, 40) : cleanText(audit.problem, 120),
        status: auditStatus(audit),
      })),
    insights: insights.length === 0 ? null : { title: 'Insights', audits: insights.map(auditView) },
    others,
    othersSummary: open === 0 ? '' : `${count(open, 'more audit')} that did not pass`,
    passed: step.passed === 0 ? '' : `${count(step.passed, 'audit')} passed.`,
  };
}

function reportLink({ diagnosis }: ScenarioDocument): Link | null {
  const artifact = diagnosis?.artifacts.find(({ path }) => path.endsWith('/lighthouse.html') && isArtifactPath(path));
  return artifact ? { href: artifact.path, text: "Lighthouse's own report" } : null;
}

/** Null where Lighthouse did not run. */
export function lighthouseView(scenario: ScenarioDocument, anchor: string): LighthouseView | null {
  const facts = scenario.diagnosis?.lighthouse;
  if (!facts) return null;
  const version = cleanText(facts.version, 40);
  const throttling = cleanText(facts.throttling, 200);
  return {
    anchor,
    summary: `Lighthouse${version === '' ? '' : ` ${version}`} ran the flow once, after the samples, for ${elapsed(facts.wall)}; ${throttling}. One run is one number: a score may differ by some points the next time.`,
    problem: facts.problem === null ? '' : cleanText(facts.problem),
    report: reportLink(scenario),
    parts: facts.steps.map(partView),
  };
}
