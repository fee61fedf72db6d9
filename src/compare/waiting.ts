/** Says what takes long, and how long it has taken. */

// What takes longer than this is worth a line; a build of minutes gets one a quarter of a minute.
const worthSaying = 2000;
const reminder = 15_000;

export function seconds(since: number): string {
  return `${Math.round((performance.now() - since) / 1000)} s`;
}

/**
 * Waits for `work` and prints `what` with the time after 2 s and then every 15 s; where it did, also when it is done.
 */
export async function sayWhile<Result>(
  say: (text: string) => void,
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const started = performance.now();
  let said = false;
  let timer = setTimeout(function remind() {
    said = true;
    say(`${what}: ${seconds(started)} so far`);
    timer = setTimeout(remind, reminder);
  }, worthSaying);
  try {
    const result = await work();
    if (said) say(`${what}: done, ${seconds(started)}`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}
