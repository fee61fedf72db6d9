/**
 * Findings of the DevTools trace engine that no rule of ours makes: images, fonts, the viewport, selectors, and what
 * moved the layout. The engine is another's code on data that may be anything: what fails in it costs only itself.
 */
import * as Engine from '@paulirish/trace_engine';
import type { Finding } from '../core/finding.ts';
import type { StepRecording } from '../core/recording.ts';
import { cleanText, redactUrl } from '../core/text.ts';
import { bytes, ms, some, times as timesText } from './finding-text.ts';
import { capAmounts } from './step-facts.ts';

/** The engine holds each event as an object, and many more beside it: some ten times the text in memory. */
const largestTrace = 60_000_000;
const mostListed = 5;
/** Ordered by the task scheduler of each process and read by no insight; three quarters of some traces. */
const unread = /^(toplevel|ipc|mojom|scheduler)\b/;

type Events = readonly Engine.Types.Events.Event[];
type Models = Engine.Insights.Types.InsightModels;

export interface Insights {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

/** What tells the engine of processes, frames and documents, whenever it was written. */
const introductions =
  /^(TracingStartedInBrowser|FrameCommittedInBrowser|CommitLoad|navigationStart|ProfileChunk|Profile)$/;

/** Events of the step, of a trace that may hold more. */
async function readEvents({ trace, start, end }: StepRecording): Promise<Events | string> {
  const decoder = new TextDecoder();
  const texts: string[] = [];
  let size = 0;
  for await (const chunk of trace()) {
    size += chunk.length;
    if (size > largestTrace)
      return `The DevTools trace engine was not asked about a trace of more than ${bytes(largestTrace)}.`;
    texts.push(decoder.decode(chunk, { stream: true }));
  }
  const parsed = JSON.parse(texts.join('') + decoder.decode()) as unknown;
  const list = Array.isArray(parsed) ? parsed : (parsed as { traceEvents?: unknown }).traceEvents;
  if (!Array.isArray(list)) return 'The DevTools trace engine found no events in the trace.';
  return (list as Events).filter(
    ({ cat, ph, ts, name }) =>
      (ts >= start && ts <= end && !unread.test(cat)) ||
      ph === Engine.Types.Events.Phase.METADATA ||
      (ts < start && introductions.test(name)),
  );
}

async function runEngine(events: Events): Promise<Engine.Insights.Types.InsightSet[]> {
  // Synthetic events are kept in one place for all users of the engine; it asks to be told before each trace.
  Engine.Helpers.SyntheticEvents.SyntheticEventsManager.createAndActivate(events);
  const processor = Engine.Processor.TraceProcessor.createWithAllHandlers();
  await processor.parse(events, { isFreshRecording: true });
  return [...(processor.insights?.values() ?? [])];
}

type Rule = (models: Models, recording: StepRecording) => Finding[];

const findImages: Rule = ({ ImageDelivery: model }, { sample }) => {
  const images = model?.optimizableImages ?? [];
  const wasted = images.reduce((sum, image) => sum + image.byteSavings, 0);
  if (images.length === 0 || wasted <= 0) return [];
  const sizes = (image: (typeof images)[number]): string => {
    const responsive = image.optimizations.find((one) => 'fileDimensions' in one);
    if (!responsive || !('fileDimensions' in responsive)) return 'another format or compression would be smaller';
    const { fileDimensions: file, displayDimensions: shown } = responsive;
    return `${file.width} × ${file.height} shown as ${shown.width} × ${shown.height}`;
  };
  return [
    {
      rule: 'image-size',
      title: `${timesText(images.length, 'image')} could be ${bytes(wasted)} smaller in all`,
      cost: { value: wasted, unit: 'bytes' },
      explains: capAmounts({ 'bytes.image': wasted, 'bytes.total': wasted }, sample.metrics),
      location: null,
      details: images
        .slice(0, mostListed)
        .map(
          (image) =>
            `${redactUrl(image.request.args.data.url, 120)}: ${sizes(image)}, ${bytes(image.byteSavings)} less.`,
        ),
      advice: 'Deliver images in the size they are shown in (srcset and sizes), as WebP or AVIF.',
      evidence: 'waterfall',
      source: 'trace engine',
    },
  ];
};

const findFonts: Rule = ({ FontDisplay: model }, { sample }) => {
  const fonts = model?.fonts ?? [];
  const wasted = Math.max(0, ...fonts.map((font) => font.wastedTime));
  if (wasted <= 0) return [];
  return [
    {
      rule: 'font-display',
      title: `Text waits up to ${ms(wasted)} for ${timesText(fonts.length, 'web font')} before it is shown`,
      cost: { value: wasted, unit: 'ms' },
      explains: capAmounts({ FCP: wasted }, sample.metrics),
      location: null,
      details: fonts
        .slice(0, mostListed)
        .map(
          (font) =>
            `${redactUrl(font.request.args.data.url, 120)} with font-display ${cleanText(font.display, 20)}: ${ms(font.wastedTime)}.`,
        ),
      advice: 'Set font-display to swap or optional, and preload the fonts of the first screen.',
      evidence: 'waterfall',
      source: 'trace engine',
    },
  ];
};

const findViewport: Rule = ({ Viewport: model }, { sample }) => {
  const delay = model?.metricSavings?.INP ?? 0;
  if (model?.state !== 'fail' || delay <= 0) return [];
  return [
    {
      rule: 'viewport',
      title: `Taps wait ${ms(delay)} for a second one: the page has no viewport for phones`,
      cost: { value: delay, unit: 'ms' },
      explains: capAmounts({ INP: delay }, sample.metrics),
      location: null,
      details: [],
      advice: 'Add <meta name="viewport" content="width=device-width, initial-scale=1">.',
      evidence: 'metrics',
      source: 'trace engine',
    },
  ];
};

const findSelectors: Rule = ({ SlowCSSSelector: model }, { sample }) => {
  const slowest = model?.topSelectorElapsedMs;
  // Microseconds, in spite of the name of the engine's field.
  const cost = (slowest?.['elapsed (us)'] ?? 0) / 1000;
  // Statistics of selectors are off by default; with them, less than a millisecond is no reason to change one.
  if (!slowest || cost < 1) return [];
  return [
    {
      rule: 'slow-selector',
      title: `Matching the selector ${cleanText(slowest.selector, 80)} takes ${ms(cost)}`,
      cost: { value: cost, unit: 'ms' },
      explains: capAmounts({ 'cpu.style': cost, 'cpu.main': cost }, sample.metrics),
      location: null,
      details: [
        `${timesText(slowest.match_attempts, 'attempt')}, ${timesText(slowest.match_count, 'match', 'matches')}.`,
      ],
      advice: 'Give what it means a class of its own and select that.',
      evidence: 'flame',
      source: 'trace engine',
    },
  ];
};

/** What the engine knows of the causes of a shift beside scripts: fonts, frames, images without a size, animations. */
const findShiftCulprits: Rule = ({ CLSCulprits: model }, { sample }) =>
  [...(model?.shifts ?? [])].flatMap(([shift, causes]): Finding[] => {
    const score = shift.args.data?.weighted_score_delta ?? 0;
    const fonts = causes.webFonts.map((font) => redactUrl(font.args.data.url, 100));
    const frames = causes.iframes.map((frame) => redactUrl(frame.url ?? '', 100) || 'a frame without an address');
    const images = causes.unsizedImages.map((image) => redactUrl(image.paintImageEvent.args.data.url ?? '', 100));
    const animations = causes.nonCompositedAnimations.map((animation) =>
      cleanText(animation.name ?? 'an animation', 60),
    );
    const named = [
      ...fonts.map((name) => ({
        name: `the web font ${name}`,
        advice: 'Preload the font, or match the fallback to it (size-adjust).',
      })),
      ...frames.map((name) => ({ name: `the frame ${name}`, advice: 'Give the frame its size before it is filled.' })),
      ...images.map((name) => ({ name: `the image ${name}`, advice: 'Give the image its width and height.' })),
      ...animations.map((name) => ({
        name: `the animation ${name}`,
        advice: 'Animate transform instead of properties that move the layout.',
      })),
    ];
    const [first] = named;
    if (!first || score <= 0) return [];
    return [
      {
        rule: 'layout-shift',
        title: `The page moved by surprise (${score.toFixed(4)}): ${some(
          named.map(({ name }) => name),
          2,
        )}`,
        cost: { value: score, unit: 'score' },
        explains: capAmounts({ CLS: score }, sample.metrics),
        location: null,
        details: [],
        advice: first.advice,
        evidence: 'filmstrip',
        source: 'trace engine',
      },
    ];
  });

const rules: Readonly<Record<string, Rule>> = {
  images: findImages,
  fonts: findFonts,
  viewport: findViewport,
  selectors: findSelectors,
  'layout shifts': findShiftCulprits,
};

function reason(error: unknown): string {
  return cleanText(error instanceof Error ? error.message : String(error), 200);
}

/**
 * Asks the engine about the trace of one step. Never throws: a trace that is too large or that the engine cannot read
 * gives a note.
 */
export async function findInsights(recording: StepRecording): Promise<Insights> {
  try {
    const events = await readEvents(recording);
    if (typeof events === 'string') return { findings: [], notes: [events] };
    const sets = await runEngine(events);
    const findings: Finding[] = [];
    const notes: string[] = [];
    for (const set of sets) {
      for (const [what, rule] of Object.entries(rules)) {
        try {
          findings.push(...rule(set.model, recording));
        } catch (error) {
          notes.push(`The DevTools trace engine says nothing of ${what}: ${reason(error)}`);
        }
      }
    }
    return { findings, notes };
  } catch (error) {
    return { findings: [], notes: [`The DevTools trace engine could not read the trace: ${reason(error)}`] };
  } finally {
    // Else the engine would hold the events until the next trace.
    Engine.Helpers.SyntheticEvents.SyntheticEventsManager.reset();
  }
}
