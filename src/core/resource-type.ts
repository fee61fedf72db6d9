import type { ResourceType } from './metrics.ts';

const typeNames: Readonly<Record<string, ResourceType>> = {
  document: 'document',
  script: 'script',
  stylesheet: 'stylesheet',
  image: 'image',
  font: 'font',
  media: 'media',
  texttrack: 'media',
  xhr: 'fetch',
  fetch: 'fetch',
};

/** Chrome's or Playwright's resource type as one of ours. */
export function resourceType(name: string | undefined): ResourceType {
  const key = (name ?? '').toLowerCase();
  return (Object.hasOwn(typeNames, key) ? typeNames[key] : undefined) ?? 'other';
}
