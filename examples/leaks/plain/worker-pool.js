import { panel, repaired } from './panel.js';

const source = URL.createObjectURL(new Blob(["postMessage('ready')"], { type: 'text/javascript' }));
const parsers = []; // mend

panel(
  async () => {
    const parser = new Worker(source); // mend
    parsers.push(parser); // mend
    await new Promise((resolve) => parser.addEventListener('message', resolve));
  },
  () => {
    if (repaired) parsers.pop().terminate();
  },
);
