import { panel, repaired } from './panel.js';

const waveforms = []; // mend

panel(
  () => {
    waveforms.push(new Float32Array(20_000)); // mend
  },
  () => {
    if (repaired) waveforms.pop();
  },
);
