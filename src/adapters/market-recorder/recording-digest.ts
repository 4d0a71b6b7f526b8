import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import { systemErrorCode } from '../files/system-error.js';

/** Digest of the text of a recording, as MarketDataRecorded has it; undefined when there is no such file, or no such text in it. */
export function recordingDigest(path: string): Sha256Hex | undefined {
  const packed = bytesOf(path);
  if (packed === undefined) return undefined;
  try {
    return sha256Hex(gunzipSync(packed));
  } catch {
    return undefined;
  }
}

function bytesOf(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}
