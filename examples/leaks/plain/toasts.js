import { panel, repaired } from './panel.js';

let toast;

function notify(text) {
  // mend
  toast = document.createElement('output'); // mend
  toast.className = 'toast';
  toast.textContent = text;
  toast.style.opacity = '0';
  document.body.append(toast); // mend
}

panel(
  () => notify('The panel is open'),
  () => {
    if (repaired) toast.remove();
    toast = undefined;
  },
);
