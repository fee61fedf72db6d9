/** Heap snapshots on disk, plain or compressed. */
import { createReadStream, openSync, readSync, closeSync, statSync } from 'node:fs';
// As one object: a Node.js that is too old for zstd shall live to say so itself.
import zlib from 'node:zlib';
import { pipeline } from 'node:stream';
import { PacewrightError } from '../core/errors.ts';

// Large pieces: the reader takes 1 MB at a time.
const pieceSize = 1 << 20;

/** The first bytes tell what a file is; its name need not. */
function readMagic(file: string): number {
  const magic = Buffer.alloc(4);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, magic, 0, 4, 0);
  } finally {
    closeSync(handle);
  }
  return magic.readUInt32BE(0);
}

/**
 * The text of a snapshot, piece by piece; gzip and zstd are unpacked on the way.
 * @throws PacewrightError SNAPSHOT_NOT_FOUND
 */
export function openSnapshot(file: string): { chunks: AsyncIterable<Uint8Array>; bytes: number } {
  const about = statSync(file, { throwIfNoEntry: false });
  if (!about?.isFile()) {
    throw new PacewrightError('SNAPSHOT_NOT_FOUND', `There is no heap snapshot ${file}.`, {
      next: 'name a .heapsnapshot file, or a .heapsnapshot.gz',
    });
  }
  const raw = createReadStream(file, { highWaterMark: pieceSize });
  const magic = readMagic(file);
  const options = { chunkSize: pieceSize };
  // pipeline hands errors of the file on to the reader; there is nothing more to do with them here.
  const ignore = (): void => {};
  if (magic >>> 16 === 0x1f8b) return { chunks: pipeline(raw, zlib.createGunzip(options), ignore), bytes: about.size };
  if (magic === 0x28b52ffd)
    return { chunks: pipeline(raw, zlib.createZstdDecompress(options), ignore), bytes: about.size };
  return { chunks: raw, bytes: about.size };
}
