/** Each in a chunk of its own, as routes are. */
export const pages = {
  'window-listener': () => import('./window-listener.js'),
  interval: () => import('./interval.js'),
  'event-bus': () => import('./event-bus.js'),
  'late-watch': () => import('./late-watch.js'),
  'composable-cache': () => import('./composable-cache.js'),
  'template-refs': () => import('./template-refs.js'),
  'clean-effects': () => import('./clean-effects.js'),
  'clean-keep-alive': () => import('./clean-keep-alive.js'),
};
