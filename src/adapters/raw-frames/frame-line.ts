import type { RawFrame } from '../../ports/raw-frames.js';
import type { DateText } from '../../kernel/time.js';

/** Whose frames a file has. */
export type FrameSide = 'broker' | 'feed';

/** A frame as it is kept: with its time and digest. */
export interface KeptFrame extends RawFrame {
  readonly at: string;
  readonly sha256: string;
}

const FILE = /^(\d{4}-\d{2}-\d{2})\.(broker|feed)\.jsonl$/;

/** Name of the file of a day and side. */
export function frameFile(date: DateText, side: FrameSide): string {
  return `${date}.${side}.jsonl`;
}

/** The day of such a file; undefined for another name. */
export function dayOfFile(name: string): string | undefined {
  return FILE.exec(name)?.[1];
}

/** One line of the file; the digest comes first, so that a search need not parse. */
export function frameLine({ sha256, at, source, channel, text }: KeptFrame): string {
  // readers of lines end one at these characters too
  const json = JSON.stringify({ sha256, at, source, channel, text });
  return `${json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}

/** What a line begins with that has this digest. */
export function lineStart(sha256: string): string {
  return `{"sha256":"${sha256}"`;
}

/** The frame of a line; undefined for one that a crash tore. */
export function parseFrameLine(line: string): KeptFrame | undefined {
  try {
    const frame = JSON.parse(line) as KeptFrame;
    return typeof frame.text === 'string' ? frame : undefined;
  } catch {
    return undefined;
  }
}
