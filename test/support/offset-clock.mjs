/**
 * For `node --import <this file>?offset=<file>`: the time of day of the process is off by the milliseconds in that file; the
 * clocks that nobody sets are as they are.
 */
import { readFileSync } from 'node:fs';

const file = new URL(import.meta.url).searchParams.get('offset') ?? '';
const machine = Date.now.bind(Date);
const READ_EVERY_MS = 20;
let offset = 0;
let readAt = -READ_EVERY_MS;

Date.now = () => {
  const now = performance.now();
  if (now - readAt >= READ_EVERY_MS) {
    readAt = now;
    offset = Number(readFileSync(file, 'utf8')) || 0;
  }
  return machine() + offset;
};
