/** Which spans of a trace become frames of the tree, under which name. Time of any other counts for what is around it. */
import type { FrameCategory } from '../core/profile.ts';

export interface BrowserTask {
  readonly label: string;
  readonly category: FrameCategory;
  /** Whether JavaScript can stand right inside of it. */
  readonly script: boolean;
}

function task(label: string, category: FrameCategory, script = false): BrowserTask {
  return { label, category, script };
}

export const taskName = 'RunTask';

/** Names as the DevTools performance panel shows them, where it shows the span. */
const tasks: Readonly<Record<string, BrowserTask>> = {
  [taskName]: task('Task', 'other', true),

  FunctionCall: task('Function call', 'script', true),
  EvaluateScript: task('Evaluate script', 'script', true),
  'v8.evaluateModule': task('Evaluate module', 'script', true),
  EventDispatch: task('Event', 'script', true),
  TimerFire: task('Timer fired', 'script', true),
  FireAnimationFrame: task('Animation frame fired', 'script', true),
  FireIdleCallback: task('Idle callback fired', 'script', true),
  RunMicrotasks: task('Run microtasks', 'script', true),
  RunPostTaskCallback: task('Run postTask callback', 'script', true),
  HandlePostMessage: task('On message', 'script', true),
  XHRReadyStateChange: task('XHR readyState change', 'script', true),
  XHRLoad: task('XHR load', 'script', true),
  WebSocketReceive: task('Receive WebSocket message', 'script', true),
  'V8Console::runTask': task('Run console task', 'script', true),

  UpdateLayoutTree: task('Recalculate style', 'style', false),
  RecalculateStyles: task('Recalculate style', 'style'),
  Layout: task('Layout', 'layout'),
  'IntersectionObserverController::computeIntersections': task('Compute intersections', 'layout'),
  HitTest: task('Hit test', 'layout'),

  PrePaint: task('Pre-paint', 'paint'),
  UpdateLayerTree: task('Pre-paint', 'paint'),
  Paint: task('Paint', 'paint'),
  PaintImage: task('Paint image', 'paint'),
  Layerize: task('Layerize', 'paint'),
  UpdateLayer: task('Update layer', 'paint'),
  Commit: task('Commit', 'paint'),
  CompositeLayers: task('Composite layers', 'paint'),
  'Decode Image': task('Decode image', 'paint'),
  'Draw LazyPixelRef': task('Decode image', 'paint'),
  ScrollLayer: task('Scroll', 'paint'),

  ParseHTML: task('Parse HTML', 'parse', true),
  ParseAuthorStyleSheet: task('Parse stylesheet', 'parse'),
  'v8.compile': task('Compile script', 'parse'),
  'v8.compileModule': task('Compile module', 'parse'),
  'V8.CompileCode': task('Compile code', 'parse'),
  'v8.produceCache': task('Cache script code', 'parse'),
  'v8.produceModuleCache': task('Cache module code', 'parse'),
  'v8.deserializeOnBackground': task('Deserialize code cache', 'parse'),

  MinorGC: task('Minor GC', 'gc'),
  MajorGC: task('Major GC', 'gc'),
  GCEvent: task('GC', 'gc'),
  'BlinkGC.AtomicPhase': task('DOM GC', 'gc'),
  'ThreadState::performIdleLazySweep': task('DOM GC', 'gc'),
  'ThreadState::completeSweep': task('DOM GC', 'gc'),
  BlinkGCMarking: task('DOM GC', 'gc'),
  'CppGC.IncrementalSweep': task('DOM GC', 'gc'),

  'CpuProfiler::StartProfiling': task('Profiling overhead', 'other'),
};

const collection = task('Incremental GC', 'gc');

/** Null for a span that gets no frame of its own. */
export function browserTask(name: string): BrowserTask | null {
  if (Object.hasOwn(tasks, name)) return tasks[name] ?? null;
  // V8's phases: inside of `MinorGC` and `MajorGC`, but increments of marking and finishing stand alone.
  return name.startsWith('V8.GC_') || name.startsWith('V8.GCIncremental') ? collection : null;
}
