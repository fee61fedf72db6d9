// How times, places and kinds of work are written in a flame graph.

const digits = [0, 1, 2].map(
  (most) => new Intl.NumberFormat('en-US', { maximumFractionDigits: most, useGrouping: false }),
);

/** ms with their unit, three figures or so. */
export function timeText(ms) {
  const size = Math.abs(ms);
  if (size >= 10_000) return `${digits[1].format(ms / 1000)} s`;
  if (size >= 1000) return `${digits[2].format(ms / 1000)} s`;
  return `${digits[size >= 100 ? 0 : size >= 1 || size === 0 ? 1 : 2].format(ms)} ms`;
}

/** With its sign: `+38 ms`; what rounds to nothing has none. */
export function changeText(ms) {
  const text = timeText(Math.abs(ms));
  return text.startsWith('0 ') ? text : `${ms < 0 ? '−' : '+'}${text}`;
}

export function shareText(part, whole) {
  if (!(whole > 0)) return '';
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 0.1 ? '<0.1 %' : `${digits[percent >= 10 ? 0 : 1].format(percent)} %`;
}

export function countText(amount, noun, plural = `${noun}s`) {
  return `${digits[1].format(amount)} ${amount === 1 ? noun : plural}`;
}

/** The key of a frame's colour and pattern: JavaScript by whose it is, all else by the kind of work. */
export function toneOf(frame) {
  if (frame.category !== 'script') return frame.category;
  if (frame.origin === 'browser') return 'entry';
  return frame.origin === 'application' ? 'script' : frame.origin;
}

const kinds = {
  script: 'own JavaScript',
  library: 'library',
  'third-party': 'third party',
  entry: 'events and calls',
  style: 'style',
  layout: 'layout',
  paint: 'paint',
  parse: 'parsing and compiling',
  gc: 'garbage collection',
  native: 'native function',
  other: 'other work of Chrome',
};

export function kindText(frame) {
  return kinds[toneOf(frame)];
}

/** `src/list.tsx:42:3`; the delivered script where no source map led further. */
export function placeText(frame) {
  if (frame.folded > 0) return `${countText(frame.folded, 'function')} folded into one`;
  return [frame.file, frame.line, frame.column].filter((part) => part !== null).join(':');
}

/** What is known of a node: [term, text] each. `whole` is the time of its thread. */
export function factsOf(layout, node, { whole, inverted }) {
  const index = layout.frame[node];
  const { base } = layout;
  const total = layout.total[node];
  if (index < 0) return [['Total', timeText(total)], ...(base ? [['Base', timeText(base.total[node])]] : [])];
  const frame = layout.frames[index];
  const own = layout.self[node];
  const facts = inverted
    ? [['Self time of the function at the top, by this way', `${timeText(total)}, ${shareText(total, whole)}`]]
    : [
        ['Self', `${timeText(own)}, ${shareText(own, whole)}`],
        ['Total', `${timeText(total)}, ${shareText(total, whole)}`],
      ];
  if (base) {
    const change = total - base.total[node];
    facts.push(['In base', `${timeText(base.total[node])} in all: ${changeText(change)}`]);
    if (!inverted) facts.push(['Change of self', changeText(own - base.self[node])]);
  }
  if (frame.calls !== null) facts.push(['Calls of the function', digits[1].format(frame.calls)]);
  facts.push(['Kind', kindText(frame)]);
  if (frame.script !== null && !frame.mapped)
    facts.push(['Source', 'no source map: the place is in the delivered script']);
  else if (frame.script !== null && frame.script !== frame.file) facts.push(['Script', frame.script]);
  return facts;
}
