import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Sha256Hex } from '../../kernel/hash.js';
import { systemErrorCode } from './system-error.js';

/** A file whose bytes are those of a digest. */
export interface CheckedFile {
  readonly bytes: number;
  /** Reads the file that was checked, also when another one gets its name; ends with it. */
  readonly content: Readable;
}

/** Opens a file and reads it once to compare it. Throws what the disk refuses. */
export async function openChecked(path: string, sha256: Sha256Hex): Promise<CheckedFile | 'missing' | 'differs'> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return 'missing';
  try {
    const sum = createHash('sha256');
    let bytes = 0;
    for await (const chunk of handle.createReadStream({ start: 0, autoClose: false }) as AsyncIterable<Buffer>) {
      sum.update(chunk);
      bytes += chunk.length;
    }
    if (sum.digest('hex') === sha256) {
      const end = Math.max(0, bytes - 1);
      return { bytes, content: handle.createReadStream({ start: 0, end, autoClose: true }) };
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return 'differs';
}
