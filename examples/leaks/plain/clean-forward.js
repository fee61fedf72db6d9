import { panel } from './panel.js';

// Each goes on to another address, as links do: entries of the history are added by what is done, and Chrome bounds them.
const show = (view) => history.pushState({ view, at: performance.now() }, '', `?view=${view}`);

panel(
  () => show('panel'),
  () => show('list'),
);
