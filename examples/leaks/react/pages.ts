import type { ComponentType } from 'react';

/** Each in a chunk of its own, as routes are. */
export const pages: Readonly<Record<string, () => Promise<{ default: ComponentType }>>> = {
  'window-listener': () => import('./window-listener.tsx'),
  interval: () => import('./interval.tsx'),
  subscription: () => import('./subscription.tsx'),
  'hook-cache': () => import('./hook-cache.tsx'),
  'element-registry': () => import('./element-registry.tsx'),
  observer: () => import('./observer.tsx'),
  portal: () => import('./portal.tsx'),
  'reducer-log': () => import('./reducer-log.tsx'),
  'clean-effects': () => import('./clean-effects.tsx'),
  'clean-lazy-list': () => import('./clean-lazy-list.tsx'),
};
