/**
 * Artefacts of a diagnosis: `artifacts/SCENARIO/STEP/FILE` in the folder of a run. Titles and steps are anybody's text,
 * so folders have names made of them, never the text itself.
 */
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** Lower-case ASCII letters, digits and single hyphens; empty where a text has none of these. */
function slug(text: string): string {
  return text
    .slice(0, 400)
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
}

/**
 * Where an artefact lies, relative to the run folder, with forward slashes.
 * @param step its name and its position in the flow from 0; null for what belongs to the whole scenario
 * @param file `trace.json.gz`: lower-case letters, digits, dots and hyphens
 */
export function artifactPath(
  scenario: { readonly id: string; readonly title: string },
  step: { readonly name: string; readonly position: number } | null,
  file: string,
): string {
  // Titles may be alike, ids are not; two steps differ in their position.
  const folders = [[slug(scenario.title), scenario.id]];
  if (step) folders.push([String(step.position + 1).padStart(2, '0'), slug(step.name)]);
  return ['artifacts', ...folders.map((parts) => parts.filter((part) => part !== '').join('-')), file].join('/');
}

/** Whether a name that came with an attachment is one that `artifactPath` makes: within `artifacts`, and nowhere else. */
export function isArtifactPath(name: string): boolean {
  return /^artifacts(\/[a-z0-9][a-z0-9.-]{0,99}){2,3}$/.test(name);
}

/**
 * Copies a file to its place in a run folder, where it is not there already. Returns its bytes.
 * @throws what the file system throws
 */
export function placeArtifact(file: string, folder: string, name: string): number {
  const target = path.join(folder, name);
  if (path.resolve(file) !== path.resolve(target)) {
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
  return statSync(target).size;
}
