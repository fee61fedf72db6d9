import { spawn } from 'node:child_process';

/**
 * Runs a command with its output kept back, and says that it runs: a line after 2 s, then one every 5 s.
 * Plain JavaScript, since the set-up uses it on Node 20 before anything is installed.
 *
 * @param {string} label what is being done, for the progress lines
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, shell?: boolean, silence?: number }} [options]
 *   `silence`: ms without any output after which the command is ended, for downloads that never come
 * @returns {Promise<{ ok: boolean, output: string }>} the last 20,000 characters of stdout and stderr together
 */
export function runQuietly(label, command, args, options = {}) {
  const { silence, ...spawnOptions } = options;
  return new Promise((resolve) => {
    const start = Date.now();
    const say = (line) => process.stderr.write(`${line}\n`);
    const elapsed = () => `${Math.round((Date.now() - start) / 1000)} s`;
    const child = spawn(command, args, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] });

    let output = '';
    const keep = (text) => {
      output = (output + text).slice(-20_000);
    };
    let lastOutput = start;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        lastOutput = Date.now();
        keep(chunk);
      });
    }
    let said = 0;
    const ticker = setInterval(() => {
      const now = Date.now();
      if (silence !== undefined && now - lastOutput > silence) {
        keep(`\nEnded: no output for ${Math.round(silence / 1000)} s.`);
        child.kill('SIGKILL');
      }
      if (now - start >= 2000 && now - said >= 5000) {
        say(said === 0 ? `${label} ...` : `${label} ... ${elapsed()}`);
        said = now;
      }
    }, 500);
    let done = false;
    const finish = (ok) => {
      if (done) return;
      done = true;
      clearInterval(ticker);
      if (said > 0) say(`${label}: ${ok ? 'done' : 'failed'} after ${elapsed()}`);
      resolve({ ok, output: output.trim() });
    };
    child.on('error', (error) => {
      keep(error.message);
      finish(false);
    });
    child.on('close', (code) => finish(code === 0));
  });
}
