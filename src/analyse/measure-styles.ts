/** Bytes of style sheets and of the rules in them that no page of a scenario used. Pure; sizes in bytes of UTF-8. */
import type { BundleFile } from '../core/bundles.ts';
import type { StepCoverage, StyleCoverage } from '../core/recording.ts';
import { redactUrl } from '../core/text.ts';
import { joinInline, madeAtRunTime, type PlacedFile } from './join-files.ts';
import { addPiece, byteCounter, type Pieces, visitBoth } from './pieces.ts';
import { styleRules } from './style-rules.ts';
import { isFirstParty, shareOfDocument, type Transfers, transferOf } from './transfers.ts';
import { firstUseOfStyle, never } from './used-ranges.ts';

const outside = 0;
const inRule = 1;

function rulePieces(text: string): Pieces {
  const pieces: Pieces = { ends: [], values: [] };
  for (const { start, end } of styleRules(text)) {
    addPiece(pieces, start, outside);
    addPiece(pieces, end, inRule);
  }
  addPiece(pieces, text.length, outside);
  return pieces;
}

function measureSheet(
  { url, text }: StyleCoverage,
  coverage: readonly StepCoverage[],
): Pick<BundleFile, 'size' | 'unused' | 'firstUse'> {
  const steps = coverage.map(({ styles }) =>
    styles.filter((style) => style.url === url && style.text === text).map(({ used }) => used),
  );
  const bytes = byteCounter(text);
  const firstUse = coverage.map(() => 0);
  let [size, unused] = [0, 0];
  visitBoth(rulePieces(text), firstUseOfStyle(steps, text.length), (start, end, place, step) => {
    const amount = bytes(start, end);
    size += amount;
    if (step !== never) firstUse[step] = (firstUse[step] ?? 0) + amount;
    else if (place === inRule) unused += amount;
  });
  return {
    size,
    unused,
    firstUse: coverage.flatMap(({ name }, step) => {
      const used = firstUse[step] ?? 0;
      return used > 0 ? [{ step: name, size: used }] : [];
    }),
  };
}

/** Every style sheet that a step of the coverage pass had; those within a document are told apart by number. */
export function measureStyles(coverage: readonly StepCoverage[], transfers: Transfers, pageUrl: string): BundleFile[] {
  const sheets = new Map<string, StyleCoverage>();
  for (const { styles } of coverage)
    for (const sheet of styles) if (sheet.text !== '') sheets.set(JSON.stringify([sheet.url, sheet.text]), sheet);
  const numbers = new Map<string, number>();
  const placed = [...sheets.values()].map((sheet): PlacedFile => {
    const measured = measureSheet(sheet, coverage);
    const transfer = transferOf(transfers, sheet.url);
    const url = redactUrl(sheet.url);
    const isInline = transfer?.type === 'document';
    const number = (numbers.get(url) ?? 0) + 1;
    numbers.set(url, number);
    const isFile = /^(https?|file):/i.test(sheet.url);
    return {
      within: isInline ? url : isFile ? null : madeAtRunTime,
      file: {
        url: isInline ? `${url} (style ${number})` : url,
        kind: 'stylesheet',
        party: (isFile && transfer?.party) || (isFirstParty(sheet.url, pageUrl) ? 'first-party' : 'third-party'),
        ...measured,
        transferred: isInline ? shareOfDocument(measured.size, transfer) : (transfer?.bytes ?? 0),
        map: 'none',
        problem: null,
        modules: [],
      },
    };
  });
  return joinInline(placed, 'styles');
}
