import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { namesIn } from '../files/names-in.js';
import { addDays, type DateText } from '../../kernel/time.js';
import { dayOfFile, frameFile, lineStart, parseFrameLine, type KeptFrame } from './frame-line.js';

/**
 * The kept frame with this digest, the newest days first; undefined when it was not kept, or is older than the setting keeps.
 * With `names` only those files are read.
 */
export async function findFrame(
  dir: string,
  sha256: string,
  names?: readonly string[],
): Promise<KeptFrame | undefined> {
  const files = namesIn(dir).filter((name) => dayOfFile(name) !== undefined && names?.includes(name) !== false);
  for (const name of files.sort().reverse()) {
    const found = await frameIn(`${dir}/${name}`, lineStart(sha256));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The frame of the broker with this digest that came on that day, or next to midnight on the day before or after. */
export function frameOfDay(dir: string, sha256: string, day: DateText): Promise<KeptFrame | undefined> {
  return findFrame(
    dir,
    sha256,
    [-1, 0, 1].map((days) => frameFile(addDays(day, days), 'broker')),
  );
}

async function frameIn(path: string, start: string): Promise<KeptFrame | undefined> {
  const input = createReadStream(path, { encoding: 'utf8' });
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      const frame = line.startsWith(start) ? parseFrameLine(line) : undefined;
      if (frame !== undefined) return frame;
    }
    return undefined;
  } finally {
    lines.close();
    input.destroy();
  }
}
