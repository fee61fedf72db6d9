/** What a finished run leaves on disk: result, report, summary, and the list of runs. */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import type { RunDocument } from '../core/document.ts';
import { isPacewrightError, type PacewrightError } from '../core/errors.ts';
import { renderIndex, renderReport } from '../report/html.ts';
import { summariseRun } from '../report/index-page.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { listRuns, reportFileName, writeRun, writeWhole } from '../store/run-folder.ts';

export interface Written {
  readonly report: string;
  /** What could not be written; the rest was. */
  readonly problems: PacewrightError[];
}

function attempt(problems: PacewrightError[], write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isPacewrightError(error)) throw error;
    problems.push(error);
  }
}

/** Renders a run's report and summary into its folder, and the list of runs above it. */
export function writeReport(folder: string, run: RunDocument): Written {
  const problems: PacewrightError[] = [];
  const report = path.join(folder, reportFileName);
  const reports = path.dirname(folder);
  attempt(problems, () => writeWhole(report, renderReport(run)));
  attempt(problems, () => writeWhole(path.join(folder, 'summary.md'), renderMarkdown(run)));
  attempt(problems, () => writeWhole(path.join(reports, reportFileName), renderIndex(listRuns(reports, summariseRun))));
  return { report, problems };
}

/** `run.json` first: from it everything else can be made again. */
export function writeAll(folder: string, run: RunDocument): Written {
  const problems: PacewrightError[] = [];
  attempt(problems, () => writeRun(folder, run));
  const { report, problems: later } = writeReport(folder, run);
  return { report, problems: [...problems, ...later] };
}

/** Adds the Markdown summary to GitHub's step summary, where there is one. */
export function writeStepSummary(run: RunDocument, env: NodeJS.ProcessEnv): void {
  const file = env['GITHUB_STEP_SUMMARY'];
  if (!file) return;
  try {
    appendFileSync(file, `${renderMarkdown(run)}\n`);
  } catch {
    // the summary is a copy of what the terminal and the report say
  }
}
