/** Load on the machine, made by child processes: what a shared CI runner does to measurements, repeatably. */
import { spawn } from 'node:child_process';
import type { LoadCondition } from './pool.ts';

const busy = 'for (;;) {}';

// sfc32 would be too long for a command line; a linear congruential generator (Numerical Recipes) is random enough.
const bursts = (seed: number): string => `
  let state = ${seed >>> 0};
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const turn = () => {
    const end = Date.now() + 1000 + 2000 * random();
    while (Date.now() < end);
    setTimeout(turn, 2000 + 4000 * random());
  };
  turn();`;

/** Starts the load of a condition; dispose ends it. One core spins: all the time, or 1 to 3 s after 2 to 6 s of rest. */
export function startLoad(condition: LoadCondition, seed: number): Disposable {
  if (condition === 'idle') return { [Symbol.dispose]: () => {} };
  const child = spawn(process.execPath, ['-e', condition === 'bursts' ? bursts(seed) : busy], { stdio: 'ignore' });
  const end = (): void => void child.kill('SIGKILL');
  // Also when this process is ended by an exception; a load that nobody asked for would spoil what comes next.
  process.once('exit', end);
  return {
    [Symbol.dispose]: () => {
      process.off('exit', end);
      end();
    },
  };
}
