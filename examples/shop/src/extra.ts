/** A script element for `kB` × 1000 bytes of script. */
export function addScript(kB: number): void {
  const script = document.createElement('script');
  script.src = `/extra.js?kB=${kB}`;
  document.head.append(script);
}

/** `count` requests at once; resolves when all are answered. */
export async function sendRequests(count: number): Promise<void> {
  // The bodies are read, as Chrome does not count a request as finished before.
  const send = async (at: number): Promise<string> => (await fetch(`/api/ping?n=${at}`)).text();
  await Promise.all(Array.from({ length: count }, (_, at) => send(at)));
}

/** `count` errors that nobody handles, each in a task of its own. */
export function throwErrors(count: number): void {
  for (let at = 1; at <= count; at++) {
    setTimeout(() => {
      throw new Error(`The recommendations could not be read (${at} of ${count})`);
    });
  }
}
