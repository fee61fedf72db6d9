import { panel, repaired } from './panel.js';

/** Keeps the focus in the panel: forgotten when it closes. */
function openDialog(section, signal) {
  const first = document.createElement('input');
  section.append(first);
  const trapFocus = (event) => {
    // mend
    if (!section.contains(event.target)) first.focus();
  };
  document.addEventListener('focusin', trapFocus, { signal }); // mend
}

let controller;

panel(
  (section) => {
    controller = new AbortController();
    openDialog(section, repaired ? controller.signal : undefined);
  },
  () => controller.abort(),
);
