import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** The text of a trace, inflated as it is read; what a cut file holds of it, and then an error. */
export async function* readTraceFile(file: string): AsyncGenerator<Uint8Array> {
  const inflated = createGunzip();
  const reading = pipeline(createReadStream(file), inflated);
  // Told where the text is awaited.
  reading.catch(() => {});
  for await (const chunk of inflated) yield chunk as Buffer;
  await reading;
}
