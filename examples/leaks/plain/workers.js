import { panel, repaired } from './panel.js';

const source = URL.createObjectURL(new Blob(["postMessage('ready')"], { type: 'text/javascript' }));
let worker;

panel(
  async () => {
    worker = new Worker(source); // mend
    await new Promise((resolve) => worker.addEventListener('message', resolve));
  },
  () => {
    if (repaired) worker.terminate();
    worker = undefined;
  },
);
